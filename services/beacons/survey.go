package beacons

import (
	"context"
	"sync"
	"time"

	pure "aisle/beacons"
	"aisle/services/state"
)

// survey is what the console asked to be told of packets, and what there is to
// tell. Safe for concurrent use.
type survey struct {
	mu       sync.Mutex // guards all of it
	tags     map[string]bool
	near     bool
	readings map[string][]state.SurveyReading
	loudest  map[string]state.NearTag
}

const (
	surveyEvery   = time.Second
	surveyPackets = 2_000 // of a tag between two tellings
	nearTags      = 200
	nearForgotten = 10 * time.Second
	nearFades     = 3 * time.Second // after which a softer receiver may be the loudest
)

// hear notes a packet if somebody asked for it.
func (s *survey) hear(r *pure.Reading) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.near && !s.tags[r.Tag] {
		return
	}
	gain, ok := r.GainDB()
	if !ok {
		return
	}
	if s.tags[r.Tag] && len(s.readings[r.Tag]) < surveyPackets {
		s.readings[r.Tag] = append(s.readings[r.Tag], state.SurveyReading{Receiver: r.Receiver, GainDB: gain, AtMs: r.At.UnixMilli()})
	}
	if !s.near {
		return
	}
	was, known := s.loudest[r.Tag]
	switch {
	case !known && len(s.loudest) >= nearTags:
		return
	case !known, gain > was.GainDB, r.Receiver == was.Receiver, r.At.Sub(was.Last) > nearFades:
		s.loudest[r.Tag] = state.NearTag{Tag: r.Tag, Receiver: r.Receiver, GainDB: gain, Last: r.At}
	}
}

// tellSurvey asks what the console wants to know, and tells it.
func (b *Beacons) tellSurvey(ctx context.Context, now time.Time) error {
	tags, near, err := b.state.Asked(ctx, now)
	if err != nil {
		return err
	}
	readings, loudest, told := b.survey.swap(tags, near, now)
	if err := b.state.TellReadings(ctx, readings); err != nil {
		return err
	}
	if !told {
		return nil
	}
	return b.state.TellNear(ctx, b.name, loudest)
}

// swap takes what is asked for now, and gives what was gathered.
func (s *survey) swap(tags map[string]bool, near bool, now time.Time) (readings map[string][]state.SurveyReading, loudest []state.NearTag, told bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	readings, told = s.readings, s.near && near
	s.readings, s.tags, s.near = map[string][]state.SurveyReading{}, tags, near
	if !near || s.loudest == nil {
		s.loudest = map[string]state.NearTag{}
	}
	for tag, n := range s.loudest {
		if now.Sub(n.Last) > nearForgotten {
			delete(s.loudest, tag)
		} else {
			loudest = append(loudest, n)
		}
	}
	return readings, loudest, told
}

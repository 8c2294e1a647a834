package console

import (
	"cmp"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/stream"
)

// How much of what lies in quarantine is remembered. The whole of it is on the
// log.
const (
	lyingKept      = 8_000
	arrivalsKept   = 200_000
	replaysKept    = 10 // of one thing
	bodyShown      = 2_000
	quarantineTail = 2_000 // of each partition, at a start
)

// shelf is what came to quarantine lately, and what became of it, in bounded
// memory. It is filled from the end of the stream at each start. Safe for
// concurrent use.
type shelf struct {
	mu       sync.RWMutex // guards the rest
	lying    map[string]*lying
	replays  map[string]*replayed // of what is on the shelf, by id
	arrivals []arrival            // oldest first
	seen     map[int]bool         // partitions of which something came
	older    bool                 // the log has more than is here
}

// lying is one thing in quarantine. What came again is still one.
type lying struct {
	id, source, detail, event string
	reason                    offers.Reason
	headers                   map[string]string
	excerpt                   string // the beginning of the body, as text
	bytes, times              int
	first, last               time.Time
	partition                 int
	offset                    int64
	anew                      bool // it came again after it had been replayed
	replays                   []*replayed
}

type replayed struct {
	ID       string        `json:"id"`
	By       string        `json:"by"`
	At       time.Time     `json:"at"`
	State    string        `json:"state"`
	Accepted int           `json:"accepted,omitempty"`
	Bad      int           `json:"bad,omitempty"`
	Reason   offers.Reason `json:"reason,omitempty"`
	Detail   string        `json:"detail,omitempty"`
	of       []string
}

// arrival is that something came.
type arrival struct {
	at     time.Time
	reason offers.Reason
	source string
}

// States of what lies in quarantine.
const (
	stateWaiting   = "waiting"
	stateReplaying = "replaying"
	stateReplayed  = "replayed"
	stateFailed    = "failed"
)

func newShelf() *shelf {
	return &shelf{lying: map[string]*lying{}, replays: map[string]*replayed{}, seen: map[int]bool{}}
}

func (l *lying) state() string {
	if l.anew || len(l.replays) == 0 {
		return stateWaiting
	}
	return l.replays[len(l.replays)-1].State
}

// followQuarantine reads what comes to the stream.
func (s *Service) followQuarantine(_ context.Context, batch []stream.Record) error {
	for i := range batch {
		r := &batch[i]
		var err error
		switch r.Header("ce_type") {
		case stream.TypeReplay:
			var x offers.Replay
			if err = r.Decode(&x); err == nil {
				s.door.shelf.asked(&x)
			}
		case stream.TypeReplayed:
			var x offers.Replayed
			if err = r.Decode(&x); err == nil {
				s.door.shelf.answered(&x)
			}
		default:
			var q offers.Quarantined
			if err = r.Decode(&q); err == nil {
				s.door.shelf.put(&q, r.Partition, r.Offset)
			}
		}
		if err != nil {
			s.metrics.unread.WithLabelValues(r.Stream).Inc()
		}
	}
	return nil
}

// put lays something on the shelf.
func (s *shelf) put(q *offers.Quarantined, partition int, offset int64) {
	excerpt, event := text(q.Body), eventOf(q.Body) // before the lock
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.seen[partition] {
		s.seen[partition] = true
		s.older = s.older || offset > 0
	}
	l := s.lying[q.ID]
	if l == nil {
		l = &lying{id: q.ID, first: q.Received}
		s.lying[q.ID] = l
	}
	l.source, l.detail, l.event, l.reason, l.headers = q.Source, q.Detail, event, q.Reason, q.Headers
	l.excerpt, l.bytes, l.partition, l.offset = excerpt, len(q.Body), partition, offset
	l.times++
	if q.Received.Before(l.first) {
		l.first = q.Received
	}
	if q.Received.After(l.last) {
		l.last = q.Received
	}
	l.anew = l.state() == stateReplayed
	s.arrivals = append(s.arrivals, arrival{q.Received, q.Reason, q.Source})
	if len(s.arrivals) > arrivalsKept {
		s.arrivals, s.older = slices.Clone(s.arrivals[arrivalsKept/10:]), true
	}
	if len(s.lying) > lyingKept {
		s.clear()
	}
}

// clear takes the tenth that came longest ago off the shelf. The caller holds
// the lock.
func (s *shelf) clear() {
	all := make([]*lying, 0, len(s.lying))
	for _, l := range s.lying {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b *lying) int { return a.last.Compare(b.last) })
	for _, l := range all[:len(all)/10] {
		delete(s.lying, l.id)
		for _, r := range l.replays {
			delete(s.replays, r.ID)
		}
	}
	s.older = true
}

// asked notes that somebody had something sent through the door again.
func (s *shelf) asked(x *offers.Replay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replays[x.ID] != nil {
		return
	}
	r := &replayed{ID: x.ID, By: x.By, At: x.At, State: stateReplaying, of: x.Of}
	for _, id := range x.Of {
		l := s.lying[id]
		if l == nil {
			continue
		}
		s.replays[x.ID] = r
		l.anew = false
		l.replays = append(l.replays, r)
		if len(l.replays) > replaysKept {
			delete(s.replays, l.replays[0].ID)
			l.replays = l.replays[1:]
		}
	}
}

// answered notes what became of it.
func (s *shelf) answered(x *offers.Replayed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.replays[x.ID]
	if r == nil {
		return
	}
	// Another one in its place: whoever has been handed the old one may read it.
	done := *r
	done.Accepted, done.Bad, done.Reason, done.Detail = x.Accepted, x.Bad, x.Reason, x.Detail
	if done.State = stateReplayed; x.Bad > 0 {
		done.State = stateFailed
	}
	s.replays[x.ID] = &done
	for _, id := range r.of {
		if l := s.lying[id]; l != nil {
			for i := range l.replays {
				if l.replays[i] == r {
					l.replays[i] = &done
				}
			}
		}
	}
}

// sought says which things a list is to show. Empty fields match any.
type sought struct {
	reason       offers.Reason
	source       string
	state        string
	text         string // lower case
	bodies       bool   // text is sought in bodies too
	since, until time.Time
}

func (w *sought) fits(l *lying) bool {
	return (w.reason == "" || l.reason == w.reason) && (w.source == "" || l.source == w.source) && (w.state == "" || l.state() == w.state) &&
		(w.since.IsZero() || !l.last.Before(w.since)) && (w.until.IsZero() || l.last.Before(w.until)) &&
		(w.text == "" || strings.Contains(strings.ToLower(l.detail), w.text) || strings.Contains(strings.ToLower(l.id), w.text) ||
			strings.Contains(strings.ToLower(l.event), w.text) || w.bodies && strings.Contains(strings.ToLower(l.excerpt), w.text))
}

// find are copies of what fits, the latest first, and from when on that is all
// there is: the zero time, if the log has no more than is here.
func (s *shelf) find(w sought) (found []lying, oldest time.Time) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found = []lying{}
	for _, l := range s.lying {
		if w.fits(l) {
			c := *l
			c.replays = slices.Clone(l.replays)
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b lying) int { return cmp.Or(b.last.Compare(a.last), strings.Compare(a.id, b.id)) })
	return found, s.oldest()
}

// oldest is from when on all is here, the zero time if that is always. The
// caller holds the lock.
func (s *shelf) oldest() time.Time {
	if !s.older {
		return time.Time{}
	}
	oldest := time.Now()
	for _, l := range s.lying {
		if l.first.Before(oldest) {
			oldest = l.first
		}
	}
	return oldest
}

// get is a copy of one thing.
func (s *shelf) get(id string) (lying, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	l := s.lying[id]
	if l == nil {
		return lying{}, false
	}
	c := *l
	c.replays = slices.Clone(l.replays)
	return c, true
}

// refused is how often something came since a time that an event's contract, or
// whatever else, had put aside, by event.
func (s *shelf) refused(reason offers.Reason, since time.Time) map[string]int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := map[string]int{}
	for _, l := range s.lying {
		if l.reason == reason && l.event != "" && !l.last.Before(since) {
			n[formats.Snake(l.event)] += l.times
		}
	}
	return n
}

// tallied is a series of how often something came.
type tallied struct {
	Reason offers.Reason `json:"reason"`
	Source string        `json:"source"`
	Total  int           `json:"total"`
	Counts []int         `json:"counts"`
}

// count counts what came since a time into buckets, by reason and source, the
// largest first.
func (s *shelf) count(since time.Time, bucket time.Duration, buckets int) ([]tallied, time.Time) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	series := map[arrival]*tallied{}
	for _, a := range s.arrivals {
		i := int(a.at.Sub(since) / bucket)
		if a.at.Before(since) || i >= buckets {
			continue
		}
		key := arrival{reason: a.reason, source: a.source}
		c := series[key]
		if c == nil {
			c = &tallied{Reason: a.reason, Source: a.source, Counts: make([]int, buckets)}
			series[key] = c
		}
		c.Counts[i]++
		c.Total++
	}
	all := make([]tallied, 0, len(series))
	for _, c := range series {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b tallied) int {
		return cmp.Or(cmp.Compare(b.Total, a.Total), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Reason, b.Reason))
	})
	return all[:min(len(all), seriesShown)], s.oldest()
}

// seriesShown bounds a chart.
const seriesShown = 100

// groupOf are details that differ in numbers and in what is quoted only.
func groupOf(detail string) string {
	detail = quoted.ReplaceAllString(detail, `"…"`)
	return numbers.ReplaceAllString(detail, "0")
}

var (
	quoted  = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
	numbers = regexp.MustCompile(`\d+(?:[.,]\d+)*`)
)

// text is the beginning of a body as text, whatever it is.
func text(body []byte) string {
	cut := body[:min(len(body), bodyShown)]
	shown := strings.ToValidUTF8(string(cut), "\uFFFD")
	if len(cut) < len(body) {
		shown += "…"
	}
	return shown
}

// eventOf is what a body calls its event, empty if it cannot be told. Whatever
// it is, it is short.
func eventOf(body []byte) string {
	if len(body) > formats.MaxEvent || len(body) == 0 || body[0] != '{' || !utf8.Valid(body) {
		return ""
	}
	var b struct {
		Event any `json:"event"`
		Type  any `json:"type"`
	}
	if json.Unmarshal(body, &b) != nil {
		return ""
	}
	for _, v := range []any{b.Event, b.Type} {
		if name, ok := v.(string); ok && name != "" && len(name) <= 100 {
			return name
		}
	}
	return ""
}

// after is where a page ends, and the next begins.
func (l *lying) after() string { return strconv.FormatInt(l.last.UnixNano(), 10) + "." + l.id }

// from is what is behind the end of a page.
func from(found []lying, after string) ([]lying, bool) {
	at, id, ok := strings.Cut(after, ".")
	nanos, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil {
		return nil, false
	}
	last := time.Unix(0, nanos)
	i, _ := slices.BinarySearchFunc(found, 0, func(l lying, _ int) int {
		if c := cmp.Or(last.Compare(l.last), strings.Compare(l.id, id)); c <= 0 {
			return -1
		}
		return 1
	})
	return found[i:], true
}

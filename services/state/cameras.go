package state

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"aisle/offers"
)

// processesKey is how cameras' processes were when they were last told of: a
// hash of their ids to JSON of toldOf.
const processesKey = "{health}:processes"

const (
	processesMax  = 1000
	processesKept = 7 * 24 * time.Hour // silent for longer, a process is no more
)

type toldOf struct {
	ProcessHealth
	Cameras map[offers.CameraID]CameraHealth `json:"cameras"`
}

// CameraHealth is how a camera does, as its process told.
type CameraHealth struct {
	Process  string    `json:"-"`                 // id of a ProcessHealth
	Told     time.Time `json:"-"`                 // by the clock of the house
	State    string    `json:"state"`             // connecting, waiting, live, stalled, refused or ended
	Problem  string    `json:"problem,omitempty"` // in words, while pictures stay away
	Kind     string    `json:"kind,omitempty"`    // rtsp, http, file, device, browser or frigate
	Last     time.Time `json:"last,omitzero"`     // picture
	FPS      float64   `json:"fps"`               // pictures that came in a second
	LookedAt float64   `json:"looked_at"`         // pictures that were looked at in a second
	LatencyS float64   `json:"latency_s"`         // from a picture's arrival until it was looked at, mean of the latest seconds
	Reopened int       `json:"reopened"`          // times that the feed was opened again, in this run of the process
	WidthPx  int       `json:"width_px,omitempty"`
	HeightPx int       `json:"height_px,omitempty"`
}

// ProcessHealth is how a cameras' process does.
type ProcessHealth struct {
	Name     string    `json:"name"`
	Told     time.Time `json:"told"` // by the clock of the house
	Started  time.Time `json:"started"`
	Restarts int       `json:"restarts"` // that the house has seen
	Model    string    `json:"model"`    // of its describer

	GalleryPeople int       `json:"gallery_people"`
	GalleryAt     time.Time `json:"gallery_at,omitzero"` // when it last heard from the house who enrolled
	// GalleryRevision is of the gallery that it holds: whom an earlier one had and
	// this has not, it has forgotten.
	GalleryRevision string `json:"gallery_revision,omitempty"`

	SpoolSightings int   `json:"spool_sightings"` // that wait on its disk
	SpoolBytes     int64 `json:"spool_bytes"`
	Dropped        int   `json:"dropped"` // sightings that nothing could hold, in this run
	Refused        int   `json:"refused"` // sightings that the house did not take, in this run
}

// TellCameras notes how a cameras' process and its cameras do. The process's id
// is the fingerprint of its key. Restarts are counted here.
func (s *Store) TellCameras(ctx context.Context, process string, p ProcessHealth, cameras map[offers.CameraID]CameraHealth) error {
	told, err := s.processes(ctx)
	if err != nil {
		return err
	}
	before, known := told[process]
	if p.Restarts = before.Restarts; known && !before.Started.Equal(p.Started) {
		p.Restarts++
	}
	if !known && len(told) >= processesMax {
		return fmt.Errorf("state: health: %w: there are %d cameras' processes already", offers.ErrConflict, len(told))
	}
	value, err := json.Marshal(toldOf{p, cameras})
	if err != nil {
		return fmt.Errorf("state: health: %w: %w", offers.ErrInvalid, err)
	}
	pipe := s.client.Pipeline()
	pipe.HSet(ctx, processesKey, process, value)
	for id, other := range told {
		if p.Told.Sub(other.Told) > processesKept {
			pipe.HDel(ctx, processesKey, id)
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return s.failed("health", err)
	}
	return nil
}

// Cameras is how cameras and their processes did when they were last told of.
// Of a camera that two processes have, the later holds.
func (s *Store) Cameras(ctx context.Context) (map[offers.CameraID]CameraHealth, map[string]ProcessHealth, error) {
	told, err := s.processes(ctx)
	if err != nil {
		return nil, nil, err
	}
	cameras, processes := map[offers.CameraID]CameraHealth{}, make(map[string]ProcessHealth, len(told))
	for process, t := range told {
		processes[process] = t.ProcessHealth
		for id, h := range t.Cameras {
			h.Process, h.Told = process, t.Told
			if other, ok := cameras[id]; !ok || other.Told.Before(h.Told) {
				cameras[id] = h
			}
		}
	}
	return cameras, processes, nil
}

// processes is what is kept. What cannot be read is left out.
func (s *Store) processes(ctx context.Context) (map[string]toldOf, error) {
	fields, err := s.client.HGetAll(ctx, processesKey).Result()
	if err != nil {
		return nil, s.failed("health", err)
	}
	told := make(map[string]toldOf, len(fields))
	for id, value := range fields {
		var t toldOf
		if err := json.Unmarshal([]byte(value), &t); err == nil {
			told[id] = t
		}
	}
	return told, nil
}

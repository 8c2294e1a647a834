package state

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"aisle/offers"
)

// How cameras and their processes were when they were last told of: hashes of
// an id to JSON.
const (
	camerasKey   = "{health}:cameras"
	processesKey = "{health}:processes"

	processesMax = 1000
)

// CameraHealth is how a camera does, as its process told.
type CameraHealth struct {
	Process  string    `json:"process"`           // id of a ProcessHealth
	Told     time.Time `json:"told"`              // by the clock of the house
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
	Version  string    `json:"version,omitempty"`

	GalleryPeople int       `json:"gallery_people"`
	GalleryAt     time.Time `json:"gallery_at,omitzero"` // when it last heard from the house who enrolled

	SpoolBatches int `json:"spool_batches"` // of sightings on its disk
	SpoolBytes   int `json:"spool_bytes"`
	Dropped      int `json:"dropped"` // sightings that nothing could hold, in this run
	Refused      int `json:"refused"` // sightings that the house did not take, in this run
}

// TellCameras notes how a cameras' process and its cameras do. The process's id
// is the fingerprint of its key. Restarts are counted here.
func (s *Store) TellCameras(ctx context.Context, process string, p ProcessHealth, cameras map[offers.CameraID]CameraHealth) error {
	before, err := s.client.HMGet(ctx, processesKey, process).Result()
	if err != nil {
		return s.failed("health", err)
	}
	var was ProcessHealth
	if text, ok := before[0].(string); ok && json.Unmarshal([]byte(text), &was) == nil {
		p.Restarts = was.Restarts
		if !was.Started.Equal(p.Started) {
			p.Restarts++
		}
	} else if n, err := s.client.HLen(ctx, processesKey).Result(); err != nil {
		return s.failed("health", err)
	} else if n >= processesMax {
		return fmt.Errorf("state: health: %w: there are %d cameras' processes already", offers.ErrConflict, n)
	}
	value, err := json.Marshal(&p)
	if err != nil {
		return fmt.Errorf("state: health: %w: %w", offers.ErrInvalid, err)
	}
	fields := make([]any, 0, 2*len(cameras))
	for id, h := range cameras {
		h.Process = process
		value, err := json.Marshal(&h)
		if err != nil {
			return fmt.Errorf("state: camera %q: %w: %w", id, offers.ErrInvalid, err)
		}
		fields = append(fields, string(id), value)
	}
	pipe := s.client.Pipeline()
	pipe.HSet(ctx, processesKey, process, value)
	if len(fields) > 0 {
		pipe.HSet(ctx, camerasKey, fields...)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return s.failed("health", err)
	}
	return nil
}

// Cameras is how cameras and their processes did when they were last told of.
// What cannot be read is left out.
func (s *Store) Cameras(ctx context.Context) (map[offers.CameraID]CameraHealth, map[string]ProcessHealth, error) {
	pipe := s.client.Pipeline()
	told, ran := pipe.HGetAll(ctx, camerasKey), pipe.HGetAll(ctx, processesKey)
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, nil, s.failed("health", err)
	}
	cameras := make(map[offers.CameraID]CameraHealth, len(told.Val()))
	for id, value := range told.Val() {
		var h CameraHealth
		if err := json.Unmarshal([]byte(value), &h); err == nil {
			cameras[offers.CameraID(id)] = h
		}
	}
	processes := make(map[string]ProcessHealth, len(ran.Val()))
	for id, value := range ran.Val() {
		var h ProcessHealth
		if err := json.Unmarshal([]byte(value), &h); err == nil {
			processes[id] = h
		}
	}
	return cameras, processes, nil
}

// ForgetCamera forgets how a camera was that is no longer there.
func (s *Store) ForgetCamera(ctx context.Context, id offers.CameraID) error {
	if err := s.client.HDel(ctx, camerasKey, string(id)).Err(); err != nil {
		return s.failed("health", err)
	}
	return nil
}

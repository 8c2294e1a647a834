package edge

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"aisle/offers"
	"aisle/vision"
	"aisle/vision/tally"
)

// Health is how this process and its cameras are.
type Health struct {
	Process ProcessHealth  `json:"process"`
	Cameras []CameraHealth `json:"cameras"`
	Lines   []tally.Signed `json:"lines,omitempty"`
}

// ProcessHealth is how the process is.
type ProcessHealth struct {
	Name          string       `json:"name"`
	Key           []byte       `json:"key"` // Ed25519, public: who signs the lines
	Started       time.Time    `json:"started"`
	Model         string       `json:"model"`
	GalleryPeople int          `json:"gallery_people"`
	GalleryAt     time.Time    `json:"gallery_at,omitzero"`        // when the house last told who enrolled
	Revision      string       `json:"gallery_revision,omitempty"` // of the gallery that is in memory
	Curve         vision.Curve `json:"curve"`                      // how well it tells its people apart
	Backlog
}

// Backlog is what waits on disk, and what did not make it in this run.
type Backlog struct {
	Sightings int   `json:"spool_sightings"`
	Bytes     int64 `json:"spool_bytes"`
	Dropped   int   `json:"dropped"`
	Refused   int   `json:"refused"`
}

// State is how a camera's feed is.
type State string

// States of a camera.
const (
	Connecting State = "connecting" // no picture yet, or not again: it is being tried
	Waiting    State = "waiting"    // for the browser or the camera that sends by itself
	Live       State = "live"
	Stalled    State = "stalled" // pictures came, and have not for feed.Stalled
	Refused    State = "refused" // it answers, but with no pictures that can be read
	Ended      State = "ended"   // a file was read to its end
)

// CameraHealth is how one camera is.
type CameraHealth struct {
	ID       offers.CameraID `json:"id"`
	State    State           `json:"state"`
	Problem  string          `json:"problem,omitempty"` // what keeps pictures away, in words
	Kind     string          `json:"kind"`
	Last     time.Time       `json:"last,omitzero"` // picture
	FPS      float64         `json:"fps"`           // pictures that came in a second
	LookedAt float64         `json:"looked_at"`     // pictures that were looked at in a second
	LatencyS float64         `json:"latency_s"`     // from a picture's arrival until it was looked at
	Reopened int             `json:"reopened"`
	WidthPx  int             `json:"width_px,omitempty"`
	HeightPx int             `json:"height_px,omitempty"`
}

// Placed is what the house knows of a camera: where it is on the floor plan.
type Placed struct {
	ID     offers.CameraID      `json:"id"`
	Shop   offers.ShopID        `json:"shop"`
	Ground []offers.GroundPoint `json:"ground"`
}

// Health tells how the cameras are: one that sees nobody says nothing else. The
// answer is what the house knows of those on its floor plans.
func (c *Collector) Health(ctx context.Context, h Health) ([]Placed, error) {
	body, err := json.Marshal(&h)
	if err != nil {
		return nil, fmt.Errorf("health: %w: %w", offers.ErrInvalid, err)
	}
	answer, err := c.call(ctx, http.MethodPost, "/v1/health", nil, body, answerLimit)
	if err == nil {
		err = refusal("health", answer)
	}
	var placed struct {
		Cameras []Placed `json:"cameras"`
	}
	if err == nil {
		err = json.Unmarshal(answer.body, &placed)
	}
	if err != nil {
		return nil, fmt.Errorf("health: %w", err)
	}
	return placed.Cameras, nil
}

// How often the house is told: staff see a camera as quiet after three that
// stay away. A camera that is no longer as it was is told of at once.
const (
	healthEvery = 10 * time.Second
	lookEvery   = time.Second
)

// TellHealth tells how the cameras are, at once, every ten seconds, when a
// camera's state changes, and when ctx ends. Lines of counters are told until
// the house has them; what else it did not hear is not said again. learn gets
// what the house answers.
func (c *Collector) TellHealth(ctx context.Context, logger *slog.Logger, lines *Lines, health func() Health, learn func([]Placed)) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	failing := false
	tell := func(ctx context.Context, h Health) {
		var from int
		h.Lines, from = lines.next()
		placed, err := c.Health(ctx, h)
		if err == nil {
			lines.told(from, len(h.Lines))
			learn(placed)
		}
		if failed := err != nil && ctx.Err() == nil; failed != failing {
			failing = failed
			logger.Warn("telling the cameras' health", "works", !failed, "err", err)
		}
	}
	type look struct {
		state  State
		moving bool // it is known how many pictures come
	}
	var told []look
	var at time.Time
	for {
		h := health()
		looks := make([]look, len(h.Cameras))
		for i, cam := range h.Cameras {
			looks[i] = look{cam.State, cam.FPS > 0}
		}
		if now := time.Now(); now.Sub(at) >= healthEvery || !slices.Equal(looks, told) {
			told, at = looks, now
			tell(ctx, h)
		}
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
			defer cancel()
			tell(last, health())
			return
		case <-tick.C:
		}
	}
}

// Bounds of the lines that wait.
const (
	linesWait   = 20_000 // a day of some fourteen cameras
	linesAtOnce = 400
)

// Lines are signed lines of counters that the house does not have yet, in
// memory: those of a day without a link. The oldest go first where there are
// more. Safe for concurrent use.
type Lines struct {
	mu sync.Mutex // guards the rest
	queue[tally.Signed]
}

// Add lets lines wait.
func (l *Lines) Add(lines ...tally.Signed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(linesWait, lines...)
}

func (l *Lines) next() ([]tally.Signed, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.oldest(linesAtOnce)
}

func (l *Lines) told(from, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done(from, n)
}

//go:build gocv

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"aisle/offers"
	"aisle/services/vision/edge"
	"aisle/services/vision/feed"
	"aisle/vision"
)

// camera is one feed, and what is seen in it. Its goroutines are two: one reads
// pictures into the slot, one takes the newest out and looks at it.
type camera struct {
	config  Camera
	slot    *feed.Slot
	watcher *vision.Watcher // of the looking goroutine
	engine  *engine
	gallery *gallery
	outbox  *edge.Outbox
	metrics *metrics
	client  *http.Client
	logger  *slog.Logger

	sums  vision.Counts // as the metrics have them
	still stillness
	bad   bool // the latest picture could not be read

	mu    sync.Mutex // guards the two below
	wrong error      // what keeps pictures away, nil while they come
	ended bool       // a file was read to its end
	fps   atomic.Int64
}

const (
	patience  = 500 * time.Millisecond // then it is looked whether somebody left
	lookAgain = 2 * time.Second        // at a picture in which nothing moves
)

// run reads and looks until ctx ends. A read of a video that hangs is left
// behind: C++ cannot be told to stop.
func (c *camera) run(ctx context.Context) error {
	if c.config.URL != browser {
		reading := make(chan struct{})
		go func() {
			defer close(reading)
			feed.Keep(ctx, c.slot, c.read, c.tell)
			if ctx.Err() == nil {
				c.mu.Lock()
				c.ended = true
				c.mu.Unlock()
				c.logger.Info("camera has ended", "camera", c.config.ID)
			}
		}()
		defer func() {
			select {
			case <-reading:
			case <-time.After(time.Second):
			}
		}()
	}
	c.look(ctx)
	return nil
}

// tell notes and logs that pictures stay away, or come again.
func (c *camera) tell(err error) {
	c.mu.Lock()
	c.wrong = err
	c.mu.Unlock()
	if err != nil {
		c.logger.Warn("no pictures from a camera; trying again", "camera", c.config.ID, "err", err)
	} else {
		c.logger.Info("pictures from a camera again", "camera", c.config.ID)
	}
}

// read reads the feed until it ends.
func (c *camera) read(ctx context.Context) error {
	if strings.HasPrefix(c.config.URL, "http://") || strings.HasPrefix(c.config.URL, "https://") {
		err := feed.HTTP(ctx, c.client, c.config.URL, c.slot)
		if !errors.Is(err, feed.ErrNoPictures) {
			return err
		}
		// It may be a video that FFmpeg knows.
	}
	return c.readVideo(ctx)
}

func (c *camera) readVideo(ctx context.Context) error {
	v, err := vision.OpenVideo(c.config.URL)
	if err != nil {
		return err
	}
	defer v.Close()
	file := !strings.Contains(c.config.URL, "://")
	began, last := time.Now(), time.Time{}
	apart := time.Duration(float64(time.Second) / c.config.Rate / 2)
	for v.Next() {
		at := time.Now()
		if file { // at the pace at which it was filmed
			at = began.Add(v.At())
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Until(at)):
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if at.Sub(last) < apart {
			continue // nobody would look at it
		}
		f, err := v.Frame(c.engine.colour(), at)
		if err != nil {
			return err
		}
		last = at
		c.slot.Put(feed.Picture{Frame: f, At: at})
	}
	if file && !c.config.Loop && !last.IsZero() {
		return feed.ErrDone
	}
	return fmt.Errorf("video: %w: it ended", offers.ErrUnavailable)
}

// look takes the newest picture, again and again.
func (c *camera) look(ctx context.Context) {
	apart := time.Duration(float64(time.Second) / c.config.Rate * 8 / 10) // a feed of about the rate is looked at whole
	var last time.Time
	rate := rateMeter{began: time.Now()}
	defer func() {
		c.outbox.Send(c.watcher.Idle(time.Now().Add(time.Minute), c.gallery.now())...)
	}()
	for {
		p, ok := c.slot.Take(ctx, patience)
		if ctx.Err() != nil {
			return
		}
		if n, fps, ok := rate.measure(c.slot, time.Now()); ok {
			c.metrics.frames.WithLabelValues(string(c.config.ID), "received").Add(float64(n))
			c.fps.Store(int64(fps * 10))
			c.metrics.rate.WithLabelValues(string(c.config.ID)).Set(fps)
			c.metrics.up.WithLabelValues(string(c.config.ID)).Set(map[bool]float64{true: 1}[c.state(time.Now()) == live])
		}
		if !ok {
			c.say(c.watcher.Idle(time.Now(), c.gallery.now()))
			continue
		}
		if p.At.Sub(last) < apart {
			continue
		}
		last = p.At
		c.lookAt(p)
	}
}

func (c *camera) lookAt(p feed.Picture) {
	id := string(c.config.ID)
	f, err := p.Frame, error(nil)
	if f == nil {
		f, err = c.engine.decode(p.JPEG, p.At)
	}
	if err != nil {
		c.metrics.frames.WithLabelValues(id, "bad").Inc()
		if !c.bad {
			c.logger.Warn("a camera sends what is no picture", "camera", id, "err", err)
		}
		c.bad = true
		return
	}
	c.bad = false
	if !c.watcher.Busy() && !c.still.moved(f) {
		c.metrics.frames.WithLabelValues(id, "still").Inc()
		return
	}
	began := time.Now()
	c.engine.mu.Lock()
	said, err := c.watcher.See(f, c.gallery.now())
	c.engine.mu.Unlock()
	c.metrics.seconds.WithLabelValues(id).Observe(time.Since(began).Seconds())
	c.metrics.frames.WithLabelValues(id, "looked_at").Inc()
	if err != nil {
		c.logger.Error("a frame could not be looked at", "camera", id, "err", err)
	}
	c.say(said)
}

func (c *camera) say(said []offers.Sighting) {
	c.outbox.Send(said...)
	c.sums = c.metrics.count(string(c.config.ID), c.sums, c.watcher.Counts())
}

// States of a camera, as GET /vision/cameras says them.
const (
	waitingForPictures = "waiting"
	live               = "live"
	stalled            = "stalled"
	away               = "away"
	ended              = "ended"
)

func (c *camera) state(now time.Time) string {
	count, last := c.slot.Received()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended:
		return ended
	case c.wrong != nil:
		return away
	case count == 0:
		return waitingForPictures
	case now.Sub(last) > feed.Stalled:
		return stalled
	}
	return live
}

// health is one camera's, without its address: that may hold a password.
type health struct {
	ID              offers.CameraID `json:"id"`
	State           string          `json:"state"`
	FramesPerSecond float64         `json:"frames_per_second"`
	Last            time.Time       `json:"last,omitzero"`
	Problem         string          `json:"problem,omitempty"`
}

func (c *camera) health(now time.Time) health {
	h := health{ID: c.config.ID, State: c.state(now), FramesPerSecond: float64(c.fps.Load()) / 10}
	_, h.Last = c.slot.Received()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wrong != nil {
		h.Problem = c.wrong.Error()
	}
	return h
}

// rateMeter measures how many pictures come in a second.
type rateMeter struct {
	began time.Time
	count int
}

// measure says so every two seconds, and how many came since before.
func (r *rateMeter) measure(s *feed.Slot, now time.Time) (n int, perSecond float64, ok bool) {
	since := now.Sub(r.began).Seconds()
	if since < 2 {
		return 0, 0, false
	}
	count, _ := s.Received()
	n = count - r.count
	r.began, r.count = now, count
	return n, float64(n) / since, true
}

// stillness spares the detector an empty shop: a picture that is as the last one
// that was looked at has nobody in it either.
type stillness struct {
	seen []byte // one pixel of 64
	at   time.Time
}

const (
	sampleEvery = 8    // pixels, both ways
	changed     = 16   // grey levels: more than the sensor's noise
	share       = .004 // of the samples: a far face has ten times as many
)

// moved tells whether to look, and remembers what was looked at.
func (s *stillness) moved(f *vision.Frame) bool {
	var samples []byte
	for y := sampleEvery / 2; y < f.Height; y += sampleEvery {
		for x := sampleEvery / 2; x < f.Width; x += sampleEvery {
			samples = append(samples, f.Gray[y*f.Width+x])
		}
	}
	if len(samples) == len(s.seen) && f.At.Sub(s.at) < lookAgain {
		n := 0
		for i, v := range samples {
			if d := int(v) - int(s.seen[i]); d > changed || d < -changed {
				n++
			}
		}
		if float64(n) < share*float64(len(samples)) {
			return false
		}
	}
	s.seen, s.at = samples, f.At
	return true
}

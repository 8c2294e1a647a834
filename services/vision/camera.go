//go:build gocv

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"aisle/offers"
	"aisle/services/vision/edge"
	"aisle/services/vision/feed"
	"aisle/vision"
	"aisle/vision/tally"
)

// camera is one feed, and what is seen in it. Its goroutines are two: one reads
// pictures into the slot, one takes the newest out and looks at it.
type camera struct {
	config  Camera
	kind    kind
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
	stand stand

	counted atomic.Pointer[tally.Counts] // since the start, for whoever signs

	mu       sync.Mutex // guards the rest
	wrong    error      // what keeps pictures away, nil while they come
	bad      error      // what is wrong with the latest picture
	ended    bool       // a file was read to its end
	opened   bool
	reopened int
	pace     pace
	size     [2]int // of the latest picture
	wanted   []chan feed.Picture
}

// pace is how fast pictures came and were looked at lately.
type pace struct{ came, lookedAt, latencyS float64 }

const (
	patience  = 500 * time.Millisecond // then it is looked whether somebody left
	lookAgain = 2 * time.Second        // at a picture in which nothing moves
)

// run reads and looks until ctx ends. A read of a video that hangs is left
// behind: C++ cannot be told to stop.
func (c *camera) run(ctx context.Context) error {
	if c.kind != kindBrowser {
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

// look takes the newest picture, again and again.
func (c *camera) look(ctx context.Context) {
	apart := time.Duration(float64(time.Second) / c.config.Rate * 8 / 10) // a feed of about the rate is looked at whole
	var last time.Time
	meter := meter{began: time.Now()}
	defer func() {
		c.say(c.watcher.Idle(time.Now().Add(time.Minute), c.gallery.now()))
	}()
	for {
		p, ok := c.slot.Take(ctx, patience)
		if ctx.Err() != nil {
			return
		}
		if n, pace, ok := meter.measure(c.slot, time.Now()); ok {
			c.measured(n, pace)
		}
		if !ok {
			c.say(c.watcher.Idle(time.Now(), c.gallery.now()))
			continue
		}
		c.show(p)
		if p.At.Sub(last) < apart {
			continue
		}
		last = p.At
		if c.lookAt(p) {
			meter.lookedAt(time.Since(p.At))
		}
	}
}

func (c *camera) measured(n int, p pace) {
	id := string(c.config.ID)
	c.metrics.frames.WithLabelValues(id, "received").Add(float64(n))
	c.metrics.rate.WithLabelValues(id).Set(p.came)
	c.metrics.latency.WithLabelValues(id).Set(p.latencyS)
	c.metrics.up.WithLabelValues(id).Set(map[bool]float64{true: 1}[c.state(time.Now()) == edge.Live])
	c.mu.Lock()
	c.pace = p
	c.mu.Unlock()
}

// lookAt tells whether the picture could be looked at.
func (c *camera) lookAt(p feed.Picture) bool {
	id := string(c.config.ID)
	f, err := p.Frame, error(nil)
	if f == nil {
		f, err = c.engine.decode(p.JPEG, p.At)
	}
	c.mu.Lock()
	before := c.bad
	c.bad = err
	if f != nil {
		c.size = [2]int{f.Width, f.Height}
	}
	c.mu.Unlock()
	if err != nil {
		c.metrics.frames.WithLabelValues(id, "bad").Inc()
		if before == nil {
			c.logger.Warn("a camera sends what is no picture", "camera", id, "err", err)
		}
		return false
	}
	if !c.watcher.Busy() && !c.still.moved(f) {
		c.metrics.frames.WithLabelValues(id, "still").Inc()
		return true
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
	return err == nil
}

func (c *camera) say(said []offers.Sighting) {
	for _, p := range c.watcher.TakeProbes() {
		for i := range said {
			if s := &said[i]; s.Track == p.Track && s.Shopper == p.Shopper && s.Probe == nil {
				s.Probe = c.gallery.sealed(p)
				break
			}
		}
		clear(p.Face)
	}
	c.outbox.Send(said...)
	c.sums = c.metrics.count(string(c.config.ID), c.sums, c.watcher.Counts())
	poor := 0
	for _, n := range c.sums.Poor {
		poor += n
	}
	c.counted.Store(&tally.Counts{Seen: c.sums.Seen, Poor: poor, Matched: c.sums.Matched, Unknown: c.sums.Unknown, Discarded: c.sums.Discarded})
}

// next waits for the next picture, for whoever shows the camera the floor.
func (c *camera) next(ctx context.Context) (feed.Picture, error) {
	one := make(chan feed.Picture, 1)
	c.mu.Lock()
	c.wanted = append(c.wanted, one)
	c.mu.Unlock()
	select {
	case p := <-one:
		return p, nil
	case <-ctx.Done():
		return feed.Picture{}, fmt.Errorf("camera: %w: it sends no picture now", offers.ErrUnavailable)
	}
}

// show hands a picture to those who wait for one.
func (c *camera) show(p feed.Picture) {
	c.mu.Lock()
	wanted := c.wanted
	c.wanted = nil
	c.mu.Unlock()
	for _, one := range wanted {
		one <- p
	}
}

func (c *camera) state(now time.Time) edge.State {
	count, last := c.slot.Received()
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := count > 0 && now.Sub(last) <= feed.Stalled
	switch {
	case c.ended:
		return edge.Ended
	case fresh && c.bad != nil, errors.Is(c.wrong, offers.ErrInvalid), errors.Is(c.wrong, offers.ErrDenied):
		return edge.Refused
	case errors.Is(c.wrong, feed.ErrSilent):
		return edge.Stalled
	case c.wrong != nil:
		return edge.Connecting
	case fresh:
		return edge.Live
	case c.kind == kindBrowser:
		return edge.Waiting
	case count > 0:
		return edge.Stalled
	}
	return edge.Connecting
}

// health is how the camera is, without its address: that may hold a password.
func (c *camera) health(now time.Time) edge.CameraHealth {
	h := edge.CameraHealth{ID: c.config.ID, Kind: string(c.kind), State: c.state(now)}
	_, h.Last = c.slot.Received()
	c.mu.Lock()
	defer c.mu.Unlock()
	h.FPS, h.LookedAt, h.LatencyS = c.pace.came, c.pace.lookedAt, c.pace.latencyS
	h.Reopened, h.WidthPx, h.HeightPx = c.reopened, c.size[0], c.size[1]
	switch {
	case c.wrong != nil:
		h.Problem = inWords(c.wrong)
	case h.State == edge.Refused:
		h.Problem = inWords(c.bad)
	case h.State == edge.Stalled:
		h.Problem = inWords(feed.ErrSilent)
	}
	return h
}

// meter measures how fast pictures come and are looked at.
type meter struct {
	began   time.Time
	count   int
	looked  int
	latency time.Duration // of those that were looked at
}

func (m *meter) lookedAt(after time.Duration) {
	m.looked++
	m.latency += max(after, 0)
}

// measure says so every two seconds, and how many pictures came since before.
func (m *meter) measure(s *feed.Slot, now time.Time) (n int, p pace, ok bool) {
	since := now.Sub(m.began).Seconds()
	if since < 2 {
		return 0, pace{}, false
	}
	count, _ := s.Received()
	n = count - m.count
	p = pace{came: round(float64(n)/since, 10), lookedAt: round(float64(m.looked)/since, 10)}
	if m.looked > 0 {
		p.latencyS = round(m.latency.Seconds()/float64(m.looked), 1000)
	}
	*m = meter{began: now, count: count}
	return n, p, true
}

func round(x, steps float64) float64 { return math.Round(x*steps) / steps }

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

//go:build gocv

package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"aisle/offers"
	"aisle/services/vision/edge"
	"aisle/vision"
)

// gallery follows who enrolled: it asks the house every two seconds, and at once
// after an enrolment here. While the house cannot be reached the people of
// before stay known for as long as was set; then, and at a start without the
// house, nobody is. It is in memory only, so that whoever withdraws is nowhere
// on this machine.
type gallery struct {
	collector *edge.Collector
	key       []byte
	engine    *engine
	metrics   *metrics
	logger    *slog.Logger
	keep      time.Duration // without a word of the house

	heard   atomic.Pointer[time.Time] // when the house last told, nil before
	current atomic.Pointer[vision.Gallery]
	known   atomic.Value // string: the revision of current
	tag     string
	again   chan struct{}
}

const askEvery = 2 * time.Second

func newGallery(c *edge.Collector, key []byte, e *engine, keep time.Duration, m *metrics, logger *slog.Logger) *gallery {
	g := &gallery{collector: c, key: key, engine: e, keep: keep, metrics: m, logger: logger, again: make(chan struct{}, 1)}
	g.set(nil, nil)
	return g
}

// now is who can be recognised. Safe for concurrent use.
func (g *gallery) now() *vision.Gallery { return g.current.Load() }

// refresh asks the house now.
func (g *gallery) refresh() {
	select {
	case g.again <- struct{}{}:
	default:
	}
}

func (g *gallery) run(ctx context.Context) error {
	failed := false
	for {
		err := g.poll(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failed:
			g.logger.Warn("the gallery of enrolled people cannot be fetched; trying again", "err", err)
		case err == nil && failed:
			g.logger.Info("the gallery of enrolled people is fetched again")
		}
		failed = err != nil
		g.expire(time.Now())
		select {
		case <-ctx.Done():
			return nil
		case <-g.again:
		case <-time.After(askEvery):
		}
	}
}

func (g *gallery) poll(ctx context.Context) error {
	fetched, tag, err := g.collector.Gallery(ctx, g.tag)
	if err != nil {
		return err
	}
	now := time.Now()
	g.heard.Store(&now)
	if fetched == nil {
		return nil
	}
	g.tag = tag
	unopened := 0
	var reason error
	open := func(faces []edge.Face) map[offers.ShopperID][]vision.Vector {
		people := map[offers.ShopperID][]vision.Vector{}
		for _, f := range faces {
			if f.Model != g.engine.describer.Model() {
				unopened++
				continue
			}
			v, err := vision.Open(g.key, f.Shopper, f.Model, f.Sealed)
			if err != nil {
				unopened++
				reason = err
				continue
			}
			people[f.Shopper] = append(people[f.Shopper], v)
		}
		return people
	}
	g.set(open(fetched.Faces), open(fetched.Not))
	g.known.Store(fetched.Revision)
	g.metrics.unopened.Set(float64(unopened))
	if unopened > 0 {
		g.logger.Warn("some enrolled faces are of another model or sealed with another key", "faces", unopened, "err", reason)
	}
	return nil
}

// heardAt is when the house last told who enrolled; the zero time before it did.
func (g *gallery) heardAt() time.Time {
	if at := g.heard.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// revision is that of the gallery in memory, so that the house can tell who is
// no longer in it. Empty before the first.
func (g *gallery) revision() string {
	known, _ := g.known.Load().(string)
	return known
}

// expire forgets everybody once the house has been silent for too long: who
// withdrew in the meantime could not be known.
func (g *gallery) expire(now time.Time) {
	if g.now().People() > 0 && now.Sub(g.heardAt()) > g.keep {
		g.logger.Warn("nobody is known any more: the house has not said for too long who enrolled", "since", g.heardAt())
		g.tag = "" // all of it anew
		g.set(nil, nil)
	}
}

// sealed is the face by which somebody was named, as it leaves the process. nil
// where it cannot be sealed.
func (g *gallery) sealed(p vision.Probe) *offers.Probe {
	model := g.engine.describer.Model()
	sealed, err := vision.Seal(g.key, p.Shopper, model, p.Face)
	if err != nil {
		g.logger.Error("a recognised face cannot be sealed", "err", err)
		return nil
	}
	return &offers.Probe{Model: model, Sealed: sealed}
}

// set makes the gallery of people, and of faces that were taken for them.
func (g *gallery) set(people, not map[offers.ShopperID][]vision.Vector) {
	v := vision.NewGallery(g.engine.describer, g.engine.limits, people).Without(not)
	g.current.Store(v)
	g.metrics.gallery.Set(float64(v.People()))
	g.metrics.threshold.Set(v.Threshold())
}

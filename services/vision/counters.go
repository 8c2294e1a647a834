//go:build gocv

package main

import (
	"context"
	"time"

	"aisle/offers"
	"aisle/services/vision/edge"
	"aisle/vision/tally"
)

// counting writes what each camera counted, a signed line a minute.
type counting struct {
	signer  *tally.Signer
	lines   *edge.Lines
	cameras []*camera
	before  map[offers.CameraID]tally.Counts
	from    time.Time
}

func newCounting(signer *tally.Signer, lines *edge.Lines, cameras []*camera, began time.Time) *counting {
	return &counting{signer, lines, cameras, map[offers.CameraID]tally.Counts{}, began.Truncate(time.Second)}
}

// run signs at each full minute.
func (c *counting) run(ctx context.Context) {
	for {
		next := c.from.Truncate(time.Minute).Add(time.Minute)
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(next)):
		}
		c.sign(next)
	}
}

// sign writes a line for each camera, of what it counted since the last one.
func (c *counting) sign(until time.Time) {
	if until = until.Truncate(time.Second); !until.After(c.from) {
		return
	}
	for _, cam := range c.cameras {
		now := tally.Counts{}
		if counted := cam.counted.Load(); counted != nil {
			now = *counted
		}
		id := cam.config.ID
		c.lines.Add(c.signer.Sign(id, c.from, until, now.Minus(c.before[id])))
		c.before[id] = now
	}
	c.from = until
}

package demo

import (
	"math"
	"math/rand/v2"
	"time"

	"aisle/offers"
)

// A walk is one person's way through the shop: they walk to a stop, stay there,
// and walk on. Positions are in metres on the floor plan.
type walk struct {
	at     offers.Point
	to     offers.Point
	rest   time.Duration // left to stay at the present stop
	stops  []stop
	random *rand.Rand
}

// A stop is a zone and how long somebody stays in it.
type stop struct {
	zone offers.Zone
	stay time.Duration
}

const walkingSpeed = 1.1 // metres a second, with a trolley

// done tells whether the last stop is over.
func (w *walk) done() bool { return len(w.stops) == 0 && w.rest <= 0 && w.at == w.to }

// advance moves on by a step of time.
func (w *walk) advance(step time.Duration) {
	if w.at != w.to {
		dx, dy := w.to.X-w.at.X, w.to.Y-w.at.Y
		left, reach := math.Hypot(dx, dy), walkingSpeed*step.Seconds()
		if reach < left {
			w.at.X += dx / left * reach
			w.at.Y += dy / left * reach
			return
		}
		w.at = w.to
		return
	}
	if w.rest > 0 {
		w.rest -= step
		// People shift from foot to foot in front of a shelf.
		w.at.X += w.random.NormFloat64() * .05
		w.at.Y += w.random.NormFloat64() * .05
		w.to = w.at
		return
	}
	if len(w.stops) > 0 {
		next := w.stops[0]
		w.stops = w.stops[1:]
		w.to = somewhereIn(next.zone, w.random)
		w.rest = next.stay
	}
}

// somewhereIn is a random point of a zone, away from its edge.
func somewhereIn(z offers.Zone, random *rand.Rand) offers.Point {
	low, high := z.Polygon[0], z.Polygon[0]
	for _, p := range z.Polygon {
		low.X, low.Y = min(low.X, p.X), min(low.Y, p.Y)
		high.X, high.Y = max(high.X, p.X), max(high.Y, p.Y)
	}
	inside := func() float64 { return .25 + .5*random.Float64() }
	return offers.Point{X: low.X + (high.X-low.X)*inside(), Y: low.Y + (high.Y-low.Y)*inside()}
}

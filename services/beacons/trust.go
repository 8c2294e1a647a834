package beacons

import (
	"math"
	"time"

	pure "aisle/beacons"
	"aisle/offers"
	"aisle/services/state"
)

// withheld is what waits to be said of a stay until the place is sure enough:
// a zone that canaries find located badly, a tag that may be a copy, a receiver
// that is silent. Most stays wait for less than a second.
type withheld struct {
	stay             pure.Stay
	entered, dwelled bool
}

// kinds is what waits.
func (h *withheld) kinds() (all []pure.Kind) {
	if h != nil && h.entered {
		all = append(all, pure.Entered)
	}
	if h != nil && h.dwelled {
		all = append(all, pure.Dwelled)
	}
	return all
}

// gate holds back what may bring an offer by a place that is not sure, and lets
// go what has become sure. Who left before that was never said to be there. Now
// is the time, if it is one to look again.
func (w *worker) gate(changes []pure.Change, now time.Time) []pure.Change {
	if len(changes) == 0 && (len(w.held) == 0 || now.IsZero()) {
		return nil
	}
	out := make([]pure.Change, 0, len(changes)+1)
	for i := range changes {
		c := &changes[i]
		h := w.held[c.Tag]
		switch {
		case c.Kind == pure.Entered:
			w.drop(c.Tag)
			if !c.Position.Trusted && !w.quiet(c) {
				w.held[c.Tag] = &withheld{stay: c.Stay, entered: true}
				continue
			}
		case c.Kind == pure.Dwelled && h != nil:
			h.stay, h.dwelled = c.Stay, true
			continue
		case c.Kind == pure.Dwelled && !c.Position.Trusted:
			w.held[c.Tag] = &withheld{stay: c.Stay, dwelled: true}
			continue
		case c.Kind == pure.Left && h != nil:
			w.drop(c.Tag)
			if h.entered {
				w.metrics.withheld.WithLabelValues(string(offers.ZoneLeft)).Inc()
				continue
			}
		case c.Kind == pure.Seen && c.Sighting.Gone:
			w.drop(c.Tag)
		case c.Kind == pure.Seen && h != nil && c.Position.Trusted && h.stay.Since.Equal(c.Stay.Since) && h.stay.Zone == c.Stay.Zone:
			out = w.release(out, c.Tag, c.At, c.Position)
		}
		out = append(out, *c)
	}
	if now.IsZero() {
		return out
	}
	for tag := range w.held {
		if p, ok := w.tracker.Where(tag); ok && p.Trusted {
			out = w.release(out, tag, now, p)
		}
	}
	w.metrics.waiting.Set(float64(len(w.held)))
	return out
}

// quiet tells whether nothing is said of the zone anyway.
func (w *worker) quiet(c *pure.Change) bool {
	shop := w.shops.Now().Shops[c.Stay.Shop]
	if shop == nil {
		return false
	}
	z, _ := shop.Zone(c.Stay.Zone)
	return z.Kind == offers.ZoneQuiet
}

// release says what waited, as of now: an hour-old entry is no reason to send
// an offer to somebody who is there now.
func (w *worker) release(out []pure.Change, tag string, at time.Time, p pure.Position) []pure.Change {
	h := w.held[tag]
	delete(w.held, tag)
	c := pure.Change{Tag: tag, At: at, Stay: h.stay, Dwell: max(at.Sub(h.stay.Since), 0), Position: p}
	if h.entered {
		c.Kind = pure.Entered
		out = append(out, c)
	}
	if h.dwelled {
		c.Kind = pure.Dwelled
		out = append(out, c)
	}
	return out
}

// drop forgets what waited, and counts it.
func (w *worker) drop(tag string) {
	h := w.held[tag]
	if h == nil {
		return
	}
	delete(w.held, tag)
	if h.entered {
		w.metrics.withheld.WithLabelValues(string(offers.ZoneEntered)).Inc()
	}
	if h.dwelled {
		w.metrics.withheld.WithLabelValues(string(offers.ZoneDwelled)).Inc()
	}
}

const judgeEvery = 10 * time.Second

// report tells what the canaries say of their zones.
func (w *worker) report(now time.Time) {
	if now.Sub(w.judged) < judgeEvery {
		return
	}
	w.judged = now
	w.metrics.zoneError.Reset()
	w.metrics.zoneHeld.Reset()
	for id := range w.shops.Now().Shops {
		if !w.mine[id] {
			delete(w.reported, id) // another door tells
			continue
		}
		zones := w.tracker.Canaries(id)
		if len(zones) == 0 && !w.reported[id] {
			continue
		}
		w.reported[id] = len(zones) > 0
		for _, z := range zones {
			held := 0.0
			if z.Held {
				held = 1
			}
			w.metrics.zoneError.WithLabelValues(string(id), string(z.Zone)).Set(z.P95M)
			w.metrics.zoneHeld.WithLabelValues(string(id), string(z.Zone)).Set(held)
		}
		w.ears.mu.Lock()
		w.ears.zones[id] = state.ZonesHealth{At: now, Zones: zones}
		w.ears.mu.Unlock()
	}
}

// sure writes into a sighting how sure it is.
func sure(s *offers.Sighting, c *pure.Change) {
	p := &c.Position
	if s.Gone || c.Quiet || p.Shop == "" {
		return
	}
	s.Ellipse = &offers.Ellipse{MajorM: tenth(p.Ellipse.MajorM), MinorM: tenth(p.Ellipse.MinorM), HeadingDeg: math.Round(p.Ellipse.HeadingDeg)}
	for _, z := range p.Zones {
		s.Zones = append(s.Zones, offers.ZoneShare{Zone: z.Zone, Share: math.Round(z.Share*1000) / 1000})
	}
	s.Suspect = string(p.Suspect)
	if !p.Trusted {
		s.Untrust = p.Why
	}
}

func tenth(x float64) float64 { return math.Round(x*10) / 10 }

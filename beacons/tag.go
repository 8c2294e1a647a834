package beacons

import (
	"cmp"
	"math"
	"slices"
	"time"

	"aisle/beacons/locate"
	"aisle/beacons/polygon"
	"aisle/offers"
)

// tag is what is known of one tag. The belief is most of what it costs.
type tag struct {
	name    string
	floor   *floor
	belief  locate.Belief
	offset  locate.Offset
	signals []signal

	heard    time.Time // last packet
	stepped  time.Time // up to when the belief knows of them
	waiting  int       // packets that came since
	present  bool
	packets  int  // until it was present
	away     away // where else it is heard
	stay     Stay
	leaning  leaning
	flaps    flapping
	position Position
	shown    offers.Point // as last published
	shownAt  time.Time
	first    time.Time // in this shop
}

// signal is how one receiver hears a tag: the mean power of the last second or
// so, and of how many packets.
type signal struct {
	at      time.Time
	power   float32 // sum, linear, fading
	weight  float32 // of the sum, in packets
	fresh   int16   // packets since the last step
	no      int16   // of the receiver
	silence bool    // that it is silent was already weighed
}

// away counts packets from another shop.
type away struct {
	floor   *floor
	packets int
	since   time.Time
}

const (
	lasts     = 6 * time.Second  // a packet, if no newer one comes: gateways report who stands still now and then only
	meanOver  = time.Second / 2  // packets are averaged over, fading
	staleness = 12 * time.Second // receivers may be silent for 5 s about a tag that stands still
	worthStep = 3                // packets; fewer wait for another step's time
	quietFor  = 7 * time.Second  // after which an awake receiver's silence says something
	moveAfter = 5                // packets in another shop, and none here for
	moveSpan  = 5 * time.Second
)

func (g *tag) shopID() offers.ShopID { return g.floor.shop.ID }

// move begins anew in a shop, or in the same one drawn otherwise.
func (g *tag) move(f *floor) {
	if g.floor != nil && g.floor.shop.ID == f.shop.ID && g.position.Floor != "" {
		e := g.position.Ellipse
		g.belief = f.locator.Around(g.position.Floor, g.position.At, max(e.MajorM, 1))
	} else {
		g.belief = f.locator.NewBelief()
	}
	g.floor, g.signals, g.away, g.flaps, g.leaning, g.waiting = f, nil, away{}, flapping{}, leaning{}, 0
}

// elsewhere tells whether a tag is now in another shop: it is heard there again
// and again, and here no more.
func (g *tag) elsewhere(f *floor, at time.Time) bool {
	if g.away.floor != f || at.Sub(g.away.since) > time.Minute {
		g.away = away{floor: f, since: at}
	}
	g.away.packets++
	return g.away.packets >= moveAfter && at.Sub(g.heard) >= moveSpan
}

// add notes a packet for the next step.
func (g *tag) add(no int, gain float64, at time.Time, most int) {
	if at.After(g.heard) {
		g.heard = at
	}
	i := slices.IndexFunc(g.signals, func(s signal) bool { return int(s.no) == no })
	if i < 0 {
		if len(g.signals) >= most { // the one that was heard longest ago gives way
			i = 0
			for j := range g.signals {
				if g.signals[j].at.Before(g.signals[i].at) {
					i = j
				}
			}
			g.signals[i] = signal{no: int16(no)}
		} else {
			i = len(g.signals)
			g.signals = append(g.signals, signal{no: int16(no)})
		}
	}
	s := &g.signals[i]
	if s.weight > 0 {
		fade := float32(math.Exp(-max(at.Sub(s.at), 0).Seconds() / meanOver.Seconds()))
		s.power *= fade
		s.weight *= fade
	}
	s.power += float32(math.Pow(10, gain/10))
	s.weight++
	s.at = at
	s.fresh++
	s.silence = false
	g.waiting++
}

// step weighs the packets since the last step, and makes up the mind.
func (t *Tracker) step(changes []Change, name string, g *tag, at time.Time) []Change {
	f, passed := g.floor, at.Sub(g.stepped)
	f.locator.Walk(g.belief, passed)
	heard := t.heard[:0]
	var silent []int
	for i := 0; i < len(g.signals); i++ {
		s := &g.signals[i]
		switch age := at.Sub(s.at); {
		case s.fresh > 0:
			if !g.present {
				g.packets += int(s.fresh)
			}
			heard = append(heard, locate.Heard{Receiver: int(s.no), GainDB: 10 * math.Log10(float64(s.power/s.weight)), Packets: int(s.fresh)})
			s.fresh = 0
		case age <= lasts && age > 0:
			heard = append(heard, locate.Heard{Receiver: int(s.no), GainDB: 10 * math.Log10(float64(s.power/s.weight)), Packets: 1, Age: age})
		case age > staleness:
			g.signals = slices.Delete(g.signals, i, i+1)
			i--
		case age > quietFor && !s.silence && at.Sub(f.awake[s.no]) < time.Second:
			silent = append(silent, int(s.no))
			s.silence = true
		}
	}
	t.heard = heard
	f.locator.Hear(g.belief, &g.offset, heard, min(passed, time.Second))
	f.locator.Silent(g.belief, silent)
	g.stepped, g.waiting = at, 0
	g.locate(t, at)
	if f.watch != nil && f.watch.Canary(name) { // nobody's
		if len(g.signals) >= min(t.config.Receivers, f.space.Receivers()) {
			f.watch.Observe(name, g.position.Floor, g.position.At, at)
		}
		return changes
	}
	if !g.present {
		if g.packets < t.config.Packets || len(g.signals) < min(t.config.Receivers, f.space.Receivers()) {
			return changes
		}
		g.present, g.first = true, at
	}
	return t.settle(changes, name, g, passed)
}

// settle decides what of the new belief is worth saying.
func (t *Tracker) settle(changes []Change, name string, g *tag, passed time.Duration) []Change {
	n := len(changes)
	changes = t.choose(changes, name, g, passed)
	moved := len(changes) > n
	if z, ok := g.zone(); ok && z.Kind != offers.ZoneQuiet && g.stay.Dwelled.IsZero() {
		if so := g.stepped.Sub(g.stay.Since); so >= cmp.Or(max(z.Dwell, 0), t.config.Dwell) {
			g.stay.Dwelled = g.stepped
			changes = append(changes, Change{Kind: Dwelled, Tag: name, At: g.stepped, Stay: g.stay, Dwell: so, Position: g.position})
		}
	}
	switch since := g.stepped.Sub(g.shownAt); {
	case moved:
	case g.shownAt.IsZero(): // not yet, or not since a quiet zone began
		if g.stay.Zone == "" && g.stepped.Sub(g.first) < 2*t.config.Hold {
			return changes
		}
	case since >= t.config.Refresh, since >= t.config.Every && polygon.Metres(g.position.At, g.shown) >= 0.3:
	default:
		return changes
	}
	return append(changes, t.sighting(name, g))
}

// sighting is the position as the rest of the house knows it.
func (t *Tracker) sighting(name string, g *tag) Change {
	g.shown, g.shownAt = g.position.At, g.stepped
	first := g.first
	if !g.stay.Since.IsZero() && g.stay.Since.Before(first) {
		first = g.stay.Since
	}
	return Change{Kind: Seen, Tag: name, At: g.heard, Stay: g.stay, Dwell: max(0, g.heard.Sub(cmp.Or(g.stay.Since, g.heard))), Quiet: g.quiet(), Position: g.position,
		Sighting: offers.Sighting{
			Sensor: offers.SensorBeacon, Device: name, Shop: g.shopID(), Floor: g.position.Floor, Zone: g.stay.Zone,
			At: round(g.position.At), AccuracyM: math.Round(g.position.RadiusM*10) / 10, Confidence: math.Round(g.position.share(g.stay.Zone)*1000) / 1000,
			First: first, Last: g.heard,
		}}
}

// round is a point to the centimetre.
func round(p offers.Point) offers.Point {
	return offers.Point{X: math.Round(p.X*100) / 100, Y: math.Round(p.Y*100) / 100}
}

package beacons

import (
	"math"
	"time"

	"aisle/offers"
)

// Stay is an unbroken presence in one zone.
type Stay struct {
	Shop    offers.ShopID `json:"shop"`
	Zone    offers.ZoneID `json:"zone"`
	Since   time.Time     `json:"since"`
	Entered time.Time     `json:"entered"`          // when that was sure
	Dwelled time.Time     `json:"dwelled,omitzero"` // when it became a dwell
}

// leaning is how likely each zone, and being outside of all, was of late: the
// logarithm of the probability, averaged over a few seconds.
type leaning struct {
	zones  []float32 // in the order of the shop's zones, outside last
	leader int       // the likeliest
	since  time.Time // for how long it is that
}

const (
	leastLean  = 0.05             // nothing is less likely than that
	leanOver   = 1.0              // of the hold time, that probabilities are averaged over
	leadFor    = 0.5              // of the hold time, that another zone must lead for
	toChange   = 1.4              // by which it must lead: it was four times likelier, on average
	toBegin    = 1.8              // by which the first zone must lead the second
	beginWait  = 20 * time.Second // after which the likeliest zone will do
	perFlap    = 0.5              // more, after each return to the zone before
	perMinute  = 0.3              // more, for each minute after the first that somebody stayed
	mostStood  = 0.6
	mostLead   = 2.6 // enough in any case: it was thirteen times likelier
	leastEnter = 0.3 // likely, at least, to enter a zone at all
)

// add averages in what is likely now, and finds the leader.
func (l *leaning) add(shares []float32, inside float64, passed, over time.Duration, at time.Time) {
	if len(l.zones) != len(shares)+1 {
		l.zones = make([]float32, len(shares)+1)
		for i := range l.zones {
			l.zones[i] = float32(math.Log(leastLean))
		}
		l.since = at
	}
	k := float32(1 - math.Exp(-passed.Seconds()/max(over.Seconds(), 1e-3)))
	leader := 0
	for i := range l.zones {
		now := 1 - inside
		if i < len(shares) {
			now = float64(shares[i])
		}
		l.zones[i] += k * (float32(math.Log(max(now, leastLean))) - l.zones[i])
		if l.zones[i] > l.zones[leader] {
			leader = i
		}
	}
	if leader != l.leader {
		l.leader, l.since = leader, at
	}
}

// lead is by how much the leader leads before another zone; before all others
// if that is -1.
func (l *leaning) lead(before int) float64 {
	if before >= 0 {
		return float64(l.zones[l.leader] - l.zones[before])
	}
	second := float32(math.Inf(-1))
	for i, z := range l.zones {
		if i != l.leader {
			second = max(second, z)
		}
	}
	return float64(l.zones[l.leader] - second)
}

// flapping is that a tag goes back to the zone that it came from. Each time
// doubles what the next change takes, until it was quiet for a while: the
// damping of routes that flap (RFC 2439).
type flapping struct {
	from  offers.ZoneID // the zone before this one
	at    time.Time     // when it was left
	times int8
}

const (
	flapWithin = 10 * time.Minute
	mostFlaps  = 2
)

// change notes a change of zone.
func (f *flapping) change(from, to offers.ZoneID, at time.Time) {
	switch since := at.Sub(f.at); {
	case since > flapWithin:
		f.times = 0
	case to == f.from:
		f.times = min(f.times+1, mostFlaps)
	}
	f.from, f.at = from, at
}

// more is by how much more another zone must lead.
func (f *flapping) more(at time.Time) float64 {
	if at.Sub(f.at) > flapWithin {
		return 0
	}
	return perFlap * float64(f.times)
}

// zone is the zone of the stay; false outside of all.
func (g *tag) zone() (offers.Zone, bool) {
	if g.stay.Zone == "" {
		return offers.Zone{}, false
	}
	no, ok := g.floor.zoneNo[g.stay.Zone]
	if !ok {
		return offers.Zone{}, false
	}
	return g.floor.zones[no], true
}

func (g *tag) quiet() bool {
	z, _ := g.zone()
	return z.Kind == offers.ZoneQuiet
}

// choose keeps or changes the zone. What speaks for another zone is averaged
// over a few seconds: who is surely in another zone is there after about the hold
// time, who walks along a wall hardly ever is.
func (t *Tracker) choose(changes []Change, name string, g *tag, passed time.Duration) []Change {
	inside := 0.0
	for _, s := range t.shares {
		inside += float64(s)
	}
	g.leaning.add(t.shares, min(inside, 1), passed, time.Duration(leanOver*float64(t.config.Hold)), g.stepped)
	g.judge(t)
	present, outside := -1, len(t.shares)
	begun := !g.stay.Since.IsZero()
	if begun {
		present = outside
		if no, ok := g.floor.zoneNo[g.stay.Zone]; ok {
			present = no
		}
	}
	best := g.leaning.leader
	if best == present || g.stepped.Sub(g.leaning.since) < time.Duration(leadFor*float64(t.config.Hold)) {
		return changes
	}
	stood := min(perMinute*max(0, g.stepped.Sub(g.stay.Since).Minutes()-1), mostStood)
	need := min(toChange+stood+g.flaps.more(g.stepped), mostLead)
	if !begun {
		if g.stepped.Sub(g.first) < 2*t.config.Hold { // nothing to go by yet
			return changes
		}
		need = toBegin * (1 - float64(g.stepped.Sub(g.first))/float64(beginWait))
	}
	if g.leaning.lead(present) < need || best != outside && float64(t.shares[best]) < leastEnter {
		return changes
	}
	if g.stay.Zone != "" && !g.quiet() {
		changes = append(changes, Change{Kind: Left, Tag: name, At: g.stepped, Stay: g.stay, Dwell: g.leaning.since.Sub(g.stay.Since), Position: g.position})
	}
	zone := offers.ZoneID("")
	if best != outside {
		zone = g.floor.zones[best].ID
	}
	if begun {
		g.flaps.change(g.stay.Zone, zone, g.stepped)
	}
	g.stay = Stay{Shop: g.shopID(), Zone: zone, Since: g.leaning.since, Entered: g.stepped}
	g.judge(t)
	g.shownAt = time.Time{} // worth a position in any case
	if zone != "" && !g.quiet() {
		changes = append(changes, Change{Kind: Entered, Tag: name, At: g.stepped, Stay: g.stay, Dwell: g.stepped.Sub(g.stay.Since), Position: g.position})
	}
	return changes
}

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

// candidate is a zone, or none, that seems to be the right one instead of the
// present one.
type candidate struct {
	zone  offers.ZoneID
	set   bool
	since time.Time
	score float64 // evidence that adds up for it
}

const (
	oddsToGrow = 4.0  // how much likelier than the present zone another must be for its score to grow
	enough     = 2.0  // score that changes the zone, for each second of the hold time
	mostGrowth = 2.0  // a second, however sure
	leastEnter = 0.45 // likely, at least, to enter a zone at all
	firstOdds  = 4.0  // than the second likeliest, for a first zone; after a while the likeliest will do
	firstWaitS = 40.0
)

// flapping is that a tag goes back to the zone that it came from. Each time
// doubles what the next change takes, until it was quiet for a while: the
// damping of routes that flap (RFC 2439).
type flapping struct {
	from  offers.ZoneID // the zone before this one
	at    time.Time     // when it was left
	times int8
}

const (
	flapWithin = 3 * time.Minute
	mostFlaps  = 4
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

// damping is the factor on what a change takes.
func (f *flapping) damping(at time.Time) float64 {
	if f.times == 0 || at.Sub(f.at) > flapWithin {
		return 1
	}
	return float64(int(1) << f.times)
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

// choose keeps or changes the zone. What speaks for another zone adds up over
// time, as the logarithm of how much likelier it is: who is surely in another
// zone is there after the hold time, who walks along a wall hardly ever is.
func (t *Tracker) choose(changes []Change, name string, g *tag, passed time.Duration) []Change {
	defer g.judge(&t.config)
	inside, second, best := 0.0, 0.0, ZoneShare{}
	for i, s := range t.shares {
		inside += float64(s)
		switch z := (ZoneShare{g.floor.zones[i].ID, float64(s)}); {
		case z.Zone == g.stay.Zone:
		case z.Share > best.Share:
			best, second = z, best.Share
		default:
			second = max(second, z.Share)
		}
	}
	outside := max(0, 1-inside)
	present := max(outside, second)
	if g.stay.Zone != "" {
		present = 0
		if no, ok := g.floor.zoneNo[g.stay.Zone]; ok {
			present = float64(t.shares[no])
		}
		if outside > best.Share {
			best = ZoneShare{"", outside}
		}
	}
	lead := math.Log(max(best.Share, 0.01) / max(present, 0.01) / oddsToGrow)
	if g.stay.Zone == "" && g.stay.Since.IsZero() { // somewhere one must begin
		waited := g.stepped.Sub(g.first).Seconds()
		lead = math.Log(max(best.Share, 0.01)/max(present, 0.01)) - math.Log(firstOdds)*(1-waited/firstWaitS)
	}
	lead = max(min(lead, mostGrowth), -mostGrowth)
	if g.next.set && g.next.zone != best.Zone || best.Zone != "" && best.Share < leastEnter && lead > 0 {
		g.next = candidate{}
		lead = min(lead, 0)
	}
	if !g.next.set {
		if lead <= 0 {
			return changes
		}
		g.next = candidate{zone: best.Zone, set: true, since: g.stepped}
	}
	g.next.score += lead * min(passed.Seconds(), 1)
	if g.next.score <= 0 {
		g.next = candidate{}
		return changes
	}
	if held := g.stepped.Sub(g.next.since); held < t.config.Hold || g.next.score < enough*t.config.Hold.Seconds()*g.flaps.damping(g.stepped) {
		return changes
	}
	if g.stay.Zone != "" && !g.quiet() {
		changes = append(changes, Change{Kind: Left, Tag: name, At: g.stepped, Stay: g.stay, Dwell: g.next.since.Sub(g.stay.Since), Position: g.position})
	}
	if g.stay.Zone != "" {
		g.flaps.change(g.stay.Zone, g.next.zone, g.stepped)
	}
	g.stay = Stay{Shop: g.shopID(), Zone: g.next.zone, Since: g.next.since, Entered: g.stepped}
	g.next = candidate{}
	g.shownAt = time.Time{} // worth a position in any case
	if g.stay.Zone == "" {
		return changes
	}
	if !g.quiet() {
		return append(changes, Change{Kind: Entered, Tag: name, At: g.stepped, Stay: g.stay, Dwell: g.stepped.Sub(g.stay.Since), Position: g.position})
	}
	return changes
}

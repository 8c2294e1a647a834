package beacons

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"aisle/beacons/locate"
	"aisle/beacons/spoof"
	"aisle/offers"
)

// Position is where a tag is, and how sure that is.
type Position struct {
	Shop       offers.ShopID  `json:"shop"`
	Floor      offers.FloorID `json:"floor"`
	FloorShare float64        `json:"floor_share"` // how likely it is that floor
	At         offers.Point   `json:"at"`
	Cov        [3]float64     `json:"cov_m2"`            // of x and x, x and y, y and y
	Ellipse    locate.Ellipse `json:"ellipse"`           // holds the true place 68 times of 100
	RadiusM    float64        `json:"radius_m"`          // of a circle that does
	Zones      []ZoneShare    `json:"zones"`             // likely ones first, at most four; what is missing to 1 is outside of all
	Receivers  int            `json:"receivers"`         // that heard it in the last seconds
	Trusted    bool           `json:"trusted"`           // sure enough for an offer that depends on the place
	Why        string         `json:"why,omitempty"`     // if not
	Suspect    spoof.Rule     `json:"suspect,omitempty"` // that the tag broke: it may be another's id
}

// ZoneShare is how likely a tag is in a zone.
type ZoneShare struct {
	Zone  offers.ZoneID `json:"zone"`
	Share float64       `json:"share"`
}

func (p *Position) share(zone offers.ZoneID) float64 {
	for _, z := range p.Zones {
		if z.Zone == zone {
			return z.Share
		}
	}
	return 0
}

const (
	mostZones  = 4
	leastShare = 0.02
	lately     = 6 * time.Second
	leastTrust = 0.5  // share of the zone
	ofWidth    = 0.75 // of the zone's width the ellipse may be long
	leastWideM = 4.0  // in narrow zones it may be so long at least
)

// locate reads the position off the belief, and off what was heard last how sure
// that is.
func (g *tag) locate(t *Tracker, at time.Time) {
	f := g.floor
	e := f.locator.Estimate(g.belief)
	f.locator.Shadows(&e, t.heard)
	p := &g.position
	p.Shop, p.Floor, p.FloorShare, p.At, p.Cov = g.shopID(), e.Floor, e.FloorShare, e.At, e.Cov
	p.Ellipse, p.RadiusM = e.Ellipse(), e.RadiusM()
	t.shares = f.locator.ZoneShares(g.belief, t.shares)
	p.Zones = nil
	var zones [mostZones]ZoneShare
	n := 0
	for i, s := range t.shares {
		if s < leastShare {
			continue
		}
		z := ZoneShare{f.zones[i].ID, float64(s)}
		j := n
		for ; j > 0 && zones[j-1].Share < z.Share; j-- {
			if j < mostZones {
				zones[j] = zones[j-1]
			}
		}
		if j < mostZones {
			zones[j] = z
			n = min(n+1, mostZones)
		}
	}
	if n > 0 {
		p.Zones = slices.Clone(zones[:n])
	}
	p.Receivers = 0
	for i := range g.signals {
		if at.Sub(g.signals[i].at) <= lately {
			p.Receivers++
		}
	}
}

// judge says whether the position may bring an offer.
func (g *tag) judge(t *Tracker) {
	c, f, p := &t.config, g.floor, &g.position
	p.Trusted, p.Why, p.Suspect = false, "", ""
	need := min(c.Receivers, f.space.Receivers())
	share := p.share(g.stay.Zone)
	if s, ok := t.guard.Suspect(g.name, g.stepped); ok {
		p.Suspect, p.Why = s.Rule, s.Reason
		return
	}
	if g.stay.Zone == "" {
		p.Why = "in no zone"
		return
	}
	if why, held := f.held[g.stay.Zone]; held {
		p.Why = why
		return
	}
	asleep, silent := f.asleep(p, g.stay.Zone, c.Asleep)
	switch most := max(ofWidth*f.space.WidthM(g.stay.Zone), leastWideM); {
	case silent:
		p.Why = fmt.Sprintf("receiver %s is silent", asleep)
	case p.Receivers < need:
		p.Why = fmt.Sprintf("heard by %d of %d receivers that it takes", p.Receivers, need)
	case share < leastTrust:
		p.Why = fmt.Sprintf("only %.0f %% sure of the zone", 100*share)
	case p.Ellipse.MajorM > most:
		p.Why = fmt.Sprintf("within %.1f m only", p.Ellipse.MajorM)
	default:
		p.Trusted = true
	}
}

// asleep is a receiver that the position depends on, and that hears nothing of
// anybody while others do: the nearest one, or all of the zone's own.
func (f *floor) asleep(p *Position, zone offers.ZoneID, limit time.Duration) (offers.ReceiverID, bool) {
	silent := func(no int) bool { return f.last.Sub(f.awake[no]) > limit }
	if r, ok := f.space.Nearest(p.Floor, p.At); ok {
		if no, _ := f.space.Receiver(r.ID); silent(no) {
			return r.ID, true
		}
	}
	own, quiet := 0, offers.ReceiverID("")
	for _, r := range f.shop.Receivers {
		if r.Zone != zone {
			continue
		}
		if no, ok := f.space.Receiver(r.ID); ok && !silent(no) {
			own++
		} else {
			quiet = cmp.Or(quiet, r.ID)
		}
	}
	return quiet, own == 0 && quiet != ""
}

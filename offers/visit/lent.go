package visit

import (
	"time"

	"aisle/offers"
)

// lentFor is how long a phone counts as lent without another sign of it. Who
// gave it away for good is not kept from offers for ever.
const lentFor = 12 * time.Hour

// foldLent notes who has the shopper's phone or tag. That it is somebody else
// is known where another known shopper signs in on it, or pays with their own
// card while showing its code: the door sees both, and tells this shopper's
// partition (DeviceLent). That somebody else was recognised nearby is no sign:
// people shop together. The owner has it again once they sign in on it or check
// in by it themselves.
func foldLent(p *offers.Profile, e *offers.Event) {
	switch {
	case e.Type == offers.DeviceLent && e.With != "" && e.With != p.Shopper:
		l := lentOf(p)
		if e.Time.After(l.At) || e.Time.Equal(l.At) && e.With > l.To {
			l.To, l.At = e.With, e.Time
		}
	case e.Type == offers.CheckedIn || e.Type == offers.Identified && has(e, offers.AppInstall):
		l := lentOf(p)
		l.Back = latest(l.Back, e.Time)
	}
}

func lentOf(p *offers.Profile) *offers.Lent {
	if p.Lent == nil {
		p.Lent = new(offers.Lent)
	}
	return p.Lent
}

func has(e *offers.Event, t offers.IdentifierType) bool {
	for i := range e.Identifiers {
		if e.Identifiers[i].Type == t {
			return true
		}
	}
	return false
}

// LentTo is who has the shopper's phone or tag at a time, "" if it is where it
// belongs, as far as anybody knows.
func LentTo(p *offers.Profile, at time.Time) offers.ShopperID {
	if l := p.Lent; l != nil && l.At.After(l.Back) && at.Sub(l.At) < lentFor {
		return l.To
	}
	return ""
}

// Present is the visit of the shopper that goes on at a time, nil if there is
// none. Where their phone is lent, the visit is split: what the phone, the tag
// and codes tell is the visit of who has them, and the shopper's own is what a
// camera saw of it.
func Present(p *offers.Profile, at time.Time) *offers.Visit {
	v := p.Visit
	if v == nil || at.Sub(v.LastSeen) >= Gap {
		return nil
	}
	if LentTo(p, at) == "" {
		return v
	}
	seen, ok := v.Witnesses[offers.SensorCamera]
	if !ok || at.Sub(seen) >= Gap {
		return nil
	}
	said := v.Said[offers.SensorCamera]
	return &offers.Visit{
		Shop: v.Shop, Zone: said.Zone, Started: said.Since, ZoneSince: said.Since, LastSeen: seen,
		Witnesses: map[offers.Sensor]time.Time{offers.SensorCamera: seen},
		Said:      map[offers.Sensor]offers.Testimony{offers.SensorCamera: said},
	}
}

// Held tells whether what is meant for the shopper must wait: their phone or tag
// is in the shop with somebody else, who would read it.
func Held(p *offers.Profile, at time.Time) bool {
	v := p.Visit
	if v == nil || at.Sub(v.LastSeen) >= Gap || LentTo(p, at) == "" {
		return false
	}
	for sense := range v.Witnesses {
		if sense != offers.SensorCamera {
			return true
		}
	}
	return false
}

// JoinLent is what is known of two shoppers who turned out to be one. A phone
// that one lent to the other was not lent.
func JoinLent(p, from *offers.Profile) {
	theirs := from.Lent
	if theirs == nil {
		return
	}
	l := lentOf(p)
	if theirs.At.After(l.At) || theirs.At.Equal(l.At) && theirs.To > l.To {
		l.To, l.At = theirs.To, theirs.At
	}
	l.Back = latest(l.Back, theirs.Back)
	if l.To == p.Shopper || l.To == from.Shopper {
		l.To, l.At = "", time.Time{}
	}
	if *l == (offers.Lent{}) {
		p.Lent = nil
	}
}

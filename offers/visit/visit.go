// Package visit makes one presence of what cameras, beacons, the app and the
// till say of a shopper in a shop, and says how sure that is: sure enough for
// staff to greet somebody by name, or only to ask.
//
// A visit does not depend on the order in which its events come, as long as
// none comes later than Kept: visits are intervals that join where the gap
// between them is less than Gap, and of what a sense said, the latest holds.
//
// What somebody carries and who somebody is are two things. A phone that its
// owner lent splits from its owner: see lent.go.
package visit

import (
	"cmp"
	"slices"
	"time"

	"aisle/offers"
)

const (
	// Gap is how long nobody may see a shopper before their visit is over.
	Gap = 10 * time.Minute
	// Kept is how long after a visit an event may come that belongs to it, or
	// that joins it with the next. It is longer than the deciders' lateness and
	// the gap together.
	Kept = 30 * time.Minute
	// mostEarlier bounds the visits that are kept beside the last. In one shop no
	// more than Kept/Gap can end within Kept: it is enough for three shops.
	mostEarlier = 8
	// longestStay bounds what an event may say of how long somebody was there.
	longestStay = 12 * time.Hour
)

// senses are who saw the shopper in the shop when an event of the type happened.
var senses = map[offers.EventType]offers.Sensor{
	offers.ZoneEntered: offers.SensorBeacon, offers.ZoneDwelled: offers.SensorBeacon, offers.ZoneLeft: offers.SensorBeacon,
	offers.Recognised:    offers.SensorCamera,
	offers.CheckedIn:     offers.SensorApp,
	offers.OfferRedeemed: offers.SensorTill,
}

// unsaid is how sure a sense is that does not say. A name without a confidence
// is no evidence.
var unsaid = map[offers.Sensor]float64{
	offers.SensorBeacon: .75, offers.SensorCamera: .5, offers.SensorApp: 1, offers.SensorTill: 1,
}

// Fold adds what an event says of where its shopper is, and of who has their
// phone.
func Fold(p *offers.Profile, e *offers.Event) {
	foldLent(p, e)
	sense, ok := senses[e.Type]
	if !ok || e.Shop == "" {
		return
	}
	since := e.Time.Add(-min(max(e.Dwell, 0), longestStay))
	said := offers.Testimony{Sure: cmp.Or(e.Confidence, unsaid[sense]), Zone: e.Zone, Since: since}
	if e.Type == offers.ZoneLeft {
		said.Left = e.Time
	}
	if v := p.Visit; v != nil && v.Earlier == nil && near(v, e.Shop, since, e.Time) {
		v.Started, v.LastSeen = earliest(v.Started, since), latest(v.LastSeen, e.Time)
		add(v, sense, e.Time, said)
		settle(v)
		return
	}
	p.Visit = Join(p.Visit, &offers.Visit{
		Shop: e.Shop, Started: since, LastSeen: e.Time,
		Witnesses: map[offers.Sensor]time.Time{sense: e.Time}, Said: map[offers.Sensor]offers.Testimony{sense: said},
	})
}

// near tells whether a presence from one time to another belongs to a visit.
func near(v *offers.Visit, shop offers.ShopID, from, to time.Time) bool {
	return v.Shop == shop && from.Sub(v.LastSeen) <= Gap && v.Started.Sub(to) <= Gap
}

// Join is the last of all these visits, with those before it that are kept.
// Either may be nil. It may change both, and the order does not matter.
func Join(a, b *offers.Visit) *offers.Visit {
	all := apart(apart(nil, a), b)
	for i := 0; i < len(all); i++ { // what joins two may join a third
		for j := i + 1; j < len(all); j++ {
			if near(all[i], all[j].Shop, all[j].Started, all[j].LastSeen) {
				absorb(all[i], all[j])
				all = slices.Delete(all, j, j+1)
				i, j = -1, len(all)
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b *offers.Visit) int {
		return cmp.Or(b.LastSeen.Compare(a.LastSeen), cmp.Compare(a.Shop, b.Shop))
	})
	last := all[0]
	settle(last)
	for i, v := range all[1:] {
		if i == mostEarlier || last.LastSeen.Sub(v.LastSeen) > Kept {
			break
		}
		settle(v)
		all[i].Earlier = v
	}
	return last
}

// apart appends a visit and those before it, each by itself.
func apart(all []*offers.Visit, v *offers.Visit) []*offers.Visit {
	for v != nil {
		next := v.Earlier
		v.Earlier = nil
		all, v = append(all, v), next
	}
	return all
}

func absorb(v, other *offers.Visit) {
	v.Started, v.LastSeen = earliest(v.Started, other.Started), latest(v.LastSeen, other.LastSeen)
	for sense, at := range other.Witnesses {
		add(v, sense, at, other.Said[sense])
	}
}

// add notes what a sense said at a time. The latest holds, of two at a time the
// surer; of stays the one that began last.
func add(v *offers.Visit, sense offers.Sensor, at time.Time, said offers.Testimony) {
	if v.Said == nil { // kept by a house that noted no more than the times
		v.Said = map[offers.Sensor]offers.Testimony{}
	}
	if v.Witnesses == nil {
		v.Witnesses = map[offers.Sensor]time.Time{}
	}
	had, t := v.Witnesses[sense], v.Said[sense]
	if cmp.Or(at.Compare(had), cmp.Compare(said.Sure, t.Sure)) > 0 {
		v.Witnesses[sense], t.Sure = at, said.Sure
	}
	switch order := cmp.Or(said.Since.Compare(t.Since), cmp.Compare(said.Zone, t.Zone)); {
	case order > 0:
		t.Zone, t.Since, t.Left = said.Zone, said.Since, said.Left
	case order == 0:
		t.Left = latest(t.Left, said.Left)
	}
	v.Said[sense] = t
}

// settle says where they are: where the beacons have them, or else where
// another sense saw them after they had left there.
func settle(v *offers.Visit) {
	if len(v.Said) == 0 {
		return
	}
	here := v.Said[offers.SensorBeacon]
	if here.Zone == "" || !here.Left.IsZero() {
		left := here.Left
		here = offers.Testimony{}
		for _, sense := range [...]offers.Sensor{offers.SensorCamera, offers.SensorApp, offers.SensorTill} {
			if t := v.Said[sense]; t.Zone != "" && !t.Since.Before(left) && t.Since.After(here.Since) {
				here = t
			}
		}
	}
	v.Zone, v.ZoneSince = here.Zone, here.Since
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

package feature

import (
	"slices"

	"aisle/offers"
)

// Begin makes the profile ready for what a backfill finds among the events
// before this one: what comes from now on is kept apart too. A feature that
// holds something from before the log's begin is left as it is, since the log
// could not replace that; so is one of another definition than the backfill's.
func (s *Set) Begin(p *offers.Profile, b *offers.Backfill) {
	if b.Shopper != p.Shopper {
		return
	}
	for _, asked := range b.States {
		i, ok := s.index[asked.Name]
		if !ok || s.definitions[i].version != asked.Version || !allowed(&s.definitions[i], p) {
			continue
		}
		st := stateOf(p, &s.definitions[i])
		if st.Backfill == b.Run || !b.Since.IsZero() && !st.First.IsZero() && st.First.Before(b.Since) {
			continue
		}
		st.Pending, st.Backfill = &offers.FeatureState{Name: st.Name, Version: st.Version}, b.Run
	}
}

// Complete puts what a backfill found, with what came since Begin, in the place
// of what was there. Where Begin has not been, or the profile has become another
// since, nothing changes.
func (s *Set) Complete(p *offers.Profile, b *offers.Backfill) {
	if b.Shopper != p.Shopper {
		return
	}
	for i := range p.Features {
		st := &p.Features[i]
		n, ok := s.index[st.Name]
		if !ok || st.Backfill != b.Run || st.Version != s.definitions[n].version {
			continue
		}
		since := st.Pending
		*st = offers.FeatureState{Name: st.Name, Version: st.Version}
		for j := range b.States {
			if found := &b.States[j]; found.Name == st.Name && found.Version == st.Version {
				s.definitions[n].join(st, found)
			}
		}
		s.definitions[n].join(st, since)
	}
	p.Features = slices.DeleteFunc(p.Features, func(st offers.FeatureState) bool { return st.At.IsZero() && st.Backfill == "" })
}

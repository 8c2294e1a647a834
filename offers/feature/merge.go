package feature

import "aisle/offers"

// Merge adds another profile's features to p's, as if p had done it all. What
// p does not consent to is let go of. A backfill of either that has not ended
// is given up: it knew them as two.
func (s *Set) Merge(p, from *offers.Profile) {
	for i := range p.Features {
		p.Features[i].Pending, p.Features[i].Backfill = nil, ""
	}
	for i := range from.Features {
		other := &from.Features[i]
		if n, ok := s.index[other.Name]; ok && other.Version == s.definitions[n].version {
			d := &s.definitions[n]
			d.join(stateOf(p, d), other)
		}
	}
	s.forget(p)
}

// join adds another state's contributions.
func (d *Definition) join(st, other *offers.FeatureState) {
	st.At, st.Source = newest(st.At, st.Source, other.At, other.Source)
	st.First = oldest(st.First, other.First)
	for _, c := range other.Cells {
		d.put(st, c)
	}
}

package feature

import (
	"slices"
	"strings"
	"time"

	"aisle/offers"
)

// longestText bounds what is kept of a word that a client sent.
const longestText = 64

// mostNumber bounds what one event adds to a sum, so that none overflows.
const mostNumber = 1e12

// Fold adds one event to the profile's features. When a consent is withdrawn,
// what was kept by it is let go of. An event is folded into the stretch of time
// that it belongs to, however late it comes, as long as any moment looks there;
// late counts the features for which it came later than that.
func (s *Set) Fold(p *offers.Profile, ev *offers.Event) (late int) {
	if ev.Type == offers.ConsentChanged {
		s.forget(p)
	}
	which := s.byEvent[ev.Type]
	if len(which) == 0 {
		return 0
	}
	e := reading{Event: ev, set: s, at: ev.Time.UnixMilli()}
	for _, i := range which {
		d := &s.definitions[i]
		if !allowed(d, p) || !d.matches(&e) {
			continue
		}
		c, ok := s.cell(d, &e)
		if !ok {
			continue
		}
		st := stateOf(p, d)
		if !d.fold(st, &e, c) {
			late++
		}
		if st.Pending != nil {
			d.fold(st.Pending, &e, c)
		}
	}
	return late
}

// stateOf is the profile's state of a feature, begun anew where there is none
// of this definition.
func stateOf(p *offers.Profile, d *Definition) *offers.FeatureState {
	i, ok := slices.BinarySearchFunc(p.Features, d.Name, func(s offers.FeatureState, name string) int { return strings.Compare(s.Name, name) })
	if !ok {
		p.Features = slices.Insert(p.Features, i, offers.FeatureState{Name: d.Name, Version: d.version})
	}
	if st := &p.Features[i]; st.Version != d.version {
		*st = offers.FeatureState{Name: d.Name, Version: d.version}
	}
	return &p.Features[i]
}

// fold adds an event's cell to a state. It reports false for one that is late.
func (d *Definition) fold(st *offers.FeatureState, e *reading, c offers.FeatureCell) bool {
	st.At, st.Source = newest(st.At, st.Source, e.Time, e.Source)
	st.First = oldest(st.First, e.Time) // though it came too late to count
	if d.Gap > 0 {
		own := offers.FeatureCell{Start: e.at, End: e.at}
		if !d.grouped() {
			own.Key, own.N, own.M = c.Key, c.N, c.M
		}
		if !d.put(st, own) {
			return false
		}
	}
	return !d.inCells() || d.put(st, c)
}

// inCells tells whether a feature has cells, beside those of sessions: where
// only the newest time matters, the state's At has it.
func (d *Definition) inCells() bool {
	return d.grouped() || d.Gap == 0 && d.Aggregate != Since
}

// newest is the newer of two contributions. Of two of the same time one source
// wins, whichever came first.
func newest(at time.Time, source string, other time.Time, otherSource string) (time.Time, string) {
	if other.After(at) || other.Equal(at) && otherSource > source {
		return other.UTC(), otherSource
	}
	return at, source
}

func oldest(at, other time.Time) time.Time {
	if at.IsZero() || !other.IsZero() && other.Before(at) {
		return other.UTC()
	}
	return at
}

func allowed(d *Definition, p *offers.Profile) bool {
	return d.Consent == "" || p.Consented(d.Consent)
}

// forget lets go of what the shopper no longer consents to, and of features
// that are declared no more.
func (s *Set) forget(p *offers.Profile) {
	p.Features = slices.DeleteFunc(p.Features, func(st offers.FeatureState) bool {
		i, ok := s.index[st.Name]
		return !ok || !allowed(&s.definitions[i], p)
	})
}

// reading is an event while it is folded: its words are made comparable once,
// not for every feature.
type reading struct {
	*offers.Event
	set             *Set
	at              int64 // Unix ms
	category, query string
	hasCategory     bool
	hasQuery        bool
}

// cell is what an event is to a feature: a cell of its own. It reports false
// where the event lacks what the feature is made of.
func (s *Set) cell(d *Definition, e *reading) (c offers.FeatureCell, ok bool) {
	c.Start = s.start(d, e)
	if d.By != "" {
		if c.Key = e.text(d.By); c.Key == "" {
			return c, false
		}
	}
	switch d.Aggregate {
	case Count, Sessions:
		c.N = 1
	case Rate:
		if slices.Contains(d.Events, e.Type) {
			c.N = 1
		}
		if slices.Contains(d.Per, e.Type) {
			c.M = 1
		}
	case Sum, Min, Max, Avg:
		if c.N, ok = e.number(d.Of); !ok {
			return c, false
		}
		c.M = 1
	case First, Last:
		c.N = e.at
		fallthrough
	case Distinct, Top:
		if c.Key = e.text(d.Of); c.Key == "" {
			return c, false
		}
		if d.Aggregate == Top {
			c.N = 1
		}
	}
	return c, true
}

// number is what is summed of an event, as a whole number of unit(field): sums
// of fractions would differ in their last bit with the order of the events, and
// a replay decide otherwise. It reports false where the event has none.
func (e *reading) number(field string) (n int64, ok bool) {
	switch field {
	case "value":
		n, ok = e.Value.Minor, e.Value != offers.Money{}
	case "dwell":
		n, ok = e.Dwell.Milliseconds(), e.Dwell != 0
	case "quantity":
		n, ok = int64(e.Quantity), e.Quantity != 0
	}
	return min(max(n, -mostNumber), mostNumber), ok
}

// unit is how many of what number gives make one of what rules see.
func unit(field string) float64 {
	switch field {
	case "value":
		return 100
	case "dwell":
		return 1000
	}
	return 1
}

// text is a word of the event, as it is compared and kept.
func (e *reading) text(field string) string {
	switch field {
	case "category":
		if !e.hasCategory {
			e.category, e.hasCategory = e.set.Category(e.Event), true
		}
		return e.category
	case "query":
		if !e.hasQuery {
			e.query, e.hasQuery = clip(normal(e.Query)), true
		}
		return e.query
	case "title":
		return clip(normal(e.Title))
	case "zone":
		return clip(string(e.Zone))
	case "shop":
		return clip(string(e.Shop))
	case "product":
		return clip(e.Product)
	case "offer":
		return clip(string(e.Offer))
	}
	return ""
}

// clip bounds a text, between two characters.
func clip(text string) string {
	if len(text) > longestText {
		text = text[:longestText]
	}
	return strings.ToValidUTF8(text, "")
}

// Category is what an event is about: the category that its client named, or
// the one that the words of its search stand for.
func (s *Set) Category(e *offers.Event) string {
	if c := normal(e.Category); c != "" {
		if known, ok := s.synonyms[c]; ok {
			return known
		}
		return clip(c)
	}
	return s.categoryOf(e.Query)
}

// categoryOf finds the longest synonym in a search.
func (s *Set) categoryOf(query string) string {
	if query == "" {
		return ""
	}
	fields := strings.Fields(strings.ToLower(query))
	for n := min(s.longest, len(fields)); n > 0; n-- {
		for i := 0; i+n <= len(fields); i++ {
			if c, ok := s.synonyms[strings.Join(fields[i:i+n], " ")]; ok {
				return c
			}
		}
	}
	return ""
}

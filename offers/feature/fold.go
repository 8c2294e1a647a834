package feature

import (
	"slices"
	"strings"
	"time"

	"aisle/offers"
)

// longestText bounds what is kept of a word that a client sent.
const longestText = 64

// Fold adds one event to the profile's features. When a consent is withdrawn,
// what was kept by it is let go of.
func (s *Set) Fold(p *offers.Profile, ev *offers.Event) {
	if ev.Type == offers.ConsentChanged {
		s.forget(p)
	}
	e := &reading{Event: ev}
	for _, i := range s.byEvent[e.Type] {
		d := &s.definitions[i]
		if !allowed(d, p) || !s.matches(d, e) {
			continue
		}
		if p.Features == nil {
			p.Features = make(map[string]offers.FeatureState, len(s.definitions))
		}
		st := p.Features[d.Name]
		if d.By == "" {
			s.add(d, &st, e)
		} else if key := s.text(e, d.By); key != "" {
			if st.Groups == nil {
				st.Groups = map[string]offers.FeatureState{}
			}
			g := st.Groups[key]
			s.add(d, &g, e)
			g.Source = "" // the feature has it; a profile stays small
			st.Groups[key] = g
			bound(st.Groups, d.MaxGroups)
			newest(&st, e)
		} else {
			continue
		}
		p.Features[d.Name] = st
	}
}

func allowed(d *Definition, p *offers.Profile) bool {
	return d.Consent == "" || p.Consented(d.Consent)
}

func (s *Set) forget(p *offers.Profile) {
	for i := range s.definitions {
		if d := &s.definitions[i]; !allowed(d, p) {
			delete(p.Features, d.Name)
		}
	}
}

// reading is an event while it is folded: its words are made comparable once,
// not for every feature.
type reading struct {
	*offers.Event
	category, query string
	hasCategory     bool
	hasQuery        bool
}

// matches tells whether the event is one that the feature counts.
func (s *Set) matches(d *Definition, e *reading) bool {
	for field, values := range d.Where {
		if !slices.Contains(values, s.text(e, field)) {
			return false
		}
	}
	return true
}

// add folds the event into one state. All of it commutes, so that late events
// leave what they would have left in time.
func (s *Set) add(d *Definition, st *offers.FeatureState, e *reading) {
	amount := 1.0
	switch d.Aggregate {
	case Sum:
		amount = number(e, d.Of)
	case Last:
		text := s.text(e, d.Of)
		if text == "" {
			return
		}
		if e.Time.After(st.At) || e.Time.Equal(st.At) && text > st.Text {
			st.Text = text
		}
	case Distinct:
		text := s.text(e, d.Of)
		if text == "" {
			return
		}
		if st.Groups == nil {
			st.Groups = map[string]offers.FeatureState{}
		}
		g := st.Groups[text]
		newest(&g, e)
		g.Source = ""
		st.Groups[text] = g
		bound(st.Groups, d.MaxGroups)
	}
	newest(st, e)
	if d.Aggregate != Count && d.Aggregate != Sum {
		return
	}
	if d.Window == 0 {
		st.Sum += amount
		return
	}
	if st.Buckets == nil {
		st.Buckets = map[int64]float64{}
	}
	st.Buckets[bucketOf(e.Time, d.Bucket)] += amount
	oldest := st.At.Add(-d.Window).Unix()
	for at := range st.Buckets {
		if at+int64(d.Bucket/time.Second) <= oldest {
			delete(st.Buckets, at)
		}
	}
}

func newest(st *offers.FeatureState, e *reading) {
	if e.Time.After(st.At) {
		st.At, st.Source = e.Time, e.Source
	}
}

// bucketOf is the start of the bucket that holds a time, in Unix seconds.
func bucketOf(t time.Time, size time.Duration) int64 {
	seconds := int64(size / time.Second)
	at := t.Unix()
	return at - ((at%seconds)+seconds)%seconds
}

// bound lets go of the groups that are oldest, by time and then by name, so
// that the same events leave the same groups.
func bound(groups map[string]offers.FeatureState, most int) {
	for len(groups) > most {
		out := ""
		for key, g := range groups {
			if o := groups[out]; out == "" || g.At.Before(o.At) || g.At.Equal(o.At) && key < out {
				out = key
			}
		}
		delete(groups, out)
	}
}

// number is what is summed of an event, as a whole number of unit(field): sums
// of fractions would differ in their last bit with the order of the events, and
// a replay decide otherwise.
func number(e *reading, field string) float64 {
	switch field {
	case "value":
		return float64(e.Value.Minor)
	case "dwell":
		return float64(e.Dwell.Milliseconds())
	case "quantity":
		return float64(e.Quantity)
	}
	return 0
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
func (s *Set) text(e *reading, field string) string {
	text := ""
	switch field {
	case "category":
		if !e.hasCategory {
			e.category, e.hasCategory = s.Category(e.Event), true
		}
		return e.category
	case "query":
		if !e.hasQuery {
			e.query, e.hasQuery = clip(normal(e.Query)), true
		}
		return e.query
	case "title":
		text = normal(e.Title)
	case "zone":
		text = string(e.Zone)
	case "shop":
		text = string(e.Shop)
	case "product":
		text = e.Product
	}
	return clip(text)
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

// Merge adds another profile's features to p's: sums add up, the newest wins.
func (s *Set) Merge(p, from *offers.Profile) {
	for i := range s.definitions {
		d := &s.definitions[i]
		other, ok := from.Features[d.Name]
		if !ok {
			continue
		}
		if p.Features == nil {
			p.Features = map[string]offers.FeatureState{}
		}
		p.Features[d.Name] = join(d, p.Features[d.Name], other)
	}
}

func join(d *Definition, a, b offers.FeatureState) offers.FeatureState {
	if b.At.After(a.At) || b.At.Equal(a.At) && b.Text > a.Text {
		a.At, a.Text, a.Source = b.At, b.Text, b.Source
	}
	a.Sum += b.Sum
	for at, n := range b.Buckets {
		if a.Buckets == nil {
			a.Buckets = map[int64]float64{}
		}
		a.Buckets[at] += n
	}
	for key, g := range b.Groups {
		if a.Groups == nil {
			a.Groups = map[string]offers.FeatureState{}
		}
		a.Groups[key] = join(d, a.Groups[key], g)
	}
	bound(a.Groups, d.MaxGroups)
	return a
}

package feature

import (
	"time"

	"aisle/offers"
)

// Values are all features of one shopper at one time. They are read by index,
// in the order of Definitions, so that a rule costs no look-up by name.
type Values struct {
	set     *Set
	Number  []float64
	Text    []string
	Numbers []map[string]float64
}

// Definitions are the features in the order of the file.
func (s *Set) Definitions() []Definition { return s.definitions }

// Index is where a feature stands among the definitions, or -1.
func (s *Set) Index(name string) int {
	if i, ok := s.index[name]; ok {
		return i
	}
	return -1
}

// Values reads every feature as of a time. What is too old, or lacks its
// consent, answers as if nothing were known. dst is used again if it can be.
func (s *Set) Values(dst *Values, p *offers.Profile, at time.Time) *Values {
	n := len(s.definitions)
	if dst == nil || len(dst.Number) != n {
		dst = &Values{Number: make([]float64, n), Text: make([]string, n), Numbers: make([]map[string]float64, n)}
	}
	dst.set = s
	for i := range s.definitions {
		d := &s.definitions[i]
		dst.Number[i], dst.Text[i] = 0, ""
		clear(dst.Numbers[i])
		if d.Aggregate == Since && d.By == "" {
			dst.Number[i] = Never
		}
		st, ok := p.Features[d.Name]
		if !ok || !allowed(d, p) || d.Age > 0 && at.Sub(st.At) > d.Age {
			continue
		}
		switch d.Type() {
		case Text:
			dst.Text[i] = st.Text
		case Number:
			dst.Number[i] = value(d, &st, at)
		case Numbers:
			for key, g := range st.Groups {
				if v := value(d, &g, at); v != 0 {
					if dst.Numbers[i] == nil {
						dst.Numbers[i] = make(map[string]float64, len(st.Groups))
					}
					dst.Numbers[i][key] = v
				}
			}
		}
	}
	return dst
}

func value(d *Definition, st *offers.FeatureState, at time.Time) float64 {
	oldest := at.Add(-d.Window)
	switch d.Aggregate {
	case Since:
		if st.At.IsZero() {
			return Never
		}
		return max(0, at.Sub(st.At).Hours())
	case Distinct:
		n := 0
		for _, g := range st.Groups {
			if d.Window == 0 || g.At.After(oldest) {
				n++
			}
		}
		return float64(n)
	}
	if d.Window == 0 {
		return st.Sum / unit(d.Of)
	}
	// A bucket counts while its end is within the window.
	sum, since := 0.0, oldest.Unix()-int64(d.Bucket/time.Second)
	for start, n := range st.Buckets {
		if start > since {
			sum += n
		}
	}
	return sum / unit(d.Of)
}

// Known are the values that say something, by name, as a decision records
// them: numbers, words, and numbers by key.
func (v *Values) Known() map[string]any {
	known := map[string]any{}
	for i := range v.set.definitions {
		d := &v.set.definitions[i]
		switch d.Type() {
		case Text:
			if v.Text[i] != "" {
				known[d.Name] = v.Text[i]
			}
		case Number:
			if v.Number[i] != 0 && v.Number[i] != Never {
				known[d.Name] = round(v.Number[i])
			}
		case Numbers:
			if len(v.Numbers[i]) > 0 {
				by := make(map[string]float64, len(v.Numbers[i]))
				for key, n := range v.Numbers[i] {
					by[key] = round(n)
				}
				known[d.Name] = by
			}
		}
	}
	return known
}

// round keeps what a person would read.
func round(x float64) float64 { return float64(int64(x*100+.5)) / 100 }

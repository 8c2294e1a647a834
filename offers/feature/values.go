package feature

import (
	"bytes"
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"aisle/offers"
)

// Values are all features of one shopper at one time. They are read by index,
// in the order of Definitions, so that a rule costs no look-up by name.
type Values struct {
	set     *Set
	known   []bool
	Number  []float64
	Text    []string
	Numbers []map[string]float64
	sums    []sum    // of the feature that is being read
	keys    []string // of the one that is being written
	json    []byte
}

// sum is what the cells of one key come to.
type sum struct {
	offers.FeatureCell
	cells int
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
		dst = &Values{known: make([]bool, n), Number: make([]float64, n), Text: make([]string, n), Numbers: make([]map[string]float64, n)}
	}
	dst.set = s
	for i := range s.definitions {
		dst.known[i], dst.Number[i], dst.Text[i] = false, s.definitions[i].Missing(), ""
		clear(dst.Numbers[i])
	}
	var shop offers.ShopID
	if p.Visit != nil {
		shop = p.Visit.Shop
	}
	for j := range p.Features {
		st := &p.Features[j]
		i, ok := s.index[st.Name]
		if !ok {
			continue
		}
		d := &s.definitions[i]
		if st.Version != d.version || st.At.IsZero() || !allowed(d, p) || d.Age > 0 && at.Sub(st.At) > d.Age {
			continue
		}
		dst.read(i, d, st, at, s.clockOf(d, shop))
	}
	return dst
}

// read answers one feature from its state.
func (v *Values) read(i int, d *Definition, st *offers.FeatureState, at time.Time, clock *time.Location) {
	if d.Aggregate == Since && d.By == "" {
		v.Number[i], v.known[i] = hours(at.Sub(st.At)), true
		return
	}
	v.gather(d, st, at, clock)
	if len(v.sums) == 0 {
		return
	}
	v.known[i] = true
	switch {
	case d.Aggregate == Distinct:
		v.Number[i] = float64(len(v.sums))
	case d.Aggregate == Sessions && d.By == "":
		v.Number[i] = float64(v.sums[0].cells)
	case d.Aggregate == Top:
		slices.SortFunc(v.sums, func(a, b sum) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Key, b.Key)) })
		if v.sums = v.sums[:min(len(v.sums), d.Most)]; d.Most == 1 {
			v.Text[i] = v.sums[0].Key
			return
		}
		fallthrough
	case d.By != "":
		if v.Numbers[i] == nil {
			v.Numbers[i] = make(map[string]float64, len(v.sums))
		}
		for j := range v.sums {
			v.Numbers[i][v.sums[j].Key] = d.number(&v.sums[j], at)
		}
	case d.wordInCell():
		v.Text[i] = v.sums[0].Key
	default:
		v.Number[i] = d.number(&v.sums[0], at)
	}
}

// gather adds up the cells that a time looks at, by key.
func (v *Values) gather(d *Definition, st *offers.FeatureState, at time.Time, clock *time.Location) {
	v.sums = v.sums[:0]
	from, until := d.span(st, at, clock)
	for i := range st.Cells {
		c := &st.Cells[i]
		if c.Start < from || c.Start > until || d.Gap > 0 && d.grouped() && c.End != 0 {
			continue
		}
		j := 0
		if d.grouped() {
			j = slices.IndexFunc(v.sums, func(s sum) bool { return s.Key == c.Key })
		} else if len(v.sums) == 0 {
			j = -1
		}
		if j < 0 {
			v.sums = append(v.sums, sum{*c, 1})
			continue
		}
		d.combine(&v.sums[j].FeatureCell, *c)
		v.sums[j].cells++
	}
}

// span is from where to where cells begin that a time looks at.
func (d *Definition) span(st *offers.FeatureState, at time.Time, clock *time.Location) (from, until int64) {
	now := at.UnixMilli()
	switch {
	case d.Gap > 0 && d.Aggregate == Sessions:
		from = math.MaxInt64
		for _, c := range st.Cells {
			if c.End > now-d.Window.Milliseconds() {
				from = c.Start
				break
			}
		}
		return from, now
	case d.Gap > 0:
		for _, c := range slices.Backward(st.Cells) {
			if c.End != 0 && c.Start <= now {
				if c.End < now-d.Gap.Milliseconds() {
					break
				}
				return c.Start, c.Start
			}
		}
		return 1, 0
	case d.Calendar != "":
		from = d.Calendar.back(d.Calendar.start(at, clock), d.Ago).UnixMilli()
		return from, from
	case d.Window > 0 && d.newestOfKey():
		return now - d.Window.Milliseconds() + 1, now
	case d.Window > 0: // a bucket counts while its end is within the window
		return now - d.Window.Milliseconds() - d.Bucket.Milliseconds() + 1, now
	}
	return math.MinInt64, math.MaxInt64
}

// number is what a sum comes to, in what rules see.
func (d *Definition) number(s *sum, at time.Time) float64 {
	switch d.Aggregate {
	case Since:
		return hours(at.Sub(time.UnixMilli(s.Start)))
	case Sum, Min, Max:
		return float64(s.N) / unit(d.Of)
	case Avg:
		return readable(float64(s.N) / float64(s.M) / unit(d.Of))
	case Rate:
		return readable((float64(s.N) + d.Prior*d.Weight) / (float64(s.M) + d.Weight))
	}
	return float64(s.N)
}

func hours(d time.Duration) float64 { return readable(max(0, d.Hours())) }

// readable keeps as much of a fraction as a person would read: what rules see
// is exactly what decisions record.
func readable(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// Known are the values that say something, as a decision records them.
func (v *Values) Known() offers.Features {
	b := append(v.json[:0], '{')
	for _, i := range v.set.byName {
		if !v.known[i] {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		d := &v.set.definitions[i]
		b = append(offers.AppendText(b, d.Name), ':')
		switch d.Type() {
		case Text:
			b = offers.AppendText(b, v.Text[i])
		case Number:
			b = offers.AppendNumber(b, v.Number[i])
		case Numbers:
			b = v.appendNumbers(b, v.Numbers[i])
		}
	}
	v.json = append(b, '}')
	if len(b) == 1 {
		return nil
	}
	return bytes.Clone(v.json)
}

func (v *Values) appendNumbers(b []byte, by map[string]float64) []byte {
	v.keys = slices.AppendSeq(v.keys[:0], maps.Keys(by))
	slices.Sort(v.keys)
	b = append(b, '{')
	for j, key := range v.keys {
		if j > 0 {
			b = append(b, ',')
		}
		b = append(offers.AppendText(b, key), ':')
		b = offers.AppendNumber(b, by[key])
	}
	return append(b, '}')
}

// Value is what the feature at an index says: a number, a text, or numbers by
// key. It reports false where nothing is known; then it says what rules see.
func (v *Values) Value(i int) (value any, known bool) {
	switch v.set.definitions[i].Type() {
	case Text:
		value = v.Text[i]
	case Number:
		value = v.Number[i]
	case Numbers:
		by := map[string]float64{}
		maps.Copy(by, v.Numbers[i])
		value = by
	}
	return value, v.known[i]
}

// Expires is when a state answers as if nothing were known, if nothing more
// comes; zero: never.
func (s *Set) Expires(d *Definition, st *offers.FeatureState, shop offers.ShopID) time.Time {
	var at time.Time
	switch {
	case d.Gap > 0 && d.Aggregate != Sessions:
		at = st.At.Add(d.Gap)
	case d.Calendar != "":
		clock := s.clockOf(d, shop)
		face := d.Calendar.back(d.Calendar.start(st.At, clock), -d.Ago-1)
		at = time.Date(face.Year(), face.Month(), face.Day(), face.Hour(), 0, 0, 0, clock)
	case d.Window > 0 && (d.newestOfKey() || d.Aggregate == Sessions):
		at = st.At.Add(d.Window)
	case d.Window > 0:
		at = time.UnixMilli(floor(st.At.UnixMilli(), d.Bucket.Milliseconds())).Add(d.Bucket + d.Window)
	}
	if old := st.At.Add(d.Age); d.Age > 0 && (at.IsZero() || old.Before(at)) {
		at = old
	}
	return at
}

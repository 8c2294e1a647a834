package feature

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func consented() *offers.Profile {
	p := &offers.Profile{Shopper: "s1", Consents: map[offers.Purpose]offers.Consent{}}
	for _, purpose := range offers.Purposes {
		p.Consents[purpose] = offers.Consent{Purpose: purpose, Granted: true, At: noon}
	}
	return p
}

func TestValues(t *testing.T) {
	s := Default()
	search := func(query string, ago time.Duration) *offers.Event {
		return &offers.Event{Type: offers.ProductSearched, Query: query, Time: noon.Add(-ago)}
	}
	tests := []struct {
		name    string
		events  []*offers.Event
		feature string
		want    any
	}{
		{"nothing known", nil, "orders", 0.},
		{"never", nil, "hours_since_order", Never},
		{"a search counts for the category of its words", []*offers.Event{search("Running  SHOES", time.Hour)}, "searches", map[string]float64{"footwear": 1}},
		{"the longest synonym wins", []*offers.Event{search("light rain jacket", 0)}, "searches", map[string]float64{"outdoor": 1}},
		{"words without a category", []*offers.Event{search("anything", 0)}, "searches", map[string]float64(nil)},
		{"too old for the window", []*offers.Event{search("shoes", 15*24*time.Hour)}, "searches", map[string]float64(nil)},
		{"within it", []*offers.Event{search("shoes", 13*24*time.Hour), search("boots", time.Hour)}, "searches", map[string]float64{"footwear": 2}},
		{"the last word by event time", []*offers.Event{search("shoes", time.Hour), search("lamp", 2*time.Hour)}, "last_search", "shoes"},
		{"too old to say", []*offers.Event{search("shoes", 20*24*time.Hour)}, "last_search", ""},
		{"money", []*offers.Event{{Type: offers.OrderCompleted, Value: offers.Money{Minor: 1250, Currency: "EUR"}, Time: noon}}, "spent", 12.5},
		{"hours since", []*offers.Event{{Type: offers.OrderCompleted, Time: noon.Add(-90 * time.Minute)}}, "hours_since_order", 1.5},
		{"seconds by zone", []*offers.Event{{Type: offers.ZoneLeft, Zone: "footwear", Dwell: 90 * time.Second, Time: noon}}, "zone_seconds", map[string]float64{"footwear": 90}},
		{"different zones", []*offers.Event{
			{Type: offers.ZoneEntered, Zone: "a", Time: noon}, {Type: offers.ZoneEntered, Zone: "b", Time: noon}, {Type: offers.ZoneEntered, Zone: "a", Time: noon},
		}, "zones_today", 2.},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := consented()
			for _, e := range tt.events {
				s.Fold(p, e)
			}
			v := s.Values(nil, p, noon)
			i := s.Index(tt.feature)
			var got any
			switch s.Definitions()[i].Type() {
			case Number:
				got = v.Number[i]
			case Text:
				got = v.Text[i]
			case Numbers:
				got = v.Numbers[i]
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.feature, diff)
			}
		})
	}
}

func TestWithoutConsentNothingIsFoldedOrAnswered(t *testing.T) {
	s := Default()
	p := &offers.Profile{}
	e := &offers.Event{Type: offers.ProductSearched, Query: "shoes", Time: noon}
	s.Fold(p, e)
	if len(p.Features) != 0 {
		t.Errorf("folded without consent: %v", p.Features)
	}
	p = consented()
	s.Fold(p, e)
	p.Consents[offers.ConsentSearch] = offers.Consent{Purpose: offers.ConsentSearch, At: noon}
	if known := s.Values(nil, p, noon).Known(); known != nil {
		t.Errorf("answered after the consent was withdrawn: %s", known)
	}
}

func TestAWithdrawnConsentForgets(t *testing.T) {
	s, p := Default(), consented()
	s.Fold(p, &offers.Event{Type: offers.ProductSearched, Query: "shoes", Time: noon})
	s.Fold(p, &offers.Event{Type: offers.OrderCompleted, Time: noon})
	p.Consents[offers.ConsentSearch] = offers.Consent{Purpose: offers.ConsentSearch, At: noon}
	s.Fold(p, &offers.Event{Type: offers.ConsentChanged, Time: noon})
	if p.Feature("searches") != nil || len(p.Features) == 0 {
		t.Errorf("kept %v, want the orders and no searches", p.Features)
	}
}

// What a client sends may be cut, but stays text: a profile must come back from
// state as it went.
func TestLongWordsAreCutBetweenCharacters(t *testing.T) {
	s, p := Default(), consented()
	for _, word := range []string{strings.Repeat("é", 40) + "x", "x" + strings.Repeat("鞋", 40), "\xff\xfe"} {
		s.Fold(p, &offers.Event{Type: offers.ProductViewed, Category: word, Time: noon})
		s.Fold(p, &offers.Event{Type: offers.ProductSearched, Query: word, Time: noon})
	}
	b, err := json.Marshal(p.Features)
	if err != nil {
		t.Fatal(err)
	}
	var back []offers.FeatureState
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p.Features, back); diff != "" {
		t.Errorf("through state (-before +after):\n%s", diff)
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	one := func(keys string) string {
		return "features:\n  x:\n    event: a\n    " + strings.ReplaceAll(keys, "; ", "\n    ") + "\n"
	}
	tests := []struct{ name, yaml, want string }{
		{"unknown key", one("aggregate: count; windw: 3h"), `line 5: "x": invalid: unknown field "windw"`},
		{"no event", "features:\n  x:\n    aggregate: count\n", `line 2: "x": invalid: event: which events`},
		{"unknown aggregate", one("aggregate: median"), `line 4: "x": invalid: aggregate: "median" is none of count, sum`},
		{"sum of a word", one("aggregate: sum; of: query"), "line 5: \"x\": invalid: of"},
		{"of what", one("aggregate: last"), "line 2: \"x\": invalid: of: \"\" is none of"},
		{"a count of something", one("aggregate: count; of: value"), "takes none"},
		{"a name", "features:\n  X-1:\n    event: a\n    aggregate: count\n", "lower_snake_case"},
		{"consent", one("aggregate: count; consent: all"), `line 5: "x": invalid: consent: "all" is no purpose`},
		{"two windows", one("aggregate: count; window: 3h; calendar: day"), "one of window, calendar and gap"},
		{"a calendar", one("aggregate: count; calendar: fortnight"), `"fortnight" is none of hour, day, week, month`},
		{"a time zone", one("aggregate: count; calendar: day; zone: Vienna"), "line 6: \"x\": invalid: zone"},
		{"the server's time zone", one("aggregate: count; calendar: day; zone: Local"), "no time zone"},
		{"a window of the last", one("aggregate: last; of: query; window: 3h"), "age says"},
		{"sessions without a pause", one("aggregate: sessions; window: 3h"), "say both"},
		{"too fine", one("aggregate: count; window: 2000h; bucket: 1m"), "line 6: \"x\": invalid: bucket"},
		{"a bucket of nothing", one("aggregate: count; bucket: 1m"), "no window"},
		{"a rate of what", one("aggregate: rate; prior: 0.1; weight: 1"), "per: a rate"},
		{"a rate without weight", one("aggregate: rate; per: b"), "weight"},
		{"most of a count", one("aggregate: count; most: 3"), "only top"},
		{"by of the last", one("aggregate: last; of: query; by: zone"), "not told apart"},
		{"by what", one("aggregate: count; by: colour"), `line 5: "x": invalid: by: "colour" is none of category`},
		{"a where of nothing", one("aggregate: count; where: zon == \"a\""), "line 5: \"x\": invalid: where: column 1: undeclared reference to 'zon'"},
		{"a where that answers a number", one("aggregate: count; where: value + 1.0"), "should answer yes or no"},
		{"declared twice", "features:\n  x: {event: a, aggregate: count}\n  x: {event: a, aggregate: count}\n", `mapping key "x" already defined`},
		{"another section", "feature:\n  x: 1\n", `line 1: invalid: "feature" is none of zone, synonyms, features`},
		{"each mistake", one("aggregate: count; of: value; consent: all"), "\nfeatures: line 6"},
		{"not yaml", "features: [", "line 1"},
		{"a list", "- a\n", "want features"},
		{"a window of days", one("aggregate: count; window: 7d"), `line 5: "x": invalid: window: 7d is no time, such as 90s or 336h`},
		{"a window without a unit", one("aggregate: count; window: 3600"), `line 5: "x": invalid: window: 3600 is no time`},
		{"a bucket beyond the window", one("aggregate: count; window: 1h; bucket: 2h"), `line 6: "x": invalid: bucket: at most the window`},
		{"half a day ago", one("aggregate: count; calendar: day; ago: 1.5"), `line 6: "x": invalid: ago: 1.5 is no whole number`},
		{"events by name", "features:\n  x:\n    aggregate: count\n    event: {a: b}\n", `line 4: "x": invalid: event: write one event`},
		{"an alias", "features:\n  x: {event: &e a, aggregate: count}\n  y: {event: *e, aggregate: count}\n", "line 3: \"y\": invalid: event: write it out"},
		{"a merge", "features:\n  x: &x {event: a, aggregate: count}\n  y:\n    <<: *x\n", "line 4: \"y\": invalid: <<: write it out"},
		{"a word of the rules", "features:\n  in: {event: a, aggregate: count}\n", `line 2: "in": invalid: rules have this word`},
		{"twice in two documents", "features:\n  x: {event: a, aggregate: count}\n---\nfeatures:\n  x: {event: b, aggregate: count}\n", `line 5: "x": invalid: declared twice, first in line 2`},
		{"a mark of the order of bytes", "\ufefffeatures:\n  x: {event: a, aggregate: cnt}\n", `line 2: "x": invalid: aggregate: "cnt"`},
		{"a broken tag", "synonyms:\n  a:\n    ! 00000\n00000008: 0", "00000008"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.yaml))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("got %v, want an invalid one about %q", err, tt.want)
			}
		})
	}
}

// A shop's own file adds to the house's, and changes what it names.
func TestWith(t *testing.T) {
	s, err := Default().With([]byte("synonyms:\n  footwear: clogs\nfeatures:\n  searches:\n    event: product_searched\n    aggregate: count\n    by: category\n  own:\n    event: zone_entered\n    aggregate: count\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(s.Definitions()), len(Default().Definitions())+1; got != want {
		t.Errorf("%d features, want %d", got, want)
	}
	if d := s.Definitions()[s.Index("searches")]; d.Window != 0 || d.Consent != "" {
		t.Errorf("searches is %+v, want the file's", d)
	}
	p := consented()
	s.Fold(p, &offers.Event{Type: offers.ProductSearched, Query: "wooden clogs", Time: noon})
	if got, _ := s.Values(nil, p, noon.AddDate(1, 0, 0)).Value(s.Index("searches")); !cmp.Equal(got, map[string]float64{"footwear": 1}) {
		t.Errorf("searches are %v", got)
	}
}

// A state that another definition of the same name has left says nothing.
func TestAnotherDefinitionBeginsAnew(t *testing.T) {
	define := func(aggregate string) *Set {
		s, err := Parse([]byte("features:\n  x:\n    event: order_completed\n    of: value\n    aggregate: " + aggregate))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	sum, most := define("sum"), define("max")
	p, order := consented(), &offers.Event{Type: offers.OrderCompleted, Value: offers.Money{Minor: 500, Currency: "EUR"}, Time: noon}
	sum.Fold(p, order)
	sum.Fold(p, order)
	if got := most.Values(nil, p, noon).Number[0]; got != 0 {
		t.Errorf("read by another definition: %v", got)
	}
	most.Fold(p, order)
	if got := most.Values(nil, p, noon).Number[0]; got != 5 {
		t.Errorf("folded by another definition: %v, want 5", got)
	}
}

func TestFoldCountsWhatCameTooLate(t *testing.T) {
	s, p := Default(), consented()
	search := &offers.Event{Type: offers.ProductSearched, Query: "shoes", Time: noon}
	if late := s.Fold(p, search); late != 0 {
		t.Errorf("%d late of one in time", late)
	}
	search.Time = noon.Add(-13 * 24 * time.Hour)
	if late := s.Fold(p, search); late != 0 {
		t.Errorf("%d late, though the window reaches there", late)
	}
	search.Time = noon.Add(-16 * 24 * time.Hour)
	if late := s.Fold(p, search); late != 3 {
		t.Errorf("late for %d features, want searches, searched_terms and visits_online", late)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(defaults)
	f.Add([]byte("features:\n  x:\n    event: [a, b]\n    aggregate: sum\n    of: value\n    by: zone\n    where: zone == 'a'\n"))
	f.Add([]byte("zone: Asia/Tokyo\nfeatures:\n  x:\n    event: product_searched\n    aggregate: top\n    of: query\n    gap: 30m\n"))
	f.Fuzz(func(_ *testing.T, raw []byte) {
		s, err := Parse(raw)
		if err != nil {
			return
		}
		p := consented()
		s.Fold(p, &offers.Event{Type: offers.ProductSearched, Query: "shoes", Time: noon})
		s.Values(nil, p, noon).Known()
	})
}

func BenchmarkFold(b *testing.B) {
	s, p := Default(), consented()
	e := &offers.Event{Type: offers.ProductSearched, Query: "running shoes size 42", Time: noon}
	b.ReportAllocs()
	for b.Loop() {
		e.Time = e.Time.Add(time.Second)
		s.Fold(p, e)
	}
}

func BenchmarkValues(b *testing.B) {
	s, p := Default(), consented()
	for i := range 40 {
		s.Fold(p, &offers.Event{Type: offers.ProductSearched, Query: "running shoes", Time: noon.Add(-time.Duration(i) * time.Hour)})
		s.Fold(p, &offers.Event{Type: offers.ProductViewed, Category: "footwear", Time: noon.Add(-time.Duration(i) * time.Hour)})
	}
	var v *Values
	b.ReportAllocs()
	for b.Loop() {
		v = s.Values(v, p, noon)
	}
}

package feature

import (
	"encoding/json"
	"math/rand/v2"
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
	if known := s.Values(nil, p, noon).Known(); len(known) != 0 {
		t.Errorf("answered after the consent was withdrawn: %v", known)
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

// The order in which events arrive must not matter, nor a stop in between.
func TestAnyOrderGivesTheSame(t *testing.T) {
	s := Default()
	random := rand.New(rand.NewPCG(1, 2))
	types := []offers.EventType{offers.ProductSearched, offers.ProductViewed, offers.OrderCompleted, offers.ZoneEntered, offers.ZoneLeft, offers.Recognised}
	words := []string{"shoes", "espresso", "rain jacket", "lamp", ""}
	for range 50 {
		events := make([]*offers.Event, 60)
		for i := range events {
			events[i] = &offers.Event{
				Type: types[random.IntN(len(types))], Query: words[random.IntN(len(words))], Category: words[random.IntN(len(words))],
				Zone: offers.ZoneID(words[random.IntN(len(words))]), Value: offers.Money{Minor: int64(random.IntN(64)) * 25},
				Dwell: time.Duration(random.IntN(100)) * time.Second, Time: noon.Add(-time.Duration(random.IntN(10*24*60)) * time.Minute),
				Source: "x",
			}
		}
		fold := func() map[string]any {
			p := consented()
			for i, e := range events {
				s.Fold(p, e)
				if i == 30 { // the owner changes: the profile goes through state
					b, err := json.Marshal(p)
					if err != nil {
						t.Fatal(err)
					}
					p = new(offers.Profile)
					if err := json.Unmarshal(b, p); err != nil {
						t.Fatal(err)
					}
				}
			}
			return s.Values(nil, p, noon).Known()
		}
		want := fold()
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		if diff := cmp.Diff(want, fold()); diff != "" {
			t.Fatalf("another order (-first +shuffled):\n%s", diff)
		}
	}
}

func TestMergeIsAsIfOnePersonHadDoneIt(t *testing.T) {
	s := Default()
	one, a, b := consented(), consented(), consented()
	for i := range 20 {
		e := &offers.Event{Type: offers.ProductSearched, Query: []string{"shoes", "lamp", "tea"}[i%3], Time: noon.Add(-time.Duration(i) * time.Hour)}
		s.Fold(one, e)
		s.Fold([]*offers.Profile{a, b}[i%2], e)
	}
	s.Merge(a, b)
	if diff := cmp.Diff(s.Values(nil, one, noon).Known(), s.Values(nil, a, noon).Known()); diff != "" {
		t.Errorf("merged (-one +merged):\n%s", diff)
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"unknown key", "features:\n  x:\n    event: a\n    aggregate: count\n    windw: 3h\n", "windw"},
		{"no event", "features:\n  x:\n    aggregate: count\n", "which events"},
		{"unknown aggregate", "features:\n  x:\n    event: a\n    aggregate: median\n", "median"},
		{"sum of a word", "features:\n  x:\n    event: a\n    aggregate: sum\n    of: query\n", "of"},
		{"a name", "features:\n  X-1:\n    event: a\n    aggregate: count\n", "lower_snake_case"},
		{"consent", "features:\n  x:\n    event: a\n    aggregate: count\n    consent: all\n", "purpose"},
		{"not yaml", "features: [", ""},
		{"a broken tag", "synonyms:\n  a:\n    ! 00000\n00000008: 0", "00000008"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.yaml))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "invalid") {
				t.Errorf("got %v, want an invalid one about %q", err, tt.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(defaults)
	f.Add([]byte("features:\n  x:\n    event: [a, b]\n    aggregate: sum\n    of: value\n    by: zone\n"))
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

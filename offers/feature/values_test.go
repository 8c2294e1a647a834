package feature

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

// Each aggregate in each kind of window, by what it answers at noon, a Friday.
func TestAggregates(t *testing.T) {
	view := func(category string, ago time.Duration) *offers.Event {
		return &offers.Event{Type: offers.ProductViewed, Category: category, Offer: "o1", Time: noon.Add(-ago)}
	}
	order := func(minor int64, ago time.Duration) *offers.Event {
		return &offers.Event{Type: offers.OrderCompleted, Category: "tea", Value: offers.Money{Minor: minor, Currency: "EUR"}, Time: noon.Add(-ago)}
	}
	click := func(offer offers.OfferID, ago time.Duration) *offers.Event {
		return &offers.Event{Type: offers.OfferClicked, Offer: offer, Time: noon.Add(-ago)}
	}
	shown := func(offer offers.OfferID, ago time.Duration) *offers.Event {
		return &offers.Event{Type: offers.OfferViewed, Offer: offer, Time: noon.Add(-ago)}
	}
	tests := []struct {
		name, keys string
		events     []*offers.Event
		want       any
	}{
		{"min", "aggregate: min; of: value", []*offers.Event{order(700, 0), order(300, time.Hour), order(900, 2*time.Hour)}, 3.},
		{"min of nothing", "aggregate: min; of: value", nil, 0.},
		{"a free order is the least", "aggregate: min; of: value", []*offers.Event{order(0, 0), order(300, time.Hour)}, 0.},
		{"max in a window", "aggregate: max; of: value; window: 90m; bucket: 1m", []*offers.Event{order(700, 0), order(300, time.Hour), order(900, 2*time.Hour)}, 7.},
		{"avg", "aggregate: avg; of: value", []*offers.Event{order(700, 0), order(300, time.Hour), order(200, 2*time.Hour)}, 4.},
		{"avg by", "aggregate: avg; of: value; by: category", []*offers.Event{order(700, 0), order(300, time.Hour)}, map[string]float64{"tea": 5}},
		{"first", "aggregate: first; of: category", []*offers.Event{view("b", time.Hour), view("a", 2*time.Hour), view("c", 0)}, "a"},
		{"first in a window", "aggregate: first; of: category; window: 90m; bucket: 1m", []*offers.Event{view("b", time.Hour), view("a", 2*time.Hour), view("c", 0)}, "b"},
		{"distinct of the day", "aggregate: distinct; of: category; calendar: day", []*offers.Event{view("a", 0), view("b", 11*time.Hour), view("c", 13*time.Hour), view("a", time.Hour)}, 2.},
		{"top", "aggregate: top; of: category", []*offers.Event{view("a", 0), view("b", 0), view("b", time.Hour), view("c", 0)}, "b"},
		{"top of equals", "aggregate: top; of: category", []*offers.Event{view("b", 0), view("a", time.Hour)}, "a"},
		{"top two", "aggregate: top; of: category; most: 2", []*offers.Event{view("a", 0), view("b", 0), view("b", 0), view("c", 0), view("c", 0)}, map[string]float64{"b": 2, "c": 2}},
		{"rate", "aggregate: rate; per: offer_viewed; prior: 0.1; weight: 10", []*offers.Event{click("o1", 0), shown("o1", time.Hour), shown("o2", time.Hour)}, .1667},
		{"rate of nothing is its prior", "aggregate: rate; per: offer_viewed; prior: 0.1; weight: 10", nil, .1},
		{"rate by offer", "aggregate: rate; per: offer_viewed; by: offer; prior: 0.1; weight: 10", []*offers.Event{click("o1", 0), shown("o1", time.Hour), shown("o2", time.Hour)}, map[string]float64{"o1": .1818, "o2": .0909}},
		{"since by", "aggregate: since; by: category", []*offers.Event{view("a", time.Hour), view("a", 3*time.Hour)}, map[string]float64{"a": 1}},
		{"this hour", "aggregate: count; calendar: hour", []*offers.Event{view("a", 0), view("a", time.Minute)}, 1.},
		{"this day in Vienna began at 23 hours", "aggregate: count; calendar: day; zone: Europe/Vienna", []*offers.Event{view("a", 0), view("a", 13*time.Hour), view("a", 13*time.Hour+time.Minute)}, 2.},
		{"yesterday", "aggregate: count; calendar: day; ago: 1", []*offers.Event{view("a", 0), view("a", 13*time.Hour), view("a", 35*time.Hour), view("a", 37*time.Hour)}, 2.},
		{"this week began on Monday", "aggregate: count; calendar: week", []*offers.Event{view("a", 4*24*time.Hour), view("a", 5*24*time.Hour)}, 1.},
		{"this month", "aggregate: sum; of: value; calendar: month", []*offers.Event{order(100, 19*24*time.Hour), order(100, 20*24*time.Hour)}, 1.},
		{"the visit that goes on", "aggregate: count; gap: 30m", []*offers.Event{view("a", 10*time.Minute), view("a", 70*time.Minute), view("a", 40*time.Minute), view("a", 2*time.Hour)}, 3.},
		{"a visit that is over", "aggregate: count; gap: 30m", []*offers.Event{view("a", 31*time.Minute)}, 0.},
		{"a late event makes two visits one", "aggregate: count; gap: 30m", []*offers.Event{view("a", 0), view("a", 50*time.Minute), view("a", 25*time.Minute)}, 3.},
		{"by, in this visit", "aggregate: count; gap: 30m; by: category", []*offers.Event{view("a", 0), view("a", 50*time.Minute), view("b", 25*time.Minute), view("a", 90*time.Minute)}, map[string]float64{"a": 2, "b": 1}},
		{"visits", "aggregate: sessions; gap: 30m; window: 24h", []*offers.Event{view("a", 0), view("a", 20*time.Minute), view("a", 2*time.Hour), view("a", 30*time.Hour)}, 2.},
		{"where", `aggregate: count; where: category == "tea" && value >= 5`, []*offers.Event{order(700, 0), order(300, 0), view("tea", 0)}, 1.},
		{"where without an answer", "aggregate: count; where: 1.0 / value > 0.0 && int(quantity) / int(value) > 1", []*offers.Event{view("a", 0)}, 0.},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			event := "[product_viewed, order_completed]"
			if strings.Contains(tt.keys, "rate") {
				event = "offer_clicked"
			}
			s, err := Parse([]byte("features:\n  x:\n    event: " + event + "\n    " + strings.ReplaceAll(tt.keys, "; ", "\n    ")))
			if err != nil {
				t.Fatal(err)
			}
			p := consented()
			for _, e := range tt.events {
				s.Fold(p, e)
			}
			v := s.Values(nil, p, noon)
			var got any
			switch s.Definitions()[0].Type() {
			case Number:
				got = v.Number[0]
			case Text:
				got = v.Text[0]
			case Numbers:
				got = v.Numbers[0]
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The day of a feature without a zone of its own is the shop's day.
func TestCalendarsOfShops(t *testing.T) {
	s, err := Parse([]byte("features:\n  x:\n    event: zone_entered\n    aggregate: count\n    calendar: day\n"))
	if err != nil {
		t.Fatal(err)
	}
	s = s.In(map[offers.ShopID]*offers.Shop{"tokyo": {TimeZone: "Asia/Tokyo"}})
	p := consented()
	p.Visit = &offers.Visit{Shop: "tokyo"}
	for _, hours := range []int{-1, -11, -22} { // it is 21:00 there
		s.Fold(p, &offers.Event{Type: offers.ZoneEntered, Shop: "tokyo", Time: noon.Add(time.Duration(hours) * time.Hour)})
	}
	if got := s.Values(nil, p, noon).Number[0]; got != 2 {
		t.Errorf("%v today, want 2", got)
	}
}

// A moment that is late itself does not see what came after it.
func TestAMomentLooksBackOnly(t *testing.T) {
	s, p := Default(), consented()
	for i := range 5 {
		s.Fold(p, &offers.Event{Type: offers.ProductViewed, Category: "lamps", Time: noon.AddDate(0, 0, -i)})
	}
	if got := s.Values(nil, p, noon.AddDate(0, 0, -2)).Numbers[s.Index("views")]["lamps"]; got != 3 {
		t.Errorf("%v views two days ago, want 3", got)
	}
}

// A value is there until it expires, and not after.
func TestExpires(t *testing.T) {
	s := every(t)
	p := fold(s, []*offers.Event{
		{Type: offers.OrderCompleted, Category: "a", Value: offers.Money{Minor: 100, Currency: "EUR"}, Time: noon.Add(17 * time.Minute)},
	})
	for i := range s.definitions {
		d := &s.definitions[i]
		until := s.Expires(d, p.Feature(d.Name), "")
		if until.IsZero() {
			if _, known := s.Values(nil, p, noon.AddDate(50, 0, 0)).Value(i); !known {
				t.Errorf("%s %s: expires, though it says never", d.Name, d.Calendar)
			}
			continue
		}
		_, before := s.Values(nil, p, until.Add(-time.Millisecond)).Value(i)
		_, after := s.Values(nil, p, until.Add(time.Millisecond)).Value(i)
		if !before || after {
			t.Errorf("%s, window %v bucket %v gap %v %s ago %d: known just before %s: %v, just after: %v", d.Name, d.Window, d.Bucket, d.Gap, d.Calendar, d.Ago, until, before, after)
		}
	}
}

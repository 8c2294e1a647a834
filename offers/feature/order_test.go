package feature

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
)

// every declares each aggregate in each window that it takes, told apart and
// not, with many cells and with so few that some must go.
func every(t testing.TB) *Set {
	t.Helper()
	b := &strings.Builder{}
	b.WriteString("zone: Europe/Vienna\nfeatures:\n")
	n := 0
	for _, a := range aggregates {
		takes := takes[a]
		windows := []string{"{}"}
		if a == Sessions {
			windows = []string{"{gap: 20m, window: 120h}"}
		} else {
			if takes.window {
				windows = append(windows, "{window: 30h, bucket: 1h}", "{window: 30h}")
			}
			if takes.calendar {
				windows = append(windows, "{calendar: hour}", "{calendar: day, ago: 1}", "{calendar: week, zone: America/New_York}", "{calendar: month}")
			}
			if takes.gap {
				windows = append(windows, "{gap: 90m}", "{gap: 20h}")
			}
		}
		apart := []string{""}
		if takes.by {
			apart = append(apart, "category")
		}
		for _, w := range windows {
			if a == Distinct && w == "{window: 30h, bucket: 1h}" {
				continue // it slides by itself
			}
			for _, by := range apart {
				many := []int{200, 5}
				if by == "" && !takes.word {
					many = many[:1]
				}
				for _, cells := range many {
					fmt.Fprintf(b, "  f%d_%s:\n    event: [product_viewed, order_completed]\n    aggregate: %s\n    max_cells: %d\n", n, a, a, cells)
					for line := range strings.SplitSeq(strings.Trim(w, "{}"), ", ") {
						if line != "" {
							fmt.Fprintf(b, "    %s\n", line)
						}
					}
					switch {
					case takes.number:
						b.WriteString("    of: value\n")
					case takes.word:
						b.WriteString("    of: category\n")
					}
					if takes.per {
						b.WriteString("    per: offer_viewed\n    prior: 0.1\n    weight: 10\n")
					}
					if by != "" {
						fmt.Fprintf(b, "    by: %s\n", by)
					}
					n++
				}
			}
		}
	}
	s, err := Parse([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// happenings are events within some hours, in the order of their times.
func happenings(random *rand.Rand, within time.Duration) []*offers.Event {
	types := []offers.EventType{offers.ProductViewed, offers.OrderCompleted, offers.OfferViewed}
	events := make([]*offers.Event, 80)
	for i := range events {
		events[i] = &offers.Event{
			Type: types[random.IntN(len(types))], Category: string(rune('a' + random.IntN(9))), Zone: offers.ZoneID(rune('p' + random.IntN(3))),
			Value: offers.Money{Minor: int64(random.IntN(40)) * 25, Currency: "EUR"}, Source: string(rune('x' + random.IntN(2))),
			Time: noon.Add(-time.Duration(random.Int64N(int64(within/time.Minute))) * time.Minute),
		}
	}
	slices.SortStableFunc(events, func(a, b *offers.Event) int { return a.Time.Compare(b.Time) })
	return events
}

func fold(s *Set, events []*offers.Event) *offers.Profile {
	p := consented()
	for _, e := range events {
		s.Fold(p, e)
	}
	return p
}

// What arrives in any order, with a stop in between, leaves the same cells as
// what arrives in time, for every aggregate and window, also where some are too
// many to be kept and some come when no moment looks at their time any more.
func TestAnyOrderLeavesTheSame(t *testing.T) {
	s := every(t)
	for seed := range uint64(15) {
		random := rand.New(rand.NewPCG(seed, 1))
		events := happenings(random, []time.Duration{3 * time.Hour, 30 * time.Hour, 100 * time.Hour}[seed%3])
		want := fold(s, events)
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		got := fold(s, events[:40])
		b, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		got = new(offers.Profile)
		if err := json.Unmarshal(b, got); err != nil {
			t.Fatal(err)
		}
		for _, e := range events[40:] {
			s.Fold(got, e)
		}
		same(t, s, seed, "shuffled", want, got)
	}
}

// Two who turn out to be one know what one would know who did all of it.
func TestMergeIsAsIfOneHadDoneIt(t *testing.T) {
	s := every(t)
	for seed := range uint64(15) {
		random := rand.New(rand.NewPCG(seed, 2))
		events := happenings(random, []time.Duration{3 * time.Hour, 30 * time.Hour, 100 * time.Hour}[seed%3])
		want := fold(s, events)
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		n := random.IntN(len(events))
		a, b := fold(s, events[:n]), fold(s, events[n:])
		s.Merge(a, b)
		same(t, s, seed, "merged", want, a)
	}
}

// tooFew tells whether a feature's state may depend on the order, as it has
// fewer cells than it has use for: a session that has to go cannot be known to
// be a part of a longer one.
func tooFew(d *Definition) bool { return d.Gap > 0 && d.grouped() && d.MaxCells < 100 }

// same compares the states: so what is answered is the same too, at any time.
func same(t *testing.T, s *Set, seed uint64, what string, want, got *offers.Profile) {
	t.Helper()
	for i := range s.definitions {
		d := &s.definitions[i]
		if tooFew(d) {
			continue
		}
		if diff := cmp.Diff(want.Feature(d.Name), got.Feature(d.Name), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("seed %d, %s %+v (-in order +%s):\n%s", seed, d.Name, d.Window, what, diff)
		}
	}
}

// What is kept is bounded, however much comes.
func TestCellsAreBounded(t *testing.T) {
	s := every(t)
	random := rand.New(rand.NewPCG(3, 3))
	p := consented()
	for range 40 {
		for _, e := range happenings(random, 2000*time.Hour) {
			e.Category = fmt.Sprint(random.IntN(10_000))
			s.Fold(p, e)
		}
	}
	for i := range s.definitions {
		d := &s.definitions[i]
		st := p.Feature(d.Name)
		if st == nil {
			t.Fatalf("%s: nothing", d.Name)
		}
		if most := max(d.MaxCells, 400); len(st.Cells) > most || d.grouped() && len(st.Cells) > d.MaxCells {
			t.Errorf("%s has %d cells, of at most %d", d.Name, len(st.Cells), d.MaxCells)
		}
	}
}

// A feature that is folded from some event on, and told by a backfill what was
// before another, is what it would be had it been folded always: nothing is lost
// and nothing is doubled, though events come in between and consents change.
func TestBackfillIsAsIfItHadAlwaysBeenFolded(t *testing.T) {
	s := every(t)
	names := []string{}
	for _, d := range s.definitions {
		names = append(names, d.Name)
	}
	for seed := range uint64(15) {
		random := rand.New(rand.NewPCG(seed, 4))
		events := happenings(random, []time.Duration{3 * time.Hour, 30 * time.Hour, 100 * time.Hour}[seed%3])
		random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		want := fold(s, events)
		deployed, begun := random.IntN(40), 40+random.IntN(20)
		found := begun + random.IntN(20)

		before := fold(s, events[:begun])
		b := &offers.Backfill{Run: "r", States: before.Features}
		asked := &offers.Backfill{Run: "r"}
		for _, name := range names {
			asked.States = append(asked.States, offers.FeatureState{Name: name, Version: s.definitions[s.Index(name)].version})
		}
		got := consented()
		b.Shopper, asked.Shopper = got.Shopper, got.Shopper
		for i, e := range events {
			if i == begun {
				s.Begin(got, asked)
				s.Begin(got, asked) // the log may tell twice
			}
			if i == found {
				s.Complete(got, b)
				s.Complete(got, b)
			}
			if i >= deployed {
				s.Fold(got, e)
			}
		}
		same(t, s, seed, "backfilled", want, got)
	}
}

func TestBackfillLeavesWhatTheLogCannotTell(t *testing.T) {
	s := Default()
	order := &offers.Event{Type: offers.OrderCompleted, Time: noon}
	state := offers.FeatureState{Name: "orders", Version: s.definitions[s.Index("orders")].version}
	orders := func(p *offers.Profile) float64 { return s.Values(nil, p, noon).Number[s.Index("orders")] }
	asked := func(p *offers.Profile) *offers.Backfill {
		return &offers.Backfill{Run: "r", Shopper: p.Shopper, States: []offers.FeatureState{state}}
	}
	t.Run("what is older than the log", func(t *testing.T) {
		p := fold(s, []*offers.Event{order, order})
		b := asked(p)
		b.Since = noon.Add(time.Hour)
		s.Begin(p, b)
		s.Complete(p, b)
		if got := orders(p); got != 2 {
			t.Errorf("%v orders, want the 2 from before the log", got)
		}
	})
	t.Run("another definition", func(t *testing.T) {
		p := fold(s, []*offers.Event{order})
		b := asked(p)
		b.States = []offers.FeatureState{{Name: "orders", Version: state.Version + 1}}
		s.Begin(p, b)
		s.Complete(p, b)
		if got := orders(p); got != 1 {
			t.Errorf("%v orders, want 1", got)
		}
	})
	t.Run("who became another in between", func(t *testing.T) {
		p, other := fold(s, []*offers.Event{order}), fold(s, []*offers.Event{order, order})
		s.Begin(p, asked(p))
		s.Merge(p, other)
		s.Complete(p, asked(p))
		if got := orders(p); got != 3 {
			t.Errorf("%v orders, want 3", got)
		}
	})
	t.Run("a consent that went in between", func(t *testing.T) {
		p := fold(s, []*offers.Event{{Type: offers.ProductSearched, Query: "shoes", Time: noon}})
		found := &offers.Backfill{Run: "r", Shopper: p.Shopper, States: slices.Clone(p.Features)}
		s.Begin(p, found)
		p.Consents[offers.ConsentSearch] = offers.Consent{Purpose: offers.ConsentSearch, At: noon}
		s.Fold(p, &offers.Event{Type: offers.ConsentChanged, Time: noon})
		s.Complete(p, found)
		if len(p.Features) > 0 {
			t.Errorf("kept %v", p.Features)
		}
	})
}

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

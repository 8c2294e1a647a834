package canary

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"aisle/beacons/locate"
	"aisle/offers"
)

var start = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

func shop() *offers.Shop {
	square := func(x float64) []offers.Point {
		return []offers.Point{{X: x}, {X: x + 6}, {X: x + 6, Y: 8}, {X: x, Y: 8}}
	}
	return &offers.Shop{ID: "s", Zones: []offers.Zone{{ID: "shoes", Floor: "g", Polygon: square(0)}, {ID: "toys", Floor: "g", Polygon: square(6)}},
		Receivers: []offers.Receiver{{ID: "r-shoes", Floor: "g", At: offers.Point{X: 3, Y: 4}}, {ID: "r-toys", Floor: "g", At: offers.Point{X: 9, Y: 4}}},
		Canaries:  []offers.Canary{{Tag: "c1", Floor: "g", At: offers.Point{X: 2, Y: 3}}, {Tag: "c2", Floor: "g", At: offers.Point{X: 10, Y: 3}}}}
}

// run lets time pass: canaries are heard twice a second and located with an
// error of so many metres.
func run(w *Watch, s *offers.Shop, from time.Time, d time.Duration, offM map[string]float64, gain func(r offers.ReceiverID) (dB float64, heard bool)) time.Time {
	rnd := rand.New(rand.NewPCG(1, 2))
	for at := from; at.Before(from.Add(d)); at = at.Add(time.Second) {
		for _, c := range s.Canaries {
			for _, r := range s.Receivers {
				off, heard := gain(r.ID)
				if heard {
					w.Hear(c.Tag, r.ID, locate.DefaultLaw.GainDB(math.Hypot(r.At.X-c.At.X, r.At.Y-c.At.Y))+off+2*rnd.NormFloat64(), at)
				}
			}
			w.Observe(c.Tag, "g", offers.Point{X: c.At.X + offM[c.Tag]*math.Abs(rnd.NormFloat64()), Y: c.At.Y}, at)
		}
	}
	return from.Add(d)
}

func all(offers.ReceiverID) (float64, bool) { return 0, true }

func TestReport(t *testing.T) {
	tests := []struct {
		name       string
		after      func(w *Watch, s *offers.Shop, at time.Time) time.Time
		held       []bool // shoes, toys
		mend, what string
	}{
		{"all is well", func(_ *Watch, _ *offers.Shop, at time.Time) time.Time { return at }, []bool{false, false}, "", ""},
		{"a receiver is pulled", func(w *Watch, s *offers.Shop, at time.Time) time.Time {
			return run(w, s, at, 20*time.Minute, map[string]float64{"c1": 3, "c2": 1}, func(r offers.ReceiverID) (float64, bool) { return 0, r != "r-shoes" })
		}, []bool{true, false}, "r-shoes", "not heard"},
		{"a receiver is behind a new shelf", func(w *Watch, s *offers.Shop, at time.Time) time.Time {
			return run(w, s, at, 20*time.Minute, map[string]float64{"c1": 1, "c2": 3}, func(r offers.ReceiverID) (float64, bool) {
				if r == "r-toys" {
					return -12, true
				}
				return 0, true
			})
		}, []bool{false, true}, "r-toys", "softer"},
		{"it comes back", func(w *Watch, s *offers.Shop, at time.Time) time.Time {
			at = run(w, s, at, 20*time.Minute, map[string]float64{"c1": 5, "c2": 5}, all)
			return run(w, s, at, 20*time.Minute, map[string]float64{"c1": 1, "c2": 1}, all)
		}, []bool{false, false}, "", ""},
		{"nobody hears them any more", func(_ *Watch, _ *offers.Shop, at time.Time) time.Time { return at.Add(time.Hour) }, []bool{true, true}, "r-shoes", "not heard"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := shop()
			w := New(s, Config{})
			at := run(w, s, start, 20*time.Minute, map[string]float64{"c1": 1, "c2": 1}, all)
			at = tt.after(w, s, at)
			got := w.Report(at)
			if len(got) != 2 {
				t.Fatalf("zones %+v", got)
			}
			for i, z := range got {
				if z.Held != tt.held[i] || z.Held == (z.Why == "") {
					t.Errorf("%s: held %v (%s), p50 %.1f m, p95 %.1f m, want held %v", z.Zone, z.Held, z.Why, z.P50M, z.P95M, tt.held[i])
				}
				if z.Held && (z.Mend != offers.ReceiverID(tt.mend) && tt.name != "nobody hears them any more" || !strings.Contains(z.What, tt.what)) {
					t.Errorf("%s: mend %q: %q, want %q: %q", z.Zone, z.Mend, z.What, tt.mend, tt.what)
				}
				if z.WidthM < 5.9 || z.WidthM > 6.1 {
					t.Errorf("%s is %v m wide", z.Zone, z.WidthM)
				}
			}
		})
	}
}

func TestOthersChangeNothing(t *testing.T) {
	w := New(shop(), Config{})
	w.Observe("t", "g", offers.Point{}, start)
	w.Hear("t", "r-shoes", -20, start)
	w.Hear("c1", "attic", -20, start)
	if w.Canary("t") || !w.Canary("c1") {
		t.Error("who is a canary?")
	}
	for _, z := range w.Report(start) {
		if z.Held || z.Errors != 0 {
			t.Errorf("zone %+v", z)
		}
	}
}

func TestWrongFloor(t *testing.T) {
	w := New(shop(), Config{})
	for i := range 30 {
		w.Observe("c1", offers.FloorID([]string{"g", "first"}[i%2]), offers.Point{X: 2, Y: 3}, start.Add(time.Duration(i)*5*time.Second))
	}
	if z := w.Report(start.Add(3 * time.Minute))[0]; !z.Held || !strings.Contains(z.Why, "floor") {
		t.Errorf("zone %+v", z)
	}
}

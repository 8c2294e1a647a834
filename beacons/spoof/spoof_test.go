package spoof

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"aisle/offers"
)

var start = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

func at(shop string, x float64) Place {
	return Place{Shop: offers.ShopID(shop), Floor: "g", At: offers.Point{X: x}}
}

func TestRules(t *testing.T) {
	type heard struct {
		second float64
		r      offers.ReceiverID
		gain   float64
	}
	places := map[offers.ReceiverID]Place{"a": at("s", 0), "b": at("s", 30), "c": at("s", 4), "other": at("t", 0), "up": {Shop: "s", Floor: "first", At: offers.Point{X: 30}}}
	again := func(times int, every float64, all ...heard) (list []heard) {
		for i := range times {
			for _, h := range all {
				h.second += float64(i) * every
				list = append(list, h)
			}
		}
		return list
	}
	tests := []struct {
		name  string
		heard []heard
		want  Rule
	}{
		{"stands", again(60, 1, heard{0, "a", -3}, heard{.1, "c", -12}, heard{.2, "b", -40}), ""},
		{"is heard far away, softly", again(60, 1, heard{0, "a", -3}, heard{.1, "b", -25}), ""},
		{"walks", []heard{{0, "a", -3}, {5, "c", -3}, {25, "b", -3}, {45, "a", -3}, {65, "b", -3}, {85, "a", -3}}, ""},
		{"at two places at once", again(5, 1, heard{0, "a", -3}, heard{.2, "b", -3}), Apart},
		{"an echo, once", []heard{{0, "a", -3}, {.2, "b", -3}, {60, "a", -3}}, ""},
		{"here and there", again(5, 8, heard{0, "a", -3}, heard{4, "b", -3}), Speed},
		{"here and upstairs", again(5, 8, heard{0, "a", -3}, heard{4, "up", -3}), Speed},
		{"in two shops", again(5, 20, heard{0, "a", -3}, heard{10, "other", -3}), Shops},
		{"from shop to shop, with time", again(5, 1000, heard{0, "a", -3}, heard{500, "other", -3}), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := NewGuard(Config{})
			var got Suspicion
			now := start
			for _, h := range tt.heard {
				now = start.Add(time.Duration(h.second * 1e9))
				g.Hear("t", h.r, places[h.r], h.gain, now)
			}
			got, _ = g.Suspect("t", now)
			if got.Rule != tt.want || (got.Rule == "") != (got.Reason == "") {
				t.Errorf("suspicion %+v, want %q", got, tt.want)
			}
			if _, ok := g.Suspect("t", now.Add(time.Hour)); ok {
				t.Error("it does not cool")
			}
			g.Forget(now.Add(time.Hour))
			if g.Tags() != 0 {
				t.Error("it is not forgotten")
			}
		})
	}
}

func TestRecorded(t *testing.T) {
	g := NewGuard(Config{MaxTags: 1})
	g.Recorded("t", "a name of 10:00", start)
	if s, ok := g.Suspect("t", start); !ok || s.Rule != Recorded {
		t.Errorf("suspicion %+v", s)
	}
	g.Hear("u", "a", at("s", 0), -3, start)
	if g.Tags() != 1 {
		t.Errorf("%d tags are remembered, want at most one", g.Tags())
	}
}

// Honest people in a noisy shop are hardly ever suspect.
func TestHonest(t *testing.T) {
	g := NewGuard(Config{})
	rnd := rand.New(rand.NewPCG(1, 2))
	suspects := 0
	for person := range 200 {
		name := fmt.Sprint(person)
		p := offers.Point{X: 40 * rnd.Float64(), Y: 20 * rnd.Float64()}
		to := p
		bad := false
		for second := range 300 {
			now := start.Add(time.Duration(second) * time.Second)
			if d := math.Hypot(to.X-p.X, to.Y-p.Y); d < 1 {
				to = offers.Point{X: 40 * rnd.Float64(), Y: 20 * rnd.Float64()}
			} else {
				p.X, p.Y = p.X+1.4*(to.X-p.X)/d, p.Y+1.4*(to.Y-p.Y)/d
			}
			for i := range 8 {
				r := offers.Point{X: 5 + 10*float64(i%4), Y: 5 + 10*float64(i/4)}
				d := max(math.Hypot(r.X-p.X, r.Y-p.Y), .5)
				gain := -22*math.Log10(d) + 5*rnd.NormFloat64()
				g.Hear(name, offers.ReceiverID(fmt.Sprint(i)), Place{Shop: "s", Floor: "g", At: r}, gain, now)
			}
			if _, ok := g.Suspect(name, now); ok {
				bad = true
			}
		}
		if bad {
			suspects++
		}
	}
	t.Logf("%d of 200 honest people were suspect within five minutes", suspects)
	if suspects > 4 {
		t.Errorf("%d of 200 honest people were suspect", suspects)
	}
}

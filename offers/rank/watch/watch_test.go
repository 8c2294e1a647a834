package watch

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/rank"
)

// shop is a simulated house: one decision at each tick, which is learned from
// when its window is over, and a new version published every now and then.
type shop struct {
	rng    *rand.Rand
	watch  *Watch
	served *rank.Model
	ticks  int
	open   []Outcome
	loss   float64 // of what was in use, in nats
	likes  [400]float64

	outcome func(tick int, chance float64) bool
}

const open = 300 // ticks

func newShop(seed uint64, s Settings) *shop {
	h := &shop{rng: rand.New(rand.NewPCG(seed, 1)), watch: New(s, State{}, 0, rank.New(), nil), served: rank.New()}
	for i := range h.likes { // some take much, most little: what one shopper does is no fresh evidence each time
		h.likes[i] = .5 * h.rng.NormFloat64()
	}
	h.outcome = func(_ int, chance float64) bool { return h.rng.Float64() < chance }
	return h
}

func (h *shop) chance(shopper, offer int, gold bool) float64 {
	logit := -2.6 + .5*float64(offer%3) + h.likes[shopper]
	if gold && offer < 2 {
		logit++
	}
	return 1 / (1 + math.Exp(-logit))
}

func (h *shop) play(ticks int) {
	for range ticks {
		h.ticks++
		offer, gold, shopper := h.rng.IntN(6), h.rng.IntN(3) == 0, h.rng.IntN(len(h.likes))
		o := Outcome{
			Context: offers.Context{Hour: h.ticks / 100 % 24, Weekday: h.ticks / 2400 % 7}, Model: h.served.Number(), Time: time.Unix(int64(h.ticks), 0).UTC(),
			Arm: rank.Arm{Offer: offers.OfferID(fmt.Sprint("o", offer)), Campaign: "c", Category: []string{"food", "toys"}[offer%2]},
		}
		if gold {
			o.Context.Tier = "gold"
		}
		o.Expected = h.served.Predict(nil, &o.Context, []rank.Arm{o.Arm})[0].Mean
		chance := h.chance(shopper, offer, gold)
		if h.outcome(h.ticks, chance) {
			o.Taken = 1
		}
		h.loss += surprise(o.Expected, chance) // by the truth, with less noise
		if h.open = append(h.open, o); len(h.open) > open {
			h.watch.Take(&h.open[0])
			h.open = h.open[1:]
		}
		if h.ticks%50 == 0 {
			h.served = h.watch.Publish(o.Time).Model
		}
	}
}

func (h *shop) kinds() (kinds []Kind) {
	for _, t := range h.watch.Turns {
		kinds = append(kinds, t.Kind)
	}
	return kinds
}

// An import gone wrong says that everything was redeemed. What the model learns
// from that is wrong for long; a version of before is in use soon, and the line
// that learns beside it takes over again when it has proved itself.
func TestPoisonedStreamRollsBack(t *testing.T) {
	const calm, poison = 12_000, 1500
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			play := func(rare float64) *shop {
				h := newShop(seed, Settings{Rare: rare})
				h.outcome = func(tick int, chance float64) bool {
					yes := h.rng.Float64() < chance
					return yes || tick > calm && tick <= calm+poison
				}
				h.play(calm + poison)
				h.loss = 0
				h.play(12_000)
				return h
			}
			watched, alone := play(0), play(math.Inf(1))
			if len(alone.watch.Turns) > 0 {
				t.Fatalf("without a watch: %v", alone.kinds())
			}
			got := watched.kinds()
			if len(got) == 0 || got[0] != RolledBack {
				t.Fatalf("turns: %v", got)
			}
			first := watched.watch.Turns[0]
			if first.Of >= first.From || first.To <= first.From || first.Reason == "" {
				t.Errorf("the roll-back is %+v", first)
			}
			if wait := first.At.Unix() - calm - poison; wait < 0 || wait > 6000 {
				t.Errorf("rolled back %d decisions after the poison", wait)
			}
			if watched.loss >= alone.loss {
				t.Errorf("%.1f nats with the watch, %.1f without", watched.loss, alone.loss)
			}
			t.Logf("%v; %.1f nats with the watch, %.1f without; after %d", got, watched.loss, alone.loss, first.At.Unix()-calm-poison)
		})
	}
}

// Nothing happens, for long and over many seeds: nothing is done. The bound says
// that of 16 times 20,000 decisions one turn is to be expected at most.
func TestStationaryStreamStays(t *testing.T) {
	turns, seeds := 0, uint64(16)
	if testing.Short() {
		seeds = 4
	}
	for seed := range seeds {
		h := newShop(100+seed, Settings{})
		h.play(20_000)
		turns += len(h.watch.Turns)
		if len(h.watch.Versions) != 6 || len(h.watch.Cohorts) < 35 {
			t.Fatalf("seed %d: %d versions, %d cohorts: there was nothing to compare", seed, len(h.watch.Versions), len(h.watch.Cohorts))
		}
	}
	if turns > 1 {
		t.Errorf("%d turns", turns)
	}
}

// A wager that begins anew reaches a times what it had after no fewer than a
// fair outcomes in the mean; one that does not, in no more than 1/a of all games.
func TestWagersOnNothing(t *testing.T) {
	const a, games = 200., 400
	rng := rand.New(rand.NewPCG(3, 4))
	fair := func() float64 { // rarely much, mostly little against it: 0 in the mean
		if rng.IntN(20) == 0 {
			return 1.9
		}
		return -.1
	}
	length, won := 0, 0
	for range games {
		var w Wager
		for !w.Sure(1 / a) {
			w.Bet(fair(), 1.9)
			w.renew()
			length++
		}
		w = Wager{}
		for range 2000 {
			if w.Bet(fair(), 1.9); w.Sure(1 / a) {
				won++
				break
			}
		}
	}
	if mean := float64(length) / games; mean < a {
		t.Errorf("reached %v times as much after %.0f outcomes in the mean", a, mean)
	}
	if bound := games/a + 3*math.Sqrt(games/a); float64(won) > bound {
		t.Errorf("%d of %d games were won, want at most %.1f", won, games, bound)
	}
}

func TestWagersOnSomething(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var w Wager
	for n := 0; !w.Sure(1e-6); n++ {
		if n > 2000 {
			t.Fatalf("after %d outcomes: %+v", n, w)
		}
		w.Bet(.05+.3*(2*rng.Float64()-1), .35)
		w.renew()
	}
}

func TestPinned(t *testing.T) {
	h := newShop(1, Settings{})
	h.play(6000)
	if _, ok := h.watch.Pin(1, "ann", "", time.Time{}); ok {
		t.Error("a version that is not kept is pinned")
	}
	if _, ok := h.watch.Release("ann", "", time.Time{}); ok {
		t.Error("what is not held is released")
	}
	of := h.watch.Versions[1].Number
	p, ok := h.watch.Pin(of, "ann", "looks better", time.Unix(6000, 0))
	if !ok || p.Model.Number() <= h.served.Number() {
		t.Fatalf("pinned: %v as %v, after %v", ok, p.Model.Number(), h.served.Number())
	}
	believes := func(m *rank.Model) []rank.Estimate {
		return m.Predict(nil, &offers.Context{Tier: "gold"}, []rank.Arm{{Offer: "o1", Campaign: "c", Category: "toys"}})
	}
	was := believes(p.Model)
	h.served = p.Model
	learned := h.watch.Learned()
	h.outcome = func(int, float64) bool { return true } // would roll back, or resume
	h.play(4000)
	if d := cmp.Diff(was, believes(h.served)); d != "" {
		t.Errorf("what is pinned learns:\n%s", d)
	}
	if h.watch.Learned() < learned+3000 {
		t.Error("nothing is learned beside it")
	}
	p, ok = h.watch.Release("ann", "enough", time.Unix(10000, 0))
	if d := cmp.Diff(was, believes(p.Model)); !ok || d == "" {
		t.Error("released, and still as it was pinned")
	}
	want := []Turn{
		{At: time.Unix(6000, 0), Kind: Pinned, Of: of, By: "ann", Reason: "looks better"},
		{At: time.Unix(10000, 0), Kind: Released, By: "ann", Reason: "enough"},
	}
	got := slices.Clone(h.watch.Turns)
	for i := range got {
		if got[i].To <= got[i].From || got[i].Kind == Released && got[i].Of != got[i].To {
			t.Errorf("turn from %d to %d", got[i].From, got[i].To)
		}
		if got[i].From, got[i].To = 0, 0; got[i].Kind == Released {
			got[i].Of = 0
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A watch that is written down and read again goes on as if nothing had been.
func TestGoesOn(t *testing.T) {
	poisoned := func() *shop {
		h := newShop(5, Settings{})
		h.outcome = func(tick int, chance float64) bool { return h.rng.Float64() < chance || tick > 8000 && tick <= 9500 }
		return h
	}
	straight, stopped := poisoned(), poisoned()
	straight.play(14_000)
	for range 28 {
		stopped.play(500)
		raw, err := json.Marshal(stopped.watch.State)
		if err != nil {
			t.Fatal(err)
		}
		var again State
		if err := json.Unmarshal(raw, &again); err != nil {
			t.Fatal(err)
		}
		kept := map[uint64]*rank.Model{}
		for number, m := range stopped.watch.beliefs {
			if kept[number], err = rank.Decode(m.Encode()); err != nil {
				t.Fatal(err)
			}
		}
		line, err := rank.Decode(stopped.watch.Line().Encode())
		if err != nil {
			t.Fatal(err)
		}
		stopped.watch = New(Settings{}, again, stopped.served.Number(), line, kept)
	}
	if len(straight.kinds()) == 0 {
		t.Fatal("nothing happened")
	}
	if d := cmp.Diff(straight.watch.State, stopped.watch.State); d != "" {
		t.Error(d)
	}
	if straight.loss != stopped.loss {
		t.Errorf("%v nats straight, %v when stopped", straight.loss, stopped.loss)
	}
}

// A version whose belief is lost is no reason to stop.
func TestLostBeliefs(t *testing.T) {
	h := newShop(1, Settings{})
	h.play(6000)
	h.watch.Pin(h.watch.Versions[0].Number, "ann", "", time.Time{})
	w := New(Settings{}, h.watch.State, h.served.Number(), h.watch.Line(), nil)
	if len(w.Versions) > 0 || w.Hold != nil {
		t.Errorf("%d versions are kept, held: %v", len(w.Versions), w.Hold)
	}
	w.Publish(time.Time{})
}

func TestInputsDrift(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var in Inputs
	see := func(windows int, mean float64, tier string) {
		for range windows * window {
			d := offers.Decision{Context: offers.Context{Hour: rng.IntN(24), Tier: tier}}
			d.Features = fmt.Appendf(nil, `{"visits": %v, "searches": {"food": %d}}`, mean*rng.ExpFloat64(), rng.IntN(4))
			in.See(&d)
		}
	}
	see(3, 4, "")
	for _, d := range in.Drifts() {
		if d.PSI > .02 {
			t.Errorf("nothing changed, and %s is off by %.3f", d.Feature, d.PSI)
		}
	}
	see(1, 40, "gold")
	got := map[string]float64{}
	for _, d := range in.Drifts() {
		got[d.Feature] = d.PSI
	}
	if got["visits"] < .25 || got["context tier"] < .25 || got["searches"] > .02 || got["context hour"] > .02 {
		t.Errorf("after visits and tiers changed: %v", got)
	}
	in.See(&offers.Decision{Features: offers.Features("nonsense")})
}

func BenchmarkTake(b *testing.B) {
	h := newShop(1, Settings{})
	h.play(12_000)
	o := h.open[0]
	if len(h.watch.Versions) != 6 {
		b.Fatalf("%d versions", len(h.watch.Versions))
	}
	for b.Loop() {
		h.watch.Take(&o)
	}
}

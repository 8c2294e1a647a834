package evaluate

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

// Four decisions by hand: weights 2, 0.5, 0 and 1.
func TestByHand(t *testing.T) {
	rows := []Row{
		{Reward: 1, Logged: .25, Target: .5, Model: .5, Policy: .4},
		{Reward: 0, Logged: .5, Target: .25, Model: .25, Policy: .3},
		{Reward: 1, Logged: .5, Target: 0, Model: .5, Policy: .2},
		{Reward: 1, Logged: 1, Target: 1, Model: .75, Policy: .1},
	}
	r, err := Of(rows, Options{Clip: 1.5, Switch: 1})
	if err != nil {
		t.Fatal(err)
	}
	mended := 2*.5 - .5*.25 + .25 // of the three that weigh
	for method, want := range map[Method]float64{
		IPS: 3. / 4, ClippedIPS: 2.5 / 4, SNIPS: 3 / 3.5, DM: 1. / 4,
		DR: (1 + mended) / 4, SNDR: 1./4 + mended/3.5, SwitchDR: (1 - .5*.25 + .25) / 4,
	} {
		if got := r.By(method).Value; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s is %v, want %v", method, got, want)
		}
	}
	if want := 3.5 * 3.5 / (4 + .25 + 1); math.Abs(r.EffectiveRows-want) > 1e-12 {
		t.Errorf("effective rows %v, want %v", r.EffectiveRows, want)
	}
	if math.Abs(r.Logged.Value-.75) > 1e-12 || math.Abs(r.GreatestShare-2/3.5) > 1e-12 || r.Persons != 4 {
		t.Errorf("logged %v, greatest share %v, %d persons", r.Logged.Value, r.GreatestShare, r.Persons)
	}
}

// world is a log of decisions with a known truth: what an offer earns depends on
// who is asked, and the logging policy prefers the first.
func world(random *rand.Rand, n int, target [3]float64) (rows []Row, truth float64) {
	logged := [3]float64{.6, .3, .1}
	for i := range n {
		kind := random.IntN(2)
		taken := [3]float64{.05 + .1*float64(kind), .1, .3 - .2*float64(kind)}
		u, a := random.Float64(), 0
		for a < 2 && u >= logged[a] {
			u -= logged[a]
			a++
		}
		row := Row{Person: fmt.Sprint(i / 2), Logged: logged[a], Target: target[a], Model: .1 + .05*float64(a)}
		if random.Float64() < taken[a] {
			row.Reward = 1
		}
		for j := range taken {
			truth += target[j] * taken[j] / float64(n)
			row.Policy += target[j] * (.1 + .05*float64(j))
		}
		rows = append(rows, row)
	}
	return rows, truth
}

// Intervals of the unbiased estimators hold the truth about as often as they say.
func TestIntervalsHoldTheTruth(t *testing.T) {
	const worlds = 200
	held := map[Method]int{}
	for w := range worlds {
		rows, truth := world(rand.New(rand.NewPCG(7, uint64(w))), 2000, [3]float64{.1, .3, .6})
		r, err := Of(rows, Options{Replicates: 200, Seed: uint64(w)})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []Method{IPS, SNIPS, DR, SNDR} {
			if e := r.By(m); e.Low <= truth && truth <= e.High {
				held[m]++
			}
		}
	}
	for m, n := range held {
		if share := float64(n) / worlds; share < .88 || share > .99 {
			t.Errorf("%s: the interval of 95 %% held the truth in %.0f %%", m, 100*share)
		}
	}
}

func TestConclude(t *testing.T) {
	random := func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
	better, _ := world(random(), 20_000, [3]float64{.1, .2, .7})
	worse, _ := world(random(), 20_000, [3]float64{.95, .05, 0})
	same, _ := world(random(), 20_000, [3]float64{.6, .3, .1})
	few, _ := world(random(), 60, [3]float64{.1, .2, .7})
	strange, _ := world(random(), 20_000, [3]float64{.1, .2, .7})
	for i := range strange {
		strange[i].Unsupported = .2
	}
	untrue, _ := world(random(), 20_000, [3]float64{.1, .2, .7})
	for i := range untrue {
		untrue[i].Logged = 1. / 3
	}
	one, _ := world(random(), 20_000, [3]float64{.1, .2, .7})
	for i := range one[:4000] {
		one[i].Person = "always the same"
	}
	for _, c := range []struct {
		name   string
		rows   []Row
		want   Finding
		reason string
	}{
		{"better", better, Better, "more than what ran"},
		{"worse", worse, Worse, "less than what ran"},
		{"the same", same, Unclear, "neither"},
		{"too few", few, TooLittle, "200 are needed"},
		{"not supported", strange, TooLittle, "could not have been made"},
		{"untrue probabilities", untrue, TooLittle, "not those of the draw"},
		{"one shopper", one, TooLittle, "One shopper"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Of(c.rows, Options{Replicates: 300})
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Conclude(); got.Finding != c.want || !strings.Contains(got.Reason, c.reason) {
				t.Errorf("concluded %+v, want %s because of %q", got, c.want, c.reason)
			}
		})
	}
}

func TestSameSeedSameReport(t *testing.T) {
	rows, _ := world(rand.New(rand.NewPCG(1, 1)), 500, [3]float64{.2, .3, .5})
	a, err := Of(rows, Options{Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Of(rows, Options{Seed: 5})
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutAModel(t *testing.T) {
	r, err := Of([]Row{{Reward: 1, Logged: .5, Target: .5}, {Logged: .5, Target: .5}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []Method
	for _, e := range r.Estimates {
		got = append(got, e.Method)
	}
	if diff := cmp.Diff([]Method{IPS, ClippedIPS, SNIPS}, got); diff != "" {
		t.Error(diff)
	}
}

// Whatever the log lacks, all figures are numbers, and nothing is concluded.
func TestLogsThatTellNothing(t *testing.T) {
	rows := func(n int, row func(i int) Row) (all []Row) {
		for i := range n {
			r := row(i)
			r.Person, r.Reward = fmt.Sprint(i), float64(i%3)
			all = append(all, r)
		}
		return all
	}
	for name, log := range map[string][]Row{
		"a row":                 rows(1, func(int) Row { return Row{Logged: .5, Target: .5} }),
		"no overlap":            rows(2000, func(int) Row { return Row{Logged: .5} }),
		"no overlap, by design": rows(2000, func(int) Row { return Row{Logged: .5, Unsupported: 1} }),
		"one that was all but impossible": rows(2000, func(i int) Row {
			if i == 4 {
				return Row{Logged: 5e-324, Target: 1, Model: 2, Policy: 1}
			}
			return Row{Logged: .5, Target: .5}
		}),
		"tiny chances, untrue": rows(2000, func(int) Row { return Row{Logged: 1e-200, Target: .5} }),
		"nothing was taken":    slices.Repeat([]Row{{Logged: .5, Target: .5}}, 2000),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Of(log, Options{Seed: 1, Replicates: 50})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := json.Marshal(r); err != nil { // no JSON of what is no number
				t.Errorf("%v in %+v", err, r)
			}
			if c := r.Conclude(); c.Finding != TooLittle {
				t.Errorf("concluded: %+v", c)
			}
		})
	}
	// Where there was one thing to choose, both policies chose it.
	r, err := Of(rows(2000, func(int) Row { return Row{Logged: 1, Target: 1} }), Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Conclude(); c.Finding != Unclear || r.Gain.Low != 0 || r.Gain.High != 0 {
		t.Errorf("one action: %+v, gain %+v", c, r.Gain)
	}
}

func TestRowsThatCannotBe(t *testing.T) {
	good := Row{Reward: 1, Logged: .5, Target: .5}
	for name, bad := range map[string]Row{
		"never drawn":        {Reward: 1, Target: .5},
		"more than certain":  {Reward: 1, Logged: 1.5, Target: .5},
		"no probability":     {Reward: 1, Logged: math.NaN(), Target: .5},
		"negative target":    {Reward: 1, Logged: .5, Target: -1},
		"no reward":          {Reward: math.NaN(), Logged: .5, Target: .5},
		"an endless model":   {Logged: .5, Target: .5, Model: math.Inf(1)},
		"unsupported beyond": {Logged: .5, Target: .5, Unsupported: 2},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Of([]Row{good, bad}, Options{}); !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), "row 1") {
				t.Errorf("got %v, want ErrInvalid that names row 1", err)
			}
		})
	}
	if _, err := Of(nil, Options{}); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("no rows: got %v", err)
	}
}

func BenchmarkOf(b *testing.B) {
	rows, _ := world(rand.New(rand.NewPCG(1, 1)), 10_000, [3]float64{.2, .3, .5})
	for b.Loop() {
		if _, err := Of(rows, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// A policy that says nothing at half of the moments earns half, and is no
// stranger to the log: of nothing it is known what it earns.
func TestNothingNeedsNoLog(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	var rows []Row
	for i := range 4000 {
		r := Row{Person: fmt.Sprint(i / 2), Logged: .5}
		first := random.Float64() < .5 // of two offers, of which one is taken more often
		chance := .2
		if first {
			chance = .4
		}
		if random.Float64() < chance {
			r.Reward = 1
		}
		r.Model, r.Policy = chance+.1, 0 // the model is off by as much at both
		switch {
		case i%2 == 0:
			r.Nothing = 1
		case first:
			r.Target, r.Policy = 1, .5
		default:
			r.Policy = .5
		}
		rows = append(rows, r)
	}
	r, err := Of(rows, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []Method{IPS, SNIPS, DR, SNDR} {
		if e := r.By(m); math.Abs(e.Value-.2) > .02 || e.Low > .2 || e.High < .2 {
			t.Errorf("%s says %.3f (%.3f to %.3f), want .2", m, e.Value, e.Low, e.High)
		}
	}
	if c := r.Conclude(); c.Finding != Worse {
		t.Errorf("%+v, want worse than the .3 of what ran; mean weight %.3f", c, r.MeanWeight)
	}
}

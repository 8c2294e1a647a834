package evaluate

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"aisle/offers"
)

// shoppers spend about what they spent before, and those of the arm a little more.
func shoppers(random *rand.Rand, n int, more float64) (arm, other Arm) {
	for i := range n {
		before := 20 * random.ExpFloat64()
		after := before*.8 + 5*random.NormFloat64()
		if i%2 == 0 {
			arm.Add(after+more, before)
		} else {
			other.Add(after, before)
		}
	}
	return arm, other
}

func TestLiftIsFoundAndSparedByWhatWasBefore(t *testing.T) {
	arm, other := shoppers(rand.New(rand.NewPCG(1, 1)), 4000, 1)
	got, err := LiftOf(&arm, &other, .95, 4000)
	if err != nil {
		t.Fatal(err)
	}
	if got.Low > 1 || got.High < 1 || got.Low <= 0 {
		t.Errorf("lift %+v, want an interval about 1 without 0", got)
	}
	if got.AnytimeLow >= got.Low || got.AnytimeHigh <= got.High {
		t.Errorf("%+v: an interval that always holds is wider than one that holds once", got)
	}
	if got.Explained < .8 {
		t.Errorf("what was before explains %.2f of the variance, want most of it", got.Explained)
	}
	blind := func(a Arm) Arm { a.before, a.beforeSquares, a.beside = 0, 0, 0; return a }
	a, b := blind(arm), blind(other)
	without, err := LiftOf(&a, &b, .95, 4000)
	if err != nil {
		t.Fatal(err)
	}
	if spared := (got.High - got.Low) / (without.High - without.Low); spared > .5 {
		t.Errorf("the interval is %.2f as wide with what was before, want less than half", spared)
	}
}

// Whoever looks after every hundred people and stops at the first interval
// without 0 is wrong far too often by the plain interval, and not by the other.
func TestLookingOftenIsHonest(t *testing.T) {
	const experiments = 400
	wrong, wrongAlways := 0, 0
	for e := range experiments {
		random := rand.New(rand.NewPCG(3, uint64(e)))
		var arm, other Arm
		once, always := false, false
		for i := range 4000 {
			a := &arm
			if i%2 == 1 {
				a = &other
			}
			taken := 0.0
			if random.Float64() < .1 {
				taken = 1
			}
			a.Add(taken, 0)
			if i > 200 && i%100 == 0 {
				l, err := LiftOf(&arm, &other, .95, 4000)
				if err != nil {
					t.Fatal(err)
				}
				once = once || l.Low > 0 || l.High < 0
				always = always || l.AnytimeLow > 0 || l.AnytimeHigh < 0
			}
		}
		if once {
			wrong++
		}
		if always {
			wrongAlways++
		}
	}
	if share := float64(wrongAlways) / experiments; share > .05 {
		t.Errorf("the anytime interval left out the truth in %.1f %% of experiments, want at most 5", 100*share)
	}
	if share := float64(wrong) / experiments; share < .1 {
		t.Errorf("the plain interval was wrong in %.1f %%: this test does not look often enough to tell", 100*share)
	}
}

func TestLiftOfTooFew(t *testing.T) {
	var arm, other Arm
	for range 29 {
		arm.Add(1, 0)
		other.Add(0, 0)
	}
	if _, err := LiftOf(&arm, &other, .95, 0); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestMismatch(t *testing.T) {
	for _, c := range []struct {
		name   string
		people []int
		shares []float64
		want   float64
	}{
		// by scipy.stats.chisquare
		{"even", []int{500, 500}, []float64{.5, .5}, 1},
		{"a little uneven", []int{520, 480}, []float64{1, 1}, 0.2059032},
		{"very uneven", []int{560, 440}, []float64{1, 1}, 0.0001478},
		{"three arms", []int{90, 455, 455}, []float64{.1, .45, .45}, 0.5737534},
		{"four arms", []int{10, 20, 30, 40}, []float64{1, 1, 1, 1}, 0.0001697},
		{"nobody", []int{0, 0}, []float64{1, 1}, 1},
	} {
		got, err := Mismatch(c.people, c.shares)
		if err != nil || math.Abs(got-c.want) > 1e-6 {
			t.Errorf("%s: got %.7f, %v, want %.7f", c.name, got, err, c.want)
		}
	}
	if _, err := Mismatch([]int{1, 2}, []float64{1, 0}); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("a share of 0: got %v", err)
	}
}

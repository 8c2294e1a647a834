package rank

import (
	"math/rand/v2"
	"testing"
)

// world teaches a learner that footwear is taken often and nothing else is,
// or, turned round, the opposite. It returns how often the learner was sent back.
func teach(l *Learner, w *Watch, random *rand.Rand, n int, turned bool) (backs int) {
	for range n {
		a := arm(random.IntN(4))
		chance := .02
		if (a.Category == "footwear") != turned {
			chance = .3
		}
		taken := random.Float64() < chance
		expected := l.Learn(morning, &a, taken)
		if good := w.See(l, morning, &a, taken, expected); good != nil {
			l.Back(good)
			backs++
		}
	}
	return backs
}

func footwear(l *Learner) float64 {
	return l.Snapshot().Predict(nil, morning, []Arm{arm(0)})[0].Mean
}

// What follows a burst of false outcomes shows that they were false, and the
// learner goes back to before it.
func TestWatchTakesAFalseBurstBack(t *testing.T) {
	for _, burst := range []int{1_500, 8_000} {
		l := NewLearner(New())
		w := NewWatch(New())
		random := rand.New(rand.NewPCG(1, 1))
		if backs := teach(l, w, random, 25_000, false); backs > 0 {
			t.Errorf("sent back %d times while all was well", backs)
		}
		before := footwear(l)
		teach(l, w, random, burst, true)
		wrong := footwear(l)
		teach(l, w, random, 900, false)
		if after := footwear(l); before-after > (before-wrong)/3 || before-wrong < .05 {
			t.Errorf("burst of %d: footwear is taken with %.3f before, %.3f at the end of the burst, %.3f soon after", burst, before, wrong, after)
		}
	}
}

// A world that has changed for good is learned. At first the copy that knows
// nothing may be the better one; after that there is nothing to go back to.
func TestWatchLetsTheWorldChange(t *testing.T) {
	l := NewLearner(New())
	w := NewWatch(New())
	random := rand.New(rand.NewPCG(2, 1))
	teach(l, w, random, 10_000, false)
	if backs := teach(l, w, random, 30_000, true); backs > 1 {
		t.Errorf("sent back %d times", backs)
	}
	if is := footwear(l); is > .06 {
		t.Errorf("footwear is still expected to be taken with %.3f", is)
	}
}

func TestBackCountsOn(t *testing.T) {
	l := NewLearner(New())
	good := l.Snapshot()
	for range 10 {
		a := arm(0)
		l.Learn(morning, &a, true)
	}
	l.Snapshot()
	l.Back(good)
	m := l.Snapshot()
	if m.Number() != 3 || m.Learned() != 10 {
		t.Errorf("version %d of %d outcomes, want 3 of 10", m.Number(), m.Learned())
	}
	if got, want := m.Predict(nil, morning, arms(3)), good.Predict(nil, morning, arms(3)); got[0] != want[0] {
		t.Errorf("expects %v, want %v as before", got[0], want[0])
	}
}

package rank

import (
	"math"

	"aisle/offers"
)

// Watch sees to it that learning does not make a model worse. It keeps earlier
// copies of what a learner was, asks them about every offer that is learned
// from, and tells when one of them has for a while foreseen what comes of offers
// better than the learner, by more than chance: then something was learned since
// that is not so, and is better forgotten. The test is Page's cumulative sum
// (Continuous Inspection Schemes, 1954) of the log likelihood ratio.
type Watch struct{ copies [len(ages)]earlier }

// ages are how many offers a copy sees before it is renewed. A burst of false
// outcomes that is over before the younger is renewed is found by it, a longer
// one by the older.
var ages = [2]int{2_000, 20_000}

// earlier is a copy, and how far it is ahead of the learner since it was last
// behind, in nats.
type earlier struct {
	model *Model
	seen  int
	lead  float64
}

const (
	// watchSure is how far ahead a copy must be: so that a learner no worse than
	// its copy is sent back less than once in e^12 = 160,000 offers.
	watchSure = 12
	// watchLeave is what a copy may be better by, an offer: a learner moves with
	// each outcome, and so is never as steady as what stands still.
	watchLeave = 0.005
)

// NewWatch begins with a model that is believed to be good.
func NewWatch(good *Model) *Watch {
	w := &Watch{}
	for i := range w.copies {
		w.copies[i].model = good
	}
	return w
}

// See takes in an offer that the learner had expected to be taken with a
// probability. If an earlier copy has become the better one, it is returned, and
// the watch begins anew with it: the learner should go back.
func (w *Watch) See(l *Learner, c *offers.Context, a *Arm, taken bool, expected float64) *Model {
	for i := range w.copies {
		e := &w.copies[i]
		if e.see(c, a, taken, expected) {
			*w = *NewWatch(e.model)
			return w.copies[0].model
		}
		if e.seen == ages[i] {
			*e = earlier{model: l.copied()}
		}
	}
	return nil
}

// see tells whether the copy is ahead by more than chance.
func (e *earlier) see(c *offers.Context, a *Arm, taken bool, expected float64) bool {
	var room [1]Estimate
	is := e.model.Predict(room[:0], c, []Arm{*a})[0].Mean
	e.lead = max(0, e.lead+Surprise(taken, expected)-Surprise(taken, is)-watchLeave)
	e.seen++
	return e.lead > watchSure
}

// Surprise is the log loss of a probability that was expected, in nats.
func Surprise(taken bool, expected float64) float64 {
	if !taken {
		expected = 1 - expected
	}
	return -math.Log(max(expected, 1e-12))
}

// Back makes the learner forget what it has learned since a model. Its versions
// go on counting up.
func (l *Learner) Back(to *Model) {
	number, learned := l.m.number, l.m.learned
	*l = *NewLearner(to)
	l.m.number, l.m.learned = number, learned
}

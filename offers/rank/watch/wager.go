package watch

import "math"

// Wager is a bet, outcome by outcome, that a difference is above 0 in the mean.
// Where it is not, the capital does not grow in the mean either, so that the
// chance that it ever reaches a times what it began with is at most 1/a,
// however long the game goes and whenever somebody looks (Ville's inequality;
// Waudby-Smith and Ramdas: Estimating means of bounded random variables by
// betting, JRSS B 2024). Nothing of the outcomes' distribution is assumed.
type Wager struct {
	Capital float64 `json:"capital"` // logarithm of it; begins with 0
	N       int     `json:"n"`
	Sum     float64 `json:"sum"`     // of the differences
	Squares float64 `json:"squares"` // of them
}

// cautious is how many differences of nothing a stake is held back by, and as
// how great they count.
const (
	cautious = 20
	unsure   = .05
)

// Bet takes in a difference, which could be at most so great in either direction:
// that has to be known before the outcome is.
func (w *Wager) Bet(difference, most float64) {
	if !(most > 0) {
		w.N++
		return
	}
	mean := w.Sum / (float64(w.N) + cautious)
	square := (w.Squares + cautious*unsure*unsure) / (float64(w.N) + cautious)
	stake := min(max(mean/square, 0), .5/most) // Kelly's, near enough, and never all of it
	w.Capital += math.Log1p(stake * difference)
	w.N++
	w.Sum += difference
	w.Squares += difference * difference
}

// renew begins anew where all in all nothing speaks for the difference, so that
// what once spoke against it does not count for ever. The chance of Ville's no longer
// holds then; in its place, while the difference is not above 0, the capital
// reaches a times what it began with after no fewer than a outcomes in the mean;
// of k wagers at a time, the first after a/k (Shin, Ramdas and Rinaldo:
// E-detectors, NEJSDS 2024).
func (w *Wager) renew() {
	if w.Capital < 0 || w.Sum < 0 {
		*w = Wager{}
	}
}

// Mean is the mean difference so far.
func (w *Wager) Mean() float64 { return w.Sum / math.Max(float64(w.N), 1) }

// Sure tells whether the capital is one over so much.
func (w *Wager) Sure(wrongly float64) bool { return w.Capital >= -math.Log(wrongly) }

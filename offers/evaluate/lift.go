package evaluate

import (
	"fmt"
	"math"

	"aisle/offers"
)

// Arm is what is known of the people of one arm of an experiment. A person
// counts once, however many moments they had: what they did after they came
// into the experiment, and what they had done before.
type Arm struct {
	People                                             int
	after, before, afterSquares, beforeSquares, beside float64
}

// Add counts one more person.
func (a *Arm) Add(after, before float64) {
	a.People++
	a.after += after
	a.before += before
	a.afterSquares += after * after
	a.beforeSquares += before * before
	a.beside += after * before
}

// Mean is what one person of the arm did.
func (a *Arm) Mean() float64 { return ratio(a.after, float64(a.People)) }

// leastPeople is how many people an arm must have before it says anything.
const leastPeople = 30

// Lift is what an arm did more than the one it is compared with, a person.
type Lift struct {
	Value    float64 `json:"value"`
	Low      float64 `json:"low"` // of an interval that holds if one looks once, at the planned end
	High     float64 `json:"high"`
	Relative float64 `json:"relative"` // of the other arm's mean; 0 where that is 0

	// An interval that holds however often one looks, so that an experiment may
	// be stopped when it leaves out 0.
	AnytimeLow  float64 `json:"anytime_low"`
	AnytimeHigh float64 `json:"anytime_high"`

	// Explained is the share of the variance that what people did before
	// explains, and that the intervals are therefore spared (CUPED).
	Explained float64 `json:"explained"`
}

// LiftOf compares an arm with another. What people did before the experiment is
// taken into account as far as it helps (Deng, Xu, Kohavi and Walker: Improving
// the Sensitivity of Online Controlled Experiments, 2013). Planned is how many
// people of both arms are expected in the end, for which the anytime interval
// is tightest (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas: Time-uniform
// Central Limit Theory, 2021); 0 is as many as there are.
func LiftOf(arm, other *Arm, level float64, planned int) (Lift, error) {
	if !(level > 0 && level < 1) {
		return Lift{}, fmt.Errorf("lift: %w: level %v", offers.ErrInvalid, level)
	}
	if arm.People < leastPeople || other.People < leastPeople {
		return Lift{}, fmt.Errorf("lift: %w: %d and %d people; at least %d are needed in each arm", offers.ErrInvalid, arm.People, other.People, leastPeople)
	}
	slope, explained := adjust(arm, other)
	mean := func(a *Arm) float64 { return (a.after - slope*a.before) / float64(a.People) }
	variance := func(a *Arm) float64 {
		n := float64(a.People)
		squares := a.afterSquares - 2*slope*a.beside + slope*slope*a.beforeSquares
		return max(squares/n-mean(a)*mean(a), 0) / (n - 1)
	}
	l := Lift{Value: mean(arm) - mean(other), Explained: explained}
	l.Relative = ratio(l.Value, other.Mean())
	se := math.Sqrt(variance(arm) + variance(other))
	once := se * math.Sqrt2 * math.Erfinv(level)
	always := se * boundary(float64(arm.People+other.People), float64(planned), 1-level)
	l.Low, l.High = l.Value-once, l.Value+once
	l.AnytimeLow, l.AnytimeHigh = l.Value-always, l.Value+always
	return l, nil
}

// adjust is the slope of what people did on what they had done before, within
// the arms, and how much of the variance it explains.
func adjust(arms ...*Arm) (slope, explained float64) {
	together, before, after := 0.0, 0.0, 0.0
	for _, a := range arms {
		n := float64(a.People)
		together += a.beside - a.after*a.before/n
		before += a.beforeSquares - a.before*a.before/n
		after += a.afterSquares - a.after*a.after/n
	}
	if before <= 0 || after <= 0 {
		return 0, 0
	}
	return together / before, min(together*together/(before*after), 1)
}

// boundary is by how many standard errors a mean may be off at any time, but
// for a chance of alpha: the normal mixture's, tightest at n planned.
func boundary(n, planned, alpha float64) float64 {
	if planned <= 0 {
		planned = n
	}
	a := -2 * math.Log(alpha)
	rho := (a + math.Log(a+1)) / planned // squared
	return math.Sqrt((n*rho + 1) / (n * rho) * math.Log((n*rho+1)/(alpha*alpha)))
}

// Mismatch is the chance of people falling into arms as unevenly as they did,
// or more, where each should have had its share: Pearson's test. A very small
// one (1 in 1,000) says that who was counted depends on the arm, and that no
// lift means anything.
func Mismatch(people []int, shares []float64) (float64, error) {
	total, whole := 0.0, 0.0
	for _, n := range people {
		total += float64(n)
	}
	for _, s := range shares {
		whole += s
	}
	if len(people) != len(shares) || len(people) < 2 {
		return 0, fmt.Errorf("arms: %w: %d arms and %d shares", offers.ErrInvalid, len(people), len(shares))
	}
	if total == 0 {
		return 1, nil
	}
	chi := 0.0
	for i, s := range shares {
		if !(s > 0) {
			return 0, fmt.Errorf("arms: %w: a share of %v", offers.ErrInvalid, s)
		}
		expected := total * s / whole
		chi += (float64(people[i]) - expected) * (float64(people[i]) - expected) / expected
	}
	return chiSquareTail(chi, len(people)-1), nil
}

// chiSquareTail is the probability of a chi-square variable beyond x: the upper
// incomplete gamma function, in closed form for whole degrees of freedom.
func chiSquareTail(x float64, degrees int) float64 {
	h := x / 2
	sum, term, from := 0.0, math.Exp(-h), 1.0
	if degrees%2 == 1 {
		sum = math.Erfc(math.Sqrt(h))
		term, from = math.Exp(-h)*math.Sqrt(h)/math.Gamma(1.5), 1.5
	}
	for k := 0; k < degrees/2; k++ {
		sum += term
		term *= h / (from + float64(k))
	}
	return min(sum, 1)
}

package evaluate

import (
	"fmt"
	"math"
)

// Finding is what may be said of a policy against the one that was logged.
type Finding string

// Findings. Only the first two are conclusions.
const (
	Better    Finding = "better"
	Worse     Finding = "worse"
	Unclear   Finding = "unclear"    // the intervals leave both open
	TooLittle Finding = "too_little" // the log does not hold enough of what is asked
)

// What a log must hold before anything is concluded from it.
const (
	leastEffectiveRows    = 200
	leastEffectiveRewards = 20
	greatestShare         = 0.1  // of one person in the weights
	greatestUnsupported   = 0.05 // of the policy's choices
	greatestWeightError   = 4    // standard errors that the mean weight may be from 1
)

// Conclusion is a finding with its reason, in words for a marketer.
type Conclusion struct {
	Finding Finding `json:"finding"`
	Reason  string  `json:"reason"`
}

// Conclude compares the policy with the logged one. It refuses where the log cannot
// tell, whatever the numbers look like.
func (r *Report) Conclude() Conclusion {
	tooLittle := func(format string, args ...any) Conclusion {
		return Conclusion{TooLittle, fmt.Sprintf(format, args...)}
	}
	switch {
	case r.Unsupported > greatestUnsupported:
		return tooLittle("%.0f %% of its choices could not have been made before, so nothing is known of them.", 100*r.Unsupported)
	case r.EffectiveRows < leastEffectiveRows:
		return tooLittle("The past holds as much of it as %.0f plain decisions would; %d are needed.", r.EffectiveRows, leastEffectiveRows)
	case r.EffectiveRewards < leastEffectiveRewards:
		return tooLittle("The past holds as much of it as %.0f offers taken would; %d are needed.", r.EffectiveRewards, leastEffectiveRewards)
	case r.GreatestShare > greatestShare:
		return tooLittle("One shopper makes %.0f %% of what it rests on.", 100*r.GreatestShare)
	case math.Abs(r.MeanWeight-1) > r.Unsupported+greatestWeightError*r.MeanWeightSE:
		return tooLittle("The weights have a mean of %.2f where true probabilities give 1: the probabilities on record are not those of the draw.", r.MeanWeight)
	}
	e := r.By(r.Gain.Method)
	found := Conclusion{Unclear, "neither more nor less, for all that is known,"}
	switch {
	case r.Gain.Low > 0:
		found = Conclusion{Better, "more"}
	case r.Gain.High < 0:
		found = Conclusion{Worse, "less"}
	}
	found.Reason = fmt.Sprintf("It would have earned %s than what ran: %.5g a decision (%.5g to %.5g) against %.5g (%.5g to %.5g).",
		found.Reason, e.Value, e.Low, e.High, r.Logged.Value, r.Logged.Low, r.Logged.High)
	return found
}

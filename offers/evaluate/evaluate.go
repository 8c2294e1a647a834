// Package evaluate says what a way of choosing offers would have earned, from
// what was earned while offers were chosen in another way, and what the offers
// have earned at all, from the shoppers who got none on purpose.
//
// It can do so because every decision was drawn with a known probability. An
// answer comes with its interval, and where the past does not hold enough of
// what is asked, there is none but the reason.
package evaluate

import (
	"fmt"
	"math"
	"slices"

	"aisle/offers"
)

// Row is one logged decision, looked at from the policy that is judged.
type Row struct {
	Person string  // rows of one person depend on each other; empty: a person of their own
	Reward float64 // what followed
	Logged float64 // probability with which the logging policy chose what it chose
	Target float64 // probability with which the policy judged would have chosen the same

	// What a model of rewards, which has not seen the row, expects of what was
	// chosen, and of the policy judged: the mean over its choices. Both are 0
	// in all rows where there is no model; estimators that need one are then
	// left out.
	Model, Policy float64

	// Unsupported is the probability that the policy judged gives to choices
	// that the logging policy could not have made. The log is silent on them.
	Unsupported float64

	// Nothing is the probability that the policy judged gives to choosing nothing,
	// which earns 0 for certain, so that no log has to tell. Where the logging
	// policy chose nothing, Logged is 1 and Target 0.
	Nothing float64
}

// heaviest is as much as a row weighs at most. One that comes near it is all that a
// log rests on, and then nothing is concluded; its square has to stay a number.
const heaviest = 1e12

// weight is how much more the policy judged would have made the choice.
func (r *Row) weight() float64 { return min(r.Target/r.Logged, heaviest) }

// Method is an off-policy estimator.
type Method string

// Estimators. Of what they assume and how they err: Dudík, Erhan, Langford and
// Li, Doubly Robust Policy Evaluation and Optimization (2014); Swaminathan and
// Joachims on self-normalised estimators (2015); Wang, Agarwal and Dudík,
// Optimal and Adaptive Off-policy Evaluation (2017).
const (
	IPS        Method = "ips"         // inverse propensity scores: unbiased, restless
	ClippedIPS Method = "clipped_ips" // weights end at Options.Clip: a little bias, less unrest
	SNIPS      Method = "snips"       // divided by the sum of the weights
	DM         Method = "dm"          // the model of rewards alone
	DR         Method = "dr"          // the model, mended where it erred
	SNDR       Method = "sndr"        // mended with self-normalised weights
	SwitchDR   Method = "switch_dr"   // mended only where the weight is at most Options.Switch
)

// Methods are all estimators, in the order in which they are shown. The first
// three need no model of rewards.
var Methods = []Method{IPS, ClippedIPS, SNIPS, DM, DR, SNDR, SwitchDR}

const withoutModel = 3

// Options of an estimation. The zero value works.
type Options struct {
	Clip       float64 // greatest weight of ClippedIPS; 0: the one of least estimated error
	Switch     float64 // greatest weight at which SwitchDR trusts the log; 0: as Clip
	Level      float64 // of the intervals; default 0.95
	Replicates int     // of the bootstrap; default 1,000
	Seed       uint64
}

func (o Options) withDefaults() Options {
	if o.Level == 0 {
		o.Level = 0.95
	}
	if o.Replicates == 0 {
		o.Replicates = 1000
	}
	return o
}

// Estimate is what a policy would have earned a decision, by one method.
type Estimate struct {
	Method Method  `json:"method"`
	Value  float64 `json:"value"`
	Low    float64 `json:"low"` // of the interval
	High   float64 `json:"high"`
}

// Report is what a log says about a policy.
type Report struct {
	Rows      int        `json:"rows"`
	Persons   int        `json:"persons"`
	Logged    Estimate   `json:"logged"` // what the logging policy earned itself
	Estimates []Estimate `json:"estimates"`
	Gain      Estimate   `json:"gain"` // of the policy over the logged one, by the steadiest method

	// How much the log holds of what is asked.
	EffectiveRows    float64 `json:"effective_rows"`    // as many equally weighted rows would say as much
	EffectiveRewards float64 `json:"effective_rewards"` // the same of rows with a reward
	MeanWeight       float64 `json:"mean_weight"`       // 1, but for chance, if propensities are true
	MeanWeightSE     float64 `json:"mean_weight_se"`    // standard error of that
	GreatestShare    float64 `json:"greatest_share"`    // of one person in the sum of the weights
	Unsupported      float64 `json:"unsupported"`       // of the policy's choices, mean
	Clip             float64 `json:"clip"`              // that was used
	Switch           float64 `json:"switch"`
}

// By is the estimate of a method.
func (r *Report) By(m Method) Estimate {
	for _, e := range r.Estimates {
		if e.Method == m {
			return e
		}
	}
	return Estimate{}
}

// Of estimates what the policy of the rows would have earned. A row that cannot
// be, such as one that was chosen with probability 0, is an error that names
// it: an estimate over it would be worth nothing.
func Of(rows []Row, o Options) (*Report, error) {
	o = o.withDefaults()
	if err := check(rows, o); err != nil {
		return nil, err
	}
	r := &Report{Rows: len(rows), Clip: o.Clip, Switch: o.Switch}
	if o.Clip == 0 {
		r.Clip = leastError(rows, func(*Row) float64 { return 0 })
	}
	if o.Switch == 0 {
		r.Switch = leastError(rows, func(r *Row) float64 { return r.Model })
	}
	methods := Methods
	if !slices.ContainsFunc(rows, func(r Row) bool { return r.Model != 0 || r.Policy != 0 }) {
		methods = Methods[:withoutModel]
	}
	steadiest := SNIPS
	if slices.Contains(methods, SNDR) {
		steadiest = SNDR
	}
	people, all := gather(rows, r.Clip, r.Switch)
	r.Persons = len(people)
	questions := []func(*sums) float64{(*sums).logged, func(s *sums) float64 { return s.by(steadiest) - s.logged() }}
	for _, m := range methods {
		questions = append(questions, func(s *sums) float64 { return s.by(m) })
	}
	answers := bootstrap(people, questions, o)
	for i, q := range questions {
		answers[i].Value = q(&all)
	}
	r.Logged, r.Gain, r.Estimates = answers[0], answers[1], answers[2:]
	r.Logged.Method, r.Gain.Method = "logged", steadiest
	for i, m := range methods {
		r.Estimates[i].Method = m
	}
	r.EffectiveRows = effective(rows, (*Row).weight)
	r.EffectiveRewards = effective(rows, func(r *Row) float64 { return r.weight() * math.Abs(r.Reward) })
	r.MeanWeight = all.weight / all.n
	if r.EffectiveRows > 0 {
		r.MeanWeightSE = r.MeanWeight * math.Sqrt(max(all.n/r.EffectiveRows-1, 0)/all.n)
	}
	for _, p := range people {
		if all.weight > 0 {
			r.GreatestShare = max(r.GreatestShare, p.weight/all.weight)
		}
	}
	for i := range rows {
		r.Unsupported += rows[i].Unsupported / float64(len(rows))
	}
	return r, nil
}

func check(rows []Row, o Options) error {
	if len(rows) == 0 {
		return fmt.Errorf("evaluate: %w: no decisions to learn from", offers.ErrInvalid)
	}
	if !(o.Level > 0 && o.Level < 1) || o.Replicates < 1 || !(o.Clip >= 0) || !(o.Switch >= 0) {
		return fmt.Errorf("evaluate: %w: level %v, %d replicates, clip %v, switch %v", offers.ErrInvalid, o.Level, o.Replicates, o.Clip, o.Switch)
	}
	for i := range rows {
		r := &rows[i]
		switch {
		case !(r.Logged > 0 && r.Logged <= 1):
			return fmt.Errorf("evaluate: row %d: %w: it was chosen with probability %v", i, offers.ErrInvalid, r.Logged)
		case !(r.Target >= 0 && r.Target <= 1), !(r.Unsupported >= 0 && r.Unsupported <= 1), !(r.Nothing >= 0 && r.Nothing <= 1):
			return fmt.Errorf("evaluate: row %d: %w: the policy would choose it with probability %v, what it could not with %v and nothing with %v", i, offers.ErrInvalid, r.Target, r.Unsupported, r.Nothing)
		}
		for _, x := range []float64{r.Reward, r.Model, r.Policy} {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return fmt.Errorf("evaluate: row %d: %w: reward %v, expected %v and %v", i, offers.ErrInvalid, r.Reward, r.Model, r.Policy)
			}
		}
	}
	return nil
}

// sums are all that the estimators look at, of one person or of everybody.
type sums struct {
	n, reward               float64
	weight, weighted        float64 // w and nothing; w r
	clipped                 float64 // min(w, clip) r
	policy, mended, trusted float64 // the model's; w (r - model); the same where w <= switch
}

func (s *sums) add(t *sums) {
	s.n += t.n
	s.reward += t.reward
	s.weight += t.weight
	s.weighted += t.weighted
	s.clipped += t.clipped
	s.policy += t.policy
	s.mended += t.mended
	s.trusted += t.trusted
}

func (s *sums) logged() float64 { return s.reward / s.n }

func (s *sums) by(m Method) float64 {
	switch m {
	case IPS:
		return s.weighted / s.n
	case ClippedIPS:
		return s.clipped / s.n
	case SNIPS:
		return ratio(s.weighted, s.weight)
	case DM:
		return s.policy / s.n
	case DR:
		return (s.policy + s.mended) / s.n
	case SNDR:
		return s.policy/s.n + ratio(s.mended, s.weight)
	case SwitchDR:
		return (s.policy + s.trusted) / s.n
	}
	panic("evaluate: no method " + string(m))
}

// ratio is 0 where nothing was weighed: the log then says nothing.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// gather sums by person, in the order in which they first come, and over all.
func gather(rows []Row, clip, trust float64) (people []sums, all sums) {
	at := map[string]int{}
	for i := range rows {
		r := &rows[i]
		w := r.weight()
		t := sums{
			n: 1, reward: r.Reward, weight: w + r.Nothing, weighted: w * r.Reward, clipped: min(w, clip) * r.Reward,
			policy: r.Policy, mended: w * (r.Reward - r.Model),
		}
		if w <= trust {
			t.trusted = t.mended
		}
		all.add(&t)
		if r.Person == "" {
			people = append(people, t)
			continue
		}
		j, known := at[r.Person]
		if !known {
			j = len(people)
			at[r.Person] = j
			people = append(people, sums{})
		}
		people[j].add(&t)
	}
	return people, all
}

// effective is Kish's effective sample size.
func effective(rows []Row, weight func(*Row) float64) float64 {
	sum, squares := 0.0, 0.0
	for i := range rows {
		w := weight(&rows[i])
		sum += w
		squares += w * w
	}
	return ratio(sum*sum, squares)
}

// leastError is the greatest weight to trust that makes the estimated mean
// squared error least: the variance of what is left, and the square of the most
// that can be missing. Without a model, what is missing is the reward itself.
func leastError(rows []Row, model func(*Row) float64) float64 {
	weights := make([]float64, len(rows))
	for i := range rows {
		weights[i] = rows[i].weight()
	}
	slices.Sort(weights)
	best, least := weights[len(weights)-1], math.Inf(1)
	for _, share := range []float64{1, .999, .998, .995, .99, .98, .95, .9, .8, .5} {
		limit := weights[int(share*float64(len(weights)-1))]
		if limit <= 0 {
			continue
		}
		n, mean, squares, missing := float64(len(rows)), 0.0, 0.0, 0.0
		for i := range rows {
			w, rest := rows[i].weight(), rows[i].Reward-model(&rows[i])
			x := min(w, limit) * rest
			mean += x / n
			squares += x * x / n
			missing += (w - min(w, limit)) * math.Abs(rest) / n
		}
		if mse := (squares-mean*mean)/n + missing*missing; mse < least {
			best, least = limit, mse
		}
	}
	return best
}

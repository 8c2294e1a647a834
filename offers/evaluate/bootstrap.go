package evaluate

import (
	"math/rand/v2"
	"slices"
)

// bootstrap draws as many people as there are, with replacement, again and
// again, asks each draw every question, and gives the intervals of what they
// said.
func bootstrap(people []sums, questions []func(*sums) float64, o Options) []Estimate {
	random := rand.New(rand.NewPCG(o.Seed, 0))
	said := make([][]float64, len(questions))
	for range o.Replicates {
		var s sums
		for range people {
			s.add(&people[random.IntN(len(people))])
		}
		for i, ask := range questions {
			said[i] = append(said[i], ask(&s))
		}
	}
	out := make([]Estimate, len(questions))
	tail := (1 - o.Level) / 2
	for i, all := range said {
		slices.Sort(all)
		out[i] = Estimate{Low: quantileOf(all, tail), High: quantileOf(all, 1-tail)}
	}
	return out
}

// quantileOf is the quantile of sorted numbers, between two of them in
// proportion.
func quantileOf(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

package decide

import (
	"cmp"
	"slices"

	"aisle/offers"
	"aisle/offers/rank"
)

// desk is where one moment is looked at. It is used again for the next one, so
// that a decision among a thousand campaigns costs few allocations; nothing on
// it outlives the moment.
type desk struct {
	scene    scene
	verdicts []verdict // of the engine's rules, by their number

	running       []runner
	arms          []rank.Arm
	estimates     []rank.Estimate
	multipliers   []float64
	probabilities []float64
	scored        []offers.Candidate // those in the running, in their order
	order         []int              // those drawn, first first
	out           []offers.Candidate
}

// verdict is what a rule said of a moment. Campaigns share rules: each is asked
// once.
type verdict struct {
	asked, yes bool
	err        error
}

// desk clears a desk for a moment, and looks at it.
func (e *Engine) desk(m *Moment) *desk {
	w, ok := e.desks.Get().(*desk)
	if !ok {
		w = new(desk)
	}
	if len(w.verdicts) != e.gates {
		w.verdicts = make([]verdict, e.gates)
	}
	clear(w.verdicts)
	w.running, w.scored, w.order, w.out = w.running[:0], w.scored[:0], w.order[:0], w.out[:0]
	e.see(&w.scene, m)
	return w
}

// candidates are all that the moment looked at: those drawn, in their order, the
// others in the running, best first, and those that are out.
func (w *desk) candidates() []offers.Candidate {
	n := len(w.scored)
	if n+len(w.out) == 0 {
		return nil
	}
	drawn := len(w.order)
	for i := range n {
		if !slices.Contains(w.order[:drawn], i) {
			w.order = append(w.order, i)
		}
	}
	slices.SortStableFunc(w.order[drawn:], func(a, b int) int { return cmp.Compare(w.scored[b].Score, w.scored[a].Score) })
	all := make([]offers.Candidate, 0, n+len(w.out))
	for _, i := range w.order {
		all = append(all, w.scored[i])
	}
	return append(all, w.out...)
}

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

	channels []channels        // of the campaigns so far
	text     []byte            // room for a text that is being made
	said     map[string]string // texts of this moment and others
}

// channels are those of a campaign, and which of them are open.
type channels struct{ all, open []offers.Channel }

// mostSaid bounds what a desk remembers of texts.
const mostSaid = 1000

// keep is a text that was made in w.text. Campaigns are out for the same reasons,
// moment after moment: each text is allocated once.
func (w *desk) keep(text []byte) string {
	w.text = text
	kept, ok := w.said[string(text)]
	if !ok {
		if w.said == nil || len(w.said) >= mostSaid {
			w.said = map[string]string{}
		}
		kept = string(text)
		w.said[kept] = kept
	}
	return kept
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
	w.running, w.scored, w.order, w.out, w.channels = w.running[:0], w.scored[:0], w.order[:0], w.out[:0], w.channels[:0]
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

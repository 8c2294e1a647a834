package trees

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
)

// Presets are settings that are worth trying: from few questions, for what is
// simple or rare, to many, for what hangs together in many ways.
func Presets(goal Goal) []Settings {
	return []Settings{
		{Goal: goal, Trees: 300, Leaves: 6, Rate: .03, ColumnShare: .5, LeastRows: 30},
		{Goal: goal, Trees: 400, Leaves: 20, Rate: .05, ColumnShare: .5},
		{Goal: goal, Trees: 800, Leaves: 31, Rate: .03, ColumnShare: .4, LeastRows: 10},
	}
}

// heldBack is how much of a table Choose judges by.
const heldBack = 0.2

// Choose trains with each of the settings on most of the table, sees which does
// best on the rest, and trains with that on all of it.
func Choose(ctx context.Context, t *Table, among []Settings, seed uint64) (*Model, Settings, error) {
	learn, judge := parted(t, rand.New(rand.NewPCG(seed, 2)))
	best, least := Settings{}, math.Inf(1)
	var broken error
	for _, s := range among {
		s.Seed = seed
		m, err := Train(ctx, learn, s)
		if err != nil {
			broken = errors.Join(broken, err)
			continue
		}
		if wrong := m.wrong(judge); wrong < least {
			best, least = s, wrong
		}
	}
	if math.IsInf(least, 1) {
		return nil, Settings{}, broken
	}
	m, err := Train(ctx, t, best)
	return m, best, err
}

// wrong is how far a model is off on a table: the mean log loss, the mean
// squared error, or what is missing from an NDCG of 1.
func (m *Model) wrong(t *Table) float64 {
	score, row := make([]float64, len(t.Label)), make([]float64, len(t.Columns))
	for i := range score {
		score[i] = m.Score(t.row(row, i))
	}
	sum, n := 0.0, 0.0
	if m.Goal != Order {
		for i, y := range t.Label {
			if m.Goal == Chance {
				sum += math.Log1p(math.Exp(-math.Abs(score[i]))) + max(score[i], 0) - y*score[i]
			} else {
				sum += (score[i] - y) * (score[i] - y)
			}
			n++
		}
		return sum / max(n, 1)
	}
	from := 0
	for _, k := range t.Lists {
		if x, ok := NDCG(t.Label[from:from+k], score[from:from+k], 10); ok {
			sum += 1 - x
			n++
		}
		from += k
	}
	return sum / max(n, 1)
}

// parted holds back some rows, or whole lists.
func parted(t *Table, random *rand.Rand) (learn, judge *Table) {
	lists := t.Lists
	if len(lists) == 0 {
		lists = make([]int, len(t.Label))
		for i := range lists {
			lists[i] = 1
		}
	}
	learn, judge = &Table{Names: t.Names, Columns: make([][]float64, len(t.Columns))}, &Table{Names: t.Names, Columns: make([][]float64, len(t.Columns))}
	from := 0
	for _, k := range lists {
		to := learn
		if random.Float64() < heldBack {
			to = judge
		}
		for c := range t.Columns {
			to.Columns[c] = append(to.Columns[c], t.Columns[c][from:from+k]...)
		}
		to.Label = append(to.Label, t.Label[from:from+k]...)
		if len(t.Lists) > 0 {
			to.Lists = append(to.Lists, k)
		}
		from += k
	}
	return learn, judge
}

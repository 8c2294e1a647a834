package trees

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Train grows a model from a table. The same table and settings give the same
// model. It ends between two trees when ctx does.
func Train(ctx context.Context, t *Table, s Settings) (*Model, error) {
	s = s.withDefaults()
	if err := s.check(t); err != nil {
		return nil, err
	}
	g := &grower{
		Settings: s, Table: t, bins: binned(t), random: rand.New(rand.NewPCG(s.Seed, 1)),
		score: make([]float64, len(t.Label)), slope: make([]float64, len(t.Label)), bend: make([]float64, len(t.Label)),
		gain: make([]float64, len(t.Columns)), model: &Model{Goal: s.Goal, Names: slices.Clone(t.Names)},
	}
	switch s.Goal {
	case Chance:
		g.model.Base = oddsOf(t.Label)
	case Amount:
		for _, y := range t.Label {
			g.model.Base += y / float64(len(t.Label))
		}
	}
	for i := range g.score {
		g.score[i] = g.model.Base
	}
	for range s.Trees {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g.look()
		if !g.grow(g.drawRows(), g.drawColumns()) {
			break // nothing is left to mend
		}
	}
	g.model.Gains = g.gains()
	return g.model, nil
}

// oddsOf is the log-odds of label 1, with one of each to begin with.
func oddsOf(label []float64) float64 {
	ones := 1.0
	for _, y := range label {
		ones += y
	}
	return math.Log(ones / (float64(len(label)) + 2 - ones))
}

type grower struct {
	Settings
	*Table
	*bins
	random      *rand.Rand
	score       []float64 // of each row, so far
	slope, bend []float64 // first and second derivative of what is wrong
	gain        []float64 // by column
	model       *Model
}

// look works out what is wrong with every row, as the scores are now.
func (g *grower) look() {
	switch g.Goal {
	case Order:
		g.lookAtLists()
	case Amount:
		for i, y := range g.Label {
			g.slope[i], g.bend[i] = g.score[i]-y, 1
		}
	default:
		for i, y := range g.Label {
			p := sigmoid(g.score[i])
			g.slope[i], g.bend[i] = p-y, max(p*(1-p), 1e-9)
		}
	}
}

// lookAtLists works out by how much each pair that stands the wrong way round
// pulls apart: by what its change of places would give the list's NDCG.
func (g *grower) lookAtLists() {
	clear(g.slope)
	clear(g.bend)
	order := []int{}
	from := 0
	for _, n := range g.Lists {
		label, score := g.Label[from:from+n], g.score[from:from+n]
		slope, bend := g.slope[from:from+n], g.bend[from:from+n]
		from += n
		best := idealGain(label, g.Top)
		if best == 0 {
			continue
		}
		order = order[:0]
		for i := range n {
			order = append(order, i)
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
		for a := range min(n, g.Top) {
			for b := a + 1; b < n; b++ {
				i, j := order[a], order[b]
				if label[i] == label[j] {
					continue
				}
				if label[i] < label[j] {
					i, j = j, i // i is the better
				}
				change := math.Abs((worth(label[i])-worth(label[j]))*(discount(a, g.Top)-discount(b, g.Top))) / best
				rho := sigmoid(score[j] - score[i])
				slope[i] -= change * rho
				slope[j] += change * rho
				bend[i] += change * rho * (1 - rho)
				bend[j] += change * rho * (1 - rho)
			}
		}
	}
}

func worth(label float64) float64 { return math.Exp2(label) - 1 }

// discount of a place, counted from 0; beyond the top a place counts nothing.
func discount(place, top int) float64 {
	if place >= top {
		return 0
	}
	return 1 / math.Log2(float64(place)+2)
}

func idealGain(label []float64, top int) float64 {
	sorted := slices.Clone(label)
	slices.SortFunc(sorted, func(a, b float64) int { return cmp.Compare(b, a) })
	sum := 0.0
	for i, y := range sorted[:min(len(sorted), top)] {
		sum += worth(y) * discount(i, top)
	}
	return sum
}

// NDCG is how good an order is: 1 is the best that the labels allow, over the
// first so many places. A list without a label above 0 has none: ok is false.
func NDCG(label, score []float64, top int) (ndcg float64, ok bool) {
	best := idealGain(label, top)
	if best == 0 {
		return 0, false
	}
	order := make([]int, len(label))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
	sum := 0.0
	for place, i := range order[:min(len(order), top)] {
		sum += worth(label[i]) * discount(place, top)
	}
	return sum / best, true
}

func (g *grower) drawRows() []int32 {
	var rows []int32
	if len(g.Lists) == 0 {
		for i := range g.Label {
			if g.RowShare == 1 || g.random.Float64() < g.RowShare {
				rows = append(rows, int32(i))
			}
		}
		return rows
	}
	from := 0
	for _, n := range g.Lists {
		if g.RowShare == 1 || g.random.Float64() < g.RowShare {
			for i := from; i < from+n; i++ {
				rows = append(rows, int32(i))
			}
		}
		from += n
	}
	return rows
}

func (g *grower) drawColumns() []int {
	n := max(1, int(math.Ceil(g.ColumnShare*float64(len(g.Columns)))))
	columns := g.random.Perm(len(g.Columns))[:n]
	slices.Sort(columns)
	return columns
}

// cell sums the rows of one step of one column.
type cell struct {
	slope, bend float64
	rows        int32
}

// leaf is a part of the rows that no question has parted yet.
type leaf struct {
	rows   []int32
	all    cell
	cells  [][]cell // by column, of those drawn, and step
	node   int32    // its place in the model
	column int      // the best question: index of the column, the last step on the left
	step   int
	lost   bool
	gain   float64
}

// grow adds one tree, leaf by leaf, and tells whether it parted anything.
func (g *grower) grow(rows []int32, columns []int) bool {
	m := g.model
	root := &leaf{rows: rows, node: int32(len(m.Nodes))}
	m.Nodes = append(m.Nodes, node{})
	g.sum(root, columns)
	g.ask(root, columns)
	if root.gain <= 0 {
		m.Nodes = m.Nodes[:root.node]
		return false
	}
	leaves := []*leaf{root}
	for len(leaves) < g.Leaves {
		best := 0
		for i, l := range leaves {
			if l.gain > leaves[best].gain {
				best = i
			}
		}
		l := leaves[best]
		if l.gain <= 0 {
			break
		}
		left, right := g.part(l, columns)
		leaves[best] = left
		leaves = append(leaves, right)
	}
	for _, l := range leaves {
		m.Nodes[l.node].At = -g.Rate * l.all.slope / (l.all.bend + g.Ridge)
	}
	m.Roots = append(m.Roots, root.node)
	only := Model{Nodes: m.Nodes, Roots: m.Roots[len(m.Roots)-1:]}
	row := make([]float64, len(g.Columns))
	for i := range g.score {
		g.score[i] += only.Score(g.row(row, i))
	}
	return true
}

// sum fills the cells of a leaf from its rows.
func (g *grower) sum(l *leaf, columns []int) {
	l.cells = make([][]cell, len(columns))
	for _, i := range l.rows {
		l.all.slope += g.slope[i]
		l.all.bend += g.bend[i]
	}
	l.all.rows = int32(len(l.rows))
	for k, c := range columns {
		cells, step := make([]cell, len(g.edges[c])+2), g.step[c]
		for _, i := range l.rows {
			at := &cells[step[i]]
			at.slope += g.slope[i]
			at.bend += g.bend[i]
			at.rows++
		}
		l.cells[k] = cells
	}
}

// ask finds the question that gains most.
func (g *grower) ask(l *leaf, columns []int) {
	l.gain = 0
	whole := g.worth(l.all)
	for k, c := range columns {
		cells := l.cells[k]
		for _, lost := range []bool{false, true} {
			if lost && cells[0].rows == 0 {
				continue
			}
			var left cell
			if lost {
				left = cells[0]
			}
			for step := 1; step <= len(g.edges[c]); step++ {
				left.slope += cells[step].slope
				left.bend += cells[step].bend
				left.rows += cells[step].rows
				right := cell{l.all.slope - left.slope, l.all.bend - left.bend, l.all.rows - left.rows}
				if int(left.rows) < g.LeastRows || int(right.rows) < g.LeastRows {
					continue
				}
				if gain := g.worth(left) + g.worth(right) - whole; gain > l.gain+1e-12 {
					l.gain, l.column, l.step, l.lost = gain, c, step, lost
				}
			}
		}
	}
}

// worth is how much one answer for all of these rows would mend.
func (g *grower) worth(c cell) float64 { return c.slope * c.slope / (c.bend + g.Ridge) }

// part asks the leaf's best question. The fewer rows are summed, and the others
// by what is left.
func (g *grower) part(l *leaf, columns []int) (left, right *leaf) {
	m := g.model
	left, right = &leaf{node: int32(len(m.Nodes))}, &leaf{node: int32(len(m.Nodes)) + 1}
	m.Nodes[l.node] = node{Column: int32(l.column), Left: left.node, Right: right.node, Lost: l.lost, At: g.edges[l.column][l.step-1]}
	m.Nodes = append(m.Nodes, node{}, node{})
	g.gain[l.column] += l.gain
	step := g.step[l.column]
	for _, i := range l.rows {
		if s := int(step[i]); s == 0 && l.lost || s > 0 && s <= l.step {
			left.rows = append(left.rows, i)
		} else {
			right.rows = append(right.rows, i)
		}
	}
	few, many := left, right
	if len(left.rows) > len(right.rows) {
		few, many = right, left
	}
	g.sum(few, columns)
	many.all = cell{l.all.slope - few.all.slope, l.all.bend - few.all.bend, l.all.rows - few.all.rows}
	many.cells = l.cells // the parent has done with them
	for k := range columns {
		for s := range many.cells[k] {
			at, off := &many.cells[k][s], &few.cells[k][s]
			at.slope -= off.slope
			at.bend -= off.bend
			at.rows -= off.rows
		}
	}
	g.ask(few, columns)
	g.ask(many, columns)
	return left, right
}

func (g *grower) gains() []Gain {
	all := 0.0
	for _, x := range g.gain {
		all += x
	}
	var gains []Gain
	for c, x := range g.gain {
		if x > 0 {
			gains = append(gains, Gain{g.Names[c], x / all})
		}
	}
	slices.SortStableFunc(gains, func(a, b Gain) int { return cmp.Compare(b.Share, a.Share) })
	return gains
}

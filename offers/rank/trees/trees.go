// Package trees orders a list of offers by what lists like it have taught: many
// small decision trees, each mending what those before it got wrong.
//
// They are gradient-boosted over binned columns, grown leaf by leaf where most
// is to be gained (Ke et al.: LightGBM, 2017). A set of trees says how likely
// something is, or orders the members of a list by LambdaMART (Burges: From
// RankNet to LambdaRank to LambdaMART, 2010). Training is for a quiet hour; a
// trained set never changes and answers in microseconds.
package trees

import (
	"fmt"
	"math"
	"slices"

	"aisle/offers"
)

// Table is what is learned from: columns of numbers, of the same length. What
// is not known is math.NaN.
type Table struct {
	Names   []string
	Columns [][]float64
	Label   []float64 // 0 or 1; in lists also more, the higher the better; or an amount
	Lists   []int     // how many rows each list has, in order; empty: rows stand alone
}

// row writes the values of one row over dst, which has room for them.
func (t *Table) row(dst []float64, i int) []float64 {
	for c := range dst {
		dst[c] = t.Columns[c][i]
	}
	return dst
}

// Goal is what trees are trained for.
type Goal string

// Goals.
const (
	Chance Goal = "chance" // the probability of label 1
	Order  Goal = "order"  // the order within a list, best at the top
	Amount Goal = "amount" // how much it will be, in the mean
)

// Settings of a training. The zero value works.
type Settings struct {
	Goal        Goal    // default Chance
	Trees       int     // default 200
	Rate        float64 // how much of what is wrong a tree mends; default 0.05
	Leaves      int     // most of a tree; default 15
	LeastRows   int     // of a leaf; default 20
	Ridge       float64 // what keeps leaves small; default 1
	ColumnShare float64 // of the columns, drawn for each tree; default 0.8
	RowShare    float64 // of the rows or lists, drawn for each tree; default 0.8
	Top         int     // Order: how many places count; default 10
	Seed        uint64
}

func (s Settings) withDefaults() Settings {
	if s.Goal == "" {
		s.Goal = Chance
	}
	for _, d := range []struct {
		v  *int
		by int
	}{{&s.Trees, 200}, {&s.Leaves, 15}, {&s.LeastRows, 20}, {&s.Top, 10}} {
		if *d.v == 0 {
			*d.v = d.by
		}
	}
	for _, d := range []struct {
		v  *float64
		by float64
	}{{&s.Rate, .05}, {&s.Ridge, 1}, {&s.ColumnShare, .8}, {&s.RowShare, .8}} {
		if *d.v == 0 {
			*d.v = d.by
		}
	}
	return s
}

const (
	mostTrees  = 10_000
	mostLeaves = 1 << 10
)

func (s *Settings) check(t *Table) error {
	n := len(t.Label)
	invalid := func(format string, args ...any) error {
		return fmt.Errorf("trees: %w: %s", offers.ErrInvalid, fmt.Sprintf(format, args...))
	}
	switch {
	case s.Goal != Chance && s.Goal != Order && s.Goal != Amount:
		return invalid("no goal %q", s.Goal)
	case s.Trees < 1 || s.Trees > mostTrees || s.Leaves < 2 || s.Leaves > mostLeaves || s.LeastRows < 1 || s.Top < 1:
		return invalid("%d trees of %d leaves of %d rows, %d places", s.Trees, s.Leaves, s.LeastRows, s.Top)
	case !(s.Rate > 0 && s.Rate <= 1), !(s.Ridge >= 0), !(s.ColumnShare > 0 && s.ColumnShare <= 1), !(s.RowShare > 0 && s.RowShare <= 1):
		return invalid("rate %v, ridge %v, shares %v and %v", s.Rate, s.Ridge, s.ColumnShare, s.RowShare)
	case n == 0 || len(t.Columns) == 0 || len(t.Columns) != len(t.Names):
		return invalid("%d rows, %d columns, %d names", n, len(t.Columns), len(t.Names))
	case s.Goal == Order && len(t.Lists) == 0:
		return invalid("nothing to order: no lists")
	}
	for i, c := range t.Columns {
		if len(c) != n {
			return invalid("column %q has %d rows, not %d", t.Names[i], len(c), n)
		}
	}
	for i, y := range t.Label {
		if math.IsNaN(y) || math.IsInf(y, 0) || s.Goal == Chance && !(y >= 0 && y <= 1) || s.Goal == Order && !(y >= 0 && y <= 30) {
			return invalid("row %d has the label %v", i, y)
		}
	}
	if len(t.Lists) > 0 {
		rows := 0
		for _, k := range t.Lists {
			if k < 0 {
				return invalid("a list of %d", k)
			}
			rows += k
		}
		if rows != n {
			return invalid("lists of %d rows in all, not %d", rows, n)
		}
	}
	return nil
}

// Model is a trained set of trees. It does not change, and is safe for
// concurrent use.
type Model struct {
	Goal  Goal     `json:"goal"`
	Names []string `json:"names"` // of the columns that Score takes
	Base  float64  `json:"base"`
	Nodes []node   `json:"nodes"`
	Roots []int32  `json:"roots"` // of the trees, in Nodes
	Gains []Gain   `json:"gains"` // what each column gave, the most first
}

// Gain is how much of the mending a column made, as a share.
type Gain struct {
	Name  string  `json:"name"`
	Share float64 `json:"share"`
}

// node is a question, or an answer where Left is 0: no node has the first for a
// child, for that is a root.
type node struct {
	Column int32   `json:"c,omitempty"`
	Left   int32   `json:"l,omitempty"` // for values up to At
	Right  int32   `json:"r,omitempty"`
	Lost   bool    `json:"n,omitempty"` // what is not known goes left
	At     float64 `json:"x"`           // or the answer
}

// Score is the sum of what the trees say of a row, in the order of Names: the
// log-odds, a place in the order, or the amount.
func (m *Model) Score(row []float64) float64 {
	sum := m.Base
	for _, at := range m.Roots {
		sum += m.leaf(at, row)
	}
	return sum
}

// leaf is what the tree at a root says of a row.
func (m *Model) leaf(root int32, row []float64) float64 {
	n := &m.Nodes[root]
	for n.Left != 0 {
		x := row[n.Column]
		if x <= n.At || n.Lost && x != x {
			n = &m.Nodes[n.Left]
		} else {
			n = &m.Nodes[n.Right]
		}
	}
	return n.At
}

// ScoreAll is Score of each row, which lie one behind the other. Tree by tree, as
// a tree is small and all of them are not.
func (m *Model) ScoreAll(dst, rows []float64) {
	width := len(m.Names)
	for i := range dst {
		dst[i] = m.Base
	}
	for _, root := range m.Roots {
		for i := range dst {
			dst[i] += m.leaf(root, rows[i*width:(i+1)*width])
		}
	}
}

// Line is a model whose score is slope times this one's, and shift more: log-odds.
func (m *Model) Line(slope, shift float64) *Model {
	l := *m
	l.Goal, l.Base, l.Nodes = Chance, slope*m.Base+shift, slices.Clone(m.Nodes)
	for i := range l.Nodes {
		if n := &l.Nodes[i]; n.Left == 0 {
			n.At *= slope
		}
	}
	return &l
}

// Chance is the probability of label 1.
func (m *Model) Chance(row []float64) float64 { return sigmoid(m.Score(row)) }

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Check tells what is wrong with a model that came from outside: a question
// about a column that there is not, or a way that does not end.
func (m *Model) Check() error {
	invalid := func(format string, args ...any) error {
		return fmt.Errorf("trees: %w: %s", offers.ErrInvalid, fmt.Sprintf(format, args...))
	}
	if m.Goal != Chance && m.Goal != Order && m.Goal != Amount {
		return invalid("no goal %q", m.Goal)
	}
	if len(m.Roots) > mostTrees || len(m.Names) == 0 || math.IsNaN(m.Base) || math.IsInf(m.Base, 0) {
		return invalid("%d trees over %d columns from %v", len(m.Roots), len(m.Names), m.Base)
	}
	for _, at := range m.Roots {
		if at < 0 || int(at) >= len(m.Nodes) {
			return invalid("no node %d", at)
		}
	}
	for i, n := range m.Nodes {
		switch {
		case math.IsNaN(n.At) || math.IsInf(n.At, 0):
			return invalid("node %d is at %v", i, n.At)
		case n.Left == 0 && n.Right == 0:
		case int(n.Left) <= i || int(n.Right) <= i || int(n.Left) >= len(m.Nodes) || int(n.Right) >= len(m.Nodes):
			return invalid("node %d leads to %d and %d", i, n.Left, n.Right)
		case n.Column < 0 || int(n.Column) >= len(m.Names):
			return invalid("node %d asks for column %d", i, n.Column)
		}
	}
	return nil
}

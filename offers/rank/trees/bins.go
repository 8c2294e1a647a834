package trees

import (
	"math"
	"slices"
	"sort"
)

// bins is a table whose columns are cut into few steps, so that the best
// question is found by sums and not by sorting. Step 0 is what is not known.
type bins struct {
	step  [][]uint8
	edges [][]float64 // of each column: the greatest value of steps 1, 2, ..., but of the last
}

const mostSteps = 254 // beside the one for what is not known

func binned(t *Table) *bins {
	b := &bins{step: make([][]uint8, len(t.Columns)), edges: make([][]float64, len(t.Columns))}
	for c, column := range t.Columns {
		b.edges[c] = edgesOf(column)
		b.step[c] = make([]uint8, len(column))
		for i, x := range column {
			if !math.IsNaN(x) {
				b.step[c][i] = uint8(1 + sort.SearchFloat64s(b.edges[c], x))
			}
		}
	}
	return b
}

// edgesOf cuts a column where it has as many rows on each step as can be. Edges
// lie between values, so that a value a little off falls on the same side.
func edgesOf(column []float64) []float64 {
	sorted := make([]float64, 0, len(column))
	for _, x := range column {
		if !math.IsNaN(x) {
			sorted = append(sorted, x)
		}
	}
	slices.Sort(sorted)
	different := slices.Compact(slices.Clone(sorted))
	if len(different) < 2 {
		return nil
	}
	var edges []float64
	if len(different) <= mostSteps {
		for i := 1; i < len(different); i++ {
			edges = append(edges, between(different[i-1], different[i]))
		}
		return edges
	}
	for k := 1; k < mostSteps; k++ {
		x := sorted[k*len(sorted)/mostSteps]
		i := sort.SearchFloat64s(different, x)
		if i == 0 {
			continue
		}
		if e := between(different[i-1], x); len(edges) == 0 || e > edges[len(edges)-1] {
			edges = append(edges, e)
		}
	}
	return edges
}

// between is a number from a on and below b.
func between(a, b float64) float64 {
	if m := a/2 + b/2; m >= a && m < b {
		return m
	}
	return a
}

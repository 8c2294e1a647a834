package evalrank

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"aisle/offers"
	"aisle/offers/rank/trees"
)

// Table is how well trees tell, on one table, who says yes.
type Table struct {
	Name    string
	Rows    int
	AUC     float64 // mean over the folds
	Low     float64 // least and most of a fold
	High    float64
	Columns []trees.Gain
}

const folds = 5

// tableOf cross-validates trees on a table of words and numbers, whose last
// column says yes. What a word is worth is learned from the other folds only.
func tableOf(fsys fs.FS, file string, separator rune, yes string) (*Table, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := read(f, separator)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	head, rows := rows[0], rows[1:]
	last := len(head) - 1
	fold := rand.New(rand.NewPCG(12345, 0)).Perm(len(rows))
	out := &Table{Name: file, Rows: len(rows), Low: 1}
	gains := map[string]float64{}
	for k := range folds {
		var train, test []int
		for i := range rows {
			if fold[i]%folds == k {
				test = append(test, i)
			} else {
				train = append(train, i)
			}
		}
		label := func(i int) float64 {
			if rows[i][last] == yes {
				return 1
			}
			return 0
		}
		learn := &trees.Table{}
		var columns []column
		for c := range last {
			columns = append(columns, columnOf(rows, train, c, head[c], label))
		}
		for _, col := range columns {
			learn.Names = append(learn.Names, col.name)
			values := make([]float64, len(train))
			for j, i := range train {
				values[j] = col.of(rows[i][col.at])
			}
			learn.Columns = append(learn.Columns, values)
		}
		for _, i := range train {
			learn.Label = append(learn.Label, label(i))
		}
		m, _, err := trees.Choose(context.Background(), learn, trees.Presets(trees.Chance), uint64(k))
		if err != nil {
			return nil, err
		}
		for _, g := range m.Gains {
			gains[g.Name] += g.Share / folds
		}
		var score, truth []float64
		x := make([]float64, len(columns))
		for _, i := range test {
			for c, col := range columns {
				x[c] = col.of(rows[i][col.at])
			}
			score, truth = append(score, m.Score(x)), append(truth, label(i))
		}
		auc := AUC(truth, score)
		out.AUC += auc / folds
		out.Low, out.High = min(out.Low, auc), max(out.High, auc)
	}
	for name, share := range gains {
		out.Columns = append(out.Columns, trees.Gain{Name: name, Share: share})
	}
	slices.SortFunc(out.Columns, func(a, b trees.Gain) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}

func read(r io.Reader, separator rune) ([][]string, error) {
	c := csv.NewReader(r)
	c.Comma = separator
	rows, err := c.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 2*folds || len(rows[0]) < 2 {
		return nil, fmt.Errorf("%w: %d rows are too few", offers.ErrInvalid, len(rows))
	}
	return rows, nil
}

// column makes a number of a cell.
type column struct {
	name string
	at   int
	of   func(cell string) float64
}

// columnOf reads a column of numbers as it is, and one of words as what the word
// was worth among the rows learned from.
func columnOf(rows [][]string, train []int, at int, name string, label func(int) float64) column {
	isNumber := true
	for _, i := range train {
		if _, err := strconv.ParseFloat(rows[i][at], 64); err != nil && rows[i][at] != "" {
			isNumber = false
			break
		}
	}
	if isNumber {
		return column{name, at, func(cell string) float64 {
			x, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return math.NaN()
			}
			return x
		}}
	}
	type seen struct{ yes, n float64 }
	words := map[string]seen{}
	var all seen
	for _, i := range train {
		s := words[rows[i][at]]
		words[rows[i][at]] = seen{s.yes + label(i), s.n + 1}
		all = seen{all.yes + label(i), all.n + 1}
	}
	const shrink = 20
	return column{name, at, func(cell string) float64 {
		s := words[cell]
		return (s.yes + shrink*all.yes/all.n) / (s.n + shrink)
	}}
}

// AUC is the chance that one with label 1 scores higher than one with label 0.
func AUC(label, score []float64) float64 {
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(score[a], score[b]) })
	ranks, ones := 0.0, 0.0
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && score[order[j]] == score[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			ranks += label[k] * float64(i+j+1) / 2 // ties share their places
			ones += label[k]
		}
		i = j
	}
	zeros := float64(len(label)) - ones
	if ones == 0 || zeros == 0 {
		return math.NaN()
	}
	return (ranks - ones*(ones+1)/2) / (ones * zeros)
}

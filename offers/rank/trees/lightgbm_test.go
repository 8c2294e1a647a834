package trees

import (
	"bytes"
	"encoding/csv"
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"aisle/offers"
)

// lightGBM is a file of two trees, the second of one leaf only.
const lightGBM = `tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=visits discount
feature_infos=[0:9] [0:1]
tree_sizes=300 90

Tree=0
num_leaves=4
num_cat=0
split_feature=0 1 0
split_gain=3 2 1
threshold=4.5 -0.25 1.5
decision_type=10 2 8
left_child=2 -2 -1
right_child=1 -3 -4
leaf_value=0.5 -0.25 1.25 2
leaf_count=1 1 1 1
shrinkage=1


Tree=1
num_leaves=1
num_cat=0
leaf_value=-0.125
shrinkage=0.1


end of trees

feature_importances:
visits=2

parameters:
[boosting: gbdt]
end of parameters
`

func TestReadLightGBM(t *testing.T) {
	m, err := ReadLightGBM(strings.NewReader(lightGBM))
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	tests := []struct{ visits, discount, want float64 }{
		{1, 0, .5},     // up to 1.5
		{3, 0, 2},      // up to 4.5
		{4.5, 0, 2},    // a threshold belongs to the left
		{9, -1, -.25},  // missing nothing
		{9, 0, 1.25},   // right
		{9, nan, 1.25}, // taken for 0, which is above -0.25
		{nan, nan, 2},  // left, then right: 10 says that what is not known goes left, 8 right
		{1e300, -1, -.25},
	}
	if m.Goal != Chance || len(m.Names) != 2 {
		t.Errorf("goal %v, columns %v", m.Goal, m.Names)
	}
	for _, test := range tests {
		row := []float64{test.visits, test.discount}
		if got := m.Score(row); got != test.want-.125 {
			t.Errorf("score of %v is %v, want %v", row, got, test.want-.125)
		}
		all := []float64{0, 0}
		if m.ScoreAll(all, append(row, row...)); all[0] != m.Score(row) || all[1] != all[0] {
			t.Errorf("together %v are scored %v", row, all)
		}
	}
}

// Models that LightGBM 4 itself wrote, of data that a generator made: what is not
// known, zeros, infinities and words that were never seen are scored as it scores
// them.
func TestScoresAsLightGBMDoes(t *testing.T) {
	for name, goal := range map[string]Goal{"binary": Chance, "binary-missing-is-0": Chance, "regression": Amount, "lambdarank": Order} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("testdata/" + name + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			m, err := ReadLightGBM(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if m.Goal != goal {
				t.Errorf("goal %v, want %v", m.Goal, goal)
			}
			f, err := os.Open("testdata/" + name + ".csv")
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			rows, err := csv.NewReader(f).ReadAll()
			if err != nil || len(rows) < 20 {
				t.Fatalf("%d rows, %v", len(rows), err)
			}
			for _, cells := range rows {
				row := make([]float64, len(cells))
				for i := range cells {
					if row[i], err = strconv.ParseFloat(cells[i], 64); err != nil {
						t.Fatal(err)
					}
				}
				row, want := row[:len(row)-1], row[len(row)-1]
				if got := m.Score(row); math.Abs(got-want) > 1e-9 {
					t.Errorf("score of %v is %v, want %v", row, got, want)
				}
			}
		})
	}
}

func TestOtherLightGBM(t *testing.T) {
	tests := map[string][2]string{
		"another file":       {"tree\nversion", "forest\nversion"},
		"multiclass":         {"num_class=1", "num_class=3"},
		"objective":          {"binary sigmoid:1", "multiclass"},
		"sigmoid":            {"sigmoid:1", "sigmoid:2"},
		"no objective":       {"objective=binary sigmoid:1\n", ""},
		"categories":         {"num_cat=0", "num_cat=1"},
		"a category":         {"decision_type=10", "decision_type=9"},
		"zero as missing":    {"decision_type=10", "decision_type=6"},
		"a ring":             {"left_child=2 -2", "left_child=0 -2"},
		"no such question":   {"left_child=2 -2", "left_child=3 -2"},
		"no such leaf":       {"-3 -4", "-3 -9"},
		"too few thresholds": {"threshold=4.5 -0.25 1.5", "threshold=4.5"},
		"a column too many":  {"split_feature=0 1 0", "split_feature=0 2 0"},
		"no number":          {"0.5 -0.25 1.25", "0.5 nan 1.25"},
		"no leaves":          {"leaf_value=-0.125", "leaf_value="},
		"averaged":           {"num_class=1", "average_output\nnum_class=1"},
		"square roots":       {"binary sigmoid:1", "regression sqrt"},
		"lines for leaves":   {"num_cat=0", "num_cat=0\nis_linear=1"},
	}
	for name, change := range tests {
		text := strings.Replace(lightGBM, change[0], change[1], 1)
		if text == lightGBM {
			t.Fatalf("%s: nothing is changed", name)
		}
		if _, err := ReadLightGBM(strings.NewReader(text)); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadLightGBM(f *testing.F) {
	for _, name := range []string{"binary", "regression"} {
		text, err := os.ReadFile("testdata/" + name + ".txt")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(lightGBM)
	f.Add("tree\nobjective=lambdarank\nfeature_names=a\nTree=0\nleaf_value=1\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ReadLightGBM(strings.NewReader(text))
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("%v is of no kind", err)
			}
			return
		}
		row := make([]float64, len(m.Names))
		m.Score(row)
	})
}

package trees

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

// either is a table whose label is 1 if exactly one of two columns is large,
// which no single question tells; a third column is noise. Some of the first
// column is not known, and is then large.
func either(n int, seed uint64) *Table {
	random := rand.New(rand.NewPCG(seed, 0))
	t := &Table{Names: []string{"a", "b", "noise"}, Columns: make([][]float64, 3)}
	for range n {
		a, b := random.Float64(), random.Float64()
		label := 0.0
		if (a > .5) != (b > .5) {
			label = 1
		}
		if a > .9 {
			a = math.NaN()
		}
		for c, x := range []float64{a, b, random.Float64()} {
			t.Columns[c] = append(t.Columns[c], x)
		}
		t.Label = append(t.Label, label)
	}
	return t
}

func row(t *Table, i int) []float64 {
	return t.row(make([]float64, len(t.Columns)), i)
}

func TestLearnsWhatNoSingleQuestionTells(t *testing.T) {
	m, err := Train(t.Context(), either(4000, 1), Settings{ColumnShare: 1})
	if err != nil {
		t.Fatal(err)
	}
	unseen := either(1000, 2)
	wrong := 0
	for i, y := range unseen.Label {
		if (m.Chance(row(unseen, i)) > .5) != (y == 1) {
			wrong++
		}
	}
	if wrong > 30 {
		t.Errorf("%d of 1000 are wrong, want at most 30", wrong)
	}
	if last := m.Gains[len(m.Gains)-1]; last.Name != "noise" || last.Share > .1 {
		t.Errorf("columns gave %v, want least by noise", m.Gains)
	}
}

// A chance that is said is the share that happens.
func TestChancesAreTrue(t *testing.T) {
	make := func(n int, seed uint64) *Table {
		random := rand.New(rand.NewPCG(seed, 0))
		d := &Table{Names: []string{"x"}, Columns: [][]float64{nil}}
		for range n {
			x, y := random.Float64(), 0.0
			if random.Float64() < x*x {
				y = 1
			}
			d.Columns[0], d.Label = append(d.Columns[0], x), append(d.Label, y)
		}
		return d
	}
	m, err := Train(t.Context(), make(20_000, 1), Settings{Leaves: 4, LeastRows: 200})
	if err != nil {
		t.Fatal(err)
	}
	for x := .05; x < 1; x += .1 {
		if got := m.Chance([]float64{x}); math.Abs(got-x*x) > .05 {
			t.Errorf("at %.2f the chance is %.3f, want %.3f", x, got, x*x)
		}
	}
}

func TestAmounts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	d := &Table{Names: []string{"x"}, Columns: [][]float64{nil}}
	for range 5000 {
		x := random.Float64()
		d.Columns[0], d.Label = append(d.Columns[0], x), append(d.Label, 100*x-50+10*random.NormFloat64())
	}
	m, _, err := Choose(t.Context(), d, Presets(Amount), 1)
	if err != nil {
		t.Fatal(err)
	}
	for x := .05; x < 1; x += .1 {
		if got, want := m.Score([]float64{x}), 100*x-50; math.Abs(got-want) > 4 {
			t.Errorf("at %.2f the amount is %.1f, want %.1f", x, got, want)
		}
	}
}

// lists are of ten offers each; the label grows with a hidden mixture of the
// columns, and one column is the same for all of a list.
func lists(n int, seed uint64) *Table {
	random := rand.New(rand.NewPCG(seed, 0))
	t := &Table{Names: []string{"a", "b", "of the list"}, Columns: make([][]float64, 3)}
	for range n {
		whole := random.Float64()
		for range 10 {
			a, b := random.Float64(), random.Float64()
			label := 0.0
			if a*whole+b*(1-whole)+.1*random.NormFloat64() > .7 {
				label = 1
			}
			for c, x := range []float64{a, b, whole} {
				t.Columns[c] = append(t.Columns[c], x)
			}
			t.Label = append(t.Label, label)
		}
		t.Lists = append(t.Lists, 10)
	}
	return t
}

func meanNDCG(m *Model, t *Table) float64 {
	sum, n, from := 0.0, 0.0, 0
	for _, k := range t.Lists {
		var score []float64
		for i := from; i < from+k; i++ {
			score = append(score, m.Score(row(t, i)))
		}
		if x, ok := NDCG(t.Label[from:from+k], score, 10); ok {
			sum += x
			n++
		}
		from += k
	}
	return sum / n
}

func TestOrdersLists(t *testing.T) {
	m, err := Train(t.Context(), lists(800, 1), Settings{Goal: Order, Trees: 100})
	if err != nil {
		t.Fatal(err)
	}
	chance, err := Train(t.Context(), lists(800, 1), Settings{Goal: Order, Trees: 1, Leaves: 2, LeastRows: 3000})
	if err != nil {
		t.Fatal(err)
	}
	unseen := lists(300, 2)
	if got, little := meanNDCG(m, unseen), meanNDCG(chance, unseen); got < .9 || got < little+.1 {
		t.Errorf("NDCG is %.3f, and %.3f of one tree; want at least .9 and clearly more", got, little)
	}
}

func TestNDCGByHand(t *testing.T) {
	for _, c := range []struct {
		name         string
		label, score []float64
		top          int
		want         float64
		ok           bool
	}{
		{"best", []float64{1, 0, 0}, []float64{3, 2, 1}, 10, 1, true},
		{"second", []float64{0, 1, 0}, []float64{3, 2, 1}, 10, 1 / math.Log2(3), true},
		{"beyond the top", []float64{0, 0, 1}, []float64{3, 2, 1}, 2, 0, true},
		{"graded", []float64{1, 2}, []float64{2, 1}, 10, (1 + 3/math.Log2(3)) / (3 + 1/math.Log2(3)), true},
		{"ties keep the order", []float64{0, 1}, []float64{1, 1}, 10, 1 / math.Log2(3), true},
		{"nothing to find", []float64{0, 0}, []float64{1, 2}, 10, 0, false},
	} {
		got, ok := NDCG(c.label, c.score, c.top)
		if math.Abs(got-c.want) > 1e-12 || ok != c.ok {
			t.Errorf("%s: got %v, %v, want %v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestSameSeedSameModelAndBackFromJSON(t *testing.T) {
	a, err := Train(t.Context(), either(500, 1), Settings{Trees: 20, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Train(t.Context(), either(500, 1), Settings{Trees: 20, Seed: 3})
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
	packed, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var back Model
	if err := json.Unmarshal(packed, &back); err != nil {
		t.Fatal(err)
	}
	if err := back.Check(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(a, &back); diff != "" {
		t.Error(diff)
	}
}

func TestColumnsOfOneValueAndOfMany(t *testing.T) {
	d := either(2000, 1)
	d.Names = append(d.Names, "constant", "unknown", "many")
	constant, unknown, many := make([]float64, 2000), make([]float64, 2000), make([]float64, 2000)
	for i := range unknown {
		unknown[i], many[i] = math.NaN(), float64(i)*1e-300
	}
	d.Columns = append(d.Columns, constant, unknown, many)
	m, err := Train(t.Context(), d, Settings{Trees: 30})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Check(); err != nil {
		t.Error(err)
	}
	for _, g := range m.Gains {
		if g.Name == "constant" || g.Name == "unknown" {
			t.Errorf("%s tells nothing, and gave %v", g.Name, g.Share)
		}
	}
}

func TestTablesThatCannotBe(t *testing.T) {
	good := func() *Table { return either(100, 1) }
	for name, c := range map[string]struct {
		spoil    func(*Table)
		settings Settings
	}{
		"no rows":         {func(t *Table) { *t = Table{Names: []string{"a"}, Columns: [][]float64{{}}} }, Settings{}},
		"a short column":  {func(t *Table) { t.Columns[1] = t.Columns[1][:50] }, Settings{}},
		"a nameless one":  {func(t *Table) { t.Names = t.Names[:2] }, Settings{}},
		"label beyond":    {func(t *Table) { t.Label[3] = 2 }, Settings{}},
		"label not known": {func(t *Table) { t.Label[3] = math.NaN() }, Settings{}},
		"lists too long":  {func(t *Table) { t.Lists = []int{101} }, Settings{Goal: Order}},
		"no lists":        {func(*Table) {}, Settings{Goal: Order}},
		"no such goal":    {func(*Table) {}, Settings{Goal: "fame"}},
		"too many trees":  {func(*Table) {}, Settings{Trees: 1 << 20}},
		"negative rate":   {func(*Table) {}, Settings{Rate: -1}},
	} {
		t.Run(name, func(t *testing.T) {
			d := good()
			c.spoil(d)
			if _, err := Train(t.Context(), d, c.settings); !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("got %v, want ErrInvalid", err)
			}
		})
	}
}

// FuzzCheck: what passes Check can be asked.
func FuzzCheck(f *testing.F) {
	m, err := Train(f.Context(), either(200, 1), Settings{Trees: 3})
	if err != nil {
		f.Fatal(err)
	}
	packed, _ := json.Marshal(m)
	f.Add(packed)
	f.Add([]byte(`{"goal":"chance","names":["a"],"nodes":[{"l":1,"r":0,"x":1},{"l":1,"r":2}],"roots":[0]}`))
	f.Add([]byte(`{"goal":"order","names":["a"],"nodes":[{"x":1}],"roots":[0,0]}`))
	f.Fuzz(func(_ *testing.T, b []byte) {
		var m Model
		if json.Unmarshal(b, &m) != nil || m.Check() != nil {
			return
		}
		m.Score(make([]float64, len(m.Names)))
	})
}

func BenchmarkScore24(b *testing.B) {
	d := either(5000, 1)
	m, err := Train(b.Context(), d, Settings{})
	if err != nil {
		b.Fatal(err)
	}
	rows := make([][]float64, 24)
	for i := range rows {
		rows[i] = row(d, i)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range rows {
			m.Score(r)
		}
	}
}

func BenchmarkTrain(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		d := either(n, 1)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := Train(b.Context(), d, Settings{Trees: 50}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What is simple is told best by few questions, what hangs together by many.
func TestChoose(t *testing.T) {
	noise := &Table{Names: []string{"x", "y"}, Columns: make([][]float64, 2)}
	random := rand.New(rand.NewPCG(1, 0))
	for range 2000 {
		x, label := random.Float64(), 0.0
		if random.Float64() < .2+.1*math.Round(x) {
			label = 1
		}
		noise.Columns[0], noise.Columns[1] = append(noise.Columns[0], x), append(noise.Columns[1], random.Float64())
		noise.Label = append(noise.Label, label)
	}
	few, many := Settings{Trees: 30, Leaves: 2}, Settings{Trees: 300, Leaves: 31, LeastRows: 5}
	for _, c := range []struct {
		name  string
		table *Table
		want  Settings
	}{{"simple", noise, few}, {"together", either(2000, 1), many}} {
		m, got, err := Choose(t.Context(), c.table, []Settings{few, many}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got.Leaves != c.want.Leaves || len(m.Roots) == 0 {
			t.Errorf("%s: chose %+v", c.name, got)
		}
	}
	if _, _, err := Choose(t.Context(), either(100, 1), []Settings{{Goal: "fame"}}, 1); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("no setting that can be: got %v", err)
	}
}

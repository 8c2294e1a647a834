package rank

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
)

var morning = &offers.Context{
	Hour: 10, Weekday: 2, Category: "footwear", Tier: "gold",
	Searched: []string{"footwear", "rain"}, Senses: []offers.Sensor{offers.SensorCamera, offers.SensorBeacon},
}

func arm(i int) Arm {
	categories := []string{"footwear", "rain", "food", ""}
	return Arm{
		Offer: offers.OfferID(fmt.Sprintf("offer-%d", i)), Campaign: offers.CampaignID(fmt.Sprintf("campaign-%d", i/2)),
		Category: categories[i%len(categories)], Zone: offers.ZoneID(fmt.Sprintf("zone-%d", i%5)),
		Channel: offers.ChannelSMS, Discount: float64(i%5) / 20,
	}
}

// share is all or nothing.
func share(taken bool) float64 {
	if taken {
		return 1
	}
	return 0
}

func arms(n int) []Arm {
	all := make([]Arm, n)
	for i := range all {
		all[i] = arm(i)
	}
	return all
}

func TestPriorExpectsTheBaseRateOfEveryone(t *testing.T) {
	contexts := map[string]*offers.Context{
		"everything known": morning,
		"nothing known":    {},
		"a long search":    {Searched: []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}},
		"odd clock":        {Hour: -4, Weekday: 99},
	}
	for name, c := range contexts {
		t.Run(name, func(t *testing.T) {
			for _, e := range New().Predict(nil, c, arms(7)) {
				if math.Abs(e.Mean-baseRate) > 0.001 {
					t.Errorf("mean is %.4f; want %.2f", e.Mean, baseRate)
				}
				if e.SD < 0.01 || e.SD > 0.2 {
					t.Errorf("deviation is %.4f: the prior is neither sure nor clueless", e.SD)
				}
			}
		})
	}
}

// The moments of Phi(s), s Gaussian, against a fine sum over s.
func TestEstimateIsTheDistributionOfTheProbability(t *testing.T) {
	for _, mean := range []float64{-6, -2.6, -1, 0, 0.5, 3} {
		for _, variance := range []float64{1e-6, 0.01, 0.3, 1, 5} {
			var m1, m2, mass float64
			for k := -4000; k <= 4000; k++ {
				z := float64(k) / 500
				w, p := density(z), cdf(mean+z*math.Sqrt(variance))
				mass, m1, m2 = mass+w, m1+w*p, m2+w*p*p
			}
			m1, m2 = m1/mass, m2/mass
			got := estimate(mean, variance)
			if sd := math.Sqrt(max(m2-m1*m1, 0)); math.Abs(got.Mean-m1) > 1e-6 || math.Abs(got.SD-sd) > 0.002*sd+1e-7 {
				t.Errorf("estimate(%v, %v) = %.7f ± %.7f; want %.7f ± %.7f", mean, variance, got.Mean, got.SD, m1, sd)
			}
		}
	}
}

// Two shoppers' tastes, each in its own context: the model tells them apart and
// becomes sure where it has seen much.
func TestLearnsWhoTakesWhat(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	runner := &offers.Context{Hour: 10, Category: "footwear", Searched: []string{"footwear"}}
	cook := &offers.Context{Hour: 18, Category: "food", Tier: "gold", Searched: []string{"food"}}
	shoes := Arm{Offer: "shoes", Campaign: "c1", Category: "footwear", Channel: offers.ChannelSMS, Discount: 0.2}
	pasta := Arm{Offer: "pasta", Campaign: "c2", Category: "food", Channel: offers.ChannelSMS, Discount: 0.1}
	truth := map[*offers.Context]map[string]float64{runner: {"shoes": 0.25, "pasta": 0.01}, cook: {"shoes": 0.02, "pasta": 0.15}}

	l := NewLearner(New())
	for range 4000 {
		for _, c := range []*offers.Context{runner, cook} {
			for _, a := range []*Arm{&shoes, &pasta} {
				l.Learn(c, a, share(rng.Float64() < truth[c][string(a.Offer)]))
			}
		}
	}
	m := l.Snapshot()
	for _, c := range []*offers.Context{runner, cook} {
		got := m.Predict(nil, c, []Arm{shoes, pasta})
		for i, a := range []Arm{shoes, pasta} {
			want := truth[c][string(a.Offer)]
			if math.Abs(got[i].Mean-want) > 0.05 || got[i].SD > 0.04 {
				t.Errorf("%s in context %v: %.3f ± %.3f; want %.3f", a.Offer, c.Category, got[i].Mean, got[i].SD, want)
			}
		}
	}
	// An offer that nobody has seen is believed to be like its category.
	fresh := Arm{Offer: "boots", Campaign: "c3", Category: "footwear", Channel: offers.ChannelSMS, Discount: 0.2}
	unlike := Arm{Offer: "bread", Campaign: "c4", Category: "food", Channel: offers.ChannelSMS, Discount: 0.2}
	got := m.Predict(nil, runner, []Arm{fresh, unlike, shoes})
	if got[0].Mean < 2*got[1].Mean || got[0].SD < 2*got[2].SD {
		t.Errorf("new offers %+v, %+v beside a known one %+v: the first should look better than the second, and less sure than the third", got[0], got[1], got[2])
	}
}

func TestPredictsThePercentagesThatFollow(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	l := NewLearner(New())
	var expected, taken float64
	for i := range 30000 {
		c := &offers.Context{Hour: rng.IntN(24), Weekday: rng.IntN(7), Category: []string{"footwear", "rain", "food"}[rng.IntN(3)]}
		a := arm(rng.IntN(20))
		p := 0.02
		if c.Category == a.Category {
			p = 0.12
		}
		yes := rng.Float64() < p
		if q := l.Learn(c, &a, share(yes)); i > 10000 {
			expected += q
			if yes {
				taken++
			}
		}
	}
	if ratio := expected / taken; ratio < 0.93 || ratio > 1.07 {
		t.Errorf("expected %.0f, were taken %.0f", expected, taken)
	}
}

func TestForgetsSlowly(t *testing.T) {
	a, c := arm(0), morning
	l := NewLearner(New())
	for range 2000 {
		l.Learn(c, &a, 0)
	}
	was := l.Snapshot().Predict(nil, c, []Arm{a})[0]
	for range 400 {
		l.Learn(c, &a, 1)
	}
	if is := l.Snapshot().Predict(nil, c, []Arm{a})[0]; is.Mean < was.Mean+0.1 {
		t.Errorf("after a turn of the season %.3f, before %.3f: want it to follow", is.Mean, was.Mean)
	}
}

func TestSnapshotsDoNotChange(t *testing.T) {
	l := NewLearner(New())
	a := arm(1)
	first := l.Snapshot()
	before := first.Predict(nil, morning, arms(3))
	for range 100 {
		l.Learn(morning, &a, 1)
	}
	second := l.Snapshot()
	if d := cmp.Diff(before, first.Predict(nil, morning, arms(3))); d != "" {
		t.Errorf("a snapshot changed under its reader:\n%s", d)
	}
	if first.Version() == second.Version() || second.Learned() != 100 {
		t.Errorf("versions %s, %s with %d learned; want two, 100", first.Version(), second.Version(), second.Learned())
	}
}

func TestLearnSurvivesSurprises(t *testing.T) {
	l := NewLearner(New())
	a := arm(0)
	for i := range 20000 {
		l.Learn(morning, &a, share(i%1000 == 0))
	}
	for range 20000 {
		l.Learn(morning, &a, 1)
	}
	for range 5 {
		l.Learn(morning, &a, 0)
	}
	got := l.Snapshot().Predict(nil, morning, []Arm{a})[0]
	if !(got.Mean > 0 && got.Mean <= 1 && got.SD > 0 && got.SD < 0.5) {
		t.Errorf("estimate is %+v", got)
	}
}

func TestSnapshotEncoding(t *testing.T) {
	l := NewLearner(New())
	for i := range 500 {
		a := arm(i % 30)
		l.Learn(morning, &a, share(i%9 == 0))
	}
	m := l.Snapshot()
	packed := m.Encode()
	got, err := Decode(packed)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m, got, cmp.AllowUnexported(Model{}, weight{})); d != "" {
		t.Errorf("decoded differs:\n%s", d)
	}
	if len(packed) > 200_000 {
		t.Errorf("%d bytes after 500 outcomes", len(packed))
	}
	for i := range packed {
		damaged := append([]byte(nil), packed...)
		damaged[i] ^= 1
		if _, err := Decode(damaged); err == nil {
			t.Fatalf("byte %d damaged, and decoded all the same", i)
		}
		if i > 300 { // the checksum does the rest
			break
		}
	}
	for _, cut := range []int{0, 5, len(packed) / 2, len(packed) - 1} {
		if _, err := Decode(packed[:cut]); err == nil {
			t.Errorf("cut to %d bytes, and decoded all the same", cut)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(New().Encode())
	f.Fuzz(func(_ *testing.T, b []byte) {
		if m, err := Decode(b); err == nil {
			m.Predict(nil, morning, arms(2))
		}
	})
}

func TestDrawMatchesItsProbabilities(t *testing.T) {
	est := []Estimate{{Mean: 0.03, SD: 0.02}, {Mean: 0.05, SD: 0.01}, {Mean: 0.02, SD: 0.03}, {Mean: 0.05, SD: 0}}
	mult := []float64{20, 10, 35, 9}
	const draws = 1_000_000
	counts := make([]float64, len(est))
	var p []float64
	for seed := range uint64(draws) {
		var pick int
		p, pick = Draw(p, est, mult, 0.02, seed)
		counts[pick]++
	}
	chi := 0.0
	for i := range counts {
		want := p[i] * draws
		chi += (counts[i] - want) * (counts[i] - want) / want
	}
	if chi > 16.27 { // 1 in 1000 for three degrees of freedom
		t.Errorf("drew %v of %d with probabilities %v: chi squared %.1f", counts, draws, p, chi)
	}
}

// The matching itself: the chance to be best, against a simulation.
func TestDrawIsInProportionToTheChanceToBeBest(t *testing.T) {
	tests := map[string][]Estimate{
		"alike":              {{Mean: 0.05, SD: 0.02}, {Mean: 0.05, SD: 0.02}, {Mean: 0.05, SD: 0.02}},
		"one better":         {{Mean: 0.05, SD: 0.02}, {Mean: 0.08, SD: 0.02}, {Mean: 0.05, SD: 0.02}},
		"one unsure":         {{Mean: 0.05, SD: 0.005}, {Mean: 0.04, SD: 0.05}},
		"very unlike scales": {{Mean: 0.05, SD: 0.001}, {Mean: 0.03, SD: 0.02}, {Mean: 0.0505, SD: 0.0005}},
	}
	for name, est := range tests {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, 6))
			want := make([]float64, len(est))
			const runs = 200_000
			for range runs {
				top, at := math.Inf(-1), 0
				for i, e := range est {
					if s := e.Mean + e.SD*rng.NormFloat64(); s > top {
						top, at = s, i
					}
				}
				want[at] += 1.0 / runs
			}
			mult := []float64{1, 1, 1}[:len(est)]
			got, _ := Draw(nil, est, mult, 0, 1)
			for i := range got {
				if math.Abs(got[i]-want[i]) > 0.02 {
					t.Errorf("arm %d: %.3f; want %.3f (all: %.3f, %.3f)", i, got[i], want[i], got, want)
				}
			}
		})
	}
}

func TestDrawOnAnyInput(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	many := make([]Estimate, 1000)
	for i := range many {
		many[i] = Estimate{Mean: 0.03, SD: 0.02}
	}
	ones := make([]float64, 1000)
	for i := range ones {
		ones[i] = 1
	}
	tests := []struct {
		name  string
		est   []Estimate
		mult  []float64
		floor float64
		want  []float64 // nil: only that it is a distribution
	}{
		{"no arm", nil, nil, 0.1, []float64{}},
		{"one arm", []Estimate{{Mean: 0.1, SD: 0.1}}, []float64{3}, 0.05, []float64{1}},
		{"one arm, worth nothing", []Estimate{{Mean: 0.1, SD: 0.1}}, []float64{0}, 0, []float64{1}},
		{"all worth nothing", []Estimate{{Mean: 0.1, SD: 0.1}, {Mean: 0.2, SD: 0.1}}, []float64{0, 0}, 0, []float64{0.5, 0.5}},
		{"certain tie of three", []Estimate{{Mean: 0.1, SD: 0}, {Mean: 0.1, SD: 0}, {Mean: 0.1, SD: 0}}, []float64{1, 1, 1}, 0, []float64{1. / 3, 1. / 3, 1. / 3}},
		{"certain best", []Estimate{{Mean: 0.1, SD: 0}, {Mean: 0.2, SD: 0}}, []float64{1, 1}, 0, []float64{0, 1}},
		{"certain best, floor", []Estimate{{Mean: 0.1, SD: 0}, {Mean: 0.2, SD: 0}}, []float64{1, 1}, 0.1, []float64{0.1, 0.9}},
		{"floor leaves nothing", []Estimate{{Mean: 0.1, SD: 0}, {Mean: 0.2, SD: 0}}, []float64{1, 1}, 0.8, []float64{0.5, 0.5}},
		{"not numbers", []Estimate{{Mean: nan, SD: nan}, {Mean: 0.2, SD: nan}, {Mean: inf, SD: inf}}, []float64{nan, -inf, inf}, nan, nil},
		{"fewer multipliers than arms", []Estimate{{Mean: 0.1, SD: 0.1}, {Mean: 0.2, SD: 0.1}}, []float64{1}, 0, nil},
		{"negative multiplier", []Estimate{{Mean: 0.1, SD: 0.01}, {Mean: 0.2, SD: 0.1}}, []float64{1, -5}, 0, []float64{1, 0}},
		{"huge and tiny", []Estimate{{Mean: 1e-300, SD: 1e-300}, {Mean: 0.5, SD: 1}}, []float64{1e-300, 1e300}, 0, nil},
		{"a thousand", many, ones, 0, nil},
		{"a thousand with floor", many, ones, 0.0005, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, pick := Draw(nil, test.est, test.mult, test.floor, 7)
			again, same := Draw(make([]float64, 3), test.est, test.mult, test.floor, 7)
			if d := cmp.Diff(p, again, cmpopts.EquateEmpty()); d != "" || pick != same {
				t.Errorf("drew %d, then %d with the same seed\n%s", pick, same, d)
			}
			if len(test.est) == 0 {
				if pick != -1 || len(p) != 0 {
					t.Errorf("drew %d of nothing, p %v", pick, p)
				}
				return
			}
			sum := 0.0
			for _, q := range p {
				if !(q >= 0 && q <= 1) {
					t.Errorf("p = %v", p)
				}
				sum += q
			}
			if math.Abs(sum-1) > 1e-9 || pick < 0 || pick >= len(p) || p[pick] == 0 {
				t.Errorf("sum of p is %v, pick %d with %v", sum, pick, p[pick])
			}
			for i, want := range test.want {
				if math.Abs(p[i]-want) > 1e-3 {
					t.Errorf("p = %.4f; want %.4f", p, test.want)
					break
				}
			}
		})
	}
}

func TestPredictAllocatesNothing(t *testing.T) {
	m, as := New(), arms(100)
	dst := make([]Estimate, 0, 100)
	if n := testing.AllocsPerRun(20, func() { dst = m.Predict(dst, morning, as) }); n != 0 {
		t.Errorf("%v allocations for 100 arms", n)
	}
	p, mult := make([]float64, 0, 100), make([]float64, 100)
	for i := range mult {
		mult[i] = 10
	}
	if n := testing.AllocsPerRun(20, func() { p, _ = Draw(p, dst, mult, 0.001, 1) }); n != 0 {
		t.Errorf("%v allocations for a draw", n)
	}
}

func BenchmarkPredict100(b *testing.B) {
	m, as := New(), arms(100)
	dst := make([]Estimate, 0, 100)
	b.ReportAllocs()
	for b.Loop() {
		dst = m.Predict(dst, morning, as)
	}
}

func BenchmarkDraw(b *testing.B) {
	for _, n := range []int{2, 10, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			est := New().Predict(nil, morning, arms(n))
			mult, p := make([]float64, n), make([]float64, 0, n)
			for i := range mult {
				mult[i] = float64(5 + i)
			}
			b.ReportAllocs()
			for b.Loop() {
				p, _ = Draw(p, est, mult, 0.001, 1)
			}
		})
	}
}

func BenchmarkLearn(b *testing.B) {
	l, a := NewLearner(New()), arm(3)
	for b.Loop() {
		l.Learn(morning, &a, 0)
	}
}

func BenchmarkSnapshot(b *testing.B) {
	l := NewLearner(New())
	for i := range 20000 {
		a := arm(i % 1000)
		l.Learn(morning, &a, 0)
	}
	b.ResetTimer()
	for b.Loop() {
		l.Snapshot().Encode()
	}
}

// Half an offer taken teaches what one taken and one not do together.
func TestLearnsFromShares(t *testing.T) {
	half, both := NewLearner(New()), NewLearner(New())
	a := arm(0)
	for i := range 4000 {
		half.Learn(morning, &a, .5)
		both.Learn(morning, &a, float64(i%2))
	}
	got, want := half.Snapshot().Predict(nil, morning, []Arm{a})[0], both.Snapshot().Predict(nil, morning, []Arm{a})[0]
	if math.Abs(got.Mean-want.Mean) > .02 || math.Abs(got.SD-want.SD) > .01 {
		t.Errorf("got %+v, want about %+v", got, want)
	}
}

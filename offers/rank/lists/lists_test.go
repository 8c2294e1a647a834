package lists

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/rank"
)

var categories = []string{"footwear", "food", "toys", "garden"}

// seen plays lists of six offers. Who searched for an offer's category takes it,
// but only below 5 visits; others mostly take nothing.
func seen(n int, seed uint64) (rows []Shown) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for list := range n {
		wanted, visits := categories[rng.IntN(4)], rng.IntN(10)
		c := offers.Context{Hour: rng.IntN(24), Features: fmt.Appendf(nil, `{"visits":%d,"searches":{%q:2}}`, visits, wanted)}
		for range 6 {
			r := Shown{
				Decision: offers.DecisionID(fmt.Sprint(list)), Time: time.Unix(int64(list), 0).UTC(), Context: c, Expected: .1 + .01*rng.Float64(),
				Arm: rank.Arm{Offer: offers.OfferID(fmt.Sprint("o", rng.IntN(12))), Campaign: "c", Category: categories[rng.IntN(4)]},
			}
			chance := .04
			if r.Arm.Category == wanted && visits < 5 {
				chance = .5
			}
			if rng.Float64() < chance {
				r.Worth = 1 + float64(rng.IntN(2))
			}
			rows = append(rows, r)
		}
	}
	return rows
}

func trained(t testing.TB, n int) *Model {
	t.Helper()
	m, err := Train(t.Context(), 3, time.Unix(9, 0).UTC(), seen(n, 1), 1)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOrdersListsAsTheyTaught(t *testing.T) {
	m := trained(t, 1500)
	if !m.Trial.AsGood() || m.Trial.NDCG < m.Trial.Before+.1 || m.Trial.Loss > .9*m.Trial.LossSoFar {
		t.Errorf("trial: %+v", m.Trial)
	}
	fresh := m.try(seen(800, 2))
	if math.Abs(fresh.NDCG-m.Trial.NDCG) > .06 {
		t.Errorf("NDCG is %.3f on other lists, %.3f in the trial", fresh.NDCG, m.Trial.NDCG)
	}
	said := func(visits int, category string) rank.Estimate {
		est := []rank.Estimate{{Mean: .5, SD: .07}}
		m.Refine(est, &offers.Context{Hour: 3, Features: fmt.Appendf(nil, `{"visits":%d,"searches":{"food":2}}`, visits)}, []rank.Arm{{Offer: "new", Campaign: "c", Category: category}})
		return est[0]
	}
	likely, not := said(2, "food"), said(8, "food")
	if math.Abs(likely.Mean-.5) > .12 || not.Mean > .12 || said(2, "toys").Mean > .12 {
		t.Errorf("chances are %.3f, %.3f and %.3f; want .5, .04 and .04", likely.Mean, not.Mean, said(2, "toys").Mean)
	}
	if likely.SD != .07 || likely.By != "lists-3" {
		t.Errorf("got %+v", likely)
	}
}

func TestSameListsSameRanker(t *testing.T) {
	a, b := trained(t, 300), trained(t, 300)
	raw, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	rows := seen(50, 7)
	for name, m := range map[string]*Model{"trained again": b, "read again": again} {
		if d := cmp.Diff(a.scores(rows), m.scores(rows)); d != "" {
			t.Errorf("%s:\n%s", name, d)
		}
	}
}

func TestTooFewLists(t *testing.T) {
	rows := seen(300, 1)
	for i := range rows {
		rows[i].Worth = 0
	}
	for name, rows := range map[string][]Shown{"none": nil, "few": seen(20, 1), "nothing taken": rows} {
		if _, err := Train(t.Context(), 1, time.Time{}, rows, 1); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestColumns(t *testing.T) {
	names := []string{
		"hour", "weekday", "searched", "senses", "discount", "searched_it", "stands_there", "tier=gold", "category=food", "offer=o1", "campaign=x",
		"offer_category=food", "offer_zone=z", "channel=app", "feature_visits", "feature_searches", "feature_searches[toys]", "feature_searches[shoes]",
		"feature_searches[*]", "feature_from=web", "feature_nobody", "feature_from", "feature_visits[a]",
	}
	nan := math.NaN()
	want := []float64{13, 2, 2, 1, .25, 1, 0, 1, 0, 1, 0, 1, 1, 0, 7, 5, 3, 0, 2, 1, nan, nan, nan}
	c, err := NewColumns(names)
	if err != nil {
		t.Fatal(err)
	}
	var s Scene
	if err := c.Look(&s, &offers.Context{
		Hour: 13, Weekday: 2, Searched: []string{"toys", "food"}, Senses: []offers.Sensor{"beacon"}, Tier: "gold", Category: "toys",
		Features: offers.Features(`{"visits":7,"searches":{"toys":3,"food":2},"from":"web"}`),
	}); err != nil {
		t.Fatal(err)
	}
	got := c.Row(&s, &rank.Arm{Offer: "o1", Campaign: "c", Category: "food", Zone: "z", Channel: "sms", Discount: .25})
	for i := range names {
		if got[i] != want[i] && !(math.IsNaN(got[i]) && math.IsNaN(want[i])) {
			t.Errorf("%s is %v, want %v", names[i], got[i], want[i])
		}
	}
	for _, name := range []string{"", "nonsense", "tier", "hour=3", "feature_"} {
		if _, err := NewColumns([]string{name}); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := c.Look(&s, &offers.Context{Features: offers.Features("nonsense")}); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("features that are none: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	raw, err := trained(f, 120).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"trees":{"goal":"order","names":["hour"],"nodes":[{"x":1}],"roots":[0]},"slope":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Decode(raw)
		if err != nil {
			return
		}
		est := []rank.Estimate{{Mean: .1, SD: .1}}
		m.Refine(est, &offers.Context{}, []rank.Arm{{Offer: "o"}})
		if p := est[0].Mean; !(p > 0 && p < 1) {
			t.Errorf("a chance of %v", p)
		}
	})
}

func BenchmarkRefine100(b *testing.B) {
	m := trained(b, 1500)
	arms := make([]rank.Arm, 100)
	for i := range arms {
		arms[i] = rank.Arm{Offer: offers.OfferID(fmt.Sprint("o", i%12)), Campaign: "c", Category: categories[i%4]}
	}
	est := make([]rank.Estimate, 100)
	c := &offers.Context{Hour: 3, Features: offers.Features(`{"visits":4,"searches":{"food":2}}`)}
	for b.Loop() {
		m.Refine(est, c, arms)
	}
}

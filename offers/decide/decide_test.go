package decide

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
	"aisle/offers/rank"
)

// certain is a ranker that knows the chance of each offer.
type certain map[offers.OfferID]float64

func (certain) Version() string { return "certain" }

func (c certain) Predict(dst []rank.Estimate, _ *offers.Context, arms []rank.Arm) []rank.Estimate {
	for _, a := range arms {
		dst = append(dst, rank.Estimate{Mean: c[a.Offer], SD: .001})
	}
	return dst
}

// searched has looked for shoes, and for coffee once.
func searched() *offers.Profile {
	p := willing()
	for i, query := range []string{"running shoes", "running shoes", "espresso"} {
		Fold(features, p, &offers.Event{
			ID: offers.EventID(fmt.Sprint("search", i)), Type: offers.ProductSearched, Shopper: "mia", Query: query,
			Time: noon.Add(-time.Duration(i+1) * time.Hour), Source: "segment/website",
		})
	}
	return p
}

func TestDecisionIsRecordedWhole(t *testing.T) {
	k := testCampaign("k")
	k.Weight, k.Lever = 1.5, 20
	k.Offers[0].Zone = "coffee"
	p, e := searched(), dwelled("footwear", noon)
	p.Traits.Tier = "gold"
	Fold(features, p, &offers.Event{ID: "r", Type: offers.Recognised, Shop: "shop", Time: noon.Add(-time.Minute)})
	e.Received = noon.Add(time.Second)
	got := testEngine(t, k).Decide(momentOf(p, e), certain{"k-offer": .2})

	detour, reach := 40., math.Exp(-1)
	want := &offers.Decision{
		ID: "3-42-0", Shopper: "mia", Shop: "shop", Zone: "footwear", Event: "e", Trigger: offers.ZoneDwelled,
		Time: noon, Received: noon.Add(time.Second), Offset: 42,
		Verdict: offers.Offered, Campaign: "k", Offer: &k.Offers[0], Channels: []offers.Channel{offers.ChannelApp, offers.ChannelSMS},
		Probability: 1, Expires: noon.Add(2 * time.Hour), Model: "certain",
		Candidates: []offers.Candidate{{
			Campaign: "k", Name: "Campaign k", Offer: "k-offer", Title: "Offer of k",
			Propensity: .2, Uncertainty: .001, Weight: 1.5, Value: 10, Lever: 1.2, Reach: reach, DetourM: detour,
			Score: .2 * 1.5 * 10 * 1.2 * reach, Probability: 1,
		}},
		Context: offers.Context{
			Hour: 12, Weekday: 5, Shopper: "mia", Category: "footwear", Tier: "gold",
			Searched: []string{"footwear", "coffee"}, Senses: []offers.Sensor{offers.SensorBeacon, offers.SensorCamera},
		},
	}
	ignore := cmpopts.IgnoreFields(offers.Decision{}, "Features", "Consents")
	if diff := cmp.Diff(want, got, ignore, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("decision (-want +got):\n%s", diff)
	}
	seen, err := got.Features.Values()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"footwear": 2., "coffee": 1.}, seen["searches"]); diff != "" {
		t.Errorf("searches as they were seen (-want +got):\n%s", diff)
	}
}

func TestScoreAndReach(t *testing.T) {
	near, far, anywhere := testCampaign("near"), testCampaign("far"), testCampaign("anywhere")
	far.Offers[0].Zone, anywhere.Offers[0].Zone = "coffee", ""
	near.Offers[0].Value = offers.Money{} // worth nothing that is known
	d := testEngine(t, near, far, anywhere).Decide(momentOf(willing(), dwelled("footwear", noon)), certain{"near-offer": .1, "far-offer": .1, "anywhere-offer": .1})
	got := map[offers.CampaignID]offers.Candidate{}
	sum := 0.
	for _, c := range d.Candidates {
		got[c.Campaign] = c
		sum += c.Probability
		if want := c.Propensity * c.Weight * c.Value * c.Lever * c.Reach; math.Abs(c.Score-want) > 1e-12 {
			t.Errorf("%s: score %v is not P x C x V x L x R = %v", c.Campaign, c.Score, want)
		}
		if c.Probability < exploration/3 {
			t.Errorf("%s: probability %v, want at least %v", c.Campaign, c.Probability, exploration/3)
		}
	}
	if math.Abs(sum-1) > 1e-9 {
		t.Errorf("probabilities sum to %v", sum)
	}
	if c := got["near"]; c.Reach != 1 || c.DetourM != 0 || c.Value <= 0 {
		t.Errorf("near: %+v, want reach 1, no detour and some value", c)
	}
	if c := got["anywhere"]; c.Reach != 1 {
		t.Errorf("anywhere: reach %v, want 1", c.Reach)
	}
	if c := got["far"]; c.DetourM != 40 || c.Reach >= .4 || c.Reach <= .3 {
		t.Errorf("far: detour %v, reach %v, want 40 m and 1/e", c.DetourM, c.Reach)
	}
	if d.Candidates[0].Campaign != d.Campaign {
		t.Errorf("the chosen %s is not first: %+v", d.Campaign, d.Candidates[0])
	}
	if d.Probability != got[d.Campaign].Probability {
		t.Errorf("probability %v, the candidate's is %v", d.Probability, got[d.Campaign].Probability)
	}
}

// A decision does not know where a shopper at home would have to walk to.
func TestAtHomeEveryPlaceIsAsNear(t *testing.T) {
	k := testCampaign("k")
	k.Trigger.Event = offers.ProductSearched
	e := &offers.Event{ID: "e", Type: offers.ProductSearched, Query: "shoes", Time: noon}
	d := testEngine(t, k).Decide(momentOf(willing(), e), rank.New())
	if d.Verdict != offers.Offered || d.Candidates[0].Reach != 1 || d.Shop != "" || d.Zone != "" {
		t.Errorf("got %+v, want an offer with reach 1 and no place", d)
	}
	if d.Context.Category != "footwear" {
		t.Errorf("context's category: got %q, want that of the search", d.Context.Category)
	}
}

func TestOutAreLast(t *testing.T) {
	var all []*offers.Campaign
	for i := range 9 {
		k := testCampaign(offers.CampaignID(fmt.Sprint("k", i)))
		if i%2 == 0 {
			k.Eligibility = "false"
		}
		all = append(all, k)
	}
	d := testEngine(t, all...).Decide(momentOf(willing(), dwelled("footwear", noon)), rank.New())
	if len(d.Candidates) != 9 {
		t.Fatalf("%d candidates, want 9", len(d.Candidates))
	}
	running := d.Candidates[1:4]
	if !slices.IsSortedFunc(running, func(a, b offers.Candidate) int { return -compare(a.Score, b.Score) }) {
		t.Errorf("those in the running are not in the order of their scores: %+v", running)
	}
	for i, c := range d.Candidates {
		if in := i < 4; (c.Out == "") != in || (c.Probability > 0) != in {
			t.Errorf("candidate %d: %+v, want in the running: %v", i, c, in)
		}
	}
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// A replay, on any machine and with the catalogue's maps in any order, decides
// the same, to the byte.
func TestAReplayDecidesTheSame(t *testing.T) {
	var want []byte
	for range 20 {
		campaigns := []*offers.Campaign{testCampaign("a"), testCampaign("b"), testCampaign("c"), testCampaign("d")}
		campaigns[3].Eligibility = "false"
		p := searched()
		for i, cents := range []int64{10, 20, 30, 110, 330, 70} {
			Fold(features, p, &offers.Event{ID: "o", Type: offers.OrderCompleted, Value: offers.Money{Minor: cents}, Time: noon.Add(-time.Duration(i*50) * time.Hour)})
		}
		d := testEngine(t, campaigns...).Decide(momentOf(p, dwelled("footwear", noon)), rank.New())
		got, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Fatalf("a replay (-first +later):\n%s", diff)
		}
	}
}

// A rule must see the same number in a replay, to the last bit: sums of money
// are the same in whatever order the map gives the buckets.
func TestSumsAreExact(t *testing.T) {
	k := testCampaign("k")
	k.Eligibility = "spent <= 0.6"
	e := testEngine(t, k)
	for try := range 50 {
		p := willing()
		for i, cents := range []int64{10, 20, 30} {
			Fold(features, p, &offers.Event{ID: "o", Type: offers.OrderCompleted, Value: offers.Money{Minor: cents}, Time: noon.Add(-time.Duration(i*200) * time.Hour)})
		}
		if d := e.Decide(momentOf(p, dwelled("footwear", noon)), rank.New()); d.Verdict != offers.Offered {
			t.Fatalf("try %d: 0.10 + 0.20 + 0.30 is more than 0.60: %s", try, d.Candidates[0].Detail)
		}
	}
}

// Different moments draw differently, and as often as they say.
func TestDrawsAsOftenAsItSays(t *testing.T) {
	e := testEngine(t, testCampaign("a"), testCampaign("b"))
	ranker := certain{"a-offer": .1, "b-offer": .1}
	const draws = 2000
	chosen, expected := 0, 0.
	for i := range draws {
		m := momentOf(willing(), dwelled("footwear", noon))
		m.ID = DecisionID(1, int64(i), 0)
		d := e.Decide(m, ranker)
		for _, c := range d.Candidates {
			if c.Campaign == "a" {
				expected += c.Probability
			}
		}
		if d.Campaign == "a" {
			chosen++
		}
	}
	if sd := math.Sqrt(draws) / 2; math.Abs(float64(chosen)-expected) > 4*sd {
		t.Errorf("a was drawn %d times of %d, said %.0f", chosen, draws, expected)
	}
}

func TestHoldout(t *testing.T) {
	a, b := testCampaign("a"), testCampaign("b")
	a.Holdout, b.Holdout = .3, .3
	onlyA, onlyB := testEngine(t, a), testEngine(t, b)
	const people = 2000
	var heldA, heldB, both int
	for i := range people {
		shopper := offers.ShopperID(fmt.Sprintf("s%d", i))
		held := func(e *Engine, offset int64) bool {
			p := willing()
			p.Shopper = shopper
			m := momentOf(p, dwelled("footwear", noon))
			m.ID = DecisionID(0, offset, 0)
			d := e.Decide(m, certain{})
			if d.Offer == nil || d.Candidates[0].Out != "" {
				t.Fatalf("held out or not, the decision says what was drawn: %+v", d)
			}
			return d.Verdict == offers.HeldOut
		}
		inA, inB := held(onlyA, 1), held(onlyB, 1)
		if inA != held(onlyA, 2) {
			t.Fatalf("%s is held out at one moment and not at another", shopper)
		}
		if inA {
			heldA++
		}
		if inB {
			heldB++
		}
		if inA && inB {
			both++
		}
	}
	for _, tt := range []struct {
		name      string
		got, want float64
	}{{"a", float64(heldA), .3}, {"b", float64(heldB), .3}, {"both: campaigns are independent", float64(both), .09}} {
		if sd := math.Sqrt(people * tt.want * (1 - tt.want)); math.Abs(tt.got-people*tt.want) > 4*sd {
			t.Errorf("%s: %v of %d held out, want about %v", tt.name, tt.got, people, people*tt.want)
		}
	}
}

func TestDecisionIDs(t *testing.T) {
	for _, want := range []struct {
		partition int
		offset    int64
		n         int
	}{{0, 0, 0}, {7, 123456789012, 3}} {
		partition, offset, n, err := ParseDecisionID(DecisionID(want.partition, want.offset, want.n))
		if err != nil || partition != want.partition || offset != want.offset || n != want.n {
			t.Errorf("got %d, %d, %d, %v; want %+v", partition, offset, n, err, want)
		}
	}
	for _, bad := range []offers.DecisionID{"", "1", "1-2", "1-2-3-4", "a-2-3", "1-+2-3", "01-2-3", "-1-2-3", "1- 2-3", "1-99999999999999999999-0"} {
		if _, _, _, err := ParseDecisionID(bad); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%q: got %v, want an invalid one", bad, err)
		}
	}
}

// busy is somebody of whom a lot is known.
func busy() *offers.Profile {
	p := willing()
	words := []string{"running shoes", "espresso", "rain jacket", "lamp", "yoga mat", "sourdough bread", "earbuds", "sunscreen"}
	for i := range 80 {
		at := noon.Add(-time.Duration(i) * 4 * time.Hour)
		word, zone := words[i%len(words)], offers.ZoneID(fmt.Sprintf("zone-%d", i%10))
		for _, e := range []*offers.Event{
			{Type: offers.ProductSearched, Query: word},
			{Type: offers.ProductViewed, Category: features.Category(&offers.Event{Query: word}), Product: "sku-1"},
			{Type: offers.ZoneEntered, Shop: "shop", Zone: zone},
			{Type: offers.ZoneLeft, Shop: "shop", Zone: zone, Dwell: 70 * time.Second},
		} {
			e.Time, e.Source = at, "segment/website"
			Fold(features, p, e)
		}
		if i%8 == 0 {
			Fold(features, p, &offers.Event{Type: offers.OrderCompleted, Category: "coffee", Value: offers.Money{Minor: 1895, Currency: "EUR"}, Time: at})
		}
	}
	for i := range 10 {
		p.Contacts = append(p.Contacts, offers.Contact{Decision: DecisionID(0, int64(i), 0), Campaign: "k000", Offer: "k000-offer", At: noon.Add(-time.Duration(48+i) * time.Hour)})
	}
	return p
}

func TestSizes(t *testing.T) {
	p := busy()
	kept, err := json.Marshal(p.Features)
	if err != nil {
		t.Fatal(err)
	}
	d := testEngine(t, testCampaign("k")).Decide(momentOf(p, dwelled("footwear", noon)), rank.New())
	seen, err := json.Marshal(d.Features)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("features of a busy profile: %d bytes; as a decision saw them: %d bytes", len(kept), len(seen))
	if len(seen) > 2000 {
		t.Errorf("a decision's features have %d bytes, want at most 2000: %s", len(seen), seen)
	}
	usual, err := json.Marshal(usual().Features)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("features of a usual profile: %d bytes: %s", len(usual), usual)
}

// usual is somebody who looked around at home and came twice.
func usual() *offers.Profile {
	p := willing()
	for day := range 2 {
		at := noon.Add(-time.Duration(day*6*24) * time.Hour)
		for i, query := range []string{"running shoes", "espresso"} {
			for j, e := range []*offers.Event{
				{Type: offers.ProductSearched, Query: query},
				{Type: offers.ProductListViewed, Category: features.Category(&offers.Event{Query: query})},
				{Type: offers.ProductViewed, Category: features.Category(&offers.Event{Query: query})},
			} {
				e.Time, e.Source = at.Add(time.Duration(i*3+j)*time.Minute), "segment/website"
				Fold(features, p, e)
			}
		}
		for i, zone := range []offers.ZoneID{"entrance", "footwear", "checkout"} {
			for j, kind := range []offers.EventType{offers.ZoneEntered, offers.ZoneLeft} {
				Fold(features, p, &offers.Event{Type: kind, Shop: "shop", Zone: zone, Dwell: time.Minute, Time: at.Add(time.Hour + time.Duration(i*2+j)*time.Minute), Source: "aisle/beacons"})
			}
		}
	}
	return p
}

// Among a thousand live campaigns, whether the twenty that are woken run, or are
// out for a reason.
func TestADecisionCostsFewAllocations(t *testing.T) {
	for name, set := range map[string]func(k *offers.Campaign, p *offers.Profile){
		"all run": func(*offers.Campaign, *offers.Profile) {},
		"not so":  func(k *offers.Campaign, _ *offers.Profile) { k.Suitability = "tier == 'gold'" },
		"asleep":  func(k *offers.Campaign, _ *offers.Profile) { k.Schedule.FromMinute, k.Schedule.UntilMinute = 60, 120 },
		"no text messages": func(_ *offers.Campaign, p *offers.Profile) {
			p.Consents[offers.ConsentSMS] = offers.Consent{Purpose: offers.ConsentSMS, At: noon}
		},
		"no consent": func(_ *offers.Campaign, p *offers.Profile) { p.Consents = nil },
		"capped": func(k *offers.Campaign, p *offers.Profile) {
			if k.Cap.Times = 1; len(p.Contacts) < 2000 {
				p.Contacts = append(p.Contacts, offers.Contact{Decision: "0-1-0", Campaign: k.ID, At: noon.Add(-time.Hour)})
			}
		},
		"cooling down": func(k *offers.Campaign, p *offers.Profile) {
			if k.Cooldown = 2 * time.Hour; len(p.Contacts) < 2000 {
				p.Contacts = append(p.Contacts, offers.Contact{Decision: "0-1-0", Campaign: k.ID, At: noon.Add(-time.Hour)})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			all, p := thousand(), busy()
			for _, k := range all {
				set(k, p)
			}
			e, m, model := testEngine(t, all...), momentOf(p, dwelled("footwear", noon)), rank.New()
			if n := len(e.Decide(m, model).Candidates); n != 20 {
				t.Fatalf("%d campaigns are woken, want 20", n)
			}
			if got := testing.AllocsPerRun(200, func() { e.Decide(m, model) }); got > 20 {
				t.Errorf("%v allocations, want at most 20", got)
			}
		})
	}
}

// BenchmarkDecide1000 reports the processor's time too: a machine has other work.
func BenchmarkDecide1000(b *testing.B) {
	e := testEngine(b, thousand()...)
	m := momentOf(busy(), dwelled("footwear", noon))
	model := rank.New()
	d := e.Decide(m, model)
	b.Logf("%d candidates, %s", len(d.Candidates), d.Verdict)
	cpu := func() int64 {
		var r syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
			b.Fatal(err)
		}
		return r.Utime.Nano() + r.Stime.Nano()
	}
	b.ReportAllocs()
	before := cpu()
	for b.Loop() {
		e.Decide(m, model)
	}
	b.ReportMetric(float64(cpu()-before)/float64(b.N), "ns-cpu/op")
}

func BenchmarkDecideOne(b *testing.B) {
	k := testCampaign("k")
	k.Eligibility, k.Applicability = `searches["footwear"] >= 1`, `bought["footwear"] < 1`
	e := testEngine(b, k)
	m := momentOf(searched(), dwelled("footwear", noon))
	model := rank.New()
	b.ReportAllocs()
	for b.Loop() {
		e.Decide(m, model)
	}
}

func TestGivenConsentsAreRecorded(t *testing.T) {
	p := &offers.Profile{Consents: map[offers.Purpose]offers.Consent{
		offers.ConsentSearch: {Granted: true}, offers.ConsentPush: {Granted: true}, offers.ConsentFace: {},
	}}
	want := []offers.Purpose{offers.ConsentPush, offers.ConsentSearch} // in the order of asking; a no is none
	if got := given(p); !slices.Equal(got, want) {
		t.Errorf("given = %v, want %v", got, want)
	}
}

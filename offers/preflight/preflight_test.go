package preflight

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/evaluate"
	"aisle/offers/feature"
	"aisle/offers/rank"
)

var (
	features = feature.Default()
	monday   = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
)

func campaign(id offers.CampaignID, cents int64) *offers.Campaign {
	return &offers.Campaign{
		ID: id, Name: "Campaign " + string(id), Status: offers.CampaignLive,
		Trigger: offers.Trigger{Event: offers.ZoneDwelled}, Channels: []offers.Channel{offers.ChannelApp},
		Offers: []offers.Offer{{ID: offers.OfferID(id + "-offer"), Title: "Offer of " + string(id), Value: offers.Money{Minor: cents, Currency: "EUR"}, Valid: 2 * time.Hour}},
	}
}

func catalogue(campaigns ...*offers.Campaign) *offers.Catalogue {
	c := &offers.Catalogue{
		Shops:     map[offers.ShopID]*offers.Shop{"shop": {ID: "shop", Name: "Shop", TimeZone: "Europe/Amsterdam", Zones: []offers.Zone{{ID: "shoes", Kind: offers.ZoneSales}}}},
		Campaigns: map[offers.CampaignID]*offers.Campaign{},
	}
	for _, k := range campaigns {
		c.Campaigns[k.ID] = k
	}
	return c
}

// unsure is a ranker that believes the same of every offer, and is not sure of it,
// so that each has its chance.
type unsure struct{ mean, sd float64 }

func (unsure) Version() string { return "unsure" }

func (u unsure) Predict(dst []rank.Estimate, _ *offers.Context, arms []rank.Arm) []rank.Estimate {
	for range arms {
		dst = append(dst, rank.Estimate{Mean: u.mean, SD: u.sd})
	}
	return dst
}

// entry is a place of the log: an event, and the decision that it woke.
type entry struct {
	event    offers.Event
	decision *offers.Decision
}

// log is what people did for some days, each of them dwelling once a day among the
// shoes, and what the house decided and came of it. Every third is of the gold
// tier, every fifth agreed to nothing.
func log(t *testing.T, c *offers.Catalogue, people, days int, taken map[offers.CampaignID]float64) (all []entry) {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 7))
	e, broken := decide.New(c, features)
	if len(broken) > 0 {
		t.Fatal(broken)
	}
	profiles := make([]offers.Profile, people)
	add := func(p *offers.Profile, ev offers.Event) *entry {
		ev.ID, ev.Shopper, ev.Received = offers.EventID(fmt.Sprintf("event-%d", len(all))), p.Shopper, ev.Time
		decide.Fold(features, p, &ev)
		all = append(all, entry{event: ev})
		return &all[len(all)-1]
	}
	for i := range profiles {
		p := &profiles[i]
		p.Shopper = offers.ShopperID(fmt.Sprintf("shopper-%d", i))
		tier := ""
		if i%3 == 0 {
			tier = "gold"
		}
		add(p, offers.Event{Type: offers.Identified, Time: monday, Traits: &offers.Traits{Tier: tier}})
		if i%5 != 0 {
			add(p, offers.Event{Type: offers.ConsentChanged, Time: monday, Consent: &offers.Consent{Purpose: offers.ConsentPush, Granted: true, At: monday}})
		}
	}
	for day := range days {
		for i := range profiles {
			p := &profiles[i]
			at := monday.Add(time.Duration(day)*24*time.Hour + time.Hour + time.Duration(i)*time.Second)
			entry := add(p, offers.Event{Type: offers.ZoneDwelled, Time: at, Shop: "shop", Zone: "shoes"})
			n := int64(len(all) - 1)
			d := e.Decide(&decide.Moment{ID: decide.DecisionID(0, n, 0), Offset: n, Event: &entry.event, Profile: p}, unsure{.1, .02})
			entry.decision = d
			if d.Verdict != offers.Offered {
				continue
			}
			p.Contacts = append(p.Contacts, offers.Contact{Decision: d.ID, Campaign: d.Campaign, Offer: d.Offer.ID, At: d.Time})
			if random.Float64() < taken[d.Campaign] {
				add(p, offers.Event{Type: offers.OfferRedeemed, Time: at.Add(500 * time.Millisecond), Decision: d.ID, Value: offers.Money{Minor: 2000, Currency: "EUR"}})
			}
		}
	}
	return all
}

func replay(t *testing.T, c *offers.Catalogue, k offers.Campaign, all []entry, o Options) *Report {
	t.Helper()
	r, err := New(House{Catalogue: c, Features: features, Ranker: unsure{.1, .02}}, k, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if all[i].decision != nil {
			r.Decided(all[i].decision)
		}
		r.Happened(int64(i), &all[i].event)
	}
	return r.Report(all[len(all)-1].event.Time.Add(24 * time.Hour))
}

// both are two campaigns that shoppers take differently.
func both() (*offers.Catalogue, map[offers.CampaignID]float64) {
	return catalogue(campaign("shoes", 1000), campaign("socks", 1000)), map[offers.CampaignID]float64{"shoes": .3, "socks": .1}
}

func TestAnUnchangedCampaignChangesNothing(t *testing.T) {
	c, taken := both()
	all := log(t, c, 300, 4, taken)
	r := replay(t, c, *c.Campaigns["shoes"], all, Options{})
	if r.Changed != 0 || r.With != r.Without || r.Campaign != r.Before || r.Expected.Gain != (Amount{}) {
		t.Errorf("changed %d moments, %+v against %+v, gain %+v: want no difference", r.Changed, r.With, r.Without, r.Expected.Gain)
	}
	if r.Moments != 1200 || r.With.Offered != 960 || r.With.Persons != 240 {
		t.Errorf("%d moments, %+v; want 1200, of which 960 of 240 persons get an offer", r.Moments, r.With)
	}
	// What is decided once more is what was decided.
	was := map[offers.CampaignID]int{}
	for _, e := range all {
		if e.decision != nil && e.decision.Verdict == offers.Offered {
			was[e.decision.Campaign]++
		}
	}
	if r.Campaign.Offered != was["shoes"] || len(r.Others) != 1 || r.Others[0].With != was["socks"] {
		t.Errorf("shoes %d, others %+v; the log has %v", r.Campaign.Offered, r.Others, was)
	}
	j := r.Judged
	if j.Conclusion.Finding != evaluate.Unclear || math.Abs(j.Report.MeanWeight-1) > 1e-6 || math.Abs(j.Report.Gain.Value) > 1e-6 {
		t.Errorf("judged %+v, mean weight %v, gain %v: want no more and no less", j.Conclusion, j.Report.MeanWeight, j.Report.Gain.Value)
	}
}

func TestTheSameEventsGiveTheSameAnswer(t *testing.T) {
	c, taken := both()
	all := log(t, c, 100, 3, taken)
	k := *campaign("hats", 700)
	first, second := replay(t, c, k, all, Options{}), replay(t, c, k, all, Options{})
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
	k.Weight = 2
	if other := replay(t, c, k, all, Options{}); other.Digest == first.Digest {
		t.Error("another campaign has the same digest")
	}
}

// The truth is known: shoes are taken by 30 in 100, socks by 10, both worth 10.
func TestMoreWeightIsJudgedByTheLog(t *testing.T) {
	c, taken := both()
	all := log(t, c, 1000, 5, taken)
	for _, test := range []struct {
		name   string
		weight float64
		want   evaluate.Finding
	}{
		{"of what is taken more often", 1.15, evaluate.Better},
		{"less of it", .87, evaluate.Worse},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := *c.Campaigns["shoes"]
			k.Weight = test.weight
			r := replay(t, c, k, all, Options{})
			j := r.Judged
			if j.Conclusion.Finding != test.want {
				t.Errorf("%+v, want %s", j.Conclusion, test.want)
			}
			if j.Report.Unsupported != 0 {
				t.Errorf("%v of it unsupported, want all of it supported", j.Report.Unsupported)
			}
			// The share of shoes under the weight, by the draw itself.
			p, _ := rank.Draw(nil, []rank.Estimate{{Mean: .1, SD: .02}, {Mean: .1, SD: .02}}, []float64{10 * test.weight, 10}, .025, 1)
			truth := 10 * (p[0]*.3 + p[1]*.1)
			for _, m := range []evaluate.Method{evaluate.SNIPS, evaluate.SNDR} {
				if e := j.Report.By(m); e.Low > truth || e.High < truth {
					t.Errorf("%s: %.3f to %.3f, the truth is %.3f", m, e.Low, e.High, truth)
				}
			}
		})
	}
}

// Uses that were mistakes leave nothing of what was taken.
func TestUsesThatWereMistakes(t *testing.T) {
	c, taken := both()
	all := log(t, c, 40, 3, taken)
	earned := func(all []entry) float64 {
		return replay(t, c, *c.Campaigns["shoes"], all, Options{Since: monday}).Judged.Report.Logged.Value
	}
	was := earned(all)
	for _, e := range slices.Clone(all) {
		if e.event.Type == offers.OfferRedeemed {
			e.event.ID, e.event.Type = "undone/"+e.event.ID, offers.RedemptionUndone
			all = append(all, e)
		}
	}
	if got := earned(all); was <= 0 || got != 0 {
		t.Errorf("earned %v, and %v when all was undone; want 0", was, got)
	}
	for _, e := range slices.Clone(all) {
		if e.event.Type == offers.OfferRedeemed {
			e.event.ID = "again/" + e.event.ID
			all = append(all, e)
		}
	}
	if got := earned(all); got != was {
		t.Errorf("earned %v when all was used again, want %v", got, was)
	}
}

func TestANewOfferIsUnsupported(t *testing.T) {
	c, taken := both()
	all := log(t, c, 300, 3, taken)
	r := replay(t, c, *campaign("hats", 1000), all, Options{})
	if c := r.Judged.Conclusion; c.Finding != evaluate.TooLittle || !strings.Contains(c.Reason, "could not have been made before") {
		t.Errorf("%+v, want that the log cannot tell", c)
	}
	if r.Campaign.Offered == 0 || r.Before != (Side{}) {
		t.Errorf("%+v before, %+v now: the replay tells who would get it all the same", r.Before, r.Campaign)
	}
	if r.Expected.Gain.Low > r.Expected.Gain.Value || r.Expected.Gain.Value == 0 && r.Expected.Gain.High == 0 {
		t.Errorf("expected gain %+v", r.Expected.Gain)
	}
	lost := 0
	for _, o := range r.Others {
		lost += o.Without - o.With
	}
	if lost != r.Campaign.Offered {
		t.Errorf("%d offers of others displaced, want as many as it gives: %d", lost, r.Campaign.Offered)
	}
}

func TestWhoIsHeldBackByWhichRule(t *testing.T) {
	c, taken := both()
	all := log(t, c, 300, 2, taken)
	k := *c.Campaigns["shoes"]
	k.Eligibility = `tier == "gold"`
	k.Cap = offers.Cap{Times: 1, Per: 7 * 24 * time.Hour}
	delete(c.Campaigns, "socks") // alone in the house, so that nobody is outdone
	r := replay(t, c, k, all, Options{})
	// 100 are gold, 80 of them agreed; each gets it once.
	if r.Campaign.Offered != 80 || r.Campaign.Persons != 80 {
		t.Errorf("%+v, want 80 offers to 80 persons", r.Campaign)
	}
	want := []Reason{
		{offers.OutEligibility, `not so: tier == "gold"`, 320, 160},
		{offers.OutConsent, "none of its channels is open: no consent to notifications", 120, 60},
		{offers.OutCap, "", 80, 80},
	}
	if diff := cmp.Diff(want, r.Reasons); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Tier{{"gold", 80, 80}}, r.Tiers); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Place{{"shop", "shoes", 80, 80}}, r.Places); diff != "" {
		t.Error(diff)
	}
	// Whom it says nothing to earns nothing: the log needs no decision for that.
	if j := r.Judged; j.Conclusion.Finding == evaluate.TooLittle && strings.Contains(j.Conclusion.Reason, "probabilities on record") {
		t.Errorf("%+v: nothing is no stranger to the log", j.Conclusion)
	}
}

func TestHeldOutGetNothing(t *testing.T) {
	c, taken := both()
	all := log(t, c, 500, 2, taken)
	k := *c.Campaigns["shoes"]
	k.Holdout = .5
	r := replay(t, c, k, all, Options{})
	for _, s := range r.Sample {
		if decide.CampaignHolds(&k, s.Shopper) {
			t.Errorf("%s is held out and gets it", s.Shopper)
		}
	}
	if r.Campaign.Held == 0 || r.With.Offered+r.With.HeldOut != r.Without.Offered {
		t.Errorf("%+v against %+v: want as many moments, some of them held out", r.With, r.Without)
	}
	c.House.Holdout = 1
	if r := replay(t, c, k, all, Options{}); r.With.Offered+r.Without.Offered != 0 || r.Expected.With.Value != 0 {
		t.Errorf("the house holds everybody out: %+v, %+v, %+v", r.Without, r.With, r.Expected.With)
	}
}

func TestBeforeSinceIsOnlyFolded(t *testing.T) {
	c, taken := both()
	all := log(t, c, 100, 3, taken)
	since := monday.Add(48 * time.Hour)
	k := *c.Campaigns["shoes"]
	k.Cooldown = 30 * 24 * time.Hour
	r := replay(t, c, k, all, Options{Since: since})
	if r.Moments != 100 {
		t.Errorf("%d moments, want the 100 of the last day", r.Moments)
	}
	cooled := 0
	for _, x := range r.Reasons {
		if x.Out == offers.OutCooldown {
			cooled = x.Persons
		}
	}
	had := map[offers.ShopperID]bool{}
	for _, e := range all {
		if d := e.decision; d != nil && d.Verdict == offers.Offered && d.Campaign == "shoes" && d.Time.Before(since) {
			had[d.Shopper] = true
		}
	}
	if cooled != len(had) {
		t.Errorf("%d are cooling down, want the %d who had one before", cooled, len(had))
	}
}

func TestWhatIsKnownNow(t *testing.T) {
	r, err := New(House{Catalogue: catalogue(), Features: features}, *campaign("shoes", 1000), Options{Since: monday})
	if err != nil {
		t.Fatal(err)
	}
	push := func(at time.Time) map[offers.Purpose]offers.Consent {
		return map[offers.Purpose]offers.Consent{offers.ConsentPush: {Purpose: offers.ConsentPush, Granted: true, At: at}}
	}
	r.Know(&offers.Profile{Shopper: "long-since", Consents: push(monday.Add(-time.Hour))}, monday)
	r.Know(&offers.Profile{Shopper: "later", Consents: push(monday.Add(2 * time.Hour))}, monday)
	for i, id := range []offers.ShopperID{"long-since", "later"} {
		r.Happened(int64(i), &offers.Event{ID: offers.EventID(id), Shopper: id, Type: offers.ZoneDwelled, Time: monday.Add(time.Hour), Shop: "shop", Zone: "shoes"})
	}
	got := r.Report(monday)
	if got.Campaign.Offered != 1 || len(got.Sample) != 1 || got.Sample[0].Shopper != "long-since" {
		t.Errorf("%+v, sample %v: want an offer to the one who had agreed by then", got.With, got.Sample)
	}
}

func TestABrokenRule(t *testing.T) {
	k := campaign("shoes", 100)
	k.Suitability = "shopper."
	if _, err := New(House{Catalogue: catalogue(), Features: features}, *k, Options{}); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}

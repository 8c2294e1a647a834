package decide

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/rank"
)

const home = offers.PlacementID("web/home")

// banner is a campaign for web pages, with one offer for each title.
func banner(id offers.CampaignID, titles ...string) *offers.Campaign {
	k := testCampaign(id)
	k.Trigger, k.Channels, k.Offers = offers.Trigger{}, nil, nil
	k.Placements = []offers.PlacementID{"web"}
	for _, title := range titles {
		k.Offers = append(k.Offers, offers.Offer{
			ID: offers.OfferID(title), Title: title, Value: offers.Money{Minor: 100, Currency: "EUR"}, Valid: time.Hour,
			Representations: []offers.Representation{{Placement: "web", Title: title + " on the web"}},
		})
	}
	return k
}

// fallback is what web pages show where nothing else can be.
func fallback() *offers.Campaign {
	k := banner("fallback", "everybody")
	k.Placements, k.Fallback = nil, []offers.PlacementID{"web"}
	return k
}

func asked(p *offers.Profile, ask Ask) *Moment {
	if ask.Placement == "" {
		ask.Placement = home
	}
	if ask.Seed == "" {
		ask.Seed = "call"
	}
	return &Moment{Event: &offers.Event{ID: "asked", Type: offers.OfferPlaced, Shopper: p.Shopper, Time: noon}, Profile: p, Ask: &ask}
}

func shown(d *offers.Decision) (titles []string) {
	for _, p := range d.Placed {
		titles = append(titles, p.Representation.Title)
	}
	return titles
}

func outs(d *offers.Decision) map[offers.OfferID]offers.Exclusion {
	out := map[offers.OfferID]offers.Exclusion{}
	for _, c := range d.Candidates {
		out[c.Offer] = c.Out
	}
	return out
}

func TestPlacements(t *testing.T) {
	one := func(change func(*offers.Campaign)) []*offers.Campaign {
		k := banner("k", "shoes")
		change(k)
		return []*offers.Campaign{k, fallback()}
	}
	stranger := &offers.Profile{Shopper: "new"}
	tests := map[string]struct {
		campaigns []*offers.Campaign
		profile   *offers.Profile
		ask       Ask
		want      []string
		out       offers.Exclusion // of shoes
		verdict   offers.Verdict
	}{
		"shown without any consent to messages": {one(func(*offers.Campaign) {}), stranger, Ask{}, []string{"shoes on the web"}, "", offers.Offered},
		"by its name before its kind": {one(func(k *offers.Campaign) {
			k.Offers[0].Representations = append(k.Offers[0].Representations, offers.Representation{Placement: home, Title: "shoes at home"})
		}), stranger, Ask{}, []string{"shoes at home"}, "", offers.Offered},
		"not asked for there": {one(func(k *offers.Campaign) { k.Placements = []offers.PlacementID{"web/cart"} }), stranger, Ask{}, []string{"everybody on the web"}, "", offers.Offered},
		"no representation": {one(func(k *offers.Campaign) { k.Offers[0].Representations[0].Placement = "wall" }), stranger, Ask{},
			[]string{"everybody on the web"}, offers.OutRepresentation, offers.Offered},
		"the page has it": {one(func(*offers.Campaign) {}), stranger, Ask{Exclude: []offers.OfferID{"shoes"}}, []string{"everybody on the web"}, offers.OutShown, offers.Offered},
		"a rule that a stranger does not meet": {one(func(k *offers.Campaign) { k.Eligibility = `searches["footwear"] >= 1` }), stranger, Ask{},
			[]string{"everybody on the web"}, offers.OutEligibility, offers.Offered},
		"a rule that she meets": {one(func(k *offers.Campaign) { k.Eligibility = `searches["footwear"] >= 1` }), searched(), Ask{}, []string{"shoes on the web"}, "", offers.Offered},
		"held out":              {one(func(k *offers.Campaign) { k.Holdout = 1 }), stranger, Ask{}, []string{"everybody on the web"}, "", offers.HeldOut},
		"no fallback":           {one(func(k *offers.Campaign) { k.Eligibility = "false" })[:1], stranger, Ask{}, nil, offers.OutEligibility, offers.NoOffer},
		"had it here": {one(func(k *offers.Campaign) { k.Cap = offers.Cap{Times: 1, Per: time.Hour, PerPlacement: true} }),
			&offers.Profile{Shopper: "mia", Contacts: []offers.Contact{{Decision: "1-1-0", Campaign: "k", At: noon.Add(-time.Minute), Placement: home}}}, Ask{},
			[]string{"everybody on the web"}, offers.OutCap, offers.Offered},
		"had it elsewhere": {one(func(k *offers.Campaign) { k.Cap = offers.Cap{Times: 1, Per: time.Hour, PerPlacement: true} }),
			&offers.Profile{Shopper: "mia", Contacts: []offers.Contact{{Decision: "1-1-0", Campaign: "k", At: noon.Add(-time.Minute)}}}, Ask{},
			[]string{"shoes on the web"}, "", offers.Offered},
		"had it anywhere": {one(func(k *offers.Campaign) { k.Cap = offers.Cap{Times: 1, Per: time.Hour} }),
			&offers.Profile{Shopper: "mia", Contacts: []offers.Contact{{Decision: "1-1-0", Campaign: "k", At: noon.Add(-time.Minute)}}}, Ask{},
			[]string{"everybody on the web"}, offers.OutCap, offers.Offered},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := testEngine(t, tt.campaigns...).Decide(asked(tt.profile, tt.ask), rank.New())
			if diff := cmp.Diff(tt.want, shown(d)); diff != "" {
				t.Errorf("shown (-want +got):\n%s", diff)
			}
			if d.Verdict != tt.verdict || outs(d)["shoes"] != tt.out {
				t.Errorf("%s, shoes out for %q; want %s, %q", d.Verdict, outs(d)["shoes"], tt.verdict, tt.out)
			}
			if isFallback := slices.Contains(shown(d), "everybody on the web"); d.Fallback != isFallback {
				t.Errorf("fallback %v, shown %v", d.Fallback, shown(d))
			}
			if d.Placement != home || d.ID != "" {
				t.Errorf("placement %q, id %q; the log gives the id", d.Placement, d.ID)
			}
		})
	}
}

// Each place of a list is drawn with the probability that is written beside it,
// given the places before.
func TestListsAreDrawnAsTheySay(t *testing.T) {
	e := testEngine(t, banner("k", "a", "b", "c", "d"))
	ranker := certain{"a": .4, "b": .3, "c": .2, "d": .1}
	p := &offers.Profile{Shopper: "mia"}
	type pair struct{ first, second offers.OfferID }
	drawn, said := map[pair]float64{}, map[pair]float64{}
	const times = 20_000
	for i := range times {
		d := e.Decide(asked(p, Ask{Limit: 3, Seed: fmt.Sprint("call", i)}), ranker)
		if len(d.Placed) != 3 {
			t.Fatalf("%d offers, want 3", len(d.Placed))
		}
		ids := map[offers.OfferID]bool{}
		for _, one := range d.Placed {
			ids[one.Offer.ID] = true
		}
		if len(ids) != 3 {
			t.Fatalf("one offer twice: %v", shown(d))
		}
		k := pair{d.Placed[0].Offer.ID, d.Placed[1].Offer.ID}
		drawn[k]++
		said[k] = d.Placed[0].Probability * d.Placed[1].Probability
		for i, c := range d.Candidates[:3] {
			if c.Offer != d.Placed[i].Offer.ID {
				t.Fatalf("candidate %d is %s, in that place is %s", i, c.Offer, d.Placed[i].Offer.ID)
			}
		}
	}
	for k, p := range said {
		got, sd := drawn[k]/times, math.Sqrt(p*(1-p)/times)
		if math.Abs(got-p) > 4.5*sd+1e-9 {
			t.Errorf("%s, then %s: drawn %.4f, said %.4f", k.first, k.second, got, p)
		}
	}
}

func TestTheSameCallHasTheSameAnswer(t *testing.T) {
	e := testEngine(t, banner("k", "a", "b", "c", "d"))
	for i := range 50 {
		ask := Ask{Limit: 4, Seed: fmt.Sprint(i)}
		first, again := e.Decide(asked(searched(), ask), rank.New()), e.Decide(asked(searched(), ask), rank.New())
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("call %d (-first +again):\n%s", i, diff)
		}
	}
}

func TestContextsWeigh(t *testing.T) {
	k := banner("k", "umbrella")
	k.Weight = 2
	k.Contexts = []offers.ContextWeight{
		{Key: "weather", Value: "rain", Percent: 30}, {Key: "placement", Value: "web", Percent: 25},
		{Key: "hour", Value: "11", Percent: -5}, {Key: "weekday", Value: "Friday", Percent: 10}, {Key: "tier", Value: "gold", Percent: 500},
	}
	tests := map[string]struct {
		told map[string]string
		want float64
	}{
		"all that match are added": {map[string]string{"weather": "rain"}, 2 * 1.6},
		"another value":            {map[string]string{"weather": "sun"}, 2 * 1.3},
		"another key":              {map[string]string{"rain": "weather"}, 2 * 1.3},
		"what the page says is not the moment's own": {map[string]string{"tier": "gold"}, 2 * 1.3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := testEngine(t, k).Decide(asked(&offers.Profile{Shopper: "mia"}, Ask{Told: tt.told}), rank.New())
			if got := d.Candidates[0].Weight; math.Abs(got-tt.want) > 1e-12 {
				t.Errorf("context weight %v, want %v", got, tt.want)
			}
		})
	}
}

func TestFactorsThatAreOffCountOne(t *testing.T) {
	k := testCampaign("k")
	k.Weight, k.Lever = 3, 50
	k.Offers[0].Zone = "coffee"
	of := map[offers.Factor]func(*offers.Candidate) float64{
		offers.FactorPropensity: func(c *offers.Candidate) float64 { return c.Propensity },
		offers.FactorContext:    func(c *offers.Candidate) float64 { return c.Weight },
		offers.FactorValue:      func(c *offers.Candidate) float64 { return c.Value },
		offers.FactorLever:      func(c *offers.Candidate) float64 { return c.Lever },
		offers.FactorReach:      func(c *offers.Candidate) float64 { return c.Reach },
	}
	for _, off := range offers.Factors {
		t.Run(string(off), func(t *testing.T) {
			e, broken := New(testCatalogue(k), features, off)
			if len(broken) > 0 {
				t.Fatal(broken)
			}
			e, _ = e.With(testCatalogue(k)) // the next catalogue leaves it off
			d := e.Decide(momentOf(willing(), dwelled("footwear", noon)), certain{"k-offer": .2})
			c := &d.Candidates[0]
			for f, value := range of {
				if (value(c) == 1) != (f == off) {
					t.Errorf("%s is %v", f, value(c))
				}
			}
			if want := c.Propensity * c.Weight * c.Value * c.Lever * c.Reach; math.Abs(c.Score-want) > 1e-12 || !slices.Equal(d.Off, []offers.Factor{off}) {
				t.Errorf("score %v, want %v; off: %v", c.Score, want, d.Off)
			}
		})
	}
}

// What is meant for somebody waits while another has their phone.
func TestOffersAreHeldWhileThePhoneIsLent(t *testing.T) {
	p := searched()
	Fold(features, p, dwelled("footwear", noon.Add(-time.Minute)))
	Fold(features, p, &offers.Event{ID: "lent", Type: offers.DeviceLent, With: "ben", Time: noon.Add(-30 * time.Second)})
	e := testEngine(t, testCampaign("k"), banner("b", "shoes"), fallback())
	if d := e.Decide(momentOf(p, dwelled("footwear", noon)), rank.New()); d.Verdict != offers.NoOffer || d.Candidates[0].Out != offers.OutLent {
		t.Errorf("to the lent phone: %s, %+v", d.Verdict, d.Candidates)
	}
	if d := e.Decide(asked(p, Ask{Device: true}), rank.New()); !d.Fallback || outs(d)["shoes"] != offers.OutLent {
		t.Errorf("asked by the lent phone: %v, %v", shown(d), outs(d))
	}
	if d := e.Decide(asked(p, Ask{}), rank.New()); d.Fallback {
		t.Errorf("asked by their own browser: %v, %v", shown(d), outs(d))
	}
}

// In a shop whose clock nobody knows, no campaign by the hour runs, and others
// do.
func TestWithoutAClockNothingGoesByTheHour(t *testing.T) {
	timedOne, always := testCampaign("timed"), testCampaign("always")
	timedOne.Schedule = offers.Schedule{FromMinute: 60}
	c := testCatalogue(timedOne, always)
	for _, zone := range []string{"", "Mars/Olympus"} {
		for id, shop := range c.Shops {
			lost := *shop
			lost.TimeZone = zone
			c.Shops[id] = &lost
		}
		e, broken := New(c, features)
		if len(broken) > 0 {
			t.Fatal(broken)
		}
		if got := e.Clockless(); !slices.Equal(got, []offers.ShopID{"shop"}) {
			t.Errorf("clockless: %v", got)
		}
		d := e.Decide(momentOf(willing(), dwelled("footwear", noon)), rank.New())
		if d.Campaign != "always" || d.Candidates[1].Out != offers.OutSchedule {
			t.Errorf("time zone %q: %s won, %+v", zone, d.Campaign, d.Candidates[1])
		}
	}
}

package decide

import (
	"fmt"
	"math"
	"testing"

	"aisle/offers"
	"aisle/offers/rank"
)

func someone(i int) *offers.Profile {
	p := willing()
	p.Shopper = offers.ShopperID(fmt.Sprintf("shopper-%d", i))
	return p
}

func twoOffers() *offers.Campaign {
	c := testCampaign("compared")
	second := c.Offers[0]
	second.ID, second.Title = "compared-more", "More of compared"
	c.Offers = append(c.Offers, second)
	return c
}

func TestHouseHoldsOutPersonsFromEveryCampaign(t *testing.T) {
	const people, share = 4000, .2
	model := rank.New()
	c := testCatalogue(testCampaign("one"), testCampaign("two"))
	c.House.Holdout = share
	e, _ := New(c, features)
	held := 0
	for i := range people {
		p := someone(i)
		var verdicts []offers.Verdict
		for n := range 3 {
			d := e.Decide(&Moment{ID: DecisionID(0, int64(3*i+n), 0), Event: dwelled("footwear", noon), Profile: p}, model)
			verdicts = append(verdicts, d.Verdict)
			if want := HouseHolds(share, p.Shopper); (d.HeldBy == offers.HeldByHouse) != want || (d.Verdict == offers.HeldOut) != want {
				t.Fatalf("%s: %s by %q, want held out by the house: %v", p.Shopper, d.Verdict, d.HeldBy, want)
			}
		}
		if verdicts[0] == offers.HeldOut {
			held++
		}
	}
	if got := float64(held) / people; math.Abs(got-share) > 4*math.Sqrt(share*(1-share)/people) {
		t.Errorf("held out %.3f of them, want %.2f", got, share)
	}
}

func TestHoldoutsAreIndependent(t *testing.T) {
	const people = 20_000
	one, two := &offers.Campaign{ID: "one", Holdout: .5}, &offers.Campaign{ID: "two", Holdout: .5}
	both := 0
	for i := range people {
		id := someone(i).Shopper
		if CampaignHolds(one, id) && CampaignHolds(two, id) && HouseHolds(.5, id) {
			both++
		}
	}
	if got := float64(both) / people; math.Abs(got-.125) > .01 {
		t.Errorf("%.3f are held out of all three, want an eighth", got)
	}
}

func TestSplitGivesEachShopperOneOffer(t *testing.T) {
	const people, share = 4000, .6
	model := rank.New()
	c := twoOffers()
	c.Split = share
	e := testEngine(t, c)
	kept := map[offers.OfferID]int{}
	for i := range people {
		p := someone(i)
		only := KeepsTo(c, p.Shopper)
		for n := range 3 {
			d := e.Decide(&Moment{ID: DecisionID(0, int64(3*i+n), 0), Event: dwelled("footwear", noon), Profile: p}, model)
			if only == nil {
				continue
			}
			if d.Offer.ID != only.ID || d.Probability != 1 {
				t.Fatalf("%s keeps to %s and got %s with probability %v", p.Shopper, only.ID, d.Offer.ID, d.Probability)
			}
			if len(d.Candidates) != 2 || d.Candidates[1].Out != offers.OutSplit {
				t.Fatalf("candidates %+v, want the other offer out as split", d.Candidates)
			}
		}
		if only != nil {
			kept[only.ID]++
		}
	}
	for _, o := range c.Offers {
		if got := float64(kept[o.ID]) / people; math.Abs(got-share/2) > 4*math.Sqrt(.3*.7/people) {
			t.Errorf("%.3f keep to %s, want %.2f", got, o.ID, share/2)
		}
	}
}

func TestAddingAnOfferMovesShoppersOnlyToIt(t *testing.T) {
	was, now := twoOffers(), twoOffers()
	was.Split, now.Split = 1, 1
	third := now.Offers[0]
	third.ID = "compared-third"
	now.Offers = append(now.Offers, third)
	for i := range 1000 {
		id := someone(i).Shopper
		if a, b := KeepsTo(was, id), KeepsTo(now, id); a.ID != b.ID && b.ID != third.ID {
			t.Fatalf("%s moved from %s to %s", id, a.ID, b.ID)
		}
	}
}

package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/offers/rank/lists"
	"aisle/services/stream"
)

// What lists teach: only those that somebody saw and whose window is over, with
// the features as they were recorded.
func TestShownLists(t *testing.T) {
	g := newPastGround(t)
	placed := func(id offers.OfferID) offers.Placed {
		return offers.Placed{Campaign: "c", Offer: offers.Offer{ID: id, Category: "food"}, Probability: .5}
	}
	list := func(n int, at time.Time, change func(*offers.Decision)) offers.DecisionID {
		d := offers.Decision{
			ID: offers.DecisionID(fmt.Sprintf("0-%d-0", n)), Shopper: "ann", Time: at, Received: at, Verdict: offers.Offered, Campaign: "c", Placement: "app/home",
			Placed: []offers.Placed{placed("a"), placed("b")}, Features: offers.Features(`{"visits":3}`), Context: offers.Context{Hour: 4},
			Candidates: []offers.Candidate{{Campaign: "c", Offer: "b", Propensity: .2}, {Campaign: "c", Offer: "a", Propensity: .1}, {Campaign: "c", Offer: "x", Propensity: .9}},
		}
		if change != nil {
			change(&d)
		}
		g.put(stream.Decisions, "ann", d)
		return d.ID
	}
	did := func(id offers.DecisionID, typ offers.EventType, offer offers.OfferID, at time.Time) {
		g.produce(offers.Event{ID: offers.EventID(string(typ) + string(offer) + string(id)), Type: typ, Shopper: "ann", Decision: id, Offer: offer, Time: at, Received: at})
	}
	later := noon.Add(time.Minute)
	did(list(1, later, nil), offers.OfferViewed, "", later)
	both := list(2, noon, nil)
	did(both, offers.OfferClicked, "b", later)
	did(both, offers.OfferRedeemed, "", later)                               // of the first
	did(list(3, noon, nil), offers.OfferClicked, "b", noon.Add(3*time.Hour)) // too late
	did(list(4, noon, func(d *offers.Decision) { d.Fallback = true }), offers.OfferViewed, "", later)
	did(list(5, noon.Add(4*time.Hour), nil), offers.OfferViewed, "", noon.Add(4*time.Hour)) // its window is open
	did(list(6, noon.Add(-48*time.Hour), nil), offers.OfferViewed, "", noon.Add(-48*time.Hour))
	list(7, noon, nil) // nobody saw it
	list(2, noon, nil) // twice on the log

	got, err := shownLists(t.Context(), g.log, noon.Add(-time.Hour), 2*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	row := func(id offers.DecisionID, at time.Time, offer offers.OfferID, expected, worth float64) lists.Shown {
		return lists.Shown{
			Decision: id, Time: at, Expected: expected, Worth: worth, Arm: rank.Arm{Offer: offer, Campaign: "c", Category: "food"},
			Context: offers.Context{Hour: 4, Features: offers.Features(`{"visits":3}`)},
		}
	}
	want := []lists.Shown{
		row("0-2-0", noon, "a", .1, 2), row("0-2-0", noon, "b", .2, 1),
		row("0-1-0", later, "a", .1, 0), row("0-1-0", later, "b", .2, 0),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

package decide

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

// What is shown often, in long lists too, makes the house forget neither the caps
// of what is shown seldom nor what it sent.
func TestManyPagesMakeNobodyForget(t *testing.T) {
	p := &offers.Profile{}
	at := time.Date(2026, 11, 20, 15, 4, 0, 0, time.UTC)
	for i := range offers.MaxPlaced {
		Remember(p, &offers.Decision{ID: offers.DecisionID(fmt.Sprint("sent-", i)), Verdict: offers.Offered, Campaign: "sent", Offer: &offers.Offer{}, Time: at})
	}
	shown := func(campaign offers.CampaignID, times int) {
		at = at.Add(time.Minute)
		d := &offers.Decision{Verdict: offers.Offered, Placement: "web/home", Time: at}
		for i := range times {
			d.Placed = append(d.Placed, offers.Placed{Campaign: campaign, Offer: offers.Offer{ID: offers.OfferID(fmt.Sprint(i))}})
		}
		d.ID = offers.DecisionID(at.String())
		Remember(p, d)
	}
	shown("seldom", 1)
	shown("now and then", 2)
	for range 5 {
		for i := range offers.MaxPlaced {
			shown("often", 1+i%2)
		}
		shown("often", offers.MaxPlaced)
	}
	got := map[offers.CampaignID]int{}
	for _, c := range p.Contacts {
		got[c.Campaign]++
	}
	want := map[offers.CampaignID]int{"sent": offers.MaxPlaced, "seldom": 1, "now and then": 2, "often": offers.MaxPlaced - 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
}

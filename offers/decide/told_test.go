package decide_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/feature"
)

// What shoppers tell of themselves holds by when they told it, in whatever order
// it comes: an old telephone number that comes late is not written to.
func TestTraitsHoldByWhenTheyWereTold(t *testing.T) {
	features := feature.Default()
	start := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	told := []offers.Traits{
		{Name: "Mia", Phone: "+31600000001", Tier: "silver", Wishes: &offers.Wishes{}},
		{Phone: "+31600000002", City: "Delft"},
		{Tier: "gold"},
		{Email: "mia@example.com", Wishes: &offers.Wishes{Budget: 3}},
	}
	want := offers.Traits{Name: "Mia", Phone: "+31600000002", City: "Delft", Tier: "gold", Email: "mia@example.com", Wishes: told[3].Wishes}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		p := &offers.Profile{Shopper: "mia"}
		for _, i := range random.Perm(len(told)) {
			decide.Fold(features, p, &offers.Event{Type: offers.Identified, Shopper: "mia", Time: start.Add(time.Duration(i) * time.Hour), Traits: &told[i]})
		}
		if diff := cmp.Diff(want, p.Traits); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}

	// Who they turn out to be knows it as well.
	older, newer := &offers.Profile{Shopper: "browser"}, &offers.Profile{Shopper: "mia"}
	decide.Fold(features, older, &offers.Event{Type: offers.Identified, Shopper: "browser", Time: start, Traits: &told[0]})
	decide.Fold(features, newer, &offers.Event{Type: offers.Identified, Shopper: "mia", Time: start.Add(time.Hour), Traits: &told[1]})
	for _, merge := range [][2]*offers.Profile{{older, newer}, {newer, older}} {
		from, into := *merge[0], *merge[1]
		into.Told = nil
		into.Traits = offers.Traits{}
		decide.Fold(features, &into, &offers.Event{Type: offers.Identified, Time: merge[1].Told["phone"], Traits: &merge[1].Traits})
		decide.Fold(features, &into, &offers.Event{Type: offers.ProfileMoved, Time: start.Add(2 * time.Hour), Profile: &from})
		if into.Traits.Phone != told[1].Phone || into.Traits.Name != "Mia" || into.Traits.City != "Delft" {
			t.Errorf("%s into %s: %+v", from.Shopper, into.Shopper, into.Traits)
		}
	}
}

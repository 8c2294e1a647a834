package campaigns

import (
	"slices"
	"testing"

	"aisle/offers"
	"aisle/offers/decide/decidetest"
	"aisle/offers/feature"
)

// Who lets no camera look at them and no receiver listen for them gets what the
// others get, by reading the code that hangs in the shop: every story in which a
// sensor's event wakes a campaign and brings an offer is told again, with a
// check-in instead.
func TestNoSensorNoLoss(t *testing.T) {
	all := Demonstration()
	house := decidetest.House{Shops: all.Shops, Campaigns: all.Campaigns, Scenarios: all.Scenarios, Features: feature.Default()}
	sensed := func(e offers.EventType) bool {
		return e == offers.Recognised || e == offers.ZoneEntered || e == offers.ZoneDwelled
	}
	told := 0
	for _, name := range all.Stories {
		raw, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := decidetest.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		f.Cases = slices.DeleteFunc(f.Cases, func(c decidetest.Case) bool {
			return c.Expect.Verdict != offers.Offered || c.Expect.Completed != nil || !sensed(c.Events[len(c.Events)-1].Type)
		})
		for i := range f.Cases {
			c := &f.Cases[i]
			c.Shopper.Consents = slices.DeleteFunc(c.Shopper.Consents, func(p offers.Purpose) bool {
				return p == offers.ConsentLocation || p == offers.ConsentFace
			})
			last := &c.Events[len(c.Events)-1]
			last.Type, last.Dwell = offers.CheckedIn, 0
			c.Events = slices.DeleteFunc(c.Events, func(e decidetest.Event) bool { return sensed(e.Type) })
		}
		told += len(f.Cases)
		results, err := f.Run(house)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, r := range results {
			for _, wrong := range r.Wrong {
				t.Errorf("%s: %s: %s", name, r.Name, wrong)
			}
		}
	}
	if told < 5 {
		t.Errorf("%d stories of sensors end with an offer", told)
	}
}

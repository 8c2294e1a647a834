package console_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
)

// greeted is who is on the wall, as a role may read it.
type greeted struct {
	Name, Shopper  string
	Possible, Lent bool
	Witnesses      int
}

func (v *visitor) people() (all []greeted) {
	v.t.Helper()
	var snapshot struct {
		People struct {
			People []struct {
				Shopper     string            `json:"shopper"`
				Name        string            `json:"name"`
				Possible    bool              `json:"possible"`
				Lent        bool              `json:"lent"`
				Probability float64           `json:"probability"`
				Witnesses   []json.RawMessage `json:"witnesses"`
			} `json:"people"`
		} `json:"people"`
	}
	v.call("GET", "/api/live/snapshot?shop=centraal", nil, 200, &snapshot)
	for _, p := range snapshot.People.People {
		all = append(all, greeted{p.Name, p.Shopper, p.Possible, p.Lent, len(p.Witnesses)})
	}
	return all
}

// Nobody is shown by name whom one sense alone saw, nor while their phone is
// lent, nor to who may only look.
func TestNamesNeedTwoWitnesses(t *testing.T) {
	h, staff := liveShop(t)
	viewer := h.as(catalog.RoleViewer)
	now := time.Now()
	h.keep(offers.Profile{Shopper: "mia", Consents: located, Traits: offers.Traits{Name: "Mia"}})
	h.keep(offers.Profile{Shopper: "ben", Consents: located, Traits: offers.Traits{Name: "Ben"}, Lent: &offers.Lent{To: "eva", At: now.Add(-time.Minute)}})
	h.keep(offers.Profile{Shopper: "eva", Consents: located})
	seen := func(id offers.ShopperID, sensor offers.Sensor, suspect string) {
		h.see(offers.Sighting{Track: string(id) + string(sensor), Shopper: id, Sensor: sensor, Device: "d", Shop: "centraal", Floor: "f0", Zone: "shoes",
			At: offers.Point{X: 1, Y: 1}, Confidence: .95, First: now, Last: now, Suspect: suspect})
	}
	seen("mia", offers.SensorBeacon, "")
	expect := func(who *visitor, what string, want ...greeted) {
		t.Helper()
		var got []greeted
		eventually(t, what, func() bool { got = who.people(); return cmp.Equal(got, want) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	expect(staff, "a tag alone", greeted{"", "mia", true, false, 1})
	seen("mia", offers.SensorCamera, "")
	expect(staff, "a tag and a face", greeted{"Mia", "mia", false, false, 2})
	expect(viewer, "who may only look", greeted{"", "mia", true, false, 2})
	seen("ben", offers.SensorBeacon, "")
	expect(staff, "a tag that is lent", greeted{"", "ben", false, true, 1}, greeted{"Mia", "mia", false, false, 2})
	seen("ben", offers.SensorCamera, "")
	expect(staff, "a face beside the tag that is lent", greeted{"", "ben", true, true, 2}, greeted{"Mia", "mia", false, false, 2})
	seen("eva", offers.SensorCamera, "")
	seen("eva", offers.SensorBeacon, "copied")
	expect(staff, "a tag that may be a copy", greeted{"", "ben", true, true, 2}, greeted{"", "eva", true, false, 1}, greeted{"Mia", "mia", false, false, 2})
}

func TestPlacementsOfCampaigns(t *testing.T) {
	h, _ := liveShop(t)
	marketer := h.as(catalog.RoleMarketer)
	banner := testCampaign("banner")
	banner.Trigger, banner.Channels = offers.Trigger{}, []offers.Channel{}
	banner.Placements = []offers.PlacementID{"web/home"}
	banner.Offers[0].Representations = []offers.Representation{{Placement: "web", Title: "20% off", Link: "https://shop.example/"}}
	marketer.call("POST", "/api/campaigns", banner, 201, nil)
	marketer.call("POST", "/api/campaigns/banner/live", nil, 400, nil) // who gets nothing else?

	everybody := banner
	everybody.ID, everybody.Placements, everybody.Fallback = "everybody", nil, []offers.PlacementID{"web"}
	marketer.call("POST", "/api/campaigns", everybody, 201, nil)
	marketer.call("POST", "/api/campaigns/everybody/live", nil, 200, nil)
	marketer.call("POST", "/api/campaigns/banner/live", nil, 200, nil)
	marketer.call("POST", "/api/campaigns/everybody/pause", nil, 409, nil)
	everybody.Fallback = []offers.PlacementID{"web/cart"}
	everybody.Placements = []offers.PlacementID{}
	marketer.call("PUT", "/api/campaigns/everybody", everybody, 409, nil)
	marketer.call("POST", "/api/campaigns/banner/pause", nil, 200, nil)
	marketer.call("POST", "/api/campaigns/everybody/pause", nil, 200, nil)

	for name, tt := range map[string]struct {
		change func(k *offers.Campaign)
		fields string
	}{
		"nothing wakes it":      {func(k *offers.Campaign) { k.Placements = nil }, "trigger.event"},
		"no such kind":          {func(k *offers.Campaign) { k.Placements[0] = "fax/home" }, "placements[0] placements[0]"},
		"a message":             {func(k *offers.Campaign) { k.Placements[0] = "sms" }, "placements[0]"},
		"not represented there": {func(k *offers.Campaign) { k.Placements[0] = "wall/door" }, "placements[0]"},
		"a script":              {func(k *offers.Campaign) { k.Offers[0].Representations[0].Link = "javascript:alert(1)" }, "offers[0].representations[0]"},
		"an empty one":          {func(k *offers.Campaign) { k.Offers[0].Representations[0] = offers.Representation{Placement: "web"} }, "offers[0].representations[0]"},
		"a card said twice": {func(k *offers.Campaign) {
			k.Offers[0].Representations = append(k.Offers[0].Representations, offers.Representation{Placement: "app", Title: "x"})
		}, "offers[0].representations[1].placement"},
		"a context without a value": {func(k *offers.Campaign) { k.Contexts = []offers.ContextWeight{{Key: "weather", Percent: 2000}} }, "contexts[0] contexts[0].percent"},
	} {
		t.Run(name, func(t *testing.T) {
			k := banner
			k.Placements, k.Offers = append([]offers.PlacementID{}, banner.Placements...), append([]offers.Offer{}, banner.Offers...)
			k.Offers[0].Representations = append([]offers.Representation{}, banner.Offers[0].Representations...)
			tt.change(&k)
			status, body := marketer.try("PUT", "/api/campaigns/banner", k)
			if got := fields(t, body); status != 400 || got != tt.fields {
				t.Errorf("%d, wrong are %q; want 400, %q", status, got, tt.fields)
			}
		})
	}
}

func TestCheckInCodes(t *testing.T) {
	h, staff := liveShop(t)
	var got struct {
		Code  string
		Until time.Time
	}
	staff.call("GET", "/api/shops/centraal/check-in", nil, 200, &got)
	keys, err := h.catalog.Secrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for at, holds := range map[time.Time]bool{time.Now(): true, got.Until.Add(time.Second): false} {
		shop, err := catalog.Unsign(keys.Token, catalog.TokenCheckIn, got.Code, at)
		if (err == nil && shop == "centraal") != holds {
			t.Errorf("at %s the code is of %q, %v; want it to hold: %v", at, shop, err, holds)
		}
	}
	staff.call("GET", "/api/shops/nowhere/check-in", nil, 404, nil)
	h.as(catalog.RoleViewer).call("GET", "/api/shops/centraal/check-in", nil, 403, nil)
}

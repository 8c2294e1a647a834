package campaigns

import (
	"testing"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/feature"
)

func TestDemonstrationIsWhole(t *testing.T) {
	shop := Shop()
	c := offers.Catalogue{Shops: map[offers.ShopID]*offers.Shop{shop.ID: &shop}, Campaigns: map[offers.CampaignID]*offers.Campaign{}}
	for _, k := range Load() {
		k.Status = offers.CampaignLive
		c.Campaigns[k.ID] = &k
		for _, z := range k.Trigger.Zones {
			if _, ok := shop.Zone(z); !ok {
				t.Errorf("%s is woken in %q, which the shop lacks", k.ID, z)
			}
		}
		for _, o := range k.Offers {
			if _, ok := shop.Zone(o.Zone); !ok {
				t.Errorf("%s/%s is used in %q, which the shop lacks", k.ID, o.ID, o.Zone)
			}
		}
	}
	if len(c.Campaigns) < 5 || len(shop.Receivers) < 15 {
		t.Errorf("%d campaigns, %d receivers", len(c.Campaigns), len(shop.Receivers))
	}
	for _, r := range shop.Receivers {
		if _, ok := shop.Zone(r.Zone); !ok {
			t.Errorf("receiver %s is in %q, which the shop lacks", r.ID, r.Zone)
		}
	}
	if _, broken := decide.New(&c, feature.Default()); len(broken) > 0 {
		t.Errorf("campaigns whose rules do not compile: %v", broken)
	}
}

package campaigns

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

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
			if _, ok := shop.Zone(o.Zone); !ok && o.Zone != "" {
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
	c.Scenarios = map[offers.ScenarioID]*offers.Scenario{}
	for _, s := range Demonstration().Scenarios {
		s.Status = offers.CampaignLive
		c.Scenarios[s.ID] = &s
	}
	engine, broken := decide.New(&c, feature.Default())
	if len(broken) > 0 {
		t.Errorf("campaigns whose rules do not compile: %v", broken)
	}
	if live, broken := engine.Scenarios(); len(broken) > 0 || live.Len() < 3 {
		t.Errorf("%d scenarios, and those that do not compile: %v", live.Len(), broken)
	}
}

func TestTwoOfOneNameInAFolder(t *testing.T) {
	k := &fstest.MapFile{Data: []byte("\ufeffid: help\n")} // as some editors begin a file
	if all, err := Read(fstest.MapFS{"a.yaml": k}); err != nil || len(all.Campaigns) != 1 {
		t.Errorf("%+v, %v; want the one", all.Campaigns, err)
	}
	_, err := Read(fstest.MapFS{"a.yaml": k, "b.yaml": k})
	if !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), "b.yaml") || !strings.Contains(err.Error(), "campaign/help is in a.yaml already") {
		t.Errorf("error %v, want to be told of both files", err)
	}
}

func TestTimesAreWrittenAsPeopleSayThem(t *testing.T) {
	c, err := Parse[offers.Campaign]([]byte("cooldown: 90s\noffers: [{id: cake, valid: 2h, away: 15m}]"))
	if err != nil {
		t.Fatal(err)
	}
	if o := c.Offers[0]; c.Cooldown != 90*time.Second || o.Valid != 2*time.Hour || o.Away != 15*time.Minute {
		t.Errorf("cooldown %v, valid %v, away %v", c.Cooldown, o.Valid, o.Away)
	}
	s, err := Parse[offers.Scenario]([]byte("template: {id: comes-back, parameters: {away: 12h}}"))
	if err != nil || s.Template.Parameters["away"] != "12h" {
		t.Errorf("a template's parameters: %+v, %v", s.Template, err)
	}
	if _, err := Parse[offers.Campaign]([]byte("cooldown: soon")); err == nil {
		t.Error("soon is a time")
	}
}

package console_test

import (
	"strings"
	"testing"

	"aisle/offers"
	"aisle/services/catalog"
)

func TestSegments(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	marketer.call("PUT", "/api/shops/centraal", testShop(), 200, nil)
	var gold offers.Segment
	marketer.call("POST", "/api/segments", offers.Segment{Name: "Gold members", Rule: `tier == "gold"`}, 201, &gold)
	if gold.ID != "gold-members" || gold.Version != 1 {
		t.Errorf("created %q at version %d", gold.ID, gold.Version)
	}
	marketer.call("POST", "/api/segments", gold, 409, nil)

	k := testCampaign("shoes")
	k.Segments, k.Audience, k.Eligibility = []offers.SegmentID{"gold-members"}, "true", "orders > 2"
	marketer.call("POST", "/api/campaigns", k, 201, &k)
	if k.Audience != `tier == "gold"` { // whatever its writer says
		t.Errorf("the campaign is for %q", k.Audience)
	}
	marketer.call("POST", "/api/campaigns/shoes/live", nil, 200, nil)

	// Whom the campaign speaks to changes with the segment, at once.
	gold.Tree = []byte(`{"combinator":"and","rules":[{"field":"tier","operator":"in","value":["gold","silver"]}]}`)
	marketer.call("PUT", "/api/segments/gold-members", gold, 200, &gold)
	want := `(tier in ["gold", "silver"]) && (orders > 2)`
	onStream(t, h, func(c *offers.Catalogue) bool {
		live := c.Campaigns["shoes"]
		return live != nil && live.Status == offers.CampaignLive && live.Whom() == want
	})
	var one struct {
		Segment offers.Segment
		Used    []struct{ ID, Name, Status string }
	}
	marketer.call("GET", "/api/segments/gold-members", nil, 200, &one)
	if one.Segment.Version != 2 || len(one.Used) != 1 || one.Used[0].ID != "shoes" || one.Used[0].Status != "live" {
		t.Errorf("read %+v", one)
	}
	stale := gold
	stale.Version = 1
	marketer.call("PUT", "/api/segments/gold-members", stale, 409, nil)
	marketer.call("DELETE", "/api/segments/gold-members", nil, 409, nil) // the campaign is for it

	// What a second person approved does not change past them.
	h.admin().call("PUT", "/api/house", offers.House{Approvals: true}, 200, nil)
	silver := gold
	silver.Tree, silver.Rule = nil, `tier == "silver"`
	marketer.call("PUT", "/api/segments/gold-members", silver, 409, nil)
	renamed := gold
	renamed.Name = "Gold and silver"
	marketer.call("PUT", "/api/segments/gold-members", renamed, 200, nil) // it says the same

	marketer.call("POST", "/api/campaigns/shoes/archive", nil, 200, nil)
	marketer.call("DELETE", "/api/segments/gold-members", nil, 204, nil)
	var history struct{ Versions []catalog.SegmentVersion }
	marketer.call("GET", "/api/segments/gold-members/history", nil, 200, &history)
	if len(history.Versions) != 3 || history.Versions[0].Segment.Name != "Gold and silver" {
		t.Errorf("history %+v, want three versions, newest first", history.Versions)
	}
	h.as(catalog.RoleViewer).call("POST", "/api/segments", gold, 403, nil)
}

func TestSegmentsThatCannotBe(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	tests := map[string]struct {
		segment offers.Segment
		want    string
	}{
		"no name":         {offers.Segment{ID: "a", Rule: "true"}, "name"},
		"no rule":         {offers.Segment{Name: "A"}, "rule"},
		"a wrong rule":    {offers.Segment{Name: "A", Rule: "teir == 'gold'"}, "rule"},
		"an empty tree":   {offers.Segment{Name: "A", Rule: "true", Tree: []byte(`{"combinator":"and","rules":[]}`)}, "rule"},
		"an id of spaces": {offers.Segment{ID: "a b", Name: "A", Rule: "true"}, "id"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got problemOf
			marketer.call("POST", "/api/segments", test.segment, 400, &got)
			if len(got.Errors) != 1 || got.Errors[0].Field != test.want {
				t.Errorf("refused for %+v, want %s", got.Errors, test.want)
			}
		})
	}
	k := testCampaign("shoes")
	k.Trigger.Shop, k.Trigger.Zones, k.Segments = "", nil, []offers.SegmentID{"nobody"}
	var got problemOf
	marketer.call("POST", "/api/campaigns", k, 400, &got)
	if len(got.Errors) != 1 || got.Errors[0].Field != "segments[0]" {
		t.Errorf("a campaign for a segment that is not there: %+v", got.Errors)
	}
	long := offers.Segment{Name: "Long", Rule: `tier == "` + strings.Repeat("x", 3900) + `"`}
	marketer.call("POST", "/api/segments", long, 201, nil)
	k.Segments, k.Eligibility = []offers.SegmentID{"long"}, `tier == "`+strings.Repeat("y", 3900)+`"`
	marketer.call("POST", "/api/campaigns", k, 400, &got)
	if len(got.Errors) != 1 || got.Errors[0].Field != "segments" {
		t.Errorf("rules that are too long together: %+v", got.Errors)
	}
}

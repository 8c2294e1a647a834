package console_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
)

var farAway = time.Now().Add(time.Hour)

func mustURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestShops(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	shop := testShop()
	var kept offers.Shop
	marketer.call("PUT", "/api/shops/centraal", shop, 200, &kept)
	if diff := cmp.Diff(shop, kept); diff != "" {
		t.Errorf("as kept (-want +got):\n%s", diff)
	}
	marketer.call("GET", "/api/shops/centraal", nil, 200, &kept)
	if diff := cmp.Diff(shop, kept); diff != "" {
		t.Errorf("as read (-want +got):\n%s", diff)
	}
	marketer.call("PUT", "/api/shops/centraal", shop, 200, nil) // again
	onStream(t, h, func(c *offers.Catalogue) bool { return c.Shops["centraal"] != nil && c.Receivers["rx1"] == "centraal" })

	marketer.call("DELETE", "/api/shops/centraal", nil, 403, nil)
	h.admin().call("DELETE", "/api/shops/centraal", nil, 204, nil)
	h.admin().call("GET", "/api/shops/centraal", nil, 404, nil)
	onStream(t, h, func(c *offers.Catalogue) bool { return c.Shops["centraal"] == nil })
}

func TestShopsThatCannotBe(t *testing.T) {
	h := open(t)
	admin := h.admin()
	other := testShop()
	other.ID, other.Name = "zuid", "Zuid"
	admin.call("PUT", "/api/shops/zuid", other, 200, nil)
	tests := map[string]struct {
		change func(s *offers.Shop)
		fields string
	}{
		"no name":                 {func(s *offers.Shop) { s.Name = "" }, "name"},
		"another id":              {func(s *offers.Shop) { s.ID = "noord" }, "id"},
		"a time zone of nowhere":  {func(s *offers.Shop) { s.TimeZone = "Europe/Atlantis" }, "time_zone"},
		"no time zone":            {func(s *offers.Shop) { s.TimeZone = "" }, "time_zone"},
		"no floor":                {func(s *offers.Shop) { s.Floors = nil; s.Zones, s.Receivers, s.Cameras = nil, nil, nil }, "floors"},
		"a floor without width":   {func(s *offers.Shop) { s.Floors[0].WidthM = 0; s.Zones, s.Receivers, s.Cameras = nil, nil, nil }, "floors[0].width_m"},
		"two corners":             {func(s *offers.Shop) { s.Zones[1].Polygon = s.Zones[1].Polygon[:2] }, "zones[1].polygon"},
		"corners on a line":       {func(s *offers.Shop) { s.Zones[1].Polygon = []offers.Point{{X: 1}, {X: 2}, {X: 3}} }, "zones[1].polygon"},
		"a bow tie":               {func(s *offers.Shop) { s.Zones[1].Polygon = []offers.Point{{X: 0}, {X: 5, Y: 5}, {X: 6}, {X: 0, Y: 7}} }, "zones[1].polygon"},
		"a zone in the street":    {func(s *offers.Shop) { s.Zones[1].Polygon[2].X = 31 }, "zones[1].polygon[2]"},
		"a zone on no floor":      {func(s *offers.Shop) { s.Zones[1].Floor = "roof" }, "zones[1].floor"},
		"two zones of one id":     {func(s *offers.Shop) { s.Zones[1].ID = "entrance"; s.Receivers[0].Zone = "entrance" }, "zones[1].id"},
		"an odd kind":             {func(s *offers.Shop) { s.Zones[0].Kind = "bar" }, "zones[0].kind"},
		"a receiver on no floor":  {func(s *offers.Shop) { s.Receivers[0].Floor = "roof" }, "receivers[0].floor"},
		"a receiver outside":      {func(s *offers.Shop) { s.Receivers[0].At.Y = -1 }, "receivers[0].at"},
		"a camera in no zone":     {func(s *offers.Shop) { s.Cameras[0].Zone = "moon" }, "cameras[0].zone"},
		"a receiver twice":        {func(s *offers.Shop) { s.Receivers = append(s.Receivers, s.Receivers[0]) }, "receivers[1].id"},
		"another shop's devices":  {func(*offers.Shop) {}, "receivers[0].id cameras[0].id"},
		"an id with a slash":      {func(s *offers.Shop) { s.Zones[1].ID = "a/b"; s.Receivers[0].Zone = "a/b" }, "zones[1].id"},
		"quiet after the day":     {func(s *offers.Shop) { s.Quiet.UntilMinute = 2000 }, "quiet"},
		"an unknown currency":     {func(s *offers.Shop) { s.Currency = "euro" }, "currency"},
		"a negative dwell":        {func(s *offers.Shop) { s.Zones[0].Dwell = -1 }, "zones[0].dwell_ns"},
		"a floor twice":           {func(s *offers.Shop) { s.Floors = append(s.Floors, s.Floors[0]) }, "floors[1].id"},
		"a fixture on no floor":   {func(s *offers.Shop) { s.Fixtures = []offers.Fixture{{Floor: "roof", WidthM: 1, DepthM: 1}} }, "fixtures[0].floor"},
		"a fixture in the street": {func(s *offers.Shop) { s.Fixtures = []offers.Fixture{{Floor: s.Floors[0].ID, WidthM: 1000, DepthM: 1}} }, "fixtures[0].at"},
		"an outline of one point": {func(s *offers.Shop) { s.Floors[0].Outline = []offers.Point{{}} }, "floors[0].outline"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			shop := testShop()
			if name != "another shop's devices" {
				shop.Receivers[0].ID, shop.Cameras[0].ID = "rx9", "cam9"
			}
			test.change(&shop)
			status, body := admin.try("PUT", "/api/shops/centraal", shop)
			if status != 400 || fields(t, body) != test.fields {
				t.Errorf("got %d about %q, want 400 about %q\n%s", status, fields(t, body), test.fields, body)
			}
		})
	}
}

func TestCampaigns(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	marketer.call("PUT", "/api/shops/centraal", testShop(), 200, nil)

	draft := testCampaign("")
	draft.Status, draft.Version = offers.CampaignLive, 17 // not for the writer to say
	var k offers.Campaign
	marketer.call("POST", "/api/campaigns", draft, 201, &k)
	if k.ID != "running-shoes" || k.Status != offers.CampaignDraft || k.Version != 1 {
		t.Errorf("created %q, %s, version %d; want running-shoes, draft, 1", k.ID, k.Status, k.Version)
	}
	marketer.call("POST", "/api/campaigns", draft, 409, nil)

	changed := k
	changed.Name, changed.Status = "Shoes", offers.CampaignLive
	marketer.call("PUT", "/api/campaigns/running-shoes", changed, 200, &k)
	if k.Name != "Shoes" || k.Status != offers.CampaignDraft || k.Version != 2 {
		t.Errorf("changed to %q, %s, version %d; want Shoes, still draft, 2", k.Name, k.Status, k.Version)
	}
	marketer.call("PUT", "/api/campaigns/running-shoes", changed, 409, nil) // somebody was faster
	marketer.call("PUT", "/api/campaigns/none", changed, 400, nil)
	marketer.call("POST", "/api/campaigns/running-shoes/pause", nil, 409, nil) // it is a draft
	marketer.call("POST", "/api/campaigns/running-shoes/live", nil, 200, &k)
	marketer.call("POST", "/api/campaigns/running-shoes/live", nil, 200, nil) // again
	onStream(t, h, func(c *offers.Catalogue) bool {
		live := c.Campaigns["running-shoes"]
		return live != nil && live.Status == offers.CampaignLive && live.Version == 3
	})
	marketer.call("DELETE", "/api/campaigns/running-shoes", nil, 409, nil) // it is live
	marketer.call("POST", "/api/campaigns/running-shoes/pause", nil, 200, nil)
	marketer.call("POST", "/api/campaigns/running-shoes/archive", nil, 200, &k)
	marketer.call("POST", "/api/campaigns/running-shoes/live", nil, 409, nil) // for good
	marketer.call("PUT", "/api/campaigns/running-shoes", k, 409, nil)

	var history struct {
		Versions []catalog.CampaignVersion
	}
	marketer.call("GET", "/api/campaigns/running-shoes/history", nil, 200, &history)
	var statuses []offers.CampaignStatus
	for _, v := range history.Versions {
		statuses = append(statuses, v.Campaign.Status)
		if v.By != "marketer" {
			t.Errorf("version %d was made by %q", v.Campaign.Version, v.By)
		}
	}
	if diff := cmp.Diff([]offers.CampaignStatus{"archived", "paused", "live", "draft", "draft"}, statuses); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	marketer.call("DELETE", "/api/campaigns/running-shoes", nil, 204, nil)
	marketer.call("GET", "/api/campaigns/running-shoes", nil, 404, nil)
	marketer.call("GET", "/api/campaigns/running-shoes/history", nil, 200, nil)
	onStream(t, h, func(c *offers.Catalogue) bool { return c.Campaigns["running-shoes"] == nil })
}

func TestCampaignsThatCannotBe(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	marketer.call("PUT", "/api/shops/centraal", testShop(), 200, nil)
	tests := map[string]struct {
		change func(k *offers.Campaign)
		fields string
	}{
		"no name":              {func(k *offers.Campaign) { k.Name = " " }, "name"},
		"no trigger":           {func(k *offers.Campaign) { k.Trigger.Event = "" }, "trigger.event"},
		"a shop of nowhere":    {func(k *offers.Campaign) { k.Trigger.Shop = "moon" }, "trigger.shop"},
		"a zone of nowhere":    {func(k *offers.Campaign) { k.Trigger.Zones = []offers.ZoneID{"shoes", "moon"} }, "trigger.zones[1]"},
		"no channel":           {func(k *offers.Campaign) { k.Channels = nil }, "channels"},
		"an unknown channel":   {func(k *offers.Campaign) { k.Channels = []offers.Channel{"pigeon"} }, "channels[0]"},
		"no offer":             {func(k *offers.Campaign) { k.Offers = nil }, "offers"},
		"an offer of no title": {func(k *offers.Campaign) { k.Offers[0].Title = "" }, "offers[0].title"},
		"an offer twice":       {func(k *offers.Campaign) { k.Offers = append(k.Offers, k.Offers[0]) }, "offers[1].id"},
		"valid never":          {func(k *offers.Campaign) { k.Offers[0].Valid = 0 }, "offers[0].valid_ns"},
		"away for too long":    {func(k *offers.Campaign) { k.Offers[0].Away = k.Offers[0].Valid + 1 }, "offers[0].away_ns"},
		"an unknown variable":  {func(k *offers.Campaign) { k.Offers[0].SMS = "{{nom}}" }, "offers[0].sms"},
		"braces of nothing":    {func(k *offers.Campaign) { k.Offers[0].SMS = "Hi {{ }}" }, "offers[0].sms"},
		"braces left open":     {func(k *offers.Campaign) { k.Offers[0].SMS = "Hi {{name" }, "offers[0].sms"},
		"a title of nobody's":  {func(k *offers.Campaign) { k.Offers[0].Title = "For {{nom}}" }, "offers[0].title"},
		"unknown in Dutch": {func(k *offers.Campaign) {
			k.Offers[0].Translations = map[string]string{"nl": "Dag {{naam}}"}
		}, "offers[0].sms_translations.nl"},
		"unknown in a notification": {func(k *offers.Campaign) {
			k.Offers[0].Representations = []offers.Representation{{Placement: "push", Title: "{{nom}}"}}
		}, "offers[0].representations[0].title"},
		"asked for as an e-mail": {func(k *offers.Campaign) {
			k.Placements, k.Offers[0].Representations = []offers.PlacementID{"email"}, []offers.Representation{{Placement: "email", Title: "t"}}
		}, "placements[0]"},
		"money of no country":  {func(k *offers.Campaign) { k.Offers[0].Value.Currency = "" }, "offers[0].value.currency"},
		"a rule that is none":  {func(k *offers.Campaign) { k.Eligibility = "tier ==" }, "eligibility"},
		"a rule of wrong type": {func(k *offers.Campaign) { k.Suitability = "1 + 1" }, "suitability"},
		"an unknown field":     {func(k *offers.Campaign) { k.Applicability = "shoe_size > 40" }, "applicability"},
		"a blank rule":         {func(k *offers.Campaign) { k.Eligibility = " " }, "eligibility"},
		"a cap beyond memory":  {func(k *offers.Campaign) { k.Placements, k.Cap.Times = []offers.PlacementID{"app"}, 21 }, "cap.times"},
		"a cap of no time":     {func(k *offers.Campaign) { k.Cap.Per = 0 }, "cap.per_ns"},
		"held out too many":    {func(k *offers.Campaign) { k.Holdout = 1.5 }, "holdout"},
		"ends before it began": {func(k *offers.Campaign) { k.Schedule.From, k.Schedule.Until = farAway, farAway.Add(-1) }, "schedule.until"},
		"an eighth day":        {func(k *offers.Campaign) { k.Schedule.Days = []time.Weekday{7} }, "schedule.days[0]"},
		"hours of no length":   {func(k *offers.Campaign) { k.Schedule.FromMinute, k.Schedule.UntilMinute = 600, 600 }, "schedule.until_minute"},
		"hours after midnight": {func(k *offers.Campaign) { k.Schedule.FromMinute = 24 * 60 }, "schedule.until_minute"},
		"a name without end":   {func(k *offers.Campaign) { k.Name = strings.Repeat("ق", 161) }, "name"},
		"everything":           {func(k *offers.Campaign) { k.Name, k.Channels, k.Offers = "", nil, nil }, "name channels offers"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			k := testCampaign("shoes")
			test.change(&k)
			status, body := marketer.try("POST", "/api/campaigns", k)
			if status != 400 || fields(t, body) != test.fields {
				t.Errorf("got %d about %q, want 400 about %q\n%s", status, fields(t, body), test.fields, body)
			}
		})
	}
}

func TestCampaignsThatCanBe(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	marketer.call("PUT", "/api/shops/centraal", testShop(), 200, nil)
	for name, change := range map[string]func(k *offers.Campaign){
		"hours over midnight": func(k *offers.Campaign) { k.Schedule.FromMinute, k.Schedule.UntilMinute = 22*60, 2*60 },
		"hours till midnight": func(k *offers.Campaign) { k.Schedule.FromMinute = 22 * 60 },
		"a name in arabic":    func(k *offers.Campaign) { k.Name = strings.Repeat("ق", 160) },
		"an e-mail of its own": func(k *offers.Campaign) {
			k.Offers[0].Representations = []offers.Representation{{Placement: "email", Title: "For {{name}}", Text: "{{zone}}: {{link}}"}}
		},
		"all that a text may name": func(k *offers.Campaign) {
			k.Offers[0].SMS = "{{name}} {{title}} {{code}} {{shop}} {{zone}} {{value}} {{discount}} {{until}} {{ link }}"
		},
		"braces on a page": func(k *offers.Campaign) {
			k.Offers[0].Representations = []offers.Representation{{Placement: "web", Title: "{{price}}"}}
		},
		"a message in arabic": func(k *offers.Campaign) { k.Offers[0].SMS = strings.Repeat("ق", 1000) },
	} {
		k := testCampaign(offers.CampaignID(strings.ReplaceAll(name, " ", "-")))
		change(&k)
		if status, body := marketer.try("POST", "/api/campaigns", k); status != 201 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// What is removed can be written once more under its id, and has its history.
func TestRestoreCampaign(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	marketer.call("PUT", "/api/shops/centraal", testShop(), 200, nil)
	var k offers.Campaign
	marketer.call("POST", "/api/campaigns", testCampaign("shoes"), 201, &k)
	marketer.call("DELETE", "/api/campaigns/shoes", nil, 204, nil)
	marketer.call("POST", "/api/campaigns", k, 201, &k)
	var history struct{ Versions []catalog.CampaignVersion }
	marketer.call("GET", "/api/campaigns/shoes/history", nil, 200, &history)
	if k.Version != 2 || k.Status != offers.CampaignDraft || len(history.Versions) != 2 {
		t.Errorf("brought back: version %d, %s, %d versions; want version 2, a draft, with both", k.Version, k.Status, len(history.Versions))
	}
}

func TestRules(t *testing.T) {
	h := open(t)
	viewer := h.as(catalog.RoleViewer)
	type answer struct {
		OK       bool
		Error    string
		Position *int
	}
	at := func(n int) *int { return &n }
	for expression, want := range map[string]answer{
		`tier == "gold"`:            {OK: true},
		`tier == "gold" && in_shop`: {OK: true},
		"tier ==\n  \"gold\" &&& x": {Position: at(20)},
		"":                          {},
		`"gold"`:                    {},
	} {
		var got answer
		viewer.call("POST", "/api/rules/check", map[string]string{"expression": expression}, 200, &got)
		if got.OK != want.OK || (got.Error == "") != want.OK {
			t.Errorf("%q: %+v, want ok %t", expression, got, want.OK)
		}
		if want.Position != nil && (got.Position == nil || *got.Position < 8) {
			t.Errorf("%q: position %v, want that of the mistake on the second line", expression, got.Position)
		}
	}
	var known struct {
		Fields []struct{ Name, Type, Doc string }
	}
	viewer.call("GET", "/api/rules/fields", nil, 200, &known)
	if len(known.Fields) < 10 || known.Fields[0].Doc == "" {
		t.Errorf("fields: %+v, want what a rule may name, explained", known.Fields)
	}
}

// onStream waits until the other services see a catalogue that fits.
func onStream(t *testing.T, h *house, fits func(c *offers.Catalogue) bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	following, err := h.log.Catalogue(ctx)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the stream has the catalogue as it is kept", func() bool { return fits(following.Now()) })
}

// TestTheStreamAgreesAfterACrash writes to the catalog while no console runs,
// as if one had died between its two steps, and puts something on the stream
// that the catalog does not know.
func TestTheStreamAgreesAfterACrash(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	marketer.call("PUT", "/api/shops/centraal", testShop(), 200, nil)
	marketer.call("POST", "/api/campaigns", testCampaign("old"), 201, nil)
	h.stop()
	by := catalog.By{Name: "the one who crashed"}
	k := testCampaign("new")
	k.Status = offers.CampaignLive
	if _, err := h.catalog.CreateCampaign(t.Context(), k, by); err != nil {
		t.Fatal(err)
	}
	if err := h.catalog.DeleteCampaign(t.Context(), "old", by); err != nil {
		t.Fatal(err)
	}
	h.produce("campaigns", "campaign/ghost", "x", "catalogue", testCampaign("ghost"))
	h.start()
	onStream(t, h, func(c *offers.Catalogue) bool {
		return c.Campaigns["new"] != nil && c.Campaigns["old"] == nil && c.Campaigns["ghost"] == nil && c.Shops["centraal"] != nil
	})
}

// TestWhatCameOfCampaigns counts each decision, message and redemption once,
// though each lies on the streams twice and the console is started anew in
// between.
func TestWhatCameOfCampaigns(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	marketer.call("PUT", "/api/shops/centraal", testShop(), 200, nil)
	marketer.call("POST", "/api/campaigns", testCampaign("shoes"), 201, nil)
	tell := func(offset int64) {
		for range 2 {
			h.offer("smia", offset, "shoes", 120*time.Millisecond)
		}
	}
	tell(1)
	tell(2)
	h.redeem("smia", 1, 12_50)
	h.redeem("smia", 1, 12_50)
	held := h.decision("smia", 3, "shoes")
	held.Verdict = offers.HeldOut
	h.produce("decisions", "smia", string(held.ID), "decision", held)

	type stats struct {
		Stats struct {
			Total, Today catalog.Counts
			Days         []struct {
				Day    string
				Counts catalog.Counts
			}
			P95Ms  float64 `json:"p95_ms"`
			Earned []offers.Money
		}
	}
	read := func() (s stats) {
		marketer.call("GET", "/api/campaigns/shoes", nil, 200, &s)
		return s
	}
	want := catalog.Counts{Offered: 2, Sent: 2, Delivered: 2, Redeemed: 1, HeldOut: 1}
	eventually(t, "everything is counted", func() bool { return read().Stats.Total == want })

	h.restart()
	marketer = h.as(catalog.RoleMarketer)
	tell(2) // it lies there once more
	tell(4)
	want.Offered, want.Sent, want.Delivered = 3, 3, 3
	eventually(t, "what came after the restart is counted", func() bool {
		s := read().Stats // the totals are read a moment after the days
		return s.Total == want && s.Today == want
	})
	got := read().Stats
	if diff := cmp.Diff(want, got.Total); diff != "" {
		t.Errorf("total (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, got.Today); diff != "" {
		t.Errorf("today (-want +got):\n%s", diff)
	}
	if len(got.Days) != 14 || got.Days[13].Counts != want || got.Days[0].Counts != (catalog.Counts{}) {
		t.Errorf("days: %+v, want 14 with all in the last", got.Days)
	}
	if got.P95Ms < 115 || got.P95Ms > 125 {
		t.Errorf("p95 %.1f ms, want 120", got.P95Ms)
	}
	if diff := cmp.Diff([]offers.Money{{Minor: 1250, Currency: "EUR"}}, got.Earned); diff != "" {
		t.Errorf("earned (-want +got):\n%s", diff)
	}
	var all struct {
		Totals struct{ Today, WeekAgo catalog.Counts }
	}
	marketer.call("GET", "/api/campaigns", nil, 200, &all)
	if diff := cmp.Diff(want, all.Totals.Today); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
}

// decision is an offer to a shopper, who stood at the shoes.
func (h *house) decision(shopper offers.ShopperID, offset int64, campaign offers.CampaignID) offers.Decision {
	k := testCampaign(campaign)
	now := time.Now().UTC().Truncate(time.Millisecond)
	return offers.Decision{
		ID:      offers.DecisionID(fmt.Sprintf("%d-%d-0", h.log.PartitionOf(string(shopper)), offset)),
		Shopper: shopper, Shop: "centraal", Zone: "shoes", Event: "e1", Trigger: offers.ZoneDwelled, Time: now, Received: now, Offset: offset,
		Verdict: offers.Offered, Campaign: campaign, Offer: &k.Offers[0], Channels: k.Channels, Probability: .8, Expires: now.Add(time.Hour), Model: "m1",
		Candidates: []offers.Candidate{
			{Campaign: campaign, Name: k.Name, Offer: "shoes20", Title: k.Offers[0].Title, Propensity: .3, Score: 7.5, Probability: .8, DetourM: 3},
			{Campaign: "tea", Name: "Tea", Offer: "tea", Title: "Tea", Propensity: .1, Score: 1, Probability: .2},
			{Campaign: "vip", Name: "VIP", Out: offers.OutEligibility, Detail: `tier is "silver"`},
		},
		Features: offers.Features(`{"searches":{"footwear":2}}`),
		Context:  offers.Context{Hour: 12, Weekday: 3, Category: "footwear", Searched: []string{"footwear"}, Tier: "silver", Senses: []offers.Sensor{offers.SensorBeacon, offers.SensorCamera}},
	}
}

// offer writes a decision and what the app's channel makes of it.
func (h *house) offer(shopper offers.ShopperID, offset int64, campaign offers.CampaignID, took time.Duration) offers.Decision {
	h.t.Helper()
	d := h.decision(shopper, offset, campaign)
	h.produce("decisions", string(shopper), string(d.ID), "decision", d)
	delivery := offers.Delivery{
		ID: offers.DeliveryID(d.ID + "/app"), Decision: d.ID, Shopper: shopper, Shop: d.Shop, Zone: d.Zone, Campaign: campaign, Offer: d.Offer.ID, Title: d.Offer.Title,
		Channel: offers.ChannelApp, Provider: "app", State: offers.DeliverySent, Code: "ABCD1234", Expires: d.Expires, Received: d.Received, At: d.Received.Add(took),
	}
	h.produce("deliveries", string(shopper), string(delivery.ID)+"/sent", "delivery", delivery)
	return d
}

func (h *house) redeem(shopper offers.ShopperID, offset, minor int64) {
	h.t.Helper()
	id := h.decision(shopper, offset, "").ID
	e := offers.Event{ID: offers.EventID("redeemed/" + id), Type: offers.OfferRedeemed, Shopper: shopper, Time: time.Now().UTC(), Received: time.Now().UTC(),
		Source: "till", Shop: "centraal", Decision: id, Value: offers.Money{Minor: minor, Currency: "EUR"}}
	h.produce("events", string(shopper), string(e.ID), string(e.Type), e)
}

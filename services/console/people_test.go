package console_test

import (
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
)

// profileOf is somebody whom the house knows well.
func profileOf(id offers.ShopperID) offers.Profile {
	now := time.Now().UTC().Truncate(time.Millisecond)
	return offers.Profile{
		Shopper:     id,
		Identifiers: []offers.Identifier{{Type: offers.CustomerID, Value: "customer-" + string(id)}, {Type: offers.Tag, Value: "iBeacon:1-2-3"}},
		Traits:      offers.Traits{Name: "Mia", Phone: "+447700900110", Email: "mia@example.com", Tier: "gold"},
		Consents:    map[offers.Purpose]offers.Consent{offers.ConsentPush: {Purpose: offers.ConsentPush, Granted: true, At: now, Source: "app"}},
		Visit: &offers.Visit{Shop: "centraal", Zone: "shoes", Started: now.Add(-time.Minute), ZoneSince: now, LastSeen: now,
			Witnesses: map[offers.Sensor]time.Time{offers.SensorCamera: now, offers.SensorBeacon: now}},
		Contacts: []offers.Contact{{Decision: "0-1-0", Campaign: "tea", Offer: "tea", At: now.Add(-time.Hour)}, {Decision: "0-2-0", Campaign: "shoes", Offer: "shoes20", At: now, Redeemed: now}},
		First:    now.Add(-24 * time.Hour), Last: now,
	}
}

func TestWhyThisOffer(t *testing.T) {
	h, staff := liveShop(t)
	// The event that woke the decision lies at the offset that it names.
	woke := offers.Event{ID: "e1", Type: offers.ZoneDwelled, Shopper: "smia", Time: time.Now().UTC(), Received: time.Now().UTC(), Source: "beacons", Shop: "centraal", Zone: "shoes",
		Identifiers: []offers.Identifier{{Type: offers.Tag, Value: "iBeacon:1-2-3"}}}
	h.produce("events", "smia", "e1", "zone_dwelled", woke)
	for n := range int64(3) {
		h.offer("smia", n, "shoes", 120*time.Millisecond)
	}
	h.redeem("smia", 0, 12_50)
	id := string(h.decision("smia", 0, "").ID)
	type detail struct {
		Decision   offers.Decision
		Label      string
		ShopName   string `json:"shop_name"`
		ZoneName   string `json:"zone_name"`
		Campaign   *offers.Campaign
		Event      *offers.Event
		TraceID    string `json:"trace_id"`
		Deliveries []offers.Delivery
		Redemption *struct{ Value offers.Money }
		LatencyMs  float64 `json:"latency_ms"`
	}
	var got detail
	eventually(t, "what followed is known", func() bool {
		staff.call("GET", "/api/decisions/"+id, nil, 200, &got)
		return len(got.Deliveries) == 1 && got.Redemption != nil
	})
	if got.Decision.ID != offers.DecisionID(id) || got.ShopName != "Centraal" || got.ZoneName != "Shoes" || got.Campaign == nil || got.LatencyMs != 120 {
		t.Errorf("got %+v", got)
	}
	if got.TraceID != "0123456789abcdef0123456789abcdef" {
		t.Errorf("trace %q, want the record's", got.TraceID)
	}
	if got.Event == nil || got.Event.ID != "e1" || got.Event.Identifiers[0].Value == "iBeacon:1-2-3" {
		t.Errorf("event %+v, want e1 with its tag hidden from staff", got.Event)
	}
	got = detail{}
	h.as(catalog.RoleViewer).call("GET", "/api/decisions/"+id, nil, 200, &got)
	if got.Deliveries[0].Code != "" {
		t.Error("a viewer was told the code, which is worth money")
	}

	// After a restart it is found in the streams and the catalog.
	eventually(t, "the redemption is counted", func() bool {
		_, err := h.catalog.Redemption(t.Context(), offers.DecisionID(id))
		return err == nil
	})
	h.restart()
	got = detail{}
	h.as(catalog.RoleMarketer).call("GET", "/api/decisions/"+id, nil, 200, &got)
	if len(got.Deliveries) != 1 || got.Deliveries[0].Code == "" || got.Redemption == nil || got.Redemption.Value.Minor != 1250 {
		t.Errorf("after a restart: %+v", got)
	}
	for _, none := range []string{"0-999999-0", "0-0-7", "77-0-0", "x", "0-0", "0--1-0", "1-0-0-0", "%20"} {
		if status, body := staff.try("GET", "/api/decisions/"+none, nil); status != 404 {
			t.Errorf("decision %q: %d %s, want 404", none, status, body)
		}
	}
}

func TestDecisionsList(t *testing.T) {
	h, staff := liveShop(t)
	h.offer("smia", 1, "shoes", time.Millisecond)
	h.offer("snoor", 2, "tea", time.Millisecond)
	none := h.decision("smia", 3, "")
	none.Verdict, none.Campaign, none.Offer = offers.NoOffer, "", nil
	none.Candidates = []offers.Candidate{{Campaign: "a", Name: "A", Out: offers.OutCap}, {Campaign: "b", Name: "B", Out: offers.OutConsent}, {Campaign: "c", Name: "C", Out: offers.OutConsent}}
	h.produce("decisions", "smia", string(none.ID), "decision", none)
	type list struct {
		Decisions []struct {
			ID, Shopper, Campaign, Verdict, Out, State, Label string
			Name                                              string `json:"campaign_name"`
		}
	}
	read := func(query string) (l list) {
		staff.call("GET", "/api/decisions"+query, nil, 200, &l)
		return l
	}
	eventually(t, "all are known", func() bool { return len(read("").Decisions) == 3 })
	for query, want := range map[string]int{"?shopper=smia": 2, "?campaign=tea": 1, "?verdict=no_offer": 1, "?limit=2": 2, "?shop=zuid": 0, "?shopper=smia&verdict=offered": 1} {
		if got := len(read(query).Decisions); got != want {
			t.Errorf("%s: %d decisions, want %d", query, got, want)
		}
	}
	if d := read("?verdict=no_offer").Decisions[0]; d.Out != "consent" || d.Label != "SMIA" {
		t.Errorf("no offer: %+v, want the reason that most were out for", d)
	}
	if d := read("?campaign=shoes").Decisions[0]; d.State != "sent" || d.Name != "Running shoes" {
		t.Errorf("offered: %+v, want sent", d)
	}
	for _, query := range []string{"?limit=0", "?limit=5000", "?verdict=perhaps"} {
		if status, _ := staff.try("GET", "/api/decisions"+query, nil); status != 400 {
			t.Errorf("%s: %d, want 400", query, status)
		}
	}
}

func TestPeople(t *testing.T) {
	h, staff := liveShop(t)
	h.keep(profileOf("smia"))
	merged := profileOf("sold")
	merged.Into = "smia"
	h.keep(merged)
	h.offer("smia", 1, "shoes", time.Millisecond)
	h.offer("snobody", 1, "shoes", time.Millisecond)
	marketer, viewer := h.as(catalog.RoleMarketer), h.as(catalog.RoleViewer)
	type person struct {
		Shopper, Name string
		Identifiers   []offers.Identifier
		Traits        offers.Traits
		Consents      []offers.Consent
		Contacts      []offers.Contact
		Visit         *offers.Visit
		Profile       *offers.Profile
		Face          struct{ Enrolled bool }
	}
	var people struct {
		People []struct {
			Shopper, Name    string
			Zone             string `json:"zone_name"`
			Offers, Redeemed int
			Consents         []string
		}
	}
	eventually(t, "Mia was seen", func() bool {
		staff.call("GET", "/api/people", nil, 200, &people)
		return len(people.People) == 1
	})
	if p := people.People[0]; p.Name != "Mia" || p.Zone != "Shoes" || p.Offers != 2 || p.Redeemed != 1 || len(p.Consents) != 1 {
		t.Errorf("listed: %+v", p)
	}
	for _, test := range []struct {
		who               *visitor
		name, phone, mail string
		raw               bool
	}{
		{marketer, "Mia", "+447700900110", "mia@example.com", true},
		{staff, "Mia", "••••10", "••••om", false},
		{viewer, "", "••••10", "••••om", false},
	} {
		var p person
		test.who.call("GET", "/api/people/smia", nil, 200, &p)
		if p.Traits.Name != test.name || p.Traits.Phone != test.phone || p.Traits.Email != test.mail || (p.Profile != nil) != test.raw {
			t.Errorf("shown: %+v raw %t, want %q %q %q raw %t", p.Traits, p.Profile != nil, test.name, test.phone, test.mail, test.raw)
		}
		if hidden := p.Identifiers[0].Value == "••••ia"; hidden == test.raw {
			t.Errorf("identifier %q shown to who may see it: %t", p.Identifiers[0].Value, test.raw)
		}
		if len(p.Consents) != len(offers.Purposes) || p.Contacts[0].Campaign != "shoes" || p.Visit == nil {
			t.Errorf("consents %d, first contact %q; want every purpose, the newest first", len(p.Consents), p.Contacts[0].Campaign)
		}
	}
	var p person
	staff.call("GET", "/api/people/sold", nil, 200, &p)
	if p.Shopper != "smia" {
		t.Errorf("who was merged is %q, want smia", p.Shopper)
	}
	staff.call("GET", "/api/people/sghost", nil, 404, nil)
	marketer.call("POST", "/api/people/sghost/link", nil, 404, nil)
	staff.call("DELETE", "/api/people/sghost/face", nil, 404, nil)
}

func TestSourcesAndSystem(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	var made catalog.Source
	marketer.call("POST", "/api/sources", map[string]string{"name": "Web shop", "kind": "website"}, 201, &made)
	var all struct{ Sources []catalog.Source }
	marketer.call("GET", "/api/sources", nil, 200, &all)
	if len(all.Sources) != 1 || all.Sources[0] != made || made.Key == "" {
		t.Errorf("sources %+v, want %+v", all.Sources, made)
	}
	marketer.call("POST", "/api/sources", map[string]string{"name": "", "kind": "fax"}, 400, nil)
	h.admin().call("DELETE", "/api/sources/"+made.Key, nil, 204, nil)
	h.admin().call("DELETE", "/api/sources/"+made.Key, nil, 404, nil)

	var system struct {
		Catalog, Stream string
		Partitions      int
		Services        []struct{ Name, State string }
	}
	marketer.call("GET", "/api/system", nil, 200, &system)
	if system.Catalog != "sqlite" || system.Stream != "embedded" || system.Partitions != 4 || len(system.Services) != 1 {
		t.Errorf("system: %+v", system)
	}
}

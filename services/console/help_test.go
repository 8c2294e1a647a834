package console_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
)

type helpOf struct {
	Shopper, Name, Zone string
	Why, Say            []string
	NotMention          []string `json:"not_mention"`
}

// stands has a shopper stand in a zone for a time, as their profile has it.
func stands(zone offers.ZoneID, ago time.Duration) func(*offers.Profile) {
	return func(p *offers.Profile) {
		now := time.Now().UTC()
		p.Visit = &offers.Visit{Shop: "centraal", Zone: zone, Started: now.Add(-ago), ZoneSince: now.Add(-ago), LastSeen: now}
	}
}

func TestHelpNext(t *testing.T) {
	h, staff := liveShop(t)
	h.know("smia", "Mia Jansen", stands("shoes", 10*time.Minute))
	h.know("sbob", "Bob", stands("shoes", 4*time.Minute))
	h.know("sann", "Ann", stands("shoes", time.Second))
	h.offer("smia", 1, "shoes", time.Millisecond)
	seen := func() { // they are there for twenty seconds then
		for _, id := range []offers.ShopperID{"smia", "sbob", "sann"} {
			h.see(offers.Sighting{Track: "t" + string(id), Shopper: id, Sensor: offers.SensorBeacon, Zone: "shoes", At: offers.Point{X: 13, Y: 12}, AccuracyM: 3, Confidence: 1})
		}
		h.see(offers.Sighting{Track: "c1", Shopper: "smia", Sensor: offers.SensorCamera, Device: "door", At: offers.Point{X: 12, Y: 12}, AccuracyM: 1, Confidence: .98})
	}
	seen()
	var all struct {
		People struct{ Help []helpOf }
	}
	eventually(t, "two are on the list", func() bool {
		staff.call("GET", "/api/live/snapshot", nil, 200, &all)
		return len(all.People.Help) == 2 && all.People.Help[0].Name != ""
	})
	mia, bob := all.People.Help[0], all.People.Help[1]
	if mia.Shopper != "smia" || mia.Name != "Mia" || bob.Shopper != "sbob" || bob.Name != "" {
		t.Errorf("on the list: %+v; want Mia by her name, then Bob without", all.People.Help)
	}
	if !slices.Contains(mia.Say, "hello") || slices.Contains(mia.Say, "ask") {
		t.Errorf("to Mia may be said %q; want her name", mia.Say)
	}
	if !slices.Contains(bob.NotMention, "name") || slices.Contains(bob.Say, "hello") {
		t.Errorf("to Bob, whom one witness saw, may be said %q and is not to be mentioned %q; want his name there", bob.Say, bob.NotMention)
	}

	seen()
	var card struct {
		Person    struct{ Name string }
		Help      helpOf
		Consents  []offers.Consent
		Decisions []struct{ Title string }
	}
	staff.call("GET", "/api/live/person?shopper=smia", nil, 200, &card)
	if card.Person.Name != "Mia" || len(card.Decisions) != 1 || len(card.Consents) != len(offers.Purposes) || len(card.Help.Why) == 0 {
		t.Errorf("Mia's card: %+v", card)
	}
	status, body := staff.try("GET", "/api/live/person?shopper=sbob", nil)
	if status != 200 || strings.Contains(string(body), "Bob") {
		t.Errorf("Bob's card: %d %s; want it without his name", status, body)
	}
	staff.call("GET", "/api/live/person?shopper=nobody", nil, 404, nil)

	viewer := h.as(catalog.RoleViewer)
	viewer.call("GET", "/api/live/snapshot", nil, 200, &all)
	if len(all.People.Help) != 0 {
		t.Errorf("a viewer is told who wants help: %+v", all.People.Help)
	}
}

// TestNobodyIsKnownInAQuietZone is also of a card and of a list.
func TestNobodyIsKnownInAQuietZone(t *testing.T) {
	h := open(t)
	shop := testShop()
	shop.Zones[1].Kind = offers.ZoneQuiet
	h.admin().call("PUT", "/api/shops/centraal", shop, 200, nil)
	staff := h.as(catalog.RoleStaff)
	h.know("smia", "Mia", stands("shoes", 10*time.Minute))
	h.see(offers.Sighting{Track: "t", Shopper: "smia", Sensor: offers.SensorBeacon, Zone: "shoes", At: offers.Point{X: 13, Y: 12}, Confidence: 1})
	h.see(offers.Sighting{Track: "c", Shopper: "smia", Sensor: offers.SensorCamera, Device: "door", Zone: "shoes", At: offers.Point{X: 12, Y: 12}, Confidence: .98})
	var got string
	eventually(t, "somebody is there", func() bool {
		_, body := staff.try("GET", "/api/live/snapshot", nil)
		got = string(body)
		return strings.Contains(got, `"key":"someone/`)
	})
	for _, word := range []string{"smia", "Mia"} {
		if strings.Contains(got, word) {
			t.Errorf("in a quiet zone the wall says %q: %s", word, got)
		}
	}
	staff.call("GET", "/api/live/person?shopper=smia", nil, 404, nil)
}

type alertOf struct {
	ID, Kind, Severity, Text string
	Acknowledged             *state.Acknowledgement
}

func TestAlerts(t *testing.T) {
	h, staff := liveShop(t)
	err := h.store.Heard(t.Context(), map[state.Device]time.Time{state.Receiver("rx1"): time.Now().Add(-5 * time.Minute), state.Camera("door"): time.Now().Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	alerts := func(v *visitor) (found []alertOf) {
		var s struct{ Kpis struct{ Alerts []alertOf } }
		v.call("GET", "/api/live/snapshot", nil, 200, &s)
		return s.Kpis.Alerts
	}
	eventually(t, "the silent receiver is told of", func() bool { return len(alerts(staff)) == 1 })
	got := alerts(staff)[0]
	got.Text, _, _ = strings.Cut(got.Text, ":")
	if diff := cmp.Diff(alertOf{ID: "receiver/rx1", Kind: "receiver", Severity: "severe", Text: "Receiver rx1 is silent"}, got); diff != "" {
		t.Errorf("alert (-want +got):\n%s", diff)
	}
	of := map[string]string{"shop": "centraal", "id": "receiver/rx1"}
	h.as(catalog.RoleViewer).call("POST", "/api/live/alerts/acknowledge", of, 403, nil)
	staff.call("POST", "/api/live/alerts/acknowledge", map[string]string{"shop": "centraal", "id": "receiver/none"}, 404, nil)
	staff.call("POST", "/api/live/alerts/acknowledge", map[string]string{"shop": "none", "id": "receiver/rx1"}, 404, nil)
	staff.call("POST", "/api/live/alerts/acknowledge", of, http.StatusNoContent, nil)
	other := h.as(catalog.RoleMarketer)
	eventually(t, "another's screen says that somebody saw to it", func() bool {
		got := alerts(other)
		return len(got) == 1 && got[0].Acknowledged != nil
	})
	var all struct {
		Shops []struct {
			Shop   string
			Alerts []alertOf
		}
	}
	staff.call("GET", "/api/live/shops", nil, 200, &all)
	if len(all.Shops) != 1 || all.Shops[0].Shop != "centraal" || len(all.Shops[0].Alerts) != 1 {
		t.Errorf("all shops: %+v", all.Shops)
	}
	if err := h.store.Heard(t.Context(), map[state.Device]time.Time{state.Receiver("rx1"): time.Now().Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is over once the receiver is heard", func() bool { return len(alerts(staff)) == 0 })
}

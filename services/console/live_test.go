package console_test

import (
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
)

func (h *house) see(s offers.Sighting) {
	h.t.Helper()
	s.Shop, s.Floor, s.First, s.Last = "centraal", "ground", time.Now().UTC(), time.Now().UTC()
	key := string(s.Shopper)
	if key == "" {
		key = s.Track
	}
	h.produce("sightings", key, "s", "known", s)
}

// located is what somebody agreed to who may be shown on the wall.
var located = map[offers.Purpose]offers.Consent{offers.ConsentLocation: {Purpose: offers.ConsentLocation, Granted: true}}

// liveShop is a house with a shop that is open, and somebody at the wall.
func liveShop(t *testing.T) (*house, *visitor) {
	h := open(t)
	staff := h.as(catalog.RoleStaff)
	h.admin().call("PUT", "/api/shops/centraal", testShop(), 200, nil)
	h.admin().call("POST", "/api/campaigns", testCampaign("shoes"), 201, nil)
	return h, staff
}

type peopleOf struct {
	People []struct {
		Key, Shopper, Label, Zone string
		X, Y                      float64
		Sensor                    string
		Senses                    []string
		Offered                   time.Time
	}
}

func TestLive(t *testing.T) {
	h, staff := liveShop(t)
	mia := profileOf("smia")
	mia.Consents = located
	h.keep(mia)
	wall := staff.listen("/api/live?shop=centraal", 0)
	if e := wall.await("snapshot", nil); e.id != 0 {
		t.Errorf("the snapshot has the id %d: it would be taken for the last that happened", e.id)
	}
	h.see(offers.Sighting{Track: "t1", Sensor: offers.SensorBeacon, Zone: "shoes", At: offers.Point{X: 11, Y: 12}, AccuracyM: 4})
	h.see(offers.Sighting{Track: "t2", Shopper: "smia", Sensor: offers.SensorBeacon, Zone: "shoes", At: offers.Point{X: 13, Y: 12}, AccuracyM: 3})
	h.see(offers.Sighting{Track: "c1", Shopper: "smia", Sensor: offers.SensorCamera, Device: "door", At: offers.Point{X: 12.5, Y: 12}, AccuracyM: 1})
	h.see(offers.Sighting{Track: "c2", Sensor: offers.SensorCamera, Device: "door", Zone: "entrance", At: offers.Point{X: 1, Y: 1}})
	var people peopleOf
	wall.await("people", func(e event) bool {
		people = peopleOf{}
		return json.Unmarshal(e.data, &people) == nil && len(people.People) == 3
	})
	for _, p := range people.People {
		if p.Shopper != "smia" {
			continue
		}
		// The more exact sensor says where; it knew no zone, the plan does.
		if p.X != 12.5 || p.Zone != "shoes" || p.Label != "SMIA"[len("SMIA")-4:] || strings.Join(p.Senses, " ") != "beacon camera" {
			t.Errorf("Mia: %+v, want at 12.5 in shoes, seen by both", p)
		}
	}

	d := h.offer("smia", 1, "shoes", 80*time.Millisecond)
	e := wall.await("decision", has(string(d.ID)))
	if e.id == 0 {
		t.Error("a decision has no id")
	}
	delivery := wall.await("delivery", has(string(d.ID)))
	if delivery.id <= 0 || strings.Contains(string(delivery.data), "ABCD1234") {
		t.Errorf("on the wall: %s; want an id, and no code that is worth money", delivery.data)
	}
	wall.await("people", func(e event) bool {
		people = peopleOf{}
		json.Unmarshal(e.data, &people)
		for _, p := range people.People {
			if p.Shopper == "smia" {
				return !p.Offered.IsZero()
			}
		}
		return false
	})
	h.redeem("smia", 1, 500)
	redeemed := wall.await("redemption", has(string(d.ID)))
	if !strings.Contains(string(redeemed.data), "20% off running shoes") {
		t.Errorf("redemption %s: want to be told of what", redeemed.data)
	}
	var kpis struct {
		InShop       int     `json:"in_shop"`
		OptedIn      int     `json:"opted_in"`
		OffersToday  int     `json:"offers_today"`
		RedeemedPart float64 `json:"redeemed_share"`
		Latency      struct {
			P95Ms float64 `json:"p95_ms"`
			Count int
		}
		LatencySeries []struct{ Count int } `json:"latency_series"`
		Conversion    []struct{ Delivered, Redeemed int }
		Zones         []struct {
			Zone, Name               string
			People, Offers, Redeemed int
			OptedIn                  int                     `json:"opted_in"`
			BestOffer                *struct{ Title string } `json:"best_offer"`
		}
		Devices []struct{ ID, Health string }
	}
	wall.await("kpis", func(e event) bool {
		return json.Unmarshal(e.data, &kpis) == nil && kpis.RedeemedPart == 1
	})
	if kpis.InShop != 3 || kpis.OptedIn != 1 || kpis.OffersToday != 1 || kpis.Latency.P95Ms != 80 || kpis.Latency.Count != 1 || len(kpis.LatencySeries) != 1 {
		t.Errorf("figures: %+v, want 3 people, 1 opted in, 1 offer in 80 ms", kpis)
	}
	if last := kpis.Conversion[len(kpis.Conversion)-1]; len(kpis.Conversion) != 24 || last.Redeemed+kpis.Conversion[22].Redeemed != 1 {
		t.Errorf("conversion: %d bars, the last %+v; want 24, with the redemption", len(kpis.Conversion), last)
	}
	if z := kpis.Zones[1]; z.Zone != "shoes" || z.People != 2 || z.OptedIn != 1 || z.Offers != 1 || z.Redeemed != 1 || z.BestOffer == nil {
		t.Errorf("shoes: %+v, want 2 people, 1 offer, redeemed", z)
	}
	if d := kpis.Devices; len(d) != 2 || d[0].Health != "unknown" || d[1].Health != "ok" {
		t.Errorf("devices: %+v, want a receiver that nobody heard of, and a camera that sees", d)
	}
	h.see(offers.Sighting{Track: "c2", Sensor: offers.SensorCamera, Device: "door", Gone: true})
	wall.await("people", func(e event) bool {
		people = peopleOf{}
		return json.Unmarshal(e.data, &people) == nil && len(people.People) == 2
	})
}

func TestDeviceHealthIsReported(t *testing.T) {
	h, staff := liveShop(t)
	err := h.store.Heard(t.Context(), map[state.Device]time.Time{state.Receiver("rx1"): time.Now(), state.Camera("door"): time.Now().Add(-61 * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the devices' own reports show", func() bool {
		var s struct {
			Kpis struct{ Devices []struct{ ID, Health string } }
		}
		staff.call("GET", "/api/live/snapshot", nil, 200, &s)
		d := s.Kpis.Devices
		return len(d) == 2 && d[0].Health == "ok" && d[1].Health == "lost"
	})
}

// TestLiveIsToldAgain comes back with the last id: after a moment, and after a
// restart of the console.
func TestLiveIsToldAgain(t *testing.T) {
	h, staff := liveShop(t)
	wall := staff.listen("/api/live", 0)
	wall.await("snapshot", nil)
	first := h.offer("smia", 1, "shoes", time.Millisecond)
	last := wall.await("delivery", has(string(first.ID)))
	wall.close()

	missed := h.offer("smia", 2, "shoes", time.Millisecond)
	eventually(t, "the console knows the second", func() bool {
		_, body := staff.try("GET", "/api/decisions", nil)
		return strings.Contains(string(body), string(missed.ID)) && strings.Contains(string(body), `"state":"sent"`)
	})
	again := staff.listen("/api/live", last.id)
	again.await("snapshot", nil)
	told := again.await("delivery", nil)
	if !strings.Contains(string(told.data), string(missed.ID)) || told.id <= last.id {
		t.Errorf("told %d: %s; want only the missed one, after %d", told.id, told.data, last.id)
	}
	again.close()

	h.restart()
	staff = h.as(catalog.RoleStaff)
	eventually(t, "the console knows its past again", func() bool {
		_, body := staff.try("GET", "/api/decisions", nil)
		return strings.Contains(string(body), string(missed.ID)) && strings.Contains(string(body), string(first.ID))
	})
	after := staff.listen("/api/live", told.id)
	after.await("snapshot", has(string(missed.ID)))
	third := h.offer("smia", 3, "shoes", time.Millisecond)
	if e := after.await("delivery", has(string(third.ID))); e.id <= told.id {
		t.Errorf("after the restart the id is %d, not more than %d: a reader would skip it", e.id, told.id)
	}
}

func TestLiveEndsWithTheConsole(t *testing.T) {
	h, staff := liveShop(t)
	wall := staff.listen("/api/live", 0)
	wall.await("snapshot", nil)
	began := time.Now()
	h.stop()
	select {
	case <-wall.ended:
	case <-time.After(5 * time.Second):
		t.Error("the feed is open after the console has ended")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the console took %s to end while a feed was open", took)
	}
}

// TestLiveOfAChangedShop shows the new plan without asking again.
func TestLiveOfAChangedShop(t *testing.T) {
	h, staff := liveShop(t)
	wall := staff.listen("/api/live", 0)
	wall.await("snapshot", nil)
	shop := testShop()
	shop.Zones[1].Name = "Sneakers"
	h.admin().call("PUT", "/api/shops/centraal", shop, 200, nil)
	wall.await("snapshot", has("Sneakers"))
}

// TestLiveOfAShopThatGoes does not show for ever who was there last.
func TestLiveOfAShopThatGoes(t *testing.T) {
	h, staff := liveShop(t)
	wall := staff.listen("/api/live", 0)
	wall.await("snapshot", nil)
	h.admin().call("DELETE", "/api/shops/centraal", nil, 204, nil)
	wall.ends()
	staff.call("GET", "/api/live?shop=centraal", nil, 404, nil)
}

// TestLiveEndsWithTheSession shows nothing to who is let in no more.
func TestLiveEndsWithTheSession(t *testing.T) {
	_, staff := liveShop(t)
	wall := staff.listen("/api/live", 0)
	wall.await("snapshot", nil)
	staff.call("DELETE", "/api/session", nil, 204, nil)
	wall.ends()
}

func (f *feed) ends() {
	f.t.Helper()
	select {
	case <-f.ended:
	case <-time.After(time.Minute):
		f.t.Error("the feed goes on")
	}
}

// TestARedemptionTakenBackIsToldOnTheWall counts the offer once, however often
// it is taken.
func TestARedemptionTakenBackIsToldOnTheWall(t *testing.T) {
	h, staff := liveShop(t)
	wall := staff.listen("/api/live", 0)
	wall.await("snapshot", nil)
	d := h.offer("smia", 1, "shoes", time.Millisecond)
	wall.await("delivery", has(string(d.ID)))
	redeemed := func(want int) func(event) bool {
		return func(e event) bool {
			var kpis struct {
				Conversion []struct{ Redeemed int }
				Zones      []struct{ Redeemed int }
			}
			if json.Unmarshal(e.data, &kpis) != nil {
				return false
			}
			bars := 0
			for _, bar := range kpis.Conversion {
				bars += bar.Redeemed
			}
			return bars == want && kpis.Zones[1].Redeemed == want
		}
	}
	h.redeem("smia", 1, 500)
	wall.await("redemption", has(string(d.ID)))
	wall.await("kpis", redeemed(1))
	h.produce("events", "smia", "undone/1", "redemption_undone", offers.Event{
		ID: "undone/1", Type: offers.RedemptionUndone, Shopper: "smia", Time: time.Now().UTC(), Shop: "centraal", Decision: d.ID,
	})
	wall.await("redemption_undone", has(string(d.ID)))
	wall.await("kpis", redeemed(0))
	h.redeem("smia", 1, 500)
	wall.await("redemption", has(string(d.ID)))
	wall.await("kpis", redeemed(1))
}

// TestWhatWaitedAndWasRefused is refused, also for who looks later.
func TestWhatWaitedAndWasRefused(t *testing.T) {
	h, staff := liveShop(t)
	d := h.decision("smia", 1, "shoes")
	h.produce("decisions", "smia", string(d.ID), "decision", d)
	for _, state := range []offers.DeliveryState{offers.DeliveryClaimed, offers.DeliveryHeld, offers.DeliveryRefused} {
		h.produce("deliveries", "smia", "d1/"+string(state), "delivery", offers.Delivery{
			ID: "d1", Decision: d.ID, Shopper: "smia", Shop: "centraal", Channel: offers.ChannelSMS, State: state, At: time.Now().UTC(),
		})
	}
	eventually(t, "it is refused", func() bool {
		_, body := staff.try("GET", "/api/decisions", nil)
		return strings.Contains(string(body), `"state":"refused"`)
	})
}

// TestAQuietZoneIsWhereSomebodyStands, also while the sensors
// have them in the zone before.
func TestAQuietZoneIsWhereSomebodyStands(t *testing.T) {
	h, staff := liveShop(t)
	shop := testShop()
	shop.Zones[1].Kind = offers.ZoneQuiet
	h.admin().call("PUT", "/api/shops/centraal", shop, 200, nil)
	for zone, at := range map[offers.ZoneID]offers.Point{"shoes": {X: 1, Y: 1}, "entrance": {X: 12, Y: 12}} {
		h.see(offers.Sighting{Track: string(zone), Shopper: "s" + offers.ShopperID(zone), Sensor: offers.SensorBeacon, Zone: zone, At: at})
	}
	eventually(t, "two are there, and nobody is known", func() bool {
		var s struct{ People peopleOf }
		staff.call("GET", "/api/live/snapshot", nil, 200, &s)
		return len(s.People.People) == 2 && s.People.People[0].Shopper+s.People.People[1].Shopper == ""
	})
}

// TestWhoTakesConsentBackIsNobodyAtOnce, sense by sense, and before the sensors
// have heard of it.
func TestWhoTakesConsentBackIsNobodyAtOnce(t *testing.T) {
	h, staff := liveShop(t)
	mia := profileOf("smia")
	mia.Consents = located
	h.keep(mia)
	see := func(shopper offers.ShopperID, sensor offers.Sensor) {
		h.see(offers.Sighting{Track: "t", Shopper: shopper, Sensor: sensor, Device: "d", Zone: "shoes", At: offers.Point{X: 12, Y: 12}})
	}
	see("smia", offers.SensorBeacon)
	see("serased", offers.SensorBeacon)
	withdraw := func(purpose offers.Purpose) {
		id := offers.EventID("no/" + purpose)
		h.produce("events", "smia", string(id), "consent_changed", offers.Event{
			ID: id, Type: offers.ConsentChanged, Shopper: "smia", Time: time.Now().UTC(), Consent: &offers.Consent{Purpose: purpose},
		})
	}
	there := func() (all []string) {
		var s struct{ People peopleOf }
		staff.call("GET", "/api/live/snapshot", nil, 200, &s)
		for _, p := range s.People.People {
			all = append(all, p.Shopper+" by "+strings.Join(p.Senses, " "))
		}
		slices.Sort(all)
		return all
	}
	for _, step := range []struct {
		withdrawn offers.Purpose
		want      string
	}{
		{"", "[ by beacon smia by beacon camera]"},
		{offers.ConsentLocation, "[ by beacon smia by camera]"},
		{offers.ConsentFace, "[ by beacon]"},
	} {
		see("serased", offers.SensorBeacon)
		if step.withdrawn != offers.ConsentFace {
			see("smia", offers.SensorCamera)
		}
		if step.withdrawn != "" {
			withdraw(step.withdrawn)
		}
		eventually(t, step.want+" are there", func() bool { return fmt.Sprint(there()) == step.want })
	}
}

func TestLiveWithoutAShop(t *testing.T) {
	h := open(t)
	viewer := h.as(catalog.RoleViewer)
	viewer.call("GET", "/api/live", nil, 404, nil)
	viewer.call("GET", "/api/live?shop=none", nil, 404, nil)
	viewer.call("GET", "/api/live/snapshot", nil, 404, nil)
}

// TestAReaderWhoStalls reads nothing: the others are told as ever, and what is
// kept for the one who stalls is bounded.
func TestAReaderWhoStalls(t *testing.T) {
	h, staff := liveShop(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	cookies := ""
	for _, c := range staff.client.Jar.Cookies(mustURL(t, h.url)) {
		cookies += c.Name + "=" + c.Value + "; "
	}
	fmt.Fprintf(conn, "GET /api/live HTTP/1.1\r\nHost: x\r\nCookie: %s\r\n\r\n", cookies)
	wall := staff.listen("/api/live", 0)
	wall.await("snapshot", nil)
	for n := range int64(600) { // more than a queue holds
		h.offer("smia", n+1, "shoes", time.Millisecond)
	}
	wall.await("decision", has(string(h.decision("smia", 600, "").ID)+`"`))
}

func TestSandbox(t *testing.T) {
	h, staff := liveShop(t)
	wall, viewers := staff.listen("/api/live", 0), h.as(catalog.RoleViewer).listen("/api/live", 0)
	wall.await("snapshot", nil)
	viewers.await("snapshot", nil)
	d := h.decision("smia", 1, "shoes")
	m := state.SandboxMessage{ID: "m1", Decision: d.ID, Shopper: "smia", To: "+447700900110", From: "SHOP", Body: "Mia, 20% off with ABCD1234", At: time.Now().UTC()}
	if err := h.store.AddSandboxMessage(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	h.produce("deliveries", "smia", "d1", "delivery", offers.Delivery{ID: "d1", Decision: d.ID, Shopper: "smia", Shop: "centraal", Campaign: "shoes", Offer: "shoes20",
		Channel: offers.ChannelSMS, Provider: "sandbox", State: offers.DeliverySent, Received: time.Now().UTC(), At: time.Now().UTC()})
	e := wall.await("sandbox", nil)
	if strings.Contains(string(e.data), "+4477009") || !strings.Contains(string(e.data), "20% off") {
		t.Errorf("on the wall: %s; want the text, and no number", e.data)
	}
	var page struct {
		Messages []struct{ ID, To, Body string }
	}
	staff.call("GET", "/api/sandbox/messages", nil, 200, &page)
	if len(page.Messages) != 1 || page.Messages[0].ID != "m1" {
		t.Errorf("the page: %+v, want the message", page)
	}
	viewers.await("delivery", nil)
	viewers.await("kpis", nil)
	viewers.close()
	for {
		select {
		case e := <-viewers.events:
			if e.name == "sandbox" {
				t.Error("a viewer was told a message, which names a shopper")
			}
			continue
		default:
		}
		break
	}
}

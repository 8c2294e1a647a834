package collector

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/stream"
)

// An edge process that did not hear the answer sends its sightings again.
func TestSightingsComeOnce(t *testing.T) {
	h := newHouse(t)
	now := time.Now().UTC()
	one := func(id string) offers.Sighting {
		return offers.Sighting{MessageID: id, Track: "t1", Sensor: offers.SensorCamera, Device: "cam-door", Shop: shopID, First: now, Last: now}
	}
	post := func(all ...offers.Sighting) (ids []string) {
		body, err := json.Marshal(map[string]any{"sightings": all})
		must(t, err)
		if a := h.post("/v1/sightings", body, h.edgeAuth()); a.status != 202 {
			t.Fatalf("answer %d %s", a.status, a.body)
		}
		for _, r := range h.news(stream.Sightings) {
			var s offers.Sighting
			must(t, json.Unmarshal(r.Value, &s))
			ids = append(ids, s.MessageID)
		}
		return ids
	}
	if diff := cmp.Diff([]string{"t1/1", "t1/2"}, post(one("t1/1"), one("t1/2"), one("t1/1"))); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"t1/3"}, post(one("t1/1"), one("t1/2"), one("t1/3"))); diff != "" {
		t.Errorf("again, with one more (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"", ""}, append(post(one("")), post(one(""))...)); diff != "" {
		t.Errorf("without a name they are others (-want +got):\n%s", diff)
	}
}

// A camera's own software says names that it knows: only of those who agreed
// anybody comes, and the name itself stays at the door.
func TestNamesOfCamerasAreResolved(t *testing.T) {
	h := newHouse(t)
	for _, user := range []string{"ana", "ben"} {
		h.post("/v1/identify", []byte(`{"userId":"`+user+`"}`), basicAuth(webKey))
	}
	ana := shopperOf(offers.CustomerID, "ana")
	h.consent(ana, offers.ConsentFace, true)
	h.news(stream.Events)
	now := time.Now().UTC()
	for name, want := range map[string]offers.ShopperID{"ana": ana, "ben": "", "nobody": ""} {
		a, got := h.sight(offers.Sighting{
			Track: "frigate-" + name, Sensor: offers.SensorCamera, Device: "cam-door", Shop: shopID, Confidence: .9, First: now, Last: now,
			Named: &offers.Identifier{Type: offers.CustomerID, Value: name},
		})
		if a.status != 202 || len(got) != 1 || got[0].Shopper != want || got[0].Named != nil {
			t.Errorf("%s: %d, sightings %+v, want shopper %q", name, a.status, got, want)
		}
	}
	if n := len(h.news(stream.Events)); n != 1 {
		t.Errorf("%d events, want that Ana was recognised", n)
	}
}

// A camera that knows the floor tells the zone, too.
func TestCamerasThatKnowTheFloor(t *testing.T) {
	h := newHouse(t)
	now := time.Now().UTC()
	at := offers.Point{X: 6, Y: 2}
	for name, test := range map[string]struct {
		accuracy float64
		want     offers.ZoneID
	}{"it knows": {.6, "footwear"}, "it does not": {0, "door"}} {
		_, got := h.sight(offers.Sighting{Track: name, Sensor: offers.SensorCamera, Device: "cam-door", At: at, AccuracyM: test.accuracy, First: now, Last: now})
		if len(got) != 1 || got[0].Zone != test.want || got[0].Floor != "ground" {
			t.Errorf("%s: %+v, want zone %s", name, got, test.want)
		}
	}
}

package collector

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/stream"
)

func TestProbesAreKeptOfThoseWhoConsentAlone(t *testing.T) {
	h := newHouse(t)
	h.post("/v1/identify", []byte(`{"userId":"ana"}`), basicAuth(webKey))
	h.post("/v1/identify", []byte(`{"userId":"ben"}`), basicAuth(webKey))
	ana, ben := shopperOf(offers.CustomerID, "ana"), shopperOf(offers.CustomerID, "ben")
	h.consent(ana, offers.ConsentFace, true)
	const camera = "cam-door"
	now := time.Now().UTC()
	seen := func(track string, who offers.ShopperID, sealed []byte) offers.Sighting {
		return offers.Sighting{
			MessageID: track + "/1", Track: track, Shopper: who, Sensor: offers.SensorCamera, Device: camera, Shop: shopID,
			Confidence: .8, First: now, Last: now, Probe: &offers.Probe{Model: "m", Sealed: sealed},
		}
	}
	body, err := json.Marshal(map[string]any{"sightings": []offers.Sighting{
		seen("t1", ana, []byte("ana's")), seen("t2", ben, []byte("ben's")), seen("t3", "", []byte("a stranger's")),
		seen("t4", ana, make([]byte, 20<<10)),
	}})
	must(t, err)
	if a := h.post("/v1/sightings", body, h.edgeAuth()); a.status != 202 {
		t.Fatalf("sightings: %d %s", a.status, a.body)
	}
	kept, err := h.state.Probes(t.Context(), h.log.PartitionOf(string(ana)), ana)
	must(t, err)
	if len(kept) != 1 || kept[0].ID != "t1" || string(kept[0].Sealed) != "ana's" || kept[0].Camera != camera || kept[0].Shop != shopID {
		t.Errorf("of who consented: %+v, want the first alone", kept)
	}
	for _, who := range []offers.ShopperID{ben, ""} {
		others, err := h.state.Probes(t.Context(), h.log.PartitionOf(string(who)), who)
		if must(t, err); len(others) != 0 {
			t.Errorf("of %q, who did not: %+v", who, others)
		}
	}
	for _, r := range h.news(stream.Sightings) {
		if bytes.Contains(r.Value, []byte("probe")) {
			t.Errorf("a face is on the log: %s", r.Value)
		}
	}
}

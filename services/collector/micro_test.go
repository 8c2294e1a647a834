package collector

import (
	"encoding/json"
	"strings"
	"testing"

	"aisle/offers"
)

// In test mode a test suite can ask what became of its events.
func TestMicro(t *testing.T) {
	h := newHouse(t).inTestMode()
	ask := func(method, path, body string, into any) {
		t.Helper()
		a := h.get(path)
		if method == "POST" {
			a = h.post(path, []byte(body), "Content-Type: application/json")
		}
		if a.status != 200 {
			t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
		}
		must(t, json.Unmarshal(a.body, into))
	}
	type counts struct{ Total, Good, Bad int }
	type good struct {
		RawEvent struct {
			API        struct{ Vendor, Version string }
			Parameters map[string]any
		}
		EventType string
		Schema    *string
		Contexts  []string
		Event     offers.Event
	}
	h.post(tp2, snowplowBody(
		`{"e":"pv","eid":"1","aid":"web","duid":"d1","co":"{\"schema\":\"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0\",\"data\":[{\"schema\":\"iglu:com.acme/user/jsonschema/1-0-0\",\"data\":{}}]}"}`,
		`{"e":"ue","eid":"2","aid":"web","duid":"d1","ue_pr":"{\"schema\":\"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0\",\"data\":{\"schema\":\"iglu:com.acme/thing/jsonschema/1-0-0\",\"data\":{}}}"}`,
		`{"e":"zz","eid":"3"}`))
	h.post("/v1/track", []byte(`{"event":"Product Viewed","userId":"u1","messageId":"m1"}`), basicAuth(webKey))
	h.post("/v1/track", []byte(`{"userId":"u1"}`), basicAuth(webKey))

	var n counts
	if ask("GET", "/micro/all", "", &n); n != (counts{5, 3, 2}) {
		t.Errorf("all: %+v", n)
	}
	var all []good
	if ask("GET", "/micro/good", "", &all); len(all) != 3 || all[0].EventType != "product_viewed" || all[0].Event.Source != "segment/website" {
		t.Errorf("good: %+v", all)
	}
	if ask("POST", "/micro/good", `{"schema":"iglu:com.acme/thing/jsonschema/1-0-0"}`, &all); len(all) != 1 || all[0].EventType != "unstruct" || all[0].RawEvent.API.Version != "tp2" || all[0].RawEvent.Parameters["eid"] != "2" {
		t.Errorf("good by schema: %+v", all)
	}
	if ask("POST", "/micro/good", `{"event_type":"page_view","contexts":["iglu:com.acme/user/jsonschema/1-0-0"]}`, &all); len(all) != 1 || all[0].Event.ID != "snowplow/web/1" {
		t.Errorf("good by context: %+v", all)
	}
	var bad []struct {
		RawEvent struct{ Parameters map[string]any }
		Errors   []string
		Reason   offers.Reason
	}
	if ask("POST", "/micro/bad", `{"vendor":"com.snowplowanalytics.snowplow"}`, &bad); len(bad) != 1 || bad[0].Reason != offers.ReasonSchema || len(bad[0].Errors) != 1 || bad[0].RawEvent.Parameters["eid"] != "3" {
		t.Errorf("bad: %+v", bad)
	}
	var events []offers.Event
	if ask("GET", "/micro/events", "", &events); len(events) != 3 {
		t.Errorf("events: %+v", events)
	}
	var page struct {
		Events                 []map[string]any
		TotalItems, TotalPages int
	}
	if ask("POST", "/micro/events", `{"page":2,"pageSize":2,"filters":[],"sorting":null}`, &page); len(page.Events) != 2 || page.TotalItems != 5 || page.TotalPages != 3 {
		t.Errorf("page: %+v", page)
	}
	if ask("POST", "/micro/events", `{"validEvents":true,"filters":[{"column":"type","value":"product_viewed"}],"page":-9223372036854775808,"pageSize":9223372036854775807}`, &page); page.TotalItems != 1 {
		t.Errorf("filtered: %+v", page)
	}
	var line struct {
		Points []struct{ ValidEvents, FailedEvents int }
	}
	ask("GET", "/micro/timeline", "", &line)
	valid, failed := 0, 0
	for _, p := range line.Points {
		valid, failed = valid+p.ValidEvents, failed+p.FailedEvents
	}
	if len(line.Points) != 31 || valid != 3 || failed != 2 {
		t.Errorf("timeline: %d points, %d, %d", len(line.Points), valid, failed)
	}
	if a := h.post("/micro/good", []byte(`{`)); a.status != 400 {
		t.Errorf("a filter that is none: %d", a.status)
	}
	if ask("POST", "/micro/reset", "", &n); n != (counts{}) {
		t.Errorf("reset: %+v", n)
	}
	if ask("GET", "/micro/good", "", &all); all == nil || len(all) != 0 {
		t.Errorf("after a reset: %+v", all)
	}
	for range 3 * maxMicro {
		h.micro.bad = last(append(h.micro.bad, microBad{}))
	}
	if ask("GET", "/micro/all", "", &n); n.Bad != maxMicro || len(h.micro.bad) >= 2*maxMicro {
		t.Errorf("%d remembered, %d held", n.Bad, len(h.micro.bad))
	}
}

// Outside of test mode there is no such door.
func TestNoMicro(t *testing.T) {
	h := newHouse(t)
	for path := range strings.FieldsSeq("all good bad reset events timeline") {
		if a := h.get("/micro/" + path); a.status == 200 {
			t.Errorf("/micro/%s: %d", path, a.status)
		}
	}
}

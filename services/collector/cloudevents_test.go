package collector

import (
	"context"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/stream"
)

// enveloped are the headers of a CloudEvent in binary mode, and those given.
func enveloped(more ...string) []string {
	return append([]string{"ce-specversion: 1.0", "ce-id: e1", "ce-source: /pos/4", "ce-type: com.example.product.viewed", "Content-Type: application/json"}, more...)
}

const asJSON = "Content-Type: application/cloudevents+json"

func TestCloudEvents(t *testing.T) {
	one := `{"specversion":"1.0","id":"e1","source":"/pos/4","type":"com.example.product.viewed","time":"2026-11-20T10:00:00Z","data":{"customer_id":"c7","sku":"G-32"}}`
	for name, c := range map[string]struct {
		body    string
		headers []string
		status  int
		event   string // type, id and shopper's identifier
		aside   string // reason and source
	}{
		"binary":             {`{"customer_id":"c7","sku":"G-32"}`, enveloped(), 202, "product_viewed cloudevent/open/pos//pos/4|e1 c7", ""},
		"structured":         {one, []string{asJSON}, 202, "product_viewed cloudevent/open/pos//pos/4|e1 c7", ""},
		"batch":              {"[" + one + "," + one + "]", []string{"Content-Type: application/cloudevents-batch+json; charset=utf-8"}, 202, "product_viewed cloudevent/open/pos//pos/4|e1 c7", ""},
		"an empty batch":     {"[]", []string{"Content-Type: application/cloudevents-batch+json"}, 202, "", ""},
		"with a key":         {one, []string{asJSON, "Authorization: Bearer " + webKey}, 202, "product_viewed cloudevent/website//pos/4|e1 c7", ""},
		"with an own key":    {one, []string{asJSON, "X-Write-Key: " + serverKey}, 202, "product_viewed cloudevent/crm//pos/4|e1 c7", ""},
		"with a wrong key":   {one, []string{asJSON, "X-Write-Key: nobodys"}, 401, "", "auth strangers"},
		"of nobody":          {`{"sku":"G-32"}`, enveloped(), 202, "", "unknown cloudevent/open/pos"},
		"a picture":          {"\xff\xd8\xff", enveloped("Content-Type: image/jpeg"), 202, "", "unknown cloudevent/open/pos"},
		"nothing in it":      {"", enveloped(), 202, "", "unknown cloudevent/open/pos"},
		"no envelope":        {`{"sku":"G-32"}`, []string{"Content-Type: application/json"}, 400, "", "schema cloudevent/open"},
		"half an envelope":   {`{"specversion":"1.0","id":"e1"}`, []string{asJSON}, 400, "", "schema cloudevent/open"},
		"another format":     {`<x/>`, []string{"Content-Type: application/cloudevents+xml"}, 415, "", ""},
		"the house's own":    {`{"customer_id":"c7"}`, enveloped("ce-type: com.example.offer.redeemed"), 202, "", "schema cloudevent/open/pos"},
		"of the far future":  {`{"customer_id":"c7"}`, enveloped("ce-time: 2999-01-01T00:00:00Z"), 202, "", "clock cloudevent/open/pos"},
		"a batch half of it": {"[" + one + `,{"id":"2"}]`, []string{"Content-Type: application/cloudevents-batch+json"}, 202, "product_viewed cloudevent/open/pos//pos/4|e1 c7", "schema cloudevent/open/pos"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			a := h.post("/events", []byte(c.body), c.headers...)
			if c.status >= 400 {
				isProblem(t, a, c.status)
			} else if a.status != c.status || len(a.body) != 0 {
				t.Errorf("answer %d %q, want %d and nothing", a.status, a.body, c.status)
			}
			var got, aside []string
			for _, e := range h.events() {
				got = append(got, string(e.Type)+" "+string(e.ID)+" "+e.Identifiers[0].Value)
			}
			for _, q := range h.put() {
				aside = append(aside, string(q.Reason)+" "+q.Source)
			}
			if strings.Join(got, ", ") != c.event || strings.Join(aside, ", ") != c.aside {
				t.Errorf("events %q, put aside %q; want %q, %q", got, aside, c.event, c.aside)
			}
		})
	}
}

// What the envelope says is not lost.
func TestCloudEventWhole(t *testing.T) {
	h := newHouse(t)
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	at := time.Now().Add(-time.Minute).UTC().Truncate(time.Millisecond)
	if a := h.post("/v1/events?access_token="+webKey, []byte(`{"specversion":"1.0","id":"e1","source":"/pos/4","type":"com.example.order.completed","subject":"customers/c7",
		"time":"`+at.Format(time.RFC3339Nano)+`","traceparent":"`+parent+`","storeid":"centre","data":{"total":12.5,"currency":"EUR"}}`), asJSON); a.status != 202 {
		t.Fatalf("answer %d %s", a.status, a.body)
	}
	records := h.news(stream.Events)
	if len(records) != 1 || !strings.HasPrefix(records[0].Header("traceparent"), parent[:36]) {
		t.Fatalf("%d records, with trace %q; want that of the event", len(records), records[0].Header("traceparent"))
	}
	var e offers.Event
	must(t, records[0].Decode(&e))
	if e.Source != "cloudevent/website" || !e.Time.Equal(at) || e.Value != (offers.Money{Minor: 1250, Currency: "EUR"}) || e.Shopper != shopperOf(offers.CustomerID, "c7") {
		t.Errorf("event is %+v", e)
	}
	for _, want := range []string{`"storeid":"centre"`, `"subject":"customers/c7"`, `"total":12.5`} {
		if !strings.Contains(string(e.Properties), want) {
			t.Errorf("properties are %s, without %s", e.Properties, want)
		}
	}
	for _, r := range append(h.news(stream.Originals), h.news(stream.Quarantine)...) {
		for _, header := range r.Headers {
			if strings.Contains(string(header.Value), webKey) {
				t.Errorf("the key is kept in %s", header.Key)
			}
		}
	}
}

// Two events whose bodies are the same are two in quarantine, and each can be
// read again by its own headers.
func TestCloudEventsAgain(t *testing.T) {
	h := newHouse(t)
	for _, id := range []string{"a", "b", "b"} {
		h.post("/events", []byte(`{"sku":"G-32"}`), enveloped("ce-id: "+id, "ce-subject: shelf%204")...)
	}
	put := h.put()
	ids := map[string]bool{}
	for _, q := range put {
		ids[q.ID] = true
		if q.Headers["ce-id"] == "" || q.Headers["ce-subject"] != "shelf%204" || q.Headers["path"] != "/events" {
			t.Errorf("kept with %v", q.Headers)
		}
	}
	if len(put) != 3 || len(ids) != 2 {
		t.Fatalf("%d in quarantine under %d ids, want 3 under 2", len(put), len(ids))
	}
	mended := put[0]
	mended.Body = []byte(`{"sku":"G-32","customer_id":"c7"}`)
	mended.Headers = maps.Clone(mended.Headers)
	accepted, bad, err := h.takeAgain(context.Background(), &mended)
	if err != nil || accepted != 1 || len(bad) != 0 {
		t.Fatalf("taken once more: %d, %v, %v", accepted, bad, err)
	}
	if got := h.events(); len(got) != 1 || got[0].Type != offers.ProductViewed {
		t.Errorf("events %v", got)
	}
}

func TestRequireKey(t *testing.T) {
	h := newHouse(t)
	h.config.RequireKey = true
	isProblem(t, h.post("/events", []byte(`{"customer_id":"c7"}`), enveloped()...), 401)
	if a := h.post("/events", []byte(`{"customer_id":"c7"}`), enveloped("X-Write-Key: "+webKey)...); a.status != 202 {
		t.Errorf("with a key: %d %s", a.status, a.body)
	}
}

func TestHandshake(t *testing.T) {
	h := newHouse(t)
	ask := func(headers ...string) answerOf {
		req := httptest.NewRequest("OPTIONS", "/v1/events", nil)
		for _, line := range headers {
			name, value, _ := strings.Cut(line, ": ")
			req.Header.Set(name, value)
		}
		return h.do(req)
	}
	for name, c := range map[string]struct {
		headers []string
		status  int
		want    map[string]string
	}{
		"a host that is listed":  {[]string{"WebHook-Request-Origin: shop.example"}, 200, map[string]string{"Webhook-Allowed-Origin": "shop.example", "Webhook-Allowed-Rate": "*"}},
		"an origin, with a rate": {[]string{"WebHook-Request-Origin: https://shop.example", "WebHook-Request-Rate: 120"}, 200, map[string]string{"Webhook-Allowed-Origin": "https://shop.example", "Webhook-Allowed-Rate": "120"}},
		"a host that is not":     {[]string{"WebHook-Request-Origin: evil.example"}, 403, map[string]string{"Webhook-Allowed-Origin": ""}},
		"a browser":              {[]string{"Origin: https://shop.example", "Access-Control-Request-Headers: ce-id,ce-source"}, 204, map[string]string{"Access-Control-Allow-Headers": "ce-id,ce-source"}},
	} {
		a := ask(c.headers...)
		got := map[string]string{}
		for name := range c.want {
			got[name] = a.header.Get(name)
		}
		if diff := cmp.Diff(c.want, got); a.status != c.status || diff != "" {
			t.Errorf("%s: answer %d, want %d (-want +got):\n%s", name, a.status, c.status, diff)
		}
	}
}

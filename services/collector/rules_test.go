package collector

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"aisle/offers"
	"aisle/services/catalog"
)

// What was agreed at the console holds at the door: names are mended, what is
// not as agreed is put aside with the reason, and what changes is told.
func TestRules(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	by := catalog.By{Name: "ana"}
	track := func(n int, event, properties string) answerOf {
		return h.post("/v1/batch", fmt.Appendf(nil, `{"batch":[{"type":"track","event":%q,"anonymousId":"a","messageId":"m%d","properties":%s}]}`, event, n, properties), basicAuth(webKey))
	}
	track(1, "ItemSeen", `{"prod":{"id":"507"}}`)
	if got := h.events(); len(got) != 1 || got[0].Type != "item_seen" || got[0].Product != "" {
		t.Fatalf("before: %+v", got)
	}

	_, err := h.catalog.SaveMapping(ctx, catalog.Mapping{Source: "segment/website", Steps: json.RawMessage(`[
		{"do":"rename_event","event":"ItemSeen","to":"Product Viewed"},
		{"do":"move","event":"Product Viewed","field":"prod.id","to":"product_id"},
		{"do":"drop_event","event":"Heartbeat"}]`)}, by)
	must(t, err)
	c, err := h.catalog.SaveContract(ctx, catalog.Contract{Event: "product_viewed",
		Schema: json.RawMessage(`{"type":"object","required":["product_id"],"properties":{"product_id":{"type":"string"},"price":{"type":"number"}}}`)}, by)
	must(t, err)
	must(t, h.catalog.PublishContract(ctx, c.Event, c.Version, by))
	must(t, h.readRules(ctx))

	track(2, "ItemSeen", `{"prod":{"id":"507"}}`)
	if got := h.events(); len(got) != 1 || got[0].Type != offers.ProductViewed || got[0].Product != "507" {
		t.Errorf("mended: %+v", got)
	}
	track(3, "Heartbeat", `{}`)
	track(4, "Product Viewed", `{"product_id":"507","price":"dear"}`)
	if got := h.events(); len(got) != 0 {
		t.Errorf("events %v, want none", typesOf(got))
	}
	put := h.put()
	if len(put) != 1 || put[0].Reason != offers.ReasonSchema || !strings.Contains(put[0].Detail, "price is a text") || !strings.Contains(string(put[0].Body), `"dear"`) {
		t.Errorf("in quarantine: %+v", put)
	}

	for i := range 5 { // what a contract says is what a field was
		track(10+i, "Product Viewed", `{"product_id":"507","price":"dear"}`)
	}
	must(t, h.storeShapes(ctx))
	notices, open, err := h.catalog.Notices(ctx, catalog.NoticeOpen, "segment/website", 10)
	must(t, err)
	found := false
	for _, n := range notices {
		found = found || n.Event == "product_viewed" && n.Field == "price" && n.Kind == "retyped_field"
	}
	if !found || open == 0 {
		t.Errorf("notices: %+v", notices)
	}
}

// A door that cannot know what was agreed takes nothing.
func TestNothingIsTakenWithoutTheRules(t *testing.T) {
	h := newHouse(t)
	must(t, h.catalog.Close())
	a := h.post("/v1/track", []byte(`{"event":"X","anonymousId":"a"}`), basicAuth(serverKey))
	isProblem(t, a, 503)
}

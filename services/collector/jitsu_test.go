package collector

import (
	"net/http/httptest"
	"testing"

	"aisle/offers"
)

func TestJitsu(t *testing.T) {
	for name, c := range map[string]struct {
		path, body, auth string
		status           int
		want             offers.EventType
		from             string
	}{
		"a browser":        {"/api/s/page", `{"type":"page","anonymousId":"a1","messageId":"m","writeKey":"wk_website:***"}`, "X-Write-Key: " + webKey + ":secret", 202, offers.PageViewed, "jitsu/website"},
		"a server":         {"/api/s/s2s/track", `{"type":"track","event":"Product Added","userId":"u7"}`, "Authorization: Bearer " + serverKey + ":secret", 202, offers.ProductAdded, "jitsu/crm"},
		"a batch":          {"/api/s/s2s/batch", `{"batch":[{"type":"identify","userId":"u7","traits":{"email":"a@example.com"}}]}`, "X-Write-Key: " + serverKey, 202, offers.Identified, "jitsu/crm"},
		"only in the body": {"/api/s/track", `{"type":"track","event":"search","anonymousId":"a1","writeKey":"wk_website:***","properties":{"query":"boots"}}`, "", 202, offers.ProductSearched, "jitsu/website"},
		"under its name":   {"/api/s/cart_viewed", `{"anonymousId":"a1"}`, "X-Write-Key: " + webKey, 202, offers.CartViewed, "jitsu/website"},
		"as any event":     {"/api/s/event", `{"type":"page","anonymousId":"a1"}`, "X-Write-Key: " + webKey, 202, offers.PageViewed, "jitsu/website"},
		"a wrong key":      {"/api/s/track", `{"type":"track","event":"X","anonymousId":"a1"}`, "X-Write-Key: nobodys", 401, "", ""},
		"no key":           {"/api/s/track", `{"type":"track","event":"X","anonymousId":"a1"}`, "", 401, "", ""},
		"of nobody":        {"/api/s/track", `{"type":"track","event":"X"}`, "X-Write-Key: " + webKey, 400, "", ""},
	} {
		h := newHouse(t)
		a := h.post(c.path, []byte(c.body), c.auth, "Origin: https://shop.example")
		if a.header.Get("Access-Control-Allow-Origin") != "https://shop.example" {
			t.Errorf("%s: a page cannot read the answer", name)
		}
		if c.status >= 400 {
			isProblem(t, a, c.status)
		} else if a.status != c.status || string(a.body) != `{"success":true}` { // its client reads JSON
			t.Errorf("%s: answer %d %s", name, a.status, a.body)
		}
		events := h.events()
		switch {
		case c.want == "" && len(events) == 0:
		case len(events) != 1 || events[0].Type != c.want || events[0].Source != c.from:
			t.Errorf("%s: events %+v, want %s from %s", name, events, c.want, c.from)
		}
	}
	h := newHouse(t)
	req := httptest.NewRequest("OPTIONS", "/api/s/page", nil)
	req.Header.Set("Origin", "https://shop.example")
	req.Header.Set("Access-Control-Request-Headers", "content-type,x-write-key")
	if a := h.do(req); a.status != 204 || a.header.Get("Access-Control-Allow-Headers") != "content-type,x-write-key" {
		t.Errorf("the preflight is answered %d %v", a.status, a.header)
	}
	isProblem(t, h.get("/p.js"), 404)
}

// Who is told to wait is told how long, in the header that their client honours.
func TestBusyForAll(t *testing.T) {
	h := newHouse(t)
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	for _, path := range []string{"/v1/batch", "/v1/t", "/beacon/v1/batch", "/api/s/track", "/api/s/s2s/batch", "/events", "/v1/events", "/token"} {
		a := h.post(path, []byte(`{}`), "Origin: https://shop.example")
		isProblem(t, a, 429)
		// Retry-After: RudderStack's servers and CloudEvents' senders; the other: Segment's browsers.
		if a.header.Get("Retry-After") != "1" || a.header.Get("X-RateLimit-Reset") != "1" {
			t.Errorf("%s: headers %v", path, a.header)
		}
	}
}

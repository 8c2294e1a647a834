package collector

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"aisle/offers"
)

func TestSourceConfig(t *testing.T) {
	h := newHouse(t)
	for name, c := range map[string]struct {
		path, auth string
		status     int
	}{
		"by Basic":      {"/sourceConfig/?p=npm&v=3.34.1", basicAuth(webKey), 200},
		"by the query":  {"/sourceConfig?writeKey=" + webKey, "", 200},
		"without a key": {"/sourceConfig/", "", 401},
		"an old key":    {"/sourceConfig/", basicAuth("wk_gone"), 404},
	} {
		a := h.get(c.path, c.auth, "Origin: https://shop.example")
		if a.header.Get("Access-Control-Allow-Origin") != "https://shop.example" {
			t.Errorf("%s: a page cannot read the answer", name)
		}
		if c.status != 200 {
			isProblem(t, a, c.status)
			continue
		}
		// What the browser's client looks for before it starts.
		var got struct {
			Source struct {
				ID, WriteKey string
				Enabled      bool
				Config       map[string]map[string]struct{ Enabled bool }
				Destinations []any
			}
		}
		if err := json.Unmarshal(a.body, &got); err != nil || a.status != 200 {
			t.Fatalf("%s: answer %d %s", name, a.status, a.body)
		}
		s := got.Source
		if s.ID == "" || s.WriteKey != webKey || !s.Enabled || s.Destinations == nil || s.Config["statsCollection"]["errors"].Enabled || s.Config["statsCollection"]["metrics"].Enabled {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	req := httptest.NewRequest("OPTIONS", "/sourceConfig/?p=npm", nil)
	req.Header.Set("Origin", "https://shop.example")
	req.Header.Set("Access-Control-Request-Headers", "authorization")
	if a := h.do(req); a.status != 204 || a.header.Get("Access-Control-Allow-Headers") != "authorization" {
		t.Errorf("the preflight is answered %d %v", a.status, a.header)
	}
}

// A beacon brings its key in the address, and what came before by itself is not
// taken twice.
func TestBeacon(t *testing.T) {
	h := newHouse(t)
	one := `{"type":"track","event":"Product Viewed","anonymousId":"a1","messageId":"m1","properties":{"sku":"G-32"}}`
	if a := h.post("/v1/track", []byte(one), basicAuth(webKey)); a.status != 202 {
		t.Fatalf("answer %d %s", a.status, a.body)
	}
	if a := h.post("/beacon/v1/batch?writeKey="+webKey, []byte(`{"batch":[`+one+`,{"type":"page","anonymousId":"a1","messageId":"m2"}]}`), "Content-Type: text/plain"); a.status != 202 {
		t.Fatalf("answer %d %s", a.status, a.body)
	}
	if got := typesOf(h.events()); len(got) != 2 || got[0] != string(offers.PageViewed) || got[1] != string(offers.ProductViewed) {
		t.Errorf("events %v, want one of each", got)
	}
	isProblem(t, h.post("/beacon/v1/batch?writeKey=wk_gone", []byte(`{"batch":[]}`)), 401)
}

func TestPixel(t *testing.T) {
	for name, c := range map[string]struct {
		path   string
		status int
		want   []string
	}{
		"an e-mail that is opened": {"/pixel/v1/track?writeKey=" + webKey + "&event=Email%20Opened&userId=u7&properties.campaign=spring", 200, []string{"email_opened"}},
		"a page":                   {"/pixel/v1/page?writeKey=" + webKey + "&name=Home&anonymousId=a1", 200, []string{"page_viewed"}},
		"of nobody":                {"/pixel/v1/track?writeKey=" + webKey + "&event=Email%20Opened", 400, nil},
		"with an old key":          {"/pixel/v1/track?writeKey=wk_gone&event=Email%20Opened&userId=u7", 401, nil},
	} {
		h := newHouse(t)
		a := h.get(c.path)
		if a.status != c.status || a.header.Get("Content-Type") != "image/gif" || !bytes.HasPrefix(a.body, []byte("GIF89a\x01\x00\x01\x00")) {
			t.Errorf("%s: answer %d %s %q, want %d and an image", name, a.status, a.header.Get("Content-Type"), a.body, c.status)
		}
		if got := typesOf(h.events()); len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%s: events %v, want %v", name, got, c.want)
		}
	}
}

func TestRudderCalls(t *testing.T) {
	visitor := base64.StdEncoding.EncodeToString([]byte("a1"))
	for name, c := range map[string]struct {
		path, body string
		headers    []string
		status     int
		event      string
		ids        []offers.Identifier
	}{
		"traits in the context": {"/v1/identify", `{"userId":"u7","context":{"traits":{"email":"ana@example.com","firstName":"Ana"}}}`, nil, 202, "identified",
			[]offers.Identifier{{Type: offers.CustomerID, Value: "u7"}, {Type: offers.Email, Value: "ana@example.com"}}},
		"a merge call": {"/v1/merge", `{"userId":"u7","mergeProperties":[{"type":"email","value":"ana@example.com"},{"type":"mobile","value":"+34600111222"},{"type":"shoe","value":"42"}]}`, nil, 202, "aliased",
			[]offers.Identifier{{Type: offers.CustomerID, Value: "u7"}, {Type: offers.Phone, Value: "+34600111222"}, {Type: offers.Email, Value: "ana@example.com"}}},
		"the visitor in a header":  {"/v1/track", `{"event":"Product Viewed"}`, []string{"AnonymousId: " + visitor}, 202, "product_viewed", []offers.Identifier{{Type: offers.Cookie, Value: "a1"}}},
		"a webhook that is a call": {"/v1/webhook", `{"type":"track","event":"Order Completed","userId":"u7"}`, nil, 202, "order_completed", []offers.Identifier{{Type: offers.CustomerID, Value: "u7"}}},
		"a webhook that is none":   {"/v1/webhook", `{"type":"parcel.sent","data":{"x":1},"name":{"first":1}}`, nil, 202, "", nil},
		"an import":                {"/v1/import", `{"batch":[{"type":"screen","name":"Map","userId":"u7"}]}`, nil, 202, "screen_viewed", []offers.Identifier{{Type: offers.CustomerID, Value: "u7"}}},
	} {
		h := newHouse(t)
		a := h.post(c.path, []byte(c.body), append(c.headers, basicAuth(webKey))...)
		if a.status != c.status {
			t.Errorf("%s: answer %d %s", name, a.status, a.body)
		}
		events := h.events()
		if c.event == "" {
			if put := h.put(); len(events) != 0 || len(put) != 1 || put[0].Reason != offers.ReasonUnknown {
				t.Errorf("%s: events %v, put aside %v", name, events, put)
			}
			continue
		}
		if len(events) != 1 || string(events[0].Type) != c.event || len(events[0].Identifiers) != len(c.ids) {
			t.Errorf("%s: events %+v", name, events)
			continue
		}
		for i, id := range c.ids {
			if events[0].Identifiers[i] != id {
				t.Errorf("%s: name %v, want %v", name, events[0].Identifiers[i], id)
			}
		}
	}
}

// A server may say when it happened, beside when its client was told: that is
// the time, and no clock's difference is taken from it.
func TestTimeOfServers(t *testing.T) {
	h := newHouse(t)
	h.post("/v1/batch", []byte(`{"batch":[{"type":"track","event":"X","userId":"u7","timestamp":"2026-03-08T10:00:00.123Z","originalTimestamp":"2026-11-20T10:00:00Z","sentAt":"2026-11-20T10:00:05Z"}],"sentAt":"2026-11-20T10:00:05Z"}`), basicAuth(webKey))
	want := time.Date(2026, 3, 8, 10, 0, 0, 123e6, time.UTC)
	if e := h.events(); len(e) != 1 || !e[0].Time.Equal(want) {
		t.Errorf("events %+v, want one of %v", e, want)
	}
}

package collector

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers"
	"aisle/offers/identity"
	"aisle/services/catalog"
	"aisle/services/state"
	"aisle/services/stream"
)

const (
	webKey    = "wk_website"
	serverKey = "wk_server"
	shopID    = offers.ShopID("centre")
)

// house is a collector on the real embedded parts.
type house struct {
	*Collector
	t        testing.TB
	app      *fiber.App
	registry *prometheus.Registry
	read     map[string]int // how many records of each partition were seen
}

func newHouse(t testing.TB) *house {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	logger := slog.New(slog.DiscardHandler)
	log, err := stream.Open(ctx, stream.Config{Dir: t.TempDir(), Partitions: 4, Logger: logger})
	must(t, err)
	t.Cleanup(func() { log.Close() })
	store, err := state.Open(ctx, state.Config{Dir: t.TempDir(), Logger: logger})
	must(t, err)
	t.Cleanup(func() { store.Close() })
	cat, err := catalog.Open(ctx, catalog.Config{Dir: t.TempDir(), Logger: logger})
	must(t, err)
	t.Cleanup(func() { cat.Close() })
	_, err = cat.AddSource(ctx, catalog.Source{Key: webKey, Name: "website", Kind: "website"})
	must(t, err)
	_, err = cat.AddSource(ctx, catalog.Source{Key: "wk_till", Name: "tills", Kind: "till"})
	must(t, err)
	secrets, err := cat.Secrets(ctx)
	must(t, err)
	shop, err := json.Marshal(offers.Shop{ID: shopID, Zones: []offers.Zone{
		{ID: "door", Floor: "ground", Kind: offers.ZoneEntrance}, {ID: "footwear", Floor: "ground", Kind: offers.ZoneSales, Category: "footwear", Polygon: []offers.Point{{X: 4}, {X: 8}, {X: 8, Y: 4}, {X: 4, Y: 4}}},
		{ID: "fitting", Floor: "ground", Kind: offers.ZoneQuiet},
	}, Cameras: []offers.Camera{{ID: "cam-door", Floor: "ground", Zone: "door", At: offers.Point{X: 2, Y: 1}}, {ID: "cam-fitting", Floor: "ground", Zone: "fitting"}}})
	must(t, err)
	must(t, log.Produce(ctx, stream.Record{Stream: stream.Campaigns, Key: []byte(offers.ShopKey(shopID)), Value: shop}))
	shops, err := log.Catalogue(ctx)
	must(t, err)
	registry := prometheus.NewRegistry()
	k, err := New(Config{
		WriteKeys: map[string]string{serverKey: "crm"}, Origins: []string{"https://shop.example"}, Region: "ES",
	}, Parts{Log: log, State: store, Catalog: cat, Shops: shops, Secrets: secrets, Logger: logger, Registry: registry})
	must(t, err)
	app := fiber.New(fiber.Config{DisableStartupMessage: true, BodyLimit: 4 << 20, ReadBufferSize: 16 << 10})
	k.Routes(app)
	return &house{k, t, app, registry, map[string]int{}}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type answerOf struct {
	status int
	header http.Header
	body   []byte
}

func (h *house) do(req *http.Request) answerOf {
	h.t.Helper()
	resp, err := h.app.Test(req, -1)
	must(h.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(h.t, err)
	return answerOf{resp.StatusCode, resp.Header, body}
}

// post sends a body with headers given as "Name: value".
func (h *house) post(path string, body []byte, headers ...string) answerOf {
	h.t.Helper()
	req := httptest.NewRequest("POST", path, bytes.NewReader(body))
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}
	return h.do(req)
}

func basicAuth(key string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"))
}

func (h *house) edgeAuth() string {
	return "Authorization: Bearer " + hex.EncodeToString(h.secrets.Edge)
}

// news are the records of a stream since the last call, in no order of their
// partitions.
func (h *house) news(name string) (records []stream.Record) {
	h.t.Helper()
	for p := range h.log.Partitions() {
		all, err := h.log.Newest(context.Background(), name, p, 100_000)
		must(h.t, err)
		at := fmt.Sprint(name, p)
		records = append(records, all[h.read[at]:]...)
		h.read[at] = len(all)
	}
	return records
}

func (h *house) events() (events []offers.Event) {
	h.t.Helper()
	for _, r := range h.news(stream.Events) {
		var e offers.Event
		must(h.t, json.Unmarshal(r.Value, &e))
		if string(r.Key) != string(e.Shopper) || r.Header("ce_id") != string(e.ID) || r.Header("ce_type") != string(e.Type) {
			h.t.Errorf("record of %s has key %s and headers %v", e.ID, r.Key, r.Headers)
		}
		if e.Type != offers.Merged && len(r.Header("traceparent")) != 55 {
			h.t.Errorf("%s has traceparent %q", e.ID, r.Header("traceparent"))
		}
		events = append(events, e)
	}
	slices.SortFunc(events, func(a, b offers.Event) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return events
}

func (h *house) put() (all []offers.Quarantined) {
	h.t.Helper()
	for _, r := range h.news(stream.Quarantine) {
		var q offers.Quarantined
		must(h.t, json.Unmarshal(r.Value, &q))
		all = append(all, q)
	}
	return all
}

func (h *house) consent(shopper offers.ShopperID, p offers.Purpose, granted bool) {
	h.t.Helper()
	must(h.t, h.state.SetConsent(context.Background(), h.log.PartitionOf(string(shopper)), shopper,
		offers.Consent{Purpose: p, Granted: granted, At: time.Now(), Source: "test"}))
}

func shopperOf(kind offers.IdentifierType, value string) offers.ShopperID {
	return identity.NewShopperID(offers.Identifier{Type: kind, Value: value})
}

func reasonsOf(put []offers.Quarantined) (reasons []string) {
	for _, q := range put {
		reasons = append(reasons, fmt.Sprintf("%s from %s: %s", q.Reason, q.Source, q.Detail))
	}
	return reasons
}

func typesOf(events []offers.Event) (types []string) {
	for _, e := range events {
		types = append(types, string(e.Type))
	}
	slices.Sort(types)
	return types
}

func isProblem(t *testing.T, a answerOf, status int) {
	t.Helper()
	var p struct {
		Title, Detail string
		Status        int
	}
	if a.status != status || a.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("answer %d %s %s, want problem %d", a.status, a.header.Get("Content-Type"), a.body, status)
	}
	if err := json.Unmarshal(a.body, &p); err != nil || p.Status != status || len(p.Detail) < 20 || p.Title == "" {
		t.Errorf("problem %s (%v)", a.body, err)
	}
}

func gzipped(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body)
	_ = z.Close()
	return b.Bytes()
}

// What Segment's clients send of one visit, in their own words.
func TestSegmentBatch(t *testing.T) {
	h := newHouse(t)
	sent := time.Now().Add(3 * time.Hour) // a clock that is wrong by that much
	stamp := func(ago time.Duration) string { return sent.Add(-ago).UTC().Format("2006-01-02T15:04:05.000Z") }
	body := fmt.Sprintf(`{"batch":[
	 {"type":"page","name":"Results","anonymousId":"anon-1","messageId":"m1","timestamp":%q,"properties":{"url":"https://shop.example/search?q=running%%20shoes&size=42"}},
	 {"type":"track","event":"Products Searched","anonymousId":"anon-1","messageId":"m2","timestamp":%q,"properties":{"query":" running  shoes "}},
	 {"type":"track","event":"product_viewed","anonymousId":"anon-1","messageId":"m3","timestamp":%q,"properties":{"product_id":507,"category":"Footwear","name":"Trail 2","price":"89.95","currency":"eur","colour":"red"}},
	 {"type":"identify","userId":"cust-1","anonymousId":"anon-1","messageId":"m4","timestamp":%q,
	  "traits":{"firstName":"Ana","lastName":"García","email":"Ana@Example.com","phone":"600 111 222","loyalty_tier":"Gold","marketing_sms_opt_in":true,"face_opt_in":true},
	  "context":{"timezone":"Europe/Madrid","locale":"es-ES","externalIds":[{"id":"iBeacon:x-1-2","type":"tag","collection":"users","encoding":"none"}]}},
	 {"type":"track","event":"Order Completed","userId":"cust-1","messageId":"m5","timestamp":%q,"properties":{"order_id":"o","revenue":25.5,"total":30,"currency":"EUR","products":[{"category":"Footwear"}]}}
	],"sentAt":%q}`, stamp(4*time.Minute), stamp(3*time.Minute), stamp(2*time.Minute), stamp(time.Minute), stamp(0), stamp(0))
	began := time.Now()
	a := h.post("/v1/batch", []byte(body), basicAuth(webKey), "Content-Type: application/json")
	if a.status != 202 || string(a.body) != `{"success":true}` {
		t.Fatalf("answer %d %s", a.status, a.body)
	}
	ana := shopperOf(offers.Cookie, "anon-1")
	cookie := []offers.Identifier{{Type: offers.Cookie, Value: "anon-1"}}
	want := []offers.Event{
		{ID: "segment/website/m1", Type: offers.PageViewed, Title: "Results", Query: "running shoes", Identifiers: cookie, Time: began.Add(-4 * time.Minute)},
		{ID: "segment/website/m1/search", Type: offers.ProductSearched, Query: "running shoes", Identifiers: cookie, Time: began.Add(-4 * time.Minute)},
		{ID: "segment/website/m2", Type: offers.ProductSearched, Retells: "segment/website/m1/search", Query: "running shoes", Identifiers: cookie, Time: began.Add(-3 * time.Minute)},
		{ID: "segment/website/m3", Type: offers.ProductViewed, Product: "507", Category: "footwear", Title: "Trail 2",
			Value: offers.Money{Minor: 8995, Currency: "EUR"}, Identifiers: cookie, Time: began.Add(-2 * time.Minute)},
		{ID: "segment/website/m4", Type: offers.Identified, Time: began.Add(-time.Minute),
			Traits: &offers.Traits{Name: "Ana García", Phone: "+34600111222", Email: "ana@example.com", Locale: "es-ES", TimeZone: "Europe/Madrid", Tier: "gold"},
			Identifiers: []offers.Identifier{{Type: offers.CustomerID, Value: "cust-1"}, {Type: offers.Phone, Value: "+34600111222"},
				{Type: offers.Email, Value: "ana@example.com"}, {Type: offers.Tag, Value: "iBeacon:x-1-2"}, cookie[0]}},
		{ID: "segment/website/m4/consent/sms", Type: offers.ConsentChanged, Time: began.Add(-time.Minute),
			Consent: &offers.Consent{Purpose: offers.ConsentSMS, Granted: true, At: began.Add(-time.Minute), Source: "segment/website"}},
		{ID: "segment/website/m5", Type: offers.OrderCompleted, Category: "footwear", Value: offers.Money{Minor: 2550, Currency: "EUR"},
			Identifiers: []offers.Identifier{{Type: offers.CustomerID, Value: "cust-1"}}, Time: began},
	}
	for i := range want {
		want[i].Shopper, want[i].Source = ana, "segment/website"
	}
	got := h.events()
	opts := cmp.Options{cmpopts.EquateApproxTime(3 * time.Second), cmpopts.IgnoreFields(offers.Event{}, "Received", "Properties")}
	if diff := cmp.Diff(want, got, opts); diff != "" {
		t.Fatalf("events (-want +got):\n%s", diff)
	}
	if !strings.Contains(string(got[3].Properties), `"colour":"red"`) {
		t.Errorf("properties %s", got[3].Properties)
	}
	consents, err := h.state.Consents(t.Context(), h.log.PartitionOf(string(ana)), ana)
	if err != nil || !consents[offers.ConsentSMS].Granted || consents[offers.ConsentFace].Granted {
		t.Errorf("consents %v, %v: want sms, and no face by a key that is in the page", consents, err)
	}
	traces := map[string]bool{}
	h.read = map[string]int{}
	for _, r := range h.news(stream.Events) {
		traces[r.Header("traceparent")[3:35]] = true
	}
	if len(traces) != 1 {
		t.Errorf("one journey has %d traces", len(traces))
	}

	// The client did not hear the answer, and sends it again.
	if a := h.post("/v1/batch", []byte(body), basicAuth(webKey)); a.status != 202 {
		t.Fatalf("answer %d %s", a.status, a.body)
	}
	if again := h.events(); len(again) != 0 {
		t.Errorf("sent again: %v", typesOf(again))
	}
}

func TestSegmentAuthorization(t *testing.T) {
	h := newHouse(t)
	track := `{"type":"track","event":"X","anonymousId":"a%d","writeKey":%q}`
	tests := []struct {
		name, path, body string
		headers          []string
		want             int
	}{
		{"basic", "/v1/track", fmt.Sprintf(track, 1, ""), []string{basicAuth(webKey)}, 202},
		{"write key in the body", "/v1/t", fmt.Sprintf(track, 2, webKey), nil, 202},
		{"write key of the configuration", "/v1/t", fmt.Sprintf(track, 3, serverKey), nil, 202},
		{"token, with a key in the body", "/v1/batch", `{"writeKey":"` + webKey + `","batch":[` + fmt.Sprintf(track, 4, "") + `]}`, []string{"Authorization: Bearer tok_123"}, 202},
		{"wrong basic", "/v1/track", fmt.Sprintf(track, 5, webKey), []string{basicAuth("wrong-key")}, 401},
		{"wrong key in the body", "/v1/track", fmt.Sprintf(track, 6, "wrong-key"), nil, 401},
		{"none", "/v1/track", fmt.Sprintf(track, 7, ""), nil, 401},
		{"damaged basic", "/v1/track", fmt.Sprintf(track, 8, ""), []string{"Authorization: Basic !!!"}, 401},
		{"text/plain, as browsers send", "/v1/t", fmt.Sprintf(track, 9, ""), []string{basicAuth(webKey), "Content-Type: text/plain"}, 202},
		{"gzip", "/v1/batch", string(gzipped([]byte(`{"batch":[` + fmt.Sprintf(track, 10, "") + `]}`))), []string{basicAuth(webKey), "Content-Encoding: gzip"}, 202},
		{"gzip said to be a form", "/v1/batch", string(gzipped([]byte(`{"batch":[` + fmt.Sprintf(track, 11, "") + `]}`))), []string{basicAuth(webKey), "Content-Type: application/x-www-form-urlencoded"}, 202},
		{"import", "/v1/import", `{"batch":[` + fmt.Sprintf(track, 12, "") + `]}`, []string{basicAuth(webKey)}, 202},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := h.post(tt.path, []byte(tt.body), tt.headers...)
			if a.status != tt.want {
				t.Fatalf("answer %d %s, want %d", a.status, a.body, tt.want)
			}
			events := h.events()
			if got := len(events); got != map[bool]int{true: 1}[tt.want == 202] {
				t.Errorf("%d events", got)
			}
			if tt.want != 202 {
				isProblem(t, a, tt.want)
				for _, q := range h.put() {
					if q.Reason != offers.ReasonAuth || q.Source != "strangers" {
						t.Errorf("what strangers send is kept as %s from %s", q.Reason, q.Source)
					}
				}
			}
		})
	}
}

func TestBadInput(t *testing.T) {
	h := newHouse(t)
	big := strings.Repeat("x", 40<<10)
	good := `{"type":"track","event":"Y","userId":"good-%s"}`
	bomb := gzipped(bytes.Repeat([]byte(" "), 50<<20))
	tests := []struct {
		name, path, body string
		headers          []string
		want             int
		events           int
		reason           offers.Reason
	}{
		{name: "not JSON", path: "/v1/batch", body: `{"batch":[`, want: 400, reason: offers.ReasonEncoding},
		{name: "not UTF-8", path: "/v1/batch", body: "{\"batch\":[\"\xff\"]}", want: 400, reason: offers.ReasonEncoding},
		{name: "nothing", path: "/v1/batch", body: "", want: 400},
		{name: "no batch", path: "/v1/batch", body: `{"events":[]}`, want: 400, reason: offers.ReasonSchema},
		{name: "batch of another type", path: "/v1/batch", body: `{"batch":"x"}`, want: 400, reason: offers.ReasonSchema},
		{name: "a list", path: "/v1/batch", body: `[]`, want: 400, reason: offers.ReasonSchema},
		{name: "an empty batch", path: "/v1/batch", body: `{"batch":[]}`, want: 202},
		{name: "not gzip", path: "/v1/batch", body: "plain", headers: []string{"Content-Encoding: gzip"}, want: 400, reason: offers.ReasonEncoding},
		{name: "gzip cut short", path: "/v1/batch", body: string(gzipped([]byte(`{"batch":[]}`))[:20]), headers: []string{"Content-Encoding: gzip"}, want: 400, reason: offers.ReasonEncoding},
		{name: "gzip bomb", path: "/v1/batch", body: string(bomb), headers: []string{"Content-Encoding: gzip"}, want: 413, reason: offers.ReasonSize},
		{name: "another packing", path: "/v1/batch", body: "x", headers: []string{"Content-Encoding: br"}, want: 415, reason: offers.ReasonEncoding},
		{name: "batch too large", path: "/v1/batch", body: `{"batch":[` + strings.Repeat(" ", 600<<10) + `]}`, want: 413, reason: offers.ReasonSize},
		{name: "one event too large, the other goes on", path: "/v1/batch", body: fmt.Sprintf(`{"batch":[{"type":"track","event":"X","userId":"u","properties":{"x":%q}},`+good+`]}`, big, "1"), want: 202, events: 1, reason: offers.ReasonSize},
		{name: "wrong types beside a good one", path: "/v1/batch", body: fmt.Sprintf(`{"batch":[{"type":"track","event":"X","userId":{"a":1}},`+good+`]}`, "2"), want: 202, events: 1, reason: offers.ReasonSchema},
		{name: "no type", path: "/v1/batch", body: `{"batch":[{"event":"X","userId":"u"}]}`, want: 202, reason: offers.ReasonSchema},
		{name: "unknown type", path: "/v1/batch", body: `{"batch":[{"type":"dance","userId":"u"}]}`, want: 202, reason: offers.ReasonSchema},
		{name: "a number for an event", path: "/v1/batch", body: `{"batch":[7]}`, want: 202, reason: offers.ReasonSchema},
		{name: "null for an event", path: "/v1/batch", body: `{"batch":[null]}`, want: 202, reason: offers.ReasonSchema},
		{name: "track without an event", path: "/v1/track", body: `{"userId":"u"}`, want: 400, reason: offers.ReasonSchema},
		{name: "properties of another type", path: "/v1/track", body: `{"userId":"u","event":"X","properties":[1]}`, want: 400, reason: offers.ReasonSchema},
		{name: "names nobody", path: "/v1/track", body: `{"userId":null,"anonymousId":"undefined","event":"X"}`, want: 400, reason: offers.ReasonSchema},
		{name: "a single event too large", path: "/v1/track", body: fmt.Sprintf(`{"userId":"u","event":"X","properties":{"x":%q}}`, big), want: 413, reason: offers.ReasonSize},
		{name: "not a time", path: "/v1/track", body: `{"userId":"u","event":"X","timestamp":"yesterday"}`, want: 400, reason: offers.ReasonClock},
		{name: "a time in the future", path: "/v1/track", body: `{"userId":"u","event":"X","timestamp":"2999-01-01T00:00:00Z"}`, want: 400, reason: offers.ReasonClock},
		{name: "a time of the last century", path: "/v1/track", body: `{"userId":"u","event":"X","timestamp":"1970-01-01T00:00:00Z"}`, want: 400, reason: offers.ReasonClock},
		{name: "what only the till can say", path: "/v1/track", body: `{"userId":"u","event":"Offer Redeemed"}`, want: 400, reason: offers.ReasonSchema},
		{name: "what only cameras can say", path: "/v1/track", body: `{"userId":"u","event":"recognised"}`, want: 400, reason: offers.ReasonSchema},
		{name: "odd properties are only odd", path: "/v1/track", body: `{"userId":"u","event":"X","messageId":"odd","properties":{"price":{"a":1},"category":["Shoes","x"],"products":"none","quantity":true},"context":"web"}`, want: 202, events: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := h.post(tt.path, []byte(tt.body), append(tt.headers, basicAuth(webKey))...)
			if a.status != tt.want {
				t.Fatalf("answer %d %s, want %d", a.status, a.body, tt.want)
			}
			if tt.want != 202 {
				isProblem(t, a, tt.want)
			}
			if got := h.events(); len(got) != tt.events {
				t.Errorf("events %v, want %d", typesOf(got), tt.events)
			}
			put := h.put()
			if tt.reason == "" {
				if len(put) != 0 {
					t.Errorf("in quarantine: %v", reasonsOf(put))
				}
				return
			}
			if len(put) != 1 || put[0].Reason != tt.reason || put[0].Source != "segment/website" || len(put[0].Detail) < 20 || len(put[0].Body) == 0 {
				t.Fatalf("in quarantine: %v, want one for %s", reasonsOf(put), tt.reason)
			}
			if len(put[0].Body) > maxKept {
				t.Errorf("%d bytes are kept", len(put[0].Body))
			}
		})
	}
}

func TestSharedTabletAndMerges(t *testing.T) {
	h := newHouse(t)
	send := func(id, body string) []offers.Event {
		t.Helper()
		if a := h.post("/v1/batch", []byte(fmt.Sprintf(`{"batch":[%s]}`, strings.ReplaceAll(body, "$", id))), basicAuth(webKey)); a.status != 202 {
			t.Fatalf("answer %d %s", a.status, a.body)
		}
		return h.events()
	}
	send("1", `{"type":"identify","userId":"ana","anonymousId":"tablet","messageId":"$"}`)
	ben := send("2", `{"type":"identify","userId":"ben","anonymousId":"tablet","messageId":"$"}`)
	if want := []offers.Identifier{{Type: offers.CustomerID, Value: "ben"}}; ben[0].Shopper == shopperOf(offers.CustomerID, "ana") || !cmp.Equal(want, ben[0].Identifiers) {
		t.Errorf("on Ana's tablet Ben is %s with %v", ben[0].Shopper, ben[0].Identifiers)
	}
	// Who browsed at home, agreed to texts there, and signs in.
	send("3", `{"type":"identify","anonymousId":"home","messageId":"$","traits":{"sms_opt_in":"yes"}}`)
	home := shopperOf(offers.Cookie, "home")
	got := send("4", `{"type":"identify","userId":"ben","anonymousId":"home","messageId":"$"}`)
	winner := ben[0].Shopper
	if diff := cmp.Diff([]string{"identified", "merged"}, typesOf(got)); diff != "" {
		t.Fatalf("events (-want +got):\n%s", diff)
	}
	merged := got[slices.IndexFunc(got, func(e offers.Event) bool { return e.Type == offers.Merged })]
	if merged.Shopper != home || merged.Into != winner {
		t.Errorf("merged %s into %s, want %s into %s", merged.Shopper, merged.Into, home, winner)
	}
	if c, err := h.state.Consents(t.Context(), h.log.PartitionOf(string(winner)), winner); err != nil || !c[offers.ConsentSMS].Granted {
		t.Errorf("the winner's consents are %v, %v", c, err)
	}
	if got := send("5", `{"type":"page","anonymousId":"home","messageId":"$"}`); len(got) != 1 || got[0].Shopper != winner {
		t.Errorf("after the merge: %+v", got)
	}
}

func TestConsents(t *testing.T) {
	h := newHouse(t)
	ask := func(body string) map[offers.Purpose]bool {
		t.Helper()
		if a := h.post("/v1/batch", []byte(`{"batch":[`+body+`]}`), basicAuth(serverKey)); a.status != 202 {
			t.Fatalf("answer %d %s", a.status, a.body)
		}
		said := map[offers.Purpose]bool{}
		for _, e := range h.events() {
			if e.Consent != nil {
				said[e.Consent.Purpose] = e.Consent.Granted
			}
		}
		return said
	}
	for _, tt := range []struct {
		name, body string
		want       map[offers.Purpose]bool
	}{
		{"traits", `{"type":"identify","userId":"u","traits":{"marketing_sms_opt_in":true,"pushOptIn":"false","location_consent":1,"accepts_search_history":"yes","sms":"+34600111222","opt_in":true,"sms_provider_opt_in":true}}`,
			map[offers.Purpose]bool{"sms": true, "push": false, "location": true, "search": true}},
		{"the same again changes nothing", `{"type":"identify","userId":"u","traits":{"marketing_sms_opt_in":true}}`, map[offers.Purpose]bool{}},
		{"of two answers the refusal", `{"type":"identify","userId":"u","traits":{"sms_opt_in":true,"sms_opt_out":true}}`, map[offers.Purpose]bool{"sms": false}},
		{"Segment's preferences", `{"type":"track","event":"Segment Consent Preference Updated","userId":"u","context":{"consent":{"categoryPreferences":{"sms":true,"Advertising":true}}}}`, map[offers.Purpose]bool{"sms": true}},
		{"a server may say that a face is agreed to", `{"type":"identify","userId":"u","traits":{"face_recognition_consent":true}}`, map[offers.Purpose]bool{"face": true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, ask(tt.body)); diff != "" {
				t.Errorf("consents (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCORS(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct{ name, origin, want string }{
		{"a listed site", "https://shop.example", "https://shop.example"}, {"another", "https://evil.example", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := httptest.NewRequest("OPTIONS", "/v1/t", nil)
			req.Header.Set("Origin", tt.origin)
			req.Header.Set("Access-Control-Request-Method", "POST")
			req.Header.Set("Access-Control-Request-Headers", "authorization,x-retry-count, x store")
			a := h.do(req)
			got := []string{fmt.Sprint(a.status), a.header.Get("Access-Control-Allow-Origin"), a.header.Get("Access-Control-Allow-Headers"), a.header.Get("Access-Control-Allow-Credentials")}
			want := []string{"204", tt.want, "", ""}
			if tt.want != "" {
				want[2] = "authorization,x-retry-count"
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("preflight (-want +got):\n%s", diff)
			}
			a = h.post("/v1/t", []byte(`{}`), "Origin: "+tt.origin)
			if a.status != 401 || a.header.Get("Access-Control-Allow-Origin") != tt.want {
				t.Errorf("answer %d for origin %q", a.status, a.header.Get("Access-Control-Allow-Origin"))
			}
		})
	}
	req := httptest.NewRequest("GET", "/v1/projects/"+webKey+"/settings", nil)
	if a := h.do(req); a.status != 200 || !bytes.Contains(a.body, []byte(`"apiKey":"`+webKey+`"`)) || !bytes.Contains(a.body, []byte(`"apiHost":"example.com/v1"`)) {
		t.Errorf("settings: %d %s", a.status, a.body)
	}
	isProblem(t, h.do(httptest.NewRequest("GET", "/v1/projects/nobody/settings", nil)), 404)
}

func TestTraceOfTheClient(t *testing.T) {
	h := newHouse(t)
	const trace = "0af7651916cd43dd8448eb211c80319c"
	h.post("/v1/track", []byte(`{"userId":"u","event":"X"}`), basicAuth(webKey), "traceparent: 00-"+trace+"-b7ad6b7169203331-01")
	h.post("/v1/track", []byte(`{"userId":"v","event":"X"}`), basicAuth(webKey), "traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01")
	var got []string
	for _, r := range h.news(stream.Events) {
		got = append(got, r.Header("traceparent")[3:35])
	}
	if !slices.Contains(got, trace) || len(got) != 2 || slices.Contains(got, strings.Repeat("0", 32)) {
		t.Errorf("traces %v, want %s and a new one", got, trace)
	}
}

func (h *house) sight(s offers.Sighting) (answerOf, []offers.Sighting) {
	h.t.Helper()
	body, err := json.Marshal(map[string]any{"sightings": []offers.Sighting{s}})
	must(h.t, err)
	a := h.post("/v1/sightings", body, h.edgeAuth())
	var out []offers.Sighting
	for _, r := range h.news(stream.Sightings) {
		var s offers.Sighting
		must(h.t, json.Unmarshal(r.Value, &s))
		out = append(out, s)
	}
	return a, out
}

func TestSightings(t *testing.T) {
	h := newHouse(t)
	h.post("/v1/identify", []byte(`{"userId":"ana"}`), basicAuth(webKey))
	h.post("/v1/identify", []byte(`{"userId":"ben"}`), basicAuth(webKey))
	before := h.news(stream.Events)
	ana, ben := shopperOf(offers.CustomerID, "ana"), shopperOf(offers.CustomerID, "ben")
	h.consent(ana, offers.ConsentFace, true)
	now := time.Now().UTC()
	camera := offers.Sighting{Track: "t1", Shopper: ana, Sensor: offers.SensorCamera, Device: "cam-door", Shop: shopID, Confidence: .93, First: now, Last: now}

	t.Run("someone who consented is recognised once a visit", func(t *testing.T) {
		for i := range 3 {
			a, got := h.sight(camera)
			if a.status != 202 || len(got) != 1 || got[0].Shopper != ana || got[0].Zone != "door" || got[0].Floor != "ground" {
				t.Fatalf("answer %d %s, sightings %+v", a.status, a.body, got)
			}
			records := h.news(stream.Events)
			if want := map[bool]int{true: 1}[i == 0]; len(records) != want {
				t.Fatalf("sighting %d: %d events, want %d", i, len(records), want)
			}
			if i > 0 {
				continue
			}
			var e offers.Event
			must(t, json.Unmarshal(records[0].Value, &e))
			want := offers.Event{ID: offers.EventID(fmt.Sprintf("recognised/%s/centre/%d", ana, now.UnixMilli())), Type: offers.Recognised, Shopper: ana,
				Time: now, Received: now, Source: "edge/camera", Shop: shopID, Zone: "door", Confidence: .93}
			if diff := cmp.Diff(want, e, cmpopts.EquateApproxTime(3*time.Second)); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
			for _, r := range before {
				if string(r.Key) == string(ana) && r.Header("traceparent")[3:35] != records[0].Header("traceparent")[3:35] {
					t.Error("the recognition is not on the trace of the journey")
				}
			}
		}
	})
	t.Run("what a crash left unsaid is said again under the same id", func(t *testing.T) {
		key := state.Key(h.log.PartitionOf(string(ana)), "visit", string(ana), string(shopID))
		began := strings.TrimSuffix(h.state.Client().Get(t.Context(), key).Val(), "+")
		must(t, h.state.Client().Set(t.Context(), key, began, time.Minute).Err())
		h.sight(camera)
		if got := h.events(); len(got) != 1 || got[0].ID != offers.EventID(fmt.Sprintf("recognised/%s/centre/%s", ana, began)) {
			t.Errorf("events %+v", got)
		}
	})
	t.Run("without consent they are nobody", func(t *testing.T) {
		s := camera
		s.Shopper, s.Track = ben, "t2"
		_, got := h.sight(s)
		if len(got) != 1 || got[0].Shopper != "" || len(h.events()) != 0 {
			t.Errorf("sightings %+v", got)
		}
		h.consent(ana, offers.ConsentFace, false)
		if _, got := h.sight(camera); len(got) != 1 || got[0].Shopper != "" {
			t.Errorf("after it was withdrawn: %+v", got)
		}
		h.consent(ana, offers.ConsentFace, true)
	})
	t.Run("a quiet zone is nobody's business", func(t *testing.T) {
		s := camera
		s.Device, s.Zone = "cam-fitting", "fitting"
		if _, got := h.sight(s); len(got) != 1 || got[0].Shopper != "" || len(h.events()) != 0 {
			t.Errorf("sightings %+v", got)
		}
	})
	bad := []struct {
		name   string
		change func(*offers.Sighting)
		want   offers.Reason
	}{
		{"unknown shop", func(s *offers.Sighting) { s.Shop = "moon" }, offers.ReasonUnknown},
		{"unknown zone", func(s *offers.Sighting) { s.Zone = "attic" }, offers.ReasonUnknown},
		{"unknown camera", func(s *offers.Sighting) { s.Device = "cam-9" }, offers.ReasonUnknown},
		{"unknown sensor", func(s *offers.Sighting) { s.Sensor = "nose" }, offers.ReasonSchema},
		{"more than sure", func(s *offers.Sighting) { s.Confidence = 7 }, offers.ReasonSchema},
		{"tomorrow", func(s *offers.Sighting) { s.Last = now.Add(24 * time.Hour) }, offers.ReasonClock},
		{"nobody and no track", func(s *offers.Sighting) { s.Track, s.Shopper = "", "" }, offers.ReasonSchema},
	}
	for _, tt := range bad {
		t.Run(tt.name, func(t *testing.T) {
			s := camera
			tt.change(&s)
			a, got := h.sight(s)
			put := h.put()
			if a.status != 202 || len(got) != 0 || len(put) != 1 || put[0].Reason != tt.want {
				t.Errorf("answer %d %s, sightings %+v, quarantine %+v", a.status, a.body, got, put)
			}
		})
	}
	t.Run("others keep out", func(t *testing.T) {
		isProblem(t, h.post("/v1/sightings", []byte(`{"sightings":[]}`), basicAuth(webKey)), 401)
		isProblem(t, h.post("/v1/sightings", []byte(`{"sightings":[]}`), "Authorization: Bearer wrong"), 401)
		isProblem(t, h.post("/v1/sightings", []byte(`{"sightings":7}`), h.edgeAuth()), 400)
		isProblem(t, h.post("/v1/sightings", []byte(`not json`), h.edgeAuth()), 400)
		if put := h.put(); len(put) != 2 {
			t.Errorf("in quarantine: %+v", put)
		}
	})
}

func TestRedemptions(t *testing.T) {
	h := newHouse(t)
	shopper := shopperOf(offers.CustomerID, "ana")
	keep := func(code string, expires time.Time) {
		value, err := json.Marshal(state.Coupon{Decision: "3-14-0", Shopper: shopper, Campaign: "shoes", Offer: "shoes-20", Expires: expires})
		must(t, err)
		must(t, h.state.Client().Set(t.Context(), "{code:"+code+"}", value, 0).Err())
	}
	keep("ABCD1230", time.Now().Add(time.Hour))
	keep("EXP1RED0", time.Now().Add(-time.Hour))
	keep("MANY0000", time.Now().Add(time.Hour))
	redeem := func(code, transaction string, auth ...string) answerOf {
		t.Helper()
		if auth == nil {
			auth = []string{h.edgeAuth()}
		}
		return h.post("/v1/redemptions", []byte(fmt.Sprintf(`{"code":%q,"shop":"centre","till":"till-2","transaction":%q,"basket":{"minor":8995,"currency":"EUR"}}`, code, transaction)), auth...)
	}
	a := redeem("abcd-i23o", "tx-1") // as someone read it aloud
	if a.status != 200 {
		t.Fatalf("answer %d %s", a.status, a.body)
	}
	got := h.events()
	want := []offers.Event{{ID: "redeemed/ABCD1230/3-14-0", Type: offers.OfferRedeemed, Shopper: shopper, Time: time.Now(), Received: time.Now(),
		Source: "till/till-2", Shop: shopID, Decision: "3-14-0", Offer: "shoes-20", Value: offers.Money{Minor: 8995, Currency: "EUR"}}}
	opts := cmp.Options{cmpopts.EquateApproxTime(3 * time.Second), cmpopts.IgnoreFields(offers.Event{}, "Properties")}
	if diff := cmp.Diff(want, got, opts); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	again := redeem("ABCD1230", "tx-1", basicAuth("wk_till"))
	if again.status != 200 || !bytes.Equal(again.body, a.body) {
		t.Errorf("the same transaction again: %d %s, was %s", again.status, again.body, a.body)
	}
	for _, e := range h.events() {
		if e.ID != want[0].ID {
			t.Errorf("published again under %s", e.ID)
		}
	}
	isProblem(t, redeem("ABCD1230", "tx-2"), 409)
	isProblem(t, redeem("EXP1RED0", "tx-3"), 410)
	isProblem(t, redeem("ZZZZZZZZ", "tx-4"), 404)
	isProblem(t, redeem("short", "tx-4"), 404)
	isProblem(t, redeem("ABCD1230", ""), 400)
	isProblem(t, redeem("ABCD1230", "tx-1", basicAuth(webKey)), 401)
	isProblem(t, h.post("/v1/redemptions", []byte(`{"code":7}`), h.edgeAuth()), 400)
	if got := h.events(); len(got) != 0 {
		t.Errorf("refusals published %v", typesOf(got))
	}

	// Of a hundred tills at once one takes it; the others hear when it was used.
	answers := make([]answerOf, 100)
	var tills sync.WaitGroup
	for i := range answers {
		tills.Go(func() { answers[i] = redeem("MANY0000", fmt.Sprint("tx-", i)) })
	}
	tills.Wait()
	statuses := map[int]int{}
	for _, a := range answers {
		statuses[a.status]++
		if a.status == 409 && !regexp.MustCompile(`was used already, on \d+ \w+ at \d\d:\d\d UTC\.`).Match(a.body) {
			t.Errorf("the answer does not say when: %s", a.body)
		}
	}
	if diff := cmp.Diff(map[int]int{200: 1, 409: 99}, statuses); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if got := h.events(); len(got) != 1 {
		t.Errorf("published %v", typesOf(got))
	}
}

func TestEnrolmentAndGallery(t *testing.T) {
	h := newHouse(t)
	h.post("/v1/identify", []byte(`{"userId":"ana"}`), basicAuth(webKey))
	h.events()
	ana := shopperOf(offers.CustomerID, "ana")
	token := catalog.SignToken(h.secrets.Token, catalog.TokenEnrol, ana, time.Now().Add(time.Minute))
	enrol := func(token string, auth string) answerOf {
		t.Helper()
		body, err := json.Marshal(enrolment{token, "sface-1", [][]byte{[]byte("sealed-1"), []byte("sealed-2")}})
		must(t, err)
		return h.post("/v1/enrolments", body, auth)
	}
	gallery := func(etag string) answerOf {
		t.Helper()
		req := httptest.NewRequest("GET", "/v1/gallery", nil)
		name, value, _ := strings.Cut(h.edgeAuth(), ": ")
		req.Header.Set(name, value)
		req.Header.Set("If-None-Match", etag)
		return h.do(req)
	}
	empty := gallery("")
	if empty.status != 200 || !bytes.Contains(empty.body, []byte(`"faces":[]`)) {
		t.Fatalf("empty gallery: %d %s", empty.status, empty.body)
	}
	isProblem(t, enrol(token, h.edgeAuth()), 403) // without a consent
	h.consent(ana, offers.ConsentFace, true)
	isProblem(t, enrol(token, h.edgeAuth()), 403) // without a signature
	_, err := h.catalog.SignFaceConsent(t.Context(), catalog.FaceConsent{
		Shopper: ana, Notice: "1", Language: "en", Text: "We keep numbers.", KeepDays: 365, LongestDays: 1095, Signature: "Ana", Device: "a phone",
	})
	must(t, err)
	if a := enrol(token, h.edgeAuth()); a.status != 201 {
		t.Fatalf("enrolment: %d %s", a.status, a.body)
	}
	must(t, h.catalog.NotThisPerson(t.Context(), ana, "sface-1", []byte("another's")))
	full := gallery(empty.header.Get("ETag"))
	var g struct{ Faces, Not []face }
	must(t, json.Unmarshal(full.body, &g))
	if diff := cmp.Diff([]face{{ana, "sface-1", []byte("another's")}}, g.Not); diff != "" {
		t.Errorf("faces that are not theirs (-want +got):\n%s", diff)
	}
	slices.SortFunc(g.Faces, func(a, b face) int { return bytes.Compare(a.Sealed, b.Sealed) })
	if diff := cmp.Diff([]face{{ana, "sface-1", []byte("sealed-1")}, {ana, "sface-1", []byte("sealed-2")}}, g.Faces); diff != "" {
		t.Errorf("gallery (-want +got):\n%s", diff)
	}
	if a := gallery(full.header.Get("ETag")); a.status != 304 || len(a.body) != 0 {
		t.Errorf("unchanged: %d %s", a.status, a.body)
	}
	h.consent(ana, offers.ConsentFace, false)
	h.gallery.checked = time.Time{} // a moment later
	if a := gallery(full.header.Get("ETag")); a.status != 200 || !bytes.Contains(a.body, []byte(`"faces":[]`)) || !bytes.Contains(a.body, []byte(`"not":[]`)) {
		t.Errorf("after the consent was withdrawn: %d %s", a.status, a.body)
	}
	isProblem(t, enrol(token, h.edgeAuth()), 403) // the token outlives the consent
	if n, _, err := h.catalog.FacesOf(t.Context(), ana); n != 2 || err != nil {
		t.Errorf("%d vectors, %v: what came behind the withdrawal was taken", n, err)
	}
	isProblem(t, enrol(catalog.SignToken(h.secrets.Token, catalog.TokenLink, ana, time.Now().Add(time.Minute)), h.edgeAuth()), 403)
	isProblem(t, enrol(catalog.SignToken(h.secrets.Token, catalog.TokenEnrol, ana, time.Now().Add(-time.Minute)), h.edgeAuth()), 403)
	isProblem(t, enrol(token, basicAuth(webKey)), 401)
	isProblem(t, h.post("/v1/enrolments", []byte(`{"token":`), h.edgeAuth()), 400)
	isProblem(t, h.do(httptest.NewRequest("GET", "/v1/gallery", nil)), 401)
	if put := h.put(); len(put) != 0 {
		t.Errorf("something about a face was put aside: %v", put)
	}
}

func TestBusyDoorTellsClientsToWait(t *testing.T) {
	h := newHouse(t)
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	a := h.post("/v1/track", []byte(`{"userId":"u","event":"X"}`), basicAuth(webKey))
	isProblem(t, a, 429)
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestNothingIsAcceptedThatTheLogDoesNotHave(t *testing.T) {
	h := newHouse(t)
	must(t, h.log.Close())
	h.within = 100 * time.Millisecond
	a := h.post("/v1/track", []byte(`{"userId":"u","event":"X"}`), basicAuth(webKey))
	isProblem(t, a, 503)
}

// A consent holds at once. Where the log did not get it, the same event comes
// again, later by the clock, and the log is told then.
func TestConsentThatTheLogMissedIsToldAgain(t *testing.T) {
	for _, answer := range []string{"true", "false"} {
		h := newHouse(t)
		event := []byte(`{"type":"identify","userId":"ana","messageId":"m1","traits":{"location_consent":` + answer + `}}`)
		must(t, h.log.Close())
		within := h.within
		h.within = 100 * time.Millisecond
		isProblem(t, h.post("/v1/identify", event, basicAuth(serverKey)), 503)

		log, err := stream.Open(t.Context(), stream.Config{Dir: t.TempDir(), Partitions: 4, Logger: slog.New(slog.DiscardHandler)})
		must(t, err)
		t.Cleanup(func() { log.Close() })
		h.log, h.within = log, within
		again := func(id string) (told int) {
			body := bytes.ReplaceAll(event, []byte("m1"), []byte(id))
			if a := h.post("/v1/identify", body, basicAuth(serverKey)); a.status != 202 {
				t.Fatalf("%s: %d %s", id, a.status, a.body)
			}
			for _, e := range h.events() {
				if e.Type == offers.ConsentChanged {
					told++
				}
			}
			return told
		}
		if got := again("m1"); got != 1 {
			t.Errorf("%s: the log was told %d consents, want 1", answer, got)
		}
		if got := again("m2"); got != 0 {
			t.Errorf("%s, said by another event: the log was told %d consents, want none", answer, got)
		}
	}
}

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    Config
		ok   bool
	}{
		{"nothing", Config{}, true},
		{"all", Config{WriteKeys: map[string]string{"abcdef": "x"}, Origins: []string{"https://a.example", "*"}, Region: "ES", DedupeFor: time.Hour}, true},
		{"short key", Config{WriteKeys: map[string]string{"abc": "x"}}, false},
		{"origin with a path", Config{Origins: []string{"https://a.example/x"}}, false},
		{"origin without a scheme", Config{Origins: []string{"a.example"}}, false},
		{"region", Config{Region: "Spain"}, false},
		{"dedupe", Config{DedupeFor: 48 * time.Hour}, false},
	} {
		if err := tt.c.Validate(); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

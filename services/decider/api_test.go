package decider

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/services/catalog"
	"aisle/services/door"
	"aisle/services/state"
	"aisle/services/stream"
)

const (
	siteKey   = "wk_site_in_every_page"
	serverKey = "wk_server_of_the_shop"
)

// doorOf is a decider on empty ground with its door open.
type doorOf struct {
	*ground
	*API
	app *fiber.App
}

func newDoor(t testing.TB) *doorOf {
	t.Helper()
	return doorOn(t, newGround(t, false))
}

func doorOn(t testing.TB, g *ground) *doorOf {
	t.Helper()
	banner := offers.Campaign{
		ID: "banner", Name: "Banner", Status: offers.CampaignLive, Placements: []offers.PlacementID{"web"}, Cap: offers.Cap{Times: 2, Per: time.Hour},
		Offers: []offers.Offer{
			webOffer("shoes", "20% off running shoes", "footwear"), webOffer("coffee", "A coffee for free", "coffee"), webOffer("hats", "A hat", "hats"),
		},
	}
	looked := offers.Campaign{
		ID: "looked", Name: "Who looked", Status: offers.CampaignLive, Placements: []offers.PlacementID{"web/cart"}, Eligibility: `searches["footwear"] >= 1`,
		Offers: []offers.Offer{webOffer("socks", "Socks with it", "footwear")},
	}
	fallback := offers.Campaign{
		ID: "everybody", Name: "Everybody", Status: offers.CampaignLive, Fallback: []offers.PlacementID{"web"}, Offers: []offers.Offer{webOffer("welcome", "Welcome", "")},
	}
	g.produce(stream.Campaigns, offers.ShopKey("rotterdam"), offers.Shop{ID: "rotterdam", Zones: []offers.Zone{{ID: "footwear"}, {ID: "bakery"}}})
	ended := offers.Campaign{ID: "ended", Name: "Ended", Status: offers.CampaignPaused, Placements: []offers.PlacementID{"app/card"}}
	for _, k := range []offers.Campaign{banner, looked, fallback, ended} {
		g.produce(stream.Campaigns, offers.CampaignKey(k.ID), k)
	}
	sources, err := catalog.Open(t.Context(), catalog.Config{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sources.Close() })
	if _, err := sources.AddSource(t.Context(), catalog.Source{Key: siteKey, Name: "site", Kind: "website"}); err != nil {
		t.Fatal(err)
	}
	catalogue, err := g.log.Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.DiscardHandler)
	d := New(Config{AsksPerSecond: 100_000}, g.log, g.state, catalogue, logger, prometheus.NewRegistry())
	keys := door.NewKeys(door.KeysConfig{Named: map[string]string{serverKey: "server"}}, sources, logger)
	h := &doorOf{g, d.API(Door{Keys: keys, Origins: &door.Origins{"https://shop.example"}}), fiber.New()}
	h.Routes(h.app)
	return h
}

func webOffer(id offers.OfferID, title, category string) offers.Offer {
	return offers.Offer{
		ID: id, Title: title, Category: category, Value: offers.Money{Minor: 500, Currency: "EUR"}, Valid: time.Hour,
		Representations: []offers.Representation{{Placement: "web", Title: title, Link: "https://shop.example/" + string(id)}},
	}
}

// open runs the decider until the test ends.
func (h *doorOf) open() {
	h.t.Helper()
	stop := make(chan struct{})
	ctx, cancel := context.WithCancel(h.t.Context())
	go func() { defer close(stop); h.Run(ctx) }()
	h.t.Cleanup(func() { cancel(); <-stop })
	for deadline := time.Now().Add(10 * time.Second); h.engine.Load() == nil || h.engine.Load().Fallback("web") == nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatal("the decider does not have the catalogue")
		}
	}
}

// ask sends a call, and gives its status and body.
func (h *doorOf) ask(key, body string, headers ...string) (int, []byte, http.Header) {
	h.t.Helper()
	return ask(h.t, h.app, key, body, headers...)
}

func ask(t testing.TB, app *fiber.App, key, body string, headers ...string) (int, []byte, http.Header) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/v1/decide", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(key+":")))
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := app.Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, b, res.Header
}

func (h *doorOf) must(key, body string) answered {
	h.t.Helper()
	status, b, _ := h.ask(key, body)
	var a answered
	if err := json.Unmarshal(b, &a); status != 200 || err != nil {
		h.t.Fatalf("%s: %d %s", body, status, b)
	}
	return a
}

func (a answered) ids() (ids []offers.OfferID) {
	for _, o := range a.Offers {
		ids = append(ids, o.Offer)
	}
	return ids
}

// decided waits until the log has n decisions.
func (h *doorOf) decided(n int) []offers.Decision {
	h.t.Helper()
	all := make([]offers.Decision, 0, n)
	for _, r := range h.read(stream.Decisions, n) {
		var d offers.Decision
		if err := r.Decode(&d); err != nil {
			h.t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

func TestAsked(t *testing.T) {
	h := newDoor(t)
	if status, body, _ := h.ask(siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"}}`); status != 503 {
		t.Errorf("before the decider runs: %d %s", status, body)
	}
	h.open()

	a := h.must(siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"},"limit":2,"context":{"weather":"rain"}}`)
	if len(a.Offers) != 2 || a.Fallback || a.Offers[0].Title == "" || a.Offers[0].Link == "" || a.Offers[0].Why == "" || a.Expires.IsZero() {
		t.Errorf("a stranger gets %+v", a)
	}
	d := h.decided(1)[0]
	if d.ID != a.Decision || d.Placement != "web/home" || d.Verdict != offers.Offered || d.Told["weather"] != "rain" || len(d.Placed) != 2 ||
		d.Placed[0].Offer.ID != a.Offers[0].Offer || d.Trigger != offers.OfferPlaced || len(d.Candidates) != 3 {
		t.Errorf("recorded as %+v\nanswered %+v", d, a)
	}
	if _, _, _, err := decide.ParseDecisionID(a.Decision); err != nil {
		t.Error(err)
	}

	// Its cap of two counts what the page showed, at once.
	if a = h.must(siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"}}`); !a.Fallback {
		t.Fatalf("the cap does not hold: %+v", a)
	}
	if !slices.Equal(a.ids(), []offers.OfferID{"welcome"}) {
		t.Errorf("the fallback is %v", a.ids())
	}
	if a := h.must(siteKey, `{"placement":"web/home","identifiers":{"cookie":"c2"},"exclude":["shoes","hats"]}`); !slices.Equal(a.ids(), []offers.OfferID{"coffee"}) {
		t.Errorf("what the page has is shown once more: %v", a.ids())
	}
	if a := h.must(siteKey, `{"placement":"app/card","identifiers":{"cookie":"c2"}}`); len(a.Offers) != 0 || a.Decision == "" {
		t.Errorf("a placement whose campaign does not live: %+v", a)
	}
}

// A call by its id has one answer, whoever sends it how often at the same time,
// and is on the log once.
func TestOneCallOneAnswer(t *testing.T) {
	h := newDoor(t)
	h.open()
	const call = `{"id":"page-view-1","placement":"web/home","identifiers":{"cookie":"c1"},"limit":2}`
	first := h.must(siteKey, call)
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			if diff := cmp.Diff(first, h.must(siteKey, call)); diff != "" {
				t.Errorf("the same call (-first +again):\n%s", diff)
			}
		})
	}
	callers.Wait()
	h.must(siteKey, `{"id":"page-view-2","placement":"web/home","identifiers":{"cookie":"c1"}}`)
	if n := len(h.decided(2)); n != 2 {
		t.Errorf("%d decisions are recorded, want 2", n)
	}
	const crowd = `{"id":"page-view-3","placement":"web/home","identifiers":{"cookie":"c3"},"limit":2}`
	answers := make([]answered, 20)
	for i := range answers { // and none of them was first
		callers.Go(func() { answers[i] = h.must(siteKey, crowd) })
	}
	callers.Wait()
	for _, a := range answers {
		if diff := cmp.Diff(answers[0], a); diff != "" {
			t.Errorf("the same call at once (-one +another):\n%s", diff)
		}
	}
	if n := len(h.decided(3)); n != 3 {
		t.Errorf("%d decisions are recorded, want 3", n)
	}
	if status, body, _ := h.ask(siteKey, `{"id":"page-view-1","placement":"web/cart","identifiers":{"cookie":"c1"}}`); status != 409 {
		t.Errorf("another call of the same id: %d %s", status, body)
	}
	if a := h.must(serverKey, `{"id":"page-view-1","placement":"web/cart","identifiers":{"cookie":"c1"}}`); a.Decision == first.Decision {
		t.Error("two sources share an id")
	}
}

// A crash after the log has an answer, and before it is noted: who asks again gets
// the same answer, and it is on the log once.
func TestACallSurvivesACrash(t *testing.T) {
	h := newDoor(t)
	h.open()
	const call = `{"id":"view","placement":"web/home","identifiers":{"cookie":"c1"},"limit":2}`
	first := h.must(siteKey, call)
	h.decided(1)
	key := "{asked:" + nameOf(siteKey, "view") + "}"
	before, _, err := h.state.Asking(t.Context(), key, nil)
	if err != nil {
		t.Fatal(err)
	}
	k, err := readKept(before)
	if err != nil || k == nil || len(k.Event) != 0 {
		t.Fatalf("kept %+v, %v", k, err)
	}
	// As it was before the log's answer was noted.
	r := h.read(stream.Events, 1)[0]
	k.Event, k.Answer.Decision = r.Value, ""
	value, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.state.Client().Set(t.Context(), key, value, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, h.must(siteKey, call)); diff != "" {
		t.Errorf("another answer (-first +again):\n%s", diff)
	}
	h.must(siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"}}`) // which comes after it
	if n := len(h.decided(2)); n != 2 {
		t.Errorf("%d decisions are recorded, want 2", n)
	}
	// As it was before the log had it.
	k.Event = bytes.Replace(r.Value, []byte("placed/"), []byte("placed/not-"), 1)
	if value, err = json.Marshal(k); err != nil {
		t.Fatal(err)
	}
	if err := h.state.Client().Set(t.Context(), key, value, 0).Err(); err != nil {
		t.Fatal(err)
	}
	again := h.must(siteKey, call)
	if !slices.Equal(again.ids(), first.ids()) || again.Decision == first.Decision {
		t.Errorf("%+v, want what was decided, on the log now; it was %+v", again, first)
	}
	if !slices.ContainsFunc(h.decided(3), func(d offers.Decision) bool { return d.ID == again.Decision }) {
		t.Errorf("decision %s is not recorded", again.Decision)
	}
	p := h.profileOf(offers.Identifier{Type: offers.Cookie, Value: "c1"}, func(p *offers.Profile) bool {
		return len(p.Contacts) > 0 && p.Contacts[0].Decision == again.Decision
	})
	if len(p.Contacts) != 2 {
		t.Errorf("%d contacts, want the two that were shown, once: %+v", len(p.Contacts), p.Contacts)
	}
}

// Two doors are asked for one shopper at the same time: what one shows, the other
// has not left to show, though no owner has folded anything yet.
func TestACapHoldsAtTwoDoors(t *testing.T) {
	for name, at := range map[string]struct{ kafka, redis string }{
		"in the box":        {},
		"real servers":      {"AISLE_TEST_KAFKA", "AISLE_TEST_REDIS"},
		"a cluster's slots": {"AISLE_TEST_KAFKA", "AISLE_TEST_REDIS_CLUSTER"},
	} {
		t.Run(name, func(t *testing.T) {
			if at.redis != "" && (os.Getenv(at.kafka) == "" || os.Getenv(at.redis) == "") {
				t.Skipf("SKIPPED: %s and %s are not set: not tested there", at.kafka, at.redis)
			}
			capHolds(t, doorOn(t, groundAt(t, os.Getenv(at.kafka), os.Getenv(at.redis))))
		})
	}
}

func capHolds(t *testing.T, h *doorOf) {
	h.compile() // no lane runs
	other := fiber.New()
	h.Decider.API(h.door).Routes(other)
	const calls, most = 100, 2
	var offered atomic.Int32
	var callers sync.WaitGroup
	for i := range calls {
		app := []*fiber.App{h.app, other}[i%2]
		callers.Go(func() {
			body := fmt.Sprintf(`{"id":"view-%d","placement":"web/home","identifiers":{"cookie":"c1"}}`, i)
			for deadline := time.Now().Add(time.Minute); ; {
				status, b, _ := ask(t, app, siteKey, body)
				var a answered
				if err := json.Unmarshal(b, &a); status == 200 && err == nil {
					if !a.Fallback {
						offered.Add(1)
					}
					return
				}
				if status != 503 && status != 429 || time.Now().After(deadline) {
					t.Errorf("%s: %d %s", body, status, b)
					return
				}
			}
		})
	}
	callers.Wait()
	if got := offered.Load(); got != most {
		t.Errorf("%d calls show an offer, want %d", got, most)
	}
}

// What was shown counts once: until its owner has folded it, and after.
func TestWhatIsShownCountsOnce(t *testing.T) {
	h := newDoor(t)
	h.open()
	for i, want := range []bool{false, false, true} {
		if a := h.must(siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"}}`); a.Fallback != want {
			t.Errorf("call %d: fallback is %v, want %v", i+1, a.Fallback, want)
		}
		if want {
			return
		}
		h.profileOf(offers.Identifier{Type: offers.Cookie, Value: "c1"}, func(p *offers.Profile) bool { return len(p.Contacts) == i+1 })
	}
}

// profileOf waits until the profile of who has an identifier is as it should be.
func (h *doorOf) profileOf(id offers.Identifier, as func(*offers.Profile) bool) *offers.Profile {
	h.t.Helper()
	owners, err := h.state.Owners(h.t.Context(), []offers.Identifier{id})
	if err != nil || owners[0] == "" {
		h.t.Fatalf("nobody has %v: %v", id, err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		p := new(offers.Profile)
		b, err := h.state.Client().Get(h.t.Context(), state.ProfileKey(h.log.PartitionOf(string(owners[0])), owners[0])).Bytes()
		if err == nil {
			if err := state.DecodeProfile(b, p); err != nil {
				h.t.Fatal(err)
			}
			if as(p) {
				return p
			}
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("the profile is %+v, %v", p, err)
		}
	}
}

// What was searched for counts with the consent that holds now, though the
// profile may not have heard of its end yet.
func TestAskedWithConsent(t *testing.T) {
	h := newDoor(t)
	h.open()
	who, err := h.state.Identify(t.Context(), []offers.Identifier{{Type: offers.Cookie, Value: "c1"}}, stream.NewTrace)
	if err != nil {
		t.Fatal(err)
	}
	partition := h.log.PartitionOf(string(who.Shopper))
	now := time.Now()
	say := func(yes bool) {
		t.Helper()
		now = now.Add(time.Millisecond)
		if err := h.state.SetConsent(t.Context(), partition, who.Shopper, offers.Consent{Purpose: offers.ConsentSearch, Granted: yes, At: now, Source: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	say(true)
	h.produce(stream.Events, string(who.Shopper),
		offers.Event{ID: "yes", Type: offers.ConsentChanged, Shopper: who.Shopper, Time: now, Consent: &offers.Consent{Purpose: offers.ConsentSearch, Granted: true, At: now}},
		offers.Event{ID: "search", Type: offers.ProductSearched, Shopper: who.Shopper, Time: now, Query: "running shoes"},
	)
	h.profileOf(offers.Identifier{Type: offers.Cookie, Value: "c1"}, func(p *offers.Profile) bool { return len(p.Features) > 0 })
	const call = `{"placement":"web/cart","identifiers":{"cookie":"c1"},"exclude":["shoes","coffee","hats"]}`
	a := h.must(siteKey, call)
	if !slices.Equal(a.ids(), []offers.OfferID{"socks"}) || !strings.Contains(a.Offers[0].Why, "looked for footwear") {
		t.Errorf("who searched gets %+v", a)
	}
	say(false)
	if a := h.must(siteKey, call); !a.Fallback {
		t.Errorf("without the consent: %+v", a)
	}
}

func TestWhoMayNotAsk(t *testing.T) {
	h := newDoor(t)
	h.open()
	const good = `{"placement":"web/home","identifiers":{"cookie":"c1"}}`
	tests := map[string]struct {
		key, body string
		status    int
		says      string
	}{
		"nobody":                             {"", good, 401, "write key"},
		"a key that is none":                 {"wk_guessed", good, 401, "write key"},
		"an open key for a customer":         {siteKey, `{"placement":"web/home","identifiers":{"customer_id":"4711"}}`, 403, "cookie or app_install"},
		"an open key for an address":         {siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1","email":"a@b.example"}}`, 403, "cookie or app_install"},
		"an open key for a shopper":          {siteKey, `{"placement":"web/home","shopper":"somebody"}`, 403, "may not name shoppers"},
		"a server for a customer":            {serverKey, `{"placement":"web/home","identifiers":{"customer_id":"4711"}}`, 200, ""},
		"nobody looks":                       {siteKey, `{"placement":"web/home"}`, 400, "who looks"},
		"a blocked name":                     {siteKey, `{"placement":"web/home","identifiers":{"cookie":"undefined"}}`, 400, "None of the identifiers"},
		"no placement":                       {siteKey, `{"identifiers":{"cookie":"c1"}}`, 400, "placement"},
		"a message":                          {siteKey, `{"placement":"sms","identifiers":{"cookie":"c1"}}`, 400, "placement"},
		"too many":                           {siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"},"limit":21}`, 400, "limit"},
		"less than none":                     {siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"},"limit":-1}`, 400, "limit"},
		"none":                               {siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"},"limit":0}`, 400, "limit is from 1"},
		"a name that a call does not have":   {siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"},"limt":3}`, 400, `there is no \"limt\"; did you mean \"limit\"?`},
		"a name like no other":               {siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"},"weather":"rain"}`, 400, `there is no \"weather\": want one of id, shopper, `},
		"an identifier that is none":         {siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1","cokie":"c1"}}`, 400, `identifiers: there is no \"cokie\"; did you mean \"cookie\"?`},
		"a shop that is not there":           {siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"},"shop":"roterdam"}`, 200, `shop: there is no \"roterdam\". Did you mean \"rotterdam\"?`},
		"a zone that is not there":           {siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"},"shop":"rotterdam","zone":"footware"}`, 200, `zone: there is no \"footware\" in shop rotterdam. Did you mean \"footwear\"?`},
		"a zone that no shop has":            {siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"},"zone":"moon"}`, 200, `zone: no shop has a zone \"moon\"`},
		"a zone of some shop":                {siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"},"zone":"footwear"}`, 200, ""},
		"a placement that nobody writes for": {siteKey, `{"placement":"wall/door","identifiers":{"cookie":"c1"}}`, 200, `placement: no campaign is for \"wall/door\"`},
		"a misspelt placement":               {siteKey, `{"placement":"app/crad","identifiers":{"cookie":"c1"}}`, 200, `Did you mean \"app/card\"?`},
		"a shopper whom nobody knows":        {serverKey, `{"placement":"web/home","shopper":"new here"}`, 200, ""},
		"no JSON":                            {siteKey, `{"placement":`, 400, "JSON"},
		"another shape":                      {siteKey, `{"placement":7}`, 400, "placement is number, want a text"},
		"a list":                             {siteKey, `[]`, 400, "the body is array, want an object"},
		"half an offer":                      {siteKey, `{"placement":"web/home","limit":1.5}`, 400, "limit is number 1.5, want a whole number"},
		"a limit in quotes":                  {siteKey, `{"placement":"web/home","limit":"3"}`, 400, "limit is string, want a whole number"},
		"two cookies":                        {siteKey, `{"placement":"web/home","identifiers":{"cookie":["a","b"]}}`, 400, "identifiers is array, want a text"},
		"what the house knows itself":        {siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"},"context":{"tier":"gold"}}`, 400, "tier"},
		"a long id":                          {siteKey, `{"id":"` + strings.Repeat("x", 101) + `","placement":"web/home","identifiers":{"cookie":"c1"}}`, 400, "id has at most 100"},
		"a large body":                       {siteKey, `{"placement":"web/home","x":"` + strings.Repeat("x", mostAsk) + `"}`, 413, "16 kB"},
		"a key in the address is no key":     {"", good, 401, "write key"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			status, body, header := h.ask(tt.key, tt.body)
			if status != tt.status || !strings.Contains(string(body), tt.says) {
				t.Errorf("%d %s; want %d, %q", status, body, tt.status, tt.says)
			}
			if want := "application/problem+json"; status != 200 && header.Get("Content-Type") != want {
				t.Errorf("content type %q, want %q", header.Get("Content-Type"), want)
			}
		})
	}
	for origin, want := range map[string]string{"https://shop.example": "https://shop.example", "https://evil.example": ""} {
		_, _, header := h.ask(siteKey, good, "Origin", origin)
		if got := header.Get("Access-Control-Allow-Origin"); got != want || header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("pages of %s: %q, want %q", origin, got, want)
		}
		r := httptest.NewRequest(http.MethodOptions, "/v1/decide", nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
		res, err := h.app.Test(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("Access-Control-Allow-Origin"); res.StatusCode != 204 || got != want {
			t.Errorf("preflight of %s: %d %q, want %q", origin, res.StatusCode, got, want)
		}
	}
}

func TestASourceMayAskSoOften(t *testing.T) {
	h := newDoor(t)
	h.open()
	h.config.AsksPerSecond = 3
	refused := 0
	for range 20 {
		if status, _, header := h.ask(siteKey, `{"placement":"web/home","identifiers":{"cookie":"c1"}}`); status == 429 && header.Get("Retry-After") != "" {
			refused++
		}
	}
	if refused < 10 {
		t.Errorf("%d of 20 calls were refused", refused)
	}
	if status, _, _ := h.ask(serverKey, `{"placement":"web/home","identifiers":{"cookie":"c1"}}`); status != 200 {
		t.Errorf("another source: %d", status)
	}
}

func FuzzReadAsking(f *testing.F) {
	f.Add([]byte(`{"placement":"web/home","identifiers":{"cookie":"c1"},"limit":2,"context":{"weather":"rain"},"exclude":["a"]}`))
	f.Add([]byte(`{"id":"x","shopper":"s","placement":"wall/door","shop":"a","zone":"b"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := readAsking(body)
		if err != nil {
			return
		}
		if in.limit() < 1 || in.limit() > decide.MostOffers || len(in.Placement) > longestName || in.Shopper == "" && len(in.Identifiers) == 0 {
			t.Errorf("%s was taken", body)
		}
		if _, err := callOf(in); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	})
}

// trips counts round trips to state.
type trips struct{ n atomic.Int64 }

func (c *trips) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *trips) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { c.n.Add(1); return next(ctx, cmd) }
}

func (c *trips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { c.n.Add(1); return next(ctx, cmds) }
}

// BenchmarkAsk is a call through the door, the state and the log in the box: the
// quantiles are of the answers, one after the other. No lane runs beside it.
func BenchmarkAsk(b *testing.B) {
	h := newDoor(b)
	h.compile()
	var count trips
	h.state.Client().AddHook(&count)
	took, pings := make([]time.Duration, 0, 100_000), make([]time.Duration, 0, 100_000) // of one round trip to state, in the same run
	var before syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		body := fmt.Appendf(nil, `{"id":"call-%d","placement":"web/home","identifiers":{"cookie":"c%d"},"limit":3}`, i, i%500)
		i++
		r := httptest.NewRequest(http.MethodPost, "/v1/decide", bytes.NewReader(body))
		r.Header.Set("X-Write-Key", siteKey)
		began := time.Now()
		res, err := h.app.Test(r, -1)
		if err != nil || res.StatusCode != 200 {
			b.Fatalf("%v %v", res, err)
		}
		took = append(took, time.Since(began))
		began = time.Now()
		if err := h.state.Client().Ping(b.Context()).Err(); err != nil {
			b.Fatal(err)
		}
		pings = append(pings, time.Since(began))
	}
	for name, all := range map[string][]time.Duration{"µs": took, "µs-ping": pings} {
		slices.Sort(all)
		for _, q := range []float64{.5, .99} {
			b.ReportMetric(float64(all[int(q*float64(len(all)-1))].Microseconds()), fmt.Sprintf("%s/p%.0f", name, q*100))
		}
	}
	var after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(count.n.Load())/float64(b.N)-1, "trips/op") // and one to the log
	cpu := func(r *syscall.Rusage) int64 { return (r.Utime.Nano() + r.Stime.Nano()) / 1000 }
	b.ReportMetric(float64(cpu(&after)-cpu(&before))/float64(b.N), "µs-cpu/op")
}

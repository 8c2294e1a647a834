package collector

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/formats/feed"
	"aisle/services/stream"
)

const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

func (h *house) feed(path string, body string, headers ...string) feedAnswer {
	h.t.Helper()
	a := h.post(path, []byte(body), append(headers, basicAuth(serverKey))...)
	if a.status != 202 {
		h.t.Fatalf("%s: %d %s", path, a.status, a.body)
	}
	var in feedAnswer
	must(h.t, json.Unmarshal(a.body, &in))
	return in
}

func accessLine(address, url, referrer, agent string, status int) string {
	return fmt.Sprintf(`%s - - [20/Nov/2026:10:00:00 +0000] "GET %s HTTP/1.1" %d 512 "%s" "%s"`+"\n", address, url, status, referrer, agent)
}

// TestFeedOfAnAccessLog posts lines as they are.
func TestFeedOfAnAccessLog(t *testing.T) {
	h := newHouse(t)
	body := accessLine("198.51.100.7", "/shoes", "https://www.google.com/search?q=trail+shoes", browser, 200) +
		accessLine("198.51.100.200", "/search?q=socks", "-", browser, 200) +
		accessLine("198.51.100.7", "/style.css", "-", browser, 200) +
		accessLine("198.51.100.7", "/old", "-", browser, 301) +
		accessLine("198.51.100.7", "/gone", "-", browser, 404) +
		accessLine("198.51.100.7", "/shoes", "-", browser, 304) +
		accessLine("192.0.2.1", "/shoes", "-", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 200) +
		"\n" +
		"192.0.2.99 talks nonsense\n"
	want := feedAnswer{Accepted: 3, Quarantined: 1, Skipped: 5, Reasons: map[string]int{"schema": 1},
		Skips: map[string]int{"asset": 1, "redirect": 1, "error": 1, "bot": 1, "empty": 1}}
	if diff := cmp.Diff(want, h.feed("/v1/feeds/access", body)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	events := h.events()
	if got, want := typesOf(events), []string{"page_viewed", "page_viewed", "page_viewed", "product_searched", "product_searched"}; !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	names, queries := map[string]bool{}, map[string]bool{}
	for _, e := range events {
		if !strings.HasPrefix(e.Identifiers[0].Value, feed.PseudonymPrefix) || strings.Contains(fmt.Sprint(e), "198.51.100.7") {
			t.Errorf("event %+v", e)
		}
		names[e.Identifiers[0].Value] = true
		if e.Type == offers.ProductSearched {
			queries[e.Query] = true
		}
	}
	if len(names) != 1 { // one network, one browser, one day
		t.Errorf("%d names, want 1", len(names))
	}
	if !queries["trail shoes"] || !queries["socks"] {
		t.Errorf("queries %v", queries)
	}
	put := h.put()
	if len(put) != 1 || put[0].Reason != offers.ReasonSchema || !strings.Contains(put[0].Detail, "body, line 9:") || string(put[0].Body) != "192.0.2.0 talks nonsense" ||
		put[0].Headers["path"] != "/v1/feeds/access" || put[0].Headers["item"] != "true" {
		t.Errorf("quarantine %+v %s", put, put[0].Body)
	}
	if again := h.feed("/v1/feeds/access", body); again.Accepted != 0 || again.Repeated != 9 {
		t.Errorf("sent again: %+v", again)
	}
	if got := h.pseudonym("2026-11-20", "x"); got == h.pseudonym("2026-11-21", "x") || got != h.pseudonym("2026-11-20", "x") {
		t.Error("a pseudonym is that of a day")
	}
}

func TestFeedOfATable(t *testing.T) {
	h := newHouse(t)
	got := h.feed("/v1/feeds/table", "order_id,email,order_date,total,currency\nA1,mia@example.com,2026-11-19 10:00:00,19.99,EUR\nA2,\"ana@example.com\",2026-11-19 11:00:00,5.00,EUR\nA3,bo@example.com,2026-11-19 11:30:00,7.00,EUR\n")
	if got.Accepted != 3 || got.Skips["titles"] != 1 {
		t.Errorf("answer %+v", got)
	}
	values := map[offers.Money]bool{}
	for _, e := range h.events() {
		if e.Type == offers.OrderCompleted {
			values[e.Value] = true
		}
	}
	if !values[offers.Money{Minor: 1999, Currency: "EUR"}] || len(values) != 3 {
		t.Errorf("values %v", values)
	}
}

// TestFeedOfTheHouse reads by a plan that the house has, and keeps aside what
// the plan does not know.
func TestFeedOfTheHouse(t *testing.T) {
	h := newHouse(t)
	sample := "customer_id|at|sku|price\nc-1|2026-11-19 10:00:00|s-1|2.50\nc-2|2026-11-19 10:00:01|s-2|3.50\nc-3|2026-11-19 10:00:02|s-3|4.50\n"
	p, err := feed.Propose([]byte(sample), "", "sold.csv")
	must(t, err)
	p.Event, p.Shop = "Product Viewed", shopID
	file := filepath.Join(t.TempDir(), "plan.json")
	b, err := json.Marshal(p.Plan)
	must(t, err)
	must(t, os.WriteFile(file, b, 0o600))
	c := h.config
	c.Feeds = map[string]string{"tills": file}
	k, err := New(c, Parts{Log: h.log, State: h.state, Catalog: h.catalog, Shops: h.shops, Secrets: h.secrets})
	must(t, err)
	h.Collector = k
	h.app = fiber.New(fiber.Config{DisableStartupMessage: true})
	k.Routes(h.app)
	got := h.feed("/v1/feeds/tills", sample+"c-4|2026-11-19 10:00:03|s-4|4.50|red\nc-5|yesterday|s-4|1.00\n")
	if got.Accepted != 4 || got.Reasons["clock"] != 1 || len(got.Drift) == 0 {
		t.Errorf("answer %+v", got)
	}
	events := h.events()
	for _, e := range events {
		if e.Type != offers.ProductViewed || e.Shop != shopID || !strings.HasPrefix(e.Source, "feed:tills/") {
			t.Errorf("event %+v", e)
		}
	}
	if !slices.ContainsFunc(events, func(e offers.Event) bool {
		return strings.Contains(string(e.Properties), `"unassigned":{"column_5":"red"}`)
	}) {
		t.Error("what the plan does not know is lost")
	}
	isProblem(t, h.post("/v1/feeds/nothing", []byte("x"), basicAuth(serverKey)), 404)
	isProblem(t, h.post("/v1/feeds/tills", []byte("x")), 401)
	isProblem(t, h.post("/v1/feeds/table", []byte("a\x00b"), basicAuth(serverKey)), 400)
	isProblem(t, h.post("/v1/feeds/access", []byte("not a head\n"), "Content-Type: "+feed.ContentType, basicAuth(serverKey)), 400)
	isProblem(t, h.post("/v1/feeds/access", []byte(`{"plan":{"format":"jsonl"}}`+"\n"), "Content-Type: "+feed.ContentType, basicAuth(serverKey)), 400)
}

// TestPlacesInFiles sends batches with places, again, anew, and past a gap.
func TestPlacesInFiles(t *testing.T) {
	h := newHouse(t)
	h.config.DedupeFor = 1 // what is forgotten at once: only places tell
	page := 0
	_, done, err := h.taken(t.Context(), "feed:access/crm", &feed.Head{File: "f"})
	must(t, err)
	body, err := (&feed.Batch{Head: feed.Head{File: "f"}}).AppendTo(nil)
	must(t, err)
	isProblem(t, h.post("/v1/feeds/access", body, "Content-Type: "+feed.ContentType, basicAuth(serverKey)), 429)
	done()
	send := func(anew bool, from, to int64, at ...int64) feedAnswer {
		t.Helper()
		b := feed.Batch{Head: feed.Head{File: "f", Name: "access.log", From: from, To: to, Anew: anew}}
		for _, a := range at {
			page++
			b.Records = append(b.Records, feed.Record{At: a, Line: a, Text: []byte(strings.TrimSpace(accessLine("198.51.100.7", fmt.Sprint("/p/", page), "-", browser, 200)))})
		}
		body, err := b.AppendTo(nil)
		must(t, err)
		return h.feed("/v1/feeds/access", string(body), "Content-Type: "+feed.ContentType)
	}
	tests := []struct {
		name               string
		anew               bool
		from, to           int64
		at                 []int64
		accepted, repeated int
	}{
		{"the beginning", false, 0, 100, []int64{0, 50}, 2, 0},
		{"the answer was lost", false, 0, 100, []int64{0, 50}, 0, 2},
		{"goes on", false, 100, 200, []int64{100, 150}, 2, 0},
		{"more of it than before", false, 100, 250, []int64{100, 150, 200}, 1, 2},
		{"somebody else is far ahead", false, 900, 1000, []int64{950}, 1, 0},
		{"the first is not taken for having been there", false, 250, 300, []int64{260}, 1, 0},
		{"read from the start again", true, 0, 100, []int64{0, 50}, 2, 0},
	}
	for _, tt := range tests {
		if got := send(tt.anew, tt.from, tt.to, tt.at...); got.Accepted != tt.accepted || got.Repeated != tt.repeated {
			t.Errorf("%s: %+v, want %d accepted and %d repeated", tt.name, got, tt.accepted, tt.repeated)
		}
	}
}

// TestFeedAgain takes once more what was put aside of a table: by the plan that
// came with it.
func TestFeedAgain(t *testing.T) {
	h := newHouse(t)
	const bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
	table := "user_id;event;event_time;user_agent;ip\n"
	for i := range 12 {
		agent := browser
		if i == 7 {
			agent = bot
		}
		table += fmt.Sprintf("u%d;Product Viewed;2026-11-19 10:00:%02d;%s;198.51.100.7\n", i, i, strings.ReplaceAll(agent, ";", ","))
	}
	if got := h.feed("/v1/feeds/table", table); got.Accepted != 11 || got.Reasons["bot"] != 1 {
		t.Errorf("answer %+v", got)
	}
	put := h.put()
	if len(put) != 1 || !strings.Contains(put[0].Detail, "line 9:") || !strings.HasSuffix(string(put[0].Body), ";198.51.100.0") {
		t.Fatalf("quarantine %+v", put)
	}
	accepted, bad, err := h.takeAgain(t.Context(), &put[0])
	if err != nil || accepted != 1 || len(bad) > 0 {
		t.Errorf("taken again: %d accepted, %v, %v", accepted, bad, err)
	}
	for _, r := range h.news(stream.Originals) {
		if strings.Contains(string(r.Value), "198.51.100.7") {
			t.Error("the request that is kept has whole addresses")
		}
	}
}

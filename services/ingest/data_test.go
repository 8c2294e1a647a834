package ingest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/collector"
	"aisle/services/formats/feed"
	"aisle/services/ingest"
)

// shared is where the real data lie, beside the repository.
func shared(t testing.TB, path string) string {
	t.Helper()
	path = filepath.Join("..", "..", "..", "shared", "data", path)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the real data are not here: %v", err)
	}
	return path
}

// TestRealAccessLog accounts for every line of a real log: an event, left out
// for a reason, or in quarantine.
func TestRealAccessLog(t *testing.T) {
	path := shared(t, "logs/apache/access.log")
	b, err := os.ReadFile(path)
	must(t, err)
	lines := int64(strings.Count(string(b), "\n"))
	h := newHouse(t, collector.Config{})
	r := h.run(ingest.Config{}, path)
	if got := r.Accepted + r.Repeated + sum(r.Skipped) + sum(r.Quarantined); got != lines || r.Lines != lines || r.Repeated != 0 {
		t.Errorf("%d of %d lines are accounted for: %+v", got, lines, r.Counts)
	}
	events := h.once(offers.PageViewed)
	if int64(len(events)) != r.Accepted {
		t.Errorf("%d events, %d accepted", len(events), r.Accepted)
	}
	if int64(len(h.quarantined())) != sum(r.Quarantined) {
		t.Errorf("%d in quarantine, %d told", len(h.quarantined()), sum(r.Quarantined))
	}
	searches := h.once(offers.ProductSearched)
	t.Logf("%d lines: %d accepted, skipped %v, in quarantine %v; %d searches", lines, r.Accepted, r.Skipped, r.Quarantined, len(searches))
	if len(searches) == 0 {
		t.Error("no visitor came with a search")
	}
	for _, e := range events {
		for _, id := range e.Identifiers {
			if id.Type != offers.Cookie || !strings.HasPrefix(id.Value, feed.PseudonymPrefix) {
				t.Fatalf("%s names %v", e.ID, id)
			}
		}
	}
}

func TestRealSnowplowLine(t *testing.T) {
	path := shared(t, "events/snowplow-enriched/enriched_event.tsv")
	h := newHouse(t, collector.Config{})
	if r := h.run(ingest.Config{}, path); r.Accepted != 1 || r.Lines != 1 {
		t.Errorf("report %+v", r.Counts)
	}
}

// TestFeedOfTheHouse reads by the house's own plan, which the door gives.
func TestFeedOfTheHouse(t *testing.T) {
	dir := t.TempDir()
	table := "customer;at;article;note\n"
	for i := range 30 {
		table += "c-" + string(rune('a'+i%26)) + ";" + time.Date(2026, 11, 19, 9, i, 0, 0, time.UTC).Format("02.01.2006 15:04") + ";a-7;\"first\nsecond\"\n"
	}
	path := write(t, filepath.Join(dir, "articles.csv"), table)
	plan := filepath.Join(dir, "plan.json")
	var said strings.Builder
	_, err := ingest.Run(t.Context(), ingest.Config{DryRun: true, SavePlan: plan, Out: &said, Ask: ingest.Ask{Event: "product_viewed", Shop: "centre", User: "customer"}}, []string{path})
	must(t, err)
	for _, want := range []string{"a table", "customer", "30 accepted", "product_viewed", "Nothing was sent"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the dry run does not say %q:\n%s", want, &said)
		}
	}
	h := newHouse(t, collector.Config{Feeds: map[string]string{"articles": plan}})
	if r := h.run(ingest.Config{Feed: "articles"}, path); r.Accepted != 30 || r.Skipped["titles"] != 1 {
		t.Errorf("report %+v", r.Counts)
	}
	for _, e := range h.once(offers.ProductViewed) {
		var p struct{ Note string }
		must(t, json.Unmarshal(e.Properties, &p))
		if e.Shop != "centre" || p.Note != "first\nsecond" || e.Time.Hour() != 9 || e.Time.Day() != 19 {
			t.Fatalf("event %+v", e)
		}
	}
	saved, err := ingest.ReadPlan(plan)
	must(t, err)
	if r := h.run(ingest.Config{Plan: saved}, path); r.Accepted != 30 { // by another door: other events
		t.Errorf("by the plan in a file: %+v", r.Counts)
	}
}

// TestQuarantineTellsTheLine puts aside what cannot be read, whole, with where
// it lies, and goes on.
func TestQuarantineTellsTheLine(t *testing.T) {
	h := newHouse(t, collector.Config{})
	long := `198.51.100.9 - - [20/Nov/2026:10:00:00 +0000] "GET /` + strings.Repeat("x", 200_000) + `" 200 1 "-" "` + firefox + `"`
	text := visits(0, 50) + "not a line of 192.0.2.44's log\n" + visits(50, 60) + long + "\n" + "\xff\xfe broken\n" + visits(60, 100)
	path := write(t, filepath.Join(t.TempDir(), "access.log"), text)
	r := h.run(ingest.Config{}, path)
	if r.Accepted != 100 || r.Lines != 103 || r.Quarantined["schema"] != 2 || r.Quarantined["size"] != 1 {
		t.Errorf("report %+v", r.Counts)
	}
	want := map[string]string{"access.log, line 51:": "not a line of 192.0.2.0's log", "access.log, line 62:": "198.51.100.0" + long[12:30_000], "access.log, line 63:": "\xff\xfe broken"}
	for _, q := range h.quarantined() {
		for where, body := range want {
			if strings.HasPrefix(q.Detail, where) {
				delete(want, where)
				if !strings.HasPrefix(string(q.Body), body) {
					t.Errorf("%s keeps %.200q", q.Detail, q.Body)
				}
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("nothing in quarantine of %v", want)
		for _, q := range h.quarantined() {
			t.Log(q.Detail)
		}
	}
	isAll(t, pages(t, h.once(offers.PageViewed)), 100)
}

// TestNoPseudonym leaves visitors without a name, and their lines in quarantine.
func TestNoPseudonym(t *testing.T) {
	h := newHouse(t, collector.Config{})
	line := `198.51.100.9 - mia [20/Nov/2026:10:00:00 +0000] "GET /shoes HTTP/1.1" 200 1 "-" "` + firefox + `" "sid=abc; x=1"`
	path := write(t, filepath.Join(t.TempDir(), "access.log"), visits(0, 3)+line+"\n")
	r := h.run(ingest.Config{Ask: ingest.Ask{Nameless: true, User: "user", Cookie: "cookie.sid"}}, path)
	if r.Accepted != 1 || r.Quarantined["schema"] != 3 {
		t.Errorf("report %+v", r.Counts)
	}
	want := []offers.Identifier{{Type: offers.CustomerID, Value: "mia"}, {Type: offers.Cookie, Value: "abc"}}
	for _, e := range h.once(offers.PageViewed) {
		if len(e.Identifiers) != 2 || e.Identifiers[0] != want[0] || e.Identifiers[1] != want[1] {
			t.Errorf("identifiers %v, want %v", e.Identifiers, want)
		}
	}
}

// TestTitlesInAnotherOrder reads tables whose columns are others than when the
// plan was made, also from their middle on, and with UTF-8's mark before them.
func TestTitlesInAnotherOrder(t *testing.T) {
	h := newHouse(t, collector.Config{})
	dir := t.TempDir()
	row := func(cells ...string) string { return strings.Join(cells, ",") + "\n" }
	first, second := row("customer_id", "event", "event_time", "sku"), "\ufeff"+row("sku", "event_time", "colour", "customer_id", "event")
	for i := range 25 {
		n, at := string(rune('a'+i)), time.Date(2026, 11, 19, 9, i, 0, 0, time.UTC).Format(time.DateTime)
		first += row("c-"+n, "Product Viewed", at, "s-"+n)
		second += row("t-"+n, at, "red", "c-"+n, "Product Viewed")
	}
	plan := filepath.Join(dir, "plan.json")
	c := ingest.Config{SavePlan: plan, State: filepath.Join(dir, "state.json")}
	h.run(c, write(t, filepath.Join(dir, "a.csv"), first))
	saved, err := ingest.ReadPlan(plan)
	must(t, err)
	c.Plan, c.SavePlan = saved, ""
	half := strings.Index(second, "t-m")
	path := write(t, filepath.Join(dir, "b.csv"), second[:half])
	h.run(c, path)
	extend(t, path, second[half:])
	r := h.run(c, path)
	if r.Accepted != 13 || r.Drift["new colour"] != 13 {
		t.Errorf("report %+v", r.Counts)
	}
	seen := map[string]bool{}
	for _, e := range h.once(offers.ProductViewed) {
		if e.Identifiers[0].Value[1:] != e.Product[1:] {
			t.Errorf("%v viewed %s", e.Identifiers, e.Product)
		}
		seen[e.Product] = true
	}
	if len(seen) != 50 {
		t.Errorf("%d products, want 50", len(seen))
	}
}

// TestNothingReadable is an error, even where each line has its place in
// quarantine.
func TestNothingReadable(t *testing.T) {
	h := newHouse(t, collector.Config{})
	path := write(t, filepath.Join(t.TempDir(), "x.log"), strings.Repeat("nothing of the kind\n", 20))
	r, err := ingest.Run(t.Context(), ingest.Config{To: h.url, Key: key, Ask: ingest.Ask{Format: feed.Access}}, []string{path})
	if err == nil || r.Quarantined["schema"] != 20 || !strings.Contains(err.Error(), "-dry-run") {
		t.Errorf("%+v, %v", r.Counts, err)
	}
}

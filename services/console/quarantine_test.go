package console_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/stream"
)

type quarantinePage struct {
	Counts, Sources, States map[string]int
	Total                   int
	Next                    string
	Oldest                  *time.Time
	Records                 []struct {
		ID, Body, State, Event, Detail string
		Times                          int
		Headers                        map[string]string
	}
}

func (p *quarantinePage) ids() string {
	var ids []string
	for _, r := range p.Records {
		ids = append(ids, r.ID)
	}
	return strings.Join(ids, " ")
}

// putAside puts something in quarantine as the collector does.
func (h *house) putAside(id string, reason offers.Reason, source, detail, body string, at time.Time, headers ...string) offers.Quarantined {
	h.t.Helper()
	q := offers.Quarantined{ID: id, Reason: reason, Detail: detail, Source: source, Received: at, Headers: map[string]string{"path": "/v1/track"}, Body: []byte(body)}
	for i := 0; i < len(headers); i += 2 {
		q.Headers[headers[i]] = headers[i+1]
	}
	h.produce("quarantine", source, id, "quarantined", q)
	return q
}

// quarantineOf waits until a list has so many records.
func (v *visitor) quarantineOf(query string, total int) (got quarantinePage) {
	v.t.Helper()
	eventually(v.t, fmt.Sprintf("%d records for %q", total, query), func() bool {
		got = quarantinePage{}
		v.call("GET", "/api/quarantine"+query, nil, 200, &got)
		return got.Total == total
	})
	return got
}

func TestQuarantine(t *testing.T) {
	h := open(t)
	now := time.Now().UTC().Truncate(time.Second)
	for i, reason := range []offers.Reason{offers.ReasonSchema, offers.ReasonSchema, offers.ReasonEncoding} {
		h.putAside(string(rune('a'+i)), reason, "collector", "not JSON", "\xff\x00"+strings.Repeat("é", 3000), now.Add(time.Duration(i-10)*time.Second))
	}
	h.putAside("d", offers.ReasonSchema, "segment/website", `price is a text, want "number"`, `{"type":"track","event":"Product Viewed","userId":"Needle"}`, now)
	h.produce("quarantine", "collector", "odd", "quarantined", "no record at all")
	marketer := h.as(catalog.RoleMarketer)
	got := marketer.quarantineOf("", 4)
	if got.Counts["schema"] != 3 || got.Counts["encoding"] != 1 || got.ids() != "d c b a" || len(got.Records[1].Body) < 1000 || got.Records[0].Event != "Product Viewed" {
		t.Errorf("got %v, %s; want 3 and 1, the newest first", got.Counts, got.ids())
	}
	if got.Sources["collector"] != 3 || got.States["waiting"] != 4 || got.Oldest != nil || got.Records[0].Headers["path"] != "/v1/track" {
		t.Errorf("sources %v, states %v, oldest %v, headers %v", got.Sources, got.States, got.Oldest, got.Records[0].Headers)
	}
	for query, want := range map[string]string{
		"?reason=encoding": "c", "?source=segment%2Fwebsite": "d", "?text=NEEDLE": "d", "?text=want+%22num": "d", "?state=replayed": "", "?text=product+viewed": "d",
		"?since=" + now.Add(-9*time.Second).Format(time.RFC3339): "d c b", "?until=" + now.Add(-9*time.Second).Format(time.RFC3339): "a",
	} {
		got := quarantinePage{}
		marketer.call("GET", "/api/quarantine"+query, nil, 200, &got)
		if got.ids() != want {
			t.Errorf("%s: %q, want %q", query, got.ids(), want)
		}
	}
	var pages []string
	for after := ""; ; {
		got := quarantinePage{}
		marketer.call("GET", "/api/quarantine?limit=2&after="+after, nil, 200, &got)
		pages = append(pages, got.ids())
		if after = got.Next; after == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"d c", "b a"}, pages); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	for _, query := range []string{"?reason=mood", "?state=gone", "?limit=0", "?limit=x", "?since=yesterday", "?after=x", "?text=" + strings.Repeat("x", 201)} {
		marketer.call("GET", "/api/quarantine"+query, nil, 400, nil)
	}

	h.putAside("a", offers.ReasonSchema, "collector", "not JSON", "x", now.Add(time.Second))
	eventually(t, "the same thing twice", func() bool {
		got = quarantinePage{}
		marketer.call("GET", "/api/quarantine", nil, 200, &got)
		return got.Total == 4 && got.Records[0].ID == "a" && got.Records[0].Times == 2
	})
	h.restart()
	if got := h.as(catalog.RoleMarketer).quarantineOf("", 4); got.Records[0].Times != 2 {
		t.Errorf("after a restart %+v", got.Records[0])
	}
}

// Who is no marketer sees what is wrong, and nobody's data.
func TestQuarantineTellsNobodysData(t *testing.T) {
	h := open(t)
	now := time.Now().UTC()
	body := `{"type":"identify","userId":"u-77","traits":{"name":"Mia Mint","email":"mia@example.com"},"properties":{"title":"Trail shoe"}}`
	h.putAside("j", offers.ReasonClock, "segment/website", `timestamp "mia@example.com" is not a time`, body, now, "query", "email=mia%40example.com", "item", "true")
	h.putAside("p", offers.ReasonEncoding, "segment/website", "not JSON", "e=pv&email=mia%40example.com", now)
	h.putAside("h", offers.ReasonEncoding, "segment/website", "not UTF-8", "\xff\xfe", now)
	h.as(catalog.RoleMarketer).quarantineOf("", 3)
	staff := h.as(catalog.RoleStaff)
	for _, path := range []string{"/api/quarantine", "/api/quarantine/samples", "/api/quarantine/j", "/api/quarantine/p", "/api/quarantine?text=mia%40"} {
		_, answer := staff.try("GET", path, nil)
		for _, secret := range []string{"mia", "Mia", "u-77"} {
			if strings.Contains(string(answer), secret) {
				t.Errorf("staff were told %q by %s: %s", secret, path, answer)
			}
		}
	}
	var got struct {
		Record         struct{ Headers map[string]string }
		Body, Encoding string
		Item, Masked   bool
	}
	staff.call("GET", "/api/quarantine/j", nil, 200, &got)
	if !strings.Contains(got.Body, "Trail shoe") || !got.Masked || !got.Item || got.Record.Headers["query"] != "" || got.Record.Headers["path"] == "" {
		t.Errorf("staff see %+v", got)
	}
	marketer := h.as(catalog.RoleMarketer)
	marketer.call("GET", "/api/quarantine/j", nil, 200, &got)
	if got.Body != body || got.Masked || got.Encoding != "text" {
		t.Errorf("a marketer sees %+v", got)
	}
	marketer.call("GET", "/api/quarantine/h", nil, 200, &got)
	if got.Body != "fffe" || got.Encoding != "hex" {
		t.Errorf("bytes are shown as %+v", got)
	}
	if status, raw := marketer.try("GET", "/api/quarantine/h/download", nil); status != 200 || string(raw) != "\xff\xfe" {
		t.Errorf("downloaded %d %q", status, raw)
	}
	marketer.call("GET", "/api/quarantine/nobody", nil, 404, nil)

	// A large body is found whole, though it is shown in part.
	large := strings.Repeat("é{}", 100_000)
	h.putAside("l", offers.ReasonEncoding, "segment/website", "not JSON", large, now)
	marketer.quarantineOf("", 4)
	var shown struct {
		Body, Encoding string
		Cut            bool
		Record         struct{ Bytes int }
	}
	marketer.call("GET", "/api/quarantine/l", nil, 200, &shown)
	if !shown.Cut || shown.Encoding != "text" || len(shown.Body) < 250<<10 || !strings.HasPrefix(large, shown.Body) || shown.Record.Bytes != len(large) {
		t.Errorf("%d bytes of %d as %s, cut: %t", len(shown.Body), shown.Record.Bytes, shown.Encoding, shown.Cut)
	}
	if status, raw := marketer.try("GET", "/api/quarantine/l/download", nil); status != 200 || string(raw) != large {
		t.Errorf("downloaded %d, %d bytes", status, len(raw))
	}
}

func TestQuarantineCountsAndSamples(t *testing.T) {
	h := open(t)
	now := time.Now().UTC()
	for i := range 7 {
		h.putAside(fmt.Sprint("s", i), offers.ReasonSchema, "segment/website", fmt.Sprintf("price is %d, want %q.", i, fmt.Sprint("x", i)), `{"event":"E"}`, now.Add(-time.Duration(i)*time.Minute))
	}
	h.putAside("o", offers.ReasonSize, "segment/app", "too large", "x", now.Add(-30*time.Hour))
	viewer, marketer := h.as(catalog.RoleViewer), h.as(catalog.RoleMarketer)
	marketer.quarantineOf("", 8)
	type counts struct {
		Since    time.Time
		BucketNS time.Duration `json:"bucket_ns"`
		Buckets  int
		Series   []struct {
			Reason, Source string
			Total          int
			Counts         []int
		}
	}
	for query, want := range map[string][]int{"": {7}, "?hours=48": {7, 1}, "?hours=1": {7}, "?hours=720": {7, 1}} {
		var got counts
		viewer.call("GET", "/api/quarantine/counts"+query, nil, 200, &got)
		var totals []int
		for _, s := range got.Series {
			sum := 0
			for _, n := range s.Counts {
				sum += n
			}
			if sum != s.Total || len(s.Counts) != got.Buckets {
				t.Errorf("%s: %d in %d buckets of %d, want %d", query, sum, len(s.Counts), got.Buckets, s.Total)
			}
			totals = append(totals, s.Total)
		}
		if !slices.Equal(totals, want) {
			t.Errorf("%s: %v, want %v", query, totals, want)
		}
		if end := got.Since.Add(time.Duration(got.Buckets) * got.BucketNS); end.Before(time.Now()) || end.After(time.Now().Add(got.BucketNS+time.Second)) {
			t.Errorf("%s: the buckets end at %s", query, end)
		}
	}
	viewer.call("GET", "/api/quarantine/counts?hours=9999", nil, 400, nil)

	var samples struct {
		Groups []struct {
			Reason, Detail, Event string
			Count, Waiting        int
			IDs                   []string
		}
	}
	marketer.call("GET", "/api/quarantine/samples", nil, 200, &samples)
	if len(samples.Groups) != 2 || samples.Groups[0].Count != 7 || samples.Groups[0].Waiting != 7 || samples.Groups[0].Event != "E" || len(samples.Groups[0].IDs) != 5 || samples.Groups[0].IDs[4] != "s6" {
		t.Errorf("groups %+v, want one of 7 with 5 of them", samples.Groups)
	}
}

func TestReplay(t *testing.T) {
	h := open(t)
	now := time.Now().UTC()
	var put []offers.Quarantined
	for i := range 3 {
		put = append(put, h.putAside(fmt.Sprint("q", i), offers.ReasonSchema, "segment/website", "price", fmt.Sprintf(`{"event":"E%d"}`, i), now.Add(time.Duration(i)*time.Second)))
	}
	h.putAside("z", offers.ReasonSize, "segment/app", "large", "x", now)
	marketer := h.as(catalog.RoleMarketer)
	marketer.quarantineOf("", 4)

	type handed struct{ Replayed, Left, Gone int }
	var got handed
	marketer.call("POST", "/api/quarantine/replay", map[string]any{"ids": []string{"q1", "q1", "nobody"}}, 202, &got)
	if got != (handed{Replayed: 1, Gone: 1}) {
		t.Errorf("by name: %+v", got)
	}
	marketer.quarantineOf("?state=replaying", 1)
	got = handed{}
	marketer.call("POST", "/api/quarantine/replay", map[string]any{"filter": map[string]any{"reason": "schema"}}, 202, &got)
	if got != (handed{Replayed: 2}) {
		t.Errorf("by filter: %+v, want the two that are not on their way", got)
	}
	marketer.quarantineOf("?state=replaying", 3)

	// What the door finds on the stream.
	var asked []offers.Replay
	for p := range h.log.Partitions() {
		records, err := h.log.Newest(t.Context(), stream.Quarantine, p, 100)
		if err != nil {
			t.Fatal(err)
		}
		for i := range records {
			if records[i].Header("ce_type") == stream.TypeReplay {
				var x offers.Replay
				if err := records[i].Decode(&x); err != nil || string(records[i].Key) != "segment/website" {
					t.Fatalf("key %s, %v", records[i].Key, err)
				}
				asked = append(asked, x)
			}
		}
	}
	if len(asked) != 3 || asked[0].By != "marketer" || asked[0].Of[0] != "q1" {
		t.Fatalf("asked %+v", asked)
	}
	if diff := cmp.Diff(put[1], asked[0].Quarantined); diff != "" {
		t.Errorf("asked for another (-want +got):\n%s", diff)
	}

	answer := func(x offers.Replay, accepted, bad int) {
		t.Helper()
		r, err := stream.ReplayedRecord(&offers.Replayed{ID: x.ID, Of: x.Of, Accepted: accepted, Bad: bad, Reason: "clock", Detail: "too old", At: now}, "segment/website", "aisle/collector")
		if err != nil {
			t.Fatal(err)
		}
		if err := h.log.Produce(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	answer(asked[0], 1, 0)
	answer(asked[1], 0, 1)
	if page := marketer.quarantineOf("?state=replayed", 1); page.ids() != "q1" {
		t.Errorf("replayed: %s", page.ids())
	}
	if page := marketer.quarantineOf("?state=failed", 1); page.ids() != asked[1].Of[0] {
		t.Errorf("failed: %s", page.ids())
	}
	var whole struct {
		Replays []struct {
			By, State, Reason, Detail string
			Bad                       int
		}
	}
	marketer.call("GET", "/api/quarantine/"+asked[1].Of[0], nil, 200, &whole)
	if len(whole.Replays) != 1 || whole.Replays[0].State != "failed" || whole.Replays[0].Reason != "clock" || whole.Replays[0].Detail != "too old" || whole.Replays[0].By != "marketer" {
		t.Errorf("replays %+v", whole.Replays)
	}
	got = handed{}
	marketer.call("POST", "/api/quarantine/replay", map[string]any{"ids": []string{"q0", "q1", "q2"}}, 202, &got)
	if got.Replayed != 1 {
		t.Errorf("again: %+v, want only the one that failed", got)
	}
	// What is replayed and comes once more waits again.
	h.putAside("q1", offers.ReasonSchema, "segment/website", "price", `{"event":"E1"}`, now.Add(time.Minute))
	marketer.quarantineOf("?state=waiting", 2)

	for _, body := range []any{map[string]any{}, map[string]any{"ids": []string{"a"}, "filter": map[string]any{}}, map[string]any{"filter": map[string]any{"reason": "mood"}}, map[string]any{"ids": make([]string, 1001)}} {
		marketer.call("POST", "/api/quarantine/replay", body, 400, nil)
	}
	acts, err := h.catalog.Acts(t.Context(), catalog.ActsWanted{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, a := range acts {
		if a.Action == "replay" && a.By == "marketer" {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d replays in the audit, want 3: %v", n, acts)
	}
}

func TestTryQuarantined(t *testing.T) {
	h := open(t)
	now := time.Now().UTC()
	batch := `{"batch":[{"type":"track","event":"ItemViewed","anonymousId":"a","properties":{"item":{"sku":"p1"},"price":"19,99"}},{"type":"track","anonymousId":"a","event":"Beat"},{"type":"track","event":"X"}]}`
	h.putAside("b", offers.ReasonSchema, "segment/website", "?", batch, now, "path", "/v1/batch")
	h.putAside("e", offers.ReasonPoison, "stream/events", "?", `{}`, now)
	marketer := h.as(catalog.RoleMarketer)
	marketer.quarantineOf("", 2)
	type tried struct {
		Family string
		Events []struct {
			Type, Product string
			Changed       bool
			Identifiers   []string
			Properties    json.RawMessage
		}
		Dropped int
		Bad     []struct {
			Reason, Detail, Event string
			Problems              []struct{ At, Says string }
		}
	}
	var got tried
	steps := []map[string]any{
		{"do": "rename_event", "event": "ItemViewed", "to": "Product Viewed"}, {"do": "move", "field": "item.sku", "to": "product_id"},
		{"do": "convert", "field": "price", "as": "number"}, {"do": "drop_event", "event": "beat"},
	}
	marketer.call("POST", "/api/quarantine/b/try", map[string]any{"steps": steps, "contract": map[string]any{"event": "product_viewed", "schema": map[string]any{"properties": map[string]any{"price": map[string]any{"type": "number", "minimum": 10}}}}}, 200, &got)
	if got.Family != "segment" || len(got.Events) != 1 || got.Events[0].Type != "product_viewed" || got.Events[0].Product != "p1" || !got.Events[0].Changed ||
		!slices.Equal(got.Events[0].Identifiers, []string{"cookie"}) || got.Dropped != 1 || len(got.Bad) != 1 {
		t.Errorf("tried %+v", got)
	}
	got = tried{}
	marketer.call("POST", "/api/quarantine/b/try", map[string]any{"contract": map[string]any{"event": "product_viewed", "schema": map[string]any{"properties": map[string]any{"price": map[string]any{"type": "number"}}}}}, 200, &got)
	var said []string
	for _, b := range got.Bad {
		for _, p := range b.Problems {
			said = append(said, b.Event+p.At+" "+p.Says)
		}
	}
	if len(got.Events) != 1 || !slices.Equal(said, []string{"product_viewed/price price is a text, want a number: send it without quotes."}) {
		t.Errorf("without steps: %+v, %q", got, said)
	}
	// What holds for the source counts where nothing is given.
	if _, err := h.catalog.SaveMapping(t.Context(), catalog.Mapping{Source: "segment/website", Steps: json.RawMessage(`[{"do":"drop_event","event":"Item Viewed"}]`)}, catalog.By{}); err != nil {
		t.Fatal(err)
	}
	got = tried{}
	marketer.call("POST", "/api/quarantine/b/try", map[string]any{}, 200, &got)
	if got.Dropped != 1 {
		t.Errorf("with what holds: %+v", got)
	}
	var problem struct{ Errors []struct{ Field string } }
	marketer.call("POST", "/api/quarantine/b/try", map[string]any{"steps": []any{map[string]any{"do": "move", "field": "a"}}}, 400, &problem)
	if len(problem.Errors) != 1 || problem.Errors[0].Field != "steps[0].to" {
		t.Errorf("errors %+v", problem.Errors)
	}
	marketer.call("POST", "/api/quarantine/b/try", map[string]any{"contract": map[string]any{"event": "e", "schema": map[string]any{"type": 7}}}, 400, nil)
	marketer.call("POST", "/api/quarantine/e/try", map[string]any{}, 400, nil)
	marketer.call("POST", "/api/quarantine/nobody/try", map[string]any{}, 404, nil)
}

package collector

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/gif"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/families"
	"aisle/services/stream"
)

// snowplowBody is a payload of these events.
func snowplowBody(events ...string) []byte {
	return []byte(`{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[` + strings.Join(events, ",") + `]}`)
}

const tp2 = "/com.snowplowanalytics.snowplow/tp2"

// inTestMode opens the doors of Micro too.
func (h *house) inTestMode() *house {
	h.micro = new(micro)
	h.app = fiber.New(fiber.Config{DisableStartupMessage: true, BodyLimit: 4 << 20, ReadBufferSize: 16 << 10})
	h.Routes(h.app)
	return h
}

// get asks with headers given as "Name: value".
func (h *house) get(path string, headers ...string) answerOf {
	h.t.Helper()
	req := httptest.NewRequest("GET", path, nil)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}
	return h.do(req)
}

// Every exchange that was recorded is answered as its client needs, and every
// event that it told is on the log, once.
func TestSnowplowRecordings(t *testing.T) {
	for name, site := range map[string]string{"snowplow-node-tracker": "", "snowplow-browser-tracker": "recorded"} {
		t.Run(name, func(t *testing.T) {
			r := openRecording(t, name)
			h := newHouse(t)
			if site != "" { // the pages that were recorded
				for _, x := range r.Exchanges {
					for _, header := range x.Request.Headers {
						if strings.EqualFold(header[0], "origin") && !slices.Contains(h.config.Origins, header[1]) {
							h.config.Origins = append(h.config.Origins, header[1])
						}
					}
				}
			}
			told := map[string]bool{}
			for _, x := range r.Exchanges {
				req := httptest.NewRequest(x.Request.Method, x.Request.Target, bytes.NewReader(x.Request.Body))
				for _, header := range x.Request.Headers {
					if !strings.EqualFold(header[0], "host") && !strings.EqualFold(header[0], "content-length") {
						req.Header.Add(header[0], header[1])
					}
				}
				where := fmt.Sprintf("exchange %d, %s %.60s (%s)", x.Seq, x.Request.Method, x.Request.Target, x.Scenario)
				a := h.do(req)
				want := map[string]int{"GET": 200, "OPTIONS": 204, "POST": 200}[x.Request.Method]
				if a.status != want {
					t.Errorf("%s: answer %d %.300s, want %d", where, a.status, a.body, want)
				}
				for _, header := range []string{"access-control-allow-origin", "access-control-allow-headers", "access-control-allow-credentials"} {
					if got := a.header.Get(header); got != x.Reply.Headers[header] {
						t.Errorf("%s: %s is %q, want %q", where, header, got, x.Reply.Headers[header])
					}
				}
				anonymous := req.Header.Get("SP-Anonymous") != ""
				if got := a.header.Get("Set-Cookie") != ""; got != (!anonymous && x.Request.Method != "OPTIONS") {
					t.Errorf("%s: cookie %q", where, a.header.Get("Set-Cookie"))
				}
				if q, ok := strings.CutPrefix(x.Request.Target, "/i?"); ok {
					v, err := url.ParseQuery(q)
					must(t, err)
					told[v.Get("eid")] = true
				}
				var body struct{ Data []struct{ EID string } }
				if x.Request.Method == "POST" {
					must(t, json.Unmarshal(x.Request.Body, &body))
				}
				for _, e := range body.Data {
					told[e.EID] = true
				}
			}
			got, types := map[string]int{}, map[offers.EventType]int{}
			for _, e := range h.events() {
				if e.Type == offers.Merged || e.Consent != nil || strings.HasSuffix(string(e.ID), formats.SearchSuffix) {
					continue
				}
				got[string(e.ID[strings.LastIndexByte(string(e.ID), '/')+1:])]++
				types[e.Type]++
			}
			for id := range told {
				if got[id] != 1 {
					t.Errorf("event %s is on the log %d times", id, got[id])
				}
			}
			if len(got) != len(told) {
				t.Errorf("%d events of %d", len(got), len(told))
			}
			for _, need := range []offers.EventType{offers.PageViewed, "page_pinged", offers.ProductSearched, offers.ProductViewed, offers.ProductAdded, offers.ProductRemoved, offers.OrderCompleted} {
				if types[need] == 0 {
					t.Errorf("no %s among %v", need, types)
				}
			}
			if put := h.put(); len(put) != 0 {
				t.Errorf("in quarantine: %v", reasonsOf(put))
			}
			t.Logf("%d events: %v", len(got), types)
		})
	}
}

// A tracker that was told to use this house, in our own words.
func TestSnowplowTracker(t *testing.T) {
	h := newHouse(t)
	view := `{"e":"pv","eid":"e1","aid":"web","duid":"d1","url":"https://shop.example/find?q=boots"}`
	for _, path := range []string{tp2, "/com.acme/track", "/any/path"} {
		if a := h.post(path, snowplowBody(view), "Content-Type: application/json"); a.status != 200 || string(a.body) != "ok" {
			t.Errorf("POST %s: %d %s", path, a.status, a.body)
		}
	}
	a := h.get("/i?e=pv&eid=e2&aid=web&duid=d1", "Referer: https://shop.example/from")
	if a.status != 200 || a.header.Get("Content-Type") != "image/gif" || !isImage(a.body) || !strings.Contains(a.header.Get("Cache-Control"), "no-store") {
		t.Errorf("GET /i: %d %v", a.status, a.header)
	}
	if a := h.get("/com.acme/track?e=pv&eid=e3&aid=web&duid=d1"); a.status != 200 {
		t.Errorf("GET of a path of one's own: %d", a.status)
	}
	if a := h.get("/health"); a.status != 200 || string(a.body) != "ok" {
		t.Errorf("GET /health: %d %s", a.status, a.body)
	}
	var ids []offers.EventID
	for _, e := range h.events() {
		ids = append(ids, e.ID)
	}
	slices.Sort(ids)
	if diff := cmp.Diff([]offers.EventID{"snowplow/web/e1", "snowplow/web/e1/search", "snowplow/web/e2", "snowplow/web/e3"}, ids); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func isImage(body []byte) bool {
	image, err := gif.Decode(bytes.NewReader(body))
	return err == nil && image.Bounds().Dx() == 1 && image.Bounds().Dy() == 1
}

// Paths that only look like a tracker's are somebody else's.
func TestSnowplowPathsOfOthers(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/api/people", "/console/index.html", "/staff/x", "/v1/unheard", "/foo/bar", "/micro/all"} {
		if a := h.post(path, []byte(`{"a":1}`)); a.status != 404 {
			t.Errorf("POST %s: %d", path, a.status)
		}
		if a := h.get(path); a.status != 404 && a.status != 405 {
			t.Errorf("GET %s: %d", path, a.status)
		}
	}
	if a := h.post("/api/track", snowplowBody(`{"e":"pv","eid":"e"}`)); a.status != 404 {
		t.Errorf("a payload to the house's own path: %d", a.status)
	}
	if a := h.get("/com.acme/logo.png"); a.status != 404 && a.status != 405 {
		t.Errorf("GET of a file: %d", a.status)
	}
}

var cookiePattern = regexp.MustCompile(`^sp=[0-9a-f-]{36}; max-age=31536000; path=/; HttpOnly; secure; SameSite=None$`)

// Browsers are known by the door's cookie, unless they wish to be nobody.
func TestSnowplowCookie(t *testing.T) {
	h := newHouse(t)
	event := func(id string) []byte { return snowplowBody(`{"e":"pv","eid":"` + id + `","aid":"web"}`) }
	first := h.post(tp2, event("1")).header.Get("Set-Cookie")
	if !cookiePattern.MatchString(first) {
		t.Fatalf("cookie %q", first)
	}
	value, _, _ := strings.Cut(first, ";")
	if again := h.post(tp2, event("2"), "Cookie: "+value).header.Get("Set-Cookie"); !strings.HasPrefix(again, value+";") {
		t.Errorf("another cookie: %q after %q", again, first)
	}
	if made := h.post(tp2, event("3"), "Cookie: sp=0; dnt=0").header.Get("Set-Cookie"); strings.HasPrefix(made, "sp=0;") {
		t.Errorf("a cookie that somebody made up is kept: %q", made)
	}
	if a := h.post(tp2, event("4"), "Cookie: "+value+"; dnt=1"); a.status != 200 || string(a.body) != "ok" || a.header.Get("Set-Cookie") != "" {
		t.Errorf("do not track: %d %s %v", a.status, a.body, a.header)
	}
	shoppers := map[offers.EventID]offers.ShopperID{}
	for _, e := range h.events() {
		shoppers[e.ID] = e.Shopper
	}
	if len(shoppers) != 3 || shoppers["snowplow/web/1"] != shoppers["snowplow/web/2"] || shoppers["snowplow/web/1"] == shoppers["snowplow/web/3"] {
		t.Errorf("shoppers %v", shoppers)
	}

	a := h.post(tp2, snowplowBody(`{"e":"pv","eid":"5","aid":"web","ip":"203.0.113.77","nuid":"n-7"}`), "SP-Anonymous: *", "Cookie: "+value, "X-Forwarded-For: 203.0.113.78")
	if a.status != 200 || a.header.Get("Set-Cookie") != "" {
		t.Errorf("anonymous: %d %v", a.status, a.header)
	}
	for _, name := range []string{stream.Events, stream.Originals} {
		records := h.news(name)
		if len(records) == 0 {
			t.Errorf("nothing on %s", name)
		}
		for _, r := range records[max(0, len(records)-1):] {
			kept := string(r.Value)
			for _, header := range r.Headers {
				kept += " " + header.Key + ": " + string(header.Value)
			}
			if name == stream.Originals && !strings.Contains(kept, `"5"`) {
				continue // of another partition
			}
			for _, part := range []string{"203.0.113", "n-7", strings.TrimPrefix(value, "sp=")} {
				if strings.Contains(kept, part) {
					t.Errorf("%q in %s", part, kept)
				}
			}
		}
	}
}

// A browser that refuses (Global Privacy Control) is heard.
func TestSnowplowOptOut(t *testing.T) {
	h := newHouse(t)
	h.post(tp2, snowplowBody(`{"e":"pv","eid":"1","aid":"web","duid":"d1"}`), "Sec-GPC: 1")
	var refused []offers.Purpose
	for _, e := range h.events() {
		if e.Consent != nil && !e.Consent.Granted {
			refused = append(refused, e.Consent.Purpose)
		} else if !strings.Contains(string(e.Properties), `"sec_gpc":"1"`) {
			t.Errorf("not flagged: %s", e.Properties)
		}
	}
	if diff := cmp.Diff([]offers.Purpose{offers.ConsentSearch}, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

// Only origins that are listed by name may send the cookie.
func TestSnowplowCORS(t *testing.T) {
	h := newHouse(t)
	ask := func(method, origin string) http.Header {
		req := httptest.NewRequest(method, tp2, bytes.NewReader(snowplowBody(`{"e":"pv","eid":"1"}`)))
		req.Header.Set("Origin", origin)
		req.Header.Set("Access-Control-Request-Method", "POST")
		req.Header.Set("Access-Control-Request-Headers", "content-type,sp-anonymous")
		return h.do(req).header
	}
	for _, c := range []struct {
		name    string
		origins []string
		from    string
		want    []string // origin, credentials
	}{
		{"listed", []string{"https://shop.example"}, "https://shop.example", []string{"https://shop.example", "true"}},
		{"another", []string{"https://shop.example"}, "https://evil.example", []string{"", ""}},
		{"any", []string{"*"}, "https://evil.example", []string{"*", ""}},
		{"any, and listed", []string{"*", "https://shop.example"}, "https://shop.example", []string{"https://shop.example", "true"}},
		{"null", []string{"*"}, "null", []string{"*", ""}},
	} {
		h.config.Origins = c.origins
		for _, method := range []string{"OPTIONS", "POST"} {
			header := ask(method, c.from)
			if diff := cmp.Diff(c.want, []string{header.Get("Access-Control-Allow-Origin"), header.Get("Access-Control-Allow-Credentials")}); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", method, c.name, diff)
			}
			if method == "OPTIONS" && c.want[0] != "" && header.Get("Access-Control-Allow-Headers") != "content-type,sp-anonymous" {
				t.Errorf("%s: headers %q", c.name, header.Get("Access-Control-Allow-Headers"))
			}
		}
	}
}

// Visitors are sent on to the house's own web sites only.
func TestSnowplowRedirect(t *testing.T) {
	h := newHouse(t)
	if a := h.get("/r/tp2?u=" + url.QueryEscape("https://shop.example/sale?a=1&b=2#top") + "&aid=mail&e=se&se_ca=mail&se_ac=opened&eid=e1&duid=d1"); a.status != 302 || a.header.Get("Location") != "https://shop.example/sale?a=1&b=2#top" {
		t.Errorf("own site: %d %q", a.status, a.header.Get("Location"))
	}
	if got := h.events(); len(got) != 1 || got[0].Type != "opened" || !strings.Contains(string(got[0].Properties), "uri_redirect") {
		t.Errorf("events %+v", got)
	}
	for _, u := range []string{"https://evil.example/", "//evil.example", "javascript:alert(1)", "https://shop.example@evil.example/", `https://shop.example\@evil.example`,
		"https://shop.example.evil.example", "http://shop.example/", "/path", "", "https:shop.example", "https://evil.example\r\nX: y"} {
		if a := h.get("/r/tp2?u=" + url.QueryEscape(u)); a.status != 400 || a.header.Get("Location") != "" {
			t.Errorf("%q: %d to %q", u, a.status, a.header.Get("Location"))
		}
	}
	h.config.Origins = []string{"*"}
	if a := h.get("/r/tp2?u=https%3A%2F%2Fevil.example"); a.status != 400 {
		t.Errorf("a wildcard sends on: %d", a.status)
	}
	if got := h.events(); len(got) != 0 {
		t.Errorf("refused, and kept: %+v", got)
	}
}

// What fails is put aside with its reason, and can be taken once more.
func TestSnowplowQuarantine(t *testing.T) {
	h := newHouse(t)
	good, bad := `{"e":"pv","eid":"1","aid":"web","duid":"d1"}`, `{"e":"ue","eid":"2","aid":"web","duid":"d1","ue_pr":"{}"}`
	large := fmt.Sprintf(`{"e":"pv","eid":"3","aid":"web","page":%q}`, strings.Repeat("x", formats.MaxEvent))
	if a := h.post(tp2, snowplowBody(good, bad, large), "SP-Anonymous: *"); a.status != 200 {
		t.Errorf("answer %d %s", a.status, a.body)
	}
	if a := h.post(tp2, []byte(`{"schema"`)); a.status != 400 {
		t.Errorf("not JSON: %d", a.status)
	}
	if a := h.post(tp2, bytes.Repeat([]byte("x"), maxSnowplow+1)); a.status != 413 {
		t.Errorf("too large: %d", a.status)
	}
	if a := h.get("/i?e=zz&eid=9"); a.status != 200 {
		t.Errorf("an event that there is not: %d", a.status)
	}
	if a := h.get("/i"); a.status != 400 {
		t.Errorf("nothing said: %d", a.status)
	}
	put := h.put()
	reasons := map[offers.Reason]int{}
	for _, q := range put {
		reasons[q.Reason]++
		if string(q.Body) == bad && (q.Source != "snowplow/web" || q.Headers[families.HeaderPath] != tp2 || q.Headers[families.HeaderItem] != "true" || q.Headers["sp-anonymous"] != "*") {
			t.Errorf("kept as %+v", q)
		}
	}
	if diff := cmp.Diff(map[offers.Reason]int{offers.ReasonSchema: 2, offers.ReasonSize: 2, offers.ReasonEncoding: 1}, reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if got := h.events(); len(got) != 1 {
		t.Errorf("%d events beside what is bad", len(got))
	}
}

// A list of apps keeps others out, and made-up names come to an end.
func TestSnowplowApps(t *testing.T) {
	h := newHouse(t)
	h.families["snowplow"] = snowplowFamily(Config{SnowplowApps: []string{"web"}})
	h.post(tp2, snowplowBody(`{"e":"pv","eid":"1","aid":"web","duid":"d"}`))
	h.post(tp2, snowplowBody(`{"e":"pv","eid":"2","aid":"evil","duid":"d"}`))
	if got := h.events(); len(got) != 1 || got[0].Source != "snowplow/web" {
		t.Errorf("events %+v", got)
	}
	if put := h.put(); len(put) != 1 || put[0].Reason != offers.ReasonAuth {
		t.Errorf("in quarantine: %v", reasonsOf(put))
	}
	var a apps
	for i := range 2 * maxApps {
		a.name(fmt.Sprint("app", i))
	}
	if got := []string{a.name("app1"), a.name("new"), a.name("<script>"), a.name("")}; !slices.Equal(got, []string{"app1", "other", "other", ""}) {
		t.Errorf("names %v", got)
	}
}

// A busy door says when to come again.
func TestSnowplowBusy(t *testing.T) {
	h := newHouse(t)
	for range cap(h.slots) {
		h.slots <- struct{}{}
	}
	if a := h.post(tp2, snowplowBody(`{"e":"pv","eid":"1"}`)); a.status != 429 || a.header.Get("Retry-After") == "" {
		t.Errorf("busy: %d %v", a.status, a.header)
	}
}

// What was put aside of a payload can be taken once more by itself, as it came.
func TestSnowplowReplay(t *testing.T) {
	h := newHouse(t)
	const googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
	h.post(tp2, snowplowBody(`{"e":"pv","eid":"1","aid":"web","duid":"d1"}`, `{"e":"pv","eid":"2","aid":"web","ua":"`+googlebot+`","nuid":"n9"}`), "SP-Anonymous: *", "Sec-GPC: 1")
	h.get("/i?e=pv&eid=3&aid=web&duid=d1&ua=" + url.QueryEscape(googlebot))
	h.events()
	put := h.put()
	if len(put) != 2 {
		t.Fatalf("in quarantine: %v", reasonsOf(put))
	}
	for i := range put {
		accepted, bad, err := h.takeAgain(t.Context(), &put[i])
		if err != nil || accepted != 1 || len(bad) != 0 {
			t.Fatalf("%d accepted, bad %v, %v", accepted, bad, err)
		}
	}
	ids := map[offers.EventID][]offers.Identifier{}
	for _, e := range h.events() {
		if e.Consent == nil {
			ids[e.ID] = e.Identifiers
		}
	}
	want := map[offers.EventID][]offers.Identifier{
		"snowplow/web/2": {{Type: offers.Cookie, Value: "2"}}, // still nobody
		"snowplow/web/3": {{Type: offers.Cookie, Value: "d1"}},
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

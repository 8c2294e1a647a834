package websessions

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/formats/bots"
)

// Snowplow's sample gives the page views, sessions and users that its own model
// finds in it: the same ones, not only as many.
func TestSample(t *testing.T) {
	fsys := os.DirFS("../../../../../shared/data")
	r, err := Evaluate(fsys)
	if errors.Is(err, offers.ErrNotFound) {
		t.Skip("the sample is not here: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", r)
	if got, want := [3]int{len(r.Views), len(r.Sessions), len(r.Browsers)}, [3]int{43, 18, 11}; got != want {
		t.Errorf("page views, sessions, users %v, want %v", got, want)
	}
	var views, sessions []string
	for _, v := range r.Views {
		views = append(views, v.ID)
	}
	for _, s := range r.Sessions {
		sessions = append(sessions, s.ID+" by "+s.Browser)
	}
	expected := func(name string, columns ...string) (want []string) {
		rows, err := table(fsys, "events/snowplow-web/data/expected/"+name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			var parts []string
			for _, c := range columns {
				parts = append(parts, row[c])
			}
			want = append(want, strings.Join(parts, " by "))
		}
		return want
	}
	for name, both := range map[string][2][]string{
		"page views": {expected("snowplow_web_page_views_expected.csv", "page_view_id"), views},
		"sessions":   {expected("default/snowplow_web_sessions_expected.csv", "domain_sessionid", "domain_userid"), sessions},
		"users":      {expected("snowplow_web_users_expected.csv", "domain_userid"), slices.Clone(r.Browsers)},
	} {
		slices.Sort(both[0])
		slices.Sort(both[1])
		if diff := cmp.Diff(both[0], both[1]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestFold(t *testing.T) {
	start := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	hit := func(id, session, browser, event, view string, after time.Duration) Hit {
		at := start.Add(after)
		return Hit{ID: id, Session: session, Browser: browser, Event: event, View: view, Collected: at, Created: at, Sent: at, Derived: at, Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:86.0) Gecko/20100101 Firefox/86.0"}
	}
	with := func(h Hit, change func(*Hit)) Hit { change(&h); return h }
	type counts struct{ Views, Sessions, Users, Left int }
	for _, c := range []struct {
		name string
		hits []Hit
		want counts
	}{
		{"nothing", nil, counts{}},
		{"two pages of one", []Hit{hit("1", "s", "b", "page_view", "v1", 0), hit("2", "s", "b", "page_view", "v2", time.Minute)}, counts{2, 1, 1, 0}},
		{"sent twice", []Hit{hit("1", "s", "b", "page_view", "v1", 0), hit("1", "s", "b", "page_view", "v1", time.Minute)}, counts{1, 1, 1, 1}},
		{"one page told by two events", []Hit{hit("1", "s", "b", "page_view", "v1", 0), hit("2", "s", "b", "page_view", "v1", time.Minute)}, counts{1, 1, 1, 0}},
		{"a session of pings", []Hit{hit("1", "s", "b", "page_ping", "v1", 0)}, counts{0, 1, 1, 0}},
		{"no page", []Hit{hit("1", "s", "b", "link_click", "v1", 0), hit("2", "s", "b", "page_view", "", 0)}, counts{}},
		{"no session", []Hit{hit("1", "", "b", "page_view", "v1", 0)}, counts{0, 0, 0, 1}},
		{"no browser", []Hit{hit("1", "s", "", "page_view", "v1", 0)}, counts{1, 1, 0, 0}},
		{"the browser of the first event, out of order", []Hit{hit("2", "s", "b2", "page_view", "v2", time.Minute), hit("1", "s", "b1", "page_view", "v1", 0), hit("3", "s2", "b1", "page_view", "v3", time.Hour)}, counts{3, 2, 1, 0}},
		{"kept too long", []Hit{with(hit("1", "s", "b", "page_view", "v1", 0), func(h *Hit) { h.Sent = h.Created.Add(MaxLate + time.Second) })}, counts{0, 0, 0, 1}},
		{"a session without an end", []Hit{hit("1", "s", "b", "page_view", "v1", 0), hit("2", "s", "b", "page_view", "v2", MaxSession), hit("3", "s", "b", "page_view", "v3", MaxSession+time.Second)}, counts{2, 1, 1, 1}},
		{"a bot by its words", []Hit{with(hit("1", "s", "b", "page_view", "v1", 0), func(h *Hit) {
			h.Agent = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
		})}, counts{0, 0, 0, 1}},
		{"a bot by the pipeline's", []Hit{with(hit("1", "s", "b", "page_view", "v1", 0), func(h *Hit) { h.Spider = true })}, counts{0, 0, 0, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Fold(c.hits, bots.New(0))
			got := counts{len(r.Views), len(r.Sessions), len(r.Browsers), r.Repeated + r.Late + r.Bots + r.Nameless + r.Overlong}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestHitOf(t *testing.T) {
	row := map[string]string{"event_id": "e", "domain_sessionid": "s", "event": "page_view", "collector_tstamp": "2026-11-20 10:00:00.5"}
	for _, c := range []struct {
		name, column, value string
		want                Hit
	}{
		{"a column of its own", "contexts_com_snowplowanalytics_snowplow_web_page_1_0_0", `[{"id":"v"}]`, Hit{View: "v"}},
		{"a list of lists", "contexts_com_snowplowanalytics_snowplow_web_page_1", `[[{"id":"v"}]]`, Hit{View: "v"}},
		{"as the pipeline writes it", "contexts", `{"schema":"iglu:c","data":[{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"v"}}]}`, Hit{View: "v"}},
		{"a spider", "derived_contexts", `{"schema":"iglu:c","data":[{"schema":"iglu:com.iab.snowplow/spiders_and_robots/jsonschema/1-0-0","data":{"spiderOrRobot":true}}]}`, Hit{Spider: true}},
		{"a spider's column", "contexts_com_iab_snowplow_spiders_and_robots_1_0_0", `[{"spiderOrRobot":true}]`, Hit{Spider: true}},
		{"nothing that can be read", "contexts_com_snowplowanalytics_snowplow_web_page_1", `[[`, Hit{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := maps.Clone(row)
			all[c.column] = c.value
			got, err := HitOf(all)
			if err != nil || got.View != c.want.View || got.Spider != c.want.Spider || got.Event != "page_view" || got.Collected.Nanosecond() != 5e8 || !got.Derived.Equal(got.Collected) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	for _, row := range []map[string]string{{}, {"event_id": "e"}, {"event_id": "e", "collector_tstamp": "soon"}, {"collector_tstamp": "2026-11-20 10:00:00"}} {
		if _, err := HitOf(row); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%v: %v", row, err)
		}
	}
}

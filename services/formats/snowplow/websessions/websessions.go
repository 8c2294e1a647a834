// Package websessions counts a web site's visitors from the events that
// Snowplow's pipeline wrote: how many pages were looked at, in how many
// sessions, by how many browsers. It is what a shop checks first when it moves
// its measurement: the same figures must come out as before.
//
// Its rules are those of Snowplow's own web model. An event counts once,
// however often it was sent; not if the tracker kept it for more than three
// days, nor if it is of no session, nor if a program caused it. A session ends
// three days after its first event at the latest: what goes on longer is a
// program, or a clock. A page view is known by the id that the page gave it,
// and a session counts if a page was looked at in it. Its browser is that of
// its first event.
//
// The package is pure.
package websessions

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/bots"
)

// MaxLate is how long a tracker may have kept an event, and MaxSession how long
// a session may be.
const (
	MaxLate    = 3 * 24 * time.Hour
	MaxSession = 3 * 24 * time.Hour
)

// Hit is what an event says of its session.
type Hit struct {
	ID, Session, Browser string
	Event                string // page_view, page_ping, or another
	View                 string // the id of the page view in which it happened
	Agent                string
	Spider               bool // the pipeline took the visitor for a program
	Collected            time.Time
	Created, Sent        time.Time // by the tracker's clock; zero if unknown
	Derived              time.Time
}

// HitOf reads an enriched event, or a row of its table, by the names of its
// columns.
func HitOf(column map[string]string) (Hit, error) {
	h := Hit{
		ID: column["event_id"], Session: column["domain_sessionid"], Browser: column["domain_userid"],
		Event: cmp.Or(column["event_name"], column["event"]), Agent: column["useragent"],
	}
	for name, at := range map[string]*time.Time{"collector_tstamp": &h.Collected, "dvce_created_tstamp": &h.Created, "dvce_sent_tstamp": &h.Sent, "derived_tstamp": &h.Derived} {
		s := column[name]
		if s == "" && name != "collector_tstamp" {
			continue
		}
		t, ok := formats.ParseTime(s)
		if !ok {
			return h, fmt.Errorf("event %q: %s %q: %w", h.ID, name, s, offers.ErrInvalid)
		}
		*at = t
	}
	if h.ID == "" {
		return h, fmt.Errorf("event_id: %w", offers.ErrInvalid)
	}
	if h.Derived.IsZero() {
		h.Derived = h.Collected
	}
	for name, v := range column {
		if !strings.HasPrefix(name, "contexts") && name != "derived_contexts" || v == "" {
			continue
		}
		switch {
		case strings.Contains(name, "_snowplow_web_page_"):
			h.View = cmp.Or(firstOf(v).ID, h.View)
		case strings.Contains(name, "_spiders_and_robots_"):
			h.Spider = h.Spider || firstOf(v).Spider
		case name == "contexts", name == "derived_contexts":
			h.entities(v)
		}
	}
	return h, nil
}

// told is what entities say that is of use here.
type told struct {
	ID     formats.Loose `json:"id"`
	Spider bool          `json:"spiderOrRobot"`
}

type entity struct {
	ID     string
	Spider bool
}

// firstOf is the first entity of a column, which holds a list of them; some
// warehouses give lists of lists.
func firstOf(v string) entity {
	body, bad := formats.Valid([]byte(v))
	for bad == nil && len(body) > 0 && body[0] == '[' {
		var list []formats.Raw
		if formats.Unmarshal(body, &list) != nil || len(list) == 0 {
			return entity{}
		}
		body = list[0]
	}
	var t told
	if bad != nil || formats.Unmarshal(body, &t) != nil {
		return entity{}
	}
	return entity{string(t.ID), t.Spider}
}

// entities reads a column of self-describing ones.
func (h *Hit) entities(v string) {
	body, bad := formats.Valid([]byte(v))
	if bad != nil {
		return
	}
	var all struct {
		Data []struct {
			Schema formats.Loose `json:"schema"`
			Data   formats.Raw   `json:"data"`
		} `json:"data"`
	}
	if formats.Unmarshal(body, &all) != nil {
		return
	}
	for _, e := range all.Data {
		switch {
		case strings.Contains(string(e.Schema), "/web_page/"):
			h.View = cmp.Or(firstOf(string(e.Data)).ID, h.View)
		case strings.Contains(string(e.Schema), "/spiders_and_robots/"):
			h.Spider = h.Spider || firstOf(string(e.Data)).Spider
		}
	}
}

// View is a page that was looked at.
type View struct {
	ID, Event, Session string
	At                 time.Time
}

// Session is one visit by one browser.
type Session struct {
	ID, Browser string
	Start, End  time.Time
	Views       int // pages looked at, or dwelt on
	Events      int
}

// Result is what was counted, and what was not.
type Result struct {
	Views    []View    // in the order of time
	Sessions []Session // in the order of time
	Browsers []string  // in the order of their first session

	Repeated, Late, Bots, Nameless, Overlong int // events left out
}

// Fold counts. Hits may be in any order; the detector tells programs by what
// they say of themselves, and may be nil.
func Fold(hits []Hit, detector *bots.Detector) Result {
	var r Result
	var kept []Hit
	for _, h := range hits {
		switch {
		case h.Spider, detector != nil && h.Agent != "" && detector.Bot(h.Agent):
			r.Bots++
		case !h.Created.IsZero() && !h.Sent.IsZero() && h.Sent.Sub(h.Created) > MaxLate:
			r.Late++
		case h.Session == "":
			r.Nameless++
		default:
			kept = append(kept, h)
		}
	}
	slices.SortStableFunc(kept, func(a, b Hit) int {
		return cmp.Or(a.Collected.Compare(b.Collected), a.Derived.Compare(b.Derived), strings.Compare(a.ID, b.ID))
	})
	starts, seen := map[string]time.Time{}, map[string]bool{}
	views, sessions := map[string]int{}, map[string]*Session{}
	looked := map[[2]string]bool{}
	for _, h := range kept {
		start, ok := starts[h.Session]
		if !ok {
			start, starts[h.Session] = h.Collected, h.Collected
		}
		switch {
		case h.Collected.Sub(start) > MaxSession:
			r.Overlong++
			continue
		case seen[h.ID]:
			r.Repeated++
			continue
		}
		seen[h.ID] = true
		s := sessions[h.Session]
		if s == nil {
			s = &Session{ID: h.Session, Browser: h.Browser, Start: h.Derived, End: h.Derived}
			sessions[h.Session] = s
		}
		s.Events++
		if h.Derived.Before(s.Start) {
			s.Start = h.Derived
		}
		if h.Derived.After(s.End) {
			s.End = h.Derived
		}
		if h.View == "" || h.Event != "page_view" && h.Event != "page_ping" {
			continue
		}
		if at := [2]string{h.Session, h.View}; !looked[at] {
			looked[at] = true
			s.Views++
		}
		if h.Event != "page_view" {
			continue
		}
		v := View{ID: h.View, Event: h.ID, Session: h.Session, At: h.Derived}
		if i, again := views[h.View]; !again {
			views[h.View] = len(r.Views)
			r.Views = append(r.Views, v)
		} else if v.At.Before(r.Views[i].At) {
			r.Views[i] = v
		}
	}
	slices.SortStableFunc(r.Views, func(a, b View) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
	for _, s := range sessions {
		if s.Views > 0 {
			r.Sessions = append(r.Sessions, *s)
		}
	}
	slices.SortFunc(r.Sessions, func(a, b Session) int { return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.ID, b.ID)) })
	for _, s := range r.Sessions {
		if s.Browser != "" && !slices.Contains(r.Browsers, s.Browser) {
			r.Browsers = append(r.Browsers, s.Browser)
		}
	}
	return r
}

// String is the result as a table.
func (r Result) String() string {
	return fmt.Sprintf("page views %d\nsessions   %d\nusers      %d\nleft out   %d repeated, %d late, %d by bots, %d of no session, %d beyond a session's end\n",
		len(r.Views), len(r.Sessions), len(r.Browsers), r.Repeated, r.Late, r.Bots, r.Nameless, r.Overlong)
}

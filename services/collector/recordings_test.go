package collector

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"aisle/offers"
	"aisle/services/door"
	"aisle/services/formats"
)

// recording is what an unmodified client sent, and how it was answered.
type recording struct {
	Exchanges []struct {
		Seq      int
		Scenario string
		Request  struct {
			Method, Target string
			Headers        [][2]string
			Body           []byte `json:"body_base64"`
		}
		Reply struct {
			Status  int
			Headers map[string]string
		}
	}
}

// Recordings of clients lie beside the work tree of those who have them.
func openRecording(t *testing.T, name string) *recording {
	raw, err := os.ReadFile("../../../shared/data/clients/" + name + ".json")
	if err != nil {
		t.Skip("the recording is not here: ", err)
	}
	r := new(recording)
	must(t, json.Unmarshal(raw, r))
	return r
}

// keysIn are the write keys that a recording's clients were given, and the web
// sites on which they ran.
func (r *recording) keysIn() (keys map[string]string, origins []string) {
	keys = map[string]string{}
	seen := map[string]bool{}
	for _, x := range r.Exchanges {
		for _, h := range x.Request.Headers {
			switch strings.ToLower(h[0]) {
			case "authorization":
				if user, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(h[1], "Basic ")); err == nil {
					key, _, _ := strings.Cut(string(user), ":")
					keys[key] = "recorded"
				}
			case "x-write-key":
				key, _, _ := strings.Cut(h[1], ":")
				keys[key] = "recorded"
			case "origin":
				if !seen[h[1]] {
					seen[h[1]] = true
					origins = append(origins, h[1])
				}
			}
		}
		var body struct{ WriteKey string }
		if x.Request.Method == "POST" && json.Unmarshal(x.Request.Body, &body) == nil && body.WriteKey != "" && !strings.Contains(body.WriteKey, ":") {
			keys[body.WriteKey] = "recorded"
		}
		if i := strings.Index(x.Request.Target, "/projects/"); i >= 0 {
			key, _, _ := strings.Cut(x.Request.Target[i+len("/projects/"):], "/")
			keys[key] = "recorded"
		}
	}
	return keys, origins
}

// Every exchange that was recorded is answered as its client needs: success as
// success, in JSON where that is what it reads; preflights with the headers
// that it is about to send. Answers that the recorder made up to see the client
// retry are taken as the success that the same request gets here. Every message
// is an event, once however often it came, or lies in quarantine.
func TestRecordings(t *testing.T) {
	commerce := []offers.EventType{offers.ProductSearched, offers.ProductViewed, offers.ProductAdded, offers.PageViewed, offers.Identified}
	for name, c := range map[string]struct {
		family family
		need   []offers.EventType
		aside  offers.Reason // why some lie in quarantine
	}{
		"segment-analytics-node":         {ofSegment, append(commerce, offers.CartViewed, offers.OrderCompleted, "aliased", "grouped"), ""},
		"segment-analytics-next-browser": {ofSegment, append(commerce, offers.CartViewed, offers.OrderCompleted), ""},
		"rudder-sdk-node":                {ofSegment, append(commerce, offers.ProductListViewed, "aliased", "grouped", "screen_viewed"), ""},
		"rudder-analytics-js-browser":    {ofSegment, append(commerce, "aliased", "grouped"), ""},
		"jitsu-js-browser":               {ofJitsu, []offers.EventType{offers.PageViewed, offers.ProductViewed, offers.ProductAdded, offers.Identified, "grouped"}, ""},
		// Beacons, frames, log lines and pings are of no shopper.
		"cloudevents-sdk": {ofCloudEvents, []offers.EventType{"face_recognised"}, offers.ReasonUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			r := openRecording(t, name)
			h := newHouse(t)
			h.config.WriteKeys, h.config.Origins = r.keysIn()
			h.keys = door.NewKeys(h.config.Keys(h.secrets), h.catalog, h.logger)
			sent, ids, aside := 0, map[string]bool{}, 0
			for _, x := range r.Exchanges {
				if x.Request.Target == "/token" {
					continue // the key pair was not recorded
				}
				target, err := url.Parse(x.Request.Target)
				must(t, err)
				read := &formats.Request{Path: target.Path, Query: target.RawQuery, Header: map[string]string{}, Body: x.Request.Body}
				req := httptest.NewRequest(x.Request.Method, x.Request.Target, bytes.NewReader(x.Request.Body))
				for _, header := range x.Request.Headers {
					if !strings.EqualFold(header[0], "host") && !strings.EqualFold(header[0], "content-length") {
						req.Header.Add(header[0], header[1])
						read.Header[strings.ToLower(header[0])] = header[1]
					}
				}
				where := fmt.Sprintf("exchange %d, %s %s (%s)", x.Seq, x.Request.Method, x.Request.Target, x.Scenario)
				a := h.do(req)
				want := map[string]int{"GET": 200, "OPTIONS": 204, "POST": 202}[x.Request.Method]
				if a.status != want {
					t.Errorf("%s: answer %d %.300s, want %d", where, a.status, a.body, want)
				}
				for _, header := range []string{"access-control-allow-origin", "access-control-allow-headers"} {
					if got := a.header.Get(header); got != x.Reply.Headers[header] {
						t.Errorf("%s: %s is %q, want %q", where, header, got, x.Reply.Headers[header])
					}
				}
				if strings.HasPrefix(x.Reply.Headers["content-type"], "application/json") && !json.Valid(a.body) {
					t.Errorf("%s: its client cannot read %q", where, a.body)
				}
				if x.Request.Method != "POST" {
					continue
				}
				if bytes.HasPrefix(read.Body, []byte{0x1f, 0x8b}) {
					read.Body, err = gunzip(read.Body, maxBatch)
					must(t, err)
				}
				in, bad := c.family.decode(read)
				if bad != nil {
					t.Fatal(where, bad)
				}
				aside += len(in.Bad)
				for _, m := range in.Messages {
					sent, ids[string(m.MessageID)] = sent+1, true
				}
			}
			got := map[offers.EventID]bool{}
			types := map[offers.EventType]int{}
			for _, e := range h.events() {
				if e.Consent == nil && e.Type != offers.Merged && !strings.HasSuffix(string(e.ID), formats.SearchSuffix) {
					got[e.ID] = true
					types[e.Type]++
				}
			}
			if len(got) != len(ids) {
				t.Errorf("%d events of %d messages with %d ids", len(got), sent, len(ids))
			}
			for _, need := range c.need {
				if types[need] == 0 {
					t.Errorf("no %s among %v", need, types)
				}
			}
			put := h.put()
			if len(put) != aside || aside > 0 && c.aside == "" {
				t.Errorf("%d in quarantine, want %d: %v", len(put), aside, reasonsOf(put))
			}
			for _, q := range put {
				if q.Reason != c.aside {
					t.Errorf("in quarantine as %s, want %q: %s", q.Reason, c.aside, q.Detail)
				}
			}
			t.Logf("%d messages, %d events: %v; %d put aside", sent, len(got), types, len(put))
		})
	}
}

package collector

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/segment"
	"aisle/services/stream"
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

// Recordings of Segment's clients lie beside the work tree of those who have
// them.
func openRecording(t *testing.T, name string) *recording {
	raw, err := os.ReadFile("../../../shared/data/clients/" + name + ".json")
	if err != nil {
		t.Skip("the recording is not here: ", err)
	}
	r := new(recording)
	must(t, json.Unmarshal(raw, r))
	return r
}

// Every exchange that was recorded is answered as its client needs: success as
// success, preflights with the headers that it is about to send. Answers that
// the recorder made up to see the client retry are taken as the success that
// the same request gets here.
func TestRecordings(t *testing.T) {
	for name, keys := range map[string]map[string]string{
		"segment-analytics-node":         {"WK_test_segment_node": "node"},
		"segment-analytics-next-browser": {"WK_browser": "browser"},
	} {
		t.Run(name, func(t *testing.T) {
			r := openRecording(t, name)
			h := newHouse(t)
			maps.Copy(h.config.WriteKeys, keys)
			h.config.Origins = []string{"http://127.0.0.1:41167"}
			sent, ids := 0, map[string]bool{}
			for _, x := range r.Exchanges {
				if x.Request.Target == "/token" {
					continue // of an authorization server
				}
				req := httptest.NewRequest(x.Request.Method, x.Request.Target, bytes.NewReader(x.Request.Body))
				for _, header := range x.Request.Headers {
					if !strings.EqualFold(header[0], "host") && !strings.EqualFold(header[0], "content-length") {
						req.Header.Add(header[0], header[1])
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
				if x.Request.Method != "POST" {
					continue
				}
				in, bad := segment.Decode(&formats.Request{Path: x.Request.Target, Body: x.Request.Body})
				if bad != nil {
					t.Fatal(bad)
				}
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
			for _, need := range []offers.EventType{offers.ProductSearched, offers.ProductViewed, offers.ProductAdded, offers.CartViewed, offers.OrderCompleted, offers.PageViewed, offers.Identified} {
				if types[need] == 0 {
					t.Errorf("no %s among %v", need, types)
				}
			}
			if put := h.put(); len(put) != 0 {
				t.Errorf("in quarantine: %v", reasonsOf(put))
			}
			t.Logf("%d messages, %d events: %v", sent, len(got), types)
		})
	}
}

// The examples of Segment's own documentation, as far as they are whole calls.
func TestSpecExamples(t *testing.T) {
	raw, err := os.ReadFile("../../../shared/data/events/examples.json")
	if err != nil {
		t.Skip("the examples are not here: ", err)
	}
	var all struct {
		Examples []struct {
			File, Heading string
			JSON          json.RawMessage
		}
	}
	must(t, json.Unmarshal(raw, &all))
	h := newHouse(t)
	calls := 0
	for i, x := range all.Examples {
		var m formats.Message
		if json.Unmarshal(x.JSON, &m) != nil || m.UserID+m.AnonymousID == "" || !slices.Contains([]formats.Text{"track", "identify", "page", "screen", "group", "alias"}, m.Type) {
			continue
		}
		calls++
		if a := h.post("/v1/"+string(m.Type), x.JSON, basicAuth(webKey)); a.status != 202 {
			t.Errorf("example %d (%s, %s): %d %.300s\n%.300s", i, x.File, x.Heading, a.status, a.body, x.JSON)
		}
	}
	t.Logf("%d calls", calls)
}

// benchBatches are batches of 20 events as web sites send them.
func benchBatches(n, shoppers int) [][]byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	batches := make([][]byte, n)
	for i := range batches {
		var b bytes.Buffer
		b.WriteString(`{"batch":[`)
		for j := range 20 {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"type":"track","event":"Product Viewed","anonymousId":"8d1c2b9e-7c3e-4b0d-9a61-%012d","messageId":"ajs-next-%d-%d-@@@@@@@@@@@@","timestamp":"2026-11-20T10:00:00.123Z","properties":{"product_id":"507f1f77bcf86cd799439011","sku":"G-32","category":"Footwear","name":"Trail runner 2","brand":"Acme","price":89.95,"quantity":1,"currency":"EUR","url":"https://shop.example/p/507"},"context":{"library":{"name":"analytics.js","version":"next-1.84.3"},"locale":"es-ES","page":{"path":"/p/507","title":"Trail runner 2","url":"https://shop.example/p/507"}}}`,
				rnd.IntN(shoppers), i, j)
		}
		b.WriteString(`],"sentAt":"2026-11-20T10:00:01.000Z"}`)
		batches[i] = b.Bytes()
	}
	return batches
}

// BenchmarkCollector is events/s by HTTP over TCP, accepted only once the log
// has them, on the embedded log and state, with the client in this process.
func BenchmarkCollector(b *testing.B) {
	h := newHouse(b)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	go func() { _ = h.app.Listener(l) }()
	defer func() { _ = h.app.Shutdown() }()
	url := "http://" + l.Addr().String() + "/v1/batch"
	auth := "Basic " + base64.StdEncoding.EncodeToString([]byte(webKey+":"))
	batches := benchBatches(200, 20_000)
	var next, failed atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := next.Add(1)
			body := bytes.ReplaceAll(batches[n%int64(len(batches))], []byte("@@@@@@@@@@@@"), fmt.Appendf(nil, "%012d", n))
			req, _ := http.NewRequestWithContext(context.Background(), "POST", url, bytes.NewReader(body))
			req.Header.Set("Authorization", auth)
			began := time.Now()
			resp, err := client.Do(req)
			if err != nil || resp.StatusCode != 202 {
				failed.Add(1)
				continue
			}
			resp.Body.Close()
			mu.Lock()
			took = append(took, time.Since(began))
			mu.Unlock()
		}
	})
	b.StopTimer()
	slices.Sort(took)
	if failed.Load() > 0 || len(took) == 0 {
		b.Fatalf("%d of %d failed", failed.Load(), next.Load())
	}
	b.ReportMetric(float64(20*len(took))/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapInuse>>20), "heap-MB")
	if got := len(h.news(stream.Quarantine)); got > 0 {
		b.Errorf("%d in quarantine", got)
	}
}

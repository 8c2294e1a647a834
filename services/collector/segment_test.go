package collector

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aisle/services/formats"
	"aisle/services/stream"
)

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

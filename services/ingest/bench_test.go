package ingest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"aisle/services/collector"
	"aisle/services/ingest"
)

// BenchmarkIngest brings an access log to a house in this process, by TCP: of
// pages, each of which becomes an event that the log has acknowledged, and of
// pictures, which are read and left out.
func BenchmarkIngest(b *testing.B) {
	const n = 40_000
	var pictures strings.Builder
	for i := range n {
		fmt.Fprintf(&pictures, `198.51.100.%d - - [20/Nov/2026:10:00:00 +0000] "GET /img/%d.png HTTP/1.1" 200 1234 "-" "%s"`+"\n", i%250, i, firefox)
	}
	for name, text := range map[string]string{"pages": visits(0, n), "pictures": pictures.String()} {
		b.Run(name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "access.log")
			write(b, path, text)
			for b.Loop() {
				b.StopTimer()
				h := newHouse(b, collector.Config{})
				b.StartTimer()
				r, err := ingest.Run(context.Background(), ingest.Config{To: h.url, Key: key, State: path + ".state"}, []string{path})
				must(b, err)
				if r.Lines != n {
					b.Fatalf("report %+v", r.Counts)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"

	"aisle/offers"
	"aisle/services/collector"
	"aisle/services/formats/snowplow"
	"aisle/services/ingest"
)

// TestFormats reads one file of each kind, and each again: every record is an
// event, and none is told twice.
func TestFormats(t *testing.T) {
	const n = 1200
	table, objects, calls, enriched := new(strings.Builder), new(strings.Builder), new(strings.Builder), new(strings.Builder)
	fmt.Fprintln(table, "order_id;customer_id;ordered_at;total;currency;note")
	columns := snowplow.Columns()
	type order struct {
		CustomerID string    `parquet:"customer_id"`
		Event      string    `parquet:"event"`
		Time       time.Time `parquet:"time,timestamp"`
		ProductID  string    `parquet:"product_id"`
		Price      float64   `parquet:"price"`
		Tags       []string  `parquet:"tags,list"`
	}
	var orders []order
	for i := range n {
		at := time.Date(2026, 11, 19, 9, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Minute)
		fmt.Fprintf(table, "o-%d;c-%d;%s;%d.50;EUR;\"two\nlines; and \"\"quotes\"\"\"\n", i, i%40, at.Format("2006-01-02 15:04:05"), i%90)
		fmt.Fprintf(objects, `{"event":"Product Viewed","user_id":"c-%d","time":"%s","product_id":"p-%d","price":%d.25}`+"\n", i%40, at.Format(time.RFC3339), i, i%70)
		fmt.Fprintf(calls, `{"type":"track","messageId":"m-%d","event":"Products Searched","userId":"c-%d","timestamp":"%s","properties":{"query":"shoes %d"}}`+"\n", i, i%40, at.Format(time.RFC3339), i)
		cells := make([]string, len(columns))
		for j, c := range columns {
			switch c {
			case "app_id":
				cells[j] = "web"
			case "platform":
				cells[j] = "web"
			case "event":
				cells[j] = "page_view"
			case "event_id":
				cells[j] = fmt.Sprintf("4b0b9b0e-3a5e-4b9a-9c1e-%012d", i)
			case "collector_tstamp", "derived_tstamp", "dvce_created_tstamp":
				cells[j] = at.Format("2006-01-02 15:04:05.000")
			case "domain_userid":
				cells[j] = fmt.Sprintf("visitor-%d", i%40)
			case "page_url":
				cells[j] = fmt.Sprintf("https://shop.example/p/%d", i)
			case "user_ipaddress":
				cells[j] = "203.0.113.77"
			case "useragent":
				cells[j] = firefox
			}
		}
		fmt.Fprintln(enriched, strings.Join(cells, "\t"))
		orders = append(orders, order{CustomerID: fmt.Sprintf("c-%d", i%40), Event: "product_added", Time: at, ProductID: fmt.Sprintf("p-%d", i), Price: 1.5, Tags: []string{"a", "b"}})
	}
	var columnar bytes.Buffer
	must(t, parquet.Write(&columnar, orders))
	tests := []struct {
		name, file, text string
		want             offers.EventType
		skipped          int64 // a line of titles
	}{
		{"access log", "access.log", visits(0, n), offers.PageViewed, 0},
		{"table", "orders.csv", table.String(), offers.OrderCompleted, 1},
		{"objects", "views.jsonl", objects.String(), offers.ProductViewed, 0},
		{"calls", "calls.jsonl", calls.String(), offers.ProductSearched, 0},
		{"Snowplow", "enriched.tsv", enriched.String(), offers.PageViewed, 0},
		{"Parquet", "orders.parquet", columnar.String(), offers.ProductAdded, 0},
		{"gzip", "access.log.1.gz", gzipped(t, visits(0, n)), offers.PageViewed, 0},
		{"zstd", "access.log.2.zst", zstded(t, visits(0, n)), offers.PageViewed, 0},
		{"no line end", "short.log", strings.TrimSuffix(visits(0, n), "\n"), offers.PageViewed, 0},
		{"line ends of Windows", "windows.log", strings.ReplaceAll(visits(0, n), "\n", "\r\n"), offers.PageViewed, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, collector.Config{})
			dir := t.TempDir()
			path := write(t, filepath.Join(dir, tt.file), tt.text)
			c := ingest.Config{State: filepath.Join(dir, "state.json")}
			r := h.run(c, path)
			if r.Accepted != n || r.Lines != n+tt.skipped || sum(r.Skipped) != tt.skipped || len(r.Quarantined) != 0 {
				t.Errorf("report %+v, want %d accepted and %d skipped", r.Counts, n, tt.skipped)
				for _, q := range h.quarantined()[:min(3, len(h.quarantined()))] {
					t.Log(q.Detail)
				}
			}
			events := h.once(tt.want)
			if len(events) != n {
				t.Errorf("%d %s on the log, want %d", len(events), tt.want, n)
			}
			for _, e := range events {
				if e.Time.Year() != 2026 || len(e.Identifiers) == 0 {
					t.Fatalf("event %+v", e)
				}
				if strings.Contains(string(e.Properties), "203.0.113.77") {
					t.Fatalf("an address is whole: %s", e.Properties)
				}
			}
			if again := h.run(c, path); again.Lines != 0 {
				t.Errorf("read again: %+v, want nothing", again.Counts)
			}
			c.FromStart = true
			if again := h.run(c, path); again.Repeated != n || again.Accepted != 0 {
				t.Errorf("read from the start: %+v, want all repeated", again.Counts)
			}
			h.once(tt.want)
		})
	}
}

func sum(m map[string]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	must(t, err)
	must(t, z.Close())
	return b.String()
}

func zstded(t testing.TB, text string) string {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	must(t, err)
	return string(z.EncodeAll([]byte(text), nil))
}

// TestKilled kills the ingester again and again while it reads: when it has
// come to the end, every line is an event, once.
func TestKilled(t *testing.T) {
	if path := os.Getenv("AISLE_TEST_INGEST"); path != "" {
		_, err := ingest.Run(context.Background(), ingest.Config{To: os.Getenv("AISLE_TEST_TO"), Key: key, Batch: 20, State: path + ".state"}, []string{path})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	const n = 30_000
	// Ids are forgotten at once, as they are by who comes back the next day.
	h := newHouse(t, collector.Config{DedupeFor: time.Millisecond})
	path := write(t, filepath.Join(t.TempDir(), "access.log"), visits(0, n))
	kills := 0
	for began := time.Now(); ; {
		if time.Since(began) > 2*time.Minute {
			t.Fatal("it does not come to the end")
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$") //nolint:gosec // ourselves
		cmd.Env = append(os.Environ(), "AISLE_TEST_INGEST="+path, "AISLE_TEST_TO="+h.url)
		var said bytes.Buffer
		cmd.Stderr = &said
		must(t, cmd.Start())
		var killed *time.Timer
		if kills < 6 {
			killed = time.AfterFunc(time.Duration(150+70*kills)*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
		err := cmd.Wait()
		if killed != nil {
			killed.Stop()
		}
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "killed") {
			t.Fatalf("%v: %s", err, &said)
		}
		kills++
	}
	t.Logf("killed %d times", kills)
	if kills == 0 {
		t.Error("it was never killed on the way: the test proves nothing")
	}
	isAll(t, pages(t, h.once(offers.PageViewed)), n)
}

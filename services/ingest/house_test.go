package ingest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/collector"
	"aisle/services/ingest"
	"aisle/services/state"
	"aisle/services/stream"
)

const key = "wk_files"

// house is a collector on the real embedded parts, reached by TCP.
type house struct {
	t   testing.TB
	log *stream.Log
	url string
	app *fiber.App
}

func newHouse(t testing.TB, c collector.Config) *house {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	logger := slog.New(slog.DiscardHandler)
	log, err := stream.Open(ctx, stream.Config{Dir: t.TempDir(), Partitions: 4, Logger: logger})
	must(t, err)
	t.Cleanup(func() { log.Close() })
	store, err := state.Open(ctx, state.Config{Dir: t.TempDir(), Logger: logger})
	must(t, err)
	t.Cleanup(func() { store.Close() })
	cat, err := catalog.Open(ctx, catalog.Config{Dir: t.TempDir(), Logger: logger})
	must(t, err)
	t.Cleanup(func() { cat.Close() })
	secrets, err := cat.Secrets(ctx)
	must(t, err)
	shops, err := log.Catalogue(ctx)
	must(t, err)
	c.WriteKeys = map[string]string{key: "files"}
	k, err := collector.New(c, collector.Parts{Log: log, State: store, Catalog: cat, Shops: shops, Secrets: secrets, Logger: logger, Registry: prometheus.NewRegistry()})
	must(t, err)
	h := &house{t: t, log: log, app: fiber.New(fiber.Config{DisableStartupMessage: true, BodyLimit: 4 << 20, ReadBufferSize: 16 << 10})}
	k.Routes(h.app)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	h.url = "http://" + l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- h.app.Listener(l) }()
	t.Cleanup(func() { _ = h.app.Shutdown(); <-served })
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// run ingests and fails where that fails.
func (h *house) run(c ingest.Config, paths ...string) *ingest.Report {
	h.t.Helper()
	var said bytes.Buffer
	c.To, c.Key, c.Out = h.url, key, &said
	r, err := ingest.Run(context.Background(), c, paths)
	if err != nil {
		h.t.Fatalf("%v\n%s", err, &said)
	}
	h.t.Log(strings.TrimSpace(said.String()))
	return r
}

// told are all events on the log, each as often as it is there.
func (h *house) told() map[string][]offers.Event {
	h.t.Helper()
	all := map[string][]offers.Event{}
	for p := range h.log.Partitions() {
		records, err := h.log.Newest(context.Background(), stream.Events, p, 1_000_000)
		must(h.t, err)
		for _, r := range records {
			var e offers.Event
			must(h.t, json.Unmarshal(r.Value, &e))
			all[string(e.ID)] = append(all[string(e.ID)], e)
		}
	}
	return all
}

// once fails where an event is on the log more than once, and returns those of
// a type.
func (h *house) once(kind offers.EventType) []offers.Event {
	h.t.Helper()
	var of []offers.Event
	for id, e := range h.told() {
		if len(e) > 1 {
			h.t.Errorf("%s is told %d times", id, len(e))
		}
		if e[0].Type == kind {
			of = append(of, e[0])
		}
	}
	return of
}

func (h *house) quarantined() (all []offers.Quarantined) {
	h.t.Helper()
	for p := range h.log.Partitions() {
		records, err := h.log.Newest(context.Background(), stream.Quarantine, p, 100_000)
		must(h.t, err)
		for _, r := range records {
			var q offers.Quarantined
			must(h.t, json.Unmarshal(r.Value, &q))
			all = append(all, q)
		}
	}
	return all
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

// visit is the n-th line of a log in which each line is another page.
func visit(n int) string {
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
	return fmt.Sprintf(`198.51.100.%d - - [%s] "GET /p/%d HTTP/1.1" 200 1234 "-" "%s"`+"\n", n%250, at.Format("02/Jan/2006:15:04:05 -0700"), n, firefox)
}

func visits(from, to int) string {
	var b strings.Builder
	for n := from; n < to; n++ {
		b.WriteString(visit(n))
	}
	return b.String()
}

// pages are the numbers of the pages that were seen.
func pages(t testing.TB, events []offers.Event) map[int]int {
	t.Helper()
	seen := map[int]int{}
	for _, e := range events {
		var p struct{ Path string }
		must(t, json.Unmarshal(e.Properties, &p))
		n := 0
		if _, err := fmt.Sscanf(p.Path, "/p/%d", &n); err != nil {
			t.Fatalf("%s has properties %s", e.ID, e.Properties)
		}
		seen[n]++
	}
	return seen
}

func isAll(t testing.TB, seen map[int]int, n int) {
	t.Helper()
	for i := range n {
		if seen[i] != 1 {
			t.Errorf("page %d was seen %d times, want once", i, seen[i])
		}
	}
	if len(seen) != n {
		t.Errorf("%d pages were seen, want %d", len(seen), n)
	}
}

func write(t testing.TB, path, text string) string {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func extend(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	must(t, err)
	_, err = f.WriteString(text)
	must(t, err)
	must(t, f.Close())
}

// proxy stands before a house and answers in its place, where before says so:
// with a status, or by hanging up after the house has taken the request.
type proxy struct {
	to     string
	before func() int
}

func (p *proxy) start(t testing.TB) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := p.before()
		if status > 0 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(status)
			return
		}
		req, err := http.NewRequestWithContext(r.Context(), r.Method, p.to+r.URL.Path, r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		req.Header = r.Header.Clone()
		resp, err := http.DefaultClient.Do(req)
		if err != nil || status < 0 {
			panic(http.ErrAbortHandler)
		}
		defer resp.Body.Close()
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

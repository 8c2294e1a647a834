package edge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"aisle/offers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// door is an HTTP endpoint that takes what the collector's does, and notes it.
type door struct {
	*httptest.Server
	mu     sync.Mutex
	status int // to answer with; 0: as it should
	got    []string
}

func newDoor(t *testing.T) *door {
	d := &door{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer the edge key" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if d.status != 0 {
			w.WriteHeader(d.status)
			fmt.Fprint(w, `{"title":"no","detail":"not today"}`)
			return
		}
		var body struct{ Sightings []offers.Sighting }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		for _, s := range body.Sightings {
			d.got = append(d.got, s.MessageID)
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *door) answer(status int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status = status
}

func (d *door) wait(t *testing.T, n int) []string {
	t.Helper()
	for range 1000 {
		d.mu.Lock()
		got := append([]string(nil), d.got...)
		d.mu.Unlock()
		if len(got) >= n {
			return got
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the door got %d sightings, want %d", len(d.got), n)
	return nil
}

func start(t *testing.T, d *door, key, dir string) (o *Outbox, stop func()) {
	t.Helper()
	c, err := NewCollector(d.URL, key)
	if err != nil {
		t.Fatal(err)
	}
	o, err = NewOutbox(c, dir, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- o.Run(ctx) }()
	return o, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		c.client.CloseIdleConnections()
	}
}

func sighting(i int) offers.Sighting {
	return offers.Sighting{MessageID: fmt.Sprint(i), Device: "door"}
}

func count(from, to int) (ids []string) {
	for i := from; i < to; i++ {
		ids = append(ids, fmt.Sprint(i))
	}
	return ids
}

func TestSightingsArriveInOrder(t *testing.T) {
	d := newDoor(t)
	o, stop := start(t, d, "the edge key", t.TempDir())
	defer stop()
	for i := range 250 {
		o.Send(sighting(i))
	}
	if diff := cmp.Diff(count(0, 250), d.wait(t, 250)); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
	}
}

func TestNothingIsLostWhileTheLinkIsDown(t *testing.T) {
	for name, down := range map[string]int{"broken": http.StatusBadGateway, "busy": http.StatusTooManyRequests, "another key": http.StatusForbidden} {
		t.Run(name, func(t *testing.T) {
			d, dir := newDoor(t), t.TempDir()
			o, stop := start(t, d, "the edge key", dir)
			o.Send(sighting(0))
			d.wait(t, 1)
			d.answer(down)
			for i := 1; i < 20; i++ {
				o.Send(sighting(i))
			}
			time.Sleep(100 * time.Millisecond)
			stop() // with the link still down: a restart must not lose them
			if files, _ := filepath.Glob(filepath.Join(dir, "*"+spoolSuffix)); len(files) == 0 {
				t.Error("nothing is on disk")
			}
			d.answer(0)
			o, stop = start(t, d, "the edge key", dir)
			defer stop()
			d.wait(t, 20)
			o.Send(sighting(20))
			if diff := cmp.Diff(count(0, 21), d.wait(t, 21)); diff != "" {
				t.Errorf("sightings (-want +got):\n%s", diff)
			}
			if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 0 {
				t.Errorf("still on disk: %v", files)
			}
		})
	}
}

func TestWhatIsRefusedForGoodDoesNotBlock(t *testing.T) {
	d := newDoor(t)
	o, stop := start(t, d, "the edge key", t.TempDir())
	defer stop()
	d.answer(http.StatusUnprocessableEntity)
	o.Send(sighting(0))
	for testutil.ToFloat64(o.refused) == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	d.answer(0)
	o.Send(sighting(1))
	if diff := cmp.Diff([]string{"1"}, d.wait(t, 1)); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
	}
}

func TestSpoolIsBounded(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSpool(dir, 1000)
	if err != nil {
		t.Fatal(err)
	}
	dropped := 0
	for i := range 20 {
		n, err := s.Append([]offers.Sighting{sighting(i)})
		if err != nil {
			t.Fatal(err)
		}
		dropped += n
	}
	if s.bytes > 1000 || dropped == 0 || dropped+s.Batches() != 20 {
		t.Errorf("%d bytes, %d dropped, %d kept", s.bytes, dropped, s.Batches())
	}
	batch, err := s.Oldest()
	if err != nil || batch[0].MessageID != fmt.Sprint(dropped) {
		t.Errorf("oldest is %v, %v; want %d", batch, err, dropped)
	}
}

func TestSpoolSurvives(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSpool(dir, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if _, err := s.Append([]offers.Sighting{sighting(i)}); err != nil {
			t.Fatal(err)
		}
	}
	// A crash in the midst of a write, a damaged file, a stranger's file.
	for name, body := range map[string]string{"00000000000000000009" + spoolSuffix + ".part": "[{", "readme.txt": "hello"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, s.files[1].name), []byte("[{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err = OpenSpool(dir, 1<<20); err != nil {
		t.Fatal(err)
	}
	if s.Batches() != 3 {
		t.Fatalf("%d batches, want 3", s.Batches())
	}
	if _, err := s.Append([]offers.Sighting{sighting(3)}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for !s.Empty() {
		batch, err := s.Oldest()
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) {
				t.Fatal(err)
			}
			got = append(got, "damaged")
		} else {
			got = append(got, batch[0].MessageID)
		}
		if err := s.Remove(); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"0", "damaged", "2", "3"}, got); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
}

func TestGalleryIsFetchedWhenItChanged(t *testing.T) {
	version := 1
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tag := fmt.Sprintf(`"v%d"`, version)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", tag)
		switch version {
		case 1, 2:
			fmt.Fprintf(w, `{"revision":"r","faces":[{"shopper":"s%d","model":"lbp-1","sealed":"AQI="}]}`, version)
		case 3:
			fmt.Fprint(w, `{"model":`)
		case 4:
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	c, err := NewCollector(server.URL, "key")
	if err != nil {
		t.Fatal(err)
	}
	defer c.client.CloseIdleConnections()
	tag := ""
	for _, step := range []struct {
		version int
		want    offers.ShopperID // empty: the same
		err     error
	}{{1, "s1", nil}, {1, "", nil}, {2, "s2", nil}, {3, "", offers.ErrInvalid}, {2, "", nil}, {4, "", offers.ErrUnavailable}} {
		version = step.version
		var g *Gallery
		g, tag, err = c.Gallery(t.Context(), tag)
		if !errors.Is(err, step.err) {
			t.Fatalf("version %d: %v, want %v", step.version, err, step.err)
		}
		if g == nil {
			if step.want != "" {
				t.Errorf("version %d: the same, want %q", step.version, step.want)
			}
			continue
		}
		want := Gallery{Revision: "r", Faces: []Face{{Shopper: step.want, Model: "lbp-1", Sealed: []byte{1, 2}}}}
		if diff := cmp.Diff(want, *g); diff != "" {
			t.Errorf("version %d (-want +got):\n%s", step.version, diff)
		}
	}
}

func TestCollectorAddresses(t *testing.T) {
	for address, ok := range map[string]bool{
		"http://127.0.0.1:8080": true, "https://offers.example.com/": true,
		"": false, "127.0.0.1:8080": false, "ftp://x": false, "http://": false,
	} {
		if _, err := NewCollector(address, "key"); (err == nil) != ok || err != nil && !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestHealthIsToldAgainAndAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		c, err := NewCollector("http://house", "the edge key")
		if err != nil {
			t.Fatal(err)
		}
		c.client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			if len(told) == 1 {
				told = append(told, "away")
				return nil, errors.New("no route")
			}
			body, err := io.ReadAll(r.Body)
			told = append(told, r.Method+" "+r.URL.Path+" "+string(body))
			return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, err
		})
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		c.TellHealth(ctx, slog.New(slog.DiscardHandler), func() []CameraHealth {
			return []CameraHealth{{ID: "cam-door", FPS: 5, State: "live"}}
		})
		one := `POST /v1/health {"cameras":[{"id":"cam-door","fps":5,"state":"live"}]}`
		if diff := cmp.Diff([]string{one, "away", one}, told); diff != "" {
			t.Errorf("told in 25 s (-want +got):\n%s", diff)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

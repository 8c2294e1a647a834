package edge

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"aisle/offers"
	"aisle/vision/tally"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// door is an HTTP endpoint that takes what the collector's does, and notes it.
type door struct {
	*httptest.Server
	mu     sync.Mutex
	status int // to answer with; 0: as it should
	slow   time.Duration
	calls  atomic.Int32
	got    []string
}

func newDoor(t *testing.T) *door {
	d := &door{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.calls.Add(1)
		time.Sleep(d.slow)
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
	o, err = NewOutbox(c, dir, Limits{}, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
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
	for name, down := range map[string]int{"broken": http.StatusBadGateway, "busy": http.StatusTooManyRequests, "another key": http.StatusForbidden, "a proxy": http.StatusNotFound} {
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
			if files, _ := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix)); len(files) == 0 {
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
			for o.Backlog().Sightings > 0 {
				time.Sleep(5 * time.Millisecond)
			}
			if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 0 {
				t.Errorf("still on disk: %v", files)
			}
		})
	}
}

// A collector that takes its time: what comes meanwhile is on disk, and in order.
func TestASlowCollectorHoldsNobodyUp(t *testing.T) {
	d := newDoor(t)
	d.slow = 30 * time.Millisecond
	o, stop := start(t, d, "the edge key", t.TempDir())
	defer stop()
	for i := range 500 {
		o.Send(sighting(i))
	}
	if held := o.Backlog().Sightings; held < 300 {
		t.Errorf("%d wait: sending waited for the collector", held)
	}
	if diff := cmp.Diff(count(0, 500), d.wait(t, 500)); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
	}
}

// TestChild is no test: it is the process that TestKilledWhileSpooling kills.
func TestChild(t *testing.T) {
	dir := os.Getenv("AISLE_TEST_SPOOL")
	if dir == "" {
		t.Skip("only as a child")
	}
	c, err := NewCollector("http://127.0.0.1:1", "key") // nobody is there
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewOutbox(c, dir, Limits{}, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = o.Run(context.Background()) }()
	for i := 0; ; i++ {
		o.Send(sighting(i))
		fmt.Println("sent", i)
	}
}

func TestKilledWhileSpooling(t *testing.T) {
	dir, sent := t.TempDir(), 0
	for run := range 3 {
		child := exec.Command(os.Args[0], "-test.run=^TestChild$")
		child.Env = append(os.Environ(), "AISLE_TEST_SPOOL="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		last := -1
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if _, err := fmt.Sscanf(lines.Text(), "sent %d", &last); err == nil && last == 700*(run+1) {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = child.Wait() // it was killed
		sent += last + 1
	}
	s, err := OpenSpool(dir, Limits{}.orDefault())
	if err != nil {
		t.Fatal(err)
	}
	// One more of each run may be there, whose Send did not return.
	if s.Held() < sent || s.Held() > sent+3 || s.Damaged() > 3 {
		t.Errorf("%d sightings are there and %d damaged; %d were sent", s.Held(), s.Damaged(), sent)
	}
	next := 0
	for {
		batch, of, err := s.Batch(batchLimit)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) == 0 {
			break
		}
		for _, one := range batch {
			if one.MessageID != fmt.Sprint(next) && one.MessageID != "0" {
				t.Fatalf("sighting %s comes after %d", one.MessageID, next-1)
			}
			if one.MessageID == "0" {
				next = 0
			}
			next++
		}
		if err := s.Done(of, len(batch)); err != nil {
			t.Fatal(err)
		}
	}
}

// While the disk takes nothing, memory does, and in order.
func TestAFullDisk(t *testing.T) {
	d, dir := newDoor(t), filepath.Join(t.TempDir(), "spool")
	d.answer(http.StatusBadGateway)
	o, stop := start(t, d, "the edge key", dir)
	defer stop()
	o.Send(sighting(0))
	for d.calls.Load() == 0 { // it is read from disk already
		time.Sleep(5 * time.Millisecond)
	}
	// The folder is away: nothing can be written or read.
	away := dir + "-away"
	if err := os.Rename(dir, away); err != nil {
		t.Fatal(err)
	}
	o.mu.Lock()
	if err := o.spool.seal(); err != nil { // else Linux writes on
		t.Error(err)
	}
	o.mu.Unlock()
	for i := 1; i < heldLimit+11; i++ {
		o.Send(sighting(i))
	}
	if got := testutil.ToFloat64(o.dropped); got != 10 {
		t.Errorf("%v were dropped, want the oldest 10 that memory had no room for", got)
	}
	if err := os.Rename(away, dir); err != nil {
		t.Fatal(err)
	}
	d.answer(0)
	want := append([]string{"0"}, count(11, heldLimit+12)...)
	d.wait(t, 1)
	o.Send(sighting(heldLimit + 11))
	if diff := cmp.Diff(want, d.wait(t, len(want))); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
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
	now := time.Now()
	long := func(i int) offers.Sighting {
		one := sighting(i)
		one.Track = strings.Repeat("t", 10_000) // so that files fill up
		return one
	}
	t.Run("by bytes", func(t *testing.T) {
		s, err := OpenSpool(t.TempDir(), Limits{Bytes: 3 * segmentSize, Age: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		dropped := 0
		for i := range 200 {
			n, err := s.Append(long(i), now)
			if err != nil {
				t.Fatal(err)
			}
			dropped += n
		}
		if s.Bytes() > 3*segmentSize || dropped == 0 || dropped+s.Held() != 200 {
			t.Errorf("%d bytes, %d dropped, %d kept", s.Bytes(), dropped, s.Held())
		}
		batch, _, err := s.Batch(1)
		if err != nil || batch[0].MessageID != fmt.Sprint(dropped) {
			t.Errorf("oldest is %v, %v; want %d", batch, err, dropped)
		}
	})
	t.Run("by age", func(t *testing.T) {
		dir := t.TempDir()
		s, err := OpenSpool(dir, Limits{Bytes: 1 << 20, Age: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 30 {
			if _, err := s.Append(long(i), now.Add(time.Duration(i)*time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := s.Expire(now.Add(time.Hour)); n != 0 || err != nil {
			t.Errorf("%d are dropped before their time, %v", n, err)
		}
		n, err := s.Expire(now.Add(90 * time.Minute))
		if n == 0 || err != nil || n+s.Held() != 30 {
			t.Errorf("%d are dropped, %d kept, %v", n, s.Held(), err)
		}
	})
	t.Run("while a batch is under way", func(t *testing.T) {
		s, err := OpenSpool(t.TempDir(), Limits{Bytes: 2 * segmentSize, Age: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(long(0), now); err != nil {
			t.Fatal(err)
		}
		_, of, err := s.Batch(10)
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; s.segments[0].number == of; i++ {
			if _, err := s.Append(long(i), now); err != nil {
				t.Fatal(err)
			}
		}
		held := s.Held()
		if err := s.Done(of, 1); err != nil || s.Held() != held {
			t.Errorf("%d are left of %d, %v: the batch was dropped before, and others went for it", s.Held(), held, err)
		}
	})
}

func TestSpoolSurvives(t *testing.T) {
	dir, limits, now := t.TempDir(), Limits{}.orDefault(), time.Now()
	for run := range 3 { // a file each
		s, err := OpenSpool(dir, limits)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			if _, err := s.Append(sighting(3*run+i), now); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix))
	if err != nil || len(files) != 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	change := func(file string, to func(lines []string) string) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(to(strings.SplitAfter(string(b), "\n"))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	change(files[0], func(l []string) string { return l[0] + l[1] + l[2][:len(l[2])-9] })                 // cut off by a crash
	change(files[1], func(l []string) string { return l[0] + strings.Replace(l[1], "4", "5", 1) + l[2] }) // a bit went over
	for name, body := range map[string]string{"readme.txt": "hello", "00000000000000000009" + segmentSuffix: "", "x" + segmentSuffix: "[{"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := OpenSpool(dir, limits)
	if err != nil {
		t.Fatal(err)
	}
	if s.Held() != 7 || s.Damaged() != 2 {
		t.Errorf("%d are held and %d damaged, want 7 and 2", s.Held(), s.Damaged())
	}
	if _, err := s.Append(sighting(9), now); err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		batch, of, err := s.Batch(2)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) == 0 {
			break
		}
		for _, one := range batch {
			got = append(got, one.MessageID)
		}
		if err := s.Done(of, len(batch)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"0", "1", "3", "5", "6", "7", "8", "9"}, got); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
	}
	if s.Held() != 0 || s.Bytes() != 0 {
		t.Errorf("empty, it holds %d in %d bytes", s.Held(), s.Bytes())
	}
}

func FuzzSpoolFiles(f *testing.F) {
	f.Add([]byte("0b2d1a7e {\"message_id\":\"1\"}\n"))
	f.Add([]byte("\n\n00000000 \n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "00000000000000000001"+segmentSuffix), body, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := OpenSpool(dir, Limits{}.orDefault())
		if err != nil {
			t.Fatal(err)
		}
		held := s.Held()
		batch, of, err := s.Batch(1 << 20)
		if err != nil || len(batch) != held {
			t.Fatalf("%d of %d, %v", len(batch), held, err)
		}
		if err := s.Done(of, len(batch)); err != nil || s.Held() != 0 {
			t.Errorf("%d are left, %v", s.Held(), err)
		}
	})
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
		lines := new(Lines)
		c.client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			if len(told) == 1 {
				told = append(told, "away")
				lines.Add(tally.Signed{Line: "2"})
				return nil, errors.New("no route")
			}
			var h Health
			err := json.NewDecoder(r.Body).Decode(&h)
			said := fmt.Sprint(r.Method, " ", r.URL.Path, " ", h.Cameras[0].ID, " ", h.Cameras[0].State)
			for _, l := range h.Lines {
				said += " " + l.Line
			}
			told = append(told, said)
			answer := `{"cameras":[{"id":"cam-door","shop":"corner","ground":[{"x":0.5,"y":1,"at":{"x":2,"y":3}}]}]}`
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(answer))}, err
		})
		lines.Add(tally.Signed{Line: "0"})
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		time.AfterFunc(5*time.Second, func() { lines.Add(tally.Signed{Line: "1"}) })
		began := time.Now()
		c.TellHealth(ctx, slog.New(slog.DiscardHandler), lines, func() Health {
			now := Live
			if time.Since(began) > 13*time.Second {
				now = Stalled
			}
			return Health{Cameras: []CameraHealth{{ID: "cam-door", FPS: 5, State: now}}}
		}, func(placed []Placed) {
			want := []Placed{{ID: "cam-door", Shop: "corner", Ground: []offers.GroundPoint{{X: .5, Y: 1, At: offers.Point{X: 2, Y: 3}}}}}
			if diff := cmp.Diff(want, placed); diff != "" {
				t.Errorf("what the house knows (-want +got):\n%s", diff)
			}
		})
		one := "POST /v1/health cam-door "
		if diff := cmp.Diff([]string{one + "live 0", "away", one + "stalled 1 2", one + "stalled", one + "stalled"}, told); diff != "" {
			t.Errorf("told in 25 s, and at the end (-want +got):\n%s", diff)
		}
	})
}

func TestLinesOfADayWithoutALinkWait(t *testing.T) {
	lines := new(Lines)
	line := func(i int) tally.Signed { return tally.Signed{Line: fmt.Sprint(i)} }
	for i := range linesWait {
		lines.Add(line(i))
	}
	handed, from := lines.next()
	lines.Add(line(linesWait), line(linesWait+1)) // the oldest two make room while the house is told
	lines.told(from, len(handed))
	if next, _ := lines.next(); next[0].Line != line(linesAtOnce).Line {
		t.Errorf("next is line %s, want %d", next[0].Line, linesAtOnce)
	}
	if got := len(lines.waiting); got != linesWait-linesAtOnce+2 {
		t.Errorf("%d lines wait, want %d", got, linesWait-linesAtOnce+2)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

//go:build gocv

package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/collector"
	"aisle/services/state"
	"aisle/services/stream"
	"aisle/services/vision/edge"
	"aisle/vision"
	"aisle/vision/drawn"
	"aisle/vision/pass"
	"aisle/vision/tally"
)

// house is the real collector with what it stands on, behind a real port.
type house struct {
	t       *testing.T
	url     string
	secrets catalog.Secrets
	catalog *catalog.Catalog
	state   *state.Store
	log     *stream.Log

	mu   sync.Mutex // guards said
	said []offers.Sighting
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newHouse(t *testing.T) *house {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	logger := slog.New(slog.DiscardHandler)
	h := &house{t: t}
	var err error
	h.log, err = stream.Open(ctx, stream.Config{Dir: t.TempDir(), Partitions: 2, Logger: logger})
	must(t, err)
	t.Cleanup(func() { cancel(); h.log.Close() })
	h.state, err = state.Open(ctx, state.Config{Dir: t.TempDir(), Logger: logger})
	must(t, err)
	t.Cleanup(func() { h.state.Close() })
	h.catalog, err = catalog.Open(ctx, catalog.Config{Dir: t.TempDir(), Logger: logger})
	must(t, err)
	t.Cleanup(func() { h.catalog.Close() })
	h.secrets, err = h.catalog.Secrets(ctx)
	must(t, err)
	shop, err := json.Marshal(offers.Shop{
		ID: "corner", Zones: []offers.Zone{{ID: "door", Floor: "ground", Kind: offers.ZoneEntrance}},
		Cameras: []offers.Camera{{ID: "cam", Floor: "ground", Zone: "door", At: offers.Point{X: 2, Y: 1}}, {ID: "tablet", Floor: "ground", Zone: "door"}},
	})
	must(t, err)
	must(t, h.log.Produce(ctx, stream.Record{Stream: stream.Campaigns, Key: []byte(offers.ShopKey("corner")), Value: shop}))
	shops, err := h.log.Catalogue(ctx)
	must(t, err)
	k, err := collector.New(collector.Config{}, collector.Parts{Log: h.log, State: h.state, Catalog: h.catalog, Shops: shops, Secrets: h.secrets, Logger: logger})
	must(t, err)
	app := fiber.New(fiber.Config{DisableStartupMessage: true, BodyLimit: 4 << 20})
	k.Routes(app)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = app.Listener(listener) }()
	t.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second) })
	h.url = "http://" + listener.Addr().String()
	go func() {
		_ = h.log.Tail(ctx, stream.Sightings, -1, func(_ context.Context, records []stream.Record) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			for _, r := range records {
				var s offers.Sighting
				if err := json.Unmarshal(r.Value, &s); err != nil {
					t.Error(err)
				}
				h.said = append(h.said, s)
			}
			return nil
		}, nil)
	}()
	return h
}

func (h *house) edgeKey() string { return hex.EncodeToString(h.secrets.Edge) }

func (h *house) token(shopper offers.ShopperID) string {
	return catalog.SignToken(h.secrets.Token, catalog.TokenEnrol, shopper, time.Now().Add(time.Minute))
}

func (h *house) sightings() []offers.Sighting {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.said)
}

// names are who each track was, sorted, of tracks that have ended.
func (h *house) names() []offers.ShopperID {
	who, gone := map[string]offers.ShopperID{}, map[string]bool{}
	for _, s := range h.sightings() {
		who[s.Track] = s.Shopper
		gone[s.Track] = s.Gone
	}
	var names []offers.ShopperID
	for track, name := range who {
		if gone[track] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func eventually(t *testing.T, what string, within time.Duration, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within %v: %s", within, what)
}

// watching is a running process.
type watching struct {
	url  string
	data string
	stop func()
}

// watch runs the program until the test ends, as its parent would.
func watch(t *testing.T, h *house, config string) *watching {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := listener.Addr().String()
	must(t, listener.Close())
	w := &watching{url: "http://" + address, data: t.TempDir()}
	file := filepath.Join(t.TempDir(), "vision.yaml")
	must(t, os.WriteFile(file, []byte(config), 0o600))
	t.Setenv("TEST_EDGE_KEY", h.edgeKey())
	stdin, parent := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- command(context.Background(), []string{
			"-config", file, "-listen", address, "-collector", h.url, "-edge-key", "${env:TEST_EDGE_KEY}", "-data", w.data, "-child",
		}, stdin, testLog{t})
	}()
	w.stop = sync.OnceFunc(func() {
		parent.Close() // the parent is gone
		select {
		case err := <-done:
			must(t, err)
		case <-time.After(10 * time.Second):
			t.Error("it outlives its parent")
		}
	})
	t.Cleanup(w.stop)
	eventually(t, "it is ready", 20*time.Second, func() bool {
		r, err := http.Get(w.url + "/readyz")
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	return w
}

type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

func (w *watching) post(t *testing.T, path, kind string, body []byte) (int, map[string]any) {
	t.Helper()
	r, err := http.Post(w.url+path, kind, bytes.NewReader(body))
	must(t, err)
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	must(t, err)
	answer := map[string]any{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &answer); err != nil {
			t.Fatalf("%s: %v: %s", path, err, raw)
		}
	}
	if r.StatusCode >= 400 && (r.Header.Get("Content-Type") != "application/problem+json" || answer["detail"] == "") {
		t.Errorf("%s: %d without a problem: %s", path, r.StatusCode, raw)
	}
	return r.StatusCode, answer
}

// healths is how the process says that it and its cameras are.
func (w *watching) healths(t *testing.T, h *house) (all edge.Health) {
	t.Helper()
	r, err := http.Get(w.url + "/vision/cameras?key=" + h.edgeKey())
	must(t, err)
	defer r.Body.Close()
	must(t, json.NewDecoder(r.Body).Decode(&all))
	return all
}

// form is an enrolment's.
func form(t *testing.T, token string, images ...[]byte) (kind string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if token != "" {
		must(t, w.WriteField("token", token))
	}
	for i, image := range images {
		part, err := w.CreateFormFile("image", fmt.Sprintf("%d.jpg", i))
		must(t, err)
		_, err = part.Write(image)
		must(t, err)
	}
	must(t, w.Close())
	return w.FormDataContentType(), b.Bytes()
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	b, err := drawn.JPEG(img)
	must(t, err)
	return b
}

func portraitsOf(t *testing.T, person, n int) (jpegs [][]byte) {
	for _, img := range drawn.Portraits(person, n) {
		jpegs = append(jpegs, jpegOf(t, img))
	}
	return jpegs
}

// consent is what the app does before: the notice is signed, and stands.
func (h *house) consent(t *testing.T, shopper offers.ShopperID) {
	t.Helper()
	_, err := h.catalog.SignFaceConsent(t.Context(), catalog.FaceConsent{
		Shopper: shopper, Notice: "1", Language: "en", Text: "We describe your face.", KeepDays: 30, LongestDays: 365, Signature: "Mia",
	})
	must(t, err)
	yes := offers.Consent{Purpose: offers.ConsentFace, Granted: true, At: time.Now(), Source: "test"}
	must(t, h.state.SetConsent(t.Context(), h.log.PartitionOf(string(shopper)), shopper, yes))
}

func (w *watching) enrol(t *testing.T, h *house, shopper offers.ShopperID, person int) {
	t.Helper()
	h.consent(t, shopper)
	kind, body := form(t, h.token(shopper), portraitsOf(t, person, 3)...)
	if status, answer := w.post(t, "/vision/enrolments", kind, body); status != http.StatusCreated || answer["shopper"] != string(shopper) || len(answer["images"].([]any)) != 3 {
		t.Fatalf("enrolment of %s: %d %v", shopper, status, answer)
	}
}

func (w *watching) metric(t *testing.T, line string) float64 {
	t.Helper()
	r, err := http.Get(w.url + "/metrics")
	must(t, err)
	defer r.Body.Close()
	all, err := io.ReadAll(r.Body)
	must(t, err)
	for text := range strings.Lines(string(all)) {
		if rest, ok := strings.CutPrefix(text, line+" "); ok {
			var v float64
			_, err := fmt.Sscan(rest, &v)
			must(t, err)
			return v
		}
	}
	return 0
}

// scene is drawn once for all tests.
var scene = drawn.NewScene(640, 360)

// networkCamera serves walks that begin when it is first asked.
func networkCamera(t *testing.T, walks []drawn.Walk) (url string) {
	for _, w := range walks {
		scene.Prepare(w.Person)
	}
	began := sync.OnceValue(time.Now)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", drawn.ContentType)
		feed := drawn.NewMJPEG(w)
		for tick := time.Tick(time.Second / 6); ; {
			if err := feed.Write(jpegOf(t, scene.Frame(time.Since(began()), walks))); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-tick:
			}
		}
	}))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server.URL
}

const drawnThreshold = `describer: {threshold: 0.69}`

func TestFromEnrolmentToSighting(t *testing.T) {
	h := newHouse(t)
	w := watch(t, h, drawnThreshold)
	w.enrol(t, h, "s3", 3)
	w.enrol(t, h, "s0", 0)
	w.stop() // what follows is another run, with the same key and another camera
	walk := func(person int, start time.Duration) drawn.Walk {
		return drawn.Walk{Person: drawn.NewPerson(person), Start: start, Duration: 5 * time.Second}
	}
	camera := networkCamera(t, []drawn.Walk{walk(3, 2*time.Second), walk(9, 7*time.Second), walk(0, 12*time.Second)})
	w2 := watch(t, h, drawnThreshold+fmt.Sprintf("\nseal_key: %q\ncameras: [{id: cam, url: %q, min_face: 56}]", secretOf(t, w), camera))
	eventually(t, "three people came", 30*time.Second, func() bool { return len(h.names()) == 3 })
	if diff := cmp.Diff([]offers.ShopperID{"", "s0", "s3"}, h.names()); diff != "" {
		t.Errorf("who came (-want +got):\n%s", diff)
	}
	for _, s := range h.sightings() {
		if s.Shop != "corner" || s.Zone != "door" || s.At != (offers.Point{X: 2, Y: 1}) || s.Sensor != offers.SensorCamera || s.Device != "cam" {
			t.Errorf("sighting of the wrong place: %+v", s)
		}
	}
	for line, want := range map[string]float64{
		`aisle_vision_faces_total{camera="cam",result="matched"}`: 2,
		`aisle_vision_faces_total{camera="cam",result="unknown"}`: 1,
		`aisle_vision_gallery_people`:                             2,
		`aisle_vision_camera_up{camera="cam"}`:                    1,
	} {
		if got := w2.metric(t, line); got != want {
			t.Errorf("%s is %v, want %v", line, got, want)
		}
	}
	if fps := w2.metric(t, `aisle_vision_camera_frames_per_second{camera="cam"}`); fps < 4 || fps > 7 {
		t.Errorf("%v frames a second, want 6", fps)
	}
	if n := w2.metric(t, `aisle_vision_frames_total{camera="cam",result="still"}`); n == 0 {
		t.Error("an empty doorway was looked at as often as a busy one")
	}
}

// secretOf is the key that a run made for itself.
func secretOf(t *testing.T, w *watching) string {
	b, err := os.ReadFile(filepath.Join(w.data, "seal.key"))
	must(t, err)
	return string(b)
}

// What the house knows of its cameras: how they do, where people stand whom they
// see, and what they counted, signed.
func TestTheHouseHearsOfItsCameras(t *testing.T) {
	h := newHouse(t)
	shop := offers.Shop{
		ID: "corner", TimeZone: "UTC", Zones: []offers.Zone{{ID: "door", Floor: "ground", Kind: offers.ZoneEntrance}},
		Cameras: []offers.Camera{{ID: "cam", Floor: "ground", Zone: "door", At: offers.Point{X: 20, Y: 20}, Ground: []offers.GroundPoint{
			{X: .1, Y: .95, At: offers.Point{X: 4, Y: 3}}, {X: .9, Y: .95, At: offers.Point{X: 2, Y: 3}},
			{X: .65, Y: .5, At: offers.Point{X: 2, Y: 7}}, {X: .35, Y: .5, At: offers.Point{X: 4, Y: 7}},
		}}},
	}
	body, err := json.Marshal(&shop)
	must(t, err)
	must(t, h.log.Produce(t.Context(), stream.Record{Stream: stream.Campaigns, Key: []byte(offers.ShopKey("corner")), Value: body}))
	camera := networkCamera(t, []drawn.Walk{{Person: drawn.NewPerson(9), Start: 4 * time.Second, Duration: 5 * time.Second}})
	w := watch(t, h, drawnThreshold+fmt.Sprintf("\nname: till-box\ncameras: [{id: cam, url: %q, min_face: 56}]", camera))
	eventually(t, "somebody came", 30*time.Second, func() bool { return len(h.names()) == 1 })
	for _, s := range h.sightings() {
		if s.AccuracyM <= 0 || s.AccuracyM > 4 || s.At.X < -2 || s.At.X > 8 || s.At.Y < 0 || s.At.Y > 12 {
			t.Errorf("somebody stands at %v within %v m, want near the middle of the floor that is seen", s.At, s.AccuracyM)
		}
	}
	for _, path := range []string{"/vision/cameras/cam/picture?key=x", "/vision/cameras/cam/picture"} {
		r, err := http.Get(w.url + path)
		must(t, err)
		r.Body.Close()
		if r.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d, want 401", path, r.StatusCode)
		}
	}
	until := time.Now().Add(time.Minute)
	r, err := http.Get(w.url + "/vision/cameras/cam/picture?key=" + pass.Write([]byte(h.edgeKey()), pass.Look, "cam", until))
	must(t, err)
	picture, err := io.ReadAll(r.Body)
	must(t, err)
	r.Body.Close()
	if got, err := vision.CheckJPEG(picture); err != nil || got.Width != 640 || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a picture: %d, %d by %d pixels, %v", r.StatusCode, got.Width, got.Height, err)
	}
	if status, _ := w.post(t, "/vision/frames/cam?key="+pass.Write([]byte(h.edgeKey()), pass.Look, "cam", until), "image/jpeg", picture); status != http.StatusUnauthorized {
		t.Errorf("to send with a pass to look: %d, want 401", status)
	}
	w.stop() // which has the last words

	cameras, processes, err := h.state.Cameras(t.Context())
	must(t, err)
	c := cameras["cam"]
	if p := processes[c.Process]; c.State != "live" || c.Kind != "http" || c.WidthPx != 640 || c.FPS < 3 || p.Name != "till-box" || p.SpoolSightings != 0 {
		t.Errorf("the house heard %+v of %+v", c, p)
	}
	counted, err := h.state.Counters(t.Context(), []offers.CameraID{"cam"}, time.Now().UTC().Format(time.DateOnly), 10)
	must(t, err)
	if got := counted["cam"].Day; got.Seen == 0 || got.Unknown != 1 || got.Matched != 0 {
		t.Errorf("counted %+v, want one stranger", got)
	}
	keys, err := h.state.CounterKeys(t.Context())
	must(t, err)
	for _, signed := range counted["cam"].Lines {
		if _, err := tally.Verify(keys[c.Process].Public, signed); err != nil {
			t.Errorf("%s: %v", signed.Line, err)
		}
	}
}

func TestTheGalleryHasItsTime(t *testing.T) {
	h := newHouse(t)
	w := watch(t, h, drawnThreshold)
	w.enrol(t, h, "s3", 3)
	e, err := newEngine(&Config{Detector: Detector{Kind: "haar", Path: debianCascade}, Describer: Describer{Kind: "lbp"}})
	must(t, err)
	house, err := edge.NewCollector(h.url, h.edgeKey())
	must(t, err)
	key, err := vision.SealKey(secretOf(t, w))
	must(t, err)
	m, _ := newMetrics()
	g := newGallery(house, key, e, 15*time.Minute, m, slog.New(slog.DiscardHandler))
	must(t, g.poll(t.Context()))
	if g.now().People() != 1 || g.revision() == "" {
		t.Fatalf("%d people, revision %q", g.now().People(), g.revision())
	}
	g.expire(g.heardAt().Add(14 * time.Minute))
	if g.now().People() != 1 {
		t.Error("nobody is known after 14 minutes without the house, want 15")
	}
	g.expire(g.heardAt().Add(16 * time.Minute))
	if g.now().People() != 0 {
		t.Error("people are known after 16 minutes without the house")
	}
	must(t, g.poll(t.Context()))
	if g.now().People() != 1 {
		t.Error("nobody is known though the house is there again")
	}
}

func TestWhoWithdrawsIsAStranger(t *testing.T) {
	h := newHouse(t)
	camera := networkCamera(t, []drawn.Walk{{Person: drawn.NewPerson(3), Start: 4 * time.Second, Duration: 5 * time.Second}})
	w := watch(t, h, drawnThreshold+fmt.Sprintf("\ncameras: [{id: cam, url: %q, min_face: 56}]", camera))
	w.enrol(t, h, "s3", 3)
	eventually(t, "the gallery has one", 5*time.Second, func() bool { return w.metric(t, "aisle_vision_gallery_people") == 1 })
	no := offers.Consent{Purpose: offers.ConsentFace, At: time.Now(), Source: "test"}
	must(t, h.state.SetConsent(t.Context(), h.log.PartitionOf("s3"), "s3", no))
	eventually(t, "the gallery is empty", 8*time.Second, func() bool { return w.metric(t, "aisle_vision_gallery_people") == 0 })
	eventually(t, "somebody came", 20*time.Second, func() bool { return len(h.names()) == 1 })
	if diff := cmp.Diff([]offers.ShopperID{""}, h.names()); diff != "" {
		t.Errorf("who came (-want +got):\n%s", diff)
	}
}

func TestABrowserIsACamera(t *testing.T) {
	h := newHouse(t)
	w := watch(t, h, drawnThreshold+"\ncameras: [{id: tablet, url: browser, min_face: 56}, {id: cam, url: /no/such/file.mp4}]")
	w.enrol(t, h, "s3", 3)
	walks := []drawn.Walk{{Person: drawn.NewPerson(3), Duration: 5 * time.Second}}
	key := "?key=" + h.edgeKey()
	for at := time.Duration(0); at < 5*time.Second; at += 200 * time.Millisecond {
		began := time.Now()
		if status, answer := w.post(t, "/vision/frames/tablet"+key, "image/jpeg", jpegOf(t, scene.Frame(at, walks))); status != http.StatusNoContent {
			t.Fatalf("frame: %d %v", status, answer)
		}
		time.Sleep(200*time.Millisecond - time.Since(began))
	}
	eventually(t, "somebody came", 10*time.Second, func() bool { return len(h.names()) == 1 })
	if diff := cmp.Diff([]offers.ShopperID{"s3"}, h.names()); diff != "" {
		t.Errorf("who came (-want +got):\n%s", diff)
	}

	frame := jpegOf(t, scene.Frame(0, nil))
	for name, test := range map[string]struct {
		path string
		body []byte
		want int
	}{
		"no key":          {"/vision/frames/tablet", frame, 401},
		"another key":     {"/vision/frames/tablet?key=x", frame, 401},
		"no camera":       {"/vision/frames/none" + key, frame, 404},
		"a network one":   {"/vision/frames/cam" + key, frame, 404},
		"empty":           {"/vision/frames/tablet" + key, nil, 422},
		"no picture":      {"/vision/frames/tablet" + key, []byte("hello"), 422},
		"half a picture":  {"/vision/frames/tablet" + key, frame[:len(frame)/2], 422},
		"too large":       {"/vision/frames/tablet" + key, make([]byte, frameLimit+1), 413},
		"no such address": {"/vision/nothing", nil, 404},
	} {
		if status, answer := w.post(t, test.path, "image/jpeg", test.body); status != test.want {
			t.Errorf("%s: %d %v, want %d", name, status, answer, test.want)
		}
	}
	states := map[offers.CameraID]edge.State{}
	for _, c := range w.healths(t, h).Cameras {
		states[c.ID] = c.State
	}
	if diff := cmp.Diff(map[offers.CameraID]edge.State{"tablet": edge.Live, "cam": edge.Connecting}, states); diff != "" {
		t.Errorf("cameras (-want +got):\n%s", diff)
	}
}

func TestEnrolmentsThatAreRefused(t *testing.T) {
	h := newHouse(t)
	w := watch(t, h, "")
	good := portraitsOf(t, 3, 2)
	two := drawn.Portrait(drawn.NewPerson(1), drawn.Frontal(), 320)
	crowd := image.NewRGBA(image.Rect(0, 0, 640, 320))
	for y := range 320 {
		copy(crowd.Pix[y*crowd.Stride:], two.Pix[y*two.Stride:(y+1)*two.Stride])
		copy(crowd.Pix[y*crowd.Stride+1280:], two.Pix[y*two.Stride:(y+1)*two.Stride])
	}
	dim := drawn.Portrait(drawn.NewPerson(1), drawn.Frontal(), 320)
	for i, v := range dim.Pix {
		if i%4 != 3 {
			dim.Pix[i] = v / 5
		}
	}
	far := scene.Frame(100*time.Millisecond, []drawn.Walk{{Person: drawn.NewPerson(3), Duration: 5 * time.Second}})
	small := image.NewRGBA(image.Rect(0, 0, 480, 270)) // three quarters of it
	for y := range 270 {
		for x := range 480 {
			small.Set(x, y, far.At(x*4/3, y*4/3))
		}
	}
	token := h.token("s3")
	tests := map[string]struct {
		token  string
		images [][]byte
		status int
		want   string // in the detail
	}{
		"no token":      {"", good, 422, "token is missing"},
		"no pictures":   {token, nil, 422, "no picture"},
		"six pictures":  {token, slices.Repeat(good, 3), 422, "At most 5"},
		"no picture":    {token, [][]byte{good[0], []byte("hello")}, 422, "Picture 2: picture: it is not a JPEG"},
		"nobody":        {token, [][]byte{jpegOf(t, scene.Frame(0, nil))}, 422, "no face found: come closer"},
		"two people":    {token, [][]byte{jpegOf(t, crowd)}, 422, "2 faces"},
		"too dark":      {token, [][]byte{jpegOf(t, dim)}, 422, "too dark"},
		"too small":     {token, [][]byte{jpegOf(t, small)}, 422, "px, it needs 56: come closer"},
		"forged token":  {"czMuOTk5OTk5OTk5OQ.Zm9yZ2Vk", good, 403, "does not enrol"},
		"not a token":   {"hello", good, 403, "does not enrol"},
		"another token": {catalog.SignToken(h.secrets.Token, catalog.TokenLink, "s3", time.Now().Add(time.Minute)), good, 403, "does not enrol"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			kind, body := form(t, test.token, test.images...)
			status, answer := w.post(t, "/vision/enrolments", kind, body)
			if detail, _ := answer["detail"].(string); status != test.status || !strings.Contains(detail, test.want) {
				t.Errorf("%d %v, want %d and %q", status, answer, test.status, test.want)
			}
		})
	}
	if status, _ := w.post(t, "/vision/enrolments", "application/json", []byte(`{}`)); status != http.StatusUnsupportedMediaType {
		t.Errorf("not a form: %d, want 415", status)
	}
	if status, _ := w.post(t, "/vision/enrolments", "multipart/form-data; boundary=x", []byte("--x\r\nContent-Disp")); status != http.StatusBadRequest {
		t.Errorf("half a form: %d, want 400", status)
	}
	faces, _, err := h.catalog.Faces(t.Context())
	must(t, err)
	if len(faces) != 0 {
		t.Errorf("%d faces were kept", len(faces))
	}
}

func TestWhatCannotStartSaysWhy(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.xml")
	must(t, os.WriteFile(broken, []byte("<opencv_storage><cascade>"), 0o600))
	other := filepath.Join(t.TempDir(), "other.xml")
	must(t, os.WriteFile(other, []byte("<opencv_storage></opencv_storage>"), 0o600))
	sum := "'" + strings.Repeat("0", 64) + "'" // in YAML
	tests := map[string]struct {
		config string
		args   []string
		want   []string
	}{
		"no key":              {"", nil, []string{"edge_key"}},
		"unknown word":        {"edge_key: k\nlissten: x", nil, []string{"lissten"}},
		"a missing cascade":   {"edge_key: k\ndetector: {path: /no/such.xml}", nil, []string{"opencv-data", "/no/such.xml"}},
		"a broken cascade":    {"edge_key: k\ndetector: {path: " + broken + "}", nil, []string{"no cascade"}},
		"no cascade":          {"edge_key: k\ndetector: {path: " + other + "}", nil, []string{"no cascade of OpenCV"}},
		"another cascade":     {"edge_key: k\ndetector: {sha256: " + sum + "}", nil, []string{"sha256"}},
		"a net without a sum": {"edge_key: k\ndescriber: {kind: net, path: x}", nil, []string{"describer.sha256"}},
		"a missing net":       {"edge_key: k\ndescriber: {kind: net, path: /no/such.onnx, sha256: " + sum + "}", nil, []string{"not there"}},
		"kinds":               {"edge_key: k\ndetector: {kind: dog}\ndescriber: {kind: cat}", nil, []string{"detector.kind", "describer.kind"}},
		"cameras": {"edge_key: k\ncameras: [{id: a b, url: x}, {id: c}, {id: d, url: 'ftp://x'}, {id: d, url: x, rate: 99, min_face: 3}]", nil,
			[]string{`"a b"`, `"c": url`, "ftp://", "twice", "rate", "20 pixels"}},
		"addresses":         {"edge_key: k\nlisten: x\ncollector: y", nil, []string{"listen", "collector"}},
		"a short secret":    {"edge_key: k\nseal_key: x", nil, []string{"seal_key"}},
		"an unset variable": {"edge_key: ${env:NO_SUCH_VARIABLE}", nil, []string{"NO_SUCH_VARIABLE"}},
		"a camera by flag":  {"edge_key: k", []string{"-cameras", "door"}, []string{"id=url"}},
		"a stray word":      {"edge_key: k", []string{"door"}, []string{"door"}},
		"a log level":       {"edge_key: k\nlog: {level: loud}", nil, []string{"log.level"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "vision.yaml")
			must(t, os.WriteFile(file, []byte(test.config), 0o600))
			err := command(t.Context(), append([]string{"-config", file, "-data", t.TempDir(), "-check"}, test.args...), nil, io.Discard)
			if !errors.Is(err, offers.ErrInvalid) && !errors.Is(err, offers.ErrNotFound) {
				t.Fatalf("error %v, want invalid or not found", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not speak of %q", err, want)
				}
			}
		})
	}
	if err := command(t.Context(), []string{"-edge-key", "k", "-data", t.TempDir(), "-cameras", "door=browser, side=rtsp://u:p@10.0.0.7/1", "-check"}, nil, io.Discard); err != nil {
		t.Errorf("a good configuration: %v", err)
	}
}

func FuzzFrameDoor(f *testing.F) {
	good := jpegOf(f, drawn.NewScene(64, 48).Frame(0, nil))
	f.Add("tablet", good)
	f.Add("tablet", good[:100])
	f.Add("../x", []byte{0xff, 0xd8, 0xff, 0xd9})
	c := &Config{EdgeKey: "k", Data: f.TempDir(), Cameras: []Camera{{ID: "tablet", URL: browser}}}
	must(f, c.check())
	p, err := assemble(c, slog.New(slog.DiscardHandler))
	must(f, err)
	handler := p.door.handler()
	f.Fuzz(func(t *testing.T, camera string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/vision/frames/tablet?key=k", bytes.NewReader(body))
		r.SetPathValue("camera", camera)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusNoContent:
			cam := p.cameras[0]
			picture, ok := cam.slot.Take(t.Context(), time.Second)
			if !ok {
				t.Fatal("a good picture did not come through")
			}
			cam.lookAt(picture)
		case http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
		default:
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}

package console_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/gofiber/fiber/v2"
	"go.uber.org/goleak"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/console"
	"aisle/services/state"
	"aisle/services/stream"
)

func TestMain(m *testing.M) {
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", lastLine)
	openapi3filter.RegisterBodyDecoder("text/event-stream", asText)
	// fasthttp's clock ticks for ever once started, and its pools look up only
	// every ten seconds.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// asText is a body that is no JSON.
func asText(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
	all, err := io.ReadAll(body)
	return string(all), err
}

// house is a console on real parts: the broker, the redis-server and the
// SQLite file that are in the box.
type house struct {
	t       *testing.T
	url     string
	log     *stream.Log
	store   *state.Store
	catalog *catalog.Catalog
	config  console.Config
	dir     string

	service *console.Service
	app     *fiber.App
	stop    func()
}

// open starts the parts and a console.
func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir()}
	var err error
	if h.log, err = stream.Open(t.Context(), stream.Config{Dir: h.dir + "/stream", Partitions: 4}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.log.Close() })
	if h.store, err = state.Open(t.Context(), state.Config{Dir: stateDir(t)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.store.Close() })
	if h.catalog, err = catalog.Open(t.Context(), catalog.Config{Dir: h.dir}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.catalog.Close() })
	h.config.Logger = slog.New(slog.NewTextHandler(&lines{t: t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	h.start()
	t.Cleanup(func() { h.stop() })
	return h
}

// stateDir is a folder with a short name: unix sockets allow 107 characters.
func stateDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "aisle") //nolint:usetesting // its names are long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// lines writes the log to the test, as long as it runs.
type lines struct {
	t  *testing.T
	mu sync.Mutex
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.t.Context().Err() == nil {
		l.t.Log(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}

// start starts a console on the parts; stop ends it, the parts stay.
func (h *house) start() {
	h.t.Helper()
	s := console.New(h.config, h.log, h.store, h.catalog)
	h.service = s
	h.app = fiber.New(fiber.Config{DisableStartupMessage: true, WriteBufferSize: 64 << 10})
	s.Routes(h.app)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	h.url = "http://" + listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Run(ctx); err != nil {
			h.t.Errorf("the console ended: %v", err)
		}
	})
	wg.Go(func() {
		if err := h.app.Listener(listener); err != nil {
			h.t.Errorf("the listener ended: %v", err)
		}
	})
	h.stop = sync.OnceFunc(func() {
		cancel()
		began := time.Now()
		if err := h.app.ShutdownWithTimeout(10 * time.Second); err != nil {
			h.t.Errorf("the listener does not shut down: %v", err)
		}
		wg.Wait()
		if took := time.Since(began); took > 8*time.Second {
			h.t.Errorf("stopping took %s", took)
		}
	})
}

func (h *house) restart() {
	h.t.Helper()
	h.stop()
	h.start()
}

// visitor is one client of the console, with cookies of its own. It holds each
// answer against openapi.yaml.
type visitor struct {
	t      *testing.T
	h      *house
	client *http.Client
	header http.Header
}

func (h *house) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	transport := &http.Transport{}
	h.t.Cleanup(transport.CloseIdleConnections)
	return &visitor{h.t, h, &http.Client{Jar: jar, Timeout: 20 * time.Second, Transport: transport}, http.Header{"X-Aisle": {"1"}}}
}

const password = "correct horse battery"

// admin sets the house up, or signs in if it is.
func (h *house) admin() *visitor {
	h.t.Helper()
	v := h.visitor()
	if any, err := h.catalog.AnyPerson(h.t.Context()); err != nil || any {
		v.call("POST", "/api/session", map[string]string{"email": "admin@example.com", "password": password}, 200, nil)
		return v
	}
	v.call("POST", "/api/setup", map[string]string{"name": "Ada", "email": "admin@example.com", "password": password}, 201, nil)
	return v
}

// as signs somebody of a role in.
func (h *house) as(role catalog.Role) *visitor {
	h.t.Helper()
	if role == catalog.RoleAdmin {
		return h.admin()
	}
	admin := h.admin()
	email := string(role) + "@example.com"
	admin.try("POST", "/api/team", map[string]any{"name": string(role), "email": email, "password": password, "role": role})
	v := h.visitor()
	v.call("POST", "/api/session", map[string]string{"email": email, "password": password}, 200, nil)
	return v
}

// call makes a call that must be answered with a status, and reads the answer
// into out, if it is not nil.
func (v *visitor) call(method, path string, in any, status int, out any) {
	v.t.Helper()
	got, body := v.try(method, path, in)
	if got != status {
		v.t.Fatalf("%s %s: %d, want %d\n%s", method, path, got, status, body)
	}
	if out != nil {
		if err := json.Unmarshal(body, out); err != nil {
			v.t.Fatalf("%s %s: %v\n%s", method, path, err, body)
		}
	}
}

// try makes a call and gives its status and body.
func (v *visitor) try(method, path string, in any) (int, []byte) {
	v.t.Helper()
	var body []byte
	switch in := in.(type) {
	case nil:
	case string:
		body = []byte(in)
	default:
		var err error
		if body, err = json.Marshal(in); err != nil {
			v.t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.h.url+path, bytes.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header = v.header.Clone()
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	check(v.t, req, resp, answer)
	return resp.StatusCode, answer
}

// description is openapi.yaml, ready to hold answers against.
var description = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(console.Description)
	if err != nil {
		return nil, err
	}
	doc.Servers = nil // any address
	return doc, doc.Validate(context.Background())
})

var router = sync.OnceValues(func() (routers.Router, error) {
	doc, err := description()
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(doc)
})

// check holds an answer against openapi.yaml.
func check(t *testing.T, req *http.Request, resp *http.Response, body []byte) {
	t.Helper()
	r, err := router()
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := r.FindRoute(req)
	if err != nil {
		if resp.StatusCode < 400 {
			t.Errorf("%s %s is not in openapi.yaml, and answers %d", req.Method, req.URL.Path, resp.StatusCode)
		}
		return
	}
	err = openapi3filter.ValidateResponse(req.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 resp.StatusCode, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		t.Errorf("%s %s: the answer is not as openapi.yaml says: %v\n%s", req.Method, req.URL.Path, err, body)
	}
	if resp.StatusCode >= 400 && resp.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s %s: %d as %q, want application/problem+json", req.Method, req.URL.Path, resp.StatusCode, resp.Header.Get("Content-Type"))
	}
}

// checkSchema holds the data of an event against a schema of openapi.yaml.
func checkSchema(t *testing.T, schema string, data []byte) {
	t.Helper()
	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	of := doc.Components.Schemas[schema]
	if of == nil {
		t.Fatalf("openapi.yaml has no schema %s", schema)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v\n%s", schema, err, data)
	}
	if err := of.Value.VisitJSON(v); err != nil {
		t.Errorf("not as %s says: %v\n%s", schema, err, data)
	}
}

// schemas of the events of live feeds.
var eventSchemas = map[string]string{
	"snapshot": "LiveSnapshot", "people": "LivePeople", "kpis": "LiveKpis", "decision": "DecisionSummary", "delivery": "Delivery",
	"redemption": "Redemption", "redemption_undone": "Redemption", "sandbox": "SandboxMessage", "heartbeat": "LiveHeartbeat",
	"me": "Me", "offer": "MyOffer", "redeemed": "MyRedeemed", "consent": "Consent", "visit": "MyVisit",
}

// event is one of a live feed.
type event struct {
	id   int64
	name string
	data []byte
}

// feed is an open live feed.
type feed struct {
	passed []event // that nobody has asked for yet
	t      *testing.T
	events chan event
	ended  chan struct{}
	close  func()
}

// listen opens a live feed, after an event if lastID is not 0.
func (v *visitor) listen(path string, lastID int64) *feed {
	v.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "GET", v.h.url+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	if lastID != 0 {
		req.Header.Set("Last-Event-ID", strconv.FormatInt(lastID, 10))
	}
	transport := &http.Transport{}
	resp, err := (&http.Client{Jar: v.client.Jar, Transport: transport}).Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	if resp.StatusCode != 200 {
		body, _ := io.ReadAll(resp.Body)
		v.t.Fatalf("GET %s: %s %s", path, resp.Status, body)
	}
	f := &feed{t: v.t, events: make(chan event, 10_000), ended: make(chan struct{})}
	go func() {
		defer close(f.ended)
		defer resp.Body.Close()
		in := bufio.NewScanner(resp.Body)
		in.Buffer(nil, 4<<20)
		var e event
		for in.Scan() {
			switch name, value, _ := strings.Cut(in.Text(), ": "); name {
			case "id":
				e.id, _ = strconv.ParseInt(value, 10, 64)
			case "event":
				e.name = value
			case "data":
				e.data = []byte(value)
			case "":
				f.events <- e
				e = event{}
			}
		}
	}()
	f.close = sync.OnceFunc(func() {
		cancel()
		<-f.ended
		transport.CloseIdleConnections()
	})
	v.t.Cleanup(f.close)
	return f
}

// await is the next event of a name that fits. What happened may come in
// another order than it is asked for: the streams are followed side by side.
func (f *feed) await(name string, fits func(e event) bool) event {
	f.t.Helper()
	for i, e := range f.passed {
		if fits != nil && e.name == name && fits(e) {
			f.passed = slices.Delete(f.passed, i, i+1)
			return e
		}
	}
	timeout := time.After(15 * time.Second)
	for {
		select {
		case e := <-f.events:
			checkSchema(f.t, eventSchemas[e.name], e.data)
			if e.name == name && (fits == nil || fits(e)) {
				return e
			}
			if e.name != "people" && e.name != "kpis" { // the latest of these is all that counts
				f.passed = append(f.passed, e)
			}
		case <-f.ended:
			f.t.Fatalf("the feed ended while a %q was awaited", name)
		case <-timeout:
			f.t.Fatalf("no %q that fits within 15 s", name)
		}
	}
}

// has tells whether an event's data contains a text.
func has(text string) func(e event) bool {
	return func(e event) bool { return bytes.Contains(e.data, []byte(text)) }
}

// eventually waits for something to become true.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within 15 s: %s", what)
		}
	}
}

// produce writes values to a stream under a shopper's key.
func (h *house) produce(of string, key, id, kind string, value any) {
	h.t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		h.t.Fatal(err)
	}
	const trace = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"
	err = h.log.Produce(h.t.Context(), stream.Record{
		Stream: of, Key: []byte(key), Value: body, Headers: stream.Headers(id, "test", kind, time.Now(), trace),
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// keep writes a profile to state, as the decider would.
func (h *house) keep(p offers.Profile) {
	h.t.Helper()
	body, err := json.Marshal(p)
	if err != nil {
		h.t.Fatal(err)
	}
	key := state.ProfileKey(h.log.PartitionOf(string(p.Shopper)), p.Shopper)
	if err := h.store.Client().Set(h.t.Context(), key, body, 0).Err(); err != nil {
		h.t.Fatal(err)
	}
}

func testShop() offers.Shop {
	square := func(x, y float64) []offers.Point {
		return []offers.Point{{X: x, Y: y}, {X: x + 5, Y: y}, {X: x + 5, Y: y + 5}, {X: x, Y: y + 5}}
	}
	return offers.Shop{
		ID: "centraal", Name: "Centraal", TimeZone: "Europe/Amsterdam", Currency: "EUR",
		Quiet:  offers.QuietHours{FromMinute: 21 * 60, UntilMinute: 8 * 60},
		Floors: []offers.Floor{{ID: "ground", Name: "Ground floor", WidthM: 30, DepthM: 20}},
		Zones: []offers.Zone{
			{ID: "entrance", Floor: "ground", Name: "Entrance", Kind: offers.ZoneEntrance, Polygon: square(0, 0), Capacity: 10},
			{ID: "shoes", Floor: "ground", Name: "Shoes", Kind: offers.ZoneSales, Category: "footwear", Polygon: square(10, 10), Dwell: 20 * time.Second, Capacity: 30},
		},
		Receivers: []offers.Receiver{{ID: "rx1", Floor: "ground", Zone: "shoes", At: offers.Point{X: 12, Y: 12}}},
		Cameras:   []offers.Camera{{ID: "door", Floor: "ground", Zone: "entrance", At: offers.Point{X: 1, Y: 1}, HeadingDeg: 90}},
	}
}

func testCampaign(id offers.CampaignID) offers.Campaign {
	return offers.Campaign{
		ID: id, Name: "Running shoes", Trigger: offers.Trigger{Event: offers.ZoneDwelled, Shop: "centraal", Zones: []offers.ZoneID{"shoes"}},
		Eligibility: `tier == "gold"`, Cap: offers.Cap{Times: 1, Per: 24 * time.Hour}, Cooldown: time.Hour,
		Channels: []offers.Channel{offers.ChannelApp, offers.ChannelSMS},
		Offers: []offers.Offer{{
			ID: "shoes20", Title: "20% off running shoes", Body: "Today only.", SMS: "{{name}}, {{title}} with {{code}}", Category: "footwear", Zone: "shoes",
			Value: offers.Money{Minor: 2500, Currency: "EUR"}, Discount: .2, Valid: 2 * time.Hour,
		}},
	}
}

// problemOf is what a refusal says.
type problemOf struct {
	Title  string
	Status int
	Detail string
	Errors []struct{ Field, Message string }
}

func fields(t *testing.T, body []byte) string {
	t.Helper()
	var p problemOf
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	var names []string
	for _, e := range p.Errors {
		names = append(names, e.Field)
	}
	return strings.Join(names, " ")
}

package beacons

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/google/go-cmp/cmp"
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/prometheus/client_golang/prometheus"

	pure "aisle/beacons"
	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

const (
	anaTag = "iBeacon:a15e0000-0000-4000-8000-000000000001-7-100"
	shopID = offers.ShopID("centre")
)

// fast is a Config that makes up its mind as quickly as a test wants it to.
var fast = Config{MQTT: "127.0.0.1:0", Hold: 50 * time.Millisecond, Forget: 1500 * time.Millisecond}

// house is the real embedded parts, and who lives there.
type house struct {
	t     testing.TB
	log   *stream.Log
	state *state.Store
	shops *stream.Catalogue
	ana   state.Identity
	read  map[string]int
}

func newHouse(t testing.TB) *house {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	h := &house{t: t, read: map[string]int{}}
	var err error
	h.log, err = stream.Open(ctx, stream.Config{Dir: t.TempDir(), Partitions: 4, Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(func() { h.log.Close() })
	h.state, err = state.Open(ctx, state.Config{Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	t.Cleanup(func() { h.state.Close() })
	shop, err := json.Marshal(offers.Shop{ID: shopID, Zones: []offers.Zone{
		{ID: "door", Kind: offers.ZoneEntrance, Dwell: time.Hour},
		{ID: "footwear", Kind: offers.ZoneSales, Category: "footwear", Dwell: 300 * time.Millisecond},
		{ID: "fitting", Kind: offers.ZoneQuiet},
	}, Receivers: []offers.Receiver{
		{ID: "rx-door", Zone: "door", At: offers.Point{X: 1, Y: 1}},
		{ID: "rx-footwear", Zone: "footwear", At: offers.Point{X: 11, Y: 1}},
		{ID: "rx-fitting", Zone: "fitting", At: offers.Point{X: 21, Y: 1}},
	}})
	must(t, err)
	must(t, h.log.Produce(ctx, stream.Record{Stream: stream.Campaigns, Key: []byte(offers.ShopKey(shopID)), Value: shop}))
	h.shops, err = h.log.Catalogue(ctx)
	must(t, err)
	h.ana, err = h.state.Identify(ctx, []offers.Identifier{{Type: offers.CustomerID, Value: "ana"}, {Type: offers.Tag, Value: anaTag}}, stream.NewTrace)
	must(t, err)
	h.consent(true)
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) consent(granted bool) {
	h.t.Helper()
	must(h.t, h.state.SetConsent(context.Background(), h.log.PartitionOf(string(h.ana.Shopper)), h.ana.Shopper,
		offers.Consent{Purpose: offers.ConsentLocation, Granted: granted, At: time.Now(), Source: "test"}))
}

// open starts the door and returns it with a way to stop it.
func (h *house) open(c Config) (b *Beacons, stop func()) {
	h.t.Helper()
	b, err := New(c, Parts{Log: h.log, State: h.state, Shops: h.shops, Registry: prometheus.NewRegistry()})
	must(h.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			cancel()
			if err := <-done; err != nil {
				h.t.Errorf("Run: %v", err)
			}
		}
	}
	h.t.Cleanup(stop)
	return b, stop
}

// gateway is what receivers publish with.
func gateway(t testing.TB, addr, user, password string) paho.Client {
	t.Helper()
	c := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + addr).SetUsername(user).SetPassword(password).SetConnectTimeout(2 * time.Second))
	for range 50 {
		token := c.Connect()
		token.WaitTimeout(2 * time.Second)
		if token.Error() == nil && c.IsConnected() {
			t.Cleanup(func() { c.Disconnect(10) })
			return c
		}
		time.Sleep(20 * time.Millisecond) // the broker is a process of its own in one of the tests
	}
	t.Fatal("no connection to ", addr)
	return nil
}

func hears(c paho.Client, receiver, tag string, metres float64) {
	rssi := math.Round(-59 - 27*math.Log10(metres))
	payload := fmt.Sprintf(`{"mac":"aabbccddeeff","id":%q,"rssi@1m":-59,"rssi":%.0f,"distance":%.2f,"int":500}`, tag, rssi, metres)
	c.Publish("espresense/devices/"+tag+"/"+receiver, 0, false, payload).WaitTimeout(time.Second)
}

// stand lets a tag be heard near a receiver until the condition holds.
func (h *house) stand(c paho.Client, receiver, tag string, until func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !until(); {
		if time.Now().After(deadline) {
			h.t.Fatalf("%s near %s: it did not happen", tag, receiver)
		}
		for _, r := range []string{"rx-door", "rx-footwear", "rx-fitting"} {
			hears(c, r, tag, map[bool]float64{true: 1, false: 8}[r == receiver])
		}
		time.Sleep(20 * time.Millisecond) // packets of a radio come when they come
	}
}

// walk takes the time that it takes to the next receiver: who is there at once
// is a copy.
func walk() { time.Sleep(1200 * time.Millisecond) }

func (h *house) news(name string) (records []stream.Record) {
	h.t.Helper()
	for p := range h.log.Partitions() {
		all, err := h.log.Newest(context.Background(), name, p, 100_000)
		must(h.t, err)
		at := fmt.Sprint(name, p)
		records = append(records, all[h.read[at]:]...)
		h.read[at] = len(all)
	}
	return records
}

// until gathers records of a stream until there are n of them that match.
func gather[T any](h *house, name string, match func(T) bool) (all *[]T, until func(n int) func() bool) {
	all = new([]T)
	return all, func(n int) func() bool {
		return func() bool {
			for _, r := range h.news(name) {
				var v T
				must(h.t, json.Unmarshal(r.Value, &v))
				if match(v) {
					*all = append(*all, v)
				}
			}
			return len(*all) >= n
		}
	}
}

func any1[T any](T) bool { return true }

func describe(events []offers.Event) (lines []string) {
	for _, e := range events {
		lines = append(lines, fmt.Sprintf("%s %s %s %s", e.Type, e.Shop, e.Zone, e.Category))
	}
	return lines
}

func TestZoneEvents(t *testing.T) {
	h := newHouse(t)
	b, _ := h.open(fast)
	c := gateway(t, b.Addr(), "", "")
	events, until := gather(h, stream.Events, any1[offers.Event])
	h.stand(c, "rx-door", anaTag, until(1))
	walk()
	h.stand(c, "rx-footwear", anaTag, until(4))
	walk()
	h.stand(c, "rx-fitting", anaTag, until(5))
	deadline := time.Now().Add(time.Second)
	h.stand(c, "rx-fitting", anaTag, func() bool { until(6)(); return time.Now().After(deadline) })
	want := []string{
		"zone_entered centre door ", "zone_left centre door ",
		"zone_entered centre footwear footwear", "zone_dwelled centre footwear footwear", "zone_left centre footwear footwear",
	} // and nothing of the quiet zone
	if diff := cmp.Diff(want, describe(*events)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	for _, e := range *events {
		if e.Shopper != h.ana.Shopper || e.Source != "beacons/espresense" || e.Dwell <= 0 || e.Received.Before(e.Time) || time.Since(e.Time) > time.Minute {
			t.Errorf("event %+v", e)
		}
	}
	h.read = map[string]int{}
	for _, r := range h.news(stream.Events) {
		if string(r.Key) != string(h.ana.Shopper) || !strings.HasPrefix(r.Header("traceparent"), "00-"+h.ana.Trace+"-") {
			t.Errorf("record with key %s, traceparent %s", r.Key, r.Header("traceparent"))
		}
	}
	tracks := map[bool]map[string]bool{true: {}, false: {}}
	for _, r := range h.news(stream.Sightings) {
		var s offers.Sighting
		must(t, json.Unmarshal(r.Value, &s))
		known := s.Shopper != ""
		tracks[known][s.Track] = true
		if known != (s.Zone != "fitting") || s.Sensor != offers.SensorBeacon || known != (s.Device == anaTag) {
			t.Errorf("sighting %+v", s)
		}
	}
	if len(tracks[true]) != 1 || len(tracks[false]) != 1 {
		t.Errorf("tracks %v, want one where known and another in the quiet zone", tracks)
	}
	for deadline := time.Now().Add(2 * healthEvery); ; time.Sleep(20 * time.Millisecond) {
		got, err := h.state.Devices(context.Background())
		must(t, err)
		if len(got) == 3 && time.Since(got[state.Receiver("rx-door")]) < time.Minute {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("heard of %v, want three receivers", got)
		}
	}
}

func TestNobodyIsLocatedWithoutConsent(t *testing.T) {
	h := newHouse(t)
	h.consent(false)
	b, _ := h.open(fast)
	c := gateway(t, b.Addr(), "", "")
	const stranger = "iBeacon:ffffffff-0000-4000-8000-000000000001-1-1"
	sightings, until := gather(h, stream.Sightings, any1[offers.Sighting])
	deadline := time.Now().Add(800 * time.Millisecond)
	h.stand(c, "rx-footwear", anaTag, until(1))
	h.stand(c, "rx-footwear", stranger, until(2))
	h.stand(c, "rx-footwear", "aabbccddeeff", func() bool { until(3)(); return time.Now().After(deadline) })
	h.stand(c, "rx-footwear", "known:aabbccddeeff", func() bool { return true })
	for _, s := range *sightings {
		if s.Shopper != "" || s.Device != "" || strings.Contains(s.Track, "100") || s.Track == "" {
			t.Errorf("sighting %+v", s)
		}
	}
	if events := h.news(stream.Events); len(events) > 0 {
		t.Errorf("events %s", events[0].Value)
	}
	owners, err := h.state.Owners(t.Context(), []offers.Identifier{{Type: offers.Tag, Value: stranger}})
	if err != nil || owners[0] != "" {
		t.Errorf("a stranger's tag became somebody: %v, %v", owners, err)
	}
	if stays, err := h.state.Client().HLen(t.Context(), stays).Result(); err != nil || stays != 0 {
		t.Errorf("%d stays of people who did not consent are kept, %v", stays, err)
	}

	// From the moment on that they consent, they are located.
	h.consent(true)
	events, until2 := gather(h, stream.Events, any1[offers.Event])
	h.stand(c, "rx-door", anaTag, until2(1))
	if (*events)[0].Shopper != h.ana.Shopper {
		t.Errorf("event %+v", (*events)[0])
	}
}

// A restart in the middle of a stay neither begins it anew nor forgets its end.
func TestRestart(t *testing.T) {
	h := newHouse(t)
	b, stop := h.open(fast)
	events, until := gather(h, stream.Events, any1[offers.Event])
	h.stand(gateway(t, b.Addr(), "", ""), "rx-footwear", anaTag, until(2))
	stop()
	b, stop = h.open(fast)
	c := gateway(t, b.Addr(), "", "")
	deadline := time.Now().Add(500 * time.Millisecond)
	h.stand(c, "rx-footwear", anaTag, func() bool { until(0)(); return time.Now().After(deadline) })
	if diff := cmp.Diff([]string{"zone_entered centre footwear footwear", "zone_dwelled centre footwear footwear"}, describe(*events)); diff != "" {
		t.Fatalf("events (-want +got):\n%s", diff)
	}
	stop()
	_, _ = h.open(fast) // who does not come back has left
	for deadline := time.Now().Add(10 * time.Second); !until(3)() && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	if diff := cmp.Diff([]string{"zone_left centre footwear footwear"}, describe((*events)[2:])); diff != "" {
		t.Errorf("events after the second restart (-want +got):\n%s", diff)
	}
	for deadline := time.Now().Add(5 * time.Second); ; {
		n, err := h.state.Client().HLen(t.Context(), stays).Result()
		must(t, err)
		if n == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d stays are kept after all have left", n)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// What a crash left between keeping a stay and publishing it is published
// after the restart, under the ids that it would have had.
func TestCrashBeforePublishing(t *testing.T) {
	h := newHouse(t)
	began := time.Now().Add(-5 * time.Second).Truncate(time.Millisecond).UTC()
	value, err := json.Marshal(kept{
		Stay:  pure.Stay{Shop: shopID, Zone: "footwear", Since: began, Entered: began.Add(time.Second)},
		Heard: began.Add(time.Second),
		From:  &left{pure.Stay{Shop: shopID, Zone: "door", Since: began.Add(-time.Minute)}, began.Add(time.Second), time.Minute},
	})
	must(t, err)
	must(t, h.state.Client().HSet(t.Context(), stays, anaTag, value).Err())
	events, until := gather(h, stream.Events, any1[offers.Event])
	_, _ = h.open(fast)
	for deadline := time.Now().Add(10 * time.Second); !until(2)() && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	var ids []string
	for _, e := range *events {
		ids = append(ids, string(e.ID)[strings.LastIndex(string(e.ID[:len(e.ID)-14]), "/"):])
	}
	slices.Sort(ids)
	if len(*events) != 2 {
		t.Fatalf("events %v", describe(*events))
	}
	for _, want := range []string{fmt.Sprintf("/footwear/entered/%d", began.UnixMilli()), fmt.Sprintf("/door/left/%d", began.Add(-time.Minute).UnixMilli())} {
		if !slices.ContainsFunc(*events, func(e offers.Event) bool { return strings.HasSuffix(string(e.ID), want) }) {
			t.Errorf("no event …%s among %v", want, ids)
		}
	}
}

func TestBadPackets(t *testing.T) {
	h := newHouse(t)
	b, _ := h.open(fast)
	c := gateway(t, b.Addr(), "", "")
	put, until := gather(h, stream.Quarantine, any1[offers.Quarantined])
	publish := func(topic, payload string) {
		c.Publish(topic, 1, false, payload).WaitTimeout(time.Second)
	}
	publish("espresense/devices/"+anaTag+"/rx-door", `not json`)
	publish("espresense/devices/"+anaTag+"/rx-door", `{"rssi":"loud"}`)
	publish("espresense/devices/"+anaTag+"/rx-door", string([]byte{0xff, 0xfe, 0}))
	for range 20 {
		publish("espresense/devices/"+anaTag+"/attic", `{"rssi":-60,"distance":1}`)
	}
	publish("espresense/devices/"+anaTag+"/rx-door", `{"rssi":-60,"distance":2e9}`)
	publish("espresense/rooms/rx-door/telemetry", `{"ip":"10.0.0.1"}`)
	publish("other/topic", `{}`)
	for deadline := time.Now().Add(10 * time.Second); !until(4)() && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	reasons := map[offers.Reason]int{}
	for _, q := range *put {
		reasons[q.Reason]++
		if q.Source != "beacons/espresense" || len(q.Body) == 0 || q.Headers["topic"] == "" || len(q.Detail) < 10 {
			t.Errorf("in quarantine: %s", q.Detail)
		}
	}
	want := map[offers.Reason]int{offers.ReasonEncoding: 2, offers.ReasonSchema: 1, offers.ReasonUnknown: 1}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	events, untilEvents := gather(h, stream.Events, any1[offers.Event])
	h.stand(c, "rx-door", anaTag, untilEvents(1)) // the door goes on
	if len(*events) == 0 {
		t.Error("nothing is heard any more")
	}
}

func TestPassword(t *testing.T) {
	h := newHouse(t)
	c := fast
	c.Username, c.Password = "gateway", "secret"
	b, _ := h.open(c)
	gateway(t, b.Addr(), "gateway", "secret")
	for _, wrong := range []string{"", "wrong"} {
		client := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + b.Addr()).SetUsername("gateway").SetPassword(wrong))
		if token := client.Connect(); token.WaitTimeout(2*time.Second) && token.Error() == nil {
			t.Errorf("password %q lets in", wrong)
			client.Disconnect(0)
		}
	}
}

// An external broker that goes away and comes back.
func TestExternalBroker(t *testing.T) {
	h := newHouse(t)
	start := func(addr string) (*mqtt.Server, string) {
		l, err := net.Listen("tcp", addr)
		must(t, err)
		s := mqtt.New(&mqtt.Options{Logger: slog.New(slog.DiscardHandler)})
		must(t, s.AddHook(new(auth.AllowHook), nil))
		must(t, s.AddListener(listeners.NewNet("t", l)))
		must(t, s.Serve())
		return s, l.Addr().String()
	}
	s, addr := start("127.0.0.1:0")
	c := fast
	c.MQTT = "mqtt://" + addr
	b, _ := h.open(c)
	if b.Addr() != "" {
		t.Errorf("Addr of an external broker is %q", b.Addr())
	}
	_, until := gather(h, stream.Events, func(e offers.Event) bool { return e.Type == offers.ZoneEntered })
	h.stand(gateway(t, addr, "", ""), "rx-door", anaTag, until(1))
	must(t, s.Close())
	s, _ = start(addr)
	walk()
	t.Cleanup(func() { s.Close() })
	h.stand(gateway(t, addr, "", ""), "rx-footwear", anaTag, until(2))
}

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    Config
		ok   bool
	}{
		{"nothing", Config{}, true},
		{"off", Config{MQTT: "off"}, true},
		{"this machine", Config{MQTT: "localhost:1883"}, true},
		{"the world with a password", Config{MQTT: "0.0.0.0:1883", Username: "u", Password: "p"}, true},
		{"the world, on purpose", Config{MQTT: ":1883", Open: true}, true},
		{"the world without a password", Config{MQTT: "0.0.0.0:1883"}, false},
		{"another broker", Config{MQTT: "mqtts://u:p@broker.example"}, true},
		{"another protocol", Config{MQTT: "http://broker.example"}, false},
		{"no port", Config{MQTT: "localhost"}, false},
		{"times", Config{Forget: -time.Second}, false},
	} {
		err := tt.c.Validate()
		if (err == nil) != tt.ok || err != nil && !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	address, user, password, tlsConfig, _ := Config{MQTT: "mqtts://u:p@broker.example"}.broker()
	if address != "ssl://broker.example:8883" || user != "u" || password != "p" || tlsConfig == nil {
		t.Errorf("broker: %s %s %s", address, user, password)
	}
}

// BenchmarkPackets is readings/s from MQTT to zones and the log, with the
// gateways in this process.
func BenchmarkPackets(b *testing.B) {
	h := newHouse(b)
	door, _ := h.open(Config{MQTT: "127.0.0.1:0"})
	c := gateway(b, door.Addr(), "", "")
	tags := make([]string, 500)
	for i := range tags {
		tags[i] = fmt.Sprintf("iBeacon:a15e0000-0000-4000-8000-000000000001-9-%d", i)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	rooms := []string{"rx-door", "rx-footwear", "rx-fitting"}
	n := 0
	for b.Loop() {
		tag := tags[n%len(tags)]
		payload := fmt.Appendf(nil, `{"id":%q,"rssi@1m":-59,"rssi":%.0f,"distance":4,"int":500}`, tag, -60-25*rnd.Float64())
		c.Publish("espresense/devices/"+tag+"/"+rooms[rnd.IntN(3)], 1, false, payload).Wait()
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "readings/s")
}

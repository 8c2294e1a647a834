package notifier

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"aisle/offers"
	"aisle/services/notifier/twilio/twiliotest"
	"aisle/services/state"
	"aisle/services/stream"
)

const spec = "../../../shared/data/twilio/spec/json/twilio_api_v2010.json"

// house is the real parts that a notifier needs, with people in it.
type house struct {
	t         testing.TB
	dir       string
	log       *stream.Log
	state     *state.Store
	catalogue *stream.Catalogue
	offset    int64
}

// day is a shop where it is never quiet, night one where it always is.
var (
	dayShop   = offers.Shop{ID: "day", Name: "Day Shop", TimeZone: "Europe/Madrid"}
	nightShop = offers.Shop{ID: "night", Name: "Night Shop", TimeZone: "Europe/Madrid", Quiet: offers.QuietHours{FromMinute: 0, UntilMinute: 24 * 60}}
)

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir()}
	var err error
	if h.log, err = stream.Open(t.Context(), stream.Config{Dir: h.dir + "/log", Partitions: 4, Logger: testLogger(t)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.log.Close() })
	if h.state, err = state.Open(t.Context(), state.Config{Dir: h.dir + "/state", Logger: testLogger(t)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.state.Close() })
	for _, s := range []offers.Shop{dayShop, nightShop} {
		h.produce(stream.Campaigns, offers.ShopKey(s.ID), s, "")
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	if h.catalogue, err = h.log.Catalogue(ctx); err != nil {
		t.Fatal(err)
	}
	return h
}

func testLogger(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

func (h *house) produce(name, key string, value any, trace string) {
	h.t.Helper()
	if err := h.log.Produce(h.t.Context(), h.record(name, key, value, trace)); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) record(name, key string, value any, trace string) stream.Record {
	h.t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		h.t.Fatal(err)
	}
	return stream.Record{Stream: name, Key: []byte(key), Value: b, Headers: stream.Headers("x", "test", "x", time.Now(), trace)}
}

// start runs a notifier until the test ends or the returned stop is called.
func (h *house) start(c Config) (*Notifier, func()) {
	h.t.Helper()
	n, err := New(c, h.log, h.state, h.catalogue, testLogger(h.t), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := n.Run(ctx); err != nil {
			h.t.Errorf("notifier: %v", err)
		}
	})
	stop := sync.OnceFunc(func() { cancel(); running.Wait() })
	h.t.Cleanup(stop)
	for { // what was decided before may have been sent by another, and is asked for first
		known, err := h.state.Client().ScriptExists(h.t.Context(), guardScript.Hash(), enqueueScript.Hash()).Result()
		if err == nil && known[0] && known[1] {
			return n, stop
		}
		time.Sleep(time.Millisecond)
	}
}

func twilioConfig(s *twiliotest.Server) Config {
	return Config{SMS: "twilio", Twilio: s.Config(), PublicURL: "https://shop.example.com", Lease: 4 * time.Second, Recheck: 500 * time.Millisecond}.quick()
}

// quick is a configuration whose provider answers at once or not at all.
func (c Config) quick() Config {
	c.Twilio.Timeout = time.Second
	return c
}

// doors serves the notifier's routes, and gives the address that reaches a
// public one.
func doors(t *testing.T, n *Notifier) func(public string) string {
	t.Helper()
	app := fiber.New(fiber.Config{DisableStartupMessage: true, ErrorHandler: func(c *fiber.Ctx, err error) error {
		return c.Status(fiber.StatusForbidden).SendString(err.Error())
	}})
	n.Routes(app)
	srv := httptest.NewServer(adaptor.FiberApp(app))
	t.Cleanup(srv.Close)
	return func(public string) string { return strings.Replace(public, "https://shop.example.com", srv.URL, 1) }
}

// shopper makes a person known, with what they consent to.
func (h *house) shopper(id offers.ShopperID, phone string, consents ...offers.Purpose) {
	h.t.Helper()
	p := h.log.PartitionOf(string(id))
	profile := offers.Profile{Shopper: id, Traits: offers.Traits{Name: "Ana", Phone: phone, TimeZone: "Europe/Madrid"}}
	value, err := json.Marshal(profile)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.state.Client().Set(h.t.Context(), state.ProfileKey(p, id), value, 0).Err(); err != nil {
		h.t.Fatal(err)
	}
	for _, c := range consents {
		if err := h.state.SetConsent(h.t.Context(), p, id, offers.Consent{Purpose: c, Granted: true, At: time.Now(), Source: "test"}); err != nil {
			h.t.Fatal(err)
		}
	}
}

const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

// decide puts an offer for a shopper on the log, changed as wanted.
func (h *house) decide(id offers.ShopperID, change func(*offers.Decision)) offers.Decision {
	h.t.Helper()
	d := h.decided(id, change)
	h.produce(stream.Decisions, string(id), d, trace)
	return d
}

// decided is an offer for a shopper, changed as wanted.
func (h *house) decided(id offers.ShopperID, change func(*offers.Decision)) offers.Decision {
	h.offset++
	now := time.Now().UTC()
	d := offers.Decision{
		ID: offers.DecisionID(fmt.Sprintf("%d-%d-0", h.log.PartitionOf(string(id)), h.offset)), Shopper: id, Shop: dayShop.ID, Zone: "footwear",
		Time: now, Received: now, Offset: h.offset, Verdict: offers.Offered, Campaign: "shoes",
		Offer:    &offers.Offer{ID: "shoes-20", Title: "20% off running shoes", SMS: "Hi {{name}}, {{title}} at {{shop}}: {{code}}"},
		Channels: []offers.Channel{offers.ChannelSMS, offers.ChannelApp}, Expires: now.Add(time.Hour),
	}
	if change != nil {
		change(&d)
	}
	return d
}

// smsOnly leaves the app out.
func smsOnly(d *offers.Decision) { d.Channels = []offers.Channel{offers.ChannelSMS} }

// deliveries reads the stream, each delivery and state once, by delivery.
func (h *house) deliveries() map[offers.DeliveryID][]offers.Delivery {
	h.t.Helper()
	all := map[offers.DeliveryID][]offers.Delivery{}
	for p := range h.log.Partitions() {
		records, err := h.log.Newest(h.t.Context(), stream.Deliveries, p, 100_000)
		if err != nil {
			h.t.Fatal(err)
		}
		for i := range records {
			var d offers.Delivery
			if err := json.Unmarshal(records[i].Value, &d); err != nil {
				h.t.Fatal(err)
			}
			if !slices.ContainsFunc(all[d.ID], func(o offers.Delivery) bool { return o.State == d.State }) {
				all[d.ID] = append(all[d.ID], d)
			}
		}
	}
	for _, d := range all {
		slices.SortStableFunc(d, func(a, b offers.Delivery) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	}
	return all
}

// await waits until the delivery of a decision by a channel is in a state.
func (h *house) await(id offers.DecisionID, c offers.Channel, want offers.DeliveryState) offers.Delivery {
	h.t.Helper()
	var got []offers.Delivery
	for range 1200 { // a group forgets several dead members in half a minute
		got = h.deliveries()[deliveryID(id, c)]
		for _, d := range got {
			if d.State == want {
				return d
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	h.t.Fatalf("delivery of %s by %s is %+v; want %s", id, c, got, want)
	panic("unreachable")
}

package decider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// ground is a log and a state, empty; those in the box, or real servers where
// the environment names them.
type ground struct {
	t     testing.TB
	log   *stream.Log
	state *state.Store
}

func newGround(t testing.TB, real bool) *ground {
	t.Helper()
	if real {
		return groundAt(t, os.Getenv("AISLE_TEST_KAFKA"), os.Getenv("AISLE_TEST_REDIS"))
	}
	return groundAt(t, "", "")
}

// groundAt is one on real servers, or in the box where their addresses are empty.
func groundAt(t testing.TB, kafka, redis string) *ground {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	streams, states := stream.Config{Dir: t.TempDir(), Logger: logger, Registry: prometheus.NewRegistry()}, state.Config{Dir: t.TempDir(), Logger: logger, Registry: prometheus.NewRegistry()}
	if kafka != "" {
		streams.URL = fmt.Sprintf("kafka://%s?prefix=decider-%d-", kafka, time.Now().UnixNano())
	}
	states.URL = redis
	log, err := stream.Open(t.Context(), streams)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	store, err := state.Open(t.Context(), states)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if redis != "" { // the offsets of an earlier test would fence this one
		if err := flush(t.Context(), store); err != nil {
			t.Fatal(err)
		}
	}
	g := &ground{t, log, store}
	g.produce(stream.Campaigns, offers.CampaignKey("shoes"), offers.Campaign{
		ID: "shoes", Name: "Shoes", Status: offers.CampaignLive, Trigger: offers.Trigger{Event: offers.ProductViewed},
		Eligibility: `views["footwear"] >= 1`, Cap: offers.Cap{Times: 5, Per: time.Hour}, Channels: []offers.Channel{offers.ChannelApp},
		Offers: []offers.Offer{{ID: "a", Title: "A", Value: offers.Money{Minor: 1000}, Valid: time.Hour}, {ID: "b", Title: "B", Value: offers.Money{Minor: 900}, Valid: time.Hour}},
	})
	return g
}

// flush empties a Redis, all masters of a cluster.
func flush(ctx context.Context, s *state.Store) error {
	if cluster, ok := s.Client().(*redis.ClusterClient); ok {
		return cluster.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return c.FlushDB(ctx).Err() })
	}
	return s.Client().FlushDB(ctx).Err()
}

func (g *ground) produce(name, key string, values ...any) {
	g.t.Helper()
	var records []stream.Record
	for _, v := range values {
		b, ok := v.([]byte)
		if !ok {
			var err error
			if b, err = json.Marshal(v); err != nil {
				g.t.Fatal(err)
			}
		}
		records = append(records, stream.Record{Stream: name, Key: []byte(key), Value: b})
	}
	if err := g.log.Produce(g.t.Context(), records...); err != nil {
		g.t.Fatal(err)
	}
}

// start runs a decider; stop ends it, as abruptly as its context allows.
func (g *ground) start() (stop func()) {
	g.t.Helper()
	ctx, cancel := context.WithCancel(g.t.Context())
	catalogue, err := g.log.Catalogue(ctx)
	if err != nil {
		g.t.Fatal(err)
	}
	d := New(Config{MaxBatch: 50}, g.log, g.state, catalogue, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			g.t.Errorf("Run: %v", err)
		}
	}
}

// read is all that a stream holds, once it holds n records.
func (g *ground) read(name string, n int) []stream.Record {
	g.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		var all []stream.Record
		for p := range g.log.Partitions() {
			part, err := g.log.Newest(g.t.Context(), name, p, 1_000_000)
			if err != nil {
				g.t.Fatal(err)
			}
			all = append(all, part...)
		}
		if len(all) >= n {
			return all
		}
		if time.Now().After(deadline) {
			g.t.Fatalf("%s holds %d records, want %d", name, len(all), n)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// views are events of some shoppers, who have all consented before.
func (g *ground) views(shoppers, n int) {
	for s := range shoppers {
		id := offers.ShopperID(fmt.Sprintf("s%d", s))
		var events []any
		for i, purpose := range offers.Purposes {
			events = append(events, offers.Event{
				ID: offers.EventID(fmt.Sprintf("%s-consent-%d", id, i)), Type: offers.ConsentChanged, Shopper: id, Time: noon,
				Consent: &offers.Consent{Purpose: purpose, Granted: true, At: noon},
			})
		}
		g.produce(stream.Events, string(id), events...)
	}
	for i := range n {
		id := offers.ShopperID(fmt.Sprintf("s%d", i%shoppers))
		g.produce(stream.Events, string(id), offers.Event{
			ID: offers.EventID(fmt.Sprintf("view-%d", i)), Type: offers.ProductViewed, Shopper: id, Category: "footwear",
			Time: noon.Add(time.Duration(i) * time.Second), Received: noon,
		})
	}
}

// TestStoppedAnywhereDecidesTheSame stops and starts deciders at random while
// they work, and compares with one that was never stopped, byte for byte.
func TestStoppedAnywhereDecidesTheSame(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { stoppedAnywhere(t, false) })
	t.Run("real servers", func(t *testing.T) {
		if os.Getenv("AISLE_TEST_KAFKA") == "" || os.Getenv("AISLE_TEST_REDIS") == "" {
			t.Skip("SKIPPED: AISLE_TEST_KAFKA and AISLE_TEST_REDIS are not set: not tested on real servers")
		}
		stoppedAnywhere(t, true)
	})
}

func stoppedAnywhere(t *testing.T, real bool) {
	const shoppers, n = 20, 1500
	decisions := func(restarts int) map[string]string {
		g := newGround(t, real)
		g.views(shoppers, n)
		random := rand.New(rand.NewPCG(1, uint64(restarts)))
		for range restarts {
			stop := g.start()
			time.Sleep(time.Duration(random.IntN(400)) * time.Millisecond)
			stop()
		}
		defer g.start()()
		got := map[string]string{}
		for _, r := range g.read(stream.Decisions, n) {
			id := r.Header("ce_id")
			if earlier, ok := got[id]; ok && earlier != string(r.Value) {
				t.Errorf("decision %s was said twice, differently", id)
			}
			got[id] = string(r.Value)
		}
		return got
	}
	want := decisions(0)
	if len(want) != n {
		t.Fatalf("%d decisions for %d events", len(want), n)
	}
	if diff := cmp.Diff(want, decisions(8)); diff != "" {
		t.Errorf("decisions differ (-uninterrupted +stopped):\n%.2000s", diff)
	}
}

func TestBadRecordsGoToQuarantine(t *testing.T) {
	g := newGround(t, false)
	defer g.start()()
	g.produce(stream.Events, "s1", []byte("not json"), []byte(`{"id":"x"}`), []byte(`[]`))
	g.views(1, 1)
	g.read(stream.Decisions, 1) // the partition went on
	for _, r := range g.read(stream.Quarantine, 3) {
		var q offers.Quarantined
		if err := json.Unmarshal(r.Value, &q); err != nil {
			t.Fatal(err)
		}
		if q.Reason != offers.ReasonSchema || q.Detail == "" || len(q.Body) == 0 {
			t.Errorf("quarantined %+v: want a reason, a detail and the whole body", q)
		}
	}
}

// Half a surrogate pair in an escape is JSON, and no text: go-json reads beyond
// its end.
func TestHalfACharacterIsReadAsNone(t *testing.T) {
	g := newGround(t, false)
	defer g.start()()
	g.views(1, 1)
	for _, title := range []string{`\ud800`, `\uD83D\ude0`, `\ude00\ud83d`} {
		g.produce(stream.Events, "s0", fmt.Appendf(nil, `{"id":"half-%d","type":"product_viewed","shopper":"s0","category":"footwear","time":"2026-11-20T12:01:00Z","received":"2026-11-20T12:01:00Z","properties":{"x":"%s"},"title":"%s"}`, len(title), title, title))
	}
	if got := len(g.read(stream.Decisions, 3)); got != 3 {
		t.Errorf("%d decisions; want one of each view that is JSON", got)
	}
	if got := g.read(stream.Quarantine, 1); len(got) != 1 || !strings.Contains(string(got[0].Value), `"schema"`) {
		t.Errorf("%d records in quarantine; want the escape that is none", len(got))
	}
	// What is passed on to who the shopper is now.
	g.produce(stream.Events, "s0", offers.Event{ID: "m", Type: offers.Merged, Shopper: "s0", Into: "s9", Time: noon},
		[]byte(`{"id":"after","type":"product_viewed","shopper":"s0","time":"2026-11-20T12:02:00Z","properties":{"x":"\ud800"},"title":"\ud800"}`))
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		for _, r := range g.read(stream.Events, 0) {
			var e offers.Event
			if r.Decode(&e) == nil && e.Shopper == "s9" && e.ID == "after" && e.Title == "\uFFFD" {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("the event was not passed on")
		}
	}
}

func TestRepeatedEventsCountOnce(t *testing.T) {
	g := newGround(t, false)
	defer g.start()()
	g.views(1, 3)
	g.views(1, 3) // a client sends its batch again
	g.views(1, 4)
	if got := len(g.read(stream.Decisions, 4)); got != 4 {
		t.Errorf("%d decisions, want 4", got)
	}
}

func TestMergedShopperTakesAllAlong(t *testing.T) {
	g := newGround(t, false)
	defer g.start()()
	search := offers.Event{ID: "search", Type: offers.ProductSearched, Shopper: "cookie", Query: "running shoes", Time: noon}
	consent := offers.Event{ID: "consent", Type: offers.ConsentChanged, Shopper: "cookie", Time: noon, Consent: &offers.Consent{Purpose: offers.ConsentSearch, Granted: true, At: noon}}
	merged := offers.Event{ID: "merge", Type: offers.Merged, Shopper: "cookie", Into: "mia", Time: noon.Add(time.Minute)}
	late := search
	late.ID, late.Query = "late", "trail shoes"
	g.produce(stream.Events, "cookie", consent, search, merged, late)

	key := state.ProfileKey(g.log.PartitionOf("mia"), "mia")
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		b, _ := g.state.Client().Get(t.Context(), key).Bytes()
		var p offers.Profile
		_ = state.DecodeProfile(b, &p)
		sum := int64(0)
		if searches := p.Feature("searches"); searches != nil {
			for _, c := range searches.Cells {
				if c.Key == "footwear" {
					sum += c.N
				}
			}
		}
		if sum == 2 && p.Consented(offers.ConsentSearch) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("Mia's profile is %s, want two searches for footwear and the consent", b)
		}
	}
}

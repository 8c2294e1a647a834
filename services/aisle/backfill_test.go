package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/services/decider"
	"aisle/services/state"
	"aisle/services/stream"
)

// Features that are added to a running house, and told by a backfill what was
// before, are what they would be had they been there always: while shoppers go
// on, withdraw a consent, and turn out to be one.
func TestBackfillOfARunningHouse(t *testing.T) {
	g := newPastGround(t)
	g.produce(g.happen(600)...)
	stop := g.decide(feature.Default())
	g.settle()
	stop()

	more, err := feature.Default().With([]byte(`
features:
  products:
    event: product_viewed
    aggregate: top
    of: product
    most: 3
    consent: search
  carts:
    event: product_added
    aggregate: count
    by: category
    calendar: day
  longest:
    event: zone_left
    aggregate: max
    of: dwell
    gap: 2h
    consent: location
`))
	if err != nil {
		t.Fatal(err)
	}
	defer g.decide(more)()
	g.produce(g.happen(100)...)
	for range 3 { // also where nothing is missing any more
		b := backfill{run: fmt.Sprint(g.random.Uint64()), features: more, apply: true}
		done := make(chan error, 1)
		go func() { done <- b.do(t.Context(), g.log) }()
		for range 10 {
			g.produce(g.happen(20)...)
			time.Sleep(5 * time.Millisecond)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if b.told == 0 {
			t.Error("nobody was told of")
		}
	}
	g.settle()

	past := decider.NewPast(more)
	g.read(past.Fold)
	past.Settle()
	for id, want := range past.People() {
		got, ok := g.profile(id)
		if !ok && want.Into == "" {
			t.Errorf("%s is not known", id)
			continue
		}
		for i := range got.Features {
			if got.Features[i].Pending != nil && want.Into == "" {
				// Somebody became one with them while the backfill looked: what was
				// folded since is kept, and the next run completes it.
				t.Logf("%s waits with %s", id, got.Features[i].Name)
			}
			got.Features[i].Pending, got.Features[i].Backfill = nil, ""
		}
		if diff := cmp.Diff(want.Features, got.Features); diff != "" {
			t.Fatalf("%s (-had it always been folded +backfilled):\n%s", id, diff)
		}
	}
}

// Without -apply nothing is written, and times bound what counts.
func TestBackfillLooksOnly(t *testing.T) {
	g := newPastGround(t)
	for day := range 3 {
		e := offers.Event{ID: offers.EventID(fmt.Sprint(day)), Type: offers.OrderCompleted, Shopper: "mia", Time: noon.AddDate(0, 0, day)}
		g.produce(e)
	}
	set, err := feature.Default().Only([]string{"orders"})
	if err != nil {
		t.Fatal(err)
	}
	b := backfill{run: "r", features: set, from: noon.AddDate(0, 0, 1), to: noon.AddDate(0, 0, 2)}
	if err := b.do(t.Context(), g.log); err != nil {
		t.Fatal(err)
	}
	v := set.Values(nil, b.past.People()["mia"], noon.AddDate(0, 0, 3))
	if v.Number[0] != 1 || b.counts["orders"] != 1 {
		t.Errorf("%v orders of %d shoppers, want the one of that day", v.Number[0], b.counts["orders"])
	}
	n := 0
	g.read(func(records []stream.Record) { n += len(records) })
	if n != 3 {
		t.Errorf("the log has %d records, want the 3 that it had", n)
	}
	out := &strings.Builder{}
	if err := b.report(out, noon); err != nil || !strings.Contains(out.String(), "orders") || !strings.Contains(out.String(), "nothing was changed") {
		t.Errorf("says %v %s", err, out)
	}
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// pastGround is a log and a state, and shoppers who do things.
type pastGround struct {
	*testing.T
	log    *stream.Log
	state  *state.Store
	random *rand.Rand
	n      int
	at     time.Time
}

func newPastGround(t *testing.T) *pastGround {
	log, err := stream.Open(t.Context(), stream.Config{Dir: t.TempDir(), Partitions: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	store, err := state.Open(t.Context(), state.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return &pastGround{T: t, log: log, state: store, random: rand.New(rand.NewPCG(1, 1)), at: noon}
}

// happen is what shoppers do next, some of it told late.
func (g *pastGround) happen(n int) []offers.Event {
	types := []offers.EventType{offers.ProductViewed, offers.ProductViewed, offers.ProductAdded, offers.ZoneLeft, offers.ProductSearched, offers.OrderCompleted}
	events := make([]offers.Event, n)
	for i := range events {
		g.n++
		g.at = g.at.Add(time.Duration(g.random.IntN(120)) * time.Second)
		who := func() offers.ShopperID { return offers.ShopperID(fmt.Sprint("s", g.random.IntN(30))) }
		e := offers.Event{
			ID: offers.EventID(fmt.Sprint("e", g.n)), Type: types[g.random.IntN(len(types))], Shopper: who(), Source: "test",
			Time: g.at.Add(-time.Duration(g.random.IntN(3000)) * time.Second), Received: g.at,
			Category: fmt.Sprint("c", g.random.IntN(4)), Product: fmt.Sprint("p", g.random.IntN(9)), Query: "shoes",
			Dwell: time.Duration(g.random.IntN(300)) * time.Second, Value: offers.Money{Minor: int64(g.random.IntN(5000)), Currency: "EUR"},
		}
		switch g.random.IntN(12) {
		case 0, 1:
			purpose := []offers.Purpose{offers.ConsentSearch, offers.ConsentLocation}[g.random.IntN(2)]
			e.Type, e.Consent = offers.ConsentChanged, &offers.Consent{Purpose: purpose, Granted: g.random.IntN(4) > 0, At: g.at}
		case 2:
			if into := who(); into < e.Shopper && g.n%5 == 0 { // never in a circle
				e.Type, e.Into = offers.Merged, into
			}
		}
		events[i] = e
	}
	return events
}

func (g *pastGround) produce(events ...offers.Event) {
	g.Helper()
	var records []stream.Record
	for i := range events {
		r, err := stream.EventRecord(&events[i], "test", "")
		if err != nil {
			g.Fatal(err)
		}
		records = append(records, r)
	}
	if err := g.log.Produce(g.Context(), records...); err != nil {
		g.Fatal(err)
	}
}

// decide runs a decider until it is stopped.
func (g *pastGround) decide(set *feature.Set) (stop func()) {
	g.Helper()
	ctx, cancel := context.WithCancel(g.Context())
	catalogue, err := g.log.Catalogue(ctx)
	if err != nil {
		g.Fatal(err)
	}
	d := decider.New(decider.Config{MaxBatch: 50, Features: set}, g.log, g.state, catalogue, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			g.Errorf("decider: %v", err)
		}
	}
}

// settle waits until the decider is done with all that the log holds, also with
// what it wrote itself.
func (g *pastGround) settle() {
	g.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		behind := int64(0)
		for p := range g.log.Partitions() {
			newest, err := g.log.Newest(g.Context(), stream.Events, p, 1)
			if err != nil {
				g.Fatal(err)
			}
			kept, err := g.state.LoadOutbox(g.Context(), decider.Group, []int{p})
			if err != nil {
				g.Fatal(err)
			}
			if len(newest) > 0 {
				behind += max(0, newest[0].Offset+1-kept[0].Offset)
			}
		}
		if behind == 0 {
			return
		}
		if time.Now().After(deadline) {
			g.Fatalf("the decider is %d events behind", behind)
		}
	}
}

func (g *pastGround) read(fn func([]stream.Record)) {
	g.Helper()
	ctx, stop := context.WithCancel(g.Context())
	defer stop()
	err := g.log.Tail(ctx, stream.Events, -1, func(_ context.Context, records []stream.Record) error {
		fn(records)
		return nil
	}, stop)
	if err != nil {
		g.Fatal(err)
	}
}

func (g *pastGround) profile(id offers.ShopperID) (p offers.Profile, ok bool) {
	g.Helper()
	b, err := g.state.Client().Get(g.Context(), state.ProfileKey(g.log.PartitionOf(string(id)), id)).Bytes()
	if err != nil {
		return p, false
	}
	if err := state.DecodeProfile(b, &p); err != nil {
		g.Fatal(err)
	}
	return p, true
}

package decider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

// What is proven here: whatever dies, wherever, and whoever comes back from the
// dead, state and decisions are those of a run that nothing interrupted, byte for
// byte. The uninterrupted run is one lane that is handed the log that the other
// run has left, timers and completions in it, with nothing else around it.

// steps are where a lane can die, in the order in which it passes them.
var steps = []string{"read", "load", "decide", "commit", "send"}

// hesitate is a scenario with everything that has to survive: steps, a count, a
// wait for nothing to happen, and a campaign that its completion wakes.
func (g *ground) hesitate() {
	g.produce(stream.Campaigns, offers.ScenarioKey("hesitates"), offers.Scenario{
		ID: "hesitates", Name: "Hesitates", Status: offers.CampaignLive, Version: 1, By: "category",
		Steps: []offers.Step{
			{Events: []offers.EventType{offers.ProductViewed}, Times: 2, In: 10 * time.Minute},
			{Not: true, Events: []offers.EventType{offers.OrderCompleted}, For: 2 * time.Minute},
		},
	})
	g.produce(stream.Campaigns, offers.CampaignKey("nudge"), offers.Campaign{
		ID: "nudge", Name: "Nudge", Status: offers.CampaignLive, Trigger: offers.Trigger{Event: offers.ScenarioCompleted},
		Cap: offers.Cap{Times: 3, Per: time.Hour}, Channels: []offers.Channel{offers.ChannelApp},
		Offers: []offers.Offer{{ID: "c", Title: "C", Value: offers.Money{Minor: 500}, Valid: time.Hour}, {ID: "d", Title: "D", Value: offers.Money{Minor: 700}, Valid: time.Hour}},
	})
}

// visitors are what shoppers do, some of it late, some of it twice.
func visitors(shoppers, n int) []offers.Event {
	random := rand.New(rand.NewPCG(5, 5))
	var all []offers.Event
	for s := range shoppers {
		id := offers.ShopperID(fmt.Sprintf("s%d", s))
		for i, purpose := range offers.Purposes {
			all = append(all, offers.Event{
				ID: offers.EventID(fmt.Sprintf("%s-consent-%d", id, i)), Type: offers.ConsentChanged, Shopper: id, Time: noon,
				Consent: &offers.Consent{Purpose: purpose, Granted: true, At: noon},
			})
		}
	}
	for i := range n {
		e := offers.Event{
			ID: offers.EventID(fmt.Sprintf("e%d", i)), Type: offers.ProductViewed, Shopper: offers.ShopperID(fmt.Sprintf("s%d", random.IntN(shoppers))),
			Category: []string{"footwear", "coffee"}[random.IntN(2)], Time: noon.Add(time.Duration(i) * time.Second),
		}
		switch random.IntN(12) {
		case 0:
			e.Type, e.Value = offers.OrderCompleted, offers.Money{Minor: 1000, Currency: "EUR"}
		case 1:
			e.Time = e.Time.Add(-time.Duration(random.IntN(600)) * time.Second)
		case 2:
			all = append(all, e) // and again below
		}
		e.Received = e.Time
		all = append(all, e)
	}
	return all
}

// decisions are those of a log by id. Who says one twice says the same.
func (g *ground) decisions() map[string]string {
	g.t.Helper()
	got := map[string]string{}
	for _, r := range g.read(stream.Decisions, 0) {
		id := r.Header("ce_id")
		if earlier, ok := got[id]; ok && earlier != string(r.Value) {
			g.t.Errorf("decision %s was said twice, differently:\n%s\n%s", id, earlier, r.Value)
		}
		got[id] = string(r.Value)
	}
	return got
}

// remains is all that state keeps, but for the outbox, which is the last batch's,
// whatever that was.
func (g *ground) remains() map[string]string {
	g.t.Helper()
	got := map[string]string{}
	var mu sync.Mutex // guards got
	read := func(ctx context.Context, c redis.UniversalClient) error {
		keys, err := c.Keys(ctx, "*").Result()
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, key := range keys {
			switch {
			case strings.Contains(key, ":outbox:"):
			case strings.HasSuffix(key, ":wakes:"+Group):
				got[key] = fmt.Sprint(c.ZRangeWithScores(ctx, key, 0, -1).Val())
			case c.Type(ctx, key).Val() == "hash":
				got[key] = fmt.Sprint(c.HGetAll(ctx, key).Val())
			default:
				got[key] = c.Get(ctx, key).Val()
			}
		}
		return nil
	}
	var err error
	if cluster, ok := g.state.Client().(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(g.t.Context(), func(ctx context.Context, c *redis.Client) error { return read(ctx, c) })
	} else {
		err = read(g.t.Context(), g.state.Client())
	}
	if err != nil {
		g.t.Fatal(err)
	}
	return got
}

// decider is one that has a catalogue, and runs when it is told to.
func (g *ground) decider(c Config) *Decider {
	g.t.Helper()
	catalogue, err := g.log.Catalogue(g.t.Context())
	if err != nil {
		g.t.Fatal(err)
	}
	return New(c, g.log, g.state, catalogue, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
}

// lane is a lane of all partitions that no group assigns anything to.
func (g *ground) lane(c Config) *lane {
	g.t.Helper()
	d := g.decider(c)
	d.compile()
	l := &lane{Decider: d}
	g.assign(l)
	return l
}

func (g *ground) assign(l *lane) {
	g.t.Helper()
	var all []stream.Partition
	for n := range g.log.Partitions() {
		all = append(all, stream.Partition{Stream: stream.Events, Number: n})
	}
	if _, err := l.Assign(g.t.Context(), all); err != nil {
		g.t.Fatal(err)
	}
}

// sameAsUninterrupted compares with a lane that reads in peace what the other
// run, which is over, has read of the log.
func (g *ground) sameAsUninterrupted() {
	g.t.Helper()
	peace := newGround(g.t, false)
	peace.hesitate()
	l := peace.lane(Config{})
	for n := range g.log.Partitions() {
		records, err := g.log.Newest(g.t.Context(), stream.Events, n, 1_000_000)
		if err != nil {
			g.t.Fatal(err)
		}
		at, err := g.state.Load(g.t.Context(), Group, []state.Read{{Partition: n}})
		if err != nil {
			g.t.Fatal(err)
		}
		// A timer that rang a second time may have come when the other run was over.
		records = slices.DeleteFunc(records, func(r stream.Record) bool { return r.Offset >= at[0].Offset })
		for len(records) > 0 {
			batch := records[:min(len(records), 64)]
			if err := l.Handle(g.t.Context(), batch); err != nil {
				g.t.Fatal(err)
			}
			records = records[len(batch):]
		}
	}
	want, got := peace.decisions(), g.decisions()
	if diff := cmp.Diff(want, got); diff != "" {
		g.t.Errorf("decisions differ (-uninterrupted +interrupted):\n%.3000s", diff)
	}
	if diff := cmp.Diff(peace.remains(), g.remains()); diff != "" {
		g.t.Errorf("state differs (-uninterrupted +interrupted):\n%.3000s", diff)
	}
	byScenario := 0
	for _, d := range want {
		if strings.Contains(d, `"trigger":"scenario_completed"`) {
			byScenario++
		}
	}
	if byScenario == 0 || len(want) < 100 {
		g.t.Errorf("%d decisions, %d by the scenario: too little was tested", len(want), byScenario)
	}
}

// atRest waits until everything on the log was handled, all that was said is on
// the log, and no timer is left.
func (g *ground) atRest() {
	g.t.Helper()
	var all []int
	for n := range g.log.Partitions() {
		all = append(all, n)
	}
	eventually(g.t, "rest", func() bool {
		kept, err := g.state.LoadOutbox(g.t.Context(), Group, all)
		if err != nil {
			g.t.Fatal(err)
		}
		for n, at := range kept {
			left, err := g.state.Wakes(g.t.Context(), Group, n, 1)
			if err != nil {
				g.t.Fatal(err)
			}
			if len(left) > 0 || !g.told(n, at.Outbox) {
				return false
			}
			last, err := g.log.Newest(g.t.Context(), stream.Events, n, 1)
			if err != nil {
				g.t.Fatal(err)
			}
			if len(last) > 0 && at.Offset <= last[0].Offset {
				return false
			}
		}
		return true
	})
}

// told tells whether what is in a partition's outbox is on the log: who has
// committed it has not necessarily sent it, and may have died since.
func (g *ground) told(partition int, outbox []byte) bool {
	g.t.Helper()
	said, err := unpackOutbox(outbox)
	if err != nil {
		g.t.Fatal(err)
	}
	onLog := map[string]bool{}
	for _, s := range []string{stream.Events, stream.Decisions} {
		if len(said) == 0 {
			break
		}
		records, err := g.log.Newest(g.t.Context(), s, partition, 1_000_000)
		if err != nil {
			g.t.Fatal(err)
		}
		for i := range records {
			onLog[records[i].Header("ce_id")] = true
		}
	}
	return !slices.ContainsFunc(said, func(r stream.Record) bool { return !onLog[r.Header("ce_id")] })
}

// TestDiesAnywhere kills lanes at every step while events come in.
func TestDiesAnywhere(t *testing.T) {
	for _, where := range []struct {
		name, kafka, redis string
		deaths             int
	}{
		{"embedded", "", "", 30},
		{"real servers", "AISLE_TEST_KAFKA", "AISLE_TEST_REDIS", 20},
		{"a cluster's slots", "AISLE_TEST_KAFKA", "AISLE_TEST_REDIS_CLUSTER", 10},
	} {
		t.Run(where.name, func(t *testing.T) {
			if where.kafka != "" && (os.Getenv(where.kafka) == "" || os.Getenv(where.redis) == "") {
				t.Skipf("SKIPPED: %s and %s are not set: not tested there", where.kafka, where.redis)
			}
			g := groundAt(t, os.Getenv(where.kafka), os.Getenv(where.redis))
			diesAnywhere(t, g, where.deaths)
		})
	}
}

func diesAnywhere(t *testing.T, g *ground, deaths int) {
	g.hesitate()
	d := g.decider(Config{MaxBatch: 20})
	var mu sync.Mutex // guards died
	died := map[string]int{}
	var alive atomic.Int64
	d.after = func(step string) {
		mu.Lock()
		defer mu.Unlock()
		total := 0
		for _, n := range died {
			total += n
		}
		// Each step in its turn, some batches after the last death.
		if total >= deaths || step != steps[total%len(steps)] || alive.Add(1)%3 != 0 {
			return
		}
		died[step]++
		runtime.Goexit() // nothing that the lane knew survives; the group finds another
	}
	stop := sync.OnceFunc(running(t, d))
	defer stop()
	events := visitors(30, 2000)
	for len(events) > 0 {
		n := min(len(events), 25)
		for _, e := range events[:n] {
			g.produce(stream.Events, string(e.Shopper), e)
		}
		events = events[n:]
	}
	g.atRest()
	mu.Lock()
	t.Logf("died %v", died)
	for _, step := range steps {
		if died[step] == 0 {
			t.Errorf("none died at %s", step)
		}
	}
	mu.Unlock()
	stop()
	g.sameAsUninterrupted()
}

// TestZombies holds an owner up at each step, lets a successor take over and go
// on, and then the owner go on too.
func TestZombies(t *testing.T) {
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			g := newGround(t, false)
			g.hesitate()
			for _, e := range visitors(10, 300) {
				g.produce(stream.Events, string(e.Shopper), e)
			}
			zombie := g.lane(Config{})
			batch := func(from, to int) (out []stream.Record) {
				for n := range g.log.Partitions() {
					records, err := g.log.Newest(t.Context(), stream.Events, n, 1_000_000)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, records[min(from, len(records)):min(to, len(records))]...)
				}
				return out
			}
			held, let, gone := make(chan struct{}), make(chan struct{}), make(chan error, 1)
			passed := false
			zombie.after = func(at string) {
				if at == step && !passed {
					passed = true
					close(held)
					<-let
				}
			}
			first := batch(0, 20)
			go func() { gone <- zombie.Handle(t.Context(), first) }()
			<-held
			successor := g.lane(Config{})
			for _, b := range [][]stream.Record{batch(0, 30), batch(0, 1000)} { // what it has done it skips
				if err := successor.Handle(t.Context(), b); err != nil {
					t.Fatal(err)
				}
			}
			close(let)
			err := <-gone
			if before := step == "read" || step == "load" || step == "decide"; before != errors.Is(err, stream.ErrFenced) {
				t.Errorf("the zombie says %v; want it fenced where it had not committed", err)
			}
			if err := zombie.Handle(t.Context(), batch(0, 40)); !errors.Is(err, stream.ErrFenced) {
				t.Errorf("the zombie's next batch: %v, want it fenced", err)
			}
			for rest := batch(0, 1000); ; { // timers and completions
				if err := successor.Handle(t.Context(), rest); err != nil {
					t.Fatal(err)
				}
				more := batch(0, 1000)
				if len(more) == len(rest) {
					break
				}
				rest = more
			}
			g.sameAsUninterrupted()
		})
	}
}

// TestLostTail cuts the end off redis-server's log, as a power cut would: state
// goes back some batches, all of a partition as one, and the decisions that are
// on the log by then are adopted.
func TestLostTail(t *testing.T) {
	dir := t.TempDir()
	open := func() *state.Store {
		s, err := state.Open(t.Context(), state.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	g := newGround(t, false)
	g.hesitate()
	g.state = open()
	events := visitors(20, 1500)
	lost := 0
	for _, part := range [][]offers.Event{events[:500], events[500:1000], events[1000:]} {
		for _, e := range part {
			g.produce(stream.Events, string(e.Shopper), e)
		}
		ctx, cancel := context.WithCancel(t.Context())
		d := g.decider(Config{MaxBatch: 10})
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		g.atRest()
		cancel()
		<-done
		before := g.remains()
		g.state.Close()
		logs, err := filepath.Glob(filepath.Join(dir, "appendonlydir", "*.incr.aof"))
		if err != nil || len(logs) != 1 {
			t.Fatalf("logs %v, %v", logs, err)
		}
		whole, err := os.ReadFile(logs[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(logs[0], int64(len(whole)*9/10)); err != nil { // in the middle of whatever is there
			t.Fatal(err)
		}
		g.state = open()
		if !maps.Equal(before, g.remains()) {
			lost++
		}
	}
	if lost == 0 {
		t.Fatal("redis-server lost nothing, so nothing was tested")
	}
	ctx, cancel := context.WithCancel(t.Context())
	d := g.decider(Config{})
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	g.atRest()
	cancel()
	<-done
	g.sameAsUninterrupted()
	g.state.Close()
}

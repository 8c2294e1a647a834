package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/goccy/go-json"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"aisle/offers"
	"aisle/services/notifier"
	"aisle/services/state"
	"aisle/services/stream"
)

// sendRate is how many decisions a second the notifier's bench has it carry.
const sendRate = 2000

// send measures the notifier: from a decision that was due on the log to a
// provider that has its message, guard and all. Each shopper gets one.
func (b *bench) send(ctx context.Context, log *stream.Log, store *state.Store, logger *slog.Logger) error {
	warm, n := 2*sendRate, b.seconds*sendRate
	for from := 0; from < warm+n; from += 1000 {
		pipe := store.Client().Pipeline()
		for i := from; i < min(from+1000, warm+n); i++ {
			who := sendShopper(i)
			p := log.PartitionOf(string(who))
			profile := offers.Profile{Shopper: who, Traits: offers.Traits{Name: "Ana", Phone: fmt.Sprintf("+346%08d", i), TimeZone: "Europe/Madrid"}}
			pipe.Set(ctx, state.ProfileKey(p, who), state.AppendProfile(nil, &profile), 0)
			pipe.HSet(ctx, state.ConsentKey(p, who), string(offers.ConsentSMS), "1 1 bench")
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return err
		}
	}
	shop, err := json.Marshal(offers.Shop{ID: "send", Name: "Bench", TimeZone: "Europe/Madrid"})
	if err != nil {
		return err
	}
	if err := log.Produce(ctx, stream.Record{Stream: stream.Campaigns, Key: []byte(offers.ShopKey("send")), Value: shop}); err != nil {
		return err
	}
	outside, err := stream.Open(ctx, stream.Config{URL: b.again(log), Logger: logger, Registry: prometheus.NewRegistry()})
	if err != nil {
		return err
	}
	defer outside.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	seen := &deliveredAt{}
	tailing := make(chan struct{})
	g.Go(func() error {
		return outside.Tail(ctx, stream.Deliveries, 0, seen.note, func() { close(tailing) })
	})
	<-tailing
	catalogue, err := log.Catalogue(ctx)
	if err != nil {
		return err
	}
	carrier, err := notifier.New(notifier.Config{}, log, store, catalogue, logger, prometheus.NewRegistry())
	if err != nil {
		return err
	}
	g.Go(func() error { return carrier.Run(ctx) })
	cpu := meter{}
	cpu.watch("this process", os.Getpid())
	cpu.watch("broker", listener(b.stream))
	cpu.watch("redis-server", cmp.Or(listener(b.state), started("redis-server")))

	g.Go(func() error {
		defer cancel()
		// The first find connections to open and a group to join.
		if err := decideAt(ctx, outside, 0, warm); err != nil {
			return err
		}
		if err := seen.wait(ctx, warm); err != nil {
			return err
		}
		seen.reset()
		cpu.start()
		if err := decideAt(ctx, outside, warm, n); err != nil {
			return err
		}
		if err := seen.wait(ctx, n); err != nil {
			return err
		}
		took, other := seen.results()
		fmt.Fprintf(b.out, "send, %d decisions/s through guard and sandbox: decision to provider p50 %.2f ms, p95 %.2f ms, p99 %.2f ms, worst %.1f ms; %d sent, %d otherwise; %s\n",
			sendRate, quantile(took, .5), quantile(took, .95), quantile(took, .99), quantile(took, 1), len(took), other, cpu.per(n))
		return nil
	})
	return unlessCancelled(g.Wait())
}

func sendShopper(i int) offers.ShopperID { return offers.ShopperID("send-" + strconv.Itoa(i)) }

// decideAt puts n decisions on the log at their due times, from the numbered one.
func decideAt(ctx context.Context, log *stream.Log, from, n int) error {
	return paced(ctx, log, sendRate, n, func(i int, at time.Time) (stream.Record, error) {
		i += from
		who := sendShopper(i)
		d := offers.Decision{
			ID: offers.DecisionID(fmt.Sprintf("%d-%d-0", log.PartitionOf(string(who)), i)), Shopper: who, Shop: "send", Trigger: offers.ZoneDwelled,
			Time: at, Received: at, Verdict: offers.Offered, Campaign: "send", Channels: []offers.Channel{offers.ChannelSMS}, Expires: at.Add(time.Hour),
			Offer: &offers.Offer{ID: "send-1", Title: "10% off", SMS: "Hi {{name}}, {{title}} at {{shop}}: {{code}}, until {{until}}"},
		}
		value, err := json.Marshal(&d)
		return stream.Record{
			Stream: stream.Decisions, Key: []byte(who), Value: value,
			Headers: stream.Headers(string(d.ID), "bench", "decision", at, stream.NewTrace()),
		}, err
	})
}

// deliveredAt notes how long after its decision each delivery was done.
type deliveredAt struct {
	mu    sync.Mutex // guards the rest
	took  []float64  // milliseconds, of those that were sent
	other int
}

func (a *deliveredAt) note(_ context.Context, records []stream.Record) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range records {
		var d offers.Delivery
		if err := records[i].Decode(&d); err != nil {
			return err
		}
		if d.State == offers.DeliverySent {
			a.took = append(a.took, float64(d.At.Sub(d.Received).Microseconds())/1000)
		} else {
			a.other++
		}
	}
	return nil
}

func (a *deliveredAt) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.took, a.other = nil, 0
}

func (a *deliveredAt) wait(ctx context.Context, n int) error {
	for {
		a.mu.Lock()
		done := len(a.took) + a.other
		a.mu.Unlock()
		if done >= n {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (a *deliveredAt) results() (took []float64, other int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	took = slices.Clone(a.took)
	slices.Sort(took)
	return took, a.other
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"aisle/offers"
	"aisle/services/decider"
	"aisle/services/state"
	"aisle/services/stream"
)

// deciding is what is measured of the decider, one thing after the other.
type deciding struct {
	*bench
	log       *stream.Log // the deciders'
	outside   *stream.Log // of who sends events and reads decisions, as others would, on connections of their own
	store     *state.Store
	catalogue *stream.Catalogue
	logger    *slog.Logger
	seen      *arrivals
	cpu       meter
}

func (b *bench) decider(ctx context.Context, log *stream.Log, store *state.Store, logger *slog.Logger) error {
	if err := b.publishCampaigns(ctx, log); err != nil {
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
	m := &deciding{bench: b, log: log, outside: outside, store: store, logger: logger, seen: &arrivals{}}
	m.cpu.watch("this process", os.Getpid())
	m.cpu.watch("broker", listener(b.stream))
	m.cpu.watch("redis-server", cmp.Or(listener(b.state), started("redis-server")))
	tailing := make(chan struct{})
	g.Go(func() error {
		return outside.Tail(ctx, stream.Decisions, 0, m.seen.note, func() { close(tailing) })
	})
	<-tailing
	if m.catalogue, err = log.Catalogue(ctx); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "%d campaigns, %d shoppers, an event wakes %d campaigns\n", b.campaigns, b.shoppers, b.campaigns/benchZones)
	if b.measures("decide") || b.measures("restart") || b.measures("scenarios") {
		if err := m.consent(ctx); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		name    string
		measure func(context.Context) error
	}{{"decide", m.decide}, {"profiles", m.profiles}, {"restart", m.restart}, {"scenarios", m.scenarios}} {
		if b.measures(part.name) {
			if err := part.measure(ctx); err != nil {
				return err
			}
		}
	}
	cancel()
	return unlessCancelled(g.Wait())
}

// again is the address of the streams that the bench uses.
func (b *bench) again(log *stream.Log) string {
	if b.where != "" {
		return b.where
	}
	return "kafka://" + strings.Join(log.Addrs(), ",")
}

func unlessCancelled(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// start runs a decider until stop is called.
func (m *deciding) start(ctx context.Context) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	d := decider.New(decider.Config{Lanes: m.lanes}, m.log, m.store, m.catalogue, m.logger, prometheus.NewRegistry())
	go func() { ended <- d.Run(ctx) }()
	return func() error {
		cancel()
		return unlessCancelled(<-ended)
	}
}

// consents are those of one shopper after the other.
func consents(to offers.Purpose) func(*rand.Rand, time.Time) (stream.Record, error) {
	next := 0
	return func(*rand.Rand, time.Time) (stream.Record, error) {
		id := "s" + strconv.Itoa(next)
		next++
		now := time.Now()
		return record(&offers.Event{
			ID: offers.EventID("consent-" + string(to) + "-" + id), Type: offers.ConsentChanged, Shopper: offers.ShopperID(id), Time: now,
			Consent: &offers.Consent{Purpose: to, Granted: true, At: now, Source: "bench"},
		})
	}
}

// consent lets every shopper agree to offers in the app, so that every event has
// candidates, and waits until a decider has folded it.
func (m *deciding) consent(ctx context.Context) error {
	if err := m.fill(ctx, m.outside, m.shoppers, consents(offers.ConsentPush)); err != nil {
		return err
	}
	stop := m.start(ctx)
	for {
		lag, err := m.log.Lag(ctx, decider.Group, stream.Events)
		if err != nil {
			return err
		}
		if lag == 0 {
			return stop()
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// drain fills the log while no decider runs, and measures how fast it empties.
func (m *deciding) drain(ctx context.Context, n int, event func(*rand.Rand, time.Time) (stream.Record, error)) (took time.Duration, cpu string, err error) {
	if err := m.fill(ctx, m.outside, n, event); err != nil {
		return 0, "", err
	}
	from := m.seen.count.Load()
	m.cpu.start()
	began := time.Now()
	stop := m.start(ctx)
	err = m.seen.wait(ctx, from+int64(n))
	took, cpu = time.Since(began), m.cpu.per(n)
	return took, cpu, errors.Join(err, stop())
}

// decide measures flat out, and then latency at each rate.
func (m *deciding) decide(ctx context.Context) error {
	if err := m.warm(ctx); err != nil {
		return err
	}
	if m.profile != "" {
		to, err := os.Create(m.profile)
		if err != nil {
			return err
		}
		defer to.Close()
		if err := pprof.StartCPUProfile(to); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	took, cpu, err := m.drain(ctx, m.flatOut, m.event)
	if err != nil {
		return err
	}
	pprof.StopCPUProfile()
	fmt.Fprintf(m.out, "flat out: %d events in %.2f s, %.0f events/s; %s\n", m.flatOut, took.Seconds(), float64(m.flatOut)/took.Seconds(), cpu)
	stop := m.start(ctx)
	if err := m.ready(ctx); err != nil {
		return err
	}
	for _, rate := range m.rates {
		m.cpu.start()
		l, err := m.atRate(ctx, m.outside, m.seen, rate, m.seconds)
		if err != nil {
			return err
		}
		fmt.Fprintf(m.out, "%5d events/s: event to decision p50 %.2f ms, p95 %.2f ms, p99 %.2f ms, worst %.1f ms; %s\n",
			rate, quantile(l, .5), quantile(l, .95), quantile(l, .99), quantile(l, 1), m.cpu.per(len(l)))
	}
	fmt.Fprintf(m.out, "memory of this process: %s now, %s at most\n", procStatus("VmRSS"), procStatus("VmHWM"))
	return stop()
}

// ready waits until a decider that was just started answers: before, it owns no
// partition.
func (m *deciding) ready(ctx context.Context) error {
	_, err := m.atRate(ctx, m.outside, m.seen, 100, 1)
	return err
}

// warm works for a while: a broker that was started seconds ago still compiles
// itself on the same cores, and that is not what the decider is measured by.
func (m *deciding) warm(ctx context.Context) error {
	const rate = 5000
	stop := m.start(ctx)
	_, err := m.atRate(ctx, m.outside, m.seen, rate, 3*m.seconds)
	return errors.Join(err, stop())
}

// profiles measures what an event costs among few profiles and among many. They
// are put where the decider would have put them.
func (m *deciding) profiles(ctx context.Context) error {
	var costs []float64
	for _, n := range []int{10_000, m.manyProfiles} {
		name := "of" + strconv.Itoa(n) + "-"
		bytes, err := m.put(ctx, name, n)
		if err != nil {
			return err
		}
		took, cpu, err := m.drain(ctx, m.flatOut/2, func(random *rand.Rand, at time.Time) (stream.Record, error) {
			return dwell(name+strconv.Itoa(random.IntN(n)), random, at)
		})
		if err != nil {
			return err
		}
		costs = append(costs, m.cpu.total())
		fmt.Fprintf(m.out, "%d profiles of %d bytes: %.0f events/s; %s\n", n, bytes, float64(m.flatOut/2)/took.Seconds(), cpu)
	}
	fmt.Fprintf(m.out, "an event among %d profiles takes %.2f times the CPU of one among 10000\n", m.manyProfiles, costs[1]/costs[0])
	return nil
}

// put writes profiles to state, in batches that lie in one partition each.
func (m *deciding) put(ctx context.Context, name string, n int) (bytes int, err error) {
	now := time.Now().UTC()
	batches := map[int][]any{}
	for i := range n {
		id := offers.ShopperID(name + strconv.Itoa(i))
		p := offers.Profile{
			Shopper: id, First: now, Last: now, Recent: make([]byte, 64),
			Identifiers: []offers.Identifier{{Type: offers.Tag, Value: "iBeacon:a15e0000-0000-4000-8000-000000000001-7-" + string(id)}},
			Consents:    map[offers.Purpose]offers.Consent{offers.ConsentPush: {Purpose: offers.ConsentPush, Granted: true, At: now, Source: "bench"}},
		}
		for c := range 5 {
			p.Contacts = append(p.Contacts, offers.Contact{Decision: offers.DecisionID(fmt.Sprintf("%d-%d-0", c, i)), Campaign: "before", Offer: "before", At: now})
		}
		packed := state.AppendProfile(nil, &p)
		bytes = len(packed)
		partition := m.log.PartitionOf(string(id))
		batches[partition] = append(batches[partition], state.ProfileKey(partition, id), packed)
		if len(batches[partition]) >= 2000 {
			if err := m.store.Client().MSet(ctx, batches[partition]...).Err(); err != nil {
				return 0, fmt.Errorf("profiles: %w: %w", offers.ErrUnavailable, err)
			}
			batches[partition] = nil
		}
	}
	for _, rest := range batches {
		if len(rest) > 0 {
			if err := m.store.Client().MSet(ctx, rest...).Err(); err != nil {
				return 0, fmt.Errorf("profiles: %w: %w", offers.ErrUnavailable, err)
			}
		}
	}
	return bytes, nil
}

// restart replaces two deciders by two others while events come in, one after the
// other as a cluster would, and measures the longest wait for a decision.
func (m *deciding) restart(ctx context.Context) error {
	const rate, seconds, pause = 1000, 16, 3 * time.Second
	old := []func() error{m.start(ctx), m.start(ctx)}
	if err := m.settle(ctx); err != nil {
		return err
	}
	var fresh []func() error
	rolled := make(chan error, 1)
	go func() {
		for _, stop := range old {
			time.Sleep(pause)
			fresh = append(fresh, m.start(ctx))
			time.Sleep(pause / 2)
			if err := stop(); err != nil {
				rolled <- err
				return
			}
		}
		rolled <- nil
	}()
	l, err := m.atRate(ctx, m.outside, m.seen, rate, seconds)
	if err := errors.Join(err, <-rolled); err != nil {
		return err
	}
	fmt.Fprintf(m.out, "rolling restart of two deciders at %d events/s: longest wait for a decision %.0f ms, p99 %.1f ms, p50 %.2f ms\n",
		rate, quantile(l, 1), quantile(l, .99), quantile(l, .5))
	for _, stop := range fresh {
		if err := stop(); err != nil {
			return err
		}
	}
	return nil
}

// settle waits until the deciders have shared the partitions out, by asking for a
// decision in each.
func (m *deciding) settle(ctx context.Context) error {
	from := m.seen.count.Load()
	n := 100
	if err := m.fill(ctx, m.outside, n, m.event); err != nil {
		return err
	}
	if err := m.seen.wait(ctx, from+int64(n)); err != nil {
		return err
	}
	time.Sleep(2 * time.Second) // the second one joins
	return nil
}

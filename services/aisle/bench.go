package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/goccy/go-json"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

// A bench measures the way from an event on the log to its decision on the
// log, on the streams and the state that it is given. Every event wakes a
// decision among some campaigns; latency counts from the time at which the
// event was due, so that a stall is seen by all whom it delayed.
type bench struct {
	stream, state string
	rates         []int
	seconds       int
	flatOut       int
	shoppers      int
	campaigns     int
	lanes         int // of a decider; 0: as by default
	manyProfiles  int
	against       []string // programs that do the same otherwise, as name=command
	only          []string // parts of benchParts; empty: all
	profile       string   // file for the CPU profile of draining the log flat out
	out           io.Writer
	where         string // the streams, by a prefix of the bench's own
	made          uint64 // how often events were
}

// benchZones spreads campaigns and events, so that an event wakes a tenth of
// the campaigns.
const benchZones = 10

func benchMain(ctx context.Context, args []string) error {
	b := bench{out: os.Stdout}
	rates, only := "", ""
	f := flag.NewFlagSet("aisle bench", flag.ContinueOnError)
	f.StringVar(&b.stream, "stream", "", "kafka://host:port; empty: the embedded broker")
	f.StringVar(&b.state, "state", "", "redis://host:port; empty: an embedded redis-server")
	f.StringVar(&rates, "rates", "500,2000,5000", "events a second to measure latency at")
	f.IntVar(&b.seconds, "seconds", 10, "how long to measure each rate")
	f.IntVar(&b.flatOut, "events", 200_000, "events to drain flat out")
	f.IntVar(&b.shoppers, "shoppers", 50_000, "shoppers whose events they are")
	f.IntVar(&b.campaigns, "campaigns", 100, "live campaigns")
	f.IntVar(&b.manyProfiles, "profiles", 1_000_000, "profiles among which an event is compared with one among 10,000")
	f.Func("against", "name=command of a program to compare with, which finds all that it needs in AISLE_STREAM, AISLE_STATE, AISLE_BROKERS, AISLE_EVENTS and AISLE_DECISIONS; may be repeated", func(s string) error {
		b.against = append(b.against, s)
		return nil
	})
	f.StringVar(&only, "only", "", "parts to measure, of "+strings.Join(benchParts, ",")+"; empty: all")
	f.IntVar(&b.lanes, "lanes", 0, "lanes of a decider; 0: two for each CPU")
	f.StringVar(&b.profile, "cpuprofile", "", "file for a CPU profile of the decider while it is flat out")
	if err := f.Parse(args); err != nil {
		return err
	}
	for _, part := range splitList(only) {
		if !slices.Contains(benchParts, part) {
			return fmt.Errorf("-only %q: %w: parts are %s", part, offers.ErrInvalid, strings.Join(benchParts, ", "))
		}
		b.only = append(b.only, part)
	}
	for _, r := range splitList(rates) {
		n, err := strconv.Atoi(r)
		if err != nil || n <= 0 {
			return fmt.Errorf("-rates %q: %w: events a second, such as 500,2000", rates, offers.ErrInvalid)
		}
		b.rates = append(b.rates, n)
	}
	return b.run(ctx)
}

func (b *bench) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "aisle-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if b.where = b.stream; b.where != "" {
		// A stream of its own in the broker, so that nothing of the shop's is read or written.
		b.where += "?prefix=bench-" + strconv.FormatInt(time.Now().UnixMilli(), 36) + "-"
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	log, err := stream.Open(ctx, stream.Config{URL: b.where, Dir: dir + "/stream", Logger: logger, Registry: prometheus.NewRegistry()})
	if err != nil {
		return err
	}
	defer log.Close()
	store, err := state.Open(ctx, state.Config{URL: b.state, Dir: dir + "/state", Logger: logger, Registry: prometheus.NewRegistry()})
	if err != nil {
		return err
	}
	defer store.Close()
	// Offsets and profiles of a shop would be taken for those of the bench, and
	// overwritten.
	if n, err := store.Client().DBSize(ctx).Result(); err != nil {
		return fmt.Errorf("state: %w: %w", offers.ErrUnavailable, err)
	} else if b.state != "" && n > 0 {
		return fmt.Errorf("state %s: %w: it holds %d keys; the bench wants a Redis of its own that is empty", b.state, offers.ErrConflict, n)
	}
	fmt.Fprintf(b.out, "streams %s, state %s\n", orEmbedded(b.stream), orEmbedded(b.state))
	if b.stream == "" && b.measures("radio") { // it needs neither
		if err := b.radio(); err != nil {
			return err
		}
	}
	if b.measures("door") {
		if err := b.door(ctx, log, store, dir); err != nil {
			return err
		}
	}
	if b.measures("decide") || b.measures("profiles") || b.measures("restart") || b.measures("scenarios") {
		if err := b.decider(ctx, log, store, logger); err != nil {
			return err
		}
	}
	if b.measures("learn") {
		if err := b.learn(ctx, log, store, logger); err != nil {
			return err
		}
	}
	if b.measures("send") {
		if err := b.send(ctx, log, store, logger); err != nil {
			return err
		}
	}
	if b.measures("against") && len(b.against) > 0 {
		return b.compare(ctx, store, logger)
	}
	return nil
}

// benchParts are what a bench measures, in this order.
var benchParts = []string{"radio", "door", "decide", "profiles", "restart", "scenarios", "learn", "send", "against"}

func (b *bench) measures(part string) bool { return len(b.only) == 0 || slices.Contains(b.only, part) }

func (b *bench) publishCampaigns(ctx context.Context, log *stream.Log) error {
	var records []stream.Record
	for i := range b.campaigns {
		zone := offers.ZoneID("zone-" + strconv.Itoa(i%benchZones))
		c := offers.Campaign{
			ID: offers.CampaignID("bench-" + strconv.Itoa(i)), Name: "Bench " + strconv.Itoa(i), Status: offers.CampaignLive,
			Trigger:       offers.Trigger{Event: offers.ZoneDwelled, Zones: []offers.ZoneID{zone}},
			Eligibility:   `tier != "staff" && orders < 100`,
			Applicability: fmt.Sprintf(`zone_seconds[%q] >= 0 && hour >= 0`, zone),
			Channels:      []offers.Channel{offers.ChannelApp},
			Offers: []offers.Offer{{
				ID: offers.OfferID("offer-" + strconv.Itoa(i)), Title: "10% off", Body: "Today only.", Category: string(zone), Zone: zone,
				Value: offers.Money{Minor: 1500, Currency: "EUR"}, Discount: .1, Valid: time.Hour,
			}},
		}
		value, err := json.Marshal(c)
		if err != nil {
			return err
		}
		records = append(records, stream.Record{Stream: stream.Campaigns, Key: []byte(offers.CampaignKey(c.ID)), Value: value})
	}
	return log.Produce(ctx, records...)
}

// fill puts n events on the log as fast as it takes them.
func (b *bench) fill(ctx context.Context, log *stream.Log, n int, event func(*rand.Rand, time.Time) (stream.Record, error)) error {
	random := b.unseen()
	for n > 0 {
		batch := make([]stream.Record, min(n, 1000))
		for i := range batch {
			r, err := event(random, time.Now())
			if err != nil {
				return err
			}
			batch[i] = r
		}
		if err := log.Produce(ctx, batch...); err != nil {
			return err
		}
		n -= len(batch)
	}
	return nil
}

// atRate sends events at their due times, and returns how long after those their
// decisions came, in milliseconds, sorted.
func (b *bench) atRate(ctx context.Context, log *stream.Log, seen *arrivals, rate, seconds int) ([]float64, error) {
	random := b.unseen()
	n := rate * seconds
	from := seen.count.Load()
	seen.reset(n)
	err := paced(ctx, log, rate, n, func(_ int, at time.Time) (stream.Record, error) { return b.event(random, at) })
	if err != nil {
		return nil, err
	}
	if err := seen.wait(ctx, from+int64(n)); err != nil {
		return nil, err
	}
	return seen.latencies(), nil
}

// paced puts n records on the log, each at its due time.
func paced(ctx context.Context, log *stream.Log, rate, n int, record func(i int, at time.Time) (stream.Record, error)) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(256)
	began := time.Now()
	for sent := 0; sent < n; {
		due := int(time.Since(began).Seconds() * float64(rate))
		var batch []stream.Record
		for ; sent < min(due, n); sent++ {
			at := began.Add(time.Duration(float64(sent) / float64(rate) * float64(time.Second)))
			r, err := record(sent, at)
			if err != nil {
				return err
			}
			batch = append(batch, r)
		}
		if len(batch) > 0 {
			g.Go(func() error { return log.Produce(gctx, batch...) })
		}
		time.Sleep(500 * time.Microsecond)
	}
	return g.Wait()
}

// unseen makes events that were not made before: those would be repeats, and
// decide nothing.
func (b *bench) unseen() *rand.Rand {
	b.made++
	return rand.New(rand.NewPCG(1, b.made))
}

func (b *bench) event(random *rand.Rand, at time.Time) (stream.Record, error) {
	return dwell("s"+strconv.Itoa(random.IntN(b.shoppers)), random, at)
}

// dwell is an event that wakes a tenth of the campaigns.
func dwell(who string, random *rand.Rand, at time.Time) (stream.Record, error) {
	shopper := offers.ShopperID(who)
	e := offers.Event{
		ID: offers.EventID(strconv.FormatUint(random.Uint64(), 36)), Type: offers.ZoneDwelled, Shopper: shopper,
		Time: at, Received: at, Source: "bench", Shop: "shop-1", Zone: offers.ZoneID("zone-" + strconv.Itoa(random.IntN(benchZones))),
		Dwell: 30 * time.Second, Confidence: .9,
		Identifiers: []offers.Identifier{{Type: offers.Tag, Value: "iBeacon:a15e0000-0000-4000-8000-000000000001-7-" + string(shopper)}},
	}
	return record(&e)
}

func record(e *offers.Event) (stream.Record, error) {
	value, err := json.Marshal(e)
	return stream.Record{Stream: stream.Events, Key: []byte(e.Shopper), Value: value}, err
}

// arrivals notes the decisions as they come: it counts them, and between reset and
// latencies also how long each took. It shares the cores with what it measures, and
// so looks at no more than a header.
type arrivals struct {
	count atomic.Int64
	took  atomic.Pointer[[]float64] // milliseconds, one slot an arrival since reset; nil: they are only counted
	slot  atomic.Int64
}

func (a *arrivals) reset(n int) {
	took := make([]float64, n)
	a.slot.Store(0)
	a.took.Store(&took)
}

func (a *arrivals) note(_ context.Context, records []stream.Record) error {
	now := time.Now()
	if took := a.took.Load(); took != nil {
		for i := range records {
			due, err := time.Parse(time.RFC3339Nano, records[i].Header("ce_time")) // of the event, as the decision has it
			if err != nil {
				return fmt.Errorf("decision: %w: %w", offers.ErrInvalid, err)
			}
			if slot := a.slot.Add(1) - 1; slot < int64(len(*took)) {
				(*took)[slot] = float64(now.Sub(due).Microseconds()) / 1000
			}
		}
	}
	a.count.Add(int64(len(records)))
	return nil
}

func (a *arrivals) wait(ctx context.Context, n int64) error {
	for a.count.Load() < n {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

// latencies are sorted.
func (a *arrivals) latencies() []float64 {
	l := *a.took.Swap(nil)
	slices.Sort(l)
	return l
}

// quantile of sorted values, by the nearest rank.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

func orEmbedded(url string) string {
	if url == "" {
		return "embedded"
	}
	return url
}

// procStatus is one line of the kernel's account of this process.
func procStatus(key string) string {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, key+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}

// Package decider answers each moment: it folds what shoppers do into what is
// known of them, asks offers/decide for the right offer, and records the
// decision with its reasons, once, whatever dies in between.
//
// Each partition of events has one owner, a lane (lane.go). The live catalogue
// and the ranker's snapshot are swapped under the lanes without a lock.
package decider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/feature"
	"aisle/offers/rank"
	"aisle/offers/rank/lists"
	"aisle/services/again"
	"aisle/services/state"
	"aisle/services/stream"
)

// Group is the deciders' consumer group, and their name for offsets in state.
const Group = "decider"

// Config of a decider. The zero value works.
type Config struct {
	Lanes      int `yaml:"lanes"`       // goroutines that own partitions, at most as many as those; default two for each CPU
	MaxBatch   int `yaml:"max_batch"`   // most events in a batch; default 500
	CacheBytes int `yaml:"cache_bytes"` // most bytes of profiles that all lanes keep; default 256 MiB, or a quarter of Go's memory limit

	// Events come out of order. Timers wait for Disorder behind the newest
	// event; what comes later than that and Lateness wakes no campaign.
	Disorder time.Duration `yaml:"disorder"` // default 5s
	Lateness time.Duration `yaml:"lateness"` // default 5m

	Features *feature.Set `yaml:"-"` // default: those that the house comes with

	FactorsOff    []offers.Factor `yaml:"factors_off"`     // of scores, that count 1: propensity, context, value, lever, reach
	AsksPerSecond int             `yaml:"asks_per_second"` // that one source may send to /v1/decide; default 500

	Models map[string]Model `yaml:"models"` // the shop's own, by the name that campaigns give
}

func (c Config) withDefaults() Config {
	if c.MaxBatch == 0 {
		c.MaxBatch = 500
	}
	if c.Lanes == 0 {
		c.Lanes = stream.DefaultLanes()
	}
	if c.CacheBytes == 0 {
		c.CacheBytes = int(min(256<<20, debug.SetMemoryLimit(-1)/4))
	}
	if c.Disorder == 0 {
		c.Disorder = decide.Disorder
	}
	if c.Lateness == 0 {
		c.Lateness = decide.Lateness
	}
	if c.Features == nil {
		c.Features = feature.Default()
	}
	if c.AsksPerSecond == 0 {
		c.AsksPerSecond = 500
	}
	return c
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	if c.Lanes < 0 || c.MaxBatch < 0 || c.CacheBytes < 0 || c.Disorder < 0 || c.Lateness < 0 {
		return fmt.Errorf("decider: %w: lanes, max_batch, cache_bytes, disorder and lateness are not negative", offers.ErrInvalid)
	}
	if c.AsksPerSecond < 0 {
		return fmt.Errorf("decider.asks_per_second: %w: %d is negative", offers.ErrInvalid, c.AsksPerSecond)
	}
	for _, f := range c.FactorsOff {
		if !slices.Contains(offers.Factors, f) {
			return fmt.Errorf("decider.factors_off: %w: %q is none of propensity, context, value, lever, reach", offers.ErrInvalid, f)
		}
	}
	for name, m := range c.Models {
		if err := m.validate(name); err != nil {
			return err
		}
	}
	return nil
}

// Decider owns some partitions of events, as many as the group gives it.
type Decider struct {
	config    Config
	log       *stream.Log
	state     *state.Store
	catalogue *stream.Catalogue
	features  *feature.Set
	engine    atomic.Pointer[decide.Engine]
	model     atomic.Pointer[rank.Model]
	lists     atomic.Pointer[lists.Model] // nil: none was trained
	models    *models
	metrics   *metrics
	logger    *slog.Logger
	after     func(step string) // of a lane; nil but in tests
}

// New makes a decider that follows the catalogue.
func New(c Config, log *stream.Log, store *state.Store, catalogue *stream.Catalogue, logger *slog.Logger, reg prometheus.Registerer) *Decider {
	c = c.withDefaults()
	c.Lanes = min(c.Lanes, log.Partitions()) // others would have nothing to do, and keep room in the cache
	d := &Decider{
		config: c, log: log, state: store, catalogue: catalogue,
		features: c.Features, metrics: newMetrics(reg), logger: logger,
	}
	d.model.Store(rank.New())
	d.models = newModels(c.Models, logger, reg)
	return d
}

// Run decides until ctx ends.
func (d *Decider) Run(ctx context.Context) error {
	changed := d.catalogue.Changed()
	d.compile()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return d.followCatalogue(ctx, changed) })
	g.Go(func() error {
		return again.Every(ctx, modelPoll, d.logger, "reading the ranker's snapshot", d.followModel)
	})
	g.Go(func() error {
		return d.log.Consume(ctx, stream.Consumer{
			Group: Group, Streams: []string{stream.Events},
			Lanes: d.config.Lanes, MaxBatch: d.config.MaxBatch,
			NewLane: func() stream.Lane { return &lane{Decider: d} },
		})
	})
	return g.Wait()
}

// compile makes an engine of the catalogue as it is now. A campaign with a
// broken rule is left out; the others go on.
func (d *Decider) compile() {
	c := d.catalogue.Now()
	var engine *decide.Engine
	var broken map[offers.CampaignID]error
	if now := d.engine.Load(); now != nil {
		engine, broken = now.With(c)
	} else {
		engine, broken = decide.New(c, d.features, d.config.FactorsOff...)
	}
	d.engine.Store(engine)
	d.scenarios(engine)
	for _, id := range engine.Clockless() {
		d.logger.Error("no campaign by the hour runs in a shop without a time zone", "shop", id)
	}
	for id, err := range broken {
		d.logger.Error("campaign left out", "campaign", id, "err", err)
	}
	live := 0
	for _, k := range c.Campaigns {
		if k.Status == offers.CampaignLive {
			live++
		}
	}
	d.metrics.campaigns.Set(float64(live - len(broken)))
	d.metrics.broken.Set(float64(len(broken)))
}

// followCatalogue makes a new engine at each change. The change is asked for
// before the catalogue is read, so that none falls in between.
func (d *Decider) followCatalogue(ctx context.Context, changed <-chan struct{}) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
		changed = d.catalogue.Changed()
		d.compile()
	}
}

// modelPoll is how old a ranker may be.
const modelPoll = time.Second

func (d *Decider) followModel(ctx context.Context) error {
	return errors.Join(d.swapModel(ctx), d.swapLists(ctx), d.models.tell(ctx, d.state))
}

func (d *Decider) swapModel(ctx context.Context) error {
	packed, err := d.state.Snapshot(ctx, rank.SnapshotName, d.model.Load().Version())
	if err != nil {
		if errors.Is(err, offers.ErrNotFound) {
			return nil // nothing learned yet
		}
		return err
	}
	if packed == nil {
		return nil // ours is the current one
	}
	m, err := rank.Decode(packed)
	if err != nil {
		return err
	}
	d.model.Store(m)
	d.logger.Info("ranker swapped", "model", m.Version())
	return nil
}

// swapLists is swapModel for the ranker of lists.
func (d *Decider) swapLists(ctx context.Context) error {
	have := ""
	if m := d.lists.Load(); m != nil {
		have = m.Version()
	}
	packed, err := d.state.Snapshot(ctx, lists.SnapshotName, have)
	if errors.Is(err, offers.ErrNotFound) || err == nil && packed == nil {
		return nil // never trained, or ours is the current one
	}
	if err != nil {
		return err
	}
	m, err := lists.Decode(packed)
	if err != nil {
		return err
	}
	d.lists.Store(m)
	d.logger.Info("ranker of lists swapped", "model", m.Version())
	return nil
}

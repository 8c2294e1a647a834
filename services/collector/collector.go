// Package collector is the shop's front door for everything that is told by
// HTTP: what web sites and apps see people do, whom cameras recognise, what
// tills sell.
//
// Its rules: who writes has a key. An answer of success means that the log has
// it. What cannot be read is put aside whole, with the reason, and does not
// hold up what came with it. Every event leaves with the name of its shopper
// and on the trace of their journey. A consent that is withdrawn holds before
// the answer is out.
package collector

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/door"
	"aisle/services/formats/bots"
	"aisle/services/formats/drift"
	"aisle/services/state"
	"aisle/services/stream"
)

// source is what records of this door say they come from.
const source = "aisle/collector"

// Parts are what the door stands on.
type Parts struct {
	Log      *stream.Log
	State    *state.Store
	Catalog  *catalog.Catalog // sources, and the faces of those who enrolled
	Shops    *stream.Catalogue
	Secrets  catalog.Secrets // Edge and Token
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// Collector is the door. Safe for concurrent use.
type Collector struct {
	config    Config
	log       *stream.Log
	state     *state.Store
	catalog   *catalog.Catalog
	shops     *stream.Catalogue
	secrets   catalog.Secrets
	logger    *slog.Logger
	metrics   *metrics
	slots     chan struct{} // one for each request under way
	gallery   gallery
	bots      *bots.Detector
	families  map[string]family // by name
	rules     atomic.Pointer[rules]
	drift     *drift.Watcher
	plans     plans         // of feeds
	strangers *rate.Limiter // whose requests are kept
	within    time.Duration // which the log must have records
	oauth     oauth
	keys      *door.Keys
	senders   apps // of CloudEvents
	apps      apps
	micro     *micro // nil outside of test mode
}

// New makes the door.
func New(c Config, p Parts) (*Collector, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	if p.Logger == nil {
		p.Logger = slog.New(slog.DiscardHandler)
	}
	k := &Collector{
		config: c, log: p.Log, state: p.State, catalog: p.Catalog, shops: p.Shops, secrets: p.Secrets, logger: p.Logger,
		metrics: newMetrics(p.Registry), slots: make(chan struct{}, c.InFlight), bots: bots.New(0), families: map[string]family{}, drift: drift.NewWatcher(), within: produceWithin,
		strangers: rate.NewLimiter(rate.Every(time.Second), 20),
	}
	for _, f := range []family{ofSegment, snowplowFamily(c), ofCloudEvents, ofJitsu} {
		k.families[f.name] = f
	}
	var err error
	if k.oauth, err = newOAuth(c.OAuthKeys, p.Secrets.Token); err != nil {
		return nil, err
	}
	k.keys = door.NewKeys(c.Keys(p.Secrets), p.Catalog, k.logger)
	if k.plans.own, err = readPlans(c.Feeds); err != nil {
		return nil, err
	}
	if c.TestMode {
		k.micro = new(micro)
		k.logger.Warn("test mode: /micro shows every event to anyone")
	}
	return k, nil
}

// Routes puts in the door's paths.
func (k *Collector) Routes(r fiber.Router) {
	k.cloudeventsRoutes(r) // before Segment's, whose preflights are those of all of /v1
	k.segmentRoutes(r)
	k.rudderRoutes(r)
	k.jitsuRoutes(r)
	k.feedRoutes(r)
	k.readingsRoutes(r)

	r.Post("/v1/sightings", k.door("sightings", maxEnrolment, k.postSightings))
	r.Post("/v1/health", k.door("health", maxEnrolment, k.postHealth))
	r.Post("/v1/redemptions", k.door("redemptions", maxEvent, k.postRedemption))
	r.Post("/v1/redemptions/undo", k.door("redemptions", maxEvent, k.undoRedemption))
	r.Post("/v1/check-ins", k.door("check-ins", maxEvent, k.postCheckIn))
	r.Post("/v1/enrolments", k.door("enrolments", maxEnrolment, k.postEnrolment))
	r.Get("/v1/gallery", k.getGallery)

	k.microRoutes(r)
	k.snowplowRoutes(r) // any path of two parts that nobody else has
}

// door is what every request that brings something passes: it waits for no
// place, reads the body up to the limit, and measures.
func (k *Collector) door(route string, limit int, handle func(ctx context.Context, c *fiber.Ctx, body []byte) error) fiber.Handler {
	seconds := k.metrics.seconds.WithLabelValues(route)
	return func(c *fiber.Ctx) error {
		began := time.Now()
		err := func() error {
			select {
			case k.slots <- struct{}{}:
				defer func() { <-k.slots }()
			default:
				return door.ErrBusy
			}
			// Not fiber's own context: that is reused for other requests, and what
			// is still under way when the time is over would look into it.
			ctx, cancel := context.WithTimeout(context.Background(), requestWithin)
			defer cancel()
			if err := k.ready(ctx); err != nil {
				return err
			}
			body, err := readBody(c, limit)
			if err != nil {
				return k.refuseBody(ctx, c, route, err)
			}
			return handle(ctx, c, body)
		}()
		if err != nil {
			status := problem(c, err, k.logger)
			k.metrics.refused.WithLabelValues(route, fmt.Sprint(status)).Inc()
		}
		seconds.Observe(time.Since(began).Seconds())
		return nil
	}
}

// edge lets in who sends the key of the house's own devices.
func (k *Collector) edge(c *fiber.Ctx) error {
	scheme, key, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	want := k.secrets.Edge
	if len(want) > 0 && strings.EqualFold(scheme, "bearer") {
		key = strings.TrimSpace(key)
		same := subtle.ConstantTimeCompare([]byte(key), want) | subtle.ConstantTimeCompare([]byte(key), hex.AppendEncode(nil, want))
		if same == 1 {
			return nil
		}
	}
	return status(fiber.StatusUnauthorized, "Send the edge key of this house: Authorization: Bearer <key>. The console shows it under Devices.")
}

// traceOf gives new journeys the trace that the client is on, if it says so.
func traceOf(c *fiber.Ctx) func() string { return traceFrom(c.Get("traceparent")) }

// traceFrom is the trace of the first that names one (W3C trace context).
func traceFrom(parents ...string) func() string {
	for _, parent := range parents {
		if len(parent) < 55 || parent[2] != '-' || parent[35] != '-' || parent[:2] == "ff" || strings.Trim(parent[3:35], "0") == "" ||
			strings.Trim(parent[3:35], "0123456789abcdef") != "" {
			continue
		}
		trace := strings.Clone(parent[3:35])
		return func() string { return trace }
	}
	return stream.NewTrace
}

// eventRecord is an event as the log carries it.
func eventRecord(e *offers.Event, trace string) (stream.Record, error) {
	return stream.EventRecord(e, source, stream.NewSpan(trace))
}

// produce writes records within the time that a client waits.
func (k *Collector) produce(ctx context.Context, records []stream.Record) error {
	if len(records) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, k.within)
	defer cancel()
	return k.log.Produce(ctx, records...)
}

// merge is what a merge takes with it: the loser's consents hold for the
// winner too, and the loser's partition is told. Announced ends it.
func (k *Collector) merge(ctx context.Context, merges []state.Merge, now time.Time) ([]stream.Record, error) {
	if err := k.state.CarryConsents(ctx, merges, k.log.PartitionOf); err != nil {
		return nil, err
	}
	var records []stream.Record
	for _, m := range merges {
		r, err := eventRecord(&offers.Event{ID: m.EventID(), Type: offers.Merged,
			Shopper: m.Loser, Into: m.Winner, Time: now, Received: now, Source: "collector/identity"}, "")
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	k.metrics.merges.Add(float64(len(merges)))
	return records, nil
}

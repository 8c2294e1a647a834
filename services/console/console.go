// Package console is the shop's front office: what the staff's screen, the
// marketers' console and the shoppers' own app speak to. It shows the shop
// live, keeps what people write, and answers "why did I get this?".
//
// Its rules: every door says who may use it. What changes the shop is kept in
// the catalog first and told to the other services by the stream "campaigns",
// also after a crash in between. Everything that is live is followed from the
// streams, held in bounded memory, and can be told again from them. openapi.yaml
// describes every door; tests hold the answers against it.
package console

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/services/catalog"
	"aisle/services/console/apps"
	"aisle/services/state"
	"aisle/services/stream"
)

// Config says how the console presents itself. The zero Config works.
type Config struct {
	PublicURL   string // as phones reach this house, for personal links; https makes the cookies secure
	Demo        *Demo  // nil outside the demonstration
	Version     string // of the program
	Stream      string // "embedded" (the default) or "kafka", for the page on the house
	State       string // "embedded" (the default) or "redis"
	Watched     []Watched
	SignIn      SignIn
	Recognition Recognition     // how long faces are kept, and what the notice says
	Features    *feature.Set    // that the deciders fold; default: those that the house comes with
	FactorsOff  []offers.Factor // as the deciders have it
	PushPrivate bool            // push services of this network are let in, and without TLS
	Configured  Configured      // limits that the notifier has by its configuration
	Telling     Telling         // of alerts, where staff do not look at the wall
	Window      time.Duration   // in which an outcome counts as a decision's own, as the learner has it; default 2 h
	Logger      *slog.Logger
	Registry    prometheus.Registerer
	Counted     prometheus.Gatherer // what this process counts, for the page on the house; nil says nothing of it
}

// Demo is what only the demonstration gives away.
type Demo struct {
	Email, Password string // that the sign-in page shows
	Shoppers        []DemoShopper
	Shop            offers.ShopID // whose check-in code hangs there for anybody to read
}

// DemoShopper is somebody of the demonstration, whose phone anybody may hold.
type DemoShopper struct {
	ID   offers.ShopperID
	Name string
}

// Watched is a consumer group whose lag the page on the house shows.
type Watched struct {
	Name    string // of the service
	Group   string
	Streams []string
}

// Service is the console. Routes and Run may be called once each, in any order.
type Service struct {
	config  Config
	logger  *slog.Logger
	metrics *metrics
	log     *stream.Log
	store   *state.Store
	catalog *catalog.Catalog
	started time.Time

	secrets  secrets
	attempts *attempts
	provider provider      // of identities
	hashing  chan struct{} // one for each password that is being hashed
	apps     *apps.Apps

	scene            // the shops as they are now
	wall    *wall    // the staff's live feeds
	phones  *phones  // the shoppers' live feeds
	reports *reports // what came of campaigns
	figures figures  // what the wall shows that lies elsewhere
	alerts  *alerts  // what somebody should see to
	sandbox *sandboxNews

	acquainted acquaintances // of who is on a wall
	alike      alike         // who may be the same
	faces      *faceNews
	surveys    surveys
	rules      *rules
	door       *door                            // the rules by which the door checks and mends
	view       atomic.Pointer[offers.Catalogue] // shops and campaigns as the stream has them

	unpublished chan struct{} // there may be something to tell the stream
	looking     chan struct{} // one for each look at the past that goes on
	counting    chan struct{} // one for each count of shoppers that goes on
	results     results       // of experiments

	quit     chan struct{} // closed when Run ends: live feeds end
	quitOnce sync.Once
}

// New makes a console. It does nothing yet.
func New(config Config, log *stream.Log, store *state.Store, cat *catalog.Catalog) *Service {
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	config.PublicURL = strings.TrimRight(config.PublicURL, "/")
	config.Recognition = config.Recognition.filled()
	config.SignIn = config.SignIn.filled()
	config.Telling = config.Telling.filled()
	s := &Service{
		config: config, logger: config.Logger, metrics: newMetrics(config.Registry),
		log: log, store: store, catalog: cat, started: time.Now(),
		attempts: newAttempts(), hashing: make(chan struct{}, maxHashing),
		scene: newScene(), sandbox: newSandboxNews(), faces: newFaceNews(), rules: loadRules(config.Features), door: newDoor(),
		unpublished: make(chan struct{}, 1), looking: make(chan struct{}, pastsAtOnce), counting: make(chan struct{}, countsAtOnce), quit: make(chan struct{}),
	}
	var err error
	if s.apps, err = apps.Load(); err != nil {
		s.apps = &apps.Apps{} // each app's page says that it is not there
		s.logger.Error("console: the web apps cannot be served", "err", err)
	}
	s.wall = newWall(s.metrics)
	s.phones = newPhones(s.metrics)
	s.alerts = newAlerts()
	s.reports = &reports{catalog: cat}
	return s
}

// Routes puts the console's doors and the three apps into the listener.
func (s *Service) Routes(r fiber.Router) {
	api := r.Group("/api", s.guard)
	s.sessionRoutes(api)
	s.teamRoutes(api)
	s.apiKeyRoutes(api)
	s.privacyRoutes(api)
	s.auditRoutes(api)
	s.shopRoutes(api)
	s.cameraRoutes(api)
	s.campaignRoutes(api)
	s.scenarioRoutes(api)
	s.ruleRoutes(api)
	s.segmentRoutes(api)
	s.featureRoutes(api)
	s.decisionRoutes(api)
	s.peopleRoutes(api)
	s.identityRoutes(api)
	s.liveRoutes(api)
	s.replayRoutes(api)
	s.systemRoutes(api)
	s.quarantineRoutes(api)
	s.contractRoutes(api)
	s.mappingRoutes(api)
	s.shapeRoutes(api)
	s.feedRoutes(api)
	s.recognitionRoutes(api)
	s.preflightRoutes(api)
	s.redemptionRoutes(api)
	s.experimentRoutes(api)
	s.houseRoutes(api)
	s.messageRoutes(api)
	s.modelRoutes(api)
	s.meRoutes(api)
	api.All("/*", func(c *fiber.Ctx) error {
		return fmt.Errorf("%s: %w: there is no such door", c.Path(), offers.ErrNotFound)
	})
	s.apps.Routes(r)
}

// Run follows the streams, counts what comes of campaigns, and tells the
// stream "campaigns" what is kept in the catalog, until ctx ends. Live feeds
// end with it.
func (s *Service) Run(ctx context.Context) error {
	defer s.quitOnce.Do(func() { close(s.quit) })
	if s.rules.err != nil {
		return fmt.Errorf("console: %w", s.rules.err)
	}
	g, ctx := errgroup.WithContext(ctx)
	context.AfterFunc(ctx, func() { s.quitOnce.Do(func() { close(s.quit) }) })
	following, err := s.log.Catalogue(ctx)
	if err != nil {
		return ended(ctx, fmt.Errorf("console: %w", err))
	}
	s.view.Store(following.Now())
	if err := s.republish(ctx, following.Now()); err != nil {
		return ended(ctx, err)
	}
	g.Go(func() error { return s.publish(ctx) })
	g.Go(func() error { return s.count(ctx) })
	g.Go(func() error { return s.watchShops(ctx, following) })
	for _, tail := range s.tails() {
		g.Go(func() error { return s.log.Tail(ctx, tail.stream, tail.back, tail.handle, nil) })
	}
	g.Go(func() error { return s.tick(ctx) })
	g.Go(func() error { return s.watchAlerts(ctx) })
	g.Go(func() error { return s.tellStaff(ctx) })
	g.Go(func() error { return s.keepRetention(ctx) })
	return ended(ctx, g.Wait())
}

// ended drops the error of having been told to end.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, offers.ErrUnavailable)) {
		return nil
	}
	return err
}

type metrics struct {
	requests *prometheus.CounterVec
	feeds    *prometheus.GaugeVec
	dropped  *prometheus.CounterVec
	counted  prometheus.Counter
	unread   *prometheus.CounterVec
}

func newMetrics(registry prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_console_requests_total", Help: "Calls of the API, by the class of their status."}, []string{"status"}),
		feeds: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "aisle_console_feeds", Help: "Live feeds that are open, by whose."}, []string{"app"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_console_feeds_behind_total", Help: "Times that a live feed's reader fell behind and got a new snapshot, or was let go."}, []string{"app"}),
		counted: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "aisle_console_counted_total", Help: "Decisions, messages and redemptions counted into the tallies of campaigns."}),
		unread: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_console_unread_total", Help: "Records that could not be read and are left out of what is shown."}, []string{"stream"}),
	}
	if registry != nil {
		registry.MustRegister(m.requests, m.feeds, m.dropped, m.counted, m.unread)
	}
	return m
}

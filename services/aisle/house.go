package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"aisle/offers/feature"
	"aisle/services/beacons"
	"aisle/services/catalog"
	"aisle/services/collector"
	"aisle/services/console"
	"aisle/services/decider"
	"aisle/services/demo"
	"aisle/services/door"
	"aisle/services/learner"
	"aisle/services/notifier"
	"aisle/services/notifier/slack"
	"aisle/services/state"
	"aisle/services/stream"
	"aisle/vision/drawn"
)

// house is all that runs in this process: what services stand on, the one
// listener, and the services, upstream first.
type house struct {
	config   Config
	logger   *slog.Logger
	registry *prometheus.Registry
	features *feature.Set

	log       *stream.Log
	state     *state.Store
	catalog   *catalog.Catalog
	secrets   catalog.Secrets
	catalogue *stream.Catalogue
	stop      context.CancelFunc // ends what follows the catalogue
	closers   []func() error     // in the order of opening

	app      *fiber.App
	listener net.Listener
	started  atomic.Bool
	services []service
}

// open opens what services stand on, and makes those that run here. Each gets
// exactly what it needs; nothing is global.
func open(ctx context.Context, c Config, logger *slog.Logger) (_ *house, err error) {
	h := &house{config: c, logger: logger, registry: prometheus.NewRegistry(), app: newApp(logger)}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.close())
		}
	}()
	if h.features, err = loadFeatures(c.Features); err != nil {
		return nil, err
	}
	h.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	// The address first: another house on it is the likeliest thing to be wrong.
	if h.listener, err = net.Listen("tcp", c.Listen); err != nil {
		return nil, fmt.Errorf("%w; -listen chooses another address", err)
	}
	h.closers = append(h.closers, h.listener.Close)
	if err := h.openGround(ctx); err != nil {
		return nil, err
	}
	mountHealth(h.app, &h.started, []check{
		{"stream", func(ctx context.Context) error {
			_, err := h.log.Newest(ctx, stream.Campaigns, 0, 1)
			return err
		}},
		{"state", func(ctx context.Context) error { return h.state.Client().Ping(ctx).Err() }},
		{"catalog", h.catalog.Ping},
	}, h.registry)
	return h, h.furnish()
}

// openGround opens the stream, the state and the catalog, in the box or
// elsewhere.
func (h *house) openGround(ctx context.Context) (err error) {
	c := &h.config
	if h.log, err = stream.Open(ctx, stream.Config{
		URL: c.Stream.URL, Dir: c.folder("stream"), Port: c.Stream.Port,
		Partitions: c.Stream.Partitions, Replication: c.Stream.Replication,
		Logger: h.logger, Registry: h.registry,
	}); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	h.closers = append(h.closers, h.log.Close)
	if h.state, err = state.Open(ctx, state.Config{
		URL: c.State.URL, Dir: c.folder("state"), Logger: h.logger, Registry: h.registry,
	}); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	h.closers = append(h.closers, h.state.Close)
	given := catalog.Secrets{}
	if given.Edge, err = hex.DecodeString(c.Secrets.Edge); err != nil {
		return err
	}
	if given.Seal, err = hex.DecodeString(c.Secrets.Seal); err != nil {
		return err
	}
	if h.catalog, err = catalog.Open(ctx, catalog.Config{URL: c.Catalog.URL, Dir: c.Data, Secrets: given, Logger: h.logger}); err != nil {
		return fmt.Errorf("catalog: %w", err)
	}
	h.closers = append(h.closers, h.catalog.Close)
	if h.secrets, err = h.catalog.Secrets(ctx); err != nil {
		return err
	}
	// The view of the catalogue lives as long as the house, not as the opening.
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stop = stop
	h.catalogue, err = h.log.Catalogue(following)
	return err
}

// furnish makes the services that run here. They are listed upstream first:
// who speaks to a door before the door, a door before who reads the stream.
func (h *house) furnish() error {
	c := &h.config
	gateways := ""
	var downstream []service
	add := func(name string, run func(context.Context) error) {
		downstream = append(downstream, service{name, run})
	}
	var d *decider.Decider
	if c.runs("decider") {
		c.Decider.Features = h.features
		d = decider.New(c.Decider, h.log, h.state, h.catalogue, h.logger, h.registry)
		// Before the collector's doors, one of which takes any path of two parts.
		d.API(decider.Door{
			Keys: door.NewKeys(c.Collector.Keys(h.secrets), h.catalog, h.logger), Origins: &c.Collector.Origins, Region: c.Collector.Region,
		}).Routes(h.app)
	}
	if c.runs("collector") {
		k, err := collector.New(c.Collector, collector.Parts{
			Log: h.log, State: h.state, Catalog: h.catalog, Shops: h.catalogue,
			Secrets: h.secrets, Logger: h.logger, Registry: h.registry,
		})
		if err != nil {
			return err
		}
		k.Routes(h.app)
		add("collector", k.Run)
	}
	if c.runs("beacons") {
		b, err := beacons.New(c.Beacons, beacons.Parts{
			Log: h.log, State: h.state, Shops: h.catalogue, Logger: h.logger, Registry: h.registry,
		})
		if err != nil {
			return err
		}
		gateways = b.Addr()
		add("beacons", b.Run)
	}
	if d != nil {
		add("decider", d.Run)
	}
	if c.runs("learner") {
		add("learner", learner.New(c.Learner, h.log, h.state, h.logger, h.registry).Run)
	}
	if c.runs("notifier") {
		c.Notifier.PublicURL, c.Notifier.Catalog, c.Notifier.Secrets = c.PublicURL, h.catalog, h.secrets
		n, err := notifier.New(c.Notifier, h.log, h.state, h.catalogue, h.logger, h.registry)
		if err != nil {
			return err
		}
		n.Routes(h.app)
		add("notifier", n.Run)
	}
	upstream, err := h.furnishVision()
	if err != nil {
		return err
	}
	if c.runs("console") {
		config, err := h.consoleConfig()
		if err != nil {
			return err
		}
		s := console.New(config, h.log, h.state, h.catalog)
		s.Routes(h.app)
		add("console", s.Run)
	}
	upstream = append(upstream, service{"http", h.serve})
	if c.Demo {
		d, err := h.demonstration(gateways)
		if err != nil {
			return err
		}
		upstream = append([]service{d}, upstream...)
	}
	h.services = append(upstream, downstream...)
	return nil
}

func (h *house) consoleConfig() (console.Config, error) {
	perDay, cost, night := h.config.Notifier.Limits()
	c := console.Config{
		Configured: console.Configured{PerDay: perDay, CostPerDay: cost, Night: night},
		PublicURL:  h.config.PublicURL, Version: version(), Logger: h.logger, Registry: h.registry, Counted: h.registry,
		SignIn: h.config.SignIn, Recognition: h.config.Recognition, Features: h.features, FactorsOff: h.config.Decider.FactorsOff, Window: h.config.Learner.Window, PushPrivate: h.config.Notifier.Push.Private,
		Stream: elsewhere(h.config.Stream.URL, "kafka"), State: elsewhere(h.config.State.URL, "redis"),
		Watched: []console.Watched{
			{Name: "decider", Group: decider.Group, Streams: []string{stream.Events}},
			{Name: "learner", Group: learner.Group, Streams: []string{stream.Decisions, stream.Events, stream.Deliveries}},
			{Name: "notifier", Group: notifier.Group, Streams: []string{stream.Decisions}},
		},
	}
	if h.config.Demo {
		c.Demo = &console.Demo{Email: demoEmail, Password: demoPassword, Shop: demo.ShopID}
		for _, s := range demo.Shoppers() {
			c.Demo.Shoppers = append(c.Demo.Shoppers, console.DemoShopper{ID: s.ID, Name: s.Name})
		}
	}
	alerts := &h.config.Alerts
	c.Telling = console.Telling{Help: alerts.Help, After: alerts.After, Over: alerts.Over}
	if alerts.Slack.URL != "" {
		webhook, err := slack.New(alerts.Slack)
		if err != nil {
			return c, err
		}
		c.Telling.Post = webhook.Post
	}
	return c, nil
}

// elsewhere is the kind of a part that is not in the box. Its address stays
// here: it may hold a password, and anyone who signs in sees the page.
func elsewhere(url, kind string) string {
	if url == "" {
		return "embedded"
	}
	return kind
}

// cameraThreads is what OpenCV asks for how many threads look at a picture. One
// is enough for a door, and leaves the machine to the rest of the house.
const cameraThreads = "OPENCV_FOR_THREADS_NUM"

// furnishVision hands /vision on to the cameras' process, and runs it as a
// child if it does not run elsewhere.
func (h *house) furnishVision() ([]service, error) {
	v := &h.config.Vision
	if v.Off {
		return nil, nil
	}
	if v.URL != "" {
		target, err := url.Parse(v.URL)
		if err != nil {
			return nil, err
		}
		mountVision(h.app, target)
		return nil, nil
	}
	if !h.config.runs("all") {
		return nil, nil
	}
	if v.Command == "" {
		path, err := findVision()
		if err != nil {
			h.logger.Warn("no cameras: their program is missing", "err", err)
			v.Off = true
			return nil, nil
		}
		v.Command = path
	}
	mountVision(h.app, &url.URL{Scheme: "http", Host: v.Listen})
	args := []string{
		"-child", "-listen", v.Listen, "-collector", "http://" + h.listener.Addr().String(), "-data", h.config.folder("vision"),
	}
	if h.config.Demo {
		picture, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		h.config.picture = picture
		v.Cameras = append(v.Cameras, demo.Camera+"=http://"+picture.Addr().String()+demo.CameraPath)
		args = append(args, "-threshold", strconv.FormatFloat(drawn.Threshold, 'g', -1, 64))
	}
	args = append(args, "-cameras", strings.Join(v.Cameras, ","))
	if v.Config != "" {
		args = append(args, "-config", v.Config)
	}
	env := []string{"AISLE_EDGE_KEY=" + hex.EncodeToString(h.secrets.Edge), "AISLE_SEAL_KEY=" + hex.EncodeToString(h.secrets.Seal)}
	if os.Getenv(cameraThreads) == "" {
		env = append(env, cameraThreads+"=1")
	}
	child := &child{path: v.Command, args: args, env: env, logger: h.logger}
	return []service{{"vision", child.run}}, nil
}

const (
	demoEmail    = "demo@aisle.example"
	demoPassword = "demonstration"
)

// demonstration fills the shop with people who use its doors.
func (h *house) demonstration(gateways string) (service, error) {
	picture := h.config.picture
	if picture == nil {
		var err error
		if picture, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return service{}, err
		}
	}
	c := demo.Config{
		URL: "http://" + h.listener.Addr().String(), MQTT: gateways, EdgeKey: hex.EncodeToString(h.secrets.Edge),
		Email: demoEmail, Password: demoPassword, Camera: picture, Vision: !h.config.Vision.Off, Logger: h.logger,
	}
	return service{"demonstration", func(ctx context.Context) error { return demo.Run(ctx, c) }}, nil
}

// serve answers HTTP until ctx ends.
func (h *house) serve(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- h.app.Listener(h.listener) }()
	h.started.Store(true)
	h.greet()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	if err := h.app.ShutdownWithTimeout(stopWithin / 2); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// greet says where to look.
func (h *house) greet() {
	base := h.config.PublicURL
	fmt.Printf("\n  Aisle %s is open.\n\n    staff       %s/staff/\n    marketers   %s/console/\n    shoppers    %s/shopper/\n\n",
		version(), base, base, base)
	if h.config.Demo {
		fmt.Printf("  The demonstration's sign-in is %s, password %s. Ctrl-C ends it.\n\n", demoEmail, demoPassword)
	}
}

// run runs the services until ctx ends or one of them fails.
func (h *house) run(ctx context.Context) error {
	err := run(ctx, h.logger, h.services...)
	return errors.Join(err, h.close())
}

func (h *house) close() error {
	if h.stop != nil {
		h.stop()
	}
	var errs []error
	for _, v := range slices.Backward(h.closers) {
		if err := v(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// version is the module's, or the commit that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 7 {
			return s.Value[:7]
		}
	}
	return strings.Trim(info.Main.Version, "()")
}

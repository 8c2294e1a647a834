//go:build gocv

// Command aisle-vision is the cameras' process: it looks at the pictures of the
// shop's cameras and tells the house who came in, if they asked to be known, and
// that somebody came in, if not.
//
// It is a process of its own because OpenCV is C++ and can end it; the house
// goes on, and starts it again. It runs beside the cameras, reaches the house by
// HTTP, and keeps sightings on disk while the house cannot be reached. No
// picture is written anywhere.
//
// It is built with -tags gocv and needs Debian's OpenCV 4.6 (libopencv-dev,
// opencv-data). The packages below it, edge and feed, need neither.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"aisle/offers"
	"aisle/services/config"
	"aisle/services/vision/edge"
	"aisle/services/vision/feed"
	"aisle/services/vision/frigate"
	"aisle/vision"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdin, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "aisle-vision:", err)
		stop()
		os.Exit(1)
	}
}

// command runs the program until ctx ends, or its parent does.
func command(ctx context.Context, args []string, stdin io.Reader, stderr io.Writer) error {
	if len(args) > 0 {
		if args[0] == tryCommand {
			return try(stdin)
		}
		if measure, ok := map[string]func([]string, io.Writer, io.Writer) error{"eval": eval, "bench": bench}[args[0]]; ok {
			return measure(args[1:], os.Stdout, stderr)
		}
	}
	flags := flag.NewFlagSet("aisle-vision", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("config", "", "YAML file; flags win over it")
	listen := flags.String("listen", "", "address of its HTTP (default 127.0.0.1:8090)")
	collector := flags.String("collector", "", "address of the house (default http://127.0.0.1:8080)")
	edgeKey := flags.String("edge-key", "", "key for sensors, best as ${env:NAME} (default ${env:AISLE_EDGE_KEY})")
	sealSecret := flags.String("seal-key", "", "secret that faces are sealed with, best as ${env:NAME} (default ${env:AISLE_SEAL_KEY})")
	cameras := flags.String("cameras", "", "cameras in addition to the file's: id=url,id=url; a url is a file, http://, rtsp://, device:0 or browser")
	data := flags.String("data", "", "folder for what waits to be sent (default data/vision)")
	threshold := flags.Float64("threshold", 0, "distance below which somebody is named (default: the describer's)")
	check := flags.Bool("check", false, "check the configuration, OpenCV and the models, and end")
	child := flags.Bool("child", false, "end when standard input closes: the parent is gone")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%w: %q is no flag", offers.ErrInvalid, flags.Arg(0))
	}
	c, err := config.Load[Config](*path)
	if err != nil {
		return err
	}
	for _, f := range []struct{ to, from *string }{
		{&c.Listen, listen}, {&c.Collector, collector}, {&c.EdgeKey, edgeKey}, {&c.SealKey, sealSecret}, {&c.Data, data},
	} {
		if *f.from == "" {
			continue
		}
		if *f.to, err = config.Expand(*f.from); err != nil {
			return err
		}
	}
	if *threshold != 0 {
		c.Describer.Threshold = *threshold
	}
	more, err := parseCameras(*cameras)
	if err != nil {
		return err
	}
	c.Cameras = append(c.Cameras, more...)
	if err := c.check(); err != nil {
		return err
	}
	logger := c.Log.Logger(stderr).With("service", "vision")
	if *child {
		var orphaned context.CancelFunc
		ctx, orphaned = context.WithCancel(ctx)
		defer orphaned()
		go func() { // ends with the process
			_, _ = io.Copy(io.Discard, stdin)
			orphaned()
		}()
	}
	p, err := assemble(&c, logger)
	if err != nil {
		return err
	}
	if *check {
		logger.Info("all is well", "cameras", len(c.Cameras), "model", p.engine.describer.Model())
		return nil
	}
	return p.run(ctx)
}

// process is everything, put together.
type process struct {
	config   *Config
	began    time.Time
	engine   *engine
	house    *edge.Collector
	outbox   *edge.Outbox
	gallery  *gallery
	cameras  []*camera
	frigate  *frigate.Listener // nil: there is none
	floors   floors            // of Frigate's cameras
	lines    *edge.Lines
	counting *counting
	door     *door
	logger   *slog.Logger
}

func assemble(c *Config, logger *slog.Logger) (*process, error) {
	if err := setCapture(); err != nil {
		return nil, fmt.Errorf("video: %w: %w", offers.ErrUnavailable, err)
	}
	e, err := newEngine(c)
	if err != nil {
		return nil, err
	}
	collector, err := edge.NewCollector(c.Collector, c.EdgeKey)
	if err != nil {
		return nil, err
	}
	key, made, err := sealKey(c)
	if err != nil {
		return nil, err
	}
	if made {
		logger.Warn("made a key to seal faces with; who loses it loses all enrolments", "path", filepath.Join(c.Data, "seal.key"))
	}
	m, registry := newMetrics()
	outbox, err := edge.NewOutbox(collector, filepath.Join(c.Data, "spool"), edge.Limits{Bytes: int64(c.Spool.Megabytes) << 20, Age: c.Spool.Age}, logger, registry)
	if err != nil {
		return nil, err
	}
	p := &process{config: c, began: time.Now(), engine: e, house: collector, outbox: outbox, lines: new(edge.Lines), logger: logger}
	p.gallery = newGallery(collector, key, e, c.GalleryFor, m, logger)
	p.door = &door{
		edgeKey: c.EdgeKey, sealKey: key, cameras: map[string]*camera{}, engine: e, gallery: p.gallery,
		collector: collector, metrics: m, registry: registry, logger: logger,
	}
	// Tracks of this run are told from those of all others by when it began.
	run := strconv.FormatInt(p.began.UnixMilli(), 36)
	client := &http.Client{Transport: &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  feed.Stalled,
		MaxResponseHeaderBytes: 64 << 10,
	}}
	for _, one := range c.Cameras {
		cam := &camera{config: one, slot: feed.NewSlot(), engine: e, gallery: p.gallery, outbox: outbox, metrics: m, client: client, logger: logger}
		if cam.kind, err = kindOf(one.URL); err != nil {
			return nil, fmt.Errorf("camera %q: %w", one.ID, err)
		}
		place := vision.Place{Camera: one.ID, Shop: one.Shop, Floor: one.Floor, Zone: one.Zone, At: offers.Point(one.At), Stand: cam.stand.facing}
		gate := vision.DefaultGate
		gate.MinSidePx = one.FaceSidePx
		cam.watcher = vision.NewWatcher(place, run, e.detector, e.describer, gate, one.MinFacePx)
		p.cameras = append(p.cameras, cam)
		p.door.cameras[string(one.ID)] = cam
	}
	if c.Frigate.MQTT != "" {
		p.frigate = frigate.NewListener(&c.Frigate, frigate.NewWatcher(&c.Frigate, run, p.floors.of), outbox.Send, logger, registry)
	}
	signer, err := signer(c.Data, p.began)
	if err != nil {
		return nil, err
	}
	p.counting = newCounting(signer, p.lines, p.cameras, p.began)
	p.door.health = p.health
	return p, nil
}

// health is how all is, for the house and for whoever asks here.
func (p *process) health() edge.Health {
	h := edge.Health{
		Process: edge.ProcessHealth{
			Name: p.config.Name, Key: p.counting.signer.Public(), Started: p.began, Model: p.engine.describer.Model(),
			GalleryPeople: p.gallery.now().People(), GalleryAt: p.gallery.heardAt(), Revision: p.gallery.revision(), Curve: p.gallery.now().Curve(), Backlog: p.outbox.Backlog(),
		},
		Cameras: make([]edge.CameraHealth, len(p.cameras)),
	}
	now := time.Now()
	for i, c := range p.cameras {
		h.Cameras[i] = c.health(now)
	}
	if p.frigate != nil {
		stats, connected := p.frigate.Stats()
		h.Cameras = append(h.Cameras, frigateHealth(stats, connected, now)...)
	}
	return h
}

// learn takes what the house knows of the cameras.
func (p *process) learn(placed []edge.Placed) {
	for _, known := range placed {
		if c := p.door.cameras[string(known.ID)]; c != nil {
			c.stand.learn(known.ID, known.Ground, p.logger)
		} else {
			p.floors.learn(known.ID, known.Ground, p.logger)
		}
	}
}

// run starts what others need first, and stops in the other order: when the
// cameras are silent the outbox has their last words.
func (p *process) run(ctx context.Context) error {
	listener, err := net.Listen("tcp", p.config.Listen)
	if err != nil {
		return fmt.Errorf("listen %s: %w: %w", p.config.Listen, offers.ErrUnavailable, err)
	}
	server := &http.Server{
		Handler: p.door.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
	}
	afterwards, stopTelling := context.WithCancel(context.WithoutCancel(ctx))
	defer stopTelling()
	var telling errgroup.Group
	telling.Go(func() error { return p.outbox.Run(afterwards) })
	telling.Go(func() error {
		p.house.TellHealth(afterwards, p.logger, p.lines, p.health, p.learn)
		return nil
	})

	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return p.gallery.run(gctx) })
	for _, c := range p.cameras {
		g.Go(func() error { return c.run(gctx) })
	}
	if p.frigate != nil {
		g.Go(func() error { return p.frigate.Run(gctx) })
	}
	g.Go(func() error {
		p.counting.run(gctx)
		return nil
	})
	g.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-gctx.Done()
		quick, cancel := context.WithTimeout(context.WithoutCancel(gctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(quick) != nil {
			return server.Close()
		}
		return nil
	})
	p.logger.Info("watching", "address", listener.Addr().String(), "cameras", len(p.cameras), "model", p.engine.describer.Model())
	err = g.Wait()
	p.counting.sign(time.Now())
	stopTelling()
	err = errors.Join(err, telling.Wait())
	p.logger.Info("stopped")
	return err
}

package main

import (
	"context"
	"log/slog"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/valyala/fasthttp"

	"aisle/services/door"
)

// Limits of requests before a door looks at them. Only an enrolment, with its
// five portraits of 8 MB, may be large, and may come over a slow phone.
const (
	bodyLimit       = 4 << 20
	enrolmentLimit  = 5*8<<20 + 64<<10
	enrolmentWithin = 2 * time.Minute
	connections     = 4096
)

const enrolmentPath = "/vision/enrolments"

// A check answers whether a part works now.
type check struct {
	name string
	ok   func(ctx context.Context) error
}

// newApp is the process's one listener, before the doors are put in.
// Event streams live as long as their reader, so there is no write timeout
// here: the feeds set a deadline before each flush.
func newApp(logger *slog.Logger) *fiber.App {
	app := fiber.New(fiber.Config{
		AppName:               "aisle",
		DisableStartupMessage: true,
		BodyLimit:             bodyLimit,
		Concurrency:           connections,
		ReadTimeout:           30 * time.Second,
		IdleTimeout:           2 * time.Minute,
		WriteBufferSize:       64 << 10,
		ReadBufferSize:        16 << 10, // cookies and long Snowplow queries
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'") // also where no door is
			c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
			door.Problem(c, err, logger)
			return nil
		},
		// A form that is read here would lie on disk where it is large, and no
		// picture is ever written.
		DisablePreParseMultipartForm: true,
	})
	app.Server().HeaderReceived = func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		if h.IsPost() && string(h.RequestURI()) == enrolmentPath {
			return fasthttp.RequestConfig{MaxRequestBodySize: enrolmentLimit, ReadTimeout: enrolmentWithin}
		}
		return fasthttp.RequestConfig{}
	}
	return app
}

// mountHealth puts in what orchestrators and Prometheus ask for. Ready is
// true once every part answers, and false again while one does not.
func mountHealth(app *fiber.App, started *atomic.Bool, checks []check, gatherer prometheus.Gatherer) {
	app.Get("/livez", func(c *fiber.Ctx) error { return c.SendString("live\n") })
	app.Get("/readyz", func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.Context(), 2*time.Second)
		defer cancel()
		failing := map[string]string{}
		if !started.Load() {
			failing["services"] = "starting"
		}
		for _, check := range checks {
			if err := check.ok(ctx); err != nil {
				failing[check.name] = err.Error()
			}
		}
		if len(failing) > 0 {
			return c.Status(fiber.StatusServiceUnavailable).JSON(fiber.Map{"ready": false, "failing": failing})
		}
		return c.JSON(fiber.Map{"ready": true})
	})
	app.Get("/metrics", adaptor.HTTPHandler(promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{})))
}

// mountVision hands what concerns cameras on to the vision process, which has
// a listener of its own because it is a process of its own. A cluster's
// ingress does the same by path.
func mountVision(app *fiber.App, target *url.URL) {
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
	}}
	proxy.ErrorHandler = visionAway
	app.All("/vision/*", adaptor.HTTPHandler(proxy))
}

// splitList reads a comma-separated flag.
func splitList(s string) []string {
	var items []string
	for item := range strings.SplitSeq(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"
	"golang.org/x/sync/errgroup"

	"aisle/services/catalog"
	"aisle/services/collector"
	"aisle/services/state"
	"aisle/services/stream"
)

// doorBatch is how many events a request of the door's bench has, as web
// sites' clients send them.
const doorBatch = 20

// door measures the collector by HTTP over TCP: events a second that the log
// has acknowledged, flat out, and how long a request takes at half of a rate
// that is asked for. The client is in this process and pays for its part.
func (b *bench) door(ctx context.Context, log *stream.Log, store *state.Store, dir string) error {
	cat, err := catalog.Open(ctx, catalog.Config{Dir: dir + "/catalog", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer cat.Close()
	following, stop := context.WithCancel(ctx)
	defer stop()
	shops, err := log.Catalogue(following)
	if err != nil {
		return err
	}
	k, err := collector.New(collector.Config{WriteKeys: map[string]string{"wk_bench": "bench"}},
		collector.Parts{Log: log, State: store, Catalog: cat, Shops: shops, Registry: prometheus.NewRegistry()})
	if err != nil {
		return err
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	k.Routes(app)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- app.Listener(l) }()
	defer func() {
		_ = app.Shutdown()
		if err := <-served; err != nil {
			fmt.Fprintln(b.out, "door:", err)
		}
	}()
	url := "http://" + l.Addr().String() + "/v1/batch"

	// Everybody comes for the first time, then again and again.
	var met atomic.Int64
	newcomer := func() int { return int(met.Add(1)) % b.shoppers }
	regular := func() int { return rand.IntN(b.shoppers) }
	perSecond, err := b.flat(ctx, url, newcomer, func() bool { return met.Load() < int64(b.shoppers) })
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "door, flat out in batches of %d, every shopper new: %.0f events/s acknowledged by the log\n", doorBatch, perSecond)
	// A broker that was started seconds ago still compiles itself on the same
	// cores: that is not what the door is measured by.
	until := time.Now().Add(2 * time.Duration(b.seconds) * time.Second)
	if _, err = b.flat(ctx, url, regular, func() bool { return time.Now().Before(until) }); err != nil {
		return err
	}
	until = time.Now().Add(time.Duration(b.seconds) * time.Second)
	if perSecond, err = b.flat(ctx, url, regular, func() bool { return time.Now().Before(until) }); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "door, flat out in batches of %d: %.0f events/s acknowledged by the log\n", doorBatch, perSecond)

	const rate = 10_000
	took := make([]float64, 0, rate/doorBatch*b.seconds)
	var mu sync.Mutex // guards took
	var g errgroup.Group
	g.SetLimit(200) // a door that is asked more at a time says no
	began := time.Now()
	for i := range cap(took) {
		due := began.Add(time.Duration(i) * time.Second * doorBatch / rate)
		time.Sleep(time.Until(due))
		g.Go(func() error {
			if err := knock(url, regular); err != nil {
				return err
			}
			ms := float64(time.Since(due).Microseconds()) / 1000
			mu.Lock()
			took = append(took, ms)
			mu.Unlock()
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	slices.Sort(took)
	fmt.Fprintf(b.out, "door, %d events/s: a request p50 %.2f ms, p95 %.2f ms, p99 %.2f ms, worst %.1f ms\n",
		rate, quantile(took, .5), quantile(took, .95), quantile(took, .99), quantile(took, 1))
	return nil
}

// flat sends batches as a busy site's servers would, many at a time, while more
// says so, and returns the events a second.
func (b *bench) flat(ctx context.Context, url string, shopper func() int, more func() bool) (float64, error) {
	var sent atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for range 32 {
		g.Go(func() error {
			for ctx.Err() == nil && more() {
				if err := knock(url, shopper); err != nil {
					return err
				}
				sent.Add(doorBatch)
			}
			return nil
		})
	}
	err := g.Wait()
	return float64(sent.Load()) / time.Since(began).Seconds(), err
}

// knock sends one batch of events that never came before.
func knock(url string, shopper func() int) error {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI(url)
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.Set("Authorization", "Basic d2tfYmVuY2g6") // wk_bench
	body := []byte(`{"batch":[`)
	now := time.Now().UTC().Format(time.RFC3339Nano)
	for i := range doorBatch {
		if i > 0 {
			body = append(body, ',')
		}
		body = fmt.Appendf(body, `{"type":"track","event":"Product Viewed","anonymousId":"8d1c2b9e-7c3e-4b0d-9a61-%012d","messageId":"ajs-next-%016x","timestamp":%q,"properties":{"product_id":"507f1f77bcf86cd799439011","sku":"G-32","category":"Footwear","name":"Trail runner 2","brand":"Acme","price":89.95,"quantity":1,"currency":"EUR","url":"https://shop.example/p/507"},"context":{"library":{"name":"analytics.js","version":"next-1.84.3"},"locale":"es-ES","userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36","page":{"path":"/p/507","title":"Trail runner 2","url":"https://shop.example/p/507"}}}`,
			shopper(), rand.Uint64(), now)
	}
	req.SetBody(fmt.Appendf(body, `],"sentAt":%q}`, now))
	if err := fasthttp.DoTimeout(req, resp, 20*time.Second); err != nil {
		return err
	}
	if resp.StatusCode() != fiber.StatusAccepted {
		return fmt.Errorf("the door answered %d: %.300s", resp.StatusCode(), resp.Body())
	}
	return nil
}

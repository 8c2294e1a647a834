package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// A service is a named thing that runs until its context ends.
type service struct {
	name string
	run  func(ctx context.Context) error
}

// stopWithin bounds how long one service may take to finish what it was given.
const stopWithin = 10 * time.Second

// run runs the services, listed upstream first, until ctx ends or one of them
// does. They start downstream first, so that none speaks before another
// listens, and stop upstream first, so that each may finish what it was given.
func run(ctx context.Context, logger *slog.Logger, services ...service) error {
	errs := make(chan error, len(services))
	stops := make([]func(), len(services))
	for i := len(services) - 1; i >= 0; i-- {
		s := services[i]
		sctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		done := make(chan struct{})
		stops[i] = func() {
			cancel()
			select {
			case <-done:
			case <-time.After(stopWithin):
				logger.Error("service does not stop", "service", s.name, "waited", stopWithin)
			}
		}
		go func() {
			defer close(done)
			logger.Info("start", "service", s.name)
			err := s.run(sctx)
			if err == nil && sctx.Err() == nil {
				err = errors.New("ended unasked")
			}
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			if err != nil {
				err = fmt.Errorf("%s: %w", s.name, err)
			}
			logger.Info("stop", "service", s.name)
			errs <- err
		}()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-errs:
	}
	for _, stop := range stops {
		stop()
	}
	for len(errs) > 0 {
		err = errors.Join(err, <-errs)
	}
	return err
}

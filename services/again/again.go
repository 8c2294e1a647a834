// Package again does things by the clock.
package again

import (
	"context"
	"log/slog"
	"time"
)

// Every does something now and after each period, until ctx ends, and then
// returns nil. It is logged when that begins to fail and when it works again:
// what is down for an hour is said twice.
func Every(ctx context.Context, period time.Duration, logger *slog.Logger, what string, do func(context.Context) error) error {
	tick := time.NewTicker(period)
	defer tick.Stop()
	for failing := false; ; {
		err := do(ctx)
		if failed := err != nil && ctx.Err() == nil; failed != failing {
			failing = failed
			logger.Warn("what is done again and again", "what", what, "works", !failed, "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

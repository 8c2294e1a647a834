package stream

import (
	"context"
	"fmt"
	"sync/atomic"

	"aisle/offers"
)

// Catalogue is the live view of shops and campaigns.
type Catalogue struct {
	now     atomic.Pointer[offers.Catalogue]
	changed signal
}

// Catalogue follows the stream campaigns until ctx ends, or the log is closed;
// it returns once it has caught up. A record that cannot be read leaves what
// was there before, and is logged.
func (l *Log) Catalogue(ctx context.Context) (*Catalogue, error) {
	c := &Catalogue{}
	c.now.Store(&offers.Catalogue{})
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(l.ctx, cancel)
	caughtUp, ended := make(chan struct{}), make(chan error, 1)
	l.running.Go(func() {
		defer cancel()
		defer stop()
		ended <- l.Tail(ctx, Campaigns, -1, func(_ context.Context, batch []Record) error {
			now := *c.now.Load()
			for i := range batch {
				next, err := now.With(string(batch[i].Key), batch[i].Value)
				if err != nil {
					l.logger.Error("stream: campaigns: record left out", "key", string(batch[i].Key), "offset", batch[i].Offset, "err", err)
					continue
				}
				now = next
			}
			c.now.Store(&now)
			c.changed.fire()
			return nil
		}, func() { close(caughtUp) })
	})
	select {
	case <-caughtUp:
		return c, nil
	case err := <-ended:
		if err == nil {
			err = fmt.Errorf("%w: %w", offers.ErrUnavailable, context.Cause(ctx))
		}
		return nil, fmt.Errorf("catalogue: %w", err)
	}
}

// Now is the catalogue as it is. It takes no lock; the caller must not change
// what it gets.
func (c *Catalogue) Now() *offers.Catalogue { return c.now.Load() }

// Changed is closed at the next change. Take it before Now, so that no change
// falls between.
func (c *Catalogue) Changed() <-chan struct{} { return c.changed.wait() }

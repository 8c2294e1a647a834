package stream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"aisle/offers"
)

// failed gives an error of Kafka's, or of the way there, its kind. What is not
// denied is unavailable: kafka-go passes a broker's restart on as a bare EOF.
func failed(what string, err error) error {
	kind := offers.ErrUnavailable
	for _, denied := range []error{kafka.TopicAuthorizationFailed, kafka.GroupAuthorizationFailed, kafka.ClusterAuthorizationFailed, kafka.SASLAuthenticationFailed} {
		if errors.Is(err, denied) {
			kind = offers.ErrDenied
		}
	}
	return fmt.Errorf("stream: %s: %w: %w", what, kind, err)
}

// backoff is the pause after so many failures: none after the first, since the
// first may be only a connection that died of age; then 50 ms to 2 s, spread.
func backoff(failures int) time.Duration {
	if failures < 2 {
		return 0
	}
	d := min(50*time.Millisecond<<min(failures-2, 10), 2*time.Second)
	return d/2 + rand.N(d/2)
}

// pause sleeps, or returns false when ctx ends.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// retry calls f until it is not unavailable any more, or ctx ends.
func (l *Log) retry(ctx context.Context, operation string, f func() error) error {
	for failures := 1; ; failures++ {
		err := f()
		if !errors.Is(err, offers.ErrUnavailable) {
			return err
		}
		l.metrics.failures.WithLabelValues(operation).Inc()
		if failures == 3 {
			l.logger.Warn("stream: unavailable, trying again", "operation", operation, "err", err)
		}
		if failures > 1 {
			l.refresh()
		}
		if !pause(ctx, backoff(failures)) {
			return err
		}
	}
}

// refreshed is when the connections were last made anew.
type refreshed struct {
	mu sync.Mutex // guards at
	at time.Time
}

// refresh has the transport forget its connections and who leads what: after a
// failure both may be stale, and there is no other way to tell it so.
func (l *Log) refresh() {
	l.refreshed.mu.Lock()
	defer l.refreshed.mu.Unlock()
	if time.Since(l.refreshed.at) < 100*time.Millisecond {
		return
	}
	l.refreshed.at = time.Now()
	l.transport.CloseIdleConnections()
}

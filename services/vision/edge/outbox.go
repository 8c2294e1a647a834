package edge

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers"
)

// Bounds of the outbox.
const (
	batchLimit = 100  // in one call
	heldLimit  = 4096 // in memory, while the disk takes nothing

	retryFirst = 500 * time.Millisecond
	retryMax   = 15 * time.Second
	lastWords  = 2 * time.Second // to send what is left when the process ends
)

// Outbox posts sightings in the order in which they were given. Each is on disk
// before it is posted, and stays there until the collector has it: whatever
// ends, the link or the process, it is sent again, under the same id. One that
// the collector refuses for good is counted and let go.
type Outbox struct {
	collector *Collector
	logger    *slog.Logger
	fresh     chan struct{} // of capacity 1: there is something to send

	mu    sync.Mutex // guards the rest
	spool *Spool
	held  queue[offers.Sighting] // that the disk did not take: they come after those in the spool
	full  bool                   // the disk takes nothing, and the log knows
	lost  struct{ dropped, refused int }

	posted  prometheus.Counter
	refused prometheus.Counter
	dropped prometheus.Counter
}

// NewOutbox keeps what it has not sent in dir.
func NewOutbox(c *Collector, dir string, limits Limits, logger *slog.Logger, r prometheus.Registerer) (*Outbox, error) {
	spool, err := OpenSpool(dir, limits.orDefault())
	if err != nil {
		return nil, err
	}
	o := &Outbox{collector: c, spool: spool, logger: logger, fresh: make(chan struct{}, 1)}
	o.posted = prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_vision_sightings_posted_total", Help: "Sightings that the collector took."})
	o.refused = prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_vision_sightings_refused_total", Help: "Sightings that the collector refused for good."})
	o.dropped = prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_vision_sightings_dropped_total",
		Help: "Sightings that were lost: the spool was full, they were too old, damaged on disk, or neither disk nor memory could hold them."})
	r.MustRegister(o.posted, o.refused, o.dropped,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "aisle_vision_spool_sightings", Help: "Sightings that wait for the collector."},
			func() float64 { return float64(o.Backlog().Sightings) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "aisle_vision_spool_bytes", Help: "Disk that the sightings take that wait."},
			func() float64 { return float64(o.Backlog().Bytes) }))
	o.drop(spool.Damaged(), "damaged on disk by a crash")
	if spool.Held() > 0 {
		logger.Info("sightings of an earlier run wait to be sent", "sightings", spool.Held())
		o.fresh <- struct{}{}
	}
	return o, nil
}

// drop counts and tells what was lost. The caller holds mu, or is alone.
func (o *Outbox) drop(n int, why string) {
	if n > 0 {
		o.lost.dropped += n
		o.dropped.Add(float64(n))
		o.logger.Warn("sightings are lost", "count", n, "why", why)
	}
}

// Backlog is what waits, and what did not make it. Safe for concurrent use.
func (o *Outbox) Backlog() Backlog {
	o.mu.Lock()
	defer o.mu.Unlock()
	return Backlog{Sightings: o.spool.Held() + len(o.held.waiting), Bytes: o.spool.Bytes(), Dropped: o.lost.dropped, Refused: o.lost.refused}
}

// Send takes sightings over: when it returns they are on disk. Safe for
// concurrent use.
func (o *Outbox) Send(sightings ...offers.Sighting) {
	if len(sightings) == 0 {
		return
	}
	o.mu.Lock()
	for _, one := range sightings {
		o.keep(one, time.Now())
	}
	o.mu.Unlock()
	select {
	case o.fresh <- struct{}{}:
	default:
	}
}

// keep puts a sighting behind all others. The caller holds mu.
func (o *Outbox) keep(one offers.Sighting, now time.Time) {
	if len(o.held.waiting) == 0 {
		dropped, err := o.spool.Append(one, now)
		o.drop(dropped, "the spool is full: the oldest go")
		if err == nil {
			o.full = false
			return
		}
		if !o.full {
			o.logger.Error("the disk takes no sightings: they are kept in memory", "err", err)
		}
		o.full = true
	}
	o.drop(o.held.add(heldLimit, one), "neither disk nor memory has room: the oldest go")
}

// batch is what to post next, and how it is let go.
func (o *Outbox) batch() (batch []offers.Sighting, done func() error, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	dropped, err := o.spool.Expire(time.Now())
	o.drop(dropped, "they are too old")
	if err != nil {
		return nil, nil, err
	}
	damaged := o.spool.Damaged()
	batch, of, err := o.spool.Batch(batchLimit)
	o.drop(o.spool.Damaged()-damaged, "damaged on disk")
	if err != nil {
		return nil, nil, err
	}
	n := len(batch)
	if n > 0 {
		return slices.Clone(batch), func() error { return o.spool.Done(of, n) }, nil
	}
	batch, from := o.held.oldest(batchLimit)
	n = len(batch)
	return batch, func() error { o.held.done(from, n); return nil }, nil
}

// Run posts until ctx ends, and then what it can within two seconds. What is
// left stays on disk.
func (o *Outbox) Run(ctx context.Context) error {
	failing := false // and the log knows
	for retry := retryFirst; ; {
		more, err := o.next(ctx)
		switch {
		case ctx.Err() != nil:
			return o.end(context.WithoutCancel(ctx))
		case err != nil && !failing:
			o.logger.Warn("sightings wait on disk until the collector takes them", "err", err)
		case err == nil && failing && !more:
			o.logger.Info("the collector has all sightings")
		}
		if err != nil {
			failing = true
			select {
			case <-ctx.Done():
			case <-time.After(retry):
			}
			retry = min(2*retry, retryMax)
			continue
		}
		retry = retryFirst
		if more {
			continue
		}
		failing = false
		select {
		case <-ctx.Done():
		case <-o.fresh:
		}
	}
}

// next posts the oldest sightings, and tells whether there were any. An error is
// one that may go away: the link's, the key's or the disk's.
func (o *Outbox) next(ctx context.Context) (more bool, err error) {
	batch, done, err := o.batch()
	if err != nil || len(batch) == 0 {
		return false, err
	}
	err = o.collector.Sightings(ctx, batch)
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err == nil:
		o.posted.Add(float64(len(batch)))
	case errors.Is(err, offers.ErrInvalid):
		o.refused.Add(float64(len(batch)))
		o.lost.refused += len(batch)
		o.logger.Error("sightings refused", "count", len(batch), "err", err)
	default:
		return true, err
	}
	return true, done()
}

// end sends the last sightings, or leaves them on disk.
func (o *Outbox) end(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lastWords)
	defer cancel()
	for more, err := true, error(nil); more && err == nil; {
		more, err = o.next(ctx)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.drop(len(o.held.waiting), "the process ends while the disk takes none")
	return o.spool.Close()
}

package edge

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers"
)

// Limits of the outbox.
const (
	waiting    = 4096     // sightings between the cameras and the outbox
	batchLimit = 100      // in one call
	spoolLimit = 64 << 20 // bytes: about 150,000 sightings, half a day of a busy door

	retryFirst = 500 * time.Millisecond
	retryMax   = 15 * time.Second
	gather     = 2 * time.Second // into one file while the link is down
	lastWords  = 2 * time.Second // to send what is left when the process ends
)

// Outbox posts sightings in the order in which they were given. While the
// collector cannot be reached it keeps them on disk, and sends them in order
// after. One that the collector refuses for good is counted and let go.
type Outbox struct {
	collector *Collector
	spool     *Spool
	in        chan offers.Sighting
	logger    *slog.Logger

	posted  prometheus.Counter
	refused prometheus.Counter
	dropped prometheus.Counter
	spooled prometheus.Gauge
}

// NewOutbox keeps what it cannot send in dir.
func NewOutbox(c *Collector, dir string, logger *slog.Logger, r prometheus.Registerer) (*Outbox, error) {
	spool, err := OpenSpool(dir, spoolLimit)
	if err != nil {
		return nil, err
	}
	o := &Outbox{collector: c, spool: spool, in: make(chan offers.Sighting, waiting), logger: logger}
	o.posted = prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_vision_sightings_posted_total", Help: "Sightings that the collector took."})
	o.refused = prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_vision_sightings_refused_total", Help: "Sightings that the collector refused for good."})
	o.dropped = prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_vision_sightings_dropped_total", Help: "Sightings, or batches of the spool, that were lost because nothing could hold them."})
	o.spooled = prometheus.NewGauge(prometheus.GaugeOpts{Name: "aisle_vision_spool_batches", Help: "Batches of sightings on disk that wait for the link."})
	r.MustRegister(o.posted, o.refused, o.dropped, o.spooled)
	o.spooled.Set(float64(spool.Batches()))
	return o, nil
}

// Send takes sightings over; it never blocks. Safe for concurrent use.
func (o *Outbox) Send(sightings ...offers.Sighting) {
	for _, s := range sightings {
		select {
		case o.in <- s:
		default: // the disk stands still
			o.dropped.Inc()
		}
	}
}

// Run posts until ctx ends, and then what is left, or spools it.
func (o *Outbox) Run(ctx context.Context) error {
	retry := retryFirst
	var timer <-chan time.Time // runs while something is spooled
	if !o.spool.Empty() {
		o.logger.Info("sightings of an earlier run wait to be sent", "batches", o.spool.Batches())
		timer = time.After(0)
	}
	for {
		select {
		case <-ctx.Done():
			o.end(context.WithoutCancel(ctx))
			return nil
		case s := <-o.in:
			batch := o.more([]offers.Sighting{s})
			if o.spool.Empty() {
				if o.post(ctx, batch) {
					continue
				}
				retry, timer = retryFirst, time.After(retryFirst)
			} else {
				batch = o.gather(ctx, batch)
			}
			o.keep(batch)
		case <-timer:
			if o.drain(ctx) {
				o.logger.Info("the collector has all sightings")
				timer = nil
				continue
			}
			retry = min(2*retry, retryMax)
			timer = time.After(retry)
		}
	}
}

// more adds what waits already.
func (o *Outbox) more(batch []offers.Sighting) []offers.Sighting {
	for len(batch) < batchLimit {
		select {
		case s := <-o.in:
			batch = append(batch, s)
		default:
			return batch
		}
	}
	return batch
}

// gather adds what comes within a moment, so that a day without a link is not a
// file for each sighting.
func (o *Outbox) gather(ctx context.Context, batch []offers.Sighting) []offers.Sighting {
	end := time.After(gather)
	for len(batch) < batchLimit {
		select {
		case s := <-o.in:
			batch = append(batch, s)
		case <-end:
			return batch
		case <-ctx.Done():
			return batch
		}
	}
	return batch
}

// post tells whether a batch is done with: taken, or refused for good.
func (o *Outbox) post(ctx context.Context, batch []offers.Sighting) bool {
	err := o.collector.Sightings(ctx, batch)
	switch {
	case err == nil:
		o.posted.Add(float64(len(batch)))
		return true
	case errors.Is(err, offers.ErrInvalid):
		o.refused.Add(float64(len(batch)))
		o.logger.Error("sightings refused", "count", len(batch), "err", err)
		return true
	case ctx.Err() == nil && o.spool.Empty(): // the first failure; the others are alike
		o.logger.Warn("sightings go to disk until the collector takes them", "err", err)
	}
	return false
}

func (o *Outbox) keep(batch []offers.Sighting) {
	dropped, err := o.spool.Append(batch)
	if err != nil {
		o.dropped.Add(float64(len(batch)))
		o.logger.Error("sightings lost: the disk does not take them", "count", len(batch), "err", err)
	}
	if dropped > 0 {
		o.dropped.Add(float64(dropped))
		o.logger.Warn("the oldest sightings are dropped: the spool is full", "batches", dropped)
	}
	o.spooled.Set(float64(o.spool.Batches()))
}

// drain posts what is on disk, oldest first, and tells whether nothing is left.
func (o *Outbox) drain(ctx context.Context) bool {
	defer func() { o.spooled.Set(float64(o.spool.Batches())) }()
	for !o.spool.Empty() {
		batch, err := o.spool.Oldest()
		switch {
		case errors.Is(err, offers.ErrInvalid):
			o.dropped.Inc()
			o.logger.Error("a batch of sightings is damaged, and let go", "err", err)
		case err != nil:
			return false
		case !o.post(ctx, batch):
			return false
		}
		if err := o.spool.Remove(); err != nil {
			// It would be sent again for ever. The collector drops what it has seen.
			o.logger.Error("a batch of sightings cannot be removed from disk", "err", err)
			return false
		}
	}
	return true
}

// end sends the last sightings, or keeps them.
func (o *Outbox) end(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lastWords)
	defer cancel()
	for {
		batch := o.more(nil)
		if len(batch) == 0 {
			return
		}
		if !o.spool.Empty() || !o.post(ctx, batch) {
			o.keep(batch)
		}
	}
}

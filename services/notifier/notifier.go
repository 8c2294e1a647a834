// Package notifier carries offers to shoppers: each decision once by each of
// its channels, if they consent to it now, at a decent hour, and not too often.
//
// Its rules: claim, guard, send, settle. A delivery is kept in state from the
// moment that its decision was read until it is done, and exactly one attempt
// has it at a time (scripts.go). What the guard cannot know it does not send.
// An attempt whose outcome is not known is never repeated before its provider was
// asked for the message. Every refusal has a type and is on the log.
package notifier

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"aisle/offers"
	"aisle/services/again"
	"aisle/services/notifier/channel"
	"aisle/services/state"
	"aisle/services/stream"
)

// Group is the notifiers' consumer group.
const Group = "notifier"

// Notifier carries the decisions of some partitions.
type Notifier struct {
	config    Config
	log       *stream.Log
	state     *state.Store
	catalogue *stream.Catalogue
	channels  map[offers.Channel]channel.Channel
	work      map[offers.Channel]chan *task
	pauses    map[offers.Channel]*pause
	busy      sync.Map // ids of deliveries that are in work or under way here
	changes   chan logged
	secret    []byte
	metrics   *metrics
	logger    *slog.Logger
}

// New makes a notifier.
func New(c Config, log *stream.Log, store *state.Store, catalogue *stream.Catalogue, logger *slog.Logger, reg prometheus.Registerer) (*Notifier, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	channels, err := openChannels(c, store, logger)
	if err != nil {
		return nil, err
	}
	n := &Notifier{
		config: c, log: log, state: store, catalogue: catalogue, logger: logger,
		channels: channels, work: map[offers.Channel]chan *task{}, pauses: map[offers.Channel]*pause{},
		changes: make(chan logged, 1024),
		metrics: newMetrics(reg),
	}
	for name := range n.channels {
		n.work[name] = make(chan *task, 4*c.Workers)
		n.pauses[name] = new(pause)
	}
	return n, nil
}

// Run delivers until ctx ends; attempts that are under way then are finished.
func (n *Notifier) Run(ctx context.Context) error {
	if err := n.awaitState(ctx); err != nil {
		return err
	}
	var journal sync.WaitGroup
	journal.Go(n.journal)
	g, ctx := errgroup.WithContext(ctx)
	for _, queue := range n.work {
		for range n.config.Workers {
			g.Go(func() error { n.deliverAll(ctx, queue); return nil })
		}
	}
	g.Go(func() error {
		return again.Every(ctx, pollEvery, n.logger, "looking for deliveries that are due", n.poll)
	})
	g.Go(func() error { return again.Every(ctx, noticesEvery, n.logger, "notices", n.carryNotices) })
	g.Go(func() error {
		return n.log.Consume(ctx, stream.Consumer{
			Group: Group, Streams: []string{stream.Decisions},
			Lanes: n.config.Lanes, MaxBatch: n.config.MaxBatch,
			NewLane: func() stream.Lane { return &lane{Notifier: n} },
		})
	})
	err := g.Wait()
	close(n.changes)
	journal.Wait()
	return err
}

// awaitState waits for state, which the codes' secret is in, and makes sure of
// what it remembers.
func (n *Notifier) awaitState(ctx context.Context) error {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		secret, err := n.loadSecret(ctx)
		if err == nil {
			err = n.recall(ctx)
		}
		if err == nil {
			n.secret = secret
			return nil
		}
		n.logger.Warn("notifier waits for state", "err", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// submit hands a task to the workers of its channel, unless it is with them. It
// never waits: what finds no room stays due, and the poll comes by.
func (n *Notifier) submit(t *task) {
	if _, busy := n.busy.LoadOrStore(t.ID, struct{}{}); busy {
		return
	}
	select {
	case n.work[t.Channel] <- t:
	default:
		n.busy.Delete(t.ID)
	}
}

func (n *Notifier) deliverAll(ctx context.Context, queue <-chan *task) {
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-queue:
			// An attempt that has begun is finished: half of it is worth nothing.
			attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.config.Lease)
			n.deliver(attempt, t)
			cancel()
			n.busy.Delete(t.ID)
		}
	}
}

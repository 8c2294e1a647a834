// Package learner is the shop remembering what came of its offers: who was
// offered what, in which situation, and whether they took it. From each outcome
// the model of offers/rank learns once, and the deciders get its newest version
// every few seconds.
//
// Its rules: an offer that is redeemed within the window was wanted; one that was
// shown and is not redeemed was not wanted, once the window is over by the time
// of the events, but for what else became of it (Config.Credit); one that reached
// nobody teaches nothing. Each
// partition keeps a book (book.go) of the offers that are open, and what it
// concluded is written together with how far it read, so that a crash anywhere
// neither loses an outcome nor learns it twice. Within a partition the order of
// learning does not depend on how the log was read.
package learner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/goccy/go-json"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/services/state"
	"aisle/services/stream"
)

// Group is the learners' consumer group, and their name for offsets in state.
const Group = "learner"

// Learner learns from the partitions that the group gives it. One is enough for
// a house; more take turns at publishing.
type Learner struct {
	config  Config
	log     *stream.Log
	state   *state.Store
	metrics *metrics
	logger  *slog.Logger

	mu        sync.Mutex // of all below: the lane's goroutine and the publisher's
	books     map[int]*book
	model     *rank.Learner
	version   string        // of the published snapshot that model goes on from, "" if none
	applied   map[int]int64 // by partition: the last chunk that model has learned from
	published map[int]int64 // the same, of the published snapshot
}

// New makes a learner.
func New(c Config, log *stream.Log, store *state.Store, logger *slog.Logger, reg prometheus.Registerer) *Learner {
	return &Learner{
		config: c.withDefaults(), log: log, state: store, metrics: newMetrics(reg), logger: logger,
		books: map[int]*book{}, model: rank.NewLearner(rank.New()),
		applied: map[int]int64{}, published: map[int]int64{},
	}
}

// Run learns until ctx ends.
func (l *Learner) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { l.publishAll(ctx); return nil })
	g.Go(func() error {
		return l.log.Consume(ctx, stream.Consumer{
			Group: Group, Streams: []string{stream.Decisions, stream.Events, stream.Deliveries},
			Lanes: 1, MaxBatch: l.config.MaxBatch,
			NewLane: func() stream.Lane { return l },
		})
	})
	return g.Wait()
}

// publishAll publishes the model as often as it may, while it changes.
func (l *Learner) publishAll(ctx context.Context) {
	tick := time.NewTicker(l.config.Publish)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := l.publish(ctx)
		if failed := err != nil && ctx.Err() == nil; failed != failing {
			failing = failed
			l.logger.Warn("publishing the model", "works", !failed, "err", err)
		}
	}
}

// publish writes a snapshot, with how far it has learned in each partition. If
// another learner has published meanwhile, this one goes on from there.
func (l *Learner) publish(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	behind := false
	for p, chunk := range l.applied {
		behind = behind || chunk > l.published[p]
	}
	if !behind {
		return nil
	}
	m := l.model.Snapshot()
	bookmark, err := json.Marshal(l.applied)
	if err != nil {
		return fmt.Errorf("bookmark: %w: %w", offers.ErrInvalid, err)
	}
	err = l.state.PutSnapshot(ctx, rank.SnapshotName, l.version, m.Version(), m.Encode(), bookmark)
	if errors.Is(err, offers.ErrConflict) {
		l.metrics.conflicts.Inc()
		return l.loadModel(ctx)
	}
	if err != nil {
		return err
	}
	l.version = m.Version()
	maps.Copy(l.published, l.applied)
	l.metrics.version.Set(float64(m.Number()))
	l.metrics.published.Inc()
	return nil
}

// loadModel goes on from the published snapshot, and learns what the owned
// partitions have concluded since. Under mu.
func (l *Learner) loadModel(ctx context.Context) error {
	version, value, bookmark, err := l.state.SnapshotBookmark(ctx, rank.SnapshotName)
	m, applied := rank.New(), map[int]int64{}
	switch {
	case errors.Is(err, offers.ErrNotFound):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(bookmark, &applied); err != nil {
			return fmt.Errorf("bookmark: %w: %w", offers.ErrInvalid, err)
		}
		if m, err = rank.Decode(value); err != nil {
			// A format of before: what it knew is lost, what is to come is not.
			l.logger.Error("published model cannot be read, learning begins anew", "version", version, "err", err)
			m = rank.New()
		}
	}
	l.model, l.version, l.applied = rank.NewLearner(m), version, applied
	l.published = make(map[int]int64, len(applied))
	maps.Copy(l.published, applied)
	for p, b := range l.books {
		if behind := applied[p] + 1; b.NextChunk < behind { // a book begun anew: its chunks are not those learned
			b.FirstChunk, b.NextChunk = behind, behind
		}
		if err := l.replay(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// replay learns the chunks of a book that the model lacks. Under mu.
func (l *Learner) replay(ctx context.Context, b *book) error {
	from := max(l.applied[b.partition]+1, b.FirstChunk)
	if from >= b.NextChunk {
		return nil
	}
	read := state.Read{Partition: b.partition}
	for n := from; n < b.NextChunk; n++ {
		read.Keys = append(read.Keys, chunkKey(b.partition, n))
	}
	loaded, err := l.state.Load(ctx, Group, []state.Read{read})
	if err != nil {
		return err
	}
	for i, value := range loaded[0].Values {
		var examples []example
		if value != nil {
			if err := json.Unmarshal(value, &examples); err != nil {
				return fmt.Errorf("chunk of partition %d: %w: %w", b.partition, offers.ErrInvalid, err)
			}
		}
		l.learn(examples)
		l.applied[b.partition] = from + int64(i)
	}
	return nil
}

// learn takes in examples. Under mu.
func (l *Learner) learn(examples []example) {
	for i := range examples {
		e := &examples[i]
		expected := l.model.Learn(&e.Context, &e.Arm, e.Taken)
		l.metrics.learned(e.Taken, expected)
	}
}

// Package learner is the shop remembering what came of its offers: who was
// offered what, in which situation, and whether they took it. From each outcome
// the model of offers/rank learns once, and the deciders get its newest version
// every few seconds; a watch (offers/rank/watch) goes back to an older one that
// would have known better.
//
// Its rules: an offer that is redeemed within the window was wanted; one that was
// shown and is not redeemed was not wanted, but for what else became of it
// (Config.Credit); one that reached nobody teaches nothing. Either is learned
// when the window is over by the time of the events: yeses known early and noes
// known late would make every offer look wanted. Each
// partition keeps a book (book.go) of the offers that are open, and what it
// concluded is written together with how far it read, so that a crash anywhere
// neither loses an outcome nor learns it twice. Within a partition the order of
// learning does not depend on how the log was read.
//
// Once a day it makes the ranker of lists anew (lists.go).
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
	"aisle/offers/rank/watch"
	"aisle/services/again"
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
	watch     *watch.Watch
	version   string        // of the published snapshot that the watch goes on from, "" if none
	applied   map[int]int64 // by partition: the last chunk that is learned
	published map[int]int64 // the same, of the published snapshot
	behind    bool          // another learner has published, or nobody knows whether this one has
}

// New makes a learner.
func New(c Config, log *stream.Log, store *state.Store, logger *slog.Logger, reg prometheus.Registerer) *Learner {
	return &Learner{
		config: c.withDefaults(), log: log, state: store, metrics: newMetrics(reg), logger: logger,
		books: map[int]*book{}, watch: watch.New(c.Watch.settings(), watch.State{}, 0, rank.New(), nil),
		applied: map[int]int64{}, published: map[int]int64{},
	}
}

// Run learns until ctx ends.
func (l *Learner) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return again.Every(ctx, l.config.Publish, l.logger, "publishing the model", l.publish) })
	if !l.config.Lists.Off {
		g.Go(func() error {
			return again.Every(ctx, min(l.config.Lists.Every, trainingLooks), l.logger, "training of lists", l.trainIfDue)
		})
	}
	g.Go(func() error {
		return l.log.Consume(ctx, stream.Consumer{
			Group: Group, Streams: []string{stream.Decisions, stream.Events, stream.Deliveries},
			Lanes: 1, MaxBatch: l.config.MaxBatch,
			NewLane: func() stream.Lane { return l },
		})
	})
	return g.Wait()
}

// publish writes a snapshot if there is more to tell, with how far it has learned in each partition. If
// another learner has published meanwhile, this one goes on from there.
func (l *Learner) publish(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.behind {
		if err := l.loadModel(ctx); err != nil {
			return err
		}
	}
	wish, err := l.state.SnapshotWish(ctx, rank.SnapshotName)
	if err != nil {
		return err
	}
	more := false
	for p, chunk := range l.applied {
		more = more || chunk > l.published[p]
	}
	next, wanted := l.wanted(wish)
	switch {
	case wanted:
	case more:
		next = l.watch.Publish(time.Now().UTC())
	default:
		return l.fulfilled(ctx, wish)
	}
	if err := l.write(ctx, next); err != nil {
		l.behind = true
		if errors.Is(err, offers.ErrConflict) {
			l.metrics.conflicts.Inc()
			return nil
		}
		return err
	}
	l.version = next.Model.Version()
	maps.Copy(l.published, l.applied)
	l.metrics.use(next, &l.watch.State)
	if t := next.Turn; t != nil {
		l.logger.Warn("another model is in use", "turn", t.Kind, "from", t.From, "to", t.To, "of", t.Of, "by", t.By, "reason", t.Reason)
	}
	return errors.Join(l.fulfilled(ctx, wish), l.state.DropSnapshots(ctx, rank.SnapshotName, next.Drop...))
}

// wanted is what a person's wish makes of the model in use; false if there is
// none, or none that can be fulfilled.
func (l *Learner) wanted(raw []byte) (watch.Published, bool) {
	if raw == nil {
		return watch.Published{}, false
	}
	var w watch.Wish
	if err := json.Unmarshal(raw, &w); err != nil {
		return watch.Published{}, false
	}
	now := time.Now().UTC()
	if w.Pin == 0 {
		return l.watch.Release(w.By, w.Reason, now)
	}
	return l.watch.Pin(w.Pin, w.By, w.Reason, now)
}

func (l *Learner) fulfilled(ctx context.Context, wish []byte) error {
	if wish == nil {
		return nil
	}
	return l.state.FulfilledWish(ctx, rank.SnapshotName, wish)
}

// write writes what is to be in use. A version to compare with is there before
// the bookmark that speaks of it.
func (l *Learner) write(ctx context.Context, next watch.Published) error {
	if m := next.Keep; m != nil {
		if err := l.state.KeepSnapshot(ctx, rank.SnapshotName, m.Version(), m.Encode()); err != nil {
			return err
		}
	}
	mark := watch.Bookmark{Applied: l.applied, Watch: l.watch.State}
	if l.watch.Hold != nil {
		mark.Line = l.watch.Line().Encode()
	}
	bookmark, err := json.Marshal(mark)
	if err != nil {
		return fmt.Errorf("bookmark: %w: %w", offers.ErrInvalid, err)
	}
	return l.state.PutSnapshot(ctx, rank.SnapshotName, l.version, next.Model.Version(), next.Model.Encode(), bookmark)
}

// loadModel goes on from the published snapshot, and learns what the owned
// partitions have concluded since. Under mu.
func (l *Learner) loadModel(ctx context.Context) error {
	version, value, raw, err := l.state.SnapshotBookmark(ctx, rank.SnapshotName)
	m, line, mark := rank.New(), rank.New(), watch.Bookmark{}
	kept := map[uint64]*rank.Model{}
	switch {
	case errors.Is(err, offers.ErrNotFound):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(raw, &mark); err != nil {
			return fmt.Errorf("bookmark: %w: %w", offers.ErrInvalid, err)
		}
		m = l.decode(version, value)
		if line = m; mark.Line != nil {
			line = l.decode("beside "+version, mark.Line)
		}
		for _, v := range mark.Watch.Versions {
			switch value, err := l.state.KeptSnapshot(ctx, rank.SnapshotName, v.Name()); {
			case errors.Is(err, offers.ErrNotFound):
			case err != nil:
				return err
			default:
				if m, err := rank.Decode(value); err == nil {
					kept[v.Number] = m
				}
			}
		}
	}
	l.behind = false
	l.watch = watch.New(l.config.Watch.settings(), mark.Watch, m.Number(), line, kept)
	l.version, l.applied, l.published = version, map[int]int64{}, map[int]int64{}
	maps.Copy(l.applied, mark.Applied)
	maps.Copy(l.published, mark.Applied)
	for p, b := range l.books {
		if behind := l.applied[p] + 1; b.NextChunk < behind { // a book begun anew: its chunks are not those learned
			b.FirstChunk, b.NextChunk = behind, behind
		}
		if err := l.replay(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// decode reads a model. One of a format of before is begun anew: what it knew is
// lost, what is to come is not.
func (l *Learner) decode(version string, value []byte) *rank.Model {
	m, err := rank.Decode(value)
	if err != nil {
		l.logger.Error("published model cannot be read, learning begins anew", "version", version, "err", err)
		return rank.New()
	}
	return m
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
		var examples []watch.Outcome
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
func (l *Learner) learn(examples []watch.Outcome) {
	for i := range examples {
		e := &examples[i]
		l.metrics.learned(e.Taken, l.watch.Take(e))
	}
}

package learner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goccy/go-json"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/services/state"
	"aisle/services/stream"
)

// Assign opens the books of the partitions and goes on from the published model.
func (l *Learner) Assign(ctx context.Context, owned []stream.Partition) (map[stream.Partition]int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.books = map[int]*book{}
	var reads []state.Read
	for _, p := range owned {
		if p.Stream == stream.Events {
			reads = append(reads, state.Read{Partition: p.Number, Keys: []string{bookKey(p.Number)}})
		}
	}
	loaded, err := l.state.Load(ctx, Group, reads)
	if err != nil {
		return nil, err
	}
	begin := map[stream.Partition]int64{}
	for i, r := range reads {
		b, err := openBook(r.Partition, loaded[i])
		if err != nil {
			return nil, err
		}
		l.books[r.Partition] = b
		begin[stream.Partition{Stream: stream.Decisions, Number: r.Partition}] = b.Decisions
		begin[stream.Partition{Stream: stream.Events, Number: r.Partition}] = b.Events
		begin[stream.Partition{Stream: stream.Deliveries, Number: r.Partition}] = b.Deliveries
	}
	return begin, l.loadModel(ctx)
}

// Handle reads a batch into the books, and learns what they conclude once that
// is kept. If anything fails the books are read anew: what is in memory may be
// ahead of what is kept, or behind.
func (l *Learner) Handle(ctx context.Context, batch []stream.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.handle(ctx, batch); err != nil {
		l.metrics.restarts.Inc()
		l.logger.Warn("books are read anew", "err", err)
		return fmt.Errorf("%w: %v", stream.ErrFenced, err) //nolint:errorlint // not unavailable: the same batch again would not do
	}
	return nil
}

func (l *Learner) handle(ctx context.Context, batch []stream.Record) error {
	var quarantined []stream.Record
	for i := range batch {
		r := &batch[i]
		b := l.books[r.Partition]
		if b == nil {
			return fmt.Errorf("partition %d: %w: not owned", r.Partition, offers.ErrConflict)
		}
		var err error
		switch r.Stream {
		case stream.Decisions:
			err = l.readDecision(ctx, b, r)
		case stream.Deliveries:
			err = readDelivery(b, r)
		default:
			err = l.readEvent(b, r)
		}
		if errors.Is(err, offers.ErrInvalid) {
			l.metrics.quarantined.Inc()
			q, err := r.Quarantined("aisle/learner", offers.ReasonSchema, err)
			if err != nil {
				return err
			}
			quarantined = append(quarantined, q)
		} else if err != nil {
			return err
		}
	}
	if len(quarantined) > 0 { // before the commit: rather twice than never
		if err := l.log.Produce(ctx, quarantined...); err != nil {
			return err
		}
	}
	var commits []state.Commit
	var due []*book
	now := time.Now()
	for _, b := range l.books {
		if err := l.conclude(ctx, b); err != nil {
			return err
		}
		if !b.due(now) {
			continue
		}
		c, err := b.commit(l.published[b.partition])
		if err != nil {
			return err
		}
		commits, due = append(commits, c), append(due, b)
	}
	if err := l.state.Commit(ctx, Group, commits); err != nil {
		return err
	}
	pending := 0
	for _, b := range due {
		concluded, unshown := b.settled(now)
		l.metrics.unshown.Add(float64(unshown))
		if len(concluded) > 0 {
			l.learn(concluded)
			l.applied[b.partition] = b.NextChunk - 1
		}
	}
	for _, b := range l.books {
		pending += b.pending()
	}
	l.metrics.pending.Set(float64(pending))
	return nil
}

// readDecision opens an offer. Decisions of any other verdict showed nobody
// anything, so there is nothing to learn from them.
func (l *Learner) readDecision(ctx context.Context, b *book, r *stream.Record) error {
	if r.Offset < b.next.decisions {
		return nil
	}
	b.next.decisions = r.Offset + 1
	var d offers.Decision
	if err := r.Decode(&d); err != nil {
		return fmt.Errorf("decision: %w: %w", offers.ErrInvalid, err)
	}
	partition, at, ok := placeOf(d.ID)
	if !ok || partition != r.Partition {
		return fmt.Errorf("decision %q: %w: its id is not of partition %d", d.ID, offers.ErrInvalid, r.Partition)
	}
	if d.Verdict != offers.Offered || d.Offer == nil {
		return nil
	}
	if b.Newest.less(at) {
		l.watch.Inputs.See(&d)
	}
	o := offer{
		Place: at, Time: d.Time.UnixMilli(), Deadline: d.Received.Add(l.config.Window + l.config.Lateness).UnixMilli(),
		Context: d.Context, Arm: rank.ArmOf(d.Campaign, d.Offer, d.Channels),
	}
	if number, ok := rank.ParseVersion(d.Model); ok && !slices.Contains(d.Off, offers.FactorPropensity) {
		for i := range d.Candidates {
			c := &d.Candidates[i]
			if c.Campaign == d.Campaign && c.Offer == d.Offer.ID && c.Model == "" && c.Out == "" && !c.Fallback {
				o.Model, o.Expected = number, c.Propensity
			}
		}
	}
	return b.add(ctx, l.loadPage, o)
}

// readEvent notes what time it is, and what became of an offer.
func (l *Learner) readEvent(b *book, r *stream.Record) error {
	if r.Offset < b.next.events {
		return nil
	}
	b.next.events = r.Offset + 1
	m := moment{offset: r.Offset, clock: clockOf(r)}
	var err error
	typ := offers.EventType(r.Header("ce_type"))
	if _, counts := l.config.Credit[typ]; counts || typ == "" {
		m.outcome, err = l.outcomeOf(r)
	}
	b.wait(m)
	return err
}

// readDelivery notes that an offer was put before its shopper's eyes. What else
// became of it on its way says nothing of whether it was wanted.
func readDelivery(b *book, r *stream.Record) error {
	if r.Offset < b.next.deliveries {
		return nil
	}
	b.next.deliveries = r.Offset + 1
	var d offers.Delivery
	if err := r.Decode(&d); err != nil {
		return fmt.Errorf("delivery: %w: %w", offers.ErrInvalid, err)
	}
	at := min(d.At.UnixMilli(), r.Time.UnixMilli())
	b.told = max(b.told, at)
	if !d.State.Shown() {
		return nil
	}
	if partition, place, ok := placeOf(d.Decision); ok && partition == r.Partition {
		b.showings = append(b.showings, showing{r.Offset, place, at})
	}
	return nil
}

// outcomeOf reads an event that says that an offer was taken, or nil if it is
// none that this partition can know.
func (l *Learner) outcomeOf(r *stream.Record) (*outcome, error) {
	var e offers.Event
	if err := r.Decode(&e); err != nil {
		return nil, fmt.Errorf("event: %w: %w", offers.ErrInvalid, err)
	}
	credit, counts := l.config.Credit[e.Type]
	if !counts || e.Decision == "" && e.Type != offers.OfferRedeemed {
		return nil, nil
	}
	partition, at, ok := placeOf(e.Decision)
	switch {
	case !ok:
		l.metrics.outcomes.WithLabelValues("of_nothing").Inc()
		return nil, nil
	case partition != r.Partition:
		// The shopper was known by another name when the offer was made.
		l.metrics.outcomes.WithLabelValues("elsewhere").Inc()
		return nil, nil
	}
	return &outcome{place: at, at: e.Time.UnixMilli(), typ: e.Type, credit: credit}, nil
}

// clockOf is when the door had an event, read without decoding the rest of it:
// most events are not about offers. A clock that is ahead of the log's is not
// believed, as it would end every window at once.
func clockOf(r *stream.Record) int64 {
	written := r.Time.UnixMilli()
	const key = `"received":"`
	_, rest, ok := bytes.Cut(r.Value, []byte(key))
	if !ok {
		return written
	}
	text, _, ok := bytes.Cut(rest, []byte{'"'})
	if !ok {
		return written
	}
	received, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return written
	}
	return min(received.UnixMilli(), written)
}

// conclude takes in the moments that wait, as far as the decisions are read that
// they may be about. So what is learned, and in which order, does not depend on
// which stream was read first.
func (l *Learner) conclude(ctx context.Context, b *book) error {
	if err := l.show(ctx, b); err != nil {
		return err
	}
	for len(b.waiting) > 0 {
		m := b.waiting[0]
		ready, err := l.ready(ctx, b, m)
		if err != nil || !ready {
			return err
		}
		if err := b.advance(ctx, l.loadPage, m.clock); err != nil {
			return err
		}
		if m.outcome != nil {
			is, err := b.take(ctx, l.loadPage, *m.outcome, l.config.Window)
			if err != nil {
				return err
			}
			l.metrics.outcomes.WithLabelValues([]string{foundOpen: "counted", foundNot: "repeated_or_over", foundLate: "late"}[is]).Inc()
		}
		b.Events = m.offset + 1
		b.waiting = b.waiting[1:]
	}
	return nil
}

// show takes in the showings whose decisions are read. Those that wait are read
// again after a restart, and then change nothing.
func (l *Learner) show(ctx context.Context, b *book) error {
	var unread []showing
	for _, s := range b.showings {
		if b.Newest.less(s.place) {
			unread = append(unread, s)
		} else if err := b.show(ctx, l.loadPage, s, l.config.Window); err != nil {
			return err
		}
	}
	if len(unread) > 0 {
		// A decision is on the log before its delivery: one that is not there now
		// never comes.
		all, err := l.readAll(ctx, stream.Decisions, b.partition, b.next.decisions)
		if err != nil {
			return err
		}
		if all {
			unread = nil
		}
	}
	b.showings, b.Deliveries = unread, b.next.deliveries
	if len(unread) > 0 {
		b.Deliveries = unread[0].offset
	}
	return nil
}

// ready tells whether every decision that a moment may conclude is read, and
// every delivery of those.
func (l *Learner) ready(ctx context.Context, b *book, m moment) (bool, error) {
	unread := m.outcome != nil && b.Newest.less(m.outcome.place)
	if unread || m.clock > b.Deadline && m.clock > b.caughtUp {
		all, err := l.readAll(ctx, stream.Decisions, b.partition, b.next.decisions)
		if err != nil || !all {
			return false, err
		}
		// Decisions to come are of events to come, which are open for a window.
		b.caughtUp = m.clock + l.config.Window.Milliseconds()/2
	}
	// A delivery that counts is older than the moment by the lateness. Half of it
	// is for the way to the log, half so that the log is not asked each time.
	if m.clock-l.config.Lateness.Milliseconds()/2 <= b.told {
		return true, nil
	}
	if overdue, err := b.overdue(ctx, l.loadPage, m.clock); err != nil || !overdue {
		return err == nil, err
	}
	all, err := l.readAll(ctx, stream.Deliveries, b.partition, b.next.deliveries)
	if err != nil || !all {
		return false, err
	}
	b.told = m.clock
	return true, nil
}

// readAll tells whether a partition has nothing at next or behind it.
func (l *Learner) readAll(ctx context.Context, name string, partition int, next int64) (bool, error) {
	newest, err := l.log.Newest(ctx, name, partition, 1)
	return err == nil && (len(newest) == 0 || newest[0].Offset < next), err
}

func (l *Learner) loadPage(ctx context.Context, partition int, id int64) ([]offer, error) {
	loaded, err := l.state.Load(ctx, Group, []state.Read{{Partition: partition, Keys: []string{pageKey(partition, id)}}})
	if err != nil {
		return nil, err
	}
	var list []offer
	if value := loaded[0].Values[0]; value != nil {
		if err := json.Unmarshal(value, &list); err != nil {
			return nil, fmt.Errorf("page %d of partition %d: %w: %w", id, partition, offers.ErrInvalid, err)
		}
	}
	return list, nil
}

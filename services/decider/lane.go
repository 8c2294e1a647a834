package decider

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/services/state"
	"aisle/services/stream"
)

// lane owns some partitions and repeats: read what state it lacks, fold and
// decide in memory, commit profiles, offset and outbox of each partition as
// one, hand the outbox to the log. One goroutine runs it.
//
// The offset in state is the truth. A record below it was done before; a
// commit that finds it moved means that another owner works here, and fences
// this one.
type lane struct {
	*Decider
	owned  map[int]*partition                   // by number
	cache  *profiles                            // what this lane wrote or read
	active map[offers.ShopperID]*offers.Profile // those of the batch
	unsent []stream.Record                      // committed to state, not yet known to be in the log

	// Room that is used again, batch after batch.
	events   []event
	recorder recorder
	packing  packing
}

// Assign begins where the state says. Decisions that the state's outbox holds
// but the log lacks are emitted; those that the log holds but the state lacks
// (it lost its tail) are remembered, and adopted when their event comes again.
func (l *lane) Assign(ctx context.Context, owned []stream.Partition) (map[stream.Partition]int64, error) {
	l.owned, l.cache, l.unsent = map[int]*partition{}, newProfiles(l.config.CacheBytes/l.config.Lanes), nil
	l.active = map[offers.ShopperID]*offers.Profile{}
	numbers := make([]int, len(owned))
	for i, p := range owned {
		numbers[i] = p.Number
	}
	kept, err := l.state.LoadOutbox(ctx, Group, numbers)
	if err != nil {
		return nil, err
	}
	begin := map[stream.Partition]int64{}
	for i, own := range owned {
		p := &partition{number: own.Number, next: max(kept[i].Offset, 0), fresh: kept[i].Offset < 0, touched: time.Now()}
		l.owned[p.number], begin[own] = p, p.next
		if err := l.recover(ctx, p, kept[i].Outbox); err != nil {
			return nil, fmt.Errorf("partition %d: %w", p.number, err)
		}
	}
	return begin, nil
}

// recover makes log and state of a partition agree.
func (l *lane) recover(ctx context.Context, p *partition, packed []byte) error {
	logged, err := l.decisionsSince(ctx, p.number, p.next)
	if err != nil {
		return err
	}
	p.settled = map[int64]*offers.Decision{}
	for _, d := range logged {
		if d.Offset >= p.next {
			p.settled[d.Offset] = d
		}
	}
	outbox, err := unpackOutbox(packed)
	if err != nil {
		return err
	}
	var again []stream.Record
	own := func(r *stream.Record) bool {
		return r.Stream == stream.Events && l.log.PartitionOf(string(r.Key)) == p.number
	}
	var told map[string]bool
	for i := range outbox {
		switch r := &outbox[i]; {
		case r.Stream == stream.Decisions && logged[offers.DecisionID(r.Header("ce_id"))] != nil:
			continue
		case own(r):
			if told == nil {
				if told, err = l.eventsSince(ctx, p.number, p.next); err != nil {
					return err
				}
			}
			if told[r.Header("ce_id")] {
				continue
			}
		}
		again = append(again, outbox[i])
	}
	l.metrics.reemitted.Add(float64(len(again)))
	return l.log.Produce(ctx, again...)
}

// decisionsSince reads the tail of a partition of decisions, back to one batch
// before the offset of their source, by id. A zombie may have written out of
// order, so all of the tail counts, not its last record.
func (l *lane) decisionsSince(ctx context.Context, partition int, offset int64) (map[offers.DecisionID]*offers.Decision, error) {
	for n := 2 * l.config.MaxBatch; ; n *= 4 {
		records, err := l.log.Newest(ctx, stream.Decisions, partition, n)
		if err != nil {
			return nil, err
		}
		byID := make(map[offers.DecisionID]*offers.Decision, len(records))
		deepest := int64(0)
		for i := range records {
			d := new(offers.Decision)
			if err := records[i].Decode(d); err != nil {
				continue // not ours: readers of decisions quarantine it
			}
			if len(byID) == 0 {
				deepest = d.Offset
			}
			byID[d.ID] = d
		}
		if len(records) < n || deepest < offset-int64(l.config.MaxBatch) {
			return byID, nil
		}
	}
}

// mostBehind bounds how far behind a batch its timers and completions are looked
// for. Should one be said again although it is farther behind, its shopper's
// profile most likely still knows it.
const mostBehind = 100_000

// eventsSince are the ids of the events that a partition has from an offset on.
func (l *lane) eventsSince(ctx context.Context, partition int, offset int64) (map[string]bool, error) {
	for n := 2 * l.config.MaxBatch; ; n *= 4 {
		records, err := l.log.Newest(ctx, stream.Events, partition, n)
		if err != nil {
			return nil, err
		}
		if len(records) == n && records[0].Offset > offset && n < mostBehind {
			continue
		}
		ids := make(map[string]bool, len(records))
		for i := range records {
			ids[records[i].Header("ce_id")] = true
		}
		return ids, nil
	}
}

// event is a record of the batch, read.
type event struct {
	offers.Event
	*stream.Record
	of     *partition
	parent string // W3C traceparent, which what it leads to continues
}

// passed tells a test that a step is done: it may let the lane die there, or
// hold it up.
func (l *lane) passed(step string) {
	if l.after != nil {
		l.after(step)
	}
}

// Handle takes a batch through the room. Called again with the same batch
// after ErrUnavailable, it goes on where it stood.
func (l *lane) Handle(ctx context.Context, batch []stream.Record) error {
	if err := l.send(ctx); err != nil {
		return err
	}
	began := time.Now()
	events, err := l.read(ctx, batch, began)
	if err != nil {
		return l.forget(err)
	}
	read := time.Now()
	l.passed("read")
	if err := l.load(ctx, events); err != nil {
		return l.forget(err)
	}
	loaded := time.Now()
	l.passed("load")
	err = l.decideAll(ctx, events)
	decided := time.Now()
	l.passed("decide")
	if err == nil {
		err = l.commit(ctx)
	}
	if err != nil {
		return l.forget(err)
	}
	l.passed("commit")
	committed := time.Now()
	if err := l.send(ctx); err != nil {
		return err
	}
	l.passed("send")
	l.metrics.observe(events, began, read, loaded, decided, committed, time.Now())
	return nil
}

// forget lets go of a turn that failed. What it folded is not in state: it is
// to be read again.
func (l *lane) forget(err error) error {
	l.cache.clear()
	for _, p := range l.owned {
		p.turn.end()
		p.timers = nil
	}
	return err
}

// send hands what is committed to the log, and keeps it until the log has it.
func (l *lane) send(ctx context.Context) error {
	if len(l.unsent) == 0 {
		return nil
	}
	if err := l.log.Produce(ctx, l.unsent...); err != nil {
		return err
	}
	clear(l.unsent)
	l.unsent = l.unsent[:0]
	return nil
}

// begin makes a partition's turn ready.
func (l *lane) begin(ctx context.Context, p *partition) error {
	if p.timers == nil || p.timers.short() {
		if err := l.loadTimers(ctx, p); err != nil {
			return err
		}
	}
	p.turn.begin(p.next)
	return nil
}

// read decodes the records that are not done yet. What is no event goes out to
// quarantine, and the partition moves on.
func (l *lane) read(ctx context.Context, batch []stream.Record, now time.Time) ([]event, error) {
	clear(l.events)
	events := slices.Grow(l.events[:0], len(batch))
	for i := range batch {
		r := &batch[i]
		p := l.owned[r.Partition]
		if r.Offset < p.next {
			continue
		}
		if !p.turn.open {
			p.touched = now
			if err := l.begin(ctx, p); err != nil {
				return nil, err
			}
		}
		p.turn.begin(r.Offset + 1)
		events = append(events, event{Record: r, of: p, parent: r.Header("traceparent")})
		e := &events[len(events)-1].Event
		err := r.Decode(e)
		if err == nil && (e.Shopper == "" || e.ID == "" || e.Type == "" || e.Time.IsZero()) {
			err = errors.New("an event has an id, a type, a shopper and a time")
		}
		if err != nil {
			events = events[:len(events)-1]
			if err := l.quarantine(p, r, offers.ReasonSchema, err); err != nil {
				return nil, err
			}
		}
	}
	l.events = events
	return events, nil
}

func (l *lane) quarantine(p *partition, r *stream.Record, reason offers.Reason, cause error) error {
	l.metrics.quarantined.WithLabelValues(string(reason)).Inc()
	q, err := r.Quarantined(source, reason, cause)
	p.turn.said = append(p.turn.said, q)
	return err
}

// load reads the profiles of the batch's shoppers that the cache lacks.
func (l *lane) load(ctx context.Context, events []event) error {
	reads := map[int]*state.Read{}
	absent := map[int][]*offers.Profile{}
	clear(l.active)
	for i := range events {
		e := &events[i]
		if l.active[e.Shopper] != nil {
			continue
		}
		p := &offers.Profile{Shopper: e.Shopper}
		l.active[e.Shopper] = p
		if packed := l.cache.get(e.Shopper); packed != nil {
			if err := state.DecodeProfile(packed, p); err != nil {
				return fmt.Errorf("%s: %w", e.Shopper, err)
			}
			continue
		}
		if reads[e.Partition] == nil {
			reads[e.Partition] = &state.Read{Partition: e.Partition}
		}
		reads[e.Partition].Keys = append(reads[e.Partition].Keys, state.ProfileKey(e.Partition, e.Shopper))
		absent[e.Partition] = append(absent[e.Partition], p)
	}
	l.metrics.lookups.Add(float64(len(events)))
	if len(reads) == 0 {
		return nil
	}
	all := make([]state.Read, 0, len(reads))
	for _, r := range reads {
		all = append(all, *r)
	}
	loaded, err := l.state.Load(ctx, Group, all)
	if err != nil {
		return err
	}
	for i, read := range all {
		p := l.owned[read.Partition]
		if got := loaded[i].Offset; got != p.next && !(got < 0 && p.fresh) {
			return fmt.Errorf("partition %d: state is at %d, not %d: %w", p.number, got, p.next, stream.ErrFenced)
		}
		for j, value := range loaded[i].Values {
			if value == nil {
				continue
			}
			profile := absent[p.number][j]
			if err := state.DecodeProfile(value, profile); err != nil {
				return fmt.Errorf("%s: %w", read.Keys[j], err)
			}
			l.cache.put(profile.Shopper, value)
		}
		l.metrics.misses.Add(float64(len(read.Keys)))
	}
	return nil
}

// decideAll folds and decides the events in their order.
func (l *lane) decideAll(ctx context.Context, events []event) error {
	engine, model := l.engine.Load(), l.ranker(ctx, false)
	for i := range events {
		e := &events[i]
		p := e.of
		if err := l.decide(engine, model, e, p); err != nil {
			return err
		}
		p.timers.reach(&e.Event, l.config.Disorder)
		rang, err := p.ring(p.timers.watermark)
		if err != nil {
			return err
		}
		if rang > 0 {
			l.metrics.timers.WithLabelValues("watermark").Add(float64(rang))
		}
	}
	return nil
}

// decide takes one event to its shopper's profile, or on to who the shopper is
// now.
func (l *lane) decide(engine *decide.Engine, model decide.Ranker, e *event, p *partition) error {
	profile := l.active[e.Shopper]
	switch {
	case stale(&e.Event, profile):
		l.metrics.repeats.Inc()
		return nil
	case profile.Into != "" && e.Type != offers.Merged && !leaves(e):
		e.Shopper = profile.Into
		r, err := stream.EventRecord(&e.Event, source, stream.ChildSpan(e.parent, string(e.ID)))
		p.turn.said = append(p.turn.said, r)
		return err
	case !firstTime(profile, cmp.Or(e.Retells, e.ID)):
		l.metrics.repeats.Inc()
		if e.Placed == nil {
			return nil
		}
		p.turn.change(profile)
		return l.place(e, profile, p) // who asked was told of the later one
	}
	if e.Type == offers.TimerDue && e.parent == "" { // whoever rang did not know it
		e.parent = stream.ChildSpan(profile.Trace, string(e.ID))
	}
	wake, said := profile.Wake, len(p.turn.said)
	p.turn.change(profile)
	if err := l.decideOne(engine, model, e, profile, p); err != nil {
		l.logger.Error("event failed in the decider", "partition", e.Partition, "offset", e.Offset, "err", err)
		p.turn.said = p.turn.said[:said]
		if err := l.quarantine(p, e.Record, offers.ReasonPoison, err); err != nil {
			return err
		}
	}
	if !profile.Wake.Equal(wake) {
		at := wakeTime(profile.Wake)
		if profile.Trace = e.parent; at.IsZero() {
			profile.Trace = ""
		}
		p.turn.wake(profile.Shopper, at)
		p.timers.set(profile.Shopper, at, profile.Trace)
	}
	return nil
}

// decideOne folds one event and decides its moment. What it says goes to the
// partition's turn. A record that makes it fail, even by a panic in a rule's
// library, must not hold up the partition for ever: it comes back as an error.
func (l *lane) decideOne(engine *decide.Engine, model decide.Ranker, e *event, profile *offers.Profile, p *partition) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: panic: %v", offers.ErrInvalid, r)
		}
	}()
	if e.Type == offers.Merged {
		moved, err := moveOut(e, profile)
		p.turn.said = append(p.turn.said, moved...)
		return err
	}
	if late := decide.Fold(engine.Features(), profile, &e.Event); late > 0 {
		l.metrics.lateFeatures.Add(float64(late))
	}
	if err := l.advance(engine, e, profile, p); err != nil {
		return err
	}
	late := l.late(e, p)
	if e.Placed != nil {
		return l.place(e, profile, p)
	}
	if !engine.Triggers(&e.Event) {
		return nil
	}
	d, adopted := p.settled[e.Offset]
	if !adopted {
		d = engine.Decide(&decide.Moment{
			ID:     decide.DecisionID(e.Partition, e.Offset, 0),
			Offset: e.Offset, Event: &e.Event, Profile: profile, Late: late,
		}, model)
		r, err := l.recorder.record(d, e.parent)
		if err != nil {
			return err
		}
		p.turn.said = append(p.turn.said, r)
	}
	decide.Remember(profile, d)
	l.metrics.decisions.WithLabelValues(string(d.Verdict)).Inc()
	return nil
}

// late counts an event that comes behind the watermark. How far, it returns if
// that is beyond what is allowed: what it led to would be an offer for a moment
// long past.
func (l *lane) late(e *event, p *partition) time.Duration {
	behind := p.timers.behind(&e.Event)
	if behind <= 0 {
		return 0
	}
	beyond := behind > l.config.Lateness
	if e.Type != offers.TimerDue || beyond { // a timer in time is behind the watermark that rang it
		l.metrics.late.WithLabelValues(strconv.FormatBool(!beyond)).Inc()
	}
	if !beyond {
		return 0
	}
	return behind
}

// commit writes the turns that are open, each partition's as one, and moves on.
func (l *lane) commit(ctx context.Context) error {
	var open []*partition
	var commits []state.Commit
	for _, p := range l.owned {
		if !p.turn.open {
			continue
		}
		c, err := p.commit(&l.packing)
		if err != nil {
			return err
		}
		open, commits = append(open, p), append(commits, c)
	}
	err := l.state.Commit(ctx, Group, commits)
	if errors.Is(err, state.ErrFenced) {
		return fmt.Errorf("%w: %w", stream.ErrFenced, err)
	}
	if err != nil {
		return err
	}
	for i, p := range open {
		for j, id := range p.turn.packed {
			l.cache.update(id, commits[i].Values[j])
		}
		l.unsent = append(l.unsent, p.turn.said...)
		p.next, p.fresh, p.timers.kept = p.turn.to, false, true
		p.turn.end()
		l.metrics.watermark.WithLabelValues(strconv.Itoa(p.number)).Set(float64(p.timers.watermark.UnixMilli()) / 1000)
	}
	return nil
}

// recentEvents is how many events back a repeat is known as one. Clients that
// retry resend their last batch, of at most a few dozen events a person.
const recentEvents = 32

// firstTime tells whether the profile has not folded the event before, and
// notes that it has now.
func firstTime(p *offers.Profile, id offers.EventID) bool {
	h := fnv.New64a()
	h.Write([]byte(id))
	sum := h.Sum64()
	for i := 0; i+8 <= len(p.Recent); i += 8 {
		if binary.LittleEndian.Uint64(p.Recent[i:]) == sum {
			return false
		}
	}
	if over := len(p.Recent) + 8 - 8*recentEvents; over > 0 {
		p.Recent = slices.Delete(p.Recent, 0, over)
	}
	p.Recent = binary.LittleEndian.AppendUint64(p.Recent, sum)
	return true
}

package decider

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/goccy/go-json"

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
	next    map[int]int64                      // by partition, the offset to process next
	fresh   map[int]bool                       // partitions whose state holds no offset yet
	settled map[int]map[int64]*offers.Decision // decisions that the log has beyond the state's offset
	cache   *profiles                          // what this lane wrote or read, by shopper
	unsent  []stream.Record                    // committed to state, not yet known to be in the log
}

// Assign begins where the state says. Decisions that the state's outbox holds
// but the log lacks are emitted; those that the log holds but the state lacks
// (it lost its tail) are remembered, and adopted when their event comes again.
func (l *lane) Assign(ctx context.Context, owned []stream.Partition) (map[stream.Partition]int64, error) {
	l.next, l.fresh, l.settled = map[int]int64{}, map[int]bool{}, map[int]map[int64]*offers.Decision{}
	l.cache, l.unsent = newProfiles(l.config.CacheProfiles), nil
	numbers := make([]int, len(owned))
	for i, p := range owned {
		numbers[i] = p.Number
	}
	kept, err := l.state.LoadOutbox(ctx, Group, numbers)
	if err != nil {
		return nil, err
	}
	begin := map[stream.Partition]int64{}
	for i, p := range owned {
		offset := max(kept[i].Offset, 0)
		l.fresh[p.Number] = kept[i].Offset < 0
		l.next[p.Number], begin[p] = offset, offset
		if err := l.recover(ctx, p.Number, offset, kept[i].Outbox); err != nil {
			return nil, fmt.Errorf("partition %d: %w", p.Number, err)
		}
	}
	return begin, nil
}

// recover makes log and state of a partition agree.
func (l *lane) recover(ctx context.Context, partition int, offset int64, packed []byte) error {
	logged, err := l.decisionsSince(ctx, partition, offset)
	if err != nil {
		return err
	}
	l.settled[partition] = map[int64]*offers.Decision{}
	for _, d := range logged {
		if d.Offset >= offset {
			l.settled[partition][d.Offset] = d
		}
	}
	outbox, err := unpackOutbox(packed)
	if err != nil {
		return err
	}
	var again []stream.Record
	for _, r := range outbox {
		if r.Stream == stream.Decisions && logged[offers.DecisionID(r.Header("ce_id"))] != nil {
			continue
		}
		again = append(again, r)
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

// event is a record of the batch, read.
type event struct {
	offers.Event
	*stream.Record
}

// Handle takes a batch through the room. Called again with the same batch
// after ErrUnavailable, it goes on where it stood.
func (l *lane) Handle(ctx context.Context, batch []stream.Record) error {
	if err := l.send(ctx); err != nil {
		return err
	}
	began := time.Now()
	events, out, err := l.read(batch)
	if err != nil || len(events)+len(out) == 0 {
		return err
	}
	read := time.Now()
	if err := l.load(ctx, events); err != nil {
		return err
	}
	loaded := time.Now()
	changed, err := l.decideAll(events, out)
	decided := time.Now()
	if err == nil {
		err = l.commit(ctx, batch, changed, out)
	}
	if err != nil {
		l.cache.clear() // what was folded is not in state: forget it, and read it again
		return err
	}
	l.cache.trim()
	committed := time.Now()
	for _, records := range out {
		l.unsent = append(l.unsent, records...)
	}
	if err := l.send(ctx); err != nil {
		return err
	}
	l.metrics.observe(events, began, read, loaded, decided, committed, time.Now())
	return nil
}

// send hands what is committed to the log, and keeps it until the log has it.
func (l *lane) send(ctx context.Context) error {
	if len(l.unsent) == 0 {
		return nil
	}
	if err := l.log.Produce(ctx, l.unsent...); err != nil {
		return err
	}
	l.unsent = l.unsent[:0]
	return nil
}

// read decodes the records that are not done yet. What is no event goes out to
// quarantine, and the partition moves on.
func (l *lane) read(batch []stream.Record) ([]event, outgoing, error) {
	events := make([]event, 0, len(batch))
	out := outgoing{}
	for i := range batch {
		r := &batch[i]
		if r.Offset < l.next[r.Partition] {
			continue
		}
		events = append(events, event{Record: r})
		e := &events[len(events)-1].Event
		err := r.Decode(e)
		if err == nil && (e.Shopper == "" || e.ID == "" || e.Type == "" || e.Time.IsZero()) {
			err = errors.New("an event has an id, a type, a shopper and a time")
		}
		if err != nil {
			events = events[:len(events)-1]
			if err := l.quarantine(out, r, offers.ReasonSchema, err); err != nil {
				return nil, nil, err
			}
		}
	}
	return events, out, nil
}

// outgoing is what each partition has to say.
type outgoing map[int][]stream.Record

func (l *lane) quarantine(out outgoing, r *stream.Record, reason offers.Reason, cause error) error {
	l.metrics.quarantined.WithLabelValues(string(reason)).Inc()
	q, err := r.Quarantined(source, reason, cause)
	out[r.Partition] = append(out[r.Partition], q)
	return err
}

// load reads the profiles of the batch's shoppers that the cache lacks.
func (l *lane) load(ctx context.Context, events []event) error {
	missing := map[int][]string{}
	ids := map[int][]offers.ShopperID{}
	for i := range events {
		e := &events[i]
		if l.cache.get(e.Shopper) != nil || slices.Contains(ids[e.Partition], e.Shopper) {
			continue
		}
		missing[e.Partition] = append(missing[e.Partition], state.ProfileKey(e.Partition, e.Shopper))
		ids[e.Partition] = append(ids[e.Partition], e.Shopper)
	}
	if len(missing) == 0 {
		return nil
	}
	reads := make([]state.Read, 0, len(missing))
	for p, keys := range missing {
		reads = append(reads, state.Read{Partition: p, Keys: keys})
	}
	loaded, err := l.state.Load(ctx, Group, reads)
	if err != nil {
		return err
	}
	for i, read := range reads {
		if got := loaded[i].Offset; got != l.next[read.Partition] && !(got < 0 && l.fresh[read.Partition]) {
			return fmt.Errorf("partition %d: state is at %d, not %d: %w", read.Partition, got, l.next[read.Partition], stream.ErrFenced)
		}
		for j, value := range loaded[i].Values {
			p := &offers.Profile{Shopper: ids[read.Partition][j]}
			if value != nil {
				if err := json.Unmarshal(value, p); err != nil {
					return fmt.Errorf("profile %s: %w: %w", p.Shopper, offers.ErrInvalid, err)
				}
			}
			l.cache.put(p)
			l.metrics.misses.Inc()
		}
	}
	return nil
}

// changes is what each partition's shoppers have become.
type changes map[int]map[offers.ShopperID]*offers.Profile

// decideAll folds and decides the events in their order, adds what they lead
// to to out, and returns the profiles that changed.
func (l *lane) decideAll(events []event, out outgoing) (changes, error) {
	engine, model := l.engine.Load(), l.model.Load()
	changed := changes{}
	for i := range events {
		e := &events[i]
		p := l.cache.get(e.Shopper)
		if p.Into != "" && e.Type != offers.Merged && !leaves(e) {
			e.Shopper = p.Into
			r, err := stream.EventRecord(&e.Event, source, stream.ChildSpan(e.Header("traceparent"), string(e.ID)))
			if err != nil {
				return nil, err
			}
			out[e.Partition] = append(out[e.Partition], r)
			continue
		}
		if !firstTime(p, cmp.Or(e.Retells, e.ID)) {
			l.metrics.repeats.Inc()
			continue
		}
		if changed[e.Partition] == nil {
			changed[e.Partition] = map[offers.ShopperID]*offers.Profile{}
		}
		changed[e.Partition][e.Shopper] = p
		said, err := l.decideOne(engine, model, e, p)
		if err != nil {
			l.logger.Error("event failed in the decider", "partition", e.Partition, "offset", e.Offset, "err", err)
			if err := l.quarantine(out, e.Record, offers.ReasonPoison, err); err != nil {
				return nil, err
			}
			continue
		}
		out[e.Partition] = append(out[e.Partition], said...)
	}
	return changed, nil
}

// decideOne folds one event and decides its moment. What it says goes to the
// log. A record that makes it fail, even by a panic in a rule's library, must
// not hold up the partition for ever: it comes back as an error.
func (l *lane) decideOne(engine *decide.Engine, model decide.Ranker, e *event, p *offers.Profile) (said []stream.Record, err error) {
	defer func() {
		if r := recover(); r != nil {
			said, err = nil, fmt.Errorf("%w: panic: %v", offers.ErrInvalid, r)
		}
	}()
	if e.Type == offers.Merged {
		return moveOut(e, p)
	}
	decide.Fold(l.features, p, &e.Event)
	if !engine.Triggers(&e.Event) {
		return nil, nil
	}
	d, adopted := l.settled[e.Partition][e.Offset]
	if !adopted {
		d = engine.Decide(&decide.Moment{
			ID:     decide.DecisionID(e.Partition, e.Offset, 0),
			Offset: e.Offset, Event: &e.Event, Profile: p,
		}, model)
		r, err := decisionRecord(d, e.Header("traceparent"))
		if err != nil {
			return nil, err
		}
		said = []stream.Record{r}
	}
	remember(p, d)
	l.metrics.decisions.WithLabelValues(string(d.Verdict)).Inc()
	return said, nil
}

// commit writes profiles, offset and outbox of each partition as one, and
// moves on to the offset behind the batch.
func (l *lane) commit(ctx context.Context, batch []stream.Record, changed changes, out outgoing) error {
	to := map[int]int64{}
	for i := range batch {
		if r := &batch[i]; r.Offset >= l.next[r.Partition] {
			to[r.Partition] = r.Offset + 1
		}
	}
	commits := make([]state.Commit, 0, len(to))
	for partition, next := range to {
		c := state.Commit{Partition: partition, From: l.next[partition], To: next, Outbox: packOutbox(out[partition])}
		if l.fresh[partition] {
			c.From = -1
		}
		for id, p := range changed[partition] {
			value, err := json.Marshal(p)
			if err != nil {
				return fmt.Errorf("profile %s: %w: %w", id, offers.ErrInvalid, err)
			}
			c.Keys = append(c.Keys, state.ProfileKey(partition, id))
			c.Values = append(c.Values, value)
		}
		commits = append(commits, c)
	}
	err := l.state.Commit(ctx, Group, commits)
	if errors.Is(err, state.ErrFenced) {
		return fmt.Errorf("%w: %w", stream.ErrFenced, err)
	}
	if err != nil {
		return err
	}
	for partition, next := range to {
		l.next[partition], l.fresh[partition] = next, false
	}
	return nil
}

// remember notes in the profile that an offer was decided, for caps and
// cooldowns: at once, not when it is sent, so that two moments in a row do not
// both spend the same allowance.
func remember(p *offers.Profile, d *offers.Decision) {
	if d.Verdict != offers.Offered || d.Offer == nil {
		return
	}
	p.Contacts = append(p.Contacts, offers.Contact{Decision: d.ID, Campaign: d.Campaign, Offer: d.Offer.ID, At: d.Time})
	if over := len(p.Contacts) - offers.MaxContacts; over > 0 {
		p.Contacts = slices.Delete(p.Contacts, 0, over)
	}
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
	p.Recent = binary.LittleEndian.AppendUint64(p.Recent, sum)
	if over := len(p.Recent) - 8*recentEvents; over > 0 {
		p.Recent = slices.Delete(p.Recent, 0, over)
	}
	return true
}

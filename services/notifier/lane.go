package notifier

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/goccy/go-json"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

// lane keeps the deliveries that decisions ask for, and hands them to the
// workers. It does not wait for them: a provider that is down holds up nothing.
type lane struct {
	*Notifier
	next map[int]int64 // by partition, the next decision to read as state has it; -1: it has none
}

// offsetKey is how far a partition's decisions are kept as tasks. It lies with
// them, so that they are read again if Redis forgets them.
func offsetKey(partition int) string { return state.Key(partition, "offset", Group) }

// Assign begins where state was left, or at the start where it knows of nothing.
func (l *lane) Assign(ctx context.Context, owned []stream.Partition) (map[stream.Partition]int64, error) {
	offsets, err := l.offsets(ctx, owned)
	if err != nil {
		return nil, err
	}
	l.next = map[int]int64{}
	from := map[stream.Partition]int64{}
	for i, p := range owned {
		l.next[p.Number], from[p] = offsets[i], max(offsets[i], 0)
	}
	return from, nil
}

// Idle looks whether state still is where it was left: what it forgets is read
// again, although nothing new comes.
func (l *lane) Idle(ctx context.Context, partitions []stream.Partition) error {
	offsets, err := l.offsets(ctx, partitions)
	if err != nil {
		return err
	}
	for i, p := range partitions {
		if offsets[i] != l.next[p.Number] {
			return fmt.Errorf("deliveries: %w", stream.ErrFenced)
		}
	}
	return nil
}

// offsets are how far partitions are kept, as state has it; -1: it has none.
func (l *lane) offsets(ctx context.Context, partitions []stream.Partition) ([]int64, error) {
	pipe := l.state.Client().Pipeline()
	reads := make([]*redis.StringCmd, len(partitions))
	for i, p := range partitions {
		reads[i] = pipe.Get(ctx, offsetKey(p.Number))
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
	}
	offsets := make([]int64, len(partitions))
	for i, read := range reads {
		offset, err := read.Int64()
		switch {
		case errors.Is(err, redis.Nil):
			offset = -1
		case err != nil:
			return nil, fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
		}
		offsets[i] = offset
	}
	return offsets, nil
}

// handoff is how long the workers have before the poll looks for a new task.
const handoff = time.Second

// share is what a batch has of one partition.
type share struct {
	to    int64 // the next decision to read
	tasks []*task
	at    []time.Time // when their decisions were put on the log
}

// Handle keeps the deliveries of a batch.
func (l *lane) Handle(ctx context.Context, batch []stream.Record) error {
	now := time.Now()
	shares := map[int]*share{}
	var quarantined []stream.Record
	for i := range batch {
		r := &batch[i]
		s := shares[r.Partition]
		if s == nil {
			s = new(share)
			shares[r.Partition] = s
		}
		s.to = r.Offset + 1
		var d offers.Decision
		err := r.Decode(&d)
		if err == nil && (d.ID == "" || d.Shopper == "" || d.Verdict == "") {
			err = fmt.Errorf("%w: a decision has an id, a shopper and a verdict", offers.ErrInvalid)
		}
		if err != nil {
			q, err := r.Quarantined(source, offers.ReasonSchema, err)
			if err != nil {
				return err
			}
			quarantined = append(quarantined, q)
			l.metrics.quarantined.Inc()
			continue
		}
		for _, t := range tasksOf(&d, r.Partition, r.Header("traceparent"), now) {
			if l.channels[t.Channel] == nil || now.Sub(t.Expires) > staleAfter {
				l.metrics.skipped.Inc()
				continue
			}
			s.tasks, s.at = append(s.tasks, t), append(s.at, r.Time)
		}
	}
	if len(quarantined) > 0 {
		if err := l.log.Produce(ctx, quarantined...); err != nil {
			return err
		}
	}
	return l.keep(ctx, shares, now)
}

// keep keeps tasks in one round trip, and hands those that are new to the workers.
func (l *lane) keep(ctx context.Context, shares map[int]*share, now time.Time) error {
	pipe := l.state.Client().Pipeline()
	answers := make(map[int]*redis.Cmd, len(shares))
	for p, s := range shares {
		keys := []string{offsetKey(p), dueKey(p), forgotKey(p)}
		args := []any{strconv.FormatInt(l.next[p], 10), strconv.FormatInt(s.to, 10), now.Add(handoff).UnixMilli(), l.config.Lease.Milliseconds()}
		for i, t := range s.tasks {
			value, err := json.Marshal(t)
			if err != nil {
				return fmt.Errorf("delivery %s: %w: %w", t.ID, offers.ErrInvalid, err)
			}
			keys = append(keys, t.key(), contactsKey(t))
			args = append(args, string(t.ID), value, t.lifetime(now).Milliseconds(), s.at[i].UnixMilli(), t.contact(tagsOf(l.campaignOf(t))))
		}
		answers[p] = enqueueScript.EvalSha(ctx, pipe, keys, args...)
	}
	_, err := pipe.Exec(ctx)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		if err := l.recall(ctx); err != nil {
			return err
		}
		return fmt.Errorf("deliveries: %w: state began anew", offers.ErrUnavailable)
	}
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
	}
	fenced := false
	for p, s := range shares {
		fresh, err := answers[p].Int64Slice()
		if err != nil || len(fresh) != len(s.tasks) {
			fenced = true // state is not where it was left: it forgot, or another owner reads on
			continue
		}
		l.next[p] = s.to
		for i, t := range s.tasks {
			if fresh[i] == 1 {
				l.submit(t)
			}
		}
	}
	if fenced {
		return fmt.Errorf("deliveries: %w", stream.ErrFenced)
	}
	return nil
}

package notifier

import (
	"context"
	"fmt"
	"time"

	"github.com/goccy/go-json"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/services/stream"
)

// lane keeps the deliveries that decisions ask for, and hands them to the
// workers. It does not wait for them: a provider that is down holds up nothing.
type lane struct{ *Notifier }

// Assign begins where the group's commit is: a decision that is read again is
// kept already.
func (l *lane) Assign(context.Context, []stream.Partition) (map[stream.Partition]int64, error) {
	return nil, nil
}

// handoff is how long the workers have before the poll looks for a new task.
const handoff = time.Second

// Handle keeps the deliveries of a batch.
func (l *lane) Handle(ctx context.Context, batch []stream.Record) error {
	now := time.Now()
	var tasks []*task
	var quarantined []stream.Record
	for i := range batch {
		r := &batch[i]
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
			tasks = append(tasks, t)
		}
	}
	fresh, err := l.enqueue(ctx, tasks, now)
	if err != nil {
		return err
	}
	for _, t := range fresh {
		l.submit(t)
	}
	if len(quarantined) == 0 {
		return nil
	}
	return l.log.Produce(ctx, quarantined...)
}

// enqueue keeps tasks in one round trip, and returns those that are new.
func (l *lane) enqueue(ctx context.Context, tasks []*task, now time.Time) ([]*task, error) {
	if len(tasks) == 0 {
		return nil, nil
	}
	pipe := l.state.Client().Pipeline()
	added := make([]*redis.Cmd, len(tasks))
	for i, t := range tasks {
		value, err := json.Marshal(t)
		if err != nil {
			return nil, fmt.Errorf("delivery %s: %w: %w", t.ID, offers.ErrInvalid, err)
		}
		// Eval, not EvalSha: a pipeline cannot load a script on the way.
		added[i] = pipe.Eval(ctx, enqueueScript, []string{t.key(), t.keyDue()},
			string(t.ID), value, now.Add(handoff).UnixMilli(), t.lifetime(now).Milliseconds())
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
	}
	fresh := tasks[:0]
	for i, t := range tasks {
		if n, _ := added[i].Int(); n == 1 {
			fresh = append(fresh, t)
		}
	}
	return fresh, nil
}

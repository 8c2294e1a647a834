package notifier

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

const (
	pollEvery = 250 * time.Millisecond
	pollMost  = 256 // deliveries of a partition in one poll
	// journalGrace is how long a change may take to reach the log before the
	// poll takes it for one that was left behind by a crash.
	journalGrace = 3 * time.Second
)

// poll looks for deliveries that are due, of every partition, whichever process
// read their decisions: what was held, what failed, what a crash left behind.
// The guard sees to it that two who look find it once.
func (n *Notifier) poll(ctx context.Context) error {
	now := time.Now()
	partitions := n.log.Partitions()
	pipe := n.state.Client().Pipeline()
	due, waiting := make([]*redis.StringSliceCmd, partitions), make([]*redis.IntCmd, partitions)
	unlogged := make([]*redis.StringSliceCmd, partitions)
	upTo := &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(now.UnixMilli(), 10), Count: pollMost}
	for p := range partitions {
		due[p] = pipe.ZRangeByScore(ctx, dueKey(p), upTo)
		waiting[p] = pipe.ZCard(ctx, dueKey(p))
		unlogged[p] = pipe.LRange(ctx, unloggedKey(p), 0, pollMost-1)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
	}
	count := int64(0)
	for p := range partitions {
		count += waiting[p].Val()
		if err := n.resume(ctx, p, due[p].Val()); err != nil {
			return err
		}
		if err := n.relog(ctx, p, unlogged[p].Val(), now); err != nil {
			return err
		}
	}
	n.metrics.waiting.Set(float64(count))
	return nil
}

// resume hands deliveries that are due to the workers.
func (n *Notifier) resume(ctx context.Context, partition int, due []string) error {
	var ids []offers.DeliveryID
	for _, id := range due {
		if _, busy := n.busy.Load(offers.DeliveryID(id)); !busy {
			ids = append(ids, offers.DeliveryID(id))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	tasks, _, err := n.loadTasks(ctx, partition, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		t := tasks[id]
		if t == nil || n.work[t.Channel] == nil { // forgotten, or no channel of this house any more
			n.state.Client().ZRem(ctx, dueKey(partition), string(id))
			continue
		}
		n.submit(t)
	}
	return nil
}

// relog puts changes on the log that somebody kept and did not come to log.
func (n *Notifier) relog(ctx context.Context, partition int, entries []string, now time.Time) error {
	var left []string
	var ids []offers.DeliveryID
	for _, entry := range entries {
		c, ok := parseChange(entry)
		if !ok {
			n.state.Client().LRem(ctx, unloggedKey(partition), 1, entry)
			continue
		}
		if now.Sub(c.at) > journalGrace {
			left, ids = append(left, entry), append(ids, c.id)
		}
	}
	if len(left) == 0 {
		return nil
	}
	tasks, codes, err := n.loadTasks(ctx, partition, ids)
	if err != nil {
		return err
	}
	var all []logged
	for i, entry := range left {
		if t := tasks[ids[i]]; t != nil {
			all = append(all, logged{t, codes[ids[i]], entry})
		}
	}
	return n.write(ctx, all)
}

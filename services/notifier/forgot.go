package notifier

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/services/state"
)

// Redis may forget what it was told last, when it is killed or when a replica
// takes over: a claim, say, whose message is out. A Redis that began anew is known
// by its scripts: they are never kept. So the guard's script is only ever put in
// here, after everything that may have been claimed was made unknown, and nothing
// can pass the guard before.

// forgotKey is when a partition's Redis was last found to have begun anew, in Unix
// ms: what is older on the log may have been sent.
func forgotKey(partition int) string { return state.Key(partition, "deliveries", "forgot") }

// remembering is a lock on recall, so that one process does it.
const (
	remembering     = "{deliveries}:remembering"
	remembersWithin = 10 * time.Second
)

// eval runs a script that is put in by recall only.
func (n *Notifier) eval(ctx context.Context, script *redis.Script, keys []string, args ...any) *redis.Cmd {
	cmd := script.EvalSha(ctx, n.state.Client(), keys, args...)
	if redis.HasErrorPrefix(cmd.Err(), "NOSCRIPT") {
		if err := n.recall(ctx); err != nil {
			cmd.SetErr(err)
			return cmd
		}
		cmd = script.EvalSha(ctx, n.state.Client(), keys, args...)
	}
	return cmd
}

// recall makes sure that nothing is sent again which a Redis that began anew has
// forgotten.
func (n *Notifier) recall(ctx context.Context) error {
	client := n.state.Client()
	for {
		known, err := client.ScriptExists(ctx, guardScript.Hash(), enqueueScript.Hash()).Result()
		if err != nil {
			return fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
		}
		if known[0] && known[1] {
			return nil
		}
		mine, err := client.SetNX(ctx, remembering, 1, remembersWithin).Result()
		if err != nil {
			return fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
		}
		if mine {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	now := time.Now()
	count := 0
	for p := range n.log.Partitions() {
		if err := client.Set(ctx, forgotKey(p), now.UnixMilli(), 0).Err(); err != nil {
			return fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
		}
		found, err := n.suspect(ctx, p, now)
		if err != nil {
			return err
		}
		count += found
	}
	for _, script := range []*redis.Script{guardScript, enqueueScript} {
		if err := script.Load(ctx, client).Err(); err != nil {
			return fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
		}
	}
	// If this fails the lock ends by itself.
	_ = client.Del(ctx, remembering).Err()
	n.logger.Info("state began anew: what it may have forgotten is asked for before it is sent", "deliveries", count)
	return nil
}

// suspect makes unknown what a forgotten claim may have sent: what was due. An
// attempt that is still under way ends within its lease, so nobody looks before.
func (n *Notifier) suspect(ctx context.Context, partition int, now time.Time) (int, error) {
	due, err := n.state.Client().ZRangeByScore(ctx, dueKey(partition), &redis.ZRangeBy{
		Min: "-inf", Max: strconv.FormatInt(now.Add(handoff).UnixMilli(), 10),
	}).Result()
	if err != nil {
		return 0, fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
	}
	count := 0
	for ; len(due) > 0; due = due[min(pollMost, len(due)):] {
		var ids []offers.DeliveryID
		for _, id := range due[:min(pollMost, len(due))] {
			ids = append(ids, offers.DeliveryID(id))
		}
		tasks, _, err := n.loadTasks(ctx, partition, ids)
		if err != nil {
			return 0, err
		}
		pipe := n.state.Client().Pipeline()
		var made []*redis.Cmd
		for _, t := range tasks {
			// Eval, not EvalSha: a pipeline cannot load a script on the way.
			made = append(made, suspectScript.Eval(ctx, pipe, []string{t.key(), t.keyDue(), contactsKey(t)},
				now.UnixMilli(), now.Add(n.config.Lease).UnixMilli(), string(t.ID), t.contact(tagsOf(n.campaignOf(t)))))
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return 0, fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
		}
		for _, m := range made {
			if is, _ := m.Int(); is == 1 {
				count++
			}
		}
	}
	return count, nil
}

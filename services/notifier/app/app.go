// Package app puts offers where the shopper's app shows them: in an inbox of
// their own.
package app

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/goccy/go-json"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/services/notifier/channel"
	"aisle/services/state"
)

const (
	kept = 50                 // most offers in an inbox
	stay = 7 * 24 * time.Hour // how long an inbox outlives its last offer
)

// Channel is the inbox of the app. Safe for concurrent use.
type Channel struct{ store *state.Store }

// New makes the channel.
func New(store *state.Store) *Channel { return &Channel{store} }

// Provider is app.
func (*Channel) Provider() string { return "app" }

// put adds an offer once and lets the oldest go where there are too many. An
// offer's time lies beside it in a sorted set, so that none has to be read to
// find the oldest. KEYS: inbox, times. ARGV: decision, JSON, time and lifetime
// in ms, how many are kept.
var put = redis.NewScript(`
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
local over = redis.call('ZCARD', KEYS[2]) - ARGV[5]
if over > 0 then
  for _, old in ipairs(redis.call('ZPOPMIN', KEYS[2], over)) do redis.call('HDEL', KEYS[1], old) end
end
for _, key in ipairs(KEYS) do
  if redis.call('PTTL', key) < tonumber(ARGV[4]) then redis.call('PEXPIRE', key, ARGV[4]) end
end
return 1`)

// Send puts an offer into the inbox. It is there once, however often it is sent.
func (c *Channel) Send(ctx context.Context, m channel.Message) (string, error) {
	value, err := json.Marshal(m.Entry)
	if err != nil {
		return "", fmt.Errorf("inbox: %w: %w", offers.ErrInvalid, err)
	}
	key := state.InboxKey(m.Partition, m.Shopper)
	lifetime := max(m.Entry.Expires.Sub(m.Entry.At), 0) + stay
	err = put.Run(ctx, c.store.Client(), []string{key, key + ":times"},
		string(m.Entry.Decision), value, m.Entry.At.UnixMilli(), strconv.FormatInt(lifetime.Milliseconds(), 10), kept).Err()
	if err != nil {
		return "", fmt.Errorf("inbox: %w: %w", channel.ErrUnknown, err)
	}
	return string(m.Entry.Decision), nil
}

// Find looks into the inbox.
func (c *Channel) Find(ctx context.Context, m channel.Message) (string, bool, error) {
	found, err := c.store.Client().HExists(ctx, state.InboxKey(m.Partition, m.Shopper), string(m.Entry.Decision)).Result()
	if err != nil {
		return "", false, fmt.Errorf("inbox: %w: %w", offers.ErrUnavailable, err)
	}
	return string(m.Entry.Decision), found, nil
}

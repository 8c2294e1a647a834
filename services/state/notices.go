package state

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/goccy/go-json"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// Notice is a message that somebody asked for a moment ago and is about nothing
// that is sold: a code to sign in with. It lies here and not on the log, which
// would keep the code for longer than it is good.
type Notice struct {
	ID       string         `json:"id"`
	Channel  offers.Channel `json:"channel"`
	To       string         `json:"to"`
	Title    string         `json:"title"`
	Text     string         `json:"text"`
	Language string         `json:"language,omitempty"`
	Until    time.Time      `json:"until"` // it is worth nothing afterwards
}

const (
	noticesKey  = "{notices}"
	noticesMost = 1_000
	noticesKept = 10 * time.Minute // should nobody carry them
)

// AskNotice asks the notifier to send a notice. ErrUnavailable: too many wait.
func (s *Store) AskNotice(ctx context.Context, n Notice) error {
	value, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("notice: %w: %w", offers.ErrInvalid, err)
	}
	waiting, err := s.client.LLen(ctx, noticesKey).Result()
	if err != nil {
		return s.failed("notice", err)
	}
	if waiting >= noticesMost {
		return fmt.Errorf("notice: %w: %d wait to be sent", offers.ErrUnavailable, waiting)
	}
	pipe := s.client.Pipeline()
	pipe.LPush(ctx, noticesKey, value)
	pipe.Expire(ctx, noticesKey, noticesKept)
	if _, err := pipe.Exec(ctx); err != nil {
		return s.failed("notice", err)
	}
	return nil
}

// TakeNotice takes the oldest that waits; ok is false where there is none. What
// was taken is not given again, also if who took it fails: whoever waits for a
// code asks for another, and never gets two of one.
func (s *Store) TakeNotice(ctx context.Context) (n Notice, ok bool, err error) {
	value, err := s.client.RPop(ctx, noticesKey).Bytes()
	if errors.Is(err, redis.Nil) {
		return n, false, nil
	}
	if err != nil {
		return n, false, s.failed("notice", err)
	}
	if err := json.Unmarshal(value, &n); err != nil {
		return n, false, fmt.Errorf("notice: %w: %w", offers.ErrInvalid, err)
	}
	return n, true, nil
}

package state

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// Acknowledgement says who has seen to an alert.
type Acknowledgement struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

const (
	acknowledgedKey = "{alerts}:acknowledged" // a hash of alert to Acknowledgement
	acknowledgedFor = 12 * time.Hour          // then somebody is told again
)

// Acknowledge notes that somebody has seen to an alert.
func (s *Store) Acknowledge(ctx context.Context, alert string, a Acknowledgement) error {
	value, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("alert %s: %w: %w", alert, offers.ErrInvalid, err)
	}
	pipe := s.client.TxPipeline()
	pipe.HSet(ctx, acknowledgedKey, alert, value)
	pipe.Expire(ctx, acknowledgedKey, acknowledgedFor)
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("alert %s: %w: %w", alert, offers.ErrUnavailable, err)
	}
	return nil
}

// Acknowledged are the alerts that somebody has seen to within half a day.
func (s *Store) Acknowledged(ctx context.Context, now time.Time) (map[string]Acknowledgement, error) {
	values, err := s.client.HGetAll(ctx, acknowledgedKey).Result()
	if err != nil {
		return nil, fmt.Errorf("alerts: %w: %w", offers.ErrUnavailable, err)
	}
	all := make(map[string]Acknowledgement, len(values))
	for alert, value := range values {
		var a Acknowledgement
		if err := json.Unmarshal([]byte(value), &a); err != nil {
			return nil, fmt.Errorf("alert %s: %w: %w", alert, offers.ErrInvalid, err)
		}
		if now.Sub(a.At) < acknowledgedFor {
			all[alert] = a
		}
	}
	return all, nil
}

// Told is what staff were told of an alert where they do not look at the wall.
type Told struct {
	Text  string    `json:"text"`
	Since time.Time `json:"since"`
	Seen  time.Time `json:"-"` // by any console
}

const (
	toldKey    = "{alerts}:told"     // a hash of alert to Told
	seenKey    = "{alerts}:seen"     // a sorted set of them, by when one was seen last, in Unix ms
	tellingKey = "{alerts}:telling:" // who tells of one now
)

// Told are the alerts that staff were told of and not yet that they are over.
func (s *Store) Told(ctx context.Context) (map[string]Told, error) {
	pipe := s.client.Pipeline()
	values, seen := pipe.HGetAll(ctx, toldKey), pipe.ZRangeWithScores(ctx, seenKey, 0, -1)
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("alerts: %w: %w", offers.ErrUnavailable, err)
	}
	all := make(map[string]Told, len(values.Val()))
	for alert, value := range values.Val() {
		var t Told
		if err := json.Unmarshal([]byte(value), &t); err != nil {
			return nil, fmt.Errorf("alert %s: %w: %w", alert, offers.ErrInvalid, err)
		}
		all[alert] = t
	}
	for _, z := range seen.Val() {
		if t, ok := all[z.Member.(string)]; ok {
			t.Seen = time.UnixMilli(int64(z.Score)).UTC()
			all[z.Member.(string)] = t
		}
	}
	return all, nil
}

// SawAlerts notes that alerts that staff were told of are still there.
func (s *Store) SawAlerts(ctx context.Context, alerts []string, now time.Time) error {
	members := make([]redis.Z, len(alerts))
	for i, alert := range alerts {
		members[i] = redis.Z{Score: float64(now.UnixMilli()), Member: alert}
	}
	if err := s.client.ZAddArgs(ctx, seenKey, redis.ZAddArgs{XX: true, GT: true, Members: members}).Err(); err != nil {
		return fmt.Errorf("alerts: %w: %w", offers.ErrUnavailable, err)
	}
	return nil
}

// claimTelling lets one console at a time tell of an alert: that it is there, if
// nobody was told, or that it is over, if nobody has seen it since a time.
// KEYS: told, seen, telling. ARGV: alert, since when in Unix ms, or empty, lease.
var claimTelling = redis.NewScript(`
local told = redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1
if told ~= (ARGV[2] ~= '') then return 0 end
if told and tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or '0') > tonumber(ARGV[2]) then return 0 end
return redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[3]) and 1 or 0`)

// ClaimTelling tells whether the caller is to tell staff of an alert, within a
// lease: that it is there, or, where unseen is a time, that nobody has seen it
// since. Who could not tell gives the claim back.
func (s *Store) ClaimTelling(ctx context.Context, alert string, unseen time.Time, lease time.Duration) (bool, error) {
	since := ""
	if !unseen.IsZero() {
		since = strconv.FormatInt(unseen.UnixMilli(), 10)
	}
	mine, err := claimTelling.Run(ctx, s.client, []string{toldKey, seenKey, tellingKey + alert}, alert, since, lease.Milliseconds()).Bool()
	if err != nil {
		return false, fmt.Errorf("alert %s: %w: %w", alert, offers.ErrUnavailable, err)
	}
	return mine, nil
}

// GiveBackTelling ends a claim of somebody who could not tell.
func (s *Store) GiveBackTelling(ctx context.Context, alert string) error {
	return s.told(ctx, alert, func(redis.Pipeliner) {})
}

// KeepTold notes that staff were told of an alert, and ends the claim.
func (s *Store) KeepTold(ctx context.Context, alert string, t Told) error {
	value, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("alert %s: %w: %w", alert, offers.ErrInvalid, err)
	}
	return s.told(ctx, alert, func(pipe redis.Pipeliner) {
		pipe.HSet(ctx, toldKey, alert, value)
		pipe.ZAdd(ctx, seenKey, redis.Z{Score: float64(t.Seen.UnixMilli()), Member: alert})
	})
}

// KeepOver notes that staff were told that an alert is over, and ends the claim.
func (s *Store) KeepOver(ctx context.Context, alert string) error {
	return s.told(ctx, alert, func(pipe redis.Pipeliner) {
		pipe.HDel(ctx, toldKey, alert)
		pipe.ZRem(ctx, seenKey, alert)
	})
}

func (s *Store) told(ctx context.Context, alert string, note func(redis.Pipeliner)) error {
	pipe := s.client.TxPipeline()
	note(pipe)
	pipe.Del(ctx, tellingKey+alert)
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("alert %s: %w: %w", alert, offers.ErrUnavailable, err)
	}
	return nil
}

package state

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/vision/tally"
)

// What cameras counted, as their processes signed it: the lines of the latest
// hour, the sums of the latest days, and the keys that signed. The collector
// writes, whoever shows reads.
const (
	countersKeys = "{counters}:keys" // hash: fingerprint to JSON of CounterKey
	countersLast = "{counters}:last" // hash: camera and key to run and number of the last line

	countersKept    = 60 // lines of a camera
	countersDays    = 8 * 24 * time.Hour
	countersKeysMax = 1000
)

func countersLines(camera offers.CameraID) string { return "{counters}:lines:" + string(camera) }

func countersDay(camera offers.CameraID, day string) string {
	return "{counters}:day:" + day + ":" + string(camera)
}

// CounterKey is a public key of a cameras' process, as it was first told with
// the edge key of this house.
type CounterKey struct {
	Process string            `json:"process"`
	Public  ed25519.PublicKey `json:"public"` // Ed25519
	First   time.Time         `json:"first"`
}

// CameraCounters is what one camera counted.
type CameraCounters struct {
	Day   tally.Counts   // of the day that was asked for
	Lines []tally.Signed // newest first
}

// RegisterCounterKey keeps a process's public key, the first time that it is
// told. More keys than a chain has processes are ErrConflict.
func (s *Store) RegisterCounterKey(ctx context.Context, k CounterKey) error {
	if len(k.Public) != ed25519.PublicKeySize {
		return fmt.Errorf("state: counters: %w: a key of %d bytes", offers.ErrInvalid, len(k.Public))
	}
	id := tally.Fingerprint(k.Public)
	known, err := s.client.HExists(ctx, countersKeys, id).Result()
	if err != nil {
		return s.failed("counters", err)
	}
	if known {
		return nil
	}
	n, err := s.client.HLen(ctx, countersKeys).Result()
	if err != nil {
		return s.failed("counters", err)
	}
	if n >= countersKeysMax {
		return fmt.Errorf("state: counters: %w: there are %d keys already", offers.ErrConflict, n)
	}
	value, err := json.Marshal(&k)
	if err != nil {
		return fmt.Errorf("state: counters: %w: %w", offers.ErrInvalid, err)
	}
	if err := s.client.HSetNX(ctx, countersKeys, id, value).Err(); err != nil {
		return s.failed("counters", err)
	}
	return nil
}

// CounterKeys are all that ever signed, by their fingerprints.
func (s *Store) CounterKeys(ctx context.Context) (map[string]CounterKey, error) {
	fields, err := s.client.HGetAll(ctx, countersKeys).Result()
	if err != nil {
		return nil, s.failed("counters", err)
	}
	keys := make(map[string]CounterKey, len(fields))
	for id, value := range fields {
		var k CounterKey
		if err := json.Unmarshal([]byte(value), &k); err == nil {
			keys[id] = k
		}
	}
	return keys, nil
}

// addLine keeps a line and adds it to its day, unless the run has told it, or a
// later one, before. KEYS: last, lines, day. ARGV: camera and key, run, number,
// the line, lines to keep, seconds to keep the day, seen, poor, matched,
// unknown, discarded.
var addLine = redis.NewScript(`
local last = redis.call('HGET', KEYS[1], ARGV[1])
if last then
  local run, n = string.match(last, '^(%d+) (%d+)$')
  run, n = tonumber(run), tonumber(n)
  if tonumber(ARGV[2]) < run or tonumber(ARGV[2]) == run and tonumber(ARGV[3]) <= n then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3])
redis.call('LPUSH', KEYS[2], ARGV[4])
redis.call('LTRIM', KEYS[2], 0, ARGV[5] - 1)
for i, field in ipairs({'seen', 'too_poor', 'matched', 'unknown', 'discarded'}) do
  redis.call('HINCRBY', KEYS[3], field, ARGV[6 + i])
end
redis.call('EXPIRE', KEYS[3], ARGV[6])
return 1`)

// AddCounters keeps a signed line, once however often it is told; day is the
// shop's when the line ends, as 2026-11-21. The caller has verified it.
func (s *Store) AddCounters(ctx context.Context, signed tally.Signed, day string) error {
	l, err := tally.Parse(signed.Line)
	if err != nil {
		return fmt.Errorf("state: %w", err)
	}
	value, err := json.Marshal(&signed)
	if err != nil {
		return fmt.Errorf("state: counters: %w: %w", offers.ErrInvalid, err)
	}
	err = addLine.Run(ctx, s.client, []string{countersLast, countersLines(l.Camera), countersDay(l.Camera, day)},
		string(l.Camera)+" "+l.Key, l.Run.UnixMilli(), l.Number, value, countersKept, int(countersDays.Seconds()),
		l.Seen, l.Poor, l.Matched, l.Unknown, l.Discarded).Err()
	if err != nil && !errors.Is(err, redis.Nil) {
		return s.failed("counters", err)
	}
	return nil
}

// Counters is what cameras counted: on a day, as 2026-11-21, and their latest
// lines, at most so many. A camera that never told is there with nothing.
func (s *Store) Counters(ctx context.Context, cameras []offers.CameraID, day string, most int) (map[offers.CameraID]CameraCounters, error) {
	all := make(map[offers.CameraID]CameraCounters, len(cameras))
	if len(cameras) == 0 {
		return all, nil
	}
	type asked struct {
		lines *redis.StringSliceCmd
		day   *redis.MapStringStringCmd
	}
	pipe := s.client.Pipeline()
	asks := make(map[offers.CameraID]asked, len(cameras))
	for _, id := range cameras {
		asks[id] = asked{pipe.LRange(ctx, countersLines(id), 0, int64(max(most, 1)-1)), pipe.HGetAll(ctx, countersDay(id, day))}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, s.failed("counters", err)
	}
	for id, a := range asks {
		var c CameraCounters
		n := func(field string) int {
			v, _ := strconv.Atoi(a.day.Val()[field]) // nothing counted is nothing there
			return v
		}
		c.Day = tally.Counts{Seen: n("seen"), Poor: n("too_poor"), Matched: n("matched"), Unknown: n("unknown"), Discarded: n("discarded")}
		for _, value := range a.lines.Val()[:min(len(a.lines.Val()), max(most, 0))] {
			var signed tally.Signed
			if err := json.Unmarshal([]byte(value), &signed); err == nil {
				c.Lines = append(c.Lines, signed)
			}
		}
		all[id] = c
	}
	return all, nil
}

package state

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// ErrFenced says that the offset of a partition is not where the caller left
// it: another owner works there, or did.
var ErrFenced = fmt.Errorf("%w: another owner has moved the offset", offers.ErrConflict)

// Read names keys of one partition.
type Read struct {
	Partition int
	Keys      []string // made by Key, of that partition
}

// Loaded is what was there.
type Loaded struct {
	Offset int64    // the next to process; -1 if none was ever committed
	Outbox []byte   // only from LoadOutbox
	Values [][]byte // of the keys, in their order; nil where there is none
}

// Load reads keys and the group's offset of partitions, in one round trip and
// each partition as one. The results are in the order of reads.
func (s *Store) Load(ctx context.Context, group string, reads []Read) ([]Loaded, error) {
	if len(reads) == 0 {
		return nil, nil
	}
	defer s.metrics.time("load")()
	pipe := s.client.Pipeline()
	answers := make([]*redis.SliceCmd, len(reads))
	for i, r := range reads {
		keys := make([]string, 1, 1+len(r.Keys))
		keys[0] = offsetKey(r.Partition, group)
		answers[i] = pipe.MGet(ctx, append(keys, r.Keys...)...)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, s.failed("load", err)
	}
	out := make([]Loaded, len(reads))
	for i, a := range answers {
		values, err := raw(a)
		if err != nil {
			return nil, err
		}
		if out[i].Offset, err = offset(values[0]); err != nil {
			return nil, fmt.Errorf("state: partition %d: %w", reads[i].Partition, err)
		}
		out[i].Values = values[1:]
	}
	return out, nil
}

// LoadOutbox reads the offsets and outboxes of partitions, in one round trip.
func (s *Store) LoadOutbox(ctx context.Context, group string, partitions []int) ([]Loaded, error) {
	reads := make([]Read, len(partitions))
	for i, p := range partitions {
		reads[i] = Read{Partition: p, Keys: []string{outboxKey(p, group)}}
	}
	out, err := s.Load(ctx, group, reads)
	for i := range out {
		if len(out[i].Values[0]) > 0 {
			out[i].Outbox = out[i].Values[0]
		}
		out[i].Values = nil
	}
	return out, err
}

func raw(a *redis.SliceCmd) ([][]byte, error) {
	all, err := a.Result()
	if err != nil {
		return nil, failed("load", err)
	}
	out := make([][]byte, len(all))
	for i, v := range all {
		if v, ok := v.(string); ok {
			out[i] = []byte(v)
		}
	}
	return out, nil
}

func offset(b []byte) (int64, error) {
	if b == nil {
		return -1, nil
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("offset %q: %w", b, offers.ErrInvalid)
	}
	return n, nil
}

// Commit is what one batch changed in one partition.
type Commit struct {
	Partition  int
	From, To   int64    // From is the Offset as it was loaded, -1 if there was none; To is the next to process
	Keys       []string // made by Key, of that partition, as those of Delete and Increments
	Values     [][]byte // of Keys
	Delete     []string
	Increments []Increment
	Wakes      []Wake // the latest of each shopper
	Outbox     []byte // replaces the one before; empty: there is none
}

// Increment adds to a number in a hash.
type Increment struct {
	Key, Field string
	By         int64
}

// Wake is when somebody has to be looked at again although nothing happens. It
// is kept to the microsecond, in the partition's index of the group's.
type Wake struct {
	Shopper offers.ShopperID
	At      time.Time // zero: not any more
}

// commit writes one partition: by few commands, since a script pays for each and
// most commits need only one, but with about 2000 arguments, since Lua's stack is
// short. Offsets are compared as text, since Lua's numbers would not hold large
// ones. A script and not WATCH and EXEC: see
// docs/adr/0001-one-script-instead-of-watch.md.
//
// KEYS: offset, outbox, index of wakes, what is set, what is deleted, what is
// added to. ARGV: from, to, outbox, how many are set, deleted, added to; values of
// what is set; field and number of what is added to; pairs of what goes into the
// index, the time empty for what leaves it.
var commit = redis.NewScript(`
if (redis.call('GET', KEYS[1]) or '-1') ~= ARGV[1] then return 0 end
local n, deleted, added = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
for i = 1, deleted do redis.call('DEL', KEYS[3 + n + i]) end
for i = 1, added do redis.call('HINCRBY', KEYS[3 + n + deleted + i], ARGV[5 + n + 2 * i], ARGV[6 + n + 2 * i]) end
for i = 7 + n + 2 * added, #ARGV, 2 do
  if ARGV[i] == '' then
    redis.call('ZREM', KEYS[3], ARGV[i + 1])
  else
    redis.call('ZADD', KEYS[3], ARGV[i], ARGV[i + 1])
  end
end
for first = 1001, n, 1000 do
  local set = {}
  for i = first, math.min(first + 999, n) do
    set[#set + 1] = KEYS[3 + i]
    set[#set + 1] = ARGV[6 + i]
  end
  redis.call('MSET', unpack(set))
end
local set = {KEYS[1], ARGV[2], KEYS[2], ARGV[3]}
for i = 1, math.min(n, 1000) do
  set[#set + 1] = KEYS[3 + i]
  set[#set + 1] = ARGV[6 + i]
end
redis.call('MSET', unpack(set))
return 1`)

// Commit writes each partition's changes, offset and outbox as one, all in one
// round trip. A partition whose offset is not at From any more is left as it
// is, and the error is then ErrFenced; the others are written all the same. On
// ErrUnavailable some may have been written, or be yet: the same commit again
// is fenced then, and the owner must load anew.
func (s *Store) Commit(ctx context.Context, group string, commits []Commit) error {
	if len(commits) == 0 {
		return nil
	}
	defer s.metrics.time("commit")()
	keys, args := make([][]string, len(commits)), make([][]any, len(commits))
	for i, c := range commits {
		if len(c.Keys) != len(c.Values) {
			return fmt.Errorf("commit of partition %d: %w: %d keys, %d values", c.Partition, offers.ErrInvalid, len(c.Keys), len(c.Values))
		}
		keys[i], args[i] = c.keys(group), c.args()
	}
	answers, err := s.runAll(ctx, commit, keys, args)
	if err != nil {
		return s.failed("commit", err)
	}
	for i, a := range answers {
		if n, err := a.Int(); err != nil {
			return s.failed("commit", err)
		} else if n == 0 {
			s.metrics.fenced.Inc()
			return fmt.Errorf("commit of partition %d from %d: %w", commits[i].Partition, commits[i].From, ErrFenced)
		}
	}
	return nil
}

func (c *Commit) keys(group string) []string {
	k := make([]string, 0, 3+len(c.Keys)+len(c.Delete)+len(c.Increments))
	k = append(k, offsetKey(c.Partition, group), outboxKey(c.Partition, group), wakesKey(c.Partition, group))
	k = append(append(k, c.Keys...), c.Delete...)
	for i := range c.Increments {
		k = append(k, c.Increments[i].Key)
	}
	return k
}

func (c *Commit) args() []any {
	a := make([]any, 6, 6+len(c.Values)+2*len(c.Increments)+2*len(c.Wakes))
	a[0], a[1], a[2], a[3], a[4], a[5] = c.From, c.To, c.Outbox, len(c.Values), len(c.Delete), len(c.Increments)
	if c.Outbox == nil {
		a[2] = ""
	}
	for _, v := range c.Values {
		a = append(a, v)
	}
	for i := range c.Increments {
		a = append(a, c.Increments[i].Field, c.Increments[i].By)
	}
	for _, w := range c.Wakes {
		if w.At.IsZero() {
			a = append(a, "", string(w.Shopper))
		} else {
			a = append(a, w.At.UnixMicro(), string(w.Shopper))
		}
	}
	return a
}

// Wakes are the soonest n of a partition's index, soonest first.
func (s *Store) Wakes(ctx context.Context, group string, partition, n int) ([]Wake, error) {
	all, err := s.client.ZRangeWithScores(ctx, wakesKey(partition, group), 0, int64(n-1)).Result()
	if err != nil {
		return nil, s.failed("wakes", err)
	}
	out := make([]Wake, len(all))
	for i, z := range all {
		shopper, _ := z.Member.(string)
		out[i] = Wake{offers.ShopperID(shopper), time.UnixMicro(int64(z.Score)).UTC()}
	}
	return out, nil
}

// runAll runs a script for each of keys, in one round trip; in two where a
// server does not know the script yet.
func (s *Store) runAll(ctx context.Context, script *redis.Script, keys [][]string, args [][]any) ([]*redis.Cmd, error) {
	answers := make([]*redis.Cmd, len(keys))
	pipe := s.client.Pipeline()
	for i := range keys {
		answers[i] = script.EvalSha(ctx, pipe, keys[i], args[i]...)
	}
	_, err := pipe.Exec(ctx)
	if err == nil {
		return answers, nil
	}
	var unknown []int
	for i, a := range answers {
		if err := a.Err(); err != nil {
			if !redis.HasErrorPrefix(err, "NOSCRIPT") {
				return nil, err
			}
			unknown = append(unknown, i)
		}
	}
	pipe = s.client.Pipeline()
	for _, i := range unknown {
		answers[i] = script.Eval(ctx, pipe, keys[i], args[i]...)
	}
	_, err = pipe.Exec(ctx)
	return answers, err
}

func (s *Store) failed(operation string, err error) error {
	s.metrics.failures.WithLabelValues(operation).Inc()
	return failed(operation, err)
}

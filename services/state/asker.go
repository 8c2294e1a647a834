package state

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// Asking reads what is kept under a key, nil if nothing is, and whose identifiers
// these are, as Owners does: in one round trip, for doors that answer at once.
// The key may be empty.
func (s *Store) Asking(ctx context.Context, key string, ids []offers.Identifier) (kept []byte, owners []offers.ShopperID, err error) {
	if key == "" && len(ids) == 0 {
		return nil, nil, nil
	}
	pipe := s.client.Pipeline()
	var value *redis.StringCmd
	if key != "" {
		value = pipe.Get(ctx, key)
	}
	got := make([]*redis.StringCmd, len(ids))
	for i, id := range ids {
		got[i] = pipe.Get(ctx, idKey(id))
	}
	if err := runAll(ctx, pipe); err != nil {
		return nil, nil, s.failed("asking", err)
	}
	if value != nil {
		kept, _ = value.Bytes() // runAll has told of errors
	}
	owners = make([]offers.ShopperID, len(ids))
	for i, c := range got {
		owners[i] = offers.ShopperID(c.Val())
	}
	return kept, owners, nil
}

// Asker is a shopper who asks for offers, as state has them.
type Asker struct {
	Shopper offers.ShopperID // after all merges
	Trace   string
	Profile []byte // packed; nil: nothing is known
	Placed  []byte // as SetPlaced left it, at the same instant
	// Consents that hold now: state has them before their event is folded.
	Consents map[offers.Purpose]offers.Consent
}

// Asker reads who asks, in one round trip, and one more for each merge. It opens
// or renews their trace. PartitionOf is the log's.
func (s *Store) Asker(ctx context.Context, shopper offers.ShopperID, partitionOf func(key string) int, newTrace func() string) (*Asker, error) {
	given := shopper
	for range maxHops {
		partition, trace := partitionOf(string(shopper)), newTrace()
		pipe := s.client.Pipeline()
		into := pipe.HGet(ctx, shopperKey(shopper), "into")
		pipe.ExpireXX(ctx, shopperKey(shopper), anonymousTTL) // only who is anonymous has a time to live
		open := new(view).openTrace(ctx, pipe, shopper, trace)
		values := pipe.MGet(ctx, placedKey(partition, shopper), ProfileKey(partition, shopper))
		consents := pipe.HGetAll(ctx, ConsentKey(partition, shopper))
		if err := runAll(ctx, pipe); err != nil {
			return nil, s.failed("asker", err)
		}
		if next := offers.ShopperID(into.Val()); next != "" {
			shopper = next
			continue
		}
		all, err := raw(values)
		if err != nil {
			return nil, err
		}
		a := &Asker{Shopper: shopper, Trace: cmp.Or(open.Val(), trace), Placed: all[0], Profile: all[1]}
		a.Consents, err = parseConsents(consents.Val())
		return a, err
	}
	return nil, fmt.Errorf("asker: merges of %s go in a circle: %w", given, offers.ErrConflict)
}

// placedKey is where lies what a shopper's pages were told to show and their
// profile does not know yet: the doors' own, in a form of theirs.
func placedKey(partition int, shopper offers.ShopperID) string {
	return Key(partition, "placed", string(shopper))
}

// setPlaced replaces a value, if it is still what the caller read.
// KEYS: the value. ARGV: as it was, ” for none; as it is to be; milliseconds to
// keep it.
var setPlaced = redis.NewScript(`
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`)

// SetPlaced replaces what Asker gave as Placed, for so long. It reports false,
// and does nothing, where somebody else has replaced it since: whoever decided
// by it has to decide anew.
func (s *Store) SetPlaced(ctx context.Context, partition int, shopper offers.ShopperID, before, after []byte, kept time.Duration) (bool, error) {
	n, err := setPlaced.Run(ctx, s.client, []string{placedKey(partition, shopper)}, string(before), after, kept.Milliseconds()).Int()
	if err != nil {
		return false, s.failed("placed", err)
	}
	return n == 1, nil
}

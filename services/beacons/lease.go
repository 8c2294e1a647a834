package beacons

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// Several doors that listen to one broker share the shops among them: each shop
// is one door's at a time, by a lease. Which one's, all agree on without a word,
// by the highest hash of shop and door (rendezvous hashing, Thaler and Ravishankar
// 1998). A door that is gone loses its shops when its leases are over; the next
// one goes on with the stays.
const (
	doorsKey   = "{beacons}:doors"  // sorted set: doors by when they were last there
	leasesKey  = "{beacons}:leases" // hash: shop to "<unix milliseconds> <door>"
	leaseFor   = 10 * time.Second
	leaseEvery = 2 * time.Second
)

// lease takes and prolongs the shops of a door, and gives others back. KEYS: the
// leases. ARGV: door, now, until, the number of shops wanted, these, and those to
// give back. It returns the wanted ones that are the door's.
var lease = redis.NewScript(`
local mine, n = {}, tonumber(ARGV[4])
for i = 5, #ARGV do
  local old = redis.call('HGET', KEYS[1], ARGV[i])
  local ends, door = string.match(old or '', '^(%d+) (.*)$')
  if i < 5 + n then
    if not ends or door == ARGV[1] or tonumber(ends) < tonumber(ARGV[2]) then
      redis.call('HSET', KEYS[1], ARGV[i], ARGV[3] .. ' ' .. ARGV[1])
      mine[#mine+1] = ARGV[i]
    end
  elseif door == ARGV[1] then
    redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
return mine`)

// doorName is another one for each process; the same after a restart where a
// port of its own tells doors apart, so that it need not wait for itself.
func (b *Beacons) doorName() string {
	host, err := os.Hostname()
	if err != nil || b.addr == "" {
		return rand.Text()
	}
	return host + "/" + b.addr
}

// share finds out which shops are this door's from now on, and tells whether
// they are others than before. On an error all stays as it was.
func (w *worker) share(ctx context.Context, now time.Time) (changed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	pipe := w.state.Client().Pipeline()
	pipe.ZAdd(ctx, doorsKey, redis.Z{Score: float64(now.UnixMilli()), Member: w.name})
	pipe.ZRemRangeByScore(ctx, doorsKey, "-inf", fmt.Sprint(now.Add(-leaseFor).UnixMilli()))
	there := pipe.ZRange(ctx, doorsKey, 0, -1)
	if _, err := pipe.Exec(ctx); err != nil {
		return false, fmt.Errorf("beacons: shops: %w: %w", offers.ErrUnavailable, err)
	}
	var wanted, others []any
	for id := range w.shops.Now().Shops {
		if rendezvous(there.Val(), id) == w.name {
			wanted = append(wanted, string(id))
		} else if w.mine[id] {
			others = append(others, string(id))
		}
	}
	args := append([]any{w.name, now.UnixMilli(), now.Add(leaseFor).UnixMilli(), len(wanted)}, append(wanted, others...)...)
	got, err := lease.Run(ctx, w.state.Client(), []string{leasesKey}, args...).StringSlice()
	if err != nil && !errors.Is(err, redis.Nil) {
		return false, fmt.Errorf("beacons: shops: %w: %w", offers.ErrUnavailable, err)
	}
	mine := map[offers.ShopID]bool{}
	for _, id := range got {
		mine[offers.ShopID(id)] = true
	}
	changed = !maps.Equal(mine, w.mine)
	w.mine = mine
	return changed, nil
}

// rendezvous is whose a shop is among doors.
func rendezvous(doors []string, shop offers.ShopID) string {
	return slices.MaxFunc(doors, func(a, b string) int {
		return compareHash(a, b, shop)
	})
}

func compareHash(a, b string, shop offers.ShopID) int {
	x, y := hashOf(a, shop), hashOf(b, shop)
	switch {
	case x < y || x == y && a < b:
		return -1
	case a == b:
		return 0
	}
	return 1
}

func hashOf(door string, shop offers.ShopID) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(door + "\x00" + string(shop))) // documented never to fail
	x := h.Sum64()
	x ^= x >> 33 // fnv alone mixes the last bytes badly
	x *= 0xff51afd7ed558ccd
	return x ^ x>>33
}

// leave gives back all shops, so that the next door need not wait.
func (w *worker) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	args := []any{w.name, 0, 0, 0}
	for id := range w.mine {
		args = append(args, string(id))
	}
	// What fails here ends by itself when the time is over.
	_ = lease.Run(ctx, w.state.Client(), []string{leasesKey}, args...).Err()
	_ = w.state.Client().ZRem(ctx, doorsKey, w.name).Err()
}

package state

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// A Device is what the shop senses with, by its kind and its name on the floor
// plan: "receiver/rx-door", "camera/cam-door".
type Device string

// Receiver is the device that hears tags under this id.
func Receiver(id offers.ReceiverID) Device { return Device("receiver/" + string(id)) }

// Camera is the device that sees under this id.
func Camera(id offers.CameraID) Device { return Device("camera/" + string(id)) }

// healthKey is where it stands when devices were last heard of: a hash of
// device to unix milliseconds.
const healthKey = "{health}:devices"

// heard keeps the latest of each device: what was spooled may come behind what
// is new. KEYS: the hash. ARGV: device, unix milliseconds, and so on.
var heard = redis.NewScript(`
for i = 1, #ARGV, 2 do
  local old = redis.call('HGET', KEYS[1], ARGV[i])
  if not old or tonumber(old) < tonumber(ARGV[i+1]) then redis.call('HSET', KEYS[1], ARGV[i], ARGV[i+1]) end
end`)

// Heard notes when devices were heard of, in one round trip. It may be called
// again, and in any order.
func (s *Store) Heard(ctx context.Context, devices map[Device]time.Time) error {
	if len(devices) == 0 {
		return nil
	}
	args := make([]any, 0, 2*len(devices))
	for d, at := range devices {
		args = append(args, string(d), at.UnixMilli())
	}
	if err := heard.Run(ctx, s.client, []string{healthKey}, args...).Err(); err != nil && !errors.Is(err, redis.Nil) {
		return s.failed("health", err)
	}
	return nil
}

// Devices are those that were ever heard of, and when they last were, to the
// millisecond.
func (s *Store) Devices(ctx context.Context) (map[Device]time.Time, error) {
	fields, err := s.client.HGetAll(ctx, healthKey).Result()
	if err != nil {
		return nil, s.failed("health", err)
	}
	devices := make(map[Device]time.Time, len(fields))
	for d, at := range fields {
		if ms, err := strconv.ParseInt(at, 10, 64); err == nil {
			devices[Device(d)] = time.UnixMilli(ms)
		}
	}
	return devices, nil
}

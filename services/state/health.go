package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// receiversKey is how each receiver does: a hash of its id to JSON of
// ReceiverHealth.
const receiversKey = "{health}:receivers"

// ReceiverHealth is how a receiver does, beside when it was last heard of.
type ReceiverHealth struct {
	Last        time.Time `json:"last,omitzero"`
	PacketsPerS float64   `json:"packets_per_s"`
	AheadMs     int64     `json:"ahead_ms,omitempty"` // its clock of the house's, where it tells times
	Status      string    `json:"status,omitempty"`   // online, or offline by its last will
	Firmware    string    `json:"firmware,omitempty"`
}

// TellReceivers notes how receivers do.
func (s *Store) TellReceivers(ctx context.Context, receivers map[offers.ReceiverID]ReceiverHealth) error {
	if len(receivers) == 0 {
		return nil
	}
	fields := make([]any, 0, 2*len(receivers))
	for id, h := range receivers {
		value, err := json.Marshal(&h)
		if err != nil {
			return fmt.Errorf("state: receiver %q: %w: %w", id, offers.ErrInvalid, err)
		}
		fields = append(fields, string(id), value)
	}
	if err := s.client.HSet(ctx, receiversKey, fields...).Err(); err != nil {
		return s.failed("health", err)
	}
	return nil
}

// Receivers is how the receivers did when they were last told of. What cannot
// be read is left out.
func (s *Store) Receivers(ctx context.Context) (map[offers.ReceiverID]ReceiverHealth, error) {
	fields, err := s.client.HGetAll(ctx, receiversKey).Result()
	if err != nil {
		return nil, s.failed("health", err)
	}
	receivers := make(map[offers.ReceiverID]ReceiverHealth, len(fields))
	for id, value := range fields {
		var h ReceiverHealth
		if err := json.Unmarshal([]byte(value), &h); err == nil {
			receivers[offers.ReceiverID(id)] = h
		}
	}
	return receivers, nil
}

package state

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// ConsentKey is where a shopper's consents lie: a hash of purpose to
// "<1 granted or 0> <unix milliseconds> <source>". The notifier's guard reads
// it in its script.
func ConsentKey(partition int, shopper offers.ShopperID) string {
	return Key(partition, "consent", string(shopper))
}

// setConsent keeps the newest; of two at the same time the refusal.
// KEYS: the hash. ARGV: purpose, granted, unix milliseconds, source.
var setConsent = redis.NewScript(`
local old = redis.call('HGET', KEYS[1], ARGV[1])
if old then
  local granted, at = string.match(old, '^([01]) (%d+)')
  at = tonumber(at)
  if at > tonumber(ARGV[3]) or (at == tonumber(ARGV[3]) and granted == '0') then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. ARGV[4])
return 1`)

// SetConsent keeps a consent, unless a newer one for its purpose is there. It
// may be called again, and in any order.
func (s *Store) SetConsent(ctx context.Context, partition int, shopper offers.ShopperID, c offers.Consent) error {
	if shopper == "" || c.Purpose == "" || c.At.Before(time.Unix(0, 0)) {
		return fmt.Errorf("consent: %w: it has a shopper, a purpose and a time", offers.ErrInvalid)
	}
	granted := 0
	if c.Granted {
		granted = 1
	}
	err := setConsent.Run(ctx, s.client, []string{ConsentKey(partition, shopper)}, string(c.Purpose), granted, c.At.UnixMilli(), c.Source).Err()
	if err != nil {
		return s.failed("consent", err)
	}
	return nil
}

// Consents are the newest of each purpose that the shopper was ever asked for,
// to the millisecond.
func (s *Store) Consents(ctx context.Context, partition int, shopper offers.ShopperID) (map[offers.Purpose]offers.Consent, error) {
	fields, err := s.client.HGetAll(ctx, ConsentKey(partition, shopper)).Result()
	if err != nil {
		return nil, s.failed("consent", err)
	}
	out := make(map[offers.Purpose]offers.Consent, len(fields))
	for purpose, v := range fields {
		c, err := parseConsent(v)
		if err != nil {
			return nil, fmt.Errorf("consent %s: %w", purpose, err)
		}
		c.Purpose = offers.Purpose(purpose)
		out[c.Purpose] = c
	}
	return out, nil
}

var errConsent = errors.New(`it is not "1|0 milliseconds source"`)

func parseConsent(v string) (offers.Consent, error) {
	var c offers.Consent
	granted, rest, ok := strings.Cut(v, " ")
	at, source, ok2 := strings.Cut(rest, " ")
	n, err := strconv.ParseInt(at, 10, 64)
	if !ok || !ok2 || err != nil || (granted != "0" && granted != "1") {
		return c, fmt.Errorf("%w: %w", offers.ErrInvalid, errConsent)
	}
	return offers.Consent{Granted: granted == "1", At: time.UnixMilli(n).UTC(), Source: source}, nil
}

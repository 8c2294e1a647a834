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
	return parseConsents(fields)
}

func parseConsents(fields map[string]string) (map[offers.Purpose]offers.Consent, error) {
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

// consentBeforeKey is where lies what a winner had answered where a merge
// changed it: a hash of "<loser> <purpose>" to the answer, "-" if there was
// none.
func consentBeforeKey(partition int, winner offers.ShopperID) string {
	return ConsentKey(partition, winner) + ":before"
}

// carryConsent is setConsent for what a merge brings, and keeps what it changes.
// KEYS: the winner's consents, those before. ARGV: purpose, the loser's answer,
// the loser.
var carryConsent = redis.NewScript(`
local old = redis.call('HGET', KEYS[1], ARGV[1])
if old == ARGV[2] then return 0 end
if old then
  local granted, at = string.match(old, '^([01]) (%d+)')
  local g, new = string.match(ARGV[2], '^([01]) (%d+)')
  at, new = tonumber(at), tonumber(new)
  if at > new or (at == new and granted == '0') then return 0 end
end
redis.call('HSETNX', KEYS[2], ARGV[3] .. ' ' .. ARGV[1], old or '-')
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1`)

// restoreConsent undoes carryConsent. Where it is not known what the winner had
// answered before, a yes becomes a no.
// KEYS: the winner's consents, those before. ARGV: purpose, the loser's answer,
// the loser, the no.
var restoreConsent = redis.NewScript(`
local field = ARGV[3] .. ' ' .. ARGV[1]
local was = redis.call('HGET', KEYS[2], field)
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
  if was == '-' then redis.call('HDEL', KEYS[1], ARGV[1])
  elseif was then redis.call('HSET', KEYS[1], ARGV[1], was)
  elseif string.sub(ARGV[2], 1, 1) == '1' then redis.call('HSET', KEYS[1], ARGV[1], ARGV[4]) end
end
local all = redis.call('HGETALL', KEYS[2])
for i = 1, #all, 2 do
  if all[i] ~= field and all[i + 1] == ARGV[2] and string.sub(all[i], -#ARGV[1] - 1) == ' ' .. ARGV[1] then
    redis.call('HSET', KEYS[2], all[i], was or '-')
  end
end
redis.call('HDEL', KEYS[2], field)
return 1`)

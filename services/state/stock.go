package state

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// What may be given away of a campaign's offers, and what it may cost, is counted
// when a message goes out: a unit is taken for its decision, by however many
// channels that goes, and comes back when the offer expires unredeemed. Redeemed,
// it is the shopper's; where that is taken back, it is as before. All of a campaign
// lies in one slot.
var (
	// ErrOutOfStock says that all units of the offer are given away.
	ErrOutOfStock = fmt.Errorf("%w: all of it are given away", offers.ErrConflict)
	// ErrOverBudget says that the campaign's budget is spoken for.
	ErrOverBudget = fmt.Errorf("%w: the budget of the campaign is spoken for", offers.ErrConflict)
)

// Unit is what one decision takes of an offer.
type Unit struct {
	Campaign offers.CampaignID
	Offer    offers.OfferID
	Decision offers.DecisionID
	Channel  offers.Channel
	Expires  time.Time
	Stock    int   // units that there are; 0: any number
	Cost     int64 // of this one, in minor units of the budget
	Budget   int64 // of the campaign, in minor units; 0: any
}

// Limited tells whether there is anything to count.
func (u *Unit) Limited() bool { return u.Stock > 0 || u.Budget > 0 }

// keys are the decisions that hold units, by when those come back; what each of
// them holds: "offer cost,channel,channel,"; the sums; and which use of its code
// each has followed.
func (u *Unit) keys() []string {
	tag := "{units:" + string(u.Campaign) + "}:"
	return []string{tag + "until", tag + "held", tag + "sums", tag + "uses"}
}

// follow is shared by the scripts of redemptions: what tells of an earlier use, or
// of this one once more, does nothing. ARGV: decision, use.
const follow = `
if tonumber(redis.call('HGET', KEYS[4], ARGV[1]) or '0') >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[4], ARGV[1], ARGV[2])
`

// dropUnit is shared by the scripts: what a decision holds comes back.
const dropUnit = `
local function drop(decision)
  local held = redis.call('HGET', KEYS[2], decision)
  if held then
    local cost, offer = string.match(held, '^(%d+) ([^\31]*)')
    redis.call('HINCRBY', KEYS[3], 'offer/' .. offer, -1)
    if cost ~= '0' then redis.call('HINCRBY', KEYS[3], 'spent', '-' .. cost) end -- Lua writes 0 less 0 as -0
    redis.call('HDEL', KEYS[2], decision)
  end
  redis.call('ZREM', KEYS[1], decision)
end
`

// ARGV: now, decision, channel, offer, cost, stock, budget, expires. Returns: 0 if
// it is held, 1 without stock, 2 without budget.
var reserveUnit = redis.NewScript(dropUnit + `
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1000)) do drop(gone) end
local held = redis.call('HGET', KEYS[2], ARGV[2])
if held then
  if not string.find(held .. '\31', '\31' .. ARGV[3] .. '\31', 1, true) then
    redis.call('HSET', KEYS[2], ARGV[2], held .. '\31' .. ARGV[3])
  end
  return 0
end
local stock, budget = tonumber(ARGV[6]), tonumber(ARGV[7])
if stock > 0 and tonumber(redis.call('HGET', KEYS[3], 'offer/' .. ARGV[4]) or '0') >= stock then return 1 end
if budget > 0 and tonumber(redis.call('HGET', KEYS[3], 'spent') or '0') + ARGV[5] > budget then return 2 end
redis.call('HINCRBY', KEYS[3], 'offer/' .. ARGV[4], 1)
redis.call('HINCRBY', KEYS[3], 'spent', ARGV[5])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[5] .. ' ' .. ARGV[4] .. '\31' .. ARGV[3])
redis.call('ZADD', KEYS[1], ARGV[8], ARGV[2])
return 0`)

// ARGV: decision, channel.
var releaseUnit = redis.NewScript(dropUnit + `
local held = redis.call('HGET', KEYS[2], ARGV[1])
if not held or not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
local kept, channels = string.match(held, '^([^\31]*)(.*)$')
local left = ''
for channel in string.gmatch(channels, '[^\31]+') do
  if channel ~= ARGV[2] then left = left .. '\31' .. channel end
end
if left == '' then drop(ARGV[1]) else redis.call('HSET', KEYS[2], ARGV[1], kept .. left) end
return 1`)

// ARGV: decision, use, offer, cost.
var takeUnit = redis.NewScript(follow + `
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 then
  redis.call('HINCRBY', KEYS[3], 'offer/' .. ARGV[3], 1)
  redis.call('HINCRBY', KEYS[3], 'spent', ARGV[4])
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[4] .. ' ' .. ARGV[3])
end
return redis.call('ZREM', KEYS[1], ARGV[1])`)

// ARGV: decision, use, now, expires.
var returnUnit = redis.NewScript(dropUnit + follow + `
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 then return 0 end
if tonumber(ARGV[4]) > tonumber(ARGV[3]) then redis.call('ZADD', KEYS[1], ARGV[4], ARGV[1]) else drop(ARGV[1]) end
return 1`)

// ReserveUnit takes a unit for a decision, once however often it is asked.
// Errors: ErrOutOfStock, ErrOverBudget, ErrUnavailable.
func (s *Store) ReserveUnit(ctx context.Context, u Unit, now time.Time) error {
	answer, err := reserveUnit.Run(ctx, s.client, u.keys(), now.UnixMilli(), string(u.Decision), string(u.Channel),
		string(u.Offer), u.Cost, u.Stock, u.Budget, u.Expires.UnixMilli()).Int()
	switch {
	case err != nil:
		return s.failed("units", err)
	case answer == 1:
		return fmt.Errorf("offer %s: %w", u.Offer, ErrOutOfStock)
	case answer == 2:
		return fmt.Errorf("offer %s: %w", u.Offer, ErrOverBudget)
	}
	return nil
}

// ReleaseUnit gives back what a decision took for a channel by which it did not go
// after all. What is redeemed does not come back.
func (s *Store) ReleaseUnit(ctx context.Context, u Unit) error {
	if err := releaseUnit.Run(ctx, s.client, u.keys(), string(u.Decision), string(u.Channel)).Err(); err != nil {
		return s.failed("units", err)
	}
	return nil
}

// TakeUnit makes a unit the shopper's for good: they have redeemed it. Nth is what
// Redeem said; the same again, and what was taken back since, changes nothing.
func (s *Store) TakeUnit(ctx context.Context, u Unit, nth int) error {
	if err := takeUnit.Run(ctx, s.client, u.keys(), string(u.Decision), 2*nth+1, string(u.Offer), u.Cost).Err(); err != nil {
		return s.failed("units", err)
	}
	return nil
}

// ReturnUnit takes TakeUnit back, once: the unit is spoken for until the offer
// expires, as the code holds again, and free from then on. Nth is what TakeBack
// said; the same again, and after the next use, changes nothing.
func (s *Store) ReturnUnit(ctx context.Context, u Unit, nth int, now time.Time) error {
	if err := returnUnit.Run(ctx, s.client, u.keys(), string(u.Decision), 2*nth+2, now.UnixMilli(), u.Expires.UnixMilli()).Err(); err != nil {
		return s.failed("units", err)
	}
	return nil
}

// UnitOf is what a decision takes of a campaign's offer: at its depth of what the
// offer is worth.
func UnitOf(c *offers.Campaign, id offers.OfferID, decision offers.DecisionID, expires time.Time) Unit {
	u := Unit{Campaign: c.ID, Offer: id, Decision: decision, Expires: expires}
	i := slices.IndexFunc(c.Offers, func(o offers.Offer) bool { return o.ID == id })
	if i < 0 {
		return u
	}
	o := &c.Offers[i]
	u.Stock = o.Stock
	if c.Budget.Currency == o.Value.Currency {
		u.Budget, u.Cost = c.Budget.Minor, int64(math.Round(float64(o.Value.Minor)*o.Discount))
	}
	return u
}

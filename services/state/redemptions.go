package state

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-json"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/offers/visit"
)

// Coupon is what a code stands for, as the notifier keeps it at CouponKey before
// anybody is told of the code.
type Coupon struct {
	Decision offers.DecisionID `json:"decision"`
	Shopper  offers.ShopperID  `json:"shopper"`
	Campaign offers.CampaignID `json:"campaign"`
	Offer    offers.OfferID    `json:"offer"`
	Shop     offers.ShopID     `json:"shop,omitempty"`
	Away     time.Duration     `json:"away_ns,omitempty"` // it holds in Shop, until they have been out of that for so long; 0: wherever they are
	Expires  time.Time         `json:"expires"`
}

// Redemption is the use of a code, by the till or the person who took it. Its
// transaction owns it.
type Redemption struct {
	Code        string        `json:"code"`
	Shop        offers.ShopID `json:"shop"`
	Till        string        `json:"till"`
	Transaction string        `json:"transaction"`
	Customer    string        `json:"customer,omitempty"` // of the loyalty card that was shown, if one was
	Basket      offers.Money  `json:"basket"`
	Time        time.Time     `json:"time"`
}

// CouponKey is where it lies what a code stands for.
func CouponKey(code string) string { return "{code:" + code + "}" }

func usedKey(code string) string { return CouponKey(code) + ":used" }

// takenBackKey is where it lies how often a code's use was taken back, n, and the
// last that was.
func takenBackKey(code string) string { return CouponKey(code) + ":undone" }

// CouponsStay is how long a used code is known as used, longer than codes live.
const CouponsStay = 400 * 24 * time.Hour

// ReadCode reads a code as people type it: Crockford's base 32 takes O for 0
// and I and L for 1, and marks do not count.
func ReadCode(s string) (string, bool) {
	if len(s) > 40 {
		return "", false
	}
	code := strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-':
			return -1
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(s))
	return code, len(code) == 8 && strings.Trim(code, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == ""
}

// Coupon is what a code stands for, with its use if it is used. ErrNotFound:
// there is no such code.
func (s *Store) Coupon(ctx context.Context, code string) (Coupon, *Redemption, error) {
	pipe := s.client.Pipeline()
	stands, used := pipe.Get(ctx, CouponKey(code)), pipe.Get(ctx, usedKey(code))
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return Coupon{}, nil, s.failed("code", err)
	}
	var c Coupon
	value, err := stands.Bytes()
	if errors.Is(err, redis.Nil) {
		return c, nil, fmt.Errorf("code %s: %w", code, offers.ErrNotFound)
	}
	if err != nil {
		return c, nil, s.failed("code", err)
	}
	if err := json.Unmarshal(value, &c); err != nil {
		return c, nil, fmt.Errorf("code %s: %w: %w", code, offers.ErrInvalid, err)
	}
	value, err = used.Bytes()
	if errors.Is(err, redis.Nil) {
		return c, nil, nil
	}
	if err != nil {
		return c, nil, s.failed("code", err)
	}
	var r Redemption
	if err := json.Unmarshal(value, &r); err != nil {
		return c, nil, fmt.Errorf("code %s: %w: %w", code, offers.ErrInvalid, err)
	}
	return c, &r, nil
}

// redeem marks a code as used, if it is not. KEYS: used, taken back. ARGV: the
// redemption, how long it is known in ms, its transaction. Returns the redemption
// that holds, and how many were taken back before it; nothing if it was itself.
var redeem = redis.NewScript(`
local was = redis.call('GET', KEYS[1])
if not was then
  local last = redis.call('HGET', KEYS[2], 'last')
  if last and cjson.decode(last).transaction == ARGV[3] then return {} end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  was = ARGV[1]
end
return {was, redis.call('HGET', KEYS[2], 'n') or '0'}`)

// Redeem uses a code, once: of all that try at the same time one wins, and every
// one is told whose the use is. It may be asked again. ErrConflict: this
// transaction was taken back.
func (s *Store) Redeem(ctx context.Context, r Redemption) (owner Redemption, nth int, err error) {
	mark, err := json.Marshal(&r)
	if err != nil {
		return owner, 0, fmt.Errorf("redemption: %w: %w", offers.ErrInvalid, err)
	}
	answer, err := redeem.Run(ctx, s.client, []string{usedKey(r.Code), takenBackKey(r.Code)}, mark, CouponsStay.Milliseconds(), r.Transaction).StringSlice()
	if err != nil {
		return owner, 0, s.failed("code", err)
	}
	if len(answer) != 2 {
		return owner, 0, fmt.Errorf("code %s: %w: this transaction was taken back: use it by a new one", r.Code, offers.ErrConflict)
	}
	return readUse(r.Code, answer)
}

// takeBack takes a use back if it is still the one that is meant. KEYS: used,
// taken back. ARGV: the transaction, how long it is known in ms. Returns the
// redemption and which one it was, also if it was the last one taken back; or
// nothing.
var takeBack = redis.NewScript(`
local function is(one) return one and cjson.decode(one).transaction == ARGV[1] end
local was = redis.call('GET', KEYS[1])
if is(was) then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[2], 'last', was)
  local nth = redis.call('HINCRBY', KEYS[2], 'n', 1)
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
  return {was, tostring(nth - 1)}
end
local last = redis.call('HGET', KEYS[2], 'last')
if is(last) then return {last, tostring(redis.call('HGET', KEYS[2], 'n') - 1)} end
return {}`)

// TakeBack takes the use of a code back, once, so that it can be used again. It may
// be asked again. ErrConflict: it is not used by this transaction any more.
func (s *Store) TakeBack(ctx context.Context, code, transaction string) (r Redemption, nth int, err error) {
	answer, err := takeBack.Run(ctx, s.client, []string{usedKey(code), takenBackKey(code)}, transaction, CouponsStay.Milliseconds()).StringSlice()
	if err != nil {
		return r, 0, s.failed("code", err)
	}
	if len(answer) != 2 {
		return r, 0, fmt.Errorf("code %s: %w: another has it now, or nobody", code, offers.ErrConflict)
	}
	return readUse(code, answer)
}

// LastTakenBack is the use of a code that was taken back last, if one was.
func (s *Store) LastTakenBack(ctx context.Context, code string) (*Redemption, error) {
	last, err := s.client.HGet(ctx, takenBackKey(code), "last").Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, s.failed("code", err)
	}
	var r Redemption
	if err := json.Unmarshal(last, &r); err != nil {
		return nil, fmt.Errorf("code %s: %w: %w", code, offers.ErrInvalid, err)
	}
	return &r, nil
}

// readUse reads what a script says: the redemption, and how many were taken back
// before it.
func readUse(code string, answer []string) (r Redemption, nth int, err error) {
	if err := json.Unmarshal([]byte(answer[0]), &r); err != nil {
		return r, 0, fmt.Errorf("code %s: %w: %w", code, offers.ErrInvalid, err)
	}
	nth, err = strconv.Atoi(answer[1])
	if err != nil {
		return r, 0, fmt.Errorf("code %s: %w: %w", code, offers.ErrInvalid, err)
	}
	return r, nth, nil
}

// name is an event's of the use of a code: the same however often it is told,
// another one after it was taken back.
func (r *Redemption) name(what string, c *Coupon, nth int) offers.EventID {
	id := what + "/" + r.Code + "/" + string(c.Decision)
	if nth > 0 {
		id += "/" + strconv.Itoa(nth)
	}
	return offers.EventID(id)
}

// Redeemed is the event that a code was used. Nth is what Redeem said.
func (r *Redemption) Redeemed(c *Coupon, nth int) (offers.Event, error) {
	return r.event(offers.OfferRedeemed, r.name("redeemed", c, nth), c)
}

// TakenBack is the event that its use was taken back. Nth is what TakeBack said.
func (r *Redemption) TakenBack(c *Coupon, nth int, at time.Time) (offers.Event, error) {
	e, err := r.event(offers.RedemptionUndone, r.name("undone", c, nth), c)
	e.Time = at
	return e, err
}

func (r *Redemption) event(kind offers.EventType, id offers.EventID, c *Coupon) (offers.Event, error) {
	properties, err := json.Marshal(map[string]any{"code": r.Code, "campaign": c.Campaign, "offer": c.Offer, "till": r.Till, "transaction": r.Transaction})
	if err != nil {
		return offers.Event{}, fmt.Errorf("redemption: %w: %w", offers.ErrInvalid, err)
	}
	return offers.Event{
		ID: id, Type: kind, Shopper: c.Shopper, Time: r.Time, Source: "till/" + r.Till,
		Shop: r.Shop, Decision: c.Decision, Offer: c.Offer, Value: r.Basket, Properties: properties,
	}, nil
}

// Elsewhere is the shop that a coupon holds in, if it does not in this one.
func (c *Coupon) Elsewhere(shop offers.ShopID) offers.ShopID {
	if c.Away <= 0 || shop == "" || shop == c.Shop {
		return ""
	}
	return c.Shop
}

// WalkedAway tells whether a shopper has left the shop of a coupon for longer
// than it allows, and when that was. Partition is the shopper's.
func (s *Store) WalkedAway(ctx context.Context, partition int, c *Coupon, now time.Time) (left time.Time, away bool, err error) {
	if c.Away <= 0 || c.Shop == "" {
		return time.Time{}, false, nil
	}
	value, err := s.client.Get(ctx, ProfileKey(partition, c.Shopper)).Bytes()
	if errors.Is(err, redis.Nil) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, s.failed("profile", err)
	}
	var p offers.Profile
	if err := DecodeProfile(value, &p); err != nil {
		return time.Time{}, false, fmt.Errorf("profile %s: %w: %w", c.Shopper, offers.ErrInvalid, err)
	}
	left, gone := visit.LeftAt(p.Visit, c.Shop)
	return left, gone && now.Sub(left) > c.Away, nil
}

package collector

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
	"aisle/offers/identity"
	"aisle/services/catalog"
	"aisle/services/door"
	"aisle/services/formats"
)

// redemption is what a till says of a code that a shopper showed.
type redemption struct {
	Code        string        `json:"code"`
	Shop        offers.ShopID `json:"shop"`
	Till        string        `json:"till"`
	Transaction string        `json:"transaction"`
	Customer    string        `json:"customer,omitempty"` // of the loyalty card that was shown, if one was
	Basket      offers.Money  `json:"basket"`
	Time        time.Time     `json:"time"`
}

// coupon is what a code stands for, as the notifier keeps it at {code:<CODE>}.
type coupon struct {
	Decision offers.DecisionID `json:"decision"`
	Shopper  offers.ShopperID  `json:"shopper"`
	Campaign offers.CampaignID `json:"campaign"`
	Offer    offers.OfferID    `json:"offer"`
	Expires  time.Time         `json:"expires"`
}

// usedFor is how long a used code is known as used, longer than codes live.
const usedFor = 400 * 24 * time.Hour

// postRedemption takes a code at a till, once. The transaction of the till owns
// it: the same transaction again gets the same answer, another one is told that
// the code is used. It is marked, then published, then answered: a till that
// heard nothing asks again, and the event has the same id.
func (k *Collector) postRedemption(ctx context.Context, c *fiber.Ctx, body []byte) error {
	if err := k.tillOrEdge(ctx, c); err != nil {
		return err
	}
	now := time.Now()
	body, bad := formats.Valid(body)
	if bad != nil {
		return k.refuse(ctx, requestOf(c, body), "edge/redemptions", bad)
	}
	var in redemption
	if err := formats.Unmarshal(body, &in); err != nil {
		return k.refuse(ctx, requestOf(c, body), "edge/redemptions", formats.Badf(offers.ReasonSchema, keep(body), "This is no redemption: %v.", err))
	}
	code, ok := readCode(in.Code)
	switch {
	case !ok:
		return status(fiber.StatusNotFound, "There is no code %.20q. It has 8 letters and digits; ask the shopper to show it again.", in.Code)
	case in.Transaction == "" || len(in.Transaction) > 200 || len(in.Till) > 200 || len(in.Customer) > identity.MaxValue:
		return status(fiber.StatusBadRequest, "A redemption names its transaction, which makes it safe to send again.")
	case in.Shop != "" && k.shops.Now().Shops[in.Shop] == nil:
		return status(fiber.StatusBadRequest, "There is no shop %.60q; the console lists them.", in.Shop)
	case in.Basket.Minor < 0 || in.Basket.Minor > 0 && len(in.Basket.Currency) != 3:
		return status(fiber.StatusBadRequest, "The basket has an amount in minor units and a currency: {\"minor\":4200,\"currency\":\"EUR\"}.")
	}
	if in.Time.IsZero() || in.Time.After(now) || now.Sub(in.Time) > 7*24*time.Hour {
		in.Time = now // a till that was without a network may tell later
	}
	in.Code, in.Time = code, in.Time.UTC()

	key := "{code:" + code + "}"
	pipe := k.state.Client().Pipeline()
	stands, used := pipe.Get(ctx, key), pipe.Get(ctx, key+":used")
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("code: %w: %w", offers.ErrUnavailable, err)
	}
	value, err := stands.Bytes()
	if err != nil {
		return status(fiber.StatusNotFound, "There is no code %s. Ask the shopper to show it again.", code)
	}
	var what coupon
	if err := formats.Unmarshal(value, &what); err != nil {
		return fmt.Errorf("code: %w", err)
	}
	before, _ := used.Bytes()
	if before == nil {
		if in.Time.After(what.Expires) {
			return status(fiber.StatusGone, "Code %s held until %s.", code, what.Expires.UTC().Format("2 January 15:04 UTC"))
		}
		mark, err := formats.Marshal(&in)
		if err != nil {
			return fmt.Errorf("redemption: %w: %w", offers.ErrInvalid, err)
		}
		before, err = k.state.Client().SetArgs(ctx, key+":used", mark, redis.SetArgs{Mode: "NX", Get: true, TTL: usedFor}).Bytes()
		if err != nil && !errors.Is(err, redis.Nil) {
			return fmt.Errorf("code: %w: %w", offers.ErrUnavailable, err)
		}
	}
	if len(before) > 0 {
		var owner redemption
		if err := formats.Unmarshal(before, &owner); err != nil {
			return fmt.Errorf("code: %w", err)
		}
		if owner.Transaction != in.Transaction || owner.Shop != in.Shop {
			return status(fiber.StatusConflict, "Code %s was used already, on %s.", code, owner.Time.Format("2 January at 15:04 UTC"))
		}
		in = owner // what was said first holds
	}

	who, err := k.state.IdentifyShopper(ctx, what.Shopper, traceOf(c))
	if err != nil {
		return err
	}
	records, err := k.merge(ctx, who.Merges, now)
	if err != nil {
		return err
	}
	properties, err := formats.Marshal(map[string]any{"code": code, "campaign": what.Campaign, "offer": what.Offer, "till": in.Till, "transaction": in.Transaction})
	if err != nil {
		return fmt.Errorf("redemption: %w: %w", offers.ErrInvalid, err)
	}
	r, err := eventRecord(&offers.Event{
		ID: offers.EventID("redeemed/" + code + "/" + string(what.Decision)), Type: offers.OfferRedeemed, Shopper: who.Shopper,
		Time: in.Time, Received: now, Source: "till/" + in.Till, Shop: in.Shop, Decision: what.Decision, Offer: what.Offer, Value: in.Basket, Properties: properties,
	}, who.Trace)
	if err != nil {
		return err
	}
	records = append(records, r)
	to, err := k.lentTo(ctx, &in, who.Shopper)
	if err != nil {
		return err
	}
	if to != "" {
		e := offers.EventID("redeemed/" + code + "/" + string(what.Decision))
		lent, ok, err := k.lentRecord(ctx, who.Shopper, to, e, in.Time, now, "till/"+in.Till, in.Shop)
		if err != nil {
			return err
		}
		if ok {
			records = append(records, lent)
		}
	}
	if err := k.produce(ctx, records); err != nil {
		return err
	}
	if err := k.state.Announced(ctx, who.Merges); err != nil {
		return err
	}
	k.metrics.accepted.WithLabelValues("till").Inc()
	return c.JSON(fiber.Map{
		"code": code, "decision": what.Decision, "campaign": what.Campaign, "offer": what.Offer,
		"transaction": in.Transaction, "redeemed": in.Time, "expires": what.Expires,
	})
}

// tillOrEdge lets in tills, by the write key of a source of their kind or a key
// that may redeem, or by the key of the house's own devices.
func (k *Collector) tillOrEdge(ctx context.Context, c *fiber.Ctx) error {
	key, basic := door.Basic(c)
	if !basic {
		key = door.Bearer(c)
	}
	if basic || strings.HasPrefix(key, catalog.APIKeyPrefix) {
		if _, ok := k.keys.Source(ctx, key, catalog.ScopeRedeem); ok {
			return nil
		}
	}
	return k.edge(c)
}

// readCode reads a code as people type it: Crockford's base 32 takes O for 0
// and I and L for 1, and marks do not count.
func readCode(s string) (string, bool) {
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

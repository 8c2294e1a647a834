package collector

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/identity"
	"aisle/services/catalog"
	"aisle/services/door"
	"aisle/services/formats"
	"aisle/services/state"
)

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
	var in state.Redemption
	if err := formats.Unmarshal(body, &in); err != nil {
		return k.refuse(ctx, requestOf(c, body), "edge/redemptions", formats.Badf(offers.ReasonSchema, keep(body), "This is no redemption: %v.", err))
	}
	code, ok := state.ReadCode(in.Code)
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

	what, used, err := k.state.Coupon(ctx, code)
	if errors.Is(err, offers.ErrNotFound) {
		return status(fiber.StatusNotFound, "There is no code %s. Ask the shopper to show it again.", code)
	}
	if err != nil {
		return err
	}
	if used == nil && in.Time.After(what.Expires) {
		return status(fiber.StatusGone, "Code %s held until %s.", code, what.Expires.UTC().Format("2 January 15:04 UTC"))
	}
	if used == nil {
		left, away, err := k.state.WalkedAway(ctx, k.log.PartitionOf(string(what.Shopper)), &what, in.Time)
		if err != nil {
			return err
		}
		if away {
			return status(fiber.StatusGone, "Code %s held until its shopper left the shop, at %s.", code, left.UTC().Format("15:04 UTC"))
		}
	}
	owner, nth, err := k.state.Redeem(ctx, in)
	if err != nil {
		return err
	}
	if owner.Transaction != in.Transaction || owner.Shop != in.Shop {
		return status(fiber.StatusConflict, "Code %s was used already, on %s.", code, owner.Time.Format("2 January at 15:04 UTC"))
	}
	in = owner // what was said first holds

	if c := k.shops.Now().Campaigns[what.Campaign]; c != nil {
		if u := state.UnitOf(c, what.Offer, what.Decision, what.Expires); u.Limited() {
			if err := k.state.TakeUnit(ctx, u); err != nil {
				return err
			}
		}
	}
	who, err := k.state.IdentifyShopper(ctx, what.Shopper, traceOf(c))
	if err != nil {
		return err
	}
	records, err := k.merge(ctx, who.Merges, now)
	if err != nil {
		return err
	}
	e, err := in.Redeemed(&what, nth)
	if err != nil {
		return err
	}
	e.Shopper, e.Received = who.Shopper, now
	r, err := eventRecord(&e, who.Trace)
	if err != nil {
		return err
	}
	records = append(records, r)
	to, err := k.lentTo(ctx, &in, who.Shopper)
	if err != nil {
		return err
	}
	if to != "" {
		lent, ok, err := k.lentRecord(ctx, who.Shopper, to, e.ID, in.Time, now, e.Source, in.Shop)
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

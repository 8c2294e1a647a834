package collector

import (
	"cmp"
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
	in, err := k.readRedemption(ctx, c, body)
	if err != nil {
		return err
	}
	what, used, err := k.coupon(ctx, in.Code)
	if err != nil {
		return err
	}
	if used == nil {
		if err := k.holds(ctx, &in, &what); err != nil {
			return err
		}
	}
	owner, nth, err := k.state.Redeem(ctx, in)
	if errors.Is(err, offers.ErrConflict) {
		return status(fiber.StatusConflict, "Transaction %.60q was taken back: use code %s by a new one.", in.Transaction, in.Code)
	}
	if err != nil {
		return err
	}
	if owner.Transaction != in.Transaction || owner.Shop != in.Shop {
		return status(fiber.StatusConflict, "Code %s was used already, on %s. It can be used once: the shopper's app shows what else they may have.",
			in.Code, k.shops.Now().Shops[owner.Shop].Clock(owner.Time))
	}
	in = owner // what was said first holds
	if u, ok := k.unitOf(&what); ok {
		if err := k.state.TakeUnit(ctx, u, nth); err != nil {
			return err
		}
	}
	e, err := in.Redeemed(&what, nth)
	if err != nil {
		return err
	}
	if err := k.tellUse(ctx, c, &in, e); err != nil {
		return err
	}
	return c.JSON(fiber.Map{
		"code": in.Code, "decision": what.Decision, "campaign": what.Campaign, "offer": what.Offer,
		"transaction": in.Transaction, "redeemed": in.Time, "expires": what.Expires,
	})
}

// undoRedemption takes back what a transaction of a till has used, so that the
// code holds again. The same again gets the same answer.
func (k *Collector) undoRedemption(ctx context.Context, c *fiber.Ctx, body []byte) error {
	in, err := k.readRedemption(ctx, c, body)
	if err != nil {
		return err
	}
	what, _, err := k.coupon(ctx, in.Code)
	if err != nil {
		return err
	}
	back, nth, err := k.state.TakeBack(ctx, in.Code, in.Transaction)
	if errors.Is(err, offers.ErrConflict) {
		return status(fiber.StatusConflict, "Transaction %.60q has not used code %s: send the one that has.", in.Transaction, in.Code)
	}
	if err != nil {
		return err
	}
	if u, ok := k.unitOf(&what); ok {
		if err := k.state.ReturnUnit(ctx, u, nth, time.Now()); err != nil {
			return err
		}
	}
	e, err := back.TakenBack(&what, nth, in.Time)
	if err != nil {
		return err
	}
	back.Customer = "" // whose card it was has been told
	if err := k.tellUse(ctx, c, &back, e); err != nil {
		return err
	}
	return c.JSON(fiber.Map{"code": in.Code, "decision": what.Decision, "transaction": in.Transaction, "expires": what.Expires})
}

// readRedemption reads what a till sends.
func (k *Collector) readRedemption(ctx context.Context, c *fiber.Ctx, body []byte) (in state.Redemption, err error) {
	if err := k.tillOrEdge(ctx, c); err != nil {
		return in, err
	}
	body, bad := formats.Valid(body)
	if bad != nil {
		return in, k.refuse(ctx, requestOf(c, body), "edge/redemptions", bad)
	}
	if err := formats.Unmarshal(body, &in); err != nil {
		return in, k.refuse(ctx, requestOf(c, body), "edge/redemptions", formats.Badf(offers.ReasonSchema, keep(body), "This is no redemption: %v.", err))
	}
	code, ok := state.ReadCode(in.Code)
	switch {
	case !ok:
		return in, status(fiber.StatusNotFound, "There is no code %.20q. It has 8 letters and digits; ask the shopper to show it again.", in.Code)
	case in.Transaction == "" || len(in.Transaction) > 200 || len(in.Till) > 200 || len(in.Customer) > identity.MaxValue:
		return in, status(fiber.StatusBadRequest, "A redemption names its transaction, which makes it safe to send again.")
	case in.Shop != "" && k.shops.Now().Shops[in.Shop] == nil:
		return in, status(fiber.StatusBadRequest, "There is no shop %.60q; the console lists them.", in.Shop)
	case in.Basket.Minor < 0 || in.Basket.Minor > 0 && len(in.Basket.Currency) != 3:
		return in, status(fiber.StatusBadRequest, "The basket has an amount in minor units and a currency: {\"minor\":4200,\"currency\":\"EUR\"}.")
	}
	if now := time.Now(); in.Time.IsZero() || in.Time.After(now) || now.Sub(in.Time) > 7*24*time.Hour {
		in.Time = now // a till that was without a network may tell later
	}
	in.Code, in.Time = code, in.Time.UTC()
	return in, nil
}

// coupon is what a code stands for, with its use if it is used.
func (k *Collector) coupon(ctx context.Context, code string) (state.Coupon, *state.Redemption, error) {
	what, used, err := k.state.Coupon(ctx, code)
	if errors.Is(err, offers.ErrNotFound) {
		err = status(fiber.StatusNotFound, "There is no code %s. Ask the shopper to show it again.", code)
	}
	return what, used, err
}

// holds tells why a code that nobody has used cannot be used here and now.
func (k *Collector) holds(ctx context.Context, in *state.Redemption, what *state.Coupon) error {
	shops := k.shops.Now().Shops
	shop := shops[cmp.Or(in.Shop, what.Shop)]
	if in.Time.After(what.Expires) {
		return status(fiber.StatusGone, "Code %s held until %s. The shopper's app shows what they may have now.", in.Code, shop.Clock(what.Expires))
	}
	if elsewhere := what.Elsewhere(in.Shop); elsewhere != "" {
		name := string(elsewhere)
		if shops[elsewhere] != nil {
			name = shops[elsewhere].Name
		}
		return status(fiber.StatusConflict, "Code %s holds in %s only. The shopper's app shows what they may have here.", in.Code, name)
	}
	left, away, err := k.state.WalkedAway(ctx, k.log.PartitionOf(string(what.Shopper)), what, in.Time)
	if err != nil {
		return err
	}
	if away {
		return status(fiber.StatusGone, "Code %s held until its shopper left the shop, on %s. Their app shows what they may have now.", in.Code, shop.Clock(left))
	}
	return nil
}

// unitOf is what a redemption takes of its campaign's stock and budget. False: it
// has neither.
func (k *Collector) unitOf(what *state.Coupon) (state.Unit, bool) {
	c := k.shops.Now().Campaigns[what.Campaign]
	if c == nil {
		return state.Unit{}, false
	}
	u := state.UnitOf(c, what.Offer, what.Decision, what.Expires)
	return u, u.Limited()
}

// tellUse puts on the log what became of a code, and whose phone was lent by it.
func (k *Collector) tellUse(ctx context.Context, c *fiber.Ctx, in *state.Redemption, e offers.Event) error {
	now := time.Now()
	who, err := k.state.IdentifyShopper(ctx, e.Shopper, traceOf(c))
	if err != nil {
		return err
	}
	records, err := k.merge(ctx, who.Merges, now)
	if err != nil {
		return err
	}
	e.Shopper, e.Received = who.Shopper, now
	r, err := eventRecord(&e, who.Trace)
	if err != nil {
		return err
	}
	records = append(records, r)
	to, err := k.lentTo(ctx, in, who.Shopper)
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
	return nil
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

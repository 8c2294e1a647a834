package collector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/door"
	"aisle/services/formats"
)

// postCheckIn takes that a shopper's app has read the code that hangs in a shop.
// The code is signed and holds for minutes, so that nobody is where they were
// last week; the app proves whose it is by the token of its personal link. The
// same code again is the same check-in. It is the shopper's own act, and needs no
// consent to a sensor.
func (k *Collector) postCheckIn(ctx context.Context, c *fiber.Ctx, body []byte) error {
	now := time.Now()
	shopper, err := catalog.OpenToken(k.secrets.Token, catalog.TokenLink, door.Bearer(c), now)
	if err != nil {
		return status(fiber.StatusUnauthorized, "The token of this shopper does not hold (any more): open the personal link again.")
	}
	body, bad := formats.Valid(body)
	if bad != nil {
		return status(fiber.StatusBadRequest, "%s", bad.Detail)
	}
	var in struct {
		Code string `json:"code"`
	}
	if err := formats.Unmarshal(body, &in); err != nil || in.Code == "" {
		return status(fiber.StatusBadRequest, `Send what the camera read: {"code": "…"}.`)
	}
	subject, err := catalog.Unsign(k.secrets.Token, catalog.TokenCheckIn, in.Code, now)
	shop := k.shops.Now().Shops[offers.ShopID(subject)]
	if err != nil || shop == nil {
		return status(fiber.StatusGone, "This code holds no longer. Read the one that is shown now.")
	}
	who, err := k.state.IdentifyShopper(ctx, shopper, traceOf(c))
	if err != nil {
		return err
	}
	records, err := k.merge(ctx, who.Merges, now)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(in.Code))
	r, err := eventRecord(&offers.Event{
		ID:   offers.EventID(strings.Join([]string{"checked-in", string(who.Shopper), hex.EncodeToString(sum[:8])}, "/")),
		Type: offers.CheckedIn, Shopper: who.Shopper, Time: now, Received: now, Source: "app/own", Shop: shop.ID, Confidence: 1,
	}, who.Trace)
	if err != nil {
		return err
	}
	if err := k.produce(ctx, append(records, r)); err != nil {
		return err
	}
	if err := k.state.Announced(ctx, who.Merges); err != nil {
		return err
	}
	k.metrics.accepted.WithLabelValues("app/own").Inc()
	return c.JSON(fiber.Map{"shop": shop.ID, "name": shop.Name})
}

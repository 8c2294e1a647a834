package console

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
)

func (s *Service) redemptionRoutes(api fiber.Router) {
	api.Get("/redemptions/:code", s.allow(catalog.RoleStaff, s.getCode))
	api.Post("/redemptions", s.allow(catalog.RoleStaff, s.redeemCode))
	api.Delete("/redemptions/:code", s.allow(catalog.RoleStaff, s.takeCodeBack))
}

// takenBackWithin is how long staff may take back what they took by mistake.
const takenBackWithin = time.Minute

// staffTill is how staff are called among the tills. Who of them it was is in
// the audit.
const staffTill = "staff"

// codeStatus is what becomes of a code that is shown now.
type codeStatus string

const (
	codeHolds codeStatus = "holds"
	codeUsed  codeStatus = "used"
	codeEnded codeStatus = "ended" // its time is over
	codeLeft  codeStatus = "left"  // its shopper has left the shop, where it holds only there
)

// shownCode is a code as staff see it who have read it.
type shownCode struct {
	Code     string            `json:"code"`
	Status   codeStatus        `json:"status"`
	Decision offers.DecisionID `json:"decision"`
	Label    string            `json:"label"` // of the shopper
	Title    string            `json:"title,omitempty"`
	Body     string            `json:"body,omitempty"`
	Expires  time.Time         `json:"expires"`
	Used     time.Time         `json:"used,omitzero"`
	Till     string            `json:"till,omitempty"` // that took it
	Left     time.Time         `json:"left,omitzero"`
	UndoTill time.Time         `json:"undo_until,omitzero"` // of one's own redemption, how long it can be taken back
}

// shown says what is known of a code.
func (s *Service) shown(ctx context.Context, code string, now time.Time) (shownCode, state.Coupon, error) {
	coupon, used, err := s.store.Coupon(ctx, code)
	if errors.Is(err, offers.ErrNotFound) {
		return shownCode{}, coupon, fmt.Errorf("code %s: %w: ask the shopper to show it again", code, offers.ErrNotFound)
	}
	if err != nil {
		return shownCode{}, coupon, err
	}
	x := shownCode{Code: code, Status: codeHolds, Decision: coupon.Decision, Label: label(coupon.Shopper), Expires: coupon.Expires}
	d, _, err := findDecision(ctx, s.log, coupon.Decision)
	switch {
	case err == nil && d.Offer != nil:
		x.Title, x.Body = d.Offer.Title, d.Offer.Body
	case err != nil && !errors.Is(err, offers.ErrNotFound) && !errors.Is(err, offers.ErrInvalid):
		return x, coupon, err
	}
	if used != nil {
		x.Status, x.Used, x.Till = codeUsed, used.Time, used.Till
		return x, coupon, nil
	}
	if now.After(coupon.Expires) {
		x.Status = codeEnded
		return x, coupon, nil
	}
	left, away, err := s.store.WalkedAway(ctx, s.log.PartitionOf(string(coupon.Shopper)), &coupon, now)
	if away {
		x.Status, x.Left = codeLeft, left
	}
	return x, coupon, err
}

// readCode reads the code of a path or a body.
func readCode(said string) (string, error) {
	code, ok := state.ReadCode(said)
	if !ok {
		return "", fmt.Errorf("code %.20q: %w: it has 8 letters and digits", said, offers.ErrNotFound)
	}
	return code, nil
}

func (s *Service) getCode(c *fiber.Ctx) error {
	code, err := readCode(param(c, "code"))
	if err != nil {
		return err
	}
	x, _, err := s.shown(c.UserContext(), code, time.Now())
	if err != nil {
		return err
	}
	return c.JSON(x)
}

// redeemCode uses a code, once. The transaction owns it: the same again gets the
// same answer.
func (s *Service) redeemCode(c *fiber.Ctx) error {
	var in struct {
		Code        string        `json:"code"`
		Shop        offers.ShopID `json:"shop"`
		Transaction string        `json:"transaction"`
		Basket      offers.Money  `json:"basket"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	var wrong fieldErrors
	wrong.add(in.Transaction != "" && len(in.Transaction) <= 100, "name it, so that it is safe to send again", "transaction")
	wrong.add(s.shop(in.Shop) != nil, "there is no such shop", "shop")
	wrong.add(in.Basket.Minor >= 0, "cannot be negative", "basket")
	wrong.add(in.Basket.IsZero() || currencyPattern.MatchString(in.Basket.Currency), "needs a currency, as EUR", "basket.currency")
	if err := wrong.err(); err != nil {
		return err
	}
	code, err := readCode(in.Code)
	if err != nil {
		return err
	}
	ctx, now := c.UserContext(), time.Now().UTC()
	x, coupon, err := s.shown(ctx, code, now)
	if err != nil {
		return err
	}
	shop := s.shop(in.Shop)
	switch x.Status {
	case codeEnded:
		return fmt.Errorf("code %s: %w: it held until %s", code, offers.ErrConflict, shop.Clock(x.Expires))
	case codeLeft:
		return fmt.Errorf("code %s: %w: it held until its shopper left the shop, on %s", code, offers.ErrConflict, shop.Clock(x.Left))
	case codeHolds:
		if elsewhere := coupon.Elsewhere(in.Shop); elsewhere != "" {
			name := string(elsewhere)
			if there := s.shop(elsewhere); there != nil {
				name = there.Name
			}
			return fmt.Errorf("code %s: %w: it holds in %s only", code, offers.ErrConflict, name)
		}
	case codeUsed:
	}
	mine := state.Redemption{Code: code, Shop: in.Shop, Till: staffTill, Transaction: by(c).ID + "/" + in.Transaction, Basket: in.Basket, Time: now}
	owner, nth, err := s.store.Redeem(ctx, mine)
	if err != nil {
		return err
	}
	if owner.Transaction != mine.Transaction {
		return fmt.Errorf("code %s: %w: it was used already, on %s", code, offers.ErrConflict, shop.Clock(owner.Time))
	}
	if u, ok := s.unitOf(&coupon); ok {
		if err := s.store.TakeUnit(ctx, u, nth); err != nil {
			return err
		}
	}
	e, err := owner.Redeemed(&coupon, nth)
	if err != nil {
		return err
	}
	if err := s.emit(ctx, e); err != nil {
		return err
	}
	if err := s.catalog.Audit(ctx, by(c), "redeem", "code/"+code); err != nil {
		return err
	}
	x.Status, x.Used, x.Till, x.UndoTill = codeUsed, owner.Time, owner.Till, owner.Time.Add(takenBackWithin)
	return c.JSON(x)
}

// unitOf is what a redemption takes of its campaign's stock and budget. False: it
// has neither.
func (s *Service) unitOf(coupon *state.Coupon) (state.Unit, bool) {
	view := s.view.Load()
	if view == nil || view.Campaigns[coupon.Campaign] == nil {
		return state.Unit{}, false
	}
	u := state.UnitOf(view.Campaigns[coupon.Campaign], coupon.Offer, coupon.Decision, coupon.Expires)
	return u, u.Limited()
}

// takeCodeBack takes a redemption back that was a mistake, within a minute. The
// same again gets the same answer.
func (s *Service) takeCodeBack(c *fiber.Ctx) error {
	code, err := readCode(param(c, "code"))
	if err != nil {
		return err
	}
	ctx, now := c.UserContext(), time.Now().UTC()
	coupon, used, err := s.store.Coupon(ctx, code)
	if err == nil && used == nil {
		used, err = s.store.LastTakenBack(ctx, code) // and its answer was not heard, perhaps
	}
	switch {
	case err != nil:
		return err
	case used == nil:
		return fmt.Errorf("code %s: %w: it is not used", code, offers.ErrConflict)
	case used.Till != staffTill:
		return fmt.Errorf("code %s: %w: a till took it, and takes it back", code, offers.ErrConflict)
	case now.Sub(used.Time) > takenBackWithin:
		return fmt.Errorf("code %s: %w: it was used more than a minute ago", code, offers.ErrConflict)
	}
	back, nth, err := s.store.TakeBack(ctx, code, used.Transaction)
	if err != nil {
		return err
	}
	if u, ok := s.unitOf(&coupon); ok {
		if err := s.store.ReturnUnit(ctx, u, nth, now); err != nil {
			return err
		}
	}
	e, err := back.TakenBack(&coupon, nth, now)
	if err != nil {
		return err
	}
	if err := s.emit(ctx, e); err != nil {
		return err
	}
	if err := s.catalog.Audit(ctx, by(c), "undo redemption", "code/"+code); err != nil {
		return err
	}
	x, _, err := s.shown(ctx, code, now)
	if err != nil {
		return err
	}
	return c.JSON(x)
}

package console

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
)

func (s *Service) wishRoutes(api fiber.Router) {
	api.Put("/me/wishes", s.mine(s.putWishes))
	api.Get("/me/messages", s.mine(s.getMyMessages))
	api.Get("/me/ranking", s.mine(s.getMyRanking))
	api.Post("/me/check-in", s.mine(s.checkIn))
	api.Get("/demo/check-in", s.getDemoCheckIn)
}

// mostBudget bounds what a shopper may wish for: 50 text messages a day are
// nobody's wish.
const mostBudget = 100

// putWishes takes what a shopper asks of the house, as a whole.
func (s *Service) putWishes(c *fiber.Ctx, shopper offers.ShopperID) error {
	var in offers.Wishes
	if err := read(c, &in); err != nil {
		return err
	}
	var wrong fieldErrors
	if q := in.Quiet; q != nil {
		wrong.add(isMinute(q.FromMinute) && isMinute(q.UntilMinute), "are minutes after midnight, 0 to 1440", "quiet")
		if *q == (offers.QuietHours{}) {
			in.Quiet = nil
		}
	}
	wrong.add(in.Budget >= 0 && in.Budget <= mostBudget, fmt.Sprintf("is from 0 to %d", mostBudget), "budget")
	if err := wrong.err(); err != nil {
		return err
	}
	err := s.emit(c.UserContext(), offers.Event{
		Type: offers.Identified, Shopper: shopper, Time: time.Now().UTC().Truncate(time.Millisecond), Source: "app", Traits: &offers.Traits{Wishes: &in},
	})
	if err != nil {
		return err
	}
	return c.JSON(in)
}

// myZone is a place where a shopper may say that they are.
type myZone struct {
	ID   offers.ZoneID `json:"id"`
	Name string        `json:"name"`
}

type checkedIn struct {
	Shop     offers.ShopID `json:"shop"`
	ShopName string        `json:"shop_name"`
	Zone     offers.ZoneID `json:"zone,omitempty"`
	Zones    []myZone      `json:"zones"`
}

// checkIn takes that a shopper has read the code that hangs in a shop, and says
// themselves where they stand, if they like. No sensor looks, and no consent to
// be located is needed: what they say opens the same offers as what a receiver
// hears.
func (s *Service) checkIn(c *fiber.Ctx, shopper offers.ShopperID) error {
	var in struct {
		Code string        `json:"code"`
		Zone offers.ZoneID `json:"zone"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	ctx, now := c.UserContext(), time.Now().UTC().Truncate(time.Millisecond)
	keys, err := s.keys(ctx)
	if err != nil {
		return err
	}
	subject, err := catalog.Unsign(keys.Token, catalog.TokenCheckIn, in.Code, now)
	shop := s.shop(offers.ShopID(subject))
	if err != nil || shop == nil {
		return fmt.Errorf("%w: this code holds no longer: read the one that is shown now", offers.ErrDenied)
	}
	out := checkedIn{Shop: shop.ID, ShopName: shop.Name, Zone: in.Zone, Zones: []myZone{}}
	known := in.Zone == ""
	for i := range shop.Zones {
		z := &shop.Zones[i]
		if z.Kind == offers.ZoneQuiet {
			continue // nobody need say that they are there
		}
		out.Zones = append(out.Zones, myZone{z.ID, z.Name})
		known = known || z.ID == in.Zone
	}
	if !known {
		return fieldErrors{{"zone", "is no place in " + shop.Name}}
	}
	// The same code at the same place again is the same check-in.
	sum := sha256.Sum256([]byte(in.Code))
	if err := s.emit(ctx, offers.Event{
		ID:   offers.EventID(strings.Join([]string{"checked-in", string(shopper), string(in.Zone), hex.EncodeToString(sum[:8])}, "/")),
		Type: offers.CheckedIn, Shopper: shopper, Time: now, Source: "app/own", Shop: shop.ID, Zone: in.Zone, Confidence: 1,
	}); err != nil {
		return err
	}
	return c.JSON(out)
}

// getDemoCheckIn is the code that hangs in the demonstration's shop.
func (s *Service) getDemoCheckIn(c *fiber.Ctx) error {
	if s.config.Demo == nil {
		return fmt.Errorf("%w: this is no demonstration", offers.ErrNotFound)
	}
	keys, err := s.keys(c.UserContext())
	if err != nil {
		return err
	}
	until := time.Now().Add(checkInFor)
	return c.JSON(fiber.Map{"code": catalog.Sign(keys.Token, catalog.TokenCheckIn, string(s.config.Demo.Shop), until), "until": until.UTC()})
}

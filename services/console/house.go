package console

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
)

func (s *Service) houseRoutes(api fiber.Router) {
	api.Get("/house", s.allow(catalog.RoleViewer, s.getHouse))
	api.Put("/house", s.allow(catalog.RoleAdmin, s.putHouse))
	api.Get("/house/configured", s.allow(catalog.RoleViewer, s.getConfigured))
}

func (s *Service) getHouse(c *fiber.Ctx) error {
	h, err := s.catalog.House(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(h)
}

// putHouse changes the house. What is left out stays as it was.
func (s *Service) putHouse(c *fiber.Ctx) error {
	ctx := c.UserContext()
	was, err := s.catalog.House(ctx)
	if err != nil {
		return err
	}
	h := was
	h.Version, h.Limits = 0, nil
	if err := read(c, &h); err != nil {
		return err
	}
	if h.Limits == nil {
		h.Limits = was.Limits
	}
	if err := checkHouse(&h); err != nil {
		return err
	}
	kept, err := s.catalog.ChangeHouse(ctx, h, by(c))
	if err != nil {
		return err
	}
	s.tell(ctx)
	return c.JSON(kept)
}

const (
	maxHouseHoldout = .5 // nobody holds out the whole house by a slip
	mostLimits      = 20 // that the guard has to count for each message
)

// checkHouse says what is wrong with what shall hold whatever the campaign.
func checkHouse(h *offers.House) error {
	var wrong fieldErrors
	wrong.add(h.Holdout >= 0 && h.Holdout <= maxHouseHoldout, "is a share from 0 to a half", "holdout")
	wrong.add(h.CostPerDay >= 0 && h.CostPerDay <= mostBudget, fmt.Sprintf("is from 0 to %d; 0 is as configured", mostBudget), "cost_per_day")
	if q := h.Quiet; q != nil {
		wrong.add(isMinute(q.FromMinute) && isMinute(q.UntilMinute), "are minutes after midnight, 0 to 1440", "quiet")
	}
	wrong.add(len(h.Limits) <= mostLimits, fmt.Sprintf("are too many: at most %d", mostLimits), "limits")
	for i, l := range h.Limits {
		wrong.add(l.Times >= 0 && l.Times <= 1000, "is from 0 to 1000", "limits[%d].times", i)
		wrong.add(l.Per >= 0 && l.Per <= offers.LongestLimit, "is at most 30 days; 0 is the shopper's day", "limits[%d].per_ns", i)
		wrong.add(l.Beyond == "" || l.Beyond == offers.BeyondDrop || l.Beyond == offers.BeyondHold || l.Beyond == offers.BeyondReplace,
			"is drop, hold or replace", "limits[%d].beyond", i)
		wrong.add(l.Channel == "" || l.Channel.Purpose() != "", "is no channel", "limits[%d].channel", i)
	}
	return wrong.err()
}

// Configured are the limits of the configuration. They hold beside those of the
// house, and change with a new start only.
type Configured struct {
	PerDay     map[offers.Channel]int `json:"per_day"`      // most messages to a shopper in a day of theirs; a channel that is not there has none
	CostPerDay int                    `json:"cost_per_day"` // where neither the house nor the shopper says
	Night      offers.QuietHours      `json:"night"`        // quiet hours where neither the house nor a shop says
}

func (s *Service) getConfigured(c *fiber.Ctx) error {
	configured := s.config.Configured
	if configured.PerDay == nil {
		configured.PerDay = map[offers.Channel]int{} // no limit is {}, not null
	}
	return c.JSON(configured)
}

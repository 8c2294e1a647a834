package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/stream"
)

func (s *Service) liveRoutes(api fiber.Router) {
	api.Get("/live", s.allow(catalog.RoleViewer, s.live))
	api.Get("/live/snapshot", s.allow(catalog.RoleViewer, s.getSnapshot))
	api.Get("/live/person", s.allow(catalog.RoleStaff, s.getPersonCard))
	api.Get("/live/shops", s.allow(catalog.RoleViewer, s.getOverview))
	api.Post("/live/alerts/acknowledge", s.allow(catalog.RoleStaff, s.acknowledge))
	api.Get("/sandbox/messages", s.allow(catalog.RoleStaff, s.getSandbox))
}

// watchShops keeps the shops and campaigns that live views look at.
func (s *Service) watchShops(ctx context.Context, following *stream.Catalogue) error {
	for {
		changed := following.Changed()
		before, now := s.catalogue(), following.Now()
		s.view.Store(now)
		for id, was := range before.Shops {
			if now.Shops[id] != was { // or it is gone
				s.wall.renew(id)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}

// catalogue is what the live views show; nobody changes it.
func (s *Service) catalogue() *offers.Catalogue {
	if now := s.view.Load(); now != nil {
		return now
	}
	return &offers.Catalogue{}
}

// shop is a shop as the live views know it, nil if there is none.
func (s *Service) shop(id offers.ShopID) *offers.Shop { return s.catalogue().Shops[id] }

// asked is the shop that a call asks for: the first by name, if it says none.
func (s *Service) asked(c *fiber.Ctx) (*offers.Shop, error) {
	if id := offers.ShopID(query(c, "shop")); id != "" {
		if shop := s.shop(id); shop != nil {
			return shop, nil
		}
		// What was made a moment ago is in the catalog before it is live.
		shop, err := s.catalog.Shop(c.UserContext(), id)
		return &shop, err
	}
	var first *offers.Shop
	for _, shop := range s.catalogue().Shops {
		if first == nil || cmp.Or(cmp.Compare(shop.Name, first.Name), cmp.Compare(shop.ID, first.ID)) < 0 {
			first = shop
		}
	}
	if first == nil {
		return nil, fmt.Errorf("%w: there is no shop yet: draw one first", offers.ErrNotFound)
	}
	return first, nil
}

type liveSnapshot struct {
	Shop        offers.Shop       `json:"shop"`
	People      livePeople        `json:"people"`
	Kpis        liveKpis          `json:"kpis"`
	Decisions   []decisionSummary `json:"decisions"`
	Deliveries  []offers.Delivery `json:"deliveries"`
	Redemptions []redemption      `json:"redemptions"`
	Sandbox     []sandboxMessage  `json:"sandbox"`
}

// snapshotLists is how much of each list a snapshot shows.
const snapshotLists = 50

func (s *Service) snapshot(ctx context.Context, shop *offers.Shop) liveSnapshot {
	now := time.Now()
	all := s.scene.snapshot(shop, s.peopleNow(ctx, shop, now), s.kpis(ctx, shop, now))
	messages, err := s.store.SandboxMessages(ctx)
	if err != nil {
		s.logger.Debug("console: sandbox messages are not to be had", "err", err)
	}
	for i := range messages[:min(len(messages), snapshotLists)] {
		all.Sandbox = append(all.Sandbox, forSandbox(&messages[i]))
	}
	return all
}

func (s *Service) getSnapshot(c *fiber.Ctx) error {
	shop, err := s.asked(c)
	if err != nil {
		return err
	}
	return c.JSON(s.forRole(s.snapshot(c.UserContext(), shop), person(c).Role))
}

// forRole takes the messages from who may not read them: they name people.
func (s *Service) forRole(all liveSnapshot, role catalog.Role) liveSnapshot {
	if !role.Includes(catalog.RoleStaff) {
		all.Sandbox = []sandboxMessage{}
	}
	all.People = all.People.forRole(role)
	return all
}

func (s *Service) live(c *fiber.Ctx) error {
	shop, err := s.asked(c)
	if err != nil {
		return err
	}
	role, id := person(c).Role, shop.ID
	key, cookie := strings.Clone(apiKey(c)), strings.Clone(c.Cookies(sessionCookie))
	r, missed, ok := s.wall.open(id, lastEventID(c), role)
	if !ok {
		return fmt.Errorf("live: %w: too many screens are open", offers.ErrUnavailable)
	}
	// A screen is open for days: it is asked again and again who looks at it, which
	// also keeps their session in use.
	r.stays = func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		who, err := s.letIn(ctx, key, cookie)
		return who.person.Role == role || err != nil && !errors.Is(err, offers.ErrDenied) && !errors.Is(err, errSignIn)
	}
	begin := func(ctx context.Context) ([]frame, error) {
		now := s.shop(id)
		if now == nil { // it was made a moment ago, or it is gone
			kept, err := s.catalog.Shop(ctx, id)
			if err != nil {
				return nil, err
			}
			now = &kept
		}
		first, err := frameOf("snapshot", s.forRole(s.snapshot(ctx, now), role))
		if err != nil {
			return nil, err
		}
		again := append([]frame{first}, missed...)
		missed = nil // once
		return again, nil
	}
	return s.serveFeed(c, "wall", r, begin, func() { s.wall.close(r) })
}

func (s *Service) getSandbox(c *fiber.Ctx) error {
	messages, err := s.store.SandboxMessages(c.UserContext())
	if err != nil {
		return err
	}
	all := make([]sandboxMessage, len(messages))
	for i := range messages {
		all[i] = forSandbox(&messages[i])
	}
	return c.JSON(fiber.Map{"messages": all})
}

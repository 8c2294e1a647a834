package console

import (
	"context"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/visit"
	"aisle/services/catalog"
)

// greeting is how staff may address who is there: by name only if two
// independent witnesses agree, else as a possible member whom they ask.
type greeting struct {
	Witnesses   []visit.Witness `json:"witnesses,omitempty"`
	Probability float64         `json:"probability,omitempty"` // that it is this person, fused
	Possible    bool            `json:"possible,omitempty"`    // a member, perhaps: ask
	Name        string          `json:"name,omitempty"`        // two witnesses agree
	Lent        bool            `json:"lent,omitempty"`        // the device of this shopper, and not the shopper
}

// acquaintance is what the wall knows of a shopper beside what sensors say.
type acquaintance struct {
	name     string // the first of their names: nobody is shown more on a wall
	lentTo   offers.ShopperID
	stranger bool // the house does not know them any more, or may not say where they are
	habits   habits
	asked    time.Time
}

// acquaintances are kept for as long as people are on the wall. Safe for
// concurrent use.
type acquaintances struct {
	mu   sync.Mutex // guards known
	know map[offers.ShopperID]acquaintance
}

// of is what is known of one shopper.
func (a *acquaintances) of(id offers.ShopperID) acquaintance {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.know[id]
}

// acquaintedFor is how old a name may be, and whether a phone is lent.
const acquaintedFor = 5 * time.Second

// peopleNow are those in a shop, how they may be addressed, and who may want help.
func (s *Service) peopleNow(ctx context.Context, shop *offers.Shop, now time.Time) livePeople {
	all := s.greet(ctx, s.floor.people(shop, now), now)
	s.acquainted.mu.Lock()
	defer s.acquainted.mu.Unlock()
	all.Help = helpList(all.People, s.acquainted.know, shop, now)
	return all
}

// greet says of the people on a wall how sure it is who they are. What state
// does not tell now stays unsaid: nobody is called by a name that may not hold.
func (s *Service) greet(ctx context.Context, all livePeople, now time.Time) livePeople {
	var missing []offers.ShopperID
	s.acquainted.mu.Lock()
	defer s.acquainted.mu.Unlock()
	if s.acquainted.know == nil || len(s.acquainted.know) > peopleMost {
		s.acquainted.know = map[offers.ShopperID]acquaintance{}
	}
	for i := range all.People {
		id := all.People[i].Shopper
		if a, ok := s.acquainted.know[id]; id != "" && (!ok || now.Sub(a.asked) > acquaintedFor) {
			missing = append(missing, id)
			a.name = "" // until it is told anew
			s.acquainted.know[id] = a
		}
	}
	found, err := s.profiles(ctx, missing)
	if err != nil {
		s.logger.Debug("console: names are not to be had", "err", err)
	}
	for i, p := range found {
		a := acquaint(p, now)
		if a.asked = now; !a.stranger {
			a.habits = s.habitsOf(p, now)
		}
		s.acquainted.know[missing[i]] = a
	}
	return greeted(all, s.acquainted.know, now)
}

// acquaint is what a profile tells the wall of a shopper, whose phone may be lent
// at a time. A profile that is merged tells nothing: the one it went into does.
func acquaint(p *offers.Profile, at time.Time) acquaintance {
	switch {
	case p == nil:
		return acquaintance{stranger: true}
	case p.Into != "":
		return acquaintance{}
	}
	return acquaintance{
		name: firstName(p.Traits.Name), lentTo: visit.LentTo(p, at),
		stranger: !p.Consented(offers.ConsentLocation) && !p.Consented(offers.ConsentFace),
	}
}

// greeted says of people how sure it is who they are, by what is known of them.
func greeted(all livePeople, known map[offers.ShopperID]acquaintance, now time.Time) livePeople {
	for i := range all.People {
		one := &all.People[i]
		if one.Shopper == "" {
			continue
		}
		a := known[one.Shopper]
		if a.stranger {
			*one = one.anonymous()
			continue
		}
		witnesses := one.Witnesses
		if a.lentTo != "" {
			witnesses = ownEyes(witnesses)
			one.Lent = len(witnesses) < len(one.Witnesses)
		}
		p := visit.Fuse(witnesses, now)
		one.Probability = math.Round(p.Probability*1e4) / 1e4
		if a.name != "" && visit.MayName(witnesses, now) {
			one.Name = a.name
		} else {
			one.Possible = !one.Lent || p.Kinds > 0
		}
	}
	return all
}

// firstName is how somebody is greeted.
func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}

// ownEyes are the witnesses that saw the person, not what they carry.
func ownEyes(all []visit.Witness) []visit.Witness {
	var seen []visit.Witness
	for _, w := range all {
		if w.Sensor == offers.SensorCamera {
			seen = append(seen, w)
		}
	}
	return seen
}

// forRole takes the names from who may not read them.
func (p livePeople) forRole(role catalog.Role) livePeople {
	if role.Includes(catalog.RoleStaff) {
		return p
	}
	people := make([]livePerson, len(p.People))
	for i := range p.People {
		people[i] = p.People[i]
		people[i].Possible, people[i].Name = people[i].Possible || people[i].Name != "", ""
	}
	p.People, p.Help = people, []helpNext{}
	return p
}

// witnessOf is what a sighting testifies: that this person is in the shop. A tag
// may be sure to be here, and not in which zone. One that may be a copy says
// nothing.
func witnessOf(s *offers.Sighting) (visit.Witness, bool) {
	if s.Shopper == "" || s.Suspect != "" {
		return visit.Witness{}, false
	}
	sure := s.Confidence
	if len(s.Zones) > 0 {
		sure = 0
		for _, z := range s.Zones {
			sure += z.Share
		}
	}
	return visit.Witness{Sensor: s.Sensor, Sure: min(sure, 1), At: s.Last.UTC()}, true
}

// checkInFor is how long a code on the wall holds: a picture of it is of no use
// an hour later. Screens ask for the next one well before.
const checkInFor = 10 * time.Minute

// getCheckIn is the code by which shoppers' apps check in to a shop, to be shown
// there as a QR code.
func (s *Service) getCheckIn(c *fiber.Ctx) error {
	ctx := c.UserContext()
	shop, err := s.catalog.Shop(ctx, offers.ShopID(param(c, "shop")))
	if err != nil {
		return err
	}
	keys, err := s.keys(ctx)
	if err != nil {
		return err
	}
	until := time.Now().Add(checkInFor).Truncate(time.Second)
	return c.JSON(fiber.Map{"code": catalog.Sign(keys.Token, catalog.TokenCheckIn, string(shop.ID), until), "until": until.UTC()})
}

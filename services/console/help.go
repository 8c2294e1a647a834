package console

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/visit"
)

// helpNext is somebody who may want help: why, and what a colleague may say to
// them and is not to mention, each by a name that the staff's screen has words
// for in its language. Only who opted in is on the list; who is in a quiet zone,
// and whose phone is lent, is not.
type helpNext struct {
	Key        string           `json:"key"`
	Shopper    offers.ShopperID `json:"shopper"`
	Label      string           `json:"label"`
	Name       string           `json:"name,omitempty"` // two witnesses agree
	Zone       offers.ZoneID    `json:"zone"`
	ZoneName   string           `json:"zone_name"`
	Since      time.Time        `json:"since"` // in the zone
	Why        []string         `json:"why"`
	Say        []string         `json:"say"`
	NotMention []string         `json:"not_mention"`
	Offer      string           `json:"offer,omitempty"`    // the title of the one that is not used
	Messages   int              `json:"messages,omitempty"` // within the last hour

	urgency float64
}

const (
	helpMost   = 8                // on the list
	helpAfter  = 90 * time.Second // of standing in a zone that does not say what a dwell is
	offerFresh = 30 * time.Minute // how long an offer that was not used yet is worth a word
	enoughSaid = 3                // messages within an hour after which somebody is better let be
)

// habits are what the wall knows of a shopper's visit, for who may want help.
type habits struct {
	zone     offers.ZoneID
	since    time.Time
	searched map[string]float64 // categories, of those who agreed
	offer    string             // the title of the latest one that is not used
	said     int                // messages within the last hour
}

func (s *Service) habitsOf(p *offers.Profile, now time.Time) habits {
	var h habits
	if v := visit.Present(p, now); v != nil {
		h.zone, h.since = v.Zone, v.ZoneSince
	}
	if i := s.rules.features.Index("searches"); i >= 0 {
		h.searched = s.rules.features.Values(nil, p, now).Numbers[i]
	}
	for i := range p.Contacts {
		c := &p.Contacts[i]
		if age := now.Sub(c.At); c.Placement == "" && age <= time.Hour {
			h.said++
			if c.Redeemed.IsZero() && age <= offerFresh {
				if sent, _ := s.recent.of(c.Decision); len(sent) > 0 {
					h.offer = sent[0].Title
				}
			}
		}
	}
	return h
}

// helpOf is what there is to know before somebody is spoken to, whether they are
// on the list or not.
func helpOf(one *livePerson, h habits, shop *offers.Shop, now time.Time) helpNext {
	n := helpNext{
		Key: one.Key, Shopper: one.Shopper, Label: one.Label, Name: one.Name, Zone: one.Zone, ZoneName: zoneName(shop, one.Zone),
		Why: []string{}, Say: []string{}, NotMention: []string{},
	}
	if h.zone == one.Zone {
		n.Since = h.since.UTC()
	}
	zone, _ := shop.Zone(one.Zone)
	if one.Name != "" {
		n.Say = append(n.Say, "hello") // two witnesses agree
	} else {
		n.Say = append(n.Say, "ask") // one witness alone may be wrong
		n.NotMention = append(n.NotMention, "name")
	}
	if standing, after := now.Sub(n.Since), cmp.Or(zone.Dwell, helpAfter); !n.Since.IsZero() && standing >= after {
		n.urgency = 1 + standing.Minutes()
		why := "stands"
		if zone.Kind == offers.ZoneCheckout {
			why, n.urgency = "waits", n.urgency+2
		}
		n.Why = append(n.Why, why)
		if zone.Kind == offers.ZoneSales {
			n.Say = append(n.Say, "finding")
		}
	}
	if zone.Category != "" && h.searched[zone.Category] > 0 {
		n.Why = append(n.Why, "searched")
		n.NotMention = append(n.NotMention, "searched")
		if n.urgency > 0 {
			n.urgency += 3
		}
	}
	if h.offer != "" {
		n.Why, n.Offer = append(n.Why, "offer"), h.offer
		if one.Name != "" {
			n.Say = append(n.Say, "offer")
		} else {
			n.NotMention = append(n.NotMention, "offer")
		}
		if n.urgency > 0 {
			n.urgency += 2
		}
	}
	if h.said >= enoughSaid {
		n.Why, n.Messages = append(n.Why, "enough"), h.said
		n.urgency /= 2
	}
	n.NotMention = append(n.NotMention, "sensor", "bought")
	return n
}

// helpList is who may want help, the most urgent first.
func helpList(people []livePerson, known map[offers.ShopperID]acquaintance, shop *offers.Shop, now time.Time) []helpNext {
	all := []helpNext{}
	for i := range people {
		if one := &people[i]; one.Shopper != "" && !one.Lent {
			if n := helpOf(one, known[one.Shopper].habits, shop, now); n.urgency > 0 {
				all = append(all, n)
			}
		}
	}
	slices.SortFunc(all, func(a, b helpNext) int {
		return cmp.Or(cmp.Compare(b.urgency, a.urgency), cmp.Compare(a.Key, b.Key))
	})
	return all[:min(len(all), helpMost)]
}

// personCard is what a colleague may know of somebody who is in the shop now. It
// has a name only where the wall has one.
type personCard struct {
	Person    livePerson        `json:"person"`
	Help      helpNext          `json:"help"`
	Consents  []offers.Consent  `json:"consents"`
	Decisions []decisionSummary `json:"decisions"`
}

// cardDecisions is how many of a person's decisions their card shows.
const cardDecisions = 6

func (s *Service) getPersonCard(c *fiber.Ctx) error {
	shop, err := s.asked(c)
	if err != nil {
		return err
	}
	ctx, now, who := c.UserContext(), time.Now(), offers.ShopperID(query(c, "shopper"))
	people := s.greet(ctx, s.floor.people(shop, now), now).People
	i := slices.IndexFunc(people, func(p livePerson) bool { return p.Shopper != "" && p.Shopper == who })
	if i < 0 {
		return fmt.Errorf("shopper: %w: they are not in the shop now", offers.ErrNotFound)
	}
	card := personCard{Person: people[i], Decisions: s.recent.list(wanted{shopper: who, shop: shop.ID, limit: cardDecisions})}
	card.Help = helpOf(&card.Person, s.acquainted.of(who).habits, shop, now)
	if card.Consents, err = s.consents(ctx, who); err != nil {
		return err
	}
	return c.JSON(card)
}

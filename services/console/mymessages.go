package console

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
)

// myMessage is what became of one attempt to tell a shopper of an offer.
type myMessage struct {
	Decision offers.DecisionID    `json:"decision"`
	Title    string               `json:"title"`
	ShopName string               `json:"shop_name,omitempty"`
	Channel  offers.Channel       `json:"channel"`
	State    offers.DeliveryState `json:"state"`
	Refusal  offers.Refusal       `json:"refusal,omitempty"`
	Cost     int                  `json:"cost"` // of the shopper's budget; nothing where it was not sent
	At       time.Time            `json:"at"`   // of the state
}

// mostMessages bounds what is shown.
const mostMessages = 100

// getMyMessages is what was sent to a shopper, and what was not and why, newest
// first: of the latest decisions of the house.
func (s *Service) getMyMessages(c *fiber.Ctx, shopper offers.ShopperID) error {
	all, err := s.messagesTo(c.UserContext(), shopper)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"messages": all})
}

func (s *Service) messagesTo(ctx context.Context, shopper offers.ShopperID) ([]myMessage, error) {
	selves, err := s.selves(ctx, shopper)
	if err != nil {
		return nil, err
	}
	all := []myMessage{}
	for _, d := range s.recent.deliveriesTo(selves) {
		if d.State == offers.DeliveryClaimed {
			continue // on its way: nothing has come of it yet
		}
		m := myMessage{Decision: d.Decision, Title: d.Title, Channel: d.Channel, State: d.State, Refusal: d.Refusal, At: d.At}
		if shop := s.shop(d.Shop); shop != nil {
			m.ShopName = shop.Name
		}
		if d.State.Shown() {
			m.Cost = d.Channel.Cost()
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b myMessage) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Decision, b.Decision), cmp.Compare(a.Channel, b.Channel))
	})
	return all[:min(mostMessages, len(all))], nil
}

// deliveriesTo are the deliveries to a shopper by any of their names, each as
// far as it came.
func (r *recent) deliveriesTo(selves []offers.ShopperID) []offers.Delivery {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var all []offers.Delivery
	for _, e := range r.decisions {
		latest := map[offers.DeliveryID]offers.Delivery{}
		for _, d := range e.deliveries {
			if slices.Contains(selves, d.Shopper) && !d.At.Before(latest[d.ID].At) {
				latest[d.ID] = d
			}
		}
		for _, d := range latest {
			all = append(all, d)
		}
	}
	return all
}

package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/stream"
)

func (s *Service) decisionRoutes(api fiber.Router) {
	api.Get("/decisions", s.allow(catalog.RoleViewer, s.getDecisions))
	api.Get("/decisions/:decision", s.allow(catalog.RoleViewer, s.getDecision))
}

// limitOf is how many a list is to show.
func limitOf(c *fiber.Ctx) (int, error) {
	limit := c.QueryInt("limit", 100)
	if c.Query("limit") != "" && (limit < 1 || limit > 500) {
		return 0, fieldErrors{{"limit", "is a number from 1 to 500"}}
	}
	return limit, nil
}

func (s *Service) getDecisions(c *fiber.Ctx) error {
	limit, err := limitOf(c)
	if err != nil {
		return err
	}
	w := wanted{
		shop: offers.ShopID(query(c, "shop")), shopper: offers.ShopperID(query(c, "shopper")),
		campaign: offers.CampaignID(query(c, "campaign")), verdict: offers.Verdict(query(c, "verdict")), limit: limit,
	}
	switch w.verdict {
	case "", offers.Offered, offers.NoOffer, offers.HeldOut:
	default:
		return fieldErrors{{"verdict", "is offered, no_offer or held_out"}}
	}
	return c.JSON(fiber.Map{"decisions": s.recent.list(w)})
}

// decisionDetail is why a shopper got an offer, or none.
type decisionDetail struct {
	Decision   offers.Decision   `json:"decision"`
	Label      string            `json:"label"`
	ShopName   string            `json:"shop_name,omitempty"`
	ZoneName   string            `json:"zone_name,omitempty"`
	Campaign   *offers.Campaign  `json:"campaign,omitempty"` // as it is now
	Event      *offers.Event     `json:"event,omitempty"`
	TraceID    string            `json:"trace_id,omitempty"`
	Deliveries []offers.Delivery `json:"deliveries"`
	Redemption *redemption       `json:"redemption,omitempty"`
	LatencyMs  float64           `json:"latency_ms,omitempty"`
}

func (s *Service) getDecision(c *fiber.Ctx) error {
	ctx := c.UserContext()
	d, record, err := findDecision(ctx, s.log, offers.DecisionID(param(c, "decision")))
	if err != nil {
		return err
	}
	detail := decisionDetail{Decision: d, Label: label(d.Shopper), TraceID: traceID(record.Header("traceparent"))}
	if detail.Event, err = s.findEvent(ctx, record.Partition, d.Offset); err != nil {
		return err
	}
	if detail.Event != nil {
		hidePerson(detail.Event, person(c).Role)
	}
	if detail.Deliveries, detail.Redemption, err = s.followed(ctx, &d); err != nil {
		return err
	}
	_, detail.LatencyMs = fate(detail.Deliveries)
	for i := range detail.Deliveries {
		if !person(c).Role.Includes(catalog.RoleStaff) {
			detail.Deliveries[i].Code = ""
		}
	}
	if shop, err := s.catalog.Shop(ctx, d.Shop); err == nil {
		detail.ShopName, detail.ZoneName = shop.Name, zoneName(&shop, d.Zone)
	}
	if d.Campaign != "" {
		if k, err := s.catalog.Campaign(ctx, d.Campaign); err == nil {
			k = wholeCampaign(k)
			detail.Campaign = &k
		}
	}
	return c.JSON(detail)
}

// traceID is the trace of a W3C traceparent, "" if it is none.
func traceID(traceparent string) string {
	if parts := strings.Split(traceparent, "-"); len(parts) == 4 && len(parts[1]) == 32 {
		return parts[1]
	}
	return ""
}

// findEvent is the event at an offset, nil if retention has passed it.
func (s *Service) findEvent(ctx context.Context, partition int, offset int64) (*offers.Event, error) {
	r, err := s.log.Find(ctx, stream.Events, partition, func(r *stream.Record) int { return cmp.Compare(r.Offset, offset) })
	if errors.Is(err, offers.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("event at %d/%d: %w", partition, offset, err)
	}
	e := new(offers.Event)
	if err := r.Decode(e); err != nil {
		return nil, nil // it woke no decision, then
	}
	return e, nil
}

// deliveriesReread is how far back in a partition the deliveries of a decision
// are looked for that is not remembered any more.
const deliveriesReread = 5_000

// followed is what became of a decision: attempts to carry it, oldest first,
// and its redemption.
func (s *Service) followed(ctx context.Context, d *offers.Decision) ([]offers.Delivery, *redemption, error) {
	deliveries, redeemed := s.recent.of(d.ID)
	if len(deliveries) == 0 && d.Verdict == offers.Offered {
		records, err := s.log.Newest(ctx, stream.Deliveries, s.log.PartitionOf(string(d.Shopper)), deliveriesReread)
		if err != nil {
			return nil, nil, fmt.Errorf("deliveries of %s: %w", d.ID, err)
		}
		for i := range records {
			var one offers.Delivery
			if records[i].Decode(&one) == nil && one.Decision == d.ID {
				deliveries = append(deliveries, one)
			}
		}
	}
	slices.SortStableFunc(deliveries, func(a, b offers.Delivery) int { return a.At.Compare(b.At) })
	if redeemed == nil {
		kept, err := s.catalog.Redemption(ctx, d.ID)
		if err != nil && !errors.Is(err, offers.ErrNotFound) {
			return nil, nil, err
		}
		if err == nil {
			redeemed = &redemption{Decision: d.ID, Shopper: kept.Shopper, Label: label(kept.Shopper), Shop: kept.Shop,
				Campaign: kept.Campaign, Value: kept.Value, At: kept.At, Zone: d.Zone}
			if d.Offer != nil {
				redeemed.Title = d.Offer.Title
			}
		}
	}
	return list(deliveries), redeemed, nil
}

// hidePerson takes from an event what names the shopper, for those who may not
// see it.
func hidePerson(e *offers.Event, role catalog.Role) {
	if role.Includes(catalog.RoleMarketer) {
		return
	}
	for i := range e.Identifiers {
		e.Identifiers[i].Value = mask(e.Identifiers[i].Value)
	}
	if e.Traits != nil {
		t := maskTraits(*e.Traits, role)
		e.Traits = &t
	}
	e.Properties, e.Profile = nil, nil
}

// mask hides all but the end of what could be looked somebody up by.
func mask(value string) string {
	runes := []rune(value)
	if len(runes) <= 6 {
		return "••••"
	}
	return "••••" + string(runes[len(runes)-2:])
}

// maskTraits hides phone, e-mail, address and birthday from all but marketers,
// and names from viewers too.
func maskTraits(t offers.Traits, role catalog.Role) offers.Traits {
	if role.Includes(catalog.RoleMarketer) {
		return t
	}
	if t.Phone != "" {
		t.Phone = mask(t.Phone)
	}
	if t.Email != "" {
		t.Email = mask(t.Email)
	}
	t.Birthday, t.Street, t.Postcode = "", "", ""
	if !role.Includes(catalog.RoleStaff) {
		t.Name = ""
	}
	return t
}

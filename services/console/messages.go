package console

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/message"
	"aisle/services/catalog"
)

func (s *Service) messageRoutes(api fiber.Router) {
	api.Post("/messages/preview", s.allow(catalog.RoleMarketer, s.previewMessage))
}

// previewing is a text to be looked at before anybody gets it.
type previewing struct {
	Offer    offers.Offer     `json:"offer"`
	Shopper  offers.ShopperID `json:"shopper"` // whose profile fills it in; empty: somebody made up
	Shop     offers.ShopID    `json:"shop"`
	Language string           `json:"language"` // BCP 47; empty: the shopper's
}

// preview is how it looks and what it is charged as.
type preview struct {
	Text     string   `json:"text"`     // empty if it would not be sent
	Language string   `json:"language"` // of the template; empty: the house's
	Length   int      `json:"length"`   // in UTF-16 units
	Segments int      `json:"segments"`
	Encoding string   `json:"encoding"`
	Unfilled []string `json:"unfilled"` // variables without a value, for which it would not be sent
	Unknown  []string `json:"unknown"`  // variables that no message has
	Problem  string   `json:"problem,omitempty"`

	Variables []message.Variable `json:"variables"`
}

// made up are the values of a preview that no profile has.
const (
	previewName = "Ana"
	previewCode = "7K3M9QXT"
	previewFor  = time.Hour
)

// previewMessage fills an offer's text message in as the notifier does.
func (s *Service) previewMessage(c *fiber.Ctx) error {
	var in previewing
	if err := read(c, &in); err != nil {
		return err
	}
	p := &offers.Profile{Traits: offers.Traits{Name: previewName}}
	if in.Shopper != "" {
		var err error
		if p, err = s.profile(c.UserContext(), in.Shopper); err != nil {
			return err
		}
	}
	now := time.Now()
	if zone, err := time.LoadLocation(p.Traits.TimeZone); err == nil {
		now = now.In(zone)
	}
	values := message.Values{
		Name: p.Traits.Name, Title: in.Offer.Title, Code: previewCode, Value: in.Offer.Value, Discount: in.Offer.Discount,
		Until: now.Add(cmp.Or(in.Offer.Valid, previewFor)), Now: now, Link: s.config.PublicURL + "/o/" + previewCode,
	}
	if in.Shop != "" {
		shop, err := s.catalog.Shop(c.UserContext(), in.Shop)
		if err != nil {
			return err
		}
		values.Shop = shop.Name
		if z, ok := shop.Zone(in.Offer.Zone); ok {
			values.Zone = z.Name
		}
	}
	r, _ := in.Offer.In(offers.PlacementSMS)
	template, lang := message.Pick(r.Text, in.Offer.Translations, cmp.Or(in.Language, p.Traits.Locale))
	out := preview{Language: lang, Variables: message.Variables, Unfilled: []string{}, Unknown: []string{}}
	out.Unknown = append(out.Unknown, message.Unknown(template)...)
	text, err := message.Render(template, &values, lang)
	if unfilled, ok := errors.AsType[*message.UnfilledError](err); ok {
		out.Unfilled = append(out.Unfilled, unfilled.Names...)
	}
	if err == nil && message.Length(text) > message.Longest {
		err = fmt.Errorf("%w: it has more than %d characters", offers.ErrInvalid, message.Longest)
	}
	if err != nil {
		out.Problem = err.Error()
		return c.JSON(out)
	}
	out.Text, out.Length = text, message.Length(text)
	out.Segments, out.Encoding = message.Segments(text)
	return c.JSON(out)
}

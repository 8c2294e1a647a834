package console

import (
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/services/catalog"
)

func (s *Service) featureRoutes(api fiber.Router) {
	api.Get("/features", s.allow(catalog.RoleViewer, s.getFeatures))
	api.Get("/people/:shopper/features", s.allow(catalog.RoleViewer, s.getPersonFeatures))
}

// featureDefinition is a feature as features.yaml declares it, in words.
type featureDefinition struct {
	Name      string             `json:"name"`
	Doc       string             `json:"doc,omitempty"`
	Type      feature.Type       `json:"type"`
	Aggregate feature.Aggregate  `json:"aggregate"`
	Of        string             `json:"of,omitempty"`
	By        string             `json:"by,omitempty"`
	Events    []offers.EventType `json:"events"`
	Per       []offers.EventType `json:"per,omitempty"`
	Where     string             `json:"where,omitempty"`
	Looks     string             `json:"looks"`             // how far back
	Missing   float64            `json:"missing"`           // what it answers where nothing is known
	Consent   offers.Purpose     `json:"consent,omitempty"` // without which nothing is folded
}

func describe(d *feature.Definition) featureDefinition {
	return featureDefinition{
		Name: d.Name, Doc: d.Doc, Type: d.Type(), Aggregate: d.Aggregate, Of: d.Of, By: d.By,
		Events: d.Events, Per: d.Per, Where: d.Where, Looks: looks(d), Missing: d.Missing(), Consent: d.Consent,
	}
}

// looks says how far back a feature looks.
func looks(d *feature.Definition) string {
	zone := ""
	if d.Zone != "" {
		zone = " in " + d.Zone
	}
	switch {
	case d.Aggregate == feature.Sessions:
		return fmt.Sprintf("visits in the last %s, each ended by a pause of %s", lasting(d.Window), lasting(d.Gap))
	case d.Gap > 0:
		return "the visit that goes on, ended by a pause of " + lasting(d.Gap)
	case d.Calendar != "" && d.Ago == 0:
		return "this " + string(d.Calendar) + zone
	case d.Calendar != "" && d.Ago == 1:
		return "the " + string(d.Calendar) + " before" + zone
	case d.Calendar != "":
		return fmt.Sprintf("%d %ss ago%s", d.Ago, d.Calendar, zone)
	case d.Window > 0 && d.Age > 0 && d.Age < d.Window:
		return fmt.Sprintf("the last %s, if the newest is of the last %s", lasting(d.Window), lasting(d.Age))
	case d.Window > 0:
		return "the last " + lasting(d.Window)
	case d.Age > 0:
		return "the newest of the last " + lasting(d.Age)
	}
	return "all that ever was"
}

// lasting is a time as people say it.
func lasting(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d / unit.of; n > 0 && d%unit.of == 0 {
			if n == 1 {
				return "1 " + unit.name
			}
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return strings.TrimSuffix(d.String(), "0s")
}

func (s *Service) getFeatures(c *fiber.Ctx) error {
	all := []featureDefinition{}
	definitions := s.rules.features.Definitions()
	for i := range definitions {
		all = append(all, describe(&definitions[i]))
	}
	return c.JSON(fiber.Map{"features": all})
}

// personFeature is what one feature knows of a shopper now.
type personFeature struct {
	featureDefinition
	Known   bool      `json:"known"`
	Value   any       `json:"value"`
	At      time.Time `json:"at,omitzero"`      // of the newest event in it
	First   time.Time `json:"first,omitzero"`   // of the oldest
	Source  string    `json:"source,omitempty"` // of the newest
	Expires time.Time `json:"expires,omitzero"` // when it knows nothing any more, if nothing comes
	Refused bool      `json:"refused"`          // the shopper does not agree to its consent
}

func (s *Service) getPersonFeatures(c *fiber.Ctx) error {
	p, err := s.profile(c.UserContext(), offers.ShopperID(param(c, "shopper")))
	if err != nil {
		return err
	}
	set := s.rules.features.In(s.catalogue().Shops) // by the clocks on their walls
	now := time.Now()
	values := set.Values(nil, p, now)
	all := []personFeature{}
	var shop offers.ShopID
	if p.Visit != nil {
		shop = p.Visit.Shop
	}
	definitions := set.Definitions()
	for i := range definitions {
		d := &definitions[i]
		f := personFeature{featureDefinition: describe(d), Refused: d.Consent != "" && !p.Consented(d.Consent)}
		if f.Value, f.Known = values.Value(i); f.Known {
			st := p.Feature(d.Name)
			f.At, f.First, f.Source, f.Expires = st.At, st.First, st.Source, set.Expires(d, st, shop)
		}
		all = append(all, f)
	}
	return c.JSON(fiber.Map{"shopper": p.Shopper, "label": label(p.Shopper), "name": maskTraits(p.Traits, person(c).Role).Name, "features": all})
}

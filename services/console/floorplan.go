package console

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"aisle/beacons/floorplan"
	"aisle/offers"
	"aisle/services/catalog"
)

func (s *Service) planRoutes(api fiber.Router) {
	api.Get("/shops/:shop/plan", s.allow(catalog.RoleViewer, s.exportPlan))
	api.Post("/shops/:shop/plan", s.allow(catalog.RoleMarketer, s.previewPlan))
}

// Bounds of a plan as a file, and of the pictures in it: one of the largest fits.
const (
	planMost         = 4 << 20
	planPicturesMost = catalog.MaxPicture + catalog.MaxPicture/4 // bytes; a third more as text
)

// bodyMost bounds what is read of a body: pictures, and plans with pictures in
// them, may be larger than the rest.
func bodyMost(path string) int {
	switch {
	case strings.HasSuffix(path, "/pictures"):
		return catalog.MaxPicture
	case strings.HasSuffix(path, "/plan"):
		return planMost
	}
	return maxBody
}

// advice says how to mend a fault of a plan, behind what it is.
var advice = map[floorplan.Code]string{
	floorplan.NoFloor:          "draw a floor first",
	floorplan.NoSize:           "write its width and depth in metres",
	floorplan.UnknownFloor:     "choose a floor of this shop",
	floorplan.UnknownZone:      "choose a zone of this shop, or none",
	floorplan.NoName:           "give it one",
	floorplan.Duplicate:        "give it another one",
	floorplan.NoArea:           "draw at least three corners that are not on one line",
	floorplan.SelfIntersection: "move a corner so that they do not",
	floorplan.OutOfBounds:      "move it in, or make the floor larger",
	floorplan.Overlap:          "move or reshape one of them, for a place is in one zone only",
	floorplan.NotANumber:       "write it in metres",
	floorplan.TooMany:          "leave some out, or make two shops of it",
}

// addFaults notes what is wrong with a plan, where nothing else is said of that
// part.
func (e *fieldErrors) addFaults(shop *offers.Shop) {
	for _, f := range floorplan.Validate(shop) {
		field := faultField(shop, f)
		said := slices.ContainsFunc(*e, func(other fieldError) bool {
			return other.Field == field || strings.HasPrefix(other.Field, field+"[") || strings.HasPrefix(other.Field, field+".")
		})
		if !said {
			*e = append(*e, fieldError{field, strings.Join(slices.DeleteFunc([]string{f.Detail, advice[f.Code]}, func(s string) bool { return s == "" }), ": ")})
		}
	}
}

// faultField is where in a shop a fault is.
func faultField(shop *offers.Shop, f floorplan.Fault) string {
	at := func(list string, last int, part map[floorplan.Code]string, rest string) string {
		return fmt.Sprintf("%s[%d].%s", list, max(last, 0), cmp.Or(part[f.Code], rest))
	}
	named := map[floorplan.Code]string{floorplan.NoName: "id", floorplan.Duplicate: "id", floorplan.UnknownFloor: "floor", floorplan.UnknownZone: "zone"}
	switch f.What {
	case "floor":
		named[floorplan.NoSize] = "width_m"
		return at("floors", lastOf(shop.Floors, func(x offers.Floor) bool { return string(x.ID) == f.ID }), named, "outline")
	case "zone":
		return at("zones", lastOf(shop.Zones, func(x offers.Zone) bool { return string(x.ID) == f.ID }), named, "polygon")
	case "receiver":
		return at("receivers", lastOf(shop.Receivers, func(x offers.Receiver) bool { return string(x.ID) == f.ID }), named, "at")
	case "camera":
		return at("cameras", lastOf(shop.Cameras, func(x offers.Camera) bool { return string(x.ID) == f.ID }), named, "at")
	case "entrance":
		last := lastOf(shop.Entrances, func(x offers.Entrance) bool { return x.ID == f.ID })
		if f.Code == floorplan.UnknownFloor && last >= 0 && string(shop.Entrances[last].Leads) == f.Other && string(shop.Entrances[last].Floor) != f.Other {
			named[floorplan.UnknownFloor] = "leads"
		}
		return at("entrances", last, named, "at")
	case "canary":
		named[floorplan.NoName], named[floorplan.Duplicate] = "tag", "tag"
		return at("canaries", lastOf(shop.Canaries, func(x offers.Canary) bool { return x.Tag == f.ID }), named, "at")
	case "survey point":
		n, err := strconv.Atoi(f.ID)
		if err != nil {
			n = 1
		}
		return at("survey", n-1, named, "at")
	}
	return "floors"
}

func lastOf[T any](of []T, is func(T) bool) int {
	for i, x := range slices.Backward(of) {
		if is(x) {
			return i
		}
	}
	return -1
}

// stillTrue is what of a survey still holds once the plan is another one:
// points of floors that are there, as receivers heard them that stand where
// they stood then, within a metre.
func stillTrue(was, now *offers.Shop) []offers.SurveyPoint {
	const moved = 1.0
	floors := map[offers.FloorID]bool{}
	for _, f := range now.Floors {
		floors[f.ID] = true
	}
	before, stays := map[offers.ReceiverID]offers.Receiver{}, map[offers.ReceiverID]bool{}
	for _, r := range was.Receivers {
		before[r.ID] = r
	}
	for _, r := range now.Receivers {
		b, known := before[r.ID]
		stays[r.ID] = !known || b.Floor == r.Floor && math.Hypot(b.At.X-r.At.X, b.At.Y-r.At.Y) <= moved
	}
	var points []offers.SurveyPoint
	for _, p := range now.Survey {
		p.Heard = slices.DeleteFunc(slices.Clone(p.Heard), func(h offers.Surveyed) bool { return !stays[h.Receiver] })
		if floors[p.Floor] && len(p.Heard) > 0 {
			points = append(points, p)
		}
	}
	return points
}

func (s *Service) exportPlan(c *fiber.Ctx) error {
	shop, err := s.catalog.Shop(c.UserContext(), offers.ShopID(param(c, "shop")))
	if err != nil {
		return err
	}
	pictures, err := s.picturesIn(c, &shop)
	if err != nil {
		return err
	}
	plan, err := floorplan.Export(&shop, pictures)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/geo+json")
	c.Set(fiber.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="%s.geojson"`, shop.ID))
	return c.Send(plan)
}

// picturesIn are the pictures under a shop's floors, as many as a file may have.
func (s *Service) picturesIn(c *fiber.Ctx, shop *offers.Shop) (map[string]floorplan.Picture, error) {
	pictures, size := map[string]floorplan.Picture{}, 0
	for _, f := range shop.Floors {
		id, ours := strings.CutPrefix(f.Image, picturesOf(shop.ID))
		if _, known := pictures[f.Image]; !ours || known {
			continue
		}
		p, err := s.catalog.Picture(c.UserContext(), shop.ID, id)
		if errors.Is(err, offers.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if size += len(p.Bytes); size > planPicturesMost {
			break // the address stays in the file, for this house
		}
		pictures[f.Image] = floorplan.Picture{Kind: p.Kind, Bytes: p.Bytes}
	}
	return pictures, nil
}

// planChange is one thing that an imported plan adds, removes or changes.
type planChange struct {
	Change string   `json:"change"` // added, removed or changed
	What   string   `json:"what"`   // floor, zone, receiver, ...
	ID     string   `json:"id"`
	Name   string   `json:"name,omitempty"`
	Parts  []string `json:"parts,omitempty"` // that are others
}

// planPreview is what would come of an import. Nothing of it is kept but its
// pictures, which are gone a day later if no floor came to use them: the page
// shows it, and puts the shop when somebody says so.
type planPreview struct {
	Shop     offers.Shop  `json:"shop"`
	Survey   int          `json:"survey"` // points that the plan brings
	Changes  []planChange `json:"changes"`
	Problems fieldErrors  `json:"problems"`
	Notes    []string     `json:"notes"` // what was left out
}

func (s *Service) previewPlan(c *fiber.Ctx) error {
	was, err := s.catalog.Shop(c.UserContext(), offers.ShopID(param(c, "shop")))
	if err != nil {
		return err
	}
	got, pictures, err := floorplan.Import(c.Body())
	if err != nil {
		return err
	}
	preview := planPreview{Shop: *got, Survey: len(got.Survey), Problems: fieldErrors{}, Notes: []string{}}
	now := &preview.Shop
	if now.ID != "" && now.ID != was.ID {
		preview.Notes = append(preview.Notes, fmt.Sprintf("The plan is of %q; it is taken for %q.", now.ID, was.ID))
	}
	now.ID = was.ID
	now.Name, now.TimeZone, now.Currency = cmp.Or(now.Name, was.Name), cmp.Or(now.TimeZone, was.TimeZone), cmp.Or(now.Currency, was.Currency)
	if now.Quiet == (offers.QuietHours{}) {
		now.Quiet = was.Quiet
	}
	for i := range now.Floors {
		f := &now.Floors[i]
		f.Name = cmp.Or(f.Name, string(f.ID))
		if p, ok := pictures[f.Image]; ok {
			f.Image, err = s.takePicture(c, now.ID, p.Bytes)
		} else {
			err = s.checkPicture(c, now.ID, f.Image)
		}
		if errors.Is(err, offers.ErrUnavailable) {
			return err
		}
		if err != nil {
			preview.Notes = append(preview.Notes, fmt.Sprintf("The picture of %s is not in the file, or is none: add it again.", f.Name))
			f.Image = ""
		}
		if f.Image == "" {
			f.Picture = nil
		}
	}
	for i := range now.Zones {
		z := &now.Zones[i]
		z.Name, z.Kind = cmp.Or(z.Name, string(z.ID)), cmp.Or(z.Kind, offers.ZoneSales)
	}
	preview.Changes = planChanges(&was, now)
	if problems, ok := errors.AsType[fieldErrors](checkShop(now)); ok {
		preview.Problems = problems
	}
	survey := now.Survey
	*now = whole(*now)
	now.Survey = survey
	return c.JSON(preview)
}

// planChanges compares two plans, thing by thing.
func planChanges(was, now *offers.Shop) []planChange {
	changes := []planChange{}
	if parts := partsOf(shopItself(was), shopItself(now)); len(parts) > 0 {
		changes = append(changes, planChange{"changed", "shop", string(now.ID), now.Name, parts})
	}
	changes = compare(changes, "floor", was.Floors, now.Floors, func(f offers.Floor) (string, string) { return string(f.ID), f.Name })
	changes = compare(changes, "zone", was.Zones, now.Zones, func(z offers.Zone) (string, string) { return string(z.ID), z.Name })
	changes = compare(changes, "receiver", was.Receivers, now.Receivers, func(r offers.Receiver) (string, string) { return string(r.ID), "" })
	changes = compare(changes, "camera", was.Cameras, now.Cameras, func(k offers.Camera) (string, string) { return string(k.ID), "" })
	changes = compare(changes, "entrance", was.Entrances, now.Entrances, func(e offers.Entrance) (string, string) { return e.ID, "" })
	changes = compare(changes, "canary", was.Canaries, now.Canaries, func(k offers.Canary) (string, string) { return k.Tag, "" })
	changes = compare(changes, "fixture", was.Fixtures, now.Fixtures, func(f offers.Fixture) (string, string) {
		return fmt.Sprintf("%s %s %g,%g", f.Floor, f.Kind, f.At.X, f.At.Y), ""
	})
	return compare(changes, "survey point", was.Survey, now.Survey, func(p offers.SurveyPoint) (string, string) {
		return fmt.Sprintf("%s %g,%g", p.Floor, p.At.X, p.At.Y), ""
	})
}

// shopItself is a shop without what is on its plan.
func shopItself(s *offers.Shop) offers.Shop {
	return offers.Shop{ID: s.ID, Name: s.Name, TimeZone: s.TimeZone, Currency: s.Currency, Quiet: s.Quiet}
}

func compare[T any](changes []planChange, what string, was, now []T, named func(T) (id, name string)) []planChange {
	before := map[string]T{}
	for _, x := range was {
		id, _ := named(x)
		before[id] = x
	}
	seen := map[string]bool{}
	for _, x := range now {
		id, name := named(x)
		seen[id] = true
		b, known := before[id]
		if !known {
			changes = append(changes, planChange{"added", what, id, name, nil})
		} else if parts := partsOf(b, x); len(parts) > 0 {
			changes = append(changes, planChange{"changed", what, id, name, parts})
		}
	}
	for _, x := range was {
		if id, name := named(x); !seen[id] {
			changes = append(changes, planChange{"removed", what, id, name, nil})
		}
	}
	return changes
}

// partsOf names the parts in which two things differ, as JSON has them.
func partsOf(a, b any) (parts []string) {
	x, y := members(a), members(b)
	for name := range x {
		if !reflect.DeepEqual(x[name], y[name]) {
			parts = append(parts, name)
		}
	}
	for name := range y {
		if _, known := x[name]; !known {
			parts = append(parts, name)
		}
	}
	slices.Sort(parts)
	return parts
}

func members(v any) (of map[string]any) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil // a number that is none: told among the problems
	}
	_ = json.Unmarshal(body, &of) // it was just written
	for name, value := range of {
		if empty, ok := value.([]any); value == nil || ok && len(empty) == 0 {
			delete(of, name)
		}
	}
	return of
}

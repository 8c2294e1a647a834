package console

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
)

func (s *Service) shopRoutes(api fiber.Router) {
	api.Get("/shops", s.allow(catalog.RoleViewer, s.getShops))
	api.Get("/shops/:shop", s.allow(catalog.RoleViewer, s.getShop))
	api.Get("/shops/:shop/check-in", s.allow(catalog.RoleStaff, s.getCheckIn))
	api.Put("/shops/:shop", s.allow(catalog.RoleMarketer, s.putShop))
	api.Delete("/shops/:shop", s.allow(catalog.RoleAdmin, s.deleteShop))
	s.planRoutes(api)
	s.pictureRoutes(api)
	s.surveyRoutes(api)
}

// param is a part of the path, as it was before it was escaped. It is a copy:
// fiber's own strings change with the next call.
func param(c *fiber.Ctx, name string) string {
	raw := strings.Clone(c.Params(name))
	if plain, err := url.PathUnescape(raw); err == nil {
		return plain
	}
	return raw
}

// named gives what a body holds the id that the path says, which the body may
// repeat.
func named[ID ~string](c *fiber.Ctx, part string, id *ID) error {
	path := ID(param(c, part))
	if *id == "" {
		*id = path
	}
	if *id != path {
		return fieldErrors{{"id", fmt.Sprintf("is %q, but the address says %q", *id, path)}}
	}
	return nil
}

// query is a part of the query, a copy too.
func query(c *fiber.Ctx, name string) string { return strings.Clone(c.Query(name)) }

func (s *Service) getShops(c *fiber.Ctx) error {
	shops, err := s.catalog.Shops(c.UserContext())
	if err != nil {
		return err
	}
	all := make([]offers.Shop, len(shops))
	for i := range shops {
		all[i] = whole(shops[i])
	}
	return c.JSON(fiber.Map{"shops": all})
}

func (s *Service) getShop(c *fiber.Ctx) error {
	shop, err := s.catalog.Shop(c.UserContext(), offers.ShopID(param(c, "shop")))
	if err != nil {
		return err
	}
	return c.JSON(whole(shop))
}

func (s *Service) putShop(c *fiber.Ctx) error {
	var shop offers.Shop
	if err := read(c, &shop); err != nil {
		return err
	}
	if err := named(c, "shop", &shop.ID); err != nil {
		return err
	}
	if err := checkShop(&shop); err != nil {
		return err
	}
	if err := s.checkDevices(c, &shop); err != nil {
		return err
	}
	if err := s.checkPictures(c, &shop); err != nil {
		return err
	}
	kept, err := s.catalog.ChangeShop(c.UserContext(), shop.ID, by(c), func(was *offers.Shop) (offers.Shop, error) {
		if was == nil {
			return shop, nil
		}
		now := shop
		if now.Survey == nil {
			now.Survey = was.Survey
		}
		now.Survey = stillTrue(was, &now)
		return now, nil
	})
	if err != nil {
		return err
	}
	s.tell(c.UserContext())
	s.forgetPictures(c.UserContext(), &kept)
	return c.JSON(whole(kept))
}

func (s *Service) deleteShop(c *fiber.Ctx) error {
	if err := s.catalog.DeleteShop(c.UserContext(), offers.ShopID(param(c, "shop")), by(c)); err != nil {
		return err
	}
	s.tell(c.UserContext())
	return c.SendStatus(fiber.StatusNoContent)
}

// whole is a shop whose lists are [] in JSON, never null, without its survey,
// which is long and has a door of its own. The catalogue's own shop, which
// others read at the same time, stays as it is.
func whole(shop offers.Shop) offers.Shop {
	shop.Survey = nil
	shop.Floors, shop.Zones = list(shop.Floors), slices.Clone(list(shop.Zones))
	shop.Receivers, shop.Cameras = list(shop.Receivers), list(shop.Cameras)
	for i := range shop.Zones {
		shop.Zones[i].Polygon = list(shop.Zones[i].Polygon)
	}
	return shop
}

// list is the same list, [] where it is nil.
func list[T any](of []T) []T {
	if of == nil {
		return []T{}
	}
	return of
}

// idPattern is what ids look like that stand in addresses and rules.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}$`)

const (
	idAdvice = "use letters, digits, - and _, at most 80"
	maxSideM = 2000 // of a floor, in metres
)

// checkShop tells all that is wrong with a shop.
func checkShop(shop *offers.Shop) error {
	var wrong fieldErrors
	wrong.add(idPattern.MatchString(string(shop.ID)), idAdvice, "id")
	wrong.add(shop.Name != "" && utf8.RuneCountInString(shop.Name) <= 120, "write a name, at most 120 characters", "name")
	_, err := time.LoadLocation(shop.TimeZone)
	wrong.add(err == nil && shop.TimeZone != "" && shop.TimeZone != "Local", "is no time zone: write one as Europe/Amsterdam", "time_zone")
	wrong.add(currencyPattern.MatchString(shop.Currency), "write three capitals, as EUR", "currency")
	wrong.add(isMinute(shop.Quiet.FromMinute) && isMinute(shop.Quiet.UntilMinute), "are minutes after midnight, 0 to 1440", "quiet")
	wrong.add(len(shop.Floors) > 0, "draw at least one floor", "floors")
	wrong.add(len(shop.Entrances) <= 500 && len(shop.Canaries) <= 200 && len(shop.Survey) <= surveyMost,
		"has too much on it: at most 500 entrances, 200 canary tags, 400 surveyed points", "floors")
	wrong.add(len(shop.Floors) <= 50 && len(shop.Zones) <= 1000 && len(shop.Receivers) <= 5000 && len(shop.Cameras) <= 1000 && len(shop.Fixtures) <= 5000,
		"is too large: at most 50 floors, 1000 zones, 5000 receivers, 1000 cameras, 5000 fixtures", "floors")

	floors := map[offers.FloorID]offers.Floor{}
	for i, f := range shop.Floors {
		_, twice := floors[f.ID]
		wrong.add(idPattern.MatchString(string(f.ID)), idAdvice, "floors[%d].id", i)
		wrong.add(!twice, "is there twice", "floors[%d].id", i)
		wrong.add(f.Name != "", "write a name", "floors[%d].name", i)
		wrong.add(f.WidthM > 0 && f.WidthM <= maxSideM, "is the width in metres, more than 0", "floors[%d].width_m", i)
		wrong.add(f.DepthM > 0 && f.DepthM <= maxSideM, "is the depth in metres, more than 0", "floors[%d].depth_m", i)
		if len(f.Outline) > 0 {
			checkCorners(&wrong, f, f.Outline, fmt.Sprintf("floors[%d].outline", i))
		}
		if p := f.Picture; p != nil {
			wrong.add(p.WidthM > 0 && p.DepthM > 0 && p.WidthM <= 10*maxSideM && p.DepthM <= 10*maxSideM && math.Abs(p.At.X) <= 10*maxSideM && math.Abs(p.At.Y) <= 10*maxSideM,
				"has a place, a width and a depth in metres", "floors[%d].picture", i)
			wrong.add(p.Opacity >= 0 && p.Opacity <= 1, "is between 0 and 1", "floors[%d].picture.opacity", i)
		}
		floors[f.ID] = f
	}
	zones := map[offers.ZoneID]bool{}
	for i, z := range shop.Zones {
		wrong.add(idPattern.MatchString(string(z.ID)), idAdvice, "zones[%d].id", i)
		wrong.add(!zones[z.ID], "is there twice", "zones[%d].id", i)
		wrong.add(z.Name != "", "write a name", "zones[%d].name", i)
		switch z.Kind {
		case offers.ZoneSales, offers.ZoneEntrance, offers.ZoneCheckout, offers.ZoneQuiet:
		default:
			wrong.add(false, "choose sales, entrance, checkout or quiet", "zones[%d].kind", i)
		}
		wrong.add(z.Dwell >= 0 && z.Dwell <= 24*time.Hour, "is a time in nanoseconds, at most a day", "zones[%d].dwell_ns", i)
		wrong.add(z.Capacity >= 0, "is a number of people, or 0", "zones[%d].capacity", i)
		floor, ok := floors[z.Floor]
		wrong.add(ok, "there is no such floor", "zones[%d].floor", i)
		if ok {
			checkCorners(&wrong, floor, z.Polygon, fmt.Sprintf("zones[%d].polygon", i))
		}
		zones[z.ID] = true
	}
	place := func(field string, i int, floor offers.FloorID, zone offers.ZoneID, at offers.Point) {
		f, ok := floors[floor]
		wrong.add(ok, "there is no such floor", field+"[%d].floor", i)
		wrong.add(zones[zone], "there is no such zone: choose another", field+"[%d].zone", i)
		wrong.add(!ok || within(f, at), "lies outside of the floor: move it in", field+"[%d].at", i)
	}
	receivers := map[offers.ReceiverID]bool{}
	for i, r := range shop.Receivers {
		wrong.add(idPattern.MatchString(string(r.ID)), idAdvice, "receivers[%d].id", i)
		wrong.add(!receivers[r.ID], "is there twice", "receivers[%d].id", i)
		place("receivers", i, r.Floor, r.Zone, r.At)
		receivers[r.ID] = true
	}
	cameras := map[offers.CameraID]bool{}
	for i, cam := range shop.Cameras {
		wrong.add(idPattern.MatchString(string(cam.ID)), idAdvice, "cameras[%d].id", i)
		wrong.add(!cameras[cam.ID], "is there twice", "cameras[%d].id", i)
		wrong.add(!math.IsNaN(cam.HeadingDeg) && math.Abs(cam.HeadingDeg) <= 360, "is in degrees, -360 to 360", "cameras[%d].heading_deg", i)
		place("cameras", i, cam.Floor, cam.Zone, cam.At)
		fault := groundFault(cam.Ground)
		wrong.add(fault == "", fault, "cameras[%d].ground", i)
		cameras[cam.ID] = true
	}
	for i, f := range shop.Fixtures {
		floor, ok := floors[f.Floor]
		wrong.add(ok, "there is no such floor", "fixtures[%d].floor", i)
		wrong.add(f.WidthM > 0 && f.DepthM > 0, "has a width and a depth, in metres", "fixtures[%d].width_m", i)
		wrong.add(!ok || within(floor, f.At) && within(floor, offers.Point{X: f.At.X + f.WidthM, Y: f.At.Y + f.DepthM}), "stands outside of the floor: move it in", "fixtures[%d].at", i)
	}
	for i, e := range shop.Entrances {
		wrong.add(idPattern.MatchString(e.ID), idAdvice, "entrances[%d].id", i)
		wrong.add(e.Leads != e.Floor || e.Leads == "", "leads to the floor that it is on: choose another one, or the street", "entrances[%d].leads", i)
	}
	for i, k := range shop.Canaries {
		wrong.add(k.Tag != "" && len(k.Tag) <= 120, "write the tag's id, as the gateways spell it", "canaries[%d].tag", i)
	}
	wrong.addFaults(shop)
	return wrong.err()
}

// checkDevices refuses receivers and cameras that stand in another shop: what
// they see would be taken for that one's.
func (s *Service) checkDevices(c *fiber.Ctx, shop *offers.Shop) error {
	others, err := s.catalog.Shops(c.UserContext())
	if err != nil {
		return err
	}
	receivers, cameras := map[offers.ReceiverID]string{}, map[offers.CameraID]string{}
	for i := range others {
		if others[i].ID == shop.ID {
			continue
		}
		for _, r := range others[i].Receivers {
			receivers[r.ID] = others[i].Name
		}
		for _, cam := range others[i].Cameras {
			cameras[cam.ID] = others[i].Name
		}
	}
	var wrong fieldErrors
	for i, r := range shop.Receivers {
		where, taken := receivers[r.ID]
		wrong.add(!taken, "stands in "+where+" already", "receivers[%d].id", i)
	}
	for i, cam := range shop.Cameras {
		where, taken := cameras[cam.ID]
		wrong.add(!taken, "stands in "+where+" already", "cameras[%d].id", i)
	}
	return wrong.err()
}

var currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)

func isMinute(m int) bool { return m >= 0 && m <= 24*60 }

// within tells whether a point is on a floor's rectangle, to the centimetre.
func within(f offers.Floor, p offers.Point) bool {
	const slack = 0.01
	return p.X >= -slack && p.Y >= -slack && p.X <= f.WidthM+slack && p.Y <= f.DepthM+slack // false for NaN
}

// checkCorners tells which corners lie outside of the floor.
func checkCorners(wrong *fieldErrors, floor offers.Floor, polygon []offers.Point, field string) {
	if len(polygon) < 3 {
		wrong.add(false, "needs at least three corners", "%s", field)
		return
	}
	for i, p := range polygon {
		wrong.add(within(floor, p), "lies outside of the floor: move it in, or make the floor larger", field+"[%d]", i)
	}
}

// contains tells whether a point is inside of a polygon, by the number of
// sides that a ray to the right crosses.
func contains(polygon []offers.Point, p offers.Point) bool {
	inside := false
	for i, j := 0, len(polygon)-1; i < len(polygon); j, i = i, i+1 {
		a, b := polygon[i], polygon[j]
		if (a.Y > p.Y) != (b.Y > p.Y) && p.X < (b.X-a.X)*(p.Y-a.Y)/(b.Y-a.Y)+a.X {
			inside = !inside
		}
	}
	return inside
}

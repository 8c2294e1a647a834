package console

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
	"aisle/vision/ground"
	"aisle/vision/pass"
	"aisle/vision/tally"
)

func (s *Service) cameraRoutes(api fiber.Router) {
	api.Get("/cameras", s.allow(catalog.RoleViewer, s.getCameras))
	api.Put("/cameras/:camera/ground", s.allow(catalog.RoleMarketer, s.putGround))
	api.Post("/cameras/:camera/passes", s.allow(catalog.RoleMarketer, s.addPass))
}

// How long things of cameras hold.
const (
	cameraLost  = 35 * time.Second     // without a word of its process: three that stayed away
	lookFor     = 5 * time.Minute      // a pass to look at pictures, to show the floor
	sendFor     = 365 * 24 * time.Hour // a tablet that is a camera
	minutesKept = 30                   // signed lines that are shown
)

type (
	camera struct {
		ID       offers.CameraID      `json:"id"`
		Shop     offers.ShopID        `json:"shop,omitempty"` // none: it is on no floor plan
		ShopName string               `json:"shop_name,omitempty"`
		Floor    offers.FloorID       `json:"floor,omitempty"`
		ZoneName string               `json:"zone_name,omitempty"`
		Ground   []offers.GroundPoint `json:"ground"`
		HeightM  float64              `json:"height_m,omitempty"` // at which it hangs, by its four points
		State    string               `json:"state"`              // as state.CameraHealth has it, or lost, or unknown
		Health   *state.CameraHealth  `json:"health,omitempty"`
		Told     time.Time            `json:"told,omitzero"`
		Process  string               `json:"process,omitempty"`
		Today    tally.Counts         `json:"today"`
		Lines    []counterLine        `json:"lines"` // newest first
	}
	cameraProcess struct {
		ID string `json:"id"`
		state.ProcessHealth
		Lost bool `json:"lost"`
	}
	cameras struct {
		Cameras   []camera        `json:"cameras"`
		Processes []cameraProcess `json:"processes"`
	}
)

func (s *Service) getCameras(c *fiber.Ctx) error {
	all, err := s.cameras(c.UserContext(), time.Now())
	if err != nil {
		return err
	}
	return c.JSON(all)
}

// cameras are those on the floor plans, and those that some process has and no
// plan. Who needs somebody comes first.
func (s *Service) cameras(ctx context.Context, now time.Time) (cameras, error) {
	told, processes, err := s.store.Cameras(ctx)
	if err != nil {
		return cameras{}, err
	}
	shops, err := s.catalog.Shops(ctx)
	if err != nil {
		return cameras{}, err
	}
	all := cameras{Cameras: []camera{}, Processes: []cameraProcess{}}
	for i := range shops {
		counted, err := s.cameraCounters(ctx, &shops[i], now)
		if err != nil {
			return cameras{}, err
		}
		for _, cam := range shops[i].Cameras {
			one := camera{
				ID: cam.ID, Shop: shops[i].ID, ShopName: shops[i].Name, Floor: cam.Floor, ZoneName: zoneName(&shops[i], cam.Zone),
				Ground: list(cam.Ground), Today: counted[cam.ID].Day, Lines: s.checked(ctx, counted[cam.ID].Lines),
			}
			one.hear(told, processes, now)
			all.Cameras = append(all.Cameras, one)
			delete(told, cam.ID)
		}
	}
	for id, h := range told {
		if now.Sub(h.Told) > time.Hour {
			continue // it was taken away
		}
		one := camera{ID: id, Ground: []offers.GroundPoint{}, Lines: []counterLine{}}
		one.hear(told, processes, now)
		all.Cameras = append(all.Cameras, one)
	}
	for id, p := range processes {
		all.Processes = append(all.Processes, cameraProcess{id, p, now.Sub(p.Told) > cameraLost})
	}
	slices.SortFunc(all.Cameras, func(a, b camera) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.ShopName, b.ShopName), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(all.Processes, func(a, b cameraProcess) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

func (c camera) rank() int {
	return slices.Index([]string{"refused", "stalled", "lost", "connecting", "waiting", "unknown", "live", "ended"}, c.State)
}

// hear fills in how the camera is, if that was told.
func (c *camera) hear(told map[offers.CameraID]state.CameraHealth, processes map[string]state.ProcessHealth, now time.Time) {
	h, ok := told[c.ID]
	if !ok {
		c.State = "unknown"
		return
	}
	c.State, c.Health, c.Told, c.Process = h.State, &h, h.Told, processes[h.Process].Name
	if now.Sub(h.Told) > cameraLost {
		c.State = "lost"
	}
	if m, err := ground.New(c.Ground); err == nil && h.WidthPx > 0 && h.HeightPx > 0 {
		c.HeightM = tenth(m.View(h.WidthPx, h.HeightPx).HeightM())
	}
}

// cameraCounters is what a shop's cameras counted on its day.
func (s *Service) cameraCounters(ctx context.Context, shop *offers.Shop, now time.Time) (map[offers.CameraID]state.CameraCounters, error) {
	zone, err := time.LoadLocation(shop.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	ids := make([]offers.CameraID, len(shop.Cameras))
	for i, cam := range shop.Cameras {
		ids[i] = cam.ID
	}
	return s.store.Counters(ctx, ids, now.In(zone).Format(time.DateOnly), minutesKept)
}

// checked are lines with what their signatures are worth. Without the keys none
// is.
func (s *Service) checked(ctx context.Context, lines []tally.Signed) []counterLine {
	shown := []counterLine{}
	if len(lines) == 0 {
		return shown
	}
	keys, err := s.store.CounterKeys(ctx)
	if err != nil {
		s.logger.Error("console: keys of counters cannot be read", "err", err)
	}
	for _, signed := range lines {
		line, err := tally.Parse(signed.Line)
		if err == nil {
			_, err = tally.Verify(keys[line.Key].Public, signed)
		}
		shown = append(shown, counterLine{signed, err == nil})
	}
	return shown
}

// cameraOf is the shop of a camera.
func (s *Service) cameraOf(id offers.CameraID) (offers.ShopID, error) {
	shop, ok := s.catalogue().Cameras[id]
	if !ok {
		return "", fmt.Errorf("camera %q: %w: put it on the floor plan of its shop first", id, offers.ErrNotFound)
	}
	return shop, nil
}

// putGround keeps four places of the floor as a camera sees them, or forgets
// them.
func (s *Service) putGround(c *fiber.Ctx) error {
	var in struct {
		Ground []offers.GroundPoint `json:"ground"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	id := offers.CameraID(param(c, "camera"))
	shop, err := s.cameraOf(id)
	if err != nil {
		return err
	}
	if wrong := groundFault(in.Ground); wrong != "" {
		return fieldErrors{{"ground", wrong}}
	}
	_, err = s.catalog.ChangeShop(c.UserContext(), shop, by(c), func(was *offers.Shop) (offers.Shop, error) {
		if was == nil {
			return offers.Shop{}, fmt.Errorf("shop %q: %w", shop, offers.ErrNotFound)
		}
		now := *was
		now.Cameras = slices.Clone(was.Cameras)
		for i := range now.Cameras {
			if now.Cameras[i].ID == id {
				now.Cameras[i].Ground = in.Ground
				return now, nil
			}
		}
		return offers.Shop{}, fmt.Errorf("camera %q: %w: it was taken off the plan", id, offers.ErrNotFound)
	})
	if err != nil {
		return err
	}
	s.tell(c.UserContext())
	return c.JSON(fiber.Map{"ground": list(in.Ground)})
}

// groundFault says why four points are none; none at all are fine.
func groundFault(points []offers.GroundPoint) string {
	if len(points) == 0 {
		return ""
	}
	_, err := ground.New(points)
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(err.Error(), "four points: "+offers.ErrInvalid.Error()+": ")
}

// addPass writes a pass by which a browser may look at the camera's pictures for
// a few minutes, or be the camera.
func (s *Service) addPass(c *fiber.Ctx) error {
	var in struct {
		For pass.Purpose `json:"for"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	id := offers.CameraID(param(c, "camera"))
	if _, err := s.cameraOf(id); err != nil {
		return err
	}
	hold := lookFor
	switch in.For {
	case pass.Look:
	case pass.Send:
		hold = sendFor
	default:
		return fieldErrors{{"for", "choose look or send"}}
	}
	known, err := s.keys(c.UserContext())
	if err != nil {
		return err
	}
	until := time.Now().Add(hold).UTC().Truncate(time.Second)
	written := pass.Write([]byte(hex.EncodeToString(known.Edge)), in.For, id, until)
	name := url.PathEscape(string(id))
	path := "/vision/cameras/" + name + "/picture?key=" + written
	if in.For == pass.Send {
		path = s.config.PublicURL + "/vision/camera/" + name + "#" + written
		if err := s.catalog.Audit(c.UserContext(), by(c), "tablet", "camera/"+string(id)); err != nil {
			return err
		}
	}
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"address": path, "until": until})
}

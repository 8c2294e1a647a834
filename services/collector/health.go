package collector

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/state"
	"aisle/vision"
	"aisle/vision/tally"
)

// Bounds of what a cameras' process tells at a time.
const (
	maxCameras = 256
	maxLines   = 500
	maxWords   = 300 // letters of a problem
)

// cameraStates are those that a process may tell.
var cameraStates = []string{"connecting", "waiting", "live", "stalled", "refused", "ended"}

// health is what a cameras' process tells every ten seconds: how it and its
// cameras are, and the lines of counters that it signed since.
type health struct {
	Process *struct {
		state.ProcessHealth
		Key   []byte        `json:"key"` // Ed25519, public
		Curve *vision.Curve `json:"curve"`
	} `json:"process"`
	Cameras []struct {
		ID offers.CameraID `json:"id"`
		state.CameraHealth
	} `json:"cameras"`
	Lines []tally.Signed `json:"lines"`
}

// postHealth takes how the cameras are, every ten seconds from each of their
// processes: {"cameras": [{"id": "cam-door", "fps": 5, "state": "live"}]}, with
// the process itself and its lines of counters. The answer is where the cameras
// are on the floor plans. A camera that is live was heard
// of now. The others, and those on no floor plan, were not.
func (k *Collector) postHealth(ctx context.Context, c *fiber.Ctx, body []byte) error {
	if err := k.edge(c); err != nil {
		return err
	}
	// Nothing of it is put aside: the next one is due, and says it anew.
	body, bad := formats.Valid(body)
	if bad != nil {
		return bad
	}
	var in health
	if err := formats.Unmarshal(body, &in); err != nil || in.Cameras == nil {
		return status(fiber.StatusBadRequest, `This is no health: want {"cameras": [{"id": "cam-door", "fps": 5, "state": "live"}]}.`)
	}
	if len(in.Cameras) > maxCameras || len(in.Lines) > maxLines {
		return status(fiber.StatusBadRequest, "At most 256 cameras and 500 lines of counters at a time.")
	}
	now, placed := time.Now(), k.shops.Now().Cameras
	devices, told := map[state.Device]time.Time{}, map[offers.CameraID]state.CameraHealth{}
	for _, cam := range in.Cameras {
		if _, ok := placed[cam.ID]; ok && cam.State == "live" {
			devices[state.Camera(cam.ID)] = now
		}
		if cam.ID == "" || len(cam.ID) > 80 || !slices.Contains(cameraStates, cam.State) {
			continue
		}
		cam.Problem = short(cam.Problem)
		told[cam.ID] = cam.CameraHealth
	}
	if err := k.state.Heard(ctx, devices); err != nil {
		return err
	}
	if p := in.Process; p != nil {
		if len(p.Key) != ed25519.PublicKeySize {
			return status(fiber.StatusBadRequest, "The process has no key: want process.key, 32 bytes in base64.")
		}
		p.Name, p.Model, p.Told = short(p.Name), short(p.Model), now.UTC()
		if err := k.state.TellCameras(ctx, tally.Fingerprint(p.Key), p.ProcessHealth, told); err != nil {
			return err
		}
		if p.Curve != nil && p.Curve.Model != "" {
			if err := k.state.TellCurve(ctx, state.Curve{Curve: *p.Curve, Process: p.Name, Told: now.UTC()}); err != nil {
				return err
			}
		}
		if err := k.keepLines(ctx, p.Name, p.Key, in.Lines, now); err != nil {
			return err
		}
	}
	return c.JSON(fiber.Map{"cameras": k.placed(told)})
}

// placedCamera is what the house knows of a camera.
type placedCamera struct {
	ID     offers.CameraID      `json:"id"`
	Shop   offers.ShopID        `json:"shop"`
	Ground []offers.GroundPoint `json:"ground,omitempty"`
}

// placed are those of the cameras that are on a floor plan.
func (k *Collector) placed(told map[offers.CameraID]state.CameraHealth) []placedCamera {
	now, all := k.shops.Now(), []placedCamera{}
	for id := range told {
		shop := now.Shops[now.Cameras[id]]
		if shop == nil {
			continue
		}
		for _, cam := range shop.Cameras {
			if cam.ID == id {
				all = append(all, placedCamera{id, shop.ID, cam.Ground})
			}
		}
	}
	return all
}

// short is a copy of a text that is shown, of a bounded length.
func short(text string) string {
	letters := []rune(text)
	return string(letters[:min(len(letters), maxWords)])
}

// keepLines keeps the counters of cameras on floor plans, of those lines that
// the process signed. Others are counted and left: sent again they would be as
// wrong.
func (k *Collector) keepLines(ctx context.Context, process string, key ed25519.PublicKey, lines []tally.Signed, now time.Time) error {
	shops, registered := k.shops.Now(), false
	for _, signed := range lines {
		l, err := tally.Verify(key, signed)
		shop := shops.Shops[shops.Cameras[l.Camera]]
		if err != nil || shop == nil || l.Until.After(now.Add(2*time.Minute)) || l.Until.Before(now.Add(-48*time.Hour)) {
			k.metrics.refused.WithLabelValues("counters", "line").Inc()
			continue
		}
		if !registered {
			if err := k.state.RegisterCounterKey(ctx, state.CounterKey{Process: process, Public: key, First: now.UTC()}); err != nil {
				return err
			}
			registered = true
		}
		zone, err := time.LoadLocation(shop.TimeZone)
		if err != nil {
			zone = time.UTC
		}
		if err := k.state.AddCounters(ctx, signed, l.Until.In(zone).Format(time.DateOnly)); err != nil && !errors.Is(err, offers.ErrInvalid) {
			return err
		}
	}
	return nil
}

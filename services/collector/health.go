package collector

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/state"
)

// postHealth takes how the cameras are, every ten seconds from each of their
// processes: {"cameras": [{"id": "cam-door", "fps": 5, "state": "live"}]}. One
// that is live was heard of now. The others, and those on no floor plan, were
// not.
func (k *Collector) postHealth(ctx context.Context, c *fiber.Ctx, body []byte) error {
	if err := k.edge(c); err != nil {
		return err
	}
	// Nothing of it is put aside: the next one is due, and says it anew.
	body, bad := formats.Valid(body)
	if bad != nil {
		return bad
	}
	var in struct {
		Cameras []struct {
			ID    offers.CameraID `json:"id"`
			State string          `json:"state"`
		} `json:"cameras"`
	}
	if err := formats.Unmarshal(body, &in); err != nil || in.Cameras == nil {
		return status(fiber.StatusBadRequest, `This is no health: want {"cameras": [{"id": "cam-door", "fps": 5, "state": "live"}]}.`)
	}
	now, placed := time.Now(), k.shops.Now().Cameras
	devices := map[state.Device]time.Time{}
	for _, cam := range in.Cameras {
		if _, ok := placed[cam.ID]; !ok || cam.State != "live" {
			continue
		}
		devices[state.Camera(cam.ID)] = now
	}
	if err := k.state.Heard(ctx, devices); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

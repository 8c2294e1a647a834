package collector

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/segment"
)

// ofSegment are the clients of Segment's tracking API.
var ofSegment = family{name: "segment", decode: segment.Decode}

var acceptedBody = []byte(`{"success":true}`)

// segmentRoutes puts in the paths of Segment's API, in full and, as its browser
// client has them, by the call's first letter.
func (k *Collector) segmentRoutes(r fiber.Router) {
	for long, short := range map[string]string{
		"track": "t", "identify": "i", "page": "p", "group": "g", "alias": "a", "screen": "s", "batch": "b", "import": "",
	} {
		handler := k.tracking(ofSegment, long)
		r.Post("/v1/"+long, k.cors, handler)
		if short != "" {
			r.Post("/v1/"+short, k.cors, handler)
		}
	}
	r.Get("/v1/projects/:key/settings", k.cors, k.settings)
	r.Post("/token", k.door("segment/token", maxEvent, k.token))
	r.Options("/v1/*", k.preflight)
}

// tracking is a door that answers as Segment's API does: yes or no to a call,
// yes to a batch, of which what is bad is put aside.
func (k *Collector) tracking(f family, route string) fiber.Handler {
	return k.door(f.name+"/"+route, maxBatch, func(ctx context.Context, c *fiber.Ctx, body []byte) error {
		d, err := k.take(ctx, c, f, body)
		if err != nil {
			return err
		}
		if bad := d.refused(); bad != nil {
			return bad
		}
		c.Status(fiber.StatusAccepted)
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		c.Response().SetBodyRaw(acceptedBody)
		return nil
	})
}

// refused is what is wrong with a call by itself, if that is its sender's to
// mend. Bots, and what is sound and says nothing to us, are none of it.
func (d *delivery) refused() *formats.Bad {
	if !d.single || len(d.bad) != 1 || d.bad[0].Reason == offers.ReasonBot || d.bad[0].Reason == offers.ReasonUnknown {
		return nil
	}
	return d.bad[0]
}

package collector

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
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
		r.Post("/v1/"+long, k.config.Origins.Pages, handler)
		if short != "" {
			r.Post("/v1/"+short, k.config.Origins.Pages, handler)
		}
	}
	r.Get("/v1/projects/:key/settings", k.config.Origins.Pages, k.settings)
	r.Post("/token", k.door("segment/token", maxEvent, k.token))
	r.Options("/v1/*", k.config.Origins.Preflight)
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

// settings is what Segment's browser client asks its CDN for before it starts.
func (k *Collector) settings(c *fiber.Ctx) error {
	key := c.Params("key")
	if _, ok := k.keys.Source(context.Background(), key, catalog.ScopeEvents); !ok {
		problem(c, status(fiber.StatusNotFound, "There is no source with this write key. The console lists them under Sources."), k.logger)
		return nil
	}
	on := fiber.Map{"enabled": true}
	c.Set(fiber.HeaderCacheControl, "public, max-age=60")
	return c.JSON(fiber.Map{
		"integrations": fiber.Map{"Segment.io": fiber.Map{
			"apiKey": key, "unbundledIntegrations": []string{}, "addBundledMetadata": true, "maybeBundledConfigIds": fiber.Map{},
			"versionSettings": fiber.Map{"version": "4.4.7", "componentTypes": []string{"browser"}},
			"apiHost":         string(c.Request().Host()) + "/v1", "protocol": c.Protocol(),
		}},
		"plan": fiber.Map{
			"track": fiber.Map{"__default": fiber.Map{"enabled": true, "integrations": fiber.Map{}}}, "identify": fiber.Map{"__default": on}, "group": fiber.Map{"__default": on},
		},
		"edgeFunction": fiber.Map{}, "analyticsNextEnabled": true, "middlewareSettings": fiber.Map{}, "enabledMiddleware": fiber.Map{},
		"metrics": fiber.Map{"sampleRate": 0}, "legacyVideoPluginsEnabled": false, "remotePlugins": []string{},
	})
}

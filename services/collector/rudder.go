package collector

import (
	"context"
	"encoding/base64"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/services/catalog"
)

// RudderStack's clients speak as Segment's do, and share their source: what
// they send once by XMLHttpRequest and again as a beacon has the same ids.

// rudderRoutes puts in the paths that RudderStack has beside Segment's.
func (k *Collector) rudderRoutes(r fiber.Router) {
	for _, route := range []string{"merge", "webhook"} {
		r.Post("/v1/"+route, k.config.Origins.Pages, k.tracking(ofSegment, route))
	}
	r.Post("/beacon/v1/batch", k.config.Origins.Pages, k.tracking(ofSegment, "beacon"))
	r.Options("/beacon/*", k.config.Origins.Preflight)
	for _, route := range []string{"track", "page"} {
		r.Get("/pixel/v1/"+route, k.pixel(route))
	}
	r.Get("/sourceConfig", k.config.Origins.Pages, k.sourceConfig)
	r.Options("/sourceConfig", k.config.Origins.Preflight)
}

// transparent is an image of one transparent point.
var transparent, _ = base64.StdEncoding.DecodeString("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")

// pixel takes a call that is the address of an image, as in e-mails. It always
// answers with one: people who read the e-mail can mend nothing.
func (k *Collector) pixel(route string) fiber.Handler {
	return k.door("segment/pixel-"+route, maxBatch, func(ctx context.Context, c *fiber.Ctx, _ []byte) error {
		d, err := k.take(ctx, c, ofSegment, nil)
		if err == nil {
			if bad := d.refused(); bad != nil {
				err = bad
			}
		}
		code := fiber.StatusOK
		if err != nil {
			code = problem(c, err, k.logger)
		}
		c.Status(code)
		c.Set(fiber.HeaderContentType, "image/gif")
		c.Set(fiber.HeaderCacheControl, "no-store")
		c.Response().SetBodyRaw(transparent)
		return nil
	})
}

// sourceConfig is what RudderStack's clients ask before they start: whether
// the source is on, and where else its events go, which is nowhere.
func (k *Collector) sourceConfig(c *fiber.Ctx) error {
	key := keyOf(c)
	ctx, cancel := context.WithTimeout(context.Background(), requestWithin)
	defer cancel()
	from, ok := k.keys.Source(ctx, key, catalog.ScopeEvents)
	switch {
	case key == "":
		problem(c, errKey, k.logger)
		return nil
	case !ok:
		problem(c, status(fiber.StatusNotFound, "There is no source with this write key. The console lists them under Sources."), k.logger)
		return nil
	}
	created := from.Created
	if created.IsZero() { // named in the configuration
		created = time.Unix(0, 0).UTC()
	}
	off := fiber.Map{"enabled": false}
	c.Set(fiber.HeaderCacheControl, "private, max-age=60")
	return c.JSON(fiber.Map{
		"source": fiber.Map{
			"id": from.Name, "name": from.Name, "writeKey": key, "enabled": true, "workspaceId": "aisle",
			"config":       fiber.Map{"statsCollection": fiber.Map{"errors": off, "metrics": off}},
			"destinations": []string{}, "connections": []string{}, "dataplanes": fiber.Map{},
			"createdAt": created, "updatedAt": created,
		},
		"updatedAt": created, "consentManagementMetadata": fiber.Map{},
	})
}

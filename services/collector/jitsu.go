package collector

import (
	"github.com/gofiber/fiber/v2"

	"aisle/services/formats/segment"
)

// ofJitsu are Jitsu's clients. They speak as Segment's do, under paths and with
// a key header of their own.
var ofJitsu = family{name: "jitsu", decode: segment.Decode}

// jitsuRoutes puts in the paths of Jitsu's clients: /api/s/<type> for browsers,
// /api/s/s2s/<type> for servers. They come before what the console has under
// /api, and are the only ones there that take a write key.
func (k *Collector) jitsuRoutes(r fiber.Router) {
	browser, server := k.tracking(ofJitsu, "browser"), k.tracking(ofJitsu, "server")
	r.Post("/api/s/s2s/:type", k.config.Origins.Pages, server)
	r.Post("/api/s/:type", k.config.Origins.Pages, browser)
	r.Options("/api/s/*", k.config.Origins.Preflight)
	r.Get("/p.js", k.config.Origins.Pages, func(c *fiber.Ctx) error {
		problem(c, status(fiber.StatusNotFound, "Aisle does not serve Jitsu's script. Load @jitsu/js from your own site and give it this host; or send to /api/s/<type>."), k.logger)
		return nil
	})
}

package collector

import (
	"context"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// cors lets pages of the listed web sites read the answer. An origin that is
// not listed gets no header: its browser then keeps the answer from the page.
// Credentials are never allowed: write keys are in headers, not in cookies.
func (k *Collector) cors(c *fiber.Ctx) error {
	k.allowOrigin(c)
	return c.Next()
}

func (k *Collector) allowOrigin(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return false
	}
	c.Vary(fiber.HeaderOrigin)
	switch {
	case slices.Contains(k.config.Origins, origin):
		c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	case slices.Contains(k.config.Origins, "*"):
		c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	default:
		return false
	}
	c.Set(fiber.HeaderAccessControlExposeHeaders, "Retry-After, X-RateLimit-Reset")
	return true
}

// preflight answers what a browser asks before it sends for a page. Clients
// bring headers of their own, so those that it names are allowed.
func (k *Collector) preflight(c *fiber.Ctx) error {
	if k.allowOrigin(c) {
		c.Set(fiber.HeaderAccessControlAllowMethods, "POST, GET, OPTIONS")
		var headers []string
		for name := range strings.SplitSeq(c.Get(fiber.HeaderAccessControlRequestHeaders), ",") {
			if name = strings.ToLower(strings.TrimSpace(name)); headerName(name) && len(headers) < 20 {
				headers = append(headers, name)
			}
		}
		if len(headers) > 0 {
			c.Set(fiber.HeaderAccessControlAllowHeaders, strings.Join(headers, ","))
		}
		c.Set(fiber.HeaderAccessControlMaxAge, "600")
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func headerName(s string) bool {
	return s != "" && len(s) <= 60 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// settings is what Segment's browser client asks its CDN for before it starts.
func (k *Collector) settings(c *fiber.Ctx) error {
	key := c.Params("key")
	if _, ok := k.sourceOf(context.Background(), key); !ok {
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

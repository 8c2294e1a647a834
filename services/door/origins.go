package door

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Origins are the web sites whose pages may read answers: https://shop.example,
// or "*" for any.
type Origins []string

// Pages lets pages of the listed sites read the answer. An origin that is not
// listed gets no header: its browser then keeps the answer from the page.
// Credentials are never allowed: write keys are in headers, not in cookies.
func (o *Origins) Pages(c *fiber.Ctx) error {
	o.Allow(c)
	return c.Next()
}

// Allow sets the headers that let the page read the answer, and tells whether it
// may.
func (o *Origins) Allow(c *fiber.Ctx) bool {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return false
	}
	c.Vary(fiber.HeaderOrigin)
	switch {
	case slices.Contains(*o, origin):
		c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	case slices.Contains(*o, "*"):
		c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	default:
		return false
	}
	c.Set(fiber.HeaderAccessControlExposeHeaders, "Retry-After, X-RateLimit-Reset")
	return true
}

// Preflight answers what a browser asks before it sends for a page. Clients
// bring headers of their own, so those that it names are allowed.
func (o *Origins) Preflight(c *fiber.Ctx) error {
	if o.Allow(c) {
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

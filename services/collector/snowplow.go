package collector

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/snowplow"
)

const (
	maxSnowplow  = 1 << 20 // what Snowplow's pipeline takes as one record
	maxApps      = 200     // app ids that are told apart where any may write
	maxReferer   = 2000
	cookieOfDoor = "sp"
	cookieFor    = 365 * 24 * time.Hour
)

// snowplowFamily are Snowplow's trackers. They have no key: the app id says who
// writes.
func snowplowFamily(c Config) family {
	return family{name: "snowplow", decode: snowplow.Reader{Apps: c.SnowplowApps}.Decode, keyless: true}
}

// snowplowRoutes puts in the paths of Snowplow's collector. Trackers may be told
// to use any path of two parts; those that the house has itself, and those that
// only look like it, go on to whoever answers them. So this comes last.
func (k *Collector) snowplowRoutes(r fiber.Router) {
	post, get := k.snowplowPost(), k.snowplowGet()
	for _, path := range []string{"/i", "/ice.png"} {
		r.Get(path, k.cookieCORS, get)
		r.Options(path, k.snowplowPreflight)
	}
	r.Get("/r/:version", k.snowplowRedirect())
	r.Get("/health", func(c *fiber.Ctx) error { return c.SendString("ok") })
	custom := func(yes func(*fiber.Ctx) bool, answer fiber.Handler) fiber.Handler {
		return func(c *fiber.Ctx) error {
			if !yes(c) {
				return c.Next()
			}
			k.allowWithCookies(c)
			return answer(c)
		}
	}
	r.Post("/:vendor/:version", custom(postedHere, post))
	r.Get("/:vendor/:version", custom(askedHere, get))
	r.Options("/:vendor/:version", custom(preflightHere, k.config.Origins.Preflight))
}

// Paths of two parts that are a tracker's: those that name a vendor as Iglu
// does (com.acme/track), and others only if they bring what trackers send.

func postedHere(c *fiber.Ctx) bool {
	vendor := c.Params("vendor")
	if isVendor(vendor) {
		return true
	}
	body := c.Request().Body()
	return !ofHouse[vendor] && bytes.Contains(body[:min(len(body), 400)], []byte("/payload_data/"))
}

func askedHere(c *fiber.Ctx) bool {
	args := c.Context().QueryArgs()
	return isVendor(c.Params("vendor")) && (args.Has("e") || args.Has("schema"))
}

func preflightHere(c *fiber.Ctx) bool {
	return !ofHouse[c.Params("vendor")] && c.Get(fiber.HeaderAccessControlRequestMethod) != ""
}

// ofHouse are first parts of paths that are never a vendor.
var ofHouse = map[string]bool{
	"api": true, "assets": true, "beacon": true, "console": true, "micro": true, "pixel": true, "r": true, "shopper": true, "staff": true, "v1": true, "vision": true,
}

func isVendor(s string) bool {
	return len(s) <= 100 && strings.Contains(strings.Trim(s, "."), ".") && !strings.Contains(s, "..") &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

// cookieCORS lets pages of the listed web sites send the door's cookie, which
// Snowplow's trackers do unless told otherwise. Only an origin that is listed
// by name may: a wildcard never comes with credentials.
func (k *Collector) cookieCORS(c *fiber.Ctx) error {
	k.allowWithCookies(c)
	return c.Next()
}

func (k *Collector) allowWithCookies(c *fiber.Ctx) {
	if k.config.Origins.Allow(c) && slices.Contains(k.config.Origins, c.Get(fiber.HeaderOrigin)) {
		c.Set(fiber.HeaderAccessControlAllowCredentials, "true")
	}
}

func (k *Collector) snowplowPreflight(c *fiber.Ctx) error {
	k.allowWithCookies(c)
	return k.config.Origins.Preflight(c)
}

// snowplowPost answers as Snowplow's collector does: yes to whatever could be
// read at all. What fails later is put aside with its reason, and is no matter
// of the tracker's.
func (k *Collector) snowplowPost() fiber.Handler {
	return k.door("snowplow/tp2", 4*maxSnowplow, func(ctx context.Context, c *fiber.Ctx, body []byte) error {
		if err := k.track(ctx, c, body); err != nil {
			return err
		}
		return c.SendString("ok")
	})
}

// pixel is the smallest GIF: one point that is not seen.
var pixel = []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;")

func (k *Collector) snowplowGet() fiber.Handler {
	return k.door("snowplow/i", maxSnowplow, func(ctx context.Context, c *fiber.Ctx, _ []byte) error {
		if err := k.track(ctx, c, nil); err != nil {
			return err
		}
		c.Set(fiber.HeaderContentType, "image/gif")
		c.Set(fiber.HeaderCacheControl, "no-cache, no-store, must-revalidate")
		c.Response().SetBodyRaw(pixel)
		return nil
	})
}

// snowplowRedirect notes a click and sends the visitor on, to the listed web
// sites only: one that sends on to anywhere is a gift to whoever writes
// fraudulent mail. The visitor goes on even if the click cannot be kept, since
// no tracker is there to send it again.
func (k *Collector) snowplowRedirect() fiber.Handler {
	return k.door("snowplow/redirect", maxSnowplow, func(ctx context.Context, c *fiber.Ctx, _ []byte) error {
		to := k.allowedTarget(c.Query("u"))
		if to == "" {
			return status(fiber.StatusBadRequest, "This house sends on to its own web sites only. Add the site to collector.origins: https://shop.example.")
		}
		c.Set(fiber.HeaderCacheControl, "no-cache, no-store, must-revalidate")
		if err := k.track(ctx, c, nil); err != nil {
			if !errors.Is(err, offers.ErrUnavailable) {
				return err
			}
			k.metrics.refused.WithLabelValues("snowplow/redirect", "503").Inc()
		}
		return c.Redirect(to, fiber.StatusFound)
	})
}

// allowedTarget is an address that is sent on to, or empty.
func (k *Collector) allowedTarget(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Opaque != "" || strings.Contains(address, `\`) {
		return ""
	}
	origin := strings.ToLower(u.Scheme + "://" + u.Host)
	if u.Scheme != "http" && u.Scheme != "https" || !slices.ContainsFunc(k.config.Origins, func(o string) bool { return strings.EqualFold(o, origin) }) {
		return ""
	}
	return u.String()
}

// track takes what a tracker sent, and gives it the door's cookie.
func (k *Collector) track(ctx context.Context, c *fiber.Ctx, body []byte) error {
	if k.asksNotToTrack(c) {
		return nil
	}
	if len(body) > maxSnowplow {
		return k.refuseLarge(ctx, c, body)
	}
	headers := map[string]string{snowplow.HeaderOptOut: c.Get("Sec-GPC")}
	if c.Method() == fiber.MethodGet {
		referer := c.Get(fiber.HeaderReferer)
		headers["referer"] = strings.Clone(referer[:min(len(referer), maxReferer)])
	}
	cookie := ""
	if anonymous := c.Get("SP-Anonymous"); anonymous != "" {
		headers[snowplow.HeaderAnonymous] = "*"
	} else if cookie = c.Cookies(cookieOfDoor); isCookie(cookie) {
		cookie = strings.Clone(cookie)
		headers[snowplow.HeaderNetworkUser] = cookie
	} else {
		cookie = uuid.NewString()
		headers[snowplow.HeaderFirstTime] = cookie
	}
	f := k.families["snowplow"]
	decode := f.decode
	f.decode = func(r *formats.Request) (*formats.Decoded, *formats.Bad) {
		for name, v := range headers {
			if v != "" {
				r.Header[name] = v
			}
		}
		in, bad := decode(r)
		if in != nil {
			in.Key = k.apps.name(in.Key)
		}
		return in, bad
	}
	if _, err := k.take(ctx, c, f, body); err != nil {
		return err
	}
	if cookie != "" {
		c.Cookie(&fiber.Cookie{Name: cookieOfDoor, Value: cookie, Path: "/", MaxAge: int(cookieFor / time.Second), Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteNoneMode})
	}
	return nil
}

// isCookie tells the door's own cookie from what somebody has made up.
func isCookie(s string) bool {
	_, err := uuid.Parse(s)
	return err == nil && len(s) == 36
}

// asksNotToTrack tells visitors who carry the cookie by which they said no.
// They are answered as everybody, and nothing is kept of them.
func (k *Collector) asksNotToTrack(c *fiber.Ctx) bool {
	if k.config.DoNotTrackCookie == "" {
		return false
	}
	switch strings.ToLower(c.Cookies(k.config.DoNotTrackCookie)) {
	case "", "0", "false", "no":
		return false
	}
	return true
}

// refuseLarge is the answer for a body that is too long, of which a sample is
// kept: nobody knows who sent it.
func (k *Collector) refuseLarge(ctx context.Context, c *fiber.Ctx, body []byte) error {
	err := tooLong(maxSnowplow, body)
	if bad, ok := errors.AsType[*formats.Bad](err); ok && k.strangers.Allow() {
		return k.refuse(ctx, requestOf(c, bad.Body), "snowplow/open", bad)
	}
	return err
}

// apps are the app ids by which the door tells writers apart. Anyone can make
// up more, so there is an end to them.
type apps struct {
	mu    sync.Mutex // guards names
	names map[string]bool
}

// name is what the source of an app is called.
func (a *apps) name(app string) string {
	if app == "" {
		return ""
	}
	if len(app) > 60 || strings.Trim(app, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != "" {
		return "other"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.names[app] {
		if len(a.names) >= maxApps {
			return "other"
		}
		if a.names == nil {
			a.names = map[string]bool{}
		}
		a.names[app] = true
	}
	return app
}

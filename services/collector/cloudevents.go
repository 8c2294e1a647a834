package collector

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"aisle/services/formats"
	"aisle/services/formats/cloudevent"
)

// ofCloudEvents are those who send CloudEvents. The protocol has no keys: the
// source that the events name says who writes, "open" before it, so that nobody
// passes for a source that has a key.
var ofCloudEvents = family{name: "cloudevent", decode: cloudevent.Decode, keyless: true}

// accessToken is the parameter by which webhooks bring a key (CloudEvents
// webhook specification, 3.2).
const accessToken = "access_token"

// cloudeventsRoutes puts in the doors for CloudEvents by HTTP.
func (k *Collector) cloudeventsRoutes(r fiber.Router) {
	handler := k.cloudevents()
	for _, path := range []string{"/events", "/v1/events"} {
		r.Post(path, k.config.Origins.Pages, handler)
		r.Options(path, k.handshake)
	}
}

// cloudevents is the door. Yes means that the envelope is sound and kept: what
// the house can make nothing of is put aside, since a broker would only send it
// again. The answer has no body: brokers take one for an event in reply.
func (k *Collector) cloudevents() fiber.Handler {
	f := ofCloudEvents
	f.decode = func(r *formats.Request) (*formats.Decoded, *formats.Bad) {
		d, bad := cloudevent.Decode(r)
		if d != nil && d.Key != "" {
			d.Key = "open/" + k.senders.name(d.Key)
		}
		return d, bad
	}
	return k.door("cloudevent/events", maxBatch, func(ctx context.Context, c *fiber.Ctx, body []byte) error {
		if contentType := c.Get(fiber.HeaderContentType); cloudevent.ModeOf(contentType) == cloudevent.Unsupported {
			return status(fiber.StatusUnsupportedMediaType, "CloudEvents are read in binary mode, as application/cloudevents+json and as application/cloudevents-batch+json, not as %.80q.", contentType)
		}
		if _, err := k.take(ctx, c, f, body); err != nil {
			return err
		}
		c.Status(fiber.StatusAccepted)
		return nil
	})
}

// handshake answers who asks whether it may send webhooks here, and browsers
// that ask the same in their way. The listed origins may; a sender names only
// its host.
func (k *Collector) handshake(c *fiber.Ctx) error {
	asks := c.Get("WebHook-Request-Origin")
	if asks == "" {
		return k.config.Origins.Preflight(c)
	}
	if !slices.ContainsFunc(k.config.Origins, func(origin string) bool {
		u, err := url.Parse(origin)
		return origin == "*" || strings.EqualFold(origin, asks) || err == nil && strings.EqualFold(u.Host, asks)
	}) {
		problem(c, status(fiber.StatusForbidden, "%.100q may not send here: collector.origins does not list it.", asks), k.logger)
		return nil
	}
	c.Set("WebHook-Allowed-Origin", asks)
	rate := "*" // who is too fast is told so by 429
	if n, err := strconv.Atoi(c.Get("WebHook-Request-Rate")); err == nil && n > 0 {
		rate = strconv.Itoa(n)
	}
	c.Set("WebHook-Allowed-Rate", rate)
	c.Set(fiber.HeaderAllow, "POST, OPTIONS")
	return c.SendStatus(fiber.StatusOK)
}

// maxEnvelope is how much is kept of the headers that are a CloudEvent's.
const maxEnvelope = 16 << 10

// envelopeOf adds the headers that are part of a CloudEvent: without them
// nobody can read it again.
func envelopeOf(c *fiber.Ctx, r *formats.Request) {
	size := 0
	c.Request().Header.VisitAll(func(name, value []byte) {
		if len(name) < 4 || !strings.EqualFold(string(name[:3]), "ce-") {
			return
		}
		if size += len(name) + len(value); size > maxEnvelope {
			return
		}
		if lower := strings.ToLower(string(name)); r.Header[lower] == "" {
			r.Header[lower] = string(value)
		}
	})
	if strings.Contains(r.Query, accessToken+"=") {
		r.Query = "" // it is a secret, and nothing else is read there
	}
}

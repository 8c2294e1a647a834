package collector

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/door"
	"aisle/services/formats"
)

// family is a format and those who speak it.
type family struct {
	name    string // goes before the source's name: "segment"
	decode  func(*formats.Request) (*formats.Decoded, *formats.Bad)
	keyless bool // its clients have no write key: the request says who writes
}

var errKey = status(fiber.StatusUnauthorized, "There is no source with this write key. Send one as the user of Basic authorization, as X-Write-Key, or as writeKey; the console lists them under Sources.")

// take reads a request and hands what is in it to the log. It returns when the
// log has all of it. What cannot be read is put aside, one by one.
func (k *Collector) take(ctx context.Context, c *fiber.Ctx, f family, body []byte) (*delivery, error) {
	received := time.Now()
	r := requestOf(c, body)
	decoded, bad := f.decode(r)
	key := keyOf(c)
	from, ok := k.keys.Source(ctx, key, catalog.ScopeEvents)
	if !ok && decoded != nil && decoded.Key != "" && (key == "" || door.Bearer(c) != "") {
		// Segment's clients with OAuth bring a token of their authorization server,
		// and their key in the body all the same.
		key = decoded.Key
		from, ok = k.keys.Source(ctx, key, catalog.ScopeEvents)
	}
	switch {
	case ok:
	case f.keyless && keyOf(c) == "" && !k.config.RequireKey:
		from = catalog.Source{Name: "open", Kind: "website"}
		if decoded != nil && decoded.Key != "" {
			from.Name = decoded.Key
		}
	case bad != nil && key == "":
		return nil, bad // who it is would be in what cannot be read
	default:
		k.stranger(ctx, f, r)
		return nil, errKey
	}
	if bad != nil {
		return nil, k.refuse(ctx, r, f.name+"/"+from.Name, bad)
	}
	d := k.delivery(r, f, from, received, traceFrom(decoded.Trace, c.Get("traceparent")))
	d.decoded(decoded)
	if err := d.send(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// delivery is an empty one of what a source sends.
func (k *Collector) delivery(r *formats.Request, f family, from catalog.Source, received time.Time, newTrace func() string) *delivery {
	return &delivery{
		collector: k, rules: k.rules.Load(), newTrace: newTrace, request: r,
		origin: formats.Origin{Source: f.name + "/" + from.Name, Server: from.Kind == "server", Region: k.config.Region, Received: received, KeepAddresses: k.config.KeepAddresses},
	}
}

// decoded adds what was in a request.
func (d *delivery) decoded(in *formats.Decoded) {
	d.single = len(in.Messages)+len(in.Bad) == 1 && !strings.HasSuffix(d.request.Path, "/batch")
	d.origin.SentAt = in.SentAt
	d.bad = append(d.bad, in.Bad...)
	for i := range in.Messages {
		d.add(&in.Messages[i])
	}
}

// add reads one message.
func (d *delivery) add(m *formats.Message) {
	drop, bad := d.mended(m)
	if drop {
		d.collector.metrics.dropped.WithLabelValues(d.origin.Source).Inc()
		return
	}
	var g *formats.Draft
	if bad == nil {
		g, bad = d.origin.Read(m)
	}
	if bad != nil {
		d.bad = append(d.bad, bad)
		return
	}
	if g.Clamped {
		d.collector.metrics.clamped.Inc()
	}
	if !d.trusted && d.bot(g) {
		d.bad = append(d.bad, formats.Badf(offers.ReasonBot, m.Original, "Seen by a program, not by a person: %.200s.", cmp.Or(g.UserAgent, d.request.Header["user-agent"])))
		return
	}
	d.collector.drift.Observe(d.origin.Source, g.Event.Type, g.Event.Properties, d.origin.Received)
	if bad := d.agreed(g, m); bad != nil {
		d.bad = append(d.bad, bad)
		return
	}
	d.drafts = append(d.drafts, g)
	if s := g.Search(); s != nil {
		d.drafts = append(d.drafts, s)
	}
}

// bot tells whether a program looked at the page: by what the page's own script
// says of its browser, or by who sent the request, if that is a browser and no
// server that speaks for a person.
func (d *delivery) bot(g *formats.Draft) bool {
	agent := g.UserAgent
	if agent == "" && strings.HasPrefix(d.request.Header["user-agent"], "Mozilla/") {
		agent = d.request.Header["user-agent"]
	}
	return agent != "" && d.collector.bots.Bot(agent)
}

// told are the headers that say how to read a body.
var told = []string{fiber.HeaderContentType, fiber.HeaderUserAgent, "AnonymousId", "SentAt"}

// requestOf is a request apart from how it came. Its strings are copies: what
// is fiber's is gone with the request, and quarantine may keep them.
func requestOf(c *fiber.Ctx, body []byte) *formats.Request {
	r := &formats.Request{Path: strings.Clone(c.Path()), Query: string(c.Context().QueryArgs().QueryString()), Header: make(map[string]string, len(told)), Body: body}
	for _, name := range told {
		if v := c.Get(name); v != "" {
			r.Header[strings.ToLower(name)] = strings.Clone(v[:min(len(v), 300)])
		}
	}
	envelopeOf(c, r)
	return r
}

// keyOf is the write key of a request; beacons have it in the address.
func keyOf(c *fiber.Ctx) string { return door.KeyOf(c, "writeKey", "writekey", accessToken) }

// stranger counts what comes without a key of ours, and keeps a sample: somebody
// may have mistyped it.
func (k *Collector) stranger(ctx context.Context, f family, r *formats.Request) {
	k.metrics.quarantined.WithLabelValues("strangers", string(offers.ReasonAuth)).Inc()
	if len(r.Body) > maxStranger || !k.strangers.Allow() {
		return
	}
	err := k.putAside(ctx, r, "strangers", formats.Badf(offers.ReasonAuth, r.Body, "Sent as %s, without the write key of a source.", f.name))
	if err != nil {
		k.logger.Warn("a stranger's request is not kept", "err", err)
	}
}

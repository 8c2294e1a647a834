package collector

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/formats"
	"aisle/services/formats/families"
	"aisle/services/stream"
)

// quarantined is what is put aside as the log carries it. Its id comes from
// what it is, so that a client that sends it again does not fill the shelves.
// Request says how its body was to be read.
func (k *Collector) quarantined(b *formats.Bad, from string, received time.Time, r *formats.Request) (stream.Record, error) {
	k.metrics.quarantined.WithLabelValues(from, string(b.Reason)).Inc()
	k.micro.noteBad(b, from, received, r)
	h := sha256.New()
	h.Write([]byte(from))
	h.Write([]byte{0})
	h.Write(b.Body)
	for _, name := range []string{"ce-source", "ce-id"} { // without which CloudEvents of one body are the same
		h.Write([]byte(r.Header[name]))
	}
	body := b.Body
	if !k.config.KeepAddresses {
		body = formats.TruncateIPs(body)
	}
	q := offers.Quarantined{
		ID: "collector-" + hex.EncodeToString(h.Sum(nil)[:12]), Reason: b.Reason, Detail: b.Detail, Source: from,
		Received: received, Headers: k.headersOf(r, b), Body: body,
	}
	if len(q.Body) > maxKept {
		q.Body = q.Body[:maxKept]
		q.Detail += fmt.Sprintf(" (the first %d of %d bytes are kept)", maxKept, len(b.Body))
	}
	return stream.QuarantineRecord(&q, source, "")
}

// refuse puts aside a body that cannot be read, and is the answer for it.
func (k *Collector) refuse(ctx context.Context, r *formats.Request, from string, bad *formats.Bad) error {
	if bad.Body != nil {
		if err := k.putAside(ctx, r, from, bad); err != nil {
			return err
		}
	}
	return bad
}

// refuseBody is the answer for a body that could not even be unpacked. It is
// put in quarantine if its sender may write here.
func (k *Collector) refuseBody(ctx context.Context, c *fiber.Ctx, route string, err error) error {
	bad, ok := errors.AsType[*formats.Bad](err)
	if !ok {
		return err
	}
	from := ""
	if key := keyOf(c); key != "" {
		if s, ok := k.keys.Source(ctx, key, catalog.ScopeEvents); ok {
			f, _, _ := strings.Cut(route, "/")
			from = f + "/" + s.Name
		}
	}
	switch {
	case from != "":
	case k.edge(c) == nil:
		from = "edge/" + route
	case keyOf(c) != "":
		return errKey
	default:
		return err
	}
	if bad.Body != nil {
		if aside := k.putAside(ctx, requestOf(c, bad.Body), from, bad); aside != nil {
			return aside
		}
	}
	return err // says of which status it is, which bad does not
}

// putAside puts one thing in quarantine.
func (k *Collector) putAside(ctx context.Context, r *formats.Request, from string, b *formats.Bad) error {
	record, err := k.quarantined(b, from, time.Now(), r)
	if err != nil {
		return err
	}
	return k.produce(ctx, []stream.Record{record})
}

// headersOf say how to read a request again, or what was put aside of it.
func (k *Collector) headersOf(r *formats.Request, b *formats.Bad) map[string]string {
	h := maps.Clone(r.Header)
	if h == nil {
		h = map[string]string{}
	}
	h[families.HeaderPath] = r.Path
	if query := r.Query; query != "" {
		if !k.config.KeepAddresses {
			query = formats.TruncateIPsInQuery(query)
		}
		h[families.HeaderQuery] = query[:min(len(query), 8<<10)]
	}
	if b != nil && !bytes.HasPrefix(r.Body, b.Body) {
		h[families.HeaderItem] = "true"
	}
	return h
}

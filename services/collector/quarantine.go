package collector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/stream"
)

// bad is one thing among others that cannot be taken.
type bad struct {
	reason offers.Reason
	detail string
	body   []byte
}

func badf(reason offers.Reason, body []byte, format string, args ...any) *bad {
	return &bad{reason, fmt.Sprintf(format, args...), body}
}

// quarantined is what is put aside as the log carries it. Its id comes from
// what it is, so that a client that sends it again does not fill the shelves.
func (k *Collector) quarantined(b *bad, from string, received time.Time, headers map[string]string) (stream.Record, error) {
	k.metrics.quarantined.WithLabelValues(from, string(b.reason)).Inc()
	h := sha256.New()
	h.Write([]byte(from))
	h.Write([]byte{0})
	h.Write(b.body)
	q := offers.Quarantined{
		ID: "collector-" + hex.EncodeToString(h.Sum(nil)[:12]), Reason: b.reason, Detail: b.detail, Source: from,
		Received: received, Headers: headers, Body: b.body,
	}
	if len(q.Body) > maxKept {
		q.Body = q.Body[:maxKept]
		q.Detail += fmt.Sprintf(" (the first %d of %d bytes are kept)", maxKept, len(b.body))
	}
	return stream.QuarantineRecord(&q, source, "")
}

// refuseBody answers for a body that cannot be read. It is put in quarantine
// if its sender may write here: what strangers send is only counted.
func (k *Collector) refuseBody(ctx context.Context, c *fiber.Ctx, route string, err error) error {
	var b *badBody
	if !errors.As(err, &b) {
		return err
	}
	from := ""
	if key, ok := basic(c); ok {
		s, ok := k.sourceOf(ctx, key)
		if !ok {
			return errKey
		}
		from = "segment/" + s.Name
	} else if k.edge(c) == nil {
		from = "edge/" + route
	}
	if from != "" && b.kept != nil {
		if err := k.putAside(ctx, c, from, badf(b.reason, b.kept, "%s", b.detail)); err != nil {
			return err
		}
	}
	return &refusal{status: b.status, detail: b.detail}
}

// putAside puts one thing in quarantine.
func (k *Collector) putAside(ctx context.Context, c *fiber.Ctx, from string, b *bad) error {
	r, err := k.quarantined(b, from, time.Now(), headersOf(c))
	if err != nil {
		return err
	}
	return k.produce(ctx, []stream.Record{r})
}

// headersOf are those that help to read a body again.
func headersOf(c *fiber.Ctx) map[string]string {
	h := map[string]string{"path": c.Path()}
	for _, name := range []string{fiber.HeaderContentType, fiber.HeaderContentEncoding, fiber.HeaderUserAgent} {
		if v := c.Get(name); v != "" {
			h[name] = string([]byte(v[:min(len(v), 300)])) // a copy: fiber's are gone with the request
		}
	}
	h["path"] = string([]byte(h["path"]))
	return h
}

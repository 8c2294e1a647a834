package collector

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/klauspost/compress/gzip"

	"aisle/offers"
	"aisle/services/door"
	"aisle/services/formats"
)

// readBody is the body of a request, unpacked, at most limit bytes of it. It
// unpacks no more than that, whatever is in the packet. The bytes are valid
// until the handler returns.
func readBody(c *fiber.Ctx, limit int) ([]byte, error) {
	raw := c.Request().Body()
	encoding := strings.ToLower(strings.TrimSpace(c.Get(fiber.HeaderContentEncoding)))
	packed := encoding == "gzip" || encoding == "x-gzip" || encoding == "" && bytes.HasPrefix(raw, []byte{0x1f, 0x8b})
	switch {
	case packed:
		body, err := gunzip(raw, limit)
		if errors.Is(err, errTooLong) {
			return nil, tooLong(limit, raw)
		}
		if err != nil {
			return nil, formats.Badf(offers.ReasonEncoding, keep(raw), "The body is not the gzip that it says it is: %v.", err)
		}
		return body, nil
	case encoding != "" && encoding != "identity":
		bad := formats.Badf(offers.ReasonEncoding, keep(raw), "Send the body as it is, or packed by gzip.")
		return nil, &door.RefusedError{Status: fiber.StatusUnsupportedMediaType, Detail: bad.Detail, Cause: bad}
	case len(raw) > limit:
		return nil, tooLong(limit, raw)
	}
	return raw, nil
}

func tooLong(limit int, raw []byte) error {
	return formats.Badf(offers.ReasonSize, keep(raw), "A request holds at most %d kB here, unpacked. Send less at a time.", limit>>10)
}

// keep is a copy of as much as quarantine takes.
func keep(b []byte) []byte { return bytes.Clone(b[:min(len(b), maxKept)]) }

var errTooLong = errors.New("too long")

var unzippers = sync.Pool{New: func() any { return new(gzip.Reader) }}

func gunzip(packed []byte, limit int) ([]byte, error) {
	z := unzippers.Get().(*gzip.Reader)
	defer unzippers.Put(z)
	if err := z.Reset(bytes.NewReader(packed)); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Grow(min(limit, 4*len(packed)))
	n, err := io.Copy(&out, io.LimitReader(z, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if n > int64(limit) {
		return nil, errTooLong
	}
	return out.Bytes(), nil
}

package collector

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/goccy/go-json"
	"github.com/gofiber/fiber/v2"
	"github.com/klauspost/compress/gzip"

	"aisle/offers"
)

// badBody is a body that cannot be read, with as much of it as is kept.
type badBody struct {
	reason offers.Reason
	status int
	detail string
	kept   []byte
}

func (b *badBody) Error() string { return b.detail }

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
			return nil, &badBody{offers.ReasonEncoding, fiber.StatusBadRequest, "The body is not the gzip that it says it is: " + err.Error(), keep(raw)}
		}
		return body, nil
	case encoding != "" && encoding != "identity":
		return nil, &badBody{offers.ReasonEncoding, fiber.StatusUnsupportedMediaType, "Send the body as it is, or packed by gzip.", keep(raw)}
	case len(raw) > limit:
		return nil, tooLong(limit, raw)
	}
	return raw, nil
}

func tooLong(limit int, raw []byte) error {
	return &badBody{offers.ReasonSize, fiber.StatusRequestEntityTooLarge,
		fmt.Sprintf("A request holds at most %d kB here, unpacked. Send less at a time.", limit>>10), keep(raw)}
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

// valid is a body that is JSON, fit for unmarshal, or says what is wrong with
// it.
func valid(body []byte) ([]byte, error) {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return nil, &badBody{offers.ReasonEncoding, fiber.StatusBadRequest, "The body is empty. Send JSON.", nil}
	case !utf8.Valid(body):
		return nil, &badBody{offers.ReasonEncoding, fiber.StatusBadRequest, "The body is not UTF-8.", keep(body)}
	case !stdjson.Valid(body):
		var v stdjson.RawMessage
		err := stdjson.Unmarshal(body, &v)
		return nil, &badBody{offers.ReasonEncoding, fiber.StatusBadRequest, fmt.Sprintf("The body is not JSON: %v.", err), keep(body)}
	}
	// go-json 0.10 reads beyond its input at half a surrogate pair ("\ud800"), so
	// bodies with such escapes are written anew without: by the standard library,
	// which makes U+FFFD of what is half. Readers of the log use go-json too.
	if !bytes.Contains(body, []byte(`\ud`)) && !bytes.Contains(body, []byte(`\uD`)) {
		return body, nil
	}
	numbers := stdjson.NewDecoder(bytes.NewReader(body))
	numbers.UseNumber()
	var v any
	if err := numbers.Decode(&v); err != nil {
		return nil, &badBody{offers.ReasonEncoding, fiber.StatusBadRequest, fmt.Sprintf("The body is not JSON: %v.", err), keep(body)}
	}
	anew, err := stdjson.Marshal(v)
	if err != nil {
		return nil, &badBody{offers.ReasonEncoding, fiber.StatusBadRequest, fmt.Sprintf("The body is not JSON: %v.", err), keep(body)}
	}
	return anew, nil
}

// unmarshal reads what valid has let through: go-json is four times as fast as
// the standard library, and not as careful with what is not JSON.
func unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

func marshal(v any) ([]byte, error) { return json.Marshal(v) }

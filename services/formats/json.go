package formats

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-json"

	"aisle/offers"
)

// Bad is something that cannot be taken, with the reason why and the whole of
// it.
type Bad struct {
	Reason offers.Reason
	Detail string // for whoever sent it, in words that say how to mend it
	Body   []byte
}

func (b *Bad) Error() string { return b.Detail }

// Badf is a Bad with a formatted detail.
func Badf(reason offers.Reason, body []byte, format string, args ...any) *Bad {
	return &Bad{reason, fmt.Sprintf(format, args...), body}
}

// Valid is a body that is JSON, fit for Unmarshal, or says what is wrong with
// it.
func Valid(body []byte) ([]byte, *Bad) {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return nil, Badf(offers.ReasonEncoding, nil, "The body is empty. Send JSON.")
	case !utf8.Valid(body):
		return nil, Badf(offers.ReasonEncoding, body, "The body is not UTF-8.")
	case !stdjson.Valid(body):
		var v stdjson.RawMessage
		err := stdjson.Unmarshal(body, &v)
		return nil, Badf(offers.ReasonEncoding, body, "The body is not JSON: %v.", err)
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
	err := numbers.Decode(&v)
	if err == nil {
		var anew []byte
		if anew, err = stdjson.Marshal(v); err == nil {
			return anew, nil
		}
	}
	return nil, Badf(offers.ReasonEncoding, body, "The body is not JSON: %v.", err)
}

// Unmarshal reads what Valid has let through: go-json is four times as fast as
// the standard library, and not as careful with what is not JSON.
func Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

// Marshal writes JSON that Unmarshal can read.
func Marshal(v any) ([]byte, error) { return json.Marshal(v) }

// Text takes what clients write where a text belongs: numbers too.
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) == 0 || bytes.Equal(b, []byte("null")):
		*t = ""
	case b[0] == '"':
		var s string
		if err := Unmarshal(b, &s); err != nil {
			return err
		}
		*t = Text(s)
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		*t = Text(b)
	default:
		return fmt.Errorf("want a text, not %.20s", b)
	}
	return nil
}

// Raw is a part of the body, as it came.
type Raw []byte

// UnmarshalJSON implements json.Unmarshaler.
func (r *Raw) UnmarshalJSON(b []byte) error { *r = append([]byte(nil), b...); return nil }

// MarshalJSON implements json.Marshaler.
func (r Raw) MarshalJSON() ([]byte, error) {
	if len(r) == 0 {
		return []byte("null"), nil
	}
	return r, nil
}

// Loose takes what clients write where a text would be of use. What is none
// says nothing; it stays in the properties all the same.
type Loose string

// UnmarshalJSON implements json.Unmarshaler.
func (l *Loose) UnmarshalJSON(b []byte) error {
	var t Text
	if len(b) > 1 && b[0] == '[' {
		var all []Loose
		if Unmarshal(b, &all) == nil && len(all) > 0 {
			*l = all[0]
		}
		return nil
	}
	if t.UnmarshalJSON(b) == nil {
		*l = Loose(t)
	}
	return nil
}

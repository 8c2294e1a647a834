package offers

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// Features are what was known of a shopper at one moment, as a JSON object:
// numbers, texts, and numbers by key, in the order of their names, so that the
// same ones have the same bytes. Nil: nothing was known. They are written down
// with every decision, and looked into with few.
type Features []byte

// MarshalJSON implements json.Marshaler.
func (f Features) MarshalJSON() ([]byte, error) {
	if len(f) == 0 {
		return []byte("null"), nil
	}
	return f, nil
}

// UnmarshalJSON implements json.Unmarshaler. The input may be a stranger's.
func (f *Features) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null":
		*f = nil
	case len(b) == 0 || b[0] != '{' || !json.Valid(b):
		return fmt.Errorf("features: %w: they are no object", ErrInvalid)
	default:
		*f = append((*f)[:0:0], b...)
	}
	return nil
}

// Values are the features by name: a float64, a string, or a map of those.
func (f Features) Values() (map[string]any, error) {
	values := map[string]any{}
	if len(f) == 0 {
		return values, nil
	}
	if err := json.Unmarshal(f, &values); err != nil {
		return nil, fmt.Errorf("features: %w: %w", ErrInvalid, err)
	}
	return values, nil
}

// AppendText appends a text as JSON. Most have nothing in them that needs care.
func AppendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			if quoted, err := json.Marshal(s); err == nil { // of a text it is never another
				return append(b, quoted...)
			}
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// AppendNumber appends a number as JSON, exactly. What is none is nought: JSON
// has no word for it.
func AppendNumber(b []byte, f float64) []byte {
	if n := int64(f); float64(n) == f {
		return strconv.AppendInt(b, n, 10)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, '0')
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}

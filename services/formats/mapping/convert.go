package mapping

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"aisle/services/formats"
)

func (c *compiler) convert(s *step) {
	in := c.in
	if in.As != "time" {
		if in.Layout != "" || in.Zone != "" {
			c.wrong("layout", "only a time has one")
			return
		}
	}
	switch in.As {
	case "number":
		s.mend, s.want = number, "made a number"
	case "text":
		s.mend, s.want = text, "made a text"
	case "boolean":
		s.mend, s.want = boolean, "made true or false"
	case "time":
		at, err := zone(in.Zone)
		if err != nil {
			c.wrong("zone", "there is no such time zone: want a name such as Europe/Berlin")
			return
		}
		layout, ok := layoutOf(in.Layout)
		if !ok {
			c.wrong("layout", "want YYYY, MM, DD, HH, mm, ss and what is between them, or unix, or unix_ms")
			return
		}
		s.want = "read as a time"
		if in.Layout != "" {
			s.want += " written as " + in.Layout
		}
		s.mend = func(v any) (any, bool) { return instant(v, layout, at) }
	default:
		c.wrong("as", "choose number, text, boolean or time")
	}
}

func (c *compiler) normalise(s *step) {
	how := map[string]func(string) string{"trim": strings.TrimSpace, "lower": strings.ToLower, "upper": strings.ToUpper}[c.in.How]
	if how == nil {
		c.wrong("how", "choose trim, lower or upper")
		return
	}
	s.mend = func(v any) (any, bool) {
		if text, ok := v.(string); ok {
			return how(text), true
		}
		return v, true
	}
	s.want = "normalised"
}

// number reads what people write for a number: 1299, "1,299.00", "1.299,00 €".
// A comma or dot that comes once and is followed by other than three digits is
// the decimal one; so is the last of both. A single one before three digits is
// read as English writes it: 1,299 is a thousand, 1.299 is not.
func number(v any) (any, bool) {
	switch v := v.(type) {
	case json.Number, float64:
		return v, true
	case string:
		s := strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || unicode.Is(unicode.Sc, r) || r == '\'' || r == '’' {
				return -1
			}
			return r
		}, v)
		if len(s) > 40 {
			return nil, false
		}
		dot, comma := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
		switch {
		case dot >= 0 && comma > dot: // 1.299,00
			s = strings.ReplaceAll(s, ".", "")
			s = strings.Replace(s, ",", ".", 1)
		case dot >= 0 && comma >= 0: // 1,299.00
			s = strings.ReplaceAll(s, ",", "")
		case strings.Count(s, ".") > 1: // 1.299.000
			s = strings.ReplaceAll(s, ".", "")
		case strings.Count(s, ",") > 1 || comma >= 0 && len(s)-comma == 4: // 1,299
			s = strings.ReplaceAll(s, ",", "")
		case comma >= 0: // 12,50
			s = strings.Replace(s, ",", ".", 1)
		}
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(n) || math.Abs(n) >= 1e21 || strings.ContainsAny(s, "xX_pP") {
			return nil, false
		}
		return json.Number(strconv.FormatFloat(n, 'f', -1, 64)), true
	}
	return nil, false
}

func text(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return nil, false
}

// boolean reads what people write for yes and no.
func boolean(v any) (any, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case json.Number:
		return v == "1", v == "1" || v == "0"
	case float64:
		return v == 1, v == 1 || v == 0
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true", "yes", "y", "on", "1", "ja", "oui", "si", "sí":
			return true, true
		case "false", "no", "n", "off", "0", "nein", "non":
			return false, true
		}
	}
	return nil, false
}

// Layouts that are counts since 1970.
const (
	unixSeconds = "unix"
	unixMillis  = "unix_ms"
)

// tokens of a layout, and Go's. Longer ones first.
var tokens = strings.NewReplacer("YYYY", "2006", "YY", "06", "MMM", "Jan", "MM", "01", "DD", "02", "HH", "15", "hh", "03", "mm", "04", "ss", "05", "SSS", "000",
	"M", "1", "D", "2", "A", "PM", "a", "pm", "ZZ", "-0700", "Z", "Z07:00")

// layoutOf is Go's layout for ours.
func layoutOf(layout string) (string, bool) {
	switch layout {
	case "", unixSeconds, unixMillis:
		return layout, true
	}
	if len(layout) > 60 || strings.ContainsAny(layout, "0123456789") {
		return "", false
	}
	of := tokens.Replace(layout)
	// What it writes it must be able to read, with the day in it.
	sample := time.Date(2024, 11, 23, 0, 0, 0, 0, time.UTC)
	back, err := time.Parse(of, sample.Format(of))
	return of, err == nil && back.Year() == 2024 && back.Month() == 11 && back.Day() == 23
}

// written is how times are kept.
const written = "2006-01-02T15:04:05.000Z07:00"

func instant(v any, layout string, zone *time.Location) (any, bool) {
	var s string
	switch v := v.(type) {
	case string:
		s = strings.TrimSpace(v)
	case json.Number:
		s = v.String()
	default:
		return nil, false
	}
	if len(s) > 60 {
		return nil, false
	}
	if _, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return v, true // it is one already
	}
	var t time.Time
	switch layout {
	case unixSeconds, unixMillis:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil || math.Abs(n) > 1e14 || math.IsNaN(n) {
			return nil, false
		}
		if layout == unixSeconds {
			n *= 1000
		}
		t = time.UnixMilli(int64(n))
	case "":
		var ok bool
		if t, ok = formats.ParseTime(s); !ok {
			return nil, false
		}
		if zone != time.UTC && !strings.ContainsAny(s, "Z+") && strings.Count(s, "-") == 2 {
			t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
		}
	default:
		var err error
		if t, err = time.ParseInLocation(layout, s, zone); err != nil {
			return nil, false
		}
	}
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return nil, false
	}
	return t.Format(written), true
}

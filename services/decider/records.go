package decider

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/goccy/go-json"

	"aisle/offers"
	"aisle/services/stream"
)

// decisionRecord is a decision as the log carries it, on the trace of the
// event that woke it.
func decisionRecord(d *offers.Decision, trace string) (stream.Record, error) {
	value, err := appendDecision(nil, d)
	if err != nil {
		return stream.Record{}, fmt.Errorf("decision %s: %w: %w", d.ID, offers.ErrInvalid, err)
	}
	return stream.Record{
		Stream: stream.Decisions, Key: []byte(d.Shopper), Value: value,
		Headers: stream.Headers(string(d.ID), source, "decision", d.Time, stream.ChildSpan(trace, string(d.ID))),
	}, nil
}

// appendDecision is a decision as JSON. Nine tenths of it are its candidates and
// features, which are written by hand: they are most of what the decider has to
// do. Their scores, which people look at, have six decimals, and probabilities
// nine; that of the one drawn, by which is learned, is exact.
func appendDecision(b []byte, d *offers.Decision) ([]byte, error) {
	rest := *d
	rest.Candidates, rest.Features = nil, nil
	value, err := json.MarshalWithOption(&rest, json.DisableHTMLEscape())
	if err != nil {
		return nil, err
	}
	b = slices.Grow(b, len(value)+256*len(d.Candidates)+64*len(d.Features))
	b = append(b, value[:len(value)-1]...)
	if len(d.Features) > 0 {
		b = append(b, `,"features":`...)
		if b, err = appendFeatures(b, d.Features); err != nil {
			return nil, err
		}
	}
	if len(d.Candidates) > 0 {
		b = append(b, `,"candidates":[`...)
		for i := range d.Candidates {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendCandidate(b, &d.Candidates[i])
		}
		b = append(b, ']')
	}
	return append(b, '}'), nil
}

func appendCandidate(b []byte, c *offers.Candidate) []byte {
	b = appendText(append(b, `{"campaign":`...), string(c.Campaign))
	b = appendText(append(b, `,"name":`...), c.Name)
	for _, f := range [...]struct{ name, text string }{
		{`,"offer":`, string(c.Offer)}, {`,"title":`, c.Title}, {`,"out":`, string(c.Out)}, {`,"detail":`, c.Detail},
	} {
		if f.text != "" {
			b = appendText(append(b, f.name...), f.text)
		}
	}
	for _, f := range [...]struct {
		name   string
		number float64
	}{
		{`,"propensity":`, c.Propensity}, {`,"uncertainty":`, c.Uncertainty}, {`,"weight":`, c.Weight}, {`,"value":`, c.Value},
		{`,"lever":`, c.Lever}, {`,"reach":`, c.Reach}, {`,"detour_m":`, c.DetourM}, {`,"score":`, c.Score},
	} {
		if f.number != 0 {
			b = appendRounded(append(b, f.name...), f.number, 6)
		}
	}
	if c.Probability != 0 {
		b = appendRounded(append(b, `,"probability":`...), c.Probability, 9)
	}
	if c.Fallback {
		b = append(b, `,"fallback":true`...)
	}
	return append(b, '}')
}

// appendFeatures writes features by name, so that the same ones have the same
// bytes.
func appendFeatures(b []byte, features map[string]any) ([]byte, error) {
	b = append(b, '{')
	for i, name := range slices.Sorted(maps.Keys(features)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, name), ':')
		switch v := features[name].(type) {
		case float64:
			b = appendNumber(b, v)
		case string:
			b = appendText(b, v)
		case map[string]float64:
			b = append(b, '{')
			for i, key := range slices.Sorted(maps.Keys(v)) {
				if i > 0 {
					b = append(b, ',')
				}
				b = appendNumber(append(appendText(b, key), ':'), v[key])
			}
			b = append(b, '}')
		default:
			value, err := json.Marshal(v)
			if err != nil {
				return nil, fmt.Errorf("feature %s: %w", name, err)
			}
			b = append(b, value...)
		}
	}
	return append(b, '}'), nil
}

// appendText is a text as JSON. Most have nothing that needs care.
func appendText(b []byte, s string) []byte {
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

// appendNumber is a number as JSON, exactly. JSON has no infinity.
func appendNumber(b []byte, f float64) []byte {
	if n := int64(f); float64(n) == f {
		return strconv.AppendInt(b, n, 10)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, '0')
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}

// appendRounded is a number with so many decimals at most, nine or fewer, if it
// is no large one.
func appendRounded(b []byte, f float64, places int) []byte {
	scale := uint64(1)
	for range places {
		scale *= 10
	}
	if !(f >= 0 && f <= 1e6) { // nor a negative one, nor none
		return appendNumber(b, f)
	}
	n := uint64(f*float64(scale) + .5)
	if n == 0 {
		return appendNumber(b, f)
	}
	whole, rest := n/scale, n%scale
	b = strconv.AppendUint(b, whole, 10)
	if rest == 0 {
		return b
	}
	var digits [9]byte
	last := 0
	for i := places - 1; i >= 0; i-- {
		digits[i] = byte('0' + rest%10)
		if last == 0 && digits[i] != '0' {
			last = i + 1
		}
		rest /= 10
	}
	return append(append(b, '.'), digits[:last]...)
}

// source is what the decider's records say they come from.
const source = "aisle/decider"

package decider

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/goccy/go-json"

	"aisle/offers"
	"aisle/services/stream"
)

// recorder makes records of decisions, in room that it uses again.
type recorder struct {
	rest offers.Decision // what is not written by hand
	text []byte
}

// record is a decision as the log carries it, on the trace of the event that
// woke it.
func (w *recorder) record(d *offers.Decision, trace string) (stream.Record, error) {
	text, err := w.append(w.text[:0], d)
	if err != nil {
		return stream.Record{}, fmt.Errorf("decision %s: %w: %w", d.ID, offers.ErrInvalid, err)
	}
	w.text = text
	return stream.Record{
		Stream: stream.Decisions, Key: []byte(d.Shopper), Value: bytes.Clone(text), // the log keeps it
		Headers: stream.Headers(string(d.ID), source, "decision", d.Time, stream.ChildSpan(trace, string(d.ID))),
	}, nil
}

// append appends a decision as JSON. Most of it are its features, which are
// JSON already, and its candidates, which are written by hand: they are most of
// what the decider has to do. Their scores, which people look at, have six
// decimals, and probabilities nine; that of the one drawn, by which is learned,
// is exact.
func (w *recorder) append(b []byte, d *offers.Decision) ([]byte, error) {
	w.rest = *d
	w.rest.Candidates, w.rest.Features = nil, nil
	value, err := json.MarshalWithOption(&w.rest, json.DisableHTMLEscape())
	if err != nil {
		return nil, err
	}
	b = append(b, value[:len(value)-1]...)
	if len(d.Features) > 0 {
		b = append(b, `,"features":`...)
		b = append(b, d.Features...)
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
	b = offers.AppendText(append(b, `{"campaign":`...), string(c.Campaign))
	b = offers.AppendText(append(b, `,"name":`...), c.Name)
	for _, f := range [...]struct{ name, text string }{
		{`,"offer":`, string(c.Offer)}, {`,"title":`, c.Title}, {`,"out":`, string(c.Out)}, {`,"detail":`, c.Detail},
	} {
		if f.text != "" {
			b = offers.AppendText(append(b, f.name...), f.text)
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
	if c.Model != "" {
		b = offers.AppendText(append(b, `,"model":`...), c.Model)
	}
	if c.Fallback {
		b = append(b, `,"fallback":true`...)
	}
	return append(b, '}')
}

// appendRounded is a number with so many decimals at most, nine or fewer, if it
// is no large one.
func appendRounded(b []byte, f float64, places int) []byte {
	scale := uint64(1)
	for range places {
		scale *= 10
	}
	if !(f >= 0 && f <= 1e6) { // nor a negative one, nor none
		return offers.AppendNumber(b, f)
	}
	n := uint64(f*float64(scale) + .5)
	if n == 0 {
		return offers.AppendNumber(b, f)
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

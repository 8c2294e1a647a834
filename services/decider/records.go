package decider

import (
	"fmt"

	"github.com/goccy/go-json"

	"aisle/offers"
	"aisle/services/stream"
)

// decisionRecord is a decision as the log carries it, on the trace of the
// event that woke it.
func decisionRecord(d *offers.Decision, trace string) (stream.Record, error) {
	value, err := json.Marshal(d)
	if err != nil {
		return stream.Record{}, fmt.Errorf("decision %s: %w: %w", d.ID, offers.ErrInvalid, err)
	}
	return stream.Record{
		Stream: stream.Decisions, Key: []byte(d.Shopper), Value: value,
		Headers: stream.Headers(string(d.ID), source, "decision", d.Time, stream.ChildSpan(trace, string(d.ID))),
	}, nil
}

// source is what the decider's records say they come from.
const source = "aisle/decider"

package decider

import (
	"fmt"
	"hash/fnv"

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
		Headers: stream.Headers(string(d.ID), source, "decision", d.Time, childSpan(trace, string(d.ID))),
	}, nil
}

// eventRecord is an event that the decider itself puts on the log.
func eventRecord(e *offers.Event, trace string) (stream.Record, error) {
	value, err := json.Marshal(e)
	if err != nil {
		return stream.Record{}, fmt.Errorf("event %s: %w: %w", e.ID, offers.ErrInvalid, err)
	}
	return stream.Record{
		Stream: stream.Events, Key: []byte(e.Shopper), Value: value,
		Headers: stream.Headers(string(e.ID), source, string(e.Type), e.Time, childSpan(trace, string(e.ID))),
	}, nil
}

// quarantineRecord wraps a record that the decider cannot take, whole, with
// the reason why.
func quarantineRecord(r *stream.Record, reason offers.Reason, cause error) (stream.Record, error) {
	headers := make(map[string]string, len(r.Headers))
	for _, h := range r.Headers {
		headers[h.Key] = string(h.Value)
	}
	q := offers.Quarantined{
		ID:     fmt.Sprintf("%s-%d-%d", r.Stream, r.Partition, r.Offset),
		Reason: reason, Detail: cause.Error(), Source: "stream/" + r.Stream,
		Received: r.Time, Headers: headers, Body: r.Value,
	}
	value, err := json.Marshal(q)
	if err != nil {
		return stream.Record{}, fmt.Errorf("quarantine %s: %w: %w", q.ID, offers.ErrInvalid, err)
	}
	return stream.Record{
		Stream: stream.Quarantine, Key: []byte(q.Source), Value: value,
		Headers: stream.Headers(q.ID, source, "quarantined", r.Time, r.Header("traceparent")),
	}, nil
}

// source is what the decider's records say they come from.
const source = "aisle/decider"

// childSpan continues a W3C traceparent with a span of its own, made from the
// id so that a replay continues it alike. Without a parent there is none.
func childSpan(parent, id string) string {
	if len(parent) != 55 {
		return ""
	}
	h := fnv.New64a()
	h.Write([]byte(id))
	return fmt.Sprintf("%s%016x%s", parent[:36], h.Sum64(), parent[52:])
}

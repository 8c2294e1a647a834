package stream

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/goccy/go-json"

	"aisle/offers"
)

// EventRecord is an event as the log carries it. Source is the door or service
// that writes it: "aisle/collector".
func EventRecord(e *offers.Event, source, traceparent string) (Record, error) {
	value, err := json.Marshal(e)
	if err != nil {
		return Record{}, fmt.Errorf("event %s: %w: %w", e.ID, offers.ErrInvalid, err)
	}
	return Record{
		Stream: Events, Key: []byte(e.Shopper), Value: value,
		Headers: Headers(string(e.ID), source, string(e.Type), e.Time, traceparent),
	}, nil
}

// QuarantineRecord is what is put aside, as the log carries it.
func QuarantineRecord(q *offers.Quarantined, source, traceparent string) (Record, error) {
	value, err := json.Marshal(q)
	if err != nil {
		return Record{}, fmt.Errorf("quarantine %s: %w: %w", q.ID, offers.ErrInvalid, err)
	}
	return Record{
		Stream: Quarantine, Key: []byte(q.Source), Value: value,
		Headers: Headers(q.ID, source, TypeQuarantined, q.Received, traceparent),
	}, nil
}

// Types of the records on the stream Quarantine, in the header ce_type.
const (
	TypeQuarantined = "quarantined" // an offers.Quarantined
	TypeReplay      = "replay"      // an offers.Replay: take it once more
	TypeReplayed    = "replayed"    // an offers.Replayed: what came of it
)

// OriginalHeader goes before the names of the headers that a request on the
// stream Originals came with. Its value is the body, unpacked; ce_type is the
// source, ce_time when it was received.
const OriginalHeader = "original_"

// OriginalOf is a request as it came, in the form in which a replay asks for
// it.
func OriginalOf(r *Record) offers.Quarantined {
	q := offers.Quarantined{ID: r.Header("ce_id"), Source: r.Header("ce_type"), Received: r.Time, Headers: map[string]string{}, Body: r.Value}
	if t, err := time.Parse(time.RFC3339Nano, r.Header("ce_time")); err == nil {
		q.Received = t
	}
	for _, h := range r.Headers {
		if name, ok := strings.CutPrefix(h.Key, OriginalHeader); ok {
			q.Headers[name] = string(h.Value)
		}
	}
	return q
}

// ReplayRecord asks the door to take once more what lies in quarantine. It has
// the key of what it is about: one partition has all that befell a source.
func ReplayRecord(x *offers.Replay, source string) (Record, error) {
	value, err := json.Marshal(x)
	if err != nil {
		return Record{}, fmt.Errorf("replay %s: %w: %w", x.ID, offers.ErrInvalid, err)
	}
	return Record{
		Stream: Quarantine, Key: []byte(x.Quarantined.Source), Value: value,
		Headers: Headers(x.ID, source, TypeReplay, x.At, ""),
	}, nil
}

// ReplayedRecord tells what became of a replay of what a source had sent.
func ReplayedRecord(x *offers.Replayed, of, source string) (Record, error) {
	value, err := json.Marshal(x)
	if err != nil {
		return Record{}, fmt.Errorf("replayed %s: %w: %w", x.ID, offers.ErrInvalid, err)
	}
	return Record{
		Stream: Quarantine, Key: []byte(of), Value: value,
		Headers: Headers(x.ID+"/done", source, TypeReplayed, x.At, ""),
	}, nil
}

// Quarantined wraps a record that a reader cannot take, whole, with the reason
// why. Source is the reader: "aisle/decider".
func (r *Record) Quarantined(source string, reason offers.Reason, cause error) (Record, error) {
	headers := make(map[string]string, len(r.Headers))
	for _, h := range r.Headers {
		headers[h.Key] = string(h.Value)
	}
	return QuarantineRecord(&offers.Quarantined{
		ID:     fmt.Sprintf("%s-%d-%d-%s", r.Stream, r.Partition, r.Offset, path.Base(source)),
		Reason: reason, Detail: cause.Error(), Source: "stream/" + r.Stream,
		Received: r.Time, Headers: headers, Body: r.Value,
	}, source, r.Header("traceparent"))
}

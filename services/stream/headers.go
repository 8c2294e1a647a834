package stream

import "time"

// Headers are the CloudEvents attributes of a record, in Kafka's binary mode
// (CloudEvents Kafka binding 1.0.2, section 3.2), and the W3C traceparent, if it
// is not empty.
func Headers(id, source, typ string, t time.Time, traceparent string) []Header {
	h := []Header{
		{"ce_specversion", []byte("1.0")},
		{"ce_id", []byte(id)},
		{"ce_source", []byte(source)},
		{"ce_type", []byte(typ)},
		{"ce_time", t.UTC().AppendFormat(nil, time.RFC3339Nano)},
		{"content-type", []byte("application/json")},
	}
	if traceparent != "" {
		h = append(h, Header{"traceparent", []byte(traceparent)})
	}
	return h
}

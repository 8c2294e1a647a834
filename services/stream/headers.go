package stream

import "time"

// Headers are the CloudEvents attributes of a record, in Kafka's binary mode
// (CloudEvents Kafka binding 1.0.2, section 3.2), and the W3C traceparent, if it
// is not empty.
func Headers(id, source, typ string, t time.Time, traceparent string) []Header {
	// All in one piece of memory: every record of the house has headers.
	all := make([]byte, 0, len(id)+len(source)+len(typ)+len(traceparent)+64)
	h := make([]Header, 0, 7)
	add := func(key, value string) {
		from := len(all)
		all = append(all, value...)
		h = append(h, Header{key, all[from:len(all):len(all)]})
	}
	add("ce_specversion", "1.0")
	add("ce_id", id)
	add("ce_source", source)
	add("ce_type", typ)
	from := len(all)
	all = t.UTC().AppendFormat(all, time.RFC3339Nano)
	h = append(h, Header{"ce_time", all[from:len(all):len(all)]})
	add("content-type", "application/json")
	if traceparent != "" {
		add("traceparent", traceparent)
	}
	return h
}

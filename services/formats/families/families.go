// Package families knows by what a request shows whose client sent it, so that
// what lies in quarantine can be read again the way it came.
package families

import (
	"path"
	"strings"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/cloudevent"
	"aisle/services/formats/segment"
	"aisle/services/formats/snowplow"
)

// The families, as the sources of events are called: "segment/website".
const (
	Segment    = "segment"
	Jitsu      = "jitsu" // speaks as Segment does
	Snowplow   = "snowplow"
	CloudEvent = "cloudevent"
)

var decoders = map[string]func(*formats.Request) (*formats.Decoded, *formats.Bad){
	Segment: segment.Decode, Jitsu: segment.Decode, Snowplow: snowplow.Decode, CloudEvent: cloudevent.Decode,
}

// Of is the family of a request: that of its source, if that is one, or else
// what its path and headers look like.
func Of(source string, r *formats.Request) string {
	family, _, _ := strings.Cut(source, "/")
	if decoders[family] != nil {
		return family
	}
	p := strings.ToLower(r.Path)
	vendor, _, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
	switch {
	case r.Header["ce-specversion"] != "", strings.HasPrefix(strings.ToLower(r.Header["content-type"]), "application/cloudevents"), path.Base(p) == "events":
		return CloudEvent
	case strings.HasPrefix(p, "/api/s/"):
		return Jitsu
	case vendor == "i", vendor == "ice.png", vendor == "r", strings.Contains(vendor, "."), path.Base(p) == "tp2":
		return Snowplow
	}
	return Segment
}

// Decode reads a request as clients of a family send it.
func Decode(family string, r *formats.Request) (*formats.Decoded, *formats.Bad) {
	decode := decoders[family]
	if decode == nil {
		return nil, formats.Badf(offers.ReasonUnknown, r.Body, "There are no clients called %.40q.", family)
	}
	return decode(r)
}

// Headers of what is kept of a request, beside those that it came with.
const (
	HeaderPath  = "path"
	HeaderQuery = "query"
	HeaderItem  = "item" // "true": the body is one of a batch
)

// Again is the request, or the item of one, that lies in quarantine or among
// the originals.
func Again(q *offers.Quarantined) *formats.Request {
	r := &formats.Request{Header: make(map[string]string, len(q.Headers)), Body: q.Body}
	for name, value := range q.Headers {
		switch name {
		case HeaderPath:
			r.Path = value
		case HeaderQuery:
			r.Query = value
		case HeaderItem:
			r.Item = value == "true"
		default:
			r.Header[strings.ToLower(name)] = value
		}
	}
	return r
}

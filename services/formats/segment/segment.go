// Package segment reads what clients of Segment's tracking API send, and those
// that speak it with an accent: RudderStack's and Jitsu's.
//
// The API is one call a request, named by its path, or a batch of calls that
// name themselves: https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
package segment

import (
	"net/url"
	"path"
	"strings"

	"aisle/offers"
	"aisle/services/formats"
)

// MaxBatch is how many calls one request may have.
const MaxBatch = 2_500

// kinds are the calls by the last part of the path: in full or, as Segment's
// browser client has it, by its first letter. Empty: the call says it itself.
var kinds = map[string]string{
	"track": "track", "identify": "identify", "page": "page", "screen": "screen", "group": "group", "alias": "alias",
	"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias",
	"event": "", "batch": "", "b": "", "import": "",
}

// Decode reads a request.
func Decode(r *formats.Request) (*formats.Decoded, *formats.Bad) {
	last := strings.ToLower(path.Base(r.Path))
	kind, ok := kinds[last]
	if !ok {
		kind = "track" // an event that is sent under its own name, as Jitsu's clients may
	}
	if strings.HasPrefix(r.Path, "/pixel/") && !r.Item {
		return pixel(kind, r.Query)
	}
	body, bad := formats.Valid(r.Body)
	if bad != nil {
		return nil, bad
	}
	d := new(formats.Decoded)
	if batch := last == "batch" || last == "b" || last == "import"; r.Item || !batch {
		if kind == "" && !batch && !r.Item {
			kind = "track"
		}
		d.Messages = make([]formats.Message, 0, 1)
		add(d, kind, body)
		if len(d.Messages) == 1 {
			var m struct {
				WriteKey formats.Text `json:"writeKey"`
			}
			if formats.Unmarshal(body, &m) == nil {
				d.Key = string(m.WriteKey)
			}
		}
		return d, nil
	}
	var in struct {
		Batch    []formats.Raw `json:"batch"`
		WriteKey formats.Text  `json:"writeKey"`
		SentAt   formats.Text  `json:"sentAt"`
	}
	switch err := formats.Unmarshal(body, &in); {
	case err != nil:
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "The body is not a call of Segment's API: %v.", err)
	case in.Batch == nil:
		return nil, formats.Badf(offers.ReasonSchema, r.Body, `The body is not a call of Segment's API: batch is missing, want {"batch": [...]}.`)
	case len(in.Batch) > MaxBatch:
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "The body is not a call of Segment's API: %d events, want at most %d in a batch.", len(in.Batch), MaxBatch)
	}
	d.Key, d.SentAt = string(in.WriteKey), in.SentAt
	d.Messages = make([]formats.Message, 0, len(in.Batch))
	for _, one := range in.Batch {
		add(d, "", one)
	}
	return d, nil
}

// add reads one call. A kind that the path names holds, whatever the call says.
func add(d *formats.Decoded, kind string, body []byte) {
	if len(body) > formats.MaxEvent { // not worth reading
		d.Messages = append(d.Messages, formats.Message{Original: body})
		return
	}
	var m formats.Message
	if err := formats.Unmarshal(body, &m); err != nil {
		d.Bad = append(d.Bad, formats.Badf(offers.ReasonSchema, body, "The event is not of the shape of Segment's calls: %v.", err))
		return
	}
	if kind != "" {
		m.Type = formats.Text(kind)
	}
	if m.Type == "merge" { // RudderStack's alias of later years
		m.Type = "alias"
	}
	m.Original = body
	d.Messages = append(d.Messages, m)
}

// pixel reads a call that an image's address makes, as in an e-mail that is
// opened: /pixel/v1/track?writeKey=…&event=…&userId=…; what is not part of a
// call is a property.
func pixel(kind, query string) (*formats.Decoded, *formats.Bad) {
	values, err := url.ParseQuery(query)
	if err != nil || len(query) > formats.MaxEvent {
		return nil, formats.Badf(offers.ReasonEncoding, []byte(query), "The address cannot be read.")
	}
	call, properties := map[string]any{"type": kind}, map[string]string{}
	for name, v := range values {
		switch name {
		case "writeKey":
		case "userId", "anonymousId", "event", "name", "messageId", "originalTimestamp", "timestamp", "sentAt", "previousId", "groupId":
			call[name] = v[0]
		default:
			properties[strings.TrimPrefix(name, "properties.")] = v[0]
		}
	}
	call["properties"] = properties
	body, err := formats.Marshal(call)
	if err != nil {
		return nil, formats.Badf(offers.ReasonEncoding, []byte(query), "The address cannot be read.")
	}
	d := &formats.Decoded{Key: values.Get("writeKey")}
	add(d, kind, body)
	return d, nil
}

// Package segment reads what clients of Segment's tracking API send, and those
// that speak it with an accent: RudderStack's and Jitsu's.
//
// The API is one call a request, named by its path, or a batch of calls that
// name themselves: https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
package segment

import (
	"encoding/base64"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

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
	"merge": "merge", "event": "", "webhook": "", "batch": "", "b": "", "import": "",
}

// Decode reads a request.
func Decode(r *formats.Request) (*formats.Decoded, *formats.Bad) {
	name := path.Base(r.Path)
	if plain, err := url.PathUnescape(name); err == nil && utf8.ValidString(plain) {
		name = plain
	}
	last := strings.ToLower(name)
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
	d := &decoded{new(formats.Decoded)}
	if batch := last == "batch" || last == "b" || last == "import"; r.Item || !batch {
		d.Messages = make([]formats.Message, 0, 1)
		add(d, kind, body)
		if len(d.Messages) == 1 {
			m := &d.Messages[0]
			if !ok && m.Event == "" {
				m.Event = formats.Text(name)
			}
			if m.Type == "" && !batch && !r.Item {
				m.Type = "track"
			}
			var k struct {
				WriteKey formats.Text `json:"writeKey"`
			}
			if formats.Unmarshal(body, &k) == nil {
				d.Key = keyOf(k.WriteKey)
			}
		}
		d.around(r, nil)
		if last == "webhook" {
			d.webhook(body)
		}
		return d.Decoded, nil
	}
	var in struct {
		Batch    []formats.Raw `json:"batch"`
		WriteKey formats.Text  `json:"writeKey"`
		SentAt   formats.Text  `json:"sentAt"`
		Context  formats.Raw   `json:"context"`
	}
	switch err := formats.Unmarshal(body, &in); {
	case err != nil:
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "The body is not a call of Segment's API: %v.", err)
	case in.Batch == nil:
		return nil, formats.Badf(offers.ReasonSchema, r.Body, `The body is not a call of Segment's API: batch is missing, want {"batch": [...]}.`)
	case len(in.Batch) > MaxBatch:
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "The body is not a call of Segment's API: %d events, want at most %d in a batch.", len(in.Batch), MaxBatch)
	}
	d.Key, d.SentAt = keyOf(in.WriteKey), in.SentAt
	d.Messages = make([]formats.Message, 0, len(in.Batch))
	for _, one := range in.Batch {
		add(d, "", one)
	}
	d.around(r, in.Context)
	return d.Decoded, nil
}

// keyOf is a write key without the secret that Jitsu's clients write behind it.
func keyOf(t formats.Text) string {
	key, _, _ := strings.Cut(string(t), ":")
	return key
}

type decoded struct{ *formats.Decoded }

// webhook looks at what some other system posts, in whatever shape it has. What
// is no call is no fault of its sender's, who would stop for good if told no.
func (d *decoded) webhook(body []byte) {
	if len(d.Messages) == 1 {
		m := &d.Messages[0]
		if kind := kinds[strings.ToLower(string(m.Type))]; kind == "" || kind == "track" && m.Event == "" {
			m = nil
		}
		if m != nil && m.UserID+m.AnonymousID != "" {
			return
		}
	}
	d.Messages = nil
	d.Bad = []*formats.Bad{formats.Badf(offers.ReasonUnknown, body, "The webhook is no call that we know, or of nobody: want a type, and userId or anonymousId.")}
}

// around fills in what the request says for those of its calls that do not say
// it: RudderStack's clients have the time of sending and the visitor, in
// base64, in headers too, and a batch may have a context.
func (d *decoded) around(r *formats.Request, context formats.Raw) {
	if d.SentAt == "" {
		d.SentAt = formats.Text(r.Header["sentat"])
	}
	visitor, err := base64.StdEncoding.DecodeString(r.Header["anonymousid"])
	if err != nil || !utf8.Valid(visitor) {
		visitor = nil
	}
	for i := range d.Messages {
		m := &d.Messages[i]
		if m.UserID == "" && m.AnonymousID == "" {
			m.AnonymousID = formats.Text(visitor)
		}
		if len(m.Context) == 0 {
			m.Context = context
		}
	}
}

// add reads one call. A kind that the path names holds, whatever the call says.
func add(d *decoded, kind string, body []byte) {
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
	if m.Type == "merge" {
		merge(&m, body)
	}
	m.Original = body
	d.Messages = append(d.Messages, m)
}

// merge makes an alias call of RudderStack's merge call, which names one person
// in several ways: {"mergeProperties": [{"type": "email", "value": "…"}]}.
func merge(m *formats.Message, body []byte) {
	m.Type = "alias"
	var in struct {
		MergeProperties []struct {
			Type  formats.Loose `json:"type"`
			Value formats.Loose `json:"value"`
		} `json:"mergeProperties"`
	}
	if formats.Unmarshal(body, &in) != nil {
		return
	}
	for _, p := range in.MergeProperties {
		if kind, ok := names[strings.ToLower(string(p.Type))]; ok && len(m.Identifiers) < maxNames {
			m.Identifiers = append(m.Identifiers, offers.Identifier{Type: kind, Value: string(p.Value)})
		}
	}
}

const maxNames = 10 // of one person, in one call

// names are the words for kinds of names in a merge call.
var names = map[string]offers.IdentifierType{
	"email": offers.Email, "phone": offers.Phone, "mobile": offers.Phone, "userid": offers.CustomerID, "user_id": offers.CustomerID,
	"anonymousid": offers.Cookie, "anonymous_id": offers.Cookie, "cookie": offers.Cookie,
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
	d := &decoded{&formats.Decoded{Key: values.Get("writeKey")}}
	add(d, kind, body)
	return d.Decoded, nil
}

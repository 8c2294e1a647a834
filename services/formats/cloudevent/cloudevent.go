// Package cloudevent reads the envelope that many systems of a shop put around
// what they have to say: CloudEvents 1.0, and 0.3 before it, over HTTP and over
// Kafka.
//
// Its rules are those of https://github.com/cloudevents/spec, the HTTP, Kafka
// and JSON bindings of 1.0.2. An envelope that breaks them is refused. One that
// is sound and says nothing about any shopper is no fault of its sender's: it
// is put aside as unknown.
package cloudevent

import (
	"bytes"
	"encoding/base64"
	"mime"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"aisle/offers"
	"aisle/services/formats"
)

// MaxBatch is how many events one request may have.
const MaxBatch = 2_500

// Event is one CloudEvent.
type Event struct {
	SpecVersion, ID, Source, Type           string
	Subject, Time, DataContentType, DataURI string // empty where they are not told; DataURI is dataschema
	Extensions                              map[string]string
	Data                                    []byte // as its content type has it
}

// Mode is how an event is put into a message.
type Mode int

// The modes, by content type.
const (
	Binary Mode = iota // attributes are headers, the body is the data
	Structured
	Batch
	Unsupported // an event format that is not JSON
)

// ModeOf is the mode that a content type tells.
func ModeOf(contentType string) Mode {
	t := mediaType(contentType)
	switch {
	case t == "application/cloudevents+json":
		return Structured
	case t == "application/cloudevents-batch+json":
		return Batch
	case strings.HasPrefix(t, "application/cloudevents"):
		return Unsupported
	}
	return Binary
}

// mediaType is a content type without its parameters.
func mediaType(contentType string) string {
	if t, _, err := mime.ParseMediaType(contentType); err == nil {
		return t
	}
	t, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// isJSON tells whether data of the content type is JSON; nothing said is JSON.
func isJSON(contentType string) bool {
	t := mediaType(contentType)
	return t == "" || strings.HasSuffix(t, "/json") || strings.HasSuffix(t, "+json")
}

// FromHTTP is the event of a request in binary or structured mode. It keeps
// parts of the request.
func FromHTTP(r *formats.Request) (*Event, *formats.Bad) {
	contentType := r.Header["content-type"]
	switch ModeOf(contentType) {
	case Structured:
		return FromJSON(r.Body)
	case Batch, Unsupported:
		return nil, unsupported(contentType, r.Body)
	}
	if r.Header["ce-specversion"] == "" {
		return nil, formats.Badf(offers.ReasonSchema, r.Body, "This is no CloudEvent: want the headers ce-specversion, ce-id, ce-source and ce-type, or Content-Type: application/cloudevents+json.")
	}
	e := &Event{DataContentType: contentType, Data: r.Body}
	for name, value := range r.Header {
		attribute, ok := strings.CutPrefix(name, "ce-")
		if !ok || attribute == "datacontenttype" { // that is the content type
			continue
		}
		value, ok := unescape(value)
		if !ok {
			return nil, formats.Badf(offers.ReasonEncoding, r.Body, "The header %.40s is not UTF-8, percent-encoded.", name)
		}
		e.set(attribute, value)
	}
	return e.sound(r.Body)
}

// FromKafka is the event of a record. Its headers are as the record has them.
// There is no batch on Kafka. The record's key is the extension partitionkey
// where the event has none.
func FromKafka(headers map[string]string, key, value []byte) (*Event, *formats.Bad) {
	contentType, attributes := "", map[string]string{}
	for name, v := range headers {
		name = strings.ToLower(name)
		if name == "content-type" {
			contentType = v
		} else if attribute, ok := strings.CutPrefix(name, "ce_"); ok {
			attributes[attribute] = v
		}
	}
	var e *Event
	switch ModeOf(contentType) {
	case Structured:
		var bad *formats.Bad
		if e, bad = FromJSON(value); bad != nil {
			return nil, bad
		}
	case Batch, Unsupported:
		return nil, unsupported(contentType, value)
	default:
		e = &Event{DataContentType: contentType, Data: value}
		for attribute, v := range attributes {
			if !utf8.ValidString(v) {
				return nil, formats.Badf(offers.ReasonEncoding, value, "The header ce_%.40s is not UTF-8.", attribute)
			}
			e.set(attribute, v)
		}
		var bad *formats.Bad
		if e, bad = e.sound(value); bad != nil {
			return nil, bad
		}
	}
	if len(key) > 0 && utf8.Valid(key) && e.Extensions["partitionkey"] == "" {
		e.extend("partitionkey", string(key))
	}
	return e, nil
}

// FromJSON is an event in the JSON format.
func FromJSON(body []byte) (*Event, *formats.Bad) {
	valid, bad := formats.Valid(body)
	if bad != nil {
		return nil, bad
	}
	var in map[string]formats.Raw
	if err := formats.Unmarshal(valid, &in); err != nil || in == nil {
		return nil, formats.Badf(offers.ReasonSchema, body, `This is no CloudEvent: want an object such as {"specversion": "1.0", "id": "…", "source": "/…", "type": "…"}.`)
	}
	e := new(Event)
	for name, raw := range in {
		if name == "data" || name == "data_base64" {
			continue
		}
		value, ok := scalar(raw)
		if !ok {
			if known(name) {
				return nil, formats.Badf(offers.ReasonSchema, body, "The attribute %.40s of a CloudEvent is a text, not %.20s.", name, raw)
			}
			value = string(raw) // of an extension nothing is lost
		}
		e.set(name, value)
	}
	if bad := e.data(in, body); bad != nil {
		return nil, bad
	}
	return e.sound(body)
}

// data is what the JSON format has as data, in its own content type.
func (e *Event) data(in map[string]formats.Raw, body []byte) *formats.Bad {
	data, packed := in["data"], in["data_base64"]
	switch {
	case null(packed) && null(data):
		return nil
	case !null(packed) && !null(data):
		return formats.Badf(offers.ReasonSchema, body, "A CloudEvent has data or data_base64, not both.")
	case null(packed) && e.SpecVersion == "0.3" && strings.EqualFold(e.Extensions["datacontentencoding"], "base64"):
		packed, data = data, nil
		delete(e.Extensions, "datacontentencoding")
	}
	if !null(packed) {
		var text string
		err := formats.Unmarshal(packed, &text)
		if err == nil {
			e.Data, err = base64.StdEncoding.DecodeString(text)
		}
		if err != nil {
			return formats.Badf(offers.ReasonEncoding, body, "The data of the CloudEvent is not base64.")
		}
		return nil
	}
	e.Data = data
	if data[0] == '"' && !isJSON(e.DataContentType) {
		var text string
		if err := formats.Unmarshal(data, &text); err != nil {
			return formats.Badf(offers.ReasonEncoding, body, "The data of the CloudEvent cannot be read: %v.", err)
		}
		e.Data = []byte(text)
	}
	return nil
}

// set gives an attribute its value.
func (e *Event) set(attribute, value string) {
	switch attribute {
	case "specversion":
		e.SpecVersion = value
	case "id":
		e.ID = value
	case "source":
		e.Source = value
	case "type":
		e.Type = value
	case "subject":
		e.Subject = value
	case "time":
		e.Time = value
	case "datacontenttype":
		e.DataContentType = value
	case "dataschema", "schemaurl": // 0.3 had the other name
		e.DataURI = value
	default:
		e.extend(attribute, value)
	}
}

func known(attribute string) bool {
	switch attribute {
	case "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema":
		return true
	}
	return false
}

func (e *Event) extend(name, value string) {
	if value == "" {
		return
	}
	if e.Extensions == nil {
		e.Extensions = map[string]string{}
	}
	e.Extensions[name] = value
}

// sound is the event, or what is wrong with its envelope. Body is all of it.
func (e *Event) sound(body []byte) (*Event, *formats.Bad) {
	wrong := func(format string, args ...any) (*Event, *formats.Bad) {
		return nil, formats.Badf(offers.ReasonSchema, body, "This is no CloudEvent: "+format, args...)
	}
	if e.SpecVersion != "1.0" && e.SpecVersion != "0.3" {
		return wrong("specversion is %.20q, want \"1.0\".", e.SpecVersion)
	}
	for _, needed := range [...]struct{ name, value string }{{"id", e.ID}, {"source", e.Source}, {"type", e.Type}} {
		if needed.value == "" {
			return wrong("%s is missing.", needed.name)
		}
		if len(needed.value) > 2048 {
			return wrong("%s has %d bytes, want at most 2048.", needed.name, len(needed.value))
		}
	}
	if e.Time != "" {
		if _, err := time.Parse(time.RFC3339Nano, e.Time); err != nil {
			return nil, formats.Badf(offers.ReasonClock, body, "The time %.40q of the CloudEvent is not one of RFC 3339, such as 2006-01-02T15:04:05Z.", e.Time)
		}
	}
	return e, nil
}

func unsupported(contentType string, body []byte) *formats.Bad {
	return formats.Badf(offers.ReasonEncoding, body, "CloudEvents are read in binary mode and as JSON, not as %.80q.", contentType)
}

func null(raw formats.Raw) bool {
	return len(raw) == 0 || bytes.Equal(raw, []byte("null"))
}

// scalar is the text of an attribute in JSON: CloudEvents have texts, whole
// numbers and booleans. Null is an attribute that is not there.
func scalar(raw formats.Raw) (string, bool) {
	switch {
	case null(raw):
		return "", true
	case raw[0] == '"':
		var s string
		return s, formats.Unmarshal(raw, &s) == nil
	case raw[0] == '{' || raw[0] == '[':
		return "", false
	}
	return string(raw), true
}

// unescape is the value of a header: without the quotes that HTTP allows, once
// decoded from percents (HTTP binding, 3.1.3.2). A percent sign before anything
// but two hexadecimal digits is itself. Clients that do not encode at all may
// write Latin-1, as HTTP once had it; what is encoded is UTF-8 or wrong.
func unescape(s string) (string, bool) {
	if !utf8.ValidString(s) {
		latin := make([]rune, len(s))
		for i := range len(s) {
			latin[i] = rune(s[i])
		}
		s = string(latin)
	}
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		var b strings.Builder
		for i := 1; i < len(s)-1; i++ {
			if s[i] == '\\' && i+1 < len(s)-1 {
				i++
			}
			b.WriteByte(s[i])
		}
		s = b.String()
	}
	if strings.Contains(s, "%") {
		b := make([]byte, 0, len(s))
		for i := 0; i < len(s); i++ {
			if s[i] == '%' && i+2 < len(s) {
				if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
					b = append(b, byte(n))
					i += 2
					continue
				}
			}
			b = append(b, s[i])
		}
		s = string(b)
	}
	return s, utf8.ValidString(s)
}

package snowplow

import (
	"encoding/base64"
	"strings"

	"aisle/services/formats"
)

const (
	unstructSchema = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0"
	contextsSchema = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0"
)

// entity is a self-describing JSON.
type entity struct {
	Schema string      `json:"schema"`
	Data   formats.Raw `json:"data"`

	key key // of Schema
}

// raw is the entity as JSON again. Its schema is one that parseKey takes, so
// it needs no escape.
func (e entity) raw() formats.Raw {
	b := make(formats.Raw, 0, len(e.Schema)+len(e.Data)+24)
	b = append(append(append(b, `{"schema":"`...), e.Schema...), `","data":`...)
	return append(append(b, e.Data...), '}')
}

func list(all []entity) formats.Raw {
	b := formats.Raw{'['}
	for i, e := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, e.raw()...)
	}
	return append(b, ']')
}

// key is what an Iglu address of a schema says: iglu:vendor/name/format/model-revision-addition.
type key struct {
	vendor, name, format, version string
}

func parseKey(s string) (key, bool) {
	rest, ok := strings.CutPrefix(s, "iglu:")
	vendor, rest, _ := strings.Cut(rest, "/")
	name, rest, _ := strings.Cut(rest, "/")
	format, version, _ := strings.Cut(rest, "/")
	if !ok || len(s) > 300 {
		return key{}, false
	}
	for _, p := range [...]string{vendor, name, format, version} {
		if p == "" || strings.Trim(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != "" {
			return key{}, false
		}
	}
	model, rest, ok := strings.Cut(version, "-")
	revision, addition, more := strings.Cut(rest, "-")
	for _, n := range [...]string{model, revision, addition} {
		if n == "" || strings.Trim(n, "0123456789") != "" {
			return key{}, false
		}
	}
	return key{vendor, name, format, version}, ok && more
}

func hasKey(schema string) bool {
	_, ok := parseKey(schema)
	return ok
}

// model is the number that changes when what was written before cannot be read
// any more.
func (k key) model() string {
	m, _, _ := strings.Cut(k.version, "-")
	return m
}

// jsonOf is a field that holds JSON, in plain under one name or in base64 under
// another. It is empty where there is none, and says what is wrong with it.
func jsonOf(fields map[string]string, plain, packed string) (body []byte, wrong string) {
	name := plain
	s := fields[plain]
	if s == "" {
		if s = fields[packed]; s == "" {
			return nil, ""
		}
		name = packed
		b, err := unpack(s)
		if err != nil {
			return nil, name + " is not base64: " + err.Error() + "."
		}
		s = string(b)
	}
	body, bad := formats.Valid([]byte(s))
	if bad != nil {
		return nil, name + ": " + bad.Detail
	}
	return body, ""
}

// unpack reads base64 of both alphabets, with its padding or without.
func unpack(s string) ([]byte, error) {
	s = strings.TrimRight(s, "=")
	if strings.ContainsAny(s, "+/") {
		return base64.RawStdEncoding.DecodeString(s)
	}
	return base64.RawURLEncoding.DecodeString(s)
}

// contextsOf are the entities that were sent around an event.
func contextsOf(fields map[string]string) (all []entity, wrong string) {
	body, wrong := jsonOf(fields, "co", "cx")
	if wrong != "" || body == nil {
		return nil, wrong
	}
	return entities(body)
}

// entities reads a contexts JSON.
func entities(body []byte) (all []entity, wrong string) {
	var in struct {
		Schema formats.Text `json:"schema"`
		Data   []struct {
			Schema formats.Text `json:"schema"`
			Data   formats.Raw  `json:"data"`
		} `json:"data"`
	}
	if err := formats.Unmarshal(body, &in); err != nil {
		return nil, "The contexts are not a list of entities: " + err.Error() + "."
	}
	if k, ok := parseKey(string(in.Schema)); !ok || k.name != "contexts" {
		return nil, "The contexts have not the schema of contexts."
	}
	all = make([]entity, 0, len(in.Data)+1)
	for _, e := range in.Data {
		k, ok := parseKey(string(e.Schema))
		if !ok || len(e.Data) == 0 {
			return nil, "Each of the contexts has a schema, such as iglu:com.acme/user/jsonschema/1-0-0, and data."
		}
		all = append(all, entity{string(e.Schema), e.Data, k})
	}
	return all, ""
}

// unstructured is the event that a self-describing event holds.
func unstructured(fields map[string]string) (e entity, wrong string) {
	body, wrong := jsonOf(fields, "ue_pr", "ue_px")
	switch {
	case wrong != "":
		return e, wrong
	case body == nil:
		return e, "A self-describing event comes in ue_pr or ue_px, and there is none."
	}
	var in struct {
		Schema formats.Text `json:"schema"`
		Data   struct {
			Schema formats.Text `json:"schema"`
			Data   formats.Raw  `json:"data"`
		} `json:"data"`
	}
	if err := formats.Unmarshal(body, &in); err != nil {
		return e, "The self-describing event cannot be read: " + err.Error() + "."
	}
	outer, ok := parseKey(string(in.Schema))
	inner, known := parseKey(string(in.Data.Schema))
	switch {
	case !ok || outer.name != "unstruct_event":
		return e, "The self-describing event has not the schema of unstruct_event around it."
	case !known:
		return e, "The self-describing event does not say its schema: want iglu:com.acme/event/jsonschema/1-0-0."
	case len(in.Data.Data) == 0:
		return e, "The self-describing event has no data."
	}
	return entity{string(in.Data.Schema), in.Data.Data, inner}, ""
}

package drift

import (
	"encoding/json"
	"slices"
	"strings"
)

// schema is as much of JSON Schema as says which fields there are.
type schema struct {
	Type                 any                `json:"type,omitempty"` // a text or a list of them
	Properties           map[string]*schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	Items                *schema            `json:"items,omitempty"`
	AdditionalProperties *schema            `json:"additionalProperties,omitempty"`
}

var ofSchema = map[string]string{"null": "null", "boolean": "boolean", "integer": "integer", "number": "number", "string": "text", "array": "list", "object": "object"}

// UnmarshalJSON takes what is no object for a schema that says nothing.
func (s *schema) UnmarshalJSON(b []byte) error {
	type plain schema
	var p plain
	if json.Unmarshal(b, &p) == nil {
		*s = schema(p)
	}
	return nil
}

// FieldsOf are the fields that a contract has.
func FieldsOf(contract json.RawMessage) map[string]*Expected {
	var s schema
	if json.Unmarshal(contract, &s) != nil {
		return nil
	}
	fields := map[string]*Expected{}
	s.walk("", 1, fields)
	return fields
}

func (s *schema) walk(path string, share float64, fields map[string]*Expected) {
	if len(fields) >= maxFields || strings.Count(path, ".") >= maxDepth-1 {
		return
	}
	for name, of := range s.Properties {
		x := &Expected{Types: of.types()}
		for _, required := range s.Required {
			if required == name {
				x.Share = share
			}
		}
		at := name
		if path != "" {
			at = path + "." + name
		}
		fields[at] = x
		of.walk(at, x.Share, fields)
	}
	if s.Items != nil && path != "" {
		fields[path+".*"] = &Expected{Types: s.Items.types()}
		s.Items.walk(path+".*", 0, fields)
	}
}

func (s *schema) types() []string {
	names := []string{}
	add := func(v any) {
		if name, ok := v.(string); ok && ofSchema[name] != "" && name != "null" {
			names = append(names, ofSchema[name])
		}
	}
	switch t := s.Type.(type) {
	case string:
		add(t)
	case []any:
		for _, v := range t {
			add(v)
		}
	}
	return names
}

// What it takes for a field to be proposed as one that must be there.
const (
	mustShare = 0.995
	mustSeen  = 20
)

// Propose is a contract that nearly all of what came would fulfil: a schema to
// begin with.
// Fields are those of any of the shapes; they must be there where they always
// were.
func Propose(shapes ...*Shape) json.RawMessage {
	all := Shape{Fields: map[string]*Field{}}
	for _, s := range shapes {
		c := s.clone()
		c.Learned = all.Learned
		all.merge(&c)
	}
	top := &schema{Type: "object", Properties: map[string]*schema{}}
	for path, f := range all.Fields {
		if path == unassigned || strings.HasPrefix(path, unassigned+".") {
			continue
		}
		parts := strings.Split(path, ".")
		at := top
		for _, name := range parts {
			at = at.member(name)
		}
		at.Type = f.schemaTypes()
		if last := parts[len(parts)-1]; last == "*" || last == "{}" {
			continue
		}
		parent, holder := top, all.Seen
		for i, name := range parts[:len(parts)-1] {
			parent = parent.member(name)
			holder = 0
			if above := all.Fields[strings.Join(parts[:i+1], ".")]; above != nil && !slices.Contains(parts, "*") { // not all entries are looked into
				holder = above.Types[Object]
			}
		}
		if holder >= mustSeen && float64(f.Count) >= mustShare*float64(holder) && f.Types[Null] == 0 {
			parent.Required = append(parent.Required, parts[len(parts)-1])
		}
	}
	top.tidy()
	out, err := json.MarshalIndent(struct {
		Schema string `json:"$schema"`
		*schema
	}{"https://json-schema.org/draft/2020-12/schema", top}, "", "  ")
	if err != nil { // cannot be: texts and lists
		return json.RawMessage("{}")
	}
	return out
}

// member is the schema of a field, or of the entries of a list.
func (s *schema) member(name string) *schema {
	to := &s.Items
	switch name {
	case "*":
	case "{}":
		to = &s.AdditionalProperties
	default:
		if s.Properties == nil {
			s.Properties = map[string]*schema{}
		}
		if s.Properties[name] == nil {
			s.Properties[name] = &schema{}
		}
		return s.Properties[name]
	}
	if *to == nil {
		*to = &schema{}
	}
	return *to
}

// tidy puts names in order, so that the same shapes propose the same.
func (s *schema) tidy() {
	if s == nil {
		return
	}
	slices.Sort(s.Required)
	for _, of := range s.Properties {
		of.tidy()
	}
	s.Items.tidy()
	s.AdditionalProperties.tidy()
}

func (f *Field) schemaTypes() any {
	var names []any
	add := func(name string, n int64) {
		if n > 0 && float64(n) >= rare*float64(f.Count) {
			names = append(names, name)
		}
	}
	add("null", f.Types[Null])
	add("boolean", f.Types[Boolean])
	switch {
	case f.Types[Number] > 0:
		add("number", f.Types[Number]+f.Types[Integer])
	default:
		add("integer", f.Types[Integer])
	}
	add("string", f.Types[Text])
	add("array", f.Types[List])
	add("object", f.Types[Object])
	if len(names) == 1 {
		return names[0]
	}
	return names
}

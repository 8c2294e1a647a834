package contract

import (
	"math"
	"math/big"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// quick is a schema of the usual kind, made to say yes at once: nearly every
// event is as it should be, and asking the library costs six times as much. It
// never says yes where the library says no; where it does not say yes, the
// library has the word, and the words.
type quick struct {
	never      bool // the schema false
	types      kinds
	enum       []any
	properties map[string]*quick
	required   []string
	closed     bool   // no other properties
	others     *quick // of other properties, nil: any
	items      *quick
	all, any   []*quick
	format     func(any) error
	pattern    jsonschema.Regexp

	minItems, maxItems, minLength, maxLength int
	min, max                                 float64
	above, below                             float64
	ofNumber, ofText                         bool // there is something to look at
}

// kinds are types, as a set; 0 is any.
type kinds uint8

const (
	isNull kinds = 1 << iota
	isBoolean
	isNumber
	isInteger
	isText
	isList
	isObject
)

var kindOf = map[string]kinds{
	"null": isNull, "boolean": isBoolean, "number": isNumber, "integer": isInteger, "string": isText, "array": isList, "object": isObject,
}

// quicken makes a quick schema, nil if the schema has anything unusual.
func quicken(s *jsonschema.Schema, known map[*jsonschema.Schema]*quick) *quick {
	if q, ok := known[s]; ok {
		return q
	}
	q := &quick{minItems: -1, maxItems: math.MaxInt, minLength: -1, maxLength: math.MaxInt,
		min: math.Inf(-1), max: math.Inf(1), above: math.Inf(-1), below: math.Inf(1)}
	if s.Bool != nil {
		q.never = !*s.Bool
		known[s] = q
		return q
	}
	if unusual(s) {
		return nil
	}
	ok := true
	sub := func(s *jsonschema.Schema) *quick {
		of := quicken(s, known)
		ok = ok && of != nil
		return of
	}
	if s.Types != nil {
		for _, name := range s.Types.ToStrings() {
			q.types |= kindOf[name]
		}
	}
	if s.Enum != nil {
		q.enum = s.Enum.Values
	}
	if s.Const != nil {
		q.enum = append(slices.Clone(q.enum), *s.Const)
		ok = s.Enum == nil
	}
	for _, v := range q.enum {
		switch v.(type) {
		case nil, bool, string, float64:
		default:
			return nil
		}
	}
	if s.Ref != nil {
		q.all = append(q.all, sub(s.Ref))
	}
	for _, of := range s.AllOf {
		q.all = append(q.all, sub(of))
	}
	for _, of := range s.AnyOf {
		q.any = append(q.any, sub(of))
	}
	q.required = s.Required
	if len(s.Properties) > 0 {
		q.properties = make(map[string]*quick, len(s.Properties))
		for name, of := range s.Properties {
			q.properties[name] = sub(of)
		}
	}
	switch others := s.AdditionalProperties.(type) {
	case bool:
		q.closed = !others
	case *jsonschema.Schema:
		q.others = sub(others)
	}
	if s.Items2020 != nil {
		q.items = sub(s.Items2020)
	}
	if s.Format != nil {
		q.format = s.Format.Validate
	}
	q.pattern = s.Pattern
	for _, bound := range []struct {
		to   *int
		from *int
	}{{&q.minItems, s.MinItems}, {&q.maxItems, s.MaxItems}, {&q.minLength, s.MinLength}, {&q.maxLength, s.MaxLength}} {
		if bound.from != nil {
			*bound.to = *bound.from
		}
	}
	q.ofText = s.Pattern != nil || s.MinLength != nil || s.MaxLength != nil
	for _, bound := range []struct {
		to   *float64
		from *big.Rat
	}{{&q.min, s.Minimum}, {&q.max, s.Maximum}, {&q.above, s.ExclusiveMinimum}, {&q.below, s.ExclusiveMaximum}} {
		// The library compares the shortest decimals of both; these are in the
		// order of the numbers themselves.
		if bound.from != nil {
			*bound.to, _ = bound.from.Float64()
			q.ofNumber = true
		}
	}
	if !ok {
		return nil
	}
	known[s] = q
	return q
}

// unusual tells whether a schema has more than a quick one looks at.
func unusual(s *jsonschema.Schema) bool {
	rest := reflect.New(reflect.TypeFor[jsonschema.Schema]()).Elem()
	rest.Set(reflect.ValueOf(s).Elem())
	for i := range rest.NumField() {
		switch field := rest.Type().Field(i); {
		case !field.IsExported(), slices.Contains(usual, field.Name), rest.Field(i).IsZero():
		case (field.Type.Kind() == reflect.Slice || field.Type.Kind() == reflect.Map) && rest.Field(i).Len() == 0:
		default:
			return true
		}
	}
	return false
}

var usual = []string{
	"DraftVersion", "Location", "ID", "Ref", "Types", "Enum", "Const", "AllOf", "AnyOf", "Format", "Required", "Properties", "AdditionalProperties",
	"MinItems", "MaxItems", "Items2020", "MinLength", "MaxLength", "Pattern", "Maximum", "Minimum", "ExclusiveMaximum", "ExclusiveMinimum",
	"Title", "Description", "Default", "Comment", "ReadOnly", "WriteOnly", "Examples", "Deprecated",
}

// yes tells that a value is as it should be, for certain.
func (q *quick) yes(v any) bool {
	if q.never {
		return false
	}
	if q.enum != nil && !q.among(v) {
		return false
	}
	switch v := v.(type) {
	case map[string]any:
		if !q.is(isObject) || !q.object(v) {
			return false
		}
	case []any:
		if !q.is(isList) || len(v) < q.minItems || len(v) > q.maxItems {
			return false
		}
		if q.items != nil {
			for _, item := range v {
				if !q.items.yes(item) {
					return false
				}
			}
		}
	case string:
		if !q.is(isText) {
			return false
		}
		if q.ofText {
			if n := utf8.RuneCountInString(v); n < q.minLength || n > q.maxLength || q.pattern != nil && !q.pattern.MatchString(v) {
				return false
			}
		}
	case float64:
		if !q.is(isNumber) && (q.types&isInteger == 0 || v != math.Trunc(v)) {
			return false
		}
		if q.ofNumber && (v < q.min || v > q.max || v <= q.above || v >= q.below) {
			return false
		}
	case bool:
		if !q.is(isBoolean) {
			return false
		}
	case nil:
		if !q.is(isNull) {
			return false
		}
	default:
		return false
	}
	if q.format != nil && q.format(v) != nil {
		return false
	}
	for _, of := range q.all {
		if !of.yes(v) {
			return false
		}
	}
	return len(q.any) == 0 || slices.ContainsFunc(q.any, func(of *quick) bool { return of.yes(v) })
}

func (q *quick) is(k kinds) bool { return q.types == 0 || q.types&k != 0 }

func (q *quick) object(v map[string]any) bool {
	for _, name := range q.required {
		if _, ok := v[name]; !ok {
			return false
		}
	}
	if q.properties == nil && !q.closed && q.others == nil {
		return true
	}
	for name, value := range v {
		switch of := q.properties[name]; {
		case of != nil:
			if !of.yes(value) {
				return false
			}
		case q.closed, q.others != nil && !q.others.yes(value):
			return false
		}
	}
	return true
}

// among tells whether a value is one of the enumerated, of which none is a list
// or an object.
func (q *quick) among(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return slices.Contains(q.enum, v)
}

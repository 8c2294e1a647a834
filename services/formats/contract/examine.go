package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a contract.
const (
	MaxSchema = 64 << 10 // bytes
	maxDeep   = 32       // schemas within schemas, references followed
	maxParts  = 2_000    // schemas in it, those that references repeat counted each time
	eachIs    = 10       // and those for each of many values so many times
)

// drafts are what $schema may say.
var drafts = []string{
	"https://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2019-09/schema",
	"http://json-schema.org/draft-07/schema", "http://json-schema.org/draft-06/schema", "http://json-schema.org/draft-04/schema",
}

// Where schemas are within a schema.
var (
	one    = []string{"additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"}
	many   = []string{"allOf", "anyOf", "oneOf", "prefixItems"}
	each   = []string{"additionalItems", "additionalProperties", "contains", "items", "patternProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties"}
	named  = []string{"$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"}
	banned = map[string]string{
		"$dynamicRef": "use $ref", "$recursiveRef": "use $ref", "$anchor": "refer to it as #/$defs/…", "$dynamicAnchor": "refer to it as #/$defs/…",
		"$recursiveAnchor": "refer to it as #/$defs/…", "$vocabulary": "leave it out", "$id": "leave it out, but for the top",
	}
)

// examine looks for what a contract may not have: references to elsewhere or
// in circles, and more of them than can be checked while somebody waits. Ten
// lines of references to references can ask for more steps than there are
// atoms.
func examine(top map[string]any) (at, why string) {
	x := examiner{top: top}
	if s, ok := top["$schema"]; ok {
		draft, _ := s.(string)
		if !slices.Contains(drafts, strings.TrimSuffix(draft, "#")) {
			return "/$schema", "want " + drafts[0]
		}
	}
	x.weight = 1
	x.look(top, "", 0)
	return x.at, x.why
}

type examiner struct {
	top     map[string]any
	parts   int
	weight  int      // of a part where it is looked at
	within  []string // references that are being followed
	at, why string
}

func (x *examiner) wrong(at, format string, args ...any) {
	if x.why == "" {
		x.at, x.why = at, fmt.Sprintf(format, args...)
	}
}

func (x *examiner) look(schema any, at string, depth int) {
	s, ok := schema.(map[string]any)
	if !ok || x.why != "" {
		return // true, false, or for the compiler to refuse
	}
	if x.parts += x.weight; x.parts > maxParts {
		x.wrong(at, "the contract has more than %d parts; those that are referred to count each time, those for the entries of a list %d times", maxParts, eachIs)
		return
	}
	if depth > maxDeep {
		x.wrong(at, "it is nested more than %d deep", maxDeep)
		return
	}
	for name, instead := range banned {
		if _, ok := s[name]; ok {
			x.wrong(at+"/"+name, "%s is not for contracts: %s", name, instead)
		}
	}
	if _, ok := s["$schema"]; ok && at != "" {
		x.wrong(at+"/$schema", "$schema is for the top only")
	}
	if ref, ok := s["$ref"]; ok {
		x.follow(ref, at+"/$ref", depth)
	}
	for _, name := range one {
		x.of(name, func() { x.look(s[name], at+"/"+name, depth+1) })
	}
	for _, name := range many {
		x.all(s[name], at+"/"+name, depth)
	}
	for _, name := range named {
		if members, ok := s[name].(map[string]any); ok {
			for key, member := range members {
				x.of(name, func() { x.look(member, at+"/"+name+"/"+escape(key), depth+1) })
			}
		}
	}
	x.of("items", func() { x.all(s["items"], at+"/items", depth) })
}

// of looks at what is under a keyword, with its weight.
func (x *examiner) of(keyword string, look func()) {
	before := x.weight
	if slices.Contains(each, keyword) {
		x.weight = eachIs // also within lists of lists: together they have no more entries than an event has bytes
	}
	look()
	x.weight = before
}

// all looks at a list of schemas, or at one.
func (x *examiner) all(v any, at string, depth int) {
	list, ok := v.([]any)
	if !ok {
		x.look(v, at, depth+1)
		return
	}
	for i := range list {
		x.look(list[i], at+"/"+strconv.Itoa(i), depth+1)
	}
}

func (x *examiner) follow(ref any, at string, depth int) {
	to, ok := ref.(string)
	switch {
	case !ok:
		x.wrong(at, "want a text")
		return
	case to != "#" && !strings.HasPrefix(to, "#/"):
		x.wrong(at, "%.80q is elsewhere: a contract refers to what is in it only, as #/$defs/…", to)
		return
	case to == "#" || slices.Contains(x.within, to) || strings.HasPrefix(at, to[1:]+"/"):
		x.wrong(at, "it refers to itself: %.80s", to)
		return
	}
	var v any = x.top
	for part := range strings.SplitSeq(to[2:], "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch in := v.(type) {
		case map[string]any:
			v, ok = in[part]
		case []any:
			i, err := strconv.Atoi(part)
			if ok = err == nil && i >= 0 && i < len(in); ok {
				v = in[i]
			}
		default:
			ok = false
		}
		if !ok {
			x.wrong(at, "there is no %.80s in the contract", to)
			return
		}
	}
	x.within = append(x.within, to)
	x.look(v, at, depth+1)
	x.within = x.within[:len(x.within)-1]
}

// escape writes a name as a part of a JSON pointer (RFC 6901, section 3).
func escape(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

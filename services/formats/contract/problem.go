package contract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Problem is one thing that is wrong.
type Problem struct {
	At   string `json:"at"`   // a JSON pointer: /products/0/price; empty: the whole
	Says string `json:"says"` // how to mend it
}

// maxProblems is how many are told of one event.
const maxProblems = 20

// problemsOf are the reasons at the bottom of a refusal, in the order of where
// they are.
func problemsOf(err *jsonschema.ValidationError) []Problem {
	var problems []Problem
	gather(err, &problems)
	slices.SortFunc(problems, func(a, b Problem) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Says, b.Says)) })
	problems = slices.Compact(problems)
	return problems[:min(len(problems), maxProblems)]
}

func gather(err *jsonschema.ValidationError, problems *[]Problem) {
	if len(*problems) > 100*maxProblems {
		return
	}
	at := pointer(err.InstanceLocation)
	name := "The whole"
	if n := len(err.InstanceLocation); n > 0 {
		name = strings.Join(err.InstanceLocation, ".")
	}
	say := func(at, format string, args ...any) {
		*problems = append(*problems, Problem{at, clip(fmt.Sprintf(format, args...))})
	}
	switch k := err.ErrorKind.(type) {
	case *kind.Required:
		for _, missing := range k.Missing {
			path := strings.Join(append(slices.Clone(err.InstanceLocation), missing), ".")
			say(at+"/"+escape(missing), "%s is missing.", path)
		}
	case *kind.AdditionalProperties:
		for _, extra := range k.Properties {
			path := strings.Join(append(slices.Clone(err.InstanceLocation), extra), ".")
			say(at+"/"+escape(extra), "%s is not in the contract: leave it out, or add it there.", path)
		}
	case *kind.Type:
		say(at, "%s is %s, want %s%s.", name, word(k.Got), words(k.Want), hint(k.Got, k.Want))
	case *kind.Enum:
		say(at, "%s is none of %s.", name, values(k.Want))
	case *kind.Const:
		say(at, "%s is not %s.", name, value(k.Want))
	case *kind.Format:
		say(at, "%s is not %s.", name, format(k.Want))
	case *kind.Pattern:
		say(at, "%s does not fit the pattern %s.", name, k.Want)
	case *kind.MinLength:
		if k.Want == 1 {
			say(at, "%s is empty.", name)
		} else {
			say(at, "%s has %d characters, want at least %d.", name, k.Got, k.Want)
		}
	case *kind.MaxLength:
		say(at, "%s has %d characters, want at most %d.", name, k.Got, k.Want)
	case *kind.Minimum:
		say(at, "%s is too small, want at least %s.", name, decimal(k.Want))
	case *kind.ExclusiveMinimum:
		say(at, "%s is too small, want more than %s.", name, decimal(k.Want))
	case *kind.Maximum:
		say(at, "%s is too large, want at most %s.", name, decimal(k.Want))
	case *kind.ExclusiveMaximum:
		say(at, "%s is too large, want less than %s.", name, decimal(k.Want))
	case *kind.MultipleOf:
		say(at, "%s is not a multiple of %s.", name, decimal(k.Want))
	case *kind.MinItems:
		if k.Want == 1 {
			say(at, "%s is an empty list.", name)
		} else {
			say(at, "%s has %d entries, want at least %d.", name, k.Got, k.Want)
		}
	case *kind.MaxItems:
		say(at, "%s has %d entries, want at most %d.", name, k.Got, k.Want)
	case *kind.UniqueItems:
		say(at, "%s has the same entry twice, as number %d and %d.", name, k.Duplicates[0]+1, k.Duplicates[1]+1)
	case *kind.FalseSchema:
		say(at, "%s must not be there.", name)
	case *kind.DependentRequired:
		say(at, "%s is missing, where there is %s.", strings.Join(k.Missing, ", "), k.Prop)
	case *kind.Not:
		say(at, "%s is what the contract rules out.", name)
	case *kind.Contains, *kind.MinContains:
		say(at, "%s has too few entries of the kind that the contract asks for.", name)
	case *kind.PropertyNames:
		say(at, "%s has a field whose name is not as the contract has it: %s.", name, k.Property)
	case *kind.AnyOf, *kind.OneOf:
		gatherAlternatives(err, at, name, problems)
	default: // what only holds others, and what is rare
		if len(err.Causes) == 0 {
			say(at, "%s: %s.", name, err.ErrorKind.LocalizedString(message.NewPrinter(language.English)))
		}
		for _, cause := range err.Causes {
			gather(cause, problems)
		}
	}
}

// gatherAlternatives says of several ways to be right why none is.
func gatherAlternatives(err *jsonschema.ValidationError, at, name string, problems *[]Problem) {
	if k, ok := err.ErrorKind.(*kind.OneOf); ok && len(k.Subschemas) > 1 {
		*problems = append(*problems, Problem{at, clip(name + " fits more than one of the alternatives, want one.")})
		return
	}
	var reasons []string
	for _, cause := range err.Causes {
		var of []Problem
		gather(cause, &of)
		if len(of) > 0 {
			reasons = append(reasons, strings.TrimSuffix(of[0].Says, "."))
		}
	}
	slices.Sort(reasons)
	reasons = slices.Compact(reasons)
	if len(reasons) > 4 {
		reasons = append(reasons[:4], "and so on")
	}
	*problems = append(*problems, Problem{at, clip(fmt.Sprintf("%s fits none of the alternatives: %s.", name, strings.Join(reasons, "; or ")))})
}

// clip keeps a sentence a sentence: names of fields are as long as strangers
// make them.
func clip(s string) string {
	if len(s) <= 300 {
		return s
	}
	return strings.ToValidUTF8(s[:300], "") + "…"
}

func pointer(location []string) string {
	var b strings.Builder
	for _, part := range location {
		b.WriteByte('/')
		b.WriteString(escape(part))
	}
	return b.String()
}

// word is a type as people call it.
func word(t string) string {
	switch t {
	case "string":
		return "a text"
	case "number":
		return "a number"
	case "integer":
		return "a whole number"
	case "boolean":
		return "true or false"
	case "object":
		return "an object"
	case "array":
		return "a list"
	}
	return t // null
}

func words(types []string) string {
	all := make([]string, len(types))
	for i, t := range types {
		all[i] = word(t)
	}
	return strings.Join(all, " or ")
}

// hint is how to get from a type to another, where it is easy.
func hint(got string, want []string) string {
	switch {
	case got == "string" && (slices.Contains(want, "number") || slices.Contains(want, "integer") || slices.Contains(want, "boolean")):
		return ": send it without quotes"
	case got == "number" && slices.Contains(want, "integer"):
		return ": send it without decimals"
	case (got == "number" || got == "boolean") && slices.Contains(want, "string"):
		return ": send it in quotes"
	case got == "null":
		return ": leave it out where there is none"
	}
	return ""
}

func format(name string) string {
	switch name {
	case "email":
		return "an e-mail address"
	case "date-time":
		return "a time such as 2026-03-01T09:30:00Z"
	case "date":
		return "a date such as 2026-03-01"
	case "time":
		return "a time of day such as 09:30:00Z"
	case "uri", "iri":
		return "a whole address such as https://shop.example/shoes"
	case "uuid":
		return "a UUID"
	}
	return "of the format " + name
}

// value is a value of the contract, as JSON.
func value(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "what the contract has"
	}
	if len(b) > 80 {
		return strings.ToValidUTF8(string(b[:80]), "") + "…"
	}
	return string(b)
}

func values(all []any) string {
	shown := make([]string, 0, 10)
	for i, v := range all {
		if i == 10 {
			shown = append(shown, "…")
			break
		}
		shown = append(shown, value(v))
	}
	return strings.Join(shown, ", ")
}

func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.RatString()
	}
	f, _ := r.Float64()
	return fmt.Sprint(f)
}

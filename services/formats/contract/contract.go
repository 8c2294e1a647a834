// Package contract holds what comes to the door against what was agreed: that
// "product_viewed" names its product, and that a price is a number.
//
// Its rules: a contract is JSON Schema (draft 2020-12, and the drafts before
// it from 4 on) of an event's properties. It is complete in itself: nothing is
// fetched. Its size and what it can cost to check are bounded, as whoever may
// write one may be mistaken. What is wrong with an event is said in words that
// say how to mend it, and never repeats what the event said: that may be
// somebody's name.
package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"aisle/offers"
	"aisle/services/formats"
)

// Contract is one version of what was agreed for an event.
type Contract struct {
	Event   offers.EventType `json:"event"` // in the house's spelling
	Version int              `json:"version"`
	Schema  json.RawMessage  `json:"schema"`
	Sources []string         `json:"sources,omitempty"` // that it holds for: "segment/website"; empty: all
}

// Error says what is wrong with a contract. It is ErrInvalid.
type Error struct {
	Event   offers.EventType
	Pointer string // where in the schema: /properties/price
	Message string
}

func (e *Error) Error() string {
	at := e.Pointer
	if at == "" {
		at = "its top"
	}
	return fmt.Sprintf("contract %q: %s: %s", e.Event, at, e.Message)
}

func (*Error) Unwrap() error { return offers.ErrInvalid }

// Set are the contracts that hold. It does not change, and is safe for
// concurrent use. The zero Set has none.
type Set struct {
	of map[offers.EventType]*compiled
}

type compiled struct {
	version int
	sources []string
	schema  *jsonschema.Schema
	quick   *quick // nil where the schema is unusual
}

// Compile makes a set of one contract an event. Those that cannot be used are
// an *Error each, joined; the set has the others: that one is broken must not
// open the door for what all others refuse.
func Compile(contracts []Contract) (*Set, error) {
	s := &Set{of: make(map[offers.EventType]*compiled, len(contracts))}
	var errs []error
	for i := range contracts {
		c := &contracts[i]
		if s.of[c.Event] != nil {
			errs = append(errs, &Error{c.Event, "", "the event has two contracts"})
			continue
		}
		schema, err := compile(c)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s.of[c.Event] = &compiled{c.Version, slices.Clone(c.Sources), schema, quicken(schema, map[*jsonschema.Schema]*quick{})}
	}
	return s, errors.Join(errs...)
}

// closed is the loader of schemas: there are none elsewhere.
type closed struct{}

func (closed) Load(url string) (any, error) {
	return nil, fmt.Errorf("%w: %s is not fetched", offers.ErrDenied, url)
}

// place is the address that a schema has while it is compiled.
const place = "contract:schema"

func compile(c *Contract) (*jsonschema.Schema, error) {
	wrong := func(pointer, format string, args ...any) error {
		return &Error{c.Event, pointer, fmt.Sprintf(format, args...)}
	}
	if c.Event == "" {
		return nil, wrong("", "it names no event")
	}
	if len(c.Schema) > MaxSchema {
		return nil, wrong("", "it has %d kB, and may have %d", (len(c.Schema)+1023)>>10, MaxSchema>>10)
	}
	var doc any
	// Numbers as float64 on purpose: 1e999999999 is refused, where an exact
	// number of a thousand million digits would be computed with.
	if err := json.Unmarshal(c.Schema, &doc); err != nil {
		return nil, wrong("", "it is not JSON: %v", err)
	}
	top, ok := doc.(map[string]any)
	if !ok {
		return nil, wrong("", "want an object: {\"type\": \"object\", \"properties\": {…}}")
	}
	delete(top, "$id") // where it came from says nothing here
	if at, why := examine(top); why != "" {
		return nil, wrong(at, "%s", why)
	}
	k := jsonschema.NewCompiler()
	k.UseLoader(closed{})
	k.DefaultDraft(jsonschema.Draft2020)
	k.AssertFormat()
	if err := k.AddResource(place, doc); err != nil {
		return nil, wrong("", "%v", err)
	}
	schema, err := k.Compile(place)
	if err == nil {
		return schema, nil
	}
	if regex, ok := errors.AsType[*jsonschema.InvalidRegexError](err); ok {
		return nil, wrong(pointerOf(regex.URL), "the pattern %q cannot be used: %v", regex.Regex, regex.Err)
	}
	if wrapped, ok := errors.AsType[*jsonschema.SchemaValidationError](err); ok {
		err = wrapped.Err
	}
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		if problems := problemsOf(invalid); len(problems) > 0 {
			return nil, wrong(problems[0].At, "%s", problems[0].Says)
		}
	}
	return nil, wrong("", "%s", strings.ReplaceAll(err.Error(), place, "the schema"))
}

// pointerOf is what is behind the # of a schema's address.
func pointerOf(url string) string {
	_, pointer, _ := strings.Cut(url, "#")
	return pointer
}

// Version is that of the contract of an event from a source, 0 without one.
func (s *Set) Version(event offers.EventType, source string) int {
	if c := s.find(event, source); c != nil {
		return c.version
	}
	return 0
}

func (s *Set) find(event offers.EventType, source string) *compiled {
	if s == nil || len(s.of) == 0 {
		return nil
	}
	c := s.of[event]
	if c == nil || len(c.sources) > 0 && !slices.Contains(c.sources, source) {
		return nil
	}
	return c
}

// Check holds the properties of an event against its contract: which version
// that is, and what is wrong. Without a contract it is version 0, and nothing
// is. Properties are JSON that formats.Valid lets through; none are {}.
func (s *Set) Check(event offers.EventType, source string, properties []byte) (version int, problems []Problem) {
	c := s.find(event, source)
	if c == nil {
		return 0, nil
	}
	properties = bytes.TrimSpace(properties)
	var v any
	if len(properties) == 0 || bytes.Equal(properties, []byte("null")) {
		v = map[string]any{}
	} else if err := formats.Unmarshal(properties, &v); err != nil {
		if errors.Is(err, strconv.ErrRange) {
			err = errors.New("a number in them is too large")
		}
		return c.version, []Problem{{"", clip(fmt.Sprintf("The properties cannot be read: %v.", err))}}
	}
	if c.quick != nil && c.quick.yes(v) {
		return c.version, nil
	}
	err := c.schema.Validate(v)
	if err == nil {
		return c.version, nil
	}
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		problems = problemsOf(invalid)
	}
	if len(problems) == 0 { // cannot be: what is invalid says why
		problems = []Problem{{"", "The properties are not as the contract has them."}}
	}
	return c.version, problems
}

// Detail says in one line what is wrong with an event.
func Detail(event offers.EventType, version int, problems []Problem) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Not as version %d of the contract of %s:", version, event)
	for i, p := range problems {
		if i == 5 {
			fmt.Fprintf(&b, " And %d more.", len(problems)-i)
			break
		}
		b.WriteByte(' ')
		b.WriteString(p.Says)
	}
	return b.String()
}

package mapping

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of a mapping.
const (
	MaxSteps = 200
	maxName  = 100
	maxPath  = 200
	maxParts = 8
	maxValue = 1_000
)

// Compile makes steps ready. All that is wrong is an *Error each, joined.
func Compile(of Steps) (*Mapping, error) {
	m := &Mapping{version: of.Version, named: map[string]bool{}}
	var errs []error
	if len(of.Steps) > MaxSteps {
		errs = append(errs, &Error{MaxSteps, "do", "a mapping has at most 200 steps"})
		of.Steps = of.Steps[:MaxSteps]
	}
	for i := range of.Steps {
		c := compiler{number: i, in: &of.Steps[i]}
		s := c.compile()
		errs = append(errs, c.errs...)
		if s.event == "" {
			m.every = true
		}
		m.named[s.event] = true
		m.steps = append(m.steps, s)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return m, nil
}

type compiler struct {
	number int
	in     *Step
	errs   []error
}

func (c *compiler) wrong(field, message string) {
	c.errs = append(c.errs, &Error{c.number, field, message})
}

// needs lists the fields that a step takes beside do and event, those that it
// must have first.
var needs = map[string]struct{ must, may []string }{
	RenameEvent: {must: []string{"event", "to"}},
	Move:        {must: []string{"field", "to"}},
	Default:     {must: []string{"field", "value"}},
	Convert:     {must: []string{"field", "as"}, may: []string{"layout", "zone"}},
	Normalise:   {must: []string{"field", "how"}},
	Exclude:     {must: []string{"field"}},
	DropEvent:   {must: []string{"event"}},
}

func (c *compiler) compile() step {
	in := c.in
	s := step{number: c.number + 1, do: in.Do, to: in.To, value: in.Value}
	need, ok := needs[in.Do]
	if !ok {
		c.wrong("do", "choose rename_event, move, default, convert, normalise, exclude or drop_event")
		return s
	}
	for _, field := range []struct {
		name  string
		given bool
	}{
		{"event", strings.TrimSpace(in.Event) != ""}, {"field", in.Field != ""}, {"to", strings.TrimSpace(in.To) != ""}, {"value", in.Value != nil},
		{"as", in.As != ""}, {"layout", in.Layout != ""}, {"zone", in.Zone != ""}, {"how", in.How != ""},
	} {
		switch {
		case !field.given && slices.Contains(need.must, field.name):
			c.wrong(field.name, "is missing")
		case field.given && field.name != "event" && !slices.Contains(need.must, field.name) && !slices.Contains(need.may, field.name):
			c.wrong(field.name, "is not for a step of this kind")
		}
	}
	if len(c.errs) > 0 {
		return s
	}
	c.name("event", in.Event)
	if s.event = eventName(in.Event); s.event == "" && strings.TrimSpace(in.Event) != "" {
		c.wrong("event", "want letters or digits")
	}
	switch in.Do {
	case RenameEvent:
		c.name("to", in.To)
		if spelling(in.To) == "" {
			c.wrong("to", "want letters or digits")
		}
		s.to = strings.TrimSpace(in.To)
		return s
	case DropEvent:
		return s
	}
	path := c.path("field", in.Field)
	if len(c.errs) > 0 {
		return s
	}
	s.within, s.field = split(path)
	if len(s.field) == 0 && in.Do != Convert && in.Do != Normalise {
		c.wrong("field", "name a field of the entries: "+in.Field+".name")
		return s
	}
	switch in.Do {
	case Move:
		c.move(&s)
	case Default:
		switch v := in.Value.(type) {
		case bool, float64, json.Number:
		case string:
			if len(v) > maxValue {
				c.wrong("value", "at most 1,000 characters")
			}
		case int:
			s.value = float64(v)
		default:
			c.wrong("value", "want a text, a number, true or false")
		}
	case Convert:
		c.convert(&s)
	case Normalise:
		c.normalise(&s)
	}
	return s
}

func (c *compiler) name(field, name string) {
	if len(name) > maxName || !utf8.ValidString(name) {
		c.wrong(field, "at most 100 characters")
	}
}

func (c *compiler) path(field, path string) []string {
	if len(path) > maxPath || !utf8.ValidString(path) {
		c.wrong(field, "at most 200 characters")
		return nil
	}
	parts := strings.Split(path, ".")
	switch {
	case len(parts) > maxParts:
		c.wrong(field, "at most 8 parts")
	case slices.Contains(parts, ""):
		c.wrong(field, "want names with a dot between them: product.sku")
	case parts[0] == "*":
		c.wrong(field, "name the list before the star: products.*.sku")
	}
	return parts
}

// split is a path up to its last star, and from there.
func split(path []string) (within, field []string) {
	for i, part := range slices.Backward(path) {
		if part == "*" {
			return path[:i+1], path[i+1:]
		}
	}
	return nil, path
}

func (c *compiler) move(s *step) {
	path := c.path("to", c.in.To)
	if len(c.errs) > 0 {
		return
	}
	within, to := split(path)
	s.toPath = to
	shorter := min(len(to), len(s.field))
	switch {
	case !slices.Equal(within, s.within):
		c.wrong("to", "a field of a list's entry moves within the entry: products.*.sku to products.*.product_id")
	case len(to) == 0:
		c.wrong("to", "name a field of the entries: "+c.in.To+".name")
	case slices.Equal(to[:shorter], s.field[:shorter]):
		c.wrong("to", "is within the field itself, or the other way round")
	}
}

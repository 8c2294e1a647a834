// Package mapping mends what a source sends on its way in: it calls an event by
// its right name, moves a field to where it belongs, makes a number of a text.
//
// Its rules: a mapping is a list of small steps that are done in their order,
// and each of which a marketer understands. A step that finds nothing to do does
// nothing; one that cannot be done says why, and the event is put aside. What
// came is kept as it came beside. A source, or an event, without steps costs
// nothing.
package mapping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"aisle/offers"
	"aisle/services/formats"
)

// What a step does.
const (
	RenameEvent = "rename_event" // Event is called To
	Move        = "move"         // Field is at To, unless something is there
	Default     = "default"      // Field is Value where there is none
	Convert     = "convert"      // Field is of the type As
	Normalise   = "normalise"    // Field is a text without what How takes away
	Exclude     = "exclude"      // Field is left out
	DropEvent   = "drop_event"   // Event is left out
)

// Step is one thing to do.
type Step struct {
	Do     string `json:"do"`
	Event  string `json:"event,omitempty"` // in any spelling; page, screen, identify, group, alias for these calls; empty: all events
	Field  string `json:"field,omitempty"` // dotted path: product.sku; products.*.sku in each of a list
	To     string `json:"to,omitempty"`
	Value  any    `json:"value,omitempty"` // a text, a number, true or false
	As     string `json:"as,omitempty"`    // number, text, boolean, time
	Layout string `json:"layout,omitempty"`
	Zone   string `json:"zone,omitempty"` // IANA, of times that name none
	How    string `json:"how,omitempty"`  // trim, lower, upper
}

// Steps are what is done for one source.
type Steps struct {
	Source  string `json:"source"` // "segment/website"
	Version int    `json:"version"`
	Steps   []Step `json:"steps"`
}

// Error says what is wrong with a step. It is ErrInvalid.
type Error struct {
	Step    int    // its number, from 0
	Field   string // of Step: "to"
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("step %d: %s: %s", e.Step+1, e.Field, e.Message) }

func (*Error) Unwrap() error { return offers.ErrInvalid }

// Mapping is a compiled list of steps. It does not change, and is safe for
// concurrent use. A nil Mapping does nothing.
type Mapping struct {
	version int
	steps   []step
	every   bool            // some step is for all events
	named   map[string]bool // events that some step is for
}

// step is a Step, made ready.
type step struct {
	number int // from 1
	do     string
	event  string // as spelt by spelling; empty: all
	to     string
	within []string // the list whose entries the step is done in, by the path to it; nil: the properties
	field  []string // from there
	toPath []string // from there
	mend   func(v any) (mended any, ok bool)
	want   string // what mend makes, in words
	value  any
}

// Version is that of the steps.
func (m *Mapping) Version() int {
	if m == nil {
		return 0
	}
	return m.version
}

// Apply does the steps that are for a message, and tells whether they changed
// it, and whether one drops it. An error is ErrInvalid and says which step
// cannot be done, and how the field came; what the field said it does not
// repeat. The message's Original stays.
func (m *Mapping) Apply(msg *formats.Message) (changed, dropped bool, err error) {
	if m == nil || len(m.steps) == 0 {
		return false, false, nil
	}
	name := nameOf(msg)
	if !m.every && !m.named[name] {
		return false, false, nil
	}
	p := payload{raw: &msg.Properties}
	if as := strings.ToLower(string(msg.Type)); (as == "identify" || as == "group") && len(msg.Traits) > 0 {
		p.raw = &msg.Traits
	}
	for i := range m.steps {
		s := &m.steps[i]
		if s.event != "" && s.event != name {
			continue
		}
		switch s.do {
		case DropEvent:
			return changed, true, nil
		case RenameEvent:
			if string(msg.Event) == s.to && strings.EqualFold(string(msg.Type), "track") {
				continue
			}
			msg.Type, msg.Event = "track", formats.Text(s.to)
			name = spelling(s.to)
			changed = true
		default:
			root, err := p.open(s.do == Default)
			if err != nil {
				return changed, false, fmt.Errorf("step %d: %w: %w", s.number, offers.ErrInvalid, err)
			}
			if root == nil {
				continue
			}
			did, err := s.each(root, s.within)
			if err != nil {
				return changed, false, fmt.Errorf("step %d: %w: %w", s.number, offers.ErrInvalid, err)
			}
			p.changed = p.changed || did
		}
	}
	if p.changed {
		if err := p.close(); err != nil {
			return changed, false, fmt.Errorf("mapping: %w: %w", offers.ErrInvalid, err)
		}
		changed = true
	}
	return changed, false, nil
}

// payload are the properties or traits of a message, read when first needed.
type payload struct {
	raw     *formats.Raw
	root    map[string]any
	opened  bool
	changed bool
}

// open reads the payload; nil if there is none, unless it is to be made.
func (p *payload) open(create bool) (map[string]any, error) {
	if !p.opened {
		p.opened = true
		if body := bytes.TrimSpace(*p.raw); len(body) > 0 && body[0] == '{' {
			d := json.NewDecoder(bytes.NewReader(body)) // go-json's loses digits, and so might we
			d.UseNumber()
			if err := d.Decode(&p.root); err != nil {
				return nil, fmt.Errorf("the properties cannot be read: %w", err)
			}
		}
	}
	if p.root == nil && create {
		p.root = map[string]any{}
	}
	return p.root, nil
}

func (p *payload) close() error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(p.root); err != nil {
		return err
	}
	*p.raw = bytes.TrimSpace(b.Bytes())
	return nil
}

// each does the step in the properties, or in each entry of the list that the
// path leads to.
func (s *step) each(v any, path []string) (changed bool, err error) {
	if len(path) > 0 && path[0] == "*" {
		list, ok := v.([]any)
		if !ok {
			return false, nil
		}
		for i := range list {
			if len(path) == 1 && len(s.field) == 0 { // the entries themselves
				mended, did, err := s.mended(list[i])
				if err != nil {
					return changed, err
				}
				list[i], changed = mended, changed || did
				continue
			}
			did, err := s.each(list[i], path[1:])
			changed = changed || did
			if err != nil {
				return changed, err
			}
		}
		return changed, nil
	}
	object, ok := v.(map[string]any)
	if !ok {
		return false, nil
	}
	if len(path) > 0 {
		return s.each(object[path[0]], path[1:])
	}
	return s.one(object)
}

// one does the step in one object.
func (s *step) one(object map[string]any) (changed bool, err error) {
	last := s.field[len(s.field)-1]
	parent := find(object, s.field[:len(s.field)-1], s.do == Default)
	if parent == nil {
		return false, nil
	}
	v, there := parent[last]
	switch s.do {
	case Default:
		if there && v != nil {
			return false, nil
		}
		parent[last] = s.value
		return true, nil
	case Exclude:
		delete(parent, last)
		return there, nil
	case Move:
		if !there {
			return false, nil
		}
		at := find(object, s.toPath[:len(s.toPath)-1], true)
		name := s.toPath[len(s.toPath)-1]
		if at == nil || at[name] != nil {
			return false, nil // something is there: nothing is written over
		}
		delete(parent, last)
		at[name] = v
		return true, nil
	}
	if !there {
		return false, nil
	}
	mended, changed, err := s.mended(v)
	if changed {
		parent[last] = mended
	}
	return changed, err
}

// mended is a value as a convert or normalise step leaves it. What is nothing
// stays: a contract may say that it must not be there.
func (s *step) mended(v any) (mended any, changed bool, err error) {
	if v == nil || v == "" {
		return v, false, nil
	}
	switch v.(type) {
	case map[string]any, []any:
		if s.do == Normalise {
			return v, false, nil
		}
		return v, false, fmt.Errorf("%s is %s, and cannot be %s", s.name(), kind(v), s.want)
	}
	mended, ok := s.mend(v)
	if !ok {
		return v, false, fmt.Errorf("%s is %s that cannot be %s", s.name(), kind(v), s.want)
	}
	return mended, mended != v, nil
}

func (s *step) name() string {
	return strings.Join(append(append([]string{}, s.within...), s.field...), ".")
}

func kind(v any) string {
	switch v.(type) {
	case string:
		return "a text"
	case json.Number, float64:
		return "a number"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	}
	return "an object"
}

// find is the object at a path, made on the way if it is to be. Nil where
// something else is in the way.
func find(object map[string]any, path []string, create bool) map[string]any {
	for _, name := range path {
		next, there := object[name]
		if (!there || next == nil) && create {
			made := map[string]any{}
			object[name] = made
			object = made
			continue
		}
		inner, ok := next.(map[string]any)
		if !ok {
			return nil
		}
		object = inner
	}
	return object
}

// calls are the names of calls that are not track, in the spelling of spelling.
var calls = map[string]string{
	"page": "page", "pageviewed": "page", "screen": "screen", "screenviewed": "screen", "identify": "identify", "identified": "identify",
	"group": "group", "grouped": "group", "alias": "alias", "aliased": "alias",
}

// nameOf is by what name steps know a message.
func nameOf(m *formats.Message) string {
	as := strings.ToLower(string(m.Type))
	if call, ok := calls[as]; ok {
		return "/" + call
	}
	return spelling(string(m.Event))
}

// eventName is by what name a step means an event.
func eventName(s string) string {
	name := spelling(s)
	if call, ok := calls[name]; ok {
		return "/" + call
	}
	return name
}

// spelling is a name without what spellings differ in: "Product Viewed",
// "productViewed" and "product_viewed" are productviewed.
func spelling(name string) string {
	var b strings.Builder
	b.Grow(len(name))
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// zone is a time zone by its name, UTC without one.
func zone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if name == "Local" {
		return nil, fmt.Errorf("unknown time zone %s", name)
	}
	return time.LoadLocation(name)
}

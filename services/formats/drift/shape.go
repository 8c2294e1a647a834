// Package drift watches what sources send and tells when it is no longer what
// it was: a field that is new, one that no longer comes, a price that has become
// a text.
//
// Its rules: the shape of an event is learned from the first events of its kind,
// or taken from its contract; from then on what differs is told, and a person
// says whether it is right. Not every event is looked into: a thousand at once
// and fifty a second of a kind, the others are counted. Everything is bounded,
// whatever strangers send. Examples are kept without what tells who somebody is.
package drift

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"
)

// Bounds of what is remembered, and of how much is looked into.
const (
	maxFields   = 200   // of a shape
	maxDepth    = 6     // of a path
	maxPath     = 160   // bytes of a path
	maxList     = 5     // entries of a list that are looked into
	maxExamples = 3     // of a field
	maxExample  = 40    // bytes of one
	atOnce      = 1_000 // events of a kind that are looked into at once
	perSecond   = 50    // and then
	window      = 100.0 // events that count as the latest
)

// Learned after this many events of a kind have been looked into.
const Learned = 200

// Type is what a value is.
type Type uint8

// Types.
const (
	Null Type = iota
	Boolean
	Integer
	Number
	Text
	List
	Object
	types int = iota
)

var typeNames = [types]string{"null", "boolean", "integer", "number", "text", "list", "object"}

func (t Type) String() string { return typeNames[t] }

// class is a type as far as drift goes: 19 and 19.99 are alike, and nothing is
// no other type.
func (t Type) class() Type {
	if t == Integer {
		return Number
	}
	return t
}

// Counts are how many events had a field of each type.
type Counts [types]int64

// MarshalJSON writes those that are not zero by the type's name.
func (c Counts) MarshalJSON() ([]byte, error) {
	named := map[string]int64{}
	for t, n := range c {
		if n != 0 {
			named[typeNames[t]] = n
		}
	}
	return json.Marshal(named)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Counts) UnmarshalJSON(b []byte) error {
	var named map[string]int64
	if err := json.Unmarshal(b, &named); err != nil {
		return err
	}
	*c = Counts{}
	for name, n := range named {
		if t := slices.Index(typeNames[:], name); t >= 0 {
			c[t] = n
		}
	}
	return nil
}

// Expected is a field as it was when the shape was learned, or as a contract
// has it.
type Expected struct {
	Types []string `json:"types"` // by name; empty: any
	Share float64  `json:"share"` // of the events that have it, 0 to 1
}

// Field is what is known of one field of an event.
type Field struct {
	Types    Counts    `json:"types"`
	Count    int64     `json:"count"`  // events that have it
	Recent   float64   `json:"recent"` // of the latest events, weighed
	First    time.Time `json:"first,omitzero"`
	Last     time.Time `json:"last,omitzero"`
	Examples []string  `json:"examples,omitempty"`
	Was      *Expected `json:"was,omitempty"` // nil: it was not there when the shape was learned
	Wrong    *Counts   `json:"odd,omitempty"` // of types that it did not have then
}

// Shape is what is known of one kind of event from one source.
type Shape struct {
	Source    string            `json:"source"`
	Event     string            `json:"event"`
	Count     int64             `json:"count"`            // events
	Seen      int64             `json:"seen"`             // of these, looked into
	Recent    float64           `json:"recent"`           // of the latest looked into, weighed
	Halved    int               `json:"halved"`           // how often Recent was, since it was stored
	First     time.Time         `json:"first,omitzero"`   // event
	Last      time.Time         `json:"last,omitzero"`    // event
	Learned   time.Time         `json:"learned,omitzero"` // zero: not yet
	New       bool              `json:"new,omitempty"`    // its source was known already when it came
	Truncated bool              `json:"truncated,omitempty"`
	Fields    map[string]*Field `json:"fields"` // by dotted path; a star for the entries of a list
}

// Share is how many of the events that were looked into have a field.
func (s *Shape) Share(f *Field) float64 {
	if s.Seen == 0 {
		return 0
	}
	return min(float64(f.Count)/float64(s.Seen), 1)
}

// age makes room for the latest: what is before counts half.
func (s *Shape) age() {
	if s.Recent < window {
		return
	}
	s.Recent /= 2
	s.Halved++
	for _, f := range s.Fields {
		f.Recent /= 2
	}
}

// Merge adds to what is stored of a kind of event what came since, as Take gave
// it. The baseline that is stored holds; without one the shape is learned once
// enough events were looked into. Either may be empty.
func Merge(stored, fresh json.RawMessage) (json.RawMessage, error) {
	if len(fresh) == 0 {
		return stored, nil
	}
	var b Shape
	if err := json.Unmarshal(fresh, &b); err != nil {
		return nil, fmt.Errorf("drift: %w", err)
	}
	a := Shape{Source: b.Source, Event: b.Event}
	if len(stored) > 0 {
		if err := json.Unmarshal(stored, &a); err != nil {
			return nil, fmt.Errorf("drift: %w", err)
		}
	} else {
		a.New = b.New
	}
	a.merge(&b)
	return json.Marshal(&a)
}

// merge adds what came since.
func (s *Shape) merge(fresh *Shape) {
	s.Count += fresh.Count
	s.Seen += fresh.Seen
	s.Truncated = s.Truncated || fresh.Truncated
	s.First, s.Last = earlier(s.First, fresh.First), later(s.Last, fresh.Last)
	old := math.Pow(0.5, float64(fresh.Halved)) // what these events did to those before
	s.Recent = s.Recent*old + fresh.Recent
	s.Halved = 0
	if s.Fields == nil {
		s.Fields = map[string]*Field{}
	}
	for _, f := range s.Fields {
		f.Recent *= old
	}
	taken := s.Learned.IsZero() && !fresh.Learned.IsZero() // of a contract
	if taken {
		s.Learned, s.New = fresh.Learned, fresh.New
	}
	for path, b := range fresh.Fields {
		a := s.Fields[path]
		if a == nil {
			if len(s.Fields) >= maxFields {
				s.Truncated = true
				continue
			}
			a = &Field{}
			s.Fields[path] = a
		}
		a.merge(b)
		if taken {
			a.Was, a.Wrong = b.Was, nil
			a.odd(a, true)
			continue
		}
		a.odd(b, !s.Learned.IsZero())
	}
	s.age()
	s.Halved = 0
	if s.Learned.IsZero() && s.Seen >= Learned {
		s.learn(s.Last)
	}
}

func (f *Field) merge(b *Field) {
	for t, n := range b.Types {
		f.Types[t] += n
	}
	f.Count += b.Count
	f.Recent += b.Recent
	f.First, f.Last = earlier(f.First, b.First), later(f.Last, b.Last)
	for _, x := range b.Examples {
		f.example(x)
	}
}

// odd counts what came of types that were not expected.
func (f *Field) odd(fresh *Field, learned bool) {
	if !learned || f.Was == nil || len(f.Was.Types) == 0 {
		return
	}
	for t, n := range fresh.Types {
		if n == 0 || Type(t) == Null || f.expects(Type(t)) {
			continue
		}
		if f.Wrong == nil {
			f.Wrong = new(Counts)
		}
		f.Wrong[Type(t).class()] += n
	}
}

func (f *Field) expects(t Type) bool {
	return slices.ContainsFunc(f.Was.Types, func(name string) bool {
		i := slices.Index(typeNames[:], name)
		return i >= 0 && Type(i).class() == t.class()
	})
}

func (f *Field) example(x string) {
	if len(f.Examples) < maxExamples && x != "" && !slices.Contains(f.Examples, x) {
		f.Examples = append(f.Examples, x)
	}
}

// rare is the share of a field's values below which their type is taken for a
// mistake that was there from the beginning.
const rare = 0.05

// learn takes what has come so far as how it should be.
func (s *Shape) learn(at time.Time) {
	s.Learned = at
	for _, f := range s.Fields {
		f.Was, f.Wrong = f.expected(s), nil
		var all int64
		for t, n := range f.Types {
			if Type(t) != Null {
				all += n
			}
		}
		f.Was.Types = slices.DeleteFunc(f.Was.Types, func(name string) bool {
			t := Type(slices.Index(typeNames[:], name)).class()
			n := f.Types[t]
			if t == Number {
				n += f.Types[Integer]
			}
			return float64(n) < rare*float64(all)
		})
		f.odd(f, true)
	}
}

// expected is a field as it has been.
func (f *Field) expected(s *Shape) *Expected {
	e := &Expected{Types: []string{}, Share: s.Share(f)}
	for t, n := range f.Types {
		if n > 0 && Type(t) != Null {
			e.Types = append(e.Types, typeNames[t])
		}
	}
	return e
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

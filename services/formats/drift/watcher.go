package drift

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/mask"
)

// Bounds of a watcher.
const (
	maxShapes    = 2_000
	maxOfSource  = 300    // kinds of events
	maxAllFields = 60_000 // of all shapes
	maxEventName = 100
)

type kindOf struct{ source, event string }

// entry is one kind of event.
type entry struct {
	known *Shape  // as stored; nil: not yet. It does not change
	fresh *Shape  // since then
	more  float64 // events that may be looked into now
	at    time.Time
}

// Watcher learns what comes. It is safe for concurrent use. What it has seen
// since it was last asked is its own; all before that is stored elsewhere and
// given back to it.
type Watcher struct {
	mu        sync.Mutex // guards the rest
	entries   map[kindOf]*entry
	kinds     map[string]int // by source
	fields    int
	unwatched int64
	expected  map[string]map[string]*Expected // by event: of its contract
}

// NewWatcher has seen nothing.
func NewWatcher() *Watcher {
	return &Watcher{entries: map[kindOf]*entry{}, kinds: map[string]int{}}
}

// Restore gives the watcher what is stored, as Merge made it, in place of what
// it had been given before of the same kinds of events. What it has seen itself
// since it was last asked stays.
func (w *Watcher) Restore(stored ...json.RawMessage) error {
	shapes := make([]*Shape, len(stored))
	for i := range stored {
		shapes[i] = new(Shape)
		if err := json.Unmarshal(stored[i], shapes[i]); err != nil {
			return fmt.Errorf("drift: restore: %w: %w", offers.ErrInvalid, err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range shapes {
		e := w.entry(kindOf{s.Source, s.Event})
		if e == nil {
			continue
		}
		if e.known != nil {
			w.fields -= len(e.known.Fields)
		}
		e.known = s
		w.fields += len(s.Fields)
	}
	return nil
}

// Expect sets the contracts, by event: shapes that are not learned yet take
// theirs for what is right. Those that cannot be read are left out.
func (w *Watcher) Expect(schemas map[string]json.RawMessage) {
	expected := make(map[string]map[string]*Expected, len(schemas))
	for event, schema := range schemas {
		if of := FieldsOf(schema); len(of) > 0 {
			expected[event] = of
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expected = expected
}

// entry finds or makes one, nil if there are too many. The caller holds the
// lock.
func (w *Watcher) entry(k kindOf) *entry {
	e := w.entries[k]
	if e != nil {
		return e
	}
	if len(w.entries) >= maxShapes || w.kinds[k.source] >= maxOfSource {
		return nil
	}
	e = &entry{more: atOnce}
	w.entries[k] = e
	w.kinds[k.source]++
	return e
}

// Observe looks at an event: its canonical name, and its properties, which are
// JSON. At is when it came.
func (w *Watcher) Observe(source string, event offers.EventType, properties []byte, at time.Time) {
	if len(event) > maxEventName || event == "" || source == "" {
		return
	}
	k := kindOf{source, string(event)}
	if !w.count(k, at) {
		return
	}
	// Reading takes a thousand times as long as counting: without the lock.
	var v any
	if len(properties) > 0 && formats.Unmarshal(properties, &v) != nil {
		return
	}
	seen := looked{fields: map[string]*glimpse{}}
	if object, ok := v.(map[string]any); ok {
		seen.object(object, "", 0)
	}
	w.add(k, &seen, at)
}

// count counts an event, and tells whether it is to be looked into.
func (w *Watcher) count(k kindOf, at time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.entry(k)
	if e == nil {
		w.unwatched++
		return false
	}
	if e.fresh == nil {
		e.fresh = &Shape{Source: k.source, Event: k.event, First: at, Fields: map[string]*Field{}}
		if e.known == nil {
			e.fresh.New = w.knows(k.source, at)
			if of := w.expected[k.event]; of != nil {
				e.fresh.Learned = at
				for path, x := range of {
					e.fresh.Fields[path] = &Field{Was: x}
				}
				w.fields += len(of)
			}
		}
	}
	s := e.fresh
	s.Count++
	s.First, s.Last = earlier(s.First, at), later(s.Last, at)
	if passed := at.Sub(e.at); passed > 0 {
		if !e.at.IsZero() {
			e.more = min(e.more+passed.Seconds()*perSecond, atOnce)
		}
		e.at = at
	}
	if e.more < 1 {
		return false
	}
	e.more--
	return true
}

// settled is how long a source must have been sending for an event to be new:
// on its first day much comes for the first time.
const settled = 24 * time.Hour

// knows tells whether a source has been learned of. The caller holds the lock.
func (w *Watcher) knows(source string, at time.Time) bool {
	for k, e := range w.entries {
		if k.source == source && e.known != nil && !e.known.Learned.IsZero() && at.Sub(e.known.First) >= settled {
			return true
		}
	}
	return false
}

func (w *Watcher) add(k kindOf, seen *looked, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.entries[k]
	if e == nil {
		return
	}
	if e.fresh == nil { // taken in between
		e.fresh = &Shape{Source: k.source, Event: k.event, First: at, Last: at, Fields: map[string]*Field{}}
	}
	s := e.fresh
	s.Seen++
	s.Recent++
	s.Truncated = s.Truncated || seen.truncated
	for path, g := range seen.fields {
		f := s.Fields[path]
		if f == nil {
			if len(s.Fields) >= maxFields || w.fields >= maxAllFields {
				s.Truncated = true
				continue
			}
			f = &Field{First: at}
			s.Fields[path] = f
			w.fields++
		}
		f.First, f.Last = earlier(f.First, at), later(f.Last, at)
		f.Count++
		f.Recent++
		for t := range g.types {
			if g.types[t] {
				f.Types[t]++
			}
		}
		f.example(g.example)
	}
	s.age()
	e.learn()
}

// learn notes what is right as soon as enough was looked into: what comes later
// is held against it, also before anything is stored.
func (e *entry) learn() {
	s := e.fresh
	before := int64(0)
	if e.known != nil {
		before = e.known.Seen
	}
	if !s.Learned.IsZero() || e.known != nil && !e.known.Learned.IsZero() || before+s.Seen < Learned {
		return
	}
	all := Shape{}
	if e.known != nil {
		all = e.known.clone()
	}
	all.merge(s)
	s.Learned = all.Learned
	for path, f := range all.Fields {
		of := s.Fields[path]
		if of == nil {
			of = &Field{}
			s.Fields[path] = of
		}
		of.Was = f.Was
	}
}

// Take gives what came since the last time, to be merged into what is stored,
// and forgets it. It is in no order.
func (w *Watcher) Take() []Shape {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []Shape
	for _, e := range w.entries {
		if e.fresh != nil {
			w.fields -= len(e.fresh.Fields)
			all = append(all, *e.fresh)
			e.fresh = nil
		}
	}
	return all
}

// PutBack takes again what could not be stored.
func (w *Watcher) PutBack(all []Shape) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range all {
		e := w.entries[kindOf{all[i].Source, all[i].Event}]
		if e == nil {
			continue
		}
		back := &all[i]
		if after := e.fresh; after != nil {
			w.fields -= len(after.Fields)
			learned := back.Learned
			halved := back.Halved + after.Halved
			back.merge(after)
			if learned.IsZero() && after.Learned.IsZero() { // that is for Merge to say, which knows all
				back.Learned = time.Time{}
			}
			back.Halved = halved
		}
		e.fresh = back
		w.fields += len(back.Fields)
	}
}

// Shapes are what is known of every kind of event, by source and event.
func (w *Watcher) Shapes() []Shape {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]Shape, 0, len(w.entries))
	for k, e := range w.entries {
		s := Shape{Source: k.source, Event: k.event}
		if e.known != nil {
			s = e.known.clone()
		}
		if e.fresh != nil {
			if e.known == nil {
				s.New = e.fresh.New
			}
			s.merge(e.fresh)
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Shape) int {
		if c := strings.Compare(a.Source, b.Source); c != 0 {
			return c
		}
		return strings.Compare(a.Event, b.Event)
	})
	return all
}

// Notices are what differs now, of all kinds of events.
func (w *Watcher) Notices() []Notice {
	var all []Notice
	shapes := w.Shapes()
	for i := range shapes {
		all = append(all, shapes[i].Notices()...)
	}
	return all
}

// Unwatched is how many events were of more kinds than are watched.
func (w *Watcher) Unwatched() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.unwatched
}

func (s *Shape) clone() Shape {
	c := *s
	c.Fields = maps.Clone(s.Fields)
	for path, f := range c.Fields {
		g := *f
		g.Examples = slices.Clone(f.Examples)
		if f.Wrong != nil {
			odd := *f.Wrong
			g.Wrong = &odd
		}
		c.Fields[path] = &g
	}
	return c
}

// looked is what one event has.
type looked struct {
	fields    map[string]*glimpse
	truncated bool
}

type glimpse struct {
	types   [types]bool
	example string
}

func (l *looked) object(object map[string]any, path string, depth int) {
	if len(object) > maxFields { // the same ones each time
		l.truncated = true
		for i, name := range slices.Sorted(maps.Keys(object)) {
			if i == maxFields {
				return
			}
			l.value(object[name], join(path, name), depth+1)
		}
		return
	}
	for name, v := range object {
		l.value(v, join(path, name), depth+1)
	}
}

// join is the path of a member. Names that are numbers or ids stand for many
// alike.
func join(path, name string) string {
	if name != "*" && (name == "" || len(name) > 60 || alike(name) || mask.Text(name) != name) {
		name = "{}"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// alike tells whether a name is one of many that a program made: a number, or
// something long with digits and letters in it.
func alike(name string) bool {
	n := 0
	for i := range len(name) {
		if name[i] >= '0' && name[i] <= '9' {
			n++
		}
	}
	return n == len(name) || len(name) >= 20 && n >= 4
}

func (l *looked) value(v any, path string, depth int) {
	if depth > maxDepth || len(path) > maxPath || !utf8.ValidString(path) {
		l.truncated = true
		return
	}
	g := l.fields[path]
	if g == nil {
		if len(l.fields) >= maxFields {
			l.truncated = true
			return
		}
		g = &glimpse{}
		l.fields[path] = g
	}
	switch v := v.(type) {
	case nil:
		g.types[Null] = true
	case bool:
		g.types[Boolean] = true
		g.see(path, strconv.FormatBool(v))
	case float64:
		t := Number
		if v == float64(int64(v)) {
			t = Integer
		}
		g.types[t] = true
		g.see(path, strconv.FormatFloat(v, 'f', -1, 64))
	case string:
		g.types[Text] = true
		g.see(path, v)
	case []any:
		g.types[List] = true
		for i := range min(len(v), maxList) {
			l.value(v[i], path+".*", depth+1)
		}
	case map[string]any:
		g.types[Object] = true
		l.object(v, path, depth)
	}
}

// see keeps an example that tells of nobody.
func (g *glimpse) see(path, v string) {
	if g.example != "" || v == "" {
		return
	}
	if mask.Personal(path) {
		g.example = mask.Covered
		return
	}
	cut := v[:min(len(v), 4*maxExample)]
	cut = mask.Text(cut)
	if len(cut) > maxExample {
		cut = strings.ToValidUTF8(cut[:maxExample], "") + "…"
	}
	g.example = strings.ToValidUTF8(cut, "")
}

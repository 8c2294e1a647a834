package drift

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"aisle/offers"
)

// Kind is how something differs.
type Kind string

// Kinds of notices.
const (
	NewEvent     Kind = "new_event"     // a source that is known sends an event that it never sent
	NewField     Kind = "new_field"     // that was not there when the shape was learned
	MissingField Kind = "missing_field" // that nearly every event had, and few have now
	RetypedField Kind = "retyped_field" // that has become of another type
	Unassigned   Kind = "unassigned"    // a value that the source's parser has no name for
)

// unassigned is where parsers of files and logs put what they have no name for.
const unassigned = "unassigned"

// What it takes for a notice.
const (
	enough      = 3    // events, of what is new
	nearlyAll   = 0.95 // share of a field that is missed
	few         = 0.5  // of its share, and it is missing
	latest      = 40   // weighed events without which nothing is missing
	maxNotices  = 50   // of a shape
	maxNewKinds = 50   // of a source
)

// Notice is one thing that differs.
type Notice struct {
	ID     string    `json:"id"` // the same for the same thing, whoever sees it
	Source string    `json:"source"`
	Event  string    `json:"event"`
	Field  string    `json:"field,omitempty"`
	Kind   Kind      `json:"kind"`
	Was    string    `json:"was,omitempty"` // in words
	Now    string    `json:"now,omitempty"` // in words
	Since  time.Time `json:"since"`
	Last   time.Time `json:"last"`
	Count  int64     `json:"count"` // events that show it
}

func (s *Shape) notice(kind Kind, field, more string) Notice {
	h := sha256.Sum256([]byte(strings.Join([]string{s.Source, s.Event, string(kind), field, more}, "\x00")))
	return Notice{ID: "drift-" + hex.EncodeToString(h[:10]), Source: s.Source, Event: s.Event, Field: field, Kind: kind}
}

// Notices are what differs now, the most frequent first.
func (s *Shape) Notices() []Notice {
	var all []Notice
	if s.New && s.Count >= enough {
		n := s.notice(NewEvent, "", "")
		n.Now, n.Since, n.Last, n.Count = times(s.Count), s.First, s.Last, s.Count
		all = append(all, n)
	}
	for path, f := range s.Fields {
		if name, ok := strings.CutPrefix(path, unassigned+"."); ok && f.Count > 0 && !strings.Contains(name, ".") {
			if f.Was == nil || s.Learned.IsZero() {
				n := s.notice(Unassigned, path, "")
				n.Now, n.Since, n.Last, n.Count = "the parser has no name for it", f.First, f.Last, f.Count
				all = append(all, n)
			}
			continue
		}
		if s.Learned.IsZero() || strings.HasPrefix(path, unassigned) {
			continue
		}
		switch {
		case f.Was == nil && f.Count >= enough && !s.newAbove(path):
			n := s.notice(NewField, path, "")
			n.Now, n.Since, n.Last, n.Count = fmt.Sprintf("%s in %s of the latest events", f.words(), s.latest(f)), f.First, f.Last, f.Count
			all = append(all, n)
		case f.Was != nil && f.Was.Share >= nearlyAll && s.Recent >= latest && f.Recent/s.Recent < few*f.Was.Share && !s.missingAbove(path):
			n := s.notice(MissingField, path, "")
			n.Was, n.Now = fmt.Sprintf("in %s of events", percent(f.Was.Share)), fmt.Sprintf("in %s of the latest events", s.latest(f))
			n.Since, n.Last, n.Count = cmp.Or(f.Last, s.First), s.Last, int64(math.Round(s.Recent-f.Recent))
			all = append(all, n)
		}
		if f.Was != nil && f.Wrong != nil {
			for t, count := range f.Wrong {
				if count >= enough {
					n := s.notice(RetypedField, path, typeNames[t])
					n.Was, n.Now = strings.Join(f.Was.Types, " or "), fmt.Sprintf("%s, %s", typeNames[t], times(count))
					n.Since, n.Last, n.Count = s.Learned, f.Last, count
					all = append(all, n)
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Notice) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID)) })
	return all[:min(len(all), maxNotices)]
}

// newAbove tells whether what a field is in is new itself: then that is told.
func (s *Shape) newAbove(path string) bool {
	for i := strings.LastIndexByte(path, '.'); i > 0; i = strings.LastIndexByte(path[:i], '.') {
		if f := s.Fields[path[:i]]; f != nil && f.Was == nil {
			return true
		}
	}
	return false
}

func (s *Shape) missingAbove(path string) bool {
	for i := strings.LastIndexByte(path, '.'); i > 0; i = strings.LastIndexByte(path[:i], '.') {
		f := s.Fields[path[:i]]
		if f != nil && f.Was != nil && f.Was.Share >= nearlyAll && f.Recent/s.Recent < few*f.Was.Share {
			return true
		}
	}
	return false
}

// words are the types of a field, the most frequent first.
func (f *Field) words() string {
	order := make([]int, 0, types)
	for t, n := range f.Types {
		if n > 0 {
			order = append(order, t)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(f.Types[b], f.Types[a]) })
	names := make([]string, len(order))
	for i, t := range order {
		names[i] = typeNames[t]
	}
	return strings.Join(names, " or ")
}

func (s *Shape) latest(f *Field) string {
	if s.Recent == 0 {
		return "none"
	}
	return percent(min(f.Recent/s.Recent, 1))
}

func percent(share float64) string {
	switch p := share * 100; {
	case p == 0:
		return "none"
	case p < 1:
		return "less than 1 %"
	default:
		return fmt.Sprintf("%.0f %%", p)
	}
}

func times(n int64) string {
	if n == 1 {
		return "in 1 event"
	}
	return fmt.Sprintf("in %d events", n)
}

// Accept takes what a notice tells of for right, in a shape as it is stored:
// from now on that is how it should be. ErrNotFound if the shape has nothing of
// it any more.
func Accept(stored json.RawMessage, n *Notice) (json.RawMessage, error) {
	var s Shape
	if err := json.Unmarshal(stored, &s); err != nil {
		return nil, fmt.Errorf("drift: %w: %w", offers.ErrInvalid, err)
	}
	if n.Kind == NewEvent {
		s.New = false
		return json.Marshal(&s)
	}
	f := s.Fields[n.Field]
	if f == nil {
		return nil, fmt.Errorf("drift: field %q: %w", n.Field, offers.ErrNotFound)
	}
	switch n.Kind {
	case NewField, Unassigned:
		for path, inner := range s.Fields {
			if (path == n.Field || strings.HasPrefix(path, n.Field+".")) && inner.Was == nil {
				inner.Was = inner.expected(&s)
				inner.Was.Share = 0 // it may come, and may not: it has only begun
			}
		}
	case MissingField:
		for path, inner := range s.Fields {
			if (path == n.Field || strings.HasPrefix(path, n.Field+".")) && inner.Was != nil {
				inner.Was = &Expected{Types: inner.Was.Types}
			}
		}
	case RetypedField:
		was := f.expected(&s)
		if f.Was != nil {
			was.Share = f.Was.Share
			for _, t := range f.Was.Types {
				if !slices.Contains(was.Types, t) {
					was.Types = append(was.Types, t)
				}
			}
		}
		f.Was, f.Wrong = was, nil
	default:
		return nil, fmt.Errorf("drift: notice %q: %w: there is no kind %q", n.ID, offers.ErrInvalid, n.Kind)
	}
	return json.Marshal(&s)
}

// Bound keeps of all notices of a source's new events those with the most
// events: whoever makes up names must not fill the list.
func Bound(all []Notice) []Notice {
	slices.SortStableFunc(all, func(a, b Notice) int { return cmp.Compare(b.Count, a.Count) })
	kinds := map[string]int{}
	return slices.DeleteFunc(all, func(n Notice) bool {
		if n.Kind != NewEvent {
			return false
		}
		kinds[n.Source]++
		return kinds[n.Source] > maxNewKinds
	})
}

// Package feature turns what a shopper did into what is known of them: how often
// they searched for shoes, what they spend, where they linger.
//
// Features are declared in features.yaml. They are folded from events in the
// events' own time, so that the order in which events arrive does not matter,
// and read at a time, so that what has grown old no longer counts. A feature
// that a consent covers is neither folded nor answered without it.
//
// What events come to is kept in cells: a sum for each stretch of time and each
// group. Cells of the same stretch and group add up, whatever the order, which
// is also how two profiles become one and how what a backfill finds joins what
// is known already.
package feature

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"

	"aisle/offers"
)

//go:embed features.yaml
var defaults []byte

// Aggregate says what a feature makes of its events.
type Aggregate string

// Aggregates.
const (
	Count    Aggregate = "count"    // how many
	Sum      Aggregate = "sum"      // of a number
	Min      Aggregate = "min"      // the least of a number
	Max      Aggregate = "max"      // the greatest
	Avg      Aggregate = "avg"      // its mean
	First    Aggregate = "first"    // the oldest word
	Last     Aggregate = "last"     // the newest word
	Distinct Aggregate = "distinct" // how many different words
	Top      Aggregate = "top"      // the words that come most often
	Rate     Aggregate = "rate"     // how many of one event for each of another, smoothed
	Since    Aggregate = "since"    // hours since the newest; Never where there is none
	Sessions Aggregate = "sessions" // how many stretches without a pause longer than Gap
)

// Never is what Since answers where there is no event, in hours.
const Never = 1e6

// Calendar is a stretch of the clock on the wall.
type Calendar string

// Calendars. Weeks begin on Monday.
const (
	Hour  Calendar = "hour"
	Day   Calendar = "day"
	Week  Calendar = "week"
	Month Calendar = "month"
)

// Type of a feature's value.
type Type string

// Types.
const (
	Number  Type = "number"
	Text    Type = "text"
	Numbers Type = "numbers" // one for each key of By, or of the most frequent words
)

// Definition of a feature, as features.yaml has it.
type Definition struct {
	Name      string
	Doc       string
	Events    []offers.EventType
	Per       []offers.EventType // of a rate: one for each of these
	Where     string             // CEL over the event; empty: all of them
	Aggregate Aggregate
	Of        string
	By        string
	Most      int     // of top: how many words
	Prior     float64 // of a rate: what it is taken to be before anything is known,
	Weight    float64 // as if from so many events of Per

	Window   time.Duration // it slides: only what is this recent counts; 0: all that ever was
	Bucket   time.Duration // how finely
	Calendar Calendar      // instead: what falls into one of these
	Ago      int           // which: 0 is the one that goes on, 1 the one before
	Zone     string        // of the calendar, IANA; empty: the shop's
	Gap      time.Duration // instead: the visit that goes on, ended by a pause longer than this

	Age      time.Duration // 0: no value is too old
	MaxCells int
	Consent  offers.Purpose // empty: needs none

	clock   *time.Location // of Zone
	where   cel.Program
	version uint32
}

// Type is what the feature answers with.
func (d *Definition) Type() Type {
	switch {
	case d.By != "", d.Aggregate == Top && d.Most > 1:
		return Numbers
	case d.Aggregate == First, d.Aggregate == Last, d.Aggregate == Top:
		return Text
	}
	return Number
}

// Missing is the number that the feature answers, for a key too, where nothing
// is known.
func (d *Definition) Missing() float64 {
	switch d.Aggregate {
	case Since:
		return Never
	case Rate:
		return d.Prior
	}
	return 0
}

// Reach is how far back the feature looks; 0: as far as there is.
func (d *Definition) Reach() time.Duration {
	switch {
	case d.Window > 0:
		return d.Window
	case d.Gap > 0:
		return keptGaps * d.Gap
	case d.Calendar != "":
		longest := map[Calendar]time.Duration{Hour: time.Hour, Day: 24 * time.Hour, Week: 7 * 24 * time.Hour, Month: 31 * 24 * time.Hour}
		return time.Duration(d.Ago+1) * longest[d.Calendar]
	}
	return d.Age
}

// Version tells definitions apart whose states do not mean the same.
func (d *Definition) Version() uint32 { return d.version }

// Set is all that is known of a shopper, declared. It does not change, and is
// safe for concurrent use.
type Set struct {
	definitions []Definition
	byEvent     map[offers.EventType][]int
	index       map[string]int
	byName      []int             // all, in the order of their names
	synonyms    map[string]string // word or phrase → category
	longest     int               // words in the longest synonym
	clock       *time.Location    // of calendars where there is no shop
	clocks      map[offers.ShopID]*time.Location
}

// Default is the set that the house comes with.
func Default() *Set {
	s, err := Parse(defaults)
	if err != nil {
		panic(err) // the embedded file is tested
	}
	return s
}

// Only is the set with no other features than these.
func (s *Set) Only(names []string) (*Set, error) {
	only := *s
	only.definitions, only.index = nil, map[string]int{}
	for _, name := range names {
		i, ok := s.index[name]
		if !ok {
			return nil, fmt.Errorf("feature %q: %w: the features are %s", name, offers.ErrNotFound, strings.Join(slices.Sorted(maps.Keys(s.index)), ", "))
		}
		only.add(s.definitions[i])
	}
	only.listen()
	return &only, nil
}

// add adds a definition, or puts it in the place of that of the same name.
func (s *Set) add(d Definition) {
	i, ok := s.index[d.Name]
	if !ok {
		i = len(s.definitions)
		s.index[d.Name] = i
		s.definitions = append(s.definitions, d)
	}
	s.definitions[i] = d
}

// listen finds out which features each event is for, and their order by name.
func (s *Set) listen() {
	s.byName = make([]int, 0, len(s.index))
	for _, name := range slices.Sorted(maps.Keys(s.index)) {
		s.byName = append(s.byName, s.index[name])
	}
	s.byEvent = map[offers.EventType][]int{}
	for i, d := range s.definitions {
		for _, t := range union(d.Events, d.Per) {
			s.byEvent[t] = append(s.byEvent[t], i)
		}
	}
}

// In is the set for shops: the calendars of features without a zone of their
// own are the clocks on those shops' walls.
func (s *Set) In(shops map[offers.ShopID]*offers.Shop) *Set {
	in := *s
	in.clocks = make(map[offers.ShopID]*time.Location, len(shops))
	for id, shop := range shops {
		if clock, err := time.LoadLocation(shop.TimeZone); err == nil {
			in.clocks[id] = clock
		}
	}
	return &in
}

// clockOf is the clock that a feature's calendar goes by in a shop.
func (s *Set) clockOf(d *Definition, shop offers.ShopID) *time.Location {
	if d.clock != nil {
		return d.clock
	}
	if clock, ok := s.clocks[shop]; ok {
		return clock
	}
	return s.clock
}

// Package feature turns what a shopper did into what is known of them: how often
// they searched for shoes, what they spend, where they linger.
//
// Features are declared in features.yaml. They are folded from events in the
// events' own time, so that the order in which events arrive does not matter,
// and read at a time, so that what has grown old no longer counts. A feature
// that a consent covers is neither folded nor answered without it.
package feature

import (
	_ "embed"
	"time"

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
	Last     Aggregate = "last"     // the newest word
	Distinct Aggregate = "distinct" // how many different words
	Since    Aggregate = "since"    // hours since the newest; Never where there is none
)

// Never is what Since answers where there is no event, in hours.
const Never = 1e6

// Type of a feature's value.
type Type string

// Types.
const (
	Number  Type = "number"
	Text    Type = "text"
	Numbers Type = "numbers" // one for each key of By
)

// Definition of a feature, as features.yaml has it.
type Definition struct {
	Name      string
	Doc       string
	Events    []offers.EventType
	Where     map[string][]string
	Aggregate Aggregate
	Of        string
	By        string
	Window    time.Duration // 0: all that ever was
	Bucket    time.Duration
	Age       time.Duration // 0: no value is too old
	MaxGroups int
	Consent   offers.Purpose // empty: needs none
}

// Type is what the feature answers with.
func (d *Definition) Type() Type {
	switch {
	case d.By != "":
		return Numbers
	case d.Aggregate == Last:
		return Text
	}
	return Number
}

// Set is all that is known of a shopper, declared. It does not change, and is
// safe for concurrent use.
type Set struct {
	definitions []Definition
	byEvent     map[offers.EventType][]int
	index       map[string]int
	synonyms    map[string]string // word or phrase → category
	longest     int               // words in the longest synonym
}

// Default is the set that the house comes with.
func Default() *Set {
	s, err := Parse(defaults)
	if err != nil {
		panic(err) // the embedded file is tested
	}
	return s
}

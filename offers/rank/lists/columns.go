// Package lists orders the offers of a page as lists like it have taught: boosted
// trees, trained from what decisions recorded and what came of each place, say
// how likely each offer is to be taken, and the house's own model how unsure that
// is, so that what is new is tried.
//
// What the trees look at are columns, whose names say how they are made of a
// moment and an offer; models from elsewhere name theirs in the same way.
package lists

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"aisle/offers"
	"aisle/offers/rank"
)

// Columns make a row of numbers of a moment and an offer. These names are known:
//
//	hour, weekday, searched, senses     of the moment; the last two are how many
//	discount                            of the offer
//	searched_it, stands_there           1 where its category was searched for, or is that of the zone
//	tier=gold, category=footwear        1 where it is so, else 0; of the moment
//	offer=…, campaign=…, offer_category=…, offer_zone=…, channel=…
//	feature_visits                      a recorded number; of numbers by key, their sum
//	feature_searches[footwear]          one of numbers by key
//	feature_searches[*]                 the one under the offer's category
//	feature_first_seen=web              1 where a recorded text is so
//
// What is not known is NaN. Columns do not change, and are safe for concurrent
// use.
type Columns struct {
	names []string
	of    []column
}

type kind int

const (
	ofMoment kind = iota
	ofOffer
	recorded      // a number
	recordedKey   // under a key
	recordedOwn   // under the offer's category
	recordedEqual // a text
)

type column struct {
	kind    kind
	feature string
	value   string // key, or what is compared with
	moment  func(*offers.Context, string) float64
	offer   func(*offers.Context, *rank.Arm, string) float64
}

func is(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

var moments = map[string]func(*offers.Context, string) float64{
	"hour":      func(c *offers.Context, _ string) float64 { return float64(c.Hour) },
	"weekday":   func(c *offers.Context, _ string) float64 { return float64(c.Weekday) },
	"searched":  func(c *offers.Context, _ string) float64 { return float64(len(c.Searched)) },
	"senses":    func(c *offers.Context, _ string) float64 { return float64(len(c.Senses)) },
	"tier=":     func(c *offers.Context, v string) float64 { return is(c.Tier == v) },
	"category=": func(c *offers.Context, v string) float64 { return is(c.Category == v) },
}

var ofOffers = map[string]func(*offers.Context, *rank.Arm, string) float64{
	"discount": func(_ *offers.Context, a *rank.Arm, _ string) float64 { return a.Discount },
	"searched_it": func(c *offers.Context, a *rank.Arm, _ string) float64 {
		return is(a.Category != "" && slices.Contains(c.Searched, a.Category))
	},
	"stands_there": func(c *offers.Context, a *rank.Arm, _ string) float64 {
		return is(a.Category != "" && c.Category == a.Category)
	},
	"offer=":          func(_ *offers.Context, a *rank.Arm, v string) float64 { return is(string(a.Offer) == v) },
	"campaign=":       func(_ *offers.Context, a *rank.Arm, v string) float64 { return is(string(a.Campaign) == v) },
	"offer_category=": func(_ *offers.Context, a *rank.Arm, v string) float64 { return is(a.Category == v) },
	"offer_zone=":     func(_ *offers.Context, a *rank.Arm, v string) float64 { return is(string(a.Zone) == v) },
	"channel=":        func(_ *offers.Context, a *rank.Arm, v string) float64 { return is(string(a.Channel) == v) },
}

const featurePrefix = "feature_"

// NewColumns reads the names of columns. The error is ErrInvalid, and says which
// are not known.
func NewColumns(names []string) (*Columns, error) {
	c := &Columns{names: slices.Clone(names), of: make([]column, len(names))}
	var unknown []string
	for i, name := range names {
		head, value, equal := strings.Cut(name, "=")
		if equal {
			head += "="
		}
		of := &c.of[i]
		of.value = value
		if feature, ok := strings.CutPrefix(name, featurePrefix); ok && feature != "" {
			of.feature, of.kind = feature, recorded
			if at := strings.IndexByte(feature, '['); at > 0 && strings.HasSuffix(feature, "]") {
				of.feature, of.value, of.kind = feature[:at], feature[at+1:len(feature)-1], recordedKey
				if of.value == "*" {
					of.kind = recordedOwn
				}
			} else if text, value, ok := strings.Cut(feature, "="); ok {
				of.feature, of.value, of.kind = text, value, recordedEqual
			}
			continue
		}
		switch {
		case moments[head] != nil:
			of.kind, of.moment = ofMoment, moments[head]
		case ofOffers[head] != nil:
			of.kind, of.offer = ofOffer, ofOffers[head]
		default:
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("columns: %w: nobody knows what %q are", offers.ErrInvalid, unknown[:min(len(unknown), 5)])
	}
	return c, nil
}

// Names are those that the columns were made of.
func (c *Columns) Names() []string { return c.names }

// Scene is a moment, looked at once for all offers. The zero Scene works, and is
// used again to save room.
type Scene struct {
	context *offers.Context
	known   map[string]any
	row     []float64

	rows, scores []float64 // of many offers
}

// Look looks at a moment. The error is ErrInvalid: its features are none that the
// house recorded.
func (c *Columns) Look(s *Scene, at *offers.Context) error {
	known, err := at.Features.Values()
	if err != nil {
		return err
	}
	s.context, s.known = at, known
	if cap(s.row) < len(c.of) {
		s.row = make([]float64, len(c.of))
	}
	s.row = s.row[:len(c.of)]
	for i := range c.of {
		switch of := &c.of[i]; of.kind {
		case ofMoment:
			s.row[i] = of.moment(at, of.value)
		case recorded, recordedKey, recordedEqual:
			s.row[i] = valueOf(known[of.feature], of)
		}
	}
	return nil
}

// Row is the row of one offer. It is the scene's own, and lasts until the next.
func (c *Columns) Row(s *Scene, a *rank.Arm) []float64 {
	for i := range c.of {
		switch of := &c.of[i]; of.kind {
		case ofOffer:
			s.row[i] = of.offer(s.context, a, of.value)
		case recordedOwn:
			s.row[i] = math.NaN()
			if by, ok := s.known[of.feature].(map[string]any); ok {
				s.row[i] = numberOf(by[a.Category], 0)
			}
		}
	}
	return s.row
}

func valueOf(v any, of *column) float64 {
	switch v := v.(type) {
	case string:
		if of.kind == recordedEqual {
			return is(v == of.value)
		}
	case map[string]any:
		if of.kind == recordedKey {
			return numberOf(v[of.value], 0)
		}
		sum := 0.
		for _, key := range slices.Sorted(maps.Keys(v)) { // sums depend on their order
			sum += numberOf(v[key], 0)
		}
		return sum
	case float64:
		if of.kind == recorded {
			return v
		}
	}
	return math.NaN()
}

func numberOf(v any, otherwise float64) float64 {
	if n, ok := v.(float64); ok {
		return n
	}
	return otherwise
}

// Bounds of the columns that Found makes: one for each word that is there often
// enough to learn something of.
const (
	mostWords   = 40 // of one column's kind
	leastSeen   = 20
	mostColumns = 400
)

// Found are the names of columns for what rows have in them: of each kind of word
// those that are there most.
func Found(rows []Shown) []string {
	words, numbers := map[string]map[string]int{}, map[string]int{}
	add := func(head, word string) {
		if word == "" {
			return
		}
		if words[head] == nil {
			words[head] = map[string]int{}
		}
		words[head][word]++
	}
	for i := range rows {
		r := &rows[i]
		add("tier=", r.Context.Tier)
		add("category=", r.Context.Category)
		add("offer=", string(r.Arm.Offer))
		add("campaign=", string(r.Arm.Campaign))
		add("offer_category=", r.Arm.Category)
		add("offer_zone=", string(r.Arm.Zone))
		known, err := r.Context.Features.Values()
		if err != nil {
			continue
		}
		for name, v := range known {
			switch v := v.(type) {
			case string:
				add(featurePrefix+name+"=", v)
			case map[string]any:
				numbers[featurePrefix+name]++
				numbers[featurePrefix+name+"[*]"]++
			case float64:
				numbers[featurePrefix+name]++
			}
		}
	}
	names := []string{"hour", "weekday", "searched", "senses", "discount", "searched_it", "stands_there"}
	for _, name := range slices.Sorted(maps.Keys(numbers)) {
		if numbers[name] >= leastSeen {
			names = append(names, name)
		}
	}
	for _, head := range slices.Sorted(maps.Keys(words)) {
		by := words[head]
		often := slices.DeleteFunc(slices.Sorted(maps.Keys(by)), func(w string) bool { return by[w] < leastSeen })
		slices.SortStableFunc(often, func(a, b string) int { return cmp.Compare(by[b], by[a]) })
		for _, w := range often[:min(len(often), mostWords)] {
			names = append(names, head+w)
		}
	}
	return names[:min(len(names), mostColumns)]
}

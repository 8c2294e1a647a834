package decider

import (
	"cmp"
	"fmt"
	"strings"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/feature"
	"aisle/services/stream"
)

// Past folds once more what the log holds, by the code that lanes fold it by:
// what shoppers would be known by, had these features been there always. It
// writes nothing. For one goroutine.
type Past struct {
	// Counts tells whether what an event says of its shopper's doings is folded;
	// nil: all of it is. Consents and merges always are.
	Counts func(*offers.Event) bool
	// Backfilled hears of each event of a backfill, with its shopper as they were
	// known just before it.
	Backfilled func(*offers.Profile, *offers.Event)

	features *feature.Set
	people   map[offers.ShopperID]*offers.Profile
	moved    map[offers.EventID]*offers.Profile // what merged shoppers take along, until its event comes
	waiting  map[int][]stream.Record            // by partition, for what a shopper takes along from another
	next     map[int]int64                      // by partition, the offset to fold next
	settled  bool
}

// NewPast begins with nobody.
func NewPast(features *feature.Set) *Past {
	return &Past{
		features: features, people: map[offers.ShopperID]*offers.Profile{},
		moved: map[offers.EventID]*offers.Profile{}, waiting: map[int][]stream.Record{}, next: map[int]int64{},
	}
}

// People are the shoppers whom the log told of so far.
func (p *Past) People() map[offers.ShopperID]*offers.Profile { return p.people }

// Fold takes records of the stream "events", each partition's in their order. A
// partition waits where a shopper's other name has not come to its end yet in
// another partition. What is no event is left out: it lies in quarantine.
func (p *Past) Fold(records []stream.Record) {
	for i := range records {
		r := &records[i]
		if r.Offset < p.next[r.Partition] {
			continue // the same batch again
		}
		p.next[r.Partition] = r.Offset + 1
		if len(p.waiting[r.Partition]) > 0 || !p.fold(r) {
			p.waiting[r.Partition] = append(p.waiting[r.Partition], *r)
		}
	}
}

// Settle ends all waiting: what has not come until the log's end lay before its
// begin, and what the deciders wrote down of it is all that is known.
func (p *Past) Settle() {
	p.settled = true
	p.goOn()
}

// goOn folds what waited and need not any more.
func (p *Past) goOn() {
	for partition, records := range p.waiting {
		n := 0
		for n < len(records) && p.fold(&records[n]) {
			n++
		}
		p.waiting[partition] = records[n:]
		if n == len(records) {
			delete(p.waiting, partition)
		}
	}
}

// fold takes one record. It reports false if that has to wait.
func (p *Past) fold(r *stream.Record) bool {
	e := &event{Record: r}
	if err := r.Decode(&e.Event); err != nil || e.Shopper == "" || e.ID == "" || e.Type == "" || e.Event.Time.IsZero() {
		return true
	}
	profile := p.people[e.Shopper]
	if profile == nil {
		profile = &offers.Profile{Shopper: e.Shopper}
		p.people[e.Shopper] = profile
	}
	if e.Type == offers.ProfileMoved && profile.Into == "" {
		left, ok := p.moved[e.ID]
		if !ok && !p.settled && strings.HasPrefix(string(e.ID), movedPrefix) {
			return false
		}
		if ok {
			e.Profile = left
		}
	}
	switch {
	case e.Backfill != nil:
		if p.Backfilled != nil {
			p.Backfilled(profile, &e.Event)
		}
		return true
	case profile.Into != "" && e.Type != offers.Merged && !leaves(e):
		return true // it comes again, under the other name
	case !firstTime(profile, cmp.Or(e.Retells, e.ID)):
		return true
	}
	switch e.Type {
	case offers.Merged:
		if e.Into == "" || e.Into == e.Shopper {
			return true
		}
		left := *profile
		p.moved[movedID(e.Partition, e.Offset)] = &left
		*profile = offers.Profile{Shopper: profile.Shopper, Into: e.Into, Recent: profile.Recent}
		p.goOn()
		return true
	case offers.ProfileMoved, offers.Separated, offers.ConsentChanged:
	default:
		if p.Counts != nil && !p.Counts(&e.Event) {
			return true
		}
	}
	decide.Fold(p.features, profile, &e.Event)
	if e.Type == offers.ProfileMoved {
		delete(p.moved, e.ID)
	}
	profile.Identifiers, profile.Traits, profile.Told, profile.Contacts, profile.Lent = nil, offers.Traits{}, nil, nil, nil
	return true
}

// movedID names the event by which a merged shopper's profile travels.
func movedID(partition int, offset int64) offers.EventID {
	return offers.EventID(fmt.Sprintf("%s%d-%d", movedPrefix, partition, offset))
}

const movedPrefix = "moved-"

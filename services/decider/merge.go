package decider

import (
	"fmt"

	"aisle/offers"
	"aisle/services/stream"
)

// leaves tells whether an event makes its shopper, who had turned out to be
// another, themselves again. What it says of the other goes their way, behind
// the profile that moved there.
func leaves(e *event) bool {
	return e.Type == offers.Separated && e.Profile != nil && e.Profile.Shopper == e.Shopper
}

// moveOut ends the profile of a shopper who turned out to be another. What was
// known of them travels to the winner's partition as an event, so that the
// winner's owner folds it in its own order. The empty profile stays, to
// forward what still comes under the old name.
func moveOut(e *event, p *offers.Profile) ([]stream.Record, error) {
	if e.Into == "" || e.Into == e.Shopper {
		return nil, fmt.Errorf("merge of %s into %q: %w", e.Shopper, e.Into, offers.ErrInvalid)
	}
	left := *p
	left.Recent = nil
	*p = offers.Profile{Shopper: p.Shopper, Into: e.Into, First: p.First, Last: p.Last, Recent: p.Recent}
	id := movedID(e.Partition, e.Offset)
	moved, err := stream.EventRecord(&offers.Event{
		ID:   id,
		Type: offers.ProfileMoved, Shopper: e.Into, Time: e.Event.Time, Received: e.Received,
		Source: source, Profile: &left,
	}, source, stream.ChildSpan(e.parent, string(id)))
	if err != nil {
		return nil, err
	}
	return []stream.Record{moved}, nil
}

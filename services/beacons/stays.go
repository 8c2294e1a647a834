package beacons

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/goccy/go-json"

	pure "aisle/beacons"
	"aisle/offers"
)

// stays is the hash of the stays that go on, by tag: of those who may be
// located only. It is one key, for there is one door for gateways.
const stays = "{beacons}:stays"

// kept is a stay as the hash has it.
type kept struct {
	pure.Stay
	Heard time.Time   `json:"heard"`
	Told  bool        `json:"told"`           // the log has its events so far
	Held  []pure.Kind `json:"held,omitempty"` // what waits to be said
	From  *left       `json:"from,omitempty"` // the stay that ended as this began, while the log may lack that
}

// left is a stay that has ended.
type left struct {
	pure.Stay
	At    time.Time     `json:"at"`
	Dwell time.Duration `json:"dwell_ns"`
}

// keep writes the stays that changes are about: before they are published, so
// that a restart does not begin them anew, and after, so that it does not
// publish them again.
func (w *worker) keep(ctx context.Context, changes []pure.Change, told bool) error {
	set, gone, from := map[string]*kept{}, map[string]bool{}, map[string]*left{}
	for i := range changes {
		c := &changes[i]
		switch known := w.owners[c.Tag].shopper != ""; {
		case !known, told && c.Kind == pure.Left, told && c.Sighting.Gone:
			delete(set, c.Tag)
			gone[c.Tag] = w.kept[c.Tag]
		case c.Kind == pure.Left:
			from[c.Tag] = &left{c.Stay, c.At, c.Dwell}
		case c.Kind == pure.Seen && !told:
			// A position changes no stay.
		case told:
			set[c.Tag] = &kept{Stay: c.Stay, Heard: c.At, Told: true, Held: w.held[c.Tag].kinds()}
			delete(gone, c.Tag)
		default:
			set[c.Tag] = &kept{Stay: c.Stay, Heard: c.At, From: from[c.Tag]}
		}
	}
	maps.DeleteFunc(gone, func(_ string, kept bool) bool { return !kept })
	if len(set)+len(gone) == 0 {
		return nil
	}
	pipe := w.state.Client().Pipeline()
	if len(set) > 0 {
		fields := make([]any, 0, 2*len(set))
		for tag, k := range set {
			value, err := json.Marshal(k)
			if err != nil {
				return fmt.Errorf("stay: %w: %w", offers.ErrInvalid, err)
			}
			fields = append(fields, tag, value)
		}
		pipe.HSet(ctx, stays, fields...)
	}
	if len(gone) > 0 {
		tags := make([]string, 0, len(gone))
		for tag := range gone {
			tags = append(tags, tag)
		}
		pipe.HDel(ctx, stays, tags...)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("keep stays: %w: %w", offers.ErrUnavailable, err)
	}
	for tag := range set {
		w.kept[tag] = true
	}
	for tag := range gone {
		delete(w.kept, tag)
	}
	return nil
}

// resume goes on with the stays of before a restart, in the shops that are this
// door's and were not before. Who does not come back
// within the forget time has left. What the log may lack is published again,
// under the same ids.
func (w *worker) resume(ctx context.Context, before map[offers.ShopID]bool) error {
	all, err := w.state.Client().HGetAll(ctx, stays).Result()
	if err != nil {
		return fmt.Errorf("beacons: stays: %w: %w", offers.ErrUnavailable, err)
	}
	now := time.Now()
	var again []pure.Change
	for tag, value := range all {
		var k kept
		if err := json.Unmarshal([]byte(value), &k); err != nil || now.Sub(k.Heard) > 24*time.Hour {
			if err := w.state.Client().HDel(ctx, stays, tag).Err(); err != nil {
				return fmt.Errorf("beacons: stays: %w: %w", offers.ErrUnavailable, err)
			}
			continue
		}
		if !w.mine[k.Shop] || before[k.Shop] {
			continue
		}
		w.tracker.Resume(tag, k.Stay, now)
		w.kept[tag] = true
		if len(k.Held) > 0 {
			w.held[tag] = &withheld{stay: k.Stay, entered: slices.Contains(k.Held, pure.Entered), dwelled: slices.Contains(k.Held, pure.Dwelled)}
		}
		if k.Told {
			continue
		}
		if f := k.From; f != nil {
			again = append(again, pure.Change{Kind: pure.Left, Tag: tag, At: f.At, Stay: f.Stay, Dwell: f.Dwell})
		}
		again = append(again, pure.Change{Kind: pure.Entered, Tag: tag, At: k.Entered, Stay: k.Stay, Dwell: k.Entered.Sub(k.Since)})
		if !k.Dwelled.IsZero() {
			again = append(again, pure.Change{Kind: pure.Dwelled, Tag: tag, At: k.Dwelled, Stay: k.Stay, Dwell: k.Dwelled.Sub(k.Since)})
		}
	}
	w.deliver(ctx, again, nil)
	return nil
}

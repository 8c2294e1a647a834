package decider

import (
	"time"

	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

// partition is what a lane knows of one that it owns.
type partition struct {
	number  int
	next    int64                      // the offset to process next
	fresh   bool                       // state holds no offset yet
	settled map[int64]*offers.Decision // decisions that the log has beyond the state's offset
	timers  *timers                    // nil: to be read
	touched time.Time                  // when a record last came, by the wall clock
	turn    turn
}

// turn is what one batch makes of a partition. State gets all of it as one.
type turn struct {
	open    bool
	to      int64 // the offset behind the batch
	changed map[offers.ShopperID]*offers.Profile
	wakes   map[offers.ShopperID]time.Time
	counts  map[counter]int64
	said    []stream.Record
	packed  []offers.ShopperID // whose profiles are the first values of the commit
	buffer  []byte             // in which they lie, used again
	outbox  []byte             // of the commit, in room that is used again
}

// counter is a number in state that goes up with what happens.
type counter struct{ key, field string }

// begin opens a turn that goes up to an offset.
func (t *turn) begin(to int64) {
	if !t.open {
		t.open, t.to = true, to
	}
	t.to = max(t.to, to)
}

// end forgets the turn, but for the room that it took.
func (t *turn) end() {
	t.open, t.to = false, 0
	clear(t.changed)
	clear(t.wakes)
	clear(t.counts)
	clear(t.said)
	t.said, t.packed, t.buffer = t.said[:0], t.packed[:0], t.buffer[:0]
}

func (t *turn) change(p *offers.Profile) {
	if t.changed == nil {
		t.changed = map[offers.ShopperID]*offers.Profile{}
	}
	t.changed[p.Shopper] = p
}

func (t *turn) wake(shopper offers.ShopperID, at time.Time) {
	if t.wakes == nil {
		t.wakes = map[offers.ShopperID]time.Time{}
	}
	t.wakes[shopper] = at
}

// count adds to a number of the partition's in state, once, whatever dies.
func (t *turn) count(c counter, by int64) {
	if t.counts == nil {
		t.counts = map[counter]int64{}
	}
	t.counts[c] += by
}

// commit is the turn as state writes it, until the turn ends.
func (p *partition) commit(room *packing) (state.Commit, error) {
	t := &p.turn
	t.outbox = room.append(t.outbox[:0], t.said)
	c := state.Commit{
		Partition: p.number, From: p.next, To: t.to, Outbox: t.outbox,
		Keys: make([]string, 0, len(t.changed)+1), Values: make([][]byte, 0, len(t.changed)+1), // and the watermark
	}
	if p.fresh {
		c.From = -1
	}
	ends := make([]int, 0, len(t.changed))
	for id, profile := range t.changed {
		t.buffer = state.AppendProfile(t.buffer, profile)
		t.packed, ends = append(t.packed, id), append(ends, len(t.buffer))
		c.Keys = append(c.Keys, state.ProfileKey(p.number, id))
	}
	from := 0
	for _, end := range ends {
		c.Values = append(c.Values, t.buffer[from:end:end])
		from = end
	}
	if p.timers != nil && !p.timers.kept {
		value, err := p.timers.watermark.MarshalText()
		if err != nil {
			return c, err
		}
		c.Keys = append(c.Keys, watermarkKey(p.number))
		c.Values = append(c.Values, value)
	}
	for k, by := range t.counts {
		c.Increments = append(c.Increments, state.Increment{Key: k.key, Field: k.field, By: by})
	}
	for shopper, at := range t.wakes {
		c.Wakes = append(c.Wakes, state.Wake{Shopper: shopper, At: at})
	}
	return c, nil
}

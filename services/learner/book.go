package learner

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-json"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/offers/rank/watch"
	"aisle/services/state"
)

// A book is what a partition's learning stands at: how far both streams are
// read, and which offers are open. The open offers lie in pages, in the order of
// their decisions, each under a key of its own, so that a batch writes only the
// pages that it touched; concluded ones leave in chunks, which stay until the
// published model has learned them.
type book struct {
	Decisions  int64  `json:"decisions"` // next offset to read
	Events     int64  `json:"events"`    // next offset to take in
	Deliveries int64  `json:"deliveries"`
	Clock      int64  `json:"clock"`    // the time of the events, in Unix ms
	Newest     place  `json:"newest"`   // of the newest decision read
	Deadline   int64  `json:"deadline"` // of the newest decision read
	Pages      []page `json:"pages"`
	NextPage   int64  `json:"next_page"`
	FirstChunk int64  `json:"first_chunk"` // chunks below are gone
	NextChunk  int64  `json:"next_chunk"`

	partition int
	offset    int64 // in state: the count of commits
	next      struct{ decisions, events, deliveries int64 }
	waiting   []moment
	showings  []showing         // of offers whose decisions are not read yet
	caughtUp  int64             // the clock up to which decisions are known to be read
	told      int64             // the time up to which deliveries are known to be read, in Unix ms
	open      map[int64][]offer // pages in memory
	dirty     map[int64]bool    // pages that changed since the last commit
	concluded []watch.Outcome   // since the last commit
	unshown   int               // offers dropped since the last commit
	committed time.Time
}

// place is where a decision stands in its partition: the offset of the event
// that woke it, and which of that event's moments it is.
type place struct {
	Offset int64 `json:"offset"`
	Moment int64 `json:"moment"`
}

func (p place) less(q place) bool {
	return p.Offset < q.Offset || p.Offset == q.Offset && p.Moment < q.Moment
}

// placeOf reads a decision's id: partition, source offset, moment.
func placeOf(id offers.DecisionID) (partition int, p place, ok bool) {
	part := strings.Split(string(id), "-")
	if len(part) != 3 {
		return 0, place{}, false
	}
	number, err1 := strconv.Atoi(part[0])
	offset, err2 := strconv.ParseInt(part[1], 10, 64)
	moment, err3 := strconv.ParseInt(part[2], 10, 64)
	return number, place{offset, moment}, err1 == nil && err2 == nil && err3 == nil
}

// page is a run of open offers. pageSize offers fill it.
type page struct {
	ID    int64 `json:"id"`
	First place `json:"first"`
	Last  place `json:"last"`
	Added int   `json:"added"` // offers that it was given
	Open  int   `json:"open"`  // of them still open
}

const pageSize = 128

// offer is an open one: what the model will learn from, whatever comes of it.
type offer struct {
	Place    place          `json:"place"`
	Time     int64          `json:"time"`     // of the decision, in Unix ms
	Deadline int64          `json:"deadline"` // by the clock
	Shown    bool           `json:"shown,omitempty"`
	Credit   float64        `json:"credit,omitempty"` // of the best that became of it so far, but for its use
	Redeemed bool           `json:"redeemed,omitempty"`
	Context  offers.Context `json:"context"`
	Arm      rank.Arm       `json:"arm"`
	Model    uint64         `json:"model,omitempty"`
	Expected float64        `json:"expected,omitempty"`
}

// moment is a stretch of events: the clock at its end, and the outcome that its
// last event is, if it is one.
type moment struct {
	offset  int64
	clock   int64
	outcome *outcome
}

// outcome is something that became of an offer.
type outcome struct {
	place  place
	at     int64 // event time, in Unix ms
	typ    offers.EventType
	credit float64
}

// showing is an offer that was put before its shopper's eyes.
type showing struct {
	offset int64
	place  place
	at     int64 // in Unix ms
}

func bookKey(partition int) string { return state.Key(partition, "learner", "book") }

func pageKey(partition int, id int64) string {
	return state.Key(partition, "learner", "page", strconv.FormatInt(id, 10))
}

func chunkKey(partition int, n int64) string {
	return state.Key(partition, "learner", "chunk", strconv.FormatInt(n, 10))
}

// openBook reads a book as it is kept, or begins one.
func openBook(partition int, loaded state.Loaded) (*book, error) {
	b := &book{
		partition: partition, offset: loaded.Offset, NextPage: 1, FirstChunk: 1, NextChunk: 1, Newest: place{Offset: -1},
		open: map[int64][]offer{}, dirty: map[int64]bool{},
	}
	if value := loaded.Values[0]; value != nil {
		if err := json.Unmarshal(value, b); err != nil {
			return nil, fmt.Errorf("book of partition %d: %w: %w", partition, offers.ErrInvalid, err)
		}
	}
	b.next.decisions, b.next.events, b.next.deliveries = b.Decisions, b.Events, b.Deliveries
	return b, nil
}

// add opens an offer, unless the book knows it: decisions come in order.
func (b *book) add(ctx context.Context, load pageLoader, o offer) error {
	if !b.Newest.less(o.Place) {
		return nil
	}
	// Offers are concluded in their order, so a deadline is never before the
	// one before.
	o.Deadline = max(o.Deadline, b.Deadline)
	b.Newest, b.Deadline = o.Place, o.Deadline
	if len(b.Pages) == 0 || b.Pages[len(b.Pages)-1].Added >= pageSize {
		b.Pages = append(b.Pages, page{ID: b.NextPage, First: o.Place})
		b.open[b.NextPage] = nil
		b.NextPage++
	}
	p := &b.Pages[len(b.Pages)-1]
	list, err := b.page(ctx, load, p.ID)
	if err != nil {
		return err
	}
	b.open[p.ID] = append(list, o)
	b.dirty[p.ID] = true
	p.Last = o.Place
	p.Added++
	p.Open++
	return nil
}

// pageLoader reads a page from state.
type pageLoader func(ctx context.Context, partition int, id int64) ([]offer, error)

// page is a page's open offers, in order.
func (b *book) page(ctx context.Context, load pageLoader, id int64) ([]offer, error) {
	if list, ok := b.open[id]; ok {
		return list, nil
	}
	list, err := load(ctx, b.partition, id)
	if err != nil {
		return nil, err
	}
	b.open[id] = list
	return list, nil
}

// overdue tells whether an open offer's time is over at a clock.
func (b *book) overdue(ctx context.Context, load pageLoader, clock int64) (bool, error) {
	for i := range b.Pages {
		if b.Pages[i].Open == 0 {
			continue
		}
		list, err := b.page(ctx, load, b.Pages[i].ID)
		return err == nil && len(list) > 0 && list[0].Deadline < clock, err
	}
	return false, nil
}

// advance sets the clock forward and concludes the offers whose time is over,
// in their order. Nobody left those that nobody saw: they are dropped.
func (b *book) advance(ctx context.Context, load pageLoader, clock int64) error {
	b.Clock = max(b.Clock, clock)
	for len(b.Pages) > 0 {
		p := &b.Pages[0]
		list, err := b.page(ctx, load, p.ID)
		if err != nil {
			return err
		}
		n := 0
		for n < len(list) && list[n].Deadline < b.Clock {
			if list[n].Shown {
				o := &list[n]
				taken := o.Credit
				if o.Redeemed {
					taken = 1
				}
				b.concluded = append(b.concluded, watch.Outcome{
					Context: o.Context, Arm: o.Arm, Taken: taken, Time: time.UnixMilli(o.Time).UTC(), Model: o.Model, Expected: o.Expected,
				})
			} else {
				b.unshown++
			}
			n++
		}
		if n > 0 {
			b.open[p.ID] = list[n:]
			b.dirty[p.ID] = true
			p.Open -= n
		}
		if p.Open > 0 || p.Added < pageSize {
			return nil
		}
		b.drop(p.ID)
	}
	return nil
}

// drop forgets a page that is full and has nothing open.
func (b *book) drop(id int64) {
	b.Pages = slices.DeleteFunc(b.Pages, func(p page) bool { return p.ID == id })
	b.open[id] = nil
	b.dirty[id] = true
}

// found is what a book knows of an offer that was taken.
type found int

const (
	foundOpen found = iota // it is noted now
	foundNot               // repeated, or concluded before
	foundLate              // it was taken after its window
)

// find finds an open offer: its page, the page's open offers, and which of them
// it is. Without it the page is nil.
func (b *book) find(ctx context.Context, load pageLoader, at place) (p *page, list []offer, i int, err error) {
	n := slices.IndexFunc(b.Pages, func(p page) bool { return !at.less(p.First) && !p.Last.less(at) && p.Open > 0 })
	if n < 0 {
		return nil, nil, 0, nil
	}
	if list, err = b.page(ctx, load, b.Pages[n].ID); err != nil {
		return nil, nil, 0, err
	}
	if i = slices.IndexFunc(list, func(f offer) bool { return f.Place == at }); i < 0 {
		return nil, nil, 0, nil
	}
	return &b.Pages[n], list, i, nil
}

// show notes that an offer was seen in its window, if it is open.
func (b *book) show(ctx context.Context, load pageLoader, s showing, window time.Duration) error {
	p, list, i, err := b.find(ctx, load, s.place)
	if err != nil || p == nil || list[i].Shown || s.at-list[i].Time > window.Milliseconds() {
		return err
	}
	list[i].Shown = true
	b.dirty[p.ID] = true
	return nil
}

// take notes that an offer was taken, or what else became of it: so it was seen,
// too. It is concluded when its time is over. A use that was a mistake leaves what
// else became of it.
func (b *book) take(ctx context.Context, load pageLoader, o outcome, window time.Duration) (found, error) {
	p, list, i, err := b.find(ctx, load, o.place)
	switch {
	case err != nil:
		return 0, err
	case p == nil:
		return foundNot, nil
	case o.typ == offers.RedemptionUndone:
		if !list[i].Redeemed {
			return foundNot, nil
		}
		list[i].Redeemed = false
		b.dirty[p.ID] = true
		return foundOpen, nil
	case list[i].Redeemed:
		return foundNot, nil
	case o.at-list[i].Time > window.Milliseconds():
		return foundLate, nil
	}
	f := &list[i]
	f.Shown, f.Credit, f.Redeemed = true, max(f.Credit, o.credit), o.typ == offers.OfferRedeemed
	b.dirty[p.ID] = true
	return foundOpen, nil
}

// wait puts a moment behind those that wait. One without an outcome runs on
// into the next.
func (b *book) wait(m moment) {
	if n := len(b.waiting); n > 0 && b.waiting[n-1].outcome == nil {
		m.clock = max(m.clock, b.waiting[n-1].clock)
		b.waiting[n-1] = m
		return
	}
	b.waiting = append(b.waiting, m)
}

// pending is the number of open offers.
func (b *book) pending() int {
	n := 0
	for _, p := range b.Pages {
		n += p.Open
	}
	return n
}

// commitEvery bounds how long a book that only reads on goes without a commit.
const commitEvery = time.Second

// due tells whether there is something to commit.
func (b *book) due(now time.Time) bool {
	return len(b.dirty) > 0 || len(b.concluded) > 0 || now.Sub(b.committed) > commitEvery
}

// commit is the book as it is to be kept, with what it concluded as a chunk, and
// without the chunks up to done.
func (b *book) commit(done int64) (state.Commit, error) {
	c := state.Commit{Partition: b.partition, From: b.offset, To: b.offset + 1}
	set := func(key string, value any) error {
		v, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("%s: %w: %w", key, offers.ErrInvalid, err)
		}
		c.Keys, c.Values = append(c.Keys, key), append(c.Values, v)
		return nil
	}
	for id := range b.dirty {
		if !slices.ContainsFunc(b.Pages, func(p page) bool { return p.ID == id }) {
			c.Delete = append(c.Delete, pageKey(b.partition, id))
			continue
		}
		if err := set(pageKey(b.partition, id), b.open[id]); err != nil {
			return c, err
		}
	}
	if len(b.concluded) > 0 {
		if err := set(chunkKey(b.partition, b.NextChunk), b.concluded); err != nil {
			return c, err
		}
		b.NextChunk++
	}
	for ; b.FirstChunk <= done && b.FirstChunk < b.NextChunk; b.FirstChunk++ {
		c.Delete = append(c.Delete, chunkKey(b.partition, b.FirstChunk))
	}
	b.Decisions = b.next.decisions
	return c, set(bookKey(b.partition), b)
}

// keptPages is how many pages a book keeps in memory between batches: the
// oldest, which are concluded next, and the newest, which grow.
const keptPages = 16

// settled is called once the commit is written. It returns what was concluded,
// and how many offers nobody saw.
func (b *book) settled(now time.Time) (concluded []watch.Outcome, unshown int) {
	concluded, unshown = b.concluded, b.unshown
	b.offset++
	b.concluded, b.unshown, b.committed = nil, 0, now
	clear(b.dirty)
	for id := range b.open {
		i := slices.IndexFunc(b.Pages, func(p page) bool { return p.ID == id })
		if i < 0 || i >= keptPages/2 && i < len(b.Pages)-keptPages/2 {
			delete(b.open, id)
		}
	}
	return concluded, unshown
}

package decider

import (
	"container/heap"
	"context"
	"fmt"
	"time"

	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

// A scenario that waits for something not to have happened is woken by a timer.
// Timers are kept in state with the profiles that they come of, and ring by an
// event on the log, so that whoever reads the log again comes to the same: by
// the partition's watermark, judged behind each event and so whatever the
// batches were; or, where nothing comes any more, by the wall clock.

// soonestWakes is how many of a partition's wakes its owner has in memory.
const soonestWakes = 10_000

// timers are the time of one partition. What is beyond the soonest of its wakes
// lies in state only.
type timers struct {
	watermark time.Time // event time up to which, as far as is known, everything has come
	kept      bool      // the watermark is in state as it is here
	heard     time.Time // when the door had what moved it on, or when the clock is read: timers ring then
	wakes     wakes
	horizon   time.Time                   // the latest wake that is in memory; zero: all are
	traces    map[offers.ShopperID]string // of those wakes that were set here
}

// reach moves the watermark on. A client's clock that is ahead of the door's
// does not.
func (t *timers) reach(e *offers.Event, disorder time.Duration) {
	at := e.Time
	if !e.Received.IsZero() && e.Received.Before(at) {
		at = e.Received
	}
	if at = at.Add(-disorder); at.After(t.watermark) {
		t.watermark, t.kept, t.heard = at, false, e.Received
	}
}

// behind is how long before the watermark an event happened; nothing and less
// is in time.
func (t *timers) behind(e *offers.Event) time.Duration {
	if t.watermark.IsZero() {
		return 0
	}
	return t.watermark.Sub(e.Time)
}

// set notes when a shopper has to be looked at again, and on whose trace; never,
// if at is zero.
func (t *timers) set(shopper offers.ShopperID, at time.Time, trace string) {
	t.wakes.remove(shopper)
	delete(t.traces, shopper)
	if !at.IsZero() && (t.horizon.IsZero() || !at.After(t.horizon)) {
		t.wakes.add(state.Wake{Shopper: shopper, At: at})
		if trace != "" {
			if t.traces == nil {
				t.traces = map[offers.ShopperID]string{}
			}
			t.traces[shopper] = trace
		}
	}
}

// due takes the soonest wake that is not after a time.
func (t *timers) due(by time.Time) (state.Wake, bool) {
	if len(t.wakes.soonest) == 0 || t.wakes.soonest[0].At.After(by) {
		return state.Wake{}, false
	}
	return heap.Pop(&t.wakes).(state.Wake), true
}

// short tells whether there is more in state than here.
func (t *timers) short() bool { return len(t.wakes.soonest) == 0 && !t.horizon.IsZero() }

// wakeTime is a wake as state keeps it: to the microsecond, and not before it is
// due.
func wakeTime(at time.Time) time.Time {
	if cut := at.Truncate(time.Microsecond); cut.Before(at) {
		return cut.Add(time.Microsecond)
	}
	return at
}

// wakes is a heap, soonest first, that knows where each shopper's is.
type wakes struct {
	soonest []state.Wake
	at      map[offers.ShopperID]int
}

func (w *wakes) Len() int { return len(w.soonest) }
func (w *wakes) Less(i, j int) bool {
	a, b := &w.soonest[i], &w.soonest[j]
	return a.At.Before(b.At) || a.At.Equal(b.At) && a.Shopper < b.Shopper
}
func (w *wakes) Swap(i, j int) {
	w.soonest[i], w.soonest[j] = w.soonest[j], w.soonest[i]
	w.at[w.soonest[i].Shopper], w.at[w.soonest[j].Shopper] = i, j
}
func (w *wakes) Push(x any) {
	wake, _ := x.(state.Wake)
	w.at[wake.Shopper] = len(w.soonest)
	w.soonest = append(w.soonest, wake)
}
func (w *wakes) Pop() any {
	last := len(w.soonest) - 1
	out := w.soonest[last]
	w.soonest = w.soonest[:last]
	delete(w.at, out.Shopper)
	return out
}

func (w *wakes) add(wake state.Wake) {
	if w.at == nil {
		w.at = map[offers.ShopperID]int{}
	}
	heap.Push(w, wake)
}

func (w *wakes) remove(shopper offers.ShopperID) {
	if i, ok := w.at[shopper]; ok {
		heap.Remove(w, i)
	}
}

func watermarkKey(partition int) string { return state.Key(partition, "watermark", Group) }

// loadTimers reads the time of a partition, as far as memory holds it.
func (l *lane) loadTimers(ctx context.Context, p *partition) error {
	loaded, err := l.state.Load(ctx, Group, []state.Read{{Partition: p.number, Keys: []string{watermarkKey(p.number)}}})
	if err != nil {
		return err
	}
	soonest, err := l.state.Wakes(ctx, Group, p.number, soonestWakes)
	if err != nil {
		return err
	}
	t := &timers{}
	if b := loaded[0].Values[0]; b != nil {
		if err := t.watermark.UnmarshalText(b); err != nil {
			return fmt.Errorf("watermark of partition %d: %w: %w", p.number, offers.ErrInvalid, err)
		}
		t.kept = true
	}
	for _, w := range soonest {
		t.wakes.add(w)
	}
	if len(soonest) == soonestWakes {
		t.horizon = soonest[len(soonest)-1].At
	}
	p.timers = t
	return nil
}

// ring says that the wakes up to a time are due. They leave the index with the
// batch that says so; the profile forgets its own when it folds the event.
func (p *partition) ring(by time.Time) (rang int, err error) {
	for {
		w, ok := p.timers.due(by)
		if !ok {
			return rang, nil
		}
		rang++
		p.turn.wake(w.Shopper, time.Time{})
		e := timerEvent(w)
		if p.timers.heard.After(e.Received) {
			e.Received = p.timers.heard
		}
		r, err := stream.EventRecord(&e, source, stream.ChildSpan(p.timers.traces[w.Shopper], string(e.ID)))
		delete(p.timers.traces, w.Shopper)
		if err != nil {
			return rang, err
		}
		p.turn.said = append(p.turn.said, r)
	}
}

// timerEvent is what a timer says, received as soon as it may be. Its id is made
// of whose it is and when, so that a timer that rings twice has said nothing
// more.
func timerEvent(w state.Wake) offers.Event {
	return offers.Event{
		ID:   offers.EventID(fmt.Sprintf("timer-%s-%d", w.Shopper, w.At.UnixMicro())),
		Type: offers.TimerDue, Shopper: w.Shopper, Time: w.At, Received: w.At, Source: source,
	}
}

// stale tells whether a timer rings for what the profile does not wait for any
// more, or does not yet.
func stale(e *offers.Event, p *offers.Profile) bool {
	return e.Type == offers.TimerDue && (p.Wake.IsZero() || e.Time.Before(p.Wake))
}

// quiet is how long nothing must have come to a partition before the wall clock
// rings its timers: behind a backlog, or while one is being written, the clock
// would be ahead of what is yet to come.
const quiet = 2 * time.Second

// Idle rings the timers of partitions to which nothing comes.
func (l *lane) Idle(ctx context.Context, partitions []stream.Partition) error {
	if err := l.send(ctx); err != nil {
		return err
	}
	now := time.Now()
	rang := 0
	for _, q := range partitions {
		p := l.owned[q.Number]
		if p.fresh || now.Sub(p.touched) < quiet {
			continue
		}
		if err := l.begin(ctx, p); err != nil {
			return err
		}
		p.timers.heard = now.UTC()
		n, err := p.ring(now.Add(-l.config.Disorder))
		if rang += n; err != nil {
			return l.forget(err)
		}
	}
	if rang == 0 {
		return nil
	}
	l.metrics.timers.WithLabelValues("clock").Add(float64(rang))
	if err := l.commit(ctx); err != nil {
		return l.forget(err)
	}
	return l.send(ctx)
}

package main

import (
	"container/heap"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"aisle/offers"
	"aisle/services/stream"
)

// replayMain sends the originals of a house, the requests as clients sent them,
// to the door of another one once more, or of the same after its state is gone.
// It writes to the stream on which collectors find what they are to take again:
// no client, no key and no clock is needed, and the events have the same ids
// and times as before.
func replayMain(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("aisle replay", flag.ContinueOnError)
	from := f.String("stream", "", "kafka://host:port of the house whose originals are read")
	dir := f.String("data", "", "instead: the data folder of a house in the box, which must not run now")
	into := f.String("into", "", "kafka://host:port of the house that is to take them; empty: the same house")
	source := f.String("source", "", "only of this source, such as segment/website")
	since := f.Duration("since", 7*24*time.Hour, "only those that came within this time")
	if err := f.Parse(args); err != nil {
		return err
	}
	if (*from == "") == (*dir == "") {
		return fmt.Errorf("%w: say either -stream kafka://host:port or -data folder", offers.ErrInvalid)
	}
	config := stream.Config{URL: *from}
	if *dir != "" {
		config.Dir = *dir + "/stream"
	}
	log, err := stream.Open(ctx, config)
	if err != nil {
		return err
	}
	defer log.Close()
	to := log
	if *into != "" {
		if to, err = stream.Open(ctx, stream.Config{URL: *into}); err != nil {
			return err
		}
		defer to.Close()
	}
	n, err := replayOriginals(ctx, log, to, *source, time.Now().Add(-*since))
	if err == nil {
		fmt.Fprintf(os.Stdout, "%d requests are to be taken once more; the console shows under Quarantine what becomes of them\n", n)
	}
	return err
}

// replayOriginals asks for the originals of a source, or of all, since a time. They
// are spread over partitions, and asked for in the order in which they came: a
// consent counts from when it was heard of. Each source's are taken in that order.
func replayOriginals(ctx context.Context, from, to *stream.Log, source string, since time.Time) (n int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	now := time.Now()
	m, err := mergeOf(ctx, from, stream.Originals)
	if err != nil {
		return 0, err
	}
	ask := func(ctx context.Context, originals []offers.Quarantined) error {
		var asked []stream.Record
		for _, q := range originals {
			if q.Received.Before(since) || q.Received.After(now) || source != "" && q.Source != source {
				continue
			}
			r, err := stream.ReplayRecord(&offers.Replay{ID: "original-" + q.ID, Of: []string{q.ID}, Quarantined: q, By: "aisle replay", At: now}, "aisle/replay")
			if err != nil {
				return err
			}
			asked = append(asked, r)
		}
		if err := to.Produce(ctx, asked...); err != nil {
			return err
		}
		n += len(asked)
		return nil
	}
	ended := false
	var last error
	err = from.Tail(ctx, stream.Originals, -1, func(ctx context.Context, records []stream.Record) error {
		m.add(records)
		if err := ask(ctx, m.ready); err != nil {
			return err
		}
		m.ready = nil
		return nil
	}, func() {
		last = ask(ctx, m.rest())
		ended = true
		cancel()
	})
	if ended && (err == nil || errors.Is(err, context.Canceled)) {
		return n, last
	}
	return n, errors.Join(err, last)
}

// merge puts the originals of several partitions in the order in which they came,
// holding as few of them as it can.
type merge struct {
	ends    map[int]int64        // by partition, behind the newest when it began
	next    map[int]int64        // by partition, the offset to take next
	reached map[int]time.Time    // of the partitions that are not at their ends
	waiting originals            // a heap, oldest first
	ready   []offers.Quarantined // in their order
}

// mergeOf begins with what the log has of a stream now.
func mergeOf(ctx context.Context, log *stream.Log, name string) (*merge, error) {
	m := &merge{ends: map[int]int64{}, next: map[int]int64{}, reached: map[int]time.Time{}}
	for p := range log.Partitions() {
		newest, err := log.Newest(ctx, name, p, 1)
		if err != nil {
			return nil, err
		}
		if len(newest) > 0 {
			m.ends[p], m.reached[p] = newest[0].Offset+1, time.Time{}
		}
	}
	return m, nil
}

// add takes records, each partition's in their order, and finds out what nothing
// older can come before any more.
func (m *merge) add(records []stream.Record) {
	for i := range records {
		r := &records[i]
		if r.Offset < m.next[r.Partition] {
			continue // the same batch again
		}
		m.next[r.Partition] = r.Offset + 1
		q := stream.OriginalOf(r)
		heap.Push(&m.waiting, q)
		if at, behind := m.reached[r.Partition]; behind && q.Received.After(at) {
			m.reached[r.Partition] = q.Received
		}
		if r.Offset+1 >= m.ends[r.Partition] {
			delete(m.reached, r.Partition)
		}
	}
	for len(m.waiting) > 0 && !m.behind(m.waiting[0].Received) {
		m.ready = append(m.ready, heap.Pop(&m.waiting).(offers.Quarantined))
	}
}

// behind tells whether a partition has not come as far as a time.
func (m *merge) behind(at time.Time) bool {
	for _, reached := range m.reached {
		if reached.Before(at) {
			return true
		}
	}
	return false
}

// rest is all that is left, in its order.
func (m *merge) rest() []offers.Quarantined {
	for len(m.waiting) > 0 {
		m.ready = append(m.ready, heap.Pop(&m.waiting).(offers.Quarantined))
	}
	return m.ready
}

// originals is a heap of them, oldest first.
type originals []offers.Quarantined

func (o originals) Len() int           { return len(o) }
func (o originals) Less(i, j int) bool { return o[i].Received.Before(o[j].Received) }
func (o originals) Swap(i, j int)      { o[i], o[j] = o[j], o[i] }
func (o *originals) Push(x any)        { *o = append(*o, x.(offers.Quarantined)) }
func (o *originals) Pop() any {
	last := (*o)[len(*o)-1]
	*o = (*o)[:len(*o)-1]
	return last
}

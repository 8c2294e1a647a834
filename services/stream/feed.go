package stream

import (
	"context"
	"slices"
	"sync"
	"time"
)

// How much of what was read a lane may leave lying, and how soon the log is
// asked again where a lane is not ready for more.
const (
	feedBytes = 4 << 20
	feedPause = 20 * time.Millisecond
)

// reader reads for all lanes of a member with one cursor. A request costs a
// broker much the same whatever it brings, and in a shop's rush most bring
// little.
type reader struct {
	cursor  *cursor
	feeds   []*feed       // by lane
	changed chan struct{} // a lane began, or took what was too much
}

// feed is what was read for one lane and is not handled yet.
type feed struct {
	reader *reader
	ready  chan struct{} // there is something to take

	mu      sync.Mutex          // guards the rest
	begin   map[Partition]int64 // where to begin, until the reader knows
	records []Record
	bytes   int
	read    []Partition // to their ends, when they were last asked for
	own     []*position // those that are read for it; the reader's
}

// newReader makes a feed of each share. It gets nothing until it is told where
// to start.
func newReader(l *Log, group string, shares [][]Partition) *reader {
	unknown := map[Partition]int64{}
	for _, parts := range shares {
		for _, p := range parts {
			unknown[p] = -1
		}
	}
	r := &reader{cursor: l.cursor(group, unknown), changed: make(chan struct{}, 1)}
	for _, parts := range shares {
		f := &feed{reader: r, ready: make(chan struct{}, 1)}
		for _, p := range r.cursor.positions {
			if slices.Contains(parts, p.Partition) {
				f.own = append(f.own, p)
			}
		}
		r.feeds = append(r.feeds, f)
	}
	return r
}

// run reads until ctx ends.
func (r *reader) run(ctx context.Context) {
	defer r.cursor.close()
	for ctx.Err() == nil {
		free, held := r.hold()
		if free == 0 {
			select {
			case <-r.changed:
			case <-ctx.Done():
			}
			continue
		}
		if r.cursor.wait = fetchWait; held > 0 {
			r.cursor.wait = feedPause
		}
		records := r.cursor.poll(ctx)
		for _, f := range r.feeds {
			f.give(records)
		}
	}
}

// hold finds out who is ready for more. It returns how many partitions may be
// read, and how many may not.
func (r *reader) hold() (free, held int) {
	for _, f := range r.feeds {
		f.mu.Lock()
		for _, p := range f.own {
			if at, ok := f.begin[p.Partition]; ok {
				p.next = at
			}
			if p.held = p.next < 0 || f.bytes > feedBytes; p.held {
				held++
			} else {
				free++
			}
		}
		f.begin = nil
		f.mu.Unlock()
	}
	return free, held
}

// wake lets the reader look again who is ready.
func (r *reader) wake() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// start says where the lane begins to read.
func (f *feed) start(at map[Partition]int64) {
	f.mu.Lock()
	f.begin = at
	f.mu.Unlock()
	f.reader.wake()
}

// give takes the lane's records out of those that were read, which lie partition
// by partition.
func (f *feed) give(records []Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(records) > 0 {
		n := 1
		for n < len(records) && records[n].Partition == records[0].Partition {
			n++
		}
		if some := records[:n]; f.owns(some[0].Partition) {
			f.records = append(f.records, some...)
			for i := range some {
				f.bytes += size(&some[i])
			}
		}
		records = records[n:]
	}
	f.read = f.read[:0]
	for _, p := range f.own {
		if p.end >= 0 && p.next >= p.end {
			f.read = append(f.read, p.Partition)
		}
	}
	if len(f.records) > 0 {
		select {
		case f.ready <- struct{}{}:
		default: // it knows
		}
	}
}

// owns tells whether a partition is the lane's, of whatever stream: a number
// has one lane.
func (f *feed) owns(number int) bool {
	return slices.ContainsFunc(f.own, func(p *position) bool { return p.Number == number })
}

// take is all that was read.
func (f *feed) take() []Record {
	f.mu.Lock()
	defer f.mu.Unlock()
	records := f.records
	if f.bytes > feedBytes {
		f.reader.wake()
	}
	f.records, f.bytes = nil, 0
	return records
}

// ended are the lane's partitions of which it has taken all that there was when
// the log was last asked.
func (f *feed) ended() []Partition {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Partition
	for _, p := range f.read {
		if !slices.ContainsFunc(f.records, func(r Record) bool { return r.Stream == p.Stream && r.Partition == p.Number }) {
			out = append(out, p)
		}
	}
	return out
}

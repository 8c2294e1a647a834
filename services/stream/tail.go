package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/segmentio/kafka-go"

	"aisle/offers"
)

// partitionsOf are all partitions of a stream.
func (l *Log) partitionsOf(stream string) ([]Partition, error) {
	n, err := l.count(stream)
	var ps []Partition
	for i := range n {
		ps = append(ps, Partition{stream, i})
	}
	return ps, err
}

// Tail follows every partition of a stream, in no group, until ctx ends, and
// then returns nil. It begins back records before the end of each partition;
// from the start if back is negative. One goroutine calls fn, with batches that
// are in order for each partition, and calls caughtUp, which may be nil, once
// when fn has had all that was there when Tail began.
//
// ErrUnavailable from fn: the same batch again. Any other error ends Tail.
func (l *Log) Tail(ctx context.Context, stream string, back int, fn func(ctx context.Context, batch []Record) error, caughtUp func()) error {
	ps, err := l.partitionsOf(stream)
	if err != nil {
		return fmt.Errorf("tail: %w", err)
	}
	var spans map[Partition]span
	err = l.retry(ctx, "offsets", func() (err error) {
		spans, err = l.offsets(ctx, ps)
		return err
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("tail: %w", err)
	}
	from := make(map[Partition]int64, len(ps))
	for p, s := range spans {
		if from[p] = s.first; back >= 0 {
			from[p] = max(s.first, s.last-int64(back))
		}
	}
	c := l.cursor("", from)
	ctx, cancel := context.WithCancel(ctx)
	defer c.close()
	defer cancel()
	for ctx.Err() == nil {
		if caughtUp != nil && !slices.ContainsFunc(c.positions, func(p *position) bool { return p.next < spans[p.Partition].last }) {
			caughtUp()
			caughtUp = nil
		}
		batch := c.poll(ctx)
		if len(batch) == 0 {
			continue
		}
		for failures := 2; ; failures++ {
			err := fn(ctx, batch)
			if err == nil || ctx.Err() != nil {
				break
			}
			if !errors.Is(err, offers.ErrUnavailable) {
				return fmt.Errorf("tail %s: %w", stream, err)
			}
			l.metrics.failures.WithLabelValues("tail").Inc()
			pause(ctx, backoff(failures))
		}
	}
	return nil
}

// read is what a partition holds from an offset on: at least one record, if
// there is one before end.
func (l *Log) read(ctx context.Context, p Partition, offset, end int64, bytes int) ([]Record, error) {
	for at := (position{Partition: p, next: offset}); at.next < end; {
		f, err := l.fetch(ctx, []position{at}, 0, bytes)
		if err != nil {
			return nil, err
		}
		if len(f) == 0 {
			return nil, fmt.Errorf("stream: fetch: %w: no answer", offers.ErrUnavailable)
		}
		if f[0].err != nil {
			return nil, failed(fmt.Sprintf("fetch %s/%d", p.Stream, p.Number), f[0].err)
		}
		if len(f[0].records) > 0 {
			return f[0].records, nil
		}
		if f[0].next == at.next && f[0].end <= at.next {
			return nil, nil
		}
		at.next = f[0].next
	}
	return nil, nil
}

// Find is the record for which cmp is 0, in a partition whose records are in
// the order of cmp: it is negative for those before the one sought, positive
// for those behind. It takes about as many requests as the partition's length
// has binary digits. Errors: ErrNotFound, ErrUnavailable.
func (l *Log) Find(ctx context.Context, stream string, partition int, cmp func(*Record) int) (found Record, err error) {
	p, err := l.partition(stream, partition)
	if err != nil {
		return Record{}, fmt.Errorf("find: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	err = l.retry(ctx, "find", func() error {
		found, err = l.find(ctx, p, cmp)
		return err
	})
	return found, err
}

func (l *Log) find(ctx context.Context, p Partition, cmp func(*Record) int) (Record, error) {
	spans, err := l.offsets(ctx, []Partition{p})
	if err != nil {
		return Record{}, err
	}
	low, high := spans[p].first, spans[p].last // it is in [low, high)
	for low < high {
		mid := low + (high-low)/2
		records, err := l.read(ctx, p, mid, high, 64<<10)
		switch {
		case errors.Is(err, kafka.OffsetOutOfRange):
			low = mid + 1 // retention has passed
			continue
		case err != nil:
			return Record{}, err
		case len(records) == 0 || cmp(&records[0]) > 0:
			high = mid
			continue
		}
		for i := range records {
			switch c := cmp(&records[i]); {
			case c == 0:
				return records[i], nil
			case c > 0:
				return Record{}, fmt.Errorf("find in %s/%d: %w", p.Stream, p.Number, offers.ErrNotFound)
			}
		}
		low = records[len(records)-1].Offset + 1
	}
	return Record{}, fmt.Errorf("find in %s/%d: %w", p.Stream, p.Number, offers.ErrNotFound)
}

func (l *Log) partition(stream string, number int) (Partition, error) {
	n, err := l.count(stream)
	if err == nil && (number < 0 || number >= n) {
		err = fmt.Errorf("stream %s: %w: there is no partition %d", stream, offers.ErrInvalid, number)
	}
	return Partition{stream, number}, err
}

// At is the record at an offset. Errors: ErrNotFound if there is none, or none
// any more; ErrUnavailable.
func (l *Log) At(ctx context.Context, stream string, partition int, offset int64) (at Record, err error) {
	p, err := l.partition(stream, partition)
	if err != nil {
		return Record{}, fmt.Errorf("at: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	err = l.retry(ctx, "at", func() error {
		records, err := l.read(ctx, p, offset, offset+1, 64<<10)
		switch {
		case errors.Is(err, kafka.OffsetOutOfRange), err == nil && (len(records) == 0 || records[0].Offset != offset):
			return fmt.Errorf("at %s/%d: %w: %d", p.Stream, p.Number, offers.ErrNotFound, offset)
		case err == nil:
			at = records[0]
		}
		return err
	})
	return at, err
}

// Newest are the last n records of a partition, or as many as there are, oldest
// first.
func (l *Log) Newest(ctx context.Context, stream string, partition, n int) (newest []Record, err error) {
	p, err := l.partition(stream, partition)
	if err != nil || n <= 0 {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	err = l.retry(ctx, "newest", func() error {
		newest, err = l.newest(ctx, p, n)
		return err
	})
	return newest, err
}

func (l *Log) newest(ctx context.Context, p Partition, n int) ([]Record, error) {
	spans, err := l.offsets(ctx, []Partition{p})
	if err != nil {
		return nil, err
	}
	first, end := spans[p].first, spans[p].last
	for back := int64(n); ; back *= 4 { // further, where compaction left gaps
		var records []Record
		from := max(first, end-back)
		for at := from; at < end; {
			more, err := l.read(ctx, p, at, end, partitionBytes)
			if errors.Is(err, kafka.OffsetOutOfRange) {
				return nil, fmt.Errorf("newest: %w: retention has passed", offers.ErrUnavailable) // look again
			}
			if err != nil {
				return nil, err
			}
			if len(more) == 0 {
				break
			}
			at = more[len(more)-1].Offset + 1
			records = append(records, more...)
		}
		if len(records) >= n {
			return slices.Clip(records[len(records)-n:]), nil
		}
		if from == first {
			return records, nil
		}
	}
}

// Lag is how many records of the streams the group has not handled yet, as far
// as its commits tell, which may be a second old.
func (l *Log) Lag(ctx context.Context, group string, streams ...string) (int64, error) {
	var ps []Partition
	asked := map[string][]int{}
	for _, s := range streams {
		of, err := l.partitionsOf(s)
		if err != nil {
			return 0, fmt.Errorf("lag: %w", err)
		}
		ps = append(ps, of...)
		for _, p := range of {
			asked[l.prefix+s] = append(asked[l.prefix+s], p.Number)
		}
	}
	if len(ps) == 0 {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var lag int64
	err := l.retry(ctx, "lag", func() error {
		spans, err := l.offsets(ctx, ps)
		if err != nil {
			return err
		}
		r, err := l.client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: l.prefix + group, Topics: asked})
		if err == nil {
			err = r.Error
		}
		switch {
		case errors.Is(err, kafka.GroupIdNotFound): // it has committed nothing
			r = &kafka.OffsetFetchResponse{}
		case err != nil:
			return failed("lag", err)
		}
		lag = 0
		for _, p := range ps {
			at := spans[p].first
			for _, c := range r.Topics[l.prefix+p.Stream] {
				if c.Partition == p.Number {
					at = max(at, c.CommittedOffset)
				}
			}
			lag += max(spans[p].last-at, 0)
		}
		return nil
	})
	return lag, err
}

// signal is closed at the next change.
type signal struct {
	mu sync.Mutex // guards ch
	ch chan struct{}
}

func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
	}
	return s.ch
}

func (s *signal) fire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
	}
}

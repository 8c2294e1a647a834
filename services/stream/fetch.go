package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	fetchapi "github.com/segmentio/kafka-go/protocol/fetch"
	"github.com/segmentio/kafka-go/protocol/listoffsets"
	"github.com/segmentio/kafka-go/protocol/metadata"

	"golang.org/x/sync/errgroup"

	"aisle/offers"
)

// A fetch waits at the broker until there is something, and returns at once
// when there is: a longer wait costs no latency, a shorter one costs CPU.
const (
	fetchWait      = 500 * time.Millisecond
	fetchBytes     = 8 << 20
	partitionBytes = 1 << 20
)

// Partition names one partition of one stream.
type Partition struct {
	Stream string
	Number int
}

type leaderOf = metadata.ResponsePartition

// leaders knows who leads each partition, in the order of streams.
type leaders []metadata.ResponseTopic

// leaders come from the transport's cache, no request is made.
func (l *Log) leaders(ctx context.Context) (leaders, error) {
	r, err := l.transport.RoundTrip(ctx, l.addr, &metadata.Request{TopicNames: l.topics})
	if err != nil {
		return nil, failed("metadata", err)
	}
	return r.(*metadata.Response).Topics, nil
}

// of is the broker that leads p, -1 if none is known.
func (s leaders) of(p Partition) int32 {
	i := streamIndex(p.Stream)
	if i < 0 || i >= len(s) || p.Number >= len(s[i].Partitions) || s[i].Partitions[p.Number].PartitionIndex != int32(p.Number) {
		return -1
	}
	return s[i].Partitions[p.Number].LeaderID
}

// position is how far a partition was read.
type position struct {
	Partition
	next int64 // the offset to read next
	end  int64 // the end of the partition when it was last seen; -1 if never
	busy bool  // a fetch is under way
	held bool  // not to be read for now
}

// fetched is the answer for one partition.
type fetched struct {
	Partition
	records []Record
	from    int64 // the offset that was asked for
	next    int64 // the offset behind what was read
	start   int64 // the log's first offset; -1 if unknown
	end     int64 // behind its last
	err     error
}

// fetch reads partitions of one leader, in one request.
func (l *Log) fetch(ctx context.Context, from []position, wait time.Duration, perPartition int) ([]fetched, error) {
	req := &fetchapi.Request{ReplicaID: -1, MaxWaitTime: int32(wait.Milliseconds()), MinBytes: 1, MaxBytes: fetchBytes, SessionEpoch: -1}
	for _, p := range from {
		topic := l.topics[streamIndex(p.Stream)]
		i := slices.IndexFunc(req.Topics, func(t fetchapi.RequestTopic) bool { return t.Topic == topic })
		if i < 0 {
			i = len(req.Topics)
			req.Topics = append(req.Topics, fetchapi.RequestTopic{Topic: topic})
		}
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, fetchapi.RequestPartition{
			Partition: int32(p.Number), CurrentLeaderEpoch: -1, FetchOffset: p.next, LogStartOffset: -1, PartitionMaxBytes: int32(perPartition),
		})
	}
	ctx, cancel := context.WithTimeout(ctx, wait+requestTimeout)
	defer cancel()
	m, err := l.transport.RoundTrip(ctx, l.addr, req)
	if err != nil {
		return nil, failed("fetch", err)
	}
	r := m.(*fetchapi.Response)
	if r.ErrorCode != 0 {
		return nil, failed("fetch", kafka.Error(r.ErrorCode))
	}
	out := make([]fetched, 0, len(from))
	for _, t := range r.Topics {
		for _, p := range t.Partitions {
			i := slices.IndexFunc(from, func(q position) bool {
				return q.Number == int(p.Partition) && l.prefix+q.Stream == t.Topic
			})
			if i < 0 {
				continue
			}
			f := fetched{Partition: from[i].Partition, from: from[i].next, next: from[i].next, start: p.LogStartOffset, end: p.HighWatermark}
			if p.ErrorCode != 0 {
				f.err = kafka.Error(p.ErrorCode)
			} else {
				f.err = f.read(p.RecordSet.Records)
			}
			out = append(out, f)
		}
	}
	return out, nil
}

// read takes the records out of the broker's answer.
func (f *fetched) read(records protocol.RecordReader) error {
	if records == nil {
		return nil
	}
	for {
		k, err := records.ReadRecord()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		r := Record{Stream: f.Stream, Partition: f.Number, Offset: k.Offset, Time: k.Time}
		if r.Key, r.Value, err = own(k); err != nil {
			return err
		}
		if k.Offset < f.next {
			continue // a batch begins before the offset asked for
		}
		if len(k.Headers) > 0 {
			r.Headers = make([]Header, len(k.Headers))
			for i, h := range k.Headers {
				r.Headers[i] = Header(h)
			}
		}
		f.records = append(f.records, r)
		f.next = k.Offset + 1
	}
	if len(f.records) == 0 && f.next < f.end {
		// The broker answered with a batch of which nothing is left behind the
		// offset: compaction took it, or it only marks a transaction. kafka-go
		// does not tell where it ends, so feel the way over it.
		f.next++
	}
	return nil
}

// own copies key and value out of kafka-go's pages and gives those back:
// otherwise each answer leaves a page of 64 KiB to the garbage collector.
func own(k *protocol.Record) (key, value []byte, err error) {
	n := 0
	if k.Key != nil {
		n = k.Key.Len()
		defer k.Key.Close()
	}
	all := n
	if k.Value != nil {
		all += k.Value.Len()
		defer k.Value.Close()
	}
	buf := make([]byte, all)
	if k.Key != nil {
		key = buf[:n:n]
		if _, err = io.ReadFull(k.Key, key); err != nil {
			return nil, nil, err
		}
	}
	if k.Value != nil {
		value = buf[n:]
		if _, err = io.ReadFull(k.Value, value); err != nil {
			return nil, nil, err
		}
	}
	return key, value, nil
}

// cursor reads some partitions onwards, wherever they lie: one request at a
// time to each broker that leads one. One goroutine owns it.
type cursor struct {
	log       *Log
	group     string        // for metrics; "" if none
	wait      time.Duration // of a fetch, for something to come
	positions []*position
	answers   chan answer
	asking    sync.WaitGroup
	busy      map[int32]bool // brokers that are asked
	failures  int
	turn      int
}

type answer struct {
	broker  int32
	asked   []*position
	fetched []fetched
	err     error
}

func (l *Log) cursor(group string, from map[Partition]int64) *cursor {
	c := &cursor{log: l, group: group, wait: fetchWait, busy: map[int32]bool{}, answers: make(chan answer, max(len(from), 1))}
	for p, next := range from {
		c.positions = append(c.positions, &position{Partition: p, next: next, end: -1})
	}
	slices.SortFunc(c.positions, func(a, b *position) int { return a.Number - b.Number })
	return c
}

// close waits for what is under way. The ctx given to poll must have ended.
func (c *cursor) close() {
	c.asking.Wait()
	if c.group != "" {
		for _, p := range c.positions {
			c.log.metrics.dropLag(c.group, p.Partition)
		}
	}
}

// poll returns what there is next, in order per partition; nothing after
// fetchWait, or when ctx has ended.
func (c *cursor) poll(ctx context.Context) []Record {
	if !c.ask(ctx) {
		pause(ctx, fetchWait/4)
		return nil
	}
	var out []Record
	select {
	case a := <-c.answers:
		out = c.take(ctx, a, out)
	case <-ctx.Done():
		return nil
	}
	for {
		select {
		case a := <-c.answers:
			out = c.take(ctx, a, out)
		default:
			if len(out) > 0 && c.failures == 0 {
				c.ask(ctx) // the next records come while these are handled
			}
			return out
		}
	}
}

// ask sends a fetch to each broker that leads partitions and is not asked yet.
// It returns false if nothing is under way then.
func (c *cursor) ask(ctx context.Context) bool {
	who, err := c.log.leaders(ctx)
	if err != nil {
		c.failed(err)
		pause(ctx, backoff(c.failures))
		return len(c.busy) > 0
	}
	c.turn++ // a broker fills its answer in the order asked: nobody is always last
	byBroker := map[int32][]*position{}
	for i := range c.positions {
		p := c.positions[(i+c.turn)%len(c.positions)]
		if p.held {
			continue
		}
		if b := who.of(p.Partition); b >= 0 && !p.busy && !c.busy[b] {
			byBroker[b] = append(byBroker[b], p)
		} else if b < 0 {
			c.log.refresh()
		}
	}
	delay, wait := backoff(c.failures), c.wait
	for b, ps := range byBroker {
		from := make([]position, len(ps))
		for i, p := range ps {
			p.busy, from[i] = true, *p
		}
		c.busy[b] = true
		c.asking.Go(func() {
			a := answer{broker: b, asked: ps}
			if pause(ctx, delay) {
				a.fetched, a.err = c.log.fetch(ctx, from, wait, partitionBytes)
			}
			c.answers <- a
		})
	}
	return len(c.busy) > 0
}

// take moves the positions on behind an answer.
func (c *cursor) take(ctx context.Context, a answer, out []Record) []Record {
	delete(c.busy, a.broker)
	for _, p := range a.asked {
		p.busy = false
	}
	if a.err != nil {
		if ctx.Err() == nil {
			c.failed(a.err)
		}
		return out
	}
	n := 0
	for i := range a.fetched {
		n += len(a.fetched[i].records)
	}
	out = slices.Grow(out, n)
	ok := true
	for _, f := range a.fetched {
		p := a.asked[slices.IndexFunc(a.asked, func(p *position) bool { return p.Partition == f.Partition })]
		switch {
		case errors.Is(f.err, kafka.OffsetOutOfRange):
			c.outOfRange(ctx, p)
			continue
		case f.err != nil:
			ok = false
			c.failed(failed(fmt.Sprintf("fetch %s/%d", f.Stream, f.Number), f.err))
			continue
		case f.start > f.from && len(f.records) > 0:
			c.skipped(p.Partition, f.from, f.start)
		}
		p.next, p.end = f.next, f.end
		out = append(out, f.records...)
		if c.group != "" {
			c.log.metrics.setLag(c.group, p.Partition, p.end-p.next)
		}
	}
	if ok {
		if c.failures > 2 {
			c.log.logger.Info("stream: reads again", "group", c.group)
		}
		c.failures = 0
	}
	return out
}

func (c *cursor) failed(err error) {
	c.failures++
	c.log.metrics.failures.WithLabelValues("fetch").Inc()
	if c.failures == 3 {
		c.log.logger.Warn("stream: cannot read, trying again", "group", c.group, "err", err)
	}
	c.log.refresh()
}

// outOfRange puts a position right that the log does not have: what is gone is
// gone, but never in silence.
func (c *cursor) outOfRange(ctx context.Context, p *position) {
	ends, err := c.log.offsets(ctx, []Partition{p.Partition})
	if err != nil {
		if ctx.Err() == nil {
			c.failed(err)
		}
		return
	}
	switch r := ends[p.Partition]; {
	case p.next < r.first:
		c.skipped(p.Partition, p.next, r.first)
		p.next = r.first
	case p.next > r.last:
		// The log lost its tail, or is another log than the one that was read.
		c.log.logger.Error("stream: the log ends before the offset to read next; going on at its end",
			"group", c.group, "stream", p.Stream, "partition", p.Number, "offset", p.next, "end", r.last)
		p.next = r.last
	}
}

func (c *cursor) skipped(p Partition, from, to int64) {
	c.log.metrics.skipped.WithLabelValues(c.group, p.Stream).Add(float64(to - from))
	c.log.logger.Error("stream: records were gone before they were read: keep the stream longer, or read faster",
		"group", c.group, "stream", p.Stream, "partition", p.Number, "from", from, "to", to)
}

// span is where a partition begins and ends: [first, last).
type span struct{ first, last int64 }

// offsets asks where partitions begin and end. kafka-go makes a request of each
// question, and opens a connection for each that is under way, so few are.
func (l *Log) offsets(ctx context.Context, ps []Partition) (map[Partition]span, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	spans := make([]span, len(ps))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i, p := range ps {
		g.Go(func() (err error) {
			if spans[i].first, err = l.offset(ctx, p, kafka.FirstOffset); err == nil {
				spans[i].last, err = l.offset(ctx, p, kafka.LastOffset)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	out := make(map[Partition]span, len(ps))
	for i, p := range ps {
		out[p] = spans[i]
	}
	return out, nil
}

func (l *Log) offset(ctx context.Context, p Partition, at int64) (int64, error) {
	m, err := l.transport.RoundTrip(ctx, l.addr, &listoffsets.Request{ReplicaID: -1, Topics: []listoffsets.RequestTopic{{
		Topic:      l.topics[streamIndex(p.Stream)],
		Partitions: []listoffsets.RequestPartition{{Partition: int32(p.Number), CurrentLeaderEpoch: -1, Timestamp: at}},
	}}})
	if err != nil {
		return 0, failed("offsets", err)
	}
	for _, t := range m.(*listoffsets.Response).Topics {
		if len(t.Partitions) == 0 {
			continue
		}
		r := t.Partitions[0] // one was asked for
		if r.ErrorCode != 0 {
			return 0, failed("offsets of "+t.Topic, kafka.Error(r.ErrorCode))
		}
		return r.Offset, nil
	}
	return 0, fmt.Errorf("stream: offsets: %w: no answer", offers.ErrUnavailable)
}

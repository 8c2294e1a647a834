package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	produceapi "github.com/segmentio/kafka-go/protocol/produce"

	"aisle/offers"
)

const (
	maxRecordBytes  = 1_000_000 // Kafka's default is 1,048,588 for a batch, with its frame
	maxBatchBytes   = 900_000   // of one partition in one request
	maxRequestBytes = 8 << 20
	maxQueuedBytes  = 64 << 20
)

// Produce writes records, each to the partition of its key, and returns when
// all copies of the log have all of them. Records of one call with one key keep
// their order, and come after those of calls that returned before.
//
// What is unavailable is tried again until ctx ends; then the error is
// ErrUnavailable, and some records may have been written, or be written yet.
// A retry may write a record twice. ErrInvalid: a record is too large, or of no
// known stream; then none, or only others, were written. The records' bytes
// must not be changed after the call.
//
// The log's time of a record is that of the call, whatever the record's Time:
// by it records age, and Kafka refuses one in the future. What happened when is
// for the value to say.
//
// Calls that come while a request is under way share the next one: there is no
// timer, so a lone record goes at once, and a crowd goes together.
func (l *Log) Produce(ctx context.Context, records ...Record) error {
	if len(records) == 0 {
		return nil
	}
	_, err := l.produce(ctx, records)
	return err
}

// ProduceOne is Produce for one record, and gives its offset. Where a retry wrote
// it twice, that is the offset of the last.
func (l *Log) ProduceOne(ctx context.Context, r Record) (offset int64, err error) {
	w, err := l.produce(ctx, []Record{r})
	if err != nil {
		return 0, err
	}
	return w.entries[0].offset, nil
}

func (l *Log) produce(ctx context.Context, records []Record) (*write, error) {
	began := time.Now()
	w := &write{ctx: ctx, left: len(records), done: make(chan error, 1), entries: make([]entry, len(records))}
	for i := range records {
		r := &records[i]
		e := &w.entries[i]
		*e = entry{write: w, record: r, at: began, size: size(r), to: Partition{Stream: r.Stream}}
		n, err := l.count(r.Stream)
		switch {
		case err != nil:
			return nil, fmt.Errorf("produce: record %d: %w", i, err)
		case e.size > maxRecordBytes:
			return nil, fmt.Errorf("produce: record %d of %s: %w: %d bytes; a record has at most %d", i, r.Stream, offers.ErrInvalid, e.size, maxRecordBytes)
		case n > 1:
			e.to.Number = l.partitionOf(r.Key)
		case len(r.Key) == 0 && r.Stream == Campaigns:
			return nil, fmt.Errorf("produce: record %d of %s: %w: it has no key", i, r.Stream, offers.ErrInvalid)
		}
		w.size += e.size
	}
	select {
	case l.producer.in <- w:
	case <-ctx.Done():
		return nil, w.gaveUp(ctx.Err())
	case <-l.ctx.Done():
		return nil, w.gaveUp(errClosed)
	}
	select {
	case err := <-w.done:
		if err == nil {
			l.metrics.produce.Observe(time.Since(began).Seconds())
		}
		return w, err
	case <-ctx.Done():
		return nil, w.gaveUp(ctx.Err())
	}
}

var errClosed = errors.New("the log is closed")

// size is about what a record takes on the wire.
func size(r *Record) int {
	n := len(r.Key) + len(r.Value) + 32
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value) + 4
	}
	return n
}

// write is one call of Produce. The producer's goroutine owns it but for ctx,
// done and last.
type write struct {
	ctx     context.Context
	entries []entry
	size    int
	left    int   // entries that are not settled
	err     error // the first that settled badly
	done    chan error
	last    atomic.Pointer[error] // why the log is unavailable
}

func (w *write) gaveUp(why error) error {
	if last := w.last.Load(); last != nil {
		return fmt.Errorf("produce: %w: %w (last: %w)", offers.ErrUnavailable, why, *last)
	}
	return fmt.Errorf("produce: %w: %w", offers.ErrUnavailable, why)
}

func (w *write) settle(err error) {
	if w.err == nil {
		w.err = err
	}
	if w.left--; w.left == 0 {
		w.done <- w.err
	}
}

type entry struct {
	*write
	record *Record
	to     Partition
	at     time.Time
	size   int
	offset int64 // once it is settled well
}

// queue is what waits for one partition, oldest first.
type queue struct {
	Partition
	entries  []*entry
	sent     int // how many of them are under way
	most     int // how many may go at once, 0: any; halved while a batch is refused
	failures int
	not      time.Time // not to be tried before
	written  prometheus.Counter
}

// producer gathers what is to be written and sends it: one request at a time to
// each broker, with all partitions that it leads. Its goroutine owns all of it.
type producer struct {
	log     *Log
	in      chan *write
	settled chan sent
	queues  map[Partition]*queue
	order   []*queue
	busy    map[int32]bool // brokers with a request under way
	queued  int            // bytes
}

// sent is the outcome of one request.
type sent struct {
	broker  int32
	queues  []*queue
	answers map[Partition]produced
	err     error
}

// produced is what a broker says of what was written to one partition.
type produced struct {
	code  kafka.Error
	first int64 // offset of the first record
}

func newProducer(l *Log) *producer {
	return &producer{log: l, in: make(chan *write, 256), settled: make(chan sent), queues: map[Partition]*queue{}, busy: map[int32]bool{}}
}

func (p *producer) run() {
	retry := time.NewTimer(time.Hour)
	defer retry.Stop()
	for {
		in := p.in
		if p.queued > maxQueuedBytes {
			in = nil // callers wait, until their ctx ends
		}
		select {
		case w := <-in:
			p.add(w)
			for more := true; more && p.queued <= maxQueuedBytes; {
				select {
				case w := <-p.in:
					p.add(w)
				default:
					more = false
				}
			}
		case s := <-p.settled:
			p.settle(s)
		case <-retry.C:
		case <-p.log.ctx.Done():
			p.close()
			return
		}
		if wait := p.dispatch(); wait > 0 {
			retry.Reset(wait)
		}
	}
}

func (p *producer) add(w *write) {
	p.queued += w.size
	for i := range w.entries {
		e := &w.entries[i]
		q := p.queues[e.to]
		if q == nil {
			q = &queue{Partition: e.to, written: p.log.metrics.produced.WithLabelValues(e.to.Stream)}
			p.queues[e.to], p.order = q, append(p.order, q)
		}
		q.entries = append(q.entries, e)
	}
}

// dispatch sends to each broker that is free what waits for it. It returns how
// long until a partition may be tried again, 0 if none waits for that.
func (p *producer) dispatch() time.Duration {
	var who leaders
	var now, next time.Time
	byBroker := map[int32][]*queue{}
	bytes := map[int32]int{}
	for _, q := range p.order {
		if len(q.entries) == 0 || q.sent > 0 {
			continue
		}
		if q.failures > 0 {
			if now.IsZero() {
				now = time.Now()
			}
			if q.not.After(now) {
				if next.IsZero() || q.not.Before(next) {
					next = q.not
				}
				continue
			}
			p.forget(q)
			if len(q.entries) == 0 {
				continue
			}
		}
		if who == nil {
			var err error
			if who, err = p.log.leaders(p.log.ctx); err != nil {
				p.failed(q, err)
				if next.IsZero() || q.not.Before(next) {
					next = q.not
				}
				who = leaders{}
				continue
			}
		}
		b := who.of(q.Partition)
		if b < 0 {
			p.failed(q, kafka.LeaderNotAvailable)
			if next.IsZero() || q.not.Before(next) {
				next = q.not
			}
			continue
		}
		if p.busy[b] || bytes[b] > maxRequestBytes-maxBatchBytes {
			continue
		}
		for n := 0; q.sent < len(q.entries) && (q.most == 0 || q.sent < q.most); q.sent++ {
			if n += q.entries[q.sent].size; n > maxBatchBytes && q.sent > 0 {
				break
			}
			bytes[b] += q.entries[q.sent].size
		}
		byBroker[b] = append(byBroker[b], q)
	}
	for b, qs := range byBroker {
		p.busy[b] = true
		p.send(b, qs)
	}
	if next.IsZero() {
		return 0
	}
	return max(time.Until(next), time.Millisecond)
}

// send makes one request of what is marked sent in the queues.
func (p *producer) send(broker int32, qs []*queue) {
	l := p.log
	req := &produceapi.Request{Acks: -1, Timeout: int32(requestTimeout.Milliseconds())}
	topics := map[string]int{}
	for _, q := range qs {
		i, ok := topics[q.Stream]
		if !ok {
			i = len(req.Topics)
			topics[q.Stream] = i
			req.Topics = append(req.Topics, produceapi.RequestTopic{Topic: l.topics[streamIndex(q.Stream)]})
		}
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, produceapi.RequestPartition{
			Partition: int32(q.Number), RecordSet: protocol.RecordSet{Attributes: l.codec, Records: &entries{left: q.entries[:q.sent:q.sent]}},
		})
	}
	l.running.Go(func() {
		ctx, cancel := context.WithTimeout(l.ctx, requestTimeout+time.Second)
		defer cancel()
		s := sent{broker: broker, queues: qs}
		if m, err := l.transport.RoundTrip(ctx, l.addr, req); err != nil {
			s.err = err
		} else {
			s.answers = make(map[Partition]produced, len(qs))
			for _, t := range m.(*produceapi.Response).Topics {
				for _, a := range t.Partitions {
					s.answers[Partition{t.Topic[len(l.prefix):], int(a.Partition)}] = produced{kafka.Error(a.ErrorCode), a.BaseOffset}
				}
			}
		}
		select {
		case p.settled <- s:
		case <-l.ctx.Done():
		}
	})
}

// entries gives records to kafka-go's encoder, one after the other in the same
// room.
type entries struct {
	left   []*entry
	record protocol.Record
}

func (r *entries) ReadRecord() (*protocol.Record, error) {
	if len(r.left) == 0 {
		return nil, io.EOF
	}
	e := r.left[0]
	r.left = r.left[1:]
	r.record = protocol.Record{Time: e.at, Key: protocol.NewBytes(e.record.Key), Value: protocol.NewBytes(e.record.Value), Headers: r.record.Headers[:0]}
	for _, h := range e.record.Headers {
		r.record.Headers = append(r.record.Headers, protocol.Header(h))
	}
	return &r.record, nil
}

// settle takes the outcome of a request.
func (p *producer) settle(s sent) {
	delete(p.busy, s.broker)
	for _, q := range s.queues {
		n := q.sent
		q.sent = 0
		a, answered := s.answers[q.Partition]
		code := a.code
		switch {
		case s.err != nil:
			p.failed(q, s.err)
		case !answered:
			p.failed(q, io.ErrUnexpectedEOF)
		case code == 0:
			if q.failures > 2 {
				p.log.logger.Info("stream: writes again", "stream", q.Stream, "partition", q.Number)
			}
			q.failures, q.most = 0, 0
			q.written.Add(float64(n))
			for i, e := range q.entries[:n] {
				e.offset = a.first + int64(i)
			}
			p.drop(q, n, nil)
		case refused(code) && n == 1:
			q.most = 0
			p.drop(q, 1, fmt.Errorf("produce: record of %s, %d bytes: %w: %w", q.Stream, q.entries[0].size, offers.ErrInvalid, code))
		case refused(code):
			q.most = n / 2 // one of them is to blame: find it
		case errors.Is(failed("", code), offers.ErrDenied):
			p.drop(q, n, failed("produce to "+q.Stream, code))
		default:
			p.failed(q, code)
		}
	}
}

// refused tells the errors that are a record's own fault.
func refused(e kafka.Error) bool {
	switch e {
	case kafka.MessageSizeTooLarge, kafka.RecordListTooLarge, kafka.InvalidRecord, kafka.InvalidTimestamp, kafka.PolicyViolation:
		return true
	}
	return false
}

// failed puts a partition off.
func (p *producer) failed(q *queue, err error) {
	q.failures++
	q.not = time.Now().Add(backoff(q.failures))
	p.log.metrics.failures.WithLabelValues("produce").Inc()
	if q.failures == 3 {
		p.log.logger.Warn("stream: cannot write, trying again", "stream", q.Stream, "partition", q.Number, "err", err)
	}
	for _, e := range q.entries {
		if e.last.Load() == nil || q.failures < 4 {
			e.last.Store(&err)
		}
	}
	p.log.refresh()
}

// drop settles the first n of a queue.
func (p *producer) drop(q *queue, n int, err error) {
	for _, e := range q.entries[:n] {
		p.queued -= e.size
		e.settle(err)
	}
	if q.entries = q.entries[n:]; len(q.entries) == 0 {
		q.entries = nil // the encoder may still look at the array
	}
}

// forget settles what nobody waits for any more.
func (p *producer) forget(q *queue) {
	var kept []*entry
	for _, e := range q.entries {
		if err := e.ctx.Err(); err != nil {
			p.queued -= e.size
			e.settle(e.gaveUp(err))
			continue
		}
		kept = append(kept, e)
	}
	q.entries = kept
}

func (p *producer) close() {
	for _, q := range p.order {
		for _, e := range q.entries {
			e.settle(e.gaveUp(errClosed))
		}
	}
	for {
		select {
		case w := <-p.in:
			w.done <- w.gaveUp(errClosed)
		default:
			return
		}
	}
}

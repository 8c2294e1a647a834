package console

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
)

// A live feed is a stream of server-sent events. Two kinds of events go over
// it: of what is (positions, figures) the latest wins, and what nobody has
// read yet is replaced; of what happens (offers, redemptions) every one is
// queued, has an id, and is told again to whoever comes back with the last id
// that they had.
const (
	feedQueue    = 256              // events that a reader may be behind
	feedReplay   = 2_000            // events that are told again
	feedHeart    = 5 * time.Second  // between heartbeats
	feedDeadline = 10 * time.Second // to write what was flushed; then the reader is let go
	feedsMost    = 2_000            // open feeds, of all readers
)

// frame is one event as it goes over the wire.
type frame struct {
	id    int64 // 0: it is not told again
	event string
	data  []byte
}

func frameOf(event string, v any) (frame, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return frame{}, fmt.Errorf("feed: %s: %w: %w", event, offers.ErrInvalid, err)
	}
	return frame{event: event, data: data}, nil
}

// append writes the frame as the HTML standard says (section 9.2.6). The data
// is JSON on one line.
func (f *frame) append(b []byte) []byte {
	if f.id != 0 {
		b = append(b, "id: "...)
		b = strconv.AppendInt(b, f.id, 10)
		b = append(b, '\n')
	}
	b = append(b, "event: "...)
	b = append(b, f.event...)
	b = append(b, "\ndata: "...)
	b = append(b, f.data...)
	return append(b, "\n\n"...)
}

// reader is one open feed. Safe for concurrent use.
type reader struct {
	wake  chan struct{} // something is there to be read
	stays func() bool   // whether it may still read; nil: it may

	mu     sync.Mutex // guards the rest
	latest []frame    // of what is: one of each event, in the order of first writing
	queue  []frame    // of what happened
	behind bool       // the queue was full: a new snapshot is due
}

func newReader() *reader { return &reader{wake: make(chan struct{}, 1)} }

// put queues an event, or replaces the one that was not read yet.
func (r *reader) put(f frame) {
	r.mu.Lock()
	switch {
	case f.id == 0:
		r.replace(f)
	case len(r.queue) < feedQueue:
		r.queue = append(r.queue, f)
	default:
		// What was missed is in the snapshot, or can be asked for.
		r.queue, r.behind = nil, true
	}
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default: // it is awake already
	}
}

// renew has the reader begin anew.
func (r *reader) renew() {
	r.mu.Lock()
	r.behind = true
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *reader) replace(f frame) {
	for i := range r.latest {
		if r.latest[i].event == f.event {
			r.latest[i] = f
			return
		}
	}
	r.latest = append(r.latest, f)
}

// take is what there is to be read, what happened first.
func (r *reader) take() (frames []frame, behind bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	frames, behind = append(r.queue, r.latest...), r.behind
	r.queue, r.latest, r.behind = nil, nil, false
	return frames, behind
}

// ids are given to what happens. They are microseconds since 1970, and grow
// also where the clock does not: so they grow across restarts too, and a
// reader who comes back after one is told what they missed. Safe for
// concurrent use.
type ids struct {
	mu   sync.Mutex // guards last
	last int64
}

func (i *ids) next(at time.Time) int64 {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last = max(i.last+1, at.UnixMicro())
	return i.last
}

// replay remembers what happened lately.
type replay struct {
	frames []frame // a ring, oldest at start
	start  int
}

func (r *replay) add(f frame) {
	if len(r.frames) < feedReplay {
		r.frames = append(r.frames, f)
		return
	}
	r.frames[r.start] = f
	r.start = (r.start + 1) % len(r.frames)
}

// since is what happened after an id.
func (r *replay) since(id int64) []frame {
	var missed []frame
	for i := range r.frames {
		if f := r.frames[(r.start+i)%len(r.frames)]; f.id > id {
			missed = append(missed, f)
		}
	}
	return missed
}

// lastEventID is the id that a reader says to have had last; 0 if none.
func lastEventID(c *fiber.Ctx) int64 {
	id, err := strconv.ParseInt(c.Get("Last-Event-ID"), 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// serveFeed answers with a feed: first what begin gives, then what the reader
// is told, until it goes away, does not read, or the console ends. Ended is
// called at the end.
//
// A write timeout of the server would cut healthy feeds, and without one a
// reader who stalls would keep its place for ever. So each flush has a
// deadline of its own, which the connection's next user does not inherit.
func (s *Service) serveFeed(c *fiber.Ctx, app string, r *reader, begin func(ctx context.Context) ([]frame, error), ended func()) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	first, err := begin(ctx)
	cancel()
	if err != nil {
		ended()
		return err
	}
	c.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-store, no-transform")
	c.Set("X-Accel-Buffering", "no")                        // nginx would hold it back
	conn, closing := c.Context().Conn(), c.Context().Done() // of the server; taken now, the context is used again
	s.metrics.feeds.WithLabelValues(app).Inc()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer ended()
		defer s.metrics.feeds.WithLabelValues(app).Dec()
		defer conn.SetWriteDeadline(time.Time{}) //nolint:errcheck // it is closed, then
		s.feed(w, conn, closing, app, r, first, begin)
	})
	return nil
}

func (s *Service) feed(w *bufio.Writer, conn net.Conn, closing <-chan struct{}, app string, r *reader, frames []frame, begin func(ctx context.Context) ([]frame, error)) {
	heart := time.NewTicker(feedHeart)
	defer heart.Stop()
	var b []byte
	send := func(frames []frame) bool {
		b = b[:0]
		for i := range frames {
			b = frames[i].append(b)
		}
		if conn.SetWriteDeadline(time.Now().Add(feedDeadline)) != nil {
			return false
		}
		if _, err := w.Write(b); err != nil {
			return false
		}
		return w.Flush() == nil
	}
	if !send(append([]frame{{event: "heartbeat", data: heartbeat(time.Now())}}, frames...)) {
		return
	}
	for {
		select {
		case <-s.quit:
			return
		case <-closing: // an open feed would hold the server's shutdown up
			return
		case now := <-heart.C:
			if r.stays != nil && !r.stays() {
				return
			}
			if !send([]frame{{event: "heartbeat", data: heartbeat(now)}}) {
				return
			}
		case <-r.wake:
			frames, behind := r.take()
			if behind {
				s.metrics.dropped.WithLabelValues(app).Inc()
				ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
				again, err := begin(ctx)
				cancel()
				if err != nil {
					return // they come back, and are told what they missed
				}
				frames = append(again, frames...)
			}
			if !send(frames) {
				return
			}
		}
	}
}

func heartbeat(now time.Time) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"at":%q}`, now.UTC().Format(time.RFC3339Nano))
	return b.Bytes()
}

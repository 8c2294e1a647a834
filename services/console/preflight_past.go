package console

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/stream"
)

// How far a look at the past goes, and how many go on at a time: each reads the
// log, decodes it and decides it anew.
const (
	pastEvents  = 50_000 // newest, of a partition; and as many decisions
	pastWithin  = 45 * time.Second
	pastsAtOnce = 2
	pastWaits   = 5 * time.Second        // for one of them to end
	pastTells   = 300 * time.Millisecond // between two words on how far it is
)

// covered is how much of the past a look at it has seen.
type covered struct {
	Events     int       `json:"events"`
	Decisions  int       `json:"decisions"`
	From       time.Time `json:"from,omitzero"` // when the log had the first of them
	Until      time.Time `json:"until,omitzero"`
	Partitions int       `json:"partitions"` // read to their end
	Of         int       `json:"of"`
	Bounded    bool      `json:"bounded"`   // the log has more than is looked at
	TimedOut   bool      `json:"timed_out"` // it took too long: shoppers of the other partitions are not in it
}

// look is what looks at the past: partition by partition, and in each of them what
// was decided just before the event that woke it.
type look struct {
	begin    func(partition int)
	meet     func(ctx context.Context, first map[offers.ShopperID]time.Time) error // whom it meets for the first time; may be nil
	decided  func(d *offers.Decision)
	happened func(offset int64, e *offers.Event)
	ended    func() // a partition is read to its end; may be nil
}

// past shows a look what the log holds, and tells now and then how far it is. The
// time is up where ctx is, which is no error: what was seen is said.
func (s *Service) past(ctx context.Context, l look, tell func(covered)) (covered, error) {
	c := covered{Of: s.log.Partitions()}
	for n := range c.Of {
		l.begin(n)
		err := s.pastOf(ctx, n, l, &c, tell)
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			c.TimedOut = true
			return c, nil
		}
		if err != nil {
			return c, fmt.Errorf("what was, in partition %d: %w", n, err)
		}
		if l.ended != nil {
			l.ended()
		}
		c.Partitions++
		tell(c)
	}
	return c, nil
}

func (s *Service) pastOf(ctx context.Context, partition int, l look, c *covered, tell func(covered)) error {
	events, err := s.newest(ctx, stream.Events, partition, &c.Bounded)
	if err != nil {
		return err
	}
	decisions, err := s.newest(ctx, stream.Decisions, partition, &c.Bounded)
	if err != nil {
		return err
	}
	met := map[offers.ShopperID]bool{}
	var d *offers.Decision // the next
	told := time.Now()
	for {
		chunk, err := events.more(ctx, s.log)
		if err != nil || len(chunk) == 0 {
			return err
		}
		happened := make([]offers.Event, len(chunk))
		first := map[offers.ShopperID]time.Time{}
		for i := range chunk {
			e := &happened[i]
			if chunk[i].Decode(e) != nil {
				*e = offers.Event{} // it lies in quarantine
			}
			if _, ok := first[e.Shopper]; e.Shopper != "" && !met[e.Shopper] && !ok {
				first[e.Shopper] = e.Time
			}
		}
		for id := range first {
			met[id] = true
		}
		if l.meet != nil && len(first) > 0 {
			if err := l.meet(ctx, first); err != nil {
				return err
			}
		}
		for i := range chunk {
			r := &chunk[i]
			for d == nil || d.Offset <= r.Offset {
				if d != nil {
					l.decided(d)
					c.Decisions++
				}
				if d, err = decisions.next(ctx, s.log); err != nil {
					return err
				}
				if d == nil {
					break
				}
			}
			l.happened(r.Offset, &happened[i])
			c.seen(r.Time)
		}
		if time.Since(told) > pastTells {
			told = time.Now()
			tell(*c)
		}
	}
}

func (c *covered) seen(at time.Time) {
	c.Events++
	if c.From.IsZero() || at.Before(c.From) {
		c.From = at
	}
	if at.After(c.Until) {
		c.Until = at
	}
}

// newest is a reader of the end of a partition, as it is now.
func (s *Service) newest(ctx context.Context, of string, partition int, bounded *bool) (*pastReader, error) {
	first, end, err := s.log.Span(ctx, of, partition)
	if err != nil {
		return nil, err
	}
	r := &pastReader{stream: of, partition: partition, at: max(first, end-pastEvents), end: end}
	if r.at > 0 { // what was before is not looked at, or gone
		*bounded = true
	}
	return r, nil
}

// pastReader reads a stretch of a partition.
type pastReader struct {
	stream    string
	partition int
	at, end   int64
	chunk     []stream.Record // not given yet
}

// more is the next part of it, nothing at the end.
func (r *pastReader) more(ctx context.Context, log *stream.Log) ([]stream.Record, error) {
	if r.at >= r.end {
		return nil, nil
	}
	chunk, err := log.Chunk(ctx, r.stream, r.partition, r.at, r.end)
	if err == nil && len(chunk) > 0 {
		r.at = chunk[len(chunk)-1].Offset + 1
	}
	return chunk, err
}

// next is the next decision, nil at the end. What cannot be read is none.
func (r *pastReader) next(ctx context.Context, log *stream.Log) (*offers.Decision, error) {
	for {
		for len(r.chunk) > 0 {
			record := &r.chunk[0]
			r.chunk = r.chunk[1:]
			d := new(offers.Decision)
			if record.Decode(d) == nil && d.ID != "" {
				return d, nil
			}
		}
		chunk, err := r.more(ctx, log)
		if err != nil || len(chunk) == 0 {
			return nil, err
		}
		r.chunk = chunk
	}
}

const ndjson = "application/x-ndjson"

// pastLine is one line of an answer that takes its time: how far it is, and at the
// end what came of it, or why nothing did.
type pastLine struct {
	Progress *covered `json:"progress,omitempty"`
	Report   any      `json:"report,omitempty"`
	Problem  string   `json:"problem,omitempty"`
}

// answerPast answers with lines of JSON (application/x-ndjson) while a look at the
// past goes on.
func (s *Service) answerPast(c *fiber.Ctx, report func(ctx context.Context, tell func(covered)) (any, error)) error {
	return s.look(c, ndjson, func(ctx context.Context, w *bufio.Writer, flush func() error) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		tell := func(line pastLine) {
			if sendLine(w, flush, line) != nil {
				cancel() // they went away
			}
		}
		out, err := report(ctx, func(now covered) { tell(pastLine{Progress: &now}) })
		switch {
		case err == nil:
			tell(pastLine{Report: out})
		case !errors.Is(ctx.Err(), context.Canceled):
			tell(pastLine{Problem: "A part of the house does not answer now. Try again in a moment."})
			return err
		}
		return nil
	})
}

// look answers bit by bit while a look at the past goes on, of which there are
// few at a time. It ends in time, with the house, or when whoever asked goes
// away: flush fails then.
func (s *Service) look(c *fiber.Ctx, contentType string, past func(ctx context.Context, w *bufio.Writer, flush func() error) error) error {
	select {
	case s.looking <- struct{}{}:
	case <-time.After(pastWaits):
		return fiber.NewError(fiber.StatusTooManyRequests, "Others are looking at the past now: try again in a minute.")
	}
	c.Set(fiber.HeaderContentType, contentType)
	c.Set(fiber.HeaderCacheControl, "no-store, no-transform")
	c.Set("X-Accel-Buffering", "no") // nginx would hold it back
	conn := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer func() { <-s.looking }()
		defer conn.SetWriteDeadline(time.Time{}) //nolint:errcheck // it is closed, then
		ctx, cancel := context.WithTimeout(context.Background(), pastWithin)
		var watching sync.WaitGroup
		defer watching.Wait()
		defer cancel()
		watching.Go(func() {
			select {
			case <-s.quit:
				cancel()
			case <-ctx.Done():
			}
		})
		gone := false
		flush := func() error {
			err := conn.SetWriteDeadline(time.Now().Add(feedDeadline))
			if err == nil {
				err = w.Flush()
			}
			gone = gone || err != nil
			return err
		}
		if err := past(ctx, w, flush); err != nil && !gone && !errors.Is(ctx.Err(), context.Canceled) {
			s.logger.Error("console: a look at the past failed", "err", err)
		}
	})
	return nil
}

func sendLine(w *bufio.Writer, flush func() error, line pastLine) error {
	b, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	if _, err := w.Write(append(b, '\n')); err != nil {
		return err
	}
	return flush()
}

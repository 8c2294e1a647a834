package notifier

import (
	"context"
	"fmt"
	"time"

	"github.com/goccy/go-json"

	"aisle/offers"
	"aisle/services/stream"
)

// logged is a change on its way to the log.
type logged struct {
	task  *task
	code  string
	entry string
}

// source is what the notifier's records say they come from.
const source = "aisle/notifier"

// note counts a change and sends it to the log. It is kept in state already, so
// that it is not lost if this process ends before the log has it; readers know
// a record that they get twice by the delivery's id and state.
func (n *Notifier) note(t *task, code, entry string) {
	if c, ok := parseChange(entry); ok {
		n.metrics.count(t, c)
	}
	n.changes <- logged{t, code, entry}
}

// journalTimeout bounds how long one write to the log is tried here. The poll
// tries again after that.
const journalTimeout = 5 * time.Second

// journal writes changes to the log, as many at once as have come up, until the
// channel is closed.
func (n *Notifier) journal() {
	for first := range n.changes {
		batch := []logged{first}
		for more := true; more && len(batch) < cap(n.changes); {
			select {
			case next, ok := <-n.changes:
				if more = ok; ok {
					batch = append(batch, next)
				}
			default:
				more = false
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), journalTimeout)
		if err := n.write(ctx, batch); err != nil {
			n.logger.Warn("deliveries not on the log yet", "count", len(batch), "err", err)
		}
		cancel()
	}
}

// write puts changes on the log, and then forgets that it has to.
func (n *Notifier) write(ctx context.Context, batch []logged) error {
	records := make([]stream.Record, 0, len(batch))
	for _, l := range batch {
		c, ok := parseChange(l.entry)
		if !ok {
			continue
		}
		d := l.task.delivery(c, l.code)
		value, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("delivery %s: %w: %w", d.ID, offers.ErrInvalid, err)
		}
		id := string(d.ID) + "-" + string(d.State)
		if d.Status != "" {
			id += "-" + d.Status
		}
		records = append(records, stream.Record{
			Stream: stream.Deliveries, Key: []byte(d.Shopper), Value: value,
			Headers: stream.Headers(id, source, "delivery_"+string(d.State), d.At, stream.ChildSpan(l.task.Trace, id)),
		})
	}
	if len(records) == 0 {
		return nil
	}
	if err := n.log.Produce(ctx, records...); err != nil {
		return err
	}
	pipe := n.state.Client().Pipeline()
	for _, l := range batch {
		pipe.LRem(ctx, unloggedKey(l.task.Partition), 1, l.entry)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("deliveries: %w: %w", offers.ErrUnavailable, err)
	}
	return nil
}

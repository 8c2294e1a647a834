package notifier

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"aisle/offers"
	"aisle/services/notifier/channel"
)

// deliver makes one attempt.
func (n *Notifier) deliver(ctx context.Context, t *task) {
	f, code, err := n.look(ctx, t)
	if err != nil {
		n.unavailable(ctx, t, err)
		return
	}
	c, err := n.claim(ctx, t, f, code, 0)
	if err == nil && c.verdict == verdictCheck {
		c, err = n.check(ctx, t, f, code, c)
	}
	if err != nil {
		n.unavailable(ctx, t, err)
		return
	}
	labels := string(t.Channel)
	switch c.verdict {
	case verdictGo:
		n.metrics.claimed.WithLabelValues(labels).Inc()
		n.send(ctx, t, f, code, c.attempt)
	case verdictRefused, verdictHeld:
		n.note(t, code, c.change)
	case verdictCheck, verdictBusy, verdictDone:
	}
}

// check finds out what became of an attempt whose outcome is not known: sent, or
// surely not, whereupon the guard is asked again. The verdict is verdictCheck
// while it stays unknown.
func (n *Notifier) check(ctx context.Context, t *task, f *facts, code string, c claimed) (claimed, error) {
	id, found := c.sid, c.sid != ""
	if !found {
		var err error
		if id, found, err = n.channels[t.Channel].Find(ctx, t.message(f.to, f.text, code)); err != nil {
			n.metrics.unknown.WithLabelValues(string(t.Channel)).Inc()
			n.logger.Warn("outcome of a delivery stays unknown", "delivery", t.ID, "err", err)
			_, err = n.settle(ctx, t, c.attempt, outcome{state: "unknown", again: again(c.attempt, n.config.Recheck)})
			return claimed{verdict: verdictCheck}, err
		}
	}
	if !found {
		return n.claim(ctx, t, f, code, c.attempt)
	}
	n.metrics.found.WithLabelValues(string(t.Channel)).Inc()
	n.finish(ctx, t, code, c.attempt, outcome{state: "sent", providerID: id, detail: "found at the provider after an attempt without an answer"})
	return claimed{verdict: verdictCheck}, nil
}

// send carries the message and settles how that ended.
func (n *Notifier) send(ctx context.Context, t *task, f *facts, code string, attempt int64) {
	// Nothing is sent so late that another attempt might have begun.
	sctx, cancel := context.WithTimeout(ctx, n.config.Lease/2)
	id, err := n.channels[t.Channel].Send(sctx, t.message(f.to, f.text, code))
	cancel()
	var o outcome
	switch {
	case err == nil:
		o = outcome{state: "sent", providerID: id}
	case errors.Is(err, channel.ErrOptedOut):
		o = outcome{state: "refused", refusal: offers.RefusedConsent, detail: "the provider says that this number has opted out"}
		if err := n.optOut(ctx, t.Shopper, t.Partition, f.to, "optout-"+string(t.ID), n.channels[t.Channel].Provider()+" opt-out", t.Trace); err != nil {
			// The provider refuses the next one as well, and then it is kept.
			n.logger.Error("opt-out not kept", "delivery", t.ID, "err", err)
		}
	case errors.Is(err, channel.ErrUnknown):
		o = outcome{state: "unknown", again: again(attempt, n.config.Recheck)}
		n.metrics.unknown.WithLabelValues(string(t.Channel)).Inc()
		n.logger.Warn("outcome of a delivery unknown", "delivery", t.ID, "attempt", attempt, "err", err)
	case errors.Is(err, offers.ErrUnavailable):
		o = outcome{state: "retry", again: again(attempt, time.Second)}
		n.metrics.retried.WithLabelValues(string(t.Channel)).Inc()
		n.logger.Warn("delivery to be tried again", "delivery", t.ID, "attempt", attempt, "err", err)
	default:
		o = outcome{state: "failed", detail: err.Error()}
	}
	n.finish(ctx, t, code, attempt, o)
}

// finish settles an attempt and puts what changed on the log.
func (n *Notifier) finish(ctx context.Context, t *task, code string, attempt int64, o outcome) {
	entry, err := n.settle(ctx, t, attempt, o)
	if err != nil {
		// It stays sending until its lease ends, and is checked then.
		n.metrics.unsettled.Inc()
		n.logger.Error("delivery not settled", "delivery", t.ID, "outcome", o.state, "err", err)
		return
	}
	if o.state == "sent" {
		n.metrics.eventToSend.WithLabelValues(string(t.Channel)).Observe(time.Since(t.Received).Seconds())
	}
	if entry != "" {
		n.note(t, code, entry)
	}
}

// unavailable postpones a delivery that the guard could not decide.
func (n *Notifier) unavailable(ctx context.Context, t *task, err error) {
	n.metrics.unavailable.Inc()
	n.logger.Debug("delivery postponed", "delivery", t.ID, "err", err)
	n.postpone(ctx, t, time.Now().Add(time.Second))
}

// longestBackoff bounds the time between two attempts.
const longestBackoff = time.Minute

// again is when to try again after so many attempts: each time twice as late,
// spread so that those that failed together do not come back together.
func again(attempt int64, first time.Duration) time.Time {
	wait := min(first<<min(attempt-1, 6), max(longestBackoff, first))
	return time.Now().Add(wait + rand.N(wait/4+1))
}

package notifier

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"aisle/offers"
	"aisle/services/notifier/channel"
	"aisle/services/state"
	"aisle/services/stream"
)

// deliver makes one attempt.
func (n *Notifier) deliver(ctx context.Context, t *task) {
	if left := n.pauses[t.Channel].left(); left > 0 {
		n.postpone(ctx, t, time.Now().Add(left+rand.N(time.Second)))
		return
	}
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
		id, found, err = n.channels[t.Channel].Find(ctx, t.message(f, code))
		if errors.Is(err, channel.ErrBlind) {
			return n.checkLog(ctx, t, code, c)
		}
		if err != nil {
			n.metrics.unknown.WithLabelValues(string(t.Channel)).Inc()
			n.logger.Warn("outcome of a delivery stays unknown", "delivery", t.ID, "err", err)
			_, err = n.settle(ctx, t, c.attempt, outcome{state: "unknown", again: retryAt(c.attempt, n.config.Recheck)})
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
	var o outcome
	id, err := n.carry(ctx, t, f, code)
	switch {
	case err == nil:
		o = outcome{state: "sent", providerID: id}
	case errors.Is(err, state.ErrOutOfStock):
		o = outcome{state: "refused", refusal: offers.RefusedStock, detail: err.Error()}
	case errors.Is(err, state.ErrOverBudget):
		o = outcome{state: "refused", refusal: offers.RefusedBudget, detail: err.Error()}
	case errors.Is(err, channel.ErrNoAddress):
		o = outcome{state: "refused", refusal: offers.RefusedNoAddress, detail: err.Error()}
	case errors.Is(err, channel.ErrOptedOut):
		o = outcome{state: "refused", refusal: offers.RefusedConsent, detail: "the provider says that this number has opted out"}
		if err := n.optOut(ctx, t.Shopper, t.Partition, f.to, "optout-"+string(t.ID), n.channels[t.Channel].Provider()+" opt-out", t.Trace); err != nil {
			// The provider refuses the next one as well, and then it is kept.
			n.logger.Error("opt-out not kept", "delivery", t.ID, "err", err)
		}
	case errors.Is(err, channel.ErrUnknown):
		o = outcome{state: "unknown", again: retryAt(attempt, n.config.Recheck)}
		n.metrics.unknown.WithLabelValues(string(t.Channel)).Inc()
		n.logger.Warn("outcome of a delivery unknown", "delivery", t.ID, "attempt", attempt, "err", err)
	case errors.Is(err, offers.ErrUnavailable):
		o = outcome{state: "retry", again: retryAt(attempt, time.Second)}
		if wait, ok := errors.AsType[*channel.WaitError](err); ok {
			n.pauses[t.Channel].until(time.Now().Add(min(wait.For, longestPause)))
			o.again = time.Now().Add(wait.For + rand.N(wait.For/4+time.Second))
		}
		n.metrics.retried.WithLabelValues(string(t.Channel)).Inc()
		n.logger.Warn("delivery to be tried again", "delivery", t.ID, "attempt", attempt, "err", err)
	default:
		o = outcome{state: "failed", detail: err.Error()}
	}
	n.finish(ctx, t, code, attempt, o)
}

// carry takes one of the offer's stock and sends. Nothing is sent so late that
// another attempt might have begun.
func (n *Notifier) carry(ctx context.Context, t *task, f *facts, code string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, n.config.Lease/2)
	defer cancel()
	if f.unit.Limited() {
		if err := n.state.ReserveUnit(ctx, f.unit, time.Now()); err != nil {
			return "", err
		}
	}
	return n.channels[t.Channel].Send(ctx, t.message(f, code))
}

// checkLog finds out what became of an attempt by a channel that nobody can be
// asked about: what the log does not know as sent is not sent again either.
func (n *Notifier) checkLog(ctx context.Context, t *task, code string, c claimed) (claimed, error) {
	records, err := n.log.Newest(ctx, stream.Deliveries, t.Partition, logLooked)
	if err != nil {
		return claimed{}, err
	}
	o := outcome{state: "failed", detail: "it is not known whether it was sent, and the provider cannot be asked"}
	for i := range records {
		var d offers.Delivery
		if records[i].Decode(&d) == nil && d.ID == t.ID && d.State.Shown() {
			o = outcome{state: "sent", providerID: d.ProviderID}
		}
	}
	n.finish(ctx, t, code, c.attempt, o)
	return claimed{verdict: verdictCheck}, nil
}

// logLooked is how many of a partition's latest deliveries are looked through.
const logLooked = 5000

// finish settles an attempt and puts what changed on the log.
func (n *Notifier) finish(ctx context.Context, t *task, code string, attempt int64, o outcome) {
	entry, err := n.settle(ctx, t, attempt, o)
	if err != nil {
		// It stays sending until its lease ends, and is checked then.
		n.metrics.unsettled.Inc()
		n.logger.Error("delivery not settled", "delivery", t.ID, "outcome", o.state, "err", err)
		if o.state == "sent" { // which state may never hear of, but the log can
			n.note(t, code, change{
				id: t.ID, state: offers.DeliverySent, at: time.Now(), provider: n.channels[t.Channel].Provider(), providerID: o.providerID,
			}.String())
		}
		return
	}
	if o.state == "sent" {
		n.metrics.eventToSend.WithLabelValues(string(t.Channel)).Observe(time.Since(t.Received).Seconds())
	}
	if entry != "" {
		n.note(t, code, entry)
	}
	if o.state == "failed" || o.state == "refused" {
		n.release(ctx, t)
	}
}

// release gives back what of the offer's stock a delivery had taken.
func (n *Notifier) release(ctx context.Context, t *task) {
	if u := unitOf(t, n.campaignOf(t)); u.Limited() {
		if err := n.state.ReleaseUnit(ctx, u); err != nil {
			n.logger.Warn("stock of an offer not given back before it expires", "delivery", t.ID, "err", err)
		}
	}
}

// unavailable postpones a delivery that the guard could not decide.
func (n *Notifier) unavailable(ctx context.Context, t *task, err error) {
	n.metrics.unavailable.Inc()
	n.logger.Debug("delivery postponed", "delivery", t.ID, "err", err)
	n.postpone(ctx, t, time.Now().Add(time.Second))
}

// longestPause bounds how long a provider can have a whole channel wait.
const longestPause = 10 * time.Minute

// pause is until when a provider wants to be left alone. Safe for concurrent use.
type pause struct{ ms atomic.Int64 }

func (p *pause) until(t time.Time) { p.ms.Store(t.UnixMilli()) }

func (p *pause) left() time.Duration { return time.Until(time.UnixMilli(p.ms.Load())) }

// longestBackoff bounds the time between two attempts.
const longestBackoff = time.Minute

// retryAt is when to try again after so many attempts: each time twice as late,
// spread so that those that failed together do not come back together.
func retryAt(attempt int64, first time.Duration) time.Time {
	wait := min(first<<min(attempt-1, 6), max(longestBackoff, first))
	return time.Now().Add(wait + rand.N(wait/4+1))
}

package notifier

import (
	"context"
	"errors"
	"strings"
	"time"

	"aisle/offers"
	"aisle/services/notifier/channel"
	"aisle/services/state"
)

// Notices are what somebody asked for a moment ago: codes to sign in with. They
// go past the guard, which protects people from what they did not ask for, and
// past the log. Who asks how often is the console's to bound.
const (
	noticesEvery = 250 * time.Millisecond
	noticeTries  = 3
	noticePrefix = "notice-" // of their ids, by which what providers tell of them is known
)

// carryNotices sends those that wait.
func (n *Notifier) carryNotices(ctx context.Context) error {
	for {
		notice, ok, err := n.state.TakeNotice(ctx)
		if err != nil || !ok {
			return err
		}
		n.carryNotice(ctx, notice)
	}
}

// carryNotice sends one. It is tried again only where it surely was not sent.
func (n *Notifier) carryNotice(ctx context.Context, notice state.Notice) {
	by := n.channels[notice.Channel]
	if by == nil || time.Now().After(notice.Until) {
		n.logger.Warn("a notice cannot be sent", "channel", notice.Channel, "late", by != nil)
		return
	}
	m := channel.Message{
		Delivery: offers.DeliveryID(noticePrefix + notice.ID), To: notice.To, Title: notice.Title, Text: notice.Text,
		Language: notice.Language, Created: time.Now(),
	}
	for try := 1; ; try++ {
		sctx, cancel := context.WithTimeout(ctx, n.config.Lease/2)
		_, err := by.Send(sctx, m)
		cancel()
		if err == nil {
			return
		}
		if !errors.Is(err, offers.ErrUnavailable) || try == noticeTries || ctx.Err() != nil {
			n.logger.Warn("a notice was not sent", "channel", notice.Channel, "err", err)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Duration(try) * time.Second):
		}
	}
}

// isNotice tells whether what a provider tells is of a notice: nobody waits for it.
func isNotice(id offers.DeliveryID) bool { return strings.HasPrefix(string(id), noticePrefix) }

// Package sandbox shows text messages on a page instead of sending them, for
// demonstrations and for trying campaigns out.
package sandbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"aisle/services/notifier/channel"
	"aisle/services/state"
)

// sender is what the page shows as the number that sent.
const sender = "Aisle"

// Channel keeps the last messages in state. Safe for concurrent use.
type Channel struct {
	store    *state.Store
	segments func(text string) (int, string)
}

// New makes the channel. Segments counts what a text would be charged as.
func New(store *state.Store, segments func(text string) (int, string)) *Channel {
	return &Channel{store, segments}
}

// Provider is sandbox.
func (*Channel) Provider() string { return "sandbox" }

// Send shows a message. It is shown once, however often it is sent.
func (c *Channel) Send(ctx context.Context, m channel.Message) (string, error) {
	n, _ := c.segments(m.Text)
	err := c.store.AddSandboxMessage(ctx, state.SandboxMessage{
		ID: string(m.Delivery), Decision: m.Entry.Decision, Shopper: m.Shopper,
		To: m.To, From: sender, Body: m.Text, Segments: n, Trace: m.Trace, At: time.Now(),
	})
	if err != nil {
		return "", fmt.Errorf("sandbox: %w: %w", channel.ErrUnknown, err)
	}
	return string(m.Delivery), nil
}

// Find looks among the messages that are shown.
func (c *Channel) Find(ctx context.Context, m channel.Message) (string, bool, error) {
	shown, err := c.store.SandboxMessages(ctx)
	if err != nil {
		return "", false, err
	}
	found := slices.ContainsFunc(shown, func(s state.SandboxMessage) bool { return s.ID == string(m.Delivery) })
	return string(m.Delivery), found, nil
}

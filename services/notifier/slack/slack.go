// Package slack tells staff in a channel of theirs, by an incoming webhook: of
// Slack, or of Mattermost and others that understand the same.
//
// Its rules: a text says what it says, whatever names are in it; it calls nobody
// by name and everybody never. The address is a secret and in no error.
package slack

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/goccy/go-json"

	"aisle/offers"
	"aisle/services/door/outside"
	"aisle/services/notifier/channel"
)

// Config is the webhook.
type Config struct {
	URL     string        `yaml:"url"`     // https://hooks.slack.com/services/…; empty: there is none
	Private bool          `yaml:"private"` // it may stand in this network, and without TLS
	Timeout time.Duration `yaml:"timeout"` // of one call; default 10 s
}

// longestTimeout leaves a call time to end before another process takes it over.
const longestTimeout = 15 * time.Second

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	if c.Timeout < 0 || c.Timeout > longestTimeout {
		return fmt.Errorf("slack: %w: timeout is at most %s", offers.ErrInvalid, longestTimeout)
	}
	if c.URL == "" {
		return nil
	}
	if err := outside.Check(c.URL, c.Private); err != nil {
		return fmt.Errorf("slack: url: %w", err)
	}
	return nil
}

// Webhook posts into one channel. Safe for concurrent use.
type Webhook struct {
	url   string
	http  *http.Client
	pause atomic.Int64 // Unix ms until which it wants to be left alone
}

// New makes a webhook.
func New(c Config) (*Webhook, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.URL == "" {
		return nil, fmt.Errorf("slack: %w: url is missing", offers.ErrInvalid)
	}
	return &Webhook{url: c.URL, http: outside.Client(cmp.Or(c.Timeout, 10*time.Second), c.Private)}, nil
}

// longestPause bounds how long the webhook can have itself left alone.
const longestPause = 10 * time.Minute

// Post says a text once. An error that is offers.ErrUnavailable says that it was
// not said and may be later; by any other nobody knows, or it never can be.
func (w *Webhook) Post(ctx context.Context, text string) error {
	if time.Now().UnixMilli() < w.pause.Load() {
		return fmt.Errorf("slack: %w: it wants to be left alone", offers.ErrUnavailable)
	}
	body, err := json.Marshal(map[string]string{"text": Escape(text)})
	if err != nil {
		return fmt.Errorf("slack: %w: %w", offers.ErrInvalid, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("slack: %w: the address cannot be called", offers.ErrInvalid)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Aisle")
	_, err = channel.Call(w.http, req)
	if wait, ok := errors.AsType[*channel.WaitError](err); ok {
		w.pause.Store(time.Now().Add(min(wait.For, longestPause)).UnixMilli())
	}
	switch refused, ok := errors.AsType[*url.Error](err); {
	case err == nil:
		return nil
	case errors.Is(err, channel.ErrNoAddress): // the channel or its webhook is gone: until somebody mends that
		err = fmt.Errorf("%w: no such webhook, or none that may be called", offers.ErrUnavailable)
	case ok: // names the address
		err = fmt.Errorf("%w: %w", kindOf(err), refused.Err)
	}
	return fmt.Errorf("slack: %w", err)
}

// kindOf is what an error says of the message.
func kindOf(err error) error {
	if errors.Is(err, channel.ErrUnknown) {
		return channel.ErrUnknown
	}
	return offers.ErrUnavailable
}

// longest bounds a text, in characters: Slack advises 4,000.
const longest = 3500

// escapes are Slack's own, without which a text can hold links and call people
// (<!channel>), and one for servers where an @ alone does.
var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@\u200b")

// Escape makes a text say what it says.
func Escape(text string) string {
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	return escapes.Replace(strings.ToValidUTF8(text, "\ufffd"))
}

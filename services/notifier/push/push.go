// Package push carries offers as notifications: to every browser that a shopper
// subscribed with, also while the app is closed.
//
// Its rules: a message is sealed for the browser alone, so that its push service
// carries what it cannot read; it is carried no longer than its offer holds; a
// browser that is gone is forgotten. The same offer sent twice replaces itself,
// at the push service by its topic and on the screen by its tag.
//
// The sealing is ours, over the standard library's curves and hashes, and held
// against the RFC's own example: the library for it signs every message anew and
// computes on curves by arithmetic that Go has given up.
package push

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-json"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/door/outside"
	"aisle/services/notifier/channel"
)

// Config says how notifications are sent. The zero Config works.
type Config struct {
	Contact string        `yaml:"contact"` // whom a push service writes to when something is wrong: mailto:… or https://…; default public_url
	Private bool          `yaml:"private"` // push services of this network and without TLS are called too
	Timeout time.Duration `yaml:"timeout"` // of one request; default 10 s
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	if c.Timeout < 0 {
		return fmt.Errorf("push: %w: timeout is not negative", offers.ErrInvalid)
	}
	if c.Contact != "" && !strings.HasPrefix(c.Contact, "mailto:") && !strings.HasPrefix(c.Contact, "https://") {
		return fmt.Errorf("push: %w: contact begins with mailto: or https://", offers.ErrInvalid)
	}
	return nil
}

// Channel notifies browsers. Safe for concurrent use.
type Channel struct {
	config  Config
	catalog *catalog.Catalog
	voucher *voucher
	http    *http.Client
	app     string // where the shopper's app is
}

// New makes the channel. Key is the catalog's PushKey, publicURL where phones
// reach this house.
func New(c Config, cat *catalog.Catalog, key *ecdh.PrivateKey, publicURL string) (*Channel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c.Timeout = cmp.Or(c.Timeout, 10*time.Second)
	publicURL = strings.TrimSuffix(publicURL, "/")
	v, err := newVoucher(key, cmp.Or(c.Contact, publicURL))
	if err != nil {
		return nil, err
	}
	return &Channel{c, cat, v, outside.Client(c.Timeout, c.Private), publicURL + "/shopper/"}, nil
}

// Provider is push.
func (*Channel) Provider() string { return "push" }

// note is what the browser reads. Its form is that of declarative web push,
// which some browsers show by themselves; others hand it to the service worker.
type note struct {
	WebPush      int          `json:"web_push"`
	Notification notification `json:"notification"`
}

type notification struct {
	Title     string `json:"title"`
	Body      string `json:"body,omitempty"`
	Navigate  string `json:"navigate"`
	Tag       string `json:"tag"`
	Lang      string `json:"lang,omitempty"`
	Timestamp int64  `json:"timestamp"` // in Unix ms
}

// noteOf is what is shown of a message.
func (c *Channel) noteOf(m *channel.Message) ([]byte, error) {
	n := notification{
		Title: cmp.Or(m.Title, m.Entry.Offer.Title), Body: cmp.Or(m.Text, m.Entry.Offer.Body), Lang: m.Language,
		Navigate: c.app + "#/offers/" + url.PathEscape(string(m.Entry.Decision)), Tag: string(m.Entry.Decision), Timestamp: m.Entry.At.UnixMilli(),
	}
	for {
		body, err := json.Marshal(note{8030, n})
		if err != nil {
			return nil, fmt.Errorf("push: %w: %w", offers.ErrInvalid, err)
		}
		if len(body) <= longest {
			return body, nil
		}
		over := len(body) - longest
		shorter := []rune(n.Body)
		if len(shorter) == 0 {
			return nil, fmt.Errorf("push: %w: the title is too long", offers.ErrInvalid)
		}
		n.Body = string(shorter[:max(len(shorter)-over, 0)]) // a rune is a byte at least
	}
}

// Send notifies every browser of the shopper. It is sent if one of them is: the
// others hear nothing more of this offer, for who has seen it would hear it twice.
func (c *Channel) Send(ctx context.Context, m channel.Message) (string, error) {
	browsers, err := c.catalog.Subscriptions(ctx, append([]offers.ShopperID{m.Shopper}, m.Before...)...)
	if err != nil {
		return "", fmt.Errorf("push: %w: %w", offers.ErrUnavailable, err)
	}
	body, err := c.noteOf(&m)
	if err != nil {
		return "", err
	}
	id := ""
	failed := fmt.Errorf("push: %w: no browser has subscribed", channel.ErrNoAddress)
	for _, browser := range browsers {
		got, err := c.post(ctx, &m, browser, body)
		switch {
		case err == nil:
			id = cmp.Or(id, got)
		case errors.Is(err, channel.ErrNoAddress):
			if err := c.catalog.GoneSubscription(ctx, browser); err != nil {
				return "", fmt.Errorf("push: %w: %w", offers.ErrUnavailable, err)
			}
		default:
			failed = err
		}
	}
	if id != "" {
		return id, nil
	}
	return "", failed
}

// Find says that nothing was sent: what is sent again replaces itself.
func (*Channel) Find(context.Context, channel.Message) (string, bool, error) { return "", false, nil }

// urgent is how soon an offer ends that may wake a sleeping phone (RFC 8030,
// section 5.3). Others wait until it is awake.
const urgent = 30 * time.Minute

// post hands a notification to a browser's push service. The error is
// ErrNoAddress if the browser is gone.
func (c *Channel) post(ctx context.Context, m *channel.Message, to catalog.PushSubscription, message []byte) (string, error) {
	now := time.Now()
	if err := outside.Check(to.Endpoint, c.config.Private); err != nil {
		return "", fmt.Errorf("push: %w: %w", channel.ErrNoAddress, err)
	}
	browser, err := ecdh.P256().NewPublicKey(to.P256dh)
	if err != nil {
		return "", fmt.Errorf("push: %w: the browser's key is none: %w", channel.ErrNoAddress, err)
	}
	ours, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return "", fmt.Errorf("push: %w: %w", offers.ErrUnavailable, err)
	}
	salt := make([]byte, saltSize)
	rand.Read(salt)
	body, err := encrypt(message, padding(len(message)), browser, to.Auth, ours, salt)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.Endpoint, bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("push: %w: %w", offers.ErrInvalid, err)
	}
	vouched, err := c.voucher.header(req.URL, now)
	if err != nil {
		return "", err
	}
	left := max(m.Entry.Expires.Sub(now), 0)
	urgency := "normal"
	if left < urgent {
		urgency = "high"
	}
	topic := sha256.Sum256([]byte(m.Entry.Decision))
	for name, value := range map[string]string{
		"Authorization": vouched, "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream",
		"TTL": strconv.Itoa(int(left.Seconds())), "Urgency": urgency, "Topic": encode(topic[:24]),
	} {
		req.Header.Set(name, value)
	}
	header, err := channel.Call(c.http, req)
	if err != nil {
		return "", fmt.Errorf("push: %w", err)
	}
	return cmp.Or(header.Get("Location"), "accepted"), nil
}

// Package webhook hands offers to a system of the shop's own, which carries
// them further: to its own app, to a screen, to its customer database.
//
// Its rules are those of Standard Webhooks (standardwebhooks.com): a call is
// signed with each of the secrets, so that they can be changed without a gap,
// and bears the delivery's id, by which its receiver knows one that comes again.
package webhook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-json"

	"aisle/offers"
	"aisle/services/door/outside"
	"aisle/services/notifier/channel"
)

// Config is the system that is called.
type Config struct {
	URL     string        `yaml:"url"`     // https://…; empty: there is none
	Secrets []string      `yaml:"secrets"` // what calls are signed with, as whsec_…; the newest first, an old one beside it while it is changed
	Private bool          `yaml:"private"` // it may stand in this network, and without TLS
	Timeout time.Duration `yaml:"timeout"` // of one call; default 10 s
}

// secretPrefix is what Standard Webhooks begin their secrets with.
const secretPrefix = "whsec_"

// Secrets have 24 to 64 bytes by the standard.
const (
	shortestSecret = 24
	longestSecret  = 64
	mostSecrets    = 4
)

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	_, err := c.keys()
	return err
}

// keys are the secrets as bytes, none without a URL.
func (c Config) keys() ([][]byte, error) {
	wrong := func(text string) error { return fmt.Errorf("webhook: %w: %s", offers.ErrInvalid, text) }
	if c.URL == "" {
		return nil, nil
	}
	if err := outside.Check(c.URL, c.Private); err != nil {
		return nil, fmt.Errorf("webhook: url: %w", err)
	}
	if len(c.Secrets) == 0 || len(c.Secrets) > mostSecrets {
		return nil, wrong("secrets are one to four: a call without a signature proves nothing")
	}
	if c.Timeout < 0 {
		return nil, wrong("timeout is not negative")
	}
	var keys [][]byte
	for _, secret := range c.Secrets {
		rest, ok := strings.CutPrefix(secret, secretPrefix)
		key, err := base64.StdEncoding.DecodeString(rest)
		if !ok || err != nil || len(key) < shortestSecret || len(key) > longestSecret {
			return nil, wrong("a secret is whsec_ and 24 to 64 bytes in base64")
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// Channel calls the system. Safe for concurrent use.
type Channel struct {
	config Config
	keys   [][]byte
	http   *http.Client
}

// New makes the channel.
func New(c Config) (*Channel, error) {
	keys, err := c.keys()
	if err != nil {
		return nil, err
	}
	if c.URL == "" {
		return nil, fmt.Errorf("webhook: %w: url is missing", offers.ErrInvalid)
	}
	c.Timeout = cmp.Or(c.Timeout, 10*time.Second)
	return &Channel{c, keys, outside.Client(c.Timeout, c.Private)}, nil
}

// Provider is webhook.
func (*Channel) Provider() string { return "webhook" }

// call is what the system is told.
type call struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"` // of the decision
	Data      data      `json:"data"`
}

// data is the offer, for whom, and until when.
type data struct {
	Delivery offers.DeliveryID `json:"delivery"`
	Decision offers.DecisionID `json:"decision"`
	Shopper  offers.ShopperID  `json:"shopper"`
	Campaign offers.CampaignID `json:"campaign"`
	Offer    offers.OfferID    `json:"offer"`
	Title    string            `json:"title"`
	Text     string            `json:"text,omitempty"`
	Language string            `json:"language,omitempty"`
	Link     string            `json:"link,omitempty"`
	Code     string            `json:"code"`
	Shop     offers.ShopID     `json:"shop,omitempty"`
	Zone     offers.ZoneID     `json:"zone,omitempty"`
	Expires  time.Time         `json:"expires"`
}

// Send calls the system once. Its answer says whether it has the offer.
func (c *Channel) Send(ctx context.Context, m channel.Message) (string, error) {
	body, err := json.Marshal(call{"offer.made", m.Entry.At, data{
		Delivery: m.Delivery, Decision: m.Entry.Decision, Shopper: m.Shopper, Campaign: m.Entry.Campaign, Offer: m.Entry.Offer.ID,
		Title: cmp.Or(m.Title, m.Entry.Offer.Title), Text: cmp.Or(m.Text, m.Entry.Offer.Body), Language: m.Language, Link: m.Link,
		Code: m.Entry.Code, Shop: m.Entry.Shop, Zone: m.Entry.Zone, Expires: m.Entry.Expires,
	}})
	if err != nil {
		return "", fmt.Errorf("webhook: %w: %w", offers.ErrInvalid, err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.config.URL, bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("webhook: %w: %w", offers.ErrInvalid, err)
	}
	id, at := string(m.Delivery), strconv.FormatInt(time.Now().Unix(), 10)
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "Aisle",
		"Webhook-Id": id, "Webhook-Timestamp": at, "Webhook-Signature": sign(c.keys, id, at, body),
	} {
		req.Header.Set(name, value)
	}
	if m.Trace != "" {
		req.Header.Set("Traceparent", m.Trace)
	}
	if _, err := channel.Call(c.http, req); err != nil {
		return "", fmt.Errorf("webhook: %w", err)
	}
	return id, nil
}

// Find says that nothing was sent: its receiver knows the id of what comes again.
func (*Channel) Find(context.Context, channel.Message) (string, bool, error) { return "", false, nil }

// sign is the signature of each key over the id, the time and the body.
func sign(keys [][]byte, id, at string, body []byte) string {
	all := make([]string, len(keys))
	for i, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + at + "."))
		mac.Write(body)
		all[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(all, " ")
}

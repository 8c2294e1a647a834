// Package email carries offers as letters, by the shop's own mail server.
//
// Its rules: nothing goes over a line that is not sealed, unless the house is
// told so; what a marketer or a shopper wrote never becomes a header of its own;
// every letter has a link that ends them with one click. A server that took a
// letter cannot be asked for it later: one whose fate is not known is not
// written again.
package email

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/notifier/channel"
)

// Config is the mail server, and who writes.
type Config struct {
	Host     string        `yaml:"host"` // empty: there is none
	Port     int           `yaml:"port"` // default 587, or 465 with tls: implicit
	TLS      string        `yaml:"tls"`  // starttls (the default), implicit, or none
	Username string        `yaml:"username"`
	Password string        `yaml:"password"`
	From     string        `yaml:"from"` // "Shoe Shop <offers@shop.example>"
	ReplyTo  string        `yaml:"reply_to"`
	Timeout  time.Duration `yaml:"timeout"` // of one letter; default 15 s

	trust *tls.Config // of tests
}

func (c Config) withDefaults() Config {
	c.TLS, c.Timeout = cmp.Or(c.TLS, "starttls"), cmp.Or(c.Timeout, 15*time.Second)
	if c.Port == 0 {
		c.Port = 587
		if c.TLS == "implicit" {
			c.Port = 465
		}
	}
	return c
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	wrong := func(text string) error { return fmt.Errorf("email: %w: %s", offers.ErrInvalid, text) }
	if c.Host == "" {
		return nil
	}
	c = c.withDefaults()
	if c.TLS != "starttls" && c.TLS != "implicit" && c.TLS != "none" {
		return wrong("tls is starttls, implicit or none")
	}
	if c.Port < 0 || c.Port > 65535 || c.Timeout < 0 {
		return wrong("port and timeout are not negative")
	}
	if (c.Username == "") != (c.Password == "") {
		return wrong("username and password go together")
	}
	if c.Username != "" && c.TLS == "none" {
		return wrong("a password does not go over a line that everybody reads: choose starttls or implicit")
	}
	if _, err := netmail.ParseAddress(c.From); err != nil {
		return wrong("from is an address, as Shoe Shop <offers@shop.example>")
	}
	if _, err := netmail.ParseAddress(c.ReplyTo); c.ReplyTo != "" && err != nil {
		return wrong("reply_to is an address")
	}
	return nil
}

// Channel writes letters. Safe for concurrent use.
type Channel struct {
	config    Config
	client    *mail.Client
	publicURL string
	key       []byte
	domain    string // of the sender, for the names of letters
}

// New makes the channel. PublicURL is where the links lead that end letters, key
// what they are signed with.
func New(c Config, publicURL string, key []byte) (*Channel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	options := []mail.Option{mail.WithPort(c.Port), mail.WithTimeout(c.Timeout), mail.WithoutNoop()}
	switch c.TLS {
	case "implicit":
		options = append(options, mail.WithSSL())
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if c.trust != nil {
		options = append(options, mail.WithTLSConfig(c.trust))
	}
	if c.Username != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(c.Username), mail.WithPassword(c.Password))
	}
	client, err := mail.NewClient(c.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("email: %w: %w", offers.ErrInvalid, err)
	}
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("email: %w: %w", offers.ErrInvalid, err)
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	return &Channel{c, client, strings.TrimSuffix(publicURL, "/"), key, domain}, nil
}

// Provider is email.
func (*Channel) Provider() string { return "email" }

// Send hands a letter to the mail server.
func (c *Channel) Send(ctx context.Context, m channel.Message) (string, error) {
	letter, err := c.letter(&m)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	err = c.client.DialAndSendWithContext(ctx, letter)
	if err == nil || letter.IsDelivered() { // saying goodbye may fail
		return letter.GetMessageID(), nil
	}
	return "", explain(err)
}

// Find says that there is nobody to ask.
func (*Channel) Find(context.Context, channel.Message) (string, bool, error) {
	return "", false, fmt.Errorf("email: %w", channel.ErrBlind)
}

// explain says what an error means for the letter.
func explain(err error) error {
	sent, ok := errors.AsType[*mail.SendError](err)
	code := 0
	if ok {
		code = sent.ErrorCode()
	} else if answer, ok := errors.AsType[*textproto.Error](err); ok {
		code = answer.Code
	}
	err = fmt.Errorf("email: %w", err)
	switch {
	case !ok: // before the first word of the letter: the server or the account, not the letter
		return fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
	case sent.Reason == mail.ErrSMTPDataClose && code == 0: // all of it was said, and nothing was answered
		return fmt.Errorf("%w: %w", channel.ErrUnknown, err)
	case code >= 400 && code < 500:
		return fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
	case code >= 500 && sent.Reason == mail.ErrSMTPRcptTo:
		return fmt.Errorf("%w: %w", channel.ErrNoAddress, err)
	case code >= 500:
		return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	default: // the line broke before the letter's end
		return fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
	}
}

// letter writes a message down, as text and as a page.
func (c *Channel) letter(m *channel.Message) (*mail.Msg, error) {
	wrong := func(what string, err error) error {
		return fmt.Errorf("email: %s: %w: %w", what, offers.ErrInvalid, err)
	}
	letter := mail.NewMsg()
	if err := letter.From(c.config.From); err != nil {
		return nil, wrong("from", err)
	}
	to, err := netmail.ParseAddress(m.To)
	if err != nil || to.Address != m.To {
		return nil, fmt.Errorf("email: %w: this is none", channel.ErrNoAddress)
	}
	letter.ToMailAddress(to)
	if c.config.ReplyTo != "" {
		if err := letter.ReplyTo(c.config.ReplyTo); err != nil {
			return nil, wrong("reply_to", err)
		}
	}
	p := page{
		Language: cmp.Or(oneLine(m.Language), "en"), Title: oneLine(cmp.Or(m.Title, m.Entry.Offer.Title)), Text: cmp.Or(m.Text, m.Entry.Offer.Body),
		Link: cmp.Or(m.Link, c.publicURL+"/shopper/#/offers/"+url.PathEscape(string(m.Entry.Decision))), Leave: c.leave(m.Shopper, time.Now()),
	}
	if !strings.Contains(p.Text, m.Entry.Code) {
		p.Code = m.Entry.Code
	}
	letter.Subject(p.Title)
	// The same offer has the same name, by which mailboxes know it again.
	name := sha256.Sum256([]byte(m.Delivery))
	letter.SetMessageIDWithValue(hex.EncodeToString(name[:16]) + "@" + c.domain)
	letter.SetDate()
	letter.SetListUnsubscribe(p.Leave)
	letter.SetListUnsubscribePost()
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.SetGenHeader("Content-Language", p.Language)
	if m.Trace != "" {
		letter.SetGenHeader("X-Traceparent", oneLine(m.Trace))
	}
	var text strings.Builder
	for _, part := range []string{p.Title, p.Text, p.codeLine(), p.Link, "No more of these: " + p.Leave} {
		if part != "" {
			text.WriteString(part + "\n\n")
		}
	}
	letter.SetBodyString(mail.TypeTextPlain, text.String())
	var html bytes.Buffer
	if err := layout.Execute(&html, p); err != nil {
		return nil, wrong("page", err)
	}
	letter.AddAlternativeString(mail.TypeTextHTML, html.String())
	return letter, nil
}

// oneLine takes what would begin another header out of a line.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }), " ")
}

// page is what a letter shows.
type page struct {
	Language, Title, Text, Code, Link, Leave string
}

func (p page) codeLine() string {
	if p.Code == "" {
		return ""
	}
	return "Your code: " + p.Code
}

// Lines are the paragraphs of the text.
func (p page) Lines() []string { return strings.Split(strings.TrimSpace(p.Text), "\n") }

var layout = template.Must(template.New("letter").Parse(`<!doctype html>
<html lang="{{.Language}}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>{{.Title}}</title></head>
<body style="margin:0 auto;padding:24px;max-width:560px;font:16px/1.5 system-ui,sans-serif">
<h1 style="font-size:22px;line-height:1.3;margin:0 0 16px">{{.Title}}</h1>
{{range .Lines}}<p style="margin:0 0 12px">{{.}}</p>
{{end}}{{with .Code}}<p style="margin:0 0 12px">Your code: <strong style="font-family:ui-monospace,monospace;letter-spacing:.08em">{{.}}</strong></p>
{{end}}<p style="margin:24px 0"><a href="{{.Link}}" style="display:inline-block;padding:10px 18px;border-radius:8px;background:#1f5fd6;color:#fff;text-decoration:none">See the offer</a></p>
<p style="margin:32px 0 0;font-size:13px;opacity:.75">You agreed to get offers by e-mail. <a href="{{.Leave}}" style="color:inherit">No more of these</a></p>
</body>
</html>
`))

// Links that end letters hold for longer than anybody keeps one.
const (
	leavePurpose = "unsubscribe"
	leaveTime    = 400 * 24 * time.Hour
	leavePath    = "/v1/email/unsubscribe"
)

// leave is the link by which a shopper ends the letters.
func (c *Channel) leave(shopper offers.ShopperID, now time.Time) string {
	return c.publicURL + leavePath + "?t=" + url.QueryEscape(catalog.SignToken(c.key, leavePurpose, shopper, now.Add(leaveTime)))
}

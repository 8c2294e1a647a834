// Package twilio carries offers as text messages through Twilio, and hears from
// it what became of them and what shoppers answer.
//
// Its rules: a request whose outcome is not known is never repeated before
// Twilio was asked for the message; what claims to come from Twilio is believed
// only with its signature.
package twilio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twilio/twilio-go"
	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"
	"golang.org/x/time/rate"

	"aisle/offers"
	"aisle/offers/message"
	"aisle/services/notifier/channel"
)

// Config is the account that sends.
type Config struct {
	AccountSID string `yaml:"account_sid"`
	AuthToken  string `yaml:"auth_token"` // also what Twilio signs its callbacks with
	From       string `yaml:"from"`       // the sender, E.164 or an alphanumeric id
	// MessagingServiceSID sends from a pool of senders instead of From.
	MessagingServiceSID string `yaml:"messaging_service_sid"`
	// Edge and Region are where Twilio is entered and where it keeps what it is
	// told, as dublin and ie1; default Twilio's own choice. A BaseURL goes before.
	Edge    string        `yaml:"edge"`
	Region  string        `yaml:"region"`
	BaseURL string        `yaml:"base_url"` // default https://api.twilio.com, or that of Edge and Region
	Timeout time.Duration `yaml:"timeout"`  // of one request; default 10 s
	// SegmentsPerSecond is what the sender may send, of which each process takes its
	// share: one of a long code in the USA, a hundred of a short code. What is more
	// waits here, where guards still see it, and not in Twilio's queue. 0: any number.
	SegmentsPerSecond float64 `yaml:"segments_per_second"`
}

// edgeName is what an edge or a region is called: a part of a host's name.
var edgeName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// host is where Twilio's API is by edge and region (twilio.com/docs/global-infrastructure).
func (c Config) host() string {
	region := c.Region
	if c.Edge != "" && region == "" {
		region = "us1"
	}
	parts := slices.DeleteFunc([]string{"api", c.Edge, region, "twilio.com"}, func(s string) bool { return s == "" })
	return strings.Join(parts, ".")
}

// WithDefaults fills in what is not set.
func (c Config) WithDefaults() Config {
	if c.BaseURL == "" {
		c.BaseURL = "https://" + c.host()
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	return c
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	wrong := func(text string) error { return fmt.Errorf("twilio: %w: %s", offers.ErrInvalid, text) }
	switch base, err := url.Parse(c.WithDefaults().BaseURL); {
	case !strings.HasPrefix(c.AccountSID, "AC"):
		return wrong("account_sid begins with AC")
	case c.AuthToken == "":
		return wrong("auth_token is missing")
	case (c.From == "") == (c.MessagingServiceSID == ""):
		return wrong("one of from and messaging_service_sid is set")
	case err != nil || base.Host == "":
		return wrong("base_url is no address")
	case c.Timeout < 0 || c.SegmentsPerSecond < 0:
		return wrong("numbers and times are not negative")
	case c.Edge != "" && !edgeName.MatchString(c.Edge), c.Region != "" && !edgeName.MatchString(c.Region):
		return wrong("edge and region are names such as dublin and ie1")
	}
	return nil
}

// Reaches tells whether Twilio could call an address: the real one reaches none
// of this machine or of a private network, and refuses messages that name one
// (21609). Another base URL may.
func (c Config) Reaches(address string) bool {
	base, err := url.Parse(c.WithDefaults().BaseURL)
	if err != nil || !strings.HasSuffix(base.Hostname(), "twilio.com") {
		return err == nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := u.Hostname()
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsUnspecified() && !ip.IsLinkLocalUnicast()
	}
	return strings.Contains(host, ".") && !strings.HasSuffix(host, ".local") && !strings.HasSuffix(host, ".localhost")
}

// Channel sends through Twilio. Safe for concurrent use.
type Channel struct {
	config   Config
	base     *url.URL
	callback string
	http     http.RoundTripper
	pace     *rate.Limiter // segments; nil: as they come
	credit   *client.Credentials
}

// New makes a channel. Callback is the public address that Twilio tells what
// became of a message, with a query of ours; empty: it is not told.
func New(c Config, callback string) (*Channel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	base, err := url.Parse(c.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("twilio: base_url: %w: %w", offers.ErrInvalid, err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	transport.ResponseHeaderTimeout = c.Timeout
	ch := &Channel{
		config: c, base: base, callback: callback, http: transport,
		credit: client.NewCredentials(c.AccountSID, c.AuthToken),
	}
	if c.SegmentsPerSecond > 0 {
		ch.pace = rate.NewLimiter(rate.Limit(c.SegmentsPerSecond), max(int(c.SegmentsPerSecond), mostSegments))
	}
	return ch, nil
}

// Provider is twilio.
func (*Channel) Provider() string { return "twilio" }

// mostSegments are those of the longest message that Twilio takes, in UCS-2.
const mostSegments = 24

// turn waits for nobody: a message whose turn has not come is told when it may
// come again.
func (c *Channel) turn(m channel.Message) error {
	if c.pace == nil {
		return nil
	}
	segments, _ := message.Segments(m.Text)
	turn := c.pace.ReserveN(time.Now(), segments)
	if wait := turn.Delay(); wait > 0 {
		turn.Cancel()
		return &channel.WaitError{For: wait, Err: fmt.Errorf("twilio: %w: the sender has sent as much as it may", offers.ErrUnavailable)}
	}
	return nil
}

// limits of ValidityPeriod, in seconds (Twilio's Message resource).
const (
	shortestValidity = 6
	longestValidity  = 36000
)

// Send asks Twilio to carry a message. Twilio drops it by itself once the offer
// has expired.
func (c *Channel) Send(ctx context.Context, m channel.Message) (string, error) {
	if err := c.turn(m); err != nil {
		return "", err
	}
	params := (&api.CreateMessageParams{}).SetTo(m.To).SetBody(m.Text)
	if c.config.MessagingServiceSID != "" {
		params.SetMessagingServiceSid(c.config.MessagingServiceSID)
	} else {
		params.SetFrom(c.config.From)
	}
	if c.callback != "" {
		params.SetStatusCallback(c.callback + "?delivery=" + url.QueryEscape(string(m.Delivery)))
	}
	if left := time.Until(m.Entry.Expires); !m.Entry.Expires.IsZero() {
		params.SetValidityPeriod(int(min(max(left.Seconds(), shortestValidity), longestValidity)))
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	service, call := c.service(ctx, m.Trace)
	sent, err := service.CreateMessage(params)
	if err == nil && (sent.Sid == nil || *sent.Sid == "") {
		err = errors.New("answer without a sid")
	}
	if err != nil {
		return "", call.explain(err)
	}
	return *sent.Sid, nil
}

// searched is how many of a receiver's latest messages Find looks through.
const searched = 100

// Find looks for a message among the latest to the same number. It does not
// filter by DateSent: a message that still waits in Twilio's queue has none.
func (c *Channel) Find(ctx context.Context, m channel.Message) (string, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	service, call := c.service(ctx, m.Trace)
	params := (&api.ListMessageParams{}).SetTo(m.To).SetPageSize(searched).SetLimit(searched)
	page, err := service.PageMessage(params, "", "")
	if err != nil {
		return "", false, fmt.Errorf("twilio: looking for a message: %w: %w", offers.ErrUnavailable, call.explain(err))
	}
	for _, got := range page.Messages {
		if got.Sid == nil || got.Body == nil || !same(*got.Body, m) || before(got.DateCreated, m.Created) {
			continue
		}
		return *got.Sid, true, nil
	}
	return "", false, nil
}

// clocksApart bounds how far Twilio's clock and ours are from each other.
const clocksApart = 5 * time.Minute

// before tells whether Twilio took a message before ours was there.
func before(date *string, created time.Time) bool {
	if date == nil {
		return false
	}
	at, err := time.Parse(time.RFC1123Z, *date)
	return err == nil && at.Before(created.Add(-clocksApart))
}

// same tells whether a body that Twilio keeps is that of the message: by the
// redemption code, which no other decision has, as Twilio may have replaced
// characters ("smart encoding"); by the whole text where the code is not in it.
func same(body string, m channel.Message) bool {
	if strings.Contains(m.Text, m.Entry.Code) && m.Entry.Code != "" {
		return strings.Contains(body, m.Entry.Code)
	}
	return body == m.Text
}

// service is Twilio's client for one call: twilio-go takes no context, so the
// call's transport carries it, with what is learned of the outcome.
func (c *Channel) service(ctx context.Context, trace string) (*api.ApiService, *call) {
	k := &call{ctx: ctx, base: c.base, trace: trace, next: c.http}
	base := &client.Client{Credentials: c.credit, HTTPClient: &http.Client{
		Transport:     k,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	base.SetAccountSid(c.config.AccountSID)
	return twilio.NewRestClientWithParams(twilio.ClientParams{Client: base}).Api, k
}

// call is the transport of one call.
type call struct {
	ctx   context.Context
	base  *url.URL
	trace string
	next  http.RoundTripper

	wrote  atomic.Bool // some of the request may have reached Twilio
	status int         // of the answer; 0: none
	after  string      // its Retry-After
}

// biggestAnswer bounds what is read of an answer.
const biggestAnswer = 4 << 20

// RoundTrip sends the request to the configured address.
func (k *call) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := httptrace.WithClientTrace(k.ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { k.wrote.Store(true) },
	})
	req = req.Clone(ctx)
	req.URL.Scheme, req.URL.Host, req.Host = k.base.Scheme, k.base.Host, k.base.Host
	req.URL.Path = strings.TrimSuffix(k.base.Path, "/") + req.URL.Path
	if k.trace != "" {
		req.Header.Set("traceparent", k.trace)
	}
	res, err := k.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	k.status, k.after = res.StatusCode, res.Header.Get("Retry-After")
	// twilio-go leaves the body of an error open, and its connection with it.
	body, err := io.ReadAll(io.LimitReader(res.Body, biggestAnswer))
	res.Body.Close()
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

// Twilio's codes that mean something to us (twilio.com/docs/api/errors).
const (
	codeAuthenticate = 20003
	codeOptedOut     = 21610
	codeQueueFull    = 21611
	codeTooMany      = 20429
	codeConcurrency  = 14107
)

// explain says what an error means for the message.
func (k *call) explain(err error) error {
	code := 0
	if refused, ok := errors.AsType[*client.TwilioRestError](err); ok {
		code = refused.Code
		err = fmt.Errorf("%d: %s", refused.Code, refused.Message)
	}
	switch {
	case k.status == 0 && !k.wrote.Load():
		return fmt.Errorf("twilio: %w: %w", offers.ErrUnavailable, err)
	case k.status == 0:
		return fmt.Errorf("twilio: no answer: %w: %w", channel.ErrUnknown, err)
	case code == codeOptedOut:
		return fmt.Errorf("twilio: %w: %w", channel.ErrOptedOut, err)
	case k.status == http.StatusTooManyRequests, code == codeTooMany, code == codeQueueFull, code == codeConcurrency:
		err = fmt.Errorf("twilio: too many messages: %w: %w", offers.ErrUnavailable, err)
		if wait := k.wait(time.Now()); wait > 0 {
			return &channel.WaitError{For: wait, Err: err}
		}
		return err
	case k.status == http.StatusUnauthorized, code == codeAuthenticate:
		// The account is wrong, not the message: it waits until that is mended.
		return fmt.Errorf("twilio: the account is refused: %w: %w", offers.ErrUnavailable, err)
	case k.status == http.StatusRequestTimeout, k.status >= 500, k.status < 400:
		return fmt.Errorf("twilio: answer %d: %w: %w", k.status, channel.ErrUnknown, err)
	default:
		return fmt.Errorf("twilio: %w: %w", offers.ErrInvalid, err)
	}
}

// wait is how long Twilio wants to be left alone: seconds, or a date.
func (k *call) wait(now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(k.after); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(k.after); err == nil {
		return at.Sub(now)
	}
	return 0
}

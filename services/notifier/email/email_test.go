package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/notifier/channel"
)

// server is a mail server. It answers each step with what it is told to.
type server struct {
	t     *testing.T
	host  string
	port  int
	trust *tls.Config

	rcpt, data error // what it answers
	hangUp     bool  // in place of an answer to a letter

	mu      sync.Mutex
	user    string
	sealed  bool
	from    string
	to      []string
	letters []string
}

func newServer(t *testing.T, implicit, starttls bool) *server {
	t.Helper()
	// Its certificate is for 127.0.0.1.
	web := httptest.NewTLSServer(http.NotFoundHandler())
	web.Close()
	s := &server{t: t, trust: &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "127.0.0.1"}}
	s.trust.RootCAs.AddCert(web.Certificate())
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.host, s.port = "127.0.0.1", ln.Addr().(*net.TCPAddr).Port
	srv := smtp.NewServer(s)
	srv.Domain, srv.ReadTimeout, srv.WriteTimeout = "mx.example", 20*time.Second, 20*time.Second
	certificates := &tls.Config{Certificates: web.TLS.Certificates}
	if starttls {
		srv.TLSConfig = certificates
	}
	if implicit {
		ln = tls.NewListener(ln, certificates)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(ln) }()
	t.Cleanup(func() { srv.Close(); <-done })
	return s
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, sealed := c.TLSConnectionState()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sealed = sealed
	return &session{s, c}, nil
}

type session struct {
	*server
	conn *smtp.Conn
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "shop" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = append(s.to, to)
	return s.rcpt
}

func (s *session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hangUp {
		s.conn.Conn().Close()
	}
	if s.data == nil {
		s.letters = append(s.letters, string(body))
	}
	return s.data
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

func (s *server) config() Config {
	return Config{Host: s.host, Port: s.port, From: "Schuh & Söhne <offers@shop.example>", Timeout: 20 * time.Second, trust: s.trust}
}

func newChannel(t *testing.T, c Config) *Channel {
	t.Helper()
	ch, err := New(c, "https://shop.example/", []byte("a key that nobody else has"))
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

func message() channel.Message {
	return channel.Message{
		Delivery: "3-17-0-email", Shopper: "mia", To: "mia@example.com", Title: "20% auf Läufer", Text: "Zwei Gänge weiter.\nBis heute Abend <8>.", Language: "de",
		Entry: offers.Inbox{Decision: "3-17-0", Code: "7K2M9QXA", Expires: time.Now().Add(time.Hour)},
	}
}

// read takes a letter apart: its headers, its text and its page.
func read(t *testing.T, letter string) (h netmail.Header, text, page string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(letter))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%q, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, into := range []*string{&text, &page} {
		p, err := parts.NextRawPart()
		if err != nil || p.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Fatalf("part %v, %v", p, err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		*into = string(body)
	}
	return m.Header, text, page
}

func TestWritesALetter(t *testing.T) {
	tests := map[string]struct {
		implicit, starttls bool
		change             func(*Config)
		user               string
	}{
		"STARTTLS":          {false, true, func(c *Config) { c.Username, c.Password = "shop", "secret" }, "shop"},
		"sealed throughout": {true, false, func(c *Config) { c.TLS, c.Username, c.Password = "implicit", "shop", "secret" }, "shop"},
		"open, when asked":  {false, false, func(c *Config) { c.TLS = "none" }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, tt.implicit, tt.starttls)
			c := s.config()
			tt.change(&c)
			ch := newChannel(t, c)
			id, err := ch.Send(t.Context(), message())
			if err != nil {
				t.Fatal(err)
			}
			if s.user != tt.user || s.sealed != (tt.implicit || tt.starttls) || s.from != "offers@shop.example" || len(s.to) != 1 || s.to[0] != "mia@example.com" || len(s.letters) != 1 {
				t.Fatalf("user %q, sealed %v, from %q to %q, %d letters", s.user, s.sealed, s.from, s.to, len(s.letters))
			}
			h, text, page := read(t, s.letters[0])
			words := new(mime.WordDecoder)
			if subject, err := words.DecodeHeader(h.Get("Subject")); err != nil || subject != "20% auf Läufer" {
				t.Errorf("subject %q, %v", subject, err)
			}
			if from, err := netmail.ParseAddress(h.Get("From")); err != nil || from.Name != "Schuh & Söhne" {
				t.Errorf("from %v, %v", from, err)
			}
			if h.Get("Message-ID") != id || !strings.HasSuffix(id, "@shop.example>") || h.Get("Date") == "" || h.Get("Auto-Submitted") != "auto-generated" {
				t.Errorf("headers %v", h)
			}
			leave := strings.Trim(h.Get("List-Unsubscribe"), "<>")
			if h.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.HasPrefix(leave, "https://shop.example/v1/email/unsubscribe?t=") {
				t.Errorf("unsubscribe %q", leave)
			}
			for _, want := range []string{"20% auf Läufer", "Zwei Gänge weiter.", "Your code: 7K2M9QXA", "https://shop.example/shopper/#/offers/3-17-0", leave} {
				if !strings.Contains(text, want) {
					t.Errorf("the text lacks %q:\n%s", want, text)
				}
			}
			for _, want := range []string{`<html lang="de">`, "Zwei Gänge weiter.</p>", "Abend &lt;8&gt;.", "7K2M9QXA", `href="https://shop.example/shopper/#/offers/3-17-0"`} {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %q:\n%s", want, page)
				}
			}
		})
	}
}

func TestTheSameOfferHasTheSameName(t *testing.T) {
	s := newServer(t, false, true)
	ch := newChannel(t, s.config())
	first, err := ch.Send(t.Context(), message())
	if err != nil {
		t.Fatal(err)
	}
	if second, err := ch.Send(t.Context(), message()); err != nil || first != second {
		t.Errorf("%q, then %q, %v", first, second, err)
	}
	if _, _, err := ch.Find(t.Context(), message()); !errors.Is(err, channel.ErrBlind) {
		t.Errorf("find: %v", err)
	}
}

// What somebody wrote stays where it belongs.
func TestNoHeaderIsSmuggledIn(t *testing.T) {
	s := newServer(t, false, true)
	ch := newChannel(t, s.config())
	m := message()
	m.Title = "Shoes\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>"
	m.Text = "x\r\n.\r\nMAIL FROM:<me@example.com>"
	m.Language = "de\r\nX-Evil: 1"
	m.Trace = "00-1\nX-Evil: 2"
	m.Link = `javascript:alert("1")`
	if _, err := ch.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if len(s.letters) != 1 || len(s.to) != 1 {
		t.Fatalf("%d letters to %q", len(s.letters), s.to)
	}
	h, text, page := read(t, s.letters[0])
	if h.Get("Bcc") != "" || h.Get("X-Evil") != "" || !strings.Contains(text, "MAIL FROM") {
		t.Errorf("headers %v\n%s", h, text)
	}
	if strings.Contains(page, "<script>") || strings.Contains(page, "javascript:") || strings.Contains(page, "de\n") {
		t.Errorf("the page runs what a marketer wrote:\n%s", page)
	}
	for _, to := range []string{"", "mia", "mia@example.com, ben@example.com", "mia@example.com\r\nRCPT TO:<ben@example.com>", "Mia <mia@example.com>", "<mia@example.com>"} {
		m := message()
		m.To = to
		if _, err := ch.Send(t.Context(), m); !errors.Is(err, channel.ErrNoAddress) {
			t.Errorf("to %q: %v", to, err)
		}
	}
	if len(s.letters) != 1 {
		t.Errorf("%d letters", len(s.letters))
	}
}

func TestAnswersOfMailServers(t *testing.T) {
	no := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "no"}
	}
	tests := map[string]struct {
		change func(*server, *Config)
		want   error
	}{
		"no such mailbox":     {func(s *server, _ *Config) { s.rcpt = no(550) }, channel.ErrNoAddress},
		"the mailbox waits":   {func(s *server, _ *Config) { s.rcpt = no(450) }, offers.ErrUnavailable},
		"not this letter":     {func(s *server, _ *Config) { s.data = no(554) }, offers.ErrInvalid},
		"no room for it":      {func(s *server, _ *Config) { s.data = no(452) }, offers.ErrUnavailable},
		"hung up at the end":  {func(s *server, _ *Config) { s.hangUp = true }, channel.ErrUnknown},
		"another password":    {func(_ *server, c *Config) { c.Username, c.Password = "shop", "guess" }, offers.ErrUnavailable},
		"nobody there":        {func(_ *server, c *Config) { c.Port = 1 }, offers.ErrUnavailable},
		"who are you":         {func(_ *server, c *Config) { c.trust = nil }, offers.ErrUnavailable},
		"not sealed, as told": {func(_ *server, c *Config) { c.TLS = "implicit" }, offers.ErrUnavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, false, true)
			c := s.config()
			tt.change(s, &c)
			_, err := newChannel(t, c).Send(t.Context(), message())
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

// A server that does not seal its lines gets nothing.
func TestNothingGoesOverAnOpenLine(t *testing.T) {
	s := newServer(t, false, false)
	if _, err := newChannel(t, s.config()).Send(t.Context(), message()); !errors.Is(err, offers.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
	if len(s.to) != 0 {
		t.Errorf("it was told of %q", s.to)
	}
}

func TestLettersEndWithOneClick(t *testing.T) {
	ch := newChannel(t, Config{Host: "mx.example", From: "offers@shop.example"})
	var ended []offers.ShopperID
	app := fiber.New(fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error {
		if errors.Is(err, offers.ErrDenied) {
			return c.SendStatus(fiber.StatusForbidden)
		}
		return c.SendStatus(fiber.StatusInternalServerError)
	}})
	ch.Routes(app, func(_ context.Context, shopper offers.ShopperID, event string) error {
		if !strings.HasPrefix(event, "email-unsubscribed-") || strings.Contains(event, "mia") {
			t.Errorf("event %q", event)
		}
		ended = append(ended, shopper)
		return nil
	})
	link, err := url.Parse(ch.leave("mia", time.Now()))
	if err != nil {
		t.Fatal(err)
	}
	old, err := url.Parse(ch.leave("mia", time.Now().Add(-leaveTime)))
	if err != nil {
		t.Fatal(err)
	}
	call := func(method, path string) int {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader("List-Unsubscribe=One-Click"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := app.Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if status := call(http.MethodGet, link.RequestURI()); status != http.StatusOK || len(ended) != 0 {
		t.Fatalf("looking at a link: status %d, ended %v", status, ended)
	}
	if status := call(http.MethodPost, link.RequestURI()); status != http.StatusOK || len(ended) != 1 || ended[0] != "mia" {
		t.Fatalf("status %d, ended %v", status, ended)
	}
	for name, path := range map[string]string{"old": old.RequestURI(), "forged": leavePath + "?t=bWlh.bWlh", "none": leavePath} {
		if status := call(http.MethodPost, path); status != http.StatusForbidden || len(ended) != 1 {
			t.Errorf("%s: status %d, ended %v", name, status, ended)
		}
	}
}

func TestConfig(t *testing.T) {
	good := Config{Host: "mx.example", From: "Shop <offers@shop.example>"}
	tests := map[string]struct {
		change func(*Config)
		wrong  bool
	}{
		"as it should be":  {func(*Config) {}, false},
		"none":             {func(c *Config) { *c = Config{} }, false},
		"nobody writes":    {func(c *Config) { c.From = "" }, true},
		"two write":        {func(c *Config) { c.From = "a@b.example, c@d.example" }, true},
		"another seal":     {func(c *Config) { c.TLS = "ssl" }, true},
		"half an account":  {func(c *Config) { c.Username = "shop" }, true},
		"an open password": {func(c *Config) { c.TLS, c.Username, c.Password = "none", "shop", "secret" }, true},
		"negative":         {func(c *Config) { c.Timeout = -1 }, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := good
			tt.change(&c)
			if err := c.Validate(); errors.Is(err, offers.ErrInvalid) != tt.wrong {
				t.Errorf("error %v", err)
			}
		})
	}
}

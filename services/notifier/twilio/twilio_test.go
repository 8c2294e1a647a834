package twilio_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/notifier/channel"
	"aisle/services/notifier/channel/channeltest"
	"aisle/services/notifier/twilio"
	"aisle/services/notifier/twilio/twiliotest"
)

// shared is where recordings of others lie on some machines.
const shared = "../../../../shared/data"

var spec = filepath.Join(shared, "twilio/spec/json/twilio_api_v2010.json")

func open(t *testing.T, s *twiliotest.Server, change func(*twilio.Config)) *twilio.Channel {
	t.Helper()
	c := s.Config()
	if change != nil {
		change(&c)
	}
	ch, err := twilio.New(c, "https://shop.example.com/v1/twilio/status")
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

func TestChannel(t *testing.T) {
	s := twiliotest.New(t, twiliotest.Options{Spec: spec})
	channeltest.Test(t, open(t, s, nil))
}

func TestSend(t *testing.T) {
	s := twiliotest.New(t, twiliotest.Options{Spec: spec})
	m := channeltest.Message("ABCD1234")
	m.Entry.Expires = time.Now().Add(30 * time.Minute)
	if _, err := open(t, s, nil).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	pool := open(t, s, func(c *twilio.Config) { c.From, c.MessagingServiceSID = "", "MG00000000000000000000000000000001" })
	if _, err := pool.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := s.Messages()
	if len(got) != 2 {
		t.Fatalf("%d messages; want 2", len(got))
	}
	if got[0].To != m.To || got[0].Body != m.Text || got[0].From == "" || got[0].Header.Get("Traceparent") != m.Trace {
		t.Errorf("message is %+v", got[0])
	}
	if want := "https://shop.example.com/v1/twilio/status?delivery=" + string(m.Delivery); got[0].StatusCallback != want {
		t.Errorf("callback is %q; want %q", got[0].StatusCallback, want)
	}
	if v := got[0].ValidityPeriod; v != "1799" && v != "1800" {
		t.Errorf("validity is %s s; want what is left of the offer", v)
	}
	if got[1].From != "" || !strings.HasPrefix(got[1].Service, "MG") {
		t.Errorf("by the pool: from %q, service %q", got[1].From, got[1].Service)
	}
}

func TestErrorsSayWhatIsKnown(t *testing.T) {
	tests := []struct {
		name  string
		fault twiliotest.Fault
		want  error
		taken int
	}{
		{"opted out", twiliotest.Fault{Status: 400, Code: 21610}, channel.ErrOptedOut, 0},
		{"no number", twiliotest.Fault{Status: 400, Code: 21211}, offers.ErrInvalid, 0},
		{"too many", twiliotest.Fault{Status: 429, Code: 20429}, offers.ErrUnavailable, 0},
		{"queue full", twiliotest.Fault{Status: 400, Code: 21611}, offers.ErrUnavailable, 0},
		{"account refused", twiliotest.Fault{Status: 401, Code: 20003}, offers.ErrUnavailable, 0},
		{"broken", twiliotest.Fault{Status: 500, Code: 20500}, channel.ErrUnknown, 0},
		{"hangs up, not taken", twiliotest.Fault{Lose: true}, channel.ErrUnknown, 0},
		{"hangs up, taken", twiliotest.Fault{Mute: true}, channel.ErrUnknown, 1},
		{"too slow", twiliotest.Fault{Delay: 600 * time.Millisecond}, channel.ErrUnknown, 1},
		{"nonsense", twiliotest.Fault{Body: "<html>OK</html>"}, channel.ErrUnknown, 1},
		{"empty answer", twiliotest.Fault{Body: "{}"}, channel.ErrUnknown, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := twiliotest.New(t, twiliotest.Options{Spec: spec})
			s.Misbehave(func(int, *http.Request) twiliotest.Fault { return test.fault })
			ch := open(t, s, func(c *twilio.Config) { c.Timeout = 300 * time.Millisecond })
			_, err := ch.Send(t.Context(), channeltest.Message("ABCD1234"))
			if !errors.Is(err, test.want) {
				t.Errorf("error is %v; want %v", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), twiliotest.AuthToken) {
				t.Errorf("the token is in the error: %v", err)
			}
			time.Sleep(test.fault.Delay)
			if got := len(s.Messages()); got != test.taken {
				t.Errorf("%d messages taken; want %d", got, test.taken)
			}
			_, found, err := open(t, s, nil).Find(t.Context(), channeltest.Message("ABCD1234"))
			if err != nil || found != (test.taken > 0) {
				t.Errorf("found %v, %v", found, err)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		c := twilio.Config{AccountSID: twiliotest.AccountSID, AuthToken: twiliotest.AuthToken, From: "+15005550006", BaseURL: "http://127.0.0.1:1"}
		ch, err := twilio.New(c, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ch.Send(t.Context(), channeltest.Message("X")); !errors.Is(err, offers.ErrUnavailable) || errors.Is(err, channel.ErrUnknown) {
			t.Errorf("error is %v; want unavailable: nothing was sent", err)
		}
		if _, _, err := ch.Find(t.Context(), channeltest.Message("X")); !errors.Is(err, offers.ErrUnavailable) {
			t.Errorf("error is %v; want unavailable", err)
		}
	})
	t.Run("given up", func(t *testing.T) {
		s := twiliotest.New(t, twiliotest.Options{})
		s.Misbehave(func(int, *http.Request) twiliotest.Fault { return twiliotest.Fault{Delay: 300 * time.Millisecond} })
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := open(t, s, nil).Send(ctx, channeltest.Message("X")); !errors.Is(err, channel.ErrUnknown) {
			t.Errorf("error is %v; want unknown", err)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	for after, want := range map[string]time.Duration{
		"7": 7 * time.Second, "": 0, "soon": 0, time.Now().Add(time.Hour).UTC().Format(http.TimeFormat): time.Hour,
	} {
		s := twiliotest.New(t, twiliotest.Options{Spec: spec})
		s.Misbehave(func(int, *http.Request) twiliotest.Fault {
			return twiliotest.Fault{Status: 429, Code: 20429, After: after}
		})
		_, err := open(t, s, nil).Send(t.Context(), channeltest.Message("ABCD1234"))
		wait, ok := errors.AsType[*channel.WaitError](err)
		if !errors.Is(err, offers.ErrUnavailable) || ok != (want > 0) || ok && (wait.For > want || wait.For < want-time.Minute) {
			t.Errorf("after %q: %v", after, err)
		}
	}
}

// A sender that has sent as much as it may is not asked, and says when it may be.
func TestPace(t *testing.T) {
	s := twiliotest.New(t, twiliotest.Options{Spec: spec})
	ch := open(t, s, func(c *twilio.Config) { c.SegmentsPerSecond = .01 })
	m := channeltest.Message("ABCD1234")
	m.Text += strings.Repeat(" and so on", 150) // ten segments
	var err error
	for range 3 {
		if _, err = ch.Send(t.Context(), m); err != nil {
			break
		}
	}
	wait, ok := errors.AsType[*channel.WaitError](err)
	if !ok || !errors.Is(err, offers.ErrUnavailable) || wait.For < time.Minute || len(s.Messages()) != 2 {
		t.Errorf("%v, %d messages; want to wait after 2", err, len(s.Messages()))
	}
}

func TestEdges(t *testing.T) {
	for _, test := range []struct {
		edge, region, base, want string
	}{
		{"", "", "", "https://api.twilio.com"},
		{"dublin", "ie1", "", "https://api.dublin.ie1.twilio.com"},
		{"sydney", "", "", "https://api.sydney.us1.twilio.com"},
		{"", "au1", "", "https://api.au1.twilio.com"},
		{"dublin", "ie1", "http://127.0.0.1:1", "http://127.0.0.1:1"},
	} {
		c := twilio.Config{Edge: test.edge, Region: test.region, BaseURL: test.base}
		if got := c.WithDefaults().BaseURL; got != test.want {
			t.Errorf("edge %q, region %q: %s; want %s", test.edge, test.region, got, test.want)
		}
	}
}

func TestConfigSaysWhatIsWrong(t *testing.T) {
	good := twilio.Config{AccountSID: "AC1", AuthToken: "t", From: "+1"}
	tests := map[string]struct {
		change func(*twilio.Config)
		want   string
	}{
		"good":      {func(*twilio.Config) {}, ""},
		"no token":  {func(c *twilio.Config) { c.AuthToken = "" }, "auth_token"},
		"no sender": {func(c *twilio.Config) { c.From = "" }, "one of from"},
		"two":       {func(c *twilio.Config) { c.MessagingServiceSID = "MG1" }, "one of from"},
		"no sid":    {func(c *twilio.Config) { c.AccountSID = "me" }, "account_sid"},
		"edge":      {func(c *twilio.Config) { c.Edge = "evil.example/" }, "edge"},
		"base":      {func(c *twilio.Config) { c.BaseURL = "api.twilio.com" }, "base_url"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := good
			test.change(&c)
			switch err := c.Validate(); {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (!errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error is %v; want %q", err, test.want)
			}
		})
	}
}

func TestReaches(t *testing.T) {
	for address, want := range map[string]bool{
		"https://offers.example.com/v1": true, "http://203.0.113.9:8080/v1": true,
		"http://localhost:8080/v1": false, "http://127.0.0.1/v1": false, "http://192.168.1.4/v1": false, "http://shop.local/v1": false, "": false,
	} {
		if got := (twilio.Config{}).Reaches(address); got != want {
			t.Errorf("Twilio reaches %q: %v; want %v", address, got, want)
		}
		if !(twilio.Config{BaseURL: "http://127.0.0.1:9"}).Reaches(address) {
			t.Errorf("a Twilio of one's own reaches %q", address)
		}
	}
}

func TestSignature(t *testing.T) {
	// The example of twilio.com/docs/usage/security, with its known signature.
	form := url.Values{"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "Digits": {"1234"}, "From": {"+14158675309"}, "To": {"+18005551212"}}
	const address, token, signature = "https://mycompany.com/myapp.php?foo=1&bar=2", "12345", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
	if got := twilio.Signature(token, address, form); got != signature {
		t.Errorf("signature is %s; want %s", got, signature)
	}
	body := []byte(form.Encode())
	const formType = "application/x-www-form-urlencoded; charset=UTF-8"
	tests := []struct {
		name, token, address, media, signature string
		body                                   []byte
		ok                                     bool
	}{
		{"right", token, address, formType, signature, body, true},
		{"with the port", token, "https://mycompany.com:443/myapp.php?foo=1&bar=2", formType, signature, body, true},
		{"other token", "54321", address, formType, signature, body, false},
		{"no token set", "", address, formType, twilio.Signature("", address, form), body, false},
		{"no signature", token, address, formType, "", body, false},
		{"sorted query", token, "https://mycompany.com/myapp.php?bar=2&foo=1", formType, signature, body, false},
		{"plain http", token, "http://mycompany.com/myapp.php?foo=1&bar=2", formType, signature, body, false},
		{"body changed", token, address, formType, signature, []byte(strings.Replace(string(body), "1234", "1235", 1)), false},
		{"forged JSON, signed as if empty", token, address, "application/json", twilio.Signature(token, address, nil), []byte(`{"From":"+1"}`), false},
		{"not a form at all", token, address, formType, signature, []byte("%zz"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := twilio.Open(test.token, test.address, test.media, test.body, test.signature)
			if (err == nil) != test.ok || err != nil && !errors.Is(err, offers.ErrDenied) {
				t.Errorf("error is %v; want ok %v", err, test.ok)
			}
		})
	}
}

// Webhooks signed by Twilio's own helper library.
func TestRecordedWebhooks(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(shared, "clients/twilio-inbound-webhooks-signed.json"))
	if err != nil {
		t.Skipf("no recordings here: %v", err)
	}
	var recorded struct {
		Meta struct {
			Token string `json:"auth_token"`
		}
		Webhooks []struct {
			Name, URL, Body string
			Headers         map[string]string
			Valid           bool
		}
	}
	if err := json.Unmarshal(raw, &recorded); err != nil {
		t.Fatal(err)
	}
	for _, w := range recorded.Webhooks {
		t.Run(w.Name, func(t *testing.T) {
			_, err := twilio.Open(recorded.Meta.Token, w.URL, w.Headers["Content-Type"], []byte(w.Body), w.Headers[twilio.SignatureHeader])
			if (err == nil) != w.Valid {
				t.Errorf("error is %v; want valid %v", err, w.Valid)
			}
		})
	}
}

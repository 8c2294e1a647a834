package outside_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/door/outside"
)

func TestCheck(t *testing.T) {
	tests := map[string]struct {
		address         string
		public, private bool // whether it is let in
	}{
		"a push service":         {"https://fcm.googleapis.com/fcm/send/abc", true, true},
		"with a port":            {"https://push.example.com:8443/x", true, true},
		"a public number":        {"https://8.8.8.8/x", true, true},
		"a public number of six": {"https://[2606:4700::1]/x", true, true},
		"plain":                  {"http://push.example.com/x", false, true},
		"this machine":           {"https://127.0.0.1/x", false, true},
		"this machine by name":   {"https://localhost:6379/", false, true},
		"and by another":         {"https://a.localhost/", false, true},
		"mapped":                 {"https://[::ffff:10.0.0.1]/", false, true},
		"of a cloud":             {"https://169.254.169.254/latest/meta-data", false, true},
		"of a cloud by name":     {"https://metadata.google.internal/", false, true},
		"carrier's":              {"https://100.64.0.1/", false, true},
		"a short number":         {"https://127.1/", false, true},
		"one number":             {"https://2130706433/", false, true},
		"a printer":              {"https://printer.local/", false, true},
		"no dots":                {"https://redis/", false, true},
		"a file":                 {"file:///etc/passwd", false, false},
		"gopher":                 {"gopher://push.example.com/", false, false},
		"a password":             {"https://a:b@push.example.com/", false, false},
		"nothing":                {"", false, false},
		"no host":                {"https:///x", false, false},
		"much":                   {"https://push.example.com/" + strings.Repeat("a", 2048), false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for private, want := range map[bool]bool{false: tt.public, true: tt.private} {
				err := outside.Check(tt.address, private)
				if (err == nil) != want {
					t.Errorf("private %v: %v; let in should be %v", private, err, want)
				}
				if err != nil && !errors.Is(err, offers.ErrInvalid) {
					t.Errorf("private %v: %v is not invalid", private, err)
				}
			}
		})
	}
}

func TestPublic(t *testing.T) {
	tests := map[string]bool{
		"1.1.1.1": true, "2606:4700::1": true,
		"0.1.2.3": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "127.0.0.1": false, "169.254.1.1": false,
		"198.18.0.1": false, "203.0.113.9": false, "224.0.0.1": false, "255.255.255.255": false, "::": false, "::1": false,
		"fe80::1%eth0": false, "fd00::1": false, "ff02::1": false, "::ffff:127.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false,
		"2001:db8::1": false,
	}
	for address, want := range tests {
		if got := outside.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %v, want %v", address, got, want)
		}
	}
}

// A name may mean one thing when it is checked and another when it is called:
// what is dialled counts.
func TestWhatIsDialledCounts(t *testing.T) {
	called := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer server.Close()
	for _, address := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)} {
		if _, err := outside.Client(time.Second, false).Get(address); !errors.Is(err, offers.ErrDenied) || called {
			t.Errorf("%s: %v, called %v", address, err, called)
		}
	}
	r, err := outside.Client(10*time.Second, true).Get(server.URL)
	if err != nil || !called {
		t.Fatalf("a private host that is allowed: %v, called %v", err, called)
	}
	outside.Finish(r)
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	inside := false
	mux := http.NewServeMux()
	mux.HandleFunc("/inside", func(http.ResponseWriter, *http.Request) { inside = true })
	mux.Handle("/", http.RedirectHandler("/inside", http.StatusTemporaryRedirect))
	server := httptest.NewServer(mux)
	defer server.Close()
	r, err := outside.Client(10*time.Second, true).Post(server.URL, "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	outside.Finish(r)
	if r.StatusCode != http.StatusTemporaryRedirect || inside {
		t.Errorf("status %d, inside %v", r.StatusCode, inside)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	tests := map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, " 5 ": 5 * time.Second, "-5": 0, "soon": 0, "99999999": time.Hour, "1e3": 0,
		"Mon, 02 Mar 2026 10:00:30 GMT": 30 * time.Second, "Mon, 02 Mar 2026 09:00:00 GMT": 0,
	}
	for said, want := range tests {
		if got := outside.RetryAfter(http.Header{"Retry-After": {said}}, now); got != want {
			t.Errorf("%q: %v, want %v", said, got, want)
		}
	}
}

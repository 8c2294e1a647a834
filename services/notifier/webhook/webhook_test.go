package webhook

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/notifier/channel"
)

const (
	newSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	oldSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

// The example of the standard.
func TestSignsAsTheStandardDoes(t *testing.T) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(newSecret, secretPrefix))
	if err != nil {
		t.Fatal(err)
	}
	got := sign([][]byte{key}, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func message() channel.Message {
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	return channel.Message{
		Delivery: "3-17-0-webhook", Shopper: "mia", Title: "20% off", Text: "Two aisles on.", Language: "nl", Trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		Entry: offers.Inbox{Decision: "3-17-0", Campaign: "shoes", Code: "7K2M9QXA", Shop: "rotterdam", Zone: "footwear", At: at, Expires: at.Add(time.Hour), Offer: offers.Offer{ID: "shoes-20"}},
	}
}

func newChannel(t *testing.T, url string) *Channel {
	t.Helper()
	c, err := New(Config{URL: url, Secrets: []string{newSecret, oldSecret}, Private: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCallsOnceAndSigned(t *testing.T) {
	var got *http.Request
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	c := newChannel(t, server.URL)
	if id, err := c.Send(t.Context(), message()); err != nil || id != "3-17-0-webhook" {
		t.Fatalf("%q, %v", id, err)
	}
	want := `{"type":"offer.made","timestamp":"2026-03-02T10:00:00Z","data":{"delivery":"3-17-0-webhook","decision":"3-17-0","shopper":"mia",` +
		`"campaign":"shoes","offer":"shoes-20","title":"20% off","text":"Two aisles on.","language":"nl","code":"7K2M9QXA","shop":"rotterdam","zone":"footwear","expires":"2026-03-02T11:00:00Z"}}`
	if diff := cmp.Diff(want, string(body)); diff != "" || !json.Valid(body) {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for i, key := range c.keys { // whoever has either secret can tell
		signature := sign([][]byte{key}, got.Header.Get("Webhook-Id"), got.Header.Get("Webhook-Timestamp"), body)
		if all := strings.Fields(got.Header.Get("Webhook-Signature")); len(all) != 2 || all[i] != signature {
			t.Errorf("signatures %v, want %s among them", all, signature)
		}
	}
	if got.Header.Get("Webhook-Id") != "3-17-0-webhook" || got.Header.Get("Traceparent") != message().Trace {
		t.Errorf("header %v", got.Header)
	}
	if _, found, err := c.Find(t.Context(), message()); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestAnswers(t *testing.T) {
	tests := map[string]struct {
		status     int
		retryAfter string
		want       error
		wait       time.Duration
	}{
		"it has it":       {http.StatusNoContent, "", nil, 0},
		"too many":        {http.StatusTooManyRequests, "7", offers.ErrUnavailable, 7 * time.Second},
		"down":            {http.StatusInternalServerError, "", offers.ErrUnavailable, 0},
		"another secret":  {http.StatusUnauthorized, "", offers.ErrUnavailable, 0},
		"no such address": {http.StatusGone, "", channel.ErrNoAddress, 0},
		"not understood":  {http.StatusBadRequest, "", offers.ErrInvalid, 0},
		"elsewhere":       {http.StatusMovedPermanently, "", offers.ErrInvalid, 0},
		"hung up":         {0, "", channel.ErrUnknown, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if tt.status == 0 {
					panic(http.ErrAbortHandler)
				}
				w.Header().Set("Retry-After", tt.retryAfter)
				w.WriteHeader(tt.status)
			}))
			defer server.Close()
			_, err := newChannel(t, server.URL).Send(t.Context(), message())
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			wait := time.Duration(0)
			if w, ok := errors.AsType[*channel.WaitError](err); ok {
				wait = w.For
			}
			if wait != tt.wait {
				t.Errorf("wait %v, want %v", wait, tt.wait)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	if _, err := newChannel(t, server.URL).Send(t.Context(), message()); !errors.Is(err, offers.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
}

func TestConfig(t *testing.T) {
	good := Config{URL: "https://crm.example/hook", Secrets: []string{newSecret}}
	tests := map[string]struct {
		change func(*Config)
		wrong  bool
	}{
		"as it should be":   {func(*Config) {}, false},
		"none":              {func(c *Config) { *c = Config{} }, false},
		"plain":             {func(c *Config) { c.URL = "http://crm.example/hook" }, true},
		"inside":            {func(c *Config) { c.URL = "https://10.0.0.7/hook" }, true},
		"inside, and asked": {func(c *Config) { c.URL, c.Private = "http://10.0.0.7/hook", true }, false},
		"unsigned":          {func(c *Config) { c.Secrets = nil }, true},
		"a word":            {func(c *Config) { c.Secrets = []string{"secret"} }, true},
		"short":             {func(c *Config) { c.Secrets = []string{"whsec_c2hvcnQ="} }, true},
		"too many":          {func(c *Config) { c.Secrets = []string{newSecret, newSecret, newSecret, newSecret, newSecret} }, true},
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

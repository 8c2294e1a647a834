package slack

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aisle/offers"
)

func newWebhook(t *testing.T, serve http.HandlerFunc) *Webhook {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	w, err := New(Config{URL: server.URL + "/services/secret", Private: true, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestPost(t *testing.T) {
	var got struct{ Text string }
	w := newWebhook(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s of %q", r.Method, r.Header.Get("Content-Type"))
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.Write([]byte("ok"))
	})
	if err := w.Post(t.Context(), ":red_circle: Camera <!channel> & door @here"); err != nil {
		t.Fatal(err)
	}
	if want := ":red_circle: Camera &lt;!channel&gt; &amp; door @\u200bhere"; got.Text != want {
		t.Errorf("%q; want %q", got.Text, want)
	}
}

func TestErrors(t *testing.T) {
	tests := map[string]struct {
		serve http.HandlerFunc
		again bool // it was surely not said
	}{
		"too many":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, true},
		"broken":           {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, true},
		"archived":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410) }, true},
		"forbidden":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, true},
		"not understood":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) }, false},
		"leads elsewhere":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, false},
		"connection ended": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			w := newWebhook(t, func(w http.ResponseWriter, r *http.Request) { calls.Add(1); test.serve(w, r) })
			err := w.Post(t.Context(), "hello")
			if err == nil || errors.Is(err, offers.ErrUnavailable) != test.again || calls.Load() != 1 {
				t.Errorf("%v after %d calls; want to say it again: %v", err, calls.Load(), test.again)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the address: %v", err)
			}
		})
	}
}

func TestLeavesItAlone(t *testing.T) {
	var calls atomic.Int32
	w := newWebhook(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(429)
	})
	for range 3 {
		if err := w.Post(t.Context(), "hello"); !errors.Is(err, offers.ErrUnavailable) {
			t.Errorf("%v; want it unavailable", err)
		}
	}
	if calls.Load() != 1 {
		t.Errorf("%d calls; want it left alone after the first", calls.Load())
	}
}

func TestConfig(t *testing.T) {
	tests := map[string]struct {
		config Config
		ok     bool
	}{
		"none":             {Config{}, true},
		"Slack's":          {Config{URL: "https://hooks.slack.com/services/T0/B0/x"}, true},
		"plain":            {Config{URL: "http://hooks.slack.com/services/T0/B0/x"}, false},
		"of this network":  {Config{URL: "https://10.0.0.7/hooks/x"}, false},
		"and wanted there": {Config{URL: "http://10.0.0.7/hooks/x", Private: true}, true},
		"for ever":         {Config{URL: "https://hooks.slack.com/x", Timeout: time.Hour}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if err := test.config.Validate(); (err == nil) != test.ok {
				t.Errorf("%v; want it taken: %v", err, test.ok)
			}
		})
	}
}

func TestEscapeIsNotEndless(t *testing.T) {
	if got := []rune(Escape(strings.Repeat("é", 9000))); len(got) != longest+1 {
		t.Errorf("%d characters", len(got))
	}
}

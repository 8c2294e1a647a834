package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// TestOnlyEnrolmentsMayBeLarge sends bodies through the listener as it is set
// up: to the cameras' process behind it, and to a door of the house.
func TestOnlyEnrolmentsMayBeLarge(t *testing.T) {
	cameras := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprintln(w, "cameras", r.Header.Get("Content-Type"), n, err)
	}))
	defer cameras.Close()
	target, err := url.Parse(cameras.URL)
	if err != nil {
		t.Fatal(err)
	}
	app := newApp(slog.New(slog.DiscardHandler))
	mountVision(app, target)
	app.Post("/v1/batch", func(c *fiber.Ctx) error { return c.SendString(fmt.Sprintln("collector", len(c.Body()))) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- app.Listener(listener) }()
	defer func() {
		if err := app.ShutdownWithContext(context.Background()); err != nil {
			t.Error(err)
		}
		<-done
	}()
	const form = "multipart/form-data; boundary=xyz"
	tests := []struct {
		name, path, kind string
		size             int
		chunked          bool
		want             string // empty: too large
	}{
		{"five portraits", enrolmentPath, form, 40 << 20, false, fmt.Sprintln("cameras", form, 40<<20, nil)},
		{"five portraits in chunks", enrolmentPath, form, 40 << 20, true, fmt.Sprintln("cameras", form, 40<<20, nil)},
		{"six portraits", enrolmentPath, form, 48 << 20, false, ""},
		{"a picture of a browser", "/vision/frames/door", "image/jpeg", 2 << 20, false, fmt.Sprintln("cameras", "image/jpeg", 2<<20, nil)},
		{"a film", "/vision/frames/door", "image/jpeg", 5 << 20, false, ""},
		{"events", "/v1/batch", "application/json", 3 << 20, false, fmt.Sprintln("collector", 3<<20)},
		{"too many events", "/v1/batch", "application/json", 5 << 20, false, ""},
		{"too many events in chunks", "/v1/batch", "application/json", 5 << 20, true, ""},
		{"who says to enrol", "/v1/batch?" + enrolmentPath, "application/json", 5 << 20, false, ""},
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var body io.Reader = bytes.NewReader(make([]byte, tt.size))
			if tt.chunked {
				body = io.MultiReader(body) // of unknown length
			}
			resp, err := client.Post("http://"+listener.Addr().String()+tt.path, tt.kind, body)
			if tt.want == "" {
				// The listener hangs up on who goes on sending.
				if err == nil {
					resp.Body.Close()
					if resp.StatusCode != http.StatusRequestEntityTooLarge {
						t.Errorf("got %s, want 413", resp.Status)
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s %q, %v; want %q", resp.Status, got, err, tt.want)
			}
		})
	}
}

package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"time"

	"aisle/offers"
)

// A caller is one client of the doors, with cookies of its own: the marketer
// at the console, a shopper's phone, the web shop, the till.
type caller struct {
	base   string
	header http.Header
	client *http.Client
}

func newCaller(base string) *caller {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // documented never to fail without options
	}
	return &caller{base: base, header: http.Header{}, client: &http.Client{Jar: jar, Timeout: 10 * time.Second}}
}

// call sends in as JSON and reads the answer into out, if it is not nil.
func (c *caller) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	return c.send(ctx, method, path, "application/json", body, out)
}

// An answer that is not 2xx.
type refusal struct {
	method, path string
	status       int
	detail       string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%s %s: %d %s", r.method, r.path, r.status, r.detail)
}

// statusOf is the HTTP status of a refused call, or 0.
func statusOf(err error) int {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.status
	}
	return 0
}

func (c *caller) send(ctx context.Context, method, path, contentType string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	req.Header = c.header.Clone()
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-Aisle", "1")
	resp, err := c.client.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
	}
	if resp.StatusCode >= 300 {
		var p struct{ Detail string }
		_ = json.Unmarshal(answer, &p) // what is no problem+json has no detail
		return &refusal{method, path, resp.StatusCode, p.Detail}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s %s: %w: %w", method, path, offers.ErrInvalid, err)
	}
	return nil
}

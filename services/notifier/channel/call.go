package channel

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"aisle/offers"
	"aisle/services/door/outside"
)

// Call makes a request of a channel whose provider speaks HTTP, and reads the
// answer to its end. The error says what is known of the message, as that of
// Send: an answer of 404 or 410 is ErrNoAddress, one that says to come back
// offers.ErrUnavailable, with a WaitError if it says when.
func Call(client *http.Client, req *http.Request) (http.Header, error) {
	var wrote atomic.Bool // some of the request may have arrived
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	res, err := client.Do(req.WithContext(ctx)) //nolint:bodyclose // Finish closes it
	switch {
	case errors.Is(err, offers.ErrDenied): // our own: it leads inside
		return nil, fmt.Errorf("%w: %w", ErrNoAddress, err)
	case err != nil && wrote.Load():
		return nil, fmt.Errorf("no answer: %w: %w", ErrUnknown, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
	}
	answer := fmt.Errorf("answer %d: %.200q", res.StatusCode, outside.Finish(res))
	switch status := res.StatusCode; {
	case status >= 200 && status < 300:
		return res.Header, nil
	case status == http.StatusNotFound, status == http.StatusGone:
		return nil, fmt.Errorf("%w: %w", ErrNoAddress, answer)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		// The house is not believed, not the message: it waits until that is mended.
		return nil, fmt.Errorf("%w: %w", offers.ErrUnavailable, answer)
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		later := fmt.Errorf("%w: %w", offers.ErrUnavailable, answer)
		if wait := outside.RetryAfter(res.Header, time.Now()); wait > 0 {
			return nil, &WaitError{For: wait, Err: later}
		}
		return nil, later
	default:
		return nil, fmt.Errorf("%w: %w", offers.ErrInvalid, answer)
	}
}

package collector

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/formats"
)

// refusal is an answer that is not success, with words that say what to do.
type refusal struct {
	status int
	detail string
	cause  error
}

func (r *refusal) Error() string { return r.detail }
func (r *refusal) Unwrap() error { return r.cause }

func status(status int, detail string, args ...any) error {
	return &refusal{status: status, detail: fmt.Sprintf(detail, args...)}
}

var errBusy = status(fiber.StatusTooManyRequests, "Too many requests at this moment. Send it again in a second.")

// problem answers with problem+json (RFC 9457), and returns the status. The
// one place where this door's errors become HTTP.
func problem(c *fiber.Ctx, err error, logger *slog.Logger) int {
	status, detail := fiber.StatusInternalServerError, "Something failed here, and is in our log. Send it again."
	var r *refusal
	var bad *formats.Bad
	switch {
	case errors.As(err, &r):
		status, detail = r.status, r.detail
	case errors.As(err, &bad):
		status, detail = fiber.StatusBadRequest, bad.Detail
		if bad.Reason == offers.ReasonSize {
			status = fiber.StatusRequestEntityTooLarge
		}
	case errors.Is(err, offers.ErrUnavailable):
		status, detail = fiber.StatusServiceUnavailable, "It cannot be kept right now. Send it again in a moment: nothing was taken twice."
	case errors.Is(err, offers.ErrInvalid):
		status, detail = fiber.StatusBadRequest, err.Error()
	case errors.Is(err, offers.ErrNotFound):
		status, detail = fiber.StatusNotFound, err.Error()
	case errors.Is(err, offers.ErrConflict):
		status, detail = fiber.StatusConflict, err.Error()
	case errors.Is(err, offers.ErrDenied):
		status, detail = fiber.StatusForbidden, err.Error()
	}
	switch {
	case status == fiber.StatusServiceUnavailable || status == fiber.StatusTooManyRequests:
		c.Set(fiber.HeaderRetryAfter, "1")
		c.Set("X-RateLimit-Reset", "1") // what Segment's browser client honours
	case status == fiber.StatusUnauthorized:
		c.Set(fiber.HeaderWWWAuthenticate, `Basic realm="aisle"`)
	}
	if status >= 500 {
		logger.Error("request failed", "path", c.Path(), "status", status, "err", err)
	}
	body, err := formats.Marshal(map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail})
	if err != nil {
		return status
	}
	c.Status(status)
	c.Set(fiber.HeaderContentType, "application/problem+json")
	c.Response().SetBodyRaw(body)
	return status
}

package door

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
)

// RefusedError is an answer that is not success, with words that say what to do.
type RefusedError struct {
	Status int
	Detail string
	Cause  error
}

func (r *RefusedError) Error() string { return r.Detail }
func (r *RefusedError) Unwrap() error { return r.Cause }

// Refuse is a RefusedError without a cause.
func Refuse(status int, detail string, args ...any) error {
	return &RefusedError{Status: status, Detail: fmt.Sprintf(detail, args...)}
}

// ErrBusy refuses what there is no room for.
var ErrBusy = Refuse(fiber.StatusTooManyRequests, "Too many requests at this moment. Send it again in a second.")

// Problem answers with problem+json (RFC 9457), and returns the status. The one
// place where the errors of doors become HTTP.
func Problem(c *fiber.Ctx, err error, logger *slog.Logger) int {
	status, detail := fiber.StatusInternalServerError, "Something failed here, and is in our log. Send it again."
	var r *RefusedError
	var f *fiber.Error
	switch {
	case errors.As(err, &r):
		status, detail = r.Status, r.Detail
	case errors.As(err, &f):
		status, detail = f.Code, f.Message
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
	switch status {
	case fiber.StatusServiceUnavailable, fiber.StatusTooManyRequests:
		c.Set(fiber.HeaderRetryAfter, "1")
		c.Set("X-RateLimit-Reset", "1") // what Segment's browser client honours
	case fiber.StatusUnauthorized:
		c.Set(fiber.HeaderWWWAuthenticate, `Basic realm="aisle"`)
	}
	if status >= 500 {
		logger.Error("request failed", "path", c.Path(), "status", status, "err", err)
	}
	body, err := json.Marshal(map[string]any{"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": detail})
	if err != nil {
		return status
	}
	c.Status(status)
	c.Set(fiber.HeaderContentType, "application/problem+json")
	c.Response().SetBodyRaw(body)
	return status
}

package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
)

// fieldError says what is wrong with which part of a body, for forms.
type fieldError struct {
	Field   string `json:"field"` // "offers[0].title"
	Message string `json:"message"`
}

// fieldErrors are all that is wrong with a body. They are ErrInvalid.
type fieldErrors []fieldError

func (e fieldErrors) Error() string {
	parts := make([]string, len(e))
	for i, f := range e {
		parts[i] = f.Field + ": " + f.Message
	}
	return strings.Join(parts, "; ")
}

func (fieldErrors) Unwrap() error { return offers.ErrInvalid }

// add notes a mistake unless ok.
func (e *fieldErrors) add(ok bool, message, field string, indices ...any) {
	if !ok {
		*e = append(*e, fieldError{fmt.Sprintf(field, indices...), message})
	}
}

// err is nil if nothing is wrong.
func (e fieldErrors) err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// errSignIn is a refusal that is none of the five kinds, as tooManyError is.
var errSignIn = errors.New("sign in first")

// callTimeout bounds a call. Live feeds have a context of their own.
const callTimeout = 15 * time.Second

// maxBody bounds what the console reads of a body.
const maxBody = 1 << 20

// guard is around every call of the API: other sites' pages cannot change
// anything, answers are not kept by caches, and errors become problem+json.
//
// A cookie alone would let another site's form act for who is signed in. It
// cannot send a header of its own, though: the browser would ask us first, and
// we do not agree.
func (s *Service) guard(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'") // an answer is no page
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	c.SetUserContext(ctx) // fasthttp's own is used again by the next call
	err := func() error {
		switch c.Method() {
		case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		default:
			if err := s.ownPage(c); err != nil {
				return err
			}
			if len(c.Body()) > bodyMost(c.Path()) {
				return fiber.NewError(fiber.StatusRequestEntityTooLarge, fmt.Sprintf("that is too large: at most %d kB are taken here", bodyMost(c.Path())>>10))
			}
		}
		return c.Next()
	}()
	if err != nil {
		s.problem(c, err)
	}
	s.metrics.requests.WithLabelValues(strconv.Itoa(c.Response().StatusCode()/100) + "xx").Inc()
	return nil
}

// ownPage lets calls through that change something and come from no other site's
// page. Browsers say where a page is of that calls (Fetch Metadata); the header is
// for those that do not. A key is no cookie: nobody else's page has it.
func (s *Service) ownPage(c *fiber.Ctx) error {
	if apiKey(c) != "" {
		return nil
	}
	switch c.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return fmt.Errorf("%w: this was called by another site's page", offers.ErrDenied)
	}
	if c.Get("X-Aisle") != "1" {
		return fmt.Errorf("%w: calls that change something need the header X-Aisle: 1", offers.ErrDenied)
	}
	return nil
}

// problem writes an error as problem+json: here, and only here, the kind of an
// error becomes a status.
func (s *Service) problem(c *fiber.Ctx, err error) {
	status, title := fiber.StatusInternalServerError, "failed"
	detail := "Something failed here. It is in the log; try again."
	said := strings.TrimPrefix(err.Error(), "catalog: ")
	// The title says the kind. Before the words it would only be in people's way.
	without := func(kind error) string { return strings.TrimPrefix(said, kind.Error()+": ") }
	var fe *fiber.Error
	var tooMany tooManyError
	switch {
	case errors.As(err, &fe):
		status, title, detail = fe.Code, "refused", fe.Message
	case errors.Is(err, errSignIn):
		status, title, detail = fiber.StatusUnauthorized, "not signed in", said
	case errors.As(err, &tooMany):
		status, title, detail = fiber.StatusTooManyRequests, "too many attempts", said
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(tooMany.seconds()))
	case errors.Is(err, offers.ErrInvalid):
		status, title, detail = fiber.StatusBadRequest, "invalid", without(offers.ErrInvalid)
	case errors.Is(err, offers.ErrNotFound):
		status, title, detail = fiber.StatusNotFound, "not found", without(offers.ErrNotFound)
	case errors.Is(err, offers.ErrConflict):
		status, title, detail = fiber.StatusConflict, "conflict", without(offers.ErrConflict)
	case errors.Is(err, offers.ErrDenied):
		status, title, detail = fiber.StatusForbidden, "denied", without(offers.ErrDenied)
	case errors.Is(err, offers.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		status, title = fiber.StatusServiceUnavailable, "unavailable"
		detail = "A part of the house does not answer now. Try again in a moment."
		c.Set(fiber.HeaderRetryAfter, "1")
	}
	if status >= 500 {
		s.logger.Error("request failed", "method", c.Method(), "route", c.Route().Path, "status", status, "err", err)
	}
	answer := struct {
		Type   string      `json:"type"`
		Title  string      `json:"title"`
		Status int         `json:"status"`
		Detail string      `json:"detail,omitempty"`
		Errors fieldErrors `json:"errors,omitempty"`
	}{Type: "about:blank", Title: title, Status: status, Detail: detail}
	errors.As(err, &answer.Errors)
	body, err := json.Marshal(answer)
	if err != nil {
		body = []byte("{}") // cannot be: strings and a number
	}
	c.Response().ResetBody()
	c.Set(fiber.HeaderContentType, "application/problem+json")
	_ = c.Status(status).Send(body) // never fails
}

// read decodes a JSON body into v. Names that v does not have are refused:
// what is misspelt would be lost in silence.
func read(c *fiber.Ctx, v any) error {
	d := json.NewDecoder(bytes.NewReader(c.Body()))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: the body is empty, want JSON", offers.ErrInvalid)
	case errors.As(err, &wrong) && wrong.Field != "":
		return fieldErrors{{wrong.Field, "is a " + wrong.Value + ", and should not be"}}
	case err != nil:
		return fmt.Errorf("%w: the body is not the JSON that is wanted here: %s", offers.ErrInvalid, strings.TrimPrefix(err.Error(), "json: "))
	case d.More():
		return fmt.Errorf("%w: there is more after the JSON", offers.ErrInvalid)
	}
	return nil
}

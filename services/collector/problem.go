package collector

import (
	"errors"
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/door"
	"aisle/services/formats"
)

func status(status int, detail string, args ...any) error {
	return door.Refuse(status, detail, args...)
}

// problem answers with problem+json. What cannot be read is its sender's to
// mend.
func problem(c *fiber.Ctx, err error, logger *slog.Logger) int {
	var refused *door.RefusedError
	var bad *formats.Bad
	if !errors.As(err, &refused) && errors.As(err, &bad) {
		status := fiber.StatusBadRequest
		if bad.Reason == offers.ReasonSize {
			status = fiber.StatusRequestEntityTooLarge
		}
		err = &door.RefusedError{Status: status, Detail: bad.Detail, Cause: bad}
	}
	return door.Problem(c, err, logger)
}

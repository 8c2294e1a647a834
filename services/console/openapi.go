package console

import (
	_ "embed"

	"github.com/gofiber/fiber/v2"
)

// Description is openapi.yaml, which says what every door takes and answers.
//
//go:embed openapi.yaml
var Description []byte

func (s *Service) getDescription(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "application/yaml")
	return c.Send(Description)
}

package console

import (
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
)

func (s *Service) auditRoutes(api fiber.Router) {
	api.Get("/audit", s.allow(catalog.RoleAdmin, s.getAudit))
}

// actsMost bounds what one answer of the audit lists; a file of it holds more.
const (
	actsMost     = 500
	actsExported = 50_000
)

// getAudit lists who did what, newest first; as CSV where that is asked for.
func (s *Service) getAudit(c *fiber.Ctx) error {
	limit, err := limitOf(c)
	if err != nil {
		return err
	}
	w := catalog.ActsWanted{By: query(c, "by"), What: query(c, "what"), Limit: min(limit, actsMost)}
	var wrong fieldErrors
	for name, at := range map[string]*time.Time{"after": &w.After, "before": &w.Before} {
		if given := query(c, name); given != "" {
			*at, err = time.Parse(time.RFC3339, given)
			wrong.add(err == nil, "is a time as 2026-11-21T09:00:00Z", "%s", name)
		}
	}
	if err := wrong.err(); err != nil {
		return err
	}
	asFile := query(c, "format") == "csv"
	if asFile {
		w.Limit = actsExported
	}
	acts, err := s.catalog.Acts(c.UserContext(), w)
	if err != nil {
		return err
	}
	if !asFile {
		return c.JSON(fiber.Map{"acts": list(acts)})
	}
	var b strings.Builder
	table := csv.NewWriter(&b)
	rows := [][]string{{"at", "by", "action", "object"}}
	for _, a := range acts {
		rows = append(rows, []string{a.At.Format(time.RFC3339Nano), cell(a.By), cell(a.Action), cell(a.Object)})
	}
	if err := table.WriteAll(rows); err != nil {
		return fmt.Errorf("audit: %w: %w", offers.ErrInvalid, err)
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="aisle-audit.csv"`)
	return c.SendString(b.String())
}

// cell keeps spreadsheets from reading what people wrote as a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

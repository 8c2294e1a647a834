package console

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	webdoor "aisle/services/door"
)

func (s *Service) apiKeyRoutes(api fiber.Router) {
	api.Get("/keys", s.allow(catalog.RoleAdmin, s.getAPIKeys))
	api.Post("/keys", s.allow(catalog.RoleAdmin, s.addAPIKey))
	api.Delete("/keys/:id", s.allow(catalog.RoleAdmin, s.revokeAPIKey))
}

// apiKey is the key that a program brings along, "" if it is none.
func apiKey(c *fiber.Ctx) string {
	if key := webdoor.Bearer(c); strings.HasPrefix(key, catalog.APIKeyPrefix) {
		return key
	}
	return ""
}

// program is as whom a program comes in by its key.
func (s *Service) program(ctx context.Context, key string) (catalog.Person, error) {
	k, err := s.catalog.APIKeyOf(ctx, key)
	if errors.Is(err, offers.ErrNotFound) {
		return catalog.Person{}, fmt.Errorf("%w: there is no such key", errSignIn)
	}
	if err != nil {
		return catalog.Person{}, err
	}
	now := time.Now()
	if !k.Revoked.IsZero() || !k.Expires.IsZero() && !now.Before(k.Expires) {
		return catalog.Person{}, fmt.Errorf("%w: the key was revoked, or its time is over", errSignIn)
	}
	role, ok := k.Role(now)
	if !ok {
		return catalog.Person{}, fmt.Errorf("%w: the key has neither the scope %q nor %q", offers.ErrDenied, catalog.ScopeRead, catalog.ScopeManage)
	}
	if err := s.catalog.UsedAPIKey(ctx, k, now); err != nil {
		return catalog.Person{}, err
	}
	return catalog.Person{ID: "key/" + k.ID, Name: "key " + k.Name, Role: role}, nil
}

func (s *Service) getAPIKeys(c *fiber.Ctx) error {
	all, err := s.catalog.APIKeys(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"keys": list(all)})
}

// longestKey bounds how long a key may be good that ends.
const longestKey = 5 * 366 * 24 * time.Hour

// addAPIKey makes a key. The answer is the only place where it ever stands.
func (s *Service) addAPIKey(c *fiber.Ctx) error {
	var in struct {
		Name    string          `json:"name"`
		Scopes  []catalog.Scope `json:"scopes"`
		Expires time.Time       `json:"expires"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	var wrong fieldErrors
	in.Name = strings.TrimSpace(in.Name)
	wrong.add(in.Name != "" && utf8.RuneCountInString(in.Name) <= 80, "write what the key is for, at most 80 characters", "name")
	wrong.add(len(in.Scopes) > 0, "choose what the key may do", "scopes")
	for i, scope := range in.Scopes {
		wrong.add(slices.Contains(catalog.Scopes, scope), "is none that there is", "scopes[%d]", i)
	}
	now := time.Now()
	wrong.add(in.Expires.IsZero() || in.Expires.After(now) && in.Expires.Before(now.Add(longestKey)), "choose a day to come, within five years", "expires")
	if err := wrong.err(); err != nil {
		return err
	}
	slices.Sort(in.Scopes)
	made, key, err := s.catalog.AddAPIKey(c.UserContext(), catalog.APIKey{Name: in.Name, Scopes: slices.Compact(in.Scopes), Expires: in.Expires}, by(c))
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"made": made, "key": key})
}

func (s *Service) revokeAPIKey(c *fiber.Ctx) error {
	if err := s.catalog.RevokeAPIKey(c.UserContext(), param(c, "id"), by(c)); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

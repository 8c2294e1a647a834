package console

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
)

func (s *Service) teamRoutes(api fiber.Router) {
	api.Get("/team", s.allow(catalog.RoleAdmin, s.getTeam))
	api.Post("/team", s.allow(catalog.RoleAdmin, s.addPerson))
	api.Put("/team/:person", s.allow(catalog.RoleAdmin, s.putPerson))
	api.Post("/team/:person/link", s.allow(catalog.RoleAdmin, s.addTicket))
	api.Delete("/team/:person", s.allow(catalog.RoleAdmin, s.removePerson))
}

// newPerson is somebody who is let in. Without a password they set one by a link.
type newPerson struct {
	Name     string       `json:"name"`
	Email    string       `json:"email"`
	Password string       `json:"password"`
	Role     catalog.Role `json:"role"`
}

func (n *newPerson) check(invited bool) error {
	n.Email = strings.TrimSpace(n.Email)
	var wrong fieldErrors
	wrong.checkPerson(&n.Name, n.Role)
	address, err := mail.ParseAddress(n.Email)
	wrong.add(err == nil && address.Address == n.Email && len(n.Email) <= 254, "write an e-mail address", "email")
	if !invited {
		wrong.checkPassword(n.Password)
	}
	return wrong.err()
}

func (e *fieldErrors) checkPerson(name *string, role catalog.Role) {
	*name = strings.TrimSpace(*name)
	e.add(*name != "" && utf8.RuneCountInString(*name) <= 120, "write a name, at most 120 characters", "name")
	e.add(role.Valid(), "choose viewer, staff, marketer, approver or admin", "role")
}

func (s *Service) getTeam(c *fiber.Ctx) error {
	people, err := s.catalog.People(c.UserContext())
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"people": people})
}

func (s *Service) addPerson(c *fiber.Ctx) error {
	var in newPerson
	if err := read(c, &in); err != nil {
		return err
	}
	if err := in.check(in.Password == ""); err != nil {
		return err
	}
	var p catalog.Person
	err := s.hash(c.UserContext(), func(ctx context.Context) (err error) {
		p, err = s.catalog.AddPerson(ctx, catalog.Person{Name: in.Name, Email: in.Email, Role: in.Role}, in.Password)
		return err
	})
	if errors.Is(err, offers.ErrConflict) {
		return fmt.Errorf("%w: somebody with this address may sign in already", offers.ErrConflict)
	}
	if err != nil {
		return err
	}
	if err := s.catalog.Audit(c.UserContext(), by(c), "add", "person/"+p.ID); err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(p)
}

// putPerson changes what somebody may do, and whether they are let in at all.
func (s *Service) putPerson(c *fiber.Ctx) error {
	var in struct {
		Name     string       `json:"name"`
		Role     catalog.Role `json:"role"`
		Disabled bool         `json:"disabled"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	var wrong fieldErrors
	if wrong.checkPerson(&in.Name, in.Role); wrong != nil {
		return wrong
	}
	ctx, id := c.UserContext(), param(c, "person")
	if id == person(c).ID {
		return fmt.Errorf("%w: nobody changes what they may do themselves: ask another administrator", offers.ErrConflict)
	}
	before, err := s.catalog.Person(ctx, id)
	if err != nil {
		return err
	}
	after := before
	after.Name, after.Role, after.Disabled = in.Name, in.Role, in.Disabled
	if err := s.catalog.ChangePerson(ctx, after); err != nil {
		return err
	}
	what := "rename"
	switch {
	case after.Disabled && !before.Disabled:
		what = "disable"
	case before.Disabled && !after.Disabled:
		what = "enable"
	case before.Role != after.Role:
		what = "make " + string(after.Role)
	}
	if err := s.catalog.Audit(ctx, by(c), what, "person/"+id); err != nil {
		return err
	}
	return c.JSON(after)
}

// ticketTime is how long a link is good by which somebody sets their password.
const ticketTime = 3 * 24 * time.Hour

// addTicket makes such a link, for who was invited or forgot their password. It is
// handed over by the administrator, who knows that they are who they are.
func (s *Service) addTicket(c *fiber.Ctx) error {
	ctx, id := c.UserContext(), param(c, "person")
	until := time.Now().Add(ticketTime).UTC().Truncate(time.Second)
	ticket, err := s.catalog.Ticket(ctx, id, until)
	if err != nil {
		return err
	}
	if err := s.catalog.Audit(ctx, by(c), "password link", "person/"+id); err != nil {
		return err
	}
	// After the #, so that it stands in no server's log.
	return c.Status(fiber.StatusCreated).JSON(fiber.Map{"link": s.config.PublicURL + "/console/password#t=" + ticket, "until": until})
}

func (s *Service) removePerson(c *fiber.Ctx) error {
	id := param(c, "person")
	if id == person(c).ID {
		return fmt.Errorf("%w: nobody removes themselves: ask another administrator", offers.ErrConflict)
	}
	if err := s.catalog.RemovePerson(c.UserContext(), id); err != nil {
		return err
	}
	if err := s.catalog.Audit(c.UserContext(), by(c), "remove", "person/"+id); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

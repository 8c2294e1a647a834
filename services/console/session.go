package console

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
)

const (
	sessionCookie = "aisle_session"
	sessionTime   = 12 * time.Hour
	minPassword   = 10
	maxPassword   = 200
)

func (s *Service) sessionRoutes(api fiber.Router) {
	api.Get("/session", s.getSession)
	api.Post("/session", s.signIn)
	api.Delete("/session", s.signOut)
	api.Post("/setup", s.setup)
	api.Get("/team", s.allow(catalog.RoleAdmin, s.getTeam))
	api.Post("/team", s.allow(catalog.RoleAdmin, s.addPerson))
	api.Delete("/team/:person", s.allow(catalog.RoleAdmin, s.removePerson))
}

// secrets are the catalog's, read when they are first needed.
type secrets struct {
	mu    sync.Mutex // guards known
	known *catalog.Secrets
}

func (s *Service) keys(ctx context.Context) (catalog.Secrets, error) {
	s.secrets.mu.Lock()
	defer s.secrets.mu.Unlock()
	if s.secrets.known == nil {
		known, err := s.catalog.Secrets(ctx)
		if err != nil {
			return catalog.Secrets{}, err
		}
		s.secrets.known = &known
	}
	return *s.secrets.known, nil
}

// allow lets those in whose role includes the given one.
func (s *Service) allow(role catalog.Role, handle fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		person, err := s.signedIn(c)
		if err != nil {
			return err
		}
		if !person.Role.Includes(role) {
			return fmt.Errorf("%w: this needs the role %q, yours is %q: ask an administrator", offers.ErrDenied, role, person.Role)
		}
		c.Locals(personLocal, person)
		return handle(c)
	}
}

type localKey int

const personLocal localKey = 0

// person is who is signed in, behind allow.
func person(c *fiber.Ctx) catalog.Person {
	p, _ := c.Locals(personLocal).(catalog.Person)
	return p
}

func by(c *fiber.Ctx) catalog.By {
	p := person(c)
	return catalog.By{ID: p.ID, Name: p.Name}
}

// signedIn is the person of the call's cookie. They are looked up each time,
// so that whoever is removed or demoted is so at once.
func (s *Service) signedIn(c *fiber.Ctx) (catalog.Person, error) {
	cookie := c.Cookies(sessionCookie)
	if cookie == "" {
		return catalog.Person{}, errSignIn
	}
	keys, err := s.keys(c.UserContext())
	if err != nil {
		return catalog.Person{}, err
	}
	id, err := catalog.Unsign(keys.Session, catalog.TokenSession, cookie, time.Now())
	if err != nil {
		return catalog.Person{}, errSignIn
	}
	p, err := s.catalog.Person(c.UserContext(), id)
	if errors.Is(err, offers.ErrNotFound) {
		return catalog.Person{}, errSignIn
	}
	return p, err
}

type session struct {
	Person      *catalog.Person `json:"person,omitempty"`
	Demo        bool            `json:"demo"`
	SetupNeeded bool            `json:"setup_needed"`
	Hint        *credentials    `json:"hint,omitempty"`
}

type credentials struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

func (s *Service) getSession(c *fiber.Ctx) error {
	p, err := s.signedIn(c)
	if errors.Is(err, errSignIn) {
		return s.sendSession(c, nil)
	}
	if err != nil {
		return err
	}
	return s.sendSession(c, &p)
}

func (s *Service) sendSession(c *fiber.Ctx, p *catalog.Person) error {
	answer := session{Person: p, Demo: s.config.Demo != nil}
	if p == nil {
		any, err := s.catalog.AnyPerson(c.UserContext())
		if err != nil {
			return err
		}
		answer.SetupNeeded = !any
		if s.config.Demo != nil {
			answer.Hint = &credentials{s.config.Demo.Email, s.config.Demo.Password}
		}
	}
	return c.JSON(answer)
}

func (s *Service) signIn(c *fiber.Ctx) error {
	var in credentials
	if err := read(c, &in); err != nil {
		return err
	}
	who := strings.ToLower(strings.TrimSpace(in.Email))
	if !s.attempts.begin(who, c.IP(), time.Now()) {
		return errTooMany
	}
	var p catalog.Person
	err := offers.ErrDenied
	if len(in.Password) <= maxPassword {
		p, err = s.authenticate(c.UserContext(), who, in.Password)
	}
	if errors.Is(err, offers.ErrDenied) {
		return fmt.Errorf("%w: the address or the password is wrong", offers.ErrDenied)
	}
	if err != nil {
		return err
	}
	s.attempts.succeeded(who, c.IP())
	if err := s.setSession(c, p); err != nil {
		return err
	}
	return s.sendSession(c, &p)
}

// maxHashing bounds how many passwords are hashed at once: each takes 19 MiB.
const maxHashing = 4

func (s *Service) authenticate(ctx context.Context, email, password string) (catalog.Person, error) {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
		return s.catalog.Authenticate(ctx, email, password)
	case <-time.After(5 * time.Second):
	case <-ctx.Done():
	}
	return catalog.Person{}, fmt.Errorf("sign-in: %w: too many sign in at once", offers.ErrUnavailable)
}

func (s *Service) setSession(c *fiber.Ctx, p catalog.Person) error {
	keys, err := s.keys(c.UserContext())
	if err != nil {
		return err
	}
	until := time.Now().Add(sessionTime)
	s.setCookie(c, sessionCookie, "/", catalog.Sign(keys.Session, catalog.TokenSession, p.ID, until), until)
	return nil
}

func (s *Service) setCookie(c *fiber.Ctx, name, path, value string, until time.Time) {
	c.Cookie(&fiber.Cookie{
		Name: name, Value: value, Path: path, Expires: until,
		HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: strings.HasPrefix(s.config.PublicURL, "https://"),
	})
}

func (s *Service) signOut(c *fiber.Ctx) error {
	s.setCookie(c, sessionCookie, "/", "", time.Unix(1, 0))
	return c.SendStatus(fiber.StatusNoContent)
}

type newPerson struct {
	Name     string       `json:"name"`
	Email    string       `json:"email"`
	Password string       `json:"password"`
	Role     catalog.Role `json:"role"`
}

func (n *newPerson) check() error {
	n.Name, n.Email = strings.TrimSpace(n.Name), strings.TrimSpace(n.Email)
	var wrong fieldErrors
	wrong.add(n.Name != "" && len(n.Name) <= 120, "write a name", "name")
	address, err := mail.ParseAddress(n.Email)
	wrong.add(err == nil && address.Address == n.Email && len(n.Email) <= 254, "write an e-mail address", "email")
	length := utf8.RuneCountInString(n.Password)
	wrong.add(length >= minPassword && len(n.Password) <= maxPassword, fmt.Sprintf("write at least %d characters", minPassword), "password")
	wrong.add(n.Role.Valid(), "choose viewer, staff, marketer or admin", "role")
	return wrong.err()
}

// setup makes the first administrator, once.
func (s *Service) setup(c *fiber.Ctx) error {
	var in struct {
		Name     string `json:"name"`
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	any, err := s.catalog.AnyPerson(c.UserContext())
	if err != nil {
		return err
	}
	if any {
		return fmt.Errorf("%w: the first set-up is done: sign in", offers.ErrConflict)
	}
	n := newPerson{in.Name, in.Email, in.Password, catalog.RoleAdmin}
	if err := n.check(); err != nil {
		return err
	}
	p, err := s.catalog.AddFirstPerson(c.UserContext(), catalog.Person{Name: n.Name, Email: n.Email, Role: n.Role}, n.Password)
	if err != nil {
		return err
	}
	s.logger.Info("first administrator created")
	if err := s.setSession(c, p); err != nil {
		return err
	}
	c.Status(fiber.StatusCreated)
	return s.sendSession(c, &p)
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
	if err := in.check(); err != nil {
		return err
	}
	p, err := s.catalog.AddPerson(c.UserContext(), catalog.Person{Name: in.Name, Email: in.Email, Role: in.Role}, in.Password)
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

// attempts slows down who guesses passwords: a few wrong ones a minute for one
// address, more for one network address, which many people may share.
type attempts struct {
	mu     sync.Mutex // guards recent
	recent map[string][]time.Time
}

const (
	attemptsPerAddress = 5
	attemptsPerIP      = 30
	joinsPerIP         = 60 // the shop's own network is one
	attemptsWithin     = time.Minute
	attemptsKept       = 10_000
)

func newAttempts() *attempts { return &attempts{recent: map[string][]time.Time{}} }

// begin counts an attempt to sign in, and tells whether it may go on.
func (a *attempts) begin(email, ip string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count("ip/"+ip, attemptsPerIP, now) && a.count("email/"+email, attemptsPerAddress, now)
}

// succeeded takes back what begin counted: only wrong passwords count.
func (a *attempts) succeeded(email, ip string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.recent, "email/"+email)
	if times := a.recent["ip/"+ip]; len(times) > 0 {
		a.recent["ip/"+ip] = times[:len(times)-1]
	}
}

// join counts a new shopper, and tells whether they may join.
func (a *attempts) join(ip string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count("join/"+ip, joinsPerIP, now)
}

// count counts one more under a key, unless there are too many. The caller
// holds the lock.
func (a *attempts) count(key string, most int, now time.Time) bool {
	if len(a.recent) > attemptsKept {
		for key, times := range a.recent {
			if len(times) == 0 || now.Sub(times[len(times)-1]) > attemptsWithin {
				delete(a.recent, key)
			}
		}
	}
	times := a.recent[key]
	for len(times) > 0 && now.Sub(times[0]) > attemptsWithin {
		times = times[1:]
	}
	if len(times) >= most {
		return false
	}
	a.recent[key] = append(times, now)
	return true
}

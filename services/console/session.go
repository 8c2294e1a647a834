package console

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/config"
)

// SignIn says how those who work here sign in. The zero SignIn is by password.
type SignIn struct {
	Idle    time.Duration `yaml:"idle"`    // a session ends that was not used for so long; default 12 h, as long as a wall's screen may be off
	Longest time.Duration `yaml:"longest"` // a session ends in any case; default 7 days
	OIDC    OIDC          `yaml:"oidc"`    // an identity provider beside passwords
}

func (s SignIn) filled() SignIn {
	config.Default(&s.Idle, 12*time.Hour)
	config.Default(&s.Longest, 7*24*time.Hour)
	s.OIDC = s.OIDC.filled()
	return s
}

// Validate says what is wrong.
func (s SignIn) Validate() error {
	if s.Idle < 0 || s.Longest < 0 {
		return fmt.Errorf("%w: sign_in: how long sessions last is less than nothing", offers.ErrInvalid)
	}
	return s.OIDC.check()
}

const (
	sessionCookie = "aisle_session"
	minPassword   = 10
	maxPassword   = 200
)

func (s *Service) sessionRoutes(api fiber.Router) {
	api.Get("/session", s.getSession)
	api.Post("/session", s.signIn)
	api.Delete("/session", s.signOut)
	api.Get("/session/oidc", s.toProvider)
	api.Get("/session/oidc/callback", s.fromProvider)
	api.Post("/session/ticket", s.redeemTicket)
	api.Put("/session/password", s.allow(catalog.RoleViewer, s.putPassword))
	api.Get("/sessions", s.allow(catalog.RoleViewer, s.getSessions))
	api.Delete("/sessions", s.allow(catalog.RoleViewer, s.endOtherSessions))
	api.Delete("/sessions/:id", s.allow(catalog.RoleViewer, s.endSession))
	api.Post("/setup", s.setup)
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

// allow lets those in whose role includes the given one: people by their
// session, programs by their key.
func (s *Service) allow(role catalog.Role, handle fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		who, err := s.comesIn(c)
		if err != nil {
			return err
		}
		if !who.person.Role.Includes(role) {
			return fmt.Errorf("%w: this needs the role %q, yours is %q: ask an administrator", offers.ErrDenied, role, who.person.Role)
		}
		c.Locals(visitorLocal, who)
		return handle(c)
	}
}

type localKey int

const visitorLocal localKey = 0

// visitor is who uses a door, and by which session; without one it is a program.
type visitor struct {
	person  catalog.Person
	session catalog.Session
}

// visitorOf is who was let in by allow.
func visitorOf(c *fiber.Ctx) visitor {
	v, _ := c.Locals(visitorLocal).(visitor)
	return v
}

func person(c *fiber.Ctx) catalog.Person { return visitorOf(c).person }

func by(c *fiber.Ctx) catalog.By {
	p := person(c)
	return catalog.By{ID: p.ID, Name: p.Name}
}

func (s *Service) comesIn(c *fiber.Ctx) (visitor, error) {
	return s.letIn(c.UserContext(), apiKey(c), c.Cookies(sessionCookie))
}

// signedIn is the person of the call's cookie.
func (s *Service) signedIn(c *fiber.Ctx) (visitor, error) {
	return s.letIn(c.UserContext(), "", c.Cookies(sessionCookie))
}

// letIn is whose key it is, or else whose cookie. They are looked up each time,
// so that whoever is removed, demoted or signed out is so at once.
func (s *Service) letIn(ctx context.Context, key, cookie string) (visitor, error) {
	if key != "" {
		p, err := s.program(ctx, key)
		return visitor{person: p}, err
	}
	if cookie == "" {
		return visitor{}, errSignIn
	}
	session, p, err := s.catalog.SessionOf(ctx, cookie, s.config.SignIn.Idle, time.Now())
	if errors.Is(err, offers.ErrDenied) {
		return visitor{}, errSignIn
	}
	return visitor{p, session}, err
}

type session struct {
	Person      *catalog.Person `json:"person,omitempty"`
	Demo        bool            `json:"demo"`
	SetupNeeded bool            `json:"setup_needed"`
	Hint        *credentials    `json:"hint,omitempty"`
	Provider    string          `json:"provider,omitempty"` // the identity provider's name
}

type credentials struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

func (s *Service) getSession(c *fiber.Ctx) error {
	v, err := s.signedIn(c)
	if errors.Is(err, errSignIn) {
		return s.sendSession(c, nil)
	}
	if err != nil {
		return err
	}
	return s.sendSession(c, &v.person)
}

func (s *Service) sendSession(c *fiber.Ctx, p *catalog.Person) error {
	answer := session{Person: p, Demo: s.config.Demo != nil}
	if p == nil {
		any, err := s.catalog.AnyPerson(c.UserContext())
		if err != nil {
			return err
		}
		answer.SetupNeeded = !any
		if s.config.SignIn.OIDC.on() {
			answer.Provider = s.config.SignIn.OIDC.Name
		}
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
	p, err := s.tryPassword(c, in)
	if err != nil {
		return err
	}
	if err := s.openSession(c, p, "password"); err != nil {
		return err
	}
	return s.sendSession(c, &p)
}

// tryPassword is the person of an address and password. Who tries too often has
// to wait, whether or not the password is right.
func (s *Service) tryPassword(c *fiber.Ctx, in credentials) (catalog.Person, error) {
	who := strings.ToLower(strings.TrimSpace(in.Email))
	if err := s.attempts.begin(who, c.IP(), time.Now()); err != nil {
		return catalog.Person{}, err
	}
	var p catalog.Person
	err := offers.ErrDenied
	if len(in.Password) <= maxPassword {
		err = s.hash(c.UserContext(), func(ctx context.Context) (err error) {
			p, err = s.catalog.Authenticate(ctx, who, in.Password)
			return err
		})
	}
	if errors.Is(err, offers.ErrDenied) {
		return p, fmt.Errorf("%w: the address or the password is wrong", offers.ErrDenied)
	}
	if err != nil {
		return p, err
	}
	s.attempts.succeeded(who, c.IP())
	return p, nil
}

// maxHashing bounds how many passwords are hashed at once: each takes 19 MiB.
const maxHashing = 4

// hash does something in which a password is hashed, when there is room for it.
func (s *Service) hash(ctx context.Context, do func(context.Context) error) error {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
		return do(ctx)
	case <-time.After(5 * time.Second):
	case <-ctx.Done():
	}
	return fmt.Errorf("sign-in: %w: too many sign in at once", offers.ErrUnavailable)
}

// maxAgent bounds what is kept of a browser's name for itself.
const maxAgent = 200

// openSession signs somebody in under a session of its own; the browser's one of
// before is over, so that a cookie that somebody planted is worth nothing.
func (s *Service) openSession(c *fiber.Ctx, p catalog.Person, how string) error {
	ctx := c.UserContext()
	if before := c.Cookies(sessionCookie); before != "" {
		if err := s.catalog.EndSessionOf(ctx, before); err != nil {
			return err
		}
	}
	agent := c.Get(fiber.HeaderUserAgent)
	until := time.Now().Add(s.config.SignIn.Longest).UTC().Truncate(time.Second)
	_, token, err := s.catalog.OpenSession(ctx, catalog.Session{
		Person: p.ID, How: how, Until: until, Address: c.IP(), Device: strings.ToValidUTF8(strings.Clone(agent[:min(len(agent), maxAgent)]), ""),
	}, s.config.SignIn.Idle)
	if err != nil {
		return err
	}
	if err := s.catalog.Audit(ctx, catalog.By{ID: p.ID, Name: p.Name}, "sign in", "person/"+p.ID); err != nil {
		return err
	}
	s.setCookie(c, sessionCookie, "/", token, until)
	return nil
}

func (s *Service) setCookie(c *fiber.Ctx, name, path, value string, until time.Time) {
	c.Cookie(&fiber.Cookie{
		Name: name, Value: value, Path: path, Expires: until,
		HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: strings.HasPrefix(s.config.PublicURL, "https://"),
	})
}

func (s *Service) dropCookie(c *fiber.Ctx, name, path string) {
	s.setCookie(c, name, path, "", time.Unix(1, 0))
}

func (s *Service) signOut(c *fiber.Ctx) error {
	if cookie := c.Cookies(sessionCookie); cookie != "" {
		if err := s.catalog.EndSessionOf(c.UserContext(), cookie); err != nil {
			return err
		}
	}
	s.dropCookie(c, sessionCookie, "/")
	return c.SendStatus(fiber.StatusNoContent)
}

// mySession is one of a person's sessions, as they see it.
type mySession struct {
	catalog.Session
	Here bool `json:"here"`
}

func (s *Service) getSessions(c *fiber.Ctx) error {
	v := visitorOf(c)
	all, err := s.catalog.Sessions(c.UserContext(), v.person.ID, s.config.SignIn.Idle, time.Now())
	if err != nil {
		return err
	}
	mine := make([]mySession, len(all))
	for i, one := range all {
		mine[i] = mySession{one, one.ID == v.session.ID}
	}
	return c.JSON(fiber.Map{"sessions": mine})
}

func (s *Service) endSession(c *fiber.Ctx) error {
	if err := s.catalog.EndSession(c.UserContext(), person(c).ID, param(c, "id")); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

func (s *Service) endOtherSessions(c *fiber.Ctx) error {
	v := visitorOf(c)
	if err := s.catalog.EndSessions(c.UserContext(), v.person.ID, v.session.ID); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// checkPassword notes what is wrong with a password that somebody chose.
func (e *fieldErrors) checkPassword(password string) {
	length := utf8.RuneCountInString(password)
	e.add(length >= minPassword && len(password) <= maxPassword, fmt.Sprintf("write at least %d characters", minPassword), "password")
}

// putPassword changes one's own password. Other sessions end, this one is
// replaced.
func (s *Service) putPassword(c *fiber.Ctx) error {
	var in struct {
		Current  string `json:"current"`
		Password string `json:"password"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	var wrong fieldErrors
	if wrong.checkPassword(in.Password); wrong != nil {
		return wrong
	}
	v := visitorOf(c)
	if v.session.ID == "" {
		return fmt.Errorf("%w: a key has no password", offers.ErrDenied)
	}
	p, err := s.tryPassword(c, credentials{v.person.Email, in.Current})
	if errors.Is(err, offers.ErrDenied) {
		return fieldErrors{{"current", "is not your password"}}
	}
	if err != nil {
		return err
	}
	err = s.hash(c.UserContext(), func(ctx context.Context) error { return s.catalog.SetPassword(ctx, p.ID, in.Password) })
	if err != nil {
		return err
	}
	if err := s.catalog.Audit(c.UserContext(), by(c), "change password", "person/"+p.ID); err != nil {
		return err
	}
	if err := s.openSession(c, p, "password"); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// redeemTicket sets a password by the link of an invitation or a reset, and signs
// in.
func (s *Service) redeemTicket(c *fiber.Ctx) error {
	var in struct {
		Ticket   string `json:"ticket"`
		Password string `json:"password"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	var wrong fieldErrors
	if wrong.checkPassword(in.Password); wrong != nil {
		return wrong
	}
	if err := s.attempts.ticket(c.IP(), time.Now()); err != nil {
		return err
	}
	var p catalog.Person
	err := s.hash(c.UserContext(), func(ctx context.Context) (err error) {
		p, err = s.catalog.RedeemTicket(ctx, in.Ticket, in.Password, time.Now())
		return err
	})
	if errors.Is(err, offers.ErrDenied) {
		return fmt.Errorf("%w: this link was used already, or its time is over: ask an administrator for a new one", offers.ErrDenied)
	}
	if err != nil {
		return err
	}
	if err := s.openSession(c, p, "link"); err != nil {
		return err
	}
	return s.sendSession(c, &p)
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
	if err := n.check(false); err != nil {
		return err
	}
	var p catalog.Person
	err = s.hash(c.UserContext(), func(ctx context.Context) (err error) {
		p, err = s.catalog.AddFirstPerson(ctx, catalog.Person{Name: n.Name, Email: n.Email, Role: n.Role}, n.Password)
		return err
	})
	if err != nil {
		return err
	}
	s.logger.Info("first administrator created")
	if err := s.openSession(c, p, "password"); err != nil {
		return err
	}
	c.Status(fiber.StatusCreated)
	return s.sendSession(c, &p)
}

package console

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gofiber/fiber/v2"
	"golang.org/x/oauth2"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/config"
)

// OIDC is an identity provider by which those who work here sign in: OpenID
// Connect, by authorization code with PKCE. Off without an issuer.
type OIDC struct {
	Name         string   `yaml:"name"`   // on the button; default: the issuer's host
	Issuer       string   `yaml:"issuer"` // https://login.example/realms/shop
	ClientID     string   `yaml:"client_id"`
	ClientSecret string   `yaml:"client_secret"` // ${env:NAME}; a public client has none
	Scopes       []string `yaml:"scopes"`        // beside openid; default profile, email
	// Groups names the claim that lists somebody's groups; default "groups". Roles
	// says which role a group has: of several the one that may most. Who is in none
	// of them has the role Others, and is not let in where that is empty.
	Groups string                  `yaml:"groups"`
	Roles  map[string]catalog.Role `yaml:"roles"`
	Others catalog.Role            `yaml:"others"`
}

func (o OIDC) on() bool { return o.Issuer != "" }

func (o OIDC) filled() OIDC {
	config.Default(&o.Groups, "groups")
	if u, err := url.Parse(o.Issuer); err == nil {
		config.Default(&o.Name, u.Host)
	}
	if o.Scopes == nil {
		o.Scopes = []string{"profile", "email"}
	}
	return o
}

func (o OIDC) check() error {
	if !o.on() {
		return nil
	}
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1" {
		return fmt.Errorf("%w: sign_in.oidc.issuer %q: want an address that begins with https://", offers.ErrInvalid, o.Issuer)
	}
	if o.ClientID == "" {
		return fmt.Errorf("%w: sign_in.oidc.client_id is not set", offers.ErrInvalid)
	}
	for group, role := range o.Roles {
		if !role.Valid() {
			return fmt.Errorf("%w: sign_in.oidc.roles: the group %q has the role %q: choose viewer, staff, marketer, approver or admin", offers.ErrInvalid, group, role)
		}
	}
	if o.Others != "" && !o.Others.Valid() {
		return fmt.Errorf("%w: sign_in.oidc.others %q: choose viewer, staff, marketer, approver or admin", offers.ErrInvalid, o.Others)
	}
	if len(o.Roles) == 0 && o.Others == "" {
		return fmt.Errorf("%w: sign_in.oidc lets nobody in: say in roles which group has which role, or in others which role everybody has", offers.ErrInvalid)
	}
	return nil
}

// role is what somebody of some groups may do; "" if they are not let in.
func (o OIDC) role(groups []string) catalog.Role {
	role := o.Others
	for _, g := range groups {
		if r := o.Roles[g]; r.Valid() && (!role.Valid() || r.Includes(role)) {
			role = r
		}
	}
	return role
}

// provider is the identity provider as it describes itself, asked when it is
// first needed: the house starts also while it is away.
type provider struct {
	mu    sync.Mutex // guards known
	known *oidc.Provider
}

// providerTimeout bounds each call of the provider.
const providerTimeout = 10 * time.Second

var providerClient = &http.Client{Timeout: providerTimeout}

func (s *Service) oidcProvider(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	o := s.config.SignIn.OIDC
	if !o.on() {
		return nil, nil, fmt.Errorf("%w: there is no identity provider here", offers.ErrNotFound)
	}
	s.provider.mu.Lock()
	defer s.provider.mu.Unlock()
	if s.provider.known == nil {
		known, err := oidc.NewProvider(ctx, o.Issuer)
		if err != nil {
			return nil, nil, fmt.Errorf("identity provider: %w: %w", offers.ErrUnavailable, err)
		}
		s.provider.known = known
	}
	return s.provider.known, &oauth2.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret, Endpoint: s.provider.known.Endpoint(),
		RedirectURL: s.config.PublicURL + "/api/session/oidc/callback", Scopes: append([]string{oidc.ScopeOpenID}, o.Scopes...),
	}, nil
}

// What a browser keeps while it is at the provider. The verifier is what makes a
// stolen code worthless, the nonce a stolen token, the state a planted answer.
const (
	oidcCookie  = "aisle_oidc"
	oidcPath    = "/api/session/oidc"
	oidcTime    = 10 * time.Minute
	oidcPurpose = "oidc"
)

type oidcTrip struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	To       string `json:"t"` // the page that was asked for
}

// toProvider sends the browser to the identity provider.
func (s *Service) toProvider(c *fiber.Ctx) error {
	ctx := oidc.ClientContext(c.UserContext(), providerClient)
	_, client, err := s.oidcProvider(ctx)
	if err != nil {
		return err
	}
	keys, err := s.keys(ctx)
	if err != nil {
		return err
	}
	trip := oidcTrip{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: pageOf(query(c, "to"))}
	kept, err := json.Marshal(trip)
	if err != nil {
		return fmt.Errorf("sign-in: %w: %w", offers.ErrInvalid, err)
	}
	until := time.Now().Add(oidcTime)
	s.setCookie(c, oidcCookie, oidcPath, catalog.Sign(keys.Session, oidcPurpose, string(kept), until), until)
	return c.Redirect(client.AuthCodeURL(trip.State, oidc.Nonce(trip.Nonce), oauth2.S256ChallengeOption(trip.Verifier)), fiber.StatusSeeOther)
}

// pageOf is a page of ours, whatever somebody put into the address.
func pageOf(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, "/console/") && !strings.HasPrefix(u.Path, "/staff/") || strings.ContainsAny(to, "\\\r\n") {
		return "/console/"
	}
	return to
}

// fromProvider is where the provider sends the browser back to. Whatever is
// wrong, its person sees the sign-in page, with the reason.
func (s *Service) fromProvider(c *fiber.Ctx) error {
	to, err := s.providerSays(c)
	s.dropCookie(c, oidcCookie, oidcPath)
	if err != nil {
		reason := "failed"
		switch {
		case errors.Is(err, offers.ErrDenied):
			reason = "denied"
		case errors.Is(err, offers.ErrConflict):
			reason = "taken"
		case errors.Is(err, offers.ErrUnavailable):
			reason = "unavailable"
		}
		s.logger.Warn("sign-in by the identity provider failed", "reason", reason, "err", err)
		to = "/console/sign-in?refused=" + reason
	}
	return c.Redirect(to, fiber.StatusSeeOther)
}

// providerSays signs in whom the provider names, and gives the page that was asked
// for.
func (s *Service) providerSays(c *fiber.Ctx) (string, error) {
	ctx := oidc.ClientContext(c.UserContext(), providerClient)
	p, client, err := s.oidcProvider(ctx)
	if err != nil {
		return "", err
	}
	keys, err := s.keys(ctx)
	if err != nil {
		return "", err
	}
	kept, err := catalog.Unsign(keys.Session, oidcPurpose, c.Cookies(oidcCookie), time.Now())
	if err != nil { // nobody is denied who has no cookie: they begin anew
		return "", fmt.Errorf("the browser's cookie: %w: %s", offers.ErrInvalid, err.Error())
	}
	var trip oidcTrip
	if err := json.Unmarshal([]byte(kept), &trip); err != nil {
		return "", fmt.Errorf("the browser's cookie: %w: %w", offers.ErrInvalid, err)
	}
	if subtle.ConstantTimeCompare([]byte(query(c, "state")), []byte(trip.State)) != 1 {
		return "", fmt.Errorf("state: %w: this answer is to another browser", offers.ErrInvalid)
	}
	if refused := query(c, "error"); refused != "" {
		return "", fmt.Errorf("%w: the provider says %.100q", offers.ErrDenied, refused)
	}
	token, err := client.Exchange(ctx, query(c, "code"), oauth2.VerifierOption(trip.Verifier))
	if err != nil {
		return "", fmt.Errorf("code: %w: %w", offers.ErrInvalid, err)
	}
	raw, _ := token.Extra("id_token").(string)
	said, err := p.Verifier(&oidc.Config{ClientID: client.ClientID}).Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("id token: %w: %w", offers.ErrInvalid, err)
	}
	if subtle.ConstantTimeCompare([]byte(said.Nonce), []byte(trip.Nonce)) != 1 {
		return "", fmt.Errorf("id token: %w: it was made for another sign-in", offers.ErrInvalid)
	}
	who, sure, err := s.config.SignIn.OIDC.person(said)
	if err != nil {
		return "", err
	}
	if who, err = s.catalog.ProvidedPerson(ctx, said.Issuer+" "+said.Subject, who, sure); err != nil {
		return "", err
	}
	return trip.To, s.openSession(c, who, "oidc")
}

// person is who a token speaks of, and whether the provider is sure that the
// address is theirs.
func (o OIDC) person(said *oidc.IDToken) (p catalog.Person, sure bool, err error) {
	var claims struct {
		Name     string `json:"name"`
		Email    string `json:"email"`
		Verified any    `json:"email_verified"` // true, or "true" of some
	}
	if err := said.Claims(&claims); err != nil {
		return p, false, fmt.Errorf("id token: %w: %w", offers.ErrInvalid, err)
	}
	if claims.Email == "" || len(claims.Email) > 254 {
		return p, false, fmt.Errorf("id token: %w: it names no e-mail address: ask for the scope email", offers.ErrInvalid)
	}
	var all map[string]json.RawMessage
	if err := said.Claims(&all); err != nil {
		return p, false, fmt.Errorf("id token: %w: %w", offers.ErrInvalid, err)
	}
	p = catalog.Person{Name: claims.Name, Email: claims.Email, Role: o.role(groupsOf(all[o.Groups]))}
	config.Default(&p.Name, claims.Email)
	if p.Name = strings.ToValidUTF8(p.Name[:min(len(p.Name), 120)], ""); !p.Role.Valid() {
		return p, false, fmt.Errorf("%w: none of their groups has a role here", offers.ErrDenied)
	}
	return p, claims.Verified == true || claims.Verified == "true", nil
}

// groupsOf reads a claim of groups: a list, or one.
func groupsOf(raw json.RawMessage) []string {
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		return many
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return slices.DeleteFunc([]string{one}, func(g string) bool { return g == "" })
	}
	return nil
}

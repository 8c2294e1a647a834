package catalogtest

import (
	"errors"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
)

const idle = time.Hour

func signIn(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	must(c.AddFirstPerson(ctx, catalog.Person{Name: "Ada", Email: "ada@example.com", Role: catalog.RoleAdmin}, "a long password"))(t)
	bo := must(c.AddPerson(ctx, catalog.Person{Name: "Bo", Email: "bo@example.com", Role: catalog.RoleStaff}, ""))(t)
	if _, err := c.Authenticate(ctx, bo.Email, ""); !errors.Is(err, offers.ErrDenied) {
		t.Errorf("without a password: %v, want denied", err)
	}
	now := time.Now()
	ticket := must(c.Ticket(ctx, bo.ID, now.Add(time.Hour)))(t)
	if _, err := c.RedeemTicket(ctx, ticket, "a long password", now.Add(time.Hour)); !errors.Is(err, offers.ErrDenied) {
		t.Errorf("a ticket whose time is over: %v, want denied", err)
	}
	if p := must(c.RedeemTicket(ctx, ticket, "a long password", now))(t); p.ID != bo.ID || !p.Invited.IsZero() {
		t.Errorf("the ticket is of %+v, want Bo, invited no more", p)
	}
	if _, err := c.RedeemTicket(ctx, ticket, "another password", now); !errors.Is(err, offers.ErrDenied) {
		t.Errorf("the ticket again: %v, want denied", err)
	}
	must(c.Authenticate(ctx, bo.Email, "a long password"))(t)

	session := func(until time.Time) (catalog.Session, string) {
		s, token, err := c.OpenSession(ctx, catalog.Session{Person: bo.ID, How: "password", Until: until, Address: "192.0.2.1", Device: "test"}, idle)
		if err != nil {
			t.Fatal(err)
		}
		return s, token
	}
	one, first := session(now.Add(24 * time.Hour))
	_, second := session(now.Add(24 * time.Hour))
	in := func(token string, at time.Time) bool {
		_, p, err := c.SessionOf(ctx, token, idle, at)
		if err != nil && !errors.Is(err, offers.ErrDenied) {
			t.Fatal(err)
		}
		return err == nil && p.ID == bo.ID && p.Role == catalog.RoleStaff
	}
	if !in(first, now) || !in(second, now) || in("guessed", now) || in(first, now.Add(2*idle)) {
		t.Error("sessions let in whom they should not, or not whom they should")
	}
	if all := must(c.Sessions(ctx, bo.ID, idle, now))(t); len(all) != 2 {
		t.Errorf("%d sessions, want 2", len(all))
	}
	wantKind(t, c.EndSession(ctx, "another", one.ID), offers.ErrNotFound)
	if err := c.EndSession(ctx, bo.ID, one.ID); err != nil || in(first, now) || !in(second, now) {
		t.Errorf("ended: %v, and the wrong one is", err)
	}
	bo.Disabled = true
	if err := c.ChangePerson(ctx, bo); err != nil || in(second, now) {
		t.Errorf("disabled: %v, and still in", err)
	}
	if _, _, err := c.OpenSession(ctx, catalog.Session{Person: bo.ID, How: "password", Until: now.Add(time.Hour)}, idle); !errors.Is(err, offers.ErrDenied) {
		t.Errorf("a session of who is disabled: %v, want denied", err)
	}
	if _, err := c.Authenticate(ctx, bo.Email, "a long password"); !errors.Is(err, offers.ErrDenied) {
		t.Errorf("the password of who is disabled: %v, want denied", err)
	}
}

func provided(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	by := func(subject, email string, role catalog.Role, sure bool) (catalog.Person, error) {
		return c.ProvidedPerson(ctx, subject, catalog.Person{Name: "Cy", Email: email, Role: role}, sure)
	}
	cy := must(by("issuer 1", "Cy@example.com", catalog.RoleAdmin, false))(t)
	if cy.Email != "cy@example.com" || !cy.Provided {
		t.Errorf("new: %+v", cy)
	}
	if again := must(by("issuer 1", "elsewhere@example.com", catalog.RoleViewer, true))(t); again.ID != cy.ID || again.Role != catalog.RoleAdmin {
		t.Errorf("again: %+v, want the same, and the last administrator still", again)
	}
	if _, err := by("issuer 2", "cy@example.com", catalog.RoleViewer, true); !errors.Is(err, offers.ErrConflict) {
		t.Errorf("another with the address: %v, want a conflict", err)
	}
	if _, err := c.Authenticate(ctx, "cy@example.com", ""); !errors.Is(err, offers.ErrDenied) {
		t.Errorf("by no password: %v, want denied", err)
	}
}

func apiKeys(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx, by := open(t), t.Context(), catalog.By{ID: "u1", Name: "Ada"}
	made, key, err := c.AddAPIKey(ctx, catalog.APIKey{Name: "import", Scopes: []catalog.Scope{catalog.ScopeEvents, catalog.ScopeRead}}, by)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	kept := must(c.APIKeyOf(ctx, key))(t)
	if !kept.Opens(catalog.ScopeEvents, now) || kept.Opens(catalog.ScopeManage, now) || kept.By != "Ada" {
		t.Errorf("kept: %+v", kept)
	}
	if _, err := c.APIKeyOf(ctx, "another"); !errors.Is(err, offers.ErrNotFound) {
		t.Errorf("another key: %v, want not found", err)
	}
	if err := c.UsedAPIKey(ctx, kept, now); err != nil || must(c.APIKeys(ctx))(t)[0].Used.IsZero() {
		t.Errorf("used: %v, and it is not noted", err)
	}
	if err := c.RevokeAPIKey(ctx, made.ID, by); err != nil {
		t.Fatal(err)
	}
	wantKind(t, c.RevokeAPIKey(ctx, made.ID, by), offers.ErrNotFound)
	if kept := must(c.APIKeyOf(ctx, key))(t); kept.Opens(catalog.ScopeEvents, now) {
		t.Error("a revoked key opens")
	}
}

func signInCodes(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx, now := open(t), t.Context(), time.Now()
	here, right, wrong := []byte("address"), []byte("code"), []byte("edoc")
	keep := func(at time.Time) error {
		_, err := c.KeepSignInCode(ctx, here, right, at)
		return err
	}
	use := func(code []byte, at time.Time) bool {
		err := c.UseSignInCode(ctx, here, code, at)
		if err != nil && !errors.Is(err, offers.ErrDenied) {
			t.Fatal(err)
		}
		return err == nil
	}
	if use(right, now) {
		t.Error("a code that was never sent is taken")
	}
	if err := keep(now); err != nil {
		t.Fatal(err)
	}
	if use(wrong, now) || use(right, now.Add(11*time.Minute)) || !use(right, now.Add(9*time.Minute)) || use(right, now) {
		t.Error("a code is taken that is wrong, too old or used, or not taken that is right")
	}
	if err := keep(now); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		use(wrong, now)
	}
	if use(right, now) {
		t.Error("after five guesses the right one is taken")
	}
	for range 3 {
		if err := keep(now); err != nil {
			t.Fatal(err)
		}
	}
	wantKind(t, keep(now), offers.ErrDenied)
	if !use(right, now) {
		t.Error("the code before the one too many is not good any more")
	}
	if err := keep(now.Add(61 * time.Minute)); err != nil {
		t.Errorf("after an hour: %v", err)
	}
}

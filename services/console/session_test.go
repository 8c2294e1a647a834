package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"aisle/services/catalog"
	"aisle/services/console"
)

type sessionOf struct {
	Person      *catalog.Person
	Demo        bool
	SetupNeeded bool `json:"setup_needed"`
	Hint        *struct{ Email, Password string }
	Provider    string
}

func TestFirstSetUp(t *testing.T) {
	h := open(t)
	v := h.visitor()
	var s sessionOf
	v.call("GET", "/api/session", nil, 200, &s)
	if !s.SetupNeeded || s.Person != nil {
		t.Errorf("before: %+v, want set-up needed and nobody", s)
	}
	for name, test := range map[string]struct{ in, fields string }{
		"nothing":          {`{}`, "name email password"},
		"a short password": {`{"name":"A","email":"a@example.com","password":"short"}`, "password"},
		"no address":       {`{"name":"A","email":"Ada <a@example.com>","password":"correct horse battery"}`, "email"},
	} {
		status, body := v.try("POST", "/api/setup", test.in)
		if status != 400 || fields(t, body) != test.fields {
			t.Errorf("%s: %d %s, want 400 about %s", name, status, body, test.fields)
		}
	}
	v.call("POST", "/api/setup", map[string]string{"name": "Ada", "email": "Admin@Example.com", "password": password}, 201, &s)
	if s.Person == nil || s.Person.Role != catalog.RoleAdmin || s.SetupNeeded {
		t.Errorf("after: %+v, want an administrator", s)
	}
	v.call("GET", "/api/session", nil, 200, &s)
	if s.Person == nil || s.Person.Email != "admin@example.com" {
		t.Errorf("the session: %+v, want Ada's", s)
	}
	h.visitor().call("POST", "/api/setup", map[string]string{"name": "Eve", "email": "eve@example.com", "password": password}, 409, nil)
}

func TestSession(t *testing.T) {
	h := open(t)
	admin := h.admin()
	for _, cookie := range admin.client.Jar.Cookies(mustURL(t, h.url)) {
		if cookie.Name == "aisle_session" && strings.Contains(cookie.Value, "admin") {
			t.Error("the cookie tells who it is of")
		}
	}
	staff := h.as(catalog.RoleStaff)
	staff.call("GET", "/api/shops", nil, 200, nil)

	var team struct{ People []catalog.Person }
	admin.call("GET", "/api/team", nil, 200, &team)
	for _, p := range team.People {
		if p.Role == catalog.RoleStaff {
			admin.call("DELETE", "/api/team/"+p.ID, nil, 204, nil)
		} else {
			admin.call("DELETE", "/api/team/"+p.ID, nil, 409, nil) // oneself
		}
	}
	staff.call("GET", "/api/shops", nil, 401, nil) // at once

	admin.call("DELETE", "/api/session", nil, 204, nil)
	admin.call("GET", "/api/shops", nil, 401, nil)
	var s sessionOf
	admin.call("GET", "/api/session", nil, 200, &s)
	if s.Person != nil || s.SetupNeeded || s.Hint != nil {
		t.Errorf("signed out: %+v", s)
	}
	forged := h.visitor()
	forged.header.Set("Cookie", "aisle_session="+catalog.Sign([]byte("not the key"), "session", team.People[0].ID, farAway))
	forged.call("GET", "/api/shops", nil, 401, nil)
}

func TestGuessingPasswords(t *testing.T) {
	h := open(t)
	h.admin()
	eve := h.visitor()
	guess := func(email, password string) int {
		status, _ := eve.try("POST", "/api/session", map[string]string{"email": email, "password": password})
		return status
	}
	for range 5 {
		if got := guess("admin@example.com", "wrong password"); got != 403 {
			t.Fatalf("a wrong password: %d, want 403", got)
		}
	}
	if got := guess("Admin@Example.com", password); got != 429 {
		t.Errorf("the sixth, even if right: %d, want 429", got)
	}
	if got := guess("other@example.com", "wrong password"); got != 403 {
		t.Errorf("another address: %d, want 403", got)
	}
	if got := guess("other@example.com", strings.Repeat("x", 100_000)); got != 403 {
		t.Errorf("a huge password: %d, want 403", got)
	}
	last := 0
	for i := range 40 {
		last = guess(strings.Repeat("x", i)+"@example.com", strings.Repeat("x", 300))
	}
	if last != 429 {
		t.Errorf("many addresses from one network address: %d, want 429", last)
	}
}

func TestDemonstration(t *testing.T) {
	h := open(t)
	var demo struct {
		Shoppers []struct{ Shopper, Name, Link string }
		More     bool
	}
	h.visitor().call("GET", "/api/demo/shoppers", nil, 200, &demo)
	if len(demo.Shoppers) != 0 || demo.More {
		t.Errorf("outside the demonstration: %+v, want nobody", demo)
	}
	h.stop()
	h.config.Demo = &console.Demo{Email: "demo@example.com", Password: "demonstration", Shoppers: []console.DemoShopper{{ID: "smia", Name: "Mia"}, {ID: "snobody", Name: "Nobody"}}}
	h.start()
	h.keep(profileOf("smia"))
	var s sessionOf
	v := h.visitor()
	v.call("GET", "/api/session", nil, 200, &s)
	if !s.Demo || s.Hint == nil || s.Hint.Email != "demo@example.com" {
		t.Errorf("the session: %+v, want a hint", s)
	}
	v.call("GET", "/api/demo/shoppers", nil, 200, &demo)
	if len(demo.Shoppers) != 1 || demo.Shoppers[0].Name != "Mia" || !demo.More {
		t.Fatalf("shoppers: %+v, want Mia, whom the house knows, and more", demo)
	}
	_, token, _ := strings.Cut(demo.Shoppers[0].Link, "#t=")
	v.call("POST", "/api/me/session", map[string]string{"token": token}, 200, nil)
	v.call("GET", "/api/me", nil, 200, nil)
}

func TestBodies(t *testing.T) {
	h := open(t)
	admin := h.admin()
	for name, test := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"empty":           {"", 400, "empty"},
		"no JSON":         {"{", 400, "JSON"},
		"more than one":   {`{"expression":"true"}{}`, 400, "more"},
		"a misspelt name": {`{"expresion":"true"}`, 400, "expresion"},
		"a wrong type":    {`{"expression":1}`, 400, "expression"},
		"too large":       {`{"expression":"` + strings.Repeat("x", 2<<20) + `"}`, 413, "at most 1024 kB"},
		"an array":        {`[]`, 400, "JSON"},
	} {
		status, body := admin.try("POST", "/api/rules/check", test.body)
		if status != test.status || !strings.Contains(string(body), test.says) {
			t.Errorf("%s: %d %s, want %d that says %q", name, status, body, test.status, test.says)
		}
	}
	admin.call("GET", "/api/nothing", nil, 404, nil)
	resp, err := http.Get(h.url + "/api/openapi.yaml")
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("the description: %v %v", resp, err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
}

type sessionsOf struct {
	Sessions []struct {
		ID   string
		Here bool
	}
}

func (v *visitor) cookie() string {
	for _, cookie := range v.client.Jar.Cookies(mustURL(v.t, v.h.url)) {
		if cookie.Name == "aisle_session" {
			return cookie.Value
		}
	}
	return ""
}

func TestSessions(t *testing.T) {
	h := open(t)
	here, there := h.admin(), h.admin()
	var all sessionsOf
	here.call("GET", "/api/sessions", nil, 200, &all)
	if len(all.Sessions) != 2 || all.Sessions[0].Here == all.Sessions[1].Here {
		t.Fatalf("sessions: %+v, want this one and another", all)
	}
	for _, s := range all.Sessions {
		if !s.Here {
			h.as(catalog.RoleStaff).call("DELETE", "/api/sessions/"+s.ID, nil, 404, nil) // not theirs
			here.call("DELETE", "/api/sessions/"+s.ID, nil, 204, nil)
		}
	}
	there.call("GET", "/api/shops", nil, 401, nil)

	// Signing in once more replaces the browser's session: what somebody planted
	// or copied before is worth nothing.
	before := here.cookie()
	here.call("POST", "/api/session", map[string]string{"email": "admin@example.com", "password": password}, 200, nil)
	if here.cookie() == before {
		t.Error("the cookie is the same after signing in again")
	}
	copied := h.visitor()
	copied.header.Set("Cookie", "aisle_session="+before)
	copied.call("GET", "/api/shops", nil, 401, nil)

	// Another password ends all others.
	there = h.admin()
	const better = "a better horse battery"
	status, body := here.try("PUT", "/api/session/password", map[string]string{"current": "wrong", "password": better})
	if status != 400 || fields(t, body) != "current" {
		t.Errorf("the wrong password: %d %s, want 400 about current", status, body)
	}
	here.call("PUT", "/api/session/password", map[string]string{"current": password, "password": better}, 204, nil)
	here.call("GET", "/api/shops", nil, 200, nil)
	there.call("GET", "/api/shops", nil, 401, nil)
	there.call("POST", "/api/session", map[string]string{"email": "admin@example.com", "password": better}, 200, nil)
	there.call("DELETE", "/api/sessions", nil, 204, nil)
	here.call("GET", "/api/shops", nil, 401, nil)
	there.call("GET", "/api/shops", nil, 200, nil)

	// Signed out is signed out, also for who copied the cookie.
	before = there.cookie()
	there.call("DELETE", "/api/session", nil, 204, nil)
	copied.header.Set("Cookie", "aisle_session="+before)
	copied.call("GET", "/api/shops", nil, 401, nil)
}

// TestSessionsEnd: a session ends when it was not used, and at its end, whatever
// happens.
func TestSessionsEnd(t *testing.T) {
	h := open(t)
	h.admin()
	people, err := h.catalog.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const idle = time.Hour
	began := time.Now()
	_, token, err := h.catalog.OpenSession(t.Context(), catalog.Session{Person: people[0].ID, How: "password", Until: began.Add(3 * time.Hour)}, idle)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		after time.Duration
		ok    bool
	}{{0, true}, {50 * time.Minute, true}, {100 * time.Minute, true}, {150 * time.Minute, true}, {179 * time.Minute, true}, {180 * time.Minute, false}} {
		if _, _, err := h.catalog.SessionOf(t.Context(), token, idle, began.Add(test.after)); (err == nil) != test.ok {
			t.Errorf("used after %s: %v, want it good: %t", test.after, err, test.ok)
		}
	}
	_, token, err = h.catalog.OpenSession(t.Context(), catalog.Session{Person: people[0].ID, How: "password", Until: began.Add(3 * time.Hour)}, idle)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.catalog.SessionOf(t.Context(), token, idle, began.Add(61*time.Minute)); err == nil {
		t.Error("not used for an hour: still good")
	}
}

func TestInvitation(t *testing.T) {
	h := open(t)
	admin := h.admin()
	var made catalog.Person
	admin.call("POST", "/api/team", map[string]any{"name": "Cy", "email": "cy@example.com", "role": "approver"}, 201, &made)
	var link struct{ Link string }
	admin.call("POST", "/api/team/"+made.ID+"/link", nil, 201, &link)
	_, first, _ := strings.Cut(link.Link, "#t=")
	admin.call("POST", "/api/team/"+made.ID+"/link", nil, 201, &link)
	_, ticket, _ := strings.Cut(link.Link, "#t=")

	cy := h.visitor()
	for _, guess := range []string{"", password} {
		if status, _ := cy.try("POST", "/api/session", map[string]string{"email": "cy@example.com", "password": guess}); status != 403 {
			t.Errorf("before they set a password: %d, want 403", status)
		}
	}
	use := func(ticket, password string) int {
		status, _ := cy.try("POST", "/api/session/ticket", map[string]string{"ticket": ticket, "password": password})
		return status
	}
	if got := use(first, password); got != 403 {
		t.Errorf("a link that was replaced: %d, want 403", got)
	}
	if got := use("", password); got != 403 {
		t.Errorf("no link: %d, want 403", got)
	}
	if got := use(ticket, "short"); got != 400 {
		t.Errorf("a short password: %d, want 400", got)
	}
	if got := use(ticket, password); got != 200 {
		t.Fatalf("the link: %d, want 200", got)
	}
	cy.call("GET", "/api/shops", nil, 200, nil)
	if got := use(ticket, password); got != 403 {
		t.Errorf("the link once more: %d, want 403", got)
	}

	// What they may do changes at once, and so does whether they may come in.
	cy.call("GET", "/api/team", nil, 403, nil)
	put := func(v *visitor, id, role string, disabled bool) int {
		status, _ := v.try("PUT", "/api/team/"+id, map[string]any{"name": "Cy", "role": role, "disabled": disabled})
		return status
	}
	if got := put(admin, made.ID, "admin", false); got != 200 {
		t.Fatalf("a new role: %d", got)
	}
	cy.call("GET", "/api/team", nil, 200, nil)
	if got := put(admin, made.ID, "viewer", true); got != 200 {
		t.Fatalf("disabled: %d", got)
	}
	cy.call("GET", "/api/shops", nil, 401, nil)
	if status, _ := cy.try("POST", "/api/session", map[string]string{"email": "cy@example.com", "password": password}); status != 403 {
		t.Errorf("signing in while disabled: %d, want 403", status)
	}
	admin.call("POST", "/api/team/"+made.ID+"/link", nil, 404, nil)
}

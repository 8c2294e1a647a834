package catalog

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"aisle/offers"
)

// Role is what somebody who works here may do. Each may do what those before
// it may.
type Role string

// Roles, least first.
const (
	RoleViewer   Role = "viewer"   // look, without personal data
	RoleStaff    Role = "staff"    // help on the shop floor
	RoleMarketer Role = "marketer" // write campaigns and shops
	RoleApprover Role = "approver" // let what others wrote go live, and answer requests of privacy
	RoleAdmin    Role = "admin"    // everything, and who may sign in
)

// Roles lists them, least first.
var Roles = []Role{RoleViewer, RoleStaff, RoleMarketer, RoleApprover, RoleAdmin}

// Valid tells whether there is such a role.
func (r Role) Valid() bool { return r.rank() >= 0 }

// Includes tells whether the role may do what another may. A role that does
// not exist includes none and is included by none.
func (r Role) Includes(other Role) bool { return r.rank() >= other.rank() && other.rank() >= 0 }

func (r Role) rank() int {
	for i, known := range Roles {
		if r == known {
			return i
		}
	}
	return -1
}

// Person is somebody who works here and may sign in.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  Role   `json:"role"`

	Disabled bool      `json:"disabled,omitempty"` // let in no more, and kept in the history
	Invited  time.Time `json:"invited,omitzero"`   // until when the link is good by which they set a password
	Provided bool      `json:"provided,omitempty"` // comes in by the identity provider
	Seen     time.Time `json:"seen,omitzero"`      // last, where they are signed in
}

// AnyPerson tells whether anybody may sign in yet.
func (c *Catalog) AnyPerson(ctx context.Context) (bool, error) {
	var n int
	if err := c.row(ctx, c.db, `SELECT COUNT(*) FROM people`).Scan(&n); err != nil {
		return false, fmt.Errorf("catalog: people: %w", c.kind(err))
	}
	return n > 0, nil
}

// AddFirstPerson lets the first person sign in. ErrConflict if there is one.
func (c *Catalog) AddFirstPerson(ctx context.Context, p Person, password string) (Person, error) {
	return c.addPerson(ctx, p, password, true)
}

// AddPerson lets one more person sign in. Without a password they cannot, until
// they have set one by a link. ErrConflict if the address is taken.
func (c *Catalog) AddPerson(ctx context.Context, p Person, password string) (Person, error) {
	return c.addPerson(ctx, p, password, false)
}

func (c *Catalog) addPerson(ctx context.Context, p Person, password string, first bool) (Person, error) {
	now := time.Now()
	p.ID, p.Email = newID("u", now), strings.ToLower(p.Email)
	hashed := ""
	if password != "" {
		hashed = hashPassword(password)
	}
	err := c.tx(ctx, func(tx *sql.Tx) error {
		if err := c.lock(ctx, tx, lockPeople); err != nil {
			return err
		}
		if first {
			var n int
			if err := c.row(ctx, tx, `SELECT COUNT(*) FROM people`).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				return fmt.Errorf("%w: somebody may sign in already", offers.ErrConflict)
			}
		}
		_, err := c.exec(ctx, tx, `INSERT INTO people (id, name, email, role, password, created) VALUES (?, ?, ?, ?, ?, ?)`,
			p.ID, p.Name, p.Email, p.Role, hashed, micros(now))
		return err
	})
	if err != nil {
		return Person{}, fmt.Errorf("catalog: person: %w", err)
	}
	return p, nil
}

// personQuery reads who may sign in, with when they were last seen.
const personQuery = `SELECT p.id, p.name, p.email, p.role, p.disabled, p.ticket_until, p.subject IS NOT NULL,
	COALESCE((SELECT MAX(s.used) FROM sessions s WHERE s.person = p.id), 0) FROM people p `

func scanPerson(scan func(...any) error) (Person, error) {
	var p Person
	var disabled, invited, seen int64
	err := scan(&p.ID, &p.Name, &p.Email, &p.Role, &disabled, &invited, &p.Provided, &seen)
	p.Disabled, p.Invited, p.Seen = disabled != 0, fromMicros(invited), fromMicros(seen)
	return p, err
}

// People lists who may sign in, and those who no longer may, by name.
func (c *Catalog) People(ctx context.Context) ([]Person, error) {
	var people []Person
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		p, err := scanPerson(r.Scan)
		people = append(people, p)
		return err
	}, personQuery+`ORDER BY p.name, p.id`)
	if err != nil {
		return nil, fmt.Errorf("catalog: people: %w", err)
	}
	return people, nil
}

// Person is one of them.
func (c *Catalog) Person(ctx context.Context, id string) (Person, error) {
	p, err := scanPerson(c.row(ctx, c.db, personQuery+`WHERE p.id = ?`, id).Scan)
	if err != nil {
		return Person{}, fmt.Errorf("catalog: person %s: %w", id, c.kind(err))
	}
	return p, nil
}

// ChangePerson keeps another name, role, and whether somebody is let in. Who no
// longer is, is signed out everywhere. The last administrator stays: ErrConflict.
func (c *Catalog) ChangePerson(ctx context.Context, p Person) error {
	return c.changePeople(ctx, p.ID, func(tx *sql.Tx) (int64, error) {
		disabled := 0
		if p.Disabled {
			disabled = 1
			if _, err := c.exec(ctx, tx, `DELETE FROM sessions WHERE person = ?`, p.ID); err != nil {
				return 0, err
			}
		}
		return c.exec(ctx, tx, `UPDATE people SET name = ?, role = ?, disabled = ? WHERE id = ?`, p.Name, p.Role, disabled, p.ID)
	})
}

// RemovePerson lets somebody sign in no more, and signs them out. The last
// administrator stays: ErrConflict.
func (c *Catalog) RemovePerson(ctx context.Context, id string) error {
	return c.changePeople(ctx, id, func(tx *sql.Tx) (int64, error) {
		if _, err := c.exec(ctx, tx, `DELETE FROM sessions WHERE person = ?`, id); err != nil {
			return 0, err
		}
		return c.exec(ctx, tx, `DELETE FROM people WHERE id = ?`, id)
	})
}

// changePeople changes somebody, unless nobody were left who may let others in.
func (c *Catalog) changePeople(ctx context.Context, id string, change func(tx *sql.Tx) (int64, error)) error {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		if err := c.lock(ctx, tx, lockPeople); err != nil {
			return err
		}
		n, err := change(tx)
		if err != nil {
			return err
		}
		if n == 0 {
			return offers.ErrNotFound
		}
		var admins int
		if err := c.row(ctx, tx, `SELECT COUNT(*) FROM people WHERE role = ? AND disabled = 0`, RoleAdmin).Scan(&admins); err != nil {
			return err
		}
		if admins == 0 {
			return fmt.Errorf("%w: nobody else is an administrator", offers.ErrConflict)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("catalog: person %s: %w", id, err)
	}
	return nil
}

// Ticket makes a link's secret by which somebody sets their password, once and
// until a time. One of before is good no more.
func (c *Catalog) Ticket(ctx context.Context, id string, until time.Time) (string, error) {
	ticket := random(32)
	n, err := c.exec(ctx, c.db, `UPDATE people SET ticket = ?, ticket_until = ? WHERE id = ? AND disabled = 0`, hashOf(ticket), micros(until), id)
	if err == nil && n == 0 {
		err = offers.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("catalog: person %s: %w", id, err)
	}
	return ticket, nil
}

// RedeemTicket sets the password of whom a ticket was made for, and signs them
// out everywhere. ErrDenied: it was used, replaced, or its time is over.
func (c *Catalog) RedeemTicket(ctx context.Context, ticket, password string, now time.Time) (Person, error) {
	hashed := hashPassword(password) // before the database is held up
	var p Person
	err := c.tx(ctx, func(tx *sql.Tx) error {
		err := c.row(ctx, tx, `SELECT id FROM people WHERE ticket = ? AND ticket_until > ? AND disabled = 0`+c.dialect.forUpdate(), hashOf(ticket), micros(now)).Scan(&p.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return offers.ErrDenied
		}
		if err != nil {
			return err
		}
		if err := c.setPassword(ctx, tx, p.ID, hashed); err != nil {
			return err
		}
		p, err = scanPerson(c.row(ctx, tx, personQuery+`WHERE p.id = ?`, p.ID).Scan)
		return err
	})
	if err != nil {
		return Person{}, fmt.Errorf("catalog: ticket: %w", err)
	}
	return p, nil
}

// SetPassword gives somebody another password, and signs them out everywhere.
func (c *Catalog) SetPassword(ctx context.Context, id, password string) error {
	hashed := hashPassword(password)
	if err := c.tx(ctx, func(tx *sql.Tx) error { return c.setPassword(ctx, tx, id, hashed) }); err != nil {
		return fmt.Errorf("catalog: person %s: %w", id, err)
	}
	return nil
}

func (c *Catalog) setPassword(ctx context.Context, tx *sql.Tx, id, hashed string) error {
	if _, err := c.exec(ctx, tx, `DELETE FROM sessions WHERE person = ?`, id); err != nil {
		return err
	}
	_, err := c.exec(ctx, tx, `UPDATE people SET password = ?, ticket = NULL, ticket_until = 0 WHERE id = ?`, hashed, id)
	return err
}

// ProvidedPerson is who an identity provider says somebody is: known by its
// subject, by their address if the provider is sure of it and they never came in by
// a provider, or new. Their name and role are the provider's, but the last
// administrator stays one. ErrDenied: they are let in no more; ErrConflict: their
// address is somebody else's.
func (c *Catalog) ProvidedPerson(ctx context.Context, subject string, p Person, sure bool) (Person, error) {
	now, known := time.Now(), 0
	if sure {
		known = 1
	}
	p.Email = strings.ToLower(p.Email)
	err := c.tx(ctx, func(tx *sql.Tx) error {
		if err := c.lock(ctx, tx, lockPeople); err != nil {
			return err
		}
		var role Role
		var disabled int
		err := c.row(ctx, tx, `SELECT id, role, disabled FROM people WHERE subject = ? OR (subject IS NULL AND email = ? AND 1 = ?) ORDER BY subject IS NULL LIMIT 1`, subject, p.Email, known).
			Scan(&p.ID, &role, &disabled)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			p.ID = newID("u", now)
			_, err := c.exec(ctx, tx, `INSERT INTO people (id, name, email, role, password, created, subject) VALUES (?, ?, ?, ?, '', ?, ?)`,
				p.ID, p.Name, p.Email, p.Role, micros(now), subject)
			return err
		case err != nil:
			return err
		case disabled != 0:
			return offers.ErrDenied
		}
		if role == RoleAdmin && p.Role != RoleAdmin {
			var others int
			if err := c.row(ctx, tx, `SELECT COUNT(*) FROM people WHERE role = ? AND disabled = 0 AND id <> ?`, RoleAdmin, p.ID).Scan(&others); err != nil {
				return err
			}
			if others == 0 {
				p.Role = RoleAdmin
			}
		}
		_, err = c.exec(ctx, tx, `UPDATE people SET name = ?, role = ?, subject = ? WHERE id = ?`, p.Name, p.Role, subject, p.ID)
		return err
	})
	if err != nil {
		return Person{}, fmt.Errorf("catalog: person of the provider: %w", err)
	}
	return c.Person(ctx, p.ID)
}

// Authenticate is the person of an address and password. ErrDenied if they do
// not fit, after the same time whether or not the address is known.
func (c *Catalog) Authenticate(ctx context.Context, email, password string) (Person, error) {
	var p Person
	var hashed string
	err := c.row(ctx, c.db, `SELECT id, name, email, role, password FROM people WHERE email = ? AND disabled = 0`, strings.ToLower(email)).
		Scan(&p.ID, &p.Name, &p.Email, &p.Role, &hashed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return Person{}, fmt.Errorf("catalog: person: %w", c.kind(err))
	}
	if hashed == "" { // nobody, or somebody without a password: it takes as long
		p.ID, hashed = "", nobody
	}
	if !passwordIs(hashed, password) || p.ID == "" {
		return Person{}, fmt.Errorf("catalog: %w: the address or the password is wrong", offers.ErrDenied)
	}
	return p, nil
}

// Cost of argon2id as OWASP advises for a server that does other work too:
// 19 MiB, two passes, one thread.
const (
	argonMemoryKiB = 19 << 10
	argonPasses    = 2
	argonThreads   = 1
)

// nobody is no password's hash, of the same cost as a real one.
var nobody = fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", argonMemoryKiB, argonPasses, argonThreads,
	base64.RawStdEncoding.EncodeToString(make([]byte, 16)), base64.RawStdEncoding.EncodeToString(make([]byte, 32)))

// hashPassword writes the hash in the PHC string format, with its cost, so
// that the cost can be raised later.
func hashPassword(password string) string {
	salt := make([]byte, 16)
	rand.Read(salt) // never fails, since Go 1.24
	sum := argon2.IDKey([]byte(password), salt, argonPasses, argonMemoryKiB, argonThreads, 32)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemoryKiB, argonPasses, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

func passwordIs(hashed, password string) bool {
	parts := strings.Split(hashed, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var memory, passes uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads); err != nil {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

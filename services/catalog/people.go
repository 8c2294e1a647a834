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
	RoleAdmin    Role = "admin"    // everything
)

var roles = []Role{RoleViewer, RoleStaff, RoleMarketer, RoleAdmin}

// Valid tells whether there is such a role.
func (r Role) Valid() bool { return r.rank() >= 0 }

// Includes tells whether the role may do what another may. A role that does
// not exist includes none and is included by none.
func (r Role) Includes(other Role) bool { return r.rank() >= other.rank() && other.rank() >= 0 }

func (r Role) rank() int {
	for i, known := range roles {
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

// AddPerson lets one more person sign in. ErrConflict if the address is taken.
func (c *Catalog) AddPerson(ctx context.Context, p Person, password string) (Person, error) {
	return c.addPerson(ctx, p, password, false)
}

func (c *Catalog) addPerson(ctx context.Context, p Person, password string, first bool) (Person, error) {
	now := time.Now()
	p.ID, p.Email = newID("u", now), strings.ToLower(p.Email)
	hashed := hashPassword(password)
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

// People lists who may sign in, by name.
func (c *Catalog) People(ctx context.Context) ([]Person, error) {
	var people []Person
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var p Person
		err := r.Scan(&p.ID, &p.Name, &p.Email, &p.Role)
		people = append(people, p)
		return err
	}, `SELECT id, name, email, role FROM people ORDER BY name, id`)
	if err != nil {
		return nil, fmt.Errorf("catalog: people: %w", err)
	}
	return people, nil
}

// Person is one of them.
func (c *Catalog) Person(ctx context.Context, id string) (Person, error) {
	var p Person
	err := c.row(ctx, c.db, `SELECT id, name, email, role FROM people WHERE id = ?`, id).Scan(&p.ID, &p.Name, &p.Email, &p.Role)
	if err != nil {
		return Person{}, fmt.Errorf("catalog: person %s: %w", id, c.kind(err))
	}
	return p, nil
}

// RemovePerson lets somebody sign in no more. The last administrator stays:
// ErrConflict.
func (c *Catalog) RemovePerson(ctx context.Context, id string) error {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		if err := c.lock(ctx, tx, lockPeople); err != nil {
			return err
		}
		n, err := c.exec(ctx, tx, `DELETE FROM people WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return offers.ErrNotFound
		}
		var admins int
		if err := c.row(ctx, tx, `SELECT COUNT(*) FROM people WHERE role = ?`, RoleAdmin).Scan(&admins); err != nil {
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

// Authenticate is the person of an address and password. ErrDenied if they do
// not fit, after the same time whether or not the address is known.
func (c *Catalog) Authenticate(ctx context.Context, email, password string) (Person, error) {
	var p Person
	var hashed string
	err := c.row(ctx, c.db, `SELECT id, name, email, role, password FROM people WHERE email = ?`, strings.ToLower(email)).
		Scan(&p.ID, &p.Name, &p.Email, &p.Role, &hashed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		hashed = nobody
	case err != nil:
		return Person{}, fmt.Errorf("catalog: person: %w", c.kind(err))
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

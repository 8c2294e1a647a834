package catalog

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aisle/offers"
)

// Session is a browser in which somebody who works here is signed in. What the
// browser has is not kept, only its hash: who reads the catalog can sign in as
// nobody.
type Session struct {
	ID      string    `json:"id"`
	Person  string    `json:"-"`
	How     string    `json:"how"` // password, link, oidc
	Started time.Time `json:"started"`
	Used    time.Time `json:"used"`  // last, to the minute
	Until   time.Time `json:"until"` // at the latest
	Address string    `json:"address"`
	Device  string    `json:"device"`
}

// usedEvery is how exactly the last use of something is known: not every call
// writes.
const usedEvery = time.Minute

// OpenSession signs somebody in, and gives what their browser is to keep. A
// person who is not let in is ErrDenied. Sessions that are over go.
func (c *Catalog) OpenSession(ctx context.Context, s Session, idle time.Duration) (Session, string, error) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	token := random(32)
	s.ID, s.Started, s.Used = newID("n", now), now, now
	err := c.tx(ctx, func(tx *sql.Tx) error {
		if _, err := c.exec(ctx, tx, `DELETE FROM sessions WHERE until <= ? OR used <= ?`, micros(now), micros(now.Add(-idle))); err != nil {
			return err
		}
		var person string
		err := c.row(ctx, tx, `SELECT id FROM people WHERE id = ? AND disabled = 0`+c.dialect.forUpdate(), s.Person).Scan(&person)
		if errors.Is(err, sql.ErrNoRows) {
			return offers.ErrDenied
		}
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, tx, `INSERT INTO sessions (id, hash, person, how, started, used, until, address, device) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			s.ID, hashOf(token), person, s.How, micros(now), micros(now), micros(s.Until), s.Address, s.Device)
		return err
	})
	if err != nil {
		return Session{}, "", fmt.Errorf("catalog: session: %w", err)
	}
	return s, token, nil
}

const sessionColumns = `s.id, s.person, s.how, s.started, s.used, s.until, s.address, s.device`

func scanSession(scan func(...any) error, more ...any) (Session, error) {
	var s Session
	var started, used, until int64
	err := scan(append([]any{&s.ID, &s.Person, &s.How, &started, &used, &until, &s.Address, &s.Device}, more...)...)
	s.Started, s.Used, s.Until = fromMicros(started), fromMicros(used), fromMicros(until)
	return s, err
}

// SessionOf is the session of a token, and whose it is, as they are now. ErrDenied:
// there is none, it is over, it was not used for longer than idle, or its person
// is let in no more.
func (c *Catalog) SessionOf(ctx context.Context, token string, idle time.Duration, now time.Time) (Session, Person, error) {
	var p Person
	s, err := scanSession(c.row(ctx, c.db, `SELECT `+sessionColumns+`, p.id, p.name, p.email, p.role
		FROM sessions s JOIN people p ON p.id = s.person WHERE s.hash = ? AND p.disabled = 0`, hashOf(token)).Scan,
		&p.ID, &p.Name, &p.Email, &p.Role)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (!now.Before(s.Until) || now.Sub(s.Used) >= idle) {
		return Session{}, Person{}, fmt.Errorf("catalog: session: %w: it is over", offers.ErrDenied)
	}
	if err != nil {
		return Session{}, Person{}, fmt.Errorf("catalog: session: %w", c.kind(err))
	}
	if now.Sub(s.Used) >= usedEvery {
		if _, err := c.exec(ctx, c.db, `UPDATE sessions SET used = ? WHERE id = ?`, micros(now), s.ID); err != nil {
			return Session{}, Person{}, fmt.Errorf("catalog: session: %w", err)
		}
	}
	return s, p, nil
}

// Sessions are those of somebody that are not over, latest used first.
func (c *Catalog) Sessions(ctx context.Context, person string, idle time.Duration, now time.Time) ([]Session, error) {
	var all []Session
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		s, err := scanSession(r.Scan)
		all = append(all, s)
		return err
	}, `SELECT `+sessionColumns+` FROM sessions s WHERE s.person = ? AND s.until > ? AND s.used > ? ORDER BY s.used DESC, s.id DESC`,
		person, micros(now), micros(now.Add(-idle)))
	if err != nil {
		return nil, fmt.Errorf("catalog: sessions: %w", err)
	}
	return all, nil
}

// EndSession signs somebody out where they are signed in. ErrNotFound: it is no
// session of theirs.
func (c *Catalog) EndSession(ctx context.Context, person, id string) error {
	n, err := c.exec(ctx, c.db, `DELETE FROM sessions WHERE person = ? AND id = ?`, person, id)
	if err == nil && n == 0 {
		err = offers.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("catalog: session %s: %w", id, err)
	}
	return nil
}

// EndSessions signs somebody out everywhere but in one session, which may be "".
func (c *Catalog) EndSessions(ctx context.Context, person, except string) error {
	if _, err := c.exec(ctx, c.db, `DELETE FROM sessions WHERE person = ? AND id <> ?`, person, except); err != nil {
		return fmt.Errorf("catalog: sessions: %w", err)
	}
	return nil
}

// EndSessionOf signs out the browser that has a token, if there is one.
func (c *Catalog) EndSessionOf(ctx context.Context, token string) error {
	if _, err := c.exec(ctx, c.db, `DELETE FROM sessions WHERE hash = ?`, hashOf(token)); err != nil {
		return fmt.Errorf("catalog: session: %w", err)
	}
	return nil
}

// hashOf is how tokens are kept that nobody can guess: they need no slow hash.
func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

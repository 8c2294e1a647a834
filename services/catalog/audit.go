package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Act is one thing that somebody who works here did.
type Act struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Action string    `json:"action"` // "live", "put", "delete", "link"
	Object string    `json:"object"` // "campaign/shoes", "shopper/s1"
}

// Audit writes down what somebody did that changes no document of the catalog.
func (c *Catalog) Audit(ctx context.Context, by By, action, object string) error {
	if err := c.audit(ctx, c.db, time.Now(), by, action, object); err != nil {
		return fmt.Errorf("catalog: audit: %w", err)
	}
	return nil
}

func (c *Catalog) audit(ctx context.Context, q querier, now time.Time, by By, action, object string) error {
	_, err := c.exec(ctx, q, `INSERT INTO audit (id, at, by_id, by_name, action, object) VALUES (?, ?, ?, ?, ?, ?)`,
		newID("a", now), micros(now), by.ID, by.Name, action, object)
	return err
}

// ActsWanted says which of the things that were done are asked for; the zero
// one is the latest hundred.
type ActsWanted struct {
	By     string    // part of a name
	What   string    // part of an action or an object
	After  time.Time // not before
	Before time.Time // not at or after
	Limit  int
}

// Acts lists the latest of those that are wanted, newest first.
func (c *Catalog) Acts(ctx context.Context, w ActsWanted) ([]Act, error) {
	var acts []Act
	query, args := `SELECT at, by_name, action, object FROM audit WHERE 1 = 1`, []any{}
	where := func(condition string, values ...any) { query, args = query+` AND `+condition, append(args, values...) }
	if w.By != "" {
		where(`LOWER(by_name) LIKE ? ESCAPE '!'`, part(w.By))
	}
	if w.What != "" {
		where(`(LOWER(action) LIKE ? ESCAPE '!' OR LOWER(object) LIKE ? ESCAPE '!')`, part(w.What), part(w.What))
	}
	if !w.After.IsZero() {
		where(`at >= ?`, micros(w.After))
	}
	if !w.Before.IsZero() {
		where(`at < ?`, micros(w.Before))
	}
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var a Act
		var at int64
		if err := r.Scan(&at, &a.By, &a.Action, &a.Object); err != nil {
			return err
		}
		a.At = fromMicros(at)
		acts = append(acts, a)
		return nil
	}, query+` ORDER BY id DESC LIMIT ?`, append(args, cmp.Or(w.Limit, 100))...)
	if err != nil {
		return nil, fmt.Errorf("catalog: audit: %w", err)
	}
	return acts, nil
}

// part is the pattern of what has some letters in it, whatever their case.
func part(s string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(s)) + "%"
}

package catalog

import (
	"context"
	"database/sql"
	"fmt"
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

// Acts lists the latest, newest first.
func (c *Catalog) Acts(ctx context.Context, limit int) ([]Act, error) {
	var acts []Act
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var a Act
		var at int64
		if err := r.Scan(&at, &a.By, &a.Action, &a.Object); err != nil {
			return err
		}
		a.At = fromMicros(at)
		acts = append(acts, a)
		return nil
	}, `SELECT at, by_name, action, object FROM audit ORDER BY id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("catalog: audit: %w", err)
	}
	return acts, nil
}

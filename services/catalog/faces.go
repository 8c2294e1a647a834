package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
)

// Face is one sealed vector of a shopper's face. What is in it only the vision
// process can read.
type Face struct {
	Shopper offers.ShopperID
	Model   string // that described it; vectors of different models do not compare
	Sealed  []byte
	At      time.Time
}

// Bounds of what is kept of one shopper, and of one vector.
const (
	maxFaces  = 16
	maxSealed = 16 << 10
)

// Faces is the whole gallery, oldest first, and its revision, which changes
// whenever the gallery does.
func (c *Catalog) Faces(ctx context.Context) ([]Face, string, error) {
	// The revision first: after a change in between, the next poll finds another.
	revision, err := c.FacesRevision(ctx)
	if err != nil {
		return nil, "", err
	}
	var faces []Face
	err = c.rows(ctx, c.db, func(r *sql.Rows) error {
		var f Face
		var at int64
		if err := r.Scan(&f.Shopper, &f.Model, &f.Sealed, &at); err != nil {
			return err
		}
		f.At = fromMicros(at)
		faces = append(faces, f)
		return nil
	}, `SELECT shopper, model, sealed, at FROM faces ORDER BY at, id`)
	if err != nil {
		return nil, "", fmt.Errorf("catalog: faces: %w", err)
	}
	return faces, revision, nil
}

// FacesRevision is the gallery's revision alone, for those who poll.
func (c *Catalog) FacesRevision(ctx context.Context) (string, error) {
	revision := []byte("0")
	err := c.row(ctx, c.db, `SELECT value FROM settings WHERE name = 'faces/revision'`).Scan(&revision)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("catalog: faces: %w", c.kind(err))
	}
	return string(revision), nil
}

// FacesOf says how many vectors a shopper has, and when the newest came.
func (c *Catalog) FacesOf(ctx context.Context, shopper offers.ShopperID) (int, time.Time, error) {
	var n int
	var at int64
	err := c.row(ctx, c.db, `SELECT COUNT(*), COALESCE(MAX(at), 0) FROM faces WHERE shopper = ?`, shopper).Scan(&n, &at)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("catalog: faces of %s: %w", shopper, c.kind(err))
	}
	return n, fromMicros(at), nil
}

// AddFaces keeps sealed vectors of a shopper who consented to it; the oldest
// beyond sixteen of one model go. Without a granted consent to "face" it is
// ErrDenied.
func (c *Catalog) AddFaces(ctx context.Context, shopper offers.ShopperID, model string, sealed [][]byte, consent offers.Consent) error {
	switch {
	case consent.Purpose != offers.ConsentFace || !consent.Granted:
		return fmt.Errorf("catalog: faces of %s: %w: there is no consent to be recognised", shopper, offers.ErrDenied)
	case shopper == "" || model == "" || len(sealed) == 0 || len(sealed) > maxFaces:
		return fmt.Errorf("catalog: faces of %q, model %q: %w: %d vectors, want 1 to %d, and both names", shopper, model, offers.ErrInvalid, len(sealed), maxFaces)
	}
	err := c.tx(ctx, func(tx *sql.Tx) error {
		now := time.Now()
		for i, vector := range sealed {
			if len(vector) == 0 || len(vector) > maxSealed {
				return fmt.Errorf("%w: vector %d has %d bytes, want 1 to %d", offers.ErrInvalid, i, len(vector), maxSealed)
			}
			_, err := c.exec(ctx, tx, `INSERT INTO faces (id, shopper, model, sealed, at, consent_at, consent_source) VALUES (?, ?, ?, ?, ?, ?, ?)`,
				newID("f", now), shopper, model, vector, micros(now), micros(consent.At), consent.Source)
			if err != nil {
				return err
			}
		}
		_, err := c.exec(ctx, tx, `DELETE FROM faces WHERE shopper = ? AND model = ? AND id NOT IN (
			SELECT id FROM faces WHERE shopper = ? AND model = ? ORDER BY at DESC, id DESC LIMIT ?)`,
			shopper, model, shopper, model, maxFaces)
		if err != nil {
			return err
		}
		return c.touchFaces(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("catalog: faces of %s: %w", shopper, err)
	}
	return nil
}

// DeleteFaces removes all vectors of a shopper and says how many there were.
func (c *Catalog) DeleteFaces(ctx context.Context, shopper offers.ShopperID) (int, error) {
	var n int64
	err := c.tx(ctx, func(tx *sql.Tx) error {
		var err error
		if n, err = c.exec(ctx, tx, `DELETE FROM faces WHERE shopper = ?`, shopper); err != nil || n == 0 {
			return err
		}
		return c.touchFaces(ctx, tx)
	})
	if err != nil {
		return 0, fmt.Errorf("catalog: faces of %s: %w", shopper, err)
	}
	return int(n), nil
}

// touchFaces gives the gallery a new revision. Time makes it new also after a
// database was put back from a copy.
func (c *Catalog) touchFaces(ctx context.Context, tx *sql.Tx) error {
	revision := strconv.FormatInt(time.Now().UnixNano(), 36)
	_, err := c.exec(ctx, tx, `INSERT INTO settings (name, value) VALUES ('faces/revision', ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, []byte(revision))
	return err
}

// FacesBy says how many vectors each of some shoppers has who has any.
func (c *Catalog) FacesBy(ctx context.Context, shoppers []offers.ShopperID) (map[offers.ShopperID]int, error) {
	const most = 500 // parameters of one statement
	n := map[offers.ShopperID]int{}
	for some := range slices.Chunk(shoppers, most) {
		args := make([]any, len(some))
		for i, shopper := range some {
			args[i] = shopper
		}
		err := c.rows(ctx, c.db, func(r *sql.Rows) error {
			var shopper offers.ShopperID
			var count int
			err := r.Scan(&shopper, &count)
			n[shopper] = count
			return err
		}, `SELECT shopper, COUNT(*) FROM faces WHERE shopper IN (?`+strings.Repeat(", ?", len(some)-1)+`) GROUP BY shopper`, args...)
		if err != nil {
			return nil, fmt.Errorf("catalog: faces: %w", err)
		}
	}
	return n, nil
}

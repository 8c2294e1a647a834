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
	Not     bool // the face of somebody else, who was taken for the shopper
}

// Bounds of what is kept of one shopper, and of one vector.
const (
	maxFaces     = 16
	maxNegatives = 16
	maxSealed    = 16 << 10
)

// Faces is the whole gallery, oldest first, and its revision, which grows
// whenever the gallery changes.
func (c *Catalog) Faces(ctx context.Context) ([]Face, string, error) {
	// The revision first: after a change in between, the next poll finds another.
	revision, err := c.FacesRevision(ctx)
	if err != nil {
		return nil, "", err
	}
	var faces []Face
	err = c.rows(ctx, c.db, func(r *sql.Rows) error {
		var f Face
		var at, not int64
		if err := r.Scan(&f.Shopper, &f.Model, &f.Sealed, &at, &not); err != nil {
			return err
		}
		f.At, f.Not = fromMicros(at), not == 1
		faces = append(faces, f)
		return nil
	}, `SELECT shopper, model, sealed, at, 0 AS negative FROM faces
		UNION ALL SELECT shopper, model, sealed, at, 1 FROM face_negatives ORDER BY 5, 4`)
	if err != nil {
		return nil, "", fmt.Errorf("catalog: faces: %w", err)
	}
	return faces, revision, nil
}

// FacesRevision is the gallery's revision alone, for those who poll: a whole
// number.
func (c *Catalog) FacesRevision(ctx context.Context) (string, error) {
	revision, err := c.facesRevision(ctx, c.db)
	if err != nil {
		return "", fmt.Errorf("catalog: faces: %w", err)
	}
	return strconv.FormatInt(revision, 10), nil
}

func (c *Catalog) facesRevision(ctx context.Context, q querier) (int64, error) {
	var value []byte
	err := c.row(ctx, q, `SELECT value FROM settings WHERE name = 'faces/revision'`).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, c.kind(err)
	}
	revision, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return 0, nil // as an older program wrote it: any new one is another
	}
	return revision, nil
}

// touchFaces gives the gallery a greater revision, whoever else changes it now.
// Time makes it greater also after a database was put back from a copy.
func (c *Catalog) touchFaces(ctx context.Context, tx *sql.Tx, now time.Time) (int64, error) {
	if err := c.lock(ctx, tx, lockFaces); err != nil {
		return 0, err
	}
	before, err := c.facesRevision(ctx, tx)
	if err != nil {
		return 0, err
	}
	revision := max(micros(now), before+1)
	_, err = c.exec(ctx, tx, `INSERT INTO settings (name, value) VALUES ('faces/revision', ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, strconv.AppendInt(nil, revision, 10))
	return revision, err
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

// AddFaces keeps the sealed vectors of a shopper who signed a notice, in place of
// those of an earlier enrolment, until the notice's time is over. Without a
// signature that stands it is ErrDenied, looked at in the same transaction:
// nothing slips in behind a withdrawal.
func (c *Catalog) AddFaces(ctx context.Context, shopper offers.ShopperID, model string, sealed [][]byte) error {
	if shopper == "" || model == "" || len(sealed) == 0 || len(sealed) > maxFaces {
		return fmt.Errorf("catalog: faces of %q, model %q: %w: %d vectors, want 1 to %d, and both names", shopper, model, offers.ErrInvalid, len(sealed), maxFaces)
	}
	for i, vector := range sealed {
		if err := checkSealed(vector); err != nil {
			return fmt.Errorf("catalog: faces of %s: vector %d: %w", shopper, i, err)
		}
	}
	err := c.tx(ctx, func(tx *sql.Tx) error {
		now := time.Now()
		if _, err := c.touchFaces(ctx, tx, now); err != nil { // first: it keeps withdrawals out until we are done
			return err
		}
		consent, err := c.standingConsent(ctx, tx, shopper)
		if errors.Is(err, offers.ErrNotFound) {
			return fmt.Errorf("%w: there is no signed consent to be recognised", offers.ErrDenied)
		}
		if err != nil {
			return err
		}
		if _, err := c.exec(ctx, tx, `DELETE FROM faces WHERE shopper = ?`, shopper); err != nil {
			return err
		}
		for _, vector := range sealed {
			_, err := c.exec(ctx, tx, `INSERT INTO faces (id, shopper, model, sealed, at, consent_at, consent_source) VALUES (?, ?, ?, ?, ?, ?, ?)`,
				newID("f", now), shopper, model, vector, micros(now), micros(consent.At), consent.ID)
			if err != nil {
				return err
			}
		}
		_, err = c.exec(ctx, tx, `INSERT INTO enrolments (shopper, consent, at, recognised, expires) VALUES (?, ?, ?, 0, ?)
			ON CONFLICT (shopper) DO UPDATE SET consent = excluded.consent, at = excluded.at, expires = excluded.expires`,
			shopper, consent.ID, micros(now), micros(consent.Expires(now)))
		return err
	})
	if err != nil {
		return fmt.Errorf("catalog: faces of %s: %w", shopper, err)
	}
	return nil
}

func checkSealed(vector []byte) error {
	if len(vector) == 0 || len(vector) > maxSealed {
		return fmt.Errorf("%w: %d bytes, want 1 to %d", offers.ErrInvalid, len(vector), maxSealed)
	}
	return nil
}

// NegativesKept is how long the face of somebody who was taken for another is
// kept: they did not enrol.
const NegativesKept = 90 * 24 * time.Hour

// NotThisPerson keeps the sealed face of somebody who was taken for a shopper,
// so that it is not so again. The oldest beyond sixteen go. ErrNotFound: the
// shopper is not enrolled.
func (c *Catalog) NotThisPerson(ctx context.Context, shopper offers.ShopperID, model string, sealed []byte) error {
	err := checkSealed(sealed)
	if err == nil {
		err = c.tx(ctx, func(tx *sql.Tx) error {
			now := time.Now()
			if _, err := c.touchFaces(ctx, tx, now); err != nil {
				return err
			}
			var n int
			if err := c.row(ctx, tx, `SELECT COUNT(*) FROM enrolments WHERE shopper = ?`, shopper).Scan(&n); err != nil {
				return err
			}
			if n == 0 {
				return offers.ErrNotFound
			}
			_, err := c.exec(ctx, tx, `INSERT INTO face_negatives (id, shopper, model, sealed, at) VALUES (?, ?, ?, ?, ?)`,
				newID("x", now), shopper, model, sealed, micros(now))
			if err != nil {
				return err
			}
			_, err = c.exec(ctx, tx, `DELETE FROM face_negatives WHERE shopper = ? AND id NOT IN (
				SELECT id FROM face_negatives WHERE shopper = ? ORDER BY id DESC LIMIT ?)`, shopper, shopper, maxNegatives)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("catalog: not %s: %w", shopper, err)
	}
	return nil
}

// DropNegatives removes those whose time is over, and says how many.
func (c *Catalog) DropNegatives(ctx context.Context, now time.Time) (int, error) {
	var n int64
	err := c.tx(ctx, func(tx *sql.Tx) error {
		var err error
		if n, err = c.exec(ctx, tx, `DELETE FROM face_negatives WHERE at <= ?`, micros(now.Add(-NegativesKept))); err != nil || n == 0 {
			return err
		}
		_, err = c.touchFaces(ctx, tx, now)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("catalog: negative faces: %w", err)
	}
	return int(n), nil
}

// FacesBy says how many vectors each of some shoppers has who has any.
func (c *Catalog) FacesBy(ctx context.Context, shoppers []offers.ShopperID) (map[offers.ShopperID]int, error) {
	const most = 500 // parameters of one statement
	n := map[offers.ShopperID]int{}
	for some := range slices.Chunk(shoppers, most) {
		err := c.rows(ctx, c.db, func(r *sql.Rows) error {
			var shopper offers.ShopperID
			var count int
			err := r.Scan(&shopper, &count)
			n[shopper] = count
			return err
		}, `SELECT shopper, COUNT(*) FROM faces WHERE shopper IN `+marks(some)+` GROUP BY shopper`, anys(some)...)
		if err != nil {
			return nil, fmt.Errorf("catalog: faces: %w", err)
		}
	}
	return n, nil
}

// marks is "(?, ?)" for a statement with this many parameters; anys are these.
func marks[T any](of []T) string { return "(?" + strings.Repeat(", ?", len(of)-1) + ")" }

func anys[T any](of []T) []any {
	all := make([]any, len(of))
	for i, v := range of {
		all[i] = v
	}
	return all
}

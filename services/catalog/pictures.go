package catalog

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"aisle/offers"
)

// Picture is an image that lies under a floor plan.
type Picture struct {
	ID    string // a hash of its bytes
	Kind  string // image/png, image/jpeg or image/webp
	Bytes []byte
}

// Bounds of pictures.
const (
	MaxPicture  = 2 << 20 // bytes of one
	maxPictures = 50      // of a shop
)

// AddPicture keeps a picture of a shop that is there, and says how it is called.
// The same bytes are the same picture. More than fit are ErrConflict.
func (c *Catalog) AddPicture(ctx context.Context, shop offers.ShopID, kind string, bytes []byte, by By) (id string, err error) {
	if len(bytes) == 0 || len(bytes) > MaxPicture {
		return "", fmt.Errorf("catalog: picture of %q: %w: %d bytes, want 1 to %d", shop, offers.ErrInvalid, len(bytes), MaxPicture)
	}
	hash := sha256.Sum256(bytes)
	id = hex.EncodeToString(hash[:12])
	err = c.tx(ctx, func(tx *sql.Tx) error {
		var there, n int
		if err := c.row(ctx, tx, `SELECT COUNT(*) FROM shops WHERE id = ?`, shop).Scan(&there); err != nil {
			return err
		}
		if there == 0 {
			return offers.ErrNotFound
		}
		if err := c.row(ctx, tx, `SELECT COUNT(*) FROM pictures WHERE shop = ? AND id <> ?`, shop, id).Scan(&n); err != nil {
			return err
		}
		if n >= maxPictures {
			return fmt.Errorf("%w: there are %d pictures: keep the plan, so that those which no floor uses go", offers.ErrConflict, n)
		}
		now := time.Now()
		_, err := c.exec(ctx, tx, `INSERT INTO pictures (shop, id, kind, bytes, at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (shop, id) DO UPDATE SET at = excluded.at`, shop, id, kind, bytes, micros(now))
		if err != nil {
			return err
		}
		return c.audit(ctx, tx, now, by, "add picture", offers.ShopKey(shop))
	})
	if err != nil {
		return "", fmt.Errorf("catalog: picture of %q: %w", shop, err)
	}
	return id, nil
}

// Picture is one of a shop's.
func (c *Catalog) Picture(ctx context.Context, shop offers.ShopID, id string) (Picture, error) {
	p := Picture{ID: id}
	err := c.row(ctx, c.db, `SELECT kind, bytes FROM pictures WHERE shop = ? AND id = ?`, shop, id).Scan(&p.Kind, &p.Bytes)
	if err != nil {
		return Picture{}, fmt.Errorf("catalog: picture %q of %q: %w", id, shop, c.kind(err))
	}
	return p, nil
}

// HasPicture tells whether a shop has a picture.
func (c *Catalog) HasPicture(ctx context.Context, shop offers.ShopID, id string) (bool, error) {
	var n int
	if err := c.row(ctx, c.db, `SELECT COUNT(*) FROM pictures WHERE shop = ? AND id = ?`, shop, id).Scan(&n); err != nil {
		return false, fmt.Errorf("catalog: picture %q of %q: %w", id, shop, c.kind(err))
	}
	return n > 0, nil
}

// KeepPictures removes a shop's pictures that are not used and were added before
// a time: somebody may be drawing with a newer one.
func (c *Catalog) KeepPictures(ctx context.Context, shop offers.ShopID, used []string, before time.Time) error {
	used = slices.Compact(slices.Sorted(slices.Values(used)))
	query := `DELETE FROM pictures WHERE shop = ? AND at < ?`
	args := []any{shop, micros(before)}
	if len(used) > 0 {
		query += ` AND id NOT IN (?` + strings.Repeat(", ?", len(used)-1) + `)`
		for _, id := range used {
			args = append(args, id)
		}
	}
	if _, err := c.exec(ctx, c.db, query, args...); err != nil {
		return fmt.Errorf("catalog: pictures of %q: %w", shop, c.kind(err))
	}
	return nil
}

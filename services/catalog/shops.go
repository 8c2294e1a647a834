package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"aisle/offers"
)

// By is who changes something, for the history and the audit.
type By struct {
	ID   string
	Name string
}

// Shops lists them by name.
func (c *Catalog) Shops(ctx context.Context) ([]offers.Shop, error) {
	var shops []offers.Shop
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		shop, err := scanDocument[offers.Shop](r)
		shops = append(shops, shop)
		return err
	}, `SELECT body FROM shops`)
	if err != nil {
		return nil, fmt.Errorf("catalog: shops: %w", err)
	}
	slices.SortFunc(shops, func(a, b offers.Shop) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return shops, nil
}

// Shop is one of them.
func (c *Catalog) Shop(ctx context.Context, id offers.ShopID) (offers.Shop, error) {
	shop, err := scanDocument[offers.Shop](c.row(ctx, c.db, `SELECT body FROM shops WHERE id = ?`, id))
	if err != nil {
		return offers.Shop{}, fmt.Errorf("catalog: shop %q: %w", id, c.kind(err))
	}
	return shop, nil
}

// PutShop keeps a shop as it is given, new or not.
func (c *Catalog) PutShop(ctx context.Context, shop offers.Shop, by By) error {
	if err := c.tx(ctx, func(tx *sql.Tx) error { return c.putShop(ctx, tx, shop, by) }); err != nil {
		return fmt.Errorf("catalog: shop %q: %w", shop.ID, err)
	}
	return nil
}

func (c *Catalog) putShop(ctx context.Context, tx *sql.Tx, shop offers.Shop, by By) error {
	body, err := json.Marshal(shop)
	if err != nil {
		return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	now := time.Now()
	_, err = c.exec(ctx, tx, `INSERT INTO shops (id, body, updated) VALUES (?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET body = excluded.body, updated = excluded.updated`, shop.ID, string(body), micros(now))
	if err != nil {
		return err
	}
	return c.note(ctx, tx, now, by, "put", offers.ShopKey(shop.ID))
}

// ChangeShop keeps what change makes of a shop, which is nil if there is none:
// two that change it at a time do so one after the other.
func (c *Catalog) ChangeShop(ctx context.Context, id offers.ShopID, by By, change func(was *offers.Shop) (offers.Shop, error)) (offers.Shop, error) {
	var now offers.Shop
	err := c.tx(ctx, func(tx *sql.Tx) error {
		was, err := scanDocument[offers.Shop](c.row(ctx, tx, `SELECT body FROM shops WHERE id = ?`+c.dialect.forUpdate(), id))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			now, err = change(nil)
		case err == nil:
			now, err = change(&was)
		}
		if err != nil {
			return err
		}
		return c.putShop(ctx, tx, now, by)
	})
	if err != nil {
		return offers.Shop{}, fmt.Errorf("catalog: shop %q: %w", id, err)
	}
	return now, nil
}

// DeleteShop removes a shop and its pictures.
func (c *Catalog) DeleteShop(ctx context.Context, id offers.ShopID, by By) error {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		n, err := c.exec(ctx, tx, `DELETE FROM shops WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return offers.ErrNotFound
		}
		if _, err := c.exec(ctx, tx, `DELETE FROM pictures WHERE shop = ?`, id); err != nil {
			return err
		}
		return c.note(ctx, tx, time.Now(), by, "delete", offers.ShopKey(id))
	})
	if err != nil {
		return fmt.Errorf("catalog: shop %q: %w", id, err)
	}
	return nil
}

// bodies reads the proofs that rows keep as JSON: one that cannot be read is
// ErrInvalid.
func bodies[T any](ctx context.Context, c *Catalog, query string, args ...any) ([]T, error) {
	all := []T{}
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var body string
		if err := r.Scan(&body); err != nil {
			return err
		}
		var one T
		if err := json.Unmarshal([]byte(body), &one); err != nil {
			return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
		}
		all = append(all, one)
		return nil
	}, query, args...)
	return all, err
}

// scanDocument reads a row of one document.
func scanDocument[T any](r interface{ Scan(...any) error }) (T, error) {
	var document T
	var body string
	if err := r.Scan(&body); err != nil {
		return document, err
	}
	return document, json.Unmarshal([]byte(body), &document)
}

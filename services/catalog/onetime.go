package catalog

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aisle/offers"
)

// Bounds of the codes that shoppers sign in with. Who guesses gets 25 of a
// million an hour.
const (
	codeTime    = 10 * time.Minute
	codeTries   = 5
	codesWithin = time.Hour
	codesMost   = 5 // to one address
)

// KeepSignInCode keeps the hash of a code that is about to be sent to an address,
// in place of one of before. It is good for ten minutes. ErrDenied: too many were
// sent there within the hour.
func (c *Catalog) KeepSignInCode(ctx context.Context, address, code []byte, now time.Time) (until time.Time, err error) {
	until = now.Add(codeTime).UTC().Truncate(time.Second)
	err = c.tx(ctx, func(tx *sql.Tx) error {
		if _, err := c.exec(ctx, tx, `DELETE FROM sign_in_codes WHERE began <= ?`, micros(now.Add(-codesWithin))); err != nil {
			return err
		}
		n, err := c.exec(ctx, tx, `INSERT INTO sign_in_codes (address, code, tries, until, sent, began) VALUES (?, ?, 0, ?, 1, ?)
			ON CONFLICT (address) DO UPDATE SET code = excluded.code, tries = 0, until = excluded.until, sent = sign_in_codes.sent + 1
			WHERE sign_in_codes.sent < ?`, address, code, micros(until), micros(now), codesMost)
		if err == nil && n == 0 {
			err = offers.ErrDenied
		}
		return err
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("catalog: code: %w", err)
	}
	return until, nil
}

// UseSignInCode takes a code that was sent to an address, once. ErrDenied: it is
// another, its time is over, or it was guessed at too often.
func (c *Catalog) UseSignInCode(ctx context.Context, address, code []byte, now time.Time) error {
	right := false
	err := c.tx(ctx, func(tx *sql.Tx) error {
		var kept []byte
		err := c.row(ctx, tx, `SELECT code FROM sign_in_codes WHERE address = ? AND until > ? AND tries < ?`+c.dialect.forUpdate(), address, micros(now), codeTries).Scan(&kept)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		until := `until`
		if right = hmac.Equal(kept, code); right {
			until = `0`
		}
		_, err = c.exec(ctx, tx, `UPDATE sign_in_codes SET tries = tries + 1, until = `+until+` WHERE address = ?`, address)
		return err
	})
	if err == nil && !right {
		err = offers.ErrDenied
	}
	if err != nil {
		return fmt.Errorf("catalog: code: %w", err)
	}
	return nil
}

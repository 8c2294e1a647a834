package catalog

import (
	"context"
	"crypto/ecdh"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"aisle/offers"
)

// PushSubscription is one browser that a shopper wants to be notified in.
type PushSubscription struct {
	Endpoint string // address at the push service, which knows the browser by it
	Shopper  offers.ShopperID
	P256dh   []byte // the browser's public key: an uncompressed point of P-256
	Auth     []byte // 16 bytes that it shares with us alone
	Created  time.Time
}

// pushPerShopper bounds the browsers of one shopper; the oldest is let go.
const pushPerShopper = 10

// Subscribe keeps a browser, in place of what was kept of it. It is notified for
// one shopper only: the one who used it last.
func (c *Catalog) Subscribe(ctx context.Context, p PushSubscription) error {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		_, err := c.exec(ctx, tx, `INSERT INTO push_subscriptions (endpoint, shopper, p256dh, auth, created) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (endpoint) DO UPDATE SET shopper = excluded.shopper, p256dh = excluded.p256dh, auth = excluded.auth, created = excluded.created`,
			p.Endpoint, p.Shopper, p.P256dh, p.Auth, micros(p.Created))
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, tx, `DELETE FROM push_subscriptions WHERE shopper = ? AND endpoint NOT IN
			(SELECT endpoint FROM push_subscriptions WHERE shopper = ? ORDER BY created DESC, endpoint LIMIT ?)`, p.Shopper, p.Shopper, pushPerShopper)
		return err
	})
	if err != nil {
		return fmt.Errorf("catalog: subscription: %w", err)
	}
	return nil
}

// Subscriptions are the browsers of a shopper, known by any of these names,
// oldest first.
func (c *Catalog) Subscriptions(ctx context.Context, selves ...offers.ShopperID) ([]PushSubscription, error) {
	in, args := among(selves)
	var all []PushSubscription
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var p PushSubscription
		var created int64
		err := r.Scan(&p.Endpoint, &p.Shopper, &p.P256dh, &p.Auth, &created)
		p.Created = fromMicros(created)
		all = append(all, p)
		return err
	}, `SELECT endpoint, shopper, p256dh, auth, created FROM push_subscriptions WHERE shopper IN `+in+` ORDER BY created, endpoint`, args...)
	if err != nil {
		return nil, fmt.Errorf("catalog: subscriptions: %w", err)
	}
	return all, nil
}

// Unsubscribe lets one browser of a shopper go, or all with an empty endpoint,
// and says how many there were.
func (c *Catalog) Unsubscribe(ctx context.Context, endpoint string, selves ...offers.ShopperID) (int64, error) {
	in, args := among(selves)
	query := `DELETE FROM push_subscriptions WHERE shopper IN ` + in
	if endpoint != "" {
		query, args = query+` AND endpoint = ?`, append(args, endpoint)
	}
	n, err := c.exec(ctx, c.db, query, args...)
	if err != nil {
		return 0, fmt.Errorf("catalog: subscription: %w", err)
	}
	return n, nil
}

// GoneSubscription lets a browser go that its push service does not know any
// more, unless it has subscribed anew since.
func (c *Catalog) GoneSubscription(ctx context.Context, p PushSubscription) error {
	_, err := c.exec(ctx, c.db, `DELETE FROM push_subscriptions WHERE endpoint = ? AND created = ?`, p.Endpoint, micros(p.Created))
	if err != nil {
		return fmt.Errorf("catalog: subscription: %w", err)
	}
	return nil
}

// among is the list of a statement's IN. It is never empty.
func among(selves []offers.ShopperID) (string, []any) {
	args := make([]any, 0, len(selves)+1)
	for _, self := range selves {
		args = append(args, self)
	}
	if len(args) == 0 {
		args = append(args, "")
	}
	return "(" + strings.Join(slices.Repeat([]string{"?"}, len(args)), ", ") + ")", args
}

// PushKey is the key by which push services know this house (VAPID, RFC 8292).
// Its public half is in every subscription: another key means to subscribe anew.
func (s Secrets) PushKey() (*ecdh.PrivateKey, error) {
	scalar := sha256.Sum256(append([]byte("aisle push key 1\n"), s.Push...))
	for range 8 { // one in 2^32 is no scalar of the curve
		if key, err := ecdh.P256().NewPrivateKey(scalar[:]); err == nil {
			return key, nil
		}
		scalar = sha256.Sum256(scalar[:])
	}
	return nil, fmt.Errorf("push key: %w: the secret gives none", offers.ErrInvalid)
}

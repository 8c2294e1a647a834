package catalog

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"aisle/offers"
)

// Scope is one thing that a program may do with its key.
type Scope string

// Scopes.
const (
	ScopeEvents Scope = "events" // write events and feeds at the collector's doors
	ScopeDecide Scope = "decide" // ask for offers
	ScopeRedeem Scope = "redeem" // redeem codes, as a till
	ScopeRead   Scope = "read"   // the console's doors as a viewer: without personal data
	ScopeManage Scope = "manage" // the console's doors as a marketer
)

// Scopes lists them, the least first.
var Scopes = []Scope{ScopeEvents, ScopeDecide, ScopeRedeem, ScopeRead, ScopeManage}

// APIKey is what a program comes in with. The key itself is told once, when it
// is made; only its hash is kept.
type APIKey struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Hint    string    `json:"hint"` // its last letters
	Scopes  []Scope   `json:"scopes"`
	Created time.Time `json:"created"`
	By      string    `json:"by"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Used    time.Time `json:"used,omitzero"`    // last, to the minute
	Revoked time.Time `json:"revoked,omitzero"`
}

// APIKeyPrefix begins every key, so that scanners of source code find those
// that were committed by mistake.
const APIKeyPrefix = "aisle_key_"

// Opens tells whether the key may be used for something at a time.
func (k *APIKey) Opens(scope Scope, now time.Time) bool {
	return k.Revoked.IsZero() && (k.Expires.IsZero() || now.Before(k.Expires)) && slices.Contains(k.Scopes, scope)
}

// Role is as whom the key comes in at the console's doors, if it may.
func (k *APIKey) Role(now time.Time) (Role, bool) {
	switch {
	case k.Opens(ScopeManage, now):
		return RoleMarketer, true
	case k.Opens(ScopeRead, now):
		return RoleViewer, true
	}
	return "", false
}

// AddAPIKey makes a key, and tells it.
func (c *Catalog) AddAPIKey(ctx context.Context, k APIKey, by By) (APIKey, string, error) {
	key := APIKeyPrefix + random(20)
	now := time.Now().UTC().Truncate(time.Microsecond)
	k.ID, k.Hint, k.Created, k.By, k.Used, k.Revoked = newID("k", now), key[len(key)-4:], now, by.Name, time.Time{}, time.Time{}
	err := c.tx(ctx, func(tx *sql.Tx) error {
		_, err := c.exec(ctx, tx, `INSERT INTO api_keys (id, hash, hint, name, scopes, created, by_name, expires, used, revoked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`,
			k.ID, hashOf(key), k.Hint, k.Name, joinScopes(k.Scopes), micros(k.Created), k.By, micros(k.Expires))
		if err != nil {
			return err
		}
		return c.audit(ctx, tx, now, by, "add", "key/"+k.ID)
	})
	if err != nil {
		return APIKey{}, "", fmt.Errorf("catalog: key %q: %w", k.Name, err)
	}
	return k, key, nil
}

const apiKeyColumns = `id, hint, name, scopes, created, by_name, expires, used, revoked`

func scanAPIKey(scan func(...any) error) (APIKey, error) {
	var k APIKey
	var scopes string
	var created, expires, used, revoked int64
	err := scan(&k.ID, &k.Hint, &k.Name, &scopes, &created, &k.By, &expires, &used, &revoked)
	for s := range strings.FieldsSeq(scopes) {
		k.Scopes = append(k.Scopes, Scope(s))
	}
	k.Created, k.Expires, k.Used, k.Revoked = fromMicros(created), fromMicros(expires), fromMicros(used), fromMicros(revoked)
	return k, err
}

// APIKeys lists them, newest first, also those that were revoked.
func (c *Catalog) APIKeys(ctx context.Context) ([]APIKey, error) {
	var all []APIKey
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		k, err := scanAPIKey(r.Scan)
		all = append(all, k)
		return err
	}, `SELECT `+apiKeyColumns+` FROM api_keys ORDER BY id DESC`)
	if err != nil {
		return nil, fmt.Errorf("catalog: keys: %w", err)
	}
	return all, nil
}

// APIKeyOf is what is kept of a key. ErrNotFound: it was not made here. It is
// the caller's to ask what it opens.
func (c *Catalog) APIKeyOf(ctx context.Context, key string) (APIKey, error) {
	k, err := scanAPIKey(c.row(ctx, c.db, `SELECT `+apiKeyColumns+` FROM api_keys WHERE hash = ?`, hashOf(key)).Scan)
	if err != nil {
		return APIKey{}, fmt.Errorf("catalog: key: %w", c.kind(err))
	}
	return k, nil
}

// KeyHash is what is kept of a key.
type KeyHash [sha256.Size]byte

// HashAPIKey is the hash under which a key is kept.
func HashAPIKey(key string) KeyHash { return sha256.Sum256([]byte(key)) }

// APIKeysByHash are all of them, for those who are asked often.
func (c *Catalog) APIKeysByHash(ctx context.Context) (map[KeyHash]APIKey, error) {
	all := map[KeyHash]APIKey{}
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var hash []byte
		k, err := scanAPIKey(func(into ...any) error { return r.Scan(append(into, &hash)...) })
		if err == nil && len(hash) == sha256.Size {
			all[KeyHash(hash)] = k
		}
		return err
	}, `SELECT `+apiKeyColumns+`, hash FROM api_keys`)
	if err != nil {
		return nil, fmt.Errorf("catalog: keys: %w", err)
	}
	return all, nil
}

// UsedAPIKey notes that a key was used, to the minute.
func (c *Catalog) UsedAPIKey(ctx context.Context, k APIKey, now time.Time) error {
	if now.Sub(k.Used) < usedEvery {
		return nil
	}
	if _, err := c.exec(ctx, c.db, `UPDATE api_keys SET used = ? WHERE id = ? AND used < ?`, micros(now), k.ID, micros(now)); err != nil {
		return fmt.Errorf("catalog: key %s: %w", k.ID, err)
	}
	return nil
}

// RevokeAPIKey lets a key open nothing any more. ErrNotFound: there is none that
// still does.
func (c *Catalog) RevokeAPIKey(ctx context.Context, id string, by By) error {
	now := time.Now()
	err := c.tx(ctx, func(tx *sql.Tx) error {
		n, err := c.exec(ctx, tx, `UPDATE api_keys SET revoked = ? WHERE id = ? AND revoked = 0`, micros(now), id)
		if err != nil {
			return err
		}
		if n == 0 {
			return offers.ErrNotFound
		}
		return c.audit(ctx, tx, now, by, "revoke", "key/"+id)
	})
	if err != nil {
		return fmt.Errorf("catalog: key %s: %w", id, err)
	}
	return nil
}

func joinScopes(scopes []Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, " ")
}

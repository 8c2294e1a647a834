package catalog

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"aisle/offers"
)

// Source is a writer that the collector lets in by its write key.
type Source struct {
	Key     string    `json:"key"`
	Name    string    `json:"name"`
	Kind    string    `json:"kind"` // website, app, server, till
	Created time.Time `json:"created"`
}

// SourceKinds lists what a source can be.
var SourceKinds = []string{"website", "app", "server", "till"}

// Sources lists them by name.
func (c *Catalog) Sources(ctx context.Context) ([]Source, error) {
	var sources []Source
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var s Source
		var created int64
		if err := r.Scan(&s.Key, &s.Name, &s.Kind, &created); err != nil {
			return err
		}
		s.Created = fromMicros(created)
		sources = append(sources, s)
		return nil
	}, `SELECT write_key, name, kind, created FROM sources ORDER BY name, write_key`)
	if err != nil {
		return nil, fmt.Errorf("catalog: sources: %w", err)
	}
	return sources, nil
}

// AddSource keeps a source; without a key it gets one that nobody can guess.
// A key that is there already is ErrConflict.
func (c *Catalog) AddSource(ctx context.Context, s Source) (Source, error) {
	if s.Key == "" {
		s.Key = "wk_" + random(20)
	}
	s.Created = time.Now().UTC().Truncate(time.Microsecond)
	_, err := c.exec(ctx, c.db, `INSERT INTO sources (write_key, name, kind, created) VALUES (?, ?, ?, ?)`,
		s.Key, s.Name, s.Kind, micros(s.Created))
	if err != nil {
		return Source{}, fmt.Errorf("catalog: source %q: %w", s.Name, err)
	}
	return s, nil
}

// RemoveSource withdraws a write key.
func (c *Catalog) RemoveSource(ctx context.Context, key string) error {
	n, err := c.exec(ctx, c.db, `DELETE FROM sources WHERE write_key = ?`, key)
	if err == nil && n == 0 {
		err = offers.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("catalog: source: %w", err)
	}
	return nil
}

var base32Lower = base32.StdEncoding.WithPadding(base32.NoPadding)

// random is n bytes of randomness in small letters and digits.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails, since Go 1.24
	return strings.ToLower(base32Lower.EncodeToString(b))
}

// newID is an id that sorts by time.
func newID(prefix string, now time.Time) string {
	b := make([]byte, 15)
	binary.BigEndian.PutUint64(b, uint64(now.UnixMicro())<<8) // 7 bytes of it are the time
	rand.Read(b[7:])
	return prefix + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

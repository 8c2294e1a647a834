// Package catalog is the shop's filing cabinet: what people wrote and may
// change, rather than what happened. Shops and their floor plans, campaigns
// with every version, who may sign in, the write keys of web sites, the sealed
// vectors of faces, and the tallies of what came of each campaign.
//
// It is SQL, on PostgreSQL or in one SQLite file. Both are spoken to by the
// same statements; dialect.go holds the few differences. Times are kept as
// microseconds since 1970, documents as JSON.
package catalog

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"aisle/offers"
)

// Config says where the catalog is. The zero Config with a Dir works: a SQLite
// file in Dir.
type Config struct {
	// URL is empty for Dir/catalog.db, or sqlite:path/to/file.db, or
	// postgres://user:password@host/database
	URL     string
	Dir     string
	Secrets Secrets // those given replace the generated ones
	Logger  *slog.Logger
}

// Catalog is a connection to the catalog. Safe for concurrent use.
type Catalog struct {
	db      *sql.DB
	dialect dialect
	config  Config
	logger  *slog.Logger

	publishing sync.Mutex // one Publish at a time; on PostgreSQL an advisory lock beside it
}

// openTimeout bounds how long Open waits for the database.
const openTimeout = 30 * time.Second

// Open connects, and brings the schema to what this program needs. It refuses
// a schema newer than it knows.
func Open(ctx context.Context, config Config) (*Catalog, error) {
	c := &Catalog{config: config, logger: config.Logger}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	var err error
	if c.dialect, c.db, err = dial(config); err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	if err := c.waitForDatabase(ctx); err != nil {
		c.db.Close()
		return nil, fmt.Errorf("catalog: %w: %w", offers.ErrUnavailable, err)
	}
	if err := c.migrate(ctx); err != nil {
		c.db.Close()
		return nil, fmt.Errorf("catalog: %w", err)
	}
	return c, nil
}

// waitForDatabase gives a database that starts at the same time as we do the
// time to come up.
func (c *Catalog) waitForDatabase(ctx context.Context) error {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		err := c.db.PingContext(ctx)
		if err == nil || c.dialect == sqlite {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(wait):
		}
	}
}

// Close ends the connections.
func (c *Catalog) Close() error { return c.db.Close() }

// Ping tells whether the database answers.
func (c *Catalog) Ping(ctx context.Context) error { return c.kind(c.db.PingContext(ctx)) }

// Kind is "sqlite" or "postgres".
func (c *Catalog) Kind() string { return c.dialect.String() }

// Secrets are the keys that the house signs and seals with, 32 bytes each.
type Secrets struct {
	Session []byte // console sessions
	Token   []byte // shoppers' personal links and enrolment tickets
	Code    []byte // redemption codes
	Seal    []byte // vectors of faces
	Edge    []byte // what cameras, gateways and tills send to the collector
	Sign    []byte // receipts and consents: the seed of an Ed25519 key
	Push    []byte // notifications: what PushKey is made of
}

// Secrets are made at the first start and stay the same ever after, for every
// process on the same catalog. Those of the Config replace them.
func (c *Catalog) Secrets(ctx context.Context) (Secrets, error) {
	s := c.config.Secrets
	for name, secret := range map[string]*[]byte{
		"session": &s.Session, "token": &s.Token, "code": &s.Code, "seal": &s.Seal, "edge": &s.Edge, "sign": &s.Sign, "push": &s.Push,
	} {
		if len(*secret) > 0 {
			continue
		}
		made := make([]byte, 32)
		if _, err := rand.Read(made); err != nil {
			return Secrets{}, fmt.Errorf("catalog: secret %s: %w", name, err)
		}
		// Two processes may start at once: the first to write wins, both read.
		_, err := c.exec(ctx, c.db, `INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`, "secret/"+name, made)
		if err != nil {
			return Secrets{}, fmt.Errorf("catalog: secret %s: %w", name, err)
		}
		if err := c.row(ctx, c.db, `SELECT value FROM settings WHERE name = ?`, "secret/"+name).Scan(secret); err != nil {
			return Secrets{}, fmt.Errorf("catalog: secret %s: %w", name, c.kind(err))
		}
	}
	return s, nil
}

// micros is a time as it is kept; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

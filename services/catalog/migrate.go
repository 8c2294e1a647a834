package catalog

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"aisle/offers"
)

// Migrations are named 0001_what.sql and so on, are written so that both
// databases take them, and are never changed once released.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate applies the migrations that the database has not seen, each in a
// transaction of its own. Processes that start together take turns.
func (c *Catalog) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	err = c.tx(ctx, func(tx *sql.Tx) error {
		if err := c.lock(ctx, tx, lockMigrate); err != nil {
			return err
		}
		_, err := c.exec(ctx, tx, `CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)`)
		return err
	})
	if err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	var known int64
	for _, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
		if err := c.migrateTo(ctx, version, name); err != nil {
			return fmt.Errorf("migration %s: %w", name, err)
		}
		known = version
	}
	var found int64
	if err := c.row(ctx, c.db, `SELECT COALESCE(MAX(version), 0) FROM schema_version`).Scan(&found); err != nil {
		return c.kind(err)
	}
	if found > known {
		return fmt.Errorf("%w: the database has schema %d, this program knows %d: run a newer aisle", offers.ErrInvalid, found, known)
	}
	return nil
}

func (c *Catalog) migrateTo(ctx context.Context, version int64, name string) error {
	script, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	return c.tx(ctx, func(tx *sql.Tx) error {
		if err := c.lock(ctx, tx, lockMigrate); err != nil {
			return err
		}
		var done int
		if err := c.row(ctx, tx, `SELECT COUNT(*) FROM schema_version WHERE version = ?`, version).Scan(&done); err != nil {
			return err
		}
		if done > 0 {
			return nil
		}
		if _, err := tx.ExecContext(ctx, string(script)); err != nil {
			return err
		}
		_, err := c.exec(ctx, tx, `INSERT INTO schema_version (version) VALUES (?)`, version)
		return err
	})
}

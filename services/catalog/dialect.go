package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	sqlitedriver "modernc.org/sqlite"
	sqlitecode "modernc.org/sqlite/lib"

	"aisle/offers"
)

// dialect is which database we speak to. What differs between the two is in
// this file and nowhere else.
type dialect int

const (
	sqlite dialect = iota
	postgres
)

func (d dialect) String() string {
	if d == postgres {
		return "postgres"
	}
	return "sqlite"
}

// Connections that one process opens. SQLite has one writer anyway.
const maxConnections = 8

func dial(config Config) (dialect, *sql.DB, error) {
	u, path, _ := strings.Cut(config.URL, ":")
	switch {
	case config.URL == "" && config.Dir == "":
		return 0, nil, fmt.Errorf("%w: neither a URL nor a folder for the SQLite file", offers.ErrInvalid)
	case config.URL == "":
		if err := os.MkdirAll(config.Dir, 0o700); err != nil {
			return 0, nil, fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
		}
		path = filepath.Join(config.Dir, "catalog.db")
	case u == "postgres" || u == "postgresql":
		db, err := sql.Open("pgx", config.URL)
		if err != nil { // the driver's text holds no password
			return 0, nil, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
		}
		db.SetMaxOpenConns(maxConnections)
		return postgres, db, nil
	case u != "sqlite" || path == "":
		return 0, nil, fmt.Errorf("%w: URL scheme %q: want postgres://… or sqlite:path/to/file.db", offers.ErrInvalid, u)
	}
	// Secrets are in it: nobody else reads the file, whatever the folder allows.
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return 0, nil, fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
	} else if err := f.Close(); err != nil {
		return 0, nil, fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
	}
	// WAL lets readers read while one writes; writers wait for each other, and
	// take the lock when they begin, so that none fails half-way.
	options := url.Values{
		"_pragma": {"journal_mode(WAL)", "busy_timeout(10000)", "synchronous(NORMAL)", "foreign_keys(1)"},
		"_txlock": {"immediate"},
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+options.Encode())
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	db.SetMaxOpenConns(maxConnections)
	return sqlite, db, nil
}

// bind writes the statement's question marks as the database wants them.
func (d dialect) bind(query string) string {
	if d == sqlite {
		return query
	}
	var b strings.Builder
	n := 0
	for _, r := range query {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// Advisory locks of ours on PostgreSQL, any numbers that nobody else uses.
const (
	lockMigrate int64 = 0x6169_736c_6501
	lockPublish int64 = 0x6169_736c_6502
	lockPeople  int64 = 0x6169_736c_6503
	lockFaces   int64 = 0x6169_736c_6504
	lockPrivacy int64 = 0x6169_736c_6505
)

// lock keeps other processes out until the transaction ends. A SQLite file has
// one process and its write transactions exclude each other.
func (c *Catalog) lock(ctx context.Context, tx *sql.Tx, which int64) error {
	if c.dialect == sqlite {
		return nil
	}
	_, err := c.exec(ctx, tx, `SELECT pg_advisory_xact_lock(?)`, which)
	return err
}

// kind wraps a driver's error with the one of our five kinds that it is.
func (c *Catalog) kind(err error) error {
	if err == nil {
		return nil
	}
	for _, known := range []error{offers.ErrInvalid, offers.ErrNotFound, offers.ErrConflict, offers.ErrDenied, offers.ErrUnavailable} {
		if errors.Is(err, known) {
			return err
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		return offers.ErrNotFound // what the driver says of it says nothing more
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case pg.Code == "23505": // unique_violation
			return fmt.Errorf("%w: %w", offers.ErrConflict, err)
		case strings.HasPrefix(pg.Code, "22"), strings.HasPrefix(pg.Code, "23"): // data, constraints
			return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
		}
	}
	if lite, ok := errors.AsType[*sqlitedriver.Error](err); ok {
		switch code := lite.Code(); {
		case code == sqlitecode.SQLITE_CONSTRAINT_UNIQUE, code == sqlitecode.SQLITE_CONSTRAINT_PRIMARYKEY:
			return fmt.Errorf("%w: %w", offers.ErrConflict, err)
		case code&0xff == sqlitecode.SQLITE_CONSTRAINT:
			return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
		}
	}
	return fmt.Errorf("%w: %w", offers.ErrUnavailable, err)
}

// querier is *sql.DB or *sql.Tx.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// exec runs a statement and says how many rows it changed.
func (c *Catalog) exec(ctx context.Context, q querier, query string, args ...any) (int64, error) {
	result, err := q.ExecContext(ctx, c.dialect.bind(query), args...)
	if err != nil {
		return 0, c.kind(err)
	}
	n, err := result.RowsAffected()
	return n, c.kind(err)
}

func (c *Catalog) row(ctx context.Context, q querier, query string, args ...any) *sql.Row {
	return q.QueryRowContext(ctx, c.dialect.bind(query), args...)
}

// rows calls scan for each row.
func (c *Catalog) rows(ctx context.Context, q querier, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, c.dialect.bind(query), args...)
	if err != nil {
		return c.kind(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return c.kind(err)
		}
	}
	return c.kind(rows.Err())
}

// tx runs fn in one transaction: all of it or nothing.
func (c *Catalog) tx(ctx context.Context, fn func(tx *sql.Tx) error) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return c.kind(err)
	}
	if err := fn(tx); err != nil {
		return errors.Join(c.kind(err), ignoreDone(tx.Rollback()))
	}
	return c.kind(tx.Commit())
}

// ignoreDone drops the error of rolling back what a broken connection ended.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// forUpdate ends a SELECT whose row the transaction is going to change. On
// SQLite the transaction has the whole file already.
func (d dialect) forUpdate() string {
	if d == postgres {
		return " FOR UPDATE"
	}
	return ""
}

package main

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/goccy/go-json"

	"aisle/offers"
	"aisle/services/stream"
)

// logTable is a stream as a table: a column for each member of its records, and
// where on the log they lie.
type logTable struct {
	name string
	of   reflect.Type
	once bool   // records of one id are one row: writers that died write their last again
	typ  string // of the records, where the stream has others too
}

var logTables = []logTable{
	{name: stream.Events, of: reflect.TypeFor[offers.Event](), once: true},
	{name: stream.Decisions, of: reflect.TypeFor[offers.Decision](), once: true},
	{name: stream.Deliveries, of: reflect.TypeFor[offers.Delivery]()},
	{name: stream.Sightings, of: reflect.TypeFor[offers.Sighting]()},
	{name: stream.Quarantine, of: reflect.TypeFor[offers.Quarantined](), once: true, typ: stream.TypeQuarantined},
}

// columns are the members of the table's records; lists and what is nested are
// JSON, for SQLite's own functions.
func (t *logTable) columns() []string {
	var names []string
	for field := range t.of.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// sqlMain asks the log a question in SQL. What the question names is copied into
// a database of its own, which is gone afterwards: the house notices nothing.
func sqlMain(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("aisle sql", flag.ContinueOnError)
	where := logFlags(f)
	from := f.String("from", "", "only records that the log has had since then: 2026-11-01 or 2026-11-01T12:00:00Z")
	format := f.String("format", "table", "table, csv or json (a line for each row)")
	f.Usage = func() {
		to := f.Output()
		fmt.Fprint(to, "aisle sql [flags] \"SELECT verdict, count(*) FROM decisions GROUP BY verdict\"\n\n"+
			"Asks the log in the SQL of SQLite, whose JSON functions read what is nested. Each table also has\n_partition, _offset and _logged (when the log had it).\n\n")
		for i := range logTables {
			fmt.Fprintf(to, "%s: %s\n\n", logTables[i].name, strings.Join(logTables[i].columns(), ", "))
		}
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	since, err := parseTime(*from)
	if err != nil {
		return fmt.Errorf("-from: %w", err)
	}
	write, ok := rowWriters[*format]
	if !ok {
		return fmt.Errorf("%w: -format is table, csv or json, not %q", offers.ErrInvalid, *format)
	}
	if f.NArg() != 1 {
		return fmt.Errorf("%w: one question in quotes, after the flags; -h tells the tables", offers.ErrInvalid)
	}
	log, _, err := where.open(ctx)
	if err != nil {
		return err
	}
	defer log.Close()
	dir, err := os.MkdirTemp("", "aisle-sql-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "log.db")+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)")
	if err != nil {
		return err
	}
	defer db.Close()
	unread, err := copyLog(ctx, log, db, f.Arg(0), since)
	if err != nil {
		return err
	}
	if unread > 0 {
		fmt.Fprintf(os.Stderr, "%d records that are no JSON are left out\n", unread)
	}
	return answer(ctx, db, f.Arg(0), os.Stdout, write)
}

// copyLog copies the streams that a question names. It returns how many records
// could not be read.
func copyLog(ctx context.Context, log *stream.Log, db *sql.DB, question string, since time.Time) (unread int, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }() // of no effect once it is committed
	for i := range logTables {
		t := &logTables[i]
		if _, err := tx.ExecContext(ctx, t.definition()); err != nil {
			return 0, fmt.Errorf("table %s: %w", t.name, err)
		}
		if !regexp.MustCompile(`(?i)\b` + t.name + `\b`).MatchString(question) {
			continue
		}
		insert, err := tx.PrepareContext(ctx, "INSERT OR IGNORE INTO "+t.name+" (_id, _partition, _offset, _logged, _value) VALUES (?, ?, ?, ?, ?)")
		if err != nil {
			return 0, err
		}
		err = readAll(ctx, log, t.name, func(r *stream.Record) error {
			if r.Time.Before(since) || t.typ != "" && r.Header("ce_type") != t.typ {
				return nil
			}
			if !json.Valid(r.Value) {
				unread++
				return nil
			}
			id := fmt.Sprint(r.Partition, "/", r.Offset)
			if t.once {
				id = cmp.Or(r.Header("ce_id"), id)
			}
			_, err := insert.ExecContext(ctx, id, r.Partition, r.Offset, r.Time.UTC().Format(time.RFC3339Nano), string(r.Value))
			return err
		})
		if err := errors.Join(err, insert.Close()); err != nil {
			return 0, fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return unread, tx.Commit()
}

// definition makes the table, whose columns are read out of the records.
func (t *logTable) definition() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (_id TEXT PRIMARY KEY, _partition INTEGER, _offset INTEGER, _logged TEXT, _value TEXT", t.name)
	for _, c := range t.columns() {
		fmt.Fprintf(&b, `, "%s" AS (json_extract(_value, '$.%s'))`, c, c)
	}
	b.WriteString(") WITHOUT ROWID")
	return b.String()
}

// answer asks, and writes what comes of it.
func answer(ctx context.Context, db *sql.DB, question string, to io.Writer, write rowWriter) error {
	rows, err := db.QueryContext(ctx, question)
	if err != nil {
		return fmt.Errorf("%w: %w; -h tells the tables", offers.ErrInvalid, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	row, end := write(to, names)
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := row(values); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	return end()
}

// rowWriter writes a row after the other, and then what it still has.
type rowWriter func(to io.Writer, names []string) (row func([]any) error, end func() error)

var rowWriters = map[string]rowWriter{"table": writeAligned, "csv": writeCSV, "json": writeLines}

func writeAligned(to io.Writer, names []string) (func([]any) error, func() error) {
	t := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(names, "\t"))
	return func(values []any) error {
		_, err := fmt.Fprintln(t, strings.Join(asTexts(values), "\t"))
		return err
	}, t.Flush
}

func writeCSV(to io.Writer, names []string) (func([]any) error, func() error) {
	w := csv.NewWriter(to)
	err := w.Write(names)
	return func(values []any) error { return cmp.Or(err, w.Write(asTexts(values))) },
		func() error { w.Flush(); return cmp.Or(err, w.Error()) }
}

func writeLines(to io.Writer, names []string) (func([]any) error, func() error) {
	e := json.NewEncoder(to)
	return func(values []any) error {
		row := make(map[string]any, len(names))
		for i, name := range names {
			row[name] = values[i]
		}
		return e.Encode(row)
	}, func() error { return nil }
}

// asTexts are the values of a row; one that is missing is empty.
func asTexts(values []any) []string {
	all := make([]string, len(values))
	for i, v := range values {
		if v != nil {
			all[i] = fmt.Sprint(v)
		}
	}
	return all
}

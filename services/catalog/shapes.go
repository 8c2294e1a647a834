package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"aisle/offers"
)

// Shape is what is known of how a source sends an event.
type Shape struct {
	Source  string
	Event   string
	Body    json.RawMessage // as the room that watches writes it
	Updated time.Time
}

const (
	shapesAtOnce = 50                  // in one transaction
	shapesKept   = 90 * 24 * time.Hour // after the last event
)

// SaveShapes adds to what is stored what came since. Merge makes one of both,
// where nothing is stored of the latter alone; what is stored and cannot be
// merged is written anew. Several processes may save at the same time: none
// overwrites what another has added. It gives back what is stored now, in the
// order of source and event.
func (c *Catalog) SaveShapes(ctx context.Context, fresh []Shape, merge func(stored, fresh json.RawMessage) (json.RawMessage, error)) ([]Shape, error) {
	fresh = slices.Clone(fresh)
	slices.SortFunc(fresh, func(a, b Shape) int { // the same order in all processes: none waits for another in a circle
		return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.Event, b.Event))
	})
	var saved []Shape
	for some := range slices.Chunk(fresh, shapesAtOnce) {
		var of []Shape
		err := c.tx(ctx, func(tx *sql.Tx) error {
			of = of[:0]
			for _, s := range some {
				var err error
				if s.Body, s.Updated, err = c.saveShape(ctx, tx, &s, merge); err != nil {
					return fmt.Errorf("%s %s: %w", s.Source, s.Event, err)
				}
				of = append(of, s)
			}
			return nil
		})
		if err != nil {
			return saved, fmt.Errorf("catalog: shapes: %w", err)
		}
		saved = append(saved, of...)
	}
	_, err := c.exec(ctx, c.db, `DELETE FROM shapes WHERE updated < ?`, micros(time.Now().Add(-shapesKept)))
	if err != nil {
		return saved, fmt.Errorf("catalog: shapes: %w", err)
	}
	return saved, nil
}

func (c *Catalog) saveShape(ctx context.Context, tx *sql.Tx, s *Shape, merge func(stored, fresh json.RawMessage) (json.RawMessage, error)) (json.RawMessage, time.Time, error) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	_, err := c.exec(ctx, tx, `INSERT INTO shapes (source, event, body, updated) VALUES (?, ?, '', ?) ON CONFLICT (source, event) DO NOTHING`,
		s.Source, s.Event, micros(now))
	if err != nil {
		return nil, now, err
	}
	var stored string
	err = c.row(ctx, tx, `SELECT body FROM shapes WHERE source = ? AND event = ?`+c.dialect.forUpdate(), s.Source, s.Event).Scan(&stored)
	if err != nil {
		return nil, now, err
	}
	body, err := merge(json.RawMessage(stored), s.Body)
	if err != nil && stored != "" {
		body, err = merge(nil, s.Body)
	}
	if err != nil {
		return nil, now, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	_, err = c.exec(ctx, tx, `UPDATE shapes SET body = ?, updated = ? WHERE source = ? AND event = ?`, string(body), micros(now), s.Source, s.Event)
	return body, now, err
}

// Shapes lists them by source and event.
func (c *Catalog) Shapes(ctx context.Context) ([]Shape, error) {
	all, err := c.shapeRows(ctx, `SELECT source, event, body, updated FROM shapes ORDER BY source, event`)
	if err != nil {
		return nil, fmt.Errorf("catalog: shapes: %w", err)
	}
	return all, nil
}

// Shape is one of them.
func (c *Catalog) Shape(ctx context.Context, source, event string) (Shape, error) {
	all, err := c.shapeRows(ctx, `SELECT source, event, body, updated FROM shapes WHERE source = ? AND event = ?`, source, event)
	if err == nil && len(all) == 0 {
		err = offers.ErrNotFound
	}
	if err != nil {
		return Shape{}, fmt.Errorf("catalog: shape of %s from %s: %w", event, source, err)
	}
	return all[0], nil
}

func (c *Catalog) shapeRows(ctx context.Context, query string, args ...any) ([]Shape, error) {
	var all []Shape
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var s Shape
		var body string
		var updated int64
		if err := r.Scan(&s.Source, &s.Event, &body, &updated); err != nil {
			return err
		}
		if body != "" {
			s.Body, s.Updated = json.RawMessage(body), fromMicros(updated)
			all = append(all, s)
		}
		return nil
	}, query, args...)
	return all, err
}

// States of a notice.
const (
	NoticeOpen     = "open"
	NoticeAccepted = "accepted" // it is right so
	NoticeWrong    = "wrong"    // it is the source's mistake
)

// Notice tells that what a source sends is no longer what it was.
type Notice struct {
	ID     string    `json:"id"`
	Source string    `json:"source"`
	Event  string    `json:"event"`
	Field  string    `json:"field,omitempty"`
	Kind   string    `json:"kind"`
	Was    string    `json:"was,omitempty"`
	Now    string    `json:"now,omitempty"`
	Since  time.Time `json:"since"`
	Last   time.Time `json:"last"`
	Count  int64     `json:"count"`
	State  string    `json:"state"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"` // when it was decided
}

// AddNotices keeps notices, and says how many were not there before. One that
// is there gets the latest count and words; one that was accepted stays as it
// is. Notices that nobody saw for ninety days are forgotten.
func (c *Catalog) AddNotices(ctx context.Context, notices []Notice) (added int, err error) {
	notices = slices.Clone(notices)
	slices.SortFunc(notices, func(a, b Notice) int { return strings.Compare(a.ID, b.ID) })
	err = c.tx(ctx, func(tx *sql.Tx) error {
		added = 0
		for _, n := range notices {
			inserted, err := c.exec(ctx, tx, `INSERT INTO drift_notices (id, source, event, field, kind, was, is_now, since, last, events, state, by_name, at)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', '', 0) ON CONFLICT (id) DO NOTHING`,
				n.ID, n.Source, n.Event, n.Field, n.Kind, n.Was, n.Now, micros(n.Since), micros(n.Last), n.Count)
			if err != nil {
				return err
			}
			if inserted > 0 {
				added++
				continue
			}
			_, err = c.exec(ctx, tx, `UPDATE drift_notices SET was = ?, is_now = ?, last = ?, events = ? WHERE id = ? AND state <> 'accepted' AND last <= ?`,
				n.Was, n.Now, micros(n.Last), n.Count, n.ID, micros(n.Last))
			if err != nil {
				return err
			}
		}
		_, err := c.exec(ctx, tx, `DELETE FROM drift_notices WHERE last < ?`, micros(time.Now().Add(-shapesKept)))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("catalog: notices: %w", err)
	}
	return added, nil
}

const noticeColumns = `SELECT id, source, event, field, kind, was, is_now, since, last, events, state, by_name, at FROM drift_notices `

// Notices lists those in a state and of a source, the latest first; empty: any.
// Open is how many there are of all sources.
func (c *Catalog) Notices(ctx context.Context, state, source string, limit int) (notices []Notice, open int, err error) {
	err = c.row(ctx, c.db, `SELECT COUNT(*) FROM drift_notices WHERE state = 'open'`).Scan(&open)
	if err != nil {
		return nil, 0, fmt.Errorf("catalog: notices: %w", c.kind(err))
	}
	notices, err = c.noticeRows(ctx, c.db, noticeColumns+`WHERE (? = '' OR state = ?) AND (? = '' OR source = ?) ORDER BY last DESC, id LIMIT ?`,
		state, state, source, source, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("catalog: notices: %w", err)
	}
	return notices, open, nil
}

func (c *Catalog) noticeRows(ctx context.Context, q querier, query string, args ...any) ([]Notice, error) {
	var all []Notice
	err := c.rows(ctx, q, func(r *sql.Rows) error {
		var n Notice
		var since, last, at int64
		if err := r.Scan(&n.ID, &n.Source, &n.Event, &n.Field, &n.Kind, &n.Was, &n.Now, &since, &last, &n.Count, &n.State, &n.By, &at); err != nil {
			return err
		}
		n.Since, n.Last, n.At = fromMicros(since), fromMicros(last), fromMicros(at)
		all = append(all, n)
		return nil
	}, query, args...)
	return all, err
}

// DecideNotice marks a notice as accepted or wrong. Change, if it is not nil,
// makes of the shape that it is about what is stored from now on, all in one;
// a shape that is gone is no matter. Whoever keeps a copy of the shape sees a
// new RulesRevision.
func (c *Catalog) DecideNotice(ctx context.Context, id, state string, by By, change func(n Notice, stored json.RawMessage) (json.RawMessage, error)) (Notice, error) {
	var n Notice
	err := c.tx(ctx, func(tx *sql.Tx) error {
		found, err := c.noticeRows(ctx, tx, noticeColumns+`WHERE id = ?`+c.dialect.forUpdate(), id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return offers.ErrNotFound
		}
		n = found[0]
		if n.State == state {
			return nil
		}
		now := time.Now().UTC().Truncate(time.Microsecond)
		if change != nil {
			if err := c.changeShape(ctx, tx, n, change, now); err != nil {
				return err
			}
		}
		n.State, n.By, n.At = state, by.Name, now
		_, err = c.exec(ctx, tx, `UPDATE drift_notices SET state = ?, by_name = ?, at = ? WHERE id = ?`, n.State, n.By, micros(n.At), id)
		if err != nil {
			return err
		}
		if err := c.revise(ctx, tx); err != nil {
			return err
		}
		return c.audit(ctx, tx, now, by, state, "drift/"+id)
	})
	if err != nil {
		return Notice{}, fmt.Errorf("catalog: notice %q: %w", id, err)
	}
	return n, nil
}

func (c *Catalog) changeShape(ctx context.Context, tx *sql.Tx, n Notice, change func(n Notice, stored json.RawMessage) (json.RawMessage, error), now time.Time) error {
	var stored string
	err := c.row(ctx, tx, `SELECT body FROM shapes WHERE source = ? AND event = ?`+c.dialect.forUpdate(), n.Source, n.Event).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) || err == nil && stored == "" {
		return nil
	}
	if err != nil {
		return err
	}
	body, err := change(n, json.RawMessage(stored))
	if err != nil {
		return err
	}
	_, err = c.exec(ctx, tx, `UPDATE shapes SET body = ?, updated = ? WHERE source = ? AND event = ?`, string(body), micros(now), n.Source, n.Event)
	return err
}

package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Publication is what the stream "campaigns" is to be told: a document under
// its key, or that there is none any more.
type Publication struct {
	Key   string // shop/…, campaign/…, scenario/… or house/…
	Value []byte // JSON; empty: removed
}

// note writes down what happened, and that the stream is to be told, in the
// transaction of the change itself: whoever crashes afterwards tells it later.
func (c *Catalog) note(ctx context.Context, tx *sql.Tx, now time.Time, by By, action, key string) error {
	if err := c.markUnpublished(ctx, tx, key, now); err != nil {
		return err
	}
	return c.audit(ctx, tx, now, by, action, key)
}

func (c *Catalog) markUnpublished(ctx context.Context, q querier, key string, now time.Time) error {
	_, err := c.exec(ctx, q, `INSERT INTO unpublished (name, seq) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET seq = CASE WHEN excluded.seq > unpublished.seq THEN excluded.seq ELSE unpublished.seq + 1 END`,
		key, now.UnixNano())
	return err
}

// Republish marks the whole catalogue, and the keys that the stream holds, to
// be told again, so that the stream agrees with what is kept here.
func (c *Catalog) Republish(ctx context.Context, onStream []string) error {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		keys := onStream
		for _, of := range []string{`SELECT 'shop/' || id FROM shops`, `SELECT 'campaign/' || id FROM campaigns`, `SELECT 'scenario/' || id FROM scenarios`, `SELECT 'house/' || id FROM houses`} {
			err := c.rows(ctx, tx, func(r *sql.Rows) error {
				var key string
				err := r.Scan(&key)
				keys = append(keys, key)
				return err
			}, of)
			if err != nil {
				return err
			}
		}
		now := time.Now()
		for _, key := range keys {
			if err := c.markUnpublished(ctx, tx, key, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("catalog: republish: %w", err)
	}
	return nil
}

// Publish hands what the stream has not been told to produce, and forgets it
// once produce succeeds; it says how many there were. What is told is what is
// kept when it is told, and one process at a time does the telling, so that
// the stream ends with the latest. Telling twice is harmless, so a crash in
// between only repeats.
func (c *Catalog) Publish(ctx context.Context, produce func(ctx context.Context, all []Publication) error) (int, error) {
	c.publishing.Lock()
	defer c.publishing.Unlock()
	var n int
	publish := func(q querier) error {
		seqs := map[string]int64{}
		err := c.rows(ctx, q, func(r *sql.Rows) error {
			var key string
			var seq int64
			err := r.Scan(&key, &seq)
			seqs[key] = seq
			return err
		}, `SELECT name, seq FROM unpublished ORDER BY seq, name`)
		if err != nil || len(seqs) == 0 {
			return err
		}
		all := make([]Publication, 0, len(seqs))
		for key := range seqs {
			value, err := c.document(ctx, q, key)
			if err != nil {
				return err
			}
			all = append(all, Publication{key, value})
		}
		if err := produce(ctx, all); err != nil {
			return err
		}
		for key, seq := range seqs {
			if _, err := c.exec(ctx, q, `DELETE FROM unpublished WHERE name = ? AND seq = ?`, key, seq); err != nil {
				return err
			}
		}
		n = len(all)
		return nil
	}
	var err error
	if c.dialect == sqlite {
		// No transaction: it would keep every writer out while the stream answers.
		err = publish(c.db)
	} else {
		err = c.tx(ctx, func(tx *sql.Tx) error {
			if err := c.lock(ctx, tx, lockPublish); err != nil {
				return err
			}
			return publish(tx)
		})
	}
	if err != nil {
		return 0, fmt.Errorf("catalog: publish: %w", err)
	}
	return n, nil
}

// document is what is kept under a key of the stream, nil if nothing is.
func (c *Catalog) document(ctx context.Context, q querier, key string) ([]byte, error) {
	kind, id, _ := strings.Cut(key, "/")
	table, ok := map[string]string{"shop": "shops", campaigns.kind: campaigns.table(), scenarios.kind: scenarios.table(), houses.kind: houses.table()}[kind]
	if !ok {
		return nil, nil
	}
	var body string
	err := c.row(ctx, q, `SELECT body FROM `+table+` WHERE id = ?`, id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return []byte(body), c.kind(err)
}

package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"aisle/offers"
)

// versioned keeps documents of one kind with all their versions: campaigns and
// scenarios, and segments. Each change is told to the stream but those of
// segments, which are told in the campaigns that are for them.
type versioned[T any] struct {
	kind   string               // "campaign"; its tables are kind+"s" and kind+"_versions"
	head   func(doc *T) heading // where a document keeps what this has to know of it
	untold bool                 // the stream does not hear of it
}

// heading is what a versioned document has in common with others.
type heading struct {
	id      string
	status  offers.CampaignStatus // what a change of it is called
	version *int
	updated *time.Time
}

// Version is a document as it was, and who made it so.
type Version[T any] struct {
	Document T
	At       time.Time
	By       string
}

// maxVersions bounds what one reading of a history gives.
const maxVersions = 200

func (v versioned[T]) table() string    { return v.kind + "s" }
func (v versioned[T]) versions() string { return v.kind + "_versions" }

// failed says what could not be done with which document.
func (v versioned[T]) failed(id string, err error) error {
	return fmt.Errorf("catalog: %s %q: %w", v.kind, id, err)
}

// list gives them, the latest change first.
func (v versioned[T]) list(ctx context.Context, c *Catalog) ([]T, error) {
	var all []T
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		doc, err := scanDocument[T](r)
		all = append(all, doc)
		return err
	}, `SELECT body FROM `+v.table()+` ORDER BY updated DESC, id`)
	if err != nil {
		return nil, fmt.Errorf("catalog: %s: %w", v.table(), err)
	}
	return all, nil
}

func (v versioned[T]) read(ctx context.Context, c *Catalog, id string) (T, error) {
	doc, err := scanDocument[T](c.row(ctx, c.db, `SELECT body FROM `+v.table()+` WHERE id = ?`, id))
	if err != nil {
		return doc, v.failed(id, c.kind(err))
	}
	return doc, nil
}

// create keeps a new document and gives it its version: 1, or more if one of
// that id was there before and removed. ErrConflict if it is there.
func (v versioned[T]) create(ctx context.Context, c *Catalog, doc T, by By) (T, error) {
	h := v.head(&doc)
	err := c.tx(ctx, func(tx *sql.Tx) error {
		var last int
		err := c.row(ctx, tx, `SELECT COALESCE(MAX(version), 0) FROM `+v.versions()+` WHERE id = ?`, h.id).Scan(&last)
		if err != nil {
			return err
		}
		body, err := v.stamp(&doc, last+1)
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, tx, `INSERT INTO `+v.table()+` (id, version, body, updated) VALUES (?, ?, ?, ?)`,
			h.id, *h.version, body, micros(*h.updated))
		if err != nil {
			return err
		}
		return v.note(ctx, c, tx, &doc, body, by, "create")
	})
	if err != nil {
		return doc, v.failed(h.id, err)
	}
	return doc, nil
}

// update keeps a changed document under the next version. ErrConflict if its
// version is not the one that is kept: somebody was faster.
func (v versioned[T]) update(ctx context.Context, c *Catalog, doc T, by By) (T, error) {
	if err := c.tx(ctx, func(tx *sql.Tx) error { return v.change(ctx, c, tx, &doc, by) }); err != nil {
		return doc, v.failed(v.head(&doc).id, err)
	}
	return doc, nil
}

// change is update within a transaction.
func (v versioned[T]) change(ctx context.Context, c *Catalog, tx *sql.Tx, doc *T, by By) error {
	h := v.head(doc)
	read := *h.version
	body, err := v.stamp(doc, read+1)
	if err != nil {
		return err
	}
	n, err := c.exec(ctx, tx, `UPDATE `+v.table()+` SET version = ?, body = ?, updated = ? WHERE id = ? AND version = ?`,
		*h.version, body, micros(*h.updated), h.id, read)
	if err != nil {
		return err
	}
	if n == 0 {
		var now int
		if err := c.row(ctx, tx, `SELECT version FROM `+v.table()+` WHERE id = ?`, h.id).Scan(&now); err != nil {
			return err
		}
		return fmt.Errorf("%w: it is at version %d, the change was made to %d", offers.ErrConflict, now, read)
	}
	return v.note(ctx, c, tx, doc, body, by, string(h.status))
}

// remove takes a document away; its versions stay.
func (v versioned[T]) remove(ctx context.Context, c *Catalog, id string, by By) error {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		n, err := c.exec(ctx, tx, `DELETE FROM `+v.table()+` WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return offers.ErrNotFound
		}
		return v.tell(ctx, c, tx, time.Now(), by, "delete", id)
	})
	if err != nil {
		return v.failed(id, err)
	}
	return nil
}

// history lists the latest versions, newest first.
func (v versioned[T]) history(ctx context.Context, c *Catalog, id string) ([]Version[T], error) {
	var all []Version[T]
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var one Version[T]
		var body string
		var at int64
		if err := r.Scan(&body, &at, &one.By); err != nil {
			return err
		}
		one.At = fromMicros(at)
		all = append(all, one)
		return json.Unmarshal([]byte(body), &all[len(all)-1].Document)
	}, `SELECT body, at, by_name FROM `+v.versions()+` WHERE id = ? ORDER BY version DESC LIMIT ?`, id, maxVersions)
	if err == nil && len(all) == 0 {
		err = offers.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("catalog: history of %s %q: %w", v.kind, id, err)
	}
	return all, nil
}

// stamp gives a document its version and time, and writes it as JSON.
func (v versioned[T]) stamp(doc *T, version int) (string, error) {
	h := v.head(doc)
	*h.version, *h.updated = version, time.Now().UTC().Truncate(time.Microsecond)
	body, err := json.Marshal(doc)
	if err != nil {
		return "", fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	return string(body), nil
}

func (v versioned[T]) note(ctx context.Context, c *Catalog, tx *sql.Tx, doc *T, body string, by By, action string) error {
	h := v.head(doc)
	_, err := c.exec(ctx, tx, `INSERT INTO `+v.versions()+` (id, version, body, at, by_id, by_name) VALUES (?, ?, ?, ?, ?, ?)`,
		h.id, *h.version, body, micros(*h.updated), by.ID, by.Name)
	if err != nil {
		return err
	}
	return v.tell(ctx, c, tx, *h.updated, by, action, h.id)
}

// tell writes down what happened, and that the stream is to hear of it.
func (v versioned[T]) tell(ctx context.Context, c *Catalog, tx *sql.Tx, at time.Time, by By, action, id string) error {
	if v.untold {
		return c.audit(ctx, tx, at, by, action, v.kind+"/"+id)
	}
	return c.note(ctx, tx, at, by, action, v.kind+"/"+id)
}

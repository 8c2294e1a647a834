package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"aisle/offers"
)

// RequestKind is what a shopper may ask of the house.
type RequestKind string

// Kinds of requests.
const (
	RequestAccess      RequestKind = "access"      // what is known of me
	RequestErasure     RequestKind = "erasure"     // forget me
	RequestRestriction RequestKind = "restriction" // keep it, and do not use it
)

// Request is one, and what became of it.
type Request struct {
	ID      string           `json:"id"`
	Shopper offers.ShopperID `json:"shopper"`
	Kind    RequestKind      `json:"kind"`
	Opened  time.Time        `json:"opened"`
	By      string           `json:"by"`
	Due     time.Time        `json:"due"`
	Done    time.Time        `json:"done,omitzero"`
	DoneBy  string           `json:"done_by,omitempty"`
	Refused bool             `json:"refused,omitempty"`
	Note    string           `json:"note,omitempty"`
	Receipt string           `json:"receipt,omitempty"` // id of the erasure
}

// OpenRequest takes one in. It is due a month later, as the law says (GDPR,
// article 12(3)). ErrConflict: the same is open already.
func (c *Catalog) OpenRequest(ctx context.Context, r Request, by By) (Request, error) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	r.ID, r.Opened, r.By, r.Due = newID("r", now), now, by.Name, now.AddDate(0, 1, 0)
	err := c.tx(ctx, func(tx *sql.Tx) error {
		if err := c.lock(ctx, tx, lockPrivacy); err != nil {
			return err
		}
		var open int
		if err := c.row(ctx, tx, `SELECT COUNT(*) FROM privacy_requests WHERE shopper = ? AND kind = ? AND done = 0`, r.Shopper, r.Kind).Scan(&open); err != nil {
			return err
		}
		if open > 0 {
			return fmt.Errorf("%w: the same request is open already", offers.ErrConflict)
		}
		_, err := c.exec(ctx, tx, `INSERT INTO privacy_requests (id, shopper, kind, opened, by_name, due, done, done_by, refused, note, receipt) VALUES (?, ?, ?, ?, ?, ?, 0, '', 0, ?, '')`,
			r.ID, r.Shopper, r.Kind, micros(r.Opened), r.By, micros(r.Due), r.Note)
		if err != nil {
			return err
		}
		return c.audit(ctx, tx, now, by, "request "+string(r.Kind), "shopper/"+string(r.Shopper))
	})
	if err != nil {
		return Request{}, fmt.Errorf("catalog: request: %w", err)
	}
	return r, nil
}

const requestColumns = `id, shopper, kind, opened, by_name, due, done, done_by, refused, note, receipt`

func scanRequest(scan func(...any) error) (Request, error) {
	var r Request
	var opened, due, done, refused int64
	err := scan(&r.ID, &r.Shopper, &r.Kind, &opened, &r.By, &due, &done, &r.DoneBy, &refused, &r.Note, &r.Receipt)
	r.Opened, r.Due, r.Done, r.Refused = fromMicros(opened), fromMicros(due), fromMicros(done), refused != 0
	return r, err
}

// Requests lists those that are open, the next due first, and then the latest of
// the others.
func (c *Catalog) Requests(ctx context.Context, limit int) ([]Request, error) {
	var all []Request
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		one, err := scanRequest(r.Scan)
		all = append(all, one)
		return err
	}, `SELECT `+requestColumns+` FROM privacy_requests ORDER BY CASE WHEN done = 0 THEN 0 ELSE 1 END, CASE WHEN done = 0 THEN due ELSE -done END, id LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("catalog: requests: %w", err)
	}
	return all, nil
}

// Request is one of them.
func (c *Catalog) Request(ctx context.Context, id string) (Request, error) {
	r, err := scanRequest(c.row(ctx, c.db, `SELECT `+requestColumns+` FROM privacy_requests WHERE id = ?`, id).Scan)
	if err != nil {
		return Request{}, fmt.Errorf("catalog: request %s: %w", id, c.kind(err))
	}
	return r, nil
}

// CloseRequest notes what became of one. ErrConflict: it is closed already.
func (c *Catalog) CloseRequest(ctx context.Context, r Request, by By) (Request, error) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	r.Done, r.DoneBy = now, by.Name
	refused, what := 0, "answer "
	if r.Refused {
		refused, what = 1, "refuse "
	}
	err := c.tx(ctx, func(tx *sql.Tx) error {
		n, err := c.exec(ctx, tx, `UPDATE privacy_requests SET done = ?, done_by = ?, refused = ?, note = ?, receipt = ? WHERE id = ? AND done = 0`,
			micros(r.Done), r.DoneBy, refused, r.Note, r.Receipt, r.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("%w: it was answered already", offers.ErrConflict)
		}
		return c.audit(ctx, tx, now, by, what+string(r.Kind), "shopper/"+string(r.Shopper))
	})
	if err != nil {
		return Request{}, fmt.Errorf("catalog: request %s: %w", r.ID, err)
	}
	return r, nil
}

// Remains is what an erasure could not reach, and when it goes by itself.
type Remains struct {
	Name  string    `json:"name"`
	What  string    `json:"what"`
	Until time.Time `json:"until,omitzero"` // zero: it stays
}

// Erasure is the proof of what was erased of a shopper.
type Erasure struct {
	ID      string           `json:"id"`
	Shopper offers.ShopperID `json:"shopper"`
	At      time.Time        `json:"at"`
	Why     string           `json:"why"`              // "app", or the request
	Face    string           `json:"face,omitempty"`   // the deletion that cameras confirm
	Places  []Place          `json:"places"`           // erased, row by row
	Remains []Remains        `json:"remains"`          // and what is left
	Checked time.Time        `json:"checked,omitzero"` // when it was last looked again
	Back    int              `json:"back"`             // records that had come back by then, and were erased again
}

// erasedRows are the tables that speak of shoppers, and what becomes of their rows.
// Faces have deletions of their own.
var erasedRows = []struct{ name, count, erase string }{
	{"catalog: browsers that get notifications", `SELECT COUNT(*) FROM push_subscriptions WHERE shopper IN `, `DELETE FROM push_subscriptions WHERE shopper IN `},
	{"catalog: redemptions, from now on nobody's", `SELECT COUNT(*) FROM redemptions WHERE shopper IN `, `UPDATE redemptions SET shopper = '' WHERE shopper IN `},
}

// Erase erases what the catalog has of a shopper under all their names, and keeps
// the proof of it with what was erased elsewhere before. They are looked at again
// until a time.
func (c *Catalog) Erase(ctx context.Context, e Erasure, selves []offers.ShopperID, until time.Time) (Erasure, error) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	e.ID, e.At = newID("e", now), now
	err := c.tx(ctx, func(tx *sql.Tx) error {
		for _, of := range erasedRows {
			p := Place{Name: of.name}
			if err := c.row(ctx, tx, of.count+marks(selves), anys(selves)...).Scan(&p.Before); err != nil {
				return err
			}
			if _, err := c.exec(ctx, tx, of.erase+marks(selves), anys(selves)...); err != nil {
				return err
			}
			if err := c.row(ctx, tx, of.count+marks(selves), anys(selves)...).Scan(&p.After); err != nil {
				return err
			}
			e.Places = append(e.Places, p)
		}
		for _, self := range selves {
			if _, err := c.exec(ctx, tx, `INSERT INTO erased_shoppers (shopper, erasure) VALUES (?, ?) ON CONFLICT (shopper) DO NOTHING`, self, e.ID); err != nil {
				return err
			}
		}
		body, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
		}
		_, err = c.exec(ctx, tx, `INSERT INTO erasures (id, shopper, at, checked, until, body) VALUES (?, ?, ?, 0, ?, ?)`, e.ID, e.Shopper, micros(e.At), micros(until), string(body))
		return err
	})
	if err != nil {
		return Erasure{}, fmt.Errorf("catalog: erase %s: %w", e.Shopper, err)
	}
	return e, nil
}

// Erased tells whether a shopper was erased.
func (c *Catalog) Erased(ctx context.Context, shopper offers.ShopperID) (bool, error) {
	var n int
	if err := c.row(ctx, c.db, `SELECT COUNT(*) FROM erased_shoppers WHERE shopper = ?`, shopper).Scan(&n); err != nil {
		return false, fmt.Errorf("catalog: erased: %w", c.kind(err))
	}
	return n > 0, nil
}

func (c *Catalog) erasures(ctx context.Context, where string, args ...any) ([]Erasure, error) {
	all, err := bodies[Erasure](ctx, c, `SELECT body FROM erasures `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("catalog: erasures: %w", err)
	}
	return all, nil
}

// Erasure is one proof.
func (c *Catalog) Erasure(ctx context.Context, id string) (Erasure, error) {
	all, err := c.erasures(ctx, `WHERE id = ?`, id)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("catalog: erasure %s: %w", id, offers.ErrNotFound)
	}
	if err != nil {
		return Erasure{}, err
	}
	return all[0], nil
}

// ErasuresToCheck are those that are to be looked at again and were not since a
// time.
func (c *Catalog) ErasuresToCheck(ctx context.Context, since, now time.Time, limit int) ([]Erasure, error) {
	return c.erasures(ctx, `WHERE until > ? AND checked <= ? AND at <= ? ORDER BY checked, id LIMIT ?`, micros(now), micros(since), micros(since), limit)
}

// ErasedNames are all the names under which an erasure erased.
func (c *Catalog) ErasedNames(ctx context.Context, id string) ([]offers.ShopperID, error) {
	var all []offers.ShopperID
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var one offers.ShopperID
		err := r.Scan(&one)
		all = append(all, one)
		return err
	}, `SELECT shopper FROM erased_shoppers WHERE erasure = ? ORDER BY shopper`, id)
	if err != nil {
		return nil, fmt.Errorf("catalog: erased: %w", err)
	}
	return all, nil
}

// CheckedErasure notes that it was looked again, and how much had come back.
func (c *Catalog) CheckedErasure(ctx context.Context, e Erasure, back int, now time.Time) error {
	e.Checked, e.Back = now.UTC().Truncate(time.Second), e.Back+back
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("catalog: erasure %s: %w: %w", e.ID, offers.ErrInvalid, err)
	}
	if _, err := c.exec(ctx, c.db, `UPDATE erasures SET checked = ?, body = ? WHERE id = ?`, micros(now), string(body), e.ID); err != nil {
		return fmt.Errorf("catalog: erasure %s: %w", e.ID, err)
	}
	return nil
}

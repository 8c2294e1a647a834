package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"aisle/offers"
)

// FaceConsent is what a shopper signed before their face was described. The text
// is the notice as they saw it. It stays as evidence after it was withdrawn.
type FaceConsent struct {
	ID          string           `json:"id"`
	Shopper     offers.ShopperID `json:"shopper"`
	Notice      string           `json:"notice"`       // its version
	Language    string           `json:"language"`     // BCP 47
	Text        string           `json:"text"`         // of the notice, whole
	KeepDays    int              `json:"keep_days"`    // after the last recognition
	LongestDays int              `json:"longest_days"` // after the signature, whatever happens
	Signature   string           `json:"signature"`    // the name that they wrote
	Device      string           `json:"device"`
	At          time.Time        `json:"at"`
	Withdrawn   time.Time        `json:"withdrawn,omitzero"`
	WithdrawnBy string           `json:"withdrawn_by,omitempty"` // "app", "console", "expiry", ...
}

const day = 24 * time.Hour

// Expires is when an enrolment under this consent ends that was last used at a
// time: so long after as the notice said, and never later than it said.
func (c FaceConsent) Expires(used time.Time) time.Time {
	expires := used.Add(time.Duration(c.KeepDays) * day)
	if last := c.At.Add(time.Duration(c.LongestDays) * day); last.Before(expires) {
		return last
	}
	return expires
}

// maxNotice bounds a notice's text, in bytes.
const maxNotice = 16 << 10

// SignFaceConsent keeps what a shopper signed now. An earlier consent of theirs
// that still stands is thereby replaced, and stays as evidence.
func (c *Catalog) SignFaceConsent(ctx context.Context, f FaceConsent) (FaceConsent, error) {
	if f.Shopper == "" || f.Notice == "" || f.Language == "" || f.Text == "" || len(f.Text) > maxNotice || f.Signature == "" || f.KeepDays < 1 || f.LongestDays < 1 {
		return FaceConsent{}, fmt.Errorf("catalog: consent of %q: %w: a notice that was signed has a version, a language, a text, a name and its days", f.Shopper, offers.ErrInvalid)
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	f.ID, f.At, f.Withdrawn, f.WithdrawnBy = newID("c", now), now, time.Time{}, ""
	err := c.tx(ctx, func(tx *sql.Tx) error {
		_, err := c.exec(ctx, tx, `UPDATE face_consents SET withdrawn = ?, withdrawn_by = ? WHERE shopper = ? AND withdrawn = 0`, micros(now), f.ID, f.Shopper)
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, tx, `INSERT INTO face_consents (id, shopper, notice, language, text, keep_days, longest_days, signature, device, at, withdrawn, withdrawn_by)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')`,
			f.ID, f.Shopper, f.Notice, f.Language, f.Text, f.KeepDays, f.LongestDays, f.Signature, f.Device, micros(f.At))
		return err
	})
	if err != nil {
		return FaceConsent{}, fmt.Errorf("catalog: consent of %s: %w", f.Shopper, err)
	}
	return f, nil
}

const consentColumns = `id, shopper, notice, language, text, keep_days, longest_days, signature, device, at, withdrawn, withdrawn_by`

func scanConsent(scan func(...any) error) (FaceConsent, error) {
	var f FaceConsent
	var at, withdrawn int64
	err := scan(&f.ID, &f.Shopper, &f.Notice, &f.Language, &f.Text, &f.KeepDays, &f.LongestDays, &f.Signature, &f.Device, &at, &withdrawn, &f.WithdrawnBy)
	f.At, f.Withdrawn = fromMicros(at), fromMicros(withdrawn)
	return f, err
}

func (c *Catalog) standingConsent(ctx context.Context, q querier, shopper offers.ShopperID) (FaceConsent, error) {
	f, err := scanConsent(c.row(ctx, q, `SELECT `+consentColumns+` FROM face_consents WHERE shopper = ? AND withdrawn = 0 ORDER BY id DESC LIMIT 1`, shopper).Scan)
	return f, c.kind(err)
}

// StandingFaceConsent is the one that a shopper signed and did not withdraw.
// ErrNotFound: there is none.
func (c *Catalog) StandingFaceConsent(ctx context.Context, shopper offers.ShopperID) (FaceConsent, error) {
	f, err := c.standingConsent(ctx, c.db, shopper)
	if err != nil {
		return FaceConsent{}, fmt.Errorf("catalog: consent of %s: %w", shopper, err)
	}
	return f, nil
}

// FaceConsents are all that some shoppers ever signed, newest first.
func (c *Catalog) FaceConsents(ctx context.Context, shoppers []offers.ShopperID) ([]FaceConsent, error) {
	all := []FaceConsent{}
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		f, err := scanConsent(r.Scan)
		all = append(all, f)
		return err
	}, `SELECT `+consentColumns+` FROM face_consents WHERE shopper IN `+marks(shoppers)+` ORDER BY id DESC`, anys(shoppers)...)
	if err != nil {
		return nil, fmt.Errorf("catalog: consents: %w", err)
	}
	return all, nil
}

// Enrolment is a shopper whose face is described.
type Enrolment struct {
	Shopper    offers.ShopperID
	Consent    string // id of the FaceConsent; empty for those from before these were kept
	Notice     string // version of what was signed
	Language   string
	Signed     time.Time // zero without a Consent
	At         time.Time
	Recognised time.Time // last; zero: never
	Expires    time.Time
	Vectors    int
	Negatives  int
}

const enrolmentQuery = `SELECT e.shopper, e.consent, COALESCE(s.notice, ''), COALESCE(s.language, ''), COALESCE(s.at, 0), e.at, e.recognised, e.expires,
	(SELECT COUNT(*) FROM faces f WHERE f.shopper = e.shopper), (SELECT COUNT(*) FROM face_negatives n WHERE n.shopper = e.shopper)
	FROM enrolments e LEFT JOIN face_consents s ON s.id = e.consent `

func (c *Catalog) enrolments(ctx context.Context, where string, args ...any) ([]Enrolment, error) {
	all := []Enrolment{}
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var e Enrolment
		var signed, at, recognised, expires int64
		err := r.Scan(&e.Shopper, &e.Consent, &e.Notice, &e.Language, &signed, &at, &recognised, &expires, &e.Vectors, &e.Negatives)
		e.Signed, e.At, e.Recognised, e.Expires = fromMicros(signed), fromMicros(at), fromMicros(recognised), fromMicros(expires)
		all = append(all, e)
		return err
	}, enrolmentQuery+where, args...)
	if err != nil {
		return nil, fmt.Errorf("catalog: enrolments: %w", err)
	}
	return all, nil
}

// Enrolments lists those who enrolled, newest first.
func (c *Catalog) Enrolments(ctx context.Context, limit int) ([]Enrolment, error) {
	return c.enrolments(ctx, `ORDER BY e.at DESC, e.shopper LIMIT ?`, limit)
}

// EnrolmentsOf are those under some names.
func (c *Catalog) EnrolmentsOf(ctx context.Context, shoppers []offers.ShopperID) ([]Enrolment, error) {
	return c.enrolments(ctx, `WHERE e.shopper IN `+marks(shoppers)+` ORDER BY e.at DESC`, anys(shoppers)...)
}

// EnrolledAfter walks through all who enrolled, by their ids.
func (c *Catalog) EnrolledAfter(ctx context.Context, shopper offers.ShopperID, limit int) ([]offers.ShopperID, error) {
	var all []offers.ShopperID
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var id offers.ShopperID
		err := r.Scan(&id)
		all = append(all, id)
		return err
	}, `SELECT shopper FROM enrolments WHERE shopper > ? ORDER BY shopper LIMIT ?`, shopper, limit)
	if err != nil {
		return nil, fmt.Errorf("catalog: enrolments: %w", err)
	}
	return all, nil
}

// CountEnrolments is how many are enrolled.
func (c *Catalog) CountEnrolments(ctx context.Context) (int, error) {
	var n int
	if err := c.row(ctx, c.db, `SELECT COUNT(*) FROM enrolments`).Scan(&n); err != nil {
		return 0, fmt.Errorf("catalog: enrolments: %w", c.kind(err))
	}
	return n, nil
}

// Recognised notes that a shopper was, and winds their clock of retention up. It
// may be called again, and in any order.
func (c *Catalog) Recognised(ctx context.Context, shoppers []offers.ShopperID, at time.Time) error {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		var consents []FaceConsent
		err := c.rows(ctx, tx, func(r *sql.Rows) error {
			f, err := scanConsent(r.Scan)
			consents = append(consents, f)
			return err
		}, `SELECT `+consentColumns+` FROM face_consents WHERE id IN (SELECT consent FROM enrolments WHERE shopper IN `+marks(shoppers)+`)`, anys(shoppers)...)
		if err != nil {
			return err
		}
		for _, f := range consents {
			_, err := c.exec(ctx, tx, `UPDATE enrolments SET recognised = ?, expires = ? WHERE consent = ? AND recognised < ?`,
				micros(at), micros(f.Expires(at)), f.ID, micros(at))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("catalog: recognised: %w", err)
	}
	return nil
}

// Expired are those whose enrolment is over by now, the longest over first.
func (c *Catalog) Expired(ctx context.Context, now time.Time, limit int) ([]Enrolment, error) {
	return c.enrolments(ctx, `WHERE e.expires <= ? ORDER BY e.expires LIMIT ?`, micros(now), limit)
}

// Place is where something of a shopper's lay, and how much of it before and
// after a deletion.
type Place struct {
	Name   string `json:"place"`
	Before int    `json:"before"`
	After  int    `json:"after"`
}

// EdgeGallery is a process at the cameras that held the gallery, and when it was
// heard to hold one without the shopper; zero: not yet.
type EdgeGallery struct {
	Edge string    `json:"edge"`
	Gone time.Time `json:"gone,omitzero"`
}

// Deletion is the proof that what describes a face was deleted.
type Deletion struct {
	ID       string           `json:"id"`
	Shopper  offers.ShopperID `json:"shopper"`
	At       time.Time        `json:"at"`
	Why      string           `json:"why"`      // "app", "console", "sms", "expiry", "consent"
	Revision int64            `json:"revision"` // of the gallery from which it is gone
	Places   []Place          `json:"places"`
	Edges    []EdgeGallery    `json:"edges"`
}

// Waits is how many edge processes have not been heard to have forgotten.
func (d Deletion) Waits() int {
	n := 0
	for _, e := range d.Edges {
		if e.Gone.IsZero() {
			n++
		}
	}
	return n
}

// ForgetFaces deletes all that describes the face of a shopper, under all their
// names, and keeps a proof of it; elsewhere is what was deleted in other places
// before, edges who holds the gallery. Their signed consents end with it, and
// stay as evidence. Where nothing was, there is no proof: its ID is empty.
func (c *Catalog) ForgetFaces(ctx context.Context, shopper offers.ShopperID, selves []offers.ShopperID, why string, now time.Time, elsewhere []Place, edges []string) (Deletion, error) {
	d := Deletion{Shopper: shopper, At: now.UTC().Truncate(time.Millisecond), Why: why, Places: []Place{}, Edges: []EdgeGallery{}}
	err := c.tx(ctx, func(tx *sql.Tx) error {
		revision, err := c.touchFaces(ctx, tx, now)
		if err != nil {
			return err
		}
		there := 0
		for _, of := range []struct{ name, table string }{
			{"catalog: vectors of the face", "faces"},
			{"catalog: enrolment", "enrolments"},
			{"catalog: faces that were not theirs", "face_negatives"},
		} {
			p := Place{Name: of.name}
			count := `SELECT COUNT(*) FROM ` + of.table + ` WHERE shopper IN ` + marks(selves)
			if err := c.row(ctx, tx, count, anys(selves)...).Scan(&p.Before); err != nil {
				return err
			}
			if _, err := c.exec(ctx, tx, `DELETE FROM `+of.table+` WHERE shopper IN `+marks(selves), anys(selves)...); err != nil {
				return err
			}
			if err := c.row(ctx, tx, count, anys(selves)...).Scan(&p.After); err != nil {
				return err
			}
			there += p.Before
			d.Places = append(d.Places, p)
		}
		ended, err := c.exec(ctx, tx, `UPDATE face_consents SET withdrawn = ?, withdrawn_by = ? WHERE withdrawn = 0 AND shopper IN `+marks(selves),
			append([]any{micros(d.At), why}, anys(selves)...)...)
		if err != nil {
			return err
		}
		for _, p := range elsewhere {
			there += p.Before
		}
		if there == 0 && ended == 0 {
			return nil
		}
		d.ID, d.Revision, d.Places = newID("d", now), revision, append(d.Places, elsewhere...)
		for _, name := range edges {
			d.Edges = append(d.Edges, EdgeGallery{Edge: name})
		}
		body, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
		}
		_, err = c.exec(ctx, tx, `INSERT INTO face_deletions (id, shopper, at, why, revision, body, waits) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			d.ID, shopper, micros(d.At), why, d.Revision, string(body), d.Waits())
		return err
	})
	if err != nil {
		return Deletion{}, fmt.Errorf("catalog: forget %s: %w", shopper, err)
	}
	return d, nil
}

func (c *Catalog) deletions(ctx context.Context, where string, args ...any) ([]Deletion, error) {
	all, err := bodies[Deletion](ctx, c, `SELECT body FROM face_deletions `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("catalog: deletions: %w", err)
	}
	return all, nil
}

// Deletions are the proofs of some names' deletions, newest first.
func (c *Catalog) Deletions(ctx context.Context, shoppers []offers.ShopperID) ([]Deletion, error) {
	return c.deletions(ctx, `WHERE shopper IN `+marks(shoppers)+` ORDER BY id DESC`, anys(shoppers)...)
}

// WaitingDeletions are those that some edge process has not been heard to have
// followed, oldest first.
func (c *Catalog) WaitingDeletions(ctx context.Context, limit int) ([]Deletion, error) {
	return c.deletions(ctx, `WHERE waits > 0 ORDER BY id LIMIT ?`, limit)
}

// HeardForgotten notes which edge processes have forgotten. Those that have already stay.
func (c *Catalog) HeardForgotten(ctx context.Context, id string, gone map[string]time.Time) (Deletion, error) {
	var d Deletion
	err := c.tx(ctx, func(tx *sql.Tx) error {
		var body string
		err := c.row(ctx, tx, `SELECT body FROM face_deletions WHERE id = ?`+c.dialect.forUpdate(), id).Scan(&body)
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &d); err != nil {
			return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
		}
		for i, e := range d.Edges {
			if at, ok := gone[e.Edge]; ok && e.Gone.IsZero() {
				d.Edges[i].Gone = at.UTC().Truncate(time.Millisecond)
			}
		}
		changed, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("%w: %w", offers.ErrInvalid, err)
		}
		_, err = c.exec(ctx, tx, `UPDATE face_deletions SET body = ?, waits = ? WHERE id = ?`, string(changed), d.Waits(), id)
		return err
	})
	if err != nil {
		return Deletion{}, fmt.Errorf("catalog: deletion %s: %w", id, c.kind(err))
	}
	return d, nil
}

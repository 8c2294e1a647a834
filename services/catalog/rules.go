package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"aisle/offers"
)

// Kinds of rules, in the table.
const (
	kindContract = "contract"
	kindMapping  = "mapping"
	kindFeed     = "feed"
)

// rule is a version of a contract, a mapping or the plan of a feed.
type rule struct {
	kind, name string
	version    int
	body       json.RawMessage
	note       string
	at         time.Time
	by         string
	published  bool // it holds, or did
}

// Status of a version of a contract.
const (
	StatusDraft   = "draft"
	StatusLive    = "live"
	StatusRetired = "retired"
)

// Contract is a version of what an event must look like.
type Contract struct {
	Event   string          `json:"event"` // in the house's spelling
	Version int             `json:"version"`
	Status  string          `json:"status"`
	Schema  json.RawMessage `json:"schema"`  // JSON Schema of the event's properties
	Sources []string        `json:"sources"` // that it is for; empty: all
	Note    string          `json:"note,omitempty"`
	At      time.Time       `json:"at"`
	By      string          `json:"by"`
}

// contractBody is what of a contract is in its body.
type contractBody struct {
	Schema  json.RawMessage `json:"schema"`
	Sources []string        `json:"sources"`
}

// Mapping is a version of the steps that mend what a source sends. Version 0
// is a source without any.
type Mapping struct {
	Source  string          `json:"source"` // "segment/website"
	Version int             `json:"version"`
	Steps   json.RawMessage `json:"steps"`
	Note    string          `json:"note,omitempty"`
	At      time.Time       `json:"at,omitzero"`
	By      string          `json:"by,omitempty"`
}

// Feed is a version of the plan by which files or logs are read.
type Feed struct {
	Name    string          `json:"name"`
	Version int             `json:"version"`
	Plan    json.RawMessage `json:"plan"`
	Note    string          `json:"note,omitempty"`
	At      time.Time       `json:"at,omitzero"`
	By      string          `json:"by,omitempty"`
}

// Rules are all that hold now.
type Rules struct {
	Revision  int64
	Contracts []Contract
	Mappings  []Mapping
	Feeds     []Feed
}

// RulesRevision grows with every change of the rules and every decision on a
// notice. It is one small query: ask for Rules when it is not what they said.
func (c *Catalog) RulesRevision(ctx context.Context) (int64, error) {
	var n int64
	err := c.row(ctx, c.db, `SELECT n FROM revisions WHERE name = 'rules'`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("catalog: revision of the rules: %w", c.kind(err))
	}
	return n, nil
}

// Rules are all that hold now, with the revision that they are of, or a later
// one: then the next look at the revision finds them changed again.
func (c *Catalog) Rules(ctx context.Context) (Rules, error) {
	revision, err := c.RulesRevision(ctx)
	if err != nil {
		return Rules{}, err
	}
	all, err := c.ruleRows(ctx, c.db, `SELECT v.kind, v.name, v.version, v.body, v.note, v.at, v.by_name, v.published FROM rule_versions v
		JOIN rules r ON r.kind = v.kind AND r.name = v.name AND r.live = v.version ORDER BY v.kind, v.name`)
	if err != nil {
		return Rules{}, fmt.Errorf("catalog: rules: %w", err)
	}
	rules := Rules{Revision: revision}
	for _, r := range all {
		switch r.kind {
		case kindContract:
			contract, err := r.contract(r.version)
			if err != nil {
				return Rules{}, fmt.Errorf("catalog: contract %q: %w", r.name, err)
			}
			rules.Contracts = append(rules.Contracts, contract)
		case kindMapping:
			rules.Mappings = append(rules.Mappings, r.mapping())
		case kindFeed:
			rules.Feeds = append(rules.Feeds, r.feed())
		}
	}
	return rules, nil
}

func (r *rule) contract(live int) (Contract, error) {
	var b contractBody
	if err := json.Unmarshal(r.body, &b); err != nil {
		return Contract{}, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	status := StatusDraft
	switch {
	case r.version == live:
		status = StatusLive
	case r.published:
		status = StatusRetired
	}
	if b.Sources == nil {
		b.Sources = []string{}
	}
	return Contract{r.name, r.version, status, b.Schema, b.Sources, r.note, r.at, r.by}, nil
}

func (r *rule) mapping() Mapping {
	return Mapping{r.name, r.version, r.body, r.note, r.at, r.by}
}

func (r *rule) feed() Feed { return Feed{r.name, r.version, r.body, r.note, r.at, r.by} }

// ruleRows reads versions of rules.
func (c *Catalog) ruleRows(ctx context.Context, q querier, query string, args ...any) ([]rule, error) {
	var all []rule
	err := c.rows(ctx, q, func(rows *sql.Rows) error {
		var r rule
		var body string
		var at, published int64
		if err := rows.Scan(&r.kind, &r.name, &r.version, &body, &r.note, &at, &r.by, &published); err != nil {
			return err
		}
		r.body, r.at, r.published = json.RawMessage(body), fromMicros(at), published != 0
		all = append(all, r)
		return nil
	}, query, args...)
	return all, err
}

// ruleHistory lists the versions of a rule, newest first, and which holds.
func (c *Catalog) ruleHistory(ctx context.Context, kind, name string) (live int, versions []rule, err error) {
	if err := c.row(ctx, c.db, `SELECT live FROM rules WHERE kind = ? AND name = ?`, kind, name).Scan(&live); err != nil {
		return 0, nil, c.kind(err)
	}
	versions, err = c.ruleRows(ctx, c.db, `SELECT kind, name, version, body, note, at, by_name, published FROM rule_versions
		WHERE kind = ? AND name = ? ORDER BY version DESC LIMIT ?`, kind, name, maxVersions)
	return live, versions, err
}

// saveRule keeps a version after the one that was read; with live it holds at
// once. ErrConflict if the one that was read is not the latest.
func (c *Catalog) saveRule(ctx context.Context, r *rule, live bool, by By) error {
	return c.tx(ctx, func(tx *sql.Tx) error {
		read := r.version
		if read == 0 {
			_, err := c.exec(ctx, tx, `INSERT INTO rules (kind, name, live, latest) VALUES (?, ?, 0, 0) ON CONFLICT (kind, name) DO NOTHING`, r.kind, r.name)
			if err != nil {
				return err
			}
		}
		var holds, latest int
		err := c.row(ctx, tx, `SELECT live, latest FROM rules WHERE kind = ? AND name = ?`+c.dialect.forUpdate(), r.kind, r.name).Scan(&holds, &latest)
		if err != nil {
			return err
		}
		if anew := live && read == 0 && holds == 0; read != latest && !anew { // what was removed may be written anew
			return fmt.Errorf("%w: it is at version %d, the change was made to %d", offers.ErrConflict, latest, read)
		}
		r.version, r.at, r.by, r.published = latest+1, time.Now().UTC().Truncate(time.Microsecond), by.Name, live
		var published int64
		action := "draft"
		if live {
			published, holds, action = micros(r.at), r.version, "put"
		}
		_, err = c.exec(ctx, tx, `INSERT INTO rule_versions (kind, name, version, body, note, at, by_name, published) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			r.kind, r.name, r.version, string(r.body), r.note, micros(r.at), r.by, published)
		if err != nil {
			return err
		}
		if _, err := c.exec(ctx, tx, `UPDATE rules SET live = ?, latest = ? WHERE kind = ? AND name = ?`, holds, r.version, r.kind, r.name); err != nil {
			return err
		}
		return c.noteRule(ctx, tx, r.kind, r.name, r.version, by, action, live)
	})
}

// setLive lets a version of a rule hold, or none.
func (c *Catalog) setLive(ctx context.Context, kind, name string, version int, by By, action string) error {
	return c.tx(ctx, func(tx *sql.Tx) error {
		var was int
		err := c.row(ctx, tx, `SELECT live FROM rules WHERE kind = ? AND name = ?`+c.dialect.forUpdate(), kind, name).Scan(&was)
		if err != nil {
			return err
		}
		if version != 0 {
			n, err := c.exec(ctx, tx, `UPDATE rule_versions SET published = ? WHERE kind = ? AND name = ? AND version = ?`,
				micros(time.Now()), kind, name, version)
			if err != nil {
				return err
			}
			if n == 0 {
				return fmt.Errorf("%w: there is no version %d", offers.ErrNotFound, version)
			}
		}
		if was == version {
			return nil
		}
		if _, err := c.exec(ctx, tx, `UPDATE rules SET live = ? WHERE kind = ? AND name = ?`, version, kind, name); err != nil {
			return err
		}
		return c.noteRule(ctx, tx, kind, name, cmp.Or(version, was), by, action, true)
	})
}

// noteRule writes down what somebody did to a rule, and that copies are old.
func (c *Catalog) noteRule(ctx context.Context, tx *sql.Tx, kind, name string, version int, by By, action string, holds bool) error {
	if holds {
		if err := c.revise(ctx, tx); err != nil {
			return err
		}
	}
	return c.audit(ctx, tx, time.Now(), by, action, fmt.Sprintf("%s/%s@%d", kind, name, version))
}

func (c *Catalog) revise(ctx context.Context, tx *sql.Tx) error {
	_, err := c.exec(ctx, tx, `UPDATE revisions SET n = n + 1 WHERE name = 'rules'`)
	return err
}

// ContractState is where a contract stands.
type ContractState struct {
	Live   int      // the version that holds, 0: none
	Latest Contract // the version written last
	Holds  Contract // the version that holds; the zero Contract: none
}

// Contracts lists them by event.
func (c *Catalog) Contracts(ctx context.Context) ([]ContractState, error) {
	live := map[string]int{}
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var name string
		var version int
		err := r.Scan(&name, &version)
		live[name] = version
		return err
	}, `SELECT name, live FROM rules WHERE kind = ?`, kindContract)
	if err != nil {
		return nil, fmt.Errorf("catalog: contracts: %w", err)
	}
	rows, err := c.ruleRows(ctx, c.db, `SELECT v.kind, v.name, v.version, v.body, v.note, v.at, v.by_name, v.published FROM rule_versions v
		JOIN rules r ON r.kind = v.kind AND r.name = v.name AND (r.latest = v.version OR r.live = v.version) WHERE v.kind = ? ORDER BY v.name, v.version`, kindContract)
	if err != nil {
		return nil, fmt.Errorf("catalog: contracts: %w", err)
	}
	var all []ContractState
	for i := range rows {
		contract, err := rows[i].contract(live[rows[i].name])
		if err != nil {
			return nil, fmt.Errorf("catalog: contract %q: %w", rows[i].name, err)
		}
		if len(all) == 0 || all[len(all)-1].Latest.Event != contract.Event {
			all = append(all, ContractState{Live: live[contract.Event]})
		}
		state := &all[len(all)-1]
		state.Latest = contract // the later of the two
		if contract.Version == state.Live {
			state.Holds = contract
		}
	}
	return all, nil
}

// ContractHistory lists the versions of an event's contract, newest first, and
// which holds: 0 if none does.
func (c *Catalog) ContractHistory(ctx context.Context, event string) (live int, versions []Contract, err error) {
	live, rows, err := c.ruleHistory(ctx, kindContract, event)
	for i := range rows {
		contract, wrong := rows[i].contract(live)
		err = cmp.Or(err, wrong)
		versions = append(versions, contract)
	}
	if err != nil {
		return 0, nil, fmt.Errorf("catalog: contract %q: %w", event, err)
	}
	return live, versions, nil
}

// SaveContract keeps a new version as a draft. Its Version is the latest that
// the writer had read, 0 for a new contract; ErrConflict if that is not the
// latest.
func (c *Catalog) SaveContract(ctx context.Context, contract Contract, by By) (Contract, error) {
	body, err := json.Marshal(contractBody{contract.Schema, contract.Sources})
	if err != nil {
		return Contract{}, fmt.Errorf("catalog: contract %q: %w: %w", contract.Event, offers.ErrInvalid, err)
	}
	r := rule{kind: kindContract, name: contract.Event, version: contract.Version, body: body, note: contract.Note}
	if err := c.saveRule(ctx, &r, false, by); err != nil {
		return Contract{}, fmt.Errorf("catalog: contract %q: %w", contract.Event, err)
	}
	return r.contract(0)
}

// PublishContract lets a version hold.
func (c *Catalog) PublishContract(ctx context.Context, event string, version int, by By) error {
	if version < 1 {
		return fmt.Errorf("catalog: contract %q: %w: versions count from 1", event, offers.ErrInvalid)
	}
	if err := c.setLive(ctx, kindContract, event, version, by, "publish"); err != nil {
		return fmt.Errorf("catalog: contract %q: %w", event, c.kind(err))
	}
	return nil
}

// RetireContract lets none hold. The versions stay.
func (c *Catalog) RetireContract(ctx context.Context, event string, by By) error {
	if err := c.setLive(ctx, kindContract, event, 0, by, "retire"); err != nil {
		return fmt.Errorf("catalog: contract %q: %w", event, c.kind(err))
	}
	return nil
}

// Mappings lists them by source.
func (c *Catalog) Mappings(ctx context.Context) ([]Mapping, error) {
	rows, err := c.liveRules(ctx, kindMapping)
	if err != nil {
		return nil, fmt.Errorf("catalog: mappings: %w", err)
	}
	all := make([]Mapping, len(rows))
	for i := range rows {
		all[i] = rows[i].mapping()
	}
	return all, nil
}

func (c *Catalog) liveRules(ctx context.Context, kind string) ([]rule, error) {
	return c.ruleRows(ctx, c.db, `SELECT v.kind, v.name, v.version, v.body, v.note, v.at, v.by_name, v.published FROM rule_versions v
		JOIN rules r ON r.kind = v.kind AND r.name = v.name AND r.live = v.version WHERE v.kind = ? ORDER BY v.name`, kind)
}

// MappingHistory lists the versions for a source, newest first. The first one
// holds.
func (c *Catalog) MappingHistory(ctx context.Context, source string) ([]Mapping, error) {
	_, rows, err := c.ruleHistory(ctx, kindMapping, source)
	if err != nil && !errors.Is(err, offers.ErrNotFound) {
		return nil, fmt.Errorf("catalog: mapping %q: %w", source, err)
	}
	all := make([]Mapping, len(rows))
	for i := range rows {
		all[i] = rows[i].mapping()
	}
	return all, nil
}

// SaveMapping keeps a new version of the steps for a source, and lets it hold.
// Its Version is the latest that the writer had read, 0 for the first;
// ErrConflict if that is not the latest.
func (c *Catalog) SaveMapping(ctx context.Context, m Mapping, by By) (Mapping, error) {
	r := rule{kind: kindMapping, name: m.Source, version: m.Version, body: m.Steps, note: m.Note}
	if err := c.saveRule(ctx, &r, true, by); err != nil {
		return Mapping{}, fmt.Errorf("catalog: mapping %q: %w", m.Source, err)
	}
	return r.mapping(), nil
}

// Feeds lists them by name.
func (c *Catalog) Feeds(ctx context.Context) ([]Feed, error) {
	rows, err := c.liveRules(ctx, kindFeed)
	if err != nil {
		return nil, fmt.Errorf("catalog: feeds: %w", err)
	}
	all := make([]Feed, len(rows))
	for i := range rows {
		all[i] = rows[i].feed()
	}
	return all, nil
}

// FeedHistory lists the versions of a plan, newest first. The first one holds.
// ErrNotFound if there is none, or none any more.
func (c *Catalog) FeedHistory(ctx context.Context, name string) ([]Feed, error) {
	live, rows, err := c.ruleHistory(ctx, kindFeed, name)
	if err == nil && live == 0 {
		err = offers.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("catalog: feed %q: %w", name, err)
	}
	all := make([]Feed, len(rows))
	for i := range rows {
		all[i] = rows[i].feed()
	}
	return all, nil
}

// SaveFeed keeps a new version of a plan, and lets it hold. Its Version is the
// latest that the writer had read, 0 for a new one; ErrConflict if that is not
// the latest.
func (c *Catalog) SaveFeed(ctx context.Context, f Feed, by By) (Feed, error) {
	r := rule{kind: kindFeed, name: f.Name, version: f.Version, body: f.Plan, note: f.Note}
	if err := c.saveRule(ctx, &r, true, by); err != nil {
		return Feed{}, fmt.Errorf("catalog: feed %q: %w", f.Name, err)
	}
	return r.feed(), nil
}

// DeleteFeed removes a plan; its versions stay.
func (c *Catalog) DeleteFeed(ctx context.Context, name string, by By) error {
	_, err := c.FeedHistory(ctx, name)
	if err == nil {
		err = c.setLive(ctx, kindFeed, name, 0, by, "delete")
	}
	if err != nil {
		return fmt.Errorf("catalog: feed %q: %w", name, c.kind(err))
	}
	return nil
}

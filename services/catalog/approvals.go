package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"aisle/offers"
)

// ApprovalState is how far a version of a campaign is past a second person.
type ApprovalState string

// States of an approval. The zero value: nobody was asked.
const (
	ApprovalAsked    ApprovalState = "asked"
	ApprovalGiven    ApprovalState = "approved"
	ApprovalDeclined ApprovalState = "declined"
)

// Approval is what a second person was asked about a version of a campaign, and
// said.
type Approval struct {
	Version int           `json:"version,omitempty"`
	State   ApprovalState `json:"state,omitempty"`
	Asked   time.Time     `json:"asked,omitzero"`
	AskedBy string        `json:"asked_by,omitempty"`
	At      time.Time     `json:"at,omitzero"` // when it was approved or declined
	By      string        `json:"by,omitempty"`
	Note    string        `json:"note,omitempty"` // what is to be changed, where it was declined
}

// Approvals are the latest of each campaign that anybody was asked about.
func (c *Catalog) Approvals(ctx context.Context) (map[offers.CampaignID]Approval, error) {
	latest := map[offers.CampaignID]Approval{}
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var id offers.CampaignID
		var a Approval
		var asked, at int64
		if err := r.Scan(&id, &a.Version, &a.State, &asked, &a.AskedBy, &at, &a.By, &a.Note); err != nil {
			return err
		}
		a.Asked, a.At = fromMicros(asked), fromMicros(at)
		latest[id] = a
		return nil
	}, `SELECT campaign, version, state, asked, asked_by, settled, settled_by, note FROM approvals ORDER BY version`)
	if err != nil {
		return nil, fmt.Errorf("catalog: approvals: %w", err)
	}
	return latest, nil
}

// AskApproval notes that somebody asks for a second person's look at a version.
func (c *Catalog) AskApproval(ctx context.Context, id offers.CampaignID, version int, by By) error {
	now := time.Now()
	return c.approval(ctx, id, by, now, "ask", `INSERT INTO approvals (campaign, version, state, asked, asked_by, settled, settled_by, note)
		VALUES (?, ?, ?, ?, ?, 0, '', '')
		ON CONFLICT (campaign, version) DO UPDATE SET state = excluded.state, asked = excluded.asked, asked_by = excluded.asked_by, settled = 0, settled_by = '', note = ''`,
		id, version, ApprovalAsked, micros(now), by.Name)
}

// SettleApproval notes what the second person said of a version, asked or not.
func (c *Catalog) SettleApproval(ctx context.Context, id offers.CampaignID, version int, state ApprovalState, note string, by By) error {
	now := time.Now()
	action := map[ApprovalState]string{ApprovalGiven: "approve", ApprovalDeclined: "decline"}[state]
	return c.approval(ctx, id, by, now, action, `INSERT INTO approvals (campaign, version, state, asked, asked_by, settled, settled_by, note)
		VALUES (?, ?, ?, 0, '', ?, ?, ?)
		ON CONFLICT (campaign, version) DO UPDATE SET state = excluded.state, settled = excluded.settled, settled_by = excluded.settled_by, note = excluded.note`,
		id, version, state, micros(now), by.Name, note)
}

// approval changes one and writes it into the audit, or does neither.
func (c *Catalog) approval(ctx context.Context, id offers.CampaignID, by By, now time.Time, action, query string, args ...any) error {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		if _, err := c.exec(ctx, tx, query, args...); err != nil {
			return err
		}
		return c.audit(ctx, tx, now, by, action, offers.CampaignKey(id))
	})
	if err != nil {
		return campaigns.failed(string(id), err)
	}
	return nil
}

// CampaignAuthors are those who changed what a campaign says since a second person
// last approved it, each once; none: it is as it was approved. Whoever only sent
// it live, or paused it, wrote nothing.
func (c *Catalog) CampaignAuthors(ctx context.Context, id offers.CampaignID) ([]By, error) {
	var authors []By
	var before *offers.Campaign
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var body string
		var by By
		var approved bool
		if err := r.Scan(&body, &by.ID, &by.Name, &approved); err != nil {
			return err
		}
		now := new(offers.Campaign)
		if err := json.Unmarshal([]byte(body), now); err != nil {
			return err
		}
		now.Status, now.Version, now.Updated = "", 0, time.Time{}
		switch {
		case approved:
			authors = nil
		case (before == nil || !reflect.DeepEqual(before, now)) && !slices.Contains(authors, by):
			authors = append(authors, by)
		}
		before = now
		return nil
	}, `SELECT v.body, v.by_id, v.by_name, CASE WHEN a.state = 'approved' THEN 1 ELSE 0 END
		FROM campaign_versions v LEFT JOIN approvals a ON a.campaign = v.id AND a.version = v.version
		WHERE v.id = ? AND v.version >= COALESCE((SELECT MAX(version) FROM approvals WHERE campaign = ? AND state = 'approved'), 0)
		ORDER BY v.version`, id, id)
	if err != nil {
		return nil, campaigns.failed(string(id), err)
	}
	return authors, nil
}

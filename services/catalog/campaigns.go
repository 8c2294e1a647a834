package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"aisle/offers"
)

// Campaigns lists them, the latest change first.
func (c *Catalog) Campaigns(ctx context.Context) ([]offers.Campaign, error) {
	var campaigns []offers.Campaign
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		campaign, err := scanDocument[offers.Campaign](r)
		campaigns = append(campaigns, campaign)
		return err
	}, `SELECT body FROM campaigns ORDER BY updated DESC, id`)
	if err != nil {
		return nil, fmt.Errorf("catalog: campaigns: %w", err)
	}
	return campaigns, nil
}

// Campaign is one of them.
func (c *Catalog) Campaign(ctx context.Context, id offers.CampaignID) (offers.Campaign, error) {
	campaign, err := scanDocument[offers.Campaign](c.row(ctx, c.db, `SELECT body FROM campaigns WHERE id = ?`, id))
	if err != nil {
		return offers.Campaign{}, fmt.Errorf("catalog: campaign %q: %w", id, c.kind(err))
	}
	return campaign, nil
}

// CreateCampaign keeps a new campaign and gives it its version: 1, or more if
// a campaign of that id was there before and removed. ErrConflict if it is
// there.
func (c *Catalog) CreateCampaign(ctx context.Context, campaign offers.Campaign, by By) (offers.Campaign, error) {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		var last int
		err := c.row(ctx, tx, `SELECT COALESCE(MAX(version), 0) FROM campaign_versions WHERE id = ?`, campaign.ID).Scan(&last)
		if err != nil {
			return err
		}
		body, err := stamp(&campaign, last+1)
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, tx, `INSERT INTO campaigns (id, version, body, updated) VALUES (?, ?, ?, ?)`,
			campaign.ID, campaign.Version, body, micros(campaign.Updated))
		if err != nil {
			return err
		}
		return c.noteVersion(ctx, tx, campaign, body, by, "create")
	})
	if err != nil {
		return offers.Campaign{}, fmt.Errorf("catalog: campaign %q: %w", campaign.ID, err)
	}
	return campaign, nil
}

// UpdateCampaign keeps a changed campaign under the next version. ErrConflict
// if its version is not the one that is kept: somebody was faster.
func (c *Catalog) UpdateCampaign(ctx context.Context, campaign offers.Campaign, by By) (offers.Campaign, error) {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		read := campaign.Version
		body, err := stamp(&campaign, read+1)
		if err != nil {
			return err
		}
		n, err := c.exec(ctx, tx, `UPDATE campaigns SET version = ?, body = ?, updated = ? WHERE id = ? AND version = ?`,
			campaign.Version, body, micros(campaign.Updated), campaign.ID, read)
		if err != nil {
			return err
		}
		if n == 0 {
			var now int
			if err := c.row(ctx, tx, `SELECT version FROM campaigns WHERE id = ?`, campaign.ID).Scan(&now); err != nil {
				return err
			}
			return fmt.Errorf("%w: it is at version %d, the change was made to %d", offers.ErrConflict, now, read)
		}
		return c.noteVersion(ctx, tx, campaign, body, by, string(campaign.Status))
	})
	if err != nil {
		return offers.Campaign{}, fmt.Errorf("catalog: campaign %q: %w", campaign.ID, err)
	}
	return campaign, nil
}

// DeleteCampaign removes a campaign; its versions stay.
func (c *Catalog) DeleteCampaign(ctx context.Context, id offers.CampaignID, by By) error {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		n, err := c.exec(ctx, tx, `DELETE FROM campaigns WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return offers.ErrNotFound
		}
		return c.note(ctx, tx, time.Now(), by, "delete", offers.CampaignKey(id))
	})
	if err != nil {
		return fmt.Errorf("catalog: campaign %q: %w", id, err)
	}
	return nil
}

// CampaignVersion is a campaign as it was, and who made it so.
type CampaignVersion struct {
	Campaign offers.Campaign `json:"campaign"`
	At       time.Time       `json:"at"`
	By       string          `json:"by"`
}

// maxVersions bounds what one reading of a history gives.
const maxVersions = 200

// CampaignHistory lists the latest versions of a campaign, newest first.
func (c *Catalog) CampaignHistory(ctx context.Context, id offers.CampaignID) ([]CampaignVersion, error) {
	var versions []CampaignVersion
	err := c.rows(ctx, c.db, func(r *sql.Rows) error {
		var v CampaignVersion
		var body string
		var at int64
		if err := r.Scan(&body, &at, &v.By); err != nil {
			return err
		}
		v.At = fromMicros(at)
		versions = append(versions, v)
		return json.Unmarshal([]byte(body), &versions[len(versions)-1].Campaign)
	}, `SELECT body, at, by_name FROM campaign_versions WHERE id = ? ORDER BY version DESC LIMIT ?`, id, maxVersions)
	if err == nil && len(versions) == 0 {
		err = offers.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("catalog: history of campaign %q: %w", id, err)
	}
	return versions, nil
}

// stamp gives a campaign its version and time, and writes it as JSON.
func stamp(campaign *offers.Campaign, version int) (string, error) {
	campaign.Version = version
	campaign.Updated = time.Now().UTC().Truncate(time.Microsecond)
	body, err := json.Marshal(campaign)
	if err != nil {
		return "", fmt.Errorf("%w: %w", offers.ErrInvalid, err)
	}
	return string(body), nil
}

func (c *Catalog) noteVersion(ctx context.Context, tx *sql.Tx, campaign offers.Campaign, body string, by By, action string) error {
	_, err := c.exec(ctx, tx, `INSERT INTO campaign_versions (id, version, body, at, by_name) VALUES (?, ?, ?, ?, ?)`,
		campaign.ID, campaign.Version, body, micros(campaign.Updated), by.Name)
	if err != nil {
		return err
	}
	return c.note(ctx, tx, campaign.Updated, by, action, offers.CampaignKey(campaign.ID))
}

package catalog

import (
	"context"
	"time"

	"aisle/offers"
)

var campaigns = versioned[offers.Campaign]{kind: "campaign", head: func(k *offers.Campaign) heading {
	return heading{string(k.ID), k.Status, &k.Version, &k.Updated}
}}

// Campaigns lists them, the latest change first.
func (c *Catalog) Campaigns(ctx context.Context) ([]offers.Campaign, error) {
	return campaigns.list(ctx, c)
}

// Campaign is one of them.
func (c *Catalog) Campaign(ctx context.Context, id offers.CampaignID) (offers.Campaign, error) {
	return campaigns.read(ctx, c, string(id))
}

// CreateCampaign keeps a new campaign and gives it its version: 1, or more if
// a campaign of that id was there before and removed. ErrConflict if it is
// there.
func (c *Catalog) CreateCampaign(ctx context.Context, campaign offers.Campaign, by By) (offers.Campaign, error) {
	return campaigns.create(ctx, c, campaign, by)
}

// UpdateCampaign keeps a changed campaign under the next version. ErrConflict
// if its version is not the one that is kept: somebody was faster.
func (c *Catalog) UpdateCampaign(ctx context.Context, campaign offers.Campaign, by By) (offers.Campaign, error) {
	return campaigns.update(ctx, c, campaign, by)
}

// DeleteCampaign removes a campaign; its versions stay.
func (c *Catalog) DeleteCampaign(ctx context.Context, id offers.CampaignID, by By) error {
	return campaigns.remove(ctx, c, string(id), by)
}

// CampaignVersion is a campaign as it was, and who made it so.
type CampaignVersion struct {
	Campaign offers.Campaign `json:"campaign"`
	At       time.Time       `json:"at"`
	By       string          `json:"by"`
}

// CampaignHistory lists the latest versions of a campaign, newest first.
func (c *Catalog) CampaignHistory(ctx context.Context, id offers.CampaignID) ([]CampaignVersion, error) {
	versions, err := campaigns.history(ctx, c, string(id))
	all := make([]CampaignVersion, len(versions))
	for i, v := range versions {
		all[i] = CampaignVersion{v.Document, v.At, v.By}
	}
	return all, err
}

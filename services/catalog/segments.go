package catalog

import (
	"context"
	"database/sql"
	"time"

	"aisle/offers"
)

var segments = versioned[offers.Segment]{kind: "segment", untold: true, head: func(s *offers.Segment) heading {
	return heading{string(s.ID), "change", &s.Version, &s.Updated}
}}

// Segments lists them, the latest change first.
func (c *Catalog) Segments(ctx context.Context) ([]offers.Segment, error) {
	return segments.list(ctx, c)
}

// CreateSegment keeps a new segment and gives it its version, as
// CreateCampaign does.
func (c *Catalog) CreateSegment(ctx context.Context, s offers.Segment, by By) (offers.Segment, error) {
	return segments.create(ctx, c, s, by)
}

// UpdateSegment keeps a changed segment under the next version, and with it the
// campaigns that say something else now: all of it or nothing. ErrConflict if a
// version is not the one that is kept: somebody was faster.
func (c *Catalog) UpdateSegment(ctx context.Context, s offers.Segment, changed []offers.Campaign, by By) (offers.Segment, error) {
	err := c.tx(ctx, func(tx *sql.Tx) error {
		if err := segments.change(ctx, c, tx, &s, by); err != nil {
			return err
		}
		for i := range changed {
			if err := campaigns.change(ctx, c, tx, &changed[i], by); err != nil {
				return campaigns.failed(string(changed[i].ID), err)
			}
		}
		return nil
	})
	if err != nil {
		return s, segments.failed(string(s.ID), err)
	}
	return s, nil
}

// DeleteSegment removes a segment; its versions stay.
func (c *Catalog) DeleteSegment(ctx context.Context, id offers.SegmentID, by By) error {
	return segments.remove(ctx, c, string(id), by)
}

// SegmentVersion is a segment as it was, and who made it so.
type SegmentVersion struct {
	Segment offers.Segment `json:"segment"`
	At      time.Time      `json:"at"`
	By      string         `json:"by"`
}

// SegmentHistory lists the latest versions of a segment, newest first.
func (c *Catalog) SegmentHistory(ctx context.Context, id offers.SegmentID) ([]SegmentVersion, error) {
	versions, err := segments.history(ctx, c, string(id))
	all := make([]SegmentVersion, len(versions))
	for i, v := range versions {
		all[i] = SegmentVersion{v.Document, v.At, v.By}
	}
	return all, err
}

package catalog

import (
	"context"
	"errors"
	"time"

	"aisle/offers"
)

// There is one house; houseID names its row.
const houseID = "house"

var houses = versioned[offers.House]{kind: "house", head: func(h *offers.House) heading {
	return heading{houseID, "change", &h.Version, &h.Updated}
}}

// House is what holds whatever the campaign; the zero House if nobody has said
// anything yet.
func (c *Catalog) House(ctx context.Context) (offers.House, error) {
	h, err := houses.read(ctx, c, houseID)
	if errors.Is(err, offers.ErrNotFound) {
		return offers.House{}, nil
	}
	return h, err
}

// ChangeHouse keeps a changed house under the next version. ErrConflict if its
// version is not the one that is kept: somebody was faster.
func (c *Catalog) ChangeHouse(ctx context.Context, h offers.House, by By) (offers.House, error) {
	if h.Version == 0 {
		return houses.create(ctx, c, h, by)
	}
	return houses.update(ctx, c, h, by)
}

// HouseVersion is the house as it was, and since when.
type HouseVersion struct {
	House offers.House
	At    time.Time
}

// HouseHistory lists its latest versions, newest first; none if nobody has said
// anything yet.
func (c *Catalog) HouseHistory(ctx context.Context) ([]HouseVersion, error) {
	versions, err := houses.history(ctx, c, houseID)
	if errors.Is(err, offers.ErrNotFound) {
		return nil, nil
	}
	all := make([]HouseVersion, len(versions))
	for i, v := range versions {
		all[i] = HouseVersion{v.Document, v.At}
	}
	return all, err
}

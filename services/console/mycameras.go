package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/vision/tally"
)

// linesShown is how many minutes of each camera a shopper sees.
const linesShown = 5

type shopName struct {
	ID   offers.ShopID `json:"id"`
	Name string        `json:"name"`
}

// counterLine is one signed minute. Verified is what the house finds, for
// browsers that cannot check it themselves.
type counterLine struct {
	tally.Signed
	Verified bool `json:"verified"`
}

type cameraCounters struct {
	Camera   offers.CameraID `json:"camera"`
	ZoneName string          `json:"zone_name,omitempty"`
	Today    tally.Counts    `json:"today"`
	Lines    []counterLine   `json:"lines"` // newest first
}

type counterKey struct {
	Key     string `json:"key"`
	Process string `json:"process"`
	Public  []byte `json:"public"` // Ed25519
}

type myCameras struct {
	Shop    shopName         `json:"shop"`
	Shops   []shopName       `json:"shops"` // that have cameras
	Cameras []cameraCounters `json:"cameras"`
	Keys    []counterKey     `json:"keys"` // that signed the lines
}

// getMyCameras is what the cameras of a shop counted lately, as they signed it:
// of the shop that is asked for, or in which the shopper is, or the first.
func (s *Service) getMyCameras(c *fiber.Ctx, shopper offers.ShopperID) error {
	mine, err := s.camerasFor(c.UserContext(), shopper, offers.ShopID(query(c, "shop")), time.Now())
	if err != nil {
		return err
	}
	return c.JSON(mine)
}

func (s *Service) camerasFor(ctx context.Context, shopper offers.ShopperID, wanted offers.ShopID, now time.Time) (myCameras, error) {
	mine := myCameras{Shops: []shopName{}, Cameras: []cameraCounters{}, Keys: []counterKey{}}
	for _, shop := range s.catalogue().Shops {
		if len(shop.Cameras) > 0 {
			mine.Shops = append(mine.Shops, shopName{shop.ID, shop.Name})
		}
	}
	slices.SortFunc(mine.Shops, func(a, b shopName) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	p, err := s.profile(ctx, shopper)
	if err != nil && !errors.Is(err, offers.ErrNotFound) {
		return mine, err
	}
	switch {
	case wanted != "":
	case p != nil && presentVisit(p, now) != nil:
		wanted = p.Visit.Shop
	case len(mine.Shops) > 0:
		wanted = mine.Shops[0].ID
	default:
		return mine, nil
	}
	shop := s.shop(wanted)
	if shop == nil {
		return mine, fmt.Errorf("shop %q: %w", wanted, offers.ErrNotFound)
	}
	mine.Shop = shopName{shop.ID, shop.Name}
	zone, err := time.LoadLocation(shop.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	ids := make([]offers.CameraID, len(shop.Cameras))
	for i, cam := range shop.Cameras {
		ids[i] = cam.ID
	}
	counted, err := s.store.Counters(ctx, ids, now.In(zone).Format(time.DateOnly), linesShown)
	if err != nil {
		return mine, err
	}
	keys, err := s.store.CounterKeys(ctx)
	if err != nil {
		return mine, err
	}
	used := map[string]bool{}
	for _, cam := range shop.Cameras {
		one := cameraCounters{Camera: cam.ID, ZoneName: zoneName(shop, cam.Zone), Today: counted[cam.ID].Day, Lines: []counterLine{}}
		for _, signed := range counted[cam.ID].Lines {
			line, err := tally.Parse(signed.Line)
			if err != nil {
				continue
			}
			key := keys[line.Key]
			_, err = tally.Verify(key.Public, signed)
			one.Lines = append(one.Lines, counterLine{signed, err == nil})
			if !used[line.Key] && key.Public != nil {
				used[line.Key] = true
				mine.Keys = append(mine.Keys, counterKey{line.Key, key.Process, key.Public})
			}
		}
		mine.Cameras = append(mine.Cameras, one)
	}
	return mine, nil
}

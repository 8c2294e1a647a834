package console

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/preflight"
	"aisle/offers/rank"
	"aisle/services/catalog"
)

const maxPreflightDays = 30 // the log keeps no more

func (s *Service) preflightRoutes(api fiber.Router) {
	api.Post("/preflight", s.allow(catalog.RoleMarketer, s.preflight))
}

// preflighted is what a preflight says.
type preflighted struct {
	*preflight.Report
	Covered covered   `json:"covered"`
	Since   time.Time `json:"since"`
	Model   string    `json:"model"`  // that was asked
	Labels  []string  `json:"labels"` // of the shoppers of the sample, in their order
}

// preflight tries a campaign, kept or not, on what happened lately.
func (s *Service) preflight(c *fiber.Ctx) error {
	var in struct {
		Campaign offers.Campaign `json:"campaign"`
		Days     int             `json:"days"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	k := in.Campaign
	if k.ID == "" {
		k.ID = offers.CampaignID(idFrom("campaign", k.Name))
	}
	if in.Days < 1 || in.Days > maxPreflightDays {
		return fieldErrors{{"days", fmt.Sprintf("is a number from 1 to %d", maxPreflightDays)}}
	}
	if err := s.checkCampaign(c, &k); err != nil {
		return err
	}
	house := s.view.Load()
	if house == nil {
		return fmt.Errorf("preflight: %w: the catalogue is not read yet", offers.ErrUnavailable)
	}
	model, err := s.model(c.UserContext())
	if err != nil {
		return err
	}
	now := time.Now()
	since := now.AddDate(0, 0, -in.Days)
	replay, err := preflight.New(preflight.House{Catalogue: house, Features: s.rules.features, Ranker: model, Off: s.config.FactorsOff},
		k, preflight.Options{Since: since, Window: s.config.Window})
	if err != nil {
		return err
	}
	return s.answerPast(c, func(ctx context.Context, tell func(covered)) (any, error) {
		seen, err := s.past(ctx, look{
			begin: replay.Partition, decided: replay.Decided, happened: replay.Happened,
			meet: func(ctx context.Context, first map[offers.ShopperID]time.Time) error {
				ids := make([]offers.ShopperID, 0, len(first))
				for id := range first {
					ids = append(ids, id)
				}
				known, err := s.profiles(ctx, ids)
				for _, p := range known {
					if p != nil && p.Into == "" {
						replay.Know(p, first[p.Shopper])
					}
				}
				return err
			},
		}, tell)
		if err != nil {
			return nil, err
		}
		out := preflighted{Report: replay.Report(now), Covered: seen, Since: since, Model: model.Version(), Labels: []string{}}
		for _, one := range out.Sample {
			out.Labels = append(out.Labels, label(one.Shopper))
		}
		return out, nil
	})
}

// model is the ranker's current snapshot, or one that has learned nothing.
func (s *Service) model(ctx context.Context) (*rank.Model, error) {
	packed, err := s.store.Snapshot(ctx, rank.SnapshotName, "")
	if errors.Is(err, offers.ErrNotFound) {
		return rank.New(), nil
	}
	if err != nil {
		return nil, err
	}
	return rank.Decode(packed)
}

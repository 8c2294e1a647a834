package console

import (
	"context"
	"fmt"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/stream"
)

// How long a call waits for the stream to have what it changed, and how often
// what could not be told is tried again, be it told by another process.
const (
	tellWithin = 3 * time.Second
	tellAgain  = 2 * time.Second
)

// republish marks the whole catalogue to be told again, with what the stream
// has and the catalog has not, so that the two agree.
func (s *Service) republish(ctx context.Context, onStream *offers.Catalogue) error {
	var keys []string
	for id := range onStream.Shops {
		keys = append(keys, offers.ShopKey(id))
	}
	for id := range onStream.Campaigns {
		keys = append(keys, offers.CampaignKey(id))
	}
	for id := range onStream.Scenarios {
		keys = append(keys, offers.ScenarioKey(id))
	}
	if onStream.House.Version > 0 {
		keys = append(keys, offers.HouseKey)
	}
	return s.catalog.Republish(ctx, keys)
}

// publish tells the stream what changed, whenever something did.
func (s *Service) publish(ctx context.Context) error {
	again := time.NewTicker(tellAgain)
	defer again.Stop()
	failed := false
	for {
		_, err := s.catalog.Publish(ctx, s.produce)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failed:
			s.logger.Warn("console: the stream does not take the catalogue, trying again", "err", err)
		case err == nil && failed:
			s.logger.Info("console: the stream has the catalogue again")
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-s.unpublished:
		case <-again.C:
		}
	}
}

// tell tells the stream at once, so that whoever reads the answer finds the
// change live. If that fails, it is kept and publish tries again: the change
// itself is done.
func (s *Service) tell(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	if _, err := s.catalog.Publish(ctx, s.produce); err != nil {
		select {
		case s.unpublished <- struct{}{}:
		default: // it will look anyway
		}
	}
}

func (s *Service) produce(ctx context.Context, all []catalog.Publication) error {
	now := time.Now()
	records := make([]stream.Record, len(all))
	for i, p := range all {
		records[i] = stream.Record{
			Stream: stream.Campaigns, Key: []byte(p.Key), Value: p.Value,
			Headers: stream.Headers(fmt.Sprintf("%s@%d", p.Key, now.UnixNano()), source, "catalogue", now, ""),
		}
	}
	return s.log.Produce(ctx, records...)
}

// source is what the console's records say they come from.
const source = "aisle/console"

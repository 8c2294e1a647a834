package state

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"aisle/offers"
)

// Acknowledgement says who has seen to an alert.
type Acknowledgement struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

const (
	acknowledgedKey = "{alerts}:acknowledged" // a hash of alert to Acknowledgement
	acknowledgedFor = 12 * time.Hour          // then somebody is told again
)

// Acknowledge notes that somebody has seen to an alert.
func (s *Store) Acknowledge(ctx context.Context, alert string, a Acknowledgement) error {
	value, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("alert %s: %w: %w", alert, offers.ErrInvalid, err)
	}
	pipe := s.client.TxPipeline()
	pipe.HSet(ctx, acknowledgedKey, alert, value)
	pipe.Expire(ctx, acknowledgedKey, acknowledgedFor)
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("alert %s: %w: %w", alert, offers.ErrUnavailable, err)
	}
	return nil
}

// Acknowledged are the alerts that somebody has seen to within half a day.
func (s *Store) Acknowledged(ctx context.Context, now time.Time) (map[string]Acknowledgement, error) {
	values, err := s.client.HGetAll(ctx, acknowledgedKey).Result()
	if err != nil {
		return nil, fmt.Errorf("alerts: %w: %w", offers.ErrUnavailable, err)
	}
	all := make(map[string]Acknowledgement, len(values))
	for alert, value := range values {
		var a Acknowledgement
		if err := json.Unmarshal([]byte(value), &a); err != nil {
			return nil, fmt.Errorf("alert %s: %w: %w", alert, offers.ErrInvalid, err)
		}
		if now.Sub(a.At) < acknowledgedFor {
			all[alert] = a
		}
	}
	return all, nil
}

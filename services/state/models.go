package state

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"aisle/offers"
)

// ModelHealth is how a campaign's own model does, as one decider has it.
type ModelHealth struct {
	Name       string    `json:"name"`
	Kind       string    `json:"kind"` // http or file
	At         string    `json:"at"`   // address or path
	Breaker    string    `json:"breaker"`
	Answered   int64     `json:"answered"`
	Failed     int64     `json:"failed"`
	Skipped    int64     `json:"skipped"` // not asked: the breaker was open, or too much time spent
	MeanMs     float64   `json:"mean_ms"`
	MostMs     float64   `json:"most_ms"` // lately
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	FailedAt   time.Time `json:"failed_at,omitzero"`
	LastError  string    `json:"last_error,omitempty"`
}

// told is what one decider last said of its own models.
type told struct {
	At     time.Time     `json:"at"`
	Models []ModelHealth `json:"models"`
}

// ownModelsKey is a hash of a decider's name to JSON of told.
const ownModelsKey = "{own-models}:told"

// toldHolds is how long a decider's word holds. It tells again before that.
const toldHolds = time.Minute

// TellModels notes how a decider's own models do.
func (s *Store) TellModels(ctx context.Context, by string, all []ModelHealth) error {
	raw, err := json.Marshal(told{time.Now().UTC(), all})
	if err != nil {
		return fmt.Errorf("own models: %w: %w", offers.ErrInvalid, err)
	}
	pipe := s.client.Pipeline()
	pipe.HSet(ctx, ownModelsKey, by, raw)
	pipe.Expire(ctx, ownModelsKey, toldHolds)
	if _, err := pipe.Exec(ctx); err != nil {
		return s.failed("own models", err)
	}
	return nil
}

// OwnModels is how own models do now, as each decider that works has it, by their
// names.
func (s *Store) OwnModels(ctx context.Context) ([]ModelHealth, error) {
	fields, err := s.client.HGetAll(ctx, ownModelsKey).Result()
	if err != nil {
		return nil, s.failed("own models", err)
	}
	all := []ModelHealth{}
	for _, raw := range fields {
		var by told
		if err := json.Unmarshal([]byte(raw), &by); err != nil || time.Since(by.At) > toldHolds {
			continue
		}
		all = append(all, by.Models...)
	}
	slices.SortStableFunc(all, func(a, b ModelHealth) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

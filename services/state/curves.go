package state

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"aisle/offers"
	"aisle/vision"
)

// curvesKey is how well the gallery tells its people apart, as cameras'
// processes measured it: a hash of the describer's model to JSON of a Curve.
const curvesKey = "{health}:curves"

// curvesMax bounds the models, of which a chain has one or two.
const curvesMax = 16

// Curve is a calibration of the gallery, who told it and when.
type Curve struct {
	vision.Curve
	Process string    `json:"process"`
	Told    time.Time `json:"told"` // by the clock of the house
}

// TellCurve keeps the latest calibration with a model. Others than curvesMax
// are ErrConflict.
func (s *Store) TellCurve(ctx context.Context, c Curve) error {
	if c.Model == "" || len(c.Model) > 80 || len(c.Points) > 200 {
		return fmt.Errorf("state: curve: %w: it has a model and at most 200 points", offers.ErrInvalid)
	}
	known, err := s.client.HExists(ctx, curvesKey, c.Model).Result()
	if err != nil {
		return s.failed("curve", err)
	}
	if n, err := s.client.HLen(ctx, curvesKey).Result(); err != nil {
		return s.failed("curve", err)
	} else if !known && n >= curvesMax {
		return fmt.Errorf("state: curve: %w: there are %d models already", offers.ErrConflict, n)
	}
	value, err := json.Marshal(&c)
	if err != nil {
		return fmt.Errorf("state: curve: %w: %w", offers.ErrInvalid, err)
	}
	if err := s.client.HSet(ctx, curvesKey, c.Model, value).Err(); err != nil {
		return s.failed("curve", err)
	}
	return nil
}

// Curves are the latest of each model. What cannot be read is left out.
func (s *Store) Curves(ctx context.Context) (map[string]Curve, error) {
	fields, err := s.client.HGetAll(ctx, curvesKey).Result()
	if err != nil {
		return nil, s.failed("curves", err)
	}
	curves := make(map[string]Curve, len(fields))
	for model, value := range fields {
		var c Curve
		if err := json.Unmarshal([]byte(value), &c); err == nil {
			curves[model] = c
		}
	}
	return curves, nil
}

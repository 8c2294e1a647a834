package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// ProbeKept is how long the sealed face by which somebody was recognised can be
// said to be another's. Then it is gone by itself.
const ProbeKept = 24 * time.Hour

// probesMax bounds what is kept of a shopper; the oldest goes.
const probesMax = 20

// Probe is one recognition of a shopper, and the sealed face that it was by. Of
// strangers there is none.
type Probe struct {
	ID         string          `json:"id"` // the track under which they were named
	At         time.Time       `json:"at"`
	Shop       offers.ShopID   `json:"shop"`
	Zone       offers.ZoneID   `json:"zone,omitempty"`
	Camera     offers.CameraID `json:"camera"`
	Confidence float64         `json:"confidence"`
	Model      string          `json:"model"`
	Sealed     []byte          `json:"sealed"`
}

// probesKey is the index of a shopper's probes, by their times; each probe is a
// value of its own, so that it goes at its own time.
func probesKey(partition int, shopper offers.ShopperID) string {
	return Key(partition, "probes", string(shopper))
}

func probeKey(partition int, shopper offers.ShopperID, id string) string {
	return Key(partition, "probe", string(shopper), id)
}

// KeepProbe keeps the face by which a shopper was recognised, for ProbeKept from
// now. The same again changes nothing.
func (s *Store) KeepProbe(ctx context.Context, partition int, shopper offers.ShopperID, p Probe) error {
	if shopper == "" || p.ID == "" || p.Model == "" || len(p.Sealed) == 0 {
		return fmt.Errorf("probe: %w: it has a shopper, an id, a model and a sealed face", offers.ErrInvalid)
	}
	value, err := json.Marshal(&p)
	if err != nil {
		return fmt.Errorf("probe: %w: %w", offers.ErrInvalid, err)
	}
	index, now := probesKey(partition, shopper), time.Now()
	pipe := s.client.Pipeline()
	pipe.SetNX(ctx, probeKey(partition, shopper, p.ID), value, ProbeKept)
	pipe.ZAddNX(ctx, index, redis.Z{Score: float64(now.UnixMilli()), Member: p.ID})
	pipe.ZRemRangeByScore(ctx, index, "-inf", strconv.FormatInt(now.Add(-ProbeKept).UnixMilli(), 10))
	pipe.Expire(ctx, index, ProbeKept)
	ids := pipe.ZRange(ctx, index, 0, -1)
	if _, err := pipe.Exec(ctx); err != nil {
		return s.failed("probe", err)
	}
	for _, id := range ids.Val()[:max(0, len(ids.Val())-probesMax)] {
		if err := s.DropProbe(ctx, partition, shopper, id); err != nil {
			return err
		}
	}
	return nil
}

// Probes are a shopper's latest recognitions, newest first.
func (s *Store) Probes(ctx context.Context, partition int, shopper offers.ShopperID) ([]Probe, error) {
	ids, err := s.client.ZRevRange(ctx, probesKey(partition, shopper), 0, probesMax-1).Result()
	if err != nil {
		return nil, s.failed("probes", err)
	}
	probes := []Probe{}
	for _, id := range ids {
		value, err := s.client.Get(ctx, probeKey(partition, shopper, id)).Bytes()
		if errors.Is(err, redis.Nil) {
			continue // its time is over
		}
		if err != nil {
			return nil, s.failed("probes", err)
		}
		var p Probe
		if err := json.Unmarshal(value, &p); err != nil {
			return nil, fmt.Errorf("probe %s: %w: %w", id, offers.ErrInvalid, err)
		}
		probes = append(probes, p)
	}
	return probes, nil
}

// DropProbe forgets one recognition.
func (s *Store) DropProbe(ctx context.Context, partition int, shopper offers.ShopperID, id string) error {
	pipe := s.client.Pipeline()
	pipe.Del(ctx, probeKey(partition, shopper, id))
	pipe.ZRem(ctx, probesKey(partition, shopper), id)
	if _, err := pipe.Exec(ctx); err != nil {
		return s.failed("probe", err)
	}
	return nil
}

// ForgetProbes forgets all recognitions of a shopper, and counts those that were
// there before and are there after.
func (s *Store) ForgetProbes(ctx context.Context, partition int, shopper offers.ShopperID) (before, after int, err error) {
	all, err := s.Probes(ctx, partition, shopper)
	if err != nil {
		return 0, 0, err
	}
	for _, p := range all {
		if err := s.DropProbe(ctx, partition, shopper, p.ID); err != nil {
			return 0, 0, err
		}
	}
	left, err := s.Probes(ctx, partition, shopper)
	return len(all), len(left), err
}

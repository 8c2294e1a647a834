package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"aisle/beacons/canary"
	"aisle/offers"
)

// A survey is a talk between two services that know nothing of each other. The
// console asks for a tag for a short time (AskTag), and asks again as long as
// somebody stands there; the door for gateways looks what is asked for (Asked,
// once a second) and tells each packet of such a tag (TellReadings). Without
// asking nothing of a tag's packets is written, and what was written is gone
// after a minute.
const (
	surveyAsked = "{survey}:asked" // hash: tag, or anyTag, to until when, unix milliseconds
	surveyAlive = "{survey}:alive" // when the door for gateways last looked
	surveyNear  = "{survey}:near"  // hash: door to JSON of its NearTags
	anyTag      = "*"              // asks which tags there are
)

// Bounds of a survey.
const (
	SurveyFor      = 15 * time.Second // how long an ask holds
	surveyKept     = time.Minute      // after the last packet
	surveyMost     = 8192             // packets of a tag
	surveyAskedMax = 32               // tags at a time
	nearMost       = 200              // tags of a door
	nearFor        = 10 * time.Second // since a tag was last heard
)

func surveyHeard(tag string) string { return "{survey}:heard:" + tag }

// SurveyReading is one packet of a tag that is being surveyed.
type SurveyReading struct {
	Receiver offers.ReceiverID `json:"r"`
	GainDB   float64           `json:"g"` // received power less the tag's at one metre
	AtMs     int64             `json:"t"` // unix milliseconds, by the clock of the house
}

// NearTag is a tag that is heard now, for choosing the one that one carries.
type NearTag struct {
	Tag      string            `json:"tag"`
	Receiver offers.ReceiverID `json:"receiver"` // that hears it loudest
	GainDB   float64           `json:"gain_db"`
	Last     time.Time         `json:"last"`
}

// AskTag asks for the packets of a tag until a while from now. More tags than
// can be surveyed at a time are ErrConflict.
func (s *Store) AskTag(ctx context.Context, tag string, now time.Time) error {
	asked, err := s.client.HGetAll(ctx, surveyAsked).Result()
	if err != nil {
		return s.failed("survey", err)
	}
	live := 0
	for other, until := range asked {
		if ms, err := strconv.ParseInt(until, 10, 64); err != nil || ms < now.UnixMilli() {
			s.client.HDel(ctx, surveyAsked, other) // a second try comes with the next ask
		} else if other != tag {
			live++
		}
	}
	if live >= surveyAskedMax {
		return fmt.Errorf("state: survey: %w: %d tags are surveyed already: wait until one is done", offers.ErrConflict, live)
	}
	pipe := s.client.Pipeline()
	pipe.HSet(ctx, surveyAsked, tag, now.Add(SurveyFor).UnixMilli())
	pipe.PExpire(ctx, surveyAsked, 2*SurveyFor)
	if _, err := pipe.Exec(ctx); err != nil {
		return s.failed("survey", err)
	}
	return nil
}

// AskNear asks which tags are heard.
func (s *Store) AskNear(ctx context.Context, now time.Time) error { return s.AskTag(ctx, anyTag, now) }

// Asked is what the door for gateways has to tell: the tags that are surveyed,
// and whether it shall tell which tags it hears. It notes that the door looked.
func (s *Store) Asked(ctx context.Context, now time.Time) (tags map[string]bool, near bool, err error) {
	pipe := s.client.Pipeline()
	asked := pipe.HGetAll(ctx, surveyAsked)
	pipe.Set(ctx, surveyAlive, now.UnixMilli(), surveyKept)
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, false, s.failed("survey", err)
	}
	tags = map[string]bool{}
	for tag, until := range asked.Val() {
		ms, err := strconv.ParseInt(until, 10, 64)
		switch {
		case err != nil || ms < now.UnixMilli():
		case tag == anyTag:
			near = true
		default:
			tags[tag] = true
		}
	}
	return tags, near, nil
}

// TellReadings adds packets of surveyed tags, oldest first.
func (s *Store) TellReadings(ctx context.Context, readings map[string][]SurveyReading) error {
	if len(readings) == 0 {
		return nil
	}
	pipe := s.client.Pipeline()
	for tag, of := range readings {
		values := make([]any, 0, len(of))
		for i := range of {
			value, err := json.Marshal(&of[i])
			if err != nil {
				return fmt.Errorf("state: survey: %w: %w", offers.ErrInvalid, err)
			}
			values = append(values, value)
		}
		if len(values) == 0 {
			continue
		}
		pipe.RPush(ctx, surveyHeard(tag), values...)
		pipe.LTrim(ctx, surveyHeard(tag), -surveyMost, -1)
		pipe.Expire(ctx, surveyHeard(tag), surveyKept)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return s.failed("survey", err)
	}
	return nil
}

// TellNear replaces the tags that a door hears now; more than fit are left out.
func (s *Store) TellNear(ctx context.Context, door string, tags []NearTag) error {
	value, err := json.Marshal(tags[:min(len(tags), nearMost)])
	if err != nil {
		return fmt.Errorf("state: survey: %w: %w", offers.ErrInvalid, err)
	}
	pipe := s.client.TxPipeline()
	pipe.HSet(ctx, surveyNear, door, value)
	pipe.Expire(ctx, surveyNear, SurveyFor)
	if _, err := pipe.Exec(ctx); err != nil {
		return s.failed("survey", err)
	}
	return nil
}

// Readings are the packets of a tag that are known since a time, oldest first,
// and when the door for gateways last looked what is asked; zero if it did not
// within a minute.
func (s *Store) Readings(ctx context.Context, tag string, since time.Time) (readings []SurveyReading, looked time.Time, err error) {
	pipe := s.client.Pipeline()
	heard := pipe.LRange(ctx, surveyHeard(tag), 0, -1)
	alive := pipe.Get(ctx, surveyAlive)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, time.Time{}, s.failed("survey", err)
	}
	for _, value := range heard.Val() {
		var r SurveyReading
		if err := json.Unmarshal([]byte(value), &r); err == nil && r.AtMs >= since.UnixMilli() {
			readings = append(readings, r)
		}
	}
	return readings, fromMillis(alive.Val()), nil
}

// Near are the tags that were heard in the last seconds, in no order, each by
// every door that hears it, and when a door for gateways last looked.
func (s *Store) Near(ctx context.Context, now time.Time) (tags []NearTag, looked time.Time, err error) {
	pipe := s.client.Pipeline()
	near := pipe.HGetAll(ctx, surveyNear)
	alive := pipe.Get(ctx, surveyAlive)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, time.Time{}, s.failed("survey", err)
	}
	for _, value := range near.Val() {
		var of []NearTag
		if err := json.Unmarshal([]byte(value), &of); err != nil {
			continue // of another version of the door: it tells again in a second
		}
		for _, n := range of {
			if now.Sub(n.Last) <= nearFor {
				tags = append(tags, n)
			}
		}
	}
	return tags, fromMillis(alive.Val()), nil
}

func fromMillis(text string) time.Time {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// zonesKey is how well each shop's zones are located: a hash of shop to JSON of
// ZonesHealth.
const zonesKey = "{health}:zones"

// ZonesHealth is what the canaries of a shop say.
type ZonesHealth struct {
	At    time.Time     `json:"at"`
	Zones []canary.Zone `json:"zones"`
}

// TellZones notes what the canaries of a shop say.
func (s *Store) TellZones(ctx context.Context, shop offers.ShopID, h ZonesHealth) error {
	value, err := json.Marshal(&h)
	if err != nil {
		return fmt.Errorf("state: zones of %q: %w: %w", shop, offers.ErrInvalid, err)
	}
	if err := s.client.HSet(ctx, zonesKey, string(shop), value).Err(); err != nil {
		return s.failed("health", err)
	}
	return nil
}

// Zones is what the canaries of a shop said last; false if they never did.
func (s *Store) Zones(ctx context.Context, shop offers.ShopID) (h ZonesHealth, ok bool, err error) {
	value, err := s.client.HGet(ctx, zonesKey, string(shop)).Bytes()
	if errors.Is(err, redis.Nil) {
		return h, false, nil
	}
	if err != nil {
		return h, false, s.failed("health", err)
	}
	if err := json.Unmarshal(value, &h); err != nil {
		return h, false, fmt.Errorf("state: zones of %q: %w: %w", shop, offers.ErrInvalid, err)
	}
	return h, true, nil
}

package console

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/services/state"
)

// Bounds of a count of shoppers: it is made while somebody types.
const (
	countsAtOnce = 2
	countWithin  = 900 * time.Millisecond // with waiting for others
	countMost    = 20_000                 // shoppers looked at; more are estimated
)

// audienceAsk is a rule that is being written: whom does it let in?
type audienceAsk struct {
	Expression string             `json:"expression"`
	Tree       json.RawMessage    `json:"tree"`
	Segments   []offers.SegmentID `json:"segments"`
	Channels   []offers.Channel   `json:"channels"`
}

// estimate is how many there are. With 95 of 100 such, the truth is within the
// margin; without one it was counted.
type estimate struct {
	Count  int64 `json:"count"`
	Margin int64 `json:"margin"`
}

// audience is whom a rule lets in now, of all that are known.
type audience struct {
	Shoppers estimate                    `json:"shoppers"`
	Matching estimate                    `json:"matching"`
	Reached  estimate                    `json:"reached"`  // of those, by one of the channels at least
	Channels map[offers.Channel]estimate `json:"channels"` // of those, by each
	Sampled  int64                       `json:"sampled"`  // shoppers looked at
	Whole    bool                        `json:"whole"`    // that was everybody
	Moment   []string                    `json:"moment"`   // fields of the rule that only an event fills: they were empty
	At       time.Time                   `json:"at"`
	TookMs   int64                       `json:"took_ms"`
}

// countAudience tells how many shoppers a rule lets in now, and how many of those
// may be reached: by the code that decides, over the profiles that state has.
func (s *Service) countAudience(c *fiber.Ctx) error {
	var in audienceAsk
	if err := read(c, &in); err != nil {
		return err
	}
	expression, err := s.whom(c, &in)
	if err != nil {
		return err
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(c.UserContext(), countWithin)
	defer cancel()
	select {
	case s.counting <- struct{}{}:
		defer func() { <-s.counting }()
	case <-ctx.Done():
		return fmt.Errorf("count: %w: others count at this moment; it is tried again with the next change", offers.ErrUnavailable)
	}
	found, err := s.audienceOf(ctx, expression, in.Channels, began)
	if err != nil {
		return err
	}
	found.TookMs = time.Since(began).Milliseconds()
	return c.JSON(found)
}

// whom is the rule that is asked about, with its segments; empty for everybody.
func (s *Service) whom(c *fiber.Ctx, in *audienceAsk) (string, error) {
	var wrong fieldErrors
	switch {
	case len(in.Tree) > 0:
		answer := s.rules.checkTree(in.Tree)
		in.Expression = answer.Expression
		wrong.add(answer.OK, answer.Error, "tree")
	case strings.TrimSpace(in.Expression) != "":
		answer := s.rules.check(in.Expression)
		wrong.add(answer.OK, answer.Error, "expression")
	}
	for i, channel := range in.Channels {
		wrong.add(channel.Purpose() != "", "choose app, push, sms, email or webhook", "channels[%d]", i)
	}
	k := offers.Campaign{Segments: in.Segments, Eligibility: in.Expression}
	if err := s.checkSegments(c, &wrong, &k); err != nil {
		return "", err
	}
	return k.Whom(), wrong.err()
}

// What is counted of the shoppers on each server; the channels follow.
const (
	countShoppers = iota
	countMatching
	countReached
	countChannels
)

func (s *Service) audienceOf(ctx context.Context, expression string, channels []offers.Channel, now time.Time) (*audience, error) {
	rule, err := s.rules.env.Compile(cmp.Or(expression, "true"))
	if err != nil {
		return nil, err
	}
	engine, _ := decide.New(&offers.Catalogue{Shops: s.catalogue().Shops}, s.rules.features) // it has no campaign that could be broken
	looks := engine.Audience()
	found := make([][]int64, countChannels+len(channels)) // of what, by server
	add := func(what, server int) {
		for len(found[what]) <= server {
			found[what] = append(found[what], 0)
		}
		found[what][server]++
	}
	strata, err := s.store.SampleProfiles(ctx, countMost, func(server int, p *offers.Profile) {
		if p.Into != "" {
			return // they are somebody else by now
		}
		add(countShoppers, server)
		if !looks.Meets(rule, p, now) {
			return
		}
		add(countMatching, server)
		reached := false
		for i, channel := range channels {
			if decide.Open(channel, p) {
				add(countChannels+i, server)
				reached = true
			}
		}
		if reached {
			add(countReached, server)
		}
	})
	if err != nil {
		return nil, err
	}
	all := &audience{
		Shoppers: estimateOf(strata, found[countShoppers]), Matching: estimateOf(strata, found[countMatching]), Reached: estimateOf(strata, found[countReached]),
		Channels: map[offers.Channel]estimate{}, Whole: true, Moment: []string{}, At: now,
	}
	for i, channel := range channels {
		all.Channels[channel] = estimateOf(strata, found[countChannels+i])
	}
	for _, n := range found[countShoppers] {
		all.Sampled += n
	}
	for _, of := range strata {
		all.Whole = all.Whole && of.All
	}
	for _, name := range s.rules.env.Names(expression) {
		if strings.HasPrefix(name, "event.") {
			all.Moment = append(all.Moment, name)
		}
	}
	return all, nil
}

// estimateOf is how many of the keys of all servers are such as were found: on
// each, as many of all as of those looked at. The margin is that of a share of a
// sample without replacement, by Agresti and Coull, which holds for few too.
func estimateOf(strata []state.Stratum, found []int64) estimate {
	count, variance := 0., 0.
	for i, of := range strata {
		var x float64
		if i < len(found) {
			x = float64(found[i])
		}
		keys, seen := float64(of.Keys), float64(of.Seen)
		if of.All || seen >= keys {
			count += x
			continue
		}
		p := (x + 2) / (seen + 4)
		count += x / seen * keys
		variance += keys * keys * p * (1 - p) / (seen + 4) * (1 - seen/keys)
	}
	return estimate{int64(math.Round(count)), int64(math.Ceil(1.96 * math.Sqrt(variance)))}
}

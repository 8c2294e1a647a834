package console

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/decide"
)

// mySignal is one thing that spoke for an offer: what was known, from where and
// since when, and what it adds now.
type mySignal struct {
	Purpose offers.Purpose `json:"purpose"` // the consent that lets us know it
	Says    says           `json:"says"`
	What    string         `json:"what,omitempty"` // a category, or the name of a zone
	At      time.Time      `json:"at"`
	On      bool           `json:"on"`            // the consent stands
	Needed  bool           `json:"needed"`        // without it the offer would not be chosen
	Adds    float64        `json:"adds,omitzero"` // to the offer's score, a share: 0.2 is a fifth more than without it
}

// myRank is how an offer stands now, by what the shopper allows now.
type myRank struct {
	Decision offers.DecisionID `json:"decision"`
	Chosen   bool              `json:"chosen"` // it would still be in the running
	Score    float64           `json:"score"`
	Signals  []mySignal        `json:"signals"`
}

// signalPurposes are the consents that let the house know something of a
// shopper, in the order of asking.
var signalPurposes = []offers.Purpose{offers.ConsentSearch, offers.ConsentLocation, offers.ConsentFace}

// signalsShown are how many signals an offer shows.
const signalsShown = 3

// mostRanked bounds the offers that are ranked anew: each is decided up to four
// times.
const mostRanked = 20

// getMyRanking decides the shopper's open offers anew by what they allow at this
// moment, best first: who switches a signal off sees at once what it did. Codes
// hold whatever comes of it.
func (s *Service) getMyRanking(c *fiber.Ctx, shopper offers.ShopperID) error {
	all, err := s.rankFor(c.UserContext(), shopper, time.Now())
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"ranking": all})
}

func (s *Service) rankFor(ctx context.Context, shopper offers.ShopperID, now time.Time) ([]myRank, error) {
	entries, err := s.inbox(ctx, shopper)
	if err != nil {
		return nil, err
	}
	p, err := s.profile(ctx, shopper)
	if errors.Is(err, offers.ErrNotFound) {
		return []myRank{}, nil // joined a moment ago
	}
	if err != nil {
		return nil, err
	}
	consents, err := s.consents(ctx, shopper)
	if err != nil {
		return nil, err
	}
	model, err := s.model(ctx)
	if err != nil {
		return nil, err
	}
	house := s.catalogue()
	engine, _ := decide.New(house, s.rules.features, s.config.FactorsOff...) // a broken campaign is in no running
	r := ranking{engine: engine, campaigns: house.Campaigns, ranker: model, profile: p, allowed: map[offers.Purpose]bool{}}
	for _, one := range consents {
		r.allowed[one.Purpose] = one.Granted
	}
	all := []myRank{}
	for i := range entries {
		e := &entries[i]
		if !e.Redeemed.IsZero() || !now.Before(e.Expires) || len(all) == mostRanked {
			continue
		}
		d, _, err := findDecision(ctx, s.log, e.Decision)
		if errors.Is(err, offers.ErrNotFound) {
			continue // retention has passed it
		}
		if err != nil {
			return nil, err
		}
		if d.Offer != nil {
			all = append(all, r.rank(&d, s.shop(d.Shop)))
		}
	}
	slices.SortStableFunc(all, func(a, b myRank) int {
		if a.Chosen != b.Chosen {
			return map[bool]int{true: -1, false: 1}[a.Chosen]
		}
		return cmp.Compare(b.Score, a.Score)
	})
	return all, nil
}

// ranking decides moments of one shopper once more.
type ranking struct {
	engine    *decide.Engine
	campaigns map[offers.CampaignID]*offers.Campaign
	ranker    decide.Ranker
	profile   *offers.Profile
	allowed   map[offers.Purpose]bool
}

func (r *ranking) rank(d *offers.Decision, shop *offers.Shop) myRank {
	score, chosen := r.score(d, "")
	rank := myRank{Decision: d.ID, Chosen: chosen, Score: score, Signals: []mySignal{}}
	for _, reason := range whyWords(d, shop) {
		if !slices.Contains(signalPurposes, reason.Purpose) || len(rank.Signals) == signalsShown {
			continue
		}
		one := mySignal{Purpose: reason.Purpose, Says: reason.Says, What: reason.What, At: d.Time, On: r.allowed[reason.Purpose]}
		if one.On {
			without, still := r.score(d, reason.Purpose)
			one.Needed = chosen && !still
			if still && without > 0 {
				one.Adds = score/without - 1
			}
		}
		rank.Signals = append(rank.Signals, one)
	}
	return rank
}

// score decides a moment anew with what is allowed but for one purpose, and is
// the score of its offer. False: it is not in the running. That the shopper has
// had it is no reason: it is this one.
func (r *ranking) score(d *offers.Decision, but offers.Purpose) (float64, bool) {
	may := func(p offers.Purpose) bool { return p != but && r.allowed[p] }
	switch d.Trigger {
	case offers.Recognised:
		if !may(offers.ConsentFace) {
			return 0, false
		}
	case offers.ZoneEntered, offers.ZoneDwelled:
		if !may(offers.ConsentLocation) {
			return 0, false
		}
	}
	p := *r.profile
	p.Shopper, p.Lent, p.Contacts = d.Shopper, nil, nil
	p.Consents = map[offers.Purpose]offers.Consent{}
	for _, purpose := range offers.Purposes {
		p.Consents[purpose] = offers.Consent{Purpose: purpose, Granted: may(purpose) || !slices.Contains(signalPurposes, purpose)}
	}
	scenario := offers.ScenarioID("")
	if k := r.campaigns[d.Campaign]; k != nil {
		scenario = k.Trigger.Scenario
	}
	found := r.engine.Decide(&decide.Moment{ID: d.ID, Offset: d.Offset, Profile: &p, Event: &offers.Event{
		ID: d.Event, Type: d.Trigger, Shopper: d.Shopper, Shop: d.Shop, Zone: d.Zone, Time: d.Time, Received: d.Received, Scenario: scenario,
	}}, r.ranker)
	for i := range found.Candidates {
		if k := &found.Candidates[i]; k.Campaign == d.Campaign && k.Offer == d.Offer.ID && k.Out == "" {
			return k.Score, true
		}
	}
	return 0, false
}

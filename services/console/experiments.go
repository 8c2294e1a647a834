package console

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/experiment"
	"aisle/services/catalog"
)

func (s *Service) experimentRoutes(api fiber.Router) {
	api.Get("/experiments", s.allow(catalog.RoleViewer, s.getExperiments))
}

// results are those of experiments, computed when somebody asks and kept for a
// while: each time the newest part of the log is read. Safe for concurrent use.
type results struct {
	mu   sync.Mutex // guards the rest
	last *experimented
	at   time.Time
}

const resultsAge = time.Minute

// settles is how long after a change no person comes into an experiment: the
// deciders hear of it each at their own time, and only those who are to be held
// out from now on could be seen in the wrong arm.
const settles = time.Minute

// experimented is what experiments say.
type experimented struct {
	Results []experiment.Result `json:"results"`
	Covered covered             `json:"covered"`
	From    time.Time           `json:"from,omitzero"` // of the first decision that counts
	Until   time.Time           `json:"until,omitzero"`
	Merged  int                 `json:"merged"` // persons left out who turned out to be another
	At      time.Time           `json:"at"`     // when it was computed
}

func (r *results) kept(now time.Time) *experimented {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == nil || now.Sub(r.at) > resultsAge {
		return nil
	}
	return r.last
}

func (r *results) keep(e *experimented) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last, r.at = e, e.At
}

func (s *Service) getExperiments(c *fiber.Ctx) error {
	running, err := s.experiments(c.UserContext())
	if err != nil {
		return err
	}
	if kept := s.results.kept(time.Now()); kept != nil && same(kept, running) {
		return c.JSON(pastLine{Report: kept}, ndjson)
	}
	return s.answerPast(c, func(ctx context.Context, tell func(covered)) (any, error) {
		book := experiment.New(running)
		seen, err := s.past(ctx, look{
			begin:    func(int) { book.Forget() }, // who is in a partition that was not read to its end is not counted
			decided:  book.Decided,
			happened: func(_ int64, e *offers.Event) { book.Happened(e) },
			ended:    book.Partition,
		}, tell)
		if err != nil {
			return nil, err
		}
		out := &experimented{Results: book.Results(), Covered: seen, At: time.Now().UTC()}
		out.From, out.Until, out.Merged = book.Covered()
		s.results.keep(out)
		return out, nil
	})
}

// same tells whether results are those of the experiments that run.
func same(e *experimented, running []experiment.Experiment) bool {
	return slices.EqualFunc(e.Results, running, func(r experiment.Result, x experiment.Experiment) bool {
		return r.Kind == x.Kind && r.Share == x.Share && r.Since.Equal(x.Since) && (x.Campaign == nil || x.Campaign.ID == r.Campaign)
	})
}

// experiments are those that run, each since its arms are what they are: the
// house's first, then those of campaigns.
func (s *Service) experiments(ctx context.Context) ([]experiment.Experiment, error) {
	var all []experiment.Experiment
	versions, err := s.catalog.HouseHistory(ctx)
	if err != nil {
		return nil, err
	}
	if len(versions) > 0 && versions[0].House.Holdout > 0 {
		x := experiment.Experiment{Kind: experiment.OfHouse, Share: versions[0].House.Holdout}
		for _, v := range versions {
			if v.House.Holdout != x.Share {
				break
			}
			x.Since = v.At
		}
		x.Since = x.Since.Add(settles)
		all = append(all, x)
	}
	campaigns, err := s.catalog.Campaigns(ctx)
	if err != nil {
		return nil, err
	}
	for i := range campaigns {
		k := &campaigns[i]
		if k.Status == offers.CampaignDraft || k.Holdout == 0 && k.Split == 0 {
			continue
		}
		versions, err := s.catalog.CampaignHistory(ctx, k.ID)
		if err != nil {
			return nil, err
		}
		if k.Holdout > 0 {
			all = append(all, experiment.Experiment{Kind: experiment.OfCampaign, Campaign: k, Share: k.Holdout, Since: since(versions, func(was *offers.Campaign) bool { return was.Holdout == k.Holdout })})
		}
		if k.Split > 0 && len(k.Offers) > 1 {
			all = append(all, experiment.Experiment{Kind: experiment.OfOffers, Campaign: k, Share: k.Split, Since: since(versions, func(was *offers.Campaign) bool {
				return was.Split == k.Split && was.Holdout == k.Holdout && slices.EqualFunc(was.Offers, k.Offers, func(a, b offers.Offer) bool { return a.ID == b.ID && a.Discount == b.Discount })
			})})
		}
	}
	slices.SortStableFunc(all, func(a, b experiment.Experiment) int { return rankOf(a) - rankOf(b) })
	return all, nil
}

// rankOf puts the house's experiment first, those that compare offers last.
func rankOf(x experiment.Experiment) int {
	return slices.Index([]experiment.Kind{experiment.OfHouse, experiment.OfCampaign, experiment.OfOffers}, x.Kind)
}

// since is when a campaign became what it still is, of the versions newest first.
func since(versions []catalog.CampaignVersion, is func(*offers.Campaign) bool) time.Time {
	at := time.Time{}
	for i := range versions {
		if !is(&versions[i].Campaign) {
			break
		}
		at = versions[i].At
	}
	return at.Add(settles)
}

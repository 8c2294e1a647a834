package preflight

import (
	"slices"
	"time"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/evaluate"
	"aisle/offers/rank"
)

// judge notes what the campaign as it was written would have chosen at a moment of
// the log, and with which probabilities: with the shopper's contacts and the
// model's beliefs as they were then, so that nothing differs but the campaign. log
// is nil where nothing was decided.
//
// Somebody who is held out gets nothing, and so does who nothing runs for. What
// nothing earns is known: no offer is taken that was not made.
func (r *Replay) judge(m *decide.Moment, log *offers.Decision) {
	ranker := r.ranker
	if log != nil {
		ranker = asThen{log, r.ranker}
	}
	d := r.engines[with].Decide(m, ranker)
	row := evaluate.Row{Person: string(m.Profile.Shopper), Logged: 1, Nothing: 1}
	could, modelled := chances(log), !off(d, offers.FactorPropensity)
	var chosen arm
	if log != nil && log.Verdict == offers.Offered && log.Offer != nil && !log.Fallback {
		chosen, row.Logged = arm{log.Campaign, log.Offer.ID}, log.Probability
		modelled = modelled && !off(log, offers.FactorPropensity)
	}
	given := 0.
	for i := range d.Candidates {
		c := &d.Candidates[i]
		if c.Out != "" || c.Probability <= 0 || r.holds(with, c.Campaign, d.Shopper) {
			continue
		}
		a := arm{c.Campaign, c.Offer}
		given += c.Probability
		worth := r.values[with][a]
		if modelled {
			row.Policy += c.Probability * c.Propensity * worth
		}
		switch {
		case a == chosen:
			row.Target = c.Probability
		case !(could[a] > 0) || withheld(log, a.campaign) || r.holds(without, a.campaign, d.Shopper):
			row.Unsupported += c.Probability
		}
	}
	row.Nothing = min(max(1-given, 0), 1)
	row.Unsupported = min(row.Unsupported, 1)
	if chosen == (arm{}) && row.Nothing == 1 {
		return // neither of them had anything to say
	}
	one := &moment{Row: row, at: m.Event.Time}
	if chosen != (arm{}) {
		one.worth = log.Offer.Value.Major()
		if modelled {
			one.Model = propensity(log) * one.worth
		}
		r.moments[log.ID] = one
	}
	r.rows = append(r.rows, one)
}

// withheld tells whether a decision shows that its shopper was held out of a
// campaign.
func withheld(d *offers.Decision, c offers.CampaignID) bool {
	return d.Verdict == offers.HeldOut && (d.HeldBy == offers.HeldByHouse || d.Campaign == c)
}

// holds tells whether a shopper is held out of a campaign.
func (r *Replay) holds(w world, id offers.CampaignID, shopper offers.ShopperID) bool {
	c := r.house[w].Campaigns[id]
	return decide.HouseHolds(r.house[w].House.Holdout, shopper) || c != nil && decide.CampaignHolds(c, shopper)
}

// outcome notes that an offer of the log was taken, or that this was a mistake.
func (r *Replay) outcome(e *offers.Event) {
	m := r.moments[e.Decision]
	switch {
	case m == nil:
	case e.Type == offers.RedemptionUndone:
		m.Reward = 0
	case e.Type == offers.OfferRedeemed && e.Time.Sub(m.at) <= r.options.Window:
		m.Reward = m.worth
	}
}

// chances are the probabilities of what a decision could have chosen.
func chances(d *offers.Decision) map[arm]float64 {
	all := map[arm]float64{}
	if d == nil {
		return all
	}
	for i := range d.Candidates {
		if c := &d.Candidates[i]; c.Out == "" {
			all[arm{c.Campaign, c.Offer}] = c.Probability
		}
	}
	return all
}

// propensity is what the model expected of the offer that was chosen, which leads
// the candidates.
func propensity(d *offers.Decision) float64 {
	if len(d.Candidates) == 0 {
		return 0
	}
	return d.Candidates[0].Propensity
}

func off(d *offers.Decision, f offers.Factor) bool { return slices.Contains(d.Off, f) }

// asThen is the ranker of a decision on the log: of its candidates it says what was
// said of them then, of others what is believed now.
type asThen struct {
	decision *offers.Decision
	now      decide.Ranker
}

func (a asThen) Version() string { return a.decision.Model }

func (a asThen) Predict(dst []rank.Estimate, c *offers.Context, arms []rank.Arm) []rank.Estimate {
	dst = a.now.Predict(dst, c, arms)
	for i := range arms {
		for j := range a.decision.Candidates {
			if k := &a.decision.Candidates[j]; k.Out == "" && k.Campaign == arms[i].Campaign && k.Offer == arms[i].Offer && k.Propensity > 0 {
				dst[i] = rank.Estimate{Mean: k.Propensity, SD: k.Uncertainty}
				break
			}
		}
	}
	return dst
}

// expectation is what the model expects of an offer before one is drawn: its value,
// and how far it is unsure of it.
type expectation struct {
	campaign offers.CampaignID
	rank.Estimate
}

func (r *Replay) expected(w world, d *offers.Decision) (all []expectation) {
	if off(d, offers.FactorPropensity) {
		return nil
	}
	for i := range d.Candidates {
		c := &d.Candidates[i]
		if c.Out != "" || c.Probability <= 0 || r.holds(w, c.Campaign, d.Shopper) {
			continue
		}
		worth := c.Probability * r.values[w][arm{c.Campaign, c.Offer}]
		all = append(all, expectation{c.Campaign, rank.Estimate{Mean: worth * c.Propensity, SD: worth * c.Uncertainty}})
	}
	return all
}

// settled tells of a row whether all that may become of it had time to.
func (r *Replay) settled(m *moment, until time.Time) bool {
	return !m.at.Add(r.options.Window).After(until)
}

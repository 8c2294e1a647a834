// Package decide finds the right offer for one shopper at one moment, or none,
// and says why.
//
// It is pure: the same moment, catalogue and model give the same decision,
// today and in a replay. A campaign that the moment's event wakes passes three
// gates (may they? does it make sense? should we?), its offers are scored by
// propensity x context weight x value x lever x reach, and one is drawn with a
// probability that is known exactly and recorded, so that what is learned from
// it later is not biased.
package decide

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/offers/rule"
	"aisle/offers/scenario"
	"aisle/offers/visit"
)

// How long a house waits for events that are out of order, unless it is configured
// otherwise. Timers wait for Disorder behind the newest event; what comes later
// than that and Lateness wakes no campaign.
const (
	Disorder = 5 * time.Second
	Lateness = scenario.Lateness
)

// Moment is everything that one decision may look at.
type Moment struct {
	ID      offers.DecisionID
	Offset  int64 // of the event in its partition
	Event   *offers.Event
	Profile *offers.Profile // after the event was folded
	Late    time.Duration   // how long ago it is, if that is too long for any offer; else 0
	Ask     *Ask            // a page or screen asks; Event says when, and of which shop and zone
}

// Ranker says how likely a shopper is to take an offer. rank.Model is one; a
// campaign's own model behind HTTP is another.
type Ranker interface {
	Version() string
	Predict(dst []rank.Estimate, c *offers.Context, arms []rank.Arm) []rank.Estimate
}

const (
	// exploration is the least probability of an offer in the running, shared
	// among them: what is never tried is never learned.
	exploration = .05
	// reachScaleM is the walking distance at which an offer is worth 1/e of what
	// it is worth in the zone where the shopper stands.
	reachScaleM = 40.
	// leastValue keeps offers without a value in the running, in major units.
	leastValue = .01
)

// DecisionID names the n-th decision on an event.
func DecisionID(partition int, offset int64, n int) offers.DecisionID {
	return offers.DecisionID(strconv.Itoa(partition) + "-" + strconv.FormatInt(offset, 10) + "-" + strconv.Itoa(n))
}

// ParseDecisionID is DecisionID backwards.
func ParseDecisionID(id offers.DecisionID) (partition int, offset int64, n int, err error) {
	parts := strings.Split(string(id), "-")
	if len(parts) == 3 {
		var errs [3]error
		partition, errs[0] = strconv.Atoi(parts[0])
		offset, errs[1] = strconv.ParseInt(parts[1], 10, 64)
		n, errs[2] = strconv.Atoi(parts[2])
		if errs == [3]error{} && DecisionID(partition, offset, n) == id {
			return partition, offset, n, nil
		}
	}
	return 0, 0, 0, fmt.Errorf("decision id %q: %w: want partition-offset-n", id, offers.ErrInvalid)
}

// Decide answers the moment. It returns a decision also where there is no
// offer; call it for events that Triggers says yes to, and for what is asked.
func (e *Engine) Decide(m *Moment, r Ranker) *offers.Decision {
	w := e.desk(m)
	defer e.desks.Put(w)
	s := &w.scene
	d := &offers.Decision{
		ID: m.ID, Shopper: m.Profile.Shopper, Shop: s.shopID, Zone: s.zone.ID,
		Event: m.Event.ID, Trigger: m.Event.Type, Time: m.Event.Time, Received: m.Event.Received, Offset: m.Offset,
		Consents: given(m.Profile), Off: e.off,
		Verdict: offers.NoOffer, Model: r.Version(), Features: s.vars.Features.Known(), Context: s.context,
	}
	s.context.Features = d.Features
	if m.Ask != nil {
		e.answer(d, m, w, r)
		return d
	}
	for _, c := range e.wakes[m.Event.Type].in(m.Event.Zone) {
		if !c.woken(m.Event) {
			continue
		}
		channels, out, detail := e.exclude(c, m, w)
		if out != "" {
			w.out = append(w.out, offers.Candidate{Campaign: c.ID, Name: c.Name, Out: out, Detail: detail})
			continue
		}
		only := c.only(m.Profile.Shopper)
		for i := range c.Offers {
			o := &c.Offers[i]
			if why := only.not(o); why != "" {
				w.out = append(w.out, offers.Candidate{Campaign: c.ID, Name: c.Name, Offer: o.ID, Title: o.Title, Out: offers.OutSplit, Detail: why})
				continue
			}
			w.running = append(w.running, runner{c, o, channels})
		}
	}
	if pick := e.arbitrate(w, r, string(d.ID)); pick >= 0 {
		won := w.running[pick]
		offer := *won.offer
		d.Verdict, d.Campaign, d.Offer, d.Channels = offers.Offered, won.campaign.ID, &offer, won.channels
		d.Probability, d.Expires = w.probabilities[pick], d.Time.Add(offer.Valid)
		if d.HeldBy = e.held(won.campaign, d.Shopper); d.HeldBy != "" {
			d.Verdict = offers.HeldOut
		}
		w.order = append(w.order, pick)
	}
	d.Candidates = w.candidates()
	return d
}

// given lists the purposes that the shopper has agreed to.
func given(p *offers.Profile) []offers.Purpose {
	var yes []offers.Purpose
	for _, purpose := range offers.Purposes {
		if p.Consented(purpose) {
			yes = append(yes, purpose)
		}
	}
	return yes
}

// runner is an offer that passed the gates.
type runner struct {
	campaign *campaign
	offer    *offers.Offer
	channels []offers.Channel
}

// arbitrate scores those in the running, and draws one: its index, or -1 if
// there are none.
func (e *Engine) arbitrate(w *desk, r Ranker, seedName string) int {
	n := len(w.running)
	if n == 0 {
		return -1
	}
	w.arms, w.multipliers, w.scored = w.arms[:0], w.multipliers[:0], w.scored[:0]
	for _, n := range w.running {
		w.arms = append(w.arms, rank.ArmOf(n.campaign.ID, n.offer, n.channels))
	}
	w.estimates = r.Predict(w.estimates[:0], &w.scene.context, w.arms)
	for i, n := range w.running {
		c := e.score(n, w.estimates[i], &w.scene)
		w.multipliers = append(w.multipliers, c.Weight*c.Value*c.Lever*c.Reach)
		w.estimates[i] = rank.Estimate{Mean: c.Propensity, SD: c.Uncertainty}
		w.scored = append(w.scored, c)
	}
	var pick int
	w.probabilities, pick = rank.Draw(w.probabilities, w.estimates, w.multipliers, exploration/float64(n), seed(seedName))
	for i := range w.scored {
		w.scored[i].Probability = w.probabilities[i]
	}
	return pick
}

// score is what an offer in the running is worth, factor by factor. One that is
// switched off counts 1.
func (e *Engine) score(n runner, estimate rank.Estimate, s *scene) offers.Candidate {
	c := offers.Candidate{
		Campaign: n.campaign.ID, Name: n.campaign.Name, Offer: n.offer.ID, Title: n.offer.Title,
		Propensity: 1, Weight: 1, Value: 1, Lever: 1, Reach: 1,
	}
	if e.counts(offers.FactorPropensity) {
		c.Propensity, c.Uncertainty, c.Model = estimate.Mean, estimate.SD, estimate.By
	}
	if e.counts(offers.FactorContext) {
		c.Weight = s.weight(n.campaign.Campaign)
	}
	if e.counts(offers.FactorValue) {
		c.Value = max(leastValue, n.offer.Value.Major())
	}
	if e.counts(offers.FactorLever) {
		c.Lever = 1 + n.campaign.Lever/100
	}
	if from, to, ok := s.way(n.offer.Zone); ok && e.counts(offers.FactorReach) {
		c.DetourM = math.Hypot(from.X-to.X, from.Y-to.Y)
		c.Reach = math.Exp(-c.DetourM / reachScaleM)
	}
	c.Score = c.Propensity * c.Weight * c.Value * c.Lever * c.Reach
	return c
}

func (e *Engine) counts(f offers.Factor) bool { return !slices.Contains(e.off, f) }

// seed makes randomness of a name, the same each time. FNV's low bits are weak
// on short names, so SplitMix64's finaliser mixes them (Steele et al. 2014).
func seed(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	x := h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// scene is the moment as rules and the ranker see it.
type scene struct {
	vars    rule.Vars
	context offers.Context
	shop    *place // nil where it is not known
	shopID  offers.ShopID
	zone    offers.Zone // the zero zone where it is not known
	local   time.Time   // in the shop's zone
	held    bool        // their phone is with somebody else
	ask     *Ask
	silence silence // of the group that was asked for last
}

// look sees a moment by itself.
func (e *Engine) look(m *Moment) *scene {
	s := new(scene)
	e.see(s, m)
	return s
}

// see writes what a moment is over a scene.
func (e *Engine) see(s *scene, m *Moment) {
	ev, p := m.Event, m.Profile
	*s = scene{vars: s.vars.Again(), shopID: ev.Shop, local: ev.Time.UTC(), held: visit.Held(p, ev.Time), ask: m.Ask}
	zone, v := ev.Zone, visit.Present(p, ev.Time)
	if m.Ask != nil && !p.Consented(offers.ConsentLocation) { // a page hears of no place then
		zone, v = "", nil
	}
	if v != nil {
		if s.shopID == "" {
			s.shopID = v.Shop
		}
		if zone == "" && v.Shop == s.shopID {
			zone = v.Zone
		}
		s.vars.InShop = true
		s.vars.Minutes = ev.Time.Sub(v.Started).Minutes()
		s.vars.Senses = len(v.Witnesses)
		if v.Zone == zone && !v.ZoneSince.IsZero() {
			s.vars.Dwell = ev.Time.Sub(v.ZoneSince).Seconds()
		}
		s.context.Senses = make([]offers.Sensor, 0, len(v.Witnesses))
		for sense := range v.Witnesses {
			s.context.Senses = append(s.context.Senses, sense)
		}
		slices.Sort(s.context.Senses)
	}
	if s.shop = e.places[s.shopID]; s.shop != nil {
		if s.shop.clock != nil {
			s.local = ev.Time.In(s.shop.clock)
		}
		s.zone = s.shop.zones[zone]
	}
	values, category := e.features.Values(s.vars.Features, p, ev.Time), e.features.Category(ev)
	s.vars.Features, s.vars.Event, s.vars.Category = values, ev, category
	s.vars.Shop, s.vars.Zone, s.vars.ZoneKind = string(s.shopID), string(s.zone.ID), string(s.zone.Kind)
	s.vars.ZoneOf = s.zone.Category
	s.vars.Tier, s.vars.Hour, s.vars.Weekday = p.Traits.Tier, s.local.Hour(), int(s.local.Weekday())

	s.context.Hour, s.context.Weekday, s.context.Tier = s.local.Hour(), int(s.local.Weekday()), p.Traits.Tier
	s.context.Shopper = p.Shopper
	s.context.Category = cmp.Or(s.zone.Category, category)
	if e.searches >= 0 {
		s.context.Searched = dearest(values.Numbers[e.searches], 3)
	}
}

// way is from where the shopper stands to where an offer is used, if both are
// known.
func (s *scene) way(zone offers.ZoneID) (from, to offers.Point, ok bool) {
	if s.shop == nil || zone == "" || s.zone.ID == "" {
		return from, to, false
	}
	to, ok = s.shop.centres[zone]
	return s.shop.centres[s.zone.ID], to, ok
}

// dearest are the keys with the greatest numbers, greatest first.
func dearest(by map[string]float64, most int) []string {
	keys := make([]string, 0, len(by))
	for k := range by {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(by[b], by[a]), cmp.Compare(a, b))
	})
	return keys[:min(most, len(keys))]
}

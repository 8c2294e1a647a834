// Package preflight tries a campaign on what has already happened, before anybody
// gets it: what shoppers did in the last days goes once more through the code
// that decides, once with the house as it is and once with the campaign as it was
// written, and what the two decide is laid side by side.
//
// It is pure: the same events give the same answer. What it says is of three
// kinds, which it keeps apart: what the code would have decided, which is certain;
// what the model expects of that, with its uncertainty; and what the house's own
// decisions, whose probabilities are known, say it would have earned, or that
// they cannot say.
package preflight

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/evaluate"
	"aisle/offers/feature"
	"aisle/offers/rank"
)

// House is where a campaign is tried.
type House struct {
	Catalogue *offers.Catalogue // as it is
	Features  *feature.Set
	Ranker    decide.Ranker // nil: one that has learned nothing
	Off       []offers.Factor
}

// Options of a preflight. Since is needed; the rest has defaults.
type Options struct {
	Since  time.Time     // what happened before is folded, and decides nothing
	Window time.Duration // in which an outcome counts as a decision's own; default 2 h

	// As the deciders have it: what comes later than that behind the newest wakes
	// no campaign.
	Disorder time.Duration // default 5 s
	Lateness time.Duration // default 5 min

	Seed uint64 // of the intervals
}

func (o Options) withDefaults() Options {
	o.Window = cmp.Or(o.Window, 2*time.Hour)
	o.Disorder = cmp.Or(o.Disorder, decide.Disorder)
	o.Lateness = cmp.Or(o.Lateness, decide.Lateness)
	return o
}

// world is one of those in which a shopper's contacts go their own way.
type world int

const (
	logged  world = iota // as it was
	without              // decided once more, the campaign as it is in the house
	with                 // the campaign as it was written
	worlds
)

// Replay is a preflight while it goes on. It takes partitions one after the other,
// and of each what happened in its order. For one goroutine.
type Replay struct {
	options  Options
	ranker   decide.Ranker
	campaign *offers.Campaign // as it was written, live
	house    [worlds]*offers.Catalogue
	engines  [worlds]*decide.Engine // none for logged
	values   [worlds]map[arm]float64

	partition int
	people    map[offers.ShopperID]*person
	seen      map[offers.EventID]bool
	decisions map[int64]*offers.Decision // of the log, by the offset of their event
	watermark time.Time

	moments map[offers.DecisionID]*moment // of the log, for what becomes of them
	rows    []*moment
	tally   tally
}

// arm is an offer of a campaign.
type arm struct {
	campaign offers.CampaignID
	offer    offers.OfferID
}

// person is a shopper as far as the replay knows them.
type person struct {
	profile  offers.Profile
	contacts [worlds][]offers.Contact
}

// moment is one at which something was decided, or would have been.
type moment struct {
	evaluate.Row
	at    time.Time
	worth float64 // of what was chosen, if it is taken
}

// New makes a replay ready. The campaign is tried as if it were live. ErrInvalid:
// its rules do not compile.
func New(h House, k offers.Campaign, o Options) (*Replay, error) {
	r := &Replay{
		options: o.withDefaults(), ranker: h.Ranker, campaign: &k,
		people: map[offers.ShopperID]*person{}, moments: map[offers.DecisionID]*moment{},
	}
	if r.ranker == nil {
		r.ranker = rank.New()
	}
	k.Status = offers.CampaignLive
	changed := *h.Catalogue
	changed.Campaigns = maps.Clone(changed.Campaigns)
	if changed.Campaigns == nil {
		changed.Campaigns = map[offers.CampaignID]*offers.Campaign{}
	}
	changed.Campaigns[k.ID] = &k
	r.house = [worlds]*offers.Catalogue{without: h.Catalogue, with: &changed}
	r.engines[without], _ = decide.New(h.Catalogue, h.Features, h.Off...)
	var broken map[offers.CampaignID]error
	r.engines[with], broken = r.engines[without].With(&changed)
	if err := broken[k.ID]; err != nil {
		return nil, fmt.Errorf("preflight: %w: %w", offers.ErrInvalid, err)
	}
	for _, w := range []world{without, with} {
		r.values[w] = map[arm]float64{}
		for _, c := range r.house[w].Campaigns {
			for i := range c.Offers {
				r.values[w][arm{c.ID, c.Offers[i].ID}] = c.Offers[i].Value.Major()
			}
		}
	}
	r.tally.begin(k.ID)
	r.Partition(0)
	return r, nil
}

// Partition begins another partition of the log. Who is in it is in no other.
func (r *Replay) Partition(number int) {
	r.partition, r.watermark = number, time.Time{}
	clear(r.people)
	r.seen, r.decisions = map[offers.EventID]bool{}, map[int64]*offers.Decision{}
	clear(r.moments)
}

// Know tells what is known of a shopper now. What they had answered, were called
// and had got before their first event of the replay holds then too; what they did
// before is not known. Events of them come after it.
func (r *Replay) Know(now *offers.Profile, first time.Time) {
	p := r.person(now.Shopper)
	p.profile.Traits = now.Traits
	for purpose, c := range now.Consents {
		if !c.At.After(first) {
			if p.profile.Consents == nil {
				p.profile.Consents = map[offers.Purpose]offers.Consent{}
			}
			p.profile.Consents[purpose] = c
		}
	}
	for _, c := range now.Contacts {
		if c.At.Before(first) && c.At.Before(r.options.Since) {
			p.remember(c, logged, without, with)
		}
	}
}

// Decided tells of a decision on the log. It comes before the event that woke it.
func (r *Replay) Decided(d *offers.Decision) { r.decisions[d.Offset] = d }

func (r *Replay) person(id offers.ShopperID) *person {
	p := r.people[id]
	if p == nil {
		p = &person{profile: offers.Profile{Shopper: id}}
		r.people[id] = p
	}
	return p
}

// Happened takes the event at an offset of the partition.
func (r *Replay) Happened(offset int64, e *offers.Event) {
	log := r.decisions[offset]
	delete(r.decisions, offset)
	if e.Shopper == "" || e.ID == "" || e.Time.IsZero() {
		return
	}
	p := r.person(e.Shopper)
	leaves := e.Type == offers.Separated && e.Profile != nil && e.Profile.Shopper == e.Shopper
	id := cmp.Or(e.Retells, e.ID)
	switch {
	case e.Type == offers.TimerDue && (p.profile.Wake.IsZero() || e.Time.Before(p.profile.Wake)):
		return // for what is not waited for any more
	case p.profile.Into != "" && e.Type != offers.Merged && !leaves:
		return // it comes again, under the other name
	case r.seen[id]:
		return
	}
	r.seen[id] = true
	if e.Type == offers.Merged {
		*p = person{profile: offers.Profile{Shopper: e.Shopper, Into: e.Into}}
		return
	}
	decide.Fold(r.engines[with].Features(), &p.profile, e)
	if e.Type == offers.ProfileMoved && e.Profile != nil { // what the other one had got
		for _, c := range e.Profile.Contacts {
			p.remember(c, logged, without, with)
		}
	}
	r.engines[with].Advance(&p.profile, e) // what is completed is on the log, and comes by itself
	r.outcome(e)
	m := &decide.Moment{ID: decide.DecisionID(r.partition, offset, 0), Offset: offset, Event: e, Profile: &p.profile, Late: r.late(e)}
	if e.Placed != nil {
		m.Ask = askOf(e)
		log = nil
	}
	switch {
	case e.Time.Before(r.options.Since):
		if log != nil {
			p.had(log, logged, without, with)
		}
	case m.Ask != nil || log != nil || r.engines[with].Triggers(e) || r.engines[without].Triggers(e):
		r.decide(p, m, log)
	}
	r.advance(e)
}

// late is how far behind the newest an event is, if that is too far.
func (r *Replay) late(e *offers.Event) time.Duration {
	if behind := r.watermark.Sub(e.Time); !r.watermark.IsZero() && behind > r.options.Lateness {
		return behind
	}
	return 0
}

func (r *Replay) advance(e *offers.Event) {
	at := e.Time
	if !e.Received.IsZero() && e.Received.Before(at) {
		at = e.Received // a client's clock is ahead of ours
	}
	if at = at.Add(-r.options.Disorder); at.After(r.watermark) {
		r.watermark = at
	}
}

// askOf is what a page asked for, as far as its answer tells.
func askOf(e *offers.Event) *decide.Ask {
	d := e.Placed
	ask := &decide.Ask{Placement: d.Placement, Limit: max(1, len(d.Placed)), Told: d.Told, Seed: string(e.ID)}
	for i := range d.Candidates {
		if c := &d.Candidates[i]; c.Out == offers.OutShown {
			ask.Exclude = append(ask.Exclude, c.Offer)
		}
	}
	return ask
}

// decide decides a moment in each world.
func (r *Replay) decide(p *person, m *decide.Moment, log *offers.Decision) {
	if m.Ask == nil {
		p.profile.Contacts = p.contacts[logged]
		r.judge(m, log)
	}
	if log != nil {
		p.had(log, logged)
	}
	var answers [worlds]*offers.Decision
	for _, w := range []world{without, with} {
		p.profile.Contacts = p.contacts[w]
		answers[w] = r.engines[w].Decide(m, r.ranker)
		p.had(answers[w], w)
	}
	p.profile.Contacts = nil
	r.tally.add(answers[without], answers[with], r.expected(without, answers[without]), r.expected(with, answers[with]))
}

// had notes what a shopper was given, for caps and cooldowns.
func (p *person) had(d *offers.Decision, in ...world) {
	if d.Verdict != offers.Offered || d.Offer == nil || d.Fallback {
		return
	}
	if d.Placement == "" {
		p.remember(offers.Contact{Decision: d.ID, Campaign: d.Campaign, Offer: d.Offer.ID, At: d.Time}, in...)
		return
	}
	for i := range d.Placed {
		p.remember(offers.Contact{Decision: d.ID, Campaign: d.Placed[i].Campaign, Offer: d.Placed[i].Offer.ID, At: d.Time, Placement: d.Placement}, in...)
	}
}

func (p *person) remember(c offers.Contact, in ...world) {
	for _, w := range in {
		all := p.contacts[w]
		if slices.ContainsFunc(all, func(k offers.Contact) bool { return k.Decision == c.Decision && k.Offer == c.Offer }) {
			continue
		}
		if len(all) >= offers.MaxContacts {
			all = slices.Delete(all, 0, len(all)+1-offers.MaxContacts)
		}
		p.contacts[w] = append(all, c)
	}
}

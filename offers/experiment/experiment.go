// Package experiment says what offers earn: shoppers who get none on purpose are
// compared with those who get them, and shoppers who keep to one offer each with
// those who keep to another.
//
// Persons are counted, never moments: who is held out has no contact that would
// count towards a cap, and so has more moments than others. A person comes into an
// experiment at the first moment at which their arm could matter, which is the
// same in every arm, and counts with what they did from then on. What they did
// before makes the comparison sharper.
package experiment

import (
	"cmp"
	"slices"
	"time"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/evaluate"
)

// Kind is what an experiment compares.
type Kind string

// Kinds of experiments.
const (
	OfHouse    Kind = "house"    // any offers against none at all
	OfCampaign Kind = "campaign" // a campaign's offers against none of it
	OfOffers   Kind = "offers"   // a campaign's offers, one against the others
)

// Experiment is one that runs.
type Experiment struct {
	Kind     Kind
	Campaign *offers.Campaign // nil for the house's
	Share    float64          // of the shoppers who are held out, or who keep to one offer
	Since    time.Time        // its arms have been what they are since then
}

// Measure is what is counted of a person.
type Measure string

// Measures.
const (
	Spent    Measure = "spent"    // in orders that the house was told of, in major units
	Orders   Measure = "orders"   // that the house was told of
	Redeemed Measure = "redeemed" // offers of the campaign, or of any
)

// Measures lists them all, the one to judge by first.
var Measures = []Measure{Spent, Orders, Redeemed}

// Book counts. It takes what happened partition by partition, in the order of each;
// who is in one partition is in no other. For one goroutine.
type Book struct {
	experiments []Experiment
	people      map[offers.ShopperID]*person // of the partition
	given       map[offers.DecisionID]given
	seen        map[offers.EventID]bool
	arms        [][]arm // of each experiment
	mixed       []int   // persons whose arm changed
	merged      int     // persons who turned out to be another
	taken       int     // records so far, to tell what was before what
	from, until time.Time
}

type given struct {
	campaign offers.CampaignID
	depth    float64
	used     int     // which record said that its code was used; 0: none does now
	away     float64 // by that use
}

// sums are what a person did so far.
type sums struct {
	spent, orders, redeemed float64
	away                    float64 // given away: the depth of what they redeemed, of its basket
}

type person struct {
	all     sums
	by      map[offers.CampaignID]sums // redeemed and given away, of one campaign
	entered []entered                  // by experiment
	gone    bool                       // they are somebody else now
}

type entered struct {
	in      int // with which record; 0: not yet
	mixed   bool
	arm     int
	at      sums
	ofTheir sums // of the campaign
}

// arm is what is known of the people of one.
type arm struct {
	people [3]evaluate.Arm // by measure
	away   float64
}

// New begins to count.
func New(experiments []Experiment) *Book {
	b := &Book{experiments: experiments, arms: make([][]arm, len(experiments)), mixed: make([]int, len(experiments))}
	for i, x := range experiments {
		n := 2
		if x.Kind == OfOffers {
			n = len(x.Campaign.Offers) + 1 // the last of those who are held out of the campaign
		}
		b.arms[i] = make([]arm, n)
	}
	b.Forget()
	return b
}

// Forget lets go of a partition that was not read to its end: its people are not
// counted.
func (b *Book) Forget() {
	b.people, b.given, b.seen = map[offers.ShopperID]*person{}, map[offers.DecisionID]given{}, map[offers.EventID]bool{}
}

// Partition ends a partition: its people are counted.
func (b *Book) Partition() {
	for _, p := range b.people {
		if p.gone {
			b.merged++
			continue
		}
		for i := range p.entered {
			e := &p.entered[i]
			switch {
			case e.in == 0:
			case e.mixed:
				b.mixed[i]++
			default:
				b.count(i, e, p)
			}
		}
	}
	b.Forget()
}

// count adds a person to their arm.
func (b *Book) count(i int, e *entered, p *person) {
	a := &b.arms[i][e.arm]
	now, then := p.all, e.at
	if c := b.experiments[i].Campaign; c != nil {
		mine := p.by[c.ID]
		now.redeemed, now.away, then.redeemed, then.away = mine.redeemed, mine.away, e.ofTheir.redeemed, e.ofTheir.away
	}
	a.people[0].Add(now.spent-then.spent, then.spent)
	a.people[1].Add(now.orders-then.orders, then.orders)
	a.people[2].Add(now.redeemed-then.redeemed, then.redeemed)
	a.away += now.away - then.away
}

func (b *Book) person(id offers.ShopperID) *person {
	p := b.people[id]
	if p == nil {
		p = &person{by: map[offers.CampaignID]sums{}, entered: make([]entered, len(b.experiments))}
		b.people[id] = p
	}
	return p
}

// Happened takes an event.
func (b *Book) Happened(e *offers.Event) {
	switch e.Type {
	case offers.OrderCompleted, offers.OfferRedeemed, offers.RedemptionUndone, offers.Merged:
	default:
		return
	}
	if id := cmp.Or(e.Retells, e.ID); b.seen[id] {
		return
	} else {
		b.seen[id] = true
	}
	b.taken++
	p := b.person(e.Shopper)
	switch e.Type {
	case offers.Merged:
		p.gone = true
	case offers.OrderCompleted:
		p.all.orders++
		p.all.spent += e.Value.Major()
	case offers.OfferRedeemed:
		if g, ok := b.given[e.Decision]; ok && g.used == 0 { // a code is used once
			g.used, g.away = b.taken, g.depth*e.Value.Major()
			b.given[e.Decision] = g
			p.redeem(g.campaign, 1, g.away)
		}
	case offers.RedemptionUndone:
		if g, ok := b.given[e.Decision]; ok && g.used > 0 {
			b.undo(p, g)
			g.used = 0
			b.given[e.Decision] = g
		}
	}
}

// redeem counts uses of a campaign's codes.
func (p *person) redeem(c offers.CampaignID, uses, away float64) {
	mine := p.by[c]
	mine.add(uses, away)
	p.by[c] = mine
	p.all.add(uses, away)
}

func (s *sums) add(redeemed, away float64) {
	s.redeemed += redeemed
	s.away += away
}

// undo takes back that a code was used, also of what their person had done before
// they came into an experiment.
func (b *Book) undo(p *person, g given) {
	p.redeem(g.campaign, -1, -g.away)
	for i := range p.entered {
		e := &p.entered[i]
		if e.in <= g.used {
			continue
		}
		e.at.add(-1, -g.away)
		if c := b.experiments[i].Campaign; c != nil && c.ID == g.campaign {
			e.ofTheir.add(-1, -g.away)
		}
	}
}

// Decided takes a decision of the log. It comes before what becomes of it.
func (b *Book) Decided(d *offers.Decision) {
	if b.from.IsZero() || d.Time.Before(b.from) {
		b.from = d.Time
	}
	if d.Time.After(b.until) {
		b.until = d.Time
	}
	b.taken++
	p := b.person(d.Shopper)
	drawn := d.Offer != nil && !d.Fallback && (d.Verdict == offers.Offered || d.Verdict == offers.HeldOut)
	if drawn && d.Verdict == offers.Offered {
		b.given[d.ID] = given{campaign: d.Campaign, depth: d.Offer.Discount}
	}
	for i := range b.experiments {
		x := &b.experiments[i]
		if d.Time.Before(x.Since) {
			continue
		}
		switch x.Kind {
		case OfHouse:
			if drawn {
				b.enter(i, p, armOf(decide.HouseHolds(x.Share, d.Shopper)), armOf(d.HeldBy == offers.HeldByHouse))
			}
		case OfCampaign:
			if drawn && d.Campaign == x.Campaign.ID && d.HeldBy != offers.HeldByHouse {
				b.enter(i, p, armOf(decide.CampaignHolds(x.Campaign, d.Shopper)), armOf(d.Verdict == offers.HeldOut))
			}
		case OfOffers:
			if o := decide.KeepsTo(x.Campaign, d.Shopper); o != nil && d.HeldBy != offers.HeldByHouse && runs(d, x.Campaign.ID) {
				at := offerOf(x.Campaign, o.ID)
				if decide.CampaignHolds(x.Campaign, d.Shopper) {
					at = len(x.Campaign.Offers)
				}
				was := at
				if drawn && d.Campaign == x.Campaign.ID {
					if was = offerOf(x.Campaign, d.Offer.ID); d.Verdict == offers.HeldOut {
						was = len(x.Campaign.Offers)
					}
				}
				b.enter(i, p, at, was)
			}
		}
	}
}

// enter brings a person into an experiment, once. Who is seen in another arm than
// theirs is in none: the arms changed under them.
func (b *Book) enter(i int, p *person, arm, seen int) {
	e := &p.entered[i]
	if e.in == 0 {
		*e = entered{in: b.taken, arm: arm, at: p.all}
		if c := b.experiments[i].Campaign; c != nil {
			e.ofTheir = p.by[c.ID]
		}
	}
	if arm != seen {
		e.mixed = true
	}
}

// Arms of a holdout.
const (
	treated = 0
	control = 1
)

func offerOf(c *offers.Campaign, id offers.OfferID) int {
	return slices.IndexFunc(c.Offers, func(o offers.Offer) bool { return o.ID == id })
}

func armOf(held bool) int {
	if held {
		return control
	}
	return treated
}

// runs tells whether one of a campaign's offers was in the running: whether it was
// drawn may depend on which.
func runs(d *offers.Decision, id offers.CampaignID) bool {
	return slices.ContainsFunc(d.Candidates, func(c offers.Candidate) bool { return c.Campaign == id && c.Out == "" && !c.Fallback })
}

package experiment

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"aisle/offers"
	"aisle/offers/evaluate"
)

const (
	level = .95
	// planned is for how many people the interval that always holds is tightest.
	// It has to be chosen before anybody looks, and so is the same for all.
	planned = 5000
	// unlucky is how unlikely people's fall into arms may be by chance.
	unlucky = .001
)

// Result is what an experiment says so far.
type Result struct {
	Kind     Kind              `json:"kind"`
	Campaign offers.CampaignID `json:"campaign,omitempty"`
	Name     string            `json:"name"`
	Share    float64           `json:"share"`
	Since    time.Time         `json:"since"`
	Arms     []Arm             `json:"arms"`
	Primary  Measure           `json:"primary"` // that it is judged by
	Lifts    []Lift            `json:"lifts"`
	Mismatch float64           `json:"mismatch"` // chance of falling into arms as unevenly as they did
	Uneven   bool              `json:"uneven"`   // that chance is less than 1 in 1,000: nothing else means anything
	Mixed    int               `json:"mixed"`    // persons left out, as their arm changed under them
	Verdict  Verdict           `json:"verdict"`
	Ladder   *Ladder           `json:"ladder,omitempty"`
}

// Arm is what the people of one did.
type Arm struct {
	Name     string         `json:"name"`
	Offer    offers.OfferID `json:"offer,omitempty"`
	Depth    float64        `json:"depth,omitempty"`
	Share    float64        `json:"share"` // that it should have of them
	People   int            `json:"people"`
	Spent    float64        `json:"spent"` // a person
	Orders   float64        `json:"orders"`
	Redeemed float64        `json:"redeemed"`
	Away     float64        `json:"given_away"` // the depth of what was redeemed, of its basket; a person
}

// Lift is what an arm did more than another.
type Lift struct {
	Measure Measure `json:"measure"`
	Arm     int     `json:"arm"`
	Against int     `json:"against"`
	Refused string  `json:"refused,omitempty"` // why there is none
	evaluate.Lift
}

// Finding is what may be done with an experiment.
type Finding string

// Findings.
const (
	Stop   Finding = "stop"    // it may be stopped: the answer will not change by looking longer
	NotYet Finding = "not_yet" // it may not
	Broken Finding = "broken"  // people did not fall into arms as they should
)

// Verdict is a finding with its reason, in words.
type Verdict struct {
	Finding Finding `json:"finding"`
	Reason  string  `json:"reason"`
}

// Results are those of all experiments, and from when on decisions were read.
func (b *Book) Results() []Result {
	all := make([]Result, len(b.experiments))
	for i := range b.experiments {
		all[i] = b.result(i)
	}
	return all
}

// Covered is from when until when decisions were read, and how many persons turned
// out to be another and are left out.
func (b *Book) Covered() (from, until time.Time, merged int) { return b.from, b.until, b.merged }

func (b *Book) result(i int) Result {
	x := &b.experiments[i]
	r := Result{Kind: x.Kind, Share: x.Share, Since: x.Since, Mixed: b.mixed[i], Lifts: []Lift{}, Name: "All offers"}
	if x.Campaign != nil {
		r.Campaign, r.Name = x.Campaign.ID, x.Campaign.Name
	}
	counts, shares := []int{}, []float64{}
	for n := range b.arms[i] {
		a := b.arm(i, n)
		if a.Share == 0 && a.People == 0 {
			continue // nobody is held out beside those who are compared
		}
		r.Arms = append(r.Arms, a)
		counts, shares = append(counts, a.People), append(shares, a.Share)
	}
	chance, err := evaluate.Mismatch(counts, shares)
	if err != nil { // a share of 0: then nobody is in it
		chance = 1
	}
	r.Mismatch, r.Uneven = chance, chance < unlucky
	measures := Measures
	if x.Kind != OfOffers {
		measures = []Measure{Spent, Orders} // who is held out redeems nothing, by design
	}
	r.Primary = b.primary(i)
	against := control
	if x.Kind == OfOffers {
		against = 0
	}
	for _, m := range measures {
		for n := range r.Arms {
			if n != against && (x.Kind != OfOffers || n < len(x.Campaign.Offers)) {
				r.Lifts = append(r.Lifts, b.lift(i, m, n, against))
			}
		}
	}
	r.Verdict = verdict(&r)
	if x.Kind == OfOffers {
		r.Ladder = b.ladder(i, &r)
	}
	return r
}

func (b *Book) arm(i, n int) Arm {
	x, a := &b.experiments[i], &b.arms[i][n]
	out := Arm{
		People: a.people[0].People, Spent: a.people[0].Mean(), Orders: a.people[1].Mean(), Redeemed: a.people[2].Mean(),
	}
	if out.People > 0 {
		out.Away = a.away / float64(out.People)
	}
	switch {
	case x.Kind == OfOffers && n == len(x.Campaign.Offers):
		out.Name, out.Share = "Held out", x.Campaign.Holdout
	case x.Kind == OfOffers:
		o := &x.Campaign.Offers[n]
		out.Name, out.Offer, out.Depth, out.Share = o.Title, o.ID, o.Discount, (1-x.Campaign.Holdout)/float64(len(x.Campaign.Offers))
	case n == control:
		out.Name, out.Share = "Held out", x.Share
	default:
		out.Name, out.Share = "May get it", 1-x.Share
		if x.Kind == OfHouse {
			out.Name = "May get offers"
		}
	}
	return out
}

// primary is what an experiment is judged by: what people spent, if the house is
// told of orders at all; else offers redeemed, which can be compared among offers
// only.
func (b *Book) primary(i int) Measure {
	if b.experiments[i].Kind != OfOffers {
		return Spent
	}
	for n := range b.arms[i] {
		if b.arms[i][n].people[1].Mean() > 0 {
			return Spent
		}
	}
	return Redeemed
}

func (b *Book) lift(i int, m Measure, arm, against int) Lift {
	l := Lift{Measure: m, Arm: arm, Against: against}
	at := slices.Index(Measures, m)
	found, err := evaluate.LiftOf(&b.arms[i][arm].people[at], &b.arms[i][against].people[at], level, planned)
	if err != nil {
		l.Refused = fmt.Sprintf("%d and %d people: at least 30 are needed in each arm", b.arms[i][arm].people[at].People, b.arms[i][against].people[at].People)
	}
	l.Lift = found
	return l
}

// verdict says whether an experiment may be stopped, by the intervals that hold
// however often one looks.
func verdict(r *Result) Verdict {
	if r.Uneven {
		return Verdict{Broken, fmt.Sprintf("People fell into the arms more unevenly than chance does once in 1,000 times (%.2g): who is counted depends on the arm, and no lift means anything.", r.Mismatch)}
	}
	n := 0
	for _, a := range r.Arms {
		n += a.People
	}
	var told []string
	for i := range r.Lifts {
		l := &r.Lifts[i]
		if l.Measure != r.Primary {
			continue
		}
		name := r.Arms[l.Arm].Name
		switch {
		case l.Refused != "":
			return Verdict{NotYet, "Not yet: " + l.Refused + "."}
		case l.AnytimeLow > 0 || l.AnytimeHigh < 0:
			told = append(told, fmt.Sprintf("“%s” differs by %s a person (%s to %s)", name, amount(l.Value), amount(l.AnytimeLow), amount(l.AnytimeHigh)))
		case l.Value == 0 && l.AnytimeHigh == 0:
			return Verdict{NotYet, fmt.Sprintf("Not yet: of %s nothing is known in either arm.", word(r.Primary))}
		default:
			return Verdict{NotYet, fmt.Sprintf("Not yet: by %s, “%s” may differ by anything from %s to %s a person, also by nothing.%s", word(r.Primary), name, amount(l.AnytimeLow), amount(l.AnytimeHigh), further(l, n))}
		}
	}
	slices.Sort(told)
	return Verdict{Stop, "May be stopped now: by " + word(r.Primary) + ", " + strings.Join(told, "; ") + ". The interval holds however often one looks, and no difference at all is not in it."}
}

func amount(x float64) string { return strings.ReplaceAll(fmt.Sprintf("%+.3g", x), "-", "−") }

func word(m Measure) string {
	switch m {
	case Spent:
		return "what people spend"
	case Orders:
		return "orders"
	}
	return "offers redeemed"
}

// further says how many people more it may take, if the lift is what it looks
// like.
func further(l *Lift, n int) string {
	half := (l.AnytimeHigh - l.AnytimeLow) / 2
	if l.Value == 0 || half == 0 {
		return ""
	}
	need := float64(n) * (half / l.Value) * (half / l.Value)
	if need > 1e6 {
		return " If it is what it looks like, more than a million people would be needed to tell."
	}
	return fmt.Sprintf(" If it is what it looks like, about %.0f people in all would be needed to tell; there are %d.", math.Ceil(need/100)*100, n)
}

// Ladder is what each depth of a discount does, where a campaign's offers differ in
// nothing else.
type Ladder struct {
	Measure Measure `json:"measure"`
	Steps   []Step  `json:"steps"`  // shallowest first
	Choice  int     `json:"choice"` // the smallest depth that keeps up with the best; -1: it cannot be said
	Saved   float64 `json:"saved"`  // given away less than at the deepest, a person
	Reason  string  `json:"reason"`
}

// Step is one depth.
type Step struct {
	Depth  float64        `json:"depth"`
	Offer  offers.OfferID `json:"offer"`
	Title  string         `json:"title"`
	People int            `json:"people"`
	Value  float64        `json:"value"` // of the measure, a person
	Low    float64        `json:"low"`
	High   float64        `json:"high"`
	Away   float64        `json:"given_away"` // a person
	Keeps  bool           `json:"keeps"`      // it is not worse than the best by more than noise
}

// ladder compares depths by the people who keep to one of them each. What they
// would have done without any is the same at every depth, as it is drawn who keeps
// to which: so what one does less than another is its smaller uplift.
//
// It goes by what people spend, if there are people held out against whom the best
// depth is known to bring something; else by offers redeemed.
func (b *Book) ladder(i int, r *Result) *Ladder {
	c := b.experiments[i].Campaign
	if !onlyDepths(c.Offers) {
		return nil
	}
	order := make([]int, len(c.Offers))
	for n := range order {
		order[n] = n
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(c.Offers[a].Discount, c.Offers[b].Discount) })
	if r.Primary == Spent {
		if l := b.climb(i, r, order, Spent); l.Choice >= 0 {
			return l
		}
	}
	return b.climb(i, r, order, Redeemed)
}

// climb goes up the depths, by a measure.
func (b *Book) climb(i int, r *Result, order []int, m Measure) *Ladder {
	l := &Ladder{Measure: m, Choice: -1}
	at := slices.Index(Measures, m)
	of := func(n int) *evaluate.Arm { return &b.arms[i][n].people[at] }
	few, best := false, 0
	for k, n := range order {
		s := Step{Depth: r.Arms[n].Depth, Offer: r.Arms[n].Offer, Title: r.Arms[n].Name, People: r.Arms[n].People, Value: of(n).Mean(), Away: r.Arms[n].Away}
		half, ok := halfWidth(of(n))
		s.Low, s.High, few = s.Value-half, s.Value+half, few || !ok
		l.Steps = append(l.Steps, s)
		if s.Value > l.Steps[best].Value {
			best = k
		}
	}
	top := &l.Steps[best]
	switch {
	case r.Uneven:
		l.Reason = "People did not fall into the depths evenly: no depth can be chosen."
		return l
	case few:
		l.Reason = "Too few people keep to one depth each: at least 30 are needed at every depth."
		return l
	case !b.brings(i, order[best], m, top):
		l.Reason = fmt.Sprintf("Not yet: even of %.0f %%, which looks best, it is not known well enough by %s what it brings, so that every depth would seem to keep up with it.", 100*top.Depth, word(m))
		return l
	}
	less := make([]float64, len(l.Steps)) // than the best, at most
	for k, n := range order {
		lift, err := evaluate.LiftOf(of(n), of(order[best]), level, planned)
		l.Steps[k].Keeps, less[k] = k == best || err == nil && lift.High >= 0, -lift.Low
	}
	first := slices.IndexFunc(l.Steps, func(s Step) bool { return s.Keeps })
	least, deepest := &l.Steps[first], &l.Steps[len(l.Steps)-1]
	l.Choice, l.Saved = first, deepest.Away-least.Away
	l.Reason = fmt.Sprintf("%.0f %% is the smallest depth that is not worse than the best by more than noise", 100*least.Depth)
	if first != best {
		l.Reason += fmt.Sprintf(": by %s it may be up to %.2g a person worse than %.0f %%, not more", word(m), max(less[first], 0), 100*top.Depth)
	}
	if least != deepest {
		l.Reason += fmt.Sprintf(". It gives away %.2f a person less than %.0f %%", l.Saved, 100*deepest.Depth)
	}
	l.Reason += "."
	return l
}

// brings tells whether it is known what the best depth brings: against people who
// are held out, or, of offers redeemed, of which those redeem none, against
// nothing, within a half of it.
func (b *Book) brings(i, best int, m Measure, top *Step) bool {
	if m == Redeemed {
		return top.Value > 0 && (top.High-top.Low)/2 <= top.Value/2
	}
	at := slices.Index(Measures, m)
	lift, err := evaluate.LiftOf(&b.arms[i][best].people[at], &b.arms[i][len(b.arms[i])-1].people[at], level, planned)
	return err == nil && lift.Low > 0
}

// halfWidth is how far the mean of one arm may be off: half of what the difference
// from another arm just like it may be, whose variance is twice as large.
func halfWidth(a *evaluate.Arm) (float64, bool) {
	l, err := evaluate.LiftOf(a, a, level, planned)
	return (l.High - l.Low) / 2 / math.Sqrt2, err == nil
}

// onlyDepths tells whether offers differ in their depth, and in nothing else that
// a shopper could go by.
func onlyDepths(all []offers.Offer) bool {
	if len(all) < 2 {
		return false
	}
	depths := map[float64]bool{}
	for i := range all {
		o := &all[i]
		depths[o.Discount] = true
		if o.Category != all[0].Category || o.Zone != all[0].Zone || o.Valid != all[0].Valid {
			return false
		}
	}
	return len(depths) == len(all)
}

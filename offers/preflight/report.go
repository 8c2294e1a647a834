package preflight

import (
	"cmp"
	"fmt"
	"hash"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"aisle/offers"
	"aisle/offers/evaluate"
)

// What a report lists at most.
const (
	sampleMost   = 24
	reasonsMost  = 40
	placesMost   = 60
	campaignMost = 60
)

// Report is what a preflight found.
type Report struct {
	Moments  int         `json:"moments"` // decided, of all campaigns
	Without  Side        `json:"without"`
	With     Side        `json:"with"`
	Campaign Side        `json:"campaign"` // of it alone, as it was written
	Before   Side        `json:"before"`   // of it alone, as it is in the house
	Places   []Place     `json:"places"`
	Hours    []int       `json:"hours"` // who would get it, by the hour of the shop
	Tiers    []Tier      `json:"tiers"`
	Sample   []Sampled   `json:"sample"`
	Reasons  []Reason    `json:"reasons"`
	Others   []Displaced `json:"others"`
	Days     []Day       `json:"days"`
	Expected Expected    `json:"expected"`
	Judged   Judged      `json:"judged"`
	Digest   string      `json:"digest"`  // of all that was decided: the same events give the same
	Changed  int         `json:"changed"` // moments at which the two decided otherwise
}

// Side is what one of the two decided.
type Side struct {
	Offered int `json:"offered"`  // moments
	HeldOut int `json:"held_out"` // moments
	Persons int `json:"persons"`  // who got at least one
	Held    int `json:"held"`     // persons who would have got one and are held out
}

// Place is where it would be given.
type Place struct {
	Shop    offers.ShopID `json:"shop,omitempty"`
	Zone    offers.ZoneID `json:"zone,omitempty"`
	Moments int           `json:"moments"`
	Persons int           `json:"persons"`
}

// Tier is a part of the shoppers, by their tier of the loyalty programme.
type Tier struct {
	Tier    string `json:"tier"`
	Moments int    `json:"moments"`
	Persons int    `json:"persons"`
}

// Sampled is one shopper who would get it.
type Sampled struct {
	Shopper offers.ShopperID `json:"shopper"`
	Time    time.Time        `json:"time"`
	Shop    offers.ShopID    `json:"shop,omitempty"`
	Zone    offers.ZoneID    `json:"zone,omitempty"`
	Offer   string           `json:"offer"`
	Before  string           `json:"before,omitempty"` // what they would get without it
}

// Reason is why somebody would not get it.
type Reason struct {
	Out     offers.Exclusion `json:"out"`
	Rule    string           `json:"rule,omitempty"` // that said no, or how it is said to one of them
	Moments int              `json:"moments"`
	Persons int              `json:"persons"`
}

// Displaced is what becomes of another campaign.
type Displaced struct {
	Campaign offers.CampaignID `json:"campaign"`
	Name     string            `json:"name"`
	Without  int               `json:"without"` // offers
	With     int               `json:"with"`
}

// Day is what was decided on one, in the shops' own time.
type Day struct {
	Day      string `json:"day"`
	Without  int    `json:"without"` // offers
	With     int    `json:"with"`
	Campaign int    `json:"campaign"` // of them, of the campaign
}

// Amount is a sum with its interval.
type Amount struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Expected is what the model expects of both, in major units. The interval has the
// model's own uncertainty, whose errors it takes to be the same at every moment of
// a campaign, and that other people might have come.
type Expected struct {
	Known   bool   `json:"known"` // the model is asked at all
	Without Amount `json:"without"`
	With    Amount `json:"with"`
	Gain    Amount `json:"gain"`
}

// Judged is what the house's own decisions say of it.
type Judged struct {
	Report     *evaluate.Report    `json:"report,omitempty"` // nil: there are none
	Conclusion evaluate.Conclusion `json:"conclusion"`
	Open       int                 `json:"open"` // decisions left out: something may still become of them
}

// tally is what a replay counts as it goes on.
type tally struct {
	id        offers.CampaignID
	report    Report
	got       [worlds]map[offers.ShopperID]bool
	held      [worlds]map[offers.ShopperID]bool
	mine, was map[offers.ShopperID]bool // who got the campaign
	mineHeld  map[offers.ShopperID]bool
	wasHeld   map[offers.ShopperID]bool
	places    map[Place]*group
	tiers     map[string]*group
	reasons   map[Reason]*group
	others    map[offers.CampaignID]*Displaced
	days      map[string]*Day
	digest    hash.Hash64
	unsure    [worlds]map[offers.CampaignID]float64
	gains     map[offers.ShopperID][worlds]float64
	known     bool
	hours     [24]int
}

// group is who is in a part.
type group struct {
	moments int
	persons map[offers.ShopperID]bool
}

func (t *tally) begin(id offers.CampaignID) {
	*t = tally{
		id: id, mine: map[offers.ShopperID]bool{}, was: map[offers.ShopperID]bool{},
		mineHeld: map[offers.ShopperID]bool{}, wasHeld: map[offers.ShopperID]bool{},
		places: map[Place]*group{}, tiers: map[string]*group{}, reasons: map[Reason]*group{},
		others: map[offers.CampaignID]*Displaced{}, days: map[string]*Day{}, digest: fnv.New64a(),
		gains: map[offers.ShopperID][worlds]float64{}, known: true,
	}
	for w := range t.got {
		t.got[w], t.held[w], t.unsure[w] = map[offers.ShopperID]bool{}, map[offers.ShopperID]bool{}, map[offers.CampaignID]float64{}
	}
}

func in[K comparable](groups map[K]*group, key K, shopper offers.ShopperID) {
	g := groups[key]
	if g == nil {
		g = &group{persons: map[offers.ShopperID]bool{}}
		groups[key] = g
	}
	g.moments++
	g.persons[shopper] = true
}

// add counts a moment, decided without and with the campaign as it was written.
func (t *tally) add(was, now *offers.Decision, expectedWas, expectedNow []expectation) {
	r, shopper := &t.report, now.Shopper
	r.Moments++
	t.known = t.known && !off(now, offers.FactorPropensity)
	day := t.day(now)
	t.side(&r.Without, without, was)
	t.side(&r.With, with, now)
	for _, d := range []struct {
		decision   *offers.Decision
		side       *Side
		mine, held map[offers.ShopperID]bool
	}{{was, &r.Before, t.was, t.wasHeld}, {now, &r.Campaign, t.mine, t.mineHeld}} {
		if gives(d.decision, t.id) {
			d.side.Offered++
			d.mine[shopper] = true
		}
		if d.decision.Verdict == offers.HeldOut && d.decision.Campaign == t.id {
			d.side.HeldOut++
			d.held[shopper] = true
		}
	}
	day.Without += offered(was)
	day.With += offered(now)
	for _, d := range []*offers.Decision{was, now} {
		for _, c := range givenBy(d) {
			if c == t.id {
				continue
			}
			o := t.others[c]
			if o == nil {
				o = &Displaced{Campaign: c}
				t.others[c] = o
			}
			if o.Name == "" {
				o.Name = nameOf(d, c)
			}
			if d == was {
				o.Without++
			} else {
				o.With++
			}
		}
	}
	if chosen(was) != chosen(now) {
		r.Changed++
	}
	if gives(now, t.id) {
		day.Campaign++
		in(t.places, Place{Shop: now.Shop, Zone: now.Zone}, shopper)
		in(t.tiers, now.Context.Tier, shopper)
		t.hours[now.Context.Hour%24]++
		t.sample(was, now)
	} else {
		t.why(now)
	}
	fmt.Fprintf(t.digest, "%s %s %s %.9f %s %s %.9f\n", now.ID, was.Verdict, chosen(was), was.Probability, now.Verdict, chosen(now), now.Probability)
	sums := t.gains[shopper]
	for w, all := range [worlds][]expectation{without: expectedWas, with: expectedNow} {
		mean := 0.
		for _, x := range all {
			mean += x.Mean
			t.unsure[w][x.campaign] += x.SD
		}
		sums[w] += mean
	}
	t.gains[shopper] = sums
}

func (t *tally) side(s *Side, w world, d *offers.Decision) {
	switch d.Verdict {
	case offers.Offered:
		if offered(d) > 0 {
			s.Offered++
			t.got[w][d.Shopper] = true
		}
	case offers.HeldOut:
		s.HeldOut++
		t.held[w][d.Shopper] = true
	}
}

// day is that of a decision, in its shop's time as far as the hour tells.
func (t *tally) day(d *offers.Decision) *Day {
	at := d.Time.UTC()
	// The context has the shop's hour and weekday; the date is the one about the
	// moment that has that weekday.
	for _, days := range []int{0, 1, -1} {
		if at.AddDate(0, 0, days).Weekday() == time.Weekday(d.Context.Weekday) {
			at = at.AddDate(0, 0, days)
			break
		}
	}
	name := at.Format(time.DateOnly)
	one := t.days[name]
	if one == nil {
		one = &Day{Day: name}
		t.days[name] = one
	}
	return one
}

// sample keeps shoppers who would get it, each once, the first ones.
func (t *tally) sample(was, now *offers.Decision) {
	if len(t.report.Sample) >= sampleMost || slices.ContainsFunc(t.report.Sample, func(s Sampled) bool { return s.Shopper == now.Shopper }) {
		return
	}
	s := Sampled{Shopper: now.Shopper, Time: now.Time, Shop: now.Shop, Zone: now.Zone, Offer: titleOf(now, t.id)}
	if offered(was) > 0 {
		s.Before = was.Offer.Title
	}
	t.report.Sample = append(t.report.Sample, s)
}

// why counts why a campaign that was looked at is not given.
func (t *tally) why(d *offers.Decision) {
	var lost *Reason
	for i := range d.Candidates {
		c := &d.Candidates[i]
		if c.Campaign != t.id || c.Fallback {
			continue
		}
		reason := Reason{Out: c.Out}
		switch {
		case c.Out == "" && d.Verdict == offers.HeldOut && d.Campaign == t.id:
			reason.Out = offers.OutHoldout
		case c.Out == "":
			reason.Out = Outdone
		case c.Out == offers.OutSplit:
			continue // one of its other offers tells
		case rules(c.Out):
			reason.Rule = c.Detail
		}
		lost = &reason
		break
	}
	if lost != nil {
		in(t.reasons, *lost, d.Shopper)
	}
}

// Outdone is why a campaign in the running was not drawn: another one was.
const Outdone offers.Exclusion = "outdone"

// rules tells whether the detail of an exclusion is the rule itself, and not what
// it came to for one shopper.
func rules(out offers.Exclusion) bool {
	switch out {
	case offers.OutEligibility, offers.OutApplicability, offers.OutSuitability, offers.OutRuleError, offers.OutConsent, offers.OutSchedule, offers.OutExcluded:
		return true
	}
	return false
}

// givenBy are the campaigns whose offers a decision gives, one for each offer.
func givenBy(d *offers.Decision) []offers.CampaignID {
	if d.Verdict != offers.Offered || d.Fallback {
		return nil
	}
	if d.Placement == "" {
		return []offers.CampaignID{d.Campaign}
	}
	all := make([]offers.CampaignID, len(d.Placed))
	for i := range d.Placed {
		all[i] = d.Placed[i].Campaign
	}
	return all
}

func gives(d *offers.Decision, id offers.CampaignID) bool { return slices.Contains(givenBy(d), id) }

func offered(d *offers.Decision) int { return len(givenBy(d)) }

// chosen names what a decision gives.
func chosen(d *offers.Decision) string {
	var names []string
	for i, c := range givenBy(d) {
		o := d.Offer
		if d.Placement != "" {
			o = &d.Placed[i].Offer
		}
		names = append(names, string(c)+"/"+string(o.ID))
	}
	return strings.Join(names, " ")
}

func titleOf(d *offers.Decision, id offers.CampaignID) string {
	for i := range d.Placed {
		if d.Placed[i].Campaign == id {
			return d.Placed[i].Offer.Title
		}
	}
	return d.Offer.Title
}

func nameOf(d *offers.Decision, id offers.CampaignID) string {
	for i := range d.Candidates {
		if d.Candidates[i].Campaign == id {
			return d.Candidates[i].Name
		}
	}
	return string(id)
}

// Report is what was found so far. Until is when the log that was read ends: of
// offers that can still be taken then it does not judge.
func (r *Replay) Report(until time.Time) *Report {
	t := &r.tally
	out := t.report
	out.Without.Persons, out.With.Persons = len(t.got[without]), len(t.got[with])
	out.Without.Held, out.With.Held = len(t.held[without]), len(t.held[with])
	out.Before.Persons, out.Campaign.Persons = len(t.was), len(t.mine)
	out.Before.Held, out.Campaign.Held = len(t.wasHeld), len(t.mineHeld)
	out.Hours = slices.Clone(t.hours[:])
	out.Digest = fmt.Sprintf("%016x", t.digest.Sum64())
	out.Sample = append([]Sampled{}, out.Sample...)
	out.Places, out.Tiers, out.Reasons, out.Others, out.Days = []Place{}, []Tier{}, []Reason{}, []Displaced{}, []Day{}
	for p, g := range t.places {
		p.Moments, p.Persons = g.moments, len(g.persons)
		out.Places = append(out.Places, p)
	}
	for name, g := range t.tiers {
		out.Tiers = append(out.Tiers, Tier{name, g.moments, len(g.persons)})
	}
	for x, g := range t.reasons {
		x.Moments, x.Persons = g.moments, len(g.persons)
		out.Reasons = append(out.Reasons, x)
	}
	for _, o := range t.others {
		out.Others = append(out.Others, *o)
	}
	for _, name := range slices.Sorted(maps.Keys(t.days)) {
		out.Days = append(out.Days, *t.days[name])
	}
	slices.SortFunc(out.Places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(b.Moments, a.Moments), cmp.Compare(a.Shop, b.Shop), cmp.Compare(a.Zone, b.Zone))
	})
	slices.SortFunc(out.Tiers, func(a, b Tier) int {
		return cmp.Or(cmp.Compare(b.Moments, a.Moments), cmp.Compare(a.Tier, b.Tier))
	})
	slices.SortFunc(out.Reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Moments, a.Moments), cmp.Compare(a.Out, b.Out), cmp.Compare(a.Rule, b.Rule))
	})
	slices.SortFunc(out.Others, func(a, b Displaced) int {
		return cmp.Or(cmp.Compare(a.With-a.Without, b.With-b.Without), cmp.Compare(a.Campaign, b.Campaign))
	})
	out.Places, out.Reasons, out.Others = first(out.Places, placesMost), first(out.Reasons, reasonsMost), first(out.Others, campaignMost)
	out.Expected = t.expected()
	out.Judged = r.judged(until)
	return &out
}

func first[T any](all []T, most int) []T { return all[:min(len(all), most)] }

// expected sums up what the model expects.
func (t *tally) expected() Expected {
	e := Expected{Known: t.known}
	amount := func(of func([worlds]float64) float64, unsure func(offers.CampaignID) float64) Amount {
		sum, squares := 0., 0.
		for _, id := range slices.Sorted(maps.Keys(t.gains)) { // sums of floats depend on their order
			x := of(t.gains[id])
			sum += x
			squares += x * x
		}
		variance := 0.
		if n := float64(len(t.gains)); n > 1 {
			variance = (squares - sum*sum/n) * n / (n - 1)
		}
		campaigns := maps.Clone(t.unsure[without])
		maps.Copy(campaigns, t.unsure[with])
		for _, c := range slices.Sorted(maps.Keys(campaigns)) {
			variance += unsure(c) * unsure(c)
		}
		wide := 1.96 * math.Sqrt(max(variance, 0))
		return Amount{sum, sum - wide, sum + wide}
	}
	e.Without = amount(func(s [worlds]float64) float64 { return s[without] }, func(c offers.CampaignID) float64 { return t.unsure[without][c] })
	e.With = amount(func(s [worlds]float64) float64 { return s[with] }, func(c offers.CampaignID) float64 { return t.unsure[with][c] })
	e.Gain = amount(func(s [worlds]float64) float64 { return s[with] - s[without] }, func(c offers.CampaignID) float64 { return t.unsure[with][c] - t.unsure[without][c] })
	return e
}

// unsupported tells whether the campaign makes offers that the log has none of.
func (r *Replay) unsupported() bool {
	return slices.ContainsFunc(r.rows, func(m *moment) bool { return m.Unsupported > 0 })
}

// judged is what the house's own decisions say.
func (r *Replay) judged(until time.Time) Judged {
	rows := make([]evaluate.Row, 0, len(r.rows))
	for _, m := range r.rows {
		if r.settled(m, until) {
			rows = append(rows, m.Row)
		}
	}
	j := Judged{Open: len(r.rows) - len(rows)}
	if len(rows) == 0 {
		j.Conclusion = evaluate.Conclusion{Finding: evaluate.TooLittle, Reason: "No decision of the past is old enough to be judged by."}
		if r.unsupported() {
			j.Conclusion.Reason = "Offers of it could not have been made before, so nothing is known of them."
		}
		return j
	}
	report, err := evaluate.Of(rows, evaluate.Options{Seed: r.options.Seed})
	if err != nil {
		j.Conclusion = evaluate.Conclusion{Finding: evaluate.TooLittle, Reason: fmt.Sprintf("The decisions on record cannot be judged by: %v.", err)}
		return j
	}
	j.Report, j.Conclusion = report, report.Conclude()
	return j
}

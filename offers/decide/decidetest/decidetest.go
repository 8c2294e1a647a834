// Package decidetest runs the tests that marketers write beside their campaigns
// and scenarios: given who somebody is and what they did when, which scenarios
// are completed, what does the house decide, and why?
//
// A file is YAML; offers/campaigns has examples.
//
//	shop: rotterdam              # where events in a zone happen
//	campaigns: [running-shoes]   # only these are live; without it, all of them
//	scenarios: [help-wanted]     # likewise
//	cases:
//	  - name: Who looked for shoes and lingers among them gets an offer
//	    now: 2026-11-20 15:04            # the shop's time
//	    shopper: {tier: gold, phone: "+447700900110", consents: [push, search, location]}
//	    events:                          # any order; the decision is on the latest
//	      - {ago: 3h, type: product_searched, query: running shoes}
//	      - {at: "15:02:30", type: zone_entered, zone: footwear}   # the same day
//	      - {type: zone_dwelled, zone: footwear, dwell: 12s}       # now
//	      - {ago: 1h, late: 20m, type: product_viewed}   # the house hears of it 20 minutes after it happened
//	      - {asks: web/home, limit: 3}   # a page asks for offers: also shop, zone, exclude, context, device
//	    clock: "15:20"                   # and then nothing, until
//	    expect:
//	      completed: ["help-wanted at 15:09"]   # exactly these, in order; the time may be left out
//	      waiting: {searched-not-bought: Comes to the shop}   # in which step of which scenario they are
//	      verdict: offered               # offered, no_offer, held_out, or asleep: no campaign woke
//	      campaign: running-shoes
//	      offer: [shoes-20, shoes-fit]   # one of these
//	      channels: [app, sms]
//	      shows: [rain-15, shoes-20]     # where a page asks: exactly these offers; their order is drawn
//	      why:                           # "" or "in": it was in the running
//	        running-shoes: in
//	        rain-jacket: "eligibility: searches"   # why it is out, and words of the detail
//
// Events are folded and decided in the order in which they come, which is that of
// their times but for those that are late, by the same code as in the shop, so
// that an offer on an earlier event counts towards the caps. A scenario that waits
// is told of the time exactly when it is due; one that waits for another scenario
// when that can come no more, a minute later, though it then is completed as of
// the time before. The decision is the last one that the event that came last, or
// the time after it, led to.
//
// Nobody is held out unless a case says "holdout: true", which holds everyone
// out: what a marketer tests is what people get.
package decidetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/feature"
)

// Asleep is the verdict of a case in which no campaign wakes at the latest
// event: nothing is decided.
const Asleep offers.Verdict = "asleep"

// File is a file of cases.
type File struct {
	Shop      offers.ShopID       `yaml:"shop"`
	Campaigns []offers.CampaignID `yaml:"campaigns"`
	Scenarios []offers.ScenarioID `yaml:"scenarios"`
	Cases     []Case              `yaml:"cases"`
}

// Case is one story and what should come of it.
type Case struct {
	Name    string  `yaml:"name"`
	Now     string  `yaml:"now"`
	Shopper Shopper `yaml:"shopper"`
	Events  []Event `yaml:"events"`
	Clock   string  `yaml:"clock"`
	Holdout bool    `yaml:"holdout"`
	Expect  Expect  `yaml:"expect"`

	line int // of the file
}

// Shopper is who the story is about.
type Shopper struct {
	ID       offers.ShopperID `yaml:"id"`
	Name     string           `yaml:"name"`
	Phone    string           `yaml:"phone"`
	Email    string           `yaml:"email"`
	Tier     string           `yaml:"tier"`
	Consents []offers.Purpose `yaml:"consents"` // given before everything else
}

// Event is something that they did: now, some time ago, or at a time.
type Event struct {
	Ago      time.Duration     `yaml:"ago"`
	At       string            `yaml:"at"`
	Type     offers.EventType  `yaml:"type"`
	Shop     offers.ShopID     `yaml:"shop"`
	Zone     offers.ZoneID     `yaml:"zone"`
	Dwell    time.Duration     `yaml:"dwell"`
	Query    string            `yaml:"query"`
	Category string            `yaml:"category"`
	Product  string            `yaml:"product"`
	Quantity int               `yaml:"quantity"`
	Value    Money             `yaml:"value"`
	Consent  offers.Purpose    `yaml:"consent"` // with type consent_changed
	Granted  bool              `yaml:"granted"`
	Decision offers.DecisionID `yaml:"decision"`
	Scenario offers.ScenarioID `yaml:"scenario"` // with type scenario_completed
	With     offers.ShopperID  `yaml:"with"`     // with type device_lent: who has it

	Confidence float64       `yaml:"confidence"` // of a recognition or a position, 0 to 1
	Late       time.Duration `yaml:"late"`       // how long after it happened the house hears of it

	// Instead of a type: a page or screen asks for offers, as by POST /v1/decide.
	Asks    offers.PlacementID `yaml:"asks"`
	Limit   *int               `yaml:"limit"`
	Exclude []offers.OfferID   `yaml:"exclude"`
	Context map[string]string  `yaml:"context"`
	Device  bool               `yaml:"device"` // it is on the shopper's own phone
}

// Money is an amount in minor units, as campaigns write it.
type Money struct {
	Minor    int64  `yaml:"minor"`
	Currency string `yaml:"currency"`
}

// Expect is what should come of it. What is left out is not checked.
type Expect struct {
	Verdict  offers.Verdict               `yaml:"verdict"`
	Campaign offers.CampaignID            `yaml:"campaign"`
	Offer    oneOf                        `yaml:"offer"`
	Channels []offers.Channel             `yaml:"channels"`
	Shows    *[]offers.OfferID            `yaml:"shows"`
	Why      map[offers.CampaignID]string `yaml:"why"`

	Completed *[]string                    `yaml:"completed"`
	Waiting   map[offers.ScenarioID]string `yaml:"waiting"`
}

// oneOf is one offer, or several of which any will do.
type oneOf []offers.OfferID

// UnmarshalYAML takes either form.
func (o *oneOf) UnmarshalYAML(read func(any) error) error {
	var one offers.OfferID
	if err := read(&one); err == nil {
		*o = oneOf{one}
		return nil
	}
	return read((*[]offers.OfferID)(o))
}

// Parse reads a file of cases. Unknown keys are errors; the error is ErrInvalid
// and says which line.
func Parse(raw []byte) (*File, error) {
	f, err := decoded[File](raw)
	if err != nil {
		return nil, fmt.Errorf("cases: %w", err)
	}
	if len(f.Cases) == 0 {
		return nil, fmt.Errorf("cases: %w: there are none", offers.ErrInvalid)
	}
	lines := caseLines(raw, len(f.Cases))
	for i := range f.Cases {
		c := &f.Cases[i]
		c.line = lines[i]
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("cases: %w: line %d, case %d, %q: %w", offers.ErrInvalid, c.line, i+1, c.Name, err)
		}
		if c.Expect.empty() {
			return nil, fmt.Errorf("cases: %w: line %d, case %d, %q: expect: nothing: it could not fail; say the verdict (offered, no_offer, held_out, asleep), or completed", offers.ErrInvalid, c.line, i+1, c.Name)
		}
	}
	return f, nil
}

// ParseCase reads one case of which nothing has to be expected, to see what
// comes of it. JSON is YAML too.
func ParseCase(raw []byte) (*Case, error) {
	c, err := decoded[Case](raw)
	if err != nil {
		return nil, fmt.Errorf("case: %w", err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("case: %w: %w", offers.ErrInvalid, err)
	}
	return c, nil
}

func decoded[T any](raw []byte) (v *T, err error) {
	defer func() {
		if r := recover(); r != nil { // goccy/go-yaml 1.19 does on some broken tags
			v, err = nil, fmt.Errorf("%w: the YAML cannot be read: %v", offers.ErrInvalid, r)
		}
	}()
	raw = bytes.TrimPrefix(raw, []byte("\ufeff")) // of some editors
	if file, err := parser.ParseBytes(raw, 0); err == nil {
		for _, doc := range file.Docs {
			ast.Walk(&times{&err}, doc)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", offers.ErrInvalid, err)
		}
	}
	v = new(T)
	if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(v); err != nil && !errors.Is(err, io.EOF) { // of an empty file
		return nil, fmt.Errorf("%w: %s", offers.ErrInvalid, yaml.FormatError(err, false, true))
	}
	return v, nil
}

// times finds the first time that is none, and its line, which the reader of
// YAML would not say.
type times struct{ wrong *error }

// Visit implements ast.Visitor.
func (t *times) Visit(n ast.Node) ast.Visitor {
	pair, ok := n.(*ast.MappingValueNode)
	if !ok || *t.wrong != nil {
		return t
	}
	switch key := pair.Key.String(); key {
	case "ago", "late", "dwell":
		text := pair.Value.String()
		if s, ok := pair.Value.(*ast.StringNode); ok {
			text = s.Value
		}
		if _, err := time.ParseDuration(text); err != nil {
			*t.wrong = fmt.Errorf("line %d: %s: %.40s is no time such as 90s or 48h", pair.Key.GetToken().Position.Line, key, text)
		}
	}
	return t
}

// caseLines finds where each case stands in its file.
func caseLines(raw []byte, n int) (lines []int) {
	lines = make([]int, n)
	defer func() { _ = recover() }() // as in decoded: then no lines are known
	file, err := parser.ParseBytes(raw, 0)
	for i := range lines {
		path, bad := yaml.PathString(fmt.Sprintf("$.cases[%d].name", i))
		if err != nil || bad != nil {
			continue
		}
		if node, err := path.FilterFile(file); err == nil && node != nil {
			lines[i] = node.GetToken().Position.Line
		}
	}
	return lines
}

func (x *Expect) empty() bool {
	return x.Verdict == "" && x.Completed == nil && x.Shows == nil && len(x.Waiting) == 0
}

// decides tells whether it says of a decision more than its verdict.
func (x *Expect) decides() bool {
	return x.Campaign != "" || len(x.Offer) > 0 || len(x.Channels) > 0 || x.Shows != nil || len(x.Why) > 0
}

func (c *Case) check() error {
	switch c.Expect.Verdict {
	case offers.Offered, offers.NoOffer, offers.HeldOut, Asleep, "":
	default:
		return fmt.Errorf("expect: verdict %q is none of offered, no_offer, held_out, asleep", c.Expect.Verdict)
	}
	if c.Expect.Verdict == Asleep && c.Expect.decides() {
		return fmt.Errorf("expect: asleep: nothing is decided then, so leave out campaign, offer, channels, shows and why")
	}
	if len(c.Events) == 0 {
		return fmt.Errorf("events: what did they do?")
	}
	for _, p := range c.Shopper.Consents {
		if !slices.Contains(offers.Purposes, p) {
			return fmt.Errorf("consents: %q is no purpose", p)
		}
	}
	for i := range c.Events {
		if err := c.Events[i].check(); err != nil {
			return fmt.Errorf("events: %w", err)
		}
	}
	return nil
}

func (e *Event) check() error {
	what := string(e.Type)
	switch {
	case e.Asks != "" && e.Type != "":
		return fmt.Errorf("%s: asks is in the place of a type", e.Type)
	case e.Type == offers.OfferPlaced:
		return fmt.Errorf(`%s: say "asks: web/home" instead of a type`, e.Type)
	case e.Asks != "":
		what = "asks"
		if err := e.checkAsk(); err != nil {
			return err
		}
	case e.Limit != nil || e.Exclude != nil || e.Context != nil || e.Device:
		return fmt.Errorf("%s: limit, exclude, context and device are of a page that asks", e.Type)
	}
	switch {
	case what == "" || e.Ago < 0:
		return errors.New("each has a type, and happened some time ago")
	case e.Ago != 0 && e.At != "":
		return fmt.Errorf("%s is either ago or at a time", what)
	case e.Late < 0:
		return fmt.Errorf("%s: late: nobody hears of it before it happens", what)
	case !(e.Confidence >= 0 && e.Confidence <= 1):
		return fmt.Errorf("%s: confidence is from 0 to 1", what)
	case e.Type == offers.ConsentChanged && !slices.Contains(offers.Purposes, e.Consent):
		return fmt.Errorf("consent %q is no purpose", e.Consent)
	}
	return nil
}

func (e *Event) checkAsk() error {
	switch e.Asks.Kind() {
	case offers.PlacementWeb, offers.PlacementApp, offers.PlacementWall:
	default:
		return fmt.Errorf("asks: %q: want web, app or wall, and which: web/home-banner", e.Asks)
	}
	if e.Limit != nil && (*e.Limit < 1 || *e.Limit > decide.MostOffers) {
		return fmt.Errorf("asks: limit is from 1 to %d", decide.MostOffers)
	}
	if e.Late != 0 {
		return errors.New("asks: late: a page is answered at once")
	}
	for _, key := range decide.ContextKeys {
		if _, ok := e.Context[key]; ok {
			return fmt.Errorf("asks: context: %q is what the house knows itself", key)
		}
	}
	return nil
}

// ask is what the page asks for, nil where none does. Its seed is the case's, so
// that a story comes out the same each time.
func (e *Event) ask(seed string) *decide.Ask {
	if e.Asks == "" {
		return nil
	}
	a := &decide.Ask{Placement: e.Asks, Limit: 1, Exclude: e.Exclude, Told: e.Context, Device: e.Device, Seed: seed}
	if e.Limit != nil {
		a.Limit = *e.Limit
	}
	return a
}

// House is where the cases are tried.
type House struct {
	Shops     []offers.Shop
	Campaigns []offers.Campaign
	Scenarios []offers.Scenario
	Features  *feature.Set
	Ranker    decide.Ranker // nil: one that has learned nothing
}

// Result is what came of one case.
type Result struct {
	Name     string
	Line     int              // of the case in its file
	Decision *offers.Decision // nil: no campaign woke
	Moments  []Moment         // all that happened, in order
	Wrong    []string         // how it differs from what was expected; none: it is as expected
}

// Run tries every case. The error is ErrInvalid: the file names what the house
// lacks, or a rule does not compile.
func (f *File) Run(h House) ([]Result, error) {
	results := make([]Result, len(f.Cases))
	for i := range f.Cases {
		var err error
		if results[i], err = f.run(&f.Cases[i], h); err != nil {
			return nil, fmt.Errorf("line %d, case %q: %w", f.Cases[i].line, f.Cases[i].Name, err)
		}
	}
	return results, nil
}

func (c *Case) shopper() offers.ShopperID {
	if c.Shopper.ID == "" {
		return "somebody"
	}
	return c.Shopper.ID
}

// catalogue is the house's with the campaigns of the file live, and the clock
// of the file's shop.
func (f *File) catalogue(c *Case, h House) (*offers.Catalogue, *time.Location, error) {
	all := &offers.Catalogue{Shops: map[offers.ShopID]*offers.Shop{}, Campaigns: map[offers.CampaignID]*offers.Campaign{}, Scenarios: map[offers.ScenarioID]*offers.Scenario{}}
	for _, s := range h.Shops {
		all.Shops[s.ID] = &s
	}
	clock := time.UTC
	if f.Shop != "" {
		s, ok := all.Shops[f.Shop]
		if !ok {
			return nil, nil, fmt.Errorf("%w: there is no shop %q", offers.ErrInvalid, f.Shop)
		}
		var err error
		if clock, err = time.LoadLocation(s.TimeZone); err != nil {
			return nil, nil, fmt.Errorf("shop %q: %w: %w", f.Shop, offers.ErrInvalid, err)
		}
	}
	for _, k := range h.Campaigns {
		if len(f.Campaigns) > 0 && !slices.Contains(f.Campaigns, k.ID) {
			continue
		}
		k.Status, k.Holdout = offers.CampaignLive, 0
		if c.Holdout {
			k.Holdout = 1
		}
		all.Campaigns[k.ID] = &k
	}
	for _, id := range f.Campaigns {
		if all.Campaigns[id] == nil {
			return nil, nil, fmt.Errorf("%w: there is no campaign %q", offers.ErrInvalid, id)
		}
	}
	for _, s := range h.Scenarios {
		if len(f.Scenarios) > 0 && !slices.Contains(f.Scenarios, s.ID) {
			continue
		}
		s.Status = offers.CampaignLive
		all.Scenarios[s.ID] = &s
	}
	for _, id := range slices.Concat(f.Scenarios, slices.Collect(maps.Keys(c.Expect.Waiting))) {
		if all.Scenarios[id] == nil {
			return nil, nil, fmt.Errorf("%w: there is no scenario %q", offers.ErrInvalid, id)
		}
	}
	return all, clock, nil
}

// timeOf reads a time in the shop's clock: with its day, or of the day of now.
func timeOf(text string, now time.Time, clock *time.Location) (time.Time, error) {
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, text, clock); err == nil {
			return at, nil
		}
		if !now.IsZero() {
			if at, err := time.ParseInLocation(layout, now.Format(time.DateOnly)+" "+text, clock); err == nil {
				return at, nil
			}
		}
	}
	such := "2026-11-20 15:04"
	if !now.IsZero() {
		such = "15:04, 15:04:30 or " + such
	}
	return time.Time{}, fmt.Errorf("%w: %q is no time such as %s", offers.ErrInvalid, text, such)
}

// times are the case's now, and the time until which nothing happens after it.
func (c *Case) times(clock *time.Location) (now, until time.Time, err error) {
	if now, err = timeOf(c.Now, time.Time{}, clock); err != nil {
		return now, until, fmt.Errorf("now: %w", err)
	}
	if until = now; c.Clock == "" {
		return now, until, nil
	}
	if until, err = timeOf(c.Clock, now, clock); err != nil {
		return now, until, fmt.Errorf("clock: %w", err)
	}
	if until.Before(now) {
		return now, until, fmt.Errorf("clock: %w: %s is before now", offers.ErrInvalid, c.Clock)
	}
	return now, until, nil
}

// happening is one event of a case, as the log would have it, and what a page
// asks for by it.
type happening struct {
	*offers.Event
	ask *decide.Ask
}

// happenings are the case's, in the order in which they come, with what the
// shopper is known by in front.
func (f *File) happenings(c *Case, now, until time.Time, shops map[offers.ShopID]*offers.Shop) ([]happening, error) {
	var happened []happening
	oldest := now
	for i := range c.Events {
		e := &c.Events[i]
		at := now.Add(-e.Ago)
		if e.At != "" {
			var err error
			if at, err = timeOf(e.At, now, now.Location()); err != nil {
				return nil, fmt.Errorf("events: %s: at: %w", e.Type, err)
			}
			if at.After(until) {
				return nil, fmt.Errorf("events: %s: at: %w: %s is after the story's end: now, or its clock", e.Type, offers.ErrInvalid, e.At)
			}
		}
		id := offers.EventID(fmt.Sprintf("event-%d", i+1))
		ev := happening{ask: e.ask(c.Name + "/" + string(id)), Event: &offers.Event{
			ID: id, Type: e.Type, Shopper: c.shopper(), Source: "test",
			Time: at, Received: at.Add(e.Late),
			Shop: e.Shop, Zone: e.Zone, Dwell: e.Dwell, Query: e.Query, Category: e.Category, Product: e.Product,
			Quantity: e.Quantity, Value: offers.Money(e.Value), Decision: e.Decision, Scenario: e.Scenario,
			With: e.With, Confidence: e.Confidence,
		}}
		if ev.ask != nil {
			ev.Type = offers.OfferPlaced
		}
		if ev.Shop == "" && (e.Zone != "" || e.Type == offers.Recognised || e.Type == offers.OfferRedeemed) {
			ev.Shop = f.Shop
		}
		if ev.Shop != "" && shops[ev.Shop] == nil {
			return nil, fmt.Errorf("events: %s: %w: there is no shop %q", e.Type, offers.ErrInvalid, ev.Shop)
		}
		if s := shops[ev.Shop]; s != nil && ev.Zone != "" && !slices.ContainsFunc(s.Zones, func(z offers.Zone) bool { return z.ID == ev.Zone }) {
			return nil, fmt.Errorf("events: %s: %w: there is no zone %q in shop %q", e.Type, offers.ErrInvalid, ev.Zone, ev.Shop)
		}
		if e.Type == offers.ConsentChanged {
			ev.Consent = &offers.Consent{Purpose: e.Consent, Granted: e.Granted, At: ev.Time, Source: "test"}
		}
		if ev.Time.Before(oldest) {
			oldest = ev.Time
		}
		happened = append(happened, ev)
	}
	slices.SortStableFunc(happened, func(a, b happening) int { return a.Received.Compare(b.Received) })
	before := oldest.Add(-time.Minute)
	known := []happening{{Event: &offers.Event{
		ID: "known", Type: offers.Identified, Shopper: c.shopper(), Source: "test", Time: before, Received: before,
		Traits: &offers.Traits{Name: c.Shopper.Name, Phone: c.Shopper.Phone, Email: c.Shopper.Email, Tier: c.Shopper.Tier},
	}}}
	for _, p := range c.Shopper.Consents {
		known = append(known, happening{Event: &offers.Event{
			ID: offers.EventID("consent-" + p), Type: offers.ConsentChanged, Shopper: c.shopper(), Source: "test", Time: before, Received: before,
			Consent: &offers.Consent{Purpose: p, Granted: true, At: before, Source: "test"},
		}})
	}
	return append(known, happened...), nil
}

// differs says how a decision is not what was expected, in words.
func (x *Expect) differs(d *offers.Decision) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if d == nil {
		switch {
		case x.Verdict == "" && x.decides():
			say("no campaign woke, want a decision")
		case x.Verdict != Asleep && x.Verdict != "":
			say("no campaign woke, want %s", x.Verdict)
		}
		return wrong
	}
	if x.Verdict != "" && d.Verdict != x.Verdict {
		say("verdict %s, want %s; %s", d.Verdict, x.Verdict, reasons(d))
	}
	if x.Campaign != "" && d.Campaign != x.Campaign {
		say("campaign %q, want %q", d.Campaign, x.Campaign)
	}
	if len(x.Offer) > 0 && (d.Offer == nil || !slices.Contains(x.Offer, d.Offer.ID)) {
		got := offers.OfferID("none")
		if d.Offer != nil {
			got = d.Offer.ID
		}
		say("offer %s, want one of %v", got, []offers.OfferID(x.Offer))
	}
	if len(x.Channels) > 0 && !slices.Equal(d.Channels, x.Channels) {
		say("channels %v, want %v", d.Channels, x.Channels)
	}
	if x.Shows != nil {
		if wrong := showsDiffers(d, *x.Shows); wrong != "" {
			say("%s", wrong)
		}
	}
	for id, want := range x.Why {
		got, ok := reason(d, id)
		exclusion, words, _ := strings.Cut(want, ":")
		gotExclusion, detail, _ := strings.Cut(got, ":")
		switch {
		case !ok:
			say("%s was no candidate, want %s", id, want)
		case exclusion != gotExclusion && !(exclusion == "" && gotExclusion == in):
			say("%s is %s, want %s", id, got, want)
		case !strings.Contains(detail, strings.TrimSpace(words)):
			say("%s is %s, want words %q", id, got, strings.TrimSpace(words))
		}
	}
	slices.Sort(wrong) // Why has no order
	return wrong
}

// showsDiffers says how what a page shows is not what was expected, "" if it is.
func showsDiffers(d *offers.Decision, want []offers.OfferID) string {
	if d.Placement == "" {
		return "shows: no page asked at last"
	}
	var got []string
	for i := range d.Placed {
		got = append(got, string(d.Placed[i].Offer.ID))
	}
	wanted := make([]string, len(want))
	for i, id := range want {
		wanted[i] = string(id)
	}
	if slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(wanted))) {
		return ""
	}
	return "shows " + listed(got) + ", want " + listed(wanted) + "; " + reasons(d)
}

// in is what Why says of a campaign in the running.
const in = "in"

// reason is why a campaign is out, or in.
func reason(d *offers.Decision, id offers.CampaignID) (string, bool) {
	for i := range d.Candidates {
		c := &d.Candidates[i]
		if c.Campaign != id {
			continue
		}
		if c.Out == "" {
			return in, true
		}
		return string(c.Out) + ": " + c.Detail, true
	}
	return "", false
}

func reasons(d *offers.Decision) string {
	var all []string
	for i := range d.Candidates {
		id := d.Candidates[i].Campaign
		why, _ := reason(d, id)
		all = append(all, fmt.Sprintf("%s is %s", id, why))
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "; ")
}

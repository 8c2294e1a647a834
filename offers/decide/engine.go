package decide

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/offers/rule"
	"aisle/offers/scenario"
)

// Engine is a catalogue made ready to decide: campaigns by the event that wakes
// them, rules compiled, shops measured. It does not change, and is safe for
// concurrent use.
type Engine struct {
	features *feature.Set
	env      *rule.Env
	rules    map[string]*rule.Rule // by expression; a new engine takes over those it needs
	wakes    map[offers.EventType]*wakes
	places   map[offers.ShopID]*place
	asks     asks
	searches int             // index of the feature "searches", or -1
	gates    int             // how many rules campaigns have
	off      []offers.Factor // that count 1
	house    offers.House
	desks    *sync.Pool // of *desk

	scenarios *scenario.Set
	broken    map[offers.ScenarioID]error // that do not compile
}

// wakes are the campaigns that one type of event wakes, each list by id.
type wakes struct {
	anywhere []*campaign
	inZone   map[offers.ZoneID][]*campaign // with those of anywhere
}

// in are those that the type of event may wake in a zone.
func (w *wakes) in(zone offers.ZoneID) []*campaign {
	if w == nil {
		return nil
	}
	if in, ok := w.inZone[zone]; ok {
		return in
	}
	return w.anywhere
}

type campaign struct {
	*offers.Campaign
	gates []gate // may they, does it make sense, should we: in this order
}

// gate is a rule that must say yes.
type gate struct {
	rule   *rule.Rule
	number int // among the engine's rules
	out    offers.Exclusion
	why    string
}

// place is a shop, measured.
type place struct {
	clock   *time.Location // nil: nobody knows what time it is there
	zones   map[offers.ZoneID]offers.Zone
	centres map[offers.ZoneID]offers.Point
}

// New makes an engine. Live campaigns whose rules do not compile are left out,
// and come back with their errors. Factors that are off count 1 in every score.
func New(c *offers.Catalogue, f *feature.Set, off ...offers.Factor) (*Engine, map[offers.CampaignID]error) {
	env, err := rule.New(f)
	if err != nil {
		broken := map[offers.CampaignID]error{}
		for id := range c.Campaigns {
			broken[id] = err
		}
		return &Engine{features: f, searches: -1, off: off, desks: new(sync.Pool), scenarios: new(scenario.Set)}, broken
	}
	return (&Engine{features: f, env: env, off: off}).With(c)
}

// Features are those that the engine reads, by the clocks of its shops.
func (e *Engine) Features() *feature.Set { return e.features }

// With is an engine for another catalogue, which compiles only what is new.
func (e *Engine) With(c *offers.Catalogue) (*Engine, map[offers.CampaignID]error) {
	if e.env == nil { // the features did not make one
		return New(c, e.features, e.off...)
	}
	next := &Engine{
		features: e.features.In(c.Shops), env: e.env, rules: map[string]*rule.Rule{},
		wakes: map[offers.EventType]*wakes{}, places: map[offers.ShopID]*place{},
		searches: -1, off: e.off, house: c.House, desks: new(sync.Pool),
	}
	if i := e.features.Index("searches"); i >= 0 && e.features.Definitions()[i].Type() == feature.Numbers {
		next.searches = i
	}
	for id, s := range c.Shops {
		next.places[id] = measure(s)
	}
	broken := map[offers.CampaignID]error{}
	live, all := map[offers.EventType][]*campaign{}, []*campaign{}
	numbers := map[string]int{}
	for _, id := range slices.Sorted(maps.Keys(c.Campaigns)) { // maps have no order; decisions must
		k := &campaign{Campaign: c.Campaigns[id]}
		if k.Status != offers.CampaignLive {
			continue
		}
		if err := e.compile(next, k, numbers); err != nil {
			broken[id] = fmt.Errorf("campaign %q: %w", id, err)
			continue
		}
		live[k.Trigger.Event], all = append(live[k.Trigger.Event], k), append(all, k)
		if slices.Contains(sensed, k.Trigger.Event) {
			live[offers.CheckedIn] = append(live[offers.CheckedIn], k)
		}
	}
	next.gates, next.asks = len(numbers), asksOf(all, c.Campaigns)
	for event, all := range live {
		next.wakes[event] = byZone(all)
	}
	next.scenarios, next.broken = scenario.New(c.Scenarios, func(expression string) (*rule.Rule, error) { return e.rule(next, expression) })
	return next, broken
}

// sensed are the events of sensors for which a check-in stands in: who is not
// looked at and not listened for gets the same offers by saying where they are.
var sensed = []offers.EventType{offers.Recognised, offers.ZoneEntered, offers.ZoneDwelled}

// byZone sorts campaigns into the zones that wake them.
func byZone(all []*campaign) *wakes {
	w := &wakes{inZone: map[offers.ZoneID][]*campaign{}}
	for _, k := range all {
		for _, z := range k.Trigger.Zones {
			w.inZone[z] = nil
		}
	}
	for _, k := range all {
		if len(k.Trigger.Zones) == 0 {
			w.anywhere = append(w.anywhere, k)
		}
		for z := range w.inZone {
			if len(k.Trigger.Zones) == 0 || slices.Contains(k.Trigger.Zones, z) {
				w.inZone[z] = append(w.inZone[z], k)
			}
		}
	}
	return w
}

// compile makes the gates of a campaign. Numbers are those of the rules so far.
func (e *Engine) compile(next *Engine, c *campaign, numbers map[string]int) error {
	for _, g := range []struct {
		out        offers.Exclusion
		expression string
	}{
		{offers.OutEligibility, c.Whom()},
		{offers.OutApplicability, c.Applicability},
		{offers.OutSuitability, c.Suitability},
	} {
		if g.expression == "" {
			continue
		}
		r, err := e.rule(next, g.expression)
		if err != nil {
			return fmt.Errorf("%s: %w", g.out, err)
		}
		n, ok := numbers[g.expression]
		if !ok {
			n = len(numbers)
			numbers[g.expression] = n
		}
		c.gates = append(c.gates, gate{r, n, g.out, "not so: " + g.expression})
	}
	return nil
}

// rule is the compiled rule of an expression, taken over where it was compiled
// before.
func (e *Engine) rule(next *Engine, expression string) (*rule.Rule, error) {
	r := next.rules[expression]
	if r == nil {
		r = e.rules[expression]
	}
	if r == nil {
		var err error
		if r, err = e.env.Compile(expression); err != nil {
			return nil, err
		}
	}
	next.rules[expression] = r
	return r, nil
}

func measure(s *offers.Shop) *place {
	p := &place{zones: map[offers.ZoneID]offers.Zone{}, centres: map[offers.ZoneID]offers.Point{}}
	if there, err := time.LoadLocation(s.TimeZone); err == nil && s.TimeZone != "" {
		p.clock = there
	}
	for _, z := range s.Zones {
		p.zones[z.ID] = z
		var c offers.Point
		for _, corner := range z.Polygon {
			c.X += corner.X / float64(len(z.Polygon))
			c.Y += corner.Y / float64(len(z.Polygon))
		}
		p.centres[z.ID] = c
	}
	return p
}

// Clockless are the shops whose time zone is none, so that nobody knows what time
// it is there: their hours are those of UTC, and no campaign by the hour runs.
func (e *Engine) Clockless() []offers.ShopID {
	var shops []offers.ShopID
	for id, p := range e.places {
		if p.clock == nil {
			shops = append(shops, id)
		}
	}
	slices.Sort(shops)
	return shops
}

// Triggers tells whether the event wakes any campaign.
func (e *Engine) Triggers(ev *offers.Event) bool {
	return slices.ContainsFunc(e.wakes[ev.Type].in(ev.Zone), func(c *campaign) bool { return c.woken(ev) })
}

// woken tells whether an event of the trigger's type and zones wakes a campaign.
func (c *campaign) woken(ev *offers.Event) bool {
	return (c.Trigger.Shop == "" || c.Trigger.Shop == ev.Shop) && (c.Trigger.Scenario == "" || c.Trigger.Scenario == ev.Scenario)
}

// exclude gives the first reason why a campaign is out, in words that a
// marketer reads, or the channels that are open to it. A page that asks needs
// none.
func (e *Engine) exclude(c *campaign, m *Moment, w *desk) ([]offers.Channel, offers.Exclusion, string) {
	s := &w.scene
	if m.Late > 0 {
		return nil, offers.OutLate, w.keep(append(appendWords(append(w.text[:0], "it came "...), m.Late), " late: the moment is past"...))
	}
	if s.shop != nil && s.shop.clock == nil && timed(&c.Schedule) {
		return nil, offers.OutSchedule, fmt.Sprintf("nobody knows what time it is in shop %s: its time zone is none", s.shopID)
	}
	if why := appendAsleep(w.text[:0], &c.Schedule, m.Event.Time, s.local); len(why) > 0 {
		return nil, offers.OutSchedule, w.keep(why)
	}
	var channels []offers.Channel
	if m.Ask == nil {
		if channels = w.openChannels(c.Channels, m.Profile); len(channels) == 0 {
			return nil, offers.OutConsent, w.keep(appendClosed(append(w.text[:0], "none of its channels is open: "...), c.Channels, m.Profile))
		}
	}
	if s.held && (m.Ask == nil || m.Ask.Device) {
		return nil, offers.OutLent, "their phone or tag is with somebody else: held until they sign in on it"
	}
	if s.zone.Kind == offers.ZoneQuiet {
		return nil, offers.OutQuietZone, fmt.Sprintf("%s is a quiet zone", s.zone.Name)
	}
	for i := range c.gates {
		g := &c.gates[i]
		v := &w.verdicts[g.number]
		if !v.asked {
			v.asked = true
			v.yes, v.err = g.rule.Eval(&s.vars)
		}
		if v.err != nil {
			return nil, offers.OutRuleError, v.err.Error()
		}
		if !v.yes {
			return nil, g.out, g.why
		}
	}
	if why := e.silent(c, m, s); why != "" {
		return nil, offers.OutExcluded, why
	}
	times, last := 0, time.Time{}
	for _, k := range m.Profile.Contacts {
		if k.Campaign != c.ID || k.Decision == m.ID || c.Cap.PerPlacement && k.Placement != s.placement() {
			continue
		}
		if m.Event.Time.Sub(k.At) < c.Cap.Per || c.Cap.Per == 0 {
			times++
		}
		if k.At.After(last) {
			last = k.At
		}
	}
	if c.Cap.Times > 0 && times >= c.Cap.Times {
		why := fmt.Appendf(w.text[:0], "capped: had %d of %d", times, c.Cap.Times)
		if c.Cap.Per > 0 {
			why = appendWords(append(why, " in "...), c.Cap.Per)
		}
		return nil, offers.OutCap, w.keep(why)
	}
	if since := m.Event.Time.Sub(last); !last.IsZero() && since < c.Cooldown {
		why := appendWords(append(w.text[:0], "had one "...), since)
		return nil, offers.OutCooldown, w.keep(appendWords(append(why, " ago, the next after "...), c.Cooldown))
	}
	return channels, "", ""
}

// placement is where what is decided would be shown, "" for messages.
func (s *scene) placement() offers.PlacementID {
	if s.ask == nil {
		return ""
	}
	return s.ask.Placement
}

// timed tells whether a schedule goes by the shop's clock.
func timed(s *offers.Schedule) bool { return len(s.Days) > 0 || s.FromMinute > 0 || s.UntilMinute > 0 }

// appendAsleep says why a campaign does not decide at a time, nothing if it does.
func appendAsleep(b []byte, s *offers.Schedule, at, local time.Time) []byte {
	const minutes = "2 January 2006 15:04"
	switch {
	case !s.From.IsZero() && at.Before(s.From):
		return s.From.AppendFormat(append(b, "begins on "...), minutes)
	case !s.Until.IsZero() && !at.Before(s.Until):
		return s.Until.AppendFormat(append(b, "ended on "...), minutes)
	}
	until := s.UntilMinute
	if until == 0 {
		until = 24 * 60
	}
	minute, day := local.Hour()*60+local.Minute(), local.Weekday()
	awake := minute >= s.FromMinute && minute < until
	if s.FromMinute > until { // over midnight: the small hours belong to the day before
		awake = minute >= s.FromMinute || minute < until
		if minute < until {
			day = (day + 6) % 7
		}
	}
	if len(s.Days) > 0 && !slices.Contains(s.Days, day) {
		return append(append(b, "not on a "...), day.String()...)
	}
	if !awake {
		return fmt.Appendf(b, "only from %02d:%02d to %02d:%02d", s.FromMinute/60, s.FromMinute%60, until/60, until%60)
	}
	return b
}

// openChannels are those that the shopper consented to and can be reached by.
// The app needs the consent to notifications, and a text message also a number.
// Most campaigns have the same: each list is looked through once a moment.
func (w *desk) openChannels(all []offers.Channel, p *offers.Profile) []offers.Channel {
	for i := range w.channels {
		if slices.Equal(w.channels[i].all, all) {
			return w.channels[i].open
		}
	}
	open := all // as mostly: nobody changes them
	if closed := func(c offers.Channel) bool { return shut(c, p) != "" }; slices.ContainsFunc(all, closed) {
		open = slices.DeleteFunc(slices.Clone(all), closed)
	}
	w.channels = append(w.channels, channels{all, open})
	return open
}

// shut says why a channel is closed, "" if it is open.
func shut(c offers.Channel, p *offers.Profile) string {
	switch c {
	case offers.ChannelSMS:
		if !p.Consented(offers.ConsentSMS) {
			return "no consent to text messages"
		}
		if p.Traits.Phone == "" {
			return "no telephone number"
		}
	case offers.ChannelEmail:
		if !p.Consented(offers.ConsentEmail) {
			return "no consent to e-mail"
		}
		if p.Traits.Email == "" {
			return "no e-mail address"
		}
	case offers.ChannelApp, offers.ChannelPush, offers.ChannelWebhook:
		if !p.Consented(offers.ConsentPush) {
			return "no consent to notifications"
		}
	default:
		return "unknown channel " + string(c)
	}
	return ""
}

func appendClosed(b []byte, all []offers.Channel, p *offers.Profile) []byte {
	for i, c := range all {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, shut(c, p)...)
	}
	return b
}

// appendWords says a time as people do.
func appendWords(b []byte, d time.Duration) []byte {
	switch {
	case d >= 48*time.Hour:
		return fmt.Appendf(b, "%d days", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Appendf(b, "%d hours", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Appendf(b, "%d minutes", d/time.Minute)
	}
	return fmt.Appendf(b, "%d seconds", d/time.Second)
}

package decide

import (
	"fmt"

	"aisle/offers"
	"aisle/offers/rule"
	"aisle/offers/scenario"
	"aisle/offers/visit"
)

// Advance follows the scenarios that live, by an event that was folded. It
// gives the events that say which are completed: they are for the log, from
// where they come back to wake campaigns and other scenarios.
func (e *Engine) Advance(p *offers.Profile, ev *offers.Event) ([]offers.Event, scenario.Result) {
	if p.Scenarios == nil && !e.scenarios.Watches(ev.Type) {
		return nil, scenario.Result{}
	}
	r := e.scenarios.Advance(p, ev, func() *rule.Vars { return &e.look(&Moment{Event: ev, Profile: p}).vars })
	var said []offers.Event
	for i := range r.Completed {
		said = append(said, completed(p, ev, &r.Completed[i]))
	}
	return said, r
}

// completed is what is said of a completion. Its id says what it is, so that a
// replay says the same. It happened where the shopper was.
func completed(p *offers.Profile, cause *offers.Event, c *scenario.Completion) offers.Event {
	id := fmt.Sprintf("scenario-%s-%s-%d", c.Scenario.ID, p.Shopper, c.At.UnixMicro())
	e := offers.Event{
		ID: offers.EventID(id), Type: offers.ScenarioCompleted, Scenario: c.Scenario.ID, Shopper: p.Shopper,
		Time: c.At, Received: cause.Received, Source: "scenario/" + string(c.Scenario.ID), Shop: cause.Shop, Zone: cause.Zone,
	}
	if v := p.Visit; v != nil && e.Shop == "" && c.At.Sub(v.LastSeen) < visit.Gap {
		e.Shop, e.Zone = v.Shop, v.Zone
	}
	if c.Key != "" {
		e.ID += offers.EventID("-" + c.Key)
	}
	switch c.Scenario.By {
	case "category":
		e.Category = c.Key
	case "product":
		e.Product = c.Key
	case "zone":
		e.Zone = offers.ZoneID(c.Key)
	case "shop":
		e.Shop = offers.ShopID(c.Key)
	}
	return e
}

// Scenarios are those that live and what is wrong with those that cannot.
func (e *Engine) Scenarios() (*scenario.Set, map[offers.ScenarioID]error) {
	return e.scenarios, e.broken
}

// silence is why a group of campaigns says nothing at a moment; "" if it may.
type silence struct{ group, why string }

// silent says for which scenario a campaign says nothing, "" if it may. Most
// campaigns are of one group: it is asked for once a moment.
func (e *Engine) silent(c *campaign, m *Moment, s *scene) string {
	group := c.Group
	if group == "" {
		group = offers.SalesGroup
	}
	if s.silence.group != group {
		s.silence = silence{group: group}
		if in, yes := e.scenarios.Excluded(m.Profile, group, m.Event.Time); yes {
			s.silence.why = fmt.Sprintf("no %s while they are in %q", group, in.Name)
		}
	}
	return s.silence.why
}

package decidetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/rank"
	"aisle/offers/scenario"
)

// Moment is one thing that happened in a case, and what came of it.
type Moment struct {
	Time     time.Time     // in the shop's clock
	Event    *offers.Event // also those that the house tells itself
	Steps    []scenario.Counted
	Decision *offers.Decision // nil: no campaign woke
}

// play is a case while it is played.
type play struct {
	clock    *time.Location
	engine   *decide.Engine
	ranker   decide.Ranker
	profile  *offers.Profile
	moments  []Moment
	decision *offers.Decision // the latest that the latest event led to
}

func (f *File) run(c *Case, h House) (Result, error) {
	catalogue, clock, err := f.catalogue(c, h)
	if err != nil {
		return Result{}, err
	}
	engine, broken := decide.New(catalogue, h.Features)
	for _, err := range broken {
		return Result{}, err
	}
	scenarios, wrong := engine.Scenarios()
	for _, err := range wrong {
		return Result{}, err
	}
	now, until, err := c.times(clock)
	if err != nil {
		return Result{}, err
	}
	happened, err := f.happenings(c, now, until, catalogue.Shops)
	if err != nil {
		return Result{}, err
	}
	p := play{clock: clock, engine: engine, ranker: h.Ranker, profile: &offers.Profile{Shopper: c.shopper()}}
	if p.ranker == nil {
		p.ranker = rank.New()
	}
	for i, h := range happened {
		p.ring(watermark(happened[i:]))
		p.decision = nil
		if h.ask != nil {
			if err := p.answer(h); err != nil {
				return Result{}, err
			}
		}
		p.fold(h.Event)
	}
	p.ring(until)
	differs := c.Expect.differs(p.decision)
	differs = append(differs, c.Expect.completedDiffers(p.moments)...)
	differs = append(differs, c.Expect.waitingDiffers(scenarios.Where(p.profile))...)
	return Result{c.Name, c.line, p.decision, p.moments, differs}, nil
}

// watermark is the time up to which nothing of these, in the order in which they
// come, is still to come, or is waited for: the house waits for who is late as
// long as it is configured to by itself.
func watermark(happened []happening) time.Time {
	first := happened[0].Received
	oldest := first
	for _, e := range happened {
		if e.Time.Before(oldest) {
			oldest = e.Time
		}
	}
	if waited := first.Add(-decide.Disorder); oldest.Before(waited) {
		return waited
	}
	return oldest
}

// ring lets pass the time until something happens.
func (p *play) ring(until time.Time) {
	for !p.profile.Wake.IsZero() && !p.profile.Wake.After(until) {
		at := p.profile.Wake
		p.fold(&offers.Event{
			ID: offers.EventID(fmt.Sprintf("timer-%d", at.UnixMicro())), Type: offers.TimerDue,
			Shopper: p.profile.Shopper, Source: "test", Time: at, Received: at,
		})
	}
}

// answer answers a page that asks, by what is known until then. The event then
// tells of it, as it would on the log.
func (p *play) answer(h happening) error {
	if unknown := p.engine.Unknown(h.ask.Placement, h.Shop, h.Zone); len(unknown) > 0 {
		return fmt.Errorf("events: asks: %w: %s", offers.ErrInvalid, strings.Join(unknown, " "))
	}
	if !p.profile.Consented(offers.ConsentLocation) {
		h.Zone = ""
	}
	n := int64(len(p.moments))
	h.Placed = p.engine.Decide(&decide.Moment{ID: decide.DecisionID(0, n, 0), Offset: n, Event: h.Event, Profile: p.profile, Ask: h.ask}, p.ranker)
	return nil
}

// fold takes one event through the house, and what that says to itself.
func (p *play) fold(e *offers.Event) {
	n := int64(len(p.moments))
	decide.Fold(p.engine.Features(), p.profile, e)
	completed, followed := p.engine.Advance(p.profile, e)
	m := Moment{Time: e.Time.In(p.clock), Event: e, Steps: followed.Counts}
	switch {
	case e.Placed != nil:
		m.Decision = e.Placed
	case p.engine.Triggers(e):
		late := e.Received.Sub(e.Time) - decide.Disorder
		if late <= decide.Lateness {
			late = 0
		}
		m.Decision = p.engine.Decide(&decide.Moment{ID: decide.DecisionID(0, n, 0), Offset: n, Event: e, Profile: p.profile, Late: late}, p.ranker)
	}
	if m.Decision != nil {
		decide.Remember(p.profile, m.Decision)
		p.decision = m.Decision
	}
	p.moments = append(p.moments, m)
	for i := range completed {
		p.fold(&completed[i])
	}
}

// completedDiffers says how the scenarios that were completed are not those
// expected.
func (x *Expect) completedDiffers(moments []Moment) []string {
	if x.Completed == nil {
		return nil
	}
	var got []string
	for _, m := range moments {
		if m.Event.Type == offers.ScenarioCompleted && m.Event.Source != "test" {
			got = append(got, string(m.Event.Scenario)+" at "+m.Time.Format("15:04:05"))
		}
	}
	same := slices.EqualFunc(got, *x.Completed, func(got, want string) bool {
		id, at, timed := strings.Cut(want, " at ")
		gotID, gotAt, _ := strings.Cut(got, " at ")
		return id == gotID && (!timed || at == gotAt || at+":00" == gotAt)
	})
	if same {
		return nil
	}
	return []string{"completed " + listed(got) + ", want " + listed(*x.Completed)}
}

func listed(all []string) string {
	if len(all) == 0 {
		return "nothing"
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// waitingDiffers says in which steps somebody is not that they should be in.
func (x *Expect) waitingDiffers(at []scenario.Standing) []string {
	var wrong []string
	for id, want := range x.Waiting {
		got := "not in it"
		for _, s := range at {
			if s.Scenario.ID == id {
				got = s.Scenario.Steps[s.Step].Name
			}
		}
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s: %s, want %s", id, got, want))
		}
	}
	slices.Sort(wrong)
	return wrong
}

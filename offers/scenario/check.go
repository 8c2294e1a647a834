package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"aisle/offers"
	"aisle/offers/rule"
)

// What a scenario may be by.
const (
	byCategory = "category"
	byProduct  = "product"
	byZone     = "zone"
	byShop     = "shop"
)

// Bounds of a scenario.
const (
	mostSteps = 12
	mostTimes = 20
	longest   = 400 * 24 * time.Hour
)

// Problem is one thing that is wrong with a scenario.
type Problem struct {
	Field   string // "steps[1].within_ns"
	Message string // in words that say how to mend it
}

// Problems are all that is wrong with one.
type Problems []Problem

// err is ErrInvalid, nil if there are none.
func (all Problems) err() error {
	if len(all) == 0 {
		return nil
	}
	parts := make([]string, len(all))
	for i, p := range all {
		parts[i] = p.Field + ": " + p.Message
	}
	return fmt.Errorf("%w: %s", offers.ErrInvalid, strings.Join(parts, "; "))
}

func (all *Problems) add(ok bool, message, field string, indices ...any) {
	if !ok {
		*all = append(*all, Problem{fmt.Sprintf(field, indices...), message})
	}
}

// Check says all that is wrong with a scenario by itself. Others, with which it
// may turn in a circle, are Cycle's.
func Check(s *offers.Scenario, compile Compile) Problems {
	p := &program{Scenario: s, where: make([]*rule.Rule, len(s.Steps))}
	return p.check(compile)
}

// check also compiles the conditions.
func (p *program) check(compile Compile) Problems {
	var wrong Problems
	wrong.add(slices.Contains([]string{"", byCategory, byProduct, byZone, byShop}, p.By), "is category, product, zone, shop, or left out", "by")
	wrong.add(p.Again >= 0 && p.Again <= longest, "is from nothing to 400 days", "again_ns")
	wrong.add(p.Hold >= 0 && p.Hold <= longest, "is from nothing to 400 days", "hold_ns")
	wrong.add(len(p.Steps) > 0, "write at least one step", "steps")
	wrong.add(len(p.Steps) <= mostSteps, "are too many: at most 12", "steps")
	if len(p.Steps) == 0 || len(p.Steps) > mostSteps {
		return wrong
	}
	wrong.add(!p.Restart || p.Steps[0].Times <= 1, "cannot be: the first step has to happen several times", "restart")
	for i := range p.Steps {
		p.checkStep(&wrong, i, compile)
	}
	return wrong
}

func (p *program) checkStep(wrong *Problems, i int, compile Compile) {
	st := &p.Steps[i]
	last := i == len(p.Steps)-1
	add := func(ok bool, message, field string) { wrong.add(ok, message, "steps[%d].%s", i, field) }
	add(len(st.Events) > 0 && len(st.Events) <= 10, "choose what happens: one event, or up to ten of which any will do", "events")
	for _, event := range st.Events {
		add(event != "" && event != offers.TimerDue, "choose an event of shoppers", "events")
	}
	ofScenario := slices.Contains(st.Events, offers.ScenarioCompleted)
	add(!ofScenario || st.Scenario != "" && len(st.Events) == 1, "choose the scenario that has to be completed", "scenario")
	add(ofScenario || st.Scenario == "", "is only for steps on scenario_completed", "scenario")
	if st.Where != "" {
		var err error
		if p.where[i], err = compile(st.Where); err != nil {
			add(false, ruleMessage(err), "where")
		}
	}
	add(st.Times >= 0 && st.Times <= mostTimes, "is from 1 to 20", "times")
	add(st.In >= 0 && st.In <= longest, "is from nothing to 400 days", "in_ns")
	add(st.Within >= 0 && st.Within <= longest, "is from nothing to 400 days", "within_ns")
	add(st.For >= 0 && st.For <= longest, "is from nothing to 400 days", "for_ns")
	if st.Not {
		add(i > 0, "a scenario begins with something that happens", "not")
		add(st.Times <= 1, "is for steps that happen", "times")
		add(st.Within == 0, "is for steps that happen: say for how long it must not", "within_ns")
		add(!last || st.For > 0, "say for how long it must not happen: nothing comes after it", "for_ns")
		return
	}
	add(st.For == 0, "is for steps that must not happen", "for_ns")
	add(st.Times <= 1 || i > 0 || st.In > 0, "say within how long of one another", "in_ns")
	add(st.Times > 1 || st.In == 0, "is for steps that happen several times", "in_ns")
	if i == 0 {
		add(st.Within == 0, "is for steps after the first", "within_ns")
	} else {
		add(st.Within > 0, "say how long after the step before, at most", "within_ns")
	}
}

// ruleMessage is what a marketer reads of a rule's error.
func ruleMessage(err error) string { return strings.TrimPrefix(err.Error(), "rule: ") }

// Cycle finds out whether a scenario would wait for itself, by way of others:
// the ones on the way, from it to it, or nil. What all says of the scenario
// itself does not count.
func Cycle(s *offers.Scenario, all map[offers.ScenarioID]*offers.Scenario) []offers.ScenarioID {
	var way []offers.ScenarioID
	seen := map[offers.ScenarioID]bool{}
	var search func(at *offers.Scenario) bool
	search = func(at *offers.Scenario) bool {
		way = append(way, at.ID)
		for i := range at.Steps {
			id := at.Steps[i].Scenario
			if id == s.ID {
				way = append(way, id)
				return true
			}
			if next := all[id]; next != nil && !seen[id] {
				seen[id] = true
				if search(next) {
					return true
				}
			}
		}
		way = way[:len(way)-1]
		return false
	}
	if search(s) {
		return way
	}
	return nil
}

// Circle tells a marketer of a cycle: a waits for b, which waits for a.
func Circle(cycle []offers.ScenarioID) string {
	if len(cycle) == 2 {
		return fmt.Sprintf("%s waits for itself", cycle[0])
	}
	var b strings.Builder
	b.WriteString(string(cycle[0]))
	for _, id := range cycle[1:] {
		b.WriteString(" waits for " + string(id))
		if id != cycle[0] {
			b.WriteString(", which")
		}
	}
	return b.String()
}

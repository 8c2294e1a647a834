package console_test

import (
	"strings"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
)

type scenarioAnswer struct {
	Scenario offers.Scenario
	Steps    []struct{ Entered, Waiting int64 }
	Used     []struct{ Kind, ID, Name string }
}

func undecided() offers.Scenario {
	return offers.Scenario{Name: "Lingers undecided", Steps: []offers.Step{
		{Name: "Stops", Events: []offers.EventType{offers.ZoneDwelled}},
		{Name: "Goes on", Not: true, Events: []offers.EventType{offers.ZoneLeft}, For: time.Minute},
	}}
}

func TestScenarios(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	var kept offers.Scenario
	marketer.call("POST", "/api/scenarios", undecided(), 201, &kept)
	if kept.ID != "lingers-undecided" || kept.Status != offers.CampaignDraft || kept.Version != 1 {
		t.Errorf("created %q %s at version %d", kept.ID, kept.Status, kept.Version)
	}
	marketer.call("POST", "/api/scenarios", undecided(), 409, nil)
	marketer.call("POST", "/api/scenarios/lingers-undecided/pause", nil, 409, nil)
	marketer.call("POST", "/api/scenarios/lingers-undecided/live", nil, 200, &kept)
	onStream(t, h, func(c *offers.Catalogue) bool {
		s := c.Scenarios["lingers-undecided"]
		return s != nil && s.Status == offers.CampaignLive
	})

	campaign := testCampaign("help")
	campaign.Trigger = offers.Trigger{Event: offers.ScenarioCompleted, Scenario: "lingers-undecided"}
	marketer.call("POST", "/api/campaigns", campaign, 201, nil)
	var one scenarioAnswer
	marketer.call("GET", "/api/scenarios/lingers-undecided", nil, 200, &one)
	if len(one.Steps) != 2 || len(one.Used) != 1 || one.Used[0].Kind != "campaign" {
		t.Errorf("%d steps counted, used by %v; want 2, and the campaign", len(one.Steps), one.Used)
	}
	marketer.call("POST", "/api/scenarios/lingers-undecided/archive", nil, 409, nil) // the campaign waits for it

	kept.Name = "Cannot decide"
	marketer.call("PUT", "/api/scenarios/lingers-undecided", kept, 200, nil)
	marketer.call("PUT", "/api/scenarios/lingers-undecided", kept, 409, nil) // changed since
	var history struct{ Versions []catalog.ScenarioVersion }
	marketer.call("GET", "/api/scenarios/lingers-undecided/history", nil, 200, &history)
	if len(history.Versions) != 3 || history.Versions[0].Scenario.Name != "Cannot decide" {
		t.Errorf("history %+v, want three versions, newest first", history.Versions)
	}
	h.as(catalog.RoleViewer).call("POST", "/api/scenarios", undecided(), 403, nil)
	marketer.call("DELETE", "/api/scenarios/lingers-undecided", nil, 409, nil) // live
}

func TestScenariosThatCannotBe(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	after := func(id offers.ScenarioID, of offers.ScenarioID) offers.Scenario {
		return offers.Scenario{ID: id, Name: string(id), Steps: []offers.Step{{Events: []offers.EventType{offers.ScenarioCompleted}, Scenario: of}}}
	}
	a := undecided()
	a.ID = "a"
	marketer.call("POST", "/api/scenarios", a, 201, &a)
	marketer.call("POST", "/api/scenarios", after("b", "a"), 201, nil)
	marketer.call("POST", "/api/scenarios", after("c", "b"), 201, nil)
	tests := map[string]struct {
		change func(s *offers.Scenario)
		want   string
	}{
		"no name":             {func(s *offers.Scenario) { s.Name = " " }, "name"},
		"no steps":            {func(s *offers.Scenario) { s.Steps = nil }, "steps"},
		"begins with a not":   {func(s *offers.Scenario) { s.Steps = s.Steps[1:] }, "steps[0].not"},
		"ends without a time": {func(s *offers.Scenario) { s.Steps[1].For = 0 }, "steps[1].for_ns"},
		"no within": {func(s *offers.Scenario) {
			s.Steps = append(s.Steps, offers.Step{Events: []offers.EventType{offers.ZoneEntered}})
		}, "steps[2].within_ns"},
		"a condition that is no rule": {func(s *offers.Scenario) { s.Steps[0].Where = "zone = 'x'" }, "steps[0].where"},
		"a scenario that is not there": {func(s *offers.Scenario) {
			s.Steps[0].Events, s.Steps[0].Scenario = []offers.EventType{offers.ScenarioCompleted}, "none"
		}, "steps[0].scenario"},
		"a circle": {func(s *offers.Scenario) {
			s.Steps[0].Events, s.Steps[0].Scenario = []offers.EventType{offers.ScenarioCompleted}, "c"
		}, "a waits for c, which waits for b, which waits for a"},
		"itself": {func(s *offers.Scenario) {
			s.Steps[0].Events, s.Steps[0].Scenario = []offers.EventType{offers.ScenarioCompleted}, "a"
		}, "a waits for itself"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := a
			s.Steps = append([]offers.Step{}, a.Steps...)
			tt.change(&s)
			if status, body := marketer.try("PUT", "/api/scenarios/a", s); status != 400 || !strings.Contains(string(body), tt.want) {
				t.Errorf("got %d %s, want 400 about %q", status, body, tt.want)
			}
		})
	}
}

func TestTemplatesMakeScenariosThatCanBe(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	var all struct{ Templates []struct{ ID string } }
	marketer.call("GET", "/api/scenarios/templates", nil, 200, &all)
	if len(all.Templates) < 5 {
		t.Errorf("%d templates", len(all.Templates))
	}
	for _, template := range all.Templates {
		var draft offers.Scenario
		marketer.call("POST", "/api/scenarios/templates/"+template.ID, map[string]any{"parameters": map[string]string{}}, 200, &draft)
		draft.ID = offers.ScenarioID(template.ID)
		marketer.call("POST", "/api/scenarios", draft, 201, nil)
	}
	bad := map[string]any{"parameters": map[string]string{"times": "many", "in": "1h"}}
	if status, body := marketer.try("POST", "/api/scenarios/templates/keen", bad); status != 400 || fields(t, body) != "parameters.times" {
		t.Errorf("got %d %s, want 400 about the number", status, body)
	}
	marketer.call("POST", "/api/scenarios/templates/none", map[string]any{"parameters": nil}, 404, nil)
}

// A try plays the scenario with those that are live, and keeps nothing.
func TestTryScenario(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	try := map[string]any{
		"scenario": undecided(),
		"case": map[string]any{
			"now": "2026-11-20 15:04", "clock": "15:10", "shopper": map[string]any{"consents": []string{"location"}},
			"events": []map[string]any{{"at": "15:04", "type": "zone_dwelled", "zone": "z"}},
		},
	}
	var out struct {
		Moments []struct {
			Event    string
			Scenario string
			Time     time.Time
			Said     []struct{ What string }
		}
	}
	marketer.call("POST", "/api/scenarios/try", try, 200, &out)
	last := out.Moments[len(out.Moments)-1]
	if last.Event != "scenario_completed" || last.Scenario != "this" || last.Time.Format("15:04:05") != "15:05:00" {
		t.Errorf("it ends with %+v, want the scenario completed a minute later", last)
	}
	var list struct{ Scenarios []scenarioAnswer }
	marketer.call("GET", "/api/scenarios", nil, 200, &list)
	if len(list.Scenarios) != 0 {
		t.Errorf("%d scenarios kept", len(list.Scenarios))
	}
	try["case"] = map[string]any{"now": "noon", "events": []map[string]any{{"type": "zone_dwelled"}}}
	marketer.call("POST", "/api/scenarios/try", try, 400, nil)
}

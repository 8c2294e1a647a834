package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"aisle/offers"
	"aisle/offers/decide/decidetest"
	"aisle/offers/scenario"
	"aisle/services/catalog"
	"aisle/services/state"
)

func (s *Service) scenarioRoutes(api fiber.Router) {
	api.Get("/scenarios", s.allow(catalog.RoleViewer, s.getScenarios))
	api.Post("/scenarios", s.allow(catalog.RoleMarketer, s.createScenario))
	api.Get("/scenarios/templates", s.allow(catalog.RoleViewer, s.getScenarioTemplates))
	api.Post("/scenarios/templates/:template", s.allow(catalog.RoleViewer, s.makeScenario))
	api.Post("/scenarios/try", s.allow(catalog.RoleViewer, s.tryScenario))
	api.Get("/scenarios/:scenario", s.allow(catalog.RoleViewer, s.getScenario))
	api.Put("/scenarios/:scenario", s.allow(catalog.RoleMarketer, s.putScenario))
	api.Delete("/scenarios/:scenario", s.allow(catalog.RoleMarketer, s.deleteScenario))
	api.Get("/scenarios/:scenario/history", s.allow(catalog.RoleViewer, s.getScenarioHistory))
	for path, status := range map[string]offers.CampaignStatus{
		"live": offers.CampaignLive, "pause": offers.CampaignPaused, "archive": offers.CampaignArchived,
	} {
		api.Post("/scenarios/:scenario/"+path, s.allow(catalog.RoleMarketer, s.setScenarioStatus(status)))
	}
}

// scenarioWithCounts is a scenario with what became of shoppers at each step,
// since its steps are what they are.
type scenarioWithCounts struct {
	Scenario offers.Scenario `json:"scenario"`
	Steps    []stepCount     `json:"steps"`
	Used     []scenarioUse   `json:"used"`
}

type stepCount struct {
	scenario.Count
	Waiting int64 `json:"waiting"`
}

// scenarioUse is a campaign or a scenario that waits for one.
type scenarioUse struct {
	Kind string `json:"kind"` // campaign, scenario
	ID   string `json:"id"`
	Name string `json:"name"`
}

func withCounts(sc offers.Scenario, counts map[state.ScenarioSteps]map[int]scenario.Count, used []scenarioUse) scenarioWithCounts {
	by := counts[state.ScenarioSteps{Scenario: sc.ID, Steps: scenario.Hash(&sc)}]
	steps := make([]stepCount, len(sc.Steps))
	for i := range steps {
		c := by[i]
		steps[i] = stepCount{c, max(0, c.Entered-c.Passed-c.TimedOut-c.Stopped-c.LetGo)}
		if st := &sc.Steps[i]; st.Not && st.For == 0 { // it is no step that anybody is at
			steps[i].Waiting = 0
		}
	}
	return scenarioWithCounts{wholeScenario(sc), steps, list(used)}
}

// wholeScenario is a scenario whose lists are [] in JSON, never null.
func wholeScenario(sc offers.Scenario) offers.Scenario {
	sc.Steps = list(slices.Clone(sc.Steps))
	for i := range sc.Steps {
		sc.Steps[i].Events = list(sc.Steps[i].Events)
	}
	return sc
}

func (s *Service) getScenarios(c *fiber.Ctx) error {
	all, err := s.catalog.Scenarios(c.UserContext())
	if err != nil {
		return err
	}
	counted, err := s.countScenarios(c, all)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"scenarios": counted})
}

func (s *Service) getScenario(c *fiber.Ctx) error {
	id := offers.ScenarioID(param(c, "scenario"))
	all, err := s.catalog.Scenarios(c.UserContext())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(sc offers.Scenario) bool { return sc.ID == id })
	if i < 0 {
		return fmt.Errorf("%w: there is no scenario %q", offers.ErrNotFound, id)
	}
	counted, err := s.countScenarios(c, all)
	if err != nil {
		return err
	}
	return c.JSON(counted[i])
}

// countScenarios adds to scenarios what became of shoppers in them, and what
// waits for them.
func (s *Service) countScenarios(c *fiber.Ctx, all []offers.Scenario) ([]scenarioWithCounts, error) {
	counts, err := s.store.ScenarioCounts(c.UserContext(), s.log.Partitions())
	if err != nil {
		return nil, err
	}
	used, err := s.scenarioUses(c, all)
	if err != nil {
		return nil, err
	}
	out := make([]scenarioWithCounts, len(all))
	for i, sc := range all {
		out[i] = withCounts(sc, counts, used[sc.ID])
	}
	return out, nil
}

// scenarioUses tells what waits for each scenario.
func (s *Service) scenarioUses(c *fiber.Ctx, all []offers.Scenario) (map[offers.ScenarioID][]scenarioUse, error) {
	campaigns, err := s.catalog.Campaigns(c.UserContext())
	if err != nil {
		return nil, err
	}
	used := map[offers.ScenarioID][]scenarioUse{}
	for _, k := range campaigns {
		if id := k.Trigger.Scenario; id != "" && k.Status != offers.CampaignArchived {
			used[id] = append(used[id], scenarioUse{"campaign", string(k.ID), k.Name})
		}
	}
	for i := range all {
		for _, id := range inputs(&all[i]) {
			used[id] = append(used[id], scenarioUse{"scenario", string(all[i].ID), all[i].Name})
		}
	}
	return used, nil
}

// inputs are the scenarios that one waits for.
func inputs(sc *offers.Scenario) []offers.ScenarioID {
	ids := map[offers.ScenarioID]bool{}
	for i := range sc.Steps {
		if id := sc.Steps[i].Scenario; id != "" {
			ids[id] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

func (s *Service) getScenarioHistory(c *fiber.Ctx) error {
	versions, err := s.catalog.ScenarioHistory(c.UserContext(), offers.ScenarioID(param(c, "scenario")))
	if err != nil {
		return err
	}
	for i := range versions {
		versions[i].Scenario = wholeScenario(versions[i].Scenario)
	}
	return c.JSON(fiber.Map{"versions": versions})
}

func (s *Service) getScenarioTemplates(c *fiber.Ctx) error {
	return c.JSON(fiber.Map{"templates": scenario.Templates()})
}

// makeScenario makes a draft of a template. It is not kept.
func (s *Service) makeScenario(c *fiber.Ctx) error {
	var in struct {
		Parameters map[string]string `json:"parameters"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	templates := scenario.Templates()
	i := slices.IndexFunc(templates, func(t scenario.Template) bool { return t.ID == param(c, "template") })
	if i < 0 {
		return fmt.Errorf("%w: there is no template %q", offers.ErrNotFound, param(c, "template"))
	}
	sc, problems := templates[i].Make(in.Parameters)
	if len(problems) > 0 {
		return problemsOf(problems).err()
	}
	return c.JSON(wholeScenario(sc))
}

func problemsOf(problems scenario.Problems) fieldErrors {
	var wrong fieldErrors
	for _, p := range problems {
		wrong.add(false, p.Message, "%s", p.Field)
	}
	return wrong
}

func (s *Service) createScenario(c *fiber.Ctx) error {
	var sc offers.Scenario
	if err := read(c, &sc); err != nil {
		return err
	}
	if sc.ID == "" {
		sc.ID = offers.ScenarioID(idFrom("scenario", sc.Name))
	}
	sc.Status, sc.Version, sc.Updated = offers.CampaignDraft, 0, time.Time{}
	if err := s.checkScenario(c, &sc); err != nil {
		return err
	}
	kept, err := s.catalog.CreateScenario(c.UserContext(), sc, by(c))
	if errors.Is(err, offers.ErrConflict) {
		return fmt.Errorf("%w: there is a scenario %q already: choose another id", offers.ErrConflict, sc.ID)
	}
	if err != nil {
		return err
	}
	s.tell(c.UserContext())
	return c.Status(fiber.StatusCreated).JSON(wholeScenario(kept))
}

func (s *Service) putScenario(c *fiber.Ctx) error {
	var sc offers.Scenario
	if err := read(c, &sc); err != nil {
		return err
	}
	if err := named(c, "scenario", &sc.ID); err != nil {
		return err
	}
	kept, err := s.catalog.Scenario(c.UserContext(), sc.ID)
	if err != nil {
		return err
	}
	sc.Status = kept.Status // it has doors of its own
	if err := s.checkScenario(c, &sc); err != nil {
		return err
	}
	if kept.Status == offers.CampaignArchived {
		return fmt.Errorf("%w: scenario %q is archived: copy it to change it", offers.ErrConflict, sc.ID)
	}
	if sc, err = s.catalog.UpdateScenario(c.UserContext(), sc, by(c)); err != nil {
		return err
	}
	s.tell(c.UserContext())
	return c.JSON(wholeScenario(sc))
}

func (s *Service) deleteScenario(c *fiber.Ctx) error {
	sc, err := s.catalog.Scenario(c.UserContext(), offers.ScenarioID(param(c, "scenario")))
	if err != nil {
		return err
	}
	if sc.Status != offers.CampaignDraft && sc.Status != offers.CampaignArchived {
		return fmt.Errorf("%w: scenario %q is %s: archive it first", offers.ErrConflict, sc.ID, sc.Status)
	}
	if err := s.unused(c, sc.ID); err != nil {
		return err
	}
	if err := s.catalog.DeleteScenario(c.UserContext(), sc.ID, by(c)); err != nil {
		return err
	}
	s.tell(c.UserContext())
	return c.SendStatus(fiber.StatusNoContent)
}

// unused refuses what would leave others waiting for what never comes.
func (s *Service) unused(c *fiber.Ctx, id offers.ScenarioID) error {
	all, err := s.catalog.Scenarios(c.UserContext())
	if err != nil {
		return err
	}
	used, err := s.scenarioUses(c, all)
	if err != nil || len(used[id]) == 0 {
		return err
	}
	names := make([]string, len(used[id]))
	for i, u := range used[id] {
		names[i] = u.Kind + " " + u.ID
	}
	return fmt.Errorf("%w: scenario %q is waited for by %s: change that first", offers.ErrConflict, id, strings.Join(names, ", "))
}

// setScenarioStatus sends a scenario live, pauses or archives it. Doing so twice
// is doing so once.
func (s *Service) setScenarioStatus(status offers.CampaignStatus) fiber.Handler {
	return func(c *fiber.Ctx) error {
		sc, err := s.catalog.Scenario(c.UserContext(), offers.ScenarioID(param(c, "scenario")))
		if err != nil {
			return err
		}
		if sc.Status == status {
			return c.JSON(wholeScenario(sc))
		}
		switch {
		case sc.Status == offers.CampaignArchived:
			return fmt.Errorf("%w: scenario %q is archived: copy it to use it again", offers.ErrConflict, sc.ID)
		case status == offers.CampaignPaused && sc.Status != offers.CampaignLive:
			return fmt.Errorf("%w: scenario %q is %s: only a live one can be paused", offers.ErrConflict, sc.ID, sc.Status)
		case status == offers.CampaignLive:
			// What was right when it was written may not be any more.
			if err := s.checkScenario(c, &sc); err != nil {
				return err
			}
		case status == offers.CampaignArchived:
			if err := s.unused(c, sc.ID); err != nil {
				return err
			}
		}
		sc.Status = status
		if sc, err = s.catalog.UpdateScenario(c.UserContext(), sc, by(c)); err != nil {
			return err
		}
		s.tell(c.UserContext())
		return c.JSON(wholeScenario(sc))
	}
}

// checkScenario tells all that is wrong with a scenario, by itself and among
// the others.
func (s *Service) checkScenario(c *fiber.Ctx, sc *offers.Scenario) error {
	var wrong fieldErrors
	wrong.add(idPattern.MatchString(string(sc.ID)), idAdvice, "id")
	wrong.add(strings.TrimSpace(sc.Name) != "" && atMost(sc.Name, 160), "write a name, at most 160 characters", "name")
	wrong.add(atMost(sc.Description, 2000), "is too long: at most 2000 characters", "description")
	wrong.add(atMost(sc.Group, 60), "is too long: at most 60 characters", "group")
	wrong.add(len(sc.Excludes) <= 20, "are too many: at most 20", "excludes")
	wrong.add(sc.Priority >= 0 && sc.Priority <= 1000, "is from 0 to 1000", "priority")
	for i := range sc.Steps {
		wrong.add(atMost(sc.Steps[i].Name, 160), "is too long: at most 160 characters", "steps[%d].name", i)
	}
	if s.rules.err != nil {
		return s.rules.err
	}
	wrong = append(wrong, problemsOf(scenario.Check(sc, s.rules.env.Compile))...)
	kept, err := s.catalog.Scenarios(c.UserContext())
	if err != nil {
		return err
	}
	all := map[offers.ScenarioID]*offers.Scenario{}
	for i := range kept {
		all[kept[i].ID] = &kept[i]
	}
	cycle := scenario.Cycle(sc, all)
	for i := range sc.Steps {
		id := sc.Steps[i].Scenario
		wrong.add(id == "" || id == sc.ID || all[id] != nil, "there is no such scenario", "steps[%d].scenario", i)
		if len(cycle) > 1 && id == cycle[1] {
			wrong.add(false, "turns in a circle: "+scenario.Circle(cycle), "steps[%d].scenario", i)
		}
	}
	return wrong.err()
}

// A try is what would happen if a scenario were live, told by the same code.
type tryOut struct {
	Scenario offers.Scenario `json:"scenario"`
	Shop     offers.ShopID   `json:"shop"`
	Case     json.RawMessage `json:"case"`
}

type tried struct {
	Moments []triedMoment `json:"moments"`
}

type triedMoment struct {
	Time     time.Time          `json:"time"`
	Event    offers.EventType   `json:"event"`
	Scenario offers.ScenarioID  `json:"scenario,omitempty"`
	Said     []triedStep        `json:"said"`
	Verdict  offers.Verdict     `json:"verdict,omitempty"`
	Campaign offers.CampaignID  `json:"campaign,omitempty"`
	Offer    string             `json:"offer,omitempty"`
	Why      []offers.Candidate `json:"why"`
}

type triedStep struct {
	Scenario offers.ScenarioID `json:"scenario"`
	Step     int               `json:"step"`
	What     string            `json:"what"` // entered, passed, timed_out, stopped, let_go, silenced
}

// tryScenario plays a case with the scenario live among those that are, and
// keeps nothing.
func (s *Service) tryScenario(c *fiber.Ctx) error {
	var in tryOut
	if err := read(c, &in); err != nil {
		return err
	}
	if in.Scenario.ID == "" {
		in.Scenario.ID = "this"
	}
	if in.Scenario.Name == "" {
		in.Scenario.Name = "This scenario"
	}
	if err := s.checkScenario(c, &in.Scenario); err != nil {
		return err
	}
	one, err := decidetest.ParseCase(in.Case)
	if err != nil {
		return err
	}
	if len(one.Events) > 200 {
		return fieldErrors{{"case.events", "are too many: at most 200"}}
	}
	house, err := s.tryHouse(c, &in.Scenario)
	if err != nil {
		return err
	}
	results, err := (&decidetest.File{Shop: in.Shop, Cases: []decidetest.Case{*one}}).Run(house)
	if err != nil {
		return err
	}
	out := tried{Moments: []triedMoment{}}
	for _, m := range results[0].Moments {
		out.Moments = append(out.Moments, momentOf(&m))
	}
	return c.JSON(out)
}

// tryHouse is the house as it is live, with one more scenario.
func (s *Service) tryHouse(c *fiber.Ctx, with *offers.Scenario) (decidetest.House, error) {
	house := decidetest.House{Features: s.rules.features}
	ctx := c.UserContext()
	var err error
	if house.Shops, err = s.catalog.Shops(ctx); err != nil {
		return house, err
	}
	campaigns, err := s.catalog.Campaigns(ctx)
	if err != nil {
		return house, err
	}
	for _, k := range campaigns {
		if k.Status == offers.CampaignLive {
			house.Campaigns = append(house.Campaigns, k)
		}
	}
	scenarios, err := s.catalog.Scenarios(ctx)
	if err != nil {
		return house, err
	}
	for _, sc := range scenarios {
		if sc.Status == offers.CampaignLive && sc.ID != with.ID {
			house.Scenarios = append(house.Scenarios, sc)
		}
	}
	house.Scenarios = append(house.Scenarios, *with)
	return house, nil
}

func momentOf(m *decidetest.Moment) triedMoment {
	out := triedMoment{Time: m.Time, Event: m.Event.Type, Scenario: m.Event.Scenario, Said: []triedStep{}, Why: []offers.Candidate{}}
	for _, step := range m.Steps {
		for _, w := range []struct {
			what string
			n    int64
		}{
			{"passed", step.Passed}, {"stopped", step.Stopped}, {"timed_out", step.TimedOut},
			{"let_go", step.LetGo}, {"silenced", step.Silenced}, {"entered", step.Entered - step.Passed},
		} {
			if w.n > 0 {
				out.Said = append(out.Said, triedStep{step.Scenario, step.Step, w.what})
			}
		}
	}
	if d := m.Decision; d != nil {
		out.Verdict, out.Campaign, out.Why = d.Verdict, d.Campaign, list(d.Candidates)
		if d.Offer != nil {
			out.Offer = d.Offer.Title
		}
	}
	return out
}

package scenario_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/offers/rule"
	"aisle/offers/scenario"
)

var (
	features = feature.Default()
	rules    = sync.OnceValues(func() (*rule.Env, error) { return rule.New(features) })
)

func compile(t testing.TB) scenario.Compile {
	t.Helper()
	env, err := rules()
	if err != nil {
		t.Fatal(err)
	}
	return env.Compile
}

func vars(e *offers.Event) *rule.Vars {
	f := features
	return &rule.Vars{Features: f.Values(nil, &offers.Profile{}, e.Time), Event: e, Category: f.Category(e), Zone: string(e.Zone), Shop: string(e.Shop)}
}

func on(events ...offers.EventType) offers.Step { return offers.Step{Events: events} }

func not(d time.Duration, events ...offers.EventType) offers.Step {
	return offers.Step{Not: true, Events: events, For: d}
}

func within(d time.Duration, s offers.Step) offers.Step {
	s.Within = d
	return s
}

func live(id offers.ScenarioID, steps ...offers.Step) *offers.Scenario {
	return &offers.Scenario{ID: id, Name: string(id), Status: offers.CampaignLive, Steps: steps}
}

// at is an event some seconds after noon.
func at(seconds int, e offers.Event) offers.Event {
	e.Time = noon.Add(time.Duration(seconds) * time.Second)
	return e
}

// told are the scenarios that were completed, as id[/key]@seconds.
func (h *house) names() []string {
	var names []string
	for _, c := range h.told {
		name := string(c.Scenario.ID)
		if c.Key != "" {
			name += "/" + c.Key
		}
		names = append(names, fmt.Sprintf("%s@%d", name, int(c.At.Sub(noon)/time.Second)))
	}
	return names
}

func TestScenarios(t *testing.T) {
	bought := offers.Step{Events: []offers.EventType{"bought"}}
	byCategory := live("wants", within(0, on("looked")), within(time.Hour, on("bought")))
	byCategory.By = "category"
	footwear := on("looked")
	footwear.Where = `event.category == "footwear"`
	thrice := on("looked")
	thrice.Times, thrice.In = 3, time.Minute
	sales, support := live("sell", on("looked")), live("help", on("complained"), not(time.Hour, "solved"))
	sales.Group, support.Excludes = "sales", []string{"sales"}
	low, high := live("low", on("looked")), live("high", on("looked"), within(time.Hour, bought))
	low.Group, high.Group, high.Priority = "g", "g", 2
	again := live("again", on("looked"))
	again.Again = time.Minute
	of := func(what string, seconds int, category string) offers.Event {
		return at(seconds, offers.Event{Type: offers.EventType(what), Category: category})
	}
	tests := []struct {
		name      string
		scenarios []*offers.Scenario
		events    []offers.Event
		want      []string
	}{
		{"each category by itself", []*offers.Scenario{byCategory},
			[]offers.Event{of("looked", 0, "shoes"), of("looked", 1, "hats"), of("bought", 2, "hats"), of("bought", 3, "gloves"), of("bought", 4, "")}, []string{"wants/hats@2"}},
		{"a condition", []*offers.Scenario{live("x", footwear)},
			[]offers.Event{of("looked", 0, "bakery"), of("looked", 1, "footwear")}, []string{"x@1"}},
		{"three in a minute", []*offers.Scenario{live("x", thrice)},
			[]offers.Event{of("looked", 0, ""), of("looked", 30, ""), of("looked", 60, ""), of("looked", 61, "")}, []string{"x@61"}},
		{"one feeds another, which waits too", []*offers.Scenario{
			live("first", on("looked"), not(10*time.Second, "bought")),
			live("second", offers.Step{Events: []offers.EventType{offers.ScenarioCompleted}, Scenario: "first"}, not(20*time.Second, "bought")),
		}, []offers.Event{of("looked", 0, "")}, []string{"first@10", "second@30"}},
		{"what breaks the second of two", []*offers.Scenario{
			live("first", on("looked"), not(10*time.Second, "bought")),
			live("second", offers.Step{Events: []offers.EventType{offers.ScenarioCompleted}, Scenario: "first"}, not(20*time.Second, "bought")),
		}, []offers.Event{of("looked", 0, ""), of("bought", 25, "")}, []string{"first@10"}},
		{"support silences sales", []*offers.Scenario{sales, support},
			[]offers.Event{of("looked", 0, ""), of("complained", 1, ""), of("looked", 2, ""), of("solved", 3, ""), of("looked", 4, "")}, []string{"sell@0", "sell@4"}},
		{"the greater priority of a group goes on", []*offers.Scenario{low, high},
			[]offers.Event{of("looked", 0, ""), of("bought", 1, ""), of("looked", 2, "")}, []string{"high@1"}},
		{"not again at once", []*offers.Scenario{again},
			[]offers.Event{of("looked", 0, ""), of("looked", 59, ""), of("looked", 60, "")}, []string{"again@0", "again@60"}},
		{"two in one", []*offers.Scenario{live("a", on("looked")), live("b", on("looked"))},
			[]offers.Event{of("looked", 0, "")}, []string{"a@0", "b@0"}},
		{"the end of a wait is not in it", []*offers.Scenario{live("x", on("looked"), not(time.Minute, "bought"))},
			[]offers.Event{of("looked", 0, ""), of("bought", 60, "")}, []string{"x@60"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHouse(t, tt.scenarios...)
			for _, e := range tt.events {
				h.tell(e)
			}
			h.ring(noon.Add(1000 * time.Hour))
			if diff := gocmp.Diff(tt.want, h.names()); diff != "" {
				t.Errorf("completed (-want +got)\n%s", diff)
			}
			if p := h.profile.Scenarios; p != nil && !h.profile.Wake.IsZero() {
				t.Errorf("still waits: %+v", p)
			}
		})
	}
}

// A late event that shows that something did happen, after it was told that it
// did not: what was told stands, and is told once.
func TestLateEventAfterTheTimerRang(t *testing.T) {
	wait := func() *house { return newHouse(t, live("x", on("looked"), not(time.Minute, "bought"))) }
	h := wait()
	h.tell(at(0, offers.Event{Type: "looked"}))
	h.ring(noon.Add(time.Minute)) // as a quiet partition's clock does
	if diff := gocmp.Diff([]string{"x@60"}, h.names()); diff != "" {
		t.Fatalf("completed (-want +got)\n%s", diff)
	}
	h.tell(at(50, offers.Event{Type: "bought"}))
	h.tell(at(60, offers.Event{Type: "walked"}))
	if len(h.told) != 1 || h.against != 1 {
		t.Errorf("told %v, of which %d contradicted; want the one, contradicted", h.names(), h.against)
	}
	if got := h.counts["x"][1]; got.Stopped != 1 || got.Passed != 0 {
		t.Errorf("counted %+v, want that it happened", got)
	}

	h = wait()
	h.tell(at(0, offers.Event{Type: "looked"}))
	h.tell(at(90, offers.Event{Type: "looked"})) // half a minute later: now it is sure
	h.tell(at(59, offers.Event{Type: "bought"}))
	if len(h.told) != 1 || h.against != 1 || h.late != 0 {
		t.Errorf("told %v, %d contradicted, %d late; want the one, contradicted", h.names(), h.against, h.late)
	}

	h = wait()
	h.tell(at(0, offers.Event{Type: "looked"}))
	h.tell(at(360, offers.Event{Type: "walked"}))
	h.tell(at(59, offers.Event{Type: "bought"}))
	if len(h.told) != 1 || h.against != 0 || h.late != 1 {
		t.Errorf("told %v, %d contradicted, %d late; want the one, and what came too late left out", h.names(), h.against, h.late)
	}
}

func TestConsent(t *testing.T) {
	s := live("x", on(offers.ProductSearched), within(time.Hour, on("bought")))
	say := func(granted bool, seconds int, h *house) {
		h.profile.Consents = map[offers.Purpose]offers.Consent{offers.ConsentSearch: {Purpose: offers.ConsentSearch, Granted: granted}}
		h.tell(at(seconds, offers.Event{Type: offers.ConsentChanged}))
	}
	h := newHouse(t, s)
	h.tell(at(0, offers.Event{Type: offers.ProductSearched}))
	if h.profile.Scenarios != nil {
		t.Errorf("without a consent it is noted: %+v", h.profile.Scenarios)
	}
	say(true, 1, h)
	h.tell(at(2, offers.Event{Type: offers.ProductSearched}))
	say(false, 3, h)
	if h.profile.Scenarios != nil {
		t.Errorf("after it was withdrawn it is kept: %+v", h.profile.Scenarios)
	}
	if got := h.counts["x"][1]; got != (scenario.Count{Entered: 1, LetGo: 1}) {
		t.Errorf("counted %+v, want one let go", got)
	}
}

// Whoever merges goes on where the one of them was who was further.
func TestMerge(t *testing.T) {
	s := live("x", on("looked"), within(time.Hour, on("tried")), within(time.Hour, on("bought")))
	further, behind := newHouse(t, s), newHouse(t, s)
	further.tell(at(0, offers.Event{Type: "looked"}))
	further.tell(at(10, offers.Event{Type: "tried"}))
	behind.tell(at(20, offers.Event{Type: "looked"}))
	for name, of := range map[string][2]*offers.Profile{"the loser": {&behind.profile, &further.profile}, "the winner": {&further.profile, &behind.profile}} {
		t.Run(name+" was further", func(t *testing.T) {
			h := newHouse(t, s)
			h.profile = *of[0]
			scenario.Merge(&h.profile, of[1])
			h.tell(at(30, offers.Event{Type: "bought"}))
			if diff := gocmp.Diff([]string{"x@30"}, h.names()); diff != "" {
				t.Errorf("completed (-want +got)\n%s", diff)
			}
		})
	}
}

// What is kept for a shopper is bounded, whatever they do.
func TestBounded(t *testing.T) {
	s := live("x", on("looked"), not(24*time.Hour, "bought"))
	s.By = "category"
	h := newHouse(t, s)
	for i := range 500 {
		h.tell(at(i/50, offers.Event{Type: "looked", Category: fmt.Sprint("c", i%40)}))
	}
	if n := len(h.profile.Scenarios.Runs); n > 8 {
		t.Errorf("%d runs of one scenario", n)
	}
	for key, r := range h.profile.Scenarios.Runs {
		if len(r.Late) > 40 {
			t.Errorf("%s keeps %d events", key, len(r.Late))
		}
	}
	c := h.counts["x"]
	if waiting := c[1].Entered - c[1].LetGo; waiting != 8 {
		t.Errorf("%d wait by the counts, want the 8 that are kept", waiting)
	}
}

// Of who does more within the lateness than is kept, what is older than all of
// that comes too late: its place is not known any more.
func TestMoreThanIsKept(t *testing.T) {
	h := newHouse(t, live("x", on("looked"), within(time.Hour, on("bought"))))
	for i := range 100 {
		h.tell(at(10+i, offers.Event{Type: "looked"}))
	}
	h.tell(at(105, offers.Event{Type: "bought"}))
	if diff := gocmp.Diff([]string{"x@105"}, h.names()); diff != "" || h.late != 0 {
		t.Errorf("%d late, completed (-want +got)\n%s", h.late, diff)
	}
	h.tell(at(5, offers.Event{Type: "looked"}))
	if h.late != 1 {
		t.Errorf("%d came too late, want the one that is older than what is kept", h.late)
	}
}

// Who is in a scenario whose steps are changed begins anew.
func TestChanged(t *testing.T) {
	h := newHouse(t, live("x", on("looked"), within(time.Hour, on("bought"))))
	h.tell(at(0, offers.Event{Type: "looked"}))
	changed := live("x", on("looked"), within(2*time.Hour, on("bought")))
	after := newHouse(t, changed)
	after.profile = h.profile
	after.tell(at(10, offers.Event{Type: "bought"}))
	if now := after.profile.Scenarios.Runs["x"].Now; len(after.told) != 0 || now != 0 {
		t.Errorf("told %v, at stage %d; want nothing told, and the first", after.names(), now)
	}
}

func TestExcluded(t *testing.T) {
	s := live("help", on("complained"), within(time.Hour, on("solved")))
	s.Excludes, s.Hold = []string{"sales"}, time.Minute
	h := newHouse(t, s)
	check := func(seconds int, want bool) {
		t.Helper()
		when := noon.Add(time.Duration(seconds) * time.Second)
		if _, got := h.set.Excluded(&h.profile, "sales", when); got != want {
			t.Errorf("sales excluded after %d s: %t, want %t", seconds, got, want)
		}
		if _, got := h.set.Excluded(&h.profile, "service", when); got {
			t.Errorf("service is excluded after %d s", seconds)
		}
	}
	check(0, false)
	h.tell(at(0, offers.Event{Type: "complained"}))
	check(1, true)
	h.tell(at(10, offers.Event{Type: "solved"}))
	check(69, true) // held a minute
	check(70, false)
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name string
		s    *offers.Scenario
		want string // the field, "" is right
	}{
		{"right", live("x", on("a"), within(time.Hour, on("b")), not(time.Hour, "c")), ""},
		{"no step", live("x"), "steps"},
		{"thirteen", live("x", slices.Repeat([]offers.Step{on("a")}, 13)...), "steps"},
		{"begins with a not", live("x", not(time.Hour, "a")), "steps[0].not"},
		{"ends with a not without a time", live("x", on("a"), not(0, "b")), "steps[1].for_ns"},
		{"no within", live("x", on("a"), on("b")), "steps[1].within_ns"},
		{"within at the first", live("x", within(time.Hour, on("a"))), "steps[0].within_ns"},
		{"no event", live("x", offers.Step{}), "steps[0].events"},
		{"the house's own clock", live("x", on(offers.TimerDue)), "steps[0].events"},
		{"any scenario", live("x", on(offers.ScenarioCompleted)), "steps[0].scenario"},
		{"no rule", live("x", offers.Step{Events: []offers.EventType{"a"}, Where: "zone ="}), "steps[0].where"},
		{"no yes or no", live("x", offers.Step{Events: []offers.EventType{"a"}, Where: "zone"}), "steps[0].where"},
		{"often, but when", live("x", offers.Step{Events: []offers.EventType{"a"}, Times: 3}), "steps[0].in_ns"},
		{"too often", live("x", offers.Step{Events: []offers.EventType{"a"}, Times: 21, In: time.Hour}), "steps[0].times"},
		{"by something else", &offers.Scenario{By: "mood", Steps: []offers.Step{on("a")}}, "by"},
		{"for ever", live("x", on("a"), not(401*24*time.Hour, "b")), "steps[1].for_ns"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var fields []string
			for _, p := range scenario.Check(tt.s, compile(t)) {
				fields = append(fields, p.Field)
			}
			if got := strings.Join(fields, " "); got != tt.want {
				t.Errorf("wrong: %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCircles(t *testing.T) {
	after := func(id, of offers.ScenarioID) *offers.Scenario {
		return live(id, offers.Step{Events: []offers.EventType{offers.ScenarioCompleted}, Scenario: of})
	}
	all := map[offers.ScenarioID]*offers.Scenario{"a": after("a", "c"), "b": after("b", "a"), "c": after("c", "b"), "d": after("d", "c"), "e": live("e", on("x"))}
	set, broken := scenario.New(all, compile(t))
	if len(broken) != 3 || set.Len() != 2 {
		t.Errorf("%d broken, %d live; want those of the circle left out", len(broken), set.Len())
	}
	if err := broken["b"]; !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), "b waits for a, which waits for c, which waits for b") {
		t.Errorf("error %v, want the circle named", err)
	}
	if cycle := scenario.Cycle(all["d"], all); cycle != nil {
		t.Errorf("d is in the circle %v", cycle)
	}
}

func TestTemplates(t *testing.T) {
	for _, template := range scenario.Templates() {
		t.Run(template.ID, func(t *testing.T) {
			s, wrong := template.Make(nil)
			if len(wrong) > 0 {
				t.Fatal(wrong)
			}
			if wrong := scenario.Check(&s, compile(t)); len(wrong) > 0 || s.Name == "" || s.Template.ID != template.ID {
				t.Errorf("%q is wrong: %v", s.Name, wrong)
			}
			for _, p := range template.Parameters {
				bad := map[string]string{"duration": "soon", "number": "0", "category": `shoes" || true`, "zone": `a"b`}[p.Type]
				if _, wrong := template.Make(map[string]string{p.Name: bad}); len(wrong) != 1 || wrong[0].Field != "parameters."+p.Name {
					t.Errorf("%s = %q: %v, want it refused", p.Name, bad, wrong)
				}
			}
		})
	}
	keen := scenario.Templates()[3]
	if _, wrong := keen.Make(map[string]string{"colour": "red"}); len(wrong) != 1 {
		t.Errorf("an unknown parameter: %v", wrong)
	}
}

func BenchmarkAdvance(b *testing.B) {
	all := map[offers.ScenarioID]*offers.Scenario{}
	for i := range 50 {
		s := live(offers.ScenarioID(fmt.Sprint("s", i)), on("looked"), within(time.Hour, on("tried")), not(time.Hour, "bought"))
		s.Steps[0].Where = fmt.Sprintf(`event.category == "c%d"`, i)
		all[s.ID] = s
	}
	set, _ := scenario.New(all, compile(b))
	p := &offers.Profile{Last: noon}
	events := []offers.EventType{"walked", "looked", "walked", "tried", "walked", "bought"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		e := offers.Event{Type: events[i%len(events)], Category: "c7", Time: noon.Add(time.Duration(i) * time.Second)}
		p.Last = e.Time
		set.Advance(p, &e, func() *rule.Vars { return vars(&e) })
	}
}

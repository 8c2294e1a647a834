// Package scenario follows what a shopper does over days: searched, bought
// nothing, comes into the shop. It notices that something did not happen as
// surely as that it did.
//
// Scenarios run on event time. A step that happens is taken at once, so that an
// offer comes at its moment; that a step did not happen is concluded only when
// nothing from before can come any more (Lateness). What comes late, but within
// that, finds its place: it is as if all had come in order. What was told by
// then stays told, and is not told again.
//
// The package is pure: the same events in the same order of arrival lead to the
// same completions, today and in a replay.
package scenario

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"aisle/offers"
	"aisle/offers/rule"
)

// Lateness is how much later than another event of the same shopper an event
// may come and still find its place. A scenario that waits for another one
// allows more: that one is told of only when it is sure.
const Lateness = 5 * time.Minute

// patience is how long the shopper's own later events wait with concluding that
// something did not happen. It is less than Lateness: a shopper who goes on is
// told of it in time, and what comes later still takes it back.
const patience = 30 * time.Second

// Bounds of what is kept for one shopper.
const (
	mostKeys  = 8  // ways through one scenario at a time, of different categories
	mostMarks = 40 // events within the lateness, for each; with so many, what is older than all of them comes too late
)

// Set is the live scenarios, compiled. It does not change, and is safe for
// concurrent use.
type Set struct {
	programs map[offers.ScenarioID]*program
	byEvent  map[offers.EventType][]watch
}

// watch is a program with those of its steps that a type of event may be.
type watch struct {
	*program
	steps []int
}

// Compile makes a rule of an expression.
type Compile func(expression string) (*rule.Rule, error)

// New makes a set of the live ones among scenarios. Those that are wrong are
// left out, and come back with their errors.
func New(scenarios map[offers.ScenarioID]*offers.Scenario, compile Compile) (*Set, map[offers.ScenarioID]error) {
	s := &Set{programs: map[offers.ScenarioID]*program{}, byEvent: map[offers.EventType][]watch{}}
	broken := map[offers.ScenarioID]error{}
	for id, sc := range scenarios {
		if sc.Status != offers.CampaignLive {
			continue
		}
		p, err := compiled(sc, compile)
		if err == nil {
			if cycle := Cycle(sc, scenarios); cycle != nil {
				err = fmt.Errorf("%w: %s", offers.ErrInvalid, Circle(cycle))
			}
		}
		if err != nil {
			broken[id] = fmt.Errorf("scenario %q: %w", id, err)
			continue
		}
		s.programs[id] = p
	}
	for _, id := range slices.Sorted(maps.Keys(s.programs)) {
		p := s.programs[id]
		p.spare = int64(2*s.depth(p)) * patience.Microseconds()
		steps := map[offers.EventType][]int{}
		for i := range p.Steps {
			for _, event := range p.Steps[i].Events {
				if !slices.Contains(steps[event], i) {
					steps[event] = append(steps[event], i)
				}
			}
		}
		for event, these := range steps {
			s.byEvent[event] = append(s.byEvent[event], watch{p, these})
		}
	}
	return s, broken
}

// depth is how many scenarios have to be completed one after another before
// this one can be.
func (s *Set) depth(p *program) int {
	deepest := 0
	for i := range p.Steps {
		if from := s.programs[p.Steps[i].Scenario]; from != nil {
			deepest = max(deepest, 1+s.depth(from))
		}
	}
	return deepest
}

// Len is how many there are.
func (s *Set) Len() int { return len(s.programs) }

// Watches tells whether a type of event is a step of any scenario.
func (s *Set) Watches(t offers.EventType) bool { return len(s.byEvent[t]) > 0 }

// Completion is a scenario that a shopper has come to the end of.
type Completion struct {
	Scenario *offers.Scenario
	Key      string // what it was about, of Scenario.By
	Began    time.Time
	At       time.Time // for one that ends with waiting, the end of the wait
}

// Count is what became of shoppers at one step. Those who still wait there are
// Entered less all others.
type Count struct {
	Entered  int64 `json:"entered"`
	Passed   int64 `json:"passed"`
	TimedOut int64 `json:"timed_out"` // did not do it within the time
	Stopped  int64 `json:"stopped"`   // did what must not happen
	LetGo    int64 `json:"let_go"`    // began anew, withdrew a consent, or followed too many things at a time
	Silenced int64 `json:"silenced"`  // at the last step: completed, and untold for another scenario
}

// Plus is the sum of two counts.
func (c Count) Plus(d Count) Count {
	return Count{
		c.Entered + d.Entered, c.Passed + d.Passed, c.TimedOut + d.TimedOut,
		c.Stopped + d.Stopped, c.LetGo + d.LetGo, c.Silenced + d.Silenced,
	}
}

func (c Count) minus(d Count) Count {
	return c.Plus(Count{-d.Entered, -d.Passed, -d.TimedOut, -d.Stopped, -d.LetGo, -d.Silenced})
}

// Counted is a change of the count of one step. A late event may take back what
// was counted: the sum of all changes is right.
type Counted struct {
	Scenario offers.ScenarioID
	Steps    uint32 // hash of the scenario's steps (Hash): others are counted apart
	Step     int
	Count
}

// Result is what one event led to.
type Result struct {
	Completed    []Completion
	Counts       []Counted
	Late         int // scenarios for which it came too late
	Contradicted int // completions that were told, and were none as it turned out
	Failed       int // conditions that had no answer; the step is then not done
}

// Advance follows one event, after it was folded into the profile. It changes
// Scenarios and Wake of the profile, and nothing else. look is asked at most
// once, and only if a condition has to be judged.
func (s *Set) Advance(p *offers.Profile, e *offers.Event, look func() *rule.Vars) Result {
	a := advance{set: s, profile: p, event: e, look: look}
	a.match()
	if p.Scenarios == nil {
		if len(a.marks) == 0 {
			return a.result
		}
		p.Scenarios = &offers.Progress{Seen: p.Last.UnixMicro()}
	}
	a.was = *p.Scenarios
	now, at := p.Scenarios, e.Time.UnixMicro()
	if e.Type == offers.TimerDue {
		now.Due = max(now.Due, at)
	} else {
		now.Seen = max(now.Seen, at)
	}
	if now.Runs == nil {
		now.Runs = map[string]*offers.ScenarioRun{}
	}
	if e.Type == offers.ConsentChanged {
		a.forget()
	}
	wake := int64(math.MaxInt64)
	for _, key := range a.keys() {
		wake = min(wake, a.run(key))
	}
	p.Wake = time.Time{}
	if wake != math.MaxInt64 {
		p.Wake = time.UnixMicro(wake).UTC()
	}
	a.tell()
	if len(now.Runs) == 0 {
		p.Scenarios = nil
	}
	return a.result
}

// advance is one call of Advance.
type advance struct {
	set     *Set
	profile *offers.Profile
	event   *offers.Event
	look    func() *rule.Vars
	was     offers.Progress
	marks   map[string]uint32 // which steps of which runs the event could be
	result  Result
}

// match finds the steps that the event could be. Nothing is noted for which the
// shopper's consent is lacking.
func (a *advance) match() {
	watches := a.set.byEvent[a.event.Type]
	if len(watches) == 0 || !a.profile.Followed(a.event.Type) {
		return
	}
	vars := lazily(a.look)
	for _, w := range watches {
		key, ok := w.key(a.event, vars)
		if !ok {
			continue
		}
		var bits uint32
		for _, i := range w.steps {
			if w.Steps[i].Scenario != "" && w.Steps[i].Scenario != a.event.Scenario {
				continue
			}
			yes := w.where[i] == nil
			if !yes {
				var err error
				if yes, err = w.where[i].Eval(vars()); err != nil {
					a.result.Failed++
				}
			}
			if yes {
				bits |= 1 << i
			}
		}
		if bits == 0 {
			continue
		}
		if a.marks == nil {
			a.marks = map[string]uint32{}
		}
		a.marks[key] = bits
	}
}

func lazily(look func() *rule.Vars) func() *rule.Vars {
	var vars *rule.Vars
	return func() *rule.Vars {
		if vars == nil {
			vars = look()
		}
		return vars
	}
}

// keys are the runs to look at, in an order that is always the same.
func (a *advance) keys() []string {
	keys := make([]string, 0, len(a.profile.Scenarios.Runs)+len(a.marks))
	for key := range a.profile.Scenarios.Runs {
		keys = append(keys, key)
	}
	for key := range a.marks {
		if a.profile.Scenarios.Runs[key] == nil {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// run takes one run on to now, and says when to look at it again.
func (a *advance) run(key string) (wake int64) {
	now := a.profile.Scenarios
	r, bits := now.Runs[key], a.marks[key]
	p := a.set.programs[scenarioOf(key)]
	if p == nil || r != nil && r.Steps != p.hash {
		delete(now.Runs, key) // not live any more, or changed
		if p == nil || bits == 0 {
			return math.MaxInt64
		}
		r = nil
	}
	if r == nil {
		r = &offers.ScenarioRun{Steps: p.hash}
	}
	at := a.event.Time.UnixMicro()
	full := len(r.Late) == mostMarks
	if bits != 0 && (at < p.settled(&a.was) || full && at < r.Late[0].At) {
		a.result.Late++
		bits = 0
	}
	sure := p.sure(now)
	s := placeOf(r)
	if bits == 0 && len(r.Late) == 0 && p.deadline(&s) > sure {
		a.keep(key, p, r)
		return p.wake(&s)
	}
	if p.idle(r) && bits&p.stages[0].hit == 0 {
		// Nobody is on the way. Later steps are kept for a first one that is late.
		if bits != 0 {
			r.Late = inserted(r.Late, offers.Mark{At: at, Steps: bits})
		}
		settled := p.settled(now)
		r.Late = slices.DeleteFunc(r.Late, func(m offers.Mark) bool { return m.At < settled })
		if over := len(r.Late) - mostMarks; over > 0 {
			r.Late = slices.Delete(r.Late, 0, over)
		}
		a.keep(key, p, r)
		return math.MaxInt64
	}
	var before, after ledger
	was, end := s.clone(), s.clone()
	p.follow(&was, r.Late, p.sure(&a.was), &before)
	if bits != 0 {
		r.Late = inserted(r.Late, offers.Mark{At: at, Steps: bits})
	}
	p.follow(&end, r.Late, sure, &after)
	r.Now, r.Finished = end.stage, max(r.Finished, end.done)
	a.compare(key, p, &before, &after)
	p.settle(r, &s, p.settled(now))
	a.keep(key, p, r)
	return p.wake(&end)
}

// keep stores a run that says something, and lets go of one that does not.
func (a *advance) keep(key string, p *program, r *offers.ScenarioRun) {
	runs, settled := a.profile.Scenarios.Runs, p.settled(a.profile.Scenarios)
	if r.Stage == 0 && len(r.Hits) == 0 && len(r.Late) == 0 && r.Rest <= settled &&
		(r.Finished == 0 || r.Finished+p.Hold.Microseconds() <= settled) {
		delete(runs, key)
		return
	}
	if runs[key] == nil && p.By != "" {
		a.makeRoom(p)
	}
	runs[key] = r
}

// makeRoom lets go of the run of a scenario in which nothing happened for
// longest, if there are too many.
func (a *advance) makeRoom(p *program) {
	runs := a.profile.Scenarios.Runs
	n, oldest := 0, ""
	for _, key := range slices.Sorted(maps.Keys(runs)) {
		if scenarioOf(key) != p.ID {
			continue
		}
		if n++; oldest == "" || latest(runs[key]) < latest(runs[oldest]) {
			oldest = key
		}
	}
	if n >= mostKeys {
		a.letGo(p, runs[oldest])
		delete(runs, oldest)
	}
}

func latest(r *offers.ScenarioRun) int64 {
	at := max(r.Since, r.Done)
	for _, h := range r.Hits {
		at = max(at, h)
	}
	for _, m := range r.Late {
		at = max(at, m.At)
	}
	return at
}

// letGo counts a run that ends without having come to an end.
func (a *advance) letGo(p *program, r *offers.ScenarioRun) {
	var l ledger
	end := placeOf(r)
	end = end.clone()
	p.follow(&end, r.Late, p.sure(&a.was), &l)
	if end.stage > 0 || len(end.hits) > 0 {
		a.count(p, p.stages[end.stage].step, Count{LetGo: 1})
	}
}

// forget lets go of what was noted by a consent that is withdrawn.
func (a *advance) forget() {
	runs := a.profile.Scenarios.Runs
	for _, key := range slices.Sorted(maps.Keys(runs)) {
		p := a.set.programs[scenarioOf(key)]
		if p == nil || p.hash != runs[key].Steps {
			continue
		}
		for i := range p.Steps {
			if slices.ContainsFunc(p.Steps[i].Events, func(t offers.EventType) bool { return !a.profile.Followed(t) }) {
				a.letGo(p, runs[key])
				delete(runs, key)
				break
			}
		}
	}
}

// compare tells what is completed now that was not before the event, and
// counts what changed. Where a late event took a completion back and put
// another in its place, the shopper has been told already.
func (a *advance) compare(key string, p *program, before, after *ledger) {
	for i := range p.Steps {
		a.count(p, i, after.counts[i].minus(before.counts[i]))
	}
	var fresh []end
	for _, e := range after.ends {
		if !slices.Contains(before.ends, e) {
			fresh = append(fresh, e)
		}
	}
	lost := 0
	for _, e := range before.ends {
		if !slices.Contains(after.ends, e) {
			lost++
		}
	}
	a.result.Contradicted += max(0, lost-len(fresh))
	_, about, _ := strings.Cut(key, "/")
	for _, e := range fresh[min(lost, len(fresh)):] {
		a.result.Completed = append(a.result.Completed, Completion{
			Scenario: p.Scenario, Key: about,
			Began: time.UnixMicro(e.began).UTC(), At: time.UnixMicro(e.at).UTC(),
		})
	}
}

func (a *advance) count(p *program, step int, c Count) {
	if c != (Count{}) {
		a.result.Counts = append(a.result.Counts, Counted{p.ID, p.hash, step, c})
	}
}

// tell puts the completions in order, without those that another scenario
// silences.
func (a *advance) tell() {
	if len(a.result.Completed) == 0 {
		return
	}
	slices.SortStableFunc(a.result.Completed, func(x, y Completion) int {
		return cmp.Or(x.At.Compare(y.At), cmp.Compare(y.Scenario.Priority, x.Scenario.Priority), cmp.Compare(x.Scenario.ID, y.Scenario.ID))
	})
	a.result.Completed = slices.DeleteFunc(a.result.Completed, func(c Completion) bool {
		silent := a.set.silenced(a.profile, c.Scenario, c.At)
		if silent {
			p := a.set.programs[c.Scenario.ID]
			a.count(p, p.stages[len(p.stages)-1].step, Count{Silenced: 1})
		}
		return silent
	})
}

// Excluded names the scenario for which a group of campaigns is silent towards
// a shopper at a time, if there is one.
func (s *Set) Excluded(p *offers.Profile, group string, at time.Time) (*offers.Scenario, bool) {
	return s.meanwhile(p, at, func(other *offers.Scenario) bool { return slices.Contains(other.Excludes, group) })
}

// silenced tells whether a scenario is completed without a word, for another
// one that the shopper is in.
func (s *Set) silenced(p *offers.Profile, sc *offers.Scenario, at time.Time) bool {
	_, yes := s.meanwhile(p, at, func(other *offers.Scenario) bool {
		return other.ID != sc.ID && sc.Group != "" &&
			(slices.Contains(other.Excludes, sc.Group) || other.Group == sc.Group && other.Priority > sc.Priority)
	})
	return yes
}

// meanwhile finds a scenario that the shopper is in, or was in a moment ago.
func (s *Set) meanwhile(p *offers.Profile, at time.Time, which func(*offers.Scenario) bool) (*offers.Scenario, bool) {
	if p.Scenarios == nil {
		return nil, false
	}
	var found *offers.Scenario
	for key, r := range p.Scenarios.Runs {
		other := s.programs[scenarioOf(key)]
		if other == nil || other.hash != r.Steps || !which(other.Scenario) {
			continue
		}
		held := r.Finished != 0 && at.UnixMicro() < r.Finished+other.Hold.Microseconds()
		if (r.Now > 0 || held) && (found == nil || other.ID < found.ID) {
			found = other.Scenario
		}
	}
	return found, found != nil
}

// Standing is where a shopper is in a scenario.
type Standing struct {
	Scenario *offers.Scenario
	Key      string // what it is about, of Scenario.By
	Step     int    // that it waits for
	Since    time.Time
}

// Where lists the scenarios that a shopper is in, past the first step.
func (s *Set) Where(p *offers.Profile) []Standing {
	if p.Scenarios == nil {
		return nil
	}
	var all []Standing
	for _, key := range slices.Sorted(maps.Keys(p.Scenarios.Runs)) {
		r, g := p.Scenarios.Runs[key], s.programs[scenarioOf(key)]
		if g == nil || g.hash != r.Steps || r.Now == 0 {
			continue
		}
		at := placeOf(r)
		end := at.clone()
		g.follow(&end, r.Late, g.sure(p.Scenarios), new(ledger))
		_, about, _ := strings.Cut(key, "/")
		all = append(all, Standing{g.Scenario, about, g.stages[end.stage].step, time.UnixMicro(end.since).UTC()})
	}
	return all
}

// Merge adds to p how far another profile was: where both were in a scenario,
// who was further goes on.
func Merge(p, from *offers.Profile) {
	if from.Scenarios == nil {
		return
	}
	if p.Scenarios == nil {
		p.Scenarios = &offers.Progress{}
	}
	to := p.Scenarios
	to.Seen, to.Due = max(to.Seen, from.Scenarios.Seen), max(to.Due, from.Scenarios.Due)
	if to.Runs == nil {
		to.Runs = map[string]*offers.ScenarioRun{}
	}
	for key, theirs := range from.Scenarios.Runs {
		ours := to.Runs[key]
		if ours == nil || cmp.Or(cmp.Compare(theirs.Now, ours.Now), cmp.Compare(theirs.Since, ours.Since)) > 0 {
			to.Runs[key] = theirs
		}
	}
}

// scenarioOf is the scenario of a run's key.
func scenarioOf(key string) offers.ScenarioID {
	id, _, _ := strings.Cut(key, "/")
	return offers.ScenarioID(id)
}

// Hash is a hash of what a scenario waits for. Shoppers who are in a scenario
// that changes begin anew; a new name or group changes nothing for them.
func Hash(s *offers.Scenario) uint32 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%q %t %d", s.By, s.Restart, s.Again)
	for i := range s.Steps {
		st := &s.Steps[i]
		fmt.Fprintf(h, "|%t %q %q %q %d %d %d %d", st.Not, st.Events, st.Scenario, st.Where, st.Times, st.In, st.Within, st.For)
	}
	return h.Sum32()
}

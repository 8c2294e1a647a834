package scenario_test

import (
	"cmp"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/rule"
	"aisle/offers/scenario"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// happening is an event of a made-up type, some seconds after noon.
type happening struct {
	what string
	at   int // seconds
}

// reference finds a scenario's completions in all that happened, in order, the
// slow way: it looks ahead from each step for what decides it.
func reference(s *offers.Scenario, all []happening) []int {
	var done []int
	seconds := func(d time.Duration) int { return int(d / time.Second) }
	is := func(i, step int) bool { return slices.Contains(s.Steps[step].Events, offers.EventType(all[i].what)) }
	first := func(from, until int, which func(i int) bool) int {
		for i := from; i < len(all) && all[i].at < until; i++ {
			if which(i) {
				return i
			}
		}
		return len(all)
	}
	after := func(from, at int) int { return first(from, 1<<40, func(i int) bool { return all[i].at >= at }) }
	// often is the first index by which a step has happened as often as it has to.
	often := func(from, until, step int) int {
		st := &s.Steps[step]
		return first(from, until, func(i int) bool {
			n := 0
			for j := from; j <= i; j++ {
				if is(j, step) && (st.In == 0 || all[i].at-all[j].at < seconds(st.In)) {
					n++
				}
			}
			return is(i, step) && n >= max(1, st.Times)
		})
	}
	rest := -1 << 40
	for at := 0; at < len(all); {
		at = after(at, rest)
		begun := often(at, 1<<40, 0)
		if begun == len(all) {
			break
		}
		since, next, ended := all[begun].at, begun+1, false
		for step := 1; step < len(s.Steps) && !ended; step++ {
			st := &s.Steps[step]
			breaks := func(i int) bool { return st.Not && is(i, step) }
			from := step
			for st.Not && st.For == 0 {
				step++
				st = &s.Steps[step]
			}
			if from != step || st.Not {
				until := step
				breaks = func(i int) bool {
					for k := from; k <= until; k++ {
						if s.Steps[k].Not && is(i, k) {
							return true
						}
					}
					return false
				}
			}
			over := since + seconds(cmp.Or(st.For, st.Within))
			broken, hit, anew := first(next, over, breaks), len(all), len(all)
			if !st.Not {
				hit = often(next, over, step)
			}
			if s.Restart {
				anew = first(next, over, func(i int) bool { return is(i, 0) && (st.Not || !is(i, step)) })
			}
			switch soonest := min(broken, hit, anew); {
			case soonest == len(all) && st.Not:
				since, next = over, after(next, over)
			case soonest == len(all):
				next, ended = after(next, over), true
			case soonest == broken || soonest == anew:
				next, ended = soonest, true
			default:
				since, next = all[hit].at, hit+1
			}
		}
		if !ended {
			done = append(done, since)
			rest = since + max(1, seconds(s.Again))
		}
		at = next
	}
	return done
}

// somewhat makes up a scenario that can be.
func somewhat(r *rand.Rand, unit time.Duration) *offers.Scenario {
	s := &offers.Scenario{ID: "s", Status: offers.CampaignLive, Restart: r.IntN(3) == 0}
	if r.IntN(3) == 0 {
		s.Again = time.Duration(r.IntN(40)) * unit
	}
	what := func() []offers.EventType {
		return slices.Compact(slices.Sorted(slices.Values([]offers.EventType{
			offers.EventType("abcd"[r.IntN(4):][:1]), offers.EventType("abcd"[r.IntN(4):][:1]),
		})))[:1]
	}
	span := func() time.Duration { return time.Duration(1+r.IntN(40)) * unit }
	n := 1 + r.IntN(4)
	for i := range n {
		st := offers.Step{Events: what()}
		switch {
		case i > 0 && r.IntN(3) == 0:
			st.Not = true
			if i == n-1 || r.IntN(2) == 0 {
				st.For = span()
			}
		default:
			if i > 0 {
				st.Within = span()
			}
			if r.IntN(4) == 0 && !(i == 0 && s.Restart) {
				st.Times, st.In = 2+r.IntN(2), span()
			}
		}
		s.Steps = append(s.Steps, st)
	}
	return s
}

// house follows one shopper as a lane does.
type house struct {
	t       *testing.T
	set     *scenario.Set
	profile offers.Profile
	latest  time.Time
	told    []scenario.Completion
	counts  map[offers.ScenarioID]map[int]scenario.Count
	late    int
	against int
}

func newHouse(t *testing.T, scenarios ...*offers.Scenario) *house {
	t.Helper()
	all := map[offers.ScenarioID]*offers.Scenario{}
	for _, s := range scenarios {
		all[s.ID] = s
	}
	set, broken := scenario.New(all, compile(t))
	for _, err := range broken {
		t.Fatal(err)
	}
	return &house{t: t, set: set, counts: map[offers.ScenarioID]map[int]scenario.Count{}}
}

// tell folds an event, and what it leads to, as the log would bring it.
func (h *house) tell(e offers.Event) {
	h.t.Helper()
	if e.Time.After(h.profile.Last) {
		h.profile.Last = e.Time
	}
	// Between two events a profile lies in state.
	b, err := json.Marshal(&h.profile)
	if err != nil {
		h.t.Fatal(err)
	}
	h.profile = offers.Profile{}
	if err := json.Unmarshal(b, &h.profile); err != nil {
		h.t.Fatal(err)
	}
	result := h.set.Advance(&h.profile, &e, func() *rule.Vars { return vars(&e) })
	h.late += result.Late
	h.against += result.Contradicted
	h.told = append(h.told, result.Completed...)
	for _, c := range result.Counts {
		if h.counts[c.Scenario] == nil {
			h.counts[c.Scenario] = map[int]scenario.Count{}
		}
		sum := h.counts[c.Scenario][c.Step].Plus(c.Count)
		if h.counts[c.Scenario][c.Step] = sum; sum == (scenario.Count{}) {
			delete(h.counts[c.Scenario], c.Step)
		}
	}
	for _, c := range result.Completed {
		h.tell(offers.Event{Type: offers.ScenarioCompleted, Scenario: c.Scenario.ID, Category: c.Key, Time: c.At})
	}
	if e.Type == offers.TimerDue {
		return
	}
	if e.Time.After(h.latest) {
		h.latest = e.Time
	}
	h.ring(h.latest.Add(-30 * time.Second))
}

// ring lets the timers ring that are due by a time.
func (h *house) ring(by time.Time) {
	h.t.Helper()
	for n := 0; !h.profile.Wake.IsZero() && !h.profile.Wake.After(by); n++ {
		if n > 1000 {
			h.t.Fatalf("it rings for ever, for %s", h.profile.Wake)
		}
		h.tell(offers.Event{Type: offers.TimerDue, Time: h.profile.Wake})
	}
}

func (h *house) live(all []happening) {
	h.t.Helper()
	for _, a := range all {
		h.tell(offers.Event{Type: offers.EventType(a.what), Time: noon.Add(time.Duration(a.at) * time.Second)})
	}
	h.ring(noon.Add(10000 * time.Hour))
}

func (h *house) toldAt() []int {
	var at []int
	for _, c := range h.told {
		at = append(at, int(c.At.Sub(noon)/time.Second))
	}
	return at
}

func describe(s *offers.Scenario, all []happening) string {
	b, _ := json.MarshalIndent(s.Steps, "", " ")
	var when strings.Builder
	for _, a := range all {
		when.WriteString(a.what + "@" + time.Duration(a.at*1e9).String() + " ")
	}
	return string(b) + "\nrestart " + map[bool]string{true: "yes", false: "no"}[s.Restart] + ", again after " + s.Again.String() + "\n" + when.String()
}

// late is what happened in the order in which it arrives, each less than so many
// seconds late, those of one second in order.
func late(r *rand.Rand, all []happening, most int) []happening {
	type arrival struct {
		happening
		when int
	}
	arrivals := make([]arrival, len(all))
	for i, a := range all {
		arrivals[i] = arrival{a, a.at + r.IntN(most)}
		if i > 0 && all[i-1].at == a.at {
			arrivals[i].when = max(arrivals[i].when, arrivals[i-1].when)
		}
	}
	slices.SortStableFunc(arrivals, func(a, b arrival) int { return cmp.Compare(a.when, b.when) })
	shuffled := make([]happening, len(all))
	for i, a := range arrivals {
		shuffled[i] = a.happening
	}
	return shuffled
}

// What the reference finds in all that happened is what is told while it
// happens, non-events included; and if it arrives out of order, within the
// lateness, it counts the same in the end, and as many completions stand.
func TestAgreesWithTheReference(t *testing.T) {
	completions, disordered, contradicted := 0, 0, 0
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(1, seed))
		unit := []int{1, 9}[seed%2] // seconds: all lies within the lateness, or most is settled in the end
		s := somewhat(r, time.Duration(unit)*time.Second)
		var all []happening
		at := 0
		for range 5 + r.IntN(30) {
			at += unit * r.IntN(15)
			all = append(all, happening{"abcd"[r.IntN(4):][:1], at})
		}
		want := reference(s, all)
		completions += len(want)
		inOrder := newHouse(t, s)
		inOrder.live(all)
		if diff := gocmp.Diff(want, inOrder.toldAt()); diff != "" {
			t.Fatalf("seed %d (-want +got)\n%s\n%s", seed, diff, describe(s, all))
		}
		if inOrder.late+inOrder.against > 0 {
			t.Fatalf("seed %d: %d late, %d contradicted in order", seed, inOrder.late, inOrder.against)
		}

		// Late by less than the timers wait, and by more: then something may be told
		// that turns out to be none.
		for _, most := range []int{30, int(scenario.Lateness / time.Second)} {
			shuffled := late(r, all, most)
			outOfOrder := newHouse(t, s)
			outOfOrder.live(shuffled)
			if !slices.Equal(shuffled, all) {
				disordered++
			}
			contradicted += outOfOrder.against
			if diff := gocmp.Diff(inOrder.counts, outOfOrder.counts); diff != "" {
				t.Fatalf("seed %d: counts in order and out of order differ\n%s\n%s\narrived %v", seed, diff, describe(s, all), shuffled)
			}
			if got := len(outOfOrder.told) - outOfOrder.against; got != len(want) || outOfOrder.late > 0 {
				t.Fatalf("seed %d: %d told, %d of them contradicted, %d late; want %v, told %v\n%s\narrived %v", seed,
					len(outOfOrder.told), outOfOrder.against, outOfOrder.late, want, outOfOrder.toldAt(), describe(s, all), shuffled)
			}
			if p := &outOfOrder.profile; !p.Wake.IsZero() {
				t.Fatalf("seed %d: still waits at %s", seed, p.Wake)
			}
		}
	}
	if completions < 2000 || disordered < 3000 || contradicted < 40 {
		t.Errorf("%d completions, %d out of order, %d contradicted: too few to say anything", completions, disordered, contradicted)
	}
}

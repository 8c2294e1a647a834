package decider

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/scenario"
	"aisle/services/state"
	"aisle/services/stream"
)

// looked is a scenario that ends with something not happening; keen waits for
// it to be completed twice.
var (
	looked = offers.Scenario{ID: "looked", Name: "Looked, did not buy", Status: offers.CampaignLive, Steps: []offers.Step{
		{Name: "Looks", Events: []offers.EventType{offers.ProductViewed}, Where: `event.category == "footwear"`},
		{Name: "Buys", Not: true, Events: []offers.EventType{offers.OrderCompleted}, For: time.Hour},
	}}
	keen = offers.Scenario{ID: "keen", Name: "Looked again and again", Status: offers.CampaignLive, Steps: []offers.Step{
		{Name: "Looked twice", Events: []offers.EventType{offers.ScenarioCompleted}, Scenario: "looked", Times: 2, In: 24 * time.Hour},
	}}
)

// follows makes the scenarios live, and a campaign that waits for one of them.
func (g *ground) follows() {
	g.t.Helper()
	for _, s := range []offers.Scenario{looked, keen} {
		g.produce(stream.Campaigns, offers.ScenarioKey(s.ID), s)
	}
	g.produce(stream.Campaigns, offers.CampaignKey("still"), offers.Campaign{
		ID: "still", Name: "Still looking?", Status: offers.CampaignLive, Trigger: offers.Trigger{Event: offers.ScenarioCompleted, Scenario: "looked"},
		Channels: []offers.Channel{offers.ChannelApp}, Offers: []offers.Offer{{ID: "c", Title: "C", Valid: time.Hour}},
	})
}

// completed are the completions on the log: their times, by id.
func (g *ground) completed() map[offers.EventID]offers.Event {
	g.t.Helper()
	out := map[offers.EventID]offers.Event{}
	for _, r := range g.read(stream.Events, 0) {
		var e offers.Event
		if err := json.Unmarshal(r.Value, &e); err != nil {
			g.t.Fatal(err)
		}
		if e.Type == offers.ScenarioCompleted {
			out[e.ID] = e
		}
	}
	return out
}

// decided are the decisions on the log of a campaign, by shopper.
func (g *ground) decided(trigger offers.EventType) map[offers.ShopperID][]offers.Verdict {
	g.t.Helper()
	out := map[offers.ShopperID][]offers.Verdict{}
	seen := map[offers.DecisionID]bool{}
	for _, r := range g.read(stream.Decisions, 0) {
		var d offers.Decision
		if err := json.Unmarshal(r.Value, &d); err != nil {
			g.t.Fatal(err)
		}
		if d.Trigger == trigger && !seen[d.ID] {
			seen[d.ID] = true
			out[d.Shopper] = append(out[d.Shopper], d.Verdict)
		}
	}
	return out
}

func (g *ground) consents(id offers.ShopperID, at time.Time) {
	g.t.Helper()
	for i, purpose := range offers.Purposes {
		g.produce(stream.Events, string(id), offers.Event{
			ID: offers.EventID(fmt.Sprintf("%s-consent-%d", id, i)), Type: offers.ConsentChanged, Shopper: id, Time: at,
			Consent: &offers.Consent{Purpose: purpose, Granted: true, At: at},
		})
	}
}

// sharing are n shoppers of one partition.
func (g *ground) sharing(n int) []offers.ShopperID {
	var all []offers.ShopperID
	for i := 0; len(all) < n; i++ {
		if id := offers.ShopperID(fmt.Sprint("p", i)); g.log.PartitionOf(string(id)) == 0 {
			all = append(all, id)
		}
	}
	return all
}

// What did not happen is noticed by another owner than the one who saw it
// begin: the wait lies in state, and the partition's watermark ends it.
func TestAWaitOutlivesItsOwner(t *testing.T) {
	g := newGround(t, false)
	g.follows()
	// A time to come: the wall clock does not ring it.
	begin := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)
	ids := g.sharing(3)
	waits, buys, other := ids[0], ids[1], ids[2]
	view := func(id offers.ShopperID, after time.Duration) {
		g.produce(stream.Events, string(id), offers.Event{
			ID: offers.EventID(fmt.Sprint("view-", id, after)), Type: offers.ProductViewed, Shopper: id, Category: "footwear", Time: begin.Add(after),
		})
	}
	stop := g.start()
	for _, id := range ids {
		g.consents(id, begin.Add(-time.Hour))
	}
	view(waits, 0)
	view(buys, 0)
	g.read(stream.Decisions, 2)
	stop()

	defer g.start()()
	g.produce(stream.Events, string(buys), offers.Event{ID: "bought", Type: offers.OrderCompleted, Shopper: buys, Category: "footwear", Time: begin.Add(30 * time.Minute)})
	view(other, time.Hour) // the hour is over, but events may still be on their way
	g.read(stream.Decisions, 3)
	if got := g.completed(); len(got) != 0 {
		t.Fatalf("completed %v before it was sure", got)
	}
	view(other, time.Hour+10*time.Second)
	eventually(t, "the completion", func() bool { return len(g.completed()) == 1 })
	for _, e := range g.completed() {
		if e.Shopper != waits || !e.Time.Equal(begin.Add(time.Hour)) || e.Scenario != "looked" {
			t.Errorf("completed %s of %s at %s, want of %s at the end of the wait", e.Scenario, e.Shopper, e.Time, waits)
		}
	}
	want := map[offers.ShopperID][]offers.Verdict{waits: {offers.Offered}}
	eventually(t, "the offer", func() bool { return len(g.decided(offers.ScenarioCompleted)) == 1 })
	if diff := cmp.Diff(want, g.decided(offers.ScenarioCompleted)); diff != "" {
		t.Errorf("decided on completions (-want +got)\n%s", diff)
	}

	// What comes now, from before, finds nobody waiting. What was told stands.
	g.produce(stream.Events, string(waits), offers.Event{ID: "late", Type: offers.OrderCompleted, Shopper: waits, Category: "footwear", Time: begin.Add(time.Hour - 15*time.Second)})
	view(waits, 2*time.Hour)
	g.read(stream.Decisions, 6)
	if got := len(g.completed()); got != 1 {
		t.Errorf("%d completions after a late event, want still the one", got)
	}
	counts, err := g.state.ScenarioCounts(t.Context(), g.log.Partitions())
	if err != nil {
		t.Fatal(err)
	}
	steps := counts[state.ScenarioSteps{Scenario: "looked", Steps: scenario.Hash(&looked)}]
	// Three have looked, one of them twice; the late order took a completion back.
	wantSteps := map[int]scenario.Count{0: {Entered: 4, Passed: 4}, 1: {Entered: 4, Stopped: 2}}
	if diff := cmp.Diff(wantSteps, steps); diff != "" {
		t.Errorf("what became of them at each step (-want +got)\n%s", diff)
	}
}

// Stopped and started at random, scenarios come to what they come to when
// nobody is stopped, and are counted once.
func TestStoppedAnywhereCompletesTheSame(t *testing.T) {
	type outcome struct {
		Completed map[offers.EventID]time.Time
		Decided   map[offers.ShopperID][]offers.Verdict
		Counts    map[state.ScenarioSteps]map[int]scenario.Count
	}
	run := func(interrupted bool) outcome {
		g := newGround(t, false)
		g.follows()
		random := rand.New(rand.NewPCG(3, 4))
		begin := time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
		ids := make([]offers.ShopperID, 12)
		for i := range ids {
			ids[i] = offers.ShopperID(fmt.Sprint("s", i))
			g.consents(ids[i], begin)
		}
		for i := range 600 {
			id := ids[random.IntN(len(ids))]
			e := offers.Event{ID: offers.EventID(fmt.Sprint("e", i)), Type: offers.ProductViewed, Shopper: id, Category: "footwear", Time: begin.Add(time.Duration(i) * time.Minute)}
			if random.IntN(6) == 0 {
				e.Type = offers.OrderCompleted
			}
			g.produce(stream.Events, string(id), e)
		}
		// The end of the day in each partition, so that all waits are over.
		for p := range g.log.Partitions() {
			for i := 0; ; i++ {
				if id := fmt.Sprint("night", i); g.log.PartitionOf(id) == p {
					g.produce(stream.Events, id, offers.Event{ID: offers.EventID(id), Type: "closed", Shopper: offers.ShopperID(id), Time: begin.Add(48 * time.Hour)})
					break
				}
			}
		}
		stop := g.start()
		if interrupted {
			for range 6 {
				time.Sleep(time.Duration(random.IntN(60)) * time.Millisecond)
				stop()
				stop = g.start()
			}
		}
		defer func() { stop() }()
		settled, last := 0, -1
		eventually(t, "the end of all waits", func() bool {
			n := len(g.read(stream.Events, 0)) + len(g.read(stream.Decisions, 0))
			if settled++; n != last {
				settled, last = 0, n
			}
			time.Sleep(50 * time.Millisecond)
			return settled > 20
		})
		out := outcome{Completed: map[offers.EventID]time.Time{}, Decided: g.decided(offers.ScenarioCompleted)}
		for id, e := range g.completed() {
			out.Completed[id] = e.Time
		}
		var err error
		if out.Counts, err = g.state.ScenarioCounts(t.Context(), g.log.Partitions()); err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := run(false)
	if len(want.Completed) < 50 {
		t.Fatalf("%d completions: too few to say anything", len(want.Completed))
	}
	if diff := cmp.Diff(want, run(true)); diff != "" {
		t.Errorf("stopped and not stopped differ (-not +stopped)\n%s", diff)
	}
}

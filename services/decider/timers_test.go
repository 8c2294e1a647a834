package decider

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

func TestTimersRingInOrderOnce(t *testing.T) {
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	var ts timers
	random := rand.New(rand.NewPCG(1, 2))
	want := map[offers.ShopperID]time.Time{}
	for range 5000 {
		id := offers.ShopperID(fmt.Sprint("s", random.IntN(100)))
		if random.IntN(4) == 0 {
			ts.set(id, time.Time{}, "")
			delete(want, id)
			continue
		}
		want[id] = at(random.IntN(60))
		ts.set(id, want[id], "")
	}
	got, last := map[offers.ShopperID]time.Time{}, time.Time{}
	for w, ok := ts.due(at(30)); ok; w, ok = ts.due(at(30)) {
		if w.At.Before(last) {
			t.Errorf("%s rings at %s, after one of %s", w.Shopper, w.At, last)
		}
		last, got[w.Shopper] = w.At, w.At
	}
	for id, when := range want {
		if when.After(at(30)) {
			delete(want, id)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rang (-want +got)\n%s", diff)
	}
}

func TestWatermark(t *testing.T) {
	at := func(s int) time.Time { return noon.Add(time.Duration(s) * time.Second) }
	var ts timers
	for _, tt := range []struct {
		name           string
		time, received int // seconds; received 0: unknown
		want           int
	}{
		{"the first", 100, 101, 95},
		{"older ones do not take it back", 50, 102, 95},
		{"a later one moves it on", 110, 110, 105},
		{"a clock that is ahead moves it no further than the door's", 1000, 120, 115},
		{"what no door received counts as it says", 130, 0, 125},
	} {
		e := offers.Event{Time: at(tt.time)}
		if tt.received != 0 {
			e.Received = at(tt.received)
		}
		if ts.reach(&e, 5*time.Second); !ts.watermark.Equal(at(tt.want)) {
			t.Errorf("%s: watermark %s, want %s", tt.name, ts.watermark, at(tt.want))
		}
	}
}

// waits makes a shopper known who waits for something not to have happened, as
// an owner before would have left them. Others share the partition.
func (g *ground) waits(wake time.Time) (waiting, other offers.ShopperID) {
	g.t.Helper()
	waiting = "waiting"
	partition := g.log.PartitionOf(string(waiting))
	for i := 0; ; i++ {
		if other = offers.ShopperID(fmt.Sprint("other", i)); g.log.PartitionOf(string(other)) == partition {
			break
		}
	}
	value := state.AppendProfile(nil, &offers.Profile{Shopper: waiting, Wake: wake})
	err := g.state.Commit(g.t.Context(), Group, []state.Commit{{
		Partition: partition, From: -1, To: 0,
		Keys: []string{state.ProfileKey(partition, waiting)}, Values: [][]byte{value},
		Wakes: []state.Wake{{Shopper: waiting, At: wakeTime(wake)}},
	}})
	if err != nil {
		g.t.Fatal(err)
	}
	return waiting, other
}

// rang are the timers on the log, by id, with how often they are there.
func (g *ground) rang() map[offers.EventID]int {
	g.t.Helper()
	out := map[offers.EventID]int{}
	for _, r := range g.read(stream.Events, 0) {
		var e offers.Event
		if err := json.Unmarshal(r.Value, &e); err != nil {
			g.t.Fatal(err)
		}
		if e.Type == offers.TimerDue {
			out[e.ID]++
		}
	}
	return out
}

func TestTimerRingsByWatermark(t *testing.T) {
	g := newGround(t, false)
	// A time to come: the wall clock does not ring it.
	wake := time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond).Add(time.Nanosecond)
	waiting, other := g.waits(wake)
	stop := g.start()
	look := func(n int, at time.Time) {
		g.produce(stream.Events, string(other), offers.Event{ID: offers.EventID(fmt.Sprint("look", n)), Type: offers.ProductViewed, Shopper: other, Category: "footwear", Time: at})
		g.read(stream.Decisions, n)
	}
	look(1, wake.Add(time.Second)) // events may still be on their way
	if got := g.rang(); len(got) != 0 {
		t.Fatalf("rang %v before the watermark was there", got)
	}
	stop() // the watermark and the wake survive
	stop = g.start()
	look(2, wake.Add(-time.Second))
	if got := g.rang(); len(got) != 0 {
		t.Fatalf("rang %v before the watermark was there", got)
	}
	look(3, wake.Add(6*time.Second))
	id := timerEvent(state.Wake{Shopper: waiting, At: wakeTime(wake)}).ID
	eventually(t, "the timer", func() bool { return g.rang()[id] == 1 })
	left, err := g.state.Wakes(t.Context(), Group, g.log.PartitionOf(string(waiting)), 10)
	if err != nil || len(left) != 0 {
		t.Errorf("wakes left: %v, %v; want none", left, err)
	}
	stop()
	defer g.start()() // what the outbox holds is on the log
	look(4, wake.Add(7*time.Second))
	if got := g.rang(); len(got) != 1 || got[id] != 1 {
		t.Errorf("rang %v, want one timer, once", got)
	}
}

func TestTimerRingsByTheWallClockWhereNothingComes(t *testing.T) {
	g := newGround(t, false)
	wake := time.Now().Add(-time.Minute).UTC()
	waiting, _ := g.waits(wake)
	defer g.start()()
	id := timerEvent(state.Wake{Shopper: waiting, At: wakeTime(wake)}).ID
	eventually(t, "the timer", func() bool { return g.rang()[id] == 1 })
}

func TestLateEvents(t *testing.T) {
	g := newGround(t, false)
	g.views(1, 0)
	defer g.start()()
	for i, minute := range []int{60, 57, 30} { // new, late but allowed, too late
		g.produce(stream.Events, "s0", offers.Event{ID: offers.EventID(fmt.Sprint("v", i)), Type: offers.ProductViewed, Shopper: "s0", Category: "footwear", Time: noon.Add(time.Duration(minute) * time.Minute)})
	}
	late := map[offers.EventID]bool{}
	for _, r := range g.read(stream.Decisions, 3) {
		var d offers.Decision
		if err := json.Unmarshal(r.Value, &d); err != nil {
			t.Fatal(err)
		}
		late[d.Event] = d.Verdict == offers.NoOffer && len(d.Candidates) == 1 && d.Candidates[0].Out == offers.OutLate
	}
	if diff := cmp.Diff(map[offers.EventID]bool{"v0": false, "v1": false, "v2": true}, late); diff != "" {
		t.Errorf("out because they are late (-want +got)\n%s", diff)
	}
	b, err := g.state.Client().Get(t.Context(), state.ProfileKey(g.log.PartitionOf("s0"), "s0")).Bytes()
	var p offers.Profile
	if err == nil {
		err = state.DecodeProfile(b, &p)
	}
	views := int64(0)
	if st := p.Feature("views"); st != nil {
		for _, c := range st.Cells {
			views += c.N
		}
	}
	if err != nil || views != 3 {
		t.Errorf("%v views folded, %v; want all three", views, err)
	}
}

// What comes later than any moment looks back changes no feature, and is counted.
func TestEventsTooLateForFeaturesAreCounted(t *testing.T) {
	g := newGround(t, false)
	d := g.decider(Config{})
	defer running(t, d)()
	g.consents("s0", noon)
	for i, ago := range []time.Duration{0, 24 * time.Hour, 400 * 24 * time.Hour} {
		g.produce(stream.Events, "s0", offers.Event{
			ID: offers.EventID(fmt.Sprint("view-", i)), Type: offers.ProductViewed, Shopper: "s0", Category: "footwear", Time: noon.Add(-ago),
		})
		g.read(stream.Decisions, i+1)
		if got := testutil.ToFloat64(d.metrics.lateFeatures); (got > 0) != (i == 2) {
			t.Errorf("a view %v ago was too late for %v features", ago, got)
		}
	}
}

func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 15 s", what)
		}
	}
}

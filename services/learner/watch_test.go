package learner

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/offers/rank/watch"
	"aisle/services/state"
)

// bookmark is what the learner last wrote beside its model.
func bookmark(t *testing.T, s *state.Store) watch.Bookmark {
	t.Helper()
	_, _, raw, err := s.SnapshotBookmark(t.Context(), rank.SnapshotName)
	if err != nil {
		t.Fatal(err)
	}
	var b watch.Bookmark
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// decided makes some decisions, one a minute, by a model, of which share of a
// hundred are taken, after so long, and ends their windows. It returns when.
func (s *shop) decided(n int, at time.Time, by *rank.Model, share int, after func(int) time.Duration) time.Time {
	for i := range n {
		at = at.Add(time.Minute)
		d := s.offer(fmt.Sprintf("s%d", i%20), at, func(d *offers.Decision) {
			arm := rank.ArmOf(d.Campaign, d.Offer, d.Channels)
			e := by.Predict(nil, &d.Context, []rank.Arm{arm})[0]
			d.Model = by.Version()
			d.Candidates = []offers.Candidate{{Campaign: d.Campaign, Offer: d.Offer.ID, Propensity: e.Mean, Uncertainty: e.SD}}
		})
		s.show(d)
		s.offered++
		if i*37%100 < share {
			s.redeem(d, at.Add(after(i)))
		}
	}
	at = at.Add(3 * time.Hour)
	s.event("ana", offers.Event{Type: offers.PageViewed, Time: at})
	s.write()
	return at
}

func soon(int) time.Duration { return time.Minute }

// When an outcome is known within its window changes nothing: neither what is
// learned nor what the watch thinks of it.
func TestDelayedOutcomesChangeNothing(t *testing.T) {
	learned := func(after func(int) time.Duration) ([]rank.Estimate, watch.State) {
		h := newHouse(t, 1)
		s := h.shop(9)
		s.decided(150, began, rank.New().As(1), 12, after)
		h.start(Config{Publish: 20 * time.Millisecond, Watch: Watch{Cohort: 50}}, h.state)
		m := await(t, h.state, s.offered)
		mark := bookmark(t, h.state)
		return believes(m), watch.State{Cohorts: mark.Watch.Cohorts, Cohort: mark.Watch.Cohort, Turns: mark.Watch.Turns}
	}
	believed, seen := learned(soon)
	if len(seen.Cohorts) != 3 {
		t.Fatalf("%d cohorts", len(seen.Cohorts))
	}
	late, lateSeen := learned(func(i int) time.Duration { return 2*time.Hour - time.Duration(i%7)*time.Minute })
	if d := cmp.Diff(believed, late); d != "" {
		t.Errorf("learned otherwise:\n%s", d)
	}
	if d := cmp.Diff(seen, lateSeen); d != "" {
		t.Errorf("seen otherwise:\n%s", d)
	}
}

// What was learned from a day of nonsense is taken back: the deciders get the
// model of before. It goes on learning beside it, across a restart as well.
func TestRollsBack(t *testing.T) {
	h := newHouse(t, 1)
	c := Config{Publish: 20 * time.Millisecond, Watch: Watch{Cohort: 50, Rare: 1000}}
	stop := h.start(c, h.state)
	s := h.shop(10)
	at, m := began, rank.New()
	spell := func(n, share int) {
		t.Helper()
		at = s.decided(n, at, m, share, soon)
		m = await(t, h.state, s.offered)
	}
	for range 6 {
		spell(50, 10)
	}
	sane := believes(m)
	spell(150, 100) // an import says that everything was redeemed
	if cmp.Equal(sane, believes(m)) {
		t.Fatal("nothing was learned from the nonsense")
	}
	h.read()
	for i := 0; len(bookmark(t, h.state).Watch.Turns) == 0; i++ {
		if i > 12 {
			t.Fatal("nothing is done about it")
		}
		at = s.decided(50, at, m, 10, soon)
		h.read()
		time.Sleep(300 * time.Millisecond) // for the next publishing
		m = published(t, h.state)
	}
	mark := bookmark(t, h.state)
	turn := mark.Watch.Turns[0]
	if turn.Kind != watch.RolledBack || turn.Of >= turn.From || mark.Watch.Hold == nil {
		t.Fatalf("turn: %+v, held: %v", turn, mark.Watch.Hold)
	}
	kept, err := h.state.KeptSnapshot(t.Context(), rank.SnapshotName, rank.New().As(turn.Of).Version())
	if err != nil {
		t.Fatal(err)
	}
	of, err := rank.Decode(kept)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(believes(of), believes(m)); d != "" {
		t.Errorf("what is in use is not what was gone back to:\n%s", d)
	}

	stop()
	stop = h.start(c, h.state)
	at = s.decided(20, at, m, 10, soon)
	h.read()
	time.Sleep(300 * time.Millisecond)
	if d := cmp.Diff(believes(of), believes(published(t, h.state))); d != "" {
		t.Errorf("after a restart something else is in use:\n%s", d)
	}
	line, err := rank.Decode(bookmark(t, h.state).Line)
	if err != nil {
		t.Fatal(err)
	}
	if line.Learned() <= of.Learned() {
		t.Errorf("beside it %d outcomes are learned, as many as before", line.Learned())
	}

	wish, err := json.Marshal(watch.Wish{By: "ann", Reason: "I know better", At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.state.WishSnapshot(t.Context(), rank.SnapshotName, wish); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if mark = bookmark(t, h.state); mark.Watch.Hold == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if last := mark.Watch.Turns[len(mark.Watch.Turns)-1]; last.Kind != watch.Released || last.By != "ann" || mark.Watch.Hold != nil {
		t.Errorf("wished for the line that learns: %+v", last)
	}
	time.Sleep(100 * time.Millisecond)
	if left, err := h.state.SnapshotWish(t.Context(), rank.SnapshotName); left != nil || err != nil {
		t.Errorf("the wish is still there: %s %v", left, err)
	}
	stop()
}

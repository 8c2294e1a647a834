package learner

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/offers/rank/lists"
	"aisle/services/state"
	"aisle/services/stream"
)

// list is what a page was given: some offers, of which the model thought so much.
func (s *shop) list(shopper string, at time.Time, c offers.Context, placed []offers.Offer, thought func(offers.Offer) float64, change func(*offers.Decision)) offers.Decision {
	d := s.offer(shopper, at, func(d *offers.Decision) {
		d.Placement, d.Context, d.Features, d.Context.Features = "app/home", c, c.Features, nil
		for _, o := range placed {
			d.Placed = append(d.Placed, offers.Placed{Campaign: "c", Offer: o, Probability: .5})
			d.Candidates = append([]offers.Candidate{{Campaign: "c", Offer: o.ID, Propensity: thought(o)}}, d.Candidates...)
		}
		if change != nil {
			change(d)
		}
	})
	return d
}

func (s *shop) did(d offers.Decision, typ offers.EventType, offer offers.OfferID, at time.Time) {
	s.event(string(d.Shopper), offers.Event{Type: typ, Time: at, Decision: d.ID, Offer: offer})
}

// What lists teach: only those that somebody saw and whose window is over, with
// the features as they were recorded.
func TestShownLists(t *testing.T) {
	h := newHouse(t, 2)
	s := h.shop(1)
	context := offers.Context{Hour: 4, Features: offers.Features(`{"visits":3}`)}
	later, tooLate := began.Add(time.Minute), began.Add(3*time.Hour)
	list := func(shopper string, at time.Time, change func(*offers.Decision)) offers.Decision {
		thought := map[offers.OfferID]float64{"a": .1, "b": .2}
		return s.list(shopper, at, context, []offers.Offer{{ID: "a", Category: "food"}, {ID: "b", Category: "food"}}, func(o offers.Offer) float64 { return thought[o.ID] }, change)
	}
	seen := list("ann", later, nil)
	s.did(seen, offers.OfferViewed, "", later)
	both := list("bob", began, nil)
	s.did(both, offers.OfferClicked, "b", later)
	s.did(both, offers.OfferRedeemed, "", later) // of the first
	mistake := list("cat", began.Add(time.Second), nil)
	s.did(mistake, offers.OfferRedeemed, "a", later)
	s.did(mistake, offers.OfferRedeemed, "b", later)
	s.did(mistake, offers.RedemptionUndone, "a", later)
	s.did(list("dan", began, nil), offers.OfferClicked, "b", tooLate)
	s.did(list("eve", began, func(d *offers.Decision) { d.Fallback = true }), offers.OfferViewed, "", later)
	s.did(list("fay", tooLate, nil), offers.OfferViewed, "", tooLate) // its window is open
	s.did(list("gus", began.Add(-48*time.Hour), nil), offers.OfferViewed, "", began.Add(-48*time.Hour))
	list("hal", began, nil) // nobody saw it
	s.did(s.offer("ida", began, nil), offers.OfferRedeemed, "", later)
	s.records = append(s.records, s.records[1]) // a decision that is on the log twice
	s.records = append(s.records, record(t, stream.Decisions, "ann", "not a decision", "decision"))
	s.write()

	got, err := ShownLists(t.Context(), h.log, began.Add(-time.Hour), began.Add(4*time.Hour), 2*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	row := func(d offers.Decision, offer offers.OfferID, expected, worth float64) lists.Shown {
		return lists.Shown{
			Decision: d.ID, Time: d.Time, Expected: expected, Worth: worth, Context: context,
			Arm: rank.Arm{Offer: offer, Campaign: "c", Category: "food"},
		}
	}
	want := []lists.Shown{
		row(both, "a", .1, 2), row(both, "b", .2, 1), row(mistake, "a", .1, 0), row(mistake, "b", .2, 2), row(seen, "a", .1, 0), row(seen, "b", .2, 0),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// pages shows lists of four offers. Who searched for an offer's category mostly
// takes it; how well what was in use knew that is said.
func (s *shop) pages(from, n int, knew bool) {
	rng := rand.New(rand.NewPCG(uint64(from), 9))
	categories := []string{"footwear", "food", "toys", "garden"}
	for i := range n {
		wanted := categories[rng.IntN(len(categories))]
		placed := make([]offers.Offer, len(categories))
		for n, c := range rng.Perm(len(categories)) {
			placed[n] = offers.Offer{ID: offers.OfferID("o" + categories[c]), Category: categories[c]}
		}
		at := began.Add(time.Duration(from+i) * time.Second)
		d := s.list(fmt.Sprint("s", i%20), at, offers.Context{Searched: []string{wanted}}, placed, func(o offers.Offer) float64 {
			if knew && o.Category == wanted {
				return .9
			}
			return .1
		}, nil)
		s.did(d, offers.OfferViewed, "", at)
		if rng.Float64() < .8 {
			s.did(d, offers.OfferClicked, offers.OfferID("o"+wanted), at.Add(time.Second))
		}
	}
}

// awaitTraining waits until a training that began after another has ended.
func awaitTraining(t *testing.T, s *state.Store, after time.Time) lists.Training {
	t.Helper()
	var last lists.Training
	for range 1200 {
		raw, err := s.Snapshot(t.Context(), lists.TrainingName, "")
		if err != nil && !errors.Is(err, offers.ErrNotFound) {
			t.Fatal(err)
		}
		if err == nil {
			last = lists.Training{}
			if err := json.Unmarshal(raw, &last); err != nil {
				t.Fatal(err)
			}
			if last.Began.After(after) && !last.Ended.IsZero() {
				return last
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("no training ended: %+v", last)
	return last
}

// The ranker of lists is made anew by itself, and is in use where it is as good as
// what was; what came of it is told either way.
func TestListsAreTrainedOnSchedule(t *testing.T) {
	for _, test := range []struct {
		name  string
		lists int
		knew  bool // what was in use, of what is wanted
		want  lists.Training
		use   string
	}{
		{"better than what is in use", 400, false, lists.Training{Result: lists.InUse, Version: "lists-5", Lists: 400}, "lists-5"},
		{"as good", 400, true, lists.Training{Result: lists.InUse, Version: "lists-5", Lists: 400}, "lists-5"},
		{"too few lists", 40, false, lists.Training{Result: lists.TooFew, Lists: 40}, "lists-4"},
		{"too few to tell by", 80, false, lists.Training{Result: lists.TooFew, Version: "lists-5", Lists: 80}, "lists-4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t, 2)
			if err := h.state.PutSnapshot(t.Context(), lists.SnapshotName, "", "lists-4", []byte("what is in use"), nil); err != nil {
				t.Fatal(err)
			}
			s := h.shop(1)
			s.pages(0, test.lists, test.knew)
			s.write()
			for range 2 { // one of them trains
				h.start(Config{}, h.state)
			}
			got := awaitTraining(t, h.state, time.Time{})
			if d := cmp.Diff(test.want, got, cmpopts.IgnoreFields(lists.Training{}, "Began", "Ended", "Taken", "Trial")); d != "" {
				t.Error(d)
			}
			if current, err := CurrentLists(t.Context(), h.state); err != nil || current != test.use {
				t.Errorf("%q is in use, %v; want %q", current, err, test.use)
			}
		})
	}
}

// What has become no rule to go by is not put in use: a ranker learned that offers
// are taken by who searched for them, and lately it is the other way round.
func TestAWorseRankerOfListsIsNotUsed(t *testing.T) {
	h := newHouse(t, 1)
	s := h.shop(1)
	s.pages(0, 300, true)
	for i := range 100 {
		at := began.Add(time.Duration(300+i) * time.Second)
		wanted, other := offers.Offer{ID: "ofood", Category: "food"}, offers.Offer{ID: "otoys", Category: "toys"}
		d := s.list("ann", at, offers.Context{Searched: []string{"food"}}, []offers.Offer{wanted, other}, func(o offers.Offer) float64 {
			if o.ID == other.ID {
				return .9
			}
			return .1
		}, nil)
		s.did(d, offers.OfferClicked, other.ID, at.Add(time.Second))
	}
	s.write()
	stop := h.start(Config{Lists: Lists{Every: 200 * time.Millisecond}}, h.state)
	first := awaitTraining(t, h.state, time.Time{})
	if first.Result != lists.Worse || first.Trial.NDCG >= first.Trial.Before || first.Version != "lists-1" {
		t.Errorf("got %+v", first)
	}
	if current, err := CurrentLists(t.Context(), h.state); err != nil || current != "" {
		t.Errorf("%q is in use, %v", current, err)
	}
	if again := awaitTraining(t, h.state, first.Began); again.Result != lists.Worse {
		t.Errorf("again: %+v", again)
	}
	stop()
}

func TestListsSwitchedOff(t *testing.T) {
	h := newHouse(t, 1)
	s := h.shop(1)
	s.redeem(s.offer("ana", began, nil), began.Add(time.Minute))
	s.close()
	s.write()
	h.start(Config{Publish: 20 * time.Millisecond, Lists: Lists{Off: true}}, h.state)
	await(t, h.state, 1)
	if _, err := h.state.Snapshot(t.Context(), lists.TrainingName, ""); !errors.Is(err, offers.ErrNotFound) {
		t.Errorf("a training: %v", err)
	}
	if err := (Config{Lists: Lists{Every: -time.Second}}).Validate(); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("every -1s: %v", err)
	}
}

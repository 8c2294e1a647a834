package console_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/offers/rank/lists"
	"aisle/offers/rank/watch"
	"aisle/services/catalog"
	"aisle/services/state"
)

func TestModelPage(t *testing.T) {
	h := open(t)
	viewer, admin := h.as(catalog.RoleViewer), h.as(catalog.RoleAdmin)
	type version struct {
		Number uint64
		Judged int
		Pinned bool
	}
	type model struct {
		Version       string
		Learned, Line uint64
		Hold          *struct{ Of uint64 }
		Asked         *struct {
			Pin    uint64
			By     string
			Reason string
		}
		Versions []version
		Cohorts  []struct{ N int }
		Turns    []struct {
			Kind string
			Of   uint64
		}
		Drift []any
		Own   []struct{ Name, Breaker string }

		Training *lists.Training
	}
	var got model
	viewer.call("GET", "/api/model", nil, 200, &got)
	if got.Version != "" || len(got.Versions)+len(got.Cohorts)+len(got.Turns)+len(got.Own) > 0 {
		t.Errorf("of a house that has learned nothing: %+v", got)
	}
	admin.call("POST", "/api/model/turn", map[string]any{"reason": "why not"}, 404, nil)

	// A learner's day: four versions, one of them gone back to.
	w := watch.New(watch.Settings{Cohort: 50}, watch.State{}, 0, rank.New(), nil)
	in := rank.New()
	now := time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
	for i := range 420 {
		o := watch.Outcome{Arm: rank.Arm{Offer: "o", Campaign: "c"}, Model: in.Number(), Expected: .03, Time: now.Add(time.Duration(i) * time.Second)}
		if i%9 == 0 {
			o.Taken = 1
		}
		w.Take(&o)
		if i%25 == 0 {
			in = w.Publish(o.Time).Model
		}
	}
	of := w.Versions[0].Number
	if _, ok := w.Pin(of, "ann", "she says so", now); !ok {
		t.Fatal("the oldest version is not kept")
	}
	in = w.Publish(now).Model
	mark, err := json.Marshal(watch.Bookmark{Watch: w.State, Line: w.Line().Encode()})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.PutSnapshot(t.Context(), rank.SnapshotName, "", in.Version(), in.Encode(), mark); err != nil {
		t.Fatal(err)
	}
	if err := h.store.TellModels(t.Context(), "here", []state.ModelHealth{{Name: "mine", Kind: "http", At: "https://m.example", Breaker: "open", Failed: 5}}); err != nil {
		t.Fatal(err)
	}
	training := lists.Training{Began: now, Ended: now.Add(time.Minute), Result: lists.Worse, Version: "lists-2", Lists: 900, Taken: 80, Trial: &lists.Trial{Lists: 30, NDCG: .4, Before: .5}}
	raw, err := json.Marshal(training)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.PutSnapshot(t.Context(), lists.TrainingName, "", "training-1", raw, nil); err != nil {
		t.Fatal(err)
	}
	viewer.call("GET", "/api/model", nil, 200, &got)
	if d := cmp.Diff(&training, got.Training); d != "" {
		t.Errorf("the last training of lists:\n%s", d)
	}
	if got.Version != in.Version() || got.Learned != in.Learned() || got.Line != 420 || got.Hold == nil || got.Hold.Of != of {
		t.Errorf("in use: %+v", got)
	}
	if n := len(got.Versions); n != len(w.Versions) || got.Versions[n-1] != (version{of, w.Versions[0].Judged, true}) {
		t.Errorf("versions: %+v", got.Versions)
	}
	if n := len(got.Cohorts); n < 8 || got.Cohorts[0].N != 50 || len(got.Turns) != 1 || got.Turns[0].Kind != "pinned" || got.Turns[0].Of != of {
		t.Errorf("cohorts: %+v, turns: %+v", got.Cohorts, got.Turns)
	}
	if len(got.Own) != 1 || got.Own[0].Breaker != "open" {
		t.Errorf("own models: %+v", got.Own)
	}

	marketer := h.as(catalog.RoleMarketer)
	marketer.call("POST", "/api/model/turn", map[string]any{"reason": "I like it"}, 403, nil)
	admin.call("POST", "/api/model/turn", map[string]any{"pin": of}, 400, nil)
	admin.call("POST", "/api/model/turn", map[string]any{"pin": 99999, "reason": "no such"}, 404, nil)
	admin.call("POST", "/api/model/turn", map[string]any{"reason": "enough of that"}, 202, nil)
	viewer.call("GET", "/api/model", nil, 200, &got)
	if got.Asked == nil || got.Asked.Pin != 0 || got.Asked.Reason != "enough of that" || got.Asked.By == "" {
		t.Errorf("asked: %+v", got.Asked)
	}
	acts, err := h.catalog.Acts(t.Context(), catalog.ActsWanted{What: "model"})
	if err != nil || len(acts) != 1 || acts[0].Action != "follow the learning" {
		t.Errorf("written down: %+v, %v", acts, err)
	}
	wish, err := h.store.SnapshotWish(t.Context(), rank.SnapshotName)
	if err != nil || wish == nil {
		t.Errorf("the learner hears nothing: %v", err)
	}
}

// A campaign may name an own model that a decider knows, and keep the name of one
// that none knows any more.
func TestOwnModelsOfCampaigns(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	write := func(model string) offers.Campaign {
		return offers.Campaign{
			ID: "tea", Name: "Tea", Model: model, Trigger: offers.Trigger{Event: offers.ZoneEntered}, Channels: []offers.Channel{offers.ChannelApp},
			Offers: []offers.Offer{{ID: "tea-10", Title: "10 % off", Valid: time.Hour}},
		}
	}
	refused := func(model, want string) {
		t.Helper()
		var got struct {
			Errors []struct{ Field, Message string }
		}
		marketer.call("POST", "/api/campaigns", write(model), 400, &got)
		if len(got.Errors) != 1 || got.Errors[0].Field != "model" || !strings.Contains(got.Errors[0].Message, want) {
			t.Errorf("model %q: %+v, want %q", model, got.Errors, want)
		}
	}
	refused("mine", "they know none")
	know := func(names ...string) {
		t.Helper()
		var all []state.ModelHealth
		for _, name := range names {
			all = append(all, state.ModelHealth{Name: name})
		}
		for _, decider := range []string{"one", "two"} {
			if err := h.store.TellModels(t.Context(), decider, all); err != nil {
				t.Fatal(err)
			}
		}
	}
	know("mine", "trees")
	refused("tress", "choose mine or trees")
	var kept offers.Campaign
	marketer.call("POST", "/api/campaigns", write("trees"), 201, &kept)
	know("mine")
	kept.Name = "Green tea"
	marketer.call("PUT", "/api/campaigns/tea", kept, 200, &kept)
	kept.Model = "tress"
	marketer.call("PUT", "/api/campaigns/tea", kept, 400, nil)
}

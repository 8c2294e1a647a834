package decider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/offers/rank/lists"
	"aisle/services/stream"
)

// asking is a ranker for one batch over some own models. The campaign "theirs"
// names the model "mine".
func rankerOf(t *testing.T, c Model) *ranker {
	t.Helper()
	if err := (Config{Models: map[string]Model{"mine": c}}).Validate(); err != nil {
		t.Fatal(err)
	}
	return &ranker{
		ctx: t.Context(), house: rank.New(),
		models: newModels(map[string]Model{"mine": c}, slog.New(slog.DiscardHandler), prometheus.NewRegistry()),
		campaigns: map[offers.CampaignID]*offers.Campaign{
			"ours": {ID: "ours"}, "theirs": {ID: "theirs", Model: "mine"}, "lost": {ID: "lost", Model: "nobody"},
		},
	}
}

var someArms = []rank.Arm{{Offer: "a", Campaign: "ours"}, {Offer: "b", Campaign: "theirs"}, {Offer: "c", Campaign: "lost"}, {Offer: "d", Campaign: "theirs"}, {Offer: "e", Campaign: "gone"}}

func answering(t *testing.T, answer http.HandlerFunc) string {
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return s.URL
}

func TestOwnModelAnswersForItsCampaigns(t *testing.T) {
	var asked []map[string]any
	url := answering(t, func(w http.ResponseWriter, r *http.Request) {
		var in map[string]any
		json.NewDecoder(r.Body).Decode(&in)
		asked = append(asked, in)
		if got := r.Header.Get("Authorization"); got != "Bearer secret" {
			t.Errorf("authorization: %q", got)
		}
		fmt.Fprintf(w, `{"version":"v7","scores":[{"propensity":0.2%d,"uncertainty":0.01}]}`, len(asked))
	})
	r := rankerOf(t, Model{URL: url, Key: "secret", Batch: 1, Timeout: 5 * time.Second, Budget: 20 * time.Second})
	c := offers.Context{Hour: 12, Shopper: "ann", Features: offers.Features(`{"visits":3}`)}
	got := r.Predict(nil, &c, someArms)
	want := rank.New().Predict(nil, &c, someArms)
	want[1] = rank.Estimate{Mean: .21, SD: .01, By: "mine@v7"}
	want[3] = rank.Estimate{Mean: .22, SD: .01, By: "mine@v7"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	wantAsked := map[string]any{
		"context": map[string]any{"hour": 12., "weekday": 0.}, "features": map[string]any{"visits": 3.},
		"offers": []any{map[string]any{"offer": "b", "campaign": "theirs"}},
	}
	if d := cmp.Diff(wantAsked, asked[0]); d != "" {
		t.Errorf("was asked otherwise:\n%s", d)
	}
}

func TestHouseAnswersWhereOwnModelDoesNot(t *testing.T) {
	said := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); io.WriteString(w, body) }
	}
	var led atomic.Bool
	elsewhere := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		led.Store(true)
		io.WriteString(w, `{"scores":[{"propensity":0.5},{"propensity":0.5}]}`)
	})
	tests := map[string]http.HandlerFunc{
		"an error":     said(500, `{"scores":[{"propensity":0.5},{"propensity":0.5}]}`),
		"no JSON":      said(200, `nonsense`),
		"too few":      said(200, `{"scores":[{"propensity":0.5}]}`),
		"no chance":    said(200, `{"scores":[{"propensity":0.5},{"propensity":1.5}]}`),
		"below nought": said(200, `{"scores":[{"propensity":0.5},{"propensity":0.1,"uncertainty":-1}]}`),
		"endless":      said(200, strings.Repeat(" ", mostAnswer+1)+`{"scores":[{"propensity":0.5},{"propensity":0.5}]}`),
		"leads elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere, http.StatusTemporaryRedirect)
		},
		"never": func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Second):
			}
		},
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			r := rankerOf(t, Model{URL: answering(t, answer), Timeout: 2 * time.Second, Budget: 20 * time.Second})
			c := offers.Context{Hour: 12}
			if d := cmp.Diff(rank.New().Predict(nil, &c, someArms), r.Predict(nil, &c, someArms)); d != "" {
				t.Error(d)
			}
			if h := r.models.named["mine"].health; h.Failed != 1 || h.LastError == "" || h.Answered != 0 {
				t.Errorf("health: %+v", h)
			}
		})
	}
	if led.Load() {
		t.Error("a redirect was followed")
	}
}

// No name leads to where clouds keep their machines' secrets.
func TestOwnModelDoesNotLiveEverywhere(t *testing.T) {
	for _, host := range []string{"169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1"} {
		m := &remote{config: Model{URL: "http://" + host + ":9/"}, client: newClient(Model{Timeout: time.Second})}
		if _, _, err := m.score(t.Context(), &offers.Context{}, someArms); !errors.Is(err, offers.ErrDenied) {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestModelsThatCannotBe(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.txt")
	if err := os.WriteFile(bad, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]Model{
		"nothing": {}, "both": {URL: "http://m.example", File: bad}, "no address": {URL: "m.example"}, "a file's address": {URL: "file:///etc/passwd"},
		"with a password": {URL: "http://a:b@m.example"}, "no time": {URL: "http://m.example", Timeout: -1}, "no file": {File: bad + "s"}, "no model": {File: bad},
	}
	for name, m := range tests {
		if err := (Config{Models: map[string]Model{"mine": m}}).Validate(); !errors.Is(err, offers.ErrInvalid) && !errors.Is(err, offers.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestModelInAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "model.txt")
	if err := os.WriteFile(file, []byte(`tree
objective=binary sigmoid:1
feature_names=feature_visits offer=d

Tree=0
num_leaves=3
num_cat=0
split_feature=0 1
threshold=2.5 0.5
decision_type=2 2
left_child=-1 -2
right_child=1 -3
leaf_value=-3 0 1
end of trees
`), 0o600); err != nil {
		t.Fatal(err)
	}
	r := rankerOf(t, Model{File: file})
	c := offers.Context{Features: offers.Features(`{"visits":3}`)}
	got := r.Predict(nil, &c, someArms)
	want := rank.New().Predict(nil, &c, someArms)
	for i, mean := range map[int]float64{1: .5, 3: 0.7310585786300049} {
		want[i].Mean, want[i].By = mean, "mine@lightgbm"
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestBreaker(t *testing.T) {
	now := noon
	var b breaker
	fail := func() {
		t.Helper()
		if !b.allow(now) {
			t.Fatalf("%s at %v", b.condition, now)
		}
		b.failed(now)
	}
	for range failuresToOpen - 1 {
		fail()
	}
	b.worked() // not in a row
	for range failuresToOpen {
		fail()
	}
	if b.condition != opened || b.allow(now.Add(firstPause-1)) {
		t.Fatal("it is not open")
	}
	now = now.Add(firstPause)
	if !b.allow(now) || b.allow(now) || b.condition != halfOpen {
		t.Fatal("want one to see")
	}
	b.failed(now)
	if b.condition != opened || b.allow(now.Add(2*firstPause-1)) {
		t.Fatal("the pause is not doubled")
	}
	for range 20 {
		now = now.Add(longestPause)
		fail()
	}
	if b.pause != longestPause {
		t.Errorf("a pause of %v", b.pause)
	}
	now = now.Add(longestPause)
	b.allow(now)
	b.unsaid()
	if !b.allow(now) {
		t.Error("nothing was learned, and it is not asked again")
	}
	b.worked()
	if b != (breaker{condition: closed}) {
		t.Errorf("after it worked: %+v", b)
	}
}

// A model that does not answer holds a batch up no longer than its budget, and is
// not asked at all for a while.
func TestBudgetAndBreaker(t *testing.T) {
	var asked atomic.Int64
	url := answering(t, func(w http.ResponseWriter, _ *http.Request) { asked.Add(1); w.WriteHeader(500) })
	r := rankerOf(t, Model{URL: url, Timeout: 5 * time.Second, Budget: time.Hour})
	for range 50 {
		r.Predict(nil, &offers.Context{}, someArms)
	}
	if n := asked.Load(); n != failuresToOpen {
		t.Errorf("asked %d times, want %d", n, failuresToOpen)
	}
	if h := r.models.named["mine"].health; h.Breaker != string(opened) || h.Skipped != 50-failuresToOpen {
		t.Errorf("health: %+v", h)
	}
	r = rankerOf(t, Model{URL: url, Timeout: 5 * time.Second, Budget: 1})
	r.spent = map[string]time.Duration{"mine": 1}
	r.Predict(nil, &offers.Context{}, someArms)
	if n := asked.Load(); n != failuresToOpen {
		t.Errorf("asked %d times though the budget is spent", n)
	}
}

// An own model says something else each time it is asked. What it said is told
// once: lanes die at every step, and no decision is on the log in two ways, nor
// with a figure that the model did not give.
func TestOwnModelIsAskedUntilItIsWrittenDown(t *testing.T) {
	var mu sync.Mutex // guards given
	given := map[float64]bool{}
	url := answering(t, func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Offers []json.RawMessage }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		var scores []map[string]float64
		for range in.Offers {
			p := float64(len(given)+1) / 100_000
			given[p] = true
			scores = append(scores, map[string]float64{"propensity": p})
		}
		json.NewEncoder(w).Encode(map[string]any{"version": "1", "scores": scores})
	})
	g := newGround(t, false)
	g.produce(stream.Campaigns, offers.CampaignKey("shoes"), offers.Campaign{
		ID: "shoes", Name: "Shoes", Status: offers.CampaignLive, Trigger: offers.Trigger{Event: offers.ProductViewed}, Channels: []offers.Channel{offers.ChannelApp}, Model: "mine",
		Offers: []offers.Offer{{ID: "a", Title: "A", Value: offers.Money{Minor: 1000}, Valid: time.Hour}, {ID: "b", Title: "B", Value: offers.Money{Minor: 900}, Valid: time.Hour}},
	})
	d := g.decider(Config{MaxBatch: 20, Models: map[string]Model{"mine": {URL: url, Timeout: 10 * time.Second, Budget: time.Minute}}})
	var died, alive atomic.Int64
	d.after = func(step string) {
		if n := died.Load(); n < 15 && step == steps[n%int64(len(steps))] && alive.Add(1)%2 == 0 {
			died.Add(1)
			runtime.Goexit()
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	g.views(10, 400)
	g.atRest()
	cancel()
	if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v", err)
	}
	if died.Load() < 15 {
		t.Errorf("died %d times", died.Load())
	}
	decisions := g.decisions()
	if len(decisions) != 400 {
		t.Errorf("%d decisions, want 400", len(decisions))
	}
	told := map[float64]offers.DecisionID{}
	for _, raw := range decisions {
		var d offers.Decision
		if err := json.Unmarshal([]byte(raw), &d); err != nil {
			t.Fatal(err)
		}
		for _, c := range d.Candidates {
			if c.Model != "mine@1" || !given[c.Propensity] {
				t.Fatalf("%s: %s is taken with %v, as %q says", d.ID, c.Offer, c.Propensity, c.Model)
			}
			if other := told[c.Propensity]; other != "" {
				t.Errorf("%s and %s have the same answer", other, d.ID)
			}
			told[c.Propensity] = d.ID
		}
	}
	if len(told) == len(given) {
		t.Error("no answer was lost: nothing was interrupted")
	}
}

// What pages taught of lists ranks them as soon as it is in state, and never
// messages; without it the house's model does.
func TestListsAreRankedByWhatListsTaught(t *testing.T) {
	h := newDoor(t)
	h.open()
	rows := make([]lists.Shown, 0, 900)
	for i := range 300 { // hats are taken, nothing else is
		for _, o := range []struct{ id, category string }{{"shoes", "footwear"}, {"coffee", "coffee"}, {"hats", "hats"}} {
			r := lists.Shown{Decision: offers.DecisionID(fmt.Sprint(i)), Expected: .03, Arm: rank.Arm{Offer: offers.OfferID(o.id), Campaign: "banner", Category: o.category}}
			if o.id == "hats" && i%4 > 0 {
				r.Worth = 1
			}
			rows = append(rows, r)
		}
	}
	m, err := lists.Train(t.Context(), 7, noon, rows, 1)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	ask := func(n int) *offers.Decision {
		t.Helper()
		h.must(serverKey, fmt.Sprintf(`{"shopper":"s%d","placement":"web/home","limit":3}`, n))
		records := h.read(stream.Decisions, n+1)
		var d *offers.Decision
		for i := range records {
			var one offers.Decision
			if err := records[i].Decode(&one); err != nil {
				t.Fatal(err)
			}
			if one.Shopper == offers.ShopperID(fmt.Sprint("s", n)) {
				d = &one
			}
		}
		if d == nil || len(d.Placed) != 3 {
			t.Fatalf("decided: %+v", d)
		}
		return d
	}
	if d := ask(0); d.Candidates[0].Model != "" {
		t.Errorf("nothing was taught, and %q ranks", d.Candidates[0].Model)
	}
	if err := h.state.PutSnapshot(t.Context(), lists.SnapshotName, "", m.Version(), raw, nil); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); h.lists.Load() == nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the ranker is not taken up")
		}
	}
	for _, c := range ask(1).Candidates {
		if c.Model != "lists-7" || c.Uncertainty == 0 || (c.Offer == "hats") != (c.Propensity > .5) || c.Probability == 0 {
			t.Errorf("%s: %+v", c.Offer, c)
		}
	}
}

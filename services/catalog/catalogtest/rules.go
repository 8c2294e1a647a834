package catalogtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
	"aisle/services/catalog"
)

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func contracts(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	schema := json.RawMessage(`{"required":["price"]}`)
	draft := must(c.SaveContract(ctx, catalog.Contract{Event: "product_viewed", Schema: schema, Sources: []string{"segment/website"}, Note: "prices"}, ada))(t)
	if draft.Version != 1 || draft.Status != catalog.StatusDraft || draft.By != "Ada" || draft.At.IsZero() {
		t.Errorf("saved %+v, want a draft of version 1 by Ada", draft)
	}
	_, err := c.SaveContract(ctx, catalog.Contract{Event: "product_viewed", Schema: schema}, ada)
	wantKind(t, err, offers.ErrConflict)
	if rules := must(c.Rules(ctx))(t); len(rules.Contracts) != 0 {
		t.Errorf("a draft holds: %+v", rules.Contracts)
	}
	done(t, c.PublishContract(ctx, "product_viewed", 1, ada))
	second := must(c.SaveContract(ctx, catalog.Contract{Event: "product_viewed", Version: 1, Schema: json.RawMessage(`{}`)}, ada))(t)
	if second.Version != 2 {
		t.Errorf("the second is version %d", second.Version)
	}
	rules := must(c.Rules(ctx))(t)
	want := []catalog.Contract{draft}
	want[0].Status = catalog.StatusLive
	if diff := cmp.Diff(want, rules.Contracts); diff != "" {
		t.Errorf("what holds (-want +got):\n%s", diff)
	}
	states := must(c.Contracts(ctx))(t)
	if len(states) != 1 || states[0].Live != 1 || states[0].Holds.Version != 1 || states[0].Latest.Version != 2 || states[0].Latest.Status != catalog.StatusDraft {
		t.Errorf("contracts %+v, want version 1 to hold and 2 to be the latest", states)
	}
	done(t, c.PublishContract(ctx, "product_viewed", 2, ada))
	live, versions, err := c.ContractHistory(ctx, "product_viewed")
	done(t, err)
	var statuses []string
	for _, v := range versions {
		statuses = append(statuses, strconv.Itoa(v.Version)+v.Status)
	}
	if live != 2 || !slices.Equal(statuses, []string{"2live", "1retired"}) {
		t.Errorf("%d holds of %v", live, statuses)
	}
	done(t, c.RetireContract(ctx, "product_viewed", ada))
	done(t, c.RetireContract(ctx, "product_viewed", ada)) // again changes nothing
	if rules := must(c.Rules(ctx))(t); len(rules.Contracts) != 0 {
		t.Errorf("a retired contract holds: %+v", rules.Contracts)
	}
	wantKind(t, c.PublishContract(ctx, "product_viewed", 9, ada), offers.ErrNotFound)
	wantKind(t, c.PublishContract(ctx, "product_viewed", 0, ada), offers.ErrInvalid)
	wantKind(t, c.PublishContract(ctx, "other", 1, ada), offers.ErrNotFound)
	wantKind(t, c.RetireContract(ctx, "other", ada), offers.ErrNotFound)
	_, _, err = c.ContractHistory(ctx, "other")
	wantKind(t, err, offers.ErrNotFound)

	var acts []string
	for _, a := range must(c.Acts(ctx, catalog.ActsWanted{Limit: 20}))(t) {
		acts = append(acts, a.Action+" "+a.Object)
	}
	slices.Reverse(acts)
	wantActs := []string{"draft contract/product_viewed@1", "publish contract/product_viewed@1", "draft contract/product_viewed@2", "publish contract/product_viewed@2", "retire contract/product_viewed@2"}
	if diff := cmp.Diff(wantActs, acts); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}

func mappings(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	if none := must(c.MappingHistory(ctx, "segment/website"))(t); len(none) != 0 {
		t.Errorf("an empty catalog has %v", none)
	}
	first := must(c.SaveMapping(ctx, catalog.Mapping{Source: "segment/website", Steps: json.RawMessage(`[{"do":"exclude","field":"a"}]`)}, ada))(t)
	second := must(c.SaveMapping(ctx, catalog.Mapping{Source: "segment/website", Version: 1, Steps: json.RawMessage(`[]`), Note: "none"}, ada))(t)
	_, err := c.SaveMapping(ctx, catalog.Mapping{Source: "segment/website", Version: 1, Steps: json.RawMessage(`[]`)}, ada)
	wantKind(t, err, offers.ErrConflict)
	_, err = c.SaveMapping(ctx, catalog.Mapping{Source: "segment/website", Steps: json.RawMessage(`[]`)}, ada)
	wantKind(t, err, offers.ErrConflict)
	if diff := cmp.Diff([]catalog.Mapping{second, first}, must(c.MappingHistory(ctx, "segment/website"))(t)); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	other := must(c.SaveMapping(ctx, catalog.Mapping{Source: "a", Steps: json.RawMessage(`[]`)}, ada))(t)
	if diff := cmp.Diff([]catalog.Mapping{other, second}, must(c.Mappings(ctx))(t)); diff != "" {
		t.Errorf("mappings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]catalog.Mapping{other, second}, must(c.Rules(ctx))(t).Mappings); diff != "" {
		t.Errorf("what holds (-want +got):\n%s", diff)
	}
}

func feeds(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	first := must(c.SaveFeed(ctx, catalog.Feed{Name: "till-log", Plan: json.RawMessage(`{"kind":"text"}`)}, ada))(t)
	if diff := cmp.Diff([]catalog.Feed{first}, must(c.Feeds(ctx))(t)); diff != "" {
		t.Errorf("feeds (-want +got):\n%s", diff)
	}
	done(t, c.DeleteFeed(ctx, "till-log", ada))
	wantKind(t, c.DeleteFeed(ctx, "till-log", ada), offers.ErrNotFound)
	_, err := c.FeedHistory(ctx, "till-log")
	wantKind(t, err, offers.ErrNotFound)
	if all := must(c.Feeds(ctx))(t); len(all) != 0 {
		t.Errorf("removed, and there: %v", all)
	}
	anew := must(c.SaveFeed(ctx, catalog.Feed{Name: "till-log", Plan: json.RawMessage(`{"kind":"table"}`)}, ada))(t)
	if diff := cmp.Diff([]catalog.Feed{anew, first}, must(c.FeedHistory(ctx, "till-log"))(t)); diff != "" || anew.Version != 2 {
		t.Errorf("version %d; history (-want +got):\n%s", anew.Version, diff)
	}
	if diff := cmp.Diff([]catalog.Feed{anew}, must(c.Rules(ctx))(t).Feeds); diff != "" {
		t.Errorf("what holds (-want +got):\n%s", diff)
	}
}

func rulesRevision(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	notice := catalog.Notice{ID: "n1", Source: "s", Event: "e", Kind: "new_field", Since: noon, Last: time.Now().UTC()}
	must(c.AddNotices(ctx, []catalog.Notice{notice}))(t)
	last := must(c.RulesRevision(ctx))(t)
	for _, step := range []struct {
		name    string
		do      func() error
		changes bool
	}{
		{"a draft", func() error {
			_, err := c.SaveContract(ctx, catalog.Contract{Event: "e", Schema: json.RawMessage(`{}`)}, ada)
			return err
		}, false},
		{"publish", func() error { return c.PublishContract(ctx, "e", 1, ada) }, true},
		{"publish what holds", func() error { return c.PublishContract(ctx, "e", 1, ada) }, false},
		{"retire", func() error { return c.RetireContract(ctx, "e", ada) }, true},
		{"a mapping", func() error {
			_, err := c.SaveMapping(ctx, catalog.Mapping{Source: "s", Steps: json.RawMessage(`[]`)}, ada)
			return err
		}, true},
		{"a feed", func() error {
			_, err := c.SaveFeed(ctx, catalog.Feed{Name: "f", Plan: json.RawMessage(`{}`)}, ada)
			return err
		}, true},
		{"no feed", func() error { return c.DeleteFeed(ctx, "f", ada) }, true},
		{"a decision", func() error { _, err := c.DecideNotice(ctx, "n1", catalog.NoticeAccepted, ada, nil); return err }, true},
	} {
		done(t, step.do())
		now := must(c.RulesRevision(ctx))(t)
		if (now > last) != step.changes {
			t.Errorf("%s: revision %d, then %d", step.name, last, now)
		}
		last = now
	}
	if rules := must(c.Rules(ctx))(t); rules.Revision != last {
		t.Errorf("rules of revision %d, want %d", rules.Revision, last)
	}
}

func rulesWrittenAtOnce(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	a, b, ctx := open(t), open(t), t.Context()
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = []*catalog.Catalog{a, b}[i%2].SaveMapping(ctx, catalog.Mapping{Source: "s", Steps: json.RawMessage(`[]`)}, ada)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			wantKind(t, err, offers.ErrConflict)
		}
	}
	if won != 1 {
		t.Errorf("%d of 6 first versions were kept, want 1", won)
	}
}

// sum merges numbers, as shapes are merged.
func sum(stored, fresh json.RawMessage) (json.RawMessage, error) {
	a, errA := strconv.Atoi(string(stored))
	b, errB := strconv.Atoi(string(fresh))
	if len(stored) == 0 {
		errA = nil
	}
	return json.RawMessage(strconv.Itoa(a + b)), errors.Join(errA, errB)
}

func shapes(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	saved := must(c.SaveShapes(ctx, []catalog.Shape{{Source: "s", Event: "b", Body: json.RawMessage("1")}, {Source: "s", Event: "a", Body: json.RawMessage("2")}}, sum))(t)
	if len(saved) != 2 || saved[0].Event != "a" || string(saved[0].Body) != "2" {
		t.Errorf("saved %+v", saved)
	}
	saved = must(c.SaveShapes(ctx, []catalog.Shape{{Source: "s", Event: "b", Body: json.RawMessage("5")}}, sum))(t)
	if string(saved[0].Body) != "6" {
		t.Errorf("merged to %s, want 6", saved[0].Body)
	}
	if diff := cmp.Diff(saved[0], must(c.Shape(ctx, "s", "b"))(t)); diff != "" {
		t.Errorf("(-saved +kept):\n%s", diff)
	}
	_, err := c.SaveShapes(ctx, []catalog.Shape{{Source: "s", Event: "c", Body: json.RawMessage("no number")}}, sum)
	wantKind(t, err, offers.ErrInvalid)
	_, err = c.Shape(ctx, "s", "c")
	wantKind(t, err, offers.ErrNotFound)
	if all := must(c.Shapes(ctx))(t); len(all) != 2 {
		t.Errorf("%d shapes, want 2", len(all))
	}
	// What is stored and cannot be merged is written anew.
	strict := func(stored, fresh json.RawMessage) (json.RawMessage, error) {
		if len(stored) > 0 {
			return nil, errors.New("cannot be read")
		}
		return fresh, nil
	}
	if saved := must(c.SaveShapes(ctx, []catalog.Shape{{Source: "s", Event: "b", Body: json.RawMessage("9")}}, strict))(t); string(saved[0].Body) != "9" {
		t.Errorf("got %s, want 9", saved[0].Body)
	}
}

func shapesFromMany(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	a, b, ctx := open(t), open(t), t.Context()
	const writers, times = 4, 8
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for range times {
				of := []catalog.Shape{}
				for e := range 5 {
					of = append(of, catalog.Shape{Source: "s", Event: fmt.Sprint(e), Body: json.RawMessage("1")})
				}
				if i%2 == 1 {
					slices.Reverse(of)
				}
				if _, err := []*catalog.Catalog{a, b}[i%2].SaveShapes(ctx, of, sum); err != nil {
					t.Errorf("writer %d: %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	for _, s := range must(a.Shapes(ctx))(t) {
		if string(s.Body) != strconv.Itoa(writers*times) {
			t.Errorf("%s: %s, want %d", s.Event, s.Body, writers*times)
		}
	}
}

func notices(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	now := time.Now().UTC().Truncate(time.Microsecond)
	one := catalog.Notice{ID: "n1", Source: "s", Event: "e", Field: "price", Kind: "retyped_field", Was: "number", Now: "text", Since: now.Add(-time.Hour), Last: now.Add(-time.Minute), Count: 3}
	two := one
	two.ID, two.Source, two.Last = "n2", "other", now
	if added := must(c.AddNotices(ctx, []catalog.Notice{two, one}))(t); added != 2 {
		t.Errorf("%d added, want 2", added)
	}
	later := one
	later.Count, later.Last = 9, now.Add(-time.Second)
	if added := must(c.AddNotices(ctx, []catalog.Notice{later}))(t); added != 0 {
		t.Errorf("%d added of one that is there", added)
	}
	must(c.AddNotices(ctx, []catalog.Notice{one}))(t) // from one who is behind
	got, openAll, err := c.Notices(ctx, "", "", 10)
	done(t, err)
	want := []catalog.Notice{two, later}
	for i := range want {
		want[i].State = catalog.NoticeOpen
	}
	if diff := cmp.Diff(want, got); diff != "" || openAll != 2 {
		t.Errorf("%d open; (-want +got):\n%s", openAll, diff)
	}

	must(c.SaveShapes(ctx, []catalog.Shape{{Source: "s", Event: "e", Body: json.RawMessage("1")}}, sum))(t)
	change := func(n catalog.Notice, stored json.RawMessage) (json.RawMessage, error) {
		return json.RawMessage(strconv.Quote(n.Field + string(stored))), nil
	}
	decided := must(c.DecideNotice(ctx, "n1", catalog.NoticeAccepted, ada, change))(t)
	if decided.State != catalog.NoticeAccepted || decided.By != "Ada" || decided.At.IsZero() {
		t.Errorf("decided %+v", decided)
	}
	if s := must(c.Shape(ctx, "s", "e"))(t); string(s.Body) != `"price1"` {
		t.Errorf("the shape is %s", s.Body)
	}
	refuse := func(catalog.Notice, json.RawMessage) (json.RawMessage, error) { return nil, offers.ErrInvalid }
	must(c.DecideNotice(ctx, "n1", catalog.NoticeAccepted, ada, refuse))(t) // again changes nothing
	_, err = c.DecideNotice(ctx, "n1", catalog.NoticeWrong, ada, refuse)
	wantKind(t, err, offers.ErrInvalid)
	must(c.DecideNotice(ctx, "n2", catalog.NoticeWrong, ada, refuse))(t) // its shape is gone
	_, err = c.DecideNotice(ctx, "n3", catalog.NoticeWrong, ada, nil)
	wantKind(t, err, offers.ErrNotFound)

	// What was accepted stays as it is; what is wrong is still counted.
	later.Count, later.Last = 20, now.Add(time.Minute)
	two.Count, two.Last = 20, now.Add(time.Minute)
	must(c.AddNotices(ctx, []catalog.Notice{later, two}))(t)
	wrong, openAll, err := c.Notices(ctx, catalog.NoticeWrong, "other", 10)
	done(t, err)
	if len(wrong) != 1 || wrong[0].Count != 20 || openAll != 0 {
		t.Errorf("%d open, wrong %+v", openAll, wrong)
	}
	accepted, _, err := c.Notices(ctx, catalog.NoticeAccepted, "", 10)
	done(t, err)
	if diff := cmp.Diff([]catalog.Notice{decided}, accepted, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("accepted (-want +got):\n%s", diff)
	}
	old := one
	old.ID, old.Last = "old", now.Add(-100*24*time.Hour)
	must(c.AddNotices(ctx, []catalog.Notice{old}))(t)
	if all, _, _ := c.Notices(ctx, "", "", 10); len(all) != 2 {
		t.Errorf("%d notices, want the old one forgotten", len(all))
	}
}

// Package catalogtest is what every database must do to serve as the shop's
// filing cabinet. The same suite runs on the SQLite file and on PostgreSQL.
package catalogtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
	"aisle/services/catalog"
)

var ada = catalog.By{ID: "u1", Name: "Ada"}

// Run runs the suite. Each call of open gives a second connection to the same
// empty catalog within one test, and a new catalog in another test.
func Run(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	tests := map[string]func(t *testing.T, open func(t *testing.T) *catalog.Catalog){
		"secrets":               secrets,
		"people":                people,
		"firstPersonOnce":       firstPersonOnce,
		"signIn":                signIn,
		"provided":              provided,
		"apiKeys":               apiKeys,
		"signInCodes":           signInCodes,
		"lastAdminStays":        lastAdminStays,
		"shops":                 shops,
		"campaigns":             campaigns,
		"scenarios":             scenarios,
		"segments":              segments,
		"concurrentChange":      concurrentChange,
		"publish":               publish,
		"publishAfterCrash":     publishAfterCrash,
		"publishLatest":         publishLatest,
		"republish":             republish,
		"sources":               sources,
		"pushSubscriptions":     pushSubscriptions,
		"faces":                 faces,
		"facesNeedASignature":   facesNeedASignature,
		"recognitionClock":      recognitionClock,
		"negativeFaces":         negativeFaces,
		"forgetFaces":           forgetFaces,
		"pictures":              pictures,
		"audit":                 audit,
		"countOnce":             countOnce,
		"countAllOrNothing":     countAllOrNothing,
		"countFromManyLanes":    countFromManyLanes,
		"contracts":             contracts,
		"mappings":              mappings,
		"feeds":                 feeds,
		"rulesRevision":         rulesRevision,
		"rulesWrittenAtOnce":    rulesWrittenAtOnce,
		"shapes":                shapes,
		"shapesFromMany":        shapesFromMany,
		"notices":               notices,
		"migratesOnceAndAgain":  migratesAgain,
		"endedContext":          endedContext,
		"namesThatLookLikeCode": strangeNames,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
}

func secrets(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	a, b := open(t), open(t)
	first := must(a.Secrets(t.Context()))(t)
	if diff := cmp.Diff(first, must(b.Secrets(t.Context()))(t)); diff != "" {
		t.Errorf("another process has other secrets (-first +second):\n%s", diff)
	}
	seen := map[string]bool{}
	for _, secret := range [][]byte{first.Session, first.Token, first.Code, first.Seal, first.Edge, first.Sign} {
		if len(secret) != 32 || seen[string(secret)] {
			t.Errorf("secret of %d bytes, seen before: %t; want 32 bytes of its own", len(secret), seen[string(secret)])
		}
		seen[string(secret)] = true
	}
}

func people(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	if any := must(c.AnyPerson(ctx))(t); any {
		t.Error("an empty catalog has a person")
	}
	want := must(c.AddPerson(ctx, catalog.Person{Name: "Ada", Email: "Ada@Example.com", Role: catalog.RoleMarketer}, "a long password"))(t)
	if want.ID == "" || want.Email != "ada@example.com" {
		t.Errorf("added %+v, want an id and the address in small letters", want)
	}
	_, err := c.AddPerson(ctx, catalog.Person{Name: "Other", Email: "ADA@example.com", Role: catalog.RoleStaff}, "a long password")
	wantKind(t, err, offers.ErrConflict)

	got := must(c.Authenticate(ctx, "ADA@example.com", "a long password"))(t)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Authenticate (-want +got):\n%s", diff)
	}
	for _, wrong := range [][2]string{{"ada@example.com", "a wrong password"}, {"nobody@example.com", "a long password"}, {"", ""}} {
		_, err := c.Authenticate(ctx, wrong[0], wrong[1])
		wantKind(t, err, offers.ErrDenied)
	}
	if diff := cmp.Diff(want, must(c.Person(ctx, want.ID))(t)); diff != "" {
		t.Errorf("Person (-want +got):\n%s", diff)
	}
	_, err = c.Person(ctx, "nobody")
	wantKind(t, err, offers.ErrNotFound)
	wantKind(t, c.RemovePerson(ctx, "nobody"), offers.ErrNotFound)
}

func firstPersonOnce(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	var wg sync.WaitGroup
	errs := make(chan error, 4)
	for i := range cap(errs) {
		wg.Go(func() {
			_, err := c.AddFirstPerson(ctx, catalog.Person{Name: "First", Email: fmt.Sprint(i, "@example.com"), Role: catalog.RoleAdmin}, "a long password")
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	added := 0
	for err := range errs {
		if err == nil {
			added++
		} else {
			wantKind(t, err, offers.ErrConflict)
		}
	}
	if added != 1 {
		t.Errorf("%d people were the first, want 1", added)
	}
}

func lastAdminStays(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	first := must(c.AddFirstPerson(ctx, catalog.Person{Name: "A", Email: "a@example.com", Role: catalog.RoleAdmin}, "a long password"))(t)
	wantKind(t, c.RemovePerson(ctx, first.ID), offers.ErrConflict)
	must(c.AddPerson(ctx, catalog.Person{Name: "B", Email: "b@example.com", Role: catalog.RoleAdmin}, "a long password"))(t)
	if err := c.RemovePerson(ctx, first.ID); err != nil {
		t.Errorf("with another administrator: %v", err)
	}
	if n := len(must(c.People(ctx))(t)); n != 1 {
		t.Errorf("%d people are left, want 1", n)
	}
}

func shop(id offers.ShopID, name string) offers.Shop {
	return offers.Shop{ID: id, Name: name, TimeZone: "Europe/Amsterdam", Currency: "EUR",
		Floors:  []offers.Floor{{ID: "ground", Name: "Ground floor", WidthM: 30, DepthM: 20}},
		Zones:   []offers.Zone{{ID: "shoes", Floor: "ground", Name: "Shoes", Kind: offers.ZoneSales, Dwell: 30 * time.Second}},
		Cameras: []offers.Camera{{ID: "door", Floor: "ground", Zone: "shoes"}}}
}

func shops(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	_, err := c.Shop(ctx, "centraal")
	wantKind(t, err, offers.ErrNotFound)
	for _, s := range []offers.Shop{shop("b", "Zuid"), shop("a", "Noord"), shop("b", "Centraal")} {
		if err := c.PutShop(ctx, s, ada); err != nil {
			t.Fatal(err)
		}
	}
	want := []offers.Shop{shop("b", "Centraal"), shop("a", "Noord")}
	if diff := cmp.Diff(want, must(c.Shops(ctx))(t)); diff != "" {
		t.Errorf("Shops by name (-want +got):\n%s", diff)
	}
	if err := c.DeleteShop(ctx, "a", ada); err != nil {
		t.Error(err)
	}
	wantKind(t, c.DeleteShop(ctx, "a", ada), offers.ErrNotFound)
}

func campaign(id offers.CampaignID) offers.Campaign {
	return offers.Campaign{ID: id, Name: "Shoes", Status: offers.CampaignDraft, Channels: []offers.Channel{offers.ChannelSMS},
		Trigger: offers.Trigger{Event: offers.ZoneDwelled}, Cooldown: time.Hour,
		Offers: []offers.Offer{{ID: "shoes20", Title: "20% off", Value: offers.Money{Minor: 500, Currency: "EUR"}}}}
}

func scenarios(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	lapsed := offers.Scenario{ID: "lapsed", Name: "Lapsed", Status: offers.CampaignDraft, Steps: []offers.Step{
		{Events: []offers.EventType{offers.ZoneLeft}}, {Not: true, Events: []offers.EventType{offers.ZoneEntered}, For: time.Hour},
	}}
	first := must(c.CreateScenario(ctx, lapsed, ada))(t)
	changed := first
	changed.Status = offers.CampaignLive
	second := must(c.UpdateScenario(ctx, changed, ada))(t)
	_, err := c.UpdateScenario(ctx, changed, ada) // still version 1
	wantKind(t, err, offers.ErrConflict)
	if diff := cmp.Diff([]offers.Scenario{second}, must(c.Scenarios(ctx))(t)); diff != "" || second.Version != 2 {
		t.Errorf("as kept, at version %d (-want +got):\n%s", second.Version, diff)
	}
	want := []catalog.ScenarioVersion{{Scenario: second, At: second.Updated, By: "Ada"}, {Scenario: first, At: first.Updated, By: "Ada"}}
	if diff := cmp.Diff(want, must(c.ScenarioHistory(ctx, "lapsed"))(t)); diff != "" {
		t.Errorf("history, newest first (-want +got):\n%s", diff)
	}
	stream := told{}
	must(c.Publish(ctx, stream.produce))(t)
	all, err := offers.Catalogue{}.With("scenario/lapsed", stream["scenario/lapsed"])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&second, all.Scenarios["lapsed"]); diff != "" {
		t.Errorf("on the stream (-kept +told):\n%s", diff)
	}
	if err := c.DeleteScenario(ctx, "lapsed", ada); err != nil {
		t.Fatal(err)
	}
	_, err = c.Scenario(ctx, "lapsed")
	wantKind(t, err, offers.ErrNotFound)
	must(c.Publish(ctx, stream.produce))(t)
	if value, ok := stream["scenario/lapsed"]; !ok || len(value) > 0 {
		t.Errorf("the removed one: told %t with %q, want told with nothing", ok, value)
	}
}

func campaigns(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	first := must(c.CreateCampaign(ctx, campaign("shoes"), ada))(t)
	if first.Version != 1 || first.Updated.IsZero() {
		t.Errorf("created as version %d at %s, want 1 at a time", first.Version, first.Updated)
	}
	if diff := cmp.Diff(first, must(c.Campaign(ctx, "shoes"))(t)); diff != "" {
		t.Errorf("Campaign (-created +read):\n%s", diff)
	}
	_, err := c.CreateCampaign(ctx, campaign("shoes"), ada)
	wantKind(t, err, offers.ErrConflict)

	changed := first
	changed.Name = "Running shoes"
	second := must(c.UpdateCampaign(ctx, changed, catalog.By{Name: "Grace"}))(t)
	if second.Version != 2 {
		t.Errorf("updated to version %d, want 2", second.Version)
	}
	_, err = c.UpdateCampaign(ctx, changed, ada) // still version 1
	wantKind(t, err, offers.ErrConflict)
	_, err = c.UpdateCampaign(ctx, campaign("none"), ada)
	wantKind(t, err, offers.ErrNotFound)

	history := must(c.CampaignHistory(ctx, "shoes"))(t)
	want := []catalog.CampaignVersion{{Campaign: second, At: second.Updated, By: "Grace"}, {Campaign: first, At: first.Updated, By: "Ada"}}
	if diff := cmp.Diff(want, history); diff != "" {
		t.Errorf("history, newest first (-want +got):\n%s", diff)
	}
	if err := c.DeleteCampaign(ctx, "shoes", ada); err != nil {
		t.Fatal(err)
	}
	wantKind(t, c.DeleteCampaign(ctx, "shoes", ada), offers.ErrNotFound)
	again := must(c.CreateCampaign(ctx, campaign("shoes"), ada))(t)
	if again.Version != 3 {
		t.Errorf("created again as version %d, want 3: versions never repeat", again.Version)
	}
}

func concurrentChange(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	a, b, ctx := open(t), open(t), t.Context()
	read := must(a.CreateCampaign(ctx, campaign("shoes"), ada))(t)
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for i := range cap(errs) {
		wg.Go(func() {
			_, err := []*catalog.Catalog{a, b}[i%2].UpdateCampaign(ctx, read, ada)
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
		} else {
			wantKind(t, err, offers.ErrConflict)
		}
	}
	if won != 1 {
		t.Errorf("%d of 8 changes to the same version won, want 1", won)
	}
}

// told collects what a stream was told.
type told map[string][]byte

func (s told) produce(_ context.Context, all []catalog.Publication) error {
	for _, p := range all {
		s[p.Key] = p.Value
	}
	return nil
}

func publish(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	if err := c.PutShop(ctx, shop("a", "Noord"), ada); err != nil {
		t.Fatal(err)
	}
	kept := must(c.CreateCampaign(ctx, campaign("shoes"), ada))(t)
	must(c.CreateCampaign(ctx, campaign("gone"), ada))(t)
	if err := c.DeleteCampaign(ctx, "gone", ada); err != nil {
		t.Fatal(err)
	}
	stream := told{}
	if n := must(c.Publish(ctx, stream.produce))(t); n != 3 {
		t.Errorf("told %d documents, want 3", n)
	}
	var got offers.Campaign
	if err := json.Unmarshal(stream["campaign/shoes"], &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kept, got); diff != "" {
		t.Errorf("on the stream (-kept +told):\n%s", diff)
	}
	if value, ok := stream["campaign/gone"]; !ok || len(value) > 0 {
		t.Errorf("the removed campaign: told %t with %q, want told with nothing", ok, value)
	}
	if n := must(c.Publish(ctx, stream.produce))(t); n != 0 {
		t.Errorf("told %d documents again, want 0", n)
	}
}

func publishAfterCrash(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	must(c.CreateCampaign(ctx, campaign("shoes"), ada))(t)
	down := errors.New("the stream is down")
	if _, err := c.Publish(ctx, func(context.Context, []catalog.Publication) error { return down }); !errors.Is(err, down) {
		t.Errorf("Publish: %v, want what produce said", err)
	}
	stream := told{}
	if n := must(open(t).Publish(ctx, stream.produce))(t); n != 1 {
		t.Errorf("after the failure %d documents were told, want 1", n)
	}
}

func publishLatest(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	a, b, ctx := open(t), open(t), t.Context()
	read := must(a.CreateCampaign(ctx, campaign("shoes"), ada))(t)
	stream := told{}
	_, err := a.Publish(ctx, func(ctx context.Context, all []catalog.Publication) error {
		// Meanwhile somebody changes it: what is told now is old already.
		if _, err := b.UpdateCampaign(ctx, read, ada); err != nil {
			return err
		}
		return stream.produce(ctx, all)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := must(a.Publish(ctx, stream.produce))(t); n != 1 {
		t.Errorf("after a change in between %d documents were told, want 1", n)
	}
	var got offers.Campaign
	if err := json.Unmarshal(stream["campaign/shoes"], &got); err != nil || got.Version != 2 {
		t.Errorf("the stream ends with version %d (%v), want 2", got.Version, err)
	}
}

func republish(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	must(c.CreateCampaign(ctx, campaign("shoes"), ada))(t)
	if err := c.PutShop(ctx, shop("a", "Noord"), ada); err != nil {
		t.Fatal(err)
	}
	stream := told{}
	must(c.Publish(ctx, stream.produce))(t)
	clear(stream)
	if err := c.Republish(ctx, []string{"campaign/shoes", "shop/closed"}); err != nil {
		t.Fatal(err)
	}
	must(c.Publish(ctx, stream.produce))(t)
	var keys []string
	for key := range stream {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	if diff := cmp.Diff([]string{"campaign/shoes", "shop/a", "shop/closed"}, keys); diff != "" {
		t.Errorf("told again (-want +got):\n%s", diff)
	}
	if len(stream["shop/closed"]) > 0 {
		t.Error("a shop that is not kept was told as if it were")
	}
}

func sources(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	till := must(c.AddSource(ctx, catalog.Source{Name: "Till", Kind: "till"}))(t)
	web := must(c.AddSource(ctx, catalog.Source{Key: "known", Name: "Site", Kind: "website"}))(t)
	if len(till.Key) < 20 {
		t.Errorf("made the key %q, want one that nobody guesses", till.Key)
	}
	_, err := c.AddSource(ctx, catalog.Source{Key: "known", Name: "Again", Kind: "website"})
	wantKind(t, err, offers.ErrConflict)
	if diff := cmp.Diff([]catalog.Source{web, till}, must(c.Sources(ctx))(t)); diff != "" {
		t.Errorf("Sources by name (-want +got):\n%s", diff)
	}
	if err := c.RemoveSource(ctx, "known"); err != nil {
		t.Error(err)
	}
	wantKind(t, c.RemoveSource(ctx, "known"), offers.ErrNotFound)
}

func audit(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	if err := c.PutShop(ctx, shop("a", "Noord"), ada); err != nil {
		t.Fatal(err)
	}
	if err := c.Audit(ctx, ada, "link", "shopper/s1"); err != nil {
		t.Fatal(err)
	}
	want := []catalog.Act{{By: "Ada", Action: "link", Object: "shopper/s1"}, {By: "Ada", Action: "put", Object: "shop/a"}}
	if diff := cmp.Diff(want, must(c.Acts(ctx, catalog.ActsWanted{Limit: 10}))(t), cmpopts.IgnoreFields(catalog.Act{}, "At")); diff != "" {
		t.Errorf("Acts, newest first (-want +got):\n%s", diff)
	}
}

var noon = time.Date(2026, 9, 20, 12, 34, 56, 0, time.UTC)

func tally(campaign offers.CampaignID, at time.Time, n catalog.Counts, latency ...time.Duration) catalog.Tally {
	t := catalog.Tally{Campaign: campaign, Shop: "a", Hour: at, Counts: n}
	for _, d := range latency {
		t.Latency.Add(d)
	}
	return t
}

func countOnce(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	count := func(from, to int64) error {
		return c.Count(ctx, "stats", []catalog.Progress{{Stream: "decisions", Partition: 3, From: from, To: to}},
			[]catalog.Tally{
				tally("shoes", noon, catalog.Counts{Offered: 2, Sent: 1}, 100*time.Millisecond),
				tally("shoes", noon.Add(time.Minute), catalog.Counts{Sent: 1}, 300*time.Millisecond),
				tally("tea", noon, catalog.Counts{HeldOut: 1}),
			},
			[]catalog.Redemption{{Decision: "3-7-0", Campaign: "shoes", Shop: "a", Shopper: "s1", At: noon, Value: offers.Money{Minor: 1250, Currency: "EUR"}}})
	}
	if err := count(-1, 10); err != nil {
		t.Fatal(err)
	}
	wantKind(t, count(-1, 10), offers.ErrConflict) // the same batch again
	wantKind(t, count(9, 12), offers.ErrConflict)
	if err := count(10, 20); err != nil { // the next: its redemption is one that is known
		t.Fatal(err)
	}
	totals := must(c.Totals(ctx))(t)
	want := map[offers.CampaignID]catalog.Counts{"shoes": {Offered: 4, Sent: 4, Redeemed: 1}, "tea": {HeldOut: 2}}
	if diff := cmp.Diff(want, totals); diff != "" {
		t.Errorf("Totals (-want +got):\n%s", diff)
	}
	tallies := must(c.Tallies(ctx, noon.Truncate(time.Hour)))(t)
	if len(tallies) != 2 || tallies[0].Campaign != "shoes" || !tallies[0].Hour.Equal(noon.Truncate(time.Hour)) {
		t.Fatalf("tallies of the hour: %+v, want shoes and tea at noon", tallies)
	}
	shoes := &tallies[0].Latency
	if p50, p99 := shoes.QuantileMs(.5), shoes.QuantileMs(.99); shoes.Count() != 4 || p50 < 97 || p50 > 103 || p99 < 292 || p99 > 308 {
		t.Errorf("latency of %d: p50 %.1f ms, p99 %.1f ms; want 4 with 100 and 300", shoes.Count(), p50, p99)
	}
	if later := must(c.Tallies(ctx, noon.Add(time.Hour)))(t); len(later) != 0 {
		t.Errorf("%d tallies of later hours, want 0", len(later))
	}
	hours := must(c.HourCounts(ctx, noon.Truncate(time.Hour)))(t)
	wantHours := map[offers.ShopID]map[time.Time]catalog.Counts{"a": {noon.Truncate(time.Hour): {Offered: 4, Sent: 4, Redeemed: 1, HeldOut: 2}}}
	if diff := cmp.Diff(wantHours, hours); diff != "" {
		t.Errorf("HourCounts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[int]int64{3: 20}, must(c.Offsets(ctx, "stats", "decisions"))(t)); diff != "" {
		t.Errorf("Offsets (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[offers.CampaignID][]offers.Money{"shoes": {{Minor: 1250, Currency: "EUR"}}}, must(c.Earned(ctx, noon))(t)); diff != "" {
		t.Errorf("Earned (-want +got):\n%s", diff)
	}
	r := must(c.Redemption(ctx, "3-7-0"))(t)
	if r.Shopper != "s1" || !r.At.Equal(noon) {
		t.Errorf("Redemption: %+v", r)
	}
	_, err := c.Redemption(ctx, "3-8-0")
	wantKind(t, err, offers.ErrNotFound)

	// It was a mistake, told twice; another that nobody knows of changes nothing.
	mistake := []catalog.Redemption{{Decision: "3-7-0", Undone: true}, {Decision: "3-7-0", Undone: true}, {Decision: "3-8-0", Undone: true}}
	if err := c.Count(ctx, "stats", []catalog.Progress{{Stream: "decisions", Partition: 3, From: 20, To: 21}}, nil, mistake); err != nil {
		t.Fatal(err)
	}
	if got := must(c.Totals(ctx))(t)["shoes"].Redeemed; got != 0 {
		t.Errorf("%d redemptions after it was taken back, want 0", got)
	}
	_, err = c.Redemption(ctx, "3-7-0")
	wantKind(t, err, offers.ErrNotFound)
}

func countAllOrNothing(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	progress := func(part int, from, to int64) catalog.Progress {
		return catalog.Progress{Stream: "decisions", Partition: part, From: from, To: to}
	}
	if err := c.Count(ctx, "stats", []catalog.Progress{progress(0, -1, 5)}, nil, nil); err != nil {
		t.Fatal(err)
	}
	err := c.Count(ctx, "stats", []catalog.Progress{progress(1, -1, 3), progress(0, 4, 8)},
		[]catalog.Tally{tally("shoes", noon, catalog.Counts{Sent: 1})}, nil)
	wantKind(t, err, offers.ErrConflict)
	if diff := cmp.Diff(map[int]int64{0: 5}, must(c.Offsets(ctx, "stats", "decisions"))(t)); diff != "" {
		t.Errorf("offsets after a refused batch (-want +got):\n%s", diff)
	}
	if totals := must(c.Totals(ctx))(t); len(totals) != 0 {
		t.Errorf("a refused batch was counted: %v", totals)
	}
}

func countFromManyLanes(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	a, b, ctx := open(t), open(t), t.Context()
	const lanes, batches = 6, 10
	var wg sync.WaitGroup
	for lane := range lanes {
		wg.Go(func() {
			for batch := range int64(batches) {
				from := batch - 1
				if batch > 0 {
					from = batch
				}
				tallies := []catalog.Tally{tally("x", noon, catalog.Counts{Sent: 1}, time.Second), tally("y", noon, catalog.Counts{Sent: 1})}
				if lane%2 == 1 {
					slices.Reverse(tallies)
				}
				err := []*catalog.Catalog{a, b}[lane%2].Count(ctx, "stats",
					[]catalog.Progress{{Stream: "deliveries", Partition: lane, From: from, To: batch + 1}}, tallies, nil)
				if err != nil {
					t.Errorf("lane %d, batch %d: %v", lane, batch, err)
					return
				}
			}
		})
	}
	wg.Wait()
	want := map[offers.CampaignID]catalog.Counts{"x": {Sent: lanes * batches}, "y": {Sent: lanes * batches}}
	if diff := cmp.Diff(want, must(a.Totals(ctx))(t)); diff != "" {
		t.Errorf("Totals (-want +got):\n%s", diff)
	}
	if tallies := must(a.Tallies(ctx, noon.Add(-time.Hour)))(t); len(tallies) != 2 || tallies[0].Latency.Count() != lanes*batches {
		t.Errorf("%d tallies, the first with %d latencies; want 2 with %d", len(tallies), tallies[0].Latency.Count(), lanes*batches)
	}
}

func migratesAgain(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	first := open(t)
	must(first.CreateCampaign(t.Context(), campaign("shoes"), ada))(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := open(t).Campaign(t.Context(), "shoes"); err != nil {
				t.Errorf("opened again: %v", err)
			}
		})
	}
	wg.Wait()
}

func endedContext(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Shops(ctx)
	wantKind(t, err, offers.ErrUnavailable)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error in it", err)
	}
}

func strangeNames(t *testing.T, open func(t *testing.T) *catalog.Catalog) {
	c, ctx := open(t), t.Context()
	for _, id := range []offers.CampaignID{"a'; DROP TABLE campaigns; --", "a?b$1", "café/☕", offers.CampaignID(strings.Repeat("x", 300))} {
		strange := campaign(id)
		strange.Name = string(id)
		must(c.CreateCampaign(ctx, strange, ada))(t)
		if got := must(c.Campaign(ctx, id))(t); got.Name != string(id) {
			t.Errorf("kept %q as %q", id, got.Name)
		}
	}
}

func wantKind(t *testing.T, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("got error %v, want %v", err, kind)
	}
}

// must fails the test at once if there is an error.
func must[T any](value T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

package console_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
)

func TestCountAudience(t *testing.T) {
	h := open(t)
	viewer := h.as(catalog.RoleViewer)
	now := time.Now()
	yes := func(purposes ...offers.Purpose) map[offers.Purpose]offers.Consent {
		all := map[offers.Purpose]offers.Consent{}
		for _, p := range purposes {
			all[p] = offers.Consent{Purpose: p, Granted: true, At: now}
		}
		return all
	}
	for i, p := range []offers.Profile{
		{Traits: offers.Traits{Tier: "gold", Phone: "+31600000001"}, Consents: yes(offers.ConsentSMS, offers.ConsentPush)},
		{Traits: offers.Traits{Tier: "gold"}, Consents: yes(offers.ConsentSMS)},
		{Traits: offers.Traits{Tier: "gold"}, Consents: yes(offers.ConsentPush)},
		{Traits: offers.Traits{Tier: "silver"}, Consents: yes(offers.ConsentPush)},
		{Traits: offers.Traits{Tier: "gold"}, Into: "shopper-0"},
	} {
		p.Shopper = offers.ShopperID(fmt.Sprintf("shopper-%d", i))
		key := state.ProfileKey(h.log.PartitionOf(string(p.Shopper)), p.Shopper)
		if err := h.store.Client().Set(t.Context(), key, state.AppendProfile(nil, &p), 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	h.as(catalog.RoleMarketer).call("POST", "/api/segments", offers.Segment{Name: "Gold", Rule: `tier == "gold"`}, 201, nil)

	type estimate struct{ Count, Margin int64 }
	type answer struct {
		Shoppers, Matching, Reached estimate
		Channels                    map[string]estimate
		Sampled                     int64
		Whole                       bool
		Moment                      []string
	}
	everybody := answer{Shoppers: estimate{Count: 4}, Channels: map[string]estimate{}, Sampled: 4, Whole: true, Moment: []string{}}
	tests := map[string]struct {
		ask  map[string]any
		want func(a *answer)
	}{
		"everybody": {map[string]any{}, func(a *answer) { a.Matching.Count = 4 }},
		"written, by two channels": {map[string]any{"expression": `tier == "gold"`, "channels": []string{"sms", "app"}}, func(a *answer) {
			a.Matching.Count, a.Reached.Count = 3, 2
			a.Channels = map[string]estimate{"sms": {Count: 1}, "app": {Count: 2}}
		}},
		"built":     {map[string]any{"tree": map[string]any{"combinator": "and", "rules": []any{map[string]any{"field": "tier", "operator": "=", "value": "silver"}}}}, func(a *answer) { a.Matching.Count = 1 }},
		"a segment": {map[string]any{"segments": []string{"gold"}}, func(a *answer) { a.Matching.Count = 3 }},
		"both":      {map[string]any{"segments": []string{"gold"}, "expression": `tier != "gold"`}, func(*answer) {}},
		"of a search": {map[string]any{"expression": `event.query.contains("shoe") || tier == "silver"`}, func(a *answer) {
			a.Matching.Count, a.Moment = 1, []string{"event.query"}
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := everybody
			test.want(&want)
			var got answer
			viewer.call("POST", "/api/rules/count", test.ask, 200, &got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("counted (-want +got):\n%s", diff)
			}
		})
	}
	for field, ask := range map[string]map[string]any{
		"expression": {"expression": "teir"}, "tree": {"tree": map[string]any{}}, "channels[0]": {"channels": []string{"owl"}}, "segments[0]": {"segments": []string{"nobody"}},
	} {
		var got problemOf
		viewer.call("POST", "/api/rules/count", ask, 400, &got)
		if len(got.Errors) != 1 || got.Errors[0].Field != field {
			t.Errorf("refused for %+v, want %s", got.Errors, field)
		}
	}
}

package console_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
)

func TestWhatHoldsWhateverTheCampaign(t *testing.T) {
	h := open(t)
	admin := h.as(catalog.RoleAdmin)
	night := offers.QuietHours{FromMinute: 22 * 60, UntilMinute: 7 * 60}
	want := offers.House{
		Holdout: .1, Approvals: true, Quiet: &night, CostPerDay: 5,
		Limits: []offers.Limit{
			{Channel: offers.ChannelSMS, Times: 2, Beyond: offers.BeyondHold},
			{Tag: "news", Times: 1, Per: 7 * 24 * time.Hour},
		},
	}
	put := func(change map[string]any) {
		t.Helper()
		change["version"] = want.Version
		var got offers.House
		admin.call("PUT", "/api/house", change, 200, &got)
		want.Version, want.Updated = got.Version, got.Updated
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("after %v the house is not as wanted (-want +got):\n%s", change, diff)
		}
	}
	put(map[string]any{"holdout": want.Holdout, "approvals": true, "quiet": want.Quiet, "cost_per_day": 5, "limits": want.Limits})
	put(map[string]any{}) // who does not speak of something leaves it
	want.Limits = []offers.Limit{{Times: 3, Beyond: offers.BeyondReplace}}
	put(map[string]any{"limits": want.Limits}) // nothing of another limit is left in one
	want.Quiet, want.CostPerDay = nil, 0
	put(map[string]any{"quiet": nil, "cost_per_day": 0})
	want.Limits = nil
	put(map[string]any{"limits": []any{}})

	for name, bad := range map[string]map[string]any{
		"less than none":    {"limits": []any{map[string]any{"times": -1}}},
		"no such beyond":    {"limits": []any{map[string]any{"times": 1, "beyond": "later"}}},
		"no such channel":   {"limits": []any{map[string]any{"times": 1, "channel": "pigeon"}}},
		"longer than known": {"limits": []any{map[string]any{"times": 1, "per_ns": 40 * 24 * time.Hour}}},
		"too many":          {"limits": make([]offers.Limit, 21)},
		"no minute":         {"quiet": offers.QuietHours{FromMinute: 22 * 60, UntilMinute: 25 * 60}},
		"less than nothing": {"cost_per_day": -1},
		"most shoppers":     {"holdout": .6},
	} {
		t.Run(name, func(t *testing.T) {
			bad["version"] = want.Version
			if status, body := admin.try("PUT", "/api/house", bad); status != 400 {
				t.Errorf("%d %s; want 400", status, body)
			}
		})
	}
}

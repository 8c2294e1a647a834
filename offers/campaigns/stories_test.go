package campaigns

import (
	"strings"
	"testing"

	"aisle/offers"
	"aisle/offers/decide/decidetest"
	"aisle/offers/feature"
)

// Every campaign's and scenario's stories come out as its file says.
func TestStories(t *testing.T) {
	all := Demonstration()
	house := decidetest.House{Shops: all.Shops, Campaigns: all.Campaigns, Scenarios: all.Scenarios, Features: feature.Default()}
	told := map[offers.CampaignID]bool{}
	followed := map[offers.ScenarioID]bool{}
	for _, name := range all.Stories {
		raw, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := decidetest.Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, id := range f.Campaigns {
			told[id] = true
		}
		for _, id := range f.Scenarios {
			followed[id] = true
		}
		results, err := f.Run(house)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, r := range results {
			t.Run(strings.TrimSuffix(name, "_test.yaml")+"/"+r.Name, func(t *testing.T) {
				for _, wrong := range r.Wrong {
					t.Error(wrong)
				}
			})
		}
	}
	for _, k := range house.Campaigns {
		if !told[k.ID] {
			t.Errorf("no story tells of %s: write %s_test.yaml", k.ID, k.ID)
		}
	}
	for _, s := range house.Scenarios {
		if !followed[s.ID] {
			t.Errorf("no story tells of %s: write %s_test.yaml", s.ID, s.ID)
		}
	}
}

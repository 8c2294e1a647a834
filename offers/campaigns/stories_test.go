package campaigns

import (
	"io/fs"
	"strings"
	"testing"

	"aisle/offers"
	"aisle/offers/decide/decidetest"
	"aisle/offers/feature"
)

// Every campaign's stories come out as its file says.
func TestStories(t *testing.T) {
	names, err := fs.Glob(files, "*_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	house := decidetest.House{Shops: []offers.Shop{Shop()}, Campaigns: Load(), Features: feature.Default()}
	told := map[offers.CampaignID]bool{}
	for _, name := range names {
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
}

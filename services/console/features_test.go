package console_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/services/catalog"
)

func TestFeaturesOfAPerson(t *testing.T) {
	h := open(t)
	viewer := h.as(catalog.RoleViewer)
	p := profileOf("smia")
	p.Consents[offers.ConsentSearch] = offers.Consent{Purpose: offers.ConsentSearch, Granted: true, At: p.First}
	at := time.Now().UTC().Truncate(time.Hour)
	for _, query := range []string{"shoes", "boots", "espresso"} {
		feature.Default().Fold(&p, &offers.Event{Type: offers.ProductSearched, Query: query, Time: at, Source: "segment/website"})
	}
	h.keep(p)

	type known struct {
		Name, Looks, Source string
		Known, Refused      bool
		Value               any
		At, Expires         time.Time
	}
	var got struct{ Features []known }
	viewer.call("GET", "/api/people/smia/features", nil, 200, &got)
	byName := map[string]known{}
	for _, f := range got.Features {
		byName[f.Name] = f
	}
	if len(byName) != len(feature.Default().Definitions()) {
		t.Errorf("%d features, want every one", len(byName))
	}
	day := at.Truncate(24 * time.Hour)
	want := map[string]known{
		"searches":          {Name: "searches", Looks: "the last 14 days", Source: "segment/website", Known: true, Value: map[string]any{"footwear": 2., "coffee": 1.}, At: at, Expires: day.AddDate(0, 0, 15)},
		"orders":            {Name: "orders", Looks: "the last 90 days", Value: 0.},
		"last_zone":         {Name: "last_zone", Looks: "the newest of the last 12 hours", Value: "", Refused: true},
		"hours_since_order": {Name: "hours_since_order", Looks: "all that ever was", Value: feature.Never},
		"offers_taken":      {Name: "offers_taken", Looks: "the last 90 days", Value: .05},
		"visits_online":     {Name: "visits_online", Looks: "visits in the last 14 days, each ended by a pause of 30 minutes", Source: "segment/website", Known: true, Value: 1., At: at, Expires: at.AddDate(0, 0, 14)},
	}
	for name, want := range want {
		if diff := cmp.Diff(want, byName[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	viewer.call("GET", "/api/people/snobody/features", nil, 404, nil)

	var all struct{ Features []struct{ Name string } }
	viewer.call("GET", "/api/features", nil, 200, &all)
	if len(all.Features) != len(got.Features) {
		t.Errorf("%d features are declared, want %d", len(all.Features), len(got.Features))
	}
}

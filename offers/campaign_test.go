package offers

import "testing"

func TestRepresentations(t *testing.T) {
	o := Offer{Title: "20% off", Body: "Until Sunday", SMS: "{{title}}", Representations: []Representation{
		{Placement: "web", Title: "any page"}, {Placement: "web/home", Title: "home"}, {Placement: "wall/door", Title: "door"},
	}}
	tests := map[PlacementID]struct {
		title string
		ok    bool
	}{
		"web/home": {"home", true}, "web/cart": {"any page", true}, "web": {"any page", true},
		"wall/door": {"door", true}, "wall/till": {"", false}, "push": {"", false}, "": {"", false},
		"app": {"20% off", true}, "app/feed": {"20% off", true}, "sms": {"", true},
	}
	for placement, want := range tests {
		got, ok := o.In(placement)
		if ok != want.ok || got.Title != want.title {
			t.Errorf("in %q: %+v, %v; want %q, %v", placement, got, ok, want.title, want.ok)
		}
	}
	if _, ok := (&Offer{}).In("app"); ok {
		t.Error("an offer without a title has a card")
	}
}

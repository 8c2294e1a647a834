package decide

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
)

// Who had turned out to be somebody is them too, under whatever name: a face that
// is to be forgotten may be kept under any.
func TestMovedInOfMovedIn(t *testing.T) {
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	p := &offers.Profile{Shopper: "ana", Absorbed: []offers.ShopperID{"cleo"}}
	Fold(features, p, &offers.Event{Type: offers.ProfileMoved, Shopper: "ana", Time: at, Profile: &offers.Profile{Shopper: "ben", Absorbed: []offers.ShopperID{"cleo", "bens-browser"}}})
	if diff := cmp.Diff([]offers.ShopperID{"cleo", "ben", "bens-browser"}, p.Absorbed); diff != "" {
		t.Errorf("absorbed (-want +got):\n%s", diff)
	}
}

// What was kept of searches by a consent that went is let go of.
func TestSeparatedLetsGo(t *testing.T) {
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	p := &offers.Profile{Shopper: "ana", Consents: map[offers.Purpose]offers.Consent{offers.ConsentSearch: {Purpose: offers.ConsentSearch, Granted: true, At: at}}}
	Fold(features, p, &offers.Event{ID: "s", Type: offers.ProductSearched, Shopper: "ana", Query: "running shoes", Category: "footwear", Time: at})
	if len(p.Features) == 0 {
		t.Fatal("nothing was folded")
	}
	before := len(p.Features)
	Fold(features, p, &offers.Event{ID: "apart", Type: offers.Separated, Shopper: "ana", Apart: []offers.ShopperID{"ben"}, Time: at.Add(time.Minute), Profile: &offers.Profile{Shopper: "ana"}})
	if p.Feature("searches") != nil {
		t.Errorf("%d features of %d are kept, with the searches", len(p.Features), before)
	}
}

func TestFoldSeparated(t *testing.T) {
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	phone, card := offers.Identifier{Type: offers.Phone, Value: "+34600111222"}, offers.Identifier{Type: offers.CustomerID, Value: "7"}
	yes := offers.Consent{Purpose: offers.ConsentPush, Granted: true, At: at, Source: "app"}
	joined := func() offers.Profile {
		return offers.Profile{
			Shopper: "ana", Identifiers: []offers.Identifier{card, phone}, Traits: offers.Traits{Name: "Ana", Phone: phone.Value, Email: "ana@example.com"},
			Consents: map[offers.Purpose]offers.Consent{offers.ConsentSMS: {Purpose: offers.ConsentSMS, Granted: true, At: at}},
			Absorbed: []offers.ShopperID{"ben", "bens-browser", "cleo"}, First: at, Last: at,
			Contacts: []offers.Contact{{Decision: "0-1-0"}},
		}
	}
	for _, tt := range []struct {
		name    string
		profile offers.Profile
		event   offers.Event
		want    offers.Profile
	}{
		{
			name: "who was left keeps what was folded, less who went, their telephone and their consents", profile: joined(),
			event: offers.Event{Shopper: "ana", Apart: []offers.ShopperID{"ben", "bens-browser"}, Profile: &offers.Profile{
				Shopper: "ana", Identifiers: []offers.Identifier{card}, Consents: map[offers.Purpose]offers.Consent{offers.ConsentPush: yes}}},
			want: offers.Profile{Shopper: "ana", Identifiers: []offers.Identifier{card}, Traits: offers.Traits{Name: "Ana", Email: "ana@example.com"},
				Consents: map[offers.Purpose]offers.Consent{offers.ConsentPush: yes}, Absorbed: []offers.ShopperID{"cleo"}, First: at, Last: at,
				Contacts: []offers.Contact{{Decision: "0-1-0"}}},
		},
		{
			name: "who left is themselves again", profile: offers.Profile{Shopper: "ben", Into: "ana", First: at, Last: at},
			event: offers.Event{Shopper: "ben", Apart: []offers.ShopperID{"ana"}, Profile: &offers.Profile{Shopper: "ben",
				Identifiers: []offers.Identifier{phone}, Traits: offers.Traits{Phone: phone.Value}, Absorbed: []offers.ShopperID{"bens-browser"}}},
			want: offers.Profile{Shopper: "ben", Identifiers: []offers.Identifier{phone}, Traits: offers.Traits{Phone: phone.Value},
				Absorbed: []offers.ShopperID{"bens-browser"}, First: at, Last: at},
		},
		{
			name: "meant for another", profile: joined(),
			event: offers.Event{Shopper: "ana", Profile: &offers.Profile{Shopper: "zoe"}}, want: joined(),
		},
		{name: "says nothing", profile: joined(), event: offers.Event{Shopper: "ana"}, want: joined()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.event.Type, tt.event.Time = offers.Separated, at
			Fold(features, &tt.profile, &tt.event)
			if diff := cmp.Diff(tt.want, tt.profile, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("profile (-want +got):\n%s", diff)
			}
		})
	}
}

package decider

import (
	"slices"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

// Taken apart right behind the merge, before the profile that moved has been
// folded: in the end each is who they are, and events go where they belong.
func TestSeparatedRightBehindTheMerge(t *testing.T) {
	g := newGround(t, false)
	defer g.start()()
	phone := offers.Identifier{Type: offers.Phone, Value: "+34600111222"}
	card := offers.Identifier{Type: offers.CustomerID, Value: "7"}
	agreed := map[offers.Purpose]offers.Consent{offers.ConsentSearch: {Purpose: offers.ConsentSearch, Granted: true, At: noon}}
	at := func(e offers.Event, minute int) offers.Event {
		e.Time = noon.Add(time.Duration(minute) * time.Minute)
		e.ID = offers.EventID(string(e.Type) + e.Time.String())
		return e
	}
	left := at(offers.Event{Type: offers.Separated, Shopper: "ben", Apart: []offers.ShopperID{"ben"}, Profile: &offers.Profile{Shopper: "ana", Identifiers: []offers.Identifier{card}}}, 3)
	left.ID += "left"
	g.produce(stream.Events, "ana", at(offers.Event{Type: offers.Identified, Shopper: "ana", Identifiers: []offers.Identifier{card}, Traits: &offers.Traits{Name: "Ana"}}, 0))
	g.produce(stream.Events, "ben",
		at(offers.Event{Type: offers.ConsentChanged, Shopper: "ben", Consent: &offers.Consent{Purpose: offers.ConsentSearch, Granted: true, At: noon}}, 0),
		at(offers.Event{Type: offers.Identified, Shopper: "ben", Identifiers: []offers.Identifier{phone}, Traits: &offers.Traits{Phone: phone.Value}}, 1),
		at(offers.Event{Type: offers.Merged, Shopper: "ben", Into: "ana"}, 2),
		left,
		at(offers.Event{Type: offers.Separated, Shopper: "ben", Apart: []offers.ShopperID{"ana"}, Profile: &offers.Profile{Shopper: "ben",
			Identifiers: []offers.Identifier{phone}, Traits: offers.Traits{Phone: phone.Value}, Consents: agreed}}, 3),
		at(offers.Event{Type: offers.ProductSearched, Shopper: "ben", Query: "running shoes", Category: "footwear"}, 4))

	read := func(shopper offers.ShopperID) (p offers.Profile) {
		b, _ := g.state.Client().Get(t.Context(), state.ProfileKey(g.log.PartitionOf(string(shopper)), shopper)).Bytes()
		_ = state.DecodeProfile(b, &p)
		return p
	}
	var ana, ben offers.Profile
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		ana, ben = read("ana"), read("ben")
		if ana.Last.Equal(left.Time) && ben.Last.Equal(noon.Add(4*time.Minute)) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("Ana is %+v, Ben %+v", ana, ben)
		}
	}
	if ana.Traits.Name != "Ana" || ana.Traits.Phone != "" || !slices.Equal(ana.Identifiers, []offers.Identifier{card}) || len(ana.Consents)+len(ana.Absorbed) != 0 {
		t.Errorf("Ana is %+v, want nothing of Ben", ana)
	}
	if ben.Into != "" || ben.Traits.Phone != phone.Value || !slices.Equal(ben.Identifiers, []offers.Identifier{phone}) || !ben.Consented(offers.ConsentSearch) {
		t.Errorf("Ben is %+v, want himself again", ben)
	}
	if ben.Feature("searches") == nil || ana.Feature("searches") != nil {
		t.Errorf("searches of Ana %+v and Ben %+v, want Ben's alone", ana.Feature("searches"), ben.Feature("searches"))
	}
}

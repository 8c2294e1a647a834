package collector

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
)

// identify signs a customer in on a phone.
func (h *house) identify(id, customer, phone string) answerOf {
	return h.post("/v1/identify", fmt.Appendf(nil, `{"messageId":%q,"userId":%q,"context":{"device":{"id":%q,"type":"ios"}}}`, id, customer, phone), basicAuth(serverKey))
}

// A phone that another known shopper signs in on, and a code that another's card
// pays with, are told to their owner; a merge comes of neither.
func TestALentPhoneIsTold(t *testing.T) {
	h := newHouse(t)
	lent := func() (told []offers.Event) {
		for _, e := range h.events() {
			if e.Type == offers.Merged {
				t.Errorf("%s was merged into %s", e.Shopper, e.Into)
			}
			if e.Type == offers.DeviceLent {
				told = append(told, e)
			}
		}
		return told
	}
	h.identify("1", "ada", "phone-a")
	h.identify("2", "ben", "phone-b")
	h.identify("3", "ada", "phone-a")
	if told := lent(); len(told) != 0 {
		t.Errorf("everybody uses their own: %+v", told)
	}
	owners, err := h.state.Owners(t.Context(), []offers.Identifier{{Type: offers.CustomerID, Value: "ada"}, {Type: offers.CustomerID, Value: "ben"}})
	must(t, err)
	ada, ben := owners[0], owners[1]
	ignore := cmpopts.IgnoreFields(offers.Event{}, "ID", "Time", "Received", "Source")

	h.identify("4", "ben", "phone-a")
	want := []offers.Event{{Type: offers.DeviceLent, Shopper: ada, With: ben}}
	if diff := cmp.Diff(want, lent(), ignore); diff != "" {
		t.Errorf("Ben signs in on Ada's phone (-want +got):\n%s", diff)
	}

	must(t, h.state.Client().Set(t.Context(), "{code:ABCD1230}", fmt.Sprintf(`{"decision":"3-14-0","shopper":%q,"campaign":"shoes","offer":"shoes20","expires":%q}`,
		ada, time.Now().Add(time.Hour).Format(time.RFC3339)), 0).Err())
	redeem := func(transaction, customer string) {
		t.Helper()
		a := h.post("/v1/redemptions", fmt.Appendf(nil, `{"code":"ABCD1230","shop":"centre","till":"till-2","transaction":%q,"customer":%q}`, transaction, customer), h.edgeAuth())
		if a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	redeem("tx", "ben")
	want[0].Shop = "centre"
	if diff := cmp.Diff(want, lent(), ignore); diff != "" {
		t.Errorf("Ben's card with Ada's code (-want +got):\n%s", diff)
	}
	must(t, h.state.Client().Del(t.Context(), "{code:ABCD1230}:used").Err())
	redeem("tx2", "ada")
	must(t, h.state.Client().Del(t.Context(), "{code:ABCD1230}:used").Err())
	redeem("tx3", "nobody-we-know")
	if told := lent(); len(told) != 0 {
		t.Errorf("one's own card, and a stranger's: %+v", told)
	}
}

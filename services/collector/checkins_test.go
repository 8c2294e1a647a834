package collector

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
	"aisle/services/catalog"
)

func TestCheckIns(t *testing.T) {
	h := newHouse(t)
	now := time.Now()
	shopper := shopperOf(offers.CustomerID, "ana")
	token := "Authorization: Bearer " + catalog.SignToken(h.secrets.Token, catalog.TokenLink, shopper, now.Add(time.Hour))
	code := func(shop offers.ShopID, until time.Time) []byte {
		return []byte(`{"code":"` + catalog.Sign(h.secrets.Token, catalog.TokenCheckIn, string(shop), until) + `"}`)
	}
	good := code(shopID, now.Add(time.Minute))

	h.consent(shopper, offers.ConsentLocation, false) // no sensor may locate her; this is her own act
	for range 2 {
		if a := h.post("/v1/check-ins", good, token); a.status != 200 {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	got := h.events()
	if len(got) != 2 || got[0].ID != got[1].ID {
		t.Fatalf("one code is not one check-in: %+v", got)
	}
	want := offers.Event{Type: offers.CheckedIn, Shopper: shopper, Source: "app/own", Shop: shopID, Confidence: 1}
	if diff := cmp.Diff(want, got[0], cmpopts.IgnoreFields(offers.Event{}, "ID", "Time", "Received")); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}

	isProblem(t, h.post("/v1/check-ins", good), 401)
	isProblem(t, h.post("/v1/check-ins", good, basicAuth(webKey)), 401)
	isProblem(t, h.post("/v1/check-ins", good, h.edgeAuth()), 401)
	isProblem(t, h.post("/v1/check-ins", code(shopID, now.Add(-time.Minute)), token), 410)
	isProblem(t, h.post("/v1/check-ins", code("elsewhere", now.Add(time.Minute)), token), 410)
	isProblem(t, h.post("/v1/check-ins", []byte(`{"code":"made.up"}`), token), 410)
	isProblem(t, h.post("/v1/check-ins", []byte(`{"code":"`+catalog.SignToken(h.secrets.Token, catalog.TokenLink, offers.ShopperID(shopID), now.Add(time.Hour))+`"}`), token), 410)
	isProblem(t, h.post("/v1/check-ins", []byte(`{}`), token), 400)
	isProblem(t, h.post("/v1/check-ins", []byte(`{`), token), 400)
	if got := h.events(); len(got) != 0 {
		t.Errorf("events of those who may not: %+v", got)
	}
}

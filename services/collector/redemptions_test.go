package collector

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/state"
	"aisle/services/stream"
)

// What a till has used it takes back, with what it cost; and it is told why a code
// cannot be used.
func TestTillsTakeBack(t *testing.T) {
	h := newHouse(t)
	shopper := shopperOf(offers.CustomerID, "ana")
	few, err := json.Marshal(offers.Campaign{ID: "few", Status: offers.CampaignLive, Budget: offers.Money{Minor: 500, Currency: "EUR"},
		Offers: []offers.Offer{{ID: "cake", Stock: 1, Value: offers.Money{Minor: 1000, Currency: "EUR"}, Discount: .5}}})
	must(t, err)
	must(t, h.log.Produce(t.Context(), stream.Record{Stream: stream.Campaigns, Key: []byte(offers.CampaignKey("few")), Value: few}))
	for h.shops.Now().Campaigns["few"] == nil {
		time.Sleep(10 * time.Millisecond)
	}
	now := time.Now()
	keep := func(code string, c state.Coupon) {
		c.Shopper, c.Campaign, c.Offer, c.Expires = shopper, "few", "cake", now.Add(time.Hour)
		value, err := json.Marshal(c)
		must(t, err)
		must(t, h.state.Client().Set(t.Context(), state.CouponKey(code), value, time.Hour).Err())
	}
	keep("CAKE0000", state.Coupon{Decision: "1-1-0"})
	post := func(path, code, transaction string) answerOf {
		t.Helper()
		return h.post(path, fmt.Appendf(nil, `{"code":%q,"shop":"centre","till":"till-2","transaction":%q}`, code, transaction), h.edgeAuth())
	}
	const use, undo = "/v1/redemptions", "/v1/redemptions/undo"
	spent := func() string {
		t.Helper()
		sums, err := h.state.Client().HGetAll(t.Context(), "{units:few}:sums").Result()
		must(t, err)
		held, err := h.state.Client().ZCard(t.Context(), "{units:few}:until").Result()
		must(t, err)
		return fmt.Sprintf("%s given away for %s, %d until its code expires", sums["offer/cake"], sums["spent"], held)
	}

	if a := post(use, "CAKE0000", "tx-1"); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got, want := spent(), "1 given away for 500, 0 until its code expires"; got != want {
		t.Errorf("used: %s, want %s", got, want)
	}
	isProblem(t, post(undo, "CAKE0000", "tx-2"), 409)
	isProblem(t, post(undo, "ZZZZZZZZ", "tx-1"), 404)
	isProblem(t, h.post(undo, []byte(`{"code":"CAKE0000","transaction":"tx-1"}`), basicAuth(webKey)), 401)
	var tills sync.WaitGroup
	for range 100 {
		tills.Go(func() {
			if a := post(undo, "CAKE0000", "tx-1"); a.status != 200 {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	tills.Wait()
	if got, want := spent(), "1 given away for 500, 1 until its code expires"; got != want {
		t.Errorf("taken back: %s, want %s", got, want)
	}
	isProblem(t, post(use, "CAKE0000", "tx-1"), 409) // a request of before, late
	if a := post(use, "CAKE0000", "tx-3"); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got, want := spent(), "1 given away for 500, 0 until its code expires"; got != want {
		t.Errorf("used anew: %s, want %s", got, want)
	}
	ids := map[offers.EventID]offers.EventType{}
	for _, e := range h.events() {
		ids[e.ID] = e.Type
	}
	if len(ids) != 3 || ids["redeemed/CAKE0000/1-1-0"] == "" || ids["undone/CAKE0000/1-1-0"] == "" || ids["redeemed/CAKE0000/1-1-0/1"] == "" {
		t.Errorf("on the log: %v", ids)
	}

	keep("AWAY0000", state.Coupon{Decision: "1-2-0", Shop: "harbour", Away: time.Minute})
	if a := post(use, "AWAY0000", "tx-4"); a.status != 409 || !strings.Contains(string(a.body), "holds in harbour only") {
		t.Errorf("of another shop: %d %s", a.status, a.body)
	}
	keep("AWAY0001", state.Coupon{Decision: "1-3-0", Shop: shopID, Away: time.Minute})
	left := now.Add(-10 * time.Minute)
	p := offers.Profile{Shopper: shopper, Visit: &offers.Visit{Shop: shopID, Started: left.Add(-time.Hour), LastSeen: left,
		Witnesses: map[offers.Sensor]time.Time{offers.SensorBeacon: left},
		Said:      map[offers.Sensor]offers.Testimony{offers.SensorBeacon: {Zone: "footwear", Left: left}}}}
	partition := h.log.PartitionOf(string(shopper))
	must(t, h.state.Client().Set(t.Context(), state.ProfileKey(partition, shopper), state.AppendProfile(nil, &p), time.Hour).Err())
	if a := post(use, "AWAY0001", "tx-5"); a.status != 410 || !strings.Contains(string(a.body), "until its shopper left the shop") {
		t.Errorf("walked away: %d %s", a.status, a.body)
	}
}

// Whatever a till sends to the door that takes back, it is answered, and only the
// transaction that used the code gives it back.
func FuzzUndoRedemption(f *testing.F) {
	h := newHouse(f)
	coupon, err := json.Marshal(state.Coupon{Decision: "1-1-0", Shopper: shopperOf(offers.CustomerID, "ana"), Campaign: "few", Offer: "cake", Expires: time.Now().Add(time.Hour)})
	must(f, err)
	must(f, h.state.Client().Set(context.Background(), state.CouponKey("CAKE0000"), coupon, time.Hour).Err())
	if a := h.post("/v1/redemptions", []byte(`{"code":"CAKE0000","transaction":"tx-1"}`), h.edgeAuth()); a.status != 200 {
		f.Fatalf("%d %s", a.status, a.body)
	}
	for _, body := range []string{
		`{"code":"CAKE0000","transaction":"tx-1"}`, `{"code":"cake-oooo","transaction":"tx-2","shop":"centre","basket":{"minor":-1}}`,
		`{"code":"CAKE0000","transaction":"tx-1","time":"0001-01-01T00:00:00Z","customer":"ana"}`, `{"code":`, `[]`, "\xff", "",
	} {
		f.Add([]byte(body))
	}
	auth := h.edgeAuth()
	f.Fuzz(func(t *testing.T, body []byte) {
		h := *h
		h.t = t
		a := h.post("/v1/redemptions/undo", body, auth)
		switch a.status {
		case 200:
			var in state.Redemption
			must(t, formats.Unmarshal(body, &in))
			if code, _ := state.ReadCode(in.Code); code != "CAKE0000" || in.Transaction != "tx-1" {
				t.Errorf("%q took back code %q of transaction %q", body, code, in.Transaction)
			}
		case 400, 404, 409, 413, 422:
		default:
			t.Errorf("%q: %d %s", body, a.status, a.body)
		}
	})
}

package console_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
)

// shownCode is what staff see of a code.
type shownCode struct {
	Code, Status, Label, Till string
	Expires, Used             time.Time
	UndoUntil                 time.Time `json:"undo_until"`
}

func TestStaffRedeemCodes(t *testing.T) {
	h, staff := liveShop(t)
	h.keep(profileOf("smia"))
	coupon := func(code string, c state.Coupon) {
		t.Helper()
		c.Shopper, c.Campaign, c.Offer = "smia", "shoes", "shoes-20"
		value, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.store.Client().Set(t.Context(), state.CouponKey(code), value, time.Hour).Err(); err != nil {
			t.Fatal(err)
		}
	}
	soon := time.Now().Add(time.Hour)
	coupon("ABCD1230", state.Coupon{Decision: "0-1-0", Expires: soon})
	coupon("MANY0000", state.Coupon{Decision: "0-2-0", Expires: soon})
	coupon("EXP1RED0", state.Coupon{Decision: "0-3-0", Expires: time.Now().Add(-time.Hour)})
	use := func(code, transaction string) map[string]string {
		return map[string]string{"code": code, "shop": "centraal", "transaction": transaction}
	}

	var got shownCode
	staff.call("GET", "/api/redemptions/abcd-i23o", nil, 200, &got) // as it was read aloud
	if got.Code != "ABCD1230" || got.Status != "holds" || got.Label != "SMIA" || !got.UndoUntil.IsZero() {
		t.Errorf("looked at: %+v", got)
	}
	staff.call("POST", "/api/redemptions", use("ABCD1230", "t1"), 200, &got)
	first := got.Used
	if got.Status != "used" || got.Till != "staff" || got.UndoUntil.Sub(got.Used) != time.Minute {
		t.Errorf("used: %+v", got)
	}
	staff.call("POST", "/api/redemptions", use("ABCD1230", "t1"), 200, &got)
	if !got.Used.Equal(first) {
		t.Errorf("the same again: used %v, was %v", got.Used, first)
	}
	if status, body := staff.try("POST", "/api/redemptions", `{"code":"ABCD1230","shop":"centraal","transaction":"t2"}`); status != 409 || !strings.Contains(string(body), "it was used already, on ") {
		t.Errorf("another transaction: %d %s", status, body)
	}

	// Taken back, once; then it holds, and its next use is another event.
	staff.call("DELETE", "/api/redemptions/ABCD1230", nil, 200, &got)
	if got.Status != "holds" {
		t.Errorf("taken back: %+v", got)
	}
	staff.call("DELETE", "/api/redemptions/ABCD1230", nil, 200, &got) // its answer was not heard
	if got.Status != "holds" {
		t.Errorf("taken back, once more: %+v", got)
	}
	staff.call("POST", "/api/redemptions", use("ABCD1230", "t1"), 409, nil)
	staff.call("POST", "/api/redemptions", use("ABCD1230", "t3"), 200, &got)
	var ids []offers.EventID
	for _, kind := range []offers.EventType{offers.OfferRedeemed, offers.RedemptionUndone} {
		seen := map[offers.EventID]bool{}
		for _, e := range h.eventsOf("smia", kind) {
			if !seen[e.ID] {
				seen[e.ID] = true
				ids = append(ids, e.ID)
			}
		}
	}
	if want := "[redeemed/ABCD1230/0-1-0 redeemed/ABCD1230/0-1-0/1 undone/ABCD1230/0-1-0]"; fmt.Sprint(ids) != want {
		t.Errorf("on the stream %v, want %s", ids, want)
	}
	acts, err := h.catalog.Acts(t.Context(), catalog.ActsWanted{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	undone := 0
	for _, a := range acts {
		if a.Action == "undo redemption" && a.Object == "code/ABCD1230" && a.By != "" {
			undone++
		}
	}
	if undone != 2 {
		t.Errorf("the audit has %d of two acts: %+v", undone, acts)
	}

	// What a till took, and what was taken long ago, stays.
	for code, r := range map[string]state.Redemption{
		"T1110000": {Till: "till-2", Time: time.Now()}, "A6000000": {Till: "staff", Time: time.Now().Add(-2 * time.Minute)},
	} {
		coupon(code, state.Coupon{Decision: "0-4-0", Expires: soon})
		r.Code, r.Shop, r.Transaction = code, "centraal", "x"
		if _, _, err := h.store.Redeem(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		staff.call("DELETE", "/api/redemptions/"+code, nil, 409, nil)
	}

	staff.call("GET", "/api/redemptions/EXP1RED0", nil, 200, &got)
	if got.Status != "ended" {
		t.Errorf("ended: %+v", got)
	}
	staff.call("POST", "/api/redemptions", use("EXP1RED0", "t4"), 409, nil)
	coupon("AWAY0000", state.Coupon{Decision: "0-5-0", Shop: "elsewhere", Away: time.Minute, Expires: soon})
	if status, body := staff.try("POST", "/api/redemptions", `{"code":"AWAY0000","shop":"centraal","transaction":"t6"}`); status != 409 || !strings.Contains(string(body), "it holds in elsewhere only") {
		t.Errorf("of another shop: %d %s", status, body)
	}
	staff.call("DELETE", "/api/redemptions/AWAY0000", nil, 409, nil)
	staff.call("POST", "/api/redemptions", use("ZZZZZZZZ", "t5"), 404, nil)
	staff.call("GET", "/api/redemptions/short", nil, 404, nil)
	staff.call("DELETE", "/api/redemptions/ZZZZZZZZ", nil, 404, nil)
	if status, body := staff.try("POST", "/api/redemptions", `{"code":"MANY0000","shop":"moon","basket":{"minor":-1}}`); status != 400 || fields(t, body) != "transaction shop basket basket.currency" {
		t.Errorf("nonsense: %d %s", status, body)
	}

	var wait sync.WaitGroup
	statuses := make([]int, 20)
	for i := range statuses {
		wait.Go(func() {
			statuses[i], _ = staff.try("POST", "/api/redemptions", fmt.Sprintf(`{"code":"MANY0000","shop":"centraal","transaction":"m%d"}`, i))
		})
	}
	wait.Wait()
	won := 0
	for _, status := range statuses {
		switch status {
		case 200:
			won++
		case 409:
		default:
			t.Errorf("status %d", status)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d won, want one", won, len(statuses))
	}
}

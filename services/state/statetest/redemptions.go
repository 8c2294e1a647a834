package statetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goccy/go-json"
	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/state"
)

// crowd is how many tills try one code at the same time.
const crowd = 100

func redemptions(t *testing.T, s *state.Store, base int) {
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	code := fmt.Sprintf("ABCD%04d", base)
	if _, _, err := s.Coupon(t.Context(), code); !errors.Is(err, offers.ErrNotFound) {
		t.Fatalf("a code that nobody made: %v", err)
	}
	coupon := state.Coupon{Decision: "3-17-0", Shopper: "mia", Campaign: "shoes", Offer: "shoes-20", Expires: at.Add(time.Hour)}
	value, err := json.Marshal(coupon)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Client().Set(t.Context(), state.CouponKey(code), value, time.Minute).Err(); err != nil {
		t.Fatal(err)
	}

	use := func(transaction string) state.Redemption {
		return state.Redemption{Code: code, Shop: "rotterdam", Till: "till-2", Transaction: transaction, Time: at}
	}
	var won atomic.Int64
	owners := make([]state.Redemption, crowd)
	var tills sync.WaitGroup
	for i := range crowd {
		tills.Go(func() {
			mine := use(fmt.Sprint("tx-", i))
			owner, nth, err := s.Redeem(t.Context(), mine)
			if err != nil || nth != 0 {
				t.Errorf("till %d: %d, %v", i, nth, err)
			}
			if owner == mine {
				won.Add(1)
			}
			owners[i] = owner
		})
	}
	tills.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d of %d won, want one", won.Load(), crowd)
	}
	winner := owners[0]
	for i, owner := range owners {
		if owner != winner {
			t.Errorf("till %d was told that %s has it, the first one %s", i, owner.Transaction, winner.Transaction)
		}
	}
	stands, used, err := s.Coupon(t.Context(), code)
	if err != nil || used == nil || *used != winner {
		t.Fatalf("used %v, %v", used, err)
	}
	if diff := cmp.Diff(coupon, stands); diff != "" {
		t.Errorf("coupon (-want +got)\n%s", diff)
	}

	// Taken back once, by whose it is; then it is used anew, by another event.
	if _, _, err := s.TakeBack(t.Context(), code, "another"); !errors.Is(err, offers.ErrConflict) {
		t.Errorf("taken back by another: %v", err)
	}
	var takers sync.WaitGroup
	for range crowd {
		takers.Go(func() {
			if back, nth, err := s.TakeBack(t.Context(), code, winner.Transaction); err != nil || nth != 0 || back != winner {
				t.Errorf("taken back: %v, %d, %v", back, nth, err)
			}
		})
	}
	takers.Wait()
	if _, used, err := s.Coupon(t.Context(), code); err != nil || used != nil {
		t.Errorf("used after all %v, %v", used, err)
	}
	if last, err := s.LastTakenBack(t.Context(), code); err != nil || last == nil || *last != winner {
		t.Errorf("taken back last: %v, %v", last, err)
	}
	if _, _, err := s.Redeem(t.Context(), winner); !errors.Is(err, offers.ErrConflict) {
		t.Errorf("the use that was taken back, once more: %v", err)
	}
	again, nth, err := s.Redeem(t.Context(), use("tx-again"))
	if err != nil || nth != 1 || again.Transaction != "tx-again" {
		t.Fatalf("used anew: %v, %d, %v", again, nth, err)
	}
	first, err := winner.Redeemed(&coupon, 0)
	if err != nil {
		t.Fatal(err)
	}
	undone, err := winner.TakenBack(&coupon, 0, at.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.Redeemed(&coupon, nth)
	if err != nil {
		t.Fatal(err)
	}
	ids := []offers.EventID{first.ID, undone.ID, second.ID}
	want := []offers.EventID{offers.EventID("redeemed/" + code + "/3-17-0"), offers.EventID("undone/" + code + "/3-17-0"), offers.EventID("redeemed/" + code + "/3-17-0/1")}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("events (-want +got)\n%s", diff)
	}
}

func walkingAway(t *testing.T, s *state.Store, base int) {
	left := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	who := offers.ShopperID(fmt.Sprint("walker-", base))
	coupon := state.Coupon{Shopper: who, Shop: "rotterdam", Away: 10 * time.Minute}
	away := func(c state.Coupon, after time.Duration) bool {
		t.Helper()
		at, ok, err := s.WalkedAway(t.Context(), base, &c, left.Add(after))
		if err != nil || ok && !at.Equal(left) {
			t.Fatalf("away since %v, %v", at, err)
		}
		return ok
	}
	if away(coupon, time.Hour) {
		t.Error("nobody has seen them, and they left")
	}
	p := offers.Profile{Shopper: who, Visit: &offers.Visit{
		Shop: "rotterdam", Started: left.Add(-time.Hour), LastSeen: left,
		Witnesses: map[offers.Sensor]time.Time{offers.SensorBeacon: left},
		Said:      map[offers.Sensor]offers.Testimony{offers.SensorBeacon: {Zone: "shoes", Since: left.Add(-time.Hour), Left: left}},
	}}
	if err := s.Client().Set(t.Context(), state.ProfileKey(base, who), state.AppendProfile(nil, &p), time.Minute).Err(); err != nil {
		t.Fatal(err)
	}
	staying := coupon
	staying.Away = 0
	for name, tt := range map[string]struct {
		c     state.Coupon
		after time.Duration
		want  bool
	}{
		"a moment ago": {coupon, time.Minute, false}, "for long": {coupon, 11 * time.Minute, true}, "it holds elsewhere too": {staying, time.Hour, false},
	} {
		if got := away(tt.c, tt.after); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

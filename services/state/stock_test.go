package state_test

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/state"
)

func TestUnits(t *testing.T) {
	s, err := state.Open(t.Context(), state.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	now := time.Now()
	c := &offers.Campaign{ID: "c", Budget: offers.Money{Minor: 250, Currency: "EUR"}, Offers: []offers.Offer{
		{ID: "few", Stock: 2}, {ID: "dear", Value: offers.Money{Minor: 1000, Currency: "EUR"}, Discount: .1},
	}}
	unit := func(offer offers.OfferID, decision int, by offers.Channel) state.Unit {
		u := state.UnitOf(c, offer, offers.DecisionID(fmt.Sprintf("1-%d-0", decision)), now.Add(time.Hour))
		u.Channel = by
		return u
	}
	do := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%s: %v; want %v", what, err, want)
		}
	}
	ctx := t.Context()
	do("the first", s.ReserveUnit(ctx, unit("few", 1, offers.ChannelSMS), now), nil)
	do("the first once more", s.ReserveUnit(ctx, unit("few", 1, offers.ChannelSMS), now), nil)
	do("the first by another channel", s.ReserveUnit(ctx, unit("few", 1, offers.ChannelApp), now), nil)
	do("the second", s.ReserveUnit(ctx, unit("few", 2, offers.ChannelSMS), now), nil)
	do("the third", s.ReserveUnit(ctx, unit("few", 3, offers.ChannelSMS), now), state.ErrOutOfStock)
	do("one of two channels back", s.ReleaseUnit(ctx, unit("few", 1, offers.ChannelSMS)), nil)
	do("still none left", s.ReserveUnit(ctx, unit("few", 3, offers.ChannelSMS), now), state.ErrOutOfStock)
	do("the other back", s.ReleaseUnit(ctx, unit("few", 1, offers.ChannelApp)), nil)
	do("one is left", s.ReserveUnit(ctx, unit("few", 3, offers.ChannelSMS), now), nil)
	do("redeemed", s.TakeUnit(ctx, unit("few", 2, offers.ChannelSMS), 0), nil)
	do("redeemed once more", s.TakeUnit(ctx, unit("few", 2, offers.ChannelSMS), 0), nil)
	do("what is redeemed does not come back", s.ReleaseUnit(ctx, unit("few", 2, offers.ChannelSMS)), nil)
	do("none left", s.ReserveUnit(ctx, unit("few", 4, offers.ChannelSMS), now), state.ErrOutOfStock)
	later := now.Add(2 * time.Hour)
	do("an expired one came back", s.ReserveUnit(ctx, unit("few", 4, offers.ChannelSMS), later), nil)
	do("the redeemed one did not", s.ReserveUnit(ctx, unit("few", 5, offers.ChannelSMS), now), state.ErrOutOfStock)

	do("taken back, it is spoken for", s.ReturnUnit(ctx, unit("few", 2, ""), 0, now), nil)
	do("the redemption once more, late", s.TakeUnit(ctx, unit("few", 2, ""), 0), nil)
	do("while its code holds", s.ReserveUnit(ctx, unit("few", 5, offers.ChannelSMS), now), state.ErrOutOfStock)
	do("redeemed anew", s.TakeUnit(ctx, unit("few", 2, ""), 1), nil)
	do("taken back once more, late", s.ReturnUnit(ctx, unit("few", 2, ""), 0, later), nil)
	do("it stays redeemed", s.ReserveUnit(ctx, unit("few", 5, offers.ChannelSMS), now), state.ErrOutOfStock)
	do("taken back when its time is over", s.ReturnUnit(ctx, unit("few", 2, ""), 1, later), nil)
	do("one is left again", s.ReserveUnit(ctx, unit("few", 5, offers.ChannelSMS), now), nil)
	do("and no more", s.ReserveUnit(ctx, unit("few", 6, offers.ChannelSMS), now), state.ErrOutOfStock)

	do("1.00 of 2.50", s.ReserveUnit(ctx, unit("dear", 6, offers.ChannelSMS), now), nil)
	do("2.00 of 2.50", s.ReserveUnit(ctx, unit("dear", 7, offers.ChannelSMS), now), nil)
	do("3.00 of 2.50", s.ReserveUnit(ctx, unit("dear", 8, offers.ChannelSMS), now), state.ErrOverBudget)
	if u := state.UnitOf(c, "unheard of", "1-1-0", now); u.Limited() {
		t.Errorf("an offer that is not there is limited: %+v", u)
	}
}

// A hundred shoppers use a code each that staff take back, while the server is
// killed. Who hears nothing asks again; in the end nothing is spent or given away.
func TestUsesAreTakenBackThoughTheServerIsKilled(t *testing.T) {
	dir := t.TempDir()
	s, err := state.Open(t.Context(), state.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	const crowd = 100
	now, expires := time.Now(), time.Now().Add(time.Hour)
	c := &offers.Campaign{ID: "c", Budget: offers.Money{Minor: 100 * crowd, Currency: "EUR"}, Offers: []offers.Offer{
		{ID: "dear", Stock: crowd, Value: offers.Money{Minor: 1000, Currency: "EUR"}, Discount: .1},
	}}
	unit := func(decision int) state.Unit {
		u := state.UnitOf(c, "dear", offers.DecisionID(fmt.Sprintf("1-%d-0", decision)), expires)
		u.Channel = offers.ChannelApp
		return u
	}
	ask := func(what func() error) {
		for {
			err := what()
			if !errors.Is(err, offers.ErrUnavailable) {
				if err != nil && !errors.Is(err, offers.ErrConflict) {
					t.Error(err)
				}
				return
			}
		}
	}
	everyone := func(do func(i int)) {
		var all sync.WaitGroup
		for i := range crowd {
			all.Go(func() { do(i) })
		}
		all.Wait()
	}
	use := func(i int) {
		ask(func() error { return s.ReserveUnit(t.Context(), unit(i), now) })
		code := fmt.Sprintf("ABCD%04d", i)
		ask(func() error {
			_, nth, err := s.Redeem(t.Context(), state.Redemption{Code: code, Transaction: "t", Time: now})
			if err != nil {
				return err
			}
			return s.TakeUnit(t.Context(), unit(i), nth)
		})
		ask(func() error {
			_, nth, err := s.TakeBack(t.Context(), code, "t")
			if err != nil {
				return err
			}
			return s.ReturnUnit(t.Context(), unit(i), nth, now)
		})
	}
	everyone(func(i int) {
		if i == crowd/2 {
			if err := syscall.Kill(childPID(t, dir), syscall.SIGKILL); err != nil {
				t.Error(err)
			}
		}
		use(i)
	})
	everyone(use) // who was answered what the server then lost asks again too

	sums := func() [2]int {
		t.Helper()
		given, err := s.Client().HGet(t.Context(), "{units:c}:sums", "offer/dear").Int()
		if err != nil {
			t.Fatal(err)
		}
		spent, err := s.Client().HGet(t.Context(), "{units:c}:sums", "spent").Int()
		if err != nil {
			t.Fatal(err)
		}
		return [2]int{given, spent}
	}
	if got, want := sums(), [2]int{crowd, 100 * crowd}; got != want {
		t.Errorf("while their codes hold, given away and spent: %v, want %v", got, want)
	}
	if err := s.ReserveUnit(t.Context(), unit(crowd), expires.Add(time.Minute)); err != nil {
		t.Fatalf("they have expired, and nothing is left: %v", err)
	}
	if got, want := sums(), [2]int{1, 100}; got != want {
		t.Errorf("after they expired, given away and spent: %v, want %v", got, want)
	}
}

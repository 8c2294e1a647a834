package state_test

import (
	"errors"
	"fmt"
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
	do("redeemed", s.TakeUnit(ctx, unit("few", 2, offers.ChannelSMS)), nil)
	do("redeemed once more", s.TakeUnit(ctx, unit("few", 2, offers.ChannelSMS)), nil)
	do("what is redeemed does not come back", s.ReleaseUnit(ctx, unit("few", 2, offers.ChannelSMS)), nil)
	do("none left", s.ReserveUnit(ctx, unit("few", 4, offers.ChannelSMS), now), state.ErrOutOfStock)
	later := now.Add(2 * time.Hour)
	do("an expired one came back", s.ReserveUnit(ctx, unit("few", 4, offers.ChannelSMS), later), nil)
	do("the redeemed one did not", s.ReserveUnit(ctx, unit("few", 5, offers.ChannelSMS), now), state.ErrOutOfStock)

	do("1.00 of 2.50", s.ReserveUnit(ctx, unit("dear", 6, offers.ChannelSMS), now), nil)
	do("2.00 of 2.50", s.ReserveUnit(ctx, unit("dear", 7, offers.ChannelSMS), now), nil)
	do("3.00 of 2.50", s.ReserveUnit(ctx, unit("dear", 8, offers.ChannelSMS), now), state.ErrOverBudget)
	if u := state.UnitOf(c, "unheard of", "1-1-0", now); u.Limited() {
		t.Errorf("an offer that is not there is limited: %+v", u)
	}
}

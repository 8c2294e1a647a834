package state_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"aisle/offers"
	"aisle/services/state"
)

func TestSampleProfiles(t *testing.T) {
	s, err := state.Open(t.Context(), state.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	const shoppers = 12_000
	pipe := s.Client().Pipeline()
	for i := range shoppers {
		id := offers.ShopperID(fmt.Sprintf("shopper-%d", i))
		pipe.Set(t.Context(), state.ProfileKey(i%7, id), state.AppendProfile(nil, &offers.Profile{Shopper: id}), 0)
		pipe.Set(t.Context(), state.Key(i%7, "contacts", string(id)), "", 0) // not everything is a profile
	}
	pipe.Set(t.Context(), state.ProfileKey(0, "broken"), "no profile", 0)
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	sample := func(ctx context.Context, most int) (map[offers.ShopperID]bool, state.Stratum, error) {
		found := map[offers.ShopperID]bool{}
		all, err := s.SampleProfiles(ctx, most, func(server int, p *offers.Profile) {
			if server != 0 || found[p.Shopper] {
				t.Errorf("%s of server %d, found before: %t", p.Shopper, server, found[p.Shopper])
			}
			found[p.Shopper] = true
		})
		if len(all) != 1 {
			t.Fatalf("%d servers, want one", len(all))
		}
		return found, all[0], err
	}
	whole, of, err := sample(t.Context(), shoppers+1000)
	if err != nil || len(whole) != shoppers || !of.All {
		t.Errorf("%d shoppers, all: %t, %v; want all %d", len(whole), of.All, err, shoppers)
	}
	some, of, err := sample(t.Context(), 2000)
	if err != nil || of.All || len(some) < 2000 || len(some) > 5000 || of.Seen < int64(len(some)) || of.Keys < 2*shoppers {
		t.Errorf("%d shoppers of %+v, %v; want some 2000 of half of the keys", len(some), of, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := sample(ended, 10); !errors.Is(err, offers.ErrUnavailable) {
		t.Errorf("without time: %v, want unavailable", err)
	}
}

package state_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/state"
	"aisle/vision"
)

func TestProbes(t *testing.T) {
	s, ctx := open(t, state.Config{Dir: t.TempDir()}), t.Context()
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	probe := func(id string) state.Probe {
		return state.Probe{ID: id, At: at, Shop: "centre", Camera: "door", Confidence: .8, Model: "lbp-2", Sealed: []byte(id)}
	}
	keep := func(shopper offers.ShopperID, id string) {
		t.Helper()
		if err := s.KeepProbe(ctx, 1, shopper, probe(id)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond) // the index is by milliseconds
	}
	list := func(shopper offers.ShopperID) []string {
		t.Helper()
		all, err := s.Probes(ctx, 1, shopper)
		if err != nil {
			t.Fatal(err)
		}
		ids := []string{}
		for _, p := range all {
			ids = append(ids, p.ID)
		}
		return ids
	}
	if err := s.KeepProbe(ctx, 1, "mia", state.Probe{ID: "x"}); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("without a face: %v", err)
	}
	keep("mia", "a")
	keep("mia", "b")
	keep("mia", "a") // told again
	keep("noor", "c")
	if diff := cmp.Diff([]string{"b", "a"}, list("mia")); diff != "" {
		t.Errorf("newest first (-want +got):\n%s", diff)
	}
	all, err := s.Probes(ctx, 1, "noor")
	if err != nil || len(all) != 1 || !cmp.Equal(all[0], probe("c")) {
		t.Errorf("as kept: %+v, %v", all, err)
	}
	for _, key := range []string{state.Key(1, "probe", "mia", "a"), state.Key(1, "probes", "mia")} {
		if left, err := s.Client().TTL(ctx, key).Result(); err != nil || left <= 0 || left > state.ProbeKept {
			t.Errorf("%s goes by itself after %s, %v; want at most %s", key, left, err, state.ProbeKept)
		}
	}
	if err := s.DropProbe(ctx, 1, "mia", "b"); err != nil {
		t.Fatal(err)
	}
	if before, after, err := s.ForgetProbes(ctx, 1, "mia"); before != 1 || after != 0 || err != nil {
		t.Errorf("forgot %d to %d, %v; want 1 to 0", before, after, err)
	}
	if got := list("noor"); len(got) != 1 {
		t.Errorf("another's went, too: %v", got)
	}
	for i := range 25 {
		keep("mia", fmt.Sprint(i))
	}
	if got := list("mia"); len(got) != 20 || got[0] != "24" || got[19] != "5" {
		t.Errorf("%d are kept, from %s to %s; want the latest 20", len(got), got[len(got)-1], got[0])
	}
}

func TestCurves(t *testing.T) {
	s, ctx := open(t, state.Config{Dir: t.TempDir()}), t.Context()
	c := state.Curve{Curve: vision.Curve{Model: "lbp-2", People: 3, Basis: vision.ByDefault, Chosen: vision.Rates{Threshold: .7}}, Process: "door", Told: time.Now().UTC()}
	for _, people := range []int{3, 4} {
		c.People = people
		if err := s.TellCurve(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Curves(ctx)
	if diff := cmp.Diff(map[string]state.Curve{"lbp-2": c}, got); diff != "" || err != nil {
		t.Errorf("curves (-want +got), %v:\n%s", err, diff)
	}
	if err := s.TellCurve(ctx, state.Curve{}); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("a curve of no model: %v", err)
	}
	for i := range 20 {
		c.Model = fmt.Sprint("m", i)
		err = s.TellCurve(ctx, c)
	}
	if !errors.Is(err, offers.ErrConflict) {
		t.Errorf("more models than anybody has: %v", err)
	}
}

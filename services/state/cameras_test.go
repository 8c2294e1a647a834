package state_test

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/state"
	"aisle/vision/tally"
)

func TestCountersAreKeptOnce(t *testing.T) {
	s, ctx := open(t, state.Config{Dir: t.TempDir()}), t.Context()
	began := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	seed := slices.Repeat([]byte{7}, ed25519.SeedSize)
	sign := func(run time.Time) func(n int, c tally.Counts) tally.Signed {
		signer, err := tally.NewSigner(seed, run)
		if err != nil {
			t.Fatal(err)
		}
		return func(n int, c tally.Counts) tally.Signed {
			at := began.Add(time.Duration(n) * time.Minute)
			return signer.Sign("cam", at, at.Add(time.Minute), c)
		}
	}
	add := func(signed tally.Signed) {
		t.Helper()
		if err := s.AddCounters(ctx, signed, "2026-11-21"); err != nil {
			t.Fatal(err)
		}
	}
	run1 := sign(began)
	one, two := run1(0, tally.Counts{Seen: 10, Poor: 4, Discarded: 6, Unknown: 1}), run1(1, tally.Counts{Seen: 5, Matched: 1, Discarded: 5})
	add(one)
	add(two)
	add(two) // the answer was lost: it is told again
	add(one)
	restarted := sign(began.Add(time.Hour))(60, tally.Counts{Seen: 1})
	add(restarted)
	add(run1(2, tally.Counts{Seen: 100})) // of a run that is over

	got, err := s.Counters(ctx, []offers.CameraID{"cam", "other"}, "2026-11-21", 2)
	if err != nil {
		t.Fatal(err)
	}
	want := map[offers.CameraID]state.CameraCounters{
		"cam":   {Day: tally.Counts{Seen: 16, Poor: 4, Matched: 1, Unknown: 1, Discarded: 11}, Lines: []tally.Signed{restarted, two}},
		"other": {},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
	if got, err := s.Counters(ctx, []offers.CameraID{"cam"}, "2026-11-22", 0); err != nil || !cmp.Equal(got["cam"], state.CameraCounters{}) {
		t.Errorf("the next day: %+v, %v; want nothing", got, err)
	}
	for i := range 100 {
		add(sign(began.Add(2*time.Hour).Add(time.Duration(i)*time.Millisecond))(i, tally.Counts{}))
	}
	if got, err := s.Counters(ctx, []offers.CameraID{"cam"}, "2026-11-21", 1000); err != nil || len(got["cam"].Lines) != 60 {
		t.Errorf("%d lines are kept, %v; want an hour's", len(got["cam"].Lines), err)
	}
	if err := s.AddCounters(ctx, tally.Signed{Line: "hello"}, "2026-11-21"); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("what is no line: %v", err)
	}
}

func TestCounterKeysStay(t *testing.T) {
	s, ctx := open(t, state.Config{Dir: t.TempDir()}), t.Context()
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	first := state.CounterKey{Process: "door", Public: public, First: time.Unix(1700000000, 0).UTC()}
	for _, k := range []state.CounterKey{first, {Process: "another name", Public: public, First: time.Unix(1800000000, 0)}} {
		if err := s.RegisterCounterKey(ctx, k); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.CounterKeys(ctx)
	if diff := cmp.Diff(map[string]state.CounterKey{tally.Fingerprint(public): first}, got); diff != "" || err != nil {
		t.Errorf("keys, %v (-want +got):\n%s", err, diff)
	}
	if err := s.RegisterCounterKey(ctx, state.CounterKey{Public: public[:5]}); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("a short key: %v", err)
	}
}

func TestCamerasAreToldOf(t *testing.T) {
	s, ctx := open(t, state.Config{Dir: t.TempDir()}), t.Context()
	at := time.Unix(1700000000, 0).UTC()
	door := state.ProcessHealth{Name: "door", Told: at, Started: at, Model: "lbp-1", GalleryPeople: 3}
	cam := state.CameraHealth{State: "live", FPS: 6, LookedAt: 5, WidthPx: 640, HeightPx: 360}
	tell := func(id string, p state.ProcessHealth, cameras ...offers.CameraID) {
		t.Helper()
		of := map[offers.CameraID]state.CameraHealth{}
		for _, id := range cameras {
			of[id] = cam
		}
		if err := s.TellCameras(ctx, id, p, of); err != nil {
			t.Fatal(err)
		}
	}
	tell("gone", state.ProcessHealth{Told: at.Add(-30 * 24 * time.Hour)}, "old")
	tell("k2", state.ProcessHealth{Name: "till", Told: at.Add(-time.Minute)}, "cam", "till")
	tell("k1", door, "cam", "side")
	tell("k1", door, "cam", "side")
	door.Started = at.Add(time.Minute)
	tell("k1", door, "cam") // started again, with one camera less
	door.Restarts = 1
	cameras, processes, err := s.Cameras(ctx)
	if err != nil {
		t.Fatal(err)
	}
	of := func(process string, told time.Time) state.CameraHealth {
		h := cam
		h.Process, h.Told = process, told
		return h
	}
	if diff := cmp.Diff(map[offers.CameraID]state.CameraHealth{"cam": of("k1", at), "till": of("k2", at.Add(-time.Minute))}, cameras); diff != "" {
		t.Errorf("cameras (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]state.ProcessHealth{"k1": door, "k2": {Name: "till", Told: at.Add(-time.Minute)}}, processes); diff != "" {
		t.Errorf("processes (-want +got):\n%s", diff)
	}
}

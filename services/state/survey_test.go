package state_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/beacons/canary"
	"aisle/offers"
	"aisle/services/state"
)

func TestSurvey(t *testing.T) {
	s := open(t, state.Config{Dir: t.TempDir()})
	now := time.Now().Truncate(time.Millisecond)
	ctx := t.Context()
	if _, looked, err := s.Readings(ctx, "a", now); err != nil || !looked.IsZero() {
		t.Errorf("before anybody looked: %v, %v", looked, err)
	}
	if err := s.AskTag(ctx, "a", now); err != nil {
		t.Fatal(err)
	}
	if err := s.AskTag(ctx, "old", now.Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	tags, near, err := s.Asked(ctx, now.Add(time.Second))
	if err != nil || near || !cmp.Equal(tags, map[string]bool{"a": true}) {
		t.Errorf("asked %v, near %t, %v; want a alone", tags, near, err)
	}
	if err := s.AskNear(ctx, now); err != nil {
		t.Fatal(err)
	}
	if _, near, err = s.Asked(ctx, now); err != nil || !near {
		t.Errorf("near %t, %v", near, err)
	}
	if tags, near, err = s.Asked(ctx, now.Add(state.SurveyFor+time.Second)); err != nil || near || len(tags) > 0 {
		t.Errorf("after a while: %v, near %t, %v; want nothing", tags, near, err)
	}

	at := func(d time.Duration, r offers.ReceiverID) state.SurveyReading {
		return state.SurveyReading{Receiver: r, GainDB: -12.5, AtMs: now.Add(d).UnixMilli()}
	}
	if err := s.TellReadings(ctx, map[string][]state.SurveyReading{"a": {at(0, "r1"), at(time.Second, "r2")}, "b": nil}); err != nil {
		t.Fatal(err)
	}
	if err := s.TellReadings(ctx, map[string][]state.SurveyReading{"a": {at(2*time.Second, "r1")}}); err != nil {
		t.Fatal(err)
	}
	got, looked, err := s.Readings(ctx, "a", now.Add(time.Second))
	if diff := cmp.Diff([]state.SurveyReading{at(time.Second, "r2"), at(2*time.Second, "r1")}, got); diff != "" || err != nil || looked.IsZero() {
		t.Errorf("readings, looked %v, %v (-want +got):\n%s", looked, err, diff)
	}

	want := state.NearTag{Tag: "a", Receiver: "r1", GainDB: -3, Last: now.UTC()}
	other := state.NearTag{Tag: "b", Receiver: "r9", GainDB: -9, Last: now.UTC()}
	for _, told := range []struct {
		door string
		tag  state.NearTag
	}{{"one", state.NearTag{Tag: "gone", Last: now}}, {"two", other}, {"one", want}, {"crashed", state.NearTag{Tag: "old", Last: now.Add(-time.Minute)}}} {
		if err := s.TellNear(ctx, told.door, []state.NearTag{told.tag}); err != nil {
			t.Fatal(err)
		}
	}
	tagsNear, _, err := s.Near(ctx, now)
	slices.SortFunc(tagsNear, func(a, b state.NearTag) int { return strings.Compare(a.Tag, b.Tag) })
	if diff := cmp.Diff([]state.NearTag{want, other}, tagsNear); diff != "" || err != nil {
		t.Errorf("near, %v (-want +got):\n%s", err, diff)
	}
}

func TestSurveyIsBounded(t *testing.T) {
	s := open(t, state.Config{Dir: t.TempDir()})
	now := time.Now()
	var err error
	n := 0
	for ; err == nil && n < 100; n++ {
		err = s.AskTag(t.Context(), fmt.Sprint("tag", n), now)
	}
	if !errors.Is(err, offers.ErrConflict) || n != 33 {
		t.Errorf("the %d. tag: %v, want the 33rd to be too many", n, err)
	}
	if err := s.AskTag(t.Context(), "tag0", now); err != nil {
		t.Errorf("one that is surveyed already: %v", err)
	}
	if err := s.AskTag(t.Context(), "late", now.Add(state.SurveyFor+time.Second)); err != nil {
		t.Errorf("when the others are done: %v", err)
	}
}

func TestZonesHealth(t *testing.T) {
	s := open(t, state.Config{Dir: t.TempDir()})
	if _, ok, err := s.Zones(t.Context(), "centre"); ok || err != nil {
		t.Errorf("before the first: %t, %v", ok, err)
	}
	want := state.ZonesHealth{At: time.Now().UTC().Truncate(time.Second), Zones: []canary.Zone{{Zone: "shoes", Canaries: 1, Errors: 20, P50M: 1, P95M: 4, WidthM: 6, Held: true, Why: "far off", Mend: "r1", What: "softer"}}}
	if err := s.TellZones(t.Context(), "centre", want); err != nil {
		t.Fatal(err)
	}
	got, ok, err := s.Zones(t.Context(), "centre")
	if diff := cmp.Diff(want, got); diff != "" || !ok || err != nil {
		t.Errorf("zones, %t, %v (-want +got):\n%s", ok, err, diff)
	}
}

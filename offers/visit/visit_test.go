package visit

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func at(minutes float64) time.Time { return noon.Add(time.Duration(minutes * float64(time.Minute))) }

// seen is an event at minutes after noon.
func seen(t offers.EventType, minutes float64, zone offers.ZoneID, dwellMinutes float64) *offers.Event {
	return &offers.Event{
		ID: offers.EventID(fmt.Sprint(t, minutes, zone)), Type: t, Shopper: "mia", Shop: "shop", Zone: zone,
		Time: at(minutes), Dwell: time.Duration(dwellMinutes * float64(time.Minute)),
	}
}

func folded(events ...*offers.Event) *offers.Profile {
	p := &offers.Profile{Shopper: "mia"}
	for _, e := range events {
		Fold(p, e)
	}
	return p
}

func TestVisit(t *testing.T) {
	type want struct {
		Started, LastSeen, ZoneSince float64
		Zone                         offers.ZoneID
		Senses                       int
	}
	tests := map[string]struct {
		events []*offers.Event
		want   want
	}{
		"begun by a camera": {
			[]*offers.Event{seen(offers.Recognised, 0, "entrance", 0)}, want{Zone: "entrance", Senses: 1},
		},
		"the tag tells better where they are": {
			[]*offers.Event{seen(offers.ZoneEntered, 1, "shoes", 0), seen(offers.Recognised, 2, "entrance", 0)},
			want{Started: 1, LastSeen: 2, Zone: "shoes", ZoneSince: 1, Senses: 2},
		},
		"a dwell begins with the stay": {
			[]*offers.Event{seen(offers.ZoneEntered, 1, "shoes", 0), seen(offers.ZoneDwelled, 3, "shoes", 2)},
			want{Started: 1, LastSeen: 3, Zone: "shoes", ZoneSince: 1, Senses: 1},
		},
		"left, and nobody knows where": {
			[]*offers.Event{seen(offers.ZoneEntered, 1, "shoes", 0), seen(offers.ZoneLeft, 4, "shoes", 3)},
			want{Started: 1, LastSeen: 4, Senses: 1},
		},
		"left, and seen at the till": {
			[]*offers.Event{seen(offers.ZoneLeft, 4, "shoes", 3), seen(offers.OfferRedeemed, 6, "checkout", 0)},
			want{Started: 1, LastSeen: 6, Zone: "checkout", ZoneSince: 6, Senses: 2},
		},
		"what was left for another zone is no longer told of": {
			[]*offers.Event{seen(offers.ZoneEntered, 1, "shoes", 0), seen(offers.ZoneEntered, 3, "coffee", 0), seen(offers.ZoneLeft, 3, "shoes", 2)},
			want{Started: 1, LastSeen: 3, Zone: "coffee", ZoneSince: 3, Senses: 1},
		},
		"a long stay is one visit": {
			[]*offers.Event{seen(offers.ZoneEntered, 0, "shoes", 0), seen(offers.ZoneLeft, 45, "shoes", 45)},
			want{LastSeen: 45, Senses: 1},
		},
		"gone for a while, and back": {
			[]*offers.Event{seen(offers.ZoneEntered, 0, "shoes", 0), seen(offers.CheckedIn, 11, "", 0)},
			want{Started: 11, LastSeen: 11, Senses: 1},
		},
		"what came late joins two visits": {
			[]*offers.Event{seen(offers.Recognised, 0, "", 0), seen(offers.CheckedIn, 18, "", 0), seen(offers.ZoneEntered, 9, "shoes", 0)},
			want{LastSeen: 18, Zone: "shoes", ZoneSince: 9, Senses: 3},
		},
		"what came late of a visit before does not take them back": {
			[]*offers.Event{seen(offers.CheckedIn, 18, "", 0), seen(offers.Recognised, 2, "entrance", 0)},
			want{Started: 18, LastSeen: 18, Senses: 1},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v := folded(tt.events...).Visit
			minutes := func(x time.Time) float64 {
				if x.IsZero() {
					return 0
				}
				return x.Sub(noon).Minutes()
			}
			got := want{minutes(v.Started), minutes(v.LastSeen), minutes(v.ZoneSince), v.Zone, len(v.Witnesses)}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("visit (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever the order in which events come, they leave the same visit, the same
// lent phone and the same probability.
func TestOrderDoesNotMatter(t *testing.T) {
	types := []offers.EventType{offers.ZoneEntered, offers.ZoneDwelled, offers.ZoneLeft, offers.Recognised, offers.CheckedIn, offers.OfferRedeemed, offers.DeviceLent, offers.Identified}
	zones := []offers.ZoneID{"shoes", "coffee", "entrance", ""}
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		events := make([]*offers.Event, 2+r.IntN(9))
		for i := range events {
			e := seen(types[r.IntN(len(types))], float64(r.IntN(300))/10, zones[r.IntN(len(zones))], 0)
			if e.Type == offers.ZoneDwelled || e.Type == offers.ZoneLeft {
				e.Dwell = time.Duration(r.IntN(300)) * time.Second
			}
			if uint64(r.IntN(12)) < seed%7 { // hardly ever in another shop, up to every other time
				e.Shop = "other"
			}
			e.Confidence = float64(r.IntN(11)) / 10
			switch e.Type {
			case offers.DeviceLent:
				e.With = []offers.ShopperID{"ben", "eva"}[r.IntN(2)]
			case offers.Identified:
				e.Identifiers = []offers.Identifier{{Type: offers.AppInstall, Value: "phone"}}
			}
			events[i] = e
		}
		want := folded(events...)
		for range 6 {
			r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			got := folded(events...)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d: another order, another visit (-first +then):\n%s", seed, diff)
			}
			cut := r.IntN(len(events))
			one, two := folded(events[:cut]...), folded(events[cut:]...)
			one.Visit = Join(one.Visit, two.Visit)
			JoinLent(one, two)
			if diff := cmp.Diff(want, one); diff != "" {
				t.Fatalf("seed %d: two halves that were joined (-first +then):\n%s", seed, diff)
			}
		}
	}
}

func TestLent(t *testing.T) {
	entered, face := seen(offers.ZoneEntered, 0, "shoes", 0), seen(offers.Recognised, 1, "entrance", 0)
	lent := &offers.Event{ID: "lent", Type: offers.DeviceLent, With: "ben", Time: at(2)}
	signedIn := &offers.Event{ID: "in", Type: offers.Identified, Time: at(3), Identifiers: []offers.Identifier{{Type: offers.AppInstall, Value: "phone"}}}
	tests := map[string]struct {
		events []*offers.Event
		at     float64
		to     offers.ShopperID
		held   bool
		own    []offers.Sensor // what witnesses the shopper's own visit
	}{
		"theirs":                        {[]*offers.Event{entered, face}, 3, "", false, []offers.Sensor{offers.SensorBeacon, offers.SensorCamera}},
		"lent: the tag is another's":    {[]*offers.Event{entered, lent}, 3, "ben", true, nil},
		"lent: they are here without":   {[]*offers.Event{entered, face, lent}, 3, "ben", true, []offers.Sensor{offers.SensorCamera}},
		"theirs again":                  {[]*offers.Event{entered, lent, signedIn}, 4, "", false, []offers.Sensor{offers.SensorBeacon}},
		"lent, but not here":            {[]*offers.Event{lent}, 3, "ben", false, nil},
		"lent, and no device is here":   {[]*offers.Event{face, lent}, 3, "ben", false, []offers.Sensor{offers.SensorCamera}},
		"after the visit nothing waits": {[]*offers.Event{entered, lent}, 15, "ben", false, nil},
		"not for ever":                  {[]*offers.Event{lent, seen(offers.ZoneEntered, 12*60+2, "shoes", 0)}, 12*60 + 3, "", false, []offers.Sensor{offers.SensorBeacon}},
		"to nobody but oneself":         {[]*offers.Event{entered, {ID: "x", Type: offers.DeviceLent, With: "mia", Time: at(2)}}, 3, "", false, []offers.Sensor{offers.SensorBeacon}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := folded(tt.events...)
			if got := LentTo(p, at(tt.at)); got != tt.to {
				t.Errorf("lent to %q, want %q", got, tt.to)
			}
			if got := Held(p, at(tt.at)); got != tt.held {
				t.Errorf("held: %v, want %v", got, tt.held)
			}
			var own []offers.Sensor
			for _, w := range Witnesses(nil, p, at(tt.at)) {
				own = append(own, w.Sensor)
			}
			if diff := cmp.Diff(tt.own, own); diff != "" {
				t.Errorf("witnesses of their own visit (-want +got):\n%s", diff)
			}
		})
	}
}

func BenchmarkFold(b *testing.B) {
	p := folded(seen(offers.Recognised, 0, "entrance", 0), seen(offers.ZoneEntered, 1, "shoes", 0))
	e := seen(offers.ZoneDwelled, 2, "shoes", 1)
	b.ReportAllocs()
	for b.Loop() {
		Fold(p, e)
	}
}

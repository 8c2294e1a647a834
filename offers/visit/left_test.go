package visit_test

import (
	"testing"
	"time"

	"aisle/offers"
	"aisle/offers/visit"
)

func TestLeftAt(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	at := func(minute int, kind offers.EventType, zone offers.ZoneID, dwell time.Duration) offers.Event {
		return offers.Event{Type: kind, Shop: "rotterdam", Zone: zone, Dwell: dwell, Time: noon.Add(time.Duration(minute) * time.Minute)}
	}
	entered, left := at(0, offers.ZoneEntered, "shoes", 0), at(5, offers.ZoneLeft, "shoes", 5*time.Minute)
	tests := map[string]struct {
		events []offers.Event
		left   int // minute; -1: they did not
	}{
		"nobody knows":         {nil, -1},
		"there":                {[]offers.Event{entered}, -1},
		"left":                 {[]offers.Event{entered, left}, 5},
		"in whatever order":    {[]offers.Event{left, entered}, 5},
		"went to another zone": {[]offers.Event{entered, left, at(6, offers.ZoneEntered, "bakery", 0)}, -1},
		"and left that":        {[]offers.Event{entered, left, at(6, offers.ZoneEntered, "bakery", 0), at(9, offers.ZoneLeft, "bakery", 3*time.Minute)}, 9},
		"seen before":          {[]offers.Event{at(-1, offers.Recognised, "door", 0), entered, left}, 5},
		"seen since":           {[]offers.Event{entered, left, at(7, offers.Recognised, "door", 0)}, -1},
		"only seen":            {[]offers.Event{at(7, offers.Recognised, "door", 0)}, -1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := &offers.Profile{Shopper: "mia"}
			for i := range tt.events {
				visit.Fold(p, &tt.events[i])
			}
			got, ok := visit.LeftAt(p.Visit, "rotterdam")
			if want := tt.left >= 0; ok != want || ok && !got.Equal(noon.Add(time.Duration(tt.left)*time.Minute)) {
				t.Errorf("left at %v, %v; want minute %d", got, ok, tt.left)
			}
			if _, ok := visit.LeftAt(p.Visit, "utrecht"); ok {
				t.Error("left a shop where they were not")
			}
		})
	}
}

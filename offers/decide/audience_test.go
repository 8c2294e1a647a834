package decide

import (
	"testing"
	"time"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/offers/rule"
)

func TestAudience(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	engine, broken := New(&offers.Catalogue{Shops: map[offers.ShopID]*offers.Shop{"noord": {
		ID: "noord", TimeZone: "Europe/Amsterdam", Zones: []offers.Zone{{ID: "shoes", Category: "footwear"}},
	}}}, feature.Default())
	if len(broken) > 0 {
		t.Fatal(broken)
	}
	env, err := rule.New(feature.Default())
	if err != nil {
		t.Fatal(err)
	}
	here := &offers.Profile{Shopper: "a", Traits: offers.Traits{Tier: "gold"}, Visit: &offers.Visit{
		Shop: "noord", Zone: "shoes", Started: at.Add(-time.Hour), LastSeen: at, ZoneSince: at.Add(-time.Minute), Witnesses: map[offers.Sensor]time.Time{offers.SensorBeacon: at},
	}}
	away := &offers.Profile{Shopper: "b", Traits: offers.Traits{Tier: "gold"}}
	tests := map[string]struct{ here, away bool }{
		`tier == "gold"`:             {true, true},
		`zone_category=="footwear"`:  {true, false},
		`dwell_seconds >= 60.0`:      {true, false},
		`hour == 11.0`:               {true, false}, // in the shop's zone
		`event.type == "recognised"`: {false, false},
		`1.0 / searches["x"] > "".size() && event.query.charAt(9) == "x"`: {false, false}, // no answer
	}
	for expression, want := range tests {
		t.Run(expression, func(t *testing.T) {
			r, err := env.Compile(expression)
			if err != nil {
				t.Fatal(err)
			}
			a := engine.Audience()
			for range 2 { // nobody leaves anything behind for the next
				if got := a.Meets(r, here, at); got != want.here {
					t.Errorf("who is here meets it: %t, want %t", got, want.here)
				}
				if got := a.Meets(r, away, at); got != want.away {
					t.Errorf("who is away meets it: %t, want %t", got, want.away)
				}
			}
		})
	}
}

func TestOpen(t *testing.T) {
	p := &offers.Profile{Traits: offers.Traits{Phone: "+31600000001"}, Consents: map[offers.Purpose]offers.Consent{
		offers.ConsentSMS: {Granted: true}, offers.ConsentEmail: {Granted: true},
	}}
	for channel, want := range map[offers.Channel]bool{offers.ChannelSMS: true, offers.ChannelEmail: false, offers.ChannelApp: false, "owl": false} {
		if got := Open(channel, p); got != want {
			t.Errorf("Open(%s) = %t, want %t", channel, got, want)
		}
	}
}

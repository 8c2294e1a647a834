package decidetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"aisle/offers"
	"aisle/offers/feature"
)

func house() House {
	return House{
		Shops: []offers.Shop{{ID: "shop", TimeZone: "Europe/Amsterdam", Zones: []offers.Zone{{ID: "shoes", Kind: offers.ZoneSales}}}},
		Campaigns: []offers.Campaign{{
			ID: "k", Trigger: offers.Trigger{Event: offers.ZoneDwelled}, Eligibility: `searches["footwear"] > 0`,
			Cap: offers.Cap{Times: 1}, Channels: []offers.Channel{offers.ChannelApp}, Offers: []offers.Offer{{ID: "o"}}, Holdout: 1,
		}},
		Features: feature.Default(),
	}
}

const story = `
shop: shop
cases:
  - name: a story
    now: 2026-11-20 15:04
    shopper: {consents: [push, search]}
    events:
      - {type: zone_dwelled, zone: shoes}
      - {ago: 1h, type: product_searched, query: shoes}
    expect: `

// A test that cannot fail is a defect: each of these expectations is wrong but
// the first, and is told so.
func TestWrongExpectationsAreTold(t *testing.T) {
	tests := []struct{ name, expect, want string }{
		{"right", `{verdict: offered, campaign: k, offer: [o, p], channels: [app], why: {k: in}}`, ""},
		{"verdict", `{verdict: no_offer}`, "verdict offered, want no_offer; k is in"},
		{"asleep", `{verdict: asleep}`, "verdict offered"},
		{"campaign", `{verdict: offered, campaign: j}`, `campaign "k", want "j"`},
		{"offer", `{verdict: offered, offer: p}`, "offer o, want one of [p]"},
		{"channels", `{verdict: offered, channels: [app, sms]}`, "channels [app]"},
		{"why out", `{verdict: offered, why: {k: eligibility}}`, "k is in, want eligibility"},
		{"why words", `{verdict: offered, why: {k: "in: sooner"}}`, `want words "sooner"`},
		{"who", `{verdict: offered, why: {j: in}}`, "j was no candidate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse([]byte(story + tt.expect))
			if err != nil {
				t.Fatal(err)
			}
			results, err := f.Run(house())
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(results[0].Wrong, "\n")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"no YAML", "cases: [", ""},
		{"an empty file", "", "there are none"},
		{"no cases", "shop: x", "there are none"},
		{"unknown key", strings.Replace(story, "now:", "at:", 1) + "{verdict: offered}", "at"},
		{"no verdict", story + "{offer: o}", "verdict"},
		{"unknown purpose", strings.Replace(story, "push", "everything", 1) + "{verdict: offered}", "everything"},
		{"asleep with a why", story + "{verdict: asleep, why: {k: in}}", "nothing is decided then"},
		{"heard of before", strings.Replace(story, "ago: 1h", "late: -1h", 1) + "{verdict: offered}", "before it happens"},
		{"surer than sure", strings.Replace(story, "ago: 1h", "confidence: 80", 1) + "{verdict: offered}", "from 0 to 1"},
		{"a time in days", strings.Replace(story, "ago: 1h", "ago: 2d", 1) + "{verdict: offered}", "line 9: ago: 2d is no time"},
		{"a time without a unit", strings.Replace(story, "ago: 1h", "dwell: 12", 1) + "{verdict: offered}", "line 9: dwell: 12 is no time"},
		{"no number", strings.Replace(story, "ago: 1h", "confidence: .nan", 1) + "{verdict: offered}", "from 0 to 1"},
		{"an offer that is none", story + "{verdict: offered, offer: {a: b}}", "[10:"},
		{"no events", "cases:\n  - {name: x, expect: {verdict: offered}}", "what did they do"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.yaml))
			if !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an invalid one about %q", err, tt.want)
			}
		})
	}
}

func TestRunRefusesWhatTheHouseLacks(t *testing.T) {
	for name, yaml := range map[string]string{
		"shop":            strings.Replace(story, "shop: shop", "shop: mall", 1) + "{verdict: offered}",
		"campaign":        "campaigns: [j]\n" + story + "{verdict: offered}",
		"time":            strings.Replace(story, "2026-11-20 15:04", "noon", 1) + "{verdict: offered}",
		"zone":            strings.Replace(story, "zone: shoes", "zone: shose", 1) + "{verdict: offered}",
		"what is to come": strings.Replace(story, "ago: 1h", `at: "15:05"`, 1) + "{verdict: offered}",
		"event's shop":    strings.Replace(story, "zone: shoes", "zone: shoes, shop: mall", 1) + "{verdict: offered}",
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse([]byte(yaml))
			if err != nil {
				t.Fatal(err)
			}
			_, err = f.Run(house())
			if !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), "line ") {
				t.Errorf("got %v, want an invalid one that says in which line", err)
			}
		})
	}
}

// What is expected of a decision is wrong where nothing was decided.
func TestNothingDecidedIsNotWhatWasExpected(t *testing.T) {
	for _, expect := range []string{`{completed: [], campaign: k}`, `{completed: [], offer: o}`, `{completed: [], why: {k: in}}`} {
		f, err := Parse([]byte(strings.Replace(story, "zone_dwelled", "zone_left", 1) + expect))
		if err != nil {
			t.Fatal(err)
		}
		results, err := f.Run(house())
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(results[0].Wrong, "; "); got != "no campaign woke, want a decision" {
			t.Errorf("%s: got %q", expect, got)
		}
	}
}

// Whatever somebody writes is refused, or can be played.
func FuzzParse(f *testing.F) {
	f.Add([]byte(story + "{verdict: offered}"))
	f.Add([]byte("cases:\n  - {name: x, now: 2026-11-20 15:04, clock: \"15:10\", events: [{at: \"15:00:30\", type: zone_dwelled}], expect: {completed: [\"x at 15:05\"], waiting: {x: y}}}"))
	f.Add([]byte(`{"now": "2026-11-20 15:04", "events": [{"ago": "1h", "type": "product_searched"}]}`))
	f.Add([]byte("cases: [!!binary"))
	f.Add([]byte(asked + "{shows: [a]}"))
	h := house()
	f.Fuzz(func(t *testing.T, raw []byte) {
		if file, err := Parse(raw); err == nil {
			if _, err := file.Run(h); err != nil && !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("played: %v, want ErrInvalid", err)
			}
		} else if !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("parsed: %v, want ErrInvalid", err)
		}
		if _, err := ParseCase(raw); err != nil && !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("a case: %v, want ErrInvalid", err)
		}
	})
}

const lingers = `
scenarios: [lingers]
cases:
  - name: a story
    now: 2026-11-20 15:04
    shopper: {consents: [location]}
    events:
      - {at: "15:03", type: zone_dwelled, zone: shoes}
      - {at: "15:03:30", type: zone_dwelled, zone: shoes}
    clock: "15:10"
    expect: `

func TestStoriesOfScenarios(t *testing.T) {
	h := house()
	h.Scenarios = []offers.Scenario{
		{ID: "lingers", Steps: []offers.Step{{Events: []offers.EventType{offers.ZoneDwelled}}, {Name: "Leaves", Not: true, Events: []offers.EventType{offers.ZoneLeft}, For: 5 * time.Minute}}},
		{ID: "other", Steps: []offers.Step{{Events: []offers.EventType{offers.ZoneDwelled}}}},
	}
	tests := []struct{ name, story, want string }{
		{"completed", lingers + `{completed: [lingers]}`, ""},
		{"completed at", lingers + `{completed: ["lingers at 15:08"]}`, ""},
		{"to the second", lingers + `{completed: ["lingers at 15:08:01"]}`, "completed [lingers at 15:08:00], want [lingers at 15:08:01]"},
		{"nothing", lingers + `{completed: []}`, "want nothing"},
		{"not yet", strings.Replace(lingers, "15:10", "15:07", 1) + `{completed: [], waiting: {lingers: Leaves}}`, ""},
		{"not waiting any more", lingers + `{waiting: {lingers: Leaves}}`, "lingers: not in it, want Leaves"},
		{"a clock that goes back", strings.Replace(lingers, "15:10", "15:03", 1) + `{completed: []}`, "clock"},
		{"an hour that is none", strings.Replace(lingers, "15:10", "25:10", 1) + `{completed: []}`, `"25:10" is no time`},
		{"ago and at", strings.Replace(lingers, `at: "15:03"`, `ago: 1m, at: "15:03"`, 1) + `{completed: []}`, "either ago or at a time"},
		{"nothing expected", lingers + `{campaign: k}`, "could not fail"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got string
			if f, err := Parse([]byte(tt.story)); err != nil {
				got = err.Error()
			} else if results, err := f.Run(h); err != nil {
				got = err.Error()
			} else {
				got = strings.Join(results[0].Wrong, "; ")
			}
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A day is the shop's, also the one that has 25 hours, and not that of UTC.
func TestStoriesOfLocalDays(t *testing.T) {
	own, err := feature.Default().With([]byte("features: {stops_today: {event: zone_dwelled, aggregate: count, calendar: day}}"))
	if err != nil {
		t.Fatal(err)
	}
	h := house()
	h.Features, h.Campaigns[0].Eligibility = own, "stops_today == 2.0"
	f, err := Parse([]byte(`
shop: shop
cases:
  - name: a story
    now: 2026-10-25 23:30
    shopper: {consents: [push]}
    events:
      - {at: "2026-10-24 23:59", type: zone_dwelled, zone: shoes}
      - {at: "2026-10-25 00:30", type: zone_dwelled, zone: shoes}
      - {type: zone_dwelled, zone: shoes}
    expect: {verdict: offered, campaign: k}
`))
	if err != nil {
		t.Fatal(err)
	}
	results, err := f.Run(h)
	if err != nil {
		t.Fatal(err)
	}
	if len(results[0].Wrong) > 0 {
		t.Error(results[0].Wrong)
	}
}

// An event that is late is folded where it belongs, and is told of as in a shop.
func TestStoriesOfLateEvents(t *testing.T) {
	h := house()
	h.Scenarios = []offers.Scenario{{ID: "lingers", Steps: []offers.Step{
		{Events: []offers.EventType{offers.ZoneDwelled}}, {Not: true, Events: []offers.EventType{offers.ZoneLeft}, For: time.Minute},
	}}}
	late := func(by string) string {
		return `
shop: shop
cases:
  - name: a story
    now: 2026-11-20 15:04
    shopper: {consents: [location, push, search]}
    events:
      - {at: "15:00", type: zone_dwelled, zone: shoes}
      - {at: "15:00:59", type: zone_left, zone: shoes, late: ` + by + `}
      - {at: "15:03", type: product_searched, query: shoes}
    clock: "15:20"
    expect: `
	}
	tests := []struct{ name, story, want string }{
		{"on time", late("0s") + `{completed: []}`, ""},
		{"waited for", late("4s") + `{completed: []}`, ""},
		{"told already", late("20s") + `{completed: [lingers]}`, ""},
		{"searched before they dwelled, as is heard later", strings.Replace(story, "ago: 1h", "ago: 1h, late: 2h", 1) + `{verdict: no_offer, why: {k: eligibility}}`, "no campaign woke, want no_offer"},
		{"searched in time", strings.Replace(story, "ago: 1h", "ago: 1h, late: 59m", 1) + `{verdict: offered}`, ""},
		{"a moment that is past", strings.Replace(story, "zone: shoes", "zone: shoes, late: 6m", 1) + `{verdict: no_offer, why: {k: "late: it came 5 minutes late"}}`, ""},
		{"a moment that is not", strings.Replace(story, "zone: shoes", "zone: shoes, late: 5m", 1) + `{verdict: offered}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse([]byte(tt.story))
			if err != nil {
				t.Fatal(err)
			}
			results, err := f.Run(h)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(results[0].Wrong, "; "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

const asked = `
shop: shop
cases:
  - name: a story
    now: 2026-11-20 15:04
    shopper: {consents: [search]}
    events:
      - {ago: 1h, type: product_searched, query: shoes}
      - {ago: 1m, asks: web/home}
      - {asks: web/home, limit: 3}
    expect: `

// A page asks for offers in a story as it does in a shop.
func TestStoriesOfPages(t *testing.T) {
	h := house()
	web := func(id offers.OfferID) offers.Offer {
		return offers.Offer{ID: id, Title: string(id), Valid: time.Hour, Representations: []offers.Representation{{Placement: "web", Title: string(id)}}}
	}
	h.Campaigns = append(h.Campaigns,
		offers.Campaign{ID: "banner", Placements: []offers.PlacementID{"web/home"}, Eligibility: `searches["footwear"] > 0`, Cap: offers.Cap{Times: 4}, Offers: []offers.Offer{web("a"), web("b")}},
		offers.Campaign{ID: "here", Placements: []offers.PlacementID{"web/shelf"}, Eligibility: `zone == "shoes"`, Offers: []offers.Offer{web("c")}},
		offers.Campaign{ID: "everybody", Fallback: []offers.PlacementID{"web"}, Offers: []offers.Offer{web("welcome")}},
	)
	last := func(ask string) string { return strings.Replace(asked, "asks: web/home, limit: 3", ask, 1) }
	tests := []struct{ name, story, want string }{
		{"a list", asked + `{verdict: offered, campaign: banner, shows: [b, a], why: {banner: in}}`, ""},
		{"too short a list", asked + `{shows: [a]}`, "want [a]; banner is in"},
		{"one where it says nothing", last("asks: web/home") + `{shows: [a, b]}`, "want [a, b]"},
		{"what the page has", last("asks: web/home, limit: 3, exclude: [a]") + `{shows: [b]}`, ""},
		{"the fallback", strings.Replace(last("asks: web/home"), "query: shoes", "query: hats", 1) + `{campaign: everybody, shows: [welcome], why: {banner: eligibility}}`, ""},
		{"held out", strings.Replace(asked, "shopper:", "holdout: true\n    shopper:", 1) + `{verdict: held_out, shows: [welcome]}`, ""},
		{"what was shown counts", strings.Replace(asked, "- {ago: 1m, asks: web/home}", "- {ago: 2m, asks: web/home, limit: 2}\n      - {ago: 1m, asks: web/home, limit: 2}", 1) + `{shows: [welcome], why: {banner: "cap: 4 of 4"}}`, ""},
		{"a place without the consent", last("asks: web/shelf, zone: shoes") + `{shows: [welcome]}`, ""},
		{"a place with it", strings.Replace(last("asks: web/shelf, zone: shoes"), "[search]", "[search, location]", 1) + `{shows: [c]}`, ""},
		{"nobody asks", strings.Replace(last("type: zone_dwelled, zone: shoes"), "[search]", "[search, push]", 1) + `{shows: []}`, "no page asked at last"},
		{"a placement that is none", last("asks: app/card") + `{shows: []}`, `no campaign is for "app/card"`},
		{"a message", last("asks: sms") + `{shows: []}`, "want web, app or wall"},
		{"none of them", last("asks: web/home, limit: 0") + `{shows: []}`, "limit is from 1 to 20"},
		{"late", last("asks: web/home, late: 1m") + `{shows: []}`, "answered at once"},
		{"two things at a time", last("asks: web/home, type: page_viewed") + `{shows: []}`, "in the place of a type"},
		{"the event by its name", last("type: offer_placed") + `{shows: []}`, `say "asks: web/home"`},
		{"a limit of nothing", last("type: page_viewed, limit: 3") + `{shows: []}`, "of a page that asks"},
		{"what the house knows", last("asks: web/home, context: {tier: gold}") + `{shows: []}`, "what the house knows itself"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got string
			if f, err := Parse([]byte(tt.story)); err != nil {
				got = err.Error()
			} else if results, err := f.Run(h); err != nil {
				got = err.Error()
			} else {
				got = strings.Join(results[0].Wrong, "; ")
			}
			if (tt.want == "") != (got == "") || !strings.Contains(strings.ToLower(got), tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

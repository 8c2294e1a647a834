package decidetest

import (
	"errors"
	"strings"
	"testing"

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
		{"no cases", "shop: x", "there are none"},
		{"unknown key", strings.Replace(story, "now:", "at:", 1) + "{verdict: offered}", "at"},
		{"no verdict", story + "{offer: o}", "verdict"},
		{"unknown purpose", strings.Replace(story, "push", "everything", 1) + "{verdict: offered}", "everything"},
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
		"shop":     strings.Replace(story, "shop: shop", "shop: mall", 1) + "{verdict: offered}",
		"campaign": "campaigns: [j]\n" + story + "{verdict: offered}",
		"time":     strings.Replace(story, "2026-11-20 15:04", "noon", 1) + "{verdict: offered}",
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse([]byte(yaml))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Run(house()); !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("got %v, want an invalid one", err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(story + "{verdict: offered}"))
	h := house()
	f.Fuzz(func(_ *testing.T, raw []byte) {
		if file, err := Parse(raw); err == nil {
			file.Run(h)
		}
	})
}

package decide

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"aisle/offers"
	"aisle/offers/feature"
	"aisle/offers/rank"
)

// noon on a Friday, in Amsterdam.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, amsterdam)

// features are read once: a set does not change.
var features = feature.Default()

var amsterdam = func() *time.Location {
	l, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err)
	}
	return l
}()

func square(x, y float64) []offers.Point {
	return []offers.Point{{X: x, Y: y}, {X: x + 2, Y: y}, {X: x + 2, Y: y + 2}, {X: x, Y: y + 2}}
}

func testShop() *offers.Shop {
	return &offers.Shop{
		ID: "shop", Name: "Shop", TimeZone: "Europe/Amsterdam", Currency: "EUR",
		Zones: []offers.Zone{
			{ID: "footwear", Name: "Footwear", Kind: offers.ZoneSales, Category: "footwear", Polygon: square(0, 0)},
			{ID: "coffee", Name: "Coffee", Kind: offers.ZoneSales, Category: "coffee", Polygon: square(40, 0)},
			{ID: "pharmacy", Name: "Pharmacy", Kind: offers.ZoneQuiet, Polygon: square(0, 40)},
		},
	}
}

// testCampaign speaks to all who dwell anywhere.
func testCampaign(id offers.CampaignID) *offers.Campaign {
	return &offers.Campaign{
		ID: id, Name: "Campaign " + string(id), Status: offers.CampaignLive,
		Trigger: offers.Trigger{Event: offers.ZoneDwelled}, Channels: []offers.Channel{offers.ChannelApp, offers.ChannelSMS},
		Offers: []offers.Offer{{
			ID: offers.OfferID(id + "-offer"), Title: "Offer of " + string(id), Category: "footwear", Zone: "footwear",
			Value: offers.Money{Minor: 1000, Currency: "EUR"}, Valid: 2 * time.Hour,
		}},
	}
}

func testCatalogue(campaigns ...*offers.Campaign) *offers.Catalogue {
	c := &offers.Catalogue{Shops: map[offers.ShopID]*offers.Shop{"shop": testShop()}, Campaigns: map[offers.CampaignID]*offers.Campaign{}}
	for _, k := range campaigns {
		c.Campaigns[k.ID] = k
	}
	return c
}

func testEngine(t testing.TB, campaigns ...*offers.Campaign) *Engine {
	t.Helper()
	e, broken := New(testCatalogue(campaigns...), features)
	if len(broken) > 0 {
		t.Fatal(broken)
	}
	return e
}

// willing has agreed to everything and can be reached.
func willing() *offers.Profile {
	p := &offers.Profile{Shopper: "mia", Consents: map[offers.Purpose]offers.Consent{}, Traits: offers.Traits{Phone: "+447700900110"}}
	for _, purpose := range offers.Purposes {
		p.Consents[purpose] = offers.Consent{Purpose: purpose, Granted: true, At: noon.Add(-24 * time.Hour)}
	}
	return p
}

func dwelled(zone offers.ZoneID, at time.Time) *offers.Event {
	return &offers.Event{ID: "e", Type: offers.ZoneDwelled, Shopper: "mia", Shop: "shop", Zone: zone, Dwell: 20 * time.Second, Time: at, Received: at}
}

func momentOf(p *offers.Profile, e *offers.Event) *Moment {
	Fold(features, p, e)
	return &Moment{ID: DecisionID(3, 42, 0), Offset: 42, Event: e, Profile: p}
}

func TestOneReasonWhyACampaignIsOut(t *testing.T) {
	deny := func(p *offers.Profile, purposes ...offers.Purpose) {
		for _, purpose := range purposes {
			p.Consents[purpose] = offers.Consent{Purpose: purpose, At: noon}
		}
	}
	had := func(ago time.Duration) offers.Contact {
		return offers.Contact{Decision: "0-1-0", Campaign: "k", Offer: "k-offer", At: noon.Add(-ago)}
	}
	tests := []struct {
		name   string
		set    func(k *offers.Campaign, p *offers.Profile, e *offers.Event)
		out    offers.Exclusion
		detail string
	}{
		{"nothing against it", func(*offers.Campaign, *offers.Profile, *offers.Event) {}, "", ""},
		{"has not begun", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) { k.Schedule.From = noon.Add(time.Second) }, offers.OutSchedule, "begins on"},
		{"begins now", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) { k.Schedule.From = noon }, "", ""},
		{"ends now", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) { k.Schedule.Until = noon }, offers.OutSchedule, "ended on"},
		{"another day", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) {
			k.Schedule.Days = []time.Weekday{time.Saturday, time.Sunday}
		}, offers.OutSchedule, "not on a Friday"},
		{"the shop's minute begins", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) { k.Schedule.FromMinute = 12 * 60 }, "", ""},
		{"too early by the shop's clock", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) { k.Schedule.FromMinute = 12*60 + 1 }, offers.OutSchedule, "12:01 to 24:00"},
		{"too late by the shop's clock", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) { k.Schedule.UntilMinute = 12 * 60 }, offers.OutSchedule, "00:00 to 12:00"},
		{"over midnight, awake", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) {
			k.Schedule.FromMinute, k.Schedule.UntilMinute = 22*60, 13*60
		}, "", ""},
		{"over midnight, asleep", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) {
			k.Schedule.FromMinute, k.Schedule.UntilMinute = 22*60, 6*60
		}, offers.OutSchedule, "22:00 to 06:00"},
		{"no consent", func(_ *offers.Campaign, p *offers.Profile, _ *offers.Event) {
			deny(p, offers.ConsentSMS, offers.ConsentPush)
		}, offers.OutConsent, "no consent to notifications, no consent to text messages"},
		{"one channel is enough", func(_ *offers.Campaign, p *offers.Profile, _ *offers.Event) { deny(p, offers.ConsentSMS) }, "", ""},
		{"no number", func(k *offers.Campaign, p *offers.Profile, _ *offers.Event) {
			k.Channels, p.Traits.Phone = []offers.Channel{offers.ChannelSMS}, ""
		}, offers.OutConsent, "no telephone number"},
		{"a quiet zone", func(_ *offers.Campaign, _ *offers.Profile, e *offers.Event) { e.Zone = "pharmacy" }, offers.OutQuietZone, "Pharmacy"},
		{"not eligible", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) { k.Eligibility = `tier == "gold"` }, offers.OutEligibility, `tier == "gold"`},
		{"not applicable", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) { k.Applicability = `hour > 12` }, offers.OutApplicability, "hour > 12"},
		{"not suitable", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) { k.Suitability = `zone != "footwear"` }, offers.OutSuitability, "zone"},
		{"the first reason", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) {
			k.Applicability, k.Suitability, k.Eligibility = "false", "false", "false"
		}, offers.OutEligibility, ""},
		{"a rule without an answer", func(k *offers.Campaign, _ *offers.Profile, _ *offers.Event) {
			k.Eligibility = `[1, 2][int(orders) + 2] == 1`
		}, offers.OutRuleError, ""},
		{"capped", func(k *offers.Campaign, p *offers.Profile, _ *offers.Event) {
			k.Cap = offers.Cap{Times: 2, Per: 24 * time.Hour}
			p.Contacts = []offers.Contact{had(23 * time.Hour), had(time.Hour)}
		}, offers.OutCap, "2 of 2 in 24 hours"},
		{"capped no more", func(k *offers.Campaign, p *offers.Profile, _ *offers.Event) {
			k.Cap = offers.Cap{Times: 2, Per: 24 * time.Hour}
			p.Contacts = []offers.Contact{had(24 * time.Hour), had(time.Hour)}
		}, "", ""},
		{"capped for good", func(k *offers.Campaign, p *offers.Profile, _ *offers.Event) {
			k.Cap = offers.Cap{Times: 1}
			p.Contacts = []offers.Contact{had(1000 * time.Hour)}
		}, offers.OutCap, "1 of 1"},
		{"another campaign's contacts", func(k *offers.Campaign, p *offers.Profile, _ *offers.Event) {
			k.Cap, k.Cooldown = offers.Cap{Times: 1}, time.Hour
			p.Contacts = []offers.Contact{{Decision: "0-1-0", Campaign: "other", At: noon}}
		}, "", ""},
		{"cooling down", func(k *offers.Campaign, p *offers.Profile, _ *offers.Event) {
			k.Cooldown = 10 * time.Minute
			p.Contacts = []offers.Contact{had(9 * time.Minute)}
		}, offers.OutCooldown, "9 minutes ago"},
		{"cooled down", func(k *offers.Campaign, p *offers.Profile, _ *offers.Event) {
			k.Cooldown = 10 * time.Minute
			p.Contacts = []offers.Contact{had(10 * time.Minute)}
		}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k, p, e := testCampaign("k"), willing(), dwelled("footwear", noon)
			tt.set(k, p, e)
			d := testEngine(t, k).Decide(momentOf(p, e), rank.New())
			if len(d.Candidates) != 1 {
				t.Fatalf("candidates: got %+v, want one", d.Candidates)
			}
			got := d.Candidates[0]
			if got.Out != tt.out || !strings.Contains(got.Detail, tt.detail) || tt.out == "" && got.Detail != "" {
				t.Errorf("got %q, %q; want %q about %q", got.Out, got.Detail, tt.out, tt.detail)
			}
			if wantVerdict := map[bool]offers.Verdict{true: offers.Offered, false: offers.NoOffer}[tt.out == ""]; d.Verdict != wantVerdict {
				t.Errorf("verdict: got %s, want %s", d.Verdict, wantVerdict)
			}
		})
	}
}

// A night that begins on a Friday is Friday's until its end.
func TestANightBelongsToTheDayItBeginsOn(t *testing.T) {
	k := testCampaign("k")
	k.Schedule = offers.Schedule{Days: []time.Weekday{time.Friday}, FromMinute: 22 * 60, UntilMinute: 2 * 60}
	e := testEngine(t, k)
	for _, tt := range []struct {
		at   time.Time
		want offers.Verdict
	}{
		{time.Date(2026, 11, 20, 23, 0, 0, 0, amsterdam), offers.Offered},
		{time.Date(2026, 11, 21, 1, 0, 0, 0, amsterdam), offers.Offered},
		{time.Date(2026, 11, 20, 1, 0, 0, 0, amsterdam), offers.NoOffer},
	} {
		if got := e.Decide(momentOf(willing(), dwelled("footwear", tt.at)), rank.New()).Verdict; got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.at.Format("Monday 15:04"), got, tt.want)
		}
	}
}

func TestTriggers(t *testing.T) {
	tests := []struct {
		name    string
		trigger offers.Trigger
		status  offers.CampaignStatus
		event   offers.Event
		want    bool
	}{
		{"its event", offers.Trigger{Event: offers.ZoneDwelled}, offers.CampaignLive, offers.Event{Type: offers.ZoneDwelled}, true},
		{"another event", offers.Trigger{Event: offers.ZoneDwelled}, offers.CampaignLive, offers.Event{Type: offers.ZoneEntered}, false},
		{"its zone", offers.Trigger{Event: offers.ZoneDwelled, Zones: []offers.ZoneID{"a", "b"}}, offers.CampaignLive, offers.Event{Type: offers.ZoneDwelled, Zone: "b"}, true},
		{"another zone", offers.Trigger{Event: offers.ZoneDwelled, Zones: []offers.ZoneID{"a"}}, offers.CampaignLive, offers.Event{Type: offers.ZoneDwelled, Zone: "b"}, false},
		{"said at a check-in", offers.Trigger{Event: offers.ZoneDwelled, Zones: []offers.ZoneID{"a"}}, offers.CampaignLive, offers.Event{Type: offers.CheckedIn, Zone: "a"}, true},
		{"another said", offers.Trigger{Event: offers.ZoneDwelled, Zones: []offers.ZoneID{"a"}}, offers.CampaignLive, offers.Event{Type: offers.CheckedIn, Zone: "b"}, false},
		{"in the shop, said", offers.Trigger{Event: offers.Recognised}, offers.CampaignLive, offers.Event{Type: offers.CheckedIn}, true},
		{"no sensor's", offers.Trigger{Event: offers.ProductViewed}, offers.CampaignLive, offers.Event{Type: offers.CheckedIn}, false},
		{"its shop", offers.Trigger{Event: offers.ZoneDwelled, Shop: "s"}, offers.CampaignLive, offers.Event{Type: offers.ZoneDwelled, Shop: "s"}, true},
		{"another shop", offers.Trigger{Event: offers.ZoneDwelled, Shop: "s"}, offers.CampaignLive, offers.Event{Type: offers.ZoneDwelled, Shop: "r"}, false},
		{"paused", offers.Trigger{Event: offers.ZoneDwelled}, offers.CampaignPaused, offers.Event{Type: offers.ZoneDwelled}, false},
		{"of no status", offers.Trigger{Event: offers.ZoneDwelled}, "", offers.Event{Type: offers.ZoneDwelled}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := testCampaign("k")
			k.Trigger, k.Status = tt.trigger, tt.status
			if got := testEngine(t, k).Triggers(&tt.event); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestABrokenCampaignDoesNotStopTheOthers(t *testing.T) {
	bad := testCampaign("bad")
	bad.Applicability = "hour >"
	e, broken := New(testCatalogue(bad, testCampaign("good")), features)
	err := broken["bad"]
	if len(broken) != 1 || !errors.Is(err, offers.ErrInvalid) || !strings.Contains(err.Error(), "applicability") || !strings.Contains(err.Error(), "bad") {
		t.Errorf("broken: got %v, want one invalid that says which campaign and gate", broken)
	}
	if d := e.Decide(momentOf(willing(), dwelled("footwear", noon)), rank.New()); d.Campaign != "good" || len(d.Candidates) != 1 {
		t.Errorf("got %+v, want an offer of the good one", d)
	}
}

func TestWithCompilesOnlyWhatIsNew(t *testing.T) {
	k := testCampaign("k")
	k.Eligibility = "hour == 12.0"
	e := testEngine(t, k)
	changed, other := *k, testCampaign("other")
	changed.Name, other.Eligibility = "Renamed", "hour == 13.0"
	next, broken := e.With(testCatalogue(&changed, other))
	if len(broken) > 0 {
		t.Fatal(broken)
	}
	if got := next.rules["hour == 12.0"]; got == nil || got != e.rules["hour == 12.0"] {
		t.Error("the old rule was compiled again")
	}
	last, _ := next.With(testCatalogue(other))
	if len(last.rules) != 1 || last.rules["hour == 12.0"] != nil {
		t.Errorf("rules that nobody uses are kept: %v", last.rules)
	}
	d := next.Decide(momentOf(willing(), dwelled("footwear", noon)), rank.New())
	if d.Candidates[0].Name != "Renamed" {
		t.Errorf("got candidate %+v, want the renamed one", d.Candidates[0])
	}
}

func BenchmarkWith1000(b *testing.B) {
	e := testEngine(b, thousand()...)
	c := testCatalogue(thousand()...)
	b.ReportAllocs()
	for b.Loop() {
		e.With(c)
	}
}

// thousand live campaigns, of which the trigger leaves twenty for a moment in
// footwear: forty zones, half by dwelling and half by entering.
func thousand() []*offers.Campaign {
	all := make([]*offers.Campaign, 1000)
	for i := range all {
		k := testCampaign(offers.CampaignID(fmt.Sprintf("k%03d", i)))
		k.Eligibility = fmt.Sprintf(`searches["footwear"] >= 1 && spent < %d.5`, 10000+i)
		k.Applicability = `hour >= 8 && hour < 22`
		k.Cap, k.Cooldown = offers.Cap{Times: 3, Per: 24 * time.Hour}, 10*time.Minute
		k.Trigger.Event = []offers.EventType{offers.ZoneDwelled, offers.ZoneEntered}[i%2]
		if n := i / 2 % 25; n > 0 {
			k.Trigger.Zones = []offers.ZoneID{offers.ZoneID(fmt.Sprintf("zone-%d", n))}
		} else {
			k.Trigger.Zones = []offers.ZoneID{"footwear"}
		}
		all[i] = k
	}
	return all
}

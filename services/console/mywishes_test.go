package console_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
)

func TestWishes(t *testing.T) {
	h, _ := liveShop(t)
	h.keep(profileOf("smia"))
	mia := h.phone("smia")
	for name, test := range map[string]struct{ in, fields string }{
		"no minute":      {`{"quiet": {"from_minute": -1, "until_minute": 60}}`, "quiet"},
		"too much":       {`{"budget": 1000}`, "budget"},
		"less than none": {`{"budget": -1}`, "budget"},
	} {
		if status, body := mia.try("PUT", "/api/me/wishes", test.in); status != 400 || fields(t, body) != test.fields {
			t.Errorf("%s: %d %s, want 400 for %s", name, status, body, test.fields)
		}
	}
	want := offers.Wishes{Quiet: &offers.QuietHours{FromMinute: 20 * 60, UntilMinute: 9 * 60}, Budget: 4}
	var got offers.Wishes
	mia.call("PUT", "/api/me/wishes", want, 200, &got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	told := h.eventsOf("smia", offers.Identified)
	if len(told) != 1 || told[0].Traits == nil {
		t.Fatalf("on the stream: %+v, want one that tells of it", told)
	}
	if diff := cmp.Diff(offers.Traits{Wishes: &want}, *told[0].Traits); diff != "" {
		t.Errorf("on the stream (-want +got):\n%s", diff)
	}

	p := profileOf("smia")
	p.Traits.Wishes = &want
	h.keep(p)
	var mine struct{ Wishes *offers.Wishes }
	mia.call("GET", "/api/me", nil, 200, &mine)
	if diff := cmp.Diff(&want, mine.Wishes); diff != "" {
		t.Errorf("of me (-want +got):\n%s", diff)
	}
}

func TestCheckIn(t *testing.T) {
	h, staff := liveShop(t)
	h.keep(profileOf("smia"))
	mia := h.phone("smia")
	var code struct{ Code string }
	staff.call("GET", "/api/shops/centraal/check-in", nil, 200, &code)

	mia.call("POST", "/api/me/check-in", map[string]string{"code": "made up"}, http.StatusForbidden, nil)
	mia.call("POST", "/api/me/check-in", map[string]string{"code": code.Code, "zone": "moon"}, 400, nil)
	if got := h.eventsOf("smia", offers.CheckedIn); len(got) != 0 {
		t.Errorf("refused, and on the stream: %+v", got)
	}

	// She has not agreed to be located: she says it herself.
	var in struct {
		ShopName string `json:"shop_name"`
		Zones    []struct{ ID, Name string }
	}
	mia.call("POST", "/api/me/check-in", map[string]string{"code": code.Code}, 200, &in)
	if in.ShopName != "Centraal" || len(in.Zones) != 2 {
		t.Errorf("checked in: %+v, want Centraal and its two zones", in)
	}
	for range 2 {
		mia.call("POST", "/api/me/check-in", map[string]string{"code": code.Code, "zone": "shoes"}, 200, &in)
	}
	got := h.eventsOf("smia", offers.CheckedIn)
	if len(got) != 3 || got[0].Shop != "centraal" || got[0].Zone != "" || got[1].Zone != "shoes" || got[1].ID != got[2].ID {
		t.Errorf("on the stream: %+v, want the shop, then the shoes, twice the same event", got)
	}
	mia.call("GET", "/api/demo/check-in", nil, 404, nil)
}

func TestMessages(t *testing.T) {
	h, _ := liveShop(t)
	h.keep(profileOf("smia"))
	h.keep(profileOf("snoor"))
	mia := h.phone("smia")
	live := mia.listen("/api/me/live", 0)
	live.await("me", nil)
	d := h.decision("smia", 1, "shoes")
	h.inbox(d)
	say := func(shopper offers.ShopperID, channel offers.Channel, state offers.DeliveryState, refusal offers.Refusal, after time.Duration) {
		id := offers.DeliveryID(string(d.ID) + "/" + string(channel))
		h.produce("deliveries", string(shopper), string(id)+"/"+string(state), "delivery", offers.Delivery{
			ID: id, Decision: d.ID, Shopper: shopper, Shop: "centraal", Title: d.Offer.Title, Channel: channel, State: state, Refusal: refusal, Received: d.Received, At: d.Received.Add(after),
		})
	}
	say("smia", offers.ChannelSMS, offers.DeliverySent, "", time.Millisecond)
	say("smia", offers.ChannelSMS, offers.DeliveryDelivered, "", 3*time.Millisecond)
	say("smia", offers.ChannelPush, offers.DeliveryRefused, offers.RefusedCap, 2*time.Millisecond)
	say("smia", offers.ChannelApp, offers.DeliverySent, "", 4*time.Millisecond)
	live.await("offer", has(string(d.ID))) // the app's delivery came last: the others are noted

	type message struct {
		Title    string
		ShopName string `json:"shop_name"`
		Channel  offers.Channel
		State    offers.DeliveryState
		Refusal  offers.Refusal
		Cost     int
	}
	var got struct{ Messages []message }
	mia.call("GET", "/api/me/messages", nil, 200, &got)
	want := []message{
		{d.Offer.Title, "Centraal", offers.ChannelApp, offers.DeliverySent, "", 0},
		{d.Offer.Title, "Centraal", offers.ChannelSMS, offers.DeliveryDelivered, "", 2},
		{d.Offer.Title, "Centraal", offers.ChannelPush, offers.DeliveryRefused, offers.RefusedCap, 0},
	}
	if diff := cmp.Diff(want, got.Messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	h.phone("snoor").call("GET", "/api/me/messages", nil, 200, &got)
	if len(got.Messages) != 0 {
		t.Errorf("another is told of %+v", got.Messages)
	}
}

func TestRanking(t *testing.T) {
	h, _ := liveShop(t)
	h.admin().call("POST", "/api/campaigns/shoes/live", nil, 200, nil)
	h.keep(profileOf("smia"))
	mia := h.phone("smia")
	allow := func(purpose offers.Purpose, granted bool) {
		mia.call("PUT", "/api/me/consents/"+string(purpose), map[string]bool{"granted": granted}, 200, nil)
	}
	allow(offers.ConsentLocation, true)
	allow(offers.ConsentSearch, true)
	d := h.decision("smia", 1, "shoes")
	h.inbox(d)
	h.produce("decisions", "smia", string(d.ID), "decision", d)

	type signal struct {
		Purpose    offers.Purpose
		Says, What string
		On, Needed bool
	}
	type rank struct {
		Decision offers.DecisionID
		Chosen   bool
		Score    float64
		Signals  []signal
	}
	var got struct{ Ranking []rank }
	ask := func() rank {
		t.Helper()
		mia.call("GET", "/api/me/ranking", nil, 200, &got)
		if len(got.Ranking) != 1 || got.Ranking[0].Decision != d.ID {
			t.Fatalf("ranking: %+v, want her one offer", got.Ranking)
		}
		return got.Ranking[0]
	}
	with := ask()
	want := []signal{
		{offers.ConsentSearch, "searched", "footwear", true, false},
		{offers.ConsentLocation, "dwelled", "Shoes", true, true},
		{offers.ConsentFace, "recognised", "", false, false},
	}
	if diff := cmp.Diff(want, with.Signals); diff != "" || !with.Chosen || with.Score <= 0 {
		t.Errorf("with all that she allows: %+v\n(-want +got):\n%s", with, diff)
	}
	allow(offers.ConsentLocation, false)
	if without := ask(); without.Chosen || without.Signals[1].On {
		t.Errorf("without being located: %+v; want not chosen: nobody knows that she stands there", without)
	}
}

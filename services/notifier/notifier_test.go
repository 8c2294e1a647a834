package notifier

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/offers/message"
	"aisle/services/notifier/app"
	"aisle/services/notifier/channel/channeltest"
	"aisle/services/notifier/sandbox"
	"aisle/services/notifier/twilio/twiliotest"
	"aisle/services/state"
	"aisle/services/stream"
)

func TestChannels(t *testing.T) {
	h := newHouse(t)
	t.Run("app", func(t *testing.T) { channeltest.Test(t, app.New(h.state)) })
	t.Run("sandbox", func(t *testing.T) { channeltest.Test(t, sandbox.New(h.state, message.Segments)) })
	t.Run("inbox is bounded, and lasts as long as its offers", func(t *testing.T) {
		c := app.New(h.state)
		for i := range 70 {
			m := channeltest.Message(fmt.Sprintf("CCCC%04d", i))
			m.Shopper = "s-many"
			m.Entry.At = m.Entry.At.Add(time.Duration(i) * time.Second)
			if _, err := c.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		entries := h.state.Client().HGetAll(t.Context(), state.InboxKey(3, "s-many")).Val()
		if len(entries) != 50 || entries["3-7-0-CCCC0069"] == "" || entries["3-7-0-CCCC0000"] != "" {
			t.Errorf("%d offers in the inbox; want the newest 50", len(entries))
		}
		if ttl := h.state.Client().TTL(t.Context(), state.InboxKey(3, "s-many")).Val(); ttl < 24*time.Hour || ttl > 9*24*time.Hour {
			t.Errorf("inbox lasts %v", ttl)
		}
	})
}

func TestSandboxIsTheDefault(t *testing.T) {
	h := newHouse(t)
	h.shopper("ana", "+34600111222", offers.ConsentSMS, offers.ConsentPush)
	h.start(Config{})
	d := h.decide("ana", nil)
	sms := h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
	if sms.Provider != "sandbox" || sms.Code == "" || sms.Title != d.Offer.Title || sms.Shopper != "ana" {
		t.Errorf("delivery is %+v", sms)
	}
	shown, err := h.state.SandboxMessages(t.Context())
	if err != nil || len(shown) != 1 {
		t.Fatalf("%d messages shown, %v; want 1", len(shown), err)
	}
	if want := "Hi Ana, 20% off running shoes at Day Shop: " + sms.Code; shown[0].Body != want || shown[0].To != "+34600111222" || shown[0].Segments != 1 {
		t.Errorf("shown %+v; want %q", shown[0], want)
	}
	inApp := h.await(d.ID, offers.ChannelApp, offers.DeliverySent)
	if inApp.Code != sms.Code {
		t.Errorf("codes %q in the app, %q by message; want one", inApp.Code, sms.Code)
	}
	var entry offers.Inbox
	value := h.state.Client().HGet(t.Context(), state.InboxKey(h.log.PartitionOf("ana"), "ana"), string(d.ID)).Val()
	if err := json.Unmarshal([]byte(value), &entry); err != nil || entry.Code != sms.Code || entry.Offer.Title != d.Offer.Title || !entry.Expires.Equal(d.Expires) {
		t.Errorf("inbox has %s, %v", value, err)
	}
	var known codeEntry
	if err := json.Unmarshal([]byte(h.state.Client().Get(t.Context(), CodeKey(sms.Code)).Val()), &known); err != nil || known.Decision != d.ID || known.Shopper != "ana" {
		t.Errorf("the code stands for %+v, %v", known, err)
	}
}

func TestTwilioCarriesTheTrace(t *testing.T) {
	h := newHouse(t)
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	fake := twiliotest.New(t, twiliotest.Options{Spec: spec})
	h.start(twilioConfig(fake))
	d := h.decide("ana", smsOnly)
	sent := h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
	got := fake.Messages()
	if len(got) != 1 || got[0].SID != sent.ProviderID || !strings.Contains(got[0].Body, sent.Code) {
		t.Fatalf("Twilio has %+v; want one with code %s", got, sent.Code)
	}
	for _, header := range []string{got[0].Header.Get("Traceparent"), h.newest(stream.Deliveries, "ana").Header("traceparent")} {
		if !strings.HasPrefix(header, trace[:35]) || header == trace {
			t.Errorf("traceparent is %q; want the journey's trace, another span", header)
		}
	}
}

func (h *house) newest(name, key string) *stream.Record {
	h.t.Helper()
	records, err := h.log.Newest(h.t.Context(), name, h.log.PartitionOf(key), 1)
	if err != nil || len(records) != 1 {
		h.t.Fatalf("newest of %s: %d, %v", name, len(records), err)
	}
	return &records[0]
}

func TestGuardRefuses(t *testing.T) {
	h := newHouse(t)
	fake := twiliotest.New(t, twiliotest.Options{Spec: spec})
	h.start(twilioConfig(fake))
	h.shopper("yes", "+34600111001", offers.ConsentSMS)
	h.shopper("no", "+34600111002", offers.ConsentPush)
	h.shopper("nophone", "", offers.ConsentSMS)
	tests := []struct {
		name    string
		shopper offers.ShopperID
		change  func(*offers.Decision)
		want    offers.Refusal
	}{
		{"no consent", "no", nil, offers.RefusedConsent},
		{"never heard of", "stranger", nil, offers.RefusedConsent},
		{"no number", "nophone", nil, offers.RefusedNoAddress},
		{"expired", "yes", func(d *offers.Decision) { d.Expires = time.Now().Add(-time.Minute) }, offers.RefusedExpired},
		{"quiet beyond the offer's end", "yes", func(d *offers.Decision) { d.Shop = "night"; d.Expires = time.Now().Add(time.Second) }, offers.RefusedQuietHours},
		{"a variable without a value", "yes", func(d *offers.Decision) { d.Offer.SMS = "Hi {{nickname}}" }, offers.RefusedText},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := h.decide(test.shopper, func(d *offers.Decision) {
				smsOnly(d)
				if test.change != nil {
					test.change(d)
				}
			})
			if got := h.await(d.ID, offers.ChannelSMS, offers.DeliveryRefused); got.Refusal != test.want || got.Code != "" {
				t.Errorf("refused for %q (%s), code %q; want %q, no code", got.Refusal, got.Detail, got.Code, test.want)
			}
		})
	}
	t.Run("the app needs push", func(t *testing.T) {
		d := h.decide("yes", nil)
		if got := h.await(d.ID, offers.ChannelApp, offers.DeliveryRefused); got.Refusal != offers.RefusedConsent {
			t.Errorf("refused for %q", got.Refusal)
		}
		h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
	})
	t.Run("no offer, nothing to carry", func(t *testing.T) {
		d := h.decide("yes", func(d *offers.Decision) { d.Verdict, d.Offer = offers.NoOffer, nil })
		last := h.decide("no", smsOnly)
		h.await(last.ID, offers.ChannelSMS, offers.DeliveryRefused)
		if got := h.deliveries()[deliveryID(d.ID, offers.ChannelSMS)]; got != nil {
			t.Errorf("delivered %+v", got)
		}
	})
	if got := len(fake.Messages()); got != 1 {
		t.Errorf("%d messages went out; want the one", got)
	}
}

// 100 triggers at the same time and a cap of 2 send exactly 2.
func TestCapUnderManyTriggersAtOnce(t *testing.T) {
	h := newHouse(t)
	fake := twiliotest.New(t, twiliotest.Options{})
	fake.Misbehave(func(n int, _ *http.Request) twiliotest.Fault { // some need a second attempt
		if n%3 == 0 {
			return twiliotest.Fault{Status: 429, Code: 20429}
		}
		return twiliotest.Fault{}
	})
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	h.start(twilioConfig(fake))
	h.start(twilioConfig(fake)) // and a second process
	var all []offers.Decision
	for range 100 {
		all = append(all, h.decide("ana", smsOnly))
	}
	deadline := time.Now().Add(20 * time.Second)
	states := map[offers.DeliveryState]int{}
	for time.Now().Before(deadline) && states[offers.DeliverySent]+states[offers.DeliveryRefused] < len(all) {
		time.Sleep(100 * time.Millisecond)
		clear(states)
		for _, d := range h.deliveries() {
			states[d[len(d)-1].State]++
		}
	}
	if states[offers.DeliverySent] != 2 || states[offers.DeliveryRefused] != 98 || len(fake.Messages()) != 2 {
		t.Errorf("states %v, %d messages; want 2 sent, 98 refused", states, len(fake.Messages()))
	}
}

func TestHeldUntilQuietHoursEnd(t *testing.T) {
	h := newHouse(t)
	fake := twiliotest.New(t, twiliotest.Options{Spec: spec})
	n, _ := h.start(twilioConfig(fake))
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	h.shopper("bob", "+34600111223", offers.ConsentSMS)
	long := func(d *offers.Decision) { smsOnly(d); d.Shop = "night"; d.Expires = time.Now().Add(48 * time.Hour) }
	kept, stopped := h.decide("ana", long), h.decide("bob", long)
	h.await(kept.ID, offers.ChannelSMS, offers.DeliveryHeld)
	h.await(stopped.ID, offers.ChannelSMS, offers.DeliveryHeld)

	// The night ends; one of them has changed their mind meanwhile.
	if err := h.state.SetConsent(t.Context(), h.log.PartitionOf("bob"), "bob", offers.Consent{Purpose: offers.ConsentSMS, At: time.Now(), Source: "app"}); err != nil {
		t.Fatal(err)
	}
	morning := nightShop
	morning.Quiet = offers.QuietHours{}
	changed := h.catalogue.Changed()
	h.produce(stream.Campaigns, offers.ShopKey(morning.ID), morning, "")
	<-changed
	for _, d := range []offers.Decision{kept, stopped} {
		id := deliveryID(d.ID, offers.ChannelSMS)
		p, _ := partitionOf(id)
		h.state.Client().HSet(t.Context(), taskKey(p, id), "until", 0)
		n.postpone(t.Context(), &task{ID: id, Partition: p}, time.Now())
	}
	h.await(kept.ID, offers.ChannelSMS, offers.DeliverySent)
	if got := h.await(stopped.ID, offers.ChannelSMS, offers.DeliveryRefused); got.Refusal != offers.RefusedConsent {
		t.Errorf("refused for %q; want consent", got.Refusal)
	}
	if got := len(fake.Messages()); got != 1 {
		t.Errorf("%d messages; want 1", got)
	}
}

func TestProviderMisbehaves(t *testing.T) {
	first := func(f twiliotest.Fault) func(int, *http.Request) twiliotest.Fault {
		return func(n int, _ *http.Request) twiliotest.Fault {
			if n == 0 {
				return f
			}
			return twiliotest.Fault{}
		}
	}
	tests := []struct {
		name  string
		fault twiliotest.Fault
		want  offers.DeliveryState
		sent  int // messages that Twilio has
		tries int
	}{
		{"too many requests", twiliotest.Fault{Status: 429, Code: 20429}, offers.DeliverySent, 1, 2},
		{"down for a moment", twiliotest.Fault{Status: 503}, offers.DeliverySent, 1, 2},
		{"taken, no answer", twiliotest.Fault{Mute: true}, offers.DeliverySent, 1, 1},
		{"lost, no answer", twiliotest.Fault{Lose: true}, offers.DeliverySent, 1, 2},
		{"taken, answered too late", twiliotest.Fault{Delay: 1500 * time.Millisecond}, offers.DeliverySent, 1, 1},
		{"taken, answered nonsense", twiliotest.Fault{Body: "<html>"}, offers.DeliverySent, 1, 1},
		{"number is none", twiliotest.Fault{Status: 400, Code: 21211}, offers.DeliveryFailed, 0, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // they wait most of the time
			h := newHouse(t)
			fake := twiliotest.New(t, twiliotest.Options{Spec: spec})
			fake.Misbehave(first(test.fault))
			c := twilioConfig(fake)
			c.Recheck = 2 * time.Second
			h.start(c)
			h.shopper("ana", "+34600111222", offers.ConsentSMS)
			d := h.decide("ana", smsOnly)
			h.await(d.ID, offers.ChannelSMS, test.want)
			if got := len(fake.Messages()); got != test.sent || fake.Requests() != test.tries {
				t.Errorf("%d messages by %d requests; want %d by %d", got, fake.Requests(), test.sent, test.tries)
			}
		})
	}
}

func TestOptOutAtTheProviderIsRemembered(t *testing.T) {
	h := newHouse(t)
	fake := twiliotest.New(t, twiliotest.Options{})
	fake.Misbehave(func(int, *http.Request) twiliotest.Fault { return twiliotest.Fault{Status: 400, Code: 21610} })
	h.start(twilioConfig(fake))
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	for range 2 {
		d := h.decide("ana", smsOnly)
		if got := h.await(d.ID, offers.ChannelSMS, offers.DeliveryRefused); got.Refusal != offers.RefusedConsent {
			t.Errorf("refused for %q", got.Refusal)
		}
	}
	if got := fake.Requests(); got != 1 {
		t.Errorf("%d requests; want one: the second was known to be in vain", got)
	}
	var e offers.Event
	r := h.newest(stream.Events, "ana")
	if err := json.Unmarshal(r.Value, &e); err != nil || e.Type != offers.ConsentChanged || e.Consent.Granted {
		t.Errorf("event is %s, %v", r.Value, err)
	}
}

func TestStatusCallbacks(t *testing.T) {
	h := newHouse(t)
	var reach func(string) string
	fake := twiliotest.New(t, twiliotest.Options{Spec: spec, Reach: func(public string) string { return reach(public) }})
	n, _ := h.start(twilioConfig(fake))
	reach = doors(t, n)
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	d := h.decide("ana", smsOnly)
	sent := h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
	m := fake.Messages()[0]
	tell := func(state, code string) int {
		t.Helper()
		res, err := fake.Tell(t.Context(), m, state, code)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode
	}
	for _, state := range []string{"queued", "sent", "delivered", "delivered", "sent", "something new"} {
		if got := tell(state, ""); got != http.StatusNoContent {
			t.Errorf("%s: status %d", state, got)
		}
	}
	if got := h.await(d.ID, offers.ChannelSMS, offers.DeliveryDelivered); got.ProviderID != m.SID || got.Code != sent.Code {
		t.Errorf("delivery is %+v", got)
	}
	second := h.decide("ana", smsOnly)
	h.await(second.ID, offers.ChannelSMS, offers.DeliverySent)
	m = fake.Messages()[1]
	if got := tell("undelivered", "30005"); got != http.StatusNoContent {
		t.Errorf("status %d", got)
	}
	if got := h.await(second.ID, offers.ChannelSMS, offers.DeliveryFailed); got.Detail != "undelivered 30005" {
		t.Errorf("detail %q", got.Detail)
	}
	t.Run("forged", func(t *testing.T) {
		res, err := http.PostForm(reach(m.StatusCallback), url.Values{"MessageSid": {m.SID}, "MessageStatus": {"delivered"}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("status %d; want 403", res.StatusCode)
		}
	})
}

// What the provider tells may overtake what it answers.
func TestCallbackBeforeTheAnswer(t *testing.T) {
	h := newHouse(t)
	var reach func(string) string
	fake := twiliotest.New(t, twiliotest.Options{Reach: func(public string) string { return reach(public) }})
	n, _ := h.start(twilioConfig(fake))
	reach = doors(t, n)
	fake.OnTaken(func(m twiliotest.Message) {
		if res, err := fake.Tell(t.Context(), m, "delivered", ""); err != nil || res.StatusCode != http.StatusNoContent {
			t.Errorf("callback: %v, %v", res, err)
		}
	})
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	d := h.decide("ana", smsOnly)
	h.await(d.ID, offers.ChannelSMS, offers.DeliveryDelivered)
	h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
	id := deliveryID(d.ID, offers.ChannelSMS)
	p, _ := partitionOf(id)
	if got := h.state.Client().HGet(t.Context(), taskKey(p, id), "state").Val(); got != "delivered" {
		t.Errorf("state is %q; want delivered", got)
	}
}

func TestInbound(t *testing.T) {
	h := newHouse(t)
	var reach func(string) string
	fake := twiliotest.New(t, twiliotest.Options{Reach: func(public string) string { return reach(public) }})
	n, _ := h.start(twilioConfig(fake))
	reach = doors(t, n)
	const phone = "+34600111222"
	who, err := h.state.Identify(t.Context(), []offers.Identifier{{Type: offers.Phone, Value: phone}}, stream.NewTrace)
	if err != nil {
		t.Fatal(err)
	}
	h.shopper(who.Shopper, phone, offers.ConsentSMS)
	say := func(body, handled string) string {
		t.Helper()
		// Nobody writes twice in one millisecond; of two consents of one, the refusal holds.
		time.Sleep(2 * time.Millisecond)
		res, err := fake.Inbound(t.Context(), "https://shop.example.com/v1/twilio/inbound", phone, body, handled)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%q: %v, %v", body, res, err)
		}
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(answer)
	}
	given := func(purpose offers.Purpose) bool {
		t.Helper()
		all, err := h.state.Consents(t.Context(), h.log.PartitionOf(string(who.Shopper)), who.Shopper)
		if err != nil {
			t.Fatal(err)
		}
		return all[purpose].Granted
	}
	face := offers.Consent{Purpose: offers.ConsentFace, Granted: true, At: time.Now().Add(-time.Minute), Source: "app"}
	if err := h.state.SetConsent(t.Context(), h.log.PartitionOf(string(who.Shopper)), who.Shopper, face); err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		body, handled string
		consent       bool
		answer        string // part of it; "": none
	}{
		{"thanks!", "", true, ""},
		{"HELP", "HELP", true, ""},
		{"help?", "", true, "Reply STOP"},
		{"forget my face", "", true, "not recognised"},
		{"please stop texting me", "", false, "no more"},
		{"START", "START", true, ""},
		{"STOP", "STOP", false, ""},
		{"and stop the notifications too", "", false, "no more notifications"},
	}
	for _, step := range steps {
		answer := say(step.body, step.handled)
		if got, want := given(offers.ConsentFace), step.body == "thanks!" || strings.HasPrefix(strings.ToLower(step.body), "help"); got != want {
			t.Errorf("after %q the consent to be recognised is %v; want %v", step.body, got, want)
		}
		if got := given(offers.ConsentSMS); got != step.consent {
			t.Errorf("after %q consent is %v; want %v", step.body, got, step.consent)
		}
		if strings.Contains(answer, "<Message>") != (step.answer != "") || !strings.Contains(answer, step.answer) || !strings.Contains(answer, "<Response>") {
			t.Errorf("to %q the answer is %s; want %q", step.body, answer, step.answer)
		}
	}
	d := h.decide(who.Shopper, smsOnly)
	if got := h.await(d.ID, offers.ChannelSMS, offers.DeliveryRefused); got.Refusal != offers.RefusedConsent {
		t.Errorf("refused for %q", got.Refusal)
	}
	t.Run("the number is not texted under another name either", func(t *testing.T) {
		h.shopper("twin", phone, offers.ConsentSMS)
		d := h.decide("twin", smsOnly)
		if got := h.await(d.ID, offers.ChannelSMS, offers.DeliveryRefused); got.Refusal != offers.RefusedConsent {
			t.Errorf("refused for %q", got.Refusal)
		}
	})
	var e offers.Event
	r := h.newest(stream.Events, string(who.Shopper))
	if err := json.Unmarshal(r.Value, &e); err != nil || e.Type != offers.ConsentChanged || e.Consent == nil || e.Consent.Granted || e.Consent.Source != "sms STOP" {
		t.Errorf("event is %s, %v", r.Value, err)
	}
}

func TestUnreadableDecisionsAreQuarantined(t *testing.T) {
	h := newHouse(t)
	h.start(Config{})
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	h.produce(stream.Decisions, "ana", "not a decision", "")
	h.produce(stream.Decisions, "ana", map[string]any{"verdict": "offered"}, "")
	d := h.decide("ana", smsOnly)
	h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
	count := 0
	for p := range h.log.Partitions() {
		records, err := h.log.Newest(t.Context(), stream.Quarantine, p, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			var q offers.Quarantined
			if err := json.Unmarshal(r.Value, &q); err != nil || q.Reason != offers.ReasonSchema || len(q.Body) == 0 {
				t.Errorf("quarantined %s, %v", r.Value, err)
			}
			count++
		}
	}
	if count != 2 {
		t.Errorf("%d records in quarantine; want 2", count)
	}
}

// A decision that is read twice is carried once.
func TestRepeatedDecision(t *testing.T) {
	h := newHouse(t)
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	fake := twiliotest.New(t, twiliotest.Options{})
	h.start(twilioConfig(fake))
	d := h.decide("ana", smsOnly)
	h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
	h.produce(stream.Decisions, "ana", d, trace)
	last := h.decide("ana", smsOnly)
	h.await(last.ID, offers.ChannelSMS, offers.DeliverySent)
	if got := len(fake.Messages()); got != 2 {
		t.Errorf("%d messages; want 2", got)
	}
}

// Nothing is sent while state does not answer, and nothing is lost by it.
func TestFailsClosed(t *testing.T) {
	h := newHouse(t)
	fake := twiliotest.New(t, twiliotest.Options{})
	h.start(twilioConfig(fake))
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	var wg sync.WaitGroup
	wg.Go(func() { h.state.Client().Do(t.Context(), "CLIENT", "PAUSE", 1500, "ALL") })
	wg.Wait()
	began := time.Now()
	d := h.decide("ana", smsOnly)
	h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
	if waited := time.Since(began); waited < time.Second {
		t.Errorf("sent after %v, while state was away", waited)
	}
	if got := len(fake.Messages()); got != 1 {
		t.Errorf("%d messages; want 1", got)
	}
}

func TestConfigSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]Config{
		"no such provider": {SMS: "pigeon"},
		"no account":       {SMS: "twilio"},
		"negative":         {SMSPerDay: -1},
		"slow provider":    {SMS: "twilio", Lease: time.Second, Twilio: twiliotest.New(t, twiliotest.Options{}).Config()},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.Validate(); err == nil {
				t.Error("no complaint")
			}
		})
	}
	if err := (Config{}).Validate(); err != nil {
		t.Errorf("the zero config: %v", err)
	}
}

// Two decisions whose codes fall together are told apart.
func TestCodesAreTheirOwn(t *testing.T) {
	h := newHouse(t)
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	n, _ := h.start(Config{CodeSecret: "a secret of one's own"})
	d := h.decided("ana", smsOnly)
	other := codeEntry{Coupon: state.Coupon{Decision: "0-77-0", Shopper: "bob"}}
	value, err := json.Marshal(other)
	if err != nil {
		t.Fatal(err)
	}
	first := Code([]byte(n.config.CodeSecret), d.ID, 0)
	if err := h.state.Client().Set(t.Context(), CodeKey(first), value, 0).Err(); err != nil {
		t.Fatal(err)
	}
	h.produce(stream.Decisions, "ana", d, trace)
	sent := h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
	if want := Code([]byte(n.config.CodeSecret), d.ID, 1); sent.Code != want {
		t.Errorf("code is %s; want the next, %s", sent.Code, want)
	}
	if got := h.state.Client().Get(t.Context(), CodeKey(first)).Val(); got != string(value) {
		t.Errorf("the other's code stands for %s now", got)
	}
}

// Links in a text are short, tell who clicked, and lead where the campaign says.
func TestLinks(t *testing.T) {
	h := newHouse(t)
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	n, _ := h.start(Config{PublicURL: "https://shop.example.com", LinkURL: "https://shop.example.com"})
	reach := doors(t, n)
	d := h.decide("ana", func(d *offers.Decision) {
		smsOnly(d)
		d.Offer.SMS = "{{title}}: {{link}}, sizes https://brand.example/sizes?a=1&b=2. https://maps.example/{{shop}}"
		d.Offer.Representations = []offers.Representation{{Placement: offers.PlacementSMS, Link: "https://shop.example.com/shoes", Text: d.Offer.SMS}}
	})
	sent := h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
	shown, err := h.state.SandboxMessages(t.Context())
	if err != nil || len(shown) != 1 {
		t.Fatalf("%d messages, %v", len(shown), err)
	}
	first := "https://shop.example.com/o/" + sent.Code
	if want := "20% off running shoes: " + first + ", sizes " + first + "-1. https://maps.example/Day Shop"; shown[0].Body != want {
		t.Errorf("text is %q; want %q", shown[0].Body, want)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	tests := []struct {
		name, method, address string
		status                int
		leads                 string
	}{
		{"a look ahead", http.MethodHead, first, http.StatusFound, "https://shop.example.com/shoes"},
		{"the offer", http.MethodGet, first, http.StatusFound, "https://shop.example.com/shoes"},
		{"once more", http.MethodGet, strings.ToLower(first), http.StatusFound, "https://shop.example.com/shoes"},
		{"the other address", http.MethodGet, first + "-1", http.StatusFound, "https://brand.example/sizes?a=1&b=2"},
		{"none of its", http.MethodGet, first + "-2", http.StatusForbidden, ""},
		{"before the first", http.MethodGet, first + "--1", http.StatusForbidden, ""},
		{"somewhere else", http.MethodGet, first + "?url=https://evil.example", http.StatusFound, "https://shop.example.com/shoes"},
		{"no code", http.MethodGet, "https://shop.example.com/o/https:%2F%2Fevil.example", http.StatusForbidden, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), test.method, reach(test.address), nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != test.status || res.Header.Get("Location") != test.leads {
				t.Errorf("%d to %q; want %d to %q", res.StatusCode, res.Header.Get("Location"), test.status, test.leads)
			}
		})
	}
	records, err := h.log.Newest(t.Context(), stream.Events, h.log.PartitionOf("ana"), 10)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[offers.EventID]bool{}
	for i := range records {
		var e offers.Event
		if err := records[i].Decode(&e); err != nil || e.Type != offers.OfferClicked || e.Decision != d.ID || e.Shopper != "ana" {
			t.Errorf("event is %s, %v", records[i].Value, err)
		}
		ids[e.ID] = true
	}
	if len(records) != 4 || len(ids) != 1 {
		t.Errorf("%d clicks told as %d events; want 4 as one", len(records), len(ids))
	}
}

// Each status that Twilio tells is on the log once, and a late one changes nothing.
func TestEachStatusIsKept(t *testing.T) {
	h := newHouse(t)
	var reach func(string) string
	fake := twiliotest.New(t, twiliotest.Options{Spec: spec, Reach: func(public string) string { return reach(public) }})
	n, _ := h.start(twilioConfig(fake))
	reach = doors(t, n)
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	d := h.decide("ana", smsOnly)
	h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
	for _, status := range []string{"sent", "queued", "delivered", "sending", "delivered", "undelivered", "read"} {
		res, err := fake.Tell(t.Context(), fake.Messages()[0], status, "")
		if err != nil || res.StatusCode != http.StatusNoContent {
			t.Fatalf("%s: %v, %v", status, res, err)
		}
	}
	records, err := h.log.Newest(t.Context(), stream.Deliveries, h.log.PartitionOf("ana"), 20)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range records {
		var is offers.Delivery
		if err := records[i].Decode(&is); err != nil {
			t.Fatal(err)
		}
		got = append(got, string(is.State)+" "+is.Status)
	}
	want := []string{"sent ", "sent sent", "sent queued", "delivered delivered", "delivered sending", "delivered undelivered", "delivered read"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("told (-want +got)\n%s", diff)
	}
}

// A provider that wants to be left alone is, by all messages, and none is lost.
func TestLeftAlone(t *testing.T) {
	h := newHouse(t)
	fake := twiliotest.New(t, twiliotest.Options{})
	var refused time.Time
	fake.Misbehave(func(n int, _ *http.Request) twiliotest.Fault {
		if n == 0 {
			refused = time.Now()
			return twiliotest.Fault{Status: 429, Code: 20429, After: "3"}
		}
		return twiliotest.Fault{}
	})
	h.start(twilioConfig(fake))
	var all []offers.Decision
	decide := func(i int) {
		who := offers.ShopperID(fmt.Sprintf("s%d", i))
		h.shopper(who, fmt.Sprintf("+3460011%04d", i), offers.ConsentSMS)
		all = append(all, h.decide(who, smsOnly))
	}
	decide(0)
	for fake.Requests() == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond) // until the answer is heard
	for i := 1; i < 20; i++ {
		decide(i)
	}
	if got := h.settled(all, offers.ChannelSMS); got["sent"] != len(all) || len(fake.Messages()) != len(all) || fake.Requests() != len(all)+1 {
		t.Errorf("%v, %d messages by %d requests; want each sent by one, and the one that was refused", got, len(fake.Messages()), fake.Requests())
	}
	for _, m := range fake.Messages() {
		if waited := m.At.Sub(refused); waited < 3*time.Second {
			t.Errorf("sent %v after it wanted to be left alone for 3 s", waited)
		}
	}
}

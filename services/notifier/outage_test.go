package notifier

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/notifier/twilio/twiliotest"
)

// outage stands before a Twilio. While it lasts, no request comes through, and
// each is treated in another way.
type outage struct {
	lasts    atomic.Bool
	requests atomic.Int64
	through  http.Handler
}

func (o *outage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !o.lasts.Load() {
		o.through.ServeHTTP(w, r)
		return
	}
	switch o.requests.Add(1) % 5 {
	case 0:
		w.WriteHeader(http.StatusServiceUnavailable)
	case 1:
		w.WriteHeader(http.StatusTooManyRequests)
	case 2:
		fmt.Fprint(w, "<html>We will be back")
	case 3:
		panic(http.ErrAbortHandler) // the connection ends
	case 4:
		select { // longer than anybody waits
		case <-r.Context().Done():
		case <-time.After(5 * time.Second):
		}
	}
}

// A provider that comes back in the night finds the night respected, and all else
// that holds by then: nothing goes out before the morning, and nothing twice.
func TestBackInTheNight(t *testing.T) {
	h := newHouse(t)
	fake := twiliotest.New(t, twiliotest.Options{Spec: spec})
	to, err := url.Parse(fake.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	o := &outage{through: proxy}
	between := httptest.NewServer(o)
	t.Cleanup(func() { between.CloseClientConnections(); between.Close() })
	c := twilioConfig(fake)
	c.Twilio.BaseURL = between.URL
	c.SMSPerDay = 2
	n, _ := h.start(c)
	for i, who := range []offers.ShopperID{"ana", "bob", "cem", "dan", "eve", "fay"} {
		h.shopper(who, fmt.Sprintf("+3460011122%d", i), offers.ConsentSMS)
	}
	offered := func(who offers.ShopperID, holds time.Duration) offers.Decision {
		return h.decide(who, func(d *offers.Decision) { smsOnly(d); d.Expires = time.Now().Add(holds) })
	}
	const days, hour = 48 * time.Hour, time.Hour

	// In the afternoon the provider takes one more message, and is gone before it answers.
	fake.OnTaken(func(twiliotest.Message) { o.lasts.Store(true) })
	fake.Misbehave(func(int, *http.Request) twiliotest.Fault { return twiliotest.Fault{Mute: true} })
	eve := offered("eve", days)
	for !o.lasts.Load() {
		time.Sleep(10 * time.Millisecond)
	}
	fake.Misbehave(nil)
	fake.OnTaken(nil)
	ana, bob, cem, dan := offered("ana", days), offered("bob", days), offered("cem", 3*time.Second), offered("dan", hour)
	fay := []offers.Decision{offered("fay", days), offered("fay", days), offered("fay", days), offered("fay", days)}
	for o.requests.Load() < 12 { // each of them is tried, in vain
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(time.Until(cem.Expires))

	// The night falls; one of them wants no more.
	madrid, err := time.LoadLocation(dayShop.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().In(madrid)
	minute := now.Hour()*60 + now.Minute()
	night := dayShop
	night.Quiet = offers.QuietHours{FromMinute: (minute + 23*60) % (24 * 60), UntilMinute: (minute + 9*60) % (24 * 60)}
	h.publish(offers.ShopKey(night.ID), night)
	if err := h.state.SetConsent(t.Context(), h.log.PartitionOf("bob"), "bob", offers.Consent{Purpose: offers.ConsentSMS, At: time.Now(), Source: "app"}); err != nil {
		t.Fatal(err)
	}

	// The provider comes back.
	o.lasts.Store(false)
	h.await(eve.ID, offers.ChannelSMS, offers.DeliverySent) // in the afternoon
	h.await(ana.ID, offers.ChannelSMS, offers.DeliveryHeld)
	if got := h.await(cem.ID, offers.ChannelSMS, offers.DeliveryRefused); got.Refusal != offers.RefusedExpired {
		t.Errorf("an offer that ended meanwhile was refused for %q", got.Refusal)
	}
	if got := h.await(bob.ID, offers.ChannelSMS, offers.DeliveryRefused); got.Refusal != offers.RefusedConsent {
		t.Errorf("who withdrew their consent: refused for %q", got.Refusal)
	}
	if got := h.await(dan.ID, offers.ChannelSMS, offers.DeliveryRefused); got.Refusal != offers.RefusedQuietHours {
		t.Errorf("an offer that ends in the night was refused for %q", got.Refusal)
	}
	if got := h.settled(fay, offers.ChannelSMS); got["held"] == 0 || got["held"]+got["cap"] != 4 {
		t.Errorf("of four to one shopper %v", got)
	}
	if got := fake.Messages(); len(got) != 1 {
		t.Errorf("%d messages in the night; want none beside the afternoon's", len(got)-1)
	}

	// In the morning what still holds goes out, once, and within the cap.
	h.publish(offers.ShopKey(dayShop.ID), dayShop)
	for _, d := range append(fay, ana) {
		id := deliveryID(d.ID, offers.ChannelSMS)
		p, _ := partitionOf(id)
		h.state.Client().HSet(t.Context(), taskKey(p, id), "until", 0)
		n.postpone(t.Context(), &task{ID: id, Partition: p}, time.Now())
	}
	h.await(ana.ID, offers.ChannelSMS, offers.DeliverySent)
	var got map[string]int
	for range 200 {
		if got = h.settled(fay, offers.ChannelSMS); got["held"] == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if got["sent"] != 2 || got["cap"] != 2 {
		t.Errorf("of four to one shopper %v; want 2 sent and 2 beyond the cap", got)
	}
	bodies := map[string]int{}
	for _, m := range fake.Messages() {
		bodies[m.To+m.Body]++
	}
	if len(bodies) != 4 || len(fake.Messages()) != 4 {
		t.Errorf("%d messages, %d of them different; want 4", len(fake.Messages()), len(bodies))
	}
}

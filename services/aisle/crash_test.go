package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"syscall"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/notifier/twilio/twiliotest"
	"aisle/services/stream"
)

// TestKilledAnywhere kills the house with SIGKILL again and again while events
// come in: between the door and the log, the log and the decider, the decider
// and the notifier, the notifier and Twilio. In the end every event that the
// door took has its one decision, and every offer its one text message.
func TestKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole house, and kills it")
	}
	const kills, shoppers = 6, 40
	sms := twiliotest.New(t, twiliotest.Options{})
	sms.Misbehave(func(int, *http.Request) twiliotest.Fault { return twiliotest.Fault{Delay: 30 * time.Millisecond} })
	listen, broker := freePort(t), freePort(t)
	house := startHouse(t, listen, fmt.Sprintf(`
listen: %s
data: %s
stream:
  port: %s
secrets:
  edge: %s
beacons:
  mqtt: %s
notifier:
  sms: twilio
  sms_per_day: 100000
  cost_per_day: 200000
  lease: 4s
  recheck: 1s
  twilio:
    timeout: 2s
    base_url: %s
    account_sid: %s
    auth_token: "%s"
    from: "+15005550006"
vision:
  off: true
`, listen, t.TempDir(), portOf(broker), edgeKey, freePort(t), sms.URL, twiliotest.AccountSID, twiliotest.AuthToken))

	admin := house.visitor()
	admin.call("POST", "/api/setup", map[string]string{"name": "Test", "email": "test@example.com", "password": "correct horse battery"}, 201, nil)
	admin.call("POST", "/api/campaigns", offers.Campaign{
		ID: "always", Name: "Always", Trigger: offers.Trigger{Event: offers.ProductViewed},
		Channels: []offers.Channel{offers.ChannelSMS},
		Offers:   []offers.Offer{{ID: "ten", Title: "10% off", Body: "Today.", SMS: "10% off, code {{code}}", Valid: time.Hour, Value: offers.Money{Minor: 1000, Currency: "EUR"}}},
	}, 201, nil)
	admin.call("POST", "/api/campaigns/always/live", nil, 200, nil)
	var source struct{ Key string }
	admin.call("POST", "/api/sources", map[string]string{"name": "Web shop", "kind": "website"}, 201, &source)

	web := house.visitor()
	web.header.Set("Authorization", "Basic "+basicAuth(source.Key))
	for i := range shoppers {
		web.call("POST", "/v1/identify", map[string]any{
			"userId": customer(i), "messageId": fmt.Sprintf("identify-%d", i), "timestamp": time.Now(),
			"traits":  map[string]any{"name": "S", "phone": fmt.Sprintf("+4477009%05d", i)},
			"context": map[string]any{"timezone": whereItIsNoon(), "consent": map[string]any{"categoryPreferences": map[string]bool{"sms": true}}},
		}, 202, nil)
	}

	// A client that retries until the door has said yes, as Segment's does.
	accepted := 0
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			message := map[string]any{
				"userId": customer(accepted % shoppers), "event": "Product Viewed", "messageId": fmt.Sprintf("view-%d", accepted),
				"timestamp": time.Now(), "properties": map[string]any{"product_id": "p", "category": "footwear"},
			}
			for status := 0; status != 202; {
				if status, _ = web.try("POST", "/v1/track", message); status != 202 {
					time.Sleep(20 * time.Millisecond)
				}
			}
			accepted++
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	random := rand.New(rand.NewPCG(7, 7))
	for kill := range kills {
		time.Sleep(time.Duration(200+random.IntN(900)) * time.Millisecond)
		house.signal(syscall.SIGKILL)
		house.start()
		t.Logf("kill %d: %d messages", kill+1, len(sms.Messages()))
	}
	time.Sleep(500 * time.Millisecond)
	close(stop)
	<-stopped

	// Nothing lost, nothing doubled.
	decided, offered := map[offers.DecisionID]offers.Decision{}, 0
	eventually(t, time.Minute, "a decision for every event", func() (bool, string) {
		clear(decided)
		offered = 0
		byEvent := map[offers.EventID]offers.DecisionID{}
		for _, r := range records(t, broker, stream.Decisions) {
			var d offers.Decision
			if err := json.Unmarshal(r.Value, &d); err != nil {
				t.Fatal(err)
			}
			if earlier, ok := decided[d.ID]; ok { // a zombie's repeat, which readers drop: it must say the same
				if earlier.Verdict != d.Verdict || earlier.Probability != d.Probability {
					t.Errorf("decision %s was said twice, differently: %+v and %+v", d.ID, earlier, d)
				}
				continue
			}
			if other, ok := byEvent[d.Event]; ok {
				t.Errorf("event %s has two decisions, %s and %s", d.Event, other, d.ID)
			}
			byEvent[d.Event], decided[d.ID] = d.ID, d
			if d.Verdict == offers.Offered {
				offered++
			}
		}
		return len(decided) >= accepted, fmt.Sprintf("%d of %d", len(decided), accepted)
	})
	if len(decided) != accepted {
		t.Errorf("%d decisions for %d events", len(decided), accepted)
	}
	if offered == 0 {
		t.Fatal("nothing was offered, so nothing was tested")
	}
	eventually(t, 60*time.Second, "a message for every offer", func() (bool, string) {
		n := len(sms.Messages())
		return n >= offered, fmt.Sprintf("%d of %d; deliveries: %v", n, offered, states(t, broker))
	})
	time.Sleep(2 * time.Second) // a second message would be here by now
	bodies := map[string]int{}
	for _, m := range sms.Messages() {
		bodies[m.Body]++
	}
	for body, n := range bodies {
		if n > 1 {
			t.Errorf("sent %d times: %q", n, body)
		}
	}
	if len(bodies) != offered {
		t.Errorf("%d different messages for %d offers", len(bodies), offered)
	}
	t.Logf("%d events, %d offers, %d messages, %d kills", accepted, offered, len(sms.Messages()), kills)
}

func customer(i int) string { return fmt.Sprintf("customer-%d", i) }

// states counts deliveries by how far they came.
func states(t *testing.T, broker string) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, r := range records(t, broker, stream.Deliveries) {
		var d offers.Delivery
		if err := json.Unmarshal(r.Value, &d); err != nil {
			t.Fatal(err)
		}
		count[string(d.State)+" "+string(d.Refusal)+" "+d.Detail]++
	}
	return count
}

// whereItIsNoon is a time zone in which no quiet hours hold now.
func whereItIsNoon() string {
	if ahead := 12 - time.Now().UTC().Hour(); ahead < 0 {
		return fmt.Sprintf("Etc/GMT+%d", -ahead) // POSIX counts westward
	} else {
		return fmt.Sprintf("Etc/GMT-%d", ahead)
	}
}

package notifier

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/notifier/twilio/twiliotest"
	"aisle/services/state"
	"aisle/services/stream"
)

// publish puts something into the catalogue, and waits until it is there.
func (h *house) publish(key string, value any) {
	h.t.Helper()
	changed := h.catalogue.Changed()
	h.produce(stream.Campaigns, key, value, "")
	<-changed
}

// campaign is the one of the tests' decisions, live, changed as wanted.
func campaign(id offers.CampaignID, change func(*offers.Campaign)) offers.Campaign {
	c := offers.Campaign{ID: id, Name: string(id), Status: offers.CampaignLive, Offers: []offers.Offer{{ID: "shoes-20", Title: "20% off running shoes"}}}
	if change != nil {
		change(&c)
	}
	return c
}

// many lets so many text messages to a shopper pass but for what is tested.
func many(c Config) Config {
	c.SMSPerDay, c.AppPerDay, c.CostPerDay = 1000, 1000, 10_000
	return c
}

// settled waits until all deliveries of the decisions by a channel are done, and
// counts them by what came of them: sent, failed, held or why they were refused.
func (h *house) settled(all []offers.Decision, c offers.Channel) map[string]int {
	h.t.Helper()
	var counts map[string]int
	for range 600 {
		counts = map[string]int{}
		on := h.deliveries()
		for _, d := range all {
			if states := on[deliveryID(d.ID, c)]; len(states) > 0 {
				switch last := states[len(states)-1]; last.State {
				case offers.DeliveryRefused:
					counts[string(last.Refusal)]++
				default:
					counts[string(last.State)]++
				}
			}
		}
		total := 0
		for _, n := range counts {
			total += n
		}
		if total == len(all) {
			return counts
		}
		time.Sleep(100 * time.Millisecond)
	}
	h.t.Fatalf("of %d deliveries there are %v", len(all), counts)
	return nil
}

func TestLimits(t *testing.T) {
	tagged := func(d *offers.Decision) { smsOnly(d); d.Campaign = "tagged" }
	other := func(d *offers.Decision) { smsOnly(d); d.Campaign = "other" }
	both := func(d *offers.Decision) { d.Campaign = "other" }
	type decided = func(*offers.Decision)
	tests := []struct {
		name   string
		limits []offers.Limit
		cap    offers.Cap // of the campaign "other"
		ask    []decided
		want   []string // of each by SMS
	}{
		{"none", nil, offers.Cap{}, []decided{tagged, other, other}, []string{"sent", "sent", "sent"}},
		{"any, a day", []offers.Limit{{Times: 2}}, offers.Cap{}, []decided{tagged, other, other}, []string{"sent", "sent", "cap"}},
		{"by channel", []offers.Limit{{Channel: offers.ChannelSMS, Times: 1}}, offers.Cap{}, []decided{both, other}, []string{"sent", "cap"}},
		{"by another channel", []offers.Limit{{Channel: offers.ChannelEmail, Times: 1}}, offers.Cap{}, []decided{other, other}, []string{"sent", "sent"}},
		{"by tag", []offers.Limit{{Tag: "news", Times: 1, Per: time.Hour}}, offers.Cap{}, []decided{tagged, other, tagged}, []string{"sent", "sent", "cap"}},
		{"of a campaign", []offers.Limit{{Campaign: "other", Times: 1, Per: time.Hour}}, offers.Cap{}, []decided{other, tagged, other}, []string{"sent", "sent", "cap"}},
		{"the campaign's own", nil, offers.Cap{Times: 1, Per: 7 * 24 * time.Hour}, []decided{other, tagged, other}, []string{"sent", "sent", "cap"}},
		{"the strictest holds", []offers.Limit{{Times: 3}, {Channel: offers.ChannelSMS, Times: 1}}, offers.Cap{}, []decided{other, tagged}, []string{"sent", "cap"}},
		{"two channels of a decision count once", []offers.Limit{{Times: 2}}, offers.Cap{}, []decided{both, both}, []string{"sent", "sent"}},
		{"never", []offers.Limit{{Tag: "news", Times: 0}}, offers.Cap{}, []decided{tagged, other}, []string{"cap", "sent"}},
		{"a short window opens again", []offers.Limit{{Times: 1, Per: time.Nanosecond}}, offers.Cap{}, []decided{other, other}, []string{"sent", "sent"}},
	}
	h := newHouse(t)
	h.start(many(Config{}))
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			who := offers.ShopperID(fmt.Sprintf("limited-%d", i))
			h.shopper(who, fmt.Sprintf("+3460011%04d", i), offers.ConsentSMS, offers.ConsentPush)
			h.publish(offers.CampaignKey("tagged"), campaign("tagged", func(c *offers.Campaign) { c.Tags = []string{"spring", "news"} }))
			h.publish(offers.CampaignKey("other"), campaign("other", func(c *offers.Campaign) { c.Cap = test.cap }))
			h.publish(offers.HouseKey, offers.House{Limits: test.limits})
			for j, ask := range test.ask {
				d := h.decide(who, ask)
				for got := range h.settled([]offers.Decision{d}, offers.ChannelSMS) {
					if got != test.want[j] {
						t.Errorf("message %d: %s; want %s", j, got, test.want[j])
					}
				}
				if len(d.Channels) > 1 {
					h.await(d.ID, offers.ChannelApp, offers.DeliverySent)
				}
			}
		})
	}
}

// A limit that holds back lets go when there is room, and of those that wait only
// the best stay where that is wanted.
func TestBeyondTheLimit(t *testing.T) {
	h := newHouse(t)
	h.start(many(Config{}))
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	h.shopper("bob", "+34600111223", offers.ConsentSMS)
	worthOf := func(score float64) func(*offers.Decision) {
		return func(d *offers.Decision) {
			smsOnly(d)
			d.Candidates = []offers.Candidate{{Campaign: d.Campaign, Offer: d.Offer.ID, Score: score}}
		}
	}
	t.Run("hold", func(t *testing.T) {
		h.publish(offers.HouseKey, offers.House{Limits: []offers.Limit{{Times: 1, Per: 4 * time.Second, Beyond: offers.BeyondHold}}})
		first := h.decide("ana", smsOnly)
		h.await(first.ID, offers.ChannelSMS, offers.DeliverySent)
		second := h.decide("ana", smsOnly)
		late := h.decide("ana", func(d *offers.Decision) { smsOnly(d); d.Expires = time.Now().Add(3 * time.Second) })
		if got := h.settled([]offers.Decision{late}, offers.ChannelSMS); got["cap"] != 1 {
			t.Errorf("what ends before there is room is %v; want refused by the cap", got)
		}
		a := h.await(first.ID, offers.ChannelSMS, offers.DeliverySent)
		b := h.await(second.ID, offers.ChannelSMS, offers.DeliverySent)
		if between := b.At.Sub(a.At).Abs(); between < 4*time.Second {
			t.Errorf("%v between two messages; want the window", between)
		}
	})
	t.Run("replace", func(t *testing.T) {
		h.publish(offers.HouseKey, offers.House{Limits: []offers.Limit{{Times: 1, Per: 6 * time.Second, Beyond: offers.BeyondReplace}}})
		sent := h.decide("bob", worthOf(5))
		h.await(sent.ID, offers.ChannelSMS, offers.DeliverySent)
		middling := h.decide("bob", worthOf(2))
		h.await(middling.ID, offers.ChannelSMS, offers.DeliveryHeld)
		poor := h.decide("bob", worthOf(1))
		if got := h.settled([]offers.Decision{poor}, offers.ChannelSMS); got["cap"] != 1 {
			t.Errorf("a worse one is %v; want refused by the cap", got)
		}
		best := h.decide("bob", worthOf(9))
		h.await(best.ID, offers.ChannelSMS, offers.DeliverySent)
		if got := h.await(middling.ID, offers.ChannelSMS, offers.DeliveryRefused); got.Refusal != offers.RefusedReplaced {
			t.Errorf("what a better one replaced was refused for %q", got.Refusal)
		}
	})
}

func TestWhatAShopperWishes(t *testing.T) {
	h := newHouse(t)
	h.start(many(Config{}))
	wish := func(id offers.ShopperID, w offers.Wishes) {
		p := h.log.PartitionOf(string(id))
		profile := offers.Profile{Shopper: id, Traits: offers.Traits{Name: "Ana", Phone: "+34600111222", TimeZone: "Europe/Madrid", Wishes: &w}}
		value, err := json.Marshal(profile)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.state.Client().Set(t.Context(), state.ProfileKey(p, id), value, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	h.shopper("ana", "", offers.ConsentSMS, offers.ConsentPush)
	wish("ana", offers.Wishes{Budget: 3}) // a text message costs 2
	first := h.decide("ana", nil)
	h.await(first.ID, offers.ChannelSMS, offers.DeliverySent)
	second := h.decide("ana", nil)
	if got := h.await(second.ID, offers.ChannelSMS, offers.DeliveryRefused); got.Refusal != offers.RefusedContacts {
		t.Errorf("beyond what they wish: refused for %q", got.Refusal)
	}
	h.await(second.ID, offers.ChannelApp, offers.DeliverySent) // which costs nothing

	h.shopper("bob", "", offers.ConsentSMS, offers.ConsentPush)
	wish("bob", offers.Wishes{Quiet: &offers.QuietHours{FromMinute: 0, UntilMinute: 24 * 60}})
	d := h.decide("bob", func(d *offers.Decision) { d.Expires = time.Now().Add(50 * time.Hour) })
	h.await(d.ID, offers.ChannelSMS, offers.DeliveryHeld)
	h.await(d.ID, offers.ChannelApp, offers.DeliverySent)
}

// Stock and budget go as far as they go, whoever comes, and what is not sent after
// all comes back.
func TestStockAndBudget(t *testing.T) {
	tests := []struct {
		name   string
		change func(*offers.Campaign)
		want   string
	}{
		{"stock", func(c *offers.Campaign) { c.Offers[0].Stock = 3 }, "stock"},
		{"budget", func(c *offers.Campaign) {
			c.Budget = offers.Money{Minor: 3500, Currency: "EUR"}
			c.Offers[0].Value, c.Offers[0].Discount = offers.Money{Minor: 5000, Currency: "EUR"}, .2
		}, "budget"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t)
			fake := twiliotest.New(t, twiliotest.Options{})
			fake.Misbehave(func(n int, _ *http.Request) twiliotest.Fault {
				if n == 0 {
					return twiliotest.Fault{Status: 400, Code: 21211}
				}
				return twiliotest.Fault{}
			})
			h.publish(offers.CampaignKey("shoes"), campaign("shoes", test.change))
			h.start(many(twilioConfig(fake)))
			h.shopper("unlucky", "+34600110000", offers.ConsentSMS)
			unlucky := h.decide("unlucky", smsOnly)
			h.await(unlucky.ID, offers.ChannelSMS, offers.DeliveryFailed)
			var all []offers.Decision
			for i := range 20 {
				who := offers.ShopperID(fmt.Sprintf("s%d", i))
				h.shopper(who, fmt.Sprintf("+3460011%04d", i+1), offers.ConsentSMS)
				all = append(all, h.decide(who, smsOnly))
			}
			got := h.settled(all, offers.ChannelSMS)
			if got["sent"] != 3 || got[test.want] != 17 || len(fake.Messages()) != 3 {
				t.Errorf("%v, %d messages; want 3 sent, 17 refused for %s", got, len(fake.Messages()), test.want)
			}
		})
	}
}

func TestCampaignThatEndedIsNotSent(t *testing.T) {
	h := newHouse(t)
	h.publish(offers.CampaignKey("shoes"), campaign("shoes", func(c *offers.Campaign) { c.Status = offers.CampaignPaused }))
	h.start(Config{})
	h.shopper("ana", "+34600111222", offers.ConsentSMS)
	d := h.decide("ana", smsOnly)
	if got := h.await(d.ID, offers.ChannelSMS, offers.DeliveryRefused); got.Refusal != offers.RefusedCampaign {
		t.Errorf("refused for %q", got.Refusal)
	}
}

// redisServer is a Redis as an operator runs one, which can be killed and comes
// back with the file that it is given.
type redisServer struct {
	t   *testing.T
	dir string
	cmd *exec.Cmd
}

func newRedis(t *testing.T) *redisServer {
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skipf("no redis-server here: %v", err)
	}
	r := &redisServer{t: t, dir: t.TempDir()}
	r.start()
	t.Cleanup(r.kill)
	return r
}

func (r *redisServer) start() {
	r.cmd = exec.Command("redis-server", "--port", "0", "--unixsocket", filepath.Join(r.dir, "s"), "--dir", r.dir,
		"--appendonly", "yes", "--appendfsync", "everysec", "--save", "")
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *redisServer) kill() {
	r.cmd.Process.Kill()
	r.cmd.Wait()
}

// aof is the file of its commands.
func (r *redisServer) aof() string {
	return filepath.Join(r.dir, "appendonlydir", "appendonly.aof.1.incr.aof")
}

// forget kills the server, and has it come back without what it was told since a
// size of its file, as if that had never reached the disk.
func (r *redisServer) forget(size int64) {
	r.kill()
	if err := os.Truncate(r.aof(), size); err != nil {
		r.t.Fatal(err)
	}
	r.start()
}

// size is that of its file, with all that it was told.
func (r *redisServer) size() int64 {
	r.t.Helper()
	info, err := os.Stat(r.aof())
	if err != nil {
		r.t.Fatal(err)
	}
	return info.Size()
}

// elsewhere moves a house's state to a Redis of an operator's.
func (h *house) elsewhere(r *redisServer) {
	h.t.Helper()
	s, err := state.Open(h.t.Context(), state.Config{URL: "unix://" + filepath.Join(r.dir, "s"), Logger: testLogger(h.t)})
	if err != nil {
		h.t.Fatal(err)
	}
	h.state.Close()
	h.state = s // which closes with the house
}

// 100 triggers at the same time and a cap of 2 send exactly 2, although Redis is
// killed in the middle of it.
func TestCapWhileRedisIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	kinds := map[string]func(h *house) (kill func()){
		"in the box": func(h *house) func() {
			return func() {
				raw, err := os.ReadFile(filepath.Join(h.dir, "state", "redis.pid"))
				if err != nil {
					h.t.Fatal(err)
				}
				pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
				if err != nil {
					h.t.Fatal(err)
				}
				p, err := os.FindProcess(pid)
				if err != nil || p.Kill() != nil {
					h.t.Fatalf("redis-server %d: %v", pid, err)
				}
			}
		},
		"an operator's": func(h *house) func() {
			r := newRedis(h.t.(*testing.T))
			h.elsewhere(r)
			return func() { r.kill(); time.Sleep(300 * time.Millisecond); r.start() }
		},
		"an operator's, which forgets all of it": func(h *house) func() {
			r := newRedis(h.t.(*testing.T))
			h.elsewhere(r)
			h.shopper("ana", "+34600111222", offers.ConsentSMS)
			time.Sleep(1100 * time.Millisecond) // until it is on disk
			size := r.size()
			return func() { r.forget(size) }
		},
	}
	for name, open := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they wait most of the time
			h := newHouse(t)
			kill := open(h)
			fake := twiliotest.New(t, twiliotest.Options{})
			var once sync.Once
			fake.OnTaken(func(twiliotest.Message) { once.Do(kill) })
			h.shopper("ana", "+34600111222", offers.ConsentSMS)
			h.start(twilioConfig(fake))
			h.start(twilioConfig(fake))
			var all []offers.Decision
			for range 100 {
				all = append(all, h.decide("ana", smsOnly))
			}
			got := h.settled(all, offers.ChannelSMS)
			if got["sent"] != 2 || got["cap"] != 98 || len(fake.Messages()) != 2 {
				t.Errorf("%v, %d messages; want 2 sent and 98 refused by the cap", got, len(fake.Messages()))
			}
		})
	}
}

// A claim that Redis forgot is not made again for a message that is out; what was
// not sent is.
func TestRedisForgets(t *testing.T) {
	for name, taken := range map[string]bool{"what was sent": true, "what was lost": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			r := newRedis(t)
			h.elsewhere(r)
			fake := twiliotest.New(t, twiliotest.Options{})
			h.shopper("ana", "+34600111222", offers.ConsentSMS)
			h.start(twilioConfig(fake))
			ready := h.decide("ana", func(d *offers.Decision) { d.Channels = []offers.Channel{offers.ChannelApp} })
			h.shopper("bob", "+34600111223", offers.ConsentPush)
			h.await(ready.ID, offers.ChannelApp, offers.DeliveryRefused)
			time.Sleep(1100 * time.Millisecond)
			before := r.size()
			var once sync.Once
			if taken {
				fake.OnTaken(func(twiliotest.Message) { once.Do(func() { r.forget(before) }) })
			} else {
				fake.Misbehave(func(int, *http.Request) (f twiliotest.Fault) {
					once.Do(func() { r.forget(before); f.Lose = true })
					return f
				})
			}
			d := h.decide("ana", smsOnly)
			h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
			key := taskKey(h.log.PartitionOf("ana"), deliveryID(d.ID, offers.ChannelSMS))
			for range 200 { // the log may know before state does again
				if h.state.Client().HGet(t.Context(), key, "state").Val() == "sent" {
					break
				}
				time.Sleep(100 * time.Millisecond)
			}
			if got := h.state.Client().HGet(t.Context(), key, "state").Val(); got != "sent" || len(fake.Messages()) != 1 {
				t.Errorf("state is %q, %d messages; want sent, one", got, len(fake.Messages()))
			}
		})
	}
}

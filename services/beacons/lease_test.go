package beacons

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"testing"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"

	"aisle/offers"
	"aisle/services/stream"
)

func TestRendezvous(t *testing.T) {
	doors := []string{"a", "b", "c"}
	owned := map[string]int{}
	for i := range 300 {
		shop := offers.ShopID(fmt.Sprint("shop-", i))
		was := rendezvous(doors, shop)
		owned[was]++
		if now := rendezvous([]string{"c", "a"}, shop); was != "b" && now != was {
			t.Fatalf("%s moves from %s to %s though neither came nor went", shop, was, now)
		}
	}
	for _, d := range doors {
		if owned[d] < 60 || owned[d] > 140 {
			t.Errorf("shops of each door: %v", owned)
		}
	}
	if got := rendezvous([]string{"z"}, "x"); got != "z" {
		t.Errorf("a door alone: %q", got)
	}
}

// Two doors on one broker: each stay is told once, by whoever has the shop, and
// when that one goes, the other goes on with it.
func TestTwoDoors(t *testing.T) {
	h := newHouse(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	broker := mqtt.New(&mqtt.Options{Logger: slog.New(slog.DiscardHandler)})
	must(t, broker.AddHook(new(auth.AllowHook), nil))
	must(t, broker.AddListener(listeners.NewNet("t", l)))
	must(t, broker.Serve())
	t.Cleanup(func() { broker.Close() })
	c := fast
	c.MQTT, c.Forget = "mqtt://"+l.Addr().String(), 5*time.Second
	var stops []func()
	for range 2 {
		_, stop := h.open(c)
		stops = append(stops, stop)
	}
	owner := func() string {
		all, err := h.state.Client().HGetAll(t.Context(), leasesKey).Result()
		must(t, err)
		return all[string(shopID)]
	}
	client := gateway(t, l.Addr().String(), "", "")
	events, until := gather(h, stream.Events, any1[offers.Event])
	h.stand(client, "rx-footwear", anaTag, until(2)) // entered, dwelled
	deadline := time.Now().Add(4 * time.Second)      // leases settle
	h.stand(client, "rx-footwear", anaTag, func() bool { until(0)(); return time.Now().After(deadline) })
	// Which of them has it is not ours to know: each goes once, and comes back.
	for i, stop := range slices.Clone(stops) {
		was := owner()
		stop()
		_, stops[i] = h.open(c)
		deadline := time.Now().Add(5 * time.Second)
		h.stand(client, "rx-footwear", anaTag, func() bool { until(0)(); return time.Now().After(deadline) })
		if owner() == "" {
			t.Errorf("after %q went nobody has the shop", was)
		}
	}
	ids := map[offers.EventID]int{}
	for _, e := range *events {
		ids[e.ID]++
	}
	if len(ids) != 2 {
		t.Errorf("events %v, want one stay", describe(*events))
	}
	if len(*events) != 2 {
		t.Errorf("%d records of 2 events", len(*events))
	}
}

// Two doors with a broker each: what one hears of the other's shop gets there.
func TestTwoBrokers(t *testing.T) {
	h := newHouse(t)
	b1, _ := h.open(fast)
	b2, _ := h.open(fast)
	one, two := gateway(t, b1.Addr(), "", ""), gateway(t, b2.Addr(), "", "")
	events, until := gather(h, stream.Events, any1[offers.Event])
	enough := until(2)
	n := 0
	eventually(t, "events", func() bool {
		for r, d := range map[string]float64{"rx-door": 8, "rx-footwear": 1, "rx-fitting": 8} {
			hears(one, r, anaTag, d) // of two brokers each knows one half
			if n++; n%2 == 0 {
				hears(two, r, anaTag, d)
			}
		}
		return enough()
	})
	for _, e := range *events {
		if e.Zone != "footwear" {
			value, _ := json.Marshal(&e)
			t.Errorf("event %s", value)
		}
	}
}

package beacons

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	goredis "github.com/redis/go-redis/v9"

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

// openBroker is somebody else's broker that lets everyone in.
func openBroker(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	broker := mqtt.New(&mqtt.Options{Logger: slog.New(slog.DiscardHandler)})
	must(t, broker.AddHook(new(auth.AllowHook), nil))
	must(t, broker.AddListener(listeners.NewNet("t", l)))
	must(t, broker.Serve())
	t.Cleanup(func() { broker.Close() })
	return l.Addr().String()
}

// Two doors on one broker: each stay is told once, by whoever has the shop, and
// when that one goes, the other goes on with it.
func TestTwoDoors(t *testing.T) {
	h := newHouse(t)
	addr := openBroker(t)
	c := fast
	c.MQTT, c.Forget = "mqtt://"+addr, 5*time.Second
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
	client := gateway(t, addr, "", "")
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

// A door that is killed releases nothing: when its lease is over, the other one
// goes on with the stays, and nothing is told twice. Stopped, a door gives its
// shop back; so what kill -9 leaves is put back at once.
func TestCrashedDoor(t *testing.T) {
	h := newHouse(t)
	addr := openBroker(t)
	c := fast
	c.MQTT, c.Forget = "mqtt://"+addr, 30*time.Second
	client := gateway(t, addr, "", "")
	first, stop := h.open(c)
	events, until := gather(h, stream.Events, any1[offers.Event])
	h.stand(client, "rx-footwear", anaTag, until(2)) // entered, dwelled

	redis := h.state.Client()
	lease, err := redis.HGet(t.Context(), leasesKey, string(shopID)).Result()
	must(t, err)
	there, err := redis.ZScore(t.Context(), doorsKey, first.name).Result()
	must(t, err)
	stop()
	must(t, redis.HSet(t.Context(), leasesKey, string(shopID), lease).Err())
	must(t, redis.ZAdd(t.Context(), doorsKey, goredis.Z{Score: there, Member: first.name}).Err())
	crashed := time.Now()

	second, _ := h.open(c)
	owner := func() string {
		lease, err := redis.HGet(t.Context(), leasesKey, string(shopID)).Result()
		must(t, err)
		_, door, _ := strings.Cut(lease, " ")
		return door
	}
	if got := owner(); got != first.name {
		t.Fatalf("the shop is %q's at once, want it to be of %q for the rest of its lease", got, first.name)
	}
	for deadline := crashed.Add(leaseFor + 4*leaseEvery); owner() != second.name; time.Sleep(20 * time.Millisecond) {
		hears(client, "rx-footwear", anaTag, 1)
		if time.Now().After(deadline) {
			t.Fatalf("after %v the shop is still %q's", time.Since(crashed).Round(time.Second), owner())
		}
	}
	t.Logf("the shop is the other door's after %v", time.Since(crashed).Round(100*time.Millisecond))
	walk()
	h.stand(client, "rx-door", anaTag, until(4))
	want := []string{"zone_entered centre footwear footwear", "zone_dwelled centre footwear footwear", "zone_left centre footwear footwear", "zone_entered centre door "}
	if diff := cmp.Diff(want, describe(*events)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if left := (*events)[2]; left.Dwell < leaseFor/2 {
		t.Errorf("the stay lasted %v, though it began before the crash", left.Dwell)
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

package beacons

import (
	"testing"
	"time"

	"aisle/offers"
)

// Whatever gateways say, the door reads on, and what it passes on has a name.
func FuzzPacket(f *testing.F) {
	h := newHouse(f)
	b, err := New(Config{MQTT: "off", TagPrefixes: []string{"watch:"}}, Parts{Log: h.log, State: h.state, Shops: h.shops})
	must(f, err)
	f.Add("espresense/devices/"+anaTag+"/rx-door", []byte(`{"rssi":-70,"rssi@1m":-59,"distance":2}`))
	f.Add("espresense/rooms/rx-door/telemetry", []byte(`{"firm":"x","ver":"1"}`))
	f.Add("espresense/rooms/rx-door/status", []byte("offline"))
	f.Add("home/rx-door/BTtoMQTT/AA", []byte(`{"uuid":"a15e0000000040008000000000000001","major":"0007","minor":"0064","rssi":-60}`))
	f.Add("home/rx-door/LWT", []byte("online"))
	f.Add("aisle/hci/rx-door", hci(-60))
	f.Add("aisle/hci/rx-door", []byte(`{"receiver":"rx-door","packets":[{"t":1762000000000,"hci":"043e"}]}`))
	f.Add("aisle/hci/", []byte("00"))
	at := time.Unix(1_762_000_000, 0)
	f.Fuzz(func(t *testing.T, topic string, payload []byte) {
		b.packet(topic, payload, at)
		for len(b.packets) > 0 {
			if p := <-b.packets; p.Tag == "" || p.Receiver == "" || p.At.After(at) {
				t.Errorf("passed on: %+v", p.Reading)
			}
		}
		for len(b.bad) > 0 {
			if q := <-b.bad; q.Reason == "" || q.Detail == "" || q.Source == "" {
				t.Errorf("put aside: %+v", q)
			}
		}
		if len(b.ears.of) > len(h.shops.Now().Receivers) || len(b.ears.samples) > mostEars {
			t.Error("what strangers say is remembered without bound")
		}
	})
}

// Of each sender a few packets a while are put aside.
func TestSamples(t *testing.T) {
	e := newEars()
	at := time.Now()
	n := 0
	for range 50 {
		if e.sample("rx", at) {
			n++
		}
	}
	if n != mostSamples {
		t.Errorf("%d are kept, want %d", n, mostSamples)
	}
	if !e.sample("rx", at.Add(2*sampledFor)) || !e.sample("other", at) {
		t.Error("later, and of others, none is kept")
	}
	e.of[offers.ReceiverID("x")] = &ear{}
	if _, receivers, _ := e.news(at); len(receivers) != 0 {
		t.Errorf("told of one that nobody heard: %v", receivers)
	}
}

package gateway

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/beacons"
	"aisle/offers"
)

var start = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

var near = cmpopts.EquateApprox(0, 1e-9)

func TestESPresense(t *testing.T) {
	tests := []struct {
		name, topic, payload string
		want                 beacons.Reading
		err                  error
	}{
		{name: "as a receiver sends it", topic: "espresense/devices/iBeacon:e5ca1ade-1-2/footwear",
			payload: `{"mac":"aabbccddeeff","id":"iBeacon:e5ca1ade-1-2","rssi@1m":-65,"rssi":-72,"distance":1.82,"int":512}`,
			want:    beacons.Reading{Tag: "iBeacon:e5ca1ade-1-2", Receiver: "footwear", At: start, RSSIdBm: -72, Power1mdBm: -65, DistanceM: 1.82}},
		{name: "an Eddystone namespace with its fifth byte twice", topic: "espresense/devices/eddy:0001020304040506070809-aabbccddeeff/a",
			payload: `{"rssi@1m":-65,"rssi":-72,"distance":1.82}`,
			want:    beacons.Reading{Tag: "eddy:00010203040506070809-aabbccddeeff", Receiver: "a", At: start, RSSIdBm: -72, Power1mdBm: -65, DistanceM: 1.82}},
		{name: "without a distance", topic: "espresense/devices/irk:00ff/a",
			payload: `{"rssi@1m":-60,"rssi":-87}`,
			want:    beacons.Reading{Tag: "irk:00ff", Receiver: "a", At: start, RSSIdBm: -87, Power1mdBm: -60, DistanceM: 10}},
		{name: "without a power", topic: "espresense/devices/irk:00ff/a", payload: `{"rssi":-87,"distance":3}`,
			want: beacons.Reading{Tag: "irk:00ff", Receiver: "a", At: start, RSSIdBm: -87, DistanceM: 3}},
		{name: "a receiver's own topic", topic: "espresense/rooms/a/telemetry", payload: `{}`, err: offers.ErrNotFound},
		{name: "too long a topic", topic: "espresense/devices/a/b/c", payload: `{}`, err: offers.ErrNotFound},
		{name: "control characters", topic: "espresense/devices/a\x00/b", payload: `{}`, err: offers.ErrNotFound},
		{name: "no JSON", topic: "espresense/devices/a/b", payload: `rssi=3`, err: offers.ErrInvalid},
		{name: "JSON and more", topic: "espresense/devices/a/b", payload: `{"rssi":-60,"distance":1}}`, err: offers.ErrInvalid},
		{name: "no rssi", topic: "espresense/devices/a/b", payload: `{"distance":1}`, err: offers.ErrInvalid},
		{name: "rssi of another type", topic: "espresense/devices/a/b", payload: `{"rssi":"loud","distance":1}`, err: offers.ErrInvalid},
		{name: "absurd rssi", topic: "espresense/devices/a/b", payload: `{"rssi":300,"distance":1}`, err: offers.ErrInvalid},
		{name: "behind the receiver", topic: "espresense/devices/a/b", payload: `{"rssi":-60,"distance":-1}`, err: offers.ErrInvalid},
		{name: "neither distance nor reference", topic: "espresense/devices/a/b", payload: `{"rssi":-60}`, err: offers.ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ESPresense(tt.topic, []byte(tt.payload), start)
			check(t, tt.want, got, err, tt.err)
		})
	}
}

func check(t *testing.T, want, got any, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("error %v, want %v", err, kind)
	}
	if err != nil {
		return
	}
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

func TestTheengs(t *testing.T) {
	const topic = "home/rx-door/BTtoMQTT/AABBCCDDEEFF"
	tests := []struct {
		name, topic, payload string
		want                 beacons.Reading
		err                  error
	}{
		{name: "iBeacon with hexadecimal strings", topic: topic,
			payload: `{"id":"AA:BB:CC:DD:EE:FF","mfid":"4c00","uuid":"E5CA1ADEF007BA110000000000000000","major":"000a","minor":"FF02","txpower":-59,"rssi":-71,"model_id":"IBEACON"}`,
			want:    beacons.Reading{Tag: "iBeacon:e5ca1ade-f007-ba11-0000-000000000000-10-65282", Receiver: "rx-door", At: start, RSSIdBm: -71, Power1mdBm: -59}},
		{name: "numbers as strings, and numbers where strings are usual", topic: "a/b/rx/BTtoMQTT/E5CA1ADE-F007-BA11-0000-000000000000",
			payload: `{"uuid":"e5ca1ade-f007-ba11-0000-000000000000","major":10,"minor":"0x0b","txpower":"-60","rssi":"-71","distance":2.5,"extra":{"deep":[1]}}`,
			want:    beacons.Reading{Tag: "iBeacon:e5ca1ade-f007-ba11-0000-000000000000-10-11", Receiver: "rx", At: start, RSSIdBm: -71, Power1mdBm: -60, DistanceM: 2.5}},
		{name: "another device is its address", topic: topic, payload: `{"id":"AA:BB:CC:DD:EE:FF","rssi":-50}`,
			want: beacons.Reading{Tag: "aabbccddeeff", Receiver: "rx-door", At: start, RSSIdBm: -50, Power1mdBm: -59}},
		{name: "the address of the topic", topic: topic, payload: `{"rssi":-50,"distance":1.5}`,
			want: beacons.Reading{Tag: "aabbccddeeff", Receiver: "rx-door", At: start, RSSIdBm: -50, DistanceM: 1.5}},
		{name: "another topic", topic: "home/rx-door/SYStoMQTT", payload: `{}`, err: offers.ErrNotFound},
		{name: "no gateway", topic: "/BTtoMQTT/x", payload: `{}`, err: offers.ErrNotFound},
		{name: "no rssi", topic: topic, payload: `{"id":"x"}`, err: offers.ErrInvalid},
		{name: "major that is no number", topic: topic, payload: `{"uuid":"e5ca1ade-f007-ba11-0000-000000000000","major":"zz","minor":"1","rssi":-50}`, err: offers.ErrInvalid},
		{name: "major that is too large", topic: topic, payload: `{"uuid":"e5ca1ade-f007-ba11-0000-000000000000","major":70000,"minor":"1","rssi":-50}`, err: offers.ErrInvalid},
		{name: "a list", topic: topic, payload: `[1]`, err: offers.ErrInvalid},
		{name: "nothing", topic: topic, payload: ``, err: offers.ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Theengs(tt.topic, []byte(tt.payload), start)
			check(t, tt.want, got, err, tt.err)
		})
	}
}

func TestFind3(t *testing.T) {
	ms := start.Add(-time.Second)
	tests := []struct {
		name, body string
		read       func([]byte, time.Time) (Find3, error)
		want       Find3
		err        error
	}{
		{name: "a scanner hears tags", read: Find3Passive,
			body: `{"d":"rx-1","f":"shop","t":1795168799000,"s":{"bluetooth":{"iBeacon:e5ca1ade-1-2":-70,"00:11:22:33:44:55":-80},"wifi":{"aa":-40}}}`,
			want: Find3{Family: "shop", Device: "rx-1", At: ms, Readings: []beacons.Reading{
				{Tag: "00:11:22:33:44:55", Receiver: "rx-1", At: start, RSSIdBm: -80, Power1mdBm: -59},
				{Tag: "iBeacon:e5ca1ade-1-2", Receiver: "rx-1", At: start, RSSIdBm: -70, Power1mdBm: -59}}}},
		{name: "a phone hears beacons, and says where it is", read: Find3Data,
			body: `{"d":"ana","f":"shop","l":"footwear","s":{"bluetooth":{"iBeacon:x-1-2":-70,"iBeacon:x-1-3":127,"iBeacon:x-1-4":0}}}`,
			want: Find3{Family: "shop", Device: "ana", At: start, Readings: []beacons.Reading{
				{Tag: "find3:shop/ana", Receiver: "iBeacon:x-1-2", At: start, RSSIdBm: -70, Power1mdBm: -59}}}},
		{name: "a clock that was never set", read: Find3Passive, body: `{"d":"a","f":"b","t":1000,"s":{}}`, want: Find3{Family: "b", Device: "a", At: start}},
		{name: "a clock of another year", read: Find3Passive, body: `{"d":"a","f":"b","t":1600000000000,"s":{"bluetooth":{"iBeacon:x-1-2":-70}}}`,
			want: Find3{Family: "b", Device: "a", At: time.UnixMilli(1600000000000).UTC(), Readings: []beacons.Reading{{Tag: "iBeacon:x-1-2", Receiver: "a", At: start, RSSIdBm: -70, Power1mdBm: -59}}}},
		{name: "only other radios", read: Find3Data, body: `{"d":"a","f":"b","s":{"wifi":{"aa":-40}}}`, want: Find3{Family: "b", Device: "a", At: start}},
		{name: "no device", read: Find3Data, body: `{"f":"b","s":{}}`, err: offers.ErrInvalid},
		{name: "no family", read: Find3Data, body: `{"d":"b","s":{}}`, err: offers.ErrInvalid},
		{name: "words for strengths", read: Find3Data, body: `{"d":"a","f":"b","s":{"bluetooth":{"x":"loud"}}}`, err: offers.ErrInvalid},
		{name: "a list for time", read: Find3Data, body: `{"d":"a","f":"b","t":[1],"s":{}}`, err: offers.ErrInvalid},
		{name: "no JSON", read: Find3Data, body: `d=a`, err: offers.ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.read([]byte(tt.body), start)
			check(t, tt.want, got, err, tt.err)
		})
	}
}

func TestRanging(t *testing.T) {
	const rx = "iBeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0-1-2"
	tests := []struct {
		name, body string
		want       []beacons.Reading
		err        error
	}{
		{name: "as iOS says it", body: `{"device":"i-1","timestamp":"2026-11-20T09:59:59Z","beacons":[{"uuid":"E2C56DB5-DFFB-48D2-B060-D0F5A71096E0","major":1,"minor":2,"rssi":-67,"accuracy":2.1,"proximity":"near"}]}`,
			want: []beacons.Reading{{Tag: "app:i-1", Receiver: rx, At: start, RSSIdBm: -67, DistanceM: 2.1}}},
		{name: "kept for a while, by a clock that is an hour off", body: `{"device":"i-1","timestamp":"2026-11-20T08:59:30Z","sent_at":"2026-11-20T09:00:00Z","beacons":[{"uuid":"E2C56DB5-DFFB-48D2-B060-D0F5A71096E0","major":1,"minor":2,"rssi":-67,"accuracy":2.1,"proximity":"near"}]}`,
			want: []beacons.Reading{{Tag: "app:i-1", Receiver: rx, At: start.Add(-30 * time.Second), RSSIdBm: -67, DistanceM: 2.1}}},
		{name: "kept for a while", body: `{"device":"i-1","timestamp":"2026-11-20T09:59:10Z","sent_at":"2026-11-20T09:59:40Z","beacons":[{"uuid":"E2C56DB5-DFFB-48D2-B060-D0F5A71096E0","major":1,"minor":2,"rssi":-67,"accuracy":2.1,"proximity":"near"}]}`,
			want: []beacons.Reading{{Tag: "app:i-1", Receiver: rx, At: start.Add(-30 * time.Second), RSSIdBm: -67, DistanceM: 2.1}}},
		{name: "as Android says it", body: `{"device":"i-1","beacons":[{"id1":"e2c56db5-dffb-48d2-b060-d0f5a71096e0","id2":"1","id3":"2","rssi":-67,"distance":2.1,"txPower":-59}]}`,
			want: []beacons.Reading{{Tag: "app:i-1", Receiver: rx, At: start, RSSIdBm: -67, Power1mdBm: -59, DistanceM: 2.1}}},
		{name: "nearness alone", body: `{"device":"i-1","beacons":[{"uuid":"E2C56DB5-DFFB-48D2-B060-D0F5A71096E0","major":1,"minor":2,"rssi":0,"accuracy":-1,"proximity":"near"}]}`,
			want: []beacons.Reading{{Tag: "app:i-1", Receiver: rx, At: start, DistanceM: 1.5}}},
		{name: "unknown, and kilometres", body: `{"device":"i-1","beacons":[{"uuid":"E2C56DB5-DFFB-48D2-B060-D0F5A71096E0","major":1,"minor":2,"rssi":0,"accuracy":-1,"proximity":"unknown"},{"uuid":"E2C56DB5-DFFB-48D2-B060-D0F5A71096E0","major":1,"minor":2,"rssi":-99,"accuracy":2000}]}`},
		{name: "each beacon has its time", body: `{"device":"i-1","beacons":[{"uuid":"E2C56DB5-DFFB-48D2-B060-D0F5A71096E0","major":1,"minor":2,"rssi":-60,"timestamp":1795168797500},{"uuid":"E2C56DB5-DFFB-48D2-B060-D0F5A71096E0","major":1,"minor":2,"rssi":-61,"timestamp":1795168799500}]}`,
			want: []beacons.Reading{{Tag: "app:i-1", Receiver: rx, At: start.Add(-2 * time.Second), RSSIdBm: -60, Power1mdBm: -59}, {Tag: "app:i-1", Receiver: rx, At: start, RSSIdBm: -61, Power1mdBm: -59}}},
		{name: "no device", body: `{"beacons":[]}`, err: offers.ErrInvalid},
		{name: "no uuid", body: `{"device":"i-1","beacons":[{"major":1,"minor":2,"rssi":-60}]}`, err: offers.ErrInvalid},
		{name: "half a major", body: `{"device":"i-1","beacons":[{"uuid":"E2C56DB5-DFFB-48D2-B060-D0F5A71096E0","major":1.5,"minor":2,"rssi":-60}]}`, err: offers.ErrInvalid},
		{name: "absurd strength", body: `{"device":"i-1","beacons":[{"uuid":"E2C56DB5-DFFB-48D2-B060-D0F5A71096E0","major":1,"minor":2,"rssi":-600}]}`, err: offers.ErrInvalid},
		{name: "a time that is none", body: `{"device":"i-1","timestamp":"noon","beacons":[]}`, err: offers.ErrInvalid},
		{name: "no JSON", body: `{`, err: offers.ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseRanging([]byte(tt.body), start)
			check(t, tt.want, got.Readings, err, tt.err)
		})
	}
}

func TestHCI(t *testing.T) {
	tests := []struct {
		name, body string
		want       []beacons.Reading
		err        error
	}{
		{name: "an iBeacon", body: `{"receiver":"rx","packets":[{"t":1795168799500,"hci":"043e2a020100010605040302011e02011a1aff4c000215e5ca1adef007ba11000000000000000000010002c5b3"}]}`,
			want: []beacons.Reading{{Tag: "iBeacon:e5ca1ade-f007-ba11-0000-000000000000-1-2", Receiver: "rx", At: start, RSSIdBm: -77, Power1mdBm: -59}}},
		{name: "an Eddystone says its power at 0 m", body: `{"receiver":"rx","packets":[{"hci":"043e240201000106050403020118 1716aafe00ee00010203040506070809aabbccddeeff0000 b3"}]}`, err: offers.ErrInvalid},
		{name: "an Eddystone says its power at no distance", body: `{"receiver":"rx","packets":[{"hci":"043e2402010001060504030201181716aafe00ee00010203040506070809aabbccddeeff0000b3"}]}`,
			want: []beacons.Reading{{Tag: "eddy:00010203040506070809-aabbccddeeff", Receiver: "rx", At: start, RSSIdBm: -77, Power1mdBm: -59}}},
		{name: "a phone nearby is nobody", body: `{"receiver":"rx","packets":[{"hci":"043e0f02010001060504030201030201 06c4"}]}`, err: offers.ErrInvalid},
		{name: "nothing with a name", body: `{"receiver":"rx","packets":[{"hci":"043e0f0201000106050403020103020106c4"}]}`},
		{name: "no receiver", body: `{"packets":[]}`, err: offers.ErrInvalid},
		{name: "no hexadecimal", body: `{"receiver":"rx","packets":[{"hci":"xyz"}]}`, err: offers.ErrInvalid},
		{name: "another packet", body: `{"receiver":"rx","packets":[{"hci":"040e0401052000"}]}`, err: offers.ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := HCI([]byte(tt.body), start)
			check(t, tt.want, got, err, tt.err)
		})
	}
}

// FuzzForms reads anything in any form: it is readings that can be used, or an
// error of a kind.
func FuzzForms(f *testing.F) {
	f.Add("espresense/devices/iBeacon:x-1-2/room", []byte(`{"rssi":-60,"rssi@1m":-59,"distance":0.9}`))
	f.Add("espresense/devices/a/b", []byte(`{"rssi":-60,"distance":1e400}`))
	f.Add("espresense/devices//", []byte(`null`))
	f.Add("home/rx/BTtoMQTT/AABB", []byte(`{"uuid":"E5CA1ADEF007BA110000000000000000","major":"000a","minor":"FF02","txpower":-59,"rssi":-71}`))
	f.Add("passive", []byte(`{"d":"rx-1","f":"shop","t":1763632799000,"s":{"bluetooth":{"a":-70}}}`))
	f.Add("ranging", []byte(`{"device":"i","timestamp":1,"beacons":[{"uuid":"E2C56DB5-DFFB-48D2-B060-D0F5A71096E0","major":1,"minor":2,"rssi":-67,"accuracy":2.1}]}`))
	f.Add("hci", []byte(`{"receiver":"rx","packets":[{"hci":"043e2402010001060504030201181716aafe00ee00010203040506070809aabbccddeeff0000b3"}]}`))
	shop := &offers.Shop{ID: "s", Zones: []offers.Zone{{ID: "z"}}, Receivers: []offers.Receiver{{ID: "rx", Zone: "z"}, {ID: "ry", Zone: "z", At: offers.Point{X: 5}}}}
	tr := beacons.NewTracker(beacons.Config{MaxTags: 50})
	tr.Place(map[offers.ShopID]*offers.Shop{"s": shop})
	at := start
	f.Fuzz(func(t *testing.T, topic string, payload []byte) {
		at = at.Add(100 * time.Millisecond)
		var all []beacons.Reading
		kind := func(err error) bool {
			if err != nil && !errors.Is(err, offers.ErrInvalid) && !errors.Is(err, offers.ErrNotFound) {
				t.Errorf("error of no kind: %v", err)
			}
			return err == nil
		}
		if r, err := ESPresense(topic, payload, at); kind(err) {
			all = append(all, r)
		}
		if r, err := Theengs(topic, payload, at); kind(err) {
			all = append(all, r)
		}
		for _, read := range []func([]byte, time.Time) (Find3, error){Find3Data, Find3Passive} {
			if r, err := read(payload, at); kind(err) {
				all = append(all, r.Readings...)
			}
		}
		if r, err := ParseRanging(payload, at); kind(err) {
			all = append(all, r.Readings...)
		}
		if r, err := HCI(payload, at); kind(err) {
			all = append(all, r...)
		}
		for _, r := range all {
			if r.Tag == "" || r.Receiver == "" {
				t.Errorf("reading %+v", r)
			}
			for _, rx := range []offers.ReceiverID{"rx", "ry"} {
				r.Receiver = rx
				if _, err := tr.Hear(r); err != nil && !errors.Is(err, offers.ErrUnavailable) {
					t.Errorf("%+v: %v", r, err)
				}
			}
		}
		tr.Tick(at)
		for _, r := range all {
			if p, ok := tr.Where(r.Tag); ok && (p.At.X != p.At.X || p.RadiusM != p.RadiusM) {
				t.Errorf("%+v is nowhere: %+v", r, p)
			}
		}
	})
}

package beacons

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	pure "aisle/beacons"
	forms "aisle/beacons/gateway"
	"aisle/beacons/token"
	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

// hci is an iBeacon's advertisement as a radio's controller passes it on:
// anaTag's, -59 dBm at one metre.
func hci(rssi int8) []byte {
	raw, _ := hex.DecodeString("043e2a02010001665544332211" + "1e" + "02011a1aff4c000215" + "a15e0000000040008000000000000001" + "00070064" + "c5")
	return append(raw, byte(rssi))
}

// near is how loud a tag is at each receiver that stands at rx-footwear.
var near = map[string]int8{"rx-door": -84, "rx-footwear": -59, "rx-fitting": -84}

// tell puts what a door by HTTP took on the log.
func (h *house) tell(b forms.Batch) {
	h.t.Helper()
	b.Received = time.Now()
	for i := range b.Readings {
		b.Readings[i].At = b.Received
	}
	value, err := json.Marshal(&b)
	must(h.t, err)
	must(h.t, h.log.Produce(context.Background(), stream.Record{Stream: stream.Readings, Key: []byte(b.Readings[0].Tag), Value: value}))
}

// eventually tries until it is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen: ", what)
		}
	}
}

// Whatever gateways and phones say, and on whatever way, one who stands among
// footwear enters footwear.
func TestEveryForm(t *testing.T) {
	key := token.Key{Tag: anaTag, Scheme: token.House, Secret: []byte("0123456789abcdef"), Period: time.Hour}
	ranging := func(tag string) func(*house, paho.Client) {
		return func(h *house, _ paho.Client) {
			var b forms.Batch
			for r, rssi := range near {
				b.Readings = append(b.Readings, pure.Reading{Tag: tag, Receiver: offers.ReceiverID(r), RSSIdBm: float64(rssi), Power1mdBm: -59})
			}
			b.Form, b.Named = forms.FormApp, true
			h.tell(b)
		}
	}
	tests := []struct {
		name, source string
		say          func(*house, paho.Client)
	}{
		{"ESPresense", "beacons/espresense", func(_ *house, c paho.Client) {
			for r, rssi := range near {
				c.Publish("espresense/devices/"+anaTag+"/"+r, 0, false, fmt.Sprintf(`{"rssi":%d,"rssi@1m":-59}`, rssi))
			}
		}},
		{"OpenMQTTGateway", "beacons/theengs", func(_ *house, c paho.Client) {
			for r, rssi := range near {
				c.Publish("home/"+r+"/BTtoMQTT/AABBCCDDEEFF", 0, false, fmt.Sprintf(
					`{"id":"AA:BB:CC:DD:EE:FF","mfid":"4c00","uuid":"a15e0000000040008000000000000001","major":"0007","minor":"0064","txpower":-59,"rssi":%d,"model_id":"IBEACON"}`, rssi))
			}
		}},
		{"packets as they are", "beacons/hci", func(_ *house, c paho.Client) {
			for r, rssi := range near {
				c.Publish("aisle/hci/"+r, 0, false, hci(rssi))
			}
		}},
		{"packets as digits", "beacons/hci", func(_ *house, c paho.Client) {
			for r, rssi := range near {
				c.Publish("aisle/hci/"+r, 0, false, hex.EncodeToString(hci(rssi)))
			}
		}},
		{"packets with their times, of clocks that are wrong", "beacons/hci", func(_ *house, c paho.Client) {
			for r, rssi := range near {
				c.Publish("aisle/hci/"+r, 0, false, fmt.Sprintf(`{"receiver":%q,"packets":[{"t":%d,"hci":"%x"}]}`, r, time.Now().Add(time.Duration(rssi)*time.Second).UnixMilli(), hci(rssi)))
			}
		}},
		{"a name that changes", "beacons/espresense", func(_ *house, c paho.Client) {
			name, _ := token.Name(key, time.Now())
			for r, rssi := range near {
				c.Publish("espresense/devices/eid:"+name+"/"+r, 0, false, fmt.Sprintf(`{"rssi":%d,"rssi@1m":-59}`, rssi))
			}
		}},
		{"an app", "beacons/app", ranging("app:install-9")},
		{"an app of who signed in", "beacons/app", ranging("shopper:")},
		{"find3 by HTTP", "beacons/find3", func(h *house, _ paho.Client) {
			b := forms.Batch{Form: forms.FormFind3, Named: true}
			for r, rssi := range near {
				b.Readings = append(b.Readings, pure.Reading{Tag: "find3:f/d", Receiver: offers.ReceiverID(r), RSSIdBm: float64(rssi), Power1mdBm: -59})
			}
			h.tell(b)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			var err error
			h.ana, err = h.state.Identify(t.Context(), []offers.Identifier{{Type: offers.CustomerID, Value: "ana"},
				{Type: offers.AppInstall, Value: "install-9"}, {Type: offers.Tag, Value: "find3:f/d"}}, stream.NewTrace)
			must(t, err)
			h.consent(true)
			c := fast
			c.Tokens = []Token{{Tag: key.Tag, Scheme: string(key.Scheme), Secret: hex.EncodeToString(key.Secret), Period: key.Period}}
			b, _ := h.open(c)
			client := gateway(t, b.Addr(), "", "")
			say := tt.say
			if tt.name == "an app of who signed in" {
				say = ranging("shopper:" + string(h.ana.Shopper))
			}
			events, until := gather(h, stream.Events, any1[offers.Event])
			enough := until(1)
			eventually(t, "an event", func() bool { say(h, client); return enough() })
			e := (*events)[0]
			if e.Type != offers.ZoneEntered || e.Zone != "footwear" || e.Shopper != h.ana.Shopper || e.Source != tt.source || time.Since(e.Time).Abs() > 20*time.Second {
				t.Errorf("event %+v", e)
			}
		})
	}
}

// What nobody vouches for cannot call itself somebody.
func TestNamesThatNobodyVouchesFor(t *testing.T) {
	h := newHouse(t)
	b, _ := h.open(fast)
	c := gateway(t, b.Addr(), "", "")
	for deadline := time.Now().Add(time.Second); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		for r, rssi := range near {
			for _, tag := range []string{"shopper:" + string(h.ana.Shopper), "app:install-9", "find3:f/d", "eid:0102030405060708"} {
				c.Publish("espresense/devices/"+tag+"/"+r, 0, false, fmt.Sprintf(`{"rssi":%d,"rssi@1m":-59}`, rssi))
			}
		}
	}
	if got := len(h.news(stream.Events)) + len(h.news(stream.Sightings)); got != 0 {
		t.Errorf("%d records of names that anybody can say", got)
	}
}

// Gateways' health is told: rates, clocks, last wills.
func TestHealth(t *testing.T) {
	h := newHouse(t)
	b, _ := h.open(fast)
	c := gateway(t, b.Addr(), "", "")
	dying := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://"+b.Addr()).SetWill("home/rx-door/LWT", "offline", 1, true))
	if token := dying.Connect(); !token.WaitTimeout(2*time.Second) || token.Error() != nil {
		t.Fatal(token.Error())
	}
	dying.Publish("home/rx-door/LWT", 1, true, "online").Wait()
	c.Publish("espresense/rooms/rx-fitting/telemetry", 0, false, `{"ip":"10.0.0.7","uptime":7,"firm":"esp32","rssi":-50,"ver":"4.0.1"}`)
	c.Publish("espresense/rooms/attic/telemetry", 0, false, `{}`)
	for range 20 {
		c.Publish("aisle/hci/rx-footwear", 1, false, fmt.Sprintf(`{"receiver":"rx-footwear","packets":[{"t":%d,"hci":"%x"}]}`, time.Now().Add(90*time.Second).UnixMilli(), hci(-60))).Wait()
	}
	var got map[offers.ReceiverID]state.ReceiverHealth
	told := func(so func() bool) func() bool {
		return func() bool {
			var err error
			got, err = h.state.Receivers(t.Context())
			must(t, err)
			return so()
		}
	}
	eventually(t, "three receivers", told(func() bool { return len(got) == 3 }))
	if r := got["rx-footwear"]; r.PacketsPerS < 1 || r.AheadMs < 85_000 || r.AheadMs > 95_000 || r.Status != "online" {
		t.Errorf("rx-footwear: %+v", r)
	}
	if r := got["rx-fitting"]; r.Firmware != "esp32 4.0.1" || r.PacketsPerS != 0 || time.Since(r.Last) > time.Minute {
		t.Errorf("rx-fitting: %+v", r)
	}
	if r := got["rx-door"]; r.Status != "online" {
		t.Errorf("rx-door: %+v", r)
	}
	last := got["rx-door"].Last
	kill(t, b)
	eventually(t, "the last will", told(func() bool { return got["rx-door"].Status == "offline" }))
	if !got["rx-door"].Last.Equal(last) {
		t.Errorf("a last will is taken for a sign of life: %+v", got["rx-door"])
	}
}

// kill lets a client vanish without a goodbye: the broker hangs up.
func kill(t *testing.T, b *Beacons) {
	t.Helper()
	for _, client := range b.server.Clients.GetAll() {
		if client.Properties.Will.TopicName == "home/rx-door/LWT" {
			client.Stop(io.ErrUnexpectedEOF)
			return
		}
	}
	t.Fatal("no such client")
}

// Nobody listens to where others are.
func TestNobodyListensAlong(t *testing.T) {
	h := newHouse(t)
	b, _ := h.open(fast)
	c := gateway(t, b.Addr(), "", "")
	for filter, want := range map[string]bool{
		"#": false, "espresense/#": false, "espresense/devices/+/+": false, "espresense/+/+/+": false, "home/+/BTtoMQTT/#": false, "+/+/+/+": false,
		"aisle/hci/rx-door": false, "home/#": false,
		"espresense/rooms/*/+/set": true, "espresense/rooms/rx-door/+/set": true, "espresense/settings/+/config": true,
		"home/OpenMQTTGateway/commands/#": true,
	} {
		token := c.Subscribe(filter, 0, nil)
		token.WaitTimeout(2 * time.Second)
		got := token.Error() == nil && token.(*paho.SubscribeToken).Result()[filter] <= 2
		if got != want {
			t.Errorf("listening to %s: %v, want %v", filter, got, want)
		}
	}
	if !c.IsConnected() {
		t.Error("hung up on who asked too much")
	}
}

func TestOverlap(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"a/b", "a/b", true}, {"a/b", "a/c", false}, {"a/+", "a/c", true}, {"+/b", "a/+", true}, {"a/b", "a/b/c", false},
		{"a/#", "a/b/c", true}, {"a/#", "a", true}, {"#", "a/b", true}, {"a/+/c", "a/b/d", false}, {"a/b/#", "a/c/+", false},
	} {
		if got := overlap(tt.a, tt.b); got != tt.want {
			t.Errorf("overlap(%s, %s) = %v", tt.a, tt.b, got)
		}
		if got := overlap(tt.b, tt.a); got != tt.want {
			t.Errorf("overlap(%s, %s) = %v", tt.b, tt.a, got)
		}
	}
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	private, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "aisle"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(crand.Reader, template, template, &private.PublicKey, private)
	must(t, err)
	keyDER, err := x509.MarshalECPrivateKey(private)
	must(t, err)
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	must(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}), 0o600))

	h := newHouse(t)
	c := fast
	c.Username, c.Password, c.TLSCert, c.TLSKey = "door", "secret", cert, key
	broker, _ := h.open(c) // listens with TLS, and is the other's external broker
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	client := paho.NewClient(paho.NewClientOptions().AddBroker("ssl://" + broker.Addr()).SetTLSConfig(&tls.Config{RootCAs: pool}).SetUsername("door").SetPassword("secret"))
	if token := client.Connect(); !token.WaitTimeout(3*time.Second) || token.Error() != nil {
		t.Fatal("by TLS: ", token.Error())
	}
	client.Disconnect(0)
	plain := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + broker.Addr()).SetUsername("door").SetPassword("secret").SetConnectTimeout(time.Second))
	if token := plain.Connect(); token.WaitTimeout(2*time.Second) && token.Error() == nil {
		t.Error("it lets in without TLS")
	}
	external := Config{MQTT: "mqtts://door:secret@" + broker.Addr(), TLSCA: cert}
	_, _, _, conf, err := external.broker()
	must(t, err)
	conn, err := tls.Dial("tcp", broker.Addr(), conf)
	must(t, err)
	conn.Close()
	if _, err := New(Config{MQTT: "mqtts://x", TLSCA: key}, Parts{}); err == nil {
		t.Error("a key is no certificate")
	}
}

// mqttWire is what real clients' bytes were between them and their broker.
type mqttWire struct {
	Connections []struct {
		Scenario string `json:"scenario"`
		Client   string `json:"client_to_broker_hex"`
		Packets  []struct {
			Cmd string `json:"cmd"`
			QoS int    `json:"qos"`
		} `json:"decoded_client_packets"`
	} `json:"connections"`
}

// The broker in the box takes the bytes of real clients as they were recorded.
func TestRecordedClients(t *testing.T) {
	body, err := os.ReadFile(root(t, "../shared/data/clients/mqtt-clients-wire.json"))
	if err != nil {
		t.Skip("no recordings here: ", err)
	}
	var wire mqttWire
	must(t, json.Unmarshal(body, &wire))
	h := newHouse(t)
	c := fast
	c.Open = true
	b, _ := h.open(c)
	for _, k := range wire.Connections {
		t.Run(k.Scenario, func(t *testing.T) {
			raw, err := hex.DecodeString(k.Client)
			must(t, err)
			conn, err := net.Dial("tcp", b.Addr())
			must(t, err)
			defer conn.Close()
			must(t, conn.SetDeadline(time.Now().Add(3*time.Second)))
			_, err = conn.Write(raw)
			must(t, err)
			answer, err := io.ReadAll(conn)
			if err != nil && len(answer) == 0 {
				t.Fatal(err)
			}
			got := packetTypes(answer)
			acks := 0
			for _, p := range k.Packets {
				if p.Cmd == "publish" && p.QoS == 1 {
					acks++
				}
			}
			if len(got) == 0 || got[0] != 2 || answer[3] != 0 {
				t.Fatalf("answer %x, want a CONNACK that says yes", answer)
			}
			if n := bytes.Count(got, []byte{4}); n != acks {
				t.Errorf("%d PUBACKs, want %d: %x", n, acks, answer)
			}
		})
	}
}

// packetTypes are the types of MQTT packets in a row.
func packetTypes(b []byte) (types []byte) {
	for len(b) >= 2 {
		types = append(types, b[0]>>4)
		n, shift, i := 0, 0, 1
		for ; i < len(b); i++ {
			n |= int(b[i]&0x7f) << shift
			shift += 7
			if b[i] < 0x80 {
				break
			}
		}
		if i+1+n > len(b) {
			return types
		}
		b = b[i+1+n:]
	}
	return types
}

func root(t testing.TB, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	must(t, err)
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, path)
		}
	}
	t.Fatal("no go.mod above")
	return ""
}

// A watch that lay still for a minute in a house of ESPresense receivers is in
// one room the whole time, through the broker and onto the log.
func TestESPresenseCapture(t *testing.T) {
	body, err := os.ReadFile(root(t, "../shared/data/ble/espresense/stationary-watch-first-minute.jsonl"))
	if err != nil {
		t.Skip("no capture here: ", err)
	}
	type line struct {
		At      string          `json:"tst"`
		Topic   string          `json:"topic"`
		Payload json.RawMessage `json:"payload"`
	}
	var lines []line
	rooms := map[string]bool{}
	for text := range strings.Lines(string(body)) {
		var l line
		must(t, json.Unmarshal([]byte(text), &l))
		if strings.HasPrefix(l.Topic, forms.ESPresenseDevices) {
			lines = append(lines, l)
			rooms[l.Topic[strings.LastIndex(l.Topic, "/")+1:]] = true
		}
	}
	h := newHouse(t)
	shop := offers.Shop{ID: shopID}
	for _, room := range slices.Sorted(maps.Keys(rooms)) {
		shop.Zones = append(shop.Zones, offers.Zone{ID: offers.ZoneID(room), Kind: offers.ZoneSales})
		shop.Receivers = append(shop.Receivers, offers.Receiver{ID: offers.ReceiverID(room), Zone: offers.ZoneID(room)})
	}
	value, err := json.Marshal(&shop)
	must(t, err)
	changed := h.shops.Changed()
	must(t, h.log.Produce(t.Context(), stream.Record{Stream: stream.Campaigns, Key: []byte(offers.ShopKey(shopID)), Value: value}))
	<-changed
	c := Config{MQTT: "127.0.0.1:0", TagPrefixes: []string{"watch:"}}
	b, stop := h.open(c)
	// The minute is played by the packets' own times, for the tracker goes by them.
	began := time.Now().Add(-time.Duration(len(lines)) * time.Minute / 879)
	for _, l := range lines {
		at, err := time.Parse("2006-01-02T15:04:05.999999-0700", l.At)
		must(t, err)
		first, err := time.Parse("2006-01-02T15:04:05.999999-0700", lines[0].At)
		must(t, err)
		b.packet(l.Topic, l.Payload, began.Add(at.Sub(first)))
	}
	zones, last := map[offers.ZoneID]int{}, time.Time{}
	eventually(t, "positions", func() bool {
		for _, r := range h.news(stream.Sightings) {
			var s offers.Sighting
			must(t, json.Unmarshal(r.Value, &s))
			zones[s.Zone]++
			last = s.Last
		}
		return began.Add(50 * time.Second).Before(last)
	})
	stop()
	delete(zones, "")
	t.Log(zones)
	if len(zones) != 1 {
		t.Errorf("the watch was in %v, want one room", zones)
	}
}

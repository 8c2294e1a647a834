package collector

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/beacons/gateway"
	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/stream"
)

// an iBeacon's advertisement in a packet of a radio's controller: uuid
// a15e…01, major 7, minor 100, -59 dBm at one metre, heard with -70 dBm.
const ibeaconPacket = "043e2a02010001665544332211" + "1e" + "02011a1aff4c000215" + "a15e0000000040008000000000000001" + "00070064" + "c5" + "ba"

func (h *house) batches() (all []gateway.Batch) {
	h.t.Helper()
	for _, r := range h.news(stream.Readings) {
		var b gateway.Batch
		must(h.t, json.Unmarshal(r.Value, &b))
		if string(r.Key) != b.Readings[0].Tag {
			h.t.Errorf("the key is %s, the tag %s", r.Key, b.Readings[0].Tag)
		}
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b gateway.Batch) int { return strings.Compare(a.Readings[0].Tag, b.Readings[0].Tag) })
	return all
}

func describeBatches(batches []gateway.Batch) (lines []string) {
	for _, b := range batches {
		for _, r := range b.Readings {
			lines = append(lines, fmt.Sprintf("%s named=%v %s by %s %g %g %g", b.Form, b.Named, r.Tag, r.Receiver, r.RSSIdBm, r.Power1mdBm, r.DistanceM))
		}
	}
	return lines
}

func TestReadings(t *testing.T) {
	h := newHouse(t)
	h.config.Find3Families = []string{"till-side-7c1f"}
	ana, err := h.state.Identify(t.Context(), []offers.Identifier{{Type: offers.CustomerID, Value: "ana"}, {Type: offers.AppInstall, Value: "install-9"}}, stream.NewTrace)
	must(t, err)
	shopper := ana.Shopper
	h.consent(shopper, offers.ConsentLocation, true)
	bob := shopperOf(offers.CustomerID, "bob")
	bobs := catalog.SignToken(h.secrets.Token, catalog.TokenLink, bob, time.Now().Add(time.Hour))
	h.consent(bob, offers.ConsentLocation, false)
	token := catalog.SignToken(h.secrets.Token, catalog.TokenLink, shopper, time.Now().Add(time.Hour))
	old := catalog.SignToken(h.secrets.Token, catalog.TokenLink, shopper, time.Now().Add(-time.Hour))
	enrol := catalog.SignToken(h.secrets.Token, catalog.TokenEnrol, shopper, time.Now().Add(time.Hour))
	const tag = "iBeacon:a15e0000-0000-4000-8000-000000000001-7-100"
	hci := fmt.Sprintf(`{"receiver":"rx-1","packets":[{"t":%d,"hci":%q}]}`, time.Now().UnixMilli(), ibeaconPacket)
	ranging := `{"device":"install-9","beacons":[{"uuid":"A15E0000-0000-4000-8000-000000000001","major":7,"minor":100,"rssi":-67,"accuracy_m":2.1,"proximity":"near"}]}`
	messages := `{"messages":[{"topic":"espresense/devices/` + tag + `/rx-1","payload":{"rssi":-70,"rssi@1m":-59,"distance":2.5}},
		{"topic":"home/rx-2/BTtoMQTT/AABBCCDDEEFF","payload":{"id":"AA:BB:CC:DD:EE:FF","rssi":-60,"uuid":"a15e0000000040008000000000000001","major":"0007","minor":"0064","txpower":-59}}]}`
	find3 := func(family string) string {
		return `{"d":"phone-1","f":"` + family + `","t":0,"s":{"bluetooth":{"rx-1":-60,"rx-2":-70}}}`
	}
	edge, web := h.edgeAuth(), basicAuth(webKey)
	tests := []struct {
		name, path, body, auth string
		status                 int
		want                   []string
	}{
		{"packets", "/v1/readings", hci, edge, 202, []string{"hci named=false " + tag + " by rx-1 -70 -59 0"}},
		{"packets without the edge key", "/v1/readings", hci, web, 401, nil},
		{"messages of gateways", "/v1/readings", messages, edge, 202,
			[]string{"espresense named=false " + tag + " by rx-1 -70 -59 2.5", "theengs named=false " + tag + " by rx-2 -60 -59 0"}},
		{"messages of nobody's", "/v1/readings", `{"messages":[{"topic":"other","payload":{}}]}`, edge, 400, nil},
		{"an app with a write key", "/v1/readings", ranging, web, 202, []string{"app named=true app:install-9 by " + tag + " -67 0 2.1"}},
		{"an app with its shopper's token", "/v1/readings", ranging, "Authorization: Bearer " + token, 202,
			[]string{"app named=true shopper:" + string(shopper) + " by " + tag + " -67 0 2.1"}},
		{"an app of somebody who does not consent", "/v1/readings", ranging, "Authorization: Bearer " + bobs, 202, nil},
		{"an app of nobody known", "/v1/readings", strings.Replace(ranging, "install-9", "install-1", 1), web, 202, nil},
		{"an app with a token of before", "/v1/readings", ranging, "Authorization: Bearer " + old, 401, nil},
		{"an app with a token for something else", "/v1/readings", ranging, "Authorization: Bearer " + enrol, 401, nil},
		{"an app without a key", "/v1/readings", ranging, "Authorization: Bearer wrong", 401, nil},
		{"an app that says no beacon", "/v1/readings", `{"device":"x","beacons":[{"rssi":-60}]}`, web, 400, nil},
		{"no JSON", "/v1/readings", `hello`, edge, 400, nil},
		{"a list", "/v1/readings", `[]`, edge, 400, nil},
		{"no packet", "/v1/readings", `{"receiver":"rx-1","packets":[{"hci":"zz"}]}`, edge, 400, nil},
		{"find3 of a family", "/data", find3("till-side-7c1f"), "X-None: 1", 200,
			[]string{"find3 named=true find3:till-side-7c1f/phone-1 by rx-1 -60 -59 0", "find3 named=true find3:till-side-7c1f/phone-1 by rx-2 -70 -59 0"}},
		{"find3 of strangers", "/data", find3("strangers"), "X-None: 1", 401, nil},
		{"find3 of strangers with the edge key", "/data", find3("strangers"), edge, 200,
			[]string{"find3 named=true find3:strangers/phone-1 by rx-1 -60 -59 0", "find3 named=true find3:strangers/phone-1 by rx-2 -70 -59 0"}},
		{"find3's scanners", "/passive", find3("till-side-7c1f"), "X-None: 1", 200,
			[]string{"find3 named=false rx-1 by phone-1 -60 -59 0", "find3 named=false rx-2 by phone-1 -70 -59 0"}},
		{"find3 that is none", "/passive", `{"f":"till-side-7c1f"}`, edge, 400, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := h.post(tt.path, []byte(tt.body), tt.auth)
			if a.status != tt.status {
				t.Fatalf("answer %d %s, want %d", a.status, a.body, tt.status)
			}
			if diff := cmp.Diff(tt.want, describeBatches(h.batches())); diff != "" {
				t.Errorf("readings (-want +got):\n%s", diff)
			}
			if put := h.put(); (a.status == 400) != (len(put) == 1) {
				t.Errorf("answer %d, in quarantine %+v", a.status, put)
			}
		})
	}
}

func FuzzMessages(f *testing.F) {
	f.Add([]byte(`{"messages":[{"topic":"espresense/devices/iBeacon:a-1-2/rx","payload":{"rssi":-70,"distance":2}}]}`))
	f.Add([]byte(`{"messages":[{"topic":"home/rx/BTtoMQTT/AA","payload":{"id":"AA","rssi":-70}},{}]}`))
	f.Add([]byte(`{"messages":7}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		batches, bad := messagesIn(body, time.Unix(1_762_000_000, 0))
		if bad != nil && len(batches) > 0 {
			t.Errorf("bad, and %d batches", len(batches))
		}
		for _, b := range batches {
			for _, r := range b.Readings {
				if r.Tag != b.Readings[0].Tag || r.Tag == "" || r.Receiver == "" {
					t.Errorf("reading %+v in the batch of %q", r, b.Readings[0].Tag)
				}
			}
		}
	})
}

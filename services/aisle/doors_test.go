package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"aisle/offers/campaigns"
)

// TestBadInput sends what strangers, broken sensors and careless people send.
// Each gets an answer that says what to mend, or lies in quarantine with its
// reason, and the house goes on.
func TestBadInput(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole house")
	}
	listen, gateways := freePort(t), freePort(t)
	house := startHouse(t, listen, fmt.Sprintf("listen: %s\ndata: %s\nsecrets:\n  edge: %s\nbeacons:\n  mqtt: %s\nvision:\n  off: true\n",
		listen, t.TempDir(), edgeKey, gateways))
	admin := house.visitor()
	admin.call("POST", "/api/setup", map[string]string{"name": "Test", "email": "test@example.com", "password": "correct horse battery"}, 201, nil)
	shop := campaigns.Shop()
	admin.call("PUT", "/api/shops/"+string(shop.ID), shop, 200, nil)
	var source struct{ Key string }
	admin.call("POST", "/api/sources", map[string]string{"name": "Web shop", "kind": "website"}, 201, &source)

	web, nobody, edge := house.visitor(), house.visitor(), house.visitor()
	web.header.Set("Authorization", "Basic "+basicAuth(source.Key))
	edge.header.Set("Authorization", "Bearer "+edgeKey)
	track := func(properties string) []byte {
		return fmt.Appendf(nil, `{"userId":"u","event":"Product Viewed","messageId":"m-%d","timestamp":"2026-11-20T12:00:00Z","properties":%s}`, len(properties), properties)
	}
	tests := []struct {
		name   string
		who    *visitor
		method string
		path   string
		body   []byte
		want   []int
	}{
		{"not JSON", web, "POST", "/v1/track", []byte("hello"), []int{400}},
		{"cut short", web, "POST", "/v1/batch", []byte(`{"batch":[{"type":"track"`), []int{400}},
		{"wrong types", web, "POST", "/v1/track", []byte(`{"userId":7,"event":["x"],"timestamp":true}`), []int{202, 400}},
		{"an event too large", web, "POST", "/v1/track", track(`{"x":"` + strings.Repeat("y", 40_000) + `"}`), []int{413, 400}},
		{"a batch too large", web, "POST", "/v1/batch", []byte(`{"batch":[` + strings.Repeat(`{"type":"track","userId":"u","event":"e"},`, 15_000) + `{"type":"track"}]}`), []int{413}},
		{"far too large", web, "POST", "/v1/batch", bytes.Repeat([]byte("x"), 6<<20), []int{413, 0}},
		{"no key", nobody, "POST", "/v1/track", track(`{}`), []int{401}},
		{"unknown camera", edge, "POST", "/v1/sightings", []byte(`{"sightings":[{"track":"t","sensor":"camera","device":"cam-nowhere","shop":"nowhere","first":"2026-11-20T12:00:00Z","last":"2026-11-20T12:00:00Z"}]}`), []int{202, 400}},
		{"sightings without the key", nobody, "POST", "/v1/sightings", []byte(`{"sightings":[]}`), []int{401}},
		{"a code that is none", edge, "POST", "/v1/redemptions", []byte(`{"code":"ZZZZZZZZ","shop":"rotterdam","till":"1","transaction":"1"}`), []int{404}},
		{"a redemption without a transaction", edge, "POST", "/v1/redemptions", []byte(`{"code":"ZZZZZZZZ"}`), []int{400}},
		{"a broken rule", admin, "POST", "/api/campaigns", []byte(`{"name":"x","trigger":{"event":"recognised"},"channels":["app"],"eligibility":"zone >","offers":[{"id":"o","title":"t","body":"b","sms":"","value":{"minor":1},"valid_ns":1}]}`), []int{400, 422}},
		{"a shop with a flat zone", admin, "PUT", "/api/shops/flat", []byte(`{"id":"flat","name":"Flat","time_zone":"Europe/Amsterdam","currency":"EUR","quiet":{},"floors":[{"id":"g","name":"G","width_m":10,"depth_m":10}],"zones":[{"id":"z","floor":"g","name":"Z","kind":"sales","polygon":[{"x":1,"y":1},{"x":2,"y":2}],"dwell_ns":0}],"receivers":[],"cameras":[]}`), []int{400, 422}},
		{"the console without signing in", nobody, "GET", "/api/campaigns", nil, []int{401}},
		{"Jitsu's door beside the console's", web, "POST", "/api/s/track", track(`{"sku":"j"}`), []int{202}},
		{"Jitsu's door without a key", nobody, "POST", "/api/s/s2s/track", track(`{"sku":"j"}`), []int{401}},
		{"half a CloudEvent", nobody, "POST", "/events", []byte(`{"specversion":"1.0"}`), []int{400}},
		{"what RudderStack asks, without a key", nobody, "GET", "/sourceConfig/?p=npm", nil, []int{401}},
		{"no such door", nobody, "GET", "/api/nothing", nil, []int{401, 404}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var in any
			if tt.body != nil {
				in = tt.body
			}
			status, body := tt.who.try(tt.method, tt.path, in)
			ok := false
			for _, want := range tt.want {
				ok = ok || status == want
			}
			if !ok {
				t.Fatalf("got %d %s, want %v", status, body, tt.want)
			}
			if status >= 400 {
				var p struct {
					Title, Detail string
					Status        int
				}
				if err := json.Unmarshal(body, &p); err != nil || p.Status != status || p.Detail == "" {
					t.Errorf("got %s, want problem+json with a detail", body)
				}
			}
		})
	}

	// A gateway that nobody has put on a plan, and one that babbles.
	client := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + gateways).SetClientID("babble"))
	if token := client.Connect(); token.Wait() && token.Error() != nil {
		t.Fatal(token.Error())
	}
	defer client.Disconnect(100)
	for topic, payload := range map[string]string{
		"espresense/devices/iBeacon:a-1-2/nowhere":       `{"id":"iBeacon:a-1-2","rssi":-60,"rssi@1m":-59,"distance":1}`,
		"espresense/devices/iBeacon:a-1-2/rx-footwear-1": `{"id":`,
	} {
		if token := client.Publish(topic, 1, false, payload); token.Wait() && token.Error() != nil {
			t.Fatal(token.Error())
		}
	}

	// An enrolment while the cameras' process is away.
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, _ := w.CreateFormFile("image", "x.jpg")
	part.Write([]byte("no image"))
	w.Close()
	resp, err := http.Post(house.url+"/vision/enrolments", w.FormDataContentType(), &form)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 404 && resp.StatusCode != 503 {
		t.Errorf("enrolment without cameras: %s, want 404 or 503", resp.Status)
	}

	// What could not be read is there, whole, with its reason, and counted.
	var q struct {
		Total   int `json:"total"`
		Records []struct {
			Reason, Detail, Source string
		} `json:"records"`
	}
	eventually(t, 10*time.Second, "the quarantine lists what was sent", func() (bool, string) {
		status, body := admin.try("GET", "/api/quarantine", nil)
		_ = json.Unmarshal(body, &q)
		return status == 200 && len(q.Records) >= 5, string(body)
	})
	for _, r := range q.Records {
		if r.Reason == "" || r.Detail == "" || r.Source == "" {
			t.Errorf("quarantined without saying why: %+v", r)
		}
	}
	_, metrics := admin.try("GET", "/metrics", nil)
	if !bytes.Contains(metrics, []byte("quarantined_total{")) {
		t.Error("/metrics does not count what is quarantined")
	}

	// The house goes on.
	web.call("POST", "/v1/track", track(`{"category":"footwear"}`), 202, nil)
	if status, body := admin.try("GET", "/readyz", nil); status != 200 {
		t.Errorf("not ready after bad input: %s", body)
	}
}

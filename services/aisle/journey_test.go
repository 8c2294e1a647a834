package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"aisle/offers"
	"aisle/offers/campaigns"
	"aisle/offers/identity"
	"aisle/services/notifier/twilio/twiliotest"
	"aisle/services/stream"
	"aisle/vision/drawn"
)

const edgeKey = "ed9e000000000000000000000000000000000000000000000000000000000001"

// TestAnOfferReachesAPhone is the product's promise, from end to end and by
// real parts: a search on the web by Segment's own client, a face before a
// rendered camera, a tag heard by gateways over MQTT, one text message through
// Twilio's API, the offer on the phone and on the staff's wall with its
// reasons, redeemed at the till, learned from. One trace id runs through it.
func TestAnOfferReachesAPhone(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the whole house")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: no Node.js here, so Segment's client cannot run: the journey is not tested")
	}
	visionPath := buildVision(t)
	shop := campaigns.Shop()
	for i := range shop.Zones {
		shop.Zones[i].Dwell = 2 * time.Second // the test's shopper is in a hurry
	}
	camera := newDoor(t)
	sms := twiliotest.New(t, twiliotest.Options{Spec: "../../../shared/data/twilio/spec/json/twilio_api_v2010.json"})

	listen, mqttAddr, visionAddr, broker := freePort(t), freePort(t), freePort(t), freePort(t)
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
  twilio:
    base_url: %s
    account_sid: %s
    auth_token: "%s"
    from: "+15005550006"
vision:
  command: %s
  listen: %s
  cameras: ["cam-door=%s"]
`, listen, t.TempDir(), portOf(broker), edgeKey, mqttAddr, sms.URL, twiliotest.AccountSID, twiliotest.AuthToken, visionPath, visionAddr, camera.url))

	// The first day: an admin, the shop, a campaign, a write key.
	admin := house.visitor()
	admin.call("POST", "/api/setup", map[string]string{"name": "Test", "email": "test@example.com", "password": "correct horse battery"}, 201, nil)
	admin.call("PUT", "/api/shops/"+string(shop.ID), shop, 200, nil)
	for _, k := range campaigns.Load() {
		if k.ID != "running-shoes" {
			continue
		}
		k.Holdout = 0
		admin.call("POST", "/api/campaigns", k, 201, nil)
		admin.call("POST", "/api/campaigns/"+string(k.ID)+"/live", nil, 200, nil)
	}
	var source struct{ Key string }
	admin.call("POST", "/api/sources", map[string]string{"name": "Web shop", "kind": "website"}, 201, &source)

	// At home: Mia signs in and searches. The client is Segment's, unmodified.
	const customer, phoneNumber, tag = "mia", "+447700900110", "iBeacon:a15e0000-0000-4000-8000-000000000001-7-100"
	search := exec.Command(node, "testdata/segment.mjs", house.url, source.Key, customer, phoneNumber, tag, "running shoes")
	if out, err := search.CombinedOutput(); err != nil {
		t.Fatalf("segment's client: %v\n%s", err, out)
	}
	shopper := identity.NewShopperID(offers.Identifier{Type: offers.CustomerID, Value: customer})

	// In the app, on her phone: she consents, and shows her face.
	var link struct{ Token string }
	eventually(t, 5*time.Second, "the house knows Mia", func() (bool, string) {
		status, body := admin.try("POST", "/api/people/"+string(shopper)+"/link", nil)
		if status != 201 {
			return false, string(body)
		}
		return json.Unmarshal(body, &link) == nil, string(body)
	})
	phone := house.visitor()
	phone.call("POST", "/api/me/session", map[string]string{"token": link.Token}, 200, nil)
	for _, p := range offers.Purposes {
		phone.call("PUT", "/api/me/consents/"+string(p), map[string]bool{"granted": true}, 200, nil)
	}
	var notice struct{ Language, SHA256 string }
	phone.call("GET", "/api/me/recognition/notice?language=en", nil, 200, &notice)
	phone.call("POST", "/api/me/recognition/consent", map[string]string{"language": notice.Language, "sha256": notice.SHA256, "name": "Mia"}, 201, nil)
	const face = 3
	enrol(t, phone, face)
	onPhone, onWall := listenTo(t, phone, "/api/me/live"), listenTo(t, admin, "/api/live?shop="+string(shop.ID))

	// In the shop: the camera at the door, then the gateways in the aisle.
	camera.enter(face)
	eventually(t, 30*time.Second, "the camera recognises Mia", func() (bool, string) {
		var who struct {
			Profile offers.Profile `json:"profile"`
		}
		status, body := admin.try("GET", "/api/people/"+string(shopper), nil)
		_ = json.Unmarshal(body, &who)
		seen := who.Profile.Visit != nil && !who.Profile.Visit.Witnesses[offers.SensorCamera].IsZero()
		return status == 200 && seen, string(body)
	})
	stopRadio := hearTag(t, mqttAddr, tag, "footwear", &shop)
	defer stopRadio()

	// The message leaves, once, as Twilio wants it.
	var sent twiliotest.Message
	eventually(t, 30*time.Second, "a text message for Mia", func() (bool, string) {
		messages := sms.Messages()
		for _, m := range messages {
			if m.To == phoneNumber {
				sent = m
				return true, ""
			}
		}
		return false, fmt.Sprint(messages)
	})
	for _, violation := range sms.Violations() {
		t.Errorf("the request to Twilio: %s", violation)
	}

	// The phone and the wall show it, with the reasons.
	offer := onPhone.await("offer", 5*time.Second)
	onWall.await("delivery", 5*time.Second)
	var shown offers.Inbox
	if err := json.Unmarshal(offer, &shown); err != nil {
		t.Fatalf("offer on the phone: %v: %s", err, offer)
	}
	if !strings.Contains(sent.Body, shown.Code) {
		t.Errorf("the message %q lacks the code %q that the phone shows", sent.Body, shown.Code)
	}
	var why struct {
		Decision offers.Decision `json:"decision"`
		TraceID  string          `json:"trace_id"`
	}
	admin.call("GET", "/api/decisions/"+string(shown.Decision), nil, 200, &why)
	d := why.Decision
	if d.Shopper != shopper || d.Verdict != offers.Offered || d.Probability <= 0 || d.Probability > 1 || len(d.Candidates) == 0 || len(d.Features) == 0 {
		t.Errorf("decision %+v: want an offer to %s with probability, candidates and features", d, shopper)
	}
	if d.Candidates[0].Out != "" || d.Candidates[0].Propensity <= 0 || d.Candidates[0].Score <= 0 {
		t.Errorf("winner %+v: want scores and no exclusion", d.Candidates[0])
	}

	// One trace id: that of the search, the sightings, the decision, the message.
	if len(why.TraceID) != 32 || !strings.Contains(sent.Header.Get("traceparent"), why.TraceID) {
		t.Errorf("trace %q of the decision is not in traceparent %q of the message", why.TraceID, sent.Header.Get("traceparent"))
	}
	seen := map[offers.EventType]bool{}
	for _, r := range records(t, broker, stream.Events) {
		if string(r.Key) != string(shopper) {
			continue
		}
		seen[offers.EventType(r.Header("ce_type"))] = true
		if trace := r.Header("traceparent"); !strings.Contains(trace, why.TraceID) {
			t.Errorf("event %s is on %q, want trace %s", r.Header("ce_type"), trace, why.TraceID)
		}
	}
	for _, sense := range []offers.EventType{offers.ProductSearched, offers.Recognised, offers.ZoneDwelled} {
		if !seen[sense] {
			t.Errorf("no %s among Mia's events: %v", sense, seen)
		}
	}

	// The till redeems the code, once, and the learner takes note of it.
	till := house.visitor()
	till.header.Set("Authorization", "Bearer "+edgeKey)
	basket := map[string]any{"code": shown.Code, "shop": shop.ID, "till": "till-1", "transaction": "t-1", "basket": offers.Money{Minor: 10395, Currency: "EUR"}}
	till.call("POST", "/v1/redemptions", basket, 200, nil)
	basket["transaction"] = "t-2"
	till.call("POST", "/v1/redemptions", basket, 409, nil)
	onPhone.await("redeemed", 5*time.Second)
	onWall.await("redemption", 5*time.Second)
	eventually(t, 15*time.Second, "the learner hears of the redemption", func() (bool, string) {
		return metric(t, house, `aisle_learner_outcomes_total{outcome="counted"}`) >= 1, ""
	})

	time.Sleep(time.Second) // a second message would be here by now
	if got := len(sms.Messages()); got != 1 {
		t.Errorf("%d text messages, want 1", got)
	}
}

// buildVision builds the cameras' process, where OpenCV is.
func buildVision(t *testing.T) string {
	t.Helper()
	if err := exec.Command("pkg-config", "--exists", "opencv4").Run(); err != nil {
		t.Skip("SKIPPED: no OpenCV here (libopencv-dev), so no camera: the journey is not tested")
	}
	path := filepath.Join(t.TempDir(), "aisle-vision")
	if out, err := exec.Command("go", "build", "-tags", "gocv", "-o", path, "../vision").CombinedOutput(); err != nil {
		t.Fatalf("build of the cameras' process: %v\n%s", err, out)
	}
	return path
}

// enrol sends three portraits, as the app's guided capture does.
func enrol(t *testing.T, phone *visitor, face int) {
	t.Helper()
	var pass struct{ Token, Upload string }
	phone.call("POST", "/api/me/enrolment-token", nil, 201, &pass)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	w.WriteField("token", pass.Token)
	for i, portrait := range drawn.Portraits(face, 3) {
		jpeg, err := drawn.JPEG(portrait)
		if err != nil {
			t.Fatal(err)
		}
		part, err := w.CreateFormFile("image", fmt.Sprintf("%d.jpg", i))
		if err != nil {
			t.Fatal(err)
		}
		part.Write(jpeg)
	}
	w.Close()
	eventually(t, 60*time.Second, "the face is enrolled", func() (bool, string) {
		resp, err := phone.client.Post(phone.url+pass.Upload, w.FormDataContentType(), bytes.NewReader(form.Bytes()))
		if err != nil {
			return false, err.Error()
		}
		defer resp.Body.Close()
		var answer bytes.Buffer
		answer.ReadFrom(resp.Body)
		return resp.StatusCode/100 == 2, resp.Status + answer.String()
	})
}

// doorway is a network camera above a door that nobody has used yet.
type doorway struct {
	url   string
	began time.Time
	walks chan drawn.Walk
}

func newDoor(t *testing.T) *doorway {
	d := &doorway{began: time.Now(), walks: make(chan drawn.Walk, 1)}
	scene := drawn.NewScene(640, 360)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary=frame")
		var walks []drawn.Walk
		for tick := time.Tick(time.Second / 6); ; {
			select {
			case <-r.Context().Done():
				return
			case walk := <-d.walks:
				walks = append(walks, walk)
				continue
			case <-tick:
			}
			frame, err := drawn.JPEG(scene.Frame(time.Since(d.began), walks))
			if err != nil {
				return
			}
			fmt.Fprintf(w, "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n", len(frame), frame)
			w.(http.Flusher).Flush()
		}
	}))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	d.url = server.URL + "/door.mjpeg"
	return d
}

func (d *doorway) enter(face int) {
	d.walks <- drawn.Walk{Person: drawn.NewPerson(face), Start: time.Since(d.began), Duration: 6 * time.Second}
}

// hearTag lets the gateways of a zone hear a tag, as ESPresense says it.
func hearTag(t *testing.T, addr, tag string, zone offers.ZoneID, shop *offers.Shop) (stop func()) {
	t.Helper()
	client := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://" + addr).SetClientID("gateways"))
	if token := client.Connect(); token.Wait() && token.Error() != nil {
		t.Fatal(token.Error())
	}
	done := make(chan struct{})
	go func() {
		for tick := time.Tick(250 * time.Millisecond); ; {
			select {
			case <-done:
				client.Disconnect(100)
				return
			case <-tick:
			}
			for _, rx := range shop.Receivers {
				rssi, metres := -85, 9.2
				if rx.Zone == zone {
					rssi, metres = -60, 1.1
				}
				client.Publish("espresense/devices/"+tag+"/"+string(rx.ID), 0, false,
					fmt.Sprintf(`{"id":%q,"rssi@1m":-59,"rssi":%d,"distance":%.2f,"raw":%.2f,"int":250}`, tag, rssi, metres, metres))
			}
		}
	}()
	return func() { close(done) }
}

// feed is a stream of server-sent events.
type feed struct {
	t      *testing.T
	events chan [2]string
}

func listenTo(t *testing.T, v *visitor, path string) *feed {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", v.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	streaming := &http.Client{Jar: v.client.Jar}
	resp, err := streaming.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 {
		t.Fatalf("GET %s: %s", path, resp.Status)
	}
	f := &feed{t, make(chan [2]string, 1000)}
	go func() {
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		event := ""
		for lines.Scan() {
			if e, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				event = e
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				f.events <- [2]string{event, data}
			}
		}
	}()
	return f
}

// await is the next event of that name.
func (f *feed) await(name string, within time.Duration) json.RawMessage {
	f.t.Helper()
	for timeout := time.After(within); ; {
		select {
		case e := <-f.events:
			if e[0] == name {
				return json.RawMessage(e[1])
			}
		case <-timeout:
			f.t.Fatalf("no %q on the feed within %v", name, within)
		}
	}
}

// metric reads one value of /metrics.
func metric(t *testing.T, p *process, series string) float64 {
	t.Helper()
	_, body := p.visitor().try("GET", "/metrics", nil)
	for line := range strings.Lines(string(body)) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			var f float64
			fmt.Sscan(value, &f)
			return f
		}
	}
	return 0
}

package frigate_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/vision/frigate"
	"aisle/vision/ground"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func config(t testing.TB) *frigate.Config {
	t.Helper()
	c := &frigate.Config{
		MQTT: "mqtt://10.0.0.5", Cameras: map[string]offers.CameraID{"front_door": "cam-door"},
		Zones: map[string]offers.ZoneID{"yard": "entrance", "shelves": "shoes"}, People: map[string]string{"Mia": "c-1042"},
	}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	return c
}

func nowhere(offers.CameraID) *ground.Map { return nil }

// event is a message of frigate/events.
func event(kind, id string, change func(o map[string]any)) string {
	o := map[string]any{
		"id": id, "camera": "front_door", "frame_time": float64(noon.Unix()), "label": "person", "sub_label": nil, "top_score": .91,
		"false_positive": false, "start_time": float64(noon.Unix()) - 2, "end_time": nil, "box": []int{300, 200, 420, 600}, "current_zones": []string{},
	}
	if change != nil {
		change(o)
	}
	b, err := json.Marshal(map[string]any{"type": kind, "before": o, "after": o})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func face(id, name string, score float64) string {
	return fmt.Sprintf(`{"type":"face","id":%q,"name":%q,"score":%v,"camera":"front_door","timestamp":%d}`, id, name, score, noon.Unix())
}

type step struct {
	after   time.Duration
	topic   string // without "frigate/"; empty: events
	payload string
	want    []string
}

// said is a sighting in a line.
func said(all []offers.Sighting) []string {
	var lines []string
	for _, s := range all {
		who := "-"
		if s.Named != nil {
			who = string(s.Named.Type) + ":" + s.Named.Value
		}
		line := fmt.Sprintf("%s %s %s %s %.2f", s.Device, s.Track, cmp0(string(s.Zone)), who, s.Confidence)
		if s.Gone {
			line += " gone"
		}
		lines = append(lines, line)
	}
	return lines
}

func cmp0(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func TestFrigateTracksAreSightings(t *testing.T) {
	zone := func(names ...string) func(map[string]any) {
		return func(o map[string]any) { o["current_zones"] = names }
	}
	sub := func(v any) func(map[string]any) { return func(o map[string]any) { o["sub_label"] = v } }
	tests := map[string][]step{
		"somebody comes and goes": {
			{0, "", event("new", "1.0-a", nil), []string{"cam-door frigate-r-1.0-a - - 0.91"}},
			{time.Second, "", event("update", "1.0-a", nil), nil}, // not again so soon
			{2 * time.Second, "", event("update", "1.0-a", zone("garden", "yard")), []string{"cam-door frigate-r-1.0-a entrance - 0.91"}},
			{2100 * time.Millisecond, "", event("update", "1.0-a", zone("shelves")), []string{"cam-door frigate-r-1.0-a shoes - 0.91"}}, // another zone, at once
			{5 * time.Second, "", event("end", "1.0-a", nil), []string{"cam-door frigate-r-1.0-a - - 0.91 gone"}},
			{6 * time.Second, "", event("end", "1.0-a", nil), nil},
		},
		"cars and cats": {
			{0, "", event("new", "1.0-a", func(o map[string]any) { o["label"] = "car" }), nil},
			{0, "tracked_object_update", face("1.0-a", "Mia", .99), nil},
		},
		"a false positive": {
			{0, "", event("new", "1.0-a", nil), []string{"cam-door frigate-r-1.0-a - - 0.91"}},
			{time.Second, "", event("update", "1.0-a", func(o map[string]any) { o["false_positive"] = true }), []string{"cam-door frigate-r-1.0-a - - 0.91 gone"}},
		},
		"a doubtful person": {{0, "", event("new", "1.0-a", func(o map[string]any) { o["top_score"] = .55 }), nil}},
		"faces that agree": {
			{0, "", event("new", "1.0-a", nil), []string{"cam-door frigate-r-1.0-a - - 0.91"}},
			{1, "tracked_object_update", face("1.0-a", "Mia", .95), nil},
			{2, "tracked_object_update", face("1.0-a", "Mia", .93), []string{"cam-door frigate-r-1.0-a - customer_id:c-1042 0.95"}},
			{3, "tracked_object_update", face("1.0-a", "Mia", .97), nil}, // known by then
		},
		"faces that are poor, unknown or of others": {
			{0, "", event("new", "1.0-a", nil), []string{"cam-door frigate-r-1.0-a - - 0.91"}},
			{1, "tracked_object_update", face("1.0-a", "Mia", .7), nil},
			{1, "tracked_object_update", face("1.0-a", "Mia", .8), nil},
			{2, "tracked_object_update", face("1.0-a", "unknown", .99), nil},
			{3, "tracked_object_update", face("1.0-a", "The postman", .99), nil},
			{4, "tracked_object_update", face("1.0-a", "The postman", .99), nil},
			{5, "tracked_object_update", `{"type":"face","id":"1.0-a","name":null,"score":0.99}`, nil},
			{6, "tracked_object_update", `{"type":"lpr","id":"1.0-a","name":"Mia","plate":"12","score":0.99}`, nil},
			{7, "tracked_object_update", face("never seen", "Mia", .99), nil},
		},
		"its own verdict": {
			{0, "", event("new", "1.0-a", sub([]any{"Mia", .92})), []string{"cam-door frigate-r-1.0-a - customer_id:c-1042 0.92"}},
			{3 * time.Second, "", event("update", "1.0-a", sub([]any{"Mia", .92})), []string{"cam-door frigate-r-1.0-a - customer_id:c-1042 0.92"}},
		},
		"a name without a score": {{0, "", event("new", "1.0-a", sub("Mia")), []string{"cam-door frigate-r-1.0-a - - 0.91"}}},
		"two names for one person": {
			{0, "", event("new", "1.0-a", sub([]any{"Mia", .92})), []string{"cam-door frigate-r-1.0-a - customer_id:c-1042 0.92"}},
			{3 * time.Second, "", event("update", "1.0-a", sub([]any{"Noor", .95})), []string{"cam-door frigate-r-1.0-a - - 0.91"}},
		},
		"Frigate stops": {
			{0, "", event("new", "1.0-a", nil), []string{"cam-door frigate-r-1.0-a - - 0.91"}},
			{time.Second, "available", "offline", []string{"cam-door frigate-r-1.0-a - - 0.91 gone"}},
		},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			c := config(t)
			c.People["Noor"] = "c-7"
			w := frigate.NewWatcher(c, "r", nowhere)
			for i, step := range steps {
				topic := "frigate/events"
				if step.topic != "" {
					topic = "frigate/" + step.topic
				}
				got, err := w.Message(topic, []byte(step.payload), noon.Add(step.after))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(step.want, said(got)); diff != "" {
					t.Errorf("step %d (-want +got):\n%s", i+1, diff)
				}
			}
		})
	}
}

func TestNamesMayBeIdentifiers(t *testing.T) {
	c := config(t)
	c.Names, c.ID = "identifiers", offers.Email
	w := frigate.NewWatcher(c, "r", nowhere)
	got, err := w.Message("frigate/events", []byte(event("new", "1", func(o map[string]any) { o["sub_label"] = []any{"noor@example.com", .95} })), noon)
	if err != nil || len(got) != 1 || got[0].Named == nil || *got[0].Named != (offers.Identifier{Type: offers.Email, Value: "noor@example.com"}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhoIsLostIsGivenUp(t *testing.T) {
	w := frigate.NewWatcher(config(t), "r", nowhere)
	if _, err := w.Message("frigate/events", []byte(event("new", "1", nil)), noon); err != nil {
		t.Fatal(err)
	}
	if got := w.Expire(noon.Add(time.Minute)); got != nil {
		t.Errorf("after a minute: %v", said(got))
	}
	if got := w.Expire(noon.Add(3 * time.Minute)); len(got) != 1 || !got[0].Gone {
		t.Errorf("after three: %v", said(got))
	}
}

// A camera that knows the floor says where the feet are.
func TestPeopleOfFrigateStandSomewhere(t *testing.T) {
	m, err := ground.New([]offers.GroundPoint{
		{X: .1, Y: .9, At: offers.Point{X: 4, Y: 8}}, {X: .9, Y: .9, At: offers.Point{X: 2, Y: 8}},
		{X: .7, Y: .3, At: offers.Point{X: 1.5, Y: 12}}, {X: .3, Y: .3, At: offers.Point{X: 4.5, Y: 12}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := frigate.NewWatcher(config(t), "r", func(id offers.CameraID) *ground.Map {
		if id != "cam-door" {
			return nil
		}
		return m
	})
	got, err := w.Message("frigate/events", []byte(event("new", "1", func(o map[string]any) { o["box"] = []float64{100, 200, 156, 648} })), noon)
	if err != nil || len(got) != 1 {
		t.Fatalf("%v, %v", said(got), err)
	}
	// The feet are at a tenth of the width and nine tenths of the height: the first point.
	if s := got[0]; s.At.X < 3.9 || s.At.X > 4.1 || s.At.Y < 7.9 || s.At.Y > 8.1 || s.AccuracyM <= 0 || s.AccuracyM > 1 {
		t.Errorf("at %v within %v m, want 4, 8", s.At, s.AccuracyM)
	}
}

// What Frigate's documentation shows, as it is there.
func TestDocumentedMessages(t *testing.T) {
	raw, err := os.ReadFile("../../../../shared/data/clients/frigate-mqtt-payloads.json")
	if err != nil {
		t.Skip("the documented payloads are not on this machine")
	}
	var file struct {
		Messages []struct {
			Topic   string
			Payload json.RawMessage
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	c := config(t)
	c.People = map[string]string{"John": "c-1"}
	w := frigate.NewWatcher(c, "r", nowhere)
	var all []offers.Sighting
	for range c.Faces {
		for _, m := range file.Messages {
			got, err := w.Message(m.Topic, m.Payload, time.Unix(1607123963, 0))
			if err != nil {
				t.Errorf("%s: %v", m.Topic, err)
			}
			all = append(all, got...)
		}
	}
	want := []string{
		"cam-door frigate-r-1607123955.475377-mxklsc entrance - 0.96",
		"cam-door frigate-r-1607123955.475377-mxklsc entrance customer_id:c-1 0.95",
	}
	if diff := cmp.Diff(want, said(all)); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
	}
}

func TestConfigurationsThatCannotBe(t *testing.T) {
	for name, c := range map[string]frigate.Config{
		"address": {MQTT: "http://x"}, "no host": {MQTT: "mqtt://"}, "topic": {MQTT: "mqtt://x", Topic: "#"},
		"names": {MQTT: "mqtt://x", Names: "all"}, "score": {MQTT: "mqtt://x", Score: 90},
	} {
		if err := c.Check(); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := new(frigate.Config).Check(); err != nil {
		t.Errorf("no Frigate: %v", err)
	}
}

func FuzzMessage(f *testing.F) {
	f.Add("frigate/events", []byte(event("new", "1", nil)))
	f.Add("frigate/events", []byte(event("end", "1", func(o map[string]any) { o["sub_label"] = []any{"Mia", .95} })))
	f.Add("frigate/tracked_object_update", []byte(face("1", "Mia", .95)))
	f.Add("frigate/stats", []byte(`{"cameras":{"front_door":{"camera_fps":5.1,"process_fps":5}}}`))
	f.Add("frigate/available", []byte("online"))
	f.Fuzz(func(t *testing.T, topic string, payload []byte) {
		w := frigate.NewWatcher(config(t), "r", nowhere)
		for range 3 {
			got, err := w.Message(topic, payload, noon)
			if err != nil && !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("error %v is not invalid", err)
			}
			for _, s := range got {
				if _, err := json.Marshal(s); err != nil || s.Confidence < 0 || s.Confidence > 1 || s.Last.After(noon.Add(time.Minute)) {
					t.Errorf("%+v, %v", s, err)
				}
			}
		}
	})
}

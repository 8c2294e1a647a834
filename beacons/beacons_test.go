package beacons

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
)

var start = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// shop has receivers 10 m apart, each in a zone of its own, all along the wall.
func shop(zones ...offers.Zone) map[offers.ShopID]*offers.Shop {
	s := &offers.Shop{ID: "shop", Zones: zones}
	for i, z := range zones {
		s.Receivers = append(s.Receivers, offers.Receiver{
			ID: offers.ReceiverID("r-" + z.ID), Floor: "ground", Zone: z.ID, At: offers.Point{X: 5 + 10*float64(i), Y: 1},
		})
	}
	return map[offers.ShopID]*offers.Shop{s.ID: s}
}

var (
	door  = offers.Zone{ID: "door", Kind: offers.ZoneEntrance, Dwell: time.Hour}
	shoes = offers.Zone{ID: "shoes", Kind: offers.ZoneSales, Dwell: 10 * time.Second}
	quiet = offers.Zone{ID: "quiet", Kind: offers.ZoneQuiet, Dwell: time.Second}
)

// stand is a tag at metres from each receiver, heard by each once a second.
type stand struct {
	seconds int
	at      map[string]float64
}

// walk lets the tracker hear a tag, and returns all but positions.
func walk(tr *Tracker, from time.Time, stands ...stand) (moves, seen []Change) {
	at := from
	keep := func(changes []Change) {
		for _, c := range changes {
			if c.Kind == Seen {
				seen = append(seen, c)
			} else {
				moves = append(moves, c)
			}
		}
	}
	for _, s := range stands {
		for range s.seconds {
			for _, zone := range slices.Sorted(maps.Keys(s.at)) {
				changes, err := tr.Hear(Reading{Tag: "t", Receiver: offers.ReceiverID("r-" + zone), At: at, DistanceM: s.at[zone]})
				if err != nil {
					panic(err)
				}
				keep(changes)
			}
			at = at.Add(time.Second)
			keep(tr.Tick(at))
		}
	}
	return moves, seen
}

func describe(changes []Change) (lines []string) {
	for _, c := range changes {
		lines = append(lines, fmt.Sprintf("%3.0fs %s %s for %.0fs", c.At.Sub(start).Seconds(), c.Kind, c.Stay.Zone, c.Dwell.Seconds()))
	}
	return lines
}

func TestTracker(t *testing.T) {
	tests := []struct {
		name   string
		stands []stand
		want   []string
	}{
		{"one packet is an echo", []stand{{1, map[string]float64{"shoes": 1}}, {60, nil}}, nil},
		{"stays long enough to dwell, then goes home", []stand{{15, map[string]float64{"door": 9, "shoes": 1}}, {40, nil}}, []string{
			"  2s entered shoes for 2s", " 10s dwelled shoes for 10s", " 14s left shoes for 14s"}},
		{"walks on", []stand{{10, map[string]float64{"door": 1, "shoes": 9}}, {20, map[string]float64{"door": 9, "shoes": 1}}}, []string{
			"  2s entered door for 2s", " 15s left door for 13s", " 15s entered shoes for 2s", " 23s dwelled shoes for 10s"}},
		{"between two zones nobody changes", []stand{{10, map[string]float64{"door": 4, "shoes": 6}}, {50, map[string]float64{"door": 5, "shoes": 4.5}}}, []string{
			"  2s entered door for 2s"}},
		{"a single wild packet moves nobody", []stand{{10, map[string]float64{"door": 2, "shoes": 9}}, {1, map[string]float64{"shoes": 0.1}}, {9, map[string]float64{"door": 2, "shoes": 9}}}, []string{
			"  2s entered door for 2s"}},
		{"kilometres away is nowhere", []stand{{10, map[string]float64{"door": 2000}}}, nil},
		{"a quiet place is nobody's business", []stand{{20, map[string]float64{"quiet": 1, "door": 5}}, {40, nil}}, nil},
		{"from the door to a quiet place", []stand{{5, map[string]float64{"quiet": 9, "door": 1}}, {20, map[string]float64{"quiet": 1, "door": 9}}}, []string{
			"  2s entered door for 2s", " 10s left door for 8s"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := NewTracker(Config{})
			tr.Place(shop(door, shoes, quiet))
			moves, _ := walk(tr, start, tt.stands...)
			if diff := cmp.Diff(tt.want, describe(moves), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPositions(t *testing.T) {
	tr := NewTracker(Config{})
	tr.Place(shop(door, shoes, quiet))
	_, seen := walk(tr, start, stand{30, map[string]float64{"door": 5, "shoes": 5.5}}, stand{40, nil})
	if len(seen) < 3 || len(seen) > 8 {
		t.Fatalf("%d positions of a tag that stands still for 30 s, want one each 10 s and a last", len(seen))
	}
	s := seen[len(seen)-2].Sighting
	want := offers.Sighting{Sensor: offers.SensorBeacon, Device: "t", Shop: "shop", Floor: "ground", Zone: "door",
		At: offers.Point{X: 9.53, Y: 1}, First: start, Last: start.Add(25 * time.Second)}
	near := cmp.Options{cmpopts.EquateApprox(0.2, 0.5), cmpopts.EquateApproxTime(5 * time.Second),
		cmpopts.IgnoreFields(offers.Sighting{}, "AccuracyM", "Confidence")}
	if diff := cmp.Diff(want, s, near); diff != "" {
		t.Errorf("sighting (-want +got):\n%s", diff)
	}
	if s.AccuracyM < 1 || s.AccuracyM > 8 || s.Confidence < 0.3 || s.Confidence > 0.8 {
		t.Errorf("accuracy %v m, confidence %v between two receivers", s.AccuracyM, s.Confidence)
	}
	if last := seen[len(seen)-1].Sighting; !last.Gone {
		t.Errorf("the last sighting is not the going: %+v", last)
	}
	if tr.Tags() != 0 {
		t.Errorf("%d tags are followed after all have left", tr.Tags())
	}
}

// A tag that stands still while the radio's noise goes on for an hour, at each
// of many distances to the wall between two zones, changes zone hardly ever.
func TestStandingStillDoesNotFlap(t *testing.T) {
	for _, x := range []float64{0.3, 0.4, 0.45, 0.5} {
		tr := NewTracker(Config{})
		tr.Place(shop(door, shoes))
		rnd := rand.New(rand.NewPCG(1, 2))
		raw, moves, nearest := 0, 0, ""
		for i := range 3600 {
			at := start.Add(time.Duration(i) * time.Second)
			measured := map[string]float64{}
			for i, zone := range []string{"door", "shoes"} {
				d := []float64{10 * x, 10 * (1 - x)}[i]
				measured[zone] = DistanceM(-60, -60-27*math.Log10(d)+3*rnd.NormFloat64(), DefaultAbsorption)
				changes, err := tr.Hear(Reading{Tag: "t", Receiver: offers.ReceiverID("r-" + zone), At: at, DistanceM: measured[zone]})
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range changes {
					if c.Kind == Entered {
						moves++
					}
				}
			}
			now := "door"
			if measured["shoes"] < measured["door"] {
				now = "shoes"
			}
			if now != nearest {
				raw, nearest = raw+1, now
			}
		}
		t.Logf("%.1f m from the door: nearest changed %d times, the zone %d times", 10*x, raw, moves)
		if limit := map[bool]int{true: raw / 50, false: 1}[x == 0.5]; moves > limit {
			t.Errorf("%.1f m from the door: %d zones in an hour, the nearest receiver changed %d times", 10*x, moves, raw)
		}
	}
}

func TestResume(t *testing.T) {
	tr := NewTracker(Config{})
	tr.Place(shop(door, shoes))
	moves, _ := walk(tr, start, stand{5, map[string]float64{"shoes": 1}})
	after := NewTracker(Config{})
	after.Place(shop(door, shoes))
	after.Resume("t", moves[0].Stay, start.Add(6*time.Second))
	moves, _ = walk(after, start.Add(6*time.Second), stand{20, map[string]float64{"shoes": 1}})
	if diff := cmp.Diff([]string{" 10s dwelled shoes for 10s"}, describe(moves)); diff != "" {
		t.Errorf("changes after the restart (-want +got):\n%s", diff)
	}
}

func TestBounds(t *testing.T) {
	tr := NewTracker(Config{MaxTags: 2})
	tr.Place(shop(door))
	hear := func(tag string) error {
		_, err := tr.Hear(Reading{Tag: tag, Receiver: "r-door", At: start, DistanceM: 1})
		return err
	}
	for _, tag := range []string{"a", "b"} {
		if err := hear(tag); err != nil {
			t.Errorf("tag %s: %v", tag, err)
		}
	}
	if err := hear("c"); !errors.Is(err, offers.ErrUnavailable) {
		t.Errorf("third tag of two: %v", err)
	}
	tr.Tick(start.Add(time.Minute))
	if err := hear("c"); err != nil {
		t.Errorf("after the others left: %v", err)
	}
	if _, err := tr.Hear(Reading{Tag: "a", Receiver: "attic", At: start, DistanceM: 1}); !errors.Is(err, offers.ErrNotFound) {
		t.Errorf("unknown receiver: %v", err)
	}
}

func TestParseESPresense(t *testing.T) {
	tests := []struct {
		name, topic, payload string
		want                 Reading
		err                  error
	}{
		{name: "as a receiver sends it", topic: "espresense/devices/iBeacon:e5ca1ade-1-2/footwear",
			payload: `{"mac":"aabbccddeeff","id":"iBeacon:e5ca1ade-1-2","rssi@1m":-65,"rssi":-72,"distance":1.82,"int":512}`,
			want:    Reading{Tag: "iBeacon:e5ca1ade-1-2", Receiver: "footwear", At: start, RSSIdBm: -72, DistanceM: 1.82}},
		{name: "without a distance", topic: "espresense/devices/irk:00ff/a",
			payload: `{"rssi@1m":-60,"rssi":-87}`,
			want:    Reading{Tag: "irk:00ff", Receiver: "a", At: start, RSSIdBm: -87, DistanceM: 10}},
		{name: "a receiver's own topic", topic: "espresense/rooms/a/telemetry", payload: `{}`, err: offers.ErrNotFound},
		{name: "too long a topic", topic: "espresense/devices/a/b/c", payload: `{}`, err: offers.ErrNotFound},
		{name: "no JSON", topic: "espresense/devices/a/b", payload: `rssi=3`, err: offers.ErrInvalid},
		{name: "no rssi", topic: "espresense/devices/a/b", payload: `{"distance":1}`, err: offers.ErrInvalid},
		{name: "rssi of another type", topic: "espresense/devices/a/b", payload: `{"rssi":"loud","distance":1}`, err: offers.ErrInvalid},
		{name: "absurd rssi", topic: "espresense/devices/a/b", payload: `{"rssi":300,"distance":1}`, err: offers.ErrInvalid},
		{name: "behind the receiver", topic: "espresense/devices/a/b", payload: `{"rssi":-60,"distance":-1}`, err: offers.ErrInvalid},
		{name: "neither distance nor reference", topic: "espresense/devices/a/b", payload: `{"rssi":-60}`, err: offers.ErrInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseESPresense(tt.topic, []byte(tt.payload), start)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
				t.Errorf("reading (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIdentifying(t *testing.T) {
	for tag, want := range map[string]bool{
		"iBeacon:e5ca1ade-f007-ba11-0000-000000000000-1-2": true,
		"eddy:00010203040506070809-aabbccddeeff":           true,
		"altBeacon:0-1":                                    true,
		"irk:00ff":                                         true,
		"watch:ana":                                        true,
		"iBeacon:":                                         false,
		"known:aabbccddeeff":                               false,
		"aabbccddeeff":                                     false,
		"watch:aa:bb:cc:dd:ee:ff":                          false,
		"apple:1007:11-12":                                 false,
		"name:jbl-flip":                                    false,
		"phone:ana":                                        false,
	} {
		if got := Identifying(tag, "watch:"); got != want {
			t.Errorf("Identifying(%q) = %v, want %v", tag, got, want)
		}
	}
}

// The first minute of a watch that lies still, heard in ten rooms of a house.
func TestESPresenseCaptureKeepsOneRoom(t *testing.T) {
	f, err := os.Open("../../shared/data/ble/espresense/stationary-watch-first-minute.jsonl")
	if err != nil {
		t.Skip("the recording is not here: ", err)
	}
	defer f.Close()
	var readings []Reading
	rooms := map[offers.ReceiverID]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var l struct {
			Tst, Topic string
			Payload    json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse("2006-01-02T15:04:05.999999-0700", l.Tst)
		if err != nil {
			t.Fatal(err)
		}
		r, err := ParseESPresense(l.Topic, l.Payload, at)
		if err != nil {
			t.Fatal(err)
		}
		readings = append(readings, r)
		rooms[r.Receiver] = true
	}
	s := &offers.Shop{ID: "house"}
	for room := range rooms {
		s.Zones = append(s.Zones, offers.Zone{ID: offers.ZoneID(room)})
		s.Receivers = append(s.Receivers, offers.Receiver{ID: room, Zone: offers.ZoneID(room)})
	}
	for _, c := range []Config{{}, {Hold: time.Millisecond, Margin: 1}} {
		tr := NewTracker(c)
		tr.Place(map[offers.ShopID]*offers.Shop{s.ID: s})
		var moves []string
		for _, r := range readings {
			changes, err := tr.Hear(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range changes {
				if c.Kind == Entered || c.Kind == Left {
					moves = append(moves, fmt.Sprintf("%.1fs %s %s", c.At.Sub(readings[0].At).Seconds(), c.Kind, c.Stay.Zone))
				}
			}
		}
		t.Logf("%d packets, hold %v: %v", len(readings), c.Hold, moves)
		if c == (Config{}) && (len(moves) != 1 || !strings.HasSuffix(moves[0], "entered office_alt")) {
			t.Errorf("rooms of a watch that lies still: %v, want office_alt once", moves)
		}
	}
}

func FuzzParseESPresense(f *testing.F) {
	f.Add("espresense/devices/iBeacon:x-1-2/room", []byte(`{"rssi":-60,"rssi@1m":-59,"distance":0.9}`))
	f.Add("espresense/devices/a/b", []byte(`{"rssi":-60,"distance":1e400}`))
	f.Add("espresense/devices//", []byte(`null`))
	tr := NewTracker(Config{MaxTags: 50})
	tr.Place(shop(door, shoes, quiet))
	at := start
	f.Fuzz(func(t *testing.T, topic string, payload []byte) {
		at = at.Add(100 * time.Millisecond)
		r, err := ParseESPresense(topic, payload, at)
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) && !errors.Is(err, offers.ErrNotFound) {
				t.Errorf("error of no kind: %v", err)
			}
			return
		}
		r.Receiver = "r-shoes"
		changes, _ := tr.Hear(r)
		for _, c := range append(changes, tr.Tick(at)...) {
			if _, err := json.Marshal(c.Sighting); err != nil {
				t.Errorf("a sighting that cannot be written: %v", err)
			}
		}
	})
}

func BenchmarkHear(b *testing.B) {
	tr := NewTracker(Config{})
	zones := make([]offers.Zone, 12)
	for i := range zones {
		zones[i] = offers.Zone{ID: offers.ZoneID(fmt.Sprint(i))}
	}
	tr.Place(shop(zones...))
	tags := make([]string, 1000)
	for i := range tags {
		tags[i] = fmt.Sprintf("iBeacon:e5ca1ade-f007-ba11-0000-000000000000-1-%d", i)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	at := start
	for i := 0; b.Loop(); i++ {
		at = at.Add(100 * time.Microsecond)
		z := (i + i/len(tags)) % 6
		_, _ = tr.Hear(Reading{Tag: tags[i%len(tags)], Receiver: offers.ReceiverID(fmt.Sprintf("r-%d", z)), At: at, DistanceM: 1 + 10*rnd.Float64()})
	}
}

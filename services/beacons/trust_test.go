package beacons

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	pure "aisle/beacons"
	"aisle/beacons/canary"
	"aisle/offers"
	"aisle/services/state"
	"aisle/services/stream"
)

// republish puts another version of the shop on the log, and waits until the
// door knows it.
func (h *house) republish(change func(*offers.Shop)) {
	h.t.Helper()
	shop := *h.shops.Now().Shops[shopID]
	change(&shop)
	value, err := json.Marshal(&shop)
	must(h.t, err)
	changed := h.shops.Changed()
	must(h.t, h.log.Produce(h.t.Context(), stream.Record{Stream: stream.Campaigns, Key: []byte(offers.ShopKey(shopID)), Value: value}))
	<-changed
}

func newWorker(t *testing.T, h *house) *worker {
	t.Helper()
	b, err := New(Config{MQTT: "off"}, Parts{Log: h.log, State: h.state, Shops: h.shops})
	must(t, err)
	w, err := b.newWorker()
	must(t, err)
	w.partake(t.Context(), time.Now())
	return w
}

// What is said of a stay, as its place is sure or not.
func TestGate(t *testing.T) {
	h := newHouse(t)
	at := time.Now()
	stay := pure.Stay{Shop: shopID, Zone: "footwear", Since: at}
	other := pure.Stay{Shop: shopID, Zone: "door", Since: at.Add(time.Minute)}
	change := func(kind pure.Kind, s pure.Stay, trusted bool) pure.Change {
		return pure.Change{Kind: kind, Tag: "t", At: at, Stay: s, Position: pure.Position{Trusted: trusted}}
	}
	gone := change(pure.Seen, stay, false)
	gone.Sighting.Gone = true
	const yes, no = true, false
	tests := []struct {
		name    string
		changes []pure.Change
		want    string
	}{
		{"sure at once", []pure.Change{change(pure.Entered, stay, yes), change(pure.Dwelled, stay, yes), change(pure.Left, stay, yes)}, "entered dwelled left"},
		{"never sure", []pure.Change{change(pure.Entered, stay, no), change(pure.Seen, stay, no), change(pure.Dwelled, stay, no), change(pure.Left, stay, no), gone}, "seen seen"},
		{"sure after a while", []pure.Change{change(pure.Entered, stay, no), change(pure.Dwelled, stay, no), change(pure.Seen, stay, yes), change(pure.Left, stay, no)}, "entered dwelled seen left"},
		{"not sure any more when it is a dwell", []pure.Change{change(pure.Entered, stay, yes), change(pure.Dwelled, stay, no), change(pure.Left, stay, no)}, "entered left"},
		{"sure of another zone", []pure.Change{change(pure.Entered, stay, no), change(pure.Left, stay, no), change(pure.Entered, other, yes), change(pure.Seen, other, yes)}, "entered seen"},
		{"a sure sight of another stay says nothing of this one", []pure.Change{change(pure.Entered, stay, no), change(pure.Seen, other, yes)}, "seen"},
		{"a quiet zone is nobody's business anyway", []pure.Change{change(pure.Entered, pure.Stay{Shop: shopID, Zone: "fitting", Since: at}, no)}, "entered"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorker(t, h)
			var got []string
			for _, c := range tt.changes { // one by one, and all at once
				for _, c := range w.gate([]pure.Change{c}, time.Time{}) {
					got = append(got, string(c.Kind))
				}
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("said %q, want %q", s, tt.want)
			}
			got = nil
			w.leave()
			for _, c := range newWorker(t, h).gate(tt.changes, time.Time{}) {
				got = append(got, string(c.Kind))
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("all at once %q, want %q", s, tt.want)
			}
		})
	}
}

// A tag that is at both ends of the shop at once is flagged, and nothing is
// said of where it is but that.
func TestCopiedTagBringsNoEvents(t *testing.T) {
	h := newHouse(t)
	h.republish(func(s *offers.Shop) { s.Receivers[2].At.X, s.Zones[2].Kind = 60, offers.ZoneSales })
	c := fast
	c.Hold = time.Second // as in life: a copy is found out sooner than it enters
	b, _ := h.open(c)
	client := gateway(t, b.Addr(), "", "")
	flagged, until := gather(h, stream.Sightings, func(s offers.Sighting) bool { return s.Suspect != "" })
	enough := until(3)
	eventually(t, "a suspect", func() bool {
		for _, r := range []string{"rx-door", "rx-fitting"} {
			hears(client, r, anaTag, 1)
			hears(client, "rx-footwear", anaTag, 12)
		}
		return enough()
	})
	for _, s := range *flagged {
		if s.Untrust == "" {
			t.Errorf("sighting %+v", s)
		}
	}
	if got := h.news(stream.Events); len(got) > 0 {
		t.Errorf("%d events of a suspect, such as %s", len(got), got[0].Value)
	}
}

// A receiver that is pulled: sightings go on, events do not, and when it is
// back, what waited is said.
func TestPulledReceiver(t *testing.T) {
	h := newHouse(t)
	h.republish(func(s *offers.Shop) {
		s.Zones[1].Dwell = time.Hour
		s.Receivers = append(s.Receivers, offers.Receiver{ID: "rx-middle", Zone: "door", At: offers.Point{X: 6, Y: 1}})
	})
	b, _ := h.open(fast)
	client := gateway(t, b.Addr(), "", "")
	events, until := gather(h, stream.Events, any1[offers.Event])
	say := func(receivers map[string]float64) {
		for r, d := range receivers {
			hears(client, r, anaTag, d)
		}
	}
	// Footwear's own receiver is silent, and has been since the door opened.
	without := map[string]float64{"rx-door": 9, "rx-middle": 4.5, "rx-fitting": 10}
	deadline := time.Now().Add(4 * time.Second)
	untrusted := 0
	for time.Now().Before(deadline) {
		say(without)
		time.Sleep(30 * time.Millisecond)
	}
	for _, r := range h.news(stream.Sightings) {
		var s offers.Sighting
		must(t, json.Unmarshal(r.Value, &s))
		if s.Zone == "footwear" && s.Untrust != "" {
			untrusted++
		}
	}
	until(0)()
	for _, e := range *events {
		if e.Zone == "footwear" {
			t.Errorf("event of a zone whose receiver is silent: %+v", e)
		}
	}
	with := map[string]float64{"rx-door": 9, "rx-middle": 4.5, "rx-fitting": 10, "rx-footwear": 1}
	eventually(t, "footwear, once its receiver is back", func() bool {
		say(with)
		until(0)()
		return len(*events) > 0 && (*events)[len(*events)-1].Zone == "footwear"
	})
	t.Logf("%d sightings in footwear that were not trusted", untrusted)
}

// Canaries' errors are told, and a zone that they are far off in is held.
func TestCanariesAreTold(t *testing.T) {
	h := newHouse(t)
	h.republish(func(s *offers.Shop) {
		s.Floors = []offers.Floor{{ID: "g", WidthM: 24, DepthM: 6}}
		for i := range s.Zones {
			x := float64(8 * i)
			s.Zones[i].Floor, s.Zones[i].Polygon = "g", []offers.Point{{X: x}, {X: x + 8}, {X: x + 8, Y: 6}, {X: x, Y: 6}}
			s.Receivers[i].Floor, s.Receivers[i].At = "g", offers.Point{X: x + 4, Y: 3}
		}
		s.Canaries = []offers.Canary{{Tag: "iBeacon:c0000000-0000-4000-8000-000000000001-1-1", Floor: "g", At: offers.Point{X: 12, Y: 3}}}
	})
	w := newWorker(t, h)
	at := time.Now().Add(-3 * time.Minute)
	tag := h.shops.Now().Shops[shopID].Canaries[0].Tag
	for range 700 { // it stands in footwear, and is heard as if it were at the door
		at = at.Add(250 * time.Millisecond)
		for r, rssi := range map[offers.ReceiverID]float64{"rx-door": -60, "rx-footwear": -85, "rx-fitting": -92} {
			if changes, err := w.tracker.Hear(pure.Reading{Tag: tag, Receiver: r, At: at, RSSIdBm: rssi, Power1mdBm: -59}); err != nil || len(changes) > 0 {
				t.Fatalf("changes of a canary: %v, %v", changes, err)
			}
		}
	}
	w.tracker.Tick(at)
	w.report(at)
	must(t, w.tellHealth(t.Context(), at))
	zones, ok, err := h.state.Zones(t.Context(), shopID)
	must(t, err)
	want := canary.Zone{Zone: "footwear", Canaries: 1, Held: true}
	if !ok || len(zones.Zones) != 1 || zones.Zones[0].Zone != want.Zone || !zones.Zones[0].Held || zones.Zones[0].P95M < 4 || zones.Zones[0].Why == "" {
		t.Fatalf("told %+v, %v", zones, ok)
	}
	// Once there is no canary any more, nothing is held by one.
	h.republish(func(s *offers.Shop) { s.Canaries = nil })
	w.place()
	w.report(at.Add(time.Minute))
	must(t, w.tellHealth(t.Context(), at.Add(time.Minute)))
	if zones, _, err = h.state.Zones(t.Context(), shopID); err != nil || len(zones.Zones) != 0 {
		t.Errorf("after the canary is gone: %+v, %v", zones, err)
	}
}

// Whoever stands with a tag and asks is told what was heard of it; of others
// nothing is written.
func TestSurvey(t *testing.T) {
	h := newHouse(t)
	b, _ := h.open(fast)
	client := gateway(t, b.Addr(), "", "")
	say := func() {
		for r, d := range map[string]float64{"rx-door": 9, "rx-footwear": 1, "rx-fitting": 9} {
			hears(client, r, anaTag, d)
			hears(client, r, "iBeacon:ffffffff-0000-4000-8000-000000000001-1-1", 5)
		}
	}
	began := time.Now()
	heard := func() map[offers.ReceiverID][]state.SurveyReading {
		must(t, h.state.AskTag(t.Context(), anaTag, time.Now()))
		must(t, h.state.AskNear(t.Context(), time.Now()))
		say()
		readings, looked, err := h.state.Readings(t.Context(), anaTag, began)
		must(t, err)
		by := map[offers.ReceiverID][]state.SurveyReading{}
		for _, r := range readings {
			by[r.Receiver] = append(by[r.Receiver], r)
		}
		if len(by) > 0 && time.Since(looked) > 5*time.Second {
			t.Errorf("looked at %v", looked)
		}
		return by
	}
	var by map[offers.ReceiverID][]state.SurveyReading
	eventually(t, "readings", func() bool { by = heard(); return len(by["rx-footwear"]) >= 10 && len(by) == 3 })
	if g := by["rx-footwear"][0].GainDB; g < -1 || g > 1 {
		t.Errorf("gain at one metre %v", g)
	}
	var near []state.NearTag
	eventually(t, "two tags near", func() bool {
		say()
		var err error
		near, _, err = h.state.Near(t.Context(), time.Now())
		must(t, err)
		return len(near) == 2
	})
	for _, n := range near {
		if n.Tag == anaTag && n.Receiver != "rx-footwear" {
			t.Errorf("near %+v", n)
		}
	}
	if others, _, err := h.state.Readings(t.Context(), "iBeacon:ffffffff-0000-4000-8000-000000000001-1-1", began); err != nil || len(others) > 0 {
		t.Errorf("%d packets of a tag that nobody asked for, %v", len(others), err)
	}
}

// A floor plan that is published while somebody is there changes where they are
// found, not that they are there.
func TestNewPlanKeepsStays(t *testing.T) {
	h := newHouse(t)
	b, _ := h.open(fast)
	client := gateway(t, b.Addr(), "", "")
	events, until := gather(h, stream.Events, any1[offers.Event])
	h.stand(client, "rx-footwear", anaTag, until(2)) // entered, dwelled
	h.republish(func(s *offers.Shop) {
		s.Survey = append(s.Survey, offers.SurveyPoint{At: offers.Point{X: 11, Y: 2}, Taken: time.Now(), Heard: []offers.Surveyed{
			{Receiver: "rx-footwear", GainDB: -1, Packets: 30}, {Receiver: "rx-door", GainDB: -25, Packets: 30}, {Receiver: "rx-fitting", GainDB: -25, Packets: 30}}})
	})
	deadline := time.Now().Add(time.Second)
	h.stand(client, "rx-footwear", anaTag, func() bool { until(0)(); return time.Now().After(deadline) })
	if len(*events) != 2 {
		t.Errorf("events %v", describe(*events))
	}
}

// BenchmarkReadings is readings/s of one core from what a gateway says to what
// of it is worth publishing.
func BenchmarkReadings(b *testing.B) {
	h := newHouse(b)
	shop := *h.shops.Now().Shops[shopID]
	door, err := New(Config{MQTT: "off"}, Parts{Log: h.log, State: h.state, Shops: h.shops})
	must(b, err)
	w, err := door.newWorker()
	must(b, err)
	w.partake(b.Context(), time.Now())
	type message struct {
		topic   string
		payload []byte
	}
	// A thousand people stand somewhere, and all receivers hear them twice a second.
	const tags, rounds, perS = 1_000, 8, 2
	rnd := rand.New(rand.NewPCG(1, 2))
	var messages []message
	for range rounds {
		for i := range tags {
			tag, at := fmt.Sprintf("iBeacon:a15e0000-0000-4000-8000-000000000001-9-%d", i), float64(i*7%24)
			for _, r := range shop.Receivers {
				rssi := -59 - 27*math.Log10(max(math.Abs(r.At.X-at), .5)) + 3*rnd.NormFloat64()
				messages = append(messages, message{"espresense/devices/" + tag + "/" + string(r.ID), fmt.Appendf(nil,
					`{"mac":"aabbccddeeff","id":%q,"rssi@1m":-59,"rssi":%.0f,"rxAdj":0,"rssiVar":2.1,"distance":4.2,"var":0.31,"int":500}`, tag, rssi)})
			}
		}
	}
	at, n, changed := time.Now(), 0, 0
	for b.Loop() {
		m := &messages[n%len(messages)]
		at = at.Add(time.Second / time.Duration(tags*perS*len(shop.Receivers)))
		door.packet(m.topic, m.payload, at)
		changed += len(w.gate(w.hear(<-door.packets), time.Time{}))
		n++
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "readings/s")
	b.ReportMetric(float64(changed)/float64(n), "changes/reading")
}

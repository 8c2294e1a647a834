package beacons_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"aisle/beacons"
	"aisle/beacons/gateway"
	"aisle/offers"
)

// The first minute of a watch that lies still, heard in ten rooms of a house of
// which nobody drew a plan.
func TestESPresenseCaptureKeepsOneRoom(t *testing.T) {
	f, err := os.Open("../../shared/data/ble/espresense/stationary-watch-first-minute.jsonl")
	if err != nil {
		t.Skip("the recording is not here: ", err)
	}
	defer f.Close()
	var readings []beacons.Reading
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
		r, err := gateway.ESPresense(l.Topic, l.Payload, at)
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
	tr := beacons.NewTracker(beacons.Config{})
	tr.Place(map[offers.ShopID]*offers.Shop{s.ID: s})
	var moves []string
	for _, r := range readings {
		changes, err := tr.Hear(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changes {
			if c.Kind != beacons.Seen {
				moves = append(moves, fmt.Sprintf("%.1fs %s %s", c.At.Sub(readings[0].At).Seconds(), c.Kind, c.Stay.Zone))
			}
		}
	}
	p, _ := tr.Where(readings[0].Tag)
	t.Logf("%d packets: %v, in the end %v", len(readings), moves, p.Zones)
	if len(moves) != 1 && !(len(moves) == 2 && strings.Contains(moves[1], "dwelled")) || !strings.HasSuffix(moves[0], "entered office_alt") {
		t.Errorf("rooms of a watch that lies still: %v, want office_alt once", moves)
	}
}

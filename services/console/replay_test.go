package console_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
)

// told is one event of a replay, in the order of the answer.
type told struct {
	at    time.Time
	event string
	data  string
}

// replay reads what the house was between two times.
func (h *house) replay(v *visitor, from, until time.Time) []told {
	h.t.Helper()
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
	status, body := v.try("GET", "/api/replay?shop=centraal&from="+at(from)+"&until="+at(until), nil)
	if status != http.StatusOK {
		h.t.Fatalf("replay: %d %s", status, body)
	}
	var all []told
	for text := range strings.SplitSeq(strings.TrimSpace(string(body)), "\n\n") {
		var one told
		for line := range strings.SplitSeq(text, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			switch name {
			case "id":
				micros, err := strconv.ParseInt(value, 10, 64)
				if err != nil {
					h.t.Fatal(err)
				}
				one.at = time.UnixMicro(micros)
			case "event":
				one.event = value
			case "data":
				one.data = value
			}
		}
		all = append(all, one)
	}
	return all
}

// know makes a shopper known, who may be located.
func (h *house) know(id offers.ShopperID, name string, more ...func(*offers.Profile)) {
	h.t.Helper()
	p := offers.Profile{
		Shopper: id, Traits: offers.Traits{Name: name},
		Consents: map[offers.Purpose]offers.Consent{offers.ConsentLocation: {Purpose: offers.ConsentLocation, Granted: true}},
	}
	for _, add := range more {
		add(&p)
	}
	key := state.ProfileKey(h.log.PartitionOf(string(id)), id)
	if err := h.store.Client().Set(h.t.Context(), key, state.AppendProfile(nil, &p), 0).Err(); err != nil {
		h.t.Fatal(err)
	}
}

func TestReplayOfTheWall(t *testing.T) {
	h, staff := liveShop(t)
	began := time.Now()
	h.know("smia", "Mia Jansen")
	wall := staff.listen("/api/live?shop=centraal", 0)
	wall.await("snapshot", nil)
	h.see(offers.Sighting{Track: "t2", Shopper: "smia", Sensor: offers.SensorBeacon, Zone: "shoes", At: offers.Point{X: 13, Y: 12}, AccuracyM: 3, Confidence: 1})
	h.see(offers.Sighting{Track: "c1", Shopper: "smia", Sensor: offers.SensorCamera, Device: "door", At: offers.Point{X: 12, Y: 12}, AccuracyM: 1, Confidence: .98})
	h.see(offers.Sighting{Track: "c2", Sensor: offers.SensorCamera, Device: "door", Zone: "entrance", At: offers.Point{X: 1, Y: 1}})
	d := h.offer("smia", 1, "shoes", 80*time.Millisecond)
	gone := h.offer("sgone", 2, "shoes", 80*time.Millisecond) // whom the house does not know
	h.see(offers.Sighting{Track: "t9", Shopper: "sgone", Sensor: offers.SensorBeacon, Zone: "shoes", At: offers.Point{X: 11, Y: 12}, Confidence: 1})
	h.redeem("smia", 1, 500)
	redeemed := wall.await("redemption", has(string(d.ID)))
	if redeemed.id == 0 {
		t.Error("a redemption has no id")
	}
	eventually(t, "a second has passed on the log", func() bool { return time.Since(began) > 2500*time.Millisecond })

	all := h.replay(staff, began.Add(-5*time.Second), time.Now())
	var order []string
	for i, one := range all {
		if i > 0 && one.at.Before(all[i-1].at.Truncate(time.Second)) {
			t.Errorf("%s at %s comes behind what was at %s", one.event, one.at, all[i-1].at)
		}
		if strings.Contains(one.data, "sgone") || strings.Contains(one.data, string(gone.ID)) {
			t.Errorf("who is not known any more is told of: %s %s", one.event, one.data)
		}
		if strings.Contains(one.data, "ABCD1234") || strings.Contains(one.data, "Jansen") {
			t.Errorf("a code, or more than the first name: %s %s", one.event, one.data)
		}
		if !slices.Contains([]string{"people", "kpis"}, one.event) {
			order = append(order, one.event)
		}
	}
	if diff := cmp.Diff([]string{"replay", "snapshot", "decision", "delivery", "redemption", "end"}, slices.Compact(order)); diff != "" {
		t.Errorf("what happened, in its order (-want +got):\n%s", diff)
	}
	last := all[slices.IndexFunc(all, func(x told) bool { return x.event == "end" })-1]
	for i := len(all) - 1; last.event != "people"; i-- {
		last = all[i]
	}
	var people struct {
		People []struct{ Shopper, Name, Zone string }
	}
	if err := json.Unmarshal([]byte(last.data), &people); err != nil {
		t.Fatal(err)
	}
	var known, strangers []string
	for _, p := range people.People {
		if p.Shopper == "" {
			strangers = append(strangers, p.Zone)
			continue
		}
		known = append(known, fmt.Sprint(p.Shopper, " ", p.Name, " ", p.Zone))
	}
	slices.Sort(strangers)
	if got := fmt.Sprint(known, strangers); got != "[smia Mia shoes] [entrance shoes]" {
		t.Errorf("people: %s, want Mia by her first name and two strangers", got)
	}

	t.Run("a later beginning has it in its snapshot", func(t *testing.T) {
		now := time.Now()
		for _, one := range h.replay(staff, now.Add(-10*time.Millisecond), now) {
			if one.event == "snapshot" && strings.Contains(one.data, string(d.ID)) {
				return
			}
		}
		t.Error("no snapshot has the offer before it")
	})
	t.Run("what it refuses", func(t *testing.T) {
		now := time.Now().UTC()
		at := func(ago time.Duration) string { return now.Add(-ago).Format(time.RFC3339Nano) }
		for query, wrong := range map[string]string{
			"":                       "from until",
			"?from=x&until=" + at(0): "from",
			"?from=" + at(11*time.Minute) + "&until=" + at(0):            "until",
			"?from=" + at(-time.Minute) + "&until=" + at(-2*time.Minute): "from",
		} {
			status, body := staff.try("GET", "/api/replay"+query, nil)
			if got := fields(t, body); status != 400 || got != wrong {
				t.Errorf("%q: %d, wrong are %q; want 400, %q", query, status, got, wrong)
			}
		}
		staff.call("GET", "/api/replay?shop=nowhere&from="+at(time.Minute)+"&until="+at(0), nil, 404, nil)
		h.as(catalog.RoleViewer).call("GET", "/api/replay?from="+at(time.Minute)+"&until="+at(0), nil, 403, nil)
	})
}

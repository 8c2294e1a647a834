package collector

import (
	"cmp"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/state"
	"aisle/vision/tally"
)

func TestCamerasAreAsHealthyAsTheySay(t *testing.T) {
	h := newHouse(t)
	a := h.post("/v1/health", []byte(`{"cameras":[{"id":"cam-door","fps":5,"state":"live"},{"id":"cam-fitting","fps":0,"state":"stalled"},{"id":"moon","fps":5,"state":"live"}]}`), h.edgeAuth())
	if want := `{"cameras":[{"id":"cam-door","shop":"centre"},{"id":"cam-fitting","shop":"centre"}]}`; a.status != 200 || sorted(t, a.body) != sorted(t, []byte(want)) {
		t.Fatalf("answer %d %s", a.status, a.body)
	}
	heard := func() (devices []state.Device) {
		all, err := h.state.Devices(t.Context())
		must(t, err)
		for d, at := range all {
			if time.Since(at) < time.Minute {
				devices = append(devices, d)
			}
		}
		slices.Sort(devices)
		return devices
	}
	if got := heard(); !slices.Equal(got, []state.Device{"camera/cam-door"}) {
		t.Errorf("heard of %v, want the door's camera: the other stands still, and the third is on no plan", got)
	}
	now := time.Now()
	h.sight(offers.Sighting{Track: "t1", Sensor: offers.SensorCamera, Device: "cam-fitting", First: now, Last: now})
	if got := heard(); len(got) != 2 {
		t.Errorf("heard of %v, want also the camera that saw somebody", got)
	}
	t.Run("others keep out", func(t *testing.T) {
		isProblem(t, h.post("/v1/health", []byte(`{"cameras":[]}`), basicAuth(webKey)), 401)
		isProblem(t, h.post("/v1/health", []byte(`{"cameras":7}`), h.edgeAuth()), 400)
		isProblem(t, h.post("/v1/health", []byte(`{}`), h.edgeAuth()), 400)
		isProblem(t, h.post("/v1/health", []byte(`not json`), h.edgeAuth()), 400)
		if put := h.put(); len(put) != 0 {
			t.Errorf("in quarantine: %+v", put)
		}
	})
}

func TestWhatCamerasCountedIsKept(t *testing.T) {
	h := newHouse(t)
	now := time.Now().Truncate(time.Second)
	signer, err := tally.NewSigner(slices.Repeat([]byte{3}, ed25519.SeedSize), now)
	must(t, err)
	sign := func(camera offers.CameraID, at time.Time, seen int) tally.Signed {
		return signer.Sign(camera, at.Add(-time.Minute), at, tally.Counts{Seen: seen, Unknown: 1})
	}
	good, next := sign("cam-door", now, 40), sign("cam-door", now.Add(time.Minute), 2)
	forged := sign("cam-door", now, 1)
	forged.Line = string(append([]byte(forged.Line[:len(forged.Line)-1]), 'x'))
	tell := func(lines ...tally.Signed) answerOf {
		body, err := json.Marshal(map[string]any{
			"process": map[string]any{"name": "till-box", "key": signer.Public(), "started": now, "model": "lbp-1", "gallery_people": 2},
			"cameras": []map[string]any{
				{"id": "cam-door", "state": "live", "fps": 6, "looked_at": 5, "latency_s": .05},
				{"id": "cam-fitting", "state": "refused", "problem": "it wants a password"},
				{"id": "cam-odd", "state": "dancing"},
			},
			"lines": lines,
		})
		must(t, err)
		return h.post("/v1/health", body, h.edgeAuth())
	}
	for range 2 { // the answer may be lost
		if a := tell(good, forged, sign("moon", now, 5), sign("cam-door", now.Add(time.Hour), 9)); a.status != 200 {
			t.Fatalf("answer %d %s", a.status, a.body)
		}
	}
	tell(next)
	counters, err := h.state.Counters(t.Context(), []offers.CameraID{"cam-door", "moon"}, dayOf(t, h, now), 10)
	must(t, err)
	if got, want := counters["cam-door"].Lines, []tally.Signed{next, good}; !slices.EqualFunc(got, want, func(a, b tally.Signed) bool { return a.Line == b.Line }) {
		t.Errorf("lines %v, want %v", got, want)
	}
	if got, want := counters["cam-door"].Day.Seen, 42; dayOf(t, h, now) == dayOf(t, h, now.Add(time.Minute)) && got != want {
		t.Errorf("%d seen on the day, want %d", got, want)
	}
	if got := counters["moon"].Lines; got != nil {
		t.Errorf("a camera on no plan counted: %v", got)
	}
	keys, err := h.state.CounterKeys(t.Context())
	must(t, err)
	key := keys[tally.Fingerprint(signer.Public())]
	if _, err := tally.Verify(key.Public, good); err != nil || key.Process != "till-box" {
		t.Errorf("key %+v: %v", key, err)
	}
	cameras, processes, err := h.state.Cameras(t.Context())
	must(t, err)
	if c := cameras["cam-door"]; c.State != "live" || c.FPS != 6 || time.Since(c.Told) > time.Minute {
		t.Errorf("the door's camera: %+v", c)
	}
	if c := cameras["cam-fitting"]; c.Problem != "it wants a password" {
		t.Errorf("the fitting room's camera: %+v", c)
	}
	if _, ok := cameras["cam-odd"]; ok || len(processes) != 1 {
		t.Errorf("a state that there is not is kept, or other processes: %v", processes)
	}
	isProblem(t, h.post("/v1/health", []byte(`{"cameras":[],"process":{"key":"AAAA"}}`), h.edgeAuth()), 400)
}

// sorted is an answer about cameras, in the order of their ids.
func sorted(t *testing.T, body []byte) string {
	t.Helper()
	var answer struct{ Cameras []placedCamera }
	must(t, json.Unmarshal(body, &answer))
	slices.SortFunc(answer.Cameras, func(a, b placedCamera) int { return cmp.Compare(a.ID, b.ID) })
	return fmt.Sprint(answer.Cameras)
}

// dayOf is the day in the shop of the door's camera.
func dayOf(t *testing.T, h *house, at time.Time) string {
	t.Helper()
	now := h.shops.Now()
	zone, err := time.LoadLocation(now.Shops[now.Cameras["cam-door"]].TimeZone)
	must(t, err)
	return at.In(zone).Format(time.DateOnly)
}

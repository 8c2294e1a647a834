package collector

import (
	"slices"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/state"
)

func TestCamerasAreAsHealthyAsTheySay(t *testing.T) {
	h := newHouse(t)
	a := h.post("/v1/health", []byte(`{"cameras":[{"id":"cam-door","fps":5,"state":"live"},{"id":"cam-fitting","fps":0,"state":"stalled"},{"id":"moon","fps":5,"state":"live"}]}`), h.edgeAuth())
	if a.status != 204 {
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

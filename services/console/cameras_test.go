package console_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
	"aisle/vision/pass"
	"aisle/vision/tally"
)

// floorField is four places as a camera over a door sees them.
var floorField = []offers.GroundPoint{
	{X: .1, Y: .9, At: offers.Point{X: 4, Y: 8}}, {X: .9, Y: .9, At: offers.Point{X: 2, Y: 8}},
	{X: .7, Y: .3, At: offers.Point{X: 1.5, Y: 12}}, {X: .3, Y: .3, At: offers.Point{X: 4.5, Y: 12}},
}

func well(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// status is what a call is answered with, whatever it is.
func status(v *visitor, method, path string, in any) int {
	code, _ := v.try(method, path, in)
	return code
}

type cameraAnswer struct {
	ID, Shop, State, Process string
	Health                   *state.CameraHealth
	Today                    tally.Counts
	Lines                    []struct {
		Line     string
		Verified bool
	}
}

func TestCamerasAreShownAsTheyDo(t *testing.T) {
	h := open(t)
	admin := h.admin()
	shop := testShop()
	cam := shop.Cameras[0]
	admin.call("PUT", "/api/shops/"+string(shop.ID), shop, 200, nil)
	type answer struct {
		Cameras   []cameraAnswer
		Processes []struct {
			Name string
			Lost bool
		}
	}
	get := func() (all answer) {
		t.Helper()
		admin.call("GET", "/api/cameras", nil, 200, &all)
		return all
	}
	if all := get(); len(all.Cameras) != len(shop.Cameras) || all.Cameras[0].State != "unknown" || all.Cameras[0].Health != nil {
		t.Errorf("before any process told: %+v", all)
	}

	now := time.Now().UTC()
	tell := func(at time.Time) {
		well(t, h.store.TellCameras(t.Context(), "k1", state.ProcessHealth{Name: "till-box", Told: at, Started: at, Model: "lbp-1"}, map[offers.CameraID]state.CameraHealth{
			cam.ID:     {State: "live", FPS: 6, LookedAt: 5.1, LatencyS: .04, Kind: "rtsp", WidthPx: 640, HeightPx: 360},
			"unplaced": {State: "refused", Problem: "it wants a password"},
		}))
	}
	tell(now)
	signer, err := tally.NewSigner(slices.Repeat([]byte{5}, ed25519.SeedSize), now)
	well(t, err)
	zone, err := time.LoadLocation(shop.TimeZone)
	well(t, err)
	well(t, h.store.RegisterCounterKey(t.Context(), state.CounterKey{Process: "till-box", Public: signer.Public(), First: now}))
	good := signer.Sign(cam.ID, now.Add(-time.Minute), now, tally.Counts{Seen: 40, Poor: 12, Matched: 1, Unknown: 3, Discarded: 28})
	forged := signer.Sign(cam.ID, now.Add(-time.Minute), now, tally.Counts{})
	forged.Signature[0] ^= 1
	for _, signed := range []tally.Signed{good, forged} {
		well(t, h.store.AddCounters(t.Context(), signed, now.In(zone).Format(time.DateOnly)))
	}
	all := get()
	if len(all.Cameras) != len(shop.Cameras)+1 || all.Cameras[0].ID != "unplaced" || all.Cameras[0].Shop != "" {
		t.Fatalf("first is %+v, want the one that needs somebody", all.Cameras[0])
	}
	i := slices.IndexFunc(all.Cameras, func(c cameraAnswer) bool { return c.ID == string(cam.ID) })
	got := all.Cameras[i]
	if got.State != "live" || got.Process != "till-box" || got.Health.FPS != 6 || got.Today.Seen != 40 {
		t.Errorf("the camera: %+v %+v", got, got.Health)
	}
	if len(got.Lines) != 2 || got.Lines[0].Verified || !got.Lines[1].Verified || got.Lines[1].Line != good.Line {
		t.Errorf("its lines: %+v, want that the first is forged", got.Lines)
	}
	tell(now.Add(-time.Minute))
	if all := get(); !all.Processes[0].Lost || all.Cameras[0].State != "lost" {
		t.Errorf("after a minute of silence: %+v", all)
	}
}

func TestFourPointsAreKept(t *testing.T) {
	h := open(t)
	admin := h.admin()
	shop := testShop()
	id := string(shop.Cameras[0].ID)
	admin.call("PUT", "/api/shops/"+string(shop.ID), shop, 200, nil)
	eventually(t, "the stream has the shop", func() bool {
		return status(admin, "PUT", "/api/cameras/"+id+"/ground", map[string]any{"ground": floorField}) == 200
	})
	var kept offers.Shop
	admin.call("GET", "/api/shops/"+string(shop.ID), nil, 200, &kept)
	if diff := cmp.Diff(floorField, kept.Cameras[0].Ground); diff != "" {
		t.Errorf("the four points (-want +got):\n%s", diff)
	}
	kept.Name = "Another name" // whoever saves the plan keeps them
	admin.call("PUT", "/api/shops/"+string(shop.ID), kept, 200, &kept)
	if len(kept.Cameras[0].Ground) != 4 {
		t.Errorf("after the plan was saved: %v", kept.Cameras[0].Ground)
	}
	swapped := slices.Clone(floorField)
	swapped[0].At, swapped[1].At = swapped[1].At, swapped[0].At
	for name, test := range map[string]struct {
		path   string
		points []offers.GroundPoint
		status int
		says   string
	}{
		"three":          {id, floorField[:3], 400, "want four"},
		"two swapped":    {id, swapped, 400, "two are swapped"},
		"no such camera": {"none", floorField, 404, "floor plan"},
	} {
		status, problem := admin.try("PUT", "/api/cameras/"+test.path+"/ground", map[string]any{"ground": test.points})
		if status != test.status || !strings.Contains(string(problem), test.says) {
			t.Errorf("%s: %d %s, want %d and %q", name, status, problem, test.status, test.says)
		}
	}
	kept.Cameras[0].Ground = swapped
	if status, problem := admin.try("PUT", "/api/shops/"+string(shop.ID), kept); status != 400 || !strings.Contains(string(problem), "cameras[0].ground") {
		t.Errorf("a plan with swapped points: %d %s", status, problem)
	}
	admin.call("PUT", "/api/cameras/"+id+"/ground", map[string]any{"ground": []offers.GroundPoint{}}, 200, nil)
	var without offers.Shop
	admin.call("GET", "/api/shops/"+string(shop.ID), nil, 200, &without)
	if len(without.Cameras[0].Ground) != 0 {
		t.Errorf("forgotten: %v", without.Cameras[0].Ground)
	}
}

func TestPassesAreForOneCamera(t *testing.T) {
	h := open(t)
	admin := h.admin()
	shop := testShop()
	id := shop.Cameras[0].ID
	admin.call("PUT", "/api/shops/"+string(shop.ID), shop, 200, nil)
	path := "/api/cameras/" + string(id) + "/passes"
	eventually(t, "the stream has the shop", func() bool { return status(admin, "POST", path, map[string]string{"for": "look"}) == 201 })
	secrets, err := h.catalog.Secrets(t.Context())
	well(t, err)
	key := []byte(hex.EncodeToString(secrets.Edge))
	var made struct {
		Address string
		Until   time.Time
	}
	admin.call("POST", path, map[string]string{"for": "look"}, 201, &made)
	u, err := url.Parse(made.Address)
	well(t, err)
	if err := pass.Check(key, pass.Look, id, u.Query().Get("key"), time.Now()); err != nil || u.Path != "/vision/cameras/"+string(id)+"/picture" || time.Until(made.Until) > 6*time.Minute {
		t.Errorf("to look: %s until %v: %v", made.Address, made.Until, err)
	}
	admin.call("POST", path, map[string]string{"for": "send"}, 201, &made)
	if u, err = url.Parse(made.Address); err != nil || u.Path != "/vision/camera/door" {
		t.Fatalf("to send: %s: %v", made.Address, err)
	}
	if err := pass.Check(key, pass.Send, id, u.Fragment, time.Now()); err != nil || pass.Check(key, pass.Look, id, u.Fragment, time.Now()) == nil {
		t.Errorf("to send: %s: %v", made.Address, err)
	}
	if got := status(admin, "POST", path, map[string]string{"for": "keep"}); got != 400 {
		t.Errorf("to keep: %d", got)
	}
	if got := status(h.as(catalog.RoleStaff), "POST", path, map[string]string{"for": "look"}); got != 403 {
		t.Errorf("for staff: %d", got)
	}
}

package console_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/beacons/canary"
	"aisle/beacons/locate"
	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/state"
)

// surveyed is the test's shop with four receivers in its corners, so that
// places can be told apart, and all that a plan may have on it.
func surveyed() offers.Shop {
	shop := testShop()
	shop.Floors = append(shop.Floors, offers.Floor{ID: "first", Name: "First floor", WidthM: 30, DepthM: 20})
	shop.Receivers = nil
	for id, at := range map[offers.ReceiverID]offers.Point{"rx1": {X: 1, Y: 1}, "rx2": {X: 29, Y: 1}, "rx3": {X: 29, Y: 19}, "rx4": {X: 1, Y: 19}} {
		shop.Receivers = append(shop.Receivers, offers.Receiver{ID: id, Floor: "ground", Zone: "shoes", At: at})
	}
	shop.Entrances = []offers.Entrance{{ID: "door", Floor: "ground", At: offers.Point{X: 0, Y: 3}}, {ID: "stairs", Floor: "ground", At: offers.Point{X: 20, Y: 3}, Leads: "first"}}
	shop.Canaries = []offers.Canary{{Tag: "iBeacon:c0-1-1", Floor: "ground", At: offers.Point{X: 12, Y: 12}}}
	return shop
}

func TestPlansThatCannotBe(t *testing.T) {
	h := open(t)
	admin := h.admin()
	tests := map[string]struct {
		change func(s *offers.Shop)
		field  string
		says   string
	}{
		"zones that overlap":        {func(s *offers.Shop) { s.Zones[1].Polygon = s.Zones[0].Polygon }, "zones[1].polygon", "move or reshape one of them"},
		"stairs to nowhere":         {func(s *offers.Shop) { s.Entrances[1].Leads = "roof" }, "entrances[1].leads", "choose a floor of this shop"},
		"a door in the street":      {func(s *offers.Shop) { s.Entrances[0].At.X = -4 }, "entrances[0].at", "move it in"},
		"a door twice":              {func(s *offers.Shop) { s.Entrances[1].ID = "door" }, "entrances[1].id", "give it another one"},
		"stairs to where they are":  {func(s *offers.Shop) { s.Entrances[1].Leads = "ground" }, "entrances[1].leads", "another one"},
		"a canary on no floor":      {func(s *offers.Shop) { s.Canaries[0].Floor = "roof" }, "canaries[0].floor", "choose a floor of this shop"},
		"a canary without a tag":    {func(s *offers.Shop) { s.Canaries[0].Tag = "" }, "canaries[0].tag", "write the tag's id"},
		"a picture from elsewhere":  {func(s *offers.Shop) { s.Floors[0].Image = "https://example.com/spy.png" }, "floors[0].image", "add it again"},
		"a picture that is no more": {func(s *offers.Shop) { s.Floors[0].Image = "/api/shops/centraal/pictures/0123" }, "floors[0].image", "add it again"},
		"a picture without width":   {func(s *offers.Shop) { s.Floors[0].Picture = &offers.Picture{DepthM: 3} }, "floors[0].picture", "in metres"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			shop := surveyed()
			test.change(&shop)
			status, body := admin.try("PUT", "/api/shops/centraal", shop)
			if status != 400 || fields(t, body) != test.field || !strings.Contains(string(body), test.says) {
				t.Errorf("got %d, want 400 about %q that says %q\n%s", status, test.field, test.says, body)
			}
		})
	}
	admin.call("PUT", "/api/shops/centraal", surveyed(), 200, nil)
}

func TestPlanGoesThereAndBack(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	shop := surveyed()
	shop.Survey = []offers.SurveyPoint{{Floor: "ground", At: offers.Point{X: 3, Y: 3}, Heard: []offers.Surveyed{{Receiver: "rx1", GainDB: -9, Packets: 20}}}}
	marketer.call("PUT", "/api/shops/centraal", shop, 200, nil)
	marketer.call("POST", "/api/shops/none/plan", `{"type":"FeatureCollection","features":[]}`, 404, nil)

	status, plan := h.as(catalog.RoleViewer).try("GET", "/api/shops/centraal/plan", nil)
	if status != 200 {
		t.Fatalf("export: %d %s", status, plan)
	}
	type preview struct {
		Shop     offers.Shop
		Survey   int
		Changes  []struct{ Change, What, ID, Name string }
		Problems []struct{ Field, Message string }
		Notes    []string
	}
	var same preview
	marketer.call("POST", "/api/shops/centraal/plan", string(plan), 200, &same)
	if len(same.Changes)+len(same.Problems)+len(same.Notes) > 0 || same.Survey != 1 {
		t.Errorf("the same plan changes %v, has problems %v, notes %v, %d points", same.Changes, same.Problems, same.Notes, same.Survey)
	}

	other := strings.NewReplacer(`"Shoes"`, `"Sports"`, `"id": "rx4"`, `"id": "rx5"`, `"id": "centraal"`, `"id": "zuid"`).Replace(string(plan))
	var changed preview
	marketer.call("POST", "/api/shops/centraal/plan", other, 200, &changed)
	var got []string
	for _, c := range changed.Changes {
		got = append(got, strings.TrimSpace(strings.Join([]string{c.Change, c.What, c.ID, c.Name}, " ")))
	}
	if diff := cmp.Diff([]string{"changed zone shoes Sports", "added receiver rx5", "removed receiver rx4"}, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if changed.Shop.ID != "centraal" || len(changed.Notes) != 1 || len(changed.Problems) != 0 {
		t.Errorf("shop %q, notes %q, problems %v", changed.Shop.ID, changed.Notes, changed.Problems)
	}
	var kept offers.Shop
	marketer.call("GET", "/api/shops/centraal", nil, 200, &kept)
	if kept.Zones[1].Name != "Shoes" {
		t.Error("a preview changes the shop")
	}
	marketer.call("PUT", "/api/shops/centraal", changed.Shop, 200, nil)

	var wrong preview
	marketer.call("POST", "/api/shops/centraal/plan", strings.ReplaceAll(string(plan), `"floor": "ground"`, `"floor": "cellar"`), 200, &wrong)
	if len(wrong.Problems) == 0 || wrong.Problems[0].Field != "zones[0].floor" {
		t.Errorf("problems of a plan without its floor: %v", wrong.Problems)
	}
	marketer.call("POST", "/api/shops/centraal/plan", `{"type":"Feature"}`, 400, nil)
}

func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPictures(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	marketer.call("PUT", "/api/shops/centraal", surveyed(), 200, nil)
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 8, 4)), nil); err != nil {
		t.Fatal(err)
	}
	webp := []byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00\x7f\x02\x00\xdf\x01\x00")
	for name, test := range map[string]struct {
		body   []byte
		status int
		size   [2]int
	}{
		"PNG":                {pngOf(t, 30, 20), 201, [2]int{30, 20}},
		"JPEG":               {photo.Bytes(), 201, [2]int{8, 4}},
		"WebP":               {webp, 201, [2]int{640, 480}},
		"a drawing":          {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), 400, [2]int{}},
		"nothing":            {nil, 400, [2]int{}},
		"half a WebP":        {webp[:24], 400, [2]int{}},
		"more than two MB":   {append(pngOf(t, 30, 20), make([]byte, 2<<20)...), 413, [2]int{}},
		"a bomb":             {pngOf(t, 12_001, 1), 400, [2]int{}},
		"a page in disguise": {[]byte("GIF89a<script>"), 400, [2]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := marketer.try("POST", "/api/shops/centraal/pictures", string(test.body))
			if status != test.status {
				t.Fatalf("%d, want %d: %s", status, test.status, body)
			}
			if status != 201 {
				return
			}
			var added struct {
				Image         string
				Width, Height int
			}
			if err := json.Unmarshal(body, &added); err != nil {
				t.Fatal(err)
			}
			if (added.Width != test.size[0]) || added.Height != test.size[1] {
				t.Errorf("%d × %d, want %v", added.Width, added.Height, test.size)
			}
			status, got := h.as(catalog.RoleViewer).try("GET", added.Image, nil)
			if status != 200 || !bytes.Equal(got, test.body) {
				t.Errorf("the picture comes back as %d, %d bytes", status, len(got))
			}
			shop := surveyed()
			shop.Floors[0].Image = added.Image
			shop.Floors[0].Picture = &offers.Picture{WidthM: 20, DepthM: 10, Opacity: .5}
			marketer.call("PUT", "/api/shops/centraal", shop, 200, nil)
		})
	}
	marketer.call("POST", "/api/shops/none/pictures", string(pngOf(t, 3, 3)), 404, nil)
}

// A plan goes to another house, or another shop of this one, with its picture.
func TestPlanBringsItsPicture(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	marketer.call("PUT", "/api/shops/centraal", surveyed(), 200, nil)
	picture := pngOf(t, 30, 20)
	var added struct{ Image string }
	marketer.call("POST", "/api/shops/centraal/pictures", string(picture), 201, &added)
	shop := surveyed()
	shop.Floors[0].Image, shop.Floors[0].Picture = added.Image, &offers.Picture{At: offers.Point{X: 1, Y: 2}, WidthM: 15, DepthM: 10, Opacity: .5}
	marketer.call("PUT", "/api/shops/centraal", shop, 200, nil)
	_, plan := h.as(catalog.RoleViewer).try("GET", "/api/shops/centraal/plan", nil)

	other := surveyed()
	other.ID, other.Receivers, other.Cameras, other.Canaries = "zuid", nil, nil, nil
	marketer.call("PUT", "/api/shops/zuid", other, 200, nil)
	type preview struct {
		Shop  offers.Shop
		Notes []string
	}
	var got, bad preview
	marketer.call("POST", "/api/shops/zuid/plan", string(plan), 200, &got)
	floor := got.Shop.Floors[0]
	if !strings.HasPrefix(floor.Image, "/api/shops/zuid/pictures/") || len(got.Notes) != 1 {
		t.Fatalf("picture %q, notes %v", floor.Image, got.Notes)
	}
	if diff := cmp.Diff(shop.Floors[0].Picture, floor.Picture); diff != "" {
		t.Errorf("where it lies (-want +got):\n%s", diff)
	}
	if status, body := h.as(catalog.RoleViewer).try("GET", floor.Image, nil); status != 200 || !bytes.Equal(body, picture) {
		t.Errorf("the picture comes back as %d, %d bytes", status, len(body))
	}
	spoilt := strings.Replace(string(plan), "data:image/png;base64,", "data:image/png;base64,AAAA", 1)
	marketer.call("POST", "/api/shops/zuid/plan", spoilt, 200, &bad)
	if bad.Shop.Floors[0].Image != "" || len(bad.Notes) != 2 {
		t.Errorf("of no picture became %q, notes %v", bad.Shop.Floors[0].Image, bad.Notes)
	}
}

// gateways is the door for gateways of a test: it tells what is asked for, as
// if a tag stood somewhere.
type gateways struct {
	h     *house
	shop  offers.Shop
	dice  *rand.Rand
	tag   string
	at    offers.Point
	heard int
}

func (g *gateways) tell(packets int) {
	g.h.t.Helper()
	ctx, now := g.h.t.Context(), time.Now()
	tags, near, err := g.h.store.Asked(ctx, now)
	if err != nil {
		g.h.t.Fatal(err)
	}
	var readings []state.SurveyReading
	for range packets {
		for _, r := range g.shop.Receivers {
			gain := locate.Law{Exponent: 2.5}.GainDB(math.Hypot(r.At.X-g.at.X, r.At.Y-g.at.Y)) + 2*g.dice.NormFloat64()
			readings = append(readings, state.SurveyReading{Receiver: r.ID, GainDB: gain, AtMs: now.UnixMilli()})
		}
	}
	readings = append(readings, state.SurveyReading{Receiver: "elsewhere", GainDB: 0, AtMs: now.UnixMilli()})
	if tags[g.tag] {
		g.heard += packets
		if err := g.h.store.TellReadings(ctx, map[string][]state.SurveyReading{g.tag: readings}); err != nil {
			g.h.t.Fatal(err)
		}
	}
	if near {
		err := g.h.store.TellNear(ctx, "door", []state.NearTag{{Tag: "far", Receiver: "rx9", Last: now}, {Tag: "soft", Receiver: "rx1", GainDB: -50, Last: now}, {Tag: g.tag, Receiver: "rx1", GainDB: -3, Last: now}})
		if err != nil {
			g.h.t.Fatal(err)
		}
	}
}

type surveyAnswer struct {
	Points []struct {
		Floor string
		At    offers.Point
		Heard []struct {
			Receiver   string
			Packets    int
			ResidualDB *float64 `json:"residual_db"`
		}
		Found *struct {
			ErrorM float64 `json:"error_m"`
		}
	}
	Fit struct {
		Points, Measured int
		P50M             float64 `json:"p50_m"`
		P90M             float64 `json:"p90_m"`
	}
	Floors    []struct{ Points int }
	Receivers []struct {
		Points   int
		Exponent float64
	}
}

func TestSurvey(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	shop := surveyed()
	marketer.call("PUT", "/api/shops/centraal", shop, 200, nil)
	g := &gateways{h: h, shop: shop, dice: rand.New(rand.NewPCG(1, 2)), tag: "iBeacon:a1-7-1"}
	const survey = "/api/shops/centraal/survey"

	var tags struct {
		Listening bool
		Tags      []struct{ Tag string }
	}
	marketer.call("GET", survey+"/tags", nil, 200, &tags)
	if tags.Listening || len(tags.Tags) > 0 {
		t.Errorf("before anybody listens: %+v", tags)
	}
	g.tell(0)
	marketer.call("GET", survey+"/tags", nil, 200, &tags)
	if !tags.Listening || len(tags.Tags) != 2 || tags.Tags[0].Tag != g.tag {
		t.Errorf("tags %+v, want the shop's two, the loudest first", tags)
	}

	type counts struct {
		Now       time.Time
		Listening bool
		Packets   int
		Receivers []struct{ Receiver string }
	}
	readings := survey + "/readings?tag=" + url.QueryEscape(g.tag)
	stand := func(at offers.Point, packets int) time.Time {
		var begun counts
		marketer.call("GET", readings, nil, 200, &begun)
		g.at = at
		g.tell(packets)
		return begun.Now
	}
	point := func(at offers.Point, since time.Time) map[string]any {
		return map[string]any{"tag": g.tag, "floor": "ground", "at": at, "since": since}
	}
	since := stand(offers.Point{X: 3, Y: 3}, 1)
	var counted counts
	marketer.call("GET", readings+"&since="+url.QueryEscape(since.Format(time.RFC3339Nano)), nil, 200, &counted)
	if counted.Packets != 4 || len(counted.Receivers) != 4 || counted.Receivers[0].Receiver != "rx1" || !counted.Listening {
		t.Errorf("counted %+v, want 4 packets, rx1 the loudest", counted)
	}
	if status, body := marketer.try("POST", survey+"/points", point(offers.Point{X: 3, Y: 3}, since)); status != 400 || !strings.Contains(string(body), "stand longer") {
		t.Errorf("four packets: %d %s", status, body)
	}
	for name, in := range map[string]map[string]any{
		"floor": {"tag": g.tag, "floor": "roof", "at": offers.Point{}, "since": since},
		"at":    {"tag": g.tag, "floor": "ground", "at": offers.Point{X: 99}, "since": since},
		"since": {"tag": g.tag, "floor": "ground", "at": offers.Point{}, "since": since.Add(-time.Hour)},
		"tag":   {"tag": "*", "floor": "ground", "at": offers.Point{}, "since": since},
	} {
		if status, body := marketer.try("POST", survey+"/points", in); status != 400 || fields(t, body) != name {
			t.Errorf("a wrong %s: %d %s", name, status, body)
		}
	}

	var answer surveyAnswer
	for x := 3.0; x < 30; x += 6 {
		for y := 3.0; y < 20; y += 5 {
			at := offers.Point{X: x, Y: y}
			since := stand(at, 20)
			marketer.call("POST", survey+"/points", point(at, since), 200, &answer)
		}
	}
	marketer.call("GET", survey, nil, 200, &answer)
	if answer.Fit.Points != 20 || answer.Fit.Measured != 20 || answer.Floors[0].Points != 20 || answer.Floors[1].Points != 0 {
		t.Errorf("fit %+v, floors %+v, want 20 points of the ground floor", answer.Fit, answer.Floors)
	}
	if answer.Fit.P50M <= 0 || answer.Fit.P50M > 3 || answer.Fit.P90M < answer.Fit.P50M || answer.Fit.P90M > 6 {
		t.Errorf("median %.2f m, p90 %.2f m of a tag in the open", answer.Fit.P50M, answer.Fit.P90M)
	}
	if e := answer.Receivers[0]; e.Points != 20 || math.Abs(e.Exponent-2.5) > .3 {
		t.Errorf("a receiver's law %+v, want an exponent of 2.5 from 20 points", e)
	}
	if p := answer.Points[0]; len(p.Heard) != 4 || p.Heard[0].ResidualDB == nil || math.Abs(*p.Heard[0].ResidualDB) > 6 {
		t.Errorf("the first point %+v", p)
	}

	again := offers.Point{X: 3.2, Y: 3.2} // half a metre from the first
	since = stand(again, 30)
	marketer.call("POST", survey+"/points", point(again, since), 200, &answer)
	if len(answer.Points) != 20 || answer.Points[19].At != again || answer.Points[19].Heard[0].Packets != 30 {
		t.Errorf("the point that was surveyed again: %d points, the last %+v", len(answer.Points), answer.Points[len(answer.Points)-1])
	}

	var kept offers.Shop
	marketer.call("GET", "/api/shops/centraal", nil, 200, &kept)
	if kept.Survey != nil {
		t.Error("the survey goes with every shop")
	}
	kept.Receivers[0].At.X = 15 // far from where it was surveyed
	marketer.call("PUT", "/api/shops/centraal", kept, 200, nil)
	marketer.call("GET", survey, nil, 200, &answer)
	if len(answer.Points) != 20 || len(answer.Points[0].Heard) != 3 {
		t.Errorf("after a receiver was moved: %d points, the first heard by %d, want 20 and 3", len(answer.Points), len(answer.Points[0].Heard))
	}
	onStream(t, h, func(c *offers.Catalogue) bool { s := c.Shops["centraal"]; return s != nil && len(s.Survey) == 20 })

	marketer.call("DELETE", survey+"?floor=ground&x=3.2&y=3.2", nil, 200, &answer)
	if len(answer.Points) != 19 {
		t.Errorf("%d points after one was removed", len(answer.Points))
	}
	marketer.call("DELETE", survey, nil, 400, nil)
	marketer.call("DELETE", survey+"?floor=ground", nil, 200, &answer)
	if len(answer.Points) != 0 {
		t.Errorf("%d points after all were removed", len(answer.Points))
	}
}

func TestSurveyWithoutListener(t *testing.T) {
	h := open(t)
	marketer := h.as(catalog.RoleMarketer)
	marketer.call("PUT", "/api/shops/centraal", surveyed(), 200, nil)
	in := map[string]any{"tag": "t", "floor": "ground", "at": offers.Point{X: 1, Y: 1}, "since": time.Now().Add(-10 * time.Second)}
	marketer.call("POST", "/api/shops/centraal/survey/points", in, 503, nil)
}

func TestShopHealth(t *testing.T) {
	h := open(t)
	h.admin().call("PUT", "/api/shops/centraal", surveyed(), 200, nil)
	viewer := h.as(catalog.RoleViewer)
	var got struct {
		Devices []struct {
			ID, Health, Firmware string
			PacketsPerS          float64 `json:"packets_per_s"`
			AheadMs              int64   `json:"ahead_ms"`
		}
		Measured time.Time
		Zones    []map[string]any
	}
	viewer.call("GET", "/api/shops/centraal/health", nil, 200, &got)
	if len(got.Devices) != 5 || len(got.Zones) != 0 || !got.Measured.IsZero() {
		t.Errorf("before anything was heard: %+v", got)
	}
	at := time.Now().UTC().Truncate(time.Second)
	err := h.store.TellZones(t.Context(), "centraal", state.ZonesHealth{At: at, Zones: []canary.Zone{
		{Zone: "shoes", Canaries: 1, Errors: 40, P50M: 1.204, P95M: 3.5, WidthM: 5, Held: true, Why: "far off", Mend: "rx1", What: "it hears less"},
		{Zone: "gone"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.Heard(t.Context(), map[state.Device]time.Time{state.Receiver("rx1"): time.Now()}); err != nil {
		t.Fatal(err)
	}
	err = h.store.TellReceivers(t.Context(), map[offers.ReceiverID]state.ReceiverHealth{"rx1": {PacketsPerS: 12.5, AheadMs: 1500, Status: "online", Firmware: "v4"}})
	if err != nil {
		t.Fatal(err)
	}
	viewer.call("GET", "/api/shops/centraal/health", nil, 200, &got)
	for _, d := range got.Devices {
		if d.ID == "rx1" && (d.PacketsPerS != 12.5 || d.AheadMs != 1500 || d.Firmware != "v4") || d.ID != "rx1" && d.PacketsPerS != 0 {
			t.Errorf("device %+v", d)
		}
	}
	want := []map[string]any{{"zone": "shoes", "canaries": 1.0, "errors": 40.0, "p50_m": 1.2, "p95_m": 3.5, "wrong_floor": 0.0, "width_m": 5.0,
		"held": true, "why": "far off", "mend": "rx1", "what": "it hears less"}}
	if diff := cmp.Diff(want, got.Zones); diff != "" || !got.Measured.Equal(at) {
		t.Errorf("zones, measured %v (-want +got):\n%s", got.Measured, diff)
	}
}

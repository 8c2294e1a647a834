package floorplan

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
)

func box(x, y, w, h float64) []offers.Point {
	return []offers.Point{{X: x, Y: y}, {X: x + w, Y: y}, {X: x + w, Y: y + h}, {X: x, Y: y + h}}
}

func centre() *offers.Shop {
	return &offers.Shop{
		ID: "centre", Name: "Centre", TimeZone: "Europe/Berlin", Currency: "EUR", Quiet: offers.QuietHours{FromMinute: 1200, UntilMinute: 480},
		Floors: []offers.Floor{
			{ID: "ground", Name: "Ground", WidthM: 20, DepthM: 10, Image: "/plans/ground.png"},
			{ID: "first", WidthM: 10, DepthM: 10, Outline: []offers.Point{{}, {X: 10}, {X: 10, Y: 5}, {X: 5, Y: 5}, {X: 5, Y: 10}, {Y: 10}}},
		},
		Zones: []offers.Zone{
			{ID: "shoes", Floor: "ground", Name: "Shoes", Kind: offers.ZoneSales, Category: "footwear", Polygon: box(0, 0, 10, 10), Dwell: 90 * time.Second, Capacity: 12},
			{ID: "pharmacy", Floor: "ground", Kind: offers.ZoneQuiet, Polygon: box(10, 0, 10, 10)},
			{ID: "toys", Floor: "first", Kind: offers.ZoneSales, Polygon: box(0, 0, 5, 10)},
			{ID: "till", Floor: "first", Kind: offers.ZoneCheckout},
		},
		Receivers: []offers.Receiver{{ID: "r1", Floor: "ground", Zone: "shoes", At: offers.Point{X: 3.25, Y: 4}, OffsetDB: -2, Exponent: 2.2, SpreadDB: 4}},
		Cameras:   []offers.Camera{{ID: "c1", Floor: "ground", Zone: "shoes", At: offers.Point{X: 1, Y: 1}, HeadingDeg: 45}},
		Fixtures:  []offers.Fixture{{Floor: "ground", Kind: "shelf", At: offers.Point{X: 2, Y: 2}, WidthM: 4, DepthM: .5}},
		Entrances: []offers.Entrance{{ID: "door", Floor: "ground", At: offers.Point{Y: 5}}, {ID: "stairs", Floor: "ground", At: offers.Point{X: 19, Y: 5}, Leads: "first"}},
		Canaries:  []offers.Canary{{Tag: "iBeacon:x-1-1", Floor: "ground", At: offers.Point{X: 5, Y: 5}}},
		Survey: []offers.SurveyPoint{{Floor: "ground", At: offers.Point{X: 5, Y: 6}, Taken: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC),
			Heard: []offers.Surveyed{{Receiver: "r1", GainDB: -14.5, Packets: 20}}}},
	}
}

func TestThereAndBack(t *testing.T) {
	want := centre()
	want.Floors[0].Picture = &offers.Picture{At: offers.Point{X: -1, Y: 2}, WidthM: 22, DepthM: 11, Opacity: .4}
	pictures := map[string]Picture{want.Floors[0].Image: {"image/png", []byte("\x89PNG\r\n\x1a\n\x00")}}
	data, err := Export(want, pictures)
	if err != nil {
		t.Fatal(err)
	}
	got, with, err := Import(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("shop (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(pictures, with); diff != "" {
		t.Errorf("pictures (-want +got):\n%s", diff)
	}
	if faults := Validate(got); len(faults) > 0 {
		t.Errorf("faults %v", faults)
	}
}

// What a reader of GeoJSON that knows nothing of shops relies on.
func TestExportIsGeoJSON(t *testing.T) {
	data, err := Export(centre(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Type     string
		Features []struct {
			Type     string
			Geometry *struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	if c.Type != "FeatureCollection" || len(c.Features) != 13 {
		t.Errorf("%s of %d features", c.Type, len(c.Features))
	}
	for _, f := range c.Features {
		if f.Type != "Feature" {
			t.Errorf("type %q", f.Type)
		}
		if f.Geometry == nil || f.Geometry.Type != "Polygon" {
			continue
		}
		var rings [][][2]float64
		if err := json.Unmarshal(f.Geometry.Coordinates, &rings); err != nil || len(rings) != 1 || len(rings[0]) < 4 || rings[0][0] != rings[0][len(rings[0])-1] {
			t.Errorf("polygon %s is not a closed ring: %v", f.Geometry.Coordinates, err)
		}
	}
}

func TestImportOfOthers(t *testing.T) {
	const plan = `{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"g","properties":{"kind":"floor"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[8,0],[8,6],[0,6],[0,0]]]}},
		{"type":"Feature","properties":{"kind":"zone","id":"z","floor":"g","color":"#fff"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[8,0],[8,6],[0,6]]]}}]}`
	got, _, err := Import([]byte(plan))
	if err != nil {
		t.Fatal(err)
	}
	want := &offers.Shop{Floors: []offers.Floor{{ID: "g", WidthM: 8, DepthM: 6}}, Zones: []offers.Zone{{ID: "z", Floor: "g", Polygon: box(0, 0, 8, 6)}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("shop (-want +got):\n%s", diff)
	}
	for name, plan := range map[string]string{
		"no JSON":          `{`,
		"no collection":    `{"type":"Feature"}`,
		"feet":             `{"type":"FeatureCollection","units":"ft","features":[]}`,
		"another kind":     `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"river"}}]}`,
		"a floor of lines": `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"floor"},"geometry":{"type":"LineString","coordinates":[[0,0],[1,1]]}}]}`,
		"a zone with holes": `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"zone"},"geometry":{"type":"Polygon",
			"coordinates":[[[0,0],[8,0],[8,6],[0,0]],[[1,1],[2,1],[2,2],[1,1]]]}}]}`,
		"a point of one number":    `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"receiver"},"geometry":{"type":"Point","coordinates":[1]}}]}`,
		"a receiver without place": `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"receiver"},"geometry":null}]}`,
		"a dwell of years":         `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"zone","dwell_s":1e9},"geometry":null}]}`,
	} {
		if _, _, err := Import([]byte(plan)); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(s *offers.Shop)
		want  []string // code what id other
	}{
		{"nothing", func(*offers.Shop) {}, nil},
		{"a shop without a plan", func(s *offers.Shop) { *s = offers.Shop{ID: "s"} }, nil},
		{"zones that overlap", func(s *offers.Shop) { s.Zones[1].Polygon = box(9, 0, 10, 10) }, []string{"overlap zone pharmacy shoes"}},
		{"zones that share a wall badly drawn", func(s *offers.Shop) { s.Zones[1].Polygon = box(9.998, 0, 10, 10) }, nil},
		{"a zone in another", func(s *offers.Shop) { s.Zones[1].Polygon = box(4, 4, 2, 2) }, []string{"overlap zone pharmacy shoes"}},
		{"zones of two floors one above the other", func(s *offers.Shop) { s.Zones[2].Polygon = box(0, 0, 4, 4) }, nil},
		{"a zone without an area", func(s *offers.Shop) { s.Zones[0].Polygon = []offers.Point{{}, {X: 5}, {X: 9}} }, []string{"no_area zone shoes "}},
		{"a zone with two corners", func(s *offers.Shop) { s.Zones[0].Polygon = []offers.Point{{}, {X: 5}} }, []string{"no_area zone shoes "}},
		{"a bow tie", func(s *offers.Shop) { s.Zones[0].Polygon = []offers.Point{{}, {X: 5, Y: 5}, {X: 5}, {Y: 5}} }, []string{"self_intersection zone shoes "}},
		{"a zone over the edge", func(s *offers.Shop) { s.Zones[1].Polygon = box(11, 0, 10, 10) }, []string{"out_of_bounds zone pharmacy ground"}},
		{"a zone behind the walls", func(s *offers.Shop) { s.Zones[2].Polygon = box(0, 0, 9, 9) }, []string{"out_of_bounds zone toys first"}},
		{"a floor that is not there", func(s *offers.Shop) { s.Zones[0].Floor = "attic" }, []string{"unknown_floor zone shoes attic"}},
		{"a receiver outside", func(s *offers.Shop) { s.Receivers[0].At.X = 21 }, []string{"out_of_bounds receiver r1 ground"}},
		{"a receiver nowhere", func(s *offers.Shop) { s.Receivers[0].At.X = math.NaN() }, []string{"not_a_number receiver r1 "}},
		{"a receiver of no zone that is there", func(s *offers.Shop) { s.Receivers[0].Zone = "bakery" }, []string{"unknown_zone receiver r1 bakery"}},
		{"two receivers of one name", func(s *offers.Shop) { s.Receivers = append(s.Receivers, s.Receivers[0]) }, []string{"duplicate receiver r1 "}},
		{"a zone without a name", func(s *offers.Shop) { s.Zones[3].ID = "" }, []string{"no_name zone  "}},
		{"a floor without a size", func(s *offers.Shop) { s.Floors[0].WidthM = 0 }, []string{"no_size floor ground ", "unknown_floor zone shoes ground"}},
		{"walls outside of the floor", func(s *offers.Shop) { s.Floors[1].Outline[1].X = 12 }, []string{"out_of_bounds floor first "}},
		{"stairs to nowhere", func(s *offers.Shop) { s.Entrances[1].Leads = "roof" }, []string{"unknown_floor entrance stairs roof"}},
		{"no floor at all", func(s *offers.Shop) { s.Floors = nil }, []string{"no_floor shop centre ", "unknown_floor zone shoes ground"}},
		{"a canary outside", func(s *offers.Shop) { s.Canaries[0].At.Y = -3 }, []string{"out_of_bounds canary iBeacon:x-1-1 ground"}},
		{"a zone of ten thousand corners", func(s *offers.Shop) { s.Zones[0].Polygon = make([]offers.Point, 10_000) }, []string{"too_many zone shoes "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := centre()
			tt.spoil(s)
			faults := Validate(s)
			var got []string
			for _, f := range faults {
				got = append(got, fmt.Sprintf("%s %s %s %s", f.Code, f.What, f.ID, f.Other))
				if len(f.Detail) < 5 || !strings.Contains(f.String(), f.Detail) {
					t.Errorf("fault %+v does not say what is wrong", f)
				}
			}
			if n := len(tt.want); n > 1 && len(got) > n {
				got = got[:n] // the same for all that stands there
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if err := Error(faults); (err != nil) != (len(tt.want) > 0) || err != nil && !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func FuzzImport(f *testing.F) {
	data, err := Export(centre(), map[string]Picture{"/plans/ground.png": {"image/png", []byte{1, 2, 3}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"kind":"zone","id":"z","floor":"g"},"geometry":{"type":"Polygon","coordinates":[[[1e308,0],[8,1e308],[8,6],[0,6]]]}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, pictures, err := Import(data)
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("error of no kind: %v", err)
			}
			return
		}
		if len(Validate(s)) > 0 {
			return
		}
		again, err := Export(s, pictures)
		if err != nil {
			t.Fatal(err)
		}
		back, with, err := Import(again)
		if err != nil {
			t.Fatal(err)
		}
		if faults := Validate(back); len(faults) > 0 {
			t.Errorf("after a round trip: %v", faults)
		}
		if diff := cmp.Diff(pictures, with, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("pictures after a round trip (-want +got):\n%s", diff)
		}
	})
}

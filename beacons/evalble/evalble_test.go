package evalble

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"aisle/offers"
)

// The floors are what plain methods reach on the same recordings: nearest
// neighbours on fingerprints with smoothing 1.59 m (90 of 100 within 3.32 m) on
// tetam, 1.07 m (2.16 m) on the flat; the nearest receiver is right of 48.7 of
// 100 zones.
func TestFloors(t *testing.T) {
	r, err := Evaluate(os.DirFS("../../../shared/data"))
	if errors.Is(err, offers.ErrNotFound) {
		t.Skip("the recordings are not here: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%v", r)
	for set, floor := range map[string]struct{ median, p90, zone float64 }{"tetam": {1.4, 2.8, .5}, "flat": {.95, 2.0, .6}} {
		row, law, loud, like := r.Row(set, Fingerprints), r.Row(set, LogDistance), r.Row(set, Strongest), r.Row(set, Smoothed)
		if row == nil {
			continue
		}
		if row.MedianM > like.MedianM || row.P90M > like.P90M || row.ZoneMoved < like.ZoneMoved {
			t.Errorf("%s: median %.2f m, p90 %.2f m, zones %.3f; smoothed nearest neighbours have %.2f, %.2f and %.3f",
				set, row.MedianM, row.P90M, row.ZoneMoved, like.MedianM, like.P90M, like.ZoneMoved)
		}
		if row.MedianM > floor.median || row.P90M > floor.p90 || row.ZoneRight < floor.zone {
			t.Errorf("%s: median %.2f m, p90 %.2f m, zone %.3f; want at most %v m, %v m, at least %v", set, row.MedianM, row.P90M, row.ZoneRight, floor.median, floor.p90, floor.zone)
		}
		if row.MedianM >= law.MedianM || law.MedianM >= loud.MedianM {
			t.Errorf("%s: fingerprints %.2f m, log-distance %.2f m, strongest receiver %.2f m", set, row.MedianM, law.MedianM, loud.MedianM)
		}
		for _, m := range []string{Uncalibrated, LogDistance, Fingerprints} {
			if row := r.Row(set, m); row.InEllipse < .6 || row.InEllipse > .9 {
				t.Errorf("%s, %s: the ellipse for 68 %% holds %.0f %%", set, m, 100*row.InEllipse)
			}
		}
		if row.ZoneChanges > row.TrueChanges {
			t.Errorf("%s: %d zone changes, truly %d", set, row.ZoneChanges, row.TrueChanges)
		}
	}
}

// A made-up recording in the sets' own forms: what is read is what was written.
func TestForms(t *testing.T) {
	const dev = `Dongles:{"aa": [[1.0, 1.0, 1.2], 1, "s1"], "bb": [[9.0, 1.0, 1.2], 2, "s2"], "cc": [[5.0, 7.0, 2.3], 3, "s3"]}
Beacons:{"t": [[], 1, "b"]}`
	var hst strings.Builder
	hst.WriteString("Bins:[-90.0, -70.0, -50.0, -30.0]\nFingerprints:{")
	for i, at := range []string{"(2.0, 2.0, 1.8)", "(5.0, 2.0, 1.8)", "(8.0, 2.0, 1.8)", "(3.0, 6.0, 1.8)", "(7.0, 6.0, 1.8)"} {
		if i > 0 {
			hst.WriteString(",")
		}
		hst.WriteString(`"` + at + `":{"aa":{"t":[0.5,0.5,0.0]},"bb":{"t":[0.0,1.0,0.0]},"cc":{"t":[0.2,0.8,0.0]}}`)
	}
	hst.WriteString("}")
	var trk strings.Builder
	for i := range 40 {
		second := string(rune('0'+i/10)) + string(rune('0'+i%10))
		for _, r := range []string{"aa", "bb", "cc"} {
			trk.WriteString("15812496" + second + ".5," + r + ",t,-65,2.0,2.5,1.8,0,0\n")
		}
	}
	fsys := fstest.MapFS{
		"ble/tetam/cnf/tetam.dev":               {Data: []byte(dev)},
		"ble/tetam/cnf/tetam.par":               {Data: []byte(`{"limits": [0.0, 0.0, 10.0, 8.0], "parity": 0.03}`)},
		"ble/tetam/hst_set_1.hst":               {Data: []byte(hst.String())},
		"ble/tetam/trk/one.mbd":                 {Data: []byte(trk.String() + "garbage\n")},
		"ble/flat-calib2021/layout.csv":         {Data: []byte("x,y\n0,0\n6,0\n6,4\n0,4\n0,0\n")},
		"ble/flat-calib2021/anchors.csv":        {Data: []byte("id,x,y,z\n1,1,1,2\n2,5,1,2\n3,3,3,2\n")},
		"ble/flat-calib2021/tests/other_df.csv": {Data: []byte(",ts,x,y,rssi_7\n0,1.6e18,1,1,-50\n")},
	}
	var rows strings.Builder
	rows.WriteString(",ts,x,heading,y,rssi_1,rssi_2,rssi_3\n")
	for i := range 90 {
		sec := string(rune('0'+i/10)) + string(rune('0'+i%10))
		rows.WriteString("0,16250475" + sec + "000000000,2.0,0,2.0,-50.5,-60,\n")
	}
	fsys["ble/flat-calib2021/calibration/calibration_df.csv"] = &fstest.MapFile{Data: []byte(rows.String())}
	fsys["ble/flat-calib2021/tests/test_robot_df.csv"] = &fstest.MapFile{Data: []byte(rows.String())}
	r, err := Evaluate(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"tetam", "flat", "flat tests"} {
		for _, m := range methods {
			if row := r.Row(set, m); row == nil || row.Packets == 0 || row.MedianM < 0 || row.MedianM > 9 || row.MedianM == 0 && m != Neighbours && m != Smoothed {
				t.Errorf("%s, %s: %+v", set, m, row)
			}
		}
	}
	if n := r.Row("flat tests", Strongest).Packets; n != 176 { // all but those of the first two seconds
		t.Errorf("%d packets of the flat's test, want 176", n)
	}
	if files := len(r.Files); files != 3*2 {
		t.Errorf("%d rows of recordings, want 3 of each of two", files)
	}
	for _, want := range []string{"flat-calib2021: 1 test walks", "other_df.csv", "flat tests, test_robot_df"} {
		if !strings.Contains(r.String(), want) {
			t.Errorf("the report lacks %q:\n%v", want, r)
		}
	}
}

func TestNothingThere(t *testing.T) {
	if _, err := Evaluate(fstest.MapFS{}); !errors.Is(err, offers.ErrNotFound) {
		t.Errorf("of nothing: %v", err)
	}
}

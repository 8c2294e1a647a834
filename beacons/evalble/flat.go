package evalble

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
)

// flat is the set flat-calib2021: six anchors in a flat, a robot with a tag on
// a pole.

func table(fsys fs.FS, name string) (header map[string]int, rows [][]string, err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	all, err := r.ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w: %w", name, offers.ErrInvalid, err)
	}
	if len(all) == 0 {
		return nil, nil, fmt.Errorf("%s: %w: empty", name, offers.ErrInvalid)
	}
	header = map[string]int{}
	for i, name := range all[0] {
		header[name] = i
	}
	return header, all[1:], nil
}

// number is a cell of a table, or NaN.
func number(header map[string]int, row []string, column string) float64 {
	i, ok := header[column]
	if !ok || i >= len(row) || row[i] == "" {
		return math.NaN()
	}
	x, err := strconv.ParseFloat(row[i], 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

func flatShop(fsys fs.FS, dir string) (*offers.Shop, error) {
	h, rows, err := table(fsys, path.Join(dir, "layout.csv"))
	if err != nil {
		return nil, err
	}
	var outline []offers.Point
	for _, row := range rows {
		outline = append(outline, offers.Point{X: number(h, row, "x"), Y: number(h, row, "y")})
	}
	if n := len(outline); n > 1 && outline[0] == outline[n-1] {
		outline = outline[:n-1]
	}
	s := &offers.Shop{ID: "flat", Floors: []offers.Floor{{ID: "flat", Outline: outline}}}
	h, rows, err = table(fsys, path.Join(dir, "anchors.csv"))
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		id := "rssi_" + row[h["id"]]
		s.Receivers = append(s.Receivers, offers.Receiver{ID: offers.ReceiverID(id), Floor: "flat", Zone: offers.ZoneID(id), At: offers.Point{X: number(h, row, "x"), Y: number(h, row, "y")}})
		s.Zones = append(s.Zones, offers.Zone{ID: offers.ZoneID(id), Floor: "flat"})
	}
	return s, nil
}

// errNoTrack is a table of something else, or of other anchors.
var errNoTrack = errors.New("no track of these anchors")

// flatTrack reads a table of powers, three rows a second, where the robot was
// at each.
func flatTrack(fsys fs.FS, name string, s *offers.Shop) (track, error) {
	h, rows, err := table(fsys, name)
	if err != nil {
		return track{}, err
	}
	t := track{name: strings.TrimSuffix(path.Base(name), ".csv")}
	columns := []string{"ts", "x", "y"}
	for _, r := range s.Receivers {
		columns = append(columns, string(r.ID))
	}
	for _, c := range columns {
		if _, ok := h[c]; !ok {
			return t, fmt.Errorf("%s: %w: %w", name, offers.ErrInvalid, errNoTrack)
		}
	}
	for _, row := range rows {
		ts, at := number(h, row, "ts"), offers.Point{X: number(h, row, "x"), Y: number(h, row, "y")}
		if math.IsNaN(ts + at.X + at.Y) {
			continue
		}
		for _, r := range s.Receivers {
			if rssi := number(h, row, string(r.ID)); !math.IsNaN(rssi) {
				t.packets = append(t.packets, packet{time.Unix(0, int64(ts)).UTC(), r.ID, rssi, at})
			}
		}
	}
	return t, nil
}

// flatSurvey is a track as the product keeps a survey: a press of the button at
// each row.
func flatSurvey(packets []packet) (survey []offers.SurveyPoint) {
	for i, p := range packets {
		if i == 0 || packets[i-1].at != p.at {
			survey = append(survey, offers.SurveyPoint{Floor: "flat", At: p.truth})
		}
		at := &survey[len(survey)-1]
		at.Heard = append(at.Heard, offers.Surveyed{Receiver: p.receiver, GainDB: p.rssi - powerAt1m, Packets: 1})
	}
	return survey
}

// evaluateFlat sets parts of the calibration aside, a minute out of six, each in
// its turn; and where walks of the set are here, it measures on these, too, each
// and all of them.
func evaluateFlat(r *Report, fsys fs.FS, dir string) error {
	s, err := flatShop(fsys, dir)
	if err != nil {
		return err
	}
	calibration, err := flatTrack(fsys, path.Join(dir, "calibration", "calibration_df.csv"), s)
	if err != nil {
		return err
	}
	const folds, block = 6, time.Minute
	all := scores{}
	for fold := range folds {
		var survey []packet
		var set []track
		last := -1
		for _, p := range calibration.packets {
			n := int(p.at.Sub(calibration.packets[0].at) / block)
			if n%folds != fold {
				survey = append(survey, p)
				continue
			}
			if n != last {
				set, last = append(set, track{name: fmt.Sprintf("block %d", n)}), n
			}
			set[len(set)-1].packets = append(set[len(set)-1].packets, p)
		}
		of, err := measure(s, flatSurvey(survey), set)
		if err != nil {
			return err
		}
		for i := range of {
			all.add(of[i])
		}
	}
	r.Rows = append(r.Rows, all.rows("flat", methods)...)
	r.Notes = append(r.Notes, fmt.Sprintf("flat-calib2021: blocks of %v of the calibration are set aside, in %d folds", block, folds))
	var tests []track
	for _, pattern := range []string{"*.csv", "tests/*.csv", "test/*.csv"} {
		names, err := fs.Glob(fsys, path.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			t, err := flatTrack(fsys, name, s)
			if errors.Is(err, errNoTrack) {
				if path.Dir(name) != dir {
					r.Notes = append(r.Notes, fmt.Sprintf("%v: left out", err))
				}
				continue
			}
			if err != nil {
				return err
			}
			tests = append(tests, t)
		}
	}
	if len(tests) == 0 {
		r.Notes = append(r.Notes, "flat-calib2021: no test walks here")
		return nil
	}
	r.Notes = append(r.Notes, fmt.Sprintf("flat-calib2021: %d test walks", len(tests)))
	of, err := measure(s, flatSurvey(calibration.packets), tests)
	if err != nil {
		return err
	}
	r.tell("flat tests", tests, of)
	return nil
}

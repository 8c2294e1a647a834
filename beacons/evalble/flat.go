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

var errOtherAnchors = errors.New("other anchors")

// flatTrack reads a table of powers, three rows a second, where the robot was
// at each.
func flatTrack(fsys fs.FS, name string, s *offers.Shop) (track, error) {
	h, rows, err := table(fsys, name)
	if err != nil {
		return track{}, err
	}
	t := track{name: strings.TrimSuffix(path.Base(name), ".csv")}
	for _, r := range s.Receivers {
		if _, ok := h[string(r.ID)]; !ok {
			return t, fmt.Errorf("%s: %w: %w", name, offers.ErrInvalid, errOtherAnchors)
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

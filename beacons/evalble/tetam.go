package evalble

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
)

// tetam is the set of that name: twelve receivers in a hall, a beacon carried
// about, and where it truly was at every packet.

// fields reads the lines "Key:{json}" of the set's files.
func fields(fsys fs.FS, name string) (map[string]json.RawMessage, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	found := map[string]json.RawMessage{}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			found[key] = json.RawMessage(value)
		}
	}
	return found, nil
}

func tetamShop(fsys fs.FS, dir string) (*offers.Shop, error) {
	name := path.Join(dir, "cnf", "tetam.dev")
	keys, err := fields(fsys, name)
	if err != nil {
		return nil, err
	}
	var dongles map[string][]json.RawMessage
	if err := json.Unmarshal(keys["Dongles"], &dongles); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", name, offers.ErrInvalid, err)
	}
	data, err := fs.ReadFile(fsys, path.Join(dir, "cnf", "tetam.par"))
	if err != nil {
		return nil, err
	}
	var par struct{ Limits [4]float64 }
	if err := json.Unmarshal(data, &par); err != nil {
		return nil, fmt.Errorf("tetam.par: %w: %w", offers.ErrInvalid, err)
	}
	s := &offers.Shop{ID: "tetam", Floors: []offers.Floor{{ID: "hall", WidthM: par.Limits[2], DepthM: par.Limits[3]}}}
	for id, d := range dongles {
		var at [3]float64
		if len(d) == 0 || json.Unmarshal(d[0], &at) != nil {
			return nil, fmt.Errorf("%s: dongle %s: %w: want a position", name, id, offers.ErrInvalid)
		}
		s.Receivers = append(s.Receivers, offers.Receiver{ID: offers.ReceiverID(id), Floor: "hall", Zone: offers.ZoneID(id), At: offers.Point{X: at[0], Y: at[1]}})
	}
	slices.SortFunc(s.Receivers, func(a, b offers.Receiver) int { return strings.Compare(string(a.ID), string(b.ID)) })
	for _, r := range s.Receivers { // the zone of a receiver is where it is the nearest one
		s.Zones = append(s.Zones, offers.Zone{ID: r.Zone, Floor: "hall"})
	}
	return s, nil
}

// fingerprint is how one receiver heard the beacon at one point: how many of a
// hundred packets at which strength.
type fingerprint struct {
	at       offers.Point
	receiver offers.ReceiverID
	shares   []float64
}

func tetamFingerprints(fsys fs.FS, dir string) (bins []float64, prints []fingerprint, err error) {
	name := path.Join(dir, "hst_set_1.hst")
	keys, err := fields(fsys, name)
	if err != nil {
		return nil, nil, err
	}
	var at map[string]map[offers.ReceiverID]map[string][]float64
	for key, into := range map[string]any{"Bins": &bins, "Fingerprints": &at} {
		if err := json.Unmarshal(keys[key], into); err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %w: %w", name, key, offers.ErrInvalid, err)
		}
	}
	for point, receivers := range at {
		var x, y, z float64
		if _, err := fmt.Sscanf(point, "(%g, %g, %g)", &x, &y, &z); err != nil {
			return nil, nil, fmt.Errorf("%s: point %q: %w: %w", name, point, offers.ErrInvalid, err)
		}
		for id, beacons := range receivers {
			for _, shares := range beacons {
				if len(shares) == len(bins) || len(shares) == len(bins)-1 { // bins are edges
					prints = append(prints, fingerprint{offers.Point{X: x, Y: y}, id, shares})
				}
			}
		}
	}
	slices.SortFunc(prints, func(a, b fingerprint) int {
		return slices.Compare([]float64{a.at.X, a.at.Y, 0}, []float64{b.at.X, b.at.Y, float64(strings.Compare(string(b.receiver), string(a.receiver)))})
	})
	return bins, prints, nil
}

// tetamSurvey is the fingerprints as the product keeps a survey: of each
// receiver the mean power at each point.
func tetamSurvey(bins []float64, prints []fingerprint) (survey []offers.SurveyPoint) {
	for _, p := range prints {
		sum, power := 0.0, 0.0
		for i, s := range p.shares {
			sum += s
			power += s * math.Pow(10, bins[i]/10)
		}
		if !(sum > 0) {
			continue
		}
		if n := len(survey); n == 0 || survey[n-1].At != p.at {
			survey = append(survey, offers.SurveyPoint{Floor: "hall", At: p.at})
		}
		at := &survey[len(survey)-1]
		at.Heard = append(at.Heard, offers.Surveyed{Receiver: p.receiver, GainDB: 10*math.Log10(power/sum) - powerAt1m, Packets: 100})
	}
	return survey
}

func tetamTracks(fsys fs.FS, dir string) ([]track, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "trk", "*.mbd"))
	if err != nil {
		return nil, err
	}
	var tracks []track
	for _, name := range names {
		f, err := fsys.Open(name)
		if err != nil {
			return nil, err
		}
		t := track{name: strings.TrimSuffix(path.Base(name), ".mbd")}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			cells := strings.Split(lines.Text(), ",")
			if len(cells) < 7 {
				continue
			}
			var v [4]float64
			bad := false
			for i, cell := range []string{cells[0], cells[3], cells[4], cells[5]} {
				x, err := strconv.ParseFloat(cell, 64)
				bad = bad || err != nil || math.IsNaN(x)
				v[i] = x
			}
			if !bad {
				t.packets = append(t.packets, packet{time.UnixMicro(int64(v[0] * 1e6)).UTC(), offers.ReceiverID(cells[1]), v[1], offers.Point{X: v[2], Y: v[3]}})
			}
		}
		f.Close()
		slices.SortStableFunc(t.packets, func(a, b packet) int { return a.at.Compare(b.at) })
		tracks = append(tracks, t)
	}
	return tracks, nil
}

func evaluateTetam(r *Report, fsys fs.FS, dir string) error {
	s, err := tetamShop(fsys, dir)
	if err != nil {
		return err
	}
	bins, prints, err := tetamFingerprints(fsys, dir)
	if err != nil {
		return err
	}
	tracks, err := tetamTracks(fsys, dir)
	if err != nil {
		return err
	}
	r.Notes = append(r.Notes, fmt.Sprintf("tetam: %d tracks; survey of %d fingerprints; zones are where a receiver is the nearest one of %d", len(tracks), len(prints), len(s.Receivers)))
	of, err := measure(s, tetamSurvey(bins, prints), tracks)
	if err != nil {
		return err
	}
	r.tell("tetam", tracks, of)
	return nil
}

// Package evalble measures how well the house locates tags, on recordings that
// others made: where the beacon truly was is known for every packet.
//
// The tracker is the product's own, with the product's settings: it hears the
// packets in order and never looks ahead. An error is counted at every packet,
// between the last position that was known by then and where the beacon was; the
// second or two before a tag is present at all are left out.
//
// The receivers' maps are learned from the survey of each set, never from a
// track. That the mean is of power and not of decibels, and how much a second's
// packets count, was chosen by leaving points of the survey out and on walks made
// up over maps drawn from its Gaussian process. What a change of zone takes was
// chosen on made-up walks along a wall, and how alike the exponents of receivers
// are by leaving points out; for these two the open tracks were looked at as well,
// so tracks that nobody saw are the better judge of zones. Over how long packets
// are averaged was chosen on flat, and is judged on tetam; how much shelves
// shadow a receiver that nobody measured was chosen with an eye on both.
//
// The zones of the sets are where a receiver is the nearest one. Three of the open
// tracks of tetam run half a metre beside such a border for all of their length:
// there the zone is right or wrong by a bias of half a metre, whatever the error.
// So zones are counted a second time with all borders moved by up to 3 m.
package evalble

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"aisle/beacons"
	"aisle/beacons/locate"
	"aisle/offers"
)

// Report is what was measured.
type Report struct {
	Rows  []Row
	Files []Row // of each recording, where a set has several
	Notes []string
}

// Row is one way of locating on one set.
type Row struct {
	Set                       string // "tetam"
	Method                    string
	Packets                   int
	MedianM, P75M, P90M, MaxM float64
	ZoneRight                 float64 // share of packets at which the likeliest zone was the true one
	ZoneMoved                 float64 // the same by the position, on average over borders moved by up to 3 m
	StayRight                 float64 // share at which the zone that events speak of was
	ZoneChanges               int     // of the zone that events speak of
	TrueChanges               int
	InEllipse                 float64 // share of packets at which the 68 % ellipse held the true place

	tracked bool // by the product: it has stays and ellipses
}

// Row finds a row; nil if there is none.
func (r *Report) Row(set, method string) *Row {
	for i := range r.Rows {
		if r.Rows[i].Set == set && r.Rows[i].Method == method {
			return &r.Rows[i]
		}
	}
	return nil
}

// Methods that are measured: plain ones of the field, and ours.
const (
	Strongest    = "strongest receiver"
	Neighbours   = "nearest neighbours"
	Smoothed     = "nearest neighbours, smoothed"
	Uncalibrated = "ours: log-distance, no survey"
	LogDistance  = "ours: log-distance, receivers calibrated"
	Fingerprints = "ours: fingerprints"
)

// Write prints the report as tables.
func (r Report) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "set\tmethod\tpackets\tmedian m\tp75 m\tp90 m\tmax m\tzone right\tborders moved\tstay right\tzone changes (truly)\tin ellipse")
	for _, row := range r.Rows {
		fmt.Fprintf(t, "%s\t%s\t%d\t%.2f\t%.2f\t%.2f\t%.2f\t%.1f %%\t%.1f %%\t", row.Set, row.Method, row.Packets,
			row.MedianM, row.P75M, row.P90M, row.MaxM, 100*row.ZoneRight, 100*row.ZoneMoved)
		if !row.tracked {
			fmt.Fprintln(t, "\t\t")
			continue
		}
		fmt.Fprintf(t, "%.1f %%\t%d (%d)\t%.1f %%\n", 100*row.StayRight, row.ZoneChanges, row.TrueChanges, 100*row.InEllipse)
	}
	if len(r.Files) > 0 {
		fmt.Fprintln(t, "\nrecording\tmethod\tpackets\tmedian m\tp75 m\tp90 m\tmax m\tzone right")
	}
	for _, row := range r.Files {
		fmt.Fprintf(t, "%s\t%s\t%d\t%.2f\t%.2f\t%.2f\t%.2f\t%.1f %%\n", row.Set, row.Method, row.Packets, row.MedianM, row.P75M, row.P90M, row.MaxM, 100*row.ZoneRight)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, n := range r.Notes {
		if _, err := fmt.Fprintln(w, n); err != nil {
			return err
		}
	}
	return nil
}

func (r Report) String() string {
	var b strings.Builder
	_ = r.Write(&b)
	return b.String()
}

// Evaluate measures all sets that it finds below a folder of recordings: tetam
// and flat-calib2021. None at all is ErrNotFound.
func Evaluate(fsys fs.FS) (Report, error) {
	var r Report
	for _, set := range []struct {
		dir     string
		measure func(*Report, fs.FS, string) error
	}{{"tetam", evaluateTetam}, {"flat-calib2021", evaluateFlat}} {
		dir, err := find(fsys, set.dir)
		if err != nil {
			return r, err
		}
		if dir == "" {
			r.Notes = append(r.Notes, set.dir+": not here")
			continue
		}
		if err := set.measure(&r, fsys, dir); err != nil {
			return r, fmt.Errorf("%s: %w", set.dir, err)
		}
	}
	if len(r.Rows) == 0 {
		return r, fmt.Errorf("recordings: %w: neither tetam nor flat-calib2021 has any", offers.ErrNotFound)
	}
	return r, nil
}

// find is the folder of a set, here or one folder down.
func find(fsys fs.FS, name string) (string, error) {
	for _, dir := range []string{name, "ble/" + name} {
		switch info, err := fs.Stat(fsys, dir); {
		case err == nil && info.IsDir():
			return dir, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
	}
	return "", nil
}

// packet is one packet, with where the tag truly was.
type packet struct {
	at       time.Time
	receiver offers.ReceiverID
	rssi     float64
	truth    offers.Point
}

// track is one way that was gone.
type track struct {
	name    string
	packets []packet
}

// score gathers errors.
type score struct {
	errors              []float64
	zone, stay, ellipse int
	moved               float64
	changes, truly      int
	tracked             bool
}

func (sc *score) add(o *score) {
	sc.errors = append(sc.errors, o.errors...)
	sc.zone += o.zone
	sc.moved += o.moved
	sc.stay += o.stay
	sc.ellipse += o.ellipse
	sc.changes += o.changes
	sc.truly += o.truly
	sc.tracked = sc.tracked || o.tracked
}

func (sc *score) row(set, method string) Row {
	slices.Sort(sc.errors)
	n := len(sc.errors)
	if n == 0 {
		return Row{Set: set, Method: method}
	}
	q := func(p float64) float64 { return sc.errors[min(int(p*float64(n)), n-1)] }
	share := func(k int) float64 { return float64(k) / float64(n) }
	return Row{Set: set, Method: method, tracked: sc.tracked, Packets: n, MedianM: q(.5), P75M: q(.75), P90M: q(.9), MaxM: sc.errors[n-1],
		ZoneRight: share(sc.zone), ZoneMoved: sc.moved / float64(n), StayRight: share(sc.stay), InEllipse: share(sc.ellipse),
		ZoneChanges: sc.changes, TrueChanges: sc.truly}
}

// powerAt1m is what a beacon that says nothing of it is taken to have.
const powerAt1m = -59.0

// nearest is the zone of the receiver that is nearest to a point: the zones of
// these sets.
func nearest(s *offers.Shop, p offers.Point) offers.ZoneID {
	zone, least := offers.ZoneID(""), math.Inf(1)
	for _, r := range s.Receivers {
		if d := math.Hypot(r.At.X-p.X, r.At.Y-p.Y); d < least {
			zone, least = r.Zone, d
		}
	}
	return zone
}

// place counts where a method has a tag.
func (sc *score) place(s *offers.Shop, at offers.Point, zone offers.ZoneID, truth offers.Point) {
	sc.errors = append(sc.errors, math.Hypot(truth.X-at.X, truth.Y-at.Y))
	if zone == nearest(s, truth) {
		sc.zone++
	}
	// Where the borders are is a matter of luck: a walk along one asks for another
	// precision than a walk through the middle of a zone.
	right := 0
	for dx := -3.0; dx <= 3; dx += 2 {
		for dy := -3.0; dy <= 3; dy += 2 {
			if nearest(s, offers.Point{X: at.X + dx, Y: at.Y + dy}) == nearest(s, offers.Point{X: truth.X + dx, Y: truth.Y + dy}) {
				right++
			}
		}
	}
	sc.moved += float64(right) / 16
}

// settled is how long a method has before its errors count.
const settled = 2 * time.Second

// follow lets the product follow a track, and scores it.
func (sc *score) follow(s *offers.Shop, t track) error {
	const tag = "iBeacon:track"
	sc.tracked = true
	tr := beacons.NewTracker(beacons.Config{})
	tr.Place(map[offers.ShopID]*offers.Shop{s.ID: s})
	stay, truly := offers.ZoneID(""), offers.ZoneID("")
	for _, p := range t.packets {
		changes, err := tr.Hear(beacons.Reading{Tag: tag, Receiver: p.receiver, At: p.at, RSSIdBm: p.rssi, Power1mdBm: powerAt1m})
		if errors.Is(err, offers.ErrNotFound) {
			continue // a receiver that the set does not place
		}
		if err != nil {
			return err
		}
		for _, c := range changes {
			if c.Kind == beacons.Entered {
				if stay != "" {
					sc.changes++
				}
				stay = c.Stay.Zone
			}
		}
		zone := nearest(s, p.truth)
		if truly != "" && zone != truly {
			sc.truly++
		}
		truly = zone
		at, ok := tr.Where(tag)
		if !ok {
			continue
		}
		likeliest := offers.ZoneID("")
		if len(at.Zones) > 0 {
			likeliest = at.Zones[0].Zone
		}
		sc.place(s, at.At, likeliest, p.truth)
		if stay == zone {
			sc.stay++
		}
		dx, dy := p.truth.X-at.At.X, p.truth.Y-at.At.Y
		det := at.Cov[0]*at.Cov[2] - at.Cov[1]*at.Cov[1]
		if (at.Cov[2]*dx*dx-2*at.Cov[1]*dx*dy+at.Cov[0]*dy*dy)/det < 2.279 { // chi-square of 0.68, two degrees
			sc.ellipse++
		}
	}
	return nil
}

// methods in their order, and of which of them each recording is told.
var (
	methods = []string{Strongest, Neighbours, Smoothed, Uncalibrated, LogDistance, Fingerprints}
	ofFiles = []string{Smoothed, Uncalibrated, Fingerprints}
)

// scores are those of the methods.
type scores map[string]*score

func (all scores) add(o scores) {
	for m, sc := range o {
		if all[m] == nil {
			all[m] = &score{}
		}
		all[m].add(sc)
	}
}

func (all scores) rows(set string, methods []string) (rows []Row) {
	for _, m := range methods {
		rows = append(rows, all[m].row(set, m))
	}
	return rows
}

// measure scores all methods on each track.
func measure(plain *offers.Shop, survey []offers.SurveyPoint, tracks []track) ([]scores, error) {
	surveyed, calibrated := *plain, *plain
	surveyed.Survey = survey
	var err error
	if calibrated.Receivers, err = locate.Calibrate(plain, locate.SurveyOf(&surveyed)); err != nil {
		return nil, err
	}
	of := make([]scores, len(tracks))
	for i, t := range tracks {
		of[i] = scores{}
		for _, m := range methods {
			of[i][m] = &score{}
		}
		of[i][Strongest].loudest(plain, t)
		neighbours(of[i][Neighbours], of[i][Smoothed], plain, survey, t)
		for m, shop := range map[string]*offers.Shop{Uncalibrated: plain, LogDistance: &calibrated, Fingerprints: &surveyed} {
			if err := of[i][m].follow(shop, t); err != nil {
				return nil, err
			}
		}
	}
	return of, nil
}

// tell adds what was measured on the recordings of a set: all together, and each.
func (r *Report) tell(set string, tracks []track, of []scores) {
	all := scores{}
	for i := range of {
		all.add(of[i])
		r.Files = append(r.Files, of[i].rows(set+", "+tracks[i].name, ofFiles)...)
	}
	r.Rows = append(r.Rows, all.rows(set, methods)...)
}

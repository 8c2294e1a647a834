package beacons

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/beacons/polygon"
	"aisle/beacons/spoof"
	"aisle/offers"
)

var start = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

// hall is a shop of 20 by 12 m in four zones of 10 by 6 m, with a receiver in
// the middle of each and one at the crossing.
func hall() *offers.Shop {
	s := &offers.Shop{ID: "hall", Floors: []offers.Floor{{ID: "ground", WidthM: 20, DepthM: 12}}}
	for i, z := range []offers.Zone{
		{ID: "door", Kind: offers.ZoneEntrance, Dwell: time.Hour}, {ID: "shoes", Kind: offers.ZoneSales, Dwell: 20 * time.Second},
		{ID: "quiet", Kind: offers.ZoneQuiet, Dwell: time.Second}, {ID: "toys", Kind: offers.ZoneSales, Dwell: time.Hour},
	} {
		x, y := float64(i%2)*10, float64(i/2)*6
		z.Floor, z.Polygon = "ground", []offers.Point{{X: x, Y: y}, {X: x + 10, Y: y}, {X: x + 10, Y: y + 6}, {X: x, Y: y + 6}}
		s.Zones = append(s.Zones, z)
		s.Receivers = append(s.Receivers, offers.Receiver{ID: offers.ReceiverID("r-" + z.ID), Floor: "ground", Zone: z.ID, At: offers.Point{X: x + 5, Y: y + 3}})
	}
	s.Receivers = append(s.Receivers, offers.Receiver{ID: "r-middle", Floor: "ground", Zone: "door", At: offers.Point{X: 10, Y: 6}})
	return s
}

func plan(shops ...*offers.Shop) map[offers.ShopID]*offers.Shop {
	all := map[offers.ShopID]*offers.Shop{}
	for _, s := range shops {
		all[s.ID] = s
	}
	return all
}

// air is the way from tags to receivers: the log-distance law, with noise of
// each packet, a body on one side of the tag, and losses.
type air struct {
	shop   *offers.Shop
	rnd    *rand.Rand
	packet float64 // dB, standard deviation of a packet
	body   float64 // dB, less for receivers behind the body
	loss   float64 // share of packets
	shade  float64 // dB, of shelves: the same at the same place
	gone   map[offers.ReceiverID]bool
}

func (a *air) readings(tag string, p offers.Point, heading float64, at time.Time) (all []Reading) {
	for _, r := range a.shop.Receivers {
		if a.gone[r.ID] || a.rnd.Float64() < a.loss {
			continue
		}
		d := math.Hypot(math.Hypot(r.At.X-p.X, r.At.Y-p.Y), 0.7)
		rssi := -59 - 27*math.Log10(d) + a.packet*a.rnd.NormFloat64()
		if behind := math.Cos(math.Atan2(r.At.Y-p.Y, r.At.X-p.X) - heading); behind < -0.3 {
			rssi -= a.body
		}
		place := rand.New(rand.NewPCG(uint64(int(p.X/1.5)*100+int(p.Y/1.5)), uint64(len(r.ID))+uint64(r.ID[len(r.ID)-1])))
		rssi += a.shade * place.NormFloat64()
		if rssi > -98 {
			all = append(all, Reading{Tag: tag, Receiver: r.ID, At: at, RSSIdBm: math.Round(rssi), Power1mdBm: -59})
		}
	}
	return all
}

// walker carries a tag about.
type walker struct {
	*air
	tracker *Tracker
	at      time.Time
	point   offers.Point
	moves   []Change
	seen    []Change
}

func (w *walker) keep(changes []Change) {
	for _, c := range changes {
		if c.Kind == Seen {
			w.seen = append(w.seen, c)
		} else {
			w.moves = append(w.moves, c)
		}
	}
}

// stand stays where it is, with two packets a second.
func (w *walker) stand(d time.Duration) {
	for end := w.at.Add(d); w.at.Before(end); w.at = w.at.Add(500 * time.Millisecond) {
		w.hear(0)
	}
}

func (w *walker) hear(heading float64) {
	for _, r := range w.readings("t", w.point, heading, w.at) {
		changes, err := w.tracker.Hear(r)
		if err != nil {
			panic(err)
		}
		w.keep(changes)
	}
	if w.at.Nanosecond() == 0 {
		w.keep(w.tracker.Tick(w.at))
	}
}

// walk goes to a point at a speed.
func (w *walker) walk(to offers.Point, ms float64) {
	heading := math.Atan2(to.Y-w.point.Y, to.X-w.point.X)
	for polygon.Metres(w.point, to) > 0 {
		step := min(ms/2, polygon.Metres(w.point, to))
		w.point.X += step * math.Cos(heading)
		w.point.Y += step * math.Sin(heading)
		if polygon.Metres(w.point, to) < 1e-6 {
			w.point = to
		}
		w.hear(heading)
		w.at = w.at.Add(500 * time.Millisecond)
	}
}

// silence lets time pass without a packet.
func (w *walker) silence(d time.Duration) {
	for end := w.at.Add(d); w.at.Before(end); w.at = w.at.Add(time.Second) {
		w.keep(w.tracker.Tick(w.at))
	}
}

func newWalker(shop *offers.Shop, c Config, seed uint64) *walker {
	w := &walker{air: &air{shop: shop, rnd: rand.New(rand.NewPCG(seed, 2)), packet: 4, body: 4, loss: .1, shade: 3, gone: map[offers.ReceiverID]bool{}},
		tracker: NewTracker(c), at: start, point: offers.Point{X: 5, Y: 3}}
	w.tracker.Place(plan(shop))
	return w
}

func zonesOf(changes []Change) (lines []string) {
	for _, c := range changes {
		lines = append(lines, fmt.Sprintf("%s %s", c.Kind, c.Stay.Zone))
	}
	return lines
}

func TestStays(t *testing.T) {
	door, shoes, quiet := offers.Point{X: 4, Y: 3}, offers.Point{X: 15, Y: 3}, offers.Point{X: 5, Y: 10}
	tests := []struct {
		name string
		do   func(w *walker)
		want []string
	}{
		{"comes in, lingers, and goes home", func(w *walker) { w.walk(door, 1); w.walk(shoes, 1); w.stand(30 * time.Second); w.silence(time.Minute) },
			[]string{"entered door", "left door", "entered shoes", "dwelled shoes", "left shoes"}},
		{"walks through", func(w *walker) { w.point = shoes; w.stand(10 * time.Second); w.walk(door, 1); w.stand(8 * time.Second) },
			[]string{"entered shoes", "left shoes", "entered door"}},
		{"a quiet place is nobody's business", func(w *walker) { w.point = quiet; w.stand(30 * time.Second); w.silence(time.Minute) }, nil},
		{"from the door to a quiet place", func(w *walker) {
			w.point = door
			w.stand(10 * time.Second)
			w.walk(quiet, 1)
			w.stand(10 * time.Second)
		},
			[]string{"entered door", "left door"}},
		{"one receiver alone is an echo", func(w *walker) {
			w.gone = map[offers.ReceiverID]bool{"r-shoes": true, "r-quiet": true, "r-toys": true, "r-middle": true}
			w.stand(30 * time.Second)
			w.silence(time.Minute)
		}, nil},
		{"two packets are an echo", func(w *walker) { w.gone["r-toys"], w.loss = true, 0; w.hear(0); w.silence(time.Minute) }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWalker(hall(), Config{}, 1)
			tt.do(w)
			if diff := cmp.Diff(tt.want, zonesOf(w.moves), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			for _, c := range w.moves {
				if c.Kind == Entered && (c.Position.Zones[0].Zone != c.Stay.Zone || !c.Position.Trusted) {
					t.Errorf("entered %s: %+v", c.Stay.Zone, c.Position)
				}
				if c.Kind == Left && (c.Dwell <= 0 || c.Dwell > w.at.Sub(start)) || c.Kind == Dwelled && c.Dwell < 20*time.Second {
					t.Errorf("%s %s after %v", c.Kind, c.Stay.Zone, c.Dwell)
				}
			}
			if n := len(w.seen); n > 0 && w.tracker.Tags() == 0 && !w.seen[n-1].Sighting.Gone {
				t.Errorf("the last sighting is not the going: %+v", w.seen[n-1].Sighting)
			}
		})
	}
}

// A shop with one receiver has nobody to ask for a second opinion.
func TestOneReceiver(t *testing.T) {
	s := &offers.Shop{ID: "kiosk", Floors: []offers.Floor{{ID: "g", WidthM: 4, DepthM: 4}}, Zones: []offers.Zone{{ID: "all", Floor: "g"}},
		Receivers: []offers.Receiver{{ID: "r", Floor: "g", Zone: "all", At: offers.Point{X: 2, Y: 2}}}}
	w := newWalker(s, Config{}, 1)
	w.point = offers.Point{X: 2, Y: 3}
	w.stand(10 * time.Second)
	if diff := cmp.Diff([]string{"entered all"}, zonesOf(w.moves)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

// Zones that nobody drew are where their receiver is the nearest one.
func TestZonesWithoutPolygons(t *testing.T) {
	s := hall()
	s.Floors = nil
	for i := range s.Zones {
		s.Zones[i].Polygon = nil
	}
	w := newWalker(s, Config{}, 1)
	w.stand(10 * time.Second)
	w.walk(offers.Point{X: 15, Y: 9}, 1)
	w.stand(10 * time.Second)
	if got := zonesOf(w.moves); got[0] != "entered door" || got[len(got)-1] != "entered toys" {
		t.Errorf("changes %v", got)
	}
}

func TestPositions(t *testing.T) {
	w := newWalker(hall(), Config{}, 1)
	w.point = offers.Point{X: 6, Y: 2}
	w.stand(60 * time.Second)
	w.silence(time.Minute)
	if len(w.seen) < 5 || len(w.seen) > 60 {
		t.Fatalf("%d positions of a tag that stands still for a minute, want one each 10 s or when the estimate moves", len(w.seen))
	}
	s := w.seen[len(w.seen)-2].Sighting
	want := offers.Sighting{Sensor: offers.SensorBeacon, Device: "t", Shop: "hall", Floor: "ground", Zone: "door", First: start, Last: start.Add(60 * time.Second)}
	about := cmp.Options{cmpopts.EquateApproxTime(10 * time.Second), cmpopts.IgnoreFields(offers.Sighting{}, "At", "AccuracyM", "Confidence")}
	if diff := cmp.Diff(want, s, about); diff != "" {
		t.Errorf("sighting (-want +got):\n%s", diff)
	}
	if off := polygon.Metres(s.At, w.point); off > 2 || s.AccuracyM < .3 || s.AccuracyM > 3 || s.Confidence < .6 {
		t.Errorf("%.1f m off, accuracy %v m, confidence %v", off, s.AccuracyM, s.Confidence)
	}
	if last := w.seen[len(w.seen)-1].Sighting; !last.Gone {
		t.Errorf("the last sighting is not the going: %+v", last)
	}
	if w.tracker.Tags() != 0 {
		t.Errorf("%d tags are followed after all have left", w.tracker.Tags())
	}
}

// The ellipse is honest: it holds the true place about as often as it says.
func TestEllipseHoldsThePlace(t *testing.T) {
	in, all := 0, 0
	for seed := range uint64(40) {
		w := newWalker(hall(), Config{}, seed)
		w.point = offers.Point{X: 1 + 18*w.rnd.Float64(), Y: 1 + 10*w.rnd.Float64()}
		w.stand(15 * time.Second)
		if p, ok := w.tracker.Where("t"); ok {
			all++
			dx, dy := w.point.X-p.At.X, w.point.Y-p.At.Y
			det := p.Cov[0]*p.Cov[2] - p.Cov[1]*p.Cov[1]
			if (p.Cov[2]*dx*dx-2*p.Cov[1]*dx*dy+p.Cov[0]*dy*dy)/det < 2.279 { // chi-square, 68 %
				in++
			}
		}
	}
	t.Logf("%d of %d", in, all)
	if share := float64(in) / float64(all); all < 38 || share < .5 || share > .9 {
		t.Errorf("the ellipse for 68 %% holds %d of %d", in, all)
	}
}

func TestResume(t *testing.T) {
	w := newWalker(hall(), Config{}, 1)
	w.point = offers.Point{X: 15, Y: 3}
	w.stand(10 * time.Second)
	if len(w.moves) != 1 {
		t.Fatalf("changes %v", zonesOf(w.moves))
	}
	after := newWalker(hall(), Config{}, 2)
	after.point, after.at = w.point, w.at
	after.tracker.Resume("t", w.moves[0].Stay, w.at)
	after.stand(15 * time.Second)
	if diff := cmp.Diff([]string{"dwelled shoes"}, zonesOf(after.moves)); diff != "" {
		t.Errorf("changes after the restart (-want +got):\n%s", diff)
	}
	gone := newWalker(hall(), Config{}, 2)
	gone.tracker.Resume("t", w.moves[0].Stay, w.at)
	gone.at = w.at
	gone.silence(time.Minute)
	if diff := cmp.Diff([]string{"left shoes"}, zonesOf(gone.moves)); diff != "" {
		t.Errorf("changes of one who did not come back (-want +got):\n%s", diff)
	}
}

// A new version of the floor plan neither ends stays nor loses tags; a shop
// that is gone does.
func TestPlaceAgain(t *testing.T) {
	w := newWalker(hall(), Config{}, 1)
	w.stand(10 * time.Second)
	s := hall()
	s.Receivers[3].At.X++
	w.tracker.Place(plan(s))
	w.shop = s
	w.stand(10 * time.Second)
	if diff := cmp.Diff([]string{"entered door"}, zonesOf(w.moves)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	w.tracker.Place(nil)
	if n := w.tracker.Tags(); n != 0 {
		t.Errorf("%d tags in no shop", n)
	}
}

// A point that is added to a survey is learned within half a minute, and costs
// nothing before: a walk adds one every few seconds.
func TestSurveyIsLearned(t *testing.T) {
	w := newWalker(hall(), Config{}, 1)
	w.stand(10 * time.Second)
	drawn := w.tracker.shops["hall"].locator
	add := func() {
		s := *w.shop
		s.Survey = append(slices.Clone(s.Survey), offers.SurveyPoint{Floor: "ground", At: offers.Point{X: float64(len(s.Survey) + 1), Y: 1},
			Heard: []offers.Surveyed{{Receiver: "r-door", GainDB: -20, Packets: 20}}})
		w.shop = &s
		w.tracker.Place(plan(&s))
	}
	learned := 0
	for second := range 90 {
		if second%10 == 0 {
			add()
		}
		w.stand(time.Second)
		if now := w.tracker.shops["hall"]; now.locator != drawn {
			drawn, learned = now.locator, learned+1
		}
	}
	if learned < 2 || learned > 4 {
		t.Errorf("nine points in a minute and a half were learned %d times, want every half a minute", learned)
	}
	w.stand(40 * time.Second)
	if got := len(w.tracker.shops["hall"].learned); got != 9 {
		t.Errorf("%d points are learned in the end, want 9", got)
	}
	if diff := cmp.Diff([]string{"entered door"}, zonesOf(w.moves)); diff != "" {
		t.Errorf("who stood there all the time (-want +got):\n%s", diff)
	}
}

// From one shop to another.
func TestTwoShops(t *testing.T) {
	one, two := hall(), hall()
	two.ID = "other"
	for i := range two.Receivers {
		two.Receivers[i].ID = "other-" + two.Receivers[i].ID
	}
	w := newWalker(one, Config{}, 1)
	w.tracker.Place(plan(one, two))
	w.stand(10 * time.Second)
	w.at = w.at.Add(12 * time.Second)
	w.shop = two
	w.stand(10 * time.Second)
	var got []string
	for _, c := range w.moves {
		got = append(got, fmt.Sprintf("%s %s of %s", c.Kind, c.Stay.Zone, c.Stay.Shop))
	}
	if diff := cmp.Diff([]string{"entered door of hall", "left door of hall", "entered door of other"}, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestBounds(t *testing.T) {
	tr := NewTracker(Config{MaxTags: 2, MaxReceivers: 3})
	tr.Place(plan(hall()))
	hear := func(tag string) error {
		_, err := tr.Hear(Reading{Tag: tag, Receiver: "r-door", At: start, DistanceM: 1})
		return err
	}
	for _, tag := range []string{"a", "b"} {
		if err := hear(tag); err != nil {
			t.Errorf("tag %s: %v", tag, err)
		}
	}
	if err := hear("c"); !errors.Is(err, offers.ErrUnavailable) {
		t.Errorf("third tag of two: %v", err)
	}
	for _, r := range hall().Receivers {
		if _, err := tr.Hear(Reading{Tag: "a", Receiver: r.ID, At: start, DistanceM: 1}); err != nil {
			t.Error(err)
		}
	}
	if n := len(tr.tags["a"].signals); n != 3 {
		t.Errorf("%d receivers are remembered of a tag, want at most 3", n)
	}
	tr.Tick(start.Add(time.Minute))
	if err := hear("c"); err != nil {
		t.Errorf("after the others left: %v", err)
	}
	if _, err := tr.Hear(Reading{Tag: "a", Receiver: "attic", At: start, DistanceM: 1}); !errors.Is(err, offers.ErrNotFound) {
		t.Errorf("unknown receiver: %v", err)
	}
}

func TestGain(t *testing.T) {
	tests := []struct {
		name string
		r    Reading
		want float64
		ok   bool
	}{
		{"power", Reading{RSSIdBm: -70, Power1mdBm: -60}, -10, true},
		{"power before distance", Reading{RSSIdBm: -70, Power1mdBm: -60, DistanceM: 9}, -10, true},
		{"distance", Reading{RSSIdBm: -70, DistanceM: 10}, -27, true},
		{"at the receiver", Reading{DistanceM: .01}, 27, true},
		{"neither", Reading{RSSIdBm: -70}, 0, false},
		{"kilometres away is nowhere", Reading{RSSIdBm: -70, Power1mdBm: -60, DistanceM: 2000}, 0, false},
		{"behind the receiver", Reading{RSSIdBm: -70, DistanceM: -1}, 0, false},
		{"no number", Reading{RSSIdBm: math.NaN(), Power1mdBm: -60}, 0, false},
		{"louder than can be", Reading{RSSIdBm: 20, Power1mdBm: -60}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := tt.r.GainDB()
			if ok != tt.ok || ok && math.Abs(got-tt.want) > 1e-9 {
				t.Errorf("gain %v, %v; want %v, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestIdentifying(t *testing.T) {
	for tag, want := range map[string]bool{
		"iBeacon:e5ca1ade-f007-ba11-0000-000000000000-1-2": true,
		"eddy:00010203040506070809-aabbccddeeff":           true,
		"altBeacon:0-1":                                    true,
		"irk:00ff":                                         true,
		"watch:ana":                                        true,
		"iBeacon:":                                         false,
		"known:aabbccddeeff":                               false,
		"aabbccddeeff":                                     false,
		"watch:aa:bb:cc:dd:ee:ff":                          false,
		"apple:1007:11-12":                                 false,
		"name:jbl-flip":                                    false,
		"phone:ana":                                        false,
		"eid:0102030405060708":                             false,
	} {
		if got := Identifying(tag, "watch:"); got != want {
			t.Errorf("Identifying(%q) = %v, want %v", tag, got, want)
		}
	}
}

// A tag that stands still while the radio's noise goes on for an hour, at each
// of many distances to the wall between two zones, changes zone hardly ever.
func TestStandingStillDoesNotFlap(t *testing.T) {
	for _, x := range []float64{7, 8.5, 9.5, 10} {
		w := newWalker(hall(), Config{}, 3)
		w.point = offers.Point{X: x, Y: 3}
		w.stand(20 * time.Minute)
		entered := strings.Count(strings.Join(zonesOf(w.moves), ","), "entered")
		t.Logf("%.1f m from the wall: %d zones in 20 minutes", 10-x, entered)
		if entered < 1 || entered > 1 && x < 9.4 || entered > 4 {
			t.Errorf("%.1f m from the wall: %d zones in 20 minutes", 10-x, entered)
		}
	}
}

// A tag that walks along the wall between two zones, and now and then really
// through it, changes zone no more often than it truly does.
func TestTheWall(t *testing.T) {
	for _, noise := range []float64{4, 6} {
		truly, raw, ours := 0, 0, 0
		for seed := range uint64(12) {
			w := newWalker(hall(), Config{}, 100+seed)
			w.packet, w.body, w.loss = noise, 6, .3
			w.point = offers.Point{X: 9.2, Y: 1}
			w.stand(5 * time.Second)
			nearest := ""
			level := map[offers.ReceiverID]float64{}
			for lap := range 6 { // up and down, half a metre or so from the wall
				side := 9.2
				if lap >= 3 {
					side = 10.8 // the other side from the third lap on
				}
				if lap == 3 {
					w.walk(offers.Point{X: 13, Y: 3}, .8)
					w.stand(5 * time.Second)
					truly++
				}
				for _, y := range []float64{5, 1} {
					w.walk(offers.Point{X: side, Y: y}, .7)
					for _, r := range w.readings("raw", w.point, 0, w.at) {
						level[r.Receiver] = r.RSSIdBm
					}
					now := "door"
					if level["r-shoes"] > level["r-door"] {
						now = "shoes"
					}
					if now != nearest && nearest != "" {
						raw++
					}
					nearest = now
				}
			}
			entered := 0
			for _, c := range w.moves {
				if c.Kind == Entered {
					entered++
				}
			}
			ours += max(0, entered-1) // coming in is none
			if seed < 2 {
				t.Logf("noise %v dB, seed %d: %v", noise, seed, zonesOf(w.moves))
			}
		}
		t.Logf("noise %v dB: truly %d changes, nearest receiver %d (of few looks), ours %d", noise, truly, raw, ours)
		if ours > truly {
			t.Errorf("noise %v dB: %d zone changes, truly %d", noise, ours, truly)
		}
		if ours < truly/2 {
			t.Errorf("noise %v dB: %d zone changes, truly %d: it sleeps", noise, ours, truly)
		}
	}
}

// A receiver that is pulled lowers the confidence, and no offer that depends on
// the place is trusted until it is back.
func TestPulledReceiver(t *testing.T) {
	w := newWalker(hall(), Config{}, 5)
	w.point = offers.Point{X: 14, Y: 3.5}
	w.stand(20 * time.Second)
	before, ok := w.tracker.Where("t")
	if !ok || !before.Trusted || before.Zones[0].Zone != "shoes" {
		t.Fatalf("before: %+v", before)
	}
	mean := func(d time.Duration) (share, major float64) {
		n := 0.0
		for end := w.at.Add(d); w.at.Before(end); {
			w.stand(time.Second)
			p, _ := w.tracker.Where("t")
			share += p.share("shoes")
			major += p.Ellipse.MajorM
			n++
		}
		return share / n, major / n
	}
	share, major := mean(20 * time.Second)
	w.gone["r-shoes"] = true
	w.stand(20 * time.Second)
	lower, wider := mean(20 * time.Second)
	after, _ := w.tracker.Where("t")
	if after.Trusted || !strings.Contains(after.Why, "r-shoes") {
		t.Errorf("trusted %v: %q", after.Trusted, after.Why)
	}
	t.Logf("share %.2f, then %.2f; ellipse %.2f m, then %.2f m", share, lower, major, wider)
	if lower >= share || wider <= major {
		t.Errorf("share of the zone %.2f, then %.2f; ellipse %.2f m, then %.2f m", share, lower, major, wider)
	}
	w.gone["r-shoes"] = false
	w.stand(10 * time.Second)
	if again, _ := w.tracker.Where("t"); !again.Trusted {
		t.Errorf("after it is back: %q", again.Why)
	}
	w.gone = map[offers.ReceiverID]bool{"r-door": true, "r-quiet": true, "r-toys": true, "r-middle": true}
	w.stand(10 * time.Second)
	if alone, _ := w.tracker.Where("t"); alone.Trusted {
		t.Error("one receiver alone is trusted")
	}
	w.gone = nil
	w.stand(10 * time.Second)
	w.silence(15 * time.Second)
	if silent, ok := w.tracker.Where("t"); !ok || silent.Trusted {
		t.Errorf("after a silence: %v %+v", ok, silent)
	}
}

// An id that somebody copied and carries at the other end of the hall is
// suspect, and brings no offers by place.
func TestCopiedTag(t *testing.T) {
	s := hall()
	s.Floors[0].WidthM = 60
	s.Receivers = append(s.Receivers, offers.Receiver{ID: "r-far", Floor: "ground", Zone: "toys", At: offers.Point{X: 55, Y: 9}},
		offers.Receiver{ID: "r-far-2", Floor: "ground", Zone: "toys", At: offers.Point{X: 50, Y: 9}})
	w := newWalker(s, Config{}, 1)
	w.stand(20 * time.Second)
	if p, _ := w.tracker.Where("t"); !p.Trusted {
		t.Fatalf("an honest tag is not trusted: %s", p.Why)
	}
	for range 10 {
		w.stand(time.Second)
		here := w.point
		w.point = offers.Point{X: 54, Y: 8}
		w.stand(time.Second)
		w.point = here
	}
	w.stand(5 * time.Second)
	p, _ := w.tracker.Where("t")
	if p.Trusted || p.Suspect == "" || p.Why == "" {
		t.Errorf("position %+v", p)
	}
	t.Log(p.Why)
}

// A changing name that was said before makes its tag suspect for a while.
func TestRecorded(t *testing.T) {
	w := newWalker(hall(), Config{}, 1)
	w.stand(20 * time.Second)
	w.tracker.Recorded("t", "its name is of ten minutes ago", w.at)
	w.stand(5 * time.Second)
	if p, _ := w.tracker.Where("t"); p.Trusted || p.Suspect != spoof.Recorded || !strings.Contains(p.Why, "ten minutes") {
		t.Errorf("position %+v", p)
	}
	w.stand(11 * time.Minute)
	if p, _ := w.tracker.Where("t"); !p.Trusted || p.Suspect != "" {
		t.Errorf("after a while: %+v", p)
	}
}

// Where canaries are located badly, positions are not trusted, and it is said
// why. A canary is nobody: nothing is told of it.
func TestCanaries(t *testing.T) {
	s := hall()
	s.Canaries = []offers.Canary{{Tag: "c", Floor: "ground", At: offers.Point{X: 6, Y: 3}}}
	w := newWalker(s, Config{}, 1)
	both := func(d time.Duration, c offers.Point) {
		for end := w.at.Add(d); w.at.Before(end); w.at = w.at.Add(500 * time.Millisecond) {
			w.hear(0)
			for _, r := range w.readings("c", c, 0, w.at) {
				changes, err := w.tracker.Hear(r)
				if err != nil || len(changes) > 0 {
					t.Fatalf("changes of a canary: %v, %v", changes, err)
				}
			}
		}
	}
	both(3*time.Minute, s.Canaries[0].At)
	report := w.tracker.Canaries("hall")
	if len(report) != 1 || report[0].Zone != "door" || report[0].Errors < 12 || report[0].Held {
		t.Fatalf("report %+v", report)
	}
	if p, _ := w.tracker.Where("t"); !p.Trusted {
		t.Errorf("not trusted: %s", p.Why)
	}
	both(20*time.Minute, offers.Point{X: 17, Y: 10}) // as if it were there
	if report = w.tracker.Canaries("hall"); !report[0].Held {
		t.Errorf("report %+v", report)
	}
	if p, _ := w.tracker.Where("t"); p.Trusted || !strings.Contains(p.Why, "m off") {
		t.Errorf("trusted %v: %s", p.Trusted, p.Why)
	}
}

// BenchmarkHear is from a reading to zones, with the packets of five receivers
// a second for each of a thousand tags.
func BenchmarkHear(b *testing.B) {
	for _, perSecond := range []int{2, 5, 10} {
		b.Run(fmt.Sprintf("%d_readings_a_second", perSecond), func(b *testing.B) {
			tr, s, tags := NewTracker(Config{}), hall(), make([]string, 1000)
			tr.Place(plan(s))
			for i := range tags {
				tags[i] = fmt.Sprintf("iBeacon:e5ca1ade-f007-ba11-0000-000000000000-1-%d", i)
			}
			rnd := rand.New(rand.NewPCG(1, 2))
			at := start
			i := 0
			for b.Loop() {
				at = at.Add(time.Second / time.Duration(perSecond*len(tags)))
				r := s.Receivers[(i/len(tags)+i)%len(s.Receivers)]
				_, _ = tr.Hear(Reading{Tag: tags[i%len(tags)], Receiver: r.ID, At: at, RSSIdBm: -60 - 20*rnd.Float64(), Power1mdBm: -59})
				i++
			}
			b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "readings/s")
			b.ReportMetric(float64(tr.Cells("hall")), "cells")
		})
	}
}

// What one more tag costs.
func TestMemoryOfATag(t *testing.T) {
	tr, s := NewTracker(Config{}), hall()
	tr.Place(plan(s))
	before := heap()
	const tags = 2000
	for i := range tags {
		tag := fmt.Sprintf("iBeacon:e5ca1ade-f007-ba11-0000-000000000000-1-%d", i)
		for step := range 4 {
			for _, r := range s.Receivers {
				_, _ = tr.Hear(Reading{Tag: tag, Receiver: r.ID, At: start.Add(time.Duration(step) * time.Second), RSSIdBm: -70, Power1mdBm: -59})
			}
		}
	}
	each := (heap() - before) / tags
	runtime.KeepAlive(tr)
	t.Logf("%d bytes a tag, of which %d cells of 4 bytes", each, tr.Cells("hall"))
	if most := uint64(4*tr.Cells("hall") + 3000); each > most {
		t.Errorf("%d bytes a tag, want at most %d", each, most)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

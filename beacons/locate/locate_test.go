package locate

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"aisle/beacons/polygon"
	"aisle/offers"
)

func TestExp(t *testing.T) {
	for x := 0.0; x > -80; x -= 0.37 {
		if got, want := float64(exp(float32(x))), math.Exp(x); math.Abs(got-want) > 1e-4*want {
			t.Errorf("exp(%v) = %v, want %v", x, got, want)
		}
	}
	if exp(-1000) != 0 {
		t.Error("exp(-1000) is not nothing")
	}
}

// The law is found again from noisy points, of which some are quite wrong.
func TestFitLaw(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, want := range []Law{{OffsetDB: -3, Exponent: 1.9}, {OffsetDB: 4, Exponent: 2.6}} {
		var distances, gains []float64
		for i := range 60 {
			d := 1 + 14*rnd.Float64()
			g := want.gain(d) + 3*rnd.NormFloat64()
			if i%15 == 0 {
				g -= 25
			}
			distances, gains = append(distances, d), append(gains, g)
		}
		got := fitLaw(distances, gains)
		if math.Abs(got.OffsetDB-want.OffsetDB) > 2.5 || math.Abs(got.Exponent-want.Exponent) > .3 || got.SpreadDB < 2 || got.SpreadDB > 5 {
			t.Errorf("law %+v, want %+v", got, want)
		}
	}
	if got := fitLaw([]float64{1, 2}, []float64{0, -6}); got != DefaultLaw {
		t.Errorf("law of two points %+v", got)
	}
}

func TestProcess(t *testing.T) {
	k := kernel{signal: 4, length: 3, noise: .5}
	var at [][2]float64
	var values []float64
	f := func(x, y float64) float64 { return 4 * math.Sin(x/3) * math.Cos(y/3) }
	for x := 0.0; x < 10; x += 1.5 {
		for y := 0.0; y < 10; y += 1.5 {
			at, values = append(at, [2]float64{x, y}), append(values, f(x, y))
		}
	}
	g := newProcess(k, at, values)
	near, unsure := g.predict([2]float64{4.2, 5.1})
	if math.Abs(near-f(4.2, 5.1)) > .6 || unsure > 4 {
		t.Errorf("between points %v ± %v, want %v", near, math.Sqrt(unsure), f(4.2, 5.1))
	}
	far, unknown := g.predict([2]float64{100, 100})
	if math.Abs(far) > .01 || math.Abs(unknown-16) > .01 {
		t.Errorf("far away %v ± %v, want to know nothing", far, math.Sqrt(unknown))
	}
	// Values that were drawn from a kernel are likelier under it than under others.
	rnd := rand.New(rand.NewPCG(1, 2))
	zero := newProcess(kernel{signal: 3.5, length: 3.5, noise: 1.4}, at, make([]float64, len(at)))
	var sets [][][2]float64
	var drawn [][]float64
	for range 4 {
		z := make([]float64, len(at))
		for i := range z {
			z[i] = rnd.NormFloat64()
		}
		v := make([]float64, len(at))
		for i, row := range zero.lower {
			for j, l := range row {
				v[i] += l * z[j]
			}
		}
		sets, drawn = append(sets, at), append(drawn, v)
	}
	if got := learnKernel(sets, drawn); got.length < 2 || got.length > 5.1 || got.noise < .6 || got.noise > 2.2 {
		t.Errorf("kernel %+v, want about 3.5 dB over 3.5 m, noise 1.4 dB", got)
	}
}

// corner is an L of two corridors, with a receiver at each end.
func corner() *offers.Shop {
	return &offers.Shop{ID: "s",
		Floors: []offers.Floor{{ID: "g", WidthM: 10, DepthM: 10, Outline: []offers.Point{{}, {X: 10}, {X: 10, Y: 3}, {X: 3, Y: 3}, {X: 3, Y: 10}, {Y: 10}}}},
		Zones: []offers.Zone{{ID: "across", Floor: "g", Polygon: []offers.Point{{X: 3}, {X: 10}, {X: 10, Y: 3}, {X: 3, Y: 3}}},
			{ID: "down", Floor: "g", Polygon: []offers.Point{{Y: 3}, {X: 3, Y: 3}, {X: 3, Y: 10}, {Y: 10}}}},
		Receivers: []offers.Receiver{{ID: "a", Floor: "g", Zone: "across", At: offers.Point{X: 9, Y: 1}}, {ID: "b", Floor: "g", Zone: "down", At: offers.Point{X: 1, Y: 9}}, {ID: "c", Floor: "g", At: offers.Point{X: 1, Y: 1}}},
	}
}

func space(t testing.TB, s *offers.Shop) *Space {
	t.Helper()
	sp, err := NewSpace(s)
	if err != nil {
		t.Fatal(err)
	}
	return sp
}

func sum(b Belief) (all float64) {
	for _, p := range b {
		all += float64(p)
	}
	return all
}

// Nobody walks through walls, nor faster than people do.
func TestWalk(t *testing.T) {
	sp := space(t, corner())
	l := NewLocator(NewRadio(sp, nil), Motion{Lost: 1e-12})
	b := l.Around("g", offers.Point{X: 8, Y: 1.5}, .2)
	for i := range b { // exactly there
		if polygon.Metres(sp.at[i], offers.Point{X: 8, Y: 1.5}) > 1 {
			b[i] = 0
		}
	}
	l.normalise(b)
	for second := 1; second <= 20; second++ {
		l.Walk(b, time.Second)
		for i, p := range b {
			if p < 1e-6 {
				continue
			}
			if sp.open[i] == 0 {
				t.Fatalf("after %d s in a wall at %v", second, sp.at[i])
			}
			if d := polygon.Metres(sp.at[i], offers.Point{X: 8, Y: 1.5}); d > 1+float64(second)*(2+sp.CellM)*math.Sqrt2 {
				t.Fatalf("after %d s %.1f m away", second, d)
			}
		}
		if got := sum(b); math.Abs(got-1) > 1e-3 {
			t.Fatalf("after %d s the belief sums to %v", second, got)
		}
	}
	shares := l.ZoneShares(b, nil)
	if shares[0] < .5 || shares[1] > shares[0] {
		t.Errorf("zones after 20 s: %v", shares)
	}
	for range 600 {
		l.Walk(b, time.Second)
	}
	e := l.Estimate(b)
	if e.At.X < 2 || e.At.X > 5 || e.At.Y < 2 || e.At.Y > 5 {
		t.Errorf("after ten minutes in the dark at %v, want anywhere", e.At)
	}
}

// Where receivers hear what their law has for a place, that is the place.
func TestHear(t *testing.T) {
	sp := space(t, corner())
	r := NewRadio(sp, nil)
	for _, loud := range []float64{0, -8} { // a tag in a pocket is the same place
		for _, want := range []offers.Point{{X: 8, Y: 1.5}, {X: 1.5, Y: 8}, {X: 1.5, Y: 1.5}} {
			l := NewLocator(r, Motion{})
			b, o := l.NewBelief(), Offset{}
			for range 10 {
				var heard []Heard
				for i := range sp.spots {
					heard = append(heard, Heard{Receiver: i, GainDB: r.expect(i, 0, want) + loud, Packets: 2})
				}
				l.Walk(b, time.Second)
				l.Hear(b, &o, heard, time.Second)
			}
			e := l.Estimate(b)
			if off := polygon.Metres(e.At, want); off > 1.3 || e.RadiusM() > 3 || e.RadiusM() < .2 {
				t.Errorf("at %v, want %v; radius %.2f m", e.At, want, e.RadiusM())
			}
			if el := e.Ellipse(); el.MajorM < el.MinorM || el.MinorM <= 0 {
				t.Errorf("ellipse %+v", el)
			}
			if math.Abs(sum(b)-1) > 1e-3 {
				t.Errorf("the belief sums to %v", sum(b))
			}
		}
	}
}

// What makes no sense leaves a belief that does.
func TestHearNonsense(t *testing.T) {
	sp := space(t, corner())
	l := NewLocator(NewRadio(sp, nil), Motion{})
	b, o := l.NewBelief(), Offset{}
	for _, heard := range [][]Heard{nil, {{-1, -20, 1, 0}}, {{99, -20, 1, 0}}, {{0, -20, 0, 0}}, {{0, 500, 3, 0}, {1, -500, 3, 0}}, {{0, -90, 1000, time.Hour}}} {
		l.Walk(b, -time.Second)
		l.Walk(b, time.Hour)
		l.Hear(b, &o, heard, time.Second)
		l.Silent(b, []int{0, 1, 2})
		if s := sum(b); math.Abs(s-1) > 1e-3 || math.IsNaN(s) {
			t.Fatalf("after %v the belief sums to %v", heard, s)
		}
	}
}

// A survey teaches what the law cannot know: here, that a wall of steel stands
// between.
func TestSurveyTeaches(t *testing.T) {
	s := &offers.Shop{ID: "s", Floors: []offers.Floor{{ID: "g", WidthM: 16, DepthM: 8}}}
	for i, p := range []offers.Point{{X: 1, Y: 1}, {X: 15, Y: 1}, {X: 15, Y: 7}, {X: 1, Y: 7}} {
		s.Receivers = append(s.Receivers, offers.Receiver{ID: offers.ReceiverID(fmt.Sprint(i)), Floor: "g", At: p})
	}
	truth := func(r offers.Receiver, p offers.Point) float64 {
		g := -22 * math.Log10(math.Hypot(polygon.Metres(r.At, p), .7))
		if (r.At.X < 8) != (p.X < 8) {
			g -= 12
		}
		return g
	}
	for x := 1.0; x < 16; x += 2 {
		for y := 1.0; y < 8; y += 2 {
			sp := offers.SurveyPoint{Floor: "g", At: offers.Point{X: x, Y: y}}
			for _, r := range s.Receivers {
				sp.Heard = append(sp.Heard, offers.Surveyed{Receiver: r.ID, GainDB: truth(r, sp.At), Packets: 20})
			}
			s.Survey = append(s.Survey, sp)
		}
	}
	sp := space(t, s)
	rnd := rand.New(rand.NewPCG(1, 2))
	mean := func(r *Radio) (all float64) {
		for range 60 {
			p := offers.Point{X: 1 + 14*rnd.Float64(), Y: 1 + 6*rnd.Float64()}
			l := NewLocator(r, Motion{})
			b, o := l.NewBelief(), Offset{}
			for range 5 {
				var heard []Heard
				for i, rx := range s.Receivers {
					heard = append(heard, Heard{Receiver: i, GainDB: truth(rx, p) + 3*rnd.NormFloat64(), Packets: 1})
				}
				l.Walk(b, 500*time.Millisecond)
				l.Hear(b, &o, heard, 500*time.Millisecond)
			}
			all += polygon.Metres(l.Estimate(b).At, p) / 60
		}
		return all
	}
	plain, taught := mean(NewRadio(sp, nil)), mean(NewRadio(sp, SurveyOf(s)))
	t.Logf("mean error %.2f m without a survey, %.2f m with one", plain, taught)
	if taught > plain*.8 || taught > 1.5 {
		t.Errorf("mean error %.2f m without a survey, %.2f m with one", plain, taught)
	}
	r := NewRadio(sp, SurveyOf(s))
	worst := 0.0
	for _, sample := range SurveyOf(s) {
		off, ok := r.Residual(sample)
		if !ok {
			t.Fatal("a sample of nowhere")
		}
		worst = max(worst, math.Abs(off))
	}
	if worst < 3 || worst > 15 {
		t.Errorf("the worst residual of the law is %.1f dB", worst)
	}
	cal, err := Calibrate(s, SurveyOf(s))
	if err != nil || cal[0].Exponent < 1.5 || cal[0].SpreadDB < 2 {
		t.Errorf("calibrated %+v, %v", cal[0], err)
	}
}

// Two floors, one above the other: the ceiling tells them apart.
func TestFloors(t *testing.T) {
	s := &offers.Shop{ID: "s", Floors: []offers.Floor{{ID: "g", WidthM: 10, DepthM: 10}, {ID: "1", WidthM: 10, DepthM: 10}}}
	for i, f := range []offers.FloorID{"g", "g", "1", "1"} {
		s.Receivers = append(s.Receivers, offers.Receiver{ID: offers.ReceiverID(fmt.Sprint(i)), Floor: f, At: offers.Point{X: 2 + 6*float64(i%2), Y: 5}})
	}
	sp := space(t, s)
	r := NewRadio(sp, nil)
	rnd := rand.New(rand.NewPCG(1, 2))
	for want, floor := range []offers.FloorID{"g", "1"} {
		l := NewLocator(r, Motion{})
		b, o := l.NewBelief(), Offset{}
		for range 10 {
			var heard []Heard
			for i := range sp.spots {
				heard = append(heard, Heard{Receiver: i, GainDB: r.expect(i, want, offers.Point{X: 3, Y: 4}) + 4*rnd.NormFloat64(), Packets: 1})
			}
			l.Walk(b, time.Second)
			l.Hear(b, &o, heard, time.Second)
		}
		if e := l.Estimate(b); e.Floor != floor || e.FloorShare < .8 {
			t.Errorf("floor %s with %.2f, want %s", e.Floor, e.FloorShare, floor)
		}
	}
}

func TestSpaceOfNothing(t *testing.T) {
	for name, s := range map[string]*offers.Shop{
		"nothing":          {ID: "s"},
		"only zones":       {ID: "s", Zones: []offers.Zone{{ID: "z"}}},
		"an endless floor": {ID: "s", Floors: []offers.Floor{{ID: "g", WidthM: math.Inf(1), DepthM: 2}}},
		"rooms of no zone": {ID: "s", Receivers: []offers.Receiver{{ID: "a"}, {ID: "b"}}},
	} {
		if _, err := NewSpace(s); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	big := space(t, &offers.Shop{ID: "s", Floors: []offers.Floor{{ID: "g", WidthM: 400, DepthM: 300}}})
	if big.Cells() > 4*mostCells*11/10 {
		t.Errorf("a hall has %d cells", big.Cells())
	}
}

func TestMeanGain(t *testing.T) {
	if got := MeanGain(-20, -20); math.Abs(got+20) > 1e-9 {
		t.Errorf("mean of equals %v", got)
	}
	if got := MeanGain(-10, -30); math.Abs(got+12.967) > .001 {
		t.Errorf("mean of -10 and -30 dB is %v", got)
	}
}

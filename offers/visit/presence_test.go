package visit

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"aisle/offers"
)

func TestMayName(t *testing.T) {
	camera := func(sure, minutes float64) Witness { return Witness{offers.SensorCamera, sure, at(minutes)} }
	tag := func(sure, minutes float64) Witness { return Witness{offers.SensorBeacon, sure, at(minutes)} }
	app := Witness{offers.SensorApp, 1, at(0)}
	till := Witness{offers.SensorTill, 1, at(0)}
	tests := map[string]struct {
		witnesses []Witness
		at        float64
		kinds     int
		low, high float64 // of the probability
		may       bool
	}{
		"nobody":                              {nil, 0, 0, 0, 0, false},
		"a face alone":                        {[]Witness{camera(.99, 0)}, 0, 1, .98, .99, false},
		"a tag alone":                         {[]Witness{tag(1, 0)}, 0, 1, .89, .91, false},
		"face and tag":                        {[]Witness{camera(.95, 0), tag(.9, 0)}, 0, 2, .99, 1, true},
		"face and check-in":                   {[]Witness{app, camera(.9, 0)}, 0, 2, .99, 1, true},
		"face and till":                       {[]Witness{till, camera(.9, 0)}, 0, 2, .98, 1, true},
		"tag, check-in and code are one kind": {[]Witness{tag(1, 0), app, till}, 0, 1, .94, .96, false},
		"a face that is hardly one":           {[]Witness{camera(.55, 0), app}, 0, 2, .95, .97, false},
		"a face at the threshold is none":     {[]Witness{camera(.5, 0), app}, 0, 1, .94, .96, false},
		"a tag that is hardly heard":          {[]Witness{camera(.99, 0), tag(.1, 0)}, 0, 2, .99, 1, false},
		"a while later":                       {[]Witness{camera(.95, 0), tag(1, 0)}, 5, 2, .95, .98, true},
		"later still, they may have left":     {[]Witness{camera(.95, 0), tag(1, 0)}, 9, 2, .9, .95, false},
		"too long ago":                        {[]Witness{camera(.95, 0), tag(1, 11)}, 11, 1, .89, .91, false},
		"no number":                           {[]Witness{camera(math.NaN(), 0), tag(7, 0)}, 0, 0, 0, 0, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := Fuse(tt.witnesses, at(tt.at))
			if p.Kinds != tt.kinds || p.Probability < tt.low || p.Probability > tt.high {
				t.Errorf("fused %+v, want %d kinds and a probability of %v to %v", p, tt.kinds, tt.low, tt.high)
			}
			if got := MayName(tt.witnesses, at(tt.at)); got != tt.may {
				t.Errorf("may name: %v, want %v", got, tt.may)
			}
		})
	}
}

// A probability means what it says, in a world that is as the weights say: of
// those of whom it says p, a share of p is who they are said to be.
func TestProbabilitiesAreCalibrated(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	var said, was, n [10]float64
	for range 300_000 {
		here := r.IntN(2) == 0 // even odds, before anybody says anything
		var all []Witness
		// A sense that is right with odds o says so of o/(1+o) who are there, and
		// of 1/(1+o) who are not. Seen some minutes ago, it saw somebody who has
		// left since, or it did not; then it tells nothing of now.
		testify := func(sensor offers.Sensor, sure, odds float64) {
			ago := time.Duration(r.Float64() * float64(Window))
			still := r.Float64() < math.Exp(-ago.Seconds()/meanVisit.Seconds())
			says := r.IntN(2) == 0
			if still {
				says = r.Float64() < odds/(1+odds) == here
			}
			if says {
				all = append(all, Witness{sensor, sure, noon.Add(-ago)})
			}
		}
		sure := .5 + r.Float64()/2*.97
		testify(offers.SensorCamera, sure, min(mostFaceOdds, sure/(1-sure)))
		if r.IntN(2) == 0 {
			testify(offers.SensorBeacon, 1, tagOdds)
		} else {
			testify(offers.SensorApp, 1, checkInOdds)
		}
		p := Fuse(all, noon)
		if p.Kinds < 2 {
			continue
		}
		bin := min(int(p.Probability*10), 9)
		said[bin] += p.Probability
		n[bin]++
		if here {
			was[bin]++
		}
	}
	for i := range n {
		if n[i] < 500 {
			continue
		}
		if said, was := said[i]/n[i], was[i]/n[i]; math.Abs(said-was) > .02 {
			t.Errorf("of %.0f of whom it says %.3f, %.3f are there", n[i], said, was)
		}
	}
}

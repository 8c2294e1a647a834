package vision_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"aisle/offers"
	"aisle/vision"
)

// row is people on a line, so far apart, with faces about each.
func row(people int, apart float32, faces ...float32) map[offers.ShopperID][]vision.Vector {
	all := map[offers.ShopperID][]vision.Vector{}
	for i := range people {
		id := offers.ShopperID(fmt.Sprintf("s%02d", i))
		for _, f := range faces {
			all[id] = append(all[id], at(float32(i)*apart+f))
		}
	}
	return all
}

func TestThresholdFallsWherePeopleLookAlike(t *testing.T) {
	limits := vision.Limits{Threshold: .4, Margin: .04, MinFaces: 3}
	for name, test := range map[string]struct {
		people   map[offers.ShopperID][]vision.Vector
		basis    vision.Basis
		from, to float64
	}{
		"nobody":       {nil, vision.ByDefault, .4, .4},
		"one":          {row(1, 1, 0, .1), vision.ByDefault, .4, .4},
		"apart":        {row(10, 1, 0, .1), vision.ByDefault, .4, .4},
		"two alike":    {row(2, .2, 0), vision.ByGallery, .3, .4},  // two say little
		"twelve alike": {row(12, .2, 0), vision.ByGallery, .2, .3}, // twelve say more
		"broken":       {map[offers.ShopperID][]vision.Vector{"a": {{1, 2}}, "b": {{1}}}, vision.ByDefault, .4, .4},
	} {
		t.Run(name, func(t *testing.T) {
			c := vision.Calibrate(line{}, limits, test.people)
			if got := c.Chosen.Threshold; c.Basis != test.basis || got < test.from || got > test.to {
				t.Errorf("threshold %.3f by %s, want %.2f to %.2f by %s", got, c.Basis, test.from, test.to, test.basis)
			}
			if got := vision.NewGallery(line{}, limits, test.people).Threshold(); got != c.Chosen.Threshold {
				t.Errorf("the gallery's threshold is %.3f, the curve's %.3f", got, c.Chosen.Threshold)
			}
			if _, err := json.Marshal(c); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCurve(t *testing.T) {
	// Own faces are .1 or .2 away, the next person .8 to 1.2.
	c := vision.Calibrate(line{}, vision.Limits{Threshold: .15}, row(5, 1, 0, .1, .3))
	if c.Impostors != 5*3*4 || c.Genuine != 15 || c.Pairs != 10 {
		t.Errorf("%d impostors of %d pairs and %d genuine, want 60 of 10 and 15", c.Impostors, c.Pairs, c.Genuine)
	}
	for i, p := range c.Points {
		if i > 0 && (p.Threshold <= c.Points[i-1].Threshold || p.FalseMatch < c.Points[i-1].FalseMatch || p.Miss > c.Points[i-1].Miss) {
			t.Errorf("point %d is %+v after %+v: want more false matches and fewer misses", i, p, c.Points[i-1])
		}
		if p.FalseMatchHigh < p.FalseMatch || p.MissHigh < p.Miss {
			t.Errorf("point %+v has a bound below the rate", p)
		}
	}
	if got := c.Chosen; got.FalseMatch != 0 || math.Abs(got.FalseMatchHigh-.3) > 1e-9 || math.Abs(got.Miss-1./3) > 1e-9 {
		t.Errorf("at .15: %+v, want no false match, by the rule of three no more than .3, and a third missed", got)
	}
	expected, high := c.FalseNames(200)
	if want := 200 * (1 - math.Pow(.7, 5)); expected != 0 || math.Abs(high-want) > 1e-6 {
		t.Errorf("false names of 200 strangers: %.1f, at most %.1f; want 0 and %.1f", expected, high, want)
	}
}

func TestLargeGalleriesAreJudgedByAFew(t *testing.T) {
	c := vision.Calibrate(line{}, vision.Limits{Threshold: .15}, row(500, 1, 0, .1))
	if c.People != 500 || c.Judged != 60 || c.Genuine != 120 {
		t.Errorf("%d people, %d judged, %d own faces; want 500, 60, 120", c.People, c.Judged, c.Genuine)
	}
}

func TestBoundsNarrowWithMorePeople(t *testing.T) {
	last := 1.
	for _, people := range []int{3, 6, 12, 24} {
		c := vision.Calibrate(line{}, vision.Limits{Threshold: .15}, row(people, 1, 0, .1))
		if c.Chosen.FalseMatchHigh >= last && people > 3 {
			t.Errorf("with %d people the bound is %.3f, as high as %.3f before", people, c.Chosen.FalseMatchHigh, last)
		}
		last = c.Chosen.FalseMatchHigh
	}
}

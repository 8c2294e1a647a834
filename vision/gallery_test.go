package vision_test

import (
	"testing"

	"aisle/offers"
	"aisle/vision"
)

// at is a vector at a place between two patterns: the mass of a whole face,
// shared by them.
func at(place float32) vision.Vector {
	const mass = 15 * 15 * 49
	return vision.Vector{mass * (1 - place), mass * place}
}

func TestWhoIsNamed(t *testing.T) {
	people := map[offers.ShopperID][]vision.Vector{
		"ann": {at(0), at(.05)},
		"bob": {at(1)},
		"dan": nil,
	}
	limits := vision.Limits{Threshold: .2, Margin: .3, MinFaces: 3}
	tests := map[string]struct {
		limits vision.Limits
		faces  []vision.Vector
		want   offers.ShopperID
	}{
		"three agree":          {limits, []vision.Vector{at(.02), at(.04), at(.06)}, "ann"},
		"too few":              {limits, []vision.Vector{at(.02), at(.04)}, ""},
		"no faces":             {limits, nil, ""},
		"too far":              {limits, []vision.Vector{at(.5), at(.5), at(.5)}, ""},
		"between two":          {vision.Limits{Threshold: .9, Margin: .3, MinFaces: 3}, []vision.Vector{at(.55), at(.5), at(.55)}, ""},
		"two of three":         {limits, []vision.Vector{at(.02), at(.5), at(.06)}, "ann"},
		"other model's vector": {limits, []vision.Vector{{1}, {1}, {1}}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			g := vision.NewGallery(line{}, test.limits, people)
			votes := g.Votes()
			for _, f := range test.faces {
				votes.Add(f)
			}
			if got := votes.Decide(); got.Shopper != test.want {
				t.Errorf("named %v, want %q (threshold %.3f)", got, test.want, g.Threshold())
			}
		})
	}
}

// line measures vectors by LBP's distance; it describes nothing.
type line struct{ vision.LBP }

func TestThresholdFallsWherePeopleLookAlike(t *testing.T) {
	limits := vision.Limits{Threshold: .4, Margin: .04, MinFaces: 3}
	one := map[offers.ShopperID][]vision.Vector{"ann": {at(0)}}
	apart := map[offers.ShopperID][]vision.Vector{"ann": {at(0)}, "bob": {at(1)}}
	alike := map[offers.ShopperID][]vision.Vector{"ann": {at(0)}, "bob": {at(.2)}}
	for name, test := range map[string]struct {
		people map[offers.ShopperID][]vision.Vector
		want   float64
	}{
		"nobody": {nil, .4},
		"one":    {one, .4},
		"apart":  {apart, .4},
	} {
		if got := vision.NewGallery(line{}, limits, test.people).Threshold(); got != test.want {
			t.Errorf("%s: threshold %.3f, want %.3f", name, got, test.want)
		}
	}
	nearest := vision.LBP{}.Distance(at(0), at(.2))
	if got := vision.NewGallery(line{}, limits, alike).Threshold(); got >= nearest || got < nearest*.9 {
		t.Errorf("threshold %.3f, want a little less than the %.3f between the two", got, nearest)
	}
}

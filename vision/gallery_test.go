package vision_test

import (
	"math"
	"testing"

	"aisle/offers"
	"aisle/vision"
)

// line is a describer of a world in which faces lie on a line.
type line struct{ vision.LBP }

func (line) Distance(a, b vision.Vector) float64 {
	if len(a) != 1 || len(b) != 1 {
		return math.Inf(1)
	}
	return math.Abs(float64(a[0] - b[0]))
}

func at(place float32) vision.Vector { return vision.Vector{place} }

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
		"two of three":         {limits, []vision.Vector{at(.02), at(.3), at(.06)}, "ann"},
		"other model's vector": {limits, []vision.Vector{{1, 2}, {1, 2}, {1, 2}}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			g := vision.NewGallery(line{}, test.limits, people)
			votes := g.Votes()
			for _, f := range test.faces {
				votes.Add(f, 1)
			}
			if got := votes.Decide(); got.Shopper != test.want {
				t.Errorf("named %v, want %q (threshold %.3f)", got, test.want, g.Threshold())
			}
		})
	}
}

func TestGoodFacesCountMore(t *testing.T) {
	g := vision.NewGallery(line{}, vision.Limits{Threshold: .1, MinFaces: 3}, map[offers.ShopperID][]vision.Vector{"ann": {at(0)}})
	faces := []vision.Vector{at(.05), at(.05), at(.22)}
	for name, test := range map[string]struct {
		weights [3]float64
		want    offers.ShopperID
	}{
		"alike":            {[3]float64{1, 1, 1}, ""},
		"the far one poor": {[3]float64{1, 1, .25}, "ann"},
		"the far one good": {[3]float64{.25, .25, 1}, ""},
	} {
		votes := g.Votes()
		for i, f := range faces {
			votes.Add(f, test.weights[i])
		}
		if got := votes.Decide(); got.Shopper != test.want {
			t.Errorf("%s: named %v, want %q", name, got, test.want)
		}
	}
}

func TestNotThisPerson(t *testing.T) {
	limits := vision.Limits{Threshold: .3, Margin: .1, MinFaces: 3}
	g := vision.NewGallery(line{}, limits, map[offers.ShopperID][]vision.Vector{"ann": {at(0)}, "bob": {at(1)}})
	not := g.Without(map[offers.ShopperID][]vision.Vector{"ann": {at(.2)}, "left": {at(0)}})
	decide := func(g *vision.Gallery, place float32) offers.ShopperID {
		votes := g.Votes()
		for range 3 {
			votes.Add(at(place), 1)
		}
		return votes.Decide().Shopper
	}
	for name, test := range map[string]struct {
		gallery *vision.Gallery
		place   float32
		want    offers.ShopperID
	}{
		"taken for ann before":           {g, .19, "ann"},
		"nearer to who is not ann":       {not, .19, ""},
		"nearer to ann":                  {not, .05, "ann"},
		"nobody else is concerned":       {not, .9, "bob"},
		"the first gallery is as it was": {g, .19, "ann"},
	} {
		if got := decide(test.gallery, test.place); got != test.want {
			t.Errorf("%s: named %q, want %q", name, got, test.want)
		}
	}
}

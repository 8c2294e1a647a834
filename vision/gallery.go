package vision

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"aisle/offers"
)

// Limits decide who is named.
type Limits struct {
	// Threshold is the distance below which a face may be somebody of the
	// gallery. It is lowered to what keeps the people of the gallery apart: see
	// Calibrate.
	Threshold float64
	// Margin is how much farther the second best must be, as a share of the
	// threshold.
	Margin float64
	// MinFaces must agree before anybody is named.
	MinFaces int
}

// Limits that were measured, on photographs of people; docs/measured.md has the
// figures, `aisle eval faces` makes them.
var (
	// LBPLimits are those of LBP.
	LBPLimits = Limits{Threshold: .80, Margin: .04, MinFaces: 3}
	// NetLimits are those of MobileFaceNet.
	NetLimits = Limits{Threshold: .45, Margin: .10, MinFaces: 3}
	// SFaceLimits are those of SFace: the model's authors name pairs whose cosine
	// is above .363.
	SFaceLimits = Limits{Threshold: 1 - .363, Margin: .10, MinFaces: 3}
)

// Gallery holds the people who enrolled. It never changes: a new one replaces
// it. Safe for concurrent use.
type Gallery struct {
	describer Describer
	limits    Limits
	curve     Curve
	people    []enrolled // by id
}

type enrolled struct {
	shopper offers.ShopperID
	vectors []Vector
	not     []Vector // of others who were taken for them
}

// NewGallery makes a gallery of everybody's vectors, all of the describer's
// model. People without vectors are left out.
func NewGallery(d Describer, limits Limits, people map[offers.ShopperID][]Vector) *Gallery {
	g := &Gallery{describer: d, limits: limits, people: byID(people)}
	g.curve = Calibrate(d, limits, people)
	return g
}

func byID(people map[offers.ShopperID][]Vector) []enrolled {
	var list []enrolled
	for _, id := range slices.Sorted(maps.Keys(people)) {
		if len(people[id]) > 0 {
			list = append(list, enrolled{shopper: id, vectors: people[id]})
		}
	}
	return list
}

// Without is the same gallery with negative examples: vectors of faces that were
// taken for somebody they are not. A face that is nearer to such a one than to
// the person's own is not theirs.
func (g *Gallery) Without(not map[offers.ShopperID][]Vector) *Gallery {
	with := *g
	with.people = slices.Clone(g.people)
	for i := range with.people {
		with.people[i].not = not[with.people[i].shopper]
	}
	return &with
}

// People is how many are enrolled.
func (g *Gallery) People() int { return len(g.people) }

// Has tells whether somebody is enrolled.
func (g *Gallery) Has(id offers.ShopperID) bool {
	_, has := slices.BinarySearchFunc(g.people, id, func(p enrolled, id offers.ShopperID) int { return cmp.Compare(p.shopper, id) })
	return has
}

// Threshold is the distance below which a track may be somebody.
func (g *Gallery) Threshold() float64 { return g.curve.Chosen.Threshold }

// Curve is how well the gallery tells its people apart.
func (g *Gallery) Curve() Curve { return g.curve }

// distance is to the nearest of a person's vectors, or infinite where one of
// their negatives is nearer.
func (p enrolled) distance(d Describer, v Vector) float64 {
	own := nearest(d, v, p.vectors)
	if nearest(d, v, p.not) < own {
		return math.Inf(1)
	}
	return own
}

func nearest(d Describer, v Vector, among []Vector) float64 {
	least := math.Inf(1)
	for _, w := range among {
		least = min(least, d.Distance(v, w))
	}
	return least
}

// Votes gather what the faces of one track say. They hold distances, never a
// vector.
type Votes struct {
	gallery   *Gallery
	faces     int
	distances [][]vote // by person: to their nearest vector, of each face, sorted
}

type vote struct{ distance, weight float64 }

// Votes begins to gather.
func (g *Gallery) Votes() *Votes {
	return &Votes{gallery: g, distances: make([][]vote, len(g.people))}
}

// Add compares one face, which counts as much as its weight: 1 for a good one.
// The caller drops the vector.
func (v *Votes) Add(face Vector, weight float64) {
	v.faces++
	for i, p := range v.gallery.people {
		d := vote{p.distance(v.gallery.describer, face), weight}
		at, _ := slices.BinarySearchFunc(v.distances[i], d, func(a, b vote) int { return cmp.Compare(a.distance, b.distance) })
		v.distances[i] = slices.Insert(v.distances[i], at, d)
	}
}

// Faces is how many were compared.
func (v *Votes) Faces() int { return v.faces }

// Verdict is who a track is.
type Verdict struct {
	Shopper    offers.ShopperID // empty: nobody of the gallery
	Confidence float64          // of the name, .5 to .99
	Best       float64          // distance to the nearest person
	Second     float64          // to the next; +Inf where there is none
}

// Decide names the nearest person if enough faces were compared, they are below
// the threshold, and the next person is a margin farther. Else nobody.
//
// A person is as near as the nearer half of the faces, and no fewer than are
// needed: some faces of every track are half hidden, blinking or cut badly, and
// a mean over all of them never recovers from these.
func (v *Votes) Decide() Verdict {
	d := Verdict{Best: math.Inf(1), Second: math.Inf(1)}
	limits, threshold := v.gallery.limits, v.gallery.Threshold()
	if v.faces == 0 {
		return d
	}
	half := min(v.faces, max(limits.MinFaces, (v.faces+1)/2))
	nearest := -1
	for i, votes := range v.distances {
		var sum, weights float64
		for _, x := range votes[:half] {
			sum += x.distance * x.weight
			weights += x.weight
		}
		switch mean := sum / weights; {
		case mean < d.Best:
			d.Best, d.Second, nearest = mean, d.Best, i
		case mean < d.Second:
			d.Second = mean
		}
	}
	if nearest < 0 || v.faces < limits.MinFaces || d.Best >= threshold || d.Second-d.Best < limits.Margin*threshold {
		return d
	}
	d.Shopper = v.gallery.people[nearest].shopper
	// A quarter below the threshold is as sure as it gets.
	d.Confidence = min(.99, .5+.5*(threshold-d.Best)/threshold/.25)
	return d
}

// String says who and how sure, for tests.
func (d Verdict) String() string {
	return fmt.Sprintf("%q %.2f (best %.3f, second %.3f)", d.Shopper, d.Confidence, d.Best, d.Second)
}

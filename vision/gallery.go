package vision

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"aisle/offers"
)

// Limits decide who is named.
type Limits struct {
	// Threshold is the distance below which a face may be somebody of the
	// gallery. In a gallery of two people or more it is lowered to what keeps
	// these people apart: see Gallery.Threshold.
	Threshold float64
	// Margin is how much farther the second best must be, as a share of the
	// threshold.
	Margin float64
	// MinFaces must agree before anybody is named.
	MinFaces int
}

// Limits that were measured; see the package's tests.
var (
	// LBPLimits are those of LBP, for photographs of people.
	LBPLimits = Limits{Threshold: .385, Margin: .04, MinFaces: 3}
	// NetLimits are those of MobileFaceNet, for photographs of people.
	NetLimits = Limits{Threshold: .45, Margin: .10, MinFaces: 3}
)

// Gallery holds the people who enrolled. It never changes: a new one replaces
// it. Safe for concurrent use.
type Gallery struct {
	describer Describer
	limits    Limits
	threshold float64
	people    []enrolled // by id
}

type enrolled struct {
	shopper offers.ShopperID
	vectors []Vector
}

// NewGallery makes a gallery of everybody's vectors, all of the describer's
// model. People without vectors are left out.
func NewGallery(d Describer, limits Limits, people map[offers.ShopperID][]Vector) *Gallery {
	g := &Gallery{describer: d, limits: limits}
	for id, vectors := range people {
		if len(vectors) > 0 {
			g.people = append(g.people, enrolled{id, vectors})
		}
	}
	slices.SortFunc(g.people, func(a, b enrolled) int { return cmp.Compare(a.shopper, b.shopper) })
	g.threshold = g.calibrated()
	return g
}

// People is how many are enrolled.
func (g *Gallery) People() int { return len(g.people) }

// Has tells whether somebody is enrolled.
func (g *Gallery) Has(id offers.ShopperID) bool {
	return slices.ContainsFunc(g.people, func(p enrolled) bool { return p.shopper == id })
}

// Threshold is the distance below which a track may be somebody: the limit that
// was set, or less where the enrolled people look so much alike. Each of them is
// taken for a stranger to all the others: how near is the nearest? The threshold
// lies where a quarter of them would come nearer by a single face; the faces of
// a track together come as near for about one stranger in a hundred.
//
// Measured with LBP, three photos each, ten faces a track. AT&T's people, 15
// enrolled: threshold .385; own faces .28, 90 % below .36; nearest of strangers
// .42, 99 % above .387. Drawn people, 8 enrolled: threshold .331; own .28, 95 %
// below .32; strangers .39, all above .340. Far more people than these need a
// better describer.
func (g *Gallery) Threshold() float64 { return g.threshold }

const (
	calibrateFaces = 60 // taken for strangers, evenly from all
	calibrateShare = .25
	calibrateSlack = .97
)

func (g *Gallery) calibrated() float64 {
	type face struct{ person, vector int }
	var faces []face
	for i, p := range g.people {
		for j := range p.vectors {
			faces = append(faces, face{i, j})
		}
	}
	var nearest []float64
	for at := 0; at < len(faces); at += max(1, len(faces)/calibrateFaces) {
		f := faces[at]
		v := g.people[f.person].vectors[f.vector]
		best := math.Inf(1)
		for i, p := range g.people {
			if i != f.person {
				best = min(best, p.distance(g.describer, v))
			}
		}
		nearest = append(nearest, best)
	}
	if len(g.people) < 2 {
		return g.limits.Threshold
	}
	slices.Sort(nearest)
	return min(g.limits.Threshold, nearest[int(float64(len(nearest))*calibrateShare)]*calibrateSlack)
}

// distance is to the nearest of a person's vectors.
func (p enrolled) distance(d Describer, v Vector) float64 {
	nearest := math.Inf(1)
	for _, w := range p.vectors {
		nearest = min(nearest, d.Distance(v, w))
	}
	return nearest
}

// Votes gather what the faces of one track say. They hold distances, never a
// vector.
type Votes struct {
	gallery   *Gallery
	faces     int
	distances [][]float64 // by person: to their nearest vector, of each face, sorted
}

// Votes begins to gather.
func (g *Gallery) Votes() *Votes {
	return &Votes{gallery: g, distances: make([][]float64, len(g.people))}
}

// Add compares one face. The caller drops the vector.
func (v *Votes) Add(face Vector) {
	v.faces++
	for i, p := range v.gallery.people {
		d := p.distance(v.gallery.describer, face)
		at, _ := slices.BinarySearch(v.distances[i], d)
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
	limits, threshold := v.gallery.limits, v.gallery.threshold
	if v.faces == 0 {
		return d
	}
	half := min(v.faces, max(limits.MinFaces, (v.faces+1)/2))
	nearest := -1
	for i, distances := range v.distances {
		mean := 0.0
		for _, x := range distances[:half] {
			mean += x / float64(half)
		}
		switch {
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

package vision

import (
	"math"
	"slices"

	"aisle/offers"
)

// Curve is how well a gallery tells its people from each other and from
// strangers, at every threshold. It is measured on the gallery itself: each
// person is taken for a stranger to all the others, and each face for a new one
// of its own person. A visit is decided by several faces, so it does better
// than these single faces. It says nothing of who is who.
type Curve struct {
	Model  string  `json:"model"`
	People int     `json:"people"` // enrolled
	Judged int     `json:"judged"` // of them, evenly, by whom it was measured
	Basis  Basis   `json:"basis"`
	Chosen Rates   `json:"chosen"`
	Points []Rates `json:"points"` // by rising threshold; none where fewer than two are enrolled

	Impostors int `json:"impostors"` // faces compared with another person
	Pairs     int `json:"pairs"`     // of people whom these belong to
	Genuine   int `json:"genuine"`   // faces compared with the rest of their own; none where everybody gave one
}

// Basis is what a threshold was set by.
type Basis string

// Bases of a threshold.
const (
	ByDefault Basis = "default" // the describer's, as published: too few are enrolled, or they are easily told apart
	ByGallery Basis = "gallery" // lowered, for people who look more alike than that
)

// Rates are what a threshold does. High is the end of the one-sided 95 %
// interval: "no more than".
type Rates struct {
	Threshold      float64 `json:"threshold"`
	FalseMatch     float64 `json:"false_match"` // share of comparisons with another person that pass
	FalseMatchHigh float64 `json:"false_match_high"`
	Miss           float64 `json:"miss"` // share of own faces that do not pass; 0 where Genuine is none
	MissHigh       float64 `json:"miss_high"`
}

// FalseNames is how many of so many strangers are expected to be given
// somebody's name, and no more than how many, with 95 % confidence.
func (c Curve) FalseNames(strangers float64) (expected, high float64) {
	any := func(pair float64) float64 { return strangers * (1 - math.Pow(1-pair, float64(c.People))) }
	return any(c.Chosen.FalseMatch), any(c.Chosen.FalseMatchHigh)
}

const (
	calibratePeople = 60  // by whom it is measured, so that its time is bounded
	calibrateFalse  = .05 // share of strangers for whom a single face may pass; the faces of a visit together pass far more rarely
	calibrateTrust  = 8   // people of the gallery who weigh as much as the default
	curvePoints     = 41
)

// Calibrate chooses the threshold of a gallery: the limit that was set, or less
// where the people look so much alike. It lies where one stranger in twenty
// would pass by a single face: so many deviations below the mean of the nearest
// distance that strangers come to, since a quantile as small as that needs
// hundreds of people. The fewer they are, the more the limit that was set
// counts; it is never raised.
func Calibrate(d Describer, limits Limits, people map[offers.ShopperID][]Vector) Curve {
	all := byID(people)
	judged := evenly(all, calibratePeople)
	s := compare(d, judged)
	c := Curve{
		Model: d.Model(), People: len(all), Judged: len(judged), Basis: ByDefault,
		Impostors: len(s.impostors), Pairs: len(judged) * (len(judged) - 1) / 2, Genuine: len(s.genuine),
	}
	threshold := limits.Threshold
	if len(s.impostors) > 0 {
		mean, deviation := spread(s.nearest)
		share := calibrateFalse * float64(len(judged)) / float64(len(all)) // who is not judged comes near as well
		own := mean + math.Sqrt2*math.Erfinv(2*share-1)*deviation
		n := float64(len(judged))
		if t := (n*own + calibrateTrust*limits.Threshold) / (n + calibrateTrust); t < threshold {
			threshold, c.Basis = max(t, 0), ByGallery
		}
		from, to := s.impostors[0], s.impostors[len(s.impostors)-1]
		if len(s.genuine) > 0 {
			from, to = min(from, s.genuine[0]), max(to, s.genuine[len(s.genuine)-1])
		}
		for i := range curvePoints {
			c.Points = append(c.Points, s.rates(from+(to-from)*float64(i)/(curvePoints-1), c.Pairs))
		}
	}
	c.Chosen = s.rates(threshold, c.Pairs)
	return c
}

// scores are distances within a gallery. Impostors and genuine are sorted.
type scores struct {
	impostors []float64 // of each face to each other person
	nearest   []float64 // of each face to the nearest other person
	genuine   []float64 // of each face to the rest of its own
	owners    int       // of the genuine
}

func compare(d Describer, people []enrolled) scores {
	var s scores
	for i, p := range people {
		for k, v := range p.vectors {
			least := math.Inf(1)
			for j, other := range people {
				if i == j {
					continue
				}
				x := nearest(d, v, other.vectors)
				least = min(least, x)
				s.impostors = add(s.impostors, x)
			}
			s.nearest = add(s.nearest, least)
			s.genuine = add(s.genuine, nearest(d, v, slices.Delete(slices.Clone(p.vectors), k, k+1)))
		}
		if len(p.vectors) > 1 {
			s.owners++
		}
	}
	slices.Sort(s.impostors)
	slices.Sort(s.genuine)
	return s
}

// add leaves out infinity: there is nobody else, or the vector is of no use.
func add(to []float64, distance float64) []float64 {
	if math.IsInf(distance, 1) {
		return to
	}
	return append(to, distance)
}

// rates at a threshold. Faces of one person are no independent trials, so the
// intervals count people, and pairs of people.
func (s scores) rates(threshold float64, pairs int) Rates {
	r := Rates{Threshold: threshold, FalseMatchHigh: 1}
	if n := len(s.impostors); n > 0 {
		passed, _ := slices.BinarySearch(s.impostors, threshold)
		r.FalseMatch = float64(passed) / float64(n)
		r.FalseMatchHigh = noMoreThan(r.FalseMatch, pairs)
	}
	if n := len(s.genuine); n > 0 {
		passed, _ := slices.BinarySearch(s.genuine, threshold)
		r.Miss = 1 - float64(passed)/float64(n)
		r.MissHigh = noMoreThan(r.Miss, s.owners)
	}
	return r
}

// noMoreThan is the upper end of the one-sided 95 % interval of a share that was
// seen in n trials: Wilson's, or, where it never happened, the rule of three
// (Hanley and Lippman-Hand 1983).
func noMoreThan(share float64, n int) float64 {
	trials := float64(n)
	if share == 0 {
		return min(1, 3/trials)
	}
	const z = 1.645
	middle := share + z*z/(2*trials)
	half := z * math.Sqrt(share*(1-share)/trials+z*z/(4*trials*trials))
	return clamp((middle+half)/(1+z*z/trials), share, 1)
}

// evenly takes up to n of a list.
func evenly[T any](all []T, n int) []T {
	if len(all) <= n {
		return all
	}
	some := make([]T, n)
	for i := range some {
		some[i] = all[i*len(all)/n]
	}
	return some
}

// Package polygon is the geometry of a floor plan: what is inside a zone, how
// large it is, and whether it can be drawn at all.
//
// Points are metres; polygons are lists of corners in either direction, closed
// by themselves: the last corner is joined to the first.
package polygon

import (
	"math"

	"aisle/offers"
)

// Box is the smallest upright rectangle around points.
type Box struct{ Min, Max offers.Point }

// Around is the box of points; the zero Box of none.
func Around(points ...offers.Point) Box {
	if len(points) == 0 {
		return Box{}
	}
	b := Box{points[0], points[0]}
	for _, p := range points[1:] {
		b.Min.X, b.Min.Y = min(b.Min.X, p.X), min(b.Min.Y, p.Y)
		b.Max.X, b.Max.Y = max(b.Max.X, p.X), max(b.Max.Y, p.Y)
	}
	return b
}

// Meets tells whether two boxes have more than an edge in common.
func (b Box) Meets(o Box) bool {
	return b.Min.X < o.Max.X && o.Min.X < b.Max.X && b.Min.Y < o.Max.Y && o.Min.Y < b.Max.Y
}

// Area is the area inside, by the shoelace formula.
func Area(polygon []offers.Point) float64 {
	sum := 0.0
	for i, p := range polygon {
		q := polygon[(i+1)%len(polygon)]
		sum += p.X*q.Y - q.X*p.Y
	}
	return math.Abs(sum) / 2
}

// Contains tells whether a point is inside, by counting the walls to its
// right. Points on a wall belong to one of its two sides.
func Contains(polygon []offers.Point, p offers.Point) bool {
	in := false
	for i, a := range polygon {
		b := polygon[(i+1)%len(polygon)]
		if (a.Y > p.Y) != (b.Y > p.Y) && p.X < a.X+(p.Y-a.Y)/(b.Y-a.Y)*(b.X-a.X) {
			in = !in
		}
	}
	return in
}

// Crosses tells whether two walls a-b and c-d go through each other. Walls that
// only touch do not.
func Crosses(a, b, c, d offers.Point) bool {
	return turn(a, b, c)*turn(a, b, d) < 0 && turn(c, d, a)*turn(c, d, b) < 0
}

// turn is positive where c lies left of the way from a to b, negative where it
// lies right, and zero on it, within a tenth of a millimetre.
func turn(a, b, c offers.Point) float64 {
	t := (b.X-a.X)*(c.Y-a.Y) - (b.Y-a.Y)*(c.X-a.X)
	if math.Abs(t) < 1e-4*math.Hypot(b.X-a.X, b.Y-a.Y) {
		return 0
	}
	return t
}

// Simple tells whether no wall of a polygon goes through another.
func Simple(polygon []offers.Point) bool {
	n := len(polygon)
	for i := range n {
		for j := i + 1; j < n; j++ {
			if Crosses(polygon[i], polygon[(i+1)%n], polygon[j], polygon[(j+1)%n]) {
				return false
			}
		}
	}
	return true
}

// Centre is the centre of mass, or the mean of the corners where there is no
// area.
func Centre(polygon []offers.Point) offers.Point {
	var c offers.Point
	twice := 0.0
	for i, p := range polygon {
		q := polygon[(i+1)%len(polygon)]
		cross := p.X*q.Y - q.X*p.Y
		twice += cross
		c.X += (p.X + q.X) * cross
		c.Y += (p.Y + q.Y) * cross
	}
	if math.Abs(twice) > 1e-9 {
		return offers.Point{X: c.X / 3 / twice, Y: c.Y / 3 / twice}
	}
	c = offers.Point{}
	for _, p := range polygon {
		c.X += p.X / float64(len(polygon))
		c.Y += p.Y / float64(len(polygon))
	}
	return c
}

// Width is how wide the polygon is where it is narrowest: the least distance
// between two parallel lines, in steps of five degrees, that it fits between.
func Width(polygon []offers.Point) float64 {
	width := math.Inf(1)
	for angle := 0.0; angle < math.Pi; angle += math.Pi / 36 {
		sin, cos := math.Sincos(angle)
		low, high := math.Inf(1), math.Inf(-1)
		for _, p := range polygon {
			along := p.X*cos + p.Y*sin
			low, high = min(low, along), max(high, along)
		}
		width = min(width, high-low)
	}
	if len(polygon) == 0 {
		return 0
	}
	return width
}

// Shared is the area that two polygons have in common, measured on a raster of
// about a thousand points: exact enough to tell an overlap from a shared wall.
func Shared(a, b []offers.Point) float64 {
	in, other := Around(a...), Around(b...)
	from := offers.Point{X: max(in.Min.X, other.Min.X), Y: max(in.Min.Y, other.Min.Y)}
	to := offers.Point{X: min(in.Max.X, other.Max.X), Y: min(in.Max.Y, other.Max.Y)}
	w, h := to.X-from.X, to.Y-from.Y
	if w <= 0 || h <= 0 {
		return 0
	}
	const raster = 32
	hits := 0
	for i := range raster {
		for j := range raster {
			p := offers.Point{X: from.X + w*(float64(i)+.5)/raster, Y: from.Y + h*(float64(j)+.5)/raster}
			if Contains(a, p) && Contains(b, p) {
				hits++
			}
		}
	}
	return w * h * float64(hits) / raster / raster
}

// Metres is how far two points of a floor are apart.
func Metres(a, b offers.Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

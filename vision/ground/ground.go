// Package ground tells where on the shop's floor somebody stands whom a camera
// sees, once four places have been shown both in its picture and on the plan.
//
// Its rules: places in a picture are shares of its width and height, from the
// top left corner, so that they hold at any resolution. What lies above the
// horizon is nowhere. How sure a place is comes with it.
package ground

import (
	"fmt"
	"math"

	"aisle/offers"
)

// Map is a camera's view of the floor. It never changes; safe for concurrent
// use.
type Map struct {
	floor  matrix  // from the picture to the floor (Hartley and Zisserman, 2nd edition, 4.1)
	least  float64 // below it, floor's third coordinate is the horizon's
	points []offers.GroundPoint
}

type matrix [3][3]float64

type vector [3]float64

// Bounds of the four places.
const (
	points    = 4
	apartM    = .25  // the nearest two on the floor
	apart     = .02  // and in the picture, as shares of it
	flattest  = .003 // area of the smallest triangle in the picture
	flattestM = .05  // and on the floor, in square metres
	farthestM = 500  // what is mapped farther away is the horizon's neighbour
)

// New makes a map of four places. The error is ErrInvalid, and says which of
// them cannot be.
func New(pairs []offers.GroundPoint) (*Map, error) {
	if err := check(pairs); err != nil {
		return nil, err
	}
	m := &Map{points: pairs}
	// Each pair gives two equations of eight unknowns; the ninth number is 1. That
	// is so around the middle of the four, which is on the floor like them: any
	// other place, a corner of the picture too, may be on the horizon.
	var middle offers.GroundPoint
	for _, p := range pairs {
		middle.X, middle.Y = middle.X+p.X/points, middle.Y+p.Y/points
	}
	var system [8][9]float64
	for i, p := range pairs {
		x, y, at := p.X-middle.X, p.Y-middle.Y, p.At
		system[2*i] = [9]float64{x, y, 1, 0, 0, 0, -at.X * x, -at.X * y, at.X}
		system[2*i+1] = [9]float64{0, 0, 0, x, y, 1, -at.Y * x, -at.Y * y, at.Y}
	}
	h, ok := solve(&system)
	if !ok {
		return nil, fmt.Errorf("four points: %w: they give no view of the floor: choose others", offers.ErrInvalid)
	}
	m.floor = matrix{{h[0], h[1], h[2]}, {h[3], h[4], h[5]}, {h[6], h[7], 1}}
	for r := range m.floor {
		m.floor[r][2] -= m.floor[r][0]*middle.X + m.floor[r][1]*middle.Y
	}
	m.least = math.Inf(1)
	for _, p := range pairs {
		w := m.floor.times(vector{p.X, p.Y, 1})[2]
		if w <= 0 {
			return nil, fmt.Errorf("four points: %w: the horizon goes between them: one is not on the floor", offers.ErrInvalid)
		}
		m.least = min(m.least, w/20)
	}
	return m, nil
}

// check refuses four places that a camera could not see so.
func check(pairs []offers.GroundPoint) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("four points: %w: "+format, append([]any{offers.ErrInvalid}, args...)...)
	}
	if len(pairs) != points {
		return wrong("%d are shown, want four", len(pairs))
	}
	for i, p := range pairs {
		if !(p.X >= 0 && p.X <= 1 && p.Y >= 0 && p.Y <= 1) {
			return wrong("point %d is not in the picture", i+1)
		}
		if !(math.Abs(p.At.X) <= 1e5 && math.Abs(p.At.Y) <= 1e5) {
			return wrong("point %d is not on the plan", i+1)
		}
		for j, q := range pairs[:i] {
			if math.Hypot(p.X-q.X, p.Y-q.Y) < apart || math.Hypot(p.At.X-q.At.X, p.At.Y-q.At.Y) < apartM {
				return wrong("points %d and %d are too near each other: choose them far apart", j+1, i+1)
			}
		}
	}
	var seen, placed [points]float64 // twice the area of the triangle without this point
	for out := range points {
		var t []offers.GroundPoint
		for i, p := range pairs {
			if i != out {
				t = append(t, p)
			}
		}
		seen[out] = cross(t[0].X, t[0].Y, t[1].X, t[1].Y, t[2].X, t[2].Y)
		placed[out] = cross(t[0].At.X, t[0].At.Y, t[1].At.X, t[1].At.Y, t[2].At.X, t[2].At.Y)
		if math.Abs(seen[out]) < 2*flattest || math.Abs(placed[out]) < 2*flattestM {
			return wrong("points %s lie on one line: choose corners of something broad", others(out))
		}
	}
	// Convex: of four such triangles the signs of the first and third agree, and
	// of the second and fourth, whichever way round the points are.
	inside := func(area [points]float64) bool {
		negative := 0
		for i, a := range area {
			if (a < 0) != (i%2 == 1) {
				negative++
			}
		}
		return negative%2 == 1
	}
	if inside(seen) || inside(placed) {
		return wrong("one point lies between the other three: choose the corners of a four-sided field")
	}
	for i := range points {
		if (seen[i] > 0) != (placed[i] > 0) {
			return wrong("on the plan they go round another way than in the picture: two are swapped")
		}
	}
	return nil
}

func cross(ax, ay, bx, by, cx, cy float64) float64 { return (bx-ax)*(cy-ay) - (by-ay)*(cx-ax) }

func others(out int) string {
	return [points]string{"2, 3 and 4", "1, 3 and 4", "1, 2 and 4", "1, 2 and 3"}[out]
}

// solve is Gauss's elimination, with the largest number of a column first.
func solve(system *[8][9]float64) (x [8]float64, ok bool) {
	for c := range 8 {
		best := c
		for r := c + 1; r < 8; r++ {
			if math.Abs(system[r][c]) > math.Abs(system[best][c]) {
				best = r
			}
		}
		if math.Abs(system[best][c]) < 1e-12 {
			return x, false
		}
		system[c], system[best] = system[best], system[c]
		for r := range 8 {
			if r == c {
				continue
			}
			f := system[r][c] / system[c][c]
			for k := c; k < 9; k++ {
				system[r][k] -= f * system[c][k]
			}
		}
	}
	for i := range 8 {
		x[i] = system[i][8] / system[i][i]
	}
	return x, true
}

// Floor is the place on the floor that is seen at a place of the picture; false
// where the floor is not seen, or as far away as the horizon.
func (m *Map) Floor(x, y float64) (offers.Point, bool) {
	v := m.floor.times(vector{x, y, 1})
	if !(v[2] > m.least) {
		return offers.Point{}, false
	}
	p := offers.Point{X: v[0] / v[2], Y: v[1] / v[2]}
	return p, math.Abs(p.X-m.points[0].At.X) < farthestM && math.Abs(p.Y-m.points[0].At.Y) < farthestM
}

// How well boxes fit, as shares of their height.
const (
	sideways = .10 // of where the feet are below a box
	below    = .05
)

// Standing is where somebody stands around whom there is a box, feet included:
// x from left to right and y from top to bottom. accuracyM is the radius that
// holds the true place 68 times of 100.
func (m *Map) Standing(left, top, right, bottom float64) (at offers.Point, accuracyM float64, ok bool) {
	x := (left + right) / 2
	if at, ok = m.Floor(x, bottom); !ok {
		return at, 0, false
	}
	height := bottom - top
	spread := 0.0
	for _, d := range [][2]float64{{sideways * height, 0}, {0, below * height}} {
		there, seen := m.Floor(x+d[0], bottom+d[1])
		if !seen {
			return at, 0, false
		}
		spread += square(there.X-at.X) + square(there.Y-at.Y)
	}
	return at, radius68 * math.Sqrt(spread), true
}

// radius68 makes of the root of two variances the radius that holds 68 of 100
// where both are alike: 1.51 deviations.
const radius68 = 1.068

func square(x float64) float64 { return x * x }

func (m matrix) times(v vector) vector {
	return vector{
		m[0][0]*v[0] + m[0][1]*v[1] + m[0][2]*v[2],
		m[1][0]*v[0] + m[1][1]*v[1] + m[1][2]*v[2],
		m[2][0]*v[0] + m[2][1]*v[1] + m[2][2]*v[2],
	}
}

// inverse is by the cofactors; the map of four good points has one.
func (m matrix) inverse() matrix {
	minor := func(r, c int) float64 {
		a, b, d, e := (r+1)%3, (r+2)%3, (c+1)%3, (c+2)%3
		return m[a][d]*m[b][e] - m[a][e]*m[b][d]
	}
	det := m[0][0]*minor(0, 0) + m[0][1]*minor(0, 1) + m[0][2]*minor(0, 2)
	var inv matrix
	for r := range 3 {
		for c := range 3 {
			inv[c][r] = minor(r, c) / det
		}
	}
	return inv
}

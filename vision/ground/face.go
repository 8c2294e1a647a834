package ground

import (
	"math"

	"aisle/offers"
)

// View is where a camera hangs and how it looks, worked out of its Map and the
// shape of its picture: enough to say where somebody stands of whom only the
// face is seen. It never changes; safe for concurrent use.
type View struct {
	focal  float64 // in widths of the picture
	aspect float64 // height by width
	turn   matrix  // from the floor's directions to the camera's
	at     vector  // of the camera: east, north (up on the plan) and up, in metres
}

// What people are like, whoever they are: standing, grown up.
const (
	faceHeightM = 1.58 // of the middle of a face above the floor
	heightDevM  = .14  // one standard deviation of it: between people, and for heels
	faceSizeM   = .20  // what detectors draw around a face, from chin to brow
	sizeDev     = .15  // share by which that differs between people, views and detectors

	usualFocal             = .9 // of shop cameras, in widths: some 58 degrees
	leastFocal, mostFocal  = .35, 4.
	pointDevM              = .15 // of the four points, as people click
	nearestM, mostDistantM = .3, 60.
)

// View works out how the camera hangs. The lens is that which makes the four
// points fit best with a plain camera (Zhang 2000), or a usual one where they
// leave it open.
func (m *Map) View(width, height int) *View {
	v := &View{aspect: float64(height) / float64(width)}
	// From the floor, with its second axis up on the plan, to the picture in
	// widths, from its middle.
	seen := m.floor.inverse()
	h := matrix{}
	for c := range 3 {
		sign := 1.0
		if c == 1 {
			sign = -1
		}
		h[0][c] = sign * (seen[0][c] - .5*seen[2][c])
		h[1][c] = sign * (seen[1][c] - .5*seen[2][c]) * v.aspect
		h[2][c] = sign * seen[2][c]
	}
	v.focal = focalOf(h)
	column := func(c int) vector { return vector{h[0][c] / v.focal, h[1][c] / v.focal, h[2][c]} }
	east, north, shift := column(0), column(1), column(2)
	scale := (east.length() + north.length()) / 2
	// All four points are in front of the camera.
	p := m.points[0].At
	if h[2][0]*p.X-h[2][1]*p.Y+h[2][2] < 0 {
		scale = -scale
	}
	east = east.times(1 / scale)
	east = east.times(1 / east.length())
	north = north.times(1 / scale)
	north = north.plus(east.times(-east.dot(north)))
	north = north.times(1 / north.length())
	up := east.cross(north)
	for r := range 3 {
		v.turn[r] = [3]float64{east[r], north[r], up[r]}
	}
	shift = shift.times(1 / scale)
	v.at = vector{-east.dot(shift), -north.dot(shift), -up.dot(shift)}
	return v
}

func focalOf(h matrix) float64 {
	a1, b1 := h[0][0]*h[0][1]+h[1][0]*h[1][1], h[2][0]*h[2][1]
	a2, b2 := square(h[0][0])+square(h[1][0])-square(h[0][1])-square(h[1][1]), square(h[2][0])-square(h[2][1])
	if f := math.Sqrt(-(a1*a1 + a2*a2) / (a1*b1 + a2*b2)); f >= leastFocal && f <= mostFocal {
		return f
	}
	return usualFocal // NaN comes here, too
}

// HeightM is how high the camera hangs.
func (v *View) HeightM() float64 { return v.at[2] }

// Facing is where somebody stands whose face is seen around a place of the
// picture, so high as a share of the picture. Two things tell: faces are at
// about the same height, and of about the same size; each counts by how sure it
// is, as the camera hangs.
func (v *View) Facing(x, y, high float64) (at offers.Point, accuracyM float64, ok bool) {
	// The ray through the face: its part along the camera's axis is 1.
	ray := vector{(x - .5) / v.focal, (y - .5) * v.aspect / v.focal, 1}
	var d vector // in the floor's directions
	for c := range 3 {
		d[c] = v.turn[0][c]*ray[0] + v.turn[1][c]*ray[1] + v.turn[2][c]*ray[2]
	}
	flat := math.Hypot(d[0], d[1])
	if !(high > 0) || flat < 1e-6 {
		return at, 0, false
	}
	depth := faceSizeM * v.focal / (high * v.aspect)
	weight := 1 / square(sizeDev*depth)
	sum, weights := depth*weight, weight
	if drop := faceHeightM - v.at[2]; drop/d[2] > 0 {
		weight = 1 / (square(heightDevM / d[2]))
		sum, weights = sum+drop/d[2]*weight, weights+weight
	}
	depth = sum / weights
	distance := depth * flat
	if !(distance > nearestM && distance < mostDistantM) {
		return at, 0, false
	}
	at = offers.Point{X: v.at[0] + depth*d[0], Y: -(v.at[1] + depth*d[1])}
	return at, radius68 * math.Hypot(flat/math.Sqrt(weights), pointDevM), true
}

func (a vector) length() float64        { return math.Sqrt(a.dot(a)) }
func (a vector) dot(b vector) float64   { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func (a vector) times(f float64) vector { return vector{a[0] * f, a[1] * f, a[2] * f} }
func (a vector) plus(b vector) vector   { return vector{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }
func (a vector) cross(b vector) vector {
	return vector{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

package drawn

import "math"

// vec is a direction, a place or a colour (red, green, blue, each 0 to 1).
type vec struct{ x, y, z float64 }

func (a vec) add(b vec) vec       { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }
func (a vec) mul(s float64) vec   { return vec{a.x * s, a.y * s, a.z * s} }
func (a vec) dot(b vec) float64   { return a.x*b.x + a.y*b.y + a.z*b.z }
func (a vec) unit() vec           { return a.mul(1 / math.Sqrt(a.dot(a)+1e-12)) }
func mix(a, b vec, t float64) vec { return a.mul(1 - t).add(b.mul(t)) }

func clamp(x, low, high float64) float64 { return max(low, min(high, x)) }

// smooth rises from 0 at a to 1 at b without a corner.
func smooth(a, b, x float64) float64 {
	t := clamp((x-a)/(b-a), 0, 1)
	return t * t * (3 - 2*t)
}

// inside is 1 between a and b and falls off to 0 over edge on both sides.
func inside(a, b, edge, x float64) float64 {
	return smooth(a-edge, a+edge, x) * (1 - smooth(b-edge, b+edge, x))
}

// bell is 1 at 0 and falls off over the width.
func bell(x, width float64) float64 {
	q := x / width
	if q > 4 || q < -4 {
		return 0 // less than 1e-7, and most of a face is that far from most of its parts
	}
	return math.Exp(-q * q)
}

// speck is a number from -1 to 1 that belongs to a cell of a grid.
func speck(i, j, seed int) float64 {
	h := uint32(i)*374761393 + uint32(j)*668265263 + uint32(seed)*2246822519
	h = (h ^ (h >> 13)) * 1274126177
	h ^= h >> 16
	return float64(h)/4294967295*2 - 1
}

// noise is speck without the edges of its cells.
func noise(x, y float64, seed int) float64 {
	fi, fj := math.Floor(x), math.Floor(y)
	i, j := int(fi), int(fj)
	tx, ty := x-fi, y-fj
	tx, ty = tx*tx*(3-2*tx), ty*ty*(3-2*ty)
	top := speck(i, j, seed)*(1-tx) + speck(i+1, j, seed)*tx
	low := speck(i, j+1, seed)*(1-tx) + speck(i+1, j+1, seed)*tx
	return top*(1-ty) + low*ty
}

// grain is noise of three sizes.
func grain(x, y float64, seed int) float64 {
	return noise(x, y, seed)*.5 + noise(2*x, 2*y, seed+1)*.3 + noise(4*x, 4*y, seed+2)*.2
}

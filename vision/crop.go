package vision

import (
	"fmt"
	"image"
	"math"

	"aisle/offers"
)

// cropSide is the side of the upright picture of a face that is described.
const cropSide = 112

// canon is where the five points lie in such a picture, as ArcFace (Deng et al.
// 2019) has them and most describers since.
var canon = [5]Point{{38.2946, 51.6963}, {73.5318, 51.5014}, {56.0252, 71.7366}, {41.5493, 92.3655}, {70.7299, 92.2041}}

// Where the eyes lie in the box of a frontal cascade, as shares of its side.
var boxEyes = [2]Point{{.31, .40}, {.69, .40}}

// affine maps places of the crop to places of the frame.
type affine struct{ a, b, c, d, e, f float64 } // x' = ax+by+c, y' = dx+ey+f

// upright maps a crop of side pixels, with a margin about it, onto a face in a
// frame, so that eyes are level and in the same place for every face.
func upright(f Face, side, margin int) affine {
	scale := float64(side) / cropSide
	at := func(p Point) Point { return Point{p.X*scale + float64(margin), p.Y*scale + float64(margin)} }
	if f.HasPoints {
		from := make([]Point, 5)
		for i, p := range canon {
			from[i] = at(p)
		}
		return similarity(from, f.Points[:])
	}
	w := float64(f.Box.Dx())
	eye := func(p Point) Point { return Point{float64(f.Box.Min.X) + p.X*w, float64(f.Box.Min.Y) + p.Y*w} }
	return similarity([]Point{at(canon[0]), at(canon[1])}, []Point{eye(boxEyes[0]), eye(boxEyes[1])})
}

// similarity is the turn, scale and shift that takes from nearest to to, by
// least squares.
func similarity(from, to []Point) affine {
	n := float64(len(from))
	var fx, fy, tx, ty float64
	for i := range from {
		fx, fy = fx+from[i].X/n, fy+from[i].Y/n
		tx, ty = tx+to[i].X/n, ty+to[i].Y/n
	}
	var a, b, norm float64
	for i := range from {
		x, y := from[i].X-fx, from[i].Y-fy
		u, v := to[i].X-tx, to[i].Y-ty
		a += x*u + y*v
		b += x*v - y*u
		norm += x*x + y*y
	}
	a, b = a/norm, b/norm
	return affine{a, -b, tx - a*fx + b*fy, b, a, ty - b*fx - a*fy}
}

// crop cuts the face out of the frame, upright, side by side pixels and a margin
// about them. Beyond the frame's edge its last pixels go on. Where the face is
// larger than the crop, pixels are averaged: single samples would make texture
// that is not there.
func crop(pix []byte, f *Frame, channels int, face Face, side, margin int) ([]byte, error) {
	if f.Width < 2 || f.Height < 2 || len(pix) != f.Width*f.Height*channels {
		return nil, fmt.Errorf("frame of %d by %d pixels: %w: it has %d bytes", f.Width, f.Height, offers.ErrInvalid, len(pix))
	}
	if face.Box.Empty() || !face.Box.Overlaps(image.Rect(0, 0, f.Width, f.Height)) {
		return nil, fmt.Errorf("face at %v: %w: it lies outside the frame", face.Box, offers.ErrInvalid)
	}
	t := upright(face, side, margin)
	side += 2 * margin
	step := math.Hypot(t.a, t.d) // frame pixels in a crop pixel
	if math.IsNaN(step) || step > float64(f.Width+f.Height) {
		return nil, fmt.Errorf("face at %v: %w: its points lie on one spot", face.Box, offers.ErrInvalid)
	}
	n := min(max(int(math.Ceil(step)), 1), 4) // samples a side
	out := make([]byte, side*side*channels)
	for y := range side {
		for x := range side {
			var sum [3]float64
			for k := range n * n {
				// Pixel centres lie at whole numbers, so samples spread about them.
				sx := float64(x) + (float64(k%n)+.5)/float64(n) - .5
				sy := float64(y) + (float64(k/n)+.5)/float64(n) - .5
				px := clamp(t.a*sx+t.b*sy+t.c, 0, float64(f.Width-1))
				py := clamp(t.d*sx+t.e*sy+t.f, 0, float64(f.Height-1))
				x0, y0 := min(int(px), f.Width-2), min(int(py), f.Height-2)
				fx, fy := px-float64(x0), py-float64(y0)
				at := (y0*f.Width + x0) * channels
				low := at + f.Width*channels
				for c := range channels {
					top := float64(pix[at+c])*(1-fx) + float64(pix[at+channels+c])*fx
					bottom := float64(pix[low+c])*(1-fx) + float64(pix[low+channels+c])*fx
					sum[c] += top*(1-fy) + bottom*fy
				}
			}
			for c := range channels {
				out[(y*side+x)*channels+c] = byte(sum[c]/float64(n*n) + .5)
			}
		}
	}
	return out, nil
}

func clamp(x, low, high float64) float64 { return max(low, min(high, x)) }

package vision

import "math"

// LBP describes a face by local binary patterns: for each pixel, which of its
// neighbours are brighter, counted in 5 by 5 cells (Ahonen et al. 2006), after
// the light has been evened out (Tan and Triggs 2010). It needs no model and
// learns nothing of anybody, so a person who leaves is forgotten wholly.
//
// Three things make it better than the plain method on photographs of people:
// the picture is coarse, 56 pixels a face, so that noise and small turns matter
// less; the cells are counted in five places, and the nearest counts, because
// no detector's box lies quite right; and a distance is a share of how far the
// two faces are from a face of nobody, since a blurred face is near to
// everybody.
//
// It is demonstration grade: good at a door with even light and a handful of
// people, and close to useless below 50 pixels. Use Net for more.
type LBP struct {
	// Points says that the detector finds eyes, nose and mouth. Such faces are
	// cut out otherwise than by their box alone, so their vectors are a model of
	// their own.
	Points bool
}

// The picture, the grid and the patterns. 58 of the 256 patterns of 8 neighbours
// change between dark and bright no more than twice around the circle: those
// are the edges, corners and spots; all others share one bin.
const (
	lbpFace   = 56                    // pixels a side of the upright face
	lbpMargin = 8                     // pixels about it, for cells that are shifted
	lbpSide   = lbpFace + 2*lbpMargin // of the whole picture
	lbpRadius = 2.5
	lbpReach  = 3    // pixels at the edge whose neighbours are not all there
	lbpCells  = 5    // a side
	lbpStep   = 10.5 // pixels from one cell's centre to the next
	lbpHalf   = 8    // pixels from a cell's centre to where it has faded out
	lbpShift  = 2    // pixels
	lbpBins   = 59
	lbpMass   = 500 // the sum of a cell's bins
	lbpGrid   = lbpCells * lbpCells * lbpBins
)

// The grid is counted here, and once more in each direction.
var lbpShifts = [5][2]float64{{}, {-lbpShift, 0}, {lbpShift, 0}, {0, -lbpShift}, {0, lbpShift}}

// A vector is the five grids, the unshifted first, and then how far that one is
// from nobody's, in lbpFromNobody.
const (
	lbpLength     = len(lbpShifts)*lbpGrid + 1
	lbpFromNobody = 255
)

// nobody is a face of nobody: in every cell each pattern as often as anywhere in
// a face. It is the mean of drawn people; its test says which.
var nobody = [lbpBins]float32{
	30, 8, 3, 4, 9, 4, 6, 4, 4, 6, 14, 7, 4, 5, 9, 7, 4, 4, 7, 24, 6, 4, 6, 3, 4, 14, 6, 5, 4, 5,
	4, 7, 27, 8, 4, 8, 3, 3, 13, 6, 4, 3, 4, 6, 4, 4, 7, 7, 6, 3, 4, 5, 3, 6, 4, 3, 6, 30, 89,
}

// Model is lbp-2, or lbp-2p with points.
func (l LBP) Model() string {
	if l.Points {
		return "lbp-2p"
	}
	return "lbp-2"
}

// NeedsColour is false.
func (LBP) NeedsColour() bool { return false }

// Describe takes about 1.5 ms. The vector is how often each pattern is to be
// seen about each cell's centre.
func (LBP) Describe(f *Frame, face Face) (Vector, error) {
	gray, err := crop(f.Gray, f, 1, face, lbpFace, lbpMargin)
	if err != nil {
		return nil, err
	}
	codes := patterns(evenLight(gray))
	v := make(Vector, 0, lbpLength)
	for _, shift := range lbpShifts {
		v = append(v, countPatterns(codes, shift[0], shift[1])...)
	}
	return append(v, fromNobody(v[:lbpGrid])), nil
}

// Distance is the chi-square distance between the cells' patterns, at the shift
// at which it is least, as a share of how far the two are from nobody: 0 for the
// same vector, about 1 for two people.
func (LBP) Distance(a, b Vector) float64 {
	if len(a) != lbpLength || len(b) != lbpLength {
		return math.Inf(1)
	}
	least := chiSquare(a[:lbpGrid], b[:lbpGrid])
	for at := lbpGrid; at < lbpLength-1; at += lbpGrid {
		least = min(least, chiSquare(a[at:at+lbpGrid], b[:lbpGrid]), chiSquare(a[:lbpGrid], b[at:at+lbpGrid]))
	}
	return least * lbpFromNobody / math.Sqrt(float64(a[lbpLength-1])*float64(b[lbpLength-1]))
}

// fromNobody is how far a grid is from nobody's, as vectors have it.
func fromNobody(grid Vector) float32 {
	var sum float64
	for cell := 0; cell < lbpGrid; cell += lbpBins {
		sum += chiSquare(grid[cell:cell+lbpBins], nobody[:])
	}
	return float32(clamp(math.Round(lbpFromNobody*sum), 1, lbpFromNobody))
}

// chiSquare is the distance of two grids, or its cell's share: 0 to 2.
func chiSquare(a, b Vector) float64 {
	var sum float32
	for i, x := range a {
		y := b[i]
		if t := x + y; t > 0 {
			sum += (x - y) * (x - y) / t
		}
	}
	return float64(sum) / (lbpMass * lbpCells * lbpCells)
}

// evenLight makes the same face look the same in shadow and in sun: gamma, the
// difference of two blurs, and contrast brought to one scale twice, with the
// extremes bent in. The numbers are Tan and Triggs's, but for a wider second
// blur, which leaves more of the face's shape.
func evenLight(gray []byte) []float32 {
	var gamma [256]float32
	for i := range gamma {
		gamma[i] = float32(math.Pow(float64(i), .2))
	}
	lit := make([]float32, len(gray))
	for i, v := range gray {
		lit[i] = gamma[v]
	}
	d := blur(lit, 1)
	for i, v := range blur(lit, 3) {
		d[i] -= v
	}
	const alpha, tau = .1, 10.0
	scale := func(limit float64) {
		var mean float64
		for _, v := range d {
			mean += math.Pow(min(limit, math.Abs(float64(v))), alpha)
		}
		mean = math.Pow(mean/float64(len(d)), 1/alpha)
		if mean == 0 {
			return // a plain surface
		}
		for i := range d {
			d[i] /= float32(mean)
		}
	}
	scale(math.Inf(1))
	scale(tau)
	for i, v := range d {
		d[i] = float32(math.Tanh(float64(v) / tau))
	}
	return d
}

// blur is Gaussian, with the picture mirrored at its edges.
func blur(pix []float32, sigma float64) []float32 {
	reach := int(4 * sigma)
	kernel := make([]float32, reach+1)
	var sum float64
	for i := range kernel {
		w := math.Exp(-float64(i*i) / (2 * sigma * sigma))
		kernel[i] = float32(w)
		sum += w
		if i > 0 {
			sum += w
		}
	}
	for i := range kernel {
		kernel[i] /= float32(sum)
	}
	// One pass along rows that writes columns, done twice, blurs both ways.
	along := func(in []float32) []float32 {
		out := make([]float32, len(in))
		line := make([]float32, lbpSide+2*reach)
		for y := range lbpSide {
			row := in[y*lbpSide : (y+1)*lbpSide]
			copy(line[reach:], row)
			for i := range reach {
				line[reach-1-i] = row[i]
				line[reach+lbpSide+i] = row[lbpSide-1-i]
			}
			for x := range lbpSide {
				v := line[x+reach] * kernel[0]
				for i := 1; i <= reach; i++ {
					v += (line[x+reach-i] + line[x+reach+i]) * kernel[i]
				}
				out[x*lbpSide+y] = v
			}
		}
		return out
	}
	return along(along(pix))
}

// patterns says for each pixel which of 8 neighbours on a circle are at least as
// bright, as a bin. Pixels at the edge have none.
func patterns(light []float32) []uint8 {
	codes := make([]uint8, lbpSide*lbpSide)
	for n := range 8 {
		// The neighbour lies between four pixels.
		angle := 2 * math.Pi * float64(n) / 8
		dx, dy := lbpRadius*math.Cos(angle), -lbpRadius*math.Sin(angle)
		x0, y0 := int(math.Floor(dx)), int(math.Floor(dy))
		wx, wy := float32(dx-float64(x0)), float32(dy-float64(y0))
		for y := lbpReach; y < lbpSide-lbpReach; y++ {
			here := light[y*lbpSide:]
			top, low := light[(y+y0)*lbpSide:], light[(y+y0+1)*lbpSide:]
			row := codes[y*lbpSide:]
			for x := lbpReach; x < lbpSide-lbpReach; x++ {
				at := x + x0
				high := top[at] + (top[at+1]-top[at])*wx
				deep := low[at] + (low[at+1]-low[at])*wx
				if high+(deep-high)*wy >= here[x]-1e-7 {
					row[x] |= 1 << n
				}
			}
		}
	}
	for i, code := range codes {
		codes[i] = bins[code]
	}
	return codes
}

var bins = func() (bins [256]uint8) {
	next := uint8(0)
	for code := range bins {
		changes := 0
		for k := range 8 {
			if code>>k&1 != code>>((k+1)%8)&1 {
				changes++
			}
		}
		bins[code] = lbpBins - 1
		if changes <= 2 {
			bins[code] = next
			next++
		}
	}
	return bins
}()

// countPatterns counts them about each cell's centre, the less the farther away.
// Whole numbers up to 255 are a byte each where they are kept.
func countPatterns(codes []uint8, shiftX, shiftY float64) Vector {
	const first = lbpMargin + (lbpFace-lbpStep*(lbpCells-1))/2 - .5
	v := make(Vector, lbpGrid)
	for cell := range lbpCells * lbpCells {
		x0 := first + lbpStep*float64(cell%lbpCells) + shiftX
		y0 := first + lbpStep*float64(cell/lbpCells) + shiftY
		count := v[cell*lbpBins : (cell+1)*lbpBins]
		var sum float32
		for y := int(math.Ceil(y0 - lbpHalf)); float64(y) < y0+lbpHalf; y++ {
			wy := float32(1 - math.Abs(float64(y)-y0)/lbpHalf)
			for x := int(math.Ceil(x0 - lbpHalf)); float64(x) < x0+lbpHalf; x++ {
				w := wy * float32(1-math.Abs(float64(x)-x0)/lbpHalf)
				count[codes[y*lbpSide+x]] += w
				sum += w
			}
		}
		for i, n := range count {
			count[i] = min(255, float32(math.Round(float64(lbpMass*n/sum))))
		}
	}
	return v
}

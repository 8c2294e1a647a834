package vision

import "math"

// LBP describes a face by local binary patterns: for each pixel, which of its
// neighbours are brighter, counted in 7 by 7 cells (Ahonen et al. 2006), after
// the light has been evened out (Tan and Triggs 2010). It needs no model and
// learns nothing, so a person who leaves is forgotten wholly.
//
// It is demonstration grade: good at a door with even light and a handful of
// people, and close to useless below 50 pixels. Use Net for more.
type LBP struct {
	// Points says that the detector finds eyes, nose and mouth. Such faces are
	// cut out otherwise than by their box alone, so their vectors are a model of
	// their own.
	Points bool
}

// The grid and the patterns. 58 of the 256 patterns of 8 neighbours change
// between dark and bright no more than twice around the circle: those are the
// edges, corners and spots; all others share one bin.
const (
	lbpCells  = 7
	lbpBins   = 59
	lbpRadius = 2
	lbpInner  = cropSide - 2*lbpRadius // pixels a side that have all neighbours
	lbpCell   = lbpInner / lbpCells    // pixels a side of a cell
)

// Model is lbp-1, or lbp-1p with points.
func (l LBP) Model() string {
	if l.Points {
		return "lbp-1p"
	}
	return "lbp-1"
}

// NeedsColour is false.
func (LBP) NeedsColour() bool { return false }

// Describe takes about 2 ms. The vector is how many pixels of each cell show
// each pattern.
func (LBP) Describe(f *Frame, face Face) (Vector, error) {
	gray, err := crop(f.Gray, f, 1, face, cropSide)
	if err != nil {
		return nil, err
	}
	return countPatterns(patterns(evenLight(gray))), nil
}

// Distance is the chi-square distance between the cells' patterns, averaged over
// the cells: 0 to 2.
func (LBP) Distance(a, b Vector) float64 {
	if len(a) != len(b) || len(a) == 0 {
		return math.Inf(1)
	}
	var sum float32
	for i, x := range a {
		y := b[i]
		if t := x + y; t > 0 {
			sum += (x - y) * (x - y) / t
		}
	}
	return float64(sum) / (lbpCell * lbpCell * lbpCells * lbpCells)
}

// evenLight makes the same face look the same in shadow and in sun: gamma, the
// difference of two blurs, and contrast brought to one scale twice, with the
// extremes bent in. The numbers are Tan and Triggs's.
func evenLight(gray []byte) []byte {
	var gamma [256]float32
	for i := range gamma {
		gamma[i] = float32(math.Pow(float64(i), .2))
	}
	lit := make([]float32, len(gray))
	for i, v := range gray {
		lit[i] = gamma[v]
	}
	fine, coarse := blur(lit, 1), blur(lit, 2)
	d := make([]float64, len(gray))
	for i := range d {
		d[i] = float64(fine[i] - coarse[i])
	}
	const alpha, tau = .1, 10.0
	scale := func(limit float64) {
		var mean float64
		for _, v := range d {
			mean += math.Pow(min(limit, math.Abs(v)), alpha)
		}
		mean = math.Pow(mean/float64(len(d)), 1/alpha)
		if mean == 0 {
			return // a plain surface
		}
		for i := range d {
			d[i] /= mean
		}
	}
	scale(math.Inf(1))
	scale(tau)
	out := make([]byte, len(d))
	for i, v := range d {
		out[i] = byte((math.Tanh(v/tau) + 1) / 2 * 255)
	}
	return out
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
		line := make([]float32, cropSide+2*reach)
		for y := range cropSide {
			row := in[y*cropSide : (y+1)*cropSide]
			copy(line[reach:], row)
			for i := range reach {
				line[reach-1-i] = row[i]
				line[reach+cropSide+i] = row[cropSide-1-i]
			}
			for x := range cropSide {
				v := line[x+reach] * kernel[0]
				for i := 1; i <= reach; i++ {
					v += (line[x+reach-i] + line[x+reach+i]) * kernel[i]
				}
				out[x*cropSide+y] = v
			}
		}
		return out
	}
	return along(along(pix))
}

// patterns says for each inner pixel which of 8 neighbours on a circle are at
// least as bright: one bit each.
func patterns(gray []byte) []byte {
	codes := make([]byte, lbpInner*lbpInner)
	for n := range 8 {
		// The neighbour lies between four pixels; weights are in 1/65536.
		angle := 2 * math.Pi * float64(n) / 8
		dx, dy := lbpRadius*math.Cos(angle), -lbpRadius*math.Sin(angle)
		dx, dy = math.Round(dx*1e6)/1e6, math.Round(dy*1e6)/1e6
		x0, y0 := int(math.Floor(dx)), int(math.Floor(dy))
		x1, y1 := int(math.Ceil(dx)), int(math.Ceil(dy))
		wx, wy := int(256*(dx-float64(x0))+.5), int(256*(dy-float64(y0))+.5)
		for y := range lbpInner {
			at := (y+lbpRadius)*cropSide + lbpRadius
			a, b := gray[at+y0*cropSide+x0:], gray[at+y0*cropSide+x1:]
			c, d := gray[at+y1*cropSide+x0:], gray[at+y1*cropSide+x1:]
			here, row := gray[at:], codes[y*lbpInner:(y+1)*lbpInner]
			for x := range row {
				top := int(a[x])*(256-wx) + int(b[x])*wx
				low := int(c[x])*(256-wx) + int(d[x])*wx
				if top*(256-wy)+low*wy >= int(here[x])<<16 {
					row[x] |= 1 << n
				}
			}
		}
	}
	return codes
}

var bins = func() (bins [256]byte) {
	next := byte(0)
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

func countPatterns(codes []byte) Vector {
	v := make(Vector, lbpCells*lbpCells*lbpBins)
	for y := range lbpCells * lbpCell {
		for x := range lbpCells * lbpCell {
			cell := y/lbpCell*lbpCells + x/lbpCell
			v[cell*lbpBins+int(bins[codes[y*lbpInner+x]])]++
		}
	}
	return v
}

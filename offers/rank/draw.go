package rank

import "math"

// gridPoints is how finely Draw looks at the scores. More points make the
// matching of probabilities finer; the propensity is exact with any.
const gridPoints = 64

// reach is how many standard deviations of a score Draw looks at.
const reach = 5

// Draw draws one arm in proportion to the chance that it is the best. The score
// of arm i is mult[i] times a draw from the belief in its probability, taken as
// Gaussian. Every arm gets at least the share floor, so that a new offer is
// seen; a floor that would leave nothing over gives all the same.
//
// p holds the probability of each arm, written over probs from its beginning,
// and sums to 1: it is what the pick was drawn with, not an estimate of it. The
// same arguments give the same answer. A belief or a multiplier that is no
// finite number, or a negative multiplier, counts as a score of 0. Without arms
// the pick is -1.
func Draw(probs []float64, est []Estimate, mult []float64, floor float64, seed uint64) (p []float64, pick int) {
	p = probs[:0]
	if len(est) == 0 {
		return p, -1
	}
	for range est {
		p = append(p, 0)
	}
	best(p, est, mult)
	mixFloor(p, floor)
	return p, sample(p, seed)
}

// best fills p with the probability of each arm to have the highest score: the
// integral of its density times the others' distribution functions, summed over
// a grid as mass in a cell times the others' mean over the cell. The sum keeps
// its sense where a score is certain, and shares ties equally.
func best(p []float64, est []Estimate, mult []float64) {
	n := len(p)
	var near [6 * 128]float64 // on the stack for as many arms as there mostly are
	room := near[:]
	if 6*n > len(room) {
		room = make([]float64, 6*n)
	}
	cut := func() []float64 {
		c := room[:n]
		room = room[n:]
		return c
	}
	mean, sd, below, at, others, after := cut(), cut(), cut(), cut(), cut(), cut()

	low, high := math.Inf(-1), math.Inf(-1)
	for i := range n {
		m := 0.0
		if i < len(mult) && mult[i] > 0 && !math.IsInf(mult[i], 0) {
			m = mult[i]
		}
		mean[i], sd[i] = finite(m*est[i].Mean), math.Abs(finite(m*est[i].SD))
		low = max(low, mean[i]-reach*sd[i])
		high = max(high, mean[i]+reach*sd[i])
	}
	// All but one arm may lie below low; that mass is the first cell's. Below it
	// nothing is best: the best arm lies above. The surest arms lie close above
	// it, so the grid is finest there.
	low = math.Nextafter(low, math.Inf(-1))
	for k := range gridPoints + 1 {
		share := float64(k-1) / (gridPoints - 1)
		x := low + (high-low)*share*share
		for i := range n {
			switch {
			case k == 0:
				at[i] = 0
			case k == gridPoints:
				at[i] = 1
			case sd[i] > 0:
				at[i] = fastCDF((x - mean[i]) / sd[i])
			case x >= mean[i]:
				at[i] = 1
			default:
				at[i] = 0
			}
		}
		if k > 0 {
			product := 1.0
			for i := n - 1; i >= 0; i-- {
				after[i] = product
				product *= (below[i] + at[i]) / 2
			}
			product = 1
			for i := range n {
				others[i] = product * after[i]
				product *= (below[i] + at[i]) / 2
				p[i] += (at[i] - below[i]) * others[i]
			}
		}
		below, at = at, below
	}
	sum := 0.0
	for _, q := range p {
		sum += q
	}
	for i := range p {
		if sum > 0 {
			p[i] /= sum
		} else {
			p[i] = 1 / float64(n) // so many that every product vanishes
		}
	}
}

func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

// mixFloor gives every arm at least the floor and scales what is over.
func mixFloor(p []float64, floor float64) {
	n := float64(len(p))
	if !(floor > 0) {
		return
	}
	floor = min(floor, 1/n)
	for i := range p {
		p[i] = floor + (1-n*floor)*p[i]
	}
}

// sample draws from p by one number made from the seed (splitmix64).
func sample(p []float64, seed uint64) int {
	z := seed + 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	u := float64((z^z>>31)>>11) / (1 << 53)
	last := 0
	for i, q := range p {
		if q <= 0 {
			continue
		}
		last = i
		if u -= q; u < 0 {
			break
		}
	}
	return last
}

// fastCDF is cdf from a table, to 1e-6: a draw among 100 arms asks for it some
// thousand times.
func fastCDF(x float64) float64 {
	at := (x + cdfReach) * cdfPerUnit
	if !(at > 0) {
		return 0
	}
	if at >= cdfSize-1 {
		return 1
	}
	i := int(at)
	return cdfTable[i] + (at-float64(i))*(cdfTable[i+1]-cdfTable[i])
}

const (
	cdfReach   = 6
	cdfPerUnit = 256
	cdfSize    = 2*cdfReach*cdfPerUnit + 1
)

var cdfTable = func() (t [cdfSize]float64) {
	for i := range t {
		t[i] = cdf(float64(i)/cdfPerUnit - cdfReach)
	}
	return t
}()

package locate

import "math"

// process is a Gaussian process over places: what is known of a quantity
// everywhere from its value at some points.
type process struct {
	at     [][2]float64
	alpha  []float64
	lower  [][]float64 // Cholesky factor
	kernel kernel
}

// kernel says how alike two places are.
type kernel struct {
	signal float64 // standard deviation of the quantity, in its unit
	length float64 // metres over which it changes
	noise  float64 // standard deviation of what is of the point alone
}

// cov is the Matérn kernel with smoothness 3/2: as rough as shadows of shelves.
func (k kernel) cov(a, b [2]float64) float64 {
	r := math.Sqrt(3) * math.Hypot(a[0]-b[0], a[1]-b[1]) / k.length
	return k.signal * k.signal * (1 + r) * math.Exp(-r)
}

// newProcess conditions on values, of which each is the mean of so many packets
// that only the noise of the point is left.
func newProcess(k kernel, at [][2]float64, values []float64) *process {
	n := len(at)
	g := &process{at: at, kernel: k, lower: make([][]float64, n)}
	for i := range n {
		g.lower[i] = make([]float64, i+1)
		for j := range i + 1 {
			g.lower[i][j] = k.cov(at[i], at[j])
		}
		g.lower[i][i] += k.noise*k.noise + 1e-6
	}
	for i := range n {
		for j := range i + 1 {
			sum := g.lower[i][j]
			for m := range j {
				sum -= g.lower[i][m] * g.lower[j][m]
			}
			if i == j {
				g.lower[i][i] = math.Sqrt(max(sum, 1e-9))
			} else {
				g.lower[i][j] = sum / g.lower[j][j]
			}
		}
	}
	g.alpha = g.back(g.forward(values))
	return g
}

// forward solves L x = b.
func (g *process) forward(b []float64) []float64 {
	x := make([]float64, len(b))
	for i, row := range g.lower {
		sum := b[i]
		for j := range i {
			sum -= row[j] * x[j]
		}
		x[i] = sum / row[i]
	}
	return x
}

// back solves Lᵀ x = b.
func (g *process) back(b []float64) []float64 {
	x := make([]float64, len(b))
	for i := len(b) - 1; i >= 0; i-- {
		sum := b[i]
		for j := i + 1; j < len(b); j++ {
			sum -= g.lower[j][i] * x[j]
		}
		x[i] = sum / g.lower[i][i]
	}
	return x
}

// evidence is the logarithm of how likely the values are under the kernel.
func (g *process) evidence(values []float64) float64 {
	sum := 0.0
	for i, v := range values {
		sum -= v * g.alpha[i] / 2
		sum -= math.Log(g.lower[i][i])
	}
	return sum - float64(len(values))*math.Log(2*math.Pi)/2
}

// at is the mean and the variance of the quantity at a place, without the noise
// of the point.
func (g *process) predict(p [2]float64) (mean, variance float64) {
	k := make([]float64, len(g.at))
	for i, q := range g.at {
		k[i] = g.kernel.cov(p, q)
		mean += k[i] * g.alpha[i]
	}
	variance = g.kernel.signal * g.kernel.signal
	for _, v := range g.forward(k) {
		variance -= v * v
	}
	return mean, max(variance, 0)
}

// learnKernel finds the kernel under which all the sets of values together are
// likeliest: type II maximum likelihood on a grid of physical values.
func learnKernel(at [][][2]float64, values [][]float64) kernel {
	best, most := kernel{4, 2.5, 2.5}, math.Inf(-1)
	for _, length := range []float64{1, 1.5, 2.25, 3.5, 5, 8} {
		for _, signal := range []float64{1.5, 2.5, 3.5, 5} {
			for _, noise := range []float64{0.7, 1.4, 2.1, 3, 4.2} {
				k := kernel{signal, length, noise}
				sum := 0.0
				for i := range at {
					sum += newProcess(k, at[i], values[i]).evidence(values[i])
				}
				if sum > most {
					best, most = k, sum
				}
			}
		}
	}
	return best
}

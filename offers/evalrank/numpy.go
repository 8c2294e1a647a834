package evalrank

import "math"

// The policy of the Open Bandit data was simulated by its authors with numpy's
// older generator. To judge the same policy, it is drawn here as they drew it.

// mersenne is MT19937, seeded as numpy.random.RandomState seeds it (Matsumoto
// and Nishimura, 1998).
type mersenne struct {
	state [624]uint32
	at    int

	kept   float64 // the second of a pair of normal numbers
	keptOK bool
}

func newMersenne(seed uint32) *mersenne {
	m := &mersenne{at: 624}
	m.state[0] = seed
	for i := 1; i < len(m.state); i++ {
		m.state[i] = 1812433253*(m.state[i-1]^m.state[i-1]>>30) + uint32(i)
	}
	return m
}

func (m *mersenne) next() uint32 {
	if m.at == len(m.state) {
		for i := range m.state {
			y := m.state[i]&0x80000000 | m.state[(i+1)%624]&0x7fffffff
			m.state[i] = m.state[(i+397)%624] ^ y>>1
			if y&1 == 1 {
				m.state[i] ^= 0x9908b0df
			}
		}
		m.at = 0
	}
	y := m.state[m.at]
	m.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// float is from 0 on and below 1, of 53 bits.
func (m *mersenne) float() float64 {
	a, b := m.next()>>5, m.next()>>6
	return (float64(a)*67108864 + float64(b)) / 9007199254740992
}

// normal is by Marsaglia's polar method, which gives two at a time.
func (m *mersenne) normal() float64 {
	if m.keptOK {
		m.keptOK = false
		return m.kept
	}
	for {
		x, y := 2*m.float()-1, 2*m.float()-1
		if r := x*x + y*y; r < 1 && r != 0 {
			f := math.Sqrt(-2 * math.Log(r) / r)
			m.kept, m.keptOK = f*x, true
			return f * y
		}
	}
}

// gamma is by Marsaglia and Tsang, for shapes above 1.
func (m *mersenne) gamma(shape float64) float64 {
	b := shape - 1./3
	c := 1 / math.Sqrt(9*b)
	for {
		x, v := 0., 0.
		for v <= 0 {
			x = m.normal()
			v = 1 + c*x
		}
		v = v * v * v
		u := m.float()
		if u < 1-.0331*(x*x)*(x*x) || math.Log(u) < .5*x*x+b*(1-v+math.Log(v)) {
			return b * v
		}
	}
}

// beta of shapes above 1.
func (m *mersenne) beta(a, b float64) float64 {
	x := m.gamma(a)
	return x / (x + m.gamma(b))
}

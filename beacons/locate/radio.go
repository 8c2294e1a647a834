package locate

import (
	"math"
	"slices"

	"aisle/offers"
)

// Radio is what each receiver of a Space hears of a tag in each of its cells.
// It does not change after it was made.
type Radio struct {
	space  *Space
	laws   []Law
	kernel kernel
	maps   []heardMap
	silent [][]float32
	bodyDB float64
	trust  float64 // of a second's evidence: shadows that no survey knows stay where they are
}

// heardMap is one receiver's map over all cells.
type heardMap struct {
	mean   []float32 // gain, dB
	weight []float32 // 1 / variance of one packet's gain
	norm   []float32 // logarithm of that variance
	shadow []float32 // the part of that variance that stays where it is
	even   bool      // it is the same everywhere
}

const (
	packetDB    = 3.5 // of one packet around the mean of its place: three channels, polarisation, fading
	bodyDB      = 2.5 // of all packets together: who carries it, and how
	strangeDB   = 4.0 // the same where no receiver was surveyed
	unsurveyed  = 0.7
	shadowDB    = 4.5   // of shelves; what a law is off by beyond that is that nobody measured it
	deafDB      = -36.0 // gain at which half of the packets are lost: -95 dBm from -59 at a metre
	deafSD      = 6.0
	mostPoints  = 220 // of a receiver's survey; nearby ones are merged above that
	leastPoints = 60
	mostWork    = 4e9
)

// NewRadio fits the receivers' maps to a survey. Without one, or where it lacks
// a receiver, the default law holds.
func NewRadio(sp *Space, survey Survey) *Radio {
	r := &Radio{space: sp, laws: make([]Law, len(sp.spots)), maps: make([]heardMap, len(sp.spots)), silent: make([][]float32, len(sp.spots)), bodyDB: strangeDB, trust: unsurveyed}
	if sp.rooms {
		r.fillRooms()
		return r
	}
	points := make([][]Sample, len(sp.spots))
	for _, s := range survey {
		if i, ok := sp.byID[s.Receiver]; ok && s.Packets > 0 && !math.IsNaN(s.GainDB) && !math.IsInf(s.GainDB, 0) {
			points[i] = append(points[i], s)
		}
	}
	// The work of a map grows with the square of its points: a hall of hundreds of
	// receivers has coarser ones, so that it is drawn within seconds.
	most := int(math.Sqrt(mostWork / float64(len(sp.spots)*sp.cells+1)))
	most = min(max(most, leastPoints), mostPoints)
	type group struct{ receiver, floor int }
	var groups []group
	var at [][][2]float64
	var rest [][]float64
	for i := range points {
		points[i] = merge(points[i], most)
		r.laws[i] = r.fit(i, points[i])
		for f := range sp.floors {
			var xs [][2]float64
			var res []float64
			for _, s := range points[i] {
				if n, ok := sp.floorNos[s.Floor]; ok && n == f {
					xs = append(xs, [2]float64{s.At.X, s.At.Y})
					res = append(res, s.GainDB-r.expect(i, f, s.At))
				}
			}
			if len(xs) >= 5 {
				groups, at, rest = append(groups, group{i, f}), append(at, xs), append(rest, res)
			}
		}
	}
	if len(groups) > 0 {
		r.bodyDB, r.trust = bodyDB, 1
		r.kernel = learnKernel(thin(at, rest))
	}
	known := map[group]*process{}
	for i, g := range groups {
		known[g] = newProcess(r.kernel, at[i], rest[i])
	}
	for i := range sp.spots {
		m := newHeardMap(sp.cells)
		silent := make([]float32, sp.cells)
		for c := range sp.cells {
			f := sp.floorOf(c)
			mean := r.expect(i, f, sp.at[c])
			variance := r.laws[i].SpreadDB*r.laws[i].SpreadDB + packetDB*packetDB
			still := min(r.laws[i].SpreadDB, shadowDB)
			shadow := still * still
			if g := known[group{i, f}]; g != nil {
				off, unsure := g.predict([2]float64{sp.at[c].X, sp.at[c].Y})
				mean += off
				shadow, variance = unsure, unsure+r.kernel.noise*r.kernel.noise+packetDB*packetDB
			}
			m.set(c, mean, variance, shadow)
			silent[c] = silence(mean)
		}
		m.even = slices.Min(m.norm) == slices.Max(m.norm)
		r.maps[i], r.silent[i] = m, silent
	}
	return r
}

// fillRooms makes the maps of a Space without places.
func (r *Radio) fillRooms() {
	sp := r.space
	for i := range sp.spots {
		r.laws[i] = DefaultLaw
		m := newHeardMap(sp.cells)
		r.silent[i] = make([]float32, sp.cells)
		for _, z := range sp.zones {
			for _, c := range z.cells {
				mean, variance := roomGain(z.ID == sp.spots[i].Zone)
				m.set(int(c), mean, variance, 0)
				r.silent[i][c] = silence(mean)
			}
		}
		r.maps[i] = m
	}
}

func newHeardMap(cells int) heardMap {
	return heardMap{mean: make([]float32, cells), weight: make([]float32, cells), norm: make([]float32, cells), shadow: make([]float32, cells)}
}

func (h *heardMap) set(cell int, mean, variance, shadow float64) {
	h.mean[cell], h.weight[cell], h.norm[cell], h.shadow[cell] = float32(mean), float32(1/variance), float32(math.Log(variance)), float32(shadow)
}

// silence is the logarithm of how likely a receiver that is awake hears nothing
// for a while, where it would hear that gain. It loses packets, and shadows come
// and go, so it is never unlikelier than a half.
func silence(gain float64) float32 {
	hears := 0.5 * math.Erfc((deafDB-gain)/deafSD/math.Sqrt2)
	return float32(math.Log(1 - 0.5*hears))
}

// Calibrate fits the law of each receiver to a survey, for shops that keep the
// laws and not the survey. Receivers with too few points stay as they are.
func Calibrate(s *offers.Shop, survey Survey) ([]offers.Receiver, error) {
	sp, err := NewSpace(s)
	if err != nil {
		return nil, err
	}
	r := &Radio{space: sp}
	points := make([][]Sample, len(sp.spots))
	for _, p := range survey {
		if i, ok := sp.byID[p.Receiver]; ok && p.Packets > 0 {
			points[i] = append(points[i], p)
		}
	}
	receivers := make([]offers.Receiver, len(sp.spots))
	for i := range sp.spots {
		receivers[i] = sp.spots[i].Receiver
		if law := r.fit(i, merge(points[i], mostPoints)); law.Samples > 0 {
			receivers[i].OffsetDB, receivers[i].Exponent, receivers[i].SpreadDB = law.OffsetDB, law.Exponent, law.SpreadDB
		}
	}
	return receivers, nil
}

// Law is what was fitted to a receiver.
func (r *Radio) Law(id offers.ReceiverID) (Law, bool) {
	i, ok := r.space.byID[id]
	if !ok {
		return Law{}, false
	}
	return r.laws[i], true
}

// Residual is how much louder, in dB, the sample was than the receiver's law
// has it: what the survey shows on the plan.
func (r *Radio) Residual(s Sample) (float64, bool) {
	i, ok := r.space.byID[s.Receiver]
	f, known := r.space.floorNos[s.Floor]
	if !ok || !known {
		return 0, false
	}
	return s.GainDB - r.expect(i, f, s.At), true
}

// expect is the gain at a point by the receiver's law.
func (r *Radio) expect(receiver, floor int, p offers.Point) float64 {
	s := &r.space.spots[receiver]
	return r.laws[receiver].gain(lawDistance(s.At, p, floor-s.floor)) - floorLossDB(floor-s.floor)
}

func (r *Radio) fit(receiver int, points []Sample) Law {
	s := &r.space.spots[receiver]
	if len(points) == 0 && s.Exponent > 0 { // measured before
		r.bodyDB = bodyDB
		return Law{OffsetDB: s.OffsetDB, Exponent: s.Exponent, SpreadDB: max(s.SpreadDB, 2)}
	}
	var distances, gains []float64
	for _, p := range points {
		if f, ok := r.space.floorNos[p.Floor]; ok {
			distances = append(distances, lawDistance(s.At, p.At, f-s.floor))
			gains = append(gains, p.GainDB+floorLossDB(f-s.floor))
		}
	}
	return fitLaw(distances, gains)
}

// merge averages samples that are close to one another, more widely the more
// there are, until no more than so many are left.
func merge(points []Sample, most int) []Sample {
	for side := 0.3; ; side *= 1.3 {
		type key struct {
			floor offers.FloorID
			x, y  int
		}
		sums := map[key]*Sample{}
		var order []key
		for _, p := range points {
			k := key{p.Floor, int(math.Floor(p.At.X / side)), int(math.Floor(p.At.Y / side))}
			s := sums[k]
			if s == nil {
				s = &Sample{Receiver: p.Receiver, Floor: p.Floor}
				sums[k] = s
				order = append(order, k)
			}
			n := float64(p.Packets)
			s.At.X += n * p.At.X
			s.At.Y += n * p.At.Y
			s.GainDB += n * p.GainDB
			s.Packets += p.Packets
		}
		if len(order) > most {
			continue
		}
		merged := make([]Sample, len(order))
		for i, k := range order {
			s := *sums[k]
			n := float64(s.Packets)
			s.At.X, s.At.Y, s.GainDB = s.At.X/n, s.At.Y/n, s.GainDB/n
			merged[i] = s
		}
		return merged
	}
}

// thin bounds the work of learning the kernel: a few receivers, a hundred
// points each, say enough of a shop's shelves.
func thin(at [][][2]float64, values [][]float64) ([][][2]float64, [][]float64) {
	const sets, points = 6, 100
	var a [][][2]float64
	var v [][]float64
	for i := 0; i < len(at); i += (len(at) + sets - 1) / sets {
		step := (len(at[i]) + points - 1) / points
		var xs [][2]float64
		var ys []float64
		for j := 0; j < len(at[i]); j += step {
			xs, ys = append(xs, at[i][j]), append(ys, values[i][j])
		}
		a, v = append(a, xs), append(v, ys)
	}
	return a, v
}

// Kernel is what was learned of the shelves; zero without a survey.
func (r *Radio) Kernel() (signalDB, lengthM, noiseDB float64) {
	return r.kernel.signal, r.kernel.length, r.kernel.noise
}

package locate

import (
	"math"
	"time"

	"aisle/beacons/polygon"
	"aisle/offers"
)

// Motion says how people move. Zero fields have defaults.
type Motion struct {
	Spread  float64 // m per root second that a walk strays; 1
	SpeedMS float64 // no faster than this; 2.0
	Stairs  float64 // chance a second to change floors; 0.002
	Lost    float64 // chance a second to be anywhere else; 0.0005
	Trust   float64 // how much of a second's evidence is new: neighbouring packets err alike; 0.8
}

func (m Motion) withDefaults() Motion {
	set := func(f *float64, d float64) {
		if *f == 0 {
			*f = d
		}
	}
	set(&m.Spread, 1)
	set(&m.SpeedMS, 2)
	set(&m.Stairs, 0.002)
	set(&m.Lost, 0.0005)
	set(&m.Trust, 0.8)
	return m
}

// Locator works on Beliefs over one Space. It has scratch space of its own: one
// goroutine uses it.
type Locator struct {
	space  *Space
	radio  *Radio
	motion Motion

	s0, s1, q, norm []float32
	next            []float32
}

// NewLocator works with what a Radio says.
func NewLocator(r *Radio, m Motion) *Locator {
	n := r.space.cells
	return &Locator{space: r.space, radio: r, motion: m.withDefaults(),
		s0: make([]float32, n), s1: make([]float32, n), q: make([]float32, n), norm: make([]float32, n), next: make([]float32, n)}
}

// Belief is how likely a tag is in each cell. The sum is 1.
type Belief []float32

// NewBelief knows nothing: anywhere where one can be.
func (l *Locator) NewBelief() Belief {
	b := make(Belief, l.space.cells)
	for i, o := range l.space.open {
		b[i] = o / float32(l.space.roomy)
	}
	return b
}

// Around knows that a tag is near a point, within so many metres.
func (l *Locator) Around(floor offers.FloorID, p offers.Point, m float64) Belief {
	b := l.NewBelief()
	n, ok := l.space.floorNos[floor]
	if !ok || l.space.rooms {
		return b
	}
	f := &l.space.floors[n]
	for c := range b {
		d := polygon.Metres(l.space.at[c], p) / m
		if b[c] *= 1e-3; c >= f.first && c < f.first+f.cols*f.rows {
			b[c] += l.space.open[c] * exp(float32(-d*d/2))
		}
	}
	l.normalise(b)
	return b
}

// In knows that a tag is in a zone.
func (l *Locator) In(zone offers.ZoneID) Belief {
	b := l.NewBelief()
	i, ok := l.space.zoneOf[zone]
	if !ok {
		return b
	}
	for c := range b {
		b[c] *= 1e-2
	}
	for j, c := range l.space.zones[i].cells {
		b[c] += l.space.zones[i].shares[j] * l.space.open[c]
	}
	l.normalise(b)
	return b
}

// Heard is what one receiver heard of a tag within one step.
type Heard struct {
	Receiver int
	GainDB   float64 // of their mean power, see MeanGain
	Packets  int
	Age      time.Duration // of the last packet; it may have moved since
}

// MeanGain is the gain of the mean power of packets. The mean is of the power,
// not of the decibels: fading takes much from some packets and adds little to
// others, so the loud ones say more of the distance (Rappaport, section 4.9.1:
// local means are of power).
func MeanGain(gains ...float64) float64 {
	sum := 0.0
	for _, g := range gains {
		sum += math.Pow(10, g/10)
	}
	return 10 * math.Log10(sum/float64(len(gains)))
}

// Walk lets time pass: the belief spreads as people walk.
func (l *Locator) Walk(b Belief, d time.Duration) {
	dt := min(d.Seconds(), 30)
	if dt <= 0 {
		return
	}
	m := l.motion
	if l.space.rooms { // from any room to any other
		m.Lost += roomRate
		l.leak(b, dt, m)
		return
	}
	c := l.space.CellM
	variance := m.Spread * m.Spread * dt
	rounds := max(1, int(math.Ceil(variance/(2.0/3*c*c))))
	rounds = min(rounds, max(1, int(math.Ceil(m.SpeedMS*dt/c))), 40)
	a := float32(min(variance/(2*float64(rounds)*c*c), 1.0/3))
	for i := range l.space.floors {
		for range rounds {
			l.spread(&l.space.floors[i], b, a)
		}
	}
	l.leak(b, dt, m)
}

// spread is one round of diffusion along rows and then columns, between cells
// that one can walk between. It keeps the sum.
func (l *Locator) spread(f *raster, b Belief, a float32) {
	p, next := b[f.first:f.first+f.cols*f.rows], l.next[:f.cols*f.rows]
	right, down := f.right[:len(p)], f.down[:len(p)]
	copy(next, p)
	for i := range len(p) - 1 {
		flow := a * right[i] * (p[i] - p[i+1])
		next[i] -= flow
		next[i+1] += flow
	}
	copy(p, next)
	for i := range len(p) - f.cols {
		flow := a * down[i] * (next[i] - next[i+f.cols])
		p[i] -= flow
		p[i+f.cols] += flow
	}
}

// leak moves a little of the belief to other floors, and a little anywhere.
func (l *Locator) leak(b Belief, dt float64, m Motion) {
	sp := l.space
	if up := float32(min(m.Stairs*dt, 0.2)); len(sp.floors) > 1 {
		sums := make([]float32, len(sp.floors))
		room := make([]float32, len(sp.floors))
		for i, f := range sp.floors {
			for c := f.first; c < f.first+f.cols*f.rows; c++ {
				sums[i] += b[c]
				room[i] += sp.open[c]
			}
		}
		for i, f := range sp.floors {
			var in float32
			for j := range sums {
				if j != i {
					in += sums[j] * up / float32(len(sums)-1)
				}
			}
			for c := f.first; c < f.first+f.cols*f.rows; c++ {
				b[c] = b[c]*(1-up) + sp.open[c]*in/max(room[i], 1)
			}
		}
	}
	lost := float32(min(m.Lost*dt, 0.2))
	for i, o := range sp.open {
		b[i] = b[i]*(1-lost) + o*lost/float32(sp.roomy)
	}
}

// Offset is by how much all receivers together hear one tag louder than the
// survey's: another make, a pocket, a body. It is learned while the tag is
// followed. The zero Offset knows nothing yet.
type Offset struct {
	MeanDB, VarDB float32
}

// Hear weighs the belief with what was heard within one step.
//
// The tag's offset is integrated out as far as it is not known, so that the
// pattern counts and not the loudness.
func (l *Locator) Hear(b Belief, o *Offset, heard []Heard, step time.Duration) {
	if o.VarDB == 0 {
		o.VarDB = float32(l.radio.bodyDB * l.radio.bodyDB)
	}
	s0, s1, q := l.s0, l.s1, l.q
	clear(s0)
	clear(s1)
	clear(q)
	n := 0
	for _, h := range heard {
		if h.Receiver < 0 || h.Receiver >= len(l.radio.maps) || h.Packets <= 0 {
			continue
		}
		n++
		// Packets of one step err mostly alike.
		u := float32(h.Packets) / (1 + float32(h.Packets-1)*0.5)
		if h.Age > 0 {
			u *= float32(math.Exp(-h.Age.Seconds() / ageS))
		}
		l.add(&l.radio.maps[h.Receiver], float32(h.GainDB)-o.MeanDB, u)
	}
	if n == 0 {
		return
	}
	body := 1 / o.VarDB
	trust := float32(l.radio.trust * l.motion.Trust * math.Sqrt(step.Seconds()))
	least := float32(math.Inf(1))
	for c := range q {
		q[c] -= s1[c] * s1[c] / (s0[c] + body)
		if b[c] > 0 && q[c] < least {
			least = q[c]
		}
	}
	best := 0
	for c := range b {
		if x := trust * (q[c] - least) / 2; x < 40 {
			b[c] *= exp(-x)
		} else {
			b[c] = 0
		}
		if b[c] > b[best] {
			best = c
		}
	}
	l.normalise(b)
	// What the likeliest cell makes of the offset, a little at a time: errors of
	// neighbouring steps are alike.
	o.MeanDB += offsetRate * s1[best] / (s0[best] + body)
	o.VarDB = max(1/(1/o.VarDB+offsetRate/(bodyDB*bodyDB)), steadyDB*steadyDB)
}

const (
	ageS       = 1.0 // over which a packet loses its weight
	offsetRate = 0.1
	steadyDB   = 1.5 // how much a tag's offset varies while it is carried about
)

const outlierDB = 20 // beyond that, a packet says no more

// add adds what one receiver heard to the sums of all cells: weights, weighted
// errors and their squares.
func (l *Locator) add(m *heardMap, gain, u float32) {
	s0, s1, q, mean := l.s0, l.s1[:len(l.s0)], l.q[:len(l.s0)], m.mean[:len(l.s0)]
	if m.even { // the same spread everywhere, as without a survey
		w := u * m.weight[0]
		for c := range s0 {
			e := gain - mean[c]
			if e > outlierDB {
				e = outlierDB
			} else if e < -outlierDB {
				e = -outlierDB
			}
			s0[c] += w
			s1[c] += w * e
			q[c] += w * e * e
		}
		return
	}
	weight, norm := m.weight[:len(s0)], m.norm[:len(s0)]
	for c := range s0 {
		e := gain - mean[c]
		if e > outlierDB {
			e = outlierDB
		} else if e < -outlierDB {
			e = -outlierDB
		}
		w := u * weight[c]
		s0[c] += w
		s1[c] += w * e
		q[c] += w*e*e + u*norm[c]
	}
}

// Silent weighs the belief with receivers that are awake and hear nothing.
func (l *Locator) Silent(b Belief, receivers []int) {
	for _, r := range receivers {
		for c, s := range l.radio.silent[r] {
			b[c] *= exp(s)
		}
	}
	if len(receivers) > 0 {
		l.normalise(b)
	}
}

func (l *Locator) normalise(b Belief) {
	sum := float32(0)
	for _, p := range b {
		sum += p
	}
	if !(sum > 1e-30) { // all of it contradicts itself: begin anew
		copy(b, l.NewBelief())
		return
	}
	for i := range b {
		b[i] /= sum
	}
}

// exp is e to the power of x for x of at most 0, to four digits: what beliefs
// need, four times faster than math.Exp.
func exp(x float32) float32 {
	const log2e = 1.44269504
	y := x * log2e
	if y < -120 {
		return 0
	}
	n := int32(y)
	if y < 0 {
		n--
	}
	f := y - float32(n) // 0 to 1
	p := 1 + f*(0.6931472+f*(0.2402265+f*(0.05550411+f*(0.00961813+f*0.00133336))))
	return p * math.Float32frombits(uint32(n+127)<<23)
}

// Estimate is what a belief comes down to.
type Estimate struct {
	Floor      offers.FloorID
	FloorShare float64 // how likely it is that floor
	At         offers.Point
	Cov        [3]float64 // of x and x, x and y, y and y, in square metres
}

// Estimate reads the position off a belief: the mean on the likeliest floor.
func (l *Locator) Estimate(b Belief) Estimate {
	sp := l.space
	best, most := 0, float32(-1)
	for i, f := range sp.floors {
		sum := float32(0)
		for c := f.first; c < f.first+f.cols*f.rows; c++ {
			sum += b[c]
		}
		if sum > most {
			best, most = i, sum
		}
	}
	f := &sp.floors[best]
	if sp.rooms {
		return l.estimateRooms(b, f, most)
	}
	var x, y, xx, xy, yy, sum float64
	for row := range f.rows {
		var rs, rx, rxx float64
		for col := range f.cols {
			p := float64(b[f.first+row*f.cols+col])
			u := (float64(col) + .5) * sp.CellM
			rs += p
			rx += p * u
			rxx += p * u * u
		}
		v := (float64(row) + .5) * sp.CellM
		sum += rs
		x += rx
		xx += rxx
		y += rs * v
		xy += rx * v
		yy += rs * v * v
	}
	sum = max(sum, 1e-30)
	x, y, xx, xy, yy = x/sum, y/sum, xx/sum, xy/sum, yy/sum
	grain := sp.CellM * sp.CellM / 12
	return Estimate{Floor: f.id, FloorShare: float64(most), At: offers.Point{X: f.box.Min.X + x, Y: f.box.Min.Y + y},
		Cov: [3]float64{xx - x*x + grain, xy - x*y, yy - y*y + grain}}
}

// estimateRooms is the place of the likeliest room's receiver.
func (l *Locator) estimateRooms(b Belief, f *raster, share float32) Estimate {
	best := f.first
	for c := f.first; c < f.first+f.cols; c++ {
		if b[c] > b[best] {
			best = c
		}
	}
	spread := roomM * roomM / 12 / max(float64(b[best]), 0.05)
	return Estimate{Floor: f.id, FloorShare: float64(share), At: l.space.at[best], Cov: [3]float64{spread, 0, spread}}
}

// Shadows widens an estimate by what no number of packets tells: shadows of
// shelves that the Radio does not know bend what each receiver hears, and stay
// where they are while the belief narrows. It is the error that they cause in a
// weighted least squares fix among the receivers that heard the tag, whose
// common loudness is not known (S. M. Kay, Estimation Theory, 1993, theorem 4.2
// with a noise that the weights do not know).
func (l *Locator) Shadows(e *Estimate, heard []Heard) {
	f := &l.space.floors[l.space.floorNos[e.Floor]]
	if l.space.rooms || f.cols < 3 || f.rows < 3 {
		return
	}
	col := min(max(int((e.At.X-f.box.Min.X)/l.space.CellM), 1), f.cols-2)
	row := min(max(int((e.At.Y-f.box.Min.Y)/l.space.CellM), 1), f.rows-2)
	c := f.first + row*f.cols + col
	slope := func(m *heardMap) (x, y float64) {
		return float64(m.mean[c+1]-m.mean[c-1]) / (2 * l.space.CellM), float64(m.mean[c+f.cols]-m.mean[c-f.cols]) / (2 * l.space.CellM)
	}
	var sum, sumX, sumY float64
	for _, h := range heard {
		m := &l.radio.maps[h.Receiver]
		x, y := slope(m)
		w := float64(m.weight[c])
		sum, sumX, sumY = sum+w, sumX+w*x, sumY+w*y
	}
	if sum == 0 {
		return
	}
	// H is what the slopes tell of the place, M what the shadows make of it: the
	// error is H⁻¹ M H⁻¹.
	const least = 1.0 / (fixM * fixM)
	hxx, hxy, hyy := least, 0.0, least
	var mxx, mxy, myy float64
	for _, h := range heard {
		m := &l.radio.maps[h.Receiver]
		x, y := slope(m)
		x, y = x-sumX/sum, y-sumY/sum
		w := float64(m.weight[c])
		hxx, hxy, hyy = hxx+w*x*x, hxy+w*x*y, hyy+w*y*y
		w *= w * float64(m.shadow[c])
		mxx, mxy, myy = mxx+w*x*x, mxy+w*x*y, myy+w*y*y
	}
	det := hxx*hyy - hxy*hxy
	a, b, d := hyy/det, -hxy/det, hxx/det
	p, q, r, t := a*mxx+b*mxy, a*mxy+b*myy, b*mxx+d*mxy, b*mxy+d*myy
	e.Cov[0] += p*a + q*b
	e.Cov[1] += p*b + q*d
	e.Cov[2] += r*b + t*d
}

const fixM = 5.0 // within which a place is known though all slopes are level

// Ellipse is where the true place is, with a probability.
type Ellipse struct {
	MajorM     float64 `json:"major_m"` // half axes
	MinorM     float64 `json:"minor_m"`
	HeadingDeg float64 `json:"heading_deg"` // of the major axis, clockwise from the x axis
}

// Ellipse holds the true place 68 times of 100, were the belief a bell.
func (e Estimate) Ellipse() Ellipse {
	xx, xy, yy := e.Cov[0], e.Cov[1], e.Cov[2]
	mid, off := (xx+yy)/2, math.Hypot((xx-yy)/2, xy)
	const scale = 1.5096 // root of the chi-square quantile of 0.68 with two degrees of freedom
	return Ellipse{scale * math.Sqrt(mid+off), scale * math.Sqrt(max(mid-off, 0)), math.Atan2(2*xy, xx-yy) / 2 * 180 / math.Pi}
}

// ZoneShares is how likely each zone is, in the order of the shop's zones. What
// is missing to 1 is outside of all.
func (l *Locator) ZoneShares(b Belief, shares []float32) []float32 {
	shares = shares[:0]
	for i := range l.space.zones {
		z := &l.space.zones[i]
		sum := float32(0)
		for j, c := range z.cells {
			sum += b[c] * z.shares[j]
		}
		shares = append(shares, min(sum, 1))
	}
	return shares
}

// RadiusM is of a circle that holds the true place 68 times of 100, were the
// belief a round bell.
func (e Estimate) RadiusM() float64 { return 1.5096 * math.Sqrt((e.Cov[0]+e.Cov[2])/2) }

// Package rank is the shop's experience of who takes which offer: it says how
// likely this shopper is to take each offer now and how sure it is of that,
// learns from every offer that was taken or left, and draws one offer so that
// the unsure ones get their chance.
//
// The model is a Bayesian probit regression with a Gaussian belief in every
// weight and a closed-form update (Graepel, Quiñonero Candela, Borchert and
// Herbrich: Web-Scale Bayesian Click-Through Rate Prediction, ICML 2010) over
// hashed features and crosses of shopper, place and offer. Drawing is exact
// probability matching: the chance with which each arm is drawn is computed
// first and the draw is made from it, so that the logged propensity is true by
// construction (DESIGN, "Learning").
//
// A Model never changes: any number of goroutines read it without a lock. A
// Learner holds the one copy that does.
package rank

import (
	"math"
	"strconv"
	"strings"

	"aisle/offers"
)

// SnapshotName is the name under which the model's snapshots lie in state.
const SnapshotName = "model"

// Arm is an offer as the model sees it: one way to answer a moment.
type Arm struct {
	Offer    offers.OfferID
	Campaign offers.CampaignID
	Category string
	Zone     offers.ZoneID // where it is used
	Channel  offers.Channel
	Discount float64 // depth, 0 to 1
}

// ArmOf is the arm of an offer of a campaign. The first channel is the one
// that the shopper is most likely to see it on. The decider predicts and the
// learner learns with the arm that ArmOf makes.
func ArmOf(campaign offers.CampaignID, o *offers.Offer, channels []offers.Channel) Arm {
	a := Arm{Offer: o.ID, Campaign: campaign, Category: o.Category, Zone: o.Zone, Discount: o.Discount}
	if len(channels) > 0 {
		a.Channel = channels[0]
	}
	return a
}

// Estimate is the belief in the probability that the shopper takes an arm.
type Estimate struct {
	Mean, SD float64
	By       string // who says so, with its version; empty: the model that was asked
}

const (
	slotBits = 18
	slots    = 1 << slotBits

	// prior is the variance of the belief in a weight that nothing is known of.
	prior = 0.04
	// baseRate is what the model expects of an offer before it has seen any:
	// about 3 in 100 are taken.
	baseRate = 0.03
	// noise is the standard deviation of what no feature explains (beta).
	noise = 1.0
	// forget is how far each update lets the active weights slip back to the
	// prior, so that last season's taste fades within some 50,000 offers.
	forget = 2e-5
)

// weight is a Gaussian belief.
type weight struct{ mean, variance float32 }

// Model is an immutable snapshot.
type Model struct {
	number  uint64 // of the snapshot
	learned uint64 // outcomes that it has learned from
	weights []weight
}

// New is the model that has learned nothing.
func New() *Model {
	m := &Model{weights: make([]weight, slots)}
	for i := range m.weights {
		m.weights[i].variance = prior
	}
	return m
}

// Version names the snapshot. Decisions carry it.
func (m *Model) Version() string { return versionName(m.number) }

// Number counts the snapshots up to this one.
func (m *Model) Number() uint64 { return m.number }

// Learned is the number of outcomes that the model has learned from.
func (m *Model) Learned() uint64 { return m.learned }

const versionPrefix = "probit-"

func versionName(n uint64) string { return versionPrefix + strconv.FormatUint(n, 10) }

// ParseVersion is a snapshot's number, of the name that decisions carry. False:
// it is no name of one.
func ParseVersion(name string) (number uint64, ok bool) {
	digits, ok := strings.CutPrefix(name, versionPrefix)
	if !ok {
		return 0, false
	}
	number, err := strconv.ParseUint(digits, 10, 64)
	return number, err == nil && versionName(number) == name
}

// As is the same belief under another number, as which it is published again.
func (m *Model) As(number uint64) *Model {
	again := *m
	again.number = number
	return &again
}

// base is where the prior's mean lies on the probit scale, so that it predicts
// baseRate. It is not a weight: forgetting leads back to it.
var base = quantile(baseRate) * math.Sqrt(noise*noise+priorSquares*prior)

// Predict estimates every arm in the context. The estimates are written over
// dst from its beginning; nothing is allocated if dst has room for them.
func (m *Model) Predict(dst []Estimate, c *offers.Context, arms []Arm) []Estimate {
	dst = dst[:0]
	var s scene
	s.look(c)
	var shared features
	s.alone(&shared)
	mean, variance := m.believe(&shared)
	for i := range arms {
		var f features
		s.with(&f, &arms[i])
		am, av := m.believe(&f)
		dst = append(dst, estimate(base+mean+am, variance+av))
	}
	return dst
}

// believe sums the belief in the active weights.
func (m *Model) believe(f *features) (mean, variance float64) {
	for i := range f.n {
		w, x := &m.weights[f.slot[i]], f.value[i]
		mean += float64(w.mean * x)
		variance += float64(w.variance * x * x)
	}
	return mean, variance
}

// estimate is the distribution of Phi(s/noise) where s is Gaussian. With
// h = mean/sqrt(noise²+variance) and rho = variance/(noise²+variance) its mean
// is Phi(h) and its second moment Phi2(h, h; rho), so that its variance is
// Plackett's integral of exp(-h²/(1+sin t))/2pi over t in [0, asin rho]: a sum
// of positive terms, without cancellation where little is uncertain.
func estimate(mean, variance float64) Estimate {
	total := noise*noise + variance
	h := mean / math.Sqrt(total)
	top := math.Asin(variance / total)
	sum := 0.0
	for _, g := range gauss5 {
		sum += g.weight * math.Exp(-h*h/(1+math.Sin(top*g.at)))
	}
	return Estimate{Mean: cdf(h), SD: math.Sqrt(sum * top / (2 * math.Pi))}
}

// gauss5 is the Gauss-Legendre rule of five points on [0, 1].
var gauss5 = [5]struct{ at, weight float64 }{
	{0.04691007703066802, 0.11846344252809454},
	{0.23076534494715845, 0.23931433524968324},
	{0.5, 0.28444444444444444},
	{0.7692346550528415, 0.23931433524968324},
	{0.9530899229693319, 0.11846344252809454},
}

// Learner is a private copy of a model that learns. One goroutine owns it.
type Learner struct{ m *Model }

// NewLearner goes on from a snapshot, which stays as it is.
func NewLearner(m *Model) *Learner {
	mine := *m
	mine.weights = append([]weight(nil), m.weights...)
	return &Learner{m: &mine}
}

// Learn takes in how far the arm was taken in the context: 1 is taken, 0 is not,
// and what lies between counts as that share of both. It returns the probability
// that it had expected.
func (l *Learner) Learn(c *offers.Context, a *Arm, taken float64) float64 {
	var s scene
	s.look(c)
	var f features
	s.alone(&f)
	s.with(&f, a)
	for i := range f.n {
		l.m.weights[f.slot[i]].fade()
	}
	mean, variance := l.m.believe(&f)
	mean += base
	total := noise*noise + variance
	scale := math.Sqrt(total)
	taken = min(max(taken, 0), 1)
	v1, w1 := truncation(mean / scale)
	v0, w0 := truncation(-mean / scale)
	v, w := taken*v1-(1-taken)*v0, taken*w1+(1-taken)*w0
	for i := range f.n {
		k, x := &l.m.weights[f.slot[i]], float64(f.value[i])
		was := float64(k.variance)
		k.mean += float32(x * was / scale * v)
		k.variance = float32(was * (1 - x*x*was/total*w))
	}
	l.m.learned++
	return cdf(mean / scale)
}

// fade lets a belief slip towards the prior: the precision is an average of its
// own and the prior's, and the mean keeps its share.
func (w *weight) fade() {
	own := (1 - forget) / float64(w.variance)
	all := own + forget/prior
	w.mean = float32(float64(w.mean) * own / all)
	w.variance = float32(1 / all)
}

// truncation is the mean and the variance correction of a Gaussian that is
// known to be positive (v and w in the paper). Far in the tail, where both
// density and mass underflow, their ratio is -t.
func truncation(t float64) (v, w float64) {
	if t < -30 {
		v = -t
	} else {
		v = density(t) / cdf(t)
	}
	return v, min(max(v*(v+t), 0), 1)
}

// Snapshot is the learner's model as it is now, numbered one up from the last.
func (l *Learner) Snapshot() *Model {
	l.m.number++
	return NewLearner(l.m).m
}

// Learned is the number of outcomes learned so far.
func (l *Learner) Learned() uint64 { return l.m.learned }

func density(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

func cdf(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// quantile is the inverse of cdf.
func quantile(p float64) float64 { return -math.Sqrt2 * math.Erfcinv(2*p) }

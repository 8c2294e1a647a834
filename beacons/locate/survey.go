package locate

import (
	"math"
	"slices"

	"aisle/beacons/polygon"
	"aisle/offers"
)

// Sample is how one receiver heard a tag that stood at a known point: what one
// press of the survey's button gives for each receiver.
type Sample struct {
	Receiver offers.ReceiverID `json:"receiver"`
	Floor    offers.FloorID    `json:"floor"`
	At       offers.Point      `json:"at"`
	GainDB   float64           `json:"gain_db"` // of the packets' mean power, see MeanGain
	Packets  int               `json:"packets"`
}

// Survey is what was walked.
type Survey []Sample

// Law is the log-distance law of one receiver: gain = OffsetDB - 10 Exponent
// log10(metres), with shadows of SpreadDB around it.
type Law struct {
	OffsetDB float64 `json:"offset_db"`
	Exponent float64 `json:"exponent"`
	SpreadDB float64 `json:"spread_db"`
	Samples  int     `json:"samples"` // points that it was fitted to
}

// DefaultLaw is that of a receiver nobody measured: the exponent is that of a
// shop among shelves.
var DefaultLaw = Law{Exponent: 2.7, SpreadDB: 6}

// The prior is what is believed of exponents and offsets before a survey.
// Exponents measured indoors are 1.6 to 3.3 (Rappaport, table 4.2), but the
// receivers of one shop stand among the same shelves: exponents of their own,
// fitted to points that are mostly far away, locate worse than a shared one, as
// leaving points of a survey out shows. The offsets differ by a few dB.
const (
	priorExponent   = 2.4
	priorExponentSD = 0.15
	priorOffsetSD   = 8.0
	heightM         = 0.7 // between a tag at the belt and a receiver on a shelf
)

// lawDistance is the distance through the air, never less than the difference
// in height.
func lawDistance(a, b offers.Point, floors int) float64 {
	d := polygon.Metres(a, b)
	h := heightM + storeyM*math.Abs(float64(floors))
	return math.Sqrt(d*d + h*h)
}

// floorLossDB is what a ceiling takes (Seidel and Rappaport: 13 dB for the
// first one, less for those behind it).
func floorLossDB(floors int) float64 {
	switch n := max(floors, -floors); n {
	case 0:
		return 0
	case 1:
		return 13
	default:
		return 13 + 6*float64(n-1)
	}
}

// fitLaw fits the law to points: least squares towards the prior, with points
// that are far off weighing less (Huber), so that one press at the wrong place
// does not bend it.
func fitLaw(distances, gains []float64) Law {
	if len(distances) < 3 {
		return DefaultLaw
	}
	law := Law{Exponent: priorExponent, SpreadDB: 6, Samples: len(distances)}
	weights := make([]float64, len(distances))
	for i := range weights {
		weights[i] = 1
	}
	residuals := make([]float64, len(distances))
	for range 12 {
		// Normal equations of the weighted fit, with the prior as two more points.
		noise := law.SpreadDB * law.SpreadDB
		a := [2][2]float64{{noise / (priorOffsetSD * priorOffsetSD), 0}, {0, noise / (priorExponentSD * priorExponentSD)}}
		b := [2]float64{0, a[1][1] * priorExponent}
		for i, d := range distances {
			x := -10 * math.Log10(d)
			w := weights[i]
			a[0][0] += w
			a[0][1] += w * x
			a[1][1] += w * x * x
			b[0] += w * gains[i]
			b[1] += w * x * gains[i]
		}
		a[1][0] = a[0][1]
		det := a[0][0]*a[1][1] - a[0][1]*a[1][0]
		law.OffsetDB = (b[0]*a[1][1] - b[1]*a[0][1]) / det
		law.Exponent = (a[0][0]*b[1] - a[1][0]*b[0]) / det
		for i, d := range distances {
			residuals[i] = gains[i] - law.gain(d)
		}
		law.SpreadDB = max(2, spread(residuals))
		for i, r := range residuals {
			weights[i] = 1
			if k := 1.5 * law.SpreadDB; math.Abs(r) > k {
				weights[i] = k / math.Abs(r)
			}
		}
	}
	return law
}

// GainDB is what the law has for a tag at so many metres across the floor.
func (l Law) GainDB(acrossM float64) float64 { return l.gain(math.Hypot(acrossM, heightM)) }

func (l Law) gain(distanceM float64) float64 {
	return l.OffsetDB - 10*l.Exponent*math.Log10(distanceM)
}

// spread is the standard deviation by the median, which a few wild values do
// not move.
func spread(values []float64) float64 {
	sizes := make([]float64, len(values))
	for i, v := range values {
		sizes[i] = math.Abs(v)
	}
	slices.Sort(sizes)
	if len(sizes) == 0 {
		return 0
	}
	return 1.4826 * (sizes[(len(sizes)-1)/2] + sizes[len(sizes)/2]) / 2
}

// SurveyOf is what was walked in a shop.
func SurveyOf(s *offers.Shop) (survey Survey) {
	for _, p := range s.Survey {
		for _, h := range p.Heard {
			survey = append(survey, Sample{Receiver: h.Receiver, Floor: p.Floor, At: p.At, GainDB: h.GainDB, Packets: h.Packets})
		}
	}
	return survey
}

package visit

import (
	"math"
	"time"

	"aisle/offers"
)

// Witness is what one sense says: that it saw this shopper, how sure it was of
// that, and when.
type Witness struct {
	Sensor offers.Sensor `json:"sensor"`
	Sure   float64       `json:"sure"` // 0 to 1
	At     time.Time     `json:"at"`
}

// Presence is what all witnesses say together.
type Presence struct {
	Probability float64 // that this person is here now
	Kinds       int     // of independent witnesses that speak for it: 0, 1 or 2
}

// How much a witness weighs: the odds, for one who is right against one who is
// not. docs/words.md has the same numbers under "presence".
//
// A face: the recogniser's confidence runs from .5 at its threshold to .99, and
// counts as the odds c/(1-c). It is held to what was measured as a whole: on the
// AT&T faces, 84.7 of 100 who are known are named at the threshold at which 1 of
// 100 strangers is, so that a name is 85 times as likely for who it belongs to.
//
// What is carried: nobody measured how often people carry each other's phones.
// Taken for right are 9 of 10 tags, and 19 of 20 check-ins, which somebody made
// on purpose with an unlocked phone; a code at the till may have been passed on,
// as a tag. A house that knows better writes an ADR.
const (
	mostFaceOdds = 85
	tagOdds      = 9
	checkInOdds  = 19
	codeOdds     = 9

	// meanVisit is how long people stay on the average, taken for granted too: of
	// those who were seen t ago, exp(-t/meanVisit) are still there. What was seen
	// of the others says nothing of now: it is as often right as wrong.
	meanVisit = 20 * time.Minute
)

// The rule of two witnesses: who is shown to staff by name.
const (
	// Window is how recent both must be: not longer than a visit bears a gap.
	Window = Gap
	// nameOdds is what each must weigh by itself now: three of four are right.
	nameOdds = 3
	// nameProbability is what they must come to together.
	nameProbability = .95
)

// odds is what a witness weighs at a time. Who saw nothing and who saw it too
// long ago weigh 1.
func (w Witness) odds(at time.Time) float64 {
	age := at.Sub(w.At)
	if age > Window || !(w.Sure >= 0 && w.Sure <= 1) {
		return 1
	}
	right := .5 // of those of whom it says so at that time
	switch w.Sensor {
	case offers.SensorCamera:
		right = max(right, min(w.Sure, share(mostFaceOdds)))
	case offers.SensorBeacon: // where it is not sure that it heard the tag here, it says nothing
		right += w.Sure * (share(tagOdds) - .5)
	case offers.SensorApp:
		right += w.Sure * (share(checkInOdds) - .5)
	case offers.SensorTill:
		right += w.Sure * (share(codeOdds) - .5)
	}
	still := math.Exp(-max(age, 0).Seconds() / meanVisit.Seconds())
	right = .5 + still*(right-.5)
	return right / (1 - right)
}

// share is how many are right where the odds are so.
func share(odds float64) float64 { return odds / (1 + odds) }

// weigh is the odds of both kinds of witnesses: of who somebody is (their face)
// and of what they carry. Those of one kind are no independent witnesses: tag,
// check-in and code are wrong together where a phone is in another's hands. Of
// each kind the one that weighs most counts.
func weigh(all []Witness, at time.Time) (face, carried float64) {
	face, carried = 1, 1
	for _, w := range all {
		if w.Sensor == offers.SensorCamera {
			face = max(face, w.odds(at))
		} else {
			carried = max(carried, w.odds(at))
		}
	}
	return face, carried
}

// Fuse adds up what the witnesses say at a time: their log-odds, from even odds.
// Their order does not matter.
func Fuse(all []Witness, at time.Time) Presence {
	face, carried := weigh(all, at)
	var p Presence
	for _, odds := range []float64{face, carried} {
		if odds > 1 {
			p.Kinds++
		}
	}
	if p.Kinds == 0 {
		return p
	}
	p.Probability = share(face * carried) // of odds that are multiplied, the logarithms add up
	return p
}

// MayName tells whether staff may be shown who this is: only if a face and
// something that they carry agree, each sure enough by itself. One witness is a
// possible member, whom staff may ask.
func MayName(all []Witness, at time.Time) bool {
	face, carried := weigh(all, at)
	return face >= nameOdds && carried >= nameOdds && Fuse(all, at).Probability >= nameProbability
}

// Witnesses are those of the visit that goes on, appended to dst.
func Witnesses(dst []Witness, p *offers.Profile, at time.Time) []Witness {
	v := Present(p, at)
	if v == nil {
		return dst
	}
	for _, sense := range [...]offers.Sensor{offers.SensorApp, offers.SensorBeacon, offers.SensorCamera, offers.SensorTill} {
		seen, ok := v.Witnesses[sense]
		if !ok {
			continue
		}
		sure := unsaid[sense]
		if said, ok := v.Said[sense]; ok {
			sure = said.Sure
		}
		dst = append(dst, Witness{sense, sure, seen})
	}
	return dst
}

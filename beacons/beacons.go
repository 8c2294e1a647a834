// Package beacons works out where in the shop a tag is, from how loudly the
// receivers on the shelves hear it, without changing its mind all the time.
//
// Its rules: what one receiver heard may be an echo, so a tag is here only when
// a second one hears it too. A zone is a probability, not a guess: a tag changes
// zone when another was likelier for long enough that the difference adds up,
// and not because of one loud packet. Who is not heard any more has left, and is
// said to have. A quiet zone is never dwelled in. How sure a position is goes
// with it, and where it is not sure enough for an offer it says why. A MAC
// address says nothing of who carries what: phones change theirs every few
// minutes.
//
// The positions themselves are worked out in beacons/locate, which cites its
// methods. That a zone is changed by evidence that adds up, and not at a
// threshold, is the sequential test of A. Wald (Annals of Mathematical
// Statistics 16(2), 1945) in the form of E. S. Page's cumulative sum
// (Biometrika 41, 1954).
//
// The package is pure: time is that of the readings, and nothing is stored
// outside a Tracker.
package beacons

import (
	"math"
	"strings"
	"time"

	"aisle/offers"
)

// Reading is one packet of a tag as one receiver heard it.
type Reading struct {
	Tag      string            `json:"tag"` // "iBeacon:e5ca1ade-f007-ba11-0000-000000000000-1-2"
	Receiver offers.ReceiverID `json:"receiver"`
	At       time.Time         `json:"at"`
	RSSIdBm  float64           `json:"rssi_dbm"`

	// Power1mdBm is how loud the tag is at one metre, as it or its gateway says.
	// Zero says nothing, and then DistanceM counts, which the gateway worked out.
	Power1mdBm float64 `json:"power_1m_dbm,omitempty"`
	DistanceM  float64 `json:"distance_m,omitempty"`
}

// GainDB is what the air left of the signal, less what it takes in the first
// metre: -20 means 20 dB softer than at one metre. It is false where the reading
// tells neither power nor distance, or one that cannot be.
func (r *Reading) GainDB() (gain float64, ok bool) {
	switch {
	case math.IsNaN(r.RSSIdBm + r.Power1mdBm + r.DistanceM), r.DistanceM < 0, r.DistanceM > MaxRangeM:
		return 0, false
	case r.Power1mdBm != 0:
		gain = r.RSSIdBm - r.Power1mdBm
	case r.DistanceM > 0:
		gain = -10 * DefaultAbsorption * math.Log10(max(r.DistanceM, 0.1))
	default:
		return 0, false
	}
	return gain, gain > -90 && gain < 40
}

// MaxRangeM is how far a receiver hears. What claims to be farther away is
// noise, or a receiver that has just started.
const MaxRangeM = 30.0

// DistanceM is how far away a tag is by the log-distance path loss model: heard
// at rssi, where it would be heard at rssi1m from one metre. Absorption is the
// path loss exponent, 2 in free space, 2.7 among shelves
// (Rappaport, Wireless Communications, 2nd ed., section 4.11).
func DistanceM(rssi1mdBm, rssidBm, absorption float64) float64 {
	return math.Pow(10, (rssi1mdBm-rssidBm)/(10*absorption))
}

// DefaultAbsorption is the path loss exponent where none was measured.
const DefaultAbsorption = 2.7

// frames are the kinds of advertisement whose id belongs to the tag itself, as
// ESPresense spells them.
var frames = []string{"iBeacon:", "eddy:", "altBeacon:", "irk:"}

// Identifying tells whether a tag's id can name who carries it: the id that a
// beacon was given, or a phone's resolving key. Names that the house itself
// gave begin with one of the prefixes given ("watch:"). All else is a MAC
// address or a make, which many share or which changes by the minute.
func Identifying(tag string, prefixes ...string) bool {
	for _, p := range frames {
		if len(tag) > len(p) && strings.HasPrefix(tag, p) {
			return true
		}
	}
	for _, p := range prefixes {
		if p != "" && len(tag) > len(p) && strings.HasPrefix(tag, p) && !macLike(tag[len(p):]) {
			return true
		}
	}
	return false
}

// macLike tells whether s is twelve hexadecimal digits, with or without marks
// between them.
func macLike(s string) bool {
	digits := 0
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			digits++
		case c == ':' || c == '-':
		default:
			return false
		}
	}
	return digits == 12
}

package rank

import (
	"math"

	"aisle/offers"
)

// Bounds of the features that are sets. A set weighs as much as a single
// feature however many members it has, so that the prior predicts the same for
// everyone.
const (
	maxSearched = 8
	maxSenses   = 4
	maxFeatures = 32 + 2*maxSearched + maxSenses
)

// features are the active weights of one example.
type features struct {
	n     int
	slot  [maxFeatures]uint32
	value [maxFeatures]float32
}

func (f *features) add(hash uint64, value float32) {
	f.slot[f.n], f.value[f.n] = uint32(hash>>(64-slotBits)), value
	f.n++
}

// The kinds of features; each salts its hashes. Their order is part of the
// encoding of a snapshot: append only.
const (
	fBias uint64 = iota
	fHour
	fTier
	fStanding
	fOffer
	fCampaign
	fCategory
	fZone
	fChannel
	fDepth
	fDepthCategory
	fHourCategory
	fHourCampaign
	fHourChannel
	fWeekendCategory
	fTierOffer
	fTierCategory
	fTierDepth
	fStandingCategory
	fStandingOffer
	fMatches
	fSearchedCategory
	fSearchedOffer
	fSensesChannel
	kinds
)

// biasValue makes the common weight of all offers more eager than the others.
const biasValue = 1.5

// priorSquares is the sum of the squares of the values of one example's
// features: every kind counts 1, the bias more.
const priorSquares = float64(kinds) - 1 + biasValue*biasValue

// scene is a context, hashed once for all arms.
type scene struct {
	hour     uint64
	weekend  uint64
	tier     uint64
	standing uint64 // the category of where the shopper stands
	searched [maxSearched]uint64
	nSearch  int
	senses   [maxSenses]uint64
	nSenses  int
}

func (s *scene) look(c *offers.Context) {
	s.hour = uint64(max(c.Hour, 0)/4) + 1
	if c.Weekday == 0 || c.Weekday == 6 {
		s.weekend = 1
	}
	s.tier, s.standing = text(c.Tier), text(c.Category)
	for _, q := range c.Searched[:min(len(c.Searched), maxSearched)] {
		s.searched[s.nSearch] = text(q)
		s.nSearch++
	}
	for _, q := range c.Senses[:min(len(c.Senses), maxSenses)] {
		s.senses[s.nSenses] = text(string(q))
		s.nSenses++
	}
}

// alone adds the features that all arms share.
func (s *scene) alone(f *features) {
	f.add(mix(fBias, 0, 0), biasValue)
	f.add(mix(fHour, s.hour, 0), 1)
	f.add(mix(fTier, s.tier, 0), 1)
	f.add(mix(fStanding, s.standing, 0), 1)
}

// with adds the features of an arm and its crosses with the context.
func (s *scene) with(f *features, a *Arm) {
	offer, campaign, category := text(string(a.Offer)), text(string(a.Campaign)), text(a.Category)
	channel := text(string(a.Channel))
	depth := depthBucket(a.Discount)
	f.add(mix(fOffer, offer, 0), 1)
	f.add(mix(fCampaign, campaign, 0), 1)
	f.add(mix(fCategory, category, 0), 1)
	f.add(mix(fZone, text(string(a.Zone)), 0), 1)
	f.add(mix(fChannel, channel, 0), 1)
	f.add(mix(fDepth, depth, 0), 1)
	f.add(mix(fDepthCategory, depth, category), 1)
	f.add(mix(fHourCategory, s.hour, category), 1)
	f.add(mix(fHourCampaign, s.hour, campaign), 1)
	f.add(mix(fHourChannel, s.hour, channel), 1)
	f.add(mix(fWeekendCategory, s.weekend, category), 1)
	f.add(mix(fTierOffer, s.tier, offer), 1)
	f.add(mix(fTierCategory, s.tier, category), 1)
	f.add(mix(fTierDepth, s.tier, depth), 1)
	f.add(mix(fStandingCategory, s.standing, category), 1)
	f.add(mix(fStandingOffer, s.standing, offer), 1)

	matches := uint64(0)
	if a.Category != "" {
		if s.standing == category {
			matches |= 1
		}
		for _, q := range s.searched[:s.nSearch] {
			if q == category {
				matches |= 2
			}
		}
	}
	f.add(mix(fMatches, matches, 0), 1)
	set(f, fSearchedCategory, s.searched[:s.nSearch], category)
	set(f, fSearchedOffer, s.searched[:s.nSearch], offer)
	set(f, fSensesChannel, s.senses[:s.nSenses], channel)
}

// set adds a cross of each member with other; together they weigh 1.
func set(f *features, kind uint64, members []uint64, other uint64) {
	if len(members) == 0 {
		f.add(mix(kind, 0, other), 1)
		return
	}
	value := rootOf[len(members)]
	for _, m := range members {
		f.add(mix(kind, m, other), value)
	}
}

// rootOf[k] is 1/sqrt(k).
var rootOf = func() (r [maxSearched + 1]float32) {
	for k := 1; k < len(r); k++ {
		r[k] = float32(1 / math.Sqrt(float64(k)))
	}
	return r
}()

// depthBucket rounds a discount to 5 per cent.
func depthBucket(d float64) uint64 {
	if !(d > 0) { // also what is not a number
		return 0
	}
	return uint64(min(d, 1)*20+0.5) + 1
}

// text is FNV-1a: short, and the same on every machine and in every version,
// as snapshots outlive processes.
func text(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix hashes a kind and two values, with the finaliser of MurmurHash3.
func mix(kind, a, b uint64) uint64 {
	h := (kind+1)*0x9e3779b97f4a7c15 ^ a
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h ^= b
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

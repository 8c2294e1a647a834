// Package spoof notices that a tag cannot be the one it says it is: ids of
// beacons are shouted in the open, and anybody can shout another's.
//
// Its rules: nobody is at two places at once, and nobody walks faster than
// people do. A receiver that hears a tag loudly has it near, however the shelves
// stand: signals fade by the way, but do not grow. So two receivers far apart
// that hear the same tag loudly within a moment hear two tags. Who is suspect is
// told with the reason, and gets no offers by place until nothing of the kind
// was heard for a while; nobody is thrown out of anything.
package spoof

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"aisle/offers"
)

// Config says what is impossible. Zero fields have defaults.
type Config struct {
	SpeedMS float64       // nobody is faster; 4, a run
	Strikes int           // how often something impossible must be heard; 4
	Within  time.Duration // in which time; 1 min
	Shops   time.Duration // nobody gets from one shop to another within it; 1 min
	Cools   time.Duration // after which a suspect is none any more; 10 min
	MaxTags int           // that are remembered; 20,000
}

func (c Config) withDefaults() Config {
	c.SpeedMS = cmp.Or(c.SpeedMS, 4.0)
	c.Strikes = cmp.Or(c.Strikes, 4)
	c.Within = cmp.Or(c.Within, time.Minute)
	c.Shops = cmp.Or(c.Shops, time.Minute)
	c.Cools = cmp.Or(c.Cools, 10*time.Minute)
	c.MaxTags = cmp.Or(c.MaxTags, 20_000)
	return c
}

// Rule is what was broken.
type Rule string

// Rules.
const (
	Apart    Rule = "apart"    // at two places at once
	Speed    Rule = "speed"    // faster than anybody walks
	Shops    Rule = "shops"    // in two shops at once
	Recorded Rule = "recorded" // a changing name that was said before
)

// Suspicion is why a tag is suspect.
type Suspicion struct {
	Rule   Rule      `json:"rule"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"` // when it was last broken
}

// Place is where a receiver is.
type Place struct {
	Shop  offers.ShopID
	Floor offers.FloorID
	At    offers.Point
}

// Guard watches tags. One goroutine owns it.
type Guard struct {
	config Config
	tags   map[string]*tag
}

type tag struct {
	near    [4]sight // the latest loud ones, by receiver
	heard   time.Time
	strikes int
	since   time.Time // of the strikes
	suspect Suspicion
}

// sight is that a tag was near a receiver.
type sight struct {
	receiver offers.ReceiverID
	place    Place
	gainDB   float64 // of the last packets
	withinM  float64
	at       time.Time
}

const (
	loudDB   = -14.0 // gain from which a tag is near
	marginDB = 10.0  // reflections and a tag that is louder than it says can add up to that
	firstDB  = 3.0   // that one packet alone counts less
	storeyM  = 3.5
	moment   = 1500 * time.Millisecond
	mendDB   = 20.0 // free space, the least that the way can take: 20 dB for each tenfold
)

// NewGuard watches nobody yet.
func NewGuard(c Config) *Guard { return &Guard{config: c.withDefaults(), tags: map[string]*tag{}} }

// Tags is how many tags are remembered.
func (g *Guard) Tags() int { return len(g.tags) }

// withinM is how far away a tag is at most.
func withinM(gainDB float64) float64 { return math.Pow(10, (marginDB-gainDB)/mendDB) }

// Hear takes how loudly a receiver hears a tag. It is true when that makes the
// tag suspect, or keeps it so.
func (g *Guard) Hear(name string, r offers.ReceiverID, p Place, gainDB float64, at time.Time) (Suspicion, bool) {
	t := g.tags[name]
	if !(gainDB >= loudDB) {
		return Suspicion{}, false
	}
	if t == nil {
		if len(g.tags) >= g.config.MaxTags {
			return Suspicion{}, false
		}
		t = &tag{}
		g.tags[name] = t
	}
	now := sight{receiver: r, place: p, gainDB: gainDB, at: at}
	if i := slices.IndexFunc(t.near[:], func(s sight) bool { return s.receiver == r }); i >= 0 && at.Sub(t.near[i].at) < 3*time.Second {
		now.gainDB = (gainDB + t.near[i].gainDB) / 2 // one loud packet is a reflection
	} else {
		now.gainDB -= firstDB
	}
	now.withinM = withinM(now.gainDB)
	slot, oldest := -1, 0
	var broken Suspicion
	for i := range t.near {
		s := &t.near[i]
		switch {
		case s.receiver == r:
			slot = i
			continue
		case s.at.Before(t.near[oldest].at):
			oldest = i
		}
		if s.receiver == "" || at.Before(s.at) {
			continue
		}
		if b, ok := g.impossible(s, &now); ok {
			broken = b
		}
	}
	if slot < 0 {
		slot = oldest
	}
	if at.Sub(t.near[slot].at) >= 0 {
		t.near[slot] = now
	}
	t.heard = at
	if broken.Rule == "" {
		return Suspicion{}, false
	}
	return g.strike(t, broken)
}

// impossible tells whether one tag cannot have been at both.
func (g *Guard) impossible(a, b *sight) (Suspicion, bool) {
	passed := b.at.Sub(a.at)
	if a.place.Shop != b.place.Shop {
		return Suspicion{Shops, fmt.Sprintf("in shop %s %.0f s after it was in %s", b.place.Shop, passed.Seconds(), a.place.Shop), b.at}, passed < g.config.Shops
	}
	apart := math.Hypot(a.place.At.X-b.place.At.X, a.place.At.Y-b.place.At.Y)
	if a.place.Floor != b.place.Floor {
		apart = math.Hypot(apart, storeyM)
	}
	way := apart - a.withinM - b.withinM
	if way <= 1 {
		return Suspicion{}, false
	}
	if passed < moment {
		return Suspicion{Apart, fmt.Sprintf("near %s and near %s at once, which are %.0f m apart", a.receiver, b.receiver, apart), b.at}, way > 1+g.config.SpeedMS*passed.Seconds()
	}
	speed := way / passed.Seconds()
	return Suspicion{Speed, fmt.Sprintf("from %s to %s at %.0f m/s", a.receiver, b.receiver, speed), b.at}, speed > g.config.SpeedMS
}

// strike counts what is impossible.
func (g *Guard) strike(t *tag, s Suspicion) (Suspicion, bool) {
	if t.strikes == 0 || s.At.Sub(t.since) > g.config.Within {
		t.strikes, t.since = 0, s.At
	}
	t.strikes++
	if t.strikes < g.config.Strikes && t.suspect.Rule == "" {
		return Suspicion{}, false
	}
	t.suspect = s
	return s, true
}

// Recorded notes that a tag's changing name was said before: once is enough.
func (g *Guard) Recorded(name, reason string, at time.Time) Suspicion {
	t := g.tags[name]
	if t == nil {
		if len(g.tags) >= g.config.MaxTags {
			return Suspicion{Recorded, reason, at}
		}
		t = &tag{}
		g.tags[name] = t
	}
	t.heard = at
	t.suspect = Suspicion{Recorded, reason, at}
	return t.suspect
}

// Suspect tells whether a tag is suspect, and why.
func (g *Guard) Suspect(name string, now time.Time) (Suspicion, bool) {
	t := g.tags[name]
	if t == nil || t.suspect.Rule == "" || now.Sub(t.suspect.At) > g.config.Cools {
		return Suspicion{}, false
	}
	return t.suspect, true
}

// Forget drops tags of which nothing was heard for a while and that are not
// suspect any more.
func (g *Guard) Forget(now time.Time) {
	for name, t := range g.tags {
		if now.Sub(t.heard) > g.config.Cools {
			delete(g.tags, name)
		}
	}
}

package beacons

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"aisle/offers"
)

// Config says how fast a Tracker makes up its mind. Zero fields have defaults.
type Config struct {
	Hold    time.Duration // how long another zone must be nearest; 2 s
	Margin  float64       // and by which factor nearer than the present one; 0.75
	Forget  time.Duration // how long without a packet until a tag has left; 30 s
	Dwell   time.Duration // in zones that do not say; 60 s
	Every   time.Duration // at most one position a tag in; 1 s
	Refresh time.Duration // at least one position a tag in, though it stands still; 10 s
	MaxTags int           // that are followed at a time; 20,000
}

func (c Config) withDefaults() Config {
	c.Hold = cmp.Or(c.Hold, 2*time.Second)
	c.Margin = cmp.Or(c.Margin, 0.75)
	c.Forget = cmp.Or(c.Forget, 30*time.Second)
	c.Dwell = cmp.Or(c.Dwell, time.Minute)
	c.Every = cmp.Or(c.Every, time.Second)
	c.Refresh = cmp.Or(c.Refresh, 10*time.Second)
	c.MaxTags = cmp.Or(c.MaxTags, 20_000)
	return c
}

// Kind says what changed about a tag.
type Kind string

// Kinds of changes.
const (
	Seen    Kind = "seen" // a position
	Entered Kind = "entered"
	Dwelled Kind = "dwelled" // once a stay
	Left    Kind = "left"
)

// Stay is an unbroken presence in one zone.
type Stay struct {
	Shop    offers.ShopID `json:"shop"`
	Zone    offers.ZoneID `json:"zone"`
	Since   time.Time     `json:"since"`
	Entered time.Time     `json:"entered"`          // when that was sure
	Dwelled time.Time     `json:"dwelled,omitzero"` // when it became a dwell
}

// Change is what a reading, or the lack of one, led to.
type Change struct {
	Kind     Kind
	Tag      string
	At       time.Time
	Stay     Stay
	Dwell    time.Duration   // so far; of Left: the whole stay
	Quiet    bool            // in a quiet zone: it is nobody's business who
	Sighting offers.Sighting // of Seen; Track and Shopper are the caller's to fill
}

// Tracker follows tags through shops. One goroutine owns it.
type Tracker struct {
	config Config
	places map[offers.ReceiverID]*place
	zones  map[spot]offers.Zone
	tags   map[string]*tag
}

// spot names a zone of a shop.
type spot struct {
	shop offers.ShopID
	zone offers.ZoneID
}

// place is where a receiver is.
type place struct {
	receiver offers.Receiver
	shop     offers.ShopID
	zone     offers.Zone
}

// NewTracker is a Tracker without shops.
func NewTracker(c Config) *Tracker {
	return &Tracker{config: c.withDefaults(), tags: map[string]*tag{}}
}

// Place tells where the receivers are. Stays go on.
func (t *Tracker) Place(shops map[offers.ShopID]*offers.Shop) {
	t.places, t.zones = map[offers.ReceiverID]*place{}, map[spot]offers.Zone{}
	for _, s := range shops {
		for _, z := range s.Zones {
			t.zones[spot{s.ID, z.ID}] = z
		}
		for _, r := range s.Receivers {
			z, ok := s.Zone(r.Zone)
			if !ok {
				z = offers.Zone{ID: r.Zone, Floor: r.Floor}
			}
			t.places[r.ID] = &place{receiver: r, shop: s.ID, zone: z}
		}
	}
}

// Tags is how many tags are followed.
func (t *Tracker) Tags() int { return len(t.tags) }

// Resume goes on with a stay that another Tracker saw begin, before a restart.
func (t *Tracker) Resume(name string, stay Stay, at time.Time) {
	if len(t.tags) >= t.config.MaxTags || t.tags[name] != nil {
		return
	}
	t.tags[name] = &tag{stay: stay, heard: at, signals: map[offers.ReceiverID]*signal{}}
}

// Hear takes one reading and returns what it changed. A receiver that stands
// in no shop is ErrNotFound, more tags than fit ErrUnavailable; a distance that
// cannot be, or a reading older than the tag's last of that receiver, changes
// nothing.
func (t *Tracker) Hear(r Reading) ([]Change, error) {
	at := t.places[r.Receiver]
	if at == nil {
		return nil, fmt.Errorf("receiver %q: %w: it stands in no shop", r.Receiver, offers.ErrNotFound)
	}
	if r.DistanceM < 0 || r.DistanceM > MaxRangeM || math.IsNaN(r.DistanceM) {
		return nil, nil
	}
	g := t.tags[r.Tag]
	if g == nil {
		if len(t.tags) >= t.config.MaxTags {
			return nil, fmt.Errorf("tag %q: %w: %d others are here", r.Tag, offers.ErrUnavailable, len(t.tags))
		}
		g = &tag{signals: map[offers.ReceiverID]*signal{}}
		t.tags[r.Tag] = g
	}
	s := g.signals[r.Receiver]
	if s == nil {
		s = &signal{}
		g.signals[r.Receiver] = s
	}
	if !s.add(r.DistanceM, r.At) {
		return nil, nil
	}
	if r.At.After(g.heard) {
		g.heard = r.At
	}
	return t.settle(r.Tag, g, at), nil
}

// Tick tells the time. Who was not heard for the forget time has left.
func (t *Tracker) Tick(now time.Time) []Change {
	var changes []Change
	for name, g := range t.tags {
		if now.Sub(g.heard) < t.config.Forget {
			continue
		}
		delete(t.tags, name)
		if g.stay.Zone != "" {
			if !t.quiet(g.stay) {
				changes = append(changes, Change{Kind: Left, Tag: name, At: g.heard, Stay: g.stay, Dwell: g.heard.Sub(g.stay.Since)})
			}
			gone := t.sighting(name, g, 0)
			gone.Sighting.Gone = true
			changes = append(changes, gone)
		}
	}
	slices.SortFunc(changes, func(a, b Change) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Tag, b.Tag), cmp.Compare(a.Kind, b.Kind))
	})
	return changes
}

// tag is what is known of one tag.
type tag struct {
	signals map[offers.ReceiverID]*signal
	heard   time.Time
	stay    Stay
	next    candidate

	at        offers.Point // smoothed
	floor     offers.FloorID
	shop      offers.ShopID
	moved     time.Time // when at was worked out
	accuracyM float64
	shown     offers.Point // as last published
	shownAt   time.Time
	first     time.Time // in this shop
}

// candidate is a zone that is nearer than the present one.
type candidate struct {
	shop    offers.ShopID
	zone    offers.ZoneID
	since   time.Time
	packets int
}

// near is one receiver that hears the tag now.
type near struct {
	*place
	distance float64
}

// settle makes up the mind about a tag after a new packet of it.
func (t *Tracker) settle(name string, g *tag, by *place) []Change {
	heard := t.hearing(g)
	if len(heard) == 0 {
		return nil
	}
	var changes []Change
	confidence := t.choose(name, g, by, heard, &changes)
	t.locate(g, heard)
	if g.stay.Zone == "" {
		return changes
	}
	zoneChanged := len(changes) > 0
	if z := t.zone(g.stay); z.Kind != offers.ZoneQuiet && g.stay.Dwelled.IsZero() {
		need := z.Dwell
		if need <= 0 {
			need = t.config.Dwell
		}
		if so := g.heard.Sub(g.stay.Since); so >= need {
			g.stay.Dwelled = g.heard
			changes = append(changes, Change{Kind: Dwelled, Tag: name, At: g.heard, Stay: g.stay, Dwell: so})
		}
	}
	since := g.heard.Sub(g.shownAt)
	if zoneChanged || since >= t.config.Refresh || since >= t.config.Every && metres(g.at, g.shown) >= 0.3 {
		g.shown, g.shownAt = g.at, g.heard
		changes = append(changes, t.sighting(name, g, confidence))
	}
	return changes
}

// hearing are the receivers that hear a tag now, nearest first. What was heard
// a while ago is as far away as someone may have walked since.
func (t *Tracker) hearing(g *tag) []near {
	heard := make([]near, 0, len(g.signals))
	for id, s := range g.signals {
		age := g.heard.Sub(s.at)
		p := t.places[id]
		if age > staleAfter || p == nil {
			delete(g.signals, id)
			continue
		}
		walked := max(0, (age-2*time.Second).Seconds()) * 0.3
		heard = append(heard, near{p, s.distance() + walked})
	}
	slices.SortFunc(heard, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.receiver.ID, b.receiver.ID))
	})
	return heard
}

const staleAfter = 12 * time.Second // receivers may be silent for 5 s about a tag that stands still

// choose keeps or changes the zone, and says how likely it is.
func (t *Tracker) choose(name string, g *tag, by *place, heard []near, changes *[]Change) (confidence float64) {
	best := heard[0]
	share := func(shop offers.ShopID, zone offers.ZoneID) (nearest, share float64) {
		nearest = math.Inf(1)
		mine, all := 0.0, 0.0
		seen := map[offers.ZoneID]bool{}
		for _, h := range heard {
			if h.shop != shop || seen[h.zone.ID] {
				continue
			}
			seen[h.zone.ID] = true // its nearest receiver speaks for a zone
			w := 1 / (h.distance*h.distance + 0.1)
			all += w
			if h.zone.ID == zone {
				nearest, mine = h.distance, w
			}
		}
		return nearest, mine / max(all, 1e-9)
	}
	present, confidence := share(g.stay.Shop, g.stay.Zone)
	if best.zone.ID == "" || best.shop == g.stay.Shop && best.zone.ID == g.stay.Zone || best.distance > present*t.config.Margin {
		g.next = candidate{}
		return confidence
	}
	if g.next.shop != best.shop || g.next.zone != best.zone.ID {
		g.next = candidate{shop: best.shop, zone: best.zone.ID, since: g.heard}
	}
	if by.shop == g.next.shop && by.zone.ID == g.next.zone {
		g.next.packets++
	}
	// One packet is an echo. A second, later one is someone.
	if g.next.packets < 2 || g.heard.Sub(g.next.since) < t.config.Hold {
		return confidence
	}
	if g.stay.Zone != "" && !t.quiet(g.stay) {
		*changes = append(*changes, Change{Kind: Left, Tag: name, At: g.heard, Stay: g.stay, Dwell: g.next.since.Sub(g.stay.Since)})
	}
	if g.stay.Shop != g.next.shop {
		g.first = g.next.since
	}
	g.stay = Stay{Shop: g.next.shop, Zone: g.next.zone, Since: g.next.since, Entered: g.heard}
	g.next = candidate{}
	if !t.quiet(g.stay) {
		*changes = append(*changes, Change{Kind: Entered, Tag: name, At: g.heard, Stay: g.stay, Dwell: g.heard.Sub(g.stay.Since)})
	} else {
		g.shownAt = time.Time{} // a presence to publish, though nothing was entered
	}
	_, confidence = share(g.stay.Shop, g.stay.Zone)
	return confidence
}

// locate works out the position: the centroid of the receivers that hear the
// tag on the nearest one's floor, weighted by the inverse square of their
// distance, moved no faster than people walk.
func (t *Tracker) locate(g *tag, heard []near) {
	first := heard[0]
	var to offers.Point
	sum, n := 0.0, 0
	for _, h := range heard {
		if h.shop != first.shop || h.receiver.Floor != first.receiver.Floor || n == 4 {
			continue
		}
		w := 1 / (h.distance*h.distance + 0.25)
		to.X += w * h.receiver.At.X
		to.Y += w * h.receiver.At.Y
		sum += w
		n++
	}
	to.X, to.Y = to.X/sum, to.Y/sum
	off := 0.0
	for _, h := range heard {
		if h.shop != first.shop || h.receiver.Floor != first.receiver.Floor {
			continue
		}
		w := 1 / (h.distance*h.distance + 0.25) / sum
		off += min(w, 1) * math.Abs(metres(to, h.receiver.At)-h.distance)
	}
	g.accuracyM = max(1, off+first.distance/2)
	if g.moved.IsZero() || g.shop != first.shop || g.floor != first.receiver.Floor {
		g.at, g.shop, g.floor, g.moved = to, first.shop, first.receiver.Floor, g.heard
		return
	}
	dt := max(0, g.heard.Sub(g.moved).Seconds())
	way := metres(g.at, to)
	step := way * (1 - math.Exp(-dt/1.5))
	step = min(step, walkingMS*dt)
	if way > 0 {
		g.at.X += (to.X - g.at.X) * step / way
		g.at.Y += (to.Y - g.at.Y) * step / way
	}
	g.moved = g.heard
}

const walkingMS = 2.0 // metres a second: a fast walk

func (t *Tracker) sighting(name string, g *tag, confidence float64) Change {
	first := g.first
	if first.IsZero() {
		first = g.stay.Since
	}
	return Change{Kind: Seen, Tag: name, At: g.heard, Stay: g.stay, Dwell: g.heard.Sub(g.stay.Since), Quiet: t.quiet(g.stay),
		Sighting: offers.Sighting{
			Sensor: offers.SensorBeacon, Device: name, Shop: g.stay.Shop, Floor: g.floor, Zone: g.stay.Zone,
			At: round(g.at), AccuracyM: math.Round(g.accuracyM*10) / 10, Confidence: math.Round(confidence*1000) / 1000,
			First: first, Last: g.heard,
		}}
}

func (t *Tracker) zone(s Stay) offers.Zone { return t.zones[spot{s.Shop, s.Zone}] }

func (t *Tracker) quiet(s Stay) bool { return t.zone(s).Kind == offers.ZoneQuiet }

func metres(a, b offers.Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

// round is a point to the centimetre.
func round(p offers.Point) offers.Point {
	return offers.Point{X: math.Round(p.X*100) / 100, Y: math.Round(p.Y*100) / 100}
}

// signal is how one receiver hears one tag: the median of the last packets,
// which an echo does not move, smoothed in time. It works on the logarithm of
// the distance, in which the noise of a radio is even.
type signal struct {
	last  [5]float64
	n     int
	level float64
	at    time.Time
}

// add takes a distance; it is false for one that came too late.
func (s *signal) add(distanceM float64, at time.Time) bool {
	if s.n > 0 && at.Before(s.at) {
		return false
	}
	x := math.Log(max(distanceM, 0.1))
	if s.n > 0 && at.Sub(s.at) > staleAfter {
		s.n = 0
	}
	s.last[s.n%len(s.last)] = x
	s.n++
	k := min(s.n, len(s.last))
	sorted := s.last
	slices.Sort(sorted[:k])
	median := (sorted[(k-1)/2] + sorted[k/2]) / 2
	if s.n == 1 {
		s.level = median
	} else {
		s.level += (median - s.level) * (1 - math.Exp(-at.Sub(s.at).Seconds()/1.5))
	}
	s.at = at
	return true
}

func (s *signal) distance() float64 { return math.Exp(s.level) }

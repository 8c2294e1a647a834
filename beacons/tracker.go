package beacons

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"time"

	"aisle/beacons/canary"
	"aisle/beacons/locate"
	"aisle/beacons/spoof"
	"aisle/offers"
)

// Config says how fast a Tracker makes up its mind. Zero fields have defaults.
type Config struct {
	Hold    time.Duration // how long another zone must be surely the right one; 2 s
	Forget  time.Duration // how long without a packet until a tag has left; 30 s
	Dwell   time.Duration // in zones that do not say; 60 s
	Step    time.Duration // packets within it are weighed together; 500 ms, or Hold if that is less
	Every   time.Duration // at most one position a tag in; 1 s
	Refresh time.Duration // at least one position a tag in, though it stands still; 10 s
	Asleep  time.Duration // how long a receiver may hear nothing of anybody; 15 s

	Packets   int // that make a presence; 3
	Receivers int // that must hear a tag, where the shop has as many; 2

	MaxTags      int // that are followed at a time; 20,000
	MaxReceivers int // that are remembered of a tag; 24

	Motion locate.Motion
}

func (c Config) withDefaults() Config {
	c.Hold = cmp.Or(c.Hold, 2*time.Second)
	c.Forget = cmp.Or(c.Forget, 30*time.Second)
	c.Dwell = cmp.Or(c.Dwell, time.Minute)
	c.Step = cmp.Or(c.Step, min(500*time.Millisecond, c.Hold))
	c.Every = cmp.Or(c.Every, time.Second)
	c.Refresh = cmp.Or(c.Refresh, 10*time.Second)
	c.Asleep = cmp.Or(c.Asleep, 15*time.Second)
	c.Packets = cmp.Or(c.Packets, 3)
	c.Receivers = cmp.Or(c.Receivers, 2)
	c.MaxTags = cmp.Or(c.MaxTags, 20_000)
	c.MaxReceivers = cmp.Or(c.MaxReceivers, 24)
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

// Change is what a reading, or the lack of one, led to.
type Change struct {
	Kind     Kind
	Tag      string
	At       time.Time
	Stay     Stay
	Dwell    time.Duration   // so far; of Left: the whole stay
	Quiet    bool            // in a quiet zone: it is nobody's business who
	Position Position        // as it was known then
	Sighting offers.Sighting // of Seen; Track and Shopper are the caller's to fill
}

// Tracker follows tags through shops. One goroutine owns it.
type Tracker struct {
	config Config
	shops  map[offers.ShopID]*floor
	places map[offers.ReceiverID]place
	tags   map[string]*tag
	guard  *spoof.Guard
	heard  []locate.Heard // scratch
	shares []float32      // scratch
}

// floor is one shop as the Tracker works with it.
type floor struct {
	shop    *offers.Shop
	space   *locate.Space
	locator *locate.Locator
	learned []offers.SurveyPoint // that the locator's maps are of
	redrawn time.Time            // when they were last learned anew
	zones   []offers.Zone
	zoneNo  map[offers.ZoneID]int
	watch   *canary.Watch            // nil without canaries
	held    map[offers.ZoneID]string // zones whose error is too large, and why
	report  []canary.Zone
	judged  time.Time
	awake   []time.Time // when each receiver last heard anything
	last    time.Time   // when any of them did
}

// place is where a receiver is.
type place struct {
	floor *floor
	no    int
}

// NewTracker is a Tracker without shops.
func NewTracker(c Config) *Tracker {
	c = c.withDefaults()
	return &Tracker{config: c, tags: map[string]*tag{}, guard: spoof.NewGuard(spoof.Config{MaxTags: c.MaxTags})}
}

// Place tells where zones and receivers are, and what was surveyed. Stays go
// on. A shop whose floors, zones and receivers are what they were costs nothing;
// another survey of it is learned by Tick. Shops that cannot be drawn hear
// nothing.
func (t *Tracker) Place(shops map[offers.ShopID]*offers.Shop) {
	before := t.shops
	t.shops, t.places = map[offers.ShopID]*floor{}, map[offers.ReceiverID]place{}
	for id, s := range shops {
		f := before[id]
		if f == nil || !samePlan(f.shop, s) {
			if f = t.draw(s); f == nil {
				continue
			}
		}
		if f.watch == nil && len(s.Canaries) > 0 || f.watch != nil && !reflect.DeepEqual(f.shop.Canaries, s.Canaries) {
			f.watch, f.held, f.report = canary.New(s, canary.Config{}), nil, nil
		}
		f.shop = s
		for i, z := range f.zones {
			if now, ok := s.Zone(z.ID); ok {
				f.zones[i] = now // its dwell time or its name may be another
			}
		}
		t.shops[id] = f
		for _, r := range s.Receivers {
			if no, ok := f.space.Receiver(r.ID); ok {
				t.places[r.ID] = place{f, no}
			}
		}
	}
	for name, g := range t.tags {
		switch now := t.shops[g.shopID()]; {
		case now == g.floor:
		case now == nil:
			delete(t.tags, name)
		default:
			g.move(now)
		}
	}
}

func (t *Tracker) draw(s *offers.Shop) *floor {
	space, err := locate.NewSpace(s)
	if err != nil {
		return nil
	}
	f := &floor{shop: s, space: space, locator: t.locator(space, s), learned: s.Survey,
		zones: space.Zones(), zoneNo: map[offers.ZoneID]int{}, awake: make([]time.Time, space.Receivers())}
	for i, z := range f.zones {
		f.zoneNo[z.ID] = i
	}
	return f
}

func (t *Tracker) locator(space *locate.Space, s *offers.Shop) *locate.Locator {
	return locate.NewLocator(locate.NewRadio(space, locate.SurveyOf(s)), t.config.Motion)
}

// learn takes in another survey, now and then: a map takes up to a second of a
// processor, and who walks a survey adds a point every ten seconds. Who is in the
// shop stays where they are.
func (t *Tracker) learn(f *floor, now time.Time) {
	if now.Sub(f.redrawn) < learnEvery {
		return
	}
	if !reflect.DeepEqual(f.learned, f.shop.Survey) {
		f.locator, f.redrawn = t.locator(f.space, f.shop), now
	}
	f.learned = f.shop.Survey // the same, or the same points
}

const learnEvery = 30 * time.Second

// samePlan tells whether the raster of two versions of a shop is the same.
func samePlan(a, b *offers.Shop) bool {
	type outline struct {
		ID      offers.ZoneID
		Floor   offers.FloorID
		Polygon []offers.Point
	}
	outlines := func(s *offers.Shop) (all []outline) {
		for _, z := range s.Zones {
			all = append(all, outline{z.ID, z.Floor, z.Polygon})
		}
		return all
	}
	return reflect.DeepEqual(a.Floors, b.Floors) && reflect.DeepEqual(a.Receivers, b.Receivers) &&
		reflect.DeepEqual(outlines(a), outlines(b))
}

// Canaries is how well the zones of a shop are located that have a canary tag.
func (t *Tracker) Canaries(shop offers.ShopID) []canary.Zone {
	if f := t.shops[shop]; f != nil {
		return slices.Clone(f.report)
	}
	return nil
}

// Recorded notes that somebody says a changing name of a tag that was said
// before: its positions are not trusted for a while.
func (t *Tracker) Recorded(name, reason string, at time.Time) { t.guard.Recorded(name, reason, at) }

// judge asks the canaries now and then which zones are located too badly.
func (f *floor) judge(now time.Time) {
	if f.watch == nil || now.Sub(f.judged) < judgeEvery {
		return
	}
	f.judged, f.report, f.held = now, f.watch.Report(now), map[offers.ZoneID]string{}
	for _, z := range f.report {
		if z.Held {
			f.held[z.Zone] = z.Why
			if z.Mend != "" {
				f.held[z.Zone] += fmt.Sprintf("; receiver %s: %s", z.Mend, z.What)
			}
		}
	}
}

const (
	judgeEvery = 10 * time.Second
	mostLate   = 3 * time.Second
)

// Tags is how many tags are followed.
func (t *Tracker) Tags() int { return len(t.tags) }

// Cells is how many cells of four bytes each tag of a shop costs.
func (t *Tracker) Cells(shop offers.ShopID) int {
	if f := t.shops[shop]; f != nil {
		return f.space.Cells()
	}
	return 0
}

// wake notes that a receiver heard something. That it says it is there counts
// for nothing: its radio may be deaf.
func (f *floor) wake(no int, at time.Time) {
	if at.After(f.awake[no]) {
		f.awake[no] = at
	}
	if at.After(f.last) {
		f.last = at
	}
}

// Resume goes on with a stay that another Tracker saw begin, before a restart.
func (t *Tracker) Resume(name string, stay Stay, at time.Time) {
	f := t.shops[stay.Shop]
	if len(t.tags) >= t.config.MaxTags || t.tags[name] != nil || f == nil {
		return
	}
	t.tags[name] = &tag{name: name, floor: f, belief: f.locator.In(stay.Zone), stay: stay, present: true, heard: at, stepped: at, first: stay.Since}
}

// Hear takes one reading and returns what it changed. A receiver that stands
// in no shop is ErrNotFound, more tags than fit ErrUnavailable; a distance that
// cannot be, or a reading that is seconds older than what is known already,
// changes nothing.
func (t *Tracker) Hear(r Reading) ([]Change, error) {
	at, ok := t.places[r.Receiver]
	if !ok {
		return nil, fmt.Errorf("receiver %q: %w: it stands in no shop", r.Receiver, offers.ErrNotFound)
	}
	gain, ok := r.GainDB()
	if !ok {
		return nil, nil
	}
	at.floor.wake(at.no, r.At)
	spot := at.floor.space.At(at.no)
	t.guard.Hear(r.Tag, r.Receiver, spoof.Place{Shop: at.floor.shop.ID, Floor: spot.Floor, At: spot.At}, gain, r.At)
	if at.floor.watch != nil {
		at.floor.watch.Hear(r.Tag, r.Receiver, gain, r.At)
	}
	g := t.tags[r.Tag]
	if g == nil {
		if len(t.tags) >= t.config.MaxTags {
			return nil, fmt.Errorf("tag %q: %w: %d others are here", r.Tag, offers.ErrUnavailable, len(t.tags))
		}
		g = &tag{name: r.Tag, stepped: r.At}
		g.move(at.floor)
		t.tags[r.Tag] = g
	}
	if late := g.stepped.Sub(r.At); late > mostLate {
		return nil, nil
	} else if late > 0 {
		r.At = g.stepped // its gateway took its time
	}
	var changes []Change
	if g.floor != at.floor {
		if !g.elsewhere(at.floor, r.At) {
			return nil, nil
		}
		changes = t.leave(r.Tag, g)
		g.present, g.packets = false, 0
		g.move(at.floor)
		g.stepped = r.At
	}
	if passed := r.At.Sub(g.stepped); passed >= 2*t.config.Step || passed >= t.config.Step && g.waiting >= worthStep {
		changes = t.step(changes, r.Tag, g, r.At)
	}
	g.add(at.no, gain, r.At, t.config.MaxReceivers)
	return changes, nil
}

// Tick tells the time. Packets that wait to be weighed are, who was not heard
// for the forget time has left, and a survey that changed is learned.
func (t *Tracker) Tick(now time.Time) []Change {
	var changes []Change
	for name, g := range t.tags {
		if g.waiting > 0 && now.Sub(g.stepped) >= t.config.Step {
			changes = t.step(changes, name, g, g.heard)
		}
		silent := now.Sub(g.heard)
		if silent > staleness && g.position.Trusted {
			g.position.Trusted, g.position.Why = false, fmt.Sprintf("not heard for %.0f s", silent.Seconds())
		}
		if silent < t.config.Forget {
			continue
		}
		delete(t.tags, name)
		changes = append(changes, t.leave(name, g)...)
	}
	t.guard.Forget(now)
	for _, f := range t.shops {
		f.judge(now)
		t.learn(f, now)
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Tag, b.Tag))
	})
	return changes
}

// leave ends a presence.
func (t *Tracker) leave(name string, g *tag) (changes []Change) {
	if !g.present {
		return nil
	}
	if g.stay.Zone != "" && !g.quiet() {
		changes = append(changes, Change{Kind: Left, Tag: name, At: g.heard, Stay: g.stay, Dwell: g.heard.Sub(g.stay.Since), Position: g.position})
	}
	gone := t.sighting(name, g)
	gone.Sighting.Gone = true
	g.stay, g.leaning = Stay{}, leaning{}
	return append(changes, gone)
}

// Where is the last known position of a tag; false if it is not here.
func (t *Tracker) Where(name string) (Position, bool) {
	g := t.tags[name]
	if g == nil || !g.present {
		return Position{}, false
	}
	return g.position, true
}

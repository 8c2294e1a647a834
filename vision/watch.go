package vision

import (
	"fmt"
	"image"
	"math"
	"time"

	"aisle/offers"
)

// Place is what a camera looks at.
type Place struct {
	Camera offers.CameraID
	Shop   offers.ShopID
	Floor  offers.FloorID
	Zone   offers.ZoneID
	At     offers.Point // where those whom it sees are shown

	// Stand is where somebody stands whose face is seen in a box of a picture of
	// that size, where the camera knows the floor; ok is false where it does not
	// tell. May be nil.
	Stand func(face image.Rectangle, width, height int) (at offers.Point, accuracyM float64, ok bool)
}

// Times of a visit.
const (
	sameVisit   = 10 * time.Minute // back within this is the same visit
	sayAgain    = 2 * time.Second  // a sighting is repeated while somebody stays
	giveUpAfter = 3 * time.Second  // seen this long without a name is announced as unknown
	maxFaces    = 12               // described of one track

	// How sure it is that somebody unknown is there: now and then a cascade
	// takes a poster for a face.
	unknownConfidence = .9
)

// Counts are what became of faces and of the people that they belong to.
type Counts struct {
	Seen      int          // faces in frames
	Poor      map[Flaw]int // of these, too poor to be described
	Described int          // of these, described and compared
	Discarded int          // vectors dropped after the comparison: all but those by which somebody was named
	Matched   int          // tracks that were named
	Unknown   int          // tracks that ended without a name
}

// Watcher turns one camera's frames into sightings. Not safe for concurrent use.
type Watcher struct {
	Place     Place
	Detector  Detector
	Describer Describer
	Gate      Gate
	MinSide   int // pixels of the smallest face that is looked for

	tracker *Tracker
	people  map[string]*presence       // by track
	visits  map[offers.ShopperID]visit // latest of each shopper
	said    int                        // sightings, for their ids
	sums    Counts
	probes  []Probe
}

// presence is one person as the watcher sees them now.
type presence struct {
	track       string // as sightings call it: the first of the visit
	shopper     offers.ShopperID
	confidence  float64
	distance    float64          // at which they were named
	not         offers.ShopperID // this one was there beside them
	first, last time.Time
	said        time.Time // when last; zero: not yet
	votes       *Votes
	latest      Vector // of this frame alone
	good        int    // faces that were good enough
	at          offers.Point
	accuracyM   float64 // 0: at is the camera's own place
}

// visit is what is remembered of a shopper for a while after they left.
type visit struct {
	track       string
	first, last time.Time
}

// NewWatcher makes a watcher whose tracks are named after the camera and the
// run, which must differ from one start of the process to the next.
func NewWatcher(place Place, run string, d Detector, b Describer, gate Gate, minSide int) *Watcher {
	return &Watcher{
		Place: place, Detector: d, Describer: b, Gate: gate, MinSide: minSide,
		tracker: NewTracker(fmt.Sprintf("%s-%s", place.Camera, run)),
		people:  map[string]*presence{}, visits: map[offers.ShopperID]visit{},
		sums: Counts{Poor: map[Flaw]int{}},
	}
}

// Counts are since the start. The map must not be written.
func (w *Watcher) Counts() Counts { return w.sums }

// Busy tells whether anybody is being followed.
func (w *Watcher) Busy() bool { return w.tracker.Open() > 0 }

// See looks at a frame, and says what there is to say by then. Frames come in
// the order of their times. On an error nothing was seen.
func (w *Watcher) See(f *Frame, g *Gallery) ([]offers.Sighting, error) {
	faces, err := w.Detector.Detect(f, w.MinSide)
	if err != nil {
		return nil, fmt.Errorf("camera %s: %w", w.Place.Camera, err)
	}
	for _, left := range w.TakeProbes() {
		clear(left.Face)
	}
	seen, lost := w.tracker.Update(f.At, faces)
	said := w.leave(f.At, lost, g)
	w.sums.Seen += len(faces)
	for _, t := range seen {
		if w.people[t.ID] == nil {
			w.people[t.ID] = &presence{track: t.ID, first: t.First}
		}
		w.people[t.ID].last = f.At
	}
	for i, t := range seen {
		p := w.people[t.ID]
		if p.shopper != "" && !g.Has(p.shopper) { // they withdrew: forget the name at once
			said = append(said, w.say(p, true))
			delete(w.visits, p.shopper)
			*p = presence{track: t.ID + "-unnamed", first: f.At, last: f.At}
		}
		w.stand(f, faces[i], p)
		if err := w.look(f, faces[i], t, p, g); err != nil {
			return said, err
		}
		before := p.shopper
		said = append(said, w.conclude(t, p)...)
		w.probe(p, before == "" && p.shopper != "")
	}
	return said, nil
}

// stand notes where somebody stands now.
func (w *Watcher) stand(f *Frame, face Face, p *presence) {
	p.at, p.accuracyM = w.Place.At, 0
	if w.Place.Stand == nil {
		return
	}
	if at, accuracyM, ok := w.Place.Stand(face.Box, f.Width, f.Height); ok {
		p.at, p.accuracyM = at, accuracyM
	}
}

// Idle gives up whom nobody has seen for a second, where no frames come.
func (w *Watcher) Idle(now time.Time, g *Gallery) []offers.Sighting {
	return w.leave(now, w.tracker.Expire(now), g)
}

// look compares a face with the gallery, if it is needed and good enough. Here
// a vector of somebody who passes by comes to be, and with the frame it goes: see
// probe.
func (w *Watcher) look(f *Frame, face Face, t *Track, p *presence, g *Gallery) error {
	if p.shopper != "" {
		return nil
	}
	if p.votes == nil || p.votes.gallery != g {
		p.votes = g.Votes() // somebody enrolled or left: earlier distances are to others
	}
	n := p.votes.Faces()
	if n >= maxFaces || n >= g.limits.MinFaces && t.Hits%2 == 1 {
		return nil
	}
	q, err := Grade(f, face)
	if err != nil {
		return fmt.Errorf("camera %s: %w", w.Place.Camera, err)
	}
	if flaw := w.Gate.Flaw(q); flaw != "" {
		w.sums.Poor[flaw]++
		return nil
	}
	p.good++
	if g.People() == 0 {
		return nil // nobody to be compared with: nothing is described
	}
	v, err := w.Describer.Describe(f, face)
	if err != nil {
		return fmt.Errorf("camera %s: %w", w.Place.Camera, err)
	}
	p.votes.Add(v, w.Gate.Weight(q))
	p.latest = v
	w.sums.Described++
	return nil
}

// Probe is the face by which somebody was named just now, under the track that
// their sightings have.
type Probe struct {
	Track   string
	Shopper offers.ShopperID
	Face    Vector
}

// TakeProbes hands over those of the latest frame, once. The caller seals and
// clears them: they are there so that the person can say that it was another.
func (w *Watcher) TakeProbes() []Probe {
	taken := w.probes
	w.probes = nil
	return taken
}

// probe drops the vector of this frame, unless somebody was named by it.
func (w *Watcher) probe(p *presence, named bool) {
	switch {
	case p.latest == nil:
		return
	case named:
		w.probes = append(w.probes, Probe{p.track, p.shopper, p.latest})
	default:
		clear(p.latest)
		w.sums.Discarded++
	}
	p.latest = nil
}

// conclude says who somebody is as soon as that is known, and again while they
// stay.
func (w *Watcher) conclude(t *Track, p *presence) []offers.Sighting {
	if t.Hits < minHits || p.good == 0 {
		return nil
	}
	if p.shopper == "" && p.votes != nil {
		if d := p.votes.Decide(); d.Shopper != "" && d.Shopper != p.not && w.mayBe(p, d) {
			w.sums.Matched++
			p.votes = nil
			var said []offers.Sighting
			before := *p
			p.shopper, p.confidence, p.distance = d.Shopper, d.Confidence, d.Best
			if v, ok := w.visits[d.Shopper]; ok && p.last.Sub(v.last) <= sameVisit {
				if !p.said.IsZero() { // announced as unknown, by another name
					said = append(said, w.say(&before, true))
				}
				p.track, p.first = v.track, v.first
			}
			return append(said, w.say(p, false))
		}
	}
	w.remember(p)
	again := !p.said.IsZero() && p.last.Sub(p.said) >= sayAgain
	unknown := p.said.IsZero() && p.last.Sub(p.first) >= giveUpAfter
	if again || unknown {
		return []offers.Sighting{w.say(p, false)}
	}
	return nil
}

// mayBe tells whether somebody may be given a name. Nobody is in two places of
// one picture: of two who look like the same person the nearer is it, and the
// other never is, as long as they are followed.
func (w *Watcher) mayBe(p *presence, d Verdict) bool {
	for id, other := range w.people {
		switch {
		case other == p || other.shopper != d.Shopper || !other.last.Equal(p.last):
		case other.distance <= d.Best:
			p.not = d.Shopper
			return false
		default: // the visit goes on with p
			*other = presence{track: id + "-unnamed", not: d.Shopper, first: other.last, last: other.last, good: other.good}
		}
	}
	return true
}

// leave says of tracks that they are gone.
func (w *Watcher) leave(now time.Time, lost []*Track, g *Gallery) []offers.Sighting {
	var said []offers.Sighting
	for _, t := range lost {
		p := w.people[t.ID]
		delete(w.people, t.ID)
		if p == nil || t.Hits < minHits || p.good == 0 {
			continue // a trick of the light
		}
		switch {
		case p.shopper == "":
			w.sums.Unknown++
		case !g.Has(p.shopper): // they withdrew
			delete(w.visits, p.shopper)
			p.shopper = ""
		case w.elsewhere(p): // still seen by another track
			continue
		}
		said = append(said, w.say(p, true))
	}
	for id, v := range w.visits {
		if now.Sub(v.last) > sameVisit {
			delete(w.visits, id)
		}
	}
	return said
}

func (w *Watcher) elsewhere(p *presence) bool {
	for _, other := range w.people {
		if other.track == p.track {
			return true
		}
	}
	return false
}

// say makes the sighting.
func (w *Watcher) say(p *presence, gone bool) offers.Sighting {
	w.said++
	p.said = p.last
	w.remember(p)
	s := offers.Sighting{
		MessageID: fmt.Sprintf("%s/%d", p.track, w.said),
		Track:     p.track, Shopper: p.shopper,
		Sensor: offers.SensorCamera, Device: string(w.Place.Camera),
		Shop: w.Place.Shop, Floor: w.Place.Floor, Zone: w.Place.Zone, At: p.at, AccuracyM: p.accuracyM,
		Confidence: math.Round(p.confidence*100) / 100,
		First:      p.first, Last: p.last, Gone: gone,
	}
	if p.shopper == "" {
		s.Confidence = unknownConfidence
	}
	return s
}

func (w *Watcher) remember(p *presence) {
	if p.shopper != "" {
		w.visits[p.shopper] = visit{p.track, p.first, p.last}
	}
}

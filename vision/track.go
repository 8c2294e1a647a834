package vision

import (
	"cmp"
	"fmt"
	"image"
	"slices"
	"time"
)

// Track is one face, followed from frame to frame.
type Track struct {
	ID          string
	Box         image.Rectangle // where it was seen last
	Hits        int             // in how many frames
	First, Last time.Time
	vx, vy      float64 // pixels a second
}

// When a face is the same face. The speed of a walker is a head in 0.3 s, so
// that boxes still overlap at 5 frames a second.
const (
	minOverlap = .25
	maxUnseen  = time.Second
	minHits    = 4 // fewer are a trick of the light
)

// Tracker follows faces by the overlap of their boxes, where each was and where
// it was going. Not safe for concurrent use.
type Tracker struct {
	prefix string
	made   int
	tracks []*Track
}

// NewTracker makes a tracker whose tracks are called prefix-1, prefix-2, and so
// on. A prefix that was never used before makes them unique for ever.
func NewTracker(prefix string) *Tracker { return &Tracker{prefix: prefix} }

// Update follows the faces of a frame: seen has each face's track, lost those
// that have not been seen for a second.
func (t *Tracker) Update(at time.Time, faces []Face) (seen, lost []*Track) {
	lost = t.Expire(at)
	type pair struct {
		track, face int
		overlap     float64
	}
	var pairs []pair
	for i, k := range t.tracks {
		ahead := k.ahead(at)
		for j, f := range faces {
			if o := max(overlap(k.Box, f.Box), overlap(ahead, f.Box)); o > minOverlap {
				pairs = append(pairs, pair{i, j, o})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(b.overlap, a.overlap) })
	seen = make([]*Track, len(faces))
	taken := make([]bool, len(t.tracks))
	for _, p := range pairs {
		if seen[p.face] == nil && !taken[p.track] {
			seen[p.face], taken[p.track] = t.tracks[p.track], true
			t.tracks[p.track].hit(at, faces[p.face].Box)
		}
	}
	for j, f := range faces {
		if seen[j] == nil {
			t.made++
			seen[j] = &Track{ID: fmt.Sprintf("%s-%d", t.prefix, t.made), Box: f.Box, Hits: 1, First: at, Last: at}
			t.tracks = append(t.tracks, seen[j])
		}
	}
	return seen, lost
}

// Expire gives up tracks that have not been seen for a second, also where no
// frames come any more.
func (t *Tracker) Expire(at time.Time) (lost []*Track) {
	t.tracks = slices.DeleteFunc(t.tracks, func(k *Track) bool {
		gone := at.Sub(k.Last) > maxUnseen
		if gone {
			lost = append(lost, k)
		}
		return gone
	})
	return lost
}

// Open is how many faces are being followed.
func (t *Tracker) Open() int { return len(t.tracks) }

func (k *Track) hit(at time.Time, box image.Rectangle) {
	if s := at.Sub(k.Last).Seconds(); s > 0 {
		from, to := middle(k.Box), middle(box)
		const fresh = .5 // share of the latest step in the speed
		k.vx += fresh * ((to.X-from.X)/s - k.vx)
		k.vy += fresh * ((to.Y-from.Y)/s - k.vy)
	}
	k.Box, k.Last = box, at
	k.Hits++
}

// ahead is where the face would be by now.
func (k *Track) ahead(at time.Time) image.Rectangle {
	s := at.Sub(k.Last).Seconds()
	return k.Box.Add(image.Pt(int(k.vx*s), int(k.vy*s)))
}

func middle(r image.Rectangle) Point {
	return Point{float64(r.Min.X+r.Max.X) / 2, float64(r.Min.Y+r.Max.Y) / 2}
}

// overlap is the intersection over the union of two boxes.
func overlap(a, b image.Rectangle) float64 {
	both := a.Intersect(b)
	shared := both.Dx() * both.Dy()
	all := a.Dx()*a.Dy() + b.Dx()*b.Dy() - shared
	if all <= 0 {
		return 0
	}
	return float64(shared) / float64(all)
}

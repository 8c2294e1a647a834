package vision_test

import (
	"fmt"
	"image"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/vision"
	"aisle/vision/drawn"
)

// drawnLimits suit drawn people, who are closer to each other than real ones.
var drawnLimits = vision.Limits{Threshold: drawn.Threshold, Margin: vision.LBPLimits.Margin, MinFaces: 3}

// witness is a detector that was there when the picture was drawn: it reports
// where the heads are, so that following and naming is tested without OpenCV.
type witness struct {
	scene *drawn.Scene
	walks []drawn.Walk
	began time.Time
	blind func(at time.Duration) bool
}

func (w *witness) NeedsColour() bool { return false }

func (w *witness) Detect(f *vision.Frame, minSide int) ([]vision.Face, error) {
	at := f.At.Sub(w.began)
	if w.blind != nil && w.blind(at) {
		return nil, nil
	}
	var faces []vision.Face
	for _, h := range w.scene.Heads(at, w.walks) {
		if h.Box.Dx() >= minSide && h.Box.In(image.Rect(0, 0, f.Width, f.Height)) {
			faces = append(faces, vision.Face{Box: h.Box, Score: 1})
		}
	}
	return faces, nil
}

func gray(img *image.RGBA, at time.Time) *vision.Frame {
	f := &vision.Frame{Width: img.Rect.Dx(), Height: img.Rect.Dy(), At: at, Gray: make([]byte, len(img.Pix)/4)}
	for i := range f.Gray {
		r, g, b := int(img.Pix[4*i]), int(img.Pix[4*i+1]), int(img.Pix[4*i+2])
		f.Gray[i] = byte((299*r + 587*g + 114*b) / 1000)
	}
	return f
}

// door draws each person only once for all tests.
var door = drawn.NewScene(640, 360)

// enrolled are people as an enrolment by phone would describe them.
var enrolled = sync.OnceValue(func() map[offers.ShopperID][]vision.Vector {
	people := map[offers.ShopperID][]vision.Vector{}
	for _, id := range []int{0, 3, 5} {
		for _, img := range drawn.Portraits(id, 3) {
			f := gray(img.(*image.RGBA), time.Time{})
			v, err := vision.LBP{}.Describe(f, vision.Face{Box: drawn.PortraitBox(320)})
			if err != nil {
				panic(err)
			}
			people[name(id)] = append(people[name(id)], v)
		}
	}
	return people
})

func name(id int) offers.ShopperID { return offers.ShopperID(fmt.Sprintf("s%d", id)) }

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// watch lets a watcher look at walks, 5 frames a second.
func watch(t *testing.T, w *vision.Watcher, d *witness, g func(at time.Duration) *vision.Gallery, until time.Duration) []offers.Sighting {
	t.Helper()
	var all []offers.Sighting
	for at := time.Duration(0); at < until; at += 200 * time.Millisecond {
		said, err := w.See(gray(d.scene.Frame(at, d.walks), d.began.Add(at)), g(at))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, said...)
	}
	return append(all, w.Idle(d.began.Add(until+2*time.Second), g(until))...)
}

func newWatcher(d *witness) *vision.Watcher {
	place := vision.Place{Camera: "door", Shop: "corner", Zone: "entrance"}
	return vision.NewWatcher(place, "r1", d, vision.LBP{}, vision.DefaultGate, 56)
}

func stroll(id int, start time.Duration) drawn.Walk {
	return drawn.Walk{Person: drawn.NewPerson(id), Start: start, Duration: 5 * time.Second}
}

// summary is who each track was, and how it ended.
type summary struct {
	Shopper offers.ShopperID
	Gone    bool
}

func tracks(said []offers.Sighting) map[string]summary {
	m := map[string]summary{}
	for _, s := range said {
		m[s.Track] = summary{s.Shopper, s.Gone}
	}
	return m
}

func names(said []offers.Sighting) []offers.ShopperID {
	var n []offers.ShopperID
	for _, s := range tracks(said) {
		n = append(n, s.Shopper)
	}
	slices.Sort(n)
	return n
}

func TestAVisitIsOneSighting(t *testing.T) {
	people := enrolled()
	tests := map[string]struct {
		walks []drawn.Walk
		until time.Duration
		blind func(time.Duration) bool
		want  []offers.ShopperID
	}{
		"nobody":               {until: time.Second, want: nil},
		"somebody known":       {walks: []drawn.Walk{stroll(3, 0)}, until: 5 * time.Second, want: []offers.ShopperID{"s3"}},
		"a stranger":           {walks: []drawn.Walk{stroll(8, 0)}, until: 5 * time.Second, want: []offers.ShopperID{""}},
		"one after another":    {walks: []drawn.Walk{stroll(0, 0), stroll(5, 6*time.Second)}, until: 11 * time.Second, want: []offers.ShopperID{"s0", "s5"}},
		"known and stranger":   {walks: []drawn.Walk{stroll(0, 0), stroll(8, 6*time.Second)}, until: 11 * time.Second, want: []offers.ShopperID{"", "s0"}},
		"back within the hour": {walks: []drawn.Walk{stroll(0, 0), stroll(0, 8*time.Second)}, until: 13 * time.Second, want: []offers.ShopperID{"s0"}},
		"detector blinks": {
			walks: []drawn.Walk{stroll(3, 0)}, until: 5 * time.Second,
			blind: func(at time.Duration) bool { return at%time.Second < 400*time.Millisecond },
			want:  []offers.ShopperID{"s3"},
		},
		"a trick of the light": {
			walks: []drawn.Walk{stroll(3, 0)}, until: 5 * time.Second,
			blind: func(at time.Duration) bool { return at > 400*time.Millisecond },
			want:  nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := &witness{scene: door, walks: test.walks, began: noon, blind: test.blind}
			g := vision.NewGallery(vision.LBP{}, drawnLimits, people)
			said := watch(t, newWatcher(d), d, func(time.Duration) *vision.Gallery { return g }, test.until)
			if diff := cmp.Diff(test.want, names(said)); diff != "" {
				t.Errorf("who was seen (-want +got):\n%s", diff)
			}
			ids := map[string]bool{}
			for _, s := range said {
				if ids[s.MessageID] {
					t.Errorf("message %q came twice", s.MessageID)
				}
				ids[s.MessageID] = true
				if s.Shop != "corner" || s.Zone != "entrance" || s.Device != "door" || s.Sensor != offers.SensorCamera {
					t.Errorf("sighting is of the wrong place: %+v", s)
				}
				if s.Last.Before(s.First) || s.First.Before(noon) {
					t.Errorf("sighting is of the wrong time: %+v", s)
				}
			}
			for track, s := range tracks(said) {
				if !s.Gone {
					t.Errorf("track %s never ended", track)
				}
			}
		})
	}
}

func TestSightingsAreSparse(t *testing.T) {
	d := &witness{scene: door, walks: []drawn.Walk{stroll(3, 0)}, began: noon}
	g := vision.NewGallery(vision.LBP{}, drawnLimits, enrolled())
	said := watch(t, newWatcher(d), d, func(time.Duration) *vision.Gallery { return g }, 5*time.Second)
	if len(said) < 2 || len(said) > 4 {
		t.Errorf("%d sightings in 5 s, want one at once, one each 2 s and one at the end", len(said))
	}
	if first := said[0].Last.Sub(noon); first > 1500*time.Millisecond {
		t.Errorf("the first sighting came after %v, want within 1.5 s", first)
	}
}

func TestWhoWithdrawsIsForgottenAtOnce(t *testing.T) {
	people := enrolled()
	with := vision.NewGallery(vision.LBP{}, drawnLimits, people)
	left := maps.Clone(people)
	delete(left, "s3")
	without := vision.NewGallery(vision.LBP{}, drawnLimits, left)
	d := &witness{scene: door, walks: []drawn.Walk{stroll(3, 0)}, began: noon}
	said := watch(t, newWatcher(d), d, func(at time.Duration) *vision.Gallery {
		if at < 2*time.Second {
			return with
		}
		return without
	}, 5*time.Second)
	for _, s := range said {
		if at := s.Last.Sub(noon); s.Shopper == "s3" && at > 2*time.Second {
			t.Errorf("named %v after the start, though they withdrew after 2 s", at)
		}
	}
	want := []offers.ShopperID{"", "s3"}
	if diff := cmp.Diff(want, names(said)); diff != "" {
		t.Errorf("who was seen (-want +got):\n%s", diff)
	}
}

func TestWhoEnrolsBeforeTheCameraIsKnownAtOnce(t *testing.T) {
	people := enrolled()
	with := vision.NewGallery(vision.LBP{}, drawnLimits, people)
	none := vision.NewGallery(vision.LBP{}, drawnLimits, nil)
	d := &witness{scene: door, walks: []drawn.Walk{stroll(3, 0)}, began: noon}
	w := newWatcher(d)
	said := watch(t, w, d, func(at time.Duration) *vision.Gallery {
		if at < 2*time.Second {
			return none
		}
		return with
	}, 5*time.Second)
	if diff := cmp.Diff([]offers.ShopperID{"s3"}, names(said)); diff != "" {
		t.Errorf("who was seen (-want +got):\n%s", diff)
	}
	if c := w.Counts(); c.Described != c.Discarded+1 || c.Matched != 1 || c.Unknown != 0 {
		t.Errorf("counts %+v, want every vector discarded and one match", c)
	}
}

func TestAVisitEndsAfterTenMinutes(t *testing.T) {
	people := enrolled()
	g := vision.NewGallery(vision.LBP{}, drawnLimits, people)
	tests := map[string]struct {
		away time.Duration
		want int
	}{
		"nine minutes":   {9 * time.Minute, 1},
		"eleven minutes": {11 * time.Minute, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := &witness{scene: door, walks: []drawn.Walk{stroll(3, 0)}, began: noon}
			w := newWatcher(d)
			gallery := func(time.Duration) *vision.Gallery { return g }
			said := watch(t, w, d, gallery, 5*time.Second)
			d.began = noon.Add(test.away)
			said = append(said, watch(t, w, d, gallery, 5*time.Second)...)
			if got := len(tracks(said)); got != test.want {
				t.Errorf("%d visits, want %d", got, test.want)
			}
		})
	}
}

func TestNobodyIsInTwoPlacesOfAPicture(t *testing.T) {
	twin := func(x float64, start time.Duration) drawn.Walk {
		return drawn.Walk{Person: drawn.NewPerson(3), Start: start, Duration: 5 * time.Second, X0: x, X1: x}
	}
	for name, walks := range map[string][]drawn.Walk{
		"at once":           {twin(.25, 0), twin(.75, 0)},
		"one a little late": {twin(.25, 0), twin(.75, time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			d := &witness{scene: door, walks: walks, began: noon}
			g := vision.NewGallery(vision.LBP{}, drawnLimits, enrolled())
			said := watch(t, newWatcher(d), d, func(time.Duration) *vision.Gallery { return g }, 7*time.Second)
			if diff := cmp.Diff([]offers.ShopperID{"", "s3"}, names(said)); diff != "" {
				t.Errorf("who was seen (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFarFacesAreCountedAndLeftAlone(t *testing.T) {
	walk := stroll(3, 0)
	walk.Duration = time.Minute // far away, all the time that is looked at
	d := &witness{scene: door, walks: []drawn.Walk{walk}, began: noon}
	w := newWatcher(d)
	w.MinSide, w.Gate.MinSidePx = 20, 90
	g := vision.NewGallery(vision.LBP{}, drawnLimits, enrolled())
	said := watch(t, w, d, func(time.Duration) *vision.Gallery { return g }, 5*time.Second)
	if c := w.Counts(); len(said) != 0 || c.Described != 0 || c.Poor[vision.TooSmall] == 0 {
		t.Errorf("%d sightings, %+v; want none, and faces that are too small", len(said), c)
	}
}

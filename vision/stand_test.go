package vision_test

import (
	"image"
	"testing"
	"time"

	"aisle/offers"
	"aisle/vision"
	"aisle/vision/drawn"
)

func TestPeopleAreShownWhereTheyStand(t *testing.T) {
	d := &witness{scene: door, walks: []drawn.Walk{stroll(3, time.Second)}, began: noon}
	w := newWatcher(d)
	w.Place.At = offers.Point{X: 9, Y: 9}
	known := true
	w.Place.Stand = func(face image.Rectangle, width, _ int) (offers.Point, float64, bool) {
		return offers.Point{X: float64(face.Min.X) / float64(width), Y: 2}, .5, known
	}
	gallery := vision.NewGallery(vision.LBP{}, drawnLimits, enrolled())
	said := watch(t, w, d, func(at time.Duration) *vision.Gallery {
		known = at < 4*time.Second
		return gallery
	}, 8*time.Second)
	if len(said) < 3 {
		t.Fatalf("%d sightings", len(said))
	}
	first, last := said[0], said[len(said)-1]
	if first.At.X <= 0 || first.At.X >= 1 || first.At.Y != 2 || first.AccuracyM != .5 {
		t.Errorf("at first somebody stands at %v within %v m", first.At, first.AccuracyM)
	}
	if last.At != w.Place.At || last.AccuracyM != 0 {
		t.Errorf("where the camera cannot tell, somebody stands at %v within %v m, want the camera's own place", last.At, last.AccuracyM)
	}
}

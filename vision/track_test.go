package vision_test

import (
	"image"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/vision"
)

func box(x, y int) []vision.Face {
	return []vision.Face{{Box: image.Rect(x, y, x+60, y+60)}}
}

func TestTracker(t *testing.T) {
	type look struct {
		at    time.Duration
		faces []vision.Face
	}
	const ms = time.Millisecond
	tests := map[string]struct {
		looks []look
		want  []string // tracks of the last look's faces
		lost  int      // in the last look
	}{
		"stays":                         {[]look{{0, box(10, 10)}, {200 * ms, box(12, 11)}, {400 * ms, box(15, 12)}}, []string{"c-1"}, 0},
		"walks":                         {[]look{{0, box(10, 10)}, {200 * ms, box(30, 10)}, {400 * ms, box(50, 10)}}, []string{"c-1"}, 0},
		"jumps":                         {[]look{{0, box(10, 10)}, {200 * ms, box(200, 10)}}, []string{"c-2"}, 0},
		"unseen for less than a second": {[]look{{0, box(10, 10)}, {900 * ms, box(12, 11)}}, []string{"c-1"}, 0},
		"unseen for more":               {[]look{{0, box(10, 10)}, {1100 * ms, box(12, 11)}}, []string{"c-2"}, 1},
		"walks on while unseen": {[]look{
			{0, box(10, 10)}, {200 * ms, box(35, 10)}, {400 * ms, box(60, 10)}, {600 * ms, box(85, 10)}, {1400 * ms, box(180, 10)},
		}, []string{"c-1"}, 0},
		"two stay themselves": {[]look{
			{0, append(box(10, 10), box(200, 10)...)}, {200 * ms, append(box(196, 10), box(14, 10)...)},
		}, []string{"c-2", "c-1"}, 0},
		"nobody left": {[]look{{0, box(10, 10)}, {1200 * ms, nil}}, []string{}, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tracker := vision.NewTracker("c")
			var seen, lost []*vision.Track
			for _, l := range test.looks {
				seen, lost = tracker.Update(noon.Add(l.at), l.faces)
			}
			got := []string{}
			for _, s := range seen {
				got = append(got, s.ID)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("tracks (-want +got):\n%s", diff)
			}
			if len(lost) != test.lost {
				t.Errorf("%d lost, want %d", len(lost), test.lost)
			}
		})
	}
}

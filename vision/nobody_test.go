package vision_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/vision"
	"aisle/vision/drawn"
)

// TestNobodyIsTheMeanOfDrawnPeople keeps nobody as what it is said to be. They are people whom no other test and no demonstration knows.
func TestNobodyIsTheMeanOfDrawnPeople(t *testing.T) {
	const first, people = 1000, 24
	var sum []float64
	for id := first; id < first+people; id++ {
		img := drawn.Portrait(drawn.NewPerson(id), drawn.Frontal(), 160)
		v, err := vision.LBP{}.Describe(gray(img, time.Time{}), vision.Face{Box: drawn.PortraitBox(160)})
		if err != nil {
			t.Fatal(err)
		}
		grid := v[:len(v)/5]
		if sum == nil {
			sum = make([]float64, len(grid))
		}
		for i, x := range grid {
			sum[i] += float64(x)
		}
	}
	const cells = 25
	bins := len(sum) / cells
	want := make([]float32, bins)
	for i, x := range sum {
		want[i%bins] += float32(x / people / cells)
	}
	for i, x := range want {
		want[i] = float32(math.Round(float64(x)))
	}
	if diff := cmp.Diff(want, vision.Nobody[:]); diff != "" {
		t.Errorf("nobody (-these people +as written):\n%s", diff)
	}
}

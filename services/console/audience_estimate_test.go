package console

import (
	"math/rand/v2"
	"testing"

	"aisle/services/state"
)

func TestEstimateOf(t *testing.T) {
	tests := map[string]struct {
		strata []state.Stratum
		found  []int64
		want   estimate
	}{
		"nobody is known":           {[]state.Stratum{{All: true}}, nil, estimate{}},
		"counted":                   {[]state.Stratum{{Keys: 100, Seen: 100, All: true}, {Keys: 10, Seen: 10, All: true}}, []int64{7, 2}, estimate{9, 0}},
		"one of two is a sample":    {[]state.Stratum{{Keys: 100, Seen: 100, All: true}, {Keys: 1000, Seen: 250}}, []int64{7, 25}, estimate{107, 33}},
		"none found is not nothing": {[]state.Stratum{{Keys: 1_000_000, Seen: 100_000}}, []int64{0}, estimate{0, 27}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := estimateOf(test.strata, test.found); got != test.want {
				t.Errorf("estimateOf = %+v, want %+v", got, test.want)
			}
		})
	}
}

// With 95 of 100 samples, the truth is within the margin; with a rare trait too.
func TestMarginHolds(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	const keys, seen, samples = 20_000, 2000, 400
	for _, such := range []int{10, 400, 9000} {
		within := 0
		for range samples {
			found, left := int64(0), such
			for i := range seen { // without replacement
				if draw.IntN(keys-i) < left {
					found, left = found+1, left-1
				}
			}
			got := estimateOf([]state.Stratum{{Keys: keys, Seen: seen}}, []int64{found})
			if d := got.Count - int64(such); -got.Margin <= d && d <= got.Margin {
				within++
			}
		}
		if share := float64(within) / samples; share < .93 {
			t.Errorf("%d of %d: the margin held in %.3f of the samples, want 0.95", such, keys, share)
		}
	}
}

package catalog

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"aisle/offers"
)

// Sketch holds how long things took, small and mergeable, so that percentiles
// of any span of hours can be told: a histogram of buckets each a twentieth
// wider than the one before, exact to 2.5 %. The zero Sketch is empty.
//
// The idea is DDSketch's (Masson, Rim, Lee: VLDB 2019), with a fixed range.
type Sketch struct {
	buckets map[uint16]uint64
}

// Durations below a tenth of a millisecond and beyond an hour count as these.
const (
	sketchLowMs  = 0.1
	sketchRatio  = 1.05
	sketchHighMs = 3600e3
)

var sketchLast = uint16(math.Ceil(math.Log(sketchHighMs/sketchLowMs) / math.Log(sketchRatio)))

// Add counts one duration.
func (s *Sketch) Add(d time.Duration) {
	ms := float64(d) / float64(time.Millisecond)
	var bucket uint16
	if ms > sketchLowMs {
		bucket = min(uint16(math.Ceil(math.Log(ms/sketchLowMs)/math.Log(sketchRatio))), sketchLast)
	}
	if ms > sketchHighMs {
		bucket = sketchLast
	}
	if s.buckets == nil {
		s.buckets = map[uint16]uint64{}
	}
	s.buckets[bucket]++
}

// Merge counts all that another counted.
func (s *Sketch) Merge(other Sketch) {
	if len(other.buckets) > 0 && s.buckets == nil {
		s.buckets = make(map[uint16]uint64, len(other.buckets))
	}
	for bucket, n := range other.buckets {
		s.buckets[bucket] += n
	}
}

// Count is how many durations were counted.
func (s *Sketch) Count() uint64 {
	var total uint64
	for _, n := range s.buckets {
		total += n
	}
	return total
}

// QuantileMs is the q quantile in milliseconds, 0 if nothing was counted.
func (s *Sketch) QuantileMs(q float64) float64 {
	total := s.Count()
	if total == 0 {
		return 0
	}
	rank := uint64(math.Ceil(q * float64(total)))
	var seen uint64
	for _, bucket := range s.order() {
		if seen += s.buckets[bucket]; seen >= rank {
			// The middle of the bucket, in proportion.
			return sketchLowMs * math.Pow(sketchRatio, float64(bucket)-0.5)
		}
	}
	return sketchHighMs
}

func (s *Sketch) order() []uint16 {
	order := make([]uint16, 0, len(s.buckets))
	for bucket := range s.buckets {
		order = append(order, bucket)
	}
	slices.Sort(order)
	return order
}

// AppendBinary writes pairs of a bucket, as the distance from the one before,
// and its count.
func (s *Sketch) AppendBinary(b []byte) ([]byte, error) {
	var before uint16
	for _, bucket := range s.order() {
		b = binary.AppendUvarint(b, uint64(bucket-before))
		b = binary.AppendUvarint(b, s.buckets[bucket])
		before = bucket
	}
	return b, nil
}

// UnmarshalBinary reads what AppendBinary wrote.
func (s *Sketch) UnmarshalBinary(b []byte) error {
	s.buckets = nil
	var bucket uint64
	for len(b) > 0 {
		distance, n := binary.Uvarint(b)
		if n <= 0 {
			return fmt.Errorf("sketch: %w: truncated", offers.ErrInvalid)
		}
		count, m := binary.Uvarint(b[n:])
		bucket += distance
		if m <= 0 || bucket > uint64(sketchLast) {
			return fmt.Errorf("sketch: %w: truncated, or a bucket beyond the last", offers.ErrInvalid)
		}
		b = b[n+m:]
		if s.buckets == nil {
			s.buckets = map[uint16]uint64{}
		}
		s.buckets[uint16(bucket)] += count
	}
	return nil
}

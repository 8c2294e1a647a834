package evalble

import (
	"math"
	"slices"
	"time"

	"aisle/offers"
)

// The plain methods of the field, on the same recordings and surveys as ours:
// the published figures of a set are on walks that need not be here, so what
// counts is how much better ours is on what is here.

const (
	window  = 2 * time.Second // that they average over
	softest = -100.0          // dBm: what a receiver counts for that did not hear the tag
	near    = 5               // neighbours
)

// window is the packets of the last two seconds, as the mean of each receiver.
type lately struct{ packets []packet }

func (l *lately) add(p packet) (mean map[offers.ReceiverID]float64) {
	l.packets = append(l.packets, p)
	for p.at.Sub(l.packets[0].at) > window {
		l.packets = l.packets[1:]
	}
	mean = map[offers.ReceiverID]float64{}
	n := map[offers.ReceiverID]float64{}
	for _, w := range l.packets {
		n[w.receiver]++
		mean[w.receiver] += (w.rssi - mean[w.receiver]) / n[w.receiver]
	}
	return mean
}

// loudest is that the tag is at the receiver that heard it loudest.
func (sc *score) loudest(s *offers.Shop, t track) {
	var l lately
	for _, p := range t.packets {
		mean := l.add(p)
		var best offers.Receiver
		for _, r := range s.Receivers {
			if m, ok := mean[r.ID]; ok && (best.ID == "" || m > mean[best.ID]) {
				best = r
			}
		}
		if p.at.Sub(t.packets[0].at) >= settled && best.ID != "" {
			sc.place(s, best.At, best.Zone, p.truth)
		}
	}
}

// neighbours is the mean of the five points of the survey where all receivers
// heard most alike, the more alike the more weight (P. Bahl and V. N.
// Padmanabhan, RADAR, IEEE Infocom 2000), and that smoothed over two seconds.
func neighbours(plain, smooth *score, s *offers.Shop, survey []offers.SurveyPoint, t track) {
	prints := make([][]float64, len(survey))
	no := map[offers.ReceiverID]int{}
	for i, r := range s.Receivers {
		no[r.ID] = i
	}
	for i, p := range survey {
		prints[i] = slices.Repeat([]float64{softest}, len(s.Receivers))
		for _, h := range p.Heard {
			if r, ok := no[h.Receiver]; ok {
				prints[i][r] = h.GainDB + powerAt1m
			}
		}
	}
	if len(prints) < near {
		return
	}
	type neighbour struct {
		at       offers.Point
		distance float64
	}
	heard := make([]float64, len(s.Receivers))
	var l lately
	var average, at offers.Point
	var last time.Time
	for _, p := range t.packets {
		mean := l.add(p)
		if !p.at.Equal(last) { // several receivers hear one packet
			for i, r := range s.Receivers {
				heard[i] = softest
				if m, ok := mean[r.ID]; ok {
					heard[i] = m
				}
			}
			var best [near]neighbour
			for i := range best {
				best[i].distance = math.Inf(1)
			}
			for i, print := range prints {
				d := 0.0
				for j, x := range print {
					d += (x - heard[j]) * (x - heard[j])
				}
				for k := near - 1; k >= 0 && d < best[k].distance; k-- {
					if k < near-1 {
						best[k+1] = best[k]
					}
					best[k] = neighbour{survey[i].At, d}
				}
			}
			at = offers.Point{}
			sum := 0.0
			for _, b := range best {
				w := 1 / (math.Sqrt(b.distance) + 0.1)
				at.X, at.Y, sum = at.X+w*b.at.X, at.Y+w*b.at.Y, sum+w
			}
			at.X, at.Y = at.X/sum, at.Y/sum
			k := 1.0
			if !last.IsZero() {
				k = 1 - math.Exp(-p.at.Sub(last).Seconds()/window.Seconds())
			}
			average.X, average.Y = average.X+k*(at.X-average.X), average.Y+k*(at.Y-average.Y)
			last = p.at
		}
		if p.at.Sub(t.packets[0].at) >= settled {
			plain.place(s, at, nearest(s, at), p.truth)
			smooth.place(s, average, nearest(s, average), p.truth)
		}
	}
}

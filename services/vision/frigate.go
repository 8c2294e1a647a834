//go:build gocv

package main

import (
	"maps"
	"slices"
	"time"

	"aisle/offers"
	"aisle/services/vision/edge"
	"aisle/services/vision/frigate"
)

// statsEvery is Frigate's stats_interval; three that stay away are a silence.
const statsEvery = time.Minute

// frigateHealth is how Frigate's cameras do, by its own account.
func frigateHealth(stats map[offers.CameraID]frigate.Stats, connected bool, now time.Time) []edge.CameraHealth {
	var all []edge.CameraHealth
	for _, id := range slices.Sorted(maps.Keys(stats)) {
		s := stats[id]
		h := edge.CameraHealth{ID: id, Kind: "frigate", State: edge.Live, Last: s.At, FPS: s.FPS, LookedAt: s.LookedAt}
		switch {
		case !connected:
			h.State, h.Problem = edge.Connecting, "Frigate's broker cannot be reached"
		case now.Sub(s.At) > 3*statsEvery:
			h.State, h.Problem = edge.Stalled, "Frigate has said nothing for three minutes"
		case s.FPS == 0:
			h.State, h.Problem = edge.Stalled, "Frigate gets no pictures from it"
		}
		all = append(all, h)
	}
	return all
}

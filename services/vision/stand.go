//go:build gocv

package main

import (
	"image"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"aisle/offers"
	"aisle/vision/ground"
)

// stand knows where people stand whom a camera sees, once somebody showed the
// house four places of the floor in its picture.
type stand struct {
	floor atomic.Pointer[floor] // nil: nobody did

	// Of the looking goroutine: how the camera hangs, for the floor and the
	// picture's size of before.
	of   *floor
	size image.Point
	view *ground.View
}

type floor struct {
	points []offers.GroundPoint
	*ground.Map
}

// learn takes the four places, or none.
func (s *stand) learn(camera offers.CameraID, points []offers.GroundPoint, logger *slog.Logger) {
	if now := s.floor.Load(); now == nil && len(points) == 0 || now != nil && slices.Equal(now.points, points) {
		return
	}
	if len(points) == 0 {
		s.floor.Store(nil)
		return
	}
	m, err := ground.New(points)
	if err != nil { // the console checked them
		logger.Error("the camera's four points are of no use", "camera", camera, "err", err)
		return
	}
	s.floor.Store(&floor{points, m})
	logger.Info("the camera knows the floor", "camera", camera)
}

// floors are those that Frigate's cameras see. Safe for concurrent use.
type floors struct {
	mu    sync.Mutex // guards known
	known map[offers.CameraID]*stand
}

func (f *floors) learn(camera offers.CameraID, points []offers.GroundPoint, logger *slog.Logger) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		f.known = map[offers.CameraID]*stand{}
	}
	if f.known[camera] == nil {
		f.known[camera] = new(stand)
	}
	f.known[camera].learn(camera, points, logger)
}

// of is a camera's map, nil where it has none.
func (f *floors) of(camera offers.CameraID) *ground.Map {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.known[camera]; s != nil {
		if now := s.floor.Load(); now != nil {
			return now.Map
		}
	}
	return nil
}

// facing is where somebody stands whose face is seen in a box.
func (s *stand) facing(face image.Rectangle, width, height int) (at offers.Point, accuracyM float64, ok bool) {
	now, size := s.floor.Load(), image.Pt(width, height)
	if now == nil {
		return at, 0, false
	}
	if s.of != now || s.size != size {
		s.of, s.size, s.view = now, size, now.View(width, height)
	}
	x, y := float64(face.Min.X+face.Max.X)/2, float64(face.Min.Y+face.Max.Y)/2
	return s.view.Facing(x/float64(width), y/float64(height), float64(face.Dy())/float64(height))
}

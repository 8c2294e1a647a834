package vision

import (
	"fmt"
	"math"
)

// Quality is how good a face is for telling who it is.
type Quality struct {
	SidePx     int     `json:"side_px"`
	Brightness float64 `json:"brightness"` // mean grey level, 0 to 255
	Contrast   float64 `json:"contrast"`   // standard deviation of it
	Sharpness  float64 `json:"sharpness"`  // variance of the Laplacian against that of the face, at 56 pixels
	Turn       float64 `json:"turn"`       // how far the nose is off the middle, in distances of the eyes; 0 where the detector finds no points
}

// Grade measures a face.
func Grade(f *Frame, face Face) (Quality, error) {
	// All are measured at the least size that is described: a large picture of
	// a face is not sharper for being large.
	const side = 56
	gray, err := crop(f.Gray, f, 1, face, side, 0)
	if err != nil {
		return Quality{}, err
	}
	q := Quality{SidePx: face.Side()}
	q.Brightness, q.Contrast = spread(gray)
	laplace := make([]float64, 0, side*side)
	for y := 1; y < side-1; y++ {
		for x := 1; x < side-1; x++ {
			i := y*side + x
			laplace = append(laplace, float64(int(gray[i-1])+int(gray[i+1])+int(gray[i-side])+int(gray[i+side])-4*int(gray[i])))
		}
	}
	_, edges := spread(laplace)
	if q.Contrast > 0 {
		q.Sharpness = (edges / q.Contrast) * (edges / q.Contrast)
	}
	if face.HasPoints {
		left, right, nose := face.Points[0], face.Points[1], face.Points[2]
		q.Turn = 1
		if apart := right.X - left.X; apart > 0 {
			q.Turn = min(1, math.Abs(nose.X-(left.X+right.X)/2)/apart)
		}
	}
	return q, nil
}

func spread[T byte | float64](values []T) (mean, deviation float64) {
	for _, v := range values {
		mean += float64(v)
	}
	mean /= float64(len(values))
	for _, v := range values {
		deviation += (float64(v) - mean) * (float64(v) - mean)
	}
	return mean, math.Sqrt(deviation / float64(len(values)))
}

// Flaw is what makes a face too poor to be described. Empty is none.
type Flaw string

// Flaws, the first that applies counts.
const (
	TooSmall  Flaw = "too_small"
	Turned    Flaw = "turned"
	TooDark   Flaw = "too_dark"
	TooBright Flaw = "too_bright"
	TooFlat   Flaw = "too_flat"
	Blurred   Flaw = "blurred"
)

// Gate is what a face must have to be described.
type Gate struct {
	MinSidePx                    int
	MinBrightness, MaxBrightness float64
	MinContrast                  float64
	MinSharpness                 float64
	MaxTurn                      float64
}

// DefaultGate lets through what LBP and Net were measured with.
var DefaultGate = Gate{MinSidePx: 56, MinBrightness: 35, MaxBrightness: 225, MinContrast: 12, MinSharpness: .03, MaxTurn: .28}

// Flaw is the first reason for which a face is not described.
func (g Gate) Flaw(q Quality) Flaw {
	switch {
	case q.SidePx < g.MinSidePx:
		return TooSmall
	case q.Turn > g.MaxTurn:
		return Turned
	case q.Brightness < g.MinBrightness:
		return TooDark
	case q.Brightness > g.MaxBrightness:
		return TooBright
	case q.Contrast < g.MinContrast:
		return TooFlat
	case q.Sharpness < g.MinSharpness:
		return Blurred
	}
	return ""
}

// Weight is how much a face that passed counts beside others of the same person,
// .25 to 1: a small or turned one counts less.
func (g Gate) Weight(q Quality) float64 {
	size := min(1, float64(q.SidePx)/cropSide)
	return max(.25, size*(1-q.Turn/2))
}

// Advice tells somebody who enrols what is wrong with a picture, and what to do.
func (g Gate) Advice(flaw Flaw, q Quality) string {
	switch flaw {
	case TooSmall:
		return fmt.Sprintf("too small: the face is %d px, it needs %d: come closer to the camera", q.SidePx, g.MinSidePx)
	case TooDark:
		return "too dark: turn towards the light"
	case TooBright:
		return "too bright: turn away from the light"
	case TooFlat:
		return "too little contrast: clean the lens, or find better light"
	case Blurred:
		return "blurred: hold still"
	case Turned:
		return "turned away: look into the camera"
	}
	return ""
}

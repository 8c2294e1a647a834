// Package vision is how a camera at the door knows a shopper who asked to be
// known, and nobody else: it finds faces in a frame, follows each through the
// picture, describes the good ones by numbers, compares those with the gallery
// of people who enrolled, and says once per visit who came in.
//
// Its rules:
//
//   - A visit, not a frame. A person is named after several good faces agree,
//     and is one sighting until they leave the picture.
//   - A stranger stays a stranger: somebody is named only below a threshold and
//     with a margin to the next best; else they are an anonymous count.
//   - No frame is kept. The vector of a face lives for one comparison; what a
//     track keeps is its distances to people of the gallery. Only the one by which
//     somebody who enrolled was named leaves it, to be sealed: they may say that it
//     was another's.
//   - Vectors of those who enrolled leave the process sealed only (Seal).
//   - Time comes with the frames; nothing here asks a clock.
//
// There is no check of liveness yet: a photograph of a face counts as the face.
// Pay or redeem nothing on a face alone. The default describer is demonstration
// grade; see LBP.
//
// Everything in this package builds and is tested without OpenCV, except one
// file, gocv.go, behind the build tag "gocv": the detectors Haar and YuNet, the
// describer Net, and the decoding of pictures and videos. Programs that use
// those names build with -tags gocv and need Debian's OpenCV 4.6.
package vision

import (
	"image"
	"time"
)

// Frame is one picture, kept no longer than it is looked at.
type Frame struct {
	Width, Height int
	Gray          []byte    // a byte a pixel, row by row without padding
	BGR           []byte    // three bytes a pixel; nil unless a detector or describer needs colour
	At            time.Time // when it was taken
}

// Face is a face in a frame.
type Face struct {
	Box   image.Rectangle // may reach over the frame's edge
	Score float64         // of the detector, 0 to 1; 1 where it has none

	// Points are, where the detector finds them: the eye that is left in the
	// picture, the right one, the tip of the nose, the left and the right corner
	// of the mouth. Else HasPoints is false.
	Points    [5]Point
	HasPoints bool
}

// Point is a place in a frame, in pixels.
type Point struct{ X, Y float64 }

// Side is the face's size in pixels, the smaller of width and height.
func (f Face) Side() int { return min(f.Box.Dx(), f.Box.Dy()) }

// Detector finds faces. Haar and YuNet are the two; neither is safe for
// concurrent use.
type Detector interface {
	// Detect finds the faces of at least minSide pixels. A frame that cannot be
	// looked at is an ErrInvalid.
	Detect(f *Frame, minSide int) ([]Face, error)
	NeedsColour() bool
}

// Vector describes a face by numbers that are close for faces of one person.
type Vector []float32

// Describer turns a face into a vector. LBP and Net are the two; neither is
// safe for concurrent use.
type Describer interface {
	// Model names what made a vector. Vectors of different models must never be
	// compared.
	Model() string
	Describe(f *Frame, face Face) (Vector, error)
	// Distance is 0 for the same vector and grows with the difference. Vectors of
	// different lengths are infinitely far apart.
	Distance(a, b Vector) float64
	NeedsColour() bool
}

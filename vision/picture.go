package vision

import (
	"bytes"
	"fmt"
	"image/jpeg"

	"aisle/offers"
)

// Limits of pictures that come from outside.
const (
	maxPictureSide   = 8192
	maxPicturePixels = 50_000_000 // the largest phones'
	minPictureSide   = 32
	workSide         = 1280 // larger pictures are read at a half, a quarter or an eighth
)

// Picture is a JPEG that may be decoded.
type Picture struct {
	JPEG          []byte
	Width, Height int
	Shrink        int // 1, 2, 4 or 8: so much smaller it is decoded
}

// CheckJPEG tells whether bytes from outside are a picture that may be handed
// to OpenCV, whose decoders are C++ and can end the process. The error is
// ErrInvalid, in words for whoever sent it.
func CheckJPEG(b []byte) (Picture, error) {
	if len(b) == 0 {
		return Picture{}, fmt.Errorf("picture: %w: it is empty", offers.ErrInvalid)
	}
	if !bytes.HasPrefix(b, []byte{0xff, 0xd8, 0xff}) {
		return Picture{}, fmt.Errorf("picture: %w: it is not a JPEG", offers.ErrInvalid)
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return Picture{}, fmt.Errorf("picture: %w: %w", offers.ErrInvalid, err)
	}
	switch {
	case c.Width > maxPictureSide, c.Height > maxPictureSide, c.Width*c.Height > maxPicturePixels:
		return Picture{}, fmt.Errorf("picture: %w: %d by %d pixels is too large", offers.ErrInvalid, c.Width, c.Height)
	case c.Width < minPictureSide, c.Height < minPictureSide:
		return Picture{}, fmt.Errorf("picture: %w: %d by %d pixels is too small", offers.ErrInvalid, c.Width, c.Height)
	}
	// A camera whose link broke sends half a picture; the other half would be
	// grey. Some end with a few zeros more.
	if end := bytes.TrimRight(b, "\x00\r\n"); !bytes.HasSuffix(end, []byte{0xff, 0xd9}) {
		return Picture{}, fmt.Errorf("picture: %w: its end is missing", offers.ErrInvalid)
	}
	p := Picture{JPEG: b, Width: c.Width, Height: c.Height, Shrink: 1}
	for p.Shrink < 8 && max(p.Width, p.Height)/p.Shrink > workSide {
		p.Shrink *= 2
	}
	return p, nil
}

package vision_test

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"testing"

	"aisle/offers"
	"aisle/vision"
	"aisle/vision/drawn"
)

func encoded(t testing.TB, img image.Image) []byte {
	t.Helper()
	b, err := drawn.JPEG(img)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func plain(t testing.TB, w, h int) []byte { return encoded(t, image.NewGray(image.Rect(0, 0, w, h))) }

func TestCheckJPEG(t *testing.T) {
	good := plain(t, 640, 360)
	var asPNG bytes.Buffer
	if err := png.Encode(&asPNG, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		picture []byte
		shrink  int // 0: refused
	}{
		"a camera's":    {good, 1},
		"full HD":       {plain(t, 1920, 1080), 2},
		"a phone's":     {plain(t, 4000, 3000), 4},
		"zeros after":   {append(bytes.Clone(good), 0, 0, 0), 1},
		"empty":         {nil, 0},
		"text":          {[]byte("hello"), 0},
		"png":           {asPNG.Bytes(), 0},
		"half":          {good[:len(good)/2], 0},
		"header only":   {good[:20], 0},
		"tiny":          {plain(t, 16, 16), 0},
		"long and thin": {plain(t, 9000, 40), 0},
		"start, end":    {[]byte{0xff, 0xd8, 0xff, 0xd9}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := vision.CheckJPEG(test.picture)
			if (err == nil) != (test.shrink > 0) || err != nil && !errors.Is(err, offers.ErrInvalid) {
				t.Fatalf("error %v, want shrink %d", err, test.shrink)
			}
			if err == nil && p.Shrink != test.shrink {
				t.Errorf("shrink %d, want %d", p.Shrink, test.shrink)
			}
		})
	}
}

func FuzzCheckJPEG(f *testing.F) {
	good := plain(f, 64, 64)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte{0xff, 0xd8, 0xff, 0xd9})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := vision.CheckJPEG(b)
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("error %v, want invalid", err)
			}
			return
		}
		if c, err := jpeg.DecodeConfig(bytes.NewReader(b)); err != nil || c.Width != p.Width || c.Height != p.Height {
			t.Errorf("picture of %d by %d, want %d by %d (%v)", p.Width, p.Height, c.Width, c.Height, err)
		}
		if max(p.Width, p.Height)/p.Shrink > 1280 && p.Shrink < 8 {
			t.Errorf("%d by %d is not shrunk enough by %d", p.Width, p.Height, p.Shrink)
		}
	})
}

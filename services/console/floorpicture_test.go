package console

import (
	"bytes"
	"image"
	"image/png"
	"testing"
)

func FuzzPictureOf(f *testing.F) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00\x7f\x02\x00\xdf\x01\x00"))
	f.Add([]byte("RIFF\x16\x00\x00\x00WEBPVP8L\x0a\x00\x00\x00\x2f\x7f\x02\x00\xdf\x01\x00\x00\x00\x00\x00"))
	f.Add([]byte("RIFF\x16\x00\x00\x00WEBPVP8 \x0a\x00\x00\x00\x10\x00\x00\x9d\x01\x2a\x7f\x02\xdf\x01"))
	f.Add([]byte("\xff\xd8\xff\xe0"))
	f.Add([]byte("<svg/>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		kind, width, height := pictureOf(data)
		switch kind {
		case "":
		case "image/png", "image/jpeg", "image/webp":
			if width <= 0 || height <= 0 {
				t.Errorf("%s of %d × %d", kind, width, height)
			}
		default:
			t.Errorf("kind %q", kind)
		}
	})
}

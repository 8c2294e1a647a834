package drawn

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"io"
)

// JPEG encodes a picture as a camera would send it.
func JPEG(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, opaque(img), &jpeg.Options{Quality: 82})
	return b.Bytes(), err
}

// opaque is a picture of a kind that the encoder is fast with.
func opaque(img image.Image) image.Image {
	switch img.(type) {
	case *image.RGBA, *image.YCbCr, *image.Gray:
		return img
	}
	rgba := image.NewRGBA(img.Bounds())
	draw.Draw(rgba, rgba.Bounds(), img, img.Bounds().Min, draw.Src)
	return rgba
}

const boundary = "picture"

// ContentType is what an HTTP answer that MJPEG writes has to say of itself.
const ContentType = "multipart/x-mixed-replace; boundary=" + boundary

// MJPEG writes pictures one after another as cameras do on HTTP. Flush the
// answer after each picture.
type MJPEG struct{ w io.Writer }

// NewMJPEG begins a feed on w.
func NewMJPEG(w io.Writer) *MJPEG { return &MJPEG{w} }

// Write sends one encoded picture.
func (m *MJPEG) Write(jpeg []byte) error {
	if _, err := fmt.Fprintf(m.w, "--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n", boundary, len(jpeg)); err != nil {
		return err
	}
	if _, err := m.w.Write(jpeg); err != nil {
		return err
	}
	_, err := io.WriteString(m.w, "\r\n")
	return err
}

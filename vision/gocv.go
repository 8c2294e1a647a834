//go:build gocv

package vision

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"time"

	"gocv.io/x/gocv"

	"aisle/offers"
)

// An exception in OpenCV ends the process, recover does not help. So nothing
// goes in here that was not looked at in Go before: pictures by CheckJPEG,
// models by their sha256, frames by their size; and no Mat is used that Empty
// says is empty.

// Decode reads a picture that CheckJPEG let through. Phones' pictures come out
// upright, whichever way the phone was held.
func Decode(p Picture, colour bool, at time.Time) (*Frame, error) {
	flags := map[bool]map[int]gocv.IMReadFlag{
		false: {1: gocv.IMReadGrayScale, 2: gocv.IMReadReducedGrayscale2, 4: gocv.IMReadReducedGrayscale4, 8: gocv.IMReadReducedGrayscale8},
		true:  {1: gocv.IMReadColor, 2: gocv.IMReadReducedColor2, 4: gocv.IMReadReducedColor4, 8: gocv.IMReadReducedColor8},
	}
	flag, ok := flags[colour][p.Shrink]
	if !ok || len(p.JPEG) == 0 {
		return nil, fmt.Errorf("picture: %w: not checked", offers.ErrInvalid)
	}
	m, err := gocv.IMDecode(p.JPEG, flag)
	if err != nil {
		return nil, fmt.Errorf("picture: %w: %w", offers.ErrInvalid, err)
	}
	defer m.Close()
	if m.Empty() {
		return nil, fmt.Errorf("picture: %w: it cannot be decoded", offers.ErrInvalid)
	}
	return frameOf(m, colour, at)
}

// frameOf copies a grey or BGR Mat.
func frameOf(m gocv.Mat, colour bool, at time.Time) (*Frame, error) {
	f := &Frame{Width: m.Cols(), Height: m.Rows(), At: at}
	switch m.Type() {
	case gocv.MatTypeCV8UC1:
		f.Gray = m.ToBytes()
		return f, nil
	case gocv.MatTypeCV8UC3:
		gray := gocv.NewMat()
		defer gray.Close()
		gocv.CvtColor(m, &gray, gocv.ColorBGRToGray)
		f.Gray = gray.ToBytes()
		if colour {
			f.BGR = m.ToBytes()
		}
		return f, nil
	}
	return nil, fmt.Errorf("picture: %w: pixels of type %v", offers.ErrInvalid, m.Type())
}

func grayMat(f *Frame) (gocv.Mat, error) {
	if f.Width < 1 || f.Height < 1 || len(f.Gray) != f.Width*f.Height {
		return gocv.Mat{}, fmt.Errorf("frame of %d by %d pixels: %w: %d grey bytes", f.Width, f.Height, offers.ErrInvalid, len(f.Gray))
	}
	return gocv.NewMatFromBytes(f.Height, f.Width, gocv.MatTypeCV8UC1, f.Gray)
}

func colourMat(f *Frame) (gocv.Mat, error) {
	if f.Width < 1 || f.Height < 1 || len(f.BGR) != f.Width*f.Height*3 {
		return gocv.Mat{}, fmt.Errorf("frame of %d by %d pixels: %w: %d bytes of colour", f.Width, f.Height, offers.ErrInvalid, len(f.BGR))
	}
	return gocv.NewMatFromBytes(f.Height, f.Width, gocv.MatTypeCV8UC3, f.BGR)
}

// Haar finds frontal faces by a cascade of boxes (Viola and Jones 2001), with
// the file that Debian's opencv-data brings. It gives no points.
type Haar struct{ cascade gocv.CascadeClassifier }

// NewHaar loads a cascade. The caller has checked that the file is one: OpenCV
// ends the process on a file that is broken.
func NewHaar(path string) (*Haar, error) {
	c := gocv.NewCascadeClassifier()
	if !c.Load(path) {
		c.Close()
		return nil, fmt.Errorf("cascade %q: %w: OpenCV cannot load it", path, offers.ErrInvalid)
	}
	return &Haar{c}, nil
}

// Close frees it.
func (h *Haar) Close() error { return h.cascade.Close() }

// NeedsColour is false.
func (h *Haar) NeedsColour() bool { return false }

// Detect takes 28 ms for 640 by 360 pixels and faces of 64 and more.
func (h *Haar) Detect(f *Frame, minSide int) ([]Face, error) {
	m, err := grayMat(f)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	var faces []Face
	const scale, neighbours = 1.2, 3
	for _, box := range h.cascade.DetectMultiScaleWithParams(m, scale, neighbours, 0, image.Pt(minSide, minSide), image.Pt(0, 0)) {
		faces = append(faces, Face{Box: box, Score: 1})
	}
	// Now and then a fringe is a face to it, within the face: the larger is right.
	return distinct(faces, func(a, b Face) int { return cmp.Compare(b.Side(), a.Side()) }), nil
}

// YuNet finds faces and their points by a small net (OpenCV Zoo, 2023mar).
type YuNet struct {
	net   gocv.Net
	score float64
}

// NewYuNet reads the model, whose sum the caller has checked. Faces that score
// less than score are not reported; .6 is a good one.
func NewYuNet(model []byte, score float64) (*YuNet, error) {
	net, err := readNet(model, onnxShape{outputs: yunetOutputs})
	if err != nil {
		return nil, fmt.Errorf("detector: %w", err)
	}
	return &YuNet{net, score}, nil
}

// Close frees it.
func (y *YuNet) Close() error { return y.net.Close() }

// NeedsColour is true.
func (y *YuNet) NeedsColour() bool { return true }

// The net's outputs, for each of its three grids.
var (
	yunetStrides = []int{8, 16, 32}
	yunetOutputs = []string{
		"cls_8", "obj_8", "bbox_8", "kps_8",
		"cls_16", "obj_16", "bbox_16", "kps_16",
		"cls_32", "obj_32", "bbox_32", "kps_32",
	}
)

// Detect takes 27 ms for 640 by 360 pixels.
func (y *YuNet) Detect(f *Frame, minSide int) ([]Face, error) {
	m, err := colourMat(f)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	// The grids need sides that are multiples of 32.
	width, height := (f.Width+31)&^31, (f.Height+31)&^31
	padded := gocv.NewMat()
	defer padded.Close()
	gocv.CopyMakeBorder(m, &padded, 0, height-f.Height, 0, width-f.Width, gocv.BorderConstant, color.RGBA{})
	blob := gocv.BlobFromImage(padded, 1, image.Pt(width, height), gocv.NewScalar(0, 0, 0, 0), false, false)
	defer blob.Close()
	y.net.SetInput(blob, "")
	outputs := y.net.ForwardLayers(yunetOutputs)
	defer func() {
		for _, o := range outputs {
			o.Close()
		}
	}()
	var faces []Face
	for k, stride := range yunetStrides {
		var out [4][]float32 // class, object, box, points
		cells := (width / stride) * (height / stride)
		for i, each := range []int{1, 1, 4, 10} {
			if out[i], err = floats(outputs[4*k+i], cells*each); err != nil {
				return nil, fmt.Errorf("detector: %w", err)
			}
		}
		faces = append(faces, y.decode(out, stride, width/stride, minSide)...)
	}
	return distinct(faces, func(a, b Face) int { return cmp.Compare(b.Score, a.Score) }), nil
}

// decode reads one grid: each cell has a score, and a box and points about it.
func (y *YuNet) decode(out [4][]float32, stride, columns, minSide int) []Face {
	var faces []Face
	class, object, box, points := out[0], out[1], out[2], out[3]
	for i := range class {
		score := math.Sqrt(clamp(float64(class[i]), 0, 1) * clamp(float64(object[i]), 0, 1))
		if score < y.score {
			continue
		}
		column, row, s := float64(i%columns), float64(i/columns), float64(stride)
		x, yy := (column+float64(box[4*i]))*s, (row+float64(box[4*i+1]))*s
		w, h := math.Exp(float64(box[4*i+2]))*s, math.Exp(float64(box[4*i+3]))*s
		face := Face{Score: score, HasPoints: true}
		face.Box = image.Rect(int(x-w/2), int(yy-h/2), int(x+w/2), int(yy+h/2))
		for k := range face.Points {
			face.Points[k] = Point{(float64(points[10*i+2*k]) + column) * s, (float64(points[10*i+2*k+1]) + row) * s}
		}
		if face.Side() >= minSide {
			faces = append(faces, face)
		}
	}
	return faces
}

// distinct keeps the first, in an order, of faces that overlap.
func distinct(faces []Face, order func(a, b Face) int) []Face {
	slices.SortStableFunc(faces, order)
	var kept []Face
	for _, f := range faces {
		if !slices.ContainsFunc(kept, func(k Face) bool { return overlap(k.Box, f.Box) > .3 }) {
			kept = append(kept, f)
		}
	}
	return kept
}

// Net describes faces by a neural net for upright crops of 112 pixels:
// MobileFaceNet or SFace.
type Net struct {
	net  gocv.Net
	name string
	taught
}

// taught is the light that a net was trained in: pixels are red, green, blue,
// times scale, less the mean (in pixels), by the deviation.
type taught struct {
	scale     float64
	mean      gocv.Scalar
	deviation [3]float32
}

// NewNet reads MobileFaceNet (foamliu's), whose sum the caller has checked; name
// is what its vectors are called by. It was trained with ImageNet's mean and
// deviation.
func NewNet(name string, model []byte) (*Net, error) {
	return newNet(name, model, taught{1. / 255, gocv.NewScalar(.485*255, .456*255, .406*255, 0), [3]float32{.229, .224, .225}})
}

// NewSFace reads SFace (OpenCV Zoo, 2021dec), which takes pixels as they are.
func NewSFace(name string, model []byte) (*Net, error) {
	return newNet(name, model, taught{1, gocv.NewScalar(0, 0, 0, 0), [3]float32{1, 1, 1}})
}

func newNet(name string, model []byte, t taught) (*Net, error) {
	model, err := clipAttributes(model)
	if err != nil {
		return nil, fmt.Errorf("describer: %w", err)
	}
	net, err := readNet(model, onnxShape{side: cropSide})
	if err != nil {
		return nil, fmt.Errorf("describer: %w", err)
	}
	return &Net{net, name, t}, nil
}

// Close frees it.
func (n *Net) Close() error { return n.net.Close() }

// Model is the name that it was given.
func (n *Net) Model() string { return n.name }

// NeedsColour is true.
func (n *Net) NeedsColour() bool { return true }

// Describe takes 22 ms. The vector has length 1.
func (n *Net) Describe(f *Frame, face Face) (Vector, error) {
	pix, err := crop(f.BGR, f, 3, face, cropSide, 0)
	if err != nil {
		return nil, err
	}
	m, err := gocv.NewMatFromBytes(cropSide, cropSide, gocv.MatTypeCV8UC3, pix)
	if err != nil {
		return nil, fmt.Errorf("describer: %w: %w", offers.ErrInvalid, err)
	}
	defer m.Close()
	blob := gocv.BlobFromImage(m, n.scale, image.Pt(cropSide, cropSide), n.mean, true, false)
	defer blob.Close()
	planes, err := floats(blob, 3*cropSide*cropSide)
	if err != nil {
		return nil, fmt.Errorf("describer: %w", err)
	}
	for i := range planes {
		planes[i] /= n.deviation[i/(cropSide*cropSide)]
	}
	n.net.SetInput(blob, "")
	out := n.net.Forward("")
	defer out.Close()
	if n := out.Total(); out.Empty() || n < 16 || n > 4096 {
		return nil, fmt.Errorf("describer: %w: the net says %d numbers of a face: it is for another use", offers.ErrInvalid, n)
	}
	values, err := floats(out, out.Total())
	if err != nil {
		return nil, fmt.Errorf("describer: %w", err)
	}
	v := slices.Clone(Vector(values))
	var length float64
	for _, x := range v {
		length += float64(x) * float64(x)
	}
	if length = math.Sqrt(length); length == 0 || math.IsNaN(length) {
		return nil, fmt.Errorf("describer: %w: the net says nothing", offers.ErrInvalid)
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / length)
	}
	return v, nil
}

// Distance is the cosine distance: 0 to 2.
func (n *Net) Distance(a, b Vector) float64 {
	if len(a) != len(b) || len(a) == 0 {
		return math.Inf(1)
	}
	var dot float32
	for i, x := range a {
		dot += x * b[i]
	}
	return 1 - float64(dot)
}

// readNet looks in Go at what the model is for before OpenCV reads it.
func readNet(model []byte, want onnxShape) (gocv.Net, error) {
	if err := want.check(model); err != nil {
		return gocv.Net{}, err
	}
	net, err := gocv.ReadNetFromONNXBytes(model)
	if err != nil {
		return net, fmt.Errorf("model: %w: %w", offers.ErrInvalid, err)
	}
	if net.Empty() {
		return net, fmt.Errorf("model: %w: OpenCV cannot read it", offers.ErrInvalid)
	}
	return net, nil
}

// floats is a Mat's memory; it must hold so many.
func floats(m gocv.Mat, want int) ([]float32, error) {
	if m.Empty() || m.Type() != gocv.MatTypeCV32F || m.Total() < want {
		return nil, fmt.Errorf("model: %w: not the one that was expected", offers.ErrInvalid)
	}
	values, err := m.DataPtrFloat32()
	if err != nil || len(values) < want {
		return nil, fmt.Errorf("model: %w: not the one that was expected", offers.ErrInvalid)
	}
	return values[:want], nil
}

// Video reads a file or a network stream by FFmpeg. It is not safe for
// concurrent use.
type Video struct {
	capture *gocv.VideoCapture
	frame   gocv.Mat
	read    int
}

// OpenVideo opens a file, or an rtsp or http address. The error is
// ErrUnavailable; it does not name the address, which may hold a password.
func OpenVideo(url string) (*Video, error) {
	c, err := gocv.VideoCaptureFileWithAPI(url, gocv.VideoCaptureFFmpeg)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("video: %w: FFmpeg cannot open it", offers.ErrUnavailable)
	}
	return &Video{capture: c, frame: gocv.NewMat()}, nil
}

// OpenDevice opens a camera at this machine, /dev/video0 and so on. The error is
// ErrUnavailable.
func OpenDevice(number int) (*Video, error) {
	c, err := gocv.VideoCaptureDeviceWithAPI(number, gocv.VideoCaptureV4L2)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("video: %w: /dev/video%d cannot be opened: is it there, and may this user read it?", offers.ErrUnavailable, number)
	}
	return &Video{capture: c, frame: gocv.NewMat()}, nil
}

// Next waits for the next frame, up to 10 s on a network. False is the end, or
// a stream that stalled.
func (v *Video) Next() bool {
	v.read++
	return v.capture.IsOpened() && v.capture.Read(&v.frame) && !v.frame.Empty() &&
		max(v.frame.Cols(), v.frame.Rows()) <= maxPictureSide
}

// At is when the frame is shown, from the video's start. Videos without times,
// such as mere JPEGs one after another, are shown at their rate, or at 25 a
// second.
func (v *Video) At() time.Duration {
	const dayMs = 24 * 60 * 60 * 1000
	if ms := v.capture.Get(gocv.VideoCapturePosMsec); ms > 0 && ms < 365*dayMs {
		return time.Duration(ms * float64(time.Millisecond))
	}
	rate := v.capture.Get(gocv.VideoCaptureFPS)
	if !(rate >= 1 && rate <= 240) {
		rate = 25
	}
	return time.Duration(float64(v.read-1) / rate * float64(time.Second))
}

// Frame is the latest frame of Next.
func (v *Video) Frame(colour bool, at time.Time) (*Frame, error) {
	if v.frame.Empty() {
		return nil, fmt.Errorf("video: %w: no frame", offers.ErrUnavailable)
	}
	return frameOf(v.frame, colour, at)
}

// Close frees it.
func (v *Video) Close() error {
	v.frame.Close()
	return v.capture.Close()
}

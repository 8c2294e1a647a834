//go:build gocv

package vision_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/vision"
	"aisle/vision/drawn"
	"aisle/vision/evalfaces"
)

const cascade = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml"

func haar(t testing.TB) *vision.Haar {
	t.Helper()
	h, err := vision.NewHaar(cascade)
	if err != nil {
		t.Fatalf("%v: is opencv-data installed?", err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// model reads one of the better models, which are not part of the product.
func model(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "shared", "models", name))
	if err != nil {
		t.Skipf("SKIPPED, not passed: the model %s is not here", name)
	}
	return b
}

func decoded(t testing.TB, jpeg []byte, colour bool) *vision.Frame {
	t.Helper()
	p, err := vision.CheckJPEG(jpeg)
	if err != nil {
		t.Fatal(err)
	}
	f, err := vision.Decode(p, colour, noon)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// described enrols drawn people with a detector and a describer.
func described(t testing.TB, d vision.Detector, b vision.Describer, ids ...int) map[offers.ShopperID][]vision.Vector {
	t.Helper()
	people := map[offers.ShopperID][]vision.Vector{}
	for _, id := range ids {
		for i, img := range drawn.Portraits(id, 3) {
			f := decoded(t, encoded(t, img), d.NeedsColour() || b.NeedsColour())
			faces, err := d.Detect(f, 64)
			if err != nil || len(faces) != 1 {
				t.Fatalf("person %d, portrait %d: %d faces, %v; want one", id, i, len(faces), err)
			}
			v, err := b.Describe(f, faces[0])
			if err != nil {
				t.Fatal(err)
			}
			people[name(id)] = append(people[name(id)], v)
		}
	}
	return people
}

// clip is half a minute at the door: seven people, one of them a stranger, some
// at the same time. Nobody hides another for a second: they would be two visits.
var clip = []drawn.Walk{
	{Person: drawn.NewPerson(0), Start: 500 * time.Millisecond, Duration: 6 * time.Second, X0: .6, X1: .45},
	{Person: drawn.NewPerson(3), Start: 5 * time.Second, Duration: 6 * time.Second, X0: .4, X1: .6},
	{Person: drawn.NewPerson(5), Start: 9 * time.Second, Duration: 7 * time.Second, X0: .78, X1: .62},
	{Person: drawn.NewPerson(9), Start: 12 * time.Second, Duration: 7 * time.Second, X0: .3, X1: .36}, // never enrolled
	{Person: drawn.NewPerson(6), Start: 18 * time.Second, Duration: 6 * time.Second, X0: .5, X1: .3},
	{Person: drawn.NewPerson(7), Start: 20 * time.Second, Duration: 7 * time.Second, X0: .72, X1: .78},
	{Person: drawn.NewPerson(8), Start: 25 * time.Second, Duration: 5 * time.Second, X0: .45, X1: .4},
}

const clipLength = 31 * time.Second

// harder are clips in which a tracker or a name could go wrong.
var harder = map[string]struct {
	walks  []drawn.Walk
	length time.Duration
	want   []offers.ShopperID
}{
	"seven visits": {clip, clipLength, []offers.ShopperID{"", "s0", "s3", "s5", "s6", "s7", "s8"}},
	"two beside each other": {[]drawn.Walk{
		{Person: drawn.NewPerson(3), Duration: 6 * time.Second, X0: .35, X1: .25},
		{Person: drawn.NewPerson(9), Duration: 6 * time.Second, X0: .6, X1: .7},
	}, 7 * time.Second, []offers.ShopperID{"", "s3"}},
	"two whose ways cross": {[]drawn.Walk{
		{Person: drawn.NewPerson(0), Duration: 7 * time.Second, X0: .3, X1: .75},
		{Person: drawn.NewPerson(7), Start: 2500 * time.Millisecond, Duration: 7 * time.Second, X0: .7, X1: .25},
	}, 11 * time.Second, []offers.ShopperID{"s0", "s7"}},
	"one after another, on the same spot": {[]drawn.Walk{
		{Person: drawn.NewPerson(3), Duration: 5 * time.Second, X0: .5, X1: .5},
		{Person: drawn.NewPerson(0), Start: 7 * time.Second, Duration: 5 * time.Second, X0: .5, X1: .5},
	}, 13 * time.Second, []offers.ShopperID{"s0", "s3"}},
}

func TestAVisitIsASighting(t *testing.T) {
	methods := map[string]func(t *testing.T) (vision.Detector, vision.Describer, vision.Limits){
		"default": func(t *testing.T) (vision.Detector, vision.Describer, vision.Limits) {
			return haar(t), vision.LBP{}, drawnLimits
		},
		"better models": func(t *testing.T) (vision.Detector, vision.Describer, vision.Limits) {
			yunet, err := vision.NewYuNet(model(t, "face_detection_yunet_2023mar.onnx"), .6)
			if err != nil {
				t.Fatal(err)
			}
			net, err := vision.NewNet("mobilefacenet-1", model(t, "mobilefacenet_foamliu.onnx"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { yunet.Close(); net.Close() })
			return yunet, net, vision.Limits{Threshold: drawn.NetThreshold, Margin: vision.NetLimits.Margin, MinFaces: 3}
		},
	}
	for method, parts := range methods {
		t.Run(method, func(t *testing.T) {
			d, b, limits := parts(t)
			g := vision.NewGallery(b, limits, described(t, d, b, 0, 3, 5, 6, 7, 8))
			for name, test := range harder {
				t.Run(name, func(t *testing.T) {
					said := sightings(t, d, b, g, test.walks, test.length)
					if diff := cmp.Diff(test.want, names(said)); diff != "" {
						t.Errorf("who was seen (-want +got):\n%s", diff)
					}
				})
			}
		})
	}
}

// sightings is what a watcher says of a clip. Nobody ever has another's name.
func sightings(t *testing.T, d vision.Detector, b vision.Describer, g *vision.Gallery, walks []drawn.Walk, length time.Duration) []offers.Sighting {
	w := vision.NewWatcher(vision.Place{Camera: "door"}, "r1", d, b, vision.DefaultGate, 56)
	var said []offers.Sighting
	for at := time.Duration(0); at < length; at += time.Second / 5 {
		f := decoded(t, encoded(t, door.Frame(at, walks)), d.NeedsColour() || b.NeedsColour())
		f.At = noon.Add(at)
		s, err := w.See(f, g)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, s...)
	}
	said = append(said, w.Idle(noon.Add(length+2*time.Second), g)...)
	for _, s := range said {
		for _, k := range walks {
			from, to := noon.Add(k.Start), noon.Add(k.Start+k.Duration+200*time.Millisecond)
			if s.Shopper == name(k.Person.ID()) && (s.First.Before(from) || s.Last.After(to)) {
				t.Errorf("%s was seen from %v to %v, but walked from %v to %v", s.Shopper, s.First.Sub(noon), s.Last.Sub(noon), k.Start, k.Start+k.Duration)
			}
		}
	}
	t.Logf("threshold %.3f; %+v", g.Threshold(), w.Counts())
	return said
}

func TestOnePortraitIsOneFace(t *testing.T) {
	h := haar(t)
	for _, id := range []int{0, 3, 8, 13, 17} { // to Haar, 17 has a second face in the fringe
		for i, img := range drawn.Portraits(id, 3) {
			faces, err := h.Detect(decoded(t, encoded(t, img), false), 40)
			if err != nil || len(faces) != 1 {
				t.Errorf("person %d, portrait %d: %v, %v; want one face", id, i, faces, err)
			}
		}
	}
}

func TestHaarFindsDrawnPeopleAndNothingElse(t *testing.T) {
	h := haar(t)
	found, missed, wrong := 0, 0, 0
	for at := time.Duration(0); at < clipLength; at += time.Second / 5 {
		f := decoded(t, encoded(t, door.Frame(at, clip)), false)
		faces, err := h.Detect(f, 56)
		if err != nil {
			t.Fatal(err)
		}
		for _, head := range door.Heads(at, clip) {
			if head.Box.Dx() < 75 || !head.Box.In(image.Rect(0, 0, f.Width, f.Height)) {
				continue
			}
			near := func(f vision.Face) bool { return f.Box.Intersect(head.Box).Dx() > head.Box.Dx()*3/5 }
			if slices.ContainsFunc(faces, near) {
				found++
			} else {
				missed++
			}
		}
		for _, face := range faces {
			if !slices.ContainsFunc(door.Heads(at, clip), func(h drawn.Head) bool { return face.Box.Overlaps(h.Box) }) {
				wrong++
			}
		}
	}
	t.Logf("found %d of %d, %d faces where nobody is", found, found+missed, wrong)
	if float64(missed) > .08*float64(found+missed) { // one walks before another
		t.Errorf("missed %d of %d heads", missed, found+missed)
	}
	if wrong > 3 {
		t.Errorf("%d faces where nobody is", wrong)
	}
}

func TestBrokenPicturesDoNotEndTheProcess(t *testing.T) {
	h := haar(t)
	good := encoded(t, door.Frame(4*time.Second, clip))
	r := rand.New(rand.NewPCG(1, 2))
	refused, looked := 0, 0
	for i := range 400 {
		b := bytes.Clone(good)
		for range 1 + r.IntN(20) {
			// The first bytes hold the tables, where damage goes deepest.
			n := len(b)
			if i%2 == 0 {
				n = 700
			}
			b[r.IntN(n)] = byte(r.Uint32())
		}
		p, err := vision.CheckJPEG(b)
		if err != nil {
			refused++
			continue
		}
		f, err := vision.Decode(p, i%3 == 0, noon)
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("error %v, want invalid", err)
			}
			refused++
			continue
		}
		if _, err := h.Detect(f, 56); err != nil {
			t.Error(err)
		}
		looked++
	}
	t.Logf("%d refused, %d looked at", refused, looked)
}

func TestWhatIsNoFrameIsNotDetected(t *testing.T) {
	h := haar(t)
	for name, f := range map[string]*vision.Frame{
		"empty":      {},
		"no pixels":  {Width: 10, Height: 10},
		"negative":   {Width: -10, Height: -10, Gray: make([]byte, 100)},
		"wrong size": {Width: 100, Height: 100, Gray: make([]byte, 99)},
	} {
		if _, err := h.Detect(f, 56); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	one := &vision.Frame{Width: 1, Height: 1, Gray: make([]byte, 1)}
	if faces, err := h.Detect(one, 56); err != nil || len(faces) != 0 {
		t.Errorf("one pixel: %v, %v", faces, err)
	}
}

func TestLargePicturesAreShrunk(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 2000, 1500))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	img.SetRGBA(1, 1, color.RGBA{A: 255})
	for _, colour := range []bool{false, true} {
		f := decoded(t, encoded(t, img), colour)
		if f.Width != 1000 || f.Height != 750 || len(f.Gray) != 1000*750 || (len(f.BGR) == 3*1000*750) != colour {
			t.Errorf("frame of %d by %d with %d and %d bytes", f.Width, f.Height, len(f.Gray), len(f.BGR))
		}
	}
}

func TestModelsThatAreNoneAreRefused(t *testing.T) {
	if _, err := vision.NewNet("none", []byte("not a model")); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("net: %v, want invalid", err)
	}
	if _, err := vision.NewYuNet(nil, .6); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("yunet: %v, want invalid", err)
	}
	if _, err := vision.NewHaar(filepath.Join(t.TempDir(), "none.xml")); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("haar: %v, want invalid", err)
	}
}

func TestVideoFilesAreRead(t *testing.T) {
	var feed bytes.Buffer
	for at := time.Duration(0); at < 2*time.Second; at += time.Second / 5 {
		feed.Write(encoded(t, door.Frame(at, clip)))
	}
	file := filepath.Join(t.TempDir(), "door.mjpeg")
	if err := os.WriteFile(file, feed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := vision.OpenVideo(file)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	n, last := 0, time.Duration(-1)
	for v.Next() {
		f, err := v.Frame(false, noon.Add(v.At()))
		if err != nil {
			t.Fatal(err)
		}
		if f.Width != 640 || f.Height != 360 {
			t.Fatalf("frame of %d by %d", f.Width, f.Height)
		}
		if v.At() <= last && n > 0 {
			t.Errorf("frame %d is shown at %v, not after %v", n, v.At(), last)
		}
		last = v.At()
		n++
	}
	if n < 9 {
		t.Errorf("%d frames, want 10", n)
	}
	if _, err := vision.OpenVideo(filepath.Join(t.TempDir(), "none.mp4")); !errors.Is(err, offers.ErrUnavailable) {
		t.Errorf("no file: %v, want unavailable", err)
	}
}

// TestDefaultIsAsGoodAsItWasPlanned compares with the table that the house was
// planned by. Other people than those of that table are easier or harder by some
// points.
func TestDefaultIsAsGoodAsItWasPlanned(t *testing.T) {
	faces := filepath.Join("..", "..", "shared", "data", "camera", "faces-att")
	if _, err := os.Stat(faces); err != nil {
		t.Skip("SKIPPED, not passed: AT&T's faces are not here")
	}
	r, err := evalfaces.Evaluate(os.DirFS(faces), []evalfaces.Pipeline{{Name: "default", Detector: haar(t), Describer: vision.LBP{}, Limits: vision.LBPLimits}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + r.String())
	planned := map[int][2]float64{1: {.667, .522}, 3: {.896, .818}, 5: {.957, .888}}
	const others = .05
	for _, row := range r.Rows {
		want := planned[row.Photos]
		if row.Rank1.Mean < want[0]-others || row.Accepted.Mean < want[1]-others {
			t.Errorf("%d photos: rank-1 %.3f, true accepts %.3f; planned %.3f and %.3f", row.Photos, row.Rank1.Mean, row.Accepted.Mean, want[0], want[1])
		}
		if row.StrangersNamed.Mean > .02 || row.Misnamed.Mean > .01 {
			t.Errorf("%d photos: %.3f of strangers' visits were named, %.3f of others' named wrongly", row.Photos, row.StrangersNamed.Mean, row.Misnamed.Mean)
		}
	}
}

// flat is a JPEG of one grey, by hand: width and height as told, four components
// (cyan, magenta, yellow, black) or one. Its data are enough for 16 by 16.
func flat(t testing.TB, width, height, components int) []byte {
	t.Helper()
	gray := encoded(t, image.NewGray(image.Rect(0, 0, 16, 16)))
	sof, sos := bytes.Index(gray, []byte{0xff, 0xc0}), bytes.Index(gray, []byte{0xff, 0xda})
	huffman := bytes.Index(gray, []byte{0xff, 0xc4})
	if sof < 0 || sos < 0 || huffman < sof {
		t.Fatal("the encoder writes its segments otherwise")
	}
	b := bytes.Clone(gray[:sof])
	b = append(b, 0xff, 0xc0, 0, byte(8+3*components), 8, byte(height>>8), byte(height), byte(width>>8), byte(width), byte(components))
	for c := range components {
		b = append(b, byte(c+1), 0x11, 0)
	}
	b = append(b, gray[huffman:sos]...)
	b = append(b, 0xff, 0xda, 0, byte(6+2*components), byte(components))
	for c := range components {
		b = append(b, byte(c+1), 0)
	}
	b = append(b, 0, 63, 0)
	// A block is 00 (as bright as the last) and 1010 (no more): four in 3 bytes.
	for range 3 * components {
		b = append(b, 0x28, 0xa2, 0x8a)
	}
	return append(b, 0xff, 0xd9)
}

func TestPicturesOfFourInks(t *testing.T) {
	for _, components := range []int{1, 4} {
		p, err := vision.CheckJPEG(flat(t, 40, 40, components))
		if err != nil {
			t.Fatal(err)
		}
		f, err := vision.Decode(p, true, noon)
		if err != nil || f.Width != 40 || len(f.BGR) != 40*40*3 {
			t.Errorf("%d components: %v", components, err)
		}
	}
}

// FuzzPictures hands on what the check lets through, as the camera's process
// does. An exception of OpenCV ends this process: that is how it fails.
func FuzzPictures(f *testing.F) {
	good := encoded(f, door.Frame(4*time.Second, clip))
	for _, seed := range [][]byte{
		nil, good, good[:len(good)/2], append(bytes.Clone(good[:len(good)/2]), 0xff, 0xd9),
		flat(f, 40, 40, 4), flat(f, 0, 0, 1), flat(f, 65535, 65535, 1), flat(f, 8192, 6000, 1), flat(f, 32, 8192, 4),
		[]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"), []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"),
		[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x20\x00\x00\x00\x20\x10\x06"), // of 16 bits
		append(bytes.Clone(good), good...), append([]byte{0xff, 0xd8, 0xff, 0xd9}, good...),
	} {
		f.Add(seed)
	}
	h := haar(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := vision.CheckJPEG(b)
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("error %v, want invalid", err)
			}
			return
		}
		for _, colour := range []bool{false, true} {
			frame, err := vision.Decode(p, colour, noon)
			if err != nil {
				if !errors.Is(err, offers.ErrInvalid) {
					t.Errorf("error %v, want invalid", err)
				}
				return
			}
			faces, err := h.Detect(frame, 56)
			if err != nil {
				t.Error(err)
			}
			for _, face := range faces {
				if _, err := (vision.LBP{}).Describe(frame, face); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

func TestBrokenVideosDoNotEndTheProcess(t *testing.T) {
	original, err := os.ReadFile(filepath.Join("..", "..", "shared", "data", "camera", "people-detection.mp4"))
	if err != nil {
		t.Skip("SKIPPED, not passed: the clips are not here")
	}
	r := rand.New(rand.NewPCG(3, 4))
	file := filepath.Join(t.TempDir(), "broken.mp4")
	opened, frames := 0, 0
	for i := range 40 {
		b := bytes.Clone(original)
		for range 1 + r.IntN(200) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		if i%4 == 0 {
			b = b[:r.IntN(len(b))]
		}
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		v, err := vision.OpenVideo(file)
		if err != nil {
			if !errors.Is(err, offers.ErrUnavailable) {
				t.Errorf("error %v, want unavailable", err)
			}
			continue
		}
		opened++
		for v.Next() && v.At() < time.Second {
			if f, err := v.Frame(true, noon); err == nil && f.Width > 0 {
				frames++
			}
		}
		v.Close()
	}
	t.Logf("%d of 40 opened, %d frames", opened, frames)
}

func BenchmarkFrame(b *testing.B) {
	jpeg := encoded(b, door.Frame(4*time.Second, clip))
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			decoded(b, jpeg, false)
		}
	})
	b.Run("haar", func(b *testing.B) {
		h, f := haar(b), decoded(b, jpeg, false)
		for b.Loop() {
			if _, err := h.Detect(f, 64); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("yunet", func(b *testing.B) {
		y, err := vision.NewYuNet(model(b, "face_detection_yunet_2023mar.onnx"), .6)
		if err != nil {
			b.Fatal(err)
		}
		f := decoded(b, jpeg, true)
		for b.Loop() {
			if _, err := y.Detect(f, 64); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("net", func(b *testing.B) {
		n, err := vision.NewNet("mobilefacenet-1", model(b, "mobilefacenet_foamliu.onnx"))
		if err != nil {
			b.Fatal(err)
		}
		f := decoded(b, jpeg, true)
		face := vision.Face{Box: image.Rect(200, 100, 300, 200)}
		for b.Loop() {
			if _, err := n.Describe(f, face); err != nil {
				b.Fatal(err)
			}
		}
	})
}

//go:build gocv

package vision_test

import (
	"bytes"
	"errors"
	"fmt"
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

func TestSevenVisitsAreSevenSightings(t *testing.T) {
	want := []offers.ShopperID{"", "s0", "s3", "s5", "s6", "s7", "s8"}
	tests := map[string]func(t *testing.T) (vision.Detector, vision.Describer, vision.Limits){
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
	for title, parts := range tests {
		t.Run(title, func(t *testing.T) {
			d, b, limits := parts(t)
			g := vision.NewGallery(b, limits, described(t, d, b, 0, 3, 5, 6, 7, 8))
			w := vision.NewWatcher(vision.Place{Camera: "door"}, "r1", d, b, vision.DefaultGate, 56)
			var said []offers.Sighting
			for at := time.Duration(0); at < clipLength; at += time.Second / 5 {
				f := decoded(t, encoded(t, door.Frame(at, clip)), d.NeedsColour() || b.NeedsColour())
				f.At = noon.Add(at)
				s, err := w.See(f, g)
				if err != nil {
					t.Fatal(err)
				}
				said = append(said, s...)
			}
			said = append(said, w.Idle(noon.Add(clipLength+2*time.Second), g)...)
			if diff := cmp.Diff(want, names(said)); diff != "" {
				t.Errorf("who was seen (-want +got):\n%s", diff)
			}
			// The stranger never has a name, and nobody ever has another's.
			for _, s := range said {
				for _, k := range clip {
					from, to := noon.Add(k.Start), noon.Add(k.Start+k.Duration+200*time.Millisecond)
					if s.Shopper == name(k.Person.ID()) && (s.First.Before(from) || s.Last.After(to)) {
						t.Errorf("%s was seen from %v to %v, but walked from %v to %v", s.Shopper, s.First.Sub(noon), s.Last.Sub(noon), k.Start, k.Start+k.Duration)
					}
				}
			}
			t.Logf("threshold %.3f; %+v", g.Threshold(), w.Counts())
		})
	}
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

// TestDefaultIsAsGoodAsItWasMeasured compares with the table that the house was
// planned by, on people who were never drawn: with three photos each, nearest
// neighbour, and half the people strangers.
func TestDefaultIsAsGoodAsItWasMeasured(t *testing.T) {
	dirs, _ := filepath.Glob(filepath.Join("..", "..", "shared", "data", "camera", "faces-att", "s*"))
	if len(dirs) < 10 {
		t.Skip("SKIPPED, not passed: AT&T's faces are not here")
	}
	h := haar(t)
	var people [][]vision.Vector
	missed := 0
	for _, dir := range dirs {
		var vectors []vision.Vector
		files, _ := filepath.Glob(filepath.Join(dir, "*.pgm"))
		for _, file := range files {
			f := readPGM(t, file, 3)
			faces, err := h.Detect(f, 100)
			if err != nil {
				t.Fatal(err)
			}
			if len(faces) == 0 {
				missed++
				continue
			}
			v, err := vision.LBP{}.Describe(f, slices.MaxFunc(faces, func(a, b vision.Face) int { return a.Side() - b.Side() }))
			if err != nil {
				t.Fatal(err)
			}
			vectors = append(vectors, v)
		}
		people = append(people, vectors)
	}
	const photos, splits = 3, 20
	r := rand.New(rand.NewPCG(1, 1))
	var right, all int
	var own, strangers []float64
	for range splits {
		templates, probes := map[int][]vision.Vector{}, map[int][]vision.Vector{}
		for i, vectors := range people {
			for k, at := range r.Perm(len(vectors)) {
				if k < photos {
					templates[i] = append(templates[i], vectors[at])
				} else {
					probes[i] = append(probes[i], vectors[at])
				}
			}
		}
		known := r.Perm(len(people))[:len(people)/2]
		for i, vectors := range probes {
			for _, v := range vectors {
				who, _ := nearest(v, templates, nil)
				all++
				if who == i {
					right++
				}
				who, d := nearest(v, templates, known)
				switch {
				case !slices.Contains(known, i):
					strangers = append(strangers, d)
				case who == i:
					own = append(own, d)
				default:
					own = append(own, 9)
				}
			}
		}
	}
	slices.Sort(strangers)
	threshold := strangers[len(strangers)/100]
	accepted := 0
	for _, d := range own {
		if d < threshold {
			accepted++
		}
	}
	rank1, truly := 100*float64(right)/float64(all), 100*float64(accepted)/float64(len(own))
	t.Logf("%d people, %d photos without a face found: rank-1 %.1f %%, true accepts at 1 %% false ones %.1f %%", len(people), missed, rank1, truly)
	if rank1 < 89 || truly < 78 { // planned: 89.6 and 81.8, of twice as many people
		t.Errorf("rank-1 %.1f %%, true accepts %.1f %%; want 89 and 78", rank1, truly)
	}
}

func nearest(v vision.Vector, templates map[int][]vision.Vector, among []int) (who int, distance float64) {
	distance = 9
	for i, vectors := range templates {
		if among != nil && !slices.Contains(among, i) {
			continue
		}
		for _, w := range vectors {
			if d := (vision.LBP{}).Distance(v, w); d < distance {
				who, distance = i, d
			}
		}
	}
	return who, distance
}

// readPGM reads a grey picture, each pixel as scale by scale.
func readPGM(t *testing.T, file string, scale int) *vision.Frame {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var w, h, top int
	if _, err := fmt.Sscanf(string(b[:min(len(b), 40)]), "P5\n%d %d\n%d", &w, &h, &top); err != nil {
		t.Fatal(err)
	}
	pix := b[len(b)-w*h:]
	f := &vision.Frame{Width: w * scale, Height: h * scale, Gray: make([]byte, w*h*scale*scale)}
	for i := range f.Gray {
		f.Gray[i] = pix[i/(w*scale)/scale*w+i%(w*scale)/scale]
	}
	return f
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

package evalfaces

import (
	"errors"
	"fmt"
	"image"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"aisle/offers"
	"aisle/vision"
	"aisle/vision/drawn"
)

// box finds the face where it was drawn, unless the picture is black.
type box struct{ face image.Rectangle }

func (box) NeedsColour() bool { return false }

func (b box) Detect(f *vision.Frame, _ int) ([]vision.Face, error) {
	if f.Gray[len(f.Gray)/2] == 0 {
		return nil, nil
	}
	return []vision.Face{{Box: b.face, Score: 1}}, nil
}

const drawnSide = 92

// people are drawn, as AT&T's are kept.
func people(t *testing.T, n, pictures int) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{"README": {Data: []byte("about")}}
	for id := range n {
		for k := range pictures {
			look := drawn.Frontal()
			look.Yaw, look.Smile, look.LightX = .07*float64(k-2), .2*float64(k), .3-.15*float64(k)
			img := drawn.Portrait(drawn.NewPerson(id), look, drawnSide)
			pgm := fmt.Appendf(nil, "P5\n%d %d\n255\n", drawnSide, drawnSide)
			for i := 1; i < len(img.Pix); i += 4 { // green is nearly grey
				pgm = append(pgm, img.Pix[i])
			}
			files[fmt.Sprintf("faces/s%d/%d.pgm", id+1, k+1)] = &fstest.MapFile{Data: pgm}
		}
	}
	return files
}

func pipeline() Pipeline {
	scale := float64(portraitSide) / drawnSide
	b := drawn.PortraitBox(drawnSide)
	at := func(x int) int { return int(float64(x)*scale) + portraitEdge }
	return Pipeline{
		Name: "drawn", Detector: box{image.Rect(at(b.Min.X), at(b.Min.Y), at(b.Max.X), at(b.Max.Y))}, Describer: vision.LBP{},
		Limits: vision.Limits{Threshold: drawn.Threshold, Margin: .04, MinFaces: 3}, Floor: map[int][2]float64{3: {50, 40}},
	}
}

// still is a clip of a drawn person who looks into the camera for three seconds.
type still struct {
	frame *vision.Frame
	shown int
}

func (s *still) Next() bool        { s.shown++; return s.shown <= 75 }
func (s *still) At() time.Duration { return time.Duration(s.shown-1) * time.Second / 25 }
func (s *still) Close() error      { return nil }

func (s *still) Frame(_ bool, at time.Time) (*vision.Frame, error) {
	f := *s.frame
	f.At = at
	return &f, nil
}

func TestDrawnPeopleAreTold(t *testing.T) {
	files := people(t, 9, 7)
	stranger, err := portrait(files["faces/s9/1.pgm"].Data)
	if err != nil {
		t.Fatal(err)
	}
	delete(files, "faces/s9/1.pgm") // with six left s9 is still one of the people
	files["faces/s1/1.pgm"] = &fstest.MapFile{Data: append(fmt.Appendf(nil, "P5\n%d %d\n255\n", drawnSide, drawnSide), make([]byte, drawnSide*drawnSide)...)}
	r, err := Evaluate(files, []Pipeline{pipeline()}, []Source{{Name: "still", Open: func() (Clip, error) { return &still{frame: stranger}, nil }}})
	if err != nil {
		t.Fatal(err)
	}
	if r.People != 9 || r.Pictures != 62 || len(r.Rows) != 3 || len(r.Clips) != 1 {
		t.Fatalf("%d people, %d pictures, %d rows, %d clips", r.People, r.Pictures, len(r.Rows), len(r.Clips))
	}
	for i, row := range r.Rows {
		if row.Missed != 1 {
			t.Errorf("%d pictures without a face, want the black one", row.Missed)
		}
		for _, s := range []Share{row.Rank1, row.Accepted, row.Accepted1000, row.OnOthers, row.OnOthersFalse, row.Named, row.Misnamed, row.StrangersNamed} {
			if !(s.Low >= 0 && s.Low <= s.Mean+1e-9 && s.Mean <= s.High+1e-9 && s.High <= 1) {
				t.Errorf("%d photos: %+v is no share with its range", row.Photos, s)
			}
		}
		if i == 1 && row.Rank1.Mean < .85 {
			t.Errorf("with 3 photos %.2f are told, want more", row.Rank1.Mean)
		}
		if row.Accepted1000.Mean > row.Accepted.Mean {
			t.Errorf("fewer false accepts let more pass: %.2f, %.2f", row.Accepted1000.Mean, row.Accepted.Mean)
		}
	}
	if c := r.Clips[0]; c.Frames != 18 || c.Faces != 18 || c.People != 1 {
		t.Errorf("clip %+v, want 18 frames and one person", c)
	}
	for _, want := range []string{"9 people, 62 pictures", "rank-1", "still", "planned with"} {
		if !strings.Contains(r.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, r)
		}
	}
}

func TestFewPicturesAllowFewPhotos(t *testing.T) {
	r, err := Evaluate(people(t, 8, 4), []Pipeline{pipeline()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 2 || r.Rows[1].Photos != 3 || !strings.Contains(r.String(), "5 photos: not measured") {
		t.Errorf("%d rows, want those of 1 and 3 photos:\n%s", len(r.Rows), r)
	}
}

func TestWhatCannotBeMeasured(t *testing.T) {
	few := people(t, 2, 4)
	broken := people(t, 1, 4)
	broken["faces/s1/1.pgm"] = &fstest.MapFile{Data: []byte("P5\n9000 9000\n255\n")}
	for name, test := range map[string]struct {
		files fstest.MapFS
		want  error
	}{
		"nobody":           {fstest.MapFS{}, offers.ErrNotFound},
		"too few":          {few, offers.ErrNotFound},
		"a broken picture": {broken, offers.ErrInvalid},
	} {
		if _, err := Evaluate(test.files, []Pipeline{pipeline()}, nil); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

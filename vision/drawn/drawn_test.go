package drawn_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"mime"
	"mime/multipart"
	"testing"
	"time"

	"aisle/vision/drawn"
)

func TestTheSameNumberIsTheSameFace(t *testing.T) {
	a := drawn.Portrait(drawn.NewPerson(3), drawn.Frontal(), 96)
	b := drawn.Portrait(drawn.NewPerson(3), drawn.Frontal(), 96)
	if !bytes.Equal(a.Pix, b.Pix) {
		t.Error("two portraits of the same person in the same view differ")
	}
	if c := drawn.Portrait(drawn.NewPerson(4), drawn.Frontal(), 96); bytes.Equal(a.Pix, c.Pix) {
		t.Error("two people look the same")
	}
}

func TestSceneIsRepeatable(t *testing.T) {
	walks := []drawn.Walk{
		{Person: drawn.NewPerson(0), Start: 0, Duration: 8 * time.Second, X0: .5, X1: .4},
		{Person: drawn.NewPerson(1), Start: 2 * time.Second, Duration: 9 * time.Second, X0: .55, X1: .7},
	}
	at := 5 * time.Second
	a, b := drawn.NewScene(320, 180), drawn.NewScene(320, 180)
	if !bytes.Equal(a.Frame(at, walks).Pix, b.Frame(at, walks).Pix) {
		t.Error("two scenes draw the same instant differently")
	}
	if bytes.Equal(a.Frame(at, walks).Pix, a.Frame(at, nil).Pix) {
		t.Error("nobody is to be seen")
	}
}

func TestHeadsGrowAndComeAndGo(t *testing.T) {
	s := drawn.NewScene(640, 360)
	walks := []drawn.Walk{{Person: drawn.NewPerson(0), Start: time.Second, Duration: 8 * time.Second, X0: .5, X1: .5}}
	last := 0
	for at := time.Second; at < 9*time.Second; at += time.Second {
		heads := s.Heads(at, walks)
		if len(heads) != 1 {
			t.Fatalf("at %v there are %d heads, want 1", at, len(heads))
		}
		if w := heads[0].Box.Dx(); w <= last {
			t.Errorf("at %v the head is %d pixels wide, after %d: want it to come nearer", at, w, last)
		} else {
			last = w
		}
		if !heads[0].Box.In(image.Rect(0, 0, 640, 360)) {
			t.Errorf("at %v the head is at %v, outside the picture", at, heads[0].Box)
		}
	}
	if last < 90 {
		t.Errorf("the head comes no nearer than %d pixels, want 90", last)
	}
	for _, at := range []time.Duration{0, 9 * time.Second} {
		if heads := s.Heads(at, walks); len(heads) != 0 {
			t.Errorf("at %v there are %d heads, want none", at, len(heads))
		}
	}
}

func TestMJPEGReadsAsMultipart(t *testing.T) {
	var feed bytes.Buffer
	m := drawn.NewMJPEG(&feed)
	want, err := drawn.JPEG(drawn.NewScene(160, 90).Frame(0, nil))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := m.Write(want); err != nil {
			t.Fatal(err)
		}
	}
	_, params, err := mime.ParseMediaType(drawn.ContentType)
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(&feed, params["boundary"])
	for i := range 2 { // the third has no boundary after it yet
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("picture %d changed on the way: %d bytes, want %d", i, len(got), len(want))
		}
		if _, err := jpeg.Decode(bytes.NewReader(got)); err != nil {
			t.Errorf("picture %d: %v", i, err)
		}
	}
}

func BenchmarkPrepare(b *testing.B) {
	for i := 0; b.Loop(); i++ {
		drawn.NewScene(640, 360).Prepare(drawn.NewPerson(i))
	}
}

func BenchmarkPortrait(b *testing.B) {
	p := drawn.NewPerson(1)
	for b.Loop() {
		drawn.Portrait(p, drawn.Frontal(), 320)
	}
}

func BenchmarkFrame(b *testing.B) {
	s := drawn.NewScene(640, 360)
	walks := []drawn.Walk{
		{Person: drawn.NewPerson(0), Start: 0, Duration: 8 * time.Second, X0: .5, X1: .4},
		{Person: drawn.NewPerson(1), Start: 2 * time.Second, Duration: 9 * time.Second, X0: .55, X1: .7},
	}
	s.Prepare(walks[0].Person, walks[1].Person)
	b.Run("draw", func(b *testing.B) {
		for b.Loop() {
			s.Frame(6*time.Second, walks)
		}
	})
	b.Run("encode", func(b *testing.B) {
		img := s.Frame(6*time.Second, walks)
		for b.Loop() {
			if _, err := drawn.JPEG(img); err != nil {
				b.Fatal(err)
			}
		}
	})
}

package vision_test

import (
	"errors"
	"image"
	"math"
	"testing"
	"time"

	"aisle/offers"
	"aisle/vision"
	"aisle/vision/drawn"
)

func TestLBPOfTheSamePersonIsNearer(t *testing.T) {
	people := enrolled()
	own := vision.LBP{}.Distance(people["s3"][0], people["s3"][1])
	for _, other := range []offers.ShopperID{"s0", "s5"} {
		if d := (vision.LBP{}).Distance(people["s3"][0], people[other][0]); d <= own {
			t.Errorf("%s is at %.3f, want farther than the same person's %.3f", other, d, own)
		}
	}
	if d := (vision.LBP{}).Distance(people["s3"][0], people["s3"][0]); d != 0 {
		t.Errorf("distance to itself is %.3f", d)
	}
	if d := (vision.LBP{}).Distance(people["s3"][0], vision.Vector{1, 2}); !math.IsInf(d, 1) {
		t.Errorf("distance to another model's vector is %.3f, want infinite", d)
	}
}

func TestLBPForgivesLight(t *testing.T) {
	img := drawn.Portrait(drawn.NewPerson(2), drawn.Frontal(), 200)
	face := vision.Face{Box: drawn.PortraitBox(200)}
	bright := gray(img, noon)
	dark := gray(img, noon)
	for i, v := range dark.Gray {
		dark.Gray[i] = v/2 + 5
	}
	a, err := vision.LBP{}.Describe(bright, face)
	if err != nil {
		t.Fatal(err)
	}
	b, err := vision.LBP{}.Describe(dark, face)
	if err != nil {
		t.Fatal(err)
	}
	if d := (vision.LBP{}).Distance(a, b); d > .15 {
		t.Errorf("half the light moves a face by %.3f, want less than .15", d)
	}
}

func TestWhatIsNoFrameIsRefused(t *testing.T) {
	good := vision.Face{Box: image.Rect(10, 10, 90, 90)}
	frame := func(w, h, bytes int) *vision.Frame {
		return &vision.Frame{Width: w, Height: h, Gray: make([]byte, bytes)}
	}
	tests := map[string]struct {
		frame *vision.Frame
		face  vision.Face
	}{
		"no pixels":        {frame(100, 100, 0), good},
		"too few":          {frame(100, 100, 99*100), good},
		"no size":          {frame(0, 0, 0), good},
		"one pixel":        {frame(1, 1, 1), good},
		"negative":         {frame(-100, -100, 100*100), good},
		"face outside":     {frame(100, 100, 100*100), vision.Face{Box: image.Rect(200, 200, 300, 300)}},
		"no face":          {frame(100, 100, 100*100), vision.Face{}},
		"points on a spot": {frame(100, 100, 100*100), vision.Face{Box: good.Box, HasPoints: true, Points: [5]vision.Point{{math.NaN(), 1}}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := (vision.LBP{}).Describe(test.frame, test.face); !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("Describe: %v, want invalid", err)
			}
			if _, err := vision.Grade(test.frame, test.face); !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("Grade: %v, want invalid", err)
			}
		})
	}
}

func TestFlaws(t *testing.T) {
	portrait := gray(drawn.Portrait(drawn.NewPerson(1), drawn.Frontal(), 200), noon)
	face := vision.Face{Box: drawn.PortraitBox(200)}
	points := func(nose float64) vision.Face {
		f := face
		f.HasPoints = true
		f.Points = [5]vision.Point{{78, 90}, {122, 90}, {100 + nose, 112}, {82, 135}, {118, 135}}
		return f
	}
	each := func(change func(v byte) byte) *vision.Frame {
		f := &vision.Frame{Width: portrait.Width, Height: portrait.Height}
		for _, v := range portrait.Gray {
			f.Gray = append(f.Gray, change(v))
		}
		return f
	}
	tests := map[string]struct {
		frame *vision.Frame
		face  vision.Face
		want  vision.Flaw
	}{
		"good":       {portrait, face, ""},
		"frontal":    {portrait, points(1), ""},
		"small":      {portrait, vision.Face{Box: image.Rect(80, 80, 120, 120)}, vision.TooSmall},
		"dark":       {each(func(v byte) byte { return v / 8 }), face, vision.TooDark},
		"bright":     {each(func(v byte) byte { return 230 + v/16 }), face, vision.TooBright},
		"flat":       {each(func(v byte) byte { return 120 + v/32 }), face, vision.TooFlat},
		"blurred":    {smeared(portrait, 9), face, vision.Blurred},
		"turned":     {portrait, points(18), vision.Turned},
		"mirrored":   {portrait, vision.Face{Box: face.Box, HasPoints: true, Points: [5]vision.Point{{122, 90}, {78, 90}, {100, 112}, {118, 135}, {82, 135}}}, vision.Turned},
		"at an edge": {portrait, vision.Face{Box: face.Box.Add(image.Pt(-70, 0))}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q, err := vision.Grade(test.frame, test.face)
			if err != nil {
				t.Fatal(err)
			}
			got := vision.DefaultGate.Flaw(q)
			if got != test.want {
				t.Errorf("flaw %q of %+v, want %q", got, q, test.want)
			}
			if (vision.DefaultGate.Advice(got, q) == "") != (got == "") {
				t.Errorf("flaw %q has the advice %q", got, vision.DefaultGate.Advice(got, q))
			}
		})
	}
}

// smeared is the frame averaged over squares of n pixels about each, three times.
func smeared(f *vision.Frame, n int) *vision.Frame {
	for range 3 {
		out := &vision.Frame{Width: f.Width, Height: f.Height, Gray: make([]byte, len(f.Gray))}
		for y := range f.Height {
			for x := range f.Width {
				sum, count := 0, 0
				for yy := max(0, y-n/2); yy <= min(f.Height-1, y+n/2); yy++ {
					for xx := max(0, x-n/2); xx <= min(f.Width-1, x+n/2); xx++ {
						sum += int(f.Gray[yy*f.Width+xx])
						count++
					}
				}
				out.Gray[y*f.Width+x] = byte(sum / count)
			}
		}
		f = out
	}
	return f
}

func BenchmarkLBP(b *testing.B) {
	f := gray(drawn.Portrait(drawn.NewPerson(1), drawn.Frontal(), 200), time.Time{})
	face := vision.Face{Box: drawn.PortraitBox(200)}
	v, err := vision.LBP{}.Describe(f, face)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("describe", func(b *testing.B) {
		for b.Loop() {
			if _, err := (vision.LBP{}).Describe(f, face); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("distance", func(b *testing.B) {
		for b.Loop() {
			vision.LBP{}.Distance(v, v)
		}
	})
	b.Run("grade", func(b *testing.B) {
		for b.Loop() {
			if _, err := vision.Grade(f, face); err != nil {
				b.Fatal(err)
			}
		}
	})
}

package drawn

import (
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Walk is one person's way from the far end of the shop's entrance towards the
// camera, and out of its sight beside it.
type Walk struct {
	Person          *Person
	Start, Duration time.Duration // 5 to 8 s are a stroll
	// Where, as a share of the picture's width, far away and near. Both zero is
	// a way of the person's own.
	X0, X1 float64
}

func (k Walk) way() (x0, x1 float64) {
	if k.X0 != 0 || k.X1 != 0 {
		return k.X0, k.X1
	}
	return .5 + .10*speck(1, 1, k.Person.seed), .5 + .22*speck(2, 2, k.Person.seed)
}

// Head is where a walker's head is in a picture, for those who want to know
// what a detector should have found.
type Head struct {
	Person *Person
	Box    image.Rectangle // of the face, as wide as high, as face detectors draw it
	Yaw    float64         // radians
}

// Scene is the door of a shop as its camera sees it. Drawing a person for the
// first time takes a third of a second, each picture after that 2 ms, and 4 ms
// more to encode: heads are drawn once in a few poses, then only scaled.
// Safe for concurrent use.
type Scene struct {
	width, height int
	empty         []uint8 // the picture with nobody in it, RGBA
	noise         []int8  // of the sensor, longer than a picture, read from any place

	mu    sync.Mutex
	casts map[int]*cast // by the person's seed; guarded by mu
}

// NewScene builds an entrance of so many pixels; 640 by 360 is the camera's of
// the demonstration.
func NewScene(width, height int) *Scene {
	s := &Scene{width: width, height: height, casts: map[int]*cast{}}
	s.empty = room(width, height)
	r := rand.New(rand.NewPCG(5, 5))
	s.noise = make([]int8, width*height+4096)
	for i := range s.noise {
		s.noise[i] = int8(clamp(r.NormFloat64()*2, -8, 8))
	}
	return s
}

// Prepare draws a person's poses ahead of their first walk.
func (s *Scene) Prepare(people ...*Person) {
	for _, p := range people {
		s.cast(p)
	}
}

// Frame is the picture at a time, with everybody whose walk is under way. The
// same scene, time and walks give the same picture.
func (s *Scene) Frame(t time.Duration, walks []Walk) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, s.width, s.height))
	copy(img.Pix, s.empty)
	for _, st := range s.steps(t, walks) {
		s.cast(st.person).draw(img, st)
	}
	s.addNoise(img, t)
	return img
}

// Heads is where the heads are in the picture of Frame, the farthest first.
func (s *Scene) Heads(t time.Duration, walks []Walk) []Head {
	var heads []Head
	for _, st := range s.steps(t, walks) {
		heads = append(heads, Head{st.person, faceBox(st.x, st.y, st.half), poses[st.pose].Yaw})
	}
	return heads
}

// step is one walker at one instant.
type step struct {
	person *Person
	x, y   float64 // of the head's centre, pixels
	half   float64 // of the head's height, pixels
	pose   int
}

func (s *Scene) steps(t time.Duration, walks []Walk) []step {
	var steps []step
	w, h := float64(s.width), float64(s.height)
	for _, k := range walks {
		if t < k.Start || t >= k.Start+k.Duration {
			continue
		}
		done := float64(t-k.Start) / float64(k.Duration)
		sec, phase := t.Seconds(), float64(k.Person.seed)*1.7
		x0, x1 := k.way()

		// At an even pace the distance shrinks evenly, so the size grows as its inverse.
		const far, near = .11, .27 // half heads, in heights of the picture
		half := h / (1/far + (1/near-1/far)*done)
		x := w * (x0 + (x1-x0)*done)
		if past := (done - .88) / .12; past > 0 { // out beside the camera
			side := 1.0
			if x1 < .5 {
				side = -1
			}
			x += side * past * past * .4 * w
		}
		st := step{person: k.Person, half: half}
		st.x = x + .03*half*math.Sin(sec*6)
		st.y = h*(.38+.12*done) + .03*half*math.Abs(math.Sin(sec*6))
		st.pose = poseAt(sec, phase)
		steps = append(steps, st)
	}
	slices.SortStableFunc(steps, func(a, b step) int {
		switch {
		case a.half < b.half:
			return -1
		case a.half > b.half:
			return 1
		}
		return 0
	})
	return steps
}

func (s *Scene) addNoise(img *image.RGBA, t time.Duration) {
	from := int(uint64(t/time.Millisecond) * 2654435761 % 4093)
	noise := s.noise[from : from+s.width*s.height]
	pix := img.Pix
	for i, n := range noise {
		p := pix[i*4 : i*4+3 : i*4+3]
		p[0], p[1], p[2] = shifted(p[0], n), shifted(p[1], n), shifted(p[2], n)
	}
}

func shifted(v uint8, n int8) uint8 { return uint8(min(max(int(v)+int(n), 0), 255)) }

// room draws the entrance: a wall with shelves of coloured boxes, a floor, light
// from above.
func room(width, height int) []uint8 {
	pix := make([]uint8, width*height*4)
	skirting := float64(height) * .70
	shelf := float64(height) / 4
	for y := range height {
		for x := range width {
			px, py := float64(x), float64(y)
			c := vec{.45, .40, .34}.mul(.8 + .3*(py-skirting)/float64(height))
			if py < skirting {
				row := math.Floor(py / shelf)
				c = vec{.62, .60, .56}.mul(.45)
				if py-row*shelf > shelf*.10 {
					cell := int(px / (shelf * .28))
					hue := func(k int) float64 { return speck(cell, int(row), k)*.5 + .5 }
					c = mix(vec{.62, .60, .56}, vec{hue(1), hue(2), hue(3)}, .18).mul(.66)
				}
			}
			c = c.mul(1.05 - .25*math.Abs(px/float64(width)-.5))
			i := (y*width + x) * 4
			pix[i], pix[i+1], pix[i+2], pix[i+3] = level(c.x, 0), level(c.y, 0), level(c.z, 0), 255
		}
	}
	return pix
}

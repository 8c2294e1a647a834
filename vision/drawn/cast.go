package drawn

import (
	"image"
	"math"
	"sync"
)

// poses are the looks of somebody who walks: mostly ahead, sometimes aside, and
// now and then with closed eyes.
var poses = []View{
	{Yaw: -.20, Pitch: .02, Roll: -.03, LightX: -.25, LightY: -.5, Ambient: .30, Gain: .72, Smile: .3, Gaze: -.3},
	{Yaw: -.10, Pitch: -.03, Roll: .02, LightX: -.10, LightY: -.5, Ambient: .30, Gain: .72, Smile: .1},
	{Yaw: 0, Pitch: .03, Roll: 0, LightX: .10, LightY: -.5, Ambient: .30, Gain: .72, Smile: .4},
	{Yaw: .10, Pitch: 0, Roll: -.02, LightX: .20, LightY: -.5, Ambient: .30, Gain: .72, Smile: .7, Open: .2},
	{Yaw: .20, Pitch: -.02, Roll: .03, LightX: .35, LightY: -.5, Ambient: .30, Gain: .72, Smile: .5, Gaze: .3},
	{Yaw: .04, Pitch: 0, Roll: .01, LightX: .10, LightY: -.5, Ambient: .30, Gain: .72, Smile: .3, Blink: 1},
}

const blinking = 5

// poseAt is the look at a time, in seconds.
func poseAt(sec, phase float64) int {
	if math.Mod(sec+phase, 3.1) < .13 {
		return blinking
	}
	return 2 + int(math.Round(1.9*math.Sin(sec*1.1+phase)*math.Abs(math.Cos(sec*.4+phase))))
}

// cast is one person in every pose, ready to be put into a picture.
type cast struct {
	once  sync.Once
	poses [][]sprite // by pose, then by size: each half of the one before
}

// sprite is head and shoulders of one pose and size: levels as a camera writes
// them, weighed by cover (premultiplied), so that scaling makes no fringes.
type sprite struct {
	width, height int
	half          float64 // of the head's height, pixels
	cx, cy        float64 // of the head's centre
	pix           []uint8 // RGBA
}

// What a sprite holds, in half heads about the head's centre. Below its last row
// the body goes on as it is there.
const (
	spriteSide = 1.60
	spriteTop  = 1.35
	spriteLow  = 2.30
	spriteHalf = 80 // pixels, of the largest size
)

func (s *Scene) cast(p *Person) *cast {
	s.mu.Lock()
	c := s.casts[p.seed]
	if c == nil {
		c = &cast{}
		s.casts[p.seed] = c
	}
	s.mu.Unlock()
	c.once.Do(func() {
		for _, v := range poses {
			big := drawSprite(p, v, spriteHalf)
			half := big.halved()
			c.poses = append(c.poses, []sprite{big, half, half.halved()})
		}
	})
	return c
}

func drawSprite(p *Person, v View, half float64) sprite {
	s := sprite{
		width: int(2*spriteSide*half) &^ 3, height: int((spriteTop+spriteLow)*half) &^ 3,
		half: half, cx: spriteSide * half, cy: spriteTop * half,
	}
	s.pix = make([]uint8, s.width*s.height*4)
	for y := range s.height {
		for x := range s.width {
			c, cover := p.sample(float64(x)-s.cx, float64(y)-s.cy, half, &v)
			if cover == 0 {
				continue
			}
			plain := c.mul(1 / cover)
			px := s.pix[(y*s.width+x)*4:]
			for k, light := range [3]float64{plain.x, plain.y, plain.z} {
				px[k] = uint8(float64(level(light, 0))*cover + .5)
			}
			px[3] = uint8(cover*255 + .5)
		}
	}
	return s
}

func (s sprite) halved() sprite {
	h := sprite{width: s.width / 2, height: s.height / 2, half: s.half / 2, cx: s.cx / 2, cy: s.cy / 2}
	h.pix = make([]uint8, h.width*h.height*4)
	for y := range h.height {
		for x := range h.width {
			a := (2*y*s.width + 2*x) * 4
			b := a + s.width*4
			for k := range 4 {
				sum := int(s.pix[a+k]) + int(s.pix[a+4+k]) + int(s.pix[b+k]) + int(s.pix[b+4+k])
				h.pix[(y*h.width+x)*4+k] = uint8((sum + 2) / 4)
			}
		}
	}
	return h
}

// draw puts the person into the picture, down to its lower edge.
func (c *cast) draw(img *image.RGBA, st step) {
	sizes := c.poses[st.pose]
	s := sizes[0]
	for _, smaller := range sizes[1:] {
		if st.half <= smaller.half {
			s = smaller
		}
	}
	s.draw(img, st)
}

// draw scales bilinearly, in fixed point of 8 bits.
func (s sprite) draw(img *image.RGBA, st step) {
	k := s.half / st.half // sprite pixels in a picture pixel
	b := img.Bounds()
	x0, x1 := max(b.Min.X, int(st.x-s.cx/k)), min(b.Max.X, int(st.x+(float64(s.width)-s.cx)/k))
	y0 := max(b.Min.Y, int(st.y-s.cy/k))
	for y := y0; y < b.Max.Y; y++ {
		sy := int(256 * (s.cy + (float64(y)-st.y)*k))
		sy = min(max(sy, 0), (s.height-2)<<8)
		row, fy := (sy>>8)*s.width*4, sy&255
		out := img.Pix[img.PixOffset(x0, y):]
		for x := x0; x < x1; x++ {
			sx := int(256 * (s.cx + (float64(x)-st.x)*k))
			px := out[(x-x0)*4 : (x-x0)*4+3 : (x-x0)*4+3]
			if sx < 0 || sx >= (s.width-1)<<8 {
				continue
			}
			fx := sx & 255
			a := s.pix[row+(sx>>8)*4 : row+(sx>>8)*4+8]
			d := s.pix[row+s.width*4+(sx>>8)*4 : row+s.width*4+(sx>>8)*4+8]
			if a[3]|a[7]|d[3]|d[7] == 0 {
				continue
			}
			between := func(i int) int {
				top := int(a[i])<<8 + (int(a[i+4])-int(a[i]))*fx
				low := int(d[i])<<8 + (int(d[i+4])-int(d[i]))*fx
				return (top<<8 + (low-top)*fy) >> 16
			}
			left := 255 - between(3)
			px[0] = uint8(between(0) + int(px[0])*left/255)
			px[1] = uint8(between(1) + int(px[1])*left/255)
			px[2] = uint8(between(2) + int(px[2])*left/255)
		}
	}
}

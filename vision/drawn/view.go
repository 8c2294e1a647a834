package drawn

import (
	"image"
	"math"
	"math/rand/v2"
)

// View is one look at a person. Angles are radians; the zero of each is
// straight into the camera.
type View struct {
	Yaw, Pitch, Roll float64
	LightX, LightY   float64 // where the light stands: -1 is far left or high, 1 far right or low
	Ambient, Gain    float64 // light from everywhere, light from the lamp; .3 and .72 are a shop's
	Smile, Open      float64 // of the mouth, 0 to 1
	Blink, Gaze      float64 // 1 is closed; -1 left to 1 right
}

// Frontal is a plain, well lit look into the camera.
func Frontal() View { return View{LightX: .2, LightY: -.5, Ambient: .32, Gain: .72, Smile: .2} }

// Portraits are pictures of a person as somebody has them who enrols by phone:
// the first straight into the camera, the others a little turned, in other light
// and other moods. Enrolment takes up to 5.
func Portraits(id, n int) []image.Image {
	p := NewPerson(id)
	var pictures []image.Image
	for _, v := range looks(p, n) {
		pictures = append(pictures, Portrait(p, v, 320))
	}
	return pictures
}

// PortraitBox is where the face is in a portrait, as face detectors draw it.
func PortraitBox(size int) image.Rectangle {
	return faceBox(float64(size)/2, float64(size)*.47, float64(size)*.30)
}

// faceBox is the box about the face of a head by its centre and half height.
func faceBox(x, y, half float64) image.Rectangle {
	side := half * 1.52
	x, y = x-side/2, y-side*.40
	return image.Rect(int(x), int(y), int(x+side), int(y+side))
}

func looks(p *Person, n int) []View {
	r := rand.New(rand.NewPCG(uint64(p.seed), 2))
	between := func(a, b float64) float64 { return a + (b-a)*r.Float64() }
	views := make([]View, n)
	for i := range views {
		v := Frontal()
		if i > 0 {
			turn := []float64{0, -.16, .16, -.08, .08}[i%5]
			v.Yaw, v.Pitch, v.Roll = turn+between(-.03, .03), between(-.06, .06), between(-.04, .04)
			v.LightX, v.LightY = between(-.45, .45), between(-.6, -.3)
			v.Ambient, v.Gain = between(.26, .36), between(.64, .80)
			v.Smile, v.Open, v.Gaze = between(0, .8), max(0, between(-.8, .6)), between(-.4, .4)
		}
		views[i] = v
	}
	return views
}

// Portrait draws head and shoulders against a plain wall, size by size pixels;
// the head is about 60 of 100 of its height. 320 is a good size.
func Portrait(p *Person, v View, size int) *image.RGBA {
	half := float64(size) * .30
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	r := rand.New(rand.NewPCG(uint64(p.seed), uint64(size)))
	for py := range size {
		wall := vec{.55, .60, .66}.mul(.8 + .3*float64(py)/float64(size))
		for px := range size {
			c, cover := p.sample(float64(px)-float64(size)/2, float64(py)-float64(size)*.47, half, &v)
			c = c.add(wall.mul(1 - cover))
			i := img.PixOffset(px, py)
			grey := r.NormFloat64() * 2 // the sensor's
			img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = level(c.x, grey), level(c.y, grey), level(c.z, grey), 255
		}
	}
	return img
}

// level turns light into what a camera writes of it.
func level(light, noise float64) uint8 {
	return uint8(clamp(math.Pow(clamp(light, 0, 1), 1/1.15)*255+noise, 0, 255))
}

// sample is the colour, weighed by how much of it is covered, of one pixel that
// lies at (px, py) from the head's centre, where half is half the head's
// height. Two samples on a diagonal smooth the edges for half the cost of four.
func (p *Person) sample(px, py, half float64, v *View) (colour vec, cover float64) {
	for _, d := range [2]float64{-.25, .25} {
		c, a := p.shade((px+.5+d)/half, (py+.5+d)/half, v)
		colour, cover = colour.add(c.mul(a/2)), cover+a/2
	}
	return colour, cover
}

// shade is the colour of the person at (x0, y0), in half heads from the head's
// centre, and how much of the background it covers.
func (p *Person) shade(x0, y0 float64, v *View) (colour vec, cover float64) {
	cosR, sinR := math.Cos(v.Roll), math.Sin(v.Roll)
	x, y := cosR*x0+sinR*y0, -sinR*x0+cosR*y0

	colour, cover = p.shadeBehind(x, y, x0, y0, v)
	face, edge := p.shadeHead(x, y, v)
	if edge == 0 {
		return colour, cover
	}
	// Over what is behind it, by the share that the soft edge leaves.
	all := edge + cover*(1-edge)
	return face.mul(edge).add(colour.mul(cover * (1 - edge))).mul(1 / all), all
}

// shadeBehind draws what the head stands before: shoulders, neck, the hair's
// volume, ears.
func (p *Person) shadeBehind(x, y, x0, y0 float64, v *View) (colour vec, cover float64) {
	if y > .80 {
		shoulder := math.Pow(math.Abs(x0)/1.55, 2.6) + math.Pow(max(0, 1.95-y0)/.75, 2.2)
		if shoulder < 1 || y0 > 1.95 && math.Abs(x0) < 1.55 {
			colour, cover = p.cloth.mul(.55+.35*(1-math.Abs(x0)/1.6)+.08*noise(x0*10, y0*10, p.seed)), 1
		}
		if math.Abs(x0) < .36 && y0 < 1.36+.12*(1-(x0/.36)*(x0/.36)) {
			colour, cover = p.skin.mul(.42+.3*smooth(1.0, 1.3, y0)+.1*v.LightX*x0), 1
		}
	}
	w, h := p.skull.halfWidth*p.hair.volume, p.hair.volume
	cap := y < p.hair.length && (x/w)*(x/w)+((y+.02)/h)*((y+.02)/h) < 1
	curtain := p.hair.length > .5 && y > 0 && y < p.hair.length+.3 && math.Abs(x) < w*(1-.1*y)
	if cap || curtain {
		lit := v.Ambient + .6*v.Gain*clamp(.6-.5*y, .2, 1)
		colour, cover = p.hair.colour.mul((.75+.35*noise(x*40, y*8, p.seed+14))*lit), 1
	}
	if p.hair.length < .5 {
		for _, side := range [2]float64{-1, 1} {
			ear := side*(p.skull.halfWidth+.02)*math.Cos(v.Yaw) - .05*math.Sin(v.Yaw)
			if d := math.Hypot((x-ear)/.09, (y-.10)/.17); d < 1 {
				colour, cover = p.skin.mul(.55+.25*(1-d)).mul(1-.3*bell(d-.5, .2)), 1
			}
		}
	}
	return colour, cover
}

// shadeHead draws the head itself: an ellipsoid that narrows to the chin, turned
// by the view, with the relief of the face as a bump map (Blinn 1978).
func (p *Person) shadeHead(x, y float64, v *View) (colour vec, edge float64) {
	narrow := 1 - p.skull.jaw*math.Pow(smooth(.05, 1.15, y), 1.3)
	rx, rz := p.skull.halfWidth*narrow, .80
	r2 := (x/rx)*(x/rx) + y*y
	if r2 >= 1 {
		return vec{}, 0
	}
	edge = 1 - smooth(.965, 1, r2)
	z := math.Sqrt(1 - r2)

	// The place and its normal as the head has them, not the camera.
	cosY, sinY := math.Cos(v.Yaw), -math.Sin(v.Yaw)
	cosP, sinP := math.Cos(v.Pitch), -math.Sin(v.Pitch)
	turn := func(a vec) vec {
		a = vec{cosY*a.x + sinY*a.z, a.y, -sinY*a.x + cosY*a.z}
		return vec{a.x, cosP*a.y - sinP*a.z, sinP*a.y + cosP*a.z}
	}
	at := turn(vec{x / narrow, y, rz * z})
	if at.z < .02 { // the back of the head
		return p.hair.colour.mul(.6 * v.Gain), edge
	}
	normal := turn(vec{x / rx / rx, y, z / rz}.unit())
	light := turn(vec{v.LightX, v.LightY, 1}.unit())

	const e = .004
	gx := (p.relief(at.x+e, at.y) - p.relief(at.x-e, at.y)) / (2 * e)
	gy := (p.relief(at.x, at.y+e) - p.relief(at.x, at.y-e)) / (2 * e)
	bumped := vec{normal.x - gx, normal.y - gy, normal.z}.unit()

	paint, shine := p.paint(at.x, at.y, v)
	facing := bumped.dot(light)
	soft := .75*max(0, facing) + .25*clamp(facing*.5+.5, 0, 1) // skin scatters light round corners
	between := light.add(turn(vec{0, 0, 1})).unit()
	gloss := math.Pow(max(0, bumped.dot(between)), 22) * .10 * shine
	return paint.mul(v.Ambient + v.Gain*soft).add(vec{gloss, gloss, gloss}), edge
}

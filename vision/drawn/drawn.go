// Package drawn makes up people for the demonstration shop and for tests: faces
// of nobody, drawn by arithmetic from a number, so that a camera has somebody
// to look at and no photograph of anybody is ever shipped.
//
// A Person is one number's face, always the same. A View is one look at it:
// pose, light, expression. A Scene is a shop's door as its camera sees it, with
// people who walk towards it. Heads are shaded, bumped ellipsoids; face
// detectors and describers that were made for photographs find them and tell
// them apart, though they are closer to each other than real people are and
// need a threshold of their own.
//
// The same arguments draw the same picture. Nothing here keeps time: it is
// passed in. No learned data is used.
package drawn

import "math/rand/v2"

// Person is how somebody looks. Lengths are in half heads: the head's centre is
// the origin, the crown lies at y = -1, the chin at y = 1, x grows to the right.
type Person struct {
	id   int
	seed int // of the texture of skin, hair and beard

	skull struct {
		halfWidth float64
		jaw       float64 // how much narrower the chin is, as a share
		cheek     float64 // heights of bumps
		chin      float64
	}
	eye struct {
		x, y          float64
		width, height float64 // half
		slant         float64
		socket        float64 // depth
		iris          vec
	}
	brow struct {
		y, width, thick, arch, slope float64
	}
	nose struct {
		tip           float64 // y of it
		width, height float64
		bridge        float64
	}
	mouth struct {
		y, width     float64
		upper, lower float64 // thickness of the lips
		colour       vec
	}
	hair struct {
		colour  vec
		line    float64 // y where it begins on the forehead
		volume  float64 // of head and hair against the head alone
		length  float64 // y to which it hangs
		parting float64
	}
	skin, cloth vec

	beard, moustache float64 // 0 to 1
	freckles         float64
	wrinkles         float64
	glasses          frame
}

// Drawn people are closer to each other than real ones: these are the distances
// below which they may be taken for one another, by vision.LBP and vision.Net.
// Photographs of people allow more (vision.LBPLimits, vision.NetLimits).
const (
	Threshold    = .69
	NetThreshold = .28
)

type frame int

const (
	noGlasses frame = iota
	roundGlasses
	squareGlasses
)

var (
	skins = []vec{{.95, .78, .66}, {.88, .68, .54}, {.78, .57, .43}, {.62, .43, .31}, {.48, .33, .24}, {.92, .74, .60}}
	hairs = []vec{{.10, .07, .05}, {.25, .15, .08}, {.45, .30, .15}, {.70, .55, .30}, {.06, .06, .07}, {.55, .52, .50}, {.40, .16, .08}}
	irids = []vec{{.25, .15, .08}, {.25, .40, .60}, {.30, .42, .25}, {.35, .25, .15}, {.12, .08, .06}}
)

// NewPerson draws the person of a number, 0 or more. Neighbouring numbers
// differ in skin, hair and what sets a face apart (glasses, beard, freckles,
// ...), so that a handful of them are easy to tell from one another.
func NewPerson(id int) *Person {
	r := rand.New(rand.NewPCG(uint64(id), 7919))
	between := func(a, b float64) float64 { return a + (b-a)*r.Float64() }

	p := &Person{id: id, seed: id*101 + 17}
	p.skin = skins[(id*5+r.IntN(2))%len(skins)]
	p.cloth = vec{between(.1, .9), between(.1, .9), between(.1, .9)}

	p.skull.halfWidth, p.skull.jaw = between(.68, .82), between(.08, .34)
	p.skull.cheek, p.skull.chin = between(.02, .07), between(.02, .07)

	p.eye.x, p.eye.y = between(.26, .345), between(-.03, .05)
	p.eye.width, p.eye.height = between(.105, .155), between(.040, .068)
	p.eye.slant, p.eye.socket = between(-.02, .03), between(.05, .10)
	p.eye.iris = irids[r.IntN(len(irids))]

	p.brow.y, p.brow.width, p.brow.thick = between(-.20, -.13), between(.15, .21), between(.020, .048)
	p.brow.arch, p.brow.slope = between(.01, .06), between(-.10, .10)

	p.nose.tip, p.nose.width, p.nose.height = between(.30, .42), between(.10, .165), between(.10, .17)
	p.nose.bridge = between(.6, 1)

	p.mouth.y, p.mouth.width = p.nose.tip+between(.19, .25), between(.19, .29)
	p.mouth.upper, p.mouth.lower = between(.020, .045), between(.030, .065)
	p.mouth.colour = mix(p.skin, vec{.70, .25, .28}, between(.35, .75))

	p.hair.colour = hairs[(id*3+r.IntN(2))%len(hairs)]
	p.hair.line, p.hair.volume = between(-.72, -.46), between(1.06, 1.26)
	p.hair.length, p.hair.parting = between(-.2, .9), between(0, .2)

	switch id % 6 {
	case 0:
		p.glasses = roundGlasses
	case 1:
		p.beard, p.moustache = between(.6, .9), between(.6, .9)
	case 2:
		p.freckles = .8
	case 3:
		p.moustache = .85
	case 4:
		p.wrinkles = .9
	case 5:
		if r.IntN(2) == 0 {
			p.glasses = squareGlasses
		}
	}
	return p
}

// ID is the number that the person was drawn of.
func (p *Person) ID() int { return p.id }

package drawn

import "math"

// relief is how far the face stands out of the ellipsoid of the head.
func (p *Person) relief(x, y float64) float64 {
	ax := math.Abs(x)
	tip := p.nose.tip
	h := 0.0

	// Nose: bridge, tip, nostrils.
	bridge := smooth(-.12, tip, y) * (1 - smooth(tip, tip+.07, y))
	h += p.nose.height * bridge * p.nose.bridge * bell(x, p.nose.width*(.42+.35*smooth(0, tip, y)))
	h += p.nose.height * .75 * bell(x, p.nose.width*.62) * bell(y-tip+.02, .085)
	h += p.nose.height * .42 * bell(ax-p.nose.width*.72, .055) * bell(y-tip-.01, .06)

	// Eye sockets under the ridge of the brow.
	h -= p.eye.socket * bell(ax-p.eye.x, .15) * bell(y-p.eye.y, .10)
	h += p.eye.socket * .6 * bell(ax-p.eye.x, .22) * bell(y-p.brow.y, .07)

	// Cheeks and chin.
	h += p.skull.cheek * bell(ax-.40, .16) * bell(y-.26, .17)
	h += p.skull.chin * bell(x, .16) * bell(y-.86, .12)

	// Lips, the hollow under them, the groove above them.
	m := p.mouth
	h += .025 * bell(x, m.width*.8) * bell(y-m.y+m.upper, .035)
	h += .035 * bell(x, m.width*.7) * bell(y-m.y-m.lower*.8, .04)
	h -= .03 * bell(x, .2) * bell(y-m.y-m.lower-.09, .04)
	h -= .012 * bell(x, .035) * smooth(tip+.05, tip+.08, y) * (1 - smooth(m.y-.05, m.y-.02, y))

	// Folds from the nose to the mouth, and on the forehead.
	fold := smooth(tip-.03, tip+.05, y) * (1 - smooth(m.y, m.y+.08, y))
	h -= (.012 + .02*p.wrinkles) * bell(ax-(.13+.30*(y-tip)), .03) * fold
	if p.wrinkles > 0 {
		h += .006 * p.wrinkles * math.Sin(y*75) * smooth(-.5, -.42, y) * (1 - smooth(-.26, -.2, y)) * bell(x, .4)
	}
	return h
}

// paint is the colour of a place on the front of the head, without light, and
// how much it shines.
func (p *Person) paint(x, y float64, v *View) (colour vec, shine float64) {
	c := p.paintSkin(x, y)
	c = p.paintBeard(c, x, y)
	c = p.paintMouth(c, x, y, v)
	c, shine = p.paintEyes(c, x, y, v)
	c = p.paintGlasses(c, x, y)
	return p.paintHair(c, x, y), shine
}

func (p *Person) paintSkin(x, y float64) vec {
	ax := math.Abs(x)
	c := p.skin.mul(1 + grain(x*9+3, y*9+7, p.seed)*.05 + grain(x*30, y*30, p.seed+9)*.035)
	c = mix(c, vec{.85, .45, .40}, .16*bell(ax-.42, .15)*bell(y-.28, .13)) // blush
	c = c.mul(1 - .22*bell(ax-p.eye.x, .17)*bell(y-p.eye.y+.01, .085))     // sockets lie in shade
	if p.freckles > 0 {
		spots := smooth(.55, .75, noise(x*38, y*38, p.seed+33))
		c = mix(c, p.skin.mul(.62), p.freckles*spots*bell(y-.18, .22))
	}
	for k := range 2 { // moles
		mx, my := speck(k, 1, p.seed)*.45, (speck(k, 2, p.seed)*.5+.5)*.75
		radius := .019 + .007*speck(k, 3, p.seed)
		c = mix(c, vec{.22, .13, .10}, .85*(1-smooth(radius*.7, radius, math.Hypot(x-mx, y-my))))
	}
	// Nostrils, and the shadow under the tip.
	tip, width := p.nose.tip, p.nose.width
	c = c.mul(1 - .25*bell(x, width*.8)*bell(y-tip-.075, .03))
	return mix(c, vec{.12, .06, .05}, .9*(1-smooth(.7, 1.1, math.Hypot((ax-width*.42)/.038, (y-tip-.045)/.020))))
}

func (p *Person) paintBeard(c vec, x, y float64) vec {
	ax := math.Abs(x)
	m := p.mouth
	if p.beard > 0 {
		grown := smooth(m.y-.10, m.y+.12, y+.5*max(0, ax-.3)) * (.75 + .5*noise(x*45, y*45, p.seed+5))
		sideburn := smooth(.50, .58, ax) * smooth(.05, .3, y)
		c = mix(c, p.hair.colour.mul(1+.3*noise(x*70, y*20, p.seed+6)), clamp(p.beard*max(grown, sideburn), 0, 1))
	}
	if p.moustache > 0 {
		grown := smooth(p.nose.tip+.055, p.nose.tip+.085, y) *
			(1 - smooth(m.y-m.upper-.01, m.y-m.upper+.015, y)) *
			(1 - smooth(m.width*.95, m.width*1.2, ax))
		thick := .9 + .3*noise(x*50, y*50, p.seed+8)
		c = mix(c, p.hair.colour.mul(1+.3*noise(x*70, y*25, p.seed+7)), clamp(p.moustache*grown*thick, 0, 1))
	}
	return c
}

func (p *Person) paintMouth(c vec, x, y float64, v *View) vec {
	ax := math.Abs(x)
	m := p.mouth
	width := m.width * (1 + .15*v.Smile)
	if ax >= width {
		return c
	}
	line := m.y - v.Smile*.07*(x/m.width)*(x/m.width) // where the lips meet
	e := 1 - (ax/width)*(ax/width)                    // 1 in the middle, 0 in the corners
	upper := line - m.upper*math.Sqrt(e)*(1-.25*bell(x, .04))
	lower := line + m.lower*math.Sqrt(e) + v.Open*.09*e
	lips := smooth(upper-.008, upper+.006, y) * (1 - smooth(lower-.006, lower+.010, y))
	c = mix(c, m.colour.mul(1+.10*noise(x*60, y*12, p.seed+3)), lips)

	gap := v.Open * .085 * e
	dark := smooth(line-.004-gap*.2, line+.004-gap*.2, y) * (1 - smooth(line+gap, line+gap+.008, y))
	c = mix(c, vec{.18, .05, .06}, max(bell(y-line, .010)*.85, dark*.95))
	if v.Open > .3 {
		teeth := smooth(line, line+.008, y) * (1 - smooth(line+gap*.35, line+gap*.45, y)) * e
		c = mix(c, vec{.9, .88, .84}, .9*teeth)
	}
	return c
}

func (p *Person) paintEyes(c vec, x, y float64, v *View) (colour vec, shine float64) {
	shine = 1
	ax, side := math.Abs(x), 1.0
	if x < 0 {
		side = -1
	}
	eye := p.eye
	dx := ax - eye.x
	dy := y - eye.y + eye.slant*dx/eye.width
	height := eye.height * (1 - .92*v.Blink)
	if q := 1 - (dx/eye.width)*(dx/eye.width); q > 0 {
		upper, lower := -height*q, height*.62*q
		open := inside(upper, lower, .006, dy)
		iris := eye.height * 1.02
		gx := dx*side - v.Gaze*.035
		d := math.Hypot(gx, dy+.006)
		ball := vec{.93, .92, .90}.mul(1 - .25*bell(dy-upper, .02))
		ball = mix(ball, eye.iris.mul(.75+.5*clamp(d/iris, 0, 1)), 1-smooth(iris*.92, iris*1.05, d))
		ball = mix(ball, eye.iris.mul(.4), bell(d-iris, .006)*.7)
		ball = mix(ball, vec{.02, .02, .02}, 1-smooth(iris*.40, iris*.5, d))
		ball = mix(ball, vec{1, 1, 1}, 1-smooth(.008, .013, math.Hypot(gx+.018, dy+.024)))
		c = mix(c, ball, open)
		if open > .5 {
			shine = 1.15
		}
		c = mix(c, vec{.10, .06, .05}, .9*bell(dy-upper, .011)*smooth(0, .1, q)) // upper lid and lashes
		c = mix(c, p.skin.mul(.55), .6*bell(dy-lower, .008)*smooth(0, .1, q))
		c = mix(c, p.skin.mul(.6), .5*bell(dy-upper+.032, .009)*smooth(0, .2, q)) // crease
	}
	if q := (dx - .01) / p.brow.width; math.Abs(q) < 1 {
		middle := p.brow.y - p.brow.arch*(1-q*q) - p.brow.slope*q*p.brow.width
		thick := p.brow.thick * (1 - .55*smooth(-.2, 1, q)) * smooth(-1, -.8, q)
		m := 1 - smooth(thick*.7, thick*1.25, math.Abs(y-middle))
		c = mix(c, p.hair.colour.mul(.75), m*(.85+.2*noise(x*80, y*30, p.seed+4)))
	}
	return c, shine
}

func (p *Person) paintGlasses(c vec, x, y float64) vec {
	if p.glasses == noGlasses {
		return c
	}
	ax := math.Abs(x)
	width, height := p.eye.width*1.55, p.eye.width*1.15
	var d float64 // to the rim
	if p.glasses == roundGlasses {
		d = (math.Hypot((ax-p.eye.x)/width, (y-p.eye.y-.01)/height) - 1) * height
	} else {
		d = max(math.Abs(ax-p.eye.x)-width, math.Abs(y-p.eye.y-.01)-height*.9)
	}
	rim := 1 - smooth(.010, .020, math.Abs(d))
	if ax < p.eye.x-width+.02 {
		rim = max(rim, 1-smooth(.010, .018, math.Abs(y-p.eye.y+.01)))
	}
	if ax > p.eye.x+width-.01 {
		rim = max(rim, 1-smooth(.010, .018, math.Abs(y-p.eye.y+.02)))
	}
	return mix(c, vec{.08, .08, .10}, rim*.95)
}

func (p *Person) paintHair(c vec, x, y float64) vec {
	ax := math.Abs(x) / p.skull.halfWidth
	line := p.hair.line + .24*ax*ax + .03*noise(x*14, 2, p.seed+11) + p.hair.parting*bell(x-.25, .35)
	top := 1 - smooth(line-.02, line+.03, y)
	side := smooth(.80, .88, ax) * (1 - smooth(p.hair.length-.05, p.hair.length+.1, y))
	strands := p.hair.colour.mul(1 + .45*noise(x*55, y*9, p.seed+12) + .2*noise(x*12, y*5, p.seed+13))
	return mix(c, strands, max(top, side))
}

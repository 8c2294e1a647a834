package decide

import (
	"time"

	"aisle/offers"
	"aisle/offers/rule"
)

// Audience asks rules about shoppers as they are while nothing happens: who of
// them would be let in now. It is for one goroutine.
type Audience struct {
	engine *Engine
	scene  scene
}

// Audience looks at shoppers with the engine's features and shops.
func (e *Engine) Audience() *Audience { return &Audience{engine: e} }

// Meets tells whether a shopper meets a rule at a time. A rule without an answer
// lets nobody in.
func (a *Audience) Meets(r *rule.Rule, p *offers.Profile, at time.Time) bool {
	a.engine.see(&a.scene, &Moment{Event: &offers.Event{Time: at, Shopper: p.Shopper}, Profile: p})
	yes, err := r.Eval(&a.scene.vars)
	return err == nil && yes
}

// Open tells whether a channel is open to a shopper: they consented to it, and
// there is where it can reach them.
func Open(c offers.Channel, p *offers.Profile) bool { return shut(c, p) == "" }

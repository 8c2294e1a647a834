// Package floorplan keeps a shop's floor plan honest, and carries it from and to
// other programs as GeoJSON.
//
// A plan is checked as a whole: every fault is told at once, each with what it
// is about and how to mend it, so that the editor can show them on the plan.
package floorplan

import (
	"fmt"
	"math"

	"aisle/beacons/polygon"
	"aisle/offers"
)

// Code is the kind of a fault.
type Code string

// Kinds of faults.
const (
	NoFloor          Code = "no_floor"
	NoSize           Code = "no_size"
	UnknownFloor     Code = "unknown_floor"
	UnknownZone      Code = "unknown_zone"
	NoName           Code = "no_name"
	Duplicate        Code = "duplicate"
	NoArea           Code = "no_area"
	SelfIntersection Code = "self_intersection"
	OutOfBounds      Code = "out_of_bounds"
	Overlap          Code = "overlap"
	NotANumber       Code = "not_a_number"
	TooMany          Code = "too_many"
)

// Fault is one thing that is wrong with a plan.
type Fault struct {
	Code   Code   `json:"code"`
	What   string `json:"what"`            // "zone", "receiver", "floor", ...
	ID     string `json:"id"`              // of it
	Other  string `json:"other,omitempty"` // the other zone of an overlap, or what it speaks of
	Detail string `json:"detail"`
}

func (f Fault) String() string { return fmt.Sprintf("%s %q: %s", f.What, f.ID, f.Detail) }

// Error is the faults as one error of kind ErrInvalid; nil if there are none.
func Error(faults []Fault) error {
	if len(faults) == 0 {
		return nil
	}
	if len(faults) == 1 {
		return fmt.Errorf("floor plan: %w: %v", offers.ErrInvalid, faults[0])
	}
	return fmt.Errorf("floor plan: %w: %v, and %d more", offers.ErrInvalid, faults[0], len(faults)-1)
}

const (
	leastAreaM2  = 0.25
	leastShared  = 0.05 // square metres: less is how people draw shared walls
	outsideM     = 0.05 // over the wall that counts as inside
	mostSizeM    = 2000.0
	mostOf       = 500 // zones, receivers, ...
	mostCorners  = 200
	rasterSteps  = 24
	mostPairs    = 3000
	closeCorners = 1e-3
)

// Validate finds all faults of a shop's plan, in the order of the plan.
func Validate(s *offers.Shop) []Fault {
	c := &checker{floors: map[offers.FloorID]offers.Floor{}, zones: map[offers.ZoneID]bool{}}
	c.bounds(s)
	if len(c.faults) > 0 {
		return c.faults // the rest would take too long
	}
	for _, f := range s.Floors {
		c.floor(f)
	}
	if len(s.Floors) == 0 && len(s.Zones)+len(s.Receivers) > 0 {
		c.add(NoFloor, "shop", string(s.ID), "", "it has zones and no floor to put them on")
	}
	for i, z := range s.Zones {
		c.zone(z, s.Zones[:i])
	}
	seen := map[offers.ReceiverID]bool{}
	for _, r := range s.Receivers {
		c.named("receiver", string(r.ID), seen[r.ID])
		seen[r.ID] = true
		c.spot("receiver", string(r.ID), r.Floor, r.At)
		if r.Zone != "" && !c.zones[r.Zone] {
			c.add(UnknownZone, "receiver", string(r.ID), string(r.Zone), fmt.Sprintf("there is no zone %q", r.Zone))
		}
	}
	entrances := map[string]bool{}
	for _, e := range s.Entrances {
		c.named("entrance", e.ID, entrances[e.ID])
		entrances[e.ID] = true
		c.spot("entrance", e.ID, e.Floor, e.At)
		if _, ok := c.floors[e.Leads]; e.Leads != "" && !ok {
			c.add(UnknownFloor, "entrance", e.ID, string(e.Leads), fmt.Sprintf("it leads to a floor %q that is not there", e.Leads))
		}
	}
	tags := map[string]bool{}
	for _, k := range s.Canaries {
		c.named("canary", k.Tag, tags[k.Tag])
		tags[k.Tag] = true
		c.spot("canary", k.Tag, k.Floor, k.At)
	}
	for i, p := range s.Survey {
		c.spot("survey point", fmt.Sprint(i+1), p.Floor, p.At)
	}
	return c.faults
}

type checker struct {
	floors map[offers.FloorID]offers.Floor
	zones  map[offers.ZoneID]bool
	faults []Fault
	pairs  int // of zones, of which was measured what they share
}

func (c *checker) add(code Code, what, id, other, detail string) {
	c.faults = append(c.faults, Fault{code, what, id, other, detail})
}

func (c *checker) bounds(s *offers.Shop) {
	for what, n := range map[string]int{"floors": len(s.Floors), "zones": len(s.Zones), "receivers": len(s.Receivers), "entrances": len(s.Entrances), "canaries": len(s.Canaries), "survey points": len(s.Survey) / 10} {
		if n > mostOf {
			c.add(TooMany, "shop", string(s.ID), what, fmt.Sprintf("%d %s, at most %d", n, what, mostOf))
		}
	}
	for _, f := range s.Floors {
		if len(f.Outline) > mostCorners {
			c.add(TooMany, "floor", string(f.ID), "", fmt.Sprintf("%d corners, at most %d", len(f.Outline), mostCorners))
		}
	}
	for _, z := range s.Zones {
		if len(z.Polygon) > mostCorners {
			c.add(TooMany, "zone", string(z.ID), "", fmt.Sprintf("%d corners, at most %d", len(z.Polygon), mostCorners))
		}
	}
}

func (c *checker) named(what, id string, again bool) {
	switch {
	case id == "":
		c.add(NoName, what, id, "", "it has no id")
	case again:
		c.add(Duplicate, what, id, "", "another one has the same id")
	}
}

func (c *checker) floor(f offers.Floor) {
	_, again := c.floors[f.ID]
	c.named("floor", string(f.ID), again)
	switch {
	case !finite(f.Outline...) || math.IsNaN(f.WidthM+f.DepthM) || math.IsInf(f.WidthM+f.DepthM, 0):
		c.add(NotANumber, "floor", string(f.ID), "", "a length is no number")
		return
	case f.WidthM <= 0 || f.DepthM <= 0 || f.WidthM > mostSizeM || f.DepthM > mostSizeM:
		c.add(NoSize, "floor", string(f.ID), "", fmt.Sprintf("%v by %v m: want its width and depth in metres, up to %v", f.WidthM, f.DepthM, mostSizeM))
		return
	}
	if len(f.Outline) > 0 {
		c.shape("floor", string(f.ID), f.Outline)
		for _, p := range f.Outline {
			if p.X < -outsideM || p.Y < -outsideM || p.X > f.WidthM+outsideM || p.Y > f.DepthM+outsideM {
				c.add(OutOfBounds, "floor", string(f.ID), "", fmt.Sprintf("its walls go to (%.2f, %.2f) m, outside of the floor's %v by %v m", p.X, p.Y, f.WidthM, f.DepthM))
				break
			}
		}
	}
	c.floors[f.ID] = f
}

// shape checks a polygon by itself.
func (c *checker) shape(what, id string, corners []offers.Point) bool {
	switch area := polygon.Area(corners); {
	case !finite(corners...):
		c.add(NotANumber, what, id, "", "a corner is no number")
	case len(corners) < 3:
		c.add(NoArea, what, id, "", fmt.Sprintf("%d corners: it takes three", len(corners)))
	case !polygon.Simple(corners):
		c.add(SelfIntersection, what, id, "", "its walls cross one another")
	case area < leastAreaM2:
		c.add(NoArea, what, id, "", fmt.Sprintf("%.2f m² are no area to stand on", area))
	default:
		return true
	}
	return false
}

func (c *checker) zone(z offers.Zone, before []offers.Zone) {
	c.named("zone", string(z.ID), c.zones[z.ID])
	c.zones[z.ID] = true
	f, ok := c.floors[z.Floor]
	if !ok {
		c.add(UnknownFloor, "zone", string(z.ID), string(z.Floor), fmt.Sprintf("there is no floor %q", z.Floor))
	}
	if len(z.Polygon) == 0 {
		return // a zone without walls is where its receivers are
	}
	if !c.shape("zone", string(z.ID), z.Polygon) || !ok {
		return
	}
	if over, outside := outOf(f, z.Polygon); outside {
		c.add(OutOfBounds, "zone", string(z.ID), string(f.ID), fmt.Sprintf("it goes to (%.2f, %.2f) m, outside of the floor", over.X, over.Y))
	}
	for _, o := range before {
		if o.Floor != z.Floor || o.ID == z.ID || len(o.Polygon) < 3 || !finite(o.Polygon...) {
			continue
		}
		if !polygon.Around(z.Polygon...).Meets(polygon.Around(o.Polygon...)) {
			continue
		}
		if c.pairs++; c.pairs > mostPairs {
			return // of a plan that is drawn so, enough is said
		}
		if shared := polygon.Shared(z.Polygon, o.Polygon); shared > leastShared {
			c.add(Overlap, "zone", string(z.ID), string(o.ID), fmt.Sprintf("it shares %.1f m² with zone %q", shared, o.ID))
		}
	}
}

// spot checks where something stands.
func (c *checker) spot(what, id string, floor offers.FloorID, at offers.Point) {
	f, ok := c.floors[floor]
	switch {
	case !finite(at):
		c.add(NotANumber, what, id, "", "its place is no number")
	case !ok:
		c.add(UnknownFloor, what, id, string(floor), fmt.Sprintf("there is no floor %q", floor))
	case at.X < -outsideM || at.Y < -outsideM || at.X > f.WidthM+outsideM || at.Y > f.DepthM+outsideM:
		c.add(OutOfBounds, what, id, string(floor), fmt.Sprintf("(%.2f, %.2f) m is outside of the floor's %v by %v m", at.X, at.Y, f.WidthM, f.DepthM))
	}
}

// outOf finds a point of a polygon that is outside of a floor.
func outOf(f offers.Floor, corners []offers.Point) (offers.Point, bool) {
	for _, p := range corners {
		if p.X < -outsideM || p.Y < -outsideM || p.X > f.WidthM+outsideM || p.Y > f.DepthM+outsideM {
			return p, true
		}
	}
	if len(f.Outline) < 3 {
		return offers.Point{}, false
	}
	// Walls may stand inside a zone's edges; what counts is whether much of the
	// zone is where nobody can be.
	box := polygon.Around(corners...)
	in, out := 0, 0
	var over offers.Point
	for i := range rasterSteps {
		for j := range rasterSteps {
			p := offers.Point{X: box.Min.X + (box.Max.X-box.Min.X)*(float64(i)+.5)/rasterSteps, Y: box.Min.Y + (box.Max.Y-box.Min.Y)*(float64(j)+.5)/rasterSteps}
			if !polygon.Contains(corners, p) {
				continue
			}
			if in++; !polygon.Contains(f.Outline, p) {
				out++
				over = p
			}
		}
	}
	return over, out*20 > in // a twentieth
}

func finite(points ...offers.Point) bool {
	for _, p := range points {
		if math.IsNaN(p.X+p.Y) || math.IsInf(p.X, 0) || math.IsInf(p.Y, 0) || math.Abs(p.X) > 1e6 || math.Abs(p.Y) > 1e6 {
			return false
		}
	}
	return true
}

package locate

import (
	"fmt"
	"math"

	"aisle/beacons/polygon"
	"aisle/offers"
)

// Space is a shop as a raster of cells, one raster a floor. It does not change
// after it was made.
type Space struct {
	Shop   offers.ShopID
	CellM  float64 // side of a cell
	floors []raster
	cells  int
	at     []offers.Point // centre of each cell
	open   []float32      // 1 where somebody can be, 0 in walls
	roomy  float64        // sum of open

	rooms bool // cells are zones, and have no place

	zones    []zone
	spots    []spot
	byID     map[offers.ReceiverID]int
	zoneOf   map[offers.ZoneID]int
	floorNos map[offers.FloorID]int
}

// raster is one floor: cells from first on, row by row.
type raster struct {
	id         offers.FloorID
	box        polygon.Box
	cols, rows int
	first      int
	right      []float32 // 1 where one can walk to the next cell of the row
	down       []float32 // 1 where one can walk to the cell below
}

// zone is the cells of a zone, each with the share of it that is inside.
type zone struct {
	offers.Zone
	cells  []int32
	shares []float32
	widthM float64
}

// spot is where a receiver is.
type spot struct {
	offers.Receiver
	floor int
}

const (
	mostCells  = 1024 // of a shop, where cells of a metre and a half suffice for that
	leastCellM = 0.3
	mostCellM  = 1.5
	aroundM    = 4.0 // how far beyond receivers a floor without walls goes
	storeyM    = 3.5
)

// NewSpace draws a shop as a raster. A shop with no floors gets one around its
// receivers and zones; one without any of these is ErrInvalid.
func NewSpace(s *offers.Shop) (*Space, error) {
	if placeless(s) {
		sp := newRooms(s)
		if sp.cells == 0 {
			return nil, fmt.Errorf("shop %q: %w: no receiver is in a zone", s.ID, offers.ErrInvalid)
		}
		return sp, nil
	}
	sp := &Space{Shop: s.ID, byID: map[offers.ReceiverID]int{}, zoneOf: map[offers.ZoneID]int{}, floorNos: map[offers.FloorID]int{}}
	floors := floorsOf(s)
	area := 0.0
	for _, f := range floors {
		area += f.WidthM * f.DepthM
	}
	if len(floors) == 0 || !(area > 0) || math.IsInf(area, 0) {
		return nil, fmt.Errorf("shop %q: %w: nothing of it has a place", s.ID, offers.ErrInvalid)
	}
	sp.CellM = min(max(math.Sqrt(area/mostCells), leastCellM), mostCellM)
	if most := 4.0 * mostCells; area/sp.CellM/sp.CellM > most { // a hall: coarser, so that it fits
		sp.CellM = math.Sqrt(area / most)
	}
	for _, f := range floors {
		sp.addFloor(f)
	}
	for _, z := range s.Zones {
		sp.addZone(z)
	}
	for _, r := range s.Receivers {
		n, ok := sp.floorNos[r.Floor]
		if !ok {
			n = 0
		}
		sp.byID[r.ID] = len(sp.spots)
		sp.spots = append(sp.spots, spot{r, n})
	}
	sp.fill()
	return sp, nil
}

// plan is a floor with its corner, which is not the origin where none was
// drawn.
type plan struct {
	offers.Floor
	from offers.Point
}

// floorsOf are the floors as drawn, or as they must be at least.
func floorsOf(s *offers.Shop) []plan {
	var plans []plan
	for _, f := range s.Floors {
		p := plan{Floor: f}
		if len(f.Outline) > 2 {
			box := polygon.Around(f.Outline...)
			p.from, p.WidthM, p.DepthM = box.Min, box.Max.X-box.Min.X, box.Max.Y-box.Min.Y
		}
		if p.WidthM > 0 && p.DepthM > 0 {
			plans = append(plans, p)
		}
	}
	if len(plans) > 0 {
		return plans
	}
	points := map[offers.FloorID][]offers.Point{}
	for _, z := range s.Zones {
		points[z.Floor] = append(points[z.Floor], z.Polygon...)
	}
	var order []offers.FloorID
	for _, r := range s.Receivers {
		if len(points[r.Floor]) == 0 {
			order = append(order, r.Floor)
		}
		points[r.Floor] = append(points[r.Floor], offers.Point{X: r.At.X - aroundM, Y: r.At.Y - aroundM}, offers.Point{X: r.At.X + aroundM, Y: r.At.Y + aroundM})
	}
	for _, id := range order {
		box := polygon.Around(points[id]...)
		plans = append(plans, plan{offers.Floor{ID: id, WidthM: box.Max.X - box.Min.X, DepthM: box.Max.Y - box.Min.Y}, box.Min})
	}
	return plans
}

func (sp *Space) addFloor(f plan) {
	c := sp.CellM
	r := raster{id: f.ID, first: sp.cells, cols: max(1, int(math.Ceil(f.WidthM/c-1e-9))), rows: max(1, int(math.Ceil(f.DepthM/c-1e-9)))}
	r.box = polygon.Box{Min: f.from, Max: offers.Point{X: f.from.X + float64(r.cols)*c, Y: f.from.Y + float64(r.rows)*c}}
	n := r.cols * r.rows
	r.right, r.down = make([]float32, n), make([]float32, n)
	at := func(col, row int) offers.Point {
		return offers.Point{X: f.from.X + (float64(col)+.5)*c, Y: f.from.Y + (float64(row)+.5)*c}
	}
	blocked := func(a, b offers.Point) bool {
		for i, p := range f.Outline {
			if q := f.Outline[(i+1)%len(f.Outline)]; polygon.Crosses(a, b, p, q) {
				return true
			}
		}
		return false
	}
	walls := len(f.Outline) > 2
	open := make([]bool, n)
	for row := range r.rows {
		for col := range r.cols {
			i, p := row*r.cols+col, at(col, row)
			open[i] = !walls || polygon.Contains(f.Outline, p)
			sp.at = append(sp.at, p)
			sp.open = append(sp.open, bit(open[i]))
			sp.roomy += float64(bit(open[i]))
		}
	}
	for row := range r.rows {
		for col := range r.cols {
			i := row*r.cols + col
			r.right[i] = bit(col+1 < r.cols && open[i] && open[min(i+1, n-1)] && !(walls && blocked(at(col, row), at(col+1, row))))
			r.down[i] = bit(row+1 < r.rows && open[i] && open[min(i+r.cols, n-1)] && !(walls && blocked(at(col, row), at(col, row+1))))
		}
	}
	sp.floorNos[f.ID] = len(sp.floors)
	sp.floors = append(sp.floors, r)
	sp.cells += n
}

func bit(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

func (sp *Space) addZone(z offers.Zone) {
	in := zone{Zone: z, widthM: polygon.Width(z.Polygon)}
	if floor, ok := sp.floorNos[z.Floor]; ok && len(z.Polygon) > 2 {
		r := sp.floors[floor]
		box := polygon.Around(z.Polygon...)
		half := sp.CellM / 2
		for i := range r.cols * r.rows {
			p := sp.at[r.first+i]
			if sp.open[r.first+i] == 0 || p.X+half < box.Min.X || p.X-half > box.Max.X || p.Y+half < box.Min.Y || p.Y-half > box.Max.Y {
				continue
			}
			const parts = 4
			share := float32(0)
			for a := range parts {
				for b := range parts {
					q := offers.Point{X: p.X + sp.CellM*((float64(a)+.5)/parts-.5), Y: p.Y + sp.CellM*((float64(b)+.5)/parts-.5)}
					if polygon.Contains(z.Polygon, q) {
						share += 1.0 / parts / parts
					}
				}
			}
			if share > 0 {
				in.cells, in.shares = append(in.cells, int32(r.first+i)), append(in.shares, share)
			}
		}
	}
	sp.zoneOf[z.ID] = len(sp.zones)
	sp.zones = append(sp.zones, in)
}

// fill gives zones without walls the cells whose nearest receiver is theirs, as
// far as no drawn zone has them.
func (sp *Space) fill() {
	taken := make([]bool, sp.cells)
	missing := false
	for i := range sp.zones {
		missing = missing || len(sp.zones[i].Polygon) < 3
		for j, c := range sp.zones[i].cells {
			taken[c] = taken[c] || sp.zones[i].shares[j] >= .5
		}
	}
	if !missing {
		return
	}
	for c := range sp.cells {
		if taken[c] || sp.open[c] == 0 {
			continue
		}
		floor := sp.floorOf(c)
		best, least := -1, math.Inf(1)
		for i, r := range sp.spots {
			if d := polygon.Metres(r.At, sp.at[c]); r.floor == floor && d < least {
				best, least = i, d
			}
		}
		if best < 0 {
			continue
		}
		if z, ok := sp.zoneOf[sp.spots[best].Zone]; ok && len(sp.zones[z].Polygon) < 3 {
			sp.zones[z].cells, sp.zones[z].shares = append(sp.zones[z].cells, int32(c)), append(sp.zones[z].shares, 1)
		}
	}
	for i := range sp.zones {
		if z := &sp.zones[i]; len(z.Polygon) < 3 {
			z.widthM = math.Sqrt(float64(len(z.cells))) * sp.CellM
		}
	}
}

func (sp *Space) floorOf(cell int) int {
	for i := len(sp.floors) - 1; i > 0; i-- {
		if cell >= sp.floors[i].first {
			return i
		}
	}
	return 0
}

// At is the receiver of a number.
func (sp *Space) At(no int) *offers.Receiver { return &sp.spots[no].Receiver }

// Nearest is the receiver that is nearest to a point of a floor; false if the
// floor has none.
func (sp *Space) Nearest(floor offers.FloorID, p offers.Point) (offers.Receiver, bool) {
	n, ok := sp.floorNos[floor]
	best, least := -1, math.Inf(1)
	for i := range sp.spots {
		if d := polygon.Metres(sp.spots[i].At, p); ok && sp.spots[i].floor == n && d < least {
			best, least = i, d
		}
	}
	if best < 0 {
		return offers.Receiver{}, false
	}
	return sp.spots[best].Receiver, true
}

// Zones are the zones in the order of ZoneShares.
func (sp *Space) Zones() []offers.Zone {
	zones := make([]offers.Zone, len(sp.zones))
	for i := range zones {
		zones[i] = sp.zones[i].Zone
	}
	return zones
}

// WidthM is how wide a zone is where it is narrowest; zero if it is not of the
// shop.
func (sp *Space) WidthM(id offers.ZoneID) float64 {
	if i, ok := sp.zoneOf[id]; ok {
		return sp.zones[i].widthM
	}
	return 0
}

// Cells is how many cells the raster has: what a Belief costs.
func (sp *Space) Cells() int { return sp.cells }

// Receivers is how many receivers the shop has.
func (sp *Space) Receivers() int { return len(sp.spots) }

// Receiver is the number of a receiver, by which a Belief knows it; false if it
// stands elsewhere.
func (sp *Space) Receiver(id offers.ReceiverID) (int, bool) {
	i, ok := sp.byID[id]
	return i, ok
}

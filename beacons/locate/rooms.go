package locate

import (
	"math"

	"aisle/beacons/polygon"
	"aisle/offers"
)

// Rooms are a Space without places: receivers that are known by their zone
// only, as in a house where nobody drew a plan yet. Each zone with a receiver is
// one cell. A tag is taken to be near the receivers of its own zone and some
// metres from all others.
func newRooms(s *offers.Shop) *Space {
	sp := &Space{Shop: s.ID, CellM: roomM, rooms: true, byID: map[offers.ReceiverID]int{}, zoneOf: map[offers.ZoneID]int{}, floorNos: map[offers.FloorID]int{}}
	for _, z := range s.Zones {
		sp.zoneOf[z.ID] = len(sp.zones)
		sp.zones = append(sp.zones, zone{Zone: z, widthM: roomM})
	}
	for _, r := range s.Receivers {
		if _, ok := sp.zoneOf[r.Zone]; !ok && r.Zone != "" {
			sp.zoneOf[r.Zone] = len(sp.zones)
			sp.zones = append(sp.zones, zone{Zone: offers.Zone{ID: r.Zone, Floor: r.Floor}, widthM: roomM})
		}
		sp.byID[r.ID] = len(sp.spots)
		sp.spots = append(sp.spots, spot{Receiver: r})
	}
	// The cells of a floor stand together.
	var order []offers.FloorID
	of := map[offers.FloorID][]int{}
	for i := range sp.zones {
		for _, r := range sp.spots {
			if r.Zone == sp.zones[i].ID {
				if len(of[r.Floor]) == 0 {
					order = append(order, r.Floor)
				}
				of[r.Floor] = append(of[r.Floor], i)
				sp.zones[i].Polygon = nil
				sp.zones[i].cells = append(sp.zones[i].cells, -1)
				break
			}
		}
	}
	for n, floor := range order {
		f := raster{id: floor, first: sp.cells, cols: len(of[floor]), rows: 1}
		f.right, f.down = make([]float32, f.cols), make([]float32, f.cols)
		for _, z := range of[floor] {
			var at offers.Point
			for i := range sp.spots {
				if r := &sp.spots[i]; r.Zone == sp.zones[z].ID {
					at, r.floor = r.At, n
				}
			}
			sp.zones[z].cells[0], sp.zones[z].shares = int32(sp.cells), []float32{1}
			sp.at, sp.open, sp.roomy = append(sp.at, at), append(sp.open, 1), sp.roomy+1
			sp.cells++
		}
		f.box = polygon.Around(sp.at[f.first:sp.cells]...)
		sp.floorNos[floor] = len(sp.floors)
		sp.floors = append(sp.floors, f)
	}
	return sp
}

const (
	roomM      = 4.0 // across
	ownRoomM   = 0.6 // from a receiver of the same room, or farther: the spread is wide
	ownRoomDB  = 10.0
	otherRoomM = 6.0  // from one of another
	otherDB    = 8.0  // around the mean: walls, and where in the room
	roomRate   = 0.01 // chance a second to change rooms
)

// placeless tells whether the receivers of a shop say no more than their zones:
// without polygons, and at one and the same point.
func placeless(s *offers.Shop) bool {
	for _, z := range s.Zones {
		if len(z.Polygon) > 2 {
			return false
		}
	}
	if len(s.Receivers) == 0 {
		return false
	}
	for _, r := range s.Receivers {
		if r.At != s.Receivers[0].At {
			return false
		}
	}
	return len(s.Receivers) > 1 || len(s.Floors) == 0
}

// roomGain is the gain of a receiver in a room, and its variance.
func roomGain(own bool) (mean, variance float64) {
	d, sd := otherRoomM, otherDB
	if own {
		d, sd = ownRoomM, ownRoomDB
	}
	return -10 * DefaultLaw.Exponent * math.Log10(d), sd * sd
}

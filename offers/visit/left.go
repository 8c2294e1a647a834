package visit

import (
	"time"

	"aisle/offers"
)

// LeftAt is when a shopper was last in the shop of a visit, as far as receivers
// know who heard them leave: they are in no zone since, and no other sense has
// seen them. False: they are there, or nobody can tell.
func LeftAt(v *offers.Visit, shop offers.ShopID) (time.Time, bool) {
	if v == nil || v.Shop != shop {
		return time.Time{}, false
	}
	at := v.Said[offers.SensorBeacon].Left
	for _, seen := range v.Witnesses {
		if seen.After(at) {
			return time.Time{}, false
		}
	}
	return at, !at.IsZero()
}

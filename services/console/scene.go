package console

import (
	"time"

	"aisle/offers"
)

// scene is what the wall shows, made of the streams' records one by one: the
// same way whether they come now, or are read again for a replay. Safe for
// concurrent use.
type scene struct {
	recent *recent // what was decided, sent and redeemed lately
	floor  *floor  // who is where
}

func newScene() scene { return scene{newRecent(), newFloor()} }

// sighted notes a sighting that the log had at a time.
func (s scene) sighted(v *offers.Sighting, at time.Time) {
	if v.Shop != "" {
		s.floor.saw(v, at)
	}
}

// decided notes a decision, and tells whether it is new.
func (s scene) decided(d *offers.Decision, shop *offers.Shop) (decisionSummary, bool) {
	summary := summarise(d, shop)
	return summary, s.recent.decided(summary)
}

// delivered notes what became of a message, and tells whether it is new.
func (s scene) delivered(d *offers.Delivery, shop *offers.Shop) bool {
	if !s.recent.delivered(*d) {
		return false
	}
	if d.State == offers.DeliverySent {
		s.floor.sent(shop, d)
	}
	return true
}

// heard notes an event, and gives the redemption that it is or takes back, and
// what the wall calls that: "" where it is neither, or was told before.
func (s scene) heard(e *offers.Event) (x redemption, news string) {
	s.recent.heardOf(e)
	switch e.Type {
	case offers.ZoneLeft:
		s.floor.left(e.Shop, e.Zone, e.Time, e.Dwell)
	case offers.CheckedIn:
		s.floor.testified(e, offers.SensorApp)
	case offers.ConsentChanged:
		s.withdrawn(e.Shopper, e.Consent)
	case offers.RedemptionUndone:
		if x, undone := s.recent.undone(e.Decision, e.Time); undone {
			s.floor.redeemed(&x, -1)
			return x, "redemption_undone"
		}
	case offers.OfferRedeemed:
		x, first := s.recent.redeemed(redemption{
			Decision: e.Decision, Shopper: e.Shopper, Label: label(e.Shopper), Shop: e.Shop, Value: e.Value, At: e.Time,
		})
		if first {
			s.floor.redeemed(&x, 1)
			s.floor.testified(e, offers.SensorTill)
			return x, "redemption"
		}
	}
	return redemption{}, ""
}

// withdrawn takes who was known by a sense from the wall once it may not tell of
// them; as a stranger they are there when it sees them next.
func (s scene) withdrawn(shopper offers.ShopperID, c *offers.Consent) {
	if c == nil || c.Granted {
		return
	}
	switch c.Purpose {
	case offers.ConsentFace:
		s.floor.forget(shopper, offers.SensorCamera)
	case offers.ConsentLocation:
		s.floor.forget(shopper, offers.SensorBeacon)
	}
}

// snapshot is all of a shop, with its people and figures.
func (s scene) snapshot(shop *offers.Shop, people livePeople, kpis liveKpis) liveSnapshot {
	all := liveSnapshot{
		Shop: whole(*shop), People: people, Kpis: kpis,
		Decisions: s.recent.list(wanted{shop: shop.ID, limit: snapshotLists}), Sandbox: []sandboxMessage{},
	}
	all.Deliveries, all.Redemptions = s.recent.happened(shop.ID, snapshotLists)
	for i := range all.Deliveries {
		all.Deliveries[i] = forWall(&all.Deliveries[i])
	}
	return all
}

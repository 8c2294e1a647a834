package console_test

import (
	"time"

	"aisle/offers"
)

// profileOf is somebody whom the house knows well.
func profileOf(id offers.ShopperID) offers.Profile {
	now := time.Now().UTC().Truncate(time.Millisecond)
	return offers.Profile{
		Shopper:     id,
		Identifiers: []offers.Identifier{{Type: offers.CustomerID, Value: "customer-" + string(id)}, {Type: offers.Tag, Value: "iBeacon:1-2-3"}},
		Traits:      offers.Traits{Name: "Mia", Phone: "+447700900110", Email: "mia@example.com", Tier: "gold"},
		Consents:    map[offers.Purpose]offers.Consent{offers.ConsentPush: {Purpose: offers.ConsentPush, Granted: true, At: now, Source: "app"}},
		Visit: &offers.Visit{Shop: "centraal", Zone: "shoes", Started: now.Add(-time.Minute), ZoneSince: now, LastSeen: now,
			Witnesses: map[offers.Sensor]time.Time{offers.SensorCamera: now, offers.SensorBeacon: now}},
		Contacts: []offers.Contact{{Decision: "0-1-0", Campaign: "tea", Offer: "tea", At: now.Add(-time.Hour)}, {Decision: "0-2-0", Campaign: "shoes", Offer: "shoes20", At: now, Redeemed: now}},
		First:    now.Add(-24 * time.Hour), Last: now,
	}
}

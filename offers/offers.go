// Package offers is the vocabulary of the shop: what a shopper did, where they
// are, what is known of them, what may be offered, and what was decided.
//
// Every other package speaks in these words; docs/words.md explains them to a
// shopkeeper. The package imports the standard library only, holds data and no
// behaviour that needs a clock, a network or a file, and its JSON is what lies
// on the streams: lower_snake_case, times in RFC 3339, money in minor units.
package offers

// Identifiers have types of their own, so that a zone can never be passed for
// a campaign.
type (
	// ShopperID names one person as the house knows them, known or not yet.
	ShopperID string
	// ShopID names one shop, the place.
	ShopID string
	// FloorID names one floor of a shop.
	FloorID string
	// ZoneID names one zone of a shop's floor plan, unique within the shop.
	ZoneID string
	// ReceiverID names one radio receiver as it calls itself on MQTT.
	ReceiverID string
	// CameraID names one camera.
	CameraID string
	// EventID names one event; two records of the same id are the same event.
	EventID string
	// CampaignID names one campaign.
	CampaignID string
	// ScenarioID names one scenario: a pattern of events in time.
	ScenarioID string
	// SegmentID names one segment: a rule that campaigns share.
	SegmentID string
	// OfferID names one offer, unique within the house.
	OfferID string
	// PlacementID names a place where offers are shown: what it is, and which of
	// them where there are several: "sms", "app", "web/home-banner".
	PlacementID string
	// DecisionID names one decision: partition, source offset, moment.
	DecisionID string
	// DeliveryID names one attempt to carry a decision by one channel.
	DeliveryID string
)

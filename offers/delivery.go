package offers

import "time"

// DeliveryState is how far an attempt to carry a decision came.
type DeliveryState string

// States of a delivery.
const (
	DeliveryClaimed   DeliveryState = "claimed"
	DeliverySent      DeliveryState = "sent"      // the provider, or the app's inbox, has it
	DeliveryDelivered DeliveryState = "delivered" // the phone has it
	DeliveryFailed    DeliveryState = "failed"    // for good; Detail says why
	DeliveryRefused   DeliveryState = "refused"   // by our own guard; Refusal says why
	DeliveryHeld      DeliveryState = "held"      // until quiet hours end
)

// Shown tells whether the offer is before its shopper's eyes.
func (s DeliveryState) Shown() bool { return s == DeliverySent || s == DeliveryDelivered }

// Refusal is why the guard did not let a message go.
type Refusal string

// Refusals.
const (
	RefusedConsent    Refusal = "consent"
	RefusedCap        Refusal = "cap"
	RefusedQuietHours Refusal = "quiet_hours"
	RefusedNoAddress  Refusal = "no_address"
	RefusedExpired    Refusal = "expired"
	RefusedReplaced   Refusal = "replaced" // a better offer waits in its place
	RefusedContacts   Refusal = "contacts" // the shopper has been spoken to often enough, by whatever channel
	RefusedStock      Refusal = "stock"    // all that there are have been given away
	RefusedBudget     Refusal = "budget"
	RefusedCampaign   Refusal = "campaign" // it is not live any more
	RefusedText       Refusal = "text"     // a variable of it has no value for this shopper
)

// Delivery is one attempt to carry one decision by one channel.
type Delivery struct {
	ID         DeliveryID    `json:"id"` // decision and channel
	Decision   DecisionID    `json:"decision"`
	Shopper    ShopperID     `json:"shopper"`
	Shop       ShopID        `json:"shop,omitempty"`
	Zone       ZoneID        `json:"zone,omitempty"`
	Campaign   CampaignID    `json:"campaign"`
	Offer      OfferID       `json:"offer"`
	Title      string        `json:"title"`
	Channel    Channel       `json:"channel"`
	Provider   string        `json:"provider,omitempty"` // twilio, sandbox, app
	ProviderID string        `json:"provider_id,omitempty"`
	State      DeliveryState `json:"state"`
	Refusal    Refusal       `json:"refusal,omitempty"`
	Status     string        `json:"status,omitempty"` // what the provider told, in its word: queued, read
	Detail     string        `json:"detail,omitempty"`
	Code       string        `json:"code,omitempty"` // that the till redeems
	Expires    time.Time     `json:"expires,omitzero"`
	Received   time.Time     `json:"received"` // when the door had the event that woke the decision
	At         time.Time     `json:"at"`       // of this state
}

// Inbox is what the shopper's app shows of an offer.
type Inbox struct {
	Decision DecisionID `json:"decision"`
	Campaign CampaignID `json:"campaign"`
	Offer    Offer      `json:"offer"`
	Code     string     `json:"code"`
	Shop     ShopID     `json:"shop,omitempty"`
	Zone     ZoneID     `json:"zone,omitempty"`
	At       time.Time  `json:"at"`
	Expires  time.Time  `json:"expires"`
	Redeemed time.Time  `json:"redeemed,omitzero"`
}

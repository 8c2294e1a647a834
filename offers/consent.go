package offers

import "time"

// Purpose is what a consent is for. Nothing is done for a purpose without it.
type Purpose string

// Purposes of consent.
const (
	ConsentSMS      Purpose = "sms"      // be sent text messages
	ConsentPush     Purpose = "push"     // be sent notifications, in the app too
	ConsentEmail    Purpose = "email"    // be sent e-mail
	ConsentFace     Purpose = "face"     // be recognised by camera
	ConsentLocation Purpose = "location" // be located in the shop
	ConsentSearch   Purpose = "search"   // have searches on the web used for offers
)

// Purposes lists them all, in the order in which shoppers are asked.
var Purposes = []Purpose{ConsentPush, ConsentSMS, ConsentEmail, ConsentSearch, ConsentLocation, ConsentFace}

// Consent is one answer of a shopper, kept with its source and time. The
// latest answer by time holds; no answer is a no.
type Consent struct {
	Purpose Purpose   `json:"purpose"`
	Granted bool      `json:"granted"`
	At      time.Time `json:"at"`
	Source  string    `json:"source"` // "app", "sms STOP", "segment/website"
}

// Followed tells whether the shopper agrees that this is noticed of what they do.
func (p *Profile) Followed(t EventType) bool {
	switch t {
	case PageViewed, ProductSearched, ProductListViewed, ProductViewed, ProductAdded, ProductRemoved, CartViewed, CheckoutStarted:
		return p.Consented(ConsentSearch)
	case ZoneEntered, ZoneDwelled, ZoneLeft:
		return p.Consented(ConsentLocation)
	case Recognised:
		return p.Consented(ConsentFace)
	}
	return true
}

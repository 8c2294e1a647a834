package offers

import (
	"encoding/json"
	"time"
)

// EventType says what a shopper did, in the past tense, in the canonical
// spelling whatever the client's was.
type EventType string

// The events that the house understands. Others pass as they are called.
const (
	PageViewed        EventType = "page_viewed"
	ProductSearched   EventType = "product_searched"
	ProductListViewed EventType = "product_list_viewed"
	ProductViewed     EventType = "product_viewed"
	ProductAdded      EventType = "product_added"
	ProductRemoved    EventType = "product_removed"
	CartViewed        EventType = "cart_viewed"
	CheckoutStarted   EventType = "checkout_started"
	OrderCompleted    EventType = "order_completed"

	Identified     EventType = "identified"      // said who they are; Traits
	ConsentChanged EventType = "consent_changed" // Consent
	Merged         EventType = "merged"          // Into: this shopper is that one, from now on
	ProfileMoved   EventType = "profile_moved"   // Profile: what a merged shopper leaves to the winner
	Separated      EventType = "separated"       // Apart, Profile: who this shopper is after being taken apart

	Recognised  EventType = "recognised" // by a camera, having asked to be
	ZoneEntered EventType = "zone_entered"
	ZoneDwelled EventType = "zone_dwelled" // Dwell; once a stay, when the zone's dwell time is reached
	ZoneLeft    EventType = "zone_left"    // Dwell; the whole stay

	CheckedIn  EventType = "checked_in"  // told the app that they are in the shop, by the code that hangs there
	DeviceLent EventType = "device_lent" // With: who used this shopper's phone or tag

	OfferPlaced   EventType = "offer_placed"   // Placed: a page or screen asked, and was answered
	OfferViewed   EventType = "offer_viewed"   // Decision
	OfferClicked  EventType = "offer_clicked"  // Decision
	OfferRedeemed EventType = "offer_redeemed" // Decision, Value: the basket

	RedemptionUndone EventType = "redemption_undone" // Decision: its code was taken by mistake, and holds again

	// What the decider tells itself, through the log, so that whoever reads the
	// log again comes to the same: that a scenario was completed, and that a
	// time has come at which one waits for something not to have happened.
	ScenarioCompleted EventType = "scenario_completed" // Scenario
	TimerDue          EventType = "timer_due"          // Time: when it was due
)

// What a backfill tells the decider, shopper by shopper: that it looks at what
// was before, and what it found. ID and Time are the backfill's.
const (
	BackfillBegun EventType = "backfill_begun"
	BackfillFound EventType = "backfill_found"
)

// Backfill is what the events before BackfillBegun come to in some features. See
// docs/adr/0008-backfill-through-the-log.md.
type Backfill struct {
	Run     string         `json:"run"`
	Shopper ShopperID      `json:"shopper"`         // of whom it tells, who may have become another on the way
	Since   time.Time      `json:"since,omitzero"`  // from when the log holds what happened; zero: all
	States  []FeatureState `json:"states,omitzero"` // at the begin only which features and versions
}

// Event is one thing that a shopper did, as it lies on the stream "events"
// under the shopper's key.
type Event struct {
	ID          EventID      `json:"id"`
	Type        EventType    `json:"type"`
	Shopper     ShopperID    `json:"shopper"`
	Identifiers []Identifier `json:"identifiers,omitempty"` // as the source gave them, after the limits
	Time        time.Time    `json:"time"`                  // when it happened, the client's clock corrected
	Received    time.Time    `json:"received"`              // when the door had it
	Source      string       `json:"source"`                // the door and the writer: "segment/website"

	// Retells is the event of which this one is another telling: a search that
	// the page of its results told before the site's own event did. Who counts
	// has counted it.
	Retells EventID `json:"retells,omitempty"`

	Shop  ShopID        `json:"shop,omitempty"`
	Zone  ZoneID        `json:"zone,omitempty"`
	Dwell time.Duration `json:"dwell_ns,omitempty"`

	Query    string     `json:"query,omitempty"`    // what was searched for
	Category string     `json:"category,omitempty"` // of the product or list, lower case: "footwear"
	Product  string     `json:"product,omitempty"`  // product id
	Title    string     `json:"title,omitempty"`    // product's or page's name
	Quantity int        `json:"quantity,omitempty"`
	Value    Money      `json:"value,omitzero"`
	Decision DecisionID `json:"decision,omitempty"`
	Offer    OfferID    `json:"offer,omitempty"` // of the decision, where the door knows it
	Scenario ScenarioID `json:"scenario,omitempty"`

	Traits     *Traits         `json:"traits,omitempty"`
	Consent    *Consent        `json:"consent,omitempty"`
	Into       ShopperID       `json:"into,omitempty"`
	Apart      []ShopperID     `json:"apart,omitempty"` // who the shopper is not any more
	Profile    *Profile        `json:"profile,omitempty"`
	Backfill   *Backfill       `json:"backfill,omitempty"`
	With       ShopperID       `json:"with,omitempty"`
	Placed     *Decision       `json:"placed,omitempty"`     // whole, but for what its place on the log gives it: ID and Offset
	Confidence float64         `json:"confidence,omitempty"` // of a recognition or a position, 0 to 1
	Properties json.RawMessage `json:"properties,omitempty"` // what else the client said, untouched
}

// Traits are what an identified shopper told of themselves.
type Traits struct {
	Name     string `json:"name,omitempty"`
	Phone    string `json:"phone,omitempty"` // E.164
	Email    string `json:"email,omitempty"`
	Locale   string `json:"locale,omitempty"`    // BCP 47
	TimeZone string `json:"time_zone,omitempty"` // IANA
	Tier     string `json:"tier,omitempty"`      // of the loyalty programme

	Birthday string `json:"birthday,omitempty"` // 2006-01-02
	Street   string `json:"street,omitempty"`   // with the house's number
	Postcode string `json:"postcode,omitempty"`
	City     string `json:"city,omitempty"`

	Wishes *Wishes `json:"wishes,omitempty"` // as a whole: the latest holds
}

// IdentifierType says what kind of name an identifier is. Its priority, limit
// and blocked values are in offers/identity.
type IdentifierType string

// Types of identifiers, highest priority first.
const (
	CustomerID IdentifierType = "customer_id"
	Phone      IdentifierType = "phone"
	Email      IdentifierType = "email"
	AppInstall IdentifierType = "app_install"
	Face       IdentifierType = "face"
	Tag        IdentifierType = "tag" // a beacon's or tag's own id, never a MAC address
	Cookie     IdentifierType = "cookie"
)

// Identifier is one name by which a source knows a shopper.
type Identifier struct {
	Type  IdentifierType `json:"type"`
	Value string         `json:"value"`
}

// Quarantined is a record that could not be read, whole, with its reason.
type Quarantined struct {
	ID       string            `json:"id"`
	Reason   Reason            `json:"reason"`
	Detail   string            `json:"detail"` // in words that say how to mend it
	Source   string            `json:"source"` // the door or stream that it came by
	Received time.Time         `json:"received"`
	Headers  map[string]string `json:"headers,omitempty"`
	Body     []byte            `json:"body"` // as it came
}

// Reason is why a record lies in quarantine.
type Reason string

// Reasons for quarantine.
const (
	ReasonEncoding Reason = "encoding" // not JSON, not UTF-8, truncated, not an image
	ReasonSchema   Reason = "schema"   // read, but not of the shape it should have
	ReasonSize     Reason = "size"     // larger than the door takes
	ReasonClock    Reason = "clock"    // a time that cannot be
	ReasonUnknown  Reason = "unknown"  // names a shop, zone, receiver or shopper that does not exist
	ReasonAuth     Reason = "auth"     // from nobody whom we know
	ReasonBot      Reason = "bot"      // by a program that looks at pages, not by a person
	ReasonPoison   Reason = "poison"   // made a later room fail each time
)

// Replay asks the door to take once more what lies in quarantine, as it came.
// It is on the stream "quarantine", under the same key.
type Replay struct {
	ID          string      `json:"id"`
	Of          []string    `json:"of"` // ids in quarantine that it answers, most often one
	Quarantined Quarantined `json:"quarantined"`
	By          string      `json:"by"` // who asked
	At          time.Time   `json:"at"`
}

// Replayed is what became of a Replay, beside it on the stream.
type Replayed struct {
	ID       string    `json:"id"` // the replay's
	Of       []string  `json:"of"`
	Accepted int       `json:"accepted"`         // events that came of it
	Bad      int       `json:"bad"`              // what was put aside again
	Reason   Reason    `json:"reason,omitempty"` // of the first that was
	Detail   string    `json:"detail,omitempty"`
	At       time.Time `json:"at"`
}

package offers

import "time"

// Profile is what is known of one shopper: the state that events fold into.
// The decider that owns the shopper's partition is its only writer.
type Profile struct {
	Shopper     ShopperID               `json:"shopper"`
	Identifiers []Identifier            `json:"identifiers,omitempty"`
	Traits      Traits                  `json:"traits,omitzero"`
	Consents    map[Purpose]Consent     `json:"consents,omitempty"`
	Features    map[string]FeatureState `json:"features,omitempty"` // by name, folded by offers/feature
	Visit       *Visit                  `json:"visit,omitempty"`
	Lent        *Lent                   `json:"lent,omitempty"`     // their phone or tag is, or was, with somebody else
	Contacts    []Contact               `json:"contacts,omitempty"` // latest last, bounded
	First       time.Time               `json:"first"`
	Last        time.Time               `json:"last"`          // greatest event time seen
	Wake        time.Time               `json:"wake,omitzero"` // when a scenario next waits for something not to have happened
	Scenarios   *Progress               `json:"scenarios,omitempty"`
	Into        ShopperID               `json:"into,omitempty"`     // merged: forward everything there
	Absorbed    []ShopperID             `json:"absorbed,omitempty"` // whose profiles moved in here
	Recent      []byte                  `json:"recent,omitempty"`   // hashes of the latest events, so that a repeat is folded once
}

// MaxContacts bounds Profile.Contacts.
const MaxContacts = 40

// Consented tells whether the shopper's latest answer for the purpose is yes.
func (p *Profile) Consented(purpose Purpose) bool { return p.Consents[purpose].Granted }

// FeatureState is the folded state of one feature. Which parts are used depends
// on the feature's aggregate and window.
type FeatureState struct {
	Sum     float64                 `json:"n,omitempty"` // count or sum, without a window
	Text    string                  `json:"s,omitempty"` // last value of a text
	At      time.Time               `json:"at,omitzero"` // event time of the newest contribution
	Source  string                  `json:"src,omitempty"`
	Buckets map[int64]float64       `json:"b,omitempty"` // by the bucket's start in Unix seconds
	Groups  map[string]FeatureState `json:"g,omitempty"` // by the group's key, bounded
}

// Visit is an unbroken presence in one shop. Only offers/visit writes it.
type Visit struct {
	Shop      ShopID               `json:"shop"`
	Zone      ZoneID               `json:"zone,omitempty"` // where they are now, as the best witness has it
	Started   time.Time            `json:"started"`
	ZoneSince time.Time            `json:"zone_since,omitzero"`
	LastSeen  time.Time            `json:"last_seen"`
	Witnesses map[Sensor]time.Time `json:"witnesses,omitempty"` // which senses saw them, when last
	Said      map[Sensor]Testimony `json:"said,omitempty"`      // what each of them said
	Earlier   *Visit               `json:"earlier,omitempty"`   // the one before, as long as a late event may join the two
}

// Testimony is what one sense says of a visit: how sure it was when it last saw them,
// and the stay in a zone that began last.
type Testimony struct {
	Sure  float64   `json:"sure,omitempty"` // 0 to 1
	Zone  ZoneID    `json:"zone,omitempty"`
	Since time.Time `json:"since,omitzero"`
	Left  time.Time `json:"left,omitzero"` // zero: they have not
}

// Lent says that somebody else used a shopper's phone or tag, and since when it
// is theirs again.
type Lent struct {
	To   ShopperID `json:"to,omitempty"`
	At   time.Time `json:"at,omitzero"`   // latest sign of it
	Back time.Time `json:"back,omitzero"` // latest sign that they have it themselves
}

// Contact is an offer that a shopper was decided to get, for caps and cooldowns.
type Contact struct {
	Decision DecisionID `json:"decision"`
	Campaign CampaignID `json:"campaign"`
	Offer    OfferID    `json:"offer"`
	At       time.Time  `json:"at"`
	Redeemed time.Time  `json:"redeemed,omitzero"`

	Placement PlacementID `json:"placement,omitempty"` // where it was shown, if a page or screen asked for it
}

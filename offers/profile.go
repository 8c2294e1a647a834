package offers

import (
	"slices"
	"strings"
	"time"
)

// Profile is what is known of one shopper: the state that events fold into.
// The decider that owns the shopper's partition is its only writer.
type Profile struct {
	Shopper     ShopperID           `json:"shopper"`
	Identifiers []Identifier        `json:"identifiers,omitempty"`
	Traits      Traits              `json:"traits,omitzero"`
	Told        Told                `json:"told,omitempty"` // when each trait was
	Consents    map[Purpose]Consent `json:"consents,omitempty"`
	Features    []FeatureState      `json:"features,omitempty"` // by name, folded by offers/feature
	Visit       *Visit              `json:"visit,omitempty"`
	Lent        *Lent               `json:"lent,omitempty"`     // their phone or tag is, or was, with somebody else
	Contacts    []Contact           `json:"contacts,omitempty"` // latest last, bounded
	First       time.Time           `json:"first"`
	Last        time.Time           `json:"last"`            // greatest event time seen
	Wake        time.Time           `json:"wake,omitzero"`   // when a scenario next waits for something not to have happened
	Trace       string              `json:"trace,omitempty"` // W3C traceparent of the event that made it wait
	Scenarios   *Progress           `json:"scenarios,omitempty"`
	Into        ShopperID           `json:"into,omitempty"`     // merged: forward everything there
	Absorbed    []ShopperID         `json:"absorbed,omitempty"` // whose profiles moved in here
	Recent      []byte              `json:"recent,omitempty"`   // hashes of the latest events, so that a repeat is folded once
}

// Told is when traits were told, by their names in JSON.
type Told map[string]time.Time

// MaxContacts bounds Profile.Contacts. At most MaxPlaced of them are of pages and
// screens: no cap of more than that can be kept there.
const (
	MaxContacts = 40
	MaxPlaced   = MaxContacts / 2
)

// Consented tells whether the shopper's latest answer for the purpose is yes.
func (p *Profile) Consented(purpose Purpose) bool { return p.Consents[purpose].Granted }

// Feature is the state of a feature, nil where nothing was folded.
func (p *Profile) Feature(name string) *FeatureState {
	i, ok := slices.BinarySearchFunc(p.Features, name, func(s FeatureState, name string) int { return strings.Compare(s.Name, name) })
	if !ok {
		return nil
	}
	return &p.Features[i]
}

// FeatureState is what the events of one shopper come to in one feature.
type FeatureState struct {
	Name    string        `json:"name"`
	Version uint32        `json:"v,omitempty"`     // of the definition that folded it: a state of another one says nothing
	First   time.Time     `json:"first,omitzero"`  // event time of the oldest contribution
	At      time.Time     `json:"at,omitzero"`     // event time of the newest contribution
	Source  string        `json:"src,omitempty"`   // of the newest contribution
	Cells   []FeatureCell `json:"cells,omitempty"` // by Start and Key, bounded

	// While a backfill goes on, Pending is what came since it began, and
	// Backfill is its name: what it finds before that takes the place of Cells.
	Pending  *FeatureState `json:"pending,omitempty"`
	Backfill string        `json:"backfill,omitempty"`
}

// FeatureCell is what the contributions of one stretch of time to one group
// come to. What N and M count is the aggregate's affair.
type FeatureCell struct {
	Start int64  `json:"t,omitempty"` // of the bucket or session in Unix ms; 0 for all that ever was
	End   int64  `json:"e,omitempty"` // of the session's newest event, in Unix ms
	Key   string `json:"k,omitempty"` // the group, or the word that is kept
	N     int64  `json:"n,omitempty"`
	M     int64  `json:"m,omitempty"`
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

package offers

import "time"

// Verdict is the outcome of a decision.
type Verdict string

// Verdicts. NoOffer and HeldOut are decisions too, and recorded.
const (
	Offered Verdict = "offered"
	NoOffer Verdict = "no_offer"
	HeldOut Verdict = "held_out" // would have been offered; kept back to measure what offers earn
)

// Holder is for whose measuring a shopper is held out.
type Holder string

// Holders. Whom the house holds out, no campaign reaches.
const (
	HeldByHouse    Holder = "house"
	HeldByCampaign Holder = "campaign"
)

// Decision is the answer to one moment, with everything that it looked at.
type Decision struct {
	ID       DecisionID `json:"id"`
	Shopper  ShopperID  `json:"shopper"`
	Shop     ShopID     `json:"shop,omitempty"`
	Zone     ZoneID     `json:"zone,omitempty"`
	Event    EventID    `json:"event"` // that woke it
	Trigger  EventType  `json:"trigger"`
	Time     time.Time  `json:"time"`     // of the event
	Received time.Time  `json:"received"` // when the door had the event
	Offset   int64      `json:"offset"`   // of the event in its partition of "events"

	Verdict     Verdict    `json:"verdict"`
	HeldBy      Holder     `json:"held_by,omitempty"` // of held_out
	Campaign    CampaignID `json:"campaign,omitempty"`
	Offer       *Offer     `json:"offer,omitempty"` // as it was at that moment
	Channels    []Channel  `json:"channels,omitempty"`
	Probability float64    `json:"probability,omitempty"` // with which the offer was drawn among its candidates, exact
	Expires     time.Time  `json:"expires,omitzero"`

	Model      string      `json:"model"`                // version of the ranker
	Candidates []Candidate `json:"candidates,omitempty"` // every one, the chosen first, those that are out last
	Features   Features    `json:"features,omitempty"`   // exactly as they were seen
	Consents   []Purpose   `json:"consents,omitempty"`   // that the shopper had given by then
	Context    Context     `json:"context"`
	Off        []Factor    `json:"off,omitempty"` // factors that the house has switched off: they count 1

	// Of a page or screen that asked. Offer is the first of Placed.
	Placement PlacementID       `json:"placement,omitempty"`
	Placed    []Placed          `json:"placed,omitempty"`
	Fallback  bool              `json:"fallback,omitempty"` // nothing else could be shown
	Told      map[string]string `json:"told,omitempty"`     // what the page said of itself
}

// Placed is one offer of a ranked list.
type Placed struct {
	Campaign       CampaignID     `json:"campaign"`
	Offer          Offer          `json:"offer"`
	Representation Representation `json:"representation"`
	Probability    float64        `json:"probability"` // of being drawn for this place of the list, given those before it; exact
	Expires        time.Time      `json:"expires,omitzero"`
}

// Factor is one of those whose product is a score.
type Factor string

// Factors.
const (
	FactorPropensity Factor = "propensity"
	FactorContext    Factor = "context"
	FactorValue      Factor = "value"
	FactorLever      Factor = "lever"
	FactorReach      Factor = "reach"
)

// Factors lists them all, in the order in which they are written.
var Factors = []Factor{FactorPropensity, FactorContext, FactorValue, FactorLever, FactorReach}

// Context is what the ranker learns from beside the features.
type Context struct {
	Hour     int       `json:"hour"` // in the shop's zone
	Weekday  int       `json:"weekday"`
	Shopper  ShopperID `json:"-"`
	Category string    `json:"category,omitempty"` // of the zone
	Searched []string  `json:"searched,omitempty"` // categories searched for lately
	Tier     string    `json:"tier,omitempty"`
	Senses   []Sensor  `json:"senses,omitempty"` // that witness the visit

	Features Features `json:"-"` // those that the decision records
}

// Candidate is one offer that a decision looked at, with its scores, or with
// the one reason why it is out.
type Candidate struct {
	Campaign CampaignID `json:"campaign"`
	Name     string     `json:"name"` // the campaign's
	Offer    OfferID    `json:"offer,omitempty"`
	Title    string     `json:"title,omitempty"`
	Out      Exclusion  `json:"out,omitempty"` // empty: it was in the running
	Detail   string     `json:"detail,omitempty"`

	Propensity  float64 `json:"propensity,omitempty"`  // P: chance that the shopper takes it, the model's mean
	Uncertainty float64 `json:"uncertainty,omitempty"` // standard deviation of that, of the posterior
	Weight      float64 `json:"weight,omitempty"`      // C: context weight
	Value       float64 `json:"value,omitempty"`       // V: in major units
	Lever       float64 `json:"lever,omitempty"`       // L: 1 + per cent / 100
	Reach       float64 `json:"reach,omitempty"`       // R: 1 at the offer's zone, less farther away
	DetourM     float64 `json:"detour_m,omitempty"`    // walking distance to the offer's zone
	Score       float64 `json:"score,omitempty"`       // P x C x V x L x R
	Probability float64 `json:"probability,omitempty"` // of being drawn
	Model       string  `json:"model,omitempty"`       // who said P, with its version, where it is not the decision's model

	Fallback bool `json:"fallback,omitempty"` // it is the placement's, and was in no running
}

// Exclusion is why a candidate is out, the first that applied.
type Exclusion string

// Exclusions, in the order in which they are tried.
const (
	OutLate          Exclusion = "late"
	OutSchedule      Exclusion = "schedule"
	OutConsent       Exclusion = "consent"
	OutLent          Exclusion = "lent" // their phone or tag is with somebody else
	OutQuietZone     Exclusion = "quiet_zone"
	OutEligibility   Exclusion = "eligibility"
	OutApplicability Exclusion = "applicability"
	OutSuitability   Exclusion = "suitability"
	OutExcluded      Exclusion = "excluded" // a scenario that they are in silences the campaign's group
	OutCap           Exclusion = "cap"
	OutCooldown      Exclusion = "cooldown"
	OutRuleError     Exclusion = "rule_error"
	OutSplit         Exclusion = "split" // this shopper keeps to another of the campaign's offers

	OutRepresentation Exclusion = "representation" // the offer has none for where it would be shown
	OutShown          Exclusion = "shown"          // the page has it already
	OutHoldout        Exclusion = "holdout"        // drawn for a list, and kept back to measure what offers earn
)

package offers

import "time"

// House is what holds whatever the campaign.
type House struct {
	Holdout float64 `json:"holdout"`          // share of shoppers who get no offer of any campaign, for measuring
	Limits  []Limit `json:"limits,omitempty"` // on how often one shopper is reached
	// Quiet is when nobody is disturbed, by the shopper's clock, beside what their
	// shop and they themselves say. Nil: where there is no shop, the usual night.
	Quiet      *QuietHours `json:"quiet,omitempty"`
	CostPerDay int         `json:"cost_per_day,omitempty"` // most that the messages of a day may cost a shopper who did not say; 0: as configured
	// Campaigns go live only once a second person has approved what they say.
	Approvals bool `json:"approvals,omitempty"`

	Version int       `json:"version"` // grows with each change
	Updated time.Time `json:"updated,omitzero"`
}

// Limit is how often one shopper is reached at most by all that it covers. What
// it does not name it does not narrow. One decision that goes by two channels
// counts once.
type Limit struct {
	Campaign CampaignID    `json:"campaign,omitempty"`
	Tag      string        `json:"tag,omitempty"` // of campaigns, as it was when they were sent
	Channel  Channel       `json:"channel,omitempty"`
	Times    int           `json:"times"`
	Per      time.Duration `json:"per_ns,omitempty"` // until now, at most LongestLimit; 0: the day by the shopper's calendar
	Beyond   Beyond        `json:"beyond,omitempty"` // what becomes of one too many
}

// LongestLimit is how long what was sent is remembered for limits.
const LongestLimit = 30 * 24 * time.Hour

// Beyond is what becomes of a message that a limit has no room for.
type Beyond string

// What becomes of one too many.
const (
	BeyondDrop    Beyond = "drop"    // it is refused; also where nothing is said
	BeyondHold    Beyond = "hold"    // it waits until there is room, as long as its offer holds
	BeyondReplace Beyond = "replace" // so it does, but of those that wait only the best stay, as many as the limit has room for
)

// HouseKey is the key of the house's records on the stream "campaigns".
const HouseKey = "house/house"

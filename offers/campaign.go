package offers

import "time"

// CampaignStatus is where a campaign stands. Only live ones decide.
type CampaignStatus string

// Statuses of a campaign.
const (
	CampaignDraft    CampaignStatus = "draft"
	CampaignLive     CampaignStatus = "live"
	CampaignPaused   CampaignStatus = "paused"
	CampaignArchived CampaignStatus = "archived"
)

// Campaign is what a marketer wrote: when it may speak, to whom, and what it
// has to offer. Its rules are CEL expressions over the moment (offers/rule).
type Campaign struct {
	ID          CampaignID     `json:"id"`
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Status      CampaignStatus `json:"status"`
	Version     int            `json:"version"` // grows with each change
	Tags        []string       `json:"tags,omitempty"`
	Group       string         `json:"group,omitempty"` // empty is SalesGroup; scenarios silence groups
	Trigger     Trigger        `json:"trigger"`
	Schedule    Schedule       `json:"schedule,omitzero"`

	Eligibility   string `json:"eligibility,omitempty"`   // may they? empty is yes
	Applicability string `json:"applicability,omitempty"` // does it make sense now? empty is yes
	Suitability   string `json:"suitability,omitempty"`   // should we? empty is yes, beside the caps

	Cap      Cap           `json:"cap,omitzero"`
	Cooldown time.Duration `json:"cooldown_ns,omitempty"` // after an offer of this campaign
	Channels []Channel     `json:"channels"`
	Offers   []Offer       `json:"offers"`

	Weight  float64   `json:"weight,omitempty"`  // context weight of arbitration; 0 means 1
	Lever   float64   `json:"lever,omitempty"`   // the business's thumb on the scale, per cent added
	Holdout float64   `json:"holdout,omitempty"` // share of shoppers who never get it, for measuring
	Budget  Money     `json:"budget,omitzero"`
	Updated time.Time `json:"updated,omitzero"`
}

// Trigger says which events wake a campaign. Empty fields match any.
type Trigger struct {
	Event EventType `json:"event"`
	Shop  ShopID    `json:"shop,omitempty"`
	Zones []ZoneID  `json:"zones,omitempty"`

	Scenario ScenarioID `json:"scenario,omitempty"` // with scenario_completed: which one
}

// Schedule says when a live campaign is awake. Zero fields do not limit. Days
// and minutes are in the shop's zone.
type Schedule struct {
	From        time.Time      `json:"from,omitzero"`
	Until       time.Time      `json:"until,omitzero"`
	Days        []time.Weekday `json:"days,omitempty"` // 0 is Sunday
	FromMinute  int            `json:"from_minute,omitempty"`
	UntilMinute int            `json:"until_minute,omitempty"` // 0 is the day's end
}

// Cap limits how often one shopper gets a campaign's offers. Zero is no limit.
type Cap struct {
	Times int           `json:"times"`
	Per   time.Duration `json:"per_ns"`
}

// Channel is a way to reach a shopper.
type Channel string

// Channels.
const (
	ChannelSMS Channel = "sms"
	ChannelApp Channel = "app" // live in the shopper's app
)

// Offer is one thing that a shopper may get.
type Offer struct {
	ID       OfferID       `json:"id"`
	Title    string        `json:"title"` // "20% off running shoes"
	Body     string        `json:"body"`  // a sentence more, for the app
	SMS      string        `json:"sms"`   // template of the message: {{name}} {{title}} {{code}} {{shop}} {{until}}
	Category string        `json:"category,omitempty"`
	Zone     ZoneID        `json:"zone,omitempty"`     // where it is used, for the walking distance
	Value    Money         `json:"value"`              // what a redemption is worth to the shop
	Discount float64       `json:"discount,omitempty"` // depth, 0 to 1
	Valid    time.Duration `json:"valid_ns"`           // how long it can be redeemed
}

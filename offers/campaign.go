package offers

import (
	"encoding/json"
	"strings"
	"time"
)

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

	// Who it is for: those in all of these segments, as Audience says in one rule.
	// The rule is kept here, so that who decides needs no segments.
	Segments []SegmentID `json:"segments,omitempty"`
	Audience string      `json:"audience,omitempty"`

	Eligibility   string `json:"eligibility,omitempty"`   // may they? empty is yes
	Applicability string `json:"applicability,omitempty"` // does it make sense now? empty is yes
	Suitability   string `json:"suitability,omitempty"`   // should we? empty is yes, beside the caps

	// Those of the rules above that were built, not written, by their names here: the
	// visual builder's trees (offers/rule). What a tree says is its rule.
	Trees map[string]json.RawMessage `json:"trees,omitempty"`

	Cap      Cap           `json:"cap,omitzero"`
	Cooldown time.Duration `json:"cooldown_ns,omitempty"` // after an offer of this campaign
	Channels []Channel     `json:"channels"`
	Offers   []Offer       `json:"offers"`

	// Pages and screens that may ask for its offers, whatever wakes it beside, and
	// those whose fallback it is: what is shown where nothing else can be. An id
	// without a slash is all of that kind.
	Placements []PlacementID `json:"placements,omitempty"`
	Fallback   []PlacementID `json:"fallback,omitempty"`

	Weight   float64         `json:"weight,omitempty"`   // context weight of arbitration; 0 means 1
	Contexts []ContextWeight `json:"contexts,omitempty"` // more of it, where they match
	Model    string          `json:"model,omitempty"`    // own model that says how likely its offers are taken, by its name in the configuration; empty: the house's
	Lever    float64         `json:"lever,omitempty"`    // the business's thumb on the scale, per cent added
	Holdout  float64         `json:"holdout,omitempty"`  // share of shoppers who never get it, for measuring
	Split    float64         `json:"split,omitempty"`    // share of shoppers who keep to one of its offers each, for comparing them
	Budget   Money           `json:"budget,omitzero"`
	Updated  time.Time       `json:"updated,omitzero"`
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

	// PerPlacement counts what was shown in each placement by itself, and what was
	// sent by itself; so does the cooldown then. Else all of it counts.
	PerPlacement bool `json:"per_placement,omitempty"`
}

// ContextWeight adds to a campaign's context weight where the moment has a value
// under a key: one of those that offers/decide lists, or one that the page says.
type ContextWeight struct {
	Key     string  `json:"key"`
	Value   string  `json:"value"`
	Percent float64 `json:"percent"` // added to those of others that match: 30 and 25 make 1.55
}

// Channel is a way to reach a shopper.
type Channel string

// Channels.
const (
	ChannelSMS     Channel = "sms"
	ChannelApp     Channel = "app"     // live in the shopper's app
	ChannelPush    Channel = "push"    // a notification, also where the app is closed
	ChannelEmail   Channel = "email"   // a letter by SMTP
	ChannelWebhook Channel = "webhook" // handed to a system of the shop's own, such as its own app's
)

// Channels lists them all.
var Channels = []Channel{ChannelApp, ChannelPush, ChannelSMS, ChannelEmail, ChannelWebhook}

// Purpose is the consent without which nothing goes by a channel; none of an
// unknown one.
func (c Channel) Purpose() Purpose {
	switch c {
	case ChannelSMS:
		return ConsentSMS
	case ChannelEmail:
		return ConsentEmail
	case ChannelApp, ChannelPush, ChannelWebhook:
		return ConsentPush
	}
	return ""
}

// Kinds of placements. Messages have one placement each, of their channel's
// name; pages and screens have as many as they have places: "web/home-banner".
const (
	PlacementSMS   PlacementID = "sms"
	PlacementPush  PlacementID = "push"
	PlacementEmail PlacementID = "email"
	PlacementApp   PlacementID = "app"
	PlacementWall  PlacementID = "wall"
	PlacementWeb   PlacementID = "web"
)

// Kind is what a placement is: its name up to the first slash.
func (p PlacementID) Kind() PlacementID {
	kind, _, _ := strings.Cut(string(p), "/")
	return PlacementID(kind)
}

// Covers tells whether a placement is meant by p: by its name, or by its kind.
func (p PlacementID) Covers(placement PlacementID) bool {
	return p == placement || p == placement.Kind()
}

// Representation is how an offer looks in a placement, or in all of a kind.
type Representation struct {
	Placement PlacementID `json:"placement"`
	Title     string      `json:"title,omitempty"`
	Text      string      `json:"text,omitempty"`
	Image     string      `json:"image,omitempty"`  // address of a picture
	Link      string      `json:"link,omitempty"`   // where a click leads
	Button    string      `json:"button,omitempty"` // what is written on it
}

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
	Away     time.Duration `json:"away_ns,omitempty"`  // it holds in the shop where it was made, and no more once its shopper has been out of that for so long; 0: wherever they are
	Stock    int           `json:"stock,omitempty"`    // how many can be redeemed at all; 0: any number

	// SMS in other languages than the house's: BCP 47 to template.
	Translations map[string]string `json:"sms_translations,omitempty"`

	// How it looks elsewhere than in a text message and on a card in the app, which
	// SMS, Title and Body say.
	Representations []Representation `json:"representations,omitempty"`
}

// In is how the offer looks in a placement: what was written for it, or for its
// kind; or as a message or a card, which every offer can be. False: it has no
// representation there, and cannot be shown.
func (o *Offer) In(placement PlacementID) (Representation, bool) {
	kind := placement.Kind()
	var found Representation
	for i := range o.Representations {
		switch r := &o.Representations[i]; r.Placement {
		case placement:
			return *r, true
		case kind:
			found = *r
		}
	}
	switch {
	case found.Placement != "":
		return found, true
	case kind == PlacementSMS && o.Title != "":
		return Representation{Placement: kind, Text: o.SMS}, true
	case kind == PlacementApp && o.Title != "":
		return Representation{Placement: kind, Title: o.Title, Text: o.Body}, true
	}
	return Representation{}, false
}

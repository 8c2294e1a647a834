package offers

import "time"

// House is what holds whatever the campaign.
type House struct {
	Holdout float64   `json:"holdout"` // share of shoppers who get no offer of any campaign, for measuring
	Version int       `json:"version"` // grows with each change
	Updated time.Time `json:"updated,omitzero"`
}

// HouseKey is the key of the house's records on the stream "campaigns".
const HouseKey = "house/house"

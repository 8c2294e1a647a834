package gateway

import (
	"time"

	"aisle/beacons"
)

// Form is in whose words readings came.
type Form string

// Forms.
const (
	FormESPresense Form = "espresense"
	FormTheengs    Form = "theengs"
	FormHCI        Form = "hci"
	FormFind3      Form = "find3"
	FormApp        Form = "app"
)

// Batch is what one message held of one tag, as a door hands it to whoever
// locates.
type Batch struct {
	Form     Form              `json:"form"`
	Received time.Time         `json:"received"`        // by the clock of the house
	Named    bool              `json:"named,omitempty"` // the door vouches for the tag's name, whatever it looks like
	Readings []beacons.Reading `json:"readings"`
}

// Names of tags that a door vouches for.
const (
	TagApp     = "app:"     // and the install's id
	TagShopper = "shopper:" // and the shopper's id
	TagFind3   = "find3:"   // and family/device
)

package gateway

import (
	"encoding/json"
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
	Received time.Time         `json:"received"`           // by the clock of the house
	Named    bool              `json:"named,omitempty"`    // the door vouches for the tag's name, whatever it looks like
	Ahead    time.Duration     `json:"ahead_ns,omitempty"` // of the house's, the receiver's own clock, where it tells times
	Readings []beacons.Reading `json:"readings"`
}

// Ahead is how far its sender's clock was ahead when a message came, by the
// newest time in it; false where it tells none, or is a clock that was never
// set.
func Ahead(body []byte, at time.Time) (time.Duration, bool) {
	var p struct {
		T         any `json:"t"`
		Timestamp any `json:"timestamp"`
		Packets   []struct {
			T any `json:"t"`
		} `json:"packets"`
	}
	if err := json.Unmarshal(body, &p); err != nil || len(p.Packets) > maxReadings {
		return 0, false
	}
	var newest time.Time
	told := func(v any) {
		if when, err := instant(v, time.Time{}); err == nil && when.After(newest) {
			newest = when
		}
	}
	told(p.T)
	told(p.Timestamp)
	for i := range p.Packets {
		told(p.Packets[i].T)
	}
	return newest.Sub(at), !newest.IsZero()
}

// Names of tags that a door vouches for.
const (
	TagApp     = "app:"     // and the install's id
	TagShopper = "shopper:" // and the shopper's id
	TagFind3   = "find3:"   // and family/device
)

package offers

import "time"

// Sensor says what kind of device concluded a sighting.
type Sensor string

// Sensors.
const (
	SensorCamera Sensor = "camera"
	SensorBeacon Sensor = "beacon"
	SensorApp    Sensor = "app"
	SensorTill   Sensor = "till"
)

// Sighting is a person at a place, as a sensor concluded it. Shopper is empty
// where the sensor does not know them; Track tells one unknown from another
// for as long as the sensor sees them and no longer.
type Sighting struct {
	MessageID  string    `json:"message_id,omitempty"` // the sensor's own, by which a door drops what came twice
	Track      string    `json:"track"`
	Shopper    ShopperID `json:"shopper,omitempty"`
	Sensor     Sensor    `json:"sensor"`
	Device     string    `json:"device"` // camera or tag
	Shop       ShopID    `json:"shop"`
	Floor      FloorID   `json:"floor,omitempty"`
	Zone       ZoneID    `json:"zone,omitempty"`
	At         Point     `json:"at"`
	AccuracyM  float64   `json:"accuracy_m,omitempty"` // radius that holds the true place 68 times of 100
	Confidence float64   `json:"confidence"`           // that it is this person in this zone, 0 to 1
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
	Gone       bool      `json:"gone,omitempty"` // the sensor has lost them

	// What is known of how sure the place is, where the sensor tells.
	Ellipse *Ellipse    `json:"ellipse,omitempty"`
	Zones   []ZoneShare `json:"zones,omitempty"`   // likely ones first; what is missing to 1 is outside of all
	Untrust string      `json:"untrust,omitempty"` // why no offer by place comes of it
	Suspect string      `json:"suspect,omitempty"` // the rule that the tag broke: it may be a copy of another's

	// Named is who a camera's own software says that it is, for the door to find
	// out which shopper that is, if they agreed. It goes no further than the door.
	Named *Identifier `json:"named,omitempty"`

	// Probe is the face by which somebody who enrolled was named, so that it can be
	// said for a day that it was another's. It goes no further than the door.
	Probe *Probe `json:"probe,omitempty"`
}

// Probe is one face, sealed for the shopper as whom it was taken.
type Probe struct {
	Model  string `json:"model"`
	Sealed []byte `json:"sealed"`
}

// Ellipse holds the true place 68 times of 100.
type Ellipse struct {
	MajorM     float64 `json:"major_m"` // half of its length
	MinorM     float64 `json:"minor_m"`
	HeadingDeg float64 `json:"heading_deg"` // of the major axis, clockwise from the x axis
}

// ZoneShare is how likely somebody is in a zone, 0 to 1.
type ZoneShare struct {
	Zone  ZoneID  `json:"zone"`
	Share float64 `json:"share"`
}

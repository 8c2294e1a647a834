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
}

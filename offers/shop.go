package offers

import "time"

// Shop is a place with its floor plan. Lengths are metres; the origin is the
// plan's top left corner, x to the right, y down.
type Shop struct {
	ID        ShopID     `json:"id"`
	Name      string     `json:"name"`
	TimeZone  string     `json:"time_zone"` // IANA
	Currency  string     `json:"currency"`  // ISO 4217
	Quiet     QuietHours `json:"quiet"`
	Floors    []Floor    `json:"floors"`
	Zones     []Zone     `json:"zones"`
	Receivers []Receiver `json:"receivers"`
	Cameras   []Camera   `json:"cameras"`
	Fixtures  []Fixture  `json:"fixtures,omitempty"`

	Entrances []Entrance    `json:"entrances,omitempty"`
	Survey    []SurveyPoint `json:"survey,omitempty"`
	Canaries  []Canary      `json:"canaries,omitempty"`
}

// QuietHours is when no message is sent, in the shop's zone: minutes after
// midnight, From may be later than Until. Equal means none.
type QuietHours struct {
	FromMinute  int `json:"from_minute"`
	UntilMinute int `json:"until_minute"`
}

// Floor is one level of a shop.
type Floor struct {
	ID      FloorID `json:"id"`
	Name    string  `json:"name"`
	WidthM  float64 `json:"width_m"`
	DepthM  float64 `json:"depth_m"`
	Outline []Point `json:"outline,omitempty"` // the walls; empty means the whole rectangle
	Image   string  `json:"image,omitempty"`   // address of a picture that fills the rectangle

	Picture *Picture `json:"picture,omitempty"` // where Image lies, if it does not fill the rectangle
}

// Picture is how the image of a floor lies on it.
type Picture struct {
	At      Point   `json:"at"` // its top left corner
	WidthM  float64 `json:"width_m"`
	DepthM  float64 `json:"depth_m"`
	Opacity float64 `json:"opacity,omitempty"` // 0 to 1; 0 is not said
}

// Entrance is a door to the street, or stairs or a lift to the floor Leads.
type Entrance struct {
	ID    string  `json:"id"`
	Floor FloorID `json:"floor"`
	At    Point   `json:"at"`
	Leads FloorID `json:"leads,omitempty"` // empty: to the street
}

// SurveyPoint is a place where somebody stood with a tag and pressed the
// button, so that the house knows how the receivers hear it there.
type SurveyPoint struct {
	Floor FloorID    `json:"floor"`
	At    Point      `json:"at"`
	Taken time.Time  `json:"taken,omitzero"`
	Heard []Surveyed `json:"heard"`
}

// Surveyed is how one receiver heard the tag of a SurveyPoint.
type Surveyed struct {
	Receiver ReceiverID `json:"receiver"`
	GainDB   float64    `json:"gain_db"` // mean received power less the tag's power at one metre
	Packets  int        `json:"packets"`
}

// Canary is a tag that is fixed at a known place, by which the house measures
// how well it locates there.
type Canary struct {
	Tag   string  `json:"tag"`
	Floor FloorID `json:"floor"`
	At    Point   `json:"at"`
}

// Point is a place on a floor, in metres.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// ZoneKind says what a zone is for.
type ZoneKind string

// Kinds of zones.
const (
	ZoneSales    ZoneKind = "sales"
	ZoneEntrance ZoneKind = "entrance"
	ZoneCheckout ZoneKind = "checkout"
	ZoneQuiet    ZoneKind = "quiet" // no dwell is computed there and nothing sent
)

// Zone is a part of a floor that has a name for shoppers.
type Zone struct {
	ID       ZoneID        `json:"id"`
	Floor    FloorID       `json:"floor"`
	Name     string        `json:"name"`
	Kind     ZoneKind      `json:"kind"`
	Category string        `json:"category,omitempty"` // of what is sold there, as events spell it
	Polygon  []Point       `json:"polygon"`
	Dwell    time.Duration `json:"dwell_ns"` // how long a stay counts as a dwell
	Capacity int           `json:"capacity,omitempty"`
}

// Fixture is what stands on a floor and does not move: shelves, a table, a
// till. It is drawn on the plan, so that staff know where they look.
type Fixture struct {
	Floor  FloorID `json:"floor"`
	Kind   string  `json:"kind,omitempty"` // shelf, table, round, counter or till; it only changes the drawing
	At     Point   `json:"at"`             // its top left corner
	WidthM float64 `json:"width_m"`
	DepthM float64 `json:"depth_m"`
}

// Receiver hears beacons and tags at a known place.
type Receiver struct {
	ID    ReceiverID `json:"id"`
	Floor FloorID    `json:"floor"`
	Zone  ZoneID     `json:"zone"`
	At    Point      `json:"at"`

	// How it hears, where that was measured: gain = OffsetDB - 10 Exponent
	// log10(metres), with shadows of SpreadDB. An Exponent of 0 is not measured.
	OffsetDB float64 `json:"offset_db,omitempty"`
	Exponent float64 `json:"exponent,omitempty"`
	SpreadDB float64 `json:"spread_db,omitempty"`
}

// Camera watches one zone of a floor.
type Camera struct {
	ID         CameraID `json:"id"`
	Floor      FloorID  `json:"floor"`
	Zone       ZoneID   `json:"zone"`
	At         Point    `json:"at"`
	HeadingDeg float64  `json:"heading_deg"` // clockwise from the x axis

	Ground []GroundPoint `json:"ground,omitempty"` // four, or none: then those whom it sees are shown where it hangs
}

// GroundPoint is a place on the floor as a camera sees it: X and Y are shares
// of its picture's width and height, from the top left corner.
type GroundPoint struct {
	X  float64 `json:"x"`
	Y  float64 `json:"y"`
	At Point   `json:"at"`
}

// Zone finds a zone of the shop by its id.
func (s *Shop) Zone(id ZoneID) (Zone, bool) {
	for _, z := range s.Zones {
		if z.ID == id {
			return z, true
		}
	}
	return Zone{}, false
}

// Clock is a time as the clock on the shop's wall shows it. Without a shop, or a
// zone that is known, it is UTC.
func (s *Shop) Clock(at time.Time) string {
	if s != nil {
		if zone, err := time.LoadLocation(s.TimeZone); err == nil && s.TimeZone != "" {
			return at.In(zone).Format("2 January at 15:04")
		}
	}
	return at.UTC().Format("2 January at 15:04 UTC")
}

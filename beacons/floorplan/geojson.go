package floorplan

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"aisle/offers"
)

// GeoJSON of a plan is a FeatureCollection (RFC 7946) whose coordinates are
// metres on a floor, x to the right and y down from its top left corner, as
// "units" says; not degrees on the earth. Each feature has a property "kind":
// floor, zone, receiver, entrance, canary, camera, fixture or survey. What a
// quiet place is, its zone's "zone_kind" says. The shop's own fields are in the
// member "shop", and the pictures under its floors in the member "pictures": a
// data URI (RFC 2397) by the address that a floor's "image" says, so that a file
// is all of a plan wherever it is opened.

type collection struct {
	Type     string             `json:"type"`
	Units    string             `json:"units,omitempty"`
	Shop     *shop              `json:"shop,omitempty"`
	Features []feature          `json:"features"`
	Pictures map[string]dataURI `json:"pictures,omitempty"`
}

type shop struct {
	ID       offers.ShopID     `json:"id"`
	Name     string            `json:"name,omitempty"`
	TimeZone string            `json:"time_zone,omitempty"`
	Currency string            `json:"currency,omitempty"`
	Quiet    offers.QuietHours `json:"quiet"`
}

type feature struct {
	Type       string     `json:"type"`
	ID         any        `json:"id,omitempty"`
	Geometry   *geometry  `json:"geometry"`
	Properties properties `json:"properties"`
}

type geometry struct {
	Type        string          `json:"type"`
	Coordinates json.RawMessage `json:"coordinates"`
}

type properties struct {
	Kind  string         `json:"kind"`
	ID    string         `json:"id,omitempty"`
	Name  string         `json:"name,omitempty"`
	Floor offers.FloorID `json:"floor,omitempty"`

	WidthM float64 `json:"width_m,omitempty"` // of a floor, or a fixture
	DepthM float64 `json:"depth_m,omitempty"`
	Walls  bool    `json:"walls,omitempty"` // the geometry of a floor is its walls
	Image  string  `json:"image,omitempty"`

	Picture *offers.Picture `json:"picture,omitempty"` // where the image lies

	ZoneKind offers.ZoneKind `json:"zone_kind,omitempty"`
	Category string          `json:"category,omitempty"`
	DwellS   float64         `json:"dwell_s,omitempty"`
	Capacity int             `json:"capacity,omitempty"`

	Zone       offers.ZoneID     `json:"zone,omitempty"` // of a receiver or camera
	OffsetDB   float64           `json:"offset_db,omitempty"`
	Exponent   float64           `json:"exponent,omitempty"`
	SpreadDB   float64           `json:"spread_db,omitempty"`
	HeadingDeg float64           `json:"heading_deg,omitempty"`
	Leads      offers.FloorID    `json:"leads,omitempty"`
	Fixture    string            `json:"fixture,omitempty"`
	Taken      time.Time         `json:"taken,omitzero"`
	Heard      []offers.Surveyed `json:"heard,omitempty"`
}

// Picture is the bytes of a picture and what they are, such as image/png.
type Picture struct {
	Kind  string
	Bytes []byte
}

// dataURI is a Picture in JSON.
type dataURI Picture

func (d dataURI) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "data:%s;base64,%s", d.Kind, base64.StdEncoding.EncodeToString(d.Bytes)), nil
}

func (d *dataURI) UnmarshalText(text []byte) error {
	kind, data, ok := strings.Cut(strings.TrimPrefix(string(text), "data:"), ";base64,")
	if !ok || !strings.HasPrefix(string(text), "data:") {
		return fmt.Errorf("picture %.40q: %w: want a data URI in base64", text, offers.ErrInvalid)
	}
	decoded, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return fmt.Errorf("picture: %w: %w", offers.ErrInvalid, err)
	}
	*d = dataURI{kind, decoded}
	return nil
}

// Export writes a shop's plan, with the pictures of its floors by their
// addresses.
func Export(s *offers.Shop, pictures map[string]Picture) ([]byte, error) {
	c := collection{Type: "FeatureCollection", Units: "m", Features: []feature{},
		Shop: &shop{s.ID, s.Name, s.TimeZone, s.Currency, s.Quiet}, Pictures: map[string]dataURI{}}
	for address, p := range pictures {
		c.Pictures[address] = dataURI(p)
	}
	add := func(g *geometry, p properties) {
		c.Features = append(c.Features, feature{Type: "Feature", ID: p.Kind + "/" + p.ID, Geometry: g, Properties: p})
	}
	for _, f := range s.Floors {
		outline := f.Outline
		if len(outline) == 0 {
			outline = []offers.Point{{}, {X: f.WidthM}, {X: f.WidthM, Y: f.DepthM}, {Y: f.DepthM}}
		}
		add(ring(outline), properties{Kind: "floor", ID: string(f.ID), Name: f.Name, WidthM: f.WidthM, DepthM: f.DepthM, Walls: len(f.Outline) > 0, Image: f.Image, Picture: f.Picture})
	}
	for _, z := range s.Zones {
		g := ring(z.Polygon)
		if len(z.Polygon) == 0 {
			g = nil
		}
		add(g, properties{Kind: "zone", ID: string(z.ID), Floor: z.Floor, Name: z.Name, ZoneKind: z.Kind, Category: z.Category, DwellS: z.Dwell.Seconds(), Capacity: z.Capacity})
	}
	for _, r := range s.Receivers {
		add(spot(r.At), properties{Kind: "receiver", ID: string(r.ID), Floor: r.Floor, Zone: r.Zone, OffsetDB: r.OffsetDB, Exponent: r.Exponent, SpreadDB: r.SpreadDB})
	}
	for _, k := range s.Cameras {
		add(spot(k.At), properties{Kind: "camera", ID: string(k.ID), Floor: k.Floor, Zone: k.Zone, HeadingDeg: k.HeadingDeg})
	}
	for _, e := range s.Entrances {
		add(spot(e.At), properties{Kind: "entrance", ID: e.ID, Floor: e.Floor, Leads: e.Leads})
	}
	for _, k := range s.Canaries {
		add(spot(k.At), properties{Kind: "canary", ID: k.Tag, Floor: k.Floor})
	}
	for _, f := range s.Fixtures {
		p := f.At
		add(ring([]offers.Point{p, {X: p.X + f.WidthM, Y: p.Y}, {X: p.X + f.WidthM, Y: p.Y + f.DepthM}, {X: p.X, Y: p.Y + f.DepthM}}),
			properties{Kind: "fixture", Floor: f.Floor, Fixture: f.Kind, WidthM: f.WidthM, DepthM: f.DepthM})
	}
	for _, p := range s.Survey {
		add(spot(p.At), properties{Kind: "survey", Floor: p.Floor, Taken: p.Taken, Heard: p.Heard})
	}
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("floor plan of %q: %w: %w", s.ID, offers.ErrInvalid, err)
	}
	return data, nil
}

// ring is a polygon as GeoJSON closes it.
func ring(corners []offers.Point) *geometry {
	var pairs [][2]float64
	for _, p := range corners {
		pairs = append(pairs, [2]float64{p.X, p.Y})
	}
	if len(pairs) > 0 {
		pairs = append(pairs, pairs[0])
	}
	raw, err := json.Marshal([][][2]float64{pairs})
	if err != nil { // a number that is none: the collection will not be written either
		raw = json.RawMessage("x")
	}
	return &geometry{"Polygon", raw}
}

func spot(p offers.Point) *geometry {
	raw, err := json.Marshal([2]float64{p.X, p.Y})
	if err != nil {
		raw = json.RawMessage("x")
	}
	return &geometry{"Point", raw}
}

const (
	mostBytes    = 8 << 20
	mostFeatures = 20_000
)

// Import reads a plan, and the pictures that come with it by the addresses that
// its floors have. What cannot be read at all is ErrInvalid; what can be read and
// is wrong, Validate tells of the shop that it returns.
func Import(data []byte) (*offers.Shop, map[string]Picture, error) {
	if len(data) > mostBytes {
		return nil, nil, fmt.Errorf("floor plan: %w: more than %d bytes", offers.ErrInvalid, mostBytes)
	}
	var c collection
	if err := json.Unmarshal(data, &c); err != nil {
		return nil, nil, fmt.Errorf("floor plan: %w: %w", offers.ErrInvalid, err)
	}
	switch {
	case c.Type != "FeatureCollection":
		return nil, nil, fmt.Errorf("floor plan: %w: want a FeatureCollection, not %.40q", offers.ErrInvalid, c.Type)
	case c.Units != "" && c.Units != "m":
		return nil, nil, fmt.Errorf("floor plan: %w: want metres, not %.40q", offers.ErrInvalid, c.Units)
	case len(c.Features) > mostFeatures:
		return nil, nil, fmt.Errorf("floor plan: %w: %d features, at most %d", offers.ErrInvalid, len(c.Features), mostFeatures)
	}
	s := &offers.Shop{}
	if c.Shop != nil {
		s.ID, s.Name, s.TimeZone, s.Currency, s.Quiet = c.Shop.ID, c.Shop.Name, c.Shop.TimeZone, c.Shop.Currency, c.Shop.Quiet
	}
	for i := range c.Features {
		if err := take(s, &c.Features[i]); err != nil {
			return nil, nil, fmt.Errorf("floor plan: feature %d: %w", i+1, err)
		}
	}
	pictures := make(map[string]Picture, len(c.Pictures))
	for address, p := range c.Pictures {
		pictures[address] = Picture(p)
	}
	return s, pictures, nil
}

// take adds one feature to a shop.
func take(s *offers.Shop, f *feature) error {
	p := &f.Properties
	if p.ID == "" {
		if id, ok := f.ID.(string); ok && p.Kind != "fixture" && p.Kind != "survey" {
			p.ID = id
		}
	}
	switch p.Kind {
	case "floor":
		corners, err := f.corners()
		if err != nil {
			return err
		}
		floor := offers.Floor{ID: offers.FloorID(p.ID), Name: p.Name, WidthM: p.WidthM, DepthM: p.DepthM, Image: p.Image, Picture: p.Picture}
		if p.Walls || !rectangle(corners) {
			floor.Outline = corners
		}
		for _, c := range corners { // a plan of another program may not say the size
			if p.WidthM == 0 {
				floor.WidthM = max(floor.WidthM, c.X)
			}
			if p.DepthM == 0 {
				floor.DepthM = max(floor.DepthM, c.Y)
			}
		}
		s.Floors = append(s.Floors, floor)
	case "zone":
		z := offers.Zone{ID: offers.ZoneID(p.ID), Floor: p.Floor, Name: p.Name, Kind: p.ZoneKind, Category: p.Category, Capacity: p.Capacity}
		if p.DwellS < 0 || p.DwellS > 86400 || math.IsNaN(p.DwellS) {
			return fmt.Errorf("zone %q: dwell_s: %w: want seconds of at most a day", p.ID, offers.ErrInvalid)
		}
		z.Dwell = time.Duration(math.Round(p.DwellS*1e9)) * time.Nanosecond
		if f.Geometry != nil {
			corners, err := f.corners()
			if err != nil {
				return err
			}
			z.Polygon = corners
		}
		s.Zones = append(s.Zones, z)
	case "fixture":
		corners, err := f.corners()
		if err != nil {
			return err
		}
		if len(corners) == 0 {
			return fmt.Errorf("fixture: %w: want a polygon", offers.ErrInvalid)
		}
		at, to := corners[0], corners[0]
		for _, c := range corners {
			at.X, at.Y, to.X, to.Y = min(at.X, c.X), min(at.Y, c.Y), max(to.X, c.X), max(to.Y, c.Y)
		}
		fixture := offers.Fixture{Floor: p.Floor, Kind: p.Fixture, At: at, WidthM: p.WidthM, DepthM: p.DepthM}
		if fixture.WidthM == 0 {
			fixture.WidthM = to.X - at.X
		}
		if fixture.DepthM == 0 {
			fixture.DepthM = to.Y - at.Y
		}
		s.Fixtures = append(s.Fixtures, fixture)
	case "receiver", "camera", "entrance", "canary", "survey":
		at, err := f.point()
		if err != nil {
			return err
		}
		switch p.Kind {
		case "receiver":
			s.Receivers = append(s.Receivers, offers.Receiver{ID: offers.ReceiverID(p.ID), Floor: p.Floor, Zone: p.Zone, At: at, OffsetDB: p.OffsetDB, Exponent: p.Exponent, SpreadDB: p.SpreadDB})
		case "camera":
			s.Cameras = append(s.Cameras, offers.Camera{ID: offers.CameraID(p.ID), Floor: p.Floor, Zone: p.Zone, At: at, HeadingDeg: p.HeadingDeg})
		case "entrance":
			s.Entrances = append(s.Entrances, offers.Entrance{ID: p.ID, Floor: p.Floor, At: at, Leads: p.Leads})
		case "canary":
			s.Canaries = append(s.Canaries, offers.Canary{Tag: p.ID, Floor: p.Floor, At: at})
		case "survey":
			s.Survey = append(s.Survey, offers.SurveyPoint{Floor: p.Floor, At: at, Taken: p.Taken, Heard: p.Heard})
		}
	default:
		return fmt.Errorf("kind %.40q: %w: want floor, zone, receiver, entrance, canary, camera, fixture or survey", p.Kind, offers.ErrInvalid)
	}
	return nil
}

func (f *feature) corners() ([]offers.Point, error) {
	if f.Geometry == nil || f.Geometry.Type != "Polygon" {
		return nil, fmt.Errorf("%s %.60q: geometry: %w: want a Polygon", f.Properties.Kind, f.Properties.ID, offers.ErrInvalid)
	}
	var rings [][][]float64
	if err := json.Unmarshal(f.Geometry.Coordinates, &rings); err != nil {
		return nil, fmt.Errorf("%s %.60q: coordinates: %w: %w", f.Properties.Kind, f.Properties.ID, offers.ErrInvalid, err)
	}
	if len(rings) > 1 {
		return nil, fmt.Errorf("%s %.60q: coordinates: %w: holes are not supported", f.Properties.Kind, f.Properties.ID, offers.ErrInvalid)
	}
	var corners []offers.Point
	for _, ring := range rings {
		for _, c := range ring {
			if len(c) < 2 {
				return nil, fmt.Errorf("%s %.60q: coordinates: %w: want pairs", f.Properties.Kind, f.Properties.ID, offers.ErrInvalid)
			}
			corners = append(corners, offers.Point{X: c[0], Y: c[1]})
		}
	}
	if n := len(corners); n > 1 && math.Hypot(corners[0].X-corners[n-1].X, corners[0].Y-corners[n-1].Y) < closeCorners {
		corners = corners[:n-1]
	}
	return corners, nil
}

func (f *feature) point() (offers.Point, error) {
	if f.Geometry == nil || f.Geometry.Type != "Point" {
		return offers.Point{}, fmt.Errorf("%s %.60q: geometry: %w: want a Point", f.Properties.Kind, f.Properties.ID, offers.ErrInvalid)
	}
	var c []float64
	if err := json.Unmarshal(f.Geometry.Coordinates, &c); err != nil || len(c) < 2 {
		return offers.Point{}, fmt.Errorf("%s %.60q: coordinates: %w: want x and y", f.Properties.Kind, f.Properties.ID, offers.ErrInvalid)
	}
	return offers.Point{X: c[0], Y: c[1]}, nil
}

// rectangle tells whether corners are those of an upright rectangle from the
// origin: a floor without walls of its own.
func rectangle(c []offers.Point) bool {
	return len(c) == 4 && c[0] == offers.Point{} && c[1].Y == 0 && c[3].X == 0 && c[2] == offers.Point{X: c[1].X, Y: c[3].Y}
}

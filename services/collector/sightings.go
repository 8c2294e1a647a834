package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/redis/go-redis/v9"

	"aisle/beacons/polygon"
	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/state"
	"aisle/services/stream"
)

// visitTTL is how long someone may be out of sight and still be on the same
// visit: they are recognised once in it.
const visitTTL = 10 * time.Minute

// postSightings takes what edge sensors concluded: {"sightings": [...]}.
func (k *Collector) postSightings(ctx context.Context, c *fiber.Ctx, body []byte) error {
	if err := k.edge(c); err != nil {
		return err
	}
	items, bad := sightingsIn(body)
	if bad != nil {
		return k.refuse(ctx, requestOf(c, body), "edge/sightings", bad)
	}
	w := k.newWatch(requestOf(c, body), time.Now(), traceOf(c))
	if err := w.take(ctx, items); err != nil {
		return err
	}
	if err := w.send(ctx); err != nil {
		return err
	}
	c.Status(fiber.StatusAccepted)
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	c.Response().SetBodyRaw(fmt.Appendf(nil, `{"success":true,"accepted":%d,"quarantined":%d}`, w.accepted, len(w.bad)))
	return nil
}

// sightingsIn are those of a request.
func sightingsIn(body []byte) ([]formats.Raw, *formats.Bad) {
	sound, bad := formats.Valid(body)
	if bad != nil {
		return nil, bad
	}
	var in struct {
		Sightings []formats.Raw `json:"sightings"`
	}
	err := formats.Unmarshal(sound, &in)
	switch {
	case err != nil:
	case in.Sightings == nil:
		err = errors.New(`want {"sightings": [...]}`)
	case len(in.Sightings) > maxSightings:
		err = fmt.Errorf("%d sightings: want at most %d", len(in.Sightings), maxSightings)
	}
	if err != nil {
		return nil, formats.Badf(offers.ReasonSchema, keep(body), "These are no sightings: %v.", err)
	}
	return in.Sightings, nil
}

// watch is what one request of an edge sensor brings.
type watch struct {
	*Collector
	received time.Time
	newTrace func() string
	request  *formats.Request
	people   map[offers.ShopperID]*recognised // by the name that the sensor knows
	records  []stream.Record
	merges   []state.Merge
	visits   []visit
	cameras  map[state.Device]time.Time // that saw somebody, and when
	taken    []offers.EventID           // sightings that the log has when the records are out
	accepted int
	bad      []*formats.Bad
}

func (k *Collector) newWatch(r *formats.Request, received time.Time, newTrace func() string) *watch {
	return &watch{Collector: k, received: received, newTrace: newTrace, request: r, people: map[offers.ShopperID]*recognised{}, cameras: map[state.Device]time.Time{}}
}

// recognised is someone whom a sensor knows.
type recognised struct {
	state.Identity
	consents map[offers.Purpose]offers.Consent
}

// visit is one whose beginning the log has when the records are out.
type visit struct {
	key   string
	value string
}

// take adds what was not there before. A sensor that did not hear the answer
// sends the same again, under the same ids.
func (w *watch) take(ctx context.Context, items []formats.Raw) error {
	var sound []*offers.Sighting
	for _, one := range items {
		s, b := w.read(one)
		if b != nil {
			w.bad = append(w.bad, b)
			r, err := w.quarantined(b, "edge/sightings", w.received, w.request)
			if err != nil {
				return err
			}
			w.records = append(w.records, r)
			continue
		}
		sound = append(sound, s)
	}
	if len(sound) == 0 {
		return nil
	}
	pipe := w.state.Client().Pipeline()
	before := make([]*redis.IntCmd, len(sound))
	for i, s := range sound {
		before[i] = pipe.Exists(ctx, seenKey(sightingID(s)))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("message ids: %w: %w", offers.ErrUnavailable, err)
	}
	for i, s := range sound {
		if s.MessageID != "" && (before[i].Val() != 0 || slices.Contains(w.taken, sightingID(s))) {
			w.metrics.repeated.WithLabelValues("edge/sightings").Inc()
			continue
		}
		if err := w.add(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// sightingID is by what a sighting is known again that its sensor numbered.
func sightingID(s *offers.Sighting) offers.EventID {
	return offers.EventID("sighting/" + s.Device + "/" + s.MessageID)
}

func (w *watch) add(ctx context.Context, s *offers.Sighting) error {
	w.accepted++
	if s.Sensor == offers.SensorCamera {
		w.cameras[state.Camera(offers.CameraID(s.Device))] = s.Last
	}
	if err := w.named(ctx, s); err != nil {
		return err
	}
	trace := ""
	shop := w.shops.Now().Shops[s.Shop]
	zone, _ := shop.Zone(s.Zone)
	sealedFor, probe := s.Shopper, s.Probe
	s.Probe = nil
	if s.Shopper != "" {
		p, err := w.person(ctx, s.Shopper)
		if err != nil {
			return err
		}
		purpose := offers.ConsentLocation
		if s.Sensor == offers.SensorCamera {
			purpose = offers.ConsentFace
		}
		if !p.consents[purpose].Granted || zone.Kind == offers.ZoneQuiet {
			// They are someone in the shop, and nobody's business who.
			s.Shopper = ""
			if s.Sensor != offers.SensorCamera {
				s.Device = ""
			}
		} else {
			s.Shopper, trace = p.Shopper, p.Trace
		}
	}
	if s.Shopper != "" && s.Sensor == offers.SensorCamera && probe != nil {
		if err := w.probed(ctx, sealedFor, s, *probe); err != nil {
			return err
		}
	}
	if s.Shopper != "" && s.Sensor == offers.SensorCamera && !s.Gone {
		if err := w.visit(ctx, s, zone, trace); err != nil {
			return err
		}
	}
	key := s.Track
	if s.Shopper != "" {
		key = string(s.Shopper)
	}
	value, err := formats.Marshal(s)
	if err != nil {
		return fmt.Errorf("sighting: %w: %w", offers.ErrInvalid, err)
	}
	id := s.MessageID
	if id == "" {
		id = fmt.Sprintf("%s/%d", s.Track, s.Last.UnixMilli())
	} else {
		w.taken = append(w.taken, sightingID(s))
	}
	w.records = append(w.records, stream.Record{Stream: stream.Sightings, Key: []byte(key), Value: value,
		Headers: stream.Headers(id, source, "sighting", s.Last, stream.NewSpan(trace))})
	return nil
}

// named finds out which shopper a camera's own software means. Somebody who is
// not known here, or who did not agree to be recognised, stays nobody.
func (w *watch) named(ctx context.Context, s *offers.Sighting) error {
	named := s.Named
	s.Named = nil
	if named == nil || s.Shopper != "" || s.Sensor != offers.SensorCamera {
		return nil
	}
	owners, err := w.state.Owners(ctx, []offers.Identifier{*named})
	if err != nil {
		return err
	}
	s.Shopper = owners[0] // whose consent is looked at next
	return nil
}

// place gives a camera's sighting the zone in which it is, where the camera
// knows the floor, else the one that it watches.
func place(s *offers.Sighting, shop *offers.Shop, cam *offers.Camera) {
	if s.Zone != "" {
		return
	}
	s.Zone, s.Floor = cam.Zone, cam.Floor
	if s.AccuracyM == 0 {
		return
	}
	for _, z := range shop.Zones {
		if z.Floor == cam.Floor && polygon.Contains(z.Polygon, s.At) {
			s.Zone = z.ID
			return
		}
	}
}

// maxProbe bounds a sealed face, in bytes.
const maxProbe = 16 << 10

// probed keeps the face by which somebody was recognised for a day, under the
// name that it was sealed for.
func (w *watch) probed(ctx context.Context, sealedFor offers.ShopperID, s *offers.Sighting, p offers.Probe) error {
	if p.Model == "" || len(p.Model) > 80 || len(p.Sealed) == 0 || len(p.Sealed) > maxProbe {
		return nil // nothing that anybody could say to be wrong
	}
	return w.state.KeepProbe(ctx, w.log.PartitionOf(string(sealedFor)), sealedFor, state.Probe{
		ID: s.Track, At: s.Last, Shop: s.Shop, Zone: s.Zone, Camera: offers.CameraID(s.Device), Confidence: s.Confidence,
		Model: p.Model, Sealed: p.Sealed,
	})
}

// read checks a sighting against the floor plans.
func (w *watch) read(one []byte) (*offers.Sighting, *formats.Bad) {
	s := new(offers.Sighting)
	if err := formats.Unmarshal(one, s); err != nil {
		return nil, formats.Badf(offers.ReasonSchema, one, "This is no sighting: %v.", err)
	}
	now := w.shops.Now()
	if s.Shop == "" && s.Sensor == offers.SensorCamera {
		s.Shop = now.Cameras[offers.CameraID(s.Device)]
	}
	shop := now.Shops[s.Shop]
	if shop == nil {
		return nil, formats.Badf(offers.ReasonUnknown, one, "There is no shop %.60q; the console lists them.", s.Shop)
	}
	if s.Sensor == offers.SensorCamera {
		found := false
		for _, cam := range shop.Cameras {
			if string(cam.ID) != s.Device {
				continue
			}
			found = true
			if s.At == (offers.Point{}) {
				s.At = cam.At
			}
			place(s, shop, &cam)
		}
		if !found {
			return nil, formats.Badf(offers.ReasonUnknown, one, "There is no camera %.60q in shop %s; put it on the floor plan under this name.", s.Device, s.Shop)
		}
	}
	if s.Zone != "" {
		if z, ok := shop.Zone(s.Zone); !ok {
			return nil, formats.Badf(offers.ReasonUnknown, one, "There is no zone %.60q in shop %s.", s.Zone, s.Shop)
		} else if s.Floor == "" {
			s.Floor = z.Floor
		}
	}
	switch {
	case s.Sensor != offers.SensorCamera && s.Sensor != offers.SensorBeacon && s.Sensor != offers.SensorApp && s.Sensor != offers.SensorTill:
		return nil, formats.Badf(offers.ReasonSchema, one, "There is no sensor %.60q: want camera, beacon, app or till.", s.Sensor)
	case s.Track == "" && s.Shopper == "" || len(s.Track) > 200 || len(s.Shopper) > 200 || len(s.MessageID) > 200 || len(s.Device) > 200:
		return nil, formats.Badf(offers.ReasonSchema, one, "A sighting has a track or a shopper, and names of at most 200 characters.")
	case !(s.Confidence >= 0 && s.Confidence <= 1) || !(s.AccuracyM >= 0 && s.AccuracyM < 10_000) || !(s.At.X > -1e5 && s.At.X < 1e5 && s.At.Y > -1e5 && s.At.Y < 1e5):
		return nil, formats.Badf(offers.ReasonSchema, one, "Confidence is 0 to 1, and positions are metres within the shop.")
	}
	if s.Last.IsZero() {
		s.Last = w.received
	}
	if s.First.IsZero() || s.First.After(s.Last) {
		s.First = s.Last
	}
	if s.Last.Sub(w.received) > 2*time.Minute || s.Last.Before(formats.Oldest) {
		return nil, formats.Badf(offers.ReasonClock, one, "Last is %s, and here it is %s: set the sensor's clock.", s.Last.Format(time.RFC3339), w.received.UTC().Format(time.RFC3339))
	}
	if s.Last.After(w.received) {
		s.Last = w.received
	}
	if s.Track == "" {
		s.Track = string(s.Shopper)
	}
	return s, nil
}

// person is who a sensor's name for a shopper is now, and what they agreed to.
func (w *watch) person(ctx context.Context, name offers.ShopperID) (*recognised, error) {
	if p := w.people[name]; p != nil {
		return p, nil
	}
	id, err := w.state.IdentifyShopper(ctx, name, w.newTrace)
	if err != nil {
		return nil, err
	}
	for _, m := range id.Merges {
		records, err := w.merge(ctx, []state.Merge{m}, w.received)
		if err != nil {
			return nil, err
		}
		w.records, w.merges = append(w.records, records...), append(w.merges, m)
	}
	consents, err := w.state.Consents(ctx, w.log.PartitionOf(string(id.Shopper)), id.Shopper)
	if err != nil {
		return nil, err
	}
	p := &recognised{id, consents}
	w.people[name] = p
	return p, nil
}

// visit says that someone was recognised, once a visit. The key holds when the
// visit began, and a mark behind it once the log knows: what a crash leaves
// unsaid is said at the next sighting, under the same id.
func (w *watch) visit(ctx context.Context, s *offers.Sighting, zone offers.Zone, trace string) error {
	key := state.Key(w.log.PartitionOf(string(s.Shopper)), "visit", string(s.Shopper), string(s.Shop))
	began := fmt.Sprint(s.First.UnixMilli())
	pipe := w.state.Client().Pipeline()
	set := pipe.SetArgs(ctx, key, began, redis.SetArgs{Mode: "NX", Get: true, TTL: visitTTL})
	pipe.Expire(ctx, key, visitTTL)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("visit: %w: %w", offers.ErrUnavailable, err)
	}
	if before := set.Val(); strings.HasSuffix(before, "+") {
		return nil
	} else if before != "" {
		began = before
	}
	for _, v := range w.visits {
		if v.key == key {
			return nil // a moment ago, in this request
		}
	}
	r, err := eventRecord(&offers.Event{
		ID:   offers.EventID(fmt.Sprintf("recognised/%s/%s/%s", s.Shopper, s.Shop, began)),
		Type: offers.Recognised, Shopper: s.Shopper, Time: s.Last, Received: w.received, Source: "edge/" + string(s.Sensor),
		Shop: s.Shop, Zone: s.Zone, Category: zone.Category, Confidence: s.Confidence,
	}, trace)
	if err != nil {
		return err
	}
	w.records = append(w.records, r)
	w.visits = append(w.visits, visit{key, began + "+"})
	return nil
}

func (w *watch) send(ctx context.Context) error {
	if err := w.produce(ctx, w.records); err != nil {
		return err
	}
	w.metrics.accepted.WithLabelValues("edge/sightings").Add(float64(w.accepted))
	if err := w.state.Announced(ctx, w.merges); err != nil {
		return err
	}
	if err := w.state.Heard(ctx, w.cameras); err != nil {
		return err
	}
	if len(w.visits)+len(w.taken) == 0 {
		return nil
	}
	pipe := w.state.Client().Pipeline()
	for _, id := range w.taken {
		pipe.Set(ctx, seenKey(id), 1, w.config.DedupeFor)
	}
	for _, v := range w.visits {
		pipe.SetArgs(ctx, v.key, v.value, redis.SetArgs{Mode: "XX", TTL: visitTTL})
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("visit: %w: %w", offers.ErrUnavailable, err)
	}
	return nil
}

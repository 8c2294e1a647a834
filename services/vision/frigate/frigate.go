// Package frigate listens to a Frigate that watches the same shop: whom it
// follows, in which of its zones they are, and whom its own face recognition
// names. It needs no pictures, and no OpenCV.
//
// Its rules: a person is one track from Frigate's "new" to its "end", and said
// at most every two seconds while they stay. A name counts only where the
// configuration says which customer it is, or that names are customer ids, and
// only above a score that was seen often enough; the house then asks for that
// customer's consent before anybody is recognised. Other names are nobody's.
// docs: Frigate's integrations/mqtt and configuration/face_recognition.
package frigate

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"aisle/offers"
	"aisle/vision/ground"
)

// Config says which Frigate, and what its names mean here.
type Config struct {
	MQTT    string                                 `yaml:"mqtt"`       // mqtt://user:password@host:1883, mqtts://...; empty: there is no Frigate
	Topic   string                                 `yaml:"topic"`      // its topic_prefix; default frigate
	Cameras map[string]offers.CameraID             `yaml:"cameras"`    // its names to those on the floor plan; others are of the same name
	Zones   map[string]offers.ZoneID               `yaml:"zones"`      // its zones to the shop's; others are none
	People  map[string]string                      `yaml:"people"`     // its names of faces to identifiers
	Names   string                                 `yaml:"names"`      // "identifiers": names that are not in People are themselves identifiers; default: they are nobody's
	ID      offers.IdentifierType                  `yaml:"identifier"` // type of these identifiers; default customer_id
	Score   float64                                `yaml:"score"`      // least of a face; default 0.9, Frigate's own recognition_threshold
	Faces   int                                    `yaml:"faces"`      // of a track that must agree; default 2
	Person  float64                                `yaml:"person"`     // least of top_score of a person; default 0.7
	Width   int                                    `yaml:"width"`      // of the pictures in which Frigate detects; default 1280
	Height  int                                    `yaml:"height"`     // default 720
	Sizes   map[string]struct{ Width, Height int } `yaml:"sizes"`      // of cameras that detect in another size
}

// Check fills in defaults and says what is wrong.
func (c *Config) Check() error {
	if c.MQTT == "" {
		return nil
	}
	if c.Topic == "" {
		c.Topic = "frigate"
	}
	if c.ID == "" {
		c.ID = offers.CustomerID
	}
	if c.Score == 0 {
		c.Score = .9
	}
	if c.Person == 0 {
		c.Person = .7
	}
	c.Faces, c.Width, c.Height = max(c.Faces, 0), max(c.Width, 0), max(c.Height, 0)
	if c.Faces == 0 {
		c.Faces = 2
	}
	if c.Width == 0 || c.Height == 0 {
		c.Width, c.Height = 1280, 720
	}
	var wrong []error
	complain := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("frigate.%w", fmt.Errorf(format+": %w", append(args, offers.ErrInvalid)...)))
	}
	if _, _, err := c.broker(); err != nil {
		complain("mqtt: want mqtt://user:password@host:1883 or mqtts://")
	}
	if strings.ContainsAny(c.Topic, "#+") {
		complain("topic %q: without # and +", c.Topic)
	}
	if c.Names != "" && c.Names != "identifiers" {
		complain("names %q: want identifiers, or nothing", c.Names)
	}
	if !(c.Score > 0 && c.Score <= 1) || !(c.Person > 0 && c.Person <= 1) {
		complain("score, person: from 0 to 1")
	}
	return errors.Join(wrong...)
}

// camera is how the house knows one of Frigate's.
func (c *Config) camera(name string) offers.CameraID {
	if id, ok := c.Cameras[name]; ok {
		return id
	}
	return offers.CameraID(name)
}

func (c *Config) size(camera string) (width, height float64) {
	if s, ok := c.Sizes[camera]; ok && s.Width > 0 && s.Height > 0 {
		return float64(s.Width), float64(s.Height)
	}
	return float64(c.Width), float64(c.Height)
}

// identifier is whom a name of Frigate's means, nil for nobody.
func (c *Config) identifier(name string) *offers.Identifier {
	value, ok := c.People[name]
	if !ok && c.Names == "identifiers" {
		value = name
	}
	if value == "" || name == "unknown" {
		return nil
	}
	return &offers.Identifier{Type: c.ID, Value: value}
}

// Bounds of what is followed.
const (
	maxTracks  = 2_000
	maxCameras = 250
	maxNames   = 20              // of one track
	forgotten  = 2 * time.Minute // without an update: Frigate's "end" was lost
	sayAgain   = 2 * time.Second
)

// Watcher makes sightings of what a Frigate says. Not safe for concurrent use.
type Watcher struct {
	config *Config
	run    string // of this process, in front of tracks: ids of Frigate's begin anew with its database
	floor  func(offers.CameraID) *ground.Map
	tracks map[string]*track // by Frigate's id
	stats  map[offers.CameraID]Stats
}

// Stats are what Frigate says of a camera of its, once a minute.
type Stats struct {
	FPS      float64   // pictures that came in a second
	LookedAt float64   // and that it looked at
	At       time.Time // when it said so
}

type track struct {
	camera      string
	first, last time.Time
	said        time.Time
	count       int
	sighting    offers.Sighting
	named       *offers.Identifier
	score       float64
	votes       map[string]*vote // by Frigate's name
}

type vote struct {
	faces int
	best  float64
}

// NewWatcher makes one. floor is the four-point map of a camera, nil where there
// is none.
func NewWatcher(c *Config, run string, floor func(offers.CameraID) *ground.Map) *Watcher {
	return &Watcher{config: c, run: run, floor: floor, tracks: map[string]*track{}}
}

// object is what "frigate/events" says of one that it follows.
type object struct {
	ID            string          `json:"id"`
	Camera        string          `json:"camera"`
	FrameTime     float64         `json:"frame_time"`
	Label         string          `json:"label"`
	SubLabel      json.RawMessage `json:"sub_label"` // null, a name, or [name, score]
	TopScore      float64         `json:"top_score"`
	FalsePositive bool            `json:"false_positive"`
	StartTime     float64         `json:"start_time"`
	EndTime       *float64        `json:"end_time"`
	Box           []float64       `json:"box"`
	Zones         []string        `json:"current_zones"`
}

// Message takes one message of Frigate's, and says what comes of it. The error is
// ErrInvalid for what cannot be read; other topics say nothing.
func (w *Watcher) Message(topic string, payload []byte, now time.Time) ([]offers.Sighting, error) {
	rest, ok := strings.CutPrefix(topic, w.config.Topic+"/")
	if !ok {
		return nil, nil
	}
	switch rest {
	case "events":
		var m struct {
			Type  string  `json:"type"`
			After *object `json:"after"`
		}
		if err := json.Unmarshal(payload, &m); err != nil {
			return nil, fmt.Errorf("frigate/events: %w: %w", offers.ErrInvalid, err)
		}
		if m.After == nil || m.After.ID == "" || m.After.Camera == "" {
			return nil, fmt.Errorf("frigate/events: %w: there is no object", offers.ErrInvalid)
		}
		return w.seen(m.After, m.Type == "end", now), nil
	case "tracked_object_update":
		var m struct {
			Type  string   `json:"type"`
			ID    string   `json:"id"`
			Name  *string  `json:"name"`
			Score *float64 `json:"score"`
		}
		if err := json.Unmarshal(payload, &m); err != nil {
			return nil, fmt.Errorf("frigate/tracked_object_update: %w: %w", offers.ErrInvalid, err)
		}
		if m.Type != "face" || m.Name == nil || m.Score == nil {
			return nil, nil
		}
		return w.face(m.ID, *m.Name, *m.Score, now), nil
	case "stats":
		var m struct {
			Cameras map[string]struct {
				Came     float64 `json:"camera_fps"`
				LookedAt float64 `json:"process_fps"`
			} `json:"cameras"`
		}
		if err := json.Unmarshal(payload, &m); err != nil {
			return nil, fmt.Errorf("frigate/stats: %w: %w", offers.ErrInvalid, err)
		}
		stats := map[offers.CameraID]Stats{}
		for name, c := range m.Cameras {
			if len(stats) < maxCameras {
				stats[w.config.camera(name)] = Stats{c.Came, c.LookedAt, now}
			}
		}
		w.stats = stats
	case "available":
		if string(payload) != "online" {
			return w.Expire(now.Add(forgotten + time.Second)), nil // it follows nobody any more
		}
	}
	return nil, nil
}

func (w *Watcher) seen(o *object, end bool, now time.Time) []offers.Sighting {
	t := w.tracks[o.ID]
	if o.Label != "person" || o.FalsePositive || o.TopScore < w.config.Person {
		if t != nil && (end || o.FalsePositive) { // it is none after all
			delete(w.tracks, o.ID)
			return w.gone(t)
		}
		return nil
	}
	if t == nil {
		if end || len(w.tracks) >= maxTracks {
			return nil
		}
		t = &track{camera: o.Camera, votes: map[string]*vote{}}
		t.sighting = offers.Sighting{
			Track: "frigate-" + w.run + "-" + o.ID, Sensor: offers.SensorCamera, Device: string(w.config.camera(o.Camera)),
			First: instant(o.StartTime, now),
		}
		t.first = t.sighting.First
		w.tracks[o.ID] = t
	}
	t.last = now
	s := &t.sighting
	zone := s.Zone
	s.Last, s.Confidence = latest(s.Last, instant(o.FrameTime, now)), math.Round(min(o.TopScore, 1)*100)/100
	s.Zone = w.zone(o.Zones)
	s.At, s.AccuracyM = offers.Point{}, 0
	if m := w.floor(offers.CameraID(s.Device)); m != nil && len(o.Box) == 4 {
		width, height := w.config.size(o.Camera)
		if at, accuracyM, ok := m.Standing(o.Box[0]/width, o.Box[1]/height, o.Box[2]/width, o.Box[3]/height); ok {
			s.At, s.AccuracyM = at, math.Round(accuracyM*100)/100
		}
	}
	if name, score, ok := subLabel(o.SubLabel); ok {
		// Frigate says so after votes of its own.
		if v := t.votes[name]; v == nil || v.faces < w.config.Faces {
			w.vote(t, name, score, w.config.Faces)
		}
	}
	if end {
		delete(w.tracks, o.ID)
		return w.gone(t)
	}
	if t.said.IsZero() || now.Sub(t.said) >= sayAgain || s.Zone != zone {
		return w.say(t, now)
	}
	return nil
}

// zone is the first of Frigate's zones that the shop has.
func (w *Watcher) zone(names []string) offers.ZoneID {
	for _, name := range names {
		if id, ok := w.config.Zones[name]; ok {
			return id
		}
	}
	return ""
}

// face takes one attempt of Frigate's to recognise somebody.
func (w *Watcher) face(id, name string, score float64, now time.Time) []offers.Sighting {
	t := w.tracks[id]
	if t == nil || !w.vote(t, name, score, 1) {
		return nil
	}
	return w.say(t, now)
}

// vote counts so many faces for a name, and tells whether the track is somebody
// else for it. Where two names were seen often enough, it is nobody's.
func (w *Watcher) vote(t *track, name string, score float64, faces int) bool {
	who := w.config.identifier(name)
	if who == nil || !(score >= w.config.Score && score <= 1) {
		return false
	}
	v := t.votes[name]
	if v == nil {
		if len(t.votes) >= maxNames {
			return false
		}
		v = new(vote)
		t.votes[name] = v
	}
	v.faces += faces
	v.best = max(v.best, score)
	before := t.named
	t.named, t.score = nil, 0
	for name, v := range t.votes {
		if v.faces < w.config.Faces {
			continue
		}
		if t.named != nil {
			t.named = nil
			break
		}
		t.named, t.score = w.config.identifier(name), v.best
	}
	return (before == nil) != (t.named == nil) || before != nil && *before != *t.named
}

func (w *Watcher) say(t *track, now time.Time) []offers.Sighting {
	t.said = now
	t.count++
	s := t.sighting
	s.MessageID = fmt.Sprintf("%s/%d", s.Track, t.count)
	if t.named != nil {
		named := *t.named
		s.Named, s.Confidence = &named, math.Round(t.score*100)/100
	}
	return []offers.Sighting{s}
}

func (w *Watcher) gone(t *track) []offers.Sighting {
	if t.said.IsZero() {
		return nil
	}
	t.sighting.Gone = true
	return w.say(t, t.last)
}

// Expire gives up whom Frigate has not spoken of for two minutes.
func (w *Watcher) Expire(now time.Time) []offers.Sighting {
	var said []offers.Sighting
	for _, id := range slices.Sorted(maps.Keys(w.tracks)) {
		if t := w.tracks[id]; now.Sub(t.last) > forgotten {
			delete(w.tracks, id)
			said = append(said, w.gone(t)...)
		}
	}
	return said
}

// subLabel is a name with its score: null, "name" or ["name", 0.97].
func subLabel(raw json.RawMessage) (name string, score float64, ok bool) {
	if len(raw) == 0 || json.Unmarshal(raw, &name) == nil && name != "" {
		return name, 0, false // without a score it says nothing
	}
	var pair []json.RawMessage
	if json.Unmarshal(raw, &pair) != nil || len(pair) != 2 {
		return "", 0, false
	}
	return name, score, json.Unmarshal(pair[0], &name) == nil && json.Unmarshal(pair[1], &score) == nil
}

// instant is a time of Frigate's, whose clock may be off: then it is now.
func instant(seconds float64, now time.Time) time.Time {
	at := time.UnixMicro(int64(seconds * 1e6)).UTC()
	if !(seconds > 0) || seconds > 1e11 || at.After(now.Add(time.Minute)) || at.Before(now.Add(-24*time.Hour)) {
		return now.UTC()
	}
	return at
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

//go:build gocv

package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"aisle/offers"
	"aisle/services/config"
	"aisle/services/vision/frigate"
	"aisle/vision"
)

// Config is what the cameras' process is set up by. docs/config.md explains
// every key. Secrets come from the environment: ${env:NAME}.
type Config struct {
	Name      string         `yaml:"name"`      // as the console calls this process; default the machine's
	Listen    string         `yaml:"listen"`    // default 127.0.0.1:8090
	Collector string         `yaml:"collector"` // the house; default http://127.0.0.1:8080
	EdgeKey   string         `yaml:"edge_key"`  // that the house gave to sensors; default ${env:AISLE_EDGE_KEY}
	SealKey   string         `yaml:"seal_key"`  // that faces are sealed with, the same for all vision processes; default ${env:AISLE_SEAL_KEY}, else one made in Data
	Data      string         `yaml:"data"`      // folder of the spool; default data/vision
	Detector  Detector       `yaml:"detector"`
	Describer Describer      `yaml:"describer"`
	Cameras   []Camera       `yaml:"cameras"`
	Frigate   frigate.Config `yaml:"frigate"` // that watches the same shop, if there is one

	GalleryFor time.Duration `yaml:"gallery_for"` // how long people stay known without a word of the house; default 15m

	Spool Spool `yaml:"spool"`

	Log config.Log `yaml:"log"`
}

// Spool bounds the sightings that wait on disk for the house. Beyond, the oldest
// are dropped, and counted.
type Spool struct {
	Megabytes int           `yaml:"megabytes"` // default 64: some 150,000 sightings
	Age       time.Duration `yaml:"age"`       // default 48h
}

// Detector says how faces are found.
type Detector struct {
	Kind   string  `yaml:"kind"`   // haar or yunet; default haar
	Path   string  `yaml:"path"`   // default: Debian's cascade
	SHA256 string  `yaml:"sha256"` // of the file; a net's is required
	Score  float64 `yaml:"score"`  // least, of a net; default 0.6
}

// Describer says how faces are told apart.
type Describer struct {
	Kind      string  `yaml:"kind"`      // lbp, net (MobileFaceNet) or sface; default lbp
	Model     string  `yaml:"model"`     // what its vectors are called; default lbp-2, or the kind and the sum's beginning
	Path      string  `yaml:"path"`      // of a net
	SHA256    string  `yaml:"sha256"`    // of a net
	Threshold float64 `yaml:"threshold"` // distance below which somebody is named; default 0.80 for lbp, 0.45 for a net
	Margin    float64 `yaml:"margin"`    // share of it by which the next person must be farther
	MinFaces  int     `yaml:"min_faces"` // that must agree; default 3
}

// Camera is one feed.
type Camera struct {
	ID         offers.CameraID `yaml:"id"`
	URL        string          `yaml:"url"` // a file, http(s) motion JPEG, rtsp, device:0, or "browser"
	Shop       offers.ShopID   `yaml:"shop"`
	Floor      offers.FloorID  `yaml:"floor"`
	Zone       offers.ZoneID   `yaml:"zone"`
	At         Point           `yaml:"at"`        // where those whom it sees are shown; default: where the floor plan has the camera
	Rate       float64         `yaml:"rate"`      // frames looked at in a second; default 5
	MinFacePx  int             `yaml:"min_face"`  // smallest face that is looked for; default 64
	Loop       bool            `yaml:"loop"`      // begin a file again at its end
	FaceSidePx int             `yaml:"good_face"` // smallest face that is described; default 56
}

// Point is a place on a floor, in metres.
type Point struct {
	X float64 `yaml:"x"`
	Y float64 `yaml:"y"`
}

// Where Debian's opencv-data puts the cascade.
const debianCascade = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml"

// browser is the address of a camera whose pictures are posted.
const browser = "browser"

// parseCameras reads id=url,id=url.
func parseCameras(list string) ([]Camera, error) {
	var cameras []Camera
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		id, address, ok := strings.Cut(item, "=")
		if !ok {
			return nil, fmt.Errorf("camera %q: %w: write id=url", item, offers.ErrInvalid)
		}
		cameras = append(cameras, Camera{ID: offers.CameraID(id), URL: address})
	}
	return cameras, nil
}

// check fills in defaults and says what is wrong, all at once.
func (c *Config) check() error {
	if c.Name == "" {
		c.Name, _ = os.Hostname() // a console that shows no name still shows the cameras
	}
	config.Default(&c.Listen, "127.0.0.1:8090")
	config.Default(&c.Collector, "http://127.0.0.1:8080")
	config.Default(&c.EdgeKey, os.Getenv("AISLE_EDGE_KEY"))
	config.Default(&c.SealKey, os.Getenv("AISLE_SEAL_KEY"))
	config.Default(&c.Data, "data/vision")
	config.Default(&c.GalleryFor, 15*time.Minute)
	config.Default(&c.Detector.Kind, "haar")
	config.Default(&c.Describer.Kind, "lbp")
	if c.Detector.Kind == "haar" {
		config.Default(&c.Detector.Path, debianCascade)
	}
	config.Default(&c.Detector.Score, .6)

	var wrong []error
	complain := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("%w: "+format, append([]any{offers.ErrInvalid}, args...)...))
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		complain("listen %q: an address such as 127.0.0.1:8090", c.Listen)
	}
	if u, err := url.Parse(c.Collector); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		complain("collector %q: an address such as http://127.0.0.1:8080", c.Collector)
	}
	if c.EdgeKey == "" {
		complain("edge_key: missing; the house prints its own at the first start, and AISLE_EDGE_KEY or -edge-key gives it here")
	}
	if c.SealKey != "" && len(c.SealKey) < 32 {
		complain("seal_key: at least 32 characters; `openssl rand -hex 32` makes one")
	}
	switch c.Detector.Kind {
	case "haar":
	case "yunet":
		c.requireModel("detector", c.Detector.Path, c.Detector.SHA256, complain)
	default:
		complain("detector.kind %q: haar or yunet", c.Detector.Kind)
	}
	switch c.Describer.Kind {
	case "lbp":
	case "net", "sface":
		c.requireModel("describer", c.Describer.Path, c.Describer.SHA256, complain)
		if len(c.Describer.SHA256) >= 8 {
			config.Default(&c.Describer.Model, c.Describer.Kind+"-"+c.Describer.SHA256[:8])
		}
	default:
		complain("describer.kind %q: lbp, net or sface", c.Describer.Kind)
	}
	if t := c.Describer.Threshold; t < 0 || t > 2 {
		complain("describer.threshold %v: a distance from 0 to 2", t)
	}
	if m := c.Describer.Margin; m < 0 || m > 1 {
		complain("describer.margin %v: a share from 0 to 1", m)
	}
	if n := c.Describer.MinFaces; n < 0 || n > 10 {
		complain("describer.min_faces %d: 1 to 10", n)
	}
	if c.GalleryFor < time.Minute || c.GalleryFor > 24*time.Hour {
		complain("gallery_for %v: 1m to 24h", c.GalleryFor)
	}
	if err := c.Frigate.Check(); err != nil {
		wrong = append(wrong, err)
	}
	if m, age := c.Spool.Megabytes, c.Spool.Age; m < 0 || m > 100_000 || age < 0 {
		complain("spool: %d megabytes, %v: how much may wait, and how long", m, age)
	}
	if err := c.Log.Validate(); err != nil {
		wrong = append(wrong, err)
	}
	seen := map[offers.CameraID]bool{}
	for i := range c.Cameras {
		c.Cameras[i].check(complain)
		if seen[c.Cameras[i].ID] {
			complain("camera %q is there twice", c.Cameras[i].ID)
		}
		seen[c.Cameras[i].ID] = true
	}
	return errors.Join(wrong...)
}

func (c *Config) requireModel(what, path, sum string, complain func(string, ...any)) {
	if path == "" {
		complain("%s.path: where the model is", what)
	}
	if len(sum) != 64 {
		complain("%s.sha256: the sum of the model's file, 64 digits; a wrong model could end the process", what)
	}
}

var cameraID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func (c *Camera) check(complain func(string, ...any)) {
	if !cameraID.MatchString(string(c.ID)) {
		complain("camera %q: an id of up to 64 letters, digits, dots and dashes", c.ID)
	}
	if c.URL == "" {
		complain("camera %q: url is missing: a file, http://..., rtsp://..., device:0, or browser", c.ID)
	}
	if _, err := kindOf(c.URL); err != nil {
		complain("camera %q: %s", c.ID, inWords(err))
	}
	config.Default(&c.Rate, 5)
	config.Default(&c.MinFacePx, 64)
	config.Default(&c.FaceSidePx, vision.DefaultGate.MinSidePx)
	if c.Rate < .1 || c.Rate > 30 {
		complain("camera %q: rate %v: 0.1 to 30 frames a second", c.ID, c.Rate)
	}
	if c.MinFacePx < 20 || c.FaceSidePx < 20 {
		complain("camera %q: faces of fewer than 20 pixels are no faces", c.ID)
	}
}

// limits are the describer's own, or those that were set.
func (d *Describer) limits() vision.Limits {
	l := vision.LBPLimits
	switch d.Kind {
	case "net":
		l = vision.NetLimits
	case "sface":
		l = vision.SFaceLimits
	}
	if d.Threshold > 0 {
		l.Threshold = d.Threshold
	}
	if d.Margin > 0 {
		l.Margin = d.Margin
	}
	if d.MinFaces > 0 {
		l.MinFaces = d.MinFaces
	}
	return l
}

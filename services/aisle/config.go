package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"aisle/offers"
	"aisle/services/beacons"
	"aisle/services/collector"
	"aisle/services/config"
	"aisle/services/console"
	"aisle/services/decider"
	"aisle/services/learner"
	"aisle/services/notifier"
	"aisle/services/notifier/slack"
)

// Config is what the whole house is set up by; each part has a section of its
// own. The zero Config is a shop in a box: everything in one process, with its
// data below Data. docs/config.md explains every key.
type Config struct {
	Listen    string     `yaml:"listen"`     // the one address for HTTP; default 127.0.0.1:8080
	PublicURL string     `yaml:"public_url"` // as phones and Twilio reach it; default from Listen
	Data      string     `yaml:"data"`       // folder of the embedded parts; default ./data
	Target    string     `yaml:"target"`     // which services run here: all, or some of targets, by commas
	Log       config.Log `yaml:"log"`

	Stream  Stream `yaml:"stream"`
	State   Remote `yaml:"state"`
	Catalog Remote `yaml:"catalog"`

	Features string `yaml:"features"` // path of a file of the shop's own; empty: those of the house

	Secrets Secrets `yaml:"secrets"`

	Collector collector.Config `yaml:"collector"`
	Beacons   beacons.Config   `yaml:"beacons"`
	Decider   decider.Config   `yaml:"decider"`
	Learner   learner.Config   `yaml:"learner"`
	Notifier  notifier.Config  `yaml:"notifier"`
	Vision    Vision           `yaml:"vision"`

	SignIn      console.SignIn      `yaml:"sign_in"`
	Recognition console.Recognition `yaml:"recognition"`
	Alerts      Alerts              `yaml:"alerts"`

	Demo bool `yaml:"demo"` // a shop with shoppers drawn by code

	picture net.Listener // of the demonstration's camera
}

// Alerts say where staff hear of them who do not look at the wall.
type Alerts struct {
	Slack slack.Config  `yaml:"slack"` // an incoming webhook, also Mattermost's; empty: nowhere
	Help  bool          `yaml:"help"`  // also where somebody may want help
	After time.Duration `yaml:"after"` // what is over by itself before that is not told
	Over  time.Duration `yaml:"over"`  // an alert is over when it was not seen for so long
}

// Validate says what is wrong with a configuration.
func (a Alerts) Validate() error {
	err := a.Slack.Validate()
	if a.After < 0 || a.Over < 0 {
		err = errors.Join(err, fmt.Errorf("%w: after and over are not negative", offers.ErrInvalid))
	}
	if err != nil {
		return fmt.Errorf("alerts: %w", err)
	}
	return nil
}

// Stream says where the log between services is.
type Stream struct {
	URL         string `yaml:"url"`  // kafka://host:9092; empty: in the box
	Port        int    `yaml:"port"` // of 127.0.0.1, for the one in the box; 0: any that is free
	Partitions  int    `yaml:"partitions"`
	Replication int    `yaml:"replication"`
}

// Remote is a part that is in the box, or elsewhere by URL.
type Remote struct {
	URL string `yaml:"url"`
}

// Secrets replace those that the catalog makes at its first start. Each is 32
// bytes as 64 hexadecimal digits, and comes from the environment: ${env:NAME}.
type Secrets struct {
	Edge string `yaml:"edge"` // that cameras, gateways and tills send
	Seal string `yaml:"seal"` // that faces are sealed with
}

// Vision says where the cameras' process is. What it is set up by is its own
// file, as it may run beside the cameras, far from here.
type Vision struct {
	URL     string   `yaml:"url"`     // of a process that runs elsewhere; empty: a child of this one
	Off     bool     `yaml:"off"`     // no cameras here
	Command string   `yaml:"command"` // path of the child's program; default aisle-vision beside this one
	Config  string   `yaml:"config"`  // path of the child's own file, if it has one
	Listen  string   `yaml:"listen"`  // of the child; default 127.0.0.1:8090
	Cameras []string `yaml:"cameras"` // of the child, beside those of its file: id=url, as on its command line
}

// targets are the services that can run apart, upstream first.
var targets = []string{"collector", "beacons", "decider", "learner", "notifier", "console"}

// runs tells whether a service runs in this process.
func (c *Config) runs(target string) bool {
	names := splitList(c.Target)
	return slices.Contains(names, "all") || slices.Contains(names, target)
}

// check fills in defaults and says what is wrong, all at once.
func (c *Config) check() error {
	config.Default(&c.Listen, "127.0.0.1:8080")
	config.Default(&c.Data, "data")
	config.Default(&c.Target, "all")
	config.Default(&c.PublicURL, "http://"+strings.Replace(c.Listen, "127.0.0.1", "localhost", 1))
	config.Default(&c.Vision.Listen, "127.0.0.1:8090")
	if c.Demo {
		config.Default(&c.Log.Level, "warn") // so that the addresses stay in sight
		// So that somebody who looks for a quarter of an hour sees the model learn.
		config.Default(&c.Learner.Window, 5*time.Minute)
		config.Default(&c.Learner.Watch.Cohort, 25)
	}

	var wrong []error
	complain := func(format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("%w: "+format, append([]any{offers.ErrInvalid}, args...)...))
	}
	for _, t := range splitList(c.Target) {
		if t != "all" && !slices.Contains(targets, t) {
			complain("target %q: one of all, %s", t, strings.Join(targets, ", "))
		}
	}
	if !slices.Contains(splitList(c.Target), "all") {
		for _, part := range []struct{ name, url string }{
			{"stream", c.Stream.URL}, {"state", c.State.URL}, {"catalog", c.Catalog.URL},
		} {
			if part.url == "" {
				complain("target %s needs -%s=URL: the part in the box belongs to one process, and other processes could not reach it", c.Target, part.name)
			}
		}
	}
	if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		complain("public_url %q: an address such as https://offers.example.com", c.PublicURL)
	}
	if c.Vision.URL != "" {
		if u, err := url.Parse(c.Vision.URL); err != nil || u.Host == "" {
			complain("vision.url %q: an address such as http://vision:8090", c.Vision.URL)
		}
	}
	for name, secret := range map[string]string{"edge": c.Secrets.Edge, "seal": c.Secrets.Seal} {
		if b, err := hex.DecodeString(secret); err != nil || secret != "" && len(b) != 32 {
			complain("secrets.%s: want 64 hexadecimal digits; `openssl rand -hex 32` makes them", name)
		}
	}
	if _, err := loadFeatures(c.Features); err != nil {
		wrong = append(wrong, err)
	}
	for _, section := range []error{
		c.Log.Validate(), c.Collector.Validate(), c.Beacons.Validate(), c.Decider.Validate(), c.Learner.Validate(), c.Notifier.Validate(), c.Recognition.Validate(), c.SignIn.Validate(), c.Alerts.Validate(),
	} {
		if section != nil {
			wrong = append(wrong, section)
		}
	}
	return errors.Join(wrong...)
}

// folder is a place for an embedded part, below Data.
func (c *Config) folder(name string) string { return filepath.Join(c.Data, name) }

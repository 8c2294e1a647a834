package collector

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"time"

	"aisle/offers"
	"aisle/services/catalog"
	"aisle/services/door"
	"aisle/services/formats"
)

// Config says who may write, and what is made of it. The zero Config lets in
// the sources of the catalog.
type Config struct {
	WriteKeys map[string]string `yaml:"write_keys"` // key to the source's name, beside those of the catalog
	Origins   door.Origins      `yaml:"origins"`    // web sites whose pages may send, https://shop.example; "*" is any
	Region    string            `yaml:"region"`     // ISO 3166 code of the country whose telephone numbers come without a country code
	DedupeFor time.Duration     `yaml:"dedupe_for"` // how long an event is known by its message id; default 15m
	InFlight  int               `yaml:"in_flight"`  // requests at a time before clients are told to wait; default 256

	RequireKey bool              `yaml:"require_key"` // clients whose protocol has no key must bring one all the same
	OAuthKeys  map[string]string `yaml:"oauth_keys"`  // write key to the RSA public key of its servers, in PEM or the file of it: they bring a token, not the key

	KeepAddresses bool `yaml:"keep_addresses"` // network addresses of visitors are kept whole, not cut to their network
	NoOriginals   bool `yaml:"no_originals"`   // requests are not kept as they came, beside the events that they became

	SnowplowApps     []string `yaml:"snowplow_apps"`       // app ids whose Snowplow trackers may write; empty lets in any
	DoNotTrackCookie string   `yaml:"do_not_track_cookie"` // by which visitors tell Snowplow's trackers no; default "dnt", "-" is none
	TestMode         bool     `yaml:"test_mode"`           // /micro shows what became of the latest events, to anyone

	Find3Families []string `yaml:"find3_families"` // families of find3's devices that may post what they hear

	Feeds      map[string]string `yaml:"feeds"`       // name of a feed of the house's own to the file of its plan, which aisle ingest proposes
	FeedMemory time.Duration     `yaml:"feed_memory"` // how long it is known how far a file has come; default 720h
}

// Limits of what one client may send at a time, those of Segment where it has
// one.
const (
	maxEvent      = formats.MaxEvent
	maxStranger   = 4 << 10
	maxBatch      = 500 << 10
	maxSightings  = 500
	maxEnrolment  = 1 << 20
	maxKept       = 256 << 10 // of a body that is put in quarantine
	produceWithin = 10 * time.Second
	requestWithin = 20 * time.Second
)

func (c Config) withDefaults() Config {
	c.DedupeFor = cmp.Or(c.DedupeFor, 15*time.Minute)
	c.InFlight = cmp.Or(c.InFlight, 256)
	c.DoNotTrackCookie = cmp.Or(c.DoNotTrackCookie, "dnt")
	c.FeedMemory = cmp.Or(c.FeedMemory, 30*24*time.Hour)
	return c
}

// Keys are those that the configuration lets in, for any door of the house.
func (c Config) Keys(secrets catalog.Secrets) door.KeysConfig {
	keys := door.KeysConfig{Named: c.WriteKeys, Tokens: map[string]bool{}, Secret: secrets.Token}
	for key := range c.OAuthKeys {
		keys.Tokens[key] = true
	}
	return keys
}

// Validate says what is wrong with the Config.
func (c Config) Validate() error {
	wrong := func(key, format string, args ...any) error {
		return fmt.Errorf("collector.%s: %w: "+format, append([]any{key, offers.ErrInvalid}, args...)...)
	}
	for key, name := range c.WriteKeys {
		if len(key) < 6 || name == "" || strings.ContainsAny(key, ": ") {
			return wrong("write_keys", "want keys of 6 characters or more without colons, each with the name of its source")
		}
	}
	for _, o := range c.Origins {
		if o == "*" {
			continue
		}
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" {
			return wrong("origins", "%q: want an origin such as https://shop.example", o)
		}
	}
	if c.Region != "" && len(c.Region) != 2 {
		return wrong("region", "%q: want the two letters of a country, such as ES", c.Region)
	}
	if c.DedupeFor < 0 || c.DedupeFor > 24*time.Hour {
		return wrong("dedupe_for", "%v: want up to 24h", c.DedupeFor)
	}
	for name := range c.Feeds {
		if name == "" || len(name) > 40 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return wrong("feeds", "%q: want names of small letters, digits and dashes", name)
		}
	}
	if _, err := readPlans(c.Feeds); err != nil {
		return err
	}
	if c.FeedMemory < 0 {
		return wrong("feed_memory", "%v: want a time such as 720h", c.FeedMemory)
	}
	for _, app := range c.SnowplowApps {
		if app == "" || len(app) > 60 {
			return wrong("snowplow_apps", "%q: want the app ids that the trackers are started with", app)
		}
	}
	if strings.ContainsAny(c.DoNotTrackCookie, " =;,\"") {
		return wrong("do_not_track_cookie", "%q: want the name of a cookie", c.DoNotTrackCookie)
	}
	if _, err := newOAuth(c.OAuthKeys, nil); err != nil {
		return err
	}
	if c.InFlight < 0 {
		return wrong("in_flight", "%d: want a number of requests", c.InFlight)
	}
	return nil
}

package beacons

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	pure "aisle/beacons"
	"aisle/offers"
)

// Config says where the gateways' packets come in. The zero Config is a broker
// of one's own that listens on this machine only.
type Config struct {
	// MQTT is where the embedded broker listens, "0.0.0.0:1883"; or the broker
	// to connect to, "mqtt://user:password@host:1883" or "mqtts://..."; or
	// "off". Default 127.0.0.1:1883.
	MQTT     string `yaml:"mqtt"`
	Username string `yaml:"username"` // that gateways sign in with at the embedded broker
	Password string `yaml:"password"`
	Open     bool   `yaml:"open"` // let anyone in who reaches the embedded broker, without a password

	// TagPrefixes begin the ids that the house itself gave to tags, "watch:",
	// beside those that beacons have of their own.
	TagPrefixes []string `yaml:"tag_prefixes"`

	Hold    time.Duration `yaml:"hold"`     // how long another zone must be nearest; default 2s
	Forget  time.Duration `yaml:"forget"`   // silence after which a tag has left; default 30s
	Dwell   time.Duration `yaml:"dwell"`    // a stay is a dwell, where the zone does not say; default 60s
	MaxTags int           `yaml:"max_tags"` // followed at a time; default 20,000
}

const defaultListen = "127.0.0.1:1883"

// Validate says what is wrong with the Config.
func (c Config) Validate() error {
	wrong := func(key, format string, args ...any) error {
		return fmt.Errorf("beacons.%s: %w: "+format, append([]any{key, offers.ErrInvalid}, args...)...)
	}
	for key, d := range map[string]time.Duration{"hold": c.Hold, "forget": c.Forget, "dwell": c.Dwell} {
		if d < 0 || d > 24*time.Hour {
			return wrong(key, "%v: want a time such as 30s", d)
		}
	}
	if c.MaxTags < 0 {
		return wrong("max_tags", "%d: want a number of tags", c.MaxTags)
	}
	if c.MQTT == "off" {
		return nil
	}
	if c.external() {
		u, err := url.Parse(c.MQTT)
		if err != nil || u.Host == "" || u.Scheme != "mqtt" && u.Scheme != "mqtts" {
			return wrong("mqtt", "want an address such as mqtt://user:password@host:1883")
		}
		return nil
	}
	host, _, err := net.SplitHostPort(c.listen())
	if err != nil {
		return wrong("mqtt", "%q: want where to listen, such as 0.0.0.0:1883, or mqtt://host:1883, or off", c.MQTT)
	}
	if ip := net.ParseIP(host); c.Password == "" && !c.Open && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return wrong("password", "%s can be reached from other machines: set a username and a password, or open: true", c.MQTT)
	}
	return nil
}

func (c Config) external() bool { return strings.Contains(c.MQTT, "://") }

func (c Config) listen() string {
	if c.MQTT == "" {
		return defaultListen
	}
	return c.MQTT
}

func (c Config) tracker() pure.Config {
	return pure.Config{Hold: c.Hold, Forget: c.Forget, Dwell: c.Dwell, MaxTags: c.MaxTags}
}

// broker is the address of an external broker as paho wants it.
func (c Config) broker() (address, user, password string, tlsConfig *tls.Config) {
	u, err := url.Parse(c.MQTT)
	if err != nil {
		return "", "", "", nil
	}
	user = u.User.Username()
	password, _ = u.User.Password()
	scheme := "tcp://"
	if u.Scheme == "mqtts" {
		scheme, tlsConfig = "ssl://", &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	}
	host := u.Host
	if u.Port() == "" {
		host += map[string]string{"mqtt": ":1883", "mqtts": ":8883"}[u.Scheme]
	}
	return scheme + host, user, password, tlsConfig
}

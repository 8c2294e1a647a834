package beacons

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	pure "aisle/beacons"
	"aisle/beacons/token"
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

	TLSCert string `yaml:"tls_cert"` // file of the embedded broker's certificate: it then speaks TLS only
	TLSKey  string `yaml:"tls_key"`
	TLSCA   string `yaml:"tls_ca"` // file of who signed an external broker's certificate, beside those that the machine trusts
	QoS     int    `yaml:"qos"`    // that an external broker is asked for: 0 or 1

	TheengsBase string `yaml:"theengs_base"` // what OpenMQTTGateway's and Theengs' topics begin with; default home

	// TagPrefixes begin the ids that the house itself gave to tags, "watch:",
	// beside those that beacons have of their own.
	TagPrefixes []string `yaml:"tag_prefixes"`

	Tokens []Token `yaml:"tokens"` // tags whose names change

	Hold    time.Duration `yaml:"hold"`     // how long another zone must be nearest; default 2s
	Forget  time.Duration `yaml:"forget"`   // silence after which a tag has left; default 30s
	Dwell   time.Duration `yaml:"dwell"`    // a stay is a dwell, where the zone does not say; default 60s
	MaxTags int           `yaml:"max_tags"` // followed at a time; default 20,000
}

// Token is a tag whose name changes by a secret, so that nobody else can follow
// or copy it.
type Token struct {
	Tag    string        `yaml:"tag"`    // what the house calls it
	Scheme string        `yaml:"scheme"` // eddystone-eid, or house
	Secret string        `yaml:"secret"` // hexadecimal, 16 bytes
	Period time.Duration `yaml:"period"` // how long a name holds
	Since  time.Time     `yaml:"since"`  // when an Eddystone beacon's clock was 0
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
	if c.QoS != 0 && c.QoS != 1 {
		return wrong("qos", "%d: want 0 or 1: the radio repeats itself", c.QoS)
	}
	if strings.ContainsAny(c.TheengsBase, "+#") || strings.HasSuffix(c.TheengsBase, "/") || len(c.TheengsBase) > 100 {
		return wrong("theengs_base", "%q: want how the topics begin, such as home", c.TheengsBase)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return wrong("tls_cert", "want tls_cert and tls_key, or neither")
	}
	if _, err := c.keys(); err != nil {
		return wrong("tokens", "%w", err)
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

func (c Config) theengsBase() string { return cmp.Or(c.TheengsBase, "home") }

// keys are those of the tags whose names change.
func (c Config) keys() (*token.Ring, error) {
	keys := make([]token.Key, len(c.Tokens))
	for i, t := range c.Tokens {
		secret, err := hex.DecodeString(t.Secret)
		if err != nil {
			return nil, fmt.Errorf("secret of %q: %w: want hexadecimal digits", t.Tag, offers.ErrInvalid)
		}
		keys[i] = token.Key{Tag: t.Tag, Scheme: token.Scheme(t.Scheme), Secret: secret, Period: t.Period, Since: t.Since}
	}
	return token.NewRing(keys)
}

func (c Config) tracker() pure.Config {
	return pure.Config{Hold: c.Hold, Forget: c.Forget, Dwell: c.Dwell, MaxTags: c.MaxTags}
}

// broker is the address of an external broker as paho wants it.
func (c Config) broker() (address, user, password string, tlsConfig *tls.Config, err error) {
	u, err := url.Parse(c.MQTT)
	if err != nil {
		return "", "", "", nil, fmt.Errorf("beacons.mqtt: %w: %w", offers.ErrInvalid, err)
	}
	user = u.User.Username()
	password, _ = u.User.Password()
	scheme := "tcp://"
	if u.Scheme == "mqtts" {
		scheme, tlsConfig = "ssl://", &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
		if c.TLSCA != "" {
			pem, err := os.ReadFile(c.TLSCA)
			if err != nil {
				return "", "", "", nil, fmt.Errorf("beacons.tls_ca: %w: %w", offers.ErrInvalid, err)
			}
			if tlsConfig.RootCAs, err = x509.SystemCertPool(); err != nil {
				tlsConfig.RootCAs = x509.NewCertPool()
			}
			if !tlsConfig.RootCAs.AppendCertsFromPEM(pem) {
				return "", "", "", nil, fmt.Errorf("beacons.tls_ca: %w: there is no certificate in %s", offers.ErrInvalid, c.TLSCA)
			}
		}
	}
	host := u.Host
	if u.Port() == "" {
		host += map[string]string{"mqtt": ":1883", "mqtts": ":8883"}[u.Scheme]
	}
	return scheme + host, user, password, tlsConfig, nil
}

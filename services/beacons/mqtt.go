package beacons

import (
	"bytes"
	"crypto/subtle"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"aisle/offers"
)

// readingTopics are where gateways say what they hear.
func (c Config) readingTopics() []string {
	base := c.theengsBase()
	return []string{"espresense/devices/+/+", base + "/+" + theengsSays + "/+", base + "/+" + theengsSays, topicHCI + "+"}
}

// subscriptions are the topics that an external broker is asked for, one level
// at a time: what else is said there is none of ours.
func (c Config) subscriptions() map[string]byte {
	base := c.theengsBase()
	all := map[string]byte{}
	for _, topic := range append(c.readingTopics(), "espresense/rooms/+/status", "espresense/rooms/+/telemetry", base+"/+"+theengsWill, base+"/+"+theengsSys) {
		all[topic] = byte(c.QoS)
	}
	return all
}

// ourStatus is where an external broker says whether this door is there.
const ourStatus = "aisle/beacons/status"

// Bounds of the embedded broker.
const (
	maxClients  = 2_000
	maxPacket   = 32 << 10
	maxRetained = 20_000
	maxFilters  = 64 // that a client listens to
)

// listen starts the embedded broker. Packets are taken in its hook, which
// spares a second way through the broker.
func (b *Beacons) listen() error {
	l, err := net.Listen("tcp", b.config.listen())
	if err != nil {
		return fmt.Errorf("beacons: mqtt: %w: set beacons.mqtt to a free address, or to the broker that is there: %w", offers.ErrUnavailable, err)
	}
	if b.config.TLSCert != "" {
		cert, err := tls.LoadX509KeyPair(b.config.TLSCert, b.config.TLSKey)
		if err != nil {
			l.Close()
			return fmt.Errorf("beacons.tls_cert: %w: %w", offers.ErrInvalid, err)
		}
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	}
	capabilities := mqtt.NewDefaultServerCapabilities()
	capabilities.MaximumClients = maxClients
	capabilities.MaximumPacketSize = maxPacket
	capabilities.MaximumSessionExpiryInterval = 60 // sessions of clients that are gone would pile up
	b.server = mqtt.New(&mqtt.Options{Capabilities: capabilities, Logger: slog.New(slog.DiscardHandler)})
	if err := b.server.AddHook(&hook{b: b}, nil); err != nil {
		l.Close()
		return fmt.Errorf("beacons: mqtt: %w: %w", offers.ErrUnavailable, err)
	}
	if err := b.server.AddListener(listeners.NewNet("gateways", l)); err != nil {
		l.Close()
		return fmt.Errorf("beacons: mqtt: %w: %w", offers.ErrUnavailable, err)
	}
	b.addr = l.Addr().String()
	return nil
}

// hook takes what gateways publish to the embedded broker.
type hook struct {
	mqtt.HookBase
	b *Beacons
}

func (h *hook) ID() string { return "beacons" }

func (h *hook) Provides(what byte) bool {
	return bytes.IndexByte([]byte{mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPublish, mqtt.OnWillSent}, what) >= 0
}

func (h *hook) OnConnectAuthenticate(_ *mqtt.Client, pk packets.Packet) bool {
	c := &h.b.config
	if c.Password == "" {
		return true
	}
	user := subtle.ConstantTimeCompare(pk.Connect.Username, []byte(c.Username))
	ok := user&subtle.ConstantTimeCompare(pk.Connect.Password, []byte(c.Password)) == 1
	if !ok {
		h.b.metrics.refused.Inc()
	}
	return ok
}

// OnACLCheck lets gateways say what they like: a broker that refuses one
// message must hang up on its sender, and ESPresense also says things for
// others. What is not for us goes nowhere. To where tags are nobody listens
// but this door, and nobody to more than they need.
func (h *hook) OnACLCheck(c *mqtt.Client, topic string, write bool) bool {
	if write {
		return true
	}
	if c.State.Subscriptions.Len() >= maxFilters {
		return false
	}
	for _, readings := range h.b.config.readingTopics() {
		if overlap(topic, readings) {
			return false
		}
	}
	return true
}

// overlap tells whether there is a topic that two filters both let through.
func overlap(a, b string) bool {
	for {
		x, restX, moreX := strings.Cut(a, "/")
		y, restY, moreY := strings.Cut(b, "/")
		switch {
		case x == "#" || y == "#":
			return true
		case x != y && x != "+" && y != "+":
			return false
		case !moreX || !moreY:
			return moreX == moreY || restX == "#" || restY == "#"
		}
		a, b = restX, restY
	}
}

// OnWillSent takes what a gateway wanted said when it is gone.
func (h *hook) OnWillSent(_ *mqtt.Client, pk packets.Packet) {
	h.b.packet(pk.TopicName, pk.Payload, time.Now())
}

func (h *hook) OnPublish(_ *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	h.b.packet(pk.TopicName, pk.Payload, time.Now())
	settings := strings.HasPrefix(pk.TopicName, "espresense/") && !strings.HasPrefix(pk.TopicName, "espresense/devices/")
	if !settings || h.b.server.Topics.Retained.Len() >= maxRetained {
		pk.FixedHeader.Retain = false // only settings are kept: where someone was is nobody's news
	}
	return pk, nil
}

// connect subscribes at an external broker, now and after each time that it
// was away.
func (b *Beacons) connect() (stop func()) {
	address, user, password, tlsConfig, err := b.config.broker()
	if err != nil { // it was looked at in New
		return func() {}
	}
	o := paho.NewClientOptions().AddBroker(address).SetClientID("").SetCleanSession(true).
		SetUsername(user).SetPassword(password).SetOrderMatters(false).
		SetConnectTimeout(10*time.Second).SetKeepAlive(20*time.Second).SetPingTimeout(10*time.Second).
		SetConnectRetry(true).SetConnectRetryInterval(time.Second).SetAutoReconnect(true).SetMaxReconnectInterval(15*time.Second).
		SetWill(ourStatus, "offline", 1, true)
	if tlsConfig != nil {
		o.SetTLSConfig(tlsConfig)
	}
	o.SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) {
		if !m.Retained() { // what was said before we came tells nothing of now
			b.packet(m.Topic(), m.Payload(), time.Now())
		}
	})
	o.SetOnConnectHandler(func(c paho.Client) {
		b.logger.Info("broker connected", "broker", address)
		b.metrics.connected.Set(1)
		t := c.SubscribeMultiple(b.config.subscriptions(), nil)
		if !t.WaitTimeout(10*time.Second) || t.Error() != nil {
			b.logger.Error("broker does not answer the subscription", "broker", address, "err", t.Error())
			return
		}
		if s, ok := t.(*paho.SubscribeToken); ok {
			for topic, code := range s.Result() {
				if code > 2 {
					b.logger.Error("broker refuses a subscription: let this user listen there", "broker", address, "topic", topic)
				}
			}
		}
		c.Publish(ourStatus, 1, true, "online")
	})
	o.SetConnectionLostHandler(func(_ paho.Client, err error) {
		b.logger.Error("broker lost", "broker", address, "err", err)
		b.metrics.connected.Set(0)
	})
	c := paho.NewClient(o)
	c.Connect()
	return func() {
		if c.IsConnectionOpen() {
			c.Publish(ourStatus, 1, true, "offline").WaitTimeout(250 * time.Millisecond)
		}
		c.Disconnect(250)
	}
}

package beacons

import (
	"bytes"
	"crypto/subtle"
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

// subscriptions are the topics that an external broker is asked for.
var subscriptions = map[string]byte{"espresense/devices/+/+": 0, "espresense/rooms/+/+": 0}

// Bounds of the embedded broker.
const (
	maxClients  = 2_000
	maxPacket   = 32 << 10
	maxRetained = 20_000
)

// listen starts the embedded broker. Packets are taken in its hook, which
// spares a second way through the broker.
func (b *Beacons) listen() error {
	l, err := net.Listen("tcp", b.config.listen())
	if err != nil {
		return fmt.Errorf("beacons: mqtt: %w: set beacons.mqtt to a free address, or to the broker that is there: %w", offers.ErrUnavailable, err)
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
	return bytes.IndexByte([]byte{mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPublish}, what) >= 0
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
// others. What is not for us goes nowhere.
func (h *hook) OnACLCheck(*mqtt.Client, string, bool) bool { return true }

func (h *hook) OnPublish(_ *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	h.b.packet(pk.TopicName, pk.Payload, time.Now())
	if !strings.HasPrefix(pk.TopicName, "espresense/") || strings.HasPrefix(pk.TopicName, "espresense/devices/") || h.b.server.Topics.Retained.Len() >= maxRetained {
		pk.FixedHeader.Retain = false // only settings are kept: where someone was is nobody's news
	}
	return pk, nil
}

// connect subscribes at an external broker, now and after each time that it
// was away.
func (b *Beacons) connect() (stop func()) {
	address, user, password, tlsConfig := b.config.broker()
	o := paho.NewClientOptions().AddBroker(address).SetClientID("").SetCleanSession(true).
		SetUsername(user).SetPassword(password).SetOrderMatters(false).
		SetConnectTimeout(10 * time.Second).SetKeepAlive(20 * time.Second).SetPingTimeout(10 * time.Second).
		SetConnectRetry(true).SetConnectRetryInterval(time.Second).SetAutoReconnect(true).SetMaxReconnectInterval(15 * time.Second)
	if tlsConfig != nil {
		o.SetTLSConfig(tlsConfig)
	}
	o.SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) { b.packet(m.Topic(), m.Payload(), time.Now()) })
	o.SetOnConnectHandler(func(c paho.Client) {
		b.logger.Info("broker connected", "broker", address)
		b.metrics.connected.Set(1)
		t := c.SubscribeMultiple(subscriptions, nil)
		if t.WaitTimeout(10*time.Second) && t.Error() != nil {
			b.logger.Error("broker refuses the subscription", "broker", address, "err", t.Error())
		}
	})
	o.SetConnectionLostHandler(func(_ paho.Client, err error) {
		b.logger.Error("broker lost", "broker", address, "err", err)
		b.metrics.connected.Set(0)
	})
	c := paho.NewClient(o)
	c.Connect()
	return func() { c.Disconnect(250) }
}

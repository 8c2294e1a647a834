package frigate

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers"
)

// broker is where Frigate's messages are.
func (c *Config) broker() (address string, tlsConfig *tls.Config, err error) {
	u, err := url.Parse(c.MQTT)
	if err != nil || u.Hostname() == "" || u.Scheme != "mqtt" && u.Scheme != "mqtts" {
		return "", nil, fmt.Errorf("%w: no broker's address", offers.ErrInvalid)
	}
	scheme, port := "tcp", "1883"
	if u.Scheme == "mqtts" {
		scheme, port, tlsConfig = "ssl", "8883", &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	}
	if u.Port() != "" {
		port = u.Port()
	}
	return scheme + "://" + net.JoinHostPort(u.Hostname(), port), tlsConfig, nil
}

// Listener brings Frigate's messages to a Watcher, one at a time.
type Listener struct {
	config  *Config
	watcher *Watcher
	say     func(...offers.Sighting)
	logger  *slog.Logger

	messages *prometheus.CounterVec

	mu    sync.Mutex // guards the rest
	up    bool
	stats map[offers.CameraID]Stats
}

// NewListener hands what comes of Frigate's messages to say.
func NewListener(c *Config, w *Watcher, say func(...offers.Sighting), logger *slog.Logger, r prometheus.Registerer) *Listener {
	l := &Listener{config: c, watcher: w, say: say, logger: logger}
	l.messages = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_vision_frigate_messages_total",
		Help: "Messages of Frigate, by what became of them: taken, bad, dropped (too many at once)."}, []string{"result"})
	r.MustRegister(l.messages)
	return l
}

// Stats are the latest of Frigate's cameras, and whether its broker is there.
// They must not be written.
func (l *Listener) Stats() (stats map[offers.CameraID]Stats, connected bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stats, l.up
}

func (l *Listener) connected(up bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.up = up
}

type message struct {
	topic   string
	payload []byte
}

const (
	messagesWait = 1_000
	maxPayload   = 256 << 10
)

// Run listens until ctx ends, and connects again whenever the broker was away.
// Messages that come faster than they are taken are dropped and counted: the
// next update of a track says the same anew.
func (l *Listener) Run(ctx context.Context) error {
	address, tlsConfig, err := l.config.broker()
	if err != nil {
		return fmt.Errorf("frigate: %w", err)
	}
	in := make(chan message, messagesWait)
	stop := l.connect(address, tlsConfig, in)
	defer stop()
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	var once sync.Once
	for {
		select {
		case <-ctx.Done():
			l.say(l.watcher.Expire(time.Now().Add(time.Hour))...)
			return nil
		case now := <-tick.C:
			l.say(l.watcher.Expire(now)...)
		case m := <-in:
			now := time.Now()
			said, err := l.watcher.Message(m.topic, m.payload, now)
			if err != nil {
				l.messages.WithLabelValues("bad").Inc()
				once.Do(func() { l.logger.Warn("Frigate says what cannot be read; it is counted from now on", "err", err) })
				continue
			}
			l.messages.WithLabelValues("taken").Inc()
			l.say(said...)
			l.mu.Lock()
			l.stats = l.watcher.stats
			l.mu.Unlock()
		}
	}
}

func (l *Listener) connect(address string, tlsConfig *tls.Config, in chan<- message) (stop func()) {
	u, _ := url.Parse(l.config.MQTT) // it was looked at
	password, _ := u.User.Password()
	o := paho.NewClientOptions().AddBroker(address).SetClientID("").SetCleanSession(true).SetOrderMatters(true).
		SetUsername(u.User.Username()).SetPassword(password).
		SetConnectTimeout(10 * time.Second).SetKeepAlive(20 * time.Second).SetPingTimeout(10 * time.Second).
		SetConnectRetry(true).SetConnectRetryInterval(time.Second).SetAutoReconnect(true).SetMaxReconnectInterval(15 * time.Second)
	if tlsConfig != nil {
		o.SetTLSConfig(tlsConfig)
	}
	o.SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) {
		if len(m.Payload()) > maxPayload {
			l.messages.WithLabelValues("bad").Inc()
			return
		}
		select {
		case in <- message{m.Topic(), m.Payload()}:
		default:
			l.messages.WithLabelValues("dropped").Inc()
		}
	})
	topics := map[string]byte{}
	for _, t := range []string{"events", "tracked_object_update", "available", "stats"} {
		topics[l.config.Topic+"/"+t] = 0
	}
	o.SetOnConnectHandler(func(c paho.Client) {
		t := c.SubscribeMultiple(topics, nil)
		if !t.WaitTimeout(10*time.Second) || t.Error() != nil {
			l.logger.Error("Frigate's broker does not answer the subscription", "broker", address, "err", t.Error())
			return
		}
		l.connected(true)
		l.logger.Info("listening to Frigate", "broker", address)
	})
	o.SetConnectionLostHandler(func(_ paho.Client, err error) {
		l.connected(false)
		l.logger.Warn("Frigate's broker is lost", "broker", address, "err", errors.Unwrap(err))
	})
	c := paho.NewClient(o)
	c.Connect()
	return func() { c.Disconnect(250) }
}

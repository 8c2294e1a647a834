package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"aisle/offers"
)

// A radio is the shop's gateways: it says on MQTT what each hears of the tags,
// in ESPresense's words. Signal strength follows the log-distance model with
// shadowing, so readings are as noisy as real ones.
type radio struct {
	client    mqtt.Client
	receivers []offers.Receiver
	random    *rand.Rand
}

const (
	powerAt1mDBm = -59
	absorption   = 2.7 // path loss exponent, indoors
	shadowingDB  = 3.0 // standard deviation
	rangeM       = 12.0
	heightM      = 0.7 // between a tag at the belt and a gateway on a shelf
	hearing      = 4   // gateways that report a packet, the nearest ones
)

// openRadio connects the gateways to the broker.
func openRadio(ctx context.Context, addr, user, password string, shop *offers.Shop, random *rand.Rand) (*radio, error) {
	o := mqtt.NewClientOptions().AddBroker("tcp://" + addr).SetClientID("demo-gateways").
		SetUsername(user).SetPassword(password).
		SetAutoReconnect(true).SetConnectRetry(true).SetConnectRetryInterval(time.Second).SetOrderMatters(false)
	c := mqtt.NewClient(o)
	token := c.Connect()
	select {
	case <-ctx.Done():
		c.Disconnect(0)
		return nil, ctx.Err()
	case <-token.Done():
	}
	if err := token.Error(); err != nil {
		return nil, fmt.Errorf("mqtt %s: %w: %w", addr, offers.ErrUnavailable, err)
	}
	return &radio{client: c, receivers: shop.Receivers, random: random}, nil
}

// greet says that the gateways are there, also those that hear nobody: what
// ESPresense sends every few seconds.
func (r *radio) greet() {
	for _, rx := range r.receivers {
		r.client.Publish("espresense/rooms/"+string(rx.ID)+"/telemetry", 0, false, `{"firm":"demo"}`)
	}
}

func (r *radio) close() { r.client.Disconnect(250) }

// hear says what the gateways hear of a tag at a place.
func (r *radio) hear(tag string, at offers.Point) error {
	near := slices.SortedFunc(slices.Values(r.receivers), func(a, b offers.Receiver) int {
		return cmp.Compare(distance(a.At, at), distance(b.At, at))
	})
	for _, rx := range near[:min(hearing, len(near))] {
		d := math.Hypot(distance(rx.At, at), heightM)
		if d > rangeM {
			break
		}
		rssi := powerAt1mDBm - 10*absorption*math.Log10(d) + r.random.NormFloat64()*shadowingDB
		payload, err := json.Marshal(map[string]any{
			"id": tag, "idType": 20, "rssi@1m": powerAt1mDBm, "rssi": math.Round(rssi), "raw": round2(d),
			"distance": round2(math.Pow(10, (powerAt1mDBm-rssi)/(10*absorption))), "int": 500,
		})
		if err != nil {
			return err
		}
		r.client.Publish("espresense/devices/"+tag+"/"+string(rx.ID), 0, false, payload)
	}
	return nil
}

func distance(a, b offers.Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

func round2(x float64) float64 { return math.Round(x*100) / 100 }

package frigate_test

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers"
	"aisle/services/vision/frigate"
)

// The real protocol, with a broker that goes away in between.
func TestFrigateIsHeardThroughABroker(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	broker := func(l net.Listener) *mqtt.Server {
		b := mqtt.New(&mqtt.Options{InlineClient: true, Logger: slog.New(slog.DiscardHandler)})
		if err := b.AddHook(new(auth.AllowHook), nil); err != nil {
			t.Fatal(err)
		}
		if err := b.AddListener(listeners.NewNet("broker", l)); err != nil {
			t.Fatal(err)
		}
		if err := b.Serve(); err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := broker(l)
	c := config(t)
	c.MQTT = "mqtt://" + address
	heard := make(chan offers.Sighting, 10)
	listener := frigate.NewListener(c, frigate.NewWatcher(c, "r", nowhere), func(all ...offers.Sighting) {
		for _, s := range all {
			heard <- s
		}
	}, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- listener.Run(ctx) }()
	connected := func() bool { _, up := listener.Stats(); return up }
	until := func(what string, ok func() bool) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("not within 20 s: ", what)
			}
		}
	}
	publish := func(topic, payload string) {
		if err := b.Publish("frigate/"+topic, []byte(payload), false, 0); err != nil {
			t.Error(err)
		}
	}
	until("connected", connected)
	publish("events", "{")
	publish("stats", `{"cameras":{"front_door":{"camera_fps":5.1,"process_fps":5}}}`)
	publish("events", event("new", "1", nil))
	if s := <-heard; s.Device != "cam-door" || s.MessageID == "" {
		t.Errorf("heard %+v", s)
	}
	if stats, _ := listener.Stats(); stats["cam-door"].FPS != 5.1 {
		t.Errorf("stats %+v", stats)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	until("the broker is lost", func() bool { return !connected() })
	if l, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	b = broker(l)
	defer b.Close()
	until("connected again", connected)
	publish("events", event("end", "1", nil))
	if s := <-heard; !s.Gone {
		t.Errorf("heard %+v, want that they left", s)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"aisle/beacons"
	"aisle/beacons/gateway"
	"aisle/offers"
	"aisle/offers/campaigns"
)

// radio measures how many packets of gateways one core makes zones of: read as
// they come by MQTT, and followed through the demonstration's shop by a thousand
// people who walk about, each heard by the receivers within twelve metres twice
// a second. The packets are made before the clock runs.
func (b *bench) radio() error {
	const (
		tags    = 1000
		seconds = 8
	)
	shop := campaigns.Shop()
	tracker := beacons.NewTracker(beacons.Config{})
	tracker.Place(map[offers.ShopID]*offers.Shop{shop.ID: &shop})
	type packet struct {
		topic   string
		payload []byte
		at      time.Time
	}
	random := rand.New(rand.NewPCG(5, 6))
	floor := shop.Floors[0]
	at, start := make([]offers.Point, tags), time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for i := range at {
		at[i] = offers.Point{X: random.Float64() * floor.WidthM, Y: random.Float64() * floor.DepthM}
	}
	var packets []packet
	for half := range 2 * seconds {
		now := start.Add(time.Duration(half) * time.Second / 2)
		for i := range at {
			p := &at[i]
			p.X = min(max(p.X+random.NormFloat64()*.4, 0), floor.WidthM)
			p.Y = min(max(p.Y+random.NormFloat64()*.4, 0), floor.DepthM)
			for _, r := range shop.Receivers {
				d := math.Hypot(p.X-r.At.X, p.Y-r.At.Y)
				if d > 12 {
					continue
				}
				rssi := -59 - 27*math.Log10(max(d, .5)) + random.NormFloat64()*4
				packets = append(packets, packet{
					fmt.Sprintf("espresense/devices/iBeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0-100-%d/%s", i, r.ID),
					fmt.Appendf(nil, `{"mac":"aabbccddeeff","id":"x","rssi@1m":-59,"rssi":%.1f,"distance":%.2f,"int":500}`, rssi, d), now,
				})
			}
		}
	}
	changes := 0
	began := time.Now()
	for i := range packets {
		reading, err := gateway.ESPresense(packets[i].topic, packets[i].payload, packets[i].at)
		if err != nil {
			return fmt.Errorf("radio: %w", err)
		}
		of, err := tracker.Hear(reading)
		if err != nil {
			return fmt.Errorf("radio: %w", err)
		}
		changes += len(of)
	}
	took := time.Since(began)
	fmt.Fprintf(b.out, "radio, one core: %.0f packets/s to zones (%d packets of %d tags, %d changes)\n",
		float64(len(packets))/took.Seconds(), len(packets), tags, changes)
	return nil
}

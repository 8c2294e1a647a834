package state

import (
	"testing"
	"time"

	"github.com/goccy/go-json"

	"aisle/offers"
)

func BenchmarkProfile(b *testing.B) {
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	p := &offers.Profile{
		Shopper: "s12345", Identifiers: []offers.Identifier{{Type: offers.Tag, Value: "iBeacon:a15e0000-0000-4000-8000-000000000001-7-9"}},
		Consents: map[offers.Purpose]offers.Consent{offers.ConsentPush: {Purpose: offers.ConsentPush, Granted: true, At: at, Source: "bench"}},
		First:    at, Last: at, Recent: make([]byte, 64),
		Visit: &offers.Visit{Shop: "shop-1", Zone: "zone-1", Started: at, LastSeen: at, Witnesses: map[offers.Sensor]time.Time{offers.SensorBeacon: at}},
	}
	for _, name := range []string{"zone_seconds", "visits", "last_zone", "views"} {
		p.Features = append(p.Features, offers.FeatureState{Name: name, Version: 1, First: at, At: at, Source: "bench", Cells: []offers.FeatureCell{{Start: 1, Key: "zone-1", N: 30000}, {Start: 2, Key: "zone-2", N: 30000}}})
	}
	for range 5 {
		p.Contacts = append(p.Contacts, offers.Contact{Decision: "3-12345-0", Campaign: "bench-1", Offer: "offer-1", At: at})
	}
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			buf = AppendProfile(buf[:0], p)
		}
		b.ReportMetric(float64(len(buf)), "bytes")
	})
	packed := AppendProfile(nil, p)
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = DecodeProfile(packed, new(offers.Profile))
		}
	})
	asJSON, _ := json.Marshal(p)
	b.Run("append as JSON", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = json.Marshal(p)
		}
		b.ReportMetric(float64(len(asJSON)), "bytes")
	})
	b.Run("decode as JSON", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = json.Unmarshal(asJSON, new(offers.Profile))
		}
	})
}

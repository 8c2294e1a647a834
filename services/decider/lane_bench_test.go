package decider

import (
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers"
	"aisle/services/stream"
)

// BenchmarkLane is what a lane does with a batch of events, of which each wakes 10
// of 100 campaigns, but for handing what it says to the log: read, load, decide
// and commit, with the state in the box. Small batches are those of a quiet hour.
func BenchmarkLane(b *testing.B) {
	for _, size := range []int{5, 500} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			const shoppers, zones = 2000, 10
			g := newGround(b, false)
			for i := range 100 {
				zone := offers.ZoneID("zone-" + strconv.Itoa(i%zones))
				id := offers.CampaignID("bench-" + strconv.Itoa(i))
				g.produce(stream.Campaigns, offers.CampaignKey(id), offers.Campaign{
					ID: id, Name: "Bench " + strconv.Itoa(i), Status: offers.CampaignLive,
					Trigger:       offers.Trigger{Event: offers.ZoneDwelled, Zones: []offers.ZoneID{zone}},
					Eligibility:   `tier != "staff" && orders < 100`,
					Applicability: fmt.Sprintf(`zone_seconds[%q] >= 0 && hour >= 0`, zone),
					Channels:      []offers.Channel{offers.ChannelApp},
					Offers:        []offers.Offer{{ID: "offer", Title: "10% off", Body: "Today only.", Category: string(zone), Zone: zone, Value: offers.Money{Minor: 1500}, Valid: time.Hour}},
				})
			}
			catalogue, err := g.log.Catalogue(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			d := New(Config{Lanes: 1}, g.log, g.state, catalogue, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
			d.compile()
			l := &lane{Decider: d}
			d.after = func(step string) {
				if step == "commit" {
					l.unsent = l.unsent[:0]
				}
			}
			const partition = 0
			if _, err := l.Assign(b.Context(), []stream.Partition{{Stream: stream.Events, Number: partition}}); err != nil {
				b.Fatal(err)
			}
			offset := 0
			handle := func(batch []stream.Record) {
				if err := l.Handle(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
			batch := func(n int, event func(who offers.ShopperID, at time.Time) offers.Event) []stream.Record {
				records := make([]stream.Record, n)
				for i := range records {
					e := event(offers.ShopperID("s"+strconv.Itoa(offset%shoppers)), noon.Add(time.Duration(offset)*time.Millisecond))
					e.ID, e.Received = offers.EventID(strconv.Itoa(offset)), e.Time
					r, err := stream.EventRecord(&e, "bench", "")
					if err != nil {
						b.Fatal(err)
					}
					r.Partition, r.Offset = partition, int64(offset)
					offset++
					records[i] = r
				}
				return records
			}
			dwells := func(n int) []stream.Record {
				return batch(n, func(who offers.ShopperID, at time.Time) offers.Event {
					return offers.Event{
						Type: offers.ZoneDwelled, Shopper: who, Time: at, Source: "bench", Shop: "shop-1", Zone: offers.ZoneID("zone-" + strconv.Itoa(offset%zones)),
						Dwell: 30 * time.Second, Confidence: .9, Identifiers: []offers.Identifier{{Type: offers.Tag, Value: "iBeacon:a15e0000-0000-4000-8000-000000000001-7-" + string(who)}},
					}
				})
			}
			handle(batch(shoppers, func(who offers.ShopperID, at time.Time) offers.Event {
				return offers.Event{Type: offers.ConsentChanged, Shopper: who, Time: at, Consent: &offers.Consent{Purpose: offers.ConsentPush, Granted: true, At: at, Source: "bench"}}
			}))
			for range 3 {
				handle(dwells(shoppers))
			}
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				events := dwells(size)
				b.StartTimer()
				handle(events)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/event")
		})
	}
}

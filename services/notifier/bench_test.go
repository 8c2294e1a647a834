package notifier

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/stream"
)

// BenchmarkDeliveries carries decisions at a steady rate through guard and
// sandbox, and prints how long after the decision a provider had the message.
func BenchmarkDeliveries(b *testing.B) {
	for _, rate := range []int{500, 2000} {
		b.Run(fmt.Sprintf("%d a second", rate), func(b *testing.B) {
			for b.Loop() {
				deliverAt(b, rate, 4*time.Second)
			}
		})
	}
}

func deliverAt(b *testing.B, rate int, long time.Duration) {
	h := newHouse(b)
	h.start(Config{})
	count := rate * int(long/time.Second)
	const shoppers = 5000
	for i := range shoppers {
		h.shopper(offers.ShopperID(fmt.Sprintf("s%d", i)), fmt.Sprintf("+346%08d", i), offers.ConsentSMS, offers.ConsentPush)
	}
	const every = 10 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := 0; i < count; {
		<-tick.C
		var records []stream.Record
		for range rate / 100 {
			who := fmt.Sprintf("s%d", i%shoppers)
			records = append(records, h.record(stream.Decisions, who, h.decided(offers.ShopperID(who), smsOnly), trace))
			i++
		}
		if err := h.log.Produce(b.Context(), records...); err != nil {
			b.Fatal(err)
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	var waits []time.Duration
	for time.Now().Before(deadline) {
		waits = waits[:0]
		for _, states := range h.deliveries() {
			waits = append(waits, states[len(states)-1].At.Sub(states[len(states)-1].Received))
		}
		if len(waits) >= count {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	slices.Sort(waits)
	if len(waits) == 0 {
		b.Fatal("nothing delivered")
	}
	b.ReportMetric(float64(len(waits))/float64(count), "delivered/decided")
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "p50_ms")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "p99_ms")
}

package stream_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aisle/services/stream"
)

// each runs a benchmark on the broker in the box, and on a real Kafka if there
// is one.
func each(b *testing.B, f func(b *testing.B, l *stream.Log)) {
	on := func(name string, c func(b *testing.B) stream.Config) {
		b.Run(name, func(b *testing.B) {
			l, err := stream.Open(b.Context(), c(b))
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			f(b, l)
		})
	}
	on("embedded", func(b *testing.B) stream.Config { return stream.Config{Dir: b.TempDir()} })
	if addr := os.Getenv("AISLE_TEST_KAFKA"); addr != "" {
		on("kafka", func(*testing.B) stream.Config {
			return stream.Config{URL: fmt.Sprintf("kafka://%s?prefix=bench.%d.", addr, time.Now().UnixNano())}
		})
	}
}

var payload = make([]byte, 500)

func BenchmarkProduce(b *testing.B) {
	each(b, func(b *testing.B, l *stream.Log) {
		for _, callers := range []int{1, 16, 256} {
			b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
				b.ReportAllocs()
				var next atomic.Int64
				var all sync.WaitGroup
				for range callers {
					all.Go(func() {
						for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
							if err := l.Produce(b.Context(), stream.Record{Stream: stream.Events, Key: fmt.Append(nil, i%1000), Value: payload}); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				all.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
			})
		}
		b.Run("batch=1000", func(b *testing.B) {
			batch := make([]stream.Record, 1000)
			for i := range batch {
				batch[i] = stream.Record{Stream: stream.Events, Key: fmt.Append(nil, i), Value: payload}
			}
			for range b.N {
				if err := l.Produce(b.Context(), batch...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "records/s")
		})
	})
}

// BenchmarkConsume reads back what was written before.
func BenchmarkConsume(b *testing.B) {
	each(b, func(b *testing.B, l *stream.Log) {
		const records = 200_000
		batch := make([]stream.Record, 1000)
		for i := range batch {
			batch[i] = stream.Record{Stream: stream.Events, Key: fmt.Append(nil, i), Value: payload}
		}
		for range records / len(batch) {
			if err := l.Produce(b.Context(), batch...); err != nil {
				b.Fatal(err)
			}
		}
		run := 0
		for b.Loop() {
			ctx, cancel := context.WithCancel(b.Context())
			var left atomic.Int64
			left.Store(records)
			run++
			err := l.Consume(ctx, stream.Consumer{Group: fmt.Sprint("g", run), Streams: []string{stream.Events}, NewLane: func() stream.Lane {
				return lane(func(batch []stream.Record) error {
					if left.Add(-int64(len(batch))) == 0 {
						cancel()
					}
					return nil
				})
			}})
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(run)*records/b.Elapsed().Seconds(), "records/s")
	})
}

// BenchmarkLatency is from Produce to Handle, at a steady pace.
func BenchmarkLatency(b *testing.B) {
	each(b, func(b *testing.B, l *stream.Log) {
		for _, pace := range []int{500, 5000} {
			b.Run(fmt.Sprintf("pace=%d", pace), func(b *testing.B) {
				ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
				defer cancel()
				run := fmt.Sprint(time.Now().UnixNano()) // others' records are in the stream too
				var mu sync.Mutex
				var took []time.Duration
				ready := make(chan struct{}, 2)
				var consumer sync.WaitGroup
				consumer.Go(func() {
					err := l.Consume(ctx, stream.Consumer{Group: run, Streams: []string{stream.Events}, NewLane: func() stream.Lane {
						return assigned{nil, func(batch []stream.Record) error {
							now := time.Now()
							mu.Lock()
							defer mu.Unlock()
							for i := range batch {
								if batch[i].Header("run") != run {
									continue
								}
								var sent int64
								fmt.Sscan(batch[i].Header("sent"), &sent)
								if sent == 0 {
									ready <- struct{}{}
								} else if took = append(took, now.Sub(time.Unix(0, sent))); len(took) == b.N {
									cancel()
								}
							}
							return nil
						}}
					}})
					if err != nil {
						b.Error(err)
					}
				})
				l.Produce(ctx, stream.Record{Stream: stream.Events, Key: []byte("first"), Value: payload, Headers: []stream.Header{{Key: "run", Value: []byte(run)}}})
				<-ready
				b.ResetTimer()
				began := time.Now()
				var writers sync.WaitGroup
				slots := make(chan struct{}, 64)
				for i := range b.N {
					if wait := time.Until(began.Add(time.Duration(i) * time.Second / time.Duration(pace))); wait > 0 {
						time.Sleep(wait)
					}
					slots <- struct{}{}
					writers.Go(func() {
						l.Produce(b.Context(), stream.Record{
							Stream: stream.Events, Key: fmt.Append(nil, i), Value: payload,
							Headers: []stream.Header{{Key: "run", Value: []byte(run)}, {Key: "sent", Value: fmt.Append(nil, time.Now().UnixNano())}},
						})
						<-slots
					})
				}
				writers.Wait()
				consumer.Wait()
				if len(took) == 0 {
					b.Fatal("nothing came")
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			})
		}
	})
}

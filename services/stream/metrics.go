package stream

import (
	"errors"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	produced, consumed, skipped, failures *prometheus.CounterVec
	produce                               prometheus.Histogram
	lag                                   *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		produced: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_stream_produced_records_total", Help: "Records that the log has acknowledged.",
		}, []string{"stream"}),
		consumed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_stream_consumed_records_total", Help: "Records that a group has handled; tail is no group.",
		}, []string{"group", "stream"}),
		skipped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_stream_skipped_records_total", Help: "Records that were gone from the log before a group had read them.",
		}, []string{"group", "stream"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_stream_failures_total", Help: "Requests to the log that failed and were tried again.",
		}, []string{"operation"}),
		produce: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "aisle_stream_produce_seconds", Help: "From a call of Produce to its acknowledgement.",
			Buckets: prometheus.ExponentialBuckets(0.00025, 2, 14),
		}),
		lag: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "aisle_stream_lag_records", Help: "Records in a partition that its owner in a group has not read yet.",
		}, []string{"group", "stream", "partition"}),
	}
	m.produced = registered(reg, m.produced)
	m.consumed = registered(reg, m.consumed)
	m.skipped = registered(reg, m.skipped)
	m.failures = registered(reg, m.failures)
	m.produce = registered(reg, m.produce)
	m.lag = registered(reg, m.lag)
	return m
}

// registered registers, or takes what a Log before has registered.
func registered[C prometheus.Collector](reg prometheus.Registerer, c C) C {
	if reg == nil {
		return c
	}
	var already prometheus.AlreadyRegisteredError
	if err := reg.Register(c); errors.As(err, &already) {
		if old, ok := already.ExistingCollector.(C); ok {
			return old
		}
	}
	return c
}

func (m *metrics) setLag(group string, p Partition, records int64) {
	m.lag.WithLabelValues(group, p.Stream, strconv.Itoa(p.Number)).Set(float64(max(records, 0)))
}

func (m *metrics) dropLag(group string, p Partition) {
	m.lag.DeleteLabelValues(group, p.Stream, strconv.Itoa(p.Number))
}

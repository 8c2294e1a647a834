package state

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	seconds          *prometheus.HistogramVec
	failures         *prometheus.CounterVec
	fenced, restarts prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	return &metrics{
		seconds: registered(reg, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "aisle_state_operation_seconds", Help: "From asking state to its answer.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 14),
		}, []string{"operation"})),
		failures: registered(reg, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_state_failures_total", Help: "Operations that state did not answer, or refused.",
		}, []string{"operation"})),
		fenced: registered(reg, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "aisle_state_fenced_commits_total", Help: "Commits of a partition that another owner had moved.",
		})),
		restarts: registered(reg, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "aisle_state_server_restarts_total", Help: "Restarts of the embedded redis-server after it died.",
		})),
	}
}

// time observes how long an operation takes, until what it returns is called.
func (m *metrics) time(operation string) func() {
	began := time.Now()
	return func() { m.seconds.WithLabelValues(operation).Observe(time.Since(began).Seconds()) }
}

// registered registers, or takes what a Store before has registered.
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

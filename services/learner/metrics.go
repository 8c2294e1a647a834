package learner

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	examples    *prometheus.CounterVec
	outcomes    *prometheus.CounterVec
	unshown     prometheus.Counter
	pending     prometheus.Gauge
	logLoss     prometheus.Gauge
	version     prometheus.Gauge
	published   prometheus.Counter
	conflicts   prometheus.Counter
	restarts    prometheus.Counter
	quarantined prometheus.Counter

	loss float64 // under the learner's mu
	seen float64
}

func newMetrics(reg prometheus.Registerer) *metrics {
	if reg == nil {
		reg = prometheus.NewRegistry()
	}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_learner_" + name, Help: help})
		reg.MustRegister(c)
		return c
	}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "aisle_learner_" + name, Help: help})
		reg.MustRegister(g)
		return g
	}
	m := &metrics{
		examples: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_learner_examples_total", Help: "Offers that the model has learned from, by whether they were taken.",
		}, []string{"taken"}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_learner_outcomes_total", Help: "Events about offers, by what came of them.",
		}, []string{"outcome"}),
		unshown:     counter("unshown_total", "Offers that reached nobody in their window, and teach nothing."),
		pending:     gauge("pending_offers", "Offers whose outcome is open."),
		logLoss:     gauge("log_loss_ratio", "Running average of the model's surprise, in nats an offer."),
		version:     gauge("model_version_count", "Number of the last published version."),
		published:   counter("published_total", "Versions of the model published."),
		conflicts:   counter("conflicts_total", "Times that another learner had published first."),
		restarts:    counter("restarts_total", "Times that the books were read anew after a failure."),
		quarantined: counter("quarantined_total", "Records that could not be read."),
	}
	reg.MustRegister(m.examples, m.outcomes)
	return m
}

// lossMemory is over how many offers the surprise is averaged.
const lossMemory = 1000

// learned counts an example, with the probability that the model had expected.
func (m *metrics) learned(taken, expected float64) {
	label := "no"
	if taken == 1 {
		label = "yes"
	}
	m.examples.WithLabelValues(label).Inc()
	m.seen = min(m.seen+1, lossMemory)
	m.loss += (-taken*math.Log(max(expected, 1e-12)) - (1-taken)*math.Log(max(1-expected, 1e-12)) - m.loss) / m.seen
	m.logLoss.Set(m.loss)
}

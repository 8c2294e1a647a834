package learner

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers/rank/lists"
	"aisle/offers/rank/watch"
)

type metrics struct {
	examples    *prometheus.CounterVec
	outcomes    *prometheus.CounterVec
	unshown     prometheus.Counter
	pending     prometheus.Gauge
	logLoss     prometheus.Gauge
	version     prometheus.Gauge
	held        prometheus.Gauge
	turns       *prometheus.CounterVec
	drift       *prometheus.GaugeVec
	published   prometheus.Counter
	conflicts   prometheus.Counter
	restarts    prometheus.Counter
	quarantined prometheus.Counter
	trainings   *prometheus.CounterVec

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
		unshown: counter("unshown_total", "Offers that reached nobody in their window, and teach nothing."),
		pending: gauge("pending_offers", "Offers whose outcome is open."),
		logLoss: gauge("log_loss_ratio", "Running average of the model's surprise, in nats an offer."),
		version: gauge("model_version_count", "Number of the last published version."),
		held:    gauge("model_held_count", "1 while a version is in use that does not learn: rolled back to, or pinned."),
		turns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_learner_turns_total", Help: "Times that another model was put in use, by how: rolled_back, resumed, pinned, released.",
		}, []string{"kind"}),
		drift: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "aisle_learner_input_drift_ratio", Help: "Population stability index of a feature, lately against before.",
		}, []string{"feature"}),
		trainings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_learner_lists_trainings_total", Help: "Times that the ranker of lists was to be made anew, by result: in_use, worse, too_few, failed.",
		}, []string{"result"}),
		published:   counter("published_total", "Versions of the model published."),
		conflicts:   counter("conflicts_total", "Times that another learner had published first."),
		restarts:    counter("restarts_total", "Times that the books were read anew after a failure."),
		quarantined: counter("quarantined_total", "Records that could not be read."),
	}
	reg.MustRegister(m.examples, m.outcomes, m.turns, m.drift, m.trainings)
	for _, k := range []watch.Kind{watch.RolledBack, watch.Resumed, watch.Pinned, watch.Released} {
		m.turns.WithLabelValues(string(k))
	}
	for _, r := range []lists.Result{lists.InUse, lists.Worse, lists.TooFew, lists.Failed} {
		m.trainings.WithLabelValues(string(r))
	}
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

// use notes what is in use from now on.
func (m *metrics) use(p watch.Published, s *watch.State) {
	m.version.Set(float64(p.Model.Number()))
	m.published.Inc()
	if m.held.Set(0); s.Hold != nil {
		m.held.Set(1)
	}
	if p.Turn != nil {
		m.turns.WithLabelValues(string(p.Turn.Kind)).Inc()
	}
	for _, d := range s.Inputs.Drifts() {
		m.drift.WithLabelValues(d.Feature).Set(d.PSI)
	}
}

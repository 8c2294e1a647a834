package decider

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"aisle/offers"
	"aisle/offers/decide"
	"aisle/offers/scenario"
	"aisle/services/state"
	"aisle/services/stream"
)

// advance follows the scenarios by an event that was folded. Completions go to
// the log in the same turn, and come back from there; what became of shoppers
// at each step is counted in state with the turn, and so exactly once.
func (l *lane) advance(engine *decide.Engine, e *event, profile *offers.Profile, p *partition) error {
	completed, r := engine.Advance(profile, &e.Event)
	for i := range completed {
		c := &completed[i]
		record, err := stream.EventRecord(c, source, stream.ChildSpan(e.parent, string(c.ID)))
		if err != nil {
			return err
		}
		p.turn.said = append(p.turn.said, record)
	}
	for i := range r.Counts {
		for _, add := range state.ScenarioIncrements(p.number, &r.Counts[i]) {
			p.turn.count(counter{add.Key, add.Field}, add.By)
		}
	}
	l.metrics.scenarios.observe(&r)
	return nil
}

// scenarioMetrics are what scenarios did since the process began. What shoppers
// are in now lies in state, and the console shows it.
type scenarioMetrics struct {
	steps                      *prometheus.CounterVec
	completions                *prometheus.CounterVec
	late, contradicted, failed prometheus.Counter
	live, broken               prometheus.Gauge
}

func newScenarioMetrics(reg prometheus.Registerer) *scenarioMetrics {
	f := promauto.With(reg)
	counter := func(name, help string) prometheus.Counter {
		return f.NewCounter(prometheus.CounterOpts{Name: "aisle_decider_scenario_" + name + "_total", Help: help})
	}
	return &scenarioMetrics{
		steps: f.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_decider_scenario_steps_total", Help: "What became of shoppers at the steps of scenarios; what late events take back is not taken off.",
		}, []string{"scenario", "step", "what"}),
		completions: f.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_decider_scenario_completions_total", Help: "Scenarios that shoppers came to the end of.",
		}, []string{"scenario"}),
		late:         counter("late_events", "Events that came too late to find their place in a scenario."),
		contradicted: counter("contradicted", "Completions that were told and were none, as an event showed that came late."),
		failed:       counter("failed_conditions", "Conditions of steps that had no answer."),
		live:         f.NewGauge(prometheus.GaugeOpts{Name: "aisle_decider_scenarios", Help: "Live scenarios that are followed."}),
		broken:       f.NewGauge(prometheus.GaugeOpts{Name: "aisle_decider_broken_scenarios", Help: "Live scenarios left out because they do not compile, or wait for themselves."}),
	}
}

func (m *scenarioMetrics) observe(r *scenario.Result) {
	for i := range r.Completed {
		m.completions.WithLabelValues(string(r.Completed[i].Scenario.ID)).Inc()
	}
	for i := range r.Counts {
		c := &r.Counts[i]
		for what, n := range map[string]int64{"entered": c.Entered, "passed": c.Passed, "timed_out": c.TimedOut, "stopped": c.Stopped} {
			if n > 0 {
				m.steps.WithLabelValues(string(c.Scenario), strconv.Itoa(c.Step), what).Add(float64(n))
			}
		}
	}
	m.late.Add(float64(r.Late))
	m.contradicted.Add(float64(r.Contradicted))
	m.failed.Add(float64(r.Failed))
}

// scenarios tells which of the live ones are left out of an engine, and counts.
func (d *Decider) scenarios(engine *decide.Engine) {
	set, broken := engine.Scenarios()
	for id, err := range broken {
		d.logger.Error("scenario left out", "scenario", id, "err", err)
	}
	d.metrics.scenarios.live.Set(float64(set.Len()))
	d.metrics.scenarios.broken.Set(float64(len(broken)))
}

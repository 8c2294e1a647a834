package decider

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	events, repeats, lookups, misses, reemitted, lateFeatures prometheus.Counter
	quarantined, decisions, timers, late                      *prometheus.CounterVec
	watermark                                                 *prometheus.GaugeVec
	batch                                                     prometheus.Histogram
	room                                                      *prometheus.HistogramVec
	latency                                                   prometheus.Histogram
	campaigns, broken                                         prometheus.Gauge
	scenarios                                                 *scenarioMetrics
	asked                                                     *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	counter := func(name, help string) prometheus.Counter {
		return f.NewCounter(prometheus.CounterOpts{Name: "aisle_decider_" + name, Help: help})
	}
	gauge := func(name, help string) prometheus.Gauge {
		return f.NewGauge(prometheus.GaugeOpts{Name: "aisle_decider_" + name, Help: help})
	}
	fast := prometheus.ExponentialBuckets(50e-6, 2, 16)
	return &metrics{
		events:       counter("events_total", "Events folded into profiles."),
		repeats:      counter("repeated_events_total", "Events that came again and were not folded twice."),
		lookups:      counter("profile_lookups_total", "Profiles that events asked for, found in the owner's cache or not."),
		misses:       counter("profile_misses_total", "Profiles read from state because the owner's cache lacked them."),
		lateFeatures: counter("late_features_total", "Features that an event came too late for: it lies before what any moment looks at. It stays on the log."),
		reemitted:    counter("reemitted_records_total", "Records of the outbox that were emitted again at a start."),
		quarantined: f.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_decider_quarantined_total", Help: "Records set aside, by reason.",
		}, []string{"reason"}),
		decisions: f.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_decider_decisions_total", Help: "Decisions, by verdict.",
		}, []string{"verdict"}),
		timers: f.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_decider_timers_total", Help: "Timers that rang, by the watermark or by the wall clock of a quiet partition.",
		}, []string{"by"}),
		late: f.NewCounterVec(prometheus.CounterOpts{
			Name: "aisle_decider_late_events_total", Help: "Events behind the watermark: folded all the same; those beyond the allowed lateness wake no campaign.",
		}, []string{"allowed"}),
		watermark: f.NewGaugeVec(prometheus.GaugeOpts{
			Name: "aisle_decider_watermark_seconds", Help: "Event time, as a Unix time, up to which a partition has come.",
		}, []string{"partition"}),
		asked: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "aisle_decider_ask_seconds", Help: "Time to answer a page or screen that asks for offers, by HTTP status.", Buckets: fast,
		}, []string{"status"}),
		batch: f.NewHistogram(prometheus.HistogramOpts{
			Name: "aisle_decider_batch_events", Help: "Events in a batch.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 12),
		}),
		room: f.NewHistogramVec(prometheus.HistogramOpts{
			Name: "aisle_decider_room_seconds", Help: "Time of a batch in each room.", Buckets: fast,
		}, []string{"room"}),
		latency: f.NewHistogram(prometheus.HistogramOpts{
			Name: "aisle_decider_event_to_decision_seconds", Help: "From the door's receipt of an event to its decision on the log.",
			Buckets: fast,
		}),
		campaigns: gauge("campaigns", "Live campaigns that decide."),
		broken:    gauge("broken_campaigns", "Live campaigns left out because a rule does not compile."),
		scenarios: newScenarioMetrics(reg),
	}
}

// observe notes one batch's way through the rooms.
func (m *metrics) observe(events []event, began, read, loaded, decided, committed, sent time.Time) {
	m.events.Add(float64(len(events)))
	m.batch.Observe(float64(len(events)))
	for _, r := range []struct {
		room       string
		from, till time.Time
	}{
		{"read", began, read},
		{"load", read, loaded},
		{"decide", loaded, decided},
		{"commit", decided, committed},
		{"send", committed, sent},
	} {
		m.room.WithLabelValues(r.room).Observe(r.till.Sub(r.from).Seconds())
	}
	for i := range events {
		if at := events[i].Received; !at.IsZero() {
			m.latency.Observe(sent.Sub(at).Seconds())
		}
	}
}

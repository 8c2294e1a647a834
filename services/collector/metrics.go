package collector

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	accepted    *prometheus.CounterVec
	repeated    *prometheus.CounterVec
	quarantined *prometheus.CounterVec
	refused     *prometheus.CounterVec
	dropped     *prometheus.CounterVec
	notices     prometheus.Counter
	merges      prometheus.Counter
	clamped     prometheus.Counter
	seconds     *prometheus.HistogramVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		accepted: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_collector_accepted_total",
			Help: "Events, sightings and redemptions that the log has, by source."}, []string{"source"}),
		repeated: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_collector_repeated_total",
			Help: "Events that came again and were left out, by source."}, []string{"source"}),
		quarantined: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_collector_quarantined_total",
			Help: "Records put in quarantine, by source and reason."}, []string{"source", "reason"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_collector_refused_total",
			Help: "Requests that were answered with an error, by route and status."}, []string{"route", "status"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_collector_dropped_total",
			Help: "Messages that the mapping of their source drops, by source."}, []string{"source"}),
		notices: prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_collector_drift_notices_total",
			Help: "Ways in which what sources send is no longer what it was."}),
		merges: prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_collector_merges_total",
			Help: "Shoppers who turned out to be others."}),
		clamped: prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_collector_future_events_total",
			Help: "Events that said to be of the future, taken as of now."}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "aisle_collector_request_seconds",
			Help: "From a request's body to its answer, by route.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 15)}, []string{"route"}),
	}
	if r != nil {
		r.MustRegister(m.accepted, m.repeated, m.quarantined, m.refused, m.dropped, m.notices, m.merges, m.clamped, m.seconds)
	}
	return m
}

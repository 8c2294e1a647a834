package beacons

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	readings    *prometheus.CounterVec // by what became of them
	quarantined *prometheus.CounterVec
	events      *prometheus.CounterVec
	sightings   *prometheus.CounterVec
	refused     prometheus.Counter
	connected   prometheus.Gauge
	tags        prometheus.Gauge
	lastPacket  *prometheus.GaugeVec
	deliver     prometheus.Histogram
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		readings: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_beacons_readings_total",
			Help: "Packets of tags, by what became of them: heard, not_identifying, unknown_receiver, invalid, dropped."}, []string{"result"}),
		quarantined: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_beacons_quarantined_total",
			Help: "Packets kept in quarantine, by reason. Many alike in a short time are kept once."}, []string{"reason"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_beacons_events_total",
			Help: "Zone events published, by type."}, []string{"type"}),
		sightings: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_beacons_sightings_total",
			Help: "Positions published, by whether the shopper is known."}, []string{"who"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_beacons_sign_ins_refused_total",
			Help: "Gateways that came with a wrong password."}),
		connected: prometheus.NewGauge(prometheus.GaugeOpts{Name: "aisle_beacons_broker_connected",
			Help: "1 while the broker is there."}),
		tags: prometheus.NewGauge(prometheus.GaugeOpts{Name: "aisle_beacons_tags",
			Help: "Tags that are followed now."}),
		lastPacket: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "aisle_beacons_gateway_last_packet_timestamp_seconds",
			Help: "When a receiver of the floor plan was last heard of."}, []string{"receiver"}),
		deliver: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "aisle_beacons_publish_seconds",
			Help: "From a reading's changes to the log having them.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14)}),
	}
	if r != nil {
		r.MustRegister(m.readings, m.quarantined, m.events, m.sightings, m.refused, m.connected, m.tags, m.lastPacket, m.deliver)
	}
	return m
}

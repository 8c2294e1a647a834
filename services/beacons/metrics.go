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
	skew        *prometheus.GaugeVec
	deliver     prometheus.Histogram
	unsampled   prometheus.Counter
	withheld    *prometheus.CounterVec
	waiting     prometheus.Gauge
	zoneError   *prometheus.GaugeVec
	zoneHeld    *prometheus.GaugeVec

	heard, anonymous prometheus.Counter // of readings, those of each packet
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		readings: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_beacons_readings_total",
			Help: "Packets of tags, by what became of them: heard, not_identifying, unknown_receiver, other_door, recorded, stale, invalid, dropped."}, []string{"result"}),
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
		skew: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "aisle_beacons_gateway_clock_ahead_seconds",
			Help: "How far a receiver's clock is ahead, where it tells times."}, []string{"receiver"}),
		unsampled: prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_beacons_unkept_total",
			Help: "Packets that could not be read and are not in quarantine: enough of their sender are."}),
		withheld: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_beacons_withheld_total",
			Help: "Zone events that were never said, as the place was not sure while they held, by type."}, []string{"type"}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{Name: "aisle_beacons_withheld",
			Help: "Tags of which something waits to be said until their place is sure."}),
		zoneError: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "aisle_beacons_zone_error_p95_metres",
			Help: "The error that 95 of 100 positions of a zone's canaries keep under."}, []string{"shop", "zone"}),
		zoneHeld: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "aisle_beacons_zone_held",
			Help: "1 while no offer by place comes of a zone, for its error is too large."}, []string{"shop", "zone"}),
		deliver: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "aisle_beacons_publish_seconds",
			Help: "From a reading's changes to the log having them.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14)}),
	}
	m.heard, m.anonymous = m.readings.WithLabelValues("heard"), m.readings.WithLabelValues("not_identifying")
	if r != nil {
		r.MustRegister(m.readings, m.quarantined, m.events, m.sightings, m.refused, m.connected, m.tags, m.lastPacket, m.deliver,
			m.skew, m.unsampled, m.withheld, m.waiting, m.zoneError, m.zoneHeld)
	}
	return m
}

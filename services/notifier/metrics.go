package notifier

import (
	"github.com/prometheus/client_golang/prometheus"

	"aisle/offers"
)

type metrics struct {
	claimed, sent, failed, held, delivered *prometheus.CounterVec
	retried, unknown, found                *prometheus.CounterVec
	refused                                *prometheus.CounterVec
	unsettled, unavailable                 prometheus.Counter
	skipped, quarantined                   prometheus.Counter
	callbacks, inbound                     *prometheus.CounterVec
	clicks                                 prometheus.Counter
	waiting                                prometheus.Gauge
	eventToSend                            *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	if reg == nil {
		reg = prometheus.NewRegistry()
	}
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_notifier_" + name, Help: help}, labels)
		reg.MustRegister(c)
		return c
	}
	one := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "aisle_notifier_" + name, Help: help})
		reg.MustRegister(c)
		return c
	}
	m := &metrics{
		claimed:     vec("claimed_total", "Attempts that the guard let go.", "channel"),
		sent:        vec("sent_total", "Messages that a provider has.", "channel", "provider"),
		delivered:   vec("delivered_total", "Messages that a phone has.", "channel"),
		failed:      vec("failed_total", "Deliveries that failed for good.", "channel"),
		held:        vec("held_total", "Deliveries held until quiet hours end.", "channel"),
		refused:     vec("refused_total", "Deliveries that the guard refused.", "channel", "reason"),
		retried:     vec("retried_total", "Attempts that surely sent nothing and are made again.", "channel"),
		unknown:     vec("unknown_total", "Attempts of unknown outcome.", "channel"),
		found:       vec("found_total", "Messages found at the provider after an attempt of unknown outcome.", "channel"),
		unsettled:   one("unsettled_total", "Attempts whose outcome could not be kept."),
		unavailable: one("unavailable_total", "Times that the guard could not decide, and nothing was sent."),
		skipped:     one("skipped_total", "Deliveries of offers long gone, or by channels that do not exist."),
		quarantined: one("quarantined_total", "Decisions that could not be read."),
		callbacks:   vec("callbacks_total", "Status callbacks of providers.", "status"),
		inbound:     vec("inbound_total", "Messages from shoppers, by what they wish.", "wish"),
		clicks:      one("clicks_total", "Links in messages that were clicked."),
		waiting:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "aisle_notifier_waiting_deliveries", Help: "Deliveries that are not done."}),
		eventToSend: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "aisle_notifier_event_to_send_seconds", Help: "From the event at the door to the provider having the message.",
			Buckets: []float64{.002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 15, 60},
		}, []string{"channel"}),
	}
	reg.MustRegister(m.waiting, m.eventToSend)
	return m
}

// count counts a change of state.
func (m *metrics) count(t *task, c change) {
	name := string(t.Channel)
	switch c.state {
	case offers.DeliverySent:
		m.sent.WithLabelValues(name, c.provider).Inc()
	case offers.DeliveryDelivered:
		m.delivered.WithLabelValues(name).Inc()
	case offers.DeliveryFailed:
		m.failed.WithLabelValues(name).Inc()
	case offers.DeliveryHeld:
		m.held.WithLabelValues(name).Inc()
	case offers.DeliveryRefused:
		m.refused.WithLabelValues(name, string(c.refusal)).Inc()
	case offers.DeliveryClaimed:
	}
}

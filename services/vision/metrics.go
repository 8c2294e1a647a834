//go:build gocv

package main

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"aisle/vision"
)

// metrics are what /metrics says.
type metrics struct {
	frames  *prometheus.CounterVec
	faces   *prometheus.CounterVec
	poor    *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	up      *prometheus.GaugeVec
	rate    *prometheus.GaugeVec
	latency *prometheus.GaugeVec

	gallery   prometheus.Gauge
	threshold prometheus.Gauge
	unopened  prometheus.Gauge
	enrolled  *prometheus.CounterVec
}

func newMetrics() (*metrics, *prometheus.Registry) {
	m := &metrics{
		frames: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_vision_frames_total",
			Help: "Frames by camera and what became of them: received, looked at, still (nothing had moved), bad."}, []string{"camera", "result"}),
		faces: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_vision_faces_total",
			Help: "By camera: faces seen in frames, poor ones, discarded vectors; people matched and unknown."}, []string{"camera", "result"}),
		poor: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_vision_poor_faces_total",
			Help: "Faces too poor to be described, by camera and reason."}, []string{"camera", "reason"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "aisle_vision_look_seconds",
			Help: "Time that a look at one frame takes.", Buckets: []float64{.002, .005, .01, .02, .03, .05, .1, .2, .5, 1}}, []string{"camera"}),
		up: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "aisle_vision_camera_up",
			Help: "1 while a camera's pictures come."}, []string{"camera"}),
		rate: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "aisle_vision_camera_frames_per_second",
			Help: "Frames that came in the last seconds."}, []string{"camera"}),
		latency: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "aisle_vision_camera_latency_seconds",
			Help: "From a picture's arrival until it was looked at, mean of the last seconds."}, []string{"camera"}),
		gallery:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "aisle_vision_gallery_people", Help: "People who can be recognised."}),
		threshold: prometheus.NewGauge(prometheus.GaugeOpts{Name: "aisle_vision_gallery_threshold", Help: "Distance below which somebody is named."}),
		unopened:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "aisle_vision_gallery_unopened_faces", Help: "Sealed faces that this key does not open, or of another model."}),
		enrolled: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aisle_vision_enrolments_total",
			Help: "Enrolments by result: taken, refused, poor (pictures), failed."}, []string{"result"}),
	}
	r := prometheus.NewRegistry()
	r.MustRegister(m.frames, m.faces, m.poor, m.seconds, m.up, m.rate, m.latency, m.gallery, m.threshold, m.unopened, m.enrolled,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m, r
}

// count adds what was counted since before, and returns what is now.
func (m *metrics) count(camera string, before, now vision.Counts) vision.Counts {
	m.faces.WithLabelValues(camera, "seen").Add(float64(now.Seen - before.Seen))
	m.faces.WithLabelValues(camera, "matched").Add(float64(now.Matched - before.Matched))
	m.faces.WithLabelValues(camera, "unknown").Add(float64(now.Unknown - before.Unknown))
	m.faces.WithLabelValues(camera, "discarded").Add(float64(now.Discarded - before.Discarded))
	after := now
	after.Poor = map[vision.Flaw]int{}
	for flaw, n := range now.Poor {
		m.poor.WithLabelValues(camera, string(flaw)).Add(float64(n - before.Poor[flaw]))
		m.faces.WithLabelValues(camera, "poor").Add(float64(n - before.Poor[flaw]))
		after.Poor[flaw] = n
	}
	return after
}

package console

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

func TestDecidingHere(t *testing.T) {
	if got, err := decidingHere(prometheus.NewRegistry()); got != nil || err != nil {
		t.Errorf("where no decider runs: %+v, %v", got, err)
	}
	reg := prometheus.NewRegistry()
	f := promauto.With(reg)
	f.NewCounter(prometheus.CounterOpts{Name: "aisle_decider_events_total"}).Add(100)
	f.NewCounter(prometheus.CounterOpts{Name: "aisle_decider_late_features_total"}).Add(3)
	late := f.NewCounterVec(prometheus.CounterOpts{Name: "aisle_decider_late_events_total"}, []string{"allowed"})
	late.WithLabelValues("true").Add(7)
	late.WithLabelValues("false").Add(2)
	watermark := f.NewGaugeVec(prometheus.GaugeOpts{Name: "aisle_decider_watermark_seconds"}, []string{"partition"})
	slowest, newest := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), time.Date(2026, 5, 1, 12, 0, 9, 500_000_000, time.UTC)
	watermark.WithLabelValues("0").Set(float64(newest.UnixMilli()) / 1000)
	watermark.WithLabelValues("1").Set(float64(slowest.Unix()))
	watermark.WithLabelValues("2").Set(float64(time.Time{}.Unix())) // has heard nothing yet
	got, err := decidingHere(reg)
	if err != nil {
		t.Fatal(err)
	}
	want := &deciding{Events: 100, Late: 7, TooLate: 2, LateFeatures: 3, Newest: &newest, Slowest: &slowest}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

package console_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/console"
	"aisle/services/notifier/slack"
	"aisle/services/state"
)

// room is where staff are told, by a webhook as theirs are.
type room struct {
	mu    sync.Mutex // guards the rest
	said  []string
	fails bool
}

func (r *room) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var m struct{ Text string }
	switch err := json.NewDecoder(q.Body).Decode(&m); {
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
	case r.fails:
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		r.said = append(r.said, m.Text)
	}
}

// count is how many texts have all parts.
func (r *room) count(parts ...string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, text := range r.said {
		if !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) }) {
			n++
		}
	}
	return n
}

func TestStaffAreTold(t *testing.T) {
	var r room
	server := httptest.NewServer(&r)
	t.Cleanup(server.Close)
	webhook, err := slack.New(slack.Config{URL: server.URL, Private: true})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := liveShop(t)
	h.stop()
	h.config.Telling = console.Telling{Post: webhook.Post, Help: true, After: 300 * time.Millisecond, Over: 4 * time.Second}
	heard := func(ago time.Duration) {
		t.Helper()
		if err := h.store.Heard(t.Context(), map[state.Device]time.Time{state.Receiver("rx1"): time.Now().Add(-ago), state.Camera("door"): time.Now().Add(10 * time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	heard(5 * time.Minute)
	h.start()
	// Another console of the house sees the same.
	second := console.New(h.config, h.log, h.store, h.catalog)
	ctx, cancel := context.WithCancel(t.Context())
	var both sync.WaitGroup
	both.Go(func() {
		if err := second.Run(ctx); err != nil {
			t.Errorf("the second console ended: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); both.Wait() })

	const silent = "Receiver rx1 is silent"
	eventually(t, "staff are told", func() bool { return r.count(silent) > 0 })
	h.know("smia", "Mia Jansen", stands("shoes", 10*time.Minute))
	h.see(offers.Sighting{Track: "t1", Shopper: "smia", Sensor: offers.SensorBeacon, Zone: "shoes", At: offers.Point{X: 13, Y: 12}, AccuracyM: 3, Confidence: 1})
	eventually(t, "they hear of who may want help", func() bool { return r.count("may want help") > 0 })
	h.restart()
	time.Sleep(2 * time.Second) // in which nobody says it again
	if silents, helps := r.count(":red_circle:", silent), r.count(":large_yellow_circle:", "may want help"); silents != 1 || helps != 1 {
		t.Errorf("told %d times, and of help %d times; want once each: %q", silents, helps, r.said)
	}
	if r.count("Mia") > 0 {
		t.Errorf("a name went out: %q", r.said)
	}

	// It is over, and they hear so once there is a way to tell them.
	r.mu.Lock()
	r.fails = true
	r.mu.Unlock()
	heard(0)
	time.Sleep(time.Second)
	r.mu.Lock()
	r.fails = false
	r.mu.Unlock()
	eventually(t, "it is over", func() bool { heard(0); return r.count("Over after", silent) == 1 })
}

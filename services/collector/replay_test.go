package collector

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
	"aisle/services/stream"
)

// replay asks for what lies in quarantine once more, and waits for the answer.
func (h *house) replay(q offers.Quarantined) offers.Replayed {
	h.t.Helper()
	record, err := stream.ReplayRecord(&offers.Replay{ID: "r-" + q.ID, Of: []string{q.ID}, Quarantined: q, By: "ana", At: time.Now()}, "aisle/console")
	must(h.t, err)
	must(h.t, h.log.Produce(h.t.Context(), record))
	for began := time.Now(); time.Since(began) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		for _, r := range h.news(stream.Quarantine) {
			if r.Header("ce_type") != stream.TypeReplayed {
				continue
			}
			var done offers.Replayed
			must(h.t, r.Decode(&done))
			if done.ID == "r-"+q.ID {
				return done
			}
		}
	}
	h.t.Fatal("no answer to the replay")
	return offers.Replayed{}
}

func TestReplay(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() { cancel(); must(t, <-ended) })
	const googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
	tests := []struct {
		name, path, body string
		headers          []string
		reason           offers.Reason
		accepted, bad    int
		events           []string
	}{
		{"a bot that is none", "/v1/page", `{"anonymousId":"a1","messageId":"m1","name":"Home"}`,
			[]string{basicAuth(webKey), "User-Agent: " + googlebot}, offers.ReasonBot, 1, 0, []string{"page_viewed"}},
		{"one of a batch", "/v1/batch", `{"batch":[{"type":"page","anonymousId":"a2","messageId":"m2","context":{"userAgent":"` + googlebot + `"}}]}`,
			[]string{basicAuth(webKey)}, offers.ReasonBot, 1, 0, []string{"page_viewed"}},
		{"still wrong", "/v1/batch", `{"batch":[{"type":"track","event":"X"}]}`, []string{basicAuth(webKey)}, offers.ReasonSchema, 0, 1, nil},
		{"a stranger's", "/v1/track", `{"event":"X","anonymousId":"a"}`, []string{basicAuth("wrong-key")}, offers.ReasonAuth, 0, 1, nil},
		{"a sighting of nowhere", "/v1/sightings", `{"sightings":[{"shop":"nowhere"}]}`, []string{h.edgeAuth()}, offers.ReasonUnknown, 0, 1, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h.post(tt.path, []byte(tt.body), tt.headers...)
			put := h.put()
			if len(put) != 1 || put[0].Reason != tt.reason {
				t.Fatalf("in quarantine: %v, want one for %s", reasonsOf(put), tt.reason)
			}
			h.events()
			done := h.replay(put[0])
			if done.Accepted != tt.accepted || done.Bad != tt.bad {
				t.Errorf("replayed: %d accepted, %d bad (%s), want %d and %d", done.Accepted, done.Bad, done.Detail, tt.accepted, tt.bad)
			}
			if got := typesOf(h.events()); len(got) != len(tt.events) {
				t.Errorf("events %v, want %v", got, tt.events)
			}
			h.put()
		})
	}
}

// What clients sent, as it came, makes the same events in a house that knows
// nothing.
func TestOriginals(t *testing.T) {
	a, b := newHouse(t), newHouse(t)
	a.post("/v1/batch", []byte(`{"batch":[{"type":"track","event":"Product Viewed","anonymousId":"a1","messageId":"m1"},{"type":"track","event":"X"}]}`), basicAuth(webKey))
	a.post("/v1/p", []byte(`{"anonymousId":"a1","messageId":"m2","context":{"page":{"url":"https://shop.example/?q=boots"}}}`), basicAuth(webKey))
	a.post("/v1/track", []byte(`{"event":"Y","anonymousId":"a1"}`), basicAuth("wrong-key"))
	originals := a.news(stream.Originals)
	if len(originals) != 2 {
		t.Fatalf("%d originals, want 2", len(originals))
	}
	for i := range originals {
		q := stream.OriginalOf(&originals[i])
		done, err := b.again(t.Context(), &offers.Replay{ID: "o-" + q.ID, Of: []string{q.ID}, Quarantined: q})
		must(t, err)
		if done.Accepted == 0 {
			t.Errorf("nothing came of %s: %+v", q.Body, done)
		}
	}
	want, got := a.events(), b.events()
	if len(want) != 3 {
		t.Fatalf("events %v", typesOf(want))
	}
	for i := range want {
		want[i].Received = want[i].Received.Truncate(0)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApproxTime(time.Millisecond)); diff != "" {
		t.Errorf("events of the other house (-want +got):\n%s", diff)
	}
	if again := b.news(stream.Originals); len(again) != 0 {
		t.Errorf("%d originals of what was taken again", len(again))
	}
}

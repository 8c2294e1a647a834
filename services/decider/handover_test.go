package decider

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"

	"aisle/offers"
	"aisle/services/stream"
)

// One trace id goes from a view to all that comes of it: its decision, the timer
// that waits for what does not happen, the scenario that this completes, and the
// decision of that; whoever rings, and whoever dies with it in the outbox.
func TestOneTraceGoesThroughTheRooms(t *testing.T) {
	for name, dies := range map[string]bool{"in peace": false, "between state and log": true} {
		for name2, restarts := range map[string]bool{"one owner": false, "another owner rings": true} {
			t.Run(name+", "+name2, func(t *testing.T) {
				g := newGround(t, false)
				g.follows()
				ids := g.sharing(2)
				mia, other := ids[0], ids[1]
				begin := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second) // the wall clock does not ring
				start := func() (stop func()) {
					d := g.decider(Config{})
					if dies {
						var deaths atomic.Int32
						d.after = func(step string) {
							if step == "commit" && deaths.Add(1) <= 3 {
								runtime.Goexit()
							}
						}
					}
					return running(t, d)
				}
				tell := func(e offers.Event, parent string) {
					t.Helper()
					e.Received = e.Time
					r, err := stream.EventRecord(&e, "test", parent)
					if err != nil {
						t.Fatal(err)
					}
					if err := g.log.Produce(t.Context(), r); err != nil {
						t.Fatal(err)
					}
				}
				for _, id := range ids {
					g.consents(id, begin)
				}
				trace := stream.NewTrace()
				stop := start()
				tell(offers.Event{ID: "view", Type: offers.ProductViewed, Shopper: mia, Category: "footwear", Time: begin}, stream.NewSpan(trace))
				g.read(stream.Decisions, 1)
				if restarts {
					stop()
					stop = start()
				}
				defer func() { stop() }()
				tell(offers.Event{ID: "later", Type: "looked_up", Shopper: other, Time: begin.Add(2 * time.Hour)}, stream.NewSpan(stream.NewTrace()))
				eventually(t, "the offer", func() bool { return len(g.decided(offers.ScenarioCompleted)) == 1 })

				spans := map[string]string{} // by id of what was said
				for _, r := range slices.Concat(g.read(stream.Events, 0), g.read(stream.Decisions, 2)) {
					kind, id, parent := r.Header("ce_type"), r.Header("ce_id"), r.Header("traceparent")
					switch {
					case string(r.Key) != string(mia), id == "": // the consents have no headers
						continue
					case kind == string(offers.TimerDue) && parent == "" && (restarts || dies):
						continue // who rings for another knows no trace; what comes of it is on it again
					case len(parent) != 55 || parent[3:35] != trace:
						t.Errorf("%s %s is on the trace %q, want %s", kind, id, parent, trace)
					case spans[id] != "" && spans[id] != parent:
						t.Errorf("%s was said twice, as %s and %s", id, spans[id], parent)
					}
					spans[id] = parent
				}
				if want := 4; len(spans) < want && !restarts && !dies || len(spans) < want-1 {
					t.Errorf("%d records on the trace, want the view, the timer, the completion and two decisions: %v", len(spans), spans)
				}
			})
		}
	}
}

// running runs a decider until stop, which returns once it has let go.
func running(t *testing.T, d *Decider) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
	}
}

// Two deciders are restarted one after the other while events come in. Who stops
// finishes its batch and leaves the group before it returns, so that nobody has
// to wait until its session is over; nothing is lost and nothing doubled.
func TestRollingRestart(t *testing.T) {
	g := newGround(t, false)
	g.hesitate()
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	client := kafka.Client{Addr: kafka.TCP(g.log.Addrs()...), Transport: transport, Timeout: 10 * time.Second}
	members := func() int {
		r, err := client.DescribeGroups(t.Context(), &kafka.DescribeGroupsRequest{GroupIDs: []string{Group}})
		if err != nil || len(r.Groups) != 1 || r.Groups[0].Error != nil {
			t.Fatalf("%+v, %v", r, err)
		}
		return len(r.Groups[0].Members)
	}
	stops := []func(){running(t, g.decider(Config{MaxBatch: 20})), running(t, g.decider(Config{MaxBatch: 20}))}
	defer func() {
		for _, stop := range stops {
			stop()
		}
	}()
	quiet := g.tells(visitors(30, 50_000), 1500)
	defer quiet()
	eventually(t, "both deciders in the group", func() bool { return members() == 2 })
	for i := range stops {
		stops[i]()
		if n := members(); n != 1 {
			t.Errorf("%d members are in the group when one of two has stopped", n)
		}
		stops[i] = running(t, g.decider(Config{MaxBatch: 20}))
		eventually(t, "both deciders in the group again", func() bool { return members() == 2 })
	}
	quiet()
	g.atRest()
	t.Logf("the longest pause between two decisions on views: %v", g.longestPause())
	for _, stop := range stops {
		stop()
	}
	stops = nil
	g.sameAsUninterrupted()
}

// tells tells the log of events, one after the other, until it is quiet: of so
// many at least.
func (g *ground) tells(events []offers.Event, least int) (quiet func()) {
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for i := range events {
			select {
			case <-over:
				if i >= least {
					return
				}
			default:
			}
			r, err := stream.EventRecord(&events[i], "test", "")
			if err == nil {
				err = g.log.Produce(g.t.Context(), r)
			}
			if err != nil {
				g.t.Errorf("event %d: %v", i, err)
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(over); <-ended })
}

// longestPause is between two decisions on views, by the log's clock.
func (g *ground) longestPause() (longest time.Duration) {
	var at []time.Time
	for _, r := range g.read(stream.Decisions, 1) {
		var d offers.Decision
		if err := json.Unmarshal(r.Value, &d); err != nil {
			g.t.Fatal(err)
		}
		if d.Trigger == offers.ProductViewed { // a timer rings when all is quiet
			at = append(at, r.Time)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	for i := range at[1:] {
		longest = max(longest, at[i+1].Sub(at[i]))
	}
	return longest
}

package learner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"aisle/offers"
	"aisle/offers/rank"
	"aisle/services/state"
	"aisle/services/stream"
)

// childEnv makes this test binary a learner, for the test that kills one.
const childEnv = "AISLE_TEST_LEARNER"

func TestMain(m *testing.M) {
	if raw := os.Getenv(childEnv); raw != "" {
		fmt.Fprintln(os.Stderr, child(context.Background(), raw))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

func child(ctx context.Context, raw string) error {
	var at [2]string
	if err := json.Unmarshal([]byte(raw), &at); err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	log, err := stream.Open(ctx, stream.Config{URL: at[0], Partitions: 1, Logger: logger})
	if err != nil {
		return err
	}
	store, err := state.Open(ctx, state.Config{URL: at[1], Logger: logger})
	if err != nil {
		return err
	}
	return New(slow, log, store, logger, nil).Run(ctx)
}

// slow reads in small batches, so that there is much to interrupt.
var slow = Config{Publish: 20 * time.Millisecond, MaxBatch: 40}

// house is the log and the state that a learner needs.
type house struct {
	t      *testing.T
	dir    string
	log    *stream.Log
	state  *state.Store
	events []int64 // next offset by partition
}

func newHouse(t *testing.T, partitions int) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), events: make([]int64, partitions)}
	var err error
	if h.log, err = stream.Open(t.Context(), stream.Config{Dir: h.dir + "/log", Partitions: partitions, Logger: logger(t)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.log.Close() })
	h.state = h.newState("state")
	return h
}

func (h *house) newState(name string) *state.Store {
	h.t.Helper()
	s, err := state.Open(h.t.Context(), state.Config{Dir: h.dir + "/" + name, Logger: logger(h.t)})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { s.Close() })
	return s
}

func logger(t *testing.T) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

// began is when the simulated days begin.
var began = time.Now().Add(-72 * time.Hour).UTC().Truncate(time.Second)

// shop makes the records of some hours in a shop: shoppers who are offered
// things and take some, and much else that happens.
type shop struct {
	h                 *house
	rng               *rand.Rand
	records           []stream.Record
	offered, redeemed int
}

func (h *house) shop(seed uint64) *shop {
	return &shop{h: h, rng: rand.New(rand.NewPCG(seed, 7))}
}

func record(t *testing.T, name, key string, value any, typ string) stream.Record {
	t.Helper()
	b, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return stream.Record{Stream: name, Key: []byte(key), Value: b, Headers: stream.Headers("x", "test", typ, time.Now(), "")}
}

// event puts one event on the log and returns its offset.
func (s *shop) event(shopper string, e offers.Event) int64 {
	e.Shopper = offers.ShopperID(shopper)
	if e.ID == "" {
		e.ID = offers.EventID(fmt.Sprintf("e%d", len(s.records)))
	}
	e.Received = e.Time
	s.records = append(s.records, record(s.h.t, stream.Events, shopper, e, string(e.Type)))
	p := s.h.log.PartitionOf(shopper)
	s.h.events[p]++
	return s.h.events[p] - 1
}

// offer decides an offer, woken by an event of its own.
func (s *shop) offer(shopper string, at time.Time, change func(*offers.Decision)) offers.Decision {
	offset := s.event(shopper, offers.Event{Type: offers.ZoneDwelled, Time: at})
	n := s.rng.IntN(6)
	d := offers.Decision{
		ID: offers.DecisionID(fmt.Sprintf("%d-%d-0", s.h.log.PartitionOf(shopper), offset)), Shopper: offers.ShopperID(shopper),
		Time: at, Received: at, Offset: offset, Verdict: offers.Offered, Campaign: offers.CampaignID(fmt.Sprintf("c%d", n/2)),
		Offer:    &offers.Offer{ID: offers.OfferID(fmt.Sprintf("o%d", n)), Category: []string{"footwear", "food"}[n%2], Discount: 0.1},
		Channels: []offers.Channel{offers.ChannelSMS}, Expires: at.Add(time.Hour),
		Context: offers.Context{Hour: at.Hour(), Weekday: int(at.Weekday()), Category: "footwear", Tier: []string{"", "gold"}[s.rng.IntN(2)]},
	}
	if change != nil {
		change(&d)
	}
	s.records = append(s.records, record(s.h.t, stream.Decisions, shopper, d, "decision"))
	return d
}

// deliver writes how far an offer came by each channel.
func (s *shop) deliver(d offers.Decision, at time.Time, states ...offers.DeliveryState) {
	for _, state := range states {
		s.records = append(s.records, record(s.h.t, stream.Deliveries, string(d.Shopper), offers.Delivery{
			ID: offers.DeliveryID(d.ID + "-sms"), Decision: d.ID, Shopper: d.Shopper, Channel: offers.ChannelSMS, State: state, At: at,
		}, "delivery_"+string(state)))
	}
}

// show delivers an offer at once.
func (s *shop) show(d offers.Decision) offers.Decision {
	s.deliver(d, d.Time.Add(time.Second), offers.DeliveryClaimed, offers.DeliverySent)
	return d
}

func (s *shop) redeem(d offers.Decision, at time.Time) {
	s.event(string(d.Shopper), offers.Event{Type: offers.OfferRedeemed, Time: at, Decision: d.ID})
}

// hours plays some hours, an offer every ten seconds.
func (s *shop) hours(n int) {
	type promise struct {
		d  offers.Decision
		at time.Time
	}
	var promised []promise
	end := began.Add(time.Duration(n) * time.Hour)
	for now := began; now.Before(end); now = now.Add(10 * time.Second) {
		shopper := fmt.Sprintf("s%d", s.rng.IntN(50))
		d := s.offer(shopper, now, nil)
		if s.rng.IntN(8) == 0 {
			s.deliver(d, now.Add(time.Second), offers.DeliveryRefused)
			continue
		}
		s.show(d)
		s.offered++
		if s.rng.Float64() < 0.2 {
			promised = append(promised, promise{d, now.Add(time.Duration(s.rng.IntN(110)) * time.Minute)})
		}
		for i := 0; i < len(promised); {
			if promised[i].at.After(now) {
				i++
				continue
			}
			s.redeem(promised[i].d, now)
			s.redeemed++
			if s.rng.IntN(10) == 0 {
				s.redeem(promised[i].d, now) // the till says it twice
			}
			promised[i] = promised[len(promised)-1]
			promised = promised[:len(promised)-1]
		}
		s.event(shopper, offers.Event{Type: offers.PageViewed, Time: now})
	}
}

// close ends the simulated time: a last event in every partition, so late that
// all windows are over.
func (s *shop) close() {
	left := map[int]bool{}
	for i := 0; len(left) < len(s.h.events); i++ {
		who := fmt.Sprintf("last%d", i)
		if p := s.h.log.PartitionOf(who); !left[p] {
			left[p] = true
			s.event(who, offers.Event{Type: offers.PageViewed, Time: began.Add(60 * time.Hour)})
		}
	}
}

// write puts the records on the log.
func (s *shop) write() {
	s.h.t.Helper()
	for len(s.records) > 0 {
		n := min(len(s.records), 500)
		if err := s.h.log.Produce(s.h.t.Context(), s.records[:n]...); err != nil {
			s.h.t.Fatal(err)
		}
		s.records = s.records[n:]
	}
}

// start runs a learner until the returned stop is called.
func (h *house) start(c Config, store *state.Store) (stop func()) {
	l := New(c, h.log, store, logger(h.t), nil)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := l.Run(ctx); err != nil {
			h.t.Errorf("learner: %v", err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	h.t.Cleanup(stop)
	return stop
}

// published is the current model, or the one that has learned nothing.
func published(t *testing.T, s *state.Store) *rank.Model {
	t.Helper()
	packed, err := s.Snapshot(t.Context(), rank.SnapshotName, "")
	if errors.Is(err, offers.ErrNotFound) || errors.Is(err, offers.ErrUnavailable) {
		return rank.New()
	}
	if err != nil {
		t.Fatal(err)
	}
	m, err := rank.Decode(packed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// await waits until the published model has learned from n offers, and a bit
// longer, in case it learns more.
func await(t *testing.T, s *state.Store, n int) *rank.Model {
	t.Helper()
	for range 1200 {
		if published(t, s).Learned() >= uint64(n) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond)
	m := published(t, s)
	if m.Learned() != uint64(n) {
		t.Fatalf("learned from %d offers; want %d", m.Learned(), n)
	}
	return m
}

// read waits until the learners have read what is on the log.
func (h *house) read() {
	h.t.Helper()
	for range 1200 {
		lag, err := h.log.Lag(h.t.Context(), Group, stream.Decisions, stream.Events, stream.Deliveries)
		if err != nil {
			h.t.Fatal(err)
		}
		if lag == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	h.t.Fatal("the log is not read")
}

// believes is what a model predicts for all that the shop ever offers.
func believes(m *rank.Model) []rank.Estimate {
	var all []rank.Estimate
	for hour := range 24 {
		for _, tier := range []string{"", "gold"} {
			var arms []rank.Arm
			for n := range 6 {
				o := &offers.Offer{ID: offers.OfferID(fmt.Sprintf("o%d", n)), Category: []string{"footwear", "food"}[n%2], Discount: 0.1}
				arms = append(arms, rank.ArmOf(offers.CampaignID(fmt.Sprintf("c%d", n/2)), o, []offers.Channel{offers.ChannelSMS}))
			}
			c := &offers.Context{Hour: hour, Weekday: int(began.Weekday()), Category: "footwear", Tier: tier}
			all = append(all, m.Predict(nil, c, arms)...)
		}
	}
	return all
}

func TestLearns(t *testing.T) {
	h := newHouse(t, 2)
	s := h.shop(1)
	at := began
	d := s.offer("ana", at, nil)
	s.redeem(d, at.Add(20*time.Minute))
	s.redeem(d, at.Add(21*time.Minute)) // twice
	s.show(s.offer("bob", at, nil))     // never
	late := s.show(s.offer("ann", at, nil))
	s.offer("cat", at, func(d *offers.Decision) { d.Verdict, d.Offer = offers.NoOffer, nil })
	s.offer("dan", at, func(d *offers.Decision) { d.Verdict = offers.HeldOut })
	s.redeem(offers.Decision{ID: "0-999-0", Shopper: "ana"}, at)
	s.redeem(offers.Decision{ID: "nonsense", Shopper: "ana"}, at)
	s.records = append(s.records,
		record(t, stream.Decisions, "ana", "not a decision", "decision"),
		stream.Record{Stream: stream.Events, Key: []byte("ana"), Value: []byte(`{"received":"` + at.Format(time.RFC3339) + `"`), Headers: stream.Headers("x", "test", "offer_redeemed", at, "")})
	h.events[h.log.PartitionOf("ana")]++
	s.records = append(s.records, s.records[1]) // a decision that is on the log twice
	s.write()
	h.start(Config{Publish: 50 * time.Millisecond}, h.state)
	h.read()
	if n := published(t, h.state).Learned(); n > 0 {
		t.Errorf("learned from %d offers whose window is not over", n)
	}
	s.redeem(late, at.Add(2*time.Hour+time.Minute)) // waited for, but out of the window
	s.close()
	s.write()
	m := await(t, h.state, 3)
	if cmp.Equal(believes(m), believes(rank.New())) {
		t.Error("what came of offers changes nothing")
	}
	if got := believes(m)[0].Mean; got >= believes(rank.New())[0].Mean*2 {
		t.Errorf("after one taken and two left %.3f is expected", got)
	}
}

// A click is worth what the configuration says, once, and makes an offer seen
// that was not; what is redeemed after it is worth all.
func TestCredit(t *testing.T) {
	h := newHouse(t, 1)
	s := h.shop(3)
	click := func(d offers.Decision, at time.Time) {
		s.event(string(d.Shopper), offers.Event{Type: offers.OfferClicked, Time: at, Decision: d.ID})
	}
	ana, bob, cat := s.offer("ana", began, nil), s.offer("bob", began, nil), s.show(s.offer("cat", began, nil))
	eve, fay := s.offer("eve", began, nil), s.offer("fay", began, nil) // their codes were taken by mistake
	gus := s.offer("gus", began, nil)                                  // so was his, and he used it in the end
	undo := func(d offers.Decision, at time.Time) {
		s.event(string(d.Shopper), offers.Event{Type: offers.RedemptionUndone, Time: at, Decision: d.ID})
	}
	dan := s.offer("dan", began, nil) // on a page, which tells that it was seen
	s.event("dan", offers.Event{Type: offers.OfferViewed, Time: began.Add(time.Minute), Decision: dan.ID})
	for range 2 {
		click(ana, began.Add(time.Minute))
	}
	click(bob, began.Add(time.Minute))
	s.redeem(bob, began.Add(time.Hour))
	s.redeem(eve, began.Add(time.Minute))
	undo(eve, began.Add(2*time.Minute))
	click(fay, began.Add(time.Minute))
	s.redeem(fay, began.Add(2*time.Minute))
	undo(fay, began.Add(3*time.Minute))
	undo(fay, began.Add(3*time.Minute)) // as the log has it twice
	s.redeem(gus, began.Add(time.Minute))
	undo(gus, began.Add(2*time.Minute))
	s.redeem(gus, began.Add(3*time.Minute))
	click(cat, began.Add(3*time.Hour)) // out of the window
	s.close()
	s.write()
	h.start(Config{Publish: 50 * time.Millisecond, Credit: map[offers.EventType]float64{offers.OfferClicked: .25}}, h.state)
	m := await(t, h.state, 7)

	want := rank.NewLearner(rank.New())
	for _, c := range []struct {
		of    offers.Decision
		taken float64
	}{{ana, .25}, {bob, 1}, {cat, 0}, {eve, 0}, {fay, .25}, {gus, 1}, {dan, 0}} {
		a := rank.ArmOf(c.of.Campaign, c.of.Offer, c.of.Channels)
		want.Learn(&c.of.Context, &a, c.taken)
	}
	if d := cmp.Diff(believes(want.Snapshot()), believes(m)); d != "" {
		t.Errorf("believes otherwise:\n%s", d)
	}
	if err := (Config{Credit: map[offers.EventType]float64{offers.OfferClicked: 2}}).Validate(); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("a credit of 2: got %v", err)
	}
}

// An offer that nobody saw was not turned down.
func TestOnlyWhatWasShownIsLearned(t *testing.T) {
	sent, delivered, refused, failed, held := offers.DeliverySent, offers.DeliveryDelivered, offers.DeliveryRefused, offers.DeliveryFailed, offers.DeliveryHeld
	tests := []struct {
		name   string
		states []offers.DeliveryState
		after  time.Duration
		want   int
	}{
		{"sent", []offers.DeliveryState{sent}, time.Second, 1},
		{"delivered", []offers.DeliveryState{delivered}, time.Second, 1},
		{"sent and delivered", []offers.DeliveryState{sent, delivered}, time.Second, 1},
		{"refused on one channel, sent on another", []offers.DeliveryState{refused, sent}, time.Second, 1},
		{"at the end of the window", []offers.DeliveryState{sent}, 2 * time.Hour, 1},
		{"never sent", nil, 0, 0},
		{"refused on every channel", []offers.DeliveryState{refused, refused}, time.Second, 0},
		{"failed", []offers.DeliveryState{failed}, time.Second, 0},
		{"held over night, and sent after the window", []offers.DeliveryState{held, sent}, 2*time.Hour + time.Second, 0},
	}
	h := newHouse(t, 1)
	s := h.shop(6)
	want := 1
	var decided []offers.Decision
	for i, tt := range tests {
		decided = append(decided, s.offer(fmt.Sprintf("s%d", i), began, nil))
		want += tt.want
	}
	taken := s.offer("taken", began, nil) // a code may be passed on by mouth
	s.redeem(taken, began.Add(time.Hour))
	s.write()
	stop := h.start(slow, h.state)
	h.read()
	for i, tt := range tests { // the decisions are read by now, and then read again
		s.deliver(decided[i], began.Add(tt.after), tt.states...)
	}
	s.deliver(offers.Decision{ID: "0-999999-0", Shopper: "nobody"}, began, sent)
	s.deliver(offers.Decision{ID: "nonsense", Shopper: "nobody"}, began, sent)
	s.records = append(s.records, record(t, stream.Deliveries, "nobody", "no delivery", "delivery_sent"))
	s.write()
	stop()
	h.start(slow, h.state)
	s.close()
	s.write()
	await(t, h.state, want)
}

func TestSameWeightsHoweverItIsRead(t *testing.T) {
	h := newHouse(t, 1)
	s := h.shop(2)
	s.hours(8)
	s.close()
	s.write()

	stop := h.start(Config{Publish: 20 * time.Millisecond}, h.state)
	m := await(t, h.state, s.offered)
	stop()
	want := believes(m)

	t.Run("in small batches", func(t *testing.T) {
		other := h.newState("small")
		stop := h.start(Config{Publish: 20 * time.Millisecond, MaxBatch: 7}, other)
		defer stop()
		if d := cmp.Diff(want, believes(await(t, other, s.offered))); d != "" {
			t.Errorf("believes otherwise:\n%s", d)
		}
	})
	t.Run("stopped again and again", func(t *testing.T) {
		other := h.newState("stopped")
		rng := rand.New(rand.NewPCG(1, 1))
		for range 5 {
			stop := h.start(slow, other)
			time.Sleep(time.Duration(20+rng.IntN(150)) * time.Millisecond)
			stop()
		}
		h.start(slow, other)
		if d := cmp.Diff(want, believes(await(t, other, s.offered))); d != "" {
			t.Errorf("believes otherwise:\n%s", d)
		}
	})
}

func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	h := newHouse(t, 1)
	s := h.shop(2)
	s.hours(8)
	s.close()
	s.write()
	stop := h.start(Config{Publish: 20 * time.Millisecond}, h.state)
	want := believes(await(t, h.state, s.offered))
	stop()

	other := h.newState("killed")
	at, err := json.Marshal([2]string{"kafka://" + strings.Join(h.log.Addrs(), ","), "unix://" + h.dir + "/killed/redis.sock"})
	if err != nil {
		t.Fatal(err)
	}
	var last uint64
	for _, more := range []uint64{1, 500, 900} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+string(at))
		cmd.Stderr = t.Output()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for range 6000 { // until it has learned so much more
			if published(t, other).Learned() >= last+more {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		cmd.Process.Kill()
		cmd.Wait()
		last = published(t, other).Learned()
		t.Logf("killed after %d of %d offers", last, s.offered)
	}
	h.start(slow, other)
	if d := cmp.Diff(want, believes(await(t, other, s.offered))); d != "" {
		t.Errorf("believes otherwise:\n%s", d)
	}
}

// Two learners share the partitions and take turns at publishing: each offer is
// learned from once.
func TestTwoLearners(t *testing.T) {
	h := newHouse(t, 4)
	s := h.shop(3)
	s.hours(4)
	s.close()
	s.write()
	h.start(slow, h.state)
	stop := h.start(slow, h.state)
	time.Sleep(300 * time.Millisecond)
	stop()
	h.start(slow, h.state)
	await(t, h.state, s.offered)
}

// State that is away for a while costs time, not outcomes.
func TestStateAway(t *testing.T) {
	h := newHouse(t, 2)
	s := h.shop(4)
	s.hours(4)
	s.close()
	s.write()
	h.start(slow, h.state)
	for range 3 {
		time.Sleep(100 * time.Millisecond)
		if err := h.state.Client().Do(t.Context(), "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no").Err(); err != nil && t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
	await(t, h.state, s.offered)
}

// Nothing of what was open stays behind in state.
func TestStateIsTidy(t *testing.T) {
	h := newHouse(t, 1)
	s := h.shop(5)
	s.hours(6)
	s.close()
	s.write()
	h.start(Config{Publish: 20 * time.Millisecond}, h.state)
	await(t, h.state, s.offered)
	time.Sleep(1100 * time.Millisecond)
	s.event("ana", offers.Event{Type: offers.PageViewed, Time: began.Add(61 * time.Hour)})
	s.write()
	time.Sleep(300 * time.Millisecond)
	keys := h.state.Client().Keys(t.Context(), "*learner*").Val()
	if len(keys) > 5 {
		t.Errorf("%d keys are left: %v", len(keys), keys)
	}
	versions := h.state.Client().Keys(t.Context(), "{model}:v:*").Val()
	if len(versions) == 0 || len(versions) > 5 {
		t.Errorf("%d versions are kept: %v", len(versions), versions)
	}
}

func TestClockOf(t *testing.T) {
	written := time.Now()
	before := written.Add(-time.Minute).Truncate(time.Millisecond)
	tests := map[string]struct {
		value string
		want  time.Time
	}{
		"received":       {`{"id":"1","received":"` + before.Format(time.RFC3339Nano) + `"}`, before},
		"none":           {`{"id":"1"}`, written},
		"no time":        {`{"received":"soon"}`, written},
		"no end":         {`{"received":"20`, written},
		"in the future":  {`{"received":"` + written.Add(time.Hour).Format(time.RFC3339Nano) + `"}`, written},
		"within a title": {`{"title":"\"received\":\"2000-01-01T00:00:00Z\"","received":"` + before.Format(time.RFC3339Nano) + `"}`, before},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := clockOf(&stream.Record{Value: []byte(test.value), Time: written}); got != test.want.UnixMilli() {
				t.Errorf("clock is %v; want %v", time.UnixMilli(got), test.want)
			}
		})
	}
}

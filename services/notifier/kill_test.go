package notifier

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"aisle/offers"
	"aisle/services/notifier/twilio"
	"aisle/services/notifier/twilio/twiliotest"
	"aisle/services/state"
	"aisle/services/stream"
)

// childEnv makes this test binary a notifier, for the tests that kill one.
const childEnv = "AISLE_TEST_NOTIFIER"

type child struct {
	Stream, State string
	Twilio        twilio.Config
}

func TestMain(m *testing.M) {
	if raw := os.Getenv(childEnv); raw != "" {
		var c child
		err := json.Unmarshal([]byte(raw), &c)
		if err == nil {
			err = c.run(context.Background())
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		// Idle connections of the clients, which close by themselves.
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

func (c child) run(ctx context.Context) error {
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	log, err := stream.Open(ctx, stream.Config{URL: c.Stream, Partitions: 4, Logger: logger})
	if err != nil {
		return err
	}
	store, err := state.Open(ctx, state.Config{URL: c.State, Logger: logger})
	if err != nil {
		return err
	}
	catalogue, err := log.Catalogue(ctx)
	if err != nil {
		return err
	}
	n, err := New(Config{SMS: "twilio", Twilio: c.Twilio, Lease: 3 * time.Second, Recheck: 300 * time.Millisecond, Workers: 4},
		log, store, catalogue, logger, nil)
	if err != nil {
		return err
	}
	return n.Run(ctx)
}

// A notifier is killed before its request arrives, after its message was taken
// and before the answer, and at any time. Every offer is carried, none twice.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	h := newHouse(t)
	fake := twiliotest.New(t, twiliotest.Options{Spec: spec})
	c := child{
		Stream: "kafka://" + strings.Join(h.log.Addrs(), ","),
		State:  "unix://" + h.dir + "/state/redis.sock",
		Twilio: fake.Config(),
	}
	c.Twilio.Timeout = time.Second
	env, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}

	var mu sync.Mutex
	var running *exec.Cmd
	start := func() (wait func()) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+string(env))
		cmd.Stderr = t.Output()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		running = cmd
		mu.Unlock()
		return func() { cmd.Wait() }
	}
	kill := func() {
		mu.Lock()
		defer mu.Unlock()
		running.Process.Kill()
	}
	t.Cleanup(kill)

	var decisions []offers.Decision
	decide := func(n int) {
		for range n {
			who := offers.ShopperID(fmt.Sprintf("shopper-%d", len(decisions)))
			h.shopper(who, fmt.Sprintf("+346001%05d", len(decisions)), offers.ConsentSMS, offers.ConsentPush)
			decisions = append(decisions, h.decide(who, nil))
		}
	}

	var once sync.Once
	fake.Misbehave(func(int, *http.Request) (f twiliotest.Fault) {
		once.Do(func() { kill(); f.Lose = true })
		return f
	})
	decide(20)
	start()() // until it is killed
	t.Log("killed before its request was taken")

	fake.Misbehave(nil)
	var taken sync.Once
	fake.OnTaken(func(twiliotest.Message) { taken.Do(kill) })
	start()()
	t.Log("killed after its message was taken")

	wait := start()
	for before := len(fake.Messages()); len(fake.Messages()) < before+4; {
		time.Sleep(time.Millisecond)
	}
	kill()
	wait()
	t.Log("killed at work")

	start()
	for _, d := range decisions {
		h.await(d.ID, offers.ChannelSMS, offers.DeliverySent)
		h.await(d.ID, offers.ChannelApp, offers.DeliverySent)
	}
	times := map[offers.DecisionID]int{}
	for _, m := range fake.Messages() {
		for _, d := range decisions {
			if code := h.await(d.ID, offers.ChannelSMS, offers.DeliverySent).Code; strings.Contains(m.Body, code) {
				times[d.ID]++
			}
		}
	}
	for _, d := range decisions {
		if times[d.ID] != 1 {
			t.Errorf("offer of %s was texted %d times", d.ID, times[d.ID])
		}
		if n := h.state.Client().HLen(t.Context(), state.InboxKey(h.log.PartitionOf(string(d.Shopper)), d.Shopper)).Val(); n != 1 {
			t.Errorf("inbox of %s has %d offers", d.Shopper, n)
		}
	}
	if got := len(fake.Messages()); got != len(decisions) {
		t.Errorf("%d messages for %d offers", got, len(decisions))
	}
}

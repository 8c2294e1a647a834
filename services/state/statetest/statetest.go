// Package statetest says what state owes to those who keep theirs in it,
// whichever Redis it is.
package statetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"aisle/offers"
	"aisle/services/state"
)

// Test holds a store to its promises. Fresh gives a store of which nobody else
// uses the groups and partitions that it is asked for: several tests may run on
// one Redis. base is the first partition that it may use.
func Test(t *testing.T, fresh func(t *testing.T) (s *state.Store, base int)) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, s *state.Store, base int)
	}{
		{"what was never written is absent", absent},
		{"a batch is written as one, and found again", commits},
		{"who is not where he left off writes nothing", fence},
		{"of two owners one wins each step", zombies},
		{"the outbox is the last one", outbox},
		{"wakes and counts go with the batch", wakes},
		{"a commit of many partitions and many keys", wide},
		{"values are bytes, offsets large", bytesAndOffsets},
		{"a commit that makes no sense is refused", nonsense},
		{"the newest consent counts", consents},
		{"a device is as healthy as it was last heard of", health},
		{"a code is used once, and may be taken back", redemptions},
		{"who walks away loses what holds only here", walkingAway},
		{"a call ends with its context", patience},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, base := fresh(t)
			tt.test(t, s, base)
		})
	}
}

func load(t *testing.T, s *state.Store, partition int, keys ...string) state.Loaded {
	t.Helper()
	l, err := s.Load(t.Context(), "g", []state.Read{{Partition: partition, Keys: keys}})
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return l[0]
}

func commit(t *testing.T, s *state.Store, c ...state.Commit) {
	t.Helper()
	if err := s.Commit(t.Context(), "g", c); err != nil {
		t.Fatalf("Commit: %v", err)
	}
}

func absent(t *testing.T, s *state.Store, base int) {
	want := state.Loaded{Offset: -1, Values: [][]byte{nil, nil}}
	if diff := cmp.Diff(want, load(t, s, base, state.ProfileKey(base, "a"), state.Key(base, "x", "y"))); diff != "" {
		t.Errorf("Load (-want +got)\n%s", diff)
	}
	if got, err := s.Load(t.Context(), "g", nil); err != nil || len(got) != 0 {
		t.Errorf("Load of nothing: %v, %v", got, err)
	}
	if err := s.Commit(t.Context(), "g", nil); err != nil {
		t.Errorf("Commit of nothing: %v", err)
	}
}

func commits(t *testing.T, s *state.Store, base int) {
	a, b := state.ProfileKey(base, "a"), state.ProfileKey(base, "b")
	commit(t, s, state.Commit{Partition: base, From: -1, To: 7, Keys: []string{a, b}, Values: [][]byte{[]byte("1"), []byte("2")}})
	if diff := cmp.Diff(state.Loaded{Offset: 7, Values: [][]byte{[]byte("2"), []byte("1")}}, load(t, s, base, b, a)); diff != "" {
		t.Errorf("after the first (-want +got)\n%s", diff)
	}
	commit(t, s, state.Commit{Partition: base, From: 7, To: 9, Keys: []string{a}, Values: [][]byte{[]byte("3")}, Delete: []string{b}})
	if diff := cmp.Diff(state.Loaded{Offset: 9, Values: [][]byte{[]byte("3"), nil}}, load(t, s, base, a, b)); diff != "" {
		t.Errorf("after the second (-want +got)\n%s", diff)
	}
	other, err := s.Load(t.Context(), "other", []state.Read{{Partition: base}})
	if err != nil || other[0].Offset != -1 {
		t.Errorf("another group is at %d, %v", other[0].Offset, err)
	}
}

func fence(t *testing.T, s *state.Store, base int) {
	a := state.ProfileKey(base, "a")
	commit(t, s, state.Commit{Partition: base, From: -1, To: 5, Keys: []string{a}, Values: [][]byte{[]byte("owner")}, Outbox: []byte("owner")})
	for _, from := range []int64{-1, 0, 4, 6} {
		err := s.Commit(t.Context(), "g", []state.Commit{
			{Partition: base, From: from, To: 99, Keys: []string{a}, Values: [][]byte{[]byte("zombie")}, Delete: []string{a}, Outbox: []byte("zombie")},
			{Partition: base + 1, From: load(t, s, base+1).Offset, To: from + 10},
		})
		if !errors.Is(err, state.ErrFenced) || !errors.Is(err, offers.ErrConflict) {
			t.Errorf("commit from %d: %v, want ErrFenced", from, err)
		}
		if got := load(t, s, base+1).Offset; got != from+10 {
			t.Errorf("the partition beside the fenced one is at %d, want %d", got, from+10)
		}
	}
	if diff := cmp.Diff(state.Loaded{Offset: 5, Values: [][]byte{[]byte("owner")}}, load(t, s, base, a)); diff != "" {
		t.Errorf("after the zombies (-want +got)\n%s", diff)
	}
}

// zombies has two owners count up the same value, each sure to be the one.
func zombies(t *testing.T, s *state.Store, base int) {
	const steps = 200
	key := state.Key(base, "sum")
	var won atomic.Int64
	var owners sync.WaitGroup
	for range 2 {
		owners.Go(func() {
			for {
				l, err := s.Load(t.Context(), "g", []state.Read{{Partition: base, Keys: []string{key}}})
				if err != nil {
					t.Errorf("Load: %v", err)
					return
				}
				at := max(l[0].Offset, 0)
				if at == steps {
					return
				}
				var sum int64
				if l[0].Values[0] != nil {
					if _, err := fmt.Sscan(string(l[0].Values[0]), &sum); err != nil {
						t.Error(err)
					}
				}
				err = s.Commit(t.Context(), "g", []state.Commit{{Partition: base, From: l[0].Offset, To: at + 1, Keys: []string{key}, Values: [][]byte{fmt.Append(nil, sum+at)}}})
				switch {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, state.ErrFenced):
					t.Errorf("Commit: %v", err)
					return
				}
			}
		})
	}
	owners.Wait()
	if got, want := string(load(t, s, base, key).Values[0]), fmt.Sprint(steps*(steps-1)/2); got != want || won.Load() != steps {
		t.Errorf("sum %s after %d steps, want %s after %d", got, won.Load(), want, steps)
	}
}

func outbox(t *testing.T, s *state.Store, base int) {
	check := func(partition int, want state.Loaded) {
		t.Helper()
		got, err := s.LoadOutbox(t.Context(), "g", []int{base + 1, partition})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got[1]); diff != "" {
			t.Errorf("outbox (-want +got)\n%s", diff)
		}
	}
	check(base, state.Loaded{Offset: -1})
	commit(t, s, state.Commit{Partition: base, From: -1, To: 1, Outbox: []byte("first")})
	check(base, state.Loaded{Offset: 1, Outbox: []byte("first")})
	commit(t, s, state.Commit{Partition: base, From: 1, To: 2, Outbox: []byte("second")})
	check(base, state.Loaded{Offset: 2, Outbox: []byte("second")})
	commit(t, s, state.Commit{Partition: base, From: 2, To: 3})
	check(base, state.Loaded{Offset: 3})
}

func wakes(t *testing.T, s *state.Store, base int) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 1000, time.UTC)
	wake := func(id offers.ShopperID, after time.Duration) state.Wake {
		return state.Wake{Shopper: id, At: at.Add(after)}
	}
	steps := state.Key(base, "steps")
	key := state.Key(base, "k")
	check := func(n int, want ...state.Wake) {
		t.Helper()
		got, err := s.Wakes(t.Context(), "g", base, n)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("wakes (-want +got)\n%s", diff)
		}
	}
	check(10)
	commit(t, s, state.Commit{Partition: base, From: -1, To: 1, Keys: []string{key}, Values: [][]byte{[]byte("v")}, Delete: []string{state.Key(base, "d")},
		Increments: []state.Increment{{Key: steps, Field: "a", By: 2}, {Key: steps, Field: "b", By: 1}},
		Wakes:      []state.Wake{wake("later", time.Hour), wake("soon", time.Microsecond), wake("sooner", 0)}})
	check(10, wake("sooner", 0), wake("soon", time.Microsecond), wake("later", time.Hour))
	check(1, wake("sooner", 0))
	commit(t, s, state.Commit{Partition: base, From: 1, To: 1, Increments: []state.Increment{{Key: steps, Field: "a", By: 3}},
		Wakes: []state.Wake{{Shopper: "sooner"}, {Shopper: "never was"}, wake("later", 0)}})
	check(10, wake("later", 0), wake("soon", time.Microsecond))
	err := s.Commit(t.Context(), "g", []state.Commit{{Partition: base, From: 0, To: 2, Increments: []state.Increment{{Key: steps, Field: "a", By: 100}}, Wakes: []state.Wake{{Shopper: "soon"}}}})
	if !errors.Is(err, state.ErrFenced) {
		t.Errorf("a zombie: %v, want ErrFenced", err)
	}
	check(10, wake("later", 0), wake("soon", time.Microsecond))
	if diff := cmp.Diff(map[string]string{"a": "5", "b": "1"}, s.Client().HGetAll(t.Context(), steps).Val()); diff != "" {
		t.Errorf("counts (-want +got)\n%s", diff)
	}
	if got := string(load(t, s, base, key).Values[0]); got != "v" {
		t.Errorf("the value beside them is %q", got)
	}
}

func wide(t *testing.T, s *state.Store, base int) {
	const partitions, keys = 16, 3000 // more keys than Lua's unpack takes in all
	var cs []state.Commit
	var reads []state.Read
	for p := range partitions {
		c := state.Commit{Partition: base + p, From: -1, To: int64(p)}
		for k := range keys / (1 + p*p) { // one of them is large
			c.Keys = append(c.Keys, state.Key(base+p, "k", fmt.Sprint(k)))
			c.Values = append(c.Values, fmt.Append(nil, p, k))
		}
		cs = append(cs, c)
		reads = append(reads, state.Read{Partition: base + p, Keys: c.Keys})
	}
	commit(t, s, cs...)
	got, err := s.Load(t.Context(), "g", reads)
	if err != nil {
		t.Fatal(err)
	}
	for p := range partitions {
		if diff := cmp.Diff(state.Loaded{Offset: int64(p), Values: cs[p].Values}, got[p]); diff != "" {
			t.Errorf("partition %d (-want +got)\n%s", p, diff)
		}
	}
}

func bytesAndOffsets(t *testing.T, s *state.Store, base int) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	key := state.Key(base, "bytes")
	const large = int64(1)<<60 + 1 // not a float64
	commit(t, s, state.Commit{Partition: base, From: -1, To: large, Keys: []string{key}, Values: [][]byte{all}, Outbox: all})
	commit(t, s, state.Commit{Partition: base, From: large, To: large + 1, Keys: []string{key}, Values: [][]byte{{}}})
	if diff := cmp.Diff(state.Loaded{Offset: large + 1, Values: [][]byte{{}}}, load(t, s, base, key)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := s.Commit(t.Context(), "g", []state.Commit{{Partition: base, From: large, To: large}}); !errors.Is(err, state.ErrFenced) {
		t.Errorf("one off a large offset: %v, want ErrFenced", err)
	}
}

func nonsense(t *testing.T, s *state.Store, base int) {
	err := s.Commit(t.Context(), "g", []state.Commit{{Partition: base, From: -1, To: 1, Keys: []string{state.Key(base, "a")}}})
	if !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("a key without a value: %v, want ErrInvalid", err)
	}
}

func consents(t *testing.T, s *state.Store, base int) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	shopper := offers.ShopperID("s-consents")
	if got, err := s.Consents(t.Context(), base, shopper); err != nil || len(got) != 0 {
		t.Errorf("at first: %v, %v", got, err)
	}
	for _, c := range []offers.Consent{
		{Purpose: offers.ConsentSMS, Granted: true, At: at, Source: "app"},
		{Purpose: offers.ConsentSMS, Granted: false, At: at.Add(time.Hour), Source: "sms STOP"},
		{Purpose: offers.ConsentSMS, Granted: true, At: at.Add(time.Minute), Source: "late"},
		{Purpose: offers.ConsentSMS, Granted: true, At: at.Add(time.Hour), Source: "same time"},
		{Purpose: offers.ConsentFace, Granted: false, At: at, Source: "same time"},
		{Purpose: offers.ConsentFace, Granted: true, At: at, Source: "same time, later"},
		{Purpose: offers.ConsentPush, Granted: false, At: at, Source: "a b c"},
		{Purpose: offers.ConsentPush, Granted: true, At: at.Add(time.Millisecond)},
	} {
		for range 2 { // again changes nothing
			if err := s.SetConsent(t.Context(), base, shopper, c); err != nil {
				t.Fatalf("SetConsent: %v", err)
			}
		}
	}
	got, err := s.Consents(t.Context(), base, shopper)
	if err != nil {
		t.Fatal(err)
	}
	want := map[offers.Purpose]offers.Consent{
		offers.ConsentSMS:  {Purpose: offers.ConsentSMS, At: at.Add(time.Hour), Source: "sms STOP"},
		offers.ConsentFace: {Purpose: offers.ConsentFace, At: at, Source: "same time"},
		offers.ConsentPush: {Purpose: offers.ConsentPush, Granted: true, At: at.Add(time.Millisecond)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("consents (-want +got)\n%s", diff)
	}
	for _, c := range []offers.Consent{{Purpose: offers.ConsentSMS}, {At: at}} {
		if err := s.SetConsent(t.Context(), base, shopper, c); !errors.Is(err, offers.ErrInvalid) {
			t.Errorf("%+v: %v, want ErrInvalid", c, err)
		}
	}
}

func patience(t *testing.T, s *state.Store, base int) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Load(ctx, "g", []state.Read{{Partition: base}}); !errors.Is(err, offers.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("Load: %v, want ErrUnavailable because of the context", err)
	}
	if err := s.Commit(ctx, "g", []state.Commit{{Partition: base, From: -1, To: 1}}); !errors.Is(err, offers.ErrUnavailable) {
		t.Errorf("Commit: %v, want ErrUnavailable", err)
	}
	if got := load(t, s, base).Offset; got != -1 {
		t.Errorf("it was written: offset %d", got)
	}
}

func health(t *testing.T, s *state.Store, base int) {
	now := time.Now().Truncate(time.Millisecond)
	rx, cam := state.Receiver(offers.ReceiverID(fmt.Sprint("rx", base))), state.Camera(offers.CameraID(fmt.Sprint("cam", base)))
	for _, devices := range []map[state.Device]time.Time{
		{rx: now.Add(-time.Minute), cam: now},
		{},
		{rx: now, cam: now.Add(-time.Hour)}, // of a spool
	} {
		if err := s.Heard(t.Context(), devices); err != nil {
			t.Fatalf("Heard: %v", err)
		}
	}
	got, err := s.Devices(t.Context())
	if err != nil {
		t.Fatalf("Devices: %v", err)
	}
	if !got[rx].Equal(now) || !got[cam].Equal(now) {
		t.Errorf("%s was heard of at %v and %s at %v; want %v", rx, got[rx], cam, got[cam], now)
	}
}

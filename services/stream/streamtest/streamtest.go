// Package streamtest says what a log owes to those who write in it and read
// from it, whichever Kafka it is.
package streamtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aisle/offers"
	"aisle/services/stream"
)

// Test holds a log to its promises. fresh gives the config of a log that is
// empty.
func Test(t *testing.T, fresh func(t *testing.T) stream.Config) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, l *stream.Log, again func() *stream.Log)
	}{
		{"a record comes back whole", whole},
		{"a key keeps its order and has one owner, over streams", order},
		{"what is unavailable is handled again", redelivery},
		{"what is done is not seen again", committed},
		{"a lane's own offset comes before the commit", ownTruth},
		{"a fenced lane is assigned anew", fenced},
		{"another error ends the consumer", fatal},
		{"a lane that hangs loses its partitions, and its late result", zombie},
		{"members come and go, nothing is lost", rebalance},
		{"a batch is bounded", bounded},
		{"a slow lane holds up nobody, and misses nothing", slow},
		{"tail", tail},
		{"find", find},
		{"newest", newest},
		{"since a time", since},
		{"a record by itself says where it lies", alone},
		{"lag", lag},
		{"the catalogue is the newest of each key", catalogue},
		{"a record that is too large is refused alone", tooLarge},
		{"streams have the same partitions", partitions},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := fresh(t)
			l := open(t, c)
			tt.test(t, l, func() *stream.Log {
				if c.URL == "" { // a second connection to the embedded broker
					c.URL, c.Dir, c.Port = "kafka://"+strings.Join(l.Addrs(), ","), "", 0
				}
				return open(t, c)
			})
		})
	}
}

func open(t *testing.T, c stream.Config) *stream.Log {
	t.Helper()
	l, err := stream.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return l
}

// limit is a context that a healthy log does not come near.
func limit(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), 60*time.Second)
}

// lane is a stream.Lane of functions; nil ones do nothing.
type lane struct {
	assign func([]stream.Partition) (map[stream.Partition]int64, error)
	handle func(context.Context, []stream.Record) error
}

func (l lane) Assign(_ context.Context, p []stream.Partition) (map[stream.Partition]int64, error) {
	if l.assign == nil {
		return nil, nil
	}
	return l.assign(p)
}

func (l lane) Handle(ctx context.Context, batch []stream.Record) error {
	if l.handle == nil {
		return nil
	}
	return l.handle(ctx, batch)
}

func produce(t *testing.T, l *stream.Log, records ...stream.Record) {
	t.Helper()
	ctx, cancel := limit(t)
	defer cancel()
	if err := l.Produce(ctx, records...); err != nil {
		t.Fatalf("Produce: %v", err)
	}
}

// numbered are n records of one key, with values 0 to n-1.
func numbered(streamName, key string, n int) []stream.Record {
	out := make([]stream.Record, n)
	for i := range out {
		out[i] = stream.Record{Stream: streamName, Key: []byte(key), Value: fmt.Append(nil, i)}
	}
	return out
}

func values(records []stream.Record) []string {
	var out []string
	for i := range records {
		out = append(out, string(records[i].Value))
	}
	return out
}

// consume runs one lane until n records are handled, and returns their values.
func consume(t *testing.T, l *stream.Log, group, streamName string, n int) []string {
	t.Helper()
	ctx, cancel := limit(t)
	defer cancel()
	var got []string
	err := l.Consume(ctx, stream.Consumer{Group: group, Streams: []string{streamName}, Lanes: 1, NewLane: func() stream.Lane {
		return lane{handle: func(_ context.Context, batch []stream.Record) error {
			if got = append(got, values(batch)...); len(got) >= n {
				cancel()
			}
			return nil
		}}
	}})
	if err != nil {
		t.Fatalf("Consume: %v", err)
	}
	return got
}

func whole(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	at := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC) // is not the log's time
	began := time.Now().Truncate(time.Millisecond)
	wrote := []stream.Record{
		{Stream: stream.Events, Key: []byte("k"), Value: []byte("v"), Time: at, Headers: stream.Headers("1", "test", "search", at, "00-ab-cd-01")},
		{Stream: stream.Events, Key: []byte("k"), Value: []byte{}, Time: at},
		{Stream: stream.Events, Key: []byte("k"), Time: at, Headers: []stream.Header{{Key: "empty"}}},
	}
	produce(t, l, wrote...)
	read, err := l.Newest(t.Context(), stream.Events, l.PartitionOf("k"), 10)
	if err != nil {
		t.Fatal(err)
	}
	for i := range wrote {
		wrote[i].Partition, wrote[i].Offset, wrote[i].Time = l.PartitionOf("k"), int64(i), time.Time{}
		if i < len(read) {
			if at := read[i].Time; at.Before(began) || at.After(time.Now()) {
				t.Errorf("record %d was written at %v, it is %v", i, at, began)
			}
			read[i].Time = time.Time{}
		}
	}
	if diff := cmp.Diff(wrote, read); diff != "" {
		t.Errorf("(-written +read)\n%s", diff)
	}
	if got := read[0].Header("traceparent"); got != "00-ab-cd-01" {
		t.Errorf("traceparent %q", got)
	}
}

func order(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	const keys, n = 24, 30
	ctx, cancel := limit(t)
	defer cancel()
	both := []string{stream.Events, stream.Deliveries}
	var writers sync.WaitGroup
	for k := range keys {
		writers.Go(func() {
			for i := range n {
				r := stream.Record{Stream: both[i%2], Key: fmt.Append(nil, "key", k), Value: fmt.Appendf(nil, "%04d", i)}
				if err := l.Produce(ctx, r); err != nil {
					t.Errorf("Produce: %v", err)
				}
			}
		})
	}
	writers.Wait()

	var mu sync.Mutex
	owner := map[int]int{} // partition number to lane
	got := map[string][]string{}
	left, lanes := keys*n, 0
	err := l.Consume(ctx, stream.Consumer{Group: "order", Streams: both, Lanes: 3, NewLane: func() stream.Lane {
		me := lanes
		lanes++
		busy := false
		return lane{
			assign: func(owned []stream.Partition) (map[stream.Partition]int64, error) {
				mu.Lock()
				defer mu.Unlock()
				for _, p := range owned {
					if other, ok := owner[p.Number]; ok && other != me {
						t.Errorf("partition number %d belongs to lanes %d and %d", p.Number, other, me)
					}
					owner[p.Number] = me
				}
				return nil, nil
			},
			handle: func(_ context.Context, batch []stream.Record) error {
				mu.Lock()
				defer mu.Unlock()
				if busy {
					t.Error("a lane is called twice at once")
				}
				busy = true
				for _, r := range batch {
					if owner[r.Partition] != me {
						t.Errorf("lane %d was given a record of partition %d, of lane %d", me, r.Partition, owner[r.Partition])
					}
					if want := l.PartitionOf(string(r.Key)); r.Partition != want {
						t.Errorf("key %s lies in partition %d, not %d", r.Key, r.Partition, want)
					}
					k := string(r.Key) + r.Stream
					got[k] = append(got[k], string(r.Value))
				}
				busy = false
				if left -= len(batch); left == 0 {
					cancel()
				}
				return nil
			},
		}
	}})
	if err != nil || left != 0 {
		t.Fatalf("Consume: %v; %d records never came", err, left)
	}
	for k, vs := range got {
		if !slices.IsSorted(vs) || len(vs) != n/2 {
			t.Errorf("%s: came as %v", k, vs)
		}
	}
	if len(owner) != l.Partitions() {
		t.Errorf("%d partitions are owned, of %d", len(owner), l.Partitions())
	}
}

func redelivery(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	produce(t, l, numbered(stream.Events, "k", 3)...)
	ctx, cancel := limit(t)
	defer cancel()
	var seen []string
	err := l.Consume(ctx, stream.Consumer{Group: "g", Streams: []string{stream.Events}, NewLane: func() stream.Lane {
		return lane{handle: func(_ context.Context, batch []stream.Record) error {
			seen = append(seen, strings.Join(values(batch), ","))
			if len(seen) < 4 {
				return fmt.Errorf("state: %w", offers.ErrUnavailable)
			}
			cancel()
			return nil
		}}
	}, Lanes: 1})
	if err != nil {
		t.Fatalf("Consume: %v", err)
	}
	if diff := cmp.Diff([]string{"0,1,2", "0,1,2", "0,1,2", "0,1,2"}, seen); diff != "" {
		t.Errorf("batches (-want +got)\n%s", diff)
	}
}

func committed(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	for i := range 3 {
		produce(t, l, stream.Record{Stream: stream.Events, Key: []byte("k"), Value: fmt.Append(nil, i)})
		if got, want := consume(t, l, "g", stream.Events, 1), []string{fmt.Sprint(i)}; !slices.Equal(got, want) {
			t.Errorf("consumer %d saw %v, want %v", i, got, want)
		}
	}
	if got := consume(t, l, "other", stream.Events, 3); len(got) != 3 {
		t.Errorf("another group saw %v, want all three", got)
	}
}

func ownTruth(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	produce(t, l, numbered(stream.Events, "k", 5)...)
	consume(t, l, "g", stream.Events, 5) // commits behind them all
	ctx, cancel := limit(t)
	defer cancel()
	var got []string
	err := l.Consume(ctx, stream.Consumer{Group: "g", Streams: []string{stream.Events}, NewLane: func() stream.Lane {
		return lane{
			assign: func(owned []stream.Partition) (map[stream.Partition]int64, error) {
				from := map[stream.Partition]int64{}
				for _, p := range owned {
					from[p] = 0
					if p.Number == l.PartitionOf("k") {
						from[p] = 3
					}
				}
				return from, nil
			},
			handle: func(_ context.Context, batch []stream.Record) error {
				got = append(got, values(batch)...)
				cancel()
				return nil
			},
		}
	}, Lanes: 1})
	if want := []string{"3", "4"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("Consume: %v; saw %v, want %v", err, got, want)
	}
}

func fenced(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	produce(t, l, numbered(stream.Events, "k", 2)...)
	ctx, cancel := limit(t)
	defer cancel()
	assigned, handled := 0, 0
	err := l.Consume(ctx, stream.Consumer{Group: "g", Streams: []string{stream.Events}, NewLane: func() stream.Lane {
		return lane{
			assign: func([]stream.Partition) (map[stream.Partition]int64, error) { assigned++; return nil, nil },
			handle: func(_ context.Context, batch []stream.Record) error {
				if assigned == 1 {
					return fmt.Errorf("commit: %w", stream.ErrFenced)
				}
				handled += len(batch)
				cancel()
				return nil
			},
		}
	}, Lanes: 1})
	if err != nil || assigned != 2 || handled != 2 {
		t.Errorf("Consume: %v; assigned %d times and handled %d records, want 2 and 2", err, assigned, handled)
	}
}

func fatal(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	produce(t, l, numbered(stream.Events, "k", 1)...)
	ctx, cancel := limit(t)
	defer cancel()
	boom := errors.New("boom")
	err := l.Consume(ctx, stream.Consumer{Group: "g", Streams: []string{stream.Events}, NewLane: func() stream.Lane {
		return lane{handle: func(context.Context, []stream.Record) error { return boom }}
	}})
	if !errors.Is(err, boom) {
		t.Errorf("Consume: %v, want boom", err)
	}
	if got := consume(t, l, "g", stream.Events, 1); len(got) != 1 {
		t.Errorf("afterwards saw %v, want the record again", got)
	}
}

// zombie has a member that sits on a batch longer than it may.
func zombie(t *testing.T, l *stream.Log, again func() *stream.Log) {
	produce(t, l, numbered(stream.Events, "k", 1)...)
	ctx, cancel := limit(t)
	defer cancel()
	entered, released := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var zombies, members sync.WaitGroup
	zctx, zcancel := context.WithCancel(ctx)
	defer zcancel()
	zombies.Go(func() {
		err := l.Consume(zctx, stream.Consumer{Group: "g", Streams: []string{stream.Events}, Lanes: 1, NewLane: func() stream.Lane {
			return lane{handle: func(context.Context, []stream.Record) error {
				once.Do(func() { close(entered) })
				<-released // it does not heed its context
				return nil
			}}
		}})
		if err != nil {
			t.Errorf("Consume of the zombie: %v", err)
		}
	})
	<-entered
	other := again()
	took := make(chan struct{})
	members.Go(func() {
		var seen sync.Once
		err := other.Consume(ctx, stream.Consumer{Group: "g", Streams: []string{stream.Events}, Lanes: 1, NewLane: func() stream.Lane {
			return lane{handle: func(context.Context, []stream.Record) error {
				seen.Do(func() { close(took) })
				return nil
			}}
		}})
		if err != nil {
			t.Errorf("Consume of the heir: %v", err)
		}
	})
	select {
	case <-took:
	case <-ctx.Done():
		t.Error("nobody took over the record of the member that hangs")
	}
	zcancel()
	close(released)
	zombies.Wait()
	cancel()
	members.Wait()
}

func rebalance(t *testing.T, l *stream.Log, again func() *stream.Log) {
	const keys, n = 40, 60
	ctx, cancel := limit(t)
	defer cancel()
	var mu sync.Mutex
	seen := map[string]bool{}
	last := map[string]string{}
	busy := map[int]bool{}
	left, repeats := keys*n, 0
	all := make(chan struct{})
	var members sync.WaitGroup
	join := func(on *stream.Log) (leave func()) {
		mctx, mcancel := context.WithCancel(ctx)
		done := make(chan struct{})
		members.Go(func() {
			defer close(done)
			err := on.Consume(mctx, stream.Consumer{Group: "g", Streams: []string{stream.Events}, Lanes: 2, MaxBatch: 20, NewLane: func() stream.Lane {
				return lane{handle: func(_ context.Context, batch []stream.Record) error {
					mu.Lock()
					for i := range batch {
						if busy[batch[i].Partition] {
							t.Errorf("partition %d is handled twice at once", batch[i].Partition)
						}
					}
					for i := range batch {
						busy[batch[i].Partition] = true
					}
					mu.Unlock()
					time.Sleep(2 * time.Millisecond)
					mu.Lock()
					defer mu.Unlock()
					for i := range batch {
						busy[batch[i].Partition] = false
						k, v := string(batch[i].Key), string(batch[i].Value)
						if seen[k+v] {
							repeats++
							continue
						}
						if v < last[k] {
							t.Errorf("key %s: %s came after %s", k, v, last[k])
						}
						seen[k+v], last[k] = true, v
						if left--; left == 0 {
							close(all)
						}
					}
					return nil
				}}
			}})
			if err != nil {
				t.Errorf("Consume: %v", err)
			}
		})
		return func() { mcancel(); <-done }
	}
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := range n {
			batch := make([]stream.Record, keys)
			for k := range batch {
				batch[k] = stream.Record{Stream: stream.Events, Key: fmt.Append(nil, "key", k), Value: fmt.Appendf(nil, "%04d", i)}
			}
			if err := l.Produce(ctx, batch...); err != nil {
				t.Errorf("Produce: %v", err)
			}
			time.Sleep(30 * time.Millisecond)
		}
	})
	first := join(l)
	time.Sleep(400 * time.Millisecond)
	join(again())
	join(again())
	time.Sleep(400 * time.Millisecond)
	first()
	writer.Wait()
	select {
	case <-all:
	case <-ctx.Done():
		mu.Lock()
		t.Errorf("%d of %d records never came", left, keys*n)
		mu.Unlock()
	}
	cancel()
	members.Wait()
	t.Logf("%d records came twice", repeats)
}

func bounded(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	produce(t, l, numbered(stream.Events, "k", 95)...)
	ctx, cancel := limit(t)
	defer cancel()
	var got []string
	err := l.Consume(ctx, stream.Consumer{Group: "g", Streams: []string{stream.Events}, Lanes: 1, MaxBatch: 10, NewLane: func() stream.Lane {
		return lane{handle: func(_ context.Context, batch []stream.Record) error {
			if len(batch) > 10 {
				t.Errorf("a batch of %d records, want 10 at most", len(batch))
			}
			if got = append(got, values(batch)...); len(got) == 95 {
				cancel()
			}
			return nil
		}}
	}})
	if err != nil || !slices.Equal(got, values(numbered("", "", 95))) {
		t.Errorf("Consume: %v; saw %v", err, got)
	}
}

// slow has one lane stand still while more comes for it than may lie about.
func slow(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	ctx, cancel := limit(t)
	defer cancel()
	large := bytes.Repeat([]byte("x"), 100_000)
	other := ""
	for i := 0; other == ""; i++ {
		if key := fmt.Sprint("other", i); l.PartitionOf(key)%2 != l.PartitionOf("slow")%2 {
			other = key
		}
	}
	for range 120 {
		produce(t, l, stream.Record{Stream: stream.Events, Key: []byte("slow"), Value: large})
	}
	passed := make(chan struct{})
	var slow, others atomic.Int64
	consumed := make(chan error, 1)
	go func() {
		consumed <- l.Consume(ctx, stream.Consumer{Group: "g", Streams: []string{stream.Events}, Lanes: 2, NewLane: func() stream.Lane {
			return lane{handle: func(ctx context.Context, batch []stream.Record) error {
				for i := range batch {
					if string(batch[i].Key) == other {
						if others.Add(1) == 100 {
							close(passed)
						}
						continue
					}
					select {
					case <-passed:
					case <-ctx.Done():
					}
					if slow.Add(1) == 120 {
						cancel()
					}
				}
				return nil
			}}
		}})
	}()
	for i := range 100 {
		produce(t, l, stream.Record{Stream: stream.Events, Key: []byte(other), Value: fmt.Append(nil, i)})
	}
	if err := <-consumed; err != nil || slow.Load() != 120 || others.Load() != 100 {
		t.Errorf("Consume: %v; the slow lane had %d records and the other %d, want 120 and 100", err, slow.Load(), others.Load())
	}
}

func tail(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	follow := func(back, want int, more func()) []string {
		ctx, cancel := limit(t)
		defer cancel()
		var got []string
		caught := 0
		enough := func() {
			if caught > 0 && len(got) >= want {
				cancel()
			}
		}
		err := l.Tail(ctx, stream.Decisions, back, func(_ context.Context, batch []stream.Record) error {
			got = append(got, values(batch)...)
			enough()
			return nil
		}, func() {
			if caught++; more != nil {
				more()
			}
			enough()
		})
		if err != nil || caught != 1 {
			t.Errorf("Tail: %v; caught up %d times, want once", err, caught)
		}
		return got
	}
	if got := follow(-1, 0, nil); len(got) != 0 {
		t.Errorf("an empty stream holds %v", got)
	}
	produce(t, l, numbered(stream.Decisions, "k", 6)...)
	if got, want := follow(-1, 6, nil), []string{"0", "1", "2", "3", "4", "5"}; !slices.Equal(got, want) {
		t.Errorf("from the start: %v, want %v", got, want)
	}
	if got, want := follow(2, 2, nil), []string{"4", "5"}; !slices.Equal(got, want) {
		t.Errorf("two back: %v, want %v", got, want)
	}
	later := func() {
		produce(t, l, stream.Record{Stream: stream.Decisions, Key: []byte("k"), Value: []byte("6")})
	}
	if got, want := follow(0, 1, later), []string{"6"}; !slices.Equal(got, want) {
		t.Errorf("from the end: %v, want %v", got, want)
	}
	ctx, cancel := limit(t)
	defer cancel()
	var seen []string
	boom := errors.New("boom")
	err := l.Tail(ctx, stream.Decisions, 1, func(_ context.Context, batch []stream.Record) error {
		if seen = append(seen, values(batch)...); len(seen) < 3 {
			return fmt.Errorf("state: %w", offers.ErrUnavailable)
		}
		return boom
	}, nil)
	if want := []string{"6", "6", "6"}; !errors.Is(err, boom) || !slices.Equal(seen, want) {
		t.Errorf("Tail: %v after %v, want boom after %v", err, seen, want)
	}
}

func find(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	p := l.PartitionOf("k")
	by := func(want int) func(*stream.Record) int {
		return func(r *stream.Record) int {
			var n int
			if _, err := fmt.Sscan(string(r.Value), &n); err != nil {
				t.Error(err)
			}
			return n - want
		}
	}
	if _, err := l.Find(t.Context(), stream.Decisions, p, by(1)); !errors.Is(err, offers.ErrNotFound) {
		t.Errorf("in an empty partition: %v, want ErrNotFound", err)
	}
	var all []stream.Record // 0, 2, 4, ...
	for i := range 300 {
		all = append(all, stream.Record{Stream: stream.Decisions, Key: []byte("k"), Value: fmt.Append(nil, 2*i)})
	}
	for part := range slices.Chunk(all, 7) {
		produce(t, l, part...)
	}
	for _, want := range []int{0, 2, 298, 300, 302, 596, 598} {
		r, err := l.Find(t.Context(), stream.Decisions, p, by(want))
		if err != nil || r.Offset != int64(want/2) || string(r.Value) != fmt.Sprint(want) {
			t.Errorf("find %d: offset %d, value %s, %v", want, r.Offset, r.Value, err)
		}
	}
	for _, absent := range []int{-1, 1, 299, 599, 1000} {
		if r, err := l.Find(t.Context(), stream.Decisions, p, by(absent)); !errors.Is(err, offers.ErrNotFound) {
			t.Errorf("find %d: %s, %v, want ErrNotFound", absent, r.Value, err)
		}
	}
	if _, err := l.Find(t.Context(), stream.Decisions, 99, by(1)); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("in no partition: %v, want ErrInvalid", err)
	}
	if first, end, err := l.Span(t.Context(), stream.Decisions, p); first != 0 || end != 300 || err != nil {
		t.Errorf("span: %d to %d, %v, want 0 to 300", first, end, err)
	}
	for at := int64(123); at < 290; {
		chunk, err := l.Chunk(t.Context(), stream.Decisions, p, at, 290)
		if err != nil || len(chunk) == 0 || chunk[0].Offset != at || chunk[len(chunk)-1].Offset >= 290 {
			t.Fatalf("chunk from %d: %d records, %v, want those from it and before 290", at, len(chunk), err)
		}
		at = chunk[len(chunk)-1].Offset + 1
	}
	if chunk, err := l.Chunk(t.Context(), stream.Decisions, p, 300, 300); len(chunk) > 0 || err != nil {
		t.Errorf("chunk at the end: %d records, %v, want none", len(chunk), err)
	}
	for _, offset := range []int64{0, 3, 7, 299} {
		r, err := l.At(t.Context(), stream.Decisions, p, offset)
		if err != nil || r.Offset != offset || string(r.Value) != fmt.Sprint(2*offset) {
			t.Errorf("at %d: offset %d, value %s, %v", offset, r.Offset, r.Value, err)
		}
	}
	for _, offset := range []int64{300, 301, 9999} {
		if r, err := l.At(t.Context(), stream.Decisions, p, offset); !errors.Is(err, offers.ErrNotFound) {
			t.Errorf("at %d: %s, %v, want ErrNotFound", offset, r.Value, err)
		}
	}
}

// alone produces one record among many callers' that share a request.
func alone(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	var calls sync.WaitGroup
	for i := range 60 {
		calls.Go(func() {
			ctx, cancel := limit(t)
			defer cancel()
			key, value := fmt.Sprint("k", i%7), fmt.Sprint(i)
			at, err := l.ProduceOne(ctx, stream.Record{Stream: stream.Events, Key: []byte(key), Value: []byte(value)})
			if err != nil {
				t.Errorf("record %d: %v", i, err)
				return
			}
			if r, err := l.At(ctx, stream.Events, l.PartitionOf(key), at); err != nil || string(r.Value) != value {
				t.Errorf("record %d is said to lie at %d, where %q does: %v", i, at, r.Value, err)
			}
		})
	}
	calls.Wait()
}

func newest(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	p := l.PartitionOf("k")
	if got, err := l.Newest(t.Context(), stream.Decisions, p, 3); err != nil || len(got) != 0 {
		t.Errorf("of an empty partition: %v, %v", got, err)
	}
	produce(t, l, numbered(stream.Decisions, "k", 10)...)
	for n, want := range map[int][]string{0: nil, 1: {"9"}, 3: {"7", "8", "9"}, 99: values(numbered("", "", 10))} {
		if got, err := l.Newest(t.Context(), stream.Decisions, p, n); err != nil || !slices.Equal(values(got), want) {
			t.Errorf("newest %d: %v, %v, want %v", n, values(got), err, want)
		}
	}
}

func since(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	p := l.PartitionOf("k")
	if got, err := l.Since(t.Context(), stream.Decisions, p, time.Unix(0, 0)); err != nil || got != 0 {
		t.Errorf("in an empty partition: %d, %v, want its end", got, err)
	}
	for i := range 3 {
		produce(t, l, numbered(stream.Decisions, "k", i+2)...)
		time.Sleep(5 * time.Millisecond) // the log counts in milliseconds
	}
	all, err := l.Newest(t.Context(), stream.Decisions, p, 99)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		first := i
		for first > 0 && !all[first-1].Time.Before(all[i].Time) {
			first--
		}
		if got, err := l.Since(t.Context(), stream.Decisions, p, all[i].Time); err != nil || got != all[first].Offset {
			t.Errorf("since record %d: %d, %v, want %d", i, got, err, all[first].Offset)
		}
	}
	for at, want := range map[time.Time]int64{time.Unix(-1, 0): 0, all[len(all)-1].Time.Add(time.Hour): int64(len(all))} {
		if got, err := l.Since(t.Context(), stream.Decisions, p, at); err != nil || got != want {
			t.Errorf("since %s: %d, %v, want %d", at, got, err, want)
		}
	}
}

func lag(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	check := func(want int64) {
		t.Helper()
		if got, err := l.Lag(t.Context(), "g", stream.Events, stream.Deliveries); err != nil || got != want {
			t.Errorf("Lag: %d, %v, want %d", got, err, want)
		}
	}
	check(0)
	produce(t, l, numbered(stream.Events, "k", 10)...)
	check(10)
	consume(t, l, "g", stream.Events, 10)
	check(0)
	produce(t, l, numbered(stream.Events, "other", 4)...)
	produce(t, l, numbered(stream.Deliveries, "k", 2)...)
	check(6)
}

func catalogue(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	ctx, cancel := limit(t)
	defer cancel()
	set := func(id offers.CampaignID, name string) stream.Record {
		r := stream.Record{Stream: stream.Campaigns, Key: []byte(offers.CampaignKey(id))}
		if name != "" {
			r.Value = fmt.Appendf(nil, `{"id":%q,"name":%q}`, id, name)
		}
		return r
	}
	for i := range 50 {
		produce(t, l, set("shoes", fmt.Sprint("shoes ", i)), set("hats", fmt.Sprint("hats ", i)), set("gone", "x"))
	}
	produce(t, l, set("gone", ""), stream.Record{Stream: stream.Campaigns, Key: []byte("campaign/bad"), Value: []byte("{")})
	c, err := l.Catalogue(ctx)
	if err != nil {
		t.Fatal(err)
	}
	names := func() map[offers.CampaignID]string {
		out := map[offers.CampaignID]string{}
		for id, c := range c.Now().Campaigns {
			out[id] = c.Name
		}
		return out
	}
	if diff := cmp.Diff(map[offers.CampaignID]string{"shoes": "shoes 49", "hats": "hats 49"}, names()); diff != "" {
		t.Errorf("catalogue (-want +got)\n%s", diff)
	}
	changed := c.Changed()
	produce(t, l, set("hats", "hats again"))
	select {
	case <-changed:
	case <-ctx.Done():
		t.Fatal("a change was not told")
	}
	if got := names()["hats"]; got != "hats again" {
		t.Errorf("after the change: %q", got)
	}
	if err := l.Produce(ctx, stream.Record{Stream: stream.Campaigns, Value: []byte("{}")}); !errors.Is(err, offers.ErrInvalid) {
		t.Errorf("a campaign without a key: %v, want ErrInvalid", err)
	}
}

func tooLarge(t *testing.T, l *stream.Log, _ func() *stream.Log) {
	huge := stream.Record{Stream: stream.Events, Key: []byte("k"), Value: make([]byte, 2<<20)}
	large := stream.Record{Stream: stream.Events, Key: []byte("k"), Value: make([]byte, 990_000)}
	small := stream.Record{Stream: stream.Events, Key: []byte("k"), Value: []byte("v")}
	var calls sync.WaitGroup
	for _, tt := range []struct {
		record stream.Record
		want   error
	}{{huge, offers.ErrInvalid}, {large, nil}, {small, nil}, {stream.Record{Stream: "nothing"}, offers.ErrInvalid}, {large, nil}} {
		calls.Go(func() {
			ctx, cancel := limit(t)
			defer cancel()
			if err := l.Produce(ctx, tt.record); !errors.Is(err, tt.want) {
				t.Errorf("Produce of %d bytes to %q: %v, want %v", len(tt.record.Value), tt.record.Stream, err, tt.want)
			}
		})
	}
	calls.Wait()
	if got := consume(t, l, "g", stream.Events, 3); len(got) != 3 {
		t.Errorf("%d records are there, want 3", len(got))
	}
}

func partitions(t *testing.T, l *stream.Log, again func() *stream.Log) {
	if got := again().Partitions(); got != l.Partitions() {
		t.Errorf("a second connection sees %d partitions, the first %d", got, l.Partitions())
	}
	hit := map[int]bool{}
	for i := range 1000 {
		hit[l.PartitionOf(fmt.Sprint(i))] = true
	}
	if len(hit) != l.Partitions() {
		t.Errorf("1000 keys fall in %d partitions of %d", len(hit), l.Partitions())
	}
}

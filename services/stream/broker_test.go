package stream_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/twmb/franz-go/pkg/kfake"

	"aisle/offers"
	"aisle/services/stream"
	"aisle/services/stream/streamtest"
)

func open(t *testing.T, c stream.Config) *stream.Log {
	t.Helper()
	l, err := stream.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// lane hands batches to a function.
type lane func([]stream.Record) error

func (lane) Assign(context.Context, []stream.Partition) (map[stream.Partition]int64, error) {
	return nil, nil
}
func (l lane) Handle(_ context.Context, batch []stream.Record) error { return l(batch) }

// A cluster of several brokers has several leaders.
func TestManyBrokers(t *testing.T) {
	t.Parallel()
	streamtest.Test(t, func(t *testing.T) stream.Config {
		return stream.Config{URL: cluster(t), Logger: logger(t), Replication: 3}
	})
}

func cluster(t *testing.T) string { url, _ := clusterOf(t); return url }

func clusterOf(t *testing.T) (string, *kfake.Cluster) {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return "kafka://" + strings.Join(c.ListenAddrs(), ","), c
}

// through writes n records, one after the other, and reads them all, while
// trouble is made.
func through(t *testing.T, l *stream.Log, n int, trouble func()) {
	writing, stop := context.WithTimeout(t.Context(), 60*time.Second)
	defer stop()
	ctx, cancel := context.WithCancel(writing)
	defer cancel()
	var jobs sync.WaitGroup
	jobs.Go(func() {
		for i := range n {
			if err := l.Produce(writing, stream.Record{Stream: stream.Events, Key: fmt.Append(nil, i%50), Value: fmt.Append(nil, i)}); err != nil {
				t.Errorf("Produce %d: %v", i, err)
				return
			}
		}
	})
	jobs.Go(trouble)
	seen := map[string]int{}
	last := map[string]int{}
	err := l.Consume(ctx, stream.Consumer{Group: "g", Streams: []string{stream.Events}, Lanes: 1, NewLane: func() stream.Lane {
		return lane(func(batch []stream.Record) error {
			for i := range batch {
				k, v := string(batch[i].Key), string(batch[i].Value)
				at, _ := strconv.Atoi(v)
				if seen[v]++; seen[v] == 1 && at < last[k] {
					t.Errorf("key %s: %d came after %d", k, at, last[k])
				}
				last[k] = max(last[k], at)
			}
			if len(seen) == n {
				cancel()
			}
			return nil
		})
	}})
	jobs.Wait()
	if err != nil || len(seen) != n {
		t.Errorf("Consume: %v; %d of %d records came", err, len(seen), n)
	}
	twice := 0
	for _, times := range seen {
		if times > 1 {
			twice++
		}
	}
	t.Logf("%d records came twice", twice)
}

func TestLeadersMove(t *testing.T) {
	t.Parallel()
	url, cluster := clusterOf(t)
	l := open(t, stream.Config{URL: url, Logger: logger(t)})
	through(t, l, 3000, func() {
		for range 8 {
			time.Sleep(150 * time.Millisecond)
			cluster.ShufflePartitionLeaders()
		}
	})
}

// The broker in the box is closed and opened again while a client of its goes on.
func TestBrokerRestarts(t *testing.T) {
	c := stream.Config{Dir: t.TempDir(), Port: freePort(t), Logger: logger(t)}
	server, err := stream.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	l := open(t, stream.Config{URL: "kafka://" + server.Addrs()[0], Logger: logger(t)})
	through(t, l, 3000, func() {
		for range 3 {
			time.Sleep(200 * time.Millisecond)
			if err := server.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			time.Sleep(50 * time.Millisecond)
			if server, err = stream.Open(context.Background(), c); err != nil {
				t.Errorf("Open: %v", err)
				return
			}
		}
	})
	if err := server.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestProduceWhileNobodyIsThere(t *testing.T) {
	c := stream.Config{Dir: t.TempDir(), Port: freePort(t), Logger: logger(t)}
	server, err := stream.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	l := open(t, stream.Config{URL: "kafka://" + server.Addrs()[0], Logger: logger(t)})
	server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	err = l.Produce(ctx, stream.Record{Stream: stream.Events, Key: []byte("lost"), Value: []byte("lost")})
	if !errors.Is(err, offers.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Produce: %v, want ErrUnavailable with the reason", err)
	}
	// What its caller gave up is not written later; what waits is.
	waits := make(chan error, 1)
	go func() {
		waits <- l.Produce(t.Context(), stream.Record{Stream: stream.Events, Key: []byte("lost"), Value: []byte("kept")})
	}()
	if server, err = stream.Open(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if err := <-waits; err != nil {
		t.Errorf("Produce: %v", err)
	}
	got, err := l.Newest(t.Context(), stream.Events, l.PartitionOf("lost"), 10)
	if err != nil || len(got) != 1 || string(got[0].Value) != "kept" {
		t.Errorf("the log has %d records, %v, want the one that was kept", len(got), err)
	}
}

// TestOwnerProcess is no test: TestAKilledOwner runs it as the process that is
// killed.
func TestOwnerProcess(t *testing.T) {
	dir := os.Getenv("AISLE_STREAM_DIR")
	if dir == "" {
		t.Skip("is run by TestAKilledOwner")
	}
	l := open(t, stream.Config{Dir: dir})
	for i := 0; ; i++ {
		if err := l.Produce(t.Context(), stream.Record{Stream: stream.Events, Key: []byte("k"), Value: fmt.Append(nil, i)}); err != nil {
			t.Fatal(err)
		}
		fmt.Printf("did %d\n", i)
	}
}

func TestAKilledOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	owner := exec.Command(os.Args[0], "-test.run=^TestOwnerProcess$")
	owner.Env = append(os.Environ(), "AISLE_STREAM_DIR="+dir)
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	did := -1
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if n, ok := strings.CutPrefix(lines.Text(), "did "); ok {
			did, _ = strconv.Atoi(n)
		}
		if did == 500 {
			owner.Process.Kill()
		}
	}
	owner.Wait()
	l := open(t, stream.Config{Dir: dir, Logger: logger(t)})
	got, err := l.Newest(t.Context(), stream.Events, l.PartitionOf("k"), 1_000_000)
	if err != nil || did < 500 || len(got) < did+1 {
		t.Errorf("%d records are there, %v; %d were acknowledged", len(got), err, did+1)
	}
}

// What retention took before it was read is skipped, and said.
func TestRecordsThatAreGone(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	l := open(t, stream.Config{Dir: t.TempDir(), Bytes: 1 << 20, Logger: logger(t), Registry: reg})
	for range 60 {
		err := l.Produce(t.Context(), stream.Record{Stream: stream.Events, Key: []byte("k"), Value: make([]byte, 100_000)})
		if err != nil {
			t.Fatal(err)
		}
	}
	p := stream.Partition{Stream: stream.Events, Number: l.PartitionOf("k")}
	first := int64(0)
	for end := time.Now().Add(30 * time.Second); first == 0 && time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if got, err := l.Newest(t.Context(), p.Stream, p.Number, 60); err == nil && len(got) > 0 {
			first = got[0].Offset
		}
	}
	if first == 0 {
		t.Fatal("retention took nothing")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var got []int64
	err := l.Consume(ctx, stream.Consumer{Group: "g", Streams: []string{stream.Events}, NewLane: func() stream.Lane {
		return assigned{map[stream.Partition]int64{p: 2}, func(batch []stream.Record) error {
			for i := range batch {
				got = append(got, batch[i].Offset)
			}
			if got[len(got)-1] == 59 {
				cancel()
			}
			return nil
		}}
	}, Lanes: 1})
	if err != nil || len(got) == 0 || got[0] < first {
		t.Fatalf("Consume: %v, read %v, want from %d on", err, got, first)
	}
	if n := testutil.CollectAndCount(reg, "aisle_stream_skipped_records_total"); n != 1 {
		t.Errorf("skipped records are counted in %d series, want 1", n)
	}
	// An offset beyond the end, as when the log's folder was lost: from the end.
	ctx, cancel = context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	time.AfterFunc(500*time.Millisecond, func() {
		l.Produce(ctx, stream.Record{Stream: stream.Events, Key: []byte("k"), Value: []byte("new")})
	})
	var value string
	err = l.Consume(ctx, stream.Consumer{Group: "g", Streams: []string{stream.Events}, NewLane: func() stream.Lane {
		return assigned{map[stream.Partition]int64{p: 5000}, func(batch []stream.Record) error {
			value = string(batch[0].Value)
			cancel()
			return nil
		}}
	}, Lanes: 1})
	if err != nil || value != "new" {
		t.Errorf("Consume from beyond the end: %v, read %q, want what was written then", err, value)
	}
}

// assigned is a lane with offsets of its own.
type assigned struct {
	from map[stream.Partition]int64
	lane
}

func (a assigned) Assign(context.Context, []stream.Partition) (map[stream.Partition]int64, error) {
	return a.from, nil
}

// Compaction leaves gaps, also at the end of a batch, which kafka-go does not
// tell of.
func TestCompactedStream(t *testing.T) {
	t.Parallel()
	l := open(t, stream.Config{Dir: t.TempDir(), Logger: logger(t)})
	record := func(key string, n int) stream.Record {
		return stream.Record{Stream: stream.Campaigns, Key: []byte(offers.CampaignKey(offers.CampaignID(key))), Value: fmt.Appendf(nil, `{"id":%q,"name":"%d"}`, key, n)}
	}
	const rounds = 60
	for i := range rounds {
		batch := []stream.Record{record("kept "+fmt.Sprint(i), i)}
		for k := range 20 {
			batch = append(batch, record(fmt.Sprint(k), i))
		}
		for range 3 { // a segment is full sooner
			pad := record("pad", i)
			pad.Headers = []stream.Header{{Key: "pad", Value: make([]byte, 20_000)}}
			batch = append(batch, pad)
		}
		if err := l.Produce(t.Context(), batch...); err != nil {
			t.Fatal(err)
		}
	}
	read := func() int {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		n := 0
		err := l.Tail(ctx, stream.Campaigns, -1, func(_ context.Context, batch []stream.Record) error {
			n += len(batch)
			return nil
		}, cancel)
		if err != nil || n == 0 {
			t.Fatalf("Tail: %v, %d records", err, n)
		}
		return n
	}
	n := read()
	for end := time.Now().Add(30 * time.Second); n == rounds*24 && time.Now().Before(end); n = read() {
		time.Sleep(300 * time.Millisecond)
	}
	if n == rounds*24 {
		t.Fatal("compaction took nothing")
	}
	t.Logf("%d of %d records are left", n, rounds*24)
	c, err := l.Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := len(c.Now().Campaigns); got != rounds+20+1 {
		t.Errorf("the catalogue has %d campaigns, want %d", got, rounds+21)
	}
	if got := c.Now().Campaigns["7"].Name; got != fmt.Sprint(rounds-1) {
		t.Errorf("campaign 7 is %q, want the newest", got)
	}
	newest, err := l.Newest(t.Context(), stream.Campaigns, 0, 50)
	if err != nil || len(newest) != 50 {
		t.Errorf("Newest: %d records, %v, want 50", len(newest), err)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	l := open(t, stream.Config{Dir: dir, Partitions: 4})
	url := "kafka://" + l.Addrs()[0]
	nobody := fmt.Sprintf("kafka://127.0.0.1:%d", freePort(t))
	tests := []struct {
		name   string
		config stream.Config
		want   error
		says   string
	}{
		{"no folder", stream.Config{}, offers.ErrInvalid, "folder"},
		{"replication in the box", stream.Config{Dir: "x", Replication: 3}, offers.ErrInvalid, "one node"},
		{"negative", stream.Config{Dir: "x", Partitions: -1}, offers.ErrInvalid, "negative"},
		{"folder in use", stream.Config{Dir: dir}, offers.ErrConflict, "another process"},
		{"another number of partitions", stream.Config{URL: url, Partitions: 12}, offers.ErrConflict, "has 4 partitions, not 12"},
		{"no scheme", stream.Config{URL: "localhost:9092"}, offers.ErrInvalid, "kafka://"},
		{"bad port", stream.Config{URL: "kafka://a:1,b:port"}, offers.ErrInvalid, `"b:port"`},
		{"unknown setting", stream.Config{URL: "kafka://a:1?prefex=x"}, offers.ErrInvalid, "prefex"},
		{"bad mechanism", stream.Config{URL: "kafka://a:1?user=u&password=secret&mechanism=none"}, offers.ErrInvalid, "scram-sha-256"},
		{"bad compression", stream.Config{URL: "kafka://a:1?compression=rar"}, offers.ErrInvalid, "zstd"},
		{"password in the host", stream.Config{URL: "kafka://u:secret@a:1"}, offers.ErrInvalid, "?user="},
		{"nobody there", stream.Config{URL: nobody}, offers.ErrUnavailable, "refused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			_, err := stream.Open(ctx, tt.config)
			if !errors.Is(err, tt.want) || !strings.Contains(fmt.Sprint(err), tt.says) || strings.Contains(fmt.Sprint(err), "secret") {
				t.Errorf("Open: %v, want %v that says %q, and no password", err, tt.want, tt.says)
			}
		})
	}
	if got := open(t, stream.Config{URL: url}).Partitions(); got != 4 {
		t.Errorf("without a wish it takes %d partitions, want the 4 that are there", got)
	}
}

func TestSecuredBroker(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		t.Run(mechanism, func(t *testing.T) {
			c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.EnableSASL(), kfake.Superuser(mechanism, "u", "p w"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			url := "kafka://" + c.ListenAddrs()[0] + "?user=u&mechanism=" + mechanism + "&compression=zstd&password="
			l := open(t, stream.Config{URL: url + "p+w"})
			through(t, l, 10, func() {})
			l.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			if _, err := stream.Open(ctx, stream.Config{URL: url + "wrong"}); !errors.Is(err, offers.ErrDenied) && !errors.Is(err, offers.ErrUnavailable) {
				t.Errorf("with a wrong password: %v", err)
			} else {
				t.Log(err)
			}
		})
	}
}

// Java's own results, of Kafka's UtilsTest.testMurmur2.
func TestPartitionOfIsJavas(t *testing.T) {
	l := open(t, stream.Config{Dir: t.TempDir(), Partitions: 7})
	for key, hash := range map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536,
		"a-little-bit-longer-string": -1486304829, "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971, "abc": 479470107,
	} {
		if got, want := l.PartitionOf(key), int(hash&0x7fffffff)%7; got != want {
			t.Errorf("key %s: partition %d, want %d", key, got, want)
		}
	}
}

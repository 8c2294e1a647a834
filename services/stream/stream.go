// Package stream is the book in which everything that happens in the shops is
// written down, once and in order, and from which every service reads at its
// own pace. The book is Kafka: one in the box by default, or any other by URL.
//
// Its rules: all that one shopper does lies in one partition, in order. A
// partition has one reader of a group at a time. What Produce has acknowledged
// is kept. A record is delivered at least once: readers drop what they know.
package stream

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The streams between the services. All but Campaigns have the same number of
// partitions and the same key hash: a shopper has one partition number.
const (
	Events     = "events"
	Sightings  = "sightings"
	Decisions  = "decisions"
	Deliveries = "deliveries"
	Quarantine = "quarantine"
	Campaigns  = "campaigns"
)

// ErrFenced is returned by a Lane that is no longer the owner of a partition.
var ErrFenced = errors.New("fenced: another owner has this partition")

// Header is a name and a value beside a record.
type Header struct {
	Key   string
	Value []byte
}

// Record is one entry of a stream.
type Record struct {
	Stream     string
	Partition  int
	Offset     int64
	Key, Value []byte
	Headers    []Header
	Time       time.Time
}

// Header is the value of the last header of that name, "" if there is none.
func (r *Record) Header(key string) string {
	for i := len(r.Headers) - 1; i >= 0; i-- {
		if r.Headers[i].Key == key {
			return string(r.Headers[i].Value)
		}
	}
	return ""
}

// Config says where the log is. The zero Config with a Dir works: a broker in
// this process, with its data in Dir.
type Config struct {
	// URL is empty for the embedded broker, or
	// kafka://host:9092,host2:9092?prefix=shop-&tls=true&user=u&password=p
	URL         string
	Dir         string // of the embedded broker
	Partitions  int    // of every stream but campaigns; default 8
	Replication int    // default 1
	Port        int    // of the embedded broker on 127.0.0.1; 0: any free one
	Logger      *slog.Logger
	Registry    prometheus.Registerer
}

// Log is a connection to the streams. Safe for concurrent use.
type Log struct{}

// Open connects to the log, or starts the embedded one, and creates the streams
// that are missing.
func Open(ctx context.Context, c Config) (*Log, error) { return nil, errors.ErrUnsupported }

// Close ends the connections, and the embedded broker.
func (l *Log) Close() error { return nil }

// Partitions is the number of partitions of every stream but campaigns.
func (l *Log) Partitions() int { return 8 }

// PartitionOf is the partition of a key, the same in every stream.
func (l *Log) PartitionOf(key string) int { return 0 }

// Addrs are the addresses of the brokers, for rpk, kcat and tests.
func (l *Log) Addrs() []string { return nil }

// Produce writes records, each to the partition of its key.
func (l *Log) Produce(ctx context.Context, records ...Record) error { return errors.ErrUnsupported }

// Partition names one partition of one stream.
type Partition struct {
	Stream string
	Number int
}

// Lane handles the records of some partitions. One goroutine owns it.
type Lane interface {
	Assign(ctx context.Context, parts []Partition) (map[Partition]int64, error)
	Handle(ctx context.Context, batch []Record) error
}

// Consumer says who reads what, and how.
type Consumer struct {
	Group    string
	Streams  []string
	Lanes    int
	MaxBatch int
	NewLane  func() Lane
}

// Consume reads until ctx ends.
func (l *Log) Consume(ctx context.Context, c Consumer) error { return errors.ErrUnsupported }

// Tail follows every partition of a stream without a group.
func (l *Log) Tail(ctx context.Context, stream string, back int, fn func(ctx context.Context, batch []Record) error, caughtUp func()) error {
	return errors.ErrUnsupported
}

// Find is the record for which cmp is 0, in a partition that cmp orders.
func (l *Log) Find(ctx context.Context, stream string, partition int, cmp func(*Record) int) (Record, error) {
	return Record{}, errors.ErrUnsupported
}

// Newest are the last n records of a partition, oldest first.
func (l *Log) Newest(ctx context.Context, stream string, partition, n int) ([]Record, error) {
	return nil, errors.ErrUnsupported
}

// Lag is how many records of the streams the group has not handled yet.
func (l *Log) Lag(ctx context.Context, group string, streams ...string) (int64, error) {
	return 0, errors.ErrUnsupported
}

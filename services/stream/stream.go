// Package stream is the book in which everything that happens in the shops is
// written down, once and in order, and from which every service reads at its
// own pace. The book is Kafka: one in the box by default, or any other by URL.
//
// Its rules: all that one shopper does lies in one partition, in order. A
// partition has one reader of a group at a time. What Produce has acknowledged
// is kept. A record is delivered at least once, and a retried Produce may write
// it twice (kafka-go has no idempotent producer): readers drop what they know.
package stream

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"aisle/offers"
)

// ErrFenced is returned by a Lane that finds that another owner has taken over
// a partition. Consume then gives its partitions up and joins the group anew.
var ErrFenced = fmt.Errorf("%w: another owner has this partition", offers.ErrConflict)

// Header is a name and a value beside a record.
type Header struct {
	Key   string
	Value []byte
}

// Record is one entry of a stream.
type Record struct {
	Stream     string
	Partition  int   // as read; Produce goes by the key
	Offset     int64 // as read; counts up in a partition, with gaps
	Key, Value []byte
	Headers    []Header
	Time       time.Time // as read: of writing, to the millisecond
}

// Header is the value of the last header of that name, "" if there is none.
func (r *Record) Header(key string) string {
	for _, v := range slices.Backward(r.Headers) {
		if v.Key == key {
			return string(v.Value)
		}
	}
	return ""
}

// Config says where the log is. The zero Config with a Dir works: a broker in
// this process, with its data in Dir.
type Config struct {
	// URL is empty for the embedded broker, or
	//	kafka://host:9092,host2:9092?prefix=shop-&tls=true&user=u&password=p
	// mechanism is plain (the default), scram-sha-256 or scram-sha-512;
	// compression is none (the default), gzip, snappy, lz4 or zstd. The prefix
	// goes before the names of streams and groups.
	URL string
	// Partitions of every stream but campaigns. 0 takes what is there, or 8
	// where the streams are to be created.
	Partitions int
	// Replication is how many brokers keep each record; default 1.
	Replication int

	// Dir, Port and Bytes are the embedded broker's. One process at a time may
	// use a Dir. Port 0 is any free one of 127.0.0.1. Bytes bound what all
	// streams together keep; default 512 MiB, which restarts in about a second.
	Dir   string
	Port  int
	Bytes int64

	Logger   *slog.Logger          // default: discard
	Registry prometheus.Registerer // default: none
}

// Log is a connection to the streams. Safe for concurrent use.
type Log struct {
	logger     *slog.Logger
	metrics    *metrics
	broker     *broker // nil if the log is elsewhere
	brokers    []string
	prefix     string
	topics     []string // of streams, in their order
	partitions int
	numbers    []int // 0 to partitions-1

	dialer    kafka.Dialer // of the consumer groups
	conns     connections  // of the transport
	transport *kafka.Transport
	addr      net.Addr
	client    kafka.Client
	codec     protocol.Attributes
	producer  *producer
	refreshed refreshed

	ctx     context.Context // of what runs until Close
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// Open connects to the log, or starts the embedded one, and creates the streams
// that are missing. It waits up to 30 seconds for brokers that do not answer.
//
// Errors: ErrInvalid for a config that cannot work; ErrConflict if a stream has
// another number of partitions, or Dir is in use; ErrUnavailable.
func Open(ctx context.Context, c Config) (*Log, error) {
	to, err := parseURL(c.URL)
	if err != nil {
		return nil, err
	}
	if c.Partitions < 0 || c.Replication < 0 || c.Bytes < 0 {
		return nil, fmt.Errorf("stream: %w: partitions, replication and bytes cannot be negative", offers.ErrInvalid)
	}
	l := &Log{logger: c.Logger, brokers: to.hosts, prefix: to.prefix, codec: to.codec}
	if l.logger == nil {
		l.logger = slog.New(slog.DiscardHandler)
	}
	l.metrics = newMetrics(c.Registry)
	if c.URL == "" {
		if l.broker, err = startBroker(c, l.logger); err != nil {
			return nil, err
		}
		l.brokers = l.broker.addrs
	}
	for _, s := range streams {
		l.topics = append(l.topics, l.prefix+s.name)
	}
	l.dialer = kafka.Dialer{ClientID: clientID, Timeout: dialTimeout, TLS: to.tls, SASLMechanism: to.sasl}
	l.transport = &kafka.Transport{
		Dial: l.conns.dial, DialTimeout: dialTimeout, MetadataTTL: metadataTTL, MetadataTopics: l.topics,
		ClientID: clientID, TLS: to.tls, SASL: to.sasl,
	}
	l.addr = kafka.TCP(l.brokers...)
	l.client = kafka.Client{Addr: l.addr, Transport: l.transport, Timeout: requestTimeout}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	if err := l.createStreams(ctx, c); err != nil {
		l.cancel()
		_ = l.disconnect()
		return nil, err
	}
	for n := range l.partitions {
		l.numbers = append(l.numbers, n)
	}
	l.producer = newProducer(l)
	l.running.Go(l.producer.run)
	return l, nil
}

const (
	clientID       = "aisle"
	dialTimeout    = 3 * time.Second
	requestTimeout = 10 * time.Second
	metadataTTL    = 2 * time.Second // a new leader is found within it, even where nobody says that there is one
)

// Close ends the connections, and the embedded broker. What runs on the log
// (Consume, Tail) must have ended.
func (l *Log) Close() error {
	l.cancel()
	l.running.Wait()
	return l.disconnect()
}

func (l *Log) disconnect() error {
	l.transport.CloseIdleConnections()
	l.conns.close()
	if l.broker != nil {
		return l.broker.close()
	}
	return nil
}

// Partitions is the number of partitions of every stream but campaigns.
func (l *Log) Partitions() int { return l.partitions }

// PartitionOf is the partition of a key, the same in every stream but
// campaigns: Kafka's own hash (murmur2), so that clients in Java and others
// agree with it.
func (l *Log) PartitionOf(key string) int {
	return l.partitionOf([]byte(key))
}

func (l *Log) partitionOf(key []byte) int {
	return kafka.Murmur2Balancer{Consistent: true}.Balance(kafka.Message{Key: key}, l.numbers...)
}

// Addrs are the addresses of the brokers, for rpk, kcat and tests.
func (l *Log) Addrs() []string { return slices.Clone(l.brokers) }

// connections knows the connections that are open, so that they can be closed
// although somebody waits for an answer on them.
type connections struct {
	mu     sync.Mutex // guards the rest
	open   map[net.Conn]bool
	closed bool
}

func (c *connections) dial(ctx context.Context, network, address string) (net.Conn, error) {
	nc, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		nc.Close()
		return nil, net.ErrClosed
	}
	if c.open == nil {
		c.open = map[net.Conn]bool{}
	}
	tracked := &connection{nc, c}
	c.open[tracked] = true
	return tracked, nil
}

func (c *connections) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.cut()
}

// drop closes what is open now; new ones may be opened.
func (c *connections) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut()
}

func (c *connections) cut() {
	for nc := range c.open {
		nc.(*connection).Conn.Close()
	}
	clear(c.open)
}

type connection struct {
	net.Conn
	of *connections
}

func (c *connection) Close() error {
	c.of.mu.Lock()
	delete(c.of.open, c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

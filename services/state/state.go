// Package state is the shop's short memory: what is known of each shopper
// between one event and the next, and how far the reading of the log has come.
// It is Redis: one in the box by default, or any other by URL.
//
// Its rules: keys carry their partition as a hash tag, so that all that one
// owner writes lies together; what changes and how far it got is written as one.
package state

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// ErrFenced says that another owner has moved the offset of a partition.
var ErrFenced = errors.New("fenced: another owner has moved this partition's offset")

// Config says where state is kept. The zero Config with a Dir works: a
// redis-server of its own, with its data in Dir.
type Config struct {
	// URL is empty for the embedded redis-server, or
	// redis://user:password@host:6379/0, rediss://..., redis+cluster://host:6379,host2:6379
	URL      string
	Dir      string
	Logger   *slog.Logger
	Registry prometheus.Registerer
}

// Store is a connection to state. Safe for concurrent use.
type Store struct {
	identities identityCache // lately found, see identity.go
}

// Open connects, or starts the embedded redis-server.
func Open(ctx context.Context, c Config) (*Store, error) { return nil, errors.ErrUnsupported }

// Close ends the connections, and the embedded redis-server.
func (s *Store) Close() error { return nil }

// Client is the connection, for scripts of one's own.
func (s *Store) Client() redis.UniversalClient { return nil }

// Key is a key of a partition: "{p12}:profile:abc".
func Key(partition int, parts ...string) string {
	return "{p" + strconv.Itoa(partition) + "}:" + strings.Join(parts, ":")
}

// ProfileKey is where the JSON of a shopper's offers.Profile lies. Only the
// decider writes it.
func ProfileKey(partition int, id offers.ShopperID) string {
	return Key(partition, "profile", string(id))
}

// Read names keys of one partition.
type Read struct {
	Partition int
	Keys      []string
}

// Loaded is what was there.
type Loaded struct {
	Offset int64    // the next to process; -1 if there never was one
	Outbox []byte   // only from LoadOutbox
	Values [][]byte // of the keys, in order; nil if absent
}

// Load reads in one round trip.
func (s *Store) Load(ctx context.Context, group string, reads []Read) ([]Loaded, error) {
	return nil, errors.ErrUnsupported
}

// LoadOutbox reads the offsets and outboxes of partitions, in one round trip.
func (s *Store) LoadOutbox(ctx context.Context, group string, partitions []int) ([]Loaded, error) {
	return nil, errors.ErrUnsupported
}

// Commit is what one batch changed in one partition.
type Commit struct {
	Partition int
	From, To  int64 // From is the Offset that was loaded; To the next to process
	Keys      []string
	Values    [][]byte
	Delete    []string
	Outbox    []byte
}

// Commit writes each partition's changes, offset and outbox as one, or nothing
// of it and ErrFenced if its offset is not From any more.
func (s *Store) Commit(ctx context.Context, group string, commits []Commit) error {
	return errors.ErrUnsupported
}

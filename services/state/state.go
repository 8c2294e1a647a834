// Package state is the shop's short memory: what is known of each shopper
// between one event and the next, and how far the reading of the log has come.
// It is Redis: one in the box by default, or any other by URL, 7.0 or newer.
//
// Its rules: keys carry their partition as a hash tag, so that all that one
// owner writes lies together, in a cluster too. What a batch changed and how
// far it got is written as one, and only by who read last: no locks.
package state

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"aisle/offers"
)

// Config says where state is kept. The zero Config with a Dir works: a
// redis-server of its own, with its data in Dir.
type Config struct {
	// URL is empty for the embedded redis-server, or
	//	redis://user:password@host:6379/0
	//	redis+cluster://user:password@host:6379,host2:6379
	// and with rediss for TLS. Settings of go-redis may follow the former as
	// ?pool_size=20 and the like.
	URL string
	// Dir is the embedded server's. One process at a time may use it.
	Dir string

	Logger   *slog.Logger          // default: discard
	Registry prometheus.Registerer // default: none
}

// Store is a connection to state. Safe for concurrent use.
type Store struct {
	client     redis.UniversalClient
	server     *server // nil if the state is elsewhere
	metrics    *metrics
	identities identityCache // lately found, see identity.go
}

// Open connects, or starts the embedded redis-server. It waits up to 30 seconds
// for one that does not answer.
//
// Errors: ErrInvalid for a config that cannot work, a redis-server that is too
// old or not installed; ErrConflict if Dir is in use; ErrUnavailable.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	redis.SetLogger(poolLogger{c.Logger}) // go-redis has one for all clients
	s := &Store{metrics: newMetrics(c.Registry)}
	if c.URL == "" {
		var err error
		if s.server, err = startServer(ctx, c.Dir, c.Logger, s.metrics); err != nil {
			return nil, err
		}
		s.client = redis.NewClient(options(&redis.Options{Network: "unix", Addr: s.server.socket}))
	} else {
		var err error
		if s.client, err = dial(c.URL); err != nil {
			return nil, err
		}
	}
	if err := s.check(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close ends the connections, and the embedded redis-server once it has written
// down what it knows.
func (s *Store) Close() error {
	err := s.client.Close()
	if s.server != nil {
		err = errors.Join(err, s.server.close())
	}
	return err
}

// Client is the connection, for scripts of one's own. A cluster's client may
// send a command again that it has no answer to: scripts must bear that.
func (s *Store) Client() redis.UniversalClient { return s.client }

// poolLogger hears of connections that fail: the calls that needed them tell,
// too, and count.
type poolLogger struct{ *slog.Logger }

func (l poolLogger) Printf(ctx context.Context, format string, v ...any) {
	if l.Enabled(ctx, slog.LevelDebug) {
		l.DebugContext(ctx, "go-redis", "message", fmt.Sprintf(format, v...))
	}
}

// options are ours in all connections. Commands are not sent again on failure
// here: callers know whether that is right.
func options(o *redis.Options) *redis.Options {
	o.MaxRetries = -1
	o.ContextTimeoutEnabled = true
	o.DialTimeout = 2 * time.Second
	o.DialerRetries = 1
	o.ClientName = "aisle"
	return o
}

func dial(raw string) (redis.UniversalClient, error) {
	scheme, rest, _ := strings.Cut(raw, "://")
	switch scheme {
	case "redis", "rediss", "unix":
		o, err := redis.ParseURL(raw)
		if err != nil {
			return nil, fmt.Errorf("state url: %w: %w", offers.ErrInvalid, hidden(err))
		}
		return redis.NewClient(options(o)), nil
	case "redis+cluster", "rediss+cluster":
		// Not left to net/url, which takes a list of hosts for a bad port.
		o := &redis.ClusterOptions{ContextTimeoutEnabled: true, DialTimeout: 2 * time.Second, ClientName: "aisle"}
		at := strings.LastIndex(rest, "@")
		if at >= 0 {
			user, password, _ := strings.Cut(rest[:at], ":")
			var err1, err2 error
			o.Username, err1 = url.PathUnescape(user)
			o.Password, err2 = url.PathUnescape(password)
			if errors.Join(err1, err2) != nil {
				return nil, fmt.Errorf("state url: %w: user or password is not escaped well", offers.ErrInvalid)
			}
		}
		for h := range strings.SplitSeq(strings.TrimSuffix(rest[at+1:], "/"), ",") {
			if h == "" || strings.ContainsAny(h, "/?") {
				return nil, fmt.Errorf("state url: %w: %q is no host:port", offers.ErrInvalid, h)
			}
			if !strings.Contains(h, ":") {
				h += ":6379"
			}
			o.Addrs = append(o.Addrs, h)
		}
		if scheme == "rediss+cluster" {
			o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		return redis.NewClusterClient(o), nil
	}
	return nil, fmt.Errorf("state url: %w: it must begin with redis://, rediss:// or redis+cluster://", offers.ErrInvalid)
}

// hidden is an error of parsing a URL without the URL, which holds the password.
func hidden(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

// check waits until the server answers, and looks at its version.
func (s *Store) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		info, err := s.client.InfoMap(ctx, "server").Result()
		if err == nil {
			version := info["Server"]["redis_version"]
			major, _, _ := strings.Cut(version, ".")
			if n, err := strconv.Atoi(major); err != nil || n < 7 {
				return fmt.Errorf("state: %w: it is Redis %q, 7.0 or newer is needed", offers.ErrInvalid, version)
			}
			return nil
		}
		if kind := failed("connect", err); !errors.Is(kind, offers.ErrUnavailable) {
			return kind
		}
		select {
		case <-ctx.Done():
			return failed("connect", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// failed gives an error of Redis's, or of the way there, its kind. What is not
// our mistake is unavailable.
func failed(what string, err error) error {
	kind := offers.ErrUnavailable
	for prefix, is := range map[string]error{
		"WRONGTYPE": offers.ErrConflict, "NOAUTH": offers.ErrDenied, "WRONGPASS": offers.ErrDenied, "NOPERM": offers.ErrDenied,
		"CROSSSLOT": offers.ErrInvalid,
	} {
		if redis.HasErrorPrefix(err, prefix) {
			kind = is
		}
	}
	return fmt.Errorf("state: %s: %w: %w", what, kind, err)
}

// Key is a key of a partition: "{p12}:profile:abc".
func Key(partition int, parts ...string) string {
	return "{p" + strconv.Itoa(partition) + "}:" + strings.Join(parts, ":")
}

// ProfileKey is where a shopper's offers.Profile lies, as AppendProfile packs it.
// Only the decider writes it.
func ProfileKey(partition int, id offers.ShopperID) string {
	return Key(partition, "profile", string(id))
}

// InboxKey is where the offers lie that a shopper's app shows: a hash of decision
// id to the JSON of offers.Inbox. Only the notifier's app channel writes it.
func InboxKey(partition int, id offers.ShopperID) string {
	return Key(partition, "inbox", string(id))
}

func offsetKey(partition int, group string) string { return Key(partition, "offset", group) }
func wakesKey(partition int, group string) string  { return Key(partition, "wakes", group) }
func outboxKey(partition int, group string) string { return Key(partition, "outbox", group) }

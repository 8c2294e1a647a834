package stream

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"aisle/offers"
)

// broker is the Kafka in the box: franz-go's broker, in this process, on disk.
// It survives a kill of the process; as Kafka itself it leaves writing to the
// disk to the system, so a power cut may cost the last seconds. It has one node
// and keeps one copy. Everything that it does is done by one goroutine.
type broker struct {
	cluster *kfake.Cluster
	addrs   []string
	lock    *os.File
	bytes   int64
}

const defaultBytes = 512 << 20

func startBroker(c Config, logger *slog.Logger) (*broker, error) {
	if c.Dir == "" {
		return nil, fmt.Errorf("stream: %w: the embedded broker needs a folder (dir), or give the url of a Kafka", offers.ErrInvalid)
	}
	if c.Replication > 1 {
		return nil, fmt.Errorf("stream: %w: the embedded broker is one node: replication can be 1 only", offers.ErrInvalid)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("stream: %w: %w", offers.ErrUnavailable, err)
	}
	lock, err := lockDir(c.Dir)
	if err != nil {
		return nil, err
	}
	b := &broker{lock: lock, bytes: c.Bytes}
	if b.bytes == 0 {
		b.bytes = defaultBytes
	}
	opts := []kfake.Opt{
		kfake.NumBrokers(1), kfake.DataDir(filepath.Join(c.Dir, "kafka")), kfake.WithLogger(brokerLogger{logger}),
		kfake.GroupMinSessionTimeout(time.Second),
		kfake.BrokerConfigs(map[string]string{
			"log.cleaner.backoff.ms":           "5000", // the default would let retention wait an hour
			"group.initial.rebalance.delay.ms": "0",
		}),
	}
	if c.Port != 0 {
		opts = append(opts, kfake.Ports(c.Port))
	}
	if b.cluster, err = kfake.NewCluster(opts...); err != nil {
		lock.Close()
		return nil, fmt.Errorf("stream: embedded broker in %s: %w: %w", c.Dir, offers.ErrUnavailable, err)
	}
	b.addrs = b.cluster.ListenAddrs()
	return b, nil
}

// topicConfig bounds each stream by its share of the bytes. A partition is cut
// in segments, and only whole ones are dropped.
func (b *broker) topicConfig(i, partitions int) map[string]string {
	if streams[i].compacted {
		return map[string]string{"cleanup.policy": "compact", "segment.bytes": "1048576"}
	}
	bytes := max(b.bytes*streams[i].share/100/int64(partitions), 1<<20)
	return map[string]string{
		"cleanup.policy": "delete", "retention.ms": ms(streams[i].kept),
		"retention.bytes": strconv.FormatInt(bytes, 10), "segment.bytes": strconv.FormatInt(bytes/8, 10),
	}
}

func (b *broker) close() error {
	b.cluster.Close()
	return b.lock.Close()
}

// lockDir keeps a second process from the folder. The system lets the lock go
// when the process ends, however it ends.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("stream: %w: %w", offers.ErrUnavailable, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("stream: folder %s: %w: another process uses it; stop that one, or choose another folder", dir, offers.ErrConflict)
		}
		return nil, fmt.Errorf("stream: lock %s: %w: %w", dir, offers.ErrUnavailable, &fs.PathError{Op: "flock", Path: dir, Err: err})
	}
	return f, nil
}

// brokerLogger passes on what the broker complains about.
type brokerLogger struct{ *slog.Logger }

func (l brokerLogger) Logf(level kfake.LogLevel, format string, args ...any) {
	switch level {
	case kfake.LogLevelError:
		l.Error("embedded broker", "message", fmt.Sprintf(format, args...))
	case kfake.LogLevelWarn:
		l.Warn("embedded broker", "message", fmt.Sprintf(format, args...))
	}
}

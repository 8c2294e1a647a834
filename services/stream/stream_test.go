package stream_test

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"aisle/services/stream"
	"aisle/services/stream/streamtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func embedded(t *testing.T) stream.Config {
	return stream.Config{Dir: t.TempDir(), Logger: logger(t)}
}

// logger writes to the test's log while the test runs.
func logger(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

func TestEmbedded(t *testing.T) {
	t.Parallel()
	streamtest.Test(t, embedded)
}

func TestKafka(t *testing.T) {
	t.Parallel()
	addr := os.Getenv("AISLE_TEST_KAFKA")
	if addr == "" {
		t.Skip("NOT TESTED on a real Kafka: set AISLE_TEST_KAFKA=host:port, or run scripts/servers/with.sh")
	}
	streamtest.Test(t, func(t *testing.T) stream.Config {
		name := strings.NewReplacer("/", ".", " ", "-", ",", "", "'", "").Replace(t.Name())
		return stream.Config{URL: fmt.Sprintf("kafka://%s?prefix=%s.%d.", addr, name, time.Now().UnixNano()), Logger: logger(t)}
	})
}

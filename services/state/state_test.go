package state_test

import (
	"log/slog"
	"os"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"aisle/services/state"
	"aisle/services/state/statetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, c state.Config) *state.Store {
	t.Helper()
	c.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	s, err := state.Open(t.Context(), c)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestEmbedded(t *testing.T) {
	statetest.Test(t, func(t *testing.T) (*state.Store, int) {
		return open(t, state.Config{Dir: t.TempDir()}), 0
	})
}

// partitions of a Redis that all tests share; 32 for each.
var partitions atomic.Int32

func shared(url string) func(t *testing.T) (*state.Store, int) {
	return func(t *testing.T) (*state.Store, int) {
		s := open(t, state.Config{URL: url})
		base := int(partitions.Add(32))
		for p := base; p < base+32; p++ { // of a run before
			if keys, err := s.Client().Keys(t.Context(), state.Key(p, "*")).Result(); err != nil || len(keys) > 0 {
				t.Fatalf("%s is not empty (%v, %v): start it anew", url, keys, err)
			}
		}
		return s, base
	}
}

func TestRedis(t *testing.T) {
	url := os.Getenv("AISLE_TEST_REDIS")
	if url == "" {
		t.Skip("NOT TESTED on a real Redis: set AISLE_TEST_REDIS=redis://127.0.0.1:6379, or run scripts/servers/with.sh")
	}
	statetest.Test(t, shared(url))
}

func TestRedisCluster(t *testing.T) {
	url := os.Getenv("AISLE_TEST_REDIS_CLUSTER")
	if url == "" {
		t.Skip("NOT TESTED on a Redis cluster: set AISLE_TEST_REDIS_CLUSTER=redis+cluster://127.0.0.1:7000, or run scripts/servers/with.sh")
	}
	statetest.Test(t, shared(url))
}

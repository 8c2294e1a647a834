package state_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"

	"aisle/services/state"
)

// benchPartitions and benchKeys are about what a lane commits at some thousand
// events a second.
const (
	benchPartitions = 4
	benchKeys       = 10
)

var profile = make([]byte, 300)

func benchStore(b *testing.B) *state.Store {
	b.Helper()
	s, err := state.Open(b.Context(), state.Config{Dir: b.TempDir(), URL: os.Getenv("AISLE_TEST_REDIS")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

func benchReads() []state.Read {
	var reads []state.Read
	for p := range benchPartitions {
		r := state.Read{Partition: 1000 + p}
		for k := range benchKeys {
			r.Keys = append(r.Keys, state.Key(r.Partition, "profile", fmt.Sprint(k)))
		}
		reads = append(reads, r)
	}
	return reads
}

// BenchmarkCommit is one cycle of a lane: what it reads, and what it writes as
// one for each partition; by a script (what Commit does), and by the WATCH and
// EXEC that docs/adr/0001 compares it with.
func BenchmarkCommit(b *testing.B) {
	s, reads := benchStore(b), benchReads()
	values := make([][]byte, benchKeys)
	for i := range values {
		values[i] = profile
	}
	b.Run("script", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			loaded, err := s.Load(b.Context(), "script", reads)
			if err != nil {
				b.Fatal(err)
			}
			var commits []state.Commit
			for i, r := range reads {
				commits = append(commits, state.Commit{Partition: r.Partition, From: loaded[i].Offset, To: loaded[i].Offset + 1, Keys: r.Keys, Values: values, Outbox: profile})
			}
			if err := s.Commit(b.Context(), "script", commits); err != nil {
				b.Fatal(err)
			}
		}
	})
	// One transaction for all partitions on one connection: it is fenced as a
	// whole, and impossible in a cluster.
	b.Run("watch/all", func(b *testing.B) {
		conn := s.Client().(*redis.Client).Conn()
		defer conn.Close()
		for range b.N {
			watchCommit(b, conn, reads)
		}
	})
	// One transaction for each partition: each is fenced, in a cluster too, but
	// EXEC drops the WATCHes of the others, so each takes its own round trips.
	b.Run("watch/each", func(b *testing.B) {
		conn := s.Client().(*redis.Client).Conn()
		defer conn.Close()
		for range b.N {
			for i := range reads {
				watchCommit(b, conn, reads[i:i+1])
			}
		}
	})
}

func watchCommit(b *testing.B, conn *redis.Conn, reads []state.Read) {
	pipe := conn.Pipeline()
	watch := []any{"watch"}
	for _, r := range reads {
		watch = append(watch, state.Key(r.Partition, "offset", "watch"))
	}
	pipe.Do(b.Context(), watch...)
	for _, r := range reads {
		pipe.MGet(b.Context(), append([]string{state.Key(r.Partition, "offset", "watch")}, r.Keys...)...)
	}
	if _, err := pipe.Exec(b.Context()); err != nil {
		b.Fatal(err)
	}
	tx := conn.TxPipeline()
	for _, r := range reads {
		for _, k := range r.Keys {
			tx.Set(b.Context(), k, profile, 0)
		}
		tx.Incr(b.Context(), state.Key(r.Partition, "offset", "watch"))
		tx.Set(b.Context(), state.Key(r.Partition, "outbox", "watch"), profile, 0)
	}
	if _, err := tx.Exec(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkLoad(b *testing.B) {
	s, reads := benchStore(b), benchReads()
	for range b.N {
		if _, err := s.Load(b.Context(), "g", reads); err != nil {
			b.Fatal(err)
		}
	}
}

package main

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/stream"
)

// Originals lie on many partitions, and are asked for in the order in which they
// came, each once: what a shopper said before is heard before.
func TestReplayKeepsTheOrder(t *testing.T) {
	log, err := stream.Open(t.Context(), stream.Config{Dir: t.TempDir(), Partitions: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	const all = 300
	began := time.Now().Add(-time.Hour)
	var records []stream.Record
	for i := range all {
		id := fmt.Sprintf("request-%03d", i)
		records = append(records, stream.Record{
			Stream: stream.Originals, Key: []byte(id), Value: []byte("{}"),
			Headers: stream.Headers(id, "test", []string{"segment/web", "segment/app"}[i%2], began.Add(time.Duration(i)*time.Second), ""),
		})
	}
	if err := log.Produce(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
	if n, err := replayOriginals(t.Context(), log, log, "segment/web", began.Add(50*time.Second)); err != nil || n != (all-50)/2 {
		t.Fatalf("%d asked for, %v; want those of the source since then", n, err)
	}
	var got []string
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	err = log.Tail(ctx, stream.Quarantine, -1, func(_ context.Context, records []stream.Record) error {
		for i := range records {
			var asked offers.Replay
			if err := records[i].Decode(&asked); err != nil {
				return err
			}
			got = append(got, asked.Quarantined.ID)
		}
		return nil
	}, stop)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != (all-50)/2 || !slices.IsSorted(got) {
		t.Errorf("asked for %d, sorted %v: %v", len(got), slices.IsSorted(got), got)
	}
}

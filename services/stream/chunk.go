package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

// Span is what a partition holds now: the offset of its first record, and the
// one behind its last.
func (l *Log) Span(ctx context.Context, stream string, partition int) (first, end int64, err error) {
	p, err := l.partition(stream, partition)
	if err != nil {
		return 0, 0, fmt.Errorf("span: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	err = l.retry(ctx, "span", func() error {
		spans, err := l.offsets(ctx, []Partition{p})
		first, end = spans[p].first, spans[p].last
		return err
	})
	return first, end, err
}

// Chunk is what a partition holds from an offset on and before end, in order: as
// much as one answer takes, at least one record if there is one. Where retention
// has passed the offset, it begins with what is left. Errors: ErrUnavailable.
func (l *Log) Chunk(ctx context.Context, stream string, partition int, offset, end int64) (chunk []Record, err error) {
	p, err := l.partition(stream, partition)
	if err != nil {
		return nil, fmt.Errorf("chunk: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	err = l.retry(ctx, "chunk", func() error {
		chunk, err = l.read(ctx, p, offset, end, partitionBytes)
		if errors.Is(err, kafka.OffsetOutOfRange) {
			spans, failed := l.offsets(ctx, []Partition{p})
			if failed != nil {
				return failed
			}
			chunk, err = l.read(ctx, p, max(offset, spans[p].first), end, partitionBytes)
		}
		return err
	})
	for i := range chunk {
		if chunk[i].Offset >= end {
			chunk = chunk[:i]
			break
		}
	}
	return chunk, err
}

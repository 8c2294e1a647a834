package stream

import (
	"context"
	"fmt"
	"time"
)

// Since is the offset of the first record of a partition that the log has of a
// time or later, and the end of the partition if there is none yet. Records
// before it may have gone: Span says where the partition begins. Errors:
// ErrUnavailable.
func (l *Log) Since(ctx context.Context, stream string, partition int, at time.Time) (offset int64, err error) {
	p, err := l.partition(stream, partition)
	if err != nil {
		return 0, fmt.Errorf("since: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	err = l.retry(ctx, "since", func() error {
		if offset, err = l.offset(ctx, p, max(at.UnixMilli(), 0)); err == nil && offset < 0 {
			var spans map[Partition]span
			spans, err = l.offsets(ctx, []Partition{p})
			offset = spans[p].last
		}
		return err
	})
	return offset, err
}

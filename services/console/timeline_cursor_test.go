package console

import (
	"errors"
	"testing"

	"aisle/offers"
)

// What a client sends as a cursor is refused, or leads to places that there are;
// what a page would write of these is read as them again.
func FuzzTimelineCursor(f *testing.F) {
	const partitions = 8
	for _, cursor := range []string{"", "0.3.1200-1.3.40", "2.7.9223372036854775807", "0.0.-1", "3.0.1", "0.8.1", "+1.0.5", "0.0.1-", "0..1", "0.0.99999999999999999999"} {
		f.Add(cursor)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		readers, err := readTimelineCursor(cursor, partitions)
		if err != nil {
			if !errors.Is(err, offers.ErrInvalid) {
				t.Errorf("%q: %v, want it to be invalid", cursor, err)
			}
			return
		}
		for _, r := range readers {
			if r.stream < 0 || r.stream >= len(timelineStreams) || r.partition < 0 || r.partition >= partitions || r.end < 0 {
				t.Fatalf("%q leads to %+v", cursor, *r)
			}
		}
		written := (&timelineOf{readers: readers}).cursor()
		if written == "" {
			return // all are at the beginning of the log
		}
		again, err := readTimelineCursor(written, partitions)
		if err != nil {
			t.Fatalf("%q is written as %q: %v", cursor, written, err)
		}
		if got := (&timelineOf{readers: again}).cursor(); got != written {
			t.Errorf("%q is written as %q, and that as %q", cursor, written, got)
		}
	})
}

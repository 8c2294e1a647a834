package formats

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"aisle/offers"
)

// Oldest is the earliest time that an event can be of.
var Oldest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// stamp gives the event its time, the client's clock corrected as Segment does:
// timestamp = receivedAt − (sentAt − originalTimestamp). It says what is wrong
// with a time that cannot be.
func (o *Origin) stamp(e *offers.Event, m *Message) (clamped bool, wrong string) {
	e.Time = o.Received
	said := m.OriginalTimestamp
	if said == "" {
		said = m.Timestamp
	}
	// Where a call has two, the time is not the client's clock's: a server wrote
	// when it happened (RudderStack's), or it was corrected already (Segment's).
	both := m.Timestamp != "" && m.OriginalTimestamp != "" && m.Timestamp != m.OriginalTimestamp
	if both {
		said = m.Timestamp
	}
	if said == "" {
		return false, ""
	}
	at, ok := ParseTime(string(said))
	if !ok {
		return false, fmt.Sprintf("timestamp %.40q is not a time: want 2006-01-02T15:04:05.000Z.", said)
	}
	sentAt := m.SentAt
	if sentAt == "" {
		sentAt = o.SentAt
	}
	sent, ok := ParseTime(string(sentAt))
	corrected := ok && sent.After(Oldest) && !both
	e.Time = at
	if corrected {
		e.Time = o.Received.Add(-sent.Sub(at))
	}
	switch {
	case at.Before(Oldest) || e.Time.Before(Oldest):
		return false, fmt.Sprintf("timestamp %.40q is before the year 2000.", said)
	case e.Time.Sub(o.Received) > 24*time.Hour:
		return false, fmt.Sprintf("timestamp %.40q is more than a day in the future.", said)
	case e.Time.After(o.Received):
		e.Time = o.Received
		return true, ""
	}
	return false, ""
}

// ParseTime reads the spellings that clients have for a time.
func ParseTime(s string) (time.Time, bool) {
	if s == "" {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(n) > 1e14 || math.IsNaN(n) {
		return time.Time{}, false
	}
	if math.Abs(n) > 1e11 {
		return time.UnixMilli(int64(n)).UTC(), true
	}
	return time.UnixMilli(int64(n * 1000)).UTC(), true
}

package console

import (
	"testing"
	"time"
)

func TestAttemptsSayHowLongToWait(t *testing.T) {
	a, began := newAttempts(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	try := func(after time.Duration) string {
		if err := a.begin("mia@example.com", "192.0.2.1", began.Add(after)); err != nil {
			return err.Error()
		}
		return ""
	}
	for i := range attemptsPerAddress {
		if got := try(time.Duration(i) * time.Second); got != "" {
			t.Fatalf("attempt %d: %s", i+1, got)
		}
	}
	if got, want := try(20*time.Second), "too many attempts: try again in 40 seconds"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := try(attemptsWithin-time.Second/2), "too many attempts: try again in 1 second"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := try(attemptsWithin + time.Millisecond); got != "" {
		t.Errorf("after the wait: %s", got)
	}
	if got, want := (tooManyError{time.Hour}).Error(), "too many attempts: try again in 60 minutes"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestRunStopsUpstreamFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var stopped []string
		draining := func(name string) service {
			return service{name, func(ctx context.Context) error {
				<-ctx.Done()
				time.Sleep(time.Second)
				mu.Lock()
				defer mu.Unlock()
				stopped = append(stopped, name)
				return nil
			}}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := run(ctx, slog.New(slog.DiscardHandler), draining("door"), draining("decider"), draining("notifier")); err != nil {
			t.Error(err)
		}
		if want := []string{"door", "decider", "notifier"}; !slices.Equal(stopped, want) {
			t.Errorf("stopped in order %v, want %v", stopped, want)
		}
	})
}

func TestRunEndsWhenOneFails(t *testing.T) {
	boom := errors.New("boom")
	waits := service{"waits", func(ctx context.Context) error { <-ctx.Done(); return nil }}
	tests := []struct {
		name string
		last service
		want string
	}{
		{"by an error", service{"bad", func(context.Context) error { time.Sleep(time.Hour); return boom }}, "bad: boom"},
		{"by ending unasked", service{"bad", func(context.Context) error { return nil }}, "bad: ended unasked"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := run(t.Context(), slog.New(slog.DiscardHandler), waits, tt.last)
				if err == nil || err.Error() != tt.want {
					t.Errorf("run = %v, want %q", err, tt.want)
				}
			})
		})
	}
}

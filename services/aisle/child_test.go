package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// OpenCV may abort the cameras' process at any time: it is started again, and
// ends with the house.
func TestTheCamerasProcessIsStartedAgain(t *testing.T) {
	runs := filepath.Join(t.TempDir(), "runs")
	c := &child{path: "/bin/sh", args: []string{"-c", `echo run >>"$0"; kill -ABRT $$`, runs}, logger: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.run(ctx) }()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if b, _ := os.ReadFile(runs); strings.Count(string(b), "run") >= 2 { // not there before the first
			break
		}
		if time.Now().After(end) {
			t.Fatal("it was not started again within 20 s")
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

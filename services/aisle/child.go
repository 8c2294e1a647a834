package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// child is the vision process. OpenCV can abort a process, so it has one of
// its own; the house goes on when it dies, and starts it again.
type child struct {
	path   string
	args   []string
	env    []string
	logger *slog.Logger
}

const (
	childBackoff    = time.Second
	childBackoffMax = 30 * time.Second
	childSteady     = time.Minute // a run this long was a good one: the backoff begins anew
)

// findVision looks for the vision program beside this one, then on the PATH.
func findVision() (string, error) {
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), "aisle-vision")
		if _, err := os.Stat(beside); err == nil {
			return beside, nil
		}
	}
	path, err := exec.LookPath("aisle-vision")
	if err != nil {
		return "", fmt.Errorf("no aisle-vision beside this program or on the PATH; `make build` makes it: %w", err)
	}
	return path, nil
}

// run keeps the child alive until ctx ends. The child also ends by itself when
// its standard input closes, so that it never outlives a killed parent.
func (c *child) run(ctx context.Context) error {
	backoff := childBackoff
	for {
		began := time.Now()
		err := c.once(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(began) > childSteady {
			backoff = childBackoff
		}
		c.logger.Error("vision process ended; the rest goes on", "err", err, "again_in", backoff)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(backoff):
		}
		backoff = min(2*backoff, childBackoffMax)
	}
}

func (c *child) once(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, c.path, c.args...)
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	defer in.Close()
	if err := cmd.Start(); err != nil {
		return err
	}
	err = cmd.Wait()
	if err == nil {
		err = errors.New("ended unasked")
	}
	return err
}

// visionAway answers for the vision process while it cannot.
func visionAway(w http.ResponseWriter, _ *http.Request, _ error) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Retry-After", "2")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(w, `{"type":"about:blank","title":"Service Unavailable","status":503,`+
		`"detail":"The cameras' process does not answer now. Try again in a moment."}`)
}

package again_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"aisle/services/again"
)

// A row of failures is said once, and once that it is over.
func TestEverySaysWhatChanges(t *testing.T) {
	var said bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	times := 0
	again.Every(ctx, time.Millisecond, slog.New(slog.NewTextHandler(&said, nil)), "counting", func(context.Context) error {
		switch times++; {
		case times == 6:
			cancel()
			return ctx.Err() // what ends is no failure
		case times > 1 && times < 4:
			return errors.New("down")
		}
		return nil
	})
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	if times != 6 || len(lines) != 2 || !strings.Contains(lines[0], "what=counting works=false err=down") || !strings.Contains(lines[1], "works=true") {
		t.Errorf("%d times, and said:\n%s", times, said.String())
	}
}

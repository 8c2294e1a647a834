//go:build gocv

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"aisle/offers"
)

// tryCommand is the argument by which this program tries models for itself.
const tryCommand = "try-models"

const tryPatience = time.Minute

// tryModels loads nets and looks at drawn faces in a process of its own first:
// OpenCV ends the process at a net of which it cannot make sense, though its
// file is the one that was meant. The error is in words either way.
func tryModels(c *Config) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("models: %w: %w", offers.ErrUnavailable, err)
	}
	config, err := json.Marshal(Config{Detector: c.Detector, Describer: c.Describer})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), tryPatience)
	defer cancel()
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, self, tryCommand)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(config), &said
	err = cmd.Run()
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	switch exit, ok := errors.AsType[*exec.ExitError](err); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("models: %w: OpenCV is not done with them after %v", offers.ErrInvalid, tryPatience)
	case ok && exit.ExitCode() == 1:
		return fmt.Errorf("models: %w: %s", offers.ErrInvalid, strings.TrimPrefix(lines[len(lines)-1], "aisle-vision: "))
	}
	why := ""
	for _, line := range lines { // C++ says what it threw before it ends
		if strings.Contains(line, "error: (") || strings.Contains(line, "what():") {
			why = ": " + strings.TrimSpace(line)
			break
		}
	}
	return fmt.Errorf("models: %w: OpenCV cannot use them, and ended the process that tried (%w)%s", offers.ErrInvalid, err, why)
}

// try is that process.
func try(stdin io.Reader) error {
	var c Config
	if err := json.NewDecoder(stdin).Decode(&c); err != nil {
		return fmt.Errorf("models: %w: %w", offers.ErrInvalid, err)
	}
	_, err := loadEngine(&c)
	return err
}

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
)

// facesEvaluation is measured by the vision program: this one is built without
// OpenCV.
const facesEvaluation = "faces"

// evalFaces has aisle-vision measure how well faces are known, with its flags.
func evalFaces(ctx context.Context, data string, args []string) error {
	path, err := findVision()
	if err != nil {
		return fmt.Errorf("evaluate faces: %w", err)
	}
	cmd := exec.CommandContext(ctx, path, append([]string{"eval", "-data", data}, args...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("evaluate faces: %s: %w", path, err)
	}
	return nil
}

// Package pass is the ticket by which a browser may do one thing with one
// camera until a time: look at a picture of it, to show it the floor, or be it.
// The house writes passes with the key that it shares with its cameras'
// processes, which check them without asking.
package pass

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
)

// Purpose is what a pass is for.
type Purpose string

// Purposes.
const (
	Look Purpose = "look" // at a picture of the camera
	Send Purpose = "send" // pictures as the camera
)

// Write makes a pass. It names nothing: who has it says which camera.
func Write(key []byte, purpose Purpose, camera offers.CameraID, until time.Time) string {
	end := strconv.FormatInt(until.Unix(), 10)
	return end + "." + base64.RawURLEncoding.EncodeToString(mac(key, purpose, camera, end))
}

// Check tells whether a pass is for this. The error is ErrDenied.
func Check(key []byte, purpose Purpose, camera offers.CameraID, pass string, now time.Time) error {
	end, sum, _ := strings.Cut(pass, ".")
	got, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil || !hmac.Equal(got, mac(key, purpose, camera, end)) {
		return fmt.Errorf("pass: %w: it is not for this camera", offers.ErrDenied)
	}
	until, err := strconv.ParseInt(end, 10, 64)
	if err != nil || !now.Before(time.Unix(until, 0)) {
		return fmt.Errorf("pass: %w: its time is over", offers.ErrDenied)
	}
	return nil
}

// mac keeps the three apart: no purpose and no time has a line's end in it.
func mac(key []byte, purpose Purpose, camera offers.CameraID, end string) []byte {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "aisle camera pass 1\n%s\n%s\n%s", purpose, end, camera)
	return h.Sum(nil)
}

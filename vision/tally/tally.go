// Package tally is how the cameras' process answers for itself: every minute it
// writes a line for each camera, how many faces passed and what became of them,
// and signs it. Anybody who has the process's public key can check the line, and
// that none is missing between two.
//
// Its rules: a line names nobody. The line is what is signed, letter by letter,
// so that what people read is what the signature is about. Each line of a run
// carries its number and the digest of the one before.
package tally

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"aisle/offers"
)

// Counts are what became of faces, and of the people that they belong to.
type Counts struct {
	Seen      int `json:"seen"`      // faces in frames
	Poor      int `json:"too_poor"`  // of these, too small, dark, blurred or turned to be described
	Matched   int `json:"matched"`   // people who were named: they enrolled
	Unknown   int `json:"unknown"`   // people who went as strangers
	Discarded int `json:"discarded"` // vectors of passing faces that were forgotten: all but those by which somebody was named
}

// Plus is the sum of both.
func (c Counts) Plus(d Counts) Counts {
	return Counts{c.Seen + d.Seen, c.Poor + d.Poor, c.Matched + d.Matched, c.Unknown + d.Unknown, c.Discarded + d.Discarded}
}

// Minus is what came since before.
func (c Counts) Minus(before Counts) Counts {
	return c.Plus(Counts{-before.Seen, -before.Poor, -before.Matched, -before.Unknown, -before.Discarded})
}

// Line is what one camera counted from one time until another.
type Line struct {
	Camera      offers.CameraID
	From, Until time.Time // whole seconds
	Counts
	Run    time.Time // when the process began; whole milliseconds
	Number int       // of this run and camera, from 1
	After  string    // digest of the line before, empty for the first
	Key    string    // Fingerprint of the public key
}

const form = "aisle-camera/1 camera=%s from=%s until=%s seen=%d too_poor=%d matched=%d unknown=%d discarded=%d run=%d line=%d after=%s key=%s"

// String is the line as it is signed.
func (l Line) String() string {
	after := l.After
	if after == "" {
		after = "-"
	}
	return fmt.Sprintf(form, l.Camera, l.From.UTC().Format(time.RFC3339), l.Until.UTC().Format(time.RFC3339),
		l.Seen, l.Poor, l.Matched, l.Unknown, l.Discarded, l.Run.UnixMilli(), l.Number, after, l.Key)
}

// Signed is a line with its signature (Ed25519 over its letters).
type Signed struct {
	Line      string `json:"line"`
	Signature []byte `json:"signature"`
}

// Digest is how the next line names this one.
func (s Signed) Digest() string {
	sum := sha256.Sum256([]byte(s.Line))
	return hex.EncodeToString(sum[:12])
}

// Fingerprint is how lines name a public key.
func Fingerprint(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8])
}

// maxLine bounds what is read as one.
const maxLine = 1024

// Parse reads a line, whose signature is not looked at. The error is ErrInvalid
// for whatever String would not have written.
func Parse(line string) (Line, error) {
	var l Line
	var from, until string
	var run int64
	wrong := func(why any) (Line, error) {
		return Line{}, fmt.Errorf("counters: %w: this is no line of a camera: %v", offers.ErrInvalid, why)
	}
	if len(line) > maxLine {
		return wrong("it is too long")
	}
	if _, err := fmt.Sscanf(line, form, &l.Camera, &from, &until, &l.Seen, &l.Poor, &l.Matched, &l.Unknown, &l.Discarded, &run, &l.Number, &l.After, &l.Key); err != nil {
		return wrong(err)
	}
	var err error
	if l.From, err = time.Parse(time.RFC3339, from); err != nil {
		return wrong(err)
	}
	if l.Until, err = time.Parse(time.RFC3339, until); err != nil {
		return wrong(err)
	}
	l.Run, l.After = time.UnixMilli(run).UTC(), strings.TrimPrefix(l.After, "-")
	switch {
	case l.String() != line: // spaces, signs, zeros: the letters are what counts
		return wrong("it is written otherwise")
	case min(l.Seen, l.Poor, l.Matched, l.Unknown, l.Discarded) < 0 || l.Number < 1 || !l.From.Before(l.Until):
		return wrong("its numbers cannot be")
	}
	return l, nil
}

// Verify reads a line and checks that the owner of the key signed it. ErrInvalid:
// it is no line; ErrDenied: the signature or the key is another.
func Verify(public ed25519.PublicKey, s Signed) (Line, error) {
	l, err := Parse(s.Line)
	if err != nil {
		return Line{}, err
	}
	if len(public) != ed25519.PublicKeySize || l.Key != Fingerprint(public) || !ed25519.Verify(public, []byte(s.Line), s.Signature) {
		return Line{}, fmt.Errorf("counters: %w: the line was not signed with this key", offers.ErrDenied)
	}
	return l, nil
}

// Follows tells whether next comes right after s, with no line between: of the
// same camera, run and key.
func (s Signed) Follows(next Line) bool {
	l, err := Parse(s.Line)
	return err == nil && l.Camera == next.Camera && l.Key == next.Key && l.Run.Equal(next.Run) && l.Number+1 == next.Number && s.Digest() == next.After
}

// Signer writes the lines of one run of a process. Not safe for concurrent use.
type Signer struct {
	key    ed25519.PrivateKey
	run    time.Time
	before map[offers.CameraID]before
}

type before struct {
	number int
	digest string
}

// NewSigner signs with the key of a seed of 32 bytes; run is when the process
// began.
func NewSigner(seed []byte, run time.Time) (*Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("counters: %w: a key of %d bytes, want %d", offers.ErrInvalid, len(seed), ed25519.SeedSize)
	}
	return &Signer{ed25519.NewKeyFromSeed(seed), run.Truncate(time.Millisecond), map[offers.CameraID]before{}}, nil
}

// Public is the key by which the lines are checked.
func (s *Signer) Public() ed25519.PublicKey { return s.key.Public().(ed25519.PublicKey) }

// Sign writes the next line of a camera.
func (s *Signer) Sign(camera offers.CameraID, from, until time.Time, c Counts) Signed {
	was := s.before[camera]
	line := Line{Camera: camera, From: from, Until: until, Counts: c, Run: s.run, Number: was.number + 1, After: was.digest, Key: Fingerprint(s.Public())}
	signed := Signed{Line: line.String()}
	signed.Signature = ed25519.Sign(s.key, []byte(signed.Line))
	s.before[camera] = before{line.Number, signed.Digest()}
	return signed
}

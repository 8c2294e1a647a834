//go:build gocv

package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"aisle/offers"
	"aisle/vision"
	"aisle/vision/drawn"
	"aisle/vision/tally"
)

// engine is the one detector and the one describer that all cameras and
// enrolments take turns with: neither may be used twice at a time, and one core
// is what the process is to take.
type engine struct {
	mu        sync.Mutex // guards the two below
	detector  vision.Detector
	describer vision.Describer
	limits    vision.Limits
}

// newEngine loads what was configured, and tests it.
func newEngine(c *Config) (*engine, error) {
	if c.Detector.Kind != "haar" || c.Describer.Kind != "lbp" {
		if err := tryModels(c); err != nil {
			return nil, err
		}
	}
	return loadEngine(c)
}

func loadEngine(c *Config) (*engine, error) {
	e := &engine{limits: c.Describer.limits()}
	switch c.Detector.Kind {
	case "haar":
		if err := checkCascade(c.Detector.Path, c.Detector.SHA256); err != nil {
			return nil, err
		}
		h, err := vision.NewHaar(c.Detector.Path)
		if err != nil {
			return nil, err
		}
		e.detector = h
	case "yunet":
		model, err := readModel("detector", c.Detector.Path, c.Detector.SHA256)
		if err != nil {
			return nil, err
		}
		y, err := vision.NewYuNet(model, c.Detector.Score)
		if err != nil {
			return nil, err
		}
		e.detector = y
	}
	switch c.Describer.Kind {
	case "lbp":
		e.describer = vision.LBP{Points: c.Detector.Kind == "yunet"}
	case "net", "sface":
		model, err := readModel("describer", c.Describer.Path, c.Describer.SHA256)
		if err != nil {
			return nil, err
		}
		read := vision.NewNet
		if c.Describer.Kind == "sface" {
			read = vision.NewSFace
		}
		n, err := read(c.Describer.Model, model)
		if err != nil {
			return nil, err
		}
		e.describer = n
	}
	return e, e.test()
}

func (e *engine) colour() bool { return e.detector.NeedsColour() || e.describer.NeedsColour() }

// decode reads a picture from outside.
func (e *engine) decode(jpeg []byte, at time.Time) (*vision.Frame, error) {
	p, err := vision.CheckJPEG(jpeg)
	if err != nil {
		return nil, err
	}
	return vision.Decode(p, e.colour(), at)
}

// test looks at faces of nobody: both parts must do what they are for before a
// camera depends on them.
func (e *engine) test() error {
	describe := func(person, look int) (vision.Vector, error) {
		jpeg, err := drawn.JPEG(drawn.Portraits(person, look+1)[look])
		if err != nil {
			return nil, err
		}
		f, err := e.decode(jpeg, time.Time{})
		if err != nil {
			return nil, err
		}
		faces, err := e.detector.Detect(f, 64)
		if err != nil {
			return nil, err
		}
		if len(faces) != 1 {
			return nil, fmt.Errorf("%w: the detector finds %d faces in a portrait", offers.ErrInvalid, len(faces))
		}
		return e.describer.Describe(f, faces[0])
	}
	one, err := describe(3, 0)
	if err != nil {
		return fmt.Errorf("self-test on a drawn face: %w", err)
	}
	same, err := describe(3, 1)
	if err != nil {
		return fmt.Errorf("self-test on a drawn face: %w", err)
	}
	other, err := describe(8, 0)
	if err != nil {
		return fmt.Errorf("self-test on a drawn face: %w", err)
	}
	if near, far := e.describer.Distance(one, same), e.describer.Distance(one, other); !(near < far) {
		return fmt.Errorf("self-test on drawn faces: %w: the same person is at %.3f and another at %.3f: detector and describer do not fit", offers.ErrInvalid, near, far)
	}
	return nil
}

// checkCascade looks at the file before OpenCV does, which would end the process
// at a broken one.
func checkCascade(path, sum string) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("detector: %w: there is no face cascade at %s; Debian's package opencv-data brings it: apt-get install opencv-data", offers.ErrNotFound, path)
	}
	if err != nil {
		return fmt.Errorf("detector: %w: %w", offers.ErrNotFound, err)
	}
	if err := checkSum("detector", b, sum); err != nil {
		return err
	}
	decoder := xml.NewDecoder(bytes.NewReader(b))
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	root := ""
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("detector: %s: %w: no cascade: %w", path, offers.ErrInvalid, err)
		}
		if start, ok := token.(xml.StartElement); ok && root == "" {
			root = start.Name.Local
		}
	}
	if root != "opencv_storage" || !bytes.Contains(b, []byte("<stageType>")) {
		return fmt.Errorf("detector: %s: %w: it is no cascade of OpenCV", path, offers.ErrInvalid)
	}
	return nil
}

// readModel reads a net and compares its sum: OpenCV ends the process at a net
// that it cannot make sense of.
func readModel(what, path, sum string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: the model is not there: %w", what, offers.ErrNotFound, err)
	}
	return b, checkSum(what, b, sum)
}

func checkSum(what string, b []byte, want string) error {
	sum := sha256.Sum256(b)
	if got := hex.EncodeToString(sum[:]); want != "" && !strings.EqualFold(got, want) {
		return fmt.Errorf("%s: %w: the file's sha256 is %s, not %s: it is not the one that was meant", what, offers.ErrInvalid, got, want)
	}
	return nil
}

// sealKey makes the key of the secret, or of one that is made at the first start
// and kept in the data folder.
func sealKey(c *Config) (key []byte, made bool, err error) {
	secret := c.SealKey
	if secret == "" {
		if secret, made, err = keptSecret(c.Data, "seal.key"); err != nil {
			return nil, false, err
		}
	}
	key, err = vision.SealKey(secret)
	return key, made, err
}

// keptSecret is what a file of the data folder holds, made at the first start.
func keptSecret(dir, name string) (secret string, made bool, err error) {
	path := filepath.Join(dir, name)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		b, made = []byte(rand.Text()+rand.Text()), true
		if err = os.MkdirAll(dir, 0o700); err == nil {
			err = os.WriteFile(path, b, 0o600)
		}
	}
	if err != nil {
		return "", false, fmt.Errorf("%s: %w: %w", name, offers.ErrUnavailable, err)
	}
	return strings.TrimSpace(string(b)), made, nil
}

// signer signs counters, with a key of this process's own that is made at the
// first start.
func signer(dir string, run time.Time) (*tally.Signer, error) {
	secret, _, err := keptSecret(dir, "counters.key")
	if err != nil {
		return nil, err
	}
	seed, err := hkdf.Key(sha256.New, []byte(secret), nil, "aisle counters 1", ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("counters.key: %w: %w", offers.ErrInvalid, err)
	}
	return tally.NewSigner(seed, run)
}

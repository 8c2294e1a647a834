package edge

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
)

// Spool keeps sightings on disk in the order in which they were given, from the
// moment when Append returns until Done. It survives kill -9 without a loss, and
// a power cut but for the last second.
//
// It is a row of files, each with a sighting a line and a checksum before it.
// What a crash cut off is passed over, and damaged lines are; files are never
// written to again by a later run. Where it holds more, or older ones, than it
// may, the oldest go: where somebody stands now matters more than where somebody
// stood. Not safe for concurrent use.
type Spool struct {
	dir      string
	limits   Limits
	segments []segment // oldest first
	open     *os.File  // of the last segment; nil: the next Append begins one
	dirty    bool      // open has what was not synced
	synced   time.Time // when that was done last
	bytes    int64
	held     int
	next     uint64
	read     []offers.Sighting // of the first segment, what is not done; nil: it was not read
	damaged  int               // lines that were passed over
}

// Limits of a spool.
type Limits struct {
	Bytes int64
	Age   time.Duration
}

type segment struct {
	number uint64
	size   int64
	held   int       // sightings
	last   time.Time // written to
}

const (
	segmentSuffix = ".sightings"
	segmentSize   = 256 << 10
	lineLimit     = 64 << 10
	syncEvery     = time.Second
)

// OpenSpool opens the folder, with what an earlier run left in it.
func OpenSpool(dir string, limits Limits) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
	}
	entries, err := os.ReadDir(dir) // by name, which is by number
	if err != nil {
		return nil, fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
	}
	s := &Spool{dir: dir, limits: limits, next: 1}
	for _, e := range entries {
		text, ok := strings.CutSuffix(e.Name(), segmentSuffix)
		n, err := strconv.ParseUint(text, 10, 64)
		if !ok || err != nil {
			continue
		}
		s.next = n + 1
		info, err := e.Info()
		if err != nil {
			continue // gone in the meantime
		}
		g := segment{number: n, size: info.Size(), last: info.ModTime()}
		found, err := s.load(g)
		if err != nil {
			return nil, err
		}
		if g.held = len(found); g.held == 0 {
			if err := os.Remove(s.path(n)); err != nil {
				return nil, fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
			}
			continue
		}
		s.segments, s.bytes, s.held = append(s.segments, g), s.bytes+g.size, s.held+g.held
	}
	return s, nil
}

func (s *Spool) path(number uint64) string {
	return filepath.Join(s.dir, fmt.Sprintf("%020d%s", number, segmentSuffix))
}

// Held is how many sightings wait.
func (s *Spool) Held() int { return s.held }

// Bytes is how much disk they take.
func (s *Spool) Bytes() int64 { return s.bytes }

// Damaged is how many lines were passed over so far.
func (s *Spool) Damaged() int { return s.damaged }

// Append keeps a sighting; dropped is how many older ones had to go for it. On
// an error, which is the disk's, nothing was kept.
func (s *Spool) Append(one offers.Sighting, now time.Time) (dropped int, err error) {
	body, err := json.Marshal(&one)
	if err != nil {
		return 0, fmt.Errorf("spool: %w: %w", offers.ErrInvalid, err)
	}
	line := fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(body), body)
	if s.open == nil || s.segments[len(s.segments)-1].size+int64(len(line)) > segmentSize {
		if err := s.begin(now); err != nil {
			return 0, err
		}
	}
	g := &s.segments[len(s.segments)-1]
	if _, err := s.open.Write(line); err != nil {
		// A part of the line may be there. What comes next goes to another file.
		return 0, errors.Join(fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err), s.seal())
	}
	g.size, g.held, g.last, s.dirty = g.size+int64(len(line)), g.held+1, now, true
	if now.Sub(s.synced) >= syncEvery {
		s.synced = now
		_ = s.Sync() // it survives the process all the same
	}
	s.bytes, s.held = s.bytes+int64(len(line)), s.held+1
	for s.bytes > s.limits.Bytes && len(s.segments) > 1 {
		n, err := s.drop()
		if dropped += n; err != nil {
			return dropped, err
		}
	}
	return dropped, nil
}

// begin opens another segment.
func (s *Spool) begin(now time.Time) error {
	if err := s.seal(); err != nil {
		return err
	}
	f, err := os.OpenFile(s.path(s.next), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
	}
	s.open, s.segments = f, append(s.segments, segment{number: s.next, last: now})
	s.next++
	return nil
}

// seal closes the segment that is written to.
func (s *Spool) seal() error {
	if s.open == nil {
		return nil
	}
	err := errors.Join(s.Sync(), s.open.Close())
	s.open = nil
	return err
}

// Sync makes what was kept survive a power cut.
func (s *Spool) Sync() error {
	if !s.dirty {
		return nil
	}
	s.dirty = false
	if err := s.open.Sync(); err != nil {
		return fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
	}
	return nil
}

// Expire lets sightings go that are older than they may be, a file at a time,
// and says how many.
func (s *Spool) Expire(now time.Time) (dropped int, err error) {
	for len(s.segments) > 0 && now.Sub(s.segments[0].last) > s.limits.Age {
		n, err := s.drop()
		if dropped += n; err != nil {
			return dropped, err
		}
	}
	return dropped, nil
}

// Batch is the oldest sightings, up to most, and of which file they are. None:
// the spool is empty.
func (s *Spool) Batch(most int) (batch []offers.Sighting, of uint64, err error) {
	for len(s.segments) > 0 {
		g := s.segments[0]
		if s.open != nil && len(s.segments) == 1 {
			if err := s.seal(); err != nil {
				return nil, 0, err
			}
		}
		if s.read == nil {
			if s.read, err = s.load(g); err != nil {
				return nil, 0, err
			}
			s.damaged += g.held - len(s.read) // since it was opened
			s.count(g, len(s.read))
		}
		if len(s.read) > 0 {
			return s.read[:min(most, len(s.read))], g.number, nil
		}
		if _, err := s.drop(); err != nil {
			return nil, 0, err
		}
	}
	return nil, 0, nil
}

// Done lets the first n of a Batch go. After Append or Expire dropped that file
// there is nothing left to do.
func (s *Spool) Done(of uint64, n int) error {
	if len(s.segments) == 0 || s.segments[0].number != of {
		return nil
	}
	s.read = s.read[n:]
	s.count(s.segments[0], len(s.read))
	if len(s.read) > 0 {
		return nil
	}
	_, err := s.drop()
	return err
}

// count notes how many the first segment holds.
func (s *Spool) count(first segment, held int) {
	s.held += held - first.held
	s.segments[0].held = held
}

// drop removes the oldest segment, and says how many sightings were in it.
func (s *Spool) drop() (int, error) {
	g := s.segments[0]
	if s.open != nil && len(s.segments) == 1 {
		if err := s.seal(); err != nil {
			return 0, err
		}
	}
	if err := os.Remove(s.path(g.number)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
	}
	s.segments, s.read = s.segments[1:], nil
	s.bytes, s.held = s.bytes-g.size, s.held-g.held
	return g.held, nil
}

// load reads a segment, and counts what is damaged in it when it is found at the
// start.
func (s *Spool) load(g segment) ([]offers.Sighting, error) {
	body, err := os.ReadFile(s.path(g.number))
	if errors.Is(err, fs.ErrNotExist) {
		return []offers.Sighting{}, nil // somebody tidied up: Batch counts what was in it
	}
	if err != nil {
		return nil, fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
	}
	found, damaged := []offers.Sighting{}, 0
	for line := range bytes.Lines(body) {
		one, err := parse(line)
		if err != nil {
			damaged++
			continue
		}
		found = append(found, one)
	}
	if g.held == 0 {
		s.damaged += damaged
	}
	return found, nil
}

var errDamaged = fmt.Errorf("spool: %w: the line is damaged", offers.ErrInvalid)

func parse(line []byte) (one offers.Sighting, err error) {
	sum, body, ok := bytes.Cut(line, []byte(" "))
	body, whole := bytes.CutSuffix(body, []byte("\n"))
	if !ok || !whole || len(line) > lineLimit {
		return one, errDamaged
	}
	want, err := strconv.ParseUint(string(sum), 16, 32)
	if err != nil || uint32(want) != crc32.ChecksumIEEE(body) {
		return one, errDamaged
	}
	if err := json.Unmarshal(body, &one); err != nil {
		return one, errDamaged
	}
	return one, nil
}

// Close closes the file that is written to; what is in the spool stays.
func (s *Spool) Close() error { return s.seal() }

// orDefault fills in what was not set.
func (l Limits) orDefault() Limits {
	return Limits{cmp.Or(l.Bytes, 64<<20), cmp.Or(l.Age, 48*time.Hour)}
}

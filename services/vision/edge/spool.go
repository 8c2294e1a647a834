package edge

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"aisle/offers"
)

// Spool keeps batches of sightings on disk, in order: a file each, numbered.
// When it holds more bytes than it may, the oldest go: where somebody stands now
// matters more than where somebody stood. Not safe for concurrent use.
type Spool struct {
	dir   string
	limit int64
	files []spooled // oldest first
	bytes int64
	next  uint64
}

type spooled struct {
	name string
	size int64
}

const spoolSuffix = ".sightings.json"

// OpenSpool opens the folder, with what an earlier run left in it.
func OpenSpool(dir string, limit int64) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
	}
	entries, err := os.ReadDir(dir) // by name, which is by number
	if err != nil {
		return nil, fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
	}
	s := &Spool{dir: dir, limit: limit}
	for _, e := range entries {
		number, ok := strings.CutSuffix(e.Name(), spoolSuffix)
		n, err := strconv.ParseUint(number, 10, 64)
		if !ok || err != nil {
			if strings.HasSuffix(e.Name(), ".part") {
				_ = os.Remove(filepath.Join(dir, e.Name())) // cut off by a crash, before it counted
			}
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue
		}
		s.files = append(s.files, spooled{e.Name(), info.Size()})
		s.bytes += info.Size()
		s.next = n + 1
	}
	return s, nil
}

// Empty tells whether all was handed on.
func (s *Spool) Empty() bool { return len(s.files) == 0 }

// Batches is how many wait.
func (s *Spool) Batches() int { return len(s.files) }

// Append keeps a batch; dropped is how many batches had to go for it. The batch
// survives the process, and a power cut but for the last seconds.
func (s *Spool) Append(batch []offers.Sighting) (dropped int, err error) {
	body, err := json.Marshal(batch)
	if err != nil {
		return 0, fmt.Errorf("spool: %w: %w", offers.ErrInvalid, err)
	}
	name := fmt.Sprintf("%020d%s", s.next, spoolSuffix)
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path+".part", body, 0o600); err != nil {
		return 0, fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return 0, fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
	}
	s.next++
	s.files = append(s.files, spooled{name, int64(len(body))})
	s.bytes += int64(len(body))
	for s.bytes > s.limit && len(s.files) > 1 {
		if err := s.Remove(); err != nil {
			return dropped, err
		}
		dropped++
	}
	return dropped, nil
}

// Oldest is the batch to hand on next. ErrInvalid: its file is damaged, and to be
// removed; ErrNotFound: there is none.
func (s *Spool) Oldest() ([]offers.Sighting, error) {
	if s.Empty() {
		return nil, fmt.Errorf("spool: %w: it is empty", offers.ErrNotFound)
	}
	body, err := os.ReadFile(filepath.Join(s.dir, s.files[0].name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("spool: %w: %w", offers.ErrInvalid, err)
	}
	if err != nil {
		return nil, fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
	}
	var batch []offers.Sighting
	if err := json.Unmarshal(body, &batch); err != nil {
		return nil, fmt.Errorf("spool: %s: %w: %w", s.files[0].name, offers.ErrInvalid, err)
	}
	return batch, nil
}

// Remove lets the oldest go.
func (s *Spool) Remove() error {
	if s.Empty() {
		return nil
	}
	err := os.Remove(filepath.Join(s.dir, s.files[0].name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("spool: %w: %w", offers.ErrUnavailable, err)
	}
	s.bytes -= s.files[0].size
	s.files = slices.Delete(s.files, 0, 1)
	return nil
}

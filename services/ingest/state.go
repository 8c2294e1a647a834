package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"aisle/offers"
	"aisle/services/formats/feed"
)

// headSize is how much of a file's beginning tells it from others, and tailSize
// how much before the place that was read up to.
const (
	headSize = 1024
	tailSize = 256
)

// Entry is how far one file has been read. A file is known by what is in it,
// not by its name: logs are renamed, packed and copied.
type Entry struct {
	ID      string     `json:"id"` // names its events; never changes
	Path    string     `json:"path"`
	To      string     `json:"to"`   // the door
	Feed    string     `json:"feed"` // the path of the door
	Device  uint64     `json:"device,omitempty"`
	Inode   uint64     `json:"inode,omitempty"`
	Head    int        `json:"head"`           // bytes of the beginning that were there at first
	HeadSum string     `json:"head_sum"`       // their SHA-256
	Tail    int        `json:"tail,omitempty"` // bytes before Offset
	TailSum string     `json:"tail_sum,omitempty"`
	Offset  int64      `json:"offset"`         // what lies before has been taken; of a table in Parquet the number of rows
	Open    int64      `json:"open,omitempty"` // bytes after Offset that were taken as a line without an end
	Sent    int64      `json:"sent"`           // the place that the last request reached
	Line    int64      `json:"line"`
	Updated time.Time  `json:"updated"`
	Counts  Counts     `json:"counts"`
	Plan    *feed.Plan `json:"plan,omitempty"`
}

// Counts are what became of lines.
type Counts struct {
	Lines       int64            `json:"lines"`
	Accepted    int64            `json:"accepted"`
	Repeated    int64            `json:"repeated,omitempty"`
	Quarantined map[string]int64 `json:"quarantined,omitempty"` // by reason
	Skipped     map[string]int64 `json:"skipped,omitempty"`     // by reason; bots too
	Drift       map[string]int64 `json:"drift,omitempty"`       // ways in which records were not as their parser has them
}

func (c *Counts) add(d Counts) {
	c.Lines += d.Lines
	c.Accepted += d.Accepted
	c.Repeated += d.Repeated
	c.Quarantined = sum(c.Quarantined, d.Quarantined)
	c.Skipped = sum(c.Skipped, d.Skipped)
	c.Drift = sum(c.Drift, d.Drift)
}

// sum is a new map: those of entries that wait to be saved stay as they are.
func sum(a, b map[string]int64) map[string]int64 {
	if len(b) == 0 {
		return a
	}
	all := make(map[string]int64, len(a)+len(b))
	for _, m := range []map[string]int64{a, b} {
		for k, n := range m {
			all[k] += n
		}
	}
	return all
}

func total(m map[string]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}

// maxEntries is how many files are remembered, those read last.
const maxEntries = 5_000

// saveEvery is how often progress is written while there is some.
const saveEvery = 250 * time.Millisecond

// progress is the file that says how far others have been read. Safe for
// concurrent use.
type progress struct {
	path string
	lock *os.File

	mu      sync.Mutex // guards all below
	entries []*Entry
	dirty   bool
	saved   time.Time
}

// openProgress reads the file, if it is there, and keeps others off it.
func openProgress(path string) (*progress, error) {
	p := &progress{path: path}
	if path == "" {
		return p, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("progress: %w: %w", offers.ErrUnavailable, err)
	}
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("progress: %w: %w; -state names another file", offers.ErrUnavailable, err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, fmt.Errorf("progress: %w: another aisle ingest works with %s; wait for it, or name another file by -state", offers.ErrConflict, path)
	}
	p.lock = lock
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		var in struct {
			Files []*Entry `json:"files"`
		}
		if err = json.Unmarshal(b, &in); err == nil {
			p.entries = slices.DeleteFunc(in.Files, func(e *Entry) bool { return e == nil || e.ID == "" })
			return p, nil
		}
	}
	lock.Close()
	return nil, fmt.Errorf("progress: %s: %w: %w; mend it, or remove it to read everything from the start", path, offers.ErrInvalid, err)
}

func (p *progress) close() error {
	err := p.save(true)
	if p.lock != nil {
		p.lock.Close()
	}
	return err
}

// put notes an entry. It is on disk when put returns if now is true, and soon
// otherwise.
func (p *progress) put(e Entry, now bool) error {
	p.mu.Lock()
	e.Updated = time.Now().UTC()
	if i := slices.IndexFunc(p.entries, func(o *Entry) bool { return o.ID == e.ID && o.To == e.To && o.Feed == e.Feed }); i >= 0 {
		p.entries = slices.Delete(p.entries, i, i+1)
	}
	p.entries = append(p.entries, &e)
	if over := len(p.entries) - maxEntries; over > 0 {
		p.entries = slices.Delete(p.entries, 0, over)
	}
	p.dirty = true
	due := now || time.Since(p.saved) >= saveEvery
	p.mu.Unlock()
	if !due {
		return nil
	}
	return p.save(now)
}

// save writes the file anew beside the old one and puts it in its place. With
// hard it is on the disk, not only on its way.
func (p *progress) save(hard bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.path == "" || !p.dirty {
		return nil
	}
	b, err := json.MarshalIndent(map[string]any{"files": p.entries}, "", " ")
	if err == nil {
		err = writeFile(p.path, b, hard)
	}
	if err != nil {
		return fmt.Errorf("progress: %w: %w", offers.ErrUnavailable, err)
	}
	p.dirty, p.saved = false, time.Now()
	return nil
}

func writeFile(path string, b []byte, hard bool) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil && hard {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// find is the entry of a file by what it holds; a new one where it is not
// known. A file that was written over after it was read is a new one.
func (p *progress) find(f *file, to, feed string) (Entry, error) {
	p.mu.Lock()
	entries := slices.Clone(p.entries)
	p.mu.Unlock()
	sums := map[int]string{}
	for _, e := range slices.Backward(entries) {
		if e.To != to || e.Feed != feed || e.Head > len(f.head) {
			continue
		}
		// A short beginning may be that of many, and so may the title line of a
		// table: without more to go by it must be the same file.
		if (e.Head < headSize && f.packing == "" || e.Tail == 0) && (e.Inode != f.inode || e.Device != f.device) {
			continue
		}
		if sums[e.Head] == "" {
			sums[e.Head] = hashOf(f.head[:e.Head])
		}
		if sums[e.Head] != e.HeadSum {
			continue
		}
		same, err := f.holds(e)
		if err != nil {
			return Entry{}, err
		}
		if same {
			found := *e
			found.Path, found.Inode, found.Device = f.path, f.inode, f.device
			return found, nil
		}
	}
	e := Entry{Path: f.path, To: to, Feed: feed, Device: f.device, Inode: f.inode, Head: len(f.head), HeadSum: hashOf(f.head)}
	for generation := 0; ; generation++ {
		e.ID = f.identity(generation)
		if !slices.ContainsFunc(entries, func(o *Entry) bool { return o.ID == e.ID && o.To == to && o.Feed == feed }) {
			return e, nil
		}
	}
}

// knows tells whether something has been read of a file that has this name, or
// had it before it was rotated.
func (p *progress) knows(path, to, feed string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.entries, func(e *Entry) bool {
		rest, had := strings.CutPrefix(e.Path, path)
		return had && (rest == "" || rotatedName.MatchString(rest)) && e.To == to && e.Feed == feed && e.Offset > 0
	})
}

func hashOf(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:16])
}

// holds tells whether the file has, before the place of an entry, what was read
// there.
func (f *file) holds(e *Entry) (bool, error) {
	if e.Offset == 0 || e.Tail == 0 {
		return true, nil
	}
	r, err := f.from(e.Offset - int64(e.Tail))
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer r.Close()
	tail := make([]byte, e.Tail)
	if _, err := io.ReadFull(r, tail); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return false, nil
		}
		return false, err
	}
	return hashOf(tail) == e.TailSum, nil
}

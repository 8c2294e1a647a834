package ingest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tail reads a file that is being written to. It waits at the end, until the
// file's name stands for another file, or until it was written over.
//
// It looks, it is not told: notices of the kernel do not come from network
// file systems, and get lost when a directory is renamed. A look each poll costs
// two system calls.
type tail struct {
	ctx     context.Context // io.Reader takes none
	file    *file
	at      int64
	poll    time.Duration
	grace   time.Duration
	idle    func() error // called at the end of what there is, before it waits
	last    []byte       // of what was read, to see whether it is still there
	changed time.Time    // when the file was, as last seen
	rotated time.Time    // since when the name has been another file's
	stopped bool         // ctx is over: what has no end yet is no record
}

// lastSize is how many bytes are compared before a file is read on.
const lastSize = 64

// Read implements io.Reader. At io.EOF nothing more will come from this file.
func (t *tail) Read(b []byte) (int, error) {
	for {
		n, err := t.file.ReadAt(b, t.at)
		// After the read: whoever writes over the file may do so at any moment.
		if t.overwritten(n) {
			return 0, io.EOF
		}
		if n > 0 {
			t.at += int64(n)
			t.last = append(t.last, b[max(0, n-lastSize):n]...)
			t.last = slices.Delete(t.last, 0, max(0, len(t.last)-lastSize))
			t.rotated = time.Time{}
			return n, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if err := t.idle(); err != nil {
			t.stopped = true
			return 0, err
		}
		select {
		case <-t.ctx.Done():
			t.stopped = true
			return 0, t.ctx.Err()
		case <-time.After(t.poll):
		}
		// Whoever writes may still hold the old file for a moment.
		switch {
		case !t.replaced():
			t.rotated = time.Time{}
		case t.rotated.IsZero():
			t.rotated = time.Now()
		case time.Since(t.rotated) >= t.grace:
			return 0, io.EOF
		}
	}
}

// overwritten tells whether what lay before the n bytes just read is no longer
// there: the file has been cut, and may have grown again.
func (t *tail) overwritten(n int) bool {
	info, err := t.file.handle.Stat()
	if err != nil || info.Size() < t.at {
		return true
	}
	if n == 0 && info.ModTime().Equal(t.changed) || len(t.last) == 0 {
		return false
	}
	t.changed = info.ModTime()
	was := make([]byte, len(t.last))
	_, err = t.file.handle.ReadAt(was, t.at-int64(len(was)))
	return err != nil || !bytes.Equal(was, t.last)
}

// replaced tells whether the file's name stands for another one. A name that
// is gone comes back.
func (t *tail) replaced() bool {
	info, err := os.Stat(t.file.path)
	if err != nil {
		return false
	}
	device, inode := numbers(info)
	return device != t.file.device || inode != t.file.inode
}

// rotatedName is how those that rotate logs rename them: by a number or a date,
// and packed later.
var rotatedName = regexp.MustCompile(`^[.-](\d{1,4}|\d{8}([-_T.]?\d{2,6})?|\d{4}-\d{2}-\d{2}([-_T.]\d{2,6})?)(\.log)?(\.gz|\.zst|\.bz2)?$`)

// olds are the files that a log was renamed to, the oldest first.
func olds(path string) []string {
	all, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	type old struct {
		path string
		at   time.Time
	}
	var found []old
	base := filepath.Base(path)
	for _, e := range all {
		rest, ok := strings.CutPrefix(e.Name(), base)
		if !ok || !rotatedName.MatchString(rest) {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			found = append(found, old{filepath.Join(filepath.Dir(path), e.Name()), info.ModTime()})
		}
	}
	// Times have steps of some milliseconds: then numbers tell, which grow with
	// age, and dates, which do not.
	slices.SortFunc(found, func(a, b old) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		x, y := numberOf(a.path), numberOf(b.path)
		if x < dated && y < dated {
			return cmp.Compare(y, x)
		}
		return strings.Compare(a.path, b.path)
	})
	paths := make([]string, len(found))
	for i, o := range found {
		paths[i] = o.path
	}
	return paths
}

// dated is beyond the numbers that logs are rotated by.
const dated = 10_000

// numberOf is the number behind a log's name.
func numberOf(path string) int {
	path = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), ".zst"), ".bz2")
	n, err := strconv.Atoi(path[strings.LastIndexAny(path, ".-")+1:])
	if err != nil {
		return dated
	}
	return n
}

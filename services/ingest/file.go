package ingest

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"aisle/offers"
)

// file is one that is read: by its handle, whatever becomes of its name.
type file struct {
	path    string
	handle  *os.File
	stdin   *bufio.Reader // instead of handle
	device  uint64
	inode   uint64
	size    int64 // when it was opened
	packing string
	head    []byte       // the beginning of what is in it
	read    atomic.Int64 // bytes of the handle that were read, for the progress
}

// The packings, by their first bytes.
const (
	packedGzip  = "gzip"
	packedZstd  = "zstd"
	packedBzip2 = "bzip2"
	parquetFile = "parquet"
)

var magics = []struct{ begins, packing string }{
	{"\x1f\x8b", packedGzip}, {"\x28\xb5\x2f\xfd", packedZstd}, {"BZh", packedBzip2}, {"PAR1", parquetFile},
}

// Stdin is the name of what comes by the standard input.
const Stdin = "-"

func openFile(path string) (*file, error) {
	h, err := os.Open(path)
	if err != nil {
		kind := offers.ErrUnavailable
		if errors.Is(err, fs.ErrNotExist) {
			kind = offers.ErrNotFound
		} else if errors.Is(err, fs.ErrPermission) {
			kind = offers.ErrDenied
		}
		return nil, fmt.Errorf("%w: %w", kind, err)
	}
	f := &file{path: path, handle: h}
	info, err := h.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = fmt.Errorf("%s: %w: is a folder; name the files in it", path, offers.ErrInvalid)
	case !info.Mode().IsRegular():
		// A pipe is read once, as the standard input is.
		f.stdin = bufio.NewReaderSize(h, 64<<10)
	}
	if err == nil {
		f.size = info.Size()
		f.device, f.inode = numbers(info)
		err = f.look()
	}
	if err != nil {
		h.Close()
		return nil, err
	}
	return f, nil
}

func openStdin(r io.Reader) (*file, error) {
	f := &file{path: Stdin, stdin: bufio.NewReaderSize(r, 64<<10)}
	return f, f.look()
}

func (f *file) Close() error {
	if f.handle == nil {
		return nil
	}
	return f.handle.Close()
}

// numbers are those of a file in its file system.
func numbers(info fs.FileInfo) (device, inode uint64) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Dev), s.Ino //nolint:unconvert // Dev is of another type elsewhere
	}
	return 0, 0
}

// look reads the beginning.
func (f *file) look() error {
	var first []byte
	if f.stdin != nil {
		first, _ = f.stdin.Peek(4)
	} else {
		first = make([]byte, 4)
		n, err := f.handle.ReadAt(first, 0)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: %w: %w", f.path, offers.ErrUnavailable, err)
		}
		first = first[:n]
	}
	for _, m := range magics {
		if bytes.HasPrefix(first, []byte(m.begins)) {
			f.packing = m.packing
		}
	}
	if f.stdin != nil {
		if f.packing == parquetFile {
			return fmt.Errorf("%w: a table in Parquet cannot be read from a pipe: its end is read first; give the file", offers.ErrInvalid)
		}
		if f.packing != "" {
			r, err := unpack(f.stdin, f.packing)
			if err != nil {
				return fmt.Errorf("%s: %w: %w", f.path, offers.ErrInvalid, err)
			}
			f.stdin = bufio.NewReaderSize(r, 64<<10)
		}
		f.head, _ = f.stdin.Peek(headSize)
		f.head = bytes.Clone(f.head)
		return nil
	}
	r, err := f.from(0)
	if err != nil {
		return err
	}
	defer r.Close()
	f.head = make([]byte, headSize)
	n, err := io.ReadFull(r, f.head)
	f.head = f.head[:n]
	f.read.Store(0)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: %w: %w", f.path, offers.ErrInvalid, err)
	}
	return nil
}

// identity names the file in the ids of its events: by its beginning, by where
// it lies, and by which of several it is that begin alike in one place.
func (f *file) identity(generation int) string {
	return hashOf(fmt.Appendf(bytes.Clone(f.head), "\x00%d %d %d", f.device, f.inode, generation))
}

// ReadAt implements io.ReaderAt, and counts.
func (f *file) ReadAt(b []byte, at int64) (int, error) {
	n, err := f.handle.ReadAt(b, at)
	if end := at + int64(n); end > f.read.Load() {
		f.read.Store(end)
	}
	return n, err
}

// from is what is in the file from a place on, up to where it ends now. Of the
// standard input that is what follows.
func (f *file) from(offset int64) (io.ReadCloser, error) {
	if f.stdin != nil {
		if _, err := io.CopyN(io.Discard, f.stdin, offset); err != nil {
			return nil, err
		}
		return io.NopCloser(f.stdin), nil
	}
	raw := io.NewSectionReader(f, 0, 1<<62)
	if f.packing == "" || f.packing == parquetFile {
		_, err := raw.Seek(offset, io.SeekStart)
		return io.NopCloser(raw), err
	}
	r, err := unpack(bufio.NewReaderSize(raw, 64<<10), f.packing)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", f.path, offers.ErrInvalid, err)
	}
	if _, err := io.CopyN(io.Discard, r, offset); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// maxWindow is how much memory a packed file may ask for.
const maxWindow = 64 << 20

func unpack(r io.Reader, packing string) (io.ReadCloser, error) {
	switch packing {
	case packedGzip:
		return gzip.NewReader(r)
	case packedZstd:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(2*maxWindow))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	default:
		return io.NopCloser(bzip2.NewReader(r)), nil
	}
}

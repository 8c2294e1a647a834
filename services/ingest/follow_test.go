package ingest_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aisle/offers"
	"aisle/services/collector"
	"aisle/services/ingest"
)

// following runs an ingester until the test ends it.
type following struct {
	t      testing.TB
	cancel context.CancelFunc
	done   chan error
	report *ingest.Report
}

func (h *house) follow(path string) *following {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	f := &following{t: h.t, cancel: cancel, done: make(chan error, 1)}
	go func() {
		var err error
		f.report, err = ingest.Run(ctx, ingest.Config{To: h.url, Key: key, Follow: true, Poll: 5 * time.Millisecond, Grace: 100 * time.Millisecond,
			State: filepath.Join(filepath.Dir(path), "state", "progress.json")}, []string{path})
		f.done <- err
	}()
	h.t.Cleanup(func() { cancel() })
	return f
}

func (f *following) stop() *ingest.Report {
	f.t.Helper()
	f.cancel()
	select {
	case err := <-f.done:
		must(f.t, err)
	case <-time.After(10 * time.Second):
		f.t.Fatal("it does not end")
	}
	if !f.report.Stopped {
		f.t.Error("the report does not say that it was ended")
	}
	return f.report
}

// until waits for so many pages on the log.
func (h *house) until(n int) {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		got := 0
		for _, e := range h.told() {
			if e[0].Type == offers.PageViewed {
				got++
			}
		}
		if got >= n {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("%d pages on the log, want %d", got, n)
		}
	}
}

func TestRotation(t *testing.T) {
	rename := func(t *testing.T, from, to string) { t.Helper(); must(t, os.Rename(from, to)) }
	// Each case writes pages 0 to 399, with something happening to the file
	// in between; seen is how many are on the log at that time.
	tests := []struct {
		name string
		do   func(t *testing.T, h *house, path string)
	}{
		{"grows by halves of lines", func(t *testing.T, _ *house, path string) {
			text := visits(0, 400)
			for len(text) > 0 {
				n := min(len(text), 997)
				extend(t, path, text[:n])
				text = text[n:]
				time.Sleep(3 * time.Millisecond)
			}
		}},
		{"renamed, and made anew", func(t *testing.T, h *house, path string) {
			for i := range 4 {
				extend(t, path, visits(i*100, i*100+100))
				h.until(i*100 + 50)
				if i < 3 {
					for j := 3; j > 0; j-- {
						from := path + "." + string(rune('0'+j))
						if _, err := os.Stat(from); err == nil {
							rename(t, from, path+"."+string(rune('0'+j+1)))
						}
					}
					rename(t, path, path+".1")
				}
			}
		}},
		{"renamed, and still written to", func(t *testing.T, h *house, path string) {
			extend(t, path, visits(0, 100))
			h.until(100)
			rename(t, path, path+".1")
			extend(t, path, visits(300, 400))
			extend(t, path+".1", visits(100, 200))
			time.Sleep(50 * time.Millisecond)
			extend(t, path+".1", visits(200, 300))
		}},
		{"copied, and cut", func(t *testing.T, h *house, path string) {
			for i := range 4 {
				extend(t, path, visits(i*100, i*100+100))
				if i == 3 {
					break
				}
				if i != 1 { // else some of it is only in the copy
					h.until(i*100 + 100)
				}
				b, err := os.ReadFile(path)
				must(t, err)
				must(t, os.WriteFile(path+"."+string(rune('3'-i)), b, 0o600))
				must(t, os.Truncate(path, 0))
				if i == 0 {
					time.Sleep(30 * time.Millisecond)
				}
			}
		}},
		{"gone for a while", func(t *testing.T, h *house, path string) {
			extend(t, path, visits(0, 200))
			h.until(200)
			must(t, os.Remove(path))
			time.Sleep(50 * time.Millisecond)
			extend(t, path, visits(200, 400))
		}},
		{"written over", func(t *testing.T, h *house, path string) {
			extend(t, path, visits(0, 100))
			h.until(100)
			write(t, path, visits(100, 400)) // longer than before, in the same place
		}},
		{"rotated twice at once", func(t *testing.T, h *house, path string) {
			extend(t, path, visits(0, 100))
			h.until(100)
			extend(t, path, visits(100, 200))
			rename(t, path, path+".2")
			extend(t, path, visits(200, 300))
			rename(t, path, path+".1")
			extend(t, path, visits(300, 400))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, collector.Config{})
			path := filepath.Join(t.TempDir(), "access.log")
			f := h.follow(path)
			tt.do(t, h, path)
			h.until(400)
			time.Sleep(200 * time.Millisecond) // would something come twice?
			r := f.stop()
			isAll(t, pages(t, h.once(offers.PageViewed)), 400)
			if r.Accepted != 400 || len(r.Quarantined) > 0 {
				t.Errorf("report %+v", r.Counts)
			}
		})
	}
}

// TestRotatedWhileAway stops the ingester, rotates the log twice and packs what
// was begun: started again it reads the rest of the packed file, the one after,
// and the present one.
func TestRotatedWhileAway(t *testing.T) {
	for _, packed := range []bool{false, true} {
		h := newHouse(t, collector.Config{})
		path := filepath.Join(t.TempDir(), "access.log")
		write(t, path+".7", visits(900, 950)) // of a time before: nobody asked for it
		f := h.follow(path)
		extend(t, path, visits(0, 100))
		h.until(100)
		// The last line is cut in two by the end.
		half := visit(100)
		extend(t, path, half[:40])
		time.Sleep(50 * time.Millisecond)
		f.stop()
		extend(t, path, half[40:]+visits(101, 200))
		b, err := os.ReadFile(path)
		must(t, err)
		if packed {
			write(t, path+".2.gz", gzipped(t, string(b)))
			must(t, os.Remove(path))
		} else {
			must(t, os.Rename(path, path+".2"))
		}
		old := time.Now().Add(-time.Hour)
		must(t, os.Chtimes(path+".7", old, old))
		write(t, path+".1", visits(200, 300))
		write(t, path, visits(300, 400))
		f = h.follow(path)
		h.until(400)
		time.Sleep(100 * time.Millisecond)
		f.stop()
		isAll(t, pages(t, h.once(offers.PageViewed)), 400)
	}
}

// TestBatchOfGrowingFiles runs once a day over a log that grows and is rotated,
// as from cron.
func TestBatchOfGrowingFiles(t *testing.T) {
	h := newHouse(t, collector.Config{})
	dir := t.TempDir()
	path := filepath.Join(dir, "access.log")
	c := ingest.Config{State: filepath.Join(dir, "state.json")}
	half := visit(100)
	write(t, path, visits(0, 100)+half[:50])
	r := h.run(c, path)
	if r.Accepted != 100 || r.Quarantined["schema"] != 1 {
		t.Errorf("the first day: %+v, want half a line in quarantine", r.Counts)
	}
	if r = h.run(c, path); r.Lines != 0 {
		t.Errorf("the same again: %+v, want nothing", r.Counts)
	}
	extend(t, path, half[50:]+visits(101, 200))
	if r = h.run(c, path); r.Accepted != 100 {
		t.Errorf("the second day: %+v", r.Counts)
	}
	must(t, os.Rename(path, path+".1"))
	write(t, path, visits(200, 300))
	if r = h.run(c, path, path+".1"); r.Accepted != 100 {
		t.Errorf("the third day: %+v", r.Counts)
	}
	write(t, path+".1.gz", gzipped(t, visits(0, 200)))
	must(t, os.Remove(path+".1"))
	if r = h.run(c, path, path+".1.gz"); r.Lines != 0 {
		t.Errorf("what was read, packed: %+v, want nothing", r.Counts)
	}
	isAll(t, pages(t, h.once(offers.PageViewed)), 300)
}

func TestStandardInput(t *testing.T) {
	h := newHouse(t, collector.Config{})
	for _, text := range []string{visits(0, 300), gzipped(t, visits(0, 300))} {
		h.run(ingest.Config{Stdin: strings.NewReader(text)}, "-")
	}
	isAll(t, pages(t, h.once(offers.PageViewed)), 300)
}

// TestRate sends no faster than it may.
func TestRate(t *testing.T) {
	h := newHouse(t, collector.Config{})
	began := time.Now()
	path := write(t, filepath.Join(t.TempDir(), "access.log"), visits(0, 300))
	h.run(ingest.Config{Rate: 400, Batch: 50}, path)
	if took := time.Since(began); took < 500*time.Millisecond {
		t.Errorf("300 records at 400/s took %v", took)
	}
}

// TestBusyDoor is a door that is away, busy, and in trouble before it answers.
func TestBusyDoor(t *testing.T) {
	h := newHouse(t, collector.Config{})
	var n atomic.Int64
	front := &proxy{to: h.url, before: func() int {
		switch n.Add(1) {
		case 1, 4:
			return 429
		case 2, 6:
			return 503
		case 5:
			return -1 // takes it, and its answer is lost
		}
		return 0
	}}
	url := front.start(t)
	path := write(t, filepath.Join(t.TempDir(), "access.log"), visits(0, 300))
	r, err := ingest.Run(context.Background(), ingest.Config{To: url, Key: key, Batch: 100}, []string{path})
	must(t, err)
	if r.Accepted+r.Repeated != 300 {
		t.Errorf("report %+v", r.Counts)
	}
	isAll(t, pages(t, h.once(offers.PageViewed)), 300)
}

func TestErrorsSayWhatToDo(t *testing.T) {
	h := newHouse(t, collector.Config{})
	dir := t.TempDir()
	log := write(t, filepath.Join(dir, "access.log"), visits(0, 10))
	broken := write(t, filepath.Join(dir, "cut.gz"), gzipped(t, visits(0, 5000))[:3000])
	tests := []struct {
		name  string
		c     ingest.Config
		paths []string
		kind  error
		want  string
	}{
		{"no key", ingest.Config{To: h.url}, []string{log}, offers.ErrDenied, "Sources"},
		{"a wrong key", ingest.Config{To: h.url, Key: "wk_wrong"}, []string{log}, offers.ErrDenied, "Sources"},
		{"no file", ingest.Config{To: h.url, Key: key}, []string{filepath.Join(dir, "none.log")}, offers.ErrNotFound, "none.log"},
		{"no files", ingest.Config{To: h.url, Key: key}, nil, offers.ErrInvalid, "name the files"},
		{"a folder", ingest.Config{To: h.url, Key: key}, []string{dir}, offers.ErrInvalid, "folder"},
		{"no such feed", ingest.Config{To: h.url, Key: key, Feed: "orders"}, []string{log}, offers.ErrNotFound, "orders"},
		{"cut short", ingest.Config{To: h.url, Key: key}, []string{broken}, offers.ErrInvalid, "cut.gz"},
		{"not a table", ingest.Config{To: h.url, Key: key, Ask: ingest.Ask{Format: "parquet"}}, []string{log}, offers.ErrInvalid, "Parquet"},
		{"an address", ingest.Config{To: "localhost:8080", Key: key}, []string{log}, offers.ErrInvalid, "-to"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ingest.Run(context.Background(), tt.c, tt.paths)
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %v with %q", err, tt.kind, tt.want)
			}
		})
	}
	if got := len(h.once(offers.PageViewed)); got == 0 || got >= 5000 {
		t.Errorf("%d pages of the file that is cut short, want those before the cut", got)
	}
}

// TestOneAtATime keeps two ingesters off one progress file.
func TestOneAtATime(t *testing.T) {
	h := newHouse(t, collector.Config{})
	path := filepath.Join(t.TempDir(), "access.log")
	extend(t, path, visits(0, 1))
	f := h.follow(path)
	h.until(1)
	_, err := ingest.Run(context.Background(), ingest.Config{To: h.url, Key: key, State: filepath.Join(filepath.Dir(path), "state", "progress.json")}, []string{path})
	if !errors.Is(err, offers.ErrConflict) {
		t.Errorf("got %v, want a conflict", err)
	}
	f.stop()
}

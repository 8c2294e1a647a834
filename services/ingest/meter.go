package ingest

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// meter counts, and tells people how far it is. Safe for concurrent use.
type meter struct {
	out      io.Writer
	terminal bool
	began    time.Time

	mu     sync.Mutex // guards all below
	total  Counts
	before Counts          // of the files that are read, in earlier runs
	files  map[string]bool // by the id of those that were read
	open   []*file         // those of which there is some left, with what of them is new
	from   map[*file]int64
	ahead  map[string]int64 // bytes of files that are not open yet
	errs   []error
	shown  bool // a progress line stands on the terminal
	recent []mark
}

// mark is how many lines there were at a time.
type mark struct {
	at    time.Time
	lines int64
}

// Progress is told each second on a terminal, and now and then elsewhere.
const (
	tellTerminal = time.Second
	tellLog      = 10 * time.Second
)

func newMeter(out io.Writer, terminal bool) *meter {
	return &meter{out: out, terminal: terminal, began: time.Now(), files: map[string]bool{}, from: map[*file]int64{}}
}

// expect notes files that will be read.
func (m *meter) expect(paths []string) {
	m.ahead = map[string]int64{}
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil {
			if abs, err := filepath.Abs(p); err == nil {
				m.ahead[abs] = info.Size()
			}
		}
	}
}

// start tells the progress until stop is called.
func (m *meter) start() (stop func()) {
	every := tellLog
	if m.terminal {
		every = tellTerminal
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
				m.show()
			}
		}
	}()
	return func() { close(done); <-ended }
}

// say tells something on a line of its own.
func (m *meter) say(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
	fmt.Fprintf(m.out, format+"\n", args...)
}

func (m *meter) clear() {
	if m.shown {
		fmt.Fprint(m.out, "\r\x1b[K")
		m.shown = false
	}
}

func (m *meter) opened(f *file, offset int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.ahead, f.path)
	m.open = append(m.open, f)
	if f.packing == "" {
		m.from[f] = offset
		f.read.Store(offset)
	}
}

// has tells whether a file was read in this run.
func (m *meter) has(id string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.files[id]
}

func (m *meter) begun(e *Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.files[e.ID] {
		m.before.add(e.Counts)
	}
	m.files[e.ID] = true
}

func (m *meter) add(c Counts) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total.add(c)
}

func (m *meter) unread(path string, err error) {
	m.say("%s: %v", path, err)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.errs = append(m.errs, fmt.Errorf("%s: %w", path, err))
}

func (m *meter) report() *Report {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := &Report{Counts: m.total, Files: len(m.files), Unread: m.errs}
	for _, f := range m.open {
		r.Bytes += max(0, f.read.Load()-m.from[f])
	}
	return r
}

// show writes the line of the progress.
func (m *meter) show() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.recent = append(m.recent, mark{now, m.total.Lines})
	m.recent = m.recent[max(0, len(m.recent)-10):]
	since := mark{m.began, 0}
	if len(m.recent) > 1 {
		since = m.recent[0]
	}
	rate := float64(m.total.Lines-since.lines) / max(now.Sub(since.at).Seconds(), .001)
	var read, left int64
	for _, n := range m.ahead {
		left += n
	}
	for _, f := range m.open {
		at := f.read.Load()
		read += max(0, at-m.from[f])
		left += max(0, f.size-at)
	}
	line := fmt.Sprintf("%s lines, %s/s, %s", count(m.total.Lines), count(int64(rate)), m.total.says())
	if took := now.Sub(m.began).Seconds(); left > 0 && read > 0 {
		line += fmt.Sprintf(", %s left", time.Duration(float64(left)/(float64(read)/took)*float64(time.Second)).Round(time.Second))
	}
	if m.terminal {
		fmt.Fprint(m.out, "\r\x1b[K"+line)
		m.shown = true
		return
	}
	fmt.Fprintln(m.out, line)
}

// summary says at the end what became of everything.
func (m *meter) summary(r *Report) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
	fmt.Fprintf(m.out, "%s lines of %d file%s in %s: %s\n", count(r.Lines), r.Files, plural(r.Files), r.Took.Round(time.Millisecond), r.says())
	if m.before.Lines > 0 {
		all := m.before
		all.add(m.total)
		fmt.Fprintf(m.out, "with what was read of them before: %s lines: %s\n", count(all.Lines), all.says())
	}
	if len(r.Drift) > 0 {
		fmt.Fprintf(m.out, "not as the parser has them: %s\n", byReason(r.Drift))
	}
}

// says is what became of lines, in words.
func (c *Counts) says() string {
	parts := []string{count(c.Accepted) + " accepted"}
	if c.Repeated > 0 {
		parts = append(parts, count(c.Repeated)+" repeated")
	}
	skipped := maps.Clone(c.Skipped)
	if n := skipped["bot"]; n > 0 {
		delete(skipped, "bot")
		parts = append(parts, count(n)+" of bots")
	}
	if n := total(skipped); n > 0 {
		parts = append(parts, fmt.Sprintf("%s skipped (%s)", count(n), byReason(skipped)))
	}
	if n := total(c.Quarantined); n > 0 {
		parts = append(parts, fmt.Sprintf("%s in quarantine (%s)", count(n), byReason(c.Quarantined)))
	} else {
		parts = append(parts, "0 in quarantine")
	}
	return strings.Join(parts, ", ")
}

func byReason(m map[string]int64) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, k+" "+count(m[k]))
	}
	return strings.Join(parts, ", ")
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// count is a number for people: 12,345.
func count(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func short(path string) string { return filepath.Base(path) }

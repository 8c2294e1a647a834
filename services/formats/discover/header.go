package discover

import (
	"slices"
	"strings"
	"time"
)

// Header is what every line of a log begins with: when, how bad, which
// program. What follows is its message.
type Header struct {
	Columns []Column `json:"columns,omitempty"`
}

// Column is one field of a header.
type Column struct {
	Name   string `json:"name,omitempty"` // none for marks that only part the others
	Type   Type   `json:"type,omitempty"`
	Layout string `json:"layout,omitempty"` // of a time
	Words  int    `json:"words,omitempty"`  // how many words it has; 0 is up to Close
	Open   string `json:"open,omitempty"`   // before it
	Close  string `json:"close,omitempty"`  // after it
}

// The names that header columns are given.
const (
	ColumnTime      = "time"
	ColumnLevel     = "level"
	ColumnPID       = "pid"
	ColumnComponent = "component"
	ColumnHost      = "host"
	Message         = "message"
)

// How sure a header must be: its columns are in all but a few lines, which are
// those that go on from the line before.
const (
	headerShare   = .90
	headerSamples = 400
	headerColumns = 12
	headerPending = 3 // words of no kind before one that has
)

// NewHeader finds what lines of a log begin with. Where they have nothing in
// common it has no columns, and a line is all message.
func NewHeader(lines []string) Header {
	if len(lines) > headerSamples {
		lines = spaced(lines, headerSamples)
	}
	if len(lines) < 2 {
		return Header{}
	}
	f := finder{lines: lines, at: make([]int, len(lines)), need: int(headerShare * float64(len(lines)))}
	for i := range lines {
		f.live = append(f.live, i)
	}
	var h Header
	var pending []Column
	named := map[string]int{}
	after := ""
	for len(h.Columns)+len(pending) < headerColumns && len(pending) <= headerPending {
		c, sure, last := f.next(after, len(h.Columns)+len(pending) == 0, len(pending) > 0)
		if c == nil {
			break
		}
		pending, after = append(pending, *c), c.Name
		if sure {
			for i := range pending {
				name(&pending[i], named)
			}
			h.Columns = append(h.Columns, pending...)
			pending = nil
		}
		if (c.Name == "" || c.Close == " - " || c.Close == " | ") && named[ColumnTime] > 0 && named[ColumnLevel] > 0 && named[ColumnComponent] > 0 {
			last = true // a mark after all that there is to say
		}
		if last {
			break
		}
	}
	// Marks alone are no header.
	if !slices.ContainsFunc(h.Columns, func(c Column) bool { return c.Name != "" }) {
		return Header{}
	}
	return h
}

// spaced takes n of the lines, evenly.
func spaced(lines []string, n int) []string {
	some := make([]string, n)
	for i := range some {
		some[i] = lines[i*len(lines)/n]
	}
	return some
}

// name gives the second of a kind its number.
func name(c *Column, named map[string]int) {
	if c.Name == "" {
		return
	}
	if named[c.Name]++; named[c.Name] > 1 {
		c.Name += "_" + string(rune('0'+min(named[c.Name], 9)))
	}
}

// finder goes through many lines at once, column by column.
type finder struct {
	lines []string
	at    []int // where the rest of each begins
	live  []int // the lines that have had every column so far
	need  int   // how many must have the next
}

func (f *finder) rest(i int) string { return strings.TrimLeft(f.lines[i][f.at[i]:], " \t") }

// next is the column that enough lines have after one of a name. sure says that it is one of a
// header by its kind; last that the message follows.
func (f *finder) next(after string, first, pending bool) (c *Column, sure, last bool) {
	if m := f.mark(); m != "" {
		c = &Column{Open: m}
		f.take(*c)
		return c, !first, false
	}
	if c = f.time(); c != nil {
		f.take(*c)
		return c, true, false
	}
	if after == ColumnTime && f.constant() {
		if host := (Column{Name: ColumnHost, Type: String, Words: 1}); f.have(host, isWord) {
			f.take(host)
			return &host, false, false
		}
	}
	for _, try := range []struct {
		c    Column
		ok   func(string) bool
		sure bool
		last bool
	}{
		{Column{Name: ColumnLevel, Type: String, Words: 1, Open: "[", Close: "]"}, isLevel, true, false},
		{Column{Name: ColumnLevel, Type: String, Words: 1, Close: ":"}, isLevel, true, false},
		{Column{Name: ColumnLevel, Type: String, Words: 1}, isLevel, true, false},
		{Column{Name: ColumnPID, Type: Integer, Words: 1, Open: "[", Close: "]"}, isInteger, true, false},
		{Column{Name: ColumnPID, Type: Integer, Words: 1}, isInteger, !pending, false},
		{Column{Name: "ip", Type: IP, Words: 1}, isIP, true, false},
		{Column{Name: ColumnComponent, Type: String, Close: ": "}, isProgram, true, true},
		{Column{Name: ColumnComponent, Type: String, Open: "[", Close: "]"}, nil, true, false},
		{Column{Name: ColumnComponent, Type: String, Open: "(", Close: ")"}, nil, true, false},
		{Column{Name: ColumnComponent, Type: String, Close: " - "}, isProgram, true, false},
		{Column{Name: ColumnComponent, Type: String, Close: " | "}, isProgram, true, false},
	} {
		if f.have(try.c, try.ok) {
			c := try.c
			f.take(c)
			return &c, try.sure, try.last
		}
	}
	c = &Column{Name: ColumnComponent, Type: String, Words: 1}
	if !f.have(*c, isWord) {
		return nil, false, false
	}
	f.take(*c)
	return c, false, false
}

// mark is a mark that stands by itself in enough lines.
func (f *finder) mark() string {
	seen := map[string]int{}
	for _, i := range f.live {
		w, _, _ := strings.Cut(f.rest(i), " ")
		if w != "" && len(w) <= 3 && !strings.ContainsFunc(w, func(r rune) bool { return r > 127 || isAlnum(byte(r)) }) {
			seen[w]++
		}
	}
	for w, n := range seen {
		if n >= f.need {
			return w
		}
	}
	return ""
}

// constant tells whether the next word is the same in enough lines, and no
// level.
func (f *finder) constant() bool {
	seen := map[string]int{}
	for _, i := range f.live {
		w, _, _ := strings.Cut(f.rest(i), " ")
		seen[w]++
	}
	for w, n := range seen {
		if n >= f.need {
			return !isLevel(strings.Trim(w, "[]:"))
		}
	}
	return false
}

// isWord tells what may be the name of a host or a program.
func isWord(s string) bool { return !strings.ContainsAny(s, "=\"'[") && !strings.HasSuffix(s, ":") }

// time finds a time of up to five words, with or without brackets.
func (f *finder) time() *Column {
	const probe = 60
	for _, b := range []struct{ open, close string }{{"[", "]"}, {"", ""}, {"", ":"}, {"", ","}, {"(", ")"}} {
		for words := 5; words >= 1; words-- {
			c := Column{Name: ColumnTime, Type: Time, Words: words, Open: b.open, Close: b.close}
			var some []string
			missed := 0
			for n, i := range f.live {
				if n%max(1, len(f.live)/probe) != 0 {
					continue
				}
				v, _, ok := c.cut(f.lines[i], f.at[i])
				if !ok || !mayBeTime(v) {
					if missed++; missed > probe/10 {
						break
					}
					continue
				}
				some = append(some, v)
			}
			if len(some) == 0 || missed*10 > len(some) {
				continue
			}
			l, ok := NewLayout(some)
			if !ok || l.Layout == AnyLayout || !clocked(l.Layout) {
				continue
			}
			c.Layout = l.Layout
			if f.have(c, func(v string) bool { _, err := ReadAs(c.Layout, v, nil); return err == nil }) {
				return &c
			}
		}
	}
	return nil
}

// clocked tells layouts that have the hour, and instants, from mere dates and
// numbers.
func clocked(layout string) bool {
	return strings.Contains(layout, "15") || strings.Contains(layout, "3:04") || layout == Unix || layout == UnixMilli
}

// mayBeTime is a quick look, and keeps numbers out that only look like a date.
func mayBeTime(s string) bool {
	if s == "" || !isAlnum(s[0]) || !isAlnum(s[len(s)-1]) {
		return false
	}
	if i := strings.LastIndexByte(s, ' '); i > 0 && isLevel(s[i+1:]) {
		return false // 10:10:01,123 INFO: no zone of that name
	}
	if _, ok := epochUnit(s); ok {
		return true
	}
	for _, l := range known {
		if _, err := time.Parse(l, s); err == nil {
			return true
		}
	}
	return strings.Contains(s, ":") && isTime(s)
}

// have tells whether enough lines have a column whose text is as it should be.
func (f *finder) have(c Column, ok func(string) bool) bool {
	n := 0
	for _, i := range f.live {
		if v, _, has := c.cut(f.lines[i], f.at[i]); has && (ok == nil || ok(v)) {
			n++
		}
	}
	return n >= f.need && n > 1
}

// take goes past a column. Lines that do not have it are left out from here.
func (f *finder) take(c Column) {
	live := f.live[:0]
	for _, i := range f.live {
		if _, next, ok := c.cut(f.lines[i], f.at[i]); ok {
			f.at[i] = next
			live = append(live, i)
		}
	}
	f.live = live
}

// cut takes the column from a line, from a place on, and says where the next
// begins.
func (c *Column) cut(line string, from int) (text string, next int, ok bool) {
	i := skip(line, from, " \t")
	if !strings.HasPrefix(line[i:], c.Open) {
		return "", 0, false
	}
	i += len(c.Open)
	switch {
	case c.Name == "": // a mark by itself
		return "", i, i == len(line) || isSpace(line[i])
	case c.Words == 0:
		end := strings.Index(line[i:], c.Close)
		if c.Open != "" { // brackets within: [a[b]/c]
			end = -1
			for j, depth := i, 1; j < len(line) && j < i+200; j++ {
				if line[j] == c.Open[0] {
					depth++
				} else if line[j] == c.Close[0] {
					if depth--; depth == 0 {
						end = j - i
						break
					}
				}
			}
		}
		if end < 0 || end > 200 {
			return "", 0, false
		}
		return line[i : i+end], skip(line, i+end+len(c.Close), ":,"), true
	}
	start, end := i, i
	for n := range c.Words {
		if n > 0 {
			i = skip(line, end, " \t")
		}
		for end = i; end < len(line) && !isSpace(line[end]); end++ {
			if n == c.Words-1 && c.Close == "]" && line[end] == ']' {
				break
			}
		}
		if end == i {
			return "", 0, false
		}
	}
	text = line[start:end]
	if c.Close != "" {
		if c.Close == "]" {
			if end == len(line) || line[end] != ']' {
				return "", 0, false
			}
			end++
			end = skip(line, end, ":,")
		} else if text, ok = strings.CutSuffix(text, c.Close); !ok {
			return "", 0, false
		}
	}
	return text, end, text != ""
}

// Cut parts a line into the texts of its columns, in their order, and its
// message. It is false where the line does not begin so.
func (h Header) Cut(line string) (texts []string, message string, ok bool) {
	at := 0
	for i := range h.Columns {
		text, next, ok := h.Columns[i].cut(line, at)
		if !ok {
			return nil, line, false
		}
		at = next
		if h.Columns[i].Name != "" {
			texts = append(texts, text)
		}
	}
	return texts, strings.TrimSpace(line[at:]), true
}

func isLevel(s string) bool {
	switch strings.ToLower(s) {
	case "trace", "debug", "info", "notice", "warn", "warning", "error", "err", "fatal", "critical", "crit", "severe",
		"alert", "emerg", "panic", "verbose", "information", "failure", "v", "d", "i", "w", "e", "f":
		return true
	}
	return false
}

// isProgram tells what stands before a colon: sshd[123], dfs.DataNode$Sender,
// sshd(pam_unix)[19939], syslogd 1.4.1.
func isProgram(s string) bool {
	if s == "" || len(s) > 100 || strings.ContainsAny(s, "=\"'<>{}") {
		return false
	}
	if words := strings.Fields(s); len(words) > 2 || len(words) == 2 && !strings.ContainsAny(words[1], ".*(") {
		return false // its version may follow a program's name
	}
	return isLetter(s[0]) || s[0] == '/' || s[0] == '-' || s[0] == '_'
}

// program parts sshd(pam_unix)[19939] into the name and the process.
func program(s string) (name, pid string) {
	if i := strings.LastIndexByte(s, '['); i > 0 && strings.HasSuffix(s, "]") && digits(s[i+1:len(s)-1]) {
		return s[:i], s[i+1 : len(s)-1]
	}
	return s, ""
}

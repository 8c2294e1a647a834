package discover

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"aisle/offers"
)

// Dialect is how a table is written.
type Dialect struct {
	Delimiter string `json:"delimiter"`        // one byte
	Quote     string `json:"quote,omitempty"`  // one byte, or none
	Escape    string `json:"escape,omitempty"` // one byte; empty where a quote is doubled instead
	Header    bool   `json:"header"`
	LineEnd   string `json:"line_end"`           // \n, \r\n or \r, as most lines end
	BOM       bool   `json:"bom,omitempty"`      // the file begins with UTF-8's mark
	Encoding  string `json:"encoding,omitempty"` // latin1 where it is not UTF-8
}

// Latin1 is the encoding of a table that is not UTF-8.
const Latin1 = "latin1"

// MaxRecord is how many bytes a record may have unless a reader is told
// otherwise.
const MaxRecord = 1 << 20

var bom = []byte("\xef\xbb\xbf")

// delimiters are tried in this order: the first wins a tie.
var delimiters = []byte{',', '\t', ';', '|', ':', '^', '~', 0x1f, 0x01, ' '}

// How many records, of how many bytes, a dialect is judged by.
const (
	sampleRecords = 400
	sampleTable   = 128 << 10
)

// NewDialect finds the dialect of a table from its beginning. The measure is
// that of van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by
// detecting row and type patterns" (2019): records of one length whose cells
// look like something. It is false where no delimiter parts anything.
func NewDialect(sample []byte) (Dialect, bool) {
	d := Dialect{Delimiter: ",", Quote: `"`, LineEnd: lineEnd(sample), BOM: bytes.HasPrefix(sample, bom)}
	sample = bytes.TrimPrefix(sample, bom)
	if len(sample) > sampleTable {
		sample = sample[:sampleTable]
		if i := bytes.LastIndexByte(sample, '\n'); i > 0 {
			sample = sample[:i+1]
		}
	}
	if !utf8.Valid(cutRune(sample)) {
		d.Encoding = Latin1
	}
	best, found := 0.0, false
	for _, quote := range []string{`"`, `'`, ""} {
		if quote != "" && !opens(sample, quote[0]) {
			if quote == `'` {
				continue
			}
			if bytes.Contains(sample, []byte(quote)) {
				continue // quotes that open no cell are plain letters
			}
		}
		for _, delim := range delimiters {
			try := d
			try.Delimiter, try.Quote = string(delim), quote
			try.Escape = escapeOf(sample, try)
			if score := fit(sample, try); score > best*1.0001 {
				best, found = score, true
				d.Delimiter, d.Quote, d.Escape = try.Delimiter, try.Quote, try.Escape
			}
		}
	}
	if !found {
		return d, false
	}
	d.Header = headed(records(sample, d, sampleRecords))
	return d, true
}

// lineEnd is how most lines end.
func lineEnd(sample []byte) string {
	lf, crlf, cr := bytes.Count(sample, []byte("\n")), bytes.Count(sample, []byte("\r\n")), bytes.Count(sample, []byte("\r"))
	switch {
	case lf == 0 && cr > 0:
		return "\r"
	case crlf*2 > lf:
		return "\r\n"
	}
	return "\n"
}

// cutRune is a sample without the letter that its end cut in two.
func cutRune(b []byte) []byte {
	for i := 1; i <= min(utf8.UTFMax, len(b)); i++ {
		if tail := b[len(b)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

// opens tells whether a quote stands where a cell may begin.
func opens(sample []byte, quote byte) bool {
	for i, c := range sample {
		if c == quote && (i == 0 || bytes.IndexByte(delimiters, sample[i-1]) >= 0 || sample[i-1] == '\n' || sample[i-1] == '\r') {
			return true
		}
	}
	return false
}

// escapeOf is the letter before quotes within a cell, if they are not doubled.
func escapeOf(sample []byte, d Dialect) string {
	if d.Quote == "" {
		return ""
	}
	escaped := bytes.Count(sample, []byte(`\`+d.Quote))
	// A path may end with a backslash before the closing quote.
	atEnd := bytes.Count(sample, []byte(`\`+d.Quote+d.Delimiter)) + bytes.Count(sample, []byte(`\`+d.Quote+"\n")) +
		bytes.Count(sample, []byte(`\`+d.Quote+"\r"))
	if escaped > 0 && escaped > atEnd {
		return `\`
	}
	return ""
}

// fit says how well a dialect explains a sample.
func fit(sample []byte, d Dialect) float64 {
	rows := records(sample, d, sampleRecords)
	lengths := map[int]int{}
	cells, typed := 0, 0.0
	for _, row := range rows {
		lengths[len(row)]++
		for _, cell := range row {
			cells++
			typed += sense(cell)
		}
	}
	if cells == 0 {
		return 0
	}
	pattern := 0.0
	for n, times := range lengths {
		pattern += float64(times) * float64(n-1) / float64(n)
	}
	if pattern == 0 {
		return 0
	}
	score := pattern / float64(len(lengths)) * max(typed/float64(cells), 1e-3)
	if d.Delimiter == " " || d.Delimiter == ":" {
		score /= 2 // they part words and hours too
	}
	if strings.HasPrefix(d.Quote, "'") {
		score *= .99
	}
	return score
}

// sense is 1 for a cell that looks like one thing.
func sense(cell string) float64 {
	cell = strings.TrimSpace(cell)
	if TypeOf(cell) != String {
		return 1
	}
	marks, tail := 0, 0
	for _, r := range cell {
		switch {
		case strings.ContainsRune(",;|\t^~", r):
			tail++
		case strings.ContainsRune(`"'`, r):
			marks++
		}
	}
	switch {
	case len(cell) > 1 && (cell[0] == '{' && cell[len(cell)-1] == '}' || cell[0] == '[' && cell[len(cell)-1] == ']'):
		return 1
	case tail > 0:
		return .5
	case marks > 1:
		return .3
	case marks > 0:
		return .8
	}
	return 1
}

// records are the first whole records of a sample.
func records(sample []byte, d Dialect, limit int) [][]string {
	r := NewReader(bytes.NewReader(sample), d, 32<<10, 0)
	var rows [][]string
	for len(rows) < limit {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || len(rec.Fields) == 1 && rec.Fields[0] == "" {
			continue
		}
		rows = append(rows, rec.Fields)
	}
	return rows
}

// headed tells whether the first row names the columns.
func headed(rows [][]string) bool {
	if len(rows) == 0 {
		return false
	}
	head, body := rows[0], rows[1:]
	names, empty := map[string]bool{}, 0
	for _, cell := range head {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			empty++
			continue
		}
		if t := TypeOf(cell); t != String && t != Boolean || names[strings.ToLower(cell)] {
			return yearsAcross(head, body)
		}
		names[strings.ToLower(cell)] = true
	}
	if len(names) == 0 || empty > len(head)/2 {
		return false
	}
	votes := 0.0
	for col, name := range head {
		votes += vote(strings.TrimSpace(name), column(body, col))
	}
	return votes >= 0
}

// vote says how much one column is for its first cell being its name.
func vote(name string, below []string) float64 {
	var same, other, known int
	width := 0
	for _, cell := range below {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			continue
		}
		known++
		width = max(width, len(cell))
		if TypeOf(cell) != String {
			other++
		}
		if strings.EqualFold(cell, name) {
			same++
		}
	}
	switch {
	case name == "":
		return -.25
	case same > 0:
		return -1.5
	case known > 0 && other*10 > known*8:
		return 1 // words above numbers
	case nameLike(name):
		return .25
	case len(name) > 40 || width > 0 && len(name) > 2*width:
		return -.5
	}
	return 0
}

// nameLike tells whether a text reads like the name of a column.
func nameLike(s string) bool {
	if len(s) > 40 || len(strings.Fields(s)) > 4 {
		return false
	}
	for i, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r > 127:
		case i > 0 && (r >= '0' && r <= '9' || strings.ContainsRune("_-. /()#%:", r)):
		case r == '_' || r == '$' || r == '@' || r == '#':
		default:
			return false
		}
	}
	return true
}

// yearsAcross tells a head such as country, 2019, 2020 from a row of numbers.
func yearsAcross(head []string, body [][]string) bool {
	years, words := 0, 0
	for _, cell := range head {
		cell = strings.TrimSpace(cell)
		switch {
		case len(cell) == 4 && digits(cell) && (cell[:2] == "19" || cell[:2] == "20"):
			years++
		case cell != "" && TypeOf(cell) == String:
			words++
		default:
			return false
		}
	}
	if years < 2 || words == 0 {
		return false
	}
	for col, cell := range head {
		if digits(strings.TrimSpace(cell)) {
			for _, below := range column(body, col) {
				if len(strings.TrimSpace(below)) == 4 && digits(strings.TrimSpace(below)) && (below[:2] == "19" || below[:2] == "20") {
					return false
				}
			}
		}
	}
	return true
}

func column(rows [][]string, col int) []string {
	var cells []string
	for _, row := range rows {
		if col < len(row) {
			cells = append(cells, row[col])
		}
	}
	return cells
}

// Record is one record of a table or one line of a log, and where it lies.
type Record struct {
	Offset int64    // of its first byte
	Next   int64    // of the record after it: an ingest resumes here
	Raw    []byte   // without its line end; valid until the next Read
	Fields []string // of a table; nil for a line
}

// Why a record could not be read.
var (
	ErrTooLong  = errors.New("record too long")
	ErrUnclosed = errors.New("quote never closed")
)

// Reader reads a table record by record and knows where each lies. It holds
// one record at a time. Not safe for concurrent use.
type Reader struct {
	src   io.Reader
	d     Dialect
	max   int
	plain bool // lines only
	buf   []byte
	start int   // of what is not yet read, in buf
	at    int64 // offset of buf[start]
	eof   bool
	skip  bool // in the rest of a line that was too long

	unclosed int   // quotes that were never closed, before window
	window   int64 // as far as the first of them was looked for
	strict   int64 // before it, a quote that is not closed on its line is not looked for further

	failed  error
	started bool
}

// NewReader reads records of at most limit bytes (0 is MaxRecord) from src,
// whose first byte lies at an offset of the file: 0, or the Next of the record
// that was read last.
//
// A record that is too long, or whose quote is never closed within the limit,
// comes with an error of kind ErrInvalid and the first line of it; the reader
// goes on with the line after. Any other error is that of src.
func NewReader(src io.Reader, d Dialect, limit int, offset int64) *Reader {
	if limit <= 0 {
		limit = MaxRecord
	}
	return &Reader{src: src, d: d, max: limit, at: offset}
}

// NewLines is NewReader for logs: a record is a line.
func NewLines(src io.Reader, limit int, offset int64) *Reader {
	r := NewReader(src, Dialect{}, limit, offset)
	r.plain = true
	return r
}

// Read is the next record. At the end it is io.EOF.
func (r *Reader) Read() (Record, error) {
	for {
		rec, again, err := r.next()
		if !again {
			return rec, err
		}
	}
}

func (r *Reader) next() (rec Record, again bool, err error) {
	if r.skip {
		return r.skipLine()
	}
	body, whole, err := r.whole()
	if err != nil {
		return Record{}, false, err
	}
	rec = Record{Offset: r.at, Raw: body, Next: r.at + int64(whole)}
	if whole == 0 { // take its first line only, and try what follows as records
		line, n := firstLine(r.buf[r.start:], r.d.LineEnd == "\r")
		why := ErrTooLong
		if len(line) <= r.max {
			why = ErrUnclosed
		}
		if n > 0 {
			r.lose(int64(len(r.buf) - r.start))
		} else { // the line has no end within the limit
			n, r.skip = len(line), true
		}
		rec.Raw, rec.Next = line[:min(len(line), r.max)], r.at+int64(n)
		err = fmt.Errorf("record at %d: %w: %w", r.at, offers.ErrInvalid, why)
		r.advance(n)
		return rec, false, err
	}
	r.advance(whole)
	if !r.plain {
		rec.Fields = Split(rec.Raw, r.d)
	}
	return rec, false, nil
}

// maxUnclosed is how often the same stretch is searched for the end of quotes.
// A file in which every line opens one would be read as often as it has lines.
const maxUnclosed = 16

// lose notes a quote that was not closed within n bytes.
func (r *Reader) lose(n int64) {
	if r.at >= r.window {
		r.unclosed, r.window = 0, r.at+n
	}
	if r.unclosed++; r.unclosed >= maxUnclosed {
		r.strict = max(r.strict, r.at+n)
	}
}

func (r *Reader) advance(n int) { r.start += n; r.at += int64(n) }

// skipLine passes over the rest of a line that was too long.
func (r *Reader) skipLine() (Record, bool, error) {
	if _, n := firstLine(r.buf[r.start:], r.d.LineEnd == "\r"); n > 0 {
		r.advance(n)
		r.skip = false
		return Record{}, true, nil
	}
	r.advance(len(r.buf) - r.start)
	if err := r.fill(); err != nil {
		return Record{}, false, err
	}
	return Record{}, true, nil
}

// whole finds the end of the record that begins at start, and how long it is
// with its line end: 0 where that is not within the limit.
func (r *Reader) whole() (body []byte, whole int, err error) {
	for {
		rest := r.buf[r.start:]
		if !r.started && r.at == 0 && (len(rest) >= len(bom) || r.eof) {
			r.started = true
			if bytes.HasPrefix(rest, bom) {
				r.advance(len(bom))
				continue
			}
		}
		if r.at < r.strict {
			if line, n := firstLine(rest, r.d.LineEnd == "\r"); n > 0 {
				if _, _, inQuotes := r.recordEnd(rest[:n]); inQuotes {
					return nil, 0, nil
				}
				if len(line) <= r.max {
					return line, n, nil
				}
			}
		}
		n, end, inQuotes := r.recordEnd(rest)
		switch {
		case n > 0 && n-end > r.max:
			return nil, 0, nil
		case n > 0 && (n < len(rest) || rest[n-1] == '\n' || r.eof):
			return rest[:n-end], n, nil
		case r.eof && len(rest) == 0:
			if r.failed != nil {
				return nil, 0, r.failed
			}
			return nil, 0, io.EOF
		case len(rest) > r.max+1, len(rest) > r.max && (inQuotes || r.eof), inQuotes && r.eof:
			return nil, 0, nil
		case r.eof:
			return rest, len(rest), nil
		}
		if err := r.fill(); err != nil && !errors.Is(err, io.EOF) {
			return nil, 0, err
		}
	}
}

// recordEnd finds the line end that ends a record: n bytes with it, of which
// it has end. n is 0 where there is none yet.
func (r *Reader) recordEnd(b []byte) (n, end int, inQuotes bool) {
	if r.plain || r.d.Quote == "" {
		line, n := firstLine(b, r.d.LineEnd == "\r")
		return n, n - len(line), false
	}
	quote, delim, escape := r.d.Quote[0], at(r.d.Delimiter, 0), at(r.d.Escape, 0)
	cr := r.d.LineEnd == "\r"
	cellStart := true
	for i := 0; i < len(b); i++ {
		c := b[i]
		if inQuotes {
			switch {
			case escape != 0 && c == escape:
				i++
			case c == quote && i+1 < len(b) && b[i+1] == quote && escape == 0:
				i++
			case c == quote && closes(b[i+1:], delim):
				inQuotes = false
			}
			continue
		}
		switch {
		case c == quote && cellStart:
			inQuotes, cellStart = true, false
		case c == delim:
			cellStart = true
		case c == '\n':
			if i > 0 && b[i-1] == '\r' {
				return i + 1, 2, false
			}
			return i + 1, 1, false
		case c == '\r' && cr:
			return i + 1, 1, false
		case c == ' ' && cellStart: // a space before a quote
		default:
			cellStart = false
		}
	}
	return 0, 0, inQuotes
}

// closes tells whether a quote closes its cell, given what follows: the end of
// the cell, maybe after spaces. Any other quote is a letter of the cell, which
// is how people write inches.
func closes(after []byte, delim byte) bool {
	for _, c := range after {
		switch {
		case c == delim || c == '\n' || c == '\r':
			return true
		case c != ' ':
			return false
		}
	}
	return true
}

func at(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// firstLine is a line without its end, and its length with it; 0 if it does
// not end.
func firstLine(b []byte, cr bool) (line []byte, n int) {
	if cr {
		if i := bytes.IndexAny(b, "\r\n"); i >= 0 {
			return b[:i], i + 1
		}
		return b, 0
	}
	i := bytes.IndexByte(b, '\n')
	switch {
	case i < 0:
		return b, 0
	case i > 0 && b[i-1] == '\r':
		return b[:i-1], i + 1
	}
	return b[:i], i + 1
}

// fill reads more, and makes room for it.
func (r *Reader) fill() error {
	if r.eof {
		if r.failed != nil {
			return r.failed
		}
		return io.EOF
	}
	if r.start > 0 {
		n := copy(r.buf, r.buf[r.start:])
		r.buf, r.start = r.buf[:n], 0
	}
	if len(r.buf) == cap(r.buf) {
		size := min(max(4096, 2*cap(r.buf)), r.max+8192)
		if size <= len(r.buf) {
			size = len(r.buf) + 4096
		}
		r.buf = append(make([]byte, 0, size), r.buf...)
	}
	for range 100 { // readers that give nothing, a hundred times over, are broken
		n, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if err != nil {
			r.eof = true
			if !errors.Is(err, io.EOF) {
				r.failed = err
			}
			return nil // what came is used first
		}
		if n > 0 {
			return nil
		}
	}
	r.eof, r.failed = true, io.ErrNoProgress
	return nil
}

// Split parts one record into its cells.
func Split(record []byte, d Dialect) []string {
	delim, quote, escape := at(d.Delimiter, 0), at(d.Quote, 0), at(d.Escape, 0)
	var cells []string
	for i := 0; ; {
		cell, n, more := cellOf(record[i:], delim, quote, escape)
		if d.Encoding == Latin1 {
			cell = fromLatin1(cell)
		}
		cells = append(cells, cell)
		if i += n; !more {
			return cells
		}
	}
}

// cellOf is the first cell of a record, how many bytes it takes with its
// delimiter, and whether another follows.
func cellOf(b []byte, delim, quote, escape byte) (cell string, n int, more bool) {
	lead := 0
	for quote != 0 && lead < len(b) && b[lead] == ' ' && delim != ' ' {
		lead++
	}
	if quote == 0 || lead == len(b) || b[lead] != quote {
		if i := bytes.IndexByte(b, delim); i >= 0 {
			return string(b[:i]), i + 1, true
		}
		return string(b), len(b), false
	}
	var text []byte
	for i := lead + 1; i < len(b); i++ {
		switch c := b[i]; {
		case escape != 0 && c == escape && i+1 < len(b):
			i++
			text = append(text, b[i])
		case c == quote && escape == 0 && i+1 < len(b) && b[i+1] == quote:
			i++
			text = append(text, quote)
		case c == quote && closes(b[i+1:], delim):
			if j := bytes.IndexByte(b[i:], delim); j >= 0 {
				return string(text), i + j + 1, true
			}
			return string(text), len(b), false
		default:
			text = append(text, c)
		}
	}
	return string(text), len(b), false // never closed: the rest is the cell
}

func fromLatin1(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	b := make([]rune, 0, len(s))
	for i := range len(s) {
		b = append(b, rune(s[i]))
	}
	return string(b)
}

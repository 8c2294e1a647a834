package discover

import (
	"strings"
)

// A line of free text is read as tokens: words that the programmer wrote,
// values that the program put between them, and marks. Values are told by
// their look alone (numbers, addresses, paths, dates, names of hosts), the same
// way for every log; what a value is does not matter to the line's template,
// only that it is one.

type kind uint8

const (
	word  kind = iota // of the programmer, as far as its look tells
	value             // of the program: its look says so
	mark              // punctuation
)

// token is one piece of a line.
type token struct {
	kind  kind
	glued bool   // no space before it
	text  string // line[at : at+len(text)]
	at    int
}

// wild stands for a value in a template.
const wild = "<*>"

// maxTokens is how many tokens of a line are looked at: the rest of it counts
// as one value.
const maxTokens = 128

// maxLine is how many bytes of a line are looked at.
const maxLine = 8 << 10

// tokenize appends the tokens of a line.
func tokenize(tokens []token, line string) []token {
	if len(line) > maxLine {
		line = line[:maxLine]
	}
	s := scanner{line: line, tokens: tokens}
	for s.i < len(line) && len(s.tokens) < maxTokens {
		c := line[s.i]
		switch {
		case isSpace(c):
			s.i++
		case c == '<' && strings.HasPrefix(line[s.i:], wild): // a template is read again
			s.emit(value, s.i, s.i+len(wild))
		case c == '"' && s.quoted():
		case isLetter(c) && s.startsWord() && s.date():
		case isDelimiter(c) && !s.lessThan():
			s.emit(mark, s.i, s.i+1)
		default:
			s.chunk()
		}
	}
	if s.i < len(line) {
		s.emit(value, s.i, len(line))
	}
	tokens = gather(line, s.tokens)
	if len(tokens) > maxTokens {
		last := tokens[maxTokens-1]
		last.kind, last.text = value, line[last.at:]
		tokens = append(tokens[:maxTokens-1], last)
	}
	return tokens
}

type scanner struct {
	line   string
	i      int
	tokens []token
}

func (s *scanner) emit(k kind, from, to int) {
	glued := from > 0 && !isSpace(s.line[from-1])
	s.tokens = append(s.tokens, token{k, glued, s.line[from:to], from})
	s.i = to
}

func (s *scanner) startsWord() bool { return s.i == 0 || !isAlnum(s.line[s.i-1]) }

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isLetter(c byte) bool { c |= 0x20; return c >= 'a' && c <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isDelimiter tells marks that part words wherever they stand. A colon does so
// only where it is no part of a value.
func isDelimiter(c byte) bool {
	switch c {
	case '=', ',', ';', '(', ')', '[', ']', '{', '}', '<', '>', '|', '"', '\'', '`':
		return true
	}
	return false
}

// lessThan tells <1 from a bracket.
func (s *scanner) lessThan() bool {
	c := s.line[s.i]
	return (c == '<' || c == '>') && s.i+1 < len(s.line) && isDigit(s.line[s.i+1]) && (s.i == 0 || isSpace(s.line[s.i-1]))
}

// quoted takes a text in double quotes as one value, unless it begins as a
// command does: "GET /cart" tells by its first word what it is.
func (s *scanner) quoted() bool {
	end := strings.IndexByte(s.line[s.i+1:], '"')
	if end < 0 {
		return false
	}
	text := s.line[s.i+1 : s.i+1+end]
	if verb, _, more := strings.Cut(text, " "); more && len(verb) >= 3 && isUpper(verb) {
		return false
	}
	s.emit(value, s.i, s.i+end+2)
	return true
}

func isUpper(w string) bool {
	letters := 0
	for i := range len(w) {
		switch c := w[i]; {
		case c >= 'A' && c <= 'Z':
			letters++
		case c == '_' || c == '-':
		default:
			return false
		}
	}
	return letters > 0
}

// chunk reads what lies between spaces and delimiters.
func (s *scanner) chunk() {
	start := s.i
	if s.lessThan() {
		s.i++
	}
	end := s.i
	for end < len(s.line) && !isSpace(s.line[end]) && !isDelimiter(s.line[end]) {
		end++
	}
	text := s.line[start:end]
	if i := strings.Index(text, "://"); i > 0 {
		for end < len(s.line) && !isSpace(s.line[end]) && !strings.ContainsRune("\"'<>()[]{}", rune(s.line[end])) {
			end++ // addresses hold = , ; too
		}
		s.emit(value, start, end)
		return
	}
	// Marks that end a sentence are not of the word.
	body := len(text)
	for body > 0 && strings.IndexByte(".!?:", text[body-1]) >= 0 {
		body--
	}
	if body > 0 {
		s.piece(start, start+body)
	}
	for s.i < end {
		j := s.i + 1
		for j < end && s.line[j] == s.line[s.i] {
			j++
		}
		s.emit(mark, s.i, j)
	}
}

// piece reads text without spaces and delimiters, parting it at colons where
// it is not a value as a whole.
func (s *scanner) piece(from, to int) {
	text := s.line[from:to]
	if len(s.tokens) >= maxTokens { // enough; and reading on would take the square of its length
		s.emit(value, from, to)
		return
	}
	if i := strings.Index(text, ".."); i > 0 && i+2 < len(text) && text[i+2] != '/' {
		// enable......0: dots that lead the eye part a name from its value.
		j := i
		for j < len(text) && text[j] == '.' {
			j++
		}
		s.piece(from, from+i)
		s.emit(mark, from+i, from+j)
		if j < len(text) {
			s.piece(from+j, to)
		}
		return
	}
	if isValue(text) || s.said(text) {
		s.emit(value, from, to)
		if isQuantity(text) {
			s.unit()
		}
		return
	}
	i := strings.IndexByte(text, ':')
	if i < 0 || len(text) == 1 {
		s.emit(word, from, to)
		return
	}
	if i > 0 {
		// host:port, name:port: the longest part that is one value.
		s.piece(from, from+i)
	}
	s.emit(mark, from+i, from+i+1)
	if from+i+1 < to {
		s.piece(from+i+1, to)
	}
}

// said tells words that are values where they stand: tty=none, x: null.
func (s *scanner) said(text string) bool {
	n := len(s.tokens)
	if n == 0 || s.tokens[n-1].text != "=" && s.tokens[n-1].text != ":" {
		return false
	}
	switch strings.ToLower(text) {
	case "none", "nil", "undefined", "nan", "yes", "no":
		return true
	}
	return false
}

// unit takes the unit after a number with it: 18.4 KB.
func (s *scanner) unit() {
	i := s.i
	if i < len(s.line) && s.line[i] == '%' {
		s.grow(i + 1)
		return
	}
	for i < len(s.line) && s.line[i] == ' ' {
		i++
	}
	end := i
	for end < len(s.line) && isLetter(s.line[end]) {
		end++
	}
	if i == s.i || end == i || end < len(s.line) && (isAlnum(s.line[end]) || strings.IndexByte("_-/=:$", s.line[end]) >= 0) {
		return
	}
	if isUnit(s.line[i:end]) {
		s.grow(end)
	}
}

func (s *scanner) grow(to int) {
	last := &s.tokens[len(s.tokens)-1]
	last.text = s.line[last.at:to]
	s.i = to
}

func isUnit(w string) bool {
	switch strings.ToLower(w) {
	case "ns", "us", "ms", "s", "sec", "secs", "second", "seconds", "msec", "msecs", "millis", "milliseconds", "usec",
		"min", "mins", "minute", "minutes", "hour", "hours", "hrs", "day", "days",
		"b", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "byte", "bytes", "bit", "bits", "kbps", "mbps",
		"hz", "khz", "mhz", "ghz":
		return true
	}
	return false
}

// isQuantity tells plain numbers.
func isQuantity(t string) bool {
	for i := range len(t) {
		if !isDigit(t[i]) && strings.IndexByte("+-.,<>~", t[i]) < 0 {
			return false
		}
	}
	return true
}

// isValue tells by the look of a text alone that a program put it there.
func isValue(t string) bool {
	nDigits, nLetters, dots, slashes, colons, other := 0, 0, 0, 0, 0, 0
	hex := true
	for i := range len(t) {
		c := t[i]
		switch {
		case isDigit(c):
			nDigits++
		case isLetter(c):
			nLetters++
		case c == '.':
			dots++
		case c == '/', c == '\\':
			slashes++
		case c == ':':
			colons++
		default:
			other++
		}
		hex = hex && (isHex(c) || c == ':')
	}
	switch {
	case colons > 0:
		return isClock(t) || hex && colons >= 2 && nDigits > 0 || isSocket(t) || slashes > 0 && isDrive(t)
	case nDigits > 0:
		return !isNumbered(t, nDigits, nLetters)
	case slashes > 0:
		return t[0] == '/' || t[0] == '\\' || slashes >= 2 || dots >= 2 || dots > 0 && t[0] == '.' || strings.EqualFold(t, "n/a")
	case hex && len(t) >= 8:
		return true
	case dots > 0:
		return isHost(t) || isEmail(t)
	}
	switch t {
	case "null", "NULL", "true", "false", "True", "False", "TRUE", "FALSE":
		return true
	}
	return false
}

// isNumbered tells names that have a digit of their own, such as ssh2, SOCKS5
// and log4j. Whether they vary is seen when lines are compared.
func isNumbered(t string, nDigits, nLetters int) bool {
	last := len(t) - 1
	if isDigit(t[last]) {
		return nDigits == 1 && nLetters >= 2 && len(t) == nLetters+1 && len(t) <= 12
	}
	i := strings.IndexAny(t, "0123456789")
	if i == 0 || nDigits > 2 || nLetters < 4 || len(t) > 24 || !isLetter(t[i-1]) || nDigits == 2 && !isDigit(t[i+1]) {
		return false
	}
	after := t[i+nDigits]
	return isLetter(after) || after == '_'
}

// isClock tells 00:01 and 07:07:00,123.
func isClock(t string) bool {
	for i := range len(t) {
		if c := t[i]; !isDigit(c) && c != ':' && c != '.' && c != ',' {
			return false
		}
	}
	return isDigit(t[0]) && isDigit(t[len(t)-1])
}

// isSocket tells host:port, also after a slash, as Java writes it.
func isSocket(t string) bool {
	i := strings.LastIndexByte(t, ':')
	if i < 1 || !digits(t[i+1:]) || len(t)-i > 6 {
		return false
	}
	host := t[:i]
	return strings.IndexByte(host, ':') < 0 && isValue(host)
}

// isDrive tells C:\.
func isDrive(t string) bool {
	return len(t) > 2 && isLetter(t[0]) && t[1] == ':' && (t[2] == '\\' || t[2] == '/')
}

// isHost tells names of hosts from names of classes, files and settings: by
// their last part.
func isHost(t string) bool {
	labels, start := 0, 0
	for i := 0; i <= len(t); i++ {
		if i < len(t) && t[i] != '.' {
			if c := t[i]; !(c >= 'a' && c <= 'z') && !isDigit(c) && c != '-' {
				return false
			}
			continue
		}
		if i == start {
			return false
		}
		labels++
		if i == len(t) {
			break
		}
		start = i + 1
	}
	if labels < 2 {
		return false
	}
	first, _, _ := strings.Cut(t, ".")
	switch first {
	case "com", "org", "net", "edu", "gov", "io":
		return labels >= 3 // a package's name, which is a host's the other way round
	case "java", "javax", "sun", "android":
		return false
	}
	switch last := t[start:]; last {
	case "com", "net", "org", "edu", "gov", "mil", "int", "arpa", "info", "biz", "local", "localdomain", "lan", "internal", "intranet":
		return true
	case "py", "sh", "cc", "rs", "pl", "md", "so", "ps", "am", "in", "js", "ts", "pm", "me", "is", "id", "io", "ac", "la":
		return labels >= 3 && last != "py" && last != "so" && last != "sh" && last != "id"
	default:
		return len(last) == 2 && isLetters(last) && (labels >= 3 || strings.Contains(t, "-"))
	}
}

// date takes a date with the name of its month, with or without weekday, time,
// zone and year, as one value.
func (s *scanner) date() bool {
	start := s.i
	i := start
	w, next := wordAt(s.line, i)
	if isWeekday(w) {
		i = skip(s.line, next, ", ")
		w, next = wordAt(s.line, i)
	}
	if !isMonth(w) {
		return false
	}
	i = skip(s.line, next, " ")
	if i == next {
		return false
	}
	n, next := digitsAt(s.line, i)
	if n == 0 || n > 2 {
		return false
	}
	end := next
	for range 4 { // time, zone, year in any order
		i = skip(s.line, end, ", ")
		if i == end || i >= len(s.line) {
			break
		}
		j := i
		for j < len(s.line) && (isAlnum(s.line[j]) || strings.IndexByte(":.+-", s.line[j]) >= 0) {
			j++
		}
		part := s.line[i:j]
		switch {
		case len(part) >= 5 && isDigit(part[0]) && strings.IndexByte(part, ':') > 0:
		case len(part) == 4 && digits(part):
		case len(part) >= 3 && len(part) <= 5 && isUpper(part) && end > next:
		default:
			j = end
		}
		if j == end {
			break
		}
		end = j
	}
	s.emit(value, start, end)
	return true
}

func wordAt(line string, i int) (string, int) {
	end := i
	for end < len(line) && isLetter(line[end]) {
		end++
	}
	return line[i:end], end
}

func digitsAt(line string, i int) (n, end int) {
	for end = i; end < len(line) && isDigit(line[end]); end++ {
		n++
	}
	return n, end
}

func skip(line string, i int, set string) int {
	for i < len(line) && strings.IndexByte(set, line[i]) >= 0 {
		i++
	}
	return i
}

func isWeekday(w string) bool {
	switch w {
	case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday":
		return true
	}
	return false
}

func isMonth(w string) bool {
	switch w {
	case "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
		"January", "February", "March", "April", "June", "July", "August", "September", "October", "November", "December":
		return true
	}
	return false
}

// gather makes one value of a list of values, of an object that is printed in
// braces, and of a value with a remark that holds values only, such as 18846
// bytes (18.4 KB): programs leave the remark out where there is nothing to say.
// It works in place.
func gather(line string, tokens []token) []token {
	out := tokens[:0]
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if t.text == "(" && t.kind == mark {
			j := i + 1
			for j < len(tokens) && tokens[j].text != ")" && (tokens[j].kind == value || tokens[j].kind == mark && tokens[j].text != "(") {
				j++
			}
			if j < len(tokens) && tokens[j].text == ")" && tokens[j].kind == mark {
				n := len(out)
				switch {
				case n > 0 && out[n-1].kind == value:
					out[n-1] = join(line, out[n-1], tokens[j])
				case j > i+1:
					remark := join(line, t, tokens[j])
					remark.kind = value
					out = append(out, remark)
				}
				i = j
				continue
			}
		}
		if t.text == "{" && t.kind == mark {
			if j := closing(tokens, i); j > 0 {
				object := join(line, t, tokens[j])
				object.kind = value
				if n := len(out); n > 0 && t.glued && out[n-1].kind == word {
					object, out = join(line, out[n-1], object), out[:n-1]
					object.kind = value
				}
				i, t = j, object
			}
		}
		if t.kind == value {
			n := len(out)
			if n > 0 && out[n-1].kind == value && (t.glued || alike(out[n-1].text, t.text)) {
				out[n-1] = join(line, out[n-1], t)
				continue
			}
			if n > 1 && out[n-2].kind == value && isListMark(out[n-1]) && (t.glued && out[n-1].glued || alike(out[n-2].text, t.text)) {
				out[n-2] = join(line, out[n-2], t)
				out = out[:n-1]
				continue
			}
		}
		out = append(out, t)
	}
	return out
}

// closing is the place of the brace that closes the one at i; 0 if none does.
func closing(tokens []token, i int) int {
	depth := 0
	for j := i; j < len(tokens); j++ {
		if tokens[j].kind != mark {
			continue
		}
		switch tokens[j].text {
		case "{":
			depth++
		case "}":
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return 0
}

// join is a value from the beginning of a to the end of b.
func join(line string, a, b token) token {
	a.text = line[a.at : b.at+len(b.text)]
	return a
}

// isListMark tells marks that stand between the values of a list, or the parts
// of one value.
func isListMark(m token) bool {
	switch m.text {
	case ",", ";", "|", "-", "/", ":", ".", "*", "**", "***", "****":
		return true
	}
	return false
}

// alike tells values of one form, but for their digits, as those of a list are.
// The last of a is compared, which may be a list already.
func alike(a, b string) bool {
	if b == wild { // a template has its lists in one already
		return false
	}
	i, j := len(a), len(b)
	for i > 0 && j > 0 {
		x, i2 := formBefore(a, i)
		y, j2 := formBefore(b, j)
		if x != y {
			return false
		}
		i, j = i2, j2
	}
	return j == 0 && (i == 0 || isSpace(a[i-1]) || isDelimiter(a[i-1]))
}

// formBefore is the letter before a place, one for all digits, and where what
// is before it ends. Signs are passed over.
func formBefore(s string, i int) (form byte, before int) {
	for i > 0 && (s[i-1] == '-' || s[i-1] == '+') {
		i--
	}
	if i == 0 {
		return 0, 0
	}
	if !isHex(s[i-1]) && s[i-1] != '.' {
		return s[i-1], i - 1
	}
	for i > 0 && (isHex(s[i-1]) || s[i-1] == '.') {
		i--
	}
	return '0', i
}

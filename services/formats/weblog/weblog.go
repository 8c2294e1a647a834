// Package weblog reads what a shop's web server writes down of each call: who
// came, from where, for which page, by what browser. The lines are Apache's and
// nginx's: common, combined, with the virtual host before or more fields after.
//
// A line either becomes a Hit or is refused with the reason. Addresses of
// visitors are cut before anybody sees them.
package weblog

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
)

// MaxLine is how many bytes a line may have. Apache takes requests of 8 kB, to
// which come referrer and user agent.
const MaxLine = 64 << 10

// Hit is one line.
type Hit struct {
	Host      string        // virtual host, maybe with its port, where the line begins with it
	Client    string        // truncated address; empty where the server wrote a name or a dash
	User      string        // who signed in by HTTP
	Time      time.Time     //
	Method    string        // empty where the request was no HTTP
	URL       string        // as asked for: mostly path and query
	Protocol  string        // HTTP/1.1
	Request   string        // the whole first line of the request, where it was no HTTP
	Status    int           //
	Bytes     int64         // of the answer; 0 for a dash
	Referrer  string        // empty for a dash
	UserAgent string        // empty for a dash
	Took      time.Duration // 0 where the line does not say it
	Extra     []string      // fields after these, unquoted
	Form      string        // one of the Forms
	Cut       bool          // the line broke off within its last field
}

// The forms of lines. With more fields after, they are the same.
const (
	Common        = "common"
	Combined      = "combined"
	VhostCommon   = "vhost_common"
	VhostCombined = "vhost_combined"
)

// Why a line could not be read.
var (
	ErrEmpty   = errors.New("empty line")
	ErrTooLong = errors.New("line too long")
	ErrNoTime  = errors.New("no time in brackets")
	ErrTime    = errors.New("the time is not one")
	ErrFields  = errors.New("not host, ident and user before the time")
	ErrRequest = errors.New("no request in quotes after the time")
	ErrStatus  = errors.New("no status after the request")
	ErrBytes   = errors.New("no count of bytes after the status")
)

const layout = "02/Jan/2006:15:04:05 -0700"

// Parse reads one line, without its line end. Errors are of kind ErrInvalid and
// wrap one of the reasons above.
func Parse(line []byte) (Hit, error) {
	h, err := parse(strings.TrimRight(string(line), "\r\n"))
	if err != nil {
		return Hit{}, fmt.Errorf("access line: %w: %w", offers.ErrInvalid, err)
	}
	return h, nil
}

func parse(line string) (h Hit, err error) {
	switch {
	case strings.TrimSpace(line) == "":
		return h, ErrEmpty
	case len(line) > MaxLine:
		return h, ErrTooLong
	}
	open := strings.Index(line, " [")
	if open < 0 {
		return h, ErrNoTime
	}
	end := strings.IndexByte(line[open:], ']')
	if end < 0 {
		return h, ErrNoTime
	}
	if err := h.visitor(line[:open]); err != nil {
		return h, err
	}
	if h.Time, err = readTime(line[open+2 : open+end]); err != nil {
		return h, ErrTime
	}
	r := reader{rest: line[open+end+1:]}
	request, quoted, ok := r.field()
	if !ok || !quoted {
		return h, ErrRequest
	}
	h.request(request)
	if h.Status, ok = r.status(); !ok {
		return h, ErrStatus
	}
	if h.Bytes, ok = r.bytes(); !ok {
		return h, ErrBytes
	}
	h.Form = Common
	if ref, quoted, ok := r.field(); ok {
		agent, _, more := r.field()
		if quoted && more {
			h.Form = Combined
			h.Referrer, h.UserAgent = undash(ref), undash(agent)
		} else {
			h.extra(ref)
			if more {
				h.extra(agent)
			}
		}
	}
	for {
		field, _, ok := r.field()
		if !ok {
			break
		}
		h.extra(field)
	}
	h.Cut = r.cut
	if h.Host != "" {
		h.Form = "vhost_" + h.Form
	}
	return h, nil
}

// visitor reads what is before the time: host, ident and user, maybe after a
// virtual host. Users may have spaces in their names, and proxies may list
// several addresses, of which the first is the visitor's.
func (h *Hit) visitor(s string) error {
	words := strings.Fields(s)
	if len(words) < 3 {
		return ErrFields
	}
	if len(words) > 3 && !isAddress(words[0]) && (isAddress(words[1]) || hasPort(words[0])) {
		h.Host, words = words[0], words[1:]
	}
	first := words[0]
	for len(words) > 3 && strings.HasSuffix(words[0], ",") {
		words = words[1:]
	}
	h.Client = TruncateIP(strings.TrimSuffix(first, ","))
	if len(words) < 3 {
		return ErrFields
	}
	h.User = undash(strings.Join(words[2:], " "))
	return nil
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(strings.TrimSuffix(s, ","))
	return err == nil
}

func hasPort(s string) bool {
	i := strings.LastIndexByte(s, ':')
	if i <= 0 {
		return false
	}
	_, err := strconv.ParseUint(s[i+1:], 10, 16)
	return err == nil
}

// readTime reads the servers' own layout fast, and ISO 8601, which nginx can
// write instead.
func readTime(s string) (time.Time, error) {
	if t, ok := fixedTime(s); ok {
		return t, nil
	}
	if t, err := time.Parse(layout, s); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, s)
}

// fixedTime reads 17/May/2015:10:05:03 +0000.
func fixedTime(s string) (time.Time, bool) {
	if len(s) != len(layout) || s[2] != '/' || s[6] != '/' || s[11] != ':' || s[14] != ':' || s[17] != ':' || s[20] != ' ' {
		return time.Time{}, false
	}
	day, ok1 := two(s[0:])
	month, ok2 := monthOf(s[3:6])
	century, ok3 := two(s[7:])
	year, ok4 := two(s[9:])
	hour, ok5 := two(s[12:])
	minute, ok6 := two(s[15:])
	sec, ok7 := two(s[18:])
	zh, ok8 := two(s[22:])
	zm, ok9 := two(s[24:])
	year += 100 * century
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7 && ok8 && ok9) || hour > 23 || minute > 59 || sec > 59 || zh > 23 || zm > 59 {
		return time.Time{}, false
	}
	offset := time.Duration(zh)*time.Hour + time.Duration(zm)*time.Minute
	switch s[21] {
	case '-':
		offset = -offset
	case '+':
	default:
		return time.Time{}, false
	}
	t := time.Date(year, month, day, hour, minute, sec, 0, time.UTC)
	if t.Day() != day { // the 31st of June
		return time.Time{}, false
	}
	return t.Add(-offset), true
}

func two(s string) (int, bool) {
	a, b := s[0]-'0', s[1]-'0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}

func monthOf(s string) (time.Month, bool) {
	i := strings.Index("JanFebMarAprMayJunJulAugSepOctNovDec", s)
	return time.Month(i/3 + 1), i >= 0 && i%3 == 0
}

// request parts the first line of a request. What is no HTTP, such as the
// greetings of port scanners, is kept whole.
func (h *Hit) request(s string) {
	method, rest, ok := strings.Cut(s, " ")
	if !ok || !isMethod(method) {
		h.Request = undash(s)
		return
	}
	h.Method, h.URL = method, strings.TrimSpace(rest)
	if i := strings.LastIndexByte(h.URL, ' '); i >= 0 && strings.HasPrefix(h.URL[i+1:], "HTTP/") {
		h.URL, h.Protocol = strings.TrimSpace(h.URL[:i]), h.URL[i+1:]
	}
}

func isMethod(s string) bool {
	for i := range len(s) {
		if (s[i] < 'A' || s[i] > 'Z') && s[i] != '_' && s[i] != '-' {
			return false
		}
	}
	return s != "" && len(s) <= 20
}

// extra takes a field beyond the known ones. Seconds with a fraction, seconds
// by name (rt=0.012), and a whole number (Apache's %D, microseconds) say how
// long the answer took; the first of them counts.
func (h *Hit) extra(field string) {
	h.Extra = append(h.Extra, field)
	if h.Took != 0 {
		return
	}
	name, text, named := strings.Cut(field, "=")
	if !named {
		text = field
	} else if name != "rt" && name != "request_time" && name != "time" {
		return
	}
	if strings.IndexByte(text, '.') > 0 || named {
		if s, err := strconv.ParseFloat(text, 64); err == nil && s >= 0 && s < 1e6 {
			h.Took = time.Duration(s * float64(time.Second))
		}
		return
	}
	if us, err := strconv.ParseInt(text, 10, 64); err == nil && us >= 0 && us < 1e12 {
		h.Took = time.Duration(us) * time.Microsecond
	}
}

func undash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// reader reads the fields after the time.
type reader struct {
	rest string
	cut  bool
}

// field is the next field, unquoted.
func (r *reader) field() (text string, quoted, ok bool) {
	r.rest = strings.TrimLeft(r.rest, " \t")
	if r.rest == "" {
		return "", false, false
	}
	if r.rest[0] != '"' {
		text, r.rest, _ = strings.Cut(r.rest, " ")
		return text, false, true
	}
	escaped := false
	for i := 1; i < len(r.rest); i++ {
		switch r.rest[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			// A quote that nobody escaped is part of the field if no field
			// ends here.
			if i+1 < len(r.rest) && r.rest[i+1] != ' ' {
				continue
			}
			text, r.rest = r.rest[1:i], r.rest[i+1:]
			if escaped {
				text = unescape(text)
			}
			return text, true, true
		}
	}
	r.cut = true
	text, r.rest = r.rest[1:], ""
	return unescape(text), true, true
}

func (r *reader) status() (int, bool) {
	s, quoted, ok := r.field()
	if !ok || quoted {
		return 0, false
	}
	if s == "-" {
		return 0, true // the visitor went before there was one
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n <= 999
}

func (r *reader) bytes() (int64, bool) {
	s, quoted, ok := r.field()
	if !ok || quoted {
		return 0, false
	}
	if s == "-" {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0
}

// unescape undoes what both servers do to quotes and to bytes that are no
// letters: \" \\ \t \n \r and \x22.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'x':
			if i+2 < len(s) {
				if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
					b = append(b, byte(v))
					i += 2
					continue
				}
			}
			b = append(b, '\\', 'x')
		case '"', '\\':
			b = append(b, c)
		default:
			b = append(b, '\\', c)
		}
	}
	return string(b)
}

// How much of an address is kept: a provider's network of a few hundred
// subscribers, as data protection offices advise.
const (
	KeepIPv4 = 24
	KeepIPv6 = 48
)

// TruncateIP is an address without its last part: 203.0.113.7 is 203.0.113.0.
// What is no address, such as the name of a host, is empty.
func TruncateIP(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	keep := KeepIPv6
	if a = a.Unmap().WithZone(""); a.Is4() {
		keep = KeepIPv4
	}
	p, err := a.Prefix(keep)
	if err != nil {
		return ""
	}
	return p.Addr().String()
}

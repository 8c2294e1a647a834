// Package feed reads what lies in files for the shop: the logs of web servers,
// tables that a till or a mailing system exports, events that another program
// has written down. Each line or row that tells what a shopper did becomes a
// message, the same that a live client would have sent.
//
// Its rules: a record keeps its place in its file, and its event is named by
// that place, so that a file that is read again says nothing twice. Addresses
// of the network are cut short before anything else is done with them. What is
// no visit of a person (pictures, redirects, search engines) is left out and
// counted; what cannot be read is a Bad with its file and line.
package feed

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/discover"
	"aisle/services/formats/snowplow"
	"aisle/services/formats/weblog"
)

// The formats of feeds.
const (
	Access   = "access"   // lines of a web server's log
	Table    = "table"    // CSV and the like
	JSONL    = "jsonl"    // an object a line
	Text     = "text"     // lines of any other log
	Snowplow = "snowplow" // enriched events, tab-separated
)

// Formats lists them.
var Formats = []string{Access, Table, JSONL, Text, Snowplow}

// Plan says how the records of a feed are read. It is what is saved of a
// proposal, for people to mend.
type Plan struct {
	Format string            `json:"format"`
	Parser *discover.Parser  `json:"parser,omitempty"` // of tables and texts, and of objects that are no calls of a client
	Event  string            `json:"event,omitempty"`  // what records tell that do not say it themselves
	Shop   offers.ShopID     `json:"shop,omitempty"`   // where it happened, if in a shop
	Fields map[string]string `json:"fields,omitempty"` // of an access log: where it tells the user or cookie

	KeepAssets bool `json:"keep_assets,omitempty"` // of an access log: pictures, scripts, redirects and errors too
	Nameless   bool `json:"nameless,omitempty"`    // of an access log: visitors get no name for the day
}

// Fields of an access log that tell who somebody is.
const (
	FieldUser   = "user"   // customer id
	FieldCookie = "cookie" // or another id of a device
)

// Check says what is wrong with the plan.
func (p *Plan) Check() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("plan of a feed: %w: "+format, append([]any{offers.ErrInvalid}, args...)...)
	}
	kind := discover.Kind("")
	if p.Parser != nil {
		kind = p.Parser.Kind
		if err := p.Parser.Check(); err != nil {
			return fmt.Errorf("plan of a feed: %w", err)
		}
	}
	switch p.Format {
	case Access, Snowplow:
	case JSONL:
		if kind != "" && kind != discover.JSONLines {
			return wrong("a parser of kind %q does not read %s", kind, p.Format)
		}
	case Table:
		if kind != discover.Table {
			return wrong("a table needs a parser of a table: -dry-run -save-parser proposes one")
		}
	case Text:
		if kind != discover.Text && kind != discover.KeyValue {
			return wrong("a text needs a parser of kind text or key_value: -dry-run -save-parser proposes one")
		}
	default:
		return wrong("format %q: want one of %s", p.Format, strings.Join(Formats, ", "))
	}
	for role, field := range p.Fields {
		if role != FieldUser && role != FieldCookie {
			return wrong("there is no role %q: want user or cookie", role)
		}
		n, err := strconv.Atoi(strings.TrimPrefix(field, "extra"))
		if field != "user" && !strings.HasPrefix(field, "cookie.") && (err != nil || n < 1) {
			return wrong("%s is in %q: want user, extra1 and so on, or cookie.name", role, field)
		}
	}
	if len(p.Event) > 100 || len(p.Shop) > 100 {
		return wrong("names have at most 100 letters")
	}
	return nil
}

// dialect is that of a table.
func (p *Plan) dialect() (discover.Dialect, bool) {
	if p == nil || p.Parser == nil || p.Parser.Kind != discover.Table || p.Parser.Dialect == nil {
		return discover.Dialect{}, false
	}
	return *p.Parser.Dialect, true
}

// headed tells whether files begin with a line of titles.
func (p *Plan) headed() bool { d, ok := p.dialect(); return ok && d.Header }

// Heads tells whether a record is the line of titles of its file: the first
// one, maybe after UTF-8's mark.
func (p *Plan) Heads(r *Record) bool {
	return p.headed() && r.Line == 1 && (r.At == 0 || r.At == 3)
}

// Titles are the columns of a file, by its line of titles, where they are not
// those of the plan: in another order, more, or fewer. Nil where they are.
func (p *Plan) Titles(record []byte) []string {
	own, _, err := p.Parser.Head(record)
	if err != nil || own == p.Parser {
		return nil
	}
	return own.Columns
}

// Proposal is a plan, and what led to it.
type Proposal struct {
	Plan
	Says   string // in a sentence, for people
	Fields []discover.Report
	Notes  []string
}

// Propose finds out how to read a file by its beginning. The format is one of
// Formats, or empty: then it is found out too. The file's name is for records
// that do not say what they tell.
func Propose(sample []byte, format, name string) (*Proposal, error) {
	if format != "" && !slices.Contains(Formats, format) {
		return nil, fmt.Errorf("format %q: %w: want one of %s", format, offers.ErrInvalid, strings.Join(Formats, ", "))
	}
	lines := firstLines(sample)
	if len(lines) == 0 {
		return nil, fmt.Errorf("%w: there is no record in it", offers.ErrInvalid)
	}
	if format == Access || format == "" && most(lines, isAccess) {
		return &Proposal{Plan: Plan{Format: Access}, Says: sayAccess(lines)}, nil
	}
	if format == Snowplow || format == "" && most(lines, isEnriched) {
		return &Proposal{Plan: Plan{Format: Snowplow}, Says: fmt.Sprintf("enriched events of Snowplow, %d columns", bytes.Count(lines[0], []byte("\t"))+1)}, nil
	}
	if (format == JSONL || format == "") && most(lines, isCall) {
		return &Proposal{Plan: Plan{Format: JSONL}, Says: "calls of Segment's clients, one a line"}, nil
	}
	found, err := discover.Propose(sample)
	if err != nil {
		return nil, err
	}
	p := &Proposal{Plan: Plan{Parser: found.Parser}, Fields: found.Fields, Notes: found.Notes}
	switch found.Parser.Kind {
	case discover.JSONLines:
		p.Format, p.Says = JSONL, "objects of JSON, one a line"
	case discover.Table:
		p.Format = Table
		p.Says = fmt.Sprintf("a table, cells parted by %q", found.Parser.Dialect.Delimiter)
		if found.Parser.Dialect.Header {
			p.Says += ", with a line of titles"
		}
	case discover.KeyValue:
		p.Format, p.Says = Text, "lines of name=value"
	default:
		p.Format, p.Says = Text, fmt.Sprintf("lines of text, %d templates", len(found.Parser.Templates))
	}
	if format != "" && format != p.Format {
		return nil, fmt.Errorf("%w: it looks like %s, not like %s; leave -format out, or give a parser", offers.ErrInvalid, p.Says, format)
	}
	p.Says += fmt.Sprintf(", %d fields", len(found.Parser.Fields))
	for _, f := range found.Parser.Fields {
		if f.Role == discover.RoleTime {
			p.Says += fmt.Sprintf(", time in %s (%s)", f.Name, f.Layout)
		}
	}
	p.Event = recordEvent(found.Parser, name)
	return p, nil
}

// recordEvent is what records tell that do not say it, by what they have; else
// their file's name is its name.
func recordEvent(p *discover.Parser, name string) string {
	has := map[discover.Role]bool{}
	for _, f := range p.Fields {
		has[f.Role] = true
	}
	switch {
	case has[discover.RoleEvent]:
		return ""
	case has[discover.RoleQuery]:
		return string(offers.ProductSearched)
	case has[discover.RoleOrder] && (has[discover.RoleValue] || has[discover.RolePrice]):
		return string(offers.OrderCompleted)
	case has[discover.RoleURL]:
		return string(offers.PageViewed)
	}
	base, _, _ := strings.Cut(path.Base(name), ".")
	return cmp.Or(strings.Trim(formats.Snake(base), "_0123456789"), "row")
}

// firstLines are lines of a sample's beginning, less a last one that may be cut.
func firstLines(sample []byte) [][]byte {
	var lines [][]byte
	for rest := bytes.TrimPrefix(sample, []byte("\xef\xbb\xbf")); len(rest) > 0 && len(lines) < 200; {
		var line []byte
		var whole bool
		if line, rest, whole = bytes.Cut(rest, []byte("\n")); !whole && len(lines) > 0 {
			break
		}
		if line = bytes.TrimRight(line, "\r"); len(bytes.TrimSpace(line)) > 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

// most tells whether at least nine of ten lines are so.
func most(lines [][]byte, is func([]byte) bool) bool {
	n := 0
	for _, l := range lines {
		if is(l) {
			n++
		}
	}
	return n*10 >= len(lines)*9
}

func isAccess(line []byte) bool { _, err := weblog.Parse(line); return err == nil }

func isEnriched(line []byte) bool {
	if bytes.Count(line, []byte("\t")) < 100 {
		return false
	}
	_, bad := snowplow.Enriched(line)
	return bad == nil
}

func isCall(line []byte) bool {
	body, bad := formats.Valid(line)
	if bad != nil {
		return false
	}
	_, ok, err := callOf(body)
	return ok && err == nil
}

func sayAccess(lines [][]byte) string {
	forms, extra := map[string]int{}, 0
	for _, l := range lines {
		if h, err := weblog.Parse(l); err == nil {
			forms[h.Form]++
			extra = max(extra, len(h.Extra))
		}
	}
	best := weblog.Common
	for _, form := range slices.Sorted(maps.Keys(forms)) {
		if forms[form] > forms[best] {
			best = form
		}
	}
	fields := map[string]int{weblog.Common: 7, weblog.Combined: 9, weblog.VhostCommon: 8, weblog.VhostCombined: 10}[best] + extra
	says := fmt.Sprintf("an access log of Apache's or nginx's, %s, time in brackets, %d fields", strings.ReplaceAll(best, "_", " "), fields)
	if extra > 0 {
		says += fmt.Sprintf(", the last %d of them extra1 and so on", extra)
	}
	return says
}

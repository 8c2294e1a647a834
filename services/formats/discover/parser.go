package discover

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"aisle/offers"
	"aisle/services/formats/weblog"
)

// Kind is what a file is made of.
type Kind string

// The kinds.
const (
	JSONLines Kind = "json_lines"
	Table     Kind = "table" // CSV, TSV and their like
	AccessLog Kind = "access_log"
	KeyValue  Kind = "key_value" // a=1 b="two words"
	Text      Kind = "text"      // a header, and a message in words
)

// ParserVersion is the version of parsers that this package writes and reads.
const ParserVersion = 1

// Parser says how to read a file and what its fields are called. Propose makes
// one, people mend it, and it is saved as JSON. It is safe for concurrent use
// and must not be changed once it has parsed.
type Parser struct {
	Version   int        `json:"version"`
	Kind      Kind       `json:"kind"`
	Dialect   *Dialect   `json:"dialect,omitempty"`   // of a table
	Columns   []string   `json:"columns,omitempty"`   // of a table, in their order
	Header    *Header    `json:"header,omitempty"`    // of text
	Templates []Template `json:"templates,omitempty"` // of text
	Zone      string     `json:"zone,omitempty"`      // of times that do not say theirs; empty is UTC
	Year      int        `json:"year,omitempty"`      // of times that do not say theirs
	Fields    []Field    `json:"fields"`

	ready atomic.Pointer[ready]
}

// Field is one field of the file and what becomes of it.
type Field struct {
	Name      string   `json:"name"` // in the shop's words
	From      string   `json:"from"` // in the file's
	Type      Type     `json:"type"`
	Layout    string   `json:"layout,omitempty"` // of times and numbers
	Role      Role     `json:"role,omitempty"`
	Exclude   bool     `json:"exclude,omitempty"`  // it is not wanted, and goes no further
	Optional  bool     `json:"optional,omitempty"` // records may be without it
	Normalise []string `json:"normalise,omitempty"`
}

// What Normalise may hold; in this order.
const (
	Trim    = "trim"    // spaces at both ends
	Lower   = "lower"   // letters small
	Upper   = "upper"   // and large
	Digits  = "digits"  // nothing but + and digits, as in phone numbers
	Squeeze = "squeeze" // runs of spaces to one
)

// Row is one record by the names of a Parser.
type Row struct {
	// Values are of type string, int64, float64, bool or time.Time; of an
	// Object what its JSON is. An empty one is left out. Addresses of networks
	// are truncated.
	Values map[string]any `json:"values"`
	// Unassigned is what the Parser does not know, and what is of another type
	// than it was, by the file's own names. Nothing of a record is lost.
	Unassigned map[string]any `json:"unassigned,omitempty"`
	Drift      []Drift        `json:"drift,omitempty"`
	// Template is that of a message, by id and text, and Params what stood in
	// the places of its values.
	Template int      `json:"template,omitempty"`
	Params   []string `json:"params,omitempty"`
}

// Drift is one way in which a record is not as its Parser has it.
type Drift struct {
	Kind  DriftKind `json:"kind"`
	Field string    `json:"field"`
	Want  Type      `json:"want,omitempty"`
	Got   Type      `json:"got,omitempty"`
}

// DriftKind is a way of drifting.
type DriftKind string

// The kinds of drift.
const (
	New       DriftKind = "new"
	Missing   DriftKind = "missing"
	Retyped   DriftKind = "retyped"
	Unmatched DriftKind = "unmatched" // a line without the header; a message of no known template
)

// ready is what a Parser needs to parse, made once.
type ready struct {
	err    error
	loc    *time.Location
	fields map[string]*Field // by From
	miner  *Miner            // frozen
	tokens sync.Pool
}

// Check tells whether a Parser can be used, with all that is wrong with it.
func (p *Parser) Check() error { return p.prepare().err }

func (p *Parser) prepare() *ready {
	if r := p.ready.Load(); r != nil {
		return r
	}
	r := &ready{fields: map[string]*Field{}, loc: time.UTC}
	var wrong []error
	if p.Version != ParserVersion {
		wrong = append(wrong, fmt.Errorf("version %d: this house reads %d", p.Version, ParserVersion))
	}
	switch p.Kind {
	case JSONLines, AccessLog, KeyValue:
	case Table:
		if p.Dialect == nil || len(p.Dialect.Delimiter) != 1 || len(p.Dialect.Quote) > 1 || len(p.Dialect.Escape) > 1 {
			wrong = append(wrong, errors.New("dialect: a table needs a delimiter of one byte"))
		}
		if len(p.Columns) == 0 {
			wrong = append(wrong, errors.New("columns: a table needs them"))
		}
	case Text:
		if p.Header == nil {
			wrong = append(wrong, errors.New("header: text needs one, if an empty one"))
		}
		r.miner = frozen(p.Templates)
	default:
		wrong = append(wrong, fmt.Errorf("kind %q is none", p.Kind))
	}
	if p.Zone != "" {
		loc, err := time.LoadLocation(p.Zone)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("zone: %w", err))
		} else {
			r.loc = loc
		}
	}
	names := map[string]bool{}
	for i := range p.Fields {
		f := &p.Fields[i]
		switch {
		case f.Name == "" || f.From == "":
			wrong = append(wrong, fmt.Errorf("field %d: it needs a name and where it is from", i+1))
		case names[f.Name]:
			wrong = append(wrong, fmt.Errorf("field %q: there are two", f.Name))
		case r.fields[f.From] != nil:
			wrong = append(wrong, fmt.Errorf("field %q: %q is taken by %q", f.Name, f.From, r.fields[f.From].Name))
		case !slices.Contains(types, f.Type):
			wrong = append(wrong, fmt.Errorf("field %q: type %q is none", f.Name, f.Type))
		case f.Type == Time && f.Layout == "":
			wrong = append(wrong, fmt.Errorf("field %q: a time needs a layout", f.Name))
		}
		for _, n := range f.Normalise {
			if !slices.Contains([]string{Trim, Lower, Upper, Digits, Squeeze}, n) {
				wrong = append(wrong, fmt.Errorf("field %q: normalise %q is none", f.Name, n))
			}
		}
		names[f.Name], r.fields[f.From] = true, f
	}
	if wrong != nil {
		r.err = fmt.Errorf("parser: %w: %w", offers.ErrInvalid, errors.Join(wrong...))
	}
	p.ready.CompareAndSwap(nil, r)
	return p.ready.Load()
}

var types = []Type{String, Integer, Number, Boolean, Time, IP, URL, UserAgent, UUID, Email, Phone, Object}

// Reader reads the records of a file that Parse takes, of at most limit bytes
// each (0 is MaxRecord). The first record of a table with a header is its
// header: Head takes it.
func (p *Parser) Reader(src io.Reader, limit int, offset int64) *Reader {
	if p.Kind == Table && p.Dialect != nil {
		return NewReader(src, *p.Dialect, limit, offset)
	}
	return NewLines(src, limit, offset)
}

// Head is the Parser for a table whose columns are in another order than when
// it was proposed, or more, or fewer; and what became of them. It is p itself
// where nothing did.
func (p *Parser) Head(record []byte) (*Parser, []Drift, error) {
	if err := p.prepare().err; err != nil {
		return nil, nil, err
	}
	if p.Kind != Table || !p.Dialect.Header {
		return p, nil, nil
	}
	names := columnNames(Split(record, *p.Dialect))
	if slices.Equal(names, p.Columns) {
		return p, nil, nil
	}
	var drift []Drift
	for _, n := range names {
		if !slices.Contains(p.Columns, n) {
			drift = append(drift, Drift{Kind: New, Field: n})
		}
	}
	for _, n := range p.Columns {
		if !slices.Contains(names, n) {
			drift = append(drift, Drift{Kind: Missing, Field: n})
		}
	}
	q := &Parser{Version: p.Version, Kind: p.Kind, Dialect: p.Dialect, Columns: names, Zone: p.Zone, Year: p.Year, Fields: p.Fields}
	return q, drift, nil
}

// columnNames are the cells of a header; one without a text, or with that of
// one before, is called by its place.
func columnNames(cells []string) []string {
	names := make([]string, len(cells))
	seen := map[string]bool{}
	for i, cell := range cells {
		n := strings.TrimSpace(cell)
		if n == "" || seen[n] {
			n = place(i)
		}
		seen[n] = true
		names[i] = n
	}
	return names
}

func place(i int) string { return "column_" + strconv.Itoa(i+1) }

// pair is one field of a record by the file's name for it.
type pair struct {
	from  string
	value any // string; of JSON also bool, json.Number, nil, []any; of an access line a time.Time
}

// Parse reads one record. What does not fit is in the Row, not an error; an
// error, of kind ErrInvalid, is a record that is not of the Parser's kind.
func (p *Parser) Parse(record []byte) (Row, error) {
	r := p.prepare()
	if r.err != nil {
		return Row{}, r.err
	}
	row := Row{Values: map[string]any{}}
	var pairs []pair
	var err error
	switch p.Kind {
	case JSONLines:
		pairs, err = jsonPairs(record)
	case AccessLog:
		pairs, err = accessPairs(record)
	case KeyValue:
		pairs, err = keyValuePairs(string(record))
	case Table:
		pairs = p.tablePairs(record)
	case Text:
		if pairs = p.textPairs(r, string(record), &row); pairs == nil {
			return row, nil
		}
	}
	if err != nil {
		return Row{}, fmt.Errorf("%s: %w: %w", p.Kind, offers.ErrInvalid, err)
	}
	p.assign(r, pairs, &row)
	return row, nil
}

func (p *Parser) assign(r *ready, pairs []pair, row *Row) {
	seen := make(map[string]bool, len(pairs))
	for _, pr := range pairs {
		f := r.fields[pr.from]
		if seen[pr.from] { // said twice: the first counts
			row.keepAside(pr.from+" again", pr.value)
			continue
		}
		seen[pr.from] = true
		switch {
		case f == nil:
			row.keepAside(pr.from, pr.value)
			row.Drift = append(row.Drift, Drift{Kind: New, Field: pr.from, Got: typeOfAny(pr.value)})
		case f.Exclude, isNull(pr.value):
		default:
			v, ok := f.convert(pr.value, r.loc, p.Year)
			if !ok {
				row.keepAside(pr.from, pr.value)
				row.Drift = append(row.Drift, Drift{Kind: Retyped, Field: f.Name, Want: f.Type, Got: typeOfAny(pr.value)})
				continue
			}
			row.Values[f.Name] = v
		}
	}
	for i := range p.Fields {
		if f := &p.Fields[i]; !seen[f.From] && !f.Optional && !f.Exclude {
			row.Drift = append(row.Drift, Drift{Kind: Missing, Field: f.Name, Want: f.Type})
		}
	}
}

// keepAside puts a value that has no place yet with the others of its kind.
func (row *Row) keepAside(from string, v any) {
	if s, ok := v.(string); ok && isIP(s) {
		v = weblog.TruncateIP(s)
	}
	if row.Unassigned == nil {
		row.Unassigned = map[string]any{}
	}
	name := from
	for n := 2; ; n++ {
		if _, taken := row.Unassigned[name]; !taken {
			break
		}
		name = from + " " + strconv.Itoa(n)
	}
	row.Unassigned[name] = v
}

// isNull tells the ways of writing that there is nothing.
func isNull(v any) bool {
	if v == nil {
		return true
	}
	s, ok := v.(string)
	if !ok {
		return false
	}
	switch strings.TrimSpace(s) {
	case "", "-", "null", "NULL", "Null", "nil", "None", `\N`, "N/A", "n/a", "NA", "NaN", "nan", "undefined":
		return true
	}
	return false
}

func typeOfAny(v any) Type {
	switch v := v.(type) {
	case string:
		return TypeOf(strings.TrimSpace(v))
	case bool:
		return Boolean
	case json.Number:
		return TypeOf(v.String())
	case time.Time:
		return Time
	case nil:
		return String
	}
	return Object
}

// convert makes of a value what the field is; it is false where that cannot be.
func (f *Field) convert(v any, loc *time.Location, year int) (any, bool) {
	var s string
	switch v := v.(type) {
	case string:
		s = f.normal(v)
		if f.Type == Object {
			return s, true
		}
	case json.Number:
		if s = v.String(); f.Type == String {
			return nil, false
		}
	case bool:
		return v, f.Type == Boolean
	case time.Time:
		return v, f.Type == Time
	default:
		return v, f.Type == Object
	}
	if f.Type != String {
		s = strings.TrimSpace(s)
	}
	switch f.Type {
	case Integer:
		n, err := strconv.ParseInt(s, 10, 64)
		return n, err == nil
	case Number:
		if f.Layout == DecimalComma {
			s = strings.Replace(strings.ReplaceAll(s, ".", ""), ",", ".", 1)
		}
		if !isInteger(s) && !isNumber(s) {
			return nil, false
		}
		n, err := strconv.ParseFloat(s, 64)
		return n, err == nil
	case Boolean:
		if !isBoolean(s) {
			return nil, false
		}
		s = strings.ToLower(s)
		return s == "true" || s == "yes", true
	case Time:
		t, err := ReadAs(f.Layout, s, loc)
		if err == nil && t.Year() == 0 && year > 0 {
			t = time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
		}
		return t, err == nil
	case IP:
		cut := weblog.TruncateIP(s)
		return cut, cut != ""
	case UUID:
		return s, isUUID(s)
	case Email:
		return s, isEmail(s)
	case URL:
		return s, isURL(s)
	case Phone:
		return s, isPhone(s) || digits(strings.TrimPrefix(s, "+"))
	}
	return s, true
}

func (f *Field) normal(s string) string {
	for _, n := range f.Normalise {
		switch n {
		case Trim:
			s = strings.TrimSpace(s)
		case Lower:
			s = strings.ToLower(s)
		case Upper:
			s = strings.ToUpper(s)
		case Squeeze:
			s = strings.Join(strings.Fields(s), " ")
		case Digits:
			s = strings.Map(func(r rune) rune {
				if r == '+' || r >= '0' && r <= '9' {
					return r
				}
				return -1
			}, s)
		}
	}
	return s
}

// maxDepth is how deep objects within objects are taken apart; deeper ones are
// values of their own.
const maxDepth = 4

func jsonPairs(record []byte) ([]pair, error) {
	dec := json.NewDecoder(bytes.NewReader(record))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		return nil, fmt.Errorf("no JSON object: %w", err)
	}
	if object == nil {
		return nil, errors.New("no JSON object: null")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON object")
	}
	return flatten(nil, "", object, maxDepth), nil
}

func flatten(pairs []pair, prefix string, object map[string]any, depth int) []pair {
	for k, v := range object {
		if inner, ok := v.(map[string]any); ok && (depth > 1 || len(inner) == 0) {
			pairs = flatten(pairs, prefix+k+".", inner, depth-1)
			continue
		}
		pairs = append(pairs, pair{prefix + k, v})
	}
	if prefix == "" { // maps have no order, rows should
		slices.SortFunc(pairs, func(a, b pair) int { return strings.Compare(a.from, b.from) })
	}
	return pairs
}

func (p *Parser) tablePairs(record []byte) []pair {
	cells := Split(record, *p.Dialect)
	pairs := make([]pair, 0, len(cells))
	for i, cell := range cells {
		if i < len(p.Columns) {
			pairs = append(pairs, pair{p.Columns[i], cell})
		} else if cell != "" {
			pairs = append(pairs, pair{place(i), cell})
		}
	}
	return pairs
}

// The names of an access line's fields.
const (
	fromHost      = "host"
	fromClient    = "client"
	fromUser      = "user"
	fromTime      = "time"
	fromMethod    = "method"
	fromURL       = "url"
	fromProtocol  = "protocol"
	fromRequest   = "request"
	fromStatus    = "status"
	fromBytes     = "bytes"
	fromReferrer  = "referrer"
	fromAgent     = "user_agent"
	fromTook      = "took_seconds"
	fromExtra     = "extra_"
	fromEngine    = "search_engine"
	fromEngineFor = "search_terms"
)

func accessPairs(record []byte) ([]pair, error) {
	h, err := weblog.Parse(record)
	if err != nil {
		return nil, err
	}
	engine, terms := weblog.Terms(h.Referrer)
	pairs := []pair{
		{fromHost, h.Host}, {fromClient, h.Client}, {fromUser, h.User},
		{fromTime, h.Time},
		{fromMethod, h.Method}, {fromURL, h.URL}, {fromProtocol, h.Protocol}, {fromRequest, h.Request},
		{fromStatus, strconv.Itoa(h.Status)}, {fromBytes, strconv.FormatInt(h.Bytes, 10)},
		{fromReferrer, h.Referrer}, {fromAgent, h.UserAgent}, {fromEngine, engine}, {fromEngineFor, terms},
	}
	if h.Took > 0 {
		pairs = append(pairs, pair{fromTook, strconv.FormatFloat(h.Took.Seconds(), 'f', -1, 64)})
	}
	for i, x := range h.Extra {
		pairs = append(pairs, pair{fromExtra + strconv.Itoa(i+1), x})
	}
	return slices.DeleteFunc(pairs, func(p pair) bool { return p.value == "" }), nil
}

// keyValuePairs reads a=1 b="two words" c. A word without a value is true, as
// those who write so mean it; the rest is kept as text.
func keyValuePairs(line string) ([]pair, error) {
	var pairs []pair
	var rest []string
	for i := 0; i < len(line); {
		if isSpace(line[i]) || line[i] == ',' || line[i] == ';' {
			i++
			continue
		}
		start := i
		for i < len(line) && isKeyByte(line[i]) {
			i++
		}
		if i == start || i == len(line) || line[i] != '=' {
			for i < len(line) && !isSpace(line[i]) {
				i++
			}
			rest = append(rest, line[start:i])
			continue
		}
		key := line[start:i]
		v, n := keyedValue(line[i+1:])
		i += 1 + n
		pairs = append(pairs, pair{key, v})
	}
	if len(pairs) == 0 {
		return nil, errors.New("no name=value in it")
	}
	if rest != nil {
		pairs = append(pairs, pair{"text", strings.Join(rest, " ")})
	}
	return pairs, nil
}

func isKeyByte(c byte) bool {
	return isAlnum(c) || c == '_' || c == '.' || c == '-' || c == '@' || c == '/' || c == ':'
}

// keyedValue is what follows an equals sign, and how many bytes it takes.
func keyedValue(s string) (string, int) {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		i := strings.IndexAny(s, " \t")
		if i < 0 {
			i = len(s)
		}
		return strings.TrimRight(s[:i], ",;"), i
	}
	var b []byte
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			switch s[i] {
			case 'n':
				b = append(b, '\n')
			case 't':
				b = append(b, '\t')
			default:
				b = append(b, s[i])
			}
		case s[i] == s[0]:
			return string(b), i + 1
		default:
			b = append(b, s[i])
		}
	}
	return string(b), len(s)
}

func (p *Parser) textPairs(r *ready, line string, row *Row) []pair {
	texts, message, ok := p.Header.Cut(line)
	if !ok {
		row.Drift = append(row.Drift, Drift{Kind: Unmatched, Field: "header"})
		row.keepAside("line", line)
		return nil
	}
	pairs := make([]pair, 0, len(texts)+2)
	n := 0
	for _, c := range p.Header.Columns {
		if c.Name == "" {
			continue
		}
		text := texts[n]
		n++
		if c.Name == ColumnComponent {
			if name, pid := program(text); pid != "" {
				pairs = append(pairs, pair{ColumnPID, pid})
				text = name
			}
		}
		pairs = append(pairs, pair{c.Name, text})
	}
	pairs = append(pairs, pair{Message, message})
	if len(p.Templates) == 0 {
		return pairs
	}
	buf, _ := r.tokens.Get().(*[]token)
	if buf == nil {
		buf = new([]token)
	}
	*buf = tokenize((*buf)[:0], message)
	if id, ok := r.miner.find(*buf); ok {
		row.Template = p.Templates[id-1].ID
		row.Params = params(&r.miner.groups[id], *buf, message)
	} else {
		row.Drift = append(row.Drift, Drift{Kind: Unmatched, Field: "template"})
	}
	clear(*buf)
	r.tokens.Put(buf)
	return pairs
}

// params are the texts of a line where its template has values. A phrase, and
// the last value of a template that is open, take what the line has more.
func params(g *group, line []token, message string) []string {
	more := len(line) - len(g.tokens)
	if more < 0 {
		return nil
	}
	var texts []string
	j := 0
	for i, t := range g.tokens {
		last := j
		if more > 0 && (g.phrase.has(i) || i == len(g.tokens)-1) {
			last, more = j+more, 0
		}
		if t.text == wild {
			texts = append(texts, strings.Clone(message[line[j].at:line[last].at+len(line[last].text)]))
		}
		j = last + 1
	}
	return texts
}

// nthWild is the place of the n-th <*> of a template.
func nthWild(tokens []token, n int) (at int, ok bool) {
	for i, t := range tokens {
		if t.text == wild {
			if n--; n == 0 {
				return i, true
			}
		}
	}
	return 0, false
}

// frozen is a Miner that knows templates by their texts and learns no more.
// The template of group n is the n-th.
func frozen(templates []Template) *Miner {
	m := NewMiner(max(1, len(templates)))
	m.aliases = m.max // no more of them: it is used by many at once
	for i, t := range templates {
		tokens := tokenize(nil, t.Text)
		id := m.create(tokens, t.Text)
		if id != i+1 {
			break
		}
		g := &m.groups[id]
		for i, tk := range g.tokens {
			if tk.kind == value {
				g.wilds.add(i)
			}
		}
		m.remember(len(g.tokens), g.wilds)
		if at, ok := nthWild(g.tokens, t.Phrase); ok {
			g.phrase.add(at)
			eachPhrase(g.tokens, func(from, to int, around uint64) bool {
				if from == at && to == at+1 {
					m.phrases[around] = id
				}
				return from <= at
			})
		}
		if at := len(tokens) - 1; t.Open && opensTail(tokens, at) {
			m.tails[hashOf(tokens[:at], mask{})] = id
		}
	}
	return m
}

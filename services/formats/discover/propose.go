package discover

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"aisle/offers"
	"aisle/services/formats/weblog"
)

// Proposal is what a file seems to be, for a person to look at and mend.
type Proposal struct {
	Parser  *Parser  `json:"parser"`
	Fields  []Report `json:"fields"`  // of the Parser's, in their order
	Records int      `json:"records"` // that were looked at
	Unread  int      `json:"unread"`  // that did not fit
	Notes   []string `json:"notes,omitempty"`
}

// Report is what the sample shows of one field.
type Report struct {
	Name     string   `json:"name"`
	From     string   `json:"from"`
	Type     Type     `json:"type"`
	Role     Role     `json:"role,omitempty"`
	Nulls    float64  `json:"nulls"`    // share of the records that have none
	Distinct int      `json:"distinct"` // different values in the sample, at most maxDistinct
	Examples []string `json:"examples"` // masked where they may tell who somebody is
	Note     string   `json:"note,omitempty"`
}

// How much of a sample is looked at.
const (
	MaxSample      = 1 << 20
	maxRecords     = 5000
	maxFields      = 500
	maxDistinct    = 10000
	maxTyped       = 1000 // different values whose type is looked at
	maxExamples    = 5
	maxExample     = 80
	sampleTemplate = 200 // templates that a proposal has
)

// agreement is the share of the values that must be of a type for the field to
// be: the others are the drift of tomorrow.
const agreement = .95

// Propose finds out what a file is from its beginning: some 256 kB are best,
// and no more than MaxSample is looked at. It errs, with ErrInvalid, only where
// there is nothing to see: no record, or bytes that are no text.
func Propose(sample []byte) (Proposal, error) {
	cut := len(sample) > MaxSample
	if cut {
		sample = sample[:MaxSample]
	}
	switch {
	case bytes.HasPrefix(sample, []byte{0xff, 0xfe}), bytes.HasPrefix(sample, []byte{0xfe, 0xff}):
		return Proposal{}, fmt.Errorf("sample: %w: it is UTF-16: save it as UTF-8", offers.ErrInvalid)
	case bytes.HasPrefix(sample, []byte("PAR1")), bytes.HasPrefix(sample, []byte{0x1f, 0x8b}), bytes.HasPrefix(sample, []byte("PK\x03\x04")):
		return Proposal{}, fmt.Errorf("sample: %w: it is packed, not text", offers.ErrInvalid)
	case bytes.IndexByte(sample, 0) >= 0:
		return Proposal{}, fmt.Errorf("sample: %w: it is not text", offers.ErrInvalid)
	}
	// The last line of a large sample is likely cut.
	if i := bytes.LastIndexByte(sample, '\n'); (cut || len(sample) >= 64<<10) && i > 0 {
		sample = sample[:i+1]
	}
	lines := linesOf(bytes.TrimPrefix(sample, bom))
	if len(lines) == 0 {
		return Proposal{}, fmt.Errorf("sample: %w: there is no record in it", offers.ErrInvalid)
	}
	if isDocument(sample) {
		return Proposal{}, fmt.Errorf("sample: %w: it is one JSON document: write each of its records on a line", offers.ErrInvalid)
	}
	s := study{sample: sample, lines: lines}
	switch {
	case s.most(func(l string) bool { return isObject(l) }):
		return s.propose(&Parser{Kind: JSONLines})
	case s.most(func(l string) bool { _, err := weblog.Parse([]byte(l)); return err == nil }):
		return s.propose(&Parser{Kind: AccessLog})
	case s.most(isKeyValues):
		return s.propose(&Parser{Kind: KeyValue})
	}
	if d, names, ok := s.table(); ok {
		return s.propose(&Parser{Kind: Table, Dialect: &d, Columns: names})
	}
	h := NewHeader(lines)
	return s.propose(&Parser{Kind: Text, Header: &h})
}

func linesOf(sample []byte) []string {
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(string(sample), "\r\n", "\n")) {
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
		if len(lines) == maxRecords {
			break
		}
	}
	return lines
}

// study is a sample that is being looked at.
type study struct {
	sample []byte
	lines  []string
}

// most tells whether nearly all the lines are so.
func (s *study) most(ok func(string) bool) bool {
	some := s.lines
	if len(some) > 300 {
		some = spaced(some, 300)
	}
	n := 0
	for _, l := range some {
		if ok(l) {
			n++
		}
	}
	return float64(n) >= .9*float64(len(some))
}

func isObject(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "{") && json.Valid([]byte(line))
}

// isDocument tells JSON that goes on over lines.
func isDocument(sample []byte) bool {
	text := bytes.TrimSpace(bytes.TrimPrefix(sample, bom))
	if len(text) == 0 || text[0] != '[' && text[0] != '{' {
		return false
	}
	first, rest, more := bytes.Cut(text, []byte("\n"))
	if rest = bytes.TrimSpace(rest); !more || json.Valid(first) {
		return text[0] == '[' && json.Valid(text) && bytes.HasPrefix(bytes.TrimSpace(text[1:]), []byte("{"))
	}
	// [\n {  or  {\n "name":
	first = bytes.TrimSpace(first[1:])
	return len(first) == 0 && len(rest) > 0 && bytes.IndexByte([]byte("{[\""), rest[0]) >= 0 || bytes.HasPrefix(first, []byte("{")) && text[0] == '['
}

// isKeyValues tells lines that are name=value and little else.
func isKeyValues(line string) bool {
	pairs, err := keyValuePairs(line)
	if err != nil {
		return false
	}
	n := len(pairs)
	if last := pairs[n-1]; last.from == "text" {
		n--
		if len(strings.Fields(last.value.(string))) > n/3 {
			return false
		}
	}
	return n >= 2
}

// table tells a table from text with commas in it.
func (s *study) table() (Dialect, []string, bool) {
	d, ok := NewDialect(s.sample)
	if !ok || d.Delimiter == " " || d.Delimiter == ":" {
		return d, nil, false
	}
	rows := records(s.sample, d, sampleRecords)
	lengths := map[int]int{}
	words, cells := 0, 0
	for _, row := range rows {
		lengths[len(row)]++
		for _, c := range row {
			cells++
			words += len(strings.Fields(c))
		}
	}
	width, times := 0, 0
	for n, t := range lengths {
		if t > times || t == times && n > width {
			width, times = n, t
		}
	}
	if width < 2 || float64(times) < .9*float64(len(rows)) && len(rows) > 3 {
		return d, nil, false
	}
	if !d.Header && width <= 3 {
		// "12:00:01,123 INFO starting": a comma, and yet a log.
		if float64(words) > 5*float64(cells) || len(NewHeader(s.lines).Columns) > 1 {
			return d, nil, false
		}
	}
	if d.Header {
		return d, columnNames(rows[0]), true
	}
	names := make([]string, width)
	for i := range names {
		names[i] = place(i)
	}
	return d, names, true
}

// seen is what a sample shows of one field.
type seen struct {
	from     string
	values   []string // different ones, at most maxTyped, as they came
	count    int      // of values that are not null
	nulls    int
	objects  int // JSON arrays and objects
	texts    int // JSON strings
	distinct map[string]int
}

// propose reads the sample by a parser that knows no field, and learns from
// what lies unassigned.
func (s *study) propose(p *Parser) (Proposal, error) {
	p.Version = ParserVersion
	prop := Proposal{Parser: p}
	order, fields := []string{}, map[string]*seen{}
	miner := NewMiner(0)
	headed := false
	r := p.Reader(bytes.NewReader(s.sample), 0, 0)
	for prop.Records < maxRecords {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			prop.Unread++
			continue
		}
		if len(bytes.TrimSpace(rec.Raw)) == 0 {
			continue
		}
		if p.Kind == Table && p.Dialect.Header && !headed {
			headed = true
			continue
		}
		prop.Records++
		pairs, err := p.pairs(rec.Raw, miner)
		if err != nil {
			prop.Unread++
			continue
		}
		for _, pr := range pairs {
			f := fields[pr.from]
			if f == nil {
				if len(order) == maxFields {
					continue
				}
				f = &seen{from: pr.from, distinct: map[string]int{}}
				fields[pr.from], order = f, append(order, pr.from)
			}
			f.add(pr.value)
		}
	}
	if len(order) == maxFields {
		prop.Notes = append(prop.Notes, fmt.Sprintf("there are more than %d fields: the others will lie unassigned", maxFields))
	}
	if p.Kind == JSONLines {
		slices.Sort(order)
	}
	read := prop.Records - prop.Unread
	if read <= 0 && p.Kind != Table {
		return Proposal{}, fmt.Errorf("sample: %w: no record can be read", offers.ErrInvalid)
	}
	names := map[string]bool{}
	for _, from := range order {
		f, report := fields[from].field(p, read)
		f.Name = unique(f.Name, names)
		report.Name = f.Name
		p.Fields = append(p.Fields, f)
		prop.Fields = append(prop.Fields, report)
	}
	always := p.Columns // those of a table without a record
	if p.Kind == AccessLog {
		always = []string{fromUser, fromRequest, fromReferrer, fromAgent, fromEngine, fromEngineFor}
	}
	for _, name := range always {
		if fields[name] == nil {
			f, report := (&seen{from: name}).field(p, 0)
			report.Nulls = 1
			f.Name = unique(f.Name, names)
			report.Name = f.Name
			p.Fields, prop.Fields = append(p.Fields, f), append(prop.Fields, report)
		}
	}
	cast(p, prop.Fields)
	if p.Kind == Text {
		miner.Settle()
		for _, t := range miner.Templates() {
			if t.Text != "" && len(p.Templates) < sampleTemplate {
				p.Templates = append(p.Templates, Template{ID: len(p.Templates) + 1, Text: t.Text, Open: t.Open, Phrase: t.Phrase, Lines: t.Lines, Sample: clip(MaskText(t.Sample))})
			}
		}
	}
	for i, f := range p.Fields {
		if note := prop.Fields[i].Note; note != "" {
			prop.Notes = append(prop.Notes, f.Name+": "+note)
		}
	}
	return prop, p.Check()
}

// pairs is what a record holds before anything is known of its fields.
func (p *Parser) pairs(record []byte, miner *Miner) ([]pair, error) {
	switch p.Kind {
	case JSONLines:
		return jsonPairs(record)
	case AccessLog:
		return accessPairs(record)
	case KeyValue:
		return keyValuePairs(string(record))
	case Table:
		return p.tablePairs(record), nil
	}
	var row Row
	pairs := p.textPairs(nil, string(record), &row)
	if pairs == nil {
		return nil, errors.New("no header")
	}
	miner.Add(pairs[len(pairs)-1].value.(string))
	return pairs, nil
}

func (f *seen) add(v any) {
	if isNull(v) {
		f.nulls++
		return
	}
	var s string
	switch v := v.(type) {
	case string:
		s = v
		f.texts++
	case json.Number:
		s = v.String()
	case bool:
		s = strconv.FormatBool(v)
	case time.Time:
		s = v.Format(time.RFC3339)
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return
		}
		s = string(b)
		f.objects++
	}
	f.count++
	if _, known := f.distinct[s]; !known {
		if len(f.distinct) == maxDistinct {
			return
		}
		if len(f.values) < maxTyped {
			f.values = append(f.values, s)
		}
	}
	f.distinct[s]++
}

// field concludes what a field is from all its values. of is the number of
// records.
func (f *seen) field(p *Parser, of int) (Field, Report) {
	field := Field{From: f.from, Name: canonicalName(f.from), Type: String}
	missing := max(0, of-f.count-f.nulls)
	field.Optional = missing > 0 || of == 0
	report := Report{From: f.from, Distinct: len(f.distinct), Examples: []string{}}
	if of > 0 {
		report.Nulls = math.Round(float64(of-f.count)/float64(of)*1e4) / 1e4
	}
	if t, layout, known := p.given(f.from); known {
		field.Type, field.Layout = t, layout
		if t == Time && yearless(layout) && !instant(layout) {
			report.Note = "the year is not said"
		}
	} else {
		field.Type, field.Layout, report.Note = f.typed(p.Kind)
	}
	switch field.Type {
	case Email:
		field.Normalise = []string{Trim, Lower}
	case Phone:
		field.Normalise = []string{Trim, Digits}
	case String:
		if p.Kind == Table || p.Kind == JSONLines {
			field.Normalise = []string{Trim}
		}
	}
	report.Type = field.Type
	for _, v := range f.values {
		if len(report.Examples) == maxExamples {
			break
		}
		if v = Mask(field.Type, strings.TrimSpace(v)); !field.Type.Personal() {
			v = MaskText(v)
		}
		if tellsPerson(field.Name) && !field.Type.Personal() {
			v = firstRune(v) + "…"
		}
		if v = clip(v); !slices.Contains(report.Examples, v) {
			report.Examples = append(report.Examples, v)
		}
	}
	return field, report
}

// given is the type of a field that its place tells: in a header, and in the
// lines of a web server.
func (p *Parser) given(from string) (t Type, layout string, ok bool) {
	switch p.Kind {
	case Text:
		if from == ColumnPID {
			return Integer, "", true
		}
		for _, c := range p.Header.Columns {
			if c.Name == from {
				return c.Type, c.Layout, true
			}
		}
		return String, "", from == Message
	case AccessLog:
		switch from {
		case fromTime:
			return Time, accessLayout, true
		case fromClient:
			return IP, "", true
		case fromStatus, fromBytes:
			return Integer, "", true
		case fromTook:
			return Number, "", true
		case fromAgent:
			return UserAgent, "", true
		}
		return String, "", !strings.HasPrefix(from, fromExtra)
	}
	return "", "", false
}

// tellsPerson tells names of fields that tell who somebody is, whatever their
// type.
func tellsPerson(name string) bool {
	for w := range strings.SplitSeq(name, "_") {
		switch w {
		case "surname", "lastname", "firstname", "fullname", "birth", "dob", "birthday", "street", "ssn", "soc", "passport", "iban":
			return true
		}
	}
	return slices.Contains([]string{
		"name", "first_name", "last_name", "given_name", "full_name", "family_name", "customer_name", "user", "user_name",
		"address", "address_1", "address_2", "postal_address", "home_address",
	}, name)
}

const accessLayout = "2006-01-02T15:04:05Z07:00"

func clip(s string) string {
	if len(s) <= maxExample {
		return strings.ToValidUTF8(s, "")
	}
	return strings.ToValidUTF8(s[:maxExample], "") + "…"
}

// typed is the narrowest type that nearly all values are of.
func (f *seen) typed(kind Kind) (t Type, layout, note string) {
	if f.count == 0 {
		return String, "", "it is always empty"
	}
	if f.objects > 0 {
		return Object, "", ""
	}
	counts := map[Type]int{}
	n, comma := 0, 0
	for _, v := range f.values {
		times := f.distinct[v]
		v = strings.TrimSpace(v)
		t := TypeOf(v)
		if t == Number && strings.Contains(v, ",") {
			comma += times
		}
		counts[t] += times
		n += times
	}
	enough := func(k int) bool { return k > 0 && float64(k) >= agreement*float64(n) }
	numbers := counts[Integer] + counts[Number]
	if kind == JSONLines && f.texts > 0 && !enough(numbers) && !enough(counts[Boolean]) {
		numbers, counts[Boolean] = 0, 0 // a text here and there that is a number
	}
	dated := timely(f.from) || enough(counts[Time])
	if dated && counts[Number] == 0 || enough(counts[Time]) {
		if l, ok := NewLayout(f.dates()); ok && (!enough(numbers) || instant(l.Layout) || compact(l.Layout)) {
			switch {
			case l.Ambiguous:
				note = fmt.Sprintf("day or month first? %s is taken; %s fits as well", l.Layout, l.Other)
			case l.Layout == AnyLayout:
				note = "dates are written in more than one way"
			case l.YearMissing:
				note = "the year is not said"
			}
			return Time, l.Layout, note
		}
	}
	switch {
	case enough(counts[Integer]) && counts[Number] == 0:
		return Integer, "", ""
	case enough(numbers) && comma > 0 && comma+counts[Integer] < numbers:
		return String, "", "numbers with a comma and with a point are mixed"
	case enough(numbers) && comma > 0:
		return Number, DecimalComma, ""
	case enough(numbers):
		if l, ok := NewLayout(f.values); ok && instant(l.Layout) && timely(f.from) {
			return Time, l.Layout, ""
		}
		return Number, "", ""
	}
	for _, t := range []Type{Boolean, IP, UUID, URL, Email, UserAgent, Phone} {
		if enough(counts[t]) {
			return t, "", ""
		}
	}
	return String, "", ""
}

// dates are the values that are dates, if nearly all are.
func (f *seen) dates() []string {
	var dates []string
	for _, v := range f.values {
		v = strings.TrimSpace(v)
		if _, ok := epochUnit(v); ok {
			dates = append(dates, v)
		} else if plausible(v) {
			if _, err := ParseTime(v, nil); err == nil || isTime(v) {
				dates = append(dates, v)
			}
		}
	}
	if float64(len(dates)) < agreement*float64(len(f.values)) {
		return nil
	}
	return dates
}

func instant(layout string) bool { return strings.HasPrefix(layout, Unix) }

// compact tells 20140722 and 20140722105203.
func compact(layout string) bool { return strings.HasPrefix(layout, "20060102") }

// timely tells names that times have.
func timely(name string) bool {
	name = canonicalName(name)
	for w := range strings.SplitSeq(name, "_") {
		switch w {
		case "time", "date", "timestamp", "ts", "at", "datetime", "created", "updated", "when", "day", "epoch", "datum", "zeit":
			return true
		}
	}
	return strings.HasSuffix(name, "time") || strings.HasSuffix(name, "date") || strings.HasSuffix(name, "timestamp")
}

// canonicalName is a name in lower_snake_case: userId, User ID and user.id are
// user_id.
func canonicalName(s string) string {
	var b []byte
	prev := byte('_')
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z':
			nextLower := i+1 < len(s) && s[i+1] >= 'a' && s[i+1] <= 'z'
			if prev >= 'a' && prev <= 'z' || prev >= '0' && prev <= '9' || nextLower && prev >= 'A' && prev <= 'Z' {
				b = append(b, '_')
			}
			b = append(b, c|0x20)
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= 0x80:
			b = append(b, c)
		default:
			if n := len(b); n > 0 && b[n-1] != '_' {
				b = append(b, '_')
			}
		}
		prev = c
	}
	name := strings.ToValidUTF8(strings.Trim(string(b), "_"), "")
	if name == "" {
		return "field"
	}
	return name
}

func unique(name string, taken map[string]bool) string {
	n := name
	for i := 2; taken[n]; i++ {
		n = name + "_" + strconv.Itoa(i)
	}
	taken[n] = true
	return n
}

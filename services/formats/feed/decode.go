package feed

import (
	"bytes"
	"cmp"
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"aisle/offers"
	"aisle/services/formats"
	"aisle/services/formats/bots"
	"aisle/services/formats/discover"
	"aisle/services/formats/snowplow"
	"aisle/services/formats/weblog"
)

// Skip is why a record that could be read is no event.
type Skip string

// Why records are left out.
const (
	SkipBot      Skip = "bot"      // by a program that looks at pages
	SkipAsset    Skip = "asset"    // a picture, a script, a feed
	SkipRedirect Skip = "redirect" // sent on to where another line tells it
	SkipError    Skip = "error"    // was not shown
	SkipMethod   Skip = "method"   // HEAD, POST and others that show nobody a page
	SkipTitles   Skip = "titles"   // of a table
	SkipEmpty    Skip = "empty"    // an empty line
)

// Decoder reads the records of one feed. Safe for concurrent use.
type Decoder struct {
	plan      *Plan
	bots      *bots.Detector
	pseudonym func(day, visitor string) string
	id        string // the field of a parser that names the event
}

// NewDecoder makes a decoder. The pseudonym of a visitor must be the same for
// the same day and visitor and tell neither of them; nil where nobody gets one.
func NewDecoder(p *Plan, b *bots.Detector, pseudonym func(day, visitor string) string) (*Decoder, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	d := &Decoder{plan: p, bots: b, pseudonym: pseudonym}
	if p.Parser != nil {
		for _, f := range p.Parser.Fields {
			if d.id == "" && f.Role == "" && slices.Contains(ids, formats.Snake(f.Name)) {
				d.id = f.Name
			}
		}
	}
	return d, nil
}

// ids are the names that fields have which name an event.
var ids = []string{"message_id", "event_id", "insert_id", "msg_id"}

// Under is a decoder for a file whose titles are others than the plan's; d
// itself where there are none.
func (d *Decoder) Under(titles []string) *Decoder {
	if len(titles) == 0 || !d.plan.headed() {
		return d
	}
	plan, parser := *d.plan, d.plan.Parser
	plan.Parser = &discover.Parser{Version: parser.Version, Kind: parser.Kind, Dialect: parser.Dialect, Columns: titles, Zone: parser.Zone, Year: parser.Year, Fields: parser.Fields}
	under := *d
	under.plan = &plan
	return &under
}

// Plan is what the decoder reads by. It must not be changed.
func (d *Decoder) Plan() *Plan { return d.plan }

// Read is what became of a record: a message, a reason to leave it out, or a
// Bad. Drift says how it is not as its parser has it.
type Read struct {
	Message *formats.Message
	Skip    Skip
	Bad     *formats.Bad
	Drift   []discover.Drift
}

// Read makes a message of a record. Its identity is its place in the file,
// unless the record itself has one.
func (d *Decoder) Read(h *Head, r *Record) Read {
	if r.Size > 0 || len(r.Text) > formats.MaxEvent {
		return Read{Bad: Located(h, r, formats.Badf(offers.ReasonSize, r.Text, "A record has at most %d kB; this is the beginning of one that is longer.", formats.MaxEvent>>10))}
	}
	if len(bytes.TrimSpace(r.Text)) == 0 {
		return Read{Skip: SkipEmpty}
	}
	var got Read
	switch d.plan.Format {
	case Access:
		got = d.access(r.Text)
	case Snowplow:
		got = enriched(r.Text)
	case JSONL:
		got = d.object(r.Text)
	default:
		if d.plan.Heads(r) {
			return Read{Skip: SkipTitles}
		}
		got = d.row(r.Text)
	}
	switch {
	case got.Bad != nil:
		got.Bad = Located(h, r, got.Bad)
	case got.Message != nil:
		if got.Message.MessageID == "" {
			got.Message.MessageID = formats.Text(h.File + "/" + strconv.FormatInt(r.At, 10))
		}
		got.Message.Original = r.Text
	}
	return got
}

// Located is a bad record that says where it lies, and how to read it again.
func Located(h *Head, r *Record, bad *formats.Bad) *formats.Bad {
	located := *bad
	located.Detail = fmt.Sprintf("%s, line %d: %s", cmp.Or(h.Name, h.File, "record"), r.Line, bad.Detail)
	located.Body = r.Text
	return &located
}

func wrong(reason offers.Reason, text []byte, format string, args ...any) Read {
	return Read{Bad: formats.Badf(reason, text, format, args...)}
}

// enriched reads an event that Snowplow's pipeline has written.
func enriched(line []byte) Read {
	in, bad := snowplow.Decode(&formats.Request{Header: map[string]string{"content-type": "text/tab-separated-values"}, Body: line, Item: true})
	switch {
	case bad != nil:
		return Read{Bad: bad}
	case len(in.Bad) > 0:
		return Read{Bad: in.Bad[0]}
	case len(in.Messages) != 1:
		return Read{Skip: SkipEmpty}
	}
	return Read{Message: &in.Messages[0]}
}

// access reads a line of a web server's log.
func (d *Decoder) access(line []byte) Read {
	hit, err := weblog.Parse(line)
	if err != nil {
		return wrong(offers.ReasonSchema, line, "Not a line of an access log: %v.", err)
	}
	told := hit.Form == weblog.Combined || hit.Form == weblog.VhostCombined
	if told && d.bots.Bot(hit.UserAgent) {
		return Read{Skip: SkipBot}
	}
	if skip := skipOf(&hit); skip != "" && !d.plan.KeepAssets {
		return Read{Skip: skip}
	}
	page, query, _ := strings.Cut(hit.URL, "?")
	tells := pageOf{URL: hit.URL, Path: page, Referrer: hit.Referrer, Host: hit.Host, Status: hit.Status}
	if hit.Method != "GET" {
		tells.Method = hit.Method
	}
	if query != "" {
		tells.Search = "?" + query
	}
	if came := weblog.NewReferrer(hit.Referrer); came.Engine != "" {
		tells.Engine = came.Engine
	}
	properties, err := formats.Marshal(tells)
	if err != nil {
		return wrong(offers.ReasonEncoding, line, "The line cannot be written as JSON: %v.", err)
	}
	around := new(formats.Context)
	around.UserAgent = formats.Loose(hit.UserAgent)
	around.Page.URL, around.Page.Path, around.Page.Referrer = formats.Loose(hit.URL), formats.Loose(page), formats.Loose(hit.Referrer)
	m := &formats.Message{Type: "page", Timestamp: formats.Text(hit.Time.UTC().Format(time.RFC3339)), Properties: properties, Around: around}
	m.UserID = formats.Text(d.fieldOf(&hit, FieldUser))
	m.AnonymousID = formats.Text(d.fieldOf(&hit, FieldCookie))
	if m.UserID == "" && m.AnonymousID == "" && d.pseudonym != nil && !d.plan.Nameless && hit.Client != "" {
		m.AnonymousID = formats.Text(PseudonymPrefix + d.pseudonym(hit.Time.UTC().Format(time.DateOnly), hit.Client+"\x00"+hit.UserAgent))
	}
	return Read{Message: m}
}

// PseudonymPrefix begins the names that visitors of an access log get for a day.
const PseudonymPrefix = "weblog:"

// pageOf is what an access line tells of a page.
type pageOf struct {
	URL      string `json:"url"`
	Path     string `json:"path"`
	Search   string `json:"search,omitempty"`
	Host     string `json:"host,omitempty"`
	Method   string `json:"method,omitempty"` // if not GET
	Status   int    `json:"status"`
	Referrer string `json:"referrer,omitempty"`
	Engine   string `json:"engine,omitempty"` // the search engine that they came from
}

// skipOf tells why a line shows no page to anybody. A page that the browser had
// already and asked for again (304) was looked at.
func skipOf(h *weblog.Hit) Skip {
	switch {
	case h.Method != "GET":
		return SkipMethod
	case h.Status >= 300 && h.Status < 400 && h.Status != 304:
		return SkipRedirect
	case h.Status != 200 && h.Status != 304:
		return SkipError
	case asset(h.URL):
		return SkipAsset
	}
	return ""
}

// assets are the ends of names that are not pages.
var assets = func() map[string]bool {
	all := map[string]bool{}
	for e := range strings.FieldsSeq(`css js mjs map json jsonld xml rss atom rdf txt csv ico png jpg jpeg gif svg webp avif bmp tif tiff
		woff woff2 ttf otf eot swf mp3 mp4 m4a m4v webm ogg ogv wav avi mov flv pdf zip gz tgz bz2 xz tar rar 7z exe dmg iso
		deb rpm apk bin jar wasm webmanifest manifest ics vcf doc docx xls xlsx ppt pptx ps eps psd`) {
		all[e] = true
	}
	return all
}()

// asset tells whether an address is not that of a page.
func asset(address string) bool {
	p, query, _ := strings.Cut(address, "?")
	p, _, _ = strings.Cut(p, "#")
	base := strings.ToLower(path.Base(p))
	if dot := strings.LastIndexByte(base, '.'); dot >= 0 && assets[base[dot+1:]] {
		return true
	}
	if base == "feed" || base == "rss" || base == "atom" {
		return true
	}
	for pair := range strings.SplitSeq(strings.ToLower(query), "&") { // blogs' feeds: ?flav=rss20
		if _, v, _ := strings.Cut(pair, "="); strings.HasPrefix(v, "rss") || v == "atom" {
			return true
		}
	}
	return false
}

// fieldOf is the field of a hit that the plan has for a role: user, extra1 and
// so on, or cookie.name where fields have cookies.
func (d *Decoder) fieldOf(h *weblog.Hit, role string) string {
	field := d.plan.Fields[role]
	switch {
	case field == "":
		return ""
	case field == "user":
		return h.User
	case strings.HasPrefix(field, "cookie."):
		for _, extra := range h.Extra {
			for pair := range strings.SplitSeq(extra, ";") {
				if name, v, ok := strings.Cut(strings.TrimSpace(pair), "="); ok && name == field[len("cookie."):] {
					return v
				}
			}
		}
		return ""
	}
	n, err := strconv.Atoi(strings.TrimPrefix(field, "extra"))
	if err != nil || n < 1 || n > len(h.Extra) || h.Extra[n-1] == "-" {
		return ""
	}
	return h.Extra[n-1]
}

// calls are the kinds of Segment's calls.
var calls = []string{"track", "page", "screen", "identify", "group", "alias"}

// callOf is a call as Segment's clients write it; not ok where it is none.
func callOf(body []byte) (m *formats.Message, ok bool, err error) {
	var as struct {
		Type       formats.Loose `json:"type"`
		Event      formats.Raw   `json:"event"`
		Properties formats.Raw   `json:"properties"`
		Traits     formats.Raw   `json:"traits"`
		Context    formats.Raw   `json:"context"`
	}
	if body = bytes.TrimSpace(body); len(body) == 0 || body[0] != '{' || formats.Unmarshal(body, &as) != nil {
		return nil, false, nil
	}
	inner := len(as.Properties) > 0 || len(as.Traits) > 0 || len(as.Context) > 0
	named := slices.Contains(calls, strings.ToLower(string(as.Type)))
	if !(named && (inner || as.Type != "page" && as.Type != "screen") || inner && len(as.Event) > 0) {
		return nil, false, nil
	}
	m = new(formats.Message)
	if err := formats.Unmarshal(body, m); err != nil {
		return nil, true, err
	}
	if m.Type == "" {
		m.Type = "track"
	}
	return m, true, nil
}

// object reads a line of JSON: a call of a client, or a row with names.
func (d *Decoder) object(line []byte) Read {
	body, bad := formats.Valid(line)
	if bad != nil {
		return wrong(bad.Reason, line, "The line is not JSON: %s", bad.Detail)
	}
	m, ok, err := callOf(body)
	switch {
	case err != nil:
		return wrong(offers.ReasonSchema, line, "The line is not of the shape of Segment's calls: %v.", err)
	case ok:
		return Read{Message: m}
	case d.plan.Parser == nil:
		return wrong(offers.ReasonSchema, line, "The line is no call as Segment's clients write it: want type, event and properties. Other objects need a parser.")
	}
	return d.row(body)
}

// names are how the house calls the properties that parsers have roles for.
var names = map[discover.Role]string{
	discover.RoleQuery: "query", discover.RoleProduct: "product_id", discover.RoleCategory: "category", discover.RolePrice: "price",
	discover.RoleValue: "value", discover.RoleCurrency: "currency", discover.RoleQuantity: "quantity", discover.RoleOrder: "order_id",
	discover.RoleURL: "url", discover.RoleReferrer: "referrer",
}

// row makes a message of a record by its parser: some fields say who, when and
// what, the others are its properties. What the parser does not know is kept
// among them, apart.
func (d *Decoder) row(record []byte) Read {
	if !utf8.Valid(record) {
		if dialect, ok := d.plan.dialect(); !ok || dialect.Encoding != discover.Latin1 {
			return wrong(offers.ReasonEncoding, record, "The record is not UTF-8.")
		}
	}
	row, err := d.plan.Parser.Parse(record)
	if err != nil {
		return wrong(offers.ReasonSchema, record, "The record is not as the parser has it: %v.", err)
	}
	m, around := new(formats.Message), new(formats.Context)
	m.Around = around
	event := d.plan.Event
	properties := make(map[string]any, len(row.Values)+1)
	for i := range d.plan.Parser.Fields {
		f := &d.plan.Parser.Fields[i]
		v, ok := row.Values[f.Name]
		if !ok {
			if odd, aside := row.Unassigned[f.From]; aside && f.Role == discover.RoleTime {
				return Read{Bad: formats.Badf(offers.ReasonClock, record, "%s is no time: %.60q.", f.Name, fmt.Sprint(odd)), Drift: row.Drift}
			}
			continue
		}
		text := textOf(v)
		switch f.Role {
		case discover.RoleTime:
			m.Timestamp = formats.Text(text)
			continue
		case discover.RoleCustomerID:
			m.UserID = formats.Text(text)
			continue
		case discover.RoleCookie:
			m.AnonymousID = formats.Text(text)
			continue
		case discover.RoleEmail:
			m.Identifiers = append(m.Identifiers, offers.Identifier{Type: offers.Email, Value: text})
			continue
		case discover.RolePhone:
			m.Identifiers = append(m.Identifiers, offers.Identifier{Type: offers.Phone, Value: text})
			continue
		case discover.RoleEvent:
			event = text
			continue
		case discover.RoleUserAgent:
			around.UserAgent = formats.Loose(text)
			continue
		case discover.RoleURL:
			around.Page.URL = formats.Loose(text)
		case discover.RoleReferrer:
			around.Page.Referrer = formats.Loose(text)
		}
		if f.Name == d.id {
			m.MessageID = formats.Text(text)
			continue
		}
		properties[f.Name] = v
		if name := names[f.Role]; name != "" && name != f.Name {
			if _, taken := row.Values[name]; !taken {
				properties[name] = v
			}
		}
	}
	if len(row.Unassigned) > 0 {
		properties["unassigned"] = row.Unassigned
	}
	if row.Template != 0 {
		properties["template"] = row.Template
	}
	m.Type, m.Event = "track", formats.Text(event)
	switch formats.Snake(event) {
	case "page", "page_view", "pageview", "page_viewed", "view_page", "viewed_page":
		m.Type, m.Event = "page", ""
	case "identify", "identified":
		m.Type, m.Event = "identify", ""
		for _, id := range m.Identifiers {
			properties[string(id.Type)] = id.Value
		}
	}
	said, err := formats.Marshal(properties)
	if err != nil {
		return wrong(offers.ReasonEncoding, record, "The record cannot be written as JSON: %v.", err)
	}
	if m.Type == "identify" {
		m.Traits = said
	} else {
		m.Properties = said
	}
	return Read{Message: m, Drift: row.Drift}
}

// textOf is a value of a row as a text.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

// Anonymise cuts every address of the network that a record has for a word of
// its own: 203.0.113.7 becomes 203.0.113.0. What only looks like one, such as a
// version of four parts, is cut as well.
func Anonymise(text []byte) []byte {
	var out []byte // nil while nothing is changed
	done := 0
	for i := 0; i < len(text); {
		if !addressByte[text[i]] {
			i++
			continue
		}
		start, dots, colons := i, 0, 0
		for ; i < len(text) && addressByte[text[i]]; i++ {
			switch text[i] {
			case '.':
				dots++
			case ':':
				colons++
			}
		}
		if dots != 3 && colons < 2 || i-start > 45 || start > 0 && wordByte(text[start-1]) || i < len(text) && wordByte(text[i]) {
			continue
		}
		word := string(text[start:i])
		rest := ""
		if dots == 3 && colons == 1 { // with its port
			word, rest, _ = strings.Cut(word, ":")
			rest = ":" + rest
		}
		a, err := netip.ParseAddr(word)
		if err != nil {
			continue
		}
		short := weblog.TruncateIP(word)
		if a.Is4In6() {
			short = "::ffff:" + short
		}
		if short == "" || short == word {
			continue
		}
		out = append(append(append(out, text[done:start]...), short...), rest...)
		done = i
	}
	if out == nil {
		return text
	}
	return append(out, text[done:]...)
}

var addressByte = func() (is [256]bool) {
	for _, c := range "0123456789abcdefABCDEF.:" {
		is[c] = true
	}
	return is
}()

// wordByte tells letters that make more of an address than one: of a host, a
// path, a version.
func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '-' || c == '/' || c == '%'
}
